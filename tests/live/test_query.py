"""Chosen fields, and rows in the place of ids: the same as one request for each id gives, in a few."""

import copy
import datetime
import logging
import re
import uuid
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest

import gazu
from gazu import query
from gazu.client import KitsuClient
from gazu.exception import NotAllowedException, ParameterException
from gazu.query import columns, resolver, selection

NAMES = ["name", "entity.name", "entity.parent.name", "task_type.name", "task_status.short_name", "assignees.full_name"]


class Count(logging.Handler):
    """Counts requests by their path, for which the library logs a line each."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.paths: List[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.paths.append(record.getMessage().split(" ")[1].rstrip(":"))

    def __call__(self) -> List[str]:
        """Return what was asked for since the last time."""
        paths, self.paths = self.paths, []
        return paths


@pytest.fixture
def asked() -> Iterator[Count]:
    count, logger = Count(), logging.getLogger("gazu")
    level = logger.level
    logger.addHandler(count)
    logger.setLevel(logging.DEBUG)
    yield count
    logger.removeHandler(count)
    logger.setLevel(level)


def one_by_one(task: Any) -> Dict[str, Any]:
    """Return a task with names, as scripts do it that ask for each id."""
    entity = gazu.entity.get_entity(task["entity_id"])
    parent = gazu.entity.get_entity(entity["parent_id"]) if entity["parent_id"] else None
    task_type = gazu.task.get_task_type(task["task_type_id"])
    status = gazu.task.get_task_status(task["task_status_id"])
    people = [gazu.person.get_person(one) for one in task["assignees"]]

    def some(row: Any, *names: str) -> Any:
        return row and {name: row[name] for name in ("id", "type", *names)}

    return {
        **some(task, "name"),
        "entity": {**some(entity, "name"), "parent": some(parent, "name")},
        "task_type": some(task_type, "name"),
        "task_status": some(status, "short_name"),
        "assignees": [some(person, "full_name") for person in people],
    }


def listed(path: str, record: Any) -> Any:
    return gazu.raw.fetch_first(path, {"id": record}) if record else None


def by_id(rows: Any) -> Dict[str, Any]:
    return {row["id"]: row for row in rows}


def test_names_instead_of_ids(project: Any, work: Any, asked: Count) -> None:
    tasks = gazu.task.all_tasks_for_project(project)
    wanted = by_id(one_by_one(task) for task in tasks)
    assert len(tasks) == 8 and len(asked()) > 4 * len(tasks)
    found = query.find("tasks", {"project_id": project}, NAMES)
    lists = ["tasks", "entities", "entities", "task-types", "task-status", "persons"]
    assert asked() == [f"data/{name}" for name in lists]
    assert by_id(found) == wanted
    assert by_id(query.find_each("tasks", {"project_id": project}, NAMES, page_size=3)) == wanted
    paths = asked()
    assert paths.count("data/tasks") == 3, "its pages"
    assert paths.count("data/persons") == 1, "what the first page brought serves the next"


def test_rows_that_are_there_get_the_rows_behind_them(project: Any, work: Any, artist: Any, asked: Count) -> None:
    tasks = gazu.task.all_tasks_for_project(project)
    before = copy.deepcopy(tasks)
    asked()
    rows = query.expand(tasks, "task_type", "assignees", "entity.parent.parent")
    assert len(asked()) == 5
    assert tasks == before
    for task, row in zip(tasks, rows):
        entity = listed("entities", task["entity_id"])
        if entity["parent_id"]:
            parent = listed("entities", entity["parent_id"])
            entity["parent"] = {**parent, "parent": listed("entities", parent["parent_id"])}
        assert row == {
            **task,
            "task_type": listed("task-types", task["task_type_id"]),
            "assignees": [listed("persons", one) for one in task["assignees"]],
            "entity": {"parent": None, **entity},
        }
    first, second = [row for row in rows if row["task_type_id"] == work.task_type["shot"]["id"]]
    first["task_type"]["name"] = "changed"
    assert second["task_type"]["name"] == work.task_type["shot"]["name"], "each has a row of its own"


def test_many_ids(project: Any, work: Any, asked: Count, monkeypatch: Any) -> None:
    wanted = by_id(query.find("tasks", {"project_id": project}, NAMES))
    asked()
    monkeypatch.setattr(resolver, "IDS_PER_REQUEST", 3)
    monkeypatch.setattr(resolver, "MAX_IDS_BY_REQUEST", 12)
    assert by_id(query.find("tasks", {"project_id": project}, NAMES)) == wanted
    assert asked().count("data/entities") == 3 + 2, "eight entities, and the four that they are in, three at a time"
    monkeypatch.setattr(resolver, "MAX_IDS_BY_REQUEST", 3)
    assert by_id(query.find("tasks", {"project_id": project}, NAMES)) == wanted
    assert asked().count("data/entities") == 2, "all of the project"
    elsewhere = gazu.asset.new_asset(gazu.project.new_project(f"Other {uuid.uuid4()}"), work.asset_type[0], "Rock")
    rows = [{"id": row["id"], "project_id": project["id"], "entity_id": row["id"]} for row in [*work.shot, elsewhere]]
    rows += [{**row, "entity_id": one["id"]} for row, one in zip(rows, work.asset)]
    names = [row["entity"]["name"] for row in query.expand(rows, "entity.name")]
    assert names == [row["name"] for row in [*work.shot, elsewhere, *work.asset]]


def test_as_many_as_an_address_takes(project: Any, work: Any) -> None:
    ids = [str(uuid.uuid4()) for _ in range(selection.IDS_PER_REQUEST - 1)]
    fields = ["name", *(f"data.{number}" for number in range(5)), "nb_frames", "description", "source_id", "parent_id"]
    assert [row["name"] for row in query.find("entities", {"id": [*ids, work.shot[0]]}, fields)] == ["SHSE01"]
    both = sorted(row["name"] for row in query.find("entities", {"id": [*ids, *work.shot]}, fields))
    assert both == ["SHSE01", "SHSE02"], "76 ids are two requests"


def test_nothing_behind_an_id(admin: KitsuClient, work: Any) -> None:
    me, nobody = gazu.client.get_current_user(), str(uuid.uuid4())
    rows: List[Any] = [
        {"id": "1", "person_id": me["id"], "assignees": [nobody, me["id"]]},
        {"id": "2", "person_id": nobody, "assignees": []},
        {"id": "3", "person_id": None, "assignees": [me]},
        {"id": "4", "person_id": "None", "assignees": None},
        {"id": "5"},
    ]
    found = query.expand(rows, "person.full_name", "assignees.full_name")
    own = {"id": me["id"], "type": "Person", "full_name": me["full_name"]}
    assert [row["person"] for row in found] == [own, None, None, None, None]
    assert [row["assignees"] for row in found] == [[own], [], [own], None, None]
    assert [row.get("person_id") for row in found] == [row.get("person_id") for row in rows]
    assert query.expand([], "person") == query.expand(iter(()), "person") == []


def test_metadata(project: Any, unique: Any) -> None:
    shot = gazu.shot.new_shot(
        project, gazu.shot.new_sequence(project, "S"), "one", data={"lens": 35, "cam": {"fps": 25}}
    )
    other = gazu.shot.new_shot(project, shot["parent_id"], "two")
    fields = ["data.lens", "data.cam.fps", "parent.data.mood"]
    found = by_id(query.find("entities", {"id": [shot, other["id"]]}, ["name", *fields]))
    assert found[shot["id"]]["data"] == {"lens": 35, "cam": {"fps": 25}}
    assert found[other["id"]]["data"] == {"lens": None, "cam": {"fps": None}}
    assert found[shot["id"]]["parent"]["data"] == {"mood": None}
    descriptor = gazu.project.add_metadata_descriptor(project, unique("Lens"), "Shot")
    rows = query.find("metadata-descriptors", {"project_id": project}, ["name", "entity_type", "project.name"])
    assert [row["entity_type"] for row in rows if row["id"] == descriptor["id"]] == ["Shot"], "no reference there"


def test_what_people_put_in(project: Any, work: Any) -> None:
    shots = [
        gazu.shot.new_shot(project, work.sequence[0], f"cam {number}", data=data)
        for number, data in enumerate(({"cam": {"fps": 25}}, {"cam": "unknown"}, {"lens": 35}, {"cam": [{"fps": 1}]}))
    ]
    found = by_id(query.find("entities", {"id": shots}, ["data.cam.fps"]))
    inside = [found[shot["id"]]["data"]["cam"] for shot in shots]
    assert inside == [{"fps": 25}, {"fps": None}, {"fps": None}, [{"fps": 1}]]


def test_within_a_list(work: Any) -> None:
    status, points = gazu.task.get_task_status_by_short_name("wip"), ["leaves", "roots"]
    for checklist in ([{"text": point, "checked": False} for point in points], []):
        gazu.task.add_comment(work.task["asset"], status, "Look.", checklist=checklist)
    found = query.find("comments", {"object_id": work.task["asset"]}, ["checklist.text"])
    assert [] in [row["checklist"] for row in found]
    assert [row["checklist"] for row in found if row["checklist"]] == [[{"text": point} for point in points]]


def test_within_what_is_no_more_than_a_value(project: Any, work: Any) -> None:
    for field, reason in (
        ("project_id.name", "tasks have no fields in 'project_id', which is '.*'; 'project' has$"),
        ("name.foo", "tasks have no fields in 'name', which is 'main'$"),
        ("entity.parent.name.foo", "entities have no fields in 'name'"),
    ):
        with pytest.raises(ValueError, match=reason):
            query.find("tasks", {"id": work.task["shot"]}, [field])


def test_the_whole_and_parts_of_it(project: Any, work: Any) -> None:
    one = {"id": work.shot[0]}
    for fields in (["project", "project.name", "name"], ["name", "project.name", "project"]):
        (row,) = query.find("entities", one, fields)
        assert row["project"] == listed("projects", project["id"])
    (row,) = query.find("entities", one, ["parent", "parent.name", "parent.parent.name"])
    assert row["parent"]["description"] == work.sequence[0]["description"]
    assert row["parent"]["parent"] == {"id": work.episode[0]["id"], "type": "Episode", "name": "E01"}
    shot = gazu.shot.new_shot(project, work.sequence[0], "two", data={"lens": 35, "task": {"name": "x"}})
    for fields in (["data", "data.lens"], ["data.task", "data"]):
        (row,) = query.find("entities", {"id": shot}, fields)
        assert row["data"] == {"lens": 35, "task": {"name": "x"}}


def test_ids_in_capitals(project: Any) -> None:
    capitals = project["id"].upper()
    assert query.find("projects", {"id": capitals}, "name")[0]["name"] == project["name"]
    (row,) = query.expand([{"id": "1", "project_id": capitals}], "project.name")
    assert (row["project"]["name"], row["project_id"]) == (project["name"], capitals)


def test_what_is_no_question(work: Any, asked: Count) -> None:
    """It is refused by name, and before anything is sent."""
    calls: List[Any] = [
        (lambda ask: ask("tasks", fields=3), "fields: .* got 3"),
        (lambda ask: ask("tasks", fields={"entity": ["name"]}), "fields: .* got {'entity'"),
        (lambda ask: ask("tasks", ["project_id"]), r"filters: .* got \['project_id'\]"),
        (lambda ask: ask("tasks", ()), r"filters: .* got \(\)"),
        (lambda ask: ask(None), "model: .* got None"),
        (lambda ask: ask(""), "model: .* got ''"),
        (lambda ask: ask("tasks", {"entity..name": 1}), "filters: .* got 'entity..name'"),
        (lambda ask: ask("tasks", {"entity_id": {"name": "no id"}}), "got {'name': 'no id'}"),
    ]
    for call, reason in calls:
        for ask in (query.find, query.find_each):
            with pytest.raises(ValueError, match=reason):
                call(ask)
    for size in (0, -1, "ten", None, 1.5):
        with pytest.raises(ValueError, match=f"page_size: .* not '?{size}"):
            query.find_each("tasks", page_size=size)  # type: ignore[arg-type]
    for rows, shown in ((["id"], "'id' in it"), ([None], "None in it"), (None, "None$"), (3, "3$"), ("id", "'id'$")):
        with pytest.raises(ValueError, match=f"rows: .* got {shown}"):
            query.expand(rows, "entity")  # type: ignore[arg-type]
    assert asked() == []
    assert query.find("notifications", {"type": "mention", "task_id": work.task["shot"]}) == []


def test_fields_that_are_none(project: Any, work: Any) -> None:
    for field in ("nme", "entity_di", "entity.nme", "entity.parent.nme", "enttiy.name", "person", "person.name"):
        with pytest.raises(ValueError, match="have no field"):
            query.find("tasks", {"project_id": project}, [field])
    for wrong in ("", "a..b", ".", None, 3):
        with pytest.raises(ValueError, match="name of a field"):
            query.find("tasks", {"project_id": project}, [wrong])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="'priority' is not a reference; these are: .*assignees"):
        query.expand([], "priority")
    with pytest.raises(ValueError, match="list of records"):
        query.expand(work.task["shot"], "entity")
    with pytest.raises(ValueError, match="name of a list"):
        query.find(f"tasks/{work.task['shot']['id']}")


def test_all_columns_where_none_is_named(project: Any, work: Any) -> None:
    whole = by_id(gazu.raw.fetch_all("tasks", {"project_id": project["id"]}))
    assert by_id(query.find("tasks", {"project_id": project})) == whole
    found = query.find("tasks", {"project_id": project}, ["entity.name"])
    assert [row.pop("entity") for row in found] and by_id(found) == whole
    assert query.find("tasks", {"id": work.task["shot"]}, "priority") == [
        {"id": work.task["shot"]["id"], "type": "Task", "priority": 0}
    ]
    assert len(query.find("assets", {"project_id": project}, ["name", "entity_type.name"])) == 2, "no fields= there"


def test_filters(project: Any, work: Any, artist: Any) -> None:
    def found(**filters: Any) -> List[str]:
        return sorted(row["id"] for row in query.find("tasks", {"project_id": project, **filters}, ["name"]))

    everything = found()
    assert len(everything) == 8
    assert found(assignees=artist.person) == sorted(task["id"] for task in work.task.values())
    assert found(task_type_id=uuid.UUID(work.task_type["shot"]["id"]), assignees=artist.person["id"]) == [
        work.task["shot"]["id"]
    ]
    assert found(entity_id=[work.shot[0], work.asset[0]["id"]]) == sorted(
        work.task[kind]["id"] for kind in ("shot", "asset")
    )
    assert found(id=[]) == [] and found(priority=[0, 1]) == found(name="main") == everything
    assert found(name="M_in") == found(name="Main") == [], "no pattern, and letter case counts"
    assert len(query.find("entities", {"project_id": project, "canceled": False, "name": ["SHSE01", "SHSE02"]})) == 2
    assert query.find("entities", {"project_id": project, "canceled": True}) == []
    for wrong in ({"projct_id": project["id"]}, {"limit": 1}):
        with pytest.raises(ValueError, match="have no field"):  # the server would answer with all tasks of all projects
            query.find("tasks", wrong)
        with pytest.raises(ValueError, match="have no field"):
            next(query.find_each("tasks", wrong))
    assert found(priority=None) == found(entity_id=[None]) == [] and found(name=["main"]) == everything
    with pytest.raises(ParameterException):
        query.find("tasks", {"priority": "high"})


def test_what_an_artist_sees(project: Any, work: Any, artist: Any, unique: Any) -> None:
    mine = query.find("tasks", {"project_id": project}, NAMES, client=artist.client)
    assert by_id(mine) == by_id(query.find("tasks", {"project_id": project}, NAMES))
    with pytest.raises(ValueError, match="persons have no field 'email', or this account may not read it"):
        query.find("tasks", {"project_id": project}, ["assignees.email"], client=artist.client)
    with pytest.raises(NotAllowedException):
        query.find("comments", client=artist.client)
    comment = gazu.task.add_comment(work.task["shot"], gazu.task.get_task_status_by_short_name("wip"), "hello")
    with pytest.raises(NotAllowedException):
        query.expand([{"id": "1", "comment_id": comment["id"]}], "comment", client=artist.client)
    foreign = gazu.asset.new_asset(gazu.project.new_project(unique("Secret")), work.asset_type[0], "Rock")
    rows = [{"id": "1", "entity_id": foreign["id"]}, {"id": "2", "entity_id": work.shot[0]["id"]}]
    assert [row["entity"] and row["entity"]["name"] for row in query.expand(rows, "entity", client=artist.client)] == [
        None,
        "SHSE01",
    ]
    assert query.find("tasks", {"project_id": foreign["project_id"]}, client=artist.client) == []


def test_what_is_remembered(project: Any, work: Any, asked: Count) -> None:
    gazu.cache.enable()
    try:
        first = query.find("tasks", {"project_id": project}, NAMES)
        assert len(asked()) == 6
        again = query.find("tasks", {"project_id": project}, NAMES)
        assert asked() == [] and again == first
        gazu.task.update_task({"id": work.task["shot"]["id"], "priority": 2})
        asked()
        query.find("tasks", {"project_id": project}, NAMES)
        assert len(asked()) == 6, "a write is seen"
    finally:
        gazu.cache.disable()
        gazu.cache.clear_all()


def test_a_list_that_changes_on_the_way(project: Any, work: Any, asked: Count) -> None:
    everything = sorted(row["id"] for row in gazu.task.all_tasks_for_project(project))
    rows = query.find_each("tasks", {"project_id": project}, ["priority"], page_size=2)
    came = [next(rows)["id"] for _ in range(2)]
    assert asked()[-1] == "data/tasks"
    later = next(one for one in everything if one not in came)
    gazu.task.update_task({"id": later, "priority": 3})  # which brings it to the first page, where we have been
    came += [row["id"] for row in rows]
    assert sorted(came) == everything


def test_each_list_that_is_referred_to_is_there(admin: KitsuClient) -> None:
    for path in sorted({*columns.REFERENCES.values()}):
        assert isinstance(query.find(path, {"id": []}), list)


# -- operators -------------------------------------------------------------------
@pytest.fixture
def film(project: Any, work: Any, artist: Any) -> Dict[str, Any]:
    """The filter that finds what the test made, by the list; with values to compare."""
    shots = []
    for number, data in enumerate(({"lens": 35, "tags": ["hero", "crowd"]}, {"lens": 50.5}, None)):
        shots.append(gazu.shot.new_shot(project, work.sequence[0], f"SH_0{number}0", nb_frames=10 * number, data=data))
    gazu.shot.new_shot(project, work.sequence[1], "SHx010", nb_frames=None)
    gazu.shot.update_shot({"id": shots[0]["id"], "description": "Rain"})
    for number, kind in enumerate(("shot", "asset")):
        task = work.task[kind]
        gazu.task.update_task({"id": task["id"], "due_date": f"2026-11-2{number}T12:00:00", "estimation": 60 + number})
        gazu.task.set_time_spent(task, artist.person, f"2026-11-2{number}", 60)
        gazu.task.add_comment(task, gazu.task.get_task_status_by_short_name("wip"), f"Look {number}")
    tasks = [task["id"] for task in work.task.values()]
    here = {"project_id": project["id"]}
    return {
        **dict.fromkeys(("tasks", "entities", "shots", "assets", "sequences", "episodes", "playlists"), here),
        "comments": {"object_id": tasks},
        "time-spents": {"task_id": tasks},
        "projects": {"id": project["id"]},
        "persons": {"id": [gazu.client.get_current_user()["id"], artist.person["id"]]},
    }


DAY, NOON = datetime.date(2026, 11, 20), datetime.datetime(2026, 11, 20, 12)
OPERATORS: List[Any] = [
    (query.after(DAY), lambda value: value > "2026-11-20T23:59:59"),
    (query.before("2026-11-21"), lambda value: value < "2026-11-21"),
    (query.between(DAY, NOON), lambda value: "2026-11-20" <= value <= "2026-11-20T12:00:00"),
    (query.at_least(NOON), lambda value: value >= "2026-11-20T12:00:00"),
    (query.at_most(DAY), lambda value: value[:10] <= "2026-11-20"),
    (DAY, lambda value: value[:10] == "2026-11-20"),
    ([NOON, "2026-11-21"], lambda value: value in ("2026-11-20T12:00:00", "2026-11-21T12:00:00", "2026-11-21")),
]
NUMBERS: List[Any] = [
    (query.at_least(10), lambda value: value >= 10),
    (query.at_most(60), lambda value: value <= 60),
    (query.between(10, 60), lambda value: 10 <= value <= 60),
    (query.one_of(0, 20, 60), lambda value: value in (0, 20, 60)),
    (20, lambda value: value == 20),
]
TEXTS: List[Any] = [
    (query.contains("S"), lambda value: "S" in value),
    (query.starts_with("S"), lambda value: value[:1] == "S"),
    (query.matches("[_0]1"), lambda value: bool(re.search("[_0]1", value))),
    (query.matches(re.compile("^s", re.IGNORECASE)), lambda value: value[:1].lower() == "s"),
    (query.between("Look", "SHz"), lambda value: "Look" <= value <= "SHz"),
    ("SH_010", lambda value: value == "SH_010"),
    ("sh_010", lambda value: value == "sh_010"),
    (["SH_010", "SH_020", "Look 1"], lambda value: value in ("SH_010", "SH_020", "Look 1")),
]
COLUMNS = [
    ("tasks", "due_date", OPERATORS), ("tasks", "estimation", NUMBERS), ("entities", "nb_frames", NUMBERS),
    ("entities", "name", TEXTS), ("entities", "description", TEXTS), ("shots", "name", TEXTS),
    ("shots", "sequence_name", TEXTS), ("assets", "name", TEXTS), ("comments", "text", TEXTS),
    ("comments", "created_at", OPERATORS), ("time-spents", "date", OPERATORS), ("persons", "full_name", TEXTS),
]  # fmt: skip


def test_operators_in_every_kind_of_list(film: Dict[str, Any]) -> None:
    """Each finds what the same condition finds in the whole list; records without a value match the contrary only."""
    matched = 0
    for model, column, operators in COLUMNS:
        rows = query.find(model, film[model])
        assert len(rows) == query.count(model, film[model])
        none = lambda value: value is None or value == []  # noqa: E731
        conditions = [
            (operator, lambda value, test=test: value is not None and test(value)) for operator, test in operators
        ]
        for operator, test in [*conditions, (query.is_none, none), (None, none)]:
            wanted = {row["id"] for row in rows if test(row[column])}
            matched += len(wanted)
            filters = {**film[model], column: operator}
            assert {row["id"] for row in query.find(model, filters, ["id"])} == wanted, (model, column, operator)
        assert query.count(model, filters) == len(wanted)
        others = {row["id"] for row in rows} - wanted
        contrary = {**film[model], column: query.not_(operator)}
        assert {row["id"] for row in query.find_each(model, contrary)} == others, (model, column)
    assert matched > 60


def test_operators_behind_references(project: Any, work: Any, film: Dict[str, Any], artist: Any) -> None:
    def found(model: str, **filters: Any) -> List[str]:
        named = {name.replace("__", "."): value for name, value in filters.items()}
        rows = query.find(model, {**film[model], **named}, ["id"])
        assert query.count(model, {**film[model], **named}) == len(rows)
        return sorted(row["id"] for row in rows)

    shot, other = work.task["shot"], work.task["asset"]
    first = work.sequence[0]["name"]
    assert found("tasks", entity__parent__name=first, assignees=artist.person) == sorted(
        work.task[kind]["id"] for kind in ("shot", "scene")
    )
    assert found("tasks", entity__parent=work.sequence[0], task_type__name=work.task_type["shot"]["name"]) == [
        shot["id"]
    ]
    assert found("tasks", project__name=project["name"], entity=work.shot[0]) == [shot["id"]]
    assert found("tasks", entity__name=query.starts_with("Tr")) == [other["id"]]
    everything, here = found("tasks"), found("tasks", entity__parent__name=first)
    assert found("tasks", entity__parent__name=query.not_(first)) == sorted({*everything} - {*here})
    assert found("tasks", assignees__full_name=query.contains("Ann")) == found("tasks", assignees=query.not_(None))
    assert found("tasks", assignees=query.is_none) == found(
        "tasks", assignees=query.not_(query.contains(artist.person))
    )
    assert found("tasks", assignees=[artist.person, gazu.client.get_current_user()]) == found(
        "tasks", assignees=artist.person
    )
    assert len(found("entities", data__lens=query.at_least(40))) == 1
    assert len(found("entities", data__lens=query.not_(None))) == 2
    assert len(found("shots", data__tags="crowd")) == len(found("shots", data__tags=query.contains("hero"))) == 1
    assert len(found("comments", object__entity__name="Tree")) == 1
    assert found("comments", person=gazu.client.get_current_user(), task_status__short_name="wip") == found("comments")
    assert found("time-spents", task__entity__parent__name=first, date=DAY) == found("time-spents", date="2026-11-20")
    assert [row["id"] for row in query.find("entities", {**film["entities"], "type": "Shot", "parent": None})] == []
    assert len(found("shots", entity_type=work.asset_type[0])) == 0, "the server ignores it"


def test_filters_that_take_several_requests(project: Any, work: Any, film: Dict[str, Any], asked: Count) -> None:
    ids = [str(uuid.uuid4()) for _ in range(80)]
    shots = [row["id"] for row in query.find("shots", film["shots"])]
    asked()
    assert {row["id"] for row in query.find("entities", {"id": [*ids, *shots]})} == {*shots}
    assert query.count("tasks", {"entity": [*ids, work.shot[0], work.asset[0]]}) == 2
    assert asked() == ["data/entities"] * 2 + ["data/tasks"] * 2
    assert len(query.find("shots", {**film["shots"], "name": ["SH_000", "SH_010", "sh_020"]})) == 2
    assert asked().count("data/shots") == 1  # which comes whole anyway
    assert len(query.find("entities", {**film["entities"], "name": ["SH_000", "SH_010", "sh_020"]})) == 2
    assert asked().count("data/entities") == 3


def test_order_and_limit(project: Any, film: Dict[str, Any]) -> None:
    rows = query.find("entities", {**film["entities"], "type": "Shot"}, ["name", "nb_frames", "parent.name"])
    frames = [row for row in rows if row["nb_frames"] is not None]
    without = [row for row in rows if row["nb_frames"] is None]
    wanted = sorted(frames, key=lambda row: -row["nb_frames"]) + sorted(without, key=lambda row: row["name"])
    arguments: Any = ("entities", {**film["entities"], "type": "Shot"}, ["name", "nb_frames", "parent.name"])
    order = ["-nb_frames", "name"]
    assert query.find(*arguments, order=order) == wanted
    assert query.find(*arguments, order=order, limit=2) == wanted[:2]
    assert query.find_one(*arguments, order=order) == wanted[0]
    assert query.find_one("entities", {**film["entities"], "name": "none"}) is None
    names = [row["parent"]["name"] for row in query.find(*arguments, order="-parent.name")]
    assert names == sorted(names, reverse=True)
    assert len(query.find("tasks", film["tasks"], limit=3)) == 3


def test_groups(project: Any, work: Any, film: Dict[str, Any], artist: Any) -> None:
    tasks = query.find("tasks", film["tasks"], ["estimation", "entity.type", "assignees"])
    rows = query.summarize("tasks", film["tasks"], by="entity.type", sum="estimation")
    assert [row["entity.type"] for row in rows] == ["Asset", "Scene", "Sequence", "Shot"]
    assert sum(row["count"] for row in rows) == len(tasks) == 8
    assert rows[0] == {"entity.type": "Asset", "count": 2, "estimation": 61}
    by_person = query.summarize("tasks", film["tasks"], by=["assignees.full_name"])
    assert by_person == [
        {"assignees.full_name": artist.person["full_name"], "count": 4},
        {"assignees.full_name": None, "count": 4},
    ]
    assert query.summarize("time-spents", film["time-spents"], sum="duration") == [{"count": 2, "duration": 120}]


def test_what_is_refused(film: Dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="'name' of .* in entities is '.*', which at_least"):
        query.find("entities", {**film["entities"], "name": query.at_least(3)})
    with pytest.raises(ValueError, match="'projct_id', .*did you mean 'project_id'"):
        query.count("tasks", {"projct_id": film["tasks"]["project_id"]})
    with pytest.raises(ValueError, match="'prority', .*did you mean 'priority'"):
        query.find("tasks", {"project_id": str(uuid.uuid4()), "prority": 1})
    with pytest.raises(ValueError, match="takes a record or its id, got 'My Show'.*get_project_by_name"):
        query.find("tasks", {"project": "My Show"})


def test_explained(project: Any, film: Dict[str, Any], asked: Count) -> None:
    """What `explain` names are the requests that are sent."""
    filters = {**film["tasks"], "entity.parent.name": "SE01", "priority": query.at_least(0)}
    asked()
    explained = query.explain("tasks", filters, ["task_type.name"], "entity.name")
    assert asked() == [] and explained == query.find("tasks", filters, ["task_type.name"], "entity.name", explain=True)
    assert (list(explained["sent"]), list(explained["in_client"])) == (
        ["project_id", "entity.parent.name"],
        ["priority"],
    )
    query.find("tasks", filters, ["task_type.name"], "entity.name")
    requests = [path for path in asked() if path.startswith("data/")]
    assert requests == [request.split(" ")[1].split("?")[0] for request in explained["requests"]]


def test_each_column_that_is_sent_is_a_filter_of_the_server(project: Any, work: Any, film: Dict[str, Any]) -> None:
    """In the lists of Zou 1.0.97, what a query sends finds the records with this value, and no other."""
    tried = 0
    for model in (
        "tasks",
        "entities",
        "shots",
        "assets",
        "comments",
        "time-spents",
        "projects",
        "task-types",
        "events",
    ):
        page = gazu.raw.fetch_page(model, film.get(model), page_size=1)
        for column, value in (page[0] if isinstance(page, list) else page["data"][0]).items():
            if isinstance(value, (str, int, float)):
                found = query.find(model, {**film.get(model, {}), column: value})
                assert {one[column] for one in found} == {value}, (model, column)
                tried += 1
    assert tried > 90


def test_a_list_that_the_server_cuts_off(project: Any, asked: Count) -> None:
    """Without a page, Zou 1.0.97 lists a thousand events at most; a query reads them in pages."""
    total = query.count("events")
    asked()
    assert len(query.find("events", {}, ["name"])) >= total > 0
    assert len(asked()) >= -(-total // 1000)


# -- documentation ---------------------------------------------------------------
def test_what_the_page_has_beside_the_ways_of_others(project: Any, work: Any, artist: Any) -> None:
    """The last cell of each row of its tables is a query."""
    page = Path(__file__).parents[2].joinpath("docs", "how-to", "ask-for-records.md").read_text(encoding="utf-8")
    queries = re.findall(r"^\| `.*\| `((?:find|count|summarize).*)` \|$", page, re.MULTILINE)
    assert len(queries) == 30
    names = {"project": project, "person": artist.person, "date": datetime.date, "timedelta": datetime.timedelta}
    for line in queries:
        found = eval(line, {**vars(query), **names})
        assert found is None or isinstance(found, (int, dict, list)), line
