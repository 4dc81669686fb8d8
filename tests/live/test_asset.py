"""Assets, their types and their instances on a real server."""

import csv
import uuid
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Iterator

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.exception import GazuWarning, ParameterException, RouteNotFoundException, ServerErrorException

Unique = Callable[[str], str]


@pytest.fixture
def asset_type(admin: KitsuClient, unique: Unique) -> Any:
    return gazu.asset.new_asset_type(unique("Creature"))


@pytest.fixture
def other_type(admin: KitsuClient, unique: Unique) -> Any:
    return gazu.asset.new_asset_type(unique("Vehicle"))


@pytest.fixture
def tree(project: Any, asset_type: Any) -> Any:
    return gazu.asset.new_asset(project, asset_type, "Tree")


@pytest.fixture
def episode(project: Any) -> Any:
    return gazu.client.post(f"data/projects/{project['id']}/episodes", {"name": "E01"})


@pytest.fixture
def sequence(project: Any, episode: Any) -> Any:
    data = {"name": "SQ01", "episode_id": episode["id"]}
    return gazu.client.post(f"data/projects/{project['id']}/sequences", data)


@pytest.fixture
def shot(project: Any, sequence: Any) -> Any:
    data = {"name": "SH01", "sequence_id": sequence["id"]}
    return gazu.client.post(f"data/projects/{project['id']}/shots", data)


@pytest.fixture
def film(admin: KitsuClient, unique: Unique) -> Any:
    """A production without episodes."""
    return gazu.project.new_project(unique("Film"), production_type="short")


@pytest.fixture
def cached() -> Iterator[None]:
    gazu.cache.enable()
    yield
    gazu.cache.disable()
    gazu.cache.clear_all()


def cast(project: Any, entity: Any, *assets: Any) -> None:
    casting = [{"asset_id": asset["id"], "nb_occurences": 1, "label": "animate"} for asset in assets]
    gazu.client.put(f"data/projects/{project['id']}/entities/{entity['id']}/casting", casting)


def add_task(project: Any, asset: Any) -> Any:
    task_types = gazu.client.get("data/task-types")
    task_type = next(row for row in task_types if row["for_entity"] == "Asset")
    gazu.client.post(f"data/projects/{project['id']}/settings/task-types", {"task_type_id": task_type["id"]})
    path = f"actions/projects/{project['id']}/task-types/{task_type['id']}/assets/create-tasks"
    return gazu.client.post(path, [asset["id"]])[0]


def names(rows: Any) -> Any:
    return [row["name"] for row in rows]


# -- lists ---------------------------------------------------------------------
def test_assets_of_a_project_come_sorted_by_name(project: Any, asset_type: Any, other_type: Any) -> None:
    for name, kind in (("tree", asset_type), ("Bench", other_type), ("Apple", asset_type)):
        gazu.asset.new_asset(project, kind, name)
    assert names(gazu.asset.all_assets_for_project(project)) == ["Apple", "Bench", "tree"]
    assert names(gazu.asset.all_assets_for_project(project["id"])) == ["Apple", "Bench", "tree"]
    assert names(gazu.asset.all_assets_for_project(uuid.UUID(project["id"]))) == ["Apple", "Bench", "tree"]
    assert names(gazu.asset.all_assets_for_project_and_type(project, asset_type)) == ["Apple", "tree"]
    assert names(gazu.asset.all_assets_for_project_and_type(project, other_type["id"])) == ["Bench"]


def test_a_project_without_assets_has_none(project: Any, asset_type: Any) -> None:
    assert gazu.asset.all_assets_for_project(project) == []
    assert gazu.asset.all_assets_for_project_and_type(project, asset_type) == []


def test_assets_of_an_episode_are_not_those_of_the_main_pack(
    project: Any, episode: Any, tree: Any, asset_type: Any
) -> None:
    gazu.asset.new_asset(project, asset_type, "Lamp", episode=episode)
    assert names(gazu.asset.all_assets_for_episode(episode)) == ["Lamp"]


