"""Productions, with their settings, team, metadata columns, budgets and quotas, on a real server."""

import datetime
import uuid
from typing import Any, Callable

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.exception import ParameterException, RouteNotFoundException, ServerErrorException

Unique = Callable[[str], str]


@pytest.fixture
def user(admin: KitsuClient) -> Any:
    return gazu.client.get_current_user()


@pytest.fixture
def person(admin: KitsuClient, unique: Unique) -> Any:
    email = f"{uuid.uuid4().hex}@example.com"
    row = {"first_name": "Ann", "last_name": unique("Doe"), "email": email, "role": "user"}
    return gazu.client.create("persons", row)


@pytest.fixture
def department(admin: KitsuClient, unique: Unique) -> Any:
    return gazu.client.create("departments", {"name": unique("Modeling"), "color": "#112233"})


@pytest.fixture
def asset_type(admin: KitsuClient, unique: Unique) -> Any:
    return gazu.asset.new_asset_type(unique("Creature"))


@pytest.fixture
def task_type(admin: KitsuClient, unique: Unique) -> Any:
    return gazu.task.new_task_type(unique("Layout"), for_entity="Shot")


@pytest.fixture
def todo(admin: KitsuClient) -> Any:
    return gazu.task.get_task_status_by_short_name("todo")


@pytest.fixture
def column(project: Any) -> Any:
    return gazu.project.add_metadata_descriptor(project, "Shot weather", "Shot", "list", ["sun", "rain"], True)


def ids(rows: Any) -> Any:
    return [row["id"] for row in rows]


# -- projects ------------------------------------------------------------------
def test_a_new_project_has_what_it_was_given(
    user: Any, person: Any, asset_type: Any, task_type: Any, todo: Any, unique: Unique
) -> None:
    links = {"team": [user, person["id"]], "asset_types": asset_type, "task_statuses": iter([todo])}
    made = gazu.project.new_project(unique("Film"), "short", task_types=(task_type,), production_style="vfx", **links)
    found = gazu.project.get_project(made["id"])
    assert found == gazu.project.get_project(made) == gazu.project.get_project(uuid.UUID(made["id"]))
    assert (found["production_type"], found["production_style"]) == ("short", "vfx")
    assert sorted(found["team"]) == sorted(ids([user, person]))
    assert found["asset_types"] == [asset_type["id"]]
    assert (found["task_types"], found["task_statuses"]) == ([task_type["id"]], [todo["id"]])


def test_a_new_project_takes_settings_from_a_template(task_type: Any, unique: Unique) -> None:
    template = gazu.project_template.new_project_template(unique("Template"), fps="30")
    gazu.project_template.add_task_type_to_project_template(template, task_type)
    made = gazu.project.new_project(unique("Film"), project_template=template)
    found = gazu.project.get_project(made)
    assert (found["fps"], found["task_types"]) == ("30", [task_type["id"]])


def test_a_project_that_exists_is_not_made_again(project: Any, box: Any) -> None:
    assert gazu.project.new_project(project["name"])["id"] == project["id"]
    with gazu.client.create_client(box.host) as client:  # the last of the parameters until 1.0
        gazu.log_in(box.email, box.password, client=client)
        with pytest.warns(DeprecationWarning):
            made = gazu.project.new_project(project["name"], "short", [], [], [], [], "2d3d", client)
    assert made["id"] == project["id"]


@pytest.mark.parametrize("name", ["Été / hiver & co? #1 100%+x=y", "日本語🎬", "a'b\"c\\d_"])
def test_any_name_is_found_again(name: str, unique: Unique) -> None:
    made = gazu.project.new_project(unique(name))
    assert gazu.project.get_project_by_name(made["name"])["id"] == made["id"]
    assert gazu.project.get_project_by_name(made["name"] + "x") is None
    assert gazu.project.get_project_by_name("_" + made["name"][1:]) is None


def test_open_projects_and_closed_ones_are_listed(project: Any) -> None:
    for listed in (gazu.project.all_projects(), gazu.project.all_open_projects()):
        assert project["id"] in ids(listed)
        assert listed == gazu.sorting.sort_by_name(listed)
    closed = gazu.project.get_project_status_by_name("closed")
    assert closed["id"] in ids(gazu.project.all_project_status())
    assert gazu.project.get_project_status_by_name("closed_") is None
    assert gazu.project.close_project(project["id"]) == {"id": project["id"], "project_status_id": closed["id"]}
    assert gazu.project.get_project(project)["project_status_name"] == "Closed"
    assert project["id"] in ids(gazu.project.all_projects())
    assert project["id"] not in ids(gazu.project.all_open_projects())


