"""Shots, and the sequences and episodes that they are in."""

from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Optional, Union

from . import client as raw
from ._http.memory import as_new
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import deprecated, find_imported, list_functions, older_calls
from .helpers import (
    any_id_of,
    assigned_to_query,
    drop_none,
    for_update,
    id_of,
    id_or_none,
    require_name,
    require_row,
    warn_if_canceled,
)
from .lists import fetch_board, stream_board
from .models import (
    AssetInstance,
    EntityPreview,
    EntityVersion,
    EntityWithTasks,
    Episode,
    Ref,
    Shot,
    ShotFrames,
    ShotSequence,
    ShotWithTasks,
    StrPath,
)
from .sheets import download_sheet, upload_sheet
from .sorting import sort_by_name
from .timelines import upload_timeline
from .verification import check_frames

if TYPE_CHECKING:
    from typing import overload

    from requests import Response
    from typing_extensions import Literal

    from ._http.multipart import Progress

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)


# -- shots ---------------------------------------------------------------------
@cache
def all_shots_for_project(project: Ref, client: KitsuClient = default) -> List[Shot]:
    """List the shots of *project*, sorted by name: `GET data/projects/<project_id>/shots`.

    Canceled ones are in the list: see `canceled`.

    Example:
        >>> [shot["name"] for shot in gazu.shot.all_shots_for_project(project)]
        ['SH010', 'SH020']
    """
    return sort_by_name(raw.fetch_all(route("projects/{project_id}/shots", id_of(project)), client=client))


if TYPE_CHECKING:

    @overload
    def all_shots_with_tasks(
        project: Ref, stream: "Literal[False]" = False, client: KitsuClient = default
    ) -> List[ShotWithTasks]: ...

    @overload
    def all_shots_with_tasks(
        project: Ref, stream: "Literal[True]", client: KitsuClient = default
    ) -> Iterator[ShotWithTasks]: ...


def all_shots_with_tasks(project: Ref, stream: bool = False, client: KitsuClient = default) -> Any:
    """List the shots of *project* with their tasks, sorted by name, in one request. Everybody in the team.

    Vendors get what they have tasks on. What is not set may be `""` or `"None"`, as `update_shot` takes it.

    `GET data/shots/with-tasks?project_id=<project_id>`

    Args:
        stream: True for an iterator of the rows, in the order of the server, that holds one at a time in memory. Needs
            Zou 1.0.55 or later to do so.

    Returns:
        A list of dicts with `tasks`, or an iterator of them.
    """
    if stream:
        return stream_board("data/shots/with-tasks", project, client)
    return fetch_board("shots/with-tasks", project, client)


@cache
def all_shots_for_episode(episode: Ref, client: KitsuClient = default) -> List[Shot]:
    """List the shots of *episode*, sorted by name: `GET data/episodes/<episode_id>/shots`."""
    return sort_by_name(raw.fetch_all(route("episodes/{episode_id}/shots", id_of(episode)), client=client))


@cache
def all_shots_for_sequence(sequence: Ref, client: KitsuClient = default) -> List[Shot]:
    """List the shots of *sequence*, sorted by name: `GET data/sequences/<sequence_id>/shots`.

    Canceled ones are in the list: see `canceled`.

    Example:
        >>> [(shot["name"], shot["nb_frames"]) for shot in gazu.shot.all_shots_for_sequence(sequence)]
        [('SH010', 120), ('SH020', 48)]
    """
    return sort_by_name(raw.fetch_all(route("sequences/{sequence_id}/shots", id_of(sequence)), client=client))


@cache
def get_shot(shot_id: Ref, client: KitsuClient = default) -> Shot:
    """Return a shot with its tasks and the names of its project, episode and sequence: `GET data/shots/<shot_id>`.

    Raises:
        RouteNotFoundException: it does not exist.

    Example:
        >>> shot = gazu.shot.get_shot(shot["id"])
        >>> shot["episode_name"], shot["sequence_name"], shot["name"]
        ('E01', 'SQ01', 'SH010')
    """
    return raw.fetch_one("shots", any_id_of(shot_id), client=client)


