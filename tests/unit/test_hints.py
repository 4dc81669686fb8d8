"""What errors of the server get as a hint: on a real server, in tests/live/extended/test_server_behaviour.py."""

import json
from typing import Any

import pytest

from gazu._http.hints import add_hint, hint_for
from gazu._http.messages import Request
from gazu._http.protocol import error_for
from gazu.client import KitsuClient

#: What is said where nothing better is known.
GENERAL = {
    403: "is the account in the team of the production, and may its role do this?",
    404: "is http://kitsu/api the address of a Kitsu API?",
    500: "the server failed: its log has the reason",
}


def refusal(status: int, made: Request, more: str = "") -> Any:
    return error_for(status, made.method, made.path, {"message": f"No. {more}".strip()})


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
    said = hint_for(refusal(status, made), made, KitsuClient("http://kitsu/api", access_token="a.b.c"))
    assert said == (hint or GENERAL.get(status, ""))


@pytest.mark.parametrize(
    "path, kinds",
    [
        ("pictures/thumbnails/preview-files/1.png", "picture of it: it makes them of pictures (png, jpg) and movies"),
        ("movies/low/preview-files/1.mp4", "movie of it: it makes them of movies"),
        ("actions/preview-files/1/extract-frame?frame_number=1", "movie of it: it makes them of movies"),
    ],
)
def test_error_says_it_in_place_of_the_spelling(path: str, kinds: str) -> None:
    made = request("GET", path)
    error = refusal(404, made, "If you entered the URL manually please check your spelling and try again.")
    args = error.args
    assert add_hint(error, made, KitsuClient("http://kitsu/api")) is error
    hint = f"there is no such preview file, or the server has no {kinds} only"
    assert str(error) == f"GET {path}: No. ({hint})"
    assert error.args == args


def test_error_without_a_hint_stays() -> None:
    made = request("DELETE", "data/tasks/1")
    error = refusal(409, made)
    assert str(add_hint(error, made, KitsuClient("http://kitsu/api"))) == "DELETE data/tasks/1: No."


ID, OTHER = "0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10", "1b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"
UNKNOWN = "one of the ids is unknown, deleted, or that of another kind of record: "


@pytest.mark.parametrize(
    "path, body, hint",
    [
        ("actions/tasks/set-priority", {"task_ids": [ID, OTHER, ID], "priority": 1}, f"{UNKNOWN}{ID}, {OTHER}"),
        (f"data/projects/{ID}/x", [OTHER], f"does this project exist? {UNKNOWN}this project, and {OTHER}"),
        ("entities/casting", {ID: [{"asset_id": OTHER}]}, f"{UNKNOWN}{ID}, {OTHER}"),
        ("actions/x", {"asset_id": OTHER, "text": ID}, UNKNOWN + OTHER),
        (f"data/projects/{ID}/x", {"text": OTHER}, "does this project exist? it may be deleted, or the id of another kind of record"),
        (f"data/task-status/{ID}", None, "does this task-status exist? it may be deleted, or the id of another kind of record"),
        (f"data/news/{ID}/x", None, "does this news exist? it may be deleted, or the id of another kind of record"),
        (f"data/entities/{ID}/x", None, "does this entity exist? it may be deleted, or the id of another kind of record"),
        (f"data/projects/{ID}/x", None, "does this project exist? it may be deleted, or the id of another kind of record"),
        ("data/playlists/{playlist_id}/share/{token}/invite", {}, "does all that the path names exist?"),
        ("actions/x", {"task_ids": []}, GENERAL[404]),
    ],
)  # fmt: skip
def test_ids_in_a_body_that_the_server_does_not_know(path: str, body: object, hint: str) -> None:
    made = request("POST", path, body)
    assert hint_for(refusal(404, made), made, KitsuClient("http://kitsu/api")) == hint


@pytest.mark.parametrize(
    "status, path, said, hint",
    [
        (404, "shared/playlists/{token}/preview-files/1/download", "", "make one without a password"),
        (404, "shared/playlists/{token}/guest", "", "make one without a password"),
        (403, "data/projects", "Two-factor authentication setup is required.", "gazu.user.enable_totp"),
    ],
)
def test_hint_of_a_cure(status: int, path: str, said: str, hint: str) -> None:
    made = request("GET", path)
    assert hint in hint_for(refusal(status, made, said), made, KitsuClient("http://kitsu/api", access_token="a.b.c"))
