"""Publish exactly once: after a lost response, look on the server for what was sent instead of sending it again.

Each publication has an idempotency key. When the response of a request is lost, the request is in doubt: the server is
probed for a record that fits the key and was made while the request was under way, by the server's own clock, which
each of its responses shows.
"""

import datetime
import itertools
import time
from contextlib import contextmanager, suppress
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Union

from ..exception import (
    GazuException,
    MethodNotAllowedException,
    RouteNotFoundException,
    ServerErrorException,
    TransportException,
)
from .base_client import BaseClient
from .deadline import shortened
from .outbox import IN_DOUBT_TTL_SECONDS, Outbox, Span
from .request import build_request
from .retries import is_in_doubt
from .route import public, route

#: By how much the clocks of a server may differ, and its times are rounded.
CLOCK_SKEW_SECONDS = 2.0
#: How long a server may work on a request after the client gave it up.
SERVER_LAG_SECONDS = 60.0
#: Silence that a probe may take after a lost response, as the caller has waited for that one already.
PROBE_TIMEOUT_SECONDS = 10.0
#: Probes after a lost response.
PROBES = 3
PROBE_INTERVAL_SECONDS = 0.3

Record = Dict[str, Any]


class ServerSnapshot:
    """What the server shows at one moment, and what its clock says.

    Args:
        claimed_ids: records that are known to be of other requests.
        single_attempt: send each request once.
    """

    def __init__(self, client: BaseClient, claimed_ids: Set[str], single_attempt: bool) -> None:
        self.client, self.claimed_ids, self.single_attempt = client, claimed_ids, single_attempt
        #: Seconds from our clock to the server's, once a response has shown it.
        self.clock_offset: Optional[float] = None
        self.span = Span(0.0, 0.0)
        self.responses: Dict[str, Any] = {}

    def get(self, path: str) -> Any:
        """Return the response of *path*, which is requested once."""
        from email.utils import parsedate_to_datetime

        from .decoding import decode_json
        from .sender import send

        if path not in self.responses:
            request = build_request(self.client, "GET", path)
            if self.single_attempt:
                limits = (min(limit or PROBE_TIMEOUT_SECONDS, PROBE_TIMEOUT_SECONDS) for limit in request.timeout)
                request = request._replace(timeout=tuple(limits), repeat=False)
            response = send(self.client, request)
            date = response.response.headers.get("Date")
            self.clock_offset = parsedate_to_datetime(date).timestamp() - time.monotonic() if date else None
            self.responses[path] = decode_json(response, request)
        return self.responses[path]

    def is_in_span(self, moment: str, lag: float = SERVER_LAG_SECONDS) -> bool:
        """Return whether *moment*, by the server's clock, is in the span of the request, or *lag* seconds behind it."""
        if self.clock_offset is None:
            raise TransportException(f"{public(self.client.host)}: the server does not say what time it is")
        at = datetime.datetime.fromisoformat(moment).replace(tzinfo=datetime.timezone.utc).timestamp()
        return self.span.began - CLOCK_SKEW_SECONDS <= at - self.clock_offset <= self.span.ended + lag


