"""How programs in the wild use the library, beyond calling its functions.

What else they do is shown elsewhere: exceptions of requests and exact types of errors, hosts with a
slash, copies, forks, downloads to nowhere and sessions of the user in `tests/wire`, keyword
arguments and ids for rows in `tests/contract`.
"""

import copy
import importlib
import json
import pickle
import subprocess
import sys
import urllib.request
import warnings
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
import requests
from requests.adapters import HTTPAdapter

import gazu
from gazu.client import KitsuClient
from gazu.exception import (
    AuthFailedException,
    DownloadFileException,
    GazuException,
    HostException,
    ParameterException,
)

from .test_client import HOST, Adapter

ID = "0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"
ROW = {"id": ID, "name": "Lamp", "data": None, "type": "Asset"}


@pytest.fixture
def client(monkeypatch: Any) -> Any:
    """The default client, as it is for the user who did `set_host` and `set_token`."""
    client = gazu.client.default_client
    monkeypatch.setattr(client, "host", HOST)
    monkeypatch.setattr(client, "tokens", {"access_token": "token"})
    monkeypatch.setattr(client, "retries", 0)
    monkeypatch.setattr(client, "_session", None)
    return client


@pytest.fixture
def adapter(client: KitsuClient) -> Adapter:
    adapter = Adapter()
    adapter.reply = lambda request: [dict(ROW)]
    client.session.mount("http://", adapter)
    return adapter


