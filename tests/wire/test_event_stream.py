"""The event stream over real sockets: a Socket.IO server that refuses tokens, goes away and comes back."""

import base64
import json
import socketserver
import subprocess
import sys
import threading
import time
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
import socketio

import gazu
from gazu.client import KitsuClient
from gazu.events import connection
from gazu.exception import NotAuthenticatedException

from ..leaks import leaks
from ..waiting import until


def token(name, seconds):
    """Return a JWT that expires in so many seconds."""
    now = int(time.time())
    claims = json.dumps({"sub": name, "iat": now - 1000, "exp": now + seconds}).encode()
    return f"h.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.s"


class Threading(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    allow_reuse_address = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


class Stream:
    """The server: `good` are the tokens that it takes; a refresh gives the last of them."""

    def __init__(self):
        self.good, self.seen, self.refreshes, self.port = set(), [], 0, 0
        self.reason = "Access token expired."
        self.start()

    @property
    def host(self):
        return f"http://127.0.0.1:{self.port}/api"

    def start(self):
        self.io = socketio.Server(async_mode="threading", allow_upgrades=False, ping_interval=1, ping_timeout=1)
        self.io.on("connect", self.connect, "/events")
        app = socketio.WSGIApp(self.io, self.api)
        self.http = Threading(("127.0.0.1", self.port), Quiet)
        self.http.set_app(app)
        self.port = self.http.server_address[1]
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def connect(self, sid, environ, auth=None):
        self.seen.append(environ.get("HTTP_AUTHORIZATION", "").replace("Bearer ", ""))
        if self.seen[-1] not in self.good:
            raise socketio.exceptions.ConnectionRefusedError(self.reason)

    def api(self, environ, start_response):
        self.refreshes += 1
        good = environ["PATH_INFO"] == "/api/auth/refresh-token" and environ["HTTP_AUTHORIZATION"] == "Bearer refresh"
        new = token(f"new-{self.refreshes}", 1000)
        self.good.add(new) if good else None
        body = json.dumps({"access_token": new} if good else {"msg": "no"}).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response("200 OK" if good else "401 No", headers)
        return [body]

    def stop(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()
        self.io.shutdown()


@pytest.fixture
def server(monkeypatch):
    if not hasattr(socketio.Client(), "failed_namespaces"):  # this version waits to the end after a refusal
        monkeypatch.setattr(connection, "CONNECT_TIMEOUT_SECONDS", 2)
    server = Stream()
    yield server
    server.stop()


@pytest.fixture
def listen(server):
    """Connect a client with these tokens."""
    made = []

    def listen(access, refresh=None, **settings):
        client = KitsuClient(server.host, access_token=access, refresh_token=refresh, retries=0)
        made.append(gazu.events.init(client, **settings))
        return made[-1], client

    yield listen
    for stream in made:
        stream.disconnect()


def test_expired_token_is_renewed_before_it_is_sent(server, listen):
    stream, client = listen(token("old", -10), "refresh", reconnection=False)
    assert stream.connected
    assert server.refreshes == 1 and server.seen == [client.access_token]


def test_refused_token_is_renewed_once(server, listen):
    old = token("old", 1000)
    stream, client = listen(old, "refresh")
    assert stream.connected
    assert server.seen == [old, client.access_token] and server.refreshes == 1


def test_good_token_is_left_alone(server, listen):
    good = token("good", 1000)
    server.good.add(good)
    assert listen(good, "refresh")[0].connected
    assert server.seen == [good] and server.refreshes == 0


@pytest.mark.parametrize("reconnection", [True, False])
@pytest.mark.parametrize("refresh", [None, "dead"])
@pytest.mark.parametrize("access", ["secret-token", None])
def test_refusal_says_why(access, refresh, reconnection, server, listen, caplog):
    with pytest.raises(NotAuthenticatedException, match=r"127.0.0.1.*Access token expired\. \(log in again") as caught:
        listen(access, refresh, reconnection=reconnection)
    assert isinstance(caught.value, gazu.events.StreamRefusedException)
    assert isinstance(caught.value, socketio.exceptions.ConnectionError)
    assert "secret-token" not in caplog.text
    assert leaks(caught.value, ["secret-token", "dead"]) == []
    count = len(server.seen)
    time.sleep(1.2)  # nobody goes on in the background
    assert len(server.seen) == count <= 2


def test_refusal_of_a_client_that_may_not_renew(server, listen):
    client = KitsuClient(server.host, access_token="a", refresh_token="refresh", use_refresh_token=False)
    with pytest.raises(NotAuthenticatedException):
        gazu.events.init(client, reconnection=False)
    assert server.seen == ["a"] and server.refreshes == 0


@pytest.mark.parametrize("lifetime", [-10, 1000])
def test_connected_again_after_a_restart(lifetime, server, listen):
    """The token expired meanwhile, or the restarted server no longer takes it."""
    first = token("first", 1000)
    server.good.add(first)
    stream, client = listen(first, "refresh", reconnection_delay=0.05, reconnection_delay_max=0.2)
    received = []
    gazu.events.add_listener(stream, "task:new", received.append)
    server.stop()
    until(lambda: not stream.connected)
    client.access_token = token("first", lifetime)
    server.good.clear()
    server.start()
    until(lambda: stream.connected)
    server.io.emit("task:new", {"task_id": "1"}, namespace="/events")
    until(lambda: received)
    assert received == [{"task_id": "1"}]
    assert server.seen[-1] == client.access_token and client.access_token in server.good


def test_without_the_package_the_error_names_it():
    code = (
        "import sys; sys.modules['socketio'] = None\n"
        "import gazu, gazu.events\n"
        "for call in (gazu.events.init, lambda: gazu.events.EventsNamespace, lambda: gazu.events.socketio):\n"
        "    try:\n"
        "        call()\n"
        "    except ModuleNotFoundError as error:\n"
        "        print(error.name, error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lines = ran.stdout.decode().splitlines()
    assert [line.split()[0] for line in lines] == ["socketio"] * 3, ran.stderr
    assert all("pip install 'python-socketio[client]'" in line for line in lines)
