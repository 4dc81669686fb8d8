"""Layout scenes, their shots and their asset instances on a real server."""

import uuid
from typing import Any, Callable

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.exception import RouteNotFoundException

Unique = Callable[[str], str]


@pytest.fixture
def sequence(project: Any) -> Any:
    return gazu.shot.new_sequence(project, "SQ01", episode=gazu.shot.new_episode(project, "E01"))


@pytest.fixture
def scene(project: Any, sequence: Any) -> Any:
    return gazu.scene.new_scene(project, sequence, "SC01")


@pytest.fixture
def tree(project: Any, unique: Unique) -> Any:
    return gazu.asset.new_asset(project, gazu.asset.new_asset_type(unique("Creature")), "Tree")


def ids(rows: Any) -> Any:
    return [row["id"] for row in rows]


def test_scenes_are_listed_by_name(project: Any, sequence: Any, scene: Any, unique: Unique) -> None:
    other = gazu.shot.new_sequence(project, "SQ02")
    made = [gazu.scene.new_scene(project["id"], other["id"], name) for name in ("b", "a", "C")]
    in_order = [made[1], made[0], made[2]]
    assert ids(gazu.scene.all_scenes_for_sequence(other)) == ids(in_order)
    assert ids(gazu.scene.all_scenes_for_sequence(sequence["id"])) == [scene["id"]]
    assert ids(gazu.scene.all_scenes_for_project(project)) == ids([*in_order, scene])
    assert ids(gazu.scene.all_scenes(project["id"])) == ids([*in_order, scene])
    far = gazu.project.new_project(unique("Film"))
    there = gazu.scene.new_scene(far, gazu.shot.new_sequence(far, "SQ01"), "SC01")
    assert gazu.scene.all_scenes_for_project(far["id"])[0]["id"] == there["id"]
    assert {there["id"], scene["id"]} <= set(ids(gazu.scene.all_scenes()))


def test_a_scene_is_found(project: Any, sequence: Any, scene: Any) -> None:
    for given in (scene, scene["id"], uuid.UUID(scene["id"])):
        found = gazu.scene.get_scene(given)
        assert (found["name"], found["sequence_name"], found["episode_name"]) == ("SC01", "SQ01", "E01")
    assert gazu.scene.new_scene(project, sequence, "SC01")["id"] == scene["id"]
    with pytest.raises(RouteNotFoundException):
        gazu.scene.get_scene(uuid.uuid4())


@pytest.mark.parametrize("name", ["Été / hiver & co? #1 100%+x=y", "日本語🎬", "SC_1", "a'b\"c\\d"])
def test_any_name_is_found_again(project: Any, sequence: Any, scene: Any, tree: Any, name: str) -> None:
    made = gazu.scene.new_scene(project, sequence, name)
    assert gazu.scene.get_scene_by_name(sequence, name)["id"] == made["id"]
    instance = gazu.scene.new_scene_asset_instance(scene, tree)
    gazu.scene.update_asset_instance_name(instance, name)
    assert gazu.scene.get_asset_instance_by_name(scene, name)["id"] == instance["id"]


def test_a_name_belongs_to_a_sequence_and_is_no_pattern(project: Any, sequence: Any, scene: Any) -> None:
    other = gazu.shot.new_sequence(project, "SQ02")
    assert gazu.scene.get_scene_by_name(other, "SC01") is None
    twin = gazu.scene.new_scene(project, other, "SC01")
    assert twin["id"] != scene["id"]
    assert gazu.scene.get_scene_by_name(other["id"], "SC01")["id"] == twin["id"]
    assert gazu.scene.get_scene_by_name(sequence, "SC_1") is None


def test_the_sequence_of_a_scene_is_found_from_any_row(project: Any, sequence: Any, scene: Any) -> None:
    with_tasks = gazu.client.get("data/scenes/with-tasks", params={"project_id": project["id"]})[0]
    for given in (scene, scene["id"], gazu.scene.get_scene(scene), with_tasks):
        assert gazu.scene.get_sequence_from_scene(given)["id"] == sequence["id"]


