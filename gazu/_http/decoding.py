"""The JSON in responses."""

import gc
from json import loads as _loads_any
from typing import Any, Iterable, Iterator, Mapping, Optional

from ..secret import hide, hide_tokens
from .failures import AnswerNotJson, AnswerTooLarge, AnswerUnreadable
from .messages import Request, Response, content_length, is_json
from .route import api_hint, public

try:
    from orjson import loads as _loads
except ImportError:
    _loads = _loads_any

#: Larger bodies are decoded without collections of garbage.
GC_PAUSE_BYTES = 1024 * 1024
#: A response that has more is an error: it would take up to twice as much memory. Files are not kept in memory.
MAX_BODY_BYTES = 1024 * 1024 * 1024
#: Bytes of an error, or of a redirect, that are read.
MAX_ERROR_BYTES = 1024 * 1024
#: Bytes read at once: they fit in the L2 cache of a processor; a fifth faster than four times as much.
CHUNK_BYTES = 256 * 1024
#: The same of a compressed body: urllib3 before 2.6 unpacks them whole, to a thousand times as much.
PACKED_CHUNK_BYTES = 16 * 1024
#: How a body may be compressed without having been asked for: once, to a thousandth at most.
_CODINGS = ("", "identity", "gzip", "x-gzip", "deflate")
#: The second one is for a body nested thousands of levels deep.
_NOT_JSON = (ValueError, RecursionError)


def chunk_bytes(headers: Mapping[str, str]) -> int:
    """Return how many bytes of a body to read at once."""
    return PACKED_CHUNK_BYTES if "Content-Encoding" in headers else CHUNK_BYTES


def fits(headers: Mapping[str, str], limit: int) -> bool:
    """Return whether a body has at most *limit* bytes, by what its headers say."""
    return "Content-Encoding" not in headers and is_within(content_length(headers), limit)


def is_within(size: Optional[int], limit: int) -> bool:
    """Return whether a number of bytes is known, and not above *limit*."""
    return size is not None and size <= limit


def check_coding(headers: Mapping[str, str], sent: Mapping[str, str], request: Request) -> None:
    """Refuse a body that is compressed in a way that the headers *sent* do not ask for, or several times.

    Raises:
        AnswerUnreadable: it is.
    """
    coding = headers.get("Content-Encoding", "").strip().lower()
    if coding in _CODINGS or coding in sent.get("Accept-Encoding", "").replace(" ", "").split(","):
        return
    shown = f"the response is compressed as {coding:.40}, which was not asked for"
    error = AnswerUnreadable(f"{request.method} {request.path}: {shown}")
    error.method, error.path = request.method, request.path
    raise error


def limit_body(pieces: Iterable[bytes], status: int, request: Request) -> Iterator[bytes]:
    """Yield the pieces of a body, of an error the first ones only.

    Raises:
        AnswerTooLarge: there are more than `MAX_BODY_BYTES`.
    """
    size = 0
    for piece in pieces:
        size = check_size(size + len(piece), status, request)
        if not size:
            return
        yield piece


def check_size(size: int, status: int, request: Request) -> int:
    """Return *size*, the bytes of a body so far, or 0 if no more of an error is to be read.

    Raises:
        AnswerTooLarge: there are more than `MAX_BODY_BYTES`.
    """
    if status >= 300:
        return size if size <= MAX_ERROR_BYTES else 0
    if size > MAX_BODY_BYTES:
        error = AnswerTooLarge(
            f"{request.method} {request.path}: the response has more than {MAX_BODY_BYTES >> 20} MiB:"
            " get a list in pages, and a file into a file"
        )
        error.method, error.path = request.method, request.path
        raise error
    return size


def decode_error(response: Response) -> Any:
    """Return the body of an error: decoded if it is JSON, else its text."""
    try:
        return hide_tokens(_loads_any(response.content or b"null"))
    except _NOT_JSON:
        return hide(response.text) if is_json(response.text) else response.text


def decode_json(response: Response, request: Request) -> Any:
    """Return the JSON of a response; None for one without a body (204).

    Raises:
        AnswerNotJson: it is something else, say the HTML of a proxy.
    """
    # The content itself is not a local variable: it may have tokens, and stands in the traceback.
    if not response.content:
        if response.status == 204:
            return None
    else:
        large = len(response.content) >= GC_PAUSE_BYTES
        try:
            return hide_tokens(_decode_large(response) if large else _loads(response.content))
        except _NOT_JSON:
            pass
        try:
            return hide_tokens(_loads_any(response.content))  # takes NaN and byte order marks, which orjson does not
        except _NOT_JSON:
            pass
    kind = response.response.headers.get("Content-Type", "no content type")
    secret = request.path.lstrip("/").startswith("auth/") or is_json(response.text)  # half of it may be half a token
    error = AnswerNotJson(
        f"{request.method} {request.path}: the response ({response.status}, {kind}) is not JSON"
        f"{'' if secret else f', and starts with {response.text[:80]!r}'}"
    )
    path, address = request.path.split("?")[0].lstrip("/"), public(request.url)
    error.hint = api_hint(address[: len(address) - len(path)] if address.endswith(path) else address)
    error.status_code, error.method, error.path = response.status, request.method, request.path
    raise error


def _decode_large(response: Response) -> Any:
    """Return the JSON in a large body; while it is decoded, the garbage collector is paused.

    It becomes a hundred thousand objects, none of them garbage. Without looking for some, 20,000 rows
    (12 MiB) take 166 ms of CPU instead of 211 with json, on Python 3.11. It costs nobody a collection:
    the decoder holds the interpreter's lock, so that no other thread makes garbage meanwhile, and the
    next collection comes right after it. Whoever has disabled the collector finds it disabled.
    """
    loads = _loads_text if _loads is _loads_any else _loads_content
    if not gc.isenabled():
        return loads(response)
    gc.disable()
    try:
        return loads(response)
    finally:
        gc.enable()


def _loads_content(response: Response) -> Any:
    return _loads(response.content)


def _loads_text(response: Response) -> Any:
    """Return the JSON in a body, whose bytes are freed once they are decoded to text, as json would decode them, too.

    A board of 35 MB takes 130 MiB so, and 160 if its bytes stay. If it is not JSON, they are back.
    """
    response.content = response.content.decode()
    if hasattr(response.response, "keep_content"):  # not that of a double
        response.response.keep_content(b"")
    try:
        return _loads_any(response.content)
    except _NOT_JSON:
        response.content = response.content.encode()
        raise
