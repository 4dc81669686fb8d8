"""One request of one client, from the first attempt to the answer that stands."""

import logging
import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Dict, Iterator, Mapping, NamedTuple, Optional, Union

from .._memory import load
from ..cache import cache_settings, etag_cache
from ..exception import (
    HostException,
    NotAuthenticatedException,
    TransportException,
    ValidationException,
)
from . import protocol
from .failures import NETWORK_ERRORS, AnswerNotJson, RequestException, translate
from .multipart import Multipart
from .route import public
from .session import normalized_url
from .session import send as exchange

if TYPE_CHECKING:
    from ..client import BaseClient, KitsuClient

try:
    from orjson import loads as _loads
except ImportError:
    from json import loads as _loads
from json import loads as _loads_any

logger = logging.getLogger("gazu")
_CHARSET = re.compile(r"charset=[\"']?([\w-]+)", re.IGNORECASE)


class Request(NamedTuple):
    """What to send; `path` is how errors and logs name it."""

    method: str
    path: str
    url: str
    data: Union[None, bytes, Multipart] = None
    params: Any = None
    headers: Mapping[str, str] = {}
    #: (connect, read) in seconds
    timeout: Any = None
    #: leave the body of a good answer on the connection, for the caller to read
    stream: bool = False
    #: while the cache is on, answer with the body of last time if the server says that it still holds
    revalidate: bool = False
    #: send it again, where that is safe, as often as the client does
    repeat: bool = True


class Reply(NamedTuple):
    """An answer that is no error; `content` is None if it is still to be read."""

    status: int
    content: Optional[bytes]
    response: Any

    @property
    def text(self) -> str:
        """The body as text: UTF-8, unless the server says otherwise."""
        named = _CHARSET.search(self.response.headers.get("Content-Type", ""))
        try:
            return (self.content or b"").decode(named.group(1) if named else "utf-8", "replace")
        except LookupError:  # no charset that anybody knows
            return (self.content or b"").decode("utf-8", "replace")


def send(client: "KitsuClient", request: Request) -> Reply:
    """Send *request* with the tokens of *client*, renewing them if they are too old.

    Raises:
        GazuException: of the class that `protocol.error_for` gives the status, or a
            TransportException if there was no answer.
    """
    tokens = client.tokens
    steps = protocol.recover(
        refreshes=bool(client.use_refresh_token and tokens.get("refresh_token")),
        asks=client.callback_not_authenticated is not None,
    )
    outcome: Any = None
    step = next(steps)
    while True:
        if step == protocol.SEND:
            used = client.access_token
            reply = _transmit_with_etag(client, request, client.make_auth_header())
            if reply.status < 400:
                return reply
            body = body_of(reply)
            outcome = protocol.Answer(reply.status, body)
        elif step == protocol.REFRESH:
            outcome = renew(client, used)
        else:
            outcome = bool(client.callback_not_authenticated(client, request.path))  # type: ignore[misc]
        try:
            step = steps.send(outcome)
        except StopIteration:
            break
    check(reply.status, request.method, request.path, body)
    return reply


def check(status: int, method: str, path: str, body: Any) -> None:
    """Raise the error that an answer stands for, if it is one."""
    error = protocol.error_for(status, method, path, body)
    if error is not None:
        raise error


def renew(client: "KitsuClient", used: Optional[str]) -> bool:
    """Get a new access token, once for all threads that found *used* too old."""
    with client._lock, noting_a_dead_token(client):
        if not is_renewed(client, used):
            client.refresh_access_token()
        return True
    return False


def is_renewed(client: "BaseClient", used: Optional[str]) -> bool:
    """Return whether somebody else has got a new access token since *used*; to be called in turn."""
    if client.access_token == used and client._dead_refresh_token == client.refresh_token:
        raise NotAuthenticatedException("auth/refresh-token: the session is over, log in again")
    return client.access_token != used


@contextmanager
def noting_a_dead_token(client: "BaseClient") -> Iterator[None]:
    """Remember a refresh token that the server refuses; no error if there is somebody to ask then."""
    try:
        yield
    except (NotAuthenticatedException, ValidationException):
        client._dead_refresh_token = client.refresh_token
        if client.callback_not_authenticated is None:
            raise


