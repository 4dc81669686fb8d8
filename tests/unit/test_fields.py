"""What is said of the fields of records that a caller sends."""

import json
import pickle
import warnings

import pytest

import gazu
from gazu._http import fields, request
from gazu._http.hints import hint_for
from gazu._http.messages import Request
from gazu._http.protocol import error_for
from gazu._http.route import check_type, route
from gazu.client import KitsuClient
from gazu.exception import GazuWarning
from gazu.helpers import id_of

from .test_client import Adapter

ID = "0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"
SHOT = {"id": ID, "type": "Shot", "name": "SH010", "nb_frames": 5, "updated_at": "2026-01-01T00:00:00"}


# -- fields that the server ignores ------------------------------------------------
@pytest.mark.parametrize(
    "path, row, said",
    [
        ("data/entities/1", {"nb_framez": 1}, "'nb_framez': did you mean 'nb_frames'?"),
        ("/data/entities/1", {"xyzzy": 1, "nb_framez": 1}, "'xyzzy', 'nb_framez': did you mean 'nb_frames'?"),
        ("data/entities/1", {"nb_frames": 1, "sequence_name": "declared", "data": {"any": 1}}, ""),
        ("data/unknown/1", {"nb_framez": 1}, ""),
        ("data/entities/1/x", {"nb_framez": 1}, ""),
        ("actions/entities/1", {"nb_framez": 1}, ""),
    ],
)
def test_ignored_fields(path, row, said):
    text = fields.ignored_fields(path, row, SHOT)
    assert text == (f"PUT {path}: the server ignored {said}" if said else "")
    assert fields.ignored_fields(path, row, {"id": ID}) == "", "not a whole record: of a test suite"


OTHER = "1b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"


@pytest.mark.parametrize(
    "row, stored, said",
    [
        ({"project_id": OTHER}, ID, f"'project_id', which stays '{ID}'"),
        ({"project_id": ID}, ID, ""),
        ({"project_id": ""}, None, ""),
        ({"first_episode_id": OTHER}, ID, ""),  # of the first by name: a new one may come before it
        ({"created_by": OTHER}, ID, f"'created_by', which stays '{ID}'"),
        ({"description": "new"}, "old", ""),  # may be stored in another form
        ({"description": "new"}, None, "'description', which stays None"),
        ({"man_days": "3"}, None, "'man_days', which stays None"),
        ({"nb_frames": "12"}, 12, ""),
        ({"estimation": "480.0"}, 480, ""),
        ({"estimation": "8h"}, 480, "'estimation', which stays 480"),
        ({"nb_frames": "12"}, 5, "'nb_frames', which stays 5"),
        ({"assignees": [ID, OTHER]}, [ID], f"{OTHER} in 'assignees'"),
        ({"entity_concept_links": [{"id": OTHER}]}, [], f"{OTHER} in 'entity_concept_links'"),
        ({"replies": [{"id": ID, "text": "x"}]}, [{"id": ID, "text": "y"}], ""),
        ({"choices": ["fog"]}, [], ""),
        ({"departments": [ID]}, [ID, OTHER], ""),
    ],
)
def test_values_that_the_server_keeps(row, stored, said):
    (name,) = row
    answer = {"id": ID, "updated_at": "2026-01-01T00:00:00", name: stored}
    for path, is_new in (
        ("data/tasks/1", False),
        ("data/tasks", True),
        ("data/projects/1/metadata-descriptors/1", False),
        ("data/projects/1/concepts", True),
    ):
        text = fields.ignored_fields(path, row, answer, is_new)
        assert text == (f"{'POST' if is_new else 'PUT'} {path}: the server ignored {said}" if said else "")
    assert fields.ignored_fields("data/tasks", {"xyzzy": 1}, answer, True) == "", "an unknown field of it is refused"
    assert fields.ignored_fields("actions/tasks", row, answer, True) == ""


def test_the_team_of_a_project():
    answer, path = {"id": ID, "updated_at": "2026-01-01T00:00:00"}, "data/projects/1"
    said = "PUT data/projects/1: the server ignored 'team': gazu.project.add_person_to_team changes it"
    assert fields.ignored_fields(path, {"team": []}, answer) == said
    for row, returned, is_new in (
        ({"team": [], "updated_at": "2026-01-01T00:00:00"}, answer, False),
        ({"team": []}, {**answer, "team": []}, False),
        ({"team": []}, answer, True),
    ):
        assert fields.ignored_fields(path, row, returned, is_new) == ""


def test_warning_shows_the_line_of_the_caller():
    client, adapter = KitsuClient("http://kitsu.test/api", access_token="token"), Adapter()
    client.session.mount("http://", adapter)
    adapter.reply = lambda request: SHOT
    with pytest.warns(GazuWarning, match="did you mean 'nb_frames'") as seen:
        gazu.shot.update_shot({"id": ID, "nb_framez": 5}, client=client)
    assert [one.filename for one in seen] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert gazu.shot.update_shot({**SHOT, "nb_frames": 6}, client=client) == SHOT


