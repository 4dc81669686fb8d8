"""The command line without a server: an adapter mounted on the session of the default client responds."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
import types
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple
from urllib.parse import parse_qs, urlencode, urlsplit

import click
import pytest
import requests
from click.testing import CliRunner
from rich.cells import cell_len

import gazu
import gazu.cli
from gazu import connection, sessions
from gazu.cli import app, connect, errors, find, lists, migrate, show, work
from gazu.exception import NoSessionException

from .test_client import Adapter

ROOT = str(Path(gazu.__file__).resolve().parents[1])
HOST = "http://kitsu.test/api"
ID = "0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"
#: The commands of release 1.3.1: options, required options, flags.
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
OURS = [
    "api", "assign", "comments", "completion", "create", "download", "import-csv", "playlists", "previews", "publish",
    "push", "sandbox", "schedule", "servers", "set-status", "setup", "stats", "use", "watch",
]  # fmt: skip
VARIABLES = (
    *connection.HOST_VARIABLES, *connection.EVENT_HOST_VARIABLES, *connection.TOKEN_VARIABLES,
    *connection.PROFILE_VARIABLES, *connection.EMAIL_VARIABLES, *connection.PASSWORD_VARIABLES,
    "GAZU_PROJECT", "GAZU_DEBUG",
)  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: Any) -> Path:
    """An empty home, and no settings in the environment."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setitem(sys.modules, "keyring", None)  # leave the keyring of the developer alone
    return tmp_path


@pytest.fixture(autouse=True)
def adapter(monkeypatch: Any) -> Iterator[Adapter]:
    """Serve the responses; the default client is restored at the end."""
    client = gazu.client.default_client
    monkeypatch.setattr(client, "__dict__", dict(client.__dict__, _session=None, retries=0, tokens={}))
    adapter = Adapter()
    client.session.mount("http://", adapter)
    yield adapter
    client.session.close()


def serve(adapter: Adapter, **responses: Any) -> None:
    """Serve these responses by path; `__` in a name stands for a slash."""
    table = {name.replace("__", "/"): response for name, response in responses.items()}

    def reply(request: Any) -> Any:
        path = request.url.split("/api/", 1)[1].split("?")[0]
        response = table[path]
        return response(request) if callable(response) else response

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
    """Store a session, as `login` does."""
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


def test_the_set_of_commands() -> None:
    assert sorted(gazu.cli.cli.commands) == sorted([*EARLIER, *OURS])
    assert {"--json", "--version"} <= option_words(gazu.cli.cli).keys()


@pytest.mark.parametrize("name", [*EARLIER, *OURS])
def test_each_command_has_help_and_json(name: str) -> None:
    assert "--json" in option_words(gazu.cli.cli.commands[name])
    assert gazu.cli.cli.commands[name].help
    result = run(name, "--help")
    assert result.code == 0 and "--help" in result.out if name != "sandbox" else True


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


def test_an_unknown_attribute() -> None:
    with pytest.raises(AttributeError, match=r"'gazu\.cli' has no attribute 'nope'"):
        _ = gazu.cli.nope


# -- errors --------------------------------------------------------------------
@pytest.mark.parametrize(
    "response, code, expected",
    [
        ((401, {"msg": "Token has been revoked"}), 3, "gazu-cli login"),
        ((422, {"msg": "Signature verification failed"}), 3, "data/persons: Signature verification failed; log in"),
        ((403, {"message": "You don't have the permission"}), 1, "this account does not have permission"),
        ((404, {"message": "Not found"}), 4, "the server has no data/persons"),
        ((400, {"message": "Wrong thing"}), 1, "Wrong thing"),
        ((500, {"message": "Internal server error."}), 1, "Internal server error."),
        ((500, "<h1>Oops</h1>"), 1, "GET data/persons: status 500, not a response of a Kitsu API"),
        ((405, "<h1>No</h1>"), 1, "status 405"),
        ((404, "<h1>Welcome to nginx</h1>"), 4, "status 404"),
        ((503, "<h1>Sorry</h1>"), 5, "status 503"),
        ((504, {"message": "the server takes too long"}), 5, "the server takes too long"),
    ],
)
def test_an_error_of_the_server_is_a_line_and_a_status(
    adapter: Adapter, response: Any, code: int, expected: str
) -> None:
    log_in()
    adapter.reply = lambda request: response
    result = run("persons")
    assert result.code == code and result.out == ""
    assert result.err.startswith("error: ") and expected in result.err and result.err.count("\n") == 1


def test_an_invalid_token_in_the_environment(adapter: Adapter, monkeypatch: Any) -> None:
    monkeypatch.setenv("GAZU_TOKEN", "x")
    adapter.reply = lambda request: (422, {"msg": "Not enough segments"})
    result = run("--host", HOST, "persons")
    assert (result.code, result.err) == (3, "error: data/persons: Not enough segments; GAZU_TOKEN is not valid\n")


def test_no_response(adapter: Adapter) -> None:
    log_in()

    def refuse(request: Any) -> Any:
        raise requests.exceptions.ConnectionError("refused")

    adapter.reply = refuse
    result = run("persons")
    assert result.code == 5 and result.err.count("\n") == 1 and "Traceback" not in result.err


def fail(error: BaseException) -> Callable[..., Any]:
    def failing(*args: Any, **kwargs: Any) -> Any:
        raise error

    return failing


def test_an_unexpected_error_is_one_line(monkeypatch: Any) -> None:
    log_in()
    monkeypatch.setattr(gazu.person, "all_persons", fail(KeyError("full_name")))
    result = run("persons")
    assert (result.code, result.err) == (
        1,
        "error: unexpected KeyError: 'full_name' (set GAZU_DEBUG=1 for the traceback)\n",
    )
    monkeypatch.setenv("GAZU_DEBUG", "1")
    with pytest.raises(KeyError):
        gazu.cli.cli.main(["persons"], standalone_mode=False)


