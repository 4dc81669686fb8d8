"""The verbs of `gazu.client` for asynchronous programs; needs aiohttp (extra `async`).

    async with gazu.aio.create_session(host, email, password) as client:
        shots = await gazu.aio.fetch_all("shots", client=client)

What is promised of `gazu.client` holds here, too: time-outs, retries, renewal of tokens, whole files, and its errors.
Those of a request that got no response are also aiohttp's.
"""

import asyncio
import contextvars
import copy
import functools
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import (
    TYPE_CHECKING,
    Any,
    Awaitable,
    Callable,
    Coroutine,
    Dict,
    Generator,
    Iterable,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Tuple,
    TypeVar,
)

from . import client as raw
from . import connection
from .__version__ import __version__ as __version__
from ._http import protocol
from ._http.async_sender import call_callback, converse, request_json, run, send
from ._http.async_session import NETWORK_ERRORS, new_session, send_once, to_thread
from ._http.atomic_file import AtomicFile
from ._http.log import debug, get_logger
from ._http.login import build_credentials, explain_refusal, store_tokens, warn_of_plain_http
from ._http.messages import Request
from ._http.multipart import Multipart, Progress
from ._http.request import (
    Fields,
    build_request,
    data_path,
    delete_request,
    download_request,
    json_request,
    list_query,
    page_query,
    record_path,
    timeout_of,
    warn_if_ignored,
)
from .client import BaseClient, Certificate, Params, Timeout, Verify, build_path_with_params, url_path_join
from .deprecation import find_imported, list_functions
from .exception import GazuException, NotAuthenticatedException, ParameterException, ServerErrorException
from .names import NameHint
from .secret import hides_secrets

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

T = TypeVar("T")

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)

logger: Any = get_logger()
MAX_AUTH_RETRIES = protocol.MAX_AUTH_ATTEMPTS
#: Calls of synchronous functions that run at once in an event loop.
MAX_CALLS = 64


class _OfLoop(NamedTuple):
    """What belongs to one event loop."""

    session: "ClientSession"
    renewing: asyncio.Lock
    #: the threads of `call`; not those of the loop, which its own look-ups of addresses need
    threads: ThreadPoolExecutor


class AsyncKitsuClient(BaseClient):
    """A connection to one Kitsu server as one user, for asynchronous programs.

    As a context manager it logs out at the end and closes its connections. Tasks may
    share it, and so may event loops; it can be pickled and copied.

    Args:
        host: the URL of the API: `https://kitsu.example.com/api`.
        callback_not_authenticated: a function or a coroutine function, called with
            (client, path); if it returns True, the request is sent again.

    The others are those of `KitsuClient`.
    """

    @hides_secrets
    def __init__(
        self,
        host: str,
        ssl_verify: Verify = True,
        use_refresh_token: bool = True,
        callback_not_authenticated: Optional[Callable[["AsyncKitsuClient", str], Any]] = None,
        tokens: Optional[Dict[str, Any]] = None,
        access_token: Optional[str] = None,
        refresh_token: Optional[str] = None,
        cert: Certificate = None,
        timeout: Timeout = None,
        retries: Optional[int] = None,
        deadline: Optional[float] = None,
    ) -> None:
        super().__init__(
            host, ssl_verify, cert, use_refresh_token, callback_not_authenticated, tokens, access_token, refresh_token,
            timeout, retries, deadline,
        )  # fmt: skip
        self._loops: Dict[Any, _OfLoop] = {}

    def of_loop(self) -> _OfLoop:
        """Return what belongs to the running event loop, made when it is first needed."""
        loop = asyncio.get_running_loop()
        found = self._loops.get(loop)
        if found is None or found.session.closed:
            for other in [one for one in list(self._loops) if one.is_closed()]:
                self._loops.pop(other, None)
            found = self._loops[loop] = _OfLoop(new_session(), asyncio.Lock(), ThreadPoolExecutor(MAX_CALLS, "gazu"))
        return found

    @property
    def session(self) -> "ClientSession":
        """The aiohttp.ClientSession of this client in the running event loop, made when it is first needed."""
        return self.of_loop().session

    async def refresh_access_token(self) -> Dict[str, Any]:
        """Get a new access token with the refresh token: `GET auth/refresh-token`.

        Returns:
            The response: `{"access_token": ...}`.

        Raises:
            NotAuthenticatedException: there is no refresh token, or it has expired too.
        """
        return await converse(self, protocol.refresh(self))

    async def __aenter__(self) -> "AsyncKitsuClient":
        return self

    async def __aexit__(self, *error: Any) -> None:
        """Log out, whatever the server says to it, and close the connections; a stored session goes on."""
        try:
            if self.access_token and self.stored_session is None:
                await get("auth/logout", client=self)
        except GazuException as failure:
            debug("log-out failed: %s", type(failure).__name__)
        finally:
            self.forget_tokens()
            if self._session is not None:
                self._session.close()
            self.of_loop().threads.shutdown(wait=False)
            await self.session.close()

    def __getstate__(self) -> Dict[str, Any]:
        return {**super().__getstate__(), "_loops": {}}


