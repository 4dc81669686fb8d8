"""Layout scenes: the sets that shots of a sequence are made from, and the asset instances in them."""

from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from . import client as raw
from . import entity as entities
from . import shot as shots
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import find_imported, list_functions
from .helpers import any_id_of, drop_none, for_update, id_of, require_name, warn_if_canceled
from .lists import fetch_board
from .models import AssetInstance, EntityWithTasks, Ref, Scene, Shot, ShotSequence
from .sorting import sort_by_name

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)


# -- scenes --------------------------------------------------------------------
@cache
def all_scenes(project: Optional[Ref] = None, client: KitsuClient = default) -> List[Scene]:
    """List the scenes of *project*, or of all projects, sorted by name.

    `GET data/projects/<project_id>/scenes`, `GET data/scenes/all`
    """
    return all_scenes_for_project(project, client=client)


def all_scenes_for_project(project: Optional[Ref], client: KitsuClient = default) -> List[Scene]:
    """List the scenes of *project*, or for None those of all projects, sorted by name.

    `GET data/projects/<project_id>/scenes`, `GET data/scenes/all`
    """
    path = "scenes/all" if project is None else route("projects/{project_id}/scenes", id_of(project))
    return sort_by_name(raw.fetch_all(path, client=client))


@cache
def all_scenes_with_tasks(project: Ref, client: KitsuClient = default) -> List[EntityWithTasks]:
    """List the scenes of *project* with their tasks, sorted by name, in one request. Everybody in the team but vendors.

    `GET data/scenes/with-tasks?project_id=<project_id>`
    """
    return fetch_board("scenes/with-tasks", project, client)


@cache
def all_scenes_for_sequence(sequence: Ref, client: KitsuClient = default) -> List[Scene]:
    """List the scenes of *sequence*, sorted by name: `GET data/sequences/<sequence_id>/scenes`."""
    return sort_by_name(raw.fetch_all(route("sequences/{sequence_id}/scenes", id_of(sequence)), client=client))


@cache
def get_scene(scene_id: Ref, client: KitsuClient = default) -> Scene:
    """Return a scene with the names of its project, episode and sequence: `GET data/scenes/<scene_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("scenes", any_id_of(scene_id), client=client)


@cache
def get_scene_by_name(sequence: Ref, scene_name: str, client: KitsuClient = default) -> Optional[Scene]:
    """Return the scene of this name in *sequence*, or None.

    `GET data/scenes/all?parent_id=<sequence_id>&name=<scene_name>`
    """
    return raw.fetch_named("scenes/all", {"parent_id": id_of(sequence), "name": scene_name}, client=client)


@cache
def get_sequence_from_scene(scene: Ref, client: KitsuClient = default) -> ShotSequence:
    """Return the sequence that *scene* is in: `GET data/sequences/<sequence_id>`.

    Args:
        scene: its record, whose `parent_id` is used; an id is fetched first.
    """
    known = isinstance(scene, Mapping) and "parent_id" in scene
    row: Any = scene if known else get_scene(id_of(scene), client=client)
    return shots.get_sequence(row["parent_id"], client=client)


def new_scene(project: Ref, sequence: Ref, name: str, client: KitsuClient = default) -> Scene:
    """Create a scene, or return the existing one of this name in *sequence*.

    A GazuWarning says so if the existing one is canceled.

    `POST data/projects/<project_id>/scenes`
    """
    path = route("data/projects/{project_id}/scenes", id_of(project))
    row = raw.post(path, {"name": require_name(name), "sequence_id": id_of(sequence)}, client=client)
    return warn_if_canceled(row, "gazu.scene.update_scene")


def update_scene(scene: Mapping[str, Any], client: KitsuClient = default) -> Scene:
    """Change a scene, and return it. What `get_scene` returned can be passed back: `PUT data/entities/<scene_id>`.

    Args:
        scene: its `id` and the fields to change; `parent_id` is its sequence. Keys that `data`
        does not name are left unchanged.
    """
    return raw.update("entities", id_of(scene), for_update(scene), client=client)


def remove_scene(scene: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete a scene as `entity.remove_entity` does: `DELETE data/scenes/<scene_id>`.

    Args:
        force: delete it with its tasks.
    """
    return entities.remove_entity({"id": id_of(scene), "type": "Scene"}, force, client=client)


