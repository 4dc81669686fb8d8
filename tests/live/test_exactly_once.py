"""Answers that get lost on the way: the server has everything once, and the caller knows what there is."""

import os
from pathlib import Path
from typing import Any, Callable, Iterator, List

import pytest
import requests

import gazu
from gazu.client import KitsuClient
from gazu.exception import GazuException, TransportException

from ..proxy import Proxy

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


@pytest.fixture
def proxy(box: Any) -> Iterator[Proxy]:
    with Proxy(box.host) as proxy:
        yield proxy


@pytest.fixture
def client(admin: KitsuClient, proxy: Proxy) -> Iterator[KitsuClient]:
    """The administrator, behind the proxy."""
    with proxy.client_of(admin) as client:
        yield client


@pytest.fixture
def task(project: Any, unique: Callable[[str], str]) -> Any:
    asset = gazu.asset.new_asset(project, gazu.asset.new_asset_type(unique("Prop")), "Tree")
    return gazu.task.new_task(asset, gazu.task.new_task_type(unique("Modeling"), for_entity="Asset"))


@pytest.fixture
def wip(admin: KitsuClient) -> Any:
    return gazu.task.get_task_status_by_short_name("wip")


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = tmp_path / 'v1 "été".png'
    path.write_bytes(PICTURE)
    return str(path)


def shape(row: Any) -> Any:
    """Return a row without what two rows never share."""
    if isinstance(row, dict):
        own = ("id", "name", "created_at", "updated_at", "previews", "status", "revision", "comments")
        return {key: None if key in own else shape(value) for key, value in row.items()}
    return [shape(one) for one in row] if isinstance(row, list) else row


def texts(task: Any) -> List[str]:
    return [row["text"] for row in gazu.task.all_comments_for_task(task)]


LOST = ("answer", "half", "gateway")


@pytest.mark.parametrize("fate", LOST)
@pytest.mark.parametrize("files", [0, 2])
def test_comment_is_found(files: int, fate: str, task: Any, wip: Any, picture: str, client: Any, proxy: Proxy) -> None:
    more = {"checklist": [{"text": "hand", "checked": False}], "attachments": [picture, __file__][:files]}
    usual = gazu.task.add_comment(task, wip, " <b>Wip</b> &\nmore ", client=client, **more)
    proxy.meet(fate, "/comment")
    found = gazu.task.add_comment(task, wip, " <b>Wip</b> &\nmore ", client=client, **more)
    assert found["id"] != usual["id"]
    assert len(proxy.done) == 1
    assert len(texts(task)) == 2
    if not files:
        assert shape(found) == shape(usual)
    assert len(found["attachment_files"]) == len(usual["attachment_files"]) == files


def test_comment_of_somebody_at_some_time(task: Any, wip: Any, artist: Any, client: Any, proxy: Proxy) -> None:
    details = {"person": artist.person, "created_at": "2020-01-02T03:04:05", "client": client}
    gazu.task.add_comment(task, wip, "Imported", artist.person, client=client)
    proxy.meet("answer", "/comment")
    found = gazu.task.add_comment(task, wip, "Imported", **details)
    assert (found["person_id"], found["created_at"]) == (artist.person["id"], "2020-01-02T03:04:05")
    assert len(texts(task)) == 2


def test_comment_that_never_arrived(task: Any, wip: Any, client: Any, proxy: Proxy) -> None:
    gazu.task.add_comment(task, wip, "Ready", client=client)  # the same words are not proof
    proxy.meet("request", "/comment")
    with pytest.raises(requests.exceptions.ConnectionError, match="not done it so far") as caught:
        gazu.task.add_comment(task, wip, "Ready", client=client)
    assert isinstance(caught.value, TransportException)
    assert caught.value.comment is None
    assert proxy.done == []
    assert gazu.task.add_comment(task, wip, "Ready", client=client)["text"] == "Ready"
    assert texts(task) == ["Ready"] * 2


def test_comment_that_nobody_can_ask_for(task: Any, wip: Any, client: Any, proxy: Proxy) -> None:
    client.retries = 0
    proxy.meet("down", "/comment")
    for _ in range(2):
        with pytest.raises(requests.exceptions.ConnectionError):
            gazu.task.add_comment(task, wip, "Ready", client=client)
    proxy.fate = None
    made = gazu.task.add_comment(task, wip, "Ready", client=client)
    assert [row["id"] for row in gazu.task.all_comments_for_task(task)] == [made["id"]]
    assert len(proxy.done) == 1


STEPS = ("/comment", "/add-preview", "/pictures/preview-files/")


def go_on(error: GazuException, publish: Callable[[], Any], task: Any, picture: str, client: Any) -> Any:
    """Continue as the documentation says."""
    if error.preview_file:
        return error.comment, gazu.task.upload_preview_file(error.preview_file, picture, client=client)
    if error.comment:
        return error.comment, gazu.task.add_preview(task, error.comment, picture, client=client)
    return publish()


