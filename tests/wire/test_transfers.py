"""Many files with one progress, on real sockets."""

import itertools
import os
import signal
import threading

import pytest

import gazu
from gazu.exception import CancelledException, RouteNotFoundException, TransportException

from .conftest import PATIENCE, answer, early, head, raw
from .test_upload import MIB, sparse

IDS = [f"0b5e4a30-5f1a-4c5e-9d52-{number:012d}" for number in range(10)]
TASK, OTHER, STATUS, COMMENT = (f"{n}0000000-0000-4000-8000-000000000000" for n in range(1, 5))


def row(number, **more):
    return {
        "id": IDS[number], "type": "PreviewFile", "extension": "png", "revision": number, "original_name": "take",
        **more,
    }  # fmt: skip


ROWS = [row(number) for number in range(10)]
CONTENTS = {identifier: bytes([number]) * (1000 * number + 1) for number, identifier in enumerate(IDS)}
ALL = sum(map(len, CONTENTS.values()))


def serve(exchange):
    """Answer as a server that has previews and attachments."""
    path = exchange.request.path
    identifier = next((one for one in IDS if one in path), "")
    if path.startswith("/api/data/preview-files/"):
        answer(ROWS[IDS.index(identifier)])(exchange)
    elif path == f"/api/data/attachment-files/{identifier}":
        answer({"id": identifier, "name": "a.txt"})(exchange)
    else:
        answer(CONTENTS[identifier], kind="image/png")(exchange)


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Shown(list):
    """A progress that keeps what it is called with."""

    def __call__(self, done, total):
        assert threading.current_thread() is threading.main_thread()
        self.append((done, total))


def only_grows(shown):
    return all(a[0] <= b[0] and a[1] <= b[1] and a != b for a, b in zip(shown, shown[1:])) and all(
        done <= total for done, total in shown
    )


# -- downloads -------------------------------------------------------------------
def test_download_many(client, server, tmp_path):
    server.default, shown = serve, Shown()
    outcomes = gazu.files.download_many(iter(ROWS), tmp_path / "a" / "b", None, shown, client=client)
    assert [outcome.item for outcome in outcomes] == ROWS
    assert [outcome.value() for outcome in outcomes] == [tmp_path / "a" / "b" / f"{one}.png" for one in IDS]
    assert files(tmp_path / "a" / "b") == {f"{one}.png": content for one, content in CONTENTS.items()}
    assert only_grows(shown) and shown[-1] == (ALL, ALL)
    assert 1 < server.connections <= 8
    assert gazu.files.download_many([], tmp_path / "none", client=client) == [] and not (tmp_path / "none").exists()


def test_total_is_that_of_the_rows_from_the_beginning(client, server, tmp_path):
    server.default, shown = serve, Shown()
    rows = [row(number, file_size=len(CONTENTS[IDS[number]])) for number in range(10)]
    gazu.files.download_many(rows, tmp_path, None, shown, workers=1, client=client)
    assert only_grows(shown) and {total for _, total in shown} == {ALL} and len(shown) > 5 and shown[-1][0] == ALL


def test_sizes_that_are_wrong(client, server, tmp_path):
    server.default, shown = serve, Shown()
    rows = [row(1, file_size=5), row(2, file_size=9000), row(3, file_size=None)]
    gazu.files.download_many(rows, tmp_path, None, shown, client=client)
    assert only_grows(shown) and shown[-1] == (1001 + 9000 + 3001,) * 2


def test_rows_of_each_kind(client, server, tmp_path):
    server.default = serve
    rows = [
        IDS[0],
        {"id": IDS[1]},
        {"id": IDS[2], "extension": "png", "revision": 1, "original_name": "of a comment"},
        {"id": IDS[3], "name": "b.txt", "extension": "txt", "size": 3001, "reply_id": None},
        {"id": IDS[4], "type": "AttachmentFile", "name": "c.txt", "extension": "txt"},
    ]
    outcomes = gazu.files.download_many(rows, tmp_path, "{id[35]}.{extension}", client=client)
    assert [outcome.value().name for outcome in outcomes] == ["0.png", "1.png", "2.png", "3.txt", "4.txt"]
    assert [outcome.value().read_bytes() for outcome in outcomes] == [CONTENTS[one] for one in IDS[:5]]
    assert f"GET /api/data/attachment-files/{IDS[3]}/file/a.txt" in server.calls


