"""Lists of all records or, with `user_context`, of those that the user has tasks on."""

from typing import TYPE_CHECKING, List

from . import asset as assets
from . import project as projects
from . import scene as scenes
from . import shot as shots
from . import task as tasks
from . import user as users
from .client import KitsuClient
from .client import default_client as default
from .deprecation import find_imported, list_functions, older_calls
from .helpers import id_of
from .models import Asset, AssetType, Episode, Project, Ref, Scene, Shot, ShotSequence, TaskType
from .sorting import sort_by_name

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)


# -- projects ------------------------------------------------------------------
def all_open_projects(user_context: bool = False, client: KitsuClient = default) -> List[Project]:
    """List the open projects, sorted by name.

    As `project.all_open_projects` or `user.all_open_projects`.

    Args:
        user_context: only those whose team the user is in; an administrator gets all.
    """
    if user_context:
        return users.all_open_projects(client=client)
    return projects.all_open_projects(client=client)


# -- assets --------------------------------------------------------------------
def all_asset_types_for_project(
    project: Ref, user_context: bool = False, client: KitsuClient = default
) -> List[AssetType]:
    """List the types of the assets of *project*, sorted by name.

    As `asset.all_asset_types_for_project` or `user.all_asset_types_for_project`.

    Args:
        user_context: only those of assets that the user has tasks on.
    """
    if user_context:
        return users.all_asset_types_for_project(project, client=client)
    return assets.all_asset_types_for_project(project, client=client)


def all_assets_for_asset_type_and_project(
    project: Ref, asset_type: Ref, user_context: bool = False, client: KitsuClient = default
) -> List[Asset]:
    """List the assets of *asset_type* in *project*, sorted by name.

    As `asset.all_assets_for_project_and_type` or `user.all_assets_for_asset_type_and_project`.

    Args:
        user_context: only those that the user has tasks on.
    """
    if user_context:
        return users.all_assets_for_asset_type_and_project(project, asset_type, client=client)
    return assets.all_assets_for_project_and_type(project, asset_type, client=client)


@older_calls()
def all_assets_for_project(project: Ref, user_context: bool = False, client: KitsuClient = default) -> List[Asset]:
    """List the assets of *project*, sorted by name.

    As `asset.all_assets_for_project` or `user.all_project_assets`.

    Args:
        user_context: only those that the user has tasks on.
    """
    if user_context:
        return users.all_project_assets(project, client=client)
    return assets.all_assets_for_project(project, client=client)


# -- episodes, sequences, shots and scenes -------------------------------------
def all_episodes_for_project(project: Ref, user_context: bool = False, client: KitsuClient = default) -> List[Episode]:
    """List the episodes of *project*, sorted by name.

    As `shot.all_episodes_for_project` or `user.all_episodes_for_project`.

    Args:
        user_context: only those in which the user has tasks on shots.
    """
    if user_context:
        return users.all_episodes_for_project(project, client=client)
    return shots.all_episodes_for_project(project, client=client)


def all_sequences_for_project(
    project: Ref, user_context: bool = False, client: KitsuClient = default
) -> List[ShotSequence]:
    """List the sequences of *project*, sorted by name.

    As `shot.all_sequences_for_project` or `user.all_sequences_for_project`.

    Args:
        user_context: only those in which the user has tasks on shots.
    """
    if user_context:
        return users.all_sequences_for_project(project, client=client)
    return shots.all_sequences_for_project(project, client=client)


@older_calls()
def all_sequences_for_episode(
    episode: Ref, user_context: bool = False, client: KitsuClient = default
) -> List[ShotSequence]:
    """List the sequences of *episode*, sorted by name.

    As `shot.all_sequences_for_episode` or `user.all_sequences_for_episode`.

    Args:
        user_context: only those in which the user has tasks on shots.
    """
    rows = shots.all_sequences_for_episode(episode, client=client)
    if not user_context or not rows:
        return rows
    mine = users.all_sequences_for_project(rows[0]["project_id"], client=client)
    return [row for row in mine if row["parent_id"] == id_of(episode)]


def all_shots_for_sequence(sequence: Ref, user_context: bool = False, client: KitsuClient = default) -> List[Shot]:
    """List the shots of *sequence*, sorted by name.

    As `shot.all_shots_for_sequence` or `user.all_shots_for_sequence`.

    Args:
        user_context: only those that the user has tasks on.
    """
    if user_context:
        return users.all_shots_for_sequence(sequence, client=client)
    return shots.all_shots_for_sequence(sequence, client=client)


@older_calls()
def all_scenes_for_project(project: Ref, user_context: bool = False, client: KitsuClient = default) -> List[Scene]:
    """List the layout scenes of *project*, sorted by name.

    As `scene.all_scenes_for_project` or `user.all_scenes_for_project`.

    Args:
        user_context: only those that the user has tasks on; one request for each sequence.
    """
    rows = scenes.all_scenes_for_project(project, client=client)
    if not user_context:
        return rows
    sequences = {row["parent_id"] or "" for row in rows} - {""}
    found = [users.all_scenes_for_sequence(sequence, client=client) for sequence in sequences]
    return sort_by_name(scene for mine in found for scene in mine)


def all_scenes_for_sequence(sequence: Ref, user_context: bool = False, client: KitsuClient = default) -> List[Scene]:
    """List the layout scenes of *sequence*, sorted by name.

    As `scene.all_scenes_for_sequence` or `user.all_scenes_for_sequence`.

    Args:
        user_context: only those that the user has tasks on.
    """
    if user_context:
        return users.all_scenes_for_sequence(sequence, client=client)
    return scenes.all_scenes_for_sequence(sequence, client=client)


# -- task types ----------------------------------------------------------------
def all_task_types_for_asset(asset: Ref, user_context: bool = False, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the tasks of *asset*, sorted by name.

    As `task.all_task_types_for_asset` or `user.all_task_types_for_asset`.

    Args:
        user_context: only those of tasks of the user.
    """
    if user_context:
        return users.all_task_types_for_asset(asset, client=client)
    return tasks.all_task_types_for_asset(asset, client=client)


def all_task_types_for_shot(shot: Ref, user_context: bool = False, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the tasks of *shot*, sorted by name.

    As `task.all_task_types_for_shot` or `user.all_task_types_for_shot`.

    Args:
        user_context: only those of tasks of the user.
    """
    if user_context:
        return users.all_task_types_for_shot(shot, client=client)
    return tasks.all_task_types_for_shot(shot, client=client)


def all_task_types_for_scene(scene: Ref, user_context: bool = False, client: KitsuClient = default) -> List[TaskType]:
    """List the types of the tasks of *scene*, sorted by name.

    As `task.all_task_types_for_scene` or `user.all_task_types_for_scene`.

    Args:
        user_context: only those of tasks of the user.
    """
    if user_context:
        return users.all_task_types_for_scene(scene, client=client)
    return tasks.all_task_types_for_scene(scene, client=client)


def all_task_types_for_sequence(
    sequence: Ref, user_context: bool = False, client: KitsuClient = default
) -> List[TaskType]:
    """List the types of the tasks of the shots and scenes in *sequence*, sorted by name.

    As `task.all_task_types_for_sequence` or `user.all_task_types_for_sequence`.

    Args:
        user_context: those of the user's tasks on the sequence itself.
    """
    if user_context:
        return users.all_task_types_for_sequence(sequence, client=client)
    return tasks.all_task_types_for_sequence(sequence, client=client)
