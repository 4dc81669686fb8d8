"""Servers that send without an end, in any part of a response; memory and time that they may take are bounded."""

import gzip
import os
import subprocess
import sys
import time
import zlib

import pytest
import requests

import gazu
import gazu._http.protocol
import gazu._http.sender
from gazu import aio
from gazu import client as raw_client
from gazu._http import connections, decoding, failures, sender
from gazu.exception import GazuException, RouteNotFoundException, ServerErrorException, TransportException

from .awaiting import awaiting
from .conftest import answer, head, raw
from .test_large_responses import JSON, MIB, both, endless

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def download(client, path):
    return raw_client.download("data/file", str(path), client=client)


def download_soon(client, path):
    return awaiting.run(aio.download("data/file", str(path), client=awaiting.twin(client)))


both_downloads = pytest.mark.parametrize("download", [download, download_soon])


@pytest.fixture
def small_limit(monkeypatch):
    """Four megabytes are more than fits."""
    monkeypatch.setattr(decoding, "MAX_BODY_BYTES", 4 * MIB)
    monkeypatch.setattr(sender, "MAX_BODY_BYTES", 4 * MIB)


@pytest.fixture
def real_time(monkeypatch, naps):
    """Wait for real."""
    for module in (gazu._http.sender, gazu._http.protocol):
        monkeypatch.setattr(module, "time", time)


# -- memory ------------------------------------------------------------------
SCRIPT = """
import resource, sys
sys.path.insert(0, {root!r})
from gazu import client as raw_client
from gazu.client import KitsuClient
from gazu.exception import GazuException
client = KitsuClient({host!r}, retries=0)
raw_client.get("warm", client=client)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for what in {what!r}:
    try:
        if what.startswith("file"):
            raw_client.download(what, {target!r}, client=client)
        else:
            raw_client.get(what, client=client)
    except GazuException as error:
        print(what, type(error).__name__)
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // (1 if sys.platform == "darwin" else 1024)
print("MiB", grown if sys.platform != "darwin" else grown // 1048576)
"""


def run_in_process(server, what, tmp_path):
    """Return the lines that a process writes, the last of which says by how many MiB its memory has grown."""
    script = SCRIPT.format(root=ROOT, host=server.host, what=what, target=str(tmp_path / "target"))
    run = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True, timeout=120)
    lines = run.stdout.decode().split("\n")[:-1]
    return lines[:-1], int(lines[-1].split()[1])


BOMB = gzip.compress(b" " * 128 * MIB, 1)


def bomb(status, **headers):
    """Answer with 128 MiB that come in less than a hundredth of that."""
    return answer(BOMB, status, {"Content-Encoding": "gzip", **headers}, "application/json")


def test_memory_for_what_nobody_reads(server, tmp_path):
    """Errors, redirects and files; each unfolds to 128 MiB, or comes as so many."""
    acts = {
        "warm": answer({}),
        "error": bomb(404),
        "redirect": bomb(302, Location="/api/warm"),
        "file": bomb(200),
        "file/error": bomb(500),
        "file/redirect": bomb(307, Location="/api/warm"),
        "long/error": endless(404, limit=128),
        "long/redirect": long_redirect,
    }
    server.default = lambda exchange: acts[exchange.request.path.replace("/api/", "")](exchange)
    lines, grown = run_in_process(server, list(acts)[1:], tmp_path)
    assert [line.split() for line in lines] == [
        ["error", "RouteNotFoundException"],
        ["file/error", "ServerErrorException"],
        ["long/error", "RouteNotFoundException"],
    ]
    assert grown < 64


def long_redirect(exchange):
    """Redirect with a body of 128 MiB."""
    exchange.send(head(302, {"Location": "/api/warm", "Content-Length": 128 * MIB}))
    for _ in range(128):
        exchange.send(bytes(MIB))


