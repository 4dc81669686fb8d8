"""Calls written for earlier releases keep working; everything they need is here.

Names that upstream's modules import, such as `gazu.client.requests`, are found by `find_imported`.

Functions show the signature of today. `older_calls` makes one accept the argument
orders and names of earlier releases as well, `deprecated` marks a function that is
only kept for scripts that still call it. Both warn, once for each line of the
caller's code, with a DeprecationWarning, and never refuse the call.
"""

import functools
import importlib
import sys
import warnings
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional, Tuple, TypeVar

from .names import nearest

#: Names that upstream's modules have only because they import them, and where they are.
_IMPORTED_IN_UPSTREAM = {
    "CustomJSONEncoder": ".encoder",
    "normalize_model_parameter": ".helpers",
    "normalize_list_of_models_for_links": ".helpers",
    "validate_date_format": ".helpers",
    "sanitize_filename": ".helpers",
    "DownloadFileException": ".exception",
    "MethodNotAllowedException": ".exception",
    "NotAllowedException": ".exception",
    "ParameterException": ".exception",
    "PreviewFileProcessingException": ".exception",
    "RouteNotFoundException": ".exception",
    "ServerErrorException": ".exception",
    "TooBigFileException": ".exception",
    "UploadFailedException": ".exception",
    "ValidationException": ".exception",
    "get_message_from_data": ".client",
    # Nobody imports these; pages of upstream's documentation call `gazu.client.log_in`.
    "log_in": ".",
    "log_out": ".",
    "json": "", "os": "", "requests": "", "shutil": "", "tempfile": "", "time": "",
}  # fmt: skip

#: The modules with functions that are looked for in the wrong one.
_DOMAINS = ("asset", "casting", "edit", "files", "person", "playlist", "project", "scene", "shot", "task", "user")

F = TypeVar("F", bound=Callable[..., Any])
Test = Callable[[Any], bool]

if TYPE_CHECKING:  # PEP 702: editors strike the name through, checkers report its use
    from typing_extensions import deprecated as deprecated
