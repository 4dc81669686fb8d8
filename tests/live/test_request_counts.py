"""The requests of an ordinary script: none is there to find out which version the server is."""

import collections
import re
from pathlib import Path
from typing import Any, Callable, List

import pytest
import requests

import gazu

from ..waiting import until
from .test_exactly_once import PICTURE

#: Requests of `loop` with upstream 1.3.1: `python benchmarks/bulk.py --sizes 4 20 4 100 60 --rounds 1 --milliseconds 0
#: --rows` says so in the row of the loop, with six for types by their names.
UPSTREAM = 376
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> List[str]:
    """The requests so far: `VERB path`, without ids and parameters."""
    calls: List[str] = []
    send = requests.Session.send

    def counting(session: Any, request: Any, **settings: Any) -> Any:
        path = request.path_url.split("?")[0].split("/api/", 1)[1]
        calls.append(f"{request.method} {ID.sub('*', path)}")
        return send(session, request, **settings)

    monkeypatch.setattr(requests.Session, "send", counting)
    return calls


def test_an_ordinary_script(
    box: Any, project: Any, unique: Callable[[str], str], tmp_path: Path, sent: List[str]
) -> None:
    path = tmp_path / "v1.png"
    path.write_bytes(PICTURE)
    modeling = gazu.task.new_task_type(unique("Modeling"), for_entity="Shot")
    wip = gazu.task.get_task_status_by_short_name("wip")

    def sends(expected: List[str], function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        sent.clear()
        result = function(*args, **kwargs)
        assert sent == expected
        return result

    client = sends(["POST auth/login"], gazu.create_session, box.host, box.email, box.password)
    sends(["GET auth/logout"], gazu.log_out, client)
    sends(["GET data/projects"], gazu.project.get_project_by_name, project["name"])
    new = ["GET data/sequences", "POST data/projects/*/sequences"]
    sequence = sends(new, gazu.shot.new_sequence, project, "SQ01")
    shot = sends(["GET data/shots/all", "POST data/projects/*/shots"], gazu.shot.new_shot, project, sequence, "SH01")
    sends(["PUT data/entities/*"], gazu.shot.update_shot, {"id": shot["id"], "nb_frames": 24})
    sends(["GET data/projects/*/shots"], gazu.shot.all_shots_for_project, project)
    new = ["GET data/entity-types", "POST data/entity-types"]
    prop = sends(new, gazu.asset.new_asset_type, unique("Prop"))
    new = ["GET data/assets/all", "POST data/projects/*/asset-types/*/assets/new"]
    asset = sends(new, gazu.asset.new_asset, project, prop, "Tree")
    sends(["GET data/assets"], gazu.client.fetch_all, "assets", {"project_id": project["id"]}, fields=["id"])
    casting = [{"asset_id": asset["id"], "nb_occurences": 1}]
    sends(["PUT data/projects/*/entities/*/casting"], gazu.casting.update_shot_casting, project, shot, casting)
    new = ["GET data/task-status", "GET data/tasks", "POST data/tasks"]
    task = sends(new, gazu.task.new_task, shot, modeling)
    columns = ["entity.name"]
    sends(["GET data/tasks", "GET data/entities"], gazu.query.find, "tasks", {"project_id": project["id"]}, columns)
    sends(["POST actions/tasks/*/comment"], gazu.task.add_comment, task, wip, "first")
    new = [
        "POST actions/tasks/*/comment",
        "POST actions/tasks/*/comments/*/add-preview",
        "POST pictures/preview-files/*",
    ]
    _, preview = sends(new, gazu.task.publish_preview, task, wip, "v1", preview_file_path=str(path))
    sends(["GET data/tasks/*/comments"], gazu.task.all_comments_for_task, task)
    until(lambda: gazu.files.get_preview_file(preview["id"])["status"] == "ready")
    down = ["GET data/preview-files/*", "GET pictures/originals/preview-files/*.png"]
    sends(down, gazu.files.download_preview_file, preview["id"], str(tmp_path / "back.png"))
    sends(["GET data/events/last"], gazu.sync.get_last_events, 5)


# -- loops ------------------------------------------------------------------------
@pytest.fixture
def film(unique: Callable[[str], str]) -> Any:
    return gazu.project.new_project(unique("Film"))


def loop(project: Any, types: List[Any], person: Any) -> None:
    """Make 4 sequences, 20 shots, 4 assets, 100 tasks and 60 links of casting."""
    character = gazu.asset.get_asset_type_by_name("Character")
    assets = [gazu.asset.new_asset(project, character, f"AS{number}") for number in range(4)]
    sequences = [gazu.shot.new_sequence(project, f"SQ{number}") for number in range(4)]
    for number in range(20):
        shot = gazu.shot.new_shot(project, sequences[number % 4], f"SH{number:02}", nb_frames=100)
        for task_type in types:
            gazu.task.new_task(shot, task_type, assignees=[person])
        cast = [{"asset_id": assets[(number + place) % 4]["id"], "nb_occurences": 1} for place in range(3)]
        gazu.casting.update_shot_casting(project, shot, cast)


def test_a_loop_asks_once(film: Any, sent: List[str]) -> None:
    """It takes five seconds, for the number that is published."""
    types = [gazu.task.get_task_type_by_name(name) for name in ("Layout", "Animation", "Lighting", "Compositing", "FX")]
    person = gazu.client.get_current_user()
    sent.clear()
    loop(film, types, person)
    assert len(sent) <= 0.55 * UPSTREAM, collections.Counter(sent)
    expected = {"POST data/tasks": 100, "GET data/shots/all": 20, "GET data/assets/all": 4}
    assert {call: sent.count(call) for call in expected} == expected
    tasks = gazu.task.all_tasks_for_project(film)
    assert {(task["name"], task["task_status_id"]) for task in tasks} == {
        ("main", (gazu.task.get_default_task_status() or {})["id"])
    }
    assert {tuple(task["assignees"]) for task in tasks} == {(person["id"],)}


def test_a_loop_over_shots_that_exist_looks_for_their_tasks(film: Any, sent: List[str]) -> None:
    animation = gazu.task.get_task_type_by_name("Animation")
    sequence = gazu.shot.new_sequence(film, "SQ")
    shots = [gazu.shot.new_shot(film, sequence, f"SH{number}") for number in range(3)]
    made = gazu.task.new_task(shots[0], animation)
    client = gazu.client.create_client(gazu.get_host())
    client.access_token = gazu.client.default_client.access_token
    sent.clear()
    found = [gazu.task.new_task(shot, animation, client=client) for shot in shots]
    assert (sent.count("GET data/tasks"), sent.count("POST data/tasks"), found[0]["id"]) == (3, 2, made["id"])
    client.session.close()


def test_a_loop_asks_again_when_a_status_was_written(film: Any, unique: Callable[[str], str], sent: List[str]) -> None:
    """Whichever client of the process has written it; that another process has deleted it, the server says.

    The default itself stays: to set another, Zou 1.0.97 takes it from any of those for tasks and for concepts.
    """
    types = [gazu.task.get_task_type_by_name(name) for name in ("Animation", "Layout", "FX", "Lighting")]
    shot = gazu.shot.new_shot(film, gazu.shot.new_sequence(film, "SQ"), "SH")
    asks = ["GET data/task-status", "GET data/tasks", "POST data/tasks"]
    other = gazu.client.create_client(gazu.get_host())
    other.access_token = gazu.client.default_client.access_token
    status = gazu.task.new_task_status(unique("Waiting"), unique("w"), "#f5f5f5", client=other)
    sent.clear()
    first = gazu.task.new_task(shot, types[0])
    assert sent == asks
    gazu.task.remove_task_status(status, client=other)
    sent.clear()
    gazu.task.new_task(shot, types[1])
    assert sent == asks
    memory = gazu.client.default_client.__dict__["memory"]
    for key, (told_at, changes, _) in list(memory.told.items()):
        memory.told[key] = (told_at, changes, {"id": "00000000-0000-4000-8000-000000000000"})
    sent.clear()
    assert gazu.task.new_task(shot, types[2])["task_status_id"] == first["task_status_id"]
    assert sent == ["POST data/tasks", *asks]
    other.session.close()


def test_tasks_that_others_make_in_a_new_shot_are_found(film: Any, sent: List[str]) -> None:
    animation, layout, fx = (gazu.task.get_task_type_by_name(name) for name in ("Animation", "Layout", "FX"))
    shot = gazu.shot.new_shot(film, gazu.shot.new_sequence(film, "SQ"), "SH")
    other = gazu.client.create_client(gazu.get_host())
    other.access_token = gazu.client.default_client.access_token
    gazu.task.new_task(shot, fx)
    theirs = gazu.task.new_task(shot, animation, client=other)
    sent.clear()
    assert gazu.task.new_task(shot, animation)["id"] == theirs["id"]
    assert sent == ["POST data/tasks", "GET data/task-status", "GET data/tasks"]
    made = gazu.task.new_task(shot, layout)
    assert gazu.task.new_task(shot, layout, "MAIN")["id"] == made["id"]
    with pytest.raises(gazu.exception.ParameterException, match="does not match"):
        gazu.task.new_task(shot, gazu.task.get_task_type_by_name("Modeling"))
    gazu.task.remove_task(made)
    assert gazu.task.new_task(shot, layout)["id"] != made["id"]
    assert len(gazu.task.all_tasks_for_shot(shot)) == 3
    other.session.close()
