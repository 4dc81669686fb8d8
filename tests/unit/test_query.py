"""Queries against a small Kitsu in memory, which answers at the session of a real client."""

import copy
import datetime
import json
import pickle
import re
import uuid
import weakref

import pytest

import gazu
from gazu import query
from gazu.client import KitsuClient
from gazu.exception import NotAllowedException, ParameterException
from gazu.query import columns, resolver, search, selection

from ..in_memory import ANIMATION, JANE, JOE, NOBODY, OTHER_PROJECT, PROJECT, SHOT_TYPE, Kitsu, entity, id_of, tables


@pytest.fixture
def kitsu():
    return Kitsu()


@pytest.fixture
def client(kitsu):
    client = KitsuClient("http://kitsu.test/api", access_token="token", retries=0)
    client.session.mount("http://", kitsu)
    return client


@pytest.fixture
def find(client):
    def find(*args, **kwargs):
        return query.find(*args, client=client, **kwargs)

    return find


@pytest.fixture
def expand(client):
    def expand(*args):
        return query.expand(*args, client=client)

    return expand


# -- fields ----------------------------------------------------------------------
def test_fields_of_references(find, kitsu):
    fields = ["name", "entity.name", "entity.parent.name", "task_type.name", "assignees.name"]
    found = find("tasks", {"project_id": {"id": PROJECT}}, fields)
    sequence = {"id": id_of(20), "type": "Shot", "name": "SQ01"}
    people = [{"id": JANE, "type": "Person", "name": "Jane"}, {"id": JOE, "type": "Person", "name": "Joe"}]
    assert found == [
        {
            "id": id_of(31 + n), "type": "Task", "name": "main",
            "entity": {"id": id_of(21 + n), "type": "Shot", "name": f"SH0{n}", "parent": sequence},
            "task_type": {"id": ANIMATION, "type": "TaskType", "name": "Animation"},
            "assignees": people[:n],
        }
        for n in range(3)
    ]  # fmt: skip
    assert [path for path, _ in kitsu.requests] == ["tasks", "entities", "entities", "task-types", "persons"]
    tasks, shots, sequences, types, persons = [params for _, params in kitsu.requests]
    assert tasks == {
        "project_id": PROJECT, "relations": "true",
        "fields": "project_id,name,entity,task_type,assignees,entity_id,task_type_id",
    }  # fmt: skip
    assert shots == {"id": json.dumps([id_of(21), id_of(22), id_of(23)], separators=(",", ":")),
                     "fields": "id,name,parent,parent_id,project_id"}  # fmt: skip
    assert (sequences["id"], types["id"]) == (f'["{id_of(20)}"]', f'["{ANIMATION}"]')
    assert persons == {"id": f'["{JANE}","{JOE}"]', "fields": "id,name,project_id"}


def test_all_columns_where_none_is_named(find, kitsu):
    assert find("tasks") == [without(row, "assignees") for row in kitsu.tables["tasks"]]
    assert kitsu.requests == [("tasks", {})]
    (row,) = find("tasks", {"id": id_of(31)}, ["entity.name"])
    shot = {"id": id_of(21), "type": "Shot", "name": "SH00"}
    assert row == {**without(kitsu.tables["tasks"][0], "assignees"), "entity": shot}
    assert find("tasks", {"id": id_of(31)}, "priority") == [{"id": id_of(31), "type": "Task", "priority": 0}]


def without(row, name):
    return {key: value for key, value in row.items() if key != name}


def test_whole_records_and_parts_of_them(find, kitsu):
    sequence, shot = kitsu.tables["entities"][:2]
    for fields in (["entity", "entity.name"], ["entity.name", "entity"]):
        assert find("tasks", {"id": id_of(31)}, fields)[0]["entity"] == shot
    (row,) = find("tasks", {"id": id_of(31)}, ["name", "entity", "entity.parent", "entity.parent.name"])
    assert row == {"id": id_of(31), "type": "Task", "name": "main", "entity": {**shot, "parent": sequence}}
    for fields in (["data", "data.lens"], ["data.lens", "data"]):
        assert find("entities", {"id": shot}, fields)[0]["data"] == shot["data"]
    (row,) = find("entities", {"id": shot}, ["data", "data.parent.name"])
    assert row["data"] == shot["data"], "a subfield is not a reference, whatever its name"


def test_subfields(find):
    found = find("entities", {"parent_id": id_of(20)}, ["data.lens", "data.cam.fps", "parent.data.mood"])
    assert [row["data"] for row in found] == [
        {"lens": 35, "cam": {"fps": 25}},
        {"lens": 36, "cam": {"fps": 25}},
        {"lens": None, "cam": {"fps": None}},
    ]
    assert {json.dumps(row["parent"]["data"]) for row in found} == {'{"mood": null}'}
    assert [row["checklist"] for row in find("tasks", {}, ["checklist.text"])] == [
        [{"text": "hand"}] * n for n in range(3)
    ]


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("project_id.name", "tasks have no fields in 'project_id', which is '.*'; 'project' has$"),
        ("name.first", "tasks have no fields in 'name', which is 'main'$"),
        ("entity.name.first", "entities have no fields in 'name', which is 'SH00'$"),
        ("assignees.desk.x.y", None),
    ],
)
def test_subfields_of_a_plain_value(field, reason, find):
    if reason is None:  # deeper down each record may have something else
        found = find("tasks", {"id": id_of(32)}, [field])
        assert found[0]["assignees"][0]["desk"] == {"x": {"y": None}}
    else:
        with pytest.raises(ValueError, match=reason):
            find("tasks", {"id": id_of(31)}, [field])


def test_subfields_of_plain_values_within_a_list(find, kitsu):
    kitsu.tables["tasks"][0]["checklist"] = [None, "hand"]
    with pytest.raises(ValueError, match="tasks have no fields in 'checklist', which is 'hand'"):
        find("tasks", {"id": id_of(31)}, ["checklist.text"])


def test_irregular_columns(find):
    (row,) = find("tasks", {"id": id_of(31)}, ["created_by.name"])
    assert row["created_by"] == {"id": JOE, "type": "Person", "name": "Joe"}
    (row,) = find("entities", {"id": id_of(21)}, ["ready_for.name"])
    assert row["ready_for"]["name"] == "Animation"


