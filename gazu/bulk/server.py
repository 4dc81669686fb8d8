"""What the server has of a project: lists that are read once, and read again for each plan."""

import difflib
import os
from typing import Any, Callable, Dict, FrozenSet, Iterable, List, Mapping, Optional, Tuple

from .. import client as raw
from .._http.route import route
from .._http.sender import server_version
from ..client import KitsuClient
from ..exception import NotAllowedException, RouteNotFoundException, TransportException
from ..helpers import as_list, id_of
from ..models import Ref, Several
from ..names import UUID_PATTERN, composed
from .repeating import repeated
from .table import ENTITIES, TableRow, folded, id_for

ENTITY_FIELDS = (
    "name", "parent_id", "source_id", "entity_type_id", "project_id", "canceled", "description", "nb_frames",
    "nb_entities_out", "is_shared", "ready_for", "data",
)  # fmt: skip
TASK_FIELDS = (
    "name", "entity_id", "task_type_id", "assignees", "estimation", "start_date", "due_date", "priority", "difficulty",
    "description", "data",
)  # fmt: skip
LINK_FIELDS = ("entity_in_id", "entity_out_id", "nb_occurences", "label")
#: Keys in `data` that Kitsu knows without a column.
OWN_KEYS = {"frame_in", "frame_out", "fps", "resolution", "max_retakes"}
#: The kinds of entities that have metadata columns.
WITH_COLUMNS = ("Asset", "Shot", "Sequence", "Episode", "Edit")

#: The kinds of entities that are within another.
HAVE_PARENTS = ("Sequence", "Shot", "Scene", "Edit")

Key = Tuple[Any, ...]
#: A record and "", or `{}` and why it was not found.
Found = Tuple[Any, str]


class NameIndex:
    """Records by their key, whose last part is a name: found by the very name, else by one in another case."""

    def __init__(self) -> None:
        self.exact: Dict[Key, Any] = {}
        self.folded: Dict[Key, Any] = {}

    def add(self, key: Key, record: Any) -> None:
        """Add a record; one that is canceled does not hide another."""
        *above, name = key
        for index, form in ((self.exact, composed(name)), (self.folded, folded(name))):
            known = index.get((*above, form))
            if known is None or known.get("canceled"):
                index[(*above, form)] = record

    def find(self, key: Key) -> Any:
        """Return the record of this key, or None."""
        *above, name = key
        name = composed(name)
        return self.exact.get((*above, name)) or self.folded.get((*above, name.lower()))


