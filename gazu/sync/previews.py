"""Copy the previews of tasks with their files, and what else belongs to tasks but to no comment."""

import os
from typing import Any, List, Mapping

from .. import client as raw
from .. import task as tasks
from ..client import route
from ..helpers import temporary_folder
from .copier import sort_key
from .rows import (
    SLOW_REQUEST_SECONDS,
    Row,
    copy_rows,
    diff,
    fetch_by_ids,
    fetch_page,
    import_rows,
    translate_all,
)
from .tables import OF_TASKS, PREVIEWS, TASKS, MigrationContext

#: Tasks whose previews are copied by one piece of work.
TASKS_PER_PIECE = 25
#: Fields that the server computes when it gets the file of a preview.
COMPUTED_FIELDS = ("file_size", "width", "height", "duration", "status", "extension", "original_name", "data")
#: Keys of the field `data` of a preview that the server sets.
SERVER_DATA_KEYS = (
    "imported_only", "movie_prefixes", "original_width", "original_height", "original_duration", "original_file_size",
)  # fmt: skip


def copy_previews(context: MigrationContext, page: int) -> None:
    """Copy the previews, time spents and subscriptions of a page of tasks."""
    filters = {"project_id": context.project_id, "fields": "id"}
    task_page = fetch_page(context.source, TASKS._replace(relations=False), filters, page, TASKS_PER_PIECE)
    previews, *others = (
        list(fetch_by_ids(context.source, table, (row["id"] for row in task_page["data"]), "task_id"))
        for table in (PREVIEWS, *OF_TASKS)
    )
    _copy_previews(context, sorted(previews, key=sort_key))  # the file that comes last is that of the task
    for table, rows in zip(OF_TASKS, others):
        if rows:
            copy_rows(context, table, rows)


def _copy_previews(context: MigrationContext, rows: List[Any]) -> None:
    """Copy the rows of previews, then the file of each that has none at the target."""
    kind, report = PREVIEWS.kind, context.report
    existing = {row["id"]: row for row in fetch_by_ids(context.target, PREVIEWS, (row["id"] for row in rows))}
    wanted = translate_all(context, PREVIEWS, rows)
    new = [_without_file(row) for row in wanted if row["id"] not in existing]
    new_ids = {row["id"] for row in new}
    report.count(kind, created=import_rows(context, PREVIEWS, new))
    imported = new if context.dry_run else fetch_by_ids(context.target, PREVIEWS, new_ids)
    existing.update((row["id"], row) for row in imported)
    for row in wanted:
        if row["id"] not in existing:
            continue
        with report.recording_failure(kind, row["id"]):
            changed = _update(context, row, existing[row["id"]])
            if row["id"] not in new_ids:
                report.count(kind, updated=changed, skipped=not changed)
            _copy_file(context, row, existing[row["id"]])


def _without_file(row: Mapping[str, Any]) -> Row:
    """Return the row of a preview as the server creates it: without a name, until it has got its file.

    A preview that the source could not read stays broken: it may get another file at the source later.
    """
    return {**row, "original_name": None, "status": "processing" if row["status"] == "ready" else row["status"]}


def _update(context: MigrationContext, row: Row, existing: Any) -> bool:
    """Change what the target has with other values, and return whether that was anything.

    An import sets `imported_only` in the data of a preview, which says that it never gets a file: remove it.
    """
    changes = diff({name: value for name, value in row.items() if name not in COMPUTED_FIELDS}, existing)
    wanted, current = row.get("data") or {}, existing.get("data") or {}
    data = {key: value for key, value in current.items() if key in SERVER_DATA_KEYS and key != "imported_only"}
    data.update((key, value) for key, value in wanted.items() if key not in SERVER_DATA_KEYS)
    if data != current:
        changes["data"] = data
    if changes and not context.dry_run:
        raw.update("preview-files", row["id"], changes, client=context.target)
    return bool(changes)


def _copy_file(context: MigrationContext, row: Row, existing: Any) -> None:
    """Copy the file of a preview, unless the row at the target shows that it was sent: no file is sent twice."""
    if row["status"] != "ready":
        return
    if not existing["original_name"] and existing["status"] != "ready":
        if context.dry_run:
            context.report.count("preview_uploads", created=1)
            return
        is_movie = row["extension"] == "mp4"
        source = route("{kind}/originals/preview-files/{file}", "movies" if is_movie else "pictures", _file_name(row))
        with temporary_folder() as folder:
            path = os.path.join(folder, "file")  # no name of the server's has a say in where it is
            raw.download(source, path, client=context.source)
            existing = _upload(context, row, path)
        context.report.count("preview_uploads", created=existing["status"] != "broken")
    if existing["status"] == "broken":
        context.report.record_failure("preview_uploads", row["id"], "the target could not read the file")


def _file_name(row: Mapping[str, Any]) -> str:
    return f"{row['id']}.{row['extension']}"


def _upload(context: MigrationContext, row: Row, path: str) -> Any:
    """Upload the file of a preview; have the server process it at once, unless it is to encode a movie."""
    encode = context.normalize_movies and row["extension"] == "mp4"
    return tasks.upload_preview_file(
        row,
        path,
        normalize_movie=encode,
        no_job=not encode,
        client=context.target,
        file_name=f"{row['original_name'] or ''}.{row['extension']}",
        timeout=SLOW_REQUEST_SECONDS,
    )
