"""Schedules on a real server. What is said of it was seen on Zou 1.0.97."""

import datetime
import uuid
from types import SimpleNamespace
from typing import Any

import pytest

import gazu
from gazu.exception import GazuWarning, NotAllowedException, ParameterException, RouteNotFoundException

Make = Any
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def task_type(name: str = "Animation") -> Any:
    return gazu.task.get_task_type_by_name(name)


def test_schedule_items(gazu_make: Make) -> None:
    project, kind = gazu_make.project, task_type()
    manager, supervisor = gazu_make.client_as("manager"), gazu_make.client_as("supervisor")
    for refused in (supervisor, gazu_make.client_as("vendor")):
        with pytest.raises(NotAllowedException):
            gazu.schedule.new_schedule_item(project, kind, "2026-11-02", "2026-11-06", client=refused)
    item = gazu.schedule.new_schedule_item(project, kind, "2026-11-2", datetime.date(2026, 11, 6), 5, client=manager)
    assert (item["start_date"], item["end_date"], item["man_days"]) == ("2026-11-02", "2026-11-06", 5)
    with pytest.raises(ParameterException, match="already exists"):
        gazu.schedule.new_schedule_item(project, kind["id"], "2026-11-02", "2026-11-06", client=manager)
    row = {"id": item["id"], "end_date": datetime.date(2026, 11, 9)}
    assert gazu.schedule.update_schedule_item(row, client=supervisor)["end_date"] == "2026-11-09"
    assert gazu.schedule.get_schedule_item(item["id"])["man_days"] == 5
    with pytest.raises(NotAllowedException):
        gazu.schedule.get_schedule_item(item, client=manager)
    with pytest.raises(NotAllowedException):
        gazu.schedule.remove_schedule_item(item, client=supervisor)
    assert gazu.schedule.remove_schedule_item(item, client=manager) == ""
    assert gazu.schedule.all_schedule_items(project, client=manager) == []
    with pytest.raises(NotAllowedException):
        gazu.schedule.all_schedule_items(project, client=gazu_make.client_as("client"))


def test_what_makes_no_sense_is_refused_before_it_is_sent(gazu_make: Make) -> None:
    """Zou 1.0.97 stores any `object_id`, rounds `man_days`, and drops one that is a text."""
    project = gazu_make.project
    for wrong in ("3", 2.6, True, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="man_days"):
            gazu.schedule.new_schedule_item(project, task_type(), "2026-11-02", "2026-11-03", man_days=wrong)  # type: ignore[arg-type]
    with pytest.raises(ParameterException, match="one of the ids is unknown: .*task_type_id"):
        gazu.schedule.new_schedule_item(project, UNKNOWN, "2026-11-02", "2026-11-03")
    with pytest.raises(RouteNotFoundException, match="does this entity exist"):
        gazu.schedule.new_schedule_item(project, task_type(), "2026-11-02", "2026-11-03", entity=UNKNOWN)
    assert gazu.schedule.all_schedule_items(project) == []
    for entity in (gazu_make.sequence()["id"], gazu.asset.all_asset_types()[0]["id"]):
        made = gazu.schedule.new_schedule_item(project, task_type(), "2026-11-02", "2026-11-03", entity=entity)
        assert made["object_id"] == entity
    ids = {"project_id": project["id"], "task_type_id": task_type()["id"], "object_id": UNKNOWN}
    item = gazu.client.create("schedule-items", ids)
    assert gazu.client.put(f"data/schedule-items/{item['id']}", {"man_days": 2.6})["man_days"] == 3
    with pytest.warns(GazuWarning, match="ignored 'man_days'"):
        assert gazu.client.put(f"data/schedule-items/{item['id']}", {"man_days": "8"})["man_days"] == 3
    with pytest.raises(ValueError, match="man_days"):
        gazu.schedule.update_schedule_item({**item, "man_days": "8"})
    with pytest.warns(GazuWarning, match="ignored 'project_id', which stays"):
        gazu.schedule.update_schedule_item({"id": item["id"], "project_id": UNKNOWN})
    with pytest.warns(GazuWarning, match="ignored 'man_day'.*'man_days'"):
        gazu.schedule.update_schedule_item({"id": item["id"], "man_day": 3})
    assert gazu.schedule.update_schedule_item(item)["man_days"] is None  # what was got can be passed back