def test_a_body_compressed_twice_is_refused(server, client):
    """At the lowest versions of urllib3, each layer unfolds a thousandfold at once."""
    client.retries = 0
    twice = gzip.compress(gzip.compress(b"[]"))
    server.default = answer(twice, headers={"Content-Encoding": "gzip, gzip"}, kind="application/json")
    with pytest.raises(failures.AnswerUnreadable, match="compressed as gzip, gzip, which was not asked for"):
        raw_client.get("data/rows", client=client)
    assert server.requests[0].headers["accept-encoding"] == "gzip, deflate"


@both_downloads
@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "x"])
def test_a_file_in_a_coding_that_was_not_asked_for(coding, download, server, client, tmp_path):
    """It was to come as it is: of these codings, libraries write what is compressed into the file, or any size."""
    client.retries = 0
    server.default = answer(b"packed", headers={"Content-Encoding": coding})
    with pytest.raises(failures.AnswerUnreadable if download is not download_soon else TransportException):
        download(client, tmp_path / "target")
    assert list(tmp_path.iterdir()) == []


@both_downloads
def test_a_file_that_unfolds_without_an_end(download, server, client, tmp_path, small_limit):
    server.default = answer(gzip.compress(b" " * 64 * MIB), headers={"Content-Encoding": "gzip"})
    with pytest.raises(failures.AnswerTooLarge, match="more than 4 MiB|exceeds the configured limit"):
        download(client, tmp_path / "target")
    assert list(tmp_path.iterdir()) == [] and len(server.requests) == 1
    server.default = answer(zlib.compress(b"content"), headers={"Content-Encoding": "deflate"})
    download(client, tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == b"content"


def test_a_response_of_the_session_itself(server, client, small_limit):
    """The event stream reads by the session, as scripts do."""
    server.default = endless(200)
    with pytest.raises(requests.exceptions.RequestException, match="more than 4 MiB"):
        client.session.get(server.address + "/socket.io")


@both
def test_the_rest_of_a_long_error_is_not_the_next_response(get, server, client):
    """A server that has sent the beginning of an error, and waits, may send the rest later."""

    def begin(exchange):
        exchange.send(head(404, {**JSON, "Content-Length": 8 * MIB}) + b"x" * (MIB + 300_000))
        exchange.wait(20)

    server.script = [begin]
    with pytest.raises(RouteNotFoundException):
        get(client)
    server.default = answer({"id": "1"})
    assert raw_client.post("data/rows", {}, client=client) == {"id": "1"}
    assert len(server.requests) == 2


# -- lengths, heads, redirects -----------------------------------------------
@both
@pytest.mark.parametrize("length", [b"\xb2", b"9" * 5000, b"-1", b"1" * 19, b"0x10"])
def test_lengths_that_are_none(length, get, server, client, tmp_path):
    client.retries = 0
    server.default = raw(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + length + b"\r\n\r\n[]"
    )
    for act in (get, lambda client: download(client, tmp_path / "target")):
        try:
            act(client)
        except GazuException:
            pass


def flood(exchange, piece):
    try:
        while True:
            exchange.send(piece)
    except OSError:
        return "close"


HEADS = {
    "interim": b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
    "early hints": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 50,
    "status line": b"HTTP/1.1 200 " + b"a" * 70_000,
    "headers": b"A: b\r\n" * 100,
    "one header": b"a" * 70_000,
}


@both
@pytest.mark.parametrize("kind", HEADS)
def test_a_head_without_an_end(kind, get, server, client):
    client.retries, client.timeout = 0, 0.7
    begin = b"HTTP/1.1 200 OK\r\n" if "header" in kind else b""
    server.default = lambda exchange: exchange.send(begin) or flood(exchange, HEADS[kind])
    with pytest.raises(TransportException) as caught:
        get(client)
    assert len(str(caught.value)) < 500


def test_interim_responses_are_no_fault(server, client):
    server.default = raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 20, head(200, {**JSON, "Content-Length": 2}), b"[]")
    assert raw_client.get("data/rows", client=client) == []


@both
def test_redirects_in_a_circle(get, server, client):
    server.default = answer(b"", 302, {"Location": "/api/data/rows"})
    with pytest.raises(failures.TooManyRedirects):
        get(client)
    assert len(server.requests) <= 31


