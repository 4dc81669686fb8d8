"""What the server does that nobody would guess, and what the library makes of it: pinned on Zou 1.0.97.

A test that fails after an update of the server says that the server has changed: its docstring says what to look at.
"""

import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable

import pytest

import gazu
import gazu.sync
from gazu.exception import GazuException, GazuWarning, NotAllowedException, ParameterException, ServerErrorException

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
    allowed = ", ".join(sorted(FIELDS))
    with pytest.raises(NotAllowedException, match=f"can change only {allowed}: .*without name, .*completion_rate"):
        gazu.task.update_task(task, client=client)  # a whole row
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
        with pytest.raises(NotAllowedException, match="can change only data: send only these and the id, without desc"):
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
    """The type in lists of one kind, and what is not a column: all rows come (Zou 1.0.97)."""
    kind = gazu.asset.new_asset_type(unique("Prop"))
    of_kind, of_none = {"entity_type_id": kind["id"]}, {"no_column": "1"}
    for filters in (of_kind, of_none):
        assert len(gazu.client.fetch_all("shots", {"parent_id": cut[0]["parent_id"], **filters})) == 3
    assert gazu.query.find("shots", {"parent_id": cut[0]["parent_id"], **of_kind}) == []
    with pytest.raises(ValueError, match="shots have no field 'no_column'"):
        gazu.query.find("shots", {"parent_id": cut[0]["parent_id"], **of_none})


# -- what stands in for a new entity -----------------------------------------------
def test_what_was_removed_and_is_made_again_is_still_canceled(gazu_make: Any, unique: Unique) -> None:
    """What has tasks is canceled only, stays in every list, and comes back under its name (Zou 1.0.97)."""
    film, sequence = gazu_make.project, gazu_make.sequence()
    prop = gazu.asset.new_asset_type(unique("Prop"))
    for kind, new, restored_by in (
        ("Shot", lambda: gazu.shot.new_shot(film, sequence, "SH010", nb_frames=48), "restore_shot"),
        ("Asset", lambda: gazu.asset.new_asset(film, prop, "Tree"), "update_asset"),
        ("Edit", lambda: gazu.edit.new_edit(film, "Cut"), "update_edit"),
        ("Concept", lambda: gazu.concept.new_concept(film, "Mood"), "update_concept"),
        ("Scene", lambda: gazu.scene.new_scene(film, sequence, "SC01"), "update_scene"),
    ):
        made = new()
        task_type = gazu.task.new_task_type(unique(kind), for_entity=kind)
        gazu.project.add_task_type(film, task_type, 1)
        task = gazu.task.new_task(made, task_type)
        gazu.entity.remove_entity(made)
        with pytest.warns(GazuWarning, match=rf"canceled.*{restored_by}"):
            again = new()
        assert (again["id"], again["canceled"]) == (made["id"], True)
        assert task["id"] in [row["id"] for row in gazu.task.all_tasks_for_project(film)]
        gazu.client.update("entities", made["id"], {"canceled": False})
        assert new()["canceled"] is False
    assert len(gazu.shot.all_shots_for_project(film)) == 1


def test_blanks_around_a_name_make_another_name(gazu_make: Any) -> None:
    """The server keeps them (Zou 1.0.97)."""
    sequence = gazu_make.sequence()
    with pytest.warns(GazuWarning, match="keeps the blanks around ' SH010 '"):
        gazu.shot.new_shot(gazu_make.project, sequence, " SH010 ")
    gazu.shot.new_shot(gazu_make.project, sequence, "SH010")
    assert [row["name"] for row in gazu.shot.all_shots_for_sequence(sequence)] == [" SH010 ", "SH010"]


# -- lists that come back shorter ------------------------------------------------
def test_tasks_that_a_supervisor_may_not_assign_are_left_out(staff: Any) -> None:
    """In silence: 200 and a shorter list (Zou 1.0.97)."""
    client = staff.make.client_as("supervisor", departments=[staff.department["id"]])
    artist = staff.make.person(departments=[staff.department["id"]])
    tasks = [staff.task, staff.foreign_task]
    with pytest.warns(GazuWarning, match=f"1 of 2 tasks were not assigned.*{staff.foreign_task['id']}"):
        assigned = gazu.task.assign_tasks_to_person(tasks, artist, client=client)
    assert [row["id"] for row in assigned] == [staff.task["id"]]
    nobody = "00000000-0000-4000-8000-000000000000"
    with pytest.warns(GazuWarning, match=f"1 of 1 tasks were not assigned.*{nobody}"):
        assert gazu.task.assign_task(nobody, artist) == []
    with pytest.warns(GazuWarning, match=f"1 of 2 tasks were not changed.*{nobody}"):
        assert len(gazu.task.clear_assignations([staff.task, nobody])) == 1
    sequence = staff.shot["parent_id"]
    with pytest.warns(GazuWarning, match=f"1 of 1 entities are still there.*{sequence}"):
        assert gazu.entity.remove_entities(staff.make.project, [sequence]) == []


