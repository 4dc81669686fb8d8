"""The log-in by browser: our own requests take the place of the browser, an HTTP server that of Zou."""

import base64
import hashlib
import http.client
import logging
import signal
import socket
import sys
import threading
import time
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

import gazu
from gazu import browser_login
from gazu.exception import AuthFailedException

from .conftest import answer

TOKENS = {"login": True, "user": {"email": "jane@example.com"}, "access_token": "access", "refresh_token": "refresh"}


class Browser:
    """What stands in the place of `webbrowser`: it opens the page, and goes where Kitsu would send it."""

    def __init__(self):
        self.address, self.query, self.visits, self.threads = "", {}, [], []
        self._pages = []

    def __call__(self, address):
        self.address = address
        self.query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        for visit in self.visits:
            self._pages.append(visit())
        return True

    def wait(self):
        """Wait until it has seen all: it may still read the last page when the call has returned."""
        for thread in threading.enumerate():
            if thread.name == "gazu-browser":
                thread.join(10)

    @property
    def pages(self):
        """What it has seen."""
        self.wait()
        return self._pages

    def go(self, path="/", **query):
        """Request a page of the port, and return status, headers and text."""
        connection = http.client.HTTPConnection("127.0.0.1", int(self.query["port"]), timeout=10)
        try:
            connection.request("GET", f"{path}?{urlencode(query)}" if query else path)
            response = connection.getresponse()
            return response.status, response.headers, response.read().decode()
        finally:
            connection.close()

    def allow(self, code="the-code"):
        return self.go(code=code, state=self.query["state"])


@pytest.fixture
def browser(monkeypatch):
    browser = Browser()
    monkeypatch.setattr(browser_login.webbrowser, "open", browser)
    monkeypatch.setenv("DISPLAY", ":0")
    yield browser
    browser.wait()
    if browser.query:
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", int(browser.query["port"])), timeout=5).close()


@pytest.fixture
def zou(server):
    server.version = "1.0.97"
    server.token = answer(TOKENS)

    def respond(exchange):
        return (server.token if exchange.request.method == "POST" else answer({"version": server.version}))(exchange)

    server.default = respond
    return server


def test_log_in(browser, zou, client, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    browser.visits = [browser.allow]
    assert gazu.log_in_with_browser("My tool & co", client=client) == TOKENS
    assert client.tokens == TOKENS
    parts = urlsplit(browser.address)
    assert f"{parts.scheme}://{parts.netloc}" == zou.address and parts.path == "/app-login"
    assert set(browser.query) == {"port", "code_challenge", "state", "app_name"}
    assert browser.query["app_name"] == "My tool & co"
    assert 1024 <= int(browser.query["port"]) <= 65535 and len(browser.query["state"]) >= 32
    sent = zou.requests[-1].json()
    digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == browser.query["code_challenge"]
    assert zou.calls == ["GET /api/", "POST /api/auth/app-login/token"] and sent["code"] == "the-code"
    status, headers, text = browser.pages[0]
    assert status == 200 and "You may close this window" in text
    assert headers["Cache-Control"] == "no-store" and headers["Referrer-Policy"] == "no-referrer"
    everything = text + str(headers) + caplog.text + "".join(capfd.readouterr())
    for secret in ("the-code", sent["code_verifier"], "access", "refresh"):
        assert secret not in everything


def test_two_log_ins_have_nothing_in_common(browser, zou, client):
    browser.visits = [browser.allow]
    seen = []
    for _ in range(2):
        gazu.log_in_with_browser(client=client)
        seen.append((browser.query["state"], browser.query["code_challenge"], zou.requests[-1].json()["code_verifier"]))
    assert all(first != second for first, second in zip(*seen))


def test_others_are_left_alone(browser, zou, client):
    wrong = "x" * 43
    idle = []
    browser.visits = [
        lambda: idle.append(socket.create_connection(("127.0.0.1", int(browser.query["port"])))) or (0, {}, ""),
        lambda: browser.go("/favicon.ico"),
        lambda: browser.go("/callback", code="other", state=browser.query["state"]),
        lambda: browser.go("/"),
        lambda: browser.go(code="other"),
        lambda: browser.go(code="other", state=wrong),
        lambda: browser.go(code="other", state=browser.query["state"] + "\u00e9"),
        lambda: browser.go(error="access_denied", state=wrong),
        lambda: browser.go(state=browser.query["state"]),
        lambda: browser.go(f"/?code=a&code=b&state={browser.query['state']}"),
        browser.allow,
    ]
    assert gazu.log_in_with_browser(client=client) == TOKENS
    assert [page[0] for page in browser.pages] == [0, 404, 404, 400, 400, 400, 400, 400, 400, 400, 200]
    assert zou.requests[-1].json()["code"] == "the-code"
    assert all("other" not in page[2] for page in browser.pages)
    idle[0].close()


def test_refused(browser, zou, client):
    before = client.tokens
    browser.visits = [lambda: browser.go(error="access_denied", state=browser.query["state"])]
    with pytest.raises(AuthFailedException, match="access_denied"):
        gazu.log_in_with_browser(client=client)
    assert zou.calls == ["GET /api/"] and client.tokens is before
    assert "Refused" in browser.pages[0][2]


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422])
def test_refused_code(status, browser, zou, client):
    before = client.tokens
    zou.token = answer({"login": False, "message": "Wrong or expired code."}, status)
    browser.visits = [browser.allow]
    with pytest.raises(AuthFailedException, match=r"Wrong or expired code\.") as caught:
        gazu.log_in_with_browser(client=client)
    assert "the-code" not in str(caught.value) and client.tokens is before


