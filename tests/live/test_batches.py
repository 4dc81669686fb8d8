"""What is done to many records with one request, in the roles that may and in one that may not, on Zou 1.0.97."""

import uuid
from typing import Any, Callable

import pytest

import gazu
from gazu.exception import GazuWarning, NotAllowedException, ParameterException, RouteNotFoundException

Unique = Callable[[str], str]
NOBODY = "00000000-0000-4000-8000-000000000000"


def ids(rows: Any) -> Any:
    return [row["id"] for row in rows]


@pytest.fixture
def kind(unique: Unique) -> Any:
    """A task type of shots."""
    return gazu.task.new_task_type(unique("Layout"), for_entity="Shot")


@pytest.fixture
def manager(gazu_make: Any) -> Any:
    return gazu_make.client_as("manager")


# -- tasks -----------------------------------------------------------------------
def test_tasks_are_created_by_managers(gazu_make: Any, kind: Any, manager: Any) -> None:
    shots, project = [gazu_make.shot(), gazu_make.shot()], gazu_make.project
    assert gazu.task.create_tasks(project, kind, [], client=manager) == []  # for the server, none are all
    assert gazu.task.all_tasks_for_task_type(project, kind) == []
    with pytest.raises(TypeError, match="for entities: expected a list of records, got None"):
        gazu.task.create_tasks(project, kind, None)  # type: ignore[arg-type]
    with pytest.raises(NotAllowedException):
        gazu.task.create_tasks(project, kind, shots, client=gazu_make.client_as("artist"))
    assert len(gazu.task.create_tasks(project, kind, shots[:1], client=manager)) == 1
    (made,) = gazu.task.create_tasks(project, kind, shots, client=manager)  # the first has its task
    assert made["entity_id"] == shots[1]["id"]
    (on_sequence,) = gazu.task.create_tasks(project, kind, shots[0]["parent_id"], "Sequence", client=manager)
    assert on_sequence["entity_id"] == shots[0]["parent_id"]


def test_an_id_that_is_unknown_is_named(gazu_make: Any, kind: Any, project: Any, unique: Unique) -> None:
    """The server says that the URL was not found, also where it is an id in the body (Zou 1.0.97)."""
    shot, asset = gazu_make.shot(), gazu_make.asset()
    create, unknown = gazu.task.create_tasks, "one of the ids is unknown"
    with pytest.raises(RouteNotFoundException, match=f"{unknown}, or this account does not see it: {NOBODY}"):
        create(gazu_make.project, kind, [shot, NOBODY])
    with pytest.raises(RouteNotFoundException, match=f"{unknown}.*this task-type, and {shot['id']}, {asset['id']}"):
        create(gazu_make.project, kind, [shot, asset])
    with pytest.raises(RouteNotFoundException, match=f"{unknown}.*: {NOBODY}"):
        gazu.client.put("actions/tasks/set-main-preview", {"task_ids": [NOBODY]})
    for call in (gazu.task.set_tasks_main_preview, gazu.user.subscribe_to_tasks, gazu.asset.share_assets):
        known = asset if call is gazu.asset.share_assets else gazu_make.task(shot)
        with pytest.raises(RouteNotFoundException, match=f"{unknown}, or this account does not see it: {NOBODY}"):
            call([known, NOBODY])
    elsewhere = gazu.shot.new_shot(project, gazu.shot.new_sequence(project, "SQ01"), "SH01")
    with pytest.warns(GazuWarning, match=f"1 of 2 entities got no task.*another production: {elsewhere['id']}"):
        assert len(gazu.task.create_tasks(gazu_make.project, kind, [shot, elsewhere])) == 1


def test_priorities_are_set(gazu_make: Any) -> None:
    """Refused and unknown tasks are left out: 200 and a shorter list (Zou 1.0.97)."""
    tasks = [gazu_make.task(), gazu_make.task()]
    changed = gazu.task.set_tasks_priority(tasks, 2, client=gazu_make.client_as("supervisor"))
    assert {row["id"]: row["priority"] for row in changed} == {task["id"]: 2 for task in tasks}
    assert gazu.task.get_task(tasks[0])["priority"] == 2
    with pytest.warns(GazuWarning, match=f"1 of 2 tasks were not changed.*{NOBODY}"):
        assert ids(gazu.task.set_tasks_priority([NOBODY, tasks[0]], 1)) == [tasks[0]["id"]]
    with pytest.raises(NotAllowedException, match="PUT actions/tasks/set-priority: 2 of 2 tasks were not changed"):
        gazu.task.set_tasks_priority(tasks, 3, client=gazu_make.client_as("artist"))
    assert gazu.task.set_tasks_priority([], 3) == []
    assert [gazu.task.get_task(task)["priority"] for task in tasks] == [1, 2]


