"""How attachments are distinguished, and rows compared: what a server seldom shows."""

from typing import Any, Dict, List

import pytest

from gazu.exception import NotAuthenticatedException, ParameterException, TransportException
from gazu.sync import comments, production, rows, studio
from gazu.sync.copier import CommentCopier
from gazu.sync.tables import MigrationContext, Report, TableSpec


def attachment(id: str, name: str = "notes.txt", size: int = 4, **more: Any) -> Dict[str, Any]:
    row = {"id": id, "name": name, "size": size, "extension": "txt", "comment_id": "c", "created_at": "2024", **more}
    return {"reply_id": None, "mimetype": "text/plain", "updated_at": "2025", "chat_message_id": None, **row}


def matched(source: List[Any], target: List[Any]) -> Any:
    ids, uploaded, duplicates = comments.match_attachments(source, target)
    return ids, [row["id"] for row in uploaded], [row["id"] for row in duplicates]


def test_attachments_that_are_there() -> None:
    assert matched([attachment("a")], [attachment("1")]) == ({"a": "1"}, [], [])
    assert matched([attachment("a"), attachment("b")], [attachment("1"), attachment("2")])[0] == {"a": "1", "b": "2"}
    assert matched([attachment("a"), attachment("b")], [attachment("1")]) == ({"a": "1"}, [], [])
    assert matched([attachment("a")], [attachment("1", size=5)]) == ({}, [], [])
    assert matched([attachment("a")], [attachment("1", comment_id="d")]) == ({}, [], [])


def test_attachments_whose_answer_was_lost() -> None:
    uploaded = attachment("1", "a.txt", created_at="2026")
    ids, final, duplicates = comments.match_attachments([attachment("a")], [uploaded])
    assert (ids, duplicates) == ({"a": "1"}, [])
    assert [(row["id"], row["name"], row["created_at"]) for row in final] == [("1", "notes.txt", "2024")]


def test_attachments_that_came_twice_or_half() -> None:
    raw = [attachment("1", "a.txt"), attachment("2", "a.txt")]
    assert matched([attachment("a")], raw) == ({"a": "1"}, ["1"], ["2"])
    assert matched([attachment("a")], [attachment("9"), *raw]) == ({"a": "9"}, [], ["1", "2"])
    assert matched([attachment("a")], [attachment("1", "a.txt", 0)]) == ({}, [], ["1"])
    assert matched([attachment("a", size=0)], [attachment("1", "a.txt", 0)]) == ({"a": "1"}, ["1"], [])
    assert matched([attachment("a")], [attachment("1", "of the target.txt")]) == ({}, [], [])


@pytest.mark.parametrize(
    ("wanted", "now", "differs"),
    [
        ({"id": "a", "updated_at": "1", "name": "x"}, {"id": "b", "updated_at": "2", "name": "x"}, []),
        ({"name": "x", "data": {"a": 1}}, {"name": "x", "data": {"a": 2}}, ["data"]),
        ({"team": ["a", "b"]}, {"team": ["b", "a"]}, []),
        ({"team": ["a"]}, {"team": ["b", "a"]}, ["team"]),
        ({"team": []}, {}, []),
        ({"team": None}, {"team": []}, []),
        ({"team": ["a"]}, {}, ["team"]),
        ({"checklist": [{"text": "a"}, {"text": "b"}]}, {"checklist": [{"text": "b"}, {"text": "a"}]}, ["checklist"]),
        ({"pinned": False}, {"pinned": None}, ["pinned"]),
        ({"data": None}, {"data": {}}, []),
        ({"data": {"a": 1}}, {"data": {}}, ["data"]),
    ],
)
def test_what_differs(wanted: Any, now: Any, differs: List[str]) -> None:
    assert [*rows.diff(wanted, now)] == differs


class Server:
    """Takes imports, but not of the rows that it refuses."""

    def __init__(self, refused: Dict[str, Exception]) -> None:
        self.refused, self.asked, self.there = refused, 0, set()  # type: ignore[var-annotated]

    def post(self, path: str, data: List[Any], client: Any, timeout: float) -> List[Any]:
        self.asked += 1
        for row in data:
            if row["id"] in self.refused:
                raise self.refused[row["id"]]
            self.there.add(row["id"])
        return data


def sent(server: Server, monkeypatch: Any) -> Any:
    monkeypatch.setattr(rows.raw, "post", server.post)
    context = MigrationContext(None, None, "", {}, Report())  # type: ignore[arg-type]
    number = rows.import_rows(context, TableSpec("tasks", "tasks"), [{"id": letter} for letter in "abcdefgh"])
    return number, context.report.failed


def test_rows_that_are_refused_stop_no_others(monkeypatch: Any) -> None:
    server = Server({"b": ParameterException("path", "no"), "g": ParameterException("path", "neither")})
    number, failed = sent(server, monkeypatch)
    assert (number, sorted(server.there)) == (6, [*"acdefh"])
    assert [(row["kind"], row["id"]) for row in failed] == [("tasks", "b"), ("tasks", "g")]
    assert "neither" in failed[1]["reason"]


