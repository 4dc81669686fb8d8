"""What the server does that nobody would guess, and what the library makes of it: pinned on Zou 1.0.97.

A test that fails after an update of the server says that the server has changed: its docstring says what to look at.
"""

from types import SimpleNamespace
from typing import Any, Callable

import pytest

import gazu
from gazu.exception import NotAllowedException

Unique = Callable[[str], str]


# -- what a role may change ------------------------------------------------------
@pytest.fixture
def staff(gazu_make: Any, unique: Unique) -> Any:
    """Two tasks of a shot, one of a department; metadata columns of that department and of none."""
    made = SimpleNamespace(make=gazu_make, shot=gazu_make.shot("SH010", frame_in=1001))
    made.department = gazu.person.new_department(unique("Animation"))
    kinds = [gazu.task.new_task_type(unique(name), for_entity="Shot") for name in ("Animation", "Layout")]
    gazu.task.update_task_type({"id": kinds[0]["id"], "department_id": made.department["id"]})
    made.task, made.foreign_task = [gazu.task.new_task(made.shot, kind) for kind in kinds]
    for name, departments in (("Mine", [made.department]), ("Free", [])):
        gazu.project.add_metadata_descriptor(gazu_make.project, name, "Shot", departments=departments)
    return made


FIELDS = {
    "priority": 2,
    "start_date": "2026-01-05T00:00:00",
    "due_date": "2026-01-09T00:00:00",
    "estimation": 480,
    "difficulty": 4,
    "data": {"renderer": "cycles"},
}


@pytest.mark.parametrize("in_department", [False, True])
def test_a_supervisor_changes_these_fields_of_a_task(staff: Any, in_department: bool) -> None:
    """Any other key in the body, such as an `id`, is a 403 (Zou 1.0.97)."""
    departments = [staff.department["id"]] if in_department else []
    client = staff.make.client_as("supervisor", departments=departments)
    for name, value in FIELDS.items():
        gazu.task.update_task({"id": staff.task["id"], "type": "Task", name: value}, client=client)
    gazu.task.update_task_data(staff.task, {"samples": 64}, client=client)
    task = gazu.task.get_task(staff.task)
    assert {name: task[name] for name in FIELDS} == {**FIELDS, "data": {"renderer": "cycles", "samples": 64}}
    with pytest.raises(NotAllowedException):
        gazu.task.update_task({"id": staff.task["id"], "name": "other"}, client=client)
    with pytest.raises(NotAllowedException):
        gazu.client.update("tasks", staff.task["id"], {"id": staff.task["id"], "priority": 3}, client=client)
    changes = {"id": staff.foreign_task["id"], "priority": 1}
    if in_department:
        with pytest.raises(NotAllowedException):
            gazu.task.update_task(changes, client=client)
    else:
        assert gazu.task.update_task(changes, client=client)["priority"] == 1


def test_a_supervisor_changes_the_metadata_of_every_kind_of_entity(staff: Any) -> None:
    client, make = staff.make.client_as("supervisor"), staff.make
    episode = gazu.shot.new_episode(make.project, "E07")
    updates = [
        (gazu.shot.update_shot_data, gazu.shot.update_shot, staff.shot),
        (gazu.shot.update_sequence_data, gazu.shot.update_sequence, make.sequence()),
        (gazu.shot.update_episode_data, gazu.shot.update_episode, episode),
        (gazu.asset.update_asset_data, gazu.asset.update_asset, make.asset()),
        (gazu.edit.update_edit_data, gazu.edit.update_edit, gazu.edit.new_edit(make.project, "Cut")),
    ]
    for update_data, update, entity in updates:
        update({"id": entity["id"], "type": entity["type"], "data": {"a": 1}}, client=client)
        assert update_data(entity, {"b": 2}, client=client)["data"].items() >= {"a": 1, "b": 2}.items()
        with pytest.raises(NotAllowedException):
            update({"id": entity["id"], "description": "new"}, client=client)
    for update, entity in (
        (gazu.scene.update_scene, gazu.scene.new_scene(make.project, make.sequence(), "SC01")),
        (gazu.concept.update_concept, gazu.concept.new_concept(make.project, "Mood")),
    ):
        assert update({"id": entity["id"], "data": {"a": 1}}, client=client)["data"] == {"a": 1}


