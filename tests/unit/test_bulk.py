"""gazu.bulk without a server: ids, parts, names, and what becomes of rows when responses are lost."""

import uuid
from typing import Any, Dict, List

import pytest

from gazu.bulk import applying, parts, repeating, sending
from gazu.bulk.applying import Report
from gazu.bulk.parts import Parts
from gazu.bulk.planning import Plan
from gazu.bulk.sending import Outcome
from gazu.bulk.server import NameIndex, like, named
from gazu.bulk.table import TableRow, id_for
from gazu.exception import (
    GazuException,
    NotAuthenticatedException,
    ParameterException,
    SetupFailedException,
    TransportException,
)

PROJECT = "1b31a5a6-36c3-4d5c-9a63-5d4d16ad1b9c"


def row(kind: str, *names: str, above: Any = ()) -> TableRow:
    return TableRow(PROJECT, kind, names[-1], (kind, *names), above, "type")


def test_ids_never_change() -> None:
    """What one version of the library has made, the next one must find again."""
    assert id_for(PROJECT, ("Shot", "SQ10", "SH10")) == "201050bd-e898-5557-826a-0861b5a404ad"
    assert uuid.UUID(id_for(PROJECT, ("Shot", "SQ10", "SH10"))).version == 5
    assert id_for(PROJECT, ("Shot", "SQ10", "SH10")) != id_for(PROJECT, ("Shot", "SQ1", "0SH10"))


# -- parts -----------------------------------------------------------------------
def test_parts_grow_to_two_seconds() -> None:
    cutter, sizes = Parts(lambda row: 1), []
    for part in cutter.cut(range(400)):
        sizes.append(len(part))
        cutter.took(len(part), len(part) * 0.02)  # 100 rows in 2 s
    assert sizes == [5, 20, 80, 100, 100, 95]


def test_parts_shrink_when_the_server_is_slow() -> None:
    cutter = Parts(lambda row: 1)
    taken = cutter.cut(range(20))
    assert len(next(taken)) == 5
    cutter.took(5, 10)
    assert [len(part) for part in taken] == [1] * 15


def test_parts_are_smaller_than_a_megabyte() -> None:
    cutter = Parts(lambda row: row)
    sizes = [400_000, 400_000, 400_000, 2_000_000, 1]
    assert list(cutter.cut(sizes)) == [[400_000, 400_000], [400_000], [2_000_000], [1]]
    assert parts.PART_BYTES < 1_000_000


