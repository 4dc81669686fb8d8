"""Event hosts that redirect, drip or never come to an end; the token stays with the host, and the caller comes back."""

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
    assert time.monotonic() - started < 15  # not for ever


def test_an_upgrade_that_does_not_end(server, client, hurry):
    server.default = drip_upgrade
    stream = connection.new_connection(client, reconnection=False)
    with pytest.raises(socketio.exceptions.ConnectionError):
        stream.connect(server.address, {"Authorization": ""}, transports=["websocket"])


def test_settings_of_the_caller_win(client):
    stream = connection.new_connection(client, websocket_extra_options={"class_": dict, "header": {"A": "b"}})
    assert stream.eio.websocket_extra_options == {"class_": dict, "header": {"A": "b"}}
