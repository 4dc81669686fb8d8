"""The command line, without a server: an adapter on the session of the default client answers."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple

import pytest
import requests
from click.testing import CliRunner
from rich.cells import cell_len

import gazu
import gazu.cli
from gazu.cli import app, connect, errors, find, lists, sessions, show, work

from .test_client import Adapter

ROOT = str(Path(gazu.__file__).resolve().parents[1])
HOST = "http://kitsu.test/api"
ID = "0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"
#: What release 1.3.1 has: the options of each command, which of them are needed, and which take no value.
EARLIER: Dict[str, Tuple[List[str], List[str], List[str]]] = {
    "asset": (["name_or_id", "-p", "--project"], ["name_or_id"], []),
    "asset-types": (["-p", "--project"], [], []),
    "assets": (["-p", "--project", "-t", "--type"], [], []),
    "comment": (["-t", "--task", "-s", "--status", "-m", "--message"], ["--task", "--status"], []),
    "episodes": (["-p", "--project"], [], []),
    "login": (["--host", "--email", "--password"], [], []),
    "logout": ([], [], []),
    "my-tasks": (["--done"], [], ["--done"]),
    "persons": ([], [], []),
    "project": (["name_or_id"], ["name_or_id"], []),
    "projects": (["--all"], [], ["--all"]),
    "search": (["query", "-p", "--project"], ["query"], []),
    "sequences": (["-p", "--project", "-e", "--episode"], [], []),
    "shot-casting": (["shot_id"], ["shot_id"], []),
    "shots": (["-p", "--project", "-s", "--sequence", "-e", "--episode"], [], []),
    "status": ([], [], []),
    "task": (["task_id"], ["task_id"], []),
    "task-statuses": (["-p", "--project"], [], []),
    "task-types": (["-p", "--project"], [], []),
    "tasks": (["-p", "--project", "-t", "--type", "-s", "--status"], [], []),
}
OURS = ["completion", "download", "publish", "sandbox", "servers", "use", "watch"]
VARIABLES = (*connect.HOST_VARIABLES, *connect.EVENT_HOST_VARIABLES, "GAZU_TOKEN", "GAZU_SERVER", "GAZU_PROJECT")
CREDENTIALS = ("GAZU_EMAIL", "KITSU_EMAIL", "KITSU_LOGIN", "GAZU_PASSWORD", "KITSU_PWD", "GAZU_DEBUG")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: Any) -> Path:
    """An empty home, and no settings in the environment."""
    for name in (*VARIABLES, *CREDENTIALS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setitem(sys.modules, "keyring", None)  # that of whoever runs this is not touched
    return tmp_path


@pytest.fixture(autouse=True)
def adapter(monkeypatch: Any) -> Iterator[Adapter]:
    """What answers; the default client is as it was in the end."""
    client = gazu.client.default_client
    monkeypatch.setattr(client, "__dict__", dict(client.__dict__, _session=None, retries=0, tokens={}))
    adapter = Adapter()
    client.session.mount("http://", adapter)
    yield adapter
    client.session.close()


def serve(adapter: Adapter, **answers: Any) -> None:
    """Have paths, of which `__` stands for a slash, answered so."""
    table = {name.replace("__", "/"): answer for name, answer in answers.items()}

    def reply(request: Any) -> Any:
        path = request.url.split("/api/", 1)[1].split("?")[0]
        answer = table[path]
        return answer(request) if callable(answer) else answer

    adapter.reply = reply


class Outcome(types.SimpleNamespace):
    code: int
    out: str
    err: str


def run(*words: str, input: str = "") -> Outcome:
    """Run `gazu-cli` in this process."""
    try:
        runner = CliRunner(mix_stderr=False)  # type: ignore[call-arg]
    except TypeError:  # they are apart anyhow since click 8.2
        runner = CliRunner()
    result = runner.invoke(gazu.cli.cli, list(words), input=input, prog_name="gazu-cli")
    return Outcome(code=result.exit_code, out=result.stdout, err=result.stderr)


def log_in(name: str = "studio", host: str = HOST, **more: Any) -> None:
    """Have a session kept, as `login` does."""
    tokens = {"access_token": f"token-of-{name}", "refresh_token": f"refresh-of-{name}"}
    connect.save_config({"name": name, "host": host, "email": f"{name}@example.com", "tokens": tokens, **more})


# -- the surface ---------------------------------------------------------------
def option_words(command: Any) -> Dict[str, Any]:
    return {word: one for one in command.params for word in (*one.opts, *one.secondary_opts)}


@pytest.mark.parametrize("name", EARLIER)
def test_commands_and_options_of_earlier_releases(name: str) -> None:
    words, needed, flags = EARLIER[name]
    ours = option_words(gazu.cli.cli.commands[name])
    assert [word for word in words if word not in ours] == []
    assert {one.name for word, one in ours.items() if one.required} == {ours[word].name for word in needed}
    for word in words:
        assert getattr(ours[word], "is_flag", False) is (word in flags)


def test_no_command_is_unknown_here() -> None:
    assert sorted(gazu.cli.cli.commands) == sorted([*EARLIER, *OURS])
    assert {"--json", "--version"} <= option_words(gazu.cli.cli).keys()


@pytest.mark.parametrize("name", [*EARLIER, *OURS])
def test_each_command_has_help_and_json(name: str) -> None:
    assert "--json" in option_words(gazu.cli.cli.commands[name])
    assert gazu.cli.cli.commands[name].help
    told = run(name, "--help")
    assert told.code == 0 and "--help" in told.out if name != "sandbox" else True


def test_version() -> None:
    assert run("--version").out == f"gazu-cli, version {gazu.__version__}\n"


def python(*words: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": ROOT}
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, env=environment, timeout=60, **options
    )


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_it_says_what_to_install(missing: str) -> None:
    script = f"""
