"""Tasks, their types and statuses, comments, previews and the time spent on them."""

import datetime
import functools
import os
import re
from contextlib import ExitStack, contextmanager, suppress
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Set,
    Tuple,
)

from . import client as raw
from ._http import publishing
from ._http.memory import Memory, by_memory
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import deprecated, find_imported, list_functions, older_calls
from .encoder import encode
from .exception import (
    NotAllowedException,
    ParameterException,
    RouteNotFoundException,
    TaskMustBeADictException,
    TaskStatusNotFoundException,
)
from .helpers import (
    any_id_of,
    as_list,
    day_of,
    day_or_none,
    download_file,
    drop_none,
    for_update,
    hex_color,
    id_of,
    id_or_none,
    ids_of,
    require_ids,
    require_name,
    require_row,
    temporary_folder,
    time_of,
    warn,
    warn_of_missing,
    without_hashtags,
)
from .models import (
    AssignedTask,
    AttachmentFile,
    Burndown,
    Comment,
    Date,
    Entity,
    FullTask,
    Notification,
    OpenTasksStats,
    PreviewFile,
    Ref,
    Reply,
    Several,
    StrPath,
    Subscription,
    Task,
    TaskComment,
    TasksDates,
    TaskStatus,
    TaskType,
    TimeSpent,
)
from .pages import PageList
from .publication import (
    FILE_FIELDS,
    PATH_TYPES,
    Paths,
    are_files,
    batch_rows,
    check_created,
    check_file,
    check_paths,
    check_preview_name,
    check_revision,
    check_thumbnail,
    naming_incomplete,
    rename_keys,
    warn_of_dropped,
    warn_of_old_server,
)
from .publication import PREVIEW_EXTENSIONS as PREVIEW_EXTENSIONS
from .sheets import upload_sheet
from .sorting import sort_by_name
from .verification import (
    NOT_CHANGED,
    NOT_KNOWN,
    check_tasks_created,
    naming_unknown,
    report,
    split_assigned,
    warn_if_fewer,
)

if TYPE_CHECKING:
    from requests import Response

    from ._http.multipart import Progress

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)


# -- lists of tasks ------------------------------------------------------------
@older_calls("0.9")
@cache
def all_tasks_for_project(
    project: Ref, task_type: Optional[Ref] = None, episode: Optional[Ref] = None, client: KitsuClient = default
) -> List[Task]:
    """List the tasks of *project*, optionally of one type or one episode.

    `GET data/projects/<project_id>/tasks`

    Args:
        episode: only tasks of its shots; for other tasks, see `all_assets_tasks_for_episode`
            and `all_tasks_for_episode`.

    Example:
        >>> [task["name"] for task in gazu.task.all_tasks_for_project(project, task_type)]
        ['main']
    """
    params = drop_none(task_type_id=id_or_none(task_type), episode_id=id_or_none(episode))
    return raw.fetch_all(route("projects/{project_id}/tasks", id_of(project)), params=params, client=client)


@cache
def all_tasks_for_asset(asset: Ref, relations: bool = False, client: KitsuClient = default) -> List[Task]:
    """List the tasks of *asset*, sorted by name: `GET data/assets/<asset_id>/tasks`.

    Args:
        relations: include the ids of the assignees.

    Example:
        >>> [task["task_type_name"] for task in gazu.task.all_tasks_for_asset(asset)]
        ['Modeling']
    """
    return _list_tasks(route("assets/{asset_id}/tasks", id_of(asset)), relations, client)


def _list_tasks(path: str, relations: bool, client: KitsuClient) -> List[Task]:
    """List the tasks at *path*, sorted by name."""
    return sort_by_name(raw.fetch_all(path, params={"relations": True} if relations else {}, client=client))


@cache
def all_tasks_for_shot(shot: Ref, relations: bool = False, client: KitsuClient = default) -> List[Task]:
    """List the tasks of *shot*, sorted by name: `GET data/shots/<shot_id>/tasks`.

    Args:
        relations: include the ids of the assignees.

    Example:
        >>> [task["task_type_name"] for task in gazu.task.all_tasks_for_shot(shot)]
        ['Animation']
    """
    return _list_tasks(route("shots/{shot_id}/tasks", id_of(shot)), relations, client)


@cache
def all_tasks_for_concept(concept: Ref, relations: bool = False, client: KitsuClient = default) -> List[Task]:
    """List the tasks of *concept*, sorted by name: `GET data/concepts/<concept_id>/tasks`.

    Args:
        relations: include the ids of the assignees.
    """
    return _list_tasks(route("concepts/{concept_id}/tasks", id_of(concept)), relations, client)


@cache
def all_tasks_for_edit(edit: Ref, relations: bool = False, client: KitsuClient = default) -> List[Task]:
    """List the tasks of *edit*, sorted by name: `GET data/edits/<edit_id>/tasks`.

    Args:
        relations: include the ids of the assignees.
    """
    return _list_tasks(route("edits/{edit_id}/tasks", id_of(edit)), relations, client)


@cache
def all_tasks_for_scene(scene: Ref, relations: bool = False, client: KitsuClient = default) -> List[Task]:
    """List the tasks of *scene*, sorted by name: `GET data/scenes/<scene_id>/tasks`.

    Args:
        relations: include the ids of the assignees; Zou 1.0 does not include them here.
    """
    return _list_tasks(route("scenes/{scene_id}/tasks", id_of(scene)), relations, client)


@cache
def all_tasks_for_sequence(sequence: Ref, relations: bool = False, client: KitsuClient = default) -> List[Task]:
    """List the tasks of *sequence* itself, sorted by name: `GET data/sequences/<sequence_id>/tasks`.

    Args:
        relations: include the ids of the assignees.
    """
    return _list_tasks(route("sequences/{sequence_id}/tasks", id_of(sequence)), relations, client)


@cache
def all_tasks_for_episode(episode: Ref, relations: bool = False, client: KitsuClient = default) -> List[Task]:
    """List the tasks of *episode* itself, sorted by name: `GET data/episodes/<episode_id>/tasks`.

    Args:
        relations: include the ids of the assignees; Zou 1.0 does not include them here.
    """
    return _list_tasks(route("episodes/{episode_id}/tasks", id_of(episode)), relations, client)


@cache
def all_shot_tasks_for_sequence(sequence: Ref, relations: bool = False, client: KitsuClient = default) -> List[Task]:
    """List the tasks of the shots and scenes in *sequence*, by name: `GET data/sequences/<sequence_id>/shot-tasks`.

    Args:
        relations: include the ids of the assignees.
    """
    return _list_tasks(route("sequences/{sequence_id}/shot-tasks", id_of(sequence)), relations, client)


@cache
def all_shot_tasks_for_episode(episode: Ref, relations: bool = False, client: KitsuClient = default) -> List[Task]:
    """List the tasks of the shots and scenes of *episode*, sorted by name: `GET data/episodes/<episode_id>/shot-tasks`.

    Args:
        relations: include the ids of the assignees.
    """
    return _list_tasks(route("episodes/{episode_id}/shot-tasks", id_of(episode)), relations, client)


@cache
def all_assets_tasks_for_episode(episode: Ref, relations: bool = False, client: KitsuClient = default) -> List[Task]:
    """List the tasks of the assets of *episode*, sorted by name: `GET data/episodes/<episode_id>/asset-tasks`.

    Args:
        relations: include the ids of the assignees.
    """
    return _list_tasks(route("episodes/{episode_id}/asset-tasks", id_of(episode)), relations, client)


@cache
def all_edit_tasks_for_episode(episode: Ref, relations: bool = False, client: KitsuClient = default) -> List[Task]:
    """List the tasks of the edits of *episode*, sorted by name: `GET data/episodes/<episode_id>/edit-tasks`.

    Everybody in the team but vendors.

    Args:
        relations: include the ids of the assignees.
    """
    return _list_tasks(route("episodes/{episode_id}/edit-tasks", id_of(episode)), relations, client)


@cache
def all_tasks_for_entity_and_task_type(entity: Ref, task_type: Ref, client: KitsuClient = default) -> List[Task]:
    """List the tasks of this type of an asset, a shot, ...

    `GET data/entities/<entity_id>/task-types/<task_type_id>/tasks`
    """
    path = route("entities/{entity_id}/task-types/{task_type_id}/tasks", id_of(entity), id_of(task_type))
    return raw.fetch_all(path, client=client)


@older_calls("0.9")
@cache
def all_tasks_for_task_type(
    project: Ref, task_type: Ref, episode: Optional[Ref] = None, client: KitsuClient = default
) -> List[Task]:
    """List the tasks of this type in *project*, or in one of its episodes.

    `GET data/tasks?project_id=<project_id>&task_type_id=<task_type_id>`
    """
    params = drop_none(project_id=id_of(project), task_type_id=id_of(task_type), episode_id=id_or_none(episode))
    return raw.fetch_all("tasks", params=params, client=client)


@cache
def all_tasks_for_task_status(
    project: Ref, task_type: Ref, task_status: Ref, client: KitsuClient = default
) -> List[Task]:
    """List the tasks of this type and status in *project*.

    `GET data/tasks?project_id=<project_id>&task_type_id=<task_type_id>&task_status_id=<task_status_id>`
    """
    params = {"project_id": id_of(project), "task_type_id": id_of(task_type), "task_status_id": id_of(task_status)}
    return raw.fetch_all("tasks", params=params, client=client)


@cache
def all_tasks_for_person(person: Ref, client: KitsuClient = default) -> List[AssignedTask]:
    """List the tasks assigned to *person* that are not done: `GET data/persons/<person_id>/tasks`.

    Example:
        >>> [(task["entity_name"], task["task_type_name"]) for task in gazu.task.all_tasks_for_person(person)]
        [('SH010', 'Animation')]
    """
    return raw.fetch_all(route("persons/{person_id}/tasks", id_of(person)), client=client)


@cache
def all_tasks_for_person_and_type(person: Ref, task_type: Ref, client: KitsuClient = default) -> List[Task]:
    """List the tasks of this type related to *person*.

    `GET data/persons/<person_id>/related-tasks/<task_type_id>`
    """
    path = route("persons/{person_id}/related-tasks/{task_type_id}", id_of(person), id_of(task_type))
    return raw.fetch_all(path, client=client)


@cache
def all_done_tasks_for_person(person: Ref, client: KitsuClient = default) -> List[AssignedTask]:
    """List the done tasks assigned to *person*: `GET data/persons/<person_id>/done-tasks`."""
    return raw.fetch_all(route("persons/{person_id}/done-tasks", id_of(person)), client=client)


def all_tasks(client: KitsuClient = default) -> List[Task]:
    """List the tasks of all projects, in pages; for those of one there is `all_tasks_for_project`: `GET data/tasks`."""
    return raw.fetch_all("tasks", paginated=True, limit=1000, client=client)


