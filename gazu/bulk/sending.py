"""Send rows exactly once: when a response is lost, or rows are refused, the server is asked what it has."""

import json
import time
from contextlib import suppress
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from .. import client as raw
from .. import project as projects
from .. import task as tasks
from .._http.deadline import shortened
from .._http.retries import is_in_doubt
from .._http.route import route
from .._http.server_version import is_supported
from ..casting import update_castings, update_shot_casting
from ..exception import (
    GazuException,
    NotAuthenticatedException,
    RouteNotFoundException,
    ServerErrorException,
    TransportException,
)
from ..lists import fetch_by_ids
from ..sync.rows import fields_lacking
from .planning import Item, Planner, missing_files, wanted_fields
from .repeating import PROBE_DELAYS_SECONDS, repeated
from .server import HAVE_PARENTS, ServerState
from .table import ENTITIES, TableRow

#: Seconds after which the server shows what others were posting meanwhile.
SETTLE_SECONDS = 0.5
#: Seconds that a slow server may take for a part.
IMPORT_TIMEOUT_SECONDS = 300
#: What the server sets where a request for one row does not say it.
DEFAULTS = {kind: {"description": ""} for kind in ("Episode", "Sequence", "Asset")}
#: The tables that are imported, by the kind of the row.
TABLES = {**dict.fromkeys(ENTITIES, "entities"), "Task": "tasks", "Casting": "entity-links"}


class Outcome(NamedTuple):
    """What became of a row: `made`, `changed`, `failed` or `unknown`."""

    row: TableRow
    what: str
    error: Optional[Exception] = None


def outcome_of(row: TableRow, error: GazuException) -> Outcome:
    """Return the outcome of a row that got an error.

    Raises:
        NotAuthenticatedException: it is one: no other row can be sent either.
    """
    if isinstance(error, NotAuthenticatedException):
        raise error
    return Outcome(row, "unknown" if is_in_doubt(error) else "failed", error)


class Importer:
    """Imports rows in parts, with ids that we chose."""

    def __init__(self, server: ServerState, notify: bool, casts: Mapping[TableRow, Sequence[TableRow]]) -> None:
        self.server: ServerState = server
        self.client, self.notify, self.casts = server.client, notify, casts

    def send(self, rows: Iterable[TableRow]) -> List[Outcome]:
        """Import rows of one table."""
        waiting = list(rows)
        done: List[Outcome] = []
        delays = iter(PROBE_DELAYS_SECONDS[1:])
        while waiting:
            error = self._send(waiting)
            present = {row.id for row in waiting}
            if error is not None:
                try:
                    present &= self._present(waiting)
                except (TransportException, ServerErrorException) as outage:
                    pause = next(delays, None)
                    if pause is None:
                        self.server.outage = outage
                        return done + [Outcome(row, "unknown", error) for row in waiting]
                    time.sleep(shortened(pause))
                    continue
            done += [Outcome(row, "made") for row in waiting if row.id in present]
            waiting = [row for row in waiting if row.id not in present]
            if not waiting or present:
                continue  # the rest is sent again: what is wrong is with its first row, or was lost
            if error is not None and is_in_doubt(error):
                pause = next(delays, None)
                if pause is None:
                    return done + [outcome_of(row, error) for row in waiting]
                time.sleep(shortened(pause))
            elif error is not None:
                done.append(outcome_of(waiting.pop(0), error))
        return done

    def _send(self, rows: Sequence[TableRow]) -> Optional[GazuException]:
        """Import rows in one request, and return its error."""
        table = TABLES[rows[0].kind]
        options: Any = {"silent": not self.notify, "timeout": IMPORT_TIMEOUT_SECONDS, "client": self.client}
        try:
            raw.import_data(table, [self.payload(row) for row in rows], **options)
        except NotAuthenticatedException:
            raise
        except GazuException as error:
            return error
        return None

    def _present(self, rows: Sequence[TableRow]) -> Set[str]:
        """Return the ids of those rows that the server has."""
        if rows[0].kind == "Casting":
            self.server.lists.pop("links", None)
            return {row.id for row in rows if self.server.find(row)}
        ids = [row.id for row in rows]
        found = fetch_by_ids(TABLES[rows[0].kind], ids, self.client, relations=False, fields="id")
        return {row["id"] for row in found}

    def size_of(self, row: TableRow) -> int:
        """Return the bytes that a row has at most, with the names and ids of other fields."""
        return 1700 + len(json.dumps(str(row.fields)))

    def payload(self, row: TableRow) -> Dict[str, Any]:
        """Return a row as the import takes it."""
        if row.kind == "Casting":
            ends = {"entity_in_id": row.above[0].id, "entity_out_id": row.above[1].id, "type": "EntityLink"}
            return {"label": "", **row.fields, **ends, "id": row.id}
        fields = wanted_fields(self.server, row)
        if row.kind == "Task":
            if self.notify:  # who is assigned afterwards is notified
                fields.pop("assignees", None)
            return {**task_body(self.server, row), **fields, "type": "Task"}
        parent = row.above[0].id if row.above and row.kind in HAVE_PARENTS else None
        own: Dict[str, Any] = {
            "id": row.id,
            "name": row.name,
            "type": row.kind,
            "project_id": row.project_id,
            "parent_id": parent,
        }
        own.update(
            entity_type_id=row.type_id, created_by=self.server.user["id"], nb_entities_out=len(self.casts.get(row, ()))
        )
        # Without `entities_out`, the server would delete the casting of an entity that it has.
        body = {**DEFAULTS.get(row.kind, {}), "data": {}, **fields, **own, "entities_out": None}
        lacking = fields_lacking("entities", self.server.version)
        return {name: value for name, value in body.items() if name not in lacking}