def test_assets_of_a_shot_are_those_cast_in_it(project: Any, shot: Any, tree: Any, other_type: Any) -> None:
    car = gazu.asset.new_asset(project, other_type, "Car")
    gazu.asset.new_asset(project, other_type, "Not cast")
    cast(project, shot, tree, car)
    assert names(gazu.asset.all_assets_for_shot(shot)) == ["Car", "Tree"]
    found = {row["id"] for row in gazu.asset.all_asset_types_for_shot(shot)}
    assert found == {tree["entity_type_id"], other_type["id"]}


def test_assets_of_open_projects_are_those_of_all_of_them(project: Any, tree: Any) -> None:
    found = gazu.asset.all_assets_for_open_projects()
    assert tree["id"] in {row["id"] for row in found}
    assert found == gazu.sorting.sort_by_name(found)


# -- one asset -----------------------------------------------------------------
def test_a_new_asset_has_what_it_was_given(project: Any, asset_type: Any, episode: Any) -> None:
    made = gazu.asset.new_asset(
        project["id"], asset_type["id"], "Tree", "An oak", {"height": 3}, episode=episode["id"], is_shared=True
    )
    found = gazu.asset.get_asset(made["id"])
    assert (found["name"], found["description"], found["data"]) == ("Tree", "An oak", {"height": 3})
    assert (found["episode_id"], found["is_shared"]) == (episode["id"], True)
    assert (found["asset_type_name"], found["project_name"]) == (asset_type["name"], project["name"])
    assert gazu.asset.get_asset(made) == gazu.asset.get_asset(uuid.UUID(made["id"])) == found


def test_a_new_asset_of_a_name_that_exists_is_the_one_that_exists(
    project: Any, asset_type: Any, other_type: Any, tree: Any
) -> None:
    assert gazu.asset.new_asset(project, asset_type, "Tree", "Another")["id"] == tree["id"]
    other = gazu.asset.new_asset(project, other_type, "Tree")
    assert other["id"] != tree["id"]
    assert gazu.asset.get_asset_by_name(project, "Tree", other_type)["id"] == other["id"]
    assert gazu.asset.get_asset_by_name(project, "Tree", asset_type["id"])["id"] == tree["id"]


def test_a_new_asset_is_looked_up_beside_the_cache(cached: None, box: Any, project: Any, asset_type: Any) -> None:
    assert gazu.asset.get_asset_by_name(project, "Tree", asset_type) is None
    with gazu.client.create_client(box.host) as other:
        gazu.log_in(box.email, box.password, client=other)
        made = gazu.asset.new_asset(project, asset_type, "Tree", client=other)
    assert gazu.asset.new_asset(project, asset_type, "Tree")["id"] == made["id"]


@pytest.mark.parametrize("name", ["Été / hiver & co? #1 100%+x=y", "日本語🎬", "a'b\"c\\d", "../.."])
def test_any_name_is_found_again(project: Any, asset_type: Any, name: str) -> None:
    made = gazu.asset.new_asset(project, asset_type, name)
    assert gazu.asset.get_asset_by_name(project, name)["id"] == made["id"]


def test_a_name_is_no_pattern(project: Any, asset_type: Any, tree: Any) -> None:
    assert gazu.asset.get_asset_by_name(project, "Tre_") is None
    assert gazu.asset.get_asset_by_name(project, "T%") is None
    made = gazu.asset.new_asset(project, asset_type, "Tre_")
    assert made["id"] != tree["id"]
    assert gazu.asset.get_asset_by_name(project, "Tre_")["id"] == made["id"]


def test_a_name_is_found_in_another_case_unless_one_is_the_same(project: Any, asset_type: Any, tree: Any) -> None:
    assert gazu.asset.get_asset_by_name(project, "tREE")["id"] == tree["id"]
    path = f"data/projects/{project['id']}/asset-types/{asset_type['id']}/assets/new"
    twin = gazu.client.post(path, {"name": "tREE"})
    assert gazu.asset.get_asset_by_name(project, "tREE")["id"] == twin["id"]
    assert gazu.asset.get_asset_by_name(project, "Tree")["id"] == tree["id"]


