"""What a studio sets up once, on a real server: in the roles that may, and in one that may not."""

import uuid
from pathlib import Path
from typing import Any, Callable, List

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.exception import GazuWarning, NotAllowedException, ParameterException, RouteNotFoundException

Unique = Callable[[str], str]
#: A picture of 4 x 4 pixels in the format of Radiance.
HDR = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 4 +X 4\n" + bytes([128, 64, 32, 129]) * 16


def refused(client: KitsuClient, *calls: Callable[..., Any]) -> None:
    """Check that the server refuses each of the calls to an account."""
    for call in calls:
        with pytest.raises(NotAllowedException):
            call(client=client)


def life_of(name: str, row: Any, changes: Any, client: KitsuClient) -> List[Any]:
    """Change and remove a row of the studio as an admin; somebody else may not. Return the rows that were read."""
    module = gazu.studio
    get, update, remove = (getattr(module, f"{verb}_{name}") for verb in ("get", "update", "remove"))
    refused(client, lambda **me: update({"id": row["id"], **changes}, **me), lambda **me: remove(row, **me))
    changed = update({**get(row), **changes})
    assert get(row["id"]) == changed and {**row, **changes, "updated_at": changed["updated_at"]} == changed
    assert remove(row) == ""
    with pytest.raises(RouteNotFoundException):
        get(row)
    return [row, changed]


def test_custom_actions(gazu_make: Any, unique: Unique) -> None:
    manager, vendor = gazu_make.client_as("manager"), gazu_make.client_as("vendor")
    name = unique("Render")
    made = gazu.studio.new_custom_action(name, "https://farm.example.com", "shot", is_ajax=True)
    assert (made["name"], made["entity_type"], made["is_ajax"]) == (name, "shot", True)
    assert made in gazu.studio.all_custom_actions(client=manager)
    refused(
        manager,
        lambda **me: gazu.studio.new_custom_action("No", "https://farm.example.com", **me),
        lambda **me: gazu.studio.get_custom_action(made, **me),
    )
    refused(vendor, gazu.studio.all_custom_actions)
    assert gazu.studio.get_custom_action(made) == made
    gazu.studio.update_custom_action({"id": made["id"], "is_ajax": True})
    life_of("custom_action", gazu.studio.get_custom_action(made), {"url": "https://other.example.com"}, manager)
    assert gazu.studio.remove_custom_action(gazu.studio.new_custom_action(name, "")) == ""
    with pytest.raises(ValueError, match="name"):
        gazu.studio.new_custom_action("", "https://farm.example.com")


def test_status_automations(gazu_make: Any, unique: Unique) -> None:
    manager, vendor = gazu_make.client_as("manager"), gazu_make.client_as("vendor")
    first, second = (gazu.task.new_task_type(unique(name), for_entity="Asset") for name in ("Model", "Rig"))
    status = gazu.task.get_default_task_status()
    ready = gazu.studio.new_status_automation(first, status, second)
    assert (ready["out_field_type"], ready["out_task_status_id"]) == ("ready_for", None)
    made = gazu.studio.new_status_automation(first, status, second, status, "shot", import_last_revision=True)
    assert (made["out_field_type"], made["entity_type"], made["import_last_revision"]) == ("status", "shot", True)
    assert all(row in gazu.studio.all_status_automations(client=manager) for row in (ready, made))
    refused(
        manager,
        lambda **me: gazu.studio.new_status_automation(first, status, second, **me),
        lambda **me: gazu.studio.get_status_automation(made, **me),
    )
    refused(vendor, gazu.studio.all_status_automations)
    with pytest.raises(ParameterException):
        gazu.studio.new_status_automation(first, status, uuid.uuid4())
    gazu.project.add_status_automation(gazu_make.project, ready)
    with pytest.raises(ParameterException, match="used in a project"):
        gazu.studio.remove_status_automation(ready)
    gazu.project.remove_status_automation(gazu_make.project, ready)
    assert gazu.studio.remove_status_automation(ready) == ""
    gazu.studio.update_status_automation({"id": made["id"], "archived": False})
    life_of("status_automation", gazu.studio.get_status_automation(made), {"archived": True}, manager)


