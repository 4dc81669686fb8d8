"""The asynchronous HTTP stack: the one module that imports aiohttp."""

import asyncio
import os
import ssl
from concurrent.futures import Executor
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Callable, Coroutine, Mapping, Optional, Tuple, Type, TypeVar, Union

try:
    import aiohttp
    from aiohttp.payload import Payload
    from yarl import URL
except ImportError as error:
    raise ImportError(f"gazu.aio needs the package aiohttp ({error}): pip install 'gazu[async]>=2.0.0.dev0'") from error

from ..exception import GazuException, HostException, TransportException
from . import failures
from .decoding import check_coding, check_size
from .messages import Request, Response
from .multipart import Multipart, in_chunks
from .route import public
from .session import connection_settings, normalized_url

T = TypeVar("T")


# -- failures: each is a GazuException, the class of requests as in the synchronous client, and one of aiohttp
class ConnectionFailed(failures.ConnectionFailed, aiohttp.ClientConnectionError):
    """The server could not be reached, or closed the connection."""


class ConnectTimedOut(failures.ConnectTimedOut, aiohttp.ServerTimeoutError):
    """The server did not accept the connection in time."""


class ReadTimedOut(failures.ReadTimedOut, aiohttp.ServerTimeoutError):
    """The server was silent for too long."""


class DeadlinePassed(failures.DeadlinePassed, aiohttp.ServerTimeoutError):
    """The call took longer than the deadline of its client, or of its block."""


class BodyCut(failures.BodyCut, aiohttp.ClientPayloadError):
    """The connection ended in the middle of the response."""


class AnswerUnreadable(failures.AnswerUnreadable, aiohttp.ClientPayloadError):
    """The body of the response is not compressed as its header says."""


class AnswerTooLarge(failures.AnswerTooLarge, aiohttp.ClientPayloadError):
    """The body of the response has more bytes than a client keeps in memory."""


class CertificateRefused(failures.CertificateRefused, aiohttp.ClientConnectionError):
    """The secure connection could not be made, or the server's certificate is not trusted."""


class ProxyFailed(failures.ProxyFailed, aiohttp.ClientConnectionError):
    """The proxy could not be reached, or refused."""


class HostNeverSet(failures.HostNeverSet, aiohttp.ClientConnectionError):
    """The host is the one that a client has until it is set: nothing was sent."""


class TooManyRedirects(failures.TooManyRedirects, aiohttp.ClientError):
    """The server sends from one address to another without end."""


#: What may come instead of a response.
NETWORK_ERRORS = (
    aiohttp.ClientError, asyncio.TimeoutError, failures.RequestException, TransportException, failures.UnsetHost,
    failures.Downgrade,
)  # fmt: skip
# From the particular to the general: the first that fits is taken.
_FAILURES: Tuple[Tuple[Type[TransportException], Tuple[Type[Exception], ...]], ...] = (
    (ReadTimedOut, (asyncio.TimeoutError,)),
    (CertificateRefused, (aiohttp.ClientSSLError,)),
    (ProxyFailed, (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError)),
    (TooManyRedirects, (aiohttp.TooManyRedirects,)),
    (BodyCut, (aiohttp.ClientPayloadError,)),
    (ConnectionFailed, (Exception,)),
)


def translate(error: Exception, method: str, url: str) -> GazuException:
    """Return our error for one of aiohttp, or of requests, which looks at addresses first."""
    if isinstance(error, TransportException):
        return error
    if isinstance(error, (failures.RequestException, failures.Downgrade)):
        return failures.translate(error, method, url)
    if isinstance(error, failures.UnsetHost):
        return HostNeverSet(*failures.translate(error, method, url).args)
    kind = next(ours for ours, theirs in _FAILURES if isinstance(error, theirs))
    if kind is ReadTimedOut and str(error).startswith("Connection timeout"):
        kind = ConnectTimedOut
    elif kind is BodyCut and "decode content-encoding" in str(error):
        kind = AnswerUnreadable
    elif kind is BodyCut and "exceeds the configured limit" in str(error):  # of aiohttp 3.13, for what unfolds at once
        kind = AnswerTooLarge
    never_sent = kind is ConnectTimedOut or isinstance(error, aiohttp.ClientConnectorError)
    cause = _harmless(failures.innermost_cause(error))
    ours = failures.describe(kind, cause, method, url, not never_sent)
    cause.__traceback__ = cause.__cause__ = cause.__context__ = None  # they have aiohttp's copies of headers
    ours.__cause__ = cause
    return ours


def _harmless(error: BaseException) -> BaseException:
    """Return an error in words that may be shown: those of aiohttp tell addresses, headers, and proxies' passwords."""
    if isinstance(error, asyncio.TimeoutError):
        return asyncio.TimeoutError("timed out")
    if isinstance(error, aiohttp.ClientResponseError):
        return ConnectionError(error.message)
    if isinstance(error, aiohttp.ClientOSError) and error.errno:
        return ConnectionError(error.errno, os.strerror(error.errno))
    if isinstance(error, aiohttp.ClientError) and not isinstance(error, aiohttp.ClientPayloadError):
        return ConnectionError("the connection was closed")
    return error