def test_ctrl_c(monkeypatch: Any) -> None:
    log_in()
    monkeypatch.setattr(gazu.person, "all_persons", fail(KeyboardInterrupt()))
    result = run("persons")
    assert (result.code, result.out) == (130, "") and "Traceback" not in result.err


def test_a_failed_publication_names_its_comment() -> None:
    error = gazu.exception.ServerErrorException("it broke")
    error.comment = {"id": ID}
    assert errors.explain(error) == (f"it broke; the comment {ID} already exists", 1)


def test_errors_of_parameters_are_text() -> None:
    assert errors.explain(gazu.ParameterException("data/x", "no")) == ("data/x: no", 1)
    assert errors.explain(ValueError("not an id")) == ("not an id", 1)


def test_broken_pipe() -> None:
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


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "cp437"])
def test_characters_missing_from_the_output_encoding(encoding: str) -> None:
    """They are replaced, which is said once."""
    log_in("studio")
    path = sessions.config_folder() / "servers" / "studio.json"
    path.write_text(path.read_text().replace("studio@", "\\u6f22\\u5b57@"))
    script = "import gazu.cli, sys; sys.argv = ['gazu-cli', 'servers']; gazu.cli.main()"
    environment = {**os.environ, "PYTHONPATH": ROOT, "PYTHONIOENCODING": encoding}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment, timeout=60)
    shown = "iso8859-1" if encoding == "latin-1" and sys.version_info >= (3, 8) else encoding
    warning = f"warning: letters that are not in {shown} are shown as ?: set PYTHONIOENCODING=utf-8"
    assert (done.returncode, done.stderr.decode()) == (0, warning + os.linesep)
    assert b"??@example.com" in done.stdout


def test_pipes_of_windows_are_utf_8() -> None:
    """Whatever the encoding of the system's language is, and unless somebody asks for another."""
    log_in("studio")
    path = sessions.config_folder() / "servers" / "studio.json"
    path.write_text(path.read_text().replace("studio@", "\\u6f22\\u5b57@"))
    script = (
        "import gazu.cli, os, sys; gazu.cli.cli; os.name = 'nt'; sys.stdout.reconfigure(encoding='cp1252');"
        "gazu.cli._set_up_output(); os.name = 'posix'; sys.argv = ['gazu-cli', 'servers']; gazu.cli.cli()"
    )
    environment = {**os.environ, "PYTHONPATH": ROOT}
    environment.pop("PYTHONIOENCODING", None)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"") and "漢字@example.com" in done.stdout.decode()


def test_a_pipe_that_nobody_reads_on_windows(monkeypatch: Any, adapter: Adapter) -> None:
    """There it is an invalid argument."""
    closed: List[bool] = []
    monkeypatch.setattr(errors, "_discard_output", lambda: closed.append(True))
    adapter.reply = fail(OSError(22, "Invalid argument"))
    run_it = errors.handle_errors(adapter.reply)
    with pytest.raises(errors.Failure):
        run_it()
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(click.exceptions.Exit) as caught:
        run_it()
    assert (caught.value.exit_code, closed) == (141, [True])