def test_hardware(gazu_make: Any, unique: Unique) -> None:
    manager, name, department = (
        gazu_make.client_as("manager"),
        unique("Station"),
        gazu.person.new_department(unique("FX")),
    )
    made = gazu.studio.new_hardware_item(name, "st", monthly_cost=80, inventory_amount=12)
    assert (made["monthly_cost"], made["inventory_amount"]) == (80, 12)
    assert gazu.studio.new_hardware_item(name, "other") == made
    assert made in gazu.studio.all_hardware_items()
    link = gazu.person.add_hardware_to_department(made, department)
    assert gazu.person.add_hardware_to_department(made, department["id"]) == link
    assert gazu.person.all_department_hardware()[department["id"]] == [made]
    with pytest.raises(RouteNotFoundException):
        gazu.person.add_hardware_to_department(uuid.uuid4(), department)
    refused(
        manager,
        gazu.studio.all_hardware_items,
        lambda **me: gazu.studio.get_hardware_item(made, **me),
        lambda **me: gazu.studio.new_hardware_item(unique("No"), "no", **me),
        gazu.person.all_department_hardware,
        lambda **me: gazu.person.add_hardware_to_department(made, department, **me),
        lambda **me: gazu.person.remove_hardware_from_department(made, department, **me),
    )
    for _ in range(2):  # what is not there is no error
        assert gazu.person.remove_hardware_from_department(made, department) == ""
    assert department["id"] not in gazu.person.all_department_hardware()
    gazu.studio.update_hardware_item({"id": made["id"], "archived": False})
    life_of("hardware_item", gazu.studio.get_hardware_item(made), {"inventory_amount": 13}, manager)
    again = gazu.studio.new_hardware_item(name, "st")
    assert gazu.studio.remove_hardware_item(again["id"]) == ""


def test_software_of_departments(gazu_make: Any, unique: Unique) -> None:
    """On Zou 1.0.97, a software cannot be deleted while a department has it, but while task types have it."""
    manager, department = gazu_make.client_as("manager"), gazu.person.new_department(unique("Rigging"))
    made = gazu.files.new_software(unique("Maya"), "maya", ".ma")
    link = gazu.person.add_software_to_department(made, department)
    assert gazu.person.add_software_to_department(made, department) == link
    assert gazu.person.all_department_softwares()[department["id"]] == [made]
    with pytest.raises(RouteNotFoundException):
        gazu.person.add_software_to_department(uuid.uuid4(), department)
    refused(
        manager,
        gazu.person.all_department_softwares,
        lambda **me: gazu.person.add_software_to_department(made, department, **me),
        lambda **me: gazu.person.remove_software_from_department(made, department, **me),
        lambda **me: gazu.files.remove_software(made, **me),
    )
    with pytest.raises(ParameterException):
        gazu.files.remove_software(made)
    for _ in range(2):
        assert gazu.person.remove_software_from_department(made, department) == ""
    assert department["id"] not in gazu.person.all_department_softwares()
    assert gazu.files.remove_software(made) == ""
    with pytest.raises(RouteNotFoundException):
        gazu.files.get_software(made)


def test_software_that_opens_a_task(gazu_make: Any, unique: Unique) -> None:
    project, department = gazu_make.project, gazu.person.new_department(unique("Anim"))
    inside = gazu_make.client_as("supervisor", departments=[department["id"]])
    artist, vendor = gazu_make.client_as("artist"), gazu_make.client_as("vendor")
    kind = gazu.task.new_task_type(unique("Animation"), for_entity="Shot")
    gazu.task.update_task_type({"id": kind["id"], "department_id": department["id"]})
    made = gazu.files.new_software(unique("Blender"), "blend", ".blend")
    with pytest.raises(ParameterException, match="not a task type of the project"):
        gazu.project.add_task_type_software(project, kind, made)
    gazu.project.add_task_type(project, kind)
    row = gazu.project.add_task_type_software(project, kind, made, client=inside)
    assert row == {"project_id": project["id"], "task_type_id": kind["id"], "software_id": made["id"]}
    assert gazu.project.add_task_type_software(project, kind, made["id"]) == row
    assert gazu.project.all_task_type_softwares(project, client=artist) == [row]
    refused(
        artist,
        lambda **me: gazu.project.add_task_type_software(project, kind, made, **me),
        lambda **me: gazu.project.remove_task_type_software(project, kind, made, **me),
    )
    with pytest.raises(RouteNotFoundException):
        gazu.project.add_task_type_software(project, kind, uuid.uuid4())
    assert gazu.project.all_task_type_softwares(project, client=vendor) == [row]
    for _ in range(2):
        assert gazu.project.remove_task_type_software(project, kind, made, client=inside) == ""
    assert gazu.project.all_task_type_softwares(project["id"]) == []
    gazu.files.update_software({"id": made["id"], "archived": True})
    with pytest.raises(ParameterException, match="archived"):
        gazu.project.add_task_type_software(project, kind, made)