# -- one request -------------------------------------------------------------
#: Whether the request of this task, which aiohttp may redirect, has to stay encrypted.
_encrypted: ContextVar[bool] = ContextVar("encrypted", default=False)


class Connector(aiohttp.TCPConnector):
    """aiohttp's own, which refuses what must not be asked."""

    async def connect(self, req: Any, *args: Any, **kwargs: Any) -> Any:
        """Connect to the server, or the proxy, for *req*."""
        failures.check_host_is_set(req.url.host)
        if _encrypted.get() and req.url.scheme == "http":
            raise failures.downgrade_to(str(req.url))
        return await super().connect(req, *args, **kwargs)


#: Seconds in which the head of a response without a body before it has to come, whatever `100 Continue` it begins with.
_head_seconds: ContextVar[Optional[float]] = ContextVar("_head_seconds", default=None)


class HeadResponse(aiohttp.ClientResponse):
    """A response whose head has an end: aiohttp reads any number of interim responses."""

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        """Read the head; in this task, as another would let what comes behind it be lost before it is read."""
        seconds = _head_seconds.get()
        if seconds is None:
            return await super().start(connection)
        timer = asyncio.get_running_loop().call_later(seconds, connection.close)
        try:
            return await super().start(connection)
        except aiohttp.ClientConnectionError as error:
            if connection.protocol is None:  # the timer has closed it
                raise asyncio.TimeoutError("the head of the response does not end") from error
            raise
        finally:
            timer.cancel()


def new_session() -> aiohttp.ClientSession:
    """Return a session for the running event loop."""
    session = aiohttp.ClientSession(connector=Connector(), response_class=HeadResponse)
    if hasattr(session, "_retry_connection"):  # aiohttp, from 3.11 on, would repeat on its own what we count
        session._retry_connection = False
    return session


async def send_once(client: Any, request: Request, headers: Mapping[str, str]) -> Response:
    """Send *request* once; the body of the response is read unless it is good and wanted as a stream."""
    if request.data is None:
        return await _exchange(client, request, headers, None)
    body = Body(request.data)
    try:
        response = await with_inactivity_timeout(_exchange(client, request, headers, body), body, request.timeout[1])
    finally:
        await body.finish()
    if body.error is not None:  # the response came at the same moment
        raise body.error
    return response


async def _exchange(client: Any, request: Request, headers: Mapping[str, str], body: Optional["Body"]) -> Response:
    address = normalized_url(request.url)
    proxy, verify, cert = connection_settings(address, client.ssl_verify, client.cert)
    if proxy and not proxy.startswith("http"):
        raise HostException(f"the proxy {public(proxy)} is not one for HTTP: aiohttp knows no other")
    _encrypted.set(address.startswith("https:"))
    connect, silence = request.timeout
    url = URL(address, encoded=True).with_user(None)  # a token is sent, or nothing
    # aiohttp takes the time of sending for silence in some of its versions, and waits forever in others.
    limits = aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=silence if body is None else None)
    _head_seconds.set(limits.sock_read)
    try:
        response = await client.session.request(
            request.method, url, headers=headers, data=body, timeout=limits, proxy=proxy,
            ssl=_tls(verify, cert), allow_redirects=request.method in ("GET", "HEAD"), max_redirects=30,
        )  # fmt: skip
    except BaseException:
        if body is not None:
            body.abort()
        raise
    try:
        asking = getattr(response, "request_info", None)  # one that a test suite made up may have none
        check_coding(response.headers, getattr(asking, "headers", None) or {}, request)
        return Response(response.status, await _content(response, request, body), response, response.content)
    except BaseException:
        response.close()
        raise


async def _content(response: aiohttp.ClientResponse, request: Request, body: Optional["Body"]) -> Optional[bytes]:
    """Return the content of a response, or None if it is left on the connection."""
    if request.stream and response.status < 300:
        return None
    pieces, size = [], 0
    while not response.content.at_eof():
        piece = response.content.read_nowait() or await read_body(response.content.readany(), request)
        size = check_size(size + len(piece), response.status, request)
        if not size:  # some of it may still be on the connection
            response.close()
            break
        pieces.append(piece)
        if body is not None:
            body.touch()
    if body is not None and not body.whole:  # the server waits for the rest: nothing else may be sent here
        response.close()
    return b"".join(pieces)


async def read_body(work: Coroutine[Any, Any, bytes], request: Request) -> bytes:
    """Return the next bytes of a body; where aiohttp 3.14 has paused a fast server, its own time-out is lost."""
    try:
        return await asyncio.wait_for(work, request.timeout[1])
    except RuntimeError as error:  # of aiohttp, if the connection was closed before this
        raise aiohttp.ServerDisconnectedError(str(error)) from None