def test_asking_for_a_schedule_makes_it_whoever_asks(gazu_make: Make) -> None:
    """Zou 1.0.97: a GET that writes, also when a client asks."""
    project, kind = gazu_make.project, task_type()
    shot = gazu_make.shot()
    gazu_make.task(shot)
    client = gazu_make.client_as("client")
    assert gazu.schedule.all_schedule_items(project) == []
    [item] = gazu.schedule.get_schedule(project, client=client)
    assert (item["task_type_id"], item["object_id"]) == (kind["id"], None)
    [of_sequence] = gazu.schedule.get_schedule(project, kind, client=client)
    assert of_sequence["object_id"] == shot["parent_id"] and of_sequence["name"] == "SQ010"
    assert {row["id"] for row in gazu.schedule.all_schedule_items(project)} == {item["id"], of_sequence["id"]}
    assert gazu.schedule.update_schedule_item({**of_sequence, "man_days": 2})["man_days"] == 2
    assert gazu.schedule.get_schedule(project, kind["id"], "sequences", episode=UNKNOWN) == []
    for name in ("asset-types", "episodes", "edits"):
        assert gazu.schedule.get_schedule(project, kind, name) == []
    for wrong in ({"kind": "sequences"}, {"task_type": kind, "kind": "shots"}, {"episode": shot}):
        with pytest.raises(ValueError, match="and as kind one of"):
            gazu.schedule.get_schedule(project, **wrong)
    with pytest.raises(NotAllowedException):
        gazu.schedule.get_schedule(project, client=gazu_make.client_as("vendor"))
    with pytest.raises(gazu.exception.ServerErrorException, match="do the task type and the episode exist"):
        gazu.schedule.get_schedule(project, UNKNOWN, "sequences")


def test_milestones(gazu_make: Make) -> None:
    project, manager, artist = gazu_make.project, gazu_make.client_as("manager"), gazu_make.client_as("artist")
    with pytest.raises(NotAllowedException):
        gazu.schedule.new_milestone(project, "Alpha", "2026-11-02", client=artist)
    made = gazu.schedule.new_milestone(project, "Alpha", "2026-11-2", task_type(), client=manager)
    assert gazu.schedule.get_milestone(made, client=artist)["task_type_id"] == task_type()["id"]
    with pytest.raises(NotAllowedException):
        gazu.schedule.get_milestone(made, client=gazu_make.client_as("vendor"))
    row = {**made, "name": "Beta", "date": datetime.date(2026, 12, 1)}
    assert gazu.schedule.update_milestone(row, client=manager)["date"] == "2026-12-01"
    assert gazu.schedule.update_milestone({"id": made["id"], "date": "2026-12-02"})["name"] == "Beta"
    assert [(one["name"], one["date"]) for one in gazu.project.get_milestones(project)] == [("Beta", "2026-12-02")]
    with pytest.warns(GazuWarning, match="ignored 'project_id'"):
        gazu.schedule.update_milestone({"id": made["id"], "project_id": UNKNOWN})
    for refused in (artist, gazu_make.client_as("supervisor")):
        with pytest.raises(NotAllowedException):
            gazu.schedule.update_milestone(row, client=refused)
        with pytest.raises(NotAllowedException):
            gazu.schedule.remove_milestone(made, client=refused)
    gazu.schedule.remove_milestone(made["id"], client=manager)
    with pytest.raises(RouteNotFoundException):
        gazu.schedule.get_milestone(made)
    with pytest.raises(ValueError, match="name"):
        gazu.schedule.new_milestone(project, "", "2026-12-01")
    with pytest.raises(ParameterException, match="name has 41 characters"):
        gazu.schedule.new_milestone(project, "x" * 41, "2026-12-01")


