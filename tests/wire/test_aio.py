"""The asynchronous client; what its verbs have in common with the others is in test_matrix.py."""

import asyncio
import copy
import gc
import logging
import os
import pathlib
import pickle
import ssl
import subprocess
import sys
import threading
import time
import traceback
import tracemalloc
from types import SimpleNamespace

import aiohttp
import pytest
import requests

import gazu
from gazu import aio, connection, sessions
from gazu import client as raw_client
from gazu._http import async_session
from gazu._http.multipart import Multipart
from gazu.aio import AsyncKitsuClient
from gazu.exception import (
    AuthFailedException,
    GazuException,
    HostException,
    NoSessionException,
    NotAuthenticatedException,
    PreviewFileProcessingException,
    RouteNotFoundException,
    ServerErrorException,
    TooBigFileException,
    TransportException,
    UploadFailedException,
)

from .conftest import PATIENCE, answer, early, hang, head, raw, reset, then_close
from .test_auth import EXPIRED, SECRETS, Tokens
from .test_download import BIG, DATA, ETAG, MIB, cut, piecewise
from .test_environment import CERTIFICATE, OURS
from .test_upload import form_of, sparse


@pytest.fixture
def run(loop):
    """Run a coroutine to its end."""
    return loop.run


@pytest.fixture
def client(server, loop):
    """A client of the server, with an access token and a refresh token."""
    return loop.connect(server.host, refresh_token="refresh-token-1")


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "target").write_bytes(b"old")
    return folder


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def get(client, path="data/rows", **options):
    return aio.get(path, client=client, **options)


def download(client, folder, **options):
    return aio.download("movies/1", str(folder / "target"), client=client, **options)


# -- what the verbs send and return ----------------------------------------------
def test_verbs(client, server, run):
    async def calls():
        assert await get(client, params={"a": "b c", "l": [1, 2]}) == {}
        assert await aio.get("/data/r\u00f6ws?x=1", False, client=client) == "{}"
        assert await aio.post("data/rows", {"id": None}, client=client) == {}
        assert await aio.put("data/rows", None, client=client) == {}
        assert await aio.delete("data/rows/1", {"force": True}, client=client) == "{}"
        assert await aio.fetch_one("rows", "a/b", client=client) == {}
        assert await aio.create("rows", {"name": "x"}, client=client) == {}
        assert await aio.update("rows", "1", {"name": "y"}, client=client) == {}

    run(calls())
    assert server.calls == [
        "GET /api/data/rows?a=b+c&l=1&l=2", "GET /api/data/r%C3%B6ws?x=1", "POST /api/data/rows", "PUT /api/data/rows",
        "DELETE /api/data/rows/1?force=True", "GET /api/data/rows/a%2Fb", "POST /api/data/rows", "PUT /api/data/rows/1",
    ]  # fmt: skip
    assert [request.body for request in server.requests[2:4]] == [b'{"id": null}', b"null"]
    assert server.requests[6].json() == {"name": "x"}
    assert {request.token for request in server.requests} == {"access-token-1"}
    assert {request.headers["content-type"] for request in server.requests if request.body} == {"application/json"}
    assert server.connections == 1


def test_both_clients_send_the_same(client, server, run, connect):
    """But for what the libraries below say of themselves."""
    path = "data/r\u00f6ws?a=b c"
    other = connect(server.host)
    raw_client.get(path, client=other)
    raw_client.post("data/rows", {"a": [1]}, client=other)
    raw_client.delete("data/rows", {"force": True}, client=other)
    assert raw_client.delete("data/rows", client=other, data={"a": 1}, json_response=True) == {}
    run(get(client, path))
    run(aio.post("data/rows", {"a": [1]}, client=client))
    run(aio.delete("data/rows", {"force": True}, client=client))
    assert run(aio.delete("data/rows", client=client, data={"a": 1}, json_response=True)) == {}
    said = [
        (r.method, r.target, r.body, {k: v for k, v in r.headers.items() if k not in ("accept-encoding", "connection")})
        for r in server.requests
    ]
    assert said[:4] == said[4:]


def test_lists(client, server, run):
    server.script = [answer([1, 2]), answer([3]), answer([])]
    assert run(aio.fetch_all("rows", {"a": 1}, client=client, fields=["b", "c"])) == [1, 2]
    assert run(aio.fetch_first("rows", client=client)) == 3
    assert run(aio.fetch_first("rows", client=client)) is None
    assert server.calls == ["GET /api/data/rows?a=1&fields=b%2Cc", *["GET /api/data/rows"] * 2]


def test_several_values_of_a_filter(client, server, run):
    """They are sent as the synchronous functions send them."""
    server.default = answer([])
    ids = ["a24a6ea4-ce75-4665-a070-57453082c25b"]
    readers = [
        lambda params: aio.fetch_all("rows", params, client=client),
        lambda params: aio.fetch_first("rows", params, client=client),
        lambda params: get(client, params=params),
    ]
    for read in readers:
        run(read({"id": ids}))
        with pytest.raises(ValueError, match="cannot filter by name="):
            run(read({"name": ["a"]}))
    assert server.calls == ["GET /api/data/rows?id=%5B%22" + ids[0] + "%22%5D"] * 3


def page_of(exchange):
    number = int(exchange.request.query.split("page=")[1].split("&")[0])
    answer({"data": [number], "nb_pages": 30})(exchange)


def test_pages_come_at_once_and_in_order(client, server, run):
    together = threading.Barrier(raw_client.PAGES_AT_ONCE)

    def meet(exchange):
        together.wait(PATIENCE)
        page_of(exchange)

    server.script = [page_of, page_of, *[meet] * raw_client.PAGES_AT_ONCE]
    server.default = page_of
    params = {"a": 1}
    assert run(aio.fetch_all("rows", params, client=client, paginated=True, limit=1)) == list(range(1, 31))
    with pytest.raises(ValueError, match="limit"):
        run(aio.fetch_all("rows", params, client=client, paginated=True, limit=0))
    assert params == {"a": 1}
    assert len(server.requests) == 30


def test_page_that_fails_ends_the_others(client, server, run):
    server.script = [page_of, page_of, answer({}, 404)]
    server.default = hang
    with pytest.raises(RouteNotFoundException):
        run(aio.fetch_all("rows", client=client, paginated=True))
    server.default = answer({})
    assert run(get(client)) == {}


def test_a_client_is_needed(run, connect, server):
    for other in (None, connect(server.host)):
        for call in (
            lambda other: aio.get("x", client=other),
            lambda other: aio.post("x", {}, client=other),
            lambda other: aio.upload("x", CERTIFICATE, client=other),
            lambda other: aio.download("x", "y", client=other),
            lambda other: aio.log_in("jane", "x", client=other),
            aio.log_out,
            aio.check_server_status,
        ):
            with pytest.raises(ValueError, match="client: expected an AsyncKitsuClient, got"):
                run(call(other))
    assert server.requests == []