def test_annotations_that_match_nothing_are_not_changed(gazu_make: Any) -> None:
    """Another time, a time as text, an object without its id, an id that is there: 200, and nothing is done.

    So it is on Zou 1.0.97.
    """
    preview = gazu_make.preview()

    def note(time: Any, **drawn: Any) -> Any:
        return {"time": time, "drawing": {"objects": [{"type": "path", **drawn}]}}

    def change(**changes: Any) -> Any:
        rows = gazu.files.update_preview_annotations(preview, **changes)["annotations"]
        return [(row["time"], [one.get("stroke") for one in row["drawing"]["objects"]]) for row in rows]

    assert change(additions=[note(1.5, id="a", stroke="red"), note(2, stroke="blue")]) == [
        (1.5, ["red"]), (2, ["blue"]),
    ]  # fmt: skip
    assert change(updates=[note(1.5, id="a", stroke="green")])[0] == (1.5, ["green"])
    for wrong in (
        {"additions": [note(1.5, id="a", stroke="red")]},
        {"updates": [note(1.50001, id="a", stroke="red")]},
        {"updates": [note("1.5", id="a", stroke="red")]},
        {"updates": [note(1.5, id="b", stroke="red")]},
        {"updates": [note(1.5, stroke="red")]},
        {"deletions": [{"time": 1.50001, "objects": ["a"]}]},
        {"deletions": [{"time": "1.5", "objects": ["a"]}]},
        {"deletions": [{"time": 1.5, "objects": [{"id": "a"}]}]},
    ):
        with pytest.warns(GazuWarning, match="annotations that the server did not change: (a|b|None) at '?1.5"):
            assert change(**wrong)[0] == (1.5, ["green"])
    assert change(deletions=[{"time": 1.5, "objects": ["a"]}]) == [(2, ["blue"])]


# -- hours, days off and quotas ----------------------------------------------------
def test_days_off_delete_the_hours_of_these_days(gazu_make: Any) -> None:
    """In silence, on the days that are moved to as well (Zou 1.0.97)."""
    person = gazu_make.person()
    task = gazu_make.task(assignees=[person])
    for day in ("2030-01-07", "2030-01-08", "2030-01-09", "2030-01-10"):
        gazu.task.set_time_spent(task, person, day, 240)
    with pytest.warns(GazuWarning, match="deletes 2 time spents, 480 minutes"):
        day_off = gazu.person.new_day_off(person, "2030-01-07", "2030-01-08")
    assert gazu.task.get_time_spent(task)["total"] == 480
    with pytest.warns(GazuWarning, match="deletes 1 time spents, 240 minutes"):
        gazu.person.update_day_off({"id": day_off["id"], "end_date": "2030-01-09"})
    with warnings.catch_warnings(), pytest.raises(GazuWarning):
        warnings.simplefilter("error", GazuWarning)
        gazu.person.update_day_off({**day_off, "end_date": "2030-01-10"})
    left = gazu.person.get_time_spents_range(person, "2030-01-01", "2030-01-31")
    assert [row["date"] for row in left] == ["2030-01-10"]
    assert gazu.task.get_task(task)["duration"] == 960  # the sum of the task stays as it was
    gazu.person.remove_day_off(day_off)


def test_a_shot_that_goes_straight_to_done_counts_in_these_modes(gazu_make: Any) -> None:
    """`weighted` needs time spents, or a start and a request for feedback; assignees count each (Zou 1.0.97)."""
    people = [gazu_make.person()["id"], gazu_make.person()["id"]]
    task = gazu_make.task(gazu_make.shot(nb_frames=100), assignees=people)
    gazu.task.add_comment(task, gazu.task.get_task_status_by_short_name("done"))
    film, kind = gazu_make.project, task["task_type_id"]

    def frames(mode: Any, of: Any = None) -> Any:
        if of:
            return gazu.project.get_project_person_quotas(film, of, count_mode=mode).get("total", {}).get("year", {})
        return gazu.project.get_project_quotas(film, kind, count_mode=mode).get("total", {}).get("year", {})

    assert {mode: [*frames(mode).get("frames", {}).values()] for mode in (None, *MODES)} == {
        None: [], "weighted": [], "weighteddone": [], "feedback": [], "done": [200],
    }  # fmt: skip
    assert [*frames("done", people[0])["frames"].values()] == [200]  # those of the other assignee as well
    assert gazu.project.get_project_quotas(film, count_mode="done")[kind]["total"]["year"]["frames"]
    for read in (lambda: frames("weigtheddone"), lambda: frames("all", people[0])):
        with pytest.raises(ValueError, match="count_mode: expected weighted, weighteddone"):
            read()


