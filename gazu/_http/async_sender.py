"""What `sender` and `transfer` do, for an event loop: the decisions are theirs, and those of `protocol`."""

import asyncio
import inspect
import time
from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional

from .. import cache
from ..exception import RequestRefusedException, TransportException
from . import protocol
from .async_session import LOST, exchange, in_thread, translate
from .failures import AnswerUnreadable
from .multipart import Multipart, Progress
from .route import public
from .sender import Reply, Request, body_of, check, is_renewed, log, noting_a_dead_token
from .transfer import CHUNK, Target, looked_at, time_to_process

if TYPE_CHECKING:
    from ..aio import AsyncKitsuClient

sleep = asyncio.sleep


async def send(client: "AsyncKitsuClient", request: Request) -> Reply:
    """Send *request* with the tokens of *client*, renewing them if they are too old; see `sender.send`."""
    if request.method not in ("GET", "HEAD"):
        cache.forget(client)
    try:
        return await _send(client, request)
    finally:
        if request.method not in ("GET", "HEAD"):
            cache.forget(client)


async def _send(client: "AsyncKitsuClient", request: Request) -> Reply:
    steps = protocol.recover(
        refreshes=bool(client.use_refresh_token and client.refresh_token),
        asks=client.callback_not_authenticated is not None,
    )
    outcome: Any = None
    step = next(steps)
    while True:
        if step == protocol.SEND:
            used = client.access_token
            reply = await transmit(client, request, client.make_auth_header())
            if reply.status < 400:
                return reply
            body = body_of(reply)
            outcome = protocol.Answer(reply.status, body)
        elif step == protocol.REFRESH:
            outcome = await _renew(client, used)
        else:
            said = client.callback_not_authenticated(client, request.path)  # type: ignore[misc]
            outcome = bool(await said if inspect.isawaitable(said) else said)
        try:
            step = steps.send(outcome)
        except StopIteration:
            break
    check(reply.status, request.method, request.path, body)
    return reply


async def _renew(client: "AsyncKitsuClient", used: Optional[str]) -> bool:
    """Get a new access token, once for all tasks that found *used* too old."""
    async with client._of_loop().renewing:
        with noting_a_dead_token(client):
            if not is_renewed(client, used):
                await client.refresh_access_token()
            return True
        return False


async def transmit(client: "AsyncKitsuClient", request: Request, auth: Mapping[str, str]) -> Reply:
    """Send *request* until there is an answer, as often as is safe and sensible."""
    headers: Dict[str, str] = {**auth, **request.headers}
    attempts = protocol.Attempts(request.method, client.retries, client._budget)
    for _ in range(2):  # the time it takes the loop to see that an idle connection was closed
        await asyncio.sleep(0)
    while True:
        started = time.monotonic()
        error: Optional[TransportException] = None
        try:
            reply = await exchange(client, request, headers)
        except LOST as cause:
            error = _lost(cause, request)
            wait = attempts.failed(error, error.final)
            log(request, type(error).__name__, started)
        else:
            wait = attempts.answered(reply.status, reply.response, time.time())
            log(request, reply.status, started)
        if wait is not None:
            await sleep(wait)
        elif error is not None:
            raise error
        else:
            return Reply(204, b"", reply.response) if attempts.did_it(reply.status) else reply


def _lost(cause: Exception, request: Request) -> TransportException:
    """Return our error for a request that got no answer."""
    if isinstance(request.data, Multipart) and request.data.error is not None:
        raise request.data.error
    error = translate(cause, request.method, public(request.url))
    error.path = request.path
    return error


# -- files -------------------------------------------------------------------
async def download(
    client: "AsyncKitsuClient", request: Request, file_path: Any, progress: Optional[Progress], allowed: float
) -> None:
    """Fetch what *request* asks for into a file; see `transfer.download`."""
    with Target(file_path) as target:
        reply = await _send_when_ready(client, request, allowed)
        attempts = protocol.Attempts("GET", protocol.MAX_ATTEMPTS, client._budget)
        while True:
            try:
                await _save(reply, target, progress, request)
                break
            except TransportException as error:
                wait = attempts.failed(error, isinstance(error, AnswerUnreadable))
                if wait is None:
                    raise
                await sleep(wait)
                reply = await _resume(client, request, target)
        target.keep()


async def _send_when_ready(client: "AsyncKitsuClient", request: Request, allowed: float) -> Reply:
    deadline = time.monotonic() + allowed
    while True:
        reply = await send(client, request)
        if reply.status != 202:
            return looked_at(reply, request)
        await sleep(time_to_process(reply, request, deadline - time.monotonic(), allowed))


async def _save(reply: Reply, target: Target, progress: Optional[Progress], request: Request) -> None:
    """Write the body of an answer behind what *target* has already."""
    response = reply.response
    total = target.expect(response.headers)
    try:
        while True:
            chunk = await _chunk(response, request)
            if not chunk:
                target.check(request)
                return
            await in_thread(target.write, chunk)
            if progress is not None:
                progress(target.size, total)
    except BaseException:
        response.close()
        raise


async def _chunk(response: Any, request: Request) -> Any:
    try:
        return await response.content.read(CHUNK)
    except LOST as cause:
        error = _lost(cause, request)
    raise error


async def _resume(client: "AsyncKitsuClient", request: Request, target: Target) -> Reply:
    """Ask for the rest of a file whose transfer was cut, or for all of it again."""
    try:
        reply = looked_at(await send(client, target.rest_of(request)), request)
        if target.takes(reply):
            return reply
    except RequestRefusedException as error:
        target.has_no_rest(error)
    return looked_at(await send(client, request), request)
