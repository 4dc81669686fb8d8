"""A file that is written whole or not at all, and how the rest of it is asked for."""

import errno
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from gazu._http import atomic_file
from gazu._http.atomic_file import AtomicFile
from gazu._http.messages import Request, Response
from gazu.exception import ParameterException, RequestRefusedException, TransportException

REQUEST = Request("GET", "movies/1", "http://kitsu/api/movies/1", headers={"Accept": "*/*"})
HEADERS = {"Content-Length": "10", "ETag": '"one"', "Last-Modified": "then"}


@pytest.fixture
def target(tmp_path):
    with AtomicFile(tmp_path / "target") as target:
        yield target


def part(headers, status=206):
    closed = []
    response = SimpleNamespace(headers=headers, close=lambda: closed.append(True))
    return Response(status, None, response), closed


def test_whole_file(target, tmp_path):
    assert target.begin(HEADERS) == 10
    target.write(b"01234")
    assert not (tmp_path / "target").exists()
    with pytest.raises(TransportException, match="5 of 10 bytes") as caught:
        target.check_size(REQUEST)
    assert caught.value.sent and caught.value.path == "movies/1"
    target.write(b"56789")
    target.check_size(REQUEST)
    target.commit()
    assert (tmp_path / "target").read_bytes() == b"0123456789" and os.listdir(str(tmp_path)) == ["target"]


def test_nothing_is_left_of_a_file_that_is_given_up(tmp_path):
    (tmp_path / "target").write_bytes(b"old")
    with AtomicFile(tmp_path / "target") as target:
        target.write(b"new")
        assert len(os.listdir(str(tmp_path))) == 2
    assert os.listdir(str(tmp_path)) == ["target"] and (tmp_path / "target").read_bytes() == b"old"


def test_mode_of_the_old_file_stays(tmp_path):
    (tmp_path / "target").write_bytes(b"old")
    os.chmod(str(tmp_path / "target"), 0o640)
    with AtomicFile(tmp_path / "target") as target:
        target.commit()
    assert os.stat(str(tmp_path / "target")).st_mode & 0o777 == 0o640
    assert (tmp_path / "target").read_bytes() == b""


@pytest.mark.parametrize(
    "headers, total, asked",
    [
        (HEADERS, 10, '"one"'),
        ({"Content-Length": "10", "Last-Modified": "then"}, 10, "then"),
        ({"Content-Length": "10", "ETag": 'W/"weak"', "Last-Modified": "then"}, 10, None),  # RFC 9110: no weak ones
        ({"Content-Length": "10"}, 10, None),
        ({"Content-Length": "ten", "ETag": '"one"'}, 0, '"one"'),
        ({**HEADERS, "Content-Encoding": "gzip"}, 0, None),  # it is of the packed file, as its length is
    ],
)
def test_request_for_the_rest(headers, total, asked, target):
    assert target.begin(headers) == total
    assert target.resume_request(REQUEST) is REQUEST  # nothing is there yet
    target.write(b"0123")
    expected = {"Range": "bytes=4-", "If-Range": asked} if asked else {}
    assert target.resume_request(REQUEST).headers == {"Accept": "*/*", **expected}


@pytest.mark.parametrize(
    "headers, accepted",
    [
        ({"Content-Range": "bytes 4-9/10"}, True),
        ({"Content-Range": "bytes 4-9/*"}, True),
        ({"Content-Range": "bytes 4-9/10", "ETag": '"one"', "Last-Modified": "then"}, True),
        ({"Content-Range": "bytes 4-9/10", "ETag": '"two"'}, False),
        ({"Content-Range": "bytes 4-9/10", "Last-Modified": "later"}, False),
        ({"Content-Range": "bytes 4-9/11", "ETag": '"one"'}, False),  # of another size
        ({"Content-Range": "bytes 3-9/10"}, False),
        ({"Content-Range": "lines 4-9/10"}, False),
        ({}, False),
    ],
)
def test_response_with_the_rest(headers, accepted, target):
    target.begin(HEADERS)
    target.write(b"0123")
    response, closed = part(headers)
    assert target.accepts_resume(response) is accepted
    assert target.size == (4 if accepted else 0) and bool(closed) is not accepted
    if accepted:  # the length of the rest is not that of the file
        assert target.begin({"Content-Length": "6", "ETag": '"three"'}) == 10


def test_size_that_only_the_rest_tells(target):
    target.begin({"ETag": '"one"'})
    target.write(b"0123")
    assert target.accepts_resume(part({"Content-Range": "bytes 4-9/10"})[0]) and target.total == 10


def test_response_with_all_of_it(target):
    target.begin(HEADERS)
    target.write(b"0123")
    response, closed = part({}, 200)
    assert target.accepts_resume(response) and target.size == 0 and not closed
    target.write(b"new")
    target.commit()
    with open(target.path, "rb") as file:
        assert file.read() == b"new"


