"""Data of the logged-in user: tasks, filters, notifications, chats, time sheet."""

import datetime
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional, Union

from . import client as raw
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import deprecated, find_imported, older_calls
from .exception import NotAuthenticatedException, RouteNotFoundException, ServerErrorException
from .helpers import day_of, drop_none, id_of, id_or_none, require_name, require_row
from .models import (
    Asset,
    AssetType,
    Chat,
    Date,
    DayOff,
    DesktopLoginLog,
    Episode,
    Notification,
    Project,
    Ref,
    Scene,
    SearchFilter,
    SearchFilterGroup,
    Shot,
    ShotSequence,
    Subscription,
    Task,
    TaskType,
    TimeSpent,
    UserContext,
)
from .sorting import sort_by_name

if not TYPE_CHECKING:
    __getattr__ = find_imported(__name__)


# -- the user ------------------------------------------------------------------
def is_authenticated(client: KitsuClient = default) -> bool:
    """Return whether the client is logged in and its session has not expired: `GET auth/authenticated`."""
    with suppress(NotAuthenticatedException):
        return bool(raw.get("auth/authenticated", client=client)["authenticated"])
    return False


@cache
def get_context(client: KitsuClient = default) -> UserContext:
    """Return what an application needs at its start, in one request: projects, types, statuses, people, filters, ...

    `GET data/user/context`
    """
    return raw.get("data/user/context", client=client)


def clear_avatar(client: KitsuClient = default) -> str:
    """Delete the avatar of the user: `DELETE actions/user/clear-avatar`."""
    return raw.delete("actions/user/clear-avatar", client=client)


@cache
def all_desktop_login_logs(client: KitsuClient = default) -> List[DesktopLoginLog]:
    """List the desktop log-ins of the user that `log_desktop_session_log_in` recorded.

    `GET data/user/desktop-login-logs`
    """
    return raw.fetch_all("user/desktop-login-logs", client=client)


def log_desktop_session_log_in(client: KitsuClient = default) -> DesktopLoginLog:
    """Record a desktop log-in of the user, now: `POST data/user/desktop-login-logs`."""
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    return raw.post("data/user/desktop-login-logs", {"date": now}, client=client)


# -- projects and entities with tasks of the user ------------------------------
@cache
def all_open_projects(client: KitsuClient = default) -> List[Project]:
    """List the open projects whose team the user is in (all of them for an administrator), sorted by name.

    `GET data/user/projects/open`
    """
    return sort_by_name(raw.fetch_all("user/projects/open", client=client))


@cache
def all_asset_types_for_project(project: Ref, client: KitsuClient = default) -> List[AssetType]:
    """List the types of the assets in *project* that the user has tasks on, sorted by name.

    `GET data/user/projects/<project_id>/asset-types`
    """
    return sort_by_name(raw.fetch_all(route("user/projects/{project_id}/asset-types", id_of(project)), client=client))


@cache
def all_assets_for_asset_type_and_project(project: Ref, asset_type: Ref, client: KitsuClient = default) -> List[Asset]:
    """List the assets of *asset_type* in *project* that the user has tasks on, sorted by name.

    `GET data/user/projects/<project_id>/asset-types/<asset_type_id>/assets`
    """
    path = route("user/projects/{project_id}/asset-types/{asset_type_id}/assets", id_of(project), id_of(asset_type))
    return sort_by_name(raw.fetch_all(path, client=client))


def all_assets_for_asset_type_project(project: Ref, asset_type: Ref, client: KitsuClient = default) -> List[Asset]:
    """List the assets of *asset_type* in *project*; alias of `all_assets_for_asset_type_and_project`.

    `GET data/user/projects/<project_id>/asset-types/<asset_type_id>/assets`
    """
    return all_assets_for_asset_type_and_project(project, asset_type, client=client)


def all_project_assets(project: Ref, client: KitsuClient = default) -> List[Asset]:
    """List the assets in *project* that the user has tasks on, sorted by name; one request for each of their types.

    `GET data/user/projects/<project_id>/asset-types/<asset_type_id>/assets`
    """
    types = all_asset_types_for_project(project, client=client)
    found = [all_assets_for_asset_type_and_project(project, row, client=client) for row in types]
    return sort_by_name(asset for assets in found for asset in assets)


