"""What a review is made of, on a real server: playlists in one request, annotated frames, pictures, news, chats."""

import subprocess
import uuid
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Iterator, List

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.exception import (
    GazuWarning,
    NotAllowedException,
    ParameterException,
    RouteNotFoundException,
    ServerErrorException,
)
from gazu.review import SharedPlaylist
from gazu_sandbox import Sandbox

from ..answers import problems
from .test_playlist import PIXEL, entries, ids

NOBODY = "0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"
PASSWORD = "a secret of 7 words"
LINE = {"id": "1", "type": "path", "path": [["M", 0, 0], ["L", 9, 9]], "stroke": "#ff0000", "strokeWidth": 2}
NOTE = {"time": 0.04, "width": 64, "height": 36, "drawing": {"objects": [LINE]}}


@pytest.fixture
def show(project: Any, artist: Any, unique: Any, tmp_path: Path) -> Any:
    """A production with a picture for each of two shots; on the first one the artist has the task."""
    picture = tmp_path / "picture.png"
    picture.write_bytes(PIXEL)
    kind = gazu.task.new_task_type(unique("Animation"), for_entity="Shot")
    sequence = gazu.shot.new_sequence(project, "SEQ", gazu.shot.new_episode(project, "E01"))
    shots = [gazu.shot.new_shot(project, sequence, name) for name in ("SH010", "SH020")]
    tasks = [
        gazu.task.new_task(shot, kind, assignees=[artist.person["id"]][number:]) for number, shot in enumerate(shots)
    ]
    wip = gazu.task.get_task_status_by_short_name("wip")
    stills = [gazu.task.publish_preview(task, wip, preview_file_path=str(picture))[1] for task in tasks]
    playlist = gazu.playlist.new_playlist(project, "Dailies")
    bare = gazu.shot.new_shot(project, sequence, "SH030")
    return SimpleNamespace(
        project=project, shots=shots, tasks=tasks, stills=stills, playlist=playlist, bare=bare, picture=picture
    )


@pytest.fixture
def movie(box: Any, show: Any, tmp_path: Path) -> Any:
    """A movie of ten frames for the first shot, annotated at 0.04 s."""
    gazu.project.update_project({"id": show.project["id"], "resolution": "320x180"})  # quickly encoded
    clip = tmp_path / "clip.mp4"
    source = ["-f", "lavfi", "-i", "testsrc=size=64x36:rate=25:duration=0.4", "-pix_fmt", "yuv420p"]
    subprocess.run([box.ffmpeg, "-v", "error", *source, str(clip)], check=True)
    wip = gazu.task.get_task_status_by_short_name("wip")
    made = gazu.task.publish_preview(show.tasks[0], wip, preview_file_path=str(clip))[1]
    gazu.files.wait_for_preview_file(made, timeout=120, poll_interval=0.1)
    return gazu.files.update_preview_annotations(made, additions=[NOTE])


@pytest.fixture
def client_of_role(box: Any, project: Any, new_person: Any) -> Iterator[Any]:
    """Log in as somebody of a role, who is in the team of the project."""
    made = []

    def client_of_role(role: str) -> KitsuClient:
        person = new_person(role=role, password=PASSWORD)
        gazu.project.add_person_to_team(project, person)
        made.append(gazu.create_session(box.host, person["email"], PASSWORD))
        return made[-1]

    yield client_of_role
    for client in made:
        client.session.close()


# -- playlists -----------------------------------------------------------------
def test_entities_are_added_in_one_request(show: Any, client_of_role: Any) -> None:
    """Zou 1.0.97 adds ids of no entity too, and shows the newest preview for one of another entity, in silence."""
    manager, artist = client_of_role("manager"), client_of_role("user")
    playlist, (first, second) = show.playlist, show.shots
    assert gazu.playlist.add_entities_to_playlist(playlist, [], client=manager)["shots"] is None
    added = gazu.playlist.add_entities_to_playlist(playlist, [first, second["id"]], client=manager)
    shown = {first["id"]: show.stills[0]["id"], second["id"]: show.stills[1]["id"]}
    assert {entry["entity_id"]: entry["preview_file_id"] for entry in added["shots"]} == shown == entries(playlist)
    again = {"entity_id": first["id"], "preview_file_id": show.stills[0]["id"]}
    assert len(gazu.playlist.add_entities_to_playlist(playlist["id"], [again, second])["shots"]) == 2

    with pytest.raises(RouteNotFoundException, match=f"one of the ids is unknown: {NOBODY}"):
        gazu.playlist.add_entities_to_playlist(playlist, [first, NOBODY])
    assert entries(playlist) == shown
    with pytest.warns(GazuWarning, match=f"newest preview of {first['id']}"):
        gazu.playlist.add_entities_to_playlist(playlist, [{**again, "preview_file_id": show.stills[1]["id"]}])
    assert entries(playlist) == shown
    with pytest.raises(TypeError, match="entities"):
        gazu.playlist.add_entities_to_playlist(playlist, None)  # type: ignore[arg-type]
    with pytest.raises(NotAllowedException):
        gazu.playlist.add_entities_to_playlist(playlist, first, client=artist)