@pytest.mark.parametrize("answer, row", [(None, {"x": 1}), ([SHOT], {"x": 1}), (SHOT, [{"x": 1}]), ("text", "text")])
def test_what_is_no_update_of_a_record_passes(answer, row):
    assert request.warn_if_ignored(answer, "data/entities/1", row) is answer


# -- values of another type --------------------------------------------------------
@pytest.mark.parametrize(
    "kind, row, said",
    [
        ("entities", {"nb_frames": "x"}, ["nb_frames: expected a whole number or None, got 'x'"]),
        ("entities", {"nb_frames": True}, ["nb_frames: expected a whole number or None, got True"]),
        ("tasks", {"estimation": "2h", "priority": 1}, ["estimation: expected a number, got '2h'"]),
        ("tasks", {"estimation": 1, "due_date": "2026-01-05T00:00:00", "task_type_id": ID, "data": {}}, []),
        ("tasks", {"due_date": "5 May"}, ["due_date: expected YYYY-MM-DD, got '5 May'"]),
        ("tasks", {"task_type_id": "Animation"}, ["task_type_id: expected an id, got 'Animation'"]),
        ("tasks", {"assignees": "jane"}, ["assignees: expected a list, got 'jane'"]),
        ("tasks", {"data": [1]}, ["data: expected a dict or None, got [1]"]),
        ("persons", {"active": "yes"}, ["active: expected True or False, got 'yes'"]),
        ("unknown", {"x": object()}, []),
    ],
)
def test_misfits(kind, row, said):
    assert list(fields.misfits(kind, row)) == said


@pytest.mark.parametrize(
    "path, message, row, hint",
    [
        ("data/tasks/1", "One of the provided values has an invalid format.", {"priority": "high"}, "priority: expected a whole number, got 'high'"),
        ("data/tasks/1", "One of the provided values has an invalid format.", {"name": "a", "priority": 1}, "one of name, priority"),
        ("data/tasks/1", "One of the provided values has an invalid format.", {"password": "a"}, ""),
        ("data/tasks", "'xyzzy' is an invalid keyword argument for Task", {"xyzzy": "a"}, "there is no such field"),
        ("data/task-types", "'colour' is an invalid keyword argument for TaskType", {"colour": "a"}, "there is no such field: did you mean 'color'?"),
        ("data/persons", "Invalid role", {"role": "boss"}, "expected one of user, supervisor, manager, admin, client, vendor"),
    ],
)  # fmt: skip
def test_hint_for_values(path, message, row, hint):
    made = Request("PUT", path, "", json.dumps(row).encode())
    assert hint_for(error_for(400, "PUT", path, {"message": message}), made, KitsuClient("http://kitsu/api")) == hint


# -- records of another kind -------------------------------------------------------
def test_id_knows_the_type_of_its_record():
    found = id_of(SHOT)
    assert found == ID and isinstance(found, str) and json.dumps([found]) == f'["{ID}"]'
    assert type(pickle.loads(pickle.dumps(found))) is str
    for row in ({"id": ID}, {"id": ID, "type": "Entity"}, {"id": ID, "type": None}, {"id": ID, "type": ["Shot"]}):
        assert type(id_of(row)) is str


@pytest.mark.parametrize("template", ["data/shots/{shot_id}/tasks", "shots/{id}", "entities/{shot_id}", "x/{shot_id}"])
def test_record_in_its_place(template):
    assert ID in route(template, id_of(SHOT)) and ID in route(template, ID)


@pytest.mark.parametrize("template", ["data/assets/{asset_id}/tasks", "tasks/{shot_id}", "user/projects/{id}/x"])
def test_record_of_another_kind_in_a_path(template):
    with pytest.raises(ValueError, match=r"^(asset|task|project): got a record of type Shot \(pass a record of type"):
        route(template, id_of(SHOT))


@pytest.mark.parametrize("name", ["task_type_id", "project_id", "task_type"])
def test_record_of_another_kind_in_a_body_or_a_query(name):
    client = KitsuClient("http://kitsu.test/api")
    for send in (
        lambda: gazu.client.post("data/x", {name: id_of(SHOT)}, client=client),
        lambda: gazu.client.fetch_all("tasks", {name: id_of(SHOT)}, client=client),
        lambda: check_type(name, id_of(SHOT)),
    ):
        with pytest.raises(ValueError, match="(task_type|project): got a record of type Shot"):
            send()
    check_type("entity_id", id_of(SHOT))
    check_type("name", id_of(SHOT))