def test_previews_of_tasks_become_thumbnails(gazu_make: Any) -> None:
    preview, bare = gazu_make.preview(), gazu_make.task()
    task, artist, outsider = preview["task_id"], gazu_make.client_as(), gazu_make.client_as("client")
    shot = gazu.task.get_task(task)["entity"]
    with pytest.warns(GazuWarning, match="1 of 2 tasks have no preview"):
        (changed,) = gazu.task.set_tasks_main_preview([task, bare], client=artist)
    assert (changed["id"], changed["preview_file_id"]) == (shot["id"], preview["id"])
    assert gazu.task.set_task_main_preview(task, client=artist)["preview_file_id"] == preview["id"]
    assert gazu.shot.get_shot(shot)["preview_file_id"] == preview["id"]
    with pytest.raises(ParameterException, match="no preview file"):
        gazu.task.set_task_main_preview(bare)
    for change in (gazu.task.set_task_main_preview, gazu.task.set_tasks_main_preview):
        with pytest.raises(NotAllowedException):
            change(task, client=outsider)
    assert gazu.task.set_tasks_main_preview([]) == []


def test_an_assignment_of_nobody_sends_nothing(gazu_make: Any) -> None:
    assert gazu.task.assign_tasks_to_person([], gazu_make.person()) == []


def test_an_assignee_who_is_assigned_again_is_notified_again(gazu_make: Any) -> None:
    """By an assignment, that is; an assignee who comes with a new task is not told at all (Zou 1.0.97)."""
    artist = gazu_make.client_as()
    person, task = gazu.client.get_current_user(client=artist), gazu_make.task()

    def told() -> int:
        found = gazu.user.all_notifications(client=artist)
        return len([row for row in found if row["task_id"] == task["id"]])

    gazu.task.assign_task(task, person)
    assert told() == 1
    gazu.task.assign_task(task, person)
    assert told() == 2
    assert ids(gazu.task.assign_tasks_to_person([task], person, skip_assigned=True)) == [task["id"]]
    assert told() == 2
    task = gazu_make.task(assignees=[person])
    assert (told(), gazu.task.get_task(task)["assignees"]) == (0, [person["id"]])


def test_somebody_who_comes_with_a_task_is_no_member_of_the_team(project: Any, new_person: Any, kind: Any) -> None:
    """Neither as an assignee of a new task, nor by an update; an assignment does it (Zou 1.0.97)."""
    people = [new_person(), new_person(), new_person()]
    shot = gazu.shot.new_shot(project, gazu.shot.new_sequence(project, "SQ01"), "SH01")
    task = gazu.task.new_task(shot, kind, assignees=[people[0]])
    gazu.task.update_task({"id": task["id"], "assignees": people[:2]})
    gazu.task.assign_task(task, people[2])
    team = gazu.project.get_project(project)["team"]
    assert [person["id"] in team for person in people] == [False, False, True]


def test_anybody_who_is_logged_in_can_create_tasks(gazu_make: Any, unique: Unique) -> None:
    """Clients and vendors too (Zou 1.0.97): nothing to rely on."""
    shot = gazu_make.shot()
    for role in ("client", "vendor"):
        task_type = gazu.task.new_task_type(unique(role), for_entity="Shot")
        wip = gazu.task.get_task_status_by_short_name("wip")
        assert gazu.task.new_task(shot, task_type, task_status=wip, client=gazu_make.client_as(role))["id"]


# -- subscriptions -----------------------------------------------------------------
def test_subscriptions_to_tasks(gazu_make: Any, manager: Any) -> None:
    tasks, user = [gazu_make.task(), gazu_make.task()], gazu.user
    rows = user.subscribe_to_tasks(tasks, client=manager)
    assert [row["task_id"] for row in rows] == ids(tasks)
    assert ids(user.subscribe_to_tasks(tasks, client=manager)) == ids(rows)
    assert user.check_task_subscription(tasks[1], client=manager)
    with pytest.raises(RouteNotFoundException, match=f"one of the ids is unknown.*{NOBODY}"):
        user.subscribe_to_tasks([NOBODY])
    with pytest.warns(GazuWarning, match=f"1 of 2 tasks do not exist.*: {NOBODY}"):  # the server echoes what it got
        assert user.unsubscribe_from_tasks([tasks[0], NOBODY], client=manager) == [tasks[0]["id"], NOBODY]
    assert [user.check_task_subscription(task, client=manager) for task in tasks] == [False, True]
    assert user.subscribe_to_tasks([]) == user.unsubscribe_from_tasks([]) == []