def test_column_with_the_name_of_a_reference(find):
    """Metadata descriptors keep the name of a type, not its id."""
    (row,) = find("metadata-descriptors", {}, ["entity_type"])
    assert row["entity_type"] == "Shot"


@pytest.mark.parametrize("field", ["nme", "entity_di", "entity.nme", "entity.parent.nme", "enttiy.name", "person.name"])
def test_unknown_fields(field, find):
    with pytest.raises(ValueError, match="have no field '.*', or this account may not read it"):
        find("tasks", {}, [field])


@pytest.mark.parametrize(
    ("filters", "field", "nearest"),
    [
        ({"priority": 9}, "nme", "'name'"),
        ({"priority": 9}, "entity.nme", "'name'"),
        ({"priorty": 9}, "name", "'priority'"),
        ({"priority": 9, "entty": JOE}, "name", "'entity'"),
        ({"id": []}, "due_dat", "'due_date'"),
    ],
)
def test_unknown_names_of_an_empty_list(filters, field, nearest, find, kitsu):
    """No record tells; the types of the library do, and a record of any kind of what a newer server has."""
    kitsu.tables["tasks"] = []
    with pytest.raises(ValueError, match=f"have no field .*did you mean {nearest}\\?"):
        find("tasks", filters, [field])
    kitsu.tables["tasks"] = tables()["tasks"]
    kitsu.tables["tasks"][0]["mood"] = "new"
    assert find("tasks", {"priority": 9}, ["mood"]) == []
    kitsu.tables["news"] = []
    assert find("news", {"new": 1}, ["newer"]) == [], "a list without a type, and without records"


# -- filters ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (2, "2"),
        (True, "true"),
        (False, "false"),
        ("text", "text"),
        ({"id": PROJECT, "name": "Show"}, PROJECT),
        (uuid.UUID(PROJECT), PROJECT),
        ([{"id": PROJECT}, uuid.UUID(JANE), 3, False], f'["{PROJECT}","{JANE}",3,"false"]'),
        ((1, 2), "[1,2]"),
        ({7}, "7"),
        (frozenset([7, 8]), "[8,7]"),
        (iter([1, 2, 1]), "[1,2]"),
        (2.5, "2.5"),
    ],
)
def test_values_of_filters(value, sent, find, kitsu):
    find("tasks", {"priority": value})
    assert kitsu.requests == [("tasks", {"priority": sent})]


def test_filters_of_a_to_many_reference(find, kitsu):
    assert [row["id"] for row in find("tasks", {"assignees": {"id": JOE}}, "name")] == [id_of(33)]
    assert kitsu.requests == [("tasks", {"assignees": JOE, "relations": "true", "fields": "assignees,name,project_id"})]


@pytest.mark.parametrize("filters", [{"projct_id": PROJECT}, {"limit": 1}])
def test_filters_that_are_not_columns(filters, client, find):
    """The server ignores them, and returns records of every project."""
    with pytest.raises(ValueError, match="tasks have no field '(projct_id|limit)'"):
        find("tasks", filters)
    with pytest.raises(ValueError, match="tasks have no field"):
        next(query.find_each("tasks", filters, client=client))


def test_columns_that_some_records_have(find, kitsu):
    kitsu.tables["tasks"] = [{"id": id_of(1), "type": "Task"}, {"id": id_of(2), "type": "Task", "priority": 1}]
    kitsu.tables["tasks"].reverse()
    assert [row["priority"] for row in find("tasks", {}, "priority")] == [1, None]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("tasks", None, 3), "fields: .* got 3"),
        (("tasks", None, {"entity": ["name"]}), "fields: .* got {'entity'"),
        *(
            ((("tasks", None, [wrong]), "fields: .* such as 'entity.name', got"))
            for wrong in ("", "a..b", ".", None, 3)
        ),
        (("tasks", ["project_id"]), r"filters: expected a dict .* got \['project_id'\]"),
        (("tasks", ()), r"filters: .* got \(\)"),
        ((None,), "model: expected the name of a list such as 'tasks', got None"),
        (("",), "model: .* got ''"),
        (("tasks", {"entity_id": {"name": "no id"}}), "got {'name': 'no id'}"),
        (("tasks", {"entity..name": 1}), "filters: expected the name of a field"),
        (("tasks", {"priority": b"1"}), "filters: expected a value, a record, a list of them or an operator, got b'1'"),
        (("tasks", {"priority": float("nan")}), "filters: .* got nan"),
        (("tasks", {"priority": [object()]}), "filters: .* got <object"),
    ],
)
def test_refusals_before_anything_is_sent(arguments, reason, client, find, kitsu):
    with pytest.raises(ValueError, match=reason):
        find(*arguments)
    with pytest.raises(ValueError, match=reason):
        query.find_each(*arguments, client=client)
    assert kitsu.requests == []


def test_as_many_ids_as_a_url_takes(find, kitsu):
    ids = [*map(id_of, range(100, 174)), id_of(31)]
    assert len(ids) == selection.IDS_PER_REQUEST == 75
    assert [row["id"] for row in find("tasks", {"id": ids})] == [id_of(31)]


def test_type_is_a_column_of_notifications(find, kitsu):
    kitsu.tables["notifications"] = [{"id": id_of(60), "type": "mention"}]
    assert find("notifications", {"type": "mention"}) == [{"id": id_of(60), "type": "mention"}]


# -- references ------------------------------------------------------------------
def test_copies_with_the_records_behind_ids(expand, kitsu):
    tasks = kitsu.tables["tasks"]
    before = copy.deepcopy(tasks)
    expanded = expand(tasks, "task_type", "assignees", "entity.parent.parent")
    assert tasks == before
    for task, row in zip(tasks, expanded):
        shot = next(one for one in kitsu.tables["entities"] if one["id"] == task["entity_id"])
        assert row == {
            **task,
            "task_type": kitsu.tables["task-types"][0],
            "assignees": [one for one in kitsu.tables["persons"] if one["id"] in task["assignees"]],
            "entity": {**shot, "parent": {**kitsu.tables["entities"][0], "parent": None}},
        }
    assert kitsu.calls() == ["task-types", "persons", "entities", "entities"]
    expanded[0]["task_type"]["name"] = expanded[1]["assignees"][0]["desk"]["x"] = "changed"
    assert expanded[1]["task_type"]["name"] == "Animation", "each place has a copy of its own"
    assert expanded[2]["assignees"][0]["desk"]["x"] == 1