def test_a_playlist_as_a_sheet(show: Any, client_of_role: Any, tmp_path: Path) -> None:
    """Zou 1.0.97 answers 500 for an entry without a preview, and for a playlist without entries."""
    sheet, supervisor = tmp_path / "sheet.csv", client_of_role("supervisor")
    path = f"export/csv/playlists/{show.playlist['id']}"
    with pytest.raises(ServerErrorException):
        gazu.client.get(path, json_response=False)
    with pytest.raises(ValueError, match="previews only: none of any entity"):
        gazu.playlist.export_playlist_with_csv(show.playlist, sheet)
    gazu.playlist.add_entities_to_playlist(show.playlist, show.shots)
    gazu.playlist.export_playlist_with_csv(show.playlist, sheet, client=supervisor)
    rows = [line.split(";") for line in sheet.read_text(encoding="utf-8").splitlines()]
    assert [row[0].split(" / ")[-1] for row in rows[3:]] == [shot["name"] for shot in show.shots]
    for role in ("vendor", "user"):
        with pytest.raises(NotAllowedException):
            gazu.playlist.export_playlist_with_csv(show.playlist, sheet, client=client_of_role(role))
    gazu.playlist.add_entities_to_playlist(show.playlist, show.bare)
    with pytest.raises(ServerErrorException):
        gazu.client.get(path, json_response=False)
    with pytest.raises(ValueError, match=f"none of {show.bare['id']}"):
        gazu.playlist.export_playlist_with_csv(show.playlist, sheet)


def test_people_are_invited_to_a_share_link(show: Any, new_person: Any, client_of_role: Any) -> None:
    """Zou 1.0.97 leaves out unknown people in silence."""
    link, jane = gazu.playlist.new_share_link(show.playlist), new_person()
    invite = gazu.playlist.invite_to_share_link
    assert invite(show.playlist, link["token"]) == []
    sent = invite(show.playlist, link["token"], ["ann@example.com"], jane, "look", client=client_of_role("manager"))
    assert sent == ["ann@example.com", jane["email"]]
    with pytest.raises(RouteNotFoundException, match="one of the ids is unknown"):
        invite(show.playlist, link["token"], persons=[jane, NOBODY])
    with pytest.raises(RouteNotFoundException) as caught:
        invite(show.playlist, str(uuid.uuid4()), ["ann@example.com"])
    assert link["token"] not in str(caught.value)
    with pytest.raises(ParameterException):
        invite(show.playlist, link["token"], ["no address"])
    with pytest.raises(NotAllowedException):
        invite(show.playlist, link["token"], ["ann@example.com"], client=client_of_role("supervisor"))


