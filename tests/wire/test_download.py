"""Files from the server: whole or not at all."""

import errno
import gzip
import os
import stat
import tempfile
import threading
import traceback
import tracemalloc

import pytest
import requests

from gazu import client as raw_client
from gazu import helpers
from gazu.exception import (
    DownloadFileException,
    GazuException,
    PreviewFileProcessingException,
    RouteNotFoundException,
    ServerErrorException,
    TransportException,
)

from .conftest import PATIENCE, answer, hang, head, raw, reset

MIB = 1024 * 1024
DATA = bytes(range(256)) * 40
BIG = os.urandom(3 * MIB + 77)
ETAG = {"ETag": '"v1"', "Accept-Ranges": "bytes"}


def cut(data=DATA, at=4000, headers=ETAG, end=None):
    """Send the headers of the whole and *at* bytes of it."""
    pieces = [head(200, {"Content-Length": len(data), **headers}), data[:at]]
    return raw(*pieces, *([end] if end else []))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder


@pytest.fixture
def target(folder):
    """The path to write to, with an old file at it."""
    path = folder / "t\u00e9st.mov"
    path.write_bytes(b"old")
    return path


def download(client, path, **options):
    return raw_client.download("movies/1", path, client=client, **options)


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_download(client, server, target, folder):
    server.default = answer(DATA)
    response = download(client, str(target), params={"a": "b c"})
    assert response.status_code == 200
    assert files(folder) == {target.name: DATA}
    assert server.calls == ["GET /api/movies/1?a=b+c"]
    assert server.requests[0].token == "access-token-1"


def test_kinds_of_target(client, server, folder):
    server.default = answer(DATA)
    for path in (folder / "path object", str(folder / "text"), os.fsencode(str(folder / "bytes"))):
        download(client, path)
    assert files(folder) == {"path object": DATA, "text": DATA, "bytes": DATA}


def test_without_a_target_the_content_is_in_the_response(client, server):
    server.default = answer(DATA)
    assert download(client, None).content == DATA


@pytest.mark.parametrize("sized", [True, False])
def test_progress(sized, client, server, target):
    data = bytes(3 * MIB)
    server.default = answer(data) if sized else raw(head(200, {}), data)
    calls = []
    download(client, str(target), progress_callback=lambda done, total: calls.append((done, total)))
    assert calls[-1] == (3 * MIB, 3 * MIB if sized else 0)
    assert calls == sorted(calls)
    assert target.read_bytes() == data


def test_empty_file(client, server, target):
    server.default = answer(b"")
    download(client, str(target))
    assert target.read_bytes() == b""


def test_compressed_on_the_way(client, server, target):
    for progress in (None, lambda done, total: None):
        server.script = [answer(gzip.compress(DATA), headers={"Content-Encoding": "gzip"})]
        download(client, str(target), progress_callback=progress)
        assert target.read_bytes() == DATA
    assert server.requests[0].headers["accept-encoding"] == "identity"


def test_target_is_old_or_new_never_between(client, server, target, folder):
    """Look at the target at every step of a download."""
    seen = []
    server.default = answer(bytes(4 * MIB))
    download(client, str(target), progress_callback=lambda done, total: seen.append(target.read_bytes()))
    assert seen == [b"old"] * len(seen)
    assert len(seen) >= 4
    assert target.stat().st_size == 4 * MIB
    assert len(files(folder)) == 1


def test_memory_does_not_grow_with_the_file(client, server, target):
    piece = bytes(MIB)

    def huge(exchange):
        exchange.send(head(200, {"Content-Length": 64 * MIB}))
        for _ in range(64):
            exchange.send(piece)

    server.default = huge
    download(client, str(target))
    tracemalloc.start()
    try:
        download(client, str(target))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert target.stat().st_size == 64 * MIB
    assert peak < 16 * MIB


