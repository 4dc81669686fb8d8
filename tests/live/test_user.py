"""What a user sees and keeps on a real server, mostly of somebody who is not an administrator."""

import base64
import datetime
import uuid
from pathlib import Path
from typing import Any, Callable

import pytest

import gazu
from gazu import user
from gazu.client import KitsuClient
from gazu.exception import RouteNotFoundException

Unique = Callable[[str], str]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def ids(rows: Any) -> Any:
    return [row["id"] for row in rows]


# -- the user ------------------------------------------------------------------
def test_who_is_logged_in_is_authenticated(box: Any, artist: Any) -> None:
    assert user.is_authenticated() is True
    assert user.is_authenticated(client=artist.client) is True
    gazu.log_out(client=artist.client)
    assert user.is_authenticated(client=artist.client) is False
    assert user.is_authenticated(client=KitsuClient(box.host)) is False


def test_the_context_is_that_of_the_user(project: Any, artist: Any, work: Any) -> None:
    search = user.new_filter("Mine", "sky", "shot", client=artist.client)
    group = user.new_filter_group("Mine", project, client=artist.client)
    gazu.project.update_team_member_role(project, artist.person, "supervisor")
    context = user.get_context(client=artist.client)
    assert ids(context["projects"]) == [project["id"]]
    assert context["project_roles"] == {project["id"]: "supervisor"}
    assert {*ids(work.asset_type)} <= {*ids(context["asset_types"])}
    assert {*ids(work.task_type.values())} <= {*ids(context["task_types"])}
    assert artist.person["id"] in ids(context["persons"])
    assert context["search_filters"]["shot"] == {"all": [search]}
    assert context["search_filter_groups"]["todo"][project["id"]] == [group]
    of_admin = user.get_context()
    assert of_admin["user_limit"] > 0
    assert artist.person["email"] in [row.get("email") for row in of_admin["persons"]]


def test_the_picture_is_deleted(artist: Any, tmp_path: Path) -> None:
    picture = tmp_path / "me.png"
    picture.write_bytes(PIXEL)
    gazu.person.set_avatar(artist.person, str(picture))
    assert gazu.client.get_current_user(client=artist.client)["has_avatar"] is True
    assert user.clear_avatar(client=artist.client) == ""
    assert gazu.client.get_current_user(client=artist.client)["has_avatar"] is False


def test_log_ins_to_a_computer_are_noted_in_utc(artist: Any) -> None:
    assert user.all_desktop_login_logs(client=artist.client) == []
    log = user.log_desktop_session_log_in(client=artist.client)
    assert user.all_desktop_login_logs(client=artist.client) == [log]
    assert log["person_id"] == artist.person["id"]
    noted, server = (datetime.datetime.fromisoformat(log[key]) for key in ("date", "created_at"))
    assert abs(noted - server) < datetime.timedelta(minutes=5)


# -- where the user has tasks --------------------------------------------------
def test_open_projects_are_those_of_the_team(project: Any, artist: Any, unique: Unique) -> None:
    other = gazu.project.new_project(unique("Other"))
    assert ids(user.all_open_projects(client=artist.client)) == [project["id"]]
    assert {project["id"], other["id"]} <= {*ids(user.all_open_projects())}
    gazu.project.close_project(project)
    assert user.all_open_projects(client=artist.client) == []


def test_lists_have_what_the_user_has_tasks_on(project: Any, artist: Any, work: Any, unique: Unique) -> None:
    second = gazu.task.new_task_type(unique("Second"))
    gazu.task.new_task(work.asset[0], second, assignees=[artist.person["id"]])  # which makes nothing come twice
    wanted = {"client": artist.client}
    for of_project, found in (
        (user.all_asset_types_for_project, work.asset_type),
        (user.all_project_assets, work.asset),
        (user.all_episodes_for_project, work.episode),
        (user.all_sequences_for_project, work.sequence),
    ):
        assert ids(of_project(project, **wanted)) == ids(of_project(project["id"], **wanted)) == [found[0]["id"]]
        assert of_project(project) == []  # of the administrator
    of_type = user.all_assets_for_asset_type_and_project
    assert ids(of_type(project, work.asset_type[0], **wanted)) == [work.asset[0]["id"]]
    of_the_page = user.all_assets_for_asset_type_project
    assert of_the_page(project=project, asset_type=work.asset_type[0], **wanted) == of_type(
        project, work.asset_type[0], **wanted
    )
    assert of_type(project["id"], work.asset_type[1]["id"], **wanted) == []
    for of_sequence, found in ((user.all_shots_for_sequence, work.shot), (user.all_scenes_for_sequence, work.scene)):
        assert ids(of_sequence(work.sequence[0], **wanted)) == [found[0]["id"]]
        assert of_sequence(work.sequence[1]["id"], **wanted) == []