MODES = ("weighted", "weighteddone", "feedback", "done")


def test_frames_per_second_with_a_comma_break_the_quotas(gazu_make: Any) -> None:
    """The server stores them, and answers the quotas with a 500 (Zou 1.0.97)."""
    film, task = gazu_make.project, gazu_make.task(gazu_make.shot(nb_frames=100), assignees=[gazu_make.person()])
    gazu.task.add_comment(task, gazu.task.get_task_status_by_short_name("done"))
    for refuse in (
        lambda: gazu.project.update_project({"id": film["id"], "fps": "23,976"}),
        lambda: gazu.project_template.new_project_template("Comma", fps="23,976"),
        lambda: gazu.project_template.update_project_template({"id": film["id"], "fps": "23,976"}),
    ):
        with pytest.raises(ValueError, match="fps: .* use a dot"):
            refuse()
    gazu.client.update("projects", film["id"], {"fps": "23,976"})
    with pytest.raises(ServerErrorException):
        gazu.project.get_project_quotas(film, task["task_type_id"], count_mode="done")
    assert gazu.project.update_project_data(film, {"a": 1})["fps"] == "23,976"
    gazu.project.update_project({"id": film["id"], "fps": "23.976"})
    assert gazu.project.get_project_quotas(film, task["task_type_id"], count_mode="done")["total"]


# -- statuses and dates of tasks -----------------------------------------------------
def status(short_name: str) -> Any:
    return gazu.task.get_task_status_by_short_name(short_name)


def test_a_status_set_without_a_comment_has_no_date(gazu_make: Any) -> None:
    """`done_date` comes with the comment that changes the status (Zou 1.0.97)."""
    task, other = gazu_make.task(), gazu_make.task()
    gazu.task.update_task({"id": task["id"], "task_status_id": status("done")["id"]})
    assert gazu.task.get_task(task)["done_date"] is None
    assert gazu.task.all_comments_for_task(task) == []
    gazu.task.add_comment(task, status("done"))
    assert gazu.task.get_task(task)["done_date"] is None
    gazu.task.add_comment(other, status("done"))
    assert gazu.task.get_task(other)["done_date"]


def test_removing_a_comment_brings_an_older_date_back(gazu_make: Any) -> None:
    """The task is a retake, and has a `done_date` again (Zou 1.0.97)."""
    task = gazu_make.task()
    comments = [gazu.task.add_comment(task, status(name)) for name in ("done", "retake", "retake")]
    assert gazu.task.get_task(task)["done_date"] is None
    gazu.task.remove_comment(comments[-1])
    left = gazu.task.get_task(task)
    assert (left["task_status_id"], bool(left["done_date"])) == (status("retake")["id"], True)


def test_each_done_runs_the_automations_again(gazu_make: Any) -> None:
    """Also when it was done before; not by `update_task` (Zou 1.0.97)."""
    shot = gazu_make.shot()
    layout, animation = gazu_make.task(shot, "Layout"), gazu_make.task(shot, "Animation")
    rule = {"entity_type": "shot", "in_task_type_id": layout["task_type_id"], "in_task_status_id": status("done")["id"]}
    rule.update(out_field_type="status", out_task_type_id=animation["task_type_id"])
    rule.update(out_task_status_id=status("wip")["id"])
    gazu.project.add_status_automation(gazu_make.project, gazu.client.create("status-automations", rule))
    gazu.task.update_task({"id": layout["id"], "task_status_id": status("done")["id"]})
    assert gazu.task.get_task(animation)["task_status_id"] != status("wip")["id"]
    for _ in range(2):
        gazu.task.add_comment(layout, status("done"))
        assert gazu.task.get_task(animation)["task_status_id"] == status("wip")["id"]
        gazu.task.add_comment(animation, status("done"))


def test_any_status_is_taken_archived_or_not_of_this_production(gazu_make: Any, unique: Unique) -> None:
    """And an archived one is found by its name (Zou 1.0.97)."""
    name = unique("Old")
    old = gazu.task.new_task_status(name, name[-8:], "#123456")
    gazu.task.update_task_status({"id": old["id"], "archived": True})
    assert gazu.task.get_task_status_by_name(name)["archived"] is True
    comment = gazu.task.add_comment(gazu_make.task(), old)
    assert comment["task_status_id"] == old["id"]


