"""Call one function many times, several calls at a time: with each of these arguments, on threads or processes.

outcomes = gazu.parallel.call_many(gazu.shot.update_shot, [(shot,) for shot in shots])
rows = [outcome.value() for outcome in outcomes]  # or what went wrong, as outcome.error
"""

import functools
import inspect
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, List, Mapping, Optional

from .client import KitsuClient
from .client import default_client as default
from .models import Outcome
from .workers import Call, run_all

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from ._http.multipart import Progress

__all__ = ["call_many"]

Parameters = Optional[Mapping[str, inspect.Parameter]]


def call_many(
    function: Optional[Callable[..., Any]],
    items: Iterable[Any],
    workers: int = 8,
    executor: Optional["Executor"] = None,
    on_done: Optional[Callable[[Outcome], Any]] = None,
    progress_callback: Optional["Progress"] = None,
    client: KitsuClient = default,
) -> List[Outcome]:
    """Call *function* once for each of *items*, several at a time.

    What goes wrong with one stops no other: it is the `error` of its outcome. When *on_done* or *progress_callback*
    raises, or Ctrl-C comes, the calls that have begun are finished, so that no file is left half-written, and no more
    begin.

    Args:
        function: any function, of this library or your own. The client is added where it has a parameter `client`
            that the item does not fill.
        items: the arguments of each call: a tuple or list of arguments in their order, a dict of arguments by their
            names, or a single argument (an id, a path, a record, which is a dict with an `id`). A `functools.partial`
            is called itself; where all are, *function* may be None.
        workers: calls at the same time; of own threads, 64 at most.
        executor: what to run them on instead of threads of their own: a `ProcessPoolExecutor`, or that of a
            `distributed.Client`, which may do an item twice when one of its workers dies.
        on_done: called in this thread with the outcome of each call as it ends.
        progress_callback: called in this thread with (calls that have ended, calls in all) after each.

    Returns:
        The outcomes, in the order of the items; where the workers are gone, `BrokenExecutor` is the error.

    Raises:
        TypeError: an item is not clear, such as a dict with an `id` for a function that has a parameter `id`, or a
            dict with a name that *function* has no parameter of; nothing is called.
    """
    listed = _list_of(items)
    if function is not None and not callable(function):
        raise TypeError(f"function: expected a function, got {function!r:.200}")
    parameters = function and _parameters_of(function)
    calls = [_call_of(function, parameters, number, item) for number, item in enumerate(listed)]
    outcomes: Dict[int, Outcome] = {}

    def collect(number: int, result: Any, error: Optional[Exception]) -> None:
        outcomes[number] = Outcome(listed[number], result, error)
        if on_done is not None:
            on_done(outcomes[number])
        if progress_callback is not None:
            progress_callback(len(outcomes), len(listed))

    run_all(calls, workers, executor, client, collect)
    return [outcomes[number] for number in range(len(listed))]


def _list_of(items: Iterable[Any]) -> List[Any]:
    if isinstance(items, (str, bytes, Mapping)) or not isinstance(items, Iterable):
        raise TypeError(f"items: expected a list with the arguments of each call, got {items!r:.200}")
    return list(items)


def _call_of(function: Optional[Callable[..., Any]], parameters: Parameters, number: int, item: Any) -> Call:
    """Return an item as a call.

    Raises:
        TypeError: it is not clear what to call, or with what.
    """
    if isinstance(item, functools.partial):
        return _with_client(Call(item), _parameters_of(item))
    if function is None:
        raise TypeError(f"item {number}: without a function, each item is a functools.partial, not {item!r:.200}")
    if isinstance(item, Outcome):
        raise TypeError(f"item {number} is an outcome: to call {_name_of(function)} again, pass outcome.item")
    if isinstance(item, (tuple, list)):
        return _with_client(Call(function, tuple(item)), parameters)
    if isinstance(item, Mapping) and not _is_record(function, parameters, number, item):
        return _with_client(Call(function, (), dict(item)), parameters)
    return _with_client(Call(function, (item,)), parameters)


def _is_record(function: Callable[..., Any], parameters: Parameters, number: int, item: Mapping[str, Any]) -> bool:
    """Return whether a dict is one argument, and not arguments by their names."""
    takes_any = parameters is None or any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    cure = "put a record into a tuple, (row,), and arguments into a functools.partial"
    if "id" in item:
        if takes_any or "id" in (parameters or ()):
            raise TypeError(f"item {number} may be a record, or have an argument `id` of {_name_of(function)}: {cure}")
        return True
    unknown = [name for name in item if not takes_any and name not in (parameters or ())]
    if unknown:
        raise TypeError(f"item {number}: {_name_of(function)} has no parameter {unknown[0]!r}: {cure}")
    return False


def _with_client(call: Call, parameters: Parameters) -> Call:
    names = list(parameters or ())
    bound = call.function.keywords if isinstance(call.function, functools.partial) else {}
    is_given = "client" in call.kwargs or "client" in bound
    missing = "client" in names and not is_given and names.index("client") >= len(call.args)
    return call._replace(takes_client=missing)


def _parameters_of(function: Callable[..., Any]) -> Parameters:
    """Return the parameters of a function, or None for one of C that does not tell them."""
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return None


def _name_of(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__name__", type(function).__name__))