# -- previews ------------------------------------------------------------------
def test_annotated_frames(show: Any, movie: Any, client_of_role: Any, tmp_path: Path) -> None:
    """Zou 1.0.97: an annotation at 0.04 s is on frame 2 at 25 fps, and no other frame has one."""
    manager, file, got = client_of_role("manager"), tmp_path / "file", gazu.files.download_annotated_frame
    assert gazu.files.all_annotated_frame_numbers(movie, client=manager) == [2]
    assert gazu.files.all_annotated_frame_numbers(show.stills[1]) == []
    got(movie, 2, file, client=manager)
    assert file.read_bytes().startswith(b"\x89PNG")
    assert got(movie, 2).content.startswith(b"\x89PNG")
    for number in (None, 0, 1, 3, 999):
        with pytest.raises(ParameterException):
            got(movie, number, file)
    gazu.files.download_annotated_frames(movie["id"], file, client=manager)
    assert [name.rsplit("_", 2)[1:] for name in zipfile.ZipFile(file).namelist()] == [["frame", "2.png"]]
    gazu.files.download_annotated_frames(movie, file, as_pdf=True)
    assert file.read_bytes().startswith(b"%PDF")
    for call in (
        lambda client: got(movie, 2, file, client=client),
        lambda client: gazu.files.download_annotated_frames(movie, file, client=client),
    ):
        with pytest.raises(NotAllowedException):
            call(client_of_role("supervisor"))
    with pytest.raises(ParameterException, match="no annotations"):
        gazu.files.download_annotated_frames(show.stills[1], file)
    gazu.files.update_preview_annotations(show.stills[1], additions=[NOTE])
    assert got(show.stills[1]).content.startswith(b"\x89PNG")

    gazu.shot.update_shot_data(show.shots[0], {"fps": "12,5"})  # that of the shot counts; Zou takes a comma
    assert gazu.files.all_annotated_frame_numbers(movie) == [1]


def test_pictures_and_originals(show: Any, movie: Any, artist: Any, tmp_path: Path) -> None:
    file, files = tmp_path / "file", gazu.files
    for size in ("previews", "thumbnails-square"):
        files.download_preview_picture(movie, file, size, client=artist.client)
        assert file.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="size: expected previews or thumbnails-square"):
        files.download_preview_picture(movie, file, "large")
    files.download_preview_tile(movie, file, client=artist.client)
    assert file.read_bytes().startswith(b"\x89PNG")
    answer = files.download_preview_original(movie["id"], file, client=artist.client)
    assert file.read_bytes()[4:8] == b"ftyp" and answer.headers["Content-Disposition"].endswith("_v2.mp4")
    files.download_preview_original(show.stills[1], file)
    assert file.read_bytes().startswith(b"\x89PNG")
    for call, preview in ((files.download_preview_source_movie, movie), (files.download_preview_tile, show.stills[1])):
        with pytest.raises(RouteNotFoundException):
            call(preview, file)
    gazu.project.remove_person_from_team(show.project, artist.person)
    gazu.task.clear_assignations(show.tasks)
    for call in (files.download_preview_tile, files.download_preview_original, files.download_preview_picture):
        with pytest.raises(NotAllowedException):
            call(movie, file, client=artist.client)


def test_a_server_that_keeps_sources(gazu_make: Any, tmp_path: Path) -> None:
    """Zou 1.0.97 with PREVIEW_SAVE_SOURCE_FILE: the movie as it was published. It takes seconds: a server of its own."""
    path, file = gazu_make.movie(), tmp_path / "file"
    with Sandbox(workers=1, jobs=False, environment={"PREVIEW_SAVE_SOURCE_FILE": "true"}) as box:
        with gazu.create_session(box.host, box.email, box.password) as client:
            project = gazu.project.new_project("Kept", client=client)
            shot = gazu.shot.new_shot(
                project, gazu.shot.new_sequence(project, "SQ01", client=client), "SH01", client=client
            )
            kind = gazu.task.new_task_type("Animation", for_entity="Shot", client=client)
            task, wip = (
                gazu.task.new_task(shot, kind, client=client),
                gazu.task.get_task_status_by_short_name("wip", client=client),
            )
            _, preview = gazu.task.publish_preview(task, wip, preview_file_path=path, client=client)
            gazu.files.wait_for_preview_file(preview, 60, 0.2, client=client)
            gazu.files.download_preview_source_movie(preview, file, client=client)
    assert file.read_bytes() == Path(path).read_bytes()


def test_all_previews_of_an_entity(show: Any, artist: Any) -> None:
    assert ids(gazu.files.all_preview_files_for_entity(show.shots[0], client=artist.client)) == [show.stills[0]["id"]]
    assert gazu.files.all_preview_files_for_entity(show.bare) == []
    with pytest.raises(RouteNotFoundException):
        gazu.files.all_preview_files_for_entity(NOBODY)
    gazu.project.remove_person_from_team(show.project, artist.person)
    with pytest.raises(NotAllowedException):
        gazu.files.all_preview_files_for_entity(show.shots[0], client=artist.client)