# -- the session of a user ---------------------------------------------------
class Opening(Coroutine[Any, Any, AsyncKitsuClient]):
    """A client that is being made: await it, or enter it as an asynchronous context, which logs out at its end."""

    def __init__(self, work: Coroutine[Any, Any, AsyncKitsuClient]) -> None:
        self._work = work
        self._client: Optional[AsyncKitsuClient] = None

    def __await__(self) -> Generator[Any, Any, AsyncKitsuClient]:
        return self._work.__await__()

    async def __aenter__(self) -> AsyncKitsuClient:
        self._client = await self._work
        return await self._client.__aenter__()

    async def __aexit__(self, *error: Any) -> None:
        if self._client is not None:
            await self._client.__aexit__(*error)

    def send(self, value: Any) -> Any:
        """Go on, as a coroutine does."""
        return self._work.send(value)

    def throw(self, kind: Any, value: Any = None, traceback: Optional[TracebackType] = None) -> Any:
        """Raise an error where it waits, as a coroutine does."""
        return self._work.throw(kind) if value is None else self._work.throw(kind, value, traceback)

    def close(self) -> None:
        """End it, as a coroutine does."""
        self._work.close()


@hides_secrets
def create_session(
    host: str,
    email: str,
    password: str,
    totp: Optional[str] = None,
    email_otp: Optional[str] = None,
    fido_authentication_response: Optional[Dict[str, Any]] = None,
    recovery_code: Optional[str] = None,
    ssl_verify: Verify = True,
    use_refresh_token: bool = True,
    callback_not_authenticated: Optional[Callable[[AsyncKitsuClient, str], Any]] = None,
    cert: Certificate = None,
) -> Opening:
    """Create a client and log in with it: `POST auth/login`.

        async with gazu.aio.create_session(host, email, password) as client:
            shots = await gazu.aio.fetch_all("shots", client=client)

        client = await gazu.aio.create_session(host, email, password)  # the same, without a log-out

    The arguments are those of `AsyncKitsuClient` and `gazu.log_in`.
    """
    client = AsyncKitsuClient(host, ssl_verify, use_refresh_token, callback_not_authenticated, cert=cert)
    factors = (totp, email_otp, fido_authentication_response, recovery_code)
    return Opening(_opened(client, functools.partial(log_in, email, password, *factors, client=client)))


def connect(host: Optional[str] = None, profile: Optional[str] = None) -> Opening:
    """Create a client with the environment, or with a session of `gazu-cli login`, as `gazu.connect` does.

        async with gazu.aio.connect() as client:
            shots = await gazu.aio.fetch_all("shots", client=client)

    Args:
        host: the URL of the server.
        profile: the name or the host of a stored session.

    Returns:
        What `create_session` returns.
    """
    client = AsyncKitsuClient(raw.host)
    return Opening(_opened(client, functools.partial(_connect, client, host, profile)))


async def _connect(client: AsyncKitsuClient, host: Optional[str], profile: Optional[str]) -> None:
    account = connection.set_up(client, host, profile)
    if account:
        await log_in(*account, client=client)


async def _opened(client: AsyncKitsuClient, log_in: Callable[[], Awaitable[Any]]) -> AsyncKitsuClient:
    """Return the client when it is logged in; close its connections if that fails."""
    try:
        await log_in()
    except BaseException:
        await client.session.close()
        raise
    return client