def test_subscriptions_to_sequences(gazu_make: Any, kind: Any, project: Any) -> None:
    sequence, artist = gazu_make.sequence(), gazu_make.client_as()
    assert not gazu.user.is_subscribed_to_sequence(sequence, kind, client=artist)
    row = gazu.user.subscribe_to_sequence(sequence, kind, client=artist)
    assert (row["entity_id"], row["task_type_id"]) == (sequence["id"], kind["id"])
    assert gazu.user.is_subscribed_to_sequence(sequence["id"], kind["id"], client=artist)
    assert gazu.user.unsubscribe_from_sequence(sequence, kind, client=artist) == ""
    assert not gazu.user.is_subscribed_to_sequence(sequence, kind, client=artist)
    foreign = gazu.shot.new_sequence(project, "SQ01")
    for subscribe, what in ((gazu.user.subscribe_to_sequence, foreign), (gazu.user.subscribe_to_tasks, None)):
        with pytest.raises(NotAllowedException):
            if what:
                subscribe(what, kind, client=artist)
            else:
                shot = gazu.shot.new_shot(project, foreign, "SH01")
                gazu.user.subscribe_to_tasks([gazu.task.new_task(shot, kind)], client=artist)


# -- settings ----------------------------------------------------------------------
def test_settings_are_added_at_once(gazu_make: Any, kind: Any, manager: Any, unique: Unique) -> None:
    """The server leaves out what does not exist (Zou 1.0.97)."""
    p, project, todo = gazu.project, gazu_make.project, gazu.task.get_task_status_by_short_name("todo")
    other, creature = gazu.task.new_task_type(unique("Rig")), gazu.asset.new_asset_type(unique("Creature"))
    before = p.get_project(project)
    link = {"task_type_id": other["id"], "priority": 7, "is_client_visible": False}
    with pytest.warns(GazuWarning, match=f"1 of 5 settings do not exist: {NOBODY}"):
        made = p.update_project_settings(project, [kind, link], [todo], [creature, NOBODY], client=manager)
    assert {kind["id"], other["id"], *before["task_types"]} == {*made["task_types"]}
    assert todo["id"] in made["task_statuses"] and creature["id"] in made["asset_types"]
    assert made["task_types_priority"][other["id"]] == 7
    p.update_project_settings(project, [kind], replace_task_types=True, client=manager)
    found = p.get_project(project)
    assert (found["task_types"], {*found["asset_types"]}) == ([kind["id"]], {*made["asset_types"]})
    assert p.update_project_settings(project)["task_types"] == [kind["id"]]
    with pytest.raises(ValueError, match="task_types: replace_task_types needs at least one"):
        p.update_project_settings(project, replace_task_types=True)
    with pytest.raises(TypeError, match="expected a list of records, got None"):
        p.update_project_settings(project, asset_types=None)  # type: ignore[arg-type]
    with pytest.raises(ParameterException, match=f"POST .*batch: 1 of 1 settings do not exist: {NOBODY}"):
        p.update_project_settings(project, NOBODY)
    with pytest.raises(NotAllowedException):
        p.update_project_settings(project, kind, client=gazu_make.client_as("supervisor"))
    assert p.remove_asset_type(project, creature, client=manager) == ""
    assert creature["id"] not in p.get_project(project)["asset_types"]
    with pytest.raises(NotAllowedException):
        p.remove_asset_type(project, creature, client=gazu_make.client_as("supervisor"))


