"""Playlists, their entries, share links and movies on a real server."""

import base64
import datetime
import subprocess
import time
import uuid
import warnings
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.exception import ParameterException, RouteNotFoundException, TransportException

Unique = Callable[[str], str]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def world(project: Any, unique: Unique) -> Any:
    """Two shots with a task each, in an episode."""
    task_type = gazu.task.new_task_type(unique("Animation"), for_entity="Shot")
    gazu.client.post(f"data/projects/{project['id']}/settings/task-types", {"task_type_id": task_type["id"]})
    episode = gazu.shot.new_episode(project, "E01")
    sequence = gazu.shot.new_sequence(project, "SEQ", episode)
    shots = [gazu.shot.new_shot(project, sequence, name) for name in ("SH010", "SH020")]
    tasks = [gazu.task.new_task(shot, task_type) for shot in shots]
    return SimpleNamespace(project=project, task_type=task_type, episode=episode, shots=shots, tasks=tasks)


@pytest.fixture
def playlist(project: Any) -> Any:
    return gazu.playlist.new_playlist(project, "Dailies")


@pytest.fixture
def publish(tmp_path: Path) -> Callable[[Any], Any]:
    """Publish a picture for a task, and return its preview file."""
    picture = tmp_path / "picture.png"
    picture.write_bytes(PIXEL)
    return lambda task: gazu.task.publish_preview(
        task, gazu.task.get_task_status_by_short_name("wip"), preview_file_path=str(picture)
    )[1]


@pytest.fixture
def film(box: Any, world: Any, playlist: Any, tmp_path: Path) -> Any:
    """A playlist of the two shots, with a movie of ten frames each."""
    gazu.project.update_project({"id": world.project["id"], "resolution": "320x180"})  # quickly encoded
    clip = tmp_path / "clip.mp4"
    source = ["-f", "lavfi", "-i", "testsrc=size=64x36:rate=25:duration=0.4", "-pix_fmt", "yuv420p"]
    subprocess.run([box.ffmpeg, "-v", "error", *source, str(clip)], check=True)
    wip = gazu.task.get_task_status_by_short_name("wip")
    previews = [gazu.task.publish_preview(task, wip, preview_file_path=str(clip))[1] for task in world.tasks]
    for shot in world.shots:
        gazu.playlist.add_entity_to_playlist(playlist, shot)
    for preview in previews:
        done = until(lambda row=preview: gazu.files.get_preview_file(row), lambda row: row["status"] != "processing")
        assert done["status"] == "ready"
    return playlist


