"""Publications whose answer is lost: what the client asks then, and what it makes of it."""

import pickle
import re
import time
from datetime import datetime, timezone
from email.utils import formatdate

import pytest
import requests

import gazu
from gazu import _publishing
from gazu._http import outbox
from gazu.exception import (
    GazuException,
    ParameterException,
    RouteNotFoundException,
    ServerErrorException,
    TransportException,
)

from .conftest import answer, hang, head, raw, reset

TASK, STATUS, ME, OTHER = (f"{n}0000000-0000-4000-8000-000000000000" for n in range(1, 5))


class Zou:
    """A server that remembers comments and preview files, by a clock of its own.

    `fates` says what happens to the coming POSTs: an act that is run after the work is
    done, "lost" (it is not done at all), or None.
    """

    def __init__(self, server, monkeypatch):
        self.comments, self.previews, self.fates, self.late, self.ahead, self.dated = [], {}, [], 0, 0, True
        self.server, self.clock = server, 1000.0
        server.default = self
        for module in (_publishing, outbox):
            monkeypatch.setattr(module, "time", self)

    def sleep(self, seconds):
        self.clock += seconds

    def monotonic(self):
        self.clock += 0.01
        return self.clock

    @property
    def now(self):
        return 1.6e9 + self.clock + self.ahead

    def row(self, **fields):
        number = len(self.comments) + len(self.previews)
        moment = datetime.fromtimestamp(self.now, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
        return {"id": f"{number:08}-0000-4000-8000-000000000000", "created_at": moment, "updated_at": moment, **fields}

    def comment(self, text, person=ME, **more):
        fields = {"text": text, "task_status_id": STATUS, "person_id": person, "previews": [], "attachment_files": []}
        self.comments.append(self.row(**{**fields, **more}))
        return self.comments[-1]

    def __call__(self, exchange):
        request = exchange.request
        act = self.fates.pop(0) if request.method == "POST" and self.fates else None
        if act == "lost":
            return reset(exchange)
        status, body = 200, self.work(request)
        if body is None:
            status, body = 404, {"message": "not found"}
        dated = {"Date": formatdate(self.now, usegmt=True)} if self.dated else {}
        return (act or answer(body, status, dated))(exchange)

    def work(self, request):
        path, place = request.path[len("/api/") :], re.findall("[0-9a-f-]{36}", request.path)
        if path.endswith("/comment"):
            data = request.json()
            return self.comment(data["comment"], data.get("person_id", ME))
        if path.endswith("/batch-comment"):
            texts = re.findall(rb'"text": "(\w+)"', request.body)
            return [self.comment(text.decode()) for text in texts]
        if path.endswith("/add-preview"):
            row = self.row(revision=request.json().get("revision", 1), original_name=None)
            self.previews[row["id"]] = row
            next(one for one in self.comments if one["id"] == place[1])["previews"].append(row["id"])
            return row
        if path.startswith("pictures/"):
            self.previews[place[0]]["original_name"] = "a"
            return self.previews[place[0]]
        if path.endswith("/comments"):
            self.late -= 1
            return [] if self.late >= 0 else self.comments[::-1]
        if path.startswith("data/comments/"):
            return next((one for one in self.comments if one["id"] == place[0]), None)
        if path.startswith("data/preview-files/"):
            return self.previews.get(place[0])
        return {"id": "x", "user": {"id": ME}}

    @property
    def posts(self):
        return [call for call in self.server.calls if call.startswith("POST")]


@pytest.fixture
def zou(server, monkeypatch):
    return Zou(server, monkeypatch)


def comment(client, text="Ready", **more):
    return gazu.task.add_comment(TASK, STATUS, text, client=client, **more)


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    return str(path)


def publish(client, picture, **more):
    return gazu.task.publish_preview(TASK, STATUS, "Ready", preview_file_path=picture, client=client, **more)


CUT = raw(head(200, {"Content-Length": 100, "Content-Type": "application/json"}), b'{"id": ')
LOST = {
    "reset": reset,
    "closed": raw(),
    "headers": raw(b"HTTP/1.1 201 Cre"),
    "cut": CUT,
    "html": answer("<h1>Please log in to the Wi-Fi</h1>"),
    **{f"{status}": answer("<h1>Sorry</h1>", status) for status in (502, 503, 504)},
}


@pytest.mark.parametrize("ahead", [0, 7200, -7200])
@pytest.mark.parametrize("fault", list(LOST))
def test_comment_is_found(fault, ahead, client, server, zou):
    zou.ahead = ahead
    comment(client)
    zou.comment("Ready", OTHER), zou.comment("Not ready"), zou.comment("Ready", task_status_id=OTHER)
    zou.fates = [LOST[fault]]
    found = comment(client)
    assert found["id"] == zou.comments[4]["id"]
    assert len(zou.posts) == 2
    assert comment(client)["id"] == zou.comments[5]["id"]  # another one, not that again
    assert len(zou.posts) == len(zou.comments) - 3 == 3


def test_usual_publication_asks_nothing_more(client, server, zou, picture):
    comment(client)
    publish(client, picture)
    gazu.task.batch_comments([{"task_status_id": STATUS, "text": "One"}], task=TASK, client=client)
    assert len(server.calls) == len(zou.posts) == 5


@pytest.mark.parametrize("fault", ["reset", "cut", "html", "504"])
def test_comment_that_is_not_there(fault, client, server, zou):
    zou.comment("Ready")
    zou.clock += 100
    zou.fates = ["lost" if fault == "reset" else LOST[fault]] * 2
    zou.late = 99
    for turn in (1, 2):
        with pytest.raises(GazuException, match="not done it so far; repeating this call checks first") as caught:
            comment(client)
        assert len(zou.posts) == turn
    error = caught.value
    kinds = {"504": ServerErrorException, "html": ValueError}
    assert isinstance(error, kinds.get(fault, requests.exceptions.ConnectionError) if fault != "cut" else IOError)
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.comment) == (type(error), str(error), None)
    zou.late = 0
    made = comment(client)
    assert made["id"] == zou.comments[1]["id"]
    assert len(zou.posts) == (3 if fault == "reset" else 2)


