"""Copy comments with their ids, their attachments, which get ids of the target's own, and the news of them."""

import os
from typing import Any, Dict, List, Mapping, Tuple

from .. import client as raw
from ..client import route
from ..helpers import temporary_folder, version_number
from .rows import (
    SLOW_REQUEST_SECONDS,
    Row,
    Rows,
    copy_rows,
    fetch_by_ids,
    fetch_page,
    import_rows,
    partition_new_changed,
    translate,
    translate_all,
)
from .tables import ATTACHMENTS, COMMENTS, IMPORTS_ALL, NEWS, REPLIES, MigrationContext, Report


def copy_comments(context: MigrationContext, page: int) -> None:
    """Copy a page of the comments of a production, with their attachments and news."""
    comments = fetch_page(context.source, COMMENTS, {"project_id": context.project_id}, page)["data"]
    if version_number(context.target_version) < version_number(IMPORTS_ALL):  # which takes comments for entities
        reason = f"Zou {context.target_version} cannot import comments, {IMPORTS_ALL} and later can"
        for row in comments:
            context.report.record_failure(COMMENTS.kind, row["id"], reason)
        return
    with_files = (row["id"] for row in comments if row["attachment_files"])
    attachments = list(fetch_by_ids(context.source, ATTACHMENTS, with_files, "comment_id"))
    ids = _finalize_attachments(context, attachments)  # an earlier run may have been killed before it did
    _import_comments(context, comments, ids)
    context.report.count(ATTACHMENTS.kind, skipped=len(ids))
    missing = [row for row in attachments if row["id"] not in ids]
    task_ids = {row["id"]: row["object_id"] for row in comments}
    for row in missing:
        with context.report.recording_failure(ATTACHMENTS.kind, row["id"]):
            _copy_attachment(context, row, task_ids[row["comment_id"]])
            context.report.count(ATTACHMENTS.kind, created=1)
    if missing:
        ids = _finalize_attachments(context, attachments)
        with_replies = [row for row in comments if any(reply.get("attachment_files") for reply in row["replies"] or [])]
        _import_comments(context._replace(report=Report()), with_replies, ids)  # they are counted already
    copy_rows(context, NEWS, list(fetch_by_ids(context.source, NEWS, task_ids, "comment_id")))


def _import_comments(context: MigrationContext, comments: Rows, attachment_ids: Mapping[str, str]) -> None:
    """Import the comments that the target lacks, or has with other values."""
    complete = []
    for row in comments:
        with context.report.recording_failure(COMMENTS.kind, row["id"]):
            replies = [_reply(context, reply, attachment_ids) for reply in row["replies"] or []]
            complete.append({**row, "replies": replies} if replies else row)
    existing = {row["id"]: row for row in fetch_by_ids(context.target, COMMENTS, (row["id"] for row in complete))}
    wanted = translate_all(context, COMMENTS, complete)
    new, changed = partition_new_changed(context, COMMENTS, wanted, existing)
    mentions = {row["id"]: row["mentions"] for row in wanted}
    context.report.count(COMMENTS.kind, created=_import(context, new, mentions))
    context.report.count(COMMENTS.kind, updated=_import(context, changed, mentions))


def _import(context: MigrationContext, rows: List[Row], mentions: Mapping[str, List[str]]) -> int:
    """Import comments; those that mention departments come again, as that makes the server forget the people."""
    number = import_rows(context, COMMENTS, rows)
    both = [row["id"] for row in rows if "department_mentions" in row and mentions[row["id"]]]
    import_rows(context, COMMENTS, [{"id": id, "mentions": mentions[id]} for id in both])
    return number


def _reply(context: MigrationContext, reply: Mapping[str, Any], attachment_ids: Mapping[str, str]) -> Row:
    """Return a reply with the ids of the target, without attachments that are not there yet."""
    new = translate(context, REPLIES, reply)
    if new.get("attachment_files"):
        known = [file for file in new["attachment_files"] if file["id"] in attachment_ids]
        new["attachment_files"] = [{**file, "id": attachment_ids[file["id"]]} for file in known]
    return new


# -- attachments -----------------------------------------------------------------
def _copy_attachment(context: MigrationContext, row: Mapping[str, Any], task_id: str) -> None:
    """Copy the file of an attachment, under a name by which it is found again if the response is lost."""
    if context.dry_run:
        return
    name = _upload_name(row)
    source = route("data/attachment-files/{attachment_file_id}/file/{name}", row["id"], name)
    target = route("actions/tasks/{task_id}/comments/{comment_id}/add-attachment", task_id, row["comment_id"])
    with temporary_folder() as folder:
        path = os.path.join(folder, "file")  # no name of the server's has a say in where it is
        raw.download(source, path, client=context.source)
        raw.upload(target, path, client=context.target, timeout=SLOW_REQUEST_SECONDS, file_name=name)


def _upload_name(row: Mapping[str, Any]) -> str:
    """Return the name under which an attachment is uploaded: it holds its id at the source."""
    return f"{row['id']}.{row['extension'] or 'bin'}"


def _finalize_attachments(context: MigrationContext, attachments: List[Any]) -> Dict[str, str]:
    """Give uploaded attachments their names and dates, delete duplicates, and return the target's ids by the source's.

    An upload whose response was lost, or that was cut off, leaves a duplicate.
    """
    comment_ids = {row["comment_id"] for row in attachments}
    existing = list(fetch_by_ids(context.target, ATTACHMENTS, comment_ids, "comment_id"))
    ids, uploaded, duplicates = match_attachments(attachments, existing)
    import_rows(context, ATTACHMENTS, uploaded)
    for row in () if context.dry_run else duplicates:
        raw.delete(route("data/attachment-files/{attachment_file_id}", row["id"]), client=context.target)
    return ids


def match_attachments(source: List[Any], target: List[Any]) -> Tuple[Dict[str, str], List[Row], List[Any]]:
    """Return the target's ids by the source's, rows to import for those just uploaded, and duplicates to delete."""
    ids: Dict[str, str] = {}
    uploaded: List[Row] = []
    duplicates: List[Any] = []
    remaining = list(target)
    for row in source:
        counterpart = next((one for one in remaining if _fingerprint(one) == _fingerprint(row)), None)
        copies = [one for one in remaining if one["name"] == _upload_name(row)]
        complete = [one for one in copies if one["size"] or not row["size"]]
        if counterpart is None and complete:
            counterpart = complete[0]
            final = {name: value for name, value in row.items() if name not in ("chat_message_id", "updated_at")}
            uploaded.append({**final, "id": counterpart["id"]})
        if counterpart is not None:
            remaining.remove(counterpart)
            ids[row["id"]] = counterpart["id"]
        duplicates += [one for one in copies if one is not counterpart]
    return ids, uploaded, duplicates


def _fingerprint(row: Mapping[str, Any]) -> Tuple[Any, ...]:
    """Return what identifies an attachment on both servers."""
    return tuple(row.get(name) for name in ("comment_id", "name", "size", "created_at", "reply_id"))