# -- idempotency keys --------------------------------------------------------------
class CommentKey(NamedTuple):
    """What identifies a comment."""

    task_id: str
    task_status_id: str
    text: str
    person_id: Optional[str]
    created_at: Optional[str]
    attachments: int
    previews: int

    def find(self, snapshot: ServerSnapshot) -> Optional[Record]:
        """Return the comment as the routes that make comments do, or None."""
        author = self.person_id or snapshot.get("auth/authenticated")["user"]["id"]
        for row in reversed(snapshot.get(route("data/tasks/{task_id}/comments", self.task_id))):
            created_at = row["created_at"]
            if (
                (row["text"] or "", row["task_status_id"], row["person_id"]) == (self.text, self.task_status_id, author)
                and (created_at == self.created_at or snapshot.is_in_span(created_at))
                and snapshot.is_in_span(row["updated_at"], IN_DOUBT_TTL_SECONDS)
                and row["id"] not in snapshot.claimed_ids
            ):
                return self._as_created(row, author, snapshot)
        return None

    def _as_created(self, row: Record, author: str, snapshot: ServerSnapshot) -> Record:
        if len(row["attachment_files"]) < self.attachments or len(row["previews"]) < self.previews:
            raise TransportException(f"the comment {row['id']} exists, but not all its files")
        status = snapshot.get(route("data/task-status/{task_status_id}", row["task_status_id"]))
        person = {k: v for k, v in snapshot.get(route("data/persons/{id}", author)).items() if k != "departments"}
        comment = snapshot.get(route("data/comments/{id}", row["id"]))
        comment = {**comment, "task_status": dict(status), "person": person}
        if self.previews:
            files = [snapshot.get(route("data/preview-files/{id}", one["id"])) for one in row["previews"]]
            comment["preview_files"] = [_as_uploaded(one) for one in files]
        return comment


class PreviewKey(NamedTuple):
    """What identifies a preview file without its file."""

    task_id: str
    comment_id: str
    revision: Optional[int]

    def find(self, snapshot: ServerSnapshot) -> Optional[Record]:
        """Return the preview file, or None."""
        for preview_file_id in _preview_ids(snapshot, self.task_id, self.comment_id):
            row: Record = snapshot.get(route("data/preview-files/{preview_file_id}", preview_file_id))
            fits = self.revision in (None, row["revision"]) and not row["original_name"]
            if fits and row["id"] not in snapshot.claimed_ids and snapshot.is_in_span(row["created_at"]):
                return row
        return None


class UploadKey(NamedTuple):
    """What identifies the file of a preview."""

    preview_file_id: str

    def find(self, snapshot: ServerSnapshot) -> Optional[Record]:
        """Return the preview file, or None as long as it has no file."""
        row = snapshot.get(route("data/preview-files/{preview_file_id}", self.preview_file_id))
        uploaded = row["original_name"] and snapshot.is_in_span(row["updated_at"], IN_DOUBT_TTL_SECONDS)
        return _as_uploaded(row) if uploaded else None


def _preview_ids(snapshot: ServerSnapshot, task_id: str, comment_id: str) -> List[str]:
    """Return the ids of a comment's preview files; Zou 1.0.55 and older cache `data/comments/<id>` without the last."""
    for row in snapshot.get(route("data/tasks/{task_id}/comments", task_id)):
        if row["id"] == comment_id:
            return [one["id"] for one in row["previews"]]
    return snapshot.get(route("data/comments/{comment_id}", comment_id)).get("previews") or []  # of another task


Key = Union[CommentKey, PreviewKey, UploadKey]


def comment_key(task_id: Optional[str], row: Mapping[str, Any], attachments: int = 0) -> CommentKey:
    """Return the key of a comment that is sent as *row*, to a route that takes `text` or `comment`."""
    return CommentKey(
        str(task_id or row.get("task_id") or row.get("object_id")),
        str(row.get("task_status_id")),
        row.get("text") or row.get("comment") or "",
        str(row["person_id"]) if row.get("person_id") else None,
        str(row["created_at"]).replace(" ", "T") if row.get("created_at") else None,
        attachments or len(row.get("attachment_files", [])),
        len(row.get("preview_files", [])),
    )


def _as_uploaded(row: Record) -> Record:
    """Return a preview file as the routes that take its file do."""
    return {name: value for name, value in row.items() if name != "comments"}


# -- send --------------------------------------------------------------------------
def idempotent_send(client: BaseClient, key: Key, send: Callable[[], Any]) -> Any:
    """Return the record that *send* creates, or that an in-doubt request with the same key has created.

    Raises:
        GazuException: that of *send*, which says whether the request is in doubt.
    """
    return idempotent_send_all(client, [key], lambda missing: [send()])[0]


