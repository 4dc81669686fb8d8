"""Synchronous functions in asynchronous programs: `gazu.aio.call`."""

import asyncio
import contextvars
import copy
import pickle
import threading
import time

import pytest

import gazu
from gazu import aio
from gazu.exception import NotAuthenticatedException, RouteNotFoundException, TransportException

from .conftest import answer, reset
from .test_auth import EXPIRED, Tokens
from .test_publishing import LOST, ME, STATUS, TASK, Zou


@pytest.fixture
def run(loop):
    return loop.run


@pytest.fixture
def client(server, loop):
    return loop.connect(server.host, refresh_token="refresh-token-1")


@pytest.fixture
def zou(server, monkeypatch):
    return Zou(server, monkeypatch)


def get(client, path="data/rows"):
    return aio.call(gazu.client.get, path, client=client)


def add_comment(client, text="Ready"):
    return aio.call(gazu.task.add_comment, TASK, STATUS, text, client=client)


def test_functions_of_a_domain(client, server, run):
    server.default = answer([{"id": "1", "name": "b"}, {"id": "2", "name": "a"}])
    rows = run(aio.call(gazu.shot.all_shots_for_project, ME, client=client))
    assert [row["name"] for row in rows] == ["a", "b"]
    assert server.calls == [f"GET /api/data/projects/{ME}/shots"] and server.requests[0].token == "access-token-1"


def test_errors_are_those_of_the_function(client, server, run):
    server.default = answer({"message": "gone"}, 404)
    with pytest.raises(RouteNotFoundException, match="gone"):
        run(get(client))
    with pytest.raises(ValueError, match="for project"):
        run(aio.call(gazu.shot.all_shots_for_project, "no id", client=client))
    with pytest.raises(ValueError, match="expected an AsyncKitsuClient"):
        run(aio.call(gazu.client.get, "data/rows", client=gazu.client.default_client))
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", [StopIteration, KeyError, RuntimeError])
def test_whatever_a_callback_raises(kind, client, server, run, tmp_path):
    def fail(done, total):
        raise kind("mine")

    server.default = answer(b"x" * 100)
    work = aio.call(gazu.client.download, "movies/1", str(tmp_path / "x"), client=client, progress_callback=fail)
    # A coroutine cannot raise a StopIteration: Python makes a RuntimeError of it.
    with pytest.raises(RuntimeError if kind is StopIteration else kind):
        run(asyncio.wait_for(work, 20))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("fault", list(LOST))
def test_nothing_is_published_twice(fault, client, run, zou):
    zou.fates = [LOST[fault]]
    made = run(add_comment(client))
    assert made["text"] == "Ready" and len(zou.comments) == 1 and len(zou.posts) == 1


def test_call_again_after_a_loss_looks_first(client, run, zou):
    zou.fates, zou.late = [reset], 3  # the comment shows up after the last probe
    with pytest.raises(TransportException, match="repeating this call checks first"):
        run(add_comment(client))
    zou.late = 0
    assert run(add_comment(client))["id"] == zou.comments[0]["id"]
    assert len(zou.comments) == 1 and len(zou.posts) == 1


def test_upload_and_its_progress(client, server, run, tmp_path):
    path, seen = tmp_path / "a.png", []
    path.write_bytes(b"x" * 1000)
    run(
        aio.call(
            gazu.client.upload, "pictures/1", str(path), client=client, progress_callback=lambda *a: seen.append(a)
        )
    )
    assert seen[-1] == (1000, 1000) and b"x" * 1000 in server.requests[0].body


# -- one client --------------------------------------------------------------
def test_a_log_in_of_either_is_one_of_both(client, server, run):
    async def work():
        server.default = answer({"login": True, "access_token": "new", "refresh_token": "newer"})
        await aio.call(gazu.log_in, "a@b.c", "x", client=client)
        assert client.access_token == "new"
        await aio.get("data/rows", client=client)
        server.default = answer({"login": True, "access_token": "newest"})
        await aio.log_in("a@b.c", "x", client=client)
        await get(client)
        await aio.call(gazu.log_out, client=client)
        assert not client.access_token
        await get(client)

    run(work())
    assert [request.token for request in server.requests][1:] == ["new", "new", "newest", "newest", None]


def test_host_limits_and_budget_are_shared(client, server, start, run):
    other = start()
    run(aio.call(gazu.set_host, other.host, client=client))
    assert client.host == other.host
    client.retries = 1
    other.default = answer({}, 503, {"Retry-After": "0"})
    client.retry_budget.left = 1.5
    for _ in range(2):
        with pytest.raises(gazu.exception.ServerErrorException):
            run(get(client))
    assert len(other.requests) == 3 and client.retry_budget.left == 0.5 and not server.requests


