"""Edits: the cuts of a production or of its episodes."""

from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from . import client as raw
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import deprecated, find_imported
from .helpers import any_id_of, drop_none, for_update, id_of, id_or_none, require_name, require_row, warn_if_canceled
from .models import Edit, EntityPreview, Ref
from .sorting import sort_by_name

if not TYPE_CHECKING:
    __getattr__ = find_imported(__name__)


@cache
def all_edits_for_project(project: Ref, client: KitsuClient = default) -> List[Edit]:
    """List the edits of *project*, sorted by name: `GET data/projects/<project_id>/edits`.

    Canceled ones are in the list: see `canceled`.
    """
    return sort_by_name(raw.fetch_all(route("projects/{project_id}/edits", id_of(project)), client=client))


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
    """Return the URL of the web page of an edit."""
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
    return warn_if_canceled(known, "gazu.edit.update_edit") or raw.post(path, edit, client=client)


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
    """
    return raw.update("entities", id_of(edit), {"data": require_row(data or {})}, client=client)


def remove_edit(edit: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete an edit; one that has tasks is only marked as canceled: `DELETE data/edits/<edit_id>`.

    Args:
        force: delete it with its tasks.
    """
    return raw.delete(route("data/edits/{edit_id}", id_of(edit)), {"force": True} if force else {}, client=client)


# -- names of earlier copies of the library ---------------------------------------
@deprecated("removed in gazu 0.9: use `edit.all_edits_for_project`, or `client.fetch_all('edits/with-tasks')`")
def get_all_edits_with_tasks(client: KitsuClient = default) -> List[Edit]:
    """List the edits of all projects with their tasks, sorted by name: `GET data/edits/with-tasks`."""
    return sort_by_name(raw.fetch_all("edits/with-tasks", client=client))


@deprecated("removed in gazu 0.9: use `edit.all_previews_for_edit`")
def get_all_previews_for_edit(edit: Ref, client: KitsuClient = default) -> Dict[str, List[EntityPreview]]:
    """Return what `all_previews_for_edit` does: `GET data/edits/<edit_id>/preview-files`."""
    return all_previews_for_edit(edit, client=client)
