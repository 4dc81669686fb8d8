"""The errors of requests that got no response, and how those of requests and urllib3 become ours."""

import json
import os
import re
from typing import Any, Optional, Tuple, Type

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

from ..exception import GazuException, HostException, TransportException
from ..secret import SecretText
from .route import NO_HTTPS, PLACEHOLDER, origin_of, public


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


class HostNeverSet(ConnectionFailed, HostException):
    """The host is the one that a client has until it is set: nothing was sent."""

    sent, final = False, True


class DeadlinePassed(TransportException, requests.exceptions.ReadTimeout):
    """The call took longer than the deadline of its client, or of its block."""

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
    """The host is not a valid URL."""

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
    (BodyCut, MemoryError),
    (ConnectionFailed, Exception),
)
#: A word of an error, which may be an address with user and password; a password may have a slash.
_WORD = re.compile(r"[^\s'\"]+")
#: Characters of another library's error that are shown: some quote the whole response.
_SHOWN_CHARACTERS = 300
_ADDRESSES = (AddressWithoutScheme, AddressSchemeUnknown, AddressInvalid)
_WRONG_PROXY = "the address of the proxy"
_NO_SCHEME = "the host must begin with https:// or http://"
_TRUST = (
    "for an authority of your own, set REQUESTS_CA_BUNDLE or ssl_verify to its .pem file, "
    "or call truststore.inject_into_ssl() before the first call"
)
_HINTS = {
    AddressWithoutScheme: _NO_SCHEME,
    AddressSchemeUnknown: _NO_SCHEME,
    ConnectTimedOut: "is the host right, and can this network reach it?",
    ReadTimedOut: "is the server busy? timeout= of the client, or GAZU_TIMEOUT, give it more seconds",
}
#: Hints by what the system says.
_HINTS_BY_WORDS = (
    (CertificateRefused, re.compile("local issuer|self[- ]signed"), _TRUST),
    (CertificateRefused, re.compile("wrong version|http request|record layer|packet length"), NO_HTTPS),
    (
        ConnectionFailed,
        re.compile("resolve|not known|getaddrinfo|nodename|No address"),
        "is the name of the host right?",
    ),
    (ConnectionFailed, re.compile("refused"), "is the server running, and is the port right?"),
)
#: Newer than the oldest requests that is supported.
_InvalidProxyURL: Any = getattr(_theirs, "InvalidProxyURL", ())


class UnsetHost(HostException):
    """A connection to the host that a client has until it is set; no OSError, which urllib3 would catch."""


class Downgrade(HostException):
    """A redirect from https:// to an address that is not encrypted."""


def downgrade_to(place: str) -> Downgrade:
    """Return the error for a redirect from https:// to *place*, to which anybody on the way could have sent it."""
    return Downgrade(f"the host redirects from https:// to {origin_of(public(place))}, which is not encrypted")


def check_host_is_set(host: Optional[str]) -> None:
    """Raise UnsetHost if a connection is about to be made to the host that a client has until it is set."""
    if host is not None and host.rstrip(".").lower() == PLACEHOLDER:
        raise UnsetHost("the host was never set: call gazu.set_host")


#: What may come instead of a response.
NETWORK_ERRORS = (RequestException, HTTPError, TransportException, OverflowError, MemoryError, UnsetHost, Downgrade)


def translate(error: Exception, method: str, url: str) -> GazuException:
    """Return our error for one of requests: of the same class, and a GazuException."""
    if isinstance(error, TransportException):
        return error
    if isinstance(error, Downgrade):
        return HostException(f"{method} {public(url).split('?')[0]}: {error}")
    if isinstance(error, UnsetHost):
        return HostNeverSet(f"{method} {public(url).split('?')[0]}: {error}")
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
    words = re.sub(r"^<?\w+\([^)]*\)>?: ", "", str(cause)) or type(cause).__name__
    for named, pattern, text in _HINTS_BY_WORDS:
        if issubclass(kind, named) and pattern.search(words):
            hint = text
    if issubclass(kind, (AddressSchemeUnknown, AddressInvalid)):
        hint = _proxy_hint(error, cause, url) or hint
    if issubclass(kind, _ADDRESSES) and (isinstance(url, SecretText) or hint.startswith(_WRONG_PROXY)):
        words = "the address cannot be read"  # it is not quoted, as it has a password
    words = _WORD.sub(_without_credentials, words).partition(" Perhaps you meant ")[0]
    words = words if len(words) <= _SHOWN_CHARACTERS else f"{words[:_SHOWN_CHARACTERS]}..."
    ours = kind(f"{method} {public(url).split('?')[0]}: {words}")
    ours.method, ours.sent, ours.hint = method, sent, hint or None
    return ours


def _without_credentials(word: "re.Match[str]") -> str:
    """Return a word without what may be user and password."""
    before, _, rest = word.group().rpartition("@")
    return before[: before.find("//") + 2] + rest if "//" in before else rest


def _proxy_hint(error: BaseException, cause: BaseException, url: str) -> str:
    """Return a hint that names where the address of the proxy comes from; "" if the host is what is wrong."""
    scheme = url.split(":")[0].lower()
    names = [name for stem in (scheme, "all") for name in (f"{stem}_proxy", f"{stem.upper()}_PROXY")]
    place = next((name for name in names if os.environ.get(name)), "client.session.proxies")
    if "SOCKS" in str(cause):
        return f"the proxy in {place} needs PySocks: pip install requests[socks]"
    wrong = isinstance(error, _InvalidProxyURL) or "roxy" in str(cause) or getattr(cause, "location", url) not in url
    return f"{_WRONG_PROXY} in {place} is not valid" if wrong else ""


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
