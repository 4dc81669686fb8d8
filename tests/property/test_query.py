"""Queries find what a plain filter in memory finds, whichever part of them the server does."""

import datetime
import re

from hypothesis import example, given
from hypothesis import strategies as st

from gazu import query
from gazu.client import KitsuClient
from gazu.query import search

from ..in_memory import JANE, JOE, NOBODY, OTHER_PROJECT, PROJECT, Kitsu, entity, id_of

DAY = datetime.date(2026, 11, 20)
NAMES = ["main", "Main", "m_in", "m%", "main 2", "Émile", "E\u0301mile", "back\\slash", "[x"]
TIMES = [
    "2026-11-19T23:59:59",
    "2026-11-20T00:00:00",
    "2026-11-20T12:30:00",
    "2026-11-20T23:59:59",
    "2026-11-21T00:00:00",
]
#: The first number of the entities of each project: a sequence, then its shots.
FIRST = {PROJECT: 200, OTHER_PROJECT: 300}
ENTITIES = {
    id_of(first + n): name
    for first in FIRST.values()
    for n, name in enumerate(["SQ01", "SH01", "sh02", "SH_3", "SHx3"])
}
SEQUENCES = [id_of(first) for first in FIRST.values()]


def tasks_of(project):
    """Tasks of a project, as the server has them: of entities of the same one."""
    return st.fixed_dictionaries(
        {
            "name": st.sampled_from(NAMES),
            "priority": st.sampled_from([None, 0, 1, 2, 3]),
            "is_done": st.booleans(),
            "due_date": st.sampled_from([None, *TIMES]),
            "assignees": st.lists(st.sampled_from([JANE, JOE]), unique=True),
            "entity_id": st.sampled_from([None, *(id_of(FIRST[project] + n) for n in range(5))]),
            "project_id": st.just(project),
            "data": st.sampled_from([None, {}, {"lens": 35}, {"lens": 50.5}, {"lens": None, "tags": ["a", "b"]}]),
        }
    )


tasks = st.sampled_from([PROJECT, OTHER_PROJECT]).flatmap(tasks_of)