# -- news, chats, comments -----------------------------------------------------
def test_news(show: Any, artist: Any, client_of_role: Any) -> None:
    of_project, done = gazu.project.all_news_for_project, gazu.task.get_task_status_by_short_name("done")
    gazu.task.add_comment(show.tasks[0], done, "good")
    news = of_project(show.project, client=artist.client)
    by_preview = {one["preview_file_id"]: one for one in news}  # those of one second come in any order
    assert by_preview.keys() == {None, show.stills[1]["id"], show.stills[0]["id"]} and len(news) == 3
    assert news["total"] == 3 and news["stats"][done["id"]] == 1
    previews = of_project(show.project, only_preview=True)
    assert {one["preview_files"][0]["id"] for one in previews} == {show.stills[1]["id"], show.stills[0]["id"]}
    for filters, count in (
        ({"task_status": done}, 1), ({"task_type": show.tasks[0]["task_type_id"]}, 3), ({"person": artist.person}, 0),
        ({"after": "2020-01-01", "before": "2099-01-01"}, 3), ({"before": "2020-01-01T10:00:00"}, 0),
        ({"episode": gazu.shot.get_episode_by_name(show.project, "E01")}, 3), ({"page": 2, "limit": 2}, 1),
        ({"limit": 1}, 3), ({"page": 9}, 0),
    ):  # fmt: skip
        assert len(of_project(show.project, **filters)) == count, filters
    assert gazu.project.get_news(show.project, news[0], client=artist.client)["id"] == news[0]["id"]
    assert ids(gazu.entity.all_news_for_entity(show.shots[1], client=artist.client)) == [
        by_preview[show.stills[1]["id"]]["id"]
    ]
    mine = gazu.user.all_news(client=artist.client)
    assert sorted(ids(mine)) == sorted(ids(news))
    assert set(ids(news)) <= set(ids(gazu.user.all_news(after=news[-1]["created_at"][:10])))
    with pytest.raises(RouteNotFoundException):
        gazu.project.get_news(show.project, NOBODY)
    with pytest.raises(NotAllowedException):
        of_project(show.project, client=client_of_role("client"))
    with pytest.raises(NotAllowedException):
        gazu.project.get_news(show.project, news[0], client=client_of_role("vendor"))
    gazu.project.remove_person_from_team(show.project, artist.person)
    with pytest.raises(NotAllowedException):
        gazu.entity.all_news_for_entity(show.shots[0], client=artist.client)


def test_a_chat(show: Any, artist: Any, tmp_path: Path) -> None:
    """Zou 1.0.97: a GET creates the chat, its `messages` are always empty, and an unknown message is a 500."""
    shot, file, entity = show.shots[0], show.picture, gazu.entity
    chat = entity.get_chat(shot, client=artist.client)
    assert chat["object_id"] == shot["id"] and chat["participants"] == []
    with pytest.raises(ParameterException, match="not a participant"):
        entity.new_chat_message(shot, "hello", client=artist.client)
    gazu.user.join_chat(shot, client=artist.client)
    one = entity.new_chat_message(shot["id"], "hello", client=artist.client)
    two = entity.new_chat_message(shot, "look", [file, file], client=artist.client)
    with pytest.raises(FileNotFoundError):
        entity.new_chat_message(shot, "lost", [tmp_path / "lost.png"], client=artist.client)
    messages = sorted(entity.all_chat_messages(shot), key=lambda message: message["text"])  # sent in one second
    assert [message["text"] for message in messages] == ["hello", "look"]
    assert [len(message["attachment_files"]) for message in messages] == [0, 2]
    assert entity.get_chat(shot)["messages"] == []
    assert entity.get_chat_message(shot, two)["text"] == "look"
    with pytest.raises(ServerErrorException):
        entity.get_chat_message(shot, NOBODY)
    with pytest.raises(NotAllowedException):
        entity.get_chat_message(show.shots[1], one)
    gazu.user.join_chat(shot)
    mine = entity.new_chat_message(shot, "from the administrator")
    with pytest.raises(NotAllowedException):
        entity.remove_chat_message(shot, mine, client=artist.client)
    for message in (one, two, mine):
        entity.remove_chat_message(shot, message)
    assert entity.all_chat_messages(shot) == []
    gazu.project.remove_person_from_team(show.project, artist.person)
    for call in (entity.get_chat, entity.all_chat_messages):
        with pytest.raises(NotAllowedException):
            call(shot, client=artist.client)


