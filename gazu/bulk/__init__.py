"""Set up a show from a table: say what should be there, look at the plan, apply it.

    setup = gazu.bulk.Setup(project)
    sequence = setup.sequence("SQ010")
    shot = setup.shot(sequence, "SH0010", nb_frames=120, data={"lens": 35})
    hero = setup.asset("Character", "Hero")
    setup.task(shot, "Animation", assignees=["jane@example.com"], estimation=960)
    setup.cast(shot, {hero: 1})
    print(setup.plan())
    setup.apply().raise_for_failed()

Nothing is written before `apply`. Each row is found by its names, or gets an id that follows from them, so that a table
that is applied again writes nothing, and one that was interrupted goes on where it ended, also in another process.
"""

from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ..client import KitsuClient
from ..client import default_client as default
from ..exception import NotAllowedException
from ..helpers import as_list, check_fps, check_whole, day_or_none, drop_none, id_of, require_name, require_row
from ..models import Date, Ref, Several, StrPath
from ..publication import Paths, check_file, check_paths
from .applying import Application, Report
from .planning import Item, Plan, make_plan
from .records import add_records
from .server import ServerState
from .table import TableRow, folded

__all__ = ["Item", "Plan", "Report", "Setup", "TableRow"]

#: Ways to create rows: by the import of administrators, or by a request for each.
WAYS = ("auto", "import", "posts")