def test_a_closed_output_is_one_line() -> None:
    log_in("studio")
    script = "import gazu.cli, sys; sys.stdout = None; sys.argv = ['gazu-cli', 'servers']; gazu.cli.main()"
    done = python("-c", script)
    assert done.returncode == 1 and done.stderr.startswith("error: ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("option", [(), ("--email=a@example.com",)])
def test_a_closed_input_is_no_input(option: Tuple[str, ...]) -> None:
    command = ["login", "--host=https://kitsu.example.com", *option]
    script = f"import gazu.cli, sys; sys.stdin = None; sys.argv = ['gazu-cli', *{command}]; gazu.cli.main()"
    done = python("-c", script)
    assert done.returncode == 3 and "no " in done.stderr and done.stderr.count("\n") <= 2, done.stderr


# -- sessions ------------------------------------------------------------------
@pytest.mark.parametrize("value", ["", "config"])
def test_an_invalid_xdg_config_home_is_ignored(value: str, home: Path, monkeypatch: Any) -> None:
    """An empty or relative path does not put tokens into the working directory."""
    monkeypatch.setenv("XDG_CONFIG_HOME", value)
    monkeypatch.setenv("HOME", str(home))
    assert sessions.config_folder() == home / ".config" / "gazu"


def test_an_unreadable_current_server() -> None:
    log_in("studio")
    (sessions.config_folder() / "current").write_bytes(b"\xff\xfe")
    result = run("persons")
    assert (result.code, result.err) == (3, "error: no server selected. Run: gazu-cli use NAME (studio)\n")
    assert run("use", "studio").code == 0
    assert sessions.get_current() == "studio"


@pytest.fixture
def no_home(monkeypatch: Any) -> None:
    """Have the account of a service."""
    for name in ("XDG_CONFIG_HOME", "HOME", "USERPROFILE", "HOMEPATH", "HOMEDRIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)

    def refuse(path: Any) -> Any:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", refuse)


def test_log_in_with_the_browser(adapter: Adapter, monkeypatch: Any) -> None:
    """The page is opened by a function that goes at once where Kitsu would send the browser."""
    codes = []

    def allow(address: str) -> bool:
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        page = HTTPConnection("127.0.0.1", int(query["port"]), timeout=10)
        page.request("GET", f"/?{urlencode({'code': 'the-code', 'state': query['state']})}")
        codes.append(page.getresponse().status)
        page.close()
        return True

    def respond(request: Any) -> Any:
        if request.method == "GET":
            return {"version": "1.0.97"}
        assert (request.url, json.loads(request.body)["code"]) == (f"{HOST}/auth/app-login/token", "the-code")
        return {"login": True, "user": {"email": "jane@example.com"}, "access_token": "new", "refresh_token": "r"}

    monkeypatch.setattr("webbrowser.open", allow)
    monkeypatch.setenv("DISPLAY", ":0")
    adapter.reply = respond
    result = run("login", "--host", HOST, "--browser", "--name", "studio")
    for thread in threading.enumerate():  # it may still read the last page
        if thread.name == "gazu-browser":
            thread.join(10)
    assert (result.code, codes) == (0, [200]), result.err
    assert "Waiting for you to log in in the browser" in result.err
    assert f"Logged in to {HOST} as jane@example.com" in result.out + result.err
    assert connect.load_config()["tokens"]["access_token"] == "new"
    assert "new" not in (result.out + result.err).split()


def test_account_without_a_home_folder(no_home: Any, adapter: Adapter, monkeypatch: Any) -> None:
    result = run("persons")
    assert (result.code, result.err) == (3, "error: not logged in. Run: gazu-cli login\n")
    assert run("servers").code == 0
    adapter.reply = lambda request: [] if "persons" in request.url else {"access_token": "a", "login": True}
    result = run("login", "--host", HOST, "--email", "a@example.com", "--password", "secret")
    assert (result.code, result.err.strip().split("error: ")[-1]) == (1, sessions.NO_HOME)
    monkeypatch.setenv("GAZU_HOST", HOST)
    monkeypatch.setenv("GAZU_TOKEN", "bot")
    result = run("persons", "--json")
    assert (result.code, result.out, result.err) == (0, "[]\n", "")


def test_account_without_a_home_folder_is_no_traceback_at_import() -> None:
    script = (
        "import os, pwd; os.environ.pop('HOME'); os.getuid = lambda: 4711711;"
        "import sys, gazu.cli; sys.argv = ['gazu-cli', 'persons']; gazu.cli.main()"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    environment["PYTHONPATH"] = ROOT
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment, timeout=60)
    assert (done.returncode, done.stderr.decode()) == (3, "error: not logged in. Run: gazu-cli login" + os.linesep)


@pytest.fixture
def windows_profile(home: Path, monkeypatch: Any) -> Path:
    """Have the folders of Windows, of which the first is copied to a server when somebody logs out."""
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("APPDATA", str(home / "Roaming"))
    monkeypatch.setenv("LOCALAPPDATA", str(home / "Local"))
    monkeypatch.setattr(click.utils, "WIN", True)
    monkeypatch.setattr(sessions.sys, "platform", "win32")
    return home


def test_sessions_stay_out_of_a_roaming_profile(windows_profile: Path) -> None:
    log_in("studio")
    files = [path for path in windows_profile.rglob("*") if path.is_file()]
    folder = windows_profile / "Local" / "gazu"
    assert sorted(files) == [folder / "current", folder / "servers" / "studio.json"]


def test_sessions_of_a_roaming_profile_are_read_and_move_out_of_it(windows_profile: Path) -> None:
    old = windows_profile / "Roaming" / "gazu"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sessions, "config_folder", lambda: old)
        log_in("studio")
        log_in("other")
    assert (sessions.list_names(), sessions.get_current()) == (["other", "studio"], "other")
    assert sessions.read("studio")["tokens"]["access_token"] == "token-of-studio"
    log_in("studio")
    assert (sessions.list_names(), sessions.get_current()) == (["other", "studio"], "studio")
    assert [path.name for path in (old / "servers").iterdir()] == ["other.json"]
    sessions.forget("other")
    assert sessions.list_names() == ["studio"] and list((old / "servers").iterdir()) == []


def test_names_that_differ_in_case_or_accents_only_are_one() -> None:
    """As they are one file on Windows and macOS."""
    log_in("Kitsu")
    log_in("kitsu", "http://two.test/api")
    log_in("e\u0301t\u00e9")
    assert sessions.list_names() == ["Kitsu", "e\u0301t\u00e9"]
    assert sessions.read("KITSU")["host"] == "http://two.test/api"
    assert run("use", "\u00e9te\u0301").code == 0 and sessions.get_current() == "e\u0301t\u00e9"
    assert sessions.describe("KITSU")["name"] == "Kitsu"
    sessions.forget("KITSU")
    assert sessions.list_names() == ["e\u0301t\u00e9"]


@pytest.mark.parametrize("name", ["con", "AUX", "nul.studio", "com1"])
def test_names_of_devices_are_no_names_of_servers(name: str) -> None:
    with pytest.raises(ValueError, match="is the name of a device of Windows: use another one"):
        log_in(name)
    assert sessions.find_name("https://con.example.com/api") == "_con.example.com"


@pytest.mark.parametrize("attempts", [1, 8])
def test_a_session_that_another_program_reads_is_replaced(attempts: int, monkeypatch: Any) -> None:
    """On Windows: at once, or in place; nothing is left of the attempt."""
    log_in()
    replace, left = os.replace, [attempts]

    def hold(source: str, target: str) -> None:
        if left[0]:
            left[0] -= 1
            raise PermissionError(13, "Permission denied", source)
        replace(source, target)

    monkeypatch.setattr("gazu._http.filesystem.time.sleep", lambda seconds: None)
    monkeypatch.setattr(os, "replace", hold)
    sessions.write("studio", {"host": "http://other/api", "tokens": {"access_token": "new"}})
    assert sessions.read("studio")["host"] == "http://other/api"
    assert os.listdir(sessions.config_folder() / "servers") == ["studio.json"]


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
    assert sorted(os.listdir(sessions.config_folder() / "servers")) == ["studio.json"]


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


def test_precedence_of_options_environment_and_sessions(adapter: Adapter, monkeypatch: Any) -> None:
    log_in("one", "http://one.test/api")
    log_in("two", "http://two.test/api")
    adapter.reply = lambda request: [{"id": request.url.split("/api")[0], "name": request.headers["Authorization"]}]

    def asked(*words: str) -> Any:
        result = run(*words, "persons", "--json")
        return json.loads(result.out)[0] if result.code == 0 else (result.code, result.err)

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
    result = run("persons")
    assert result.code == 3 and "GAZU_HOST" in result.err
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
def test_invalid_server_names(name: str, home: Path) -> None:
    with pytest.raises(ValueError):
        sessions.write(name, {"host": HOST, "tokens": {}})
    assert not list(home.rglob("*.json"))


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", "null", '{"host": "http://kitsu.test/api"}', '{"host": "x", "tokens": 1}']
)
def test_a_damaged_session_is_reported_and_can_be_replaced(content: str, adapter: Adapter) -> None:
    log_in()
    (sessions.config_folder() / "servers" / "studio.json").write_text(content)
    result = run("persons")
    assert result.code == 3 and "studio.json" in result.err and "log in again" in result.err
    log_in("other", "http://other.test/api")
    result = run("servers")
    assert result.code == 0 and "other" in result.out and "studio.json" in result.err
    assert run("use", "studio").code == 3
    serve(adapter, auth__login={"login": True, "access_token": "new", "refresh_token": "r"})
    assert run("login", "--host", HOST, "--email", "a@b.c", "--name", "studio", input="x\n").code == 0
    assert sessions.read("studio")["tokens"]["access_token"] == "new"
    (sessions.config_folder() / "servers" / "studio.json").write_text(content)
    assert run("logout", "--name", "studio").code == 0
    assert sessions.list_names() == ["other"]


