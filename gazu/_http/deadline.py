"""The deadline of a call, with all its attempts and waits, and that of a block of calls."""

from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import TYPE_CHECKING, Any, Iterator, Optional, Tuple, Type

from ..exception import TransportException
from .base_client import check_deadline
from .messages import Request
from .protocol import Send

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

#: When the block ends that this thread, or task, is in; and how many seconds it has in all.
_block: ContextVar[Optional[Tuple[float, float]]] = ContextVar("gazu_deadline", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Have all calls of a block end within so many seconds, in the sum: a context manager.

        with gazu.deadline(120):
            gazu.task.publish_preview(task, wip, "v3", preview_file_path=path)

    It holds for each request, with its attempts and waits, for transfers, and for the threads that functions of gazu
    start; with `gazu.aio`, too (`with`, not `async with`). A block within another one, and the deadline of a client,
    can only be earlier. Background jobs, executors of your own and the event stream are not bound by it.

    Raises:
        DeadlinePassed: by what is called, when the time has run out. What was sent by then may have been done: for
            calls that publish, the error says what exists.
        ValueError: *seconds* is not a number above 0.
    """
    until, outer = monotonic() + check_deadline("seconds", seconds), _block.get()
    token = _block.set((until, seconds) if outer is None or until < outer[0] else outer)
    try:
        yield
    finally:
        _block.reset(token)


def shortened(seconds: float) -> float:
    """Return how long to wait: no longer than the block lasts."""
    block = _block.get()
    return seconds if block is None else max(0.0, min(seconds, block[0] - monotonic()))


def new_thread_pool(workers: int) -> "ThreadPoolExecutor":
    """Return an executor whose threads are in the block of this one."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(workers, "gazu", _block.set, (_block.get(),))


class Deadline:
    """When a call has to end; as a context, it turns what happens after that into an error that says so."""

    def __init__(self, seconds: float, kind: Type[TransportException], until: Optional[float] = None) -> None:
        self._kind, self._seconds = kind, seconds
        self.until = monotonic() + seconds if until is None else until
        self._request: Optional[Request] = None
        self._has_sent = False

    def left(self, step: Any) -> float:
        """Return the seconds left for *step*.

        Raises:
            DeadlinePassed: no time is left, or the step is a wait that takes longer.
        """
        self._request = getattr(step, "request", self._request)
        left = self.until - monotonic()
        if left <= getattr(step, "seconds", 0):
            raise self.error()
        self._has_sent = self._has_sent or isinstance(step, Send)
        return left

    def is_over(self) -> bool:
        """Return whether the time has run out; timers may be early by their resolution."""
        return monotonic() >= self.until - 0.01

    def error(self) -> TransportException:
        """Return the error that says that the time has run out."""
        method, path = (self._request.method, self._request.path) if self._request else ("", "")
        error = self._kind(f"{method} {path}: the call has not ended by its deadline, after {self._seconds:.3g} s")
        error.method, error.path, error.sent = method, path, self._has_sent
        return error

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if isinstance(error, TransportException) and self.is_over():
            raise self.error() from error


def next_deadline(seconds: Optional[float], kind: Type[TransportException]) -> Optional[Deadline]:
    """Return the deadline of a call that may take so many *seconds*, or that of the block if it is earlier."""
    own, block = None if seconds is None else Deadline(seconds, kind), _block.get()
    if block is None or (own is not None and own.until < block[0]):
        return own
    return Deadline(block[1], kind, block[0])