def test_a_supervisor_with_a_department_changes_only_columns_that_name_it(staff: Any) -> None:
    """Neither columns without departments nor frames, nor what has no columns of its own (Zou 1.0.97)."""
    client = staff.make.client_as("supervisor", departments=[staff.department["id"]])
    changed = gazu.shot.update_shot_data(staff.shot, {"mine": "1"}, client=client)
    assert changed["data"] == {"frame_in": 1001, "mine": "1"}
    for data in ({"free": "1"}, {"frame_in": 1}, {"mine": "2", "free": "1"}):
        with pytest.raises(NotAllowedException):
            gazu.shot.update_shot_data(staff.shot, data, client=client)
    with pytest.raises(NotAllowedException):
        gazu.shot.update_sequence_data(staff.shot["parent_id"], {"mine": "1"}, client=client)
    assert gazu.shot.get_shot(staff.shot)["data"] == changed["data"]


def test_an_assignee_ticks_off_the_checklist_of_another(staff: Any) -> None:
    """Any other key in the body, such as an `id`, is a 403 (Zou 1.0.97)."""
    client = staff.make.client_as("artist")
    gazu.task.assign_task(staff.task, gazu.client.get_current_user(client=client))
    status = gazu.task.get_default_task_status()
    comment = gazu.task.add_comment(staff.task, status, "Fix", checklist=[{"text": "Ears", "checked": False}])
    done = [{"text": "Ears", "checked": True}]
    assert gazu.task.update_comment({"id": comment["id"], "checklist": done}, client=client)["checklist"] == done
    with pytest.raises(NotAllowedException):
        gazu.task.update_comment({"id": comment["id"], "text": "Never mind"}, client=client)


# -- filters of lists ------------------------------------------------------------
@pytest.fixture
def cut(gazu_make: Any) -> Any:
    """Three shots of a sequence, with 1, 2 and 3 frames."""
    sequence = gazu_make.sequence()
    return [gazu_make.shot(f"SH0{number}0", sequence, nb_frames=number) for number in (1, 2, 3)]


@pytest.mark.parametrize("path", ["shots", "shots/all", "entities"])
def test_several_values_of_a_filter_match_any_of_them(cut: Any, path: str) -> None:
    """As JSON text; of a name that comes several times the server reads the first value (Zou 1.0.97)."""
    client, ids = gazu.client, [cut[0]["id"], cut[2]["id"]]
    readers = [
        lambda params: client.fetch_all(path, params),
        lambda params: client.fetch_all(path, params, paginated=True),
        lambda params: list(client.fetch_each(path, params)),
        lambda params: client.get(f"data/{path}", params=params),
    ]
    for read in readers[: 1 if path == "shots/all" else 4] + readers[3:]:
        assert {row["id"] for row in read({"id": ids})} == {*ids}
        assert len(read({"id": [], "project_id": [cut[0]["project_id"]]})) == 0
        assert {row["id"] for row in read({"parent_id": cut[0]["parent_id"], "id": {*ids}})} == {*ids}
    assert len(client.fetch_all(path, {"parent_id": cut[0]["parent_id"], "nb_frames": [1, 3]})) == 2
    assert client.fetch_first(path, {"id": ids[1:]})["id"] == ids[1]
    assert [row["id"] for row in client.get(f"data/{path}?id={ids[0]}&id={ids[1]}")] == ids[:1]
    assert client.get(f"data/{path}?parent_id={cut[0]['parent_id']}&name=%5B%22SH010%22%5D") == []


def test_filters_that_the_server_ignores(cut: Any, unique: Unique) -> None:
    """The type in lists of one kind, and what is no column: all rows come (Zou 1.0.97)."""
    kind = gazu.asset.new_asset_type(unique("Prop"))
    for filters in ({"entity_type_id": kind["id"]}, {"no_column": "1"}):
        assert len(gazu.client.fetch_all("shots", {"parent_id": cut[0]["parent_id"], **filters})) == 3
        with pytest.raises(ValueError):
            gazu.query.find("shots", {"parent_id": cut[0]["parent_id"], **filters})