# -- lists --------------------------------------------------------------------
def page_of(rows):
    def act(exchange):
        number = int(exchange.request.query.replace("page=", "") or 0)
        body = {"data": rows(number), "nb_pages": number + 100, "total": number * 1000}
        answer(body if number else body["data"])(exchange)

    return act


@pytest.mark.parametrize("rows", [lambda page: [{"id": "1"}, {"id": "2"}], lambda page: [{"name": "no id"}]])
def test_pages_that_bring_nothing_new(rows, server, client):
    server.default = page_of(rows)
    with pytest.raises(ServerErrorException, match="repeats what has come before"):
        raw_client.fetch_all("rows", paginated=True, client=client)
    with pytest.raises(ServerErrorException, match="repeats what has come before"):
        awaiting.run(aio.fetch_all("rows", paginated=True, client=awaiting.twin(client)))
    assert len(server.requests) <= 4


def test_each_row_of_pages_that_bring_nothing_new(server, client):
    server.default = page_of(lambda page: [{"id": "1"}, {"id": "2"}])
    assert [row["id"] for row in raw_client.fetch_each("rows", client=client)] == ["1", "2"]
    assert len(server.requests) == 1 + raw_client.MAX_REPEATED_PAGES + 2  # and then the whole list


def test_pages_that_always_bring_something_new(server, client, monkeypatch):
    """A list may grow while it is read; one without an end is an error."""
    monkeypatch.setattr(gazu._http.protocol, "MAX_NEW_PAGES", 10)
    server.default = page_of(lambda page: [{"id": str(page)}])  # each says that there are a hundred more
    for read in (
        lambda: raw_client.fetch_all("rows", paginated=True, client=client),
        lambda: list(raw_client.fetch_each("rows", client=client)),
        lambda: awaiting.run(aio.fetch_all("rows", paginated=True, client=awaiting.twin(client))),
    ):
        server.requests.clear()
        with pytest.raises(ServerErrorException, match="the list does not end: there are more than 212 pages"):
            read()
        assert 212 - raw_client.PAGES_AT_ONCE < len(server.requests) <= 212


def test_pages_of_which_too_many_are_announced(server, client, monkeypatch):
    monkeypatch.setattr(gazu._http.protocol, "MAX_PAGES", 5)
    server.default = page_of(lambda page: [{"id": str(page)}])
    for read in (
        lambda: raw_client.fetch_all("rows", paginated=True, client=client),
        lambda: list(raw_client.fetch_each("rows", client=client)),
    ):
        server.requests.clear()
        with pytest.raises(ServerErrorException, match="the list does not end"):
            read()
        assert len(server.requests) <= 5


@pytest.mark.parametrize("name", ["task", "events"])
def test_lists_that_announce_nothing(name, server, client, monkeypatch):
    """Lists whose responses do not say how many pages there are."""
    numbers = iter(range(10**9))

    def act(exchange):
        rows = [{"id": str(next(numbers)), "created_at": "2026-11-30T09:00:00", "name": "a"} for _ in range(1000)]
        answer({"data": rows, "limit": 1000, "is_more": True} if name == "task" else rows)(exchange)

    monkeypatch.setattr(gazu._http.protocol, "MAX_PAGES", 5)
    server.default = act
    with pytest.raises(ServerErrorException, match="the list does not end"):
        if name == "task":
            gazu.task.all_open_tasks(client=client)
        else:
            gazu.sync.get_last_events(10**6, name="b", client=client)
    assert 4 <= len(server.requests) <= 6


def test_open_tasks_that_have_no_end(server, client):
    rows = [{"id": str(number)} for number in range(1000)]
    server.default = answer({"data": rows, "limit": 1000, "is_more": True, "stats": {}})
    with pytest.raises(ServerErrorException, match="repeats what has come before"):
        gazu.task.all_open_tasks(client=client)
    assert len(server.requests) == 3


# -- the deadline of a call ------------------------------------------------------
def drip_body(exchange):
    exchange.send(head(200, {**JSON, "Content-Length": 1000}))
    drip(exchange, b" ")


