"""The HTTP stack: the one module that imports requests, and that only when a request is made."""

import json
import os
import re
import socket
import ssl
import threading
from typing import Any, Dict, List, Mapping, Optional, Tuple, Type, Union

try:
    import requests
    from requests.adapters import HTTPAdapter
    from requests.cookies import extract_cookies_to_jar
    from requests.exceptions import RequestException as RequestException
    from requests.structures import CaseInsensitiveDict
    from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.exceptions import DecodeError, HTTPError, NewConnectionError, ProtocolError, ReadTimeoutError
    from urllib3.util.wait import wait_for_read, wait_for_socket
except ImportError as error:
    raise ImportError(
        f"gazu needs the package requests to talk to a server, and this Python has none ({error}): "
        "install it, or put it beside gazu on sys.path"
    ) from error

from ..exception import TransportException
from .multipart import Multipart

#: Bytes: bodies below this are sent without a look for an early answer.
LARGE = 64 * 1024

Timeout = Union[None, float, Tuple[Optional[float], Optional[float]]]

_ENVIRONMENT = (
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY",
    "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
)  # fmt: skip


_KEYS = [getattr(os.environ, "encodekey", str)(name) for name in _ENVIRONMENT]


# -- failures ----------------------------------------------------------------
class ConnectionFailed(TransportException, requests.exceptions.ConnectionError):
    """The server could not be reached, or closed the connection."""


class ConnectTimedOut(TransportException, requests.exceptions.ConnectTimeout):
    """The server did not accept the connection in time."""


class ReadTimedOut(TransportException, requests.exceptions.ReadTimeout):
    """The server was silent for too long."""


class BodyCut(TransportException, requests.exceptions.ChunkedEncodingError):
    """The connection ended in the middle of the answer."""


class CertificateRefused(TransportException, requests.exceptions.SSLError):
    """The secure connection could not be made, or the server's certificate is not trusted."""


class SecureConnectionFailed(TransportException, requests.exceptions.SSLError):
    """The secure connection ended while it was made."""


class ProxyFailed(TransportException, requests.exceptions.ProxyError):
    """The proxy could not be reached, or refused."""


class AnswerUnreadable(TransportException, requests.exceptions.ContentDecodingError):
    """The body of the answer is not compressed as its header says."""


class TooManyRedirects(TransportException, requests.exceptions.TooManyRedirects):
    """The server sends from one address to another without end."""


class AddressWithoutScheme(TransportException, requests.exceptions.MissingSchema):
    """The host has no http:// or https:// in front."""


class AddressSchemeUnknown(TransportException, requests.exceptions.InvalidSchema):
    """The host starts with something other than http:// or https://."""


class AddressInvalid(TransportException, requests.exceptions.InvalidURL):
    """The host is no valid address."""


_JSONDecodeError: Type[ValueError] = getattr(requests.exceptions, "JSONDecodeError", json.JSONDecodeError)


class AnswerNotJson(TransportException, _JSONDecodeError):  # type: ignore[misc, valid-type]
    """The server, or something in its place, answered what is not JSON."""

    def __init__(self, message: str) -> None:
        json.JSONDecodeError.__init__(self, message, "", 0)
        self.args = (message,)  # without the place in the text

    def __reduce__(self) -> Tuple[Any, ...]:
        return type(self), (self.args[0] if self.args else "",), self.__dict__


