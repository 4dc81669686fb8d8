"""Entities of any kind, and their types, on a real server."""

import uuid
from types import SimpleNamespace
from typing import Any, Callable, Iterator

import pytest

import gazu
from gazu.exception import GazuWarning, ParameterException, RouteNotFoundException, ServerErrorException

Unique = Callable[[str], str]
TREE = {
    "working": {
        "mountpoint": "/simple",
        "root": "productions",
        "folder_path": {
            "shot": "<Project>/shots/<Sequence>/<Shot>/<TaskType>",
            "asset": "<Project>/assets/<AssetType>/<Asset>/<TaskType>",
            "style": "lowercase",
        },
        "file_name": {
            "shot": "<Project>_<Sequence>_<Shot>_<TaskType>",
            "asset": "<Project>_<AssetType>_<Asset>_<TaskType>",
            "style": "lowercase",
        },
    }
}


@pytest.fixture
def world(project: Any, unique: Unique) -> Any:
    """One of each kind of entity."""
    episode = gazu.shot.new_episode(project, "E01")
    sequence = gazu.shot.new_sequence(project, "SQ01", episode=episode)
    asset = gazu.asset.new_asset(project, gazu.asset.new_asset_type(unique("Creature")), "Tree")
    return SimpleNamespace(
        asset=asset,
        shot=gazu.shot.new_shot(project, sequence, "SH01"),
        sequence=sequence,
        episode=episode,
        scene=gazu.scene.new_scene(project, sequence, "SC01"),
        edit=gazu.edit.new_edit(project, "Cut", episode=episode),
        concept=gazu.concept.new_concept(project, "Oak", entity_concept_links=[asset]),
    )


@pytest.fixture
def add_task(project: Any, unique: Unique) -> Any:
    """Give an entity a task of a new type."""

    def add(entity: Any) -> Any:
        kind = gazu.entity.get_entity(entity)["type"]
        task_type = gazu.task.new_task_type(unique("Type"), for_entity=kind)
        gazu.project.add_task_type(project, task_type, 1)
        return gazu.task.new_task(entity, task_type)

    return add


@pytest.fixture
def cached() -> Iterator[None]:
    gazu.cache.clear_all()
    gazu.cache.enable()
    yield
    gazu.cache.disable()
    gazu.cache.clear_all()


def ids(rows: Any) -> Any:
    return [row["id"] for row in rows]


def is_gone(entity: Any) -> bool:
    try:
        gazu.entity.get_entity(entity)
    except RouteNotFoundException:
        return True
    return False


# -- entities ------------------------------------------------------------------
def test_entities_of_all_kinds_are_found(world: Any) -> None:
    for kind, row in vars(world).items():
        for given in (row, row["id"], uuid.UUID(row["id"])):
            found = gazu.entity.get_entity(given)
            assert (found["name"], found["type"].lower()) == (row["name"], kind)
    assert set(ids(vars(world).values())) <= set(ids(gazu.entity.all_entities()))
    with pytest.raises(RouteNotFoundException):
        gazu.entity.get_entity(uuid.uuid4())


def test_an_entity_is_found_by_its_name(project: Any, world: Any, unique: Unique) -> None:
    assert gazu.entity.get_entity_by_name("SH01", project)["id"] == world.shot["id"]
    assert gazu.entity.get_entity_by_name("SH_1", project["id"]) is None
    name = unique("Été / hiver_ & co? #1 100%+x=y 日本語🎬 \\")
    assert gazu.entity.get_entity_by_name(name) is None
    made = gazu.shot.new_shot(project, world.sequence, name)
    assert gazu.entity.get_entity_by_name(name)["id"] == made["id"]
    assert gazu.entity.get_entity_by_name(name, project=gazu.project.new_project(unique("Film"))) is None


def test_the_concepts_of_an_entity_are_listed(world: Any, add_task: Any) -> None:
    task = add_task(world.concept)
    for given in (world.asset, world.asset["id"]):
        [found] = gazu.entity.all_entities_with_tasks_linked_to_entity(given)
        assert (found["id"], ids(found["tasks"])) == (world.concept["id"], [task["id"]])
    assert gazu.entity.all_entities_with_tasks_linked_to_entity(world.shot) == []


def test_the_name_of_other_copies_works(world: Any) -> None:
    for row in (gazu.edit.get_edit(world.edit), gazu.asset.get_asset(world.asset), gazu.entity.get_entity(world.shot)):
        with pytest.warns(DeprecationWarning, match="of its kind"):
            gazu.entity.update_entity({**row, "description": "Été", "data": {"frame_start": 101}})
        found = gazu.entity.get_entity(row)
        assert (found["description"], found["data"]) == ("Été", {"frame_start": 101})


# -- paths ---------------------------------------------------------------------
def test_what_a_path_belongs_to_is_guessed(cached: None, project: Any, world: Any, add_task: Any) -> None:
    with pytest.raises(ServerErrorException):  # the project has no file tree
        gazu.entity.guess_from_path(project, "/simple/productions/x")
    gazu.client.put(f"data/projects/{project['id']}", {"file_tree": TREE})
    for entity, kind in ((world.asset, "asset"), (world.shot, "shot")):
        task = add_task(entity)
        for sep in ("/", "\\"):
            place = gazu.client.post(f"data/tasks/{task['id']}/working-file-path", {"sep": sep})
            path = place["path"] + sep + place["name"] + ".blend"
            for given in (project, project["id"]):
                [found] = gazu.entity.guess_from_path(given, path, sep)
                assert (found["Template"], found[kind.title()]) == (kind, entity["id"])
                assert found["TaskType"] == task["task_type_id"]
    assert gazu.entity.guess_from_path(project["id"], "/somewhere/else.blend") == []


