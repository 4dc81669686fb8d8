"""The verbs of `gazu.client` for asynchronous programs; needs `pip install gazu[async]`.

    async with await gazu.aio.create_session(host, email, password) as client:
        shots = await gazu.aio.fetch_all("shots", client=client)

What is promised of `gazu.client` holds here, too: time-outs, retries, renewal of tokens, whole files, and its errors.
Those of a request that got no answer are also aiohttp's.
"""

import asyncio
import json
import logging
from contextlib import ExitStack
from typing import (
    TYPE_CHECKING,
    Any,
    Awaitable,
    Callable,
    Dict,
    Iterable,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Tuple,
    Union,
)  # fmt: skip

from . import _credentials, _logged_in, _refusals
from . import client as raw
from .__version__ import __version__ as __version__
from ._http import async_sender, protocol
from ._http.async_session import LOST, exchange, new_session
from ._http.multipart import Multipart, Progress
from ._http.route import route
from ._http.sender import Request, check, decode
from ._http.session import Session
from .client import BaseClient, Params, Timeout, build_path_with_params, url_path_join
from .exception import GazuException, NotAuthenticatedException

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

logger = logging.getLogger("gazu")
MAX_AUTH_RETRIES = protocol.MAX_AUTH_RETRIES


class _OfLoop(NamedTuple):
    """What belongs to one event loop."""

    session: "ClientSession"
    renewing: asyncio.Lock


class AsyncKitsuClient(BaseClient):
    """A connection to one Kitsu server as one user, for asynchronous programs.

    As a context manager it logs out at the end and closes its connections. Tasks may
    share it, and so may event loops; it can be pickled and copied.

    Args:
        host: the address of the API: `https://kitsu.example.com/api`.
        callback_not_authenticated: a function or a coroutine function, called with
            (client, path); if it returns True, the request is sent again.

    The others are those of `KitsuClient`.
    """

    def __init__(
        self,
        host: str,
        ssl_verify: raw.Verify = True,
        use_refresh_token: bool = True,
        callback_not_authenticated: Optional[Callable[["AsyncKitsuClient", str], Any]] = None,
        tokens: Optional[Dict[str, Any]] = None,
        access_token: Optional[str] = None,
        refresh_token: Optional[str] = None,
        cert: raw.Certificate = None,
        timeout: Timeout = None,
        retries: Optional[int] = None,
    ) -> None:
        super().__init__(
            host, ssl_verify, cert, use_refresh_token, callback_not_authenticated, tokens, access_token, refresh_token,
            timeout, retries,
        )  # fmt: skip
        self._environment = Session()  # sends nothing: it knows the proxies and bundles of the environment
        self._environment.verify, self._environment.cert = self._ssl_verify, self._cert
        self._loops: Dict[Any, _OfLoop] = {}

    def _of_loop(self) -> _OfLoop:
        loop = asyncio.get_running_loop()
        found = self._loops.get(loop)
        if found is None or found.session.closed:
            for other in [one for one in list(self._loops) if one.is_closed()]:
                self._loops.pop(other, None)
            found = self._loops[loop] = _OfLoop(new_session(), asyncio.Lock())
        return found

    @property
    def session(self) -> "ClientSession":
        """The aiohttp.ClientSession of this client in the running event loop, made when it is first needed."""
        return self._of_loop().session

    async def refresh_access_token(self) -> Dict[str, Any]:
        """Get a new access token with the refresh token: `GET auth/refresh-token`.

        Returns:
            The answer: `{"access_token": ...}`.

        Raises:
            NotAuthenticatedException: there is no refresh token, or it has expired too.
        """
        request, bearer = self._refresh_request()
        return self._take_tokens(await async_sender.transmit(self, request, bearer), request)

    async def __aenter__(self) -> "AsyncKitsuClient":
        return self

    async def __aexit__(self, *error: Any) -> None:
        """Log out, whatever the server says to it, and close the connections."""
        try:
            if self.access_token:
                await get("auth/logout", client=self)
        except GazuException as failure:
            logger.debug("log-out failed: %s", type(failure).__name__)
        finally:
            self._forget_tokens()
            await self.session.close()

    def __getstate__(self) -> Dict[str, Any]:
        return {**super().__getstate__(), "_loops": {}}