_theirs = requests.exceptions
# From the particular to the general: the first that fits is taken. The last four
# classes are urllib3's, from bodies that are read without the help of requests.
_FAILURES: Tuple[Tuple[Type[TransportException], Type[Exception]], ...] = (
    (ConnectTimedOut, _theirs.ConnectTimeout),
    (ReadTimedOut, _theirs.ReadTimeout),
    (CertificateRefused, _theirs.SSLError),
    (ProxyFailed, _theirs.ProxyError),
    (ConnectionFailed, _theirs.ConnectionError),
    (BodyCut, _theirs.ChunkedEncodingError),
    (AnswerUnreadable, _theirs.ContentDecodingError),
    (TooManyRedirects, _theirs.TooManyRedirects),
    (AddressWithoutScheme, _theirs.MissingSchema),
    (AddressSchemeUnknown, _theirs.InvalidSchema),
    (AddressInvalid, _theirs.InvalidURL),
    (ReadTimedOut, ReadTimeoutError),
    (AnswerUnreadable, DecodeError),
    (BodyCut, ProtocolError),
    (ConnectionFailed, Exception),
)
#: User and password of an address that an error quotes.
_CREDENTIALS = re.compile(r"[^\s/'\"]*@")
_NO_SCHEME = " (the host must begin with https:// or http://)"
_HINTS = {AddressWithoutScheme: _NO_SCHEME, AddressSchemeUnknown: _NO_SCHEME}
#: Part of the host that a client has until one is set.
PLACEHOLDER = "gazu.change.serverhost"
#: Failures that another attempt cannot mend.
FINAL = (CertificateRefused, TooManyRedirects, AddressWithoutScheme, AddressSchemeUnknown, AddressInvalid)


#: What may come instead of an answer.
Lost = (RequestException, HTTPError, TransportException)


def failure(error: Exception, method: str, url: str) -> TransportException:
    """Return our error for one of requests: of the same class, and a GazuException."""
    for kind, theirs in _FAILURES:
        if isinstance(error, theirs):
            break
    return described(kind, error, method, url, not _never_sent(error))


def described(
    kind: Type[TransportException], error: BaseException, method: str, url: str, sent: bool
) -> TransportException:
    """Return an error of *kind* in the words of *error*."""
    cause = cause_of(error)
    # Python 3.7 has no class for OpenSSL 3's end of file.
    ended = type(cause).__name__ in ("SSLEOFError", "SSLZeroReturnError") or "unexpected eof" in str(cause)
    if issubclass(kind, CertificateRefused) and ended:
        kind = SecureConnectionFailed
    hint = _HINTS.get(kind, "")
    if PLACEHOLDER in url:
        hint = " (the host was never set: call gazu.set_host)"
    words = re.sub(r"^<?\w+\([^)]*\)>?: ", "", str(cause)) or type(cause).__name__
    words = _CREDENTIALS.sub("", words)
    ours = kind(f"{method} {url}: {words}{hint}")
    ours.method, ours.sent = method, sent
    return ours


def cause_of(error: BaseException) -> BaseException:
    """Return the innermost reason; the words of the outer ones repeat it within pool reprs."""
    seen = []
    while error not in seen:
        seen.append(error)
        inner = [one for one in (getattr(error, "reason", None), *error.args) if isinstance(one, BaseException)]
        error = inner[0] if inner else error
    return error


