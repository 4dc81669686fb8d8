"""A file that is written whole or not at all, and how the rest of it is asked for."""

import errno
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from gazu._http import atomic_file, filesystem
from gazu._http.atomic_file import AtomicFile
from gazu._http.messages import Request, Response
from gazu.exception import (
    FileInUseException,
    GazuException,
    ParameterException,
    RequestRefusedException,
    TransportException,
)

REQUEST = Request("GET", "movies/1", "http://kitsu/api/movies/1", headers={"Accept": "*/*"})
HEADERS = {"Content-Length": "10", "ETag": '"one"', "Last-Modified": "then"}


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """The seconds that are waited for other programs."""
    waits = []
    clock = SimpleNamespace(sleep=waits.append)
    for module in (atomic_file, filesystem):
        monkeypatch.setattr(module, "time", clock)
    return waits


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


# -- what Windows does ----------------------------------------------------------
def held(function, attempts, reason=errno.EACCES):
    """Return *function* as it is on a file that another program has open for so many attempts."""
    left = [attempts]

    def hold(path, *rest, **more):
        if left[0]:
            left[0] -= 1
            raise OSError(reason, os.strerror(reason), path)
        return function(path, *rest, **more)

    return hold


@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize("attempts", [1, 7])
def test_file_that_is_open_elsewhere_for_a_moment_is_replaced(attempts, old, tmp_path, monkeypatch, waits):
    path = tmp_path / "target"
    if old:
        path.write_bytes(b"old")
    before = os.stat(str(path)).st_ino if old else None
    monkeypatch.setattr(os, "replace", held(os.replace, attempts))
    with AtomicFile(path) as target:
        target.write(b"new")
        target.commit()
    assert path.read_bytes() == b"new" and os.listdir(str(tmp_path)) == ["target"]
    assert os.stat(str(path)).st_ino != before, "replaced, not written in place"
    assert len(waits) == attempts and sum(waits) <= 2


@pytest.mark.parametrize("old", [True, False])
def test_file_that_stays_open_elsewhere_is_written_in_place(old, tmp_path, monkeypatch, waits):
    path = tmp_path / "target"
    if old:
        path.write_bytes(b"the old content")
    monkeypatch.setattr(os, "replace", held(os.replace, -1))
    with AtomicFile(path) as target:
        target.write(b"new")
        target.commit()
    assert path.read_bytes() == b"new" and os.listdir(str(tmp_path)) == ["target"]
    assert sum(waits) == pytest.approx(2)


def refuse_writing(path, monkeypatch, reason):
    """Let no program open *path* for writing, as on Windows a file that another one reads alone, or has mapped."""

    def opened(name, mode="r", *rest, **more):
        if os.fspath(name) == str(path) and "w" in mode:
            raise OSError(reason, os.strerror(reason), name)
        return open(name, mode, *rest, **more)

    monkeypatch.setattr(os, "replace", held(os.replace, -1))
    monkeypatch.setattr(filesystem, "open", opened, raising=False)


@pytest.mark.parametrize("reason", [errno.EACCES, errno.EINVAL])
def test_new_file_is_kept_if_the_old_one_cannot_be_written(reason, tmp_path, monkeypatch):
    path = tmp_path / "plate.exr"
    path.write_bytes(b"old")
    refuse_writing(path, monkeypatch, reason)
    with pytest.raises(FileInUseException) as caught, AtomicFile(path) as target:
        target.write(b"new")
        target.commit()
    kept = caught.value.kept_path
    assert str(caught.value) == f"{path} is open in another program; the new file is {kept}"
    assert isinstance(caught.value, GazuException) and isinstance(caught.value, PermissionError)
    assert caught.value.errno == errno.EACCES
    with open(kept, "rb") as file:
        assert (path.read_bytes(), file.read()) == (b"old", b"new")
    assert sorted(os.listdir(str(tmp_path))) == sorted(["plate.exr", os.path.basename(kept)])


def test_disk_that_is_full_while_an_open_file_is_written_loses_nothing(tmp_path, monkeypatch):
    path = tmp_path / "plate.exr"
    path.write_bytes(b"old")
    refuse_writing(path, monkeypatch, errno.ENOSPC)
    with pytest.raises(OSError, match="while writing; the new file is .*part") as caught, AtomicFile(path) as target:
        target.write(b"new")
        target.commit()
    assert caught.value.errno == errno.ENOSPC and len(os.listdir(str(tmp_path))) == 2


def test_what_can_be_written_again_is_not_kept(tmp_path, monkeypatch):
    path = tmp_path / "position.json"
    path.write_bytes(b"old")
    refuse_writing(path, monkeypatch, errno.EACCES)
    with pytest.raises(FileInUseException) as caught, AtomicFile(path, keep=False) as target:
        target.write(b"new")
        target.commit()
    assert str(caught.value) == f"{path} is open in another program" and caught.value.kept_path is None
    assert os.listdir(str(tmp_path)) == ["position.json"]