def test_a_name_at_the_end_of_a_line_mentions_nobody(gazu_make: Any) -> None:
    """A space or the end of the text has to follow (Zou 1.0.97)."""
    person, task = gazu_make.person(), gazu_make.task()
    name = person["full_name"]
    texts = [f"@{name}", f"@{name} look", f"@{name}, look", f"look @{name}\nplease", f"@{name}."]
    comments = [gazu.task.add_comment(task, status("wip"), text) for text in texts]
    assert [len(row["mentions"]) for row in comments] == [1, 1, 0, 0, 0]


def test_who_is_not_assigned_may_not_comment_nor_have_hours(gazu_make: Any) -> None:
    """403 for an artist; hours of who is not assigned are a 403 for an administrator too (Zou 1.0.97)."""
    client, task = gazu_make.client_as("artist"), gazu_make.task()
    artist = gazu.client.get_current_user(client=client)
    with pytest.raises(NotAllowedException):
        gazu.task.add_comment(task, status("wip"), client=client)
    for who in (client, gazu.client.default_client):
        with pytest.raises(NotAllowedException):
            gazu.task.set_time_spent(task, artist, "2030-01-07", 60, client=who)
    gazu.task.assign_task(task, artist)
    assert gazu.task.add_comment(task, status("wip"), client=client)["id"]
    assert gazu.task.set_time_spent(task, artist, "2030-01-07", 60)["duration"] == 60


# -- what an update replaces -----------------------------------------------------------
def test_data_is_replaced_in_people_and_productions_and_merged_elsewhere(gazu_make: Any) -> None:
    """`PUT` of persons and projects replaces `data`, that of tasks and entities merges it (Zou 1.0.97)."""
    shot = gazu_make.shot()
    for update, row, merged in (
        (gazu.person.update_person, gazu_make.person(), False),
        (gazu.project.update_project, gazu_make.project, False),
        (gazu.task.update_task, gazu_make.task(shot), True),
        (gazu.shot.update_shot, shot, True),
    ):
        update({"id": row["id"], "data": {"a": 1}})
        data = update({"id": row["id"], "data": {"b": 2}})["data"]
        assert data == ({"a": 1, "b": 2} if merged else {"b": 2})


def test_a_column_that_is_renamed_has_another_field(gazu_make: Any) -> None:
    """In the descriptor, and in the `data` of every entity (Zou 1.0.97)."""
    column = gazu.project.add_metadata_descriptor(gazu_make.project, "Shot weather", "Shot")
    shot = gazu_make.shot(data={"shot_weather": "rain"})
    renamed = gazu.project.update_metadata_descriptor(gazu_make.project, {"id": column["id"], "name": "Sky"})
    assert (column["field_name"], renamed["field_name"]) == ("shot_weather", "sky")
    assert gazu.shot.get_shot(shot)["data"] == {"sky": "rain"}


def test_hours_go_with_the_person_and_the_task_keeps_their_sum(gazu_make: Any) -> None:
    """`force=True` deletes time spents and comments; `duration` stays (Zou 1.0.97)."""
    client = gazu_make.client_as("artist")
    person, task = gazu.client.get_current_user(client=client), gazu_make.task()
    gazu.task.assign_task(task, person)
    gazu.task.set_time_spent(task, person, "2030-01-07", 60)
    gazu.task.add_comment(task, status("wip"), "mine", client=client)
    gazu.person.remove_person(person, force=True)
    assert gazu.task.all_comments_for_task(task) == []
    assert gazu.task.get_time_spent(task)["total"] == 0
    assert gazu.task.get_task(task)["duration"] == 60


def test_days_of_schedule_items_are_whole_and_may_end_before_they_begin(gazu_make: Any) -> None:
    """2.5 is cut to 2; dates are not compared, in tasks neither (Zou 1.0.97)."""
    task = gazu_make.task()
    item = {"project_id": gazu_make.project["id"], "task_type_id": task["task_type_id"], "man_days": 2.5}
    made = gazu.client.create("schedule-items", {**item, "start_date": "2030-01-10", "end_date": "2030-01-01"})
    assert (made["man_days"], made["end_date"] < made["start_date"]) == (2, True)
    dates = {"start_date": "2030-01-10", "due_date": "2030-01-01"}
    changed = gazu.task.update_task({"id": task["id"], **dates})
    assert changed["due_date"] < changed["start_date"]


