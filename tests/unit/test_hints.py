"""What errors of the server get as a hint: on a real server, in tests/live/test_server_behaviour.py."""

import json

import pytest

from gazu._http.hints import add_hint, hint_for
from gazu._http.messages import Request
from gazu.exception import NotAllowedException, RouteNotFoundException


def request(method: str, path: str, body: object = None, raw: object = None) -> Request:
    return Request(method, path, "", json.dumps(body).encode() if body is not None else raw)


@pytest.mark.parametrize(
    "status, made, hint",
    [
        (500, request("POST", "data/projects/1/shots", {"name": "x" * 161}), "name has 161 characters, and Zou 1.0 stores 160"),
        (400, request("PUT", "/data/entities/1", {"name": "x" * 161}), "name has 161 characters, and Zou 1.0 stores 160"),
        (500, request("POST", "data/projects/1/shots", {"name": "x" * 160}), ""),
        (404, request("POST", "data/projects/1/shots", {"name": "x" * 161}), ""),
        (500, request("POST", "import/kitsu/entities", [{"name": "a"}, {"name": "x" * 161}]), "name has 161 characters, and Zou 1.0 stores 160"),
        (400, request("POST", "data/unknown", {"name": "x" * 999}), ""),
        (400, request("PUT", "data/tasks/1", {"priority": -(2**31) - 1}), "priority is -2147483649, and Zou 1.0 stores numbers below 2,147,483,648"),
        (400, request("PUT", "data/tasks/1", {"priority": 2**31 - 1, "b": True, "data": {"size": 2**40}}), ""),
        (500, request("POST", "x", {"data": {"a": [{"b": "\0"}]}}), "data.a.0.b has a NUL character, which the server cannot store"),
        (500, request("GET", "data/assets/all?name=%00"), "the text has a NUL character"),
        (500, request("GET", "data/assets/all?name=a"), ""),
        (400, request("POST", "x", "a text"), ""),
        (400, request("POST", "x", [1, None, []]), ""),
        (400, request("POST", "x", raw=b"no JSON"), ""),
        (400, request("POST", "x", raw=object()), ""),
        (400, request("POST", "x"), ""),
        (500, request("GET", "actions/preview-files/1/extract-frame?frame_number=99"), "does the movie have this frame? frames are counted from 1"),
        (404, request("DELETE", "pictures/preview-files/1"), ""),
        (404, request("GET", "data/preview-files/1"), ""),
        (403, request("PUT", "data/entities/1", {"data": {}}), ""),
        (403, request("PUT", "data/persons/1", {"name": "a"}), ""),
        (403, request("PUT", "data/tasks", {"name": "a"}), ""),
        (403, request("POST", "data/tasks/1", {"name": "a"}), ""),
        (403, request("PUT", "data/entities/1"), ""),
        (403, request("PUT", "data/entities/1", {"data": {}, "name": "a"}), "a supervisor can change only data: send only these and the id, without name"),
    ],
)  # fmt: skip
def test_hint(status: int, made: Request, hint: str) -> None:
    assert hint_for(status, made) == hint


@pytest.mark.parametrize(
    "path, kinds",
    [
        ("pictures/thumbnails/preview-files/1.png", "picture of it: it makes them of pictures (png, jpg) and movies"),
        ("movies/low/preview-files/1.mp4", "movie of it: it makes them of movies"),
        ("actions/preview-files/1/extract-frame?frame_number=1", "movie of it: it makes them of movies"),
    ],
)
def test_error_says_it_in_place_of_the_spelling(path: str, kinds: str) -> None:
    error = RouteNotFoundException(f"{path}: 404 Not Found. If you entered the URL manually please check it again.")
    error.status_code = 404
    assert add_hint(error, request("GET", path)) is error
    hint = f"there is no such preview file, or the server has no {kinds} only"
    assert str(error) == f"{path}: 404 Not Found. ({hint})"


def test_error_without_a_hint_stays() -> None:
    error = NotAllowedException("data/tasks/1: no")
    error.status_code = 403
    assert str(add_hint(error, request("DELETE", "data/tasks/1"))) == "data/tasks/1: no"
