"""Tokens that expire, and who is asked then."""

import contextlib
import copy
import logging
import pickle
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest

import gazu
from gazu import client as raw_client
from gazu.exception import (
    AuthFailedException,
    GazuException,
    NotAuthenticatedException,
    RouteNotFoundException,
    ServerErrorException,
    TransportException,
)

from .conftest import PATIENCE, answer, hang, head, raw, reset

EXPIRED = {"message": "Signature has expired"}
NO_TOKEN = {"msg": "Missing Authorization Header"}


class Tokens:
    """What the server does with tokens: `good` is the one it takes."""

    def __init__(self, server, status=401, refresh=None):
        self.good, self.status, self.refresh = "access-token-2", status, refresh
        self.refreshes = 0
        server.default = self

    def __call__(self, exchange):
        request = exchange.request
        if request.path == "/api/auth/refresh-token":
            self.refreshes += 1
            if self.refresh is not None:
                return self.refresh(exchange)
            if request.token != "refresh-token-1":
                return answer({"msg": "Only refresh tokens are allowed"}, 422)(exchange)
            return answer({"access_token": self.good})(exchange)
        if request.token == self.good:
            return answer({"id": "1"})(exchange)
        return answer(EXPIRED, self.status)(exchange)


@pytest.fixture
def client(server, connect):
    return connect(server.host, refresh_token="refresh-token-1")


def get(client):
    return raw_client.get("data/rows", client=client)


@pytest.mark.parametrize("status", [401, 422])
@pytest.mark.parametrize("verb", ["get", "post", "put", "delete"])
def test_expired_token_is_renewed(verb, status, client, server):
    tokens = Tokens(server, status)
    kept = client.tokens
    data = ({"name": "x"},) if verb in ("post", "put") else ()
    assert getattr(raw_client, verb)("data/rows", *data, client=client)
    assert [request.token for request in server.requests] == ["access-token-1", "refresh-token-1", "access-token-2"]
    assert client.tokens == {"access_token": "access-token-2", "refresh_token": "refresh-token-1"}
    assert client.tokens is kept
    get(client)
    assert tokens.refreshes == 1


def test_expired_token_of_an_upload_and_a_download(client, server, tmp_path):
    Tokens(server)
    source = tmp_path / "source"
    source.write_bytes(b"x" * (2 * 1024 * 1024))
    raw_client.upload("pictures", str(source), client=client)
    assert server.requests[0].length == server.requests[2].length > 2 * 1024 * 1024
    client.access_token = "access-token-1"
    raw_client.download("pictures/1", str(tmp_path / "target"), client=client)
    assert (tmp_path / "target").read_bytes() == b'{"id": "1"}'


def test_default_client_renews_too(server, monkeypatch):
    Tokens(server)
    monkeypatch.setattr(raw_client.default_client, "host", server.host)
    monkeypatch.setattr(raw_client.default_client, "tokens", {})
    gazu.set_token({"access_token": "access-token-1", "refresh_token": "refresh-token-1"})
    assert raw_client.get("data/rows") == {"id": "1"}
    raw_client.default_client.session.close()


def test_threads_renew_once(client, server):
    tokens = Tokens(server)
    start = threading.Barrier(32)

    def work(_):
        start.wait(20)
        return [get(client) for _ in range(5)]

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(work, range(32)))
    assert answers == [[{"id": "1"}] * 5] * 32
    assert tokens.refreshes == 1


def test_no_refresh_token(server, connect):
    tokens = Tokens(server)
    with pytest.raises(NotAuthenticatedException):
        get(connect(server.host))
    with pytest.raises(NotAuthenticatedException):
        get(connect(server.host, refresh_token="refresh-token-1", use_refresh_token=False))
    with pytest.raises(NotAuthenticatedException):
        connect(server.host).refresh_access_token()
    assert tokens.refreshes == 0
    assert len(server.requests) == 2


def test_other_refusal_renews_nothing(client, server):
    server.default = answer(NO_TOKEN, 401)
    with pytest.raises(NotAuthenticatedException, match="Missing Authorization Header"):
        get(client)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [401, 422])
def test_dead_refresh_token_is_tried_once(status, client, server):
    tokens = Tokens(server, refresh=answer(EXPIRED, status))
    start = threading.Barrier(16)

    def work(_):
        start.wait(20)
        with pytest.raises(GazuException) as caught:
            get(client)
        return caught.value

    with ThreadPoolExecutor(16) as pool:
        errors = list(pool.map(work, range(16)))
    assert {type(error) for error in errors} == {NotAuthenticatedException}
    assert tokens.refreshes == 1
    tokens.refresh = None
    raw_client.set_tokens({"access_token": "old", "refresh_token": "refresh-token-1"}, client=client)
    client.rejected_refresh_token = "another"
    assert get(client) == {"id": "1"}