def test_nothing_behind_it(target):
    target.begin(HEADERS)
    target.write(b"0123")
    error = RequestRefusedException("no")
    error.status_code = 416
    target.handle_416(error)
    assert target.size == 0
    with pytest.raises(ParameterException):
        target.handle_416(ParameterException("other"))


def test_places_that_cannot_be_written_to(tmp_path):
    with pytest.raises(IsADirectoryError):
        AtomicFile(tmp_path)
    with pytest.raises(FileNotFoundError):
        AtomicFile(tmp_path / "no" / "target")
    long = tmp_path / ("x" * 255)
    with AtomicFile(long) as target:
        target.commit()
    assert long.exists()


def refusing(function, number):
    """Return *function* as it is where the temporary file is refused."""

    def refuse(path, *rest, **more):
        if str(path).endswith(".part"):
            raise OSError(number, os.strerror(number), path)
        return function(path, *rest, **more)

    return refuse


CANNOT = (errno.EBUSY, errno.EPERM, errno.EACCES, errno.EROFS, errno.EXDEV, errno.ENAMETOOLONG)


@pytest.mark.parametrize("number", CANNOT)
@pytest.mark.parametrize("name", ["open", "replace"])
def test_target_that_takes_no_other_file_in_its_place_is_written_itself(name, number, tmp_path, monkeypatch):
    path = tmp_path / "target"
    path.write_bytes(b"the old content")
    inode = os.stat(str(path)).st_ino
    monkeypatch.setattr(atomic_file.os, name, refusing(getattr(os, name), number))
    with AtomicFile(path) as target:
        target.write(b"wrong")
        target.restart()
        target.write(b"new")
        target.commit()
    assert path.read_bytes() == b"new" and os.listdir(str(tmp_path)) == ["target"]
    assert os.stat(str(path)).st_ino == inode


@pytest.mark.parametrize("name", ["open", "replace"])
def test_full_disk_destroys_nothing(name, tmp_path, monkeypatch):
    path = tmp_path / "target"
    path.write_bytes(b"old")
    monkeypatch.setattr(atomic_file.os, name, refusing(getattr(os, name), errno.ENOSPC))
    with pytest.raises(OSError, match="No space"), AtomicFile(path) as target:
        target.write(b"new")
        target.commit()
    assert path.read_bytes() == b"old" and os.listdir(str(tmp_path)) == ["target"]


def test_folder_in_which_nothing_can_be_made(tmp_path, monkeypatch):
    monkeypatch.setattr(atomic_file.os, "open", refusing(os.open, errno.EACCES))
    with pytest.raises(PermissionError) as caught, AtomicFile(tmp_path / "new") as target:
        target.write(b"new")
    assert caught.value.filename == str(tmp_path / "new") or caught.value.filename == tmp_path / "new"
    assert os.listdir(str(tmp_path)) == []


def test_mode_that_the_file_system_does_not_have(tmp_path, monkeypatch):
    path = tmp_path / "target"
    path.write_bytes(b"old")
    monkeypatch.setattr(atomic_file.os, "chmod", refusing(os.chmod, errno.EPERM))
    with AtomicFile(path) as target:
        target.commit()
    assert path.read_bytes() == b""


def test_open_file_by_its_number(tmp_path):
    with open(str(tmp_path / "target"), "wb", buffering=0) as file, AtomicFile(os.dup(file.fileno())) as target:
        target.write(b"new")
        target.commit()
    assert (tmp_path / "target").read_bytes() == b"new"


WRITE = "import sys; from gazu._http.atomic_file import AtomicFile\nwith AtomicFile(sys.argv[1]) as f: f.write(b'new'); f.commit()"


def run(*command, **more):
    return subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, **more)


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="needs /dev/stdout")
def test_standard_output(tmp_path):
    done = run(sys.executable, "-c", WRITE, "/dev/stdout", stdout=subprocess.PIPE)
    assert done.stdout == b"new"
    with open(str(tmp_path / "out"), "wb") as out:
        run(sys.executable, "-c", WRITE, "/dev/stdout", stdout=out)
    assert (tmp_path / "out").read_bytes() == b"new" and os.listdir(str(tmp_path)) == ["out"]


def can_mount():
    return hasattr(os, "getuid") and subprocess.call(["unshare", "-m", "true"], stderr=subprocess.DEVNULL) == 0


@pytest.mark.skipif(sys.platform != "linux" or not can_mount(), reason="needs a user who may mount")
def test_mount_point(tmp_path):
    for name in ("source", "target"):
        (tmp_path / name).write_bytes(b"old")
    script = 'mount --bind "$1/source" "$1/target" && exec "$2" -c "$3" "$1/target"'
    run("unshare", "-m", "sh", "-c", script, "sh", str(tmp_path), sys.executable, WRITE)
    assert (tmp_path / "source").read_bytes() == b"new" and sorted(os.listdir(str(tmp_path))) == ["source", "target"]