@hides_secrets
async def log_in(
    email: str,
    password: str,
    totp: Optional[str] = None,
    email_otp: Optional[str] = None,
    fido_authentication_response: Optional[Dict[str, Any]] = None,
    recovery_code: Optional[str] = None,
    client: Optional[AsyncKitsuClient] = None,
) -> Dict[str, Any]:
    """Log in, and keep the tokens in the client: `POST auth/login`.

    Arguments, result and errors are those of `gazu.log_in`.
    """
    warn_of_plain_http(_check(client))
    credentials = build_credentials(email, password, totp, email_otp, fido_authentication_response, recovery_code)
    with explain_refusal(email):
        answer = await post("auth/login", credentials, client=client)
    return store_tokens(email, answer, _check(client))


async def log_out(client: AsyncKitsuClient) -> Dict[str, Any]:
    """Log out: `GET auth/logout`. The client forgets its tokens whatever the server says.

    Returns:
        The tokens left: `{"access_token": None, "refresh_token": None}`.
    """
    _check(client)
    try:
        if client.access_token:
            await get("auth/logout", client=client)
    except (NotAuthenticatedException, ParameterException):
        pass  # the session had ended already
    finally:
        client.end_session()
    return client.tokens


# -- the verbs ---------------------------------------------------------------
def _check(client: Optional[AsyncKitsuClient]) -> AsyncKitsuClient:
    """Return the client; there is no default one here."""
    if not isinstance(client, AsyncKitsuClient):
        raise ValueError(f"client: expected an AsyncKitsuClient, got {client!r:.200}")
    return client


def get_full_url(path: str, client: AsyncKitsuClient) -> str:
    """Return the URL of *path* on the host of the client."""
    return url_path_join(_check(client).host, path)


async def get(
    path: str,
    json_response: bool = True,
    params: Params = None,
    client: Optional[AsyncKitsuClient] = None,
    timeout: Timeout = None,
) -> Any:
    """Run a GET request.

    Arguments, result and errors are those of `gazu.client.get`.
    """
    request = build_request(
        _check(client), "GET", build_path_with_params(path, params), timeout, revalidate=json_response
    )
    return await request_json(client, request) if json_response else (await send(client, request)).text


@hides_secrets
async def post(
    path: str, data: Any, client: Optional[AsyncKitsuClient] = None, timeout: Timeout = None, reads: bool = False
) -> Any:
    """Run a POST request with *data* as JSON; it is never repeated once it may have reached the server.

    Arguments, result and errors are those of `gazu.client.post`.
    """
    answer = await request_json(client, json_request(_check(client), "POST", path, data, timeout, reads=reads))
    return warn_if_ignored(answer, path, data, is_new=True)


@hides_secrets
async def put(path: str, data: Any, client: Optional[AsyncKitsuClient] = None, timeout: Timeout = None) -> Any:
    """Run a PUT request with *data* as JSON.

    Arguments, result and errors are those of `gazu.client.put`.
    """
    answer = await request_json(client, json_request(_check(client), "PUT", path, data, timeout))
    return warn_if_ignored(answer, path, data)


@hides_secrets
async def delete(
    path: str,
    params: Params = None,
    client: Optional[AsyncKitsuClient] = None,
    timeout: Timeout = None,
    data: Any = None,
    json_response: bool = False,
) -> Any:
    """Run a DELETE request.

    Arguments, result and errors are those of `gazu.client.delete`.
    """
    request = delete_request(_check(client), build_path_with_params(path, params), data, timeout)
    return await request_json(client, request) if json_response else (await send(client, request)).text


async def check_status(
    response: "ClientResponse", path: str, client: Optional[AsyncKitsuClient] = None
) -> Tuple[int, bool]:
    """Raise the error that a response of the server stands for.

    Arguments, result and errors are those of `gazu.client.check_status`; *response* is one of aiohttp.
    """
    body = await _body_of(response)
    expired = protocol.is_expired(response.status, body)
    if expired and client is not None and client.use_refresh_token and client.refresh_token:
        await client.refresh_access_token()
        return response.status, True
    error = protocol.error_for(response.status, getattr(response, "method", ""), path, body)
    if error is not None:
        raise error
    return response.status, False


async def _body_of(response: Any) -> Any:
    """Return the JSON of a response, or None; one that a test suite made up may have only `json`."""
    try:
        read = getattr(response, "read", None)
        return await response.json() if read is None else json.loads(await read())
    except (ValueError, AttributeError, TypeError, LookupError):
        return None


