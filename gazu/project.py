"""Productions: their settings, team, metadata columns, budgets and quotas."""

from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional, Union

from . import client as raw
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import find_imported, list_functions, older_calls
from .exception import ParameterException
from .helpers import (
    any_id_of,
    check_fps,
    count_mode_query,
    day_or_none,
    drop_none,
    for_update,
    id_of,
    id_or_none,
    ids_of,
    ignore_refusal,
    require_ids,
    require_list,
    require_name,
    require_row,
    with_days,
)
from .models import (
    Budget,
    BudgetEntry,
    Date,
    DayOff,
    MetadataDescriptor,
    Milestone,
    NewPreviewAccount,
    News,
    Person,
    PreviewAccount,
    PreviewBackgroundFile,
    Project,
    ProjectStatus,
    ProjectTaskStatusLink,
    ProjectTaskTypeLink,
    Ref,
    RetakeStats,
    Several,
    StatusAutomation,
    StrPath,
    TaskStatus,
    TaskStatusStats,
    TaskType,
    TaskTypeSoftware,
    TimeSpent,
)
from .news import fetch_news, news_query
from .secret import hide_fields
from .sorting import sort_by_name
from .verification import NOT_IN_SETTINGS, check_settings, fields_of_all_projects, report, warn_if_none

if TYPE_CHECKING:
    from requests import Response

    from ._http.multipart import Progress

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)

#: By person or task type and `total`, then by period, counter (`frames`, `seconds`, ...) and date.
Quotas = Dict[str, Dict[str, Dict[str, Dict[str, float]]]]


# -- projects ------------------------------------------------------------------
@cache
def all_projects(client: KitsuClient = default) -> List[Project]:
    """List all projects, including closed ones, sorted by name: `GET data/projects`.

    Example:
        >>> "Caminandes" in [project["name"] for project in gazu.project.all_projects()]
        True
    """
    return sort_by_name(raw.fetch_all("projects", client=client))


@cache
def all_open_projects(client: KitsuClient = default) -> List[Project]:
    """List the open projects that the user can see, sorted by name: `GET data/projects/open`.

    Example:
        >>> "Caminandes" in [project["name"] for project in gazu.project.all_open_projects()]
        True
    """
    return sort_by_name(raw.fetch_all("projects/open", client=client))


@cache
def get_project(project_id: Ref, client: KitsuClient = default) -> Project:
    """Return a project with the ids of its team, types and statuses: `GET data/projects/<project_id>`.

    Raises:
        RouteNotFoundException: it does not exist.

    Example:
        >>> project = gazu.project.get_project(project["id"])
        >>> project["name"], project["production_type"]
        ('Caminandes', 'tvshow')
    """
    return raw.fetch_one("projects", any_id_of(project_id), client=client)


@older_calls(renamed={"name": "project_name"})
@cache
def get_project_by_name(project_name: str, client: KitsuClient = default) -> Optional[Project]:
    """Return the project of this name, or None: `GET data/projects?name=<project_name>`.

    Example:
        >>> gazu.project.get_project_by_name("Caminandes")["fps"]
        '25'
        >>> gazu.project.get_project_by_name("Caminantes") is None
        True
    """
    return raw.fetch_named("projects", {"name": project_name}, client=client)


@cache
def get_project_url(project: Ref, section: str = "assets", client: KitsuClient = default) -> str:
    """Return the URL of a page of *project* on the website; no request is sent.

    Args:
        section: `assets`, `shots`, `edits`, `sequences`, `playlists`, `team`, ...
    """
    return raw.get_api_url_from_host(client=client) + route(
        "/productions/{project_id}/{page}/", id_of(project), section
    )


@older_calls("1.0")
def new_project(
    name: str,
    production_type: str = "short",
    team: Optional[Several] = None,
    asset_types: Optional[Several] = None,
    task_statuses: Optional[Several] = None,
    task_types: Optional[Several] = None,
    production_style: str = "2d3d",
    project_template: Optional[Ref] = None,
    client: KitsuClient = default,
) -> Project:
    """Create a project, or return the existing one with this name: `POST data/projects`.

    Args:
        production_type: `short`, `featurefilm`, `tvshow`, `shots` or `assets`.
        team: the people who work on it.
        asset_types: the types that its assets can have, by default all; likewise
            *task_statuses* and *task_types*.
        production_style: `2d`, `2dpaper`, `3d`, `2d3d`, `ar`, `vfx`, `stop-motion`,
            `motion-design`, `archviz`, `commercial`, `catalog`, `immersive`, `nft`,
            `video-game` or `vr`.
        project_template: a template to copy settings from.

    Example:
        >>> gazu.project.new_project("Caminandes 4", "short", task_types=[task_type])["production_type"]
        'short'
    """
    lists = {"team": team, "asset_types": asset_types, "task_statuses": task_statuses, "task_types": task_types}
    links = {field: ids_of(models) for field, models in lists.items()}
    data = {"name": require_name(name), "production_type": production_type, "production_style": production_style}
    data.update(drop_none(project_template_id=id_or_none(project_template)))
    known = raw.fetch_named("projects", {"name": name}, client=client)
    return known or raw.create("projects", {**data, **links}, client=client)


def update_project(project: Mapping[str, Any], client: KitsuClient = default) -> Project:
    """Change a project, and return it: `PUT data/projects/<project_id>`.

    Args:
        project: its `id` and the fields to change; in `asset_types`, `task_statuses`
            and `task_types`, ids or dicts. The server ignores `team`: see `add_person_to_team`.
            `fps` is text with a dot, such as `23.976`. A new `data` replaces the old one as a whole: see
            `update_project_data`.

    Raises:
        ValueError: `fps` has a comma: the server would store it, and then fail to return the quotas.

    Example:
        >>> gazu.project.update_project({"id": project["id"], "fps": "24", "resolution": "2048x858"})["resolution"]
        '2048x858'
    """
    lists = ("team", "asset_types", "task_statuses", "task_types")
    check_fps(require_row(project))
    links = {field: ids_of(project[field]) for field in lists if field in require_row(project)}
    return raw.update(
        "projects", id_of(project), {**with_days(project, "start_date", "end_date"), **links}, client=client
    )


