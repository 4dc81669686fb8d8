"""Files to the server: streamed, counted, and whole."""

import errno
import io
import os
import threading
import tracemalloc
import zipfile
from email.parser import BytesParser

import pytest
import requests

from gazu import client as raw_client
from gazu.exception import GazuException, TooBigFileException, TransportException, UploadFailedException

from .conftest import PATIENCE, answer, early, hang, raw, reset

MIB = 1024 * 1024


def sparse(path, size):
    """Make a file of *size* bytes that takes no room on the disk."""
    with open(str(path), "wb") as file:
        file.truncate(size)
    return str(path)


def form_of(request):
    """Return the parts of the form by name: (file name, content)."""
    mail = b"Content-Type: " + request.headers["content-type"].encode() + b"\r\n\r\n" + request.body
    parts = BytesParser().parsebytes(mail).get_payload()
    return {
        part.get_param("name", header="content-disposition"): (part.get_filename(), part.get_payload(decode=True))
        for part in parts
    }


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "caf\u00e9 1.png"
    path.write_bytes(b"\x00\xffsmall\r\n--")
    return str(path)


@pytest.fixture
def large(tmp_path):
    return sparse(tmp_path / "large.mov", 3 * MIB + 5)


def upload(client, *args, **options):
    return raw_client.upload("pictures", *args, client=client, **options)


def test_small_file(client, server, small):
    server.default = answer({"id": "1"}, 201)
    assert upload(client, small, data={"name": "x", "none": None, "both": ["a", "b"]}, extra_files=[small]) == {
        "id": "1"
    }
    form = form_of(server.requests[0])
    assert form["file"][1] == form["file-1"][1] == b"\x00\xffsmall\r\n--"
    assert form["name"][1] == b"x"
    assert "none" not in form
    assert server.requests[0].token == "access-token-1"
    assert len(server.requests) == 1


def test_large_file(client, server, large):
    assert upload(client, large, data={"name": "x"}) == {}
    request = server.requests[0]
    assert request.length == int(request.headers["content-length"])
    assert "transfer-encoding" not in request.headers
    assert form_of(request)["file"] == ("large.mov", bytes(3 * MIB + 5))


def test_open_file_is_sent_from_where_it_stands(client, server, large):
    with open(large, "r+b") as file:
        file.write(b"skipped")
        file.flush()
        upload(client, files={"file": ("name.mov", file, "video/quicktime")})
        assert not file.closed
    assert form_of(server.requests[0])["file"] == ("name.mov", bytes(3 * MIB - 2))


@pytest.mark.parametrize("source", ["small", "large"])
def test_progress(source, client, server, request):
    path = request.getfixturevalue(source)
    size = os.path.getsize(path)
    calls = []
    upload(client, path, progress_callback=lambda done, total: calls.append((done, total)))
    assert calls[-1] == (size, size)
    assert calls == sorted(set(calls))
    assert {total for _, total in calls} == {size}
    assert len(calls) == (1 if source == "small" else 4)


def test_progress_counts_what_has_left(client, server, tmp_path):
    """The callback is called while the body is on its way, not before and not after."""
    called = threading.Event()
    before = []

    @early
    def take_after_the_first_call(exchange):
        called.wait(PATIENCE)
        before.append(len(calls))
        exchange.read_body()
        answer({})(exchange)

    calls = []

    def progress(done, total):
        calls.append(done)
        called.set()

    server.default = take_after_the_first_call
    upload(client, sparse(tmp_path / "huge.mov", 64 * MIB), progress_callback=progress)
    assert len(calls) == 64
    assert 1 <= before[0] < 64


@pytest.mark.parametrize("source", ["small", "large"])
@pytest.mark.parametrize("kind", [RuntimeError, OSError, KeyboardInterrupt, requests.exceptions.ConnectionError])
def test_progress_that_raises_ends_the_upload(kind, source, client, server, request):
    def progress(done, total):
        raise kind("enough")

    with pytest.raises(kind, match="enough"):
        upload(client, request.getfixturevalue(source), progress_callback=progress)
    assert len(server.requests) <= 1
    assert upload(client, request.getfixturevalue(source)) == {}  # the client is as good as before


def test_memory_does_not_grow_with_the_file(client, server, tmp_path):
    path = sparse(tmp_path / "huge.mov", 64 * MIB)
    upload(client, path)  # imports and pools are not what is measured
    tracemalloc.start()
    try:
        upload(client, path, progress_callback=lambda done, total: None)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert server.requests[1].length > 64 * MIB
    assert peak < 16 * MIB


