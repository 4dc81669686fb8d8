"""Many files in one call, with one progress of all their bytes; see `files.download_many` and `files.upload_many`."""

import inspect
import os
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple, Union

from . import task
from ._http.filenames import portable_name
from .exception import CancelledException
from .helpers import id_of
from .models import Outcome, StrPath
from .names import composed
from .parallel import call_many
from .workers import Call, Watch, run_all

if TYPE_CHECKING:
    from ._http.multipart import Progress

PATH_TYPES = (str, bytes, os.PathLike)
#: Names without doubles, whatever the rows are.
DEFAULT_NAME = "{id}.{extension}"
#: What a preview can be uploaded to, and the field of it that the upload needs.
_FIELDS = {"Task": "task_status_id", "Comment": "object_id", "PreviewFile": "id"}
#: A function that returns the name of the file of a row, or a format string with its fields.
Naming = Union[None, str, Callable[[Any], str]]


class Transfer(NamedTuple):
    """A file to transfer."""

    item: Any
    #: Takes `progress_callback` and `client`.
    function: Callable[..., Any]
    args: Tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = {}
    #: Bytes, as far as they are known before.
    size: int = 0
    #: Transfers with the same key run one after the other.
    key: Optional[str] = None


# -- one progress ----------------------------------------------------------------
class TotalProgress(Watch):
    """The bytes of all transfers as one progress, which the calling thread shows; both of its numbers only grow."""

    seconds: float = 0.1

    def __init__(self, show: "Optional[Progress]", sizes: Iterable[int]) -> None:
        self._callback = show
        self._whole = list(sizes)
        self._so_far = [0] * len(self._whole)
        self._shown = (0, 0)
        self._lock = threading.Lock()
        self._is_stopped = False

    def update(self, number: int, so_far: int, whole: int) -> None:
        """Take the progress of one transfer, in its thread.

        Raises:
            CancelledException: nobody waits for it any more.
        """
        self.check()
        with self._lock:
            self._so_far[number] = max(self._so_far[number], so_far)  # one that is tried again begins at 0
            self._whole[number] = max(self._whole[number], self._so_far[number], whole)

    def check(self) -> None:
        """Raise CancelledException if nobody waits for the transfers any more."""
        if self._is_stopped:
            raise CancelledException("the transfers were cancelled")

    def finish(self, number: int) -> None:
        """Count a transfer that has ended in full, also if it failed, or was smaller than its record says."""
        with self._lock:
            self._so_far[number] = self._whole[number]

    def show(self) -> None:
        """Show what is new."""
        with self._lock:
            now = sum(self._so_far), sum(self._whole)
        if self._callback is not None and now != self._shown:
            self._shown = now
            self._callback(*now)

    def stop(self) -> None:
        """Have each running transfer end when it reports progress the next time."""
        self._is_stopped = True


def transfer_all(
    transfers: Iterable[Transfer], progress: "Optional[Progress]", workers: int, client: Any
) -> List[Outcome]:
    """Run transfers several at a time, those with the same key one after the other, and return their outcomes."""
    listed = list(transfers)
    total = TotalProgress(progress, [one.size for one in listed])
    groups: Dict[Any, List[int]] = {}
    for number, one in enumerate(listed):
        groups.setdefault(number if one.key is None else one.key, []).append(number)
    outcomes: List[Any] = [None] * len(listed)

    def run(numbers: List[int]) -> None:
        for number in numbers:
            total.check()
            outcomes[number] = _outcome_of(listed[number], partial(total.update, number), client)
            total.finish(number)

    run_all([Call(run, (numbers,)) for numbers in groups.values()], workers, None, client, _raise, total)
    return outcomes


def _outcome_of(transfer: Transfer, progress: "Progress", client: Any) -> Outcome:
    item, function, args, kwargs = transfer[:4]
    try:
        return Outcome(item, function(*args, **kwargs, progress_callback=progress, client=client), None)
    except Exception as error:
        return Outcome(item, None, error)


def _raise(number: int, result: Any, error: Optional[Exception]) -> None:
    """Raise what no transfer has raised, as their errors are outcomes."""
    if error is not None:
        raise error


def _list_of(name: str, values: Iterable[Any]) -> List[Any]:
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise ValueError(f"{name}: expected a list, got {values!r:.200}")
    return list(values)


# -- downloads -------------------------------------------------------------------
def download_all(
    rows: Iterable[Any],
    folder: StrPath,
    name: Naming,
    functions: Mapping[str, Callable[..., Any]],
    get_preview_file: Callable[..., Any],
    progress: "Optional[Progress]",
    workers: int,
    client: Any,
) -> List[Outcome]:
    """Download the files of rows into a folder, and return outcomes with their paths.

    Args:
        functions: what downloads the file of a row, by the type of the row.
        get_preview_file: gets the row of an id.
    """
    listed = _list_of("rows", rows)
    kinds = [_kind_of(number, row) for number, row in enumerate(listed)]
    whole = call_many(partial(_whole_row, get_preview_file), [(row,) for row in listed], workers, client=client)
    paths = iter(_paths_of([one.result for one in whole if one.error is None], Path(os.fsdecode(folder)), name))
    transfers = []
    for given, kind, found in zip(listed, kinds, whole):
        if found.error is not None:
            transfers.append(Transfer(given, _fail, (found.error,)))
        else:
            row, size = found.result, found.result.get("file_size") or found.result.get("size") or 0
            transfers.append(Transfer(given, _download, (functions[kind], row, next(paths)), size=size))
    if transfers:
        Path(os.fsdecode(folder)).mkdir(parents=True, exist_ok=True)
    return transfer_all(transfers, progress, workers, client)


