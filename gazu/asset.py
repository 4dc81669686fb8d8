"""Assets, their types and their instances."""

import functools
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Optional, Union

from . import client as raw
from . import project as projects
from ._http.memory import as_new
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import find_imported, list_functions, older_calls
from .helpers import (
    any_id_of,
    assigned_to_query,
    drop_none,
    for_update,
    id_of,
    id_or_none,
    require_ids,
    require_name,
    require_row,
    warn_if_canceled,
)
from .lists import fetch_board, stream_board
from .models import Asset, AssetInstance, AssetType, AssetWithTasks, Episode, Ref, Several, StrPath
from .sheets import download_sheet, upload_sheet
from .sorting import sort_by_name
from .verification import naming_unknown, warn_if_none

if TYPE_CHECKING:
    from typing import overload

    from requests import Response
    from typing_extensions import Literal

    from ._http.multipart import Progress

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)


# -- assets --------------------------------------------------------------------
@cache
def all_assets_for_open_projects(client: KitsuClient = default) -> List[Asset]:
    """List the assets of all open projects, sorted by name; one request for each project.

    `GET data/projects/<project_id>/assets`
    """
    found: List[Asset] = []
    for project in projects.all_open_projects(client=client):
        found.extend(all_assets_for_project(project, client=client))
    return sort_by_name(found)


@cache
def all_assets(client: KitsuClient = default) -> List[Asset]:
    """List the assets of all projects; alias of `all_assets_for_project(None)`: `GET data/assets/all`."""
    return all_assets_for_project(None, client=client)


@cache
def all_assets_for_project(project: Optional[Ref], client: KitsuClient = default) -> List[Asset]:
    """List the assets of *project*, or for None those of all projects, sorted by name.

    Canceled ones are in the list: see `canceled`.

    `GET data/projects/<project_id>/assets`, `GET data/assets/all`

    Example:
        >>> [asset["name"] for asset in gazu.asset.all_assets_for_project(project)]
        ['Koro']
    """
    path = "assets/all" if project is None else route("projects/{project_id}/assets", id_of(project))
    return sort_by_name(raw.fetch_all(path, client=client))


if TYPE_CHECKING:

    @overload
    def all_assets_with_tasks(
        project: Ref, stream: "Literal[False]" = False, client: KitsuClient = default
    ) -> List[AssetWithTasks]: ...

    @overload
    def all_assets_with_tasks(
        project: Ref, stream: "Literal[True]", client: KitsuClient = default
    ) -> Iterator[AssetWithTasks]: ...


def all_assets_with_tasks(project: Ref, stream: bool = False, client: KitsuClient = default) -> Any:
    """List the assets of *project* with their tasks, sorted by name, in one request. Everybody in the team.

    Vendors get what they have tasks on. What is not set may be `""` or `"None"`, as `update_asset` takes it.

    `GET data/assets/with-tasks?project_id=<project_id>`

    Args:
        stream: True for an iterator of the rows, in the order of the server, that holds one at a time in memory. Needs
            Zou 1.0.55 or later to do so.

    Returns:
        A list of dicts with `tasks`, or an iterator of them.
    """
    if stream:
        return stream_board("data/assets/with-tasks", project, client)
    return fetch_board("assets/with-tasks", project, client)


@cache
def all_assets_for_episode(episode: Ref, client: KitsuClient = default) -> List[Asset]:
    """List the assets made for *episode*, sorted by name, without those of the main pack.

    `GET data/assets?source_id=<episode_id>`
    """
    return sort_by_name(raw.fetch_all("assets", params={"source_id": id_of(episode)}, client=client))


@cache
def all_assets_for_shot(shot: Ref, client: KitsuClient = default) -> List[Asset]:
    """List the assets cast in *shot*, sorted by name: `GET data/shots/<shot_id>/assets`."""
    return sort_by_name(raw.fetch_all(route("shots/{shot_id}/assets", id_of(shot)), client=client))


