"""Tells whether an answer is what the declared type of a function says."""

import typing
from typing import Any, Iterator, List, Union


def problems(value: Any, declared: Any, where: str = "answer") -> List[str]:
    """Return what is wrong with *value*, in words; nothing if it is of the type *declared*.

    Of a dict that a TypedDict describes, keys that it does not know are wrong too.
    """
    return list(_problems(value, declared, where))


def is_shaped(value: Any, declared: Any) -> bool:
    """Return whether *value* is of the type *declared*, where rows may have any keys."""
    origin, parameters = typing.get_origin(declared), typing.get_args(declared)
    if hasattr(declared, "__required_keys__"):
        return isinstance(value, dict)
    if origin is Union:
        return any(is_shaped(value, one) for one in parameters)
    if origin is list:
        return isinstance(value, list) and all(is_shaped(item, parameters[0]) for item in value)
    if origin is dict:
        return isinstance(value, dict) and all(is_shaped(item, parameters[1]) for item in value.values())
    return not problems(value, declared)


def _problems(value: Any, declared: Any, where: str) -> Iterator[str]:
    origin, parameters = typing.get_origin(declared), typing.get_args(declared)
    if declared is Any or isinstance(declared, (str, typing.TypeVar, typing.ForwardRef)):
        return
    if origin is Union:
        found = [problems(value, one, where) for one in parameters]
        if all(found):  # the mismatch that comes closest says most
            yield from max(found, key=lambda words: max(len(word.split(":")[0]) for word in words))
    elif origin in (list, tuple) and not (origin is tuple and parameters[-1] is not Ellipsis):
        if not isinstance(value, origin):
            yield f"{where}: {type(value).__name__} instead of {origin.__name__}"
            return
        for number, item in enumerate(value):
            yield from _problems(item, parameters[0], f"{where}[{number}]")
    elif origin is tuple:
        if not isinstance(value, tuple) or len(value) != len(parameters):
            yield f"{where}: {value!r:.80} instead of a tuple of {len(parameters)}"
            return
        for number, (item, one) in enumerate(zip(value, parameters)):
            yield from _problems(item, one, f"{where}[{number}]")
    elif origin is dict:
        if not isinstance(value, dict):
            yield f"{where}: {type(value).__name__} instead of dict"
            return
        for key, item in value.items():
            yield from _problems(key, parameters[0], f"{where} key {key!r}")
            yield from _problems(item, parameters[1], f"{where}[{key!r}]")
    elif hasattr(declared, "__required_keys__"):
        yield from _problems_of_row(value, declared, where)
    elif declared is float:
        if type(value) not in (int, float):
            yield f"{where}: {value!r:.80} instead of float"
    elif declared in (None, type(None)):
        if value is not None:
            yield f"{where}: {value!r:.80} instead of None"
    elif isinstance(declared, type) and (
        not isinstance(value, declared) or (declared is int and isinstance(value, bool))
    ):
        yield f"{where}: {value!r:.80} instead of {declared.__name__}"


def _problems_of_row(value: Any, declared: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {type(value).__name__} instead of {declared.__name__}"
        return
    types = typing.get_type_hints(declared)
    for key in sorted(declared.__required_keys__ - value.keys()):
        yield f"{where}: {declared.__name__} without {key!r}"
    for key, item in value.items():
        if key in types:
            yield from _problems(item, types[key], f"{where}[{key!r}]")
        else:
            yield f"{where}: {declared.__name__} does not declare {key!r} ({item!r:.60})"
