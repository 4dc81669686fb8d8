"""The schedule of a production: what is planned for when, milestones, and versions of the schedule."""

from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from . import client as raw
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import find_imported, list_functions
from .helpers import (
    day_of,
    day_or_none,
    drop_none,
    for_update,
    id_of,
    id_or_none,
    ids_of,
    require_name,
    time_of,
    warn,
    warn_of_missing,
)
from .models import (
    Date,
    Milestone,
    Ref,
    ScheduledTasks,
    ScheduleItem,
    ScheduleVersion,
    ScheduleVersionTask,
)
from .sorting import sort_by_name

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)


# -- schedule items ------------------------------------------------------------
@cache
def all_schedule_items(project: Ref, client: KitsuClient = default) -> List[ScheduleItem]:
    """List the schedule items of *project* as they are stored: `GET data/projects/<project_id>/schedule-items`.

    Members of the production, but no clients or vendors.
    """
    return raw.fetch_all(route("projects/{project_id}/schedule-items", id_of(project)), client=client)


def get_schedule(
    project: Ref,
    task_type: Optional[Ref] = None,
    kind: Optional[str] = None,
    episode: Optional[Ref] = None,
    client: KitsuClient = default,
) -> List[ScheduleItem]:
    """Return when each task type is planned; or with a *task_type*, when it is for each sequence, asset type, ...

    The server creates the items that are missing, from today to tomorrow, whoever asks; so nothing is cached. Members
    of the production, clients too, but no vendors.

    `GET data/projects/<project_id>/schedule-items/task-types`,
    `GET data/projects/<project_id>/schedule-items/<task_type_id>/sequences`,
    `GET data/projects/<project_id>/schedule-items/<task_type_id>/asset-types`,
    `GET data/projects/<project_id>/schedule-items/<task_type_id>/episodes` or
    `GET data/projects/<project_id>/schedule-items/<task_type_id>/edits`

    Args:
        kind: with a *task_type*: `sequences`, the default, `asset-types`, `episodes`, or `edits` (Zou 1.0.55).
        episode: with a *task_type*: only what belongs to this episode.

    Returns:
        The items sorted by their start, or those of a task type by their `name`.

    Raises:
        ValueError: *kind* is something else, or *kind* or *episode* is without a *task_type*.
    """
    params = drop_none(episode_id=id_or_none(episode))
    return raw.fetch_all(_schedule_path(project, id_or_none(task_type), kind, params), params=params, client=client)


def _schedule_path(project: Ref, task_type: Optional[str], kind: Optional[str], params: Mapping[str, Any]) -> str:
    kinds: List[Optional[str]] = ["sequences", "asset-types", "episodes", "edits"] if task_type else ["task-types"]
    if kind not in (None, *kinds) or (params and not task_type):
        raise ValueError(f"expected a task_type with an episode, and as kind one of {kinds}, not {kind!r:.200}")
    if not task_type:
        return route("projects/{project_id}/schedule-items/task-types", id_of(project))
    return route("projects/{id}/schedule-items/{task_type_id}/{kind}", id_of(project), task_type, kind or kinds[0])