def test_versions_of_the_schedule(gazu_make: Make) -> None:
    """Zou 1.0.97: applying a version leaves the assignees as they are, and whoever applies a locked one may do so."""
    s, project, manager, artist = gazu.schedule, gazu_make.project, *map(gazu_make.client_as, ("manager", "artist"))
    task = gazu_make.task()
    gazu_make.task(gazu_make.asset())
    person = gazu_make.person()
    gazu.task.update_task({"id": task["id"], "start_date": "2026-11-02", "due_date": "2026-11-06", "estimation": 480})
    gazu.task.assign_task(task, person)
    plan = s.new_schedule_version(project, "Plan B", client=manager)
    with pytest.raises(ParameterException, match="unique"):
        s.new_schedule_version(project, "Plan B", client=manager)
    with pytest.warns(GazuWarning, match="no tasks"):
        assert s.apply_schedule_version(plan, client=manager) == {"success": True, "task_count": 0}
    assert s.copy_schedule_from_production(plan, client=manager) == {"success": True, "task_link_count": 2}
    [link] = s.all_schedule_version_tasks(plan, task_type(), client=artist)
    assert link["assignees"] == [person["id"]]
    assert len(s.all_schedule_version_tasks(plan["id"])) == 2
    row = {"id": link["id"], "start_date": datetime.date(2026, 11, 9), "estimation": 960}
    assert s.update_schedule_version_task(row, client=manager)["start_date"] == "2026-11-09T00:00:00"
    assert s.update_schedule_version_task(link, client=manager)["estimation"] == 480  # what was got can be passed back
    s.update_schedule_version_task({**row, "due_date": None}, client=manager)
    changed = s.update_schedule_version_task({"id": link["id"], "assignees": [person, gazu.client.get_current_user()]})
    assert len(changed["assignees"]) == 2
    with pytest.warns(GazuWarning, match=f"assignees were not stored: they do not exist: {UNKNOWN}"):
        s.update_schedule_version_task({"id": link["id"], "assignees": UNKNOWN}, client=manager)
    copied = s.new_schedule_version(project, "Plan A", client=manager)
    assert s.copy_schedule_from_version(copied, plan, client=manager)["task_link_count"] == 2
    assert s.get_schedule_version(copied, client=artist)["production_schedule_from"] == plan["id"]
    assert [one["name"] for one in s.all_schedule_versions(project, client=artist)] == ["Plan A", "Plan B"]
    with pytest.raises(ParameterException, match="itself"):
        s.copy_schedule_from_version(copied, copied)
    with pytest.raises(RouteNotFoundException):
        s.copy_schedule_from_version(copied, UNKNOWN)
    assert s.apply_schedule_version(copied, client=manager) == {"success": True, "task_count": 2}
    found = gazu.task.get_task(task)
    assert (found["start_date"], found["due_date"], found["estimation"]) == ("2026-11-09T00:00:00", None, 960)
    assert gazu.project.get_project(project)["from_schedule_version_id"] == copied["id"]
    assert s.get_schedule_version(copied)["locked"]
    assert not s.update_schedule_version({"id": copied["id"], "locked": False}, client=manager)["locked"]
    for refused in (
        lambda: s.new_schedule_version(project, "Plan C", client=artist),
        lambda: s.update_schedule_version({"id": copied["id"], "name": "x"}, client=artist),
        lambda: s.remove_schedule_version(copied, client=artist),
        lambda: s.copy_schedule_from_production(copied, client=artist),
        lambda: s.copy_schedule_from_version(copied, plan, client=artist),
        lambda: s.apply_schedule_version(copied, client=artist),
        lambda: s.new_schedule_version_task(copied, task, client=artist),
        lambda: s.update_schedule_version_task(row, client=artist),
        lambda: s.remove_schedule_version_task(link, client=artist),
    ):
        with pytest.raises(NotAllowedException):
            refused()
    vendor = gazu_make.client_as("vendor")
    for hidden in (
        lambda: s.all_schedule_versions(project, client=vendor),
        lambda: s.get_schedule_version(plan, client=vendor),
        lambda: s.all_schedule_version_tasks(plan, client=vendor),
        lambda: s.get_schedule_version_task(link, client=vendor),
    ):
        with pytest.raises(NotAllowedException):
            hidden()
    s.remove_schedule_version(copied, client=manager)
    with pytest.raises(RouteNotFoundException):
        s.get_schedule_version(copied)


