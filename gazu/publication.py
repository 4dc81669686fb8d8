"""What is checked before comments and previews are published, and what the server made of them afterwards."""

import os
from contextlib import contextmanager
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Union

from . import client as raw
from ._http.filenames import utf8_name
from ._http.route import route
from .client import KitsuClient
from .exception import (
    NotAllowedException,
    ParameterException,
    RouteNotFoundException,
    ServerErrorException,
    ServerTooOldWarning,
    UploadFailedException,
)
from .helpers import id_of, ignore_refusal, require_row, time_of, warn
from .models import Ref, StrPath

Paths = Union[StrPath, Iterable[StrPath]]

_WITH_THUMBNAILS = {"avi", "jpe", "jpeg", "jpg", "m4v", "mkv", "mov", "mp4", "png", "webm", "wmv"}

#: The kinds of files that Zou 1.0 takes as previews; others are refused before anything is sent. Add what your server
#: takes besides these.
PREVIEW_EXTENSIONS = {
    *_WITH_THUMBNAILS,
    "ae", "ai", "blend", "clip", "comp", "diff", "exr", "fbx", "fla", "flv", "gif", "glb", "gltf", "hip", "kra", "ma",
    "mb", "md", "mp3", "obj", "pdf", "psb", "psd", "rar", "rev", "riv", "sai", "sai2", "sbbkp", "svg", "swf", "tvpp",
    "wav", "zip",
}  # fmt: skip

#: The keys of file paths in a comment of a batch; the fields of the form are named after them.
FILE_FIELDS = ("attachment_files", "preview_files")

#: Fields of comments that older servers ignore, and the first Zou that is known to keep them.
_NEWER_FIELDS = {"links": "0.19.69", "for_client": "1.0.55"}
#: Fields that tell the row of a server from that of a double.
_WHOLE_ROW = {"id", "created_at", "updated_at", "object_id"}

PATH_TYPES = (str, bytes, os.PathLike)


def are_files(attachments: Any) -> bool:
    """Return whether *value* holds file paths; until 1.0 attachments stood where the checklist is."""
    paths = attachments if isinstance(attachments, (list, tuple)) else ()
    return bool(paths) and isinstance(paths[0], PATH_TYPES)


def check_paths(paths: Optional[Paths], name: str) -> List[StrPath]:
    """Return paths as a list, or raise ValueError if one is not a path, or no text that can be sent."""
    listed: List[Any] = [paths] if isinstance(paths, PATH_TYPES) else list(paths or [])
    wrong = [path for path in listed if not isinstance(path, PATH_TYPES)]
    if wrong:
        raise ValueError(f"{name}: expected the paths of files, got {wrong[0]!r:.200}")
    for path in listed:
        file_name = utf8_name(os.path.basename(os.fsdecode(path)))
        if not name.endswith("preview_files"):
            check_attachment_name(file_name)
    return listed


def check_attachment_name(name: str) -> None:
    """Refuse what the server would refuse, after which a comment without it stays."""
    suffix = name.rpartition(".")[2]
    if len(name) > 250:
        raise ValueError(f"{name}: the server takes names of attachments up to 250 characters")
    if len(suffix) > 6:
        raise ValueError(f"{name}: the server takes attachments whose name ends in at most 6 characters after a dot")


def check_file(path: Optional[StrPath]) -> StrPath:
    """Return the path of a file that can be uploaded."""
    if not path:
        raise ValueError("there is no file to publish: pass preview_file_path or preview_file_url")
    with open(path, "rb") as file:
        if not file.read(1):
            raise ValueError(f"{os.fsdecode(path)!a}: the file is empty, so it is not a picture or movie")
    check_preview_name(path)
    return path


def check_preview_name(path: Any) -> None:
    """Refuse what the server would refuse, after which it deletes the preview file."""
    name = os.path.basename(os.fsdecode(path))
    stem, _, extension = utf8_name(name).rpartition(".")
    if extension.lower() not in PREVIEW_EXTENSIONS:
        kinds = ", ".join(sorted(PREVIEW_EXTENSIONS))
        raise ValueError(f"{name}: the server takes no such file as a preview, only these: {kinds}")
    if len(stem) > 250:
        raise ValueError(f"{name}: the server takes names of previews up to 250 characters")


def check_thumbnail(path: StrPath, wanted: bool) -> None:
    """Refuse to set a thumbnail that there will not be."""
    extension = os.fsdecode(path).rpartition(".")[2].lower()
    if wanted and extension not in _WITH_THUMBNAILS:
        raise ValueError(f"set_thumbnail: the server makes none of a .{extension} file, only of pictures and movies")


def check_revision(task: Ref, revision: Any, client: KitsuClient) -> None:
    """Refuse a revision that is not a number, or that another preview of the task has."""
    if revision is None:
        return
    try:
        number = int(revision)
        valid = number == float(revision) and 0 <= number < 2**31
    except (TypeError, ValueError, OverflowError):
        valid = False
    if not valid:
        raise ValueError(f"revision: expected a whole number from 0 on, got {revision!r:.200}")
    path = route("data/tasks/{task_id}/previews", id_of(task))
    rows: Any = None
    with ignore_refusal():
        rows = raw.get(path, client=client)
    if isinstance(rows, list) and any(row.get("revision") == number for row in rows):
        raise ParameterException(path, f"revision {number} of the task {id_of(task)} is taken: nothing was published")