def test_the_session_of_an_earlier_release_is_imported(home: Path) -> None:
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
def test_an_invalid_session_of_an_earlier_release(home: Path, content: str) -> None:
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
def test_hosts(text: str, address: str) -> None:
    assert connection.normalize_host(text) == address


@pytest.mark.parametrize("text", ["", "https://", "https://jane:secret@kitsu.example.com"])
def test_invalid_hosts(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        connection.normalize_host(text)
    assert "secret" not in str(caught.value)
    assert run("--host", text or " ", "persons").code == 1


def once_expired(request: Any) -> Any:
    """Respond to a request for a list: the stored token has expired."""
    old = request.headers["Authorization"] == "Bearer token-of-studio"
    return (401, {"message": "Signature has expired"}) if old else []


def test_renewed_tokens_are_stored(adapter: Adapter) -> None:
    log_in()
    serve(adapter, data__persons=once_expired, **{"auth__refresh-token": {"access_token": "new"}})
    assert run("persons", "--json").out == "[]\n"
    assert sessions.read("studio")["tokens"] == {"access_token": "new", "refresh_token": "refresh-of-studio"}


def test_renewed_tokens_that_cannot_be_stored(adapter: Adapter, monkeypatch: Any) -> None:
    log_in()

    monkeypatch.setattr(os, "replace", fail(OSError("disk full")))
    serve(adapter, data__persons=once_expired, **{"auth__refresh-token": {"access_token": "new"}})
    result = run("persons", "--json")
    assert (result.code, result.out) == (0, "[]\n")
    assert result.err == "warning: the renewed tokens of studio cannot be stored: disk full\n"


def test_renewed_tokens_do_not_restore_a_removed_session(adapter: Adapter) -> None:
    log_in()

    def refresh(request: Any) -> Any:
        sessions.forget("studio")  # meanwhile, in another terminal
        return {"access_token": "new"}

    serve(adapter, data__persons=once_expired, **{"auth__refresh-token": refresh})
    assert run("persons").code == 0
    assert sessions.list_names() == []


# -- from one server to another --------------------------------------------------
REPORT: Dict[str, Any] = {
    "project_id": ID,
    "counts": {
        "shots": {"created": 2, "updated": 1, "skipped": 30},
        "tasks": {"created": 0, "updated": 0, "skipped": 4},
    },
    "failed": [],
    "left_out": {},
}


@pytest.fixture
def pushed(monkeypatch: Any) -> List[Any]:
    """What `push_project` was called with; two servers have sessions."""
    calls: List[Any] = []

    def push_project(project: Any, **options: Any) -> Any:
        calls.append((project, options))
        options["progress_callback"](1, 2)
        return REPORT

    monkeypatch.setattr(gazu.sync, "push_project", push_project)
    monkeypatch.setattr(migrate, "resolve_project", lambda name, client: {"id": name, "host": client.host})
    log_in("old", "http://old.test/api")
    log_in("new", "http://new.test/api")
    return calls


def test_push(pushed: List[Any]) -> None:
    result = run("push", "Show", "--from", "old", "--to", "new", "--dry-run")
    assert (result.code, result.err) == (0, "Dry run: nothing was written.\n")
    assert [line.split() for line in result.out.splitlines()] == [
        ["KIND", "CREATED", "UPDATED", "SKIPPED"], ["shots", "2", "1", "30"], ["tasks", "0", "0", "4"],
    ]  # fmt: skip
    [(project, options)] = pushed
    assert project == {"id": "Show", "host": "http://old.test/api"}
    assert (options["source"].host, options["source"].access_token) == ("http://old.test/api", "token-of-old")
    assert options["target"].host == "http://new.test/api" and options["target"].use_refresh_token
    assert (options["dry_run"], options["workers"], options["target_project"]) == (True, 8, None)
    assert options["target"].stored_session.name == "new"


def test_push_from_the_current_server_to_an_address(pushed: List[Any]) -> None:
    run("use", "old")
    result = run("push", "Show", "--to", "http://new.test", "--target-project", "Copy", "--workers", "2", "--json")
    assert (result.code, json.loads(result.out), result.err) == (0, REPORT, "")
    [(_, options)] = pushed
    assert (options["source"].host, options["target"].host) == ("http://old.test/api", "http://new.test/api")
    assert options["target_project"] == {"id": "Copy", "host": "http://new.test/api"}
    assert (options["dry_run"], options["workers"]) == (False, 2)
    assert run("--server", "old", "push", "Show", "--to", "new").code == 0
    assert pushed[1][1]["source"].host == "http://old.test/api"


def test_push_that_leaves_something_out(pushed: List[Any], monkeypatch: Any) -> None:
    failed = [{"kind": "playlists", "id": ID, "reason": "taken\x1b[31m"}]
    report = {**REPORT, "failed": failed, "left_out": {"tasks": ["difficulty", "done_date"]}}
    monkeypatch.setattr(gazu.sync, "push_project", lambda project, **options: report)
    for words, end in (((), "1 rows were not copied"), (("-n",), "1 rows cannot be copied")):
        result = run("push", "Show", "--from", "old", "--to", "new", *words)
        assert result.code == 1 and "shots" in result.out and result.err.endswith(f"error: {end}\n")
        assert f"not copied: playlists {ID}: taken [31m\n" in result.err
        assert "left out, as the target is too old for it: tasks: difficulty, done_date\n" in result.err


@pytest.mark.parametrize(
    "words, code, said",
    [
        (("--from", "old", "--to", "nowhere"), 3, "nowhere"),
        (("--from", "http://x.test", "--to", "new"), 3, "no session for http://x.test: run gazu-cli login"),
        (("--from", "old", "--to", "http://old.test/api/"), 1, "are the same server: old"),
        (("--from", "old"), 2, "--to"),
    ],
)
def test_push_between_servers_that_are_not_two(words: Any, code: int, said: str, pushed: List[Any]) -> None:
    result = run("push", "Show", *words)
    assert (result.code, pushed) == (code, []) and said in result.err


def test_push_without_a_session(adapter: Adapter) -> None:
    result = run("push", "Show", "--to", "new")
    assert (result.code, result.err) == (3, "error: not logged in. Run: gazu-cli login\n")


# -- the keyring ---------------------------------------------------------------
class Keyring(types.ModuleType):
    """A fake package `keyring` with a backend of this priority."""

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
    text = (sessions.config_folder() / "servers" / "studio.json").read_text()
    assert "token-of-studio" not in text and "refresh-of-studio" not in text
    assert connect.load_config()["tokens"]["access_token"] == "token-of-studio"
    assert sessions.describe("studio")["tokens_in"] == "keyring"
    sessions.forget("studio")
    assert ring.kept == {} and sessions.list_names() == []


def test_a_keyring_that_has_lost_the_tokens(monkeypatch: Any) -> None:
    ring = Keyring()
    monkeypatch.setitem(sys.modules, "keyring", ring)
    log_in()
    ring.kept.clear()
    result = run("persons")
    assert (result.code, result.err) == (
        3,
        "error: the keyring has no tokens for studio: run gazu-cli login --profile studio\n",
    )
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert run("persons").code == 3
    sessions.forget("studio")
    assert sessions.list_names() == []


def test_a_keyring_that_fails(monkeypatch: Any, adapter: Adapter) -> None:
    ring = Keyring()
    ring.locked = True
    monkeypatch.setitem(sys.modules, "keyring", ring)
    serve(adapter, auth__login=TOKENS)
    result = run("login", "--host", HOST, "--email", "a@b.c", "--name", "studio", input="x\n")
    assert result.err == "warning: the keyring failed (RuntimeError): storing the tokens in a file\n"
    assert sessions.describe("studio")["tokens_in"] == "file"


def test_no_usable_keyring(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "keyring", Keyring(priority=0))
    log_in()
    assert sessions.describe("studio")["tokens_in"] == "file"


def test_a_session_stays_where_its_tokens_are_until_it_is_moved(monkeypatch: Any, adapter: Adapter, home: Path) -> None:
    def login(*words: str) -> Outcome:
        return run("login", "--host", HOST, "--email", "a@b.c", "--profile", "studio", *words, input="x\n")

    serve(adapter, auth__login=TOKENS)
    result = login("--keyring")
    assert (result.code, result.err) == (
        3,
        "error: this Python has no keyring: pip install keyring, or leave --keyring out\n",
    )
    assert sessions.list_names() == [] and login().code == 0
    ring = Keyring()
    monkeypatch.setitem(sys.modules, "keyring", ring)
    for words, place in ([], "file"), (["--keyring"], "keyring"), ([], "keyring"), (["--no-keyring"], "file"):
        assert login(*words).code == 0 and sessions.describe("studio")["tokens_in"] == place
        text = (sessions.config_folder() / "servers" / "studio.json").read_text()
        assert (len(ring.kept), "the-access" in text) == ((1, False) if place == "keyring" else (0, True))


def test_a_keyring_that_another_python_has(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "keyring", Keyring())
    log_in()
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(NoSessionException, match="in a keyring that this Python lacks: .* --no-keyring"):
        gazu.connect(profile="studio")


# -- login and logout ----------------------------------------------------------
TOKENS = {"login": True, "user": {}, "access_token": "the-access", "refresh_token": "the-refresh"}


def test_login_prints_no_secret_and_stores_no_password(adapter: Adapter, home: Path) -> None:
    serve(adapter, auth__login=TOKENS)
    result = run("login", "--host", "http://kitsu.test", "--email", "a@b.c", input="pass-word\n")
    assert (result.code, result.out) == (0, f"Logged in to {HOST} as a@b.c\n")
    result.err += run("servers").out + run("servers", "--json").out
    kept = "".join(path.read_text() for path in home.rglob("*") if path.is_file())
    assert "the-access" not in result.out + result.err and "the-refresh" not in result.out + result.err
    assert "the-access" in kept and "pass-word" not in kept


def test_login_prompts_for_missing_options(adapter: Adapter) -> None:
    serve(adapter, auth__login=TOKENS)
    result = run("login", "--json", input="http://kitsu.test\na@b.c\nsecret\n")
    row = json.loads(
        result.out[result.out.index("{") :]
    )  # older versions of click let a space of the prompt slip there
    assert row["host"] == HOST and "Host" in result.err and "Email" in result.err
    result = run("login", input="\n\nsecret\n")  # what it was the last time
    assert result.out.endswith(f"Logged in to {HOST} as a@b.c\n")


def test_login_without_a_password() -> None:
    result = run("login", "--host", HOST, "--email", "a@b.c")
    assert result.code == 3 and "no password" in result.err


def test_login_from_the_environment(adapter: Adapter, monkeypatch: Any) -> None:
    serve(adapter, auth__login=TOKENS)
    for name, value in (("KITSU_HOST", HOST), ("KITSU_LOGIN", "a@b.c"), ("KITSU_PWD", "secret")):
        monkeypatch.setenv(name, value)
    assert run("login").code == 0
    assert json.loads(adapter.requests[0].body)["password"] == "secret"


def test_a_wrong_password(adapter: Adapter) -> None:
    serve(adapter, auth__login=(400, {"login": False, "message": "Wrong email or password."}))
    result = run("login", "--host", HOST, "--email", "a@b.c", input="secret\n")
    assert result.code == 3 and "Wrong email or password." in result.err and "secret" not in result.err
    assert sessions.list_names() == []


def second_factor(right: Dict[str, str], **facts: Any) -> Callable[[Any], Any]:
    """Respond to a log-in as for an account with a second factor."""

    def reply(request: Any) -> Any:
        sent = json.loads(request.body)
        given = {key: value for key, value in sent.items() if value and key not in ("email", "password")}
        if given == right:
            return TOKENS
        return 400, {"wrong_OTP": True} if given else {"missing_OTP": True, **facts}

    return reply


LOGIN = ("login", "--host", HOST, "--email", "a@b.c", "--password", "secret")


@pytest.mark.parametrize(
    "right, facts, typed, prompt",
    [
        ({"totp": "123456"}, {"two_factor_authentication_enabled": ["totp"]}, "123456\n", "authenticator"),
        ({"totp": "123456"}, {"two_factor_authentication_enabled": ["totp"]}, "1\n123 456\n", "Wrong code."),
        ({"recovery_code": "ab-cd"}, {"two_factor_authentication_enabled": ["totp"]}, "ab-cd\n", "recovery"),
        (
            {"email_otp": "77"},
            {
                "two_factor_authentication_enabled": ["totp", "email_otp"],
                "preferred_two_factor_authentication": "email_otp",
            },
            "77\n",
            "code sent to a@b.c",
        ),
        (
            {"recovery_code": "99"},
            {"two_factor_authentication_enabled": ["fido"]},
            "99\n",
            "security keys are not supported",
        ),
    ],
)
def test_a_second_factor(adapter: Adapter, right: Any, facts: Any, typed: str, prompt: str) -> None:
    serve(adapter, auth__login=second_factor(right, **facts), **{"auth__email-otp": {"success": True}})
    result = run(*LOGIN, input=typed)
    assert result.code == 0 and prompt in result.err, result.err


def test_a_second_factor_that_stays_wrong(adapter: Adapter) -> None:
    serve(adapter, auth__login=second_factor({"totp": "1"}, two_factor_authentication_enabled=["totp"]))
    result = run(*LOGIN, input="2\n" * 9)
    assert result.code == 3 and result.err.endswith("the second factor is wrong\n")
    assert len(adapter.requests) == 4  # the server locks the account at the fifth


def test_a_wrong_second_factor_option(adapter: Adapter) -> None:
    serve(adapter, auth__login=second_factor({"totp": "1"}, two_factor_authentication_enabled=["totp"]))
    result = run(*LOGIN, "--totp", "2")
    assert result.code == 3 and result.err.endswith("the second factor is wrong\n")
    assert len(adapter.requests) == 1


def test_a_second_factor_option(adapter: Adapter) -> None:
    serve(adapter, auth__login=second_factor({"totp": "123456"}, two_factor_authentication_enabled=["totp"]))
    assert run(*LOGIN, "--totp", "123456").code == 0
    assert len(adapter.requests) == 1


def test_a_server_that_requires_a_second_factor(adapter: Adapter) -> None:
    serve(adapter, auth__login={**TOKENS, "two_factor_authentication_required": True})
    result = run(*LOGIN)
    assert result.code == 0 and "warning: this server" in result.err


def test_logout(adapter: Adapter) -> None:
    log_in("one")
    log_in("two")
    result = run("logout")
    assert (result.code, result.out, result.err) == (0, "Logged out of two.\n", "")
    assert [request.headers["Authorization"] for request in adapter.requests] == ["Bearer token-of-two"]
    result = run("persons")
    assert (result.code, result.err) == (3, "error: no server selected. Run: gazu-cli use NAME (one)\n")
    assert run("logout", "--name", "one").out == "Logged out of one.\n"
    assert run("logout").out == "You were not logged in.\n"


def test_logout_of_all_servers_offline(adapter: Adapter, monkeypatch: Any) -> None:
    log_in("one")
    log_in("two")
    monkeypatch.setenv("GAZU_TOKEN", "bot")  # which is not what ends here

    def refuse(request: Any) -> Any:
        raise requests.exceptions.ConnectionError("refused")

    adapter.reply = refuse
    result = run("logout", "--all")
    assert (result.code, result.out) == (0, "Logged out of one, two.\n")
    assert result.err.count("the server cannot be reached") == 2
    assert {request.headers["Authorization"] for request in adapter.requests} == {
        "Bearer token-of-one",
        "Bearer token-of-two",
    }
    assert sessions.list_names() == []
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
    """Print the table for a terminal of this width, or for a file (0)."""
    monkeypatch.setenv("COLUMNS", str(width or 20))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: bool(width), raising=False)
    show.print_table(ROWS, COLUMNS)
    lines: List[str] = capsys.readouterr().out.splitlines()
    return lines


