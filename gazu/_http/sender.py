"""The driver of conversations on threads: it takes each step as `protocol` asks for it."""

import time
from typing import Any, Callable, Dict, Optional, TypeVar

from ..secret import clear_frames
from . import protocol
from .base_client import BaseClient
from .connections import Response as StreamedResponse
from .connections import seconds_left, within
from .deadline import next_deadline
from .decoding import CHUNK_BYTES as CHUNK_BYTES
from .decoding import MAX_BODY_BYTES, MAX_ERROR_BYTES, check_coding, chunk_bytes, decode_json, is_within, limit_body
from .failures import NETWORK_ERRORS, DeadlinePassed, RequestException, translate
from .messages import Request, Response, content_length
from .request import deadline_of
from .route import masked_address, public
from .session import normalized_url, send_prepared

T = TypeVar("T")


def run(steps: protocol.Steps[T], do: Callable[[Any], Any]) -> T:
    """Take *steps* to their end with *do*, and return what they return."""
    conversation = protocol.Conversation(steps)
    for step in conversation:
        with conversation:
            conversation.result = do(step)
    return conversation.value


def converse(client: BaseClient, steps: protocol.Steps[T]) -> T:
    """Have a conversation with the server of *client*, until its deadline if it has one."""
    seconds = deadline_of(client)
    if seconds is not None:  # within another call, as for a new token, what is left of that
        outer = seconds_left()
        seconds = seconds if outer is None else min(seconds, outer)
    deadline = next_deadline(seconds, DeadlinePassed)
    if deadline is None:
        return run(steps, lambda step: _ACTIONS[type(step)](client, step))

    def do(step: Any) -> Any:
        with within(deadline.left(step)), deadline:
            return _ACTIONS[type(step)](client, step)

    return run(steps, do)


def send(client: BaseClient, request: Request) -> Response:
    """Send *request*, and return the response; see `protocol.exchange`."""
    return converse(client, protocol.exchange(client, request))


def request_json(client: BaseClient, request: Request) -> Any:
    """Send *request*, and return the JSON of the response."""
    return decode_json(send(client, request), request)


def server_version(client: BaseClient) -> Optional[str]:
    """Return the version of the server, which is asked once; None of one that does not say."""
    return converse(client, protocol.server_version(client))


def renew(client: Any, used: Optional[str]) -> bool:
    """Get a new access token, once for all threads that found that *used* has expired."""
    with client.refresh_lock, protocol.remember_rejected_refresh_token(client):
        if not protocol.already_refreshed(client, used):
            client.refresh_access_token()
        return True
    return False


def checked_url(address: str) -> str:
    """Return an address as it goes out: requests and `urlsplit` may see different hosts in one with odd characters."""
    try:
        return masked_address(normalized_url(address))
    except RequestException as cause:
        error = translate(cause, "GET", public(address))
    raise error


# -- the steps ---------------------------------------------------------------
def _send(client: Any, step: protocol.Send) -> Response:
    try:
        return _send_once(client, *step)
    except NETWORK_ERRORS as cause:
        error = protocol.network_error(cause, step.request, translate)
    except BaseException as cause:
        clear_frames(cause)
        raise
    clear_frames(error)  # it may come from a callback within
    raise error


def _send_once(client: Any, request: Request, headers: Any) -> Response:
    """Send *request* once; the body of the response is read unless it is good and wanted as a stream."""
    response = send_prepared(
        client.session, request.method, request.url, headers, request.data, request.params,
        request.timeout, stream=True, redirects=request.method in ("GET", "HEAD"),
    )  # fmt: skip
    try:
        packed = "Content-Encoding" in response.headers
        if packed:
            asking = getattr(response, "request", None)  # one that a test suite made up may have none
            check_coding(response.headers, getattr(asking, "headers", None) or {}, request)
        if request.stream and response.status_code < 300:
            return Response(response.status_code, None, response, _chunks(response))
        return Response(response.status_code, _content(response, request, packed), response)
    except BaseException:
        response.close()
        raise


def _content(response: Any, request: Request, packed: bool) -> bytes:
    """Return the body, which is not larger than it may be; scripts read `response.content` afterwards."""
    status = response.status_code
    limit = MAX_BODY_BYTES if status < 300 else MAX_ERROR_BYTES
    fits = not packed and is_within(content_length(response.headers), limit)
    if type(response) is StreamedResponse and status < 300 and not response.raw.closed:
        if fits:
            body = response.raw.read(decode_content=True)
        else:
            stream = response.raw.stream(chunk_bytes(response.headers), decode_content=True)
            body = b"".join(limit_body(stream, status, request))
        response.keep_content(body)
        return body
    if hasattr(response, "iter_content"):  # one that a test suite made up may have none
        read = response.iter_content
        if fits:  # in one piece, where requests would join pieces of 10 KiB
            # Not None: urllib3 1.26 would ask vcrpy 7 for more without end.
            response.iter_content = lambda *args: read(content_length(response.headers) or 1)
        else:
            response.iter_content = lambda *args: limit_body(read(chunk_bytes(response.headers)), status, request)
    content: bytes = response.content
    if status >= 300 and not fits:  # some of it may still be on the connection, which serves nobody else then
        getattr(response.raw, "close", response.close)()
    return content


def _chunks(response: Any) -> Any:
    """Return the pieces of a body; scripts read `response.content` afterwards, which is empty then, not an error."""
    if type(response) is StreamedResponse:
        return response.pieces()
    if hasattr(response.raw, "stream"):
        return response.raw.stream(chunk_bytes(response.headers), decode_content=True)
    return response.iter_content(CHUNK_BYTES)  # of one that a test suite made up


def _read(client: Any, step: protocol.Read) -> bytes:
    try:
        return next(step.response.chunks, b"")
    except NETWORK_ERRORS as cause:
        error = protocol.network_error(cause, step.request, translate)
    except BaseException as cause:
        clear_frames(cause)
        raise
    raise error


_ACTIONS: Dict[type, Callable[[Any, Any], Any]] = {
    protocol.Send: _send,
    protocol.Sleep: lambda client, step: time.sleep(step.seconds),
    protocol.Renew: lambda client, step: renew(client, step.used),
    protocol.CallCallback: lambda client, step: bool(client.callback_not_authenticated(client, step.path)),
    protocol.Read: _read,
    protocol.Write: lambda client, step: step.target.write(step.chunk),
}