@cache
def get_schedule_item(schedule_item_id: Ref, client: KitsuClient = default) -> ScheduleItem:
    """Return a schedule item: `GET data/schedule-items/<schedule_item_id>`. Admins only.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("schedule-items", id_of(schedule_item_id), client=client)


def new_schedule_item(
    project: Ref,
    task_type: Ref,
    start_date: Date,
    end_date: Date,
    man_days: Optional[int] = None,
    entity: Optional[Ref] = None,
    client: KitsuClient = default,
) -> ScheduleItem:
    """Plan the tasks of a type: `POST data/schedule-items`. Managers of the production.

    The server takes any id for an *entity*, and never shows its item then: one given as an id is looked up first, by
    `GET data/entity-types` and `GET data/entities/<entity_id>`.

    Args:
        start_date: the first day, `YYYY-MM-DD`, as is *end_date*, the last one.
        man_days: the work, in whole days of one person.
        entity: plan only the tasks of this sequence, episode, edit or asset type.

    Raises:
        ParameterException: there is such an item already, or the project or task type is unknown.
        RouteNotFoundException: the entity is unknown.
        ValueError: *man_days* is not a whole number.
    """
    data = {"project_id": id_of(project), "task_type_id": id_of(task_type), "object_id": id_or_none(entity)}
    days = {"start_date": day_of(start_date), "end_date": day_of(end_date), "man_days": man_days}
    days = _checked(days)
    _require_entity(entity, client)
    return raw.create("schedule-items", {**data, **days}, client=client)


def _require_entity(entity: Optional[Ref], client: KitsuClient) -> None:
    if entity and not isinstance(entity, Mapping):
        types = raw.fetch_all("entity-types", client=client)
        if id_of(entity) not in [one["id"] for one in types]:
            raw.fetch_one("entities", id_of(entity), client=client)


def _with_days(row: Dict[str, Any], *names: str) -> Dict[str, Any]:
    return {**row, **{name: day_or_none(row[name]) for name in names if name in row}}


def _checked(item: Dict[str, Any]) -> Dict[str, Any]:
    """Return a schedule item, unless the server would round its work, or drop it."""
    man_days = item.get("man_days")
    if man_days is not None and (isinstance(man_days, (str, bool)) or man_days % 1):
        raise ValueError(f"man_days: expected a whole number of days, got {man_days!r:.200}")
    return item


def update_schedule_item(schedule_item: Mapping[str, Any], client: KitsuClient = default) -> ScheduleItem:
    """Change a schedule item, and return it: `PUT data/schedule-items/<schedule_item_id>`.

    Supervisors of the department, and managers of the production.

    Args:
        schedule_item: its `id` and the fields to change.

    Raises:
        ValueError: `man_days` is not a whole number.
    """
    data = _checked(_with_days(for_update(schedule_item), "start_date", "end_date"))
    return raw.update("schedule-items", id_of(schedule_item), data, client=client)


def remove_schedule_item(schedule_item: Ref, client: KitsuClient = default) -> str:
    """Delete a schedule item: `DELETE data/schedule-items/<schedule_item_id>`. Managers of the production."""
    return raw.delete(route("data/schedule-items/{schedule_item_id}", id_of(schedule_item)), client=client)


# -- milestones ----------------------------------------------------------------
@cache
def get_milestone(milestone_id: Ref, client: KitsuClient = default) -> Milestone:
    """Return a milestone: `GET data/milestones/<milestone_id>`. Members of the production, but no vendors.

    `gazu.project.get_milestones` lists those of a production.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("milestones", id_of(milestone_id), client=client)


def new_milestone(
    project: Ref, name: str, date: Date, task_type: Optional[Ref] = None, client: KitsuClient = default
) -> Milestone:
    """Create a milestone: `POST data/milestones`. Managers of the production.

    Args:
        name: at most 40 characters; names may repeat.
        date: `YYYY-MM-DD`
        task_type: the task type that it is about.
    """
    data = {"project_id": id_of(project), "name": require_name(name), "date": day_of(date)}
    return raw.create("milestones", {**data, "task_type_id": id_or_none(task_type)}, client=client)


def update_milestone(milestone: Mapping[str, Any], client: KitsuClient = default) -> Milestone:
    """Change a milestone, and return it: `PUT data/milestones/<milestone_id>`. Managers of the production.

    Args:
        milestone: its `id` and the fields to change.
    """
    data = _with_days(for_update(milestone), "date")
    return raw.update("milestones", id_of(milestone), data, client=client)


def remove_milestone(milestone: Ref, client: KitsuClient = default) -> str:
    """Delete a milestone: `DELETE data/milestones/<milestone_id>`. Managers of the production."""
    return raw.delete(route("data/milestones/{milestone_id}", id_of(milestone)), client=client)