def test_missing_references(expand):
    rows = [
        {"id": "1", "person_id": JANE, "assignees": [NOBODY, JANE]},
        {"id": "2", "person_id": NOBODY, "assignees": []},
        {"id": "3", "person_id": None, "assignees": [{"id": JANE}]},
        {"id": "4", "person_id": "None", "assignees": None},
        {"id": "5", "person_id": {"id": JOE}},
    ]
    found = expand(rows, "person.name", "assignees.name")
    jane, joe = ({"id": one, "type": "Person", "name": name} for one, name in ((JANE, "Jane"), (JOE, "Joe")))
    assert [row["person"] for row in found] == [jane, None, None, None, joe]
    assert [row["assignees"] for row in found] == [[jane], [], [jane], None, None]
    assert [row.get("person_id") for row in found] == [row.get("person_id") for row in rows]


def test_nothing_to_expand(expand, kitsu):
    assert expand([], "person") == expand(iter(()), "person") == []
    assert expand([{"id": "1", "person_id": None}], "person") == [{"id": "1", "person_id": None, "person": None}]
    assert kitsu.requests == []


def test_ids_in_capitals(expand):
    (row,) = expand([{"id": "1", "person_id": JANE.upper()}], "person.name")
    assert (row["person"]["name"], row["person_id"]) == ("Jane", JANE.upper())


def test_a_reference_of_records_that_have_it_as_a_column_already(expand, kitsu):
    """Some routes embed what others refer to: nothing is requested for it."""
    (row,) = expand([{"id": "1", "project": {"name": "Show", "id": PROJECT}}], "project.name")
    assert row["project"] == {"name": "Show"}
    assert kitsu.requests == []
    (row,) = expand([{"id": "1", "project": {"name": "Old"}, "project_id": PROJECT}], "project.name")
    assert row["project"]["name"] == "Show"


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        (["id"], "'id' in it"),
        ([None], "None in it"),
        ([{"id": "1"}, 3], "3 in it"),
        (None, "None"),
        (3, "3"),
        ("id", "'id'"),
        ({"id": "1"}, "{'id': '1'}"),
    ],
)
def test_what_is_not_a_list_of_records(rows, shown, expand, kitsu):
    with pytest.raises(ValueError, match=f"rows: expected a list of records, got {shown}$"):
        expand(rows, "entity")
    assert kitsu.requests == []


def test_names_that_are_not_references(expand, kitsu):
    with pytest.raises(ValueError, match="'priority' is not a reference; these are: .*assignees.*working_file$"):
        expand([], "priority")
    with pytest.raises(ValueError, match="these records have no field 'person_id'"):
        expand([{"id": "1"}], "person")
    with pytest.raises(ValueError, match="name of a field"):
        expand([], "entity..name")
    assert kitsu.requests == []


def test_references_are_not_ambiguous():
    assert len(columns.REFERENCES) == len(columns.TO_ONE) + len(columns.TO_MANY) + len(columns.IRREGULAR)
    assert not any(name.endswith("_id") for name in columns.TO_ONE)


# -- many ids --------------------------------------------------------------------
def test_ids_in_chunks(expand, kitsu, monkeypatch):
    monkeypatch.setattr(resolver, "IDS_PER_REQUEST", 2)
    names = [row["entity"]["name"] for row in expand(kitsu.tables["tasks"], "entity.name")]
    assert names == ["SH00", "SH01", "SH02"]
    assert [json.loads(params["id"]) for _, params in kitsu.requests] == [[id_of(21), id_of(22)], [id_of(23)]]


def test_each_id_is_requested_once(expand, kitsu):
    rows = [{"id": str(n), "person_id": JANE, "author_id": NOBODY, "editor_id": NOBODY} for n in range(3)]
    expand(rows, "person", "author", "editor")
    assert [json.loads(params["id"]) for _, params in kitsu.requests] == [[JANE], [NOBODY]]


def test_selections_of_the_same_records_are_apart(expand, kitsu):
    (row,) = expand([{"id": "1", "person_id": JANE, "author_id": JANE}], "person.name", "author.desk")
    assert row["person"] == {"id": JANE, "type": "Person", "name": "Jane"}
    assert row["author"] == {"id": JANE, "type": "Person", "desk": {"x": 1}}


@pytest.mark.parametrize("limit", [2, 3])
def test_more_ids_than_are_worth_it_come_from_the_list_of_their_project(limit, expand, kitsu, monkeypatch):
    monkeypatch.setattr(resolver, "MAX_IDS_BY_REQUEST", limit)
    expand(kitsu.tables["tasks"], "entity.name")
    whole = ("entities", {"project_id": PROJECT, "fields": "project_id,name"})
    assert (kitsu.requests == [whole]) is (limit == 2)
    assert len(kitsu.requests) == 1


def test_ids_that_are_not_in_the_list_of_their_project(expand, kitsu, monkeypatch):
    monkeypatch.setattr(resolver, "MAX_IDS_BY_REQUEST", 2)
    kitsu.tables["entities"][3]["project_id"] = OTHER_PROJECT
    rows = expand(kitsu.tables["tasks"], "entity.name")
    assert [row["entity"]["name"] for row in rows] == ["SH00", "SH01", "SH02"]
    assert [params.get("project_id") for _, params in kitsu.requests] == [PROJECT, None]
    assert json.loads(kitsu.requests[1][1]["id"]) == [id_of(23)]


@pytest.mark.parametrize("projects", [[PROJECT, PROJECT, OTHER_PROJECT], [None, None, None], [PROJECT, PROJECT, None]])
def test_many_ids_of_several_projects(projects, expand, kitsu, monkeypatch):
    monkeypatch.setattr(resolver, "MAX_IDS_BY_REQUEST", 2)
    expand([{**row, "project_id": one} for row, one in zip(kitsu.tables["tasks"], projects)], "entity.name")
    assert ["id" in params for _, params in kitsu.requests] == [True]


def test_many_ids_of_a_list_without_projects(expand, kitsu, monkeypatch):
    monkeypatch.setattr(resolver, "MAX_IDS_BY_REQUEST", 1)
    expand([{"id": "1", "project_id": PROJECT, "assignees": [JANE, JOE, NOBODY]}], "assignees")
    assert ["id" in params for _, params in kitsu.requests] == [True]


