"""Copy productions from one server to another: what the target has already is completed, never duplicated.

Entities, their links and tasks keep their ids; people, types and statuses are those of the same name.
"""

import datetime
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple, Union

from .. import asset as assets
from .. import casting as castings
from .. import client as raw
from .. import person as persons
from .. import project as projects
from .. import shot as shots
from .. import task as tasks
from ..client import KitsuClient
from ..client import default_client as default
from ..deprecation import find_imported, list_functions, older_calls
from ..exception import GazuException, RouteNotFoundException, SyncFailedException
from ..helpers import date_or_none, drop_none, id_of, id_or_none
from ..models import (
    Asset,
    Comment,
    Entity,
    EntityLink,
    Episode,
    Event,
    PushedEntities,
    Ref,
    Shot,
    ShotSequence,
    StrPath,
    SyncReport,
    Task,
)
from .copier import CommentCopier, date_of
from .event_log import read_last_events
from .people import match_by_name, match_rows
from .rows import ROWS_PER_REQUEST, existing_ids, fetch_by_ids, is_stand_in, parents_first, translate
from .tables import MigrationContext, Report, TableSpec

if TYPE_CHECKING:
    from concurrent.futures import Executor

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)

IdMap = Dict[str, str]
Rows = Iterable[Mapping[str, Any]]
Progress = Callable[[int, int], Any]

logger: logging.Logger = logging.getLogger("gazu")


# -- events --------------------------------------------------------------------
@older_calls("0.9", renamed={"page_size": "limit"})
def get_last_events(
    limit: int = 20000,
    project: Optional[Ref] = None,
    after: Optional[Union[str, datetime.date]] = None,
    before: Optional[Union[str, datetime.date]] = None,
    only_files: bool = False,
    name: Optional[str] = None,
    client: KitsuClient = default,
) -> List[Event]:
    """List the last events, the newest first, with one request per thousand: `GET data/events/last`.

    Args:
        limit: maximum number of events.
        after: date in UTC, `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS`, like *before*.
        only_files: only uploads of previews and avatars.
        name: only events of this name: `asset:new`, `task:update`, ...

    Example:
        >>> events = gazu.sync.get_last_events(project=project, name="shot:new")
        >>> [event["data"]["shot_id"] == shot["id"] for event in events]  # the newest first: SH020, SH010
        [False, True]
    """
    dates = {"after": date_or_none(after), "before": date_or_none(before)}
    kind = "true" if only_files else False  # True would be sent as `True`, which the server does not read
    filters = drop_none(only_files=kind, project_id=id_or_none(project), name=name, **dates)
    return read_last_events(int(limit), filters, client)


def all_event_names(client: KitsuClient = default) -> List[str]:
    """List the names of the events that the server has in its log (managers): `GET data/events/names`."""
    names: List[str] = raw.get("data/events/names", client=client)
    return names


# -- imports -------------------------------------------------------------------
def import_entities(entities: Rows, client: KitsuClient = default) -> List[Entity]:
    """Import assets, shots, ... with their ids, and return them: `POST import/kitsu/entities`.

    Existing entities are updated. They lose their casting, unless the row has `entities_out`, which may be None.

    Args:
        entities: rows of another server, each after those that it refers to.

    Raises:
        ParameterException: a row refers to what the server does not have; those before it are imported.
        NotAllowedException: the account is not an administrator; Zou itself answers that with an empty list.
    """
    return _import("entities", entities, client)


def import_tasks(tasks: Rows, client: KitsuClient = default) -> List[Task]:
    """Import tasks with their ids, and return them; see `import_entities`: `POST import/kitsu/tasks`.

    Args:
        tasks: rows of another server, as `task.all_tasks_for_project` returns them.
    """
    return _import("tasks", tasks, client)


def import_entity_links(links: Rows, client: KitsuClient = default) -> List[EntityLink]:
    """Import casting links with their ids, and return them; see `import_entities`: `POST import/kitsu/entity-links`.

    Args:
        links: rows of another server, as `casting.all_entity_links_for_project` returns them.
    """
    return _import("entity-links", links, client)