def _kind_of(number: int, row: Any) -> str:
    """Return the type of a row: those within a comment have none."""
    if not isinstance(row, Mapping):
        id_of(row, "a preview file")
        return "PreviewFile"
    kind = row.get("type") or ("AttachmentFile" if "name" in row and "revision" not in row else "PreviewFile")
    if kind not in ("AttachmentFile", "PreviewFile") or ("preview_file_id" in row and "revision" not in row):
        hint = "pass its preview_file_id" if "preview_file_id" in row else "gazu.parallel.call_many takes any function"
        raise ValueError(f"rows[{number}] is a {kind}, not a preview file or an attachment file ({hint})")
    id_of(row)
    return str(kind)


def _whole_row(get_preview_file: Callable[..., Any], row: Any, client: Any) -> Any:
    if isinstance(row, Mapping) and "extension" in row:
        return row
    return get_preview_file(id_of(row), client=client)


def _paths_of(rows: List[Any], folder: Path, name: Naming) -> List[Path]:
    """Return the paths of the files of rows.

    Raises:
        ValueError: two rows have the same, or one has none.
    """
    paths: Dict[str, Any] = {}
    for row in rows:
        file_name = _file_name(row, name or DEFAULT_NAME)
        key = composed(file_name).casefold()  # one file to Windows and macOS
        if key in paths:
            raise ValueError(f"name: {file_name!r:.200} is the file of two rows, the second is {row['id']}")
        paths[key] = folder / file_name
    return list(paths.values())


def _file_name(row: Mapping[str, Any], name: Naming) -> str:
    if isinstance(name, str):
        try:
            found: Any = name.format_map({**row, "extension": row.get("extension") or "bin"})
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            what = f"there is no field {error}" if isinstance(error, KeyError) else error
            fields = ", ".join(sorted(row))
            raise ValueError(f"name: {name!r:.200} does not fit row {row['id']}: {what} (it has: {fields})") from None
    else:
        found = name(row) if callable(name) else None
    safe = portable_name(found) if isinstance(found, str) else ""
    if not safe:
        raise ValueError(f"name: expected the name of a file for row {row['id']}, got {found!r:.200}")
    return safe


def _download(function: Callable[..., Any], row: Any, path: Path, **options: Any) -> Path:
    function(row, path, **options)
    return path


def _fail(error: Exception, **options: Any) -> None:
    raise error


# -- uploads ---------------------------------------------------------------------
def upload_all(items: Iterable[Any], progress: "Optional[Progress]", workers: int, client: Any) -> List[Outcome]:
    """Upload previews, those of one task one after the other, and return outcomes with the preview files."""
    return transfer_all(
        [_upload_of(number, item) for number, item in enumerate(_list_of("items", items))], progress, workers, client
    )


def _upload_of(number: int, item: Any) -> Transfer:
    """Return an item as a transfer.

    Raises:
        TypeError: it is not what `files.upload_many` accepts.
    """
    if isinstance(item, Mapping):
        _check_arguments(number, item)
        return Transfer(item, _publish, (), item, _size_of(item.get("preview_file_path")), id_of(item["task"]))
    row, path, kind = _parts_of(number, item)
    if kind == "Task":
        arguments = {"task": row, "task_status": row["task_status_id"], "preview_file_path": path}
        return Transfer(item, _publish, (), arguments, _size_of(path), id_of(row))
    if kind == "Comment":
        arguments = {"task": row["object_id"], "comment": row, "preview_file_path": path}
        return Transfer(item, task.add_preview, (), arguments, _size_of(path), id_of(row["object_id"]))
    return Transfer(item, task.upload_preview_file, (row, path), {}, _size_of(path))


def _check_arguments(number: int, arguments: Mapping[str, Any]) -> None:
    for name in {"client", "progress_callback"} & set(arguments):
        raise TypeError(f"items[{number}]: {name} is an argument of upload_many, for all items")
    try:
        inspect.signature(task.publish_preview).bind(**arguments)
    except TypeError as error:
        raise TypeError(f"items[{number}]: {error} of publish_preview: expected its arguments by their names") from None


def _parts_of(number: int, item: Any) -> Tuple[Any, StrPath, str]:
    """Return the record, the path and the type of the record of an upload."""
    if not isinstance(item, (tuple, list)) or len(item) != 2 or not isinstance(item[1], PATH_TYPES):
        raise TypeError(f"items[{number}]: expected (record, path) or arguments of publish_preview, got {item!r:.200}")
    row, path = item
    kind = row.get("type") if isinstance(row, Mapping) else None
    if kind not in _FIELDS or not row.get(_FIELDS[kind]):
        raise TypeError(
            f"items[{number}]: expected the record of a task, a comment or a preview file, got {row!r:.200}"
            " (an id does not say of what it is)"
        )
    return row, path, kind


def _size_of(path: Any) -> int:
    try:
        return os.path.getsize(path)
    except (OSError, TypeError, ValueError):  # the upload says what is wrong
        return 0


def _publish(**arguments: Any) -> Any:
    _, preview = task.publish_preview(**arguments)
    return preview