def test_constants_fit_into_a_url():
    ids = json.dumps([str(uuid.uuid4()) for _ in range(selection.IDS_PER_REQUEST)], separators=(",", ":"))
    assert len(ids) == selection.MAX_QUERY_CHARS
    assert resolver.MAX_IDS_BY_REQUEST == 300  # four requests of 75
    assert len(gazu.raw.build_path_with_params("data/entities", {"id": ids})) < 3500


# -- pages -----------------------------------------------------------------------
@pytest.fixture
def find_each(client):
    def find_each(*args, **kwargs):
        return query.find_each(*args, client=client, **kwargs)

    return find_each


def test_pages(find, find_each, kitsu):
    fields = ["name", "entity.name", "task_type.name"]
    wanted = find("tasks", {"project_id": PROJECT}, fields)
    kitsu.calls()
    rows = find_each("tasks", {"project_id": PROJECT}, fields, page_size=2)
    assert kitsu.requests == [], "nothing is requested before a record is needed"
    found = [next(rows), next(rows)]
    assert kitsu.requests[0][1]["limit"] == "2"
    assert kitsu.calls() == ["tasks", "entities", "task-types"]
    assert [*found, *rows] == wanted
    assert kitsu.calls() == ["tasks", "entities"], "the first page brought the type of the next"


def test_usual_size_of_a_page(find_each, kitsu):
    assert len([*find_each("tasks")]) == 3
    assert kitsu.requests == [("tasks", {"page": "1", "limit": "100"})]


@pytest.mark.parametrize("size", [0, -1, "ten", None, 1.5])
def test_pages_of_no_record(size, find_each, kitsu):
    with pytest.raises(ValueError, match=f"page_size: a page holds at least one record, not '?{size}"):
        find_each("tasks", page_size=size)
    assert kitsu.requests == []


# -- errors and the cache ----------------------------------------------------------
def test_errors_of_the_server(find, find_each, expand, kitsu):
    kitsu.errors = {"tasks": (400, {"message": "priority"}), "persons": (403, {"message": "no"})}
    for call in (find, lambda *args: next(find_each(*args))):
        with pytest.raises(ParameterException):
            call("tasks", {"priority": "high"})
    with pytest.raises(NotAllowedException):
        expand([{"id": "1", "person_id": JANE}], "person")


def test_what_is_not_a_list(find, find_each, kitsu):
    with pytest.raises(ValueError, match="model: expected the name of a list such as 'tasks', got 'tasks/1'"):
        find("tasks/1")


def test_queries_are_cached(find, kitsu):
    gazu.cache.enable()
    try:
        first = find("tasks", {"project_id": PROJECT}, ["entity.name"])
        assert kitsu.calls() == ["tasks", "entities"]
        first[0]["entity"]["name"] = "changed"
        assert find("tasks", {"project_id": PROJECT}, ["entity.name"])[0]["entity"]["name"] == "SH00"
        assert kitsu.calls() == []
    finally:
        gazu.cache.disable()
        gazu.cache.clear_all()


# -- operators -------------------------------------------------------------------
NOON = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))


@pytest.mark.parametrize(
    ("operator", "shown"),
    [
        (query.after("2026-11-20"), "after('2026-11-20')"),
        (query.before(datetime.date(2026, 11, 20)), "before(datetime.date(2026, 11, 20))"),
        (query.between(1, 2.5), "between(1, 2.5)"),
        (query.at_least("SH010"), "at_least('SH010')"),
        (query.at_most(3), "at_most(3)"),
        (query.contains({"id": JOE, "full_name": "Joe"}), f"contains('{JOE}')"),
        (query.starts_with("SH"), "starts_with('SH')"),
        (query.matches("^SH"), "matches('^SH')"),
        (query.matches(re.compile("^SH", re.IGNORECASE)), "matches(re.compile('^SH', re.IGNORECASE))"),
        (query.one_of(1, "a", None), "one_of(1, 'a', is_none)"),
        (query.one_of([uuid.UUID(JOE)]), f"one_of('{JOE}')"),
        (query.one_of(), "one_of()"),
        (query.not_(3), "not_(3)"),
        (query.not_([1, 2]), "not_(one_of(1, 2))"),
        (query.not_(query.is_none), "not_(is_none)"),
        (query.is_none, "is_none"),
    ],
)
def test_operators_are_values(operator, shown):
    assert repr(operator) == shown
    assert isinstance(operator, query.Operator)
    assert operator == copy.deepcopy(operator) == pickle.loads(pickle.dumps(operator))
    assert operator != query.not_(operator) and operator != shown


def test_operators_that_mean_the_same():
    assert query.is_none() is query.is_none
    assert query.one_of(1, 2) == query.one_of([1, 2]) == query.one_of(iter((1, 2))) != query.one_of(2, 1)
    assert query.at_least(1) != query.at_most(1)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: query.after(5), r"after: expected a date, .* got 5 \(numbers and names: at_least"),
        (lambda: query.after(None), "after: expected a date, .* got None"),
        (lambda: query.before("tomorrow"), "expected YYYY-MM-DD or .* got 'tomorrow', which is not a valid date"),
        (lambda: query.before("2026-02-30"), "got '2026-02-30', which is not a valid date"),
        (lambda: query.between(1, "a"), "between: 1 and 'a' cannot be compared"),
        (lambda: query.between(2, 1), "between: 2 is above 1"),
        (lambda: query.between("2026-11-20", "2026-11-19"), "between: '2026-11-20' is above '2026-11-19'"),
        (lambda: query.between(None, 1), "between: expected a number, a date or a text, got None"),
        (lambda: query.at_least(True), "at_least: .* got True"),
        (lambda: query.at_least({"id": JOE}), "at_least: .* got {'id'"),
        (lambda: query.at_most(float("nan")), "at_most: .* got nan"),
        (lambda: query.at_most([1]), r"at_most: .* got \[1\]"),
        (lambda: query.contains(None), "contains: expected a text, or a record .* got None"),
        (lambda: query.contains(""), "contains: .* got ''"),
        (lambda: query.contains(["a"]), r"contains: .* got \['a'\]"),
        (lambda: query.starts_with(3), "starts_with: expected a text, got 3"),
        (lambda: query.starts_with(""), "starts_with: expected a text, got ''"),
        (lambda: query.matches("("), r"matches: '\(' is not a valid regular expression: "),
        (lambda: query.matches(None), "matches: expected a regular expression, got None"),
        (lambda: query.matches(re.compile(b"x")), "matches: expected a regular expression, got re.compile"),
        (lambda: query.not_(b"x"), "filters: expected a value, .* got b'x'"),
        (lambda: query.one_of(object()), "filters: expected a value, .* got <object"),
    ],
)
def test_arguments_of_operators(make, reason):
    with pytest.raises(ValueError, match=reason):
        make()