def test_the_settings_of_a_production_are_put_in_order(gazu_make: Any, kind: Any, manager: Any, unique: Unique) -> None:
    """What is not in the settings is left out, and the list may be empty (Zou 1.0.97)."""
    p, project, supervisor = gazu.project, gazu_make.project, gazu_make.client_as("supervisor")
    other, foreign = gazu.task.new_task_type(unique("Rig")), gazu.task.new_task_type(unique("FX"))
    statuses = [gazu.task.get_task_status_by_short_name(name) for name in ("wip", "todo")]
    p.update_project_settings(project, [kind, other], statuses)
    links = p.reorder_task_types(project, [other, kind], client=manager)
    assert [(link["task_type_id"], link["priority"]) for link in links] == [(other["id"], 1), (kind["id"], 2)]
    assert p.get_project(project)["task_types_priority"][kind["id"]] == 2
    with pytest.warns(GazuWarning, match=f"1 of 2 were not put in order.*settings.*: {foreign['id']}"):
        assert len(p.reorder_task_types(project, [foreign, kind])) == 1
    with pytest.raises(ParameterException, match=r"POST .*reorder: 1 of 1 were not put in order"):
        p.reorder_task_types(project, foreign)
    links = p.reorder_task_statuses(project, statuses, client=manager)
    assert [(link["task_status_id"], link["priority"]) for link in links] == list(zip(ids(statuses), (1, 2)))
    assert p.reorder_task_types(project, []) == p.reorder_task_statuses(project, []) == []
    for reorder, rows in ((p.reorder_task_types, [kind]), (p.reorder_task_statuses, statuses)):
        with pytest.raises(NotAllowedException):
            reorder(project, rows, client=supervisor)


def test_clients_may_use_a_status_or_not(gazu_make: Any, manager: Any) -> None:
    p, project, wip = gazu.project, gazu_make.project, gazu.task.get_task_status_by_short_name("wip")
    with pytest.raises(RouteNotFoundException):
        p.set_task_status_client_allowed(project, NOBODY, True)
    p.add_task_status(project, wip)
    for allowed in (True, False, None):
        link = p.set_task_status_client_allowed(project, wip, allowed, client=manager)
        assert (link["task_status_id"], link["is_client_allowed"]) == (wip["id"], allowed)
    with pytest.raises(NotAllowedException):
        p.set_task_status_client_allowed(project, wip, True, client=gazu_make.client_as("supervisor"))


def test_task_types_of_the_studio_are_put_in_order(gazu_make: Any, kind: Any, unique: Unique) -> None:
    """Those that are named get 1, 2, ..., and no other is changed (Zou 1.0.97)."""
    types = [gazu.task.new_task_type(unique("Rig")), kind]
    rows = gazu.task.reorder_task_types(types)
    assert [(row["id"], row["priority"]) for row in rows] == [(types[0]["id"], 1), (kind["id"], 2)]
    assert gazu.task.get_task_type(kind)["priority"] == 2
    assert gazu.task.reorder_task_types([]) == []
    with pytest.raises(ParameterException, match=f"1 of 1 task types were not put in order.*{NOBODY}"):
        gazu.task.reorder_task_types([NOBODY])
    with pytest.raises(NotAllowedException):
        gazu.task.reorder_task_types([kind], client=gazu_make.client_as("manager"))


def test_the_settings_of_a_template_are_put_in_order(gazu_make: Any, kind: Any, unique: Unique) -> None:
    """What the template does not have is added (Zou 1.0.97)."""
    t, manager = gazu.project_template, gazu_make.client_as("manager")
    template, other = t.new_project_template(unique("Template")), gazu.task.new_task_type(unique("Rig"))
    t.add_task_type_to_project_template(template, kind)
    links = t.reorder_task_types_of_project_template(template, [other, kind])
    assert [(link["task_type_id"], link["priority"]) for link in links] == [(other["id"], 1), (kind["id"], 2)]
    assert ids(t.all_task_types_for_project_template(template)) == [other["id"], kind["id"]]
    statuses = [gazu.task.get_task_status_by_short_name(name) for name in ("wip", "todo")]
    links = t.reorder_task_statuses_of_project_template(template, statuses)
    assert [link["task_status_id"] for link in links] == ids(statuses)
    assert t.reorder_task_types_of_project_template(template, []) == []
    assert t.reorder_task_statuses_of_project_template(template, []) == []
    with pytest.raises(NotAllowedException):
        t.reorder_task_types_of_project_template(template, [kind], client=manager)
    with pytest.raises(NotAllowedException):
        t.reorder_task_statuses_of_project_template(template, statuses, client=manager)