@older_calls()
@cache
def all_open_tasks(
    project: Optional[Ref] = None,
    task_type: Optional[Ref] = None,
    task_status: Optional[Ref] = None,
    person: Optional[Several] = None,
    department: Optional[Ref] = None,
    studio: Optional[Ref] = None,
    start_date: Optional[Date] = None,
    due_date: Optional[Date] = None,
    priority: Optional[int] = None,
    page: Optional[int] = None,
    limit: Optional[int] = None,
    client: KitsuClient = default,
) -> List[Task]:
    """List the tasks of the open projects, including done ones: `GET data/tasks/open-tasks`.

    The list also has the keys of the server's page: `tasks["stats"]`, `tasks["is_more"]`, `tasks["data"]`, ...

    Args:
        person: only tasks of this person, or of one of these; `"unassigned"` for those of nobody.
        department: only tasks of types of this department.
        studio: only tasks of people of this studio.
        start_date: only tasks that start on this day or later.
        due_date: only tasks that are due on this day or earlier.
        priority: only tasks of task types with this priority: a GazuWarning says that Zou 1.0.97 compares that of the
            task type, not that of the task.
        page: only this page, starting at 1; without it, all pages: the first has a hundred tasks, the others a
            thousand.
        limit: tasks on a page. With *page*, Zou 1.0.97 says `is_more` and `stats` wrongly from the second page on:
            a page that is not full is the last one.
    """
    filters = _open_tasks_filters(
        project, task_type, task_status, person, department, studio, start_date, due_date, priority
    )
    return _open_tasks(filters, page, limit, client)


def _open_tasks_filters(
    project: Optional[Ref],
    task_type: Optional[Ref],
    task_status: Optional[Ref],
    person: Optional[Several],
    department: Optional[Ref],
    studio: Optional[Ref],
    start_date: Optional[Date],
    due_date: Optional[Date],
    priority: Optional[int],
) -> Dict[str, Any]:
    who = person if person == "unassigned" else ",".join(ids_of(person)) or None
    what = {"project_id": project, "task_type_id": task_type, "task_status_id": task_status}
    ids = {name: id_or_none(one) for name, one in {**what, "studio_id": studio, "department_id": department}.items()}
    days = {"start_date": day_or_none(start_date), "due_date": day_or_none(due_date)}
    if priority is not None:
        warn("priority: the server compares the priority of the task type, not that of the task")
    return drop_none(**ids, person_id=who, **days, priority=priority)


def _open_tasks(filters: Dict[str, Any], page: Optional[int], limit: Optional[int], client: KitsuClient) -> List[Task]:
    path = "tasks/open-tasks"
    first: Any = raw.fetch_all(path, params={**filters, **drop_none(page=page, limit=limit)}, client=client)
    if isinstance(first, list):
        return first
    rows, number, size = list(first["data"]), int(bool(limit)), limit or first.get("limit", 100)
    last = first["data"] if page is None else []
    known: Set[Any] = set()
    while len(last) == size:  # Zou 1.0.97 says `is_more` wrongly from the second page on
        number, size = number + 1, limit or 1000
        raw.check_page_number(number)
        last = raw.fetch_all(path, params={**filters, "limit": size, "page": number}, client=client)["data"]
        raw.check_progress(last, known)
        rows = (rows if number > 1 else []) + last  # the first response was a smaller page
    return PageList(rows, first if page else {**first, "is_more": False})


@deprecated("removed in gazu 1.2: use `task.all_tasks_for_person`")
def all_open_tasks_for_person(person: Ref, client: KitsuClient = default) -> List[AssignedTask]:
    """List the tasks of *person* that are not done, in open projects, as `all_tasks_for_person` does.

    `GET data/persons/<person_id>/tasks`
    """
    return all_tasks_for_person(person, client=client)


@older_calls()
@cache
def get_persons_tasks_dates(project: Optional[Ref] = None, client: KitsuClient = default) -> List[TasksDates]:
    """Return when the first task of each person starts and the last one ends: `GET data/persons/task-dates`.

    Args:
        project: only its tasks; None for those of all open projects.

    Returns:
        Dicts with `person_id`, `min_date` and `max_date`.
    """
    return raw.fetch_all("persons/task-dates", params=drop_none(project_id=id_or_none(project)), client=client)


@cache
def get_open_tasks_stats(client: KitsuClient = default) -> Dict[str, OpenTasksStats]:
    """Return the number of open tasks by project, type and status: `GET data/tasks/open-tasks/stats`.

    Returns:
        For each project, by its id, `amount`, `amount_done`, `total_duration` and `total_estimation` (in minutes), and
        `task_types`: a list of the same by `task_type_id` and `task_status_id`.
    """
    return raw.get("data/tasks/open-tasks/stats", client=client)


@cache
def get_open_tasks_burndown(
    project: Optional[Ref] = None,
    task_type: Optional[Ref] = None,
    task_status: Optional[Ref] = None,
    person: Optional[Several] = None,
    department: Optional[Ref] = None,
    studio: Optional[Ref] = None,
    start_date: Optional[Date] = None,
    due_date: Optional[Date] = None,
    priority: Optional[int] = None,
    client: KitsuClient = default,
) -> Burndown:
    """Count the tasks of the open projects, and those done on each day: `GET data/tasks/open-tasks/burndown`.

    Since Zou 1.0.97. Anybody, for the projects that they see. The arguments choose tasks as in `all_open_tasks`.

    Args:
        person: only tasks of this person, or of one of these; `"unassigned"` for those of nobody.
        start_date: only tasks that start on this day or later, `YYYY-MM-DD`.
        due_date: only tasks that are due on this day or earlier.
        priority: only tasks of task types with this priority, as a GazuWarning says.

    Returns:
        `total`, `total_estimation` in minutes, the days `start_date` and `end_date`, and `done_by_day`: dicts with
        `date`, `done` and `done_estimation`. Tasks done before all planned days count on the first of these.
    """
    filters = _open_tasks_filters(
        project, task_type, task_status, person, department, studio, start_date, due_date, priority
    )
    return raw.get("data/tasks/open-tasks/burndown", params=filters, client=client)


# -- single tasks --------------------------------------------------------------
@cache
def get_task(task_id: Ref, client: KitsuClient = default) -> FullTask:
    """Return a task with the records of its project, entity, type, status, assigner and assignees.

    `GET data/tasks/<task_id>/full`

    Raises:
        RouteNotFoundException: it does not exist.

    Example:
        >>> task = gazu.task.get_task(task["id"])
        >>> task["entity"]["name"], task["task_type"]["name"], task["task_status"]["short_name"]
        ('SH010', 'Animation', 'wip')
    """
    return raw.get(route("data/tasks/{task_id}/full", id_of(task_id)), client=client)


@older_calls("0.8")
@cache
def get_task_by_entity(
    entity: Ref, task_type: Ref, name: str = "main", client: KitsuClient = default
) -> Optional[Task]:
    """Return the task of this type of an asset, a shot, ..., or None.

    `GET data/tasks?name=<name>&task_type_id=<task_type_id>&entity_id=<entity_id>`

    Args:
        name: the name of the task; almost all are called `main`.

    Example:
        >>> gazu.task.get_task_by_entity(shot, task_type)["id"] == task["id"]
        True
    """
    params = {"name": name, "task_type_id": id_of(task_type), "entity_id": id_of(entity)}
    return raw.fetch_named("tasks", params, client=client)


@deprecated("removed in gazu 1.0: use `get_task_by_entity`")
def get_task_by_name(entity: Ref, task_type: Ref, name: str = "main", client: KitsuClient = default) -> Optional[Task]:
    """Return what `get_task_by_entity` does: `GET data/tasks?name=...&task_type_id=...&entity_id=...`."""
    return get_task_by_entity(entity, task_type, name, client=client)


@deprecated("removed in gazu 1.2: use `entity.guess_from_path` and `task.get_task_by_entity`")
def get_task_by_path(
    project: Ref, file_path: StrPath, entity_type: str = "shot", client: KitsuClient = default
) -> Optional[FullTask]:
    """Return the task that a working file belongs to, or None.

    For each task of the entities whose names are in the path, this requests the path of its
    working files in the file tree of the project.

    `GET data/<entity_type>s/with-tasks?project_id=<project_id>`
    `POST data/tasks/<task_id>/working-file-path`

    Args:
        file_path: with slashes or backslashes; case is ignored.
        entity_type: `asset`, `shot` or `scene`.

    Raises:
        ParameterException: the project has no file tree.
    """
    path = _plain(os.fsdecode(file_path))
    listed = route("{entity_type}s/with-tasks", entity_type.lower())
    rows = raw.fetch_all(listed, params={"project_id": id_of(project)}, client=client)
    near: List[Tuple[int, str]] = []
    for task_id in [task["id"] for row in rows if _letters(row["name"]) in _letters(path) for task in row["tasks"]]:
        place = raw.post(route("data/tasks/{task_id}/working-file-path", task_id), {}, client=client)
        folder = _plain(place["path"]).rstrip("/") + "/"
        if f"{path}/".startswith(folder):
            near.append((len(os.path.commonprefix([path, folder + _plain(place["name"])])), task_id))  # noqa: RUF071
    return get_task(max(near)[1], client=client) if near else None


def _plain(path: str) -> str:
    return path.replace("\\", "/").lower()


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()


def new_task(
    entity: Ref,
    task_type: Ref,
    name: str = "main",
    task_status: Optional[Ref] = None,
    assigner: Optional[Ref] = None,
    assignees: Optional[Several] = None,
    client: KitsuClient = default,
) -> Task:
    """Create a task, or return the existing one of this type and name: `POST data/tasks`.

    Args:
        entity: an asset, a shot, ..., whose `project_id` is used; an id is fetched first.
        name: for a second task of this type.
        task_status: by default the default status; in a loop it is asked for every five seconds, and after each change
            of this process that may concern it.
        assigner: who assigns it, by default nobody.
        assignees: the people to assign. Unlike `assign_task`, this notifies nobody and adds nobody to the team, whose
            members alone see the production.

    Example:
        >>> layout = gazu.task.new_task_type("Layout", for_entity="Shot")
        >>> task = gazu.task.new_task(shot, layout, assignees=[person])
        >>> gazu.task.get_task(task)["task_status"]["name"]
        'Todo'
    """
    key = {"name": require_name(name), "task_type_id": id_of(task_type), "entity_id": id_of(entity)}
    data: Any = drop_none(assigner_id=id_or_none(assigner), assignees=ids_of(assignees))
    data["task_status_id"] = id_or_none(task_status)
    known = isinstance(entity, Mapping) and "project_id" in entity
    row: Any = entity if known else raw.fetch_one("entities", id_of(entity), client=client)
    return by_memory(_new_task, client, key, {**data, "project_id": row["project_id"]})


