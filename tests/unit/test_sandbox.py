"""The parts of the sandbox that need no server."""

import hashlib
import http.server
import inspect
import io
import json
import os
import pkgutil
import re
import stat
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, Iterator, List, Set

import pytest

import gazu
import gazu_sandbox
from gazu_sandbox import SandboxError

if os.name != "posix":
    pytest.skip("the sandbox runs on POSIX systems only", allow_module_level=True)

from gazu_sandbox import __main__ as command_line
from gazu_sandbox import folders, install, pip, processes, progress, pythons, services, uv, versions

VERSION = "1.2.3"
HOW_TO_INSTALL = "pip install 'gazu[sandbox]>=2.0.0.dev0' (in a checkout: pip install ./sandbox)"
PLACES = (str(Path(module.__file__).parents[1]) for module in (gazu, gazu_sandbox))
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(PLACES)}


# --- The command line


def test_up_understands_all_its_options() -> None:
    options = command_line.parse(
        [
            "up",
            "--data",
            "d",
            "--keep",
            "--json",
            "--ports",
            "0",
            "1",
            "2",
            "3",
            "--workers",
            "1",
            "--env",
            "A=b=c",
            "--env",
            "D=",
            "--no-jobs",
            "--access-seconds",
            "2",
        ]
    )
    box = command_line.make_box(options)
    assert (options.json, options.keep, options.data, options.ports) == (True, True, "d", [0, 1, 2, 3])
    assert box._settings == {
        "workers": 1,
        "environment": {"A": "b=c", "D": ""},
        "jobs": False,
        "access_seconds": 2.0,
        "refresh_seconds": None,
    }


@pytest.mark.parametrize("words", ["", "up --env NOVALUE", "up --ports 1 2", "fly"])
def test_a_wrong_command_line_is_refused(words: str, capsys: Any) -> None:
    with pytest.raises(SystemExit) as end:
        command_line.parse(words.split())
    assert end.value.code == 2
    assert "usage: gazu-sandbox" in capsys.readouterr().err


def test_an_error_is_one_line_without_a_traceback(tmp_path: Path) -> None:
    environment = {**ENVIRONMENT, "GAZU_SANDBOX_CACHE": str(tmp_path)}
    command = [sys.executable, "-m", "gazu_sandbox", "status"]
    done = subprocess.run(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"error: no sandbox is running\n")


def test_the_package_loads_its_sandbox_on_first_use() -> None:
    code = "import sys, gazu_sandbox as s; assert 'gazu_sandbox.box' not in sys.modules; s.Sandbox"
    assert subprocess.call([sys.executable, "-c", code], env=ENVIRONMENT) == 0


@pytest.mark.parametrize("statement", ["import gazu.sandbox", "from gazu.sandbox import Sandbox", "gazu.sandbox"])
def test_gazu_without_its_sandbox_says_what_to_install(statement: str) -> None:
    code = f"import sys, gazu; sys.modules['gazu_sandbox'] = None; {statement}"
    done = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, stderr=subprocess.PIPE)
    last = done.stderr.decode().splitlines()[-1]
    assert last == "ImportError: gazu.sandbox needs gazu-sandbox: " + HOW_TO_INSTALL


def test_the_commands_without_the_sandbox_say_what_to_install(tmp_path: Path) -> None:
    for words in (["gazu.sandbox", "up"], ["gazu.cli", "sandbox", "up"]):
        code = "import runpy, sys; sys.modules['gazu_sandbox'] = None; sys.argv = sys.argv[1:]; "
        code += "runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"
        done = subprocess.run([sys.executable, "-c", code, *words], env=ENVIRONMENT, stderr=subprocess.PIPE)
        assert done.returncode == 1
        assert done.stderr.decode() == f"error: gazu.sandbox needs gazu-sandbox: {HOW_TO_INSTALL}\n"


def test_gazu_has_its_sandbox_where_that_is_installed() -> None:
    from gazu import sandbox

    assert (sandbox.Sandbox, sandbox.SandboxError) == (gazu_sandbox.Sandbox, SandboxError)
    assert sandbox.main(["status", "--data", "/no/sandbox"]) == 1
    with pytest.raises(AttributeError, match="'gazu.sandbox' has no attribute '__path__'"):
        sandbox.__path__  # noqa: B018