# -- columns of all productions ------------------------------------------------------
def test_a_column_of_all_productions(gazu_make: Any, manager: Any, unique: Unique) -> None:
    """For a manager these are the productions with that role; an update resets what it does not name (Zou 1.0.97)."""
    p, name, department = gazu.project, unique("Weather"), gazu.person.new_department(unique("FX"))
    second = p.new_project(unique("Film"))
    p.add_person_to_team(second, gazu.client.get_current_user(client=manager))
    choices = {"data_type": "list", "choices": ["sun", "rain"], "for_client": True, "departments": [department["id"]]}
    made = p.new_metadata_descriptor_for_all_projects(name, "Shot", **choices, client=manager)
    assert {row["project_id"] for row in made} == {gazu_make.project["id"], second["id"]}
    field = made[0]["field_name"]
    with pytest.warns(GazuWarning, match="no production got the column"):
        assert p.new_metadata_descriptor_for_all_projects(name, "Shot", client=manager) == []
    key = {"entity_type": "Shot", "field_name": field}
    rows = p.update_metadata_descriptor_for_all_projects({**key, "name": f"{name} now"}, client=manager)
    assert {row["name"] for row in rows} == {f"{name} now"}
    assert [{key: row[key] for key in choices} for row in rows] == [choices, choices]
    key["field_name"] = rows[0]["field_name"]
    p.update_metadata_descriptor(rows[0]["project_id"], {"id": rows[0]["id"], "choices": ["fog"]})
    with pytest.raises(ValueError, match="choices differs between productions: pass it too"):
        p.update_metadata_descriptor_for_all_projects({**key, "for_client": False}, client=manager)
    rows = p.update_metadata_descriptor_for_all_projects({**key, "choices": ["snow"]}, client=manager)
    assert [row["choices"] for row in rows] == [["snow"], ["snow"]]
    with pytest.raises(ValueError, match="the column 'nothing' of 'Shot': no production has it"):
        p.update_metadata_descriptor_for_all_projects({**key, "field_name": "nothing"}, client=manager)
    p.add_metadata_descriptor(second, "Mood", "Shot")
    with pytest.warns(GazuWarning, match="1 of 3 columns are in no production: nothing"):
        rows = p.reorder_metadata_descriptors_for_all_projects(
            "Shot", ["mood", key["field_name"], "nothing"], client=manager
        )
    positions = {row["field_name"]: row["position"] for row in rows if row["project_id"] == second["id"]}
    assert positions == {"mood": 1, key["field_name"]: 2}
    assert p.reorder_metadata_descriptors_for_all_projects("Shot", []) == []
    removed = p.remove_metadata_descriptor_for_all_projects("Shot", key["field_name"], client=manager)
    assert sorted(removed) == sorted(ids(made))
    with pytest.warns(GazuWarning, match="no production that this account manages has the column"):
        assert p.remove_metadata_descriptor_for_all_projects("Shot", key["field_name"], client=manager) == []


def test_columns_of_all_productions_are_for_managers(gazu_make: Any) -> None:
    p, supervisor = gazu.project, gazu_make.client_as("supervisor")
    p.add_metadata_descriptor(gazu_make.project, "Weather", "Shot")
    key: Any = {"entity_type": "Shot", "field_name": "weather", "choices": [], "data_type": "string"}
    for call in (
        lambda: p.new_metadata_descriptor_for_all_projects("Weather", "Shot", client=supervisor),
        lambda: p.update_metadata_descriptor_for_all_projects(key, client=supervisor),
        lambda: p.remove_metadata_descriptor_for_all_projects("Shot", "weather", client=supervisor),
        lambda: p.reorder_metadata_descriptors_for_all_projects("Shot", ["weather"], client=supervisor),
    ):
        with pytest.raises(NotAllowedException):
            call()


# -- casting and assets --------------------------------------------------------------
def test_castings_are_set_at_once(gazu_make: Any, manager: Any) -> None:
    """Unknown assets, and entries without a number, are echoed and not stored (Zou 1.0.97)."""
    c, project, shots, asset = gazu.casting, gazu_make.project, [gazu_make.shot(), gazu_make.shot()], gazu_make.asset()
    casting: Any = [{"asset_id": asset["id"], "nb_occurences": None}]
    c.update_castings(project, {shots[0]["id"]: casting, shots[1]["id"]: []}, client=manager)
    assert [row["nb_occurences"] for row in c.get_shot_casting(shots[0])] == [1]
    both = [*casting, {"asset_id": NOBODY}]
    with pytest.warns(GazuWarning, match=f"1 of 2 assets were not cast.*{NOBODY} in {shots[1]['id']}"):
        c.update_castings(project, {shots[1]["id"]: both}, client=manager)
    for change in (c.update_shot_casting, c.update_asset_casting, c.update_episode_casting):
        with pytest.warns(GazuWarning, match=f"1 of 2 assets are not cast.*{NOBODY}"):
            assert len(change(project, shots[1], both, client=manager)) == 2
    assert len(c.get_shot_casting(shots[1])) == 1
    with pytest.raises(ParameterException, match="PUT .*casting: 1 of 1 assets were not cast"):
        c.update_castings(project, {shots[1]["id"]: both[1:]})
    assert c.get_shot_casting(shots[1]) == []
    with pytest.raises(RouteNotFoundException, match=f"one of the ids is unknown.*{NOBODY}"):
        c.update_castings(project, {NOBODY: casting, shots[0]["id"]: []})
    assert len(c.get_shot_casting(shots[0])) == 1
    assert c.update_castings(project, {}) == c.cast_asset(project, [], asset) == {}
    with pytest.raises(NotAllowedException):
        c.update_castings(project, {shots[0]["id"]: []}, client=gazu_make.client_as("supervisor"))
    (link,) = c.all_entity_links_for_project(project)
    with pytest.raises(NotAllowedException):
        c.delete_entity_link(link, client=manager)  # this route is for administrators
    with pytest.raises(NotAllowedException):
        c.delete_entity_link(link, project=project, client=gazu_make.client_as("supervisor"))
    assert c.delete_entity_link(link, project=project, client=manager) == link
    assert c.all_entity_links_for_project(project) == []