@cache
def all_assets_for_project_and_type(project: Ref, asset_type: Ref, client: KitsuClient = default) -> List[Asset]:
    """List the assets of *asset_type* in *project*, sorted by name.

    `GET data/projects/<project_id>/asset-types/<asset_type_id>/assets`
    """
    path = route("projects/{project_id}/asset-types/{asset_type_id}/assets", id_of(project), id_of(asset_type))
    return sort_by_name(raw.fetch_all(path, client=client))


@cache
def get_asset(asset_id: Ref, client: KitsuClient = default) -> Asset:
    """Return an asset with its tasks, the name of its type and its episode: `GET data/assets/<asset_id>`.

    The server returns "" or "None" for an id that is not set, such as the `episode_id`
    of an asset of the main pack.

    Raises:
        RouteNotFoundException: it does not exist.

    Example:
        >>> asset = gazu.asset.get_asset(asset["id"])
        >>> asset["name"], asset["asset_type_name"]
        ('Koro', 'Characters')
    """
    return raw.fetch_one("assets", any_id_of(asset_id), client=client)


@cache
def get_asset_by_name(
    project: Ref, name: str, asset_type: Optional[Ref] = None, client: KitsuClient = default
) -> Optional[Asset]:
    """Return the asset of this name in *project*, or None:  `GET data/assets/all?project_id=<project_id>&name=<name>`.

    Names are matched ignoring case, unless two of them differ in case only. Assets of
    different types may share a name: pass the type to tell them apart.

    Args:
        asset_type: the type to search; assets of different types may share a name.

    Example:
        >>> gazu.asset.get_asset_by_name(project, "Koro", asset_type)["name"]
        'Koro'
        >>> gazu.asset.get_asset_by_name(project, "Oti") is None
        True
    """
    params = drop_none(project_id=id_of(project), name=name, entity_type_id=id_or_none(asset_type))
    return raw.fetch_named("assets/all", params, client=client)


@cache
def get_episode_from_asset(asset: Ref, client: KitsuClient = default) -> Optional[Episode]:
    """Return the episode that *asset* is made for, or None if it is part of the main pack.

    `GET data/episodes/<episode_id>`

    Args:
        asset: its record, whose `source_id` or `episode_id` is used; an id is fetched first.
    """
    known = isinstance(asset, Mapping) and not {"source_id", "episode_id"}.isdisjoint(asset)
    row: Any = asset if known else get_asset(id_of(asset), client=client)
    episode_id = row.get("source_id") or row.get("episode_id")
    return raw.fetch_one("episodes", episode_id, client=client) if episode_id else None


@older_calls("1.0", renamed={"data": "extra_data"})
def new_asset(
    project: Ref,
    asset_type: Ref,
    name: str,
    description: Optional[str] = None,
    extra_data: Optional[Mapping[str, Any]] = None,
    episode: Optional[Ref] = None,
    is_shared: bool = False,
    client: KitsuClient = default,
) -> Asset:
    """Create an asset, or return the existing one of this name and type in *project*.

    An existing asset is returned unchanged; the other arguments are then ignored. One that was removed while it had
    tasks is only canceled: a GazuWarning says so, and `update_asset({"id": ..., "canceled": False})` restores it.

    `POST data/projects/<project_id>/asset-types/<asset_type_id>/assets/new`

    Args:
        extra_data: metadata: values by the field names of the metadata columns.
        episode: the episode that it is made for; None for the main pack.
        is_shared: whether other projects may use it.

    Example:
        >>> oti = gazu.asset.new_asset(project, asset_type, "Oti", extra_data={"mood": "hungry"})
        >>> oti["name"], oti["data"]
        ('Oti', {'mood': 'hungry'})
        >>> gazu.asset.new_asset(project, asset_type, "Oti")["id"] == oti["id"]
        True
    """
    path = route("data/projects/{project_id}/asset-types/{asset_type_id}/assets/new", id_of(project), id_of(asset_type))
    data = {"name": require_name(name), "data": extra_data or {}, "is_shared": is_shared}
    data.update(drop_none(description=description, episode_id=id_or_none(episode)))
    params = {"project_id": id_of(project), "name": name, "entity_type_id": id_of(asset_type)}
    known = raw.fetch_named("assets/all", params, client=client)
    return warn_if_canceled(known, "gazu.asset.update_asset") or as_new(raw.post(path, data, client=client), client)