def test_a_project_that_was_got_can_be_saved(
    project: Any, user: Any, asset_type: Any, task_type: Any, todo: Any, column: Any
) -> None:
    gazu.project.add_asset_type(project, asset_type)
    gazu.project.add_task_type(project, task_type, 7)
    gazu.project.add_task_status(project, todo)
    before = gazu.project.get_project(project)
    for row in (before, *(row for row in gazu.project.all_open_projects() if row["id"] == project["id"])):
        gazu.project.update_project({**row, "description": "Été", "start_date": "2030-01-02"})
    after = gazu.project.get_project(project)
    assert (after["description"], after["start_date"]) == ("Été", "2030-01-02")
    changed = {"description", "start_date", "updated_at"}
    assert {k: v for k, v in after.items() if k not in changed} == {k: v for k, v in before.items() if k not in changed}
    assert after["task_types_priority"] == {task_type["id"]: 7}
    assert ids(after["descriptors"]) == [column["id"]]


def test_a_new_first_episode_gives_no_warning(unique: Unique) -> None:
    """Zou 1.0.97 computes `first_episode_id`: the first by name."""
    show = gazu.project.new_project(unique("Show"), "tvshow")
    before = gazu.project.get_project(show)
    gazu.shot.new_episode(show, "A01")
    assert gazu.project.update_project(before)["first_episode_id"] != before["first_episode_id"]


def test_types_and_statuses_of_a_project_are_set_as_rows_or_ids(
    project: Any, asset_type: Any, task_type: Any, todo: Any
) -> None:
    row = {"id": project["id"], "asset_types": [asset_type], "task_types": [task_type["id"]], "task_statuses": [todo]}
    gazu.project.update_project(row)
    assert row["asset_types"] == [asset_type]
    found = gazu.project.get_project(project)
    assert (found["asset_types"], found["task_types"]) == ([asset_type["id"]], [task_type["id"]])
    gazu.project.update_project({"id": project["id"], "asset_types": [], "task_statuses": []})
    found = gazu.project.get_project(project)
    assert (found["asset_types"], found["task_statuses"], found["task_types"]) == ([], [], [task_type["id"]])


def test_metadata_that_is_not_named_stays(project: Any) -> None:
    gazu.project.update_project_data(project, {"a": 1, "b": {"c": [2]}})
    gazu.project.update_project_data(project["id"], {"a": 3})
    gazu.project.update_project_data(project)
    assert gazu.project.get_project(project)["data"] == {"a": 3, "b": {"c": [2]}}


def test_a_closed_project_is_removed(project: Any, unique: Unique) -> None:
    empty = gazu.project.new_project(unique("Empty"))
    for force in (False, True):
        with pytest.raises(ParameterException, match="closed"):
            gazu.project.remove_project(project, force=force)
    for row in (empty, project):
        gazu.project.close_project(row)
    with pytest.raises(ServerErrorException):  # it has a team, and an episode
        gazu.project.remove_project(project)
    assert gazu.project.remove_project(project["id"], force=True) == ""
    assert gazu.project.remove_project(empty) == ""
    for row in (empty, project):
        with pytest.raises(RouteNotFoundException):
            gazu.project.get_project(row)


def test_the_address_of_a_project(box: Any, project: Any) -> None:
    site = box.host[: -len("/api")] + f"/productions/{project['id']}"
    assert gazu.project.get_project_url(project) == f"{site}/assets/"
    assert gazu.project.get_project_url(project["id"], section="shots") == f"{site}/shots/"


def test_what_is_no_project_is_refused(project: Any) -> None:
    for bad in (None, {}, 12, "no id"):
        with pytest.raises(ValueError, match="Wrong format for project"):
            gazu.project.get_team(bad)
        with pytest.raises(ParameterException if bad == "no id" else ValueError, match="Wrong format|Malformed"):
            gazu.project.get_project(bad)
    with pytest.raises(ValueError, match="Wrong format"):
        gazu.project.new_project(project["name"], team=[None])
    with pytest.raises(ParameterException):
        gazu.project.new_project(uuid.uuid4().hex, production_style="baroque")