# -- playlists, sheets and chats ---------------------------------------------------------
def test_a_playlist_keeps_entries_of_previews_that_are_gone(gazu_make: Any) -> None:
    """`data/playlists/<id>` does, `data/projects/<id>/playlists/<id>` does not (Zou 1.0.97)."""
    film = gazu_make.project
    shots = [gazu_make.shot(), gazu_make.shot()]
    previews = [gazu_make.preview(gazu_make.task(shot)) for shot in shots]
    playlist = gazu.playlist.new_playlist(film, "Dailies")
    for shot, preview in zip(shots, previews):
        gazu.playlist.add_entity_to_playlist(playlist, shot, preview)
    gazu.files.remove_preview_file(previews[0], force=True)
    gazu.shot.remove_shot(shots[1], force=True)
    entries = gazu.playlist.get_playlist(playlist)["shots"]
    assert [row["preview_file_id"] for row in entries] == [row["id"] for row in previews]
    page = gazu.client.get(f"data/projects/{film['id']}/playlists/{playlist['id']}")["shots"]
    assert [row.get("preview_file_id") for row in page] == [None, None]


def test_the_server_adds_the_highest_revision_to_a_playlist(gazu_make: Any) -> None:
    """Whenever it was published; `add_entity_to_playlist` names the newest by date (Zou 1.0.97)."""
    shot = gazu_make.shot()
    task = gazu_make.task(shot)
    made = [
        gazu.task.publish_preview(task, status("wfa"), preview_file_path=gazu_make.picture(), revision=revision)[1]
        for revision in (7, 3)
    ]
    playlist = gazu.playlist.new_playlist(gazu_make.project, "Page")
    entries = gazu.client.post(f"actions/playlists/{playlist['id']}/add-entity", {"entity_id": shot["id"]})["shots"]
    assert [row["preview_file_id"] for row in entries] == [made[0]["id"]]


def test_a_shot_of_one_frame_in_a_sheet_has_none(gazu_make: Any, tmp_path: Any) -> None:
    """The server computes the length only where `Frame Out` is above `Frame In` (Zou 1.0.97)."""
    sheet = tmp_path / "shots.csv"
    sheet.write_text(
        "Sequence,Name,Nb Frames,Frame In,Frame Out\nSQ01,SH010,,1001,1001\nSQ01,SH020,1,1001,1001\nSQ01,SH030,,1001,1048\n",
        encoding="utf-8",
    )
    gazu.shot.import_shots_with_csv(gazu_make.project, str(sheet))
    shots = gazu.shot.all_shots_for_project(gazu_make.project)
    assert {row["name"]: row["nb_frames"] for row in shots} == {"SH010": 0, "SH020": 1, "SH030": 48}


def test_a_chat_takes_no_message_of_who_has_not_joined(gazu_make: Any) -> None:
    """400 (Zou 1.0.97)."""
    shot = gazu_make.shot()
    path = f"data/entities/{shot['id']}/chat/messages"
    with pytest.raises(ParameterException, match="not a participant"):
        gazu.client.post(path, {"message": "Hello"})
    gazu.user.join_chat(shot)
    assert gazu.client.post(path, {"message": "Hello"})["text"] == "Hello"


# -- names in the place of ids ---------------------------------------------------
@pytest.mark.parametrize(
    ("call", "cure"),
    [
        (gazu.asset.get_asset, "asset.get_asset_by_name(project, 'Rabbit')"),  # 500
        (gazu.asset.get_asset_instance, "scene.get_asset_instance_by_name(scene, 'Rabbit')"),  # 400
        (gazu.concept.get_concept, "concept.get_concept_by_name(project, 'Rabbit')"),  # 500
        (gazu.edit.get_edit, "edit.get_edit_by_name(project, 'Rabbit')"),  # 500
        (gazu.entity.get_entity, "entity.get_entity_by_name('Rabbit')"),  # 400
        (gazu.files.get_software, "files.get_software_by_name('Rabbit')"),  # 404
        (gazu.files.get_output_type, "files.get_output_type_by_name('Rabbit')"),  # 404
        (gazu.person.get_department, "person.get_department_by_name('Rabbit')"),  # 400
        (gazu.person.get_person, "person.get_person_by_full_name('Rabbit')"),  # 400
        (gazu.project.get_project, "project.get_project_by_name('Rabbit')"),  # 400
        (gazu.scene.get_scene, "scene.get_scene_by_name(sequence, 'Rabbit')"),  # 404
        (gazu.shot.get_episode, "shot.get_episode_by_name(project, 'Rabbit')"),  # 404
        (gazu.shot.get_sequence, "shot.get_sequence_by_name(project, 'Rabbit')"),  # 404
        (gazu.shot.get_shot, "shot.get_shot_by_name(sequence, 'Rabbit')"),  # 404
        (gazu.task.get_task_status, "task.get_task_status_by_name('Rabbit')"),  # 400
        (gazu.task.get_task_type, "task.get_task_type_by_name('Rabbit')"),  # 400
    ],
)
def test_a_name_in_the_place_of_an_id(call: Any, cure: str) -> None:
    """Zou 1.0.97 answers an id that is not a UUID with 400, 404 or 500, by route."""
    with pytest.raises(GazuException) as caught:
        call("Rabbit")
    assert caught.value.status_code in (400, 404, 500)
    assert f"(that looks like a name: gazu.{cure})" in str(caught.value)


