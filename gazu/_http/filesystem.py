"""What file systems do differently: Windows refuses to replace a file that is open, and long paths."""

import errno
import os
import time
from contextlib import contextmanager, suppress
from typing import Any, Iterator, Optional

from ..exception import FileInUseException

#: Seconds between attempts to replace a file that another program has open: 2 in all.
RENAME_WAITS_SECONDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7)
#: Longest path that programs of Windows take without a prefix.
LONGEST_PATH = 259


def replace_in_steps(source: str, target: str) -> Iterator[float]:
    """Rename *source* to *target*; yield the seconds to wait before the next attempt.

    On Windows and its network drives, a viewer or an antivirus that reads one of them has the rename refused.
    """
    for seconds in (*RENAME_WAITS_SECONDS, None):
        try:
            return os.replace(source, target)
        except PermissionError as error:
            if seconds is None or error.errno == errno.EPERM:  # of POSIX, which says it for good
                raise
        yield seconds


def overwrite(source: str, target: str, shown: str, keep: bool) -> None:
    """Copy *source* into *target*, which another program has open, or which is not a file that can be replaced.

    Args:
        shown: the target, as errors name it.
        keep: whether *source* is kept if that fails.

    Raises:
        FileInUseException: the other program lets nobody write.
    """
    import shutil

    is_new = not os.path.exists(target)
    try:
        with open(source, "rb") as content, open(target, "wb") as file:
            shutil.copyfileobj(content, file)
    except OSError as error:
        if is_new:
            remove(target)
        kept = f"; the new file is {source}" if keep else ""
        if not isinstance(error, PermissionError) and error.errno != errno.EINVAL:  # of files that are mapped
            raise OSError(error.errno, f"{error.strerror}, while writing{kept}", shown) from error
        in_use = FileInUseException(f"{shown} is open in another program{kept}")
        in_use.kept_path = source if keep else None
        raise in_use from error


def replace(source: str, target: str) -> None:
    """Rename *source* to *target*, or copy it where another program has that open.

    Raises:
        FileInUseException: the other program lets nobody write.
    """
    try:
        for seconds in replace_in_steps(source, target):
            time.sleep(seconds)
    except PermissionError:
        overwrite(source, target, target, keep=False)
        remove(source)


def remove(path: Any) -> None:
    """Remove a file if that is possible: a failure here must not hide an earlier one."""
    with suppress(OSError):
        os.unlink(path)


@contextmanager
def temporary_folder(folder: Optional[Any] = None) -> Iterator[str]:
    """Make a temporary folder, in *folder* if given, and remove it afterwards as far as that is possible.

    Where another program reads a file in it, Windows refuses, and `tempfile.TemporaryDirectory` would make an error
    of work that is done.
    """
    import shutil
    import tempfile

    path = tempfile.mkdtemp(prefix="gazu", dir=folder)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def long_path(path: str) -> str:
    r"""Return *path*, with `\\?\` in front if Windows takes it in no other form."""
    absolute = os.path.abspath(path) if os.name == "nt" else ""
    if len(absolute) <= LONGEST_PATH or absolute.startswith(("\\\\?\\", "\\\\.\\")):
        return path
    return f"\\\\?\\UNC\\{absolute[2:]}" if absolute.startswith("\\\\") else f"\\\\?\\{absolute}"


def real_path(path: str) -> str:
    """Return the absolute path of a file, or of that behind a link.

    On Windows only links are followed: there a path gets longer where a drive is a share, and some volumes refuse.
    """
    found = os.path.abspath(path)
    if os.name != "nt" or os.path.islink(long_path(found)):
        with suppress(OSError):
            found = os.path.realpath(found)
    return long_path(found)