def _new_task(memory: Memory, client: KitsuClient, key: Mapping[str, Any], data: Mapping[str, Any]) -> Task:
    """Create a task, or return the existing one."""
    status = data["task_status_id"] or id_of(memory.once(get_default_task_status, client) or "", "a task status")
    is_new = memory.has_no_task(key["entity_id"], key["task_type_id"], client)
    task = None if is_new else raw.fetch_named("tasks", key, client=client)
    return task or raw.create("tasks", {**key, **data, "task_status_id": status}, client=client)


def create_entity_tasks(entity: Ref, task_types: Several, client: KitsuClient = default) -> List[Task]:
    """Create the tasks of these types that the entity does not have yet, and return them.

    `POST data/entities/<entity_id>/tasks`
    """
    path = route("data/entities/{entity_id}/tasks", id_of(entity))
    return raw.post(path, {"task_type_ids": ids_of(task_types)}, client=client)


def create_tasks(
    project: Ref, task_type: Ref, entities: Several, entity_type: str = "Shot", client: KitsuClient = default
) -> List[Task]:
    """Create the tasks of a type for those of *entities* that have none of it yet, and return them.

    Managers of the production; for concepts, also its artists and supervisors. Nothing is sent without entities, as
    the server would take all of the project. A GazuWarning names entities that got no task, as they are of another
    production.

    `POST actions/projects/<project_id>/task-types/<task_type_id>/shots/create-tasks`, and so for `assets`, `edits` and
    `concepts`: `POST actions/projects/<project_id>/task-types/<task_type_id>/assets/create-tasks`,
    `POST actions/projects/<project_id>/task-types/<task_type_id>/edits/create-tasks`,
    `POST actions/projects/<project_id>/task-types/<task_type_id>/concepts/create-tasks`; for other kinds,
    `POST actions/projects/<project_id>/task-types/<task_type_id>/create-tasks/<entity_type>`

    Args:
        entities: entities of one kind.
        entity_type: their kind: `Asset`, `Shot`, `Sequence`, `Episode`, `Edit`, `Scene` or `Concept`.

    Raises:
        TypeError: *entities* is None.
        RouteNotFoundException: one of the ids is unknown, or that of another kind; nothing was created.
    """
    template = "actions/projects/{project_id}/task-types/{task_type_id}/{entity_type}s/create-tasks"
    if entity_type.lower() not in ("asset", "shot", "edit", "concept"):
        template = "actions/projects/{project_id}/task-types/{task_type_id}/create-tasks/{entity_type}"
    path, ids = route(template, id_of(project), id_of(task_type), entity_type.lower()), require_ids(entities)
    created = naming_unknown("entities", ids, client, lambda: raw.post(path, ids, client=client)) if ids else []
    return check_tasks_created(id_of(project), id_of(task_type), ids, created, client)


def create_asset_tasks(asset: Ref, task_types: Several, client: KitsuClient = default) -> List[Task]:
    """Create the tasks of these types that *asset* does not have yet, and return them.

    `POST data/entities/<asset_id>/tasks`
    """
    return create_entity_tasks(asset, task_types, client=client)


def create_shot_tasks(shot: Ref, task_types: Several, client: KitsuClient = default) -> List[Task]:
    """Create the tasks of these types that *shot* does not have yet, and return them.

    `POST data/entities/<shot_id>/tasks`
    """
    return create_entity_tasks(shot, task_types, client=client)


def create_edit_tasks(edit: Ref, task_types: Several, client: KitsuClient = default) -> List[Task]:
    """Create the tasks of these types that *edit* does not have yet, and return them.

    `POST data/entities/<edit_id>/tasks`
    """
    return create_entity_tasks(edit, task_types, client=client)


def create_concept_tasks(concept: Ref, task_types: Several, client: KitsuClient = default) -> List[Task]:
    """Create the tasks of these types that *concept* does not have yet, and return them.

    `POST data/entities/<concept_id>/tasks`
    """
    return create_entity_tasks(concept, task_types, client=client)


def set_tasks_priority(tasks: Several, priority: int, client: KitsuClient = default) -> List[Task]:
    """Set the priority of tasks, and return them: `PUT actions/tasks/set-priority` (Zou 1.0.55).

    Supervisors, in their departments, and managers of the production. The server leaves out tasks that do not exist or
    that this account may not change: a GazuWarning names them.

    Args:
        priority: 0 for normal, 1 for high, 2 for very high, 3 for emergency; the server takes higher ones too.

    Raises:
        NotAllowedException: none of the tasks was changed.
    """
    ids = require_ids(tasks)
    data = {"task_ids": ids, "priority": priority}
    rows = raw.put("actions/tasks/set-priority", data, client=client) if ids else []
    return report(NotAllowedException, "PUT actions/tasks/set-priority", ids, rows, NOT_CHANGED)


def set_task_main_preview(task: Ref, client: KitsuClient = default) -> Entity:
    """Use the last preview of a task as the thumbnail of its entity, and return the entity.

    Everybody in the team but clients; see also `set_main_preview`.

    `PUT actions/tasks/<task_id>/set-main-preview`

    Raises:
        ParameterException: the task has no preview.
    """
    return raw.put(route("actions/tasks/{task_id}/set-main-preview", id_of(task)), {}, client=client)


def set_tasks_main_preview(tasks: Several, client: KitsuClient = default) -> List[Entity]:
    """Use the last preview of each task as the thumbnail of its entity, and return the entities.

    Everybody in the team but clients. The server skips tasks without a preview: a GazuWarning says how many.

    `PUT actions/tasks/set-main-preview`

    Raises:
        RouteNotFoundException: one of the tasks does not exist; those before it were done.
    """
    ids = require_ids(tasks)
    send = functools.partial(raw.put, "actions/tasks/set-main-preview", {"task_ids": ids}, client=client)
    rows = naming_unknown("tasks", ids, client, send) if ids else []
    return warn_if_fewer(ids, rows, "tasks have no preview, and their entities keep their thumbnails")


def update_task(task: Mapping[str, Any], client: KitsuClient = default) -> Task:
    """Change a task, and return it. What `get_task` returned can be passed back: `PUT data/tasks/<task_id>`.

    To set the status, use `add_comment`: a `task_status_id` passed here sets no `done_date`, makes no comment and sends
    no `task:status-changed`, so that reports and listeners miss it. A supervisor may change `priority`, `start_date`,
    `due_date`, `estimation`, `difficulty` and `data` of the tasks of their departments: pass no other field.

    Args:
        task: its `id` and the fields to change. `assignees` takes ids or dicts, and adds nobody to the team, as
            `assign_task` does. Dates are `YYYY-MM-DD`, `estimation` and `duration` are minutes.

    Example:
        >>> task = gazu.task.update_task({"id": task["id"], "due_date": "2027-03-31", "estimation": 960})
        >>> task["due_date"], task["estimation"]
        ('2027-03-31T00:00:00', 960.0)
    """
    # The records that `get_task` adds are not fields of a task.
    added = (
        "project",
        "entity",
        "task_type",
        "task_status",
        "assigner",
        "persons",
        "entity_type",
        "episode",
        "sequence",
    )
    data = {name: value for name, value in for_update(task).items() if name not in added}
    if "assignees" in data:
        data["assignees"] = ids_of(data["assignees"])
    return raw.update("tasks", id_of(task), data, client=client)


def update_task_data(task: Ref, data: Optional[Mapping[str, Any]] = None, client: KitsuClient = default) -> Task:
    """Change metadata of a task, and return it; keys that *data* does not name are left unchanged.

    `GET data/tasks/<task_id>/full`, `PUT data/tasks/<task_id>`

    Args:
        data: the keys to change, with their values.
    """
    row = raw.get(route("data/tasks/{task_id}/full", id_of(task)), client=client)
    merged = {**(row.get("data") or {}), **require_row(data or {})}
    return raw.update("tasks", id_of(task), {"data": merged}, client=client)


def remove_task(task: Ref, client: KitsuClient = default) -> str:
    """Delete a task, with its comments and previews: `DELETE data/tasks/<task_id>?force=true`.

    Example:
        >>> other = gazu.task.new_task(shot, task_type, name="other")
        >>> gazu.task.remove_task(other)
        ''
    """
    return raw.delete(route("data/tasks/{task_id}", id_of(task)), {"force": True}, client=client)


@older_calls(optional_first="project")
def remove_tasks_batch(tasks: Several, client: KitsuClient = default, project: Optional[Ref] = None) -> List[str]:
    """Delete several tasks, and return their ids; `remove_tasks_batch(project, tasks)` is accepted too.

    `POST actions/projects/<project_id>/delete-tasks`

    Args:
        project: the project of all the tasks; by default the one in each task's record, which is fetched for an id. A
            record of another one stays, and a GazuWarning names it.
    """
    groups: Dict[str, List[str]] = {}
    for task in as_list(tasks):
        known = isinstance(task, Mapping) and task.get("project_id")
        if known and project is not None and known != id_of(project):
            warn(f"the task {id_of(task)} is of another project: the server keeps it, and returns its id all the same")
        row: Any = task if known or project is not None else raw.fetch_one("tasks", id_of(task), client=client)
        groups.setdefault(id_of(row["project_id"] if project is None else project), []).append(id_of(task))
    if project is not None and not groups:
        groups[id_of(project)] = []
    template = "actions/projects/{project_id}/delete-tasks"
    removed = [raw.post(route(template, key), ids, client=client) for key, ids in groups.items()]
    return removed[0] if len(removed) == 1 else [gone for answer in removed for gone in answer]


def remove_tasks_for_type(project: Ref, task_type: Ref, client: KitsuClient = default) -> str:
    """Delete all tasks of a type in *project*.

    `DELETE actions/projects/<project_id>/task-types/<task_type_id>/delete-tasks`
    """
    template = "actions/projects/{project_id}/task-types/{task_type_id}/delete-tasks"
    return raw.delete(route(template, id_of(project), id_of(task_type)), client=client)


@cache
def get_task_url(task: Mapping[str, Any], client: KitsuClient = default) -> str:
    """Return the URL of the web page of a task; no request is sent.

    Args:
        task: its record, not its id. The kind of its entity is `entity_type` (from `get_task`) or
            `entity_type_name` (from lists); without either, a shot is assumed.

    Raises:
        TaskMustBeADictException: *task* is not a dict.
        ValueError: the record has no `project_id`.
    """
    if not isinstance(task, Mapping):
        raise TaskMustBeADictException
    kind = str(task.get("entity_type_name") or (task.get("entity_type") or {}).get("name") or "Shot").lower()
    section = kind + "s" if kind in ("shot", "sequence", "episode", "scene", "edit", "concept") else "assets"
    ids = id_of(task.get("project_id", ""), "the project_id of the task"), section, id_of(task)
    page = route("/productions/{project_id}/{section}/tasks/{task_id}/", *ids)
    return raw.get_api_url_from_host(client=client) + page


