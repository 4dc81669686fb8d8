"""Answers that are errors, and what is asked again."""

import pickle
from email.utils import formatdate

import pytest
import requests

from gazu import client as raw_client
from gazu import exception
from gazu.exception import GazuException

from .conftest import answer, head, raw, reset, then_close

CLASSES = {
    400: exception.ParameterException,
    401: exception.NotAuthenticatedException,
    402: exception.RequestRefusedException,
    403: exception.NotAllowedException,
    404: exception.RouteNotFoundException,
    405: exception.MethodNotAllowedException,
    406: exception.RequestRefusedException,
    409: exception.RequestRefusedException,
    410: exception.RequestRefusedException,
    413: exception.TooBigFileException,
    415: exception.RequestRefusedException,
    418: exception.RequestRefusedException,
    422: exception.ValidationException,
    423: exception.RequestRefusedException,
    429: exception.RequestRefusedException,
    431: exception.RequestRefusedException,
    500: exception.ServerErrorException,
    501: exception.ServerErrorException,
    502: exception.ServerErrorException,
    503: exception.ServerErrorException,
    504: exception.ServerErrorException,
}
TRANSIENT = (429, 502, 503, 504)
BODIES = {
    "json": {"message": "this is why", "error": True},
    "html": "<html><h1>Oh dear</h1></html>",
    "empty": b"",
    "list": ["odd"],
    "cut": b'{"message": ',
    "bytes": b"\xff\x00\xfe",
}
VERBS = {
    "get": lambda client: raw_client.get("data/rows", client=client),
    "post": lambda client: raw_client.post("data/rows", {"name": "x"}, client=client),
    "put": lambda client: raw_client.put("data/rows/1", {"name": "x"}, client=client),
    "delete": lambda client: raw_client.delete("data/rows/1", client=client),
}
REPEATED = ("get", "put", "delete")


@pytest.mark.parametrize("body", list(BODIES))
@pytest.mark.parametrize("status", list(CLASSES))
def test_each_status_is_an_error_of_its_class(status, body, client, server, naps):
    server.default = answer(BODIES[body], status)
    for verb, method in (("get", "GET"), ("post", "POST")):
        del server.requests[:]
        with pytest.raises(GazuException) as caught:
            VERBS[verb](client)
        error = caught.value
        assert type(error) is CLASSES[status]
        assert (error.status_code, error.method, error.path) == (status, method, "data/rows")
        assert "data/rows" in str(error)
        if body == "json":
            assert error.body == BODIES["json"]
            assert "this is why" in str(error) or status == 413
        assert len(server.requests) == (5 if status in TRANSIENT and verb == "get" else 1)
        copy = pickle.loads(pickle.dumps(error))
        assert (type(copy), copy.args, copy.status_code) == (type(error), error.args, status)


def test_bad_request_has_the_arguments_that_scripts_know(client, server):
    server.default = answer({"message": "name is missing"}, 400)
    with pytest.raises(exception.ParameterException) as caught:
        VERBS["post"](client)
    assert caught.value.args == ("data/rows", "name is missing")


def test_errors_are_never_data(client, server, tmp_path):
    server.default = answer({"id": "1"}, 409)
    for call in (
        lambda: raw_client.get("data/rows", json_response=False, client=client),
        lambda: raw_client.fetch_all("rows", client=client),
        lambda: raw_client.fetch_first("rows", client=client),
        lambda: raw_client.fetch_one("rows", "1", client=client),
        lambda: raw_client.create("rows", {}, client=client),
        lambda: raw_client.update("rows", "1", {}, client=client),
        lambda: raw_client.delete("data/rows", client=client),
        lambda: raw_client.download("x", str(tmp_path / "x"), client=client),
        lambda: raw_client.download("x", None, client=client),
        lambda: raw_client.get_file_data_from_url("x", client=client),
        lambda: raw_client.get_file_data_from_url(client.host + "/x", full=True, client=client),
        lambda: raw_client.upload("x", files={"file": b"x"}, client=client),
    ):
        with pytest.raises(exception.RequestRefusedException):
            call()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", TRANSIENT)
@pytest.mark.parametrize("verb", REPEATED)
def test_transient_answer_is_asked_again(verb, status, client, server, naps):
    server.script = [answer("busy", status)] * 3
    server.default = answer({"id": "1"})
    VERBS[verb](client)
    assert len(server.requests) == 4
    assert server.connections == 1
    assert all(0.75 <= nap / (0.2 * 2**turn) <= 1.25 for turn, nap in enumerate(naps))


