"""Connections of requests and urllib3: large bodies go out well, and what comes in has bounds."""

import errno
import http.client
import io
import os
import re
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, Optional
from urllib.parse import urlsplit

from .failures import check_host_is_set  # isort: skip  # first: it says what to install

import requests
from requests.adapters import HTTPAdapter
from requests.models import CONTENT_CHUNK_SIZE
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, IncompleteRead, ProtocolError, ReadTimeoutError, SSLError
from urllib3.util.wait import wait_for_read, wait_for_socket

from . import decoding
from .messages import Request
from .multipart import FilePart, Multipart, in_chunks, in_parts
from .route import PLAIN_URL, origin_of, public

#: Smaller bodies are sent without looking for an early response.
LARGE_BODY_BYTES = 64 * 1024
#: What a system says of a connection that the server has closed; Windows says "aborted".
_CLOSED = (BrokenPipeError, ConnectionResetError, ConnectionAbortedError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
#: What a system says of a file that it cannot send by itself, or not read: reading it does, or says why.
_READ_INSTEAD = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EIO, errno.EOVERFLOW)
#: Lines before the body of a response, if interim responses (`100 Continue`) come first.
MAX_HEAD_LINES = 512
#: How a response begins that is not an interim one.
_FINAL = re.compile(rb"HTTP/1\.[01] [2-5]")


class _Limits(threading.local):
    """The read time-out of the request that this thread is sending, and when its call has to end."""

    read: Optional[float] = None
    until: Optional[float] = None


