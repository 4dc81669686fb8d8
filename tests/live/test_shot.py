"""Shots, sequences and episodes on a real server."""

import base64
import csv
import json
import uuid
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.exception import ParameterException, RouteNotFoundException

Unique = Callable[[str], str]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ODD_NAMES = ["Été / hiver & co? #1 100%+x=y", "日本語🎬", "a'b\"c\\d", "../..", "sh_01"]


@pytest.fixture
def film(admin: KitsuClient) -> Any:
    """A production without episodes; its name is one word, as those of clips need."""
    return gazu.project.new_project("Film" + uuid.uuid4().hex[:8], production_type="short")


@pytest.fixture
def episode(project: Any) -> Any:
    return gazu.shot.new_episode(project, "E02")  # a show has E01 from the beginning


@pytest.fixture
def sequence(project: Any, episode: Any) -> Any:
    return gazu.shot.new_sequence(project, "SQ01", episode)


@pytest.fixture
def shot(project: Any, sequence: Any) -> Any:
    return gazu.shot.new_shot(project, sequence, "SH01")


@pytest.fixture
def task(project: Any, shot: Any, unique: Unique) -> Any:
    task_type = gazu.task.new_task_type(unique("Layout"), for_entity="Shot")
    gazu.project.add_task_type(project, task_type, 1)
    return gazu.task.new_task(shot, task_type)


@pytest.fixture
def other_client(box: Any) -> Iterator[KitsuClient]:
    with gazu.client.create_client(box.host) as client:
        gazu.log_in(box.email, box.password, client=client)
        yield client


@pytest.fixture
def cached() -> Iterator[None]:
    gazu.cache.enable()
    yield
    gazu.cache.disable()
    gazu.cache.clear_all()


def ids(rows: Any) -> Any:
    return [row["id"] for row in rows]


def names(rows: Any) -> Any:
    return [row["name"] for row in rows]


def without(row: Any, *keys: str) -> Any:
    return {key: value for key, value in row.items() if key not in ("updated_at", *keys)}


# -- shots ---------------------------------------------------------------------
def test_a_new_shot_has_what_it_was_given(project: Any, sequence: Any) -> None:
    data = {"mood": "dark"}
    made = gazu.shot.new_shot(project, sequence, "SH02", 48, 1001, 1048, "Été", data)
    found = gazu.shot.get_shot(made["id"])
    assert found == gazu.shot.get_shot(made) == gazu.shot.get_shot(uuid.UUID(made["id"]))
    assert (found["name"], found["nb_frames"], found["description"]) == ("SH02", 48, "Été")
    assert found["data"] == {"mood": "dark", "frame_in": 1001, "frame_out": 1048}
    assert (found["project_name"], found["sequence_name"], found["episode_name"]) == (project["name"], "SQ01", "E02")
    assert data == {"mood": "dark"}


def test_metadata_stood_where_the_description_stands(project: Any, sequence: Any) -> None:
    with pytest.warns(DeprecationWarning):  # as until 0.7
        made = gazu.shot.new_shot(project, sequence["id"], "SH02", 48, 1, 48, {"a": 1})
    found = gazu.shot.get_shot(made)
    assert (found["description"], found["data"]) == (None, {"a": 1, "frame_in": 1, "frame_out": 48})