def test_an_asset_that_does_not_exist_is_an_error(admin: KitsuClient) -> None:
    with pytest.raises(RouteNotFoundException):
        gazu.asset.get_asset(uuid.uuid4())
    with pytest.raises(ValueError):
        gazu.asset.get_asset("../../auth/logout")


def test_an_asset_can_be_saved_as_it_was_got(project: Any, tree: Any, shot: Any, asset_type: Any) -> None:
    root = gazu.asset.new_asset(project, asset_type, "Root")
    cast(project, tree, root)
    cast(project, shot, tree)
    add_task(project, tree)
    before = gazu.asset.get_asset(tree)
    gazu.asset.update_asset(before)
    after = gazu.asset.get_asset(tree)
    assert {**after, "updated_at": ""} == {**before, "updated_at": ""}
    assert len(after["entities_out"]) == len(after["tasks"]) == 1
    assert (before["episode_id"], before["preview_file_id"]) == ("", "")  # the argument is as it was


def test_one_field_of_an_asset_that_was_got_can_be_changed(tree: Any) -> None:
    asset = gazu.asset.get_asset(tree)
    asset["description"] = "An oak"
    assert gazu.asset.update_asset(asset)["description"] == "An oak"
    assert gazu.asset.get_asset(tree)["description"] == "An oak"
    gazu.asset.update_asset({"id": tree["id"], "name": "Oak"})
    assert gazu.asset.get_asset(tree)["name"] == "Oak"


def test_rows_of_lists_can_be_saved(project: Any, episode: Any, asset_type: Any) -> None:
    gazu.asset.new_asset(project, asset_type, "Lamp", episode=episode)
    row = gazu.asset.all_assets_for_project(project)[0]
    gazu.asset.update_asset(row)
    assert gazu.asset.get_asset(row)["episode_id"] == episode["id"]


def test_an_asset_moves_between_the_main_pack_and_an_episode(tree: Any, episode: Any) -> None:
    assert gazu.asset.get_episode_from_asset(gazu.asset.get_asset(tree)) is None
    gazu.asset.update_asset({"id": tree["id"], "episode_id": episode["id"]})
    assert gazu.asset.get_asset(tree)["episode_id"] == episode["id"]
    gazu.asset.update_asset({"id": tree["id"], "episode_id": None})
    assert gazu.asset.get_asset(tree)["episode_id"] == ""


def test_the_episode_of_an_asset_is_found_from_any_row(project: Any, episode: Any, asset_type: Any, tree: Any) -> None:
    lamp = gazu.asset.new_asset(project, asset_type, "Lamp", episode=episode)
    for asset in (lamp, lamp["id"], gazu.asset.get_asset(lamp), gazu.asset.all_assets_for_episode(episode)[0]):
        assert gazu.asset.get_episode_from_asset(asset)["id"] == episode["id"]
    for asset in (tree, tree["id"], gazu.asset.get_asset(tree)):
        assert gazu.asset.get_episode_from_asset(asset) is None


def test_metadata_that_is_not_named_stays(project: Any, asset_type: Any) -> None:
    asset = gazu.asset.new_asset(project, asset_type, "Tree", extra_data={"height": 3, "age": 100})
    updated = gazu.asset.update_asset_data(asset, {"age": 101, "nested": {"a": [1]}})
    assert updated["data"] == {"height": 3, "age": 101, "nested": {"a": [1]}}
    gazu.asset.update_asset_data(asset["id"])
    assert gazu.asset.get_asset(asset)["data"] == {"height": 3, "age": 101, "nested": {"a": [1]}}


def test_metadata_is_merged_with_what_the_server_has(cached: None, box: Any, tree: Any) -> None:
    gazu.asset.get_asset(tree)
    with gazu.client.create_client(box.host) as other:
        gazu.log_in(box.email, box.password, client=other)
        gazu.client.put(f"data/entities/{tree['id']}", {"data": {"theirs": 1}}, client=other)
    gazu.asset.update_asset_data(tree, {"mine": 2})
    assert gazu.asset.get_asset(tree)["data"] == {"theirs": 1, "mine": 2}