@pytest.mark.parametrize("width", [20, 40, 60, 80, 84, 200])
def test_a_table_fits_the_terminal(monkeypatch: Any, capsys: Any, width: int) -> None:
    lines = printed(monkeypatch, capsys, width)
    plain = [line.replace("\x1b[1m", "").replace("\x1b[0m", "") for line in lines]
    assert max(map(cell_len, plain)) <= width and len(lines) == 3
    assert (ID in plain[1]) is (width >= 84)  # names whole rather than ids
    assert width < 60 or ("漢字プロジェクト" in plain[1] and str(ROWS[1]["name"]) in plain[2])
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

    name = show.make_name_column(list_all, "ref")
    assert calls == []
    assert [name({"ref": "1"}), name({"ref": ["1", "2", "3"]}), name({"ref": None})] == [
        "One",
        ["One", "Jane Two", "3"],
        "",
    ]
    assert calls == [1]


# -- names and paths -------------------------------------------------------------
def test_names_match_exactly_first() -> None:
    rows = [{"id": "1", "name": "Demo"}, {"id": "2", "name": "demo"}, {"id": "3", "name": "Wip", "short_name": "w"}]
    assert [row["id"] for row in find.match_by_name(rows, "demo", "project")] == ["2"]
    assert [row["id"] for row in find.match_by_name(rows, "DEMO", "project")] == ["1", "2"]
    assert [row["id"] for row in find.match_by_name(rows, "W", "status")] == ["3"]
    with pytest.raises(errors.Failure, match="matches 2: use an id"):
        find.require_one(find.match_by_name(rows, "DEMO", "project"), "DEMO")
    for text in ("dem", ""):
        with pytest.raises(errors.Failure) as caught:
            find.match_by_name(rows, text, "project")
        assert caught.value.exit_code == 4
    assert find.not_found_error("project", "dem", ["Demo", "x"]).message == "no project 'dem': is it 'Demo'?"