# -- the session of a user ---------------------------------------------------
async def create_session(
    host: str,
    email: str,
    password: str,
    totp: Optional[str] = None,
    email_otp: Optional[str] = None,
    fido_authentication_response: Optional[Dict[str, Any]] = None,
    recovery_code: Optional[str] = None,
    ssl_verify: raw.Verify = True,
    use_refresh_token: bool = False,
    callback_not_authenticated: Optional[Callable[[AsyncKitsuClient, str], Any]] = None,
    cert: raw.Certificate = None,
) -> AsyncKitsuClient:
    """Create a client and log in with it: `POST auth/login`.

    The arguments are those of `AsyncKitsuClient` and `gazu.log_in`.
    """
    client = AsyncKitsuClient(host, ssl_verify, use_refresh_token, callback_not_authenticated, cert=cert)
    try:
        await log_in(
            email, password, totp, email_otp, fido_authentication_response, recovery_code, client=client
        )  # fmt: skip
    except BaseException:
        await client.session.close()
        raise
    return client


async def log_in(
    email: str,
    password: str,
    totp: Optional[str] = None,
    email_otp: Optional[str] = None,
    fido_authentication_response: Optional[Dict[str, Any]] = None,
    recovery_code: Optional[str] = None,
    client: Optional[AsyncKitsuClient] = None,
) -> Dict[str, Any]:
    """Log in, and keep the tokens in the client: `POST auth/login`; see `gazu.log_in`."""
    credentials = _credentials(email, password, totp, email_otp, fido_authentication_response, recovery_code)
    with _refusals(email):
        answer = await post("auth/login", credentials, client=client)
    return _logged_in(email, answer, _known(client))


async def log_out(client: AsyncKitsuClient) -> Dict[str, Any]:
    """Log out: `GET auth/logout`. The client forgets its tokens whatever the server says.

    Returns:
        The tokens left: `{"access_token": None, "refresh_token": None}`.
    """
    _known(client)
    try:
        if client.access_token:
            await get("auth/logout", client=client)
    except NotAuthenticatedException:
        pass  # the session was over already
    finally:
        client._forget_tokens()
    return client.tokens


# -- the verbs ---------------------------------------------------------------
def _known(client: Optional[AsyncKitsuClient]) -> AsyncKitsuClient:
    """Return the client; there is no default one here."""
    if not isinstance(client, AsyncKitsuClient):
        raise ValueError(f"client: expected an AsyncKitsuClient, got {client!r:.200}")
    return client


def get_full_url(path: str, client: AsyncKitsuClient) -> str:
    """Return the address of *path* on the host of the client."""
    return url_path_join(_known(client).host, path)


async def _send_json(client: Optional[AsyncKitsuClient], method: str, path: str, timeout: Timeout, data: Any) -> Any:
    request = raw._request(_known(client), method, path, timeout, data=raw._json(data), headers=raw._JSON_HEADERS)
    return decode(await async_sender.send(_known(client), request), request)


async def get(
    path: str,
    json_response: bool = True,
    params: Params = None,
    client: Optional[AsyncKitsuClient] = None,
    timeout: Timeout = None,
) -> Any:
    """Run a GET request.

    Args:
        path: relative to the host; may have a query string.
        json_response: False to get the text of the answer instead of its JSON.
        params: the query.
        timeout: seconds of silence, or (connect, read), for this call.
    """
    request = raw._request(_known(client), "GET", build_path_with_params(path, params), timeout)
    reply = await async_sender.send(_known(client), request)
    return decode(reply, request) if json_response else reply.text


async def post(path: str, data: Any, client: Optional[AsyncKitsuClient] = None, timeout: Timeout = None) -> Any:
    """Run a POST request with *data* as JSON; it is never repeated once it may have reached the server."""
    return await _send_json(client, "POST", path, timeout, data)


async def put(path: str, data: Any, client: Optional[AsyncKitsuClient] = None, timeout: Timeout = None) -> Any:
    """Run a PUT request with *data* as JSON."""
    return await _send_json(client, "PUT", path, timeout, data)


