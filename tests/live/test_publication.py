"""What is refused before a comment exists, what an interruption leaves, and what the server drops (Zou 1.0.97)."""

import datetime
import os
from pathlib import Path
from typing import Any

import pytest

import gazu
from gazu.exception import GazuWarning, NotAllowedException, ParameterException

from .test_task import PIXEL


@pytest.fixture
def task(project: Any, work: Any) -> Any:
    return work.task["asset"]


@pytest.fixture
def status(admin: Any) -> Any:
    return gazu.task.get_task_status_by_short_name("wip")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(PIXEL)
    return path


def comments_of(task: Any) -> Any:
    return gazu.task.all_comments_for_task(task)


# -- refused before anything is sent -------------------------------------------------
def test_kinds_of_files_that_the_server_takes(task: Any, status: Any, tmp_path: Path) -> None:
    """The list is that of the server: with another suffix it deletes the preview file, with one of these it does not."""
    comment = gazu.task.add_comment(task, status)
    kinds = {
        "tif": False,
        "webp": False,
        "mxf": False,
        "txt": False,
        "": False,
        "psd": True,
        "blend": True,
        "riv": True,
    }
    for extension, is_taken in kinds.items():
        path = tmp_path / ("file." + extension if extension else "file")
        path.write_bytes(b"content")
        assert (extension in gazu.task.PREVIEW_EXTENSIONS) == is_taken
        preview = gazu.task.create_preview(task, comment)
        upload = f"pictures/preview-files/{preview['id']}"
        if is_taken:
            assert gazu.client.upload(upload, path)["extension"] == extension
            continue
        with pytest.raises(ParameterException, match="Wrong file format"):
            gazu.client.upload(upload, path)
        with pytest.raises(ValueError, match="the server takes no such file as a preview"):
            gazu.task.publish_preview(task, status, preview_file_path=path)
        with pytest.raises(ValueError, match="the server takes no such file as a preview"):
            gazu.task.batch_comments([{"task_status_id": status["id"], "text": "", "preview_files": [path]}], task)
    assert len(comments_of(task)) == 1


def test_each_kind_in_the_list_is_taken(task: Any, status: Any, tmp_path: Path) -> None:
    """A kind that a new server refuses is noticed here: it leaves it out of a batch in silence (Zou 1.0.97)."""
    paths = [tmp_path / f"{extension}.{extension}" for extension in sorted(gazu.task.PREVIEW_EXTENSIONS)]
    for path in paths:
        path.write_bytes(PIXEL)
    comment = {"task_status_id": status["id"], "text": "", "preview_files": paths}
    (created,) = gazu.task.batch_comments([comment], task)
    assert sorted(row["original_name"] for row in created["preview_files"]) == [path.stem for path in paths]


def test_a_revision_that_is_taken(task: Any, status: Any, picture: Path) -> None:
    gazu.task.publish_preview(task, status, preview_file_path=picture, revision=3)
    with pytest.raises(ParameterException, match="revision 3 of the task .* is taken: nothing was published"):
        gazu.task.publish_preview(task, status, preview_file_path=picture, revision=3)
    with pytest.raises(ValueError, match="revision: expected a whole number"):
        gazu.task.publish_preview(task, status, preview_file_path=picture, revision=-3)
    assert len(comments_of(task)) == 1


def test_a_thumbnail_that_there_will_not_be(task: Any, status: Any, tmp_path: Path) -> None:
    path = tmp_path / "plate.exr"
    path.write_bytes(b"content")
    with pytest.raises(ValueError, match="set_thumbnail: the server makes none of a .exr file"):
        gazu.task.publish_preview(task, status, preview_file_path=path, set_thumbnail=True)
    assert comments_of(task) == []


