"""Values that hide themselves: tokens, passwords, and what carries them.

Test suites, notebooks and crash reporters show local variables, and look into containers. So what they must not show
has a `repr` of its own, and what other libraries keep as plain text is cleared from the frames of an error.
"""

import functools
from types import TracebackType
from typing import Any, Callable, Dict, List, Optional, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

#: Keys of what is sent and received, and names of parameters, whose values are hidden.
NAMES = frozenset(
    (
        "access_token", "refresh_token", "token", "tokens", "password", "password_2", "password2", "old_password",
        "totp", "email_otp", "recovery_code", "fido_authentication_response", "code_verifier", "url_or_token",
    )
)  # fmt: skip
#: Those of a response.
_TOKENS = frozenset(("access_token", "refresh_token", "tokens"))


class SecretText(str):
    """Text that its `repr` hides: `str()` and formatting give the text.

    Attributes:
        shown: what the `repr`, errors and logs show in its place.
    """

    shown = "***"

    @classmethod
    def masked(cls, text: str, shown: str) -> "SecretText":
        """Return *text*, for which *shown* is shown."""
        value = cls(text)
        value.shown = shown
        return value

    def __repr__(self) -> str:
        return repr(self.shown)

    def __getitem__(self, key: Any) -> str:
        """Return a part, which is hidden too: some reporters show the first characters."""
        return SecretText(str.__getitem__(self, key))

    def __reduce__(self) -> Any:
        """Become plain text in a pickle, for programs without this class."""
        return str, (str(self),)

    def __copy__(self) -> "SecretText":
        return self

    def __deepcopy__(self, memo: Any) -> "SecretText":
        return self


class SecretBytes(bytes):
    """The body of a request, of which its `repr` tells the length only."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"

    __str__ = __repr__

    def __getitem__(self, key: Any) -> Any:
        """Return a part, which is hidden too."""
        part = bytes.__getitem__(self, key)
        return SecretBytes(part) if isinstance(part, bytes) else part

    def __reduce__(self) -> Any:
        return bytes, (bytes(self),)


class Tokens(Dict[str, Any]):
    """The tokens of a session, as a dict whose `repr` hides them; in JSON and in pickles it is a plain one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self.update(*args, **kwargs)

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, Tokens(value) if type(value) is dict else hide(value) if name in _TOKENS else value)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Take values over, as `dict.update` does."""
        for name, value in dict(*args, **kwargs).items():
            self[name] = value

    def setdefault(self, name: str, default: Any = None) -> Any:
        """Return a value, which is *default* from now on if it was missing."""
        if name not in self:
            self[name] = default
        return self[name]

    def __ior__(self, other: Any) -> "Tokens":  # type: ignore[override, misc]
        self.update(other)
        return self

    def copy(self) -> "Tokens":
        """Return a copy, which hides them too."""
        return type(self)(self)

    __copy__ = copy

    def __deepcopy__(self, memo: Any) -> "Tokens":
        from copy import deepcopy

        return type(self)({name: deepcopy(value, memo) for name, value in self.items()})

    def __reduce__(self) -> Any:
        return dict, ({**self},)


def hide(value: Any) -> Any:
    """Return an equal value that hides all its texts."""
    if type(value) is str:
        return SecretText(value)
    if type(value) is bytes:
        return SecretBytes(value)
    if type(value) is dict:
        return {name: hide(item) for name, item in value.items()}
    return [hide(item) for item in value] if type(value) is list else value


def hide_tokens_of(tokens: Any) -> Any:
    """Return the very dict of tokens, which hides them from now on: their texts are equal ones that hide themselves."""
    if isinstance(tokens, Tokens) or tokens is None:
        return Tokens() if tokens is None else tokens
    for name in _TOKENS.intersection(tokens):
        if type(tokens[name]) is str:
            tokens[name] = SecretText(tokens[name])
    return tokens


def hide_fields(data: Any) -> Any:
    """Return *data* if it is not a dict with such a field, else an equal one that hides these fields."""
    if not isinstance(data, dict) or NAMES.isdisjoint(data):
        return data
    return {name: hide(value) if name in NAMES else value for name, value in data.items()}


def _argument(name: str, value: Any) -> Any:
    """Return the argument for a parameter, which hides itself if it is a secret."""
    if name == "data":
        return hide_fields(value)
    if isinstance(value, dict) and not _TOKENS.isdisjoint(value):
        return hide_tokens_of(value)
    return hide(value) if name in NAMES else value


def hides_secrets(function: F) -> F:
    """Decorate a function to get its secrets as equal values that hide: tracebacks show parameters.

    Secrets are parameters with one of the `NAMES`, and such fields of the parameter `data`.
    """
    plain: Any = getattr(function, "__wrapped__", function)
    names = plain.__code__.co_varnames[: plain.__code__.co_argcount]
    places = [place for place, name in enumerate(names) if name in NAMES or name == "data"]
    # One more, as an older call may have an argument more before them.
    first, end = (places[0], places[-1] + 2) if places else (0, 0)
    kind = "data" if names[first:end][:1] == ("data",) else "password"

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        args = args[:first] + tuple([_argument(kind, value) for value in args[first:end]]) + args[end:]
        kwargs = {name: _argument(name, value) for name, value in kwargs.items()}
        return function(*args, **kwargs)

    @functools.wraps(function)
    async def coroutine(*args: Any, **kwargs: Any) -> Any:
        args = args[:first] + tuple([_argument(kind, value) for value in args[first:end]]) + args[end:]
        kwargs = {name: _argument(name, value) for name, value in kwargs.items()}
        return await function(*args, **kwargs)

    is_coroutine = plain.__code__.co_flags & 0x80  # CO_COROUTINE; the module inspect takes long to import
    return coroutine if is_coroutine else wrapper  # type: ignore[return-value]


def hide_tokens(answer: Any) -> Any:
    """Return what the server sent, as a dict that hides tokens if there are any."""
    return Tokens(answer) if type(answer) is dict and not _TOKENS.isdisjoint(answer) else answer


def masked_as(url: str, place: str) -> str:
    """Return *place*, where *url* redirects to, masked if *url* is."""
    return SecretText.masked(place, url.shown) if isinstance(url, SecretText) else place


def shown(text: str) -> str:
    """Return what errors and logs show for a path or a URL."""
    return text.shown if isinstance(text, SecretText) else text


# -- frames --------------------------------------------------------------------
#: Modules whose local variables are copies of headers and bodies.
_PACKAGES = ("requests", "urllib3", "http", "aiohttp", "websocket", "engineio", "socketio")
_OURS = tuple(f"{__package__}._http.{name}" for name in ("session", "connections", "async_session"))


def clear_frames(error: Optional[BaseException]) -> None:
    """Clear the local variables of the HTTP stack from the traceback of *error*, and from those of its causes.

    The frames of the caller, and of callbacks, keep theirs.
    """
    seen: List[Optional[BaseException]] = [None]
    left = [error]
    while left:
        current = left.pop()
        if current is None or current in seen:
            continue
        seen.append(current)
        _clear(current.__traceback__)
        left += [current.__cause__, current.__context__]


def _clear(traceback: Optional[TracebackType]) -> None:
    while traceback is not None:
        name = traceback.tb_frame.f_globals.get("__name__") or ""
        if name.split(".")[0] in _PACKAGES or name in _OURS:
            try:
                traceback.tb_frame.clear()
            except RuntimeError:  # it runs, or waits to go on
                pass
        traceback = traceback.tb_next