def idempotent_send_all(client: BaseClient, keys: Sequence[Key], send: Callable[[List[int]], Any]) -> List[Any]:
    """Return the records that *send* creates in one request; it is given the positions of the keys that are missing.

    What interrupts *send*, such as Ctrl-C or a callback that raises, leaves the request in doubt, too.

    Raises:
        GazuException: that of *send*; its `comments` are the first of the records, as far as they exist.
    """
    outbox = _outbox_of(client)
    reconciliation = Reconciliation(client, keys)
    found = reconciliation.found
    in_doubt = {position: span for position, span in enumerate(map(outbox.pending_since, keys)) if span}
    if in_doubt:
        reconciliation.probe(in_doubt)
    missing = reconciliation.missing()
    began = min([time.monotonic(), *(span.began for span in in_doubt.values())])
    try:
        rows = send(missing) if missing or not keys else []
    except GazuException as error:
        if not reconciliation.resolve(error, Span(began, time.monotonic())):
            raise
    except BaseException as error:
        if not _is_of_double(error):
            outbox.pending.update(dict.fromkeys(keys, Span(began, time.monotonic())))
        raise
    else:
        found.update(zip(missing, rows))
        if len(rows) != len(missing):
            return list(rows)
    outbox.settle(keys)
    outbox.recent_ids.extend(row["id"] for row in found.values() if isinstance(row, dict) and "id" in row)
    return [found[position] for position in range(len(keys))]


def _is_of_double(error: BaseException) -> bool:
    """Return whether requests_mock raised this in a test suite, for a request that it does not know: none was sent."""
    return type(error).__module__.startswith("requests_mock.")


class Reconciliation:
    """Finds the records of in-doubt requests, by the positions of their keys."""

    def __init__(self, client: BaseClient, keys: Sequence[Key]) -> None:
        self.client, self.keys = client, keys
        self.found: Dict[int, Any] = {}

    def missing(self) -> List[int]:
        """Return the positions of what is not found."""
        return [position for position in range(len(self.keys)) if position not in self.found]

    def resolve(self, error: GazuException, span: Span) -> bool:
        """Return whether all is there in spite of *error*; its `comments` are the first of what is, otherwise."""
        if error.method == "POST" and is_in_doubt(error):
            self.client.outbox.pending.update(dict.fromkeys(self.keys, span))
            reason = self.poll_for(span)
            if not reason:
                return True
            _append_to_message(error, reason)
            error.comments = self.first()
        elif len(self.keys) > 1 and error.status_code:  # the server makes one after the other, and stops at one
            with suppress(GazuException):
                self.probe(dict.fromkeys(self.missing(), span), single_attempt=True)
            error.comments = self.first()
        return False

    def first(self) -> List[Any]:
        """Return the records that are found, up to the first that is not."""
        return [
            self.found[position] for position in itertools.takewhile(self.found.__contains__, range(len(self.keys)))
        ]

    def probe(self, spans: Mapping[int, Span], single_attempt: bool = False) -> None:
        """Look once for the records of keys that were sent in these spans.

        Raises:
            TransportException: the responses are not those of a Kitsu server.
        """
        claimed_ids = {*self.client.outbox.recent_ids, *(row["id"] for row in self.found.values())}
        snapshot = ServerSnapshot(self.client, claimed_ids, single_attempt)
        for position, span in spans.items():
            snapshot.span = span
            try:
                row = self.keys[position].find(snapshot)
            except GazuException:  # some are ValueErrors, too
                raise
            except (LookupError, TypeError, AttributeError, ValueError) as error:
                shown = public(self.client.host)
                raise TransportException(f"{shown}: the response cannot be read ({error!r})") from error
            if row is not None:
                self.found[position] = row
                claimed_ids.add(row["id"])

    def poll_for(self, span: Span) -> str:
        """Probe a few times for what was sent in this span; return why it is not found, or "" if all is."""
        for number in range(PROBES):
            if number:
                time.sleep(shortened(PROBE_INTERVAL_SECONDS))
            try:
                self.probe(dict.fromkeys(self.missing(), span), single_attempt=True)
            except GazuException as failure:
                return f"whether the server did it is unknown ({failure}); repeating this call checks first"
            if not self.missing():
                return ""
        return "the server has not done it so far; repeating this call checks first"