# -- shots made from a scene ---------------------------------------------------
@cache
def all_shots_for_scene(scene: Ref, client: KitsuClient = default) -> List[Shot]:
    """List the shots that are made from *scene*: `GET data/scenes/<scene_id>/shots`."""
    return raw.fetch_all(route("scenes/{scene_id}/shots", id_of(scene)), client=client)


def add_shot_to_scene(scene: Ref, shot: Ref, client: KitsuClient = default) -> Shot:
    """Record that *shot* is made from *scene*, and return the shot: `POST data/scenes/<scene_id>/shots`."""
    path = route("data/scenes/{scene_id}/shots", id_of(scene))
    return raw.post(path, {"shot_id": id_of(shot)}, client=client)


def remove_shot_from_scene(scene: Ref, shot: Ref, client: KitsuClient = default) -> str:
    """Record that *shot* is not made from *scene*: `DELETE data/scenes/<scene_id>/shots/<shot_id>`."""
    return raw.delete(route("data/scenes/{scene_id}/shots/{shot_id}", id_of(scene), id_of(shot)), client=client)


# -- asset instances in a scene ------------------------------------------------
@cache
def all_asset_instances_for_scene(scene: Ref, client: KitsuClient = default) -> Dict[str, List[AssetInstance]]:
    """Return the instances of assets in *scene*, by the id of the asset.

    `GET data/scenes/<scene_id>/asset-instances`
    """
    return raw.fetch_all(route("scenes/{scene_id}/asset-instances", id_of(scene)), client=client)


@cache
def all_camera_instances_for_scene(scene: Ref, client: KitsuClient = default) -> Dict[str, List[AssetInstance]]:
    """Return the instances of cameras in *scene*, by the id of the asset; cameras are assets of the type `Camera`.

    `GET data/scenes/<scene_id>/camera-instances`
    """
    return raw.fetch_all(route("scenes/{scene_id}/camera-instances", id_of(scene)), client=client)


@cache
def get_asset_instance_by_name(scene: Ref, name: str, client: KitsuClient = default) -> Optional[AssetInstance]:
    """Return the asset instance of this name in *scene*, or None.

    `GET data/asset-instances?name=<name>&scene_id=<scene_id>`
    """
    return raw.fetch_named("asset-instances", {"name": name, "scene_id": id_of(scene)}, client=client)


def new_scene_asset_instance(
    scene: Ref, asset: Ref, description: Optional[str] = None, client: KitsuClient = default
) -> AssetInstance:
    """Add an instance of *asset* to *scene*; the server numbers and names it.

    `POST data/scenes/<scene_id>/asset-instances`
    """
    path = route("data/scenes/{scene_id}/asset-instances", id_of(scene))
    return raw.post(path, drop_none(asset_id=id_of(asset), description=description), client=client)


def update_asset_instance_name(asset_instance: Ref, name: str, client: KitsuClient = default) -> AssetInstance:
    """Rename an asset instance, and return it: `PUT data/asset-instances/<asset_instance_id>`."""
    return raw.update("asset-instances", id_of(asset_instance), {"name": name}, client=client)


def update_asset_instance_data(
    asset_instance: Ref, data: Mapping[str, Any], client: KitsuClient = default
) -> AssetInstance:
    """Replace the metadata of an asset instance, and return it.

    `PUT data/asset-instances/<asset_instance_id>`

    Args:
        data: the keys to change, with their values.
    """
    return raw.update("asset-instances", id_of(asset_instance), {"data": data}, client=client)