@pytest.mark.parametrize("wrong", [0, -1, "fast", (1,), (1, 2, 3)])
def test_a_timeout_that_makes_no_sense_is_refused(wrong, client, server, run):
    with pytest.raises(ValueError, match="timeout: expected seconds"):
        run(get(client, timeout=wrong))
    with pytest.raises(ValueError, match="timeout: expected seconds"):
        AsyncKitsuClient(server.host, timeout=wrong)
    assert server.requests == []


def test_large_body(client, server, run):
    text = "x" * (3 * MIB)
    assert run(aio.post("import/rows", [text], client=client)) == {}
    assert server.requests[0].json() == [text]


def test_write_is_seen_by_what_is_remembered(client, server, run, connect):
    other = connect(server.host)
    gazu.cache.enable()
    try:
        gazu.project.all_projects(client=other)
        gazu.project.all_projects(client=other)
        assert len(server.requests) == 1
        run(aio.post("data/projects", {}, client=client))
        gazu.project.all_projects(client=other)
        assert len(server.requests) == 3
    finally:
        gazu.cache.disable()
        gazu.cache.clear_all()


# -- errors ------------------------------------------------------------------------
@pytest.mark.parametrize(
    "fault, kinds",
    [
        (reset, (aiohttp.ClientConnectionError, requests.exceptions.ConnectionError)),
        (raw(), (aiohttp.ClientConnectionError, requests.exceptions.ConnectionError)),
        (raw(head(200, {"Content-Length": 9}), b"["), (aiohttp.ClientPayloadError, requests.exceptions.ChunkedEncodingError)),
        (hang, (aiohttp.ServerTimeoutError, asyncio.TimeoutError, requests.exceptions.ReadTimeout)),
        (answer(b"not packed", headers={"Content-Encoding": "gzip"}), (aiohttp.ClientPayloadError, requests.exceptions.ContentDecodingError)),
        (answer(status=302, headers={"Location": "/api/data/rows"}), (aiohttp.ClientError, requests.exceptions.TooManyRedirects)),
        (raw(b"HELLO\r\n\r\n"), (aiohttp.ClientError, requests.exceptions.ConnectionError)),
    ],
)  # fmt: skip
def test_no_answer_is_an_error_of_ours_and_of_both_libraries(fault, kinds, client, server, run):
    server.default, client.retries = fault, 0
    for kind in (GazuException, TransportException, *kinds):
        with pytest.raises(kind) as caught:
            run(get(client, timeout=0.3 if fault is hang else None))
    error = caught.value
    assert (error.method, error.path, error.sent) == ("GET", "data/rows", True)
    copied = pickle.loads(pickle.dumps(error))
    assert (type(copied), str(copied), copied.sent) == (type(error), str(error), True)
    assert error.__context__ is error.__cause__ or error.__context__ is None


def test_connection_that_is_never_made(loop, run, monkeypatch):
    import socket

    with socket.socket() as full:  # whose queue of connections is full
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        others = [socket.socket() for _ in range(3)]
        for other in others:
            other.setblocking(False)
            other.connect_ex(full.getsockname())
        client = loop.connect(f"http://jane:my-password@127.0.0.1:{full.getsockname()[1]}/api", retries=0)
        for kind in (requests.exceptions.ConnectTimeout, aiohttp.ServerTimeoutError, TransportException):
            with pytest.raises(kind) as caught:
                run(get(client, params={"email": "jane"}, timeout=(0.2, 5)))
        for other in others:
            other.close()
    assert not caught.value.sent
    assert "jane" not in str(caught.value)


def test_down_server_gets_a_post_later(start, loop, run, naps):
    late = start(listening=False)
    client = loop.connect(late.host)
    naps.then = lambda: late.listen() if not late.threads else None
    assert run(aio.post("data/rows", {}, client=client)) == {}
    assert (len(naps), len(late.requests)) == (1, 1)


@pytest.mark.parametrize(
    "host, kind, words",
    [
        ("kitsu/api", requests.exceptions.MissingSchema, "must begin with https"),
        ("ftp://kitsu/api", requests.exceptions.InvalidSchema, "must begin with https"),
        ("http://", requests.exceptions.InvalidURL, "GET http"),
        ("http://gazu.change.serverhost/api", requests.exceptions.ConnectionError, "the host was never set"),
        ("http://no-such-host.invalid/api", aiohttp.ClientConnectionError, "GET http"),
    ],
)
def test_bad_address(host, kind, words, loop, run):
    with pytest.raises(kind, match=words) as caught:
        run(get(loop.connect(host, retries=0)))
    assert isinstance(caught.value, TransportException)


def test_stale_connection_costs_a_post_nothing(client, server, run):
    """Though the loop had no time to see that it was closed."""

    async def calls():
        await get(client)
        assert server.idle.wait(PATIENCE)
        return await aio.post("data/rows", {}, client=client)

    server.script = [then_close(answer({}))]
    assert run(calls()) == {}
    assert len(server.requests) == 2


def test_check_status(client, server, run):
    async def check(status, body=None, **settings):
        server.script = [answer({} if body is None else body, status)]
        for name, value in settings.items():
            setattr(client, name, value)
        async with client.session.get(server.host) as response:
            return await aio.check_status(response, "data/x", client)

    assert run(check(200)) == (200, False)
    with pytest.raises(RouteNotFoundException, match="data/x: why") as caught:
        run(check(404, {"message": "why"}))
    assert (caught.value.status_code, caught.value.method) == (404, "GET")
    with pytest.raises(ServerErrorException):
        run(check(503, "<html>"))
    server.default = answer({"access_token": "access-token-2"})
    assert run(check(401, EXPIRED)) == (401, True)
    assert client.access_token == "access-token-2"
    with pytest.raises(NotAuthenticatedException):
        run(check(401, EXPIRED, use_refresh_token=False))


@pytest.mark.parametrize("act, up", [(answer({}), True), (answer({}, 404), False), (reset, False), (answer({}, 503), False)])  # fmt: skip
def test_check_server_status(act, up, client, server, run):
    server.default = act
    assert run(aio.check_server_status(client)) is up
    assert set(server.calls) == {"HEAD /api"}
    client.host = "nowhere"
    assert run(aio.check_server_status(client)) is False


# -- tokens --------------------------------------------------------------------------
@pytest.mark.parametrize("status", [401, 422])
@pytest.mark.parametrize(
    "call",
    [
        get,
        lambda client: aio.post("data/rows", {}, client=client),
        lambda client: aio.put("data/rows", {}, client=client),
        lambda client: aio.delete("data/rows", client=client),
    ],
)
def test_expired_token_is_renewed(call, status, client, server, run):
    tokens, kept = Tokens(server, status), client.tokens
    assert run(call(client))
    assert [request.token for request in server.requests] == ["access-token-1", "refresh-token-1", "access-token-2"]
    assert client.tokens is kept
    assert client.tokens == {"access_token": "access-token-2", "refresh_token": "refresh-token-1"}
    run(call(client))
    assert tokens.refreshes == 1