def test_all_is_no_project(project: Any) -> None:
    """Zou 1.0.97 has a route data/projects/all: whoever asks for the project "all" gets a list."""
    get: Any = gazu.client.fetch_one  # which declares no type
    assert project["id"] in [row["id"] for row in get("projects", "all")]


def test_a_short_color(unique: Unique) -> None:
    status = gazu.task.new_task_status(unique("Ready"), unique("r"), "#0F0")
    assert gazu.task.get_task_status(status)["color"] == "#0F0"


def test_an_entry_is_added_to_the_row_of_a_list(gazu_make: Any) -> None:
    shot = gazu_make.shot("SH010")
    made = gazu.playlist.new_playlist(gazu_make.project, "Dailies")
    (row,) = gazu.playlist.all_playlists_for_project(gazu_make.project)
    assert gazu.playlist.add_entity_to_playlist(row, shot, persist=False) is row
    assert [entry["entity_id"] for entry in row["shots"]] == [shot["id"]]
    assert not gazu.playlist.get_playlist(made)["shots"]


def test_task_types_of_two_kinds_have_two_names(admin: Any, unique: Unique) -> None:
    """Zou 1.0.97 takes no name twice, whatever the kind; earlier servers did, so the map looks at the kind too."""
    name = unique("Effects")
    made = gazu.task.new_task_type(name, for_entity="Asset")
    with pytest.raises(ParameterException, match="similar name"):
        gazu.task.new_task_type(name, for_entity="Shot")
    assert gazu.sync.get_sync_task_type_id_map(admin, admin)[made["id"]] == made["id"]


# -- what its columns cannot hold ----------------------------------------------------
def test_text_that_is_too_long_for_a_column(project: Any, work: Any, unique: Unique) -> None:
    """A 500, or a 400 that does not say what it is about (Zou 1.0.97)."""
    make = gazu.client.create
    kind, sequence, shot = work.asset_type[0], work.sequence[0], work.shot[0]
    first = {"project_id": project["id"], "task_type_id": work.task_type["shot"]["id"]}
    output_type = gazu.files.new_output_type(unique("Cache"), "cache")
    output = (work.asset[0], output_type, work.task_type["asset"], "saved")
    casting = [{"asset_id": work.asset[0]["id"], "nb_occurences": 1, "label": "x" * 81}]
    calls: Any = [
        ("name", 160, lambda name: gazu.asset.new_asset(project, kind, name)),
        ("name", 160, lambda name: gazu.asset.update_asset({"id": work.asset[0]["id"], "name": name})),
        ("name", 160, lambda name: gazu.shot.new_shot(project, sequence, name)),
        ("name", 160, lambda name: gazu.shot.new_sequence(project, name)),
        ("name", 160, lambda name: gazu.shot.new_episode(project, name)),
        ("name", 160, lambda name: gazu.scene.new_scene(project, sequence, name)),
        ("name", 160, lambda name: gazu.edit.new_edit(project, name)),
        ("name", 160, lambda name: gazu.concept.new_concept(project, name)),
        ("name", 30, gazu.asset.new_asset_type),
        ("name", 40, gazu.task.new_task_type),
        ("color", 7, lambda color: gazu.task.new_task_type(unique("Rig"), color=color)),
        ("name", 40, lambda name: gazu.task.new_task_status(name, name[:9], "#123456")),
        ("short_name", 10, lambda name: gazu.task.new_task_status(name, name, "#123456")),
        ("name", 80, lambda name: gazu.task.new_task(shot, work.task_type["shot"], name=name)),
        ("name", 80, gazu.project.new_project),
        ("code", 80, lambda code: gazu.project.update_project({"id": project["id"], "code": code})),
        ("fps", 10, lambda fps: gazu.project.update_project({"id": project["id"], "fps": "24." + fps[3:]})),
        ("name", 120, lambda name: gazu.project.add_metadata_descriptor(project, name, "Shot")),
        ("name", 255, lambda name: gazu.project.create_budget(project, name)),
        ("name", 40, lambda name: make("milestones", {**first, "date": "2026-01-01", "name": name})),
        ("name", 80, gazu.project_template.new_project_template),
        ("last_name", 80, lambda name: gazu.person.new_person("A", name, f"{name[:20]}@example.com".replace(" ", ""))),
        ("name", 80, gazu.person.new_department),
        ("name", 80, lambda name: gazu.studio.new_studio(name, "#123456")),
        ("name", 80, lambda name: gazu.playlist.new_playlist(project, name)),
        ("name", 40, lambda name: gazu.files.new_software(name, "sw", "swx")),
        ("name", 40, lambda name: gazu.files.new_output_type(name, "out")),
        ("name", 250, lambda name: gazu.files.new_working_file(work.task["shot"], name=name)),
        ("representation", 20, lambda text: gazu.files.new_entity_output_file(*output, representation=text)),
        ("label", 80, lambda text: gazu.casting.update_shot_casting(project, shot, casting)),
        ("query", 500, lambda text: gazu.user.new_filter(unique("Mine"), text, "shot")),
    ]
    for field, limit, call in calls:
        text = unique("x").ljust(limit + 1, "x")[: limit + 1]
        with pytest.raises(
            GazuException, match=f"[(]{field} has {limit + 1} characters, and Zou 1.0 stores {limit}[)]"
        ):
            call(text)