def update_project_data(
    project: Ref, data: Optional[Mapping[str, Any]] = None, client: KitsuClient = default
) -> Project:
    """Change metadata of a project, and return it; keys that *data* does not name are left unchanged.

    `PUT data/projects/<project_id>`

    Args:
        data: the keys to change, with their values.
    """
    row = raw.fetch_one("projects", id_of(project), client=client)
    merged = {**(row.get("data") or {}), **require_row(data or {})}
    return raw.update("projects", id_of(project), {**row, "data": merged}, client=client)


def close_project(project: Ref, client: KitsuClient = default) -> Dict[str, Any]:
    """Close a project: set its status to Closed. `PUT data/projects/<project_id>`.

    Returns:
        The argument as a dict, with its new `project_status_id`.

    Raises:
        ValueError: the server has no status of this name.

    Example:
        >>> draft = gazu.project.new_project("Caminandes draft")
        >>> closed = gazu.project.get_project_status_by_name("Closed")
        >>> gazu.project.close_project(draft)["project_status_id"] == closed["id"]
        True
    """
    row = {**(project if isinstance(project, Mapping) else {}), "id": id_of(project)}
    row["project_status_id"] = _get_closed_status_id(client)
    update_project(row, client=client)
    return row


def _get_closed_status_id(client: KitsuClient) -> str:
    for status in raw.fetch_all("project-status", client=client):
        if str(status.get("name")).lower() == "closed":
            return str(status["id"])
    raise ValueError("the server has no project status Closed, which a project needs to be closed")