def test_a_removed_asset_is_gone(project: Any, tree: Any) -> None:
    assert gazu.asset.remove_asset(tree) == ""
    with pytest.raises(RouteNotFoundException):
        gazu.asset.get_asset(tree)
    assert gazu.asset.get_asset_by_name(project, "Tree") is None


def test_an_asset_with_tasks_is_canceled_or_removed_by_force(project: Any, tree: Any) -> None:
    task = add_task(project, tree)
    gazu.asset.remove_asset(tree)
    assert gazu.asset.get_asset(tree)["canceled"] is True
    gazu.asset.remove_asset(tree["id"], force=True)
    with pytest.raises(RouteNotFoundException):
        gazu.asset.get_asset(tree)
    with pytest.raises(RouteNotFoundException):
        gazu.client.fetch_one("tasks", task["id"])


# -- types ---------------------------------------------------------------------
def test_asset_types_are_found(project: Any, asset_type: Any, other_type: Any, tree: Any) -> None:
    found = gazu.asset.all_asset_types()
    assert {asset_type["id"], other_type["id"]} <= {row["id"] for row in found}
    assert found == gazu.sorting.sort_by_name(found)
    assert names(gazu.asset.all_asset_types_for_project(project)) == [asset_type["name"]]
    assert gazu.asset.get_asset_type(asset_type)["name"] == asset_type["name"]
    assert gazu.asset.get_asset_type(asset_type["id"])["id"] == asset_type["id"]
    assert gazu.asset.get_asset_type_by_name(asset_type["name"])["id"] == asset_type["id"]
    assert gazu.asset.get_asset_type_by_name(asset_type["name"].upper())["id"] == asset_type["id"]
    assert gazu.asset.get_asset_type_by_name(asset_type["name"].replace(" ", "_")) is None
    with pytest.raises(RouteNotFoundException):
        gazu.asset.get_asset_type(uuid.uuid4())


def test_a_new_asset_type_of_a_name_that_exists_is_the_one_that_exists(asset_type: Any) -> None:
    assert gazu.asset.new_asset_type(asset_type["name"])["id"] == asset_type["id"]


def test_the_type_of_an_asset_is_found_from_any_row(project: Any, tree: Any, asset_type: Any) -> None:
    with_tasks = gazu.client.get("data/assets/with-tasks", params={"project_id": project["id"]})[0]
    for asset in (tree, tree["id"], gazu.asset.get_asset(tree), with_tasks):
        assert gazu.asset.get_asset_type_from_asset(asset)["id"] == asset_type["id"]


def test_all_fields_of_an_asset_type_can_be_changed(asset_type: Any, unique: Unique) -> None:
    task_type = gazu.client.get("data/task-types")[0]
    row = gazu.asset.get_asset_type(asset_type)
    row.update(name=unique("Beast"), short_name="bst", description="Wild", task_types=[task_type["id"]])
    gazu.asset.update_asset_type(row)
    found = gazu.asset.get_asset_type(asset_type)
    assert {name: found[name] for name in row if name != "updated_at"} == {
        name: row[name] for name in row if name != "updated_at"
    }
    gazu.asset.update_asset_type({"id": asset_type["id"], "archived": True})
    assert gazu.asset.get_asset_type(asset_type)["archived"] is True
    assert gazu.asset.get_asset_type(asset_type)["short_name"] == "bst"


def test_a_removed_asset_type_is_gone(asset_type: Any) -> None:
    assert gazu.asset.remove_asset_type(asset_type) == ""
    with pytest.raises(RouteNotFoundException):
        gazu.asset.get_asset_type(asset_type)


def test_an_asset_type_in_use_stays(asset_type: Any, tree: Any) -> None:
    with pytest.raises(ParameterException):
        gazu.asset.remove_asset_type(asset_type)
    assert gazu.asset.get_asset_type(asset_type)["id"] == asset_type["id"]


