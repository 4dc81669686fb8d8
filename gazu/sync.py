"""Copying productions from one server to another: what is there already is completed, never doubled.

Entities, their links and tasks keep their ids; people, types and statuses are those of the same name.
"""

import datetime
import json
import logging
import os
import re
import tempfile
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Set,
    Tuple,
    Union,
)

from . import asset as assets
from . import casting as castings
from . import client as raw
from . import files
from . import person as persons
from . import project as projects
from . import shot as shots
from . import task as tasks
from ._migration.rows import IDS_AT_ONCE, matches
from .client import KitsuClient
from .client import default_client as default
from .deprecation import older_calls
from .exception import SyncFailedException
from .helpers import date_or_none, drop_none, id_of, id_or_none
from .models import (
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

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from ._http.multipart import Progress

IdMap = Dict[str, str]
Rows = Iterable[Mapping[str, Any]]

#: The server gives no more events at once.
EVENTS_AT_ONCE = 1000
#: Rows of one import request: it is to end long before its time is out.
ROWS_AT_ONCE = 200

logger = logging.getLogger("gazu")


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
    """List what happened last, the newest first; with a request for every thousand: `GET data/events/last`.

    Args:
        limit: how many at most.
        after: in UTC: `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS`, like *before*.
        only_files: only uploads of previews and avatars.
        name: only events of this name: `asset:new`, `task:update`, ...
    """
    dates = {"after": date_or_none(after), "before": date_or_none(before)}
    kind = "true" if only_files else False  # True would go out as `True`, which the server does not read
    params = drop_none(limit=limit, only_files=kind, project_id=id_or_none(project), name=name, **dates)
    found: Dict[str, Event] = {}
    while True:
        known = len(found)
        page: List[Event] = raw.fetch_all("events/last", params=params, client=client)
        found.update((event["id"], event) for event in page)
        if len(page) < EVENTS_AT_ONCE or len(found) >= limit or len(found) == known:
            return list(found.values())
        params.update(limit=limit - len(found), cursor_event_id=page[-1]["id"])


# -- imports -------------------------------------------------------------------
def import_entities(entities: Rows, client: KitsuClient = default) -> List[Entity]:
    """Import assets, shots, ... with their ids, and return them: `POST import/kitsu/entities`.

    What is there already is changed; its casting is lost, unless the row has `entities_out`, which may be None.

    Args:
        entities: rows of another server; what they refer to stands before them.

    Raises:
        ParameterException: a row refers to what is not there; those before it are imported.
    """
    return _import("entities", entities, client)


def import_tasks(tasks: Rows, client: KitsuClient = default) -> List[Task]:
    """Import tasks with their ids, and return them: `POST import/kitsu/tasks`.

    Args:
        tasks: rows of another server.

    Raises:
        ParameterException: a row refers to what is not there; those before it are imported.
    """
    return _import("tasks", tasks, client)


def import_entity_links(links: Rows, client: KitsuClient = default) -> List[EntityLink]:
    """Import links of the casting with their ids, and return them: `POST import/kitsu/entity-links`.

    Args:
        links: rows of another server.

    Raises:
        ParameterException: a row refers to what is not there; those before it are imported.
    """
    return _import("entity-links", links, client)


def _import(model_name: str, rows: Rows, client: KitsuClient) -> Any:
    """Import rows, some at a time."""
    listed = list(rows)
    parts = [listed[start : start + ROWS_AT_ONCE] for start in range(0, len(listed), ROWS_AT_ONCE)]
    return [row for part in parts for row in raw.import_data(model_name, part, client=client)]


# -- comparing -----------------------------------------------------------------
def get_model_list_diff(source_list: Rows, target_list: Rows, id_field: str = "id") -> Tuple[List[Any], List[Any]]:
    """Return the rows that the target lacks, and those that only the target has.

    Args:
        id_field: what tells rows apart.
    """
    return _difference(source_list, target_list, lambda row: row[id_field])


def get_link_list_diff(source_list: Rows, target_list: Rows) -> Tuple[List[Any], List[Any]]:
    """Return the links that the target lacks, and those that only the target has; their ids do not matter."""
    return _difference(source_list, target_list, lambda row: (row["entity_in_id"], row["entity_out_id"]))


def _difference(source: Rows, target: Rows, key: Callable[[Any], Any]) -> Tuple[List[Any], List[Any]]:
    """Return the rows whose key the other list does not have."""
    sources, targets = list(source), list(target)
    of_source, of_target = {key(row) for row in sources}, {key(row) for row in targets}
    return [r for r in sources if key(r) not in of_target], [r for r in targets if key(r) not in of_source]


def is_changed(source_model: Mapping[str, Any], target_model: Mapping[str, Any]) -> bool:
    """Return whether the source changed a row after the target did."""
    return bool(source_model["updated_at"] > target_model["updated_at"])


# -- ids of the same thing on two servers --------------------------------------
def convert_id_list(ids: Iterable[str], model_map: Mapping[str, str]) -> List[str]:
    """Return the ids that *model_map* gives for *ids*.

    Raises:
        KeyError: it gives none for one of them.
    """
    return [model_map[id] for id in ids]


def get_id_map_by_id(source_list: Rows, target_list: Rows, field: str = "name") -> IdMap:
    """Return the target's ids by the source's ids, for rows with the same name; capitals matter only between two.

    Args:
        field: what to compare instead of the name.
    """
    return {row["id"]: target_id for row, target_id in matches(source_list, target_list, field)}


def get_id_map_by_name(source_list: Rows, target_list: Rows) -> IdMap:
    """Return the target's ids by the source's names; capitals matter only between two."""
    return {row["name"]: target_id for row, target_id in matches(source_list, target_list, "name")}


def get_sync_asset_type_id_map(source_client: KitsuClient, target_client: KitsuClient) -> IdMap:
    """Return the ids of the asset types of the target by those of the source: `GET data/asset-types` of both."""
    source = assets.all_asset_types(client=source_client)
    return get_id_map_by_id(source, assets.all_asset_types(client=target_client))


def get_sync_department_id_map(source_client: KitsuClient, target_client: KitsuClient) -> IdMap:
    """Return the ids of the departments of the target by those of the source: `GET data/departments` of both."""
    source = persons.all_departments(client=source_client)
    return get_id_map_by_id(source, persons.all_departments(client=target_client))


def get_sync_person_id_map(source_client: KitsuClient, target_client: KitsuClient) -> IdMap:
    """Return the ids of the people of the target by those of the source, by e-mail: `GET data/persons` of both."""
    source = persons.all_persons(client=source_client)
    return get_id_map_by_id(source, persons.all_persons(client=target_client), field="email")


def get_sync_project_id_map(source_client: KitsuClient, target_client: KitsuClient) -> IdMap:
    """Return the ids of the projects of the target by those of the source: `GET data/projects` of both."""
    source = projects.all_projects(client=source_client)
    return get_id_map_by_id(source, projects.all_projects(client=target_client))


def get_sync_task_status_id_map(source_client: KitsuClient, target_client: KitsuClient) -> IdMap:
    """Return the ids of the task statuses of the target by those of the source: `GET data/task-status` of both."""
    source = tasks.all_task_statuses(client=source_client)
    return get_id_map_by_id(source, tasks.all_task_statuses(client=target_client))


def get_sync_task_type_id_map(source_client: KitsuClient, target_client: KitsuClient) -> IdMap:
    """Return the ids of the task types of the target by those of the source: `GET data/task-types` of both.

    Of several with a name, that for the same kind of entity.
    """
    source, target = tasks.all_task_types(client=source_client), tasks.all_task_types(client=target_client)
    found = get_id_map_by_id(source, target)
    for kind in {row.get("for_entity") for row in source}:
        of_kind = [[row for row in rows if row.get("for_entity") == kind] for rows in (source, target)]
        found.update(get_id_map_by_id(of_kind[0], of_kind[1]))
    return found


# -- pushing a whole production ------------------------------------------------
def push_project(
    project_source: Ref,
    client_source: KitsuClient,
    client_target: KitsuClient,
    project_target: Optional[Ref] = None,
    workers: int = 8,
    progress_callback: Optional["Progress"] = None,
    executor: Optional["Executor"] = None,
    normalize_movies: bool = False,
) -> SyncReport:
    """Copy a whole production to another server, or what is missing there of it; both clients are administrators.

    Rows keep their ids, dates and authors, so that it can be called again: after an interruption it goes on, and
    nothing is there twice. What goes wrong with one row stops no other: it is in the report. How it works, and what
    is not copied: see the guide "Copy a production to another server".

    `POST import/kitsu/projects` and all others of the kind, `POST pictures/preview-files/<preview_file_id>`,
    `POST actions/tasks/<task_id>/comments/<comment_id>/add-attachment`

    Args:
        project_target: the production to copy into, instead of the one with the same id or name, or a new one.
        workers: how many pieces of work at a time, 64 at most.
        progress_callback: called in this thread with (rows done, rows in all) after each piece.
        executor: what to run them on instead of threads of its own, a `ProcessPoolExecutor`, say.
        normalize_movies: have the target encode movies again; else it keeps them as they are.

    Raises:
        NotAllowedException: one of the two is no administrator; nothing is sent.
        ProjectDoesntExistException: there is no such production.
    """
    from ._migration.run import push

    if workers < 1:
        raise ValueError(f"workers: at least one is needed, not {workers}")
    servers = client_source, client_target
    ids = id_of(project_source), id_or_none(project_target)
    return push(*ids, *servers, workers, executor, progress_callback, normalize_movies)


# -- pushing entities ----------------------------------------------------------
def push_assets(
    project_source: Ref, project_target: Ref, client_source: KitsuClient, client_target: KitsuClient
) -> List[Asset]:
    """Copy the assets of a project, with their ids, and return them; those of a TV show after its episodes.

    Assets of a type that the target does not have are left out.

    `GET data/projects/<project_id>/assets`, `POST import/kitsu/entities`
    """
    ids = id_of(project_source), id_of(project_target)
    types = get_sync_asset_type_id_map(client_source, client_target)
    steps = get_sync_task_type_id_map(client_source, client_target)
    listed: List[Any] = list(assets.all_assets_for_project(ids[0], client=client_source))
    gone = {row["id"] for row in listed if row["entity_type_id"] not in types}
    _tell_left_out("assets", len(gone))
    rows = [{**row, "ready_for": steps.get(row.get("ready_for") or "")} for row in listed if row["id"] not in gone]
    for row in rows:
        row["entity_type_id"] = types[row["entity_type_id"]]
        if row.get("parent_id") in gone:
            row["parent_id"] = None
    return _push_entities(rows, ids[1], client_source, client_target)


def push_episodes(
    project_source: Ref, project_target: Ref, client_source: KitsuClient, client_target: KitsuClient
) -> List[Episode]:
    """Copy the episodes of a project, with their ids, and return them.

    `GET data/projects/<project_id>/episodes`, `POST import/kitsu/entities`
    """
    target = id_of(project_target)
    rows = shots.all_episodes_for_project(project_source, client=client_source)
    return _push_entities(rows, target, client_source, client_target)


def push_sequences(
    project_source: Ref, project_target: Ref, client_source: KitsuClient, client_target: KitsuClient
) -> List[ShotSequence]:
    """Copy the sequences of a project, with their ids, and return them; those of a TV show after its episodes.

    `GET data/projects/<project_id>/sequences`, `POST import/kitsu/entities`
    """
    target = id_of(project_target)
    rows = shots.all_sequences_for_project(project_source, client=client_source)
    return _push_entities(rows, target, client_source, client_target)


def push_shots(
    project_source: Ref, project_target: Ref, client_source: KitsuClient, client_target: KitsuClient
) -> List[Shot]:
    """Copy the shots of a project, with their ids, after its sequences, and return them.

    `GET data/projects/<project_id>/shots`, `POST import/kitsu/entities`
    """
    target = id_of(project_target)
    rows: List[Any] = list(shots.all_shots_for_project(project_source, client=client_source))
    # Scenes are not copied: a shot that was made from one stands for itself.
    scenes = _at_target("entities", (row.get("source_id") for row in rows), client_target)
    orphans = {row["id"] for row in rows if row.get("source_id") and row["source_id"] not in scenes}
    rows = [{**row, "source_id": None} if row["id"] in orphans else row for row in rows]
    return _push_entities(rows, target, client_source, client_target)


def push_entity_links(
    project_source: Ref, project_target: Ref, client_source: KitsuClient, client_target: KitsuClient
) -> List[EntityLink]:
    """Copy the casting of a project, with the ids of its links, after its entities, and return the links.

    Links of what the target does not have are left out.

    `GET data/projects/<project_id>/entity-links`, `POST import/kitsu/entity-links`
    """
    id_of(project_target)  # only looked at: links name entities, not projects
    links = castings.all_entity_links_for_project(project_source, client=client_source)
    ends = [{link["entity_in_id"], link["entity_out_id"]} for link in links]
    there = _at_target("entities", set().union(*ends), client_target)
    rows = [link for link, both in zip(links, ends) if both <= there]
    _tell_left_out("entity links", len(links) - len(rows))
    return import_entity_links(rows, client=client_target)


def push_project_entities(
    project_source: Ref, project_target: Ref, client_source: KitsuClient, client_target: KitsuClient
) -> PushedEntities:
    """Copy the episodes, assets, sequences and shots of a project, and their casting, and return them.

    The routes are those of `push_assets` and the others.
    """
    servers = (project_source, project_target, client_source, client_target)
    return {
        "episodes": push_episodes(*servers),  # assets and sequences refer to them
        "assets": push_assets(*servers),
        "sequences": push_sequences(*servers),
        "shots": push_shots(*servers),
        "entity_links": push_entity_links(*servers),
    }


def _push_entities(rows: Rows, project: Ref, source: KitsuClient, target: KitsuClient) -> Any:
    """Import entities into *project*, with their makers, and what they refer to before them."""
    project_id, listed = id_of(project), list(rows)
    signed = any(row.get("created_by") for row in listed)
    people = get_sync_person_id_map(source, target) if signed else {}
    ready = []
    for row in _parents_first(listed):
        new = {**row, "project_id": project_id}
        if row.get("created_by"):
            new["created_by"] = people.get(row["created_by"])
        if row.get("nb_entities_out") is not None:
            new["entities_out"] = None  # else the server takes the casting away
        ready.append(new)
    return import_entities(ready, client=target)


def _parents_first(rows: Iterable[Any]) -> Iterator[Any]:
    """Yield rows in their order, but none before those that it refers to."""
    waiting = list(rows)
    while waiting:
        ids = {row["id"] for row in waiting}
        ready = [row for row in waiting if ids.isdisjoint((row.get("parent_id"), row.get("source_id")))] or waiting
        yield from ready
        ids.difference_update(row["id"] for row in ready)
        waiting = [row for row in waiting if row["id"] in ids]


def _at_target(model_name: str, ids: Iterable[Optional[str]], client: KitsuClient) -> Set[str]:
    """Return which of these ids the server knows."""
    asked = sorted(filter(None, set(ids)))
    found: Set[str] = set()
    for start in range(0, len(asked), IDS_AT_ONCE):
        params = {"id": json.dumps(asked[start : start + IDS_AT_ONCE])}
        found.update(row["id"] for row in raw.fetch_all(model_name, params=params, fields="id", client=client))
    return found


def _tell_left_out(what: str, number: int) -> None:
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
    """Copy the tasks of a project, with their ids, after its entities, and return them.

    Tasks of a type or of an entity that the target does not have are left out, and so are
    people that it does not know. Retakes are counted as the comments come.

    `GET data/projects/<project_id>/tasks`, `POST import/kitsu/tasks`

    Args:
        default_status: the status that they get at the target; those that it has already keep theirs.
    """
    project, status = {"project_id": id_of(project_target)}, {"task_status_id": id_of(default_status)}
    source_id = id_of(project_source)
    types = get_sync_task_type_id_map(client_source, client_target)
    people = get_sync_person_id_map(client_source, client_target)
    listed: List[Any] = list(tasks.all_tasks_for_project(source_id, client=client_source))
    entities = {None, *_at_target("entities", (row.get("entity_id") for row in listed), client_target)}
    rows = [row for row in listed if row["task_type_id"] in types and row.get("entity_id") in entities]
    _tell_left_out("tasks", len(listed) - len(rows))
    there = _at_target("tasks", (row["id"] for row in rows), client_target)
    ready = [{**_task(row, types, people), **project, **({} if row["id"] in there else status)} for row in rows]
    return import_tasks(ready, client=client_target)


def _task(row: Mapping[str, Any], types: IdMap, people: IdMap) -> Dict[str, Any]:
    """Return a task with the ids of the target, without what comes from its comments and previews."""
    made_there = ("task_status_id", "retake_count", "last_preview_file_id")
    task = {name: value for name, value in row.items() if name not in made_there}
    task["task_type_id"] = types[row["task_type_id"]]
    task["assigner_id"] = people.get(row.get("assigner_id") or "")
    task["assignees"] = [people[person] for person in row.get("assignees") or [] if person in people]
    return task


def push_tasks_comments(
    project_source: Ref,
    client_source: KitsuClient,
    client_target: KitsuClient,
    workers: int = 8,
    progress_callback: Optional["Progress"] = None,
    executor: Optional["Executor"] = None,
) -> List[Task]:
    """Copy the comments of all tasks of a project that the target has, and return the tasks.

    What goes wrong with one task stops no other. Within a task the comments after it wait: the last
    one that comes makes the status.

    See `push_task_comments`; `GET data/projects/<project_id>/tasks`

    Args:
        workers: how many tasks at a time, 64 at most.
        progress_callback: called in this thread with (tasks finished, tasks in all) after each.
        executor: what to run them on instead of threads of its own, a `ProcessPoolExecutor`, say.

    Raises:
        SyncFailedException: the comments of some tasks are not copied; called again, it goes on with them.
    """
    from .parallel import call_all

    source_id = id_of(project_source)
    statuses = get_sync_task_status_id_map(client_source, client_target)
    people = get_sync_person_id_map(client_source, client_target)
    listed: List[Task] = tasks.all_tasks_for_project(source_id, client=client_source)
    there = _at_target("tasks", (task["id"] for task in listed), client_target)
    rows = [task for task in listed if task["id"] in there]
    _tell_left_out("tasks", len(listed) - len(rows))
    calls = [(statuses, people, task, client_source, client_target) for task in rows]
    outcomes = call_all(push_task_comments, calls, workers, progress_callback, executor, client_target)
    failed = {outcome.item[2]["id"]: outcome.error for outcome in outcomes if outcome.error}
    if failed:
        reasons = "; ".join(f"{task_id}: {error}" for task_id, error in failed.items())
        error = SyncFailedException(f"the comments of {len(failed)} of {len(rows)} tasks are not copied: {reasons}")
        error.failed = failed
        raise error
    return rows


# -- pushing comments ----------------------------------------------------------
class _Push(NamedTuple):
    """What does not change from one comment of a task to the next."""

    task: str
    statuses: Mapping[str, str]
    people: Mapping[str, str]
    source: KitsuClient
    target: KitsuClient
    author: Optional[str] = None
    folder: Optional[StrPath] = None


def push_task_comments(
    task_status_map: Mapping[str, str],
    person_map: Mapping[str, str],
    task: Ref,
    client_source: KitsuClient,
    client_target: KitsuClient,
) -> List[Comment]:
    """Copy the comments of a task, the oldest first, and return those of the source that the target lacked.

    See `push_task_comment`; `GET data/tasks/<task_id>/comments` of both.
    """
    push = _Push(id_of(task), task_status_map, person_map, client_source, client_target)
    listed: List[Comment] = tasks.all_comments_for_task(task, client=client_source)
    rows = [row for row in reversed(listed) if row["task_status_id"] in task_status_map]
    rows.sort(key=_date)
    _tell_left_out("comments", len(listed) - len(rows))
    there = tasks.all_comments_for_task(task, client=client_target) if rows else []
    return [row for row in rows if _push_comment(push, row, _taken(push, row, there))]


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

    A comment that the target has already, of the same date, status, author and text, is not
    made again: it gets what it lacks. The files are all fetched before anything is sent.

    `GET data/tasks/<task_id>/comments`, `POST actions/tasks/<task_id>/comment`,
    `POST actions/tasks/<task_id>/comments/<comment_id>/add-preview`,
    `POST pictures/preview-files/<preview_file_id>`

    Args:
        task_status_map: ids of the statuses of the target, by those of the source.
        person_map: ids of the people of the target, by those of the source; whoever is
            missing is replaced by the user.
        comment: its row.
        author_id: who says it, instead of its author.
        tmp_path: a folder in which files may be kept for the time.

    Returns:
        The comment of the source, or None if nothing was sent: the target has it, or
        *task_status_map* does not have its status.
    """
    servers, author = (client_source, client_target), id_or_none(author_id)
    push = _Push(id_of(task), task_status_map, person_map, *servers, author, tmp_path)
    if comment["task_status_id"] not in task_status_map:
        return None
    row: Any = comment
    there = tasks.all_comments_for_task(task, client=client_target)
    return row if _push_comment(push, row, _taken(push, row, there)) else None


def _push_comment(push: _Push, comment: Any, copy: Any) -> bool:
    """Send what the target lacks of a comment, all of it if there is no copy, and tell if that was anything."""
    if push.folder:
        os.makedirs(push.folder, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=push.folder) as folder:
        attached = _files(push, "attachment_files", comment, copy, folder)
        shown = _files(push, "previews", comment, copy, folder)
        row = _written(push, comment, copy, attached)
        changes = _changes(push, comment, copy)
        if changes:
            tasks.update_comment({"id": row["id"], **changes}, client=push.target)
        # A list, not a generator: all are to be pushed.
        pushed = [_push_preview(push, row, preview) for preview in shown]
    return copy is None or bool(changes) or any(pushed) or any(file.path for file in attached)


def _said(push: _Push, comment: Any) -> Dict[str, Any]:
    """Return the arguments of `add_comment` that make the copy of a comment."""
    author = push.author or push.people.get(comment.get("person_id") or "")
    return {
        "task_status": {"id": push.statuses[comment["task_status_id"]]},
        "comment": comment.get("text") or "",
        "person": {"id": author} if author else None,
        "checklist": comment.get("checklist"),
        "created_at": comment.get("created_at"),
        "links": comment.get("links"),
        "for_client": bool(comment.get("for_client")),
    }


def _muted(text: str) -> str:
    """Return a text without hashtags: for those, the server makes comments on other tasks too, which are copied."""
    return re.sub("#(?=[a-zA-Z])", "#\u200b", text)


def _date(comment: Any) -> str:
    return (comment.get("created_at") or "")[:19]


def _taken(push: _Push, comment: Any, there: List[Any]) -> Any:
    """Take the copy of a comment out of the comments of the target, if it is among them."""
    said = _said(push, comment)
    status, author = said["task_status"]["id"], said["person"] and said["person"]["id"]
    texts = (said["comment"], _muted(said["comment"]))
    copies = [
        row
        for row in reversed(there)
        if (_date(row), row["task_status_id"]) == (_date(comment), status)
        and (row["text"] or "") in texts
        and author in (None, row["person_id"])
    ]
    if not copies:
        return None
    kinds = ("attachment_files", "previews")  # two may be alike but for these
    copy = max(copies, key=lambda row: all(len(row[kind]) == len(comment.get(kind) or []) for kind in kinds))
    there.remove(copy)
    return copy


def _written(push: _Push, comment: Any, copy: Any, attached: List["_File"]) -> Any:
    """Write a comment with its attachments, or what its copy lacks of them, and return it."""
    paths = [file.path for file in attached if file.path]
    row, made = copy, []
    if copy is None:
        said = _said(push, comment)
        said["comment"] = _muted(said["comment"])
        row = tasks.add_comment(push.task, **said, attachments=paths, client=push.target)
        made = list(row["attachment_files"])
    elif paths:
        made = list(tasks.add_attachment_files_to_comment(push.task, copy, paths, client=push.target))
    for file in attached:
        name = file.row["name"]
        if _local_name(file.row) != name and (file.twin or {}).get("name") != name:
            twin = file.twin or next(other for other in made if _is_same(other, file.row))
            made = [other for other in made if other is not twin]
            raw.update("attachment-files", twin["id"], {"name": name}, client=push.target)
    return row


def _changes(push: _Push, comment: Any, copy: Any) -> Dict[str, Any]:
    """Return the fields that the target's comment still has to get: `add_comment` does not take them all."""
    said = _said(push, comment)
    now = copy or {"text": _muted(said["comment"])}
    replies = list(now.get("replies") or [])
    known = {reply["id"] for reply in replies}
    missing = [_reply(push, reply) for reply in comment.get("replies") or [] if reply["id"] not in known]
    return drop_none(
        text=said["comment"] if (now["text"] or "") != said["comment"] else None,
        pinned=True if comment.get("pinned") and not now.get("pinned") else None,
        replies=replies + missing if missing else None,
    )


def _reply(push: _Push, reply: Mapping[str, Any]) -> Dict[str, Any]:
    """Return a reply as the target keeps it."""
    kept = {name: value for name, value in reply.items() if name not in ("person", "department_mentions")}
    kept["person_id"] = push.people.get(reply["person_id"], reply["person_id"])
    kept["mentions"] = [push.people[person] for person in reply.get("mentions") or [] if person in push.people]
    return kept


# -- the files of comments -----------------------------------------------------
def _local_name(file: Any) -> str:
    """Return a name that all file systems take for an attachment or a preview; "" for a preview that got no file."""
    name = file.get("name") or "file"
    if "original_name" in file:
        name = f"{file['original_name'] or 'preview'}.{file['extension']}"
        if file.get("status") == "processing" and not file["original_name"]:
            return ""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]|^\.+$', "_", name).encode()[-200:].decode(errors="ignore")


