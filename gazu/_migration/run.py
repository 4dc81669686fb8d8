"""What comes after what in a migration; each step is handed out in pieces: a page of a table, or some tasks."""

import json
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from .. import client as raw
from ..cache import forget
from ..client import KitsuClient
from ..exception import GazuException, NotAllowedException, NotAuthenticatedException
from ..models import SyncReport
from ..parallel import MAX_WORKERS, as_completed
from . import discussion, rows, studio
from .rows import IDS_AT_ONCE, ROWS_AT_ONCE, Job, Table
from .tables import FIRST, KINDS, LAST, TABLES
from .tally import Tally

if TYPE_CHECKING:
    from .._http.multipart import Progress

#: Tasks whose previews are one piece of work.
TASKS_AT_ONCE = 20


class Step(NamedTuple):
    """A part of the work that has to be done before the next: its pieces, and how much it is."""

    kind: str
    function: Callable[..., Tally]
    pieces: Iterator[Tuple[Any, ...]]
    size: int


def push(
    project: str,
    project_target: Optional[str],
    source: KitsuClient,
    target: KitsuClient,
    workers: int,
    executor: Optional[Executor],
    progress: Optional["Progress"],
    normalize_movies: bool,
) -> SyncReport:
    """Copy a production; see `sync.push_project`."""
    for client in (source, target):
        if raw.get_current_user(client=client)["role"] != "admin":
            raise NotAllowedException(client.host, "copying a production takes the rights of an administrator")
    here, there = studio.find_project(source, target, project, project_target)
    target_id = there["id"] if there else project
    tally = Tally()
    maps = {**studio.maps_of(source, target, tally), "project": {project: target_id}}
    job = Job(source, target, project, maps, normalize_movies)
    studio.copy_project(job, here, there, target_id, tally)
    entities = rows.page_of(target, Table("entities", "entities"), {"project_id": target_id}, 1, 1)
    job = job._replace(first=not entities["total"])
    if executor is None:
        with ThreadPoolExecutor(min(workers, MAX_WORKERS), "gazu") as own:
            _run(job, tally, min(workers, MAX_WORKERS), own, progress)
    else:
        try:
            _run(job, tally, workers, executor, progress)
        finally:
            forget(target)  # other processes wrote
    return {"project_id": target_id, "counts": tally.counts, "failed": tally.failed}


def _run(job: Job, tally: Tally, workers: int, executor: Executor, progress: Optional["Progress"]) -> None:
    steps = [*_steps(job)]
    done, total = 0, sum(step.size for step in steps)
    for step in steps:
        for _, piece, error, future in as_completed(step.function, step.pieces, workers, executor):
            if error is None:
                tally.add(future.result())
            else:
                _note(tally, step, piece, error)
            done += _size(piece, step)
            if progress is not None:
                progress(min(done, total), total)


def _note(tally: Tally, step: Step, piece: Sequence[Any], error: Exception) -> None:
    """Note what the servers, or the disk, had against a piece; whatever else it is ends the migration."""
    if isinstance(error, NotAuthenticatedException) or not isinstance(error, (GazuException, OSError)):
        raise error
    what = piece[-1]
    for id in what if isinstance(what, list) else [f"page {what}"]:
        tally.fail(step.kind, id, error)


def _size(piece: Sequence[Any], step: Step) -> int:
    """Return how many rows, or tasks, a piece is."""
    what = piece[-1]
    return len(what) if isinstance(what, list) else min(ROWS_AT_ONCE, max(0, step.size - (what - 1) * ROWS_AT_ONCE))


# -- the steps -------------------------------------------------------------------
def _steps(job: Job) -> Iterator[Step]:
    types = _types(job)
    for table in FIRST:
        yield from (_pages(job, table.kind, filters) for filters in _filters(job, types.get(table.kind)))
    tasks, _ = _sized(job, TABLES["tasks"], {"project_id": job.project})
    yield Step("preview_files", discussion.copy_previews, ((job, ids) for ids in _task_ids(job)), tasks)
    size, pages = _sized(job, discussion.COMMENTS, {"project_id": job.project})
    yield Step("comments", discussion.copy_comments, ((job, page) for page in pages), size)
    for table in LAST:
        yield _pages(job, table.kind, {"project_id": job.project})


def _types(job: Job) -> Dict[str, List[str]]:
    """Return the types of entities at the source, by the kind that they are of."""
    types: Dict[str, List[str]] = {kind: [] for kind in (*KINDS.values(), "assets")}
    for row in raw.fetch_all("entity-types", client=job.source):
        types[KINDS.get(row["name"], "assets")].append(row["id"])
    return types


def _filters(job: Job, types: Optional[List[str]]) -> Iterator[Dict[str, str]]:
    """Yield what to ask the source for to get the rows of a table: of so many types of entities in one request."""
    if types is None:
        yield {"project_id": job.project}
        return
    for start in range(0, len(types), IDS_AT_ONCE):
        yield {"project_id": job.project, "entity_type_id": json.dumps(types[start : start + IDS_AT_ONCE])}


def _pages(job: Job, kind: str, filters: Mapping[str, str]) -> Step:
    size, pages = _sized(job, TABLES[kind], filters)
    return Step(kind, copy_page, ((job, kind, filters, page) for page in pages), size)


def _sized(job: Job, table: Table, filters: Mapping[str, str]) -> Tuple[int, range]:
    """Return how many rows a table of the source has, and the numbers of its pages."""
    size = rows.page_of(job.source, table, filters, 1, 1)["total"]
    return size, range(1, (size + ROWS_AT_ONCE - 1) // ROWS_AT_ONCE + 1)


def copy_page(job: Job, kind: str, filters: Mapping[str, str], page: int) -> Tally:
    """Copy a page of a table: a piece of work."""
    tally = Tally()
    rows.copy(job, TABLES[kind], rows.page_of(job.source, TABLES[kind], filters, page)["data"], tally)
    return tally


def _task_ids(job: Job) -> Iterator[List[str]]:
    """Yield the ids of the tasks of the production, some at a time."""
    filters = {"project_id": job.project, "fields": "id"}
    tasks = TABLES["tasks"]._replace(relations=False)
    for page in rows.pages_of(job.source, tasks, filters):
        ids = [row["id"] for row in page]
        for start in range(0, len(ids), TASKS_AT_ONCE):
            yield ids[start : start + TASKS_AT_ONCE]