@pytest.mark.parametrize(
    ("name", "operator", "value"),
    [
        ("name", query.at_least(3), "'main'"),
        ("priority", query.at_least("a"), "1"),
        ("priority", query.after("2026-11-20"), "1"),
        ("name", query.before(NOON), "'main'"),
        ("priority", query.starts_with("1"), "1"),
        ("priority", query.not_(query.contains("1")), "1"),
        ("assignees", query.matches("x"), rf"\['{JANE}'\]"),
        ("entity.name", query.at_most(1), "'SH01'"),
        ("entity.data", query.contains("lens"), "{'lens': 36, 'cam': {'fps': 25}}"),
        ("checklist.text", query.at_least(1), "'hand'"),
    ],
)
def test_values_that_an_operator_does_not_apply_to(name, operator, value, find, client):
    """The error names the filter, the record, the value and the operator."""
    reason = f"^filters: {name!r} of {id_of(32)} in tasks is {value}, which {re.escape(repr(operator))} cannot compare$"
    for ask in (find, lambda *args: query.count(*args, client=client)):
        with pytest.raises(ValueError, match=reason):
            ask("tasks", {"id": id_of(32), name: operator})


def test_times_of_the_day(find, kitsu):
    times = ["2026-11-20T10:59:59", "2026-11-20T11:00:00", "2026-11-20T11:00:00.250000", "2026-11-20", "soon"]
    for task, time in zip(kitsu.tables["tasks"], times[:3]):
        task["due_date"] = time

    def found(operator):
        return [row["priority"] for row in find("tasks", {"due_date": operator}, ["priority"])]

    assert found(NOON) == [1], "a time with a zone is the same in UTC"
    assert found(query.after(NOON)) == [2] and found(query.before(NOON)) == [0]
    assert found("2026-11-20T12:00:00+01:00") == [1] and found(query.after("2026-11-20T11:00:00.000Z")) == [2]
    assert found(query.after("2026-11-20T11:00:00.250000")) == [], "not later than itself"
    assert found("2026-11-20T12:00:00.25+01:00") == [2] and found(query.at_least("2026-11-20T11:00:00.2500001Z")) == [2]
    assert found("2026-11-20T11:00:00") == [1]
    assert found("2026-11-20") == found(datetime.date(2026, 11, 20)) == found(query.at_most("2026-11-20")) == [0, 1, 2]
    assert found(query.after("2026-11-20")) == found(query.before("2026-11-20")) == []
    kitsu.tables["tasks"][0]["due_date"] = times[3]
    assert found(query.before(NOON)) == [0], "a day begins at midnight"
    kitsu.tables["tasks"][0]["due_date"] = times[4]
    assert found("2026-11-20") == [1, 2]
    with pytest.raises(ValueError, match="'due_date' of .* is 'soon', which after"):
        found(query.after(NOON))


@pytest.mark.parametrize(
    "operator, value, matches",
    [
        (query.one_of("\u00c9mile", "x"), "E\u0301mile", True),
        (query.one_of(JANE, "x"), {"id": JANE, "name": "Jane"}, True),
        (query.one_of(JANE, JOE), JANE.upper(), True),
        (query.one_of(JANE, JOE), [NOBODY, JOE.upper()], True),
        (query.is_none, None, True),
        (query.is_none, [], True),
        (query.is_none, "", False),
        (query.starts_with("ai"), "main", False),
        (query.starts_with("ma"), "main", True),
        (query.matches(re.compile("in$")), "main", True),
        (query.between(1, 2), 2, True),
        (query.between(1, 2), 3, False),
        (query.between("2026-11-20T11:00:00", "2026-11-20T12:00:00"), "2026-11-20T12:00:00", True),
        (query.at_least("2026-11-20T11:00:00.25"), "2026-11-20T11:00:00.5", True),
        (query.at_least("2026-11-20T11:00:00.25"), "2026-11-20T11:00:00.000500", False),
    ],
)
def test_what_matches(operator, value, matches):
    assert operator.test(value) is matches
    assert query.not_(operator).test(value) is not matches


def test_the_contrary_of_one_of_several_values():
    """Behind a dotted name there may be several: it is met if none of them is what it forbids."""
    assert not query.not_("a").matches_any(["a", "b"])
    assert query.not_("a").matches_any(["b", "c"])
    assert query.not_("a").matches_none and not query.not_(query.is_none).matches_none
    assert query.one_of("a", query.is_none).matches_none and not query.one_of("a", "b").matches_none


def test_what_refers_to_nothing(find, kitsu):
    kitsu.tables["tasks"][0]["task_type_id"] = None

    def found(operator):
        return [row["priority"] for row in find("tasks", {"task_type.name": operator}, ["priority"])]

    assert found(query.is_none) == found(query.not_("Animation")) == [0]
    assert found(query.one_of("Animation", query.is_none)) == [0, 1, 2]
    assert found(query.not_(query.is_none)) == found("Animation") == [1, 2]