@pytest.mark.parametrize("refresh", [answer({}), answer([]), answer({"access_token": None}), answer("<html>")])
def test_renewal_that_gives_no_token(refresh, client, server):
    Tokens(server, refresh=refresh)
    with pytest.raises(GazuException):
        get(client)
    assert client.tokens == {"access_token": "access-token-1", "refresh_token": "refresh-token-1"}


@pytest.mark.parametrize("refresh, kind", [(reset, TransportException), (answer("x", 500), ServerErrorException)])
def test_renewal_that_fails_does_not_end_the_session(refresh, kind, client, server):
    tokens = Tokens(server, refresh=refresh)
    with pytest.raises(kind):
        get(client)
    tokens.refresh = None
    assert get(client) == {"id": "1"}


def test_server_that_takes_no_token_at_all(client, server):
    tokens = Tokens(server)
    tokens.refresh = answer({"access_token": "refused-too"})
    with pytest.raises(NotAuthenticatedException):
        get(client)
    assert len(server.requests) < 10


# -- the callback ------------------------------------------------------------
def test_callback_that_logs_in(server, connect):
    Tokens(server)
    asked = []

    def callback(client, path):
        asked.append((client, path))
        client.access_token = "access-token-2"
        return True

    client = connect(server.host, callback_not_authenticated=callback)
    assert get(client) == {"id": "1"}
    assert asked == [(client, "data/rows")]


def test_callback_is_asked_when_the_refresh_token_is_dead(server, connect):
    Tokens(server, refresh=answer(EXPIRED, 401))

    def callback(client, path):
        client.tokens.update(access_token="access-token-2")
        return True

    client = connect(server.host, refresh_token="old", callback_not_authenticated=callback)
    assert get(client) == {"id": "1"}


def test_callback_is_asked_again_after_it_said_no(server, connect):
    Tokens(server, refresh=answer(EXPIRED, 401))
    answers = [False, True]

    def callback(client, path):
        client.tokens.update(access_token="access-token-2" if len(answers) == 1 else "access-token-1")
        return answers.pop(0)

    client = connect(server.host, refresh_token="old", callback_not_authenticated=callback)
    with pytest.raises(NotAuthenticatedException):
        get(client)
    assert get(client) == {"id": "1"}
    assert server.calls.count("GET /api/auth/refresh-token") == 1


def test_threads_that_find_the_session_over_ask_the_callback(server, connect):
    Tokens(server, refresh=answer(EXPIRED, 401))
    both = threading.Barrier(2, timeout=PATIENCE)

    def callback(client, path):
        both.wait()
        client.tokens.update(access_token="access-token-2")
        return True

    client = connect(server.host, refresh_token="old", callback_not_authenticated=callback)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: get(client), range(2))) == [{"id": "1"}] * 2


def test_callback_that_says_no(server, connect):
    Tokens(server)
    asked = []
    with pytest.raises(NotAuthenticatedException):
        get(connect(server.host, callback_not_authenticated=lambda client, path: asked.append(path)))
    assert asked == ["data/rows"]
    assert len(server.requests) == 1


def test_callback_that_says_yes_for_ever(server, connect):
    Tokens(server)
    asked = []
    with pytest.raises(NotAuthenticatedException):
        get(connect(server.host, callback_not_authenticated=lambda client, path: asked.append(path) or True))
    assert len(asked) <= 3
    assert len(server.requests) <= 4


def test_callback_that_raises(server, connect):
    Tokens(server)

    def callback(client, path):
        raise KeyError("no keyring")

    with pytest.raises(KeyError):
        get(connect(server.host, callback_not_authenticated=callback))


def test_callback_may_use_the_client(server, connect):
    Tokens(server)
    server.script = [answer(EXPIRED, 401), answer({"access_token": "access-token-2", "login": True, "user": {}})]
    client = connect(
        server.host, callback_not_authenticated=lambda client, path: gazu.log_in("jane", "secret", client=client)
    )
    assert get(client) == {"id": "1"}
    assert server.calls == ["GET /api/data/rows", "POST /api/auth/login", "GET /api/data/rows"]


# -- log-in and log-out ------------------------------------------------------
@pytest.mark.parametrize(
    "refusal",
    [
        answer({"login": False, "message": "wrong password"}, 400),
        answer({"login": False}, 401),
        answer({"login": False, "message": "wrong password"}, 200),
        answer({"login": True}, 200),
        answer([], 200),
    ],
)
def test_refused_log_in_leaves_the_tokens(refusal, client, server):
    server.default = refusal
    before = dict(client.tokens)
    with pytest.raises(AuthFailedException) as caught:
        gazu.log_in("jane@example.com", "my-password", client=client)
    assert client.tokens == before
    assert "my-password" not in str(caught.value)


