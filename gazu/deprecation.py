"""How calls written for earlier releases stay legal: one place for all of them.

Functions show the signature of today. `older_calls` lets one take the argument
orders and names of earlier releases as well, `removed` marks a function that is
only kept for scripts that still call it. Both warn, once for each place in the
caller's code, with a DeprecationWarning, and never refuse.
"""

import functools
import warnings
from typing import Any, Callable, Dict, Mapping, Optional, Tuple, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
Test = Callable[[Any], bool]


def removed(since: str, instead: str) -> Callable[[F], F]:
    """Decorate a function that release *since* had no longer; *instead* says what to call.

    The decorated function gets the attributes `removed_since` and `instead`.
    """

    def decorate(function: F) -> F:
        text = f"{_name(function)} left gazu with release {since}: use {instead}"

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            warnings.warn(text, DeprecationWarning, stacklevel=2)
            return function(*args, **kwargs)

        wrapper.__dict__.update(removed_since=since, instead=instead)
        return wrapper  # type: ignore[return-value]

    return decorate


def older_calls(
    until: str = "",
    renamed: Optional[Mapping[str, str]] = None,
    gaps: Optional[Mapping[int, Test]] = None,
    leading: str = "",
) -> Callable[[F], F]:
    """Decorate a function to take the calls of earlier releases too.

    A client among the positional arguments is taken for `client` wherever it stands:
    it used to be the last one, and parameters came before it.

    Args:
        until: the last release with the older call, for the warning; there is none for what
            is still a call of today's upstream.
        renamed: older names of keywords, and the names of today.
        gaps: places at which a parameter came in, and how to tell from the value there
            that it was written before that, and is one for the next place.
        leading: the last parameter, which some releases have as the first one, and
            others not at all. Both stay legal, without a warning.
    """

    def decorate(function: F) -> F:
        plain: Any = getattr(function, "__wrapped__", function)
        names = plain.__code__.co_varnames[: plain.__code__.co_argcount]
        required = len(names) - len(plain.__defaults__ or ())
        text = f"{_name(function)} is called as until gazu {until}: its parameters are {', '.join(names)}"

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if leading:
                args, kwargs = _led(args, kwargs, leading, names, required)
            now, named = _in_todays_order(args, kwargs, names, renamed or {}, gaps or {})
            if until and (now is not args or named is not kwargs):
                warnings.warn(text, DeprecationWarning, stacklevel=2)
            return function(*now, **named)

        return wrapper  # type: ignore[return-value]

    return decorate


def _name(function: Any) -> str:
    return f"{function.__module__}.{function.__name__}"


Call = Tuple[Tuple[Any, ...], Dict[str, Any]]


def _in_todays_order(
    args: Tuple[Any, ...],
    kwargs: Dict[str, Any],
    names: Tuple[str, ...],
    renamed: Mapping[str, str],
    gaps: Mapping[int, Test],
) -> Call:
    """Return the arguments as the function takes them today; the very same objects if they are so already."""
    if not renamed.keys().isdisjoint(kwargs):
        kwargs = {renamed.get(name, name): value for name, value in kwargs.items()}
    place = next((i for i, value in enumerate(args) if _is_client(value)), len(args))
    ours = names.index("client")
    if place not in (len(args), ours):
        kwargs = {**kwargs, **dict(zip(names[ours:], args[place:]))}
        args = args[:place]
    for gap, is_of_next in gaps.items():
        if len(args) > gap and is_of_next(args[gap]):
            kwargs = {**kwargs, **dict(zip(names[gap + 1 :], args[gap:]))}
            args = args[:gap]
    return args, kwargs


def _led(args: Tuple[Any, ...], kwargs: Dict[str, Any], leading: str, names: Tuple[str, ...], required: int) -> Call:
    """Move the first argument to the end if it is the *leading* one."""
    values = [value for value in args if not _is_client(value)]
    optional = names[required : names.index("client")]
    spare = len(values) + sum(name in kwargs for name in names[:required]) - required
    # With one value too many, a text in the second place is that of a reply: no record, so nothing leads.
    text = len(values) > 1 and isinstance(values[1], str) and not _looks_like_an_id(values[1])
    if values and leading not in kwargs and (names[0] in kwargs or spare > (len(optional) if text else 0)):
        return args[1:], {**kwargs, leading: args[0]}
    return args, kwargs


def _is_client(value: Any) -> bool:
    return hasattr(value, "tokens") and hasattr(value, "host")


def _looks_like_an_id(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4
