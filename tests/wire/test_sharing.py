"""One client in many threads, in a forked child, and in another process."""

import importlib
import os
import shutil
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
        for turn in range(50):
            name = f"data/{thread}/{turn}"
            assert raw_client.get(name, client=client)["target"] == "/api/" + name
            assert raw_client.post(name, {"n": turn}, client=client)["body"] == '{"n": %d}' % turn

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(work, range(32)))
    assert len(server.requests) == 32 * 100
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


ROOT = os.path.dirname(os.path.dirname(os.path.abspath(gazu.__file__)))


def run(script, *arguments, root=ROOT, options=(), cwd=None):
    """Run *script* in an interpreter of its own and return what it prints."""
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]))
    done = subprocess.run(
        [sys.executable, *options, "-c", textwrap.dedent(script), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, env=environment, cwd=cwd,
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
            with client.refresh_lock, adapter.poolmanager.pools.lock:
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
            with client.refresh_lock:
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


def test_spawned_workers(server):
    server.default = echo
    said = run(
        """
        import sys
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context
        import gazu
        client = gazu.KitsuClient(sys.argv[1], access_token="access-token-1")
        gazu.client.get("data/rows", client=client)
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            jobs = [pool.submit(gazu.client.get, "data/%s" % n, client=client) for n in range(8)]
            print(*[job.result()["target"] for job in jobs])
        """,
        server.host,
    )
    assert said == [f"/api/data/{n}" for n in range(8)]


# -- where and how it is imported ----------------------------------------------
ROUND = """
    import os, sys
    assert not sys.argv[3:] or sys.modules.setdefault(sys.argv[3], None) is None
    import gazu
    gazu.set_host(sys.argv[1])
    client = gazu.client.default_client
    for call in (gazu.client.get, gazu.client.delete):
        call("data/rows")
    for call in (gazu.client.post, gazu.client.put):
        call("data/rows", {})
    path = os.path.join(sys.argv[2], "big")
    with open(path, "wb") as file:
        file.truncate(2 << 20)
    gazu.client.upload("pictures", path)
    gazu.client.download("pictures", path)
    gazu.client.fetch_all("rows", paginated=True)
    try:
        gazu.client.get("wrong")
    except gazu.exception.RouteNotFoundException:
        pass
    for name in gazu.__dir__():
        if name not in ("events", "cli"):
            getattr(gazu, name)
    client.session.close()
    print(os.path.getsize(path), gazu.__file__)
"""


def answers(exchange):
    if exchange.request.path.endswith("wrong"):
        return answer({"message": "no"}, 404)(exchange)
    return answer({"data": [], "nb_pages": 1})(exchange)


def test_import_from_a_zip(server, tmp_path):
    import shutil

    server.default = answers
    shutil.copytree(os.path.join(ROOT, "gazu"), str(tmp_path / "lib" / "gazu"))
    archive = shutil.make_archive(str(tmp_path / "gazu"), "zip", str(tmp_path / "lib"))
    size, place = run(ROUND, server.host, str(tmp_path), root=archive, cwd=str(tmp_path))
    assert place.startswith(archive)
    assert size == "27"


def test_import_as_part_of_another_package(server, tmp_path):
    """A copy in the package of a tool is another gazu than the one that the host program may have."""
    import shutil

    server.default = answers
    shutil.copytree(os.path.join(ROOT, "gazu"), str(tmp_path / "tool" / "vendor" / "gazu"))
    script = textwrap.dedent(ROUND).replace("import gazu\n", "from tool.vendor import gazu\n", 1)
    alone = "\nassert not [name for name in sys.modules if name.split('.')[0] == 'gazu'], sys.modules\n"
    size, place = run(script + alone, server.host, str(tmp_path), root=str(tmp_path), cwd=str(tmp_path))
    assert place.startswith(str(tmp_path / "tool"))
    assert size == "27"


def test_warnings_as_errors(server, tmp_path):
    """Neither our modules nor our sockets and files give any; those of others are not ours to judge."""
    server.default = answers
    others = [f"ignore:::{module}" for module in ("requests", "urllib3", "urllib3.util.ssl_")]
    options = [option for one in ["error", *others] for option in ("-W", one)]
    assert run(ROUND, server.host, str(tmp_path), options=options)[0] == "27"


@pytest.mark.parametrize("module", ["socketio", "orjson", "tqdm"])
def test_without_a_package_that_is_not_required(module, server, tmp_path):
    server.default = answers
    assert run(ROUND, server.host, str(tmp_path), module)[0] == "27"


def test_without_requests_the_error_says_what_to_do(tmp_path):
    said = run(
        """
        import sys
        sys.modules["requests"] = None
        import gazu
        try:
            gazu.client.get("data/rows")
        except ImportError as error:
            print(error)
        """
    )
    assert "requests" in said


def test_where_there_is_nothing_but_gazu(tmp_path):
    """A host that ships no requests: the import works, and a call says what is missing, in the background too."""
    package = os.path.dirname(os.path.abspath(gazu.__file__))
    shutil.copytree(package, str(tmp_path / "gazu"), ignore=shutil.ignore_patterns("__pycache__"))
    if sys.version_info < (3, 8):
        shutil.copy(importlib.import_module("typing_extensions").__file__, str(tmp_path))
    script = """if True:
        import sys
        sys.path.append(sys.argv[1])
        import gazu
        gazu.set_host("http://127.0.0.1:9/api")
        log_in = lambda: gazu.log_in("jane", "s3cret")
        for call in (log_in, lambda: gazu.background.start(log_in).result()):
            try:
                call()
            except ImportError as error:
                print(error)
        print(gazu.__file__.startswith(sys.argv[1]), "requests" in sys.modules)
    """
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", "-c", script, str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    first, second, last = done.stdout.decode().splitlines()
    assert first == second and "gazu needs the package requests" in first and "put it beside gazu" in first
    assert last == "True False" and b"s3cret" not in done.stdout


# -- names that attack -----------------------------------------------------------
ATTACKS = [
    "../../auth/logout", "..%2f..%2fauth", "a/b", "a\\b", "x?admin=true", "x#y", "x&y=z", "%00", "\x00", "a\r\nX-Evil: 1",
    "'; DROP TABLE persons; --", "<script>alert(1)</script>", "{{7*7}}", "$(reboot)", "\u202egnp.exe", "\U0001f47e",
    "\u00e9 \u65e5\u672c", " ", "x" * 5000, '"', "%s%n{0}", "http://evil.example/x", "//evil.example/x", "@evil.example",
]  # fmt: skip
ID = "0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"


@pytest.mark.parametrize("name", ATTACKS)
def test_name_that_attacks_arrives_as_it_is(name, client, server, tmp_path):
    from email.parser import BytesParser
    from urllib.parse import parse_qs

    server.default = answer([])
    assert raw_client.fetch_all("shots", {"name": name}, client=client) == []
    assert name in parse_qs(server.requests[0].query, keep_blank_values=True)["name"]
    server.default = answer({"id": ID})
    gazu.task.add_comment(ID, ID, name, client=client)
    assert server.requests[1].json()["comment"] == name
    raw_client.upload("pictures", files={"file": (name, b"x")}, data={"name": name}, client=client)
    form = server.requests[2]
    mail = BytesParser().parsebytes(b"Content-Type: " + form.headers["content-type"].encode() + b"\r\n\r\n" + form.body)
    assert [part.get_payload(decode=True) for part in mail.get_payload()] == [name.encode(), b"x"]
    assert [request.path.split("/")[2] for request in server.requests] == ["data", "actions", "pictures"]
    assert not any("x-evil" in request.headers for request in server.requests)


@pytest.mark.parametrize("name", [*ATTACKS, "", ".", "..", "../persons/" + ID, None, 7, [], {}, {"id": ""}])
def test_id_that_attacks_reaches_nothing(name, client, server):
    for call in (
        lambda: gazu.shot.get_shot(name, client=client),
        lambda: gazu.shot.all_shots_for_project({"id": name}, client=client),
        lambda: gazu.task.add_comment({"id": name}, ID, client=client),
        lambda: gazu.task.upload_preview_file({"id": name}, __file__, client=client),
        lambda: gazu.asset.remove_asset({"id": name}, client=client),
        lambda: raw_client.fetch_one("shots", name, client=client),
    ):
        try:
            call()
        except (ValueError, GazuException):
            pass
    for request in server.requests:
        assert request.path.count("/") == request.target.split("?")[0].count("/") <= 6
        assert not {".", ".."} & set(request.path.replace("%2F", "/").replace("%5C", "/").split("/"))
        assert request.target.startswith("/api/")
        assert "x-evil" not in request.headers
