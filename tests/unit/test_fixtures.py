"""The fixtures for pytest where no server is needed: that they stay out of the way, and what they share."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Callable, Iterator, List

import pytest

import gazu
import gazu_sandbox
from gazu_sandbox import fixtures
from gazu_sandbox.errors import SandboxError

ROOT, SANDBOX = Path(gazu.__file__).parents[1], Path(gazu_sandbox.__file__).parents[1]
ENTRY = "gazu_sandbox.fixtures"
DOCS = Path(__file__).parents[2] / "docs"
#: Of a test that uses gazu, but no fixture of it.
BYSTANDER = """
import sys

def test_nothing_is_loaded():
    assert {"requests", "urllib3", "socketio", "gazu.task", "gazu_sandbox.box", "gazu_sandbox.factory"}.isdisjoint(sys.modules)

def test_the_plugin_is_there(pytestconfig):
    assert pytestconfig.pluginmanager.hasplugin("gazu_sandbox.fixtures")
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The records of an installed gazu, as pytest reads them, beside the code of this one."""
    records = tmp_path / "installed" / "gazu_sandbox-2.dist-info"
    records.mkdir(parents=True)
    (records / "METADATA").write_text("Metadata-Version: 2.1\nName: gazu-sandbox\nVersion: 2\n")
    (records / "entry_points.txt").write_text(f"[pytest11]\n{ENTRY} = {ENTRY}\n")
    (records / "RECORD").write_text("gazu_sandbox/__init__.py,,\ngazu_sandbox/fixtures.py,,\n")
    return records.parent


@pytest.fixture
def run(tmp_path: Path, installed: Path) -> Callable[..., str]:
    """Run Python in a folder with a test, where every warning is an error, and return what it said."""

    def run(test: str, *words: str, status: int = 0, settings: str = "", **environment: str) -> str:
        folder = tmp_path / "suite"
        folder.mkdir(exist_ok=True)
        (folder / "test_it.py").write_text(test, encoding="utf-8")
        (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n" + settings)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "GAZU_SANDBOX_"))}
        kept.update(PYTHONPATH=os.pathsep.join(map(str, [installed, ROOT, SANDBOX])), **environment)
        kept["PYTEST_ADDOPTS"] = "-p no:requests_mock"  # a plug-in that imports requests
        command = [sys.executable, *(words or ("-m", "pytest"))]
        done = subprocess.run(
            command, cwd=str(folder), env=kept, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120
        )
        said = done.stdout.decode("utf-8", "replace")
        assert done.returncode == status, said
        return said

    return run


def test_the_entry_point_is_the_module_and_has_its_name() -> None:
    settings = (Path(__file__).parents[2] / "sandbox" / "pyproject.toml").read_text(encoding="utf-8")
    assert "[project.entry-points.pytest11]\n" in settings
    assert f'"{ENTRY}" = "{ENTRY}"\n' in settings
    of_gazu = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert "pytest11" not in of_gazu, "pytest would load gazu wherever it is installed"


def test_the_page_shows_what_the_example_has() -> None:
    page = (DOCS / "how-to" / "test-your-pipeline.md").read_text(encoding="utf-8")
    example = (DOCS / "examples" / "pipeline_tests" / "test_publish.py").read_text(encoding="utf-8")
    shown = page.split("```python\n")[1].split("```")[0]
    shown = shown[shown.index("Names =") :]  # behind the imports; the page has shorter lines
    assert shown and "".join(shown.split()) in "".join(example.split())


def test_who_uses_no_fixture_notices_nothing(run: Callable[..., str]) -> None:
    words = ["-n", "1", "-p", ENTRY, "--strict-config", "--strict-markers"]
    assert "2 passed" in run(BYSTANDER, "-m", "pytest", *words)


def test_it_can_be_turned_off(run: Callable[..., str]) -> None:
    test = "import sys\ndef test_it(): assert not [name for name in sys.modules if name.startswith('gazu')]\n"
    assert "1 passed" in run(test, "-m", "pytest", "-p", "no:" + ENTRY)


def test_gazu_may_be_imported_before_pytest(run: Callable[..., str]) -> None:
    assert "2 passed" in run(BYSTANDER, "-c", "import gazu, pytest; raise SystemExit(pytest.main())")


def test_the_fixtures_are_listed_with_a_sentence_each(run: Callable[..., str]) -> None:
    said = run("", "-m", "pytest", "--fixtures", "-q")
    for name in ("server", "clean_server", "client", "default", "project", "make"):
        assert f"\ngazu_{name}" in said
    assert "no docstring" not in said[said.index("gazu_server") : said.index("gazu_make")]


ALL = """
import pytest
from filelock import Timeout