@cache
def get_shot_by_name(sequence: Ref, shot_name: str, client: KitsuClient = default) -> Optional[Shot]:
    """Return the shot of this name in *sequence*, or None.

    `GET data/shots/all?sequence_id=<sequence_id>&name=<shot_name>`

    Example:
        >>> shot = gazu.shot.get_shot_by_name(sequence, "SH010")
        >>> shot["nb_frames"]
        120
    """
    return raw.fetch_named("shots/all", {"sequence_id": id_of(sequence), "name": shot_name}, client=client)


def _is_metadata(data: Any) -> bool:
    """Return whether *value* is metadata; until 0.7 it stood where the description is."""
    return isinstance(data, Mapping)


@older_calls("0.7", inserted_at={6: _is_metadata})
def new_shot(
    project: Ref,
    sequence: Ref,
    name: str,
    nb_frames: Optional[int] = None,
    frame_in: Optional[int] = None,
    frame_out: Optional[int] = None,
    description: Optional[str] = None,
    data: Optional[Mapping[str, Any]] = None,
    client: KitsuClient = default,
) -> Shot:
    """Create a shot, or return the existing one of this name in *sequence*.

    A shot that was removed while it had tasks is only canceled, and is returned as it is: a GazuWarning says so, and
    `restore_shot` restores it.

    `POST data/projects/<project_id>/shots`

    Args:
        nb_frames: the length in frames.
        frame_in: the first frame; stored in `data`, as is *frame_out*.
        data: metadata.

    Example:
        >>> shot = gazu.shot.new_shot(project, sequence, "SH030", nb_frames=72, frame_in=1001, frame_out=1072)
        >>> shot["nb_frames"], shot["data"]
        (72, {'frame_in': 1001, 'frame_out': 1072})
    """
    metadata = {**(data or {}), **drop_none(frame_in=frame_in, frame_out=frame_out)}
    key = {"sequence_id": id_of(sequence), "name": require_name(name)}
    shot = {**key, **drop_none(data=metadata, nb_frames=nb_frames, description=description)}
    path = route("data/projects/{project_id}/shots", id_of(project))
    known = raw.fetch_named("shots/all", key, client=client)
    return warn_if_canceled(known, "gazu.shot.restore_shot") or as_new(raw.post(path, shot, client=client), client)


def update_shot(shot: Mapping[str, Any], client: KitsuClient = default) -> Shot:
    """Change a shot, and return it. What `get_shot` returned can be passed back: `PUT data/entities/<shot_id>`.

    Args:
        shot: its `id` and the fields to change; `parent_id` is its sequence.

    Example:
        >>> shot = gazu.shot.update_shot({"id": shot["id"], "description": "Koro sees the berry."})
        >>> shot["description"]
        'Koro sees the berry.'
    """
    return raw.update("entities", id_of(shot), for_update(shot), client=client)


def update_shot_data(shot: Ref, data: Optional[Mapping[str, Any]] = None, client: KitsuClient = default) -> Shot:
    """Change metadata of a shot, and return it; keys that *data* does not name are left unchanged.

    Values of a boolean column are the texts `true` and `false`: with others the server cannot export the sheet.

    `PUT data/entities/<shot_id>`

    Args:
        data: values by the field names of the metadata columns.
    """
    return raw.update("entities", id_of(shot), {"data": require_row(data or {})}, client=client)


