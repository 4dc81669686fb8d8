"""Copying productions between two real servers: nothing may be lost, and nothing doubled."""

import base64
import contextlib
import datetime
import hashlib
import io
import multiprocessing
import os
import subprocess
import tempfile
import uuid
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Iterator, List

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.exception import (
    NotAllowedException,
    ParameterException,
    ProjectDoesntExistException,
    RouteNotFoundException,
    SyncFailedException,
)
from gazu_sandbox import Sandbox

from ..endurance.show import Show, Side, differences

Unique = Callable[[str], str]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NOT_THERE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def target(second_server: Sandbox) -> Iterator[KitsuClient]:
    """The client of the server that is copied to."""
    with gazu.create_session(
        second_server.host, second_server.email, second_server.password, use_refresh_token=True
    ) as client:
        yield client


@pytest.fixture(scope="module", autouse=True)
def source(admin: KitsuClient) -> Iterator[KitsuClient]:
    """The default client, logged in to a server of its own: a push copies the types of all productions."""
    before = dict(vars(admin))
    with Sandbox(workers=1, jobs=False) as own:
        with gazu.create_session(own.host, own.email, own.password) as client:
            vars(admin).update(vars(client))
            yield admin
            vars(admin).clear()
            vars(admin).update(before)


@pytest.fixture(scope="module")
def clients(source: KitsuClient, target: KitsuClient) -> Any:
    return source, target


@pytest.fixture
def both(clients: Any) -> Any:
    """Make something on both servers, in capitals on the second: with two ids."""

    def make(new: Callable[..., Any], name: str, *rest: Any, **options: Any) -> Any:
        return [new(n, *rest, client=c, **options) for n, c in zip((name, name.upper()), clients)]

    return make


@pytest.fixture(scope="module")
def people(clients: Any) -> Any:
    """Somebody who is known at both servers, and somebody who is not; a server takes no more than a hundred people."""
    email = f"ann.{uuid.uuid4().hex}@example.com"
    ann = [gazu.person.new_person("Ann", "Lee", email, client=client) for client in clients]
    bob = gazu.person.new_person("Bob", "Ray", email.replace("ann", "bob"))
    return SimpleNamespace(ann=ann[0], ann_there=ann[1], bob=bob)


@pytest.fixture
def types(both: Any, unique: Unique) -> Any:
    """Types that both servers have, and types that only the source has."""
    creature, rigging = unique("Creature"), unique("Rigging")
    asset = both(gazu.asset.new_asset_type, creature)
    task = both(gazu.task.new_task_type, rigging)
    return SimpleNamespace(
        asset=asset[0],
        asset_there=asset[1],
        task=task[0],
        task_there=task[1],
        odd_asset=gazu.asset.new_asset_type(unique("Odd")),
        odd_task=gazu.task.new_task_type(unique("Odd")),
    )


@pytest.fixture
def there(target: KitsuClient, project: Any) -> Any:
    """The project at the target."""
    return gazu.project.new_project(project["name"], production_type="tvshow", client=target)


@pytest.fixture
def show(project: Any, types: Any, people: Any) -> Any:
    """A TV show at the source."""
    made = SimpleNamespace(project=project)
    made.episode = gazu.shot.new_episode(project, "E01")
    made.tree = gazu.asset.new_asset(project, types.asset, "Tree", episode=made.episode, extra_data={"size": 3})
    made.axe = gazu.asset.new_asset(project, types.asset, "Axe")
    made.odd = gazu.asset.new_asset(project, types.odd_asset, "Odd")
    gazu.asset.update_asset({"id": made.tree["id"], "parent_id": made.odd["id"]})
    gazu.asset.update_asset({"id": made.axe["id"], "parent_id": made.tree["id"], "ready_for": types.task["id"]})
    made.sequence = gazu.shot.new_sequence(project, "SQ1", episode=made.episode)
    made.shot = gazu.shot.new_shot(project, made.sequence, "SH1", nb_frames=9, frame_in=1, frame_out=9)
    made.scene = gazu.client.post(
        f"data/projects/{project['id']}/scenes", {"name": "SC1", "sequence_id": made.sequence["id"]}
    )
    gazu.shot.update_shot({"id": made.shot["id"], "source_id": made.scene["id"]})
    casting = [
        {"asset_id": made.tree["id"], "nb_occurences": 3, "label": "animate"},
        {"asset_id": made.odd["id"], "nb_occurences": 1},
    ]
    gazu.casting.update_shot_casting(project, made.shot, casting)
    return made


@pytest.fixture
def task(show: Any, there: Any, types: Any, people: Any, clients: Any) -> Any:
    """A task of the tree, at both servers."""
    made = gazu.task.new_task(show.tree, types.task, assigner=people.ann, assignees=[people.ann, people.bob])
    gazu.sync.push_episodes(show.project, there, *clients)
    gazu.sync.push_assets(show.project, there, *clients)
    gazu.sync.push_tasks(show.project, there, status("todo", clients[1]), *clients)
    return made


@pytest.fixture
def maps(clients: Any, people: Any) -> Any:
    """The maps of task statuses and of people."""
    return gazu.sync.get_sync_task_status_id_map(*clients), gazu.sync.get_sync_person_id_map(*clients)


def status(short_name: str, client: KitsuClient) -> Any:
    return gazu.task.get_task_status_by_short_name(short_name, client=client)


def ids(rows: Any) -> List[str]:
    return sorted(row["id"] for row in rows)


def comments(task: Any, client: KitsuClient) -> Any:
    """The comments of a task, the oldest first."""
    return sorted(gazu.task.all_comments_for_task(task, client=client), key=lambda row: row["created_at"])