# -- team ----------------------------------------------------------------------
def test_the_team_of_a_project(project: Any, user: Any, person: Any) -> None:
    gazu.project.add_person_to_team(project, person, "manager")
    roles = {row["id"]: row["project_role"] for row in gazu.project.get_team(project)}
    assert roles == {user["id"]: None, person["id"]: "manager"}
    answer = gazu.project.update_team_member_role(project, person["id"], "supervisor")
    assert answer == {"project_id": project["id"], "person_id": person["id"], "role": "supervisor"}
    assert {row["project_role"] for row in gazu.project.get_team(project["id"])} == {None, "supervisor"}
    assert gazu.project.remove_person_from_team(project, person) == ""
    assert ids(gazu.project.get_team(project)) == [user["id"]]
    with pytest.warns(DeprecationWarning):  # as until 1.1
        gazu.project.add_person_to_team(project, person, gazu.client.default_client)
    assert sorted(gazu.project.get_project(project)["team"]) == sorted(ids([user, person]))
    with pytest.raises(ParameterException, match="role"):
        gazu.project.add_person_to_team(project, person, role="king")


# -- settings ------------------------------------------------------------------
def test_types_and_statuses_are_added_and_taken_out(
    project: Any, asset_type: Any, task_type: Any, todo: Any, unique: Unique
) -> None:
    p, other = gazu.project, gazu.task.new_task_type(unique("Rigging"))
    assert p.add_asset_type(project, asset_type)["id"] == project["id"]
    p.add_task_type(project, task_type, 2)
    p.add_task_type(project["id"], other["id"], priority=1)
    p.add_task_status(project, todo)
    assert sorted(ids(p.get_project_task_types(project))) == sorted(ids([task_type, other]))
    assert ids(p.get_project_task_statuses(project["id"])) == [todo["id"]]
    found = p.get_project(project)
    assert found["asset_types"] == [asset_type["id"]]
    assert found["task_types_priority"] == {task_type["id"]: 2, other["id"]: 1}
    assert p.remove_task_type(project, task_type) == p.remove_task_status(project, todo) == ""
    assert ids(p.get_project_task_types(project["id"])) == [other["id"]]
    assert p.get_project_task_statuses(project) == []


def test_status_automations_are_used_and_not(project: Any, task_type: Any, todo: Any) -> None:
    data = {"entity_type": "shot", "in_task_type_id": task_type["id"], "in_task_status_id": todo["id"]}
    data.update(out_field_type="status", out_task_type_id=task_type["id"], out_task_status_id=todo["id"])
    made = [gazu.client.create("status-automations", data) for _ in range(3)]
    gazu.project.add_status_automation(project, {"status_automation_id": made[0]["id"]})
    gazu.project.add_status_automation(project["id"], made[1])
    gazu.project.add_status_automation(project, made[2]["id"])
    assert sorted(ids(gazu.project.all_status_automations(project))) == sorted(ids(made))
    assert gazu.project.remove_status_automation(project, made[0]) == ""
    gazu.project.remove_status_automation(project, made[1]["id"])
    assert gazu.project.all_status_automations(project["id"]) == [made[2]]


def test_preview_background_files_are_used_and_not(project: Any, unique: Unique) -> None:
    made = [gazu.client.create("preview-background-files", {"name": unique("Sky")}) for _ in range(3)]
    gazu.project.add_preview_background_file(project, {"preview_background_file_id": made[0]["id"]})
    gazu.project.add_preview_background_file(project["id"], made[1])
    gazu.project.add_preview_background_file(project, made[2]["id"])
    assert sorted(ids(gazu.project.get_preview_background_files(project))) == sorted(ids(made))
    assert gazu.project.remove_preview_background_file(project, made[0]) == ""
    gazu.project.remove_preview_background_file(project, made[1]["id"])
    assert gazu.project.get_preview_background_files(project["id"]) == [made[2]]


def test_milestones_are_listed(project: Any, task_type: Any) -> None:
    assert gazu.project.get_milestones(project) == []
    data = {"name": "Delivery", "date": "2030-01-02", "project_id": project["id"], "task_type_id": task_type["id"]}
    made = gazu.client.create("milestones", data)
    assert gazu.project.get_milestones(project["id"]) == [{**data, "id": made["id"]}]