def test_nobody_comes(browser, zou, client):
    with pytest.raises(AuthFailedException, match="nobody logged in within 0.3 s") as caught:
        gazu.log_in_with_browser(timeout=0.3, client=client)
    assert browser.address in str(caught.value)
    assert zou.calls == ["GET /api/"]


@pytest.mark.parametrize("opens", ["nowhere", False, "raises"])
def test_no_browser(opens, browser, zou, client, caplog, capfd, monkeypatch):
    if opens == "nowhere":
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setattr(sys, "platform", "linux")
        monkeypatch.setattr(browser_login.webbrowser, "open", lambda address: pytest.fail("it opened"))
    elif opens == "raises":
        monkeypatch.setattr(browser_login.webbrowser, "open", lambda address: 1 / 0)
    else:
        monkeypatch.setattr(browser_login.webbrowser, "open", lambda address: False)
    with pytest.raises(AuthFailedException) as caught:
        gazu.log_in_with_browser(timeout=0.5, client=client)
    address = str(caught.value).rpartition(" at ")[2]
    assert address.startswith(f"{zou.address}/app-login?")
    assert address in caplog.text and address in capfd.readouterr().err


@pytest.mark.parametrize("version", ["0.19.69", "1.0.93", "1.0.9"])
def test_server_that_is_too_old(version, browser, zou, client):
    zou.version = version
    with pytest.raises(AuthFailedException, match=f"Zou {version}: this needs 1.0.94"):
        gazu.log_in_with_browser(client=client)
    assert browser.address == ""
    assert gazu.BROWSER_LOGIN_MIN_ZOU_VERSION == (1, 0, 94)


@pytest.mark.parametrize("version", ["1.0.94", "1.0.100", "2.0", "1.1.0-dev", "unknown"])
def test_server_that_is_new_enough(version, browser, zou, client):
    zou.version = version
    browser.visits = [browser.allow]
    assert gazu.log_in_with_browser(client=client) == TOKENS


@pytest.mark.parametrize("timeout", [0, -1, "5", None, True, float("nan")])
def test_timeout_that_makes_no_sense(timeout, browser, zou, client):
    with pytest.raises(ValueError, match="timeout: expected seconds"):
        gazu.log_in_with_browser(timeout=timeout, client=client)
    assert zou.calls == []


def test_ctrl_c_leaves_nothing(browser, zou, client):
    browser.visits = [lambda: (time.sleep(0.1), signal.pthread_kill(threading.main_thread().ident, signal.SIGINT))]
    with pytest.raises(KeyboardInterrupt):
        gazu.log_in_with_browser(client=client)
    browser.wait()
    assert "gazu-browser" not in [thread.name for thread in threading.enumerate()]


# -- a code of another program --------------------------------------------------
VERIFIER = "v" * 43


def test_log_in_with_a_code(zou, connect):
    client = connect(zou.host, access_token="old")
    tokens = gazu.log_in_with_code("the-code", VERIFIER, client=client)
    assert tokens == TOKENS == client.tokens and "access" not in repr(tokens["access_token"])
    assert "the-code" not in repr(vars(client))


def test_code_that_is_refused(zou, connect):
    zou.token = answer({"login": False, "message": "Wrong or expired code."}, 400)
    client = connect(zou.host, access_token="old")
    with pytest.raises(AuthFailedException, match="log-in with a code: .*Wrong or expired code") as caught:
        gazu.log_in_with_code("the-code", VERIFIER, client=client)
    assert client.access_token == "old" and VERIFIER not in str(caught.value)


def test_server_that_knows_no_codes(zou, connect):
    zou.version, zou.token = "0.20.85", answer({"message": "The requested URL was not found on the server."}, 404)
    with pytest.raises(AuthFailedException, match="with a code: the server is Zou 0.20.85: this needs 1.0.94 or later"):
        gazu.log_in_with_code("the-code", VERIFIER, client=connect(zou.host))
