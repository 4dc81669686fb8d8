"""Project templates on a real server."""

import uuid
from typing import Any, Callable

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.exception import ParameterException, RouteNotFoundException

Unique = Callable[[str], str]
t = gazu.project_template


@pytest.fixture
def template(admin: KitsuClient, unique: Unique) -> Any:
    return t.new_project_template(unique("Série TV / 2D_1"))


@pytest.fixture
def task_type(admin: KitsuClient, unique: Unique) -> Any:
    return gazu.task.new_task_type(unique("Layout"), for_entity="Shot")


@pytest.fixture
def todo(admin: KitsuClient) -> Any:
    return gazu.task.get_task_status_by_short_name("todo")


@pytest.fixture
def automation(task_type: Any, todo: Any) -> Any:
    data = {"entity_type": "shot", "in_task_type_id": task_type["id"], "in_task_status_id": todo["id"]}
    data.update(out_field_type="status", out_task_type_id=task_type["id"], out_task_status_id=todo["id"])
    return gazu.client.create("status-automations", data)


@pytest.fixture
def full(template: Any, task_type: Any, todo: Any, automation: Any, unique: Unique) -> Any:
    """The template with one of everything, as `get_project_template` returns it."""
    background = gazu.client.create("preview-background-files", {"name": unique("Sky")})
    t.add_task_type_to_project_template(template, task_type, 3)
    t.add_task_status_to_project_template(template, todo, 2, ["manager"])
    t.add_asset_type_to_project_template(template, gazu.asset.new_asset_type(unique("Creature")))
    t.add_status_automation_to_project_template(template, automation)
    t.add_preview_background_file_to_project_template(template, background)
    t.set_project_template_default_preview_background_file(template, background)
    t.set_project_template_metadata_descriptors(
        template, [{"name": "Weather", "entity_type": "Shot", "data_type": "list", "choices": ["sun", "rain"]}]
    )
    return t.get_project_template(template)


LISTS = ("task_types", "task_statuses", "asset_types", "status_automations", "preview_background_files")


def ids(rows: Any) -> Any:
    return [row["id"] for row in rows]


# -- templates -----------------------------------------------------------------
def test_templates_are_found(template: Any) -> None:
    listed = t.all_project_templates()
    assert template in listed
    assert listed == gazu.sorting.sort_by_name(listed)
    found = t.get_project_template(template)
    assert found == {**template, **{name: [] for name in LISTS}}
    assert found == t.get_project_template(template["id"]) == t.get_project_template(uuid.UUID(template["id"]))
    for name in (template["name"], template["name"].lower()):
        assert t.get_project_template_by_name(name) == template
    for name in ("_" + template["name"][1:], template["name"] + "x"):
        assert t.get_project_template_by_name(name) is None


def test_a_new_template_has_what_it_was_given(unique: Unique) -> None:
    settings = {"fps": "30", "ratio": "2.39:1", "resolution": "4096x2160"}
    settings.update(production_type="tvshow", production_style="vfx")
    made = t.new_project_template(unique("Show"), "Été", **settings)
    found = t.get_project_template(made)
    assert {name: found[name] for name in settings} == settings
    assert found["description"] == "Été"
    with pytest.raises(ParameterException, match="exists"):
        t.new_project_template(made["name"])


def test_a_template_that_was_got_can_be_saved(full: Any, unique: Unique) -> None:
    row = {**full, "name": unique("Film"), "max_retakes": 3}
    assert t.update_project_template(row)["max_retakes"] == 3
    found = t.get_project_template(full)
    assert found == {**row, "updated_at": found["updated_at"]}
    t.update_project_template({"id": full["id"], "description": "Été"})
    found = t.get_project_template(full)
    assert found == {**row, "description": "Été", "updated_at": found["updated_at"]}


def test_a_removed_template_is_gone_and_its_projects_stay(full: Any, project: Any) -> None:
    t.apply_project_template(project, full)
    assert t.remove_project_template(full) == ""
    with pytest.raises(RouteNotFoundException):
        t.get_project_template(full)
    assert gazu.project.get_project(project)["task_types"] == full["task_types"]
    empty = t.new_project_template(full["name"])
    t.remove_project_template(empty["id"])
    assert t.get_project_template_by_name(full["name"]) is None


