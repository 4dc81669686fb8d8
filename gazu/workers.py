"""Calls that run on threads or processes, several at a time; see `parallel.call_many`."""

import pickle
import uuid
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from functools import lru_cache
from itertools import islice
from typing import Any, Callable, Dict, Iterable, Iterator, Mapping, NamedTuple, Optional, Tuple

from ._http.deadline import new_thread_pool
from .cache import forget

#: A session keeps no more connections.
MAX_WORKERS = 64
#: Waits go in steps: on Windows, Ctrl-C does not interrupt one without a limit.
STEP_SECONDS = 0.5


class Call(NamedTuple):
    """A function with its arguments."""

    function: Callable[..., Any]
    args: Tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = {}
    #: The client is added as a keyword.
    takes_client: bool = False


class Watch:
    """What the calling thread does while calls run: `show` every few *seconds*, `stop` where they are to end early."""

    seconds: float = STEP_SECONDS

    def show(self) -> None:
        """Do something between the calls; what this raises ends them."""

    def stop(self) -> None:
        """Have the running calls end soon: nobody waits for their results."""


class ClientHandle:
    """A client on its way to workers: on threads it is the same one, and in a process one for all items.

    So the connections, and an access token that one item renewed, serve the next item too.
    It is not pickled for each item, and shows nothing of itself: executors log what they are given.
    """

    def __init__(self, client: Any) -> None:
        self.client = client
        self._pickled: Optional[bytes] = None

    def __reduce__(self) -> Tuple[Any, ...]:
        if self._pickled is None:
            self._pickled = pickle.dumps(self.client)
        return _received, (self._pickled,)

    def __repr__(self) -> str:
        return repr(self.client)


@lru_cache(maxsize=4)
def _received(pickled: bytes) -> ClientHandle:
    return ClientHandle(pickle.loads(pickled))


def _call(nonce: str, call: Call, shared: Optional[ClientHandle]) -> Any:
    """Run a call within a worker. The *nonce* makes it unique: Dask makes one of equal calls."""
    more = {} if shared is None else {"client": shared.client}
    return call.function(*call.args, **call.kwargs, **more)


def _submit(executor: Executor, *call: Any) -> "Future[Any]":
    """Hand a call over; where the workers are gone, that is the outcome of the call."""
    call = (_call, uuid.uuid4().hex, *call)
    # The executor has no public way to its client (distributed 2026.8).
    dask = getattr(executor, "_client", None) if type(executor).__module__.startswith("distributed.") else None
    try:
        return executor.submit(*call) if dask is None else _submit_to_dask(dask, executor, *call)
    except BrokenExecutor as error:
        future: "Future[Any]" = Future()
        future.set_exception(error)
        return future


def _submit_to_dask(dask: Any, executor: Any, *call: Any) -> "Future[Any]":
    """Hand a call over past Dask's executor, and get its outcome in any case.

    Dask does a call again when the worker that had its result is gone. If it fails the second time,
    the future of the executor never ends (distributed 2026.8): here, it does.
    """
    ours: "Future[Any]" = Future()
    ours.set_running_or_notify_cancel()  # Dask would not stop it, but forget it

    def done(theirs: Any) -> None:
        try:
            ours.set_result(theirs.result())
        except BaseException as error:
            ours.set_exception(error)

    # The options of `Client.get_executor`, which has no public name for them (distributed 2026.8).
    dask.submit(*call, **getattr(executor, "_kwargs", {})).add_done_callback(done)
    return ours


def run_all(
    calls: Iterable[Call],
    workers: int,
    executor: Optional[Executor],
    client: Any,
    on_done: Callable[[int, Any, Optional[Exception]], Any],
    watch: Optional[Watch] = None,
) -> None:
    """Run *calls* on the threads or processes of *executor*, or on threads of their own.

    Args:
        on_done: called in this thread with the number, the result and the error of each as it ends; what it raises
            ends the work.
    """
    if workers < 1:
        raise ValueError(f"workers: at least one is needed, not {workers}")
    if executor is None:
        with new_thread_pool(min(workers, MAX_WORKERS)) as own:
            _run_on(own, calls, min(workers, MAX_WORKERS), client, on_done, watch)
        return
    try:
        _run_on(executor, calls, workers, client, on_done, watch)
    finally:  # what another process has written, this one does not know of
        forget(client)


def _run_on(
    executor: Executor,
    calls: Iterable[Call],
    workers: int,
    client: Any,
    on_done: Callable[[int, Any, Optional[Exception]], Any],
    watch: Optional[Watch],
) -> None:
    for number, future in as_completed(calls, workers, executor, client, watch or Watch()):
        error = CancelledError() if future.cancelled() else future.exception()
        if error is not None and not isinstance(error, Exception):  # an interrupt, which is nobody's outcome
            raise error
        on_done(number, None if error else future.result(), error)
        del future, error  # with its result


def as_completed(
    calls: Iterable[Call], workers: int, executor: Executor, client: Any, watch: Watch
) -> Iterator[Tuple[int, "Future[Any]"]]:
    """Yield the number and the future of each of *calls* as it ends; there may be no end to them."""
    shared = ClientHandle(client)
    coming = iter(enumerate(calls))
    running: Dict["Future[Any]", int] = {}

    def begin() -> None:
        """Hand over no more than can begin, so that whatever ends this finds nothing in a queue."""
        for number, call in islice(coming, workers - len(running)):
            running[_submit(executor, call, shared if call.takes_client else None)] = number

    try:
        begin()
        while running:
            for future in wait(running, watch.seconds, FIRST_COMPLETED).done:
                number = running.pop(future)
                begin()
                yield number, future
                del future  # with its result
            watch.show()
    finally:  # what has begun may be in the middle of a file
        if running:
            watch.stop()
        for future in running:
            future.cancel()
        while wait(running, STEP_SECONDS).not_done:
            pass
