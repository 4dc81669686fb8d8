"""`gazu.connect`: the environment, the stored sessions, and what they say together."""

import copy
import json
import os
import pickle
import stat
import subprocess
import sys
import threading

import pytest

import gazu
from gazu import connection, sessions
from gazu.client import KitsuClient
from gazu.exception import AuthFailedException, GazuWarning, NoSessionException, NotAuthenticatedException

from .test_client import Adapter

HOST = "http://kitsu.test/api"
VARIABLES = [name for key, names in vars(connection).items() if key.endswith("_VARIABLES") for name in names]
EXPIRED = (401, {"message": "Signature has expired"})


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setitem(sys.modules, "keyring", None)
    return tmp_path


@pytest.fixture
def adapter():
    return Adapter()


@pytest.fixture
def client(adapter):
    """A client whose requests *adapter* serves."""
    made = KitsuClient("http://before.test/api", access_token="before", retries=0)
    made.session.mount("http://", adapter)
    yield made
    made.session.close()


def keep(name="studio", host=HOST, **more):
    """Store a session, as `gazu-cli login` does."""
    tokens = {"access_token": f"token-of-{name}", "refresh_token": f"refresh-of-{name}"}
    sessions.write(name, {"host": host, "email": f"{name}@example.com", "tokens": tokens, **more})
    sessions.set_current(name)


def set_variables(monkeypatch, **values):
    for name, value in values.items():
        monkeypatch.setenv(name, value)


# -- what counts -----------------------------------------------------------------
def test_the_default_client_is_set_up(monkeypatch):
    default = gazu.client.default_client
    monkeypatch.setattr(default, "__dict__", dict(default.__dict__))
    keep()
    assert gazu.connect() is default
    assert (gazu.get_host(), gazu.get_event_host(), default.access_token) == (HOST, HOST, "token-of-studio")
    assert "token-of-studio" not in repr(default.tokens) + repr(vars(default))


@pytest.mark.parametrize("name", connection.HOST_VARIABLES)
@pytest.mark.parametrize("token", connection.TOKEN_VARIABLES)
def test_host_and_token_of_the_environment(name, token, client, monkeypatch):
    keep()
    set_variables(monkeypatch, **{name: "bots.test", token: " bot\n"})
    assert gazu.connect(client=client) is client
    assert (client.host, client.access_token, client.refresh_token) == ("https://bots.test/api", "bot", None)


@pytest.mark.parametrize("email", connection.EMAIL_VARIABLES)
@pytest.mark.parametrize("password", connection.PASSWORD_VARIABLES)
def test_account_of_the_environment(email, password, client, adapter, monkeypatch):
    keep()
    set_variables(monkeypatch, **{"KITSU_HOST": HOST, email: "a@b.c", password: "secret"})
    adapter.reply = lambda request: {"login": True, "access_token": "new", "refresh_token": "newer"}
    gazu.connect(client=client)
    assert adapter.calls == [("POST", "auth/login")] and "Authorization" not in adapter.requests[0].headers
    sent = json.loads(adapter.requests[0].body)
    assert (sent["email"], sent["password"]) == ("a@b.c", "secret")
    assert (client.access_token, client.refresh_token) == ("new", "newer")
    assert sessions.read("studio")["tokens"]["access_token"] == "token-of-studio"


def test_account_that_the_server_refuses(client, adapter, monkeypatch):
    set_variables(monkeypatch, KITSU_HOST=HOST, KITSU_LOGIN="a@b.c", KITSU_PWD="secret")
    adapter.reply = lambda request: (400, {"login": False, "message": "Wrong email or password."})
    with pytest.raises(AuthFailedException, match="Wrong email or password") as caught:
        gazu.connect(client=client)
    assert "secret" not in str(caught.value)
    assert client.access_token is None  # that of the server before is for nobody else


def test_order(client, monkeypatch):
    """Arguments, then token, then account, then session of the host, then session of the name, then the current one."""
    keep("one", "http://one.test/api")
    keep("two", "http://two.test/api")

    def connected(*args, **kwargs):
        gazu.connect(*args, client=client, **kwargs)
        return client.host.split("/")[2], str(client.access_token)

    assert connected() == ("two.test", "token-of-two")
    set_variables(monkeypatch, GAZU_PROFILE="one")
    assert connected() == ("one.test", "token-of-one")
    assert connected(profile="two") == ("two.test", "token-of-two")
    set_variables(monkeypatch, GAZU_TOKEN="bot")  # for the server that is named
    assert connected() == ("one.test", "bot")
    monkeypatch.delenv("GAZU_PROFILE")
    set_variables(monkeypatch, GAZU_HOST="http://two.test")
    assert connected() == ("two.test", "bot")
    assert connected("http://two.test/api/") == ("two.test", "bot")
    assert connected("http://one.test") == ("one.test", "token-of-one")  # the token is not for this one
    assert connected(profile="one") == ("one.test", "token-of-one")
    monkeypatch.delenv("GAZU_TOKEN")
    assert connected() == ("two.test", "token-of-two")
    set_variables(monkeypatch, GAZU_EMAIL="a@b.c")  # without a password it is for `gazu-cli login`
    assert connected() == ("two.test", "token-of-two")
    monkeypatch.delenv("GAZU_HOST")
    set_variables(monkeypatch, GAZU_TOKEN="bot")
    assert connected("http://three.test") == ("three.test", "bot")