# -- transfers that fail -----------------------------------------------------
def piecewise(size, end=None):
    """Send BIG from where it is asked to, and end the connection after *size* bytes."""

    def act(exchange):
        asked = exchange.request.headers.get("range", "bytes=0-")
        start = int(asked.split("=")[1].rstrip("-"))
        status, content = (206, {"Content-Range": f"bytes {start}-{len(BIG) - 1}/{len(BIG)}"}) if start else (200, {})
        exchange.send(head(status, {"Content-Length": len(BIG) - start, **ETAG, **content}))
        exchange.send(BIG[start : start + size])
        if start + size >= len(BIG):
            return None
        if end is not None:
            return end(exchange)
        exchange.close()
        return "close"

    return act


@pytest.mark.parametrize("end", [None, hang], ids=["closed", "silent"])
def test_cut_transfer_goes_on_where_it_stopped(end, client, server, target, folder):
    server.script = [piecewise(2 * MIB + 5, end)]
    server.default = piecewise(len(BIG))
    calls = []
    download(client, str(target), timeout=0.5, progress_callback=lambda done, total: calls.append((done, total)))
    assert files(folder) == {target.name: BIG}
    assert server.requests[1].headers["range"] in (f"bytes={2 * MIB}-", f"bytes={2 * MIB + 5}-")
    assert len(server.requests) == 2
    assert server.requests[1].headers["if-range"] == '"v1"'
    assert calls == sorted(calls)
    assert calls[0] == (MIB // 4, len(BIG))
    assert calls[-1] == (len(BIG), len(BIG))


def test_reset_transfer_goes_on(client, server, target, folder):
    server.script = [piecewise(2 * MIB + 5, reset)]
    server.default = piecewise(len(BIG))
    download(client, str(target))
    assert files(folder) == {target.name: BIG}
    assert len(server.requests) == 2


def test_transfer_that_is_cut_several_times(client, server, target, folder):
    server.default = piecewise(MIB)
    download(client, str(target))
    assert files(folder) == {target.name: BIG}
    assert [request.headers.get("range") for request in server.requests] == [
        None, f"bytes={MIB}-", f"bytes={2 * MIB}-", f"bytes={3 * MIB}-",
    ]  # fmt: skip


def test_transfer_that_is_cut_for_ever(client, server, target, folder):
    server.default = cut(headers={})
    with pytest.raises(requests.exceptions.ChunkedEncodingError) as caught:
        download(client, str(target))
    assert isinstance(caught.value, TransportException)
    assert files(folder) == {target.name: b"old"}
    assert len(server.requests) <= 10


@pytest.mark.parametrize(
    "first, second, third",
    [
        (cut(headers={}), answer(DATA), None),  # nothing to tell the versions apart by
        (cut(headers={"ETag": 'W/"weak"'}), answer(DATA), None),
        (piecewise(MIB), answer(DATA, headers=ETAG), None),  # the server does no ranges
        (piecewise(MIB), answer(DATA, headers={"ETag": '"v2"'}), None),  # another version by now
        (piecewise(MIB), answer(BIG, 206, {"Content-Range": "bytes 77-99/9999"}), answer(DATA)),
        (piecewise(MIB), answer(BIG, 206), answer(DATA)),
        (cut(headers={"Content-Encoding": "gzip"}, data=gzip.compress(os.urandom(9000))), answer(DATA), None),
        (raw(head(200, {"Transfer-Encoding": "chunked"}), b"4\r\nabcd\r\n"), answer(DATA), None),
    ],
    ids=["no mark", "weak", "no ranges", "changed", "other piece", "no word of the piece", "compressed", "chunked"],
)
def test_cut_transfer_starts_again(first, second, third, client, server, target, folder):
    server.script = [act for act in (first, second, third) if act]
    download(client, str(target))
    assert files(folder) == {target.name: DATA}
    assert server.script == []


@pytest.mark.parametrize("status, kind", [(404, RouteNotFoundException), (500, ServerErrorException)])
def test_file_that_is_gone_when_the_transfer_goes_on(status, kind, client, server, target, folder):
    server.script = [piecewise(MIB), answer({"message": "gone"}, status)]
    with pytest.raises(kind):
        download(client, str(target))
    assert files(folder) == {target.name: b"old"}


def part(data, size=None, whole=None, mark='"v1"'):
    """Send *size* bytes of *data*, from where it is asked to."""

    def act(exchange):
        start = int(exchange.request.headers["range"][len("bytes=") : -1])
        piece = data[start:][:size]
        place = f"bytes {start}-{start + len(piece) - 1}/{whole or len(data)}"
        return answer(piece, 206, {"Content-Range": place, "ETag": mark})(exchange)

    return act


@pytest.fixture(params=["sync", "async"])
def fetch(request, client):
    """Download with both kinds of clients."""
    if request.param == "sync":
        return lambda path: download(client, str(path))
    loop = request.getfixturevalue("loop")
    aio = pytest.importorskip("gazu.aio")
    return lambda path: loop.run(aio.download("movies/1", str(path), client=loop.twin(client)))


def test_range_that_cannot_be_given(fetch, server, target, folder):
    server.script = [piecewise(MIB), answer(b"", 416, {"Content-Range": "bytes */4000"}), answer(DATA)]
    fetch(target)
    assert files(folder) == {target.name: DATA}
    assert "range" not in server.requests[2].headers


def test_part_that_is_shorter_than_asked_for(fetch, server, target, folder):
    server.script = [piecewise(MIB), part(BIG, size=1000), part(BIG)]
    fetch(target)
    assert files(folder) == {target.name: BIG}
    assert server.script == []


@pytest.mark.parametrize(
    "other",
    [part(BIG[::-1], mark='"v2"'), part(BIG[:-7]), part(BIG, whole=len(BIG) + 9, mark='"v2"')],
    ids=["other mark", "other size", "both"],
)
def test_part_of_another_file(other, fetch, server, target, folder):
    """A server that has heard nothing of If-Range."""
    server.script = [piecewise(MIB), other, answer(DATA)]
    fetch(target)
    assert files(folder) == {target.name: DATA}
    assert server.script == []


def test_parts_that_are_too_short_for_ever(fetch, server, target, folder):
    server.script = [piecewise(MIB)]
    server.default = part(BIG, size=9)
    with pytest.raises(TransportException, match=f"of {len(BIG)} bytes came"):
        fetch(target)
    assert files(folder) == {target.name: b"old"}


def test_size_that_only_the_part_tells(fetch, server, target, folder):
    server.script = [raw(head(200, {"Transfer-Encoding": "chunked", **ETAG}), b"4\r\n" + BIG[:4] + b"\r\n")]
    server.default = part(BIG)
    fetch(target)
    assert files(folder) == {target.name: BIG}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 418, 500, 503])