async def delete(
    path: str, params: Params = None, client: Optional[AsyncKitsuClient] = None, timeout: Timeout = None
) -> str:
    """Run a DELETE request and return the text of the answer, mostly empty."""
    request = raw._request(_known(client), "DELETE", build_path_with_params(path, params), timeout)
    return (await async_sender.send(_known(client), request)).text


async def check_status(
    response: "ClientResponse", path: str, client: Optional[AsyncKitsuClient] = None
) -> Tuple[int, bool]:
    """Raise the error that an answer of the server stands for; see `gazu.client.check_status`.

    Returns:
        The status, and whether the request shall be sent again because there is a
        new access token.
    """
    try:
        body = json.loads(await response.read())
    except ValueError:
        body = None
    expired = protocol.is_expired(response.status, body)
    if expired and client is not None and client.use_refresh_token and client.refresh_token:
        await client.refresh_access_token()
        return response.status, True
    check(response.status, response.method, path, body)
    return response.status, False


async def check_server_status(client: AsyncKitsuClient) -> bool:
    """Return whether the host answers at all: `HEAD` of the host."""
    request = Request("HEAD", "", _known(client).host, timeout=raw._timeout_of(client, False))
    try:
        reply = await exchange(client, request, {})
    except (GazuException, OSError, *LOST) as error:
        logger.debug("the host is not up: %s", type(error).__name__)
        return False
    return reply.status == 200 and not reply.response.history


# -- records -----------------------------------------------------------------
async def fetch_all(
    path: str,
    params: Params = None,
    client: Optional[AsyncKitsuClient] = None,
    paginated: bool = False,
    limit: Optional[int] = None,
    fields: Union[None, str, Iterable[str]] = None,
) -> Any:
    """Return the records of a list below `data/`; see `gazu.client.fetch_all`."""
    query = raw._query(params, fields)
    path = url_path_join("data", path)
    size = raw._page_size(limit)
    if not paginated:
        return await get(path, params=query, client=client)
    steps = protocol.pages(raw.PAGES_AT_ONCE)
    numbers = next(steps)
    while True:
        fetches = [get(path, params=[*query, ("page", number), *size], client=client) for number in numbers]
        answers = await _at_once(fetches)
        try:
            numbers = steps.send(answers)
        except StopIteration as end:
            return end.value


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
    """Return the first record of a list below `data/`, or None if it is empty."""
    rows = await get(url_path_join("data", path), params=params, client=client)
    return rows[0] if rows else None


async def fetch_one(model_name: str, id: Any, params: Params = None, client: Optional[AsyncKitsuClient] = None) -> Any:
    """Return one record: `GET data/<model_name>/<id>`."""
    return await get(url_path_join("data", model_name, route("{id}", id)), params=params, client=client)


async def create(model_name: str, data: Any, client: Optional[AsyncKitsuClient] = None) -> Any:
    """Create a record, and return it: `POST data/<model_name>`."""
    return await post(url_path_join("data", model_name), data, client=client)


async def update(model_name: str, model_id: Any, data: Any, client: Optional[AsyncKitsuClient] = None) -> Any:
    """Change fields of a record, and return it: `PUT data/<model_name>/<id>`."""
    return await put(url_path_join("data", model_name, route("{id}", model_id)), data, client=client)


# -- files -------------------------------------------------------------------
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

    The arguments and errors are those of `gazu.client.upload`; the callback is a
    function, called in the event loop.
    """
    if file_path is None:
        raise TypeError("upload() needs a file_path, not NoneType")
    sender = _known(client)
    with ExitStack() as stack:
        files = {
            f"file-{number}" if number else "file": stack.enter_context(open(name, "rb"))
            for number, name in enumerate([file_path, *(extra_files or [])])
        }
        form = Multipart(data or {}, files, progress_callback)
        headers = {"Content-Type": form.content_type}
        timeout = raw._timeout_of(sender, True) if timeout is None else timeout
        request = raw._request(sender, "POST", path, timeout, data=form, headers=headers)
        return raw._accepted(decode(await async_sender.send(sender, request), request))


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
    headers = {"Accept": raw.DOWNLOAD_ACCEPT_HEADER, "Accept-Encoding": "identity"}
    path = build_path_with_params(path, params)
    request = raw._request(_known(client), "GET", path, timeout, headers=headers, stream=True)
    await async_sender.download(_known(client), request, file_path, progress_callback, processing_timeout)