def production(adapter: Adapter) -> None:
    """Serve a small production."""
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
    assert find.list_paths({"id": "p"}) == {
        "e": "E01",
        "q": "E01/SQ01",
        "s": "E01/SQ01/SH010",
        "a": "Props/Otto",
        "b": "Characters/otto",
    }
    for text, entity in (("SH010", "s"), ("sq01/sh010", "s"), ("/E01/SQ01/SH010/", "s"), ("props/OTTO", "a"), (ID, ID)):
        assert find.find_entity(text, {"id": "p"}) == entity
    with pytest.raises(errors.Failure, match=r"is ambiguous \(Characters/otto, Props/Otto\)"):
        find.find_entity("Otto", {"id": "p"})
    with pytest.raises(errors.Failure, match="no entity 'SH01': is it 'SH010'"):
        find.find_entity("SH01", {"id": "p"})


def test_the_project_comes_from_the_option_or_the_environment(adapter: Adapter, monkeypatch: Any) -> None:
    production(adapter)
    result = run("assets")
    assert (result.code, result.err) == (1, "error: no project selected: use --project, or set GAZU_PROJECT\n")
    monkeypatch.setenv("GAZU_PROJECT", "Shou")
    result = run("assets")
    assert (result.code, result.err) == (4, "error: no project 'Shou': is it 'Show'?\n")