def test_a_scene_that_was_got_can_be_saved(project: Any, scene: Any) -> None:
    row = gazu.scene.get_scene(scene)
    row.update(description="Été", data={"mood": "dark"})
    gazu.scene.update_scene(row)
    found = gazu.scene.get_scene(scene)
    assert (found["description"], found["data"]) == ("Été", {"mood": "dark"})
    for listed in (gazu.scene.all_scenes_for_project(project)[0], gazu.scene.all_scenes(project)[0]):
        assert gazu.scene.update_scene({**listed, "name": "SC02"})["name"] == "SC02"
    other = gazu.shot.new_sequence(project, "SQ02")
    gazu.scene.update_scene({"id": scene["id"], "parent_id": other["id"]})
    assert gazu.scene.get_scene(scene)["sequence_name"] == "SQ02"


def test_shots_are_made_from_a_scene(project: Any, sequence: Any, scene: Any) -> None:
    first, second = (gazu.shot.new_shot(project, sequence, name) for name in ("SH01", "SH02"))
    assert gazu.scene.add_shot_to_scene(scene, first)["id"] == first["id"]
    gazu.scene.add_shot_to_scene(scene["id"], second["id"])
    assert sorted(ids(gazu.scene.all_shots_for_scene(scene))) == sorted(ids([first, second]))
    assert gazu.scene.remove_shot_from_scene(scene, first) == ""
    assert ids(gazu.scene.all_shots_for_scene(scene["id"])) == [second["id"]]
    gazu.scene.remove_shot_from_scene(scene["id"], second["id"])
    assert gazu.scene.all_shots_for_scene(scene) == []


def test_instances_stand_in_a_scene(project: Any, scene: Any, tree: Any) -> None:
    camera = gazu.asset.new_asset(project, gazu.asset.new_asset_type("Camera"), "Main camera")
    first = gazu.scene.new_scene_asset_instance(scene, tree, "At the edge")
    second = gazu.scene.new_scene_asset_instance(scene["id"], tree["id"])
    seen = gazu.scene.new_scene_asset_instance(scene, camera)
    assert (first["number"], first["description"]) == (1, "At the edge")
    assert (second["number"], second["description"]) == (2, None)
    assert {asset: ids(rows) for asset, rows in gazu.scene.all_asset_instances_for_scene(scene).items()} == {
        tree["id"]: [first["id"], second["id"]],
        camera["id"]: [seen["id"]],
    }
    for given in (scene, scene["id"]):
        cameras = gazu.scene.all_camera_instances_for_scene(given)
        assert {asset: ids(rows) for asset, rows in cameras.items()} == {camera["id"]: [seen["id"]]}


def test_an_instance_is_renamed_and_described(project: Any, sequence: Any, scene: Any, tree: Any) -> None:
    instance = gazu.scene.new_scene_asset_instance(scene, tree)
    assert gazu.scene.update_asset_instance_name(instance, "Oak")["name"] == "Oak"
    assert gazu.scene.get_asset_instance_by_name(scene["id"], "Oak")["id"] == instance["id"]
    assert gazu.scene.get_asset_instance_by_name(scene, "O_k") is None
    elsewhere = gazu.scene.new_scene(project, sequence, "SC02")
    assert gazu.scene.get_asset_instance_by_name(elsewhere, "Oak") is None
    gazu.scene.update_asset_instance_name(instance["id"], "Old oak")
    gazu.scene.update_asset_instance_data(instance, {"matrix": [1, 0], "a": 1})
    gazu.scene.update_asset_instance_data(instance["id"], {"matrix": [0, 1]})
    found = gazu.asset.get_asset_instance(instance)
    assert (found["name"], found["data"]) == ("Old oak", {"matrix": [0, 1]})


def test_bad_input_is_refused(project: Any, sequence: Any, scene: Any, admin: KitsuClient) -> None:
    for call in (
        lambda: gazu.scene.get_scene("../../auth/logout"),
        lambda: gazu.scene.new_scene(project, None, "SC02"),
        lambda: gazu.scene.update_scene({"name": "SC02"}),
        lambda: gazu.scene.add_shot_to_scene(scene, {"name": "SH01"}),
        lambda: gazu.scene.all_scenes(project["name"]),
    ):
        with pytest.raises(ValueError):
            call()
    with pytest.raises(ValueError, match="expected a name"):
        gazu.scene.new_scene(project, sequence, "")
    assert ids(gazu.scene.all_scenes_for_project(project)) == [scene["id"]]