def _import(model_name: str, rows: Rows, client: KitsuClient) -> Any:
    listed = [rows] if isinstance(rows, Mapping) else list(rows)
    imported: List[Any] = []
    for start in range(0, len(listed), ROWS_PER_REQUEST):
        try:
            imported += raw.import_data(model_name, listed[start : start + ROWS_PER_REQUEST], client=client)
        except GazuException as error:
            error.imported = imported + (error.imported or [])
            raise
    return imported


# -- comparing -----------------------------------------------------------------
def get_model_list_diff(source_list: Rows, target_list: Rows, id_field: str = "id") -> Tuple[List[Any], List[Any]]:
    """Return the rows that the target lacks, and those that only the target has.

    Args:
        source_list: rows of the source.
        target_list: rows of the target.
        id_field: the field that identifies a row.

    Returns:
        Two lists of rows: (missing, superfluous).
    """
    return _difference(source_list, target_list, lambda row: row[id_field])


def get_link_list_diff(source_list: Rows, target_list: Rows) -> Tuple[List[Any], List[Any]]:
    """Return the casting links that the target lacks, and those that only the target has; their ids are ignored.

    Args:
        source_list: links of the source.
        target_list: links of the target.

    Returns:
        Two lists of links: (missing, superfluous).
    """
    return _difference(source_list, target_list, lambda row: (row["entity_in_id"], row["entity_out_id"]))


def _difference(source: Rows, target: Rows, key: Callable[[Any], Any]) -> Tuple[List[Any], List[Any]]:
    """Return the rows whose key the other list does not have."""
    sources, targets = list(source), list(target)
    of_source, of_target = {key(row) for row in sources}, {key(row) for row in targets}
    return [r for r in sources if key(r) not in of_target], [r for r in targets if key(r) not in of_source]


def is_changed(source_model: Mapping[str, Any], target_model: Mapping[str, Any]) -> bool:
    """Return whether *source_model* was updated later than *target_model*: by their `updated_at`."""
    return bool(source_model["updated_at"] > target_model["updated_at"])


# -- id maps -------------------------------------------------------------------
def convert_id_list(ids: Iterable[str], model_map: Mapping[str, str]) -> List[str]:
    """Return the ids at the target for *ids* of the source.

    Raises:
        KeyError: *model_map* does not have one of them.
    """
    return [model_map[id] for id in ids]


def get_id_map_by_id(source_list: Rows, target_list: Rows, field: str = "name") -> IdMap:
    """Return the target's ids by the source's ids, for rows with the same name.

    Case is ignored, unless two names of the target differ in case only.

    Args:
        source_list: rows of the source.
        target_list: rows of the target.
        field: the field to compare, instead of the name.
    """
    return {row["id"]: target_id for row, target_id in match_rows(source_list, target_list, field)}


def get_id_map_by_name(source_list: Rows, target_list: Rows) -> IdMap:
    """Return the target's ids by the source's names; for the comparison see `get_id_map_by_id`.

    Args:
        source_list: rows of the source.
        target_list: rows of the target.
    """
    return {row["name"]: target_id for row, target_id in match_rows(source_list, target_list, "name")}


def _id_map(fetch: Callable[..., Any], source: KitsuClient, target: KitsuClient, field: str = "name") -> IdMap:
    return get_id_map_by_id(fetch(client=source), fetch(client=target), field)


def get_sync_asset_type_id_map(source_client: KitsuClient, target_client: KitsuClient) -> IdMap:
    """Return the ids of the asset types of the target by those of the source: `GET data/asset-types` of both."""
    return _id_map(assets.all_asset_types, source_client, target_client)


def get_sync_department_id_map(source_client: KitsuClient, target_client: KitsuClient) -> IdMap:
    """Return the ids of the departments of the target by those of the source: `GET data/departments` of both."""
    return _id_map(persons.all_departments, source_client, target_client)


def get_sync_person_id_map(source_client: KitsuClient, target_client: KitsuClient) -> IdMap:
    """Return the ids of the people of the target by those of the source, by email: `GET data/persons` of both."""
    return _id_map(persons.all_persons, source_client, target_client, field="email")


def get_sync_project_id_map(source_client: KitsuClient, target_client: KitsuClient) -> IdMap:
    """Return the ids of the projects of the target by those of the source: `GET data/projects` of both."""
    return _id_map(projects.all_projects, source_client, target_client)