def test_a_project_gets_the_settings_of_a_template_beside_its_own(full: Any, project: Any, unique: Unique) -> None:
    own = gazu.task.new_task_type(unique("Rigging"))
    gazu.project.add_task_type(project, own, 1)
    t.update_project_template({"id": full["id"], "fps": "30"})
    answer = t.apply_project_template(project["id"], full["id"])
    assert (answer["id"], answer["fps"]) == (project["id"], "30")
    found = gazu.project.get_project(project)
    assert sorted(found["task_types"]) == sorted([*full["task_types"], own["id"]])
    for name in ("task_statuses", "asset_types", "status_automations", "preview_background_files"):
        assert found[name] == full[name]
    assert found["task_types_priority"] == {full["task_types"][0]: 3, own["id"]: 1}
    assert found["task_statuses_link"][full["task_statuses"][0]]["roles_for_board"] == ["manager"]
    assert [(row["name"], row["choices"]) for row in found["descriptors"]] == [("Weather", ["sun", "rain"])]


def test_a_template_is_made_of_a_project(full: Any, project: Any, unique: Unique) -> None:
    t.apply_project_template(project, full)
    made = t.new_project_template_from_project(project, unique("Like it"), "Été")
    found = t.get_project_template(made)
    assert found["description"] == "Été"
    for name in (*LISTS, "metadata_descriptors", "production_type"):
        assert found[name] == full[name]
    other = t.new_project_template_from_project(project["id"], unique("Like it too"))
    assert t.all_task_types_for_project_template(other) == t.all_task_types_for_project_template(full)
    with pytest.raises(ParameterException, match="exists"):
        t.new_project_template_from_project(project, made["name"])


# -- what they have ------------------------------------------------------------
def test_task_types_of_a_template(template: Any, task_type: Any, unique: Unique) -> None:
    other = gazu.task.new_task_type(unique("Rigging"))
    link = t.add_task_type_to_project_template(template, task_type, 2)
    assert (link["task_type_id"], link["priority"]) == (task_type["id"], 2)
    t.add_task_type_to_project_template(template["id"], other["id"], priority=1)
    assert ids(t.all_task_types_for_project_template(template)) == ids([other, task_type])
    assert t.add_task_type_to_project_template(template, other, 3)["priority"] == 3
    assert [row["priority"] for row in t.all_task_types_for_project_template(template["id"])] == [2, 3]
    assert t.remove_task_type_from_project_template(template, task_type) == ""
    t.remove_task_type_from_project_template(template["id"], other["id"])
    assert t.all_task_types_for_project_template(template) == []
    assert t.add_task_type_to_project_template(template, task_type)["priority"] is None


def test_task_statuses_of_a_template(template: Any, todo: Any) -> None:
    wip = gazu.task.get_task_status_by_short_name("wip")
    link = t.add_task_status_to_project_template(template, todo, 2, (role for role in ("manager", "vendor")))
    assert (link["priority"], link["roles_for_board"]) == (2, ["manager", "vendor"])
    link = t.add_task_status_to_project_template(template["id"], wip["id"], priority=1)
    assert link["roles_for_board"] == ["user", "admin", "supervisor", "manager", "vendor"]
    rows = t.all_task_statuses_for_project_template(template)
    assert [(row["id"], row["priority"]) for row in rows] == [(wip["id"], 1), (todo["id"], 2)]
    t.add_task_status_to_project_template(template, todo, priority=0)
    rows = t.all_task_statuses_for_project_template(template["id"])
    assert (rows[0]["id"], rows[0]["roles_for_board"]) == (todo["id"], ["manager", "vendor"])
    assert t.remove_task_status_from_project_template(template, wip) == ""
    t.remove_task_status_from_project_template(template["id"], todo["id"])
    assert t.all_task_statuses_for_project_template(template) == []


def test_asset_types_of_a_template(template: Any, unique: Unique) -> None:
    first, second = (gazu.asset.new_asset_type(unique(name)) for name in ("Creature", "Prop"))
    answer = t.add_asset_type_to_project_template(template, first)
    assert answer == {"id": first["id"], "name": first["name"]}
    t.add_asset_type_to_project_template(template["id"], second["id"])
    assert sorted(ids(t.all_asset_types_for_project_template(template))) == sorted(ids([first, second]))
    assert t.remove_asset_type_from_project_template(template, second) == ""
    assert t.all_asset_types_for_project_template(template["id"]) == [answer]
    t.remove_asset_type_from_project_template(template["id"], first["id"])
    assert t.all_asset_types_for_project_template(template) == []