class ServerState:
    """The lists of one project; each is requested when it is needed first."""

    def __init__(self, project_id: str, client: KitsuClient) -> None:
        self.project_id: str = project_id
        self.client: KitsuClient = client
        self.lists: Dict[str, Any] = {}
        #: Why the server no longer responds.
        self.outage: Optional[Exception] = None
        self.kinds: Dict[str, str] = {}
        for row in self.entity_types:
            self.kinds[row["id"]] = row["name"] if row["name"] in (*ENTITIES, "ConceptFolder") else "Asset"

    def once(self, name: str, fetch: Callable[[], Any]) -> Any:
        """Return a list; request it if it is not known."""
        if name not in self.lists:
            try:
                self.lists[name] = repeated(fetch)
            except TransportException as error:
                self.outage = error
                raise
        return self.lists[name]

    def forget(self) -> None:
        """Have what changes requested again."""
        self.outage = None
        for name in ("entities", "tasks", "links", "columns", "team", "comments", "user"):
            self.lists.pop(name, None)

    # -- lists that rarely change --------------------------------------------------
    @property
    def entity_types(self) -> List[Any]:
        """The types of entities."""
        rows: List[Any] = self.once("entity_types", lambda: raw.fetch_all("entity-types", client=self.client))
        return rows

    @property
    def task_types(self) -> List[Any]:
        """The task types."""
        rows: List[Any] = self.once("task_types", lambda: raw.fetch_all("task-types", client=self.client))
        return rows

    @property
    def task_statuses(self) -> List[Any]:
        """The task statuses."""
        rows: List[Any] = self.once("task_statuses", lambda: raw.fetch_all("task-status", client=self.client))
        return rows

    @property
    def version(self) -> Optional[str]:
        """The version of the server; None if it is not known."""
        return server_version(self.client)

    @property
    def people(self) -> List[Any]:
        """All people."""
        rows: List[Any] = self.once("people", lambda: raw.fetch_all("persons", client=self.client))
        return rows

    def default_status_id(self, for_concept: bool) -> Optional[str]:
        """Return the id of the status that new tasks get."""
        ready = [row for row in self.task_statuses if row.get("is_default")]
        ready = [row for row in ready if bool(row.get("for_concept")) == for_concept] or ready
        if ready:
            return str(ready[0]["id"])
        return None

    # -- lists that change ---------------------------------------------------------
    @property
    def user(self) -> Any:
        """The account that is logged in."""
        return self.once("user", lambda: raw.get_current_user(client=self.client))

    @property
    def team(self) -> Dict[str, Any]:
        """The members of the team by their ids."""
        team: Dict[str, Any] = self.once("team", self._fetch_team)
        return team

    def _fetch_team(self) -> Dict[str, Any]:
        try:
            rows = raw.fetch_all(route("projects/{project_id}/team", self.project_id), client=self.client)
        except NotAllowedException:  # who is not in the team may not see it
            return {}
        return {row["id"]: row for row in rows}

    @property
    def role(self) -> str:
        """The role that counts in this project; "" for somebody who is neither administrator nor in the team."""
        if self.user["role"] == "admin":
            return "admin"
        member = self.team.get(self.user["id"])
        return str(member.get("project_role") or self.user["role"]) if member else ""

    @property
    def entities(self) -> Dict[str, Any]:
        """The entities by their ids."""
        entities: Dict[str, Any] = self.once("entities", self._fetch_entities)[0]
        return entities

    def _fetch_entities(self) -> Tuple[Dict[str, Any], NameIndex]:
        rows = self._fetch("entities", ENTITY_FIELDS)
        index = NameIndex()
        for row in rows:
            index.add(self._key_of(row), row)
        return {row["id"]: row for row in rows}, index

    def _fetch(self, path: str, fields: Iterable[str]) -> List[Any]:
        params = {"project_id": self.project_id, **({"relations": True} if path == "tasks" else {})}
        return list(raw.fetch_all(path, params=params, fields=list(fields), client=self.client))

    def _key_of(self, row: Mapping[str, Any]) -> Key:
        has_parent = self.kinds.get(row["entity_type_id"]) in HAVE_PARENTS
        return row["entity_type_id"], row.get("parent_id") if has_parent else None, row["name"]

    @property
    def tasks(self) -> NameIndex:
        """The tasks by entity, type and name."""
        tasks: NameIndex = self.once("tasks", self._fetch_tasks)
        return tasks

    def _fetch_tasks(self) -> NameIndex:
        index = NameIndex()
        for row in self._fetch("tasks", TASK_FIELDS):
            index.add((row["entity_id"], row["task_type_id"], row["name"]), row)
        return index

    @property
    def links(self) -> Dict[str, Dict[str, Any]]:
        """The casting links by the id of the entity, then by that of the asset."""
        links: Dict[str, Dict[str, Any]] = self.once("links", self._fetch_links)
        return links

    def _fetch_links(self) -> Dict[str, Dict[str, Any]]:
        found: Dict[str, Dict[str, Any]] = {}
        for row in raw.fetch_all(route("projects/{project_id}/entity-links", self.project_id), client=self.client):
            slim = {name: row.get(name) for name in LINK_FIELDS}
            found.setdefault(row["entity_in_id"], {})[row["entity_out_id"]] = slim
        return found

    @property
    def columns(self) -> List[Any]:
        """The metadata columns."""
        path = route("projects/{project_id}/metadata-descriptors", self.project_id)
        rows: List[Any] = self.once("columns", lambda: raw.fetch_all(path, client=self.client))
        return rows

    def comments(self, task_id: str) -> List[Any]:
        """Return the comments of a task, the newest first."""
        known: Dict[str, List[Any]] = self.once("comments", dict)
        if task_id not in known:
            path = route("tasks/{task_id}/comments", task_id)
            known[task_id] = repeated(raw.fetch_all, path, client=self.client)
        return known[task_id]

    # -- finding -------------------------------------------------------------------
    def find(self, row: TableRow) -> Any:
        """Return the record that the server has of a row, or None."""
        if row.kind in ENTITIES:
            return self.once("entities", self._fetch_entities)[1].find(self._wanted_key(row))
        if row.kind == "Task":
            return self.tasks.find((row.above[0].id, row.type_id, row.identity[-1]))
        if row.kind == "Casting":
            return self.links.get(row.above[0].id, {}).get(row.above[1].id)
        return None

    def probe(self, row: TableRow) -> Any:
        """Return the record that the server has of a row at this moment, or None."""
        index = NameIndex()
        if row.kind == "Task":
            params = {"entity_id": row.above[0].id, "task_type_id": row.type_id, "relations": True}
            for found in raw.fetch_all("tasks", params=params, client=self.client):
                index.add((found["name"],), found)
            return index.find((row.identity[-1],))
        params = {"project_id": self.project_id, "entity_type_id": row.type_id, **self._parent_of(row)}
        for found in raw.fetch_all("entities", params=params, fields=list(ENTITY_FIELDS), client=self.client):
            index.add(self._key_of(found), found)
        return index.find(self._wanted_key(row))

    def first_of_name(self, rows: List[TableRow]) -> Dict[TableRow, Any]:
        """Return the oldest record of the name of each row, of rows that are within no other.

        Records that an import made, known by their ids, are not returned: any other record takes their place.
        """
        params = {"project_id": self.project_id, "entity_type_id": sorted({row.type_id for row in rows})}
        found = raw.fetch_all("entities", params=params, fields=[*ENTITY_FIELDS, "created_at"], client=self.client)
        imported = {id_for(row.project_id, row.identity) for row in rows}
        index = NameIndex()
        for record in sorted(found, key=lambda record: (record["created_at"], record["id"])):
            if record["id"] not in imported:
                index.add(self._key_of(record), record)
        return {row: index.find((row.type_id, None, row.name)) for row in rows}

    def _parent_of(self, row: TableRow) -> Dict[str, str]:
        return {"parent_id": row.above[0].id} if row.kind in HAVE_PARENTS and row.above else {}

    def _wanted_key(self, row: TableRow) -> Key:
        return row.type_id, self._parent_of(row).get("parent_id"), row.name

    def entity(self, entity_id: str) -> Any:
        """Return an entity by its id, also of another project, or None."""
        known = self.entities.get(entity_id)
        if known is None:
            try:
                known = repeated(raw.fetch_one, "entities", entity_id, client=self.client)
            except RouteNotFoundException:
                return None
        return known

    def identity_of(self, record: Mapping[str, Any]) -> Tuple[str, ...]:
        """Return the kind of an entity and the names that lead to it."""
        kind = self.kinds.get(record["entity_type_id"], "Asset")
        if kind == "Asset":
            types = {row["id"]: row["name"] for row in self.entity_types}
            return kind, str(types.get(record["entity_type_id"])), str(record["name"])
        above = self.entities.get(record["parent_id"]) if kind in HAVE_PARENTS else None
        return (kind, *(self.identity_of(above)[1:] if above else ()), str(record["name"]))

    def type_id_of(self, kind: str) -> str:
        """Return the id of the type of all entities of a kind."""
        return next((type_id for type_id, name in self.kinds.items() if name == kind), "")

    def asset_type(self, ref: Ref) -> Found:
        """Return an asset type by its name, record or id."""
        rows = [row for row in self.entity_types if self.kinds[row["id"]] == "Asset"]
        return _found(rows, ref, "asset type")

    def task_type(self, ref: Ref, kind: str) -> Found:
        """Return a task type of a kind of entities by its name, record or id."""
        ours = [row for row in self.task_types if row["for_entity"] == kind]
        found, problem = _found(ours, ref, f"task type for a {kind.lower()}")
        other = _found(self.task_types, ref, "")[0]
        if problem and other:
            problem = (
                f"the task type {other['name']!r} is for a {str(other['for_entity']).lower()}, not for a {kind.lower()}"
            )
        return found, problem

    def status_id(self, ref: Optional[Ref]) -> Tuple[Optional[str], str]:
        """Return the id of a task status by its name, short name, record or id."""
        if ref is None:
            return None, ""
        found, problem = _found(self.task_statuses, ref, "task status", ("name", "short_name"))
        return found.get("id"), problem

    def people_ids(self, people: Optional[Several]) -> Tuple[Optional[List[str]], str]:
        """Return the ids of people by their emails, full names, records or ids."""
        if people is None:
            return None, ""
        ids: List[str] = []
        reason = ""
        for one in as_list(people):
            if isinstance(one, str) and not UUID_PATTERN.fullmatch(one):
                found, why = _found(self.people, one, "person", ("email", "full_name"))
                ids, reason = [*ids, *([found["id"]] if found else [])], reason or why
            else:
                ids.append(id_of(one))
        return list(dict.fromkeys(ids)), reason

    def field_name(self, kind: str, key: str) -> Optional[str]:
        """Return the key in `data` of a metadata column, given by its name or by that key; None without a column."""
        column = self.column(kind, key)
        if column is not None:
            return str(column["field_name"])
        return key if key in OWN_KEYS or kind not in WITH_COLUMNS else None

    def column(self, kind: str, key: str) -> Any:
        """Return the metadata column with this name, or this key in `data`."""
        ours = [row for row in self.columns if row["entity_type"] == kind]
        by = [[row for row in ours if row["field_name"] == key], [row for row in ours if row["name"] == key]]
        by.append([row for row in ours if row["name"].lower() == key.lower()])
        return next((rows[0] for rows in by if rows), None)