@pytest.mark.parametrize("profile", ["studio", "STUDIO", "kitsu.test", "http://kitsu.test", HOST, HOST + "/"])
def test_profiles_by_name_and_by_host(profile, client):
    keep()
    keep("other", "http://other.test/api")
    gazu.connect(profile=profile, client=client)
    assert client.access_token == "token-of-studio"


def test_event_host(client, monkeypatch):
    keep(event_host="http://events.test")
    client.event_host = "http://before.test"
    gazu.connect(client=client)
    assert client.event_host == "http://events.test"
    set_variables(monkeypatch, KITSU_EVENT_HOST="http://others.test")
    gazu.connect(client=client)
    assert client.event_host == "http://others.test"
    keep("plain", "http://plain.test/api")
    set_variables(monkeypatch, GAZU_HOST=HOST)
    gazu.connect(profile="plain", client=client)  # the variables are about another server
    assert client.event_host == "http://plain.test/api"
    gazu.set_host("http://new.test/api", client=client)
    assert client.event_host == "http://new.test/api"  # it follows until it is set


# -- contradictions --------------------------------------------------------------
def test_variables_that_differ_are_warned_of(client, monkeypatch):
    set_variables(monkeypatch, GAZU_TOKEN="a", KITSU_HOST="https://kitsu.test/api", CGWIRE_HOST="kitsu.test")
    gazu.connect(client=client)  # one server, spelt twice
    set_variables(monkeypatch, KITSU_SERVER="http://other.test")
    with pytest.warns(GazuWarning, match="^KITSU_HOST and KITSU_SERVER differ: KITSU_HOST is used$"):
        gazu.connect(client=client)
    assert client.host == "https://kitsu.test/api"
    monkeypatch.delenv("KITSU_SERVER")
    set_variables(monkeypatch, KITSU_TOKEN="secret-token")
    with pytest.warns(GazuWarning, match="^GAZU_TOKEN and KITSU_TOKEN differ: GAZU_TOKEN is used$"):
        gazu.connect(client=client)


def test_what_contradicts_itself(client, monkeypatch):
    keep()
    with pytest.raises(
        ValueError, match="session studio is for http://kitsu.test/api, and not for http://other.test/api"
    ):
        gazu.connect("http://other.test", "studio", client=client)
    set_variables(monkeypatch, GAZU_HOST="http://other.test", GAZU_PROFILE="studio")
    with pytest.raises(ValueError, match="session studio is for"):
        gazu.connect(client=client)
    assert (client.host, client.access_token) == ("http://before.test/api", "before")


def test_credentials_go_to_no_server_that_was_not_named(client, adapter, monkeypatch):
    keep()
    set_variables(monkeypatch, KITSU_TOKEN="bot")
    with pytest.raises(NoSessionException, match="^KITSU_TOKEN needs a server: set GAZU_HOST$"):
        gazu.connect(client=client)
    monkeypatch.delenv("KITSU_TOKEN")
    set_variables(monkeypatch, KITSU_LOGIN="a@b.c", KITSU_PWD="secret")
    with pytest.raises(NoSessionException, match="^KITSU_LOGIN needs a server"):
        gazu.connect(client=client)
    assert adapter.requests == [] and client.access_token == "before"


# -- nothing to connect with -------------------------------------------------------
def test_the_three_ways_are_named(client):
    for call in (gazu.connect, lambda client: gazu.connect("http://kitsu.test", client=client)):
        with pytest.raises(NoSessionException) as caught:
            call(client=client)
        for way in ("gazu-cli login", "GAZU_HOST and GAZU_TOKEN", "gazu.set_host and gazu.log_in"):
            assert way in str(caught.value)
    assert "--host http://kitsu.test/api" in str(caught.value)
    assert isinstance(caught.value, NotAuthenticatedException)
    keep()
    sessions.set_current("")
    with pytest.raises(NoSessionException, match=r"choose one with gazu-cli use \(studio\)"):
        gazu.connect(client=client)


@pytest.mark.parametrize(
    "profile, error, text",
    [
        ("nope", NoSessionException, r"no server named 'nope' \(known: studio\)"),
        ("https://nope.test", NoSessionException, "no session for https://nope.test: run gazu-cli login --host"),
        ("https://jane:secret@nope.test", NoSessionException, "no session for https://nope.test:"),
        ("a b", ValueError, "not a valid server name"),
    ],
)
def test_unknown_profiles(profile, error, text, client):
    keep()
    with pytest.raises(error, match=text) as caught:
        gazu.connect(profile=profile, client=client)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"host": "x", "tokens": 1}'])
def test_damaged_session(content, client):
    keep()
    (sessions.config_folder() / "servers" / "studio.json").write_text(content)
    with pytest.raises(NoSessionException, match=r"studio\.json: log in again"):
        gazu.connect(client=client)
    assert client.access_token == "before"


