"""Publications whose answer is lost: what the client asks then, and what it makes of it."""

import pickle
import re
import time
from datetime import datetime, timezone
from email.utils import formatdate

import pytest
import requests

import gazu
from gazu._http import base_client, outbox, publishing
from gazu.exception import (
    GazuException,
    NotAllowedException,
    ParameterException,
    RouteNotFoundException,
    ServerErrorException,
    TransportException,
)

from .conftest import answer, hang, head, raw, reset

TASK, STATUS, ME, OTHER = (f"{n}0000000-0000-4000-8000-000000000000" for n in range(1, 5))


class Zou:
    """A server that keeps comments and preview files, by a clock of its own, `ahead` of that of the client.

    `fates` says what happens to the coming POSTs: an act that is run after the work is
    done, "lost" (it is not done at all), or None. The first `late` lists of comments do
    not show anything yet. Records get the time of the clock plus `skew`.
    """

    def __init__(self, server, monkeypatch):
        self.comments, self.previews, self.fates, self.late, self.ahead, self.dated = [], {}, [], 0, 0, True
        self.stale = False
        self.skew, self.naps = 0.0, []
        self.server, self.clock = server, 1000.0
        server.default = self
        for module in (publishing, outbox):
            monkeypatch.setattr(module, "time", self)

    def sleep(self, seconds):
        self.naps.append(seconds)
        self.clock += seconds

    def monotonic(self):
        self.clock += 0.01
        return self.clock

    @property
    def now(self):
        return 1.6e9 + self.clock + self.ahead

    def row(self, **fields):
        number = len(self.comments) + len(self.previews)
        moment = datetime.fromtimestamp(self.now + self.skew, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
        return {"id": f"{number:08}-0000-4000-8000-000000000000", "created_at": moment, "updated_at": moment, **fields}

    def comment(self, text, person=ME, **more):
        fields = {"text": text, "task_status_id": STATUS, "person_id": person, "previews": [], "attachment_files": []}
        self.comments.append(self.row(**{**fields, **more}))
        return self.comments[-1]

    def preview(self, comment_id, revision=1, name=None):
        row = self.row(revision=revision, original_name=name, comments=[comment_id])
        self.previews[row["id"]] = row
        next(one for one in self.comments if one["id"] == comment_id)["previews"].append(row["id"])
        return row

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
            form = re.findall(rb'name="comment"\r\n\r\n(.*?)\r\n', request.body)
            data = {"comment": form[0].decode()} if form else request.json()
            return self.comment(data["comment"], data.get("person_id", ME), **at(data.get("created_at")))
        if path.endswith(("/batch-comment", "/comment-many")):
            texts = re.findall(rb'"(?:text|comment)": "(\w+)"', request.body)
            return [self.comment(text.decode()) for text in texts]
        if path.endswith("/add-preview"):
            return self.preview(place[1], request.json().get("revision", 1))
        if path.startswith("pictures/"):
            self.previews[place[0]]["original_name"] = "a"
            return self.previews[place[0]]
        if path.endswith("/comments"):
            self.late -= 1
            return [] if self.late >= 0 else [self.listed(one) for one in reversed(self.comments)]
        if path.startswith("data/comments/"):
            found = next((one for one in self.comments if one["id"] == place[0]), None)
            return {**found, "previews": []} if found and self.stale else found
        if path.startswith("data/preview-files/"):
            return self.previews.get(place[0])
        return {"id": "x", "user": {"id": ME}}

    def listed(self, comment):
        """Return a comment as the list of a task has it."""
        return {**comment, "previews": [{"id": one, "revision": 1} for one in comment["previews"]]}

    @property
    def posts(self):
        return [call for call in self.server.calls if call.startswith("POST")]


def at(created_at):
    return {"created_at": created_at} if created_at else {}


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


def test_comment_that_appears_while_we_look(client, server, zou):
    zou.fates, zou.late = [reset], 2
    assert comment(client)["id"] == zou.comments[0]["id"]
    assert zou.naps == [0.3, 0.3]


def test_comment_that_appears_too_late_is_found_by_the_next_call(client, server, zou):
    zou.fates, zou.late = [reset], 3
    with pytest.raises(TransportException, match="has not done it so far"):
        comment(client)
    assert sum("/comments" in call for call in server.calls) == 3
    assert comment(client)["id"] == zou.comments[0]["id"]
    assert len(zou.posts) == 1


@pytest.mark.parametrize(("skew", "found"), [(0, True), (-1.9, True), (-4, False), (58, True), (63, False)])
def test_time_by_which_a_comment_is_known(skew, found, client, zou):
    """A server rounds times, its clocks differ by up to two seconds, and it may work on for a minute."""
    zou.skew, zou.fates = skew, [reset]
    if found:
        assert comment(client)["id"] == zou.comments[0]["id"]
    else:
        with pytest.raises(TransportException, match="has not done it so far"):
            comment(client)


def test_second_loss_of_the_same_call(client, zou):
    """The first request may have done it, if the second has not."""
    zou.fates, zou.late = [reset, "lost"], 4
    with pytest.raises(TransportException):
        comment(client)
    zou.clock += 100
    assert comment(client)["id"] == zou.comments[0]["id"]
    assert [len(zou.posts), len(zou.comments)] == [2, 1]


@pytest.mark.parametrize(("edited", "found"), [(800, True), (1000, False)])
def test_comment_that_was_changed_meanwhile(edited, found, client, zou):
    created_at = "2020-01-02T03:04:05"

    def edit(exchange):
        zou.skew = edited
        zou.comments[0]["updated_at"] = zou.row()["updated_at"]
        return reset(exchange)

    zou.fates = [edit]
    if found:
        assert comment(client, created_at=created_at)["created_at"] == created_at
    else:
        with pytest.raises(TransportException):
            comment(client, created_at=created_at)


def test_comment_of_another_date_is_another(client, zou):
    zou.fates = ["lost", None]
    zou.comment("Ready", created_at="2020-01-02T03:04:06")
    with pytest.raises(TransportException):
        comment(client, created_at="2020-01-02T03:04:05")
    assert comment(client, created_at="2020-01-02T03:04:05")["id"] == zou.comments[1]["id"]


def test_comment_is_returned_as_it_is_made(client, zou):
    zou.fates = [reset]
    found = comment(client)
    person = {"id": "x", "user": {"id": ME}}
    assert found == {**zou.comments[0], "task_status": person, "person": person}


def test_departments_of_the_author_are_left_out(client, zou):
    zou.work, work = (
        lambda request: {**work(request), "departments": []} if "/persons/" in request.path else work(request),
        zou.work,
    )
    zou.fates = [reset]
    assert "departments" not in comment(client)["person"]


def test_comment_that_misses_a_file(client, zou, picture):
    zou.fates = [reset]
    with pytest.raises(TransportException, match="exists, but not all its files"):
        comment(client, attachments=[picture])
    zou.comments[0]["attachment_files"] = ["1"]
    assert comment(client, attachments=[picture])["id"] == zou.comments[0]["id"]
    assert len(zou.posts) == 1


def test_batch_that_misses_a_preview(client, zou, picture):
    zou.fates = [reset]
    with pytest.raises(TransportException, match="exists, but not all its files"):
        gazu.task.batch_comments([{**rows("A")[0], "preview_files": [picture]}], task=TASK, client=client)


def test_comment_in_the_name_of_somebody(client, zou):
    zou.fates = [reset]
    assert comment(client, person=OTHER)["id"] == zou.comments[0]["id"]


def test_text_is_compared_as_the_server_keeps_it(client, zou):
    """It keeps no text as null."""
    zou.comment(None, OTHER), zou.comment("Other")
    zou.fates = [lambda exchange: zou.comments[2].update(text=None) or reset(exchange)]
    assert comment(client, text="")["id"] == zou.comments[2]["id"]


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


@pytest.mark.parametrize(("timeout", "probe"), [(None, (10, 10)), (95, (10, 10)), (3, (3, 3)), ((None, 4), (10, 4))])
def test_time_out_of_a_probe(timeout, probe, client, server, zou, monkeypatch):
    timeouts = []
    send = client.session.send
    monkeypatch.setattr(
        client.session, "send", lambda *args, **rest: timeouts.append(rest["timeout"]) or send(*args, **rest)
    )
    client.timeout, zou.fates = timeout, [reset]
    comment(client)
    assert {*timeouts[1:]} == {probe}


def test_probe_before_a_repeated_call_is_a_usual_request(client, server, zou, naps):
    """Nothing was waited for in this call: it is worth the usual attempts."""
    zou.fates, zou.late = [reset], 99
    with pytest.raises(TransportException):
        comment(client)
    zou.late = 0
    server.script = [answer("<h1>Sorry</h1>", 503), answer("<h1>Sorry</h1>", 503)]
    assert comment(client)["id"] == zou.comments[0]["id"]
    assert len(naps) == 2


@pytest.mark.parametrize("soon", [True, False])
def test_a_request_is_in_doubt_for_a_quarter_of_an_hour(soon, client, zou):
    zou.fates, zou.late = [reset], 99
    with pytest.raises(TransportException):
        comment(client)
    zou.clock += 890 if soon else 910
    zou.late = 0
    assert comment(client)["id"] == zou.comments[0 if soon else 1]["id"]
    assert len(zou.posts) == (1 if soon else 2)


def test_older_comment_with_the_same_words_is_another(client, zou):
    zou.comment("Ready")
    zou.clock += 5
    zou.fates = ["lost"]
    with pytest.raises(TransportException):
        comment(client)


@pytest.mark.parametrize("status", [400, 403, 404, 413, 429, 500, 501, 505])
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


def test_server_that_caches_the_comment_without_its_preview(client, zou, picture):
    zou.stale, zou.fates = True, [None, reset]
    created, preview = publish(client, picture)
    assert list(zou.previews) == [preview["id"]]
    assert [one["id"] for one in zou.comments] == [created["id"]]


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


def test_preview_with_a_file_is_another(client, zou):
    said = comment(client)
    zou.preview(said["id"], name="of somebody else")
    zou.fates = ["lost"]
    with pytest.raises(TransportException):
        gazu.task.create_preview(TASK, said, client=client)
    made = gazu.task.create_preview(TASK, said, client=client)
    assert [made["id"]] == zou.comments[0]["previews"][1:]


def test_preview_of_another_revision_is_another(client, zou):
    said = comment(client)
    zou.preview(said["id"], revision=1)
    zou.fates = ["lost"]
    with pytest.raises(TransportException):
        gazu.task.create_preview(TASK, said, 2, client=client)


def test_preview_that_is_older_is_another(client, zou):
    said = comment(client)
    zou.preview(said["id"])
    zou.clock += 5
    zou.fates = ["lost"]
    with pytest.raises(TransportException):
        gazu.task.create_preview(TASK, said, client=client)


def test_preview_of_a_call_before_is_another(client, zou):
    said = comment(client)
    first = gazu.task.create_preview(TASK, said, client=client)
    zou.fates = [reset]
    second = gazu.task.create_preview(TASK, said, client=client)
    assert [first["id"], second["id"]] == zou.comments[0]["previews"]


def test_file_that_was_uploaded_long_ago_is_another(client, zou, picture):
    said = comment(client)
    row = zou.preview(said["id"], name="old")
    zou.clock += 5
    zou.fates = ["lost"]
    with pytest.raises(TransportException):
        gazu.task.upload_preview_file(row, picture, client=client)
    assert "comments" in row


def test_uploaded_preview_is_returned_as_it_is_uploaded(client, zou, picture):
    said = comment(client)
    row = gazu.task.create_preview(TASK, said, client=client)
    zou.fates = [reset]
    found = gazu.task.upload_preview_file(row, picture, client=client)
    assert found == {name: value for name, value in zou.previews[row["id"]].items() if name != "comments"}


def test_error_of_the_thumbnail_carries_the_uploaded_preview(client, zou, picture):
    put = answer({"message": "no"}, 400)
    zou.server.default = lambda exchange: (put if exchange.request.method == "PUT" else zou)(exchange)
    with pytest.raises(ParameterException) as caught:
        publish(client, picture, set_thumbnail=True)
    assert caught.value.preview_file["original_name"] == "a"
    assert caught.value.args[1] == "no", "the message of a refusal stays"


def test_file_is_checked_once_before_anything_is_sent(client, server, zou, picture, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("builtins.open", lambda name, *rest, _open=open: opened.append(str(name)) or _open(name, *rest))
    publish(client, picture)
    assert opened.count(picture) == 2, "to check it, and to send it"
    (tmp_path / "empty.png").write_bytes(b"")
    count = len(server.calls)
    for path, kind in ((str(tmp_path / "empty.png"), ValueError), (str(tmp_path / "no.png"), FileNotFoundError)):
        with pytest.raises(kind):
            publish(client, path)
    with pytest.raises(ValueError, match="preview_file_path or preview_file_url"):
        publish(client, None)
    assert len(server.calls) == count


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


def test_batch_is_found(client, server, zou):
    zou.fates = [reset]
    made = gazu.task.batch_comments(rows("Same", "Same", "Other"), task=TASK, client=client)
    assert [row["id"] for row in made] == [row["id"] for row in zou.comments]
    assert sum(call.endswith("/comments") for call in server.calls) == 1


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


def test_the_rest_of_a_batch_settles_all_of_it(client, server, zou):
    """What the error carries is known: the same comment again is another one."""

    def die(exchange):
        del zou.comments[1:]
        return reset(exchange)

    zou.fates = [die]
    with pytest.raises(TransportException) as caught:
        gazu.task.batch_comments(rows("A", "B"), task=TASK, client=client)
    assert [row["text"] for row in caught.value.comments] == ["A"]
    gazu.task.batch_comments(rows("B"), task=TASK, client=client)
    count = len(server.calls)
    gazu.task.batch_comments(rows("A"), task=TASK, client=client)
    assert [row["text"] for row in zou.comments] == ["A", "B", "A"]
    assert len(server.calls) == count + 1


def test_batch_with_a_gap(client, zou):
    """An error carries the first comments only, so that the rest can be sent after them."""

    def die(exchange):
        del zou.comments[0]
        return reset(exchange)

    zou.fates = [die]
    with pytest.raises(TransportException) as caught:
        gazu.task.batch_comments(rows("A", "B"), task=TASK, client=client)
    assert caught.value.comments == []
    made = gazu.task.batch_comments(rows("A", "B"), task=TASK, client=client)
    assert [row["text"] for row in made] == ["A", "B"]
    assert [row["text"] for row in zou.comments] == ["B", "A"], "only what was missing is sent again"


def test_groups_of_a_batch_with_files(client, zou, picture):
    """The error of the second group carries the comments of the first."""
    batch = rows(*"ABCDEFGHIJKL")
    batch[0]["attachment_files"] = [picture]
    zou.fates = [None, "lost"]
    with pytest.raises(TransportException) as caught:
        gazu.task.batch_comments(batch, task=TASK, client=client)
    assert [row["text"] for row in caught.value.comments] == [*"ABCDEFGHIJ"]
    gazu.task.batch_comments(batch[10:], task=TASK, client=client)
    assert [row["text"] for row in zou.comments] == [*"ABCDEFGHIJKL"]


def test_previews_of_a_batch(client, zou, picture):
    def fill(exchange):
        zou.preview(zou.comments[0]["id"], name="a")
        return reset(exchange)

    zou.fates = [fill]
    (row,) = gazu.task.batch_comments([{**rows("A")[0], "preview_files": [picture]}], task=TASK, client=client)
    assert [one["original_name"] for one in row["preview_files"]] == ["a"]
    assert "comments" not in row["preview_files"][0]


def test_comments_of_several_tasks(client, server, zou):
    """One probe of each task; those of one task are not taken for those of the other."""
    zou.fates = [reset]
    data = {"task_status_id": STATUS, "comment": "All"}
    made = gazu.task.add_tasks_batch_comments([TASK, OTHER], data, client=client)
    assert [row["id"] for row in made] == [row["id"] for row in zou.comments]
    assert len(zou.posts) == 1
    lists = [call for call in server.calls if call.endswith("/comments")]
    assert lists == [f"GET /api/data/tasks/{task}/comments" for task in (TASK, OTHER)]


def test_batch_that_appears_bit_by_bit(client, zou):
    hidden = []

    def hide(exchange):
        hidden.append(zou.comments.pop())
        return reset(exchange)

    zou.sleep = lambda seconds: zou.comments.append(hidden.pop())
    zou.fates = [hide]
    made = gazu.task.batch_comments(rows("Same", "Same"), task=TASK, client=client)
    assert [row["id"] for row in made] == [row["id"] for row in zou.comments]


@pytest.mark.parametrize("created_at", [datetime(2020, 1, 2, 3, 4, 5), "2020-01-02 03:04:05", "2020-01-02T03:04:05"])
def test_batch_of_another_date(created_at, client, zou):
    """The server shows dates with a T, however they were sent."""

    def keep(exchange):
        zou.comments[0]["created_at"] = "2020-01-02T03:04:05"
        return reset(exchange)

    zou.fates = [keep]
    (row,) = gazu.task.batch_comments([{**rows("A")[0], "created_at": created_at}], task=TASK, client=client)
    assert row["id"] == zou.comments[0]["id"]


def test_empty_batch_is_sent(client, zou):
    assert gazu.task.batch_comments([], task=TASK, client=client) == []
    assert len(zou.posts) == 1


def test_comments_of_a_project(client, server, zou):
    zou.fates = [reset]
    batch = [{"object_id": TASK, "task_status_id": STATUS, "comment": text} for text in ("A", "B")]
    made = gazu.task.create_multiple_comments(OTHER, batch, client=client)
    assert [row["text"] for row in made] == ["A", "B"]
    assert len(zou.posts) == 1
    assert f"GET /api/data/tasks/{TASK}/comments" in server.calls


def test_server_that_returns_fewer_comments(client, server, zou):
    """Nothing is taken for the comment of another row."""
    zou.fates = [answer([{"id": "1"}])]
    with pytest.raises(NotAllowedException, match="the server created 1 of 2 comments") as caught:
        gazu.task.batch_comments(rows("A", "B"), task=TASK, client=client)
    assert caught.value.comments == [{"id": "1"}]


def test_forked_child_knows_of_it(client, zou):
    """A child that repeats the call of its parent must not send twice."""
    zou.fates, zou.late = [reset], 99
    with pytest.raises(TransportException):
        comment(client)
    base_client._after_fork()
    zou.late = 0
    assert comment(client)["id"] == zou.comments[0]["id"]
    assert len(zou.posts) == 1


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
    assert publishing.time is outbox.time is time