def test_single_tasks_of_a_version(gazu_make: Make) -> None:
    s, project, manager = gazu.schedule, gazu_make.project, gazu_make.client_as("manager")
    task, plan = gazu_make.task(), gazu.schedule.new_schedule_version(gazu_make.project, "Plan")
    made = s.new_schedule_version_task(plan, task, "2026-11-02", datetime.date(2026, 11, 6), 480, client=manager)
    assert s.get_schedule_version_task(made, client=manager)["due_date"] == "2026-11-06T00:00:00"
    with pytest.raises(ParameterException, match="unique"):
        s.new_schedule_version_task(plan, task, client=manager)
    with pytest.raises(RouteNotFoundException):
        s.new_schedule_version_task(plan, uuid.uuid4(), client=manager)
    s.remove_schedule_version_task(made, client=manager)
    assert s.all_schedule_version_tasks(plan) == []
    assert [one["id"] for one in s.all_schedule_versions(project)] == [plan["id"]]


# -- time spent, days off, statistics ----------------------------------------------
@pytest.fixture
def worked(gazu_make: Make) -> Any:
    """An artist who has worked on a shot, and a manager: `task`, `person`, their clients, and who is in none."""
    artist, manager = gazu_make.client_as("artist"), gazu_make.client_as("manager")
    person = gazu.client.get_current_user(client=artist)
    shot = gazu_make.shot(nb_frames=48)
    task = gazu_make.task(shot, assignees=[person["id"]])
    gazu.task.set_time_spent(task, person, "2026-11-02", 120)
    gazu.task.set_time_spent(task, person, "2026-12-31", 60)
    return SimpleNamespace(
        project=gazu_make.project, shot=shot, task=task, person=person, artist=artist, manager=manager
    )


def test_time_spent_of_a_person(worked: Any, gazu_make: Make) -> None:
    p, who = gazu.person, worked.person["id"]
    for client in (worked.artist, worked.manager):
        [row] = p.get_month_time_spents(who, 2026, 11, client=client)
        assert (row["task_id"], row["duration"]) == (worked.task["id"], 120)
        assert [row["duration"] for row in p.get_day_time_spents(who, 2026, 12, 31, client=client)] == [60]
        for unit, when, expected in (
            ("year", (), {"2026": {who: 180}}),
            ("month", (2026,), {"11": {who: 120}, "12": {who: 60}}),
            ("week", (2026,), {"45": {who: 120}, "53": {who: 60}}),
            ("day", (2026, 11), {"2": {who: 120}}),
        ):
            assert p.get_time_spents_table(unit, *when, client=client) == expected
    assert p.get_time_spents_table("year", project=worked.project, department=UNKNOWN) == {}
    found = p.all_time_spents("2026-11-02", "2026-11-02")
    assert [row["duration"] for row in found if row["person_id"] == who] == [120]
    assert {row["id"] for row in found} < {row["id"] for row in p.all_time_spents()}
    assert {row["id"] for row in found} < {row["id"] for row in p.all_time_spents("2026-11-02")}
    assert who not in {row["person_id"] for row in p.all_time_spents(end_date="2026-11-01")}
    stranger = gazu_make.client_as("vendor")
    assert p.get_time_spents_table("year", client=stranger) == {}
    for refused in (
        lambda: p.get_month_time_spents(who, 2026, 11, client=stranger),
        lambda: p.get_day_time_spents(who, 2026, 11, 2, client=stranger),
        lambda: p.all_time_spents(client=worked.manager),
    ):
        with pytest.raises(NotAllowedException):
            refused()
    for call, text in (
        (lambda: p.get_time_spents_table("decade"), "unit"),
        (lambda: p.get_time_spents_table("day", 2026), "month"),
        (lambda: p.get_time_spents_table("month", "20x6"), "year"),  # type: ignore[arg-type]
        (lambda: p.get_month_time_spents(who, 2026, 13), "month"),
    ):
        with pytest.raises(ValueError, match=text):
            call()