def gathered(works):
    async def gather():
        return await asyncio.gather(*works, return_exceptions=True)

    return gather()


def test_tasks_renew_once(client, server, run):
    tokens = Tokens(server)
    assert run(gathered([get(client) for _ in range(32)])) == [{"id": "1"}] * 32
    assert tokens.refreshes == 1


def test_dead_refresh_token_is_tried_once(client, server, run):
    tokens = Tokens(server, refresh=answer(EXPIRED, 401))
    errors = run(gathered([get(client) for _ in range(16)]))
    assert {type(error) for error in errors} == {NotAuthenticatedException}
    assert tokens.refreshes == 1


def test_renewal_that_is_cancelled_is_made_by_another(client, server, run):
    tokens = Tokens(server)
    waiting = threading.Event()

    def first(exchange):
        waiting.set()
        tokens.refresh = None
        return hang(exchange)

    tokens.refresh = first

    async def calls():
        renewing = asyncio.ensure_future(get(client))  # alone: with others, any of them could be the one that renews
        while not waiting.is_set():
            await asyncio.sleep(0.01)
        others = [asyncio.ensure_future(get(client)) for _ in range(3)]
        while len(server.requests) < 5:
            await asyncio.sleep(0.01)
        renewing.cancel()
        return await asyncio.gather(renewing, *others, return_exceptions=True)

    cancelled, *others = run(calls())
    assert isinstance(cancelled, asyncio.CancelledError)
    assert others == [{"id": "1"}] * 3
    assert tokens.refreshes == 2


@pytest.mark.parametrize("refresh", [answer({}), answer([]), answer("<html>"), reset, answer("x", 500)])
def test_renewal_that_fails_leaves_the_tokens(refresh, client, server, run):
    tokens = Tokens(server, refresh=refresh)
    with pytest.raises(GazuException):
        run(get(client))
    assert client.tokens == {"access_token": "access-token-1", "refresh_token": "refresh-token-1"}
    tokens.refresh = None
    if refresh is reset:  # which says nothing about the session
        assert run(get(client)) == {"id": "1"}


def test_renewal_only_where_it_is_wanted(server, loop, run):
    tokens = Tokens(server)
    for client in (loop.connect(server.host), loop.connect(server.host, refresh_token="r", use_refresh_token=False)):
        with pytest.raises(NotAuthenticatedException):
            run(get(client))
    with pytest.raises(NotAuthenticatedException, match="no refresh token"):
        run(loop.connect(server.host).refresh_access_token())
    assert tokens.refreshes == 0


def logs_in(client, path):
    client.access_token = "access-token-2"
    return True


async def logs_in_soon(client, path):
    await asyncio.sleep(0)
    return logs_in(client, path)


@pytest.mark.parametrize("callback", [logs_in, logs_in_soon, lambda client, path: logs_in_soon(client, path)])
def test_callback_that_logs_in(callback, server, loop, run):
    Tokens(server)
    assert run(get(loop.connect(server.host, callback_not_authenticated=callback))) == {"id": "1"}


def test_callback_is_asked_when_the_refresh_token_is_dead(server, loop, run):
    Tokens(server, refresh=answer(EXPIRED, 401))
    client = loop.connect(server.host, refresh_token="old", callback_not_authenticated=logs_in_soon)
    assert run(get(client)) == {"id": "1"}


def test_callback_is_asked_again_after_it_said_no(server, loop, run):
    tokens = Tokens(server, refresh=answer(EXPIRED, 401))
    answers = [False, True]

    def callback(client, path):
        said = answers.pop(0)
        return said and logs_in(client, path)

    client = loop.connect(server.host, refresh_token="old", callback_not_authenticated=callback)
    with pytest.raises(NotAuthenticatedException):
        run(get(client))
    assert run(get(client)) == {"id": "1"}
    assert tokens.refreshes == 1


def test_tasks_that_find_the_session_over_ask_the_callback(server, loop, run):
    tokens = Tokens(server, refresh=answer(EXPIRED, 401))
    asked = []

    async def callback(client, path):
        asked.append(path)
        while len(asked) < 2:
            await asyncio.sleep(0.01)
        return logs_in(client, path)

    client = loop.connect(server.host, refresh_token="old", callback_not_authenticated=callback)
    assert run(asyncio.wait_for(gathered([get(client) for _ in range(2)]), PATIENCE)) == [{"id": "1"}] * 2
    assert tokens.refreshes == 1


def test_callback_that_says_no_and_one_that_says_yes_for_ever(server, loop, run):
    Tokens(server)

    async def no(client, path):
        return False

    for callback, most in ((no, 1), (lambda client, path: True, 3)):
        del server.requests[:]
        with pytest.raises(NotAuthenticatedException):
            run(get(loop.connect(server.host, callback_not_authenticated=callback)))
        assert 1 <= len(server.requests) <= most


def test_callback_that_raises(server, loop, run):
    async def callback(client, path):
        raise KeyError("no keyring")

    Tokens(server)
    with pytest.raises(KeyError):
        run(get(loop.connect(server.host, callback_not_authenticated=callback)))


# -- log-in and log-out ----------------------------------------------------------------
LOGGED_IN = {"login": True, "user": {"id": "7"}, "access_token": "a", "refresh_token": "r"}


def test_session(server, run):
    server.default = answer(LOGGED_IN)

    async def session():
        async with await aio.create_session(
            server.host, "jane", "secret", totp="123", use_refresh_token=True
        ) as client:
            assert client.tokens == LOGGED_IN
            assert client.use_refresh_token
            await get(client)
            inner = client.session
        assert inner.closed
        assert client.tokens == {"access_token": None, "refresh_token": None}

    run(session())
    assert server.calls == ["POST /api/auth/login", "GET /api/data/rows", "GET /api/auth/logout"]
    assert server.requests[0].json() == {
        "email": "jane", "password": "secret", "totp": "123", "email_otp": None, "fido_authentication_response": None,
        "recovery_code": None,
    }  # fmt: skip
    assert server.requests[1].token == "a"


@pytest.mark.parametrize(
    "refusal, words",
    [
        (answer({"login": False, "message": "wrong password"}, 400), "wrong password"),
        (answer({"login": False, "wrong_OTP": True}, 400), "second factor is wrong"),
        (answer({"login": False}, 401), "refused"),
        (answer({"login": True}), "refused"),
        (answer([]), "refused"),
    ],
)
def test_refused_log_in_leaves_the_tokens_and_no_session(refusal, words, client, server, run):
    server.default = refusal
    before = dict(client.tokens)
    with pytest.raises(AuthFailedException, match=words) as caught:
        run(aio.log_in("jane", "my-password", client=client))
    assert client.tokens == before
    assert "my-password" not in repr(caught.value)
    with pytest.raises(AuthFailedException):
        run(aio.create_session(server.host, "jane", "my-password"))


