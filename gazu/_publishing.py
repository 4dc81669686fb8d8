"""Publish exactly once: what was sent and got no answer is looked for on the server, never sent again. Private.

A server tells the rows of a lost call by what is in them, and by the time: its own
clock, of which each answer has the reading, is compared with how long ago we asked.
"""

import datetime
import itertools
import time
from contextlib import contextmanager
from typing import (
    Any,
    Callable,
    Dict,
    Hashable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    Set,
)

from . import client as raw
from ._http.outbox import IN_DOUBT_TTL_SECONDS, Outbox, Span
from ._http.route import public, route
from .client import KitsuClient
from .exception import GazuException, ServerErrorException, TransportException

#: Seconds: by how much a server's clocks may differ, and its rows are rounded.
SLACK = 2.0
#: Seconds that a server may be at work on a call after we gave it up.
LATE = 60.0
#: Seconds of silence that a look may take, as a call that was lost has taken its own already.
LIMIT = 10.0
#: How often to look before we say that something is not there, and the pause between, in seconds.
LOOKS, PAUSE = 3, 0.3

Find = Callable[[Any, "Look"], Optional[Dict[str, Any]]]


class Comment(NamedTuple):
    """By what a comment is known again: its key."""

    task_id: str
    task_status_id: str
    text: str
    person_id: Optional[str]
    created_at: Optional[str]
    attachments: int
    previews: int


class Preview(NamedTuple):
    """By what a preview file is known again."""

    comment_id: str
    revision: Optional[int]


class Upload(NamedTuple):
    """By what the file of a preview is known again."""

    preview_file_id: str


class Look:
    """A look at the server: what it shows at this moment, and what its clock says."""

    def __init__(self, client: KitsuClient, taken: Set[str], at_once: bool) -> None:
        """Take a look; *at_once*: the server has one chance to answer, as the caller has waited already."""
        self.client, self.taken, self.at_once = client, taken, at_once
        self.ahead: Optional[float] = None
        self.span = Span(0.0, 0.0)
        self.seen: Dict[str, Any] = {}

    def get(self, path: str) -> Any:
        """Return what is at *path*."""
        from email.utils import parsedate_to_datetime

        from ._http.sender import decode

        if path not in self.seen:
            request = raw._request(self.client, "GET", path)
            if self.at_once:
                limits = tuple(min(limit or LIMIT, LIMIT) for limit in request.timeout)
                request = request._replace(timeout=limits, repeat=False)
            reply = raw._send(self.client, request)
            date = reply.response.headers.get("Date")
            self.ahead = parsedate_to_datetime(date).timestamp() - time.monotonic() if date else None
            self.seen[path] = decode(reply, request)
        return self.seen[path]

    def is_of_then(self, moment: str, late: float = LATE) -> bool:
        """Return whether *moment*, of a row of the server, is within the span, or so many seconds behind it."""
        if self.ahead is None:
            raise TransportException(f"{public(self.client.host)}: the server does not say what time it is")
        at = datetime.datetime.fromisoformat(moment).replace(tzinfo=datetime.timezone.utc).timestamp() - self.ahead
        return self.span[0] - SLACK <= at <= self.span[1] + late


# -- what is published ---------------------------------------------------------
def comment(client: KitsuClient, task_id: str, data: Mapping[str, Any], files: int, send: Callable[[], Any]) -> Any:
    """Return the comment that *send* makes of *data*, with this many files."""
    return comments(client, task_id, [{**data, "text": data["comment"]}], lambda _: [send()], files)[0]


def comments(
    client: KitsuClient,
    task_id: Optional[str],
    rows: Sequence[Mapping[str, Any]],
    send: Callable[[List[int]], Any],
    files: int = 0,
) -> List[Any]:
    """Return the comments of a batch; *send* is given the places of those that are not there yet."""
    keys = [
        Comment(
            str(task_id or row.get("task_id")),
            str(row.get("task_status_id")),
            row.get("text") or "",
            str(row["person_id"]) if row.get("person_id") else None,
            str(row["created_at"]).replace(" ", "T") if row.get("created_at") else None,
            files or len(row.get("attachment_files", [])),
            len(row.get("preview_files", [])),
        )
        for row in rows
    ]
    return _once(client, keys, send, _comment)


def preview(client: KitsuClient, comment_id: str, revision: Optional[int], send: Callable[[], Any]) -> Any:
    """Return the preview file that *send* makes for a comment."""
    return _once(client, [Preview(comment_id, revision)], lambda _: [send()], _preview)[0]


def upload(client: KitsuClient, preview_file_id: str, send: Callable[[], Any]) -> Any:
    """Return the preview file whose file *send* uploads."""
    return _once(client, [Upload(preview_file_id)], lambda _: [send()], _upload)[0]


@contextmanager
def known(**rows: Any) -> Iterator[None]:
    """Have an error say what is there already: `comment`, `preview_file`, `comments`."""
    try:
        yield
    except GazuException as error:
        for name, row in rows.items():
            setattr(error, name, row + (error.comments or []) if isinstance(row, list) else row)
            if isinstance(row, dict) and isinstance(error, (TransportException, ServerErrorException)):
                _say(error, f"the {name} {row['id']} is there")
        raise


def is_lost(error: GazuException) -> bool:
    """Return whether the server may have done what was asked, though it did not say so."""
    if isinstance(error, TransportException):
        return error.sent and error.method == "POST"
    return isinstance(error, ServerErrorException) and error.method == "POST" and error.status_code in (502, 503, 504)


