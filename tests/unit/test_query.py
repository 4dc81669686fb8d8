"""Queries against a small Kitsu in memory, which answers at the session of a real client."""

import copy
import io
import json
import uuid
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from requests.adapters import BaseAdapter

import gazu
from gazu import query
from gazu.client import KitsuClient
from gazu.exception import NotAllowedException, ParameterException
from gazu.query import columns, resolver, selection

TO_MANY = {"tasks": ["assignees"], "projects": ["team"]}


def id_of(number):
    return f"{number:08}-aaaa-4aaa-8aaa-aaaaaaaaaaaa"


PROJECT, OTHER_PROJECT, SHOT_TYPE, ANIMATION, JANE, JOE, NOBODY = map(id_of, range(1, 8))


def tables():
    """Return three shots in a sequence, with a task each; the task of the third is in no project that is known."""
    project = {"id": PROJECT, "type": "Project", "name": "Show", "team": [JANE, JOE]}
    sequence = entity(20, "SQ01", None)
    shots = [entity(21 + n, f"SH0{n}", sequence["id"], data={"lens": 35 + n, "cam": {"fps": 25}}) for n in range(3)]
    shots[2]["data"] = {"cam": "unknown"}
    people = [
        {"id": one, "type": "Person", "name": name, "desk": {"x": 1}} for one, name in ((JANE, "Jane"), (JOE, "Joe"))
    ]
    tasks = [
        {"id": id_of(31 + n), "type": "Task", "name": "main", "priority": n, "project_id": PROJECT, "entity_id": shot["id"],
         "task_type_id": ANIMATION, "assignees": [JANE, JOE][: n], "assigner_id": None, "created_by": JOE,
         "checklist": [{"text": "hand", "checked": False}] * n}
        for n, shot in enumerate(shots)
    ]  # fmt: skip
    return {
        "projects": [project],
        "entities": [sequence, *shots],
        "persons": people,
        "tasks": tasks,
        "task-types": [{"id": ANIMATION, "type": "TaskType", "name": "Animation"}],
        "metadata-descriptors": [{"id": id_of(50), "type": "MetadataDescriptor", "entity_type": "Shot"}],
    }


def entity(number, name, parent_id, **more):
    row = {"id": id_of(number), "type": "Shot", "name": name, "parent_id": parent_id, "project_id": PROJECT}
    return {**row, "source_id": NOBODY, "ready_for": ANIMATION, "data": None, **more}