@pytest.mark.parametrize("status, kind", [(200, None), (401, None), (403, GazuException), (500, ServerErrorException)])
def test_log_out_forgets_the_tokens(status, kind, client, server, run):
    server.default = answer({"message": "whatever"}, status)
    client.use_refresh_token = False
    try:
        assert run(aio.log_out(client)) == {"access_token": None, "refresh_token": None}
    except GazuException as error:
        assert kind is not None and isinstance(error, kind)
    else:
        assert kind is None
    assert client.tokens == {"access_token": None, "refresh_token": None}
    run(aio.log_out(client))
    assert server.calls == ["GET /api/auth/logout"]


@pytest.mark.parametrize("fault", [answer({"message": "broken"}, 500), reset, hang])
def test_context_manager_ends_whatever_the_server_says(fault, client, server, run):
    server.default, client.timeout, client.retries = fault, 0.3, 0

    async def session():
        async with client as same:
            assert same is client
            inner = client.session
        assert inner.closed

    run(session())
    assert server.calls == ["GET /api/auth/logout"]
    assert client.access_token is None


# -- event loops, threads, copies --------------------------------------------------------
def test_one_client_in_several_loops(server):
    client = AsyncKitsuClient(server.host, access_token="access-token-1")

    async def work():
        assert await get(client) == {}
        await client.session.close()

    for _ in range(3):
        asyncio.run(work())
    together = threading.Barrier(4)
    done = []

    def in_a_thread():
        together.wait(PATIENCE)
        asyncio.run(work())
        done.append(True)

    threads = [threading.Thread(target=in_a_thread) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(done) == 4
    asyncio.run(work())
    assert len(client._loops) <= 5  # those that have ended are forgotten


@pytest.mark.parametrize("duplicate", [copy.deepcopy, copy.copy, lambda client: pickle.loads(pickle.dumps(client))])
def test_copied_client_works(duplicate, server, loop, run):
    Tokens(server)
    client = loop.connect(server.host, refresh_token="refresh-token-1")
    run(get(client))
    other = duplicate(client)
    loop.clients.append(other)
    client.access_token = other.access_token = "access-token-1"
    assert run(get(other)) == run(get(client)) == {"id": "1"}


# -- cancellation ------------------------------------------------------------------------
WORKS = {
    "get": lambda client, folder: get(client),
    "post": lambda client, folder: aio.post("data/rows", {}, client=client),
    "upload": lambda client, folder: aio.upload("data/rows", CERTIFICATE, client=client),
    "download": lambda client, folder: download(client, folder),
}


@pytest.mark.parametrize("work", list(WORKS))
def test_cancelled_anywhere(work, client, server, folder, run):
    """Whenever it comes: no part of a file is left, no task, no thread, and the client is as good as before."""
    server.default = answer(b'{"id": "1"}' + b" " * MIB, kind="application/json")

    async def cancelled_after(steps):
        task = asyncio.ensure_future(WORKS[work](client, folder))
        for _ in range(steps):
            await asyncio.sleep(0)
            if task.done():
                break
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            return True
        return False

    steps = 0
    while run(cancelled_after(steps)):
        assert files(folder) == {"target": b"old"}
        if steps % 5 == 0:
            assert run(get(client)) == {"id": "1"}
        steps += 1
    assert steps > 3


def test_cancelled_in_the_middle_of_files(client, server, folder, run, tmp_path):
    begun = threading.Event()

    @early
    def never_ends(exchange):
        begun.set()
        if exchange.request.method == "GET":
            exchange.send(head(200, {"Content-Length": 3 * MIB}) + bytes(2 * MIB))
        return hang(exchange)

    async def cancelled(work):
        begun.clear()
        task = asyncio.ensure_future(work)
        while not begun.is_set() or (await asyncio.sleep(0.05)):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    server.script = [never_ends, never_ends]
    run(cancelled(download(client, folder)))
    assert files(folder) == {"target": b"old"}
    run(cancelled(aio.upload("x", sparse(tmp_path / "huge", 64 * MIB), client=client)))
    assert run(get(client)) == {}


def test_time_limit_of_the_caller(client, server, folder, run):
    server.script = [raw(head(200, {"Content-Length": 3 * MIB}), bytes(2 * MIB), hang)]
    with pytest.raises(asyncio.TimeoutError) as caught:
        run(asyncio.wait_for(download(client, folder), 0.5))
    assert not isinstance(caught.value, GazuException)
    assert files(folder) == {"target": b"old"}


# -- downloads -----------------------------------------------------------------------------
def test_download(client, server, folder, run):
    server.default = answer(DATA)
    calls = []
    progress = lambda done, total: calls.append((done, total))  # noqa: E731
    result = run(aio.download("movies/1", folder / "target", {"a": "b c"}, client=client, progress_callback=progress))
    assert result is None
    assert files(folder) == {"target": DATA}
    assert server.calls == ["GET /api/movies/1?a=b+c"]
    assert calls[-1] == (len(DATA), len(DATA))


@pytest.mark.parametrize("end", [None, reset, hang], ids=["closed", "reset", "silent"])
def test_cut_transfer_goes_on_where_it_stopped(end, client, server, folder, run):
    server.script = [piecewise(2 * MIB + 5, end)]
    server.default = piecewise(len(BIG))
    calls = []
    run(download(client, folder, timeout=0.5, progress_callback=lambda done, total: calls.append((done, total))))
    assert files(folder) == {"target": BIG}
    assert len(server.requests) == 2
    assert 0 < int(server.requests[1].headers["range"][6:-1]) <= 2 * MIB + 5
    assert server.requests[1].headers["if-range"] == '"v1"'
    assert calls == sorted(calls)
    assert calls[-1] == (len(BIG), len(BIG))


def test_transfer_that_is_cut_several_times_and_for_ever(client, server, folder, run):
    server.script = [piecewise(2 * MIB), piecewise(MIB)]
    server.default = piecewise(len(BIG))
    run(download(client, folder))
    assert files(folder) == {"target": BIG}
    server.default = cut(headers={})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        run(download(client, folder))
    assert files(folder) == {"target": BIG}


@pytest.mark.parametrize(
    "first, second, third",
    [
        (cut(headers={}), answer(DATA), None),
        (cut(headers={"ETag": 'W/"weak"'}), answer(DATA), None),
        (piecewise(MIB), answer(DATA, headers=ETAG), None),
        (piecewise(MIB), answer(BIG, 206, {"Content-Range": "bytes 77-99/9999"}), answer(DATA)),
        (raw(head(200, {"Transfer-Encoding": "chunked"}), b"4\r\nabcd\r\n"), answer(DATA), None),
    ],
    ids=["no mark", "weak", "no ranges", "other piece", "chunked"],
)
def test_cut_transfer_starts_again(first, second, third, client, server, folder, run):
    server.script = [act for act in (first, second, third) if act]
    run(download(client, folder))
    assert files(folder) == {"target": DATA}
    assert server.script == []


def test_page_of_a_proxy_is_no_movie(client, server, folder, run):
    for script in ([answer("<html>Wi-Fi")], [piecewise(MIB), answer("<html>Wi-Fi")]):
        server.script = script
        with pytest.raises(ServerErrorException, match="a web page"):
            run(download(client, folder))
        assert files(folder) == {"target": b"old"}


def test_processing(client, server, folder, run, naps):
    server.script = [answer({}, 202, {"Retry-After": 3}), answer({}, 202), answer(DATA)]
    run(download(client, folder))
    assert files(folder) == {"target": DATA}
    assert naps == [3, raw_client.DEFAULT_RETRY_AFTER]
    assert "application/json" in server.requests[0].headers["accept"]
    server.default = answer({}, 202, {"Retry-After": 7})
    del naps[:]
    with pytest.raises(PreviewFileProcessingException):
        run(download(client, folder, processing_timeout=20))
    assert naps == [7, 7, 6]


@pytest.mark.parametrize("kind", [KeyboardInterrupt, RuntimeError, OSError, requests.exceptions.ConnectionError])
def test_callback_of_a_download_that_raises(kind, client, server, folder, run):
    def progress(done, total):
        assert len(files(folder)) == 2
        raise kind("enough")

    server.default = answer(bytes(3 * MIB))
    with pytest.raises(kind, match="enough"):
        run(download(client, folder, progress_callback=progress))
    assert files(folder) == {"target": b"old"}
    assert len(server.requests) == 1
    run(download(client, folder))
    assert files(folder) == {"target": bytes(3 * MIB)}


def test_full_disk(client, server, folder, run, monkeypatch):
    server.default = answer(DATA)
    monkeypatch.setattr("gazu._http.atomic_file.AtomicFile._open", lambda self: open("/dev/full", "wb", buffering=0))
    with pytest.raises(OSError) as caught:
        run(download(client, folder))
    assert not isinstance(caught.value, GazuException)
    assert files(folder) == {"target": b"old"}
    assert len(server.requests) == 1


def test_targets_that_cannot_be_written(client, server, folder, run):
    for target, kind in ((folder, IsADirectoryError), (folder / "missing" / "x", FileNotFoundError), (None, TypeError)):
        with pytest.raises(kind):
            run(aio.download("movies/1", target, client=client))
    assert server.requests == []


def test_loop_goes_on_while_a_file_is_slow(client, server, folder, run, monkeypatch):
    from gazu._http import atomic_file

    written, ticked = threading.Event(), threading.Event()

    def write(self, chunk):
        written.set()
        assert ticked.wait(PATIENCE)
        return original(self, chunk)

    async def tick():
        while not written.is_set():
            await asyncio.sleep(0.01)
        ticked.set()

    original = atomic_file.AtomicFile.write
    monkeypatch.setattr(atomic_file.AtomicFile, "write", write)
    server.default = answer(DATA)
    run(gathered([download(client, folder), tick()]))
    assert files(folder) == {"target": DATA}


# -- uploads -------------------------------------------------------------------------------
@pytest.fixture
def large(tmp_path):
    return sparse(tmp_path / "large.mov", 3 * MIB + 5)


def upload(client, path, *args, **options):
    return aio.upload("pictures", path, *args, client=client, **options)


def test_upload(client, server, large, run, tmp_path):
    small = tmp_path / 'caf\u00e9 "1" %.png'
    small.write_bytes(b"\x00\xffsmall\r\n--")
    calls = []
    fields = {"name": "x", "none": None, "both": ["a", "b"]}
    run(upload(client, small, fields, [large], progress_callback=lambda *call: calls.append(call)))
    request = server.requests[0]
    assert 'filename="caf\u00e9 %221%22 %.png"'.encode() in request.body  # else as it is, not in percents
    form = form_of(request)
    assert form["file"][1] == b"\x00\xffsmall\r\n--"
    assert form["file-1"] == ("large.mov", bytes(3 * MIB + 5))
    assert "none" not in form
    assert request.length == int(request.headers["content-length"])
    assert "transfer-encoding" not in request.headers
    total = 3 * MIB + 5 + small.stat().st_size
    assert calls[-1] == (total, total)
    assert calls == sorted(set(calls))
    assert len(calls) == 5


def test_progress_counts_what_has_left(client, server, tmp_path, run):
    called = threading.Event()
    before, calls = [], []

    @early
    def take_after_the_first_call(exchange):
        called.wait(PATIENCE)
        before.append(len(calls))
        exchange.read_body()
        answer({})(exchange)

    def progress(done, total):
        calls.append(done)
        called.set()

    server.default = take_after_the_first_call
    run(upload(client, sparse(tmp_path / "huge.mov", 64 * MIB), progress_callback=progress))
    assert len(calls) == 64
    assert 1 <= before[0] < 64


def test_memory_does_not_grow_with_the_file(client, server, tmp_path, run):
    path = sparse(tmp_path / "huge.mov", 64 * MIB)
    run(upload(client, path))  # imports and pools are not what is measured
    server.script = [answer({}), raw(head(200, {"Content-Length": 64 * MIB}), *[bytes(MIB)] * 64)]
    tracemalloc.start()
    try:
        run(upload(client, path))
        run(aio.download("movies/1", tmp_path / "copy", client=client))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert server.requests[1].length > 64 * MIB
    assert (tmp_path / "copy").stat().st_size == 64 * MIB
    assert peak < 16 * MIB


class Stop(BaseException):
    """What nobody catches by the way."""


def unheard_of(work):
    """Run *work* in an event loop of its own, and return what is said of errors that nobody has read."""
    found = []

    async def main():
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: found.append(context))
        await work()
        await asyncio.sleep(0.01)  # for the ends of connections

    asyncio.run(main())
    gc.collect()
    return found