# -- assignments ---------------------------------------------------------------
def assign_task(task: Ref, person: Ref, client: KitsuClient = default) -> List[Task]:
    """Assign a person to a task, and return a list of that task: `PUT actions/persons/<person_id>/assign`.

    Example:
        >>> [task] = gazu.task.assign_task(task, person)
        >>> task["assignees"] == [person["id"]]
        True
    """
    return assign_tasks_to_person([task], person, client=client)


def assign_tasks_to_person(
    tasks: Several, person: Ref, client: KitsuClient = default, skip_assigned: bool = False
) -> List[Task]:
    """Assign a person to several tasks, and return them: `PUT actions/persons/<person_id>/assign`.

    The person becomes a member of the team, and is notified, also of a task that is assigned again. The server leaves
    out tasks that do not exist or that this account may not assign: a GazuWarning names them.

    Args:
        skip_assigned: whether to leave out tasks that the person is assigned to, so that nobody is notified twice;
            `GET data/tasks?id=<ids>` shows which.
    """
    path, task_ids = route("actions/persons/{person_id}/assign", id_of(person)), ids_of(tasks)
    done, new = split_assigned(task_ids, id_of(person), client) if skip_assigned else ([], task_ids)
    assigned = raw.put(path, {"task_ids": new}, client=client) if new else []
    rows = [*done, *assigned] if done else assigned
    warn_of_missing(task_ids, rows, "tasks were not assigned: they do not exist, or this account may not assign them")
    return rows


def clear_assignations(tasks: Several, person: Optional[Ref] = None, client: KitsuClient = default) -> List[str]:
    """Remove the assignment of a person, or of everybody, from these tasks: `PUT actions/tasks/clear-assignation`.

    Args:
        person: whose assignment to remove; by default that of everybody.

    Returns:
        The ids of the changed tasks.

    Example:
        >>> [modeling] = gazu.task.all_tasks_for_asset(asset)
        >>> gazu.task.clear_assignations(modeling) == [modeling["id"]]
        True
    """
    data = drop_none(task_ids=ids_of(tasks), person_id=id_or_none(person))
    rows = raw.put("actions/tasks/clear-assignation", data, client=client) if data["task_ids"] else []
    warn_of_missing(data["task_ids"], rows, NOT_CHANGED)
    return rows


@older_calls("0.9")
def start_task(
    task: Ref, started_task_status: Optional[Ref] = None, person: Optional[Ref] = None, client: KitsuClient = default
) -> Comment:
    """Set the status of a task to "work in progress", and return the comment that does it.

    `POST actions/tasks/<task_id>/comment`

    Args:
        started_task_status: the status to set instead.
        person: the author of the comment, by default the user.

    Raises:
        TaskStatusNotFoundException: no status has the short name `wip`.
    """
    _, _, chosen = id_of(task), id_or_none(person), id_or_none(started_task_status)
    wip: Any = started_task_status if chosen else get_task_status_by_short_name("wip", client=client)
    if wip is None:
        raise TaskStatusNotFoundException("no task status has the short name wip: pass started_task_status")
    return add_comment(task, wip, person=person, client=client)


@deprecated("removed in gazu 1.2: use `task.add_comment` with the status wfa")
def task_to_review(
    task: Ref,
    person: Ref,
    comment: str,
    revision: int = 1,
    change_status: bool = True,
    client: KitsuClient = default,
) -> Task:
    """Request the approval of a task, and return the task; `add_comment` can set any status.

    Recent servers have no route for it: there this adds a comment with the status `wfa`,
    or another status that requests feedback.

    `PUT actions/tasks/<task_id>/to-review`
    `POST actions/tasks/<task_id>/comment`

    Args:
        person: who requests it.
        comment: the text.
        revision: the number of the preview to review; recent servers ignore it.
        change_status: False to leave the status unchanged.

    Returns:
        The task, as a dict.
    """
    path = route("actions/tasks/{task_id}/to-review", id_of(task))
    data = {"person_id": id_of(person), "comment": comment, "revision": revision, "change_status": change_status}
    with suppress(RouteNotFoundException):
        return raw.put(path, data, client=client)
    asking = [row for row in all_task_statuses(client=client) if row.get("is_feedback_request")] * change_status
    asking.sort(key=lambda row: row["short_name"] != "wfa")
    add_comment(task, asking[0] if asking else _task_status_of(task, client), comment, person, client=client)
    return raw.fetch_one("tasks", id_of(task), client=client)


def _task_status_of(task: Ref, client: KitsuClient) -> str:
    return str(raw.fetch_one("tasks", id_of(task), client=client)["task_status_id"])


# -- task types ----------------------------------------------------------------
@cache
def all_task_types(client: KitsuClient = default) -> List[TaskType]:
    """List all task types, sorted by name: `GET data/task-types`.

    Example:
        >>> "Animation" in [task_type["name"] for task_type in gazu.task.all_task_types()]
        True
    """
    return sort_by_name(raw.fetch_all("task-types", client=client))


@cache
def all_task_types_for_project(project: Ref, client: KitsuClient = default) -> List[TaskType]:
    """List the types that the tasks of *project* can have, sorted by name.

    `GET data/projects/<project_id>/task-types`

    Example:
        >>> [task_type["name"] for task_type in gazu.task.all_task_types_for_project(project)]
        ['Animation', 'Modeling']
    """
    return sort_by_name(raw.fetch_all(route("projects/{project_id}/task-types", id_of(project)), client=client))