class Body(Payload):
    """The body of a request, read from disk while it is sent."""

    def __init__(self, data: Union[bytes, Multipart]) -> None:
        super().__init__(data)
        self.data = data
        #: when a piece last left or came, in the time of the event loop
        self.last_activity: Optional[float] = None
        #: bytes still to be sent
        self.left = len(data)
        #: all of it has left
        self.whole = False
        self._transport: Any = None
        self._task: Optional["asyncio.Task[Any]"] = None

    @property
    def size(self) -> int:
        """The bytes of the whole."""
        return len(self.data)

    @property
    def error(self) -> Optional[BaseException]:
        """What went wrong with a file, or in the callback of the user."""
        return self.data.error if isinstance(self.data, Multipart) else None

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Refuse: what is read from disk is not text."""
        raise TypeError("the body of a request is not kept in memory")

    async def write(self, writer: Any) -> None:
        """Send it, and count what has left."""
        self.left, self._transport, self._task = len(self.data), writer.transport, asyncio.current_task()
        self.touch()
        try:
            if isinstance(self.data, bytes):
                await self._send(self.data, writer)
            else:
                await self._send_form(self.data, writer)
            await writer.drain()  # so that nothing that comes behind it has to wait
            self.whole = True
        except asyncio.CancelledError:
            # aiohttp 3.8 to 3.14 leave what they wait for here, and its error, to nobody.
            _consume_exception(getattr(writer.protocol, "_drain_waiter", None))
            raise
        except BaseException as error:
            if error is not self.error:
                raise
            # In this task of aiohttp's, Ctrl-C would end the loop, and others would never be reported.
            raise aiohttp.ClientConnectionError("the body could not be sent") from None
        finally:
            if not self.whole:
                self.abort()

    def abort(self) -> None:
        """Give up the connection, which would wait forever for somebody to take what is in its buffer."""
        if self._transport is not None:
            self._transport.abort()

    async def finish(self) -> None:
        """Have the sending end, if it has begun: nothing is read from the files then."""
        if self._task is None:
            return
        if not self.whole:
            self.abort()
        await shielded(self._task)

    async def _send_form(self, form: Multipart, writer: Any) -> None:
        pieces = form.chunks(in_chunks)
        while self.left:
            read = await call_in_thread(next, pieces)
            with form.record_source_error():
                piece, done = read.result()
            await self._send(piece, writer)
            form.report_progress(done)

    async def _send(self, piece: bytes, writer: Any) -> None:
        await writer.write(piece)
        self.left -= len(piece)
        self.touch()

    def touch(self) -> None:
        """Record that something moved."""
        self.last_activity = asyncio.get_running_loop().time()


def _consume_exception(waiter: Optional["asyncio.Future[Any]"]) -> None:
    """Listen to what aiohttp waits for, which is an error if the connection is lost, when nobody else does any more."""
    if waiter is not None:
        waiter.add_done_callback(lambda ended: ended.cancelled() or ended.exception())


async def with_inactivity_timeout(work: Coroutine[Any, Any, T], body: Body, silence: Optional[float]) -> T:
    """Return what *work* does, unless nothing moves for so many seconds once it has begun to send *body*."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            left = silence
            if silence is not None and body.last_activity is not None:
                left = body.last_activity + silence - asyncio.get_running_loop().time()
                if left <= 0:
                    raise asyncio.TimeoutError("neither the body nor the response moves")
            await asyncio.wait({task}, timeout=left)
        if task.cancelled():  # not by us: by a version of aiohttp that lost the connection
            raise aiohttp.ServerDisconnectedError
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def to_thread(function: Callable[..., Any], *args: Any, executor: Optional[Executor] = None) -> Any:
    """Return what *function*, which uses a file, does in a thread; whatever ends this, the file is left alone first."""
    return (await call_in_thread(function, *args, executor=executor)).result()


async def call_in_thread(
    function: Callable[..., Any], *args: Any, executor: Optional[Executor] = None
) -> "asyncio.Future[Any]":
    """Call *function* in a thread, and return how that ended."""
    future = asyncio.get_running_loop().run_in_executor(executor, function, *args)
    await shielded(future)
    return future


async def shielded(future: "asyncio.Future[Any]") -> None:
    """Wait for the end of *future*, good or bad, and only then be cancelled."""
    try:
        if not future.done():
            await asyncio.wait({future})
    except asyncio.CancelledError:
        await shielded(future)
        raise
    if not future.cancelled():
        future.exception()  # asyncio complains of those that nobody has read


def _tls(verify: Any, cert: Any) -> ssl.SSLContext:
    """Return the settings for secure connections; only False has anybody trusted."""
    files = cert if isinstance(cert, tuple) else (cert,) if cert else ()
    return _context(None if verify is False else os.fspath(verify), *files)


@lru_cache(maxsize=16)
def _context(bundle: Optional[str], *cert: str) -> ssl.SSLContext:
    """Return the same object each time, so that connections are used again."""
    for path in cert if bundle is None else (*cert, bundle):
        if not os.path.exists(path):
            raise FileNotFoundError(2, "No such certificate or bundle", path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if bundle is None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    else:
        context.load_verify_locations(**{"capath" if os.path.isdir(bundle) else "cafile": bundle})
    if cert:
        context.load_cert_chain(*cert)
    return context