@pytest.mark.parametrize("host", ["", "https://", "https://jane:secret@kitsu.test"])
def test_invalid_hosts(host, client):
    with pytest.raises(ValueError, match="host must be a URL") as caught:
        gazu.connect(host, client=client)
    assert "secret" not in str(caught.value)


# -- stored sessions ---------------------------------------------------------------
def serve_renewal(adapter, token="new"):
    """Refuse the stored token, and give a new one for the stored refresh token."""

    def reply(request):
        sent = request.headers["Authorization"]
        if request.url.endswith("auth/refresh-token"):
            return {"access_token": token}
        return [] if sent == f"Bearer {token}" else EXPIRED

    adapter.reply = reply


@pytest.mark.parametrize(
    "duplicate", [lambda one: one, copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))]
)
def test_renewed_tokens_are_stored(duplicate, adapter):
    keep(event_host="http://events.test")
    other = duplicate(gazu.connect(client=KitsuClient("http://before.test/api")))
    other.session.mount("http://", adapter)
    serve_renewal(adapter)
    assert gazu.client.get("data/persons", client=other) == []
    kept = sessions.read("studio")
    assert kept["tokens"] == {"access_token": "new", "refresh_token": "refresh-of-studio"}
    assert (kept["email"], kept["event_host"]) == ("studio@example.com", "http://events.test")
    path = sessions.config_folder() / "servers" / "studio.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    other.session.close()


def replace_session(client):
    keep("studio", HOST, tokens={"access_token": "of-joe", "refresh_token": "of-joe, too"})


@pytest.mark.parametrize(
    "meanwhile",
    [
        replace_session,
        lambda client: sessions.forget("studio"),
        lambda client: gazu.set_token({"access_token": "x", "refresh_token": "y"}, client=client),
        lambda client: gazu.set_host("http://elsewhere.test/api", client=client),
    ],
)
def test_tokens_are_stored_where_they_are_from(meanwhile, client, adapter):
    keep()
    gazu.connect(client=client)
    meanwhile(client)
    before = {path: path.read_text() for path in sessions.config_folder().rglob("*.json")}
    serve_renewal(adapter)
    gazu.client.get("data/persons", client=client)
    assert {path: path.read_text() for path in sessions.config_folder().rglob("*.json")} == before
    assert client.access_token == "new"


def test_tokens_that_cannot_be_stored(client, adapter, monkeypatch):
    keep()
    gazu.connect(client=client)
    serve_renewal(adapter)

    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.warns(GazuWarning, match="the renewed tokens of studio cannot be stored: disk full"):
        assert gazu.client.get("data/persons", client=client) == []


def test_two_processes_store_at_once(home):
    """Whoever reads meanwhile sees one or the other, and never half of it."""
    keep()
    script = """
import sys
from gazu import sessions
from gazu.client import KitsuClient
store = sessions.StoredSession("studio")
for number in range(200):
    tokens = {"access_token": sys.argv[1] * 3000, "refresh_token": "refresh-of-studio"}
    store.store(KitsuClient("http://kitsu.test/api", tokens=tokens), "refresh-of-studio")
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    writers = [subprocess.Popen([sys.executable, "-c", script, letter], env=environment) for letter in "ab"]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        tokens = sessions.read("studio")["tokens"]
        assert tokens["refresh_token"] == "refresh-of-studio"
        seen.add(str(tokens["access_token"]))
    assert [writer.wait() for writer in writers] == [0, 0]
    assert seen <= {"token-of-studio", "a" * 3000, "b" * 3000}
    assert os.listdir(sessions.config_folder() / "servers") == ["studio.json"]


def test_end_of_a_context_leaves_a_stored_session(client, adapter):
    keep()
    with gazu.connect(client=client):
        pass
    assert adapter.calls == [] and sessions.list_names() == ["studio"] and client.access_token is None


def test_log_out_removes_a_stored_session(client, adapter):
    keep()
    keep("other", "http://other.test/api")
    gazu.connect(profile="studio", client=client)
    gazu.log_out(client=client)
    assert adapter.calls == [("GET", "auth/logout")] and sessions.list_names() == ["other"]
    gazu.connect(client=client)
    gazu.set_token("bot", client=client)
    gazu.log_out(client=client)  # of somebody else
    assert sessions.list_names() == ["other"]


def test_threads_share_a_session(client, adapter):
    keep()
    gazu.connect(client=client)
    serve_renewal(adapter)
    threads = [
        threading.Thread(target=gazu.client.get, args=("data/persons",), kwargs={"client": client}) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sum(path == "auth/refresh-token" for _, path in adapter.calls) == 1
    assert sessions.read("studio")["tokens"]["access_token"] == "new"


def test_click_is_not_needed(home):
    keep()
    script = """
import sys
sys.modules["click"] = sys.modules["rich"] = None
import gazu
assert gazu.connect().access_token == "token-of-studio"
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", script], env=environment).returncode == 0
