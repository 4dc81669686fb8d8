"""Compare a table with what the server has."""

import datetime
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Set, Tuple

from .. import client as raw
from ..helpers import validate_date_format
from .repeating import repeated
from .server import OWN_KEYS, SUPERVISED, WITH_COLUMNS, ServerState, folded_name
from .table import ENTITIES, KINDS, LEVELS, TableRow

#: What a supervisor may change of a task.
SUPERVISED_FIELDS = {"assignees", "priority", "start_date", "due_date", "estimation", "difficulty", "data"}
#: Lines of each list that a plan prints.
MAX_LINES = 20
#: What a plan calls several rows of a kind.
PLURALS = {"Asset": "assets", "Casting": "castings", "Column": "metadata columns", "Member": "team members"}


class Item(NamedTuple):
    """A row of a plan, and what happens to it."""

    row: TableRow
    #: Of a changed row: (value now, value then) by field.
    changes: Mapping[str, Tuple[Any, Any]] = {}
    #: Why a row is refused.
    reason: str = ""

    @property
    def kind(self) -> str:
        """The kind of the row."""
        return self.row.kind

    def __str__(self) -> str:
        """Return the row and what happens to it in a line."""
        changes = ", ".join(f"{name} {now!r:.40} -> {then!r:.40}" for name, (now, then) in self.changes.items())
        what = self.reason or changes
        return f"{self.kind.lower()} {self.row.label}{': ' if what else ''}{what}"


class Plan:
    """What `Setup.apply` would do: lists of items. It prints as a table.

    Attributes:
        new: rows that the server does not have.
        changed: rows that it has with other values; `changes` of an item has them.
        same: rows that are there as the table says.
        refused: rows that cannot be sent, and those that depend on them; `reason` of an item says why.
    """

    def __init__(self) -> None:
        self.new: List[Item] = []
        self.changed: List[Item] = []
        self.same: List[Item] = []
        self.refused: List[Item] = []

    def __len__(self) -> int:
        return len(self.new) + len(self.changed) + len(self.same) + len(self.refused)

    def __str__(self) -> str:
        """Return the numbers of rows by kind, and what is changed and refused."""
        lists = (self.new, self.changed, self.same, self.refused)
        lines = [f"{'':<18}{'new':>8}{'changed':>9}{'same':>8}{'refused':>9}"]
        for kind in KINDS:
            numbers = [sum(item.kind == kind for item in items) for items in lists]
            if any(numbers):
                name = PLURALS.get(kind, kind.lower() + "s")
                lines.append("{:<18}{:>8}{:>9}{:>8}{:>9}".format(name, *numbers))
        for name, items in (("changed", self.changed), ("refused", self.refused)):
            lines += [f"{name}:"] if items else []
            lines += [f"  {item}" for item in items[:MAX_LINES]]
            lines += [f"  ... and {len(items) - MAX_LINES} more"] if len(items) > MAX_LINES else []
        return "\n".join(lines)

    __repr__ = __str__


def make_plan(server: ServerState, rows: List[TableRow]) -> Plan:
    """Return what has to be done so that the server has *rows*.

    Raises:
        RouteNotFoundException: there is no such project.
    """
    server.forget()
    if server.role and not server.entities:
        repeated(raw.fetch_one, "projects", server.project_id, client=server.client)  # which may not exist
    planner = Planner(server, rows)
    for row in (*planner.columns(), *planner.members(), *by_level(rows)):
        planner.add(row)
    return planner.plan


def by_level(rows: Iterable[TableRow]) -> List[TableRow]:
    """Return rows so that each comes after those that it depends on."""
    order = {kind: number for number, kinds in enumerate((*LEVELS, ("Casting",), ("Preview",))) for kind in kinds}
    return sorted(rows, key=lambda row: order.get(row.kind, -1))


