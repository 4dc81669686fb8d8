"""No secret in any output: what reporters with their defaults, debuggers and test suites show of failing calls."""

import importlib.util
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import gazu
from gazu import aio
from gazu import client as raw_client

from ..leaks import leaks, of_frame, text_of
from .conftest import answer, hang
from .failing import CASES

ROOT = Path(__file__).parents[2]
SECRETS = {
    "ACCESS": "the-access-token", "REFRESH": "the-refresh-token", "PASSWORD": "the-password", "CODE": "the-code-123",
    "SHARE": "the-share-token",
}  # fmt: skip


def refuse(exchange):
    """Refuse everything, each in its way."""
    path = exchange.request.path
    if path.endswith("auth/login"):
        return answer({"login": False, "message": "Wrong email or password."}, 400)(exchange)
    if path.startswith("/api/pictures"):
        return answer({"message": "The disk is full."}, 500)(exchange)
    if path.startswith("/socket.io"):
        return answer("no stream", 400)(exchange)
    if "share" in path:
        return answer({"message": "Not found."}, 404)(exchange)
    return answer({"message": "Signature has expired"}, 401)(exchange)


@pytest.fixture
def run(server, start, tmp_path):
    """Run Python in a process of its own, and return all that it prints."""
    server.default = refuse
    file = tmp_path / "picture.png"
    file.write_bytes(bytes(2 * 1024 * 1024))
    paths = os.pathsep.join([str(ROOT), str(ROOT / "sandbox"), *filter(None, [os.environ.get("PYTHONPATH")])])
    settings = {f"SECRET_{name}": value for name, value in SECRETS.items()}
    settings.update(HOST=server.host, DOWN=start(listening=False).host, FILE=str(file), PYTHONPATH=paths)
    environment = {**os.environ, **settings, "PYTHONIOENCODING": "utf-8", "IPYTHONDIR": str(tmp_path / "ipython")}

    def run(*arguments):
        ran = subprocess.run(
            [sys.executable, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=tmp_path,
        )
        return ran.stdout.decode("utf-8", "replace")

    return run


def told(text):
    """Return the lines that tell a secret."""
    return [
        line[max(0, line.index(secret) - 200) :][:300]
        for line in text.splitlines()
        for secret in SECRETS.values()
        if secret in line
    ]


def is_installed(name):
    return importlib.util.find_spec(name) is not None


REPORTERS = {"sentry": "sentry_sdk", "loguru": "loguru", "ipython": "IPython", "rich": "rich", "logging": "logging"}


@pytest.mark.parametrize("reporter", [name for name, package in REPORTERS.items() if is_installed(package)])
def test_reporter_with_its_defaults(reporter, run):
    text = run("-m", "tests.wire.failing", reporter)
    if reporter == "sentry":  # its instrument of http.client tells the address of each request
        text = re.sub(r'("url":"[^"]*/share/)' + SECRETS["SHARE"], r"\1", text)
    assert told(text) == []
    assert text.count("AuthFailedException") > 1, text
    for error in ("ConnectionFailed", "NotAuthenticatedException", "ServerErrorException", "RouteNotFoundException"):
        assert error in text
    assert text.count("connected to") == 0


@pytest.mark.parametrize(
    "options", [(), ("-l",), ("--showlocals", "--tb=long", "-vv"), ("--tb=native",), ("--full-trace",)]
)
def test_pytest(options, run, tmp_path):
    lines = ["from tests.wire import failing"]
    lines += [f"def test_{name}():\n    failing.{name}()" for name in CASES]
    (tmp_path / "test_failing.py").write_text("\n".join(lines))
    quiet = ("-p", "no:cacheprovider", "-p", "no:randomly", "-o", "log_level=DEBUG", "--rootdir", str(tmp_path))
    text = run("-m", "pytest", *quiet, *options, "test_failing.py")
    lines = told(text)
    # urllib3 logs the address of each request on its own, with the token of a share link.
    assert [line for line in lines if "connectionpool.py" not in line or SECRETS["SHARE"] not in line] == []
    assert f"{len(CASES)} failed" in text


def test_what_is_tested_would_be_told(run):
    """The same search finds a secret that somebody shows."""
    assert told(run("-c", "import os; password = os.environ['SECRET_PASSWORD']; print([password])"))


# -- within one process ----------------------------------------------------------
def test_frames_of_a_request_that_waits(server, connect):
    """What a watchdog shows that walks through the frames of all threads."""
    server.default = hang
    client = connect(server.host, access_token=SECRETS["ACCESS"], timeout=20)
    thread = threading.Thread(target=_swallow, args=(client,), daemon=True)
    thread.start()
    assert server.received(1) == 1
    time.sleep(0.1)  # until it waits
    frame, texts = sys._current_frames()[thread.ident], []
    while frame is not None:
        texts += of_frame(frame)
        frame = frame.f_back
    server.close()
    thread.join()
    assert any("getresponse" in place for place, _ in texts)
    assert [place for place, text in texts for secret in SECRETS.values() if secret in text] == []


def _swallow(client):
    try:
        gazu.log_in("jane", SECRETS["PASSWORD"], client=client)
    except gazu.exception.GazuException:
        pass


def test_callback_that_raises_within_an_upload(client, folder, loop):
    """The frames of the callback keep their variables, those of the HTTP stack do not."""
    client.access_token = SECRETS["ACCESS"]

    def progress(done, total):
        mine = "still here"
        raise KeyError(len(mine))

    for upload in (
        lambda: raw_client.upload("pictures", str(folder / "big"), progress_callback=progress, client=client),
        lambda: loop.run(
            aio.upload("pictures", str(folder / "big"), progress_callback=progress, client=loop.twin(client))
        ),
    ):
        with pytest.raises(KeyError) as caught:
            upload()
        assert leaks(caught.value, SECRETS.values()) == []
        assert caught.traceback[-1].frame.f_locals["mine"] == "still here"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "big").write_bytes(bytes(2 * 1024 * 1024))
    return tmp_path