def _never_sent(error: Exception) -> bool:
    """Return whether the request surely did not reach the server: the connection was never made."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    reason = getattr(reason, "original_error", reason)  # of a proxy
    return isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(reason, NewConnectionError)


# -- connections -------------------------------------------------------------
class _Limits(threading.local):
    """The read time-out of the request that this thread is sending."""

    read: Optional[float] = None


_limits = _Limits()


class _Sending:
    """A connection that sends bodies under the read limit, and stops when the server answers before their end.

    urllib3 leaves the connect limit on the socket while the body goes out, so that
    a server that stalls for a few seconds would end an upload.
    """

    sock: Any
    _large = _unfinished = False

    def connect(self) -> None:
        self._unfinished = False
        super().connect()  # type: ignore[misc]
        self.sock.settimeout(_limits.read)

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        self._large = False
        if self.sock is not None:
            self.sock.settimeout(_limits.read)
        super().putrequest(*args, **kwargs)  # type: ignore[misc]

    def getresponse(self, *args: Any, **kwargs: Any) -> Any:
        response = super().getresponse(*args, **kwargs)  # type: ignore[misc]
        if self._unfinished and self.sock is not None:
            # The server waits for the rest of the body: nothing else may be sent here.
            self.sock.close()  # the answer keeps the descriptor until it is read
            self.sock = None
        return response

    def send(self, data: Any) -> None:
        if isinstance(data, Multipart):  # urllib3 1.26 hands over the whole body
            for chunk in data:
                self.send(chunk)
            return
        # What follows a large chunk, however small, may find the way full.
        self._large = self._large or len(data) >= LARGE
        # A server that refuses a large body (413) answers before it is all there, and
        # hangs up: urllib3 reads that answer after a broken pipe, not after a reset.
        try:
            if self._large and type(self.sock) in (socket.socket, ssl.SSLSocket):
                self._send_until_answered(data)
            else:
                super().send(data)  # type: ignore[misc]
        except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            self._unfinished = True
            raise BrokenPipeError(*error.args) from error

    def _send_until_answered(self, data: Any) -> None:
        """Send without blocking: a server that has refused the body may take no more of it, and yet not hang up."""
        limit = self.sock.gettimeout()
        self.sock.settimeout(0)
        try:
            left = memoryview(data).cast("B")
            while left:
                if self._has_answered():
                    raise BrokenPipeError("the server has answered already")
                try:
                    left = left[self.sock.send(left) :]
                except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError) as full:
                    write = not isinstance(full, ssl.SSLWantReadError)
                    if not wait_for_socket(self.sock, read=True, write=write, timeout=limit):
                        raise socket.timeout("timed out") from None
        finally:
            self.sock.settimeout(limit)

    def _has_answered(self) -> bool:
        """Return whether the server has sent something, or hung up; the socket must not block."""
        if not wait_for_read(self.sock, 0):
            return False
        if type(self.sock) is socket.socket:
            return True
        # It may be a message of TLS itself, like a session ticket: one has to read to know.
        stream = self.sock.makefile("rb")
        try:
            stream.peek()
        except OSError as error:
            stream.close()
            if isinstance(error, (ssl.SSLWantReadError, ssl.SSLWantWriteError)):
                return False
            raise
        self.sock.makefile = lambda *args, **kwargs: stream  # what was read is in there, for `getresponse`
        return True


# A tool that records for tests (vcrpy) puts classes of its own into urllib3: they win
# while they are there, and are not what ours derive from if it came first.
def _made_by_urllib3(connection: Any) -> Any:
    """Return the class of urllib3 that *connection* is, or derives from."""
    return next((kind for kind in connection.__mro__ if kind.__module__ == "urllib3.connection"), connection)


_Http: Any = _made_by_urllib3(HTTPConnection)
_Https: Any = _made_by_urllib3(HTTPSConnection)


class _Connection(_Sending, _Http):  # type: ignore[misc]
    pass


class _SecureConnection(_Sending, _Https):  # type: ignore[misc]
    pass


class _Pool(HTTPConnectionPool):
    @property
    def ConnectionCls(self) -> Any:  # type: ignore[override]
        current: Any = HTTPConnectionPool.ConnectionCls
        return _Connection if current is _Http else current


class _SecurePool(HTTPSConnectionPool):
    @property
    def ConnectionCls(self) -> Any:  # type: ignore[override]
        current: Any = HTTPSConnectionPool.ConnectionCls
        return _SecureConnection if current is _Https else current


class Adapter(HTTPAdapter):
    """requests' adapter over the connections above."""

    def __init__(self) -> None:
        super().__init__(pool_connections=16, pool_maxsize=64)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        self._pools: Dict[Any, Any] = {}

    def get_connection_with_tls_context(self, request: Any, verify: Any, proxies: Any = None, cert: Any = None) -> Any:
        """Return the pool of connections for *request*, which requests works out from its address each time."""
        if proxies:
            return super().get_connection_with_tls_context(request, verify, proxies, cert)
        key = (origin_of(request.url), verify, cert)
        pool = self._pools.get(key)
        if pool is None or pool.pool is None:  # or it was closed, with the session
            pool = self._pools[key] = super().get_connection_with_tls_context(request, verify, proxies, cert)
        return pool

    def close(self) -> None:
        super().close()
        self._pools = {}  # urllib3 2.x closes a pool once nobody holds it

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        return manager

    def request_url(self, request: Any, proxies: Any) -> str:
        """Return what follows the host; requests takes the address apart twice for it."""
        if proxies or not isinstance(request, _Plain):
            return super().request_url(request, proxies)
        url: Any = request.url
        return url[len(origin_of(url)) :]

    def send(self, request: Any, stream: bool = False, timeout: Any = None, *args: Any, **kwargs: Any) -> Any:
        _limits.read = timeout[1] if isinstance(timeout, tuple) else timeout
        try:
            return super().send(request, stream, timeout, *args, **kwargs)
        finally:
            _limits.read = None

    def build_response(self, req: Any, resp: Any) -> Any:
        resp.enforce_content_length = True  # urllib3 1.26 takes half a body for the whole
        return _Answer(self, req, resp) if isinstance(req, _Plain) else super().build_response(req, resp)