async def check_server_status(client: AsyncKitsuClient) -> bool:
    """Return whether the host responds at all: `HEAD` of the host."""
    request = Request("HEAD", "", _check(client).host, timeout=timeout_of(client, False))
    try:
        response = await send_once(client, request, {})
    except (GazuException, OSError, *NETWORK_ERRORS) as error:
        debug("the host is not up: %s", type(error).__name__)
        return False
    return response.status == 200 and not response.response.history


# -- records -----------------------------------------------------------------
async def fetch_all(
    path: str,
    params: Params = None,
    client: Optional[AsyncKitsuClient] = None,
    paginated: bool = False,
    limit: Optional[int] = None,
    fields: Fields = None,
) -> Any:
    """Return the records of a list below `data/`.

    Arguments, result and errors are those of `gazu.client.fetch_all`.
    """
    query, size = list_query(params, fields), page_query(limit) if paginated else []
    path = data_path(path)

    async def fetch_pages(numbers: List[int]) -> List[Any]:
        pages = await _at_once(get(path, params=[*query, ("page", one), *size], client=client) for one in numbers)
        return [protocol.require_page(page, path) for page in pages]

    try:
        if paginated:
            return await run(protocol.pages(raw.PAGES_AT_ONCE), fetch_pages)
        return await get(path, params=query, client=client)
    except ServerErrorException as error:
        if "has no property" not in str(error):
            raise
    # Zou 0.18 and older take `page` and `fields` for columns, which the synchronous client knows.
    return await call(raw.fetch_all, path, params, client=client, paginated=paginated, limit=limit, fields=fields)