def test_an_application_cuts_by_the_time_of_the_parts_before(monkeypatch: Any) -> None:
    """Ten rows that take a second each: five, then two at a time."""
    clock, sizes = [0.0], []
    monkeypatch.setattr(applying.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(applying, "run_all", lambda calls, workers, progress, client, done: [
        done(number, call.function(*call.args), None) for number, call in enumerate(calls)
    ])  # fmt: skip

    def send(rows: List[TableRow]) -> List[Outcome]:
        sizes.append(len(rows))
        clock[0] += len(rows)
        return [Outcome(one, "made") for one in rows]

    application = applying.Application(Server(), Plan(), True, False, None)  # type: ignore[arg-type]
    monkeypatch.setattr(application.importer, "send", send)
    application._make([row("Shot", "SQ", f"SH{number}") for number in range(10)])
    assert sizes == [5, 2, 2, 1]


# -- names -----------------------------------------------------------------------
def test_names_in_another_case() -> None:
    index = NameIndex()
    for name in ("SQ10", "sq10", "Été"):
        index.add(("type", None, name), {"name": name})
    assert index.find(("type", None, "SQ10")) == {"name": "SQ10"}
    assert index.find(("type", None, "sq10")) == {"name": "sq10"}
    assert index.find(("type", None, "Sq10")) == {"name": "SQ10"}
    assert index.find(("type", None, "e\u0301te\u0301")) == {"name": "Été"}
    assert index.find(("type", "parent", "SQ10")) is None


def test_a_canceled_record_hides_no_other() -> None:
    index = NameIndex()
    index.add(("SH",), {"id": 1, "canceled": True})
    index.add(("SH",), {"id": 2, "canceled": False})
    index.add(("SH",), {"id": 3, "canceled": True})
    assert index.find(("SH",))["id"] == 2


def test_named_and_like() -> None:
    rows: List[Any] = [{"name": "Animation", "short_name": "anim"}, {"name": "anim", "short_name": "x"}]
    assert named(rows, "Anim", ("name", "short_name")) == rows[0]
    assert named(rows, "anim") == rows[1]
    assert named(rows, "Layout") is None
    assert like(rows, "Animatoin") == ": is it 'Animation'?"
    assert like(rows, "Compositing") == ""


def test_a_row_says_two_things() -> None:
    shot = row("Shot", "SQ", "SH")
    shot.set({"nb_frames": 5, "data": {"a": 1}})
    shot.set({"nb_frames": 5, "data": {"b": 2}})
    assert (shot.fields, shot.problem) == ({"nb_frames": 5, "data": {"a": 1, "b": 2}}, "")
    shot.set({"data": {"a": 2}})
    assert shot.problem == "the table says a 1 and 2"
    assert dict(shot)["name"] == "SH"
    assert len(dict(shot)) == len(shot) == 6


# -- the report ------------------------------------------------------------------
def test_a_report() -> None:
    report = Report()
    report.raise_for_failed()
    report.made.append(row("Shot", "SQ", "SH1"))
    report.failed.append((row("Shot", "SQ", "SH2"), GazuException("too long")))
    report.unknown.append((row("Shot", "SQ", "SH3"), GazuException("lost")))
    text = "1 made, 0 changed, 0 same, 1 failed, 1 unknown\n  shot SQ/SH2: too long\n  shot SQ/SH3: lost"
    assert str(report) == text
    with pytest.raises(SetupFailedException) as caught:
        report.raise_for_failed()
    assert (str(caught.value), caught.value.report) == (text, report)


# -- lost responses --------------------------------------------------------------
class Server:
    """Stands for the state of a server: what it has, and what it is asked."""

    def __init__(self) -> None:
        self.client: Any = None
        self.version, self.role = "1.0.97", "manager"
        self.user = {"id": "me"}
        self.lists: Dict[str, Any] = {}
        self.project_id = PROJECT
        self.outage: Any = None
        self.probes = 0
        self.found: Any = None
        self.columns: List[Any] = []

    def probe(self, row: TableRow) -> Any:
        self.probes += 1
        return self.found

    def column(self, kind: str, key: str) -> None:
        return None

    def default_status_id(self, for_concept: bool) -> str:
        return "todo"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: Any) -> None:
    for module in (repeating, sending):
        monkeypatch.setattr(module, "PROBE_DELAYS_SECONDS", (0.0, 0.0, 0.0))


def lost(*args: Any, **options: Any) -> Any:
    error = TransportException("lost on the way")
    error.sent = True
    raise error


def test_rows_of_an_import_that_never_show_are_unknown(monkeypatch: Any) -> None:
    calls: List[int] = []
    monkeypatch.setattr(sending.raw, "import_data", lambda *args, **options: calls.append(1) or lost())
    monkeypatch.setattr(sending.raw, "fetch_all", lambda *args, **options: [])
    rows = [row("Shot", "SQ", name) for name in ("SH1", "SH2")]
    importer = sending.Importer(Server(), False, {})  # type: ignore[arg-type]
    outcomes = importer.send(rows)
    assert [(one.row, one.what) for one in outcomes] == [(one, "unknown") for one in rows]
    assert len(calls) == 3


def test_an_import_goes_on_behind_a_refused_row(monkeypatch: Any) -> None:
    there: List[str] = []

    def import_data(table: str, sent: List[Any], **options: Any) -> Any:
        for one in sent:
            if one["name"] == "bad":
                raise ParameterException("import/kitsu/entities", "bad row")
            there.append(one["id"])
        return sent

    monkeypatch.setattr(sending.raw, "import_data", import_data)
    monkeypatch.setattr(sending.raw, "fetch_all", lambda *args, **options: [{"id": one} for one in there])
    rows = [row("Shot", "SQ", name) for name in ("SH1", "bad", "SH2", "SH3")]
    outcomes = sending.Importer(Server(), False, {}).send(rows)  # type: ignore[arg-type]
    assert {one.row.name: one.what for one in outcomes} == {
        "SH1": "made",
        "bad": "failed",
        "SH2": "made",
        "SH3": "made",
    }