_limits = _Limits()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Have what this thread sends and receives meanwhile end in so many seconds, however busy the server is."""
    outer = _limits.until
    until = time.monotonic() + seconds
    _limits.until = until if outer is None else min(until, outer)
    try:
        yield
    finally:
        _limits.until = outer


def seconds_left() -> Optional[float]:
    """Return the seconds that `within` leaves to this thread; None without a limit."""
    return None if _limits.until is None else _limits.until - time.monotonic()


def _shortened(limit: Optional[float], until: Optional[float]) -> Optional[float]:
    """Return the time-out *limit*, or what is left of it.

    Raises:
        socket.timeout: nothing is left.
    """
    if until is None:
        return limit
    left = until - time.monotonic()
    if left <= 0:
        raise socket.timeout("timed out")
    return left if limit is None else min(limit, left)


class _TimedReader(io.RawIOBase):
    """What comes from a socket, until a point in time."""

    def __init__(self, stream: Any, sock: Any, until: float) -> None:
        super().__init__()
        self._stream, self._sock, self._until, self._limit = stream, sock, until, sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Any:
        self._sock.settimeout(_shortened(self._limit, self._until))
        return self._stream.readinto1(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Head:
    """What comes from a socket before the body: lines, not any number of them."""

    def __init__(self, stream: Any) -> None:
        self.stream, self.left = stream, MAX_HEAD_LINES

    def close(self) -> None:
        self.stream.close()

    def flush(self) -> None:
        self.stream.flush()

    def readline(self, limit: int = -1) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise http.client.HTTPException(f"the response has more than {MAX_HEAD_LINES} lines before its body")
        line: bytes = self.stream.readline(limit)
        return line


class _HttpResponse(http.client.HTTPResponse):
    """A response whose head has an end, and that ends with the deadline of the call."""

    fp: Any

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        if _limits.until is not None:
            self.fp = io.BufferedReader(_TimedReader(self.fp, sock, _limits.until))

    def begin(self) -> None:
        """Read the head; http.client itself bounds that of the response, but not how many interim ones come before."""
        stream = self.fp
        if not (hasattr(stream, "peek") and _FINAL.match(stream.peek(1))):
            self.fp = _Head(stream)
        super().begin()
        if type(self.fp) is _Head:
            self.fp = stream


class EarlyResponseMixin:
    """A connection that sends bodies under the read limit, and stops when the server responds before their end.

    urllib3 leaves the connect limit on the socket while the body goes out, so that
    a server that stalls for a few seconds would end an upload.
    """

    sock: Any
    host: str
    #: The last response of http.client itself.
    received: Optional[_HttpResponse] = None
    _large = _unfinished = False

    def connect(self) -> None:
        self._unfinished = False
        self._check_host(self.host)
        super().connect()  # type: ignore[misc]
        self.sock.settimeout(_limits.read)

    def putrequest(self, method: str, url: str, *args: Any, **kwargs: Any) -> None:
        self._large = False
        if url.startswith("http"):  # for a proxy
            self._check_host(urlsplit(url).hostname)
        if self.sock is None:
            self.connect()  # now, while no frame of http.client holds the headers as text
        else:
            self.sock.settimeout(_limits.read)
        super().putrequest(method, url, *args, **kwargs)  # type: ignore[misc]

    def set_tunnel(self, host: str, *args: Any, **kwargs: Any) -> None:
        """Have a proxy connect to *host*."""
        self._check_host(host)
        super().set_tunnel(host, *args, **kwargs)  # type: ignore[misc]

    def response_class(self, *args: Any, **kwargs: Any) -> _HttpResponse:
        """Return a new response of http.client, which knows no other way to ask for a class."""
        self.received = _HttpResponse(*args, **kwargs)
        return self.received

    def _check_host(self, host: Optional[str]) -> None:
        """Refuse the host of a client that has none yet, unless a test suite stands in for the network."""
        if socket.socket.__module__.split(".")[0] not in ("httpretty", "mocket"):
            check_host_is_set(host)

    def getresponse(self, *args: Any, **kwargs: Any) -> Any:
        response = super().getresponse(*args, **kwargs)  # type: ignore[misc]
        if self._unfinished and self.sock is not None:
            # The server waits for the rest of the body: nothing else may be sent here.
            self.sock.close()  # the response keeps the descriptor until it is read
            self.sock = None
        return response

    def request(self, method: str, url: str, body: Any = None, *args: Any, **kwargs: Any) -> None:
        """Send a request, a form by one call of `send`: urllib3 itself would take it to pieces."""
        body = (body,) if isinstance(body, Multipart) else body
        super().request(method, url, body, *args, **kwargs)  # type: ignore[misc]

    def send(self, data: Any) -> None:
        """Send bytes, or a form piece by piece."""
        if isinstance(data, Multipart):
            by_kernel = type(self.sock) is socket.socket and hasattr(os, "sendfile")
            for piece in data.pieces(in_parts if by_kernel else in_chunks):
                if isinstance(piece, FilePart):
                    self._send_file(piece, data)
                else:
                    self.send(piece)
            return
        # What follows a large chunk, however small, may find the way full.
        self._large = self._large or len(data) >= LARGE_BODY_BYTES
        if self._large and type(self.sock) in (socket.socket, ssl.SSLSocket):
            left = memoryview(data).cast("B")
            self._send_until_response(len(left), lambda sent: self.sock.send(left[sent:]))
            return
        try:
            super().send(data)  # type: ignore[misc]
        except _CLOSED as error:
            raise self._broken_pipe(error) from error

    def _send_file(self, part: FilePart, form: Multipart) -> None:
        """Have the kernel send a part of a file, whose bytes then never come into this process."""
        number, self._large = part.file.fileno(), True

        def send(sent: int) -> int:
            try:
                return os.sendfile(self.sock.fileno(), number, part.start + sent, part.size - sent)
            except OSError as error:
                if error.errno in _READ_INSTEAD:
                    return 0
                raise

        sent = self._send_until_response(part.size, send)
        for chunk in form.recorded(in_chunks(part._replace(start=part.start + sent, size=part.size - sent))):
            self.send(chunk)

    def _broken_pipe(self, error: OSError) -> BrokenPipeError:
        """Return the error for a connection that the server has closed.

        A server that refuses a large body (413) responds before it is all there, and closes: urllib3 reads that
        response after a broken pipe, not after a reset.
        """
        self._unfinished = True
        return BrokenPipeError(*error.args)

    def _send_until_response(self, size: int, send: Callable[[int], int]) -> int:
        """Send without blocking: a server that has refused the body may take no more of it, and yet not close.

        Args:
            send: sends some of what is behind so many bytes, and returns how many; 0 if that cannot be.

        Returns:
            The bytes that are sent.
        """
        limit, sent = self.sock.gettimeout(), 0
        self.sock.settimeout(0)
        try:
            while sent < size:
                if self._has_responded():
                    raise BrokenPipeError("the server has responded already")
                try:
                    count = send(sent)
                    sent += count
                    if not count:
                        break
                except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError) as full:
                    write = not isinstance(full, ssl.SSLWantReadError)
                    if not wait_for_socket(self.sock, read=True, write=write, timeout=_shortened(limit, _limits.until)):
                        raise socket.timeout("timed out") from None
        except _CLOSED as error:
            raise self._broken_pipe(error) from error
        finally:
            self.sock.settimeout(limit)
        return sent

    def _has_responded(self) -> bool:
        """Return whether the server has sent something, or closed; the socket must not block."""
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
        # http.client reads the response from `sock.makefile("rb")`: this one has what was read already.
        self.sock.makefile = lambda *args, **kwargs: stream
        return True


# A tool that records for tests (vcrpy) puts classes of its own into urllib3: they win
# while they are there, and are not what ours derive from if it came first.
def original_class(connection: Any) -> Any:
    """Return the class of urllib3 that *connection* is, or derives from."""
    return next((kind for kind in connection.__mro__ if kind.__module__ == "urllib3.connection"), connection)


_PlainConnection: Any = original_class(HTTPConnection)
_TlsConnection: Any = original_class(HTTPSConnection)


class Connection(EarlyResponseMixin, _PlainConnection):  # type: ignore[misc]
    """A connection over plain TCP."""


class SecureConnection(EarlyResponseMixin, _TlsConnection):  # type: ignore[misc]
    """A connection over TLS."""


class Pool(HTTPConnectionPool):
    @property
    def ConnectionCls(self) -> Any:  # type: ignore[override]
        current: Any = HTTPConnectionPool.ConnectionCls
        return Connection if current is _PlainConnection else current


class SecurePool(HTTPSConnectionPool):
    @property
    def ConnectionCls(self) -> Any:  # type: ignore[override]
        current: Any = HTTPSConnectionPool.ConnectionCls
        return SecureConnection if current is _TlsConnection else current


def _read_into(source: _HttpResponse, block: memoryview) -> int:
    """Read some of a body, with the errors of urllib3."""
    try:
        return source.readinto(block)
    except socket.timeout as error:
        raise ReadTimeoutError(None, None, "Read timed out.") from error  # type: ignore[arg-type]
    except ssl.SSLError as error:
        raise SSLError(error) from error
    except (http.client.HTTPException, OSError) as error:
        raise ProtocolError(f"Connection broken: {error!r}", error) from error


class Response(requests.Response):
    """A response whose content is read in one piece, where requests reads many and joins them; not in a large one."""

    def iter_content(self, chunk_size: Optional[int] = 1, decode_unicode: Any = False) -> Any:
        """Yield the content in pieces; for all of it, requests asks for pieces of CONTENT_CHUNK_SIZE."""
        if self.status_code >= 300 and self.is_redirect:  # requests reads its body, which nobody needs
            return self._beginning()
        if chunk_size != CONTENT_CHUNK_SIZE:
            return super().iter_content(chunk_size, decode_unicode)
        if decoding.fits(self.headers, decoding.MAX_BODY_BYTES):
            return super().iter_content(None, decode_unicode)
        return self._limited(super().iter_content(decoding.chunk_bytes(self.headers), decode_unicode))

    def pieces(self) -> Iterator[Any]:
        """Yield the body in pieces, each of which is there until the next one: they are read into one buffer.

        urllib3 makes new bytes of each piece, which takes a fifth more of the processor than to read a file.
        """
        source = getattr(getattr(self.raw, "connection", None), "received", None)
        if source is None or source.length is None or "Content-Encoding" in self.headers:
            yield from self.raw.stream(decoding.chunk_bytes(self.headers), decode_content=True)
            return
        block, done, total = memoryview(bytearray(min(decoding.CHUNK_BYTES, source.length))), 0, source.length
        while done < total:
            count = _read_into(source, block)
            done += count
            if not count:
                cut = IncompleteRead(done, total - done)
                raise ProtocolError(f"Connection broken: {cut!r}", cut)
            yield block[:count]
        self.raw.length_remaining = 0
        self.raw.read(1)  # it gives the connection back

    def keep_content(self, content: bytes) -> None:
        """Make *content* that of the response, for scripts: `content` itself would keep what it has read."""
        self.raw = io.BytesIO(content)

    def _limited(self, pieces: Any) -> Iterator[bytes]:
        """Yield as many pieces as a body may have; a connection with more of them serves nobody else."""
        address = public(self.url)
        try:
            yield from decoding.limit_body(
                pieces, self.status_code, Request(str(self.request.method), address, address)
            )
        finally:
            self.raw.close()

    def _beginning(self) -> Iterator[bytes]:
        """Yield the first pieces of the body, as they come, and give up the connection if there are more."""
        for _ in range(decoding.MAX_ERROR_BYTES // decoding.CHUNK_BYTES):
            try:
                piece = self.raw.read(decoding.CHUNK_BYTES, decode_content=False)
            except HTTPError:
                break
            if not piece:
                return
            yield piece
        self.raw.close()


class Adapter(HTTPAdapter):
    """requests' adapter over the connections above."""

    def __init__(self) -> None:
        super().__init__(pool_connections=16, pool_maxsize=64)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}
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
            manager.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}
        return manager

    def add_headers(self, request: Any, **kwargs: Any) -> None:
        """Give a tool that records for tests the headers as plain text: vcrpy 9.4 saves nothing else."""
        if HTTPConnectionPool.ConnectionCls is not _PlainConnection:
            request.headers = {name: str(value) for name, value in request.headers.items()}

    def request_url(self, request: Any, proxies: Any) -> str:
        """Return what follows the host; requests takes the address apart twice for it."""
        path: str = request.url[len(origin_of(request.url)) :]
        if proxies or path.startswith("//") or not PLAIN_URL.fullmatch(request.url):
            return super().request_url(request, proxies)
        return path

    def send(
        self, request: Any, stream: bool = False, timeout: Any = None, verify: Any = True, cert: Any = None,
        proxies: Any = None,
    ) -> Any:  # fmt: skip
        """Send a finished request; its body goes out under the read limit."""
        if _limits.until is not None and isinstance(timeout, (tuple, int, float, type(None))):
            connect, read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
            timeout = (_shortened(connect, _limits.until), _shortened(read, _limits.until))
        _limits.read = timeout[1] if isinstance(timeout, tuple) else timeout
        try:
            # By name: what stands in the place of requests' method, as `responses` 0.23 has it, may take no others.
            return super().send(request, stream=stream, timeout=timeout, verify=verify, cert=cert, proxies=proxies)
        finally:
            _limits.read = None

    def build_response(self, req: Any, resp: Any) -> Any:
        """Return the response of requests for one of urllib3, which is to come whole."""
        resp.enforce_content_length = True  # urllib3 1.26 takes half a body for the whole
        response = super().build_response(req, resp)
        response.__class__ = Response  # the adapter of requests has no other place for it
        return response