def test_people_of_a_department(gazu_make: Any, unique: Unique) -> None:
    department = gazu.person.new_department(unique("Comp"))
    client = gazu_make.client_as("artist", departments=[department["id"]])
    for who in (client, None):
        found = gazu.person.all_persons_for_department(department, **({"client": who} if who else {}))
        assert [row["id"] for row in found] == [gazu.client.get_current_user(client=client)["id"]]
        assert ("email" in found[0]) == (who is None)


def test_salaries(gazu_make: Any, unique: Unique) -> None:
    """The list makes what is missing; on Zou 1.0.97, two that ask at the same moment may both make it."""
    department, manager = gazu.person.new_department(unique("Light")), gazu_make.client_as("manager")
    rows = [row for row in gazu.studio.all_salary_scales() if row["department_id"] == department["id"]]
    assert len({(row["position"], row["seniority"]) for row in rows}) == 9
    assert gazu.studio.update_salary_scale(rows[0], 250)["salary"] == 250
    found = {row["id"]: row["salary"] for row in gazu.studio.all_salary_scales()}
    assert [found[row["id"]] for row in rows] == [250, *[0] * (len(rows) - 1)]
    refused(manager, gazu.studio.all_salary_scales, lambda **me: gazu.studio.update_salary_scale(rows[0], 1, **me))


def test_the_server_rounds_a_salary(admin: KitsuClient, unique: Unique) -> None:
    """Zou 1.0.97 stores 250.6 as 251, and True as 1, without a word: both are refused."""
    department = gazu.person.new_department(unique("Matte"))
    row = next(row for row in gazu.studio.all_salary_scales() if row["department_id"] == department["id"])
    assert gazu.client.update("salary-scales", row["id"], {"salary": 250.6})["salary"] == 251
    for wrong in (250.6, True, "250", -1):
        with pytest.raises(ValueError, match="salary: expected a whole number"):
            gazu.studio.update_salary_scale(row, wrong)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="monthly_cost: expected a whole number"):
            gazu.studio.new_hardware_item(unique("Tablet"), "tb", monthly_cost=wrong)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="inventory_amount: expected a whole number"):
            gazu.studio.update_hardware_item({"id": row["id"], "inventory_amount": wrong})
    with pytest.raises(ParameterException, match="required field"):
        gazu.studio.update_salary_scale(row, None)  # type: ignore[arg-type]


def test_a_field_that_the_tables_do_not_have(admin: KitsuClient, unique: Unique) -> None:
    """Zou 1.0.97 leaves it out in silence: a warning names it, and the one that may be meant."""
    made = gazu.studio.new_hardware_item(unique("Tablet"), "tb")
    with pytest.warns(GazuWarning, match="ignored 'monthly_costs'.*did you mean 'monthly_cost'"):
        gazu.studio.update_hardware_item({"id": made["id"], "monthly_costs": 5})
    with pytest.raises(ParameterException, match="name has 81 characters, and Zou 1.0 stores 80"):
        gazu.studio.new_custom_action("x" * 81, "https://farm.example.com")
    assert gazu.studio.remove_hardware_item(made) == ""


def test_plugins(gazu_make: Any) -> None:
    assert gazu.studio.all_plugins() == []
    refused(gazu_make.client_as("manager"), gazu.studio.all_plugins)