@deprecated("removed in gazu 1.2: use `user.all_project_assets`")
def all_assets_for_project(project: Ref, client: KitsuClient = default) -> List[Asset]:
    """List the assets in *project* that the user has tasks on, sorted by name: see `all_project_assets`."""
    return all_project_assets(project, client=client)


@cache
def all_episodes_for_project(project: Ref, client: KitsuClient = default) -> List[Episode]:
    """List the episodes of *project* in which the user has tasks on shots, sorted by name.

    `GET data/user/projects/<project_id>/episodes`
    """
    return sort_by_name(raw.fetch_all(route("user/projects/{project_id}/episodes", id_of(project)), client=client))


@cache
def all_sequences_for_project(project: Ref, client: KitsuClient = default) -> List[ShotSequence]:
    """List the sequences of *project* in which the user has tasks on shots, sorted by name.

    `GET data/user/projects/<project_id>/sequences`
    """
    return sort_by_name(raw.fetch_all(route("user/projects/{project_id}/sequences", id_of(project)), client=client))


@deprecated("removed in gazu 1.2: use `context.all_sequences_for_episode(episode, user_context=True)`")
def all_sequences_for_episode(episode: Ref, client: KitsuClient = default) -> List[ShotSequence]:
    """List the sequences of *episode* in which the user has tasks on shots, sorted by name.

    `GET data/episodes/<episode_id>`, `GET data/user/projects/<project_id>/sequences`
    """
    known = isinstance(episode, Mapping) and "project_id" in episode
    row: Any = episode if known else raw.fetch_one("episodes", id_of(episode), client=client)
    rows = all_sequences_for_project(row["project_id"], client=client)
    return [sequence for sequence in rows if sequence["parent_id"] == row["id"]]


@cache
def all_shots_for_sequence(sequence: Ref, client: KitsuClient = default) -> List[Shot]:
    """List the shots of *sequence* that the user has tasks on, sorted by name.

    `GET data/user/sequences/<sequence_id>/shots`
    """
    return sort_by_name(raw.fetch_all(route("user/sequences/{sequence_id}/shots", id_of(sequence)), client=client))


@deprecated("removed in gazu 0.7: use `user.all_shots_for_sequence`")
def all_shots_for_project(project: Ref, client: KitsuClient = default) -> List[Shot]:
    """List the shots of *project* that the user has tasks on, sorted by name; one request for each sequence.

    `GET data/user/sequences/<sequence_id>/shots`
    """
    sequences = all_sequences_for_project(project, client=client)
    found = [all_shots_for_sequence(sequence, client=client) for sequence in sequences]
    return sort_by_name(shot for shots in found for shot in shots)


@cache
def all_scenes_for_sequence(sequence: Ref, client: KitsuClient = default) -> List[Scene]:
    """List the layout scenes of *sequence* that the user has tasks on, sorted by name.

    `GET data/user/sequences/<sequence_id>/scenes`
    """
    return sort_by_name(raw.fetch_all(route("user/sequences/{sequence_id}/scenes", id_of(sequence)), client=client))


@deprecated("removed in gazu 1.2: use `context.all_scenes_for_project(project, user_context=True)`")
def all_scenes_for_project(project: Ref, client: KitsuClient = default) -> List[Scene]:
    """List the layout scenes of *project* that the user has tasks on, sorted by name; one request for each sequence.

    `GET data/projects/<project_id>/sequences`, `GET data/user/sequences/<sequence_id>/scenes`
    """
    sequences = raw.fetch_all(route("projects/{project_id}/sequences", id_of(project)), client=client)
    found = [all_scenes_for_sequence(sequence, client=client) for sequence in sequences]
    return sort_by_name(scene for scenes in found for scene in scenes)


# -- tasks ---------------------------------------------------------------------
@cache
def all_tasks_to_do(client: KitsuClient = default) -> List[Task]:
    """List the tasks assigned to the user that are not done: `GET data/user/tasks`."""
    return raw.fetch_all("user/tasks", client=client)


@cache
def all_done_tasks(client: KitsuClient = default) -> List[Task]:
    """List the done tasks assigned to the user: `GET data/user/done-tasks`."""
    return raw.fetch_all("user/done-tasks", client=client)