def _found(rows: List[Any], ref: Ref, what: str, keys: Iterable[str] = ("name",)) -> Found:
    """Return the record of a name, a record or an id, and "", or why it was not found."""
    if isinstance(ref, str) and not UUID_PATTERN.fullmatch(ref):
        found = named(rows, ref, keys)
        return found or {}, "" if found else f"there is no {what} {ref!r:.80}{like(rows, ref)}"
    record_id = id_of(ref)
    found = next((row for row in rows if row["id"] == record_id), None)
    return found or {}, "" if found else f"there is no {what} {record_id}"


def named(rows: Iterable[Any], text: str, keys: Iterable[str] = ("name",)) -> Any:
    """Return the record with this name, else one whose name differs in letter case only; None if nothing is found."""
    rows, keys = list(rows), list(keys)
    for form in (str, str.lower):
        for row in rows:
            if form(composed(text)) in {form(composed(str(row.get(key) or ""))) for key in keys}:
                return row
    return None


def like(rows: Iterable[Any], text: str) -> str:
    """Return ": is it 'X'?" with the name that is most like *text*, or ""."""
    names = {str(name).lower(): str(name) for name in (row.get("full_name") or row["name"] for row in rows)}
    near = difflib.get_close_matches(text.lower(), list(names), 1)
    return f": is it {names[near[0]]!r}?" if near else ""


#: What a supervisor may do: the server refuses the rest.
SUPERVISED: FrozenSet[str] = frozenset(("Task", "Preview"))


def folded_name(path: Any, stem: bool = False) -> str:
    """Return the name of a file without case, and without its extension if only the *stem* is wanted."""
    name = os.path.basename(os.fsdecode(path))
    return composed(os.path.splitext(name)[0] if stem else name).lower()