def drip_head(exchange):
    exchange.send(b"HTTP/1.1 200 OK\r\nA: ")
    drip(exchange, b"b")


def drip_interim(exchange):
    drip(exchange, b"HTTP/1.1 100 Continue\r\n\r\n")


def refuse(exchange):
    answer(b"", 503)(exchange)


def drip(exchange, piece):
    while not exchange.server.stopping.is_set():
        exchange.send(piece)
        exchange.wait(0.1)


@both
@pytest.mark.parametrize("act", [drip_body, drip_head, drip_interim, refuse])
def test_deadline(act, get, server, client, real_time, monkeypatch):
    monkeypatch.setattr("gazu._http.async_sender.sleep", __import__("asyncio").sleep)
    server.default = act
    client.deadline = awaiting.twin(client).deadline = 0.7
    with pytest.raises(
        failures.DeadlinePassed, match="GET data/rows: the call has not ended by its deadline"
    ) as caught:
        get(client)
    assert isinstance(caught.value, requests.exceptions.Timeout) and caught.value.final
    assert len(server.requests) == (1 if act is not refuse else len(server.requests))


@both_downloads
def test_deadline_of_a_download(download, server, client, tmp_path, real_time):
    server.default = drip_body
    client.deadline = awaiting.twin(client).deadline = 0.5
    with pytest.raises(failures.DeadlinePassed):
        download(client, tmp_path / "target")
    assert list(tmp_path.iterdir()) == [] and len(server.requests) == 1


@both
def test_deadline_of_the_environment(get, server, client, monkeypatch, real_time):
    server.default = drip_body
    monkeypatch.setenv("GAZU_DEADLINE", "0.5")
    with pytest.raises(failures.DeadlinePassed):
        get(client)
    client.deadline = awaiting.twin(client).deadline = 20
    server.default = answer({"id": "1"})
    assert get(client) == {"id": "1"}
    client.deadline = awaiting.twin(client).deadline = None
    monkeypatch.setenv("GAZU_DEADLINE", "soon")
    with pytest.raises(ValueError, match="GAZU_DEADLINE: expected seconds, got 'soon'"):
        get(client)


def test_deadline_of_an_upload_that_is_taken_byte_by_byte(server, client, tmp_path, real_time):
    def take(exchange):
        for _ in range(200):
            if not exchange.stream.read1(65536):
                break
            exchange.wait(0.1)
        return "close"

    take.early = True
    server.default = take
    (tmp_path / "file").write_bytes(bytes(64 * MIB))
    client.deadline = 0.6
    with pytest.raises(failures.DeadlinePassed):
        raw_client.upload("data/file", str(tmp_path / "file"), client=client)


def test_deadline_of_a_new_client(connect, server):
    assert connect(server.host).deadline is None and connect(server.host, deadline=5).deadline == 5
    for wrong in (0, -1, "5", float("inf")):
        with pytest.raises(ValueError, match="deadline: expected seconds"):
            connect(server.host, deadline=wrong)


def test_limits_of_threads_are_nested():
    assert connections.seconds_left() is None
    with connections.within(10):
        with connections.within(60):
            assert connections.seconds_left() <= 10
        with connections.within(1):
            assert connections.seconds_left() <= 1
    assert connections.seconds_left() is None


# -- proxies -----------------------------------------------------------------
def test_password_of_a_proxy_stays_out_of_the_tunnel(client):
    """requests before 2.31 sends it to the server behind, once a redirect leads from http to https."""
    request = requests.Request("GET", "https://kitsu.invalid/api", headers={"Proxy-Authorization": "Basic x"}).prepare()
    client.session.rebuild_proxies(request, {"https": "http://jane:password@proxy.invalid:3128"})
    assert "Proxy-Authorization" not in request.headers
    request = requests.Request("GET", "http://kitsu.invalid/api").prepare()
    client.session.rebuild_proxies(request, {"http": "http://jane:password@proxy.invalid:3128"})
    assert request.headers["Proxy-Authorization"].startswith("Basic ")