@pytest.mark.parametrize(
    "rows, name, what",
    [
        ([{"id": TASK, "type": "Task"}], None, r"rows\[0\] is a Task"),
        ([row(0), {"id": TASK, "type": "Shot", "preview_file_id": IDS[0]}], None, r"rows\[1\] .*its preview_file_id"),
        ([{"id": TASK, "preview_file_id": IDS[0]}], None, r"rows\[0\] .*pass its preview_file_id"),
        ([{"id": IDS[0], "type": "WorkingFile"}], None, "call_many takes any function"),
        (["SH010"], None, "expected a preview file"),
        ([{"revision": 1}], None, "Wrong format"),
        (row(0), None, "rows: expected a list"),
        (IDS[0], None, "rows: expected a list"),
        (ROWS, "{original_name}.{extension}", "'take.png' is the file of two rows, the second is .*001"),
        ([row(0), row(0)], None, "is the file of two rows"),
        ([row(0, original_name="\u00e9"), row(1, original_name="E\u0301")], "{original_name}", "file of two rows"),
        (ROWS, "{entity_name}.{extension}", "there is no field 'entity_name' .it has: extension, id"),
        (ROWS, "{}", "does not fit"),
        (ROWS, "{revision:w}", "does not fit"),
        (ROWS, "{id.name}", "does not fit"),
        (ROWS, "..", "expected the name of a file"),
        (ROWS, lambda row: None, "expected the name of a file for row .*, got None"),
        (ROWS, 5, "expected the name of a file"),
    ],
)
def test_what_cannot_be_downloaded_is_refused_before(rows, name, what, client, server, tmp_path):
    with pytest.raises(ValueError, match=what):
        gazu.files.download_many(rows, tmp_path / "new", name, client=client)
    assert server.requests == [] and not (tmp_path / "new").exists()


def test_names_are_safe(client, server, tmp_path):
    server.default = serve
    names = ["../../up.png", "/etc/passwd", "C:\\a?.png", "con.png", "SQ01/SH010 .", "\u00e9t\u00e9.png", "a\x00b.png"]
    rows = [row(number, original_name=name) for number, name in enumerate(names)]
    for name in ("{original_name}", lambda row: row["original_name"]):
        outcomes = gazu.files.download_many(rows, str(tmp_path / "to"), name, client=client)
        assert {outcome.value().parent for outcome in outcomes} == {tmp_path / "to"}
        assert [outcome.value().name for outcome in outcomes] == [
            ".._.._up.png", "_etc_passwd", "C__a_.png", "_con.png", "SQ01_SH010", "\u00e9t\u00e9.png", "a_b.png",
        ]  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["to"]


def test_downloads_that_fail_stop_no_other(client, server, tmp_path):
    gone = f"/api/data/preview-files/{IDS[3]}"
    cut = raw(head(200, {"Content-Length": 9000}), b"half")

    def some(exchange):
        if exchange.request.path == gone:
            answer({"message": "gone"}, 404)(exchange)
        elif "pictures" in exchange.request.path and IDS[5] in exchange.request.path:
            return cut(exchange)
        else:
            serve(exchange)

    server.default, shown = some, Shown()
    (tmp_path / f"{IDS[5]}.png").write_bytes(b"as it was")
    rows = [*ROWS[:3], IDS[3], *ROWS[4:]]
    outcomes = gazu.files.download_many(rows, tmp_path, None, shown, workers=3, client=client)
    failed = {outcome.item if isinstance(outcome.item, str) else outcome.item["id"]: outcome for outcome in outcomes}
    failed = {key: outcome.error for key, outcome in failed.items() if outcome.error}
    assert {key: type(error) for key, error in failed.items()} == {
        IDS[3]: RouteNotFoundException,
        IDS[5]: type(failed[IDS[5]]),
    }
    assert isinstance(failed[IDS[5]], TransportException)
    whole = {f"{one}.png": CONTENTS[one] for one in IDS if one not in (IDS[3], IDS[5])}
    assert {name: content for name, content in files(tmp_path).items() if name in whole} == whole
    assert (tmp_path / f"{IDS[5]}.png").read_bytes() == b"as it was"
    assert only_grows(shown) and shown[-1][0] == shown[-1][1]
    server.default = serve
    again = gazu.files.download_many([one.item for one in outcomes if one.error], tmp_path, client=client)
    assert [outcome.error for outcome in again] == [None, None]
    assert files(tmp_path) == {f"{one}.png": CONTENTS[one] for one in IDS}


def test_download_that_is_resumed_never_goes_back(client, server, tmp_path, naps):
    """The connection breaks in the middle, and the rest comes over the next one."""
    content, shown = bytes(4 * MIB), Shown()
    tag = {"ETag": '"1"', "Accept-Ranges": "bytes"}

    def part(exchange):
        rest = content[3 * MIB :]
        span = f"bytes {3 * MIB}-{4 * MIB - 1}/{4 * MIB}"
        exchange.send(head(206, {**tag, "Content-Range": span, "Content-Length": len(rest)}) + rest)

    server.script = [
        answer(ROWS[0]),
        raw(head(200, {**tag, "Content-Length": len(content)}), content[: 3 * MIB]),
        part,
    ]
    outcomes = gazu.files.download_many(ROWS[:1], tmp_path, None, shown, client=client)
    assert outcomes[0].value().read_bytes() == content
    assert only_grows(shown) and shown[-1] == (4 * MIB, 4 * MIB)