class Planner:
    """Sorts the rows of a table into a plan."""

    def __init__(self, server: ServerState, rows: List[TableRow]) -> None:
        self.server: ServerState = server
        self.rows = rows
        self.plan = Plan()
        self.refused: Dict[TableRow, str] = {}
        self.recounted: Set[str] = set()
        for entity_id in {row.above[0].id for row in rows if row.kind == "Casting"}:
            if self._is_miscounted(entity_id):
                self.recounted.add(entity_id)

    def add(self, row: TableRow) -> None:
        """Put a row where it belongs."""
        found = self.server.find(row)
        if found is not None and "id" in found:
            row.id = found["id"]
        row.existing = found
        if row.kind == "Preview":
            row.existing = self._find_comment(row)
        reason = self._reason(row)
        changes = {} if reason or row.existing is None else self.changes_of(row)
        reason = reason or self._limit(row, changes)
        if reason:
            self.refused[row] = reason
            self.plan.refused.append(Item(row, {}, reason))
        elif row.existing is None:
            self.plan.new.append(Item(row))
        else:
            (self.plan.changed if changes else self.plan.same).append(Item(row, changes))

    # -- why rows are refused --------------------------------------------------------
    def _reason(self, row: TableRow) -> str:
        """Return why a row cannot be sent, or ""."""
        if row.problem:
            return row.problem
        for above in row.above:
            if above in self.refused:
                return f"{above.label} is refused: {self.refused[above]}"
            if above.problem:  # what the table takes as it is
                return above.problem
        for above in row.above[:1] if row.kind == "Casting" else row.above:  # assets of any project may be cast
            if (above.existing or {}).get("project_id", row.project_id) != row.project_id:
                return f"{above.label} is of another project"
        if row.kind in ENTITIES and row.existing is not None and row.existing.get("canceled"):
            return "it exists, but is canceled: restore it first"
        if row.kind == "Casting" and row.above[1].kind != "Asset":
            return f"{row.above[1].label} is not an asset"
        return ""

    def _limit(self, row: TableRow, changes: Mapping[str, Any]) -> str:
        """Return why this account may not send a row, or ""."""
        role, account = self.server.role, self.server.user
        if role in ("admin", "manager") or (row.existing is not None and not changes):
            return ""
        who = f"{account.get('full_name') or account.get('email')} "
        if role != "supervisor":
            return who + (f"is {role!r} in this project, and no manager" if role else "is not in the team")
        if row.kind not in SUPERVISED and not (row.existing is not None and set(changes) == {"data"}):
            return who + f"is a supervisor, who may not {'change' if row.existing else 'create'} this: a manager may"
        wrong = sorted(set(changes) - SUPERVISED_FIELDS) if row.existing is not None and row.kind == "Task" else []
        return who + f"is a supervisor, who may not change {', '.join(wrong)}" if wrong else ""

    # -- what changes ----------------------------------------------------------------
    def changes_of(self, row: TableRow) -> Dict[str, Tuple[Any, Any]]:
        """Return the fields of a row that the server has with other values: (now, then)."""
        known: Mapping[str, Any] = row.existing or {}
        if row.kind == "Preview":
            missing = missing_files(row)
            return {"files": (len(row.fields["files"]) - len(missing), len(row.fields["files"]))} if missing else {}
        changes: Dict[str, Tuple[Any, Any]] = {}
        for name, value in wanted_fields(self.server, row).items():
            now = known.get(name)
            if name == "data":
                value = {key: one for key, one in value.items() if (now or {}).get(key) != one}
                now = {key: (now or {}).get(key) for key in value}
            elif name == "assignees":
                value = [*(now or []), *(one for one in value if one not in (now or []))]
            elif name.endswith("_date") and now:
                now = now[: len(value)]
            if now != value and not (name == "task_status_id" or name == "entity_concept_links"):
                changes[name] = (now, value)
        if row.kind == "Casting" and row.above[0].id in self.recounted:
            entity = self.server.entities[row.above[0].id]
            changes["nb_entities_out"] = (entity["nb_entities_out"], self._count(entity["id"]))
        return changes

    def _is_miscounted(self, entity_id: str) -> bool:
        """Return whether the server's count of what is cast in an entity is wrong, as an import was interrupted."""
        entity = self.server.entities.get(entity_id)
        return entity is not None and (entity.get("nb_entities_out") or 0) != self._count(entity_id)

    def _count(self, entity_id: str) -> int:
        entities = self.server.entities
        links = self.server.links.get(entity_id, {})
        return sum(not (entities.get(asset_id) or {}).get("canceled") for asset_id in links)

    def _find_comment(self, row: TableRow) -> Optional[Mapping[str, Any]]:
        """Return the comment that a preview has already, or None."""
        task = row.above[0]
        if task.existing is None:
            return None
        for comment in reversed(self.server.comments(task.id)):
            if comment["text"] == row.fields["comment"] and comment["task_status_id"] == row.fields["task_status_id"]:
                return comment
        return None

    # -- what else is needed ---------------------------------------------------------
    def columns(self) -> List[TableRow]:
        """Return rows of the metadata columns that the table needs and the project lacks."""
        values: Dict[Tuple[str, str], List[Any]] = {}
        for row in self.rows:
            if row.kind in WITH_COLUMNS and not row.problem:
                for key, value in (row.fields.get("data") or {}).items():
                    if self.server.column(row.kind, key) is None and key not in OWN_KEYS:
                        values.setdefault((row.kind, key), []).append(value)
        return [_column(self.server.project_id, kind, key, found) for (kind, key), found in values.items()]

    def members(self) -> List[TableRow]:
        """Return rows of people who become members of the team, as they are assigned."""
        tasks = [row for row in self.rows if row.kind == "Task" and not row.problem and row.fields.get("assignees")]
        assigned = dict.fromkeys(one for row in tasks for one in row.fields["assignees"])
        missing = [one for one in assigned if one not in self.server.team]
        if not {row["id"] for row in self.server.people if missing}.issuperset(missing):
            self.server.lists.pop("people", None)  # who has joined meanwhile
        names = {row["id"]: row.get("full_name") or row["name"] for row in self.server.people} if missing else {}
        unknown = [one for one in missing if one not in names]
        for row in tasks if unknown else ():  # the server would leave them out
            wrong = next((one for one in row.fields["assignees"] if one in unknown), None)
            row.problem = f"there is no person {wrong}" if wrong else ""
        rows = []
        for one in missing:
            if one in names:
                row = TableRow(self.server.project_id, "Member", str(names[one]), ("Member", one))
                row.id = one
                rows.append(row)
        return rows