@cache
def all_tasks_requiring_feedback(client: KitsuClient = default) -> List[Task]:
    """List the tasks whose status requests feedback from the user.

    `GET data/user/tasks-to-check`
    """
    return raw.fetch_all("user/tasks-to-check", client=client)


@cache
def all_tasks_for_asset(asset: Ref, client: KitsuClient = default) -> List[Task]:
    """List the tasks of the user on *asset*, sorted by name: `GET data/user/assets/<asset_id>/tasks`."""
    return sort_by_name(raw.fetch_all(route("user/assets/{asset_id}/tasks", id_of(asset)), client=client))


@cache
def all_tasks_for_shot(shot: Ref, client: KitsuClient = default) -> List[Task]:
    """List the tasks of the user on *shot*, sorted by name: `GET data/user/shots/<shot_id>/tasks`."""
    return sort_by_name(raw.fetch_all(route("user/shots/{shot_id}/tasks", id_of(shot)), client=client))


@cache
def all_tasks_for_scene(scene: Ref, client: KitsuClient = default) -> List[Task]:
    """List the tasks of the user on *scene*, sorted by name: `GET data/user/scenes/<scene_id>/tasks`."""
    return sort_by_name(raw.fetch_all(route("user/scenes/{scene_id}/tasks", id_of(scene)), client=client))


@cache
def all_tasks_for_sequence(sequence: Ref, client: KitsuClient = default) -> List[Task]:
    """List the user's tasks on *sequence* itself, sorted by name: `GET data/user/sequences/<sequence_id>/tasks`."""
    return sort_by_name(raw.fetch_all(route("user/sequences/{sequence_id}/tasks", id_of(sequence)), client=client))


