"""Create and change what a plan says, each row exactly once."""

import json
import time
from contextlib import suppress
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

from ..exception import GazuException, ServerErrorException, SetupFailedException, TransportException
from ..workers import Call, run_all
from .parts import Parts
from .planning import Item, Plan
from .sending import Importer, Outcome, Poster
from .server import HAVE_PARENTS, ServerState
from .table import ENTITIES, KINDS, LEVELS, TableRow

#: Requests at the same time: imports, single rows, and uploads.
IMPORT_WORKERS, POST_WORKERS, UPLOAD_WORKERS = 2, 8, 4


class Report:
    """What became of the rows of a table.

    Attributes:
        made: rows that were created.
        changed: rows that were changed.
        same: rows that were there already.
        failed: (row, error) of rows that the server or the plan refused, and of those that depend on them.
        unknown: (row, error) of rows whose response was lost, and that the server did not show afterwards: apply the
            table again after a while.
    """

    def __init__(self) -> None:
        self.made: List[TableRow] = []
        self.changed: List[TableRow] = []
        self.same: List[TableRow] = []
        self.failed: List[Tuple[TableRow, Exception]] = []
        self.unknown: List[Tuple[TableRow, Exception]] = []

    def __str__(self) -> str:
        """Return the numbers, and the first rows that failed."""
        lists = (("made", self.made), ("changed", self.changed), ("same", self.same), ("failed", self.failed))
        numbers = ", ".join(f"{len(rows)} {name}" for name, rows in (*lists, ("unknown", self.unknown)))
        lines = [f"  {row.kind.lower()} {row.label}: {error}" for row, error in (*self.failed, *self.unknown)[:20]]
        return "\n".join([numbers, *lines])

    __repr__ = __str__

    def raise_for_failed(self) -> None:
        """Raise if a row failed, or is unknown.

        Raises:
            SetupFailedException: it has this report as `report`.
        """
        if self.failed or self.unknown:
            error = SetupFailedException(str(self))
            error.report = self
            raise error