def test_lists_are_sorted_by_name(project: Any, artist: Any, work: Any) -> None:
    for asset_type, name in ((work.asset_type[1], "ant"), (work.asset_type[0], "Zebra")):
        asset = gazu.asset.new_asset(project, asset_type, name)
        gazu.task.new_task(asset, work.task_type["asset"], assignees=[artist.person["id"]])
    assets = user.all_project_assets(project, client=artist.client)
    assert [row["name"] for row in assets] == ["ant", "Tree", "Zebra"]


def test_lists_that_left_still_come(project: Any, artist: Any, work: Any) -> None:
    for left, place, found in (
        (user.all_assets_for_project, project, work.asset),
        (user.all_shots_for_project, project, work.shot),
        (user.all_scenes_for_project, project, work.scene),
        (user.all_sequences_for_episode, work.episode[0], work.sequence),
    ):
        for given in (place, place["id"]):
            with pytest.warns(DeprecationWarning, match="removed in gazu"):
                assert ids(left(given, client=artist.client)) == [found[0]["id"]]
    with pytest.warns(DeprecationWarning):
        assert user.all_sequences_for_episode(work.episode[1], client=artist.client) == []


# -- tasks ---------------------------------------------------------------------
def test_tasks_are_to_do_until_they_are_done(project: Any, artist: Any, work: Any) -> None:
    task = work.task["shot"]
    cast = [{"asset_id": work.asset[0]["id"], "nb_occurences": 1}]
    gazu.casting.update_episode_casting(project, work.episode[1], cast)
    to_do = {row["id"]: row for row in user.all_tasks_to_do(client=artist.client)}
    assert to_do.keys() == {*ids(work.task.values())}
    assert to_do[work.task["asset"]["id"]]["episode_names"] == ["E02"]
    assert user.all_done_tasks(client=artist.client) == []
    gazu.task.add_comment(task, gazu.task.get_task_status_by_short_name("done"))
    assert {*ids(user.all_tasks_to_do(client=artist.client))} == {*ids(work.task.values())} - {task["id"]}
    [done] = user.all_done_tasks(client=artist.client)
    assert (done["id"], done["entity_name"], done["task_status_short_name"]) == (task["id"], "SHSE01", "done")


def test_feedback_is_asked_of_those_who_give_it(project: Any, artist: Any, work: Any) -> None:
    task = work.task["asset"]
    gazu.task.add_comment(task, gazu.task.get_task_status_by_short_name("wfa"), "Look", client=artist.client)
    assert task["id"] in ids(user.all_tasks_requiring_feedback())
    assert user.all_tasks_requiring_feedback(client=artist.client) == []


def test_tasks_and_their_types_are_listed_by_entity(artist: Any, work: Any) -> None:
    for kind in ("asset", "shot", "scene", "sequence"):
        tasks, types = (getattr(user, f"all_{what}_for_{kind}") for what in ("tasks", "task_types"))
        mine, other = getattr(work, kind)
        assert ids(tasks(mine, client=artist.client)) == [work.task[kind]["id"]]
        assert ids(types(mine["id"], client=artist.client)) == [work.task_type[kind]["id"]]
        assert tasks(other["id"], client=artist.client) == types(other, client=artist.client) == []
        assert tasks(mine) == []  # of the administrator


# -- filters -------------------------------------------------------------------
def test_a_filter_is_kept_changed_and_removed(project: Any, artist: Any) -> None:
    client = artist.client
    everywhere = user.new_filter("Sky", "été & mer", "asset", client=client)
    here = user.new_filter("Sea", "sea", "asset", project["id"], "Asset", client=client)
    listed = user.all_filters(client=client)
    assert listed == {"asset": {"all": [everywhere], project["id"]: [here]}}
    assert (everywhere["search_query"], everywhere["project_id"]) == ("été & mer", None)
    assert (here["entity_type"], here["person_id"]) == ("Asset", artist.person["id"])
    here["search_query"] = "sea -fish"
    assert user.update_filter(here, client=client)["search_query"] == "sea -fish"
    [found] = user.all_filters(client=client)["asset"][project["id"]]
    assert (found["search_query"], found["name"]) == ("sea -fish", "Sea")
    assert user.remove_filter(here, client=client) == user.remove_filter(everywhere["id"], client=client) == ""
    assert user.all_filters(client=client) == {}