@pytest.mark.parametrize("act", [answer({}), early(hang)], ids=["taken", "not taken"])
@pytest.mark.parametrize(
    "kind",
    [
        RuntimeError, OSError, BrokenPipeError, requests.exceptions.ConnectionError, asyncio.TimeoutError,
        asyncio.CancelledError, KeyboardInterrupt, SystemExit, Stop,
    ],
)  # fmt: skip
def test_callback_of_an_upload_that_raises(kind, act, server, large):
    error, calls = kind("enough"), []

    def progress(done, total):
        calls.append(done)
        raise error

    async def work():
        async with AsyncKitsuClient(server.host) as client:
            with pytest.raises(kind) as caught:
                await upload(client, large, progress_callback=progress)
            assert caught.value is error
            server.script = []
            assert await upload(client, large) == {}

    server.script = [act]
    assert unheard_of(work) == []
    assert len(calls) == 1
    assert len(server.requests) <= 2


def test_callback_that_raises_in_the_moment_of_the_answer(client, large, run, monkeypatch):
    answered = []
    moving = async_session.with_inactivity_timeout

    async def and_then_count(work, body, silence):
        answered.append(await moving(work, body, silence))
        with pytest.raises(ValueError):
            body.data.report_progress(1)
        return answered[0]

    def progress(done, total):
        if answered:
            raise ValueError("enough")

    monkeypatch.setattr(async_session, "with_inactivity_timeout", and_then_count)
    with pytest.raises(ValueError, match="enough"):
        run(upload(client, large, progress_callback=progress))
    assert answered[0].status == 200