def test_numbers_and_characters_that_no_column_holds(project: Any, work: Any) -> None:
    """A 500, or a 400 that does not say what it is about (Zou 1.0.97)."""
    shot, asset, status = work.shot[0], work.asset[0], gazu.task.get_task_status_by_short_name("wip")
    calls: Any = [
        ("nb_frames is 2147483648", lambda: gazu.shot.update_shot({"id": shot["id"], "nb_frames": 2**31})),
        ("nb_frames is 2147483648", lambda: gazu.shot.new_shot(project, work.sequence[0], "SH9", nb_frames=2**31)),
        ("description has a NUL", lambda: gazu.shot.update_shot({"id": shot["id"], "description": "a\0"})),
        (r"data.notes.1 has a NUL", lambda: gazu.asset.update_asset_data(asset, {"notes": ["", "a\0"]})),
        ("comment has a NUL", lambda: gazu.task.add_comment(work.task["shot"], status, "a\0")),
        ("the text has a NUL", lambda: gazu.asset.new_asset(project, work.asset_type[0], "a\0")),
    ]
    for text, call in calls:
        with pytest.raises(GazuException, match=rf"[(]{text}"):
            call()


def test_attachments_that_the_server_fails_on(work: Any, tmp_path: Path) -> None:
    """It responds with a 500, and a comment without them stays (Zou 1.0.97): its column holds 6 characters."""
    task, status = work.task["shot"], gazu.task.get_task_status_by_short_name("wip")
    comment = gazu.task.add_comment(task, status, "first")
    (tmp_path / "a.md").write_text("a preview")
    for name, reason in (
        ("scene.blend12", "at most 6 characters after a dot"),
        ("Makefile", "at most 6 characters after a dot"),
        (f"{'x' * 247}.txt", "up to 250 characters"),
    ):
        path = tmp_path / name
        path.write_bytes(b"x")
        for call in (
            lambda path=path: gazu.task.add_comment(task, status, "x", attachments=[path]),
            lambda path=path: gazu.task.add_attachment_files_to_comment(task, comment, [path]),
            lambda path=path: gazu.task.publish_preview(
                task, status, "x", attachments=[path], preview_file_path=tmp_path / "a.md"
            ),
            lambda path=path: gazu.task.batch_comments(
                [{"task_id": task["id"], "task_status_id": status["id"], "attachment_files": [path]}], task=task
            ),
        ):
            with pytest.raises(ValueError, match=reason):
                call()
        route = gazu.client.route("actions/tasks/{task_id}/comment", task["id"])
        form = {"task_status_id": status["id"], "comment": "refused"}
        with pytest.raises(ServerErrorException):
            gazu.client.upload(route, path, data=form)
    assert [row["text"] for row in gazu.task.all_comments_for_task(task)] == ["refused"] * 3 + ["first"]
    for name in ("README", "scene.blends", f"{'x' * 246}.txt"):
        (tmp_path / name).write_bytes(b"x")
        assert gazu.task.add_attachment_files_to_comment(task, comment, tmp_path / name)[0]["name"] == name


