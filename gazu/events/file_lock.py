"""A lock between processes and threads, which ends with the process that has it."""

import errno
import os
import time
from contextlib import contextmanager, suppress
from typing import Iterator

#: Between two attempts to get a lock.
LOCK_INTERVAL_SECONDS = 0.01


@contextmanager
def locked(path: str, wait: bool = True) -> Iterator[None]:
    """Hold the lock of this name, a file that exists only meanwhile.

    Args:
        wait: until nobody else has it.

    Raises:
        BlockingIOError: somebody else has it, and *wait* is False.
        OSError: the file cannot be made.
    """
    file = _acquire(path)
    while file < 0:
        if not wait:
            raise BlockingIOError(errno.EAGAIN, "in use by another process or thread", path)
        time.sleep(LOCK_INTERVAL_SECONDS)
        file = _acquire(path)
    try:
        yield
    finally:
        with suppress(OSError):  # Windows removes no file that is open: there it stays
            os.unlink(path)
        os.close(file)


def _acquire(path: str) -> int:
    """Return the locked file, or -1 if somebody else has it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(file)
        if os.path.samestat(os.fstat(file), os.stat(path)):
            return file
    except (BlockingIOError, PermissionError, FileNotFoundError):  # the last: who had it has removed it
        pass
    except BaseException:
        os.close(file)
        raise
    os.close(file)
    return -1


def _lock(file: int) -> None:
    try:
        import fcntl
    except ImportError:
        import msvcrt

        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