@pytest.fixture
def held(monkeypatch):
    """Have uploads wait within a file until the server has seen that the connection is given up."""
    held = SimpleNamespace(begun=threading.Event(), over=threading.Event(), closed=[])
    pieces = Multipart.chunks

    def slow(form, split):
        for number, piece in enumerate(pieces(form, split)):
            if number == 2:
                held.begun.set()
                held.over.wait(PATIENCE)
                held.closed.append(form.parts[1].file.closed)
                raise ValueError("nobody is interested any more")
            yield piece

    def hold(exchange, act):
        held.begun.wait(PATIENCE)
        try:
            act(exchange)
            while exchange.stream.read1(64 * 1024):
                pass
        except OSError:
            pass
        exchange.wait(0.2)  # for whoever closes the files too soon
        held.over.set()
        return "close"

    monkeypatch.setattr(Multipart, "chunks", slow)
    held.hold = hold
    return held


async def cancelled(held, client, path):
    task = asyncio.ensure_future(upload(client, path))
    while not held.begun.is_set():
        await asyncio.sleep(0.01)
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0.01)
    await task


ENDS = {
    "answered": (lambda held, client, path: upload(client, path), TooBigFileException),
    "silent": (lambda held, client, path: upload(client, path, timeout=0.3), requests.exceptions.ReadTimeout),
    "limited": (lambda held, client, path: asyncio.wait_for(upload(client, path), 0.3), asyncio.TimeoutError),
    "cancelled": (cancelled, asyncio.CancelledError),
}


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("end", list(ENDS))
def test_files_stay_open_while_they_are_read(end, tls, start, large, held):
    call, kind = ENDS[end]
    server = start(tls=own_certificate() if tls else None)
    refusal = answer({}, 413) if end == "answered" else lambda exchange: None
    server.script = [early(lambda exchange: held.hold(exchange, refusal))]

    async def work():
        async with AsyncKitsuClient(server.host, ssl_verify=CERTIFICATE) as client:
            with pytest.raises(kind):
                await call(held, client, large)
            assert held.closed == [False]
            assert await get(client) == {}

    assert unheard_of(work) == []


@pytest.mark.parametrize("end", ["silent", "cancelled", "loop"])
def test_upload_that_ends_while_it_is_sent(end, server, tmp_path):
    path = sparse(tmp_path / "huge.mov", 64 * MIB)
    tasks = []

    async def send():
        async with AsyncKitsuClient(server.host) as client:
            await upload(client, path, timeout=0.3 if end == "silent" else None)

    async def work():
        tasks.append(asyncio.ensure_future(send()))
        while not server.requests or await asyncio.sleep(0.1):  # and until nobody takes any more
            await asyncio.sleep(0.01)
        if end == "cancelled":
            tasks[0].cancel()
        if end != "loop":
            await asyncio.wait(tasks)

    server.default = early(hang)
    assert unheard_of(work) == []
    assert tasks[0].cancelled() or isinstance(tasks[0].exception(), requests.exceptions.ReadTimeout)


def test_file_that_shrinks_and_one_that_grows(client, server, large, run):
    def grow(done, total):
        with open(large, "ab") as file:
            file.write(b"x" * MIB)

    run(upload(client, large, progress_callback=grow))
    assert form_of(server.requests[0])["file"][1] == bytes(3 * MIB + 5)
    with pytest.raises(OSError, match="shorter") as caught:
        run(upload(client, large, progress_callback=lambda done, total: os.truncate(large, MIB + 1)))
    assert not isinstance(caught.value, GazuException)
    assert run(upload(client, large)) == {}


@pytest.mark.parametrize("orderly", [True, False])
def test_refusal_while_the_body_is_on_its_way(orderly, client, server, tmp_path, run):
    @early
    def refuse(exchange):
        exchange.stream.read1(64 * 1024)
        answer("<h1>413</h1>", 413, {"Connection": "close"})(exchange)
        exchange.wait(0.2)
        if not orderly:
            exchange.reset()
        return "close"

    server.script = [refuse]
    path = sparse(tmp_path / "huge.mov", 64 * MIB)
    with pytest.raises(TooBigFileException):
        run(upload(client, path))
    assert len(server.requests) == 1
    assert run(upload(client, path)) == {}


def test_refusal_before_the_body_on_a_connection_that_stays_open(client, server, tmp_path, run):
    @early
    def refuse(exchange):
        answer({"message": "too big"}, 413)(exchange)
        exchange.wait(0.2)
        exchange.read_body()

    server.script = [refuse]
    with pytest.raises(TooBigFileException):
        run(upload(client, sparse(tmp_path / "huge.mov", 32 * MIB)))
    assert run(upload(client, sparse(tmp_path / "huge.mov", 2 * MIB))) == {}
    assert form_of(server.requests[1])["file"][1] == bytes(2 * MIB)


@pytest.mark.parametrize("fault", [reset, early(reset), raw(), early(raw()), hang, early(hang), answer("busy", 503)])
def test_upload_is_never_doubled(fault, client, server, tmp_path, run):
    server.default = fault
    with pytest.raises(GazuException):
        run(upload(client, sparse(tmp_path / "huge.mov", 32 * MIB), timeout=0.3))
    assert len(server.requests) == 1


def test_server_that_takes_longer_than_the_limit_but_moves(client, server, tmp_path, run):
    """The limit is one of silence: a slow line may take its time to send, and a slow server to answer."""

    @early
    def slowly(exchange):
        for _ in range(25):
            exchange.stream.read(2 * MIB)
            exchange.wait(0.1)
        left = int(exchange.request.headers["content-length"]) - 50 * MIB
        exchange.stream.read(left)
        raw(head(200, {"Content-Length": 9}), *[piece for _ in range(9) for piece in (b"1", 0.3)])(exchange)
        return "close"

    server.script = [slowly]
    # Both take longer than the limit; what the system itself keeps of the body, some 10 MiB, far less.
    assert run(upload(client, sparse(tmp_path / "huge.mov", 50 * MIB), timeout=2)) == 111111111


def test_silence_after_the_body(client, server, tmp_path, run):
    server.default = hang
    for call in (aio.post("x", {}, client=client, timeout=0.3), upload(client, CERTIFICATE, timeout=0.3)):
        before = time.monotonic()
        with pytest.raises(requests.exceptions.ReadTimeout) as caught:
            run(call)
        assert time.monotonic() - before < PATIENCE / 2
        assert caught.value.sent


def test_expired_token_resends_the_whole_file(client, server, large, run):
    server.script = [answer(EXPIRED, 401), answer({"access_token": "new"})]
    run(upload(client, large))
    first, _, second = server.requests
    assert form_of(first)["file"] == form_of(second)["file"]