else:

    def deprecated(message):
        """Decorate a function that only older scripts call; the first such call loads the package `deprecated`."""

        def decorate(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                return _warning(function, message)(*args, **kwargs)

            wrapper.__deprecated__ = message  # as PEP 702 has it
            return wrapper

        return decorate

    @functools.lru_cache(maxsize=None)
    def _warning(function, message):
        """Return *function* with a warning, which points at the caller of the caller of what is returned."""
        try:
            from deprecated import deprecated
        except ImportError:  # a vendored copy without it
            return _plain_warning(function, message)
        return deprecated(reason=message, extra_stacklevel=1)(function)

    def _plain_warning(function, message):
        def wrapper(*args, **kwargs):
            text = f"Call to deprecated function {function.__name__}. ({message})"
            warnings.warn(text, DeprecationWarning, stacklevel=3)
            return function(*args, **kwargs)

        return wrapper


def find_imported(module: str) -> Callable[[str], Any]:
    """Return a `__getattr__` for *module*: it finds what scripts know of upstream's module of this name.

    Its `__all__` are its functions.
    """

    def find(name: str) -> Any:
        place = _IMPORTED_IN_UPSTREAM.get(name)
        if name == "__all__":
            return _functions_of(module)
        if place is None:
            raise AttributeError(f"module {module!r} has no attribute {name!r}{_nearest_function(name, module)}")
        found = importlib.import_module(place, __package__) if place else importlib.import_module(name)
        return getattr(found, name) if place else found

    return find


def list_functions(module: str) -> Callable[[], List[str]]:
    """Return a `__dir__` for *module*, which editors complete from: its functions, and nothing that it imports."""
    return lambda: [*(name for name in vars(sys.modules[module]) if name.startswith("__")), *_functions_of(module)]


def _nearest_function(name: str, module: str) -> str:
    """Return ": did you mean ...?" with the function of *module*, or else of another one, whose name is nearest."""
    if name.startswith("_"):
        return ""
    places = {one: one for one in _functions_of(module)}
    for domain in _DOMAINS:
        found = importlib.import_module(f".{domain}", __package__).__name__
        places = {**{one: f"{found}.{one}" for one in _functions_of(found)}, **places}
    return nearest(name, places, places)


def _functions_of(module: str) -> List[str]:
    """Return the names of the public functions and classes that a module has itself."""
    own = vars(sys.modules[module]).items()
    return sorted(name for name, value in own if name[0] != "_" and getattr(value, "__module__", "") == module)


def older_calls(
    until: str = "",
    renamed: Optional[Mapping[str, str]] = None,
    inserted_at: Optional[Mapping[int, Test]] = None,
    optional_first: str = "",
) -> Callable[[F], F]:
    """Decorate a function to accept the calls of earlier releases too.

    A client among the positional arguments is used as `client` wherever it stands:
    it used to be the last parameter, and others came to stand before it.

    Args:
        until: the last release with the older call, for the warning; empty for calls that
            today's upstream still accepts.
        renamed: older names of keywords, and the names of today.
        inserted_at: positions at which a parameter was inserted, each with a test that
            returns whether a value there belongs to the parameter after it.
        optional_first: the last parameter, which some releases have as the first one, and
            others not at all. Both orders are accepted, without a warning.
    """

    def decorate(function: F) -> F:
        plain: Any = getattr(function, "__wrapped__", function)
        names = plain.__code__.co_varnames[: plain.__code__.co_argcount]
        required = len(names) - len(plain.__defaults__ or ())
        text = f"{function.__module__}.{function.__name__} is called as in gazu {until} or earlier: "
        text += f"its parameters are now {', '.join(names)}"

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if optional_first:
                args, kwargs = _move_first_to_keyword(args, kwargs, optional_first, names, required)
            values, keywords = _reorder(args, kwargs, names, renamed or {}, inserted_at or {})
            if until and (values is not args or keywords is not kwargs):
                warnings.warn(text, DeprecationWarning, stacklevel=2)
            return function(*values, **keywords)

        return wrapper  # type: ignore[return-value]

    return decorate


Call = Tuple[Tuple[Any, ...], Dict[str, Any]]


def _reorder(
    args: Tuple[Any, ...],
    kwargs: Dict[str, Any],
    names: Tuple[str, ...],
    renamed: Mapping[str, str],
    inserted_at: Mapping[int, Test],
) -> Call:
    """Return the arguments in today's order; the very same objects if they are in it already."""
    if not renamed.keys().isdisjoint(kwargs):
        kwargs = {renamed.get(name, name): value for name, value in kwargs.items()}
    named = "client" in kwargs
    client_at = len(args) if named else next((i for i, value in enumerate(args) if _is_client(value)), len(args))
    expected_at = names.index("client")
    if client_at not in (len(args), expected_at):
        kwargs = {**kwargs, **dict(zip(names[expected_at:], args[client_at:]))}
        args = args[:client_at]
    for position, belongs_after in inserted_at.items():
        if len(args) > position and belongs_after(args[position]):
            kwargs = {**kwargs, **dict(zip(names[position + 1 :], args[position:]))}
            args = args[:position]
    return args, kwargs


def _move_first_to_keyword(
    args: Tuple[Any, ...], kwargs: Dict[str, Any], name: str, names: Tuple[str, ...], required: int
) -> Call:
    """Pass the first argument as the keyword *name* if it is the optional first one."""
    values = [value for value in args if not _is_client(value)]
    optional = names[required : names.index("client")]
    spare = len(values) + sum(one in kwargs for one in names[:required]) - required
    # With one value too many, a text in the second place is that of a reply, not a record: nothing is first.
    text = len(values) > 1 and isinstance(values[1], str) and not _looks_like_an_id(values[1])
    if values and name not in kwargs and (names[0] in kwargs or spare > (len(optional) if text else 0)):
        return args[1:], {**kwargs, name: args[0]}
    return args, kwargs


def _is_client(value: Any) -> bool:
    return hasattr(value, "tokens") and hasattr(value, "host")


def _looks_like_an_id(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4
