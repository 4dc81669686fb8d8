"""The log-in on Kitsu's page in a browser on this machine: OAuth 2 for native apps (RFC 8252) with PKCE (RFC 7636)."""

import hmac
import logging
import os
import re
import secrets
import socketserver
import sys
import threading
import time
import webbrowser
from http.server import BaseHTTPRequestHandler
from typing import Any, Dict, Tuple
from urllib.parse import parse_qs, urlencode, urlsplit

from . import client as raw
from ._http.login import store_tokens, warn_of_plain_http
from .client import KitsuClient
from .exception import (
    AuthFailedException,
    NotAuthenticatedException,
    ParameterException,
    RequestRefusedException,
    RouteNotFoundException,
    ValidationException,
)
from .helpers import code_challenge_of
from .secret import hide, hides_secrets

#: Seconds between two checks of the deadline, and until a silent connection is closed: browsers open some that they
#: never use.
POLL_SECONDS = 0.5
_PAGE = "<!doctype html><meta charset=utf-8><title>gazu</title><p>{}</p>"
_REFUSALS = (
    NotAuthenticatedException, ParameterException, RequestRefusedException, RouteNotFoundException, ValidationException,
)  # fmt: skip

logger: logging.Logger = logging.getLogger("gazu")


def log_in(app_name: str, timeout: float, client: KitsuClient, minimum: Tuple[int, ...]) -> Dict[str, Any]:
    """Log in on Kitsu's page; see `gazu.log_in_with_browser`."""
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not timeout > 0:
        raise ValueError(f"timeout: expected seconds, got {timeout!r:.200}")
    _check_version(client, minimum)
    warn_of_plain_http(client)
    verifier = hide(secrets.token_urlsafe(48))
    with Receiver() as receiver:
        address = _page_address(client, receiver, verifier, app_name)
        _show(address, timeout)
        code = hide(receiver.wait_for_code(address, timeout))
    return _trade(code, verifier, client, "log-in by browser")


@hides_secrets
def log_in_with_code(code: str, code_verifier: str, client: KitsuClient, minimum: Tuple[int, ...]) -> Dict[str, Any]:
    """Log in with the code that another program got; see `gazu.log_in_with_code`."""
    warn_of_plain_http(client)
    try:
        return _trade(hide(code), code_verifier, client, "log-in with a code")
    except AuthFailedException:
        _check_version(client, minimum, "log-in with a code")
        raise


def _trade(code: str, verifier: str, client: KitsuClient, what: str) -> Dict[str, Any]:
    """Return the tokens for a code, and keep them in the client."""
    try:
        response = raw.post("auth/app-login/token", {"code": code, "code_verifier": verifier}, client=client)
    except _REFUSALS as error:
        raise AuthFailedException(f"{what}: the server refused the code: {error}") from None
    user = response.get("user") if isinstance(response, dict) else None
    return store_tokens((user or {}).get("email", "the user of the code"), response, client)


def _check_version(client: KitsuClient, minimum: Tuple[int, ...], what: str = "log-in by browser") -> None:
    """Raise an error if the server is too old."""
    version = raw.get_api_version(client=client)
    numbers = tuple(int(number) for number in re.findall(r"\d+", str(version))[:3])
    if numbers and numbers < minimum:
        needed = ".".join(map(str, minimum))
        raise AuthFailedException(f"{what}: the server is Zou {version}: this needs {needed} or later")


def _page_address(client: KitsuClient, receiver: "Receiver", verifier: str, app_name: str) -> str:
    """Return the URL of the page that asks the user, and then sends the browser to *receiver*."""
    challenge = code_challenge_of(verifier)
    query = {"port": receiver.port, "code_challenge": challenge, "state": receiver.state, "app_name": app_name}
    return f"{raw.get_api_url_from_host(client=client)}/app-login?{urlencode(query)}"


def _show(address: str, timeout: float) -> None:
    """Open the page in a browser; without a browser, log and print its URL."""
    if has_browser():
        # In a thread: what the variable BROWSER names may run until the user closes it.
        threading.Thread(target=_open, args=(address,), name="gazu-browser", daemon=True).start()
        logger.info("waiting %g s for the log-in in a browser on this machine: %s", timeout, address)
    else:
        _print_address(address)


def has_browser() -> bool:
    """Return whether a graphical browser may open; one in a terminal cannot show Kitsu."""
    screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("BROWSER")
    return bool(screen) or os.name != "posix" or sys.platform == "darwin"


def _open(address: str) -> None:
    try:
        opened = webbrowser.open(address)
    except Exception as error:  # each platform raises its own
        logger.debug("the browser failed: %s", type(error).__name__)
        opened = False
    if not opened:
        _print_address(address)


def _print_address(address: str) -> None:
    """Log the URL, and print it where a log may not be seen."""
    text = f"no browser could be opened: open this URL in one on this machine to log in: {address}"
    logger.warning(text)
    if logger.hasHandlers() and sys.stderr is not None:  # without handlers, logging itself writes to stderr
        print(f"gazu: {text}", file=sys.stderr, flush=True)


class Receiver(socketserver.TCPServer):
    """Waits on a free port of 127.0.0.1 for the browser, in the thread of the caller.

    Attributes:
        port: where it listens.
        state: what the browser has to send back; requests with another state are refused.
        found: what the browser sent: `code` or `error`.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port: int = self.server_address[1]
        self.state: str = secrets.token_urlsafe(32)
        self.found: Dict[str, str] = {}

    def wait_for_code(self, address: str, timeout: float) -> str:
        """Return the code that the browser sends.

        Raises:
            AuthFailedException: the user refused, or nobody came.
        """
        deadline = time.monotonic() + timeout
        while not self.found:
            left = deadline - time.monotonic()
            if left <= 0:
                raise AuthFailedException(f"log-in by browser: nobody logged in within {timeout:g} s at {address}")
            self.timeout = min(left, POLL_SECONDS)
            self.handle_request()
        if "code" not in self.found:
            raise AuthFailedException(f"log-in by browser: refused on the page of Kitsu ({self.found['error']:.100})")
        return self.found["code"]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Go on waiting when a connection fails; its request may hold the code, so it is not shown."""
        logger.debug("a connection of the browser failed")


class _Handler(BaseHTTPRequestHandler):
    timeout = POLL_SECONDS
    server: Receiver

    def do_GET(self) -> None:
        """Take the code from the URL that Kitsu sends the browser to; leave all else alone."""
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items() if len(values) == 1}
        if parts.path != "/":
            return self._answer(404, "There is nothing here.")
        if not hmac.compare_digest(query.get("state", "").encode(), self.server.state.encode()):
            return self._answer(400, "This log-in is not the one that gazu waits for.")
        if not (query.get("code") or query.get("error")):
            return self._answer(400, "The address has no code.")
        kept = "code" if query.get("code") else "error"
        self._answer(200, "You may close this window." if kept == "code" else "Refused. You may close this window.")
        if not self.server.found:
            self.server.found = {kept: query[kept]}

    def _answer(self, status: int, text: str) -> None:
        body = _PAGE.format(text).encode()
        self.send_response(status)
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))}
        headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Connection": "close"})
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the URL holds the code."""
