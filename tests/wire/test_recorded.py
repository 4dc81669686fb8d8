"""The fixture `gazu_recorded`: what it keeps of exchanges on real sockets, and that a replay has no need of any."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any, Callable

import pytest

import gazu
import gazu_sandbox

from .conftest import Exchange, Server, answer

pytest.importorskip("vcr")

ROOT, SANDBOX = Path(gazu.__file__).parents[1], Path(gazu_sandbox.__file__).parents[1]
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "pipeline_tests"
#: Of an interpreter that has neither a network nor what a sandbox needs, as on Windows.
BARE = """
import importlib.abc, socket, sys

LACKING = {"fcntl", "pwd", "psutil", "filelock", "platformdirs", "virtualenv", "subprocess32"}
LACKING.update("gazu_sandbox." + name for name in ("box", "sharing", "install", "database", "folders", "demo"))

class Lacking(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in LACKING:
            raise ImportError(f"there is no {name}")

def refuse(*args, **kwargs):
    raise RuntimeError("there is no network")

sys.meta_path.insert(0, Lacking())
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.gethostbyname = refuse
"""
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def jwt(number: int) -> str:
    return (
        "eyJhbGciOiJIUzI1NiJ9."
        + base64.urlsafe_b64encode(b'{"subj": %02d}' % number).decode().rstrip("=")
        + ".c2VjcmV0"
    )


class Kitsu:
    """Answers as a server would; a preview is ready when it was asked for three times."""

    def __init__(self, server: Server) -> None:
        self.server, self.tokens, self.asked = server, 0, 0
        server.default = self.act

    def act(self, exchange: Exchange) -> None:
        path = exchange.request.path
        if path.endswith("auth/login"):
            self.tokens += 2
            person = {"id": "p1", "email": "admin@studio.tv", "full_name": "Ann Admin", "password_hint": "my dog"}
            tokens = {"access_token": jwt(self.tokens), "refresh_token": jwt(self.tokens + 1)}
            body: Any = {"login": True, "user": person, **tokens}
            act = answer(body, headers={"Set-Cookie": f"access_token_cookie={jwt(99)}", "Server": "very-secret"})
        elif path.endswith("/file"):
            act = answer(PICTURE, kind="image/png", headers={"Content-Disposition": "attachment"})
        elif path.endswith("/state"):
            self.asked += 1
            act = answer({"state": "ready" if self.asked % 3 == 0 else "processing"})
        elif path.endswith("/missing"):
            act = answer({"message": "no such row"}, status=404)
        else:
            act = answer(
                [{"mail": "joe@studio.tv", "url": self.server.address + "/x", "by": exchange.request.token, "of": path}]
            )
        act(exchange)


@pytest.fixture
def kitsu(start: Callable[..., Server]) -> Kitsu:
    return Kitsu(start())


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., str]:
    """Run tests: recorded from a server, or, without one, replayed where there is no network."""
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "sitecustomize.py").write_text(BARE, encoding="utf-8")
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")

    def run(source: str, *words: str, kitsu: Any = None, status: int = 0, **environment: str) -> str:
        if source:
            head = "import os, time, pytest, gazu\nfrom gazu import client as raw\n"
            (tmp_path / "suite" / "test_it.py").write_text(head + textwrap.dedent(source), encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "GAZU_"))}
        places = [ROOT, SANDBOX] + ([] if kitsu else [tmp_path / "bare"])
        kept.update(PYTHONPATH=os.pathsep.join(map(str, places)), **environment)
        if kitsu:
            kept.update(GAZU_SANDBOX_HOST=kitsu.server.host, GAZU_SANDBOX_PASSWORD="very-secret", GAZU_RETRIES="0")
            words = ("--gazu-record", *words)
        command = [sys.executable, "-m", "pytest", "-p", "gazu_sandbox.fixtures", *words]
        done = subprocess.run(
            command,
            cwd=str(tmp_path / "suite"),
            env=kept,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
        )
        said = done.stdout.decode("utf-8", "replace")
        assert done.returncode == status, said
        return said

    return run


def recordings(tmp_path: Path) -> Any:
    return sorted((tmp_path / "suite" / "recorded" / "test_it").iterdir())


ROUND = """
    from concurrent.futures import ThreadPoolExecutor

    def test_rows(gazu_recorded):
        [row] = raw.get("data/rows?email=joe@studio.tv&token=very-secret", client=gazu_recorded)
        assert row["of"] == "/api/data/rows"
        assert row["by"] == gazu_recorded.access_token
        assert row["url"].startswith(gazu_recorded.host[:-4])
        with pytest.raises(gazu.exception.RouteNotFoundException, match="no such row"):
            raw.get("data/missing", client=gazu_recorded)

    def test_files(gazu_recorded, tmp_path):
        path = tmp_path / "large.mov"
        for size in (3, 3_000_000):
            path.write_bytes(b"x" * size)
            raw.upload("pictures", str(path), {"comment": "by joe@studio.tv"}, client=gazu_recorded)
        back = tmp_path / "back.png"
        raw.download("file", str(back), client=gazu_recorded)
        assert back.read_bytes()[-1] == 255

    def test_names_and_threads(gazu_recorded, gazu_client):
        assert gazu_client.access_token != gazu_recorded.access_token
        with ThreadPoolExecutor(8) as pool:
            both = [gazu_client, gazu_recorded] * 20
            rows = list(pool.map(lambda n: raw.get(f"data/rows/{n}", client=both[n])[0], range(40)))
        assert [row["of"] for row in rows] == [f"/api/data/rows/{n}" for n in range(40)]
        assert [row["by"] for row in rows] == [client.access_token for client in both]

    def test_waiting(gazu_recorded):
        while raw.get("data/state", client=gazu_recorded)["state"] != "ready":
            time.sleep(0.1 if os.environ.get("GAZU_SANDBOX_HOST") else 1_000_000)  # nothing is waited for in a replay

    @pytest.mark.parametrize("name", ["a", "A", "a/b", "a:b", "ö"])
    def test_each(gazu_recorded, name):
        raw.post("data/rows", {"name": name, "password": "very-secret"}, client=gazu_recorded)

    class TestClass:
        def test_each(self, gazu_recorded, gazu_default):
            assert raw.get("data/rows/" + gazu.get_host()[-3:])

"""


def test_what_was_recorded_is_replayed_without_a_server(kitsu: Kitsu, run: Callable[..., str], tmp_path: Path) -> None:
    assert "10 passed" in run(ROUND, kitsu=kitsu)
    count = len(kitsu.server.requests)
    assert "10 passed" in run("", "-p", "no:randomly")
    assert "10 passed" in run("", "-p", "no:randomly", "-p", "no:cacheprovider")
    assert len(kitsu.server.requests) == count

    files = recordings(tmp_path)
    assert len(files) == len({path.name.lower() for path in files}) == 10
    assert all(re.fullmatch(r"[\w.-]+\.json", path.name, re.ASCII) for path in files)
    assert (tmp_path / "suite" / "recorded" / "test_it" / "test_rows.json") in files
    for path in files:
        text = path.read_text(encoding="utf-8")
        for secret in ("eyJ", "very-secret", "my dog", "studio.tv", str(kitsu.server.port), "127.0.0.1", "Set-Cookie"):
            assert secret not in text, path
        assert len(text) < 30_000  # no files of megabytes
        assert b"\r" not in path.read_bytes()
    told = json.loads((tmp_path / "suite" / "recorded" / "test_it" / "test_files.json").read_text(encoding="utf-8"))
    sent = [one["body"] for one in told["exchanges"] if one["request"] == "POST /api/pictures"]
    assert [[part.get("bytes") for part in parts][-1] for parts in sent] == [3, 3_000_000]
    assert sent[0][0]["value"].startswith("by person-")


RECORDED = """
raw.post("data/rows", {"name": "one"}, client=gazu_recorded)
raw.get("data/rows", client=gazu_recorded)
"""
#: What asks for something else, and what the error shows of it.
CHANGED = [
    ('raw.post("data/rows", {"name": "two"}, client=gazu_recorded)', ['- "name": "one"', '+ "name": "two"']),
    ('raw.get("data/row", client=gazu_recorded)', ["- GET /api/data/rows", "+ GET /api/data/row"]),
    ('[raw.get("data/rows", client=gazu_recorded) for _ in range(2)]', ["not played yet: it was recorded 1 time"]),
    ('raw.upload("files", os.path.abspath(__file__), client=gazu_recorded)', ["POST /api/files", '"sha256"']),
]


def test_what_was_not_recorded_is_told(kitsu: Kitsu, run: Callable[..., str]) -> None:
    """Also where the code under test catches all errors."""
    names = [f"test_{number}" for number in range(len(CHANGED) * 2)]
    tests = [f"def {name}(gazu_recorded):\n{textwrap.indent(RECORDED, '    ')}" for name in names]
    run("\n".join(tests), kitsu=kitsu)
    changes = [change for change, _ in CHANGED]
    changes += [f"try:\n    {change}\nexcept Exception:\n    pass" for change in changes]
    tests = [f"def {name}(gazu_recorded):\n{textwrap.indent(change, '    ')}" for name, change in zip(names, changes)]
    said = run("\n".join(tests), "-p", "no:randomly", status=1)
    assert "4 failed, 4 passed, 4 errors" in said
    reports = said.split("has no recording of")
    for name, report, (_, shown) in zip(names[4:] + names[:4], reports[1:], CHANGED * 2):
        assert "pytest --gazu-record" in report
        for text in shown:
            assert re.search(r"\s+".join(map(re.escape, text.split())), report.replace("E  ", "")), (name, text)


def test_a_test_that_fails_leaves_the_recording(kitsu: Kitsu, run: Callable[..., str], tmp_path: Path) -> None:
    test = """
    @pytest.fixture
    def ending():
        yield
        assert os.environ.get("FAIL") != "late"

    def test_it(gazu_recorded, ending):
        raw.get("data/rows/" + os.environ.get("ROW", "1"), client=gazu_recorded)
        assert os.environ.get("FAIL") != "now"
    """
    run(test, kitsu=kitsu, status=1, FAIL="now")
    assert not (tmp_path / "suite" / "recorded").exists()
    run(test, kitsu=kitsu)
    [path] = recordings(tmp_path)
    before = path.read_bytes()
    run(test, kitsu=kitsu, status=1, FAIL="now", ROW="2")
    run(test, kitsu=kitsu, status=1, FAIL="late", ROW="2")
    assert (recordings(tmp_path), path.read_bytes()) == ([path], before)
    run(test, kitsu=kitsu, ROW="2")
    assert recordings(tmp_path) == [path]
    assert path.read_bytes() != before
    run("", ROW="2")
    assert "no recording of" in run("", status=1, ROW="1")


def test_each_mistake_is_told_in_a_sentence(kitsu: Kitsu, run: Callable[..., str], tmp_path: Path) -> None:
    tests = """
    def test_new(gazu_recorded):
        pass

    def test_late(request):
        request.getfixturevalue("gazu_recorded")

    def test_broken(gazu_recorded):
        pass
    """
    broken = tmp_path / "suite" / "recorded" / "test_it" / "test_broken.json"
    broken.parent.mkdir(parents=True)
    broken.write_text("{", encoding="utf-8")
    late = {"GAZU_SANDBOX_HOST": kitsu.server.host, "GAZU_SANDBOX_PASSWORD": "x"}
    said = run(tests, "-k", "not late", status=1)
    assert "test_new.json: run pytest --gazu-record once" in said
    assert "test_broken.json is not a recording" in said
    assert "Traceback" not in said
    (tmp_path / "bare" / "sitecustomize.py").write_text("")
    assert "gazu_recorded came too late: put it among the arguments" in run("", "-k", "late", status=1, **late)
    (tmp_path / "bare" / "vcr.py").write_text("raise ImportError('no vcr')", encoding="utf-8")
    said = run("", "-k", "new", status=1)
    assert "gazu_recorded needs vcrpy (no vcr): pip install 'gazu-sandbox[recorded]'" in said


@pytest.mark.parametrize("swallowed", [False, True])
def test_the_event_stream_is_not_recorded(swallowed: bool, kitsu: Kitsu, run: Callable[..., str]) -> None:
    line = "gazu.events.init(client=gazu_recorded)"
    if swallowed:
        line = f"try:\n        {line}\n    except Exception:\n        pass"
    run("def test_it(gazu_recorded):\n    pass\n", kitsu=kitsu)
    for server in (kitsu, None):
        said = run(f"def test_it(gazu_recorded):\n    {line}\n", kitsu=server, status=1)
        assert "the event stream is not recorded: test it without gazu_recorded" in said


def test_the_example_of_the_documents_is_replayed(run: Callable[..., str], tmp_path: Path) -> None:
    shutil.rmtree(str(tmp_path / "suite"))
    shutil.copytree(str(EXAMPLE), str(tmp_path / "suite"), ignore=shutil.ignore_patterns("__pycache__"))
    assert "6 passed" in run("")
    said = run("", "-n", "2") if "xdist" in sys.modules else run("")
    assert "6 passed" in said