# -- instances -----------------------------------------------------------------
@pytest.fixture
def forest(project: Any, asset_type: Any, tree: Any, shot: Any, sequence: Any) -> Any:
    """Two trees in a forest, one of them in a shot, and one in a layout scene."""
    forest = gazu.asset.new_asset(project, asset_type, "Forest")
    first = gazu.asset.new_asset_asset_instance(forest, tree, "At the edge")
    second = gazu.asset.new_asset_asset_instance(forest["id"], tree["id"])
    gazu.client.post(f"data/shots/{shot['id']}/asset-instances", {"asset_instance_id": first["id"]})
    data = {"name": "SC01", "sequence_id": sequence["id"]}
    scene = gazu.client.post(f"data/projects/{project['id']}/scenes", data)
    data = {"asset_id": tree["id"], "description": ""}
    third = gazu.client.post(f"data/scenes/{scene['id']}/asset-instances", data)
    return SimpleNamespace(asset=forest, scene=scene, first=first, second=second, third=third)


def test_a_new_instance_has_a_number_of_its_own(forest: Any, tree: Any) -> None:
    assert [row["number"] for row in (forest.first, forest.second)] == [1, 2]
    found = gazu.asset.get_asset_instance(forest.first["id"])
    assert (found["asset_id"], found["target_asset_id"]) == (tree["id"], forest.asset["id"])
    assert (found["description"], found["active"]) == ("At the edge", True)
    assert gazu.asset.get_asset_instance(forest.second)["description"] is None


def test_instances_are_grouped_by_where_they_are(forest: Any, tree: Any, shot: Any) -> None:
    def ids(groups: Any) -> Any:
        return {group: {row["id"] for row in rows} for group, rows in groups.items()}

    first, second, third = forest.first["id"], forest.second["id"], forest.third["id"]
    assert ids(gazu.asset.all_asset_instances_for_asset(forest.asset)) == {tree["id"]: {first, second}}
    assert ids(gazu.asset.all_asset_instances_for_shot(shot)) == {tree["id"]: {first}}
    assert ids(gazu.asset.all_shot_asset_instances_for_asset(tree)) == {shot["id"]: {first}}
    scenes = ids(gazu.asset.all_scene_asset_instances_for_asset(tree))
    assert scenes == {forest.scene["id"]: {third}, "None": {first, second}}


def test_an_instance_is_disabled_and_enabled(forest: Any) -> None:
    assert gazu.asset.disable_asset_instance(forest.first)["active"] is False
    assert gazu.asset.get_asset_instance(forest.first)["active"] is False
    assert gazu.asset.enable_asset_instance(forest.first["id"])["active"] is True
    assert gazu.asset.get_asset_instance(forest.first)["active"] is True


def test_an_asset_with_instances_cannot_be_removed(forest: Any, tree: Any) -> None:
    with pytest.raises(ServerErrorException):  # the server fails, by force too
        gazu.asset.remove_asset(tree, force=True)
    assert gazu.asset.get_asset(tree)["id"] == tree["id"]


# -- CSV -----------------------------------------------------------------------
def rows_of(path: Path) -> Any:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_assets_are_imported_from_csv(project: Any, asset_type: Any, tmp_path: Path) -> None:
    path = tmp_path / "assets.csv"
    path.write_text(f"Type,Name,Description\n{asset_type['name']},Tree,Été\n", encoding="utf-8")
    calls = []
    made = gazu.asset.import_assets_with_csv(project, str(path), progress_callback=lambda *args: calls.append(args))
    assert names(made) == ["Tree"]
    assert gazu.asset.get_asset_by_name(project, "Tree", asset_type)["description"] == "Été"
    assert calls[-1] == (path.stat().st_size, path.stat().st_size)