class Application:
    """One run of `Setup.apply`."""

    def __init__(
        self,
        server: ServerState,
        plan: Plan,
        imports: bool,
        notify: bool,
        progress: Optional[Callable[[int, int], Any]],
    ) -> None:
        self.server: ServerState = server
        self.plan, self.imports, self.notify, self.progress = plan, imports, notify, progress
        self.report = Report()
        #: Why rows that others depend on are not there.
        self.broken: Dict[TableRow, Exception] = {}
        #: The casting that is new or changed, by entity.
        self.casts: Dict[TableRow, List[TableRow]] = {}
        self.poster, self.importer = Poster(server, notify), Importer(server, notify, self.casts)
        #: What imports of one kind took says how many rows the next may have.
        self.import_parts = Parts(self.importer.size_of)
        self.done, self.total = 0, len(plan)

    def run(self) -> Report:
        """Do everything in its order, and return what became of it."""
        new, changed = by_kind(self.plan.new), by_kind(self.plan.changed)
        self._record([Outcome(item.row, "same") for item in self.plan.same])
        for item in self.plan.refused:
            self._record([Outcome(item.row, "failed", GazuException(f"{item.row.label}: {item.reason}"))])
        for item in (*new["Casting"], *changed["Casting"]):
            self.casts.setdefault(item.row.above[0], []).append(item.row)
        self._each(self.poster.add_column, [item.row for item in new["Column"]], 1)
        self._each(self.poster.add_member, [item.row for item in new["Member"]], 1)
        for kinds in LEVELS:
            self._make([item.row for kind in kinds for item in new[kind]])
            self._keep_single([item.row for kind in kinds for item in new[kind]])
            self._each(self.poster.change, [item for kind in kinds for item in changed[kind]], POST_WORKERS)
        if self.notify:
            self._assign([item.row for item in new["Task"]])
        self._cast()
        previews = [item.row for item in (*new["Preview"], *changed["Preview"])]
        self._each(self.poster.publish, previews, UPLOAD_WORKERS)
        return self.report

    # -- the steps -------------------------------------------------------------------
    def _make(self, rows: List[TableRow]) -> None:
        """Create entities, or tasks."""
        if self.imports:
            self._in_parts(self.importer.send, rows, self.import_parts, IMPORT_WORKERS)
            return
        plain = {row for row in rows if row.kind == "Task" and is_plain(row) and self.server.role != "supervisor"}
        named = [row for row in rows if row in plain]  # in their order
        self._in_parts(self.poster.create_plain_tasks, named, Parts(lambda row: len(row.id) + 4), IMPORT_WORKERS)
        self._each(self.poster.create, [row for row in rows if row not in plain], POST_WORKERS)

    def _keep_single(self, rows: List[TableRow]) -> None:
        """Have one entity of each name, also where somebody else was making the same.

        The database keeps names within a parent single, and no others.
        """
        free = [row for row in rows if row.kind in ENTITIES and not (row.kind in HAVE_PARENTS and row.above)]
        free = [row for row in free if row not in self.broken]
        if free and not self.server.outage:
            with suppress(TransportException, ServerErrorException):  # what follows says why
                self._record(self.poster.keep_single(free, self.imports), count=False)

    def _assign(self, rows: List[TableRow]) -> None:
        """Assign new tasks to their people, who are notified."""
        made = {row for row in rows if row not in self.broken}
        people: Dict[str, List[TableRow]] = {}
        for row in rows:
            for person_id in (row.fields.get("assignees") or ()) if row in made else ():
                people.setdefault(person_id, []).append(row)
        for person_id, theirs in people.items():
            parts = Parts(lambda row: len(row.id) + 4)
            for part in parts.cut(theirs):
                start = time.monotonic()
                self._record(self.poster.assign(person_id, part), count=False)
                parts.took(len(part), time.monotonic() - start)

    def _cast(self) -> None:
        """Cast: by import what is simple, else entity by entity, which makes the server count."""
        simple = [entity for entity in self.casts if self._is_simple(entity)]
        links = [row for entity in simple for row in self.casts[entity]]
        self._in_parts(self.importer.send, links, self.import_parts, IMPORT_WORKERS)
        others = [entity for entity in self.casts if entity not in set(simple)]
        self._put_castings(others)
        incomplete = [entity for entity in simple if any(row in self.broken for row in self.casts[entity])]
        if incomplete:
            self.server.lists.pop("links", None)
            self.casts = {entity: [] for entity in incomplete if entity not in self.broken}
            self._put_castings(list(self.casts))

    def _put_castings(self, entities: List[TableRow]) -> None:
        """Set the castings of entities, in parts."""
        for entity in entities:
            standing = [row for row in self.casts[entity] if not self._stands_on_broken(row)]
            self.casts[entity] = standing
        entities = [entity for entity in entities if entity not in self.broken and not self.server.outage]

        def send(part: List[TableRow]) -> List[Outcome]:
            return self.poster.cast({entity: self.casts[entity] for entity in part})

        self._in_parts(send, entities, Parts(self._casting_size), 1)

    def _casting_size(self, entity: TableRow) -> int:
        """Return the bytes of the casting of an entity, with that which it has already."""
        links = [*self.server.links.get(entity.id, {}).values(), *(row.fields for row in self.casts[entity])]
        return sum(120 + len(json.dumps(link.get("label") or "")) for link in links)

    def _is_simple(self, entity: TableRow) -> bool:
        """Return whether the links of an entity can be imported: nothing else follows from them on the server.

        The shots of an episode cast in the episode, and tasks count the assets that are ready for them.
        """
        assets = [self.server.entities.get(row.above[1].id) for row in self.casts[entity]]
        return (
            self.imports
            and not self.notify
            and entity.existing is None
            and not (entity.kind == "Shot" and entity.above[0].above)
            and all(row.above[1].existing is None or known for row, known in zip(self.casts[entity], assets))
            and not any(asset and (asset.get("ready_for") or asset.get("is_shared")) for asset in assets)
        )

    # -- sending -----------------------------------------------------------------------
    def _each(self, function: Callable[[Any], Outcome], items: List[Any], workers: int) -> None:
        """Call a function with each row or item, some at a time."""
        self._run(function, (item for item in items if not self._stands_on_broken(getattr(item, "row", item))), workers)

    def _in_parts(
        self, function: Callable[[List[TableRow]], List[Outcome]], rows: List[TableRow], parts: Parts, workers: int
    ) -> None:
        """Call a function with rows in parts that take the server about two seconds each."""

        def send(part: List[TableRow]) -> List[Outcome]:
            start = time.monotonic()
            outcomes = function(part)
            parts.took(len(part), time.monotonic() - start)
            return outcomes

        self._run(send, parts.cut(row for row in rows if not self._stands_on_broken(row)), workers)

    def _run(self, function: Callable[[Any], Any], items: Iterable[Any], workers: int) -> None:
        """Call a function with each of *items*, and record what became of the rows."""

        def done(number: int, result: Any, error: Optional[Exception]) -> None:
            if error is not None:
                raise error
            self._record([result] if isinstance(result, Outcome) else result)

        run_all((Call(function, (item,)) for item in items), workers, None, self.server.client, done)

    def _stands_on_broken(self, row: TableRow) -> bool:
        """Return whether a row cannot be sent, and record it as failed: what it depends on, or the server, is gone."""
        cause = next((above for above in row.above if above in self.broken), None)
        reason = f"the server does not respond: {self.server.outage}" if self.server.outage else ""
        reason = f"{cause.label} is not there: {self.broken[cause]}" if cause is not None else reason
        if reason and row not in self.broken:
            self._record([Outcome(row, "failed", GazuException(f"not sent: {reason}"))])
        return bool(reason)

    def _record(self, outcomes: Iterable[Outcome], count: bool = True) -> None:
        """Write into the report what became of rows; without *count*, what failed of those that were made."""
        outcomes = list(outcomes)
        if not count:
            failed = {outcome.row for outcome in outcomes}
            self.report.made = [row for row in self.report.made if row not in failed]
        for row, what, error in outcomes:
            if error is None:
                getattr(self.report, what).append(row)
            else:
                getattr(self.report, what).append((row, error))
                self.broken[row] = error
                if isinstance(error, TransportException) and not error.sent:
                    self.server.outage = error
            self.done += count
        if self.progress is not None and count:
            self.progress(self.done, self.total)


def is_plain(task: TableRow) -> bool:
    """Return whether a new task is one that the server makes without more input."""
    return not task.fields and task.identity[-1] == "main"


def by_kind(items: Iterable[Item]) -> Dict[str, List[Item]]:
    """Return the items of a plan by the kind of their rows."""
    found: Dict[str, List[Item]] = {kind: [] for kind in KINDS}
    for item in items:
        found[item.kind].append(item)
    return found
