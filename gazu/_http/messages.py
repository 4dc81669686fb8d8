"""Requests and responses, whatever carries them."""

import re
from typing import TYPE_CHECKING, Any, Mapping, NamedTuple, Optional, Union

if TYPE_CHECKING:
    from .multipart import Multipart

_CHARSET = re.compile(r"charset=[\"']?([\w-]+)", re.IGNORECASE)
#: A length that a file may have: no file is longer, and Python does not read a number of 5,000 digits.
_LENGTH = re.compile(r"[0-9]{1,18}")


def content_length(headers: Mapping[str, str]) -> Optional[int]:
    """Return the bytes that a response says to have; None if it does not say, or not in digits."""
    declared = headers.get("Content-Length", "")
    return int(declared) if _LENGTH.fullmatch(declared) else None


class Request(NamedTuple):
    """What to send; `path` is how errors and logs name it, and tells no secret."""

    method: str
    path: str
    url: str
    data: "Union[None, bytes, Multipart]" = None
    params: Any = None
    headers: Mapping[str, str] = {}
    #: (connect, read) in seconds
    timeout: Any = None
    #: leave the body of a good response on the connection, for the caller to read
    stream: bool = False
    #: while the cache is on, take the body of last time if the server says that it is still current
    revalidate: bool = False
    #: send it again, where that is safe, as often as the client does
    repeat: bool = True
    #: it changes nothing on the server, though its method says so
    reads: bool = False


class Response:
    """A response; `content` is None if it is still to be read, from `chunks`.

    It is not a tuple, as crash reporters look into those.
    """

    __slots__ = ("chunks", "content", "response", "status")

    def __init__(self, status: int, content: Optional[bytes], response: Any, chunks: Any = None) -> None:
        self.content: Any = content
        self.status, self.response, self.chunks = status, response, chunks

    def __repr__(self) -> str:
        return f"<Response [{self.status}]>"

    @property
    def text(self) -> str:
        """The body as text: UTF-8, unless the server says otherwise."""
        named = _CHARSET.search(self.response.headers.get("Content-Type", ""))
        try:
            return (self.content or b"").decode(named.group(1) if named else "utf-8", "replace")
        except LookupError:  # an unknown charset
            return (self.content or b"").decode("utf-8", "replace")


def is_json(text: str) -> bool:
    """Return whether a text begins as JSON does: half of it may have half a token, so that it is not shown."""
    return text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[", '"')
