"""A call on a thread of its own, for programs with a window: start it, poll it, cancel it.

job = gazu.background.start(gazu.task.publish_preview, task, status, preview_file_path=path, progress_callback=show)
if job.poll():  # in a timer of the window: QTimer, bpy.app.timers, ... This is what calls show(done, total)
    finished(job.error or job.result())
"""

import atexit
import inspect
import logging
import os
import threading
from concurrent import futures
from typing import TYPE_CHECKING, Any, Callable, Generic, List, Mapping, Optional, Set, Tuple, TypeVar

from .exception import CancelledException

T = TypeVar("T")
#: Time that calls have to end when the program ends.
GRACE_SECONDS = 5.0
#: Longest wait that Ctrl-C cannot interrupt on Windows.
STEP_SECONDS = 0.5

logger: logging.Logger = logging.getLogger("gazu")
_running: Set["Job[Any]"] = set()

if TYPE_CHECKING:
    Future = futures.Future
else:

    class Future(futures.Future, Generic[T]):
        """A future with the type of its result, which Python has from 3.9 on."""


class Job(Future[T]):
    """A call that runs: a `concurrent.futures.Future`, usable with its `wait` and `as_completed`, and with asyncio.

    Attributes:
        progress: (done, total) as the call reported it last: bytes, or what else its function counts.
    """

    def __init__(self, name: str, show: Optional[Callable[[int, int], Any]]) -> None:
        super().__init__()
        self.name: str = name
        self.progress: Tuple[int, int] = (0, 0)
        self._show, self._shown, self._cancel = show, self.progress, False

    def __repr__(self) -> str:
        """Show the state, and no argument: a password may be among them."""
        ended = "cancelled" if self.cancelled() else "failed" if self.error else "done"
        return f"<Job {self.name}: {ended if self.done() else 'running'}, {self.progress[0]} of {self.progress[1]}>"

    def poll(self) -> bool:
        """Return whether the call has ended, after showing new progress.

        What the *progress_callback* raises cancels the call.
        """
        ended = self.done()  # first, or the last progress might be missed
        if self._show is not None and self.progress != self._shown:
            show, self._shown = self._show, self.progress
            try:
                show(*self._shown)
            except BaseException:
                self._show = None  # of a window that is closed, for example
                self.cancel()
                raise
        return ended

    def result(self, timeout: Optional[float] = None) -> T:
        """Return what the call returns, or raise what it raises, once it has ended; as that of any future."""
        self._wait(timeout)
        try:
            return super().result(timeout)
        finally:
            del self  # which would hold the error that holds this frame

    def exception(self, timeout: Optional[float] = None) -> Optional[BaseException]:
        """Return what the call raises, or None, once it has ended; as that of any future."""
        self._wait(timeout)
        return super().exception(timeout)

    def _wait(self, timeout: Optional[float]) -> None:
        """Wait without a limit, in steps: on Windows, Ctrl-C does not interrupt a longer one."""
        while timeout is None and not self.done():
            futures.wait([self], STEP_SECONDS)

    @property
    def error(self) -> Optional[BaseException]:
        """What the call raised, with the traceback; None while it runs, and if it succeeded."""
        return self.exception() if self.done() else None

    def cancel(self) -> bool:
        """Ask the call to end: at once if it has not begun, else when it reports progress the next time.

        If all is sent by then, or its function reports no progress, it goes on: `cancelled` says how it ended.
        Return False if it has ended already.
        """
        self._cancel = True
        return not self.done()

    def cancelled(self) -> bool:
        """Return whether the call ended because of `cancel`; its `error` carries what was created before."""
        return isinstance(self.error, CancelledException)

    def _report(self, done: int, total: int) -> None:
        self.progress = (done, total)
        if self._cancel and not 0 < total <= done:  # what is complete cannot be taken back
            raise CancelledException(f"{self.name} was cancelled")

    def _run(self, call: Callable[..., T], args: Tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        self.set_running_or_notify_cancel()
        try:
            if self._cancel:
                raise CancelledException(f"{self.name} was cancelled before it began")
            result = call(*args, **kwargs)
        except BaseException as error:
            self.set_exception(error)
        else:
            self.set_result(result)
        del self, call, args, kwargs  # this frame lives on in the traceback of the error


def start(call: Callable[..., T], *args: Any, **kwargs: Any) -> "Job[T]":
    """Call a function on a thread of its own, with the arguments that it takes.

    Its *progress_callback*, given by name or bound with `functools.partial`, is called by `Job.poll`, in the thread
    that polls. When the program ends, calls that run are cancelled, and have `GRACE_SECONDS` to end.

    Args:
        call: the function.
        args: its arguments, as are *kwargs*.
    """
    try:
        parameter = inspect.signature(call).parameters.get("progress_callback")
    except (TypeError, ValueError):  # a callable without a signature
        parameter = None
    show = (
        None if parameter is None or parameter.default is parameter.empty else parameter.default
    )  # bound with partial
    job: Job[T] = Job(getattr(call, "__name__", type(call).__name__), kwargs.get("progress_callback", show))
    if parameter is not None:
        kwargs["progress_callback"] = job._report
    _running.add(job)
    job.add_done_callback(_running.discard)
    # A daemon: no program is to wait for an hour's upload when its window is closed. See stop.
    threading.Thread(target=job._run, args=(call, args, kwargs), name="gazu", daemon=True).start()
    return job


def wait_interruptibly(wait: Callable[[], Any]) -> None:
    """Call *wait*, a function that waits without a limit, in a way that Ctrl-C interrupts on Windows too."""
    if os.name != "nt":
        wait()
        return
    job: Job[Any] = Job("wait", None)
    threading.Thread(target=job._run, args=(wait, (), {}), name="gazu", daemon=True).start()
    job.result()


def stop(grace: Optional[float] = None) -> List["Job[Any]"]:
    """Cancel the calls that run, and wait until they have ended.

    Python calls it at its end (`atexit`). In a program that ends without that, such as Krita, call it when the program
    is closed; several hooks may call it.

    Args:
        grace: seconds that they have to leave nothing half-written; by default `GRACE_SECONDS`.

    Returns:
        The jobs that still run.
    """
    jobs = list(_running)
    for job in jobs:
        job.cancel()
    _, running = futures.wait(jobs, GRACE_SECONDS if grace is None else grace)
    for job in jobs:
        if job in running:
            logger.warning("the program ended before its call did: %r", job)
        elif job.error is not None:
            logger.warning("cancelled as the program ended: %r", job)
    return [job for job in jobs if job in running]


atexit.register(stop)