def test_the_start_is_reported_at_once(tmp_path: Path) -> None:
    environment = {**ENVIRONMENT, "GAZU_SANDBOX_CACHE": str(tmp_path), "GAZU_SANDBOX_PYTHON": "/no/python"}
    for command, first in (("up", "server"), ("demo", "server for the demonstration")):
        done = subprocess.run([sys.executable, "-m", "gazu_sandbox", command], env=environment, stderr=subprocess.PIPE)
        lines = done.stderr.decode().splitlines()
        assert lines[0] == f"starting a Kitsu API {first}"
        assert lines[1:] == ["error: GAZU_SANDBOX_PYTHON=/no/python is not a Python from 3.10 to 3.13"]


def test_the_calls_that_the_demonstration_shows_exist() -> None:
    source = (Path(gazu_sandbox.__file__).parent / "demo.py").read_text(encoding="utf-8")
    shown = re.findall(r'"gazu\.(\w+)\.(\w+)\(([^)]*)\)', source)
    assert len(shown) >= 10
    for module, name, arguments in shown:
        accepted = inspect.signature(getattr(getattr(gazu, module), name)).parameters
        given = [argument.strip() for argument in arguments.split(",")]
        assert {argument.split("=")[0] for argument in given if "=" in argument} <= set(accepted), name
        assert len(given) <= len(accepted), name


# --- Where things are


