"""Concepts on a real server."""

import base64
import uuid
from pathlib import Path
from typing import Any, Callable

import pytest

import gazu
from gazu.exception import GazuWarning, ParameterException, RouteNotFoundException

Unique = Callable[[str], str]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def tree(project: Any, unique: Unique) -> Any:
    return gazu.asset.new_asset(project, gazu.asset.new_asset_type(unique("Creature")), "Tree")


@pytest.fixture
def shot(project: Any) -> Any:
    return gazu.shot.new_shot(project, gazu.shot.new_sequence(project, "SQ01"), "SH01")


@pytest.fixture
def concept(project: Any, tree: Any) -> Any:
    return gazu.concept.new_concept(project, "Oak", "Old", {"mood": "dark"}, [tree])


@pytest.fixture
def task(project: Any, concept: Any, unique: Unique) -> Any:
    task_type = gazu.task.new_task_type(unique("Concept"), for_entity="Concept")
    gazu.project.add_task_type(project, task_type, 1)
    return gazu.task.new_task(concept, task_type)


@pytest.fixture
def preview(task: Any, tmp_path: Path) -> Any:
    (tmp_path / "oak.png").write_bytes(PIXEL)
    status = gazu.task.get_task_status_by_short_name("wip")
    return gazu.task.publish_preview(task, status, preview_file_path=str(tmp_path / "oak.png"))[1]


def ids(rows: Any) -> Any:
    return [row["id"] for row in rows]


def test_a_new_concept_has_what_was_given(project: Any, tree: Any, concept: Any) -> None:
    for given in (concept, concept["id"], uuid.UUID(concept["id"])):
        found = gazu.concept.get_concept(given)
        assert (found["name"], found["description"], found["data"]) == ("Oak", "Old", {"mood": "dark"})
        assert (found["entity_concept_links"], found["project_name"]) == ([tree["id"]], project["name"])
    with pytest.raises(RouteNotFoundException):
        gazu.concept.get_concept(uuid.uuid4())


def test_a_concept_is_linked_to_records_of_all_kinds(project: Any, tree: Any, shot: Any) -> None:
    links = {
        "rows": [tree, shot],
        "ids": (tree["id"], shot["id"]),
        "UUID objects": iter([uuid.UUID(tree["id"]), uuid.UUID(shot["id"])]),
    }
    for name, given in links.items():
        made = gazu.concept.new_concept(project["id"], name, entity_concept_links=given)
        assert sorted(gazu.concept.get_concept(made)["entity_concept_links"]) == sorted(ids([tree, shot]))
    alone = gazu.concept.new_concept(project, "alone", entity_concept_links=shot)
    assert gazu.concept.get_concept(alone)["entity_concept_links"] == [shot["id"]]
    assert gazu.concept.get_concept(gazu.concept.new_concept(project, "none"))["entity_concept_links"] == []


def test_a_concept_that_exists_is_not_made_again(project: Any, concept: Any, unique: Unique) -> None:
    assert gazu.concept.new_concept(project, "Oak")["id"] == concept["id"]
    far = gazu.project.new_project(unique("Film"))
    assert gazu.concept.new_concept(far, "Oak")["id"] != concept["id"]


@pytest.mark.parametrize("name", ["Été / hiver & co? #1 100%+x=y", "日本語🎬", "O_k", "a'b\"c\\d"])
def test_any_name_is_found_again(project: Any, concept: Any, name: str) -> None:
    assert gazu.concept.get_concept_by_name(project, name) is None
    made = gazu.concept.new_concept(project, name)
    assert gazu.concept.get_concept_by_name(project["id"], name)["id"] == made["id"] != concept["id"]


def test_concepts_are_listed_by_name(project: Any, unique: Unique) -> None:
    made = [gazu.concept.new_concept(project, name) for name in ("b", "a", "C")]
    in_order = ids([made[1], made[0], made[2]])
    assert ids(gazu.concept.all_concepts_for_project(project)) == in_order
    assert ids(gazu.concept.all_concepts_for_project(project["id"])) == in_order
    far = gazu.concept.new_concept(gazu.project.new_project(unique("Film")), "Oak")
    assert {*in_order, far["id"]} <= set(ids(gazu.concept.all_concepts()))


def test_a_concept_that_was_got_can_be_saved(project: Any, tree: Any, shot: Any, concept: Any, preview: Any) -> None:
    gazu.task.set_main_preview(preview)
    row = gazu.concept.get_concept(concept)
    row.update(description="Été", data={"age": 100})
    gazu.concept.update_concept(row)
    found = gazu.concept.get_concept(concept)
    assert (found["description"], found["data"]) == ("Été", {"mood": "dark", "age": 100})
    assert (found["entity_concept_links"], found["preview_file_id"]) == ([tree["id"]], preview["id"])
    assert len(found["tasks"]) == 1
    [listed] = [row for row in gazu.concept.all_concepts() if row["id"] == concept["id"]]
    for same in (listed, gazu.concept.all_concepts_for_project(project)[0]):
        assert gazu.concept.update_concept({**same, "name": "Beech"})["entity_concept_links"] == [tree["id"]]
    assert gazu.concept.get_concept_by_name(project, "Beech")["id"] == concept["id"]
    given = {"id": concept["id"], "entity_concept_links": [shot, tree["id"]]}
    gazu.concept.update_concept(given)
    assert sorted(gazu.concept.get_concept(concept)["entity_concept_links"]) == sorted(ids([tree, shot]))
    assert given == {"id": concept["id"], "entity_concept_links": [shot, tree["id"]]}
    gazu.concept.update_concept({"id": concept["id"], "entity_concept_links": []})
    assert gazu.concept.get_concept(concept)["entity_concept_links"] == []