def test_missing_file_sends_nothing(client, server, large, run, tmp_path):
    missing = str(tmp_path / "missing")
    for arguments in ((missing,), (large, None, [large, missing])):
        with pytest.raises(FileNotFoundError):
            run(upload(client, *arguments))
    with pytest.raises(OSError):
        run(upload(client, str(tmp_path)))
    with pytest.raises(TypeError):
        run(upload(client, None))
    assert server.requests == []


def test_server_that_reports_an_error_with_status_200(client, server, large, run):
    server.default = answer({"message": "cannot read this picture"})
    with pytest.raises(UploadFailedException, match="cannot read this picture"):
        run(upload(client, large))


# -- proxies, certificates, the environment -----------------------------------------------
@pytest.fixture
def proxy(start):
    proxy = start()
    proxy.default = answer({"by": "proxy"})
    return proxy


@pytest.mark.parametrize("spelling", ["http://{}", "{}"])
def test_proxy_of_the_environment(spelling, proxy, client, loop, run, monkeypatch):
    monkeypatch.setenv("http_proxy", spelling.format(proxy.address[len("http://") :]))
    assert run(get(loop.connect("http://kitsu.invalid/api"))) == {"by": "proxy"}
    assert proxy.calls == ["GET http://kitsu.invalid/api/data/rows"]
    monkeypatch.setenv("NO_PROXY", "127.0.0.0/8")
    assert run(get(client)) == {}


def test_proxy_with_a_password(proxy, start, loop, run, monkeypatch):
    monkeypatch.setenv("http_proxy", proxy.address.replace("//", "//jane:my-password@"))
    client = loop.connect("http://kitsu.invalid/api", retries=0)
    assert run(get(client)) == {"by": "proxy"}
    assert proxy.requests[0].headers["proxy-authorization"].startswith("Basic ")
    monkeypatch.setenv("http_proxy", start(listening=False).address.replace("//", "//jane:my-password@"))
    with pytest.raises(requests.exceptions.ProxyError) as caught:
        run(get(client))
    assert isinstance(caught.value, TransportException)
    assert not caught.value.sent
    texts = traceback.format_exception(type(caught.value), caught.value, None)
    assert "my-password" not in f"{texts} {caught.value!r} {caught.value.__cause__!r}"


def test_proxy_of_another_kind_is_refused(loop, run, monkeypatch):
    monkeypatch.setenv("http_proxy", "socks5://jane:my-password@127.0.0.1:9")
    with pytest.raises(HostException, match="socks5") as caught:
        run(get(loop.connect("http://kitsu.invalid/api")))
    assert "my-password" not in str(caught.value)


def test_tunnel_to_a_secure_host(proxy, secure, loop, run, monkeypatch):
    from .test_environment import tunnel

    proxy.default = tunnel
    monkeypatch.setenv("HTTPS_PROXY", proxy.address)
    client = loop.connect(secure.host, ssl_verify=CERTIFICATE)
    assert run(get(client)) == run(aio.post("data/rows", {}, client=client)) == {}
    assert set(proxy.calls) == {f"CONNECT 127.0.0.1:{secure.port}"}
    assert proxy.requests[0].token is None