def test_assets_are_shared(gazu_make: Any, manager: Any, project: Any) -> None:
    """Without ids the server would share all of the production (Zou 1.0.97)."""
    a, mine, supervisor = gazu.asset, gazu_make.project, gazu_make.client_as("supervisor")
    first, second = gazu_make.asset("Tree"), gazu_make.asset("Bush")
    assert a.share_assets([], client=manager) == []
    assert [row["is_shared"] for row in a.share_assets([first], client=manager)] == [True]
    assert [a.get_asset(row)["is_shared"] for row in (first, second)] == [True, False]
    shot = gazu.shot.new_shot(project, gazu.shot.new_sequence(project, "SQ01"), "SH01")
    gazu.casting.update_shot_casting(project, shot, [{"asset_id": first["id"]}])
    assert ids(a.all_shared_assets_used(project)) == [first["id"]]
    episode = gazu.shot.all_episodes_for_project(project)[0]
    assert ids(a.all_shared_assets_used(project, episode)) == ([first["id"]] if shot.get("episode_id") else [])
    with pytest.raises(NotAllowedException):
        a.all_shared_assets_used(project, client=supervisor)
    assert sorted(ids(a.share_project_assets(mine, client=manager))) == sorted(ids([first, second]))
    kind = a.get_asset_type_from_asset(first)
    rows = a.share_project_assets(mine, kind, is_shared=False, client=manager)
    assert [row["is_shared"] for row in rows] == [False, False]
    with pytest.raises(TypeError, match="for assets: expected a list"):
        a.share_assets(None)  # type: ignore[arg-type]
    with pytest.warns(GazuWarning, match="no such assets"):
        assert a.share_project_assets(mine, NOBODY) == []
    for call in (
        lambda: a.share_assets([first], client=supervisor),
        lambda: a.share_project_assets(mine, client=supervisor),
    ):
        with pytest.raises(NotAllowedException):
            call()
    gazu.casting.update_shot_casting(project, shot, [])  # else the production of the asset could not be removed


# -- frames ------------------------------------------------------------------------------
def test_frames_are_counted_from_previews(gazu_make: Any, manager: Any) -> None:
    """A picture makes it 0 (Zou 1.0.97)."""
    tasks = [gazu_make.task(gazu_make.shot(nb_frames=99)) for _ in range(3)]
    gazu_make.preview(tasks[0], gazu_make.movie())
    project, task_type = gazu_make.project, tasks[0]["task_type_id"]
    assert gazu.shot.set_nb_frames_from_previews(project, task_type, client=manager) == [
        {"id": tasks[0]["entity_id"], "nb_frames": 12}
    ]
    gazu_make.preview(tasks[1])
    with pytest.warns(GazuWarning, match=f"1 of 2 shots have 0 frames now.*{tasks[1]['entity_id']}"):
        gazu.shot.set_nb_frames_from_previews(project, task_type, client=manager)
    assert [gazu.shot.get_shot(task["entity_id"])["nb_frames"] for task in tasks] == [12, 0, 99]
    with pytest.raises(NotAllowedException):
        gazu.shot.set_nb_frames_from_previews(project, task_type, client=gazu_make.client_as("supervisor"))
    assert gazu.shot.set_nb_frames_from_previews(project, task_type, uuid.uuid4()) == []