def test_status_automations_of_a_template(template: Any, automation: Any) -> None:
    assert t.add_status_automation_to_project_template(template, automation) == automation
    t.add_status_automation_to_project_template(template["id"], automation["id"])  # it is there already
    assert t.all_status_automations_for_project_template(template) == [automation]
    assert t.remove_status_automation_from_project_template(template, automation) == ""
    assert t.all_status_automations_for_project_template(template["id"]) == []
    t.add_status_automation_to_project_template(template, automation)
    t.remove_status_automation_from_project_template(template["id"], automation["id"])
    assert t.all_status_automations_for_project_template(template) == []


def test_backgrounds_of_a_template(template: Any, unique: Unique) -> None:
    first, second = (gazu.client.create("preview-background-files", {"name": unique("Sky")}) for _ in range(2))
    answer = t.add_preview_background_file_to_project_template(template, first)
    assert answer == {"id": first["id"], "name": first["name"], "is_default": False}
    choose, default = t.set_project_template_default_preview_background_file, "default_preview_background_file_id"
    with pytest.raises(ParameterException, match="not linked"):
        choose(template, second)
    t.add_preview_background_file_to_project_template(template["id"], second["id"])
    found = t.all_preview_background_files_for_project_template(template)
    assert sorted(ids(found)) == sorted(ids([first, second]))
    assert choose(template, first)[default] == first["id"]
    assert choose(template["id"], second["id"])[default] == second["id"]
    assert t.get_project_template(template)[default] == second["id"]
    assert t.remove_preview_background_file_from_project_template(template, second) == ""
    assert t.get_project_template(template)[default] is None
    choose(template, first)
    assert choose(template, None)[default] is None
    assert t.all_preview_background_files_for_project_template(template["id"]) == [answer]
    t.remove_preview_background_file_from_project_template(template["id"], first["id"])
    assert t.all_preview_background_files_for_project_template(template) == []


def test_metadata_columns_of_a_template_are_set_as_a_whole(template: Any) -> None:
    mood = {"name": "Mood", "entity_type": "Asset", "data_type": "string"}
    weather = {"name": "Shot weather", "entity_type": "Shot", "data_type": "list", "choices": ["sun"]}
    answer = t.set_project_template_metadata_descriptors(template, iter([mood, weather]))
    assert [row["field_name"] for row in answer["metadata_descriptors"]] == ["mood", "shot_weather"]
    rows = t.get_project_template(template)["metadata_descriptors"]
    assert (rows, rows[1]["choices"]) == (answer["metadata_descriptors"], ["sun"])
    t.set_project_template_metadata_descriptors(template["id"], rows[1:])
    assert t.get_project_template(template)["metadata_descriptors"] == rows[1:]
    t.set_project_template_metadata_descriptors(template, [])
    assert t.get_project_template(template)["metadata_descriptors"] == []


def test_what_is_no_template_or_type_is_refused(template: Any, project: Any) -> None:
    for bad in (None, {}, "Template", 12):
        with pytest.raises(ParameterException if bad == "Template" else ValueError, match="Wrong format|Malformed"):
            t.get_project_template(bad)
        with pytest.raises(ValueError, match="Wrong format"):
            t.add_task_type_to_project_template(template, bad)
    with pytest.raises(RouteNotFoundException):
        t.apply_project_template(project, uuid.uuid4())
    with pytest.raises(ParameterException):
        t.add_asset_type_to_project_template(template, uuid.uuid4())
    assert t.get_project_template(template)["asset_types"] == []


def test_bitrates_of_task_types(template: Any, task_type: Any, project: Any) -> None:
    """Zou 1.0.97: Mbit/s, for the task types of templates and of projects; at least 1."""
    rates = {"hd_bitrate_compression": 12, "ld_bitrate_compression": 3}
    link = t.add_task_type_to_project_template(template, task_type, **rates)
    assert {name: link[name] for name in rates} == rates
    link = t.add_task_type_to_project_template(template, task_type, 2)
    assert link["priority"] == 2
    gazu.project.add_task_type(project, task_type, **rates)
    made = gazu.project.get_project(project)
    assert task_type["id"] in made["task_types"]
    with pytest.raises(ParameterException):
        t.add_task_type_to_project_template(template, task_type, hd_bitrate_compression=0)