def test_file_that_shrinks(client, server, large):
    def shrink(done, total):
        os.truncate(large, MIB + 1)

    with pytest.raises(OSError, match="shorter") as caught:
        upload(client, large, progress_callback=shrink)
    assert not isinstance(caught.value, requests.exceptions.RequestException)
    assert server.received(1) == 1


def test_file_that_grows(client, server, large):
    def grow(done, total):
        with open(large, "ab") as file:
            file.write(b"x" * MIB)

    assert upload(client, large, progress_callback=grow) == {}
    assert form_of(server.requests[0])["file"][1] == bytes(3 * MIB + 5)
    assert upload(client, large) == {}  # the connection is in step


@pytest.mark.parametrize("ending", [lambda exchange: exchange.close(), lambda exchange: exchange.reset()])
def test_refusal_while_the_body_is_on_its_way(ending, client, server, tmp_path):
    """A proxy that limits bodies answers at once, and takes no more of it."""
    refused = threading.Event()

    @early
    def refuse(exchange):
        exchange.stream.read1(64 * 1024)
        answer("<h1>413 Request Entity Too Large</h1>", 413, {"Connection": "close"})(exchange)
        refused.wait(PATIENCE)  # it ends no sooner: a reset may overtake the response
        ending(exchange)
        return "close"

    server.script = [refuse]
    path = sparse(tmp_path / "huge.mov", 64 * MIB)
    with pytest.raises(TooBigFileException):
        upload(client, path)
    refused.set()
    assert len(server.requests) == 1
    assert upload(client, path) == {}


def test_refusal_before_the_body_on_a_connection_that_stays_open(client, server, tmp_path):
    @early
    def refuse(exchange):
        answer({"message": "too big"}, 413)(exchange)
        exchange.wait(0.2)
        exchange.read_body()

    server.script = [refuse]
    with pytest.raises(TooBigFileException):
        upload(client, sparse(tmp_path / "huge.mov", 32 * MIB))
    assert upload(client, sparse(tmp_path / "huge.mov", 2 * MIB)) == {}


@pytest.mark.parametrize("fault", [reset, early(reset), raw(), early(raw()), hang, answer("busy", 503)])
@pytest.mark.parametrize("source", ["small", "large"])
def test_upload_is_never_doubled(source, fault, client, server, request):
    server.default = fault
    with pytest.raises(GazuException):
        upload(client, request.getfixturevalue(source), timeout=0.3)
    assert len(server.requests) == 1


def test_upload_when_the_server_was_down_for_a_moment(start, connect, large, naps):
    late = start(listening=False)
    naps.then = late.listen
    calls = []
    upload(connect(late.host), large, progress_callback=lambda done, total: calls.append(done))
    assert late.requests[0].length > 3 * MIB
    assert calls == sorted(calls)


def test_server_that_stops_reading_for_longer_than_the_connect_limit(client, server, tmp_path):
    @early
    def stall(exchange):
        exchange.wait(0.6)
        exchange.read_body()
        answer({})(exchange)

    server.script = [stall]
    assert upload(client, sparse(tmp_path / "huge.mov", 32 * MIB), timeout=(0.2, 10)) == {}


def test_server_that_never_reads(client, server, tmp_path):
    server.default = early(hang)
    with pytest.raises(requests.exceptions.RequestException) as caught:
        upload(client, sparse(tmp_path / "huge.mov", 64 * MIB), timeout=0.3)
    assert isinstance(caught.value, TransportException)
    assert len(server.requests) == 1


def test_expired_token_resends_the_whole_file(server, connect, large):
    server.script = [answer({"message": "Signature has expired"}, 401), answer({"access_token": "new"})]
    calls = []
    upload(connect(server.host, refresh_token="r"), large, progress_callback=lambda done, total: calls.append(done))
    first, _, second = server.requests
    assert form_of(first)["file"] == form_of(second)["file"]
    assert max(calls) == 3 * MIB + 5


def test_missing_file_sends_nothing(client, server, small, tmp_path):
    missing = str(tmp_path / "missing")
    for arguments in ((missing,), (small, None, [small, missing])):
        with pytest.raises(FileNotFoundError):
            upload(client, *arguments)
    with pytest.raises(OSError):
        upload(client, str(tmp_path))
    with pytest.raises(TypeError):
        upload(client)
    assert server.requests == []


def test_server_that_reports_an_error_with_status_200(client, server, small):
    server.default = answer({"message": "cannot read this picture"})
    with pytest.raises(UploadFailedException, match="cannot read this picture"):
        upload(client, small)


@pytest.mark.parametrize("size", [0, 1, MIB - 400, MIB, MIB + 1])
def test_sizes_around_the_limits(size, client, server, tmp_path):
    path = sparse(tmp_path / "file", size)
    upload(client, path)
    assert form_of(server.requests[0])["file"] == ("file", bytes(size))
    assert server.requests[0].length == int(server.requests[0].headers["content-length"])


