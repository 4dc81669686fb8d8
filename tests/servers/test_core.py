"""What every studio does, on old and new servers: one scenario, and what a version lacks as the table says it."""

import datetime
import threading
import time
from pathlib import Path
from typing import Any, List

import pytest

import gazu
from gazu._http.routes_since import SINCE
from gazu.client import KitsuClient
from gazu.exception import GazuException
from gazu_sandbox.factory import Make
from gazu_sandbox.fixtures import Server
from gazu_sandbox.versions import number

from ..waiting import until


def test_sessions(gazu_server: Server) -> None:
    with gazu.create_session(gazu_server.host, gazu_server.email, gazu_server.password) as client:
        assert gazu.client.get_current_user(client=client)["email"] == gazu_server.email
        before = client.access_token
        gazu.refresh_access_token(client=client)
        assert client.access_token != before
        assert gazu.client.get_current_user(client=client)["email"] == gazu_server.email
    with pytest.raises(gazu.AuthFailedException):
        gazu.create_session(gazu_server.host, gazu_server.email, "wrong")


def test_lists_and_filters(gazu_make: Make, gazu_project: Any, gazu_client: KitsuClient) -> None:
    asset, shot = gazu_make.asset("Hero"), gazu_make.shot("SH010", nb_frames=24)
    task = gazu_make.task(asset)
    found = gazu.asset.all_assets_for_project(gazu_project, client=gazu_client)
    assert [row["id"] for row in found] == [asset["id"]]
    assert gazu.asset.get_asset_by_name(gazu_project, "Hero", client=gazu_client)["id"] == asset["id"]
    assert [row["nb_frames"] for row in gazu.shot.all_shots_for_project(gazu_project, client=gazu_client)] == [24]
    assert gazu.shot.get_shot(shot["id"], client=gazu_client)["name"] == "SH010"
    [row] = gazu.query.find("tasks", {"id": task["id"]}, ["entity.name", "task_type.name"], client=gazu_client)
    assert row["entity"]["name"] == "Hero"
    [row] = gazu.client.fetch_all("assets", {"project_id": gazu_project["id"]}, fields=["id"], client=gazu_client)
    assert row["id"] == asset["id"]
    rows = gazu.client.fetch_each("assets", {"project_id": gazu_project["id"]}, client=gazu_client)
    assert [row["id"] for row in rows] == [asset["id"]]


def test_queries(gazu_make: Make, gazu_project: Any, gazu_client: KitsuClient) -> None:
    """What a version does not filter by is done in the client."""
    sequence = gazu_make.sequence()
    shots = [gazu_make.shot(f"SH0{number}0", sequence, nb_frames=number) for number in range(3)]
    tasks, me = [gazu_make.task(shot) for shot in shots], gazu.client.get_current_user(client=gazu_client)
    gazu.task.assign_task(tasks[0], me, client=gazu_client)

    def found(model: str, **filters: Any) -> List[Any]:
        filters = {"project": gazu_project, **{name.replace("__", "."): value for name, value in filters.items()}}
        rows = gazu.query.find(model, filters, client=gazu_client)
        assert gazu.query.count(model, filters, client=gazu_client) == len(rows)
        return [row["id"] for row in rows]

    assert found("tasks", assignees=me) == found("tasks", assignees__full_name=me["full_name"]) == [tasks[0]["id"]]
    assert found("tasks", entity__name=["SH000", "sh010"]) == [tasks[0]["id"]]
    assert len(found("tasks", entity=shots[:2])) == len(found("tasks", entity__parent=shots[0]["parent_id"])) - 1
    for model in ("shots", "entities"):
        assert len(found(model, nb_frames=[1, 2])) == len(found(model, nb_frames=gazu.query.at_least(1))) == 2
        assert found(model, name="SH010") == [shots[1]["id"]]
        assert len(found(model, name=["SH010", "SH020"], canceled=False)) == 2
    [first] = gazu.query.find("shots", {"project": gazu_project}, order="-nb_frames", limit=1, client=gazu_client)
    assert first["id"] == shots[2]["id"]
    assert len(gazu.query.find("events", limit=2, client=gazu_client)) == 2


def test_a_preview_goes_up_and_comes_down(gazu_make: Make, gazu_client: KitsuClient, tmp_path: Path) -> None:
    task, picture = gazu_make.task(), gazu_make.picture()
    wip = gazu.task.get_task_status_by_short_name("wip", client=gazu_client)
    notes = tmp_path / "notes.txt"
    notes.write_text("brighter")
    comment, preview = gazu.task.publish_preview(
        task, wip, "v1", preview_file_path=picture, attachments=[str(notes)], client=gazu_client
    )
    until(lambda: gazu.files.get_preview_file(preview["id"], client=gazu_client)["status"] == "ready")
    gazu.files.download_preview_file(preview, str(tmp_path / "down.png"), client=gazu_client)
    assert (tmp_path / "down.png").read_bytes()[:4] == b"\x89PNG"
    gazu.files.download_preview_file_thumbnail(preview, str(tmp_path / "small.png"), client=gazu_client)
    [row] = gazu.task.all_comments_for_task(task, client=gazu_client)
    assert (row["id"], row["text"], [one["id"] for one in row["previews"]]) == (comment["id"], "v1", [preview["id"]])
    [attachment] = row["attachment_files"]
    gazu.files.download_attachment_file(attachment, str(tmp_path / "back.txt"), client=gazu_client)
    assert (tmp_path / "back.txt").read_text() == "brighter"
    gazu.task.reply_to_comment(comment, "done", task=task, client=gazu_client)
    [row] = gazu.task.all_comments_for_task(task, client=gazu_client)
    assert [reply["text"] for reply in row["replies"]] == ["done"]


