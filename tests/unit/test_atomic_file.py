"""A file that is written whole or not at all, and how the rest of it is asked for."""

import os
from types import SimpleNamespace

import pytest

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