# -- where filters run -----------------------------------------------------------
def test_what_is_sent_and_what_is_not(find, kitsu):
    for filters, sent in [
        ({"priority": query.one_of(0, 1)}, {"priority": "[0,1]"}),
        ({"priority": query.one_of([2])}, {"priority": "2"}),
        ({"priority": query.at_least(1)}, {}),
        ({"entity": {"id": id_of(21)}}, {"entity_id": id_of(21)}),
        ({"entity_id": id_of(21).upper()}, {"entity_id": id_of(21)}),
        ({"entity.id": id_of(21)}, {"entity_id": id_of(21)}),
        ({"entity": id_of(21), "entity_id": id_of(22)}, {"entity_id": id_of(21)}),
        ({"entity": query.not_(id_of(21))}, {}),
        ({"entity": None}, {}),
        ({"assignees": [JANE]}, {"assignees": JANE, "relations": "true"}),  # and looked through, as Zou 0.17 ignores it
        ({"assignees": [JANE, JOE]}, {"relations": "true"}),
        ({"created_at": "2026-11-20T12:00:00"}, {}),
        ({"type": "Task"}, {}),
        ({"name": "a_\\b"}, {"name": "a_\\\\b"}),
        ({"name": query.starts_with("m")}, {}),
        ({"name": ""}, {}),
        ({"description": "[x]"}, {}),
    ]:
        kitsu.tables["tasks"] = [{"created_at": "", "description": "", **row} for row in tables()["tasks"]]
        kitsu.requests.clear()
        find("tasks", filters)
        ((path, params),) = kitsu.requests
        pages = {"page": "1", "limit": "1000"} if params.get("page") else {}
        assert (path, params) == ("tasks", {**sent, **pages}), filters


def test_lists_that_filter_by_little_or_nothing(find, kitsu):
    """Days are sent where the server has days; shots ignore their type, and salary scales all."""
    day = {"id": id_of(60), "date": "2026-11-20", "project_id": PROJECT}
    kitsu.tables.update({"time-spents": [day], "shots": [entity(61, "SH", None, entity_type_id=SHOT_TYPE)]})
    kitsu.tables["salary-scales"] = [{"id": id_of(62), "position": "lead"}, {"id": id_of(63), "position": "artist"}]
    assert find("time-spents", {"date": datetime.date(2026, 11, 20)}, ["date"]) == [
        {"id": id_of(60), "date": "2026-11-20"}
    ]
    assert find("time-spents", {"date": datetime.datetime(2026, 11, 20)}) == [day]
    assert [params.get("date") for _, params in kitsu.requests] == ["2026-11-20", None]
    assert find("shots", {"entity_type": ANIMATION}) == []
    assert [row["id"] for row in find("salary-scales", {"position": "lead"})] == [id_of(62)]
    assert not any({"entity_type_id", "position"} & {*params} for _, params in kitsu.requests)


def test_a_filter_that_the_server_ignores(find, kitsu, monkeypatch):
    """Zou 0.17 does so with references to several records."""
    kitsu.tables["tasks"] = [{**row, "assignees": []} for row in kitsu.tables["tasks"][:2]] + kitsu.tables["tasks"][2:]
    monkeypatch.setattr("tests.in_memory.matches", lambda row, name, text: True)
    assert [row["priority"] for row in find("tasks", {"assignees": [JANE]}, ["priority"])] == [2]


def test_several_texts_for_a_list_without_pages(find, kitsu):
    """Zou 0.18 and older compare a single one."""
    kitsu.tables["shots"] = [entity(61 + n, name, None, description=name) for n, name in enumerate(["a", "b", "c"])]
    assert [row["name"] for row in find("shots", {"description": ["a", "c"]}, ["name"])] == ["a", "c"]
    assert [row["name"] for row in find("shots", {"description": "b"}, ["name"])] == ["b"]
    assert not any("description" in params for _, params in kitsu.requests)


def test_several_names(find, kitsu):
    """The server finds one at a time, and other names as well; more than a few are looked for here."""
    for number, name in enumerate(["sh00", "SH0%"]):
        kitsu.tables["entities"].append(entity(70 + number, name, None))
    names = ["SH00", "SH0%", "SH00"]
    found = find("entities", {"name": names}, ["name"])
    assert [row["name"] for row in found] == ["SH00", "SH0%"]
    assert [params["name"] for _, params in kitsu.requests] == ["SH00", "SH0%"]
    kitsu.requests.clear()
    many = [f"SH{number:02}" for number in range(9)]
    assert len(find("entities", {"name": many}, ["name"])) == 3
    assert [params.get("name") for _, params in kitsu.requests] == [None]