def write(path: Path, content: bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(path)


# -- events --------------------------------------------------------------------
def test_last_events(project: Any, unique: Unique) -> None:
    kind = gazu.asset.new_asset_type(unique("Creature"))
    before = gazu.sync.get_last_events(1)
    asset = gazu.asset.new_asset(project, kind, "Tree")
    events = gazu.sync.get_last_events(project=project["id"])
    assert [event["data"].get("asset_id") for event in events if event["name"] == "asset:new"] == [asset["id"]]
    assert {event["project_id"] for event in events} == {project["id"]}
    assert gazu.sync.get_last_events(project=project, name="asset:new") == [
        event for event in events if event["name"] == "asset:new"
    ]
    assert gazu.sync.get_last_events(limit=1, project=project) == events[:1]
    assert before[0]["id"] not in [event["id"] for event in events]
    today = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    tomorrow = today + datetime.timedelta(days=1)
    assert gazu.sync.get_last_events(project=project, before=tomorrow, after="2024-01-31") == events
    assert gazu.sync.get_last_events(project=project, after=tomorrow) == []
    assert gazu.sync.get_last_events(project=project, before=(today - datetime.timedelta(days=1)).date()) == []


def test_last_events_of_files(project: Any, types: Any, tmp_path: Path) -> None:
    asset = gazu.asset.new_asset(project, types.asset, "Tree")
    task = gazu.task.new_task(asset, types.task)
    picture = write(tmp_path / "tree.png", PIXEL)
    _, preview = gazu.task.publish_preview(task, status("wip", gazu.client.default_client), preview_file_path=picture)
    events = gazu.sync.get_last_events(project=project, only_files=True)
    assert [event["name"] for event in events] == ["preview-file:add-file"]
    assert events[0]["data"]["preview_file_id"] == preview["id"]


def test_more_events_than_the_server_gives_at_once(project: Any, types: Any) -> None:
    row = {**gazu.asset.new_asset(project, types.asset, "Tree"), "type": "Asset"}
    wanted = 1010
    gazu.sync.import_entities([row] * (wanted - len(gazu.sync.get_last_events(wanted))))
    events = gazu.sync.get_last_events(wanted)
    assert len(events) == len({event["id"] for event in events}) == wanted
    around = {"cursor_event_id": events[990]["id"], "limit": 19}
    assert gazu.client.fetch_all("events/last", params=around) == events[991:]
    assert len(gazu.sync.get_last_events(wanted - 5)) == wanted - 5


def test_last_events_as_they_were_asked_for(project: Any, source: KitsuClient) -> None:
    with pytest.warns(DeprecationWarning):
        events = gazu.sync.get_last_events(page_size=1, project=project)  # type: ignore[call-arg]
    assert len(events) == 1
    with pytest.warns(DeprecationWarning):
        assert gazu.sync.get_last_events(1, project, None, None, False, source) == events  # type: ignore[arg-type]


# -- maps ----------------------------------------------------------------------
def test_maps(both: Any, clients: Any, people: Any, types: Any, unique: Unique) -> None:
    sync = gazu.sync
    assert sync.get_sync_asset_type_id_map(*clients)[types.asset["id"]] == types.asset_there["id"]
    assert types.odd_asset["id"] not in sync.get_sync_asset_type_id_map(*clients)
    assert sync.get_sync_task_type_id_map(*clients)[types.task["id"]] == types.task_there["id"]
    assert types.odd_task["id"] not in sync.get_sync_task_type_id_map(*clients)
    here, there = both(gazu.person.new_department, unique("Rigging"))
    assert sync.get_sync_department_id_map(*clients)[here["id"]] == there["id"]
    found = sync.get_sync_person_id_map(*clients)
    assert found[people.ann["id"]] == people.ann_there["id"]
    assert people.bob["id"] not in found
    here, there = both(gazu.project.new_project, unique("Show"))
    assert sync.get_sync_project_id_map(*clients)[here["id"]] == there["id"]
    here, there = both(gazu.task.new_task_status, unique("Ready"), unique("r"), "#123456")
    assert sync.get_sync_task_status_id_map(*clients)[here["id"]] == there["id"]
    assert sync.convert_id_list([here["id"]], sync.get_sync_task_status_id_map(*clients)) == [there["id"]]
    with pytest.raises(KeyError):
        sync.convert_id_list([NOT_THERE], {here["id"]: there["id"]})


def test_maps_of_lists(project: Any, types: Any) -> None:
    for name in ("Tree", "tree", "Bush"):
        gazu.asset.new_asset(project, types.asset, name)
    rows = gazu.asset.all_assets_for_project(project)
    of_name = {row["name"]: row["id"] for row in rows}
    assert gazu.sync.get_id_map_by_name(rows, rows) == of_name
    assert gazu.sync.get_id_map_by_id(rows, rows) == {row["id"]: row["id"] for row in rows}
    others = [{"id": "b", "name": "BUSH", "code": None}, {"id": "x", "name": None, "code": None}]
    assert gazu.sync.get_id_map_by_id(others, rows) == {"b": of_name["Bush"]}
    assert gazu.sync.get_id_map_by_id(others, rows, field="code") == {}
    assert gazu.sync.get_id_map_by_name(iter(rows), iter(others)) == {"Bush": "b"}


# -- imports and comparisons ---------------------------------------------------
def test_imports_and_comparisons(show: Any, there: Any, types: Any, target: KitsuClient) -> None:
    sync, known = gazu.sync, {"project_id": there["id"], "created_by": None}
    row = {**gazu.asset.get_asset(show.axe), "entity_type_id": types.asset_there["id"]}
    asset = {
        "id": row["id"],
        "name": "Axe",
        "type": "Asset",
        "entity_type_id": types.asset_there["id"],
        "data": {},
        **known,
    }
    shot = {"id": show.shot["id"], "name": "SH1", "type": "Shot", "data": {"frame_in": 1}, **known}
    assert ids(sync.import_entities(iter([asset, shot]), client=target)) == ids([asset, shot])
    assert [row["data"] for row in gazu.shot.all_shots_for_project(there, client=target)] == [{"frame_in": 1}]
    copy = gazu.asset.get_asset(row["id"], client=target)
    assert (copy["name"], copy["project_id"]) == ("Axe", there["id"])
    assert not sync.is_changed(row, copy)
    gazu.asset.update_asset({"id": row["id"], "description": "sharp"})
    assert sync.is_changed({**gazu.asset.get_asset(row["id"]), "updated_at": "2999-01-01T00:00:00"}, copy)
    rows = gazu.asset.all_assets_for_project(show.project)
    copies = gazu.asset.all_assets_for_project(there, client=target)
    missing, odd = sync.get_model_list_diff(rows, copies)
    assert (ids(missing), odd) == (ids([show.tree, show.odd]), [])
    assert sync.get_model_list_diff(copies, rows, id_field="name") == ([], missing)

    links = [link for link in gazu.casting.all_entity_links_for_project(show.project)]
    link = next(link for link in links if link["entity_in_id"] == shot["id"] and link["nb_occurences"] == 3)
    link = {**link, "entity_out_id": asset["id"]}
    for _ in range(2):
        assert sync.import_entity_links([link], client=target)[0]["id"] == link["id"]
        copied = gazu.casting.all_entity_links_for_project(there, client=target)
        assert [(row["id"], row["nb_occurences"], row["label"]) for row in copied] == [(link["id"], 3, "animate")]
    missing, odd = sync.get_link_list_diff(links, copied)
    assert (ids(missing), ids(odd)) == (ids(links), ids([link]))
    assert sync.get_link_list_diff(copied, [{**copied[0], "id": NOT_THERE}]) == ([], [])

    wip = status("wip", target)
    task = {"id": NOT_THERE[:-1] + there["id"][-1], "name": "main", "entity_id": asset["id"], **known}
    del task["created_by"]
    task.update(task_type_id=types.task_there["id"], task_status_id=wip["id"], assignees=[], type="Task")
    for _ in range(2):
        assert ids(sync.import_tasks([task], client=target)) == [task["id"]]
        assert ids(gazu.task.all_tasks_for_project(there, client=target)) == [task["id"]]
    assert sync.import_tasks([], client=target) == []


def test_imports_of_what_refers_to_nothing(there: Any, types: Any, target: KitsuClient) -> None:
    row = {"id": NOT_THERE, "name": "Axe", "project_id": there["id"], "entity_type_id": NOT_THERE, "type": "Asset"}
    with pytest.raises(ParameterException, match="entity_type_id"):
        gazu.sync.import_entities([row], client=target)
    with pytest.raises(ParameterException, match="entity_id"):
        gazu.sync.import_tasks([{"id": NOT_THERE, "name": "main", "entity_id": NOT_THERE}], client=target)
    with pytest.raises(ParameterException, match="entity_out_id"):
        link = {"id": NOT_THERE, "entity_in_id": NOT_THERE, "entity_out_id": NOT_THERE, "type": "EntityLink"}
        gazu.sync.import_entity_links([link], client=target)
    with pytest.raises(ValueError, match="Wrong format"):
        gazu.sync.push_episodes("E01", there, gazu.client.default_client, target)
    with pytest.raises(ValueError, match="yesterday"):
        gazu.sync.get_last_events(after="yesterday")


# -- a whole production ----------------------------------------------------------
@pytest.fixture
def production(source: KitsuClient, tmp_path: Path, box: Any, unique: Unique) -> Any:
    """A small TV show with everything in it."""
    seed = int(uuid.uuid4())
    made = Show(source, tmp_path, box.ffmpeg, seed).make(assets=3, shots=6, tasks=12, comments=16, files=6, movies=1)
    yield made
    team = [row for row in gazu.person.all_persons() if row["email"].endswith(made["data"]["code"] + "@example.com")]
    for person in team:  # a server has a limit for those who are at work
        gazu.person.update_person({"id": person["id"], "active": False})


def push_project(project: Any, clients: Any, **options: Any) -> Any:
    source, target = clients
    return gazu.sync.push_project(project, source=source, target=target, **options)


def unlike(production: Any, clients: Any, box: Any, tmp_path: Path) -> List[str]:
    """What the two servers show differently of a production."""
    here, there = (Side(client, production["id"], box.ffmpeg) for client in clients)
    return differences(here, there, tmp_path)


def total(report: Any, what: str) -> int:
    return sum(count[what] for count in report["counts"].values())


@pytest.fixture
def sent(target: KitsuClient, monkeypatch: Any) -> List[Any]:
    """The methods and paths of the requests to the target."""
    requests: List[Any] = []
    session = target.session
    send = type(session).send

    def noting(self: Any, request: Any, **options: Any) -> Any:
        if self is session:
            requests.append((request.method, request.path_url.rstrip("/")))
        return send(self, request, **options)

    monkeypatch.setattr(type(session), "send", noting)
    return requests


def test_push_a_production_as_a_dry_run_says(
    production: Any, clients: Any, target: KitsuClient, sent: List[Any], box: Any, tmp_path: Path
) -> None:
    """A dry run writes nothing, and reports what the push after it does, to the last number."""
    seen: List[Any] = []

    def pushed_as_said(**options: Any) -> Any:
        sent.clear()
        said = push_project(production, clients, dry_run=True, **options)
        assert {method for method, _ in sent} == {"GET"}
        assert ("GET", "/api") not in sent, "its version is known"
        assert push_project(production, clients, **options) == said
        return said

    before = gazu.project.all_projects(client=target)
    push_project(production["id"], clients, workers=3, dry_run=True, progress_callback=lambda *row: seen.append(row))
    assert gazu.project.all_projects(client=target) == before
    assert seen == sorted(seen) and seen[-1][0] == seen[-1][1] > 100
    planned, seen[:] = list(seen), []
    report = pushed_as_said(workers=3, progress_callback=lambda *row: seen.append(row))
    assert [one for one in seen if one[0] == one[1]] == 2 * planned[-1:]
    assert report["failed"] == []
    assert report["project_id"] == production["id"]
    assert report["counts"]["comments"] == {"created": 16, "updated": 0, "skipped": 0}
    assert report["counts"]["preview_uploads"]["created"] == 4
    assert report["counts"]["persons"]["created"] == 6
    assert unlike(production, clients, box, tmp_path) == []

    shots = gazu.shot.all_shots_for_project(production)
    gazu.shot.update_shot({"id": shots[0]["id"], "description": "of today"})
    asset = gazu.asset.all_assets_for_project(production)[0]
    gazu.asset.new_asset(production, {"id": asset["entity_type_id"]}, "of today")
    task = gazu.task.all_tasks_for_project(production)[0]
    picture = write(tmp_path / "today" / "tree.png", PIXEL)
    wip = status("wip", gazu.client.default_client)
    arguments: Any = {"attachments": [picture], "preview_file_path": picture, "set_thumbnail": True}
    gazu.task.publish_preview(task, wip, "today", **arguments)
    counts = pushed_as_said(target_project=production["id"])["counts"]
    made = {kind: count["created"] for kind, count in counts.items() if count["created"]}
    assert made.pop("news", 1) == 1
    assert made == {"assets": 1, "preview_files": 1, "preview_uploads": 1, "comments": 1, "attachment_files": 1}
    assert (counts["shots"]["updated"], counts["main_previews"]["updated"]) == (1, 1)
    again = push_project(production, clients)
    assert (total(again, "created"), total(again, "updated"), again["failed"]) == (0, 0, [])
    # The data of a preview is null where it was published, and empty where it was imported.
    assert [one for one in unlike(production, clients, box, tmp_path) if "'data': (None, {})" not in one] == []


class CutOff(BaseException):
    """What ends a process."""


def test_push_a_production_that_is_interrupted(
    production: Any, clients: Any, box: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    """The server has done what it does, but nobody gets the response: the next push finds it, and doubles nothing."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    cuts: List[Any] = []
    for name, number in (("post", 3), ("post", 9), ("upload", 2), ("upload", 9), ("delete", 1), ("post", 1)):
        do, left = getattr(gazu.client, name), [number]

        def cut(*args: Any, do: Any = do, left: List[int] = left, **options: Any) -> Any:
            answer = do(*args, **options)
            left[0] -= 1
            if left[0] == 0:
                raise CutOff
            return answer

        with monkeypatch.context() as patch:
            patch.setattr(gazu.client, name, cut)
            with contextlib.suppress(CutOff):
                push_project(production, clients, workers=2)
        cuts.append(left[0] <= 0)
        assert os.listdir(temporary) == []
    assert cuts[:4] == [True] * 4, "whether there was something to delete, or to post at last, depends on the threads"
    assert push_project(production, clients)["failed"] == []
    assert unlike(production, clients, box, tmp_path) == []


def test_push_a_production_on_processes(production: Any, clients: Any, box: Any, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        said = push_project(production, clients, workers=2, executor=pool, dry_run=True)
        report = push_project(production, clients, workers=2, executor=pool)
    assert report["failed"] == [] and said == report
    assert unlike(production, clients, box, tmp_path) == []


def test_what_cannot_be_pushed_is_reported(show: Any, clients: Any) -> None:
    """The target has another playlist of that name: all else is there."""
    production, target = show.project, clients[1]
    playlist = gazu.playlist.new_playlist(production, "Daily", episode=show.episode)
    there = gazu.project.new_project(production["name"] + " there", client=target)
    push_project(production, clients, target_project=there)
    gazu.client.delete(f"data/playlists/{playlist['id']}", client=target)
    same = {"name": playlist["name"], "project_id": there["id"], "episode_id": playlist["episode_id"]}
    own = gazu.client.create("playlists", same, client=target)
    said = push_project(production, clients, target_project=there["id"], dry_run=True)
    assert said["failed"] == [], "a refusal of the target shows when the row is sent"
    report = push_project(production, clients, target_project=there["id"])
    assert report["project_id"] == there["id"]
    assert [(row["kind"], row["id"]) for row in report["failed"]] == [("playlists", playlist["id"])]
    assert "playlist_uc" in report["failed"][0]["reason"]
    assert [row["id"] for row in gazu.playlist.all_playlists_for_project(there, client=target)] == [own["id"]]
    assert total(report, "created") == 0


def test_push_a_production_without_the_right(project: Any, artist: Any, clients: Any) -> None:
    production, target = project, clients[1]
    before = gazu.project.all_projects(client=target)
    with pytest.raises(NotAllowedException, match="administrator"):
        push_project(production, (artist.client, target), dry_run=True)
    with pytest.raises(NotAllowedException, match="administrator"):
        push_project(production, (artist.client, target))
    with pytest.raises(NotAllowedException, match="administrator"):
        push_project(production, (target, artist.client))
    with pytest.raises(ProjectDoesntExistException):
        push_project(NOT_THERE, clients)
    with pytest.raises(ProjectDoesntExistException):
        push_project(production, clients, target_project=NOT_THERE)
    with pytest.raises(ValueError, match="workers"):
        push_project(production, clients, workers=0)
    assert gazu.project.all_projects(client=target) == before


# -- a second push -------------------------------------------------------------
@pytest.fixture
def push(show: Any, clients: Any) -> Callable[[], Any]:
    """Push the show, in which nothing may fail, and return the counts."""

    def push() -> Any:
        report = push_project(show.project, clients, workers=2)
        assert report["failed"] == []
        return report["counts"]

    return push


@pytest.fixture
def remark(show: Any, types: Any, source: KitsuClient) -> Any:
    """A comment on a task of the tree, at the source."""
    task = gazu.task.new_task(show.tree, types.task)
    return gazu.task.add_comment(task, status("wip", source), "Look")


def changed(counts: Any) -> Any:
    """Return what was created and updated."""
    return {
        kind: (count["created"], count["updated"])
        for kind, count in counts.items()
        if count["created"] or count["updated"]
    }


def whole_comment(comment: Any, client: KitsuClient) -> Any:
    return gazu.client.fetch_first("comments", {"id": comment["id"], "relations": "true"}, client=client)


REFERS = ("previews", "mentions", "acknowledgements", "department_mentions")


def test_what_is_taken_off_a_comment_goes(
    remark: Any, people: Any, target: KitsuClient, push: Any, tmp_path: Path, unique: Unique
) -> None:
    department = gazu.person.new_department(unique("Rigging"))
    preview = gazu.task.add_preview(remark["object_id"], remark, write(tmp_path / "tree.png", PIXEL))
    gazu.files.wait_for_preview_file(preview, poll_interval=0.2)
    row = {"id": remark["id"], "acknowledgements": [people.ann["id"]], "department_mentions": [department["id"]]}
    gazu.client.post("import/kitsu/comments?silent=true", [row])
    gazu.client.post("import/kitsu/comments?silent=true", [{"id": remark["id"], "mentions": [people.ann["id"]]}])
    push()
    copy = whole_comment(remark, target)
    assert [len(copy[name]) for name in REFERS] == [1, 1, 1, 1]
    assert changed(push()) == {}

    gazu.client.post("import/kitsu/comments?silent=true", [{"id": remark["id"], **{name: [] for name in REFERS}}])
    assert changed(push()) == {"comments": (0, 1)}
    copy = whole_comment(remark, target)
    assert [copy[name] for name in REFERS] == [[], [], [], []]
    assert gazu.files.get_preview_file(preview["id"], client=target)["status"] == "ready", "nothing is deleted"
    assert changed(push()) == {}


def test_people_stay_mentioned_when_departments_change(
    remark: Any, people: Any, target: KitsuClient, push: Any, unique: Unique
) -> None:
    """The server forgets the people who are mentioned when the departments are sent."""
    department = gazu.person.new_department(unique("Rigging"))
    gazu.client.post("import/kitsu/comments?silent=true", [{"id": remark["id"], "mentions": [people.ann["id"]]}])
    push()
    for departments in ([department["id"]], []):
        gazu.client.post(
            "import/kitsu/comments?silent=true", [{"id": remark["id"], "department_mentions": departments}]
        )
        gazu.client.post("import/kitsu/comments?silent=true", [{"id": remark["id"], "mentions": [people.ann["id"]]}])
        assert changed(push())["comments"] == (0, 1)
        copy = whole_comment(remark, target)
        assert (copy["mentions"], len(copy["department_mentions"])) == ([people.ann_there["id"]], len(departments))
        assert changed(push()) == {}


def test_a_preview_that_was_broken_at_the_source(
    remark: Any, target: KitsuClient, push: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    preview = gazu.task.add_preview(remark["object_id"], remark, write(tmp_path / "tree.png", PIXEL))
    gazu.files.wait_for_preview_file(preview, poll_interval=0.2)
    gazu.client.update("preview-files", preview["id"], {"status": "broken"})
    for _ in range(2):
        assert "preview_uploads" not in push()
        assert gazu.files.get_preview_file(preview["id"], client=target)["status"] == "broken"
    gazu.client.update("preview-files", preview["id"], {"status": "ready"})
    assert push()["preview_uploads"]["created"] == 1
    copy = gazu.files.get_preview_file(preview["id"], client=target)
    assert (copy["status"], copy["original_name"]) == ("ready", "tree")
    gazu.files.download_preview_file(copy, str(tmp_path / "copied.png"), client=target)
    assert (tmp_path / "copied.png").read_bytes()[:4] == PIXEL[:4]
    assert "preview_uploads" not in push()


def test_a_preview_that_the_target_cannot_read(
    show: Any, remark: Any, clients: Any, tmp_path: Path, box: Any, monkeypatch: Any
) -> None:
    """It is sent once, and reported each time."""
    movie, sent = str(tmp_path / "walk.mp4"), []
    picture = ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=24:duration=1", "-pix_fmt", "yuv420p"]
    subprocess.run([box.ffmpeg, "-y", *picture, movie], check=True, stderr=subprocess.DEVNULL)
    preview = gazu.task.add_preview(remark["object_id"], remark, movie)
    gazu.files.wait_for_preview_file(preview, poll_interval=0.2)
    upload = gazu.client.upload

    def uploaded(path: str, *args: Any, **options: Any) -> Any:
        sent.append(path)
        return upload(path, *args, **options)

    monkeypatch.setattr(gazu.client, "download", lambda _, path, **options: write(Path(path), b"no movie"))
    monkeypatch.setattr(gazu.client, "upload", uploaded)
    for _ in range(3):
        report = push_project(show.project, clients)
        assert [(row["kind"], row["id"]) for row in report["failed"]] == [("preview_uploads", preview["id"])]
        assert report["failed"][0]["reason"] == "the target could not read the file"
    assert len(sent) == 1


def test_what_changed_is_seen_at_once(show: Any, remark: Any, target: KitsuClient, push: Any) -> None:
    """The server remembers what it was asked for: of each row that changed, and sends an event of it."""

    def events() -> List[str]:
        found = gazu.sync.get_last_events(project=show.project, client=target)
        return sorted(row["name"] for row in found if row["name"].endswith(":update"))

    def seen() -> Any:
        return (
            gazu.shot.get_shot(show.shot, client=target)["nb_frames"],
            gazu.shot.get_sequence(show.sequence, client=target)["description"],
            gazu.asset.get_asset(show.tree, client=target)["description"],
            gazu.task.get_task(remark["object_id"], client=target)["estimation"],
        )

    push()
    assert events() == []
    assert seen() == (9, show.sequence["description"], show.tree["description"], 0)
    gazu.shot.update_shot({"id": show.shot["id"], "nb_frames": 77})
    gazu.asset.update_asset({"id": show.tree["id"], "description": "tall"})
    gazu.task.update_task({"id": remark["object_id"], "estimation": 99})
    row = gazu.client.fetch_first("entities", {"id": show.sequence["id"]})
    gazu.sync.import_entities([{**row, "description": "dark", "data": None, "entities_out": None}])
    maker = gazu.client.fetch_first("entities", {"id": show.shot["id"]}, client=target)["created_by"]

    expected = {"assets": (0, 1), "sequences": (0, 1), "shots": (0, 1), "tasks": (0, 1)}
    assert changed(push()) == expected
    assert seen() == (77, "dark", "tall", 99)
    copy = gazu.client.fetch_first("entities", {"id": show.shot["id"]}, client=target)
    assert (copy["created_by"], copy["created_at"]) == (maker, show.shot["created_at"])
    once = ["asset:update", "sequence:update", "shot:update", "task:update"]
    assert events() == once
    assert changed(push()) == {}
    assert events() == once


def test_a_casting_that_was_edited(show: Any, target: KitsuClient, push: Any) -> None:
    """The source has made its links again: they are those that the target has."""
    project = show.project
    assert push()["entity_links"]["created"] == len(gazu.casting.all_entity_links_for_project(project))
    casting = [
        {"asset_id": show.tree["id"], "nb_occurences": 5, "label": "fixed"},
        {"asset_id": show.odd["id"], "nb_occurences": 1},
        {"asset_id": show.axe["id"], "nb_occurences": 1},
    ]
    before = gazu.casting.all_entity_links_for_project(project)
    gazu.casting.update_shot_casting(project, show.shot, casting)
    links = gazu.casting.all_entity_links_for_project(project)
    made, _ = gazu.sync.get_model_list_diff(links, before)
    new, _ = gazu.sync.get_link_list_diff(links, before)
    assert len(made) > len(new) >= 1
    assert changed(push())["entity_links"] == (len(new), len(made) - len(new))
    assert ids(gazu.casting.all_entity_links_for_project(project, client=target)) == ids(links)
    cast = gazu.casting.get_shot_casting(show.shot, client=target)
    assert sorted(row["nb_occurences"] for row in cast) == [1, 1, 5]
    assert changed(push()) == {}


# -- entities ------------------------------------------------------------------
def test_push_entities_one_kind_after_the_other(show: Any, there: Any, types: Any, people: Any, clients: Any) -> None:
    target, servers = clients[1], (show.project["id"], there["id"], *clients)
    assert ids(gazu.sync.push_episodes(*servers)) == [show.episode["id"]]
    assert ids(gazu.sync.push_assets(*servers)) == ids([show.tree, show.axe])
    assert ids(gazu.sync.push_sequences(*servers)) == [show.sequence["id"]]
    assert ids(gazu.sync.push_shots(*servers)) == [show.shot["id"]]
    links = gazu.sync.push_entity_links(*servers)
    assert show.odd["id"] not in [link["entity_out_id"] for link in links]

    tree, axe = (gazu.asset.get_asset(row, client=target) for row in (show.tree, show.axe))
    assert (tree["episode_id"], tree["data"], tree["name"]) == (show.episode["id"], {"size": 3}, "Tree")
    assert (axe["parent_id"], axe["ready_for"], tree["parent_id"]) == (tree["id"], types.task_there["id"], None)
    assert axe["entity_type_id"] == types.asset_there["id"]
    assert axe["created_at"] == show.axe["created_at"]
    shot = gazu.shot.get_shot(show.shot, client=target)
    assert (shot["sequence_id"], shot["episode_id"]) == (show.sequence["id"], show.episode["id"])
    assert (shot["nb_frames"], shot["frame_out"], shot["source_id"]) == (9, 9, None)
    cast = gazu.casting.get_shot_casting(shot, client=target)
    assert [(row["asset_id"], row["nb_occurences"], row["label"]) for row in cast] == [(tree["id"], 3, "animate")]


def test_push_entities_of_makers_who_are_known_or_not(
    show: Any, there: Any, people: Any, clients: Any, source: KitsuClient
) -> None:
    for maker, kept in ((people.ann, people.ann_there["id"]), (people.bob, None)):
        row = next(r for r in gazu.shot.all_episodes_for_project(show.project) if r["id"] == show.episode["id"])
        gazu.sync.import_entities([{**row, "created_by": maker["id"]}])
        gazu.sync.push_episodes(show.project, there, *clients)
        copies = gazu.shot.all_episodes_for_project(there, client=clients[1])
        assert [copy["created_by"] for copy in copies if copy["id"] == row["id"]] == [kept]


def test_push_project_twice(show: Any, there: Any, types: Any, clients: Any) -> None:
    target, servers = clients[1], (show.project, there, *clients)
    pushed = gazu.sync.push_project_entities(*servers)
    assert {kind: ids(rows) for kind, rows in pushed.items() if kind != "entity_links"} == {
        "episodes": [show.episode["id"]],
        "assets": ids([show.tree, show.axe]),
        "sequences": [show.sequence["id"]],
        "shots": [show.shot["id"]],
    }
    # The target goes on: it casts an asset of its own, and the source changes something.
    own = gazu.asset.new_asset(there, types.asset_there, "Own", client=target)
    casting = [
        {"asset_id": show.tree["id"], "nb_occurences": 3, "label": "animate"},
        {"asset_id": own["id"], "nb_occurences": 1},
    ]
    gazu.casting.update_shot_casting(there, show.shot, casting, client=target)
    gazu.shot.update_shot({"id": show.shot["id"], "description": "closer"})
    gazu.sync.push_shots(*servers)
    gazu.sync.push_project_entities(*servers)

    assert gazu.shot.get_shot(show.shot, client=target)["description"] == "closer"
    cast = gazu.casting.get_shot_casting(gazu.shot.get_shot(show.shot, client=target), client=target)
    assert sorted((row["asset_id"], row["nb_occurences"]) for row in cast) == sorted(
        [(show.tree["id"], 3), (own["id"], 1)]
    )
    assert ids(gazu.asset.all_assets_for_project(there, client=target)) == ids([show.tree, show.axe, own])
    assert ids(gazu.shot.all_shots_for_project(there, client=target)) == [show.shot["id"]]
    assert ids(gazu.shot.all_sequences_for_project(there, client=target)) == [show.sequence["id"]]


def test_push_project_that_is_no_tv_show_any_more(show: Any, there: Any, clients: Any) -> None:
    gazu.project.update_project({"id": show.project["id"], "production_type": "short"})
    pushed = gazu.sync.push_project_entities(gazu.project.get_project(show.project["id"]), there, *clients)
    assert gazu.shot.get_shot(show.shot, client=clients[1])["episode_id"] == ids(pushed["episodes"])[0]


# -- tasks ---------------------------------------------------------------------
def test_push_tasks(show: Any, there: Any, task: Any, types: Any, people: Any, clients: Any) -> None:
    source, target = clients
    gazu.task.new_task(show.axe, types.odd_task)
    gazu.task.new_task(show.odd, types.task)
    gazu.task.update_task({"id": task["id"], "estimation": 90, "due_date": "2024-02-29", "data": {"hard": True}})
    pushed = gazu.sync.push_tasks(show.project, there["id"], status("todo", target)["id"], *clients)
    assert ids(pushed) == [task["id"]]
    copy = gazu.task.get_task(task, client=target)
    assert (copy["entity_id"], copy["task_type_id"]) == (show.tree["id"], types.task_there["id"])
    assert (copy["estimation"], copy["due_date"][:10], copy["data"]) == (90, "2024-02-29", {"hard": True})
    assert (copy["assigner_id"], ids(copy["persons"])) == (people.ann_there["id"], [people.ann_there["id"]])
    assert copy["task_status_id"] == status("todo", target)["id"]

    # What it has become stays.
    gazu.task.add_comment(task, status("retake", source), "again")
    gazu.sync.push_tasks_comments(show.project, *clients)
    gazu.sync.push_tasks(show.project, there, status("todo", target), *clients)
    copy = gazu.task.get_task(task, client=target)
    assert (copy["task_status_id"], copy["retake_count"]) == (status("retake", target)["id"], 1)
    assert ids(gazu.task.all_tasks_for_project(there, client=target)) == [task["id"]]


# -- comments ------------------------------------------------------------------
@pytest.fixture
def said(task: Any, people: Any, source: KitsuClient, tmp_path: Path) -> Any:
    """A comment with everything, at the source."""
    attachments = [
        write(tmp_path / "1" / "take #2? (ü).txt", b"one\r\n\x00\xff"),
        write(tmp_path / "2" / "notes.txt", b"two" * 1000),
        write(tmp_path / "3" / "notes.txt", b""),
        write(tmp_path / "4" / "README", b"four"),
    ]
    comment = gazu.task.add_comment(
        task,
        status("wfa", source),
        "Look at @Ann Lee's tree:\r\n* é 100% #1\n ",
        person=people.ann,
        checklist=[{"text": "leaves", "checked": True}, {"text": "roots", "checked": False}],
        attachments=attachments,
        created_at="2024-01-31T10:20:30",
        links=["https://example.com/a?b=c"],
        for_client=True,
    )
    path = f"actions/tasks/{task['id']}/comments/{comment['id']}/add-attachment"
    gazu.client.upload(path, files={"file": ("no/tes.txt", io.BytesIO(b"five"))})
    preview = gazu.task.add_preview(task, comment, write(tmp_path / "beauty pass #1.png", PIXEL), revision=7)
    gazu.task.add_extra_preview(task, comment, preview, write(tmp_path / "sheet.pdf", b"%PDF-1.4\n%%EOF\n"))
    for row in gazu.files.get_all_preview_files_for_task(task):
        gazu.files.wait_for_preview_file(row, poll_interval=0.2)
    drawn = {"time": 0, "drawing": {"objects": []}}
    gazu.files.update_preview(preview, {"annotations": [drawn], "validation_status": "validated"})
    gazu.task.update_comment({"id": comment["id"], "pinned": True})
    gazu.task.reply_to_comment(comment, "Fine")
    return comments(task, source)[-1]


def digests(comment: Any, client: KitsuClient, tmp_path: Path) -> Any:
    """The names and contents of the attachments of a comment."""
    found = []
    for number, row in enumerate(comment["attachment_files"]):
        path = tmp_path / f"got {number}"
        gazu.files.download_attachment_file(row, str(path), client=client)
        found.append((row["name"], hashlib.sha256(path.read_bytes()).hexdigest()))
    return sorted(found)


def test_push_a_comment(task: Any, said: Any, maps: Any, people: Any, clients: Any, tmp_path: Path) -> None:
    source, target = clients
    work = tmp_path / "work" / "deep"
    assert gazu.sync.push_task_comment(*maps, task, said, *clients, tmp_path=work) == said
    assert os.listdir(work) == []
    (copy,) = comments(task, target)
    for field in ("text", "created_at", "checklist", "links", "for_client", "pinned"):
        assert copy[field] == said[field], field
    assert copy["person_id"] == people.ann_there["id"]
    assert copy["task_status_id"] == status("wfa", target)["id"]
    assert [reply["text"] for reply in copy["replies"]] == ["Fine"]
    assert digests(copy, target, tmp_path) == digests(said, source, tmp_path)
    assert len(copy["attachment_files"]) == 5

    shown = sorted(copy["previews"], key=lambda row: row["position"])
    assert [(row["original_name"], row["extension"], row["revision"]) for row in shown] == [
        ("beauty pass #1", "png", 7),
        ("sheet", "pdf", 7),
    ]
    assert (shown[0]["validation_status"], shown[0]["annotations"][0]["time"]) == ("validated", 0)
    assert {row["status"] for row in shown} == {"ready"}
    gazu.files.download_preview_file(shown[1], str(tmp_path / "sheet"), client=target)
    assert (tmp_path / "sheet").read_bytes() == b"%PDF-1.4\n%%EOF\n"
    assert gazu.task.get_task(task, client=target)["task_status_id"] == status("wfa", target)["id"]

    assert gazu.sync.push_task_comment(*maps, task["id"], said, *clients) is None
    assert comments(task, target) == [copy]


def test_push_a_comment_of_somebody_else(task: Any, said: Any, maps: Any, people: Any, clients: Any) -> None:
    other = gazu.person.new_person("Cy", "Fox", people.ann["email"].replace("ann", "cy"), client=clients[1])
    for _ in range(2):
        gazu.sync.push_task_comment(*maps, task, said, *clients, author_id=other["id"])
        (copy,) = comments(task, clients[1])
        assert copy["person_id"] == other["id"]
    assert gazu.sync.push_task_comment({}, maps[1], task, said, *clients) is None
    assert len(comments(task, clients[1])) == 1


def test_push_a_comment_given_with_ids(task: Any, said: Any, maps: Any, clients: Any, tmp_path: Path) -> None:
    row = {**gazu.task.get_comment(said["id"]), "attachment_files": ids(said["attachment_files"])}
    assert isinstance(row["previews"][0], str)
    for _ in range(2):
        gazu.sync.push_task_comment(*maps, task, row, *clients)
        (copy,) = comments(task, clients[1])
        assert digests(copy, clients[1], tmp_path) == digests(said, clients[0], tmp_path)
        assert len(copy["previews"]) == 2


def test_push_a_comment_that_got_stuck(
    task: Any, said: Any, maps: Any, clients: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    """Whatever fails on the way: the next push completes it."""
    target, temporary = clients[1], tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    steps = [
        (gazu.files, "download_preview_file"),
        (gazu.task, "add_comment"),
        (gazu.task, "update_comment"),
        (gazu.task, "create_preview"),
        (gazu.task, "upload_preview_file"),
        (gazu.files, "update_preview"),
    ]
    for module, name in steps:
        with monkeypatch.context() as patch:
            patch.setattr(module, name, fail)
            with pytest.raises(OSError, match="cut"):
                gazu.sync.push_task_comments(*maps, task, *clients)
        assert os.listdir(temporary) == []
    gazu.sync.push_task_comments(*maps, task, *clients)
    (copy,) = comments(task, target)
    assert copy["text"] == said["text"]
    assert copy["pinned"]
    assert [reply["text"] for reply in copy["replies"]] == ["Fine"]
    assert digests(copy, target, tmp_path) == digests(said, clients[0], tmp_path)
    assert sorted(row["original_name"] for row in copy["previews"]) == ["beauty pass #1", "sheet"]
    assert [bool(row["annotations"]) for row in sorted(copy["previews"], key=lambda row: row["position"])] == [
        True,
        False,
    ]
    assert len(gazu.files.get_all_preview_files_for_task(task, client=target)) == 2
    assert gazu.sync.push_task_comments(*maps, task, *clients) == []


def fail(*args: Any, **options: Any) -> Any:
    raise OSError("cut")


def test_push_comments_that_lost_their_files(task: Any, said: Any, maps: Any, clients: Any, tmp_path: Path) -> None:
    gazu.sync.push_task_comments(*maps, task, *clients)
    (copy,) = comments(task, clients[1])
    for row in copy["attachment_files"][:2]:
        gazu.task.delete_comment_attachment(copy, row, client=clients[1])
    assert gazu.sync.push_task_comments(*maps, task, *clients) == [said]
    (copy,) = comments(task, clients[1])
    assert digests(copy, clients[1], tmp_path) == digests(said, clients[0], tmp_path)


def test_push_comments_of_a_task(task: Any, maps: Any, clients: Any) -> None:
    source, target = clients
    wip, done, retake = (status(name, source) for name in ("wip", "done", "retake"))
    odd = gazu.task.new_task_status("Odd " + task["id"], task["id"][:8], "#123456")
    for state, text, day in (
        (wip, "", "2024-01-03T08:00:00"),
        (retake, "same", "2024-01-01T08:00:00"),
        (odd, "odd", "2024-01-02T09:00:00"),
        (retake, "same", "2024-01-01T08:00:00"),
        (done, "last", "2024-01-04T08:00:00"),
    ):
        gazu.task.add_comment(task, state, text, created_at=day)
    pushed = gazu.sync.push_task_comments(*maps, task["id"], *clients)
    expected = [("same", "01"), ("same", "01"), ("", "03"), ("last", "04")]
    assert [(row["text"], row["created_at"][8:10]) for row in pushed] == expected
    assert [(row["text"], row["created_at"][8:10]) for row in comments(task, target)] == expected
    assert gazu.task.get_task(task, client=target)["task_status_id"] == status("done", target)["id"]

    gazu.task.add_comment(task, done, "new")
    gazu.task.add_comment(task, status("done", target), "of the target", client=target)
    assert [row["text"] for row in gazu.sync.push_task_comments(*maps, task, *clients)] == ["new"]
    assert gazu.sync.push_task_comments(*maps, task, *clients) == []
    assert len(comments(task, target)) == 6


def test_push_previews_that_cannot_be_as_they_were(
    task: Any, maps: Any, clients: Any, tmp_path: Path, box: Any
) -> None:
    """Revisions of the target keep their numbers, and what the source could not read is not there."""
    source, target = clients
    wip, picture = status("wip", source), write(tmp_path / "tree.png", PIXEL)
    own = gazu.task.publish_preview(task, status("wip", target), "own", preview_file_path=picture, client=target)[1]
    comment, first = gazu.task.publish_preview(task, wip, preview_file_path=picture)
    gazu.files.wait_for_preview_file(first, poll_interval=0.2)
    gazu.task.create_extra_preview(task, comment, first)
    broken = gazu.task.add_extra_preview(task, comment, first, write(tmp_path / "bad.mp4", b"no movie"))
    assert gazu.files.wait_for_preview_file(broken, poll_interval=0.2)["status"] == "broken"
    for _ in range(2):
        gazu.sync.push_task_comments(*maps, task, *clients)
        found = gazu.files.get_all_preview_files_for_task(task, client=target)
        assert sorted(row["revision"] for row in found) == [1, 2]
    assert own["id"] in ids(found)


def test_push_a_movie(task: Any, maps: Any, clients: Any, tmp_path: Path, box: Any) -> None:
    source, target = clients
    movie, copied = str(tmp_path / "walk.v2.mp4"), str(tmp_path / "copied.mp4")
    picture = ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=24:duration=1", "-pix_fmt", "yuv420p"]
    subprocess.run([box.ffmpeg, "-y", *picture, movie], check=True, stderr=subprocess.DEVNULL)
    preview = gazu.task.publish_preview(task, status("wfa", source), "walking", preview_file_path=movie)[1]
    gazu.files.wait_for_preview_file(preview, poll_interval=0.2)
    for _ in range(2):
        gazu.sync.push_task_comments(*maps, task, *clients)
        (copy,) = gazu.files.get_all_preview_files_for_task(task, client=target)
        assert (copy["original_name"], copy["extension"], copy["status"]) == ("walk.v2", "mp4", "ready")
        assert copy["duration"] == pytest.approx(1, abs=0.2)
    gazu.files.download_preview_movie(copy, copied, client=target)
    assert Path(copied).read_bytes()[4:8] == b"ftyp"


def test_push_hashtags(show: Any, there: Any, task: Any, types: Any, both: Any, clients: Any, unique: Unique) -> None:
    """A hashtag puts a comment on other tasks too: it is there once, as at the source."""
    word = "".join(letter for letter in unique("modeling") if letter.isalpha()) + "xyz"
    other = gazu.task.new_task(show.tree, both(gazu.task.new_task_type, word)[0])
    gazu.sync.push_tasks(show.project, there, status("todo", clients[1]), *clients)
    gazu.task.add_comment(task, status("wip", clients[0]), f"Look #{word}", created_at="2024-01-31T10:20:30")
    assert len(comments(other, clients[0])) == 1
    for _ in range(2):
        tasks = gazu.sync.push_tasks_comments(show.project, *clients)
        assert ids(tasks) == ids([task, other])
        for row in (task, other):
            here, copied = (comments(row, client) for client in clients)
            assert [c["text"] for c in copied] == [c["text"] for c in here]
            assert [c["created_at"] for c in copied] == [c["created_at"] for c in here]


def test_push_comments_of_a_project(show: Any, there: Any, task: Any, types: Any, clients: Any) -> None:
    source, target = clients
    stays = gazu.task.new_task(show.odd, types.task)
    for row in (task, stays):
        gazu.task.add_comment(row, status("wip", source), "Going on")
    for _ in range(2):
        assert ids(gazu.sync.push_tasks_comments(show.project["id"], *clients)) == [task["id"]]
        assert [row["text"] for row in comments(task, target)] == ["Going on"]
    with pytest.raises(RouteNotFoundException):
        statuses = gazu.sync.get_sync_task_status_id_map(*clients)
        gazu.sync.push_task_comments(statuses, {}, stays, *clients)


DATES = {
    "real_start_date": "2024-01-01T08:00:00",
    "end_date": "2024-01-02T08:00:00",
    "done_date": "2024-01-03T08:00:00",
}


def test_push_comments_keeps_the_dates_of_tasks(
    show: Any, there: Any, task: Any, types: Any, maps: Any, clients: Any, monkeypatch: Any
) -> None:
    """Zou 1.0.97 sets these dates to now when a comment changes the status, whatever the date of the comment."""
    source, target = clients
    open_task, not_copied = gazu.task.new_task(show.axe, types.task), gazu.task.new_task(show.odd, types.task)
    for row, states in ((task, ("wip", "wfa", "done")), (open_task, ("done", "retake"))):
        for day, name in enumerate(states, 1):
            gazu.task.add_comment(row, status(name, source), name, created_at=f"2024-01-0{day}T08:00:00")
    gazu.task.update_task({"id": task["id"], **DATES})
    gazu.sync.push_tasks(show.project, there, status("todo", target), *clients)

    def dates(row: Any, client: KitsuClient) -> Any:
        found = gazu.client.fetch_first("tasks", {"id": row["id"]}, client=client)
        return {name: found[name] for name in DATES}

    said = comments(task, source)
    gazu.sync.push_task_comment(*maps, task, said[2], *clients)
    assert dates(task, target)["done_date"] > DATES["done_date"]  # a single comment: that is the server's doing
    assert gazu.sync.push_task_comments(*maps, task, *clients) == said[:2]
    assert dates(task, target) == DATES
    # An earlier run that was interrupted: nothing is left to copy but the dates.
    gazu.client.update("tasks", task["id"], dict.fromkeys(DATES, "2026-01-01T00:00:00"), client=target)
    sent, update = [], gazu.client.update
    with monkeypatch.context() as patch:
        patch.setattr(gazu.client, "update", lambda *args, **options: sent.append(args) or update(*args, **options))
        for _ in range(2):
            assert ids(gazu.sync.push_tasks_comments(show.project, *clients)) == ids([task, open_task])
            assert dates(task, target) == DATES
            assert dates(open_task, target) == dates(open_task, source)
            assert dates(open_task, source)["done_date"] is None
    assert sent == [("tasks", task["id"], DATES)]  # the other task has its dates, and in the second run all of them
    assert not_copied["id"] not in ids(gazu.task.all_tasks_for_project(there, client=target))


def test_push_comments_where_some_tasks_fail(show: Any, task: Any, types: Any, clients: Any, monkeypatch: Any) -> None:
    source, target = clients
    other = gazu.task.new_task(show.axe, types.task)
    gazu.sync.push_tasks(
        show.project, gazu.sync.get_sync_project_id_map(*clients)[show.project["id"]], status("todo", target), *clients
    )
    for row in (task, other):
        gazu.task.add_comment(row, status("wip", source), "Going on")
    push, seen = gazu.sync.push_task_comments, []

    def refused(statuses: Any, people: Any, one: Any, *rest: Any) -> Any:
        if one["id"] == task["id"]:
            raise OSError("no space left")
        return push(statuses, people, one, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(gazu.sync, "push_task_comments", refused)
        with pytest.raises(SyncFailedException, match="1 of 2 tasks are not copied: .*no space left") as caught:
            gazu.sync.push_tasks_comments(show.project, *clients)
    assert [*caught.value.failed] == [task["id"]]
    assert (len(comments(task, target)), len(comments(other, target))) == (0, 1)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        tell = {"progress_callback": lambda *numbers: seen.append(numbers), "executor": pool}
        gazu.sync.push_tasks_comments(show.project, *clients, **tell)
    assert (len(comments(task, target)), len(comments(other, target)), seen) == (1, 1, [(1, 2), (2, 2)])