def test_the_organisation(gazu_make: Any) -> None:
    before, manager = gazu.person.get_organisation(), gazu_make.client_as("manager")
    changed = gazu.person.update_organisation({"id": before["id"], "hd_by_default": not before["hd_by_default"]})
    assert (changed["name"], changed["hd_by_default"]) == (before["name"], not before["hd_by_default"])
    saved = gazu.person.update_organisation(
        {**gazu.person.get_organisation(), "hd_by_default": before["hd_by_default"]}
    )
    assert saved["hd_by_default"] == before["hd_by_default"]
    refused(manager, lambda **me: gazu.person.update_organisation({"id": before["id"], "hd_by_default": True}, **me))
    with pytest.raises(ParameterException, match="hours_by_day must be a number"):
        gazu.person.update_organisation({"id": before["id"], "hours_by_day": "eight"})


def test_log_ins_to_computers(gazu_make: Any) -> None:
    artist, other, manager = (gazu_make.client_as(role) for role in ("artist", "artist", "manager"))
    person = gazu.client.get_current_user(client=artist)
    first = gazu.person.log_desktop_session_log_in(person, "2026-01-05T08:30:00", client=artist)
    last = gazu.person.log_desktop_session_log_in(person["id"])
    assert first["date"] == "2026-01-05T08:30:00" < last["date"]
    for client in (artist, manager):
        assert gazu.person.all_desktop_login_logs(person, client=client) == [last, first]
    refused(other, lambda **me: gazu.person.all_desktop_login_logs(person, **me))
    refused(manager, lambda **me: gazu.person.log_desktop_session_log_in(person, **me))
    with pytest.raises(ValueError, match="for date"):
        gazu.person.log_desktop_session_log_in(person, "yesterday")


def test_the_account_of_screening_rooms(gazu_make: Any) -> None:
    project, manager, artist = gazu_make.project, gazu_make.client_as("manager"), gazu_make.client_as("artist")
    assert gazu.project.get_preview_account(project, client=manager) is None
    with pytest.raises(RouteNotFoundException, match="No preview account"):
        gazu.project.set_preview_account_open(project, True)
    made = gazu.project.new_preview_account(project, client=manager)
    assert made["preview_open_until"] is None and made["password"] not in repr(made)
    assert gazu.project.get_preview_account(project) == {k: v for k, v in made.items() if k != "password"}
    opened = gazu.project.set_preview_account_open(project, True, client=manager)
    assert opened["preview_open_until"] is not None
    with gazu.create_session(gazu.get_host(), made["email"], made["password"]) as screening:
        assert [one["id"] for one in gazu.user.all_open_projects(client=screening)] == [project["id"]]
    assert gazu.project.set_preview_account_open(project, False)["preview_open_until"] is None
    assert gazu.project.new_preview_account(project)["password"] != made["password"]
    refused(
        artist,
        lambda **me: gazu.project.get_preview_account(project, **me),
        lambda **me: gazu.project.new_preview_account(project, **me),
        lambda **me: gazu.project.set_preview_account_open(project, True, **me),
        lambda **me: gazu.project.remove_preview_account(project, **me),
    )
    for _ in range(2):
        assert gazu.project.remove_preview_account(project, client=manager) == ""
    assert gazu.project.get_preview_account(project) is None


def test_statuses_of_projects(gazu_make: Any, unique: Unique) -> None:
    manager, name = gazu_make.client_as("manager"), unique("Pause")
    made = gazu.project.new_project_status(name, "#112233")
    assert gazu.project.new_project_status(name, "#000000") == made
    assert gazu.project.update_project_status({"id": made["id"], "color": "#445566"})["name"] == name
    assert gazu.project.get_project_status_by_name(name)["color"] == "#445566"  # type: ignore[index]
    refused(
        manager,
        lambda **me: gazu.project.new_project_status(unique("No"), "#112233", **me),
        lambda **me: gazu.project.update_project_status({"id": made["id"], "color": "#000000"}, **me),
        lambda **me: gazu.project.remove_project_status(made, **me),
    )
    project, status = gazu_make.project, gazu_make.project["project_status_id"]
    gazu.project.update_project({"id": project["id"], "project_status_id": made["id"]})
    with pytest.raises(ParameterException):
        gazu.project.remove_project_status(made)
    gazu.project.update_project({"id": project["id"], "project_status_id": status})
    assert gazu.project.remove_project_status(made) == ""
    assert gazu.project.get_project_status_by_name(name) is None


