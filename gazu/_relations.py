"""The rows behind ids: which column refers to which list, and how to get many in few requests. Private."""

import json
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Set, Tuple
from uuid import UUID

from . import client as raw
from .cache import cache, copied
from .client import KitsuClient
from .helpers import _UUID, id_of

#: What is asked for: names of columns and references, each with what is asked for of the rows behind it.
Tree = Dict[str, Any]

#: For each list the columns with an id of its rows, without the `_id` of their names.
ONE = {
    "asset-instances": "asset_instance",
    "comments": "comment",
    "departments": "department",
    "entities": "asset entity entity_in entity_out episode parent scene source target_asset temporal_entity",
    "entity-types": "entity_type",
    "file-status": "file_status",
    "output-files": "source_file",
    "output-types": "output_type",
    "persons": "assigner author editor person user",
    "playlists": "playlist",
    "preview-files": "last_preview_file preview_file",
    "project-status": "project_status",
    "projects": "project",
    "softwares": "software",
    "studios": "studio",
    "task-status": "task_status",
    "task-types": "task_type",
    "tasks": "object task",  # the object of a comment
    "working-files": "working_file",
}
#: The columns with many ids, which the server sends only where it is asked for relations.
MANY = {
    "attachment-files": "attachment_files",
    "departments": "department_mentions departments",
    "entities": "entities_out",
    "entity-types": "asset_types",
    "persons": "acknowledgements assignees mentions team",
    "preview-files": "previews",
    "task-status": "task_statuses",
    "task-types": "task_types",
}
#: The columns with an id that do not say so.
ODD = {"persons": "created_by", "task-types": "ready_for"}
_ONE, _MANY, _ODD = (
    {name: path for path, names in table.items() for name in names.split()} for table in (ONE, MANY, ODD)
)
REFERENCES = {**_ONE, **_MANY, **_ODD}
#: What rows show though it is no column, so that the server passes over it as a filter, and what to take instead.
SHOWN = {
    "type": "'entity_type_id' of the list 'entities', or a list such as 'shots'",
    "project_name": "'project_id'",
    "sequence_name": "'parent_id'",
}
#: Lists that the server can narrow down to a project.
OF_A_PROJECT = ("entities", "tasks")
#: Ids in one request: servers refuse addresses above 4,000 characters, and each id takes 45.
IDS_AT_ONCE = 75
#: More ids than these are looked for in the list of their whole project: one request instead of many.
MOST_BY_ID = 4 * IDS_AT_ONCE
#: Letters of a list of values: an id and what is around it take 39.
LONGEST = 39 * IDS_AT_ONCE + 1
#: Records on a page.
PAGE = 100


@cache
def _rows(path: str, params: Dict[str, Any], client: KitsuClient) -> List[Dict[str, Any]]:
    rows: List[Dict[str, Any]] = raw.fetch_all(path, params, client=client)
    return rows


# -- what is asked for ---------------------------------------------------------
def question_of(model: str, filters: Optional[Mapping[str, Any]], fields: Iterable[str]) -> Tuple[Tree, Dict[str, Any]]:
    """Return the tree and the query of a question.

    Raises:
        ValueError: it is none; nothing is sent.
    """
    if not isinstance(model, str) or not model:
        raise ValueError(f"model: expected the name of a list such as 'tasks', got {model!r:.200}")
    if filters is not None and not isinstance(filters, Mapping):
        raise ValueError(f"filters: expected a dict of columns and their values, got {filters!r:.200}")
    for name in SHOWN.keys() & (filters or {}):
        if model != "notifications":  # the only list with a column of such a name
            raise ValueError(f"filters: the server does not look for {name!r}; use {SHOWN[name]}")
    if isinstance(fields, Mapping) or not isinstance(fields, Iterable):
        raise ValueError(f"fields: expected a list of names, got {fields!r:.200}")
    tree = tree_of(fields)
    return tree, query_of(filters, tree)