@cache
def all_task_types_for_asset(asset: Ref, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the user's tasks on *asset*, sorted by name: `GET data/user/assets/<asset_id>/task-types`."""
    return sort_by_name(raw.fetch_all(route("user/assets/{asset_id}/task-types", id_of(asset)), client=client))


@cache
def all_task_types_for_shot(shot: Ref, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the user's tasks on *shot*, sorted by name: `GET data/user/shots/<shot_id>/task-types`."""
    return sort_by_name(raw.fetch_all(route("user/shots/{shot_id}/task-types", id_of(shot)), client=client))


@cache
def all_task_types_for_scene(scene: Ref, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the user's tasks on *scene*, sorted by name: `GET data/user/scenes/<scene_id>/task-types`."""
    return sort_by_name(raw.fetch_all(route("user/scenes/{scene_id}/task-types", id_of(scene)), client=client))


@cache
def all_task_types_for_sequence(sequence: Ref, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the user's tasks on *sequence* itself, sorted by name.

    `GET data/user/sequences/<sequence_id>/task-types`
    """
    path = route("user/sequences/{sequence_id}/task-types", id_of(sequence))
    return sort_by_name(raw.fetch_all(path, client=client))


# -- filters -------------------------------------------------------------------
@cache
def all_filters(client: KitsuClient = default) -> Dict[str, Dict[str, List[SearchFilter]]]:
    """Return the search filters of the user, and the shared ones, by list type and by the id of their project.

    Filters for all projects are under "all".

    `GET data/user/filters`
    """
    return raw.fetch_all("user/filters", client=client)


def new_filter(
    name: str,
    query: str,
    list_type: str,
    project: Optional[Ref] = None,
    entity_type: Optional[str] = None,
    client: KitsuClient = default,
) -> SearchFilter:
    """Save a search of the user: `POST data/user/filters`.

    Args:
        query: the text of the search field of a page.
        list_type: the page that it is for: `asset`, `shot`, `edit`, `todo`, ...
        project: the project that it is for; None for all projects.
        entity_type: `Asset`, `Shot`, `Edit`, ...
    """
    data = {"name": require_name(name), "query": query, "list_type": list_type, "project_id": id_or_none(project)}
    return raw.post("data/user/filters", {**data, "entity_type": entity_type}, client=client)


def update_filter(filter: Mapping[str, Any], client: KitsuClient = default) -> SearchFilter:
    """Change a search filter, and return it: `PUT data/user/filters/<filter_id>`.

    Args:
        filter: its `id` and the fields to change: `name`, `search_query`,
            `search_filter_group_id`, `is_shared`, `project_id`, `department_id`.
    """
    return raw.put(route("data/user/filters/{filter_id}", id_of(filter)), require_row(filter), client=client)


def remove_filter(filter: Ref, client: KitsuClient = default) -> str:
    """Delete a search filter: `DELETE data/user/filters/<filter_id>`."""
    return raw.delete(route("data/user/filters/{filter_id}", id_of(filter)), client=client)


@cache
def all_filter_groups(client: KitsuClient = default) -> Dict[str, Dict[str, List[SearchFilterGroup]]]:
    """Return the groups of search filters of the user, and the shared ones, in the structure of `all_filters`.

    `GET data/user/filter-groups`
    """
    return raw.fetch_all("user/filter-groups", client=client)


@cache
def get_filter_group(filter_group: Ref, client: KitsuClient = default) -> SearchFilterGroup:
    """Return a group of search filters: `GET data/user/filter-groups/<filter_group_id>`.

    Raises:
        RouteNotFoundException: the user has none with this id.
    """
    return raw.fetch_one("user/filter-groups", id_of(filter_group), client=client)


def new_filter_group(
    name: str,
    project: Optional[Ref] = None,
    client: KitsuClient = default,
    list_type: Optional[str] = None,
    entity_type: Optional[str] = None,
) -> SearchFilterGroup:
    """Create a group of search filters: `POST data/user/filter-groups`.

    Args:
        project: the project that it is for; None for all projects.
        list_type: the page that it is for, as in `new_filter`; by default `todo`.
        entity_type: `Asset`, `Shot`, `Edit`, ...
    """
    data = {
        "name": require_name(name),
        "project_id": id_or_none(project),
        **drop_none(list_type=list_type, entity_type=entity_type),
    }
    return raw.post("data/user/filter-groups", data, client=client)


def update_filter_group(filter_group: Mapping[str, Any], client: KitsuClient = default) -> SearchFilterGroup:
    """Change a group of search filters, and return it: `PUT data/user/filter-groups/<filter_group_id>`.

    Args:
        filter_group: its `id` and the fields to change: `name`, `color` (`#rrggbb`),
            `is_shared`, `project_id`, `department_id`.
    """
    path = route("data/user/filter-groups/{filter_group_id}", id_of(filter_group))
    return raw.put(path, require_row(filter_group), client=client)


def remove_filter_group(filter_group: Ref, client: KitsuClient = default) -> str:
    """Delete a group of search filters with its filters: `DELETE data/user/filter-groups/<filter_group_id>`."""
    return raw.delete(route("data/user/filter-groups/{filter_group_id}", id_of(filter_group)), client=client)


# -- notifications, subscriptions ----------------------------------------------
@cache
def all_notifications(client: KitsuClient = default) -> List[Notification]:
    """List the last hundred notifications of the user, the newest first: `GET data/user/notifications`."""
    return raw.fetch_all("user/notifications", client=client)


@cache
def get_notification(notification: Ref, client: KitsuClient = default) -> Notification:
    """Return a notification of the user: `GET data/user/notifications/<notification_id>`.

    Raises:
        RouteNotFoundException: the user has none with this id.
    """
    return raw.fetch_one("user/notifications", id_of(notification), client=client)


def update_notification(notification: Mapping[str, Any], client: KitsuClient = default) -> Notification:
    """Mark a notification as read or unread, and return it: `PUT data/user/notifications/<notification_id>`.

    Args:
        notification: its `id` and `read`, True or False; nothing else can be changed.
    """
    path = route("data/user/notifications/{notification_id}", id_of(notification))
    return raw.put(path, require_row(notification), client=client)


def mark_all_notifications_as_read(client: KitsuClient = default) -> Dict[str, bool]:
    """Mark all notifications of the user as read: `POST actions/user/notifications/mark-all-as-read`.

    Returns:
        `{"success": True}`
    """
    return raw.post("actions/user/notifications/mark-all-as-read", {}, client=client)


@cache
def check_task_subscription(task: Ref, client: KitsuClient = default) -> bool:
    """Return whether the user is subscribed to *task*: `GET data/user/tasks/<task_id>/subscribed`."""
    return raw.get(route("data/user/tasks/{task_id}/subscribed", id_of(task)), client=client)


def subscribe_to_task(task: Ref, client: KitsuClient = default) -> Subscription:
    """Subscribe the user to notifications about *task*: `POST actions/user/tasks/<task_id>/subscribe`."""
    return raw.post(route("actions/user/tasks/{task_id}/subscribe", id_of(task)), {}, client=client)


def unsubscribe_from_task(task: Ref, client: KitsuClient = default) -> str:
    """Unsubscribe the user from notifications about *task*: `DELETE actions/user/tasks/<task_id>/unsubscribe`."""
    return raw.delete(route("actions/user/tasks/{task_id}/unsubscribe", id_of(task)), client=client)


# -- chats ---------------------------------------------------------------------
@cache
def all_chats(client: KitsuClient = default) -> List[Chat]:
    """List the chats that the user has joined: `GET data/user/chats`."""
    return raw.fetch_all("user/chats", client=client)


def join_chat(chat: Ref, client: KitsuClient = default) -> Chat:
    """Join the chat about an asset, a shot, ..., and return the chat: `POST actions/user/chats/<entity_id>/join`.

    The server takes messages of those who have joined only.

    Args:
        chat: the chat, or the entity, whose chat is created if it has none yet.
    """
    return _send_to_chat(chat, lambda path: raw.post(path, {}, client=client), client)


def leave_chat(chat: Ref, client: KitsuClient = default) -> str:
    """Leave the chat about an asset, a shot, ...: `DELETE actions/user/chats/<entity_id>/join`.

    Args:
        chat: the chat, or the entity that it is about.
    """
    return _send_to_chat(chat, lambda path: raw.delete(path, client=client), client)


def _send_to_chat(chat: Ref, send: Callable[[str], Any], client: KitsuClient) -> Any:
    """Send to the path of a chat, which has the id of its entity: an id is tried as that of an entity first."""
    template = "actions/user/chats/{entity_id}/join"
    known = chat.get("object_id") if isinstance(chat, Mapping) else None
    with suppress(RouteNotFoundException):
        return send(route(template, known or id_of(chat)))
    mine: Any = next((row for row in all_chats(client=client) if row["id"] == id_of(chat)), None)
    return send(route(template, (mine or raw.fetch_one("chats", id_of(chat), client=client))["object_id"]))


# -- time spent, days off ------------------------------------------------------
@cache
def get_timespents_range(start_date: Date, end_date: Date, client: KitsuClient = default) -> List[TimeSpent]:
    """List the time that the user spent from one day to another, inclusive: `GET data/user/time-spents`.

    Args:
        start_date: `YYYY-MM-DD`, as is *end_date*.
    """
    days = {"start_date": day_of(start_date), "end_date": day_of(end_date)}
    return raw.fetch_all("user/time-spents", params=days, client=client)


@cache
def get_time_spents_by_date(date: Date, client: KitsuClient = default) -> List[TimeSpent]:
    """List the time that the user spent on one day: `GET data/user/time-spents/<date>`.

    Args:
        date: `YYYY-MM-DD`
    """
    return raw.fetch_all(route("user/time-spents/{date}", day_of(date)), client=client)


@older_calls("1.1")
@cache
def get_task_time_spent(task: Ref, date: Optional[Date] = None, client: KitsuClient = default) -> Optional[TimeSpent]:
    """Return the time that the user spent on *task* on one day, or None if there is no entry.

    `task.get_time_spent` returns the time that all people spent on a task.

    `GET data/user/tasks/<task_id>/time-spents/<date>`

    Args:
        date: `YYYY-MM-DD`, by default today.
    """
    day = day_of(date or datetime.date.today())
    with suppress(ServerErrorException):  # Zou 1.0 returns this if there is no entry
        return raw.get(route("data/user/tasks/{task_id}/time-spents/{date}", id_of(task), day), client=client)
    rows = get_time_spents_by_date(day, client=client)
    return next((row for row in rows if row["task_id"] == id_of(task)), None)


@older_calls("1.1")
@cache
def get_day_off(date: Optional[Date] = None, client: KitsuClient = default) -> Union[DayOff, Dict[str, Any]]:
    """Return the period of days off of the user that includes a day, or an empty dict: `GET data/user/day-offs/<date>`.

    Args:
        date: `YYYY-MM-DD`, by default today.
    """
    day = day_of(date or datetime.date.today())
    return raw.get(route("data/user/day-offs/{date}", day), client=client)
