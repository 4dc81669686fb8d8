"""Edits: the cuts of a production or of its episodes."""

from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from . import client as raw
from ._http.memory import as_new
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import deprecated, find_imported, list_functions
from .helpers import any_id_of, drop_none, for_update, id_of, id_or_none, require_name, require_row, warn_if_canceled
from .lists import fetch_board
from .models import Edit, EditWithTasks, EntityPreview, EntityVersion, Ref, StrPath
from .sheets import download_sheet, upload_sheet
from .sorting import sort_by_name

if TYPE_CHECKING:
    from requests import Response

    from ._http.multipart import Progress

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)


# -- edits ---------------------------------------------------------------------
@cache
def all_edits_for_project(project: Ref, client: KitsuClient = default) -> List[Edit]:
    """List the edits of *project*, sorted by name: `GET data/projects/<project_id>/edits`.

    Canceled ones are in the list: see `canceled`.
    """
    return sort_by_name(raw.fetch_all(route("projects/{project_id}/edits", id_of(project)), client=client))


@cache
def all_edits_with_tasks(project: Ref, client: KitsuClient = default) -> List[EditWithTasks]:
    """List the edits of *project* with their tasks, sorted by name, in one request. Everybody in the team.

    `GET data/edits/with-tasks?project_id=<project_id>`
    """
    return fetch_board("edits/with-tasks", project, client)


@cache
def all_edits_for_episode(episode: Ref, relations: bool = False, client: KitsuClient = default) -> List[Edit]:
    """List the edits of *episode*, sorted by name: `GET data/episodes/<episode_id>/edits`. Everybody in the team.

    Args:
        relations: include the ids of linked entities.
    """
    path, params = route("episodes/{episode_id}/edits", id_of(episode)), {"relations": True} if relations else {}
    return sort_by_name(raw.fetch_all(path, params=params, client=client))


@cache
def all_versions_for_edit(edit: Ref, client: KitsuClient = default) -> List[EntityVersion]:
    """List the changes of the name and the frame range of *edit*, the last first: `GET data/edits/<edit_id>/versions`.

    Everybody in the team. See `shot.all_versions_for_shot`.
    """
    return raw.fetch_all(route("edits/{edit_id}/versions", id_of(edit)), client=client)


@cache
def all_previews_for_edit(edit: Ref, client: KitsuClient = default) -> Dict[str, List[EntityPreview]]:
    """Return the previews of *edit*, the last revision first, by the id of the task type.

    `GET data/edits/<edit_id>/preview-files`
    """
    return raw.fetch_all(route("edits/{edit_id}/preview-files", id_of(edit)), client=client)


