"""What hangs on tasks, with its files: previews, comments and their attachments, hours, news."""

import contextlib
import functools
import json
import os
import tempfile
from typing import Any, Dict, List, Mapping, Sequence, Tuple

from .. import _publishing as publishing
from .. import client as raw
from .._http.route import route
from ..exception import GazuException
from . import rows
from .rows import Job, Table
from .tally import Tally

PREVIEWS = Table(
    "preview_files",
    "preview-files",
    {"person_id": "people"},
    left_out=("source_file_id", "shotgun_id", "path", "comments", "is_movie", "url", "uploaded_movie_url"),
)
COMMENTS = Table(
    "comments",
    "comments",
    {"task_status_id": "task_statuses", "person_id": "people", "editor_id": "people"},
    {"previews": "", "mentions": "people", "acknowledgements": "people", "department_mentions": "departments"},
    ("attachment_files", "shotgun_id"),
    relations=True,
    pages="projects/{project_id}/comments",
)
#: What is said below a comment, and kept in its row.
REPLIES = Table("comments", "", {"person_id": "people"}, {"mentions": "people", "department_mentions": "departments"})
ATTACHMENTS = Table("attachment_files", "attachment-files")
#: What else belongs to a task.
OF_TASKS = (
    Table("time_spents", "time-spents", {"person_id": "people"}),
    Table("subscriptions", "subscriptions", {"person_id": "people", "task_type_id": "task_types"}),
)
NEWS = Table("news", "news", {"author_id": "people"})
#: What the server finds out itself, when it gets the file of a preview.
FOUND_OUT = ("file_size", "width", "height", "duration", "status", "extension", "original_name", "data")
#: Keys of the data of a preview that are the server's own.
OWN_DATA = (
    "imported_only", "movie_prefixes", "original_width", "original_height", "original_duration", "original_file_size",
)  # fmt: skip


def copy_previews(job: Job, task_ids: Sequence[str]) -> Tally:
    """Copy the previews of these tasks, and what else needs no comment to be there: a piece of work."""
    tally, filters = Tally(), {"task_id": json.dumps(list(task_ids))}
    with tempfile.TemporaryDirectory(prefix="gazu") as folder:
        for page in rows.pages_of(job.source, PREVIEWS, filters):
            _copy_previews(job, page, folder, tally)
    for table in OF_TASKS:
        for page in rows.pages_of(job.source, table, filters):
            rows.copy(job, table, page, tally)
    return tally


def copy_comments(job: Job, page: int) -> Tally:
    """Copy a page of the comments of the production, with their attachments: a piece of work."""
    tally = Tally()
    listed = rows.page_of(job.source, COMMENTS, {"project_id": job.project}, page)["data"]
    with tempfile.TemporaryDirectory(prefix="gazu") as folder:
        _copy_comments(job, listed, folder, tally)
    return tally


# -- previews ------------------------------------------------------------------
def _copy_previews(job: Job, page: List[Any], folder: str, tally: Tally) -> None:
    """Copy previews: the rows, then the file of each that has none at the target."""
    now = {row["id"]: row for row in rows.rows_of(job.target, PREVIEWS, (row["id"] for row in page))}
    wanted = rows.all_translated(job, PREVIEWS, page, tally)
    missing = {row["id"] for row in wanted if row["id"] not in now}
    fresh = [_without_file(row) for row in wanted if row["id"] in missing]
    tally.count(PREVIEWS.kind, created=rows.send_rows(job, PREVIEWS, fresh, tally))
    now.update((row["id"], row) for row in rows.rows_of(job.target, PREVIEWS, missing))
    for row in wanted:
        if row["id"] in now:
            try:
                changed = _complete_preview(job, row, now[row["id"]])
                if row["id"] not in missing:
                    tally.count(PREVIEWS.kind, updated=changed, skipped=not changed)
                _copy_file(job, row, now[row["id"]], folder, tally)
            except (GazuException, OSError) as error:
                rows.note(tally, PREVIEWS.kind, row["id"], error)