def _is_same(file: Any, other: Any) -> bool:
    """Return whether a file of the target is that of the source; the size of previews changes."""
    return _local_name(file) == _local_name(other) and file.get("size") == other.get("size")


class _File(NamedTuple):
    """A file of a comment: what the source and the target know of it, and the path of what is to be sent, or ""."""

    row: Any
    twin: Any
    path: str


def _files(push: _Push, kind: str, comment: Any, copy: Any, folder: str) -> List[_File]:
    """Download the files of a comment that its copy lacks; leave out previews that the source has no file of."""
    get, download = files.get_attachment_file, files.download_attachment_file
    if kind == "previews":
        get, download = files.get_preview_file, files.download_preview_file  # type: ignore[assignment]
    listed: List[Any] = comment.get(kind) or []
    rows = [row if isinstance(row, Mapping) and "extension" in row else get(row, client=push.source) for row in listed]
    rows = [row for row in rows if _local_name(row) and row.get("status") not in ("broken", "missing")]
    there = sorted((copy or {}).get(kind) or [], key=_place)
    empty = [file for file in there if not _local_name(file)]
    found = []
    for row in sorted(rows, key=_place):
        path, twin = "", next((file for file in there if _is_same(file, row)), None)
        if twin is None:
            # A preview needs to be known whole; what an attachment is called is enough.
            row = get(row, client=push.source) if kind == "previews" and "created_at" not in row else row
            path = os.path.join(tempfile.mkdtemp(dir=folder), _local_name(row))
            download(row, path, client=push.source)
            twin = empty.pop(0) if empty else None
        there = [file for file in there if file is not twin]
        found.append(_File(row, twin, path))
    return found