def test_the_cache_is_where_the_environment_says(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("GAZU_SANDBOX_CACHE", str(tmp_path / "a"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "b"))
    monkeypatch.setenv("HOME", str(tmp_path / "c"))
    assert folders.cache_folder() == tmp_path / "a"
    monkeypatch.setenv("GAZU_SANDBOX_CACHE", "")
    assert folders.cache_folder() == tmp_path / "b" / "gazu-sandbox"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert folders.cache_folder() == tmp_path / "c" / ".cache" / "gazu-sandbox"


def test_without_a_home_that_can_be_written_the_cache_is_a_private_temporary_folder(
    monkeypatch: Any, tmp_path: Path, capsys: Any
) -> None:
    (tmp_path / "file").write_text("")
    for name in ("GAZU_SANDBOX_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    folder = folders.cache_folder()
    assert folder.parent == tmp_path
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "GAZU_SANDBOX_CACHE" in capsys.readouterr().err


def test_a_chosen_cache_that_cannot_be_written_is_an_error(monkeypatch: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GAZU_SANDBOX_CACHE", str(tmp_path / "file" / "x"))
    with pytest.raises(SandboxError, match="cannot be written"):
        folders.cache_folder()


def test_the_state_is_kept_and_private(tmp_path: Path) -> None:
    first = folders.DataFolder(str(tmp_path / "d"), True, VERSION)
    first.state["secret_key"] = "s"
    first.save()
    first.release()
    assert stat.S_IMODE((tmp_path / "d" / "sandbox.json").stat().st_mode) == 0o600
    second = folders.DataFolder(str(tmp_path / "d"), True, VERSION)
    assert (second.state["secret_key"], second.state["zou"]) == ("s", VERSION)
    second.release()


def test_what_was_made_is_removed_and_what_was_there_stays(tmp_path: Path) -> None:
    for name in ("new", "empty"):
        if name == "empty":
            (tmp_path / name).mkdir()
        folder = folders.DataFolder(str(tmp_path / name), False, VERSION)
        folder.save()
        folder.release()
    assert os.listdir(str(tmp_path)) == ["empty"]
    assert os.listdir(str(tmp_path / "empty")) == []


def test_a_folder_is_used_once_at_a_time(tmp_path: Path) -> None:
    first = folders.DataFolder(str(tmp_path), False, VERSION)
    with pytest.raises(SandboxError, match="runs in"):
        folders.DataFolder(str(tmp_path), False, VERSION)
    first.release()


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("")
    with pytest.raises(SandboxError, match="not a sandbox's"):
        folders.DataFolder(str(tmp_path), False, VERSION)


def test_a_folder_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sandbox.json").write_text(json.dumps({"zou": "0.9"}))
    with pytest.raises(SandboxError, match=r"made by Zou 0\.9"):
        folders.DataFolder(str(tmp_path), False, VERSION)


def test_a_stale_folder_is_adopted_once_its_processes_are_gone(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setattr("time.monotonic", iter(range(0, 10000, 100)).__next__)
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "postmaster.pid").write_text("1")
    state = {"zou": VERSION, "services": {"redis": [os.getpid(), processes.start_time(os.getpid())]}}
    (tmp_path / "sandbox.json").write_text(json.dumps(state))
    with pytest.raises(SandboxError, match=r"still used by redis \(\d+\)"):
        folders.DataFolder(str(tmp_path), True, VERSION)
    state["services"] = {"redis": [os.getpid(), 1.5]}
    (tmp_path / "sandbox.json").write_text(json.dumps(state))
    folders.DataFolder(str(tmp_path), True, VERSION).release()
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_a_running_sandbox_is_found(tmp_path: Path) -> None:
    me = {"pid": os.getpid(), "start_time": processes.start_time(os.getpid())}
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "sandbox.json").write_text(json.dumps({**me, "data": name}))
    folders.announce(tmp_path, str(tmp_path / "a"))
    assert folders.running(tmp_path, None)["data"] == "a"
    assert folders.running(tmp_path, str(tmp_path / "b"))["data"] == "b"
    (tmp_path / "running" / "1").write_text(str(tmp_path / "b"))
    with pytest.raises(SandboxError, match="several"):
        folders.running(tmp_path, None)
    (tmp_path / "a" / "sandbox.json").write_text(json.dumps({**me, "start_time": 1.5}))
    with pytest.raises(SandboxError, match="no sandbox runs in"):
        folders.running(tmp_path, str(tmp_path / "a"))


# --- Interpreters


def fake_python(folder: Path, name: str, says: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{says}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def nowhere(monkeypatch: Any, tmp_path: Path) -> Path:
    """No interpreter but those that the test makes in this folder."""
    monkeypatch.delenv("GAZU_SANDBOX_PYTHON", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setattr("sys.executable", "/nowhere/bin/maya")
    return tmp_path


def test_no_python_at_all_is_explained(nowhere: Path) -> None:
    fake_python(nowhere, "python3.12", "exit 127")
    fake_python(nowhere, "python3.11", "echo 3.9")
    with pytest.raises(SandboxError, match="needs a Python from 3.10 to 3.13: install"):
        pythons.find_python(versions.NEWEST, versions.PYTHONS)


def test_a_python_behind_a_broken_stand_in_is_found(nowhere: Path, monkeypatch: Any) -> None:
    fake_python(nowhere, "python3.12", "exit 127")
    good = fake_python(nowhere / "bin", "python3.12", "echo 3.12")
    monkeypatch.setenv("PATH", f"{nowhere}{os.pathsep}{nowhere / 'bin'}")
    assert pythons.find_python(versions.NEWEST, versions.PYTHONS) == (str(good), "3.12")


def test_the_versions_folder_is_searched(nowhere: Path) -> None:
    good = fake_python(nowhere / "pyenv" / "versions" / "3.11.9" / "bin", "python", "echo 3.11")
    assert pythons.find_python(versions.NEWEST, versions.PYTHONS) == (str(good), "3.11")


def test_a_chosen_python_is_used_or_refused(nowhere: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("GAZU_SANDBOX_PYTHON", str(fake_python(nowhere, "mine", "echo 3.10")))
    assert pythons.find_python(versions.NEWEST, versions.PYTHONS) == (str(nowhere / "mine"), "3.10")
    monkeypatch.setenv("GAZU_SANDBOX_PYTHON", str(fake_python(nowhere, "old", "echo 3.7")))
    with pytest.raises(SandboxError, match="old is not a Python from 3.10"):
        pythons.find_python(versions.NEWEST, versions.PYTHONS)


# --- Versions of Zou


def test_each_pinned_version_has_its_pins() -> None:
    for zou in versions.PINNED:
        assert f"The versions that Zou {zou} is served with".encode() in (
            pkgutil.get_data("gazu_sandbox", f"zou-{zou}.txt") or b""
        )
        assert versions.find_release(zou).pythons


def test_what_differs_between_versions() -> None:
    oldest, old, newest = map(versions.find_release, ("0.17.23", "1.0.55", versions.NEWEST))
    assert (oldest.redis_password, old.redis_password) == (False, True)
    assert (old.settings["DEFAULT_TIMEZONE"], newest.settings) == ("Europe/Paris", {})
    assert (oldest.pythons, newest.pythons) == (("3.10",), versions.PYTHONS)


@pytest.mark.parametrize(
    ("zou", "says"),
    [
        ("0.15.18", "Zou 0.15.18 is older than 0.17.23"),
        ("0.9", "is older than"),
        ("latest", "'latest' is not a version"),
        ("", "'' is not a version"),
        ("1.0.97; rm", "is not a version"),
        ("../1.0", "is not a version"),
    ],
)
def test_a_version_that_cannot_be_run_is_refused(zou: str, says: str) -> None:
    with pytest.raises(SandboxError, match=re.escape(says)):
        versions.find_release(zou)


def test_another_version_needs_uv(nowhere: Path) -> None:
    with pytest.raises(SandboxError, match="Zou 1.0.40 needs uv: install it, or choose one of 0.17.23"):
        uv.resolve("1.0.40", "python3.11", nowhere)


@pytest.fixture
def index(monkeypatch: Any) -> Iterator[Dict[str, Any]]:
    """A package index that responds with the content of this dict."""
    response: Dict[str, Any] = {"status": 200, "files": []}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"files": response["files"]}).encode()
            self.send_response(response["status"] if self.path == "/simple/zou/" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{server.server_address[1]}/simple")
        yield response
        server.shutdown()
        thread.join()


def test_the_packages_of_another_version_are_those_of_its_day(index: Dict[str, Any], nowhere: Path) -> None:
    index["files"] = [
        {"filename": "zou-1.0.4-py3-none-any.whl", "upload-time": "2026-01-01T10:00:00Z"},
        {"filename": "zou-1.0.40-py3-none-any.whl", "upload-time": "2026-04-30T10:00:00Z"},
    ]
    fake_python(nowhere, "uv", 'echo "$@"; /bin/cat zou.in')
    assert uv.resolve("1.0.40", "/bin/python3.11", nowhere).splitlines() == [
        "pip compile -q --no-header --no-annotate --generate-hashes --python /bin/python3.11 --exclude-newer 2026-05-01 zou.in",
        "zou==1.0.40",
    ]
    fake_python(nowhere, "uv", "echo no such thing; exit 1")
    with pytest.raises(SandboxError, match="uv finds no packages for Zou 1.0.40: no such thing"):
        uv.resolve("1.0.40", "/bin/python3.11", nowhere)
    with pytest.raises(SandboxError, match="there is no Zou 1.0.41"):
        uv.release_day("1.0.41")
    index["files"] = [{"filename": "zou-1.0.40-py3-none-any.whl"}]
    with pytest.raises(SandboxError, match="does not say when Zou 1.0.40 was released"):
        uv.release_day("1.0.40")
    index["status"] = 503
    with pytest.raises(SandboxError, match="does not list the versions of zou .HTTPError"):
        uv.release_day("1.0.40")


# --- Processes and errors


def test_a_taken_port_is_named() -> None:
    import socket

    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen(1)
        port = busy.getsockname()[1]
        with pytest.raises(SandboxError, match=f"port {port} .for events. cannot be used"):
            processes.find_ports([0, port, 0, 0], services.PORTS)
    assert len(set(processes.find_ports(None, services.PORTS).values())) == 4


def test_the_server_sees_nothing_of_the_users_python_or_database(monkeypatch: Any) -> None:
    for name in ("PYTHONPATH", "PYTHONHOME", "DB_HOST", "SECRET_KEY", "GAZU_HOST"):
        monkeypatch.setenv(name, "x")
    assert set(processes.clean_environment(TZ="UTC")) <= {"PATH", "LANG", "LC_ALL", "TZ"}


def test_pip_sees_its_settings_but_not_where_else_to_install(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example.com")
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    environment = pip.pip_environment(tmp_path / "t")
    assert environment["PIP_INDEX_URL"] == "https://mirror.example.com"
    assert environment["TMPDIR"] == str(tmp_path / "t")
    assert "PIP_TARGET" not in environment and "PYTHONPATH" not in environment


# --- Hashes


def make_wheel(folder: Path, name: str, *requires: str) -> str:
    """Write the wheel of a package in version 1.0, and return its hash."""
    path, about = folder / f"{name}-1.0-py3-none-any.whl", f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        lines = [
            "Metadata-Version: 2.1",
            f"Name: {name}",
            "Version: 1.0",
            *(f"Requires-Dist: {one}" for one in requires),
        ]
        wheel.writestr(f"{about}/METADATA", "\n".join(lines))
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def links(tmp_path: Path, monkeypatch: Any) -> Path:
    """The folder that is all of the package index."""
    monkeypatch.delenv(pip.NO_HASHES, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    return tmp_path


def install_two(draft: Path, hashes: Dict[str, Set[str]]) -> Set[str]:
    releases = ["First_Package==1.0", 'second.package==1.0; python_version >= "3"']
    arguments = [*pip.checked(releases, draft, hashes), "--target", str(draft / "target")]
    pip.install(sys.executable, draft, arguments, "Zou", lambda done: None)
    return {path.stem for path in (draft / "target").glob("*_package.py")}


def test_what_has_its_hash_is_installed(links: Path) -> None:
    hashes = {
        "first-package==1.0": {make_wheel(links, "first_package", "second-package"), "0" * 64},
        "second-package==1.0": {make_wheel(links, "second_package")},
    }
    assert install_two(links, hashes) == {"first_package", "second_package"}


@pytest.mark.parametrize("hashes_of_second", [{"0" * 64}, set()])
def test_what_has_not_is_refused_and_named(links: Path, hashes_of_second: Set[str], monkeypatch: Any) -> None:
    hashes = {"first-package==1.0": {make_wheel(links, "first_package")}, "second-package==1.0": hashes_of_second}
    make_wheel(links, "second_package")
    with pytest.raises(SandboxError, match="^Zou cannot be installed: second.package==1.0 is not the file .* pypi.org"):
        install_two(links, hashes)
    assert not (links / "target").exists()
    with pytest.raises(SandboxError, match="set GAZU_SANDBOX_NO_HASHES=1$"):
        install_two(links, hashes)
    monkeypatch.setenv(pip.NO_HASHES, "1")
    assert install_two(links, hashes) == {"first_package", "second_package"}


def test_what_is_needed_besides_is_refused_and_named(links: Path) -> None:
    hashes = {
        name: {make_wheel(links, name[:-5].replace("-", "_"), "third-package")} for name in ("first-package==1.0",)
    }
    hashes["second-package==1.0"] = {make_wheel(links, "second_package")}
    make_wheel(links, "third_package")
    with pytest.raises(SandboxError, match="^Zou cannot be installed: third-package is not the file"):
        install_two(links, hashes)


def test_all_that_is_pinned_has_hashes() -> None:
    known = pip.shipped_hashes()
    wanted = [*install.FAKE_REDIS, *(requirement for requirement, _ in install.WHEELS.values())]
    for zou in versions.PINNED:
        releases = pip.releases_in((pkgutil.get_data("gazu_sandbox", f"zou-{zou}.txt") or b"").decode())
        for python in versions.find_release(zou).pythons:
            wanted += pip.needed(releases, zou, python)
        newest = versions.find_release(zou).pythons[0]
        assert pip.needed(releases, zou, "3.99") == pip.needed(releases, zou, newest)  # what nobody has tried
    assert len(wanted) > 1000 and [one for one in wanted if not known.get(pip.key_of(one))] == []


def test_a_requirements_file_with_hashes() -> None:
    text = f"# uv\nTyping_Extensions==4.1 \\\n    --hash=sha256:{'a' * 64} \\\n    --hash=sha256:{'b' * 64}\nx==2\n"
    assert pip.releases_in(text) == ["Typing_Extensions==4.1", "x==2"]
    assert pip.hashes_in(text)["typing-extensions==4.1"] == {"a" * 64, "b" * 64}


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("ERROR: [Errno 28] No space left on device", "the disk of /cache is full"),
        (
            "WARNING: Retrying: NewConnectionError('...')\nERROR: none",
            "no network: pip cannot reach its package index for Zou",
        ),
        (
            "WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by 'NewConnectionError("
            "\"HTTPSConnection(host='pypi.example.com', port=443): Failed\")': /simple/zou/",
            "no network: pip cannot reach its package index at pypi.example.com for Zou",
        ),
        ("Collecting x\nERROR: No matching distribution\nmore", "Zou cannot be installed: ERROR: No matching"),
        ("", "pip printed nothing"),
    ],
)
def test_the_failure_of_pip_is_explained_in_a_line(output: str, says: str) -> None:
    error = pip.explain(processes.CommandError(["pip"], 1, output), "Zou", Path("/cache"))
    assert says in str(error) and "\n" not in str(error)


def test_an_interrupted_installation_is_not_taken_for_whole(tmp_path: Path) -> None:
    installer = install.Installer(tmp_path, versions.find_release())

    def interrupted(draft: Path) -> None:
        (draft / "half").write_text("")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        installer.add("thing", interrupted)
    assert os.listdir(str(tmp_path)) == []
    made = installer.add("thing", lambda draft: (draft / "whole").mkdir())
    assert os.listdir(str(made)) == ["whole"]


def test_system_programs_are_found_all_or_none(nowhere: Path) -> None:
    valkey = fake_python(nowhere, "valkey-server", "")
    assert install.system_programs(["redis-server"]) == [str(valkey.resolve())]
    assert install.system_programs(["redis-server", "no-such-program"]) == []


def test_a_program_that_fails_shows_its_words() -> None:
    with pytest.raises(SandboxError, match="sh ended with status 3: oh"):
        processes.run(["/bin/sh", "-c", "echo oh; exit 3"])
    with pytest.raises(SandboxError, match="cannot run /no/such"):
        processes.run(["/no/such"])


def test_a_process_is_known_by_its_start_time() -> None:
    before = time.time()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = processes.start_time(child.pid)
    assert started is not None and abs(started - before) < processes.CLOCK_STEP_SECONDS
    assert processes.is_running(child.pid, started)
    assert not processes.is_running(child.pid, started - 60), "another process had this number"
    assert not processes.is_running(child.pid, None)
    assert child.stdin is not None
    child.stdin.close()
    deadline = time.monotonic() + 60
    while processes.is_running(child.pid, started) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert processes.start_time(child.pid) is None, "a zombie, which nobody has waited for, has ended"
    child.wait()
    assert processes.start_time(child.pid) is None


def test_the_tail_of_a_log(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"a\nb\n\xff\n")
    assert processes.tail(tmp_path / "log", 2) == "b\n\ufffd"
    assert processes.tail(tmp_path / "none") == "(no log)"


def test_waiting_ends_with_the_last_reason() -> None:
    def ready() -> bool:
        raise OSError("refused")

    with pytest.raises(SandboxError, match="Zou is not ready after 0 seconds: refused"):
        processes.wait_for("Zou", ready, lambda: None, 0)


# --- Progress


@pytest.mark.parametrize("width", [5, 30, 79, 200])
def test_the_bar_fits(width: int) -> None:
    for fraction in (-1, 0, 0.5, 1, 2):
        assert len(progress.render(fraction, "a rather long text", 75, width)) <= width


def test_the_bar_shows_share_time_and_text() -> None:
    line = progress.render(0.5, "installing", 75, 79)
    assert line.startswith("[###############...............]  50% 1:15 installing")


def test_off_a_terminal_lines_come_now_and_then() -> None:
    stream = io.StringIO()
    shown = progress.Progress(stream)
    shown.stage("first", 0.4)
    for _ in range(50):
        shown.show(0.5)
    shown.stage("second", 0.6)
    shown.close()
    assert stream.getvalue().splitlines() == ["first (0%)", "second (40%)"]


def test_on_a_terminal_one_line_is_rewritten() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    shown = progress.Progress(stream)
    shown.stage("first", 1)
    shown.show(1)
    shown.close()
    words: List[str] = stream.getvalue().split("\r")
    assert "\n" not in stream.getvalue() and "100%" in words[2] and words[-1] == "\x1b[K"


def test_folders_of_a_sandbox_are_private(tmp_path):
    from gazu_sandbox.folders import DataFolder

    for name in ("files", "logs", "run"):
        (tmp_path / name).mkdir(mode=0o755)
    folder = DataFolder(str(tmp_path), True, "1")
    try:
        names = ("files", "files/previews", "logs", "plugins", "run", "tmp")
        assert {(tmp_path / name).stat().st_mode & 0o777 for name in names} == {0o700}
    finally:
        folder.release()


@pytest.mark.parametrize("redis, jobs", [("/cache/fake_redis.py", False), ("/cache/redis-server", True)])
def test_no_jobs_from_a_queue_without_a_password(redis, jobs, capsys):
    from gazu_sandbox.box import Sandbox
    from gazu_sandbox.services import Toolchain

    box, state = Sandbox(), {}
    box._tools = Toolchain(SimpleNamespace(redis_password=True), "python", "/bin/postgres", redis, "ffmpeg", "ffprobe")
    box._describe(state)
    assert state["jobs"] is jobs and ("no job worker" in capsys.readouterr().err) is not jobs
