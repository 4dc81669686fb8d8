"""Event hosts that redirect, drip or never come to an end; the token stays with the host, and the caller comes back."""

import base64
import hashlib
import struct
import threading
import time

import pytest
import socketio

import gazu
from gazu.events import connection, upgrade

from .conftest import answer, head

OPEN = b'0{"sid":"1","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'


@pytest.fixture
def hurry(monkeypatch):
    """Give a handshake one second."""
    monkeypatch.setattr(connection, "HANDSHAKE_SECONDS", 1)
    monkeypatch.setattr(upgrade, "HANDSHAKE_SECONDS", 1)
    monkeypatch.setattr(connection, "CONNECT_TIMEOUT_SECONDS", 1)


def listen(client, **settings):
    return gazu.events.init(client, reconnection=False, **settings)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_of_the_upgrade_is_not_followed(status, server, client, start):
    other = start()
    server.default = answer(b"", status, {"Location": other.address.replace("http", "ws") + "/socket.io/"})
    stream = connection.new_connection(client, reconnection=False)
    with pytest.raises(socketio.exceptions.ConnectionError):
        stream.connect(server.address, {"Authorization": "Bearer secret"}, transports=["websocket"])
    assert other.requests == [] and "upgrade" in server.requests[-1].headers


def test_a_redirect_of_the_poll_takes_no_token_along(server, client, start):
    other = start()
    server.default = answer(b"", 302, {"Location": other.address + "/socket.io/"})
    other.default = answer(b"no", 400)
    with pytest.raises(socketio.exceptions.ConnectionError):
        listen(client)
    assert server.requests[0].token and [request.token for request in other.requests] == [None]


def drip(exchange):
    exchange.send(head(200, {"Content-Type": "text/plain", "Content-Length": 1000}))
    while not exchange.server.stopping.is_set():
        exchange.send(b"0")
        exchange.wait(0.1)


def namespaces(exchange):
    """Open the stream, and connect one namespace after another, none of which was asked for."""
    server = exchange.server
    if exchange.request.method == "POST":
        return answer(b"ok")(exchange)
    if "sid=" not in exchange.request.query:
        return answer(OPEN.replace(b'"websocket"', b""))(exchange)
    server.count = getattr(server, "count", 0) + 1
    exchange.wait(0.01)
    return answer(b'40/n%d,{"sid":"2"}' % server.count)(exchange)


def drip_upgrade(exchange):
    exchange.send(b"HTTP/1.1 101 Switching Protocols\r\n")
    while not exchange.server.stopping.is_set():
        exchange.send(b"A: b\r\n")
        exchange.wait(0.1)


@pytest.mark.parametrize("act", [drip, namespaces])
def test_a_handshake_that_does_not_end(act, server, client, hurry):
    server.default = act
    started = time.monotonic()
    with pytest.raises(socketio.exceptions.ConnectionError):
        listen(client)
    assert time.monotonic() - started < 15  # not forever


def test_an_upgrade_that_does_not_end(server, client, hurry):
    server.default = drip_upgrade
    stream = connection.new_connection(client, reconnection=False)
    with pytest.raises(socketio.exceptions.ConnectionError):
        stream.connect(server.address, {"Authorization": ""}, transports=["websocket"])


def large_frame(first, length):
    """Return the head of a frame: its kind, and how many bytes it has."""
    return bytes([first, 127]) + struct.pack("!Q", length)


def accept_upgrade(exchange):
    key = exchange.request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accepted = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
    exchange.send(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accepted}\r\n\r\n".encode()
    )


def one_frame(exchange):
    """Send a frame that says to have a terabyte."""
    exchange.send(large_frame(0x81, 1 << 40))
    yield from iter(lambda: bytes(1 << 20), None)


def many_frames(exchange):
    """Send a message in parts that are many, none of them the last."""
    exchange.send(b"\x01\x0242")
    yield from iter(lambda: large_frame(0x00, 1 << 20) + b"x" * (1 << 20), None)


def text_frame(text):
    head = bytes([0x81, len(text)]) if len(text) < 126 else b"\x81\x7e" + struct.pack("!H", len(text))
    return head + text


class EndlessMessage:
    """What a server does that begins as it should and goes on with a message that has no end."""

    def __init__(self, parts, *before):
        self.parts, self.before = parts, before
        self.sent, self.refused = 0, threading.Event()

    def __call__(self, exchange):
        accept_upgrade(exchange)
        for text in self.before:
            exchange.send(text_frame(text))
        try:
            for part in self.parts(exchange):
                exchange.send(part)
                self.sent += len(part)
        except OSError:
            self.refused.set()
        return "close"


@pytest.mark.parametrize("parts", [one_frame, many_frames])
def test_a_message_that_does_not_end(parts, server, client, caplog):
    server.default = act = EndlessMessage(parts, OPEN, b'40/events,{"sid":"2"}')
    stream = connection.new_connection(client, reconnection=False)
    ended = threading.Event()
    stream.on("disconnect", ended.set, connection.NAMESPACE)
    stream.connect(server.address, {"Authorization": ""}, transports=["websocket"], namespaces=[connection.NAMESPACE])
    assert ended.wait(60) and act.refused.wait(60)
    assert act.sent < 64 << 20  # some of it was still on its way
    assert "sends a message of more than 16 MiB: the event stream is disconnected" in caplog.text


def test_a_first_message_that_does_not_end(server, client):
    server.default = EndlessMessage(one_frame)
    stream = connection.new_connection(client, reconnection=False)
    with pytest.raises(socketio.exceptions.ConnectionError, match="a message of more than 16 MiB"):
        stream.connect(server.address, {"Authorization": ""}, transports=["websocket"])


def no_more(exchange):
    """Say nothing, not even that the connection goes on."""
    exchange.wait(30)


def cut_off(exchange):
    exchange.wait(0.2)
    exchange.reset()


def goodbye(exchange):
    """Send a close frame, as a server does that stops."""
    exchange.send(b"\x88\x02\x03\xe9")
    exchange.wait(30)


@pytest.mark.parametrize("end", [no_more, cut_off, goodbye])
def test_a_connection_that_ended_is_closed_here_too(end, server, client):
    """engineio leaves its socket open, for the garbage collector, unless the server closed it the plain way."""

    def act(exchange):
        accept_upgrade(exchange)
        for text in (OPEN.replace(b"25000", b"100").replace(b"20000", b"400"), b'40/events,{"sid":"2"}'):
            exchange.send(text_frame(text))
        end(exchange)
        return "close"

    server.default = act
    stream = connection.new_connection(client, reconnection=False)
    ended = threading.Event()
    stream.on("disconnect", ended.set, connection.NAMESPACE)
    stream.connect(server.address, {"Authorization": ""}, transports=["websocket"], namespaces=[connection.NAMESPACE])
    assert ended.wait(20)
    assert stream.eio.ws.sock is None and not stream.eio.ws.connected


def test_settings_of_the_caller_win(client):
    stream = connection.new_connection(client, websocket_extra_options={"class_": dict, "header": {"A": "b"}})
    assert stream.eio.websocket_extra_options == {"class_": dict, "header": {"A": "b"}}