def remove_project(project: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete a closed project; see `close_project`: `DELETE data/projects/<project_id>`.

    Args:
        force: delete it with everything in it, including its team; otherwise it must be empty.

    Raises:
        ParameterException: it is open.
        ServerErrorException: it is not empty (Zou 1.0).

    Example:
        >>> mistake = gazu.project.close_project(gazu.project.new_project("Caminandes mistake"))
        >>> gazu.project.remove_project(mistake, force=True)
        ''
    """
    path = route("data/projects/{project_id}", id_of(project))
    return raw.delete(path, {"force": "true"} if force else {}, client=client)


@cache
def all_project_status(client: KitsuClient = default) -> List[ProjectStatus]:
    """List the statuses that projects can have, sorted by name: `GET data/project-status`."""
    return sort_by_name(raw.fetch_all("project-status", client=client))


@cache
def get_project_status_by_name(project_status_name: str, client: KitsuClient = default) -> Optional[ProjectStatus]:
    """Return the project status of this name, or None: `GET data/project-status?name=<project_status_name>`."""
    return raw.fetch_named("project-status", {"name": project_status_name}, client=client)


def new_project_status(name: str, color: str, client: KitsuClient = default) -> ProjectStatus:
    """Create a status for projects, or return the existing one with this name: `POST data/project-status`. Admins only.

    Args:
        color: `#rrggbb`.
    """
    found = raw.fetch_named("project-status", {"name": require_name(name)}, client=client)
    return found or raw.create("project-status", {"name": name, "color": color}, client=client)


def update_project_status(project_status: Mapping[str, Any], client: KitsuClient = default) -> ProjectStatus:
    """Change fields of *project_status*, a dict with its `id`, and return it. Admins only.

    `PUT data/project-status/<project_status_id>`
    """
    return raw.update("project-status", id_of(project_status), for_update(project_status), client=client)


def remove_project_status(project_status: Ref, client: KitsuClient = default) -> str:
    """Delete a status of projects: `DELETE data/project-status/<project_status_id>`. Admins only.

    Raises:
        ParameterException: a project has it.
    """
    return raw.delete(route("data/project-status/{project_status_id}", id_of(project_status)), client=client)


# -- team ----------------------------------------------------------------------
def get_team(project: Ref, client: KitsuClient = default) -> List[Person]:
    """List the people who work on *project*; `project_role` is their role on this project only.

    `GET data/projects/<project_id>/team`

    Example:
        >>> [person["full_name"] for person in gazu.project.get_team(project)]
        ['Jane Doe']
    """
    return raw.fetch_all(route("projects/{project_id}/team", id_of(project)), client=client)


@older_calls("1.1")
def add_person_to_team(project: Ref, person: Ref, role: Optional[str] = None, client: KitsuClient = default) -> Project:
    """Add a person to the team of *project*, and return the project: `POST data/projects/<project_id>/team`.

    Args:
        role: the role on this project only: `user`, `supervisor`, `manager`, `client` or `vendor`.

    Example:
        >>> gazu.project.add_person_to_team(project, person)["id"] == project["id"]
        True
    """
    path = route("data/projects/{project_id}/team", id_of(project))
    return raw.post(path, drop_none(person_id=id_of(person), role=role), client=client)


def update_team_member_role(project: Ref, person: Ref, role: str, client: KitsuClient = default) -> Dict[str, str]:
    """Change the role that a person has on *project* only: `PUT data/projects/<project_id>/team/<person_id>`.

    Args:
        role: `user`, `supervisor`, `manager`, `client` or `vendor`.

    Returns:
        `project_id`, `person_id` and `role`.
    """
    path = route("data/projects/{project_id}/team/{person_id}", id_of(project), id_of(person))
    return raw.put(path, {"role": role}, client=client)


def remove_person_from_team(project: Ref, person: Ref, client: KitsuClient = default) -> str:
    """Remove a person from the team of *project*: `DELETE data/projects/<project_id>/team/<person_id>`."""
    path = route("data/projects/{project_id}/team/{person_id}", id_of(project), id_of(person))
    return raw.delete(path, client=client)


# -- settings ------------------------------------------------------------------
def add_asset_type(project: Ref, asset_type: Ref, client: KitsuClient = default) -> Project:
    """Add an asset type to the settings of *project*, and return the project.

    `POST data/projects/<project_id>/settings/asset-types`
    """
    path = route("data/projects/{project_id}/settings/asset-types", id_of(project))
    return raw.post(path, {"asset_type_id": id_of(asset_type)}, client=client)


def remove_asset_type(project: Ref, asset_type: Ref, client: KitsuClient = default) -> str:
    """Remove an asset type from the settings of *project*, if it is there; its assets stay. Managers of the production.

    `DELETE data/projects/<project_id>/settings/asset-types/<asset_type_id>`
    """
    path = route("data/projects/{project_id}/settings/asset-types/{asset_type_id}", id_of(project), id_of(asset_type))
    return raw.delete(path, client=client)


def update_project_settings(
    project: Ref,
    task_types: Several = (),
    task_statuses: Several = (),
    asset_types: Several = (),
    replace_task_types: bool = False,
    client: KitsuClient = default,
) -> Project:
    """Add task types, task statuses and asset types to the settings of *project*, and return the project.

    Managers of the production. A GazuWarning names what the server left out, as it does not exist.

    `POST data/projects/<project_id>/settings/batch` (Zou 1.0.55), `GET data/projects/<project_id>`

    Args:
        task_types: records or ids; or `{"task_type_id": <id>, "priority": 2, "is_client_visible": False}`, where what
            is left out stays as it is. For bitrates, see `add_task_type`.
        replace_task_types: whether to remove the task types that *task_types* does not name.

    Raises:
        TypeError: one of the lists is None.
        ValueError: *replace_task_types* without *task_types*, which would remove all.
        ParameterException: nothing of what was asked for exists.
    """
    data = {"task_status_ids": require_ids(task_statuses), "asset_type_ids": require_ids(asset_types)}
    links = [_task_type_link(one) for one in require_list(task_types)]
    return _send_settings(project, {"task_types": links, **data}, replace_task_types, client)


def _task_type_link(task_type: Ref) -> Dict[str, Any]:
    """Return a task type as the server reads it in settings."""
    link = task_type if isinstance(task_type, Mapping) and "task_type_id" in task_type else {"task_type_id": task_type}
    names = ("priority", "is_client_visible")
    return {"task_type_id": id_of(link["task_type_id"]), **{name: link[name] for name in names if name in link}}


def _send_settings(project: Ref, data: Dict[str, Any], replace: bool, client: KitsuClient) -> Any:
    """Send settings of *project*, if any, and return the project."""
    if replace and not data["task_types"]:
        raise ValueError("task_types: replace_task_types needs at least one, as it removes all others")
    path = route("data/projects/{project_id}/settings/batch", id_of(project))
    if any(data.values()):
        raw.post(path, {**data, "replace_task_types": replace}, client=client)
    return check_settings(path, data, raw.fetch_one("projects", id_of(project), client=client))


def add_task_type(
    project: Ref,
    task_type: Ref,
    priority: Optional[int] = None,
    client: KitsuClient = default,
    hd_bitrate_compression: Optional[int] = None,
    ld_bitrate_compression: Optional[int] = None,
) -> Project:
    """Add a task type to the settings of *project*, and return the project.

    `POST data/projects/<project_id>/settings/task-types`

    Args:
        priority: the position among the columns, starting at 1; None leaves it to the server.
        hd_bitrate_compression: Mbit/s of the movies of this task type; those of the project without it.
        ld_bitrate_compression: Mbit/s of their smaller version.
    """
    rates = {"hd_bitrate_compression": hd_bitrate_compression, "ld_bitrate_compression": ld_bitrate_compression}
    data = {"task_type_id": id_of(task_type), "priority": priority, **drop_none(**rates)}
    return raw.post(route("data/projects/{project_id}/settings/task-types", id_of(project)), data, client=client)


@cache
def get_project_task_types(project: Ref, client: KitsuClient = default) -> List[TaskType]:
    """List the types that the tasks of *project* can have: `GET data/projects/<project_id>/task-types`."""
    return raw.fetch_all(route("projects/{project_id}/task-types", id_of(project)), client=client)


def remove_task_type(project: Ref, task_type: Ref, client: KitsuClient = default) -> str:
    """Remove a task type from the settings of *project*.

    `DELETE data/projects/<project_id>/settings/task-types/<task_type_id>`
    """
    path = route("data/projects/{project_id}/settings/task-types/{task_type_id}", id_of(project), id_of(task_type))
    return raw.delete(path, client=client)


def add_task_status(project: Ref, task_status: Ref, client: KitsuClient = default) -> Project:
    """Add a task status to the settings of *project*, and return the project.

    `POST data/projects/<project_id>/settings/task-status`
    """
    path = route("data/projects/{project_id}/settings/task-status", id_of(project))
    return raw.post(path, {"task_status_id": id_of(task_status)}, client=client)


@cache
def get_project_task_statuses(project: Ref, client: KitsuClient = default) -> List[TaskStatus]:
    """List the statuses that the tasks of *project* can have: `GET data/projects/<project_id>/settings/task-status`."""
    return raw.fetch_all(route("projects/{project_id}/settings/task-status", id_of(project)), client=client)


def remove_task_status(project: Ref, task_status: Ref, client: KitsuClient = default) -> str:
    """Remove a task status from the settings of *project*.

    `DELETE data/projects/<project_id>/settings/task-status/<task_status_id>`
    """
    path = route("data/projects/{project_id}/settings/task-status/{task_status_id}", id_of(project), id_of(task_status))
    return raw.delete(path, client=client)


def set_task_status_client_allowed(
    project: Ref, task_status: Ref, allowed: Optional[bool], client: KitsuClient = default
) -> ProjectTaskStatusLink:
    """Set whether clients of *project* may use a task status. Managers of the production.

    `PUT data/projects/<project_id>/settings/task-status/<task_status_id>` (Zou 1.0.97)

    Args:
        allowed: None for what the task status says for the studio.

    Raises:
        RouteNotFoundException: the task status is not in the settings of the production.
    """
    path = route("data/projects/{project_id}/settings/task-status/{task_status_id}", id_of(project), id_of(task_status))
    return raw.put(path, {"is_client_allowed": allowed}, client=client)


def reorder_task_types(project: Ref, task_types: Several, client: KitsuClient = default) -> List[ProjectTaskTypeLink]:
    """Set the order of the task types of *project*. Managers of the production.

    A GazuWarning names those that are not in its settings, which the server leaves out.

    `POST actions/projects/<project_id>/task-type-links/reorder` (Zou 1.0.55)

    Args:
        task_types: all of them, in order: their priorities become 1, 2, ..., also where some are not named.

    Raises:
        ParameterException: none of them is in the settings.
    """
    ids, path = require_ids(task_types), route("actions/projects/{project_id}/task-type-links/reorder", id_of(project))
    links = raw.post(path, {"task_type_ids": ids}, client=client) if ids else []
    return report(ParameterException, f"POST {path}", ids, links, NOT_IN_SETTINGS, "task_type_id")


def reorder_task_statuses(
    project: Ref, task_statuses: Several, client: KitsuClient = default
) -> List[ProjectTaskStatusLink]:
    """Set the order of the task statuses of *project*, as `reorder_task_types` does. Managers of the production.

    `POST actions/projects/<project_id>/task-status-links/reorder` (Zou 1.0.55)

    Args:
        task_statuses: all of them, in order: their priorities become 1, 2, ..., also where some are not named.
    """
    path = route("actions/projects/{project_id}/task-status-links/reorder", id_of(project))
    ids = require_ids(task_statuses)
    links = raw.post(path, {"task_status_ids": ids}, client=client) if ids else []
    return report(ParameterException, f"POST {path}", ids, links, NOT_IN_SETTINGS, "task_status_id")


@cache
def all_status_automations(project: Ref, client: KitsuClient = default) -> List[StatusAutomation]:
    """List the status automations that *project* uses: `GET data/projects/<project_id>/settings/status-automations`."""
    return raw.fetch_all(route("projects/{project_id}/settings/status-automations", id_of(project)), client=client)


def add_status_automation(project: Ref, automation: Ref, client: KitsuClient = default) -> Project:
    """Add a status automation to *project*, and return the project.

    It runs with each comment that sets the status, also if the task had it before, and then overwrites what was set in
    the meantime; its comments are by the author of that comment. `update_task` does not run it.

    `POST data/projects/<project_id>/settings/status-automations`

    Args:
        automation: its dict or id, or `{"status_automation_id": <id>}`. A dict with neither id is sent as it is.
    """
    path = route("data/projects/{project_id}/settings/status-automations", id_of(project))
    return raw.post(path, _reference("status_automation_id", automation), client=client)


def _reference(field: str, model: Ref) -> Mapping[str, Any]:
    """Return the body that adds a record to the settings: its id as *field*, or a dict that is the body already."""
    ready = isinstance(model, Mapping) and (field in model or (bool(model) and "id" not in model))
    return model if ready else {field: any_id_of(model)}  # type: ignore[return-value]


def remove_status_automation(project: Ref, automation: Ref, client: KitsuClient = default) -> str:
    """Remove a status automation from *project*.

    `DELETE data/projects/<project_id>/settings/status-automations/<automation_id>`
    """
    path = route(
        "data/projects/{project_id}/settings/status-automations/{automation_id}", id_of(project), id_of(automation)
    )
    return raw.delete(path, client=client)


@cache
def get_preview_background_files(project: Ref, client: KitsuClient = default) -> List[PreviewBackgroundFile]:
    """List the backgrounds for the 3D previews of *project*.

    `GET data/projects/<project_id>/settings/preview-background-files`
    """
    path = route("projects/{project_id}/settings/preview-background-files", id_of(project))
    return raw.fetch_all(path, client=client)


def add_preview_background_file(project: Ref, background_file: Ref, client: KitsuClient = default) -> Project:
    """Add a background for the 3D previews of *project*, and return the project.

    `POST data/projects/<project_id>/settings/preview-background-files`

    Args:
        background_file: its dict or id, or `{"preview_background_file_id": <id>}`. A dict with neither id is
            sent as it is.
    """
    data = _reference("preview_background_file_id", background_file)
    path = route("data/projects/{project_id}/settings/preview-background-files", id_of(project))
    return raw.post(path, data, client=client)


def remove_preview_background_file(project: Ref, background_file: Ref, client: KitsuClient = default) -> str:
    """Remove a background from the 3D previews of *project*.

    `DELETE data/projects/<project_id>/settings/preview-background-files/<background_file_id>`
    """
    path = route(
        "data/projects/{project_id}/settings/preview-background-files/{background_file_id}",
        id_of(project),
        id_of(background_file),
    )
    return raw.delete(path, client=client)


@cache
def get_milestones(project: Ref, client: KitsuClient = default) -> List[Milestone]:
    """List the milestones of *project*: `GET data/projects/<project_id>/milestones`."""
    return raw.fetch_all(route("projects/{project_id}/milestones", id_of(project)), client=client)


# -- software ------------------------------------------------------------------
@cache
def all_task_type_softwares(project: Ref, client: KitsuClient = default) -> List[TaskTypeSoftware]:
    """List which software opens the tasks of each task type of *project*; there may be several for one, or none.

    `GET data/projects/<project_id>/task-type-softwares`
    """
    return raw.fetch_all(route("projects/{project_id}/task-type-softwares", id_of(project)), client=client)


def add_task_type_software(
    project: Ref, task_type: Ref, software: Ref, client: KitsuClient = default
) -> TaskTypeSoftware:
    """Say that a software opens the tasks of a type in *project*, and return the row.

    Managers of the project, and supervisors of the department.

    `POST data/projects/<project_id>/task-types/<task_type_id>/softwares`

    Raises:
        ParameterException: the project does not have the task type, or the software is archived.
        RouteNotFoundException: one of the ids is unknown.
    """
    path = route("data/projects/{project_id}/task-types/{task_type_id}/softwares", id_of(project), id_of(task_type))
    return raw.post(path, {"software_id": id_of(software)}, client=client)


def remove_task_type_software(project: Ref, task_type: Ref, software: Ref, client: KitsuClient = default) -> str:
    """Say that a software does not open the tasks of a type in *project*.

    Managers of the project, and supervisors of the department.

    `DELETE data/projects/<project_id>/task-types/<task_type_id>/softwares/<software_id>`
    """
    place = (id_of(project), id_of(task_type), id_of(software))
    path = route("data/projects/{project_id}/task-types/{task_type_id}/softwares/{software_id}", *place)
    return raw.delete(path, client=client)


# -- preview accounts ----------------------------------------------------------
def get_preview_account(project: Ref, client: KitsuClient = default) -> Optional[PreviewAccount]:
    """Return the account for screening rooms of *project*, or None: `GET data/projects/<project_id>/preview-account`.

    Managers of the project.
    """
    return raw.get(route("data/projects/{project_id}/preview-account", id_of(project)), client=client)


def new_preview_account(project: Ref, client: KitsuClient = default) -> NewPreviewAccount:
    """Create the account for screening rooms of *project*, and return it with its `password`, which is shown only now.

    The `repr` hides it; print it to see it. An account that is there gets a new password, and is closed. It is a client
    of this project only, who can log in while it is open: see `set_preview_account_open`. Managers of the project.

    `POST data/projects/<project_id>/preview-account`
    """
    path = route("data/projects/{project_id}/preview-account", id_of(project))
    return hide_fields(raw.post(path, {}, client=client))


def set_preview_account_open(project: Ref, is_open: bool, client: KitsuClient = default) -> PreviewAccount:
    """Open the account for screening rooms of *project* for an hour, or close it, and return it.

    Closing ends its sessions. Managers of the project.

    `PUT data/projects/<project_id>/preview-account`

    Args:
        is_open: True to open it, or to begin the hour again.

    Raises:
        RouteNotFoundException: *project* has no such account.
    """
    path = route("data/projects/{project_id}/preview-account", id_of(project))
    return raw.put(path, {"is_open": is_open}, client=client)


def remove_preview_account(project: Ref, client: KitsuClient = default) -> str:
    """Delete the account for screening rooms of *project*, if any: `DELETE data/projects/<project_id>/preview-account`.

    Managers of the project.
    """
    return raw.delete(route("data/projects/{project_id}/preview-account", id_of(project)), client=client)


def export_projects_with_csv(
    csv_file_path: StrPath,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Write the names and statuses of all projects to a CSV file: `GET export/csv/projects.csv`. Managers.

    Arguments and errors are those of `gazu.shot.export_shots_with_csv`.
    """
    return raw.download("export/csv/projects.csv", csv_file_path, client=client, progress_callback=progress_callback)


# -- metadata columns ----------------------------------------------------------
def all_metadata_descriptors(
    project: Ref, client: KitsuClient = default, entity_type: Optional[str] = None
) -> List[MetadataDescriptor]:
    """List the metadata columns of *project*: `GET data/projects/<project_id>/metadata-descriptors`.

    Args:
        entity_type: only the columns of this kind of entity: `Asset`, `Shot`, `Edit`, ...
    """
    rows = raw.fetch_all(route("projects/{project_id}/metadata-descriptors", id_of(project)), client=client)
    return [row for row in rows if entity_type is None or row["entity_type"] == entity_type]


def get_metadata_descriptor(
    project: Ref, metadata_descriptor_id: Ref, client: KitsuClient = default
) -> MetadataDescriptor:
    """Return a metadata column of *project*.

    `GET data/projects/<project_id>/metadata-descriptors/<metadata_descriptor_id>`
    """
    path = route("data/projects/{project_id}/metadata-descriptors/{id}", id_of(project), id_of(metadata_descriptor_id))
    return raw.get(path, client=client)


def get_metadata_descriptor_by_field_name(
    project: Ref, field_name: str, client: KitsuClient = default
) -> Optional[MetadataDescriptor]:
    """Return the metadata column of *project* whose values are in `data[field_name]`, or None.

    `GET data/metadata-descriptors?project_id=<project_id>&field_name=<field_name>`
    """
    params = {"project_id": id_of(project), "field_name": field_name}
    return raw.fetch_first("metadata-descriptors", params, client=client)


def _is_list(choices: Any) -> bool:
    """Return whether *value* is a list of choices; until 0.8 they stood where the data type is."""
    return isinstance(choices, (list, tuple))


@older_calls("1.1", inserted_at={3: _is_list})
def add_metadata_descriptor(
    project: Ref,
    name: str,
    entity_type: str,
    data_type: str = "string",
    choices: Optional[Iterable[str]] = None,
    for_client: bool = False,
    departments: Optional[Several] = None,
    task_type_id: Optional[Ref] = None,
    client: KitsuClient = default,
) -> MetadataDescriptor:
    """Add a metadata column to *project*: `POST data/projects/<project_id>/metadata-descriptors`.

    The server derives the name of the field in `data` from *name*: "Shot weather"
    becomes `shot_weather`.

    Args:
        entity_type: the kind of entity: `Asset`, `Shot`, `Edit`, `Episode`, `Sequence`, ...
        data_type: `string`, `number`, `list`, `taglist`, `boolean` or `checklist`. Values of a boolean
            column are the texts `true` and `false`: with others the server cannot export the sheet.
        choices: the values to choose from, for a list.
        for_client: whether clients can see it.
        departments: the departments whose supervisors may change it. A supervisor without departments may change
            every column, one with departments none that names no department.
        task_type_id: the task type that it belongs to.

    Raises:
        ParameterException: there is one of this name already.
    """
    data = {"name": name, "data_type": data_type, "choices": list(choices or []), "for_client": for_client}
    data.update(entity_type=entity_type, departments=ids_of(departments))
    data.update(drop_none(task_type_id=id_or_none(task_type_id)))
    return raw.post(route("data/projects/{project_id}/metadata-descriptors", id_of(project)), data, client=client)


def update_metadata_descriptor(
    project: Ref, metadata_descriptor: Mapping[str, Any], client: KitsuClient = default
) -> MetadataDescriptor:
    """Change a metadata column of *project*, and return it.

    A new name changes its `field_name` too, and with it the key in the `data` of every entity; values stay.

    The server resets missing fields: those that *metadata_descriptor* does not have are sent unchanged.

    `PUT data/projects/<project_id>/metadata-descriptors/<metadata_descriptor_id>`

    Args:
        metadata_descriptor: its `id` and the fields to change: `name`, `data_type`,
            `choices`, `for_client`, and `departments` as ids or dicts.
    """
    path = route("data/projects/{project_id}/metadata-descriptors/{id}", id_of(project), id_of(metadata_descriptor))
    data = {**_get_known_fields(path, client), **metadata_descriptor}
    return raw.put(path, drop_none(**{**data, "departments": ids_of(data.get("departments"))}), client=client)


def _get_known_fields(path: str, client: KitsuClient) -> Dict[str, Any]:
    """Return the fields that the server has at *path*; none if it does not tell."""
    fields: Dict[str, Any] = {}
    with ignore_refusal():
        fields = raw.get(path, client=client)
    return fields


def remove_metadata_descriptor(
    project: Ref, metadata_descriptor_id: Ref, force: bool = False, client: KitsuClient = default
) -> str:
    """Delete a metadata column of *project*, with its values.

    `DELETE data/projects/<project_id>/metadata-descriptors/<metadata_descriptor_id>`

    Args:
        force: has no effect on Zou 1.0, which deletes it anyway.
    """
    path = route("data/projects/{project_id}/metadata-descriptors/{id}", id_of(project), id_of(metadata_descriptor_id))
    return raw.delete(path, {"force": True} if force else {}, client=client)


def reorder_metadata_descriptors(
    project: Ref, entity_type: str, descriptor_ids: Several, client: KitsuClient = default
) -> List[MetadataDescriptor]:
    """Set the order of the metadata columns of one kind of entity.

    `POST data/projects/<project_id>/metadata-descriptors/reorder`

    Args:
        entity_type: `Asset`, `Shot`, ...
        descriptor_ids: the ids of all its columns, in order.
    """
    path = route("data/projects/{project_id}/metadata-descriptors/reorder", id_of(project))
    return raw.post(path, {"entity_type": entity_type, "descriptor_ids": ids_of(descriptor_ids)}, client=client)


def new_metadata_descriptor_for_all_projects(
    name: str,
    entity_type: str,
    data_type: str = "string",
    choices: Optional[Iterable[str]] = None,
    for_client: bool = False,
    departments: Optional[Several] = None,
    client: KitsuClient = default,
) -> List[MetadataDescriptor]:
    """Add a metadata column to all open productions that have none of this name, and return the new ones.

    Managers, in the productions that they manage; admins, in all. The arguments are those of `add_metadata_descriptor`,
    which also makes columns of tasks. A GazuWarning says that no production got one.

    `POST data/metadata-descriptors/all-projects` (Zou 1.0.55)

    Args:
        entity_type: `Asset`, `Shot`, `Sequence`, `Episode`, `Edit` or `Project`.
        data_type: `string`, `number`, `list`, `taglist`, `boolean` or `checklist`.
        choices: the values to choose from, for a list.
        for_client: whether clients can see it.
    """
    data = {"name": require_name(name), "entity_type": entity_type, "data_type": data_type, "for_client": for_client}
    data.update(choices=list(choices or []), departments=ids_of(departments))
    rows = raw.post("data/metadata-descriptors/all-projects", data, client=client)
    return warn_if_none(rows, f"no production got the column {name!r:.200}: each that this account manages has it")


def update_metadata_descriptor_for_all_projects(
    metadata_descriptor: Mapping[str, Any], client: KitsuClient = default
) -> List[MetadataDescriptor]:
    """Change a metadata column in all open productions that have it, and return its descriptors.

    Managers, in the productions that they manage; admins, in all. The server resets missing fields: they are read
    first, and have to be the same in these productions. A new name changes the `field_name` too; values stay.

    `GET data/projects/open`, `PUT data/metadata-descriptors/all-projects/<field_name>` (Zou 1.0.55)

    Args:
        metadata_descriptor: its `entity_type` and `field_name`, and the fields to change: `name`, `data_type`,
            `choices`, `for_client`, and `departments` as ids or dicts.

    Raises:
        ValueError: no production has such a column; or a field that is not given differs between productions, and
            would be overwritten. Nothing was sent.
    """
    row = require_row(metadata_descriptor)
    names = ("data_type", "choices", "for_client", "departments")
    known = fields_of_all_projects(row, [*names], client)
    data = {**known, **{name: row[name] for name in ("entity_type", "name", *names) if name in row}}
    path = route("data/metadata-descriptors/all-projects/{field_name}", row["field_name"])
    return raw.put(path, {**data, "departments": ids_of(data["departments"])}, client=client)


def remove_metadata_descriptor_for_all_projects(
    entity_type: str, field_name: str, client: KitsuClient = default
) -> List[str]:
    """Delete a metadata column of all open productions, with its values, and return the ids of its descriptors.

    Managers, in the productions that they manage; admins, in all. A GazuWarning says that no production has it.

    `DELETE data/metadata-descriptors/all-projects/<field_name>?entity_type=<entity_type>` (Zou 1.0.55)

    Args:
        entity_type: `Asset`, `Shot`, ...
        field_name: the key of the column in `data`.
    """
    path = route("data/metadata-descriptors/all-projects/{field_name}", field_name)
    removed = raw.delete(path, {"entity_type": entity_type}, client=client, json_response=True)
    return warn_if_none(removed, f"no production that this account manages has the column {field_name!r:.200}")


def reorder_metadata_descriptors_for_all_projects(
    entity_type: str, field_names: Iterable[str], client: KitsuClient = default
) -> List[MetadataDescriptor]:
    """Set the order of the metadata columns of one kind of entity in all open productions.

    Managers, in the productions that they manage; admins, in all. Columns that are not named come last, by name. A
    GazuWarning names those that no production has.

    `POST actions/metadata-descriptors/all-projects/reorder` (Zou 1.0.55)

    Args:
        entity_type: `Asset`, `Shot`, ...
        field_names: the keys of the columns in `data`, in order.
    """
    names = [field_names] if isinstance(field_names, str) else list(field_names)
    path, data = "actions/metadata-descriptors/all-projects/reorder", {"entity_type": entity_type, "field_order": names}
    rows = raw.post(path, data, client=client) if names else []
    return report(ParameterException, f"POST {path}", names, rows, "columns are in no production", "field_name")


# -- time spent, days off and statistics ---------------------------------------
@cache
def all_time_spents(project: Ref, client: KitsuClient = default) -> List[TimeSpent]:
    """List the time spent on the tasks of *project*, in minutes: `GET data/projects/<project_id>/time-spents`.

    Members of the production, but no clients.
    """
    return raw.fetch_all(route("projects/{project_id}/time-spents", id_of(project)), client=client)


@cache
def get_task_type_time_spents(
    project: Ref,
    task_type: Ref,
    start_date: Optional[Date] = None,
    end_date: Optional[Date] = None,
    client: KitsuClient = default,
) -> Dict[str, List[TimeSpent]]:
    """Return the time spent on the tasks of a type, in minutes, by the id of the person, the last day first.

    `GET data/projects/<project_id>/task-types/<task_type_id>/time-spents`. Managers of the production.

    Args:
        start_date: the first day, `YYYY-MM-DD`, as is *end_date*, the last one.
    """
    path = route("projects/{project_id}/task-types/{task_type_id}/time-spents", id_of(project), id_of(task_type))
    params = drop_none(start_date=day_or_none(start_date), end_date=day_or_none(end_date))
    return raw.fetch_all(path, params=params, client=client)


@cache
def get_budget_time_spents(
    project: Ref, client: KitsuClient = default
) -> Dict[str, Dict[str, Union[float, Dict[str, float]]]]:
    """Sum the time spent, in minutes, by department, person and month.

    `GET data/projects/<project_id>/budgets/time-spents`. Admins only. Task types without a department are left out.

    Returns:
        `{<department_id>: {"total": 120.0, <person_id>: {"total": 120.0, "2026-11": 120.0}}}`
    """
    return raw.fetch_all(route("projects/{project_id}/budgets/time-spents", id_of(project)), client=client)


@cache
def all_day_offs_for_project(
    project: Ref, start_date: Optional[Date] = None, end_date: Optional[Date] = None, client: KitsuClient = default
) -> Dict[str, List[DayOff]]:
    """Return the days off of the team of *project*, by the id of the person: `GET data/projects/<project_id>/day-offs`.

    Members of the production, but no clients or vendors. Only managers see the descriptions of others.

    Args:
        start_date: only those that end on this day or later, `YYYY-MM-DD`.
        end_date: only those that begin on this day or earlier, `YYYY-MM-DD`.
    """
    params = drop_none(start_date=day_or_none(start_date), end_date=day_or_none(end_date))
    return raw.fetch_all(route("projects/{project_id}/day-offs", id_of(project)), params=params, client=client)


@cache
def get_episode_stats(project: Ref, client: KitsuClient = default) -> Dict[str, Dict[str, Dict[str, TaskStatusStats]]]:
    """Count the tasks of shots by episode, task type and task status: `GET data/projects/<project_id>/episodes/stats`.

    Members of the production; clients where the production shows them statistics; vendors for what they are assigned.
    Only shots in episodes count: of a film, the server returns nothing.

    Returns:
        By the id of the episode and of the task type, each also as `all`, the statuses by id, with `count`, `frames`
        and `drawings`.
    """
    return raw.fetch_all(route("projects/{project_id}/episodes/stats", id_of(project)), client=client)


@cache
def get_episode_retake_stats(project: Ref, client: KitsuClient = default) -> Dict[str, Dict[str, RetakeStats]]:
    """Count retakes of shots by episode and task type: `GET data/projects/<project_id>/episodes/retake-stats`.

    Members of the production, but no clients; vendors for what they are assigned. Only shots in episodes count.

    Returns:
        By the id of the episode and of the task type, each also as `all`: `done`, `retake` and `other`, the highest
        number of retakes, and by the number of the take their `evolution`.
    """
    return raw.fetch_all(route("projects/{project_id}/episodes/retake-stats", id_of(project)), client=client)


# -- budgets -------------------------------------------------------------------
@cache
def get_budgets(project: Ref, client: KitsuClient = default) -> List[Budget]:
    """List the budgets of *project*: `GET data/projects/<project_id>/budgets`."""
    return raw.fetch_all(route("projects/{project_id}/budgets", id_of(project)), client=client)


@cache
def get_budget(project: Ref, budget: Ref, client: KitsuClient = default) -> Budget:
    """Return a budget of *project*: `GET data/projects/<project_id>/budgets/<budget_id>`."""
    path = route("data/projects/{project_id}/budgets/{budget_id}", id_of(project), id_of(budget))
    return raw.get(path, client=client)


def create_budget(
    project: Ref,
    name: str,
    description: Optional[str] = None,
    currency: Optional[str] = None,
    start_date: Optional[Date] = None,
    end_date: Optional[Date] = None,
    amount: Optional[float] = None,
    client: KitsuClient = default,
) -> Budget:
    """Create a budget of *project*: `POST data/projects/<project_id>/budgets`.

    Zou 1.0 stores the name and the currency only.

    Args:
        currency: a code such as `EUR`.
        start_date: `YYYY-MM-DD`, as is *end_date*.
        amount: in *currency*.
    """
    dates = drop_none(start_date=day_or_none(start_date), end_date=day_or_none(end_date))
    data = drop_none(name=require_name(name), description=description, currency=currency, amount=amount, **dates)
    return raw.post(route("data/projects/{project_id}/budgets", id_of(project)), data, client=client)


def update_budget(project: Ref, budget: Ref, data: Mapping[str, Any], client: KitsuClient = default) -> Budget:
    """Change a budget of *project*, and return it: `PUT data/projects/<project_id>/budgets/<budget_id>`.

    Args:
        data: `name` or `currency`.
    """
    path = route("data/projects/{project_id}/budgets/{budget_id}", id_of(project), id_of(budget))
    return raw.put(path, data, client=client)


def remove_budget(project: Ref, budget: Ref, client: KitsuClient = default) -> str:
    """Delete a budget of *project*: `DELETE data/projects/<project_id>/budgets/<budget_id>`."""
    path = route("data/projects/{project_id}/budgets/{budget_id}", id_of(project), id_of(budget))
    return raw.delete(path, client=client)


@cache
def get_budget_entries(project: Ref, budget: Ref, client: KitsuClient = default) -> List[BudgetEntry]:
    """List the entries of a budget: `GET data/projects/<project_id>/budgets/<budget_id>/entries`."""
    path = route("projects/{project_id}/budgets/{budget_id}/entries", id_of(project), id_of(budget))
    return raw.fetch_all(path, client=client)


@cache
def get_budget_entry(project: Ref, budget: Ref, entry: Ref, client: KitsuClient = default) -> BudgetEntry:
    """Return an entry of a budget: `GET data/projects/<project_id>/budgets/<budget_id>/entries/<entry_id>`."""
    return raw.get(_entry_path(project, budget, entry), client=client)


def _entry_path(project: Ref, budget: Ref, entry: Ref) -> str:
    """Return the path of an entry of a budget."""
    template = "data/projects/{project_id}/budgets/{budget_id}/entries/{entry_id}"
    return route(template, id_of(project), id_of(budget), id_of(entry))


def create_budget_entry(
    project: Ref,
    budget: Ref,
    name: str,
    date: Optional[Date] = None,
    amount: Optional[float] = None,
    quantity: Optional[float] = None,
    unit_price: Optional[float] = None,
    description: Optional[str] = None,
    category: Optional[str] = None,
    client: KitsuClient = default,
    department: Optional[Ref] = None,
    person: Optional[Ref] = None,
    start_date: Optional[Date] = None,
    months_duration: Optional[int] = None,
    daily_salary: Optional[float] = None,
    position: Optional[str] = None,
    seniority: Optional[str] = None,
) -> BudgetEntry:
    """Add an entry to a budget: `POST data/projects/<project_id>/budgets/<budget_id>/entries`.

    Zou 1.0 budgets people, not things: it requires the arguments from *department* to
    *seniority* (*person* may be left open), and does not store the others.

    Args:
        date: `YYYY-MM-DD`, like *start_date*.
        amount: in the currency of the budget.
        quantity: how many.
        unit_price: in the currency of the budget.
        category: any text.
        start_date: `YYYY-MM-DD`
        months_duration: in months.
        daily_salary: in the currency of the budget.
        position: `artist`, `supervisor` or `lead`.
        seniority: `junior`, `mid` or `senior`.
    """
    data = drop_none(name=name, date=day_or_none(date), start_date=day_or_none(start_date), amount=amount)
    data.update(drop_none(quantity=quantity, unit_price=unit_price, daily_salary=daily_salary, position=position))
    data.update(drop_none(description=description, category=category, months_duration=months_duration))
    data.update(drop_none(department_id=id_or_none(department), person_id=id_or_none(person), seniority=seniority))
    path = route("data/projects/{project_id}/budgets/{budget_id}/entries", id_of(project), id_of(budget))
    return raw.post(path, data, client=client)


def update_budget_entry(
    project: Ref, budget: Ref, entry: Ref, data: Mapping[str, Any], client: KitsuClient = default
) -> BudgetEntry:
    """Change an entry of a budget, and return it.

    The server accepts complete entries only: fields that *data* does not have are sent unchanged.

    `PUT data/projects/<project_id>/budgets/<budget_id>/entries/<entry_id>`

    Args:
        data: `department_id`, `person_id`, `start_date` (`YYYY-MM-DD`), `months_duration`,
            `daily_salary`, `position` or `seniority`.
    """
    path, changes = _entry_path(project, budget, entry), with_days(require_row(data), "start_date")
    return raw.put(path, {**raw.get(path, client=client), **changes}, client=client)


def remove_budget_entry(project: Ref, budget: Ref, entry: Ref, client: KitsuClient = default) -> str:
    """Delete an entry of a budget: `DELETE data/projects/<project_id>/budgets/<budget_id>/entries/<entry_id>`."""
    return raw.delete(_entry_path(project, budget, entry), client=client)


# -- quotas --------------------------------------------------------------------
@older_calls("1.1")
@cache
def get_project_quotas(
    project: Ref, task_type: Optional[Ref] = None, client: KitsuClient = default, count_mode: Optional[str] = None
) -> Dict[str, Any]:
    """Return the quotas of each person for a task type of shots, by day, week, month and year.

    `GET data/projects/<project_id>/quotas/<task_type_id>`

    Args:
        task_type: without it, the quotas of all task types of the project are returned, by the id
            of the type, with one request for each.
        count_mode: when the frames of a shot count. `feedback`: on the day of the first request for feedback
            (`end_date` of the task); `done`: on the day of the approval (`done_date`). `weighted`, the default, and
            `weighteddone` divide them over the days on which time was spent on the task or, without time spents, from
            the start of the work to that date: a task that a script sets from todo to done is in neither.

    Returns:
        For example `{<person_id>: {"day": {"frames": {"2030-01-02": 48}}}}`. A shot with two assignees counts for each
        of them, and twice in `total`.
    """
    if task_type is None:
        types = get_project_task_types(project, client=client)
        return {row["id"]: get_project_quotas(project, row, client=client, count_mode=count_mode) for row in types}
    path = route("data/projects/{project_id}/quotas/{task_type_id}", id_of(project), id_of(task_type))
    return raw.get(path, params=count_mode_query(count_mode), client=client)


@cache
def get_project_person_quotas(
    project: Ref, person: Ref, client: KitsuClient = default, count_mode: Optional[str] = None
) -> Quotas:
    """Return the quotas of a person for each task type of shots in *project*, by day, week, month and year.

    `GET data/projects/<project_id>/quotas/persons/<person_id>`

    Args:
        count_mode: when the frames of a shot count, as in `get_project_quotas`; those of all assignees count here too.

    Returns:
        For example `{<task_type_id>: {"day": {"frames": {"2030-01-02": 48}}}}`.
    """
    path = route("data/projects/{project_id}/quotas/persons/{person_id}", id_of(project), id_of(person))
    return raw.get(path, params=count_mode_query(count_mode), client=client)


# -- news ----------------------------------------------------------------------
@cache
def all_news_for_project(
    project: Ref,
    only_preview: bool = False,
    task_type: Optional[Ref] = None,
    task_status: Optional[Ref] = None,
    person: Optional[Ref] = None,
    episode: Optional[Ref] = None,
    after: Optional[Date] = None,
    before: Optional[Date] = None,
    page: Optional[int] = None,
    limit: Optional[int] = None,
    client: KitsuClient = default,
) -> List[News]:
    """List what happened to the tasks of *project*: comments, statuses, previews, the newest first (no clients).

    The list also has the keys of the server's page, such as `news["stats"]`, the changes of status by the id of the
    status, and `news["total"]`.

    `GET data/projects/<project_id>/news`

    Args:
        only_preview: only those with a preview; they have its files in `preview_files`.
        person: only what this person did.
        episode: only of shots of this episode.
        after: only after this time, in UTC, as is *before*.
        page: only this page, starting at 1; without it, all of them.
        limit: news on a page; by default 50 with *page*, else 1000.
    """
    query = news_query(only_preview, task_type, task_status, person, after, before)
    query.update(drop_none(episode_id=id_or_none(episode)))
    return fetch_news(route("projects/{project_id}/news", id_of(project)), query, page, limit, client)


@cache
def get_news(project: Ref, news: Ref, client: KitsuClient = default) -> News:
    """Return one of the news of *project* (no vendors): `GET data/projects/<project_id>/news/<news_id>`.

    Raises:
        RouteNotFoundException: it does not exist, or is of another project.
    """
    return raw.get(route("data/projects/{project_id}/news/{news_id}", id_of(project), id_of(news)), client=client)