def test_shots_are_sorted_by_sequence(monkeypatch: Any) -> None:
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
    paths = {
        "t": "E01/SQ01/SH 010/Comp",
        "u": "../../etc/Comp",
        "v": "E01/SQ01/SH_010/Comp",
        "w": "漢字/Comp",
        "x": "e\u0301té/हिन्दी",
    }
    previews = [
        preview("t", 3, extension="mp4"),
        preview("t", 4, 1, extension="png"),
        preview("t", 4, 2, extension="png"),
        preview("u", 1, extension="pdf"),
        preview("v", 3, extension="mp4"),
        preview("w", 12, extension="png"),
        preview("gone", 1, extension="../../x"),
        preview("x", 1, extension="png"),
    ]
    names = [path.as_posix() for path in work._target_paths(previews, paths, Path("to"))]
    assert names == [
        "to/E01_SQ01_SH_010_Comp_v003_t31.mp4",
        "to/E01_SQ01_SH_010_Comp_v004_01.png",
        "to/E01_SQ01_SH_010_Comp_v004_02.png",
        "to/_.._etc_Comp_v001.pdf",
        "to/E01_SQ01_SH_010_Comp_v003_v31.mp4",
        "to/漢字_Comp_v012.png",
        "to/gone_v001._.._x",
        "to/e\u0301té_हिन्दी_v001.png",
    ]


def test_ctrl_c_stops_running_downloads(adapter: Adapter, monkeypatch: Any, tmp_path: Path) -> None:
    """The threads stop at their next progress report, not at the end of their files."""
    log_in()
    row = {"id": ID, "task_id": ID, "revision": 1, "position": 1, "extension": "mov", "file_size": 9}
    monkeypatch.setattr(work, "_find_project", lambda *names: {})
    monkeypatch.setattr(work, "_find_tasks", lambda *names: {ID: ({"id": ID}, "SH/Comp")})
    monkeypatch.setattr(work, "_may_have_previews", lambda task: True)
    monkeypatch.setattr(
        work, "_list_previews", lambda tasks, revisions: [row, {**row, "id": ID[:-1] + "0", "position": 2}]
    )
    ended: List[BaseException] = []

    def download(preview: Any, path: Path, progress_callback: Any, client: Any) -> None:
        time.sleep(0.2)  # until the main thread waits
        os.kill(os.getpid(), signal.SIGINT)
        until = time.monotonic() + 30
        try:
            while time.monotonic() < until:
                progress_callback(1, 9)
        except gazu.exception.CancelledException as error:
            ended.append(error)
            raise

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(gazu.files, "download_preview_file", download)
    result = run("download", "-o", str(tmp_path), "--workers", "1")
    assert (result.code, result.out) == (130, "") and "stopping" in result.err
    assert len(ended) == 1
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    "what, meant", [("sq01", True), ("SQ01/SH010", True), ("SH010/comp", True), ("SQ01/Comp", False), ("SQ0", False)]
)
def test_parts_of_paths(what: str, meant: bool) -> None:
    assert work._is_part_of(what, "E01/SQ01/SH010/Comp") is meant


# -- the shell and the rest ----------------------------------------------------
@pytest.mark.parametrize("shell, mark", [("bash", "complete "), ("zsh", "#compdef gazu-cli"), ("fish", "complete ")])
def test_completion(shell: str, mark: str) -> None:
    result = run("completion", shell)
    assert result.code == 0 and mark in result.out and "_GAZU_CLI_COMPLETE" in result.out


