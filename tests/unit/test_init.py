"""The package itself, and the session of a user."""

import os
import subprocess
import sys
import warnings

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.exception import (
    AuthFailedException,
    GazuException,
    NotAuthenticatedException,
    ServerErrorException,
)

from .test_client import HOST, Adapter

TOKENS = {"login": True, "user": {"id": "7"}, "access_token": "a", "refresh_token": "r"}


@pytest.fixture
def client():
    return KitsuClient(HOST, retries=0)


@pytest.fixture
def adapter(client):
    adapter = Adapter()
    client.session.mount("http://", adapter)
    return adapter


def test_names():
    assert gazu.raw is gazu.client
    for name in gazu.__all__:
        assert getattr(gazu, name) is not None
        assert name in dir(gazu)
    with pytest.raises(AttributeError, match="no_such_module"):
        gazu.no_such_module  # noqa: B018


def test_modules_are_loaded_when_they_are_used():
    assert gazu.helpers.id_of
    assert gazu.sorting.sort_by_name
    assert "helpers" in dir(gazu)


def test_import_is_light_and_leaves_no_mark():
    script = """
import logging, sys, threading
threads = threading.active_count()
import gazu
assert not {"requests", "urllib3", "socketio", "aiohttp", "asyncio"} & set(sys.modules), sorted(sys.modules)
assert logging.getLogger().handlers == logging.getLogger("gazu").handlers == []
assert threading.active_count() == threads
"""
    root = os.path.dirname(os.path.dirname(os.path.abspath(gazu.__file__)))
    environment = dict(os.environ, PYTHONPATH=root)
    subprocess.run([sys.executable, "-c", script], check=True, env=environment, timeout=60)


def test_log_in(client, adapter):
    adapter.reply = lambda request: TOKENS
    assert gazu.log_in("jane", "secret", totp="123", client=client) == TOKENS
    assert client.tokens == TOKENS
    assert adapter.calls == [("POST", "auth/login")]
    sent = adapter.requests[0]
    assert b'"email": "jane"' in sent.body
    assert b'"totp": "123"' in sent.body
    assert "Authorization" not in sent.headers


@pytest.mark.parametrize(
    "status, data, words",
    [
        (400, {"login": False, "message": "bad password"}, "bad password"),
        (401, {"login": False}, "refused"),
        (400, {"login": False, "missing_OTP": True, "two_factor_authentication_enabled": ["totp"]}, "missing: totp"),
        (400, {"login": False, "wrong_OTP": True}, "second factor is wrong"),
        (400, {"login": False, "too_many_failed_login_attemps": True}, "too many"),
        (200, {"login": False}, "refused"),
        (200, {"login": True}, "refused"),
        (200, {}, "refused"),
        (409, {"message": "a log-in is under way"}, "a log-in is under way"),
        (402, {}, "refused"),
        (423, {"message": "locked"}, "locked"),
        (200, [], "refused"),
        (200, None, "refused"),
    ],
)
def test_refused_log_in(status, data, words, client, adapter):
    client.tokens = {"access_token": "old"}
    adapter.reply = lambda request: (status, data)
    with pytest.raises(AuthFailedException, match=words) as caught:
        gazu.log_in("jane", "my-password", client=client)
    assert caught.value.status_code == status
    assert "my-password" not in repr(caught.value)
    assert client.tokens == {"access_token": "old"}


def test_failed_log_in(client, adapter):
    adapter.reply = lambda request: (500, {"message": "broken"})
    with pytest.raises(ServerErrorException):
        gazu.log_in("jane", "secret", client=client)
    assert client.access_token is None


@pytest.mark.parametrize("status, kind", [(200, None), (401, None), (403, GazuException), (500, ServerErrorException)])
def test_log_out(status, kind, client, adapter):
    client.tokens = dict(TOKENS)
    client.use_refresh_token = False
    adapter.reply = lambda request: (status, {})
    if kind is None:
        assert gazu.log_out(client=client) == {}
    else:
        with pytest.raises(kind):
            gazu.log_out(client=client)
    assert client.tokens == {}
    assert adapter.calls == [("GET", "auth/logout")]
    gazu.log_out(client=client)
    assert len(adapter.requests) == 1


def test_set_token(client):
    assert gazu.set_token("bot", client=client) == {"access_token": "bot"}
    gazu.set_token({"access_token": "a", "refresh_token": "r"}, client=client)
    assert client.refresh_token == "r"


def test_refresh(client, adapter):
    with pytest.raises(NotAuthenticatedException):
        gazu.refresh_access_token(client=client)
    client.refresh_token = "r"
    adapter.reply = lambda request: {"access_token": "new"}
    assert gazu.refresh_access_token(client=client) == {"access_token": "new"}
    assert adapter.requests[0].headers["Authorization"] == "Bearer r"
    assert client.tokens == {"access_token": "new", "refresh_token": "r"}