async def _at_once(works: Iterable[Awaitable[Any]]) -> List[Any]:
    """Return what all of *works* do; if one fails, the others are ended."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def fetch_first(path: str, params: Params = None, client: Optional[AsyncKitsuClient] = None) -> Any:
    """Return the first record of a list below `data/`, or None if it is empty.

    Arguments, result and errors are those of `gazu.client.fetch_first`.
    """
    path = data_path(path)
    return protocol.first_of(await get(path, params=list_query(params, None), client=client), path)


async def fetch_one(model_name: str, id: Any, params: Params = None, client: Optional[AsyncKitsuClient] = None) -> Any:
    """Return one record: `GET data/<model_name>/<id>`.

    Arguments, result and errors are those of `gazu.client.fetch_one`.
    """
    with NameHint(model_name, id):
        return await get(record_path(model_name, id), params=params, client=client)


@hides_secrets
async def create(model_name: str, data: Any, client: Optional[AsyncKitsuClient] = None) -> Any:
    """Create a record, and return it: `POST data/<model_name>`.

    Arguments, result and errors are those of `gazu.client.create`.
    """
    try:
        return await post(url_path_join("data", model_name), data, client=client)
    except ParameterException as error:
        if "is an invalid keyword argument" not in str(error):
            raise
    return await call(raw.create, model_name, data, client=client)  # which leaves out what an older server lacks


@hides_secrets
async def update(model_name: str, model_id: Any, data: Any, client: Optional[AsyncKitsuClient] = None) -> Any:
    """Change fields of a record, and return it: `PUT data/<model_name>/<id>`.

    Arguments, result and errors are those of `gazu.client.update`.
    """
    with NameHint(model_name, model_id):
        return await put(record_path(model_name, model_id), data, client=client)


# -- files -------------------------------------------------------------------
@hides_secrets
async def upload(
    path: str,
    file_path: Any = None,
    data: Optional[Mapping[str, Any]] = None,
    extra_files: Optional[Iterable[Any]] = None,
    client: Optional[AsyncKitsuClient] = None,
    progress_callback: Optional[Progress] = None,
    timeout: Timeout = None,
) -> Any:
    """Upload files with a POST request; they are read from disk while they are sent.

    Arguments, result and errors are those of `gazu.client.upload`; the callback is a function, called in the event
    loop.
    """
    if file_path is None:
        raise TypeError("upload() needs a file_path, not NoneType")
    sender = _check(client)
    with ExitStack() as stack:
        files = {
            f"file-{number}" if number else "file": stack.enter_context(open(name, "rb"))
            for number, name in enumerate([file_path, *(extra_files or [])])
        }
        form = Multipart(data or {}, files, progress_callback)
        headers = {"Content-Type": form.content_type}
        limits = timeout_of(sender, True) if timeout is None else timeout
        request = build_request(sender, "POST", path, limits, data=form, headers=headers)
        return protocol.check_upload(await request_json(sender, request))


async def download(
    path: str,
    file_path: Any,
    params: Params = None,
    client: Optional[AsyncKitsuClient] = None,
    progress_callback: Optional[Progress] = None,
    processing_timeout: float = raw.DEFAULT_PROCESSING_TIMEOUT,
    timeout: Timeout = None,
) -> None:
    """Download a file; *file_path* is either as it was or the whole new file, never between.

    The arguments and errors are those of `gazu.client.download`; the callback is a
    function, called in the event loop.
    """
    request = download_request(_check(client), path, params, timeout)
    with AtomicFile(file_path) as target:
        steps = protocol.download(_check(client), request, target, progress_callback, processing_timeout)
        await converse(client, steps)


# -- other functions ---------------------------------------------------------
async def call(function: Callable[..., T], *args: Any, client: Optional[AsyncKitsuClient] = None, **kwargs: Any) -> T:
    """Call a synchronous function of gazu in a thread, and return what it returns.

        shots = await gazu.aio.call(gazu.shot.all_shots_for_project, project, client=client)

    All functions of the library can be called so, with all that they promise: `gazu.task.publish_preview`, for
    instance, sends nothing twice. The function gets a `KitsuClient` in the place of *client* that shares everything
    with it: host, tokens (a log-in of either is one of both), limits and retry budget.

    A task that is cancelled meanwhile ends after the function has: a thread cannot be stopped, and nothing goes
    on behind your back. Callbacks that you give the function are called in the thread, that of *client* in the loop.

    Args:
        function: any function; at most 64 run at once for a client.
        args: its arguments; each asynchronous client among them, by position or by name, becomes a synchronous one.
        client: passed on as `client` if it is given.
        kwargs: its arguments by name.

    Returns:
        What *function* returns.

    Raises:
        Exception: what *function* raises.
    """
    if client is not None:
        kwargs["client"] = _check(client)
    clients = [one for one in (*args, *kwargs.values()) if isinstance(one, AsyncKitsuClient)]
    positional = [_synchronous(one) for one in args]
    named = {name: _synchronous(one) for name, one in kwargs.items()}
    work = functools.partial(contextvars.copy_context().run, function, *positional, **named)
    threads = clients[0].of_loop().threads if clients else None
    args, kwargs, positional, named = (), {}, [], {}  # a traceback shows them: a password may be among them
    result, error = await to_thread(_outcome, work, executor=threads)
    del work
    if error is not None:
        raise error
    return result


def _outcome(work: Callable[[], Any]) -> Tuple[Any, Optional[BaseException]]:
    """Return what *work* returns, and what it raises: asyncio would wait forever for a StopIteration."""
    try:
        return work(), None
    except BaseException as error:
        del work  # a traceback shows it, with all arguments
        return None, error


def _synchronous(value: Any) -> Any:
    """Return the synchronous client that is one with an asynchronous one, and anything else as it is."""
    return _ThreadClient(value) if isinstance(value, AsyncKitsuClient) else value


class _ThreadClient(raw.KitsuClient):
    """A synchronous client that is one with an asynchronous one: both have the same attributes."""

    __slots__ = ("_loop", "_original")

    def __init__(self, original: AsyncKitsuClient) -> None:
        self.__dict__ = original.__dict__
        self._original, self._loop = original, asyncio.get_running_loop()

    @property
    def callback_not_authenticated(self) -> Any:  # type: ignore[override]
        """The callback of the asynchronous client, which is called in its event loop."""
        return None if self._original.callback_not_authenticated is None else self._call_callback

    def _call_callback(self, client: Any, path: str) -> bool:
        return asyncio.run_coroutine_threadsafe(call_callback(self._original, path), self._loop).result()

    def __reduce__(self) -> Any:
        """Become a client of its own in another process."""
        state = {**self.__getstate__(), "callback_not_authenticated": None}
        return _client_of_state, ({k: v for k, v in state.items() if k != "_loops"},)

    def __copy__(self) -> Any:
        """Become a client of its own, with connections of its own."""
        function, arguments = self.__reduce__()
        return copy.copy(function(*arguments))


def _client_of_state(state: Dict[str, Any]) -> raw.KitsuClient:
    client = raw.KitsuClient.__new__(raw.KitsuClient)
    client.__setstate__(state)
    return client