def get_sync_task_status_id_map(source_client: KitsuClient, target_client: KitsuClient) -> IdMap:
    """Return the ids of the task statuses of the target by those of the source: `GET data/task-status` of both."""
    return _id_map(tasks.all_task_statuses, source_client, target_client)


def get_sync_task_type_id_map(source_client: KitsuClient, target_client: KitsuClient) -> IdMap:
    """Return the ids of the task types of the target by those of the source: `GET data/task-types` of both.

    They have the same name and are for the same kind of entity: of those of another kind, none is taken.
    """
    source: List[Any] = list(tasks.all_task_types(client=source_client))
    return match_by_name(source, list(tasks.all_task_types(client=target_client)))


# -- pushing a whole production ------------------------------------------------
def push_project(
    project: Ref,
    *,
    source: KitsuClient,
    target: KitsuClient,
    target_project: Optional[Ref] = None,
    dry_run: bool = False,
    workers: int = 8,
    progress_callback: Optional[Progress] = None,
    executor: Optional["Executor"] = None,
    normalize_movies: bool = False,
) -> SyncReport:
    """Copy a whole production to another server, or what is missing there; both clients must be administrators.

    Rows keep their ids, dates and authors, so the same call resumes after an interruption, and duplicates nothing.
    A row that cannot be copied does not stop the others: it is in the report. For how it works, and what is not
    copied, see the guide "Copy a production to another server".

    `POST import/kitsu/projects` and other import routes, `POST pictures/preview-files/<preview_file_id>`,
    `POST actions/tasks/<task_id>/comments/<comment_id>/add-attachment`

    Args:
        project: the production at the source.
        source: the client of the server to copy from.
        target: the client of the server to copy to.
        target_project: the production to copy into; by default the one with the same id or name, or a new one.
        dry_run: read both servers and write nothing: the report says what would be created, updated, skipped, left
            out, and fail for want of what it refers to. What the target would refuse only shows when it is sent.
        workers: pieces of work that run at the same time; 64 threads at most.
        progress_callback: called in this thread with (rows done, rows in all) after each piece.
        executor: where the pieces run instead of own threads, for example a `ProcessPoolExecutor`.
        normalize_movies: have the target encode movies again; by default it keeps them as they are.

    Returns:
        `counts` of rows created, updated and skipped, by kind; `failed` rows, with the reason; and in `left_out` the
        fields that the target is too old for. Zou 1.0.0 and older take neither comments nor previews.

    Raises:
        NotAllowedException: one of the clients is not an administrator; nothing is sent.
        ProjectDoesntExistException: there is no such production.

    Example:
        >>> source = gazu.client.default_client
        >>> report = gazu.sync.push_project(project, source=source, target=other, dry_run=True)
        >>> report["failed"]
        []
    """
    from .production import copy_shared, run_steps

    if workers < 1:
        raise ValueError(f"workers: at least one is needed, not {workers}")
    context = copy_shared(source, target, id_of(project), id_or_none(target_project), normalize_movies, dry_run)
    report = run_steps(context, workers, executor, progress_callback)
    target_id = context.id_maps["project"][context.project_id]
    left_out = {kind: sorted(fields) for kind, fields in report.left_out.items()}
    return {"project_id": target_id, "counts": report.counts, "failed": report.failed, "left_out": left_out}


# -- pushing entities ----------------------------------------------------------
def push_assets(
    project_source: Ref, project_target: Ref, client_source: KitsuClient, client_target: KitsuClient
) -> List[Asset]:
    """Copy the assets of a project, with their ids, and return them; push the episodes of a TV show before.

    Assets of a type that the target does not have are left out.

    `GET data/projects/<project_id>/assets`, `POST import/kitsu/entities`
    """
    ids = id_of(project_source), id_of(project_target)
    types = get_sync_asset_type_id_map(client_source, client_target)
    id_maps = {"asset_types": types, "task_types": get_sync_task_type_id_map(client_source, client_target)}
    listed: List[Any] = list(assets.all_assets_for_project(project_source, client=client_source))
    rows = [row for row in listed if row["entity_type_id"] in types]
    _log_left_out("assets", len(listed) - len(rows))
    left_out = {row["id"] for row in listed} - {row["id"] for row in rows}
    rows = [{**row, "parent_id": None} if row.get("parent_id") in left_out else row for row in rows]
    return _push_entities(rows, ids[1], client_source, client_target, id_maps)