def test_shell_completion_candidates() -> None:
    log_in("studio")
    environment = {"_GAZU_CLI_COMPLETE": "bash_complete", "COMP_CWORD": "1"}
    script = "import gazu.cli; gazu.cli.main()"
    for words, expected in (("gazu-cli sho", ["shot-casting", "shots"]), ("gazu-cli use ", ["studio"])):
        settings = {**os.environ, "PYTHONPATH": ROOT, **environment, "COMP_WORDS": words}
        settings["COMP_CWORD"] = str(len(words.split(" ")) - 1)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=settings, timeout=60)
        assert [line.split(",")[1] for line in done.stdout.split()] == expected, done.stderr


def test_the_sandbox_gets_its_words(monkeypatch: Any) -> None:
    from gazu import sandbox

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
        result = run(*words)
        assert result.code == 2 and result.out == "", words


def test_only_what_needs_a_server_needs_a_log_in() -> None:
    offline = [name for name, command in gazu.cli.cli.commands.items() if command.offline]
    assert sorted(offline) == ["completion", "login", "logout", "push", "sandbox", "servers", "use"]
    assert isinstance(gazu.cli.cli, app.Group)
    result = run("status")
    assert (result.code, result.out, result.err) == (3, "", "error: not logged in. Run: gazu-cli login\n")


# -- what the server may not do to a terminal, and what is left of a session ------------
EVIL = "\x1b]0;owned\x07\x1b[2J\r\nerror: \x9b31m\u202e"
CONTROLS = [chr(code) for code in (*range(32), *range(127, 160)) if chr(code) != "\n"] + ["\u202e"]


def is_clean(text: str) -> bool:
    """Return whether a terminal would obey nothing in a text."""
    return not any(letter in text for letter in CONTROLS)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 422, 500])
def test_no_control_character_of_the_server_reaches_the_terminal(status: int, adapter: Adapter) -> None:
    log_in()
    row = {"id": "1", "name": f"a{EVIL}", "first_name": EVIL, "message": EVIL, "full_name": EVIL, "email": EVIL}
    adapter.reply = lambda request: (status, [row] if status == 200 else row)
    for words in (["persons"], ["projects"], ["project", EVIL], ["shots", "-p", "a"], ["tasks", "-p", f"a{EVIL}"]):
        result = run(*words)
        assert is_clean(result.out + result.err), (words, result)
    for words in (["project", "nothing"], ["shots", "-p", "nothing"]):
        assert run(*words).err.count("\n") <= 1


def test_events_are_printed_without_control_characters(monkeypatch: Any) -> None:
    log_in()

    class Stream:
        def disconnect(self) -> None:
            pass

    def listen(names: Any, received: Any) -> Any:
        received.put((f"task:update{EVIL}", {"name": EVIL, f"key{EVIL}": [EVIL]}))
        return Stream()

    monkeypatch.setattr("gazu.cli.work._listen", listen)
    result = run("watch", "-n", "1")
    assert result.code == 0 and is_clean(result.out + result.err)
    assert result.out.count("\n") == 1 and "task:update" in result.out


@pytest.mark.parametrize("words", [(), ("--all",), ("--name", "kitsu.test")])
@pytest.mark.parametrize("slash", ["", "/"])
def test_logout_removes_the_tokens_of_an_earlier_release(words: Any, slash: str, home: Path, adapter: Adapter) -> None:
    (home / ".gazu").mkdir()
    path = home / ".gazu" / "config.json"
    path.write_text(json.dumps({"host": HOST, "tokens": {"access_token": "old", "refresh_token": "r"}, "more": 1}))
    assert connect.load_config()["tokens"]["access_token"] == "old"
    if slash:
        path.write_text(path.read_text().replace(HOST, HOST + slash))
    serve(adapter, auth__logout={})
    assert run("logout", *words).code == 0
    assert json.loads(path.read_text()) == {"host": HOST + slash, "tokens": {}, "more": 1}
    assert path.stat().st_mode & 0o077 == 0
    sessions._choice_path().unlink()  # as with a new configuration folder
    assert connect.load_config() == {} and sessions.list_names() == []


def test_logout_leaves_what_is_for_another_server(home: Path, adapter: Adapter) -> None:
    (home / ".gazu").mkdir()
    path = home / ".gazu" / "config.json"
    log_in()
    path.write_text(json.dumps({"host": "http://other.test/api", "tokens": {"access_token": "old"}}))
    before = path.read_text()
    serve(adapter, auth__logout={})
    assert run("logout").code == 0
    assert path.read_text() == before


def test_logout_says_what_it_cannot_remove(home: Path, adapter: Adapter, monkeypatch: Any) -> None:
    (home / ".gazu").mkdir()
    (home / ".gazu" / "config.json").write_text(json.dumps({"host": HOST, "tokens": {"access_token": "old"}}))
    log_in()
    serve(adapter, auth__logout={})

    def refuse(source: Any, target: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sessions, "_replace_private", refuse)
    monkeypatch.setattr(sessions, "set_current", lambda name: None)
    result = run("logout")
    assert "config.json still has tokens, and cannot be changed" in result.err


def test_log_in_over_http_is_warned_of(adapter: Adapter) -> None:
    serve(adapter, auth__login={"login": True, "access_token": "a", "refresh_token": "r"})
    result = run("login", "--host", "http://kitsu.example.com", "--email", "a@b.c", "--name", "x", input="pw\n")
    assert result.code == 0, result
    assert result.err == (
        "warning: http://kitsu.example.com/api: the log-in is not encrypted: use https://, or others can read the"
        " password\n"
    )
    result = run("login", "--host", "http://127.0.0.1:80", "--email", "a@b.c", "--name", "y", input="pw\n")
    assert (result.code, result.err) == (0, "")


def test_an_id_is_no_way_out_of_the_folder():
    rows = [{"id": "/../../x", "task_id": "1", "revision": 1, "position": 1, "extension": "png"}] * 2
    assert {path.parent.as_posix() for path in work._target_paths(rows, {}, Path("to"))} == {"to"}