# -- interrupted ---------------------------------------------------------------------
def test_a_callback_that_raises_and_the_same_call_again(task: Any, status: Any, picture: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        gazu.task.publish_preview(task, status, "v1", preview_file_path=picture, progress_callback=stop)
    error: Any = caught.value
    comment, preview = gazu.task.publish_preview(task, status, "v1", preview_file_path=picture)
    assert (comment["id"], preview["id"]) == (error.comment["id"], error.preview_file["id"])
    assert len(comments_of(task)) == 1 == len(gazu.files.get_all_preview_files_for_task(task))
    again, _ = gazu.task.publish_preview(task, status, "v1", preview_file_path=picture)
    assert again["id"] != comment["id"]


def test_what_was_deleted_meanwhile_is_made_again(task: Any, status: Any, picture: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        gazu.task.publish_preview(task, status, "v1", preview_file_path=picture, progress_callback=stop)
    gazu.task.remove_comment(caught.value.comment)  # type: ignore[attr-defined]
    comment, _ = gazu.task.publish_preview(task, status, "v1", preview_file_path=picture)
    assert [row["id"] for row in comments_of(task)] == [comment["id"]]


# -- what the server drops, and adds -----------------------------------------------------
def test_an_artist_sets_no_author_and_no_date(task: Any, status: Any, artist: Any) -> None:
    me = gazu.client.get_current_user()
    with pytest.warns(GazuWarning, match="the server ignored person_id, created_at of the comments"):
        row = gazu.task.add_comment(
            task, status, "old", person=me, created_at="2020-01-01T10:00:00", client=artist.client
        )
    assert row["person_id"] == artist.person["id"]
    with pytest.warns(DeprecationWarning, match="the server ignores person"):
        reply = gazu.task.reply_to_comment(row, "hello", task=task, person=me, client=artist.client)
    assert reply["person_id"] == artist.person["id"]


def test_a_batch_of_which_only_a_part_may_be_made(work: Any, status: Any, artist: Any, task: Any) -> None:
    other = gazu.task.all_tasks_for_asset(work.asset[1])[0]
    rows = [{"object_id": one["id"], "task_status_id": status["id"], "comment": "x"} for one in (task, other)]
    with pytest.raises(NotAllowedException, match="the server created 1 of 2 comments") as caught:
        gazu.task.create_multiple_comments(task["project_id"], rows, client=artist.client)
    assert [row["object_id"] for row in caught.value.comments or []] == [task["id"]]


def test_a_batch_for_clients_is_refused(task: Any, status: Any) -> None:
    with pytest.raises(ValueError, match=r"comments\[0\].for_client: the server ignores it"):
        gazu.task.batch_comments([{"task_status_id": status["id"], "text": "", "for_client": True}], task)


def test_hashtags_comment_on_other_tasks(work: Any, task: Any, status: Any) -> None:
    letters = os.urandom(6).hex().translate(str.maketrans("0123456789", "ghijklmnop"))  # tags are of letters only
    kind = gazu.task.new_task_type("Tag" + letters, for_entity="Asset")
    other = gazu.task.new_task(work.asset[0], kind)
    gazu.task.add_comment(task, status, f"fixed the #{kind['name']} problem, #all", hashtags=False)
    assert comments_of(other) == []
    gazu.task.add_comment(task, status, f"fixed the #{kind['name']} problem")
    assert len(comments_of(other)) == 1


# -- days and times ----------------------------------------------------------------------
@pytest.mark.parametrize("day", ["2019-05-04", datetime.date(2019, 5, 4)])
def test_a_comment_of_a_day(task: Any, status: Any, day: Any) -> None:
    """The server ignores a day without a time."""
    assert gazu.task.add_comment(task, status, created_at=day)["created_at"] == "2019-05-04T00:00:00"


def test_days_and_times_with_a_zone(task: Any, artist: Any) -> None:
    tokyo = datetime.timezone(datetime.timedelta(hours=9))
    morning = datetime.datetime(2026, 3, 2, 8, 30, tzinfo=tokyo)
    spent = gazu.task.set_time_spent(task, artist.person, morning, 60, client=artist.client)
    assert spent["date"] == "2026-03-02"
    assert gazu.task.update_task({"id": task["id"], "due_date": morning})["due_date"] == "2026-03-01T23:30:00"