def until(fetch: Callable[[], Any], done: Callable[[Any], bool], seconds: float = 120) -> Any:
    """Return what *fetch* gives once it is *done*."""
    deadline = time.monotonic() + seconds
    while not done(fetch()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert done(fetch())
    return fetch()


def ids(rows: Any) -> Any:
    return [row["id"] for row in rows]


def entries(playlist: Any) -> Any:
    """Return what the server has in a playlist."""
    found = gazu.playlist.all_shots_for_playlist(playlist)
    return {entry["entity_id"]: entry.get("preview_file_id") for entry in found}


def frames(box: Any, movie: Path) -> int:
    """Decode a movie and count its frames."""
    command = [box.ffmpeg, "-v", "error", "-i", str(movie), "-map", "0:v", "-f", "framecrc", "-"]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines()
    return sum(not line.startswith(b"#") for line in lines)


# -- playlists -----------------------------------------------------------------
def test_a_new_playlist_is_found(project: Any, playlist: Any) -> None:
    assert playlist["id"] in ids(gazu.playlist.all_playlists())
    assert ids(gazu.playlist.all_playlists_for_project(project)) == [playlist["id"]]
    assert gazu.playlist.all_playlists_for_project(project["id"], page=2) == []
    assert gazu.playlist.get_playlist(playlist)["name"] == "Dailies"
    assert gazu.playlist.get_playlist(uuid.UUID(playlist["id"]))["shots"] is None
    assert gazu.playlist.all_shots_for_playlist(playlist) == []
    for name in ("Dailies", "dailies"):
        assert gazu.playlist.get_playlist_by_name(project["id"], name)["id"] == playlist["id"]
        assert gazu.playlist.new_playlist(project["id"], name)["id"] == playlist["id"]
    for name in ("D%", "D_ilies", "Other"):
        assert gazu.playlist.get_playlist_by_name(project, name) is None


def test_a_playlist_is_made_with_all_options(project: Any, unique: Unique) -> None:
    made = gazu.playlist.new_playlist(project, "été / #1?", None, "asset", True, True)
    found = gazu.playlist.get_playlist(made["id"])
    assert [found[key] for key in ("name", "for_entity", "for_client", "is_for_all", "episode_id")] == [
        "été / #1?", "asset", True, True, None,
    ]  # fmt: skip
    with pytest.raises(ParameterException):
        gazu.playlist.new_playlist(project, "Cats", for_entity="cat")


def test_playlists_of_episodes_may_share_a_name(world: Any, playlist: Any) -> None:
    other = gazu.shot.new_episode(world.project, "E02")
    first = gazu.playlist.new_playlist(world.project, "Dailies", world.episode)
    second = gazu.playlist.new_playlist(world.project["id"], "Dailies", other["id"])
    assert len({playlist["id"], first["id"], second["id"]}) == 3
    assert gazu.playlist.new_playlist(world.project, "Dailies", other)["id"] == second["id"]
    assert ids(gazu.playlist.all_playlists_for_episode(world.episode)) == [first["id"]]
    assert ids(gazu.playlist.all_playlists_for_episode(other["id"])) == [second["id"]]
    assert gazu.playlist.get_playlist(second)["episode_id"] == other["id"]


def test_a_playlist_that_was_got_can_be_saved(world: Any, playlist: Any) -> None:
    gazu.playlist.add_entity_to_playlist(playlist, world.shots[0])
    rows = (
        gazu.playlist.get_playlist(playlist),
        gazu.playlist.all_playlists_for_project(world.project)[0],
        gazu.playlist.get_playlist_by_name(world.project, "Dailies"),
    )
    for name, row in zip(("One", "Two", "Three"), rows):
        assert gazu.playlist.update_playlist({**row, "name": name})["name"] == name
        assert gazu.playlist.get_playlist(playlist)["name"] == name
        assert list(entries(playlist)) == [world.shots[0]["id"]]
    fresh = gazu.playlist.new_playlist(playlist["project_id"], uuid.uuid4().hex)  # its `shots` are null
    for row in (fresh, gazu.playlist.get_playlist(fresh)):
        assert gazu.playlist.update_playlist({**row, "for_client": True})["for_client"] is True
    gazu.playlist.update_playlist({"id": playlist["id"], "for_client": True, "shots": []})
    assert gazu.playlist.get_playlist(playlist)["for_client"] is True
    assert entries(playlist) == {}


def test_a_deleted_playlist_is_gone(project: Any, playlist: Any) -> None:
    other = gazu.playlist.new_playlist(project, "Other")
    assert gazu.playlist.delete_playlist(playlist) == gazu.playlist.delete_playlist(other["id"]) == ""
    assert gazu.playlist.all_playlists_for_project(project) == []
    with pytest.raises(RouteNotFoundException):
        gazu.playlist.get_playlist(playlist)
    with pytest.raises(RouteNotFoundException):
        gazu.playlist.delete_playlist(playlist)


# -- entries -------------------------------------------------------------------
def test_the_newest_preview_of_an_entity_is_shown(world: Any, playlist: Any, publish: Any) -> None:
    [task, _], [shot, other] = world.tasks, world.shots
    first, second = publish(task), publish(task)
    listed = gazu.playlist.get_entity_preview_files(shot)
    assert ids(listed[world.task_type["id"]]) == ids([second, first])
    assert gazu.playlist.get_entity_preview_files(other["id"]) == {}
    added = gazu.playlist.add_entity_to_playlist(playlist, shot)
    assert added["shots"] == [{"entity_id": shot["id"], "preview_file_id": second["id"]}]
    gazu.playlist.add_entity_to_playlist(playlist["id"], other["id"])
    assert entries(playlist) == {shot["id"]: second["id"], other["id"]: None}
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for given in (playlist, playlist["id"]):
            [rich, bare] = gazu.playlist.get_entity_previews(given)
            assert ids(rich["preview_files"][world.task_type["id"]]) == ids([second, first])
            assert (rich["preview_file_id"], bare["preview_files"]) == (second["id"], [])
    assert "get_entity_preview_files" in str(told[0].message)


def test_the_other_files_of_a_revision_come_with_it(world: Any, publish: Any, tmp_path: Path) -> None:
    [task, _], [shot, _] = world.tasks, world.shots
    first, comment = publish(task), gazu.task.get_last_comment_for_task(task)
    second = gazu.task.add_extra_preview(task, comment, first, tmp_path / "picture.png")
    [row] = gazu.playlist.get_entity_preview_files(shot)[world.task_type["id"]]
    assert ids(row["previews"]) == ids([second]) and row["previews"][0]["task_type_id"] == world.task_type["id"]
    [entry] = gazu.playlist.generate_temp_playlist(world.project, {"task_ids": [task["id"]]})
    assert ids(entry["preview_file_previews"]) == ids([second])


def test_entries_are_changed_on_the_server(world: Any, playlist: Any, publish: Any) -> None:
    [task, _], [shot, other] = world.tasks, world.shots
    first, second = publish(task), publish(task)
    gazu.playlist.add_entity_to_playlist(playlist, shot, first["id"])
    gazu.playlist.add_entity_to_playlist(playlist, other["id"])
    assert entries(playlist) == {shot["id"]: first["id"], other["id"]: None}
    row = gazu.playlist.get_playlist(playlist)
    assert gazu.playlist.update_entity_preview(row, shot, second) is row
    assert entries(playlist) == {entry["entity_id"]: entry.get("preview_file_id") for entry in row["shots"]}
    assert entries(playlist)[shot["id"]] == second["id"]
    gazu.playlist.update_entity_preview(playlist["id"], shot["id"], first["id"])
    assert entries(playlist) == {shot["id"]: first["id"], other["id"]: None}
    assert gazu.playlist.remove_entity_from_playlist(gazu.playlist.get_playlist(playlist), shot)["shots"] != []
    assert list(entries(playlist)) == [other["id"]]
    gazu.playlist.remove_entity_from_playlist(gazu.playlist.all_playlists_for_project(world.project)[0], other["id"])
    assert entries(playlist) == {}


def test_entries_are_changed_in_the_row_only(world: Any, playlist: Any, publish: Any) -> None:
    [task, _], [shot, other] = world.tasks, world.shots
    preview = publish(task)
    row = gazu.playlist.get_playlist(playlist)
    for _ in range(2):
        assert gazu.playlist.add_entity_to_playlist(row, shot, persist=False) is row
    gazu.playlist.add_entity_to_playlist(row, other, persist=False)
    assert [entry["entity_id"] for entry in row["shots"]] == ids([shot, shot, other])
    assert gazu.playlist.update_entity_preview(row, other, preview, persist=False) is row
    assert [entry["preview_file_id"] for entry in row["shots"]] == [preview["id"]] * 3
    assert gazu.playlist.remove_entity_from_playlist(row, shot["id"], persist=False) is row
    assert entries(playlist) == {}
    gazu.playlist.update_playlist(row)
    assert list(entries(playlist)) == [other["id"]]
    assert gazu.playlist.remove_entity_from_playlist(playlist["id"], other, persist=False)["shots"] == []
    assert list(entries(playlist)) == [other["id"]]


def test_a_playlist_for_the_moment(world: Any, publish: Any) -> None:
    preview = publish(world.tasks[0])
    project, shots, tasks = world.project, world.shots, world.tasks
    found = gazu.playlist.generate_temp_playlist(project, {"task_ids": ids(tasks)})
    assert [row["name"] for row in found] == ["SH010", "SH020"]
    assert found[0]["preview_file_id"] == preview["id"]
    assert "preview_file_id" not in found[1]
    of_entities = {"entity_ids": ids(shots)}
    found = until(lambda: gazu.playlist.generate_temp_playlist(project["id"], of_entities), bool)
    assert ids(found) == [shots[0]["id"]]  # the one that has a preview
    assert gazu.playlist.generate_temp_playlist(project, {"task_ids": []}) == []
    assert gazu.playlist.all_playlists_for_project(project) == []


# -- people who watch ----------------------------------------------------------
def test_share_links(box: Any, playlist: Any) -> None:
    guest = KitsuClient(box.host)
    free = gazu.playlist.new_share_link(playlist)
    locked = gazu.playlist.new_share_link(playlist["id"], datetime.date(2099, 1, 31), False, "pässword")
    timed = gazu.playlist.new_share_link(playlist, expiration_date="2099-01-31T10:00:00")
    assert [free["can_comment"], free["has_password"], free["expiration_date"]] == [True, False, None]
    assert [locked["can_comment"], locked["has_password"]] == [False, True]
    assert [locked["expiration_date"], timed["expiration_date"]] == ["2099-01-31T23:59:59", "2099-01-31T10:00:00"]
    assert gazu.client.get(f"shared/playlists/{free['token']}", client=guest)["name"] == "Dailies"
    with pytest.raises(RouteNotFoundException):
        gazu.client.get(f"shared/playlists/{locked['token']}", client=guest)
    opened = gazu.client.get(f"shared/playlists/{locked['token']}", params={"password": "pässword"}, client=guest)
    assert opened["id"] == playlist["id"]
    assert ids(gazu.playlist.all_share_links_for_playlist(playlist)) == ids([free, locked, timed])
    gazu.playlist.remove_share_link(playlist, free["token"])
    gazu.playlist.remove_share_link(playlist["id"], timed["token"])
    assert ids(gazu.playlist.all_share_links_for_playlist(playlist["id"])) == [locked["id"]]
    with pytest.raises(RouteNotFoundException):
        gazu.client.get(f"shared/playlists/{free['token']}", client=guest)
    with pytest.raises(RouteNotFoundException):
        gazu.playlist.remove_share_link(playlist, str(uuid.uuid4()))


def test_clients_are_told_that_a_playlist_is_ready(box: Any, project: Any, playlist: Any, new_person: Any) -> None:
    person = new_person("Carl", "Client", role="client", password="a secret of 7 words")
    gazu.project.add_person_to_team(project, person)
    with gazu.create_session(box.host, person["email"], "a secret of 7 words") as carl:
        assert gazu.client.get("data/user/notifications", client=carl) == []
        for number, given in enumerate((playlist, playlist["id"]), 1):
            assert gazu.playlist.notify_clients_playlist_ready(given) == {"status": "success"}
            told = gazu.client.get("data/user/notifications", client=carl)
            assert [(row["notification_type"], row["playlist_id"]) for row in told] == [
                ("playlist-ready", playlist["id"])
            ] * number


# -- movies --------------------------------------------------------------------
def test_a_movie_is_built_of_a_playlist(box: Any, film: Any, tmp_path: Path) -> None:
    job = gazu.playlist.build_playlist_movie(film)
    assert (job["status"], job["playlist_id"]) == ("running", film["id"])
    done = until(lambda: gazu.playlist.get_build_job(job), lambda row: row["status"] != "running")
    assert (done["status"], done["message"]) == ("succeeded", None)
    told: Any = []
    movie = tmp_path / "movie.mp4"
    answer = gazu.playlist.download_playlist_build(
        film, job, str(movie), progress_callback=lambda *step: told.append(step)
    )
    size = movie.stat().st_size
    assert (answer.status_code, told[-1]) == (200, (size, size))
    assert frames(box, movie) == 20
    archive = tmp_path / "previews.zip"
    gazu.playlist.download_playlist_zip(film, str(archive), progress_callback=lambda *step: told.append(step))
    assert told[-1] == (archive.stat().st_size,) * 2
    with zipfile.ZipFile(str(archive)) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        assert ["sh010" in names[0], "sh020" in names[1], len(names)] == [True, True, 2]
        (tmp_path / "one.mp4").write_bytes(opened.read(names[0]))
    assert frames(box, tmp_path / "one.mp4") == 10
    movie.unlink()
    gazu.playlist.download_playlist_build(film["id"], job["id"], str(movie))
    assert movie.stat().st_size == size


def test_build_jobs_are_found_and_removed_with_and_without_the_playlist(
    project: Any, film: Any, tmp_path: Path
) -> None:
    other = gazu.playlist.new_playlist(project, "Other")
    gazu.playlist.update_playlist({"id": other["id"], "shots": gazu.playlist.get_playlist(film)["shots"]})
    jobs = first, second = gazu.playlist.build_playlist_movie(film), gazu.playlist.build_playlist_movie(other["id"])
    for job in jobs:
        until(lambda row=job: gazu.playlist.get_build_job(row)["status"], lambda status: status == "succeeded")
    assert sorted(ids(gazu.playlist.all_build_jobs_for_project(project))) == sorted(ids(jobs))
    assert sorted(ids(gazu.playlist.all_build_jobs_for_project(project["id"]))) == sorted(ids(jobs))
    assert gazu.playlist.get_playlist(film)["build_jobs"] == [first["id"]]
    for call in (
        lambda: gazu.playlist.get_build_job(first),
        lambda: gazu.playlist.get_build_job(first["id"]),
        lambda: gazu.playlist.get_build_job(uuid.UUID(first["id"])),
        lambda: gazu.playlist.get_build_job(film, first),
        lambda: gazu.playlist.get_build_job(film["id"], first["id"]),
        lambda: gazu.playlist.get_build_job(first["id"], playlist=film),
        lambda: gazu.playlist.get_build_job(playlist=film, build_job=first),
        lambda: gazu.playlist.get_build_job(film, build_job=first),
    ):
        assert call()["id"] == first["id"]
    with pytest.raises(RouteNotFoundException):
        gazu.playlist.get_build_job(other, first)
    assert gazu.playlist.remove_build_job(first["id"]) == ""
    with pytest.raises(RouteNotFoundException):
        gazu.playlist.download_playlist_build(film, first, str(tmp_path / "movie.mp4"))
    assert ids(gazu.playlist.all_build_jobs_for_project(project)) == [second["id"]]
    assert gazu.playlist.remove_build_job(other, second) == ""
    assert gazu.playlist.all_build_jobs_for_project(project) == []
    for job in (first, first["id"]):
        with pytest.raises(RouteNotFoundException):
            gazu.playlist.get_build_job(job)
        with pytest.raises(RouteNotFoundException):
            gazu.playlist.remove_build_job(job)


# -- mistakes ------------------------------------------------------------------
@pytest.mark.parametrize("bad", ["", "not-an-id", {}, None])
def test_what_is_no_record_is_refused_before_the_server_is_asked(bad: Any, playlist: Any) -> None:
    for call in (
        lambda: gazu.playlist.get_playlist(bad),
        lambda: gazu.playlist.new_playlist(bad, "Dailies"),
        lambda: gazu.playlist.add_entity_to_playlist(playlist, bad),
        lambda: gazu.playlist.update_entity_preview(playlist, bad, uuid.uuid4()),
        lambda: gazu.playlist.remove_entity_from_playlist(bad, uuid.uuid4()),
        lambda: gazu.playlist.get_build_job(bad),
        lambda: gazu.playlist.remove_build_job(playlist, bad),
    ):
        with pytest.raises(ValueError, match="Wrong format"):
            call()


def test_what_is_no_date_is_refused_before_the_server_is_asked(playlist: Any) -> None:
    nowhere = KitsuClient("http://127.0.0.1:9/api", retries=0)
    with pytest.raises(TransportException):
        gazu.playlist.new_share_link(playlist, "2026-12-31", client=nowhere)
    with pytest.raises(ValueError, match="tomorrow"):
        gazu.playlist.new_share_link(playlist, "tomorrow", client=nowhere)
    assert gazu.playlist.all_share_links_for_playlist(playlist) == []