# -- metadata columns ----------------------------------------------------------
def test_metadata_columns_are_found(project: Any, column: Any, department: Any, task_type: Any) -> None:
    p = gazu.project
    other = p.add_metadata_descriptor(project["id"], "Age", "Asset", data_type="number", departments=[department])
    of_task = p.add_metadata_descriptor(project, "Rig", "Task", task_type_id=task_type)
    assert (column["field_name"], column["choices"], column["for_client"]) == ("shot_weather", ["sun", "rain"], True)
    assert (other["departments"], of_task["task_type_id"]) == ([department["id"]], task_type["id"])
    assert sorted(ids(p.all_metadata_descriptors(project))) == sorted(ids([column, other, of_task]))
    assert ids(p.all_metadata_descriptors(project["id"], entity_type="Asset")) == [other["id"]]
    assert ids(p.all_metadata_descriptors(project, gazu.client.default_client, "Shot")) == [column["id"]]
    assert p.get_metadata_descriptor(project, column) == column
    assert p.get_metadata_descriptor(project["id"], other["id"]) == other
    assert p.get_metadata_descriptor_by_field_name(project, "shot_weather")["id"] == column["id"]
    assert p.get_metadata_descriptor_by_field_name(project["id"], "weather") is None


def test_choices_stood_where_the_type_of_a_column_stands(project: Any) -> None:
    add, client = gazu.project.add_metadata_descriptor, gazu.client.default_client
    with pytest.warns(DeprecationWarning):  # as until 0.8
        made = add(project, "Mood", "Shot", ["dark"], True, [], client)
    assert (made["choices"], made["for_client"], made["data_type"]) == (["dark"], True, "string")
    with pytest.warns(DeprecationWarning):  # as until 1.1
        made = add(project, "Age", "Shot", "number", [], True, [], client)
    assert (made["choices"], made["for_client"], made["data_type"]) == ([], True, "number")


def test_a_metadata_column_keeps_what_a_change_does_not_name(project: Any, column: Any, department: Any) -> None:
    sequence = gazu.shot.new_sequence(project, "SQ01", gazu.shot.new_episode(project, "E01"))
    shot = gazu.shot.new_shot(project, sequence, "SH01", data={"shot_weather": "sun"})
    given = {"id": column["id"], "name": "Sky", "departments": [department]}
    gazu.project.update_metadata_descriptor(project, given)
    assert given == {"id": column["id"], "name": "Sky", "departments": [department]}
    found = gazu.project.get_metadata_descriptor(project, column)
    changed = {"name": "Sky", "field_name": "sky", "departments": [department["id"]]}
    assert found == {**column, **changed, "updated_at": found["updated_at"]}
    assert gazu.shot.get_shot(shot)["data"] == {"sky": "sun"}
    found.update(data_type="taglist", choices=["fog"], for_client=False)
    assert gazu.project.update_metadata_descriptor(project["id"], found)["choices"] == ["fog"]
    after = gazu.project.get_metadata_descriptor(project, column)
    assert after == {**found, "updated_at": after["updated_at"]}


def test_a_removed_metadata_column_is_gone_with_its_values(project: Any, column: Any) -> None:
    sequence = gazu.shot.new_sequence(project, "SQ01", gazu.shot.new_episode(project, "E01"))
    shot = gazu.shot.new_shot(project, sequence, "SH01", data={"shot_weather": "sun", "a": 1})
    assert gazu.project.remove_metadata_descriptor(project, column) == ""
    with pytest.raises(RouteNotFoundException):
        gazu.project.get_metadata_descriptor(project, column)
    assert gazu.shot.get_shot(shot)["data"] == {"a": 1}
    other = gazu.project.add_metadata_descriptor(project, "Age", "Asset")
    gazu.project.remove_metadata_descriptor(project["id"], other["id"], force=True)
    assert gazu.project.all_metadata_descriptors(project) == []


def test_metadata_columns_are_put_in_order(project: Any, column: Any) -> None:
    others = [gazu.project.add_metadata_descriptor(project, name, "Shot") for name in ("Mood", "Age")]
    order = [others[0]["id"], column, others[1]]
    answer = gazu.project.reorder_metadata_descriptors(project, "Shot", order)
    assert [row["position"] for row in sorted(answer, key=lambda row: row["position"])] == [1, 2, 3]
    rows = sorted(gazu.project.all_metadata_descriptors(project), key=lambda row: row["position"])
    assert [row["name"] for row in rows] == ["Mood", "Shot weather", "Age"]
    with pytest.raises(ParameterException):
        gazu.project.reorder_metadata_descriptors(project["id"], "Asset", [column])