def test_previews_are_grouped_by_the_type_of_the_task(concept: Any, task: Any, preview: Any) -> None:
    for given in (concept, concept["id"]):
        found = gazu.concept.all_previews_for_concept(given)
        assert {task_type: ids(rows) for task_type, rows in found.items()} == {task["task_type_id"]: [preview["id"]]}


def test_a_removed_concept_is_gone(project: Any, concept: Any) -> None:
    gazu.concept.get_concept(concept)
    assert gazu.concept.remove_concept(concept) == ""
    with pytest.raises(RouteNotFoundException):
        gazu.concept.get_concept(concept)
    assert gazu.concept.all_concepts_for_project(project) == []


def test_a_concept_with_tasks_is_canceled_or_removed_by_force(concept: Any, task: Any) -> None:
    gazu.concept.remove_concept(concept["id"])
    assert gazu.concept.get_concept(concept)["canceled"] is True
    gazu.concept.remove_concept(concept, force=True)
    with pytest.raises(RouteNotFoundException):
        gazu.concept.get_concept(concept)
    with pytest.raises(RouteNotFoundException):
        gazu.task.get_task(task)


def test_bad_input_is_refused(project: Any, concept: Any) -> None:
    for call in (
        lambda: gazu.concept.get_concept("../../auth/logout"),
        lambda: gazu.concept.new_concept(project, "Beech", entity_concept_links=["Tree"]),
        lambda: gazu.concept.new_concept(project, "Beech", entity_concept_links=7),
        lambda: gazu.concept.update_concept({"name": "Beech"}),
        lambda: gazu.concept.all_previews_for_concept(None),
    ):
        with pytest.raises(ValueError):
            call()
    with pytest.raises(ValueError, match="expected a name"):
        gazu.concept.new_concept(project, "")
    assert ids(gazu.concept.all_concepts_for_project(project)) == [concept["id"]]


# -- folders ---------------------------------------------------------------------
def test_folders_of_concepts(project: Any, concept: Any) -> None:
    """Zou 1.0.97: a second folder of a name is the first one; what is not a concept of the project is skipped."""
    assert gazu.concept.all_concept_folders_for_project(project) == []
    night = gazu.concept.new_concept_folder(project, "Night")
    assert gazu.concept.new_concept_folder(project["id"], "Night")["id"] == night["id"]
    day = gazu.concept.new_concept_folder(project, "Day été / 1_b")
    found = gazu.concept.all_concept_folders_for_project(project)
    assert [row["id"] for row in found] == [day["id"], night["id"]]
    assert gazu.concept.get_concept_folder_by_name(project, "Night")["id"] == night["id"]
    assert gazu.concept.get_concept_folder_by_name(project, "Nigh_") is None
    inside = gazu.concept.new_concept(project, "Moon", concept_folder=night)
    assert (inside["parent_id"], concept.get("parent_id")) == (night["id"], None)
    moved = gazu.concept.move_concepts(project, [concept, inside["id"]], day)
    assert sorted(moved) == sorted([concept["id"], inside["id"]])
    assert {gazu.concept.get_concept(one)["parent_id"] for one in (concept, inside)} == {day["id"]}
    assert gazu.concept.move_concepts(project, concept) == [concept["id"]]
    assert gazu.concept.get_concept(concept)["parent_id"] is None
    with pytest.warns(GazuWarning, match="not concepts of the project") as warned:
        assert gazu.concept.move_concepts(project, [inside, night], night) == [inside["id"]]
    assert night["id"] in str(warned[0].message) and inside["id"] not in str(warned[0].message)
    renamed = gazu.concept.update_concept_folder({**night, "name": "Evening"})
    assert (renamed["id"], renamed["name"]) == (night["id"], "Evening")
    with pytest.raises(ParameterException, match="already exists"):
        gazu.concept.update_concept_folder({"id": day["id"], "name": "Evening"})
    gazu.concept.remove_concept_folder(night)
    assert [row["id"] for row in gazu.concept.all_concept_folders_for_project(project)] == [day["id"]]
    assert gazu.concept.get_concept(inside)["parent_id"] is None
    with pytest.raises(RouteNotFoundException):
        gazu.concept.remove_concept_folder(night)


def test_mistakes_with_folders(project: Any) -> None:
    for bad in ("", None, 1.5):
        with pytest.raises(ValueError, match="name"):
            gazu.concept.new_concept_folder(project, bad)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="name"):
            gazu.concept.update_concept_folder({"id": str(uuid.uuid4()), "name": bad})
    with pytest.raises(ValueError, match="name"):
        gazu.concept.update_concept_folder({"id": str(uuid.uuid4())})
    assert gazu.concept.all_concept_folders_for_project(project) == []
