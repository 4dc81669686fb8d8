"""One function called many times: some at once, the outcomes in their order."""

import inspect
import pickle
import uuid
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from .cache import forget
from .models import Outcome

if TYPE_CHECKING:
    from ._http.multipart import Progress

#: A session keeps no more connections.
MAX_WORKERS = 64
#: Waits go in steps: on Windows, Ctrl-C does not interrupt one without a limit.
STEP_SECONDS = 0.5


def call_all(
    function: Callable[..., Any],
    items: Iterable[Sequence[Any]],
    workers: int,
    progress: "Optional[Progress]",
    executor: Optional[Executor],
    client: Any,
    on_done: Optional[Callable[[Outcome], Any]] = None,
) -> List[Outcome]:
    """Call *function* with each of *items* on the threads, or processes, of *executor*; see `files.transfer_many`.

    Args:
        on_done: called in this thread with each outcome as it comes; what it raises ends the work.
    """
    calls = list(items)
    for number, item in enumerate(calls):
        if not isinstance(item, (tuple, list)):
            raise TypeError(f"item {number} is not a tuple of arguments for {function!r}: {item!r:.200}")
    if workers < 1:
        raise ValueError(f"workers: at least one is needed, not {workers}")
    if executor is None:
        with ThreadPoolExecutor(min(workers, MAX_WORKERS), "gazu") as own:
            return _call_all(function, calls, min(workers, MAX_WORKERS), progress, own, client, on_done)
    try:
        return _call_all(function, calls, workers, progress, executor, client, on_done)
    finally:  # what another process has written, this one does not know of
        forget(client)


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


def _call(nonce: str, function: Callable[..., Any], item: Sequence[Any], shared: Optional[ClientHandle]) -> Any:
    """Call *function* within a worker. The *nonce* makes it unique: Dask makes one of equal calls."""
    return function(*item) if shared is None else function(*item, client=shared.client)


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


def _call_all(
    function: Callable[..., Any],
    items: List[Sequence[Any]],
    workers: int,
    progress: "Optional[Progress]",
    executor: Executor,
    client: Any,
    on_done: Optional[Callable[[Outcome], Any]],
) -> List[Outcome]:
    names = list(inspect.signature(function).parameters)
    place = names.index("client") if "client" in names else -1
    outcomes: Dict[int, Outcome] = {}
    for number, item, error, future in as_completed(function, items, workers, executor, place, client):
        outcomes[number] = Outcome(tuple(item), None if error else future.result(), error)
        if on_done is not None:
            on_done(outcomes[number])
        if progress is not None:
            progress(len(outcomes), len(items))
    return [outcomes[number] for number in range(len(items))]


def as_completed(
    function: Callable[..., Any],
    items: Iterable[Sequence[Any]],
    workers: int,
    executor: Executor,
    place: int = -1,
    client: Any = None,
) -> Iterator[Tuple[int, Sequence[Any], Optional[Exception], "Future[Any]"]]:
    """Yield each of *items* with its number, its error and its future, as they are done; there may be no end to them.

    Args:
        place: where the client stands among the arguments, which is added to items that end before it.
    """
    shared = ClientHandle(client)
    coming = iter(enumerate(items))
    running: Dict["Future[Any]", Tuple[int, Sequence[Any]]] = {}

    def begin() -> None:
        """Hand over no more than can begin, so that whatever ends this finds nothing in a queue."""
        for number, item in islice(coming, workers - len(running)):
            running[_submit(executor, function, item, shared if len(item) <= place else None)] = number, item

    try:
        begin()
        while running:
            for future in wait(running, STEP_SECONDS, FIRST_COMPLETED).done:
                number, item = running.pop(future)
                error = CancelledError() if future.cancelled() else future.exception()
                if error is not None and not isinstance(error, Exception):  # an interrupt, which is nobody's outcome
                    raise error
                begin()
                yield number, item, error, future
                del future  # with its result
    finally:  # what has begun may be in the middle of a file
        for future in running:
            future.cancel()
        while wait(running, STEP_SECONDS).not_done:
            pass