def _place(file: Any) -> Tuple[int, int]:
    """Return where a preview stands among those of its task; attachments stay as they are."""
    return file.get("revision") or 0, file.get("position") or 0


def _push_preview(push: _Push, comment: Any, preview: _File) -> bool:
    """Upload a preview, if there is a path, and fill in what is known of it; tell if that was anything."""
    row, twin, path = preview
    if path:
        twin = twin or tasks.create_preview(push.task, comment, client=push.target)
        twin = tasks.upload_preview_file(twin, path, client=push.target)
    known = {name: row.get(name) for name in ("annotations", "description", "original_name", "validation_status")}
    known["person_id"] = push.people.get(row.get("person_id") or "")
    known["revision"] = row["revision"] if _is_free(push, row, twin) else None
    changes = {
        name: value
        for name, value in known.items()
        if value
        and value != twin.get(name, value)
        and (path or name == "revision" or twin[name] in (None, [], "neutral"))
    }
    if changes:
        files.update_preview(twin, changes, client=push.target)
    return bool(path or changes)


def _is_free(push: _Push, row: Any, twin: Any) -> bool:
    """Return whether a revision has another number at the target, and can have that of the source."""
    if row["revision"] == twin["revision"] or (row.get("position") or 1) > 1:
        return False
    others = files.get_all_preview_files_for_task(push.task, client=push.target)
    return row["revision"] not in {other["revision"] for other in others}