def test_what_the_server_leaves_out_is_no_success(monkeypatch: Any) -> None:
    monkeypatch.setattr(sending.raw, "post", lambda *args, **options: [])
    monkeypatch.setattr(sending.raw, "fetch_all", lambda *args, **options: [])
    [outcome] = sending.Importer(Server(), False, {}).send([row("Shot", "SQ", "SH")])  # type: ignore[arg-type]
    assert outcome.what == "failed" and "the server imported 0 of 1 records" in str(outcome.error)


@pytest.mark.parametrize("kind, posts", [("Sequence", 1), ("Asset", 1), ("Shot", 2)])
def test_a_post_is_repeated_only_where_the_database_keeps_it_single(monkeypatch: Any, kind: str, posts: int) -> None:
    calls: List[str] = []
    monkeypatch.setattr(sending.raw, "post", lambda path, body, **options: calls.append(path) or lost())
    server: Any = Server()
    above = (row("Sequence", "SQ"),) if kind == "Shot" else ()
    outcome = sending.Poster(server, False).create(row(kind, "SQ", "SH", above=above))
    assert (outcome.what, len(calls), server.probes) == ("unknown", posts, 3 * posts)


def test_what_may_be_repeated_is_repeated(monkeypatch: Any) -> None:
    results: List[Any] = [lost, lost, lambda: "done"]
    assert repeating.repeated(lambda: results.pop(0)()) == "done"
    results = [lost] * 3
    with pytest.raises(TransportException):
        repeating.repeated(lambda: results.pop(0)())
    assert results == []


@pytest.mark.parametrize("sent, status", [(False, None), (True, 400)])
def test_what_was_not_sent_or_is_refused_is_not_repeated(sent: bool, status: Any) -> None:
    calls: List[int] = []

    def refuse() -> None:
        calls.append(1)
        error: GazuException = ParameterException("data/tasks", "no") if status else TransportException("no route")
        error.status_code = status
        error.sent = sent  # type: ignore[attr-defined]
        raise error

    with pytest.raises(GazuException):
        repeating.repeated(refuse)
    assert calls == [1]


def test_a_publication_that_checks_itself_is_repeated(monkeypatch: Any) -> None:
    results: List[Any] = [lost, lambda *args, **options: {"id": "its id"}]
    monkeypatch.setattr(sending.tasks, "add_comment", lambda *args, **options: results.pop(0)(*args, **options))
    preview = row("Preview", "first pass", above=(row("Task", "Animation"),))
    preview.fields.update(task_status_id="wfa", comment="first pass", files=[])
    outcome = sending.Poster(Server(), False).publish(preview)  # type: ignore[arg-type]
    assert (outcome.what, preview.id, results) == ("made", "its id", [])


def test_lists_that_cannot_be_read_after_an_error_are_an_outcome(monkeypatch: Any) -> None:
    """The report has all rows, also when the server goes away."""
    monkeypatch.setattr(sending.projects, "add_person_to_team", lost)
    server: Any = Server()
    member = row("Member", "Jane")
    type(server).team = property(lost)
    try:
        assert sending.Poster(server, False).add_member(member).what == "unknown"
    finally:
        del type(server).team


def test_a_post_whose_response_is_lost_is_found(monkeypatch: Any) -> None:
    monkeypatch.setattr(sending.raw, "post", lost)
    server: Any = Server()
    server.found = {"id": "its id", "name": "SQ", "data": {}}
    sequence = row("Sequence", "SQ")
    assert sending.Poster(server, False).create(sequence) == (sequence, "made", None)
    assert sequence.id == "its id"


def test_a_session_that_ended_ends_the_work(monkeypatch: Any) -> None:
    def refuse(*args: Any, **options: Any) -> Any:
        raise NotAuthenticatedException("log in")

    monkeypatch.setattr(sending.raw, "post", refuse)
    monkeypatch.setattr(sending.raw, "import_data", refuse)
    server: Any = Server()
    with pytest.raises(NotAuthenticatedException):
        sending.Poster(server, False).create(row("Sequence", "SQ"))
    with pytest.raises(NotAuthenticatedException):
        sending.Importer(server, False, {}).send([row("Sequence", "SQ")])


def test_an_error_before_the_request_is_a_failure() -> None:
    error = TransportException("no route to the host")
    error.sent = False
    assert sending.outcome_of(row("Sequence", "SQ"), error).what == "failed"
    gateway = GazuException("late")
    gateway.status_code = 504
    assert sending.outcome_of(row("Sequence", "SQ"), gateway).what == "unknown"
