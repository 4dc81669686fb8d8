"""One client in many threads, in a forked child, and in another process."""

import os
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import gazu
from gazu import client as raw_client
from gazu.cache import cache
from gazu.exception import GazuException

from .conftest import answer, reset


def echo(exchange):
    """Answer with what was asked."""
    request = exchange.request
    answer({"target": request.target, "body": request.body.decode(), "token": request.token})(exchange)


def test_threads_get_their_own_answers(client, server):
    server.default = echo
    start = threading.Barrier(32)

    def work(thread):
        start.wait(20)
        for turn in range(10):
            name = f"data/{thread}/{turn}"
            assert raw_client.get(name, client=client)["target"] == "/api/" + name
            assert raw_client.post(name, {"n": turn}, client=client)["body"] == '{"n": %d}' % turn

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(work, range(32)))
    assert len(server.requests) == 32 * 20
    assert server.connections <= 32


def test_threads_under_faults(client, server):
    lock = threading.Lock()
    count = [0]

    def sometimes(exchange):
        with lock:
            count[0] += 1
            bad = count[0] % 40 == 0
        return reset(exchange) if bad else echo(exchange)

    server.default = sometimes

    def work(thread):
        for turn in range(20):
            name = f"data/{thread}/{turn}"
            assert raw_client.get(name, client=client)["target"] == "/api/" + name

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(work, range(32)))


def test_threads_share_the_cache(client, server, monkeypatch):
    server.default = echo

    @cache
    def rows(name, client=client):
        return raw_client.get("data/" + name, client=client)

    monkeypatch.setitem(gazu.cache.cache_settings, "enabled", True)
    try:
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(rows, [str(number % 4) for number in range(200)]))
    finally:
        gazu.cache.cached_functions.remove(rows)
    assert [row["target"] for row in answers] == [f"/api/data/{number % 4}" for number in range(200)]
    infos = rows.get_cache_infos()
    assert infos["hits"] + infos["misses"] == 200
    assert infos["current_size"] == 4


def test_first_use_by_many_threads_makes_one_session(connect, server):
    client = connect(server.host)
    start = threading.Barrier(16)

    def work(_):
        start.wait(20)
        return id(client.session)

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(work, range(16)))) == 1


def test_connections_are_given_back(client, server, tmp_path):
    """Whatever the end of a call, its connection is free for the next one or closed."""

    def stop(done, total):
        raise RuntimeError("enough")

    for turn in range(20):
        server.script = [answer({"message": "no"}, 404), answer(b"x" * 5000, 500), answer(b"data")]
        for call in (
            lambda: raw_client.get("x", client=client),
            lambda: raw_client.download("x", str(tmp_path / "x"), client=client),
            lambda: raw_client.download("x", str(tmp_path / "x"), client=client, progress_callback=stop),
        ):
            with pytest.raises((GazuException, RuntimeError)):
                call()
    assert server.connections <= 21


def run(script, *arguments):
    """Run *script* in an interpreter of its own and return what it prints."""
    root = os.path.dirname(os.path.dirname(os.path.abspath(gazu.__file__)))
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]))
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode()
    return done.stdout.decode().split()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_fork_after_use(server):
    """Parent and children ask at once, over connections of their own."""
    server.default = echo
    said = run(
        """
        import os, sys
        import gazu
        gazu.set_host(sys.argv[1])
        gazu.client.get("data/parent")
        children = []
        for child in range(4):
            pid = os.fork()
            if pid == 0:
                try:
                    for turn in range(20):
                        name = "data/%s/%s" % (child, turn)
                        assert gazu.client.get(name)["target"] == "/api/" + name
                except BaseException:
                    import traceback
                    traceback.print_exc()
                    os._exit(1)
                os._exit(0)
            children.append(pid)
        for turn in range(20):
            name = "data/parent/%s" % turn
            assert gazu.client.get(name)["target"] == "/api/" + name
        print(*[os.waitpid(pid, 0)[1] for pid in children])
        """,
        server.host,
    )
    assert said == ["0"] * 4
    assert server.connections == 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_fork_while_another_thread_holds_the_locks(server):
    server.default = echo
    said = run(
        """
        import os, signal, sys, threading, warnings
        warnings.simplefilter("ignore")
        import gazu
        from gazu.cache import cache
        gazu.set_host(sys.argv[1])

        @cache
        def rows(client=gazu.client.default_client):
            return gazu.client.get("data/rows", client=client)

        gazu.cache.enable()
        rows()
        client = gazu.client.default_client
        held, done = threading.Event(), threading.Event()

        def hold():
            adapter = client.session.get_adapter(client.host)
            with client._lock, adapter.poolmanager.pools.lock:
                held.set()
                done.wait(30)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(30)
        pid = os.fork()
        if pid == 0:
            signal.alarm(20)
            gazu.client.get("data/child")
            rows()
            with client._lock:
                os._exit(0)
        status = os.waitpid(pid, 0)[1]
        done.set()
        thread.join()
        print(status)
        """,
        server.host,
    )
    assert said == ["0"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_fork_while_another_thread_is_in_the_cache(server):
    said = run(
        """
        import os, signal, threading, warnings
        warnings.simplefilter("ignore")
        import gazu
        from gazu.cache import cache

        @cache
        def double(number):
            return 2 * number

        gazu.cache.enable()
        double(0)  # has imported what it needs
        stop = threading.Event()

        def work():
            number = 0
            while not stop.is_set():
                number += 1
                double(number % 400)

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        states = []
        for _ in range(40):
            pid = os.fork()
            if pid == 0:
                signal.alarm(10)
                double(1)
                gazu.cache.clear_all()
                os._exit(0)
            states.append(os.waitpid(pid, 0)[1])
        stop.set()
        for thread in threads:
            thread.join()
        print(*set(states))
        """
    )
    assert said == ["0"]


def test_client_in_another_process(client, server):
    server.default = echo
    import pickle

    raw_client.get("x", client=client)
    said = run(
        """
        import pickle, sys
        import gazu
        client = pickle.loads(bytes.fromhex(sys.argv[1]))
        print(gazu.client.get("data/rows", client=client)["token"])
        """,
        pickle.dumps(client).hex(),
    )
    assert said == ["access-token-1"]