class Kitsu(BaseAdapter):
    """Answers lists as Zou does: filters, `fields`, `relations`, pages."""

    def __init__(self):
        super().__init__()
        self.tables, self.requests, self.errors = tables(), [], {}

    def send(self, request, **options):
        parts = urlsplit(request.url)
        path, params = parts.path[len("/api/data/") :], dict(parse_qsl(parts.query, keep_blank_values=True))
        self.requests.append((path, params))
        status, body = self.errors.get(path) or (200, self.list(path, dict(params)))
        response = requests.Response()
        response.status_code, response.request, response.url = status, request, request.url
        response.headers["Content-Type"] = "application/json"
        response.raw = io.BytesIO(json.dumps(body).encode())
        return response

    def list(self, path, params):
        if path not in self.tables:
            return {"id": "1"}
        page, limit = params.pop("page", None), int(params.pop("limit", 100))
        fields, relations = params.pop("fields", None), params.pop("relations", None)
        rows = [row for row in self.tables[path] if all(matches(row, *one) for one in params.items())]
        many = [] if relations == "true" else TO_MANY.get(path, [])
        wanted = {"id", "type", *fields.split(",")} if fields else {*rows[0]} if rows else ()
        rows = [{name: value for name, value in row.items() if name in wanted and name not in many} for row in rows]
        if page is None:
            return rows
        start = (int(page) - 1) * limit
        return {"data": rows[start : start + limit], "total": len(rows), "nb_pages": -(-len(rows) // limit)}

    def close(self):
        pass

    def calls(self):
        """Return the lists that were requested since the last time."""
        calls, self.requests = [path for path, _ in self.requests], []
        return calls


def matches(row, name, text):
    """A filter that is not a column is ignored, as the server does it."""
    values = json.loads(text) if text.startswith("[") else [text]
    have = row.get(name, values[0] if values else "")
    return any(str(value) in map(str, have if isinstance(have, list) else [have]) for value in values)


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
def resolve(client):
    def resolve(*args):
        return query.resolve(*args, client=client)

    return resolve


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


def test_unknown_fields_of_an_empty_list(find):
    assert find("tasks", {"priority": 9}, ["nme", "entity.nme"]) == []


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
        ({7}, "[7]"),
        (frozenset([7]), "[7]"),
        ([], "[]"),
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
        (("tasks", None, None), "fields: expected a list of names, got None"),
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
        (("entities", {"type": "Shot"}), "cannot filter by 'type'; use 'entity_type_id' .* 'shots'"),
        (("shots", {"project_name": "Show"}), "cannot filter by 'project_name'; use 'project_id'"),
        (("shots", {"sequence_name": "SQ"}), "cannot filter by 'sequence_name'; use 'parent_id'"),
        (
            ("shots", {"entity_type_id": id_of(1)}),
            "server ignores 'entity_type_id' in 'shots'; use the list 'entities'",
        ),
        (("tasks", {"priority": None}), "cannot filter by priority=None"),
        (("tasks", {"entity_id": [None]}), "cannot filter by entity_id=None"),
        (("tasks", {"name": ["main"]}), r"cannot filter by name=\['main'\]"),
        (("tasks", {"entity_id": {"name": "no id"}}), "got {'name': 'no id'}"),
        (("tasks", {"id": [id_of(n) for n in range(76)]}), "76 values for id make the URL too long"),
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
def test_copies_with_the_records_behind_ids(resolve, kitsu):
    tasks = kitsu.tables["tasks"]
    before = copy.deepcopy(tasks)
    resolved = resolve(tasks, "task_type", "assignees", "entity.parent.parent")
    assert tasks == before
    for task, row in zip(tasks, resolved):
        shot = next(one for one in kitsu.tables["entities"] if one["id"] == task["entity_id"])
        assert row == {
            **task,
            "task_type": kitsu.tables["task-types"][0],
            "assignees": [one for one in kitsu.tables["persons"] if one["id"] in task["assignees"]],
            "entity": {**shot, "parent": {**kitsu.tables["entities"][0], "parent": None}},
        }
    assert kitsu.calls() == ["task-types", "persons", "entities", "entities"]
    resolved[0]["task_type"]["name"] = resolved[1]["assignees"][0]["desk"]["x"] = "changed"
    assert resolved[1]["task_type"]["name"] == "Animation", "each place has a copy of its own"
    assert resolved[2]["assignees"][0]["desk"]["x"] == 1


def test_missing_references(resolve):
    rows = [
        {"id": "1", "person_id": JANE, "assignees": [NOBODY, JANE]},
        {"id": "2", "person_id": NOBODY, "assignees": []},
        {"id": "3", "person_id": None, "assignees": [{"id": JANE}]},
        {"id": "4", "person_id": "None", "assignees": None},
        {"id": "5", "person_id": {"id": JOE}},
    ]
    found = resolve(rows, "person.name", "assignees.name")
    jane, joe = ({"id": one, "type": "Person", "name": name} for one, name in ((JANE, "Jane"), (JOE, "Joe")))
    assert [row["person"] for row in found] == [jane, None, None, None, joe]
    assert [row["assignees"] for row in found] == [[jane], [], [jane], None, None]
    assert [row.get("person_id") for row in found] == [row.get("person_id") for row in rows]


def test_nothing_to_resolve(resolve, kitsu):
    assert resolve([], "person") == resolve(iter(()), "person") == []
    assert resolve([{"id": "1", "person_id": None}], "person") == [{"id": "1", "person_id": None, "person": None}]
    assert kitsu.requests == []


def test_ids_in_capitals(resolve):
    (row,) = resolve([{"id": "1", "person_id": JANE.upper()}], "person.name")
    assert (row["person"]["name"], row["person_id"]) == ("Jane", JANE.upper())


def test_a_reference_of_records_that_have_it_as_a_column_already(resolve, kitsu):
    """Some routes embed what others refer to: nothing is requested for it."""
    (row,) = resolve([{"id": "1", "project": {"name": "Show", "id": PROJECT}}], "project.name")
    assert row["project"] == {"name": "Show"}
    assert kitsu.requests == []
    (row,) = resolve([{"id": "1", "project": {"name": "Old"}, "project_id": PROJECT}], "project.name")
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
def test_what_is_not_a_list_of_records(rows, shown, resolve, kitsu):
    with pytest.raises(ValueError, match=f"rows: expected a list of records, got {shown}$"):
        resolve(rows, "entity")
    assert kitsu.requests == []


def test_names_that_are_not_references(resolve, kitsu):
    with pytest.raises(ValueError, match="'priority' is not a reference; these are: .*assignees.*working_file$"):
        resolve([], "priority")
    with pytest.raises(ValueError, match="these records have no field 'person_id'"):
        resolve([{"id": "1"}], "person")
    with pytest.raises(ValueError, match="name of a field"):
        resolve([], "entity..name")
    assert kitsu.requests == []


def test_references_are_not_ambiguous():
    assert len(columns.REFERENCES) == len(columns.TO_ONE) + len(columns.TO_MANY) + len(columns.IRREGULAR)
    assert not any(name.endswith("_id") for name in columns.TO_ONE)


# -- many ids --------------------------------------------------------------------
def test_ids_in_chunks(resolve, kitsu, monkeypatch):
    monkeypatch.setattr(resolver, "IDS_PER_REQUEST", 2)
    names = [row["entity"]["name"] for row in resolve(kitsu.tables["tasks"], "entity.name")]
    assert names == ["SH00", "SH01", "SH02"]
    assert [json.loads(params["id"]) for _, params in kitsu.requests] == [[id_of(21), id_of(22)], [id_of(23)]]


def test_each_id_is_requested_once(resolve, kitsu):
    rows = [{"id": str(n), "person_id": JANE, "author_id": NOBODY, "editor_id": NOBODY} for n in range(3)]
    resolve(rows, "person", "author", "editor")
    assert [json.loads(params["id"]) for _, params in kitsu.requests] == [[JANE], [NOBODY]]


def test_selections_of_the_same_records_are_apart(resolve, kitsu):
    (row,) = resolve([{"id": "1", "person_id": JANE, "author_id": JANE}], "person.name", "author.desk")
    assert row["person"] == {"id": JANE, "type": "Person", "name": "Jane"}
    assert row["author"] == {"id": JANE, "type": "Person", "desk": {"x": 1}}


@pytest.mark.parametrize("limit", [2, 3])
def test_more_ids_than_are_worth_it_come_from_the_list_of_their_project(limit, resolve, kitsu, monkeypatch):
    monkeypatch.setattr(resolver, "MAX_IDS_BY_REQUEST", limit)
    resolve(kitsu.tables["tasks"], "entity.name")
    whole = ("entities", {"project_id": PROJECT, "fields": "project_id,name"})
    assert (kitsu.requests == [whole]) is (limit == 2)
    assert len(kitsu.requests) == 1


def test_ids_that_are_not_in_the_list_of_their_project(resolve, kitsu, monkeypatch):
    monkeypatch.setattr(resolver, "MAX_IDS_BY_REQUEST", 2)
    kitsu.tables["entities"][3]["project_id"] = OTHER_PROJECT
    rows = resolve(kitsu.tables["tasks"], "entity.name")
    assert [row["entity"]["name"] for row in rows] == ["SH00", "SH01", "SH02"]
    assert [params.get("project_id") for _, params in kitsu.requests] == [PROJECT, None]
    assert json.loads(kitsu.requests[1][1]["id"]) == [id_of(23)]


@pytest.mark.parametrize("projects", [[PROJECT, PROJECT, OTHER_PROJECT], [None, None, None], [PROJECT, PROJECT, None]])
def test_many_ids_of_several_projects(projects, resolve, kitsu, monkeypatch):
    monkeypatch.setattr(resolver, "MAX_IDS_BY_REQUEST", 2)
    resolve([{**row, "project_id": one} for row, one in zip(kitsu.tables["tasks"], projects)], "entity.name")
    assert ["id" in params for _, params in kitsu.requests] == [True]


def test_many_ids_of_a_list_without_projects(resolve, kitsu, monkeypatch):
    monkeypatch.setattr(resolver, "MAX_IDS_BY_REQUEST", 1)
    resolve([{"id": "1", "project_id": PROJECT, "assignees": [JANE, JOE, NOBODY]}], "assignees")
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


@pytest.mark.parametrize("size", [0, -1, "10", None, 1.5])
def test_pages_of_no_record(size, find_each, kitsu):
    with pytest.raises(ValueError, match=f"page_size: a page holds at least one record, not '?{size}"):
        find_each("tasks", page_size=size)
    assert kitsu.requests == []


# -- errors and the cache ----------------------------------------------------------
def test_errors_of_the_server(find, find_each, resolve, kitsu):
    kitsu.errors = {"tasks": (400, {"message": "priority"}), "persons": (403, {"message": "no"})}
    for call in (find, lambda *args: next(find_each(*args))):
        with pytest.raises(ParameterException):
            call("tasks", {"priority": "high"})
    with pytest.raises(NotAllowedException):
        resolve([{"id": "1", "person_id": JANE}], "person")


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
