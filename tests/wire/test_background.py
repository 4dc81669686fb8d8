"""Transfers in the background that are cancelled on the way: what is left of them, here and on the server."""

import os
import threading

import pytest

import gazu
from gazu.background import start

from .conftest import PATIENCE, answer, early, head
from .test_upload import MIB, sparse

TASK, STATUS, COMMENT, PREVIEW = (f"{n}0000000-0000-4000-8000-000000000000" for n in range(1, 5))


@pytest.fixture
def movie(tmp_path):
    """More than any buffer of the system holds."""
    return sparse(tmp_path / "render.mov", 64 * MIB)


class Stall:
    """Read a piece of the body, let the test do something, and read on until the client hangs up."""

    def __init__(self):
        self.reached, self.go, self.left = threading.Event(), threading.Event(), threading.Event()
        self.got = 0

    def __call__(self, exchange):
        self.got += len(exchange.stream.read(MIB))
        self.reached.set()
        assert self.go.wait(PATIENCE)
        while True:
            try:
                piece = exchange.stream.read1(MIB)
            except OSError:
                piece = b""
            if not piece:
                self.left.set()
                return "close"
            self.got += len(piece)


def wait_for(job):
    """Poll as a window does, until the job has ended."""
    pause = threading.Event()
    while not job.poll():
        pause.wait(0.01)
    return job


def test_upload(client, server, movie):
    stall = Stall()
    server.script = [answer({"id": COMMENT}), answer({"id": PREVIEW}), early(stall)]
    shown = []
    job = start(
        gazu.task.publish_preview, TASK, STATUS, preview_file_path=movie, client=client,
        progress_callback=lambda *progress: shown.append((progress, threading.current_thread())),
    )  # fmt: skip
    assert stall.reached.wait(PATIENCE) and not job.poll()
    job.cancel()
    stall.go.set()
    wait_for(job)
    assert job.cancelled() and stall.left.wait(PATIENCE)
    assert MIB <= stall.got < 64 * MIB and 0 < job.progress[0] < job.progress[1] == 64 * MIB
    assert {thread for _, thread in shown} == {threading.current_thread()}
    assert job.error.comment == {"id": COMMENT} and job.error.preview_file == {"id": PREVIEW}
    assert server.calls == [  # each once: it is not tried again
        f"POST /api/actions/tasks/{TASK}/comment",
        f"POST /api/actions/tasks/{TASK}/comments/{COMMENT}/add-preview",
        f"POST /api/pictures/preview-files/{PREVIEW}",
    ]


def test_publication_goes_on_from_where_it_was_cancelled(client, server, movie):
    """A window that is closed raises in the callback: that cancels, and what is there already is known."""
    stall = Stall()
    server.script = [answer({"id": COMMENT}), answer({"id": PREVIEW}), early(stall), answer({"id": PREVIEW})]

    def closed(done, total):
        raise KeyError("the window is closed")

    job = start(
        gazu.task.publish_preview, TASK, STATUS, preview_file_path=movie, client=client, progress_callback=closed
    )
    with pytest.raises(KeyError):
        wait_for(job)
    stall.go.set()
    assert wait_for(job).cancelled()
    again = start(gazu.task.upload_preview_file, job.error.preview_file, movie, client=client)
    assert again.result(PATIENCE) == {"id": PREVIEW}
    assert [call.split("/")[-1] for call in server.calls] == ["comment", "add-preview", PREVIEW, PREVIEW]


@pytest.mark.parametrize("old", [b"old", None])
def test_download(old, client, server, tmp_path):
    reached, go = threading.Event(), threading.Event()

    def act(exchange):
        exchange.send(head(200, {"Content-Length": 64 * MIB, "Content-Type": "video/mp4"}) + bytes(MIB))
        reached.set()
        assert go.wait(PATIENCE)
        try:
            for _ in range(63):
                exchange.send(bytes(MIB))
        finally:
            exchange.close()

    server.script = [act]
    target = tmp_path / "movie.mp4"
    if old:
        target.write_bytes(old)
    job = start(gazu.client.download, f"movies/originals/preview-files/{PREVIEW}.mp4", str(target), client=client)
    assert reached.wait(PATIENCE)
    while not job.progress[0] and not job.done():
        threading.Event().wait(0.01)
    assert [name for name in os.listdir(str(tmp_path)) if name.endswith(".part")]
    job.cancel()
    go.set()
    wait_for(job)
    assert job.cancelled() and 0 < job.progress[0] < job.progress[1] == 64 * MIB
    assert os.listdir(str(tmp_path)) == (["movie.mp4"] if old else [])
    assert not old or target.read_bytes() == old
    assert len(server.requests) == 1
    server.default = answer({"ok": True})
    assert gazu.client.get("data/x", client=client) == {"ok": True}


def test_many(client, server, tmp_path):
    """What has begun is finished, and no more begins."""
    server.default = answer(b"picture", headers={"Content-Type": "image/png"})
    items = [(PREVIEW, str(tmp_path / f"{number}.png")) for number in range(500)]
    download = gazu.files.download_preview_file_thumbnail
    job = start(gazu.parallel.call_many, download, items, workers=2, client=client)
    while not job.progress[0] and not job.done():
        threading.Event().wait(0.001)
    job.cancel()
    wait_for(job)
    assert job.cancelled() and job.progress[1] == 500
    files = os.listdir(str(tmp_path))
    assert job.progress[0] <= len(files) == len(server.requests) < 500
    assert all((tmp_path / name).read_bytes() == b"picture" for name in files)


def test_failure_is_the_error_of_the_job(client, server, movie):
    server.script = [answer({"id": COMMENT}), answer({"message": "no more room"}, 500)]
    job = wait_for(start(gazu.task.publish_preview, TASK, STATUS, preview_file_path=movie, client=client))
    assert not job.cancelled() and "no more room" in str(job.error) and job.error.comment == {"id": COMMENT}
    missing = wait_for(start(gazu.task.publish_preview, TASK, STATUS, preview_file_path="no.mov", client=client))
    assert isinstance(missing.error, FileNotFoundError) and len(server.requests) == 2
