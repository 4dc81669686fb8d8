"""Chosen fields, and rows in the place of ids: the same as one request for each id gives, in a few."""

import copy
import logging
import uuid
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
    rows = query.resolve(tasks, "task_type", "assignees", "entity.parent.parent")
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
    names = [row["entity"]["name"] for row in query.resolve(rows, "entity.name")]
    assert names == [row["name"] for row in [*work.shot, elsewhere, *work.asset]]


def test_as_many_as_an_address_takes(project: Any, work: Any) -> None:
    ids = [str(uuid.uuid4()) for _ in range(selection.IDS_PER_REQUEST - 1)]
    fields = ["name", *(f"data.{number}" for number in range(5)), "nb_frames", "description", "source_id", "parent_id"]
    assert [row["name"] for row in query.find("entities", {"id": [*ids, work.shot[0]]}, fields)] == ["SHSE01"]
    with pytest.raises(ValueError, match="76 values for id make the URL too long"):
        query.find("entities", {"id": [*ids, *work.shot]}, fields)


def test_nothing_behind_an_id(admin: KitsuClient, work: Any) -> None:
    me, nobody = gazu.client.get_current_user(), str(uuid.uuid4())
    rows: List[Any] = [
        {"id": "1", "person_id": me["id"], "assignees": [nobody, me["id"]]},
        {"id": "2", "person_id": nobody, "assignees": []},
        {"id": "3", "person_id": None, "assignees": [me]},
        {"id": "4", "person_id": "None", "assignees": None},
        {"id": "5"},
    ]
    found = query.resolve(rows, "person.full_name", "assignees.full_name")
    own = {"id": me["id"], "type": "Person", "full_name": me["full_name"]}
    assert [row["person"] for row in found] == [own, None, None, None, None]
    assert [row["assignees"] for row in found] == [[own], [], [own], None, None]
    assert [row.get("person_id") for row in found] == [row.get("person_id") for row in rows]
    assert query.resolve([], "person") == query.resolve(iter(()), "person") == []


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
    (row,) = query.resolve([{"id": "1", "project_id": capitals}], "project.name")
    assert (row["project"]["name"], row["project_id"]) == (project["name"], capitals)


def test_what_is_no_question(work: Any, asked: Count) -> None:
    """It is refused by name, and before anything is sent."""
    calls: List[Any] = [
        (lambda ask: ask("tasks", fields=None), "fields: .* got None"),
        (lambda ask: ask("tasks", fields=3), "fields: .* got 3"),
        (lambda ask: ask("tasks", fields={"entity": ["name"]}), "fields: .* got {'entity'"),
        (lambda ask: ask("tasks", ["project_id"]), r"filters: .* got \['project_id'\]"),
        (lambda ask: ask("tasks", ()), r"filters: .* got \(\)"),
        (lambda ask: ask(None), "model: .* got None"),
        (lambda ask: ask(""), "model: .* got ''"),
        (lambda ask: ask("entities", {"type": "Shot"}), "filter by 'type'; use 'entity_type_id' .* 'shots'"),
        (lambda ask: ask("shots", {"project_name": "Show"}), "filter by 'project_name'; use 'project_id'"),
    ]
    for call, reason in calls:
        for ask in (query.find, query.find_each):
            with pytest.raises(ValueError, match=reason):
                call(ask)
    for size in (0, -1, "10", None, 1.5):
        with pytest.raises(ValueError, match=f"page_size: .* not '?{size}"):
            query.find_each("tasks", page_size=size)  # type: ignore[arg-type]
    for rows, shown in ((["id"], "'id' in it"), ([None], "None in it"), (None, "None$"), (3, "3$"), ("id", "'id'$")):
        with pytest.raises(ValueError, match=f"rows: .* got {shown}"):
            query.resolve(rows, "entity")  # type: ignore[arg-type]
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
        query.resolve([], "priority")
    with pytest.raises(ValueError, match="list of records"):
        query.resolve(work.task["shot"], "entity")
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
    assert found(id=[]) == [] and found(priority=[0, 1]) == found(name="M_in") == everything
    assert len(query.find("entities", {"project_id": project, "canceled": False, "name": "SHSE0%"})) == 2
    assert query.find("entities", {"project_id": project, "canceled": True}) == []
    for wrong in ({"projct_id": project["id"]}, {"limit": 1}):
        with pytest.raises(ValueError, match="have no field"):  # the server would answer with all tasks of all projects
            query.find("tasks", wrong)
        with pytest.raises(ValueError, match="have no field"):
            next(query.find_each("tasks", wrong))
    for nothing in ({"priority": None}, {"name": ["main"]}, {"entity_id": {"name": "no id"}}, {"entity_id": [None]}):
        with pytest.raises(ValueError):
            query.find("tasks", nothing)
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
        query.resolve([{"id": "1", "comment_id": comment["id"]}], "comment", client=artist.client)
    foreign = gazu.asset.new_asset(gazu.project.new_project(unique("Secret")), work.asset_type[0], "Rock")
    rows = [{"id": "1", "entity_id": foreign["id"]}, {"id": "2", "entity_id": work.shot[0]["id"]}]
    assert [row["entity"] and row["entity"]["name"] for row in query.resolve(rows, "entity", client=artist.client)] == [
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