@pytest.mark.parametrize(
    "name", ["gazu_server", "gazu_clean_server", "gazu_client", "gazu_default", "gazu_project", "gazu_make"]
)
def test_it(name, request):
    request.getfixturevalue(name)
"""
NO_PYTHON = {"GAZU_SANDBOX_PYTHON": "/no/python"}
NOWHERE = {"GAZU_SANDBOX_HOST": "http://127.0.0.1:9/api", "GAZU_RETRIES": "0", "GAZU_SANDBOX_PASSWORD": "very-secret"}


@pytest.mark.skipif(os.name != "posix", reason="the sandbox runs on POSIX systems only")
def test_without_a_server_each_test_says_why_in_one_line(run: Callable[..., str], tmp_path: Path) -> None:
    said = run(ALL, status=1, GAZU_SANDBOX_CACHE=str(tmp_path / "cache"), **NO_PYTHON)
    assert said.count("\nno Kitsu server: GAZU_SANDBOX_PYTHON=/no/python is not a Python from 3.10") == 6
    assert "6 errors" in said or "6 failed" in said
    assert "Traceback" not in said
    assert "SandboxError" not in said
    assert "another exception" not in said


@pytest.mark.skipif(os.name != "posix", reason="the sandbox runs on POSIX systems only")
def test_without_a_server_tests_can_be_skipped(run: Callable[..., str], tmp_path: Path) -> None:
    settings = "gazu_sandbox_missing = skip\n"
    said = run(ALL, settings=settings, GAZU_SANDBOX_CACHE=str(tmp_path / "cache"), **NO_PYTHON)
    assert "6 skipped" in said


def test_a_server_that_does_not_answer_is_told_without_secrets(run: Callable[..., str]) -> None:
    said = run("def test_it(gazu_default): pass\n", status=1, **NOWHERE)
    assert "\nno Kitsu server: POST http://127.0.0.1:9/api/auth/login: " in said
    assert "very-secret" not in said
    assert "Traceback" not in said


def test_a_wrong_setting_is_told(run: Callable[..., str]) -> None:
    said = run("def test_it(gazu_client): pass\n", status=1, settings="gazu_sandbox_missing = skipp\n", **NOWHERE)
    assert "gazu_sandbox_missing: expected fail or skip, got 'skipp'" in said


def test_the_server_shows_no_password() -> None:
    from gazu_sandbox.fixtures import Server

    server = Server("http://h/api", "http://h", "a@example.com", "very-secret", "ffmpeg", "")
    assert repr(server) == "<Server http://h/api>"


def test_the_account_is_that_of_a_sandbox() -> None:
    from gazu_sandbox import services
    from gazu_sandbox.fixtures import Server

    server = Server("http://h/api", "http://h")
    assert (server.email, server.password) == (services.EMAIL, services.PASSWORD)


# --- One server for several processes: here threads, whose locks are of different files, too.

if os.name == "posix":
    from filelock import Timeout

    from gazu_sandbox import SandboxError, sharing
    from gazu_sandbox.folders import file_lock, write_private
    from gazu_sandbox.processes import start_time
    from gazu_sandbox.versions import NEWEST


class Box:
    """Stands for a sandbox: starts nothing, and notes what it is asked to do."""

    heard: List[str]
    folder: Path
    problem: str

    def __init__(self, zou: str) -> None:
        assert zou == NEWEST

    def start(self) -> None:
        if Box.problem:
            raise SandboxError(Box.problem)
        Box.heard.append("start")

    def facts(self) -> Any:
        Box.folder.mkdir(exist_ok=True)
        state = {"host": "h", "data": str(Box.folder), "pid": os.getpid(), "start_time": start_time(os.getpid())}
        write_private(Box.folder / "sandbox.json", json.dumps(state))
        return state

    def stop(self) -> None:
        Box.heard.append("stop")
        (Box.folder / "sandbox.json").unlink()


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    if os.name != "posix":
        pytest.skip("the sandbox runs on POSIX systems only")
    monkeypatch.setattr(sharing, "Sandbox", Box)
    Box.heard, Box.folder, Box.problem = [], tmp_path / "data", ""
    return Box


def test_the_server_of_a_run_is_started_once_and_stopped_after_its_last_user(box: Any, tmp_path: Path) -> None:
    used, leave, owner_done = threading.Event(), threading.Event(), threading.Event()

    def second() -> None:
        with sharing.sandbox_of_run(tmp_path) as state:
            box.heard.append("used by another at " + state["host"])
            used.set()
            leave.wait(60)
            box.heard.append("left by another")

    def first() -> None:
        with sharing.sandbox_of_run(tmp_path):
            other.start()
            used.wait(60)
        owner_done.set()

    other, owner = threading.Thread(target=second), threading.Thread(target=first)
    owner.start()
    assert used.wait(60)
    assert not owner_done.is_set()
    leave.set()
    owner.join(60)
    other.join(60)
    assert box.heard == ["start", "used by another at h", "left by another", "stop"]


def test_a_server_whose_starter_is_gone_is_started_anew(box: Any, tmp_path: Path) -> None:
    (tmp_path / "gazu-sandbox.data").write_text(str(tmp_path / "gone"))
    for _ in range(2):
        with sharing.sandbox_of_run(tmp_path):
            pass
    assert box.heard == ["start", "stop"] * 2


def test_a_server_that_does_not_start_holds_nobody_up(box: Any, tmp_path: Path) -> None:
    box.problem = "the disk is full"
    for _ in range(2):
        with pytest.raises(SandboxError, match="the disk is full"), sharing.sandbox_of_run(tmp_path):
            pass
    box.problem = ""
    with sharing.sandbox_of_run(tmp_path):
        assert box.heard == ["start"]


def is_free(path: Path, shared: bool) -> bool:
    """Return whether another process could hold the lock."""
    holders = [] if shared else path.parent.glob(path.name + ".*")
    return all(map(can_lock, [path, *holders]))


def can_lock(path: Path) -> bool:
    try:
        with file_lock(path).acquire(timeout=0):
            return True
    except Timeout:
        return False


@pytest.fixture
def resets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> List[Any]:
    """A folder of a sandbox, which is put back in words only."""
    if os.name != "posix":
        pytest.skip("the sandbox runs on POSIX systems only")
    (tmp_path / "run").mkdir()
    resets: List[Any] = []
    monkeypatch.setattr(sharing, "running", lambda cache, data: data)
    monkeypatch.setattr(sharing, "reset", resets.append)
    return resets


def test_who_wants_a_clean_server_has_it_alone(resets: List[Any], tmp_path: Path) -> None:
    lock = tmp_path / "run" / "use.lock"
    with sharing.use(tmp_path, alone=False), sharing.use(tmp_path, alone=False):
        assert is_free(lock, shared=True)
        assert not is_free(lock, shared=False)
    assert resets == []
    with sharing.use(tmp_path, alone=True):
        assert resets == [str(tmp_path)]
        assert not is_free(lock, shared=True)
    assert is_free(lock, shared=False)


def test_who_waits_for_a_clean_server_is_not_passed(resets: List[Any], tmp_path: Path) -> None:
    def wait() -> None:
        with sharing.use(tmp_path, alone=True):
            pass

    waiting = threading.Thread(target=wait)
    with sharing.use(tmp_path, alone=False):
        waiting.start()
        while is_free(tmp_path / "run" / "use.lock", shared=True):
            assert waiting.is_alive()
        assert resets == []
    waiting.join(60)
    assert resets == [str(tmp_path)]


@pytest.mark.parametrize("host", ["http://8.8.8.8/api", "https://[2001:4860:4860::8888]/api"])
def test_a_server_that_may_be_the_studios_is_refused(host, monkeypatch):
    monkeypatch.delenv("GAZU_SANDBOX_ANYWHERE", raising=False)
    with pytest.raises(SandboxError, match="GAZU_SANDBOX_ANYWHERE=1"):
        fixtures._check_host(host)
    monkeypatch.setenv("GAZU_SANDBOX_ANYWHERE", "1")
    fixtures._check_host(host)


@pytest.mark.parametrize(
    "host", ["http://127.0.0.1:80/api", "http://localhost/api", "http://10.1.2.3/api", "http://[::1]"]
)
def test_a_server_nearby_is_taken(host, monkeypatch):
    monkeypatch.delenv("GAZU_SANDBOX_ANYWHERE", raising=False)
    fixtures._check_host(host)


@pytest.mark.parametrize("host", ["http://10.1.2.3/api", "http://localhost/api", "http://8.8.8.8/api"])
def test_a_server_that_is_no_sandbox_is_never_emptied(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAZU_SANDBOX_ANYWHERE", "1")
    monkeypatch.setenv("GAZU_SANDBOX_RESET", "1")
    with pytest.raises(pytest.fail.Exception, match="is not a sandbox of this machine: it cannot be reset"):
        fixtures._check_reset(fixtures.Server(host, host))


def test_a_sandbox_in_a_folder_that_somebody_chose_is_emptied_on_purpose_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.name != "posix":
        pytest.skip("the sandbox runs on POSIX systems only")
    server = fixtures.Server("http://127.0.0.1:1/api", "http://127.0.0.1:2", data=str(tmp_path))
    state = {"pid": 1, "start_time": 1.0, "named": False}
    (tmp_path / "sandbox.json").write_text(json.dumps(state))
    monkeypatch.delenv("GAZU_SANDBOX_RESET", raising=False)
    fixtures._check_reset(server)
    (tmp_path / "sandbox.json").write_text(json.dumps({**state, "named": True}))
    with pytest.raises(pytest.fail.Exception, match="was given this folder: set GAZU_SANDBOX_RESET=1"):
        fixtures._check_reset(server)
    monkeypatch.setenv("GAZU_SANDBOX_RESET", "1")
    fixtures._check_reset(server)


#: Two uses of one server, which is not started.
TWO_USES = """
import contextlib
import pytest
from gazu_sandbox import fixtures, sharing

joined = []

@contextlib.contextmanager
def join(folder, zou):
    joined.append(zou)
    yield dict.fromkeys(fixtures.Server._fields, "")

sharing.sandbox_of_run = join

def test_live(gazu_server):
    assert len(joined) == 1

@pytest.mark.parametrize("gazu_server", ["recorded"], indirect=True)
def test_recorded(gazu_server):
    assert len(joined) == 1

@pytest.mark.parametrize("gazu_server", ["0.20.85"], indirect=True)
def test_other_version(gazu_server):
    assert "0.20.85" in joined
"""


@pytest.mark.skipif(os.name == "nt", reason="the sandbox runs on Linux and macOS")
def test_a_process_joins_a_server_once(run: Callable[..., str]) -> None:
    """Else the process that stops the server would wait for the first use to end, and the second one for that process."""
    assert "3 passed" in run(TWO_USES, "-m", "pytest", "-p", "no:randomly", "--gazu-record")