def push_episodes(
    project_source: Ref, project_target: Ref, client_source: KitsuClient, client_target: KitsuClient
) -> List[Episode]:
    """Copy the episodes of a project, with their ids, and return them.

    `GET data/projects/<project_id>/episodes`, `POST import/kitsu/entities`
    """
    target_id = id_of(project_target)
    rows = shots.all_episodes_for_project(project_source, client=client_source)
    return _push_entities(rows, target_id, client_source, client_target)


def push_sequences(
    project_source: Ref, project_target: Ref, client_source: KitsuClient, client_target: KitsuClient
) -> List[ShotSequence]:
    """Copy the sequences of a project, with their ids, and return them; push the episodes of a TV show before.

    `GET data/projects/<project_id>/sequences`, `POST import/kitsu/entities`
    """
    target_id = id_of(project_target)
    rows = shots.all_sequences_for_project(project_source, client=client_source)
    return _push_entities(rows, target_id, client_source, client_target)


def push_shots(
    project_source: Ref, project_target: Ref, client_source: KitsuClient, client_target: KitsuClient
) -> List[Shot]:
    """Copy the shots of a project, with their ids, and return them; push its sequences before.

    `GET data/projects/<project_id>/shots`, `POST import/kitsu/entities`
    """
    target_id = id_of(project_target)
    rows: List[Any] = list(shots.all_shots_for_project(project_source, client=client_source))
    # Scenes are not copied: a shot that was made from one loses the reference to it.
    scenes = existing_ids(client_target, "entities", (row.get("source_id") for row in rows))
    rows = [row if row.get("source_id") in (None, *scenes) else {**row, "source_id": None} for row in rows]
    return _push_entities(rows, target_id, client_source, client_target)


def push_entity_links(
    project_source: Ref, project_target: Ref, client_source: KitsuClient, client_target: KitsuClient
) -> List[EntityLink]:
    """Copy the casting of a project, with the ids of its links, and return the links; push its entities before.

    Links of entities that the target does not have are left out.

    `GET data/projects/<project_id>/entity-links`, `POST import/kitsu/entity-links`
    """
    id_of(project_target)  # checked only: links refer to entities, not to projects
    links = castings.all_entity_links_for_project(project_source, client=client_source)
    ends = [{link[end] for end in ("entity_in_id", "entity_out_id") if end in link} for link in links]
    existing = existing_ids(client_target, "entities", set().union(*ends))
    rows = [link for link, both in zip(links, ends) if both <= existing]
    _log_left_out("entity links", len(links) - len(rows))
    return import_entity_links(rows, client=client_target)


def push_project_entities(
    project_source: Ref, project_target: Ref, client_source: KitsuClient, client_target: KitsuClient
) -> PushedEntities:
    """Copy the episodes, assets, sequences and shots of a project, and their casting, and return them.

    The routes are those of `push_assets` and the others.
    """
    arguments = (project_source, project_target, client_source, client_target)
    return {
        "episodes": push_episodes(*arguments),  # assets and sequences refer to them
        "assets": push_assets(*arguments),
        "sequences": push_sequences(*arguments),
        "shots": push_shots(*arguments),
        "entity_links": push_entity_links(*arguments),
    }


#: Like the tables of `push_project`, but with all fields, and only with people that the target has.
_ENTITIES = TableSpec(
    "entities",
    "entities",
    {"entity_type_id": "asset_types", "ready_for": "task_types", "created_by": "people"},
)
_TASKS = TableSpec(
    "tasks",
    "tasks",
    {"task_type_id": "task_types", "assigner_id": "people"},
    {"assignees": "people"},
    left_out=("task_status_id", "retake_count", "last_preview_file_id"),  # comments and previews set these
)


def _context(source: KitsuClient, target: KitsuClient, **id_maps: Mapping[str, str]) -> MigrationContext:
    """Return a context in which references to what the target does not have are left out."""
    return MigrationContext(source, target, "", id_maps, Report(), skip_unknown=True)