@cache
def all_task_types_for_asset(asset: Ref, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the tasks of *asset*, sorted by name: `GET data/assets/<asset_id>/task-types`."""
    return sort_by_name(raw.fetch_all(route("assets/{asset_id}/task-types", id_of(asset)), client=client))


@cache
def all_task_types_for_shot(shot: Ref, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the tasks of *shot*, sorted by name: `GET data/shots/<shot_id>/task-types`."""
    return sort_by_name(raw.fetch_all(route("shots/{shot_id}/task-types", id_of(shot)), client=client))


@cache
def all_task_types_for_concept(concept: Ref, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the tasks of *concept*, sorted by name: `GET data/concepts/<concept_id>/task-types`."""
    return sort_by_name(raw.fetch_all(route("concepts/{concept_id}/task-types", id_of(concept)), client=client))


@cache
def all_task_types_for_scene(scene: Ref, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the tasks of *scene*, sorted by name: `GET data/scenes/<scene_id>/task-types`."""
    return sort_by_name(raw.fetch_all(route("scenes/{scene_id}/task-types", id_of(scene)), client=client))


@cache
def all_task_types_for_sequence(sequence: Ref, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the tasks of *sequence*, sorted by name: `GET data/sequences/<sequence_id>/task-types`."""
    return sort_by_name(raw.fetch_all(route("sequences/{sequence_id}/task-types", id_of(sequence)), client=client))


@cache
def all_task_types_for_episode(episode: Ref, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the tasks of *episode*, sorted by name: `GET data/episodes/<episode_id>/task-types`."""
    return sort_by_name(raw.fetch_all(route("episodes/{episode_id}/task-types", id_of(episode)), client=client))


@cache
def all_task_types_for_edit(edit: Ref, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the tasks of *edit*, sorted by name: `GET data/edits/<edit_id>/task-types`."""
    return sort_by_name(raw.fetch_all(route("edits/{edit_id}/task-types", id_of(edit)), client=client))


@cache
def get_task_type(task_type_id: Ref, client: KitsuClient = default) -> TaskType:
    """Return a task type: `GET data/task-types/<task_type_id>`.

    Raises:
        RouteNotFoundException: it does not exist.

    Example:
        >>> gazu.task.get_task_type(task["task_type_id"])["name"]
        'Animation'
    """
    return raw.fetch_one("task-types", any_id_of(task_type_id), client=client)


@older_calls("0.8")
@cache
def get_task_type_by_name(
    task_type_name: str,
    for_entity: Optional[str] = None,
    department: Optional[Ref] = None,
    client: KitsuClient = default,
) -> Optional[TaskType]:
    """Return the task type of this name, or None: `GET data/task-types?name=<task_type_name>`.

    Args:
        for_entity: the kind of entity: `Asset`, `Shot`, ...; some names are used for several.
        department: only a type of this department.

    Example:
        >>> gazu.task.get_task_type_by_name("Animation", for_entity="Shot")["for_entity"]
        'Shot'
    """
    params = drop_none(name=task_type_name, for_entity=for_entity, department_id=id_or_none(department))
    return raw.fetch_named("task-types", params, client=client)


@cache
def get_task_type_by_short_name(
    task_type_short_name: str,
    for_entity: Optional[str] = None,
    department: Optional[Ref] = None,
    client: KitsuClient = default,
) -> Optional[TaskType]:
    """Return the task type of this short name, or None: `GET data/task-types?short_name=<task_type_short_name>`.

    Args:
        for_entity: the kind of entity: `Asset`, `Shot`, ...
    """
    params = drop_none(for_entity=for_entity, department_id=id_or_none(department))
    return raw.fetch_first("task-types", {"short_name": task_type_short_name, **params}, client=client)


@older_calls("0.8")
def new_task_type(
    name: str, color: str = "#000000", for_entity: str = "Asset", client: KitsuClient = default
) -> TaskType:
    """Create a task type, or return the existing one with this name: `POST data/task-types`.

    Args:
        name: may be a record: its name is used.
        color: `#rrggbb`
        for_entity: the kind of entity: `Asset`, `Shot`, `Sequence`, `Episode`, `Edit` or `Concept`.

    Example:
        >>> gazu.task.new_task_type("Grooming", "#8d6e63", for_entity="Asset")["for_entity"]
        'Asset'
    """
    name = name.get("name", "") if isinstance(name, Mapping) else name
    data = {"name": require_name(name), "for_entity": for_entity, "color": color}
    key = drop_none(name=name, for_entity=for_entity)
    return raw.fetch_named("task-types", key, client=client) or raw.create("task-types", data, client=client)


def update_task_type(task_type: Mapping[str, Any], client: KitsuClient = default) -> TaskType:
    """Change a task type, and return it: `PUT data/task-types/<task_type_id>`.

    Args:
        task_type: its `id` and the fields to change.
    """
    return raw.update("task-types", id_of(task_type), require_row(task_type), client=client)


def reorder_task_types(task_types: Several, client: KitsuClient = default) -> List[TaskType]:
    """Set the order of the task types of the studio, and return them: `POST actions/task-types/reorder`.

    Admins only. A GazuWarning names task types that do not exist, which the server leaves out.

    Args:
        task_types: all of them, in order: their priorities become 1, 2, ..., also where some are not named.
    """
    ids = require_ids(task_types)
    rows = raw.post("actions/task-types/reorder", {"task_type_ids": ids}, client=client) if ids else []
    return report(ParameterException, "POST actions/task-types/reorder", ids, rows, NOT_KNOWN)


@older_calls("1.0")
def remove_task_type(task_type: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete a task type; one that is in use is refused: `DELETE data/task-types/<task_type_id>`.

    Args:
        force: ask the server to delete it anyway; Zou 1.0 still refuses while tasks exist:
            see `remove_tasks_for_type`.

    Raises:
        ParameterException: it is in use.
    """
    path = route("data/task-types/{task_type_id}", id_of(task_type))
    return raw.delete(path, {"force": True} if force else {}, client=client)


# -- task statuses -------------------------------------------------------------
@cache
def all_task_statuses(client: KitsuClient = default) -> List[TaskStatus]:
    """List all task statuses, sorted by name: `GET data/task-status`.

    Example:
        >>> {"todo", "wip", "wfa", "done"} <= {status["short_name"] for status in gazu.task.all_task_statuses()}
        True
    """
    return sort_by_name(raw.fetch_all("task-status", client=client))


@cache
def all_task_statuses_for_project(project: Ref, client: KitsuClient = default) -> List[TaskStatus]:
    """List the statuses that the tasks of *project* can have, sorted by name.

    `GET data/projects/<project_id>/settings/task-status`
    """
    path = route("projects/{project_id}/settings/task-status", id_of(project))
    return sort_by_name(raw.fetch_all(path, client=client))


@older_calls("0.7", renamed={"task": "task_status_id"})
@cache
def get_task_status(task_status_id: Ref, client: KitsuClient = default) -> TaskStatus:
    """Return a task status: `GET data/task-status/<task_status_id>`.

    Args:
        task_status_id: its id or record, or the record of a task, known by its `task_status_id`: its status.

    Raises:
        RouteNotFoundException: it does not exist.

    Example:
        >>> gazu.task.get_task_status(wip["id"])["name"]
        'Work In Progress'
    """
    is_task = isinstance(task_status_id, Mapping) and task_status_id.get("task_status_id")
    return raw.fetch_one("task-status", any_id_of(is_task or task_status_id), client=client)


@cache
def get_default_task_status(client: KitsuClient = default) -> Optional[TaskStatus]:
    """Return the default status of new tasks, or None; concepts have another one.

    `GET data/task-status?is_default=True`
    """
    rows: List[TaskStatus] = raw.fetch_all("task-status", params={"is_default": True}, client=client)
    return next((row for row in rows if not row.get("for_concept")), rows[0] if rows else None)


@cache
def get_task_status_by_name(name: str, client: KitsuClient = default) -> Optional[TaskStatus]:
    """Return the task status of this name, or None: `GET data/task-status?name=<name>`.

    It may be archived or not used in a production: comments take any status.

    Example:
        >>> gazu.task.get_task_status_by_name("Work In Progress")["short_name"]
        'wip'
    """
    return raw.fetch_named("task-status", {"name": name}, client=client)


@cache
def get_task_status_by_short_name(task_status_short_name: str, client: KitsuClient = default) -> Optional[TaskStatus]:
    """Return the task status of this short name (`wip`, `wfa`, `done`, ...), or None.

    `GET data/task-status?short_name=<task_status_short_name>`

    Example:
        >>> gazu.task.get_task_status_by_short_name("wip")["name"]
        'Work In Progress'
    """
    return raw.fetch_first("task-status", {"short_name": task_status_short_name}, client=client)


def new_task_status(
    name: str, short_name: Optional[str] = None, color: str = "#f5f5f5", client: KitsuClient = default
) -> TaskStatus:
    """Create a task status: `POST data/task-status`.

    Args:
        short_name: at most 10 characters; by default the name in lower case, without blanks.
        color: `#rrggbb`, `#rgb`, or one of the names of HTML 4: `blue`, `fuchsia`, ...

    Raises:
        ValueError: *color* is not a valid color.
        ParameterException: the name is already used.
    """
    short = "".join(require_name(name).lower().split())[:10] if short_name is None else short_name
    return raw.create("task-status", {"name": name, "short_name": short, "color": hex_color(color)}, client=client)


def update_task_status(task_status: Mapping[str, Any], client: KitsuClient = default) -> TaskStatus:
    """Change a task status, and return it: `PUT data/task-status/<task_status_id>`.

    Args:
        task_status: its `id` and the fields to change.
    """
    return raw.update("task-status", id_of(task_status), require_row(task_status), client=client)


def remove_task_status(task_status: Ref, client: KitsuClient = default) -> str:
    """Delete a task status: `DELETE data/task-status/<task_status_id>?force=true`.

    Raises:
        ParameterException: a task, a comment or a project uses it.
    """
    return raw.delete(route("data/task-status/{task_status_id}", id_of(task_status)), {"force": True}, client=client)


# -- comments ------------------------------------------------------------------
@cache
def all_comments_for_task(task: Ref, client: KitsuClient = default) -> List[TaskComment]:
    """List the comments of *task*, the newest first: `GET data/tasks/<task_id>/comments`.

    Example:
        >>> [comment] = gazu.task.all_comments_for_task(task)
        >>> comment["text"], comment["task_status"]["short_name"]
        ('First version', 'wip')
    """
    return raw.fetch_all(route("tasks/{task_id}/comments", id_of(task)), client=client)


@cache
def all_comments_for_project(project: Ref, client: KitsuClient = default) -> List[Comment]:
    """List the comments of all tasks of *project*: `GET data/projects/<project_id>/comments`."""
    return raw.fetch_all(route("projects/{project_id}/comments", id_of(project)), client=client)


@cache
def get_last_comment_for_task(task: Ref, client: KitsuClient = default) -> Optional[TaskComment]:
    """Return the newest comment of *task*, or None: `GET data/tasks/<task_id>/comments`.

    Example:
        >>> gazu.task.get_last_comment_for_task(task)["text"]
        'First version'
    """
    return raw.fetch_first(route("tasks/{task_id}/comments", id_of(task)), client=client)


def get_comment(comment_id: Ref, client: KitsuClient = default) -> Comment:
    """Return a comment: `GET data/comments/<comment_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("comments", any_id_of(comment_id), client=client)


def _is_time(created_at: Any) -> bool:
    """Return whether *value* is a time; until 1.0 it stood where the attachments are."""
    text = isinstance(created_at, str) and re.fullmatch(r"\d{4}-\d\d-\d\d(T[\d:.]+)?", created_at)
    return bool(text) or isinstance(created_at, datetime.date)


@older_calls("1.0", inserted_at={4: are_files, 5: _is_time})
def add_comment(
    task: Ref,
    task_status: Ref,
    comment: str = "",
    person: Optional[Ref] = None,
    checklist: Optional[Iterable[Mapping[str, Any]]] = None,
    attachments: Optional[Paths] = None,
    created_at: Optional[Date] = None,
    links: Optional[Iterable[str]] = None,
    for_client: bool = False,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
    hashtags: bool = True,
) -> Comment:
    """Comment on a task and set its status, and return the comment: `POST actions/tasks/<task_id>/comment`.

    Only managers and administrators can set *person*, *created_at* and *for_client*: for all others the server
    ignores these, and a GazuWarning says so.

    A hashtag in the text, such as `#animation` or `#all`, makes the server add the comment to the tasks of that type,
    or to all, of the same entity. `@Jane Doe` notifies her, if a space or the end of the text comes next.

    Args:
        task_status: the new status of the task; pass its current one to leave it unchanged.
        comment: the text, in Markdown.
        person: the author, by default the user.
        checklist: `[{"text": "fix the hand", "checked": False}, ...]`
        attachments: paths of files to attach. The server takes names up to 250 characters that end in at most 6 after
            a dot: not `.blend12`, nor `Makefile`.
        created_at: `YYYY-MM-DDTHH:MM:SS` in UTC, or a day, which stands for its beginning; by default now. A
            datetime with a time zone is converted to UTC.
        links: URLs.
        for_client: whether clients can see it.
        progress_callback: called with (bytes sent, total bytes).
        hashtags: False to comment on this task only: an invisible character (U+200B) then follows each `#` that a
            letter follows.

    Raises:
        FileNotFoundError: an attachment does not exist; nothing is sent.

    Example:
        >>> comment = gazu.task.add_comment(task, wip, "Fixed", checklist=[{"text": "hand", "checked": True}])
        >>> comment["person"]["first_name"], comment["task_status"]["short_name"], comment["checklist"][0]["text"]
        ('Jane', 'wip', 'hand')
    """
    path = route("actions/tasks/{task_id}/comment", id_of(task))
    lists = {"checklist": list(checklist or []), "links": list(links or [])}
    when = None if created_at is None else time_of(created_at)
    who_and_when = drop_none(person_id=id_or_none(person), created_at=when)
    text = comment if hashtags else without_hashtags(comment)
    data = {"task_status_id": id_of(task_status), "comment": text, **lists, "for_client": for_client, **who_and_when}
    files = check_paths(attachments, "attachments")
    key = publishing.comment_key(id_of(task), data, len(files))
    send: Any = functools.partial(raw.post, path, data, client=client)
    if files:
        form = {k: encode(value, k) if k in lists else value for k, value in data.items() if value is not False}
        send = functools.partial(_upload_attachments, path, files, form, client, progress_callback)
    created = publishing.idempotent_send(client, key, send)
    warn_of_dropped([data], [created])
    warn_of_old_server(data, created, client)
    return created


def _upload_attachments(
    path: str, attachments: List[StrPath], form: Mapping[str, Any], client: KitsuClient, progress: Optional["Progress"]
) -> Any:
    """Upload files with the fields of a form."""
    *others, last = attachments
    return raw.upload(path, last, data=form, extra_files=others, client=client, progress_callback=progress)


def add_attachment_files_to_comment(
    task: Ref,
    comment: Ref,
    attachments: Optional[Paths] = None,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> List[AttachmentFile]:
    """Attach more files to a comment, and return their records.

    `POST actions/tasks/<task_id>/comments/<comment_id>/add-attachment`

    Args:
        attachments: their paths. The server takes names up to 250 characters that end in at most 6 after a dot.
        progress_callback: called with (bytes sent, total bytes).

    Raises:
        FileNotFoundError: a file does not exist; nothing is sent.
        ValueError: there is no file to attach.

    Example:
        >>> [row["name"] for row in gazu.task.add_attachment_files_to_comment(task, comment, "v1.png")]
        ['v1.png']
    """
    path = route("actions/tasks/{task_id}/comments/{comment_id}/add-attachment", id_of(task), id_of(comment))
    paths = check_paths(attachments, "attachments")
    if not paths:
        raise ValueError("there is no file to attach: pass attachments")
    return _upload_attachments(path, paths, {}, client, progress_callback)


def update_comment(comment: Mapping[str, Any], client: KitsuClient = default) -> Comment:
    """Change a comment, and return it: `PUT data/comments/<comment_id>`.

    Args:
        comment: its `id` and the fields to change: `text`, `checklist`, `links`,
            `task_status_id`, `for_client`, ...

    Example:
        >>> gazu.task.update_comment({"id": comment["id"], "text": "First version, again"})["text"]
        'First version, again'
    """
    return raw.update("comments", id_of(comment), for_update(comment), client=client)


def remove_comment(comment: Ref, client: KitsuClient = default) -> str:
    """Delete a comment, with its replies and previews: `DELETE data/comments/<comment_id>`.

    The server computes the status and the dates of the task again from the comments that remain: a `done_date` of an
    earlier approval comes back, even if the task is a retake now, and `end_date` becomes that of the first request for
    feedback. The next preview gets the revision of a deleted one again.

    Example:
        >>> gazu.task.remove_comment(gazu.task.add_comment(task, wip, "wrong task"))
        ''
    """
    return raw.delete(route("data/comments/{comment_id}", id_of(comment)), client=client)


def copy_client_comments(
    project: Ref, tasks: Several, prefix: str = "", client: KitsuClient = default
) -> List[Comment]:
    """Write the last comment of a client on each task again as the user, for artists to see; return the new ones.

    For managers. Tasks keep their status. A GazuWarning names tasks that have no comment of a client.

    `POST actions/projects/<project_id>/tasks/copy-client-comments`

    Args:
        prefix: a text before each comment.
    """
    ids = require_ids(tasks)
    path = route("actions/projects/{project_id}/tasks/copy-client-comments", id_of(project))
    made: Any = raw.post(path, {"task_ids": ids, "prefix": prefix}, client=client) if ids else []
    done = [comment["object_id"] for comment in made]
    warn_of_missing(ids, done, "tasks have no comment of a client, or are of another project")
    return made


def acknowledge_comment(task: Ref, comment: Ref, client: KitsuClient = default) -> Comment:
    """Acknowledge a comment as the user, or withdraw the acknowledgement.

    `POST data/tasks/<task_id>/comments/<comment_id>/ack`
    """
    path = route("data/tasks/{task_id}/comments/{comment_id}/ack", id_of(task), id_of(comment))
    return raw.post(path, {}, client=client)


def move_comment_to_task(task: Ref, comment: Ref, target_task: Ref, client: KitsuClient = default) -> Comment:
    """Move a comment from *task* to another task of the same entity.

    `POST actions/tasks/<task_id>/comments/<comment_id>/move`

    Returns:
        The comment, as a dict.
    """
    path = route("actions/tasks/{task_id}/comments/{comment_id}/move", id_of(task), id_of(comment))
    return raw.post(path, {"target_task_id": id_of(target_task)}, client=client)


def _task_id_of(comment: Ref, client: KitsuClient) -> str:
    """Return the id of the task of a comment: from its record, or from the server for an id."""
    row: Any = comment
    if not (isinstance(comment, Mapping) and comment.get("object_id")):
        row = get_comment(id_of(comment), client=client)
    return id_of(row["object_id"])


def _warn_of_author(person: Optional[Ref]) -> None:
    if person is not None:
        warn("gazu.task.reply_to_comment: the server ignores person, the author is the user", DeprecationWarning)


@older_calls(optional_first="task")
def reply_to_comment(
    comment: Ref,
    text: str,
    person: Optional[Ref] = None,
    client: KitsuClient = default,
    task: Optional[Ref] = None,
) -> Reply:
    """Reply to a comment, and return the reply; `reply_to_comment(task, comment, text)` is accepted too.

    `POST data/tasks/<task_id>/comments/<comment_id>/reply`

    Args:
        person: deprecated: the server ignores it, the author is the user.
        task: the task of the comment; by default the one in the comment's record, which is fetched for an id.
    """
    _warn_of_author(person)
    reply = drop_none(text=text, person_id=id_or_none(person))
    task_id = id_or_none(task) or _task_id_of(comment, client)
    return raw.post(
        route("data/tasks/{task_id}/comments/{comment_id}/reply", task_id, id_of(comment)), reply, client=client
    )


@older_calls(optional_first="task")
def delete_comment_reply(comment: Ref, reply: Ref, client: KitsuClient = default, task: Optional[Ref] = None) -> str:
    """Delete a reply to a comment; `delete_comment_reply(task, comment, reply)` is accepted too.

    `DELETE data/tasks/<task_id>/comments/<comment_id>/reply/<reply_id>`

    Args:
        task: the task of the comment; by default the one in the comment's record, which is fetched for an id.
    """
    task_id, template = id_or_none(task), "data/tasks/{task_id}/comments/{comment_id}/reply/{reply_id}"
    reply_id = id_of(reply)
    return raw.delete(route(template, task_id or _task_id_of(comment, client), id_of(comment), reply_id), client=client)


@older_calls(optional_first="task")
def delete_comment_attachment(
    comment: Ref, attachment_file: Ref, client: KitsuClient = default, task: Optional[Ref] = None
) -> str:
    """Delete a file attached to a comment; `delete_comment_attachment(task, comment, attachment_file)` is accepted too.

    `DELETE data/tasks/<task_id>/comments/<comment_id>/attachments/<attachment_file_id>`

    Args:
        task: the task of the comment; by default the one in the comment's record, which is fetched for an id.
    """
    task_id, file_id = id_or_none(task), id_of(attachment_file)
    template = "data/tasks/{task_id}/comments/{comment_id}/attachments/{attachment_file_id}"
    return raw.delete(route(template, task_id or _task_id_of(comment, client), id_of(comment), file_id), client=client)


# -- batches of comments -------------------------------------------------------


def batch_comments(
    comments: Optional[Iterable[Mapping[str, Any]]] = None,
    task: Optional[Ref] = None,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> List[Comment]:
    """Publish comments with attachments and previews, and return them.

    The returned comments have their attachments, but not yet their previews. With files, more
    than ten comments are sent in groups of ten: a failure leaves complete groups.
    `person_id` and `created_at` are for managers and administrators, as in `add_comment`.

    `POST actions/tasks/batch-comment`
    `POST actions/tasks/<task_id>/batch-comment`

    Args:
        comments: dicts with `task_status_id`, `text` (or `comment`) and, unless *task* is given, `task_id` (or
            `object_id`); optional are `person_id`, `checklist`, `links` and `created_at`, and file paths in
            `attachment_files` and `preview_files`.
        task: the task of all comments.
        progress_callback: called with (bytes sent, total bytes).

    Raises:
        FileNotFoundError: a file does not exist; nothing is sent.
        ValueError: the server does not take a file as a preview, or a comment has `for_client`; nothing is sent.
        UploadFailedException: the server could not use a preview; `comments` are those that exist.
        GazuException: its `comments` are the first of the comments, as far as they exist.

    Example:
        >>> row = {"task_id": task["id"], "task_status_id": wip["id"], "text": "At once", "preview_files": ["v1.png"]}
        >>> [comment["text"] for comment in gazu.task.batch_comments([row])]
        ['At once']
    """
    path = "actions/tasks/batch-comment"
    if task is not None:
        path = route("actions/tasks/{task_id}/batch-comment", id_of(task))
    rows = batch_rows(comments, {"object_id": "task_id", "comment": "text"})
    with naming_incomplete(rows, is_of_task=task is not None):
        return _send_comments(path, id_or_none(task), rows, client, progress_callback)


def _send_comments(
    path: str,
    task_id: Optional[str],
    comments: List[Dict[str, Any]],
    client: KitsuClient,
    progress_callback: Optional["Progress"],
) -> List[Comment]:
    """Send comments with their files in groups of ten: the server gives the files of comment 10 to comment 1 too."""
    total = sum(os.path.getsize(name) for row in comments for kind in FILE_FIELDS for name in row.get(kind, []))
    any_file = any(row.get(kind) for row in comments for kind in FILE_FIELDS)
    step = 10 if any_file else len(comments) or 1
    created: List[Comment] = []
    sent = 0
    for start in range(0, len(comments) or 1, step):
        group = comments[start : start + step]
        progress = progress_callback and functools.partial(_shift_progress, progress_callback, sent, total)
        send = functools.partial(_send_group, path, group, client, progress)
        keys = [publishing.comment_key(task_id, row) for row in group]
        with publishing.attach_partial_result(comments=created):
            rows = publishing.idempotent_send_all(client, keys, send)
            check_created(path, group, rows)
            created = created + rows
        sent += sum(os.path.getsize(name) for _, name in _file_fields(group))
    return created


def _file_fields(group: List[Dict[str, Any]]) -> List[Tuple[str, str]]:
    """Return the form field and the path of each file of the comments."""
    return [
        (f"{kind[:-1]}-{number}-{position}", name)
        for number, row in enumerate(group)
        for kind in FILE_FIELDS
        for position, name in enumerate(row.get(kind, []))
    ]


def _send_group(
    path: str, group: List[Dict[str, Any]], client: KitsuClient, progress: Optional["Progress"], positions: List[int]
) -> Any:
    """Send the comments at these positions of a group, with their files."""
    rows = [group[position] for position in positions]
    with ExitStack() as stack:
        files = {field: stack.enter_context(open(name, "rb")) for field, name in _file_fields(rows)}
        form = {"comments": encode(rows)}
        return raw.upload(path, data=form, files=files, client=client, progress_callback=progress)


def _shift_progress(progress_callback: "Progress", before: int, total: int, now: int, _: int) -> None:
    """Report the progress of one upload as that of all."""
    progress_callback(before + now, total)


def add_tasks_batch_comments(
    tasks: Several, comments_data: Mapping[str, Any], client: KitsuClient = default
) -> List[Comment]:
    """Publish the same comment on several tasks, and return the comments: `POST actions/tasks/batch-comment`.

    Args:
        comments_data: a dict with `task_status_id` and `text` (or `comment`); optional are
            `person_id`, `checklist`, `links` and `created_at`, and file paths in
            `attachment_files` (or `attachments`) and `preview_files`.
    """
    names = {"comment": "text", "attachments": "attachment_files"}
    (data,) = batch_rows([comments_data], names, text="")
    comments = [{**data, "task_id": task_id} for task_id in ids_of(tasks)]
    if any(data.get(kind) for kind in FILE_FIELDS):
        return batch_comments(comments, client=client)
    path = "actions/tasks/batch-comment"
    return _post_comments(path, comments, lambda rows: raw.post(path, {"comments": rows}, client=client), client)


def _post_comments(
    path: str, comments: List[Dict[str, Any]], post: Callable[[List[Dict[str, Any]]], Any], client: KitsuClient
) -> List[Comment]:
    """Create comments without files by one request."""
    keys = [publishing.comment_key(None, row) for row in comments]
    send = lambda missing: post([comments[position] for position in missing])  # noqa: E731
    created = publishing.idempotent_send_all(client, keys, send)
    check_created(path, comments, created)
    return created


def create_multiple_comments(
    project: Ref,
    comments: Optional[Iterable[Mapping[str, Any]]] = None,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> List[Comment]:
    """Publish comments on tasks of *project*, and return them.

    The route of the project takes no files, and ignores `person_id`, `created_at` and `checklist`: comments with any
    of these are published as `batch_comments` does.

    Where the server does not have that route, the comments with their files go where those without files go.

    `POST actions/projects/<project_id>/tasks/comment-many`
    `POST actions/tasks/batch-comment`

    Args:
        comments: dicts with `object_id` (or `task_id`), `task_status_id` and `comment` (or
            `text`); optional are `person_id`, `created_at`, `checklist` and `links`, and file paths
            in `attachment_files` and `preview_files`.
        progress_callback: called with (bytes sent, total bytes).

    Raises:
        NotAllowedException: the user may not comment on some of the tasks; `comments` are all that were created.
    """
    path = route("actions/projects/{project_id}/tasks/comment-many", id_of(project))
    rows = batch_rows(comments, {"task_id": "object_id", "text": "comment"})
    if any(row.get(key) for row in rows for key in (*FILE_FIELDS, "person_id", "created_at", "checklist")):
        return _send_with_files(path, rows, client, progress_callback)
    return _post_comments(path, rows, lambda missing: raw.post(path, missing, client=client), client)


def _send_with_files(
    path: str, rows: List[Dict[str, Any]], client: KitsuClient, progress_callback: Optional["Progress"]
) -> List[Comment]:
    """Publish comments with files as `batch_comments` does, or where there is no such route, at *path*."""
    batch = [{"text": "", **rename_keys(row, {"object_id": "task_id", "comment": "text"})} for row in rows]
    with publishing.ignore_missing_route():
        return batch_comments(batch, client=client, progress_callback=progress_callback)
    return _send_comments(path, None, rows, client, progress_callback)


# -- previews ------------------------------------------------------------------
@cache
def all_previews_for_task(task: Ref, client: KitsuClient = default) -> List[PreviewFile]:
    """List the preview files of *task*: `GET data/tasks/<task_id>/previews`.

    Example:
        >>> [(preview["original_name"], preview["revision"]) for preview in gazu.task.all_previews_for_task(task)]
        [('v1', 1)]
    """
    return raw.fetch_all(route("tasks/{task_id}/previews", id_of(task)), client=client)


@cache
def all_preview_files_for_project(project: Ref, client: KitsuClient = default) -> List[PreviewFile]:
    """List the preview files of all tasks of *project*: `GET data/projects/<project_id>/preview-files`."""
    return raw.fetch_all(route("projects/{project_id}/preview-files", id_of(project)), client=client)


@older_calls("1.0")
def publish_preview(
    task: Ref,
    task_status: Ref,
    comment: str = "",
    person: Optional[Ref] = None,
    checklist: Optional[Iterable[Mapping[str, Any]]] = None,
    attachments: Optional[Paths] = None,
    created_at: Optional[Date] = None,
    preview_file_path: Optional[StrPath] = None,
    preview_file_url: Optional[str] = None,
    normalize_movie: bool = True,
    revision: Optional[int] = None,
    set_thumbnail: bool = False,
    links: Optional[Iterable[str]] = None,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
    hashtags: bool = True,
) -> Tuple[Comment, PreviewFile]:
    """Publish an image or a movie for review: comment, preview file and upload in one call.

    The other arguments are those of `add_comment` and `add_preview`; hashtags in the text comment on other tasks, too.

    After a failure, the same call with the same client uses the comment and the preview file that exist, for 15
    minutes, and publishes nothing twice.

    `POST actions/tasks/<task_id>/comment`, `POST actions/tasks/<task_id>/comments/<comment_id>/add-preview`,
    `POST pictures/preview-files/<preview_file_id>`

    Args:
        set_thumbnail: use it as the thumbnail (main preview) of the entity.
        progress_callback: called with (bytes sent, total bytes).

    Returns:
        The comment and the preview file.

    Raises:
        FileNotFoundError: the file does not exist; nothing is sent.
        ValueError: the file is empty, or of a kind that the server does not take as a preview (see
            `PREVIEW_EXTENSIONS`), or has no thumbnail to set; nothing is sent.
        ParameterException: *revision* is taken; no comment is created.
        Exception: the `comment` and `preview_file` of an error, even of Ctrl-C, are those that were created, to
            continue with; without `preview_file`, the server has none, as it deletes those of files that it refuses.

    Example:
        >>> wfa = gazu.task.get_task_status_by_short_name("wfa")
        >>> comment, preview = gazu.task.publish_preview(task, wfa, "Please review", preview_file_path="v1.png")
        >>> comment["task_status"]["short_name"], preview["extension"]
        ('wfa', 'png')
    """
    with _local_file(preview_file_path, preview_file_url) as path:  # before a comment is sent
        check_thumbnail(path, set_thumbnail)
        text = comment if hashtags else without_hashtags(comment)
        row = {"task_status_id": id_of(task_status), "comment": text, "person_id": person and id_of(person)}
        key = publishing.comment_key(id_of(task), {**row, "created_at": created_at and time_of(created_at)})
        created: Any = publishing.find_unfinished(client, key)
        if created is None:
            check_revision(task, revision, client)
            arguments = (text, person, checklist, attachments, created_at, links)
            created = add_comment(task, task_status, *arguments, client=client)
        with publishing.attach_partial_result(comment=created):
            with publishing.remember_unfinished(client, key, created):
                create = functools.partial(create_preview, task, created, revision, client=client)
                preview = _fill_preview(
                    task, created, revision, create, path, (normalize_movie, False), client, progress_callback
                )
            with publishing.attach_partial_result(preview_file=preview):
                if set_thumbnail:
                    set_main_preview(preview, client=client)
    return created, preview


@contextmanager
def _local_file(path: Optional[StrPath], url: Optional[str]) -> Iterator[StrPath]:
    """Yield the path of the file to upload; a file from *url* is removed afterwards."""
    if url:
        with temporary_folder() as folder:
            yield check_file(download_file(url, folder))
    else:
        yield check_file(path)


def _fill_preview(
    task: Ref,
    comment: Ref,
    revision: Optional[int],
    create: Callable[[], PreviewFile],
    path: StrPath,
    options: Tuple[bool, bool],
    client: KitsuClient,
    progress_callback: Optional["Progress"],
) -> PreviewFile:
    """Upload the file of a new preview, or of that which an earlier attempt created; an error carries the preview."""
    key = publishing.PreviewKey(id_of(task), id_of(comment), revision)
    empty: Any = publishing.find_unfinished(client, key) or create()
    with publishing.remember_unfinished(client, key, empty), publishing.attach_preview_file(client, empty):
        return upload_preview_file(empty, path, *options, client, progress_callback)


@older_calls("1.2")
def add_preview(
    task: Ref,
    comment: Ref,
    preview_file_path: Optional[StrPath] = None,
    preview_file_url: Optional[str] = None,
    normalize_movie: bool = True,
    revision: Optional[int] = None,
    no_job: bool = False,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> PreviewFile:
    """Add a preview revision to a comment, and upload its file.

    `POST actions/tasks/<task_id>/comments/<comment_id>/add-preview`, `POST pictures/preview-files/<preview_file_id>`

    Args:
        preview_file_path: the image, movie, PDF, 3D scene, ...
        preview_file_url: a URL to download the file from instead.
        normalize_movie: whether the server re-encodes a movie for browsers, at the size and the rate of the shot or
            else of the production: frames are renumbered when the rate changes. False keeps the movie as it is.
        revision: the number, by default the next one.
        no_job: whether the server processes the file during the upload, not after it.
        progress_callback: called with (bytes sent, total bytes).

    Raises:
        FileNotFoundError: the file does not exist; nothing is sent.
        ValueError: the file is empty, or of a kind that the server does not take as a preview; nothing is sent.
        UploadFailedException: the server could not use the file.

    Example:
        >>> comment = gazu.task.add_comment(task, wip, "Second version")
        >>> preview = gazu.task.add_preview(task, comment, "v1.png", revision=20)
        >>> preview["revision"], preview["original_name"]
        (20, 'v1')
    """
    with _local_file(preview_file_path, preview_file_url) as path:
        create = functools.partial(create_preview, task, comment, revision, client=client)
        return _fill_preview(
            task, comment, revision, create, path, (normalize_movie, no_job), client, progress_callback
        )


@older_calls("0.8")
def create_preview(
    task: Ref, comment: Ref, revision: Optional[int] = None, client: KitsuClient = default
) -> PreviewFile:
    """Add a preview revision to a comment, without its file: see `upload_preview_file`.

    `POST actions/tasks/<task_id>/comments/<comment_id>/add-preview`

    Args:
        revision: the number, by default the next one.
    """
    path = route("actions/tasks/{task_id}/comments/{comment_id}/add-preview", id_of(task), id_of(comment))
    send = functools.partial(raw.post, path, drop_none(revision=revision), client=client)
    return publishing.idempotent_send(client, publishing.PreviewKey(id_of(task), id_of(comment), revision), send)


@older_calls("1.2", renamed={"preview": "preview_file"})
def upload_preview_file(
    preview_file: Ref,
    file_path: Optional[StrPath],
    normalize_movie: bool = True,
    no_job: bool = False,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
    file_name: Optional[str] = None,
    timeout: raw.Timeout = None,
) -> PreviewFile:
    """Upload the file of a preview: `POST pictures/preview-files/<preview_file_id>`.

    Args:
        file_path: the image, movie, PDF, 3D scene, ...; or an open file.
        normalize_movie: whether the server re-encodes a movie for browsers, at the size and the rate of the shot or
            else of the production: frames are renumbered when the rate changes. False keeps the movie as it is.
        no_job: whether the server processes the file during the upload, not after it.
        progress_callback: called with (bytes sent, total bytes).
        file_name: the name to send, by default that of the file.
        timeout: seconds without data, or (connect, read), for this call.

    Raises:
        ValueError: the server does not take this kind of file as a preview (see `PREVIEW_EXTENSIONS`).

    Example:
        >>> comment = gazu.task.add_comment(task, wip, "Third version")
        >>> preview = gazu.task.create_preview(task, comment)
        >>> gazu.task.upload_preview_file(preview, "v1.png")["extension"]
        'png'
    """
    if isinstance(file_path, PATH_TYPES):
        check_preview_name(file_name or file_path)
    query = {**({} if normalize_movie else {"normalize": "false"}), **({"no_job": "true"} if no_job else {})}
    path = raw.build_path_with_params(route("pictures/preview-files/{preview_file_id}", id_of(preview_file)), query)
    options: Any = {"progress_callback": progress_callback, "timeout": timeout, "file_name": file_name}
    send = functools.partial(raw.upload, path, file_path, client=client, **options)
    return publishing.idempotent_send(client, publishing.UploadKey(id_of(preview_file)), send)


@older_calls("1.2")
def add_extra_preview(
    task: Ref,
    comment: Ref,
    preview_file: Ref,
    preview_file_path: Optional[StrPath] = None,
    preview_file_url: Optional[str] = None,
    normalize_movie: bool = True,
    no_job: bool = False,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> PreviewFile:
    """Add an image or a movie to the revision of *preview_file*, and upload it.

    `POST actions/tasks/<task_id>/comments/<comment_id>/preview-files/<preview_file_id>`,
    `POST pictures/preview-files/<preview_file_id>`

    Args:
        preview_file: the first preview file of the revision.

    The other arguments are those of `add_preview`.

    Raises:
        FileNotFoundError: the file does not exist; nothing is sent.
        ValueError: the file is empty, or of a kind that the server does not take as a preview; nothing is sent.
    """
    with _local_file(preview_file_path, preview_file_url) as path:
        create = functools.partial(create_extra_preview, task, comment, preview_file, client=client)
        return _fill_preview(task, comment, None, create, path, (normalize_movie, no_job), client, progress_callback)


def create_extra_preview(task: Ref, comment: Ref, preview_file: Ref, client: KitsuClient = default) -> PreviewFile:
    """Add a preview to the revision of *preview_file*, without its file: see `upload_preview_file`.

    `POST actions/tasks/<task_id>/comments/<comment_id>/preview-files/<preview_file_id>`
    """
    template = "actions/tasks/{task_id}/comments/{comment_id}/preview-files/{preview_file_id}"
    path = route(template, id_of(task), id_of(comment), id_of(preview_file))
    key = publishing.PreviewKey(id_of(task), id_of(comment), None)
    return publishing.idempotent_send(client, key, lambda: raw.post(path, {}, client=client))


@deprecated("removed in gazu 1.2: use `task.update_comment` with previews")
def add_preview_to_comment(comment: Ref, preview_file: Ref, client: KitsuClient = default) -> Comment:
    """Add an existing preview to another comment of its task, and return the comment.

    `PUT data/comments/<comment_id>`
    """
    new, previews = id_of(preview_file), ids_of(get_comment(id_of(comment), client=client).get("previews"))
    if new not in previews:
        update_comment({"id": id_of(comment), "previews": [*previews, new]}, client=client)
    return get_comment(comment, client=client)


@older_calls(optional_first="task")
def remove_preview_from_comment(
    comment: Ref, preview_file: Ref, client: KitsuClient = default, task: Optional[Ref] = None
) -> str:
    """Delete a preview of a comment; `remove_preview_from_comment(task, comment, preview_file)` is accepted too.

    `DELETE actions/tasks/<task_id>/comments/<comment_id>/preview-files/<preview_file_id>`

    Args:
        task: the task of the comment; by default the one in the comment's record, which is fetched for an id.
    """
    task_id, file_id = id_or_none(task), id_of(preview_file)
    template = "actions/tasks/{task_id}/comments/{comment_id}/preview-files/{preview_file_id}"
    return raw.delete(route(template, task_id or _task_id_of(comment, client), id_of(comment), file_id), client=client)


@older_calls("0.8")
def set_main_preview(preview_file: Ref, frame_number: Optional[int] = None, client: KitsuClient = default) -> Entity:
    """Use a preview as the thumbnail (main preview) of its entity, and return the entity.

    `PUT actions/preview-files/<preview_file_id>/set-main-preview`

    Args:
        frame_number: the frame to use of a movie.

    Returns:
        The record of the asset, the shot, ..., with its new `preview_file_id`.

    Example:
        >>> gazu.task.set_main_preview(preview)["preview_file_id"] == preview["id"]
        True
    """
    path = route("actions/preview-files/{preview_file_id}/set-main-preview", id_of(preview_file))
    return raw.put(path, drop_none(frame_number=frame_number), client=client)


# -- time spent ----------------------------------------------------------------
@cache
def get_time_spent(task: Ref, date: Optional[Date] = None, client: KitsuClient = default) -> Dict[str, Any]:
    """Return the time spent on a task in minutes, by person and in total (`total`).

    `GET actions/tasks/<task_id>/time-spents[/<date>]`

    Args:
        date: only on this day: `YYYY-MM-DD`.

    Returns:
        `total`, and by the id of each person a list of time-spent entries, as dicts.

    Example:
        >>> gazu.task.set_time_spent(task, person, "2026-11-02", 240)["duration"]
        240.0
        >>> gazu.task.get_time_spent(task)["total"]
        240.0
    """
    if date is not None:
        return get_task_time_spent_for_date(task, date, client=client)
    return raw.get(route("actions/tasks/{task_id}/time-spents", id_of(task)), client=client)


@cache
def get_task_time_spent_for_date(task: Ref, date: Date, client: KitsuClient = default) -> Dict[str, Any]:
    """Return the time spent on a task on one day, in minutes: `GET actions/tasks/<task_id>/time-spents/<date>`.

    Args:
        date: `YYYY-MM-DD`

    Returns:
        `total`, and by the id of each person a list of time-spent entries, as dicts.
    """
    path = route("actions/tasks/{task_id}/time-spents/{date}", id_of(task), day_of(date))
    return raw.get(path, client=client)


def set_time_spent(task: Ref, person: Ref, date: Date, duration: float, client: KitsuClient = default) -> TimeSpent:
    """Set the time that a person spent on a task on one day.

    `POST actions/tasks/<task_id>/time-spents/<date>/persons/<person_id>`

    Args:
        date: `YYYY-MM-DD`
        duration: in minutes.

    Raises:
        NotAllowedException: the person is not assigned to the task.
    """
    template = "actions/tasks/{task_id}/time-spents/{date}/persons/{person_id}"
    path = route(template, id_of(task), day_of(date), id_of(person))
    return raw.post(path, {"duration": duration}, client=client)


def add_time_spent(task: Ref, person: Ref, date: Date, duration: float, client: KitsuClient = default) -> TimeSpent:
    """Add to the time that a person spent on a task on one day.

    `POST actions/tasks/<task_id>/time-spents/<date>/persons/<person_id>/add`

    Args:
        date: `YYYY-MM-DD`
        duration: in minutes.

    Raises:
        NotAllowedException: the person is not assigned to the task.
    """
    template = "actions/tasks/{task_id}/time-spents/{date}/persons/{person_id}/add"
    path = route(template, id_of(task), day_of(date), id_of(person))
    return raw.post(path, {"duration": duration}, client=client)


def remove_time_spent(
    time_spent: Optional[Ref] = None,
    client: KitsuClient = default,
    task: Optional[Ref] = None,
    person: Optional[Ref] = None,
    date: Optional[Date] = None,
) -> str:
    """Delete a time-spent entry, or what a *person* spent on a *task* on a day. The person, managers and admins.

    `DELETE data/time-spents/<time_spent_id>` or
    `DELETE actions/tasks/<task_id>/time-spents/<date>/persons/<person_id>`

    Args:
        time_spent: the entry; without it, *task*, *person* and *date* are needed.
        date: `YYYY-MM-DD`

    Raises:
        NotAllowedException: the person is not assigned to the task; also for admins.
        RouteNotFoundException: nothing was spent.
        ValueError: neither an entry nor all of the others are given.
    """
    if time_spent is not None or task is None:
        return raw.delete(route("data/time-spents/{time_spent_id}", id_of(time_spent)), client=client)  # type: ignore[arg-type]
    template = "actions/tasks/{task_id}/time-spents/{date}/persons/{person_id}"
    raw.delete(route(template, id_of(task), day_of(date), id_of(person)), client=client)  # type: ignore[arg-type]
    return ""


# -- CSV -----------------------------------------------------------------------
def import_estimations_with_csv(
    project: Ref,
    task_type: Ref,
    csv_file_path: StrPath,
    episode: Optional[Ref] = None,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> int:
    """Set the estimations listed in a CSV file on tasks of a type of assets or shots, and return the number of rows.

    Supervisors of the department, and managers of the production. Without a due date, it is counted from start date and
    estimation.

    `POST import/csv/projects/<project_id>/task-types/<task_type_id>/estimations` or
    `POST import/csv/projects/<project_id>/episodes/<episode_id>/task-types/<task_type_id>/estimations`

    Arguments and errors are those of `gazu.shot.import_shots_with_csv`. The columns are `Parent` (the
    sequence, or the asset type), `Entity`, and as you like `Estimation` (in days, or in hours if the studio shows
    these), `Start date`, `Due date` (`YYYY-MM-DD`), `Drawings`, `Difficulty`, and metadata columns of tasks.

    Args:
        episode: where the names are looked up in.

    Returns:
        The number of rows.
    """
    path = route("import/csv/projects/{id}/task-types/{task_type_id}/estimations", id_of(project), id_of(task_type))
    if id_or_none(episode):
        template = "import/csv/projects/{id}/episodes/{episode_id}/task-types/{task_type_id}/estimations"
        path = route(template, id_of(project), id_or_none(episode), id_of(task_type))
    return len(upload_sheet(path, csv_file_path, id_of(project), "Task", client, progress_callback))


def export_tasks_with_csv(
    csv_file_path: StrPath,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Write the tasks of all open projects to a CSV file: `GET export/csv/tasks.csv`. Managers.

    Durations and estimations are in minutes.
    Arguments and errors are those of `gazu.shot.export_shots_with_csv`.
    """
    return raw.download("export/csv/tasks.csv", csv_file_path, client=client, progress_callback=progress_callback)


def export_task_types_with_csv(
    csv_file_path: StrPath,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Write all task types and their departments to a CSV file: `GET export/csv/task-types.csv`. Managers.

    Those without a department are left out.
    Arguments and errors are those of `gazu.shot.export_shots_with_csv`.
    """
    return raw.download("export/csv/task-types.csv", csv_file_path, client=client, progress_callback=progress_callback)


# -- notifications -------------------------------------------------------------
@cache
def all_notifications_for_project(project: Ref, client: KitsuClient = default) -> List[Notification]:
    """List the notifications of all people about *project*: `GET data/projects/<project_id>/notifications`."""
    return raw.fetch_all(route("projects/{project_id}/notifications", id_of(project)), client=client)


@cache
def all_subscriptions_for_project(project: Ref, client: KitsuClient = default) -> List[Subscription]:
    """List the subscriptions to tasks of *project*: `GET data/projects/<project_id>/subscriptions`.

    Returns:
        A list of dicts with `task_id`, `person_id`, ...
    """
    return raw.fetch_all(route("projects/{project_id}/subscriptions", id_of(project)), client=client)
