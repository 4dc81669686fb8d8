"""The driver of conversations on an event loop: it takes each step as `protocol` asks for it."""

import asyncio
import inspect
from typing import Any, Awaitable, Callable, Dict, Optional, TypeVar

from ..secret import clear_frames
from . import protocol
from .async_session import NETWORK_ERRORS, DeadlinePassed, read_body, send_once, to_thread, translate
from .deadline import next_deadline
from .decoding import CHUNK_BYTES, decode_json
from .messages import Request, Response
from .request import deadline_of

T = TypeVar("T")
sleep = asyncio.sleep


async def run(steps: protocol.Steps[T], do: Callable[[Any], Awaitable[Any]]) -> T:
    """Take *steps* to their end with *do*, and return what they return."""
    conversation = protocol.Conversation(steps)
    for step in conversation:
        with conversation:
            conversation.result = await do(step)
    return conversation.value


async def converse(client: Any, steps: protocol.Steps[T]) -> T:
    """Have a conversation with the server of *client*."""
    deadline = next_deadline(deadline_of(client), DeadlinePassed)
    if deadline is None:
        return await run(steps, lambda step: _ACTIONS[type(step)](client, step))

    async def do(step: Any) -> Any:
        left = deadline.left(step)
        try:
            with deadline:
                return await _within(_ACTIONS[type(step)](client, step), left)
        except asyncio.TimeoutError as error:
            if not deadline.is_over():  # it is another one, of a file or of the user's callback
                raise
            raise deadline.error() from error

    return await run(steps, do)


async def _within(work: Awaitable[Any], seconds: float) -> Any:
    """Return what *work* does, unless it takes longer; `asyncio.wait_for` of old Pythons may lose a cancellation."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise asyncio.TimeoutError
        return task.result()
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=0.1)
        task.cancelled() or task.exception()


async def send(client: Any, request: Request) -> Response:
    """Send *request*, and return the response; see `protocol.exchange`."""
    return await converse(client, protocol.exchange(client, request))


async def request_json(client: Any, request: Request) -> Any:
    """Send *request*, and return the JSON of the response."""
    return decode_json(await send(client, request), request)


async def renew(client: Any, used: Optional[str]) -> bool:
    """Get a new access token, once for all tasks, and threads, that found that *used* has expired."""
    lock = client.refresh_lock
    async with client.of_loop().renewing:
        while not lock.acquire(blocking=False):  # a thread of `aio.call`, or another event loop, has it
            await asyncio.sleep(0.01)
        try:
            with protocol.remember_rejected_refresh_token(client):
                if not protocol.already_refreshed(client, used):
                    await client.refresh_access_token()
                return True
            return False
        finally:
            lock.release()


async def call_callback(client: Any, path: str) -> bool:
    """Call the user's callback, a function or a coroutine function; return whether to send again."""
    said = client.callback_not_authenticated(client, path)
    return bool(await said if inspect.isawaitable(said) else said)


# -- the steps ---------------------------------------------------------------
async def _send(client: Any, step: protocol.Send) -> Response:
    for _ in range(2):  # the time it takes the loop to see that an idle connection was closed (aiohttp 3.8 to 3.14)
        await asyncio.sleep(0)
    try:
        return await send_once(client, *step)
    except NETWORK_ERRORS as cause:
        error = protocol.network_error(cause, step.request, translate)
    except BaseException as cause:
        clear_frames(cause)
        raise
    clear_frames(error)  # it may come from a callback within
    raise error


async def _sleep(client: Any, step: protocol.Sleep) -> None:
    await sleep(step.seconds)


async def _renew(client: Any, step: protocol.Renew) -> bool:
    return await renew(client, step.used)


async def _call_callback(client: Any, step: protocol.CallCallback) -> bool:
    return await call_callback(client, step.path)


async def _read(client: Any, step: protocol.Read) -> Any:
    try:
        return await read_body(step.response.chunks.read(CHUNK_BYTES), step.request)
    except NETWORK_ERRORS as cause:
        error = protocol.network_error(cause, step.request, translate)
    except BaseException as cause:
        clear_frames(cause)
        raise
    raise error


async def _write(client: Any, step: protocol.Write) -> None:
    await to_thread(step.target.write, step.chunk)


_ACTIONS: Dict[type, Callable[[Any, Any], Awaitable[Any]]] = {
    protocol.Send: _send,
    protocol.Sleep: _sleep,
    protocol.Renew: _renew,
    protocol.CallCallback: _call_callback,
    protocol.Read: _read,
    protocol.Write: _write,
}