def test_comment_that_appears_while_we_look(client, zou):
    zou.fates, zou.late = [reset], 2
    assert comment(client)["id"] == zou.comments[0]["id"]


def test_server_without_a_clock(client, zou):
    zou.dated, zou.fates = False, [reset]
    for _ in range(2):
        with pytest.raises(TransportException, match="what time it is"):
            comment(client)
    assert len(zou.posts) == 1


def test_server_without_a_clock_where_nothing_is_like_it(client, zou):
    zou.dated, zou.fates = False, ["lost"]
    zou.comment("Another")
    with pytest.raises(TransportException, match="has not done it so far"):
        comment(client)
    assert comment(client)["text"] == "Ready"
    assert len(zou.posts) == 2


@pytest.mark.parametrize("shown", [{}, [], [{"id": "1"}], [{"text": "Ready", "created_at": "soon"}], "words", 7, None])
def test_looks_that_show_what_no_kitsu_does(shown, client, server):
    """The error of the call stays, and nothing is sent again."""
    server.default = lambda exchange: (reset if exchange.request.method == "POST" else answer(shown))(exchange)
    for _ in range(2):
        with pytest.raises(TransportException) as caught:
            comment(client)
    assert "Traceback" not in str(caught.value)
    assert [call.split()[0] for call in server.calls].count("POST") == 1


def test_look_after_a_loss_has_one_chance(client, server, zou, naps):
    """The caller has waited for the call already."""
    server.default = lambda exchange: (reset if exchange.request.method == "POST" else hang)(exchange)
    client.timeout = 0.2
    with pytest.raises(TransportException, match="is unknown"):
        comment(client)
    assert len(server.calls) == 2
    assert naps == []


def test_what_was_lost_long_ago_is_not_meant_again(client, zou):
    zou.fates, zou.late = [reset], 99
    with pytest.raises(TransportException):
        comment(client)
    zou.clock += 1000
    comment(client)
    assert len(zou.posts) == 2


def test_older_comment_with_the_same_words_is_another(client, zou):
    zou.comment("Ready")
    zou.clock += 5
    zou.fates = ["lost"]
    with pytest.raises(TransportException):
        comment(client)


@pytest.mark.parametrize("status", [400, 403, 404, 413, 429, 500])
def test_refusal_is_no_loss(status, client, server, zou):
    zou.fates = [answer({"message": "no"}, status)]
    with pytest.raises(GazuException) as caught:
        comment(client)
    assert caught.value.status_code == status
    assert len(server.calls) == 1


def test_server_that_is_down_has_done_nothing(start, connect, naps):
    with pytest.raises(requests.exceptions.ConnectionError) as caught:
        comment(connect(start(listening=False).host, retries=0))
    assert not caught.value.sent
    assert "checks first" not in str(caught.value)