# -- the session ---------------------------------------------------------------
class Theirs(HTTPAdapter):
    """The adapter of requests, whose answers are made up."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.sent: Any = []

    def send(self, request: Any, **options: Any) -> Any:
        self.sent.append((request.method, request.url, options["timeout"]))
        return Adapter().send(request)


def test_an_adapter_of_requests_is_mounted(client: KitsuClient) -> None:
    theirs = Theirs(pool_connections=100, pool_maxsize=100, max_retries=3)
    gazu.raw.default_client.session.mount(HOST, theirs)
    assert client.session.get_adapter(HOST) is theirs
    assert gazu.client.get("data/x") == {"id": "1"}
    assert theirs.sent == [("GET", HOST + "/data/x", (10, 60))]


def test_the_session_is_used_as_the_session_that_it_is(client: KitsuClient, adapter: Adapter) -> None:
    session = client.session
    session.headers["X-Studio"] = "ours"
    session.verify, session.cert, session.proxies = False, ("a.pem", "b.pem"), {"http": ""}
    assert session.get(HOST + "/data/x", timeout=15).json() == [ROW]
    assert session.head(HOST, timeout=15).status_code == 200
    assert gazu.client.get("data/x") == [ROW]
    assert [request.headers["X-Studio"] for request in adapter.requests] == ["ours"] * 3
    assert ["Authorization" in request.headers for request in adapter.requests] == [False, False, True]


def test_requests_are_wrapped_and_the_session_gets_attributes(client: KitsuClient, adapter: Adapter) -> None:
    seen: Any = []
    plain = client.session.request

    def request(method: str, url: str, **options: Any) -> Any:
        options.setdefault("timeout", 3)
        seen.append((method, url))
        return plain(method, url, **options)

    client.session.request = request  # type: ignore[method-assign]
    client.session._has_default_timeout = True  # type: ignore[attr-defined]
    assert gazu.client.get("data/x") == [ROW]
    gazu.client.post("data/x", {"a": 1})
    gazu.client.upload("data/x", files={"file": ("a.txt", b"text")})
    assert gazu.client.download("data/x", None).json() == [ROW]
    assert [method for method, _ in seen] == ["GET", "POST", "POST", "GET"]
    assert client.session._has_default_timeout  # type: ignore[attr-defined]
    assert b"text" in adapter.requests[2].body


# -- errors --------------------------------------------------------------------
def test_an_upload_whose_answer_is_no_json_is_a_json_error(client: KitsuClient, tmp_path: Any) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"png")

    class Proxy(Adapter):
        def send(self, request: Any, **options: Any) -> Any:
            response = super().send(request, **options)
            if "upload" in request.url or "pictures" in request.url:
                response._content = b"<html>Gateway time-out</html>"
            return response

    client.session.mount("http://", Proxy())
    with pytest.raises(json.decoder.JSONDecodeError) as caught:
        gazu.task.add_preview(ID, {"id": ID}, str(picture))
    assert isinstance(caught.value, GazuException)


@pytest.mark.parametrize("kind", [HostException, AuthFailedException, DownloadFileException, GazuException])
def test_programs_raise_our_errors(kind: Any) -> None:
    error = kind("Host http://kitsu is not valid.")
    error.status_code, error.mine = 404, "theirs"
    with pytest.raises(GazuException, match="not valid") as caught:
        raise error
    assert (caught.value.args, caught.value.status_code) == (("Host http://kitsu is not valid.",), 404)
    copied = pickle.loads(pickle.dumps(error))
    assert (type(copied), copied.args, copied.status_code, copied.mine) == (kind, error.args, 404, "theirs")
    assert kind().args == ()


def test_an_error_of_a_parameter_is_made_and_compared_by_its_type() -> None:
    error = ParameterException("data/persons", "Wrong email")
    assert type(error) == gazu.exception.ParameterException == gazu.ParameterException  # noqa: E721
    assert error.args == ("data/persons", "Wrong email")
    assert (error.status_code, error.path) == (None, None)


# -- tokens --------------------------------------------------------------------
def test_tokens_are_saved_and_loaded(client: KitsuClient, adapter: Adapter, tmp_path: Any) -> None:
    adapter.reply = lambda request: {
        "login": True, "ldap": False, "user": ROW, "access_token": "a", "refresh_token": "r",
    }  # fmt: skip
    gazu.log_in("jane", "secret")
    file = tmp_path / "tokens.json"
    file.write_text(json.dumps(gazu.client.default_client.tokens))
    gazu.log_out()
    saved = json.loads(file.read_text())
    assert (saved["access_token"], saved["ldap"], saved["user"]["name"]) == ("a", False, "Lamp")
    assert gazu.client.set_tokens(saved) is saved is gazu.client.default_client.tokens
    gazu.client.default_client.tokens = {"access_token": "b"}
    gazu.client.default_client.tokens["refresh_token"] = "s"
    gazu.client.get("data/x")
    assert adapter.requests[-1].headers["Authorization"] == "Bearer b"
    assert client.refresh_token == "s"


def test_the_default_client_is_replaced_by_a_fake_with_tokens_only(monkeypatch: Any) -> None:
    fake = SimpleNamespace(tokens={"access_token": "fake"})
    monkeypatch.setattr(gazu.client, "default_client", fake)
    assert gazu.raw.default_client is fake
    assert json.dumps(gazu.client.default_client.tokens) == '{"access_token": "fake"}'
    assert gazu.client.set_tokens({"access_token": "b"}, client=gazu.client.default_client) == fake.tokens
    assert gazu.set_token("c", client=gazu.client.default_client)["access_token"] == "c"  # type: ignore[arg-type]
    assert gazu.client.default_client.tokens["access_token"] == "c"


def test_headers_and_addresses_serve_other_ways_to_send(client: KitsuClient) -> None:
    request = urllib.request.Request(
        gazu.client.get_full_url(f"pictures/thumbnails/preview-files/{ID}.png"), headers=gazu.client.make_auth_header()
    )
    assert request.full_url == f"{gazu.client.get_host()}/pictures/thumbnails/preview-files/{ID}.png"
    assert request.get_header("Authorization") == "Bearer token"
    assert gazu.get_host()[:-4] == "http://kitsu.test"


# -- functions that are replaced -----------------------------------------------
def test_functions_are_replaced_in_their_modules(client: KitsuClient, monkeypatch: Any) -> None:
    monkeypatch.setattr(gazu.client, "make_auth_header", MagicMock(return_value={"Authorization": "Bearer x"}))
    monkeypatch.setattr(gazu.client, "get_full_url", lambda path, client=None: "http://elsewhere.test/" + path)
    monkeypatch.setattr(gazu.client, "fetch_all", MagicMock(return_value=[ROW]))
    monkeypatch.setattr(gazu.task, "get_task_by_entity", MagicMock(return_value={"id": "7"}))
    adapter = Adapter()
    client.session.mount("http://", adapter)
    assert gazu.client.get("data/x") == {"id": "1"}
    assert adapter.requests[0].url == "http://elsewhere.test/data/x"
    assert gazu.person.all_persons() == gazu.asset.all_assets_for_project(ID) == [ROW]
    with pytest.warns(DeprecationWarning):
        assert gazu.task.get_task_by_name(ID, ID) == {"id": "7"}
    original = gazu.task.all_task_statuses
    try:
        gazu.task.all_task_statuses = MagicMock(return_value=[])  # type: ignore[assignment]
        assert gazu.task.all_task_statuses() == []
    finally:
        gazu.task.all_task_statuses = original


def test_functions_are_found_by_their_names(client: KitsuClient, adapter: Adapter) -> None:
    module = importlib.import_module("gazu")
    assert module is gazu
    for kind in ("asset", "shot", "task", "person"):
        assert isinstance(getattr(module, kind), ModuleType)
        assert callable(getattr(getattr(module, kind), "get_" + kind))
    entity = {"type": "Asset", "id": ID}
    assert getattr(gazu.task, f"all_tasks_for_{entity['type'].lower()}")(entity) == [ROW]
    assert getattr(getattr(gazu, "client"), "host_is_up")() is True  # noqa: B009


def test_modules_are_imported_one_by_one() -> None:
    script = (
        "import gazu.shot, gazu.client as raw; from gazu import asset; from gazu.task import add_comment; import gazu"
    )
    script += "; assert gazu.asset is asset and gazu.raw is raw and gazu.task.add_comment is add_comment"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


# -- answers -------------------------------------------------------------------
def test_rows_and_lists_are_plain(client: KitsuClient, adapter: Adapter) -> None:
    for rows in (gazu.asset.all_assets_for_project(ID), gazu.client.fetch_all("assets", paginated=True)):
        [row] = rows
        assert (type(rows), type(row)) == (list, dict)
        row["mine"] = {"deep": [1]}
        assert json.loads(json.dumps(row)) == copy.deepcopy(row) == {**ROW, "mine": {"deep": [1]}}
        assert (row.get("data") or {}) == {}
        assert sorted([*rows, {"name": "A"}], key=lambda row: row["name"])[0] == {"name": "A"}
    assert gazu.asset.all_assets_for_project({"id": ID}) == [ROW]


def test_a_page_comes_as_the_server_sends_it(client: KitsuClient, adapter: Adapter) -> None:
    page = {"data": [ROW], "nb_pages": 7, "total": 700}
    adapter.reply = lambda request: page
    assert gazu.client.fetch_all("tasks?page=2") == page
    assert gazu.raw.get("events/last?limit=300") == gazu.raw.get("/events/last?limit=300") == page
    assert adapter.calls == [
        ("GET", "data/tasks?page=2"), ("GET", "events/last?limit=300"), ("GET", "events/last?limit=300"),
    ]  # fmt: skip


# -- events --------------------------------------------------------------------
def test_a_connection_to_the_event_stream_is_a_client_of_socketio(client: KitsuClient, monkeypatch: Any) -> None:
    import socketio

    calls: Any = []
    monkeypatch.setattr(
        socketio.Client,
        "connect",
        lambda self, url, headers, **options: calls.append((url, {"headers": headers, **options})),
    )
    monkeypatch.setattr(client, "event_host", "http://events.test")
    stream = gazu.events.init(logger=False, reconnection=False, ssl_verify=False, request_timeout=7)
    [(url, options)] = calls
    assert (url, options["namespaces"]) == ("http://events.test", ["/events"])
    assert options["headers"]()["Authorization"] == "Bearer token"
    client.access_token = "of the next connection"
    assert options["headers"]()["Authorization"] == "Bearer of the next connection"
    assert isinstance(stream, socketio.Client)
    assert (stream.reconnection, stream.eio.ssl_verify, stream.eio.request_timeout) == (False, False, 7)
    heard: Any = []
    assert gazu.events.add_listener(stream, "task:assign", heard.append) is stream
    stream._trigger_event("task:assign", "/events", {"task_id": ID})
    stream._trigger_event("connect_error", "/events", {"message": "no"})
    assert heard == [{"task_id": ID}]


@pytest.mark.parametrize(("verify", "expected"), [(True, True), (False, False), ("/etc/ca.pem", True)])
def test_the_event_stream_is_verified_as_the_client_is(verify: Any, expected: bool, monkeypatch: Any) -> None:
    import socketio

    monkeypatch.setattr(socketio.Client, "connect", lambda self, url, headers, **options: None)
    client = KitsuClient(HOST, ssl_verify=verify)
    assert gazu.events.init(client).eio.ssl_verify is expected
    assert gazu.events.init(client, ssl_verify=not expected).eio.ssl_verify is not expected


def test_events_need_socketio_only_when_they_are_used() -> None:
    script = """