@pytest.mark.parametrize(
    "fault", [reset, raw(), raw(head(200, {"Content-Length": 9}), b"[")], ids=["rst", "fin", "cut"]
)
@pytest.mark.parametrize("verb", list(VERBS))
def test_lost_connection(verb, fault, client, server):
    server.script = [fault]
    if verb in REPEATED:
        VERBS[verb](client)
        assert len(server.requests) == 2
        return
    with pytest.raises(requests.exceptions.RequestException) as caught:
        VERBS[verb](client)
    assert isinstance(caught.value, exception.TransportException)
    assert caught.value.sent
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "trouble", [reset, raw(), answer("busy", 503), answer("busy", 429, {"Retry-After": 1}), answer("bad gateway", 502)]
)
def test_post_is_never_doubled(trouble, client, server, naps):
    server.script = [answer({}), trouble]
    VERBS["post"](client)  # the trouble comes on a connection used before
    with pytest.raises(GazuException):
        VERBS["post"](client)
    assert len(server.requests) == 2
    assert naps == []


def test_post_on_a_connection_closed_while_idle_is_sent_once(client, server):
    server.default = then_close(answer({}))
    for _ in range(3):
        server.idle.clear()
        VERBS["post"](client)
        assert server.idle.wait(10)
    assert len(server.requests) == 3


def test_deletion_whose_answer_was_lost(client, server):
    gone = answer({"message": "not found"}, 404)
    server.script = [reset, gone]
    VERBS["delete"](client)
    server.script = [answer("<h1>Time-out</h1>", 504), gone]
    VERBS["delete"](client)
    for script in ([gone], [answer("busy", 503), gone]):
        server.script = script
        with pytest.raises(exception.RouteNotFoundException):
            VERBS["delete"](client)


def test_body_of_a_repeated_put_is_whole(client, server):
    server.script = [reset]
    VERBS["put"](client)
    assert [request.json() for request in server.requests] == [{"name": "x"}] * 2


def test_retry_after_in_seconds(client, server, naps):
    server.script = [answer("busy", 503, {"Retry-After": "7"}), answer("busy", 429, {"Retry-After": "0"})]
    VERBS["get"](client)
    assert naps == [7, 0]


def test_retry_after_as_a_date(client, server, naps):
    server.script = [
        answer("busy", 503, {"Retry-After": formatdate(naps.now + 9, usegmt=True)}),
        answer("busy", 503, {"Retry-After": formatdate(naps.now - 900, usegmt=True)}),
    ]
    VERBS["get"](client)
    assert naps == [9, 0]


@pytest.mark.parametrize("asked", ["3600", formatdate(4e9, usegmt=True), "1e9", "inf"])
def test_retry_after_that_is_too_long(asked, client, server, naps):
    server.default = answer({"message": "later"}, 503, {"Retry-After": asked})
    with pytest.raises(exception.ServerErrorException):
        VERBS["get"](client)
    assert len(server.requests) == 1
    assert naps == []


@pytest.mark.parametrize("asked", ["soon", "", "nan", "-5", "Tue, 99 Foo 2026", "1 2"])
def test_retry_after_that_makes_no_sense(asked, client, server, naps):
    server.script = [answer("busy", 503, {"Retry-After": asked})]
    VERBS["get"](client)
    assert len(naps) == 1
    assert 0 <= naps[0] < 1


@pytest.mark.parametrize("retries, requests_made", [(0, 1), (1, 2), (4, 5), (1000, 5)])
def test_number_of_retries(retries, requests_made, connect, server):
    server.default = answer("busy", 503)
    with pytest.raises(exception.ServerErrorException):
        VERBS["get"](connect(server.host, retries=retries))
    assert len(server.requests) == requests_made


def test_number_of_retries_from_the_environment(connect, server, monkeypatch):
    monkeypatch.setenv("GAZU_RETRIES", "0")
    server.default = answer("busy", 503)
    with pytest.raises(exception.ServerErrorException):
        VERBS["get"](connect(server.host))
    assert len(server.requests) == 1


def test_budget_of_retries(client, server):
    server.default = answer("busy", 503)
    for _ in range(30):
        with pytest.raises(exception.ServerErrorException):
            VERBS["get"](client)
    assert len(server.requests) == 30 + 40
    server.default = answer([])
    for _ in range(11):
        VERBS["get"](client)
    del server.requests[:]
    server.script = [answer("busy", 503)]
    assert VERBS["get"](client) == []  # ten successes pay for one retry
    assert len(server.requests) == 2


def test_transport_errors_can_be_pickled(client, server):
    server.default = reset
    with pytest.raises(exception.TransportException) as caught:
        VERBS["put"](client)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), str(copy), copy.method) == (type(caught.value), str(caught.value), "PUT")


def test_user_who_interrupts_is_obeyed(client, server, naps):
    def interrupt():
        raise KeyboardInterrupt

    naps.then = interrupt
    server.default = answer("busy", 503)
    with pytest.raises(KeyboardInterrupt):
        VERBS["get"](client)
    naps.then = None
    server.default = answer([])
    assert VERBS["get"](client) == []