@pytest.mark.parametrize("refused", ["close", "unlink"])
def test_second_error_does_not_hide_the_first(refused, tmp_path, monkeypatch):
    with pytest.raises(RuntimeError, match="the first"), AtomicFile(tmp_path / "target") as target:
        target.write(b"new")
        if refused == "unlink":
            monkeypatch.setattr(os, "unlink", held(os.unlink, -1))
        else:
            target.file.close()
            target.file = SimpleNamespace(close=lambda: held(print, 1)("path"))
        raise RuntimeError("the first")
    monkeypatch.undo()
    assert len(os.listdir(str(tmp_path))) == (refused == "unlink")


# Names of files, from one letter to those that are longer than what is added to them.
@pytest.mark.parametrize(
    "name", ["a", "a.b", "plate.png", "a-longer-name.png", "a-name-of-18.pngx", "x" * 60, "x" * 120]
)
@pytest.mark.parametrize("length", [200, 240, 241, 258, 259])
def test_no_path_is_longer_than_windows_takes(length, name, tmp_path, monkeypatch):
    pad = length - len(str(tmp_path)) - len(name) - 2
    folder = tmp_path / ("f" * pad)
    folder.mkdir()
    path, opened = folder / name, []

    def limited(path, *rest, **more):
        opened.append(path)
        if len(str(path)) > 259:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return os_open(path, *rest, **more)

    os_open = os.open
    monkeypatch.setattr(os, "open", limited)
    assert len(str(path)) == length
    with AtomicFile(path) as target:
        target.write(b"new")
        target.commit()
    assert path.read_bytes() == b"new" and os.listdir(str(folder)) == [name]
    assert name == "a" or opened[0] != str(path), "a temporary file was used"


def test_longer_paths_are_free_elsewhere(tmp_path):
    folder = tmp_path
    while len(str(folder)) < 300:
        folder = folder / ("f" * 60)
    folder.mkdir(parents=True)
    with AtomicFile(folder / "plate.png") as target:
        target.write(b"new")
        assert [name[:11] for name in os.listdir(str(folder))] == [".plate.png."]
        target.commit()
    assert os.listdir(str(folder)) == ["plate.png"]


REFUSED_BY_WINDOWS = [
    "aux",
    "CON.png",
    "com1.tar.gz",
    "LPT9",
    "nul.exr",
    "notes.",
    "notes ",
    'a"b',
    "a<b",
    "shot 10:00.mov",
]


@pytest.mark.parametrize("name", REFUSED_BY_WINDOWS)
def test_names_that_windows_refuses_are_refused_before_the_transfer(name, tmp_path, monkeypatch):
    AtomicFile(tmp_path / name)
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(ValueError, match="file_path: Windows takes no file of the name"):
        AtomicFile(str(tmp_path / name))


def test_other_names_are_taken_on_windows(tmp_path, monkeypatch):
    path = str(tmp_path / "console.aux.png")
    monkeypatch.setattr(os, "name", "nt")
    with AtomicFile(path) as target:
        target.write(b"new")
        target.commit()
    assert os.listdir(str(tmp_path)) == ["console.aux.png"]


def test_volume_that_knows_no_real_paths(tmp_path, monkeypatch):
    """As RAM disks of Windows are."""

    def refuse(path):
        raise OSError(errno.EINVAL, "Incorrect function", path)

    monkeypatch.setattr(os.path, "realpath", refuse)
    with AtomicFile(tmp_path / "target") as target:
        target.commit()
    assert os.listdir(str(tmp_path)) == ["target"]


def test_the_mode_of_an_old_file_holds_from_the_start(tmp_path):
    (tmp_path / "target").write_bytes(b"old")
    os.chmod(str(tmp_path / "target"), 0o600)
    with AtomicFile(tmp_path / "target") as target:
        target.write(b"secret")
        assert os.stat(target.temporary).st_mode & 0o777 == 0o600
        target.commit()
    assert os.stat(str(tmp_path / "target")).st_mode & 0o777 == 0o600


@pytest.mark.parametrize("dangling", [False, True])
def test_a_link_of_somebody_else_in_a_folder_open_to_all(dangling, tmp_path, monkeypatch):
    (tmp_path / "open").mkdir()
    mine, link = tmp_path / "mine", tmp_path / "open" / "preview.png"
    if not dangling:
        mine.write_bytes(b"mine")
    link.symlink_to(mine)
    os.chmod(str(tmp_path / "open"), 0o1777)
    with AtomicFile(link) as target:  # one's own link
        assert target.path == os.path.realpath(str(mine))
    real = os.lstat

    def lstat(path, **options):
        found = list(real(path, **options))
        found[4] += 1  # the owner
        return os.stat_result(found)

    monkeypatch.setattr(os, "lstat", lstat)
    monkeypatch.setattr(os.path, "islink", lambda path: str(path) == str(link))
    with pytest.raises(PermissionError, match="somebody else's link"):
        AtomicFile(link)
    os.chmod(str(tmp_path / "open"), 0o755)
    with AtomicFile(link) as target:  # only its owner can have put it there
        assert target.path == os.path.realpath(str(mine))


@pytest.mark.parametrize("length", ["\xb2", "9" * 5000, "-1", "1" * 19])
def test_lengths_that_are_none(length, target):
    assert target.begin({"Content-Length": length}) == 0