def tree_of(names: Iterable[str]) -> Tree:
    """Return dotted names as a tree: `entity.name` becomes `{"entity": {"name": {}}}`, `entity` is all of it."""
    tree: Tree = {}
    paths = [_parts(name) for name in ([names] if isinstance(names, str) else names)]
    whole = {*paths}
    for path in sorted(paths, key=len):
        branch = tree
        for depth, part in enumerate(path):
            # What is asked for as a whole has all columns; what is behind its references can come on top.
            if path[:depth] in whole and not REFERENCES.keys() >= {*path[: depth + 1]}:
                break
            branch = branch.setdefault(part, {})
    return tree


def _parts(name: str) -> Tuple[str, ...]:
    if not isinstance(name, str) or not all(name.split(".")):
        raise ValueError(f"Wrong format: expected the name of a field such as 'entity.name', got {name!r:.200}")
    return tuple(name.split("."))


def query_of(filters: Optional[Mapping[str, Any]], tree: Tree) -> Dict[str, Any]:
    """Return the query of a request for rows that have what the tree asks for, narrowed down by filters."""
    query = {name: _as_filter(name, value) for name, value in (filters or {}).items()}
    names = [*query, *tree]
    if not _MANY.keys().isdisjoint(names):
        query["relations"] = "true"
    if _columns(tree):
        ids = [name + "_id" for name in tree if name in _ONE]
        query["fields"] = ",".join(dict.fromkeys([*names, *ids, "project_id"]))
    return query


def references(names: Iterable[str]) -> Tree:
    """Return dotted names as a tree, if all begin with the name of a reference."""
    tree = tree_of(names)
    for name in _columns(tree):
        known = ", ".join(sorted(REFERENCES))
        raise ValueError(f"{name!r:.200} is no reference; these are: {known}")
    return tree


def rows_in(rows: Iterable[Mapping[str, Any]]) -> List[Mapping[str, Any]]:
    """Return *rows* as a list.

    Raises:
        ValueError: something in it is no row.
    """
    if isinstance(rows, (str, Mapping)) or not isinstance(rows, Iterable):
        raise ValueError(f"rows: expected a list of rows, got {rows!r:.200}")
    listed = list(rows)
    for row in listed:
        if not isinstance(row, Mapping):
            raise ValueError(f"rows: expected a list of rows, got {row!r:.200} in it")
    return listed


def _columns(tree: Tree) -> List[str]:
    """Return the names that are no references: without one, all columns are asked for."""
    return [name for name in tree if name not in REFERENCES]


def _as_filter(name: str, value: Any) -> Any:
    if isinstance(value, (Mapping, UUID)):
        return id_of(value)
    several = isinstance(value, (list, tuple, set, frozenset))
    text = json.dumps([_as_filter(name, one) for one in value], separators=(",", ":")) if several else value
    if value is None or (several and name == "name"):
        raise ValueError(f"filters: the server cannot look for {name}={value!r:.200}")
    if several and len(text) > LONGEST:
        raise ValueError(f"filters: {len(value)} values for {name} are more than an address takes")
    return str(value).lower() if isinstance(value, bool) else text


def check_filters(model: str, filters: Optional[Mapping[str, Any]], rows: Any) -> None:
    """Refuse filters that are no columns: the server passes over them, and answers with too much.

    Raises:
        ValueError: one is none, or *model* is not the name of a list.
    """
    if not isinstance(rows, list):
        raise ValueError(f"model: expected the name of a list such as 'tasks', got {model!r:.200}")
    for name in filters or {}:
        _check(name, rows, model)


def _has(name: str, rows: Sequence[Mapping[str, Any]]) -> bool:
    return any(name in row for row in rows)


def _check(name: str, rows: Sequence[Mapping[str, Any]], where: str) -> None:
    if rows and not _has(name, rows):
        raise ValueError(f"{where} have no field {name!r}, or this account may not see it")