def test_types_and_statuses_of_files(gazu_make: Any, unique: Unique) -> None:
    manager = gazu_make.client_as("manager")
    kind, status = (
        gazu.files.new_output_type(unique("Cache"), "abc"),
        gazu.files.new_file_status(unique("Old"), "#112233"),
    )
    assert gazu.files.update_output_type({"id": kind["id"], "short_name": "usd"})["name"] == kind["name"]
    assert gazu.files.update_file_status({"id": status["id"], "color": "#000000"})["name"] == status["name"]
    assert gazu.files.get_output_type(kind)["short_name"] == "usd"
    assert gazu.files.get_file_status(status)["color"] == "#000000"
    assert status["id"] in [row["id"] for row in gazu.files.all_file_statuses()]
    refused(
        manager,
        lambda **me: gazu.files.update_output_type({"id": kind["id"], "short_name": "x"}, **me),
        lambda **me: gazu.files.update_file_status({"id": status["id"], "color": "#ffffff"}, **me),
        lambda **me: gazu.files.remove_output_type(kind, **me),
        lambda **me: gazu.files.remove_file_status(status, **me),
    )
    made = gazu.entity.new_entity_type(unique("Location"))
    name = unique("Place")
    assert gazu.entity.update_entity_type({**made, "name": name})["name"] == name
    assert gazu.entity.get_entity_type(made)["name"] == name
    refused(manager, lambda **me: gazu.entity.update_entity_type({"id": made["id"], "name": "No"}, **me))
    assert gazu.files.remove_output_type(kind) == gazu.files.remove_file_status(status) == ""
    assert gazu.entity.remove_entity_type(made) == ""
    for get, row in ((gazu.files.get_output_type, kind), (gazu.files.get_file_status, status)):
        with pytest.raises(RouteNotFoundException):
            get(row)


def test_records_of_files(gazu_make: Any, unique: Unique) -> None:
    """On Zou 1.0.97, a working file that an output file was made from can be deleted, its software cannot."""
    artist, task = gazu_make.client_as("artist"), gazu_make.task()
    gazu.files.update_project_file_tree(gazu_make.project, gazu.file_trees.BY_NAME["simple"])
    gazu.task.assign_task(task, gazu.client.get_current_user(client=artist))
    made, kind = (
        gazu.files.new_software(unique("Houdini"), "hou", ".hip"),
        gazu.files.new_output_type(unique("Bgeo"), "bgeo"),
    )
    working = gazu.files.new_working_file(task, software=made)
    output = gazu.files.new_entity_output_file(
        task["entity_id"], kind, task["task_type_id"], "From it", working_file=working
    )
    row = {**gazu.files.get_working_file(working), "description": "Blocking"}
    assert gazu.files.update_working_file(row, client=artist)["description"] == "Blocking"
    assert gazu.files.update_working_file({"id": working["id"], "data": {"fps": 25}})["description"] == "Blocking"
    outsider = gazu_make.client_as("artist")
    refused(outsider, lambda **me: gazu.files.update_working_file({"id": working["id"], "comment": "No"}, **me))
    refused(
        artist,
        lambda **me: gazu.files.remove_working_file(working, **me),
        lambda **me: gazu.files.remove_output_file(output, **me),
    )
    with pytest.raises(ParameterException):
        gazu.files.remove_software(made)
    assert gazu.files.get_output_file(output)["source_file_id"] == working["id"]
    assert gazu.files.remove_working_file(working) == ""
    assert gazu.files.remove_output_file(output) == ""
    for get, gone in ((gazu.files.get_working_file, working), (gazu.files.get_output_file, output)):
        with pytest.raises(RouteNotFoundException):
            get(gone)