def test_comments_of_clients_are_copied(show: Any, client_of_role: Any) -> None:
    """Zou 1.0.97 leaves out tasks without a comment of a client, and ids of no task, in silence."""
    copy, manager = gazu.task.copy_client_comments, client_of_role("manager")
    retake = gazu.task.get_task_status_by_short_name("retake")
    gazu.task.add_comment(show.tasks[0], retake, "more light", client=client_of_role("client"))
    assert copy(show.project, [], client=manager) == []
    made = copy(show.project, show.tasks[0], "Client:", client=manager)
    assert [comment["text"] for comment in made] == ["Client:\n\nmore light"]
    assert made[0]["id"] in ids(gazu.task.all_comments_for_task(show.tasks[0]))
    with pytest.warns(GazuWarning, match=f"2 of 3 tasks have no comment of a client.*{NOBODY}"):
        assert len(copy(show.project, [*show.tasks, NOBODY])) == 1
    with pytest.raises(TypeError, match="tasks"):
        copy(show.project, None)  # type: ignore[arg-type]
    with pytest.raises(NotAllowedException):
        copy(show.project, show.tasks, client=client_of_role("supervisor"))


def test_the_names_of_events(project: Any, artist: Any, client_of_role: Any) -> None:
    assert "project:new" in gazu.sync.all_event_names(client=client_of_role("manager"))
    with pytest.raises(NotAllowedException):
        gazu.sync.all_event_names(client=artist.client)


# -- guests --------------------------------------------------------------------
@pytest.fixture
def shared(show: Any) -> SharedPlaylist:
    """The playlist of both pictures, as a guest opens it by the address of its page."""
    gazu.playlist.add_entities_to_playlist(show.playlist, show.shots)
    link = gazu.playlist.new_share_link(show.playlist)
    site = gazu.client.get_api_url_from_host()
    return SharedPlaylist(f"{site}/playlists/shared/{link['token']}?from=mail")


def true(answer: Any, method: Any) -> Any:
    """Return what a method returned, if it is of the type that it declares."""
    assert problems(answer, method.__annotations__["return"], method.__name__) == []
    return answer


def test_a_guest_reviews_a_playlist(
    show: Any, movie: Any, shared: SharedPlaylist, unique: Any, client_of_role: Any, tmp_path: Path
) -> None:
    sent: List[Any] = []
    shared.client.session.hooks["response"].append(lambda response, **_: sent.append(response.request.headers))
    playlist = true(shared.get_playlist(), SharedPlaylist.get_playlist)
    assert [entry["preview_file_id"] for entry in playlist["shots"]] == [movie["id"], show.stills[1]["id"]]
    assert shared.get_context()["project"]["name"] == show.project["name"]
    assert true(shared.get_preview_file(movie), SharedPlaylist.get_preview_file)["id"] == movie["id"]
    file = tmp_path / "file"
    starts = {"original": b"ftyp", "movie": b"ftyp", "tile": b"PNG", "picture": b"PNG", "thumbnail": b"PNG"}
    for kind, start in starts.items():
        shared.download_preview_file(movie, file, kind)
        assert start in file.read_bytes()[:8], kind
    with pytest.raises(ValueError, match="kind: expected one of original"):
        shared.download_preview_file(movie, file, "large")

    retake = gazu.task.get_task_status_by_short_name("retake")
    secret = gazu.task.new_task_status(unique("Secret"), uuid.uuid4().hex[:8], "#000000")
    gazu.task.update_task_status({"id": secret["id"], "is_client_allowed": False})
    with pytest.raises(ValueError, match="call join"):
        shared.add_comment(show.tasks[0], retake, "darker")
    guest = shared.join("Ann", "Lee")
    assert guest["full_name"] == "Ann Lee" and shared.guest_id == guest["id"] == shared.join(guest=guest)["id"]
    with pytest.warns(GazuWarning, match=f"{NOBODY} is not a guest of this link"):
        shared.join("Ann", "Lee", NOBODY)
    comment = true(
        shared.add_comment(show.tasks[0], retake, "darker", [{"text": "sky", "checked": False}]),
        SharedPlaylist.add_comment,
    )
    assert gazu.task.get_task(show.tasks[0])["task_status_id"] == retake["id"]
    comment = true(shared.update_comment({"id": comment["id"], "text": "brighter"}), SharedPlaylist.update_comment)
    assert comment["text"] == "brighter" and comment["checklist"][0]["text"] == "sky"
    comment = true(shared.add_attachments(comment, [show.picture, show.picture]), SharedPlaylist.add_attachments)
    first, second = comment["attachment_files"]
    shared.download_attachment(first, file)
    assert file.read_bytes() == PIXEL
    assert shared.remove_attachment(comment, second) == ""
    (found,) = true(shared.all_comments(), SharedPlaylist.all_comments)
    assert found["text"] == "brighter" and ids(found["attachment_files"]) == [first["id"]]
    drawn = shared.update_annotations(movie, additions=[{**NOTE, "time": 0.08}])
    assert len(true(drawn, SharedPlaylist.update_annotations)["annotations"]) == 2
    with pytest.warns(GazuWarning, match="did not change"):
        shared.update_annotations(movie, updates=[{**NOTE, "time": 9}])

    manager = client_of_role("manager")
    author = gazu.client.get_current_user(client=manager)
    gazu.person.set_avatar(author, show.picture)
    gazu.task.add_comment(show.tasks[0], retake, "see", for_client=True, client=manager)
    shared.download_avatar(author, file)
    assert file.read_bytes().startswith(b"\x89PNG")
    assert shared.remove_comment(comment) == ""
    assert [one["text"] for one in shared.all_comments()] == ["see"]
    with pytest.raises(ParameterException, match="not allowed for guests"):
        shared.add_comment(show.tasks[0], secret)
    with pytest.raises(ValueError, match="attachments"):
        shared.add_attachments(comment, [])
    assert sent and not any("Authorization" in headers for headers in sent)


