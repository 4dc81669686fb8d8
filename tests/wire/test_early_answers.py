"""Uploads that end before their end: refused on the way, or given up by what the caller handed over."""

import io
import os
import socket
import ssl
import sys
import threading

import pytest
import requests

from gazu import client as raw_client
from gazu._http import connections
from gazu.exception import TooBigFileException, TransportException

from .conftest import PATIENCE, answer, early, hang
from .test_environment import CERTIFICATE
from .test_upload import MIB, sparse

TOO_LARGE = answer({"message": "too big"}, 413, {"Connection": "close"})


@pytest.fixture(params=["http", "TLS 1.2", "TLS 1.3"])
def server(request, start):
    """A server, without and with TLS."""
    if request.param == "http":
        return start()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTIFICATE)
    if request.param == "TLS 1.2":
        tls.maximum_version = ssl.TLSVersion.TLSv1_2
    return start(tls=tls)


@pytest.fixture
def client(server, connect):
    return connect(server.host, ssl_verify=CERTIFICATE)


@pytest.fixture
def huge(tmp_path):
    return sparse(tmp_path / "huge.mov", 32 * MIB)


def upload(client, *args, **options):
    return raw_client.upload("pictures", *args, client=client, **options)


# -- refusals ----------------------------------------------------------------
@pytest.mark.parametrize("pause", [0, 0.3])
def test_refusal_by_a_server_that_takes_no_more_and_stays(pause, client, server, huge):
    """After the pause the client waits for room in the buffers."""

    @early
    def refuse(exchange):
        exchange.wait(pause)
        TOO_LARGE(exchange)
        return hang(exchange)

    server.script = [refuse]
    with pytest.raises(TooBigFileException):
        upload(client, huge, timeout=5)
    assert upload(client, huge) == {}


def test_refusal_while_the_little_that_follows_a_file_is_sent(client, server):
    """The buffers may be full before the last line of the form."""

    @early
    def refuse(exchange):
        full.wait(PATIENCE)
        TOO_LARGE(exchange)
        return hang(exchange)

    class Form:
        def __len__(self):
            return 32 * MIB

        def __iter__(self):
            yield bytes(MIB)
            full.set()
            while True:
                yield bytes(1024)

    full = threading.Event()
    server.script = [refuse]
    response = client.session.post(server.host + "/x", data=Form(), timeout=5)
    assert response.status_code == 413


def test_refusal_by_a_server_that_drains_for_a_while(client, server, huge):
    @early
    def refuse(exchange):
        TOO_LARGE(exchange)
        for _ in range(8):
            exchange.stream.read1(64 * 1024)
        exchange.close()
        return "close"

    server.script = [refuse]
    with pytest.raises(TooBigFileException):
        upload(client, huge)
    assert upload(client, huge) == {}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere, a reset takes the response with it")
def test_refusal_in_the_middle_of_a_chunk(client, server, huge, monkeypatch):
    """The connection breaks while it is written to, before anybody looks for an answer."""
    monkeypatch.setattr(connections.EarlyResponseMixin, "_has_responded", lambda self: False)
    ended = threading.Event()

    @early
    def refuse(exchange):
        exchange.stream.read1(64 * 1024)
        TOO_LARGE(exchange)
        exchange.close()
        ended.set()
        return "close"

    server.script = [refuse]
    with pytest.raises(TooBigFileException):
        upload(client, huge, progress_callback=lambda done, total: ended.wait(PATIENCE))
    assert upload(client, huge) == {}


def test_end_without_an_answer(client, server, huge):
    @early
    def hang_up(exchange):
        exchange.stream.read1(64 * 1024)
        exchange.close()
        return "close"

    server.script = [hang_up]
    with pytest.raises(TransportException) as caught:
        upload(client, huge)
    assert caught.value.sent
    assert len(server.requests) == 1


def test_nothing_is_taken_for_an_answer_that_is_none(client, server, huge):
    """A server of TLS 1.3 sends tickets, which the client has not read when its body begins."""
    calls = []
    assert upload(client, huge, progress_callback=lambda done, total: calls.append(done)) == {}
    assert server.requests[0].length > 32 * MIB
    assert calls == [number * MIB for number in range(1, 33)]


# -- limits ------------------------------------------------------------------
def test_server_that_takes_nothing(client, server, huge):
    server.default = early(hang)
    with pytest.raises(requests.exceptions.RequestException, match="timed out") as caught:
        upload(client, huge, timeout=0.3)
    assert isinstance(caught.value, TransportException)
    assert len(server.requests) == 1


def test_server_that_is_slow(client, server, tmp_path, monkeypatch):
    """The limit is for silence, whatever the size of a chunk: here one takes longer than that."""

    @early
    def sip(exchange):
        for _ in range(MIB // PIECE):
            exchange.wait(0.05)
            exchange.stream.read(PIECE)
        answer({})(exchange)
        return "close"

    def connect(self, _connect=connections.EarlyResponseMixin.connect):
        _connect(self)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, PIECE)

    PIECE = 32 * 1024
    monkeypatch.setattr(connections.EarlyResponseMixin, "connect", connect)
    server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE)
    server.script = [sip]
    assert upload(client, sparse(tmp_path / "slow.mov", MIB), timeout=1) == {}


def test_no_limit(client, server, huge):
    assert upload(client, huge, timeout=(None, None)) == {}


def test_many_open_files(client, server, huge):
    """Beyond the 1024 descriptors that `select` can take."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limits[1] != resource.RLIM_INFINITY and limits[1] < 2048:
        pytest.skip("no more files allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (2048, limits[1]))
    opened = []
    try:
        while not opened or opened[-1] <= 1100:
            opened.append(os.open(os.devnull, os.O_RDONLY))
        assert upload(client, huge) == {}
    finally:
        for number in opened:
            os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


# -- failures of the caller --------------------------------------------------
class Broken(io.BytesIO):
    """A file whose second chunk cannot be read."""

    def __init__(self, error, failing):
        super().__init__(bytes(3 * MIB))
        self.error, self.failing = error, failing

    def read(self, size=-1):
        if size and self.tell() >= MIB:
            self.failing.set()
            raise self.error
        return super().read(size)


@pytest.mark.parametrize("source", ["callback", "file"])
@pytest.mark.parametrize(
    "error",
    [BrokenPipeError(32, "no more stdout"), ConnectionResetError(104, "by another peer"), OSError(5, "disk"),
     socket.timeout("of another socket"), ssl.SSLEOFError(8, "of another connection"), ValueError("no number"),
     requests.exceptions.ConnectionError("of another request")],
)  # fmt: skip
def test_failure_of_the_caller_is_none_of_the_connection(error, source, client, server):
    """Though the server has an answer, which would be read after a broken pipe."""
    failing = threading.Event()

    @early
    def answer_all_the_same(exchange):
        failing.wait(PATIENCE)
        answer({})(exchange)
        return hang(exchange)

    def progress(done, total):
        failing.set()
        raise error

    server.script = [answer_all_the_same]
    with pytest.raises(type(error)) as caught:
        if source == "file":
            upload(client, files={"file": Broken(error, failing)})
        else:
            upload(client, files={"file": io.BytesIO(bytes(3 * MIB))}, progress_callback=progress)
    assert caught.value is error
    assert len(server.requests) <= 1