class _Plain(requests.PreparedRequest):
    """A request that needs no preparation."""


class _Answer(requests.Response):
    """An answer whose parts are made when somebody asks for them, which is seldom."""

    def __init__(self, adapter: Adapter, request: _Plain, raw: Any) -> None:
        self._content: Any = False
        self._content_consumed = False
        self._next = None
        self.history: List[requests.Response] = []
        self.connection, self.request, self.raw = adapter, request, raw
        self.status_code, self.reason, self.url = raw.status, raw.reason, request.url or ""

    def __getattr__(self, name: str) -> Any:
        if name not in ("headers", "encoding", "cookies", "elapsed"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        whole = HTTPAdapter.build_response(self.connection, self.request, self.raw)
        self.headers, self.encoding = whole.headers, whole.encoding
        self.cookies, self.elapsed = whole.cookies, whole.elapsed
        return self.__dict__[name]


def _environment() -> List[Any]:
    """Return what the environment says about connections, quickly: a look-up that fails costs ten times another."""
    data: Any = getattr(os.environ, "_data", None)
    if data is None:  # not CPython's
        return [os.environ.get(name) for name in _ENVIRONMENT]
    return [data.get(key) for key in _KEYS]


def origin_of(url: str) -> str:
    """Return `https://host:port` of an address."""
    return "/".join(url.split("/", 3)[:3])


# -- the session -------------------------------------------------------------
def _keep(request: Any) -> Any:
    """Authenticate nothing: with an `auth` of its own, a session does not take one from .netrc."""
    return request


#: To see if a test suite replaced one of them.
_THEIRS = (requests.Session.request, requests.Session.send, requests.Session.get_adapter, HTTPAdapter.send)
#: An address that needs no quoting.
_PLAIN = re.compile(r"https?://[\w.:\[\]-]+/[A-Za-z0-9\-._~:/?@!$&'()*+,;=%]*", re.ASCII)


class Session(requests.Session):
    """A real requests.Session, minus what it looks up again on each call.

    Proxies and CA bundles of the environment are looked up once for a host, and
    again when a variable changed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.auth = _keep
        self._settings: Dict[Any, Any] = {}
        self.mount("https://", Adapter())
        self.mount("http://", Adapter())

    def __setstate__(self, state: Dict[str, Any]) -> None:
        super().__setstate__(state)
        self._settings = {}

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """Return the settings for *url*; what was set on the session wins over the environment."""
        if proxies or verify is not None or not self.trust_env:
            return super().merge_environment_settings(url, proxies, stream, verify, cert)
        key = (origin_of(url), _environment(), self.verify, dict(self.proxies))
        known = self._settings  # another thread may replace it
        settings = known.get("key") == key and known["value"]
        if not settings:
            settings = super().merge_environment_settings(url, {}, None, None, None)
            if self.verify is not True:
                settings["verify"] = self.verify
            self._settings = {"key": key, "value": settings}
        return dict(settings, stream=stream or self.stream, cert=cert or self.cert)

    def rebuild_auth(self, prepared_request: Any, response: Any) -> None:
        """Keep the token from following a redirect to another host."""
        if self.should_strip_auth(response.request.url, prepared_request.url):
            prepared_request.headers.pop("Authorization", None)


def exchange(
    session: requests.Session, method: str, url: str, headers: Mapping[str, str], data: Any, params: Any,
    timeout: Timeout, stream: bool, redirects: bool,
) -> requests.Response:  # fmt: skip
    """Send one request and return the answer, through `session.request` wherever that would matter.

    A plain request, on a session of ours to which nobody added cookies, parameters,
    hooks or adapters, goes straight to the adapter: requests spends half of a small
    call on merging settings that are all empty, and on taking the address apart.
    """
    adapter = _plain_adapter(session, url)
    if params or adapter is None:
        return session.request(
            method, url, headers=dict(headers), data=data, params=params,
            timeout=timeout, stream=stream, allow_redirects=redirects,
        )  # fmt: skip
    prepared = _Plain()
    prepared.method, prepared.url, prepared.body = method, url, data
    prepared.headers = CaseInsensitiveDict(session.headers)
    prepared.headers.update(headers)
    prepared._cookies = session.cookies  # resolve_redirects reads it, and it is empty
    if data is not None:
        prepared.headers["Content-Length"] = str(len(data))
    elif method not in ("GET", "HEAD"):
        prepared.headers["Content-Length"] = "0"
    settings = session.merge_environment_settings(url, {}, stream, None, None)
    response = adapter.send(prepared, timeout=timeout, **settings)
    if "Set-Cookie" in response.raw.headers:  # of a load balancer, say
        extract_cookies_to_jar(session.cookies, prepared, response.raw)
    if redirects and 300 <= response.status_code < 400 and response.is_redirect:
        *history, response = [response, *session.resolve_redirects(response, prepared, timeout=timeout, **settings)]
        response.history = history
    return response


def content_of(response: requests.Response) -> bytes:
    """Read the rest of an answer in one piece, where requests would read many and join them.

    Raises:
        urllib3.exceptions.HTTPError: it is cut, silent for too long, or not what its header says.
    """
    raw: Any = response.raw
    if not hasattr(raw, "stream"):  # one that a test suite made up
        return b"".join(response.iter_content(LARGE))
    return bytes(raw.read(decode_content=True))


def _plain_adapter(session: requests.Session, url: str) -> Optional[Adapter]:
    """Return the adapter for *url* if nothing but it has a say in what is sent there, else None."""
    theirs = (requests.Session.request, requests.Session.send, requests.Session.get_adapter, HTTPAdapter.send)
    if (
        type(session) is not Session or not {"request", "send", "get_adapter"}.isdisjoint(session.__dict__)
        or session.auth is not _keep or session.params or len(session.cookies) or session.hooks["response"]
        or theirs != _THEIRS or not _PLAIN.fullmatch(url)
    ):  # fmt: skip
        return None
    adapter = session.get_adapter(url)
    return adapter if type(adapter) is Adapter and "send" not in adapter.__dict__ else None


def renew_pools(session: requests.Session) -> None:
    """Give a forked child connections of its own: a socket shared with the parent mixes up answers."""
    for adapter in set(session.adapters.values()):
        if isinstance(adapter, HTTPAdapter):
            # Not cleared: another thread of the parent may have held the locks of the old pools.
            adapter.__setstate__(adapter.__getstate__())


def address_of(url: str) -> str:
    """Return an address as requests sends it: checked, and quoted where it needs to be.

    Raises:
        requests.exceptions.InvalidURL: it is none, or of one of its kinds.
    """
    if _PLAIN.fullmatch(url):
        return url
    prepared = requests.PreparedRequest()
    prepared.prepare_url(url, None)
    return str(prepared.url)


def way_to(session: requests.Session, url: str) -> Tuple[Optional[str], Union[bool, str], Any]:
    """Return how requests would go to an address: proxy, CA bundle (False to trust anybody), client certificate."""
    session.get_adapter(url)  # which refuses what is neither http nor https
    settings = session.merge_environment_settings(url, {}, None, None, None)
    proxy = select_proxy(url, settings["proxies"])
    verify = DEFAULT_CA_BUNDLE_PATH if settings["verify"] is True else settings["verify"]
    if proxy and "://" not in proxy:
        proxy = "http://" + proxy
    return proxy, verify, settings["cert"]