def update_asset(asset: Mapping[str, Any], client: KitsuClient = default) -> Asset:
    """Change an asset, and return it: `PUT data/entities/<asset_id>`.

    What `get_asset` returned can be passed back: ids that it has as "" or "None" are
    sent as null.

    Args:
        asset: its `id` and the fields to change. `episode_id` moves it to that
            episode, None to the main pack.

    Example:
        >>> asset = gazu.asset.update_asset({"id": asset["id"], "description": "A llama."})
        >>> asset["description"]
        'A llama.'
    """
    data = for_update(asset)
    if "episode_id" in data:  # the server's responses call it so; requests call it source_id
        data["source_id"] = data["episode_id"]
    return raw.update("entities", id_of(asset), data, client=client)


def update_asset_data(asset: Ref, data: Optional[Mapping[str, Any]] = None, client: KitsuClient = default) -> Asset:
    """Change metadata of an asset, and return it; keys that *data* does not name are left unchanged.

    Values of a boolean column are the texts `true` and `false`: with others the server cannot export the sheet.

    `PUT data/entities/<asset_id>`

    Args:
        data: values by the field names of the metadata columns.
    """
    return raw.update("entities", id_of(asset), {"data": require_row(data or {})}, client=client)


def remove_asset(asset: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete an asset; one that has tasks is only marked as canceled: `DELETE data/assets/<asset_id>`.

    Args:
        force: delete it with its tasks and everything that belongs to them.

    Example:
        >>> fence = gazu.asset.new_asset(project, asset_type, "Fence")
        >>> gazu.asset.remove_asset(fence)
        ''
    """
    params = {"force": True} if force else None
    return raw.delete(route("data/assets/{asset_id}", id_of(asset)), params=params, client=client)


# -- assets that productions share -----------------------------------------------
def share_assets(assets: Several, is_shared: bool = True, client: KitsuClient = default) -> List[Asset]:
    """Let all productions cast these assets, and return them: `POST actions/assets/share`.

    Managers of their productions.

    Args:
        is_shared: False to share them no longer; where they are cast, they stay.

    Raises:
        TypeError: *assets* is None.
        RouteNotFoundException: one of the ids is not that of an asset; nothing was done.
    """
    ids = require_ids(assets)
    send = functools.partial(
        raw.post, "actions/assets/share", {"asset_ids": ids, "is_shared": is_shared}, client=client
    )
    return naming_unknown("assets/all", ids, client, send) if ids else []


def share_project_assets(
    project: Ref, asset_type: Optional[Ref] = None, is_shared: bool = True, client: KitsuClient = default
) -> List[Asset]:
    """Let all productions cast all assets of *project*, or those of one type, and return them.

    Managers of the production. For some of the assets, there is `share_assets`.

    `POST actions/projects/<project_id>/assets/share`,
    `POST actions/projects/<project_id>/asset-types/<asset_type_id>/assets/share`

    Args:
        is_shared: False to share them no longer.
    """
    path = route("actions/projects/{project_id}/assets/share", id_of(project))
    if asset_type is not None:
        template = "actions/projects/{project_id}/asset-types/{asset_type_id}/assets/share"
        path = route(template, id_of(project), id_of(asset_type))
    return warn_if_none(raw.post(path, {"is_shared": is_shared}, client=client), "the production has no such assets")


@cache
def all_shared_assets_used(project: Ref, episode: Optional[Ref] = None, client: KitsuClient = default) -> List[Asset]:
    """List the shared assets of other productions that are cast in shots of *project*, sorted by name.

    Everybody in the team.

    `GET data/projects/<project_id>/assets/shared-used`,
    `GET data/projects/<project_id>/episodes/<episode_id>/assets/shared-used`

    Args:
        episode: only those cast in its shots.
    """
    path = route("projects/{project_id}/assets/shared-used", id_of(project))
    if episode is not None:
        path = route("projects/{project_id}/episodes/{episode_id}/assets/shared-used", id_of(project), id_of(episode))
    return sort_by_name(raw.fetch_all(path, client=client))


# -- types ---------------------------------------------------------------------
@cache
def all_asset_types(client: KitsuClient = default) -> List[AssetType]:
    """List the asset types of the studio, sorted by name: `GET data/asset-types`.

    Example:
        >>> "Characters" in [asset_type["name"] for asset_type in gazu.asset.all_asset_types()]
        True
    """
    return sort_by_name(raw.fetch_all("asset-types", client=client))


@cache
def all_asset_types_for_project(project: Ref, client: KitsuClient = default) -> List[AssetType]:
    """List the types of the assets of *project*, sorted by name: `GET data/projects/<project_id>/asset-types`.

    Example:
        >>> [asset_type["name"] for asset_type in gazu.asset.all_asset_types_for_project(project)]
        ['Characters']
    """
    return sort_by_name(raw.fetch_all(route("projects/{project_id}/asset-types", id_of(project)), client=client))


@cache
def all_asset_types_for_shot(shot: Ref, client: KitsuClient = default) -> List[AssetType]:
    """List the types of the assets cast in *shot*, sorted by name: `GET data/shots/<shot_id>/asset-types`."""
    return sort_by_name(raw.fetch_all(route("shots/{shot_id}/asset-types", id_of(shot)), client=client))


@older_calls("0.7", renamed={"asset_id": "asset_type_id"})
@cache
def get_asset_type(asset_type_id: Ref, client: KitsuClient = default) -> AssetType:
    """Return an asset type: `GET data/asset-types/<asset_type_id>`.

    Raises:
        RouteNotFoundException: it does not exist.

    Example:
        >>> gazu.asset.get_asset_type(asset["entity_type_id"])["name"]
        'Characters'
    """
    return raw.fetch_one("asset-types", id_of(asset_type_id), client=client)


@cache
def get_asset_type_by_name(name: str, client: KitsuClient = default) -> Optional[AssetType]:
    """Return the asset type of this name, ignoring case, or None: `GET data/entity-types?name=<name>`."""
    return raw.fetch_named("entity-types", {"name": name}, client=client)


@cache
def get_asset_type_from_asset(asset: Ref, client: KitsuClient = default) -> AssetType:
    """Return the type of *asset*: `GET data/asset-types/<asset_type_id>`.

    Args:
        asset: its record, whose `entity_type_id` or `asset_type_id` is used; an id is fetched first.
    """
    known = isinstance(asset, Mapping) and not {"entity_type_id", "asset_type_id"}.isdisjoint(asset)
    row: Any = asset if known else get_asset(id_of(asset), client=client)
    return get_asset_type(row.get("entity_type_id") or row["asset_type_id"], client=client)


def new_asset_type(name: str, client: KitsuClient = default) -> AssetType:
    """Create an asset type, or return the one that has this name: `POST data/entity-types`."""
    data = {"name": require_name(name)}
    row: AssetType = raw.fetch_named("entity-types", data, client=client) or raw.create(
        "entity-types", data, client=client
    )
    return row


def update_asset_type(asset_type: Mapping[str, Any], client: KitsuClient = default) -> AssetType:
    """Change an asset type, and return it: `PUT data/entity-types/<asset_type_id>`.

    Args:
        asset_type: its `id` and the fields to change: `name`, `short_name`,
            `description`, `archived`, `task_types` (ids of task types; an empty list means all).
    """
    data = {name: value for name, value in require_row(asset_type).items() if name not in ("id", "type")}
    return raw.update("entity-types", id_of(asset_type), data, client=client)


def remove_asset_type(asset_type: Ref, client: KitsuClient = default) -> str:
    """Delete an asset type: `DELETE data/entity-types/<asset_type_id>`.

    Raises:
        ParameterException: there are assets of this type.
    """
    return raw.delete(route("data/entity-types/{asset_type_id}", id_of(asset_type)), client=client)


# -- instances -----------------------------------------------------------------
@cache
def get_asset_instance(asset_instance_id: Ref, client: KitsuClient = default) -> AssetInstance:
    """Return an instance of an asset: `GET data/asset-instances/<asset_instance_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("asset-instances", any_id_of(asset_instance_id), client=client)


@cache
def all_shot_asset_instances_for_asset(asset: Ref, client: KitsuClient = default) -> Dict[str, List[AssetInstance]]:
    """Return the instances of *asset* in shots, grouped by the id of the shot.

    `GET data/assets/<asset_id>/shot-asset-instances`
    """
    path = route("assets/{asset_id}/shot-asset-instances", id_of(asset))
    instances: Dict[str, List[AssetInstance]] = raw.fetch_all(path, client=client)
    return instances


@cache
def all_scene_asset_instances_for_asset(asset: Ref, client: KitsuClient = default) -> Dict[str, List[AssetInstance]]:
    """Return the instances of *asset* in layout scenes, grouped by the id of the scene.

    Instances that are in no scene are listed under "None".

    `GET data/assets/<asset_id>/scene-asset-instances`
    """
    path = route("assets/{asset_id}/scene-asset-instances", id_of(asset))
    instances: Dict[str, List[AssetInstance]] = raw.fetch_all(path, client=client)
    return instances


@cache
def all_asset_instances_for_asset(asset: Ref, client: KitsuClient = default) -> Dict[str, List[AssetInstance]]:
    """Return the instances of other assets within *asset*, grouped by the id of the instantiated asset.

    `GET data/assets/<asset_id>/asset-asset-instances`
    """
    path = route("assets/{asset_id}/asset-asset-instances", id_of(asset))
    instances: Dict[str, List[AssetInstance]] = raw.fetch_all(path, client=client)
    return instances


def all_asset_instances_for_shot(shot: Ref, client: KitsuClient = default) -> Dict[str, List[AssetInstance]]:
    """Return the asset instances in *shot*, grouped by the id of the instantiated asset.

    `GET data/shots/<shot_id>/asset-instances`
    """
    instances: Dict[str, List[AssetInstance]] = raw.fetch_all(
        route("shots/{shot_id}/asset-instances", id_of(shot)), client=client
    )
    return instances


def new_asset_asset_instance(
    asset: Ref, asset_to_instantiate: Ref, description: Optional[str] = None, client: KitsuClient = default
) -> AssetInstance:
    """Add an instance of *asset_to_instantiate* to *asset*; the server numbers it.

    `POST data/assets/<asset_id>/asset-asset-instances`
    """
    path = route("data/assets/{asset_id}/asset-asset-instances", id_of(asset))
    data = drop_none(asset_to_instantiate_id=id_of(asset_to_instantiate), description=description)
    return raw.post(path, data, client=client)


def enable_asset_instance(asset_instance: Ref, client: KitsuClient = default) -> AssetInstance:
    """Mark an instance as active, and return it: `PUT data/asset-instances/<asset_instance_id>`."""
    return raw.update("asset-instances", id_of(asset_instance), {"active": True}, client=client)


def disable_asset_instance(asset_instance: Ref, client: KitsuClient = default) -> AssetInstance:
    """Mark an instance as inactive, and return it: `PUT data/asset-instances/<asset_instance_id>`."""
    return raw.update("asset-instances", id_of(asset_instance), {"active": False}, client=client)


def remove_asset_instance(asset_instance: Ref, client: KitsuClient = default) -> str:
    """Delete an instance of an asset: `DELETE data/asset-instances/<asset_instance_id>`. Admins only."""
    return raw.delete(route("data/asset-instances/{asset_instance_id}", id_of(asset_instance)), client=client)


# -- CSV -----------------------------------------------------------------------
def import_assets_with_csv(
    project: Ref,
    csv_file_path: StrPath,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> List[Asset]:
    """Create the assets listed in a CSV file, and return all of them: `POST import/csv/projects/<project_id>/assets`.

    Existing assets are left unchanged.

    Args:
        csv_file_path: a file with at least the columns `Type` and `Name`. It may be as spreadsheet programs write it:
            UTF-8, UTF-16 or Windows-1252 (announced by a GazuWarning); delimited by commas, semicolons, tabs or
            vertical bars. It is read into memory.
        progress_callback: called with (bytes of the file sent, total bytes).

    Raises:
        ParameterException: a row or a column of the file is wrong; the text names line, column and the number of
            rows that were imported before it, as do its `line_number` and `imported_rows`.
        ValueError: the file is not CSV; nothing was sent.
        FileNotFoundError: the file does not exist.
    """
    path = route("import/csv/projects/{project_id}/assets", id_of(project))
    return upload_sheet(path, csv_file_path, id_of(project), "Asset", client, progress_callback)


def export_assets_with_csv(
    project: Ref,
    csv_file_path: StrPath,
    episode: Optional[Ref] = None,
    assigned_to_me: Union[bool, Ref] = False,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
    assigned_to: Union[None, bool, Ref] = None,
) -> "Response":
    """Write the assets of a project to a CSV file, with their tasks: `GET export/csv/projects/<project_id>/assets.csv`.

    The time spent is in days of 8 hours, whatever the production says. Lists, tags and checklists are written as Python
    shows them, and are not lists any more when the sheet is imported again.

    Args:
        csv_file_path: the file to write.
        episode: only assets of this episode.
        assigned_to_me: only assets with a task of the account that is logged in.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).
        assigned_to: the older name of *assigned_to_me*. Zou exports the rows of the caller, whoever is named: a
            GazuWarning says so for a person other than the caller.

    Raises:
        ServerErrorException: often since a boolean column has other values than the texts `true` and `false`, which
            the text then names.
    """
    path = route("export/csv/projects/{project_id}/assets.csv", id_of(project))
    params = drop_none(
        episode_id=id_or_none(episode), assigned_to=assigned_to_query(assigned_to_me, assigned_to, client)
    )
    return download_sheet(path, csv_file_path, params, id_of(project), "Asset", client, progress_callback)


# -- URLs of the web client ----------------------------------------------------
@cache
def get_asset_url(asset: Ref, client: KitsuClient = default) -> str:
    """Return the URL of the web page of an asset: `GET data/assets/<asset_id>`, `GET data/projects/<project_id>`."""
    row = raw.fetch_one("assets", id_of(asset), client=client)
    page = _assets_url(row["project_id"], row.get("episode_id"), client)
    return page + route("/{asset_id}/", row["id"])


@cache
def get_all_assets_url(project: Ref, client: KitsuClient = default) -> str:
    """Return the URL of the web page with the assets of a project; in a TV show, those of the main pack.

    `GET data/projects/<project_id>`
    """
    return _assets_url(id_of(project), None, client) + "/"


@cache
def get_asset_type_url(project: Ref, asset_type: Ref, client: KitsuClient = default) -> str:
    """Return the URL of the web page with the assets of one type in a project.

    `GET data/projects/<project_id>`, for the id of a type also `GET data/asset-types/<asset_type_id>`
    """
    project_id, named = id_of(project), isinstance(asset_type, Mapping) and "name" in asset_type
    row: Any = asset_type if named else get_asset_type(asset_type, client=client)
    page = _assets_url(project_id, None, client)
    return raw.build_path_with_params(page, {"search": f"type=[{row['name']}]"})


def _assets_url(project_id: str, episode_id: Optional[str], client: KitsuClient) -> str:
    """Return the URL of a web page with assets, without a trailing slash."""
    site = raw.get_api_url_from_host(client=client)
    project = projects.get_project(project_id, client=client)
    if project.get("production_type") != "tvshow":
        return site + route("/productions/{project_id}/assets", project_id)
    return site + route("/productions/{project_id}/episodes/{episode_id}/assets", project_id, episode_id or "main")
