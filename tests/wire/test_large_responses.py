"""Responses that would take any memory, or any time; the memory and the time that they take are bounded."""

import gc
import gzip
import json

import pytest

from gazu import aio
from gazu import client as raw_client
from gazu._http import decoding, failures, sender
from gazu.exception import RouteNotFoundException, ServerErrorException, TransportException

from .awaiting import awaiting
from .conftest import answer, head, raw

MIB = 1024 * 1024
JSON = {"Content-Type": "application/json"}
CHUNKED = {**JSON, "Transfer-Encoding": "chunked"}


def get(client, **options):
    return raw_client.get("data/rows", client=client, **options)


def get_soon(client, **options):
    return awaiting.run(aio.get("data/rows", client=awaiting.twin(client), **options))


both = pytest.mark.parametrize("get", [get, get_soon])


@pytest.fixture(autouse=True)
def limit(monkeypatch):
    """Four megabytes are more than fits."""
    monkeypatch.setattr(decoding, "MAX_BODY_BYTES", 4 * MIB)
    monkeypatch.setattr(sender, "MAX_BODY_BYTES", 4 * MIB)


@pytest.fixture
def no_collection():
    """Run no finalizers meanwhile: at the limit of recursion they fail, whosever they are."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def endless(status, limit=64):
    """Send a body without an end, as long as somebody reads: at most *limit* MiB."""
    piece = b"[" * MIB

    def act(exchange):
        exchange.send(head(status, CHUNKED))
        for _ in range(limit):
            exchange.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        exchange.server.all_sent = True
        exchange.close()
        return "close"

    return act


@both
def test_a_body_without_an_end(server, client, get):
    server.all_sent = False
    server.default = endless(200)
    with pytest.raises(TransportException, match="GET data/rows: the response has more than 4 MiB") as caught:
        get(client)
    assert isinstance(caught.value, failures.AnswerTooLarge) and caught.value.path == "data/rows"
    assert len(server.requests) == 1 and not server.all_sent  # sent once, and the rest was left unread


@both
def test_a_compressed_body_that_becomes_large(server, client, get):
    small = gzip.compress(b" " * 64 * MIB)
    assert len(small) < MIB
    server.default = answer(small, headers={"Content-Encoding": "gzip"}, kind="application/json")
    with pytest.raises(failures.AnswerTooLarge):
        get(client)
    assert len(server.requests) == 1


@both
def test_a_declared_length_that_is_too_much(server, client, get):
    server.default = raw(head(200, {**JSON, "Content-Length": 64 * MIB}), *[b"[" * MIB] * 6)
    with pytest.raises(failures.AnswerTooLarge):
        get(client)


@both
def test_the_beginning_of_an_error_is_enough(server, client, get):
    server.all_sent = False
    server.default = endless(404)
    with pytest.raises(RouteNotFoundException) as caught:
        get(client)
    assert len(caught.value.body) <= MIB and not server.all_sent
    server.default = answer({"id": "1"})
    assert get(client) == {"id": "1"}


@both
def test_large_bodies_that_fit(server, client, get):
    rows = ["x" * MIB] * 3
    server.script = [answer(rows), answer(gzip.compress(b'["a"]'), headers={"Content-Encoding": "gzip"})]
    assert get(client) == rows
    assert get(client) == ["a"]


def test_content_of_a_compressed_response(server, client):
    server.default = answer(gzip.compress(b"content"), headers={"Content-Encoding": "gzip"})
    response = raw_client.download("data/rows", None, client=client)
    assert response.content == b"content" == raw_client.get_file_data_from_url("data/rows", client=client)


@both
def test_json_nested_too_deeply(server, client, get, no_collection):
    server.default = answer(b"[" * 100_000, kind="application/json")
    with pytest.raises(failures.AnswerNotJson, match="is not JSON"):
        get(client)
    server.default = answer(b"[" * 100_000, status=500, kind="application/json")
    with pytest.raises(ServerErrorException):
        get(client)


@both
def test_a_length_beyond_all_memory(server, client, get):
    client.retries = 0
    server.default = raw(head(200, {**JSON, "Content-Length": 2**70}), b"[]")
    with pytest.raises(TransportException):
        get(client)


def test_errors_of_other_libraries_are_shown_in_part():
    """Some quote the whole response; looking for credentials in it takes time in proportion to its length."""
    error = ValueError("x" * 5_000_000 + " https://jane:secret@host/ ")
    text = str(failures.describe(failures.ConnectionFailed, error, "GET", "https://host", True))
    assert len(text) < 400 and text.endswith("xxx...")
    short = failures.describe(
        failures.ConnectionFailed, ValueError("at https://a:b@c@host/x"), "GET", "https://h", True
    )
    assert str(short) == "GET https://h: at https://host/x"


@pytest.mark.parametrize("rows", [["one"], ["x" * MIB] * 2])
def test_content_for_scripts_that_see_the_response(server, client, rows, monkeypatch):
    """What is large is let go once it is decoded; a hook that reads it before gets it."""
    monkeypatch.setattr(decoding, "_loads", json.loads)
    server.default = answer(rows)
    responses = []
    send = client.session.send
    client.session.send = lambda *args, **kwargs: responses.append(send(*args, **kwargs)) or responses[-1]
    assert get(client) == rows
    assert responses[0].content == (json.dumps(rows).encode() if rows == ["one"] else b"")
    client.session.hooks["response"].append(lambda response, **kwargs: response.content and None)
    assert get(client) == rows
    assert json.loads(responses[1].content) == rows


@pytest.mark.parametrize("body", [b"<html>" + b"x" * MIB, b"\xff" * MIB, b'"' + b"\xff" * MIB])
def test_large_body_that_is_no_json(server, client, body):
    server.default = answer(body, kind="application/json")
    with pytest.raises(failures.AnswerNotJson, match=r"is not JSON") as caught:
        get(client)
    if body.startswith(b"<html>"):
        assert "starts with '<html>xxx" in str(caught.value)


def test_large_json_that_is_no_utf_8(server, client):
    server.default = answer(json.dumps(["x" * MIB]).encode("utf-16"), kind="application/json")
    assert get(client) == ["x" * MIB]
    server.default = answer(b"\xef\xbb\xbf" + json.dumps(["x" * MIB]).encode(), kind="application/json")
    assert get(client) == ["x" * MIB]
