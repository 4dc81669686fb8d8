"""A call on a thread of its own, for programs with a window: start it, poll it, cancel it.

job = gazu.background.start(gazu.task.publish_preview, task, status, preview_file_path=path, progress_callback=show)
if job.poll():  # in a timer of the window: QTimer, bpy.app.timers, ... This is what calls show(done, total)
    finished(job.error or job.result())
"""

import atexit
import inspect
import logging
import threading
import time
from typing import Any, Callable, Generic, Mapping, Optional, Set, Tuple, TypeVar

from .exception import CancelledException

T = TypeVar("T")
#: Seconds that a program waits at its end for the calls which are cancelled then.
GRACE = 5.0

logger = logging.getLogger("gazu")
_running: Set["Job[Any]"] = set()


class Job(Generic[T]):
    """A call that runs. Its methods return at once, but for `result`.

    Attributes:
        progress: (done, total) as the call told it last: bytes, or what else its function counts.
        error: what the call raised, with the traceback; None while it runs, and when it went well.
    """

    def __init__(self, name: str, show: Optional[Callable[[int, int], Any]]) -> None:
        self.name, self.progress = name, (0, 0)
        self.error: Optional[BaseException] = None
        self._show, self._shown, self._cancel, self._ended = show, self.progress, False, threading.Event()

    def __repr__(self) -> str:
        """Show how it stands, and no argument: among them may be a password."""
        ended = "cancelled" if self.cancelled() else "failed" if self.error else "done"
        return f"<Job {self.name}: {ended if self.done() else 'running'}, {self.progress[0]} of {self.progress[1]}>"

    def poll(self) -> bool:
        """Return whether the call has ended, after showing new progress.

        What the *progress_callback* raises cancels the call.
        """
        ended = self.done()  # asked first, or the last of the progress might be missed
        if self._show is not None and self.progress != self._shown:
            show, self._shown = self._show, self.progress
            try:
                show(*self._shown)
            except BaseException:
                self._show = None  # of a window that is gone, say
                self.cancel()
                raise
        return ended

    def done(self) -> bool:
        """Return whether the call has ended: well, with an error, or cancelled."""
        return self._ended.is_set()

    def cancel(self) -> None:
        """Ask the call to end: at once if it has not begun, else where it tells its progress the next time.

        If all is sent by then, or its function tells no progress, it goes on. `cancelled` knows how it ended.
        """
        self._cancel = True

    def cancelled(self) -> bool:
        """Return whether the call ended because of `cancel`; its `error` carries what was made before."""
        return isinstance(self.error, CancelledException)

    def result(self, timeout: Optional[float] = None) -> T:
        """Wait for what the call returns or raises: a TimeoutError if it still runs after *timeout* seconds."""
        if not self._ended.wait(timeout):
            raise TimeoutError(f"{self.name} still runs after {timeout} s")
        if self.error is not None:
            raise self.error
        return self._result

    def _note(self, done: int, total: int) -> None:
        self.progress = (done, total)
        if self._cancel and not 0 < total <= done:  # what is all there cannot be taken back
            raise CancelledException(f"{self.name} was cancelled")

    def _run(self, call: Callable[..., T], args: Tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        try:
            if self._cancel:
                raise CancelledException(f"{self.name} was cancelled before it began")
            self._result = call(*args, **kwargs)
        except BaseException as error:
            self.error = error
        _running.discard(self)
        self._ended.set()
        del self, call, args, kwargs  # this frame lives on in the traceback of the error


def start(call: Callable[..., T], *args: Any, **kwargs: Any) -> "Job[T]":
    """Call a function on a thread of its own, with the arguments that it takes.

    Its *progress_callback*, given by name or bound with `functools.partial`, is called by `Job.poll`, in the thread
    that polls. When the program ends, what runs is cancelled, and gets `GRACE` seconds to end.
    """
    try:
        told = inspect.signature(call).parameters.get("progress_callback")
    except (TypeError, ValueError):  # of a function that cannot say what it takes
        told = None
    show = None if told is None or told.default is told.empty else told.default  # bound with partial
    job: Job[T] = Job(getattr(call, "__name__", type(call).__name__), kwargs.get("progress_callback", show))
    if told is not None:
        kwargs["progress_callback"] = job._note
    _running.add(job)
    # A daemon: no program is to wait for an hour's upload when its window is closed. See _stop.
    threading.Thread(target=job._run, args=(call, args, kwargs), name="gazu", daemon=True).start()
    return job


@atexit.register
def _stop() -> None:
    """Cancel what runs as Python ends, with time to leave nothing half-written; and say so."""
    jobs, deadline = list(_running), time.monotonic() + GRACE
    for job in jobs:
        job.cancel()
    for job in jobs:
        job._ended.wait(max(0.0, deadline - time.monotonic()))
        logger.warning("the program ended before its call did: %r", job)