def test_one_time_code(client, adapter):
    gazu.send_email_otp("jane+x@example.com", client=client)
    assert adapter.calls == [("GET", "auth/email-otp?email=jane%2Bx%40example.com")]


def test_create_session(monkeypatch):
    adapter = Adapter()
    adapter.reply = lambda request: TOKENS
    made = KitsuClient.session.fget

    def session(self):
        session = made(self)
        session.mount("http://", adapter)
        return session

    monkeypatch.setattr(KitsuClient, "session", property(session))
    with gazu.create_session(HOST, "jane", "secret") as client:
        assert client.access_token == "a"
        assert client is not gazu.client.default_client
    assert adapter.calls == [("POST", "auth/login"), ("GET", "auth/logout")]
    assert client.access_token is None


def test_hosts_of_a_client(client):
    gazu.set_host("http://b/api", client=client)
    gazu.set_event_host("http://e", client=client)
    assert gazu.get_host(client=client) == "http://b/api"
    assert gazu.get_event_host(client=client) == "http://e"


def test_star_import_brings_the_modules():
    names = {}
    exec("from gazu import *", names)
    for name in ("asset", "shot", "task", "files", "helpers", "client", "log_in", "KitsuClient"):
        assert names[name] is getattr(gazu, name)


def test_an_address_is_text_without_spaces_around_it():
    assert gazu.client.create_client(" http://kitsu/api\n").host == "http://kitsu/api"
    for wrong in (None, 5, b"http://kitsu/api"):
        with pytest.raises(ValueError, match="host: expected a URL"):
            gazu.set_host(wrong, client=KitsuClient(HOST))


@pytest.mark.parametrize("wrong", [0, -1, "fast", (1,), (1, 2, 3), (1, "x")])
def test_a_timeout_that_makes_no_sense_is_refused(wrong, client):
    with pytest.raises(ValueError, match="timeout: expected seconds"):
        KitsuClient(HOST, timeout=wrong)
    with pytest.raises(ValueError, match="timeout: expected seconds"):
        gazu.client.get("x", client=client, timeout=wrong)


def test_settings_of_the_environment_that_make_no_sense(monkeypatch, client):
    monkeypatch.setenv("GAZU_TIMEOUT", "fast")
    with pytest.raises(ValueError, match="GAZU_TIMEOUT: expected seconds"):
        gazu.client.get("x", client=client)
    monkeypatch.setenv("GAZU_RETRIES", "often")
    with pytest.warns(RuntimeWarning, match="GAZU_RETRIES: expected a number, got 'often'"):
        assert KitsuClient(HOST).retries == 4
    with pytest.raises(ValueError, match="retries: expected a number"):
        KitsuClient(HOST, retries="often")


def test_something_else_in_the_place_of_the_client_is_refused():
    with pytest.raises(ValueError, match="client: expected a KitsuClient, got 'x'"):
        gazu.project.all_projects("x")


def test_log_out_without_tokens(client):
    gazu.client.set_tokens(None, client=client)
    assert gazu.log_out(client=client) == {}


def test_names_of_earlier_releases():
    client = gazu.client.default_client
    assert gazu.client.tokens is client.tokens
    assert gazu.client.requests_session is client.session
    assert client.headers == client.make_auth_header()


@pytest.mark.parametrize(
    ("host", "is_warned"),
    [
        ("http://kitsu.example.com/api", True),
        ("http://192.168.0.7/api", True),
        ("HTTP://kitsu:80/api", True),
        ("http://1.127.0.0/api", True),
        ("https://kitsu.example.com/api", False),
        ("http://localhost:8080/api", False),
        ("http://127.0.0.1/api", False),
        ("http://127.1.2.3:80/api", False),
        ("http://[::1]:80/api", False),
    ],
)
def test_log_in_that_others_can_read_is_warned_of(host, is_warned, monkeypatch):
    client = KitsuClient(host)
    monkeypatch.setattr(gazu.client, "post", lambda *args, **options: {"login": True, "access_token": "a"})
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        gazu.log_in("jane", "secret", client=client)
        gazu.log_in("jane", "secret", client=client)
    assert [(one.category, one.filename) for one in warned] == [(gazu.exception.GazuWarning, __file__)] * is_warned
    assert all("is not encrypted: use https://" in str(one.message) for one in warned)


def test_session_that_others_can_read_is_warned_of(monkeypatch):
    monkeypatch.setattr(gazu.client, "post", lambda *args, **options: {"login": True, "access_token": "a"})
    with pytest.warns(gazu.exception.GazuWarning, match="kitsu.example.com/api: the log-in is not encrypted") as warned:
        gazu.create_session("http://jane:secret@kitsu.example.com/api", "jane", "secret")
    assert [one.filename for one in warned] == [__file__]
    assert "secret" not in str(warned[0].message)