def batch_rows(
    comments: Optional[Iterable[Mapping[str, Any]]], names: Mapping[str, str] = {}, **more: Any
) -> List[Dict[str, Any]]:
    """Return the comments of a batch as the server reads them, with checked files.

    Args:
        names: keys to rename.
        more: what a comment has unless it says otherwise.
    """
    rows = [{**more, **rename_keys(require_row(row), names)} for row in comments or []]
    for number, row in enumerate(rows):
        place = f"comments[{number}]"
        if row.get("for_client"):
            raise ValueError(f"{place}.for_client: the server ignores it in a batch: use add_comment")
        for kind in FILE_FIELDS:
            if kind in row:
                row[kind] = [os.fsdecode(path) for path in check_paths(row[kind], f"{place}.{kind}")]
        for path in row.get("preview_files", []):
            check_file(path)
        if row.get("created_at"):
            row["created_at"] = _batch_time(f"{place}.created_at", row["created_at"])
    return rows


@contextmanager
def naming_incomplete(rows: List[Dict[str, Any]], is_of_task: bool) -> Iterator[None]:
    """Name in the error of the server what its comments lack: Zou 1.0.97 answers 500 then, and 404 to unknown ids."""
    try:
        yield
    except (ServerErrorException, RouteNotFoundException) as error:
        names = ("task_status_id", "text") if is_of_task else ("task_id", "task_status_id", "text")
        lacking = [f"comments[{n}].{name}" for n, row in enumerate(rows) for name in names if row.get(name) is None]
        if lacking:
            error.hint = f"missing: {', '.join(lacking):.400}"
        elif isinstance(error, RouteNotFoundException):
            error.hint = "one of the ids of the comments is unknown"
        raise


def rename_keys(row: Mapping[str, Any], names: Mapping[str, str]) -> Dict[str, Any]:
    """Return a record with the keys *names* renamed."""
    return {names.get(name, name): value for name, value in row.items()}


def _batch_time(place: str, value: Any) -> str:
    """Return the time of a comment; the server takes a space between day and time, too."""
    try:
        return time_of(value.replace(" ", "T") if isinstance(value, str) else value)
    except ValueError:
        raise ValueError(f"{place}: expected YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS, got {value!r:.200}") from None


def check_created(path: str, asked: List[Dict[str, Any]], created: Any) -> None:
    """Raise if the server left out comments, or the previews of some; warn if it dropped their author or date."""
    if not isinstance(created, list) or not all(isinstance(row, Mapping) and "id" in row for row in created):
        return  # of a test double
    error: Any = None
    lost = [f"the comment {row['id']}" for wanted, row in zip(asked, created) if _lacks_previews(wanted, row)]
    if len(created) < len(asked):
        counts = f"{len(created)} of {len(asked)} comments"
        error = NotAllowedException(
            f"POST {path}: the server created {counts} (may this account comment on each task?)"
        )
    elif lost:
        reason = "the server could not use the files of all previews of"
        error = UploadFailedException(f"POST {path}: {reason} {', '.join(lost)} (add_preview adds others)")
    if error is not None:
        error.method, error.path, error.comments = "POST", path, list(created)
        raise error
    warn_of_dropped(asked, created)


def _lacks_previews(asked: Mapping[str, Any], created: Mapping[str, Any]) -> bool:
    files = asked.get("preview_files", [])
    return len(created.get("preview_files", files)) < len(files)


def warn_of_old_server(asked: Mapping[str, Any], created: Any, client: KitsuClient) -> None:
    """Warn if the server is too old for arguments of a comment: the row that it returns lacks them."""
    if isinstance(created, Mapping) and created.keys() >= _WHOLE_ROW:
        for name, since in _NEWER_FIELDS.items():
            if asked.get(name) and name not in created:
                from ._http.sender import server_version  # asked of old servers only

                version = server_version(client) or "of this server"
                text = f"{name}: Zou {version} ignores it, {since} and later do not (comment {created['id']})"
                warn(text, ServerTooOldWarning)


def warn_of_dropped(asked: List[Dict[str, Any]], created: Any) -> None:
    """Warn if the server dropped who wrote comments, when, or that clients can see them."""
    names = ("person_id", "created_at", "for_client")
    pairs = [(row, new) for row, new in zip(asked, created) if isinstance(new, Mapping)]
    dropped = [
        (new.get("id"), name)
        for row, new in pairs
        for name in names
        if row.get(name) and name in new and str(new[name]).lower() != str(row[name]).lower()
    ]
    if dropped:
        ids, fields = (", ".join(dict.fromkeys(map(str, column))) for column in zip(*dropped))
        warn(f"the server ignored {fields} of the comments {ids}: only managers and administrators can set that")