def test_shots_come_sorted_by_name(project: Any, episode: Any, sequence: Any) -> None:
    other = gazu.shot.new_sequence(project, "SQ02", gazu.shot.new_episode(project, "E03"))
    for place, name in ((sequence, "sh20"), (other, "SH15"), (sequence["id"], "SH10")):
        gazu.shot.new_shot(project["id"], place, name)
    assert names(gazu.shot.all_shots_for_project(project)) == ["SH10", "SH15", "sh20"]
    assert names(gazu.shot.all_shots_for_project(uuid.UUID(project["id"]))) == ["SH10", "SH15", "sh20"]
    assert names(gazu.shot.all_shots_for_episode(episode)) == ["SH10", "sh20"]
    assert names(gazu.shot.all_shots_for_episode(episode["id"])) == ["SH10", "sh20"]
    assert names(gazu.shot.all_shots_for_sequence(other)) == ["SH15"]
    assert names(gazu.shot.all_shots_for_sequence(other["id"])) == ["SH15"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_shot_of_any_name_is_found_again(project: Any, sequence: Any, name: str) -> None:
    made = gazu.shot.new_shot(project, sequence, name)
    assert gazu.shot.new_shot(project["id"], sequence["id"], name)["id"] == made["id"]
    assert gazu.shot.get_shot_by_name(sequence, name)["id"] == made["id"]
    assert gazu.shot.get_shot_by_name(sequence["id"], "_" + name[1:]) is None


def test_a_shot_that_was_got_can_be_saved(project: Any, shot: Any, task: Any, unique: Unique) -> None:
    asset = gazu.asset.new_asset(project, gazu.asset.new_asset_type(unique("Prop")), "Lamp")
    gazu.casting.cast_asset(project, shot, asset)
    before = gazu.shot.get_shot(shot)
    given = {**before, "description": "Night", "nb_frames": 12}
    assert gazu.shot.update_shot(given)["description"] == "Night"
    after = gazu.shot.get_shot(shot)
    assert (after["description"], after["nb_frames"]) == ("Night", 12)
    assert without(after, "description", "nb_frames") == without(before, "description", "nb_frames")
    assert (len(after["tasks"]), after["entities_out"]) == (1, [asset["id"]])
    gazu.shot.update_shot({**gazu.shot.all_shots_for_project(project)[0], "name": "SH99"})
    other = gazu.shot.new_sequence(project, "SQ02", before["episode_id"])
    gazu.shot.update_shot({"id": shot["id"], "parent_id": other["id"]})
    after = gazu.shot.get_shot(shot)
    assert (after["name"], after["nb_frames"], after["sequence_name"]) == ("SH99", 12, "SQ02")


def test_metadata_that_is_not_named_stays(project: Any, shot: Any, sequence: Any, episode: Any) -> None:
    for kind, row in (("shot", shot), ("sequence", sequence), ("episode", episode)):
        update, get = getattr(gazu.shot, f"update_{kind}_data"), getattr(gazu.shot, f"get_{kind}")
        assert update(row, {"a": 1, "b": {"c": [2]}})["data"] == {"a": 1, "b": {"c": [2]}}
        update(row["id"], {"a": 3})
        update(row)
        assert get(row)["data"] == {"a": 3, "b": {"c": [2]}}


def test_metadata_is_merged_with_what_the_server_has(cached: None, shot: Any, other_client: KitsuClient) -> None:
    gazu.shot.get_shot(shot)
    gazu.shot.update_shot_data(shot, {"theirs": 1}, client=other_client)
    gazu.shot.update_shot_data(shot, {"mine": 2})
    assert gazu.shot.get_shot(shot)["data"] == {"theirs": 1, "mine": 2}


def test_a_shot_with_tasks_is_canceled_and_restored_or_removed_by_force(project: Any, shot: Any, task: Any) -> None:
    assert gazu.shot.remove_shot(shot) == ""
    assert gazu.shot.get_shot(shot)["canceled"] is True
    assert gazu.shot.restore_shot(shot)["canceled"] is False
    assert gazu.shot.get_shot(shot["id"])["canceled"] is False
    gazu.shot.remove_shot(shot["id"], force=True)
    with pytest.raises(RouteNotFoundException):
        gazu.shot.get_shot(shot)
    with pytest.raises(RouteNotFoundException):
        gazu.task.get_task(task)


def test_a_shot_without_tasks_is_removed(project: Any, shot: Any) -> None:
    assert gazu.shot.remove_shot(shot["id"]) == ""
    assert gazu.shot.all_shots_for_project(project) == []


def test_previews_of_a_shot_come_by_task_type(shot: Any, task: Any, tmp_path: Path) -> None:
    assert gazu.shot.all_previews_for_shot(shot) == {}
    (tmp_path / "v1.png").write_bytes(PIXEL)
    status = gazu.task.get_default_task_status()
    _, preview = gazu.task.publish_preview(task, status, preview_file_path=tmp_path / "v1.png")
    found = gazu.shot.all_previews_for_shot(shot["id"])
    assert {key: ids(rows) for key, rows in found.items()} == {task["task_type_id"]: [preview["id"]]}


def test_what_is_no_shot_is_refused(project: Any, shot: Any) -> None:
    for bad in (None, {}, {"name": "SH01"}, 12, "", "../../auth/logout"):
        for function in (gazu.shot.get_shot, gazu.shot.remove_shot, gazu.shot.all_shots_for_sequence):
            with pytest.raises(ValueError, match="Wrong format|cannot be a part of the path"):
                function(bad)
    for function in (gazu.shot.get_shot, gazu.shot.get_sequence, gazu.shot.get_episode):
        with pytest.raises(RouteNotFoundException):
            function(uuid.uuid4())
    assert names(gazu.shot.all_shots_for_project(project)) == ["SH01"]


# -- asset instances -----------------------------------------------------------
def test_asset_instances_are_put_into_shots(project: Any, shot: Any, unique: Unique) -> None:
    asset_type = gazu.asset.new_asset_type(unique("Creature"))
    forest, tree = (gazu.asset.new_asset(project, asset_type, name) for name in ("Forest", "Tree"))
    first, second = (gazu.asset.new_asset_asset_instance(forest, tree) for _ in range(2))
    assert gazu.shot.add_asset_instance_to_shot(shot, first)["id"] == shot["id"]
    gazu.shot.add_asset_instance_to_shot(shot["id"], second["id"])
    found = gazu.shot.all_asset_instances_for_shot(shot)
    assert {key: sorted(ids(rows)) for key, rows in found.items()} == {tree["id"]: sorted(ids([first, second]))}
    assert gazu.shot.remove_asset_instance_from_shot(shot, first) == ""
    assert ids(gazu.shot.get_asset_instances_for_shot(shot["id"])[tree["id"]]) == [second["id"]]
    gazu.shot.remove_asset_instance_from_shot(shot["id"], second["id"])
    assert gazu.shot.all_asset_instances_for_shot(shot["id"]) == gazu.shot.get_asset_instances_for_shot(shot) == {}


# -- sequences -----------------------------------------------------------------
def test_sequences_are_found(project: Any, episode: Any, sequence: Any, shot: Any) -> None:
    s, other = gazu.shot, gazu.shot.new_episode(project, "E03")
    assert s.new_sequence(project["id"], "SQ01", episode["id"])["id"] == sequence["id"]
    twin = s.new_sequence(project, "SQ01", other)
    first = s.new_sequence(project, "a", episode)
    assert twin["id"] != sequence["id"]
    assert names(s.all_sequences_for_project(project)) == ["a", "SQ01", "SQ01"]
    assert ids(s.all_sequences_for_episode(episode["id"])) == ids([first, sequence])
    assert s.get_sequence_by_name(project, "SQ01", episode=other)["id"] == twin["id"]
    assert s.get_sequence_by_name(project["id"], "a")["id"] == first["id"]
    assert s.get_sequence_by_name(project, "SQ0_") is None
    assert s.get_sequence(sequence)["episode_name"] == "E02"
    for row in (shot, shot["id"], s.get_shot(shot), {"id": shot["id"]}):
        assert s.get_sequence_from_shot(row)["id"] == sequence["id"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_sequences_and_episodes_of_any_name_are_found_again(project: Any, film: Any, name: str) -> None:
    made = gazu.shot.new_sequence(film, name)
    assert gazu.shot.new_sequence(film, name)["id"] == made["id"]
    assert gazu.shot.get_sequence_by_name(film, name)["id"] == made["id"]
    made = gazu.shot.new_episode(project, name)
    assert gazu.shot.new_episode(project["id"], name)["id"] == made["id"]
    assert gazu.shot.get_episode_by_name(project, name)["id"] == made["id"]
    assert gazu.shot.get_episode_by_name(project["id"], "_" + name[1:]) is None


def test_a_sequence_that_was_got_can_be_saved(project: Any, sequence: Any, film: Any) -> None:
    for made in (sequence, gazu.shot.new_sequence(film, "SQ01")):
        before = gazu.shot.get_sequence(made["id"])
        assert gazu.shot.update_sequence({**before, "description": "Été"})["description"] == "Été"
        after = gazu.shot.get_sequence(made)
        assert without(after, "description") == without(before, "description")
        assert after["description"] == "Été"
    other = gazu.shot.new_episode(project, "E03")
    gazu.shot.update_sequence({"id": sequence["id"], "parent_id": other["id"]})
    assert ids(gazu.shot.all_sequences_for_episode(other)) == [sequence["id"]]


def test_sequences_and_episodes_are_removed_when_empty_or_by_force(
    project: Any, shot: Any, sequence: Any, episode: Any
) -> None:
    for remove, row in ((gazu.shot.remove_sequence, sequence), (gazu.shot.remove_episode, episode)):
        with pytest.raises(ParameterException, match="linked"):
            remove(row)
    assert gazu.shot.remove_sequence(sequence["id"], force=True) == ""
    for get, row in ((gazu.shot.get_sequence, sequence), (gazu.shot.get_shot, shot)):
        with pytest.raises(RouteNotFoundException):
            get(row)
    empty = gazu.shot.new_sequence(project, "SQ02", episode)
    assert gazu.shot.remove_sequence(empty) == gazu.shot.remove_episode(episode["id"]) == ""
    full = gazu.shot.new_episode(project, "E03")
    shot = gazu.shot.new_shot(project, gazu.shot.new_sequence(project, "SQ01", full), "SH01")
    gazu.shot.remove_episode(full, force=True)
    assert names(gazu.shot.all_episodes_for_project(project)) == ["E01"]
    assert gazu.shot.all_sequences_for_project(project) == gazu.shot.all_shots_for_project(project) == []


# -- episodes ------------------------------------------------------------------
def test_episodes_are_found(project: Any, episode: Any, sequence: Any, film: Any) -> None:
    s = gazu.shot
    assert names(s.all_episodes_for_project(project)) == ["E01", "E02"]
    assert ids(s.all_episodes_for_project(project["id"]))[1] == episode["id"]
    assert s.get_episode(episode["id"])["project_name"] == project["name"]
    assert s.get_episode_by_name(project, "E09") is None
    for row in (sequence, sequence["id"], s.get_sequence(sequence), {"id": sequence["id"]}):
        assert s.get_episode_from_sequence(row)["id"] == episode["id"]
    other = s.new_sequence(film, "SQ01")
    assert s.get_episode_from_sequence(other) is s.get_episode_from_sequence(other["id"]) is None


def test_an_episode_that_was_got_can_be_saved(project: Any, episode: Any) -> None:
    before = gazu.shot.get_episode(episode)
    assert gazu.shot.update_episode({**before, "description": "Été"})["description"] == "Été"
    after = gazu.shot.get_episode(episode)
    assert without(after, "description") == without(before, "description")
    gazu.shot.update_episode({"id": episode["id"], "name": "E22"})
    assert gazu.shot.get_episode_by_name(project, "E22")["description"] == "Été"


# -- addresses of the web site -------------------------------------------------
def test_addresses_in_a_show_and_in_a_film(
    box: Any, project: Any, episode: Any, sequence: Any, shot: Any, film: Any
) -> None:
    s, site = gazu.shot, box.host[: -len("/api")] + "/productions/"
    of_episode = f"{site}{project['id']}/episodes/{episode['id']}"
    assert s.get_shot_url(shot) == s.get_shot_url(shot["id"]) == f"{of_episode}/shots/{shot['id']}/"
    assert s.get_episode_url(episode) == f"{of_episode}/shots"
    assert s.get_sequence_url(sequence["id"]) == f"{of_episode}/sequences/{sequence['id']}/"
    assert s.get_all_sequences_url(project) == f"{site}{project['id']}/sequences/"
    assert s.get_all_episodes_url(project["id"]) == f"{site}{project['id']}/episodes/"
    of_film = s.new_shot(film, s.new_sequence(film, "SQ01"), "SH01")
    assert s.get_shot_url(of_film) == f"{site}{film['id']}/shots/{of_film['id']}/"
    of_film = s.get_sequence_from_shot(of_film)
    assert s.get_sequence_url(of_film) == f"{site}{film['id']}/sequences/{of_film['id']}/"


# -- CSV -----------------------------------------------------------------------
def rows_of(path: Path) -> Any:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_shots_come_back_from_csv(project: Any, shot: Any, film: Any, tmp_path: Path) -> None:
    calls: Any = []
    path = tmp_path / "été.csv"
    gazu.shot.update_shot({"id": shot["id"], "description": "Été; hiver", "nb_frames": 48})
    gazu.shot.export_shots_with_csv(project, str(path), progress_callback=lambda *args: calls.append(args))
    [row] = rows_of(path)
    assert [row[key] for key in ("Episode", "Sequence", "Name", "Frames")] == ["E02", "SQ01", "SH01", "48"]
    assert row["Description"] == "Été; hiver"
    assert calls[-1][0] == path.stat().st_size
    gazu.shot.remove_shot(shot)
    made = gazu.shot.import_shots_with_csv(project["id"], str(path), progress_callback=lambda *args: calls.append(args))
    assert names(made) == ["SH01"]
    assert calls[-1] == (path.stat().st_size, path.stat().st_size)
    found = gazu.shot.get_shot(made[0])
    assert (found["description"], found["nb_frames"], found["episode_name"]) == ("Été; hiver", 48, "E02")
    path.write_text("Sequence,Name,Frames\nSQ01,SH01,12\nSQ02,SH02,\n", encoding="utf-8")
    assert len(gazu.shot.import_shots_with_csv(film, str(path))) == 2
    assert names(gazu.shot.all_sequences_for_project(film)) == ["SQ01", "SQ02"]


def test_an_export_is_narrowed_to_an_episode_and_a_person(
    project: Any, episode: Any, shot: Any, task: Any, tmp_path: Path
) -> None:
    other = gazu.shot.new_episode(project, "E03")
    gazu.shot.new_shot(project, gazu.shot.new_sequence(project, "SQ09", other), "SH09")
    path, user = tmp_path / "shots.csv", gazu.client.get_current_user()
    gazu.task.assign_task(task, user)
    for narrow, found in (
        ({}, ["SH01", "SH09"]),
        ({"episode": other}, ["SH09"]),
        ({"episode": episode["id"]}, ["SH01"]),
        ({"assigned_to": user}, ["SH01"]),
        ({"assigned_to": user["id"], "episode": other}, []),
    ):
        gazu.shot.export_shots_with_csv(project["id"], str(path), **narrow)
        assert [row["Name"] for row in rows_of(path)] == found


def test_a_csv_file_that_is_wrong_is_refused(film: Any, tmp_path: Path) -> None:
    path = tmp_path / "shots.csv"
    for text in ("A,B\n1,2\n", "Sequence,Name,Frames\nSQ01,SH01,many\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ParameterException):
            gazu.shot.import_shots_with_csv(film, str(path))
    with pytest.raises(FileNotFoundError):
        gazu.shot.import_shots_with_csv(film, str(tmp_path / "nowhere.csv"))
    assert gazu.shot.all_shots_for_project(film) == []


# -- edits ---------------------------------------------------------------------
def edl(*clips: str) -> str:
    """Return an edit of two seconds of each clip."""
    lines = ["TITLE: cut", "FCM: NON-DROP FRAME"]
    for number, clip in enumerate(clips):
        here, there = f"01:00:{2 * number:02}:00", f"01:00:{2 * number + 2:02}:00"
        lines += [f"{number + 1:03}  AX  V  C  00:00:00:00 00:00:02:00 {here} {there}", f"* FROM CLIP NAME: {clip}"]
    return "\n".join(lines) + "\n"


def otio(*clips: str) -> str:
    """Return an OpenTimelineIO file with ten frames of each clip."""

    def schema(class_: str, **content: Any) -> Any:
        return {"OTIO_SCHEMA": class_, **content}

    start, duration = (schema("RationalTime.1", rate=25, value=value) for value in (0, 10))
    frames = schema("TimeRange.1", start_time=start, duration=duration)
    rows = [schema("Clip.1", name=clip, source_range=frames) for clip in clips]
    track = schema("Track.1", name="V1", kind="Video", children=rows)
    return json.dumps(schema("Timeline.1", name="cut", tracks=schema("Stack.1", children=[track])))


def summary(answer: Any) -> Any:
    return {kind: sorted(names(rows)) for kind, rows in answer.items()}


def test_shots_are_made_and_changed_after_the_clips_of_an_edit(film: Any, tmp_path: Path) -> None:
    calls: Any = []
    path, name = tmp_path / "cut.otio", film["name"]
    path.write_text(otio(f"{name}_SQ01-SH01", f"{name}_SQ01-SH02"))
    answer = gazu.shot.import_otio(film, str(path), progress_callback=lambda *args: calls.append(args))
    assert summary(answer) == {"created_shots": ["SH01", "SH02"], "updated_shots": []}
    assert calls[-1] == (path.stat().st_size, path.stat().st_size)
    shots = gazu.shot.all_shots_for_project(film)
    assert [(row["name"], row["nb_frames"], row["data"]) for row in shots] == [
        ("SH01", 10, {"frame_in": 0, "frame_out": 9}),
        ("SH02", 10, {"frame_in": 10, "frame_out": 19}),
    ]
    path.write_text(otio(f"{name.upper()}_sq01-SH02", f"{name}_SQ01-SH03"))
    answer = gazu.shot.import_otio(film["id"], str(path), match_case=False)
    assert summary(answer) == {"created_shots": ["SH03"], "updated_shots": ["SH02"]}
    assert gazu.shot.get_shot(shots[1])["data"] == {"frame_in": 0, "frame_out": 9}
    path.write_text(otio("SQ07=SH07"))
    answer = gazu.shot.import_otio(film, str(path), naming_convention="${sequence_name}=${shot_name}")
    assert gazu.shot.get_shot(answer["created_shots"][0])["sequence_name"] == "SQ07"
    for text in ("nothing", otio("No name")):
        path.write_text(text)
        with pytest.raises(ParameterException):
            gazu.shot.import_otio(film, str(path))


def test_the_clips_of_an_episode_have_its_name(project: Any, episode: Any, tmp_path: Path) -> None:
    path = tmp_path / "cut.otio"
    path.write_text(otio("Show_E02-SQ01-SH01"))
    answer = gazu.shot.import_otio(project, str(path), episode)
    assert summary(answer) == {"created_shots": ["SH01"], "updated_shots": []}
    assert names(gazu.shot.all_shots_for_episode(episode)) == ["SH01"]
    assert names(gazu.shot.all_sequences_for_episode(episode)) == ["SQ01"]
    path.write_text(otio("SQ02-SH02"))
    gazu.shot.import_otio(project, str(path), episode["id"], "${sequence_name}-${shot_name}")
    assert names(gazu.shot.all_shots_for_episode(episode)) == ["SH01", "SH02"]
    with pytest.raises(ParameterException):  # a show has no shots outside of episodes
        gazu.shot.import_otio(project, str(path))


def test_shots_are_imported_from_edl_as_until_0_9(film: Any, project: Any, episode: Any, tmp_path: Path) -> None:
    path = tmp_path / "cut.edl"
    path.write_text(edl(f"{film['name']}_SQ01-SH01", f"{film['name']}_SQ01-SH02"))
    with pytest.warns(DeprecationWarning, match="import_otio"):
        answer = gazu.shot.import_edl(film, str(path))
    assert summary(answer) == {"created_shots": ["SH01", "SH02"], "updated_shots": []}
    assert [row["nb_frames"] for row in gazu.shot.all_shots_for_project(film)] == [50, 50]
    path.write_text(edl("Show_E02-SQ01-SH01"))
    with pytest.warns(DeprecationWarning):
        gazu.shot.import_edl(project["id"], str(path), episode)
    assert names(gazu.shot.all_shots_for_episode(episode)) == ["SH01"]