def _column(project_id: str, kind: str, key: str, values: List[Any]) -> TableRow:
    """Return the row of a metadata column for *values*."""
    types = {type(value) for value in values}
    data_type = "boolean" if types == {bool} else "number" if types <= {int, float} else "string"
    row = TableRow(project_id, "Column", f"{kind} {key}", ("Column", kind, key))
    row.fields.update(entity_type=kind, name=key, data_type=data_type)
    return row


def wanted_fields(server: ServerState, row: TableRow) -> Dict[str, Any]:
    """Return the fields of a row as the server stores them."""
    fields = {name: value for name, value in row.fields.items() if name != "data"}
    if "entity_concept_links" in fields:
        fields["entity_concept_links"] = [one.id for one in fields["entity_concept_links"]]
    if row.kind == "Asset" and "source_id" in fields:
        fields["source_id"] = row.above[0].id
    if row.fields.get("data"):
        fields["data"] = dict(_data_field(server, row, key, value) for key, value in row.fields["data"].items())
    return fields


def _data_field(server: ServerState, row: TableRow, key: str, value: Any) -> Tuple[str, Any]:
    """Return a value of metadata with its key in `data`; of a boolean column it is a text."""
    column = server.column(row.kind, key) if row.kind in WITH_COLUMNS else None
    if isinstance(value, datetime.date):
        value = validate_date_format(value)
    if isinstance(value, bool) and (column is None or column["data_type"] == "boolean"):
        value = str(value).lower()
    return (column["field_name"] if column else key), value


def missing_files(row: TableRow) -> List[Any]:
    """Return the files of a preview that its comment does not have."""
    previews = (row.existing or {}).get("previews") or []
    names = {folded_name(one.get("original_name") or "") for one in previews}
    return [path for path in row.fields["files"] if folded_name(path, stem=True) not in names]