import sys, gazu.events
assert "socketio" not in sys.modules
class Mine(gazu.events.EventsNamespace): pass
import socketio
assert issubclass(Mine, socketio.ClientNamespace)
assert [Mine.on_connect, Mine.on_disconnect, Mine.on_error]
try: gazu.events.nothing
except AttributeError: pass
else: raise AssertionError
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


# -- names of earlier releases -------------------------------------------------
def test_functions_of_earlier_releases_are_there(client: KitsuClient, adapter: Adapter) -> None:
    client.refresh_token = "r"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert gazu.client.get_zou_url_from_host() == "http://kitsu.test"
        assert gazu.task.get_task_by_name(ID, {"id": ID}, "Lamp") == ROW
        adapter.reply = lambda request: {"access_token": "new"}
        assert gazu.refresh_token() == {"access_token": "new"}
        assert gazu.refresh_token(client=client) == {"access_token": "new"}
    assert client.access_token == "new"
    assert [str(warning.message).split(": use ")[1] for warning in caught] == [
        "`get_api_url_from_host`)", "`get_task_by_entity`)", "`refresh_access_token`)", "`refresh_access_token`)",
    ]  # fmt: skip
    assert {warning.filename for warning in caught} == {__file__}


def test_requests_own_errors_are_caught(client: KitsuClient) -> None:
    for host, kind in (
        ("kitsu.test/api", requests.exceptions.MissingSchema),
        ("ftp://kitsu.test/api", requests.exceptions.InvalidSchema),
        ("http://127.0.0.1:9/api", requests.exceptions.ConnectionError),
    ):
        gazu.set_host(host)
        with pytest.raises(kind):
            gazu.client.get("data/x")
        assert gazu.client.host_is_valid() is False
