"""Copy a whole production, step by step; each step is divided into pieces of work, one page of a table each."""

import json
from concurrent.futures import Executor
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from .. import client as raw
from ..client import KitsuClient
from ..exception import GazuException, NotAllowedException
from ..helpers import server_version
from ..lists import IDS_PER_REQUEST
from ..models import Outcome
from ..parallel import call_many
from .comments import copy_comments
from .previews import TASKS_PER_PIECE, copy_previews
from .rows import ROWS_PER_REQUEST, copy_rows, fetch_page
from .studio import copy_project, find_projects, match_shared
from .tables import COMMENTS, FIRST, KINDS, LAST, SECOND_PASS, TASKS, MigrationContext, Report, TableSpec


class Step(NamedTuple):
    """Work that has to be finished before the next step: a function that is called for each page of a table."""

    kind: str
    function: Callable[..., None]
    #: Arguments between the context and the number of the page.
    arguments: Tuple[Any, ...]
    #: Rows in all.
    size: int
    page_size: int = ROWS_PER_REQUEST


def copy_shared(
    source: KitsuClient,
    target: KitsuClient,
    project_id: str,
    target_id: Optional[str],
    normalize_movies: bool,
    dry_run: bool,
) -> MigrationContext:
    """Check the rights, copy the production and what it shares with others, and return what the steps need."""
    for client in (source, target):
        if raw.get_current_user(client=client)["role"] != "admin":
            raise NotAllowedException(client.host, "copying a production takes the rights of an administrator")
    project, existing = find_projects(source, target, project_id, target_id)
    target_id = existing["id"] if existing else project_id
    id_maps = {"project": {project_id: target_id}}
    version = server_version(target) or raw.get_api_version(client=target)
    context = MigrationContext(
        source, target, project_id, id_maps, Report(), normalize_movies, target_version=version, dry_run=dry_run
    )
    match_shared(context)
    copy_project(context, project, existing, target_id)
    entities = count_rows(target, TableSpec("entities", "entities"), {"project_id": target_id})
    return context._replace(target_is_empty=not entities)


# -- the steps -------------------------------------------------------------------
def plan(context: MigrationContext) -> Iterator[Step]:
    """Yield the steps in their order."""
    project = {"project_id": context.project_id}
    types = _entity_types_by_kind(context)
    for table in FIRST:
        for filters in _filters_by_type(project, types[table.kind]) if table.kind in types else [project]:
            yield _copy_table(context, table, filters)
    yield Step("preview_files", copy_previews, (), count_rows(context.source, TASKS, project), TASKS_PER_PIECE)
    yield Step("comments", copy_comments, (), count_rows(context.source, COMMENTS, project))
    for table in LAST:
        if context.dry_run and table.kind in SECOND_PASS:
            for rows, later in _later_fields(table, project, types):
                yield _copy_table(context, table._replace(later=later), rows)
        else:
            yield _copy_table(context, table, project)


def _later_fields(
    table: TableSpec, project: Mapping[str, str], types: Dict[str, List[str]]
) -> Iterator[Tuple[Mapping[str, str], Sequence[str]]]:
    """Yield filters for the rows of a second pass, and the fields that the first one leaves to it."""
    if table.kind == "last_previews":
        yield project, ()
        return
    for kind, ids in types.items():
        first = next(one for one in FIRST if one.kind == kind)
        for filters in _filters_by_type(project, ids):
            yield filters, [name for name in first.left_out if name not in table.left_out]


def _copy_table(context: MigrationContext, table: TableSpec, filters: Mapping[str, str]) -> Step:
    return Step(table.kind, copy_page, (table, filters), count_rows(context.source, table, filters))


def copy_page(context: MigrationContext, table: TableSpec, filters: Mapping[str, str], page: int) -> None:
    """Copy a page of a table."""
    copy_rows(context, table, fetch_page(context.source, table, filters, page)["data"])


def count_rows(client: KitsuClient, table: TableSpec, filters: Mapping[str, str]) -> int:
    """Return how many rows a table has."""
    return int(fetch_page(client, table, filters, 1, 1)["total"])


def _entity_types_by_kind(context: MigrationContext) -> Dict[str, List[str]]:
    """Return the ids of the entity types of the source, by the kind of entity."""
    types: Dict[str, List[str]] = {kind: [] for kind in (*KINDS.values(), "assets")}
    for row in raw.fetch_all("entity-types", client=context.source):
        types[KINDS.get(row["name"], "assets")].append(row["id"])
    return types


def _filters_by_type(project: Mapping[str, str], types: List[str]) -> Iterator[Dict[str, str]]:
    """Yield the filters that list the entities of some types, with so many types per request."""
    for start in range(0, len(types), IDS_PER_REQUEST):
        yield {**project, "entity_type_id": json.dumps(types[start : start + IDS_PER_REQUEST])}


# -- running them ----------------------------------------------------------------
def run_steps(
    context: MigrationContext,
    workers: int,
    executor: Optional[Executor],
    progress: Optional[Callable[[int, int], Any]],
) -> Report:
    """Run the steps one after the other, the pieces of each several at a time, and return the report of everything."""
    steps = list(plan(context))
    done, total = 0, sum(step.size for step in steps)

    def collect(outcome: Outcome) -> None:
        nonlocal done
        step, _, page = outcome.item
        _add(context.report, step, outcome)
        done += min(step.page_size, step.size - (page - 1) * step.page_size)
        if progress is not None:
            progress(done, total)

    to_workers = context._replace(report=Report())
    for step in steps:
        pages = range(1, (step.size + step.page_size - 1) // step.page_size + 1)
        pieces = [(step, to_workers, page) for page in pages]
        call_many(run_piece, pieces, workers, executor, collect, client=context.target)
    if context.report.missing_people:
        context.report.count("persons", created=len(context.report.missing_people))
    return context.report


def run_piece(step: Step, context: MigrationContext, page: int) -> Report:
    """Run a piece of work, in a worker, and return its report."""
    report = Report()
    step.function(context._replace(report=report), *step.arguments, page)
    return report


def _add(report: Report, step: Step, outcome: Outcome) -> None:
    """Add the report of a piece, or record why it failed; an error that is not the server's or the disk's is raised."""
    if isinstance(outcome.error, (GazuException, OSError)):
        report.record_failure(step.kind, f"page {outcome.item[-1]}", outcome.error)
    elif outcome.error is not None:
        raise outcome.error
    else:
        report.add(outcome.result)