def test_casting_time_and_playlists(gazu_make: Make, gazu_project: Any, gazu_client: KitsuClient) -> None:
    asset, shot = gazu_make.asset(), gazu_make.shot()
    casting = [{"asset_id": asset["id"], "nb_occurences": 2}]
    gazu.casting.update_shot_casting(gazu_project, shot, casting, client=gazu_client)
    [link] = gazu.casting.get_shot_casting(shot, client=gazu_client)
    assert (link["asset_id"], link["nb_occurences"]) == (asset["id"], 2)
    task, person = gazu_make.task(shot), gazu_make.person()
    gazu.task.assign_task(task, person, client=gazu_client)
    gazu.task.set_time_spent(task, person, datetime.date(2026, 11, 2), 120, client=gazu_client)
    spent = gazu.task.get_time_spent(task, client=gazu_client)
    assert spent["total"] == 120
    playlist = gazu.playlist.new_playlist(gazu_project, "Dailies", client=gazu_client)
    [row] = gazu.playlist.all_playlists_for_project(gazu_project, client=gazu_client)
    assert row["id"] == playlist["id"]


def test_people_and_departments(gazu_client: KitsuClient, zou: Any) -> None:
    name = f"Dept {time.time_ns()}"
    department = gazu.person.new_department(name, client=gazu_client)
    assert gazu.person.get_department_by_name(name, client=gazu_client)["id"] == department["id"]
    email = f"ann.{time.time_ns()}@example.com"
    person = gazu.person.new_person("Ann", "Lee", email, client=gazu_client)
    assert gazu.person.get_person_by_email(email, client=gazu_client)["id"] == person["id"]
    gazu.person.update_person({"id": person["id"], "active": False}, client=gazu_client)
    bot = f"bot.{time.time_ns()}@example.com"
    if zou < number("0.19.69"):
        with pytest.raises(GazuException, match="gazu.person.new_bot needs 0.19.69 or later"):
            gazu.person.new_bot("Render", bot, client=gazu_client)
    else:
        made = gazu.person.new_bot("Render", bot, client=gazu_client)
        assert made["access_token"]
        gazu.person.remove_bot(made, client=gazu_client)


def test_live_events(gazu_client: KitsuClient, gazu_make: Make) -> None:
    heard: List[Any] = []
    events = gazu.events.init(client=gazu_client)
    gazu.events.add_listener(events, "asset:new", heard.append)
    threading.Thread(target=gazu.events.run_client, args=(events,), daemon=True).start()
    until(lambda: events.connected)
    asset = gazu_make.asset()
    until(lambda: [event for event in heard if event["asset_id"] == asset["id"]])
    events.disconnect()


@pytest.mark.parametrize("name", ["studio.all_studios", "project_template.all_project_templates", "user.all_chats"])
def test_what_a_version_lacks_is_told(name: str, gazu_client: KitsuClient, zou: Any) -> None:
    module, function = name.split(".")
    call, since = getattr(getattr(gazu, module), function), SINCE[name][1]
    if zou >= number(since):
        assert isinstance(call(client=gazu_client), list) and gazu.supports(name, client=gazu_client)
        return
    assert not gazu.supports(name, client=gazu_client)
    with pytest.raises(GazuException, match=f"gazu.{name} needs {since} or later"):
        call(client=gazu_client)


@pytest.mark.parametrize("way", ["import", "posts"])
def test_a_set_up_from_a_table(gazu_project: Any, gazu_client: KitsuClient, way: str) -> None:
    def fill() -> Any:
        setup = gazu.bulk.Setup(gazu_project, client=gazu_client)
        shot = setup.shot(setup.sequence(f"SQ {way}"), "SH010", nb_frames=24, data={"lens": 35})
        hero = setup.asset("Character", f"Hero {way}", description="tall")
        setup.task(shot, "Animation", assignees=["admin@example.com"], estimation=60)
        setup.cast(shot, {hero: 2})
        return setup, shot

    setup, shot = fill()
    setup.apply(way=way).raise_for_failed()
    row = gazu.shot.get_shot(shot, client=gazu_client)
    assert (row["nb_frames"], row["data"]["lens"], row["nb_entities_out"]) == (24, 35, 1)
    assert [one["nb_occurences"] for one in gazu.casting.get_shot_casting(row, client=gazu_client)] == [2]
    again = fill()[0].apply(way=way)
    assert (len(again.same), again.made, again.changed, again.failed) == (5, [], [], [])
