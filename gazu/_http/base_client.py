"""What all clients have in common: the host, the tokens and the limits."""

import os
import threading
import weakref
from typing import TYPE_CHECKING, Any, Callable, ContextManager, Dict, Optional, Tuple, Union

from .. import cache
from ..__version__ import __version__
from ..exception import NotAuthenticatedException
from ..secret import SecretText, Tokens, hide, hide_tokens_of
from .outbox import Outbox
from .retries import MAX_ATTEMPTS, RetryBudget
from .route import masked_address, public

if TYPE_CHECKING:
    from .hooks import Hooks

StrPath = Union[str, "os.PathLike[str]"]
Timeout = Union[None, float, Tuple[float, float]]
Verify = Union[bool, StrPath]
Certificate = Union[None, StrPath, Tuple[StrPath, StrPath]]

#: What belongs to one process, and to one client in it.
_UNSHARED = ("used_hooks", "refresh_lock", "retry_budget", "outbox", "memory")


class BaseClient:
    """What `KitsuClient` and its asynchronous counterpart have in common: the host, the tokens and the limits."""

    #: of clients that were pickled by earlier releases, too
    deadline: Optional[float] = None
    #: where renewed tokens are stored: a `sessions.StoredSession`
    stored_session: Any = None
    #: what `hooks` has made
    used_hooks: Any = None

    def __init__(
        self,
        host: str,
        ssl_verify: Verify = True,
        cert: Certificate = None,
        use_refresh_token: bool = True,
        callback_not_authenticated: Optional[Callable[[Any, str], Any]] = None,
        tokens: Optional[Dict[str, Any]] = None,
        access_token: Optional[str] = None,
        refresh_token: Optional[str] = None,
        timeout: Timeout = None,
        retries: Optional[int] = None,
        deadline: Optional[float] = None,
    ) -> None:
        own = Tokens(access_token=access_token, refresh_token=refresh_token)
        self.tokens = own if tokens is None else tokens
        tokens = access_token = refresh_token = None  # a traceback shows parameters
        self.host: str = check_host(host)
        self.use_refresh_token: bool = use_refresh_token
        self.callback_not_authenticated: Optional[Callable[[Any, str], Any]] = callback_not_authenticated
        self.timeout: Timeout = timeout if timeout is None else check_timeout("timeout", timeout)
        self.deadline = deadline if deadline is None else check_deadline("deadline", deadline)
        self.retries: int = _retries_of_environment() if retries is None else _check_retries(retries)
        self.ssl_verify: Union[bool, str] = True if ssl_verify is None else _as_text(ssl_verify)
        self.cert: Any = tuple(map(_as_text, cert)) if isinstance(cert, (tuple, list)) else _as_text(cert)
        #: The refresh token that the server has refused last: it is not sent again.
        self.rejected_refresh_token: Optional[str] = None
        #: The host of which was said that its log-in is not encrypted.
        self.warned_host: Optional[str] = None
        #: A host, and the version that its server gave when it was asked.
        self.server_version: Optional[Tuple[str, Optional[str]]] = None
        self._event_host: Optional[str] = None
        self._session: Any = None
        self._renew()

    def _renew(self) -> None:
        """Create what belongs to one process only."""
        self.refresh_lock: ContextManager[Any] = threading.RLock()
        self.retry_budget: RetryBudget = RetryBudget()
        _clients.add(self)
        if "outbox" not in self.__dict__:
            #: The publications whose response was lost; no copy of the client has them.
            self.outbox: Outbox = Outbox()

    @property
    def tokens(self) -> Dict[str, Any]:
        """The tokens, and what else came with them; the `repr` hides them."""
        tokens: Dict[str, Any] = self.__dict__["tokens"]
        return tokens

    @tokens.setter
    def tokens(self, tokens: Optional[Dict[str, Any]]) -> None:
        self.__dict__["tokens"] = hide_tokens_of(tokens)
        self.__dict__.pop("stored_session", None)  # it has others
        self.__dict__.pop("memory", None)

    @property
    def access_token(self) -> Optional[str]:
        """The token that requests carry."""
        token = self.tokens.get("access_token")
        return token if type(token) is not str else hide_tokens_of(self.tokens)["access_token"]

    @access_token.setter
    def access_token(self, token: Optional[str]) -> None:
        self.tokens["access_token"] = hide(token)

    @property
    def refresh_token(self) -> Optional[str]:
        """The token that gets a new access token."""
        token = self.tokens.get("refresh_token")
        return token if type(token) is not str else hide_tokens_of(self.tokens)["refresh_token"]

    @refresh_token.setter
    def refresh_token(self, token: Optional[str]) -> None:
        self.tokens["refresh_token"] = hide(token)

    @property
    def event_host(self) -> str:
        """The URL of the event stream: that of the API until another is set."""
        return self._event_host or self.host

    @event_host.setter
    def event_host(self, host: Optional[str]) -> None:
        self._event_host = check_host(host) if host else None

    @property
    def hooks(self) -> "Hooks":
        """The functions that are called before each request and after each response."""
        if self.used_hooks is None:
            from .hooks import Hooks

            self.__dict__.setdefault("used_hooks", Hooks())
        hooks: Hooks = self.__dict__["used_hooks"]
        return hooks

    def make_auth_header(self) -> Dict[str, str]:
        """Return the headers that identify this client to the server.

        Raises:
            NotAuthenticatedException: the token is nothing that a header can carry.
        """
        return bearer_headers(self.access_token)

    @property
    def headers(self) -> Dict[str, str]:
        """What `make_auth_header` returns: scripts for earlier releases read it."""
        return self.make_auth_header()

    def forget_tokens(self) -> None:
        """Drop the tokens, as at a log-out, and what is cached for them."""
        cache.forget_token(self.access_token)
        self.tokens = Tokens(access_token=None, refresh_token=None)

    def end_session(self) -> None:
        """Drop the tokens, and remove the stored session that they are from."""
        stored = self.stored_session
        self.forget_tokens()
        if stored is not None:
            stored.remove()

    def __getstate__(self) -> Dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k not in _UNSHARED}

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.host = check_host(self.host)  # pickles have secrets as plain text
        self.__dict__["tokens"] = hide_tokens_of(self.tokens)
        self._renew()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {public(self.host)}>"

    def __copy__(self) -> Any:
        """Return a client with connections of its own."""
        from copy import deepcopy

        twin = type(self).__new__(type(self))
        twin.__setstate__({**self.__getstate__(), "_session": deepcopy(self._session)})
        return twin