@pytest.mark.parametrize("body", [{"message": "no"}, "<html>", b""])
def test_error_is_not_saved(status, body, client, server, target, folder):
    server.default = answer(body, status)
    with pytest.raises(Exception) as caught:
        download(client, str(target))
    assert caught.value.status_code == status
    assert files(folder) == {target.name: b"old"}


@pytest.mark.parametrize("path", ["movies/1", "/pictures/1"])
@pytest.mark.parametrize("to_file", [True, False])
def test_page_of_a_proxy_is_no_movie(to_file, path, client, server, target, folder):
    for script in ([answer("<html>Log in to the Wi-Fi")], [piecewise(MIB), answer("<html>Log in to the Wi-Fi")]):
        server.script = script if to_file else script[-1:]
        with pytest.raises(ServerErrorException, match="a web page"):
            raw_client.download(path, str(target) if to_file else None, client=client)
        assert files(folder) == {target.name: b"old"}
    server.script = [answer("<html>attached")]
    raw_client.download("data/attachment-files/1", str(target), client=client)
    assert target.read_bytes() == b"<html>attached"


def test_error_of_a_moment(client, server, target):
    server.script = [answer("busy", 503), reset, answer(DATA)]
    download(client, str(target))
    assert target.read_bytes() == DATA


def test_disk_that_is_full(client, server, target, folder, monkeypatch):
    server.default = answer(DATA)
    monkeypatch.setattr("gazu._http.atomic_file.AtomicFile._open", lambda self: open("/dev/full", "wb", buffering=0))
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no full disk to try")
    with pytest.raises(OSError) as caught:
        download(client, str(target))
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.filename == str(target)
    assert not isinstance(caught.value, requests.exceptions.RequestException)
    assert files(folder) == {target.name: b"old"}
    assert len(server.requests) == 1


