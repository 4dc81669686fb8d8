"""The errors of requests that got no response, and how those of requests and urllib3 become ours."""

import json
import os
import re
from typing import Any, Tuple, Type

try:
    import requests
    from requests.exceptions import RequestException as RequestException
    from urllib3.exceptions import DecodeError, NewConnectionError, ProtocolError, ReadTimeoutError, SSLError
    from urllib3.exceptions import HTTPError as HTTPError
except ImportError as error:
    raise ImportError(
        f"gazu needs the package requests to talk to a server, and this Python has none ({error}): "
        "install it, or put it beside gazu on sys.path"
    ) from error

from ..exception import TransportException


class ConnectionFailed(TransportException, requests.exceptions.ConnectionError):
    """The server could not be reached, or closed the connection."""


class ConnectTimedOut(TransportException, requests.exceptions.ConnectTimeout):
    """The server did not accept the connection in time."""


class ReadTimedOut(TransportException, requests.exceptions.ReadTimeout):
    """The server was silent for too long."""


class BodyCut(TransportException, requests.exceptions.ChunkedEncodingError):
    """The connection ended in the middle of the response."""


class CertificateRefused(TransportException, requests.exceptions.SSLError):
    """The secure connection could not be made, or the server's certificate is not trusted."""

    final = True


class SecureConnectionFailed(TransportException, requests.exceptions.SSLError):
    """The secure connection ended while it was made."""


class ProxyFailed(TransportException, requests.exceptions.ProxyError):
    """The proxy could not be reached, or refused."""


class AnswerUnreadable(TransportException, requests.exceptions.ContentDecodingError):
    """The body of the response is not compressed as its header says."""


class AnswerTooLarge(TransportException, requests.exceptions.ContentDecodingError):
    """The body of the response has more bytes than a client keeps in memory."""

    final = True


class TooManyRedirects(TransportException, requests.exceptions.TooManyRedirects):
    """The server sends from one address to another without end."""

    final = True


class AddressWithoutScheme(TransportException, requests.exceptions.MissingSchema):
    """The host has no http:// or https:// in front."""

    final = True


class AddressSchemeUnknown(TransportException, requests.exceptions.InvalidSchema):
    """The host starts with something other than http:// or https://."""

    final = True


class AddressInvalid(TransportException, requests.exceptions.InvalidURL):
    """The host is no valid address."""

    final = True


_JSONDecodeError: Type[ValueError] = getattr(requests.exceptions, "JSONDecodeError", json.JSONDecodeError)


class AnswerNotJson(TransportException, _JSONDecodeError):  # type: ignore[misc, valid-type]
    """The server, or something in its place, responded with something that is not JSON."""

    def __init__(self, message: str) -> None:
        json.JSONDecodeError.__init__(self, message, "", 0)
        self.args = (message,)  # without the place in the text

    def __reduce__(self) -> Tuple[Any, ...]:
        return type(self), (self.args[0] if self.args else "",), self.__dict__


_theirs = requests.exceptions
# From the particular to the general: the first that fits is taken. Those of urllib3 come from streamed bodies.
_TRANSLATIONS: Tuple[Tuple[Type[TransportException], Type[Exception]], ...] = (
    (ConnectTimedOut, _theirs.ConnectTimeout),
    (ReadTimedOut, _theirs.ReadTimeout),
    (ReadTimedOut, ReadTimeoutError),
    (CertificateRefused, _theirs.SSLError),
    (ProxyFailed, _theirs.ProxyError),
    (ConnectionFailed, _theirs.ConnectionError),
    (BodyCut, _theirs.ChunkedEncodingError),
    (AnswerUnreadable, _theirs.ContentDecodingError),
    (TooManyRedirects, _theirs.TooManyRedirects),
    (AddressWithoutScheme, _theirs.MissingSchema),
    (AddressSchemeUnknown, _theirs.InvalidSchema),
    (AddressInvalid, _theirs.InvalidURL),
    (AnswerUnreadable, DecodeError),
    (BodyCut, ProtocolError),
    (BodyCut, OverflowError),
    (ConnectionFailed, Exception),
)
#: User and password of an address that an error quotes; tried at the beginning of words only, which takes linear time.
_CREDENTIALS = re.compile(r"(?<![^\s/'\"])[^\s/'\"]*@")
#: Characters of another library's error that are shown: some quote the whole response.
_SHOWN_CHARACTERS = 300
_NO_SCHEME = " (the host must begin with https:// or http://)"
_HINTS = {AddressWithoutScheme: _NO_SCHEME, AddressSchemeUnknown: _NO_SCHEME}
#: Newer than the oldest requests that is supported.
_InvalidProxyURL: Any = getattr(_theirs, "InvalidProxyURL", ())
#: Part of the host that a client has until one is set.
PLACEHOLDER = "gazu.change.serverhost"

#: What may come instead of a response.
NETWORK_ERRORS = (RequestException, HTTPError, TransportException, OverflowError)  # a length beyond any memory


def translate(error: Exception, method: str, url: str) -> TransportException:
    """Return our error for one of requests: of the same class, and a GazuException."""
    if isinstance(error, TransportException):
        return error
    inner = error.args[0] if error.args else None
    # requests gives these the class of a refused connection when they come in the middle of a body.
    seen = inner if isinstance(inner, (ReadTimeoutError, SSLError)) else error
    kind = next(ours for ours, theirs in _TRANSLATIONS if isinstance(seen, theirs))
    return describe(kind, error, method, url, not _never_sent(error))


def describe(
    kind: Type[TransportException], error: BaseException, method: str, url: str, sent: bool
) -> TransportException:
    """Return an error of *kind* in the words of *error*."""
    cause = innermost_cause(error)
    # Python 3.7 has no class for OpenSSL 3's end of file.
    ended = type(cause).__name__ in ("SSLEOFError", "SSLZeroReturnError") or "unexpected eof" in str(cause)
    if issubclass(kind, CertificateRefused) and ended:
        kind = SecureConnectionFailed
    hint = _HINTS.get(kind, "")
    if issubclass(kind, (AddressSchemeUnknown, AddressInvalid)):
        hint = _proxy_hint(error, cause, url) or hint
    if PLACEHOLDER in url:
        hint = " (the host was never set: call gazu.set_host)"
    words = re.sub(r"^<?\w+\([^)]*\)>?: ", "", str(cause)) or type(cause).__name__
    words = _CREDENTIALS.sub("", words)
    words = words if len(words) <= _SHOWN_CHARACTERS else f"{words[:_SHOWN_CHARACTERS]}..."
    ours = kind(f"{method} {url}: {words}{hint}")
    ours.method, ours.sent = method, sent
    return ours


def _proxy_hint(error: BaseException, cause: BaseException, url: str) -> str:
    """Return a hint that names where the address of the proxy comes from; "" if the host is what is wrong."""
    scheme = url.split(":")[0].lower()
    names = [name for stem in (scheme, "all") for name in (f"{stem}_proxy", f"{stem.upper()}_PROXY")]
    place = next((name for name in names if os.environ.get(name)), "client.session.proxies")
    if "SOCKS" in str(cause):
        return f" (the proxy in {place} needs PySocks: pip install requests[socks])"
    wrong = isinstance(error, _InvalidProxyURL) or "roxy" in str(cause) or getattr(cause, "location", url) not in url
    return f" (the address of the proxy in {place} is not valid)" if wrong else ""


def innermost_cause(error: BaseException) -> BaseException:
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