def test_time_spent_in_a_production(worked: Any, gazu_make: Make) -> None:
    p, kind, who = gazu.project, task_type(), worked.person["id"]
    vendor, client = gazu_make.client_as("vendor"), gazu_make.client_as("client")
    assert sum(row["duration"] for row in p.all_time_spents(worked.project, client=worked.artist)) == 180
    found = p.get_task_type_time_spents(worked.project, kind, "2026-12-01", "2026-12-31", client=worked.manager)
    assert {one: [row["duration"] for row in rows] for one, rows in found.items()} == {who: [60]}
    assert len(p.get_task_type_time_spents(worked.project, kind)[who]) == 2
    sums = {"total": 180, who: {"total": 180, "2026-11": 120, "2026-12": 60}}
    assert p.get_budget_time_spents(worked.project) == {kind["department_id"]: sums}
    rows = gazu.entity.all_time_spents_for_entity(worked.shot, client=worked.artist)
    assert [row["date"] for row in rows] == ["2026-12-31", "2026-11-02"]
    for refused in (
        lambda: p.all_time_spents(worked.project, client=client),
        lambda: p.get_task_type_time_spents(worked.project, kind, client=worked.artist),
        lambda: p.get_budget_time_spents(worked.project, client=worked.manager),
        lambda: gazu.entity.all_time_spents_for_entity(worked.shot, client=vendor),
    ):
        with pytest.raises(NotAllowedException):
            refused()


def test_time_spent_is_removed_by_its_day(worked: Any, gazu_make: Make) -> None:
    """Zou 1.0.97 refuses admins too where the person is not assigned, and has a 404 for what is not there."""
    day = {"task": worked.task, "person": worked.person, "date": "2026-11-02"}
    with pytest.raises(NotAllowedException):
        gazu.task.remove_time_spent(**day, client=gazu_make.client_as("supervisor"))
    assert gazu.task.remove_time_spent(**day, client=worked.artist) == ""
    assert gazu.task.get_time_spent(worked.task)["total"] == 60
    with pytest.raises(RouteNotFoundException):
        gazu.task.remove_time_spent(**day, client=worked.manager)
    [left] = gazu.entity.all_time_spents_for_entity(worked.shot)
    gazu.task.clear_assignations([worked.task])
    for call in (
        lambda: gazu.task.remove_time_spent(**{**day, "date": "2026-12-31"}),
        lambda: gazu.task.remove_time_spent(left),
        lambda: gazu.task.set_time_spent(worked.task, worked.person, "2026-11-02", 60),
    ):
        with pytest.raises(NotAllowedException):
            call()
    with pytest.raises(ValueError):
        gazu.task.remove_time_spent(task=worked.task, person=worked.person)


def test_quota_shots_need_a_time_zone(worked: Any, gazu_make: Make) -> None:
    """Zou 1.0.97 answers 500 to accounts whose time zone is UTC."""
    who, artist = worked.person, worked.artist
    with pytest.raises(gazu.exception.ServerErrorException, match="time zone is UTC"):
        gazu.person.get_quota_shots(who, 2026, 11, client=artist)
    for one in (who, gazu.client.get_current_user(client=worked.manager)):
        gazu.person.update_person({"id": one["id"], "timezone": "Europe/Paris"})
    gazu.task.update_task({"id": worked.task["id"], "end_date": "2026-11-02T10:00:00"})
    for when in ({"month": 11}, {"week": 45}, {"month": 11, "day": 2}):
        [shot] = gazu.person.get_quota_shots(who, 2026, **when, client=artist)
        assert (shot["id"], shot["full_name"]) == (worked.shot["id"], "SQ010 / SH020")
        assert shot["weight"] == pytest.approx(2 / 3, abs=0.01)
    kind = {"project": worked.project, "task_type": task_type(), "count_mode": "feedback"}
    assert len(gazu.person.get_quota_shots(who, 2026, 11, **kind, client=worked.manager)) == 1
    assert gazu.person.get_quota_shots(who, 2026, 11, count_mode="done", client=artist) == []
    with pytest.raises(NotAllowedException):
        gazu.person.get_quota_shots(who, 2026, 11, client=worked.manager)
    for wrong in ({}, {"month": 11, "week": 45}, {"day": 1}, {"month": 13}, {"month": 11, "count_mode": "all"}):
        with pytest.raises(ValueError):
            gazu.person.get_quota_shots(who, 2026, **wrong)