def test_instances_and_scenes_are_removed(gazu_make: Any) -> None:
    artist = gazu_make.client_as("artist")
    sequence, asset = gazu_make.sequence(), gazu_make.asset()
    scene = gazu.scene.new_scene(gazu_make.project, sequence, "SC01")
    instance = gazu.scene.new_scene_asset_instance(scene, asset)
    refused(
        artist,
        lambda **me: gazu.asset.remove_asset_instance(instance, **me),
        lambda **me: gazu.scene.remove_scene(scene, **me),
    )
    assert gazu.asset.remove_asset_instance(instance) == ""
    assert gazu.scene.all_asset_instances_for_scene(scene) == {}
    assert gazu.scene.remove_scene(scene["id"]) == ""
    assert gazu.scene.all_scenes_for_project(gazu_make.project) == []
    busy = gazu.scene.new_scene(gazu_make.project, sequence, "SC02")
    gazu.task.new_task(busy, gazu.task.new_task_type(f"Layout {uuid.uuid4().hex[:8]}", for_entity="Scene"))
    gazu.scene.remove_scene(busy, force=True)
    with pytest.raises(RouteNotFoundException):
        gazu.scene.get_scene(busy)


def test_backgrounds(gazu_make: Any, unique: Unique, tmp_path: Path) -> None:
    manager, name, picture = gazu_make.client_as("manager"), unique("Studio light"), tmp_path / "light.HDR"
    picture.write_bytes(HDR)
    made = gazu.files.new_preview_background_file(name)
    assert gazu.files.new_preview_background_file(name, is_default=True) == made
    refused(
        manager,
        lambda **me: gazu.files.new_preview_background_file(unique("No"), **me),
        lambda **me: gazu.files.upload_preview_background_file(made, picture, **me),
        lambda **me: gazu.files.update_preview_background_file({"id": made["id"], "archived": True}, **me),
        lambda **me: gazu.files.remove_preview_background_file(made, **me),
    )
    with pytest.raises(RouteNotFoundException):
        gazu.files.download_preview_background_file(made, tmp_path / "none.hdr")
    stored = gazu.files.upload_preview_background_file(made, picture)
    assert (stored["original_name"], stored["extension"], stored["file_size"]) == ("light", "hdr", len(HDR))
    assert stored == gazu.files.get_preview_background_file(made, client=manager)
    assert stored in gazu.files.all_preview_background_files(client=manager)
    gazu.files.download_preview_background_file(made, tmp_path / "again.hdr", client=manager)
    assert (tmp_path / "again.hdr").read_bytes() == HDR
    gazu.files.download_preview_background_thumbnail(made, tmp_path / "small.png")
    assert (tmp_path / "small.png").read_bytes().startswith(b"\x89PNG")
    changed = gazu.files.update_preview_background_file({"id": made["id"], "archived": True})
    assert changed == {**stored, "archived": True, "updated_at": changed["updated_at"]}
    assert gazu.files.remove_preview_background_file(made) == ""
    with pytest.raises(RouteNotFoundException):
        gazu.files.get_preview_background_file(made)


def test_a_background_that_is_no_hdr_picture(admin: KitsuClient, unique: Unique, tmp_path: Path) -> None:
    """Zou 1.0.97 deletes the record that such a file is uploaded for: it is refused before it is sent."""
    made = gazu.files.new_preview_background_file(unique("Kept"))
    for name, content in (("light.exr", HDR), ("light", HDR), ("light.hdr", b"\x89PNG"), ("light.hdr", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=r"file_path: .*light.* is not an HDR picture"):
            gazu.files.upload_preview_background_file(made, tmp_path / name)
    with pytest.raises(FileNotFoundError):
        gazu.files.upload_preview_background_file(made, tmp_path / "missing.hdr")
    assert gazu.files.get_preview_background_file(made) == made
    with pytest.raises(ParameterException, match="Wrong file format"):
        gazu.client.upload(f"pictures/preview-background-files/{made['id']}", tmp_path / "light.exr")
    with pytest.raises(RouteNotFoundException):
        gazu.files.get_preview_background_file(made)