# -- budgets -------------------------------------------------------------------
def test_budgets_are_made_changed_and_removed(project: Any) -> None:
    p = gazu.project
    made = p.create_budget(project, "Été", "Long", "EUR", datetime.date(2030, 1, 2), "2030-12-31", amount=1000)
    other = p.create_budget(project["id"], "Plan B")
    assert (made["name"], made["currency"], made["revision"]) == ("Été", "EUR", 1)
    assert sorted(ids(p.get_budgets(project))) == sorted(ids([made, other]))
    assert p.update_budget(project, made, {"currency": "CAD"})["currency"] == "CAD"
    found = p.get_budget(project["id"], made["id"])
    assert found == {**made, "currency": "CAD", "updated_at": found["updated_at"]}
    assert p.remove_budget(project, made) == ""
    assert ids(p.get_budgets(project["id"])) == [other["id"]]
    with pytest.raises(RouteNotFoundException):
        p.get_budget(project, made)
    with pytest.raises(ValueError, match="not a valid date"):
        p.create_budget(project, "Plan C", start_date="tomorrow")


def test_budget_entries_are_made_changed_and_removed(project: Any, department: Any, user: Any) -> None:
    p, budget = gazu.project, gazu.project.create_budget(project, "Plan A")
    work: Any = {"department": department, "months_duration": 3, "position": "artist", "seniority": "mid"}
    day = datetime.datetime(2030, 1, 2, 3, 4)
    made = p.create_budget_entry(project, budget, "", start_date=day, daily_salary=100.5, person=user, **work)
    work["department"] = department["id"]
    other = p.create_budget_entry(project["id"], budget["id"], "Open", start_date=day.date(), daily_salary=1, **work)
    assert (made["department_id"], made["person_id"]) == (department["id"], user["id"])
    assert (made["start_date"], made["daily_salary"], other["person_id"]) == ("2030-01-02", 100.5, None)
    assert other["start_date"] == "2030-01-02"
    assert sorted(ids(p.get_budget_entries(project, budget))) == sorted(ids([made, other]))
    assert p.update_budget_entry(project, budget, made, {"daily_salary": 200})["daily_salary"] == 200
    found = p.get_budget_entry(project["id"], budget["id"], made["id"])
    assert found == {**made, "daily_salary": 200, "updated_at": found["updated_at"]}
    p.update_budget_entry(project, budget, made, {**found, "seniority": "senior"})
    assert p.get_budget_entry(project, budget, made)["seniority"] == "senior"
    assert p.remove_budget_entry(project, budget, made) == ""
    assert ids(p.get_budget_entries(project["id"], budget["id"])) == [other["id"]]
    with pytest.raises(RouteNotFoundException):
        p.get_budget_entry(project, budget, made)
    with pytest.raises(ParameterException, match="department_id"):
        p.create_budget_entry(project, budget, "Nothing")


# -- quotas --------------------------------------------------------------------
def test_quotas_tell_how_much_was_done(project: Any, user: Any, task_type: Any) -> None:
    sequence = gazu.shot.new_sequence(project, "SQ01", gazu.shot.new_episode(project, "E01"))
    shot = gazu.shot.new_shot(project, sequence, "SH01", nb_frames=48)
    gazu.project.add_task_type(project, task_type, 1)
    task = gazu.task.new_task(shot, task_type, assignees=[user])
    gazu.task.add_time_spent(task, user, "2030-01-02", 480)
    for short_name in ("wip", "wfa"):
        gazu.task.add_comment(task, gazu.task.get_task_status_by_short_name(short_name))
    quotas = gazu.project.get_project_quotas(project, task_type)
    assert quotas[user["id"]]["day"]["frames"] == {"2030-01-02": 48}
    assert quotas[user["id"]] == quotas["total"]
    assert gazu.project.get_project_quotas(project["id"]) == {task_type["id"]: quotas}
    with pytest.warns(DeprecationWarning):  # as until 1.1
        assert gazu.project.get_project_quotas(project, gazu.client.default_client) == {task_type["id"]: quotas}
    of_person = gazu.project.get_project_person_quotas(project["id"], user["id"])
    assert of_person == {task_type["id"]: quotas["total"], "total": quotas["total"]}
    assert gazu.project.get_project_person_quotas(project, user)["total"]["year"]["count"] == {"2030": 1}
