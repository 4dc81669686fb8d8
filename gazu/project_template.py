"""Project templates: settings that new productions start with."""

from typing import TYPE_CHECKING, Any, Iterable, List, Mapping, Optional

from . import client as raw
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import find_imported, list_functions
from .helpers import any_id_of, check_fps, drop_none, id_of, id_or_none, require_ids, require_name, require_row
from .models import (
    AssetType,
    PreviewBackgroundFile,
    Project,
    ProjectTemplate,
    Ref,
    Several,
    StatusAutomation,
    TemplateTaskStatus,
    TemplateTaskStatusLink,
    TemplateTaskType,
    TemplateTaskTypeLink,
)
from .sorting import sort_by_name

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)


# -- templates -----------------------------------------------------------------
@cache
def all_project_templates(client: KitsuClient = default) -> List[ProjectTemplate]:
    """List all project templates, sorted by name: `GET data/project-templates`."""
    return sort_by_name(raw.fetch_all("project-templates", client=client))


@cache
def get_project_template(project_template_id: Ref, client: KitsuClient = default) -> ProjectTemplate:
    """Return a template with the ids of its types and statuses: `GET data/project-templates/<id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("project-templates", any_id_of(project_template_id), client=client)


@cache
def get_project_template_by_name(name: str, client: KitsuClient = default) -> Optional[ProjectTemplate]:
    """Return the template of this name, or None: `GET data/project-templates?name=<name>`."""
    return raw.fetch_named("project-templates", {"name": name}, client=client)


def new_project_template(
    name: str,
    description: Optional[str] = None,
    fps: Optional[str] = None,
    ratio: Optional[str] = None,
    resolution: Optional[str] = None,
    production_type: Optional[str] = None,
    production_style: Optional[str] = None,
    client: KitsuClient = default,
) -> ProjectTemplate:
    """Create a template without types and statuses: `POST data/project-templates`.

    Args:
        fps: frames per second, as text: `25`, `23.976`.
        ratio: `16:9`, ...
        resolution: `1920x1080`, ...
        production_type: see `gazu.project.new_project`, for *production_style* too.

    Raises:
        ParameterException: the name is already used.
        ValueError: *fps* has a comma.
    """
    check_fps({"fps": fps})
    data = {"name": require_name(name), "description": description}
    data.update(drop_none(fps=fps, ratio=ratio, resolution=resolution))
    data.update(drop_none(production_type=production_type, production_style=production_style))
    return raw.create("project-templates", data, client=client)


def new_project_template_from_project(
    project: Ref, name: str, description: Optional[str] = None, client: KitsuClient = default
) -> ProjectTemplate:
    """Create a template with the settings of *project*: `POST data/project-templates/from-project/<project_id>`.

    Raises:
        ParameterException: the name is already used.
    """
    path = route("data/project-templates/from-project/{project_id}", id_of(project))
    return raw.post(path, {"name": require_name(name), "description": description}, client=client)


def update_project_template(project_template: Mapping[str, Any], client: KitsuClient = default) -> ProjectTemplate:
    """Change a template, and return it: `PUT data/project-templates/<id>`.

    Args:
        project_template: its `id` and the fields to change. Types, statuses and
            automations are changed one by one, with the functions below.
    """
    check_fps(require_row(project_template))
    return raw.update("project-templates", id_of(project_template), project_template, client=client)


def remove_project_template(project_template: Ref, client: KitsuClient = default) -> str:
    """Delete a template; projects created with it are left unchanged: `DELETE data/project-templates/<id>`."""
    return raw.delete(route("data/project-templates/{id}", id_of(project_template)), client=client)


def apply_project_template(project: Ref, project_template: Ref, client: KitsuClient = default) -> Project:
    """Apply the settings of a template to *project*, adding to its types and statuses, and return the project.

    `POST data/projects/<project_id>/apply-template/<project_template_id>`
    """
    path = route("data/projects/{project_id}/apply-template/{template_id}", id_of(project), id_of(project_template))
    return raw.post(path, {}, client=client)


# -- task types ----------------------------------------------------------------
@cache
def all_task_types_for_project_template(project_template: Ref, client: KitsuClient = default) -> List[TemplateTaskType]:
    """List the task types of a template by priority: `GET data/project-templates/<id>/task-types`."""
    return raw.fetch_all(route("project-templates/{id}/task-types", id_of(project_template)), client=client)


def add_task_type_to_project_template(
    project_template: Ref,
    task_type: Ref,
    priority: Optional[int] = None,
    client: KitsuClient = default,
    hd_bitrate_compression: Optional[int] = None,
    ld_bitrate_compression: Optional[int] = None,
) -> TemplateTaskTypeLink:
    """Add a task type to a template, or change its priority: `POST data/project-templates/<id>/task-types`.

    Args:
        priority: the position among the columns, starting at 1.
        hd_bitrate_compression: Mbit/s of the movies of this task type; those of the project without it.
        ld_bitrate_compression: Mbit/s of their smaller version.
    """
    rates = {"hd_bitrate_compression": hd_bitrate_compression, "ld_bitrate_compression": ld_bitrate_compression}
    data = drop_none(task_type_id=id_of(task_type), priority=priority, **rates)
    path = route("data/project-templates/{id}/task-types", id_of(project_template))
    return raw.post(path, data, client=client)


def reorder_task_types_of_project_template(
    project_template: Ref, task_types: Several, client: KitsuClient = default
) -> List[TemplateTaskTypeLink]:
    """Set the order of the task types of a template; those that it does not have are added. Admins only.

    `POST actions/project-templates/<id>/task-types/reorder` (Zou 1.0.55)

    Args:
        task_types: all of them, in order: their priorities become 1, 2, ..., also where some are not named.
    """
    ids = require_ids(task_types)
    path = route("actions/project-templates/{id}/task-types/reorder", id_of(project_template))
    return raw.post(path, {"task_type_ids": ids}, client=client) if ids else []


def remove_task_type_from_project_template(project_template: Ref, task_type: Ref, client: KitsuClient = default) -> str:
    """Remove a task type from a template: `DELETE data/project-templates/<id>/task-types/<task_type_id>`."""
    path = route("data/project-templates/{id}/task-types/{task_type_id}", id_of(project_template), id_of(task_type))
    return raw.delete(path, client=client)


# -- task statuses -------------------------------------------------------------
@cache
def all_task_statuses_for_project_template(
    project_template: Ref, client: KitsuClient = default
) -> List[TemplateTaskStatus]:
    """List the task statuses of a template by priority: `GET data/project-templates/<id>/task-statuses`."""
    return raw.fetch_all(route("project-templates/{id}/task-statuses", id_of(project_template)), client=client)


def add_task_status_to_project_template(
    project_template: Ref,
    task_status: Ref,
    priority: Optional[int] = None,
    roles_for_board: Optional[Iterable[str]] = None,
    client: KitsuClient = default,
) -> TemplateTaskStatusLink:
    """Add a task status to a template, or change its settings: `POST data/project-templates/<id>/task-statuses`.

    Args:
        priority: the position among the statuses, starting at 1.
        roles_for_board: the roles that see it on boards: `user`, `supervisor`,
            `manager`, `admin`, `client` or `vendor`; by default all but `client`.
    """
    roles = None if roles_for_board is None else list(roles_for_board)
    data = drop_none(task_status_id=id_of(task_status), priority=priority, roles_for_board=roles)
    path = route("data/project-templates/{id}/task-statuses", id_of(project_template))
    return raw.post(path, data, client=client)


def reorder_task_statuses_of_project_template(
    project_template: Ref, task_statuses: Several, client: KitsuClient = default
) -> List[TemplateTaskStatusLink]:
    """Set the order of the task statuses of a template; those that it does not have are added. Admins only.

    `POST actions/project-templates/<id>/task-statuses/reorder` (Zou 1.0.55)

    Args:
        task_statuses: all of them, in order: their priorities become 1, 2, ..., also where some are not named.
    """
    ids = require_ids(task_statuses)
    path = route("actions/project-templates/{id}/task-statuses/reorder", id_of(project_template))
    return raw.post(path, {"task_status_ids": ids}, client=client) if ids else []


def remove_task_status_from_project_template(
    project_template: Ref, task_status: Ref, client: KitsuClient = default
) -> str:
    """Remove a task status from a template: `DELETE data/project-templates/<id>/task-statuses/<task_status_id>`."""
    path = route("data/project-templates/{id}/task-statuses/{status_id}", id_of(project_template), id_of(task_status))
    return raw.delete(path, client=client)


# -- asset types ---------------------------------------------------------------
@cache
def all_asset_types_for_project_template(project_template: Ref, client: KitsuClient = default) -> List[AssetType]:
    """List the asset types of a template, `id` and `name` only: `GET data/project-templates/<id>/asset-types`."""
    return raw.fetch_all(route("project-templates/{id}/asset-types", id_of(project_template)), client=client)


def add_asset_type_to_project_template(
    project_template: Ref, asset_type: Ref, client: KitsuClient = default
) -> AssetType:
    """Add an asset type to a template, and return its `id` and `name`.

    `POST data/project-templates/<id>/asset-types`
    """
    data = {"asset_type_id": id_of(asset_type)}
    path = route("data/project-templates/{id}/asset-types", id_of(project_template))
    return raw.post(path, data, client=client)


def remove_asset_type_from_project_template(
    project_template: Ref, asset_type: Ref, client: KitsuClient = default
) -> str:
    """Remove an asset type from a template: `DELETE data/project-templates/<id>/asset-types/<asset_type_id>`."""
    path = route("data/project-templates/{id}/asset-types/{asset_type_id}", id_of(project_template), id_of(asset_type))
    return raw.delete(path, client=client)


# -- status automations --------------------------------------------------------
@cache
def all_status_automations_for_project_template(
    project_template: Ref, client: KitsuClient = default
) -> List[StatusAutomation]:
    """List the status automations of a template: `GET data/project-templates/<id>/status-automations`."""
    return raw.fetch_all(route("project-templates/{id}/status-automations", id_of(project_template)), client=client)


def add_status_automation_to_project_template(
    project_template: Ref, status_automation: Ref, client: KitsuClient = default
) -> StatusAutomation:
    """Add a status automation to a template, and return it: `POST data/project-templates/<id>/status-automations`."""
    data = {"status_automation_id": id_of(status_automation)}
    path = route("data/project-templates/{id}/status-automations", id_of(project_template))
    return raw.post(path, data, client=client)


def remove_status_automation_from_project_template(
    project_template: Ref, status_automation: Ref, client: KitsuClient = default
) -> str:
    """Remove a status automation from a template.

    `DELETE data/project-templates/<id>/status-automations/<status_automation_id>`
    """
    path = route(
        "data/project-templates/{id}/status-automations/{status_automation_id}",
        id_of(project_template),
        id_of(status_automation),
    )
    return raw.delete(path, client=client)


# -- backgrounds of 3D previews ------------------------------------------------
@cache
def all_preview_background_files_for_project_template(
    project_template: Ref, client: KitsuClient = default
) -> List[PreviewBackgroundFile]:
    """List the backgrounds of a template, with `id`, `name` and `is_default` only.

    `GET data/project-templates/<id>/preview-background-files`
    """
    return raw.fetch_all(
        route("project-templates/{id}/preview-background-files", id_of(project_template)), client=client
    )


def add_preview_background_file_to_project_template(
    project_template: Ref, preview_background_file: Ref, client: KitsuClient = default
) -> PreviewBackgroundFile:
    """Add a background for 3D previews to a template, and return its `id`, `name` and `is_default`.

    `POST data/project-templates/<id>/preview-background-files`
    """
    data = {"preview_background_file_id": id_of(preview_background_file)}
    path = route("data/project-templates/{id}/preview-background-files", id_of(project_template))
    return raw.post(path, data, client=client)


def remove_preview_background_file_from_project_template(
    project_template: Ref, preview_background_file: Ref, client: KitsuClient = default
) -> str:
    """Remove a background from a template; if it was the default one, the template then has no default.

    `DELETE data/project-templates/<id>/preview-background-files/<preview_background_file_id>`
    """
    path = route(
        "data/project-templates/{id}/preview-background-files/{preview_background_file_id}",
        id_of(project_template),
        id_of(preview_background_file),
    )
    return raw.delete(path, client=client)


def set_project_template_default_preview_background_file(
    project_template: Ref, preview_background_file: Optional[Ref], client: KitsuClient = default
) -> ProjectTemplate:
    """Set the default background of 3D previews, and return the template.

    `PUT data/project-templates/<id>/default-preview-background-file`

    Args:
        preview_background_file: a background of the template; None for no background.

    Raises:
        ParameterException: it is not a background of the template.
    """
    data = {"default_preview_background_file_id": id_or_none(preview_background_file)}
    path = route("data/project-templates/{id}/default-preview-background-file", id_of(project_template))
    return raw.put(path, data, client=client)


# -- metadata columns ----------------------------------------------------------
def set_project_template_metadata_descriptors(
    project_template: Ref, descriptors: Iterable[Mapping[str, Any]], client: KitsuClient = default
) -> ProjectTemplate:
    """Replace the metadata columns of a template, and return the template.

    `PUT data/project-templates/<id>/metadata-descriptors`

    Args:
        descriptors: dicts with `name`, `entity_type` and `data_type`; optional are `choices`,
            `for_client` and `departments` (ids): see `gazu.project.add_metadata_descriptor`.
    """
    path = route("data/project-templates/{id}/metadata-descriptors", id_of(project_template))
    return raw.put(path, {"metadata_descriptors": list(descriptors)}, client=client)