def task_body(server: ServerState, row: TableRow) -> Dict[str, Any]:
    """Return what each new task has."""
    status = server.default_status_id(row.above[0].kind == "Concept")
    return {
        "id": row.id,
        "name": row.identity[-1],
        "project_id": row.project_id,
        "entity_id": row.above[0].id,
        "task_type_id": row.type_id,
        "task_status_id": status,
        "assigner_id": server.user["id"],
        "assignees": [],
    }


class Poster:
    """Sends single requests, for what is not imported."""

    def __init__(self, server: ServerState, notify: bool) -> None:
        self.server: ServerState = server
        self.client, self.notify = server.client, notify

    # -- new rows --------------------------------------------------------------------
    def create(self, row: TableRow) -> Outcome:
        """Create an entity or a task."""
        try:
            self._adopt(row, self._create(row, again=True))
        except GazuException as error:
            return outcome_of(row, error)
        return Outcome(row, "made")

    def _adopt(self, row: TableRow, record: Any) -> None:
        """Have a row stand for a record, and change in it what the table says otherwise."""
        row.id, row.existing = record["id"], record
        changes = Planner(self.server, []).changes_of(row)
        if self.notify:  # who is assigned afterwards is notified
            changes.pop("assignees", None)
        if changes:
            self._put(row, changes)

    def keep_single(self, rows: List[TableRow], imported: bool) -> List[Outcome]:
        """Have one entity of each name where somebody else was making the same; return the rows where that failed.

        Of two, the older one stays; but one that this import made is removed if there is any other.
        """
        time.sleep(0 if imported else shortened(SETTLE_SECONDS))
        stays = repeated(self.server.first_of_name, rows)
        outcomes = [self._give_way(row, one) for row, one in stays.items() if one is not None and one["id"] != row.id]
        return [outcome for outcome in outcomes if outcome.error is not None]

    def _give_way(self, row: TableRow, record: Any) -> Outcome:
        """Delete the entity of a row, and use another record in its place."""
        try:
            with suppress(RouteNotFoundException):  # of two that import the same table, one was first
                raw.delete(route("data/entities/{entity_id}", row.id), client=self.client)
            self._adopt(row, record)
        except GazuException as error:
            return outcome_of(row, error)
        return Outcome(row, "made")

    def create_plain_tasks(self, rows: Iterable[TableRow]) -> List[Outcome]:
        """Create tasks of which the table says no more than their types, a request for each type."""
        groups: Dict[Tuple[str, str], List[TableRow]] = {}
        for row in rows:
            groups.setdefault((row.type_id, row.above[0].kind), []).append(row)
        outcomes: List[Outcome] = []
        for (type_id, kind), group in groups.items():
            entities, made = [row.above[0].id for row in group], {}
            with suppress(GazuException):  # what is missing is sent once more, which says why
                created = tasks.create_tasks(self.server.project_id, type_id, entities, kind, client=self.client)
                made = {task["entity_id"]: task for task in created}
            for row in group:
                task = made.get(row.above[0].id)
                row.id = task["id"] if task else row.id
                outcomes.append(Outcome(row, "made") if task else self.create(row))
        return outcomes

    def _create(self, row: TableRow, again: bool) -> Any:
        """Create a record, or return the one that is there after all."""
        path, body = self._request(row)
        try:
            return raw.post(path, body, client=self.client)
        except NotAuthenticatedException:
            raise
        except GazuException as error:
            found = self._probe(row, PROBE_DELAYS_SECONDS if is_in_doubt(error) else (0.0,))
            is_unique = row.kind == "Task" or (row.kind in HAVE_PARENTS and row.above)
            if found is None and (self.server.outage or not (again and is_unique and is_in_doubt(error))):
                raise
        return found or self._create(row, again=False)  # what is unique in the database is not made twice

    def _probe(self, row: TableRow, pauses: Iterable[float]) -> Any:
        """Return the record that the server has of a row, or None."""
        outage: Optional[Exception] = None
        answered = False
        for pause in pauses:
            time.sleep(shortened(pause))
            try:
                found = self.server.probe(row)
            except (TransportException, ServerErrorException) as error:
                outage = error
                continue
            if found is not None:
                return found
            answered = True
        self.server.outage = self.server.outage or (None if answered else outage)
        return None

    def _request(self, row: TableRow) -> Any:
        """Return path and body with which a row is created."""
        fields, project_id = wanted_fields(self.server, row), row.project_id
        if row.kind == "Task":
            if self.notify:
                fields.pop("assignees", None)
            return "data/tasks", {**task_body(self.server, row), **fields}
        body = {"name": row.name, "data": {}, **fields}
        if row.kind in ("Sequence", "Edit", "Asset") and row.above:
            body["episode_id"] = row.above[0].id
        if row.kind in ("Shot", "Scene"):
            body["sequence_id"] = row.above[0].id
        if row.kind == "Concept":
            body["entity_concept_links"] = [{"id": one} for one in fields.get("entity_concept_links", [])]
        if row.kind == "Asset":
            body.pop("source_id", None)
            return route("data/projects/{project_id}/asset-types/{type_id}/assets/new", project_id, row.type_id), body
        return route("data/projects/{project_id}/{kind}", project_id, row.kind.lower() + "s"), body

    def add_column(self, row: TableRow) -> Outcome:
        """Add a metadata column."""
        name, kind = row.fields["name"], row.fields["entity_type"]
        arguments = (row.project_id, name, kind, row.fields["data_type"])

        def is_there() -> bool:
            return self.server.column(kind, name) is not None

        return self._add(row, "columns", is_there, projects.add_metadata_descriptor, *arguments)

    def add_member(self, row: TableRow) -> Outcome:
        """Add somebody to the team."""

        def is_there() -> bool:
            return row.id in self.server.team

        return self._add(row, "team", is_there, projects.add_person_to_team, row.project_id, row.id)

    def _add(
        self, row: TableRow, name: str, is_there: Callable[[], bool], function: Callable[..., Any], *args: Any
    ) -> Outcome:
        """Add to a list of the server; what is there in spite of an error was made."""
        try:
            try:
                function(*args, client=self.client)
            except GazuException:
                self.server.lists.pop(name, None)
                if not is_there():
                    raise
        except GazuException as error:
            return outcome_of(row, error)
        self.server.lists.pop(name, None)
        return Outcome(row, "made")

    # -- what exists -----------------------------------------------------------------
    def change(self, item: Item) -> Outcome:
        """Change the fields of an entity or a task."""
        try:
            self._put(item.row, item.changes)
        except GazuException as error:
            return outcome_of(item.row, error)
        return Outcome(item.row, "changed")

    def _put(self, row: TableRow, changes: Mapping[str, Any]) -> None:
        values = {name: then for name, (_, then) in changes.items()}
        known = row.existing or {}
        if "data" in values:  # Zou replaces that of tasks before 1.0
            values["data"] = {**(known.get("data") or {}), **values["data"]} if row.kind == "Task" else values["data"]
        if "assignees" in values and (self.notify or self.server.role == "supervisor"):
            for person_id in values.pop("assignees"):
                if person_id not in (known.get("assignees") or []):
                    repeated(tasks.assign_tasks_to_person, [row.id], person_id, client=self.client)
        if values:
            repeated(raw.update, "tasks" if row.kind == "Task" else "entities", row.id, values, client=self.client)

    def assign(self, person_id: str, rows: Sequence[TableRow]) -> List[Outcome]:
        """Assign tasks to a person, who is notified; return those that could not be assigned."""
        try:
            repeated(tasks.assign_tasks_to_person, [row.id for row in rows], person_id, client=self.client)
        except GazuException as error:
            return [outcome_of(row, error) for row in rows]
        return []

    def cast(self, castings: Mapping[TableRow, Sequence[TableRow]]) -> List[Outcome]:
        """Set the casting of entities to what they have and what the table adds."""
        listed = [row for rows in castings.values() for row in rows]
        try:
            bodies = {entity.id: self._casting_of(entity, rows) for entity, rows in castings.items()}
            if is_supported("casting.update_castings", self.server.version):
                repeated(update_castings, self.server.project_id, bodies, client=self.client, verify=False)
            else:
                for entity_id, body in bodies.items():  # the route is the same for all kinds of entities
                    repeated(update_shot_casting, self.server.project_id, entity_id, body, client=self.client)
        except GazuException as error:
            if len(castings) == 1 or is_in_doubt(error):
                return [outcome_of(row, error) for row in listed]
            return [one for entity, rows in castings.items() for one in self.cast({entity: rows})]
        return [Outcome(row, "changed" if row.existing else "made") for row in listed]

    def _casting_of(self, entity: TableRow, rows: Sequence[TableRow]) -> List[Dict[str, Any]]:
        """Return the casting that an entity has, with what the table adds."""
        links = dict(self.server.links.get(entity.id, {}))
        for row in rows:
            links[row.above[1].id] = {**links.get(row.above[1].id, {}), **row.fields}
        return [
            {"asset_id": one, "nb_occurences": link["nb_occurences"], "label": link.get("label") or ""}
            for one, link in links.items()
        ]

    # -- previews --------------------------------------------------------------------
    def publish(self, row: TableRow) -> Outcome:
        """Publish a comment with its previews, or what a comment that exists lacks of them."""
        existed = row.existing is not None
        task, fields = row.above[0], row.fields
        try:
            comment: Any = row.existing
            if comment is None:
                comment = repeated(
                    tasks.add_comment, task, fields["task_status_id"], fields["comment"], client=self.client
                )
                row.existing, row.id = comment, comment["id"]
            empty = [one for one in comment.get("previews") or [] if not one.get("original_name")]
            for path in missing_files(row):
                if empty:  # its upload was interrupted
                    repeated(tasks.upload_preview_file, empty.pop(0), path, client=self.client)
                else:
                    repeated(tasks.add_preview, task, comment, path, client=self.client)
        except (GazuException, OSError, ValueError) as error:
            return outcome_of(row, error) if isinstance(error, GazuException) else Outcome(row, "failed", error)
        return Outcome(row, "changed" if existed else "made")