def test_disk_that_fills_up_half_way(client, server, target, folder, monkeypatch):
    from gazu._http import atomic_file

    class Full:
        def __init__(self, file):
            self.file = file

        def write(self, chunk):
            if self.file.tell() + len(chunk) > MIB:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.file.write(chunk)

        def __getattr__(self, name):
            return getattr(self.file, name)

    opened = atomic_file.AtomicFile._open
    monkeypatch.setattr(atomic_file.AtomicFile, "_open", lambda self: Full(opened(self)))
    server.default = answer(bytes(3 * MIB))
    with pytest.raises(OSError) as caught:
        download(client, str(target))
    assert caught.value.errno == errno.ENOSPC
    assert files(folder) == {target.name: b"old"}


def test_short_writes(client, server, target, monkeypatch):
    """The system may take a part of what it is given."""
    from gazu._http import atomic_file

    class Short:
        def __init__(self, file):
            self.file = file

        def write(self, chunk):
            return self.file.write(bytes(chunk)[:1000])

        def __getattr__(self, name):
            return getattr(self.file, name)

    opened = atomic_file.AtomicFile._open
    monkeypatch.setattr(atomic_file.AtomicFile, "_open", lambda self: Short(opened(self)))
    server.default = answer(DATA)
    download(client, str(target))
    assert target.read_bytes() == DATA


@pytest.mark.parametrize("kind", [KeyboardInterrupt, RuntimeError, OSError, requests.exceptions.ConnectionError])
def test_callback_that_raises_leaves_nothing(kind, client, server, target, folder):
    def progress(done, total):
        assert len(files(folder)) == 2  # the old file and the one in the making
        raise kind("enough")

    server.default = answer(bytes(3 * MIB))
    with pytest.raises(kind, match="enough"):
        download(client, str(target), progress_callback=progress)
    assert files(folder) == {target.name: b"old"}
    assert len(server.requests) == 1
    server.default = answer(DATA)
    download(client, str(target))
    assert target.read_bytes() == DATA


# -- files being processed ---------------------------------------------------
def test_processing_then_ready(client, server, target, naps):
    server.script = [
        answer({"message": "processing"}, 202, {"Retry-After": 3}),
        answer({"message": "processing"}, 202),
        answer(DATA),
    ]
    download(client, str(target))
    assert target.read_bytes() == DATA
    assert naps == [3, raw_client.DEFAULT_RETRY_AFTER]
    assert server.connections <= 3
    assert "application/json" in server.requests[0].headers["accept"]


@pytest.mark.parametrize("to_file", [True, False])
def test_processing_for_too_long(to_file, client, server, target, folder, naps):
    server.default = answer({"message": "processing"}, 202, {"Retry-After": 7})
    with pytest.raises(PreviewFileProcessingException):
        download(client, str(target) if to_file else None, processing_timeout=20)
    assert naps == [7, 7, 6]
    assert files(folder) == {target.name: b"old"}
    with pytest.raises(PreviewFileProcessingException):
        download(client, str(target), processing_timeout=0)
    assert len(naps) == 3


def test_processing_with_an_odd_retry_after(client, server, target, naps):
    for odd in ("-4", "0", "nan", "soon", "99999", "inf"):
        server.script = [answer({}, 202, {"Retry-After": odd}), answer(DATA)]
        del naps[:]
        download(client, str(target), processing_timeout=30)
        assert len(naps) == 1
        assert 0.5 <= naps[0] <= 30