@pytest.mark.parametrize("word", ["/", "#", "?", "@", ":", "1/", "#/?@"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_password_of_a_proxy_with_odd_letters(scheme, word, monkeypatch, connect, loop, start, caplog):
    port = start(listening=False).port
    monkeypatch.setenv(f"{scheme}_proxy", f"http://jane:{word}the-password@127.0.0.1:{port}")
    client = connect(f"{scheme}://kitsu.example/api", retries=0)
    for call in (
        lambda: raw_client.get("x", client=client),
        lambda: loop.run(aio.get("x", client=loop.twin(client))),
        lambda: gazu.events.init(client, reconnection=False),
    ):
        with pytest.raises(Exception) as caught:
            call()
        assert leaks(caught.value, ["the-password"]) == []
    assert "the-password" not in caplog.text


@pytest.mark.parametrize("word", ["/", "#", "?", "@", ":", "1/", "#/?@"])
def test_password_of_a_host_with_odd_letters(word, connect, start, caplog, loop):
    port = start(listening=False).port
    client = connect(f"http://jane:{word}the-password@127.0.0.1:{port}/api", retries=0)
    assert "the-password" not in repr(client) + text_of(vars(client))
    for call in (
        lambda: raw_client.get("x", client=client),
        lambda: loop.run(aio.get("x", client=loop.twin(client))),
        lambda: gazu.events.init(client, reconnection=False),
        lambda: raw_client.get_file_data_from_url(f"{client.host}/x", True, client=client),
        lambda: gazu.helpers.download_file(f"{client.host}/x"),
    ):
        with pytest.raises(Exception) as caught:
            call()
        assert leaks(caught.value, ["the-password"]) == []
    raw_client.host_is_up(client=client)
    assert "the-password" not in caplog.text