class HalfWay:
    """Downloads that stop in the middle until the test lets them go on; `reached` when both workers have one."""

    def __init__(self):
        self.reached, self.left, self.begun = threading.Event(), threading.Event(), itertools.count(1)

    def __call__(self, exchange):
        if "pictures" not in exchange.request.path:
            return serve(exchange)
        exchange.send(head(200, {"Content-Length": 64 * MIB}) + bytes(MIB))
        if next(self.begun) == 2:
            self.reached.set()
        try:
            for _ in range(63 * 4):
                self.left.wait(0.05)
                exchange.send(bytes(MIB // 4))
        except OSError:
            pass
        self.left.set()
        return "close"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_progress_that_raises_ends_downloads_in_the_middle(error, client, server, tmp_path):
    """Nobody waits for the end of a file of an hour; what was there before stays."""
    server.default = HalfWay()
    old = tmp_path / f"{IDS[0]}.png"
    old.write_bytes(b"old")

    def stop(done, total):
        assert threading.current_thread() is threading.main_thread()
        raise error("closed")

    with pytest.raises(error, match="closed"):
        gazu.files.download_many(ROWS, tmp_path, None, stop, workers=2, client=client)
    assert old.read_bytes() == b"old" and files(tmp_path).keys() == {old.name}
    assert len([call for call in server.calls if "pictures" in call]) <= 2


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
def test_interrupt_ends_downloads_in_the_middle(client, server, tmp_path):
    server.default = half_way = HalfWay()

    def interrupt():
        assert half_way.reached.wait(PATIENCE)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        gazu.files.download_many(ROWS, tmp_path, workers=2, client=client)
    assert files(tmp_path) == {}
    server.default = serve
    assert not any(outcome.error for outcome in gazu.files.download_many(ROWS, tmp_path, client=client))


def test_job_that_is_cancelled(client, server, tmp_path):
    server.default = half_way = HalfWay()
    job = gazu.background.start(gazu.files.download_many, ROWS, tmp_path, workers=2, client=client)
    assert half_way.reached.wait(PATIENCE)
    job.cancel()
    with pytest.raises(CancelledException):
        job.result(PATIENCE)
    assert job.cancelled() and files(tmp_path) == {}


# -- uploads ---------------------------------------------------------------------
class Published:
    """Answer as a server that takes comments and previews; keep what ran at the same time for one task."""

    def __init__(self):
        self.lock, self.tasks, self.count = threading.Lock(), {}, 0

    def __call__(self, exchange):
        path = exchange.request.path
        with self.lock:
            self.count += 1
            number = self.count
        if exchange.request.method == "GET":
            answer(self.look_up(path))(exchange)
        elif path.endswith("/comment"):
            text = exchange.request.json()["comment"]
            answer({"id": f"{number:08d}-0000-4000-8000-00000000000c", "text": text})(exchange)
        elif path.endswith("/add-preview"):
            self.preview = {"id": f"{number:08d}-0000-4000-8000-00000000000e", "revision": number}
            answer(self.preview)(exchange)
        else:
            answer({"id": path.split("/")[-1], "original_name": "x"})(exchange)

    def look_up(self, path):
        if path.endswith("/comments"):
            return []
        row = {"original_name": None, "created_at": "2026-01-01T00:00:00", "updated_at": "2026-01-01T00:00:00"}
        return {"previews": [self.preview["id"]]} if "/comments/" in path else {**self.preview, **row}


@pytest.fixture
def movies(tmp_path):
    return [sparse(tmp_path / f"{number}.mov", number * MIB + 1) for number in range(6)]


def task_row(identifier):
    return {"id": identifier, "type": "Task", "task_status_id": STATUS}


def test_upload_many(client, server, movies):
    server.default, shown = Published(), Shown()
    items = [
        (task_row(TASK), movies[0]),
        {"task": TASK, "task_status": STATUS, "comment": "v2", "preview_file_path": movies[1]},
        ({"id": COMMENT, "type": "Comment", "object_id": OTHER}, movies[2]),
        ({"id": IDS[0], "type": "PreviewFile"}, movies[3]),
        [{"id": IDS[1], "type": "PreviewFile"}, movies[4]],
    ]
    outcomes = gazu.files.upload_many(items, shown, workers=1, client=client)
    assert [outcome.item for outcome in outcomes] == items
    sent = [outcome.value()["id"] for outcome in outcomes]
    assert sent[3:] == IDS[:2] and all(one.endswith("e") for one in sent[:3])
    comments = [request.json() for request in server.requests if request.path.endswith("/comment")]
    assert [(one["task_status_id"], one["comment"]) for one in comments] == [(STATUS, ""), (STATUS, "v2")]
    assert [request.path.split("/")[4] for request in server.requests if "/tasks/" in request.path] == [
        TASK, TASK, TASK, TASK, OTHER,
    ]  # fmt: skip
    size = 10 * MIB + 5
    assert only_grows(shown) and {total for _, total in shown} == {size} and shown[-1][0] == size
    assert gazu.files.upload_many([], client=client) == []


def test_previews_of_a_task_come_in_their_order(client, server, movies):
    server.default = Published()
    items = [
        {"task": task, "task_status": STATUS, "comment": str(number), "preview_file_path": movies[0]}
        for number in range(8)
        for task in (TASK, OTHER)
    ]
    outcomes = gazu.files.upload_many(items, workers=8, client=client)
    assert not any(outcome.error for outcome in outcomes)
    for task in (TASK, OTHER):
        of_task = [request for request in server.requests if task in request.path]
        assert [request.path.rpartition("/")[2] for request in of_task] == ["comment", "add-preview"] * 8
        assert [request.json()["comment"] for request in of_task[::2]] == [str(number) for number in range(8)]


def test_uploads_that_fail_stop_no_other(client, server, movies, tmp_path):
    server.default, shown = Published(), Shown()
    (tmp_path / "empty.mov").write_bytes(b"")
    items = [
        (task_row(TASK), tmp_path / "none.mov"),
        (task_row(TASK), tmp_path / "empty.mov"),
        (task_row(TASK), movies[1]),
        ({"id": IDS[0], "type": "PreviewFile"}, movies[2]),
    ]
    server.script = [answer({"message": "no more room"}, 400)]
    outcomes = gazu.files.upload_many(items, shown, workers=1, client=client)
    errors = [outcome.error and type(outcome.error).__name__ for outcome in outcomes]
    assert errors == ["FileNotFoundError", "ValueError", "ParameterException", None]
    assert only_grows(shown) and shown[-1] == (3 * MIB + 2,) * 2
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "item, what",
    [
        ((IDS[0], "a.mov"), "an id does not say"),
        (("SH010", "a.mov"), "expected the record of a task"),
        (({"id": IDS[0]}, "a.mov"), "expected the record of a task"),
        (({"id": TASK, "type": "Shot"}, "a.mov"), "expected the record of a task"),
        (({"id": TASK, "type": "Task"}, "a.mov"), "expected the record of a task"),
        ((task_row(TASK),), r"expected \(record, path\)"),
        ((task_row(TASK), None), r"expected \(record, path\)"),
        ((task_row(TASK), COMMENT, "a.mov"), r"expected \(record, path\)"),
        ("a.mov", r"expected \(record, path\)"),
        ({"task": TASK, "preview_file_path": "a.mov"}, "task_status.* of publish_preview"),
        ({"task": TASK, "task_status": STATUS, "path": "a.mov"}, "path.* of publish_preview"),
        ({"task": TASK, "task_status": STATUS, "preview_file_path": "a.mov", "client": 1}, "client is an argument of"),
    ],
)
def test_what_cannot_be_uploaded_is_refused_before(item, what, client, server, movies):
    with pytest.raises(TypeError, match=r"items\[1\]: .*" + what):
        gazu.files.upload_many([(task_row(TASK), movies[0]), item], client=client)
    assert server.requests == []


def test_progress_that_raises_ends_uploads_in_the_middle(client, server, tmp_path):
    """What is published again with the same client uses the comment that is there."""
    movie = sparse(tmp_path / "render.mov", 64 * MIB)
    reached, left = threading.Event(), threading.Event()

    def stall(exchange):
        while True:
            reached.set()
            left.wait(0.02)
            try:
                if not exchange.stream.read1(MIB // 4):
                    break
            except OSError:
                break
        return "close"

    published = Published()
    server.default = published
    server.script = [published, published, early(stall)]

    def stop(done, total):
        assert total == 3 * 64 * MIB
        raise RuntimeError("closed")

    item = {"task": TASK, "task_status": STATUS, "comment": "v1", "preview_file_path": movie}
    with pytest.raises(RuntimeError, match="closed"):
        gazu.files.upload_many([item, item, item], stop, client=client)
    assert [call.rpartition("/")[2] for call in server.calls][:2] == ["comment", "add-preview"]
    assert len(server.requests) == 3
    left.set()
    [outcome] = gazu.files.upload_many([item], client=client)
    assert outcome.value()["id"].endswith("e")
    assert sum(call.endswith("/comment") for call in server.calls) == 1
