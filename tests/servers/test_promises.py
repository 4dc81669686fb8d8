"""What gazu promises beyond the routes of a server: no event is lost, nothing is published twice, productions move."""

import warnings
from pathlib import Path
from typing import Any, Iterator, List

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.exception import ServerTooOldWarning, TransportException
from gazu_sandbox.factory import Make
from gazu_sandbox.fixtures import Server
from gazu_sandbox.versions import number

from ..proxy import Proxy
from ..waiting import until

#: More than a server sends to whoever does not say how many.
MISSED = 240


@pytest.fixture
def proxy(gazu_server: Server) -> Iterator[Proxy]:
    with Proxy(gazu_server.host) as proxy:
        yield proxy


@pytest.fixture
def client(gazu_client: KitsuClient, proxy: Proxy) -> Iterator[KitsuClient]:
    """The administrator, behind the proxy."""
    with proxy.client_of(gazu_client, retries=0) as client:
        yield client


def test_the_last_events(gazu_make: Make, gazu_client: KitsuClient) -> None:
    made = {gazu_make.asset()["id"] for _ in range(8)}
    events = gazu.sync.get_last_events(client=gazu_client)
    assert len(events) == len({event["id"] for event in events})
    named = gazu.sync.get_last_events(8, name="asset:new", client=gazu_client)
    assert {event["data"].get("asset_id") for event in named} == made
    assert [event["id"] for event in gazu.sync.get_last_events(5, client=gazu_client)] == [
        event["id"] for event in gazu.sync.get_last_events(6, client=gazu_client)
    ][:5]


def test_no_missed_event_is_lost(gazu_project: Any, gazu_client: KitsuClient, tmp_path: Path) -> None:
    heard: List[str] = []
    kind = gazu.asset.new_asset_type("Prop", client=gazu_client)

    def listening() -> Any:
        listener = gazu.events.Listener(str(tmp_path / "position.json"), client=gazu_client)
        listener.on("asset:new", lambda data: heard.append(data["asset_id"]))
        return listener

    with listening():
        first = gazu.asset.new_asset(gazu_project, kind, "First", client=gazu_client)
        until(lambda: first["id"] in heard)
    made = [
        gazu.asset.new_asset(gazu_project, kind, f"A{number}", client=gazu_client)["id"] for number in range(MISSED)
    ]
    with listening() as listener:
        until(lambda: len(set(heard)) > MISSED, 120)
        assert listener.status().problem is None
    assert heard == [first["id"], *made]


STEPS = ("/comment", "/add-preview", "/pictures/")


@pytest.mark.parametrize("fate", ["answer", "down"])
@pytest.mark.parametrize("steps", [[step] for step in STEPS] + [list(STEPS)])
def test_nothing_is_published_twice(
    steps: List[str], fate: str, gazu_make: Make, client: KitsuClient, gazu_client: KitsuClient, proxy: Proxy
) -> None:
    """Each answer is lost; with "down" the server is out of reach, too, while the client looks."""
    task, picture = gazu_make.task(), gazu_make.picture()
    wip = gazu.task.get_task_status_by_short_name("wip", client=gazu_client)

    def publish() -> Any:
        return gazu.task.publish_preview(task, wip, "v1", preview_file_path=picture, client=client)

    if fate == "answer":
        proxy.meet(fate, steps[0])
        publish()
    else:
        for step in steps:
            proxy.meet(fate, step)
            with pytest.raises(TransportException):
                publish()
        proxy.fate = None
        publish()
    [comment] = gazu.task.all_comments_for_task(task, client=gazu_client)
    [preview] = gazu.task.all_previews_for_task(task, client=gazu_client)
    assert [one["id"] for one in comment["previews"]] == [preview["id"]]
    assert preview["original_name"]