def test_a_group_of_filters_is_kept_changed_and_removed(project: Any, artist: Any) -> None:
    client = artist.client
    todo = user.new_filter_group("Mine", client=client)
    group = user.new_filter_group("Looks", project, client=client, list_type="asset", entity_type="Asset")
    assert user.all_filter_groups(client=client) == {"todo": {"all": [todo]}, "asset": {project["id"]: [group]}}
    row = user.get_filter_group(group["id"], client=client)
    row.update(name="Other looks", color="#123456")
    user.update_filter_group(row, client=client)
    found = user.get_filter_group(group, client=client)
    assert (found["name"], found["color"], found["entity_type"]) == ("Other looks", "#123456", "Asset")
    search = user.new_filter("Sky", "sky", "asset", project, client=client)
    user.update_filter({"id": search["id"], "search_filter_group_id": group["id"]}, client=client)
    [inside] = user.all_filters(client=client)["asset"][project["id"]]
    assert inside["search_filter_group_id"] == group["id"]
    assert user.remove_filter_group(group["id"], client=client) == user.remove_filter_group(todo, client=client) == ""
    assert user.all_filters(client=client) == user.all_filter_groups(client=client) == {}
    with pytest.raises(RouteNotFoundException):
        user.get_filter_group(group, client=client)


# -- notifications, subscriptions ----------------------------------------------
def test_notifications_are_read_one_by_one_or_all_at_once(artist: Any, work: Any) -> None:
    client, wip = artist.client, gazu.task.get_task_status_by_short_name("wip")
    first, second = (gazu.task.add_comment(work.task["shot"], wip, text) for text in ("Hello", "Été"))
    rows = user.all_notifications(client=client)
    comments = [row for row in rows if row["notification_type"] == "comment"]
    assert [row["comment_id"] for row in comments] == [second["id"], first["id"]]
    row = user.get_notification(comments[0]["id"], client=client)
    assert (row["comment_text"], row["author_id"]) == ("Été", gazu.client.get_current_user()["id"])
    row["read"] = True
    assert user.update_notification(row, client=client)["read"] is True
    assert [user.get_notification(one, client=client)["read"] for one in comments] == [True, False]
    user.update_notification({"id": row["id"], "read": False}, client=client)
    assert user.get_notification(row, client=client)["read"] is False
    assert user.mark_all_notifications_as_read(client=client) == {"success": True}
    assert {one["read"] for one in user.all_notifications(client=client)} == {True}
    with pytest.raises(RouteNotFoundException):  # that of somebody else
        user.get_notification(row)


def test_a_subscriber_is_notified(artist: Any, work: Any) -> None:
    client, todo = artist.client, gazu.task.get_task_status_by_short_name("todo")
    [task] = gazu.task.all_tasks_for_asset(work.asset[1])
    assert user.check_task_subscription(task, client=client) is False
    made = user.subscribe_to_task(task["id"], client=client)
    assert (made["task_id"], made["person_id"]) == (task["id"], artist.person["id"])
    assert user.check_task_subscription(task["id"], client=client) is True
    said = gazu.task.add_comment(task, todo, "Look")
    assert said["id"] in [row["comment_id"] for row in user.all_notifications(client=client)]
    assert user.unsubscribe_from_task(task, client=client) == ""
    assert user.check_task_subscription(task, client=client) is False
    missed = gazu.task.add_comment(task, todo, "Look again")
    assert missed["id"] not in [row["comment_id"] for row in user.all_notifications(client=client)]


def test_the_memory_knows_of_a_subscription(artist: Any, work: Any) -> None:
    gazu.cache.enable()
    try:
        assert user.check_task_subscription(work.task["shot"], client=artist.client) is False
        user.subscribe_to_task(work.task["shot"], client=artist.client)
        assert user.check_task_subscription(work.task["shot"], client=artist.client) is True
        assert user.check_task_subscription(work.task["shot"]) is False  # of the administrator
    finally:
        gazu.cache.disable()
        gazu.cache.clear_all()