# -- targets -----------------------------------------------------------------
def test_folder_as_target(client, server, folder):
    with pytest.raises(IsADirectoryError) as caught:
        download(client, str(folder))
    assert caught.value.filename == str(folder)
    assert server.requests == []


def test_folder_that_is_missing(client, server, folder):
    with pytest.raises(FileNotFoundError) as caught:
        download(client, str(folder / "missing" / "file"))
    assert "missing" in str(caught.value)
    assert server.requests == []


@pytest.fixture
def nobody():
    """Be somebody who may not write everywhere, as root may."""
    root = hasattr(os, "getuid") and os.getuid() == 0  # not on Windows
    if root:
        os.setresuid(65534, 65534, 0)
    yield
    if root:
        os.setresuid(0, 0, 0)


def test_target_that_may_not_be_written(client, server, nobody):
    with tempfile.TemporaryDirectory() as open_to_all:
        path = os.path.join(open_to_all, "plain")
        with open(path, "w") as file:
            file.write("before")
        os.chmod(path, 0o400)
        with pytest.raises(PermissionError):
            download(client, path)
        with open(path) as file:
            assert file.read() == "before"
    assert server.requests == []


@pytest.mark.parametrize(
    "target", ["plain", os.path.join(".", "plain"), os.path.join("below", "plain"), os.path.join("..", "plain")]
)
def test_relative_target(target, client, server, tmp_path, monkeypatch):
    """It is in the current folder, and so is what is there of it until it is whole."""
    server.default = answer(DATA)
    (tmp_path / "here" / "below").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    beside = []
    download(
        client, target, progress_callback=lambda done, total: beside.append(os.listdir(os.path.dirname(target) or "."))
    )
    path = (tmp_path / "here" / target).resolve()
    assert {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()} == {path: DATA}
    assert all(len([name for name in names if "plain" in name]) == 1 for names in beside)
    assert beside


def test_change_of_folder_during_the_download(client, server, folder, tmp_path, monkeypatch):
    server.default = answer(DATA)
    monkeypatch.chdir(folder)
    download(client, "plain", progress_callback=lambda done, total: os.chdir(str(tmp_path)))
    assert files(folder) == {"plain": DATA}


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_modes(client, server, target, folder):
    server.default = answer(DATA)
    target.chmod(0o751)
    mask = os.umask(0o027)
    try:
        download(client, str(target))
        download(client, str(folder / "fresh"))
    finally:
        os.umask(mask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o751
    assert stat.S_IMODE((folder / "fresh").stat().st_mode) == 0o640


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights there")
def test_symbolic_link_is_followed(client, server, target, folder, tmp_path):
    server.default = answer(DATA)
    link = tmp_path / "link"
    link.symlink_to(target)
    download(client, str(link))
    assert link.is_symlink()
    assert files(folder) == {target.name: DATA}
    dangling = tmp_path / "dangling"
    dangling.symlink_to(folder / "new")
    download(client, str(dangling))
    assert (folder / "new").read_bytes() == DATA


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="needs a device")
def test_device(client, server):
    server.default = answer(DATA)
    download(client, os.devnull)
    assert not stat.S_ISREG(os.stat(os.devnull).st_mode)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_fifo(client, server, folder):
    server.default = answer(DATA)
    path = str(folder / "pipe")
    os.mkfifo(path)
    got = []

    def read():
        with open(path, "rb") as pipe:
            got.append(pipe.read())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    download(client, path)
    reader.join(PATIENCE)
    assert got == [DATA]
    assert stat.S_ISFIFO(os.stat(path).st_mode)