# -- getting it ----------------------------------------------------------------
class Resolver:
    """What puts rows in the place of ids, and asks for each row once."""

    def __init__(self, client: KitsuClient) -> None:
        self.client = client
        #: By list and by what is asked for: the rows, of which each place gets a copy of its own.
        self.known: Dict[Any, Dict[str, Optional[Dict[str, Any]]]] = {}

    def expand(self, rows: Sequence[Mapping[str, Any]], tree: Tree, where: str) -> List[Dict[str, Any]]:
        """Return copies of rows of the list *where*, with what the tree asks for."""
        keep = ("id", "type") if _columns(tree) else ()
        made = [{name: row[name] for name in keep or row if name in row} for row in rows]
        projects = {row.get("project_id") for row in rows}
        for name, inner in tree.items():
            column = name + "_id" if name in _ONE else name
            if name in REFERENCES and not (_has(name, rows) and not _has(column, rows)):
                _check(column, rows, where)
                values = self.behind(name, [row.get(column) for row in rows], inner, projects)
            else:
                _check(name, rows, where)
                values = (_inside(name, row.get(name), inner, where) for row in rows)
            for row, value in zip(made, values):
                row[name] = value
        return made

    def behind(self, name: str, values: List[Any], inner: Tree, projects: Set[Any]) -> Iterator[Any]:
        """Yield for each value, an id or a list of ids, what is behind it."""
        path = REFERENCES[name]
        known = self.known.setdefault((path, json.dumps(inner)), {})
        ids = {_id(one): None for value in values for one in (value if isinstance(value, list) else [value])}
        missing = [one for one in ids if one and one not in known]
        found = self.expand(list(self.fetch(path, missing, inner, projects)), inner, path)
        known.update(dict.fromkeys(missing))
        known.update((row["id"], row) for row in found)
        for value in values:
            rows = [known.get(_id(one) or "") for one in (value if isinstance(value, list) else [value])]
            copies = [copied(row) for row in rows if row]
            yield copies if isinstance(value, list) else next(iter(copies), None)

    def fetch(self, path: str, ids: List[str], inner: Tree, projects: Set[Any]) -> Iterator[Dict[str, Any]]:
        """Yield the rows with these ids that the server has, and for many ids those of their project."""
        if len(ids) > MOST_BY_ID and path in OF_A_PROJECT and len(projects) == 1 and None not in projects:
            rows = _rows(path, query_of({"project_id": next(iter(projects))}, inner), client=self.client)
            yield from rows
            ids = sorted({*ids} - {row["id"] for row in rows})
        for start in range(0, len(ids), IDS_AT_ONCE):
            yield from _rows(path, query_of({"id": ids[start : start + IDS_AT_ONCE]}, inner), client=self.client)


def _id(value: Any) -> Optional[str]:
    """Return the id in a column, as the server writes it: None for what is none, as "" or "None" of some routes."""
    text = str(value.get("id") if isinstance(value, Mapping) else value)
    return text.lower() if _UUID.fullmatch(text) else None


def _inside(name: str, value: Any, inner: Tree, where: str) -> Any:
    """Return the value of a column, or what is asked for in it.

    Raises:
        ValueError: nothing can be in it. Deeper down, where people put what they like, that is None.
    """
    for one in value if isinstance(value, list) else [value]:
        if inner and one is not None and not isinstance(one, Mapping):
            behind = f"; {name[:-3]!r} has" if name.endswith("_id") and name[:-3] in _ONE else ""
            raise ValueError(f"{where} have no fields in {name!r}, which is {one!r:.200}{behind}")
    return _within(value, inner)


def _within(value: Any, inner: Tree) -> Any:
    """Return a value, or what is asked for in a dict like `data`, or in each of a list: None where it is not there."""
    if not inner:
        return value
    if isinstance(value, list):
        return [_within(one, inner) for one in value]
    inside = value if isinstance(value, Mapping) else {}
    return {name: _within(inside.get(name), more) for name, more in inner.items()}