_clients: "weakref.WeakSet[BaseClient]" = weakref.WeakSet()


def _after_fork() -> None:
    """Renew what a child must not share with its parent: connections, and locks held at the fork."""
    for client in list(_clients):
        client._renew()
        if client._session is not None:
            from .session import renew_pools

            renew_pools(client._session)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def bearer_headers(token: Optional[str]) -> Dict[str, str]:
    """Return the headers that identify whoever has *token* to the server; it may be None.

    Raises:
        NotAuthenticatedException: the token is nothing that a header can carry.
    """
    headers = {"User-Agent": "CGWire Gazu " + __version__}
    if token:
        if not (isinstance(token, str) and token.isascii() and token.isprintable()):
            error = NotAuthenticatedException("the access token is not text, or has characters that no token has")
            error.add_hint("gazu.set_token takes the token alone: no spaces, no line end")
            raise error
        headers["Authorization"] = SecretText("Bearer " + token)
    return headers


# -- what is set on a client -------------------------------------------------
def check_host(host: Any) -> str:
    """Return the address of a server without the spaces that come with copied text."""
    if not isinstance(host, str):
        raise ValueError(f"host: expected a URL such as https://kitsu.example.com/api, got {host!r:.200}")
    return masked_address(host.strip())


def check_timeout(what: str, timeout: Any) -> Tuple[float, float]:
    """Return a time-out as (connect, read)."""
    values = tuple(timeout) if isinstance(timeout, (tuple, list)) else (timeout, timeout)
    if len(values) == 2 and all(one is None or (isinstance(one, (int, float)) and one > 0) for one in values):
        return values
    raise ValueError(f"{what}: expected seconds, or (connect, read) in seconds, got {timeout!r:.200}")


def check_deadline(what: str, seconds: Any) -> float:
    """Return the seconds that a call may take."""
    if isinstance(seconds, (int, float)) and 0 < seconds < float("inf"):
        return seconds
    raise ValueError(f"{what}: expected seconds, got {seconds!r:.200}")


def _as_text(file: Any) -> Any:
    """Return a path as requests takes it, and anything else as it is."""
    return os.fspath(file) if isinstance(file, os.PathLike) else file


def _check_retries(value: Any) -> int:
    """Return a number of attempts after the first."""
    if isinstance(value, int) and value >= 0:
        return value
    raise ValueError(f"retries: expected a number from 0 to {MAX_ATTEMPTS - 1}, got {value!r:.200}")


def _retries_of_environment() -> int:
    words = os.environ.get("GAZU_RETRIES", "").strip()
    if words.isdigit() or not words:
        return int(words or MAX_ATTEMPTS - 1)
    import warnings  # not an error: this runs with `import gazu`

    warnings.warn(f"GAZU_RETRIES: expected a number, got {words!r}: ignored", RuntimeWarning, stacklevel=4)
    return MAX_ATTEMPTS - 1