@pytest.mark.parametrize("fate", [*LOST, "request", "down"])
@pytest.mark.parametrize("step", STEPS)
def test_publication(step: str, fate: str, task: Any, wip: Any, picture: str, client: Any, proxy: Proxy) -> None:
    client.retries = 0

    def publish() -> Any:
        return gazu.task.publish_preview(task, wip, "v1", preview_file_path=picture, client=client)

    proxy.meet(fate, step)
    if fate in LOST:
        comment, preview = publish()
    else:
        with pytest.raises(requests.exceptions.ConnectionError) as caught:
            publish()
        known = [row["id"] for row in (caught.value.comment, caught.value.preview_file) if row]
        assert len(known) == STEPS.index(step)
        assert all(id in str(caught.value) for id in known)
        proxy.fate = None
        comment, preview = go_on(caught.value, publish, task, picture, client)
    assert len(proxy.done) == 3
    [row] = gazu.task.all_comments_for_task(task)
    [file] = gazu.task.all_previews_for_task(task)
    assert (comment["id"], preview["id"]) == (row["id"], file["id"])
    assert [one["id"] for one in row["previews"]] == [file["id"]]
    assert (file["revision"], file["original_name"]) == (1, os.path.basename(picture)[:-4])
    assert preview["original_name"] == file["original_name"]


def test_preview_files_are_found_as_they_are_made(task: Any, wip: Any, picture: str, client: Any, proxy: Proxy) -> None:
    said = gazu.task.add_comment(task, wip, "Two pictures", client=client)
    usual = gazu.task.create_preview(task, said, client=client)
    made = gazu.task.upload_preview_file(usual, picture, client=client)
    proxy.meet("answer", "/preview-files/")
    found = gazu.task.create_extra_preview(task, said, usual, client=client)
    proxy.meet("answer", "/pictures/")
    filled = gazu.task.upload_preview_file(found, picture, client=client)
    assert [shape(found), shape(filled)] == [{**shape(usual), "position": 2}, {**shape(made), "position": 2}]
    assert len(gazu.task.all_previews_for_task(task)) == 2


@pytest.mark.parametrize("fate", [*LOST, "request", "down"])
@pytest.mark.parametrize("files", [False, True])
def test_batch(files: bool, fate: str, task: Any, wip: Any, picture: str, client: Any, proxy: Proxy) -> None:
    client.retries = 0
    rows: Any = [{"task_status_id": wip["id"], "text": f"Note {n // 2}"} for n in range(12)]
    if files:
        rows[11].update(attachment_files=[picture], preview_files=[picture])
    if files:
        gazu.task.batch_comments(rows[:10], task=task, client=client)
        rows = rows[10:]
    proxy.meet(fate, "/batch-comment")
    if fate in LOST:
        made = gazu.task.batch_comments(rows, task=task, client=client)
    else:
        with pytest.raises(requests.exceptions.ConnectionError) as caught:
            gazu.task.batch_comments(rows, task=task, client=client)
        assert not caught.value.comments
        proxy.fate = None
        made = gazu.task.batch_comments(rows, task=task, client=client)
    assert [row["text"] for row in made] == [row["text"] for row in rows]
    assert len({row["id"] for row in made}) == len(rows)
    assert len(proxy.done) == 1
    assert len(texts(task)) == 12
    if files:
        assert [len(made[-1][kind]) for kind in ("attachment_files", "preview_files")] == [1, 1]


def test_batch_of_which_the_second_group_is_lost(task: Any, wip: Any, picture: str, client: Any, proxy: Proxy) -> None:
    rows: Any = [{"task_status_id": wip["id"], "text": f"Note {n}"} for n in range(12)]
    rows[0]["attachment_files"] = [picture]

    proxy.meet("request", "/batch-comment", skip=1)
    with pytest.raises(requests.exceptions.ConnectionError) as caught:
        gazu.task.batch_comments(rows, task=task, client=client)
    there: Any = caught.value.comments
    assert [row["text"] for row in there] == [f"Note {n}" for n in range(10)]
    there += gazu.task.batch_comments(rows[len(there) :], task=task, client=client)
    assert [row["text"] for row in there] == [f"Note {n}" for n in range(12)]
    assert len(texts(task)) == 12


@pytest.mark.parametrize("function", ["add_tasks_batch_comments", "create_multiple_comments"])
def test_other_batches(
    function: str, task: Any, project: Any, wip: Any, client: Any, proxy: Proxy, unique: Callable[[str], str]
) -> None:
    other = gazu.task.new_task(task["entity_id"], gazu.task.new_task_type(unique("Shading"), for_entity="Asset"))
    ids = [task["id"], other["id"]]
    proxy.meet("answer", "/comment-many" if function == "create_multiple_comments" else "/batch-comment")
    if function == "create_multiple_comments":
        rows = [{"object_id": id, "task_status_id": wip["id"], "comment": "All"} for id in ids]
        made = gazu.task.create_multiple_comments(project, rows, client=client)
    else:
        data = {"task_status_id": wip["id"], "comment": "All"}
        made = gazu.task.add_tasks_batch_comments(ids, data, client=client)
    assert [row["object_id"] for row in made] == ids
    assert [texts(id) for id in ids] == [["All"], ["All"]]