def test_connections_are_kept(client, server, run):
    for _ in range(3):
        run(get(client))
    assert server.connections == 1


def test_at_once(client, server, run):
    together = threading.Barrier(30)

    def all_together(exchange):
        together.wait(20)
        answer({})(exchange)

    server.default = all_together

    async def work():
        await asyncio.gather(*(get(client) for _ in range(30)))

    run(work())
    assert len(server.requests) == 30


def test_token_is_refreshed_once_for_tasks_and_threads(client, server, run):
    tokens = Tokens(server)

    async def work():
        for number in range(2, 5):
            tokens.good = f"access-token-{number}"
            threads = [get(client) for _ in range(8)]
            await asyncio.gather(*threads, *(aio.get("data/rows", client=client) for _ in range(8)))

    run(work())
    assert tokens.refreshes == 3


@pytest.mark.parametrize("is_coroutine", [False, True])
def test_callback_is_called_in_the_loop(is_coroutine, server, loop, run):
    seen = []

    async def ask(asked, path):
        await asyncio.sleep(0)
        return said(asked, path)

    def said(asked, path):
        seen.append((asked, path, asyncio.get_running_loop()))
        asked.access_token = "good"
        return True

    client = loop.connect(server.host, callback_not_authenticated=ask if is_coroutine else said)
    server.script = [answer(EXPIRED, 401), answer(["good"])]
    assert run(get(client)) == ["good"]
    assert seen == [(client, "data/rows", loop.loop)]
    assert server.requests[-1].token == "good"


def test_without_a_callback_the_error_is_raised(client, server, run):
    server.default = answer({"message": "no"}, 401)
    with pytest.raises(NotAuthenticatedException):
        run(get(client))
    assert len(server.requests) == 1


def test_other_clients_among_the_arguments(client, server, start, loop, run):
    other = start()
    other.default = answer([1])
    second = loop.connect(other.host)

    def both(client_source, client_target, client):
        return [gazu.client.get("data/rows", client=one) for one in (client_source, client_target, client)]

    assert run(aio.call(both, client, client_target=second, client=client)) == [{}, [1], {}]


def test_context_variables_are_seen(run):
    variable = contextvars.ContextVar("variable", default="no")
    variable.set("yes")
    assert run(aio.call(variable.get)) == "yes"


def test_no_client_is_the_default_one(server, run, monkeypatch):
    monkeypatch.setattr(gazu.client.default_client, "host", server.host)
    assert run(aio.call(gazu.client.get, "data/rows")) == {}


def test_copies_are_clients_of_their_own(client, server, run):
    def ways(client):
        return [copy.copy(client), copy.deepcopy(client), pickle.loads(pickle.dumps(client))]

    client.callback_not_authenticated = lambda client, path: True  # cannot be pickled
    for other in run(aio.call(ways, client=client)):
        assert type(other) is gazu.KitsuClient and other.tokens == client.tokens and other.host == client.host
        assert gazu.client.get("data/rows", client=other) == {} and other.session is not client._session
        other.session.close()


# -- cancellation ------------------------------------------------------------
def test_a_cancelled_task_ends_when_the_function_has(client, server, run, zou):
    begun, go_on = threading.Event(), threading.Event()

    def slow(exchange):
        begun.set()
        go_on.wait(20)
        reset(exchange)

    async def work():
        zou.fates = [slow]
        task = asyncio.ensure_future(add_comment(client))
        while not begun.is_set():
            await asyncio.sleep(0.01)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=0.1)
        assert not done
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 20)
        # Whatever came of it is done; nobody is at work any more, and the comment is there once.
        return len(server.requests)

    requests = run(work())
    time.sleep(0.05)
    assert len(server.requests) == requests and len(zou.comments) == 1 and len(zou.posts) == 1
    assert run(add_comment(client, "Another"))["text"] == "Another"


def test_client_closes_all(server, run):
    async def work():
        async with aio.AsyncKitsuClient(server.host, access_token="x") as client:
            await get(client)
            threads = client.of_loop().threads
            session = client._session
        return threads, session

    threads, session = run(work())
    with pytest.raises(RuntimeError):
        threads.submit(print)
    assert server.calls[-1] == "GET /api/auth/logout"
    assert all(not adapter.poolmanager.pools for adapter in session.adapters.values())