def test_export_of_what_is_assigned(project: Any, tree: Any, artist: Any, unique: Unique, tmp_path: Path) -> None:
    """Zou 1.0.97 exports the rows of the caller, whoever is named in `assigned_to`."""
    task_type = gazu.task.new_task_type(unique("Modeling"))
    gazu.project.add_task_type(project, task_type, 1)
    gazu.task.assign_task(gazu.task.new_task(tree, task_type), artist.person)
    path = tmp_path / "assets.csv"

    def exported(*args: Any, client: Any = artist.client, **options: Any) -> int:
        gazu.asset.export_assets_with_csv(project, str(path), *args, client=client, **options)
        return len(rows_of(path))

    admin = gazu.client.default_client
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        everything = exported()
        for args in ((None, True), (None, artist.person)):
            assert exported(*args) == 1
        assert exported(assigned_to_me=True) == exported(assigned_to=True) == exported(assigned_to=artist.person) == 1
        assert exported(None, False) == exported(assigned_to=None) == everything >= 1
        assert exported(assigned_to_me=True, client=admin) == 0
    with pytest.warns(GazuWarning, match="the account that is logged in"):
        assert exported(assigned_to=artist.person["id"], client=admin) == 0


def test_assets_are_exported_to_csv(project: Any, tree: Any, asset_type: Any, episode: Any, tmp_path: Path) -> None:
    gazu.asset.new_asset(project, asset_type, "Lamp", episode=episode)
    path = tmp_path / "assets.csv"
    calls = []
    gazu.asset.export_assets_with_csv(project, str(path), progress_callback=lambda *args: calls.append(args))
    assert {(row["Type"], row["Name"]) for row in rows_of(path)} == {
        (asset_type["name"], "Lamp"),
        (asset_type["name"], "Tree"),
    }
    assert calls[-1][0] == path.stat().st_size


def test_an_export_is_narrowed_to_an_episode_and_a_person(
    project: Any, tree: Any, asset_type: Any, episode: Any, tmp_path: Path
) -> None:
    gazu.asset.new_asset(project, asset_type, "Lamp", episode=episode)
    path = tmp_path / "assets.csv"
    gazu.asset.export_assets_with_csv(project, str(path), episode=episode)
    assert [row["Name"] for row in rows_of(path)] == ["Lamp"]
    task = add_task(project, tree)
    person = gazu.client.get_current_user()
    gazu.client.put(f"actions/tasks/{task['id']}/assign", {"person_id": person["id"]})
    gazu.asset.export_assets_with_csv(project["id"], str(path), assigned_to=person)
    assert [row["Name"] for row in rows_of(path)] == ["Tree"]


# -- addresses of the web site -------------------------------------------------
def test_addresses_in_a_show_name_the_episode(box: Any, project: Any, tree: Any, asset_type: Any, episode: Any) -> None:
    site = box.host[: -len("/api")] + f"/productions/{project['id']}/episodes"
    assert gazu.asset.get_asset_url(tree) == f"{site}/main/assets/{tree['id']}/"
    lamp = gazu.asset.new_asset(project, asset_type, "Lamp", episode=episode)
    assert gazu.asset.get_asset_url(lamp["id"]) == f"{site}/{episode['id']}/assets/{lamp['id']}/"
    assert gazu.asset.get_all_assets_url(project) == f"{site}/main/assets/"


def test_addresses_in_a_film_name_no_episode(box: Any, film: Any, asset_type: Any) -> None:
    site = box.host[: -len("/api")] + f"/productions/{film['id']}"
    asset = gazu.asset.new_asset(film, asset_type, "Tree")
    assert gazu.asset.get_asset_url(asset) == f"{site}/assets/{asset['id']}/"
    assert gazu.asset.get_all_assets_url(film["id"]) == f"{site}/assets/"
    word = asset_type["name"].replace(" ", "+")
    assert gazu.asset.get_asset_type_url(film, asset_type) == f"{site}/assets?search=type%3D%5B{word}%5D"
    assert gazu.asset.get_asset_type_url(film, asset_type["id"]) == f"{site}/assets?search=type%3D%5B{word}%5D"
