"""One function, many times: so many at once, the outcomes in their order."""

import inspect
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from ..models import Outcome
from .multipart import Progress

#: More at once would be more than the connections that a session keeps.
MOST = 64


def call_all(
    function: Callable[..., Any],
    items: Iterable[Sequence[Any]],
    workers: int,
    progress: Optional[Progress],
    executor: Optional[Executor],
    client: Any,
) -> List[Outcome]:
    """Call *function* with each of *items* on the threads, or processes, of *executor*; see `files.transfer_many`."""
    calls = list(items)
    for number, item in enumerate(calls):
        if not isinstance(item, (tuple, list)):
            raise TypeError(f"item {number} is no tuple of arguments for {function!r}: {item!r:.200}")
    if workers < 1:
        raise ValueError(f"workers: at least one is needed, not {workers}")
    if executor is None:
        with ThreadPoolExecutor(min(workers, MOST), "gazu") as own:
            return _call_all(function, calls, min(workers, MOST), progress, own, client)
    return _call_all(function, calls, min(workers, MOST), progress, executor, client)


def _call_all(
    function: Callable[..., Any],
    items: List[Sequence[Any]],
    workers: int,
    progress: Optional[Progress],
    executor: Executor,
    client: Any,
) -> List[Outcome]:
    names = list(inspect.signature(function).parameters)
    place = names.index("client") if "client" in names else -1
    outcomes: Dict[int, Outcome] = {}
    for number, item, future in as_done(function, items, workers, executor, place, client):
        error: Any = future.exception()
        outcomes[number] = Outcome(tuple(item), None if error else future.result(), error)
        if progress is not None:
            progress(len(outcomes), len(items))
    return [outcomes[number] for number in range(len(items))]


def as_done(
    function: Callable[..., Any],
    items: Iterable[Sequence[Any]],
    workers: int,
    executor: Executor,
    place: int = -1,
    client: Any = None,
) -> Iterator[Tuple[int, Sequence[Any], "Future[Any]"]]:
    """Yield each of *items* with its number and its future, as they are done; *items* may be without end.

    Args:
        place: where the client stands among the arguments, which is added to items that end before it.
    """
    coming = iter(enumerate(items))
    running: Dict["Future[Any]", Tuple[int, Sequence[Any]]] = {}

    def begin() -> None:
        """Hand over no more than can begin, so that whatever ends this finds nothing in a queue."""
        for number, item in islice(coming, workers - len(running)):
            keywords = {"client": client} if len(item) <= place else {}
            running[executor.submit(function, *item, **keywords)] = number, item

    try:
        begin()
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                number, item = running.pop(future)
                error = future.exception()
                if error is not None and not isinstance(error, Exception):  # an interrupt, which is nobody's outcome
                    raise error
                begin()
                yield number, item, future
                del future  # with its result
    finally:  # what has begun may be in the middle of a file
        for future in running:
            future.cancel()
        wait(running)
