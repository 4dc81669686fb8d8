"""What Windows and macOS do, made to happen here: files that are open elsewhere, other errors, and nothing of POSIX."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests.utils

from gazu import client as raw_client
from gazu import events
from gazu._http import filesystem, session
from gazu.exception import FileInUseException, TooBigFileException, TransportException
from gazu.workers import STEP_SECONDS

from .awaiting import awaiting
from .conftest import answer, early
from .test_environment import get
from .test_environment import proxy as proxy
from .test_environment import secure as secure
from .test_upload import MIB, sparse

ROOT = str(Path(__file__).parents[2])


def download(way, client, path):
    if way == "sync":
        return raw_client.download("movies/1", path, client=client)
    from gazu import aio

    return awaiting.run(aio.download("movies/1", path, client=awaiting.twin(client)))


@pytest.fixture(params=["sync", "async"])
def way(request, loop):
    """Both clients."""
    return request.param


# -- files that another program has open ----------------------------------------
def hold(monkeypatch, attempts):
    """Have renames refused so many times, as Windows does while another program has the target open."""
    replace, left = os.replace, [attempts]

    def refuse(source, target):
        if left[0]:
            left[0] -= 1
            raise PermissionError(13, "Permission denied", source)
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)


@pytest.mark.parametrize("attempts", [1, -1])
def test_download_onto_an_open_file(attempts, way, client, server, tmp_path, monkeypatch, naps):
    server.default = answer(b"new")
    path = tmp_path / "plate.exr"
    path.write_bytes(b"old")
    before = os.stat(str(path)).st_ino
    hold(monkeypatch, attempts)
    download(way, client, str(path))
    assert (os.stat(str(path)).st_ino == before) is (attempts == -1), "replaced, or written in place"
    assert (path.read_bytes(), os.listdir(str(tmp_path)), len(server.requests)) == (b"new", ["plate.exr"], 1)
    assert sum(naps) == pytest.approx(filesystem.RENAME_WAITS_SECONDS[0] if attempts == 1 else 2)


def test_download_onto_a_file_that_nobody_else_may_write(way, client, server, tmp_path, monkeypatch):
    server.default = answer(b"new")
    path = tmp_path / "plate.exr"
    path.write_bytes(b"old")
    hold(monkeypatch, -1)

    def opened(name, mode="r", *rest, **more):
        if str(name) == str(path) and "w" in mode:
            raise PermissionError(13, "Permission denied", name)
        return open(name, mode, *rest, **more)

    monkeypatch.setattr(filesystem, "open", opened, raising=False)
    with pytest.raises(FileInUseException, match="plate.exr is open in another program; the new file is") as caught:
        download(way, client, str(path))
    assert (path.read_bytes(), Path(caught.value.kept_path).read_bytes()) == (b"old", b"new")


def test_guard_of_open_files(tmp_path, open_files):
    """The fixture that all tests here have: what they do would be refused by Windows."""
    path = str(tmp_path / "file")
    with open(path, "wb"):
        for refused in (lambda: os.replace(path, path + "x"), lambda: os.unlink(path), lambda: os.rename(path, "x")):
            with pytest.raises(PermissionError):
                refused()
    assert len(open_files) == 3
    open_files.clear()
    os.replace(path, path + "x")
    os.remove(path + "x")
    assert open_files == []


# -- connections -----------------------------------------------------------------
@pytest.mark.parametrize("size", [1000, 3 * MIB])
def test_refusal_of_a_connection_that_windows_calls_aborted(size, client, server, tmp_path, monkeypatch):
    server.default = early(answer({"message": "too big"}, 413, {"Connection": "close"}))

    def abort(sock, data, *rest):
        raise ConnectionAbortedError(
            10053, "An established connection was aborted by the software in your host machine"
        )

    def send_head(sock, data, *rest):
        return sendall(sock, data, *rest) if bytes(data[:4]) == b"POST" else abort(sock, data)

    sendall = socket.socket.sendall
    monkeypatch.setattr(socket.socket, "send", abort)
    monkeypatch.setattr(
        socket.socket, "sendall", lambda sock, data, *rest: sendall(sock, data, *rest)
        if sock.getpeername()[1] != server.port else send_head(sock, data, *rest),
    )  # fmt: skip
    with pytest.raises(TooBigFileException, match="too big"):
        raw_client.upload("pictures", sparse(tmp_path / "movie.mov", size), client=client)


@pytest.fixture
def system(monkeypatch):
    """The proxies of the settings of Windows or macOS, which no variable tells; and the time."""
    proxies, clock = {}, [0.0]
    monkeypatch.setattr(requests.utils, "getproxies", lambda: dict(proxies))
    monkeypatch.setattr(session, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    return proxies, clock


def test_proxy_of_the_system_that_changes(system, proxy, client):
    proxies, clock = system
    assert get(client) == {}
    proxies["http"] = proxy.address
    assert get(client) == {}, "for a while, it is not looked up again"
    clock[0] += session.SETTINGS_TTL_SECONDS
    assert get(client) == {"by": "proxy"}
    del proxies["http"]
    clock[0] += session.SETTINGS_TTL_SECONDS
    assert get(client) == {}


def test_proxy_of_the_system_is_looked_up_after_a_failure(system, start, client, naps):
    """From the office to home: the retry goes the new way."""
    proxies, _ = system
    proxies["http"] = start(listening=False).address
    naps.then = proxies.clear
    assert get(client) == {} and len(naps) == 1


def test_proxy_of_the_system_in_the_event_loop(system, proxy, client, loop):
    from gazu import aio

    proxies, _ = system
    twin = awaiting.twin(client)
    assert awaiting.run(aio.get("data/rows", client=twin)) == {}
    proxies["http"] = proxy.address
    assert awaiting.run(aio.get("data/rows", client=twin)) == {"by": "proxy"}


def test_authority_of_a_domain_gets_the_hint_that_helps(way, secure, connect):
    client = connect(secure.host)
    with pytest.raises(TransportException) as caught:
        if way == "sync":
            get(client)
        else:
            from gazu import aio

            awaiting.run(aio.get("data/rows", client=awaiting.twin(client)))
    assert all(cure in str(caught.value) for cure in ("REQUESTS_CA_BUNDLE", "ssl_verify", ".pem", "truststore"))


# -- waits that Ctrl-C would not interrupt -----------------------------------------
@pytest.fixture
def limits(monkeypatch):
    """The limits of all waits for futures in this thread; None is forever."""
    import concurrent.futures._base as base
    import threading

    seen, here, wait = [], threading.get_ident(), threading.Event.wait
    condition_wait = threading.Condition.wait

    def event(self, timeout=None):
        if threading.get_ident() == here and sys._getframe(1).f_code.co_filename == base.__file__:
            seen.append(timeout)
        return wait(self, timeout)

    def condition(self, timeout=None):
        if threading.get_ident() == here and sys._getframe(1).f_code.co_filename == base.__file__:
            seen.append(timeout)
        return condition_wait(self, timeout)

    monkeypatch.setattr(threading.Event, "wait", event)
    monkeypatch.setattr(threading.Condition, "wait", condition)
    return seen


def slow(*args):
    import time

    time.sleep(0.05)
    return args


def test_waits_for_many_and_for_jobs_have_a_limit(limits):
    import gazu

    assert [outcome.result for outcome in gazu.parallel.call_many(slow, [(1,), (2,), (3,)], workers=2)] == [
        (1,),
        (2,),
        (3,),
    ]
    assert gazu.background.start(slow, 1).result() == (1,)
    assert gazu.background.start(slow, 1).exception() is None
    assert limits and set(limits) <= {STEP_SECONDS, gazu.background.STEP_SECONDS}


@pytest.mark.parametrize("system", ["posix", "nt"])
@pytest.mark.parametrize("error", [None, KeyError("of a handler")])
def test_run_client_waits_in_steps_on_windows(error, system, limits, monkeypatch):
    import threading

    threads = []

    class Stream:
        def wait(self):
            threads.append(threading.current_thread())
            if error is not None:
                raise error

    stream = Stream()
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", system)
        if error is None:
            assert events.run_client(stream) is stream
        else:
            with pytest.raises(KeyError, match="of a handler"):
                events.run_client(stream)
    assert (threads == [threading.main_thread()]) is (system == "posix")
    assert None not in limits


# -- without POSIX -----------------------------------------------------------------
WITHOUT_POSIX = """
import os, select, signal, sys
import asyncio, multiprocessing, subprocess  # those of Linux cannot load without
for name in ("fcntl", "pwd", "grp", "termios", "resource", "tty", "pty", "syslog", "posix_ipc"):
    sys.modules[name] = None