def _transmit_with_etag(client: "KitsuClient", request: Request, auth: Mapping[str, str]) -> Reply:
    """Send *request*, naming the body that is kept of its last answer to the same *auth*.

    Only the server decides if that still holds (304), so that a change by anybody shows at once.
    """
    if not (request.revalidate and cache_settings["enabled"] and "Authorization" in auth):
        return transmit(client, request, auth)
    key = (request.url, tuple(auth.items()))
    known = etag_cache.find(key)
    if known is None:
        reply = transmit(client, request, auth)
    else:
        # Proxies that compress make an ETag weak; here both kinds mean the same, and servers know their own.
        etag, body = known
        reply = transmit(client, request, {**auth, "If-None-Match": etag[2:] if etag.startswith("W/") else etag})
        if reply.status == 304:
            return Reply(200, body, reply.response)
    headers = reply.response.headers
    its_own = not reply.response.history and "no-store" not in headers.get("Cache-Control", "").lower()
    if reply.status == 200 and headers.get("ETag") and reply.content and its_own:
        etag_cache.keep(key, headers["ETag"], reply.content)
    return reply


def transmit(client: "KitsuClient", request: Request, auth: Mapping[str, str]) -> Reply:
    """Send *request* until there is an answer, as often as is safe and sensible."""
    headers: Dict[str, str] = {**auth, **request.headers}
    attempts = protocol.Attempts(request.method, client.retries if request.repeat else 0, client._budget)
    while True:
        started = time.monotonic()
        error: Optional[TransportException] = None
        try:
            reply = _exchange(client, request, headers)
        except NETWORK_ERRORS as cause:
            error = cause if isinstance(cause, TransportException) else _lost(cause, request)
            wait = attempts.failed(error, error.final)
            log(request, type(error).__name__, started)
        else:
            wait = attempts.answered(reply.status, reply.response, time.time())
            log(request, reply.status, started)
        if wait is not None:
            time.sleep(wait)
        elif error is not None:
            raise error
        else:
            return Reply(204, b"", reply.response) if attempts.did_it(reply.status) else reply


def _exchange(client: "KitsuClient", request: Request, headers: Mapping[str, str]) -> Reply:
    """Send *request* once; the body of the answer is read unless it is good and wanted as a stream."""
    safe = request.method in ("GET", "HEAD")
    response: Any = exchange(
        client.session, request.method, request.url, headers, request.data, request.params,
        request.timeout, stream=True, redirects=safe,
    )  # fmt: skip
    try:
        status = response.status_code
        if 300 <= status < 400 and status != 304:
            raise redirected(request, status, response.headers.get("Location", "nowhere"))
        if request.stream and status < 300:
            return Reply(status, None, response)
        return Reply(status, response.content, response)
    except BaseException:
        response.close()
        raise


def checked(address: str) -> str:
    """Return an address as it goes out: requests and `urlsplit` may see different hosts in one with odd characters."""
    try:
        return normalized_url(address)
    except RequestException as cause:
        raise translate(cause, "GET", public(address)) from None


def redirected(request: Request, status: int, location: str) -> Exception:
    """Return the error for an answer that sends on what must not go elsewhere."""
    place = public(location)
    error = HostException(
        f"{request.method} {request.path}: the host sends on to {place}, and what is sent must not"
        " go astray: set the host to that address"
    )
    error.status_code, error.method, error.path = status, request.method, request.path
    return error


def _lost(cause: Exception, request: Request) -> TransportException:
    """Return our error for a request that got no answer."""
    if isinstance(request.data, Multipart) and request.data.error is not None:
        raise request.data.error
    error = translate(cause, request.method, public(request.url))
    error.path = request.path
    if "@" not in str(cause):  # its words may have a password
        error.__cause__ = cause
    return error


def log(request: Request, outcome: Any, started: float) -> None:
    """Log what came of a request."""
    if logger.isEnabledFor(logging.DEBUG):
        spent = (time.monotonic() - started) * 1000
        logger.debug("%s %s: %s in %.0f ms", request.method, request.path.split("?")[0], outcome, spent)


def body_of(reply: Reply) -> Any:
    """Return the body of an error: decoded if it is JSON, else its text."""
    try:
        return _loads_any(reply.content or b"null")
    except ValueError:
        return reply.text


def decode(reply: Reply, request: Request) -> Any:
    """Return the JSON of an answer; None for one without a body (204).

    Raises:
        AnswerNotJson: it is something else, say the HTML of a proxy.
    """
    content = reply.content
    if not content:
        if reply.status == 204:
            return None
    else:
        try:
            return load(_loads, content)
        except ValueError:
            pass
        try:
            return load(_loads_any, content)  # takes NaN and byte order marks, which orjson does not
        except ValueError:
            pass
    kind = reply.response.headers.get("Content-Type", "no content type")
    secret = request.path.lstrip("/").startswith("auth/")  # half an answer may be half a token
    error = AnswerNotJson(
        f"{request.method} {request.path}: the answer ({reply.status}, {kind}) is not JSON:"
        f" is this the address of a Kitsu API?{'' if secret else f' It starts with {reply.text[:80]!r}'}"
    )
    error.status_code, error.method, error.path = reply.status, request.method, request.path
    raise error