def test_values_that_the_server_keeps(gazu_make: Any, project: Any) -> None:
    """An update of the production or the author of a record, or a number as text: 200, and nothing is done.

    So it is on Zou 1.0.97.
    """
    shot, task, playlist = gazu_make.shot(), gazu_make.task(), gazu.playlist.new_playlist(gazu_make.project, "Dailies")
    elsewhere, mine = {"project_id": project["id"]}, gazu_make.project["id"]
    for update, row in (
        (gazu.shot.update_shot, shot),
        (gazu.task.update_task, task),
        (gazu.playlist.update_playlist, playlist),
    ):
        with pytest.warns(GazuWarning, match=f"the server ignored 'project_id', which stays '{mine}'"):
            assert update({"id": row["id"], **elsewhere})["project_id"] == mine  # type: ignore[operator]
    with pytest.warns(GazuWarning, match="the server ignored 'created_by', which stays"):
        gazu.shot.update_shot({"id": shot["id"], "created_by": gazu_make.person()["id"]})
    with pytest.warns(GazuWarning, match="the server ignored 'team': gazu.project.add_person_to_team changes it"):
        gazu.project.update_project({"id": mine, "team": []})
    whole = gazu.project.update_project(gazu.project.get_project(mine))  # with its team: nothing is asked of the server
    assert whole["id"] == mine
    dates = {"start_date": "2026-01-05", "end_date": "2026-01-09"}
    item = gazu.client.create("schedule-items", {"project_id": mine, "task_type_id": task["task_type_id"], **dates})
    with pytest.warns(GazuWarning, match="the server ignored 'man_days', which stays None"):
        gazu.client.update("schedule-items", item["id"], {"man_days": "3"})
    assert gazu.task.update_task({"id": task["id"], "estimation": "480"})["estimation"] == 480


def test_what_an_update_merges_and_what_it_replaces(gazu_make: Any) -> None:
    """The `data` of entities and tasks is merged, that of a production is replaced (Zou 1.0.97)."""
    shot, task = gazu_make.shot(), gazu_make.task()
    for kind, row in (("entities", shot), ("tasks", task), ("projects", gazu_make.project)):
        for data in ({"a": 1}, {"b": 2}):
            stored = gazu.client.update(kind, row["id"], {"data": data})["data"]
        assert stored == ({"b": 2} if kind == "projects" else {**(row["data"] or {}), "a": 1, "b": 2})


def test_a_column_of_all_productions_is_reset_by_what_is_not_named(gazu_make: Any, unique: Unique) -> None:
    """A rename alone empties the choices, on Zou 1.0.97: so `update_metadata_descriptor_for_all_projects` reads first."""
    manager = gazu_make.client_as("manager")
    (made,) = gazu.project.new_metadata_descriptor_for_all_projects(
        unique("Sky"), "Shot", "list", ["sun"], True, client=manager
    )
    path = f"data/metadata-descriptors/all-projects/{made['field_name']}"
    (row,) = gazu.client.put(path, {"entity_type": "Shot", "name": unique("Sky")}, client=manager)
    assert (row["data_type"], row["choices"], row["for_client"]) == ("string", [], False)


def test_no_ids_mean_all(gazu_make: Any) -> None:
    """An empty list in the body makes tasks for all, and shares all, on Zou 1.0.97: so the functions send none."""
    shot, asset = gazu_make.shot(), gazu_make.asset()
    task_type, project = gazu_make.task()["task_type_id"], gazu_make.project["id"]
    path = f"actions/projects/{project}/task-types/{task_type}/shots/create-tasks"
    assert shot["id"] in [row["entity_id"] for row in gazu.client.post(path, [])]
    shared = gazu.client.post(f"actions/projects/{project}/assets/share", {"asset_ids": []})
    assert [(row["id"], row["is_shared"]) for row in shared] == [(asset["id"], True)]


def test_ids_in_lists_that_are_unknown(gazu_make: Any, new_person: Any, unique: Unique) -> None:
    """Left out in silence, of new records and of changed ones (Zou 1.0.97)."""
    nobody, shot = "00000000-0000-4000-8000-000000000000", gazu_make.shot()
    kind, person = gazu_make.task(shot)["task_type_id"], new_person()
    for call, field in (
        (lambda: gazu.task.new_task(shot, kind, "other", assignees=[nobody]), "assignees"),
        (lambda: gazu.project.new_project(unique("Film"), team=[nobody, person]), "team"),
        (lambda: gazu.concept.new_concept(gazu_make.project, "Mood", entity_concept_links=[nobody]), "entity_concept_"),
        (lambda: gazu.person.update_person({"id": person["id"], "departments": [nobody]}), "departments"),
        (
            lambda: gazu.project.add_metadata_descriptor(gazu_make.project, "Sky", "Shot", departments=[nobody]),
            "depart",
        ),
    ):
        with pytest.warns(GazuWarning, match=f"(POST|PUT) data/.*: the server ignored {nobody} in '{field}"):
            call()
