"""Copy comments by the routes that people use: the target gives ids of its own to comments and previews."""

import os
import tempfile
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from .. import client as raw
from .. import files
from .. import task as tasks
from ..helpers import drop_none, portable_name, temporary_folder, without_hashtags
from ..models import Ref, StrPath
from .rows import translate
from .tables import REPLIES, MigrationContext


class FileCopy(NamedTuple):
    """A file of a comment at the source, its counterpart at the target, and the path of what is to be sent, or ""."""

    row: Any
    counterpart: Any
    path: str


class CommentCopier(NamedTuple):
    """Copies the comments of a task."""

    task: Ref
    #: With the id maps "task_status" and "people".
    context: MigrationContext
    #: Id of the author at the target, instead of those of the comments.
    author: Optional[str] = None
    #: Folder for temporary files.
    folder: Optional[StrPath] = None

    def copy(self, comment: Any, existing: List[Any]) -> bool:
        """Send what the target lacks of a comment, and return whether that was anything.

        Args:
            existing: the comments of the target, from which the counterpart of this one is removed.
        """
        counterpart = self.pop_matching(comment, existing)
        if self.folder:
            os.makedirs(self.folder, exist_ok=True)
        with temporary_folder(self.folder) as folder:
            attachments = self.download_missing("attachment_files", comment, counterpart, folder)
            previews = self.download_missing("previews", comment, counterpart, folder)
            row = self.create_or_complete(comment, counterpart, attachments)
            changes = self.diff(comment, counterpart)
            if changes:
                tasks.update_comment({"id": row["id"], **changes}, client=self.context.target)
            # A list, not a generator: all previews are copied.
            changed = [self.copy_preview(row, preview) for preview in previews]
        return counterpart is None or bool(changes) or any(changed) or any(file.path for file in attachments)

    # -- the comment itself ------------------------------------------------------
    def comment_args(self, comment: Any) -> Dict[str, Any]:
        """Return the arguments of `add_comment` that create the copy of a comment."""
        author = self.author or self.context.id_maps["people"].get(comment.get("person_id") or "")
        return {
            "task_status": {"id": self.context.id_maps["task_status"][comment["task_status_id"]]},
            "comment": comment.get("text") or "",
            "person": {"id": author} if author else None,
            "checklist": comment.get("checklist"),
            "created_at": comment.get("created_at"),
            "links": comment.get("links"),
            "for_client": bool(comment.get("for_client")),
        }

    def pop_matching(self, comment: Any, existing: List[Any]) -> Any:
        """Remove the copy of a comment from the comments of the target, and return it, or None."""
        args = self.comment_args(comment)
        status, author = args["task_status"]["id"], args["person"] and args["person"]["id"]
        texts = (args["comment"], without_hashtags(args["comment"]))
        copies = [
            row
            for row in reversed(existing)
            if (date_of(row), row["task_status_id"]) == (date_of(comment), status)
            and (row["text"] or "") in texts
            and author in (None, row["person_id"])
        ]
        if not copies:
            return None
        kinds = ("attachment_files", "previews")  # two comments may differ in these only
        copy = max(copies, key=lambda row: all(len(row[kind]) == len(comment.get(kind) or []) for kind in kinds))
        existing.remove(copy)
        return copy

    def create_or_complete(self, comment: Any, counterpart: Any, attachments: List[FileCopy]) -> Any:
        """Create a comment with its attachments, or add those that its counterpart lacks, and return the row."""
        paths = [file.path for file in attachments if file.path]
        row, uploaded = counterpart, []
        if counterpart is None:
            args = self.comment_args(comment)
            # Hashtags would comment on other tasks, whose comments are copied themselves.
            row = tasks.add_comment(self.task, **args, attachments=paths, client=self.context.target, hashtags=False)
            uploaded = list(row.get("attachment_files") or [])
        elif paths:
            uploaded = list(tasks.add_attachment_files_to_comment(self.task, row, paths, client=self.context.target))
        for file in attachments:
            name = file.row["name"]
            if local_name(file.row) != name and (file.counterpart or {}).get("name") != name:
                renamed = file.counterpart or next(other for other in uploaded if is_same_file(other, file.row))
                uploaded = [other for other in uploaded if other is not renamed]
                raw.update("attachment-files", renamed["id"], {"name": name}, client=self.context.target)
        return row

    def diff(self, comment: Any, counterpart: Any) -> Dict[str, Any]:
        """Return the fields that the target's comment still has to get: `add_comment` does not take all of them."""
        text = comment.get("text") or ""
        current = counterpart or {"text": without_hashtags(text)}
        replies = list(current.get("replies") or [])
        known = {reply["id"] for reply in replies}
        missing = [self.reply(reply) for reply in comment.get("replies") or [] if reply["id"] not in known]
        return drop_none(
            text=text if (current["text"] or "") != text else None,
            pinned=True if comment.get("pinned") and not current.get("pinned") else None,
            replies=replies + missing if missing else None,
        )

    def reply(self, reply: Mapping[str, Any]) -> Dict[str, Any]:
        """Return a reply with the ids of the target; an author who is not there keeps the id of the source."""
        new, author = translate(self.context, REPLIES, reply), reply["person_id"]
        return {**new, "person_id": self.context.id_maps["people"].get(author, author)}

    # -- its files ---------------------------------------------------------------
    def download_missing(self, kind: str, comment: Any, counterpart: Any, folder: str) -> List[FileCopy]:
        """Download the files that the target lacks; leave out previews that have no file at the source."""
        source = self.context.source
        get, download = files.get_attachment_file, files.download_attachment_file
        if kind == "previews":
            get, download = files.get_preview_file, files.download_preview_file  # type: ignore[assignment]
        listed: List[Any] = comment.get(kind) or []
        rows = [row if isinstance(row, Mapping) and "extension" in row else get(row, client=source) for row in listed]
        rows = [row for row in rows if local_name(row) and row.get("status") not in ("broken", "missing")]
        existing = sorted((counterpart or {}).get(kind) or [], key=sort_key)
        empty = [file for file in existing if not local_name(file)]
        copies = []
        for row in sorted(rows, key=sort_key):
            path, match = "", next((file for file in existing if is_same_file(file, row)), None)
            if match is None:
                # All fields of a preview are copied; of an attachment, the name is enough.
                row = get(row, client=source) if kind == "previews" and "created_at" not in row else row
                path = os.path.join(tempfile.mkdtemp(dir=folder), local_name(row))
                download(row, path, client=source)
                match = empty.pop(0) if empty else None
            existing = [file for file in existing if file is not match]
            copies.append(FileCopy(row, match, path))
        return copies

    def copy_preview(self, comment: Any, preview: FileCopy) -> bool:
        """Upload a preview, if there is a path, and set its fields; return whether anything was sent."""
        row, counterpart, path = preview
        if path:
            counterpart = counterpart or tasks.create_preview(self.task, comment, client=self.context.target)
            counterpart = tasks.upload_preview_file(counterpart, path, client=self.context.target)
        fields = {name: row.get(name) for name in ("annotations", "description", "original_name", "validation_status")}
        fields["person_id"] = self.context.id_maps["people"].get(row.get("person_id") or "")
        fields["revision"] = row["revision"] if self._is_free(row, counterpart) else None
        changes = {
            name: value
            for name, value in fields.items()
            if value
            and value != counterpart.get(name, value)
            and (path or name == "revision" or counterpart[name] in (None, [], "neutral"))
        }
        if changes:
            files.update_preview(counterpart, changes, client=self.context.target)
        return bool(path or changes)

    def _is_free(self, row: Any, counterpart: Any) -> bool:
        """Return whether a preview has another revision at the target, and can get that of the source."""
        if row["revision"] == counterpart["revision"] or (row.get("position") or 1) > 1:
            return False
        others = files.get_all_preview_files_for_task(self.task, client=self.context.target)
        return row["revision"] not in {other["revision"] for other in others}


def date_of(comment: Any) -> str:
    """Return the date of a comment, to the second."""
    return (comment.get("created_at") or "")[:19]


def local_name(file: Any) -> str:
    """Return a name for an attachment or a preview that all file systems take; "" for a preview without a file."""
    name = file.get("name") or "file"
    if "original_name" in file:
        name = f"{file['original_name'] or 'preview'}.{file['extension']}"
        if file.get("status") == "processing" and not file["original_name"]:
            return ""
    return portable_name(name.encode()[-200:].decode(errors="ignore")) or "_"


def is_same_file(file: Any, other: Any) -> bool:
    """Return whether a file of the target is that of the source; a preview has no size here, as servers encode it."""
    return local_name(file) == local_name(other) and file.get("size") == other.get("size")


def sort_key(file: Any) -> Tuple[int, int]:
    """Return the place of a preview among those of its task; attachments keep their order."""
    return file.get("revision") or 0, file.get("position") or 0