def test_what_requests_takes_for_files(client, server, tmp_path):
    """Text, pipes, and pairs instead of a mapping."""
    (tmp_path / "a.txt").write_text("été", encoding="utf-8")
    out, into = os.pipe()
    os.write(into, b"piped")
    os.close(into)
    with open(tmp_path / "a.txt", encoding="utf-8") as text, os.fdopen(out, "rb") as pipe:
        sources = [("text", io.StringIO("words")), ("file", text), ("pipe", ("p.bin", pipe, "application/x"))]
        upload(client, files=sources)
    form = form_of(server.requests[0])
    assert form["text"][1] == b"words"
    assert form["file"] == ("a.txt", "été".encode())
    assert form["pipe"] == ("p.bin", b"piped")


def test_content_from_memory(client, server):
    upload(client, files={"file": io.BytesIO(b"x" * (2 * MIB)), "other": ("o.txt", "text"), "bytes": b"raw"})
    form = form_of(server.requests[0])
    assert form["file"][1] == b"x" * (2 * MIB)
    assert form["other"] == ("o.txt", b"text")
    assert form["bytes"][1] == b"raw"


def refused_by(kernel, error, after=0):
    """Return an `os.sendfile` that refuses once it has sent so many bytes."""
    sent = []

    def sendfile(out, number, offset, count):
        if sum(sent) >= after:
            raise OSError(error, os.strerror(error))
        sent.append(kernel(out, number, offset, min(count, 100_000)))
        return sent[-1]

    return sendfile


@pytest.mark.skipif(not hasattr(os, "sendfile"), reason="this system has no sendfile")
class TestSendfile:
    """The kernel sends plain files over plain TCP: their bytes never come into the process."""

    @pytest.fixture
    def movie(self, tmp_path):
        path = tmp_path / "movie.mov"
        path.write_bytes(os.urandom(2 * MIB + 77))
        return path

    def test_what_the_kernel_sends(self, client, server, movie, monkeypatch):
        offsets = []
        kernel = os.sendfile
        monkeypatch.setattr(os, "sendfile", lambda *args: offsets.append(args[2]) or kernel(*args))
        with open(str(movie), "rb") as file:
            file.seek(10)
            upload(client, files={"file": file})
            assert file.tell() == 2 * MIB + 77
        assert form_of(server.requests[0])["file"][1] == movie.read_bytes()[10:]
        assert offsets[0] == 10
        assert set(range(10, 2 * MIB + 77, MIB)) <= set(offsets)

    @pytest.mark.parametrize("error", [errno.EINVAL, errno.ENOSYS, errno.EIO])
    @pytest.mark.parametrize("after", [0, 1_500_000])
    def test_what_it_refuses_is_read(self, client, server, movie, monkeypatch, error, after):
        monkeypatch.setattr(os, "sendfile", refused_by(os.sendfile, error, after))
        calls = []
        upload(client, str(movie), progress_callback=lambda done, total: calls.append(done))
        assert form_of(server.requests[0])["file"][1] == movie.read_bytes()
        assert calls == [MIB, 2 * MIB, 2 * MIB + 77]

    def test_file_that_cannot_be_read(self, client, server, movie, monkeypatch):
        """The error is that of the file, not one of the connection."""
        monkeypatch.setattr(os, "sendfile", refused_by(os.sendfile, errno.EIO, MIB))

        def shorten(done, total):
            os.truncate(str(movie), MIB)

        with pytest.raises(OSError, match="its bytes from 1,048,576 on are missing") as caught:
            upload(client, str(movie), progress_callback=shorten)
        assert not isinstance(caught.value, requests.exceptions.RequestException)
        assert server.received(1) == 1

    @pytest.mark.parametrize("mode", ["r+b", "zip", "memory"])
    def test_what_is_no_plain_file_is_read(self, client, server, movie, monkeypatch, mode):
        monkeypatch.setattr(os, "sendfile", refused_by(os.sendfile, errno.EBADF))
        content = movie.read_bytes()
        if mode == "r+b":  # what was written may still be in its buffer
            source = open(str(movie), "r+b")
            source.write(b"new")
            source.seek(0)
            content = b"new" + content[3:]
        elif mode == "zip":
            archive = zipfile.ZipFile(str(movie) + ".zip", "w")
            archive.writestr("movie.mov", content)
            archive.close()
            source = zipfile.ZipFile(archive.filename).open("movie.mov")
        else:
            source = io.BytesIO(content)
        with source:
            upload(client, files={"file": source})
        assert form_of(server.requests[0])["file"][1] == content