def _say(error: GazuException, more: str) -> None:
    error.args = (*error.args[:-1], f"{error.args[-1]}; {more}")


# -- the rule ------------------------------------------------------------------
class _Finding:
    """The rows for some keys, as far as they are there: by their places."""

    def __init__(self, client: KitsuClient, keys: Sequence[Hashable], find: Find) -> None:
        self.client, self.keys, self.find = client, keys, find
        self.there: Dict[int, Any] = {}

    def missing(self) -> List[int]:
        """Return the places of what is not there."""
        return [place for place in range(len(self.keys)) if place not in self.there]

    def look(self, spans: Mapping[int, Span], at_once: bool = False) -> None:
        """Look once for what was sent in these times.

        Raises:
            TransportException: the answers are not those of a Kitsu server.
        """
        now = Look(self.client, {*self.client.outbox.recent_ids, *(row["id"] for row in self.there.values())}, at_once)
        for place, now.span in spans.items():
            try:
                row = self.find(self.keys[place], now) if place not in self.there else None
            except GazuException:  # some are ValueErrors, too
                raise
            except (LookupError, TypeError, AttributeError, ValueError) as error:
                shown = public(self.client.host)
                raise TransportException(f"{shown}: what is there cannot be read ({error!r})") from error
            if row is not None:
                self.there[place] = row
                now.taken.add(row["id"])

    def look_around(self, span: Span) -> str:
        """Look a few times for what was lost; return why it is not told, or nothing if all is there."""
        for turn in range(LOOKS):
            if turn:
                time.sleep(PAUSE)
            try:
                self.look(dict.fromkeys(self.missing(), span), at_once=True)
            except GazuException as failure:
                return f"if it was done is not known ({failure}): the same call again looks first"
            if not self.missing():
                return ""
        return "it was not done so far: the same call again looks first"


def _once(client: KitsuClient, keys: Sequence[Hashable], send: Callable[[List[int]], Any], find: Find) -> List[Any]:
    """Return the rows for *keys*: sent now or, where a call was lost, found.

    Raises:
        GazuException: that of *send*, which says and carries what is known.
    """
    outbox = getattr(client, "outbox", Outbox())  # what is no client is refused by *send*
    finding = _Finding(client, keys, find)
    there = finding.there
    lost = {place: span for place, span in enumerate(map(outbox.pending_since, keys)) if span}
    if lost:
        finding.look(lost)
    missing = finding.missing()
    began = min([time.monotonic(), *(span.began for span in lost.values())])
    try:
        rows = send(missing) if missing or not keys else []
    except GazuException as error:
        if not is_lost(error):
            raise
        span = Span(began, time.monotonic())
        outbox.pending.update(dict.fromkeys(keys, span))
        outcome = finding.look_around(span)
        if outcome:
            _say(error, outcome)
            error.comments = [there[place] for place in itertools.takewhile(there.__contains__, range(len(keys)))]
            raise
    else:
        there.update(zip(missing, rows))
        if len(rows) != len(missing):
            return list(rows)
    outbox.settle(keys)
    outbox.recent_ids.extend(row["id"] for row in there.values() if isinstance(row, dict) and "id" in row)
    return [there[place] for place in range(len(keys))]


# -- how each is found -----------------------------------------------------------
def _comment(key: Comment, look: Look) -> Optional[Dict[str, Any]]:
    """Find a comment, and return it as the routes that make comments do."""
    author = key.person_id or look.get("auth/authenticated")["user"]["id"]
    for row in reversed(look.get(route("data/tasks/{task_id}/comments", key.task_id))):
        when = row["created_at"]
        if (
            (row["text"] or "", row["task_status_id"], row["person_id"]) == (key.text, key.task_status_id, author)
            and (when == key.created_at or look.is_of_then(when))
            and look.is_of_then(row["updated_at"], IN_DOUBT_TTL_SECONDS)
            and row["id"] not in look.taken
        ):
            if len(row["attachment_files"]) < key.attachments or len(row["previews"]) < key.previews:
                raise TransportException(f"the comment {row['id']} is there, but not all its files")
            status = look.get(route("data/task-status/{task_status_id}", row["task_status_id"]))
            person = {k: v for k, v in look.get(route("data/persons/{id}", author)).items() if k != "departments"}
            found = {**look.get(route("data/comments/{id}", row["id"])), "task_status": dict(status), "person": person}
            if key.previews:
                files = [look.get(route("data/preview-files/{id}", one)) for one in found["previews"]]
                found["preview_files"] = [_as_uploaded(one) for one in files]
            return found
    return None


def _preview(key: Preview, look: Look) -> Optional[Dict[str, Any]]:
    for preview_file_id in look.get(route("data/comments/{comment_id}", key.comment_id)).get("previews") or []:
        row: Dict[str, Any] = look.get(route("data/preview-files/{preview_file_id}", preview_file_id))
        fits = key.revision in (None, row["revision"]) and not row["original_name"] and row["id"] not in look.taken
        if fits and look.is_of_then(row["created_at"]):
            return row
    return None


def _upload(key: Upload, look: Look) -> Optional[Dict[str, Any]]:
    row = look.get(route("data/preview-files/{preview_file_id}", key.preview_file_id))
    done = row["original_name"] and look.is_of_then(row["updated_at"], IN_DOUBT_TTL_SECONDS)
    return _as_uploaded(row) if done else None


def _as_uploaded(row: Dict[str, Any]) -> Dict[str, Any]:
    """Return a preview file as the routes that take its file do."""
    return {name: value for name, value in row.items() if name != "comments"}
