"""Edits on a real server."""

import base64
import uuid
from pathlib import Path
from typing import Any, Callable

import pytest

import gazu
from gazu.exception import RouteNotFoundException

Unique = Callable[[str], str]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def episode(project: Any) -> Any:
    return gazu.shot.new_episode(project, "E01")


@pytest.fixture
def edit(project: Any, episode: Any) -> Any:
    return gazu.edit.new_edit(project, "Cut", description="First", data={"fps": 25}, episode=episode)


@pytest.fixture
def task(project: Any, edit: Any, unique: Unique) -> Any:
    task_type = gazu.task.new_task_type(unique("Editing"), for_entity="Edit")
    gazu.project.add_task_type(project, task_type, 1)
    return gazu.task.new_task(edit, task_type)


@pytest.fixture
def preview(task: Any, tmp_path: Path) -> Any:
    (tmp_path / "cut.png").write_bytes(PIXEL)
    status = gazu.task.get_task_status_by_short_name("wip")
    return gazu.task.publish_preview(task, status, preview_file_path=str(tmp_path / "cut.png"))[1]


def ids(rows: Any) -> Any:
    return [row["id"] for row in rows]


def test_a_new_edit_has_what_was_given(project: Any, episode: Any, edit: Any) -> None:
    for given in (edit, edit["id"], uuid.UUID(edit["id"])):
        found = gazu.edit.get_edit(given)
        assert (found["name"], found["description"], found["data"]) == ("Cut", "First", {"fps": 25})
        assert (found["episode_id"], found["episode_name"], found["project_id"]) == (
            episode["id"],
            "E01",
            project["id"],
        )
    plain = gazu.edit.new_edit(project["id"], "Trailer")
    assert gazu.edit.get_edit(plain)["episode_id"] is None
    with pytest.raises(RouteNotFoundException):
        gazu.edit.get_edit(uuid.uuid4())


def test_an_edit_that_exists_is_not_made_again(project: Any, episode: Any, edit: Any) -> None:
    assert gazu.edit.new_edit(project, "Cut", episode=episode["id"])["id"] == edit["id"]
    assert gazu.edit.new_edit(project, "Cut")["id"] == edit["id"]
    other = gazu.shot.new_episode(project, "E02")
    twin = gazu.edit.new_edit(project, "Cut", episode=other)
    assert twin["id"] != edit["id"]
    assert gazu.edit.get_edit(twin)["episode_name"] == "E02"
    assert sorted(ids(gazu.edit.all_edits_for_project(project))) == sorted(ids([edit, twin]))


@pytest.mark.parametrize("name", ["Été / hiver & co? #1 100%+x=y", "日本語🎬", "C_t", "a'b\"c\\d"])
def test_any_name_is_found_again(project: Any, edit: Any, name: str) -> None:
    assert gazu.edit.get_edit_by_name(project, name) is None
    made = gazu.edit.new_edit(project, name)
    assert gazu.edit.get_edit_by_name(project["id"], name)["id"] == made["id"] != edit["id"]


def test_edits_are_listed_by_name(project: Any) -> None:
    made = [gazu.edit.new_edit(project, name) for name in ("b", "a", "C")]
    assert ids(gazu.edit.all_edits_for_project(project)) == ids([made[1], made[0], made[2]])
    assert ids(gazu.edit.all_edits_for_project(project["id"])) == ids([made[1], made[0], made[2]])


def test_an_edit_that_was_got_can_be_saved(project: Any, edit: Any, preview: Any) -> None:
    gazu.task.set_main_preview(preview)
    row = gazu.edit.get_edit(edit)
    row.update(description="Été", data={"mood": "dark"})
    gazu.edit.update_edit(row)
    found = gazu.edit.get_edit(edit)
    assert (found["description"], found["data"]) == ("Été", {"fps": 25, "mood": "dark"})
    assert (found["preview_file_id"], len(found["tasks"])) == (preview["id"], 1)
    listed = gazu.edit.all_edits_for_project(project)[0]
    assert gazu.edit.update_edit({**listed, "name": "Final"})["name"] == "Final"
    other = gazu.shot.new_episode(project, "E02")
    gazu.edit.update_edit({"id": edit["id"], "parent_id": other["id"]})
    assert gazu.edit.get_edit(edit)["episode_name"] == "E02"


def test_metadata_that_is_not_named_stays(edit: Any) -> None:
    gazu.edit.update_edit_data(edit, {"frame_start": 101})
    gazu.edit.update_edit_data(edit["id"], {"fps": 24})
    gazu.edit.update_edit_data(edit)
    assert gazu.edit.get_edit(edit)["data"] == {"fps": 24, "frame_start": 101}


def test_previews_are_grouped_by_the_type_of_the_task(edit: Any, task: Any, preview: Any) -> None:
    for given in (edit, edit["id"]):
        found = gazu.edit.all_previews_for_edit(given)
        assert {task_type: ids(rows) for task_type, rows in found.items()} == {task["task_type_id"]: [preview["id"]]}


def test_the_address_of_an_edit_names_its_episode(box: Any, project: Any, episode: Any, edit: Any) -> None:
    site = box.host[: -len("/api")] + f"/productions/{project['id']}"
    assert gazu.edit.get_edit_url(edit) == f"{site}/episodes/{episode['id']}/edits/{edit['id']}/"
    plain = gazu.edit.new_edit(project, "Trailer")
    assert gazu.edit.get_edit_url(plain["id"]) == f"{site}/edits/{plain['id']}/"


def test_a_removed_edit_is_gone(project: Any, edit: Any) -> None:
    gazu.edit.get_edit(edit)
    assert gazu.edit.remove_edit(edit) == ""
    with pytest.raises(RouteNotFoundException):
        gazu.edit.get_edit(edit)
    assert gazu.edit.all_edits_for_project(project) == []


def test_an_edit_with_tasks_is_canceled_or_removed_by_force(edit: Any, task: Any) -> None:
    gazu.edit.remove_edit(edit["id"])
    assert gazu.edit.get_edit(edit)["canceled"] is True
    gazu.edit.remove_edit(edit, force=True)
    with pytest.raises(RouteNotFoundException):
        gazu.edit.get_edit(edit)
    with pytest.raises(RouteNotFoundException):
        gazu.task.get_task(task)


def test_names_of_other_copies_work(edit: Any, task: Any, preview: Any) -> None:
    with pytest.warns(DeprecationWarning, match="all_edits_with_tasks"):
        rows = gazu.edit.get_all_edits_with_tasks()
    [found] = [row for row in rows if row["id"] == edit["id"]]
    assert ids(found["tasks"]) == [task["id"]]
    with pytest.warns(DeprecationWarning, match="all_previews_for_edit"):
        assert gazu.edit.get_all_previews_for_edit(edit) == gazu.edit.all_previews_for_edit(edit)


def test_bad_input_is_refused(project: Any, edit: Any) -> None:
    for call in (
        lambda: gazu.edit.get_edit("../../auth/logout"),
        lambda: gazu.edit.new_edit(project, "Other", episode="E01"),
        lambda: gazu.edit.update_edit({"name": "Other"}),
        lambda: gazu.edit.all_previews_for_edit(None),
    ):
        with pytest.raises(ValueError):
            call()
    with pytest.raises(ValueError, match="expected a name"):
        gazu.edit.new_edit(project, "")
    assert ids(gazu.edit.all_edits_for_project(project)) == [edit["id"]]
