"""Answers with an ETag, which the server need not send twice."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import gazu
from gazu import aio
from gazu import cache as cache_module
from gazu import client as raw_client
from gazu.cache import etag_cache
from gazu.exception import NotAllowedException, TransportException

from .conftest import Server, answer, raw, reset

ROWS = [{"id": "1", "name": "Été"}, {"id": "2", "name": "Bär"}]
BOARD = "data/assets/with-tasks"


class Board:
    """Rows with an ETag for each who asks, as the server has them."""

    def __init__(self, etag='"{}"'):
        self.etag = etag
        self.version = 1
        self.bodies = 0
        self.asked = []

    def __call__(self, exchange):
        request = exchange.request
        etag = self.etag.format(f"{self.version} {request.token}")
        named = request.headers.get("if-none-match")
        self.asked.append(named)
        if named == etag.replace("W/", ""):
            answer(status=304, headers={"ETag": etag}, kind="-")(exchange)
            return
        self.bodies += 1
        rows = [dict(row, version=self.version, of=request.token, target=request.target) for row in ROWS]
        answer(rows, headers={"ETag": etag, "Cache-Control": "private, no-cache"})(exchange)


@pytest.fixture
def board(server: Server):
    server.default = Board()
    return server.default


@pytest.fixture(autouse=True)
def enabled(monkeypatch):
    monkeypatch.setitem(cache_module.cache_settings, "enabled", True)
    etag_cache.clear()
    yield
    etag_cache.clear()


def get(client, path=BOARD):
    return raw_client.get(path, client=client)


def test_second_time_costs_a_304(client, board):
    first, second = get(client), get(client)
    assert first == second and first[0]["name"] == "Été"
    assert board.asked == [None, '"1 access-token-1"'] and board.bodies == 1
    second[0]["name"] = "changed by the caller"
    second.clear()
    assert get(client) == first
    assert board.bodies == 1


def test_functions_above_it(client, server, board):
    project = "0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"
    rows = [raw_client.fetch_all("assets/with-tasks", {"project_id": project}, client=client) for _ in range(2)]
    rows += [gazu.task.all_tasks_for_project(project, client=client)]
    gazu.cache.clear(gazu.task.all_tasks_for_project)
    rows += [gazu.task.all_tasks_for_project(project, client=client)]
    assert rows[0] == rows[1] and len(rows[3]) == len(rows[2]) == 2
    assert board.bodies == 2 and len(server.requests) == 4


def test_change_is_seen_at_once(client, board):
    get(client)
    board.version = 2
    assert get(client)[0]["version"] == 2
    assert get(client)[0]["version"] == 2
    assert board.asked == [None, '"1 access-token-1"', '"2 access-token-1"'] and board.bodies == 2


def test_write_of_ones_own_asks_too(client, server, board):
    get(client)
    server.script = [answer({})]
    raw_client.put("data/assets/1", {}, client=client)
    board.version = 2
    assert get(client)[0]["version"] == 2


def test_others_have_their_own(client, server, board, start, connect):
    other_server = start()
    other_server.default = Board()
    same = connect(server.host)
    others = [connect(server.host, access_token="access-token-2"), connect(other_server.host)]
    get(client), get(same)
    assert board.asked == [None, '"1 access-token-1"']
    assert [get(other)[0]["of"] for other in others] == ["access-token-2", "access-token-1"]
    assert board.asked[2] is None and other_server.default.asked == [None]
    client.access_token = "access-token-3"
    assert get(client)[0]["of"] == "access-token-3"
    assert board.asked[3] is None


def test_even_if_a_server_gave_the_same_etag_to_all(client, server, connect):
    server.default = Board(etag='"same"')
    for target in (BOARD, BOARD + "?project_id=1", BOARD + "?project_id=2", "data/shots/with-tasks"):
        assert get(client, target)[0]["target"] == "/api/" + target
    assert get(connect(server.host, access_token="2"))[0]["of"] == "2"
    assert server.default.asked == [None] * 5


def test_nobody_in_particular_is_nobody(server, board, connect):
    """Without a token, a cookie or a proxy may say who asks."""
    client = connect(server.host, access_token=None)
    get(client), get(client)
    assert board.asked == [None, None] and not etag_cache.entries


def test_token_renewed_on_the_way(server, board, connect):
    client = connect(server.host, refresh_token="refresh-token-1")
    get(client)
    expired = answer({"error": True, "message": "Signature has expired"}, 401)
    server.script = [expired, answer({"access_token": "access-token-2"})]
    assert get(client)[0]["of"] == "access-token-2"
    assert server.requests[1].headers["if-none-match"] == '"1 access-token-1"'
    assert "if-none-match" not in server.requests[2].headers
    assert board.asked == [None, None]


def test_access_that_was_taken_away(client, server, board):
    get(client)
    server.script = [answer({"message": "no"}, 403)]
    with pytest.raises(NotAllowedException):
        get(client)
    assert get(client)[0]["version"] == 1


@pytest.mark.parametrize("fault", [reset, answer({}, 503), raw(b"HTTP/1.1 304")])
def test_repeated_request_names_it_again(client, server, board, fault):
    get(client)
    server.script = [fault]
    assert get(client)[0]["version"] == 1
    assert server.requests[-1].headers["if-none-match"] == '"1 access-token-1"' and board.bodies == 1


def test_weak_etag_of_a_proxy(client, server):
    server.default = Board(etag='W/"{}"')
    get(client), get(client)
    assert server.default.asked == [None, '"1 access-token-1"'] and server.default.bodies == 1


def test_compressed_body(client, server):
    import gzip
    import json

    body = gzip.compress(json.dumps(ROWS).encode())
    headers = {"ETag": '"z"', "Content-Encoding": "gzip"}
    server.script = [answer(body, headers=headers, kind="application/json"), answer(status=304)]
    assert get(client) == get(client) == ROWS


@pytest.mark.parametrize(
    "act",
    [
        answer(ROWS),
        answer(ROWS, headers={"ETag": ""}),
        answer(ROWS, headers={"ETag": '"x"', "Cache-Control": "No-Store"}),
        answer(ROWS, 201, headers={"ETag": '"x"'}),
        answer(b"", headers={"ETag": '"x"'}),
        answer({}, 404, headers={"ETag": '"x"'}),
    ],
    ids=["no ETag", "empty ETag", "no-store", "201", "no body", "404"],
)
def test_what_is_not_kept(client, server, act):
    server.default = act
    for _ in range(2):
        try:
            get(client)
        except gazu.GazuException:
            pass
    assert ["if-none-match" in request.headers for request in server.requests] == [False, False]


def test_redirected_answer_is_not_kept(client, server, start):
    other = start()
    other.default = answer(ROWS, headers={"ETag": '"x"'})
    server.default = answer(status=302, headers={"Location": other.host})
    get(client), get(client)
    assert all("if-none-match" not in request.headers for request in server.requests + other.requests)


def test_304_that_nothing_was_asked_for(client, server):
    server.default = answer(status=304)
    with pytest.raises(TransportException, match="304"):
        get(client)


def test_only_json_is_kept(client, server, tmp_path):
    server.default = answer(b"12345", headers={"ETag": '"x"'})
    for _ in range(2):
        raw_client.get("a", json_response=False, client=client)
        raw_client.download("a", tmp_path / "a", client=client)
        raw_client.download("a", None, client=client)
        raw_client.get_file_data_from_url("a", client=client)
    assert all("if-none-match" not in request.headers for request in server.requests)
    assert not etag_cache.entries


def test_cache_is_off(client, board):
    cache_module.cache_settings["enabled"] = False
    get(client), get(client)
    assert board.asked == [None, None] and not etag_cache.entries
    gazu.cache.enable()
    get(client), get(client)
    assert etag_cache.entries
    gazu.cache.disable()
    assert not etag_cache.entries and get(client) == get(client)
    assert board.asked[2:] == [None, '"1 access-token-1"', None, None]


def test_all_is_forgotten(client, board):
    get(client)
    gazu.cache.clear_all()
    get(client)
    assert board.asked == [None, None]


def test_room_is_limited(client, board, monkeypatch):
    get(client, "data/a")
    size = etag_cache.size
    monkeypatch.setattr(cache_module, "ETAG_CACHE_BYTES", 2 * size + 1)
    for name in "abac":
        get(client, "data/" + name)
    assert etag_cache.size == 2 * size == sum(len(body) for _, body in etag_cache.entries.values())
    board.asked.clear()
    get(client, "data/a"), get(client, "data/c"), get(client, "data/b")
    assert [bool(named) for named in board.asked] == [True, True, False]
    monkeypatch.setattr(cache_module, "ETAG_CACHE_BYTES", size - 1)
    get(client, "data/d")
    assert len(etag_cache.entries) == 2, "what does not fit drives nothing out"


def test_body_that_goes_while_the_server_is_asked(client, server, board):
    rows = get(client)

    def forget_first(exchange):
        etag_cache.clear()
        board(exchange)

    server.script = [forget_first]
    assert get(client) == rows


def test_threads(client, board, monkeypatch, connect):
    clients = [client, connect(client.host, access_token="access-token-2")]
    monkeypatch.setattr(cache_module, "ETAG_CACHE_BYTES", 1000)
    start = threading.Barrier(16)

    def work(thread):
        start.wait(20)
        for turn in range(20):
            one, target = clients[(thread + turn) % 2], f"data/{turn % 5}"
            row = get(one, target)[0]
            assert (row["of"], row["target"]) == (one.access_token, "/api/" + target)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(16)))
    assert etag_cache.size == sum(len(body) for _, body in etag_cache.entries.values()) <= 1000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_fork_while_another_thread_is_at_work_there(client, board):
    rows = get(client)
    with etag_cache.lock:
        child = os.fork()
        if child == 0:
            signal.alarm(20)  # which ends it where it would wait forever
            fresh = False
            try:
                fresh = get(client) == rows and get(client) == rows
            finally:
                os._exit(0 if fresh else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert board.asked == [None, None, '"1 access-token-1"']


# -- what is left after a log-out -----------------------------------------------------
def entries():
    """Return how many responses and results are kept."""
    return len(etag_cache.entries) + gazu.project.all_projects.get_cache_infos()["current_size"]


@pytest.mark.parametrize("way", ["log_out", "with", "async", "renewal"])
def test_nothing_is_kept_of_a_token_that_is_gone(way, server, connect, loop):
    gazu.cache.enable()
    try:

        def default(exchange):
            body = {"access_token": "access-token-2"} if "auth" in exchange.request.path else ROWS
            answer(body, headers={"ETag": '"1"'})(exchange)

        server.default = default
        client, other = connect(server.host, refresh_token="r"), connect(server.host, access_token="another-token")
        for one in (client, other):
            gazu.client.get("data/rows", client=one)
            gazu.project.all_projects(client=one)
        before, size = entries(), etag_cache.size
        assert "token" not in repr(etag_cache.entries.keys())
        if way == "log_out":
            gazu.log_out(client=client)
        elif way == "with":
            with client:
                pass
        elif way == "async":
            loop.run(aio.log_out(client=loop.twin(client)))
        else:
            client.refresh_access_token()
        assert entries() == before / 2
        assert etag_cache.size == size / 2
        assert gazu.cache.fingerprint.cache_info().currsize <= 1
    finally:
        gazu.cache.disable()
        gazu.cache.clear_all()