class Setup:
    """A table of what a project should have; nothing is written before `apply`.

    Each method takes names or records, and returns a row that stands for the record: other methods, and other
    functions of gazu, take it. A row that exists, whoever made it, is found by its names, as by `new_shot` and the
    like; of it only fields that the table names are changed. A name that is said twice is one row.

    Administrators import rows, hundreds in a request. Managers have a request for each row, some at a time, and
    supervisors can create tasks and publish previews only. The result is that of a loop over `new_shot`, `new_task` and
    `update_shot_casting`, but for this (Zou 1.0.97):

    - Assignees become members of the team.
    - *notify*: Without it, imported rows send no events, so that pages that are open show them when they are loaded
      again, and nobody is notified of new tasks. With it, each row sends its event, but events of imported entities
      have the id as `Shot_id`, and `task:new` has none; assignees are notified. Who is assigned a task that exists is
      notified in any case.
    - The server's search does not find imported assets and shots before an administrator of the server builds its
      index again: `zou reset-search-index`.
    - Tasks have the caller as `assigner_id`, and those of concepts the default status of concepts.
    - Where somebody else makes an entity of the same name at the same time, one stays: the one that was made first.

    Args:
        project: the project, which exists.
    """

    def __init__(self, project: Ref, client: KitsuClient = default) -> None:
        self.client: KitsuClient = client
        self.project_id: str = id_of(project, "a project")
        self.server: ServerState = ServerState(self.project_id, client)
        #: The rows, in the order in which they were added.
        self.rows: List[TableRow] = []
        self._known: Dict[Tuple[str, ...], TableRow] = {}
        self._references: Dict[str, TableRow] = {}

    @classmethod
    def from_records(cls, project: Ref, rows: Any, client: KitsuClient = default) -> "Setup":
        """Return the set-up that a sheet describes.

        Names of columns are compared without case, and with blanks for underscores. A row describes one entity by the
        columns `episode`, `sequence` and `shot` or `scene`; `asset type` and `asset`; `edit`; or `concept`. `name`
        means `shot` or, with `asset type`, `asset`. Other columns are:

        - `description`, `nb frames` (or `frames`), `frame in`, `frame out`;
        - `task type` (or `tasks`: several, separated by commas), and for these tasks `assignees` (emails or names,
          separated by commas), `estimation` (minutes), `start date`, `due date`, `priority`, `difficulty`;
        - the name of a task type: a cell with people, a status or `x` asks for the task;
        - `casting`: names of assets, separated by commas: `Hero, Props/Tree:3`;
        - `preview` (paths, separated by commas), `status` and `comment`, for the task of `task type`;
        - all others are metadata.

        A row that cannot be understood is refused by the plan; the others are not affected.

        Args:
            rows: dicts, a csv.DictReader, or a DataFrame of pandas or polars. Empty cells are ignored.
        """
        setup = cls(project, client)
        add_records(setup, rows)
        return setup

    # -- entities --------------------------------------------------------------------
    def episode(
        self, name: str, description: Optional[str] = None, data: Optional[Mapping[str, Any]] = None
    ) -> TableRow:
        """Add an episode."""
        return self._entity("Episode", name, (), (name,), description=description, data=data)

    def sequence(
        self,
        name: str,
        episode: Optional[Ref] = None,
        description: Optional[str] = None,
        data: Optional[Mapping[str, Any]] = None,
    ) -> TableRow:
        """Add a sequence; *episode* is a row, a record or an id."""
        above = self._above("Episode", episode)
        return self._entity("Sequence", name, above, (*_names(above), name), description=description, data=data)

    def shot(
        self,
        sequence: Ref,
        name: str,
        nb_frames: Optional[int] = None,
        frame_in: Optional[int] = None,
        frame_out: Optional[int] = None,
        description: Optional[str] = None,
        data: Optional[Mapping[str, Any]] = None,
    ) -> TableRow:
        """Add a shot.

        Args:
            sequence: a row, a record or an id.
            nb_frames: the length in frames.
            frame_in: the first frame; stored in `data`, as is *frame_out*.
            data: metadata, by the names of columns or their keys; columns that the project lacks are added.
        """
        frames = drop_none(frame_in=frame_in, frame_out=frame_out)
        above = self._above("Sequence", sequence)
        more: Any = {"nb_frames": nb_frames, "description": description, "data": {**require_row(data or {}), **frames}}
        return self._entity("Shot", name, above, (*_names(above), name), **more)

    def scene(
        self,
        sequence: Ref,
        name: str,
        description: Optional[str] = None,
        data: Optional[Mapping[str, Any]] = None,
    ) -> TableRow:
        """Add a scene; *sequence* is a row, a record or an id."""
        above = self._above("Sequence", sequence)
        return self._entity("Scene", name, above, (*_names(above), name), description=description, data=data)

    def asset(
        self,
        asset_type: Ref,
        name: str,
        episode: Optional[Ref] = None,
        description: Optional[str] = None,
        is_shared: Optional[bool] = None,
        data: Optional[Mapping[str, Any]] = None,
    ) -> TableRow:
        """Add an asset.

        Args:
            asset_type: its name, or its record or id.
            episode: the episode that it is made for: a row, a record or an id; None for the main pack.
            is_shared: whether other projects may use it.
            data: metadata, as for `shot`.
        """
        above = self._above("Episode", episode)
        found, problem = self.server.asset_type(asset_type)
        names = (str(found.get("name", asset_type)), name)
        more: Any = {"description": description, "is_shared": is_shared, "data": data}
        return self._entity("Asset", name, above, names, str(found.get("id", "")), problem, **more)

    def edit(
        self,
        name: str,
        episode: Optional[Ref] = None,
        description: Optional[str] = None,
        data: Optional[Mapping[str, Any]] = None,
    ) -> TableRow:
        """Add an edit; *episode* is a row, a record or an id."""
        above = self._above("Episode", episode)
        return self._entity("Edit", name, above, (*_names(above), name), description=description, data=data)

    def concept(
        self,
        name: str,
        entities: Optional[Several] = None,
        description: Optional[str] = None,
        data: Optional[Mapping[str, Any]] = None,
    ) -> TableRow:
        """Add a concept; *entities* are those that it is a concept for: rows, records or ids."""
        above = tuple(one for entity in as_list(entities) for one in self._above("", entity))
        return self._entity("Concept", name, above, (name,), description=description, data=data)

    # -- what entities have ----------------------------------------------------------
    def task(
        self,
        entity: Ref,
        task_type: Ref,
        name: str = "main",
        assignees: Optional[Several] = None,
        estimation: Optional[float] = None,
        start_date: Optional[Date] = None,
        due_date: Optional[Date] = None,
        priority: Optional[int] = None,
        difficulty: Optional[int] = None,
        task_status: Optional[Ref] = None,
        data: Optional[Mapping[str, Any]] = None,
    ) -> TableRow:
        """Add a task.

        Args:
            entity: a row, a record or an id.
            task_type: its name, or its record or id.
            assignees: emails, full names, records or ids. Other assignees of a task that exists stay.
            estimation: minutes.
            difficulty: 1 to 5.
            task_status: the status of a new task, by default the default status; one that exists keeps its own.
        """
        above = self._above("", entity)[0]
        found, problem = self.server.task_type(task_type, above.kind)
        people, unknown = self.server.people_ids(assignees)
        status, missing = self.server.status_id(task_status)
        dates = {"start_date": day_or_none(start_date), "due_date": day_or_none(due_date)}
        type_name, type_id = str(found.get("name", task_type)), str(found.get("id", ""))
        identity = ("Task", *above.identity, type_id or type_name, require_name(name))
        amounts = drop_none(estimation=estimation, priority=priority, difficulty=difficulty, **dates)
        check_whole(amounts, "priority", "difficulty")
        row = self._row("Task", type_name, identity, (above,), type_id, problem or unknown or missing)
        row.set(drop_none(assignees=people, task_status_id=status, data=data and dict(data), **amounts))
        return row

    def cast(self, entity: Ref, casting: Mapping[Any, int], label: Optional[str] = None) -> List[TableRow]:
        """Cast assets in a shot, an episode or an asset; its other casting stays.

        Args:
            entity: a row, a record or an id.
            casting: how many times, by asset: a row or an id.
        """
        above = self._above("", entity)[0]
        rows = []
        for one, number in casting.items():
            asset = self._above("Asset", one)[0]
            amounts = check_whole(drop_none(nb_occurences=number, label=label), "nb_occurences")
            row = self._row("Casting", asset.name, ("Casting", *above.identity, *asset.identity), (above, asset))
            row.set(amounts)
            rows.append(row)
        return rows

    def preview(
        self, entity: Ref, task_type: Ref, task_status: Ref, comment: str = "", files: Optional[Paths] = None
    ) -> TableRow:
        """Add a comment with previews on a task, which becomes a row too.

        It is the same as a comment that exists if task, status and text are the same; of its files those are uploaded
        whose names no preview of it has.

        Args:
            task_status: its name or short name, or its record or id.
            files: the paths of pictures or movies.
        """
        task = self.task(entity, task_type)
        status, problem = self.server.status_id(task_status)
        paths: List[StrPath] = [check_file(path) for path in check_paths(files, "files")]
        identity = ("Preview", *task.identity, str(status), comment)
        row = self._row("Preview", comment or str(task_status), identity, (task,), "", problem)
        row.set({"task_status_id": status, "comment": comment, "files": paths})
        return row

    # -- the plan --------------------------------------------------------------------
    def plan(self) -> Plan:
        """Compare the table with the server, and return what `apply` would do; it prints as a table.

        Nothing is written.
        """
        return make_plan(self.server, self.rows)

    def apply(
        self, progress: Optional[Callable[[int, int], Any]] = None, notify: bool = False, way: str = "auto"
    ) -> Report:
        """Create and change what the plan says, and return what became of each row.

        A row that fails does not stop others; those that depend on it fail with it. When a response is lost, the server
        is asked what it has. Applied again, what is there is left alone.

        Args:
            progress: called with (rows done, rows in all).
            notify: whether events are sent for imported rows, and assignees are notified.
            way: `import` is for administrators; `posts` sends a request for each row; `auto` takes what is allowed.

        Raises:
            NotAllowedException: *way* is not allowed to this account; nothing was sent.
            NotAuthenticatedException: the session ended.
        """
        if way not in WAYS:
            raise ValueError(f"way: expected {', '.join(WAYS)}, got {way!r:.200}")
        plan = self.plan()
        if way == "import" and self.server.role != "admin":
            raise NotAllowedException(f"way='import' is for administrators, and this account is {self.server.role!r}")
        imports = self.server.role == "admin" and way != "posts"
        return Application(self.server, plan, imports, notify, progress).run()

    # -- rows ------------------------------------------------------------------------
    def refuse(self, kind: str, name: str, reason: str) -> TableRow:
        """Add a row that the plan refuses, such as a line of a sheet that makes no sense."""
        return self._row(kind, name, (kind, name, str(len(self.rows))), problem=reason)

    def _entity(
        self,
        kind: str,
        name: str,
        above: Tuple[TableRow, ...],
        names: Tuple[str, ...],
        type_id: str = "",
        problem: str = "",
        **fields: Any,
    ) -> TableRow:
        """Add a row of an entity."""
        name = require_name(name)
        type_id = type_id or ("" if kind == "Asset" else self.server.type_id_of(kind))
        check_fps(fields.get("data") or {})
        check_whole(fields, "nb_frames")
        row = self._row(kind, name, (kind, *names[:-1], name), above, type_id, problem)
        row.set(drop_none(**{**fields, "data": dict(fields.get("data") or {}) or None}))
        if kind == "Asset" and above:
            row.set({"source_id": above[0].id})
        if kind == "Concept" and above:
            row.set({"entity_concept_links": above})
        return row

    def _row(
        self,
        kind: str,
        name: str,
        identity: Tuple[str, ...],
        above: Tuple[TableRow, ...] = (),
        type_id: str = "",
        problem: str = "",
    ) -> TableRow:
        """Return the row of this identity; a new one is added."""
        within = () if kind in ("Asset", "Concept") else tuple(one.id for one in above)
        key = (kind, *within, type_id or identity[-2], folded(identity[-1]))
        row = self._known.get(key)
        if row is None:
            row = self._known[key] = TableRow(self.project_id, kind, name, identity, above, type_id, problem)
            found = self.server.find(row) if type_id else None
            row.id = found["id"] if found and "id" in found else row.id
            self.rows.append(row)
        row.problem = row.problem or problem
        return row

    def _above(self, kind: str, ref: Optional[Ref]) -> Tuple[TableRow, ...]:
        """Return the row of an entity, of *kind* if one is named, given as a row, a record or an id; none for None."""
        if ref is None:
            return ()
        row = ref if isinstance(ref, TableRow) and ref.project_id == self.project_id else self._reference(id_of(ref))
        if kind and row.kind != kind and not row.problem:
            row = TableRow(self.project_id, kind, row.name, row.identity, problem=f"{row.label} is not of type {kind}")
        return (row,)

    def _reference(self, entity_id: str) -> TableRow:
        """Return a row for an entity that the table takes as it is."""
        if entity_id not in self._references:
            record = self.server.entity(entity_id)
            problem = "" if record else f"there is no entity {entity_id}"
            identity = self.server.identity_of(record) if record else ("Entity", entity_id)
            row = TableRow(self.project_id, identity[0], identity[-1], identity, problem=problem)
            row.id, row.existing = entity_id, record
            self._references[entity_id] = row
        return self._references[entity_id]


def _names(above: Tuple[TableRow, ...]) -> Tuple[str, ...]:
    """Return the names of the row above."""
    return above[0].identity[1:] if above else ()


def __dir__() -> List[str]:
    return sorted(__all__)