def test_a_server_that_does_not_answer_is_not_asked_for_each_row(monkeypatch: Any) -> None:
    server = Server({"a": TransportException("gone")})
    number, failed = sent(server, monkeypatch)
    assert (number, server.asked, [row["id"] for row in failed]) == (0, 2, [*"abcdefgh"])


def test_without_a_token_nothing_goes_on(monkeypatch: Any) -> None:
    with pytest.raises(NotAuthenticatedException):
        sent(Server({"a": NotAuthenticatedException("path")}), monkeypatch)


# -- names that differ by capitals ------------------------------------------------
class Studio:
    """Has rows with names, and takes more of them, or no two that differ in capitals only."""

    def __init__(self, *names: str, strict: bool = False) -> None:
        self.names, self.strict = list(names), strict

    def rows(self, side: str) -> List[Any]:
        return [{"id": f"{side} {name}", "name": name} for name in self.names]

    def create(self, path: str, row: Any, client: Any) -> Any:
        if self.strict and row["name"].lower() in [name.lower() for name in self.names]:
            raise ParameterException(path, "there is such a name")
        self.names.append(row["name"])
        return {"id": f"there {row['name']}"}


def same_names(here: Studio, there: Studio, monkeypatch: Any) -> Any:
    monkeypatch.setattr(
        studio.raw, "fetch_all", lambda path, client, **_: client.rows(["there", "here"][client is here])
    )
    monkeypatch.setattr(studio.raw, "create", there.create)
    context = MigrationContext(here, there, "", {}, Report())  # type: ignore[arg-type]
    found = studio.match_or_create(context, TableSpec("departments", "departments"))
    assert context.report.failed == []
    counts = context.report.counts["departments"]
    return {one[len("here ") :]: other[len("there ") :] for one, other in found.items()}, counts


@pytest.mark.parametrize("there", [["FX"], ["Fx"], ["fx", "FX"], ["other", "fX", "fx"], []])
def test_names_that_differ_by_capitals_stay_two(there: List[str], monkeypatch: Any) -> None:
    here, target = Studio("FX", "fx", "Light"), Studio(*there)
    found, _ = same_names(here, target, monkeypatch)
    assert len(set(found.values())) == 3
    assert {one.lower() for one in found} == {other.lower() for other in found.values()}
    assert all(found[name] == name for name in here.names if name in there)
    again, counts = same_names(here, target, monkeypatch)
    assert (again, counts) == (found, {"created": 0, "updated": 0, "skipped": 3})


def test_names_that_the_target_takes_for_one(monkeypatch: Any) -> None:
    found, counts = same_names(Studio("FX", "fx"), Studio("fx", strict=True), monkeypatch)
    assert (found, counts) == ({"FX": "fx", "fx": "fx"}, {"created": 0, "updated": 0, "skipped": 2})


# -- pieces of work ---------------------------------------------------------------
def run(errors: Dict[int, Exception], monkeypatch: Any) -> Any:
    """Run a step of five pages, of which some raise errors; return the report, the progress and the pages that ran."""
    ran: List[int] = []
    progress: List[Any] = []

    def piece(context: MigrationContext, page: int) -> None:
        ran.append(page)
        if page in errors:
            raise errors[page]
        context.report.count("tasks", created=100)

    steps = [production.Step("tasks", piece, (), 450), production.Step("comments", piece, (), 0)]
    monkeypatch.setattr(production, "plan", lambda context: steps)
    context = MigrationContext(None, None, "", {}, Report())  # type: ignore[arg-type]
    try:
        report: Any = production.run_steps(context, 1, None, lambda *numbers: progress.append(numbers))
    except Exception as error:
        report = error
    return report, progress, ran


def test_a_page_that_fails_stops_no_other(monkeypatch: Any) -> None:
    report, progress, ran = run({2: TransportException("gone"), 5: OSError("disk full")}, monkeypatch)
    assert [(row["id"], row["reason"]) for row in report.failed] == [("page 2", "gone"), ("page 5", "disk full")]
    assert report.counts["tasks"]["created"] == 300
    assert progress == [(100, 450), (200, 450), (300, 450), (400, 450), (450, 450)]
    assert ran == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("error", [NotAuthenticatedException("path"), ZeroDivisionError("a bug")])
def test_what_concerns_all_pages_ends_the_copy(error: Exception, monkeypatch: Any) -> None:
    raised, _, ran = run({2: error}, monkeypatch)
    assert raised is error
    assert max(ran) <= 3, "the page that had begun is finished, and no other begins"


def test_a_reply_keeps_the_author_whom_the_target_lacks() -> None:
    id_maps = {"task_status": {}, "people": {"ann": "ann there"}, "departments": {}}  # type: ignore[var-annotated]
    context = MigrationContext(None, None, "", id_maps, Report(), skip_unknown=True)  # type: ignore[arg-type]
    reply = {"id": "r", "person": {}, "person_id": "bob", "mentions": ["bob", "ann"], "department_mentions": ["fx"]}
    new = CommentCopier("task", context).reply(reply)
    assert new == {"id": "r", "person_id": "bob", "mentions": ["ann there"], "department_mentions": []}