def _push_entities(
    rows: Rows, project_id: str, source: KitsuClient, target: KitsuClient, id_maps: Mapping[str, IdMap] = {}
) -> Any:
    """Import entities into a project, each after those that it refers to."""
    listed, maps = list(rows), {**id_maps}
    if any(row.get("created_by") for row in listed):
        maps["people"] = get_sync_person_id_map(source, target)
    context = _context(source, target, **maps)
    ready = [{**translate(context, _ENTITIES, row), "project_id": project_id} for row in parents_first(listed)]
    for row in ready:
        if row.get("nb_entities_out") is not None:
            row["entities_out"] = None  # otherwise the server deletes the casting
    return import_entities(ready, client=target)


def _log_left_out(what: str, number: int) -> None:
    if number:
        logger.warning("%d %s are left out: the target does not have what they refer to", number, what)


# -- pushing tasks -------------------------------------------------------------
def push_tasks(
    project_source: Ref,
    project_target: Ref,
    default_status: Ref,
    client_source: KitsuClient,
    client_target: KitsuClient,
) -> List[Task]:
    """Copy the tasks of a project, with their ids, and return them; push its entities before.

    Tasks of a type or of an entity that the target does not have are left out, and so are
    people that it does not have. The server counts retakes as comments are pushed.

    `GET data/projects/<project_id>/tasks`, `POST import/kitsu/tasks`

    Args:
        default_status: the status of tasks that are new at the target; the others keep theirs.
    """
    project_id, status_id, _ = id_of(project_target), id_of(default_status), id_of(project_source)
    types = get_sync_task_type_id_map(client_source, client_target)
    maps = {"task_types": types, "people": get_sync_person_id_map(client_source, client_target)}
    listed: List[Any] = list(tasks.all_tasks_for_project(project_source, client=client_source))
    entities = {None, *existing_ids(client_target, "entities", (row.get("entity_id") for row in listed))}
    rows = [row for row in listed if row["task_type_id"] in types and row.get("entity_id") in entities]
    _log_left_out("tasks", len(listed) - len(rows))
    existing = (
        set() if is_stand_in(client_target) else existing_ids(client_target, "tasks", (row["id"] for row in rows))
    )
    context = _context(client_source, client_target, **maps)
    ready = [{**translate(context, _TASKS, row), "project_id": project_id} for row in rows]
    for row in ready:
        if row["id"] not in existing:
            row["task_status_id"] = status_id
    return import_tasks(ready, client=client_target)


def push_tasks_comments(
    project_source: Ref,
    client_source: KitsuClient,
    client_target: KitsuClient,
    workers: int = 8,
    progress_callback: Optional[Progress] = None,
    executor: Optional["Executor"] = None,
) -> List[Task]:
    """Copy the comments of all tasks of a project that the target has, and return the tasks.

    A task whose comments cannot be copied does not stop the others. Within a task, a comment that fails ends the
    copy: the last comment sets the status. At the end all tasks have `real_start_date`, `end_date` and `done_date`
    of the source, which the server would set to the time of the copy.

    See `push_task_comments`; `GET data/projects/<project_id>/tasks`

    Args:
        workers: tasks that are copied at the same time; 64 threads at most.
        progress_callback: called in this thread with (tasks finished, tasks in all) after each task.
        executor: where tasks are copied instead of in own threads, for example a `ProcessPoolExecutor`.

    Raises:
        SyncFailedException: the comments of some tasks are not copied; the same call again resumes with them.
    """
    from ..parallel import call_many

    id_of(project_source)  # refused before anything is asked
    statuses = get_sync_task_status_id_map(client_source, client_target)
    people = get_sync_person_id_map(client_source, client_target)
    listed: List[Task] = tasks.all_tasks_for_project(project_source, client=client_source)
    existing = existing_ids(client_target, "tasks", (task["id"] for task in listed))
    rows = [task for task in listed if task["id"] in existing]
    _log_left_out("tasks", len(listed) - len(rows))
    calls = [(statuses, people, task, client_source, client_target) for task in rows]
    outcomes = call_many(push_task_comments, calls, workers, executor, None, progress_callback, client_target)
    failed = {outcome.item[2]["id"]: outcome.error for outcome in outcomes if outcome.error}
    # Again for all of them: an earlier run may have been interrupted before it did.
    _restore_dates([task["id"] for task in rows], client_source, client_target)
    if failed:
        reasons = "; ".join(f"{task_id}: {error}" for task_id, error in failed.items())
        error = SyncFailedException(f"the comments of {len(failed)} of {len(rows)} tasks are not copied: {reasons}")
        error.failed = failed
        raise error
    return rows