def test_more_ids_than_a_url_takes(find, client, kitsu):
    ids = [*map(id_of, range(100, 250)), id_of(31), id_of(33)]
    for filters in ({"id": ids}, {"entity": [*map(id_of, range(100, 200)), id_of(21), id_of(23)]}):
        kitsu.requests.clear()
        assert [row["priority"] for row in find("tasks", filters, ["priority"])] == [0, 2]
        assert len(kitsu.requests) == -(-len(next(iter(filters.values()))) // 75)
        assert query.count("tasks", filters, client=client) == 2
    kitsu.requests.clear()
    assert len(find("tasks", {"project": PROJECT, "id": [*map(id_of, range(100, 400)), id_of(31)]})) == 1
    assert [[*params] for _, params in kitsu.requests] == [["project_id", "page", "limit"]], "its project is quicker"
    kitsu.requests.clear()
    kitsu.tables["tasks"] = [{**row, "description": "x"} for row in kitsu.tables["tasks"]]
    assert find("tasks", {"description": ["x" * 40] * 2 + [f"{n:040}" for n in range(80)]}) == []


def test_references_that_are_found_first(find, kitsu):
    filters = {"project.name": "Show", "entity.parent.name": "SQ01", "task_type.name": query.starts_with("An")}
    assert [row["priority"] for row in find("tasks", filters, ["priority"])] == [0, 1, 2]
    paths = [path for path, _ in kitsu.requests]
    assert paths == ["projects", "entities", "entities", "task-types", "tasks"]
    project, parents, entities, types, tasks = [params for _, params in kitsu.requests]
    assert (project["name"], "name" in types) == ("Show", False)
    assert (parents["project_id"], parents["name"]) == (PROJECT, "SQ01"), "within the project"
    assert (entities["project_id"], entities["parent_id"]) == (PROJECT, id_of(20))
    assert (tasks["project_id"], tasks["task_type_id"]) == (PROJECT, ANIMATION)
    assert json.loads(tasks["entity_id"]) == [id_of(21), id_of(22), id_of(23)]


def test_references_that_are_not_there(find, kitsu):
    assert find("tasks", {"entity.parent.name": "SQ09", "priority": query.at_least(0)}) == []
    assert kitsu.calls() == ["entities"], "no task can match"
    assert find("tasks", {"entity.name": query.one_of(), "task_type.name": "Animation"}) == []
    assert kitsu.calls() == []
    assert len(find("tasks", {"entity.parent.name": query.not_("SQ09")})) == 3


def test_references_of_the_records_that_came(find, kitsu):
    """For what no list tells quickly; each is requested once, however many records refer to it."""
    kitsu.tables["tasks"] += [{**row, "id": id_of(40 + n)} for n, row in enumerate(kitsu.tables["tasks"])]
    found = find("tasks", {"entity.parent.name": query.contains("Q"), "entity.data.lens": [36, 37]}, ["priority"])
    assert {row["priority"] for row in found} == {1}
    assert kitsu.calls() == ["tasks", "entities", "entities"]
    kitsu.tables["tasks"][0]["entity_id"] = None
    assert [row["priority"] for row in find("tasks", {"entity.parent.name": None}, "priority")][:1] == [0]


def test_one_of_nothing_sends_nothing(find, client, kitsu):
    for filters in ({"priority": []}, {"name": query.one_of()}, {"entity.name": ()}, {"data.x": [], "name": "main"}):
        assert find("tasks", filters) == find("tasks", filters, order="name", limit=1) == []
        assert query.count("tasks", filters, client=client) == 0
        assert [*query.find_each("tasks", filters, client=client)] == []
        assert query.find_one("tasks", filters, client=client) is None
        assert query.summarize("tasks", filters, by="name", client=client) == []
        assert query.explain("tasks", filters, ["entity.name"], client=client)["requests"] == []
    assert kitsu.requests == []


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        (
            {"project": "Show"},
            r"'project' takes a record or its id, got 'Show' \(that .*gazu.project.get_project_by_name",
        ),
        ({"project_id": ["Show"]}, "'project_id' takes a record or its id, got 'Show'"),
        ({"assignees": query.not_("Jane")}, r"'assignees' takes .* got 'Jane' \(assignees.name compares names\)"),
        ({"entity.parent": 3}, "'entity.parent' takes a record or its id, got 3"),
        ({"id": "31"}, "'id' takes a record or its id, got '31'$"),
    ],
)
def test_names_in_the_place_of_ids(filters, reason, find, kitsu):
    with pytest.raises(ValueError, match=reason):
        find("tasks", filters)
    assert kitsu.requests == []
    assert find("metadata-descriptors", {"entity_type": "Shot"})[0]["entity_type"] == "Shot", "a text there"


@pytest.mark.parametrize(
    ("filters", "fields", "order", "nearest"),
    [
        ({"priorty": query.at_least(1)}, "name", None, "'priority'"),
        ({"entty.name": "SH00"}, "name", None, "'entity'"),
        ({"entity.nam": "SH00"}, "name", None, "'name'"),
        ({"entity.nam": query.contains("x")}, "name", None, "'name'"),
        ({"priority": query.at_least(9)}, "asignees", None, "'assignees'"),
        (None, "name", "-prority", "'priority'"),
        (None, "name", ["name", "entity.nme"], "'name'"),
    ],
)
def test_names_that_no_record_has(filters, fields, order, nearest, find, kitsu):
    kitsu.tables["tasks"] = [{**row, "assignees": row["assignees"]} for row in kitsu.tables["tasks"]]
    with pytest.raises(ValueError, match=f"have no field .*did you mean {nearest}\\?"):
        find("tasks", {"assignees": query.not_(None), **(filters or {})}, fields, order)


def test_a_name_that_is_like_none(find):
    with pytest.raises(ValueError, match="tasks have no field 'zzz', or this account may not read it$"):
        find("tasks", {"zzz": 1})


def test_the_first_page_tells_what_is_no_column(find, kitsu):
    """The server ignores such a filter: the list of all productions need not come for it."""
    kitsu.tables["tasks"] = [{**row, "id": id_of(100 + n)} for n in range(1500) for row in kitsu.tables["tasks"][:1]]
    with pytest.raises(ValueError, match="did you mean 'project'"):
        find("tasks", {"projct": PROJECT})
    assert [params["limit"] for _, params in kitsu.requests] == ["1000"]


# -- order, limit, groups --------------------------------------------------------
def test_order(find, kitsu):
    kitsu.tables["tasks"][1]["priority"] = None

    def found(order, **more):
        return [row["id"][:8] for row in find("tasks", fields="name", order=order, **more)]

    assert found("priority") == ["00000031", "00000033", "00000032"], "None comes last"
    assert found("-priority") == ["00000033", "00000031", "00000032"]
    assert found(["name", "-entity.name"]) == ["00000033", "00000032", "00000031"]
    assert found("-entity.data.lens") == ["00000032", "00000031", "00000033"]
    assert found(["-entity.name"], limit=2) == ["00000033", "00000032"]
    assert found([], limit=2) == found(None, limit=2) == ["00000031", "00000032"]
    for wrong in (3, {"name": 1}, [None], "-", "a..b", [""]):
        with pytest.raises(ValueError, match="order: expected"):
            found(wrong)
    for column in ("assignees", "data.cam"):
        with pytest.raises(
            ValueError, match=f"order: '{column}' of 000000.. is .*, which has no order".replace("..", ".*")
        ):
            find("tasks" if column == "assignees" else "entities", order=column)


def test_limit(find, client, kitsu):
    assert len(find("tasks", limit=2)) == 2
    assert kitsu.requests == [("tasks", {"page": "1", "limit": "2"})]
    kitsu.requests.clear()
    assert len(find("tasks", {"priority": query.at_least(0)}, limit=2)) == 2
    assert kitsu.requests == [("tasks", {"page": "1", "limit": "1000"})]
    for wrong in (0, -1, 1.5, "2", True):
        with pytest.raises(ValueError, match=f"limit: expected how many records at most, .* got {wrong!r}"):
            find("tasks", limit=wrong)
    assert query.find_one("tasks", {"priority": 9}, client=client) is None
    assert query.find_one("tasks", None, "priority", "-priority", client=client)["priority"] == 2
    kitsu.requests.clear()
    assert query.find_one("tasks", client=client)["priority"] == 0
    assert kitsu.requests == [("tasks", {"page": "1", "limit": "1"})]