for name in (
    "fork", "forkpty", "register_at_fork", "getuid", "geteuid", "getgid", "getegid", "setresuid", "setsid", "killpg",
    "chown", "fchmod", "fchown", "getpgid", "uname", "wait", "WNOHANG", "mkfifo", "geteuid", "getgroups", "O_NONBLOCK",
):
    if hasattr(os, name):
        delattr(os, name)
for name in ("poll", "epoll"):
    if hasattr(select, name):
        delattr(select, name)
for name in ("SIGHUP", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGPIPE", "SIGCHLD", "pthread_kill", "pthread_sigmask"):
    if hasattr(signal, name):
        delattr(signal, name)
real_select = select.select

def select_sockets(*lists):
    import stat
    for one in (one for each in lists[:3] for one in each):
        number = one if isinstance(one, int) else one.fileno()
        assert stat.S_ISSOCK(os.fstat(number).st_mode), "Windows selects sockets only"
    return real_select(*lists)

select.select = select_sockets
import importlib, pkgutil
import gazu
left_out = {"gazu.cli.__main__", "gazu.sandbox"}  # the second runs on Linux and macOS only
for module in pkgutil.walk_packages(gazu.__path__, "gazu."):
    if module.name not in left_out:
        importlib.import_module(module.name)
host, folder = sys.argv[1:]
path = os.path.join(folder, "movie.mov")
with open(path, "wb") as file:
    file.truncate(3 * 1024 * 1024)
client = gazu.client.KitsuClient(host, access_token="token")
print(gazu.client.get("data/rows", client=client))
print(gazu.client.upload("pictures/1", path, client=client))
for name in ("new.mov", "movie.mov"):
    gazu.client.download("movies/1", os.path.join(folder, name), client=client)
print(sorted((name, os.stat(os.path.join(folder, name)).st_size) for name in os.listdir(folder)))
print([outcome.result for outcome in gazu.parallel.call_many(abs, [(-1,)])])

async def main():
    async with gazu.aio.AsyncKitsuClient(host, access_token="token") as client:
        print(await gazu.aio.get("data/rows", client=client))
        await gazu.aio.download("movies/1", os.path.join(folder, "new.mov"), client=client)

asyncio.run(main())
"""


def test_nothing_of_posix_is_needed(server, tmp_path):
    """Every module loads; reading, uploading and downloading work over `select` and threads, in both clients."""
    server.default = answer({"rows": 1})
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_POSIX, server.host, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": ROOT}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    rows = "{'rows': 1}"
    expected = [rows, rows, "[('movie.mov', 11), ('new.mov', 11)]", "[1]", rows]
    assert done.stdout.decode().split(os.linesep) == [*expected, ""]


SPAWNED = """
import multiprocessing, os, sys
from concurrent.futures import ProcessPoolExecutor
import gazu

if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    host, folder = sys.argv[1:]
    client = gazu.client.KitsuClient(host, access_token="token")
    items = [("movies/1", os.path.join(folder, f"{number}.mov"), None) for number in range(3)]
    with ProcessPoolExecutor(2) as executor:
        outcomes = gazu.parallel.call_many(gazu.client.download, items, executor=executor, client=client)
    print([outcome.error for outcome in outcomes])
"""


def test_processes_that_are_spawned(server, tmp_path):
    """Windows and macOS have no others."""
    server.default = answer({"rows": 1})
    script = tmp_path / "spawned.py"
    script.write_text(SPAWNED, encoding="utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, str(script), server.host, str(folder)],
        env={**os.environ, "PYTHONPATH": ROOT}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().strip() == "[None, None, None]"
    assert sorted(os.listdir(str(folder))) == ["0.mov", "1.mov", "2.mov"]