# -- versions of the schedule --------------------------------------------------
@cache
def all_schedule_versions(project: Ref, client: KitsuClient = default) -> List[ScheduleVersion]:
    """List the versions of the schedule of *project*, sorted by name.

    `GET data/production-schedule-versions?project_id=<project_id>` (Zou 0.20.85). Members of the production, but no
    clients or vendors.
    """
    params = {"project_id": id_of(project)}
    return sort_by_name(raw.fetch_all("production-schedule-versions", params, client=client))


@cache
def get_schedule_version(schedule_version_id: Ref, client: KitsuClient = default) -> ScheduleVersion:
    """Return a version of the schedule: `GET data/production-schedule-versions/<schedule_version_id>` (Zou 0.20.85).

    Members of the production, but no clients or vendors.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("production-schedule-versions", id_of(schedule_version_id), client=client)


def new_schedule_version(project: Ref, name: str, client: KitsuClient = default) -> ScheduleVersion:
    """Create a version of the schedule, without tasks: `POST data/production-schedule-versions` (Zou 0.20.85).

    Managers of the production.

    Raises:
        ParameterException: the production has one of this name.
    """
    data = {"project_id": id_of(project), "name": require_name(name)}
    return raw.create("production-schedule-versions", data, client=client)


def update_schedule_version(schedule_version: Mapping[str, Any], client: KitsuClient = default) -> ScheduleVersion:
    """Change a version of the schedule, and return it.

    `PUT data/production-schedule-versions/<schedule_version_id>` (Zou 0.20.85). Managers of the production.

    Args:
        schedule_version: its `id` and the fields to change: `name`, `locked` (which only the web page respects), ...
    """
    data = for_update(schedule_version)
    return raw.update("production-schedule-versions", id_of(schedule_version), data, client=client)


def remove_schedule_version(schedule_version: Ref, client: KitsuClient = default) -> str:
    """Delete a version of the schedule; tasks that it was applied to stay as they are.

    `DELETE data/production-schedule-versions/<schedule_version_id>` (Zou 0.20.85). Managers of the production.
    """
    path = route("data/production-schedule-versions/{schedule_version_id}", id_of(schedule_version))
    return raw.delete(path, client=client)


def copy_schedule_from_production(schedule_version: Ref, client: KitsuClient = default) -> ScheduledTasks:
    """Copy dates, estimations and assignees of all tasks of the production to a version, also to a locked one.

    `POST actions/production-schedule-versions/<schedule_version_id>/set-task-links-from-production` (Zou 0.20.85).
    Managers of the production.
    """
    template = "actions/production-schedule-versions/{schedule_version_id}/set-task-links-from-production"
    return raw.post(route(template, id_of(schedule_version)), {}, client=client)


def copy_schedule_from_version(schedule_version: Ref, other: Ref, client: KitsuClient = default) -> ScheduledTasks:
    """Copy the tasks of *other* to a version of the same production; those that only it has stay.

    `POST actions/production-schedule-versions/<schedule_version_id>/set-task-links-from-production-schedule-version`
    (Zou 0.20.85). Managers of the production.

    Raises:
        ParameterException: they are the same, or of different productions.
    """
    template = (
        "actions/production-schedule-versions/{schedule_version_id}/set-task-links-from-production-schedule-version"
    )
    data = {"production_schedule_version_id": id_of(other)}
    return raw.post(route(template, id_of(schedule_version)), data, client=client)


def apply_schedule_version(schedule_version: Ref, client: KitsuClient = default) -> ScheduledTasks:
    """Give the tasks of the production the dates and estimations of a version, empty ones too, and lock it.

    Assignees stay; tasks that the version does not have, too. A GazuWarning says so if no task has changed.

    `POST actions/production-schedule-versions/<schedule_version_id>/apply-to-production` (Zou 0.20.85). Managers of the
    production.
    """
    template = "actions/production-schedule-versions/{schedule_version_id}/apply-to-production"
    answer = raw.post(route(template, id_of(schedule_version)), {}, client=client)
    if not answer.get("task_count"):
        warn("the version has no tasks, so that no task has changed: gazu.schedule.copy_schedule_from_production")
    return answer


@cache
def all_schedule_version_tasks(
    schedule_version: Ref, task_type: Optional[Ref] = None, client: KitsuClient = default
) -> List[ScheduleVersionTask]:
    """List the tasks of a version of the schedule, with their assignees.

    `GET data/production-schedule-versions/<schedule_version_id>/task-links?relations=true` (Zou 0.20.85). Members of
    the production, but no clients or vendors.

    Args:
        task_type: only tasks of this type.
    """
    path = route("production-schedule-versions/{schedule_version_id}/task-links", id_of(schedule_version))
    params = {"relations": "true", **drop_none(task_type_id=id_or_none(task_type))}
    return raw.fetch_all(path, params=params, client=client)


@cache
def get_schedule_version_task(schedule_version_task_id: Ref, client: KitsuClient = default) -> ScheduleVersionTask:
    """Return a task of a version of the schedule, with its assignees.

    `GET data/production-schedule-version-task-links/<schedule_version_task_id>` (Zou 0.20.85). Members of the
    production, but no clients or vendors.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("production-schedule-version-task-links", id_of(schedule_version_task_id), client=client)