def test_what_a_share_link_does_not_open(show: Any, shared: SharedPlaylist, tmp_path: Path) -> None:
    retake = gazu.task.get_task_status_by_short_name("retake")
    link = gazu.playlist.new_share_link(show.playlist, can_comment=False)
    silent = SharedPlaylist(link["token"])
    silent.join()
    for call in (
        lambda: silent.add_comment(show.tasks[0], retake),
        lambda: silent.update_annotations(show.stills[0], additions=[NOTE]),
        lambda: silent.download_preview_file(gazu.task.publish_preview(
            gazu.task.new_task(show.bare, show.tasks[0]["task_type_id"]), retake, preview_file_path=str(show.picture)
        )[1], tmp_path / "file"),
    ):  # fmt: skip
        with pytest.raises(NotAllowedException):
            call()
    shared.join("Ann")
    mine = shared.add_comment(show.tasks[0], retake, "mine")
    shared.join("Bob")
    for call in (lambda: shared.update_comment({**mine, "text": "his"}), lambda: shared.remove_comment(mine)):
        with pytest.raises(NotAllowedException):
            call()
    gazu.playlist.remove_share_link(show.playlist, link["token"])
    with pytest.raises(RouteNotFoundException, match="was it revoked") as caught:
        silent.get_playlist()
    assert link["token"] not in str(caught.value) + repr(caught.value) + repr(silent)
    for wrong in ("https://kitsu.example.com/playlists", "", "a/b"):
        with pytest.raises(ValueError, match="url_or_token"):
            SharedPlaylist(wrong)


def test_a_link_with_a_password_is_of_no_use_to_a_guest(show: Any, tmp_path: Path) -> None:
    """Zou 1.0.97: with the password, it opens the playlist and its comments; all else is a 404, which says so."""
    gazu.playlist.add_entities_to_playlist(show.playlist, show.shots)
    link = gazu.playlist.new_share_link(show.playlist, password="pässword")
    opened = SharedPlaylist(link["token"], password="pässword")
    assert len(opened.get_playlist()["shots"]) == 2 and opened.all_comments() == []
    for call in (
        opened.get_context,
        opened.join,
        lambda: opened.get_preview_file(show.stills[0]),
        lambda: opened.download_preview_file(show.stills[0], tmp_path / "file"),
        SharedPlaylist(link["token"], password="wrong").get_playlist,
        SharedPlaylist(link["token"]).get_playlist,
    ):
        with pytest.raises(RouteNotFoundException, match="a link with a password, Zou 1.0.97 opens") as caught:
            call()
        assert not any(word in str(caught.value) for word in (link["token"], "pässword", "p%C3%A4ssword"))