def remove_shot(shot: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete a shot; one that has tasks is only marked as canceled: `DELETE data/shots/<shot_id>`.

    Args:
        force: delete it with its tasks.

    Example:
        >>> gazu.shot.remove_shot(gazu.shot.new_shot(project, sequence, "SH900"))
        ''
    """
    return _remove(route("data/shots/{shot_id}", id_of(shot)), force, client)


def _remove(path: str, force: bool, client: KitsuClient) -> str:
    """Delete a shot, a sequence or an episode."""
    return raw.delete(path, {"force": True} if force else {}, client=client)


def restore_shot(shot: Ref, client: KitsuClient = default) -> Shot:
    """Restore a canceled shot, and return it: `PUT data/shots/<shot_id>`."""
    return raw.update("shots", id_of(shot), {"canceled": False}, client=client)


@cache
def all_previews_for_shot(shot: Ref, client: KitsuClient = default) -> Dict[str, List[EntityPreview]]:
    """Return the preview files of *shot*, by the id of the task type: `GET data/shots/<shot_id>/preview-files`."""
    return raw.fetch_all(route("shots/{shot_id}/preview-files", id_of(shot)), client=client)


@cache
def all_versions_for_shot(shot: Ref, client: KitsuClient = default) -> List[EntityVersion]:
    """List the changes of the name and the frame range of *shot*, the last first: `GET data/shots/<shot_id>/versions`.

    Everybody in the team. Each has the name from before the change, and the `data` from after it. What one person
    changes within a minute is one version.
    """
    return raw.fetch_all(route("shots/{shot_id}/versions", id_of(shot)), client=client)


def set_nb_frames_from_previews(
    project: Ref, task_type: Ref, episode: Optional[Ref] = None, client: KitsuClient = default
) -> List[ShotFrames]:
    """Set the number of frames of shots from the duration of their last preview of a task type, and return them.

    Managers of the production. Shots without a preview stay as they are. A picture has no duration: a GazuWarning
    names shots that have 0 frames now.

    `POST actions/projects/<project_id>/task-types/<task_type_id>/set-shot-nb-frames`

    Args:
        episode: only its shots.
    """
    template = "actions/projects/{project_id}/task-types/{task_type_id}/set-shot-nb-frames"
    path = route(template, id_of(project), id_of(task_type))
    path = raw.build_path_with_params(path, drop_none(episode_id=id_or_none(episode)))
    return check_frames(raw.post(path, {}, client=client))


@cache
def get_shot_url(shot: Ref, client: KitsuClient = default) -> str:
    """Return the URL of the web page of a shot: `GET data/shots/<shot_id>`."""
    row = raw.fetch_one("shots", id_of(shot), client=client)
    return _page_url("shots", row, row.get("episode_id"), client)


def _page_url(section: str, row: Mapping[str, Any], episode_id: Optional[str], client: KitsuClient) -> str:
    """Return the URL of the web page of a shot or a sequence, within its episode if there is one."""
    site = raw.get_api_url_from_host(client=client)
    if not episode_id:
        return site + route("/productions/{project_id}/{section}/{id}/", row["project_id"], section, row["id"])
    template = "/productions/{project_id}/episodes/{episode_id}/{section}/{id}/"
    return site + route(template, row["project_id"], episode_id, section, row["id"])


# -- asset instances in shots --------------------------------------------------
def all_asset_instances_for_shot(shot: Ref, client: KitsuClient = default) -> Dict[str, List[AssetInstance]]:
    """Return the instances of assets in *shot*, by the id of the asset: `GET data/shots/<shot_id>/asset-instances`."""
    return raw.fetch_all(route("shots/{shot_id}/asset-instances", id_of(shot)), client=client)


@cache
def get_asset_instances_for_shot(shot: Ref, client: KitsuClient = default) -> Dict[str, List[AssetInstance]]:
    """Return the instances of assets in *shot*; the same as `all_asset_instances_for_shot`, but cached.

    `GET data/shots/<shot_id>/asset-instances`
    """
    return all_asset_instances_for_shot(shot, client=client)


def add_asset_instance_to_shot(shot: Ref, asset_instance: Ref, client: KitsuClient = default) -> Shot:
    """Add an instance of an asset to *shot*, and return the shot: `POST data/shots/<shot_id>/asset-instances`."""
    path = route("data/shots/{shot_id}/asset-instances", id_of(shot))
    return raw.post(path, {"asset_instance_id": id_of(asset_instance)}, client=client)


def remove_asset_instance_from_shot(shot: Ref, asset_instance: Ref, client: KitsuClient = default) -> str:
    """Remove an instance of an asset from *shot*: `DELETE data/shots/<shot_id>/asset-instances/<asset_instance_id>`."""
    path = route("data/shots/{shot_id}/asset-instances/{asset_instance_id}", id_of(shot), id_of(asset_instance))
    return raw.delete(path, client=client)


# -- sequences -----------------------------------------------------------------
@cache
def all_sequences_for_project(project: Ref, client: KitsuClient = default) -> List[ShotSequence]:
    """List the sequences of *project*, sorted by name: `GET data/projects/<project_id>/sequences`.

    Example:
        >>> [sequence["name"] for sequence in gazu.shot.all_sequences_for_project(project)]
        ['SQ01']
    """
    return sort_by_name(raw.fetch_all(route("projects/{project_id}/sequences", id_of(project)), client=client))


@cache
def all_sequences_with_tasks(project: Ref, client: KitsuClient = default) -> List[EntityWithTasks]:
    """List the sequences of *project* with their tasks, sorted by name, in one request. Everybody in the team.

    `GET data/sequences/with-tasks?project_id=<project_id>`
    """
    return fetch_board("sequences/with-tasks", project, client)


@cache
def all_sequences_for_episode(episode: Ref, client: KitsuClient = default) -> List[ShotSequence]:
    """List the sequences of *episode*, sorted by name: `GET data/episodes/<episode_id>/sequences`."""
    return sort_by_name(raw.fetch_all(route("episodes/{episode_id}/sequences", id_of(episode)), client=client))


@cache
def get_sequence(sequence_id: Ref, client: KitsuClient = default) -> ShotSequence:
    """Return a sequence: `GET data/sequences/<sequence_id>`.

    Raises:
        RouteNotFoundException: it does not exist.

    Example:
        >>> gazu.shot.get_sequence(shot["parent_id"])["name"]
        'SQ01'
    """
    return raw.fetch_one("sequences", any_id_of(sequence_id), client=client)


@cache
def get_sequence_by_name(
    project: Ref, sequence_name: str, episode: Optional[Ref] = None, client: KitsuClient = default
) -> Optional[ShotSequence]:
    """Return the sequence of this name in *project*, or None.

    `GET data/sequences?project_id=<project_id>&name=<sequence_name>`

    Args:
        episode: the episode to search; sequences of different episodes may share a name.

    Example:
        >>> gazu.shot.get_sequence_by_name(project, "SQ01", episode)["name"]
        'SQ01'
    """
    place = {"project_id": id_of(project)} if episode is None else {"episode_id": id_of(episode)}
    return raw.fetch_named("sequences", {**place, "name": sequence_name}, client=client)


@cache
def get_sequence_from_shot(shot: Ref, client: KitsuClient = default) -> ShotSequence:
    """Return the sequence that *shot* is in: `GET data/sequences/<sequence_id>`.

    Args:
        shot: its record, whose `parent_id` is used; an id is fetched first.
    """
    known = isinstance(shot, Mapping) and "parent_id" in shot
    row: Any = shot if known else get_shot(id_of(shot), client=client)
    return get_sequence(row["parent_id"], client=client)


def new_sequence(project: Ref, name: str, episode: Optional[Ref] = None, client: KitsuClient = default) -> ShotSequence:
    """Create a sequence, or return the existing one with this name: `POST data/projects/<project_id>/sequences`.

    A GazuWarning says so if the existing one is canceled.

    Args:
        episode: the episode that it belongs to, in a TV show.

    Example:
        >>> gazu.shot.new_sequence(project, "SQ02", episode)["name"]
        'SQ02'
    """
    path = route("data/projects/{project_id}/sequences", id_of(project))
    data = drop_none(name=name, episode_id=id_or_none(episode))
    key = {"project_id": id_of(project), "name": require_name(name)} if episode is None else data
    known = raw.fetch_named("sequences", key, client=client)
    return warn_if_canceled(known, "gazu.shot.update_sequence") or as_new(raw.post(path, data, client=client), client)


def update_sequence(sequence: Mapping[str, Any], client: KitsuClient = default) -> ShotSequence:
    """Change a sequence, and return it. What `get_sequence` returned can be passed back.

    `PUT data/entities/<sequence_id>`

    Args:
        sequence: its `id` and the fields to change; `parent_id` is its episode.

    Example:
        >>> gazu.shot.update_sequence({"id": sequence["id"], "description": "The fence"})["description"]
        'The fence'
    """
    return raw.update("entities", id_of(sequence), for_update(sequence), client=client)


def update_sequence_data(
    sequence: Ref, data: Optional[Mapping[str, Any]] = None, client: KitsuClient = default
) -> ShotSequence:
    """Change metadata of a sequence, and return it; keys that *data* does not name are left unchanged.

    Values of a boolean column are the texts `true` and `false`: with others the server cannot export the sheet.

    `PUT data/entities/<sequence_id>`

    Args:
        data: values by the field names of the metadata columns.
    """
    return raw.update("entities", id_of(sequence), {"data": require_row(data or {})}, client=client)


def remove_sequence(sequence: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete a sequence; one that has shots is refused: `DELETE data/sequences/<sequence_id>`.

    Args:
        force: delete it with its shots.

    Raises:
        ParameterException: shots or tasks are still linked to it.

    Example:
        >>> gazu.shot.remove_sequence(gazu.shot.new_sequence(project, "SQ90", episode))
        ''
    """
    return _remove(route("data/sequences/{sequence_id}", id_of(sequence)), force, client)


@cache
def get_sequence_url(sequence: Ref, client: KitsuClient = default) -> str:
    """Return the URL of the web page of a sequence; in a TV show, within its episode.

    `GET data/sequences/<sequence_id>`
    """
    row = raw.fetch_one("sequences", id_of(sequence), client=client)
    return _page_url("sequences", row, row.get("parent_id"), client)


@cache
def get_all_sequences_url(project: Ref, client: KitsuClient = default) -> str:
    """Return the URL of the web page with the sequences of a project; no request is sent."""
    return raw.get_api_url_from_host(client=client) + route("/productions/{project_id}/sequences/", id_of(project))


# -- episodes ------------------------------------------------------------------
@cache
def all_episodes_for_project(project: Ref, client: KitsuClient = default) -> List[Episode]:
    """List the episodes of *project*, sorted by name: `GET data/projects/<project_id>/episodes`.

    Example:
        >>> [episode["name"] for episode in gazu.shot.all_episodes_for_project(project)]
        ['E01']
    """
    return sort_by_name(raw.fetch_all(route("projects/{project_id}/episodes", id_of(project)), client=client))


@cache
def all_episodes_with_tasks(project: Ref, client: KitsuClient = default) -> List[EntityWithTasks]:
    """List the episodes of *project* with their tasks, sorted by name, in one request. Everybody in the team.

    `GET data/episodes/with-tasks?project_id=<project_id>`
    """
    return fetch_board("episodes/with-tasks", project, client)


@cache
def get_episode(episode_id: Ref, client: KitsuClient = default) -> Episode:
    """Return an episode: `GET data/episodes/<episode_id>`.

    Raises:
        RouteNotFoundException: it does not exist.

    Example:
        >>> gazu.shot.get_episode(sequence["parent_id"])["name"]
        'E01'
    """
    return raw.fetch_one("episodes", any_id_of(episode_id), client=client)


@cache
def get_episode_by_name(project: Ref, episode_name: str, client: KitsuClient = default) -> Optional[Episode]:
    """Return the episode of this name in *project*, or None.

    `GET data/episodes?project_id=<project_id>&name=<episode_name>`

    Example:
        >>> gazu.shot.get_episode_by_name(project, "E01")["name"]
        'E01'
    """
    return raw.fetch_named("episodes", {"project_id": id_of(project), "name": episode_name}, client=client)


@cache
def get_episode_from_sequence(sequence: Ref, client: KitsuClient = default) -> Optional[Episode]:
    """Return the episode that *sequence* is in, or None outside TV shows: `GET data/episodes/<episode_id>`.

    Args:
        sequence: its record, whose `parent_id` is used; an id is fetched first.
    """
    known = isinstance(sequence, Mapping) and "parent_id" in sequence
    row: Any = sequence if known else get_sequence(id_of(sequence), client=client)
    return get_episode(row["parent_id"], client=client) if row["parent_id"] else None


def new_episode(project: Ref, name: str, client: KitsuClient = default) -> Episode:
    """Create an episode, or return the existing one with this name: `POST data/projects/<project_id>/episodes`.

    Example:
        >>> gazu.shot.new_episode(project, "E02")["name"]
        'E02'
    """
    path, data = route("data/projects/{project_id}/episodes", id_of(project)), {"name": require_name(name)}
    known = raw.fetch_named("episodes", {"project_id": id_of(project), **data}, client=client)
    return warn_if_canceled(known, "gazu.shot.update_episode") or as_new(raw.post(path, data, client=client), client)


def update_episode(episode: Mapping[str, Any], client: KitsuClient = default) -> Episode:
    """Change an episode, and return it. What `get_episode` returned can be passed back.

    `PUT data/entities/<episode_id>`

    Args:
        episode: its `id` and the fields to change.

    Example:
        >>> gazu.shot.update_episode({"id": episode["id"], "status": "complete"})["status"]
        'complete'
    """
    return raw.update("entities", id_of(episode), for_update(episode), client=client)


def update_episode_data(
    episode: Ref, data: Optional[Mapping[str, Any]] = None, client: KitsuClient = default
) -> Episode:
    """Change metadata of an episode, and return it; keys that *data* does not name are left unchanged.

    Values of a boolean column are the texts `true` and `false`: with others the server cannot export the sheet.

    `PUT data/entities/<episode_id>`

    Args:
        data: values by the field names of the metadata columns.
    """
    return raw.update("entities", id_of(episode), {"data": require_row(data or {})}, client=client)


def remove_episode(episode: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete an episode; one that has sequences is refused: `DELETE data/episodes/<episode_id>`.

    Args:
        force: delete it with everything in it.

    Raises:
        ParameterException: sequences or tasks are still linked to it.

    Example:
        >>> gazu.shot.remove_episode(gazu.shot.new_episode(project, "E90"))
        ''
    """
    return _remove(route("data/episodes/{episode_id}", id_of(episode)), force, client)


@cache
def get_episode_url(episode: Ref, client: KitsuClient = default) -> str:
    """Return the URL of the web page with the shots of an episode: `GET data/episodes/<episode_id>`."""
    row = raw.fetch_one("episodes", id_of(episode), client=client)
    page = route("/productions/{project_id}/episodes/{episode_id}/shots", row["project_id"], row["id"])
    return raw.get_api_url_from_host(client=client) + page


@cache
def get_all_episodes_url(project: Ref, client: KitsuClient = default) -> str:
    """Return the URL of the web page with the episodes of a project; no request is sent."""
    return raw.get_api_url_from_host(client=client) + route("/productions/{project_id}/episodes/", id_of(project))


# -- CSV and OpenTimelineIO ----------------------------------------------------
def import_shots_with_csv(
    project: Ref,
    csv_file_path: StrPath,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> List[Shot]:
    """Create the shots listed in a CSV file, and return all of them: `POST import/csv/projects/<project_id>/shots`.

    Existing shots are left unchanged.

    Args:
        csv_file_path: a file with at least the columns `Sequence` and `Name`, and `Episode` in a
            TV show. It may be as spreadsheet programs write it:
            UTF-8, UTF-16 or Windows-1252 (announced by a GazuWarning); delimited by commas, semicolons, tabs or
            vertical bars. It is read into memory.
        progress_callback: called with (bytes of the file sent, total bytes).

    Raises:
        ParameterException: a row or a column of the file is wrong; the text names line, column and the number of
            rows that were imported before it, as do its `line_number` and `imported_rows`.
        ValueError: the file is not CSV; nothing was sent.
        FileNotFoundError: the file does not exist.
    """
    path = route("import/csv/projects/{project_id}/shots", id_of(project))
    return upload_sheet(path, csv_file_path, id_of(project), "Shot", client, progress_callback)


def export_shots_with_csv(
    project: Ref,
    csv_file_path: StrPath,
    episode: Optional[Ref] = None,
    assigned_to_me: Union[bool, Ref] = False,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
    assigned_to: Union[None, bool, Ref] = None,
) -> "Response":
    """Write the shots of a project to a CSV file, with their tasks: `GET export/csv/projects/<project_id>/shots.csv`.

    The time spent is in days of 8 hours, whatever the production says. Lists, tags and checklists are written as Python
    shows them, and are not lists any more when the sheet is imported again.

    Args:
        csv_file_path: the file to write.
        episode: only shots of this episode.
        assigned_to_me: only shots with a task of the account that is logged in.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).
        assigned_to: the older name of *assigned_to_me*. Zou exports the rows of the caller, whoever is named: a
            GazuWarning says so for a person other than the caller.

    Raises:
        ServerErrorException: often since a boolean column has other values than the texts `true` and `false`, which
            the text then names.
    """
    path = route("export/csv/projects/{project_id}/shots.csv", id_of(project))
    params = drop_none(
        episode_id=id_or_none(episode), assigned_to=assigned_to_query(assigned_to_me, assigned_to, client)
    )
    return download_sheet(path, csv_file_path, params, id_of(project), "Shot", client, progress_callback)


def import_otio(
    project: Ref,
    otio_file_path: StrPath,
    episode: Optional[Ref] = None,
    naming_convention: Optional[str] = None,
    match_case: bool = True,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> Dict[str, List[Shot]]:
    """Create or update shots from the clips of an edit.

    `POST import/otio/projects/<project_id>[/episodes/<episode_id>]`

    With OpenTimelineIO installed (extra `otio`) the cut is read first: EDL is imported at every frame rate,
    slugs and disabled clips are left out, nested clips are imported, and a shot in several pieces has the frames of the
    first; what is left out, except for slugs, gives a GazuWarning. Without it the server reads the file alone.

    Args:
        otio_file_path: an OpenTimelineIO, EDL, XML or AAF file; the extension says which.
        episode: the episode of the shots, required in a TV show.
        naming_convention: how clip names are composed of `${project_name}`,
            `${episode_name}`, `${sequence_name}` and `${shot_name}`; by default
            `${project_name}_${sequence_name}-${shot_name}`, or with an episode
            `${project_name}_${episode_name}-${sequence_name}-${shot_name}`. For the server each is any text of
            letters, digits and `_`, as long as possible; a production with another sign in its name needs
            OpenTimelineIO, or its name in the place of `${project_name}`.
        match_case: whether these names are case-sensitive.
        progress_callback: called with (bytes of the file sent, total bytes).

    Returns:
        `created_shots` and `updated_shots`. Their `frame_in` and `frame_out` are places in the track, from 0.

    Raises:
        ParameterException: the file cannot be read, or a clip has no shot. With OpenTimelineIO nothing was sent if the
            text says so; else `created_shots` and `updated_shots` of the error are what the server did before.
    """
    path, start = route("import/otio/projects/{project_id}", id_of(project)), "${project_name}_"
    if episode is not None:
        path = route("import/otio/projects/{project_id}/episodes/{episode_id}", id_of(project), id_of(episode))
        start = "${project_name}_${episode_name}-"
    form = {"naming_convention": naming_convention or start + "${sequence_name}-${shot_name}", "match_case": match_case}
    return upload_timeline(path, otio_file_path, id_of(project), id_or_none(episode), form, client, progress_callback)


@deprecated("removed in gazu 0.10: use `import_otio`")
def import_edl(
    project: Ref, edl_file_path: StrPath, episode: Optional[Ref] = None, client: KitsuClient = default
) -> Dict[str, List[Shot]]:
    """Create or update shots from the clips of an EDL file; see `import_otio`.

    `POST import/otio/projects/<project_id>[/episodes/<episode_id>]`

    Args:
        edl_file_path: an EDL in the format CMX 3600; it is read into memory.

    Raises:
        FileNotFoundError: the file does not exist.
    """
    return import_otio(project, edl_file_path, episode, client=client)