def new_schedule_version_task(
    schedule_version: Ref,
    task: Ref,
    start_date: Optional[Date] = None,
    due_date: Optional[Date] = None,
    estimation: Optional[float] = None,
    client: KitsuClient = default,
) -> ScheduleVersionTask:
    """Add a task to a version of the schedule: `POST data/production-schedule-version-task-links` (Zou 0.20.85).

    Managers of the production.

    Args:
        start_date: `YYYY-MM-DD`, as is *due_date*.
        estimation: in minutes.

    Raises:
        ParameterException: it has this task already, or is of another production.
    """
    data: Dict[str, Any] = {"production_schedule_version_id": id_of(schedule_version), "task_id": id_of(task)}
    data.update(drop_none(start_date=day_or_none(start_date), due_date=day_or_none(due_date), estimation=estimation))
    return raw.create("production-schedule-version-task-links", data, client=client)


def update_schedule_version_task(
    schedule_version_task: Mapping[str, Any], client: KitsuClient = default
) -> ScheduleVersionTask:
    """Change when a task is planned in a version of the schedule, and for whom, and return it with its assignees.

    `PUT data/production-schedule-version-task-links/<schedule_version_task_id>`,
    `GET data/production-schedule-version-task-links/<schedule_version_task_id>` (Zou 0.20.85). Managers of the
    production. A GazuWarning names unknown assignees.

    Args:
        schedule_version_task: its `id` and the fields to change: `start_date`, `due_date` (`YYYY-MM-DD`), `estimation`
            in minutes, `assignees`.
    """
    data, path = _as_planned(for_update(schedule_version_task)), "production-schedule-version-task-links"
    row = raw.update(path, id_of(schedule_version_task), data, client=client)
    stored = raw.fetch_one(path, row["id"], client=client)
    warn_of_missing(data.get("assignees", ()), stored["assignees"], "assignees were not stored: they do not exist")
    return stored


def _as_planned(row: Dict[str, Any]) -> Dict[str, Any]:
    times = {name: time_of(row[name]) for name in ("start_date", "due_date") if row.get(name)}
    people = {"assignees": ids_of(row["assignees"])} if "assignees" in row else {}
    return {**row, **times, **people}


def remove_schedule_version_task(schedule_version_task: Ref, client: KitsuClient = default) -> str:
    """Take a task out of a version of the schedule.

    `DELETE data/production-schedule-version-task-links/<schedule_version_task_id>` (Zou 0.20.85). Managers of the
    production.
    """
    path = route("data/production-schedule-version-task-links/{id}", id_of(schedule_version_task))
    return raw.delete(path, client=client)