@pytest.mark.parametrize("letter", ["x", "\u00e9", "\u65e5"])
def test_longest_names(letter, client, server, folder):
    server.default = answer(DATA)
    name = letter * (255 // len(letter.encode()))
    try:
        (folder / name).write_bytes(b"")
    except OSError:
        pytest.skip("the file system has no such names")
    download(client, str(folder / name))
    assert files(folder) == {name: DATA}


def test_two_downloads_to_the_same_place(client, server, target, folder):
    server.default = answer(bytes(MIB))
    threads = [threading.Thread(target=download, args=(client, str(target))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert files(folder) == {target.name: bytes(MIB)}


# -- files of other servers --------------------------------------------------
def test_foreign_file(server, folder):
    server.default = answer(DATA, kind="image/png")
    assert helpers.download_file(server.address + "/a/b.png?x=1", str(folder)) == str(folder / "b.png")
    assert helpers.download_file(server.address + "/a/b", str(folder / "c")) == str(folder / "c.png")
    assert helpers.download_file(server.address + "/", str(folder)) == str(folder / "file.png")
    assert files(folder) == {"b.png": DATA, "c.png": DATA, "file.png": DATA}
    assert [request.token for request in server.requests] == [None] * 3


@pytest.mark.parametrize("fault", [cut(), reset, answer("no", 404), answer("x", 500), raw(head(200, {}), reset)])
def test_foreign_file_that_fails(fault, server, folder):
    server.default = fault
    with pytest.raises(DownloadFileException):
        helpers.download_file(server.address + "/b.png", str(folder))
    assert files(folder) == {}


def test_foreign_file_of_a_server_that_is_down(start, folder):
    with pytest.raises(DownloadFileException):
        helpers.download_file(start(listening=False).address + "/b.png", str(folder))


def test_token_goes_to_the_own_host_only(client, server, start):
    other = start()
    other.default = server.default = answer(DATA)
    assert raw_client.get_file_data_from_url("pictures/1", client=client) == DATA
    assert raw_client.get_file_data_from_url(server.host + "/pictures/1", full=True, client=client) == DATA
    assert raw_client.get_file_data_from_url(other.address + "/x", full=True, client=client) == DATA
    assert [request.token for request in server.requests] == ["access-token-1"] * 2
    assert [request.token for request in other.requests] == [None]


def test_token_goes_to_no_host_in_disguise(client, server, start):
    """What comes before the @ is a host to requests, and a name to `urlsplit`."""
    other = start()
    server.default = other.default = answer(DATA)
    address = other.address.replace("localhost", "127.0.0.1") + "\\@" + server.address.split("//")[1] + "/x"
    raw_client.get_file_data_from_url(address, full=True, client=client)
    assert [request.token for request in other.requests] == [None]
    assert server.requests == []


@pytest.mark.parametrize("address", ["http://jane:my-password@{}/x?sign=my-password", "ftp://jane:my-password@h/x"])
def test_foreign_address_that_fails_tells_no_secret(address, client, start, caplog):
    caplog.set_level("DEBUG")
    other = start()
    other.default = answer({"message": "gone"}, 404)
    with pytest.raises(GazuException) as caught:
        raw_client.get_file_data_from_url(address.format(other.address.split("//")[1]), full=True, client=client)
    shown = "".join(traceback.format_exception(type(caught.value), caught.value, caught.value.__traceback__))
    logged = [record.getMessage() for record in caplog.records if record.name == "gazu"]
    assert "my-password" not in shown + repr(logged) + repr(vars(caught.value))


def test_the_connection_of_a_file_serves_the_next_request(client, server, target):
    server.script = [answer(BIG, kind="video/mp4"), answer(b"", kind="video/mp4"), answer(BIG[:5], kind="video/mp4")]
    for content in (BIG, b"", BIG[:5]):
        download(client, target)
        assert target.read_bytes() == content
    assert server.connections == 1


def test_a_cut_file_says_how_much_came(client, server, target):
    server.default = cut(headers={})
    with pytest.raises(TransportException, match=f"4000 bytes read, {len(DATA) - 4000} more expected"):
        download(client, target)
    assert target.read_bytes() == b"old"