def test_netrc_does_not_replace_the_token(client, server, run, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login jane password my-password\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    run(get(client))
    run(aio.post("data/rows", {}, client=client))
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer access-token-1"] * 2


def own_certificate():
    """Return the settings of a server with a certificate of its own."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTIFICATE)
    return tls


@pytest.fixture
def secure(start):
    return start(tls=own_certificate())


def test_certificates(secure, loop, run, monkeypatch, naps):
    with pytest.raises(requests.exceptions.SSLError, match="certificate") as caught:
        run(get(loop.connect(secure.host)))
    assert isinstance(caught.value, TransportException)
    assert secure.connections == 1
    for options in ({"ssl_verify": False}, {"ssl_verify": CERTIFICATE}):
        assert run(get(loop.connect(secure.host, **options))) == {}
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", CERTIFICATE)
    client = loop.connect(secure.host)
    before = secure.connections
    assert run(get(client)) == run(aio.post("x", {}, client=client)) == {}
    assert secure.connections == before + 1
    for options in ({"ssl_verify": "/no/such/bundle.pem"}, {"cert": "/no/such/certificate.pem"}):
        with pytest.raises(OSError, match="no/such"):
            run(get(loop.connect(secure.host, **options)))


# asyncio itself, up to Python 3.10, leaves what one side has refused for the garbage collector to close.
UNCLOSED = pytest.mark.filterwarnings(
    *["ignore:.*(Transport|socket):pytest.PytestUnraisableExceptionWarning"] * (sys.version_info < (3, 11))
)


@UNCLOSED
@pytest.mark.parametrize("kind", [str, pathlib.Path, os.fsencode], ids=["str", "Path", "bytes"])
def test_only_false_trusts_anybody(kind, secure, loop, run, tmp_path):
    assert run(get(loop.connect(secure.host, ssl_verify=kind(CERTIFICATE)))) == {}
    for other in (OURS, tmp_path):  # the certificate of somebody else, and a directory without any
        with pytest.raises(requests.exceptions.SSLError, match="certificate"):
            run(get(loop.connect(secure.host, ssl_verify=kind(str(other)), retries=0)))
    with pytest.raises(requests.exceptions.SSLError, match="certificate"):
        run(get(loop.connect(secure.host, ssl_verify=None)))
    for wrong, error in ((0, TypeError), ("", FileNotFoundError), (kind("/no/such/bundle.pem"), FileNotFoundError)):
        with pytest.raises(error):
            run(get(loop.connect(secure.host, ssl_verify=wrong)))
    assert len(secure.requests) == 1


@pytest.mark.parametrize(
    "cert",
    [
        OURS, (OURS, OURS), [OURS, OURS], pathlib.Path(OURS), (pathlib.Path(OURS), pathlib.Path(OURS)),
        pytest.param(None, marks=UNCLOSED),
    ],
)  # fmt: skip
def test_certificate_of_the_client(cert, start, loop, run):
    tls = own_certificate()
    tls.load_verify_locations(OURS)
    tls.verify_mode = ssl.CERT_REQUIRED
    server = start(tls=tls)
    client = loop.connect(server.host, ssl_verify=CERTIFICATE, cert=cert, retries=1)
    if cert:
        assert run(get(client)) == run(aio.post("data/rows", {}, client=client)) == {}
        return
    with pytest.raises(TransportException):
        run(get(client))
    assert server.requests == []
    gc.collect()


def test_files_over_tls(secure, loop, run, tmp_path):
    client = loop.connect(secure.host, ssl_verify=CERTIFICATE)
    path = tmp_path / "file"
    path.write_bytes(os.urandom(3 * MIB))
    run(upload(client, path))
    assert form_of(secure.requests[0])["file"][1] == path.read_bytes()
    secure.default = answer(path.read_bytes())
    run(aio.download("x", tmp_path / "copy", client=client))
    assert (tmp_path / "copy").read_bytes() == path.read_bytes()


# -- secrets, logs, imports -----------------------------------------------------------------
def test_no_secret_in_logs_and_errors(client, server, run, caplog):
    caplog.set_level(logging.DEBUG)
    errors = []

    def attempt(work):
        try:
            run(work)
        except Exception as error:
            errors.append(error)

    tokens = Tokens(server)
    attempt(get(client))
    tokens.refresh, client.access_token = answer(EXPIRED, 401), "access-token-1"
    attempt(get(client))
    client.rejected_refresh_token = None
    bad = [
        reset,
        raw(b"HELLO\r\n\r\n"),
        raw(b"HTTP/1.1 20"),
        answer(status=302, headers={"Location": "http://a:my-password@b/"}),
    ]
    for default in (*bad, answer("<html>"), answer({"message": "no"}, 500), answer({"message": "no"}, 400)):
        server.default, client.retries = default, 0
        attempt(aio.log_in("jane", "my-password", totp="one-time-7", client=client))
        attempt(get(client))
        attempt(client.refresh_access_token())
        attempt(aio.post("x", {"password": "my-password", "deep": [{"p": "one-time-7"}]}, client=client))
        attempt(upload(client, CERTIFICATE, {"p": "my-password"}))
    for odd in ("access-token-1\n", "access-token-1\u00e9"):
        client.access_token = odd
        attempt(get(client))
    assert len(errors) >= 35
    texts = [caplog.text, repr(client), *map(repr, errors), *(repr(vars(error)) for error in errors)]
    for error in errors:
        texts += traceback.format_exception(type(error), error, None)
        texts += [repr(error.__cause__), repr(error.__context__)]
    assert "GET data/rows: 200" in caplog.text
    for secret in SECRETS:
        assert not [text for text in texts if secret in text]


def test_without_aiohttp():
    script = """
import sys
sys.modules["aiohttp"] = None
from gazu import *
import gazu
assert "aiohttp" in sys.modules and "asyncio" not in sys.modules
for load in (lambda: gazu.aio, lambda: __import__("gazu.aio")):
    try:
        load()
    except ImportError as error:
        assert "pip install 'gazu[async]>=2.0.0.dev0'" in str(error), error
    else:
        raise AssertionError
"""
    root = os.path.dirname(os.path.dirname(os.path.abspath(gazu.__file__)))
    subprocess.run([sys.executable, "-c", script], check=True, env=dict(os.environ, PYTHONPATH=root), timeout=60)


def test_no_warning_while_python_looks_closely(server):
    script = f"""
import asyncio
import gazu

async def work():
    asyncio.get_running_loop().slow_callback_duration = 60
    async with gazu.aio.AsyncKitsuClient({server.host!r}, access_token="a") as client:
        await gazu.aio.get("data/rows", client=client)
        await gazu.aio.upload("x", {CERTIFICATE!r}, client=client)

asyncio.run(work())
"""
    root = os.path.dirname(os.path.dirname(os.path.abspath(gazu.__file__)))
    # aiohttp 3.8.6, the last for Python 3.7, warns about an attribute that it sets itself.
    of_aiohttp = "ignore:Setting custom ClientSession._resolve_charset:DeprecationWarning"
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-W", of_aiohttp, "-c", script],
        stderr=subprocess.PIPE, env=dict(os.environ, PYTHONPATH=root), timeout=60,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert len(server.requests) == 3


# -- sessions ----------------------------------------------------------------
OPENED = {"login": True, "access_token": "new", "refresh_token": "newer"}


def test_session_as_a_context_and_awaited(server, run):
    server.default = answer(OPENED)

    async def entered():
        async with aio.create_session(server.host, "jane", "secret") as client:
            assert isinstance(client, aio.AsyncKitsuClient) and client.access_token == "new"
        return client

    async def awaited():
        async with await aio.create_session(server.host, "jane", "secret", use_refresh_token=False) as client:
            assert client.use_refresh_token is False
        client = await asyncio.create_task(aio.create_session(server.host, "jane", "secret"))
        assert client.use_refresh_token is True
        await client.session.close()
        client = await asyncio.wait_for(aio.create_session(server.host, "jane", "secret"), 20)
        assert client.access_token == "new"
        await client.session.close()

    client = run(entered())
    assert client.access_token is None
    assert server.calls == ["POST /api/auth/login", "GET /api/auth/logout"]
    run(awaited())


def test_session_that_is_refused(server, run):
    server.default = answer({"login": False, "message": "Wrong email or password."}, 400)

    async def entered():
        async with aio.create_session(server.host, "jane", "secret"):
            raise AssertionError("not reached")

    with pytest.raises(AuthFailedException, match="Wrong email"):
        run(entered())


def test_session_that_is_cancelled_before_it_starts(server, run):
    async def work():
        task = asyncio.ensure_future(aio.create_session(server.host, "jane", "secret"))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(work())
    assert server.requests == []


def test_connect(server, run, tmp_path, monkeypatch):
    for name in [name for key, names in vars(connection).items() if key.endswith("_VARIABLES") for name in names]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "keyring", None)

    async def work(**arguments):
        async with aio.connect(**arguments) as client:
            await aio.get("data/rows", client=client)
            return client.host

    with pytest.raises(NoSessionException, match="gazu-cli login"):
        run(work())
    sessions.write("studio", {"host": server.host, "tokens": {"access_token": "old", "refresh_token": "r"}})
    server.script[:] = [answer(EXPIRED, 401), answer({"access_token": "new"}), answer([])]
    assert run(work(profile="studio")) == server.host
    assert sessions.read("studio")["tokens"] == {"access_token": "new", "refresh_token": "r"}
    assert server.calls == ["GET /api/data/rows", "GET /api/auth/refresh-token", "GET /api/data/rows"]  # no log-out
    monkeypatch.setenv("KITSU_HOST", server.host)
    monkeypatch.setenv("KITSU_LOGIN", "jane")
    monkeypatch.setenv("KITSU_PWD", "secret")
    server.default = answer(OPENED)
    run(work())
    assert [request.token for request in server.requests[3:]] == [None, "new", "new"]


def test_lists_and_records_of_older_servers(client, server, run):
    """As the synchronous functions: without the pages, and without the fields, that the server does not know."""
    unknown = answer({"message": "Entity class 'Task' has no property 'page'"}, 500)
    server.script[:] = [unknown, unknown, answer([{"id": "1", "name": "a", "x": 2}])]
    assert run(aio.fetch_all("tasks", client=client, paginated=True, fields="name")) == [{"id": "1", "name": "a"}]
    refused = answer({"message": "'is_bot' is an invalid keyword argument for Person"}, 400)
    server.script[:] = [refused, refused, answer({"id": "1"}, 201)]
    assert run(aio.create("persons", {"name": "a", "is_bot": False}, client=client)) == {"id": "1"}
    assert server.requests[-1].json() == {"name": "a"}