# -- pushing comments ----------------------------------------------------------
def push_task_comments(
    task_status_map: Mapping[str, str],
    person_map: Mapping[str, str],
    task: Ref,
    client_source: KitsuClient,
    client_target: KitsuClient,
) -> List[Comment]:
    """Copy the comments of a task, the oldest first, and return those of the source that the target lacked.

    The server sets `real_start_date`, `end_date` and `done_date` of the task to the time of the copy; if comments were
    copied, they get the values of the source again.

    See `push_task_comment`; `GET data/tasks/<task_id>/comments` and `GET data/tasks?id=<task_id>` of both,
    `PUT data/tasks/<task_id>`

    Args:
        task_status_map: ids of task statuses at the target by ids at the source.
        person_map: ids of people at the target by ids at the source.
    """
    maps = {"task_status": task_status_map, "people": person_map, "departments": {}}
    copier = CommentCopier(task, _context(client_source, client_target, **maps))
    listed = tasks.all_comments_for_task(task, client=client_source)
    rows = [row for row in reversed(listed) if row.get("task_status_id") in task_status_map]
    rows.sort(key=date_of)
    _log_left_out("comments", len(listed) - len(rows))
    rest = rows and not is_stand_in(client_target)
    existing = tasks.all_comments_for_task(task, client=client_target) if rest else []
    copied = [row for row in rows if copier.copy(row, existing)]
    _restore_dates([id_of(task)] if copied else [], client_source, client_target)
    return copied


def _restore_dates(task_ids: Iterable[str], source: KitsuClient, target: KitsuClient) -> None:
    """Give tasks of the target the dates of the source: the server dates a change of status when a comment is sent."""
    if is_stand_in(target):
        return
    names = ("real_start_date", "end_date", "done_date")
    both = [fetch_by_ids(client, _TASKS, task_ids, fields=",".join(("id", *names))) for client in (source, target)]
    copies = {row["id"]: row for row in both[1]}
    for row in both[0]:
        changes = {name: row[name] for name in names if name in row and row[name] != copies[row["id"]][name]}
        if changes:
            raw.update("tasks", row["id"], changes, client=target)


def push_task_comment(
    task_status_map: Mapping[str, str],
    person_map: Mapping[str, str],
    task: Ref,
    comment: Mapping[str, Any],
    client_source: KitsuClient,
    client_target: KitsuClient,
    author_id: Optional[Ref] = None,
    tmp_path: Optional[StrPath] = None,
) -> Optional[Comment]:
    """Copy a comment: text, author, date, checklist, links, replies, attachments and previews.

    A comment that exists at the target, with the same date, status, author and text, is not duplicated: it gets
    what it lacks. All files are downloaded before anything is sent. If its status is the current one of the task, the
    server sets the dates of the task to now; `push_task_comments` restores them.

    `GET data/tasks/<task_id>/comments`, `POST actions/tasks/<task_id>/comment`,
    `POST actions/tasks/<task_id>/comments/<comment_id>/add-preview`,
    `POST pictures/preview-files/<preview_file_id>`

    Args:
        task_status_map: ids of task statuses at the target by ids at the source.
        person_map: ids of people at the target by ids at the source; the user of
            *client_target* replaces people who are not in it.
        comment: the row of the comment.
        author_id: the author at the target, instead of that of the comment.
        tmp_path: folder for temporary files.

    Returns:
        The comment of the source; or None if nothing was sent, because the target has it
        already, or *task_status_map* does not have its status.
    """
    maps = {"task_status": task_status_map, "people": person_map, "departments": {}}
    context = _context(client_source, client_target, **maps)
    id_of(task)  # refused before anything is asked
    copier = CommentCopier(task, context, id_or_none(author_id), tmp_path)
    if comment.get("task_status_id") not in task_status_map:
        return None
    row: Any = comment
    existing: List[Any] = []
    with suppress(RouteNotFoundException):  # if there is no such task, adding the comment says so
        existing = [] if is_stand_in(client_target) else tasks.all_comments_for_task(task, client=client_target)
    return row if copier.copy(row, existing) else None