@pytest.mark.parametrize("fault", [reset, answer("<html>", 200), answer("x", 502), hang])
def test_failed_log_in_leaves_the_tokens(fault, client, server):
    server.default = fault
    client.timeout = 0.1
    before = dict(client.tokens)
    with pytest.raises(GazuException):
        gazu.log_in("jane@example.com", "my-password", client=client)
    assert client.tokens == before
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "status, error", [(200, None), (401, None), (404, RouteNotFoundException), (500, ServerErrorException)]
)
def test_log_out_forgets_the_tokens(status, error, client, server):
    """Whatever the server says; an error of the server is raised all the same, unless the session had expired."""
    server.default = answer({"message": "whatever"}, status)
    client.use_refresh_token = False
    with pytest.raises(error) if error else contextlib.nullcontext():
        assert gazu.log_out(client=client) == {}
    assert server.calls == ["GET /api/auth/logout"]
    assert client.access_token is None
    assert client.refresh_token is None


def test_log_out_of_a_server_that_is_down(start, connect):
    client = connect(start(listening=False).host)
    with pytest.raises(TransportException):
        gazu.log_out(client=client)
    assert client.access_token is None


def test_context_manager_logs_out(server, connect):
    server.default = answer({"message": "broken"}, 500)
    with connect(server.host) as client:
        pass
    assert server.calls == ["GET /api/auth/logout"]
    assert client.access_token is None


# -- copies ------------------------------------------------------------------
@pytest.mark.parametrize("duplicate", [copy.deepcopy, copy.copy, lambda client: pickle.loads(pickle.dumps(client))])
def test_copied_client_works(duplicate, client, server):
    Tokens(server)
    get(client)
    other = duplicate(client)
    client.access_token = other.access_token = "access-token-1"
    assert get(other) == {"id": "1"}
    assert get(client) == {"id": "1"}
    assert other.session is not client.session
    other.session.close()
    if duplicate is not copy.copy:
        other.access_token = "mine"
        assert client.access_token == "access-token-2"


# -- secrets -----------------------------------------------------------------
SECRETS = ("access-token-1", "access-token-2", "refresh-token-1", "my-password", "one-time-7")


def test_no_secret_in_logs_and_errors(client, server, caplog):
    caplog.set_level(logging.DEBUG)
    errors = []

    def attempt(call):
        try:
            call()
        except Exception as error:
            errors.append(error)

    tokens = Tokens(server)
    attempt(lambda: get(client))
    tokens.refresh = answer(EXPIRED, 401)
    client.access_token = "access-token-1"
    attempt(lambda: get(client))
    for default in (reset, answer("<html>", 200), answer({"message": "no"}, 500), answer({"message": "no"}, 400)):
        server.default = default
        attempt(lambda: gazu.log_in("jane", "my-password", totp="one-time-7", client=client))
        attempt(lambda: get(client))
        attempt(client.refresh_access_token)
        attempt(lambda: raw_client.post("x", {"password": "my-password", "deep": [{"p": "one-time-7"}]}, client=client))
        attempt(lambda: raw_client.upload("x", files={"f": b"x"}, data={"p": "my-password"}, client=client))
    assert len(errors) >= 15
    for bad in ("access-token-1\n", "access-token-1\u2028", "access-token-1\u00e9"):
        client.access_token = bad
        with pytest.raises(NotAuthenticatedException) as caught:
            get(client)
        errors.append(caught.value)
    texts = [
        text
        for error in errors
        for text in (str(error), repr(error), *traceback.format_exception_only(type(error), error))
    ]
    texts += [repr(error.__cause__) for error in errors]
    texts += [caplog.text, repr(client), repr(client.session)]
    texts += [repr(vars(error)) for error in errors]
    assert "GET data/rows: 200" in caplog.text
    for secret in SECRETS:
        assert not [text for text in texts if secret in text]


def test_credentials_in_the_host_stay_out_of_texts(start, connect, caplog):
    caplog.set_level(logging.DEBUG)
    down = start(listening=False)
    client = connect(down.host.replace("http://", "http://jane:my-password@"))
    with pytest.raises(TransportException) as caught:
        get(client)
    raw_client.host_is_up(client=client)
    for text in (str(caught.value), repr(caught.value), repr(client), caplog.text):
        assert "my-password" not in text


@pytest.mark.parametrize("host", ["{}h/api", "htp://{}h/api", "http://{}h:99999/api", "http://{}/api"])
def test_credentials_in_a_host_that_is_none_stay_out_of_texts(host, connect, caplog):
    caplog.set_level(logging.DEBUG)
    client = connect(host.format("jane:my-password@"))
    with pytest.raises(TransportException) as caught:
        get(client)
    shown = "".join(traceback.format_exception(type(caught.value), caught.value, caught.value.__traceback__))
    assert "my-password" not in shown + repr(caught.value) + repr(client) + caplog.text


def test_answer_to_a_log_in_that_is_cut_is_not_shown(client, server):
    half = b'{"access_token": "access-token-2'
    server.default = raw(head(200, {"Connection": "close", "Content-Type": "application/json"}), half)
    with pytest.raises(TransportException, match="is not JSON") as caught:
        gazu.log_in("jane", "my-password", client=client)
    assert "access-token-2" not in repr(caught.value)