# -- chats ---------------------------------------------------------------------
def test_a_chat_is_joined_and_left_by_its_entity(artist: Any, work: Any) -> None:
    for entity in (work.asset[0], work.shot[1]):
        chat = user.join_chat(entity, client=artist.client)  # nobody has talked about it yet
        [listed] = user.all_chats(client=artist.client)
        assert (listed["id"], listed["object_id"], chat["object_id"]) == (chat["id"], entity["id"], entity["id"])
        assert user.leave_chat(entity["id"], client=artist.client) == ""
        assert user.all_chats(client=artist.client) == []


def test_a_chat_is_joined_and_left_by_itself(artist: Any, work: Any) -> None:
    chat = user.join_chat(work.asset[0]["id"])
    assert user.join_chat(chat, client=artist.client)["id"] == chat["id"]
    [listed] = user.all_chats(client=artist.client)
    assert user.leave_chat(listed, client=artist.client) == ""
    assert user.all_chats(client=artist.client) == []
    assert chat["id"] in ids(user.all_chats())
    assert user.leave_chat(chat["id"]) == ""
    assert chat["id"] not in ids(user.all_chats())
    assert user.join_chat({"id": chat["id"]})["object_id"] == work.asset[0]["id"]
    assert chat["id"] in ids(user.all_chats())
    with pytest.raises(RouteNotFoundException):
        user.join_chat(uuid.uuid4())


# -- time spent, days off ------------------------------------------------------
def test_time_spent_is_that_of_the_user(project: Any, artist: Any, work: Any) -> None:
    client, today = artist.client, datetime.date.today()
    before = today - datetime.timedelta(days=3)
    task, other = work.task["shot"], work.task["asset"]
    now = gazu.task.set_time_spent(task, artist.person, today, 120)
    then = gazu.task.set_time_spent(task, artist.person, before, 30)
    for found in (
        user.get_task_time_spent(task, client=client),
        user.get_task_time_spent(task["id"], today, client=client),
        user.get_task_time_spent(uuid.UUID(task["id"]), today.isoformat(), client),
    ):
        assert found is not None and (found["id"], found["duration"]) == (now["id"], 120)
    with pytest.warns(DeprecationWarning):
        assert user.get_task_time_spent(task, client) == found
    midnight = datetime.datetime(before.year, before.month, before.day, 1)
    assert user.get_task_time_spent(task, midnight, client=client) == then
    assert user.get_task_time_spent(other, client=client) is None
    assert user.get_task_time_spent(task) is None  # of the administrator
    assert ids(user.get_time_spents_by_date(today, client=client)) == [now["id"]]
    assert ids(user.get_time_spents_by_date(before.isoformat(), client=client)) == [then["id"]]
    both = user.get_timespents_range(before, today.isoformat(), client=client)
    assert {*ids(both)} == {now["id"], then["id"]}
    assert {row["project_id"] for row in both} == {project["id"]}
    assert ids(user.get_timespents_range(before, before, client=client)) == [then["id"]]


def test_a_day_off_is_found_by_its_days(artist: Any) -> None:
    client, today = artist.client, datetime.date.today()
    last = today + datetime.timedelta(days=2)
    assert user.get_day_off(client=client) == {}
    days = {"person_id": artist.person["id"], "date": today, "end_date": last, "description": "Été"}
    made = gazu.client.post("data/day-offs", days)
    assert user.get_day_off(client=client) == user.get_day_off(last, client=client) == made
    assert user.get_day_off(today.isoformat(), client) == made
    with pytest.warns(DeprecationWarning):
        assert user.get_day_off(client) == made
    assert user.get_day_off(last + datetime.timedelta(days=1), client=client) == {}


# -- bad input -----------------------------------------------------------------
def test_bad_input_is_refused(artist: Any, work: Any) -> None:
    for wrong in ("not-an-id", "", None, {}, 5):
        with pytest.raises(ValueError):
            user.all_tasks_for_asset(wrong)  # type: ignore[arg-type]
        with pytest.raises(ValueError):
            user.join_chat(wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        user.update_filter({"name": "no id"})
    for day in ("yesterday", "2024-02-30", "31/01/2024"):
        with pytest.raises(ValueError):
            user.get_time_spents_by_date(day)
        with pytest.raises(ValueError):
            user.get_task_time_spent(work.task["shot"], day)
        with pytest.raises(ValueError):
            user.get_day_off(day)
        with pytest.raises(ValueError):
            user.get_timespents_range("2024-01-01", day)
    with pytest.raises(RouteNotFoundException):
        user.all_shots_for_sequence(uuid.uuid4())
    with pytest.raises(ValueError, match="expected a name"):
        user.new_filter("", "query", "asset")