def test_renewal_that_is_lost_is_no_lost_comment(server, connect, zou):
    client = connect(server.host, refresh_token="r", retries=0)
    server.script = [answer({"message": "Signature has expired"}, 401), reset]
    with pytest.raises(TransportException) as caught:
        comment(client)
    assert "checks first" not in str(caught.value)
    assert len(server.calls) == 2


@pytest.mark.parametrize("fault", list(LOST))
@pytest.mark.parametrize("step", [0, 1, 2])
def test_publication_is_found(step, fault, client, zou, picture):
    zou.fates = [None] * step + [LOST[fault]]
    said, preview = publish(client, picture)
    assert (said["id"], preview["id"]) == (zou.comments[0]["id"], *zou.previews)
    assert len(zou.posts) == 3


@pytest.mark.parametrize("step", [1, 2])
def test_error_tells_what_is_there(step, client, server, zou, picture):
    zou.fates = [None] * step + ["lost"]
    with pytest.raises(requests.exceptions.ConnectionError) as caught:
        publish(client, picture)
    error = pickle.loads(pickle.dumps(caught.value))
    assert error.comment["id"] == zou.comments[0]["id"]
    assert error.comment["id"] in str(error)
    if step == 1:
        assert error.preview_file is None
        gazu.task.add_preview(TASK, error.comment, picture, client=client)
    else:
        assert error.preview_file["id"] in str(error)
        gazu.task.upload_preview_file(error.preview_file, picture, client=client)
    assert [len(zou.comments), len(zou.previews)] == [1, 1]
    assert zou.previews[zou.comments[0]["previews"][0]]["original_name"] == "a"


def test_refusal_of_a_step_tells_what_is_there_too(client, zou, picture):
    zou.fates = [None, None, answer({"message": "no picture"}, 400)]
    with pytest.raises(ParameterException) as caught:
        publish(client, picture)
    assert caught.value.args[1] == "no picture"
    assert caught.value.comment["id"] == zou.comments[0]["id"]
    assert caught.value.preview_file["id"] in zou.previews


def test_preview_file_that_the_server_took_back(client, zou, picture):
    def refuse(exchange):
        zou.previews.clear()
        return reset(exchange)

    zou.fates = [None, None, refuse]
    with pytest.raises(TransportException, match="is unknown") as caught:
        publish(client, picture)
    assert caught.value.comment
    with pytest.raises(RouteNotFoundException):
        gazu.task.upload_preview_file(caught.value.preview_file, picture, client=client)


def test_revisions_are_told_apart(client, zou, picture):
    said = comment(client)
    gazu.task.create_preview(TASK, said, 1, client=client)
    zou.fates = [reset]
    assert gazu.task.create_preview(TASK, said, 2, client=client)["revision"] == 2
    zou.fates = ["lost"]
    with pytest.raises(TransportException):
        gazu.task.create_preview(TASK, said, 3, client=client)
    assert len(zou.previews) == 2


def rows(*texts):
    return [{"task_status_id": STATUS, "text": text} for text in texts]


def test_batch_is_found(client, zou):
    zou.fates = [reset]
    made = gazu.task.batch_comments(rows("Same", "Same", "Other"), task=TASK, client=client)
    assert [row["id"] for row in made] == [row["id"] for row in zou.comments]


def test_batch_of_which_a_part_was_done(client, zou):
    def die(exchange):
        del zou.comments[1:]
        return reset(exchange)

    zou.fates = [die]
    with pytest.raises(TransportException) as caught:
        gazu.task.batch_comments(rows("A", "B", "C"), task=TASK, client=client)
    assert [row["text"] for row in caught.value.comments] == ["A"]
    for _ in range(2):  # the same call again, and once more as one of its own
        made = gazu.task.batch_comments(rows("A", "B", "C"), task=TASK, client=client)
        assert [row["text"] for row in made] == ["A", "B", "C"]
    assert [row["text"] for row in zou.comments] == ["A", "B", "C"] * 2


def test_copied_client_knows_nothing_of_it(client, zou):
    zou.fates, zou.late = [reset], 99
    with pytest.raises(TransportException):
        comment(client)
    zou.late = 0
    other = pickle.loads(pickle.dumps(client))
    assert comment(other)["id"] == zou.comments[1]["id"]
    assert len(zou.posts) == 2
    other.session.close()


def test_clock_is_that_of_the_machine():
    assert _publishing.time is outbox.time is time