def test_days_off(worked: Any, gazu_make: Make) -> None:
    """Zou 1.0.97 fails for a year or a month that does not exist."""
    p, who = gazu.person, worked.person
    made = p.new_day_off(who, "2026-10-28", "2026-11-01", "holidays", client=worked.artist)
    assert made in p.all_day_offs() and made in p.all_day_offs_for_period(2026)
    supervisor, vendor = gazu_make.client_as("supervisor"), gazu_make.client_as("vendor")
    full = {key: value for key, value in made.items() if key != "description"}
    for client, expected in ((worked.artist, [made]), (worked.manager, [made]), (supervisor, [full]), (vendor, [])):
        assert p.all_day_offs_for_period(2026, client=client) == expected
        assert p.all_day_offs_for_period(2026, 11, client=client) == expected
        assert p.all_day_offs_for_period(2026, 12, client=client) == []
    assert p.get_day_off_for_date(who, "2026-11-01", client=worked.manager) == made
    assert p.get_day_off_for_date(who, "2026-11-02") is None
    of_team = gazu.project.all_day_offs_for_project
    assert of_team(worked.project, client=worked.manager) == {who["id"]: [made]}
    assert of_team(worked.project, "2026-11-02") == of_team(worked.project, None, "2026-10-27") == {}
    for refused in (
        lambda: p.all_day_offs(client=worked.manager),
        lambda: p.get_day_off_for_date(who, "2026-11-01", client=vendor),
        lambda: of_team(worked.project, client=vendor),
    ):
        with pytest.raises(NotAllowedException):
            refused()
    for year, month in (("20x6", None), (2026, 13), (0, None)):
        with pytest.raises(ValueError):
            p.all_day_offs_for_period(year, month)
    for path in ("20x6", "2026/13"):
        with pytest.raises(gazu.exception.ServerErrorException, match="a month from 1 to 12"):
            gazu.client.get(f"data/persons/day-offs/{path}")


def test_statistics(worked: Any, gazu_make: Make) -> None:
    """Zou 1.0.97 counts only tasks of shots in episodes: nothing of a film."""
    t, kind = gazu.task, task_type()["id"]
    todo = t.get_default_task_status()["id"]
    assert gazu.project.get_episode_stats(worked.project) == {}
    gazu.project.update_project({"id": worked.project["id"], "production_type": "tvshow"})
    episode = gazu_make.episode("E01")
    task = gazu_make.task(gazu_make.shot(sequence=gazu_make.sequence(episode=episode), nb_frames=48))
    stats = gazu.project.get_episode_stats(worked.project, client=worked.artist)
    assert stats[episode["id"]]["all"] == stats["all"][kind]
    assert {key: stats["all"]["all"][todo][key] for key in ("count", "frames")} == {"count": 1, "frames": 48}
    t.add_comment(task, t.get_task_status_by_short_name("retake"))
    retakes = gazu.project.get_episode_retake_stats(worked.project, client=worked.artist)
    assert retakes[episode["id"]][kind]["retake"] == {"count": 1, "frames": 48, "drawings": 0}
    assert list(retakes[episode["id"]]["all"]["evolution"]) == ["1"]
    client = gazu_make.client_as("client")
    gazu.project.update_project({"id": worked.project["id"], "is_client_stats_visible": False})
    for refused in (gazu.project.get_episode_stats, gazu.project.get_episode_retake_stats):
        with pytest.raises(NotAllowedException):
            refused(worked.project, client=client)


def test_a_burndown(worked: Any, gazu_make: Make) -> None:
    t = gazu.task
    t.update_task({"id": worked.task["id"], "start_date": "2026-11-02", "due_date": "2026-11-06", "estimation": 480})
    chosen = {"project": worked.project, "task_type": task_type()}
    before = t.get_open_tasks_burndown(**chosen, client=worked.artist)
    assert (before["total"], before["total_estimation"], before["done_by_day"]) == (1, 480, [])
    assert (before["start_date"], before["end_date"]) == ("2026-11-02", "2026-11-06")
    t.add_comment(worked.task, t.get_task_status_by_short_name("done"))
    [day] = t.get_open_tasks_burndown(**chosen)["done_by_day"]
    assert (day["done"], day["done_estimation"]) == (1, 480)
    for none in ({"person": "unassigned"}, {"start_date": "2026-12-01"}, {"task_status": t.get_default_task_status()}):
        assert t.get_open_tasks_burndown(**chosen, **none)["total"] == 0
    with pytest.warns(GazuWarning, match="priority"):
        t.get_open_tasks_burndown(priority=3)