def test_count(client, kitsu):
    def count(model, *args):
        kitsu.requests.clear()
        return query.count(model, *args, client=client)

    assert count("tasks") == count("tasks", {"project": PROJECT}) == 3
    assert kitsu.requests == [("tasks", {"project_id": PROJECT, "fields": "project_id,id", "page": "1", "limit": "1"})]
    assert count("tasks", {"priority": query.at_least(1)}) == 2
    assert kitsu.requests == [("tasks", {"fields": "id,priority,project_id", "page": "1", "limit": "1000"})]
    assert count("tasks", {"entity.parent.name": "SQ01", "priority": [0, 2]}) == 2
    assert [params.get("limit") for _, params in kitsu.requests] == [None, None, "1"]
    with pytest.raises(ValueError, match="no field 'projct'"):
        count("tasks", {"projct": PROJECT})
    with pytest.raises(ValueError, match="no field 'projct'"):
        count("tasks", {"projct": PROJECT, "priority": 9})


def test_count_of_a_list_without_pages(client, kitsu):
    kitsu.without_pages = {"tasks"}
    assert query.count("tasks", {"project": PROJECT}, client=client) == 3
    assert query.count("tasks", {"priority": query.not_(0)}, client=client) == 2
    assert len(query.find("tasks", limit=2, client=client)) == 2


def test_groups(client, kitsu):
    def summarize(*args, **kwargs):
        return query.summarize("tasks", {}, *args, client=client, **kwargs)

    kitsu.tables["tasks"][0]["priority"] = None
    assert summarize() == [{"count": 3}]
    assert summarize(sum="priority") == [{"count": 3, "priority": 3}]
    assert summarize("project", "priority") == [{"project": PROJECT, "count": 3, "priority": 3}]
    assert summarize("entity.name") == [{"entity.name": f"SH0{n}", "count": 1} for n in range(3)]
    assert summarize(["assignees.name", "name"], ["priority"]) == [
        {"assignees.name": "Jane", "name": "main", "count": 2, "priority": 3},
        {"assignees.name": "Joe", "name": "main", "count": 1, "priority": 2},
        {"assignees.name": None, "name": "main", "count": 1, "priority": 0},
    ]
    assert summarize("entity.data.lens", "entity.data.cam.fps") == [
        {"entity.data.lens": 35, "count": 1, "entity.data.cam.fps": 25},
        {"entity.data.lens": 36, "count": 1, "entity.data.cam.fps": 25},
        {"entity.data.lens": None, "count": 1, "entity.data.cam.fps": 0},
    ]
    assert query.summarize("tasks", {"priority": 9}, sum="priority", client=client) == [{"count": 0, "priority": 0}]
    for arguments, reason in (
        (("name", "name"), "by, sum: 'name' would be twice in a row"),
        (("count",), "by, sum: 'count' would be twice in a row"),
        ((3,), "by: expected a list of names, got 3"),
        ((None, {"a": 1}), "sum: expected a list of names"),
        ((None, "name"), f"sum: 'name' of {id_of(31)} is 'main', which is not a number"),
        ((None, "assignees"), "sum: 'assignees' of .* which is not a number"),
        (("checklist",), "by: 'checklist' of .*, which has no order"),
        (("nme",), "no field 'nme'.*'name'"),
        ((None, "priorty"), "no field 'priorty'.*'priority'"),
    ):
        with pytest.raises(ValueError, match=reason):
            summarize(*arguments)


class Row(dict):
    """A record that can be counted while it exists."""


def test_memory_is_bounded(client, monkeypatch):
    """Of 20,000 records, two pages of a thousand are there at a time, and what is returned."""
    existing, most = {}, []

    def fetch_each(path, params, page_size, client):
        assert page_size == search.SCAN_SIZE == 1000
        for number in range(20_000):
            row = Row(id=id_of(number), type="Task", priority=number % 4, project_id=PROJECT)
            existing[number] = weakref.ref(row, lambda _, number=number: existing.pop(number))
            most[:] = [max([*most, len(existing)])]
            yield row

    monkeypatch.setattr(search.raw, "fetch_each", fetch_each)
    some = {"priority": query.at_least(3)}
    assert query.count("tasks", some, client=client) == 5000
    assert query.summarize("tasks", some, "priority", client=client) == [{"priority": 3, "count": 5000}]
    assert len(query.find("tasks", some, ["priority"], "-id", 10, client=client)) == 10
    assert query.find("tasks", {"priority": query.at_least(9)}, client=client) == []
    assert query.find_one("tasks", some, client=client)["id"] == id_of(3)
    assert sum(1 for _ in query.find_each("tasks", some, page_size=1000, client=client)) == 5000
    assert 1000 <= most[0] <= 3500


# -- explain ---------------------------------------------------------------------
def test_explain(client, kitsu, caplog):
    filters = {
        "project": PROJECT,
        "name": "main",
        "entity.parent.name": "SQ01",
        "task_type.name": query.not_("Animation"),
        "priority": query.at_least(1),
    }
    arguments = ("tasks", filters, ["entity.name", "assignees.name"], ["entity.parent.name"])
    explained = query.explain(*arguments, client=client)
    assert explained == query.find(*arguments, explain=True, client=client)
    assert json.loads(json.dumps(explained)) == explained
    assert (explained["path"], kitsu.requests) == ("data/tasks", [])
    assert explained["sent"] == {"project": repr(PROJECT), "name": "'main'", "entity.parent.name": "'SQ01'"}
    assert explained["in_client"] == {
        "name": "'main'",
        "task_type.name": "not_('Animation')",
        "priority": "at_least(1)",
    }
    starts = [request.split("&")[0] for request in explained["requests"]]
    assert starts == [
        f"GET data/entities?project_id={PROJECT}",
        f"GET data/entities?project_id={PROJECT}",
        "GET data/task-types?name=Animation",
        f"GET data/tasks?project_id={PROJECT}",
        "GET data/entities?id=<ids in entity>",
        "GET data/entities?id=<ids in entity.parent>",
        "GET data/persons?id=<ids in assignees>",
    ]
    assert "entity_id=<ids in entities>" in explained["requests"][3]
    caplog.set_level("DEBUG", "gazu")
    query.find("tasks", filters, client=client)
    sent, left = ["project", "name", "entity.parent.name"], ["name", "task_type.name", "priority"]
    assert f"query tasks: sent {sent}, in the client {left}" in caplog.messages
