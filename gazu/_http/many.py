"""One function, many times: so many at once, the outcomes in their order."""

import inspect
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence

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
    coming = iter(enumerate(items))
    running: Dict["Future[Any]", int] = {}
    outcomes: Dict[int, Outcome] = {}

    def begin() -> None:
        """Hand over no more than can begin, so that whatever ends this finds nothing in a queue."""
        for number, item in islice(coming, workers - len(running)):
            keywords = {"client": client} if len(item) <= place else {}
            running[executor.submit(function, *item, **keywords)] = number

    try:
        begin()
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                number = running.pop(future)
                error = future.exception()
                if error is not None and not isinstance(error, Exception):  # an interrupt, which is nobody's outcome
                    raise error
                outcomes[number] = Outcome(tuple(items[number]), None if error else future.result(), error)
                begin()
                if progress is not None:
                    progress(len(outcomes), len(items))
    finally:  # what has begun may be in the middle of a file
        for future in running:
            future.cancel()
        wait(running)
    return [outcomes[number] for number in range(len(items))]
