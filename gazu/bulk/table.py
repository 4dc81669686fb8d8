"""The rows of a table: what should be there, whether or not the server has it."""

import json
import uuid
from typing import Any, Dict, Iterator, Mapping, Optional, Tuple

from ..names import composed

#: In the order in which they are made: each depends on those before it only.
LEVELS = (("Episode",), ("Sequence",), ("Shot", "Scene", "Asset", "Edit"), ("Concept",), ("Task",))
ENTITIES = ("Episode", "Sequence", "Shot", "Scene", "Asset", "Edit", "Concept")
#: All kinds of rows, as a plan lists them.
KINDS = ("Line", "Column", "Member", *ENTITIES, "Task", "Casting", "Preview")


class TableRow(Mapping[str, Any]):
    """A row of a table, usable as the record of an asset, a shot, a task, ... wherever gazu takes one.

    Attributes:
        kind: `Episode`, `Sequence`, `Shot`, `Scene`, `Asset`, `Edit`, `Concept`, `Task`, `Casting`, `Preview`,
            `Column` (of metadata), `Member` (of the team), or `Line` (of a sheet, that makes no sense).
        id: that of the record which the server has, or will have. Where rows are posted, the server chooses the ids
            of new entities, and `apply` sets them here.
        name: its name, without those above it.
        fields: what the table says about it.
        above: the rows that it depends on.
        problem: why it can not be sent; "" for nothing.
    """

    __slots__ = ("above", "existing", "fields", "id", "identity", "kind", "name", "problem", "project_id", "type_id")

    def __init__(
        self,
        project_id: str,
        kind: str,
        name: str,
        identity: Tuple[str, ...],
        above: Tuple["TableRow", ...] = (),
        type_id: str = "",
        problem: str = "",
    ) -> None:
        self.project_id: str = project_id
        self.kind: str = kind
        self.name: str = name
        self.type_id: str = type_id
        self.above: Tuple[TableRow, ...] = above
        self.identity: Tuple[str, ...] = identity
        self.problem: str = problem
        self.id: str = id_for(project_id, identity)
        self.fields: Dict[str, Any] = {}
        #: The record that the server had when a plan was made.
        self.existing: Optional[Mapping[str, Any]] = None

    def __getitem__(self, key: str) -> Any:
        if key in ("id", "name", "project_id"):
            return getattr(self, key)
        if key == "type":
            return self.kind
        return self.fields[key]

    def __iter__(self) -> Iterator[str]:
        return iter(("id", "name", "project_id", "type", *self.fields))

    def __len__(self) -> int:
        return 4 + len(self.fields)

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"<{self.kind} {self.label}>"

    @property
    def label(self) -> str:
        """The names that lead to it: `SQ010/SH0010/Animation`."""
        if self.kind in ENTITIES:
            return "/".join(self.identity[1:])
        above = [row.label for row in self.above]
        return " < ".join(above) if self.kind == "Casting" else "/".join([*above, self.name])

    def set(self, values: Mapping[str, Any]) -> None:
        """Add what the table says about it; two values of one field are a problem."""
        for name, value in values.items():
            if name == "data":
                self._merge(self.fields.setdefault("data", {}), value)
            else:
                self._merge(self.fields, {name: value})

    def _merge(self, known: Dict[str, Any], values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if known.setdefault(name, value) != value:
                self.problem = self.problem or f"the table says {name} {known[name]!r:.80} and {value!r:.80}"


def id_for(project_id: str, identity: Tuple[str, ...]) -> str:
    """Return the id of a new record: the same for the same names in the same project, on every machine."""
    return str(uuid.uuid5(uuid.UUID(project_id), json.dumps(identity)))


def folded(name: str) -> str:
    """Return a name as the server compares it when it looks for one: without case."""
    return composed(name).lower()