# -- unfinished publications -----------------------------------------------------
@contextmanager
def remember_unfinished(client: BaseClient, key: Key, record: Record) -> Iterator[None]:
    """Remember a record that still lacks its preview, or its file, if what follows fails."""
    try:
        yield
    except BaseException:
        _outbox_of(client).unfinished[key] = (time.monotonic(), record)
        raise


def find_unfinished(client: BaseClient, key: Key) -> Optional[Record]:
    """Return the record of an earlier attempt that still lacks its preview, or its file; None if nothing is found."""
    outbox = _outbox_of(client)
    since, record = outbox.unfinished.pop(key, (0.0, {}))
    if not isinstance(record, Mapping) or "id" not in record or time.monotonic() - since >= IN_DOUBT_TTL_SECONDS:
        return None
    snapshot = ServerSnapshot(client, set(), single_attempt=False)
    ids = [record["id"]]
    with suppress(RouteNotFoundException):  # somebody deleted it
        if isinstance(key, CommentKey):
            ids = _preview_ids(snapshot, key.task_id, record["id"])
        rows = [snapshot.get(route("data/preview-files/{preview_file_id}", one)) for one in ids]
        if all(not row["original_name"] or outbox.pending_since(UploadKey(row["id"])) for row in rows):
            return record
    return None


def _outbox_of(client: BaseClient) -> Outbox:
    return getattr(client, "outbox", None) or Outbox()  # what is not a client is refused when something is sent


# -- errors ------------------------------------------------------------------------
@contextmanager
def ignore_missing_route() -> Iterator[None]:
    """Go on where the server, or a double of it, does not have the route of a batch: nothing was published."""
    try:
        yield
    except (RouteNotFoundException, MethodNotAllowedException) as error:
        if error.comments:
            raise
    except Exception as error:
        if isinstance(error, GazuException) or type(error).__module__ == "builtins":
            raise  # any other is of a test suite, for a request that it does not know


@contextmanager
def attach_partial_result(**records: Any) -> Iterator[None]:
    """Attach what exists already to an error, of whatever class: `comment`, `preview_file`, or the first `comments`."""
    try:
        yield
    except BaseException as error:
        _attach(error, records)
        raise


@contextmanager
def attach_preview_file(client: BaseClient, record: Record) -> Iterator[None]:
    """Attach a preview file to an error of its upload, unless the server has deleted it, as with what it refuses."""
    try:
        yield
    except BaseException as error:
        if getattr(error, "status_code", None) in (400, 500) and _is_deleted(client, record):
            _append_to_message(error, "the server has deleted the preview file")
        else:
            _attach(error, {"preview_file": record})
        raise


def _attach(error: BaseException, records: Mapping[str, Any]) -> None:
    for name, record in records.items():
        further = getattr(error, "comments", None) or []
        with suppress(AttributeError):  # of a class with slots
            setattr(error, name, record + further if isinstance(record, list) else record)
        if isinstance(record, dict) and isinstance(error, (TransportException, ServerErrorException)):
            _append_to_message(error, f"the {name.replace('_', ' ')} {record['id']} exists")


def _is_deleted(client: BaseClient, record: Record) -> bool:
    try:
        ServerSnapshot(client, set(), True).get(route("data/preview-files/{preview_file_id}", record["id"]))
    except RouteNotFoundException:
        return True
    except GazuException:  # unknown
        return False
    return False


def _append_to_message(error: BaseException, more: str) -> None:
    error.args = (*error.args[:-1], f"{error.args[-1] if error.args else type(error).__name__}; {more}")