@cache
def get_edit(edit_id: Ref, client: KitsuClient = default) -> Edit:
    """Return an edit with its tasks and the names of its project and episode: `GET data/edits/<edit_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("edits", any_id_of(edit_id), client=client)


@cache
def get_edit_by_name(project: Ref, edit_name: str, client: KitsuClient = default) -> Optional[Edit]:
    """Return the edit of this name in *project*, or None.

    `GET data/edits/all?project_id=<project_id>&name=<edit_name>`
    """
    return raw.fetch_named("edits/all", {"project_id": id_of(project), "name": edit_name}, client=client)


@cache
def get_edit_url(edit: Ref, client: KitsuClient = default) -> str:
    """Return the URL of the web page of an edit: `GET data/edits/<edit_id>`."""
    row = raw.fetch_one("edits", id_of(edit), client=client)
    site = raw.get_api_url_from_host(client=client)
    if not row.get("episode_id"):
        return site + route("/productions/{project_id}/edits/{edit_id}/", row["project_id"], row["id"])
    template = "/productions/{project_id}/episodes/{episode_id}/edits/{edit_id}/"
    return site + route(template, row["project_id"], row["episode_id"], row["id"])


def new_edit(
    project: Ref,
    name: str,
    description: Optional[str] = None,
    data: Optional[Mapping[str, Any]] = None,
    episode: Optional[Ref] = None,
    client: KitsuClient = default,
) -> Edit:
    """Create an edit, or return the existing one with this name: `POST data/projects/<project_id>/edits`.

    A GazuWarning says so if the existing one is canceled.

    Args:
        data: metadata.
        episode: the episode that it belongs to, in a TV show; edits of different episodes may share a name.
    """
    key = drop_none(project_id=id_of(project), name=require_name(name), parent_id=id_or_none(episode))
    edit = drop_none(name=name, data=data or {}, episode_id=id_or_none(episode), description=description)
    path = route("data/projects/{project_id}/edits", id_of(project))
    known = raw.fetch_named("edits/all", key, client=client)
    return warn_if_canceled(known, "gazu.edit.update_edit") or as_new(raw.post(path, edit, client=client), client)


def update_edit(edit: Mapping[str, Any], client: KitsuClient = default) -> Edit:
    """Change an edit, and return it. What `get_edit` returned can be passed back: `PUT data/entities/<edit_id>`.

    Args:
        edit: its `id` and the fields to change; `parent_id` is its episode. Keys that `data`
        does not name are left unchanged.
    """
    return raw.update("entities", id_of(edit), for_update(edit), client=client)


def update_edit_data(edit: Ref, data: Optional[Mapping[str, Any]] = None, client: KitsuClient = default) -> Edit:
    """Change metadata of an edit, and return it; keys that *data* does not name are left unchanged.

    Values of a boolean column are the texts `true` and `false`: with others the server cannot export the sheet.

    `PUT data/entities/<edit_id>`

    Args:
        data: values by the field names of the metadata columns.
    """
    return raw.update("entities", id_of(edit), {"data": require_row(data or {})}, client=client)


def remove_edit(edit: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete an edit; one that has tasks is only marked as canceled: `DELETE data/edits/<edit_id>`.

    Args:
        force: delete it with its tasks.
    """
    return raw.delete(route("data/edits/{edit_id}", id_of(edit)), {"force": True} if force else {}, client=client)


# -- CSV -----------------------------------------------------------------------
def import_edits_with_csv(
    project: Ref,
    csv_file_path: StrPath,
    update: bool = False,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> List[Edit]:
    """Create the edits listed in a CSV file, and return all of them: `POST import/csv/projects/<project_id>/edits`.

    Managers of the production. Missing episodes are created.

    Arguments and errors are those of `gazu.shot.import_shots_with_csv`. The columns are `Name`, in a TV
    show `Episode`, and as you like `Description`, the metadata columns, and the task types with a status.

    Args:
        update: change existing edits too, which are else left as they are.
    """
    path = route("import/csv/projects/{project_id}/edits", id_of(project)) + ("?update=true" if update else "")
    return upload_sheet(path, csv_file_path, id_of(project), "Edit", client, progress_callback)


def export_edits_with_csv(
    project: Ref,
    csv_file_path: StrPath,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Write the edits of a project to a CSV file, with their tasks: `GET export/csv/projects/<project_id>/edits.csv`.

    Members of the production. The time spent is in days of 8 hours, whatever the production says.

    Arguments and errors are those of `gazu.shot.export_shots_with_csv`.
    """
    path = route("export/csv/projects/{project_id}/edits.csv", id_of(project))
    return download_sheet(path, csv_file_path, {}, id_of(project), "Edit", client, progress_callback)


# -- functions of earlier releases ------------------------------------------------
@deprecated("removed in gazu 0.9: use `edit.all_edits_with_tasks`")
def get_all_edits_with_tasks(client: KitsuClient = default) -> List[Edit]:
    """List the edits of all projects with their tasks, sorted by name: `GET data/edits/with-tasks`."""
    return sort_by_name(raw.fetch_all("edits/with-tasks", client=client))


@deprecated("removed in gazu 0.9: use `edit.all_previews_for_edit`")
def get_all_previews_for_edit(edit: Ref, client: KitsuClient = default) -> Dict[str, List[EntityPreview]]:
    """Return what `all_previews_for_edit` does: `GET data/edits/<edit_id>/preview-files`."""
    return all_previews_for_edit(edit, client=client)