import sys
sys.modules[{missing!r}] = None
import gazu.cli
gazu.cli.main()
"""
    done = python("-c", script)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "error: " + gazu.cli.MISSING + "\n")


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"'gazu\.cli' has no attribute 'nope'"):
        _ = gazu.cli.nope


# -- errors --------------------------------------------------------------------
@pytest.mark.parametrize(
    "answer, code, said",
    [
        ((401, {"msg": "Token has been revoked"}), 3, "gazu-cli login"),
        ((422, {"msg": "Signature verification failed"}), 3, "data/persons: Signature verification failed; log in"),
        ((403, {"message": "You don't have the permission"}), 1, "this account may not do that"),
        ((404, {"message": "Not found"}), 4, "the server has no data/persons"),
        ((400, {"message": "Wrong thing"}), 1, "Wrong thing"),
        ((500, {"message": "Internal server error."}), 1, "Internal server error."),
        ((500, "<h1>Oops</h1>"), 1, "GET data/persons: status 500, in words that are not those of a Kitsu API"),
        ((405, "<h1>No</h1>"), 1, "status 405"),
        ((404, "<h1>Welcome to nginx</h1>"), 4, "status 404"),
        ((503, "<h1>Sorry</h1>"), 5, "status 503"),
        ((504, {"message": "the server takes too long"}), 5, "the server takes too long"),
    ],
)
def test_an_error_of_the_server_is_a_line_and_a_status(adapter: Adapter, answer: Any, code: int, said: str) -> None:
    log_in()
    adapter.reply = lambda request: answer
    told = run("persons")
    assert told.code == code and told.out == ""
    assert told.err.startswith("error: ") and said in told.err and told.err.count("\n") == 1


def test_a_token_of_the_environment_that_is_no_good(adapter: Adapter, monkeypatch: Any) -> None:
    monkeypatch.setenv("GAZU_TOKEN", "x")
    adapter.reply = lambda request: (422, {"msg": "Not enough segments"})
    told = run("--host", HOST, "persons")
    assert (told.code, told.err) == (3, "error: data/persons: Not enough segments; GAZU_TOKEN is no good\n")


def test_no_answer(adapter: Adapter) -> None:
    log_in()

    def refuse(request: Any) -> Any:
        raise requests.exceptions.ConnectionError("refused")

    adapter.reply = refuse
    told = run("persons")
    assert told.code == 5 and told.err.count("\n") == 1 and "Traceback" not in told.err


def fail(error: BaseException) -> Callable[..., Any]:
    def failing(*args: Any, **kwargs: Any) -> Any:
        raise error

    return failing


def test_what_nobody_foresaw_is_no_traceback(monkeypatch: Any) -> None:
    log_in()
    monkeypatch.setattr(gazu.person, "all_persons", fail(KeyError("full_name")))
    told = run("persons")
    assert (told.code, told.err) == (1, "error: unexpected KeyError: 'full_name' (GAZU_DEBUG=1 shows where)\n")
    monkeypatch.setenv("GAZU_DEBUG", "1")
    with pytest.raises(KeyError):
        gazu.cli.cli.main(["persons"], standalone_mode=False)


def test_ctrl_c(monkeypatch: Any) -> None:
    log_in()
    monkeypatch.setattr(gazu.person, "all_persons", fail(KeyboardInterrupt()))
    told = run("persons")
    assert (told.code, told.out) == (130, "") and "Traceback" not in told.err


def test_a_publication_that_failed_says_what_is_there() -> None:
    error = gazu.exception.ServerErrorException("it broke")
    error.comment = {"id": ID}
    assert errors.explain(error) == (f"it broke; the comment {ID} is there already", 1)


def test_errors_of_parameters_are_text() -> None:
    assert errors.explain(gazu.ParameterException("data/x", "no")) == ("data/x: no", 1)
    assert errors.explain(ValueError("not an id")) == ("not an id", 1)


def test_a_reader_who_went_away() -> None:
    log_in()
    command = [sys.executable, "-m", "gazu.cli", "servers", "--json"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": ROOT}
    )
    assert process.stdout and process.stderr
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait(60) == 141


def test_letters_that_the_output_lacks() -> None:
    log_in("studio")
    path = sessions.folder() / "servers" / "studio.json"
    path.write_text(path.read_text().replace("studio@", "\\u6f22\\u5b57@"))
    script = "import gazu.cli, sys; sys.argv = ['gazu-cli', 'servers']; gazu.cli.main()"
    environment = {**os.environ, "PYTHONPATH": ROOT, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"") and b"??@example.com" in done.stdout


def test_a_closed_output_is_no_traceback() -> None:
    log_in("studio")
    script = "import gazu.cli, sys; sys.stdout = None; sys.argv = ['gazu-cli', 'servers']; gazu.cli.main()"
    done = python("-c", script)
    assert done.returncode == 1 and done.stderr.startswith("error: ") and done.stderr.count("\n") == 1


# -- sessions ------------------------------------------------------------------
@pytest.mark.parametrize("value", ["", "config"])
def test_a_folder_of_settings_that_is_none(value: str, home: Path, monkeypatch: Any) -> None:
    """An empty variable, or a relative path, does not put tokens where the user happens to be."""
    monkeypatch.setenv("XDG_CONFIG_HOME", value)
    monkeypatch.setenv("HOME", str(home))
    assert sessions.folder() == home / ".config" / "gazu"


def test_a_choice_that_cannot_be_read() -> None:
    log_in("studio")
    (sessions.folder() / "current").write_bytes(b"\xff\xfe")
    told = run("persons")
    assert (told.code, told.err) == (3, "error: no server is chosen. Run: gazu-cli use NAME (studio)\n")
    assert run("use", "studio").code == 0
    assert sessions.current() == "studio"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_can_read_a_session(home: Path) -> None:
    before = os.umask(0)
    try:
        log_in()
    finally:
        os.umask(before)
    files = [path for path in (home / "config").rglob("*") if path.is_file()]
    assert {path.name: mode(path) for path in files} == {"studio.json": 0o600, "current": 0o600}
    assert mode(home / "config" / "gazu" / "servers") == 0o700


def test_a_write_that_fails_leaves_the_session_as_it_was(monkeypatch: Any) -> None:
    log_in()
    before = sessions.read("studio")
    monkeypatch.setattr(os, "replace", fail(OSError("disk full")))
    with pytest.raises(OSError):
        sessions.write("studio", {"host": "http://other/api", "tokens": {}})
    assert sessions.read("studio") == before
    assert sorted(os.listdir(sessions.folder() / "servers")) == ["studio.json"]


def test_several_servers(adapter: Adapter) -> None:
    log_in("one", "http://one.test/api")
    log_in("two", "http://two.test/api")
    adapter.reply = lambda request: [{"id": "1", "first_name": request.headers["Authorization"], "url": request.url}]

    def asked(*words: str) -> str:
        row = json.loads(run(*words, "persons", "--json").out)[0]
        return f"{row['first_name']} {row['url'].split('/api')[0]}"

    assert asked() == "Bearer token-of-two http://two.test"
    assert asked("--server", "one") == "Bearer token-of-one http://one.test"
    assert asked("--host", "one.test") == "" if run("--host", "one.test", "persons").code == 0 else True
    assert asked("--host", "http://one.test/") == "Bearer token-of-one http://one.test"
    assert run("use", "one").code == 0
    assert asked() == "Bearer token-of-one http://one.test"
    rows = json.loads(run("servers", "--json").out)
    assert [(row["name"], row["current"]) for row in rows] == [("one", True), ("two", False)]
    assert run("use", "three").code == 3


def test_the_environment_wins(adapter: Adapter, monkeypatch: Any) -> None:
    log_in("one", "http://one.test/api")
    log_in("two", "http://two.test/api")
    adapter.reply = lambda request: [{"id": request.url.split("/api")[0], "name": request.headers["Authorization"]}]

    def asked(*words: str) -> Any:
        told = run(*words, "persons", "--json")
        return json.loads(told.out)[0] if told.code == 0 else (told.code, told.err)

    monkeypatch.setenv("KITSU_HOST", "http://one.test/api")
    assert asked() == {"id": "http://one.test", "name": "Bearer token-of-one"}
    monkeypatch.setenv("GAZU_HOST", "http://bots.test")
    assert asked() == (3, "error: not logged in to http://bots.test. Run: gazu-cli login --host http://bots.test\n")
    monkeypatch.setenv("GAZU_TOKEN", "bot")
    assert asked() == {"id": "http://bots.test", "name": "Bearer bot"}
    assert asked("--server", "two") == {"id": "http://two.test", "name": "Bearer bot"}
    monkeypatch.delenv("GAZU_TOKEN")
    assert asked("--server", "two") == {"id": "http://two.test", "name": "Bearer token-of-two"}
    monkeypatch.setenv("GAZU_SERVER", "two")
    assert asked("--host", "http://one.test")["name"] == "Bearer token-of-one"
    assert asked()[0] == 2  # both by environment
    assert asked("--host", "http://one.test", "--server", "two")[0] == 2


def test_a_token_goes_to_no_server_that_was_not_named(monkeypatch: Any, adapter: Adapter) -> None:
    log_in()
    monkeypatch.setenv("GAZU_TOKEN", "bot")
    told = run("persons")
    assert told.code == 3 and "GAZU_HOST" in told.err
    assert adapter.requests == []


def test_the_event_host(monkeypatch: Any) -> None:
    log_in(event_host="http://events.test")
    connect.setup_client()
    assert gazu.get_event_host() == "http://events.test"
    monkeypatch.setenv("GAZU_EVENT_HOST", "http://other.test")
    connect.setup_client()
    assert gazu.get_event_host() == "http://other.test"
    log_in("plain")
    monkeypatch.delenv("GAZU_EVENT_HOST")
    connect.setup_client()
    assert gazu.get_event_host() == HOST


@pytest.mark.parametrize("name", ["../../x", "a/b", "", ".hidden", "a b", "a\n"])
def test_names_that_are_no_file_names(name: str, home: Path) -> None:
    with pytest.raises(errors.Failure):
        sessions.write(name, {"host": HOST, "tokens": {}})
    assert not list(home.rglob("*.json"))


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", "null", '{"host": "http://kitsu.test/api"}', '{"host": "x", "tokens": 1}']
)
def test_a_damaged_session_is_told_and_can_be_made_anew(content: str, adapter: Adapter) -> None:
    log_in()
    (sessions.folder() / "servers" / "studio.json").write_text(content)
    told = run("persons")
    assert told.code == 3 and "studio.json" in told.err and "log in again" in told.err
    log_in("other", "http://other.test/api")
    told = run("servers")
    assert told.code == 0 and "other" in told.out and "studio.json" in told.err
    assert run("use", "studio").code == 3
    serve(adapter, auth__login={"login": True, "access_token": "new", "refresh_token": "r"})
    assert run("login", "--host", HOST, "--email", "a@b.c", "--name", "studio", input="x\n").code == 0
    assert sessions.read("studio")["tokens"]["access_token"] == "new"
    (sessions.folder() / "servers" / "studio.json").write_text(content)
    assert run("logout", "--name", "studio").code == 0
    assert sessions.names() == ["other"]


def test_the_session_of_an_earlier_release_is_taken_over(home: Path) -> None:
    (home / ".gazu").mkdir()
    old = {"host": HOST, "tokens": {"access_token": "old", "refresh_token": "r", "user": {"phone": "1234"}}}
    (home / ".gazu" / "config.json").write_text(json.dumps(old))
    assert connect.load_config() == {
        "name": "kitsu.test",
        "host": HOST,
        "tokens": {"access_token": "old", "refresh_token": "r"},
    }
    sessions.forget("kitsu.test")
    assert connect.load_config() == {}  # once only: whoever logged out stays out


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"host": 1, "tokens": 2}'])
def test_an_earlier_session_that_is_none(home: Path, content: str) -> None:
    (home / ".gazu").mkdir()
    (home / ".gazu" / "config.json").write_text(content)
    assert run("persons").err == "error: not logged in. Run: gazu-cli login\n"


@pytest.mark.parametrize(
    "text, address",
    [
        ("kitsu.example.com", "https://kitsu.example.com/api"),
        (" https://kitsu.example.com/api/ ", "https://kitsu.example.com/api"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/api"),
        ("https://example.com/kitsu", "https://example.com/kitsu/api"),
    ],
)
def test_addresses(text: str, address: str) -> None:
    assert connect.address(text) == address


@pytest.mark.parametrize("text", ["", "https://", "https://jane:secret@kitsu.example.com"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(errors.Failure) as caught:
        connect.address(text)
    assert "secret" not in caught.value.message


def test_a_token_that_was_renewed_is_kept(adapter: Adapter) -> None:
    log_in()

    def persons(request: Any) -> Any:
        old = request.headers["Authorization"] == "Bearer token-of-studio"
        return (401, {"message": "Signature has expired"}) if old else []

    serve(adapter, data__persons=persons, **{"auth__refresh-token": {"access_token": "new"}})
    assert run("persons", "--json").out == "[]\n"
    assert sessions.read("studio")["tokens"] == {"access_token": "new", "refresh_token": "refresh-of-studio"}


def test_a_token_that_was_renewed_and_cannot_be_kept(adapter: Adapter, monkeypatch: Any) -> None:
    log_in()

    def persons(request: Any) -> Any:
        gazu.client.default_client.access_token = "new"
        monkeypatch.setattr(os, "replace", fail(OSError("disk full")))
        return []

    serve(adapter, data__persons=persons)
    told = run("persons", "--json")
    assert (told.code, told.out) == (0, "[]\n")
    assert told.err == "the renewed log-in of studio cannot be kept: disk full\n"


def test_a_token_that_was_renewed_brings_no_ended_session_back(adapter: Adapter) -> None:
    log_in()

    def persons(request: Any) -> Any:
        gazu.client.default_client.access_token = "new"
        sessions.forget("studio")  # meanwhile, in another terminal
        return []

    serve(adapter, data__persons=persons)
    assert run("persons").code == 0
    assert sessions.names() == []


# -- the keyring ---------------------------------------------------------------
class Keyring(types.ModuleType):
    """The package `keyring` with a backend of this priority."""

    def __init__(self, priority: float = 5) -> None:
        super().__init__("keyring")
        self.priority, self.kept, self.locked = priority, {}, False  # type: ignore[var-annotated]

    def get_keyring(self) -> Any:
        return self

    def set_password(self, service: str, name: str, text: str) -> None:
        if self.locked:
            raise RuntimeError("locked")
        self.kept[service, name] = text

    def get_password(self, service: str, name: str) -> Any:
        return self.kept.get((service, name))

    def delete_password(self, service: str, name: str) -> None:
        del self.kept[service, name]


def test_tokens_go_to_the_keyring(monkeypatch: Any, home: Path) -> None:
    ring = Keyring()
    monkeypatch.setitem(sys.modules, "keyring", ring)
    log_in()
    text = (sessions.folder() / "servers" / "studio.json").read_text()
    assert "token-of-studio" not in text and "refresh-of-studio" not in text
    assert connect.load_config()["tokens"]["access_token"] == "token-of-studio"
    assert sessions.describe("studio")["tokens_in"] == "keyring"
    sessions.forget("studio")
    assert ring.kept == {} and sessions.names() == []


def test_a_keyring_that_has_lost_the_tokens(monkeypatch: Any) -> None:
    ring = Keyring()
    monkeypatch.setitem(sys.modules, "keyring", ring)
    log_in()
    ring.kept.clear()
    told = run("persons")
    assert (told.code, told.err) == (
        3,
        "error: the keyring gives no tokens of studio: gazu-cli login --name studio\n",
    )
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert run("persons").code == 3
    sessions.forget("studio")
    assert sessions.names() == []


def test_a_keyring_that_refuses(monkeypatch: Any, capsys: Any) -> None:
    ring = Keyring()
    ring.locked = True
    monkeypatch.setitem(sys.modules, "keyring", ring)
    log_in()
    assert sessions.describe("studio")["tokens_in"] == "file"
    assert "the keyring refuses (RuntimeError)" in capsys.readouterr().err


def test_a_keyring_without_a_place(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "keyring", Keyring(priority=0))
    log_in()
    assert sessions.describe("studio")["tokens_in"] == "file"


# -- login and logout ----------------------------------------------------------
TOKENS = {"login": True, "user": {}, "access_token": "the-access", "refresh_token": "the-refresh"}


def test_login_tells_and_keeps_no_secret(adapter: Adapter, home: Path) -> None:
    serve(adapter, auth__login=TOKENS)
    told = run("login", "--host", "http://kitsu.test", "--email", "a@b.c", input="pass-word\n")
    assert (told.code, told.out) == (0, f"Logged in to {HOST} as a@b.c\n")
    told.err += run("servers").out + run("servers", "--json").out
    kept = "".join(path.read_text() for path in home.rglob("*") if path.is_file())
    assert "the-access" not in told.out + told.err and "the-refresh" not in told.out + told.err
    assert "the-access" in kept and "pass-word" not in kept


def test_login_asks_for_what_is_not_said(adapter: Adapter) -> None:
    serve(adapter, auth__login=TOKENS)
    told = run("login", "--json", input="http://kitsu.test\na@b.c\nsecret\n")
    row = json.loads(told.out[told.out.index("{") :])  # older versions of click let a space of the prompt slip there
    assert row["host"] == HOST and "Host" in told.err and "Email" in told.err
    told = run("login", input="\n\nsecret\n")  # what it was the last time
    assert told.out.endswith(f"Logged in to {HOST} as a@b.c\n")


def test_login_without_a_password() -> None:
    told = run("login", "--host", HOST, "--email", "a@b.c")
    assert told.code == 3 and "no password" in told.err


def test_login_of_the_environment(adapter: Adapter, monkeypatch: Any) -> None:
    serve(adapter, auth__login=TOKENS)
    for name, value in (("KITSU_HOST", HOST), ("KITSU_LOGIN", "a@b.c"), ("KITSU_PWD", "secret")):
        monkeypatch.setenv(name, value)
    assert run("login").code == 0
    assert json.loads(adapter.requests[0].body)["password"] == "secret"


def test_a_wrong_password(adapter: Adapter) -> None:
    serve(adapter, auth__login=(400, {"login": False, "message": "Wrong email or password."}))
    told = run("login", "--host", HOST, "--email", "a@b.c", input="secret\n")
    assert told.code == 3 and "Wrong email or password." in told.err and "secret" not in told.err
    assert sessions.names() == []


def second_factor(right: Dict[str, str], **said: Any) -> Callable[[Any], Any]:
    """Answer a log-in as an account with a second factor does."""

    def reply(request: Any) -> Any:
        sent = json.loads(request.body)
        given = {key: value for key, value in sent.items() if value and key not in ("email", "password")}
        if given == right:
            return TOKENS
        return 400, {"wrong_OTP": True} if given else {"missing_OTP": True, **said}

    return reply


LOGIN = ("login", "--host", HOST, "--email", "a@b.c", "--password", "secret")


@pytest.mark.parametrize(
    "right, said, typed, asked",
    [
        ({"totp": "123456"}, {"two_factor_authentication_enabled": ["totp"]}, "123456\n", "authenticator"),
        ({"totp": "123456"}, {"two_factor_authentication_enabled": ["totp"]}, "1\n123 456\n", "That code is wrong"),
        ({"recovery_code": "ab-cd"}, {"two_factor_authentication_enabled": ["totp"]}, "ab-cd\n", "recovery"),
        (
            {"email_otp": "77"},
            {
                "two_factor_authentication_enabled": ["totp", "email_otp"],
                "preferred_two_factor_authentication": "email_otp",
            },
            "77\n",
            "sent to a@b.c",
        ),
        ({"recovery_code": "99"}, {"two_factor_authentication_enabled": ["fido"]}, "99\n", "no security key"),
    ],
)
def test_a_second_factor(adapter: Adapter, right: Any, said: Any, typed: str, asked: str) -> None:
    serve(adapter, auth__login=second_factor(right, **said), **{"auth__email-otp": {"success": True}})
    told = run(*LOGIN, input=typed)
    assert told.code == 0 and asked in told.err, told.err


def test_a_second_factor_that_stays_wrong(adapter: Adapter) -> None:
    serve(adapter, auth__login=second_factor({"totp": "1"}, two_factor_authentication_enabled=["totp"]))
    told = run(*LOGIN, input="2\n" * 9)
    assert told.code == 3 and told.err.endswith("the second factor is wrong\n")
    assert len(adapter.requests) == 4  # the server locks the account at the fifth


def test_a_second_factor_that_is_said_and_wrong(adapter: Adapter) -> None:
    serve(adapter, auth__login=second_factor({"totp": "1"}, two_factor_authentication_enabled=["totp"]))
    told = run(*LOGIN, "--totp", "2")
    assert told.code == 3 and told.err.endswith("the second factor is wrong\n")
    assert len(adapter.requests) == 1


def test_a_second_factor_that_is_said(adapter: Adapter) -> None:
    serve(adapter, auth__login=second_factor({"totp": "123456"}, two_factor_authentication_enabled=["totp"]))
    assert run(*LOGIN, "--totp", "123456").code == 0
    assert len(adapter.requests) == 1


def test_a_server_that_insists_on_a_second_factor(adapter: Adapter) -> None:
    serve(adapter, auth__login={**TOKENS, "two_factor_authentication_required": True})
    told = run(*LOGIN)
    assert told.code == 0 and "warning: this server" in told.err


def test_logout(adapter: Adapter) -> None:
    log_in("one")
    log_in("two")
    told = run("logout")
    assert (told.code, told.out, told.err) == (0, "Logged out of two.\n", "")
    assert [request.headers["Authorization"] for request in adapter.requests] == ["Bearer token-of-two"]
    told = run("persons")
    assert (told.code, told.err) == (3, "error: no server is chosen. Run: gazu-cli use NAME (one)\n")
    assert run("logout", "--name", "one").out == "Logged out of one.\n"
    assert run("logout").out == "Nobody was logged in.\n"


def test_logout_of_all_when_nobody_answers(adapter: Adapter, monkeypatch: Any) -> None:
    log_in("one")
    log_in("two")
    monkeypatch.setenv("GAZU_TOKEN", "bot")  # which is not what ends here

    def refuse(request: Any) -> Any:
        raise requests.exceptions.ConnectionError("refused")

    adapter.reply = refuse
    told = run("logout", "--all")
    assert (told.code, told.out) == (0, "Logged out of one, two.\n")
    assert told.err.count("it cannot be reached") == 2
    assert {request.headers["Authorization"] for request in adapter.requests} == {
        "Bearer token-of-one",
        "Bearer token-of-two",
    }
    assert sessions.names() == []
    assert run("logout", "--name", "one").code == 1


# -- tables --------------------------------------------------------------------
ROWS = [
    {
        "name": "漢字プロジェクト",
        "type": "tvshow",
        "text": "A description that is much longer than it should be",
        "id": ID,
    },
    {"name": "[bold]x[/bold] :smile:", "type": "short", "text": "two\nlines \x1b[31mred", "id": ID},
]
COLUMNS: Any = [("NAME", "name"), ("TYPE", "type"), ("DESCRIPTION", "text"), ("ID", "id")]


def printed(monkeypatch: Any, capsys: Any, width: int) -> List[str]:
    """Print the table as on a terminal this wide, or on none."""
    monkeypatch.setenv("COLUMNS", str(width or 20))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: bool(width), raising=False)
    show.print_table(ROWS, COLUMNS)
    lines: List[str] = capsys.readouterr().out.splitlines()
    return lines


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_a_table_fits_the_terminal(monkeypatch: Any, capsys: Any, width: int) -> None:
    lines = printed(monkeypatch, capsys, width)
    plain = [line.replace("\x1b[1m", "").replace("\x1b[0m", "") for line in lines]
    assert max(map(cell_len, plain)) <= width and len(lines) == 3
    assert (ID in plain[1]) is (width >= 60)
    assert plain[0].startswith("NAME")


def test_a_table_for_a_file_is_whole_and_plain(monkeypatch: Any, capsys: Any) -> None:
    lines = printed(monkeypatch, capsys, 0)
    assert ROWS[0]["text"] in lines[1] and ID in lines[1] and "漢字プロジェクト" in lines[1]
    assert "[bold]x[/bold] :smile:" in lines[2] and "two lines  [31mred" in lines[2]
    assert "\x1b" not in "".join(lines)
    assert len({cell_len(line[: line.index(end)]) for line, end in zip(lines, ("ID", ID, ID))}) == 1


def test_no_rows(capsys: Any) -> None:
    show.print_table([], COLUMNS)
    assert capsys.readouterr() == ("", "No results.\n")


def test_names_are_looked_up_once_and_only_for_people() -> None:
    calls: List[int] = []

    def list_all() -> Any:
        calls.append(1)
        return [{"id": "1", "name": "One"}, {"id": "2", "full_name": "Jane Two", "name": "x"}]

    name = show.name_of(list_all, "ref")
    assert calls == []
    assert [name({"ref": "1"}), name({"ref": ["1", "2", "3"]}), name({"ref": None})] == [
        "One",
        ["One", "Jane Two", "3"],
        "",
    ]
    assert calls == [1]


# -- what is meant -------------------------------------------------------------
def test_names_match_exactly_first() -> None:
    rows = [{"id": "1", "name": "Demo"}, {"id": "2", "name": "demo"}, {"id": "3", "name": "Wip", "short_name": "w"}]
    assert [row["id"] for row in find.matching(rows, "demo", "project")] == ["2"]
    assert [row["id"] for row in find.matching(rows, "DEMO", "project")] == ["1", "2"]
    assert [row["id"] for row in find.matching(rows, "W", "status")] == ["3"]
    with pytest.raises(errors.Failure, match="names 2: say the id"):
        find.only(find.matching(rows, "DEMO", "project"), "DEMO")
    for text in ("dem", ""):
        with pytest.raises(errors.Failure) as caught:
            find.matching(rows, text, "project")
        assert caught.value.exit_code == 4
    assert find.not_found("project", "dem", ["Demo", "x"]).message == "no project 'dem': is it 'Demo'?"


def production(adapter: Adapter) -> None:
    """Have a small production served."""
    log_in()
    shared = {"canceled": False, "entity_type_id": "t"}
    entities = [
        {"id": "e", "name": "E01", "parent_id": None, "type": "Episode", **shared},
        {"id": "q", "name": "SQ01", "parent_id": "e", "type": "Sequence", **shared},
        {"id": "s", "name": "SH010", "parent_id": "q", "type": "Shot", **shared},
        {"id": "x", "name": "SH010", "parent_id": "q", "type": "Shot", **shared, "canceled": True},
        {"id": "a", "name": "Otto", "parent_id": None, "type": "Asset", **shared},
        {"id": "b", "name": "otto", "parent_id": None, "type": "Asset", **shared, "entity_type_id": "u"},
    ]
    types = [{"id": "t", "name": "Props"}, {"id": "u", "name": "Characters"}]
    project = {"id": "p", "name": "Show", "project_status_id": "o"}
    serve(
        adapter,
        data__entities=entities,
        **{"data__entity-types": types, "data__projects": [], "data__projects__open": [project]},
    )


def test_entities_by_path(adapter: Adapter) -> None:
    production(adapter)
    connect.setup_client()
    assert find.paths_of({"id": "p"}) == {
        "e": "E01",
        "q": "E01/SQ01",
        "s": "E01/SQ01/SH010",
        "a": "Props/Otto",
        "b": "Characters/otto",
    }
    for text, entity in (("SH010", "s"), ("sq01/sh010", "s"), ("/E01/SQ01/SH010/", "s"), ("props/OTTO", "a"), (ID, ID)):
        assert find.find_entity(text, {"id": "p"}) == entity
    with pytest.raises(errors.Failure, match="may be Characters/otto, Props/Otto"):
        find.find_entity("Otto", {"id": "p"})
    with pytest.raises(errors.Failure, match="no entity 'SH01': is it 'SH010'"):
        find.find_entity("SH01", {"id": "p"})


def test_the_project_is_said_or_in_the_environment(adapter: Adapter, monkeypatch: Any) -> None:
    production(adapter)
    told = run("assets")
    assert (told.code, told.err) == (1, "error: which project? Use --project, or set GAZU_PROJECT\n")
    monkeypatch.setenv("GAZU_PROJECT", "Shou")
    told = run("assets")
    assert (told.code, told.err) == (4, "error: no project 'Shou': is it 'Show'?\n")


def test_shots_come_sequence_by_sequence(monkeypatch: Any) -> None:
    log_in()
    rows = [{"id": f"{one}{two}", "name": two, "parent_id": one} for two in ("SH1", "SH2") for one in ("b", "a")]
    sequences = [{"id": "a", "name": "SQ2"}, {"id": "b", "name": "SQ1"}]
    monkeypatch.setattr(lists, "get_project_from_option", lambda project: {"id": ID})
    monkeypatch.setattr(gazu.shot, "all_shots_for_project", lambda project: rows)
    monkeypatch.setattr(gazu.shot, "all_sequences_for_project", lambda project: sequences)
    assert [row["id"] for row in json.loads(run("shots", "--json").out)] == ["bSH1", "bSH2", "aSH1", "aSH2"]


# -- downloads -----------------------------------------------------------------
def preview(task: str, revision: int, position: int = 1, **more: Any) -> Dict[str, Any]:
    return {"id": f"{task}{revision}{position}", "task_id": task, "revision": revision, "position": position, **more}


def test_names_of_files() -> None:
    paths = {"t": "E01/SQ01/SH 010/Comp", "u": "../../etc/Comp", "v": "E01/SQ01/SH_010/Comp", "w": "漢字/Comp"}
    previews = [
        preview("t", 3, extension="mp4"),
        preview("t", 4, 1, extension="png"),
        preview("t", 4, 2, extension="png"),
        preview("u", 1, extension="pdf"),
        preview("v", 3, extension="mp4"),
        preview("w", 12, extension="png"),
        preview("gone", 1, extension="../../x"),
    ]
    names = [path.as_posix() for path in work._names(previews, paths, Path("to"))]
    assert names == [
        "to/E01_SQ01_SH_010_Comp_v003_t31.mp4",
        "to/E01_SQ01_SH_010_Comp_v004_01.png",
        "to/E01_SQ01_SH_010_Comp_v004_02.png",
        "to/_.._etc_Comp_v001.pdf",
        "to/E01_SQ01_SH_010_Comp_v003_v31.mp4",
        "to/漢字_Comp_v012.png",
        "to/gone_v001._.._x",
    ]


def test_bytes_of_many_files() -> None:
    told: List[Tuple[int, int]] = []
    rows: List[Any] = [{"id": "a", "file_size": 10}, {"id": "b"}]
    amounts = work._Amounts(rows, lambda *both: told.append(both), lambda: None)

    def download(preview: Any, path: Path, progress_callback: Any) -> None:
        progress_callback(4, 20 if preview["id"] == "a" else 0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gazu.files, "download_preview_file", download)
        for row in rows:
            amounts.download(row, Path(row["id"]))
    assert told == [(4, 20), (8, 24)]


def test_ctrl_c_ends_what_is_on_its_way(adapter: Adapter, monkeypatch: Any, tmp_path: Path) -> None:
    """The threads stop at their next piece, not at the end of their files."""
    log_in()
    row = {"id": ID, "task_id": ID, "revision": 1, "position": 1, "extension": "mov", "file_size": 9}
    monkeypatch.setattr(work, "_project_of", lambda *names: {})
    monkeypatch.setattr(work, "_tasks", lambda *names: {ID: ({"id": ID}, "SH/Comp")})
    monkeypatch.setattr(work, "_may_have_previews", lambda task: True)
    monkeypatch.setattr(work, "_of_tasks", lambda tasks, revisions: [row, {**row, "position": 2}])
    ended: List[BaseException] = []

    def download(preview: Any, path: Path, progress_callback: Any) -> None:
        time.sleep(0.2)  # until the main thread waits
        os.kill(os.getpid(), signal.SIGINT)
        until = time.monotonic() + 30
        try:
            while time.monotonic() < until:
                progress_callback(1, 9)
        except InterruptedError as error:
            ended.append(error)
            raise

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(gazu.files, "download_preview_file", download)
    told = run("download", "-o", str(tmp_path), "--workers", "1")
    assert (told.code, told.out) == (130, "") and "stopping" in told.err
    assert len(ended) == 1
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    "what, meant", [("sq01", True), ("SQ01/SH010", True), ("SH010/comp", True), ("SQ01/Comp", False), ("SQ0", False)]
)
def test_parts_of_paths(what: str, meant: bool) -> None:
    assert work._within(what, "E01/SQ01/SH010/Comp") is meant


# -- the shell and the rest ----------------------------------------------------
@pytest.mark.parametrize("shell, mark", [("bash", "complete "), ("zsh", "#compdef gazu-cli"), ("fish", "complete ")])
def test_completion(shell: str, mark: str) -> None:
    told = run("completion", shell)
    assert told.code == 0 and mark in told.out and "_GAZU_CLI_COMPLETE" in told.out


def test_the_shell_is_told_what_fits() -> None:
    log_in("studio")
    environment = {"_GAZU_CLI_COMPLETE": "bash_complete", "COMP_CWORD": "1"}
    script = "import gazu.cli; gazu.cli.main()"
    for words, expected in (("gazu-cli sho", ["shot-casting", "shots"]), ("gazu-cli use ", ["studio"])):
        settings = {**os.environ, "PYTHONPATH": ROOT, **environment, "COMP_WORDS": words}
        settings["COMP_CWORD"] = str(len(words.split(" ")) - 1)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=settings, timeout=60)
        assert [line.split(",")[1] for line in done.stdout.split()] == expected, done.stderr


def test_the_sandbox_gets_its_words(monkeypatch: Any) -> None:
    from gazu.sandbox import __main__ as sandbox

    got: List[Any] = []
    monkeypatch.setattr(sandbox, "main", lambda words: got.append(words) or 7)
    assert run("sandbox", "up", "--keep", "--ports", "1", "2", "3", "4").code == 7
    run("--json", "sandbox", "status")
    run("sandbox", "down", "--data", "x")
    run("sandbox")
    assert got == [
        ["up", "--keep", "--ports", "1", "2", "3", "4"],
        ["status", "--json"],
        ["down", "--data", "x"],
        ["--help"],
    ]


def test_wrong_usage() -> None:
    for words in (["nope"], ["assets", "--nope"], ["comment"], ["watch", "--count", "0"], ["completion", "tcsh"]):
        told = run(*words)
        assert told.code == 2 and told.out == "", words


def test_only_what_needs_a_server_needs_a_log_in() -> None:
    offline = [name for name, command in gazu.cli.cli.commands.items() if command.offline]
    assert sorted(offline) == ["completion", "login", "logout", "sandbox", "servers", "use"]
    assert isinstance(gazu.cli.cli, app.Group)
    told = run("status")
    assert (told.code, told.out, told.err) == (3, "", "error: not logged in. Run: gazu-cli login\n")