# -- removal -------------------------------------------------------------------
def test_removed_entities_are_gone(world: Any) -> None:
    gazu.edit.get_edit(world.edit)
    for kind in ("asset", "shot", "scene", "edit", "concept", "sequence", "episode"):
        row = getattr(world, kind)
        given = row["id"] if kind in ("shot", "edit") else row
        assert gazu.entity.remove_entity(given) == ""
        assert is_gone(row)
    with pytest.raises(RouteNotFoundException):
        gazu.edit.get_edit(world.edit)
    with pytest.raises(RouteNotFoundException):
        gazu.entity.remove_entity(world.shot["id"])


@pytest.mark.parametrize("kind", ["asset", "shot", "scene", "edit", "concept"])
def test_an_entity_with_tasks_is_canceled_or_removed_by_force(world: Any, add_task: Any, kind: str) -> None:
    row = getattr(world, kind)
    task = add_task(row)
    gazu.entity.remove_entity(row["id"])
    assert gazu.entity.get_entity(row)["canceled"] is True
    assert gazu.task.get_task(task)["id"] == task["id"]
    gazu.entity.remove_entity(gazu.entity.get_entity(row), force=True)
    assert is_gone(row)
    with pytest.raises(RouteNotFoundException):
        gazu.task.get_task(task)


def test_what_others_are_in_is_removed_by_force_only(world: Any, add_task: Any) -> None:
    task = add_task(world.sequence)
    for row in (world.sequence, world.episode["id"]):
        with pytest.raises(ParameterException):
            gazu.entity.remove_entity(row)
    gazu.entity.remove_entity(world.sequence["id"], force=True)
    assert [is_gone(row) for row in (world.sequence, world.shot, world.scene, task)] == [True] * 4
    gazu.edit.remove_edit(world.edit)
    gazu.entity.remove_entity(world.episode, force=True)
    assert is_gone(world.episode)


def test_several_entities_are_removed_at_once(project: Any, world: Any, add_task: Any) -> None:
    task = add_task(world.shot)
    given = [world.asset, world.shot["id"], uuid.UUID(world.edit["id"]), world.concept, world.sequence]
    removed = ids([world.asset, world.shot, world.edit, world.concept])
    with pytest.warns(GazuWarning, match=f"1 of 5 entities are still there.*{world.sequence['id']}"):
        assert gazu.entity.remove_entities(project, iter(given)) == removed
    assert [is_gone(row) for row in (world.asset, world.edit, world.concept, world.sequence)] == [True] * 3 + [False]
    assert gazu.entity.get_entity(world.shot)["canceled"] is True
    assert gazu.task.get_task(task)["id"] == task["id"]
    assert gazu.entity.remove_entities(project["id"], world.shot) == [world.shot["id"]]  # that was canceled
    assert is_gone(world.shot)
    assert gazu.entity.remove_entities(project, []) == []


def test_several_entities_with_tasks_are_removed_by_force(project: Any, world: Any, add_task: Any) -> None:
    tasks = [add_task(world.asset), add_task(world.shot)]
    assert gazu.entity.remove_entities(project, [world.asset, world.shot], force=True)
    assert is_gone(world.asset) and is_gone(world.shot)
    for task in tasks:
        with pytest.raises(RouteNotFoundException):
            gazu.task.get_task(task)


# -- types ---------------------------------------------------------------------
def test_entity_types_are_made_found_and_removed(unique: Unique) -> None:
    name = unique("Été / _ & #1 100%")  # the server keeps 30 characters
    assert gazu.entity.get_entity_type_by_name(name) is None
    made = gazu.entity.new_entity_type(name)
    assert gazu.entity.get_entity_type(made)["name"] == name
    assert gazu.entity.get_entity_type(made["id"])["id"] == made["id"]
    assert gazu.entity.get_entity_type_by_name(name)["id"] == made["id"]
    found = gazu.entity.all_entity_types()
    assert found == gazu.sorting.sort_by_name(found)
    assert {name, "Shot", "Sequence"} <= {row["name"] for row in found}
    with pytest.raises(ParameterException):  # there is one already
        gazu.entity.new_entity_type(name)
    assert gazu.entity.remove_entity_type(made) == ""
    with pytest.raises(RouteNotFoundException):
        gazu.entity.get_entity_type(made)
    again = gazu.entity.new_entity_type(name)
    gazu.entity.remove_entity_type(again["id"])
    assert gazu.entity.get_entity_type_by_name(name) is None


def test_an_entity_type_in_use_stays(world: Any) -> None:
    with pytest.raises(ParameterException):
        gazu.entity.remove_entity_type(world.asset["entity_type_id"])
    assert gazu.entity.get_entity_type(world.asset["entity_type_id"])["id"] == world.asset["entity_type_id"]


def test_bad_input_is_refused(project: Any, world: Any) -> None:
    for call in (
        lambda: gazu.entity.get_entity("../../auth/logout"),
        lambda: gazu.entity.remove_entity(None, force=True),
        lambda: gazu.entity.remove_entity({"name": "Tree", "type": "Asset"}),
        lambda: gazu.entity.remove_entities(project, [world.asset, "SH01"]),
        lambda: gazu.entity.guess_from_path({"name": project["name"]}, "/x"),
        lambda: gazu.entity.get_entity_by_name("SH01", project={"name": "Show"}),
    ):
        with pytest.raises(ValueError):
            call()
    assert not any(is_gone(row) for row in vars(world).values())