def _without_file(row: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the row of a preview as the server makes it before it has a file: the name of the file says that it came.

    So does that of one that the source could not read: it may get another there.
    """
    return {**row, "original_name": None, "status": "processing" if row["status"] == "ready" else row["status"]}


def _complete_preview(job: Job, row: Any, now: Any) -> bool:
    """Change what the target has otherwise; an import says in the data that no file comes, so that is taken out."""
    changed = rows.changes({name: value for name, value in row.items() if name not in FOUND_OUT}, now)
    here, there = (one.get("data") or {} for one in (row, now))
    data = {name: value for name, value in there.items() if name in OWN_DATA and name != "imported_only"}
    data.update((name, value) for name, value in here.items() if name not in OWN_DATA)
    if data != there:
        changed["data"] = data
    if changed:
        raw.update("preview-files", row["id"], changed, client=job.target)
    return bool(changed)


def _copy_file(job: Job, row: Any, now: Any, folder: str, tally: Tally) -> None:
    """Copy the file of a preview, unless the row at the target says that it is there: it is never sent twice."""
    if row["status"] != "ready":
        return
    if not now["original_name"] and now["status"] != "ready":
        path = os.path.join(folder, f"{row['id']}.{row['extension']}")
        name = f"{row['original_name'] or ''}.{row['extension']}"
        try:
            kind = "movies" if row["extension"] == "mp4" else "pictures"
            source = route("{kind}/originals/preview-files/{file}", kind, f"{row['id']}.{row['extension']}")
            raw.download(source, path, client=job.source)
            now = _upload(job, row, path, name)
        finally:
            _remove(path)
        tally.count("preview_uploads", created=now["status"] != "broken")
    if now["status"] == "broken":
        tally.fail("preview_uploads", row["id"], "the target could not read the file")


def _upload(job: Job, row: Mapping[str, Any], path: str, name: str) -> Any:
    """Upload a file as that of a preview, under its own name, and have it processed at once, but for long work."""
    encoded = job.normalize_movies and row["extension"] == "mp4"
    query = {} if encoded else {"no_job": "true", "normalize": "false"}
    address = raw.build_path_with_params(route("pictures/preview-files/{preview_file_id}", row["id"]), query)
    with open(path, "rb") as file:
        one = {"file": (name, file)}
        send = functools.partial(raw.upload, address, files=one, client=job.target, timeout=rows.PATIENCE)
        return publishing.idempotent_send(job.target, publishing.UploadKey(row["id"]), send)


def _remove(path: str) -> None:
    """Remove a file that may be there: the disk is to hold no more than one at a time."""
    with contextlib.suppress(FileNotFoundError):
        os.remove(path)


# -- comments ------------------------------------------------------------------
def _copy_comments(job: Job, page: List[Any], folder: str, tally: Tally) -> None:
    """Copy comments, and their attachments, which get ids of the target's own; then the news of them."""
    attached = [row["id"] for row in page if row["attachment_files"]]
    here = list(rows.rows_of(job.source, ATTACHMENTS, attached, "comment_id"))
    pairs = _settle(job, here, tally)
    _send_comments(job, page, pairs, tally)
    missing = [row for row in here if row["id"] not in pairs]
    tally.count(ATTACHMENTS.kind, skipped=len(pairs))
    for row in missing:
        try:
            _copy_attachment(job, row, page, folder)
            tally.count(ATTACHMENTS.kind, created=1)
        except (GazuException, OSError) as error:
            rows.note(tally, ATTACHMENTS.kind, row["id"], error)
    if missing:
        pairs = _settle(job, here, tally)
        answered = [row for row in page if any(reply.get("attachment_files") for reply in row["replies"] or [])]
        _send_comments(job, answered, pairs, Tally())  # counted already
    rows.copy(job, NEWS, list(rows.rows_of(job.source, NEWS, (row["id"] for row in page), "comment_id")), tally)


def _send_comments(job: Job, page: List[Any], pairs: Mapping[str, str], tally: Tally) -> None:
    """Import the comments that the target lacks or has otherwise."""
    ready = []
    for row in page:
        try:
            replies = [_reply(job, reply, pairs, tally) for reply in row["replies"] or []]
            ready.append({**row, "replies": replies} if replies else row)
        except GazuException as error:
            rows.note(tally, COMMENTS.kind, row["id"], error)
    # With what the target's comments refer to: who has nothing at the source any more may have something there.
    now = {row["id"]: row for row in rows.rows_of(job.target, COMMENTS, (row["id"] for row in ready))}
    wanted = rows.all_translated(job, COMMENTS, ready, tally)
    fresh, stale = rows.sorted_out(COMMENTS, wanted, now, tally)
    mentions = {row["id"]: row["mentions"] for row in wanted}
    tally.count(COMMENTS.kind, created=_send(job, fresh, mentions, tally))
    tally.count(COMMENTS.kind, updated=_send(job, stale, mentions, tally))


def _send(job: Job, wanted: List[Dict[str, Any]], mentions: Mapping[str, List[str]], tally: Tally) -> int:
    """Import comments; departments that are mentioned make the server forget the people, who therefore come again."""
    number = rows.send_rows(job, COMMENTS, wanted, tally)
    both = [row["id"] for row in wanted if "department_mentions" in row and mentions[row["id"]]]
    rows.send_rows(job, COMMENTS, [{"id": id, "mentions": mentions[id]} for id in both], tally)
    return number


def _reply(job: Job, reply: Mapping[str, Any], pairs: Mapping[str, str], tally: Tally) -> Dict[str, Any]:
    """Return a reply as the target keeps it."""
    new = {name: value for name, value in reply.items() if name != "person"}
    new.update(rows.translated(job, REPLIES, new, tally))
    if new.get("attachment_files"):
        new["attachment_files"] = [
            {**file, "id": pairs[file["id"]]} for file in new["attachment_files"] if file["id"] in pairs
        ]
    return new


# -- attachments -----------------------------------------------------------------
def _copy_attachment(job: Job, row: Any, page: List[Any], folder: str) -> None:
    """Copy the file of an attachment, under the name by which it is found again if the answer is lost."""
    path = os.path.join(folder, _marker(row))
    task_id = next(comment["object_id"] for comment in page if comment["id"] == row["comment_id"])
    try:
        source = route("data/attachment-files/{attachment_file_id}/file/{name}", row["id"], _marker(row))
        raw.download(source, path, client=job.source)
        target = "actions/tasks/{task_id}/comments/{comment_id}/add-attachment"
        raw.upload(route(target, task_id, row["comment_id"]), path, client=job.target, timeout=rows.PATIENCE)
    finally:
        _remove(path)


def _marker(row: Mapping[str, Any]) -> str:
    """Return the name under which the file of an attachment is sent: it says which one it is."""
    return f"{row['id']}.{row['extension'] or 'bin'}"


def _settle(job: Job, here: List[Any], tally: Tally) -> Dict[str, str]:
    """Give attachments that were sent their names and dates, delete what came twice, and return which is which."""
    there = list(rows.rows_of(job.target, ATTACHMENTS, {row["comment_id"] for row in here}, "comment_id"))
    pairs, sent, surplus = _paired(here, there)
    rows.send_rows(job, ATTACHMENTS, sent, tally)
    for row in surplus:
        raw.delete(route("data/attachment-files/{attachment_file_id}", row["id"]), client=job.target)
    return pairs


def _paired(here: List[Any], there: List[Any]) -> Tuple[Dict[str, str], List[Any], List[Any]]:
    """Return the target's ids by the source's, rows to import for those just sent, and what came twice, or half."""
    pairs: Dict[str, str] = {}
    sent, surplus = [], []
    left = list(there)
    for row in here:
        done = next((one for one in left if _face(one) == _face(row)), None)
        whole = [one for one in left if one["name"] == _marker(row) and (one["size"] or not row["size"])]
        if done is None and whole:
            done = whole[0]
            sent.append(
                {**{k: v for k, v in row.items() if k not in ("chat_message_id", "updated_at")}, "id": done["id"]}
            )
        if done is not None:
            left.remove(done)
            pairs[row["id"]] = done["id"]
        surplus += [one for one in left if one["name"] == _marker(row)]
    return pairs, sent, surplus


def _face(row: Mapping[str, Any]) -> Tuple[Any, ...]:
    """Return by what an attachment is known at the other server."""
    return tuple(row[name] for name in ("comment_id", "name", "size", "created_at", "reply_id"))