def test_a_production_moves_to_the_newest_server(
    gazu_make: Make, gazu_project: Any, gazu_client: KitsuClient, newest: KitsuClient, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("brighter")
    asset, shot = gazu_make.asset("Hero"), gazu_make.shot("SH010", nb_frames=24)
    gazu.casting.update_shot_casting(
        gazu_project, shot, [{"asset_id": asset["id"], "nb_occurences": 2}], client=gazu_client
    )
    task, preview = gazu_make.task(shot), gazu_make.preview()
    wip = gazu.task.get_task_status_by_short_name("wip", client=gazu_client)
    gazu.task.add_comment(task, wip, "see the notes", attachments=[str(notes)], client=gazu_client)
    for again in (False, True):
        report = gazu.sync.push_project(gazu_project, source=gazu_client, target=newest)
        assert report["failed"] == []
        assert not again or not any(count["created"] for count in report["counts"].values())
    assert gazu.asset.get_asset(asset["id"], client=newest)["name"] == "Hero"
    assert gazu.shot.get_shot(shot["id"], client=newest)["nb_frames"] == 24
    [link] = gazu.casting.get_shot_casting(shot, client=newest)
    assert link["asset_id"] == asset["id"]
    [comment] = gazu.task.all_comments_for_task(task, client=newest)
    gazu.files.download_attachment_file(comment["attachment_files"][0], str(tmp_path / "back.txt"), client=newest)
    assert (tmp_path / "back.txt").read_text() == "brighter"
    gazu.files.download_preview_file(preview["id"], str(tmp_path / "down.png"), client=newest)
    assert (tmp_path / "down.png").read_bytes()[:4] == b"\x89PNG"


def test_arguments_that_a_server_ignores_are_told(gazu_make: Make, gazu_client: KitsuClient, zou: Any) -> None:
    task, link = gazu_make.task(), "https://example.com/v1"
    wip = gazu.task.get_task_status_by_short_name("wip", client=gazu_client)
    version = gazu.client.get_api_version(client=gazu_client)
    for name, value, since in (("links", [link], "0.19.69"), ("for_client", True, "1.0.55")):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            created: Any = gazu.task.add_comment(task, wip, "note", **{name: value}, client=gazu_client)
        if zou >= number(since):
            assert created[name] == value and not caught
        else:
            [warning] = caught
            assert warning.category is ServerTooOldWarning and warning.filename == __file__
            assert str(warning.message).startswith(f"{name}: Zou {version} ignores it, {since} and later do not")


def test_a_production_moves_to_an_older_server(
    gazu_make: Make, gazu_project: Any, gazu_client: KitsuClient, newest: KitsuClient, zou: Any, tmp_path: Path
) -> None:
    imports_all = zou >= number("1.0.55")
    name = f"Short {gazu_project['name']}"
    project = gazu.project.new_project(name, client=newest)
    gazu.project.update_project(
        {"id": project["id"], "homepage": "assets", "is_client_stats_visible": True}, client=newest
    )
    kind = gazu.asset.new_asset_type("Prop", client=newest)
    modeling = gazu.task.new_task_type(f"Modeling {name}", client=newest)
    asset = gazu.asset.new_asset(project, kind, "Hero", client=newest)
    task = gazu.task.new_task(asset, modeling, client=newest)
    wip = gazu.task.get_task_status_by_short_name("wip", client=newest)
    picture = gazu_make.picture()
    _, preview = gazu.task.publish_preview(task, wip, "v1", preview_file_path=picture, client=newest)
    for again in (False, True):
        report = gazu.sync.push_project(project, source=newest, target=gazu_client)
        lost = {row["kind"] for row in report["failed"]}
        assert lost == (set() if imports_all else {"preview_files", "comments"})
        assert all("1.0.55 " in row["reason"] for row in report["failed"])
        assert not again or not any(count["created"] for count in report["counts"].values())
        assert ("is_client_stats_visible" in report["left_out"].get("projects", [])) == (zou < number("1.0.97"))
    assert gazu.asset.get_asset(asset["id"], client=gazu_client)["name"] == "Hero"
    assert gazu.task.get_task(task["id"], client=gazu_client)["entity_id"] == asset["id"]
    rows = gazu.task.all_comments_for_task(task, client=gazu_client)
    assert len(rows) == imports_all
    if imports_all:
        assert [one["id"] for one in rows[0]["previews"]] == [preview["id"]]
        gazu.files.download_preview_file(preview["id"], str(tmp_path / "down.png"), client=gazu_client)
        assert (tmp_path / "down.png").read_bytes()[:4] == b"\x89PNG"
    gazu.project.close_project(project, client=gazu_client)
    gazu.project.remove_project(project, force=True, client=gazu_client)