def moment(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S")


def day(text):
    return moment(text).date()


def nfc(text):
    return text.replace("E\u0301", "É")


def plain(test):
    """Return a test for which None is never enough."""
    return lambda value: value is not None and test(value)


def same(wanted):
    return lambda value: wanted in value if isinstance(value, list) else value == wanted


def condition(operator, test):
    return st.just((operator, test))


def negated(conditions):
    return st.one_of(
        conditions,
        conditions.map(lambda one: (query.not_(one[0]), lambda value: not one[1](value))),
    )


def equal(values, test=same):
    """Values, lists of them, and `one_of`, all with what they mean."""
    value = st.sampled_from(values)
    several = st.lists(value, max_size=3)

    def any_of(some):
        return lambda have: any(test(one)(have) for one in some)

    return st.one_of(
        value.map(lambda one: (one, test(one))),
        several.map(lambda some: (some, any_of(some))),
        several.map(lambda some: (query.one_of(*some), any_of(some))),
    )


is_none = condition(query.is_none, lambda value: value in (None, []))
nothing = condition(None, lambda value: value in (None, []))
names = negated(
    st.one_of(
        equal(NAMES, lambda name: lambda value: value is not None and nfc(value) == nfc(name)),
        is_none,
        st.sampled_from(["ma", "i", "_", "%", "É"]).map(
            lambda one: (query.contains(one), plain(lambda v: one in nfc(v)))
        ),
        st.sampled_from(["m", "M", "E\u0301"]).map(
            lambda one: (query.starts_with(one), plain(lambda v: nfc(v).startswith(nfc(one))))
        ),
        st.sampled_from(["^m.in$", "2", "(?i)MAIN"]).map(
            lambda one: (query.matches(re.compile(one)), plain(lambda v: bool(re.search(one, nfc(v)))))
        ),
        condition(query.between("a", "n"), plain(lambda v: "a" <= nfc(v) <= "n")),
    )
)
numbers = negated(
    st.one_of(
        equal([0, 1, 2]),
        is_none,
        nothing,
        st.integers(0, 3).map(lambda n: (query.at_least(n), plain(lambda v: v >= n))),
        st.integers(0, 3).map(lambda n: (query.at_most(n), plain(lambda v: v <= n))),
        st.integers(0, 1).map(lambda n: (query.between(n, n + 1), plain(lambda v: n <= v <= n + 1))),
    )
)
NOON = datetime.datetime(2026, 11, 20, 12, 30)
AWARE = NOON.replace(tzinfo=datetime.timezone.utc).astimezone(datetime.timezone(datetime.timedelta(hours=2)))
dates = negated(
    st.one_of(
        is_none,
        *(
            condition(operator, plain(lambda v: day(v) == DAY))
            for operator in (DAY, "2026-11-20", query.between(DAY, DAY))
        ),
        condition([DAY, NOON], plain(lambda v: day(v) == DAY)),
        *(condition(operator, plain(lambda v: moment(v) == NOON)) for operator in (NOON, AWARE, "2026-11-20T12:30:00")),
        condition(query.after(DAY), plain(lambda v: day(v) > DAY)),
        condition(query.before("2026-11-20"), plain(lambda v: day(v) < DAY)),
        condition(query.at_least(DAY), plain(lambda v: day(v) >= DAY)),
        condition(query.at_most(DAY), plain(lambda v: day(v) <= DAY)),
        condition(query.after(AWARE), plain(lambda v: moment(v) > NOON)),
        condition(query.before(NOON), plain(lambda v: moment(v) < NOON)),
        condition(query.between(DAY, AWARE), plain(lambda v: day(v) == DAY and moment(v) <= NOON)),
    )
)
people = negated(
    st.one_of(
        equal([JANE, JOE, NOBODY]),
        is_none,
        condition(query.contains({"id": JOE}), same(JOE)),
        condition({"id": JANE.upper()}, same(JANE)),
    )
)
parents = negated(
    st.one_of(
        equal(["SQ01", "SH01", "sh01", "SH_3"], lambda name: lambda value: value == name),
        is_none,
        condition(query.starts_with("SH"), plain(lambda v: v.startswith("SH"))),
    )
)
lenses = negated(st.one_of(equal([35, 50.5, 51]), is_none, condition(query.at_least(40), plain(lambda v: v >= 40))))
FILTERS = {
    "name": (names, lambda task: task["name"]),
    "priority": (numbers, lambda task: task["priority"]),
    "is_done": (equal([True, False]), lambda task: task["is_done"]),
    "due_date": (dates, lambda task: task["due_date"]),
    "assignees": (people, lambda task: task["assignees"]),
    "entity": (negated(st.one_of(equal([*ENTITIES][:6]), is_none)), lambda task: task["entity_id"]),
    "project_id": (
        equal([PROJECT, {"id": OTHER_PROJECT}], lambda one: same(one["id"] if isinstance(one, dict) else one)),
        lambda task: task["project_id"],
    ),
    "entity.name": (parents, lambda task: ENTITIES.get(task["entity_id"])),
    "entity.parent.name": (parents, lambda task: None if task["entity_id"] in (None, *SEQUENCES) else "SQ01"),
    "data.lens": (lenses, lambda task: (task["data"] or {}).get("lens")),
    "data.tags": (equal(["a", "c"]), lambda task: (task["data"] or {}).get("tags")),
}
filters = st.lists(st.sampled_from(sorted(FILTERS)), max_size=3, unique=True).flatmap(
    lambda chosen: st.fixed_dictionaries({name: FILTERS[name][0] for name in chosen})
)


def server(rows):
    kitsu = Kitsu()
    kitsu.tables["entities"] = [
        entity(first + n, ENTITIES[id_of(first + n)], id_of(first) if n else None, project_id=project)
        for project, first in FIRST.items()
        for n in range(5)
    ]
    kitsu.tables["tasks"] = [{"id": id_of(100 + n), "type": "Task", **row} for n, row in enumerate(rows)]
    client = KitsuClient("http://kitsu.test/api", access_token="token", retries=0)
    client.session.mount("http://", kitsu)
    return kitsu, client


def wanted(kitsu, chosen):
    def value(name, task):
        return FILTERS[name][1](task)

    return [
        task["id"]
        for task in kitsu.tables["tasks"]
        if all(test(value(name, task)) for name, (_, test) in chosen.items())
    ]


@given(st.lists(tasks, min_size=1, max_size=8), filters)
@example(
    [
        {
            "name": "main",
            "priority": None,
            "is_done": True,
            "due_date": None,
            "assignees": [JANE, JOE],
            "entity_id": None,
            "project_id": PROJECT,
            "data": None,
        }
    ],
    {"assignees": (query.not_([JANE]), lambda value: JANE not in value)},
)
@example([{"name": "back\\slash", "assignees": []}], {"name": ("back\\slash", lambda value: value == "back\\slash")})
def test_filters(rows, chosen):
    kitsu, client = server(rows)
    asked = {name: operator for name, (operator, _) in chosen.items()}
    ids = wanted(kitsu, chosen)
    assert sorted(row["id"] for row in query.find("tasks", asked, ["name"], client=client)) == ids
    assert sorted(row["id"] for row in query.find_each("tasks", asked, page_size=2, client=client)) == ids
    assert query.count("tasks", asked, client=client) == len(ids)
    first = query.find_one("tasks", asked, "id", order="id", client=client)
    assert (first and first["id"]) == next(iter(ids), None)
    assert query.explain("tasks", asked, client=client)["sent"].keys() <= asked.keys()


@given(st.lists(tasks, max_size=12), st.sampled_from([None, 1, 3]), st.integers(1, 4))
def test_order(rows, limit, size):
    """Here a sort by each name in turn, from the last; None comes last, whatever the direction."""
    kitsu, client = server(rows)
    expected = kitsu.tables["tasks"][:]
    expected.sort(key=lambda task: (task["entity_id"] is None, ENTITIES.get(task["entity_id"]) or ""))
    some = [task for task in expected if task["priority"] is not None]
    expected = sorted(some, key=lambda task: -task["priority"]) + [
        task for task in expected if task["priority"] is None
    ]
    before = search.SCAN_SIZE
    search.SCAN_SIZE = size
    try:
        found = query.find("tasks", {}, "name", ["-priority", "entity.name"], limit, client=client)
    finally:
        search.SCAN_SIZE = before
    assert [row["id"] for row in found] == [task["id"] for task in expected][:limit]


@given(st.lists(tasks, min_size=1, max_size=8), filters)
def test_groups(rows, chosen):
    kitsu, client = server(rows)
    asked = {name: operator for name, (operator, _) in chosen.items()}
    ids = wanted(kitsu, chosen)
    expected = {}
    for task in kitsu.tables["tasks"]:
        for person in task["assignees"] or [None]:
            if task["id"] in ids:
                group = expected.setdefault((ENTITIES.get(task["entity_id"]), person), [0, 0])
                group[:] = group[0] + 1, group[1] + (task["priority"] or 0)
    rows = query.summarize("tasks", asked, ["entity.name", "assignees"], "priority", client=client)
    assert {(row["entity.name"], row["assignees"]): [row["count"], row["priority"]] for row in rows} == expected
    assert query.summarize("tasks", asked, client=client) == [{"count": len(ids)}]
