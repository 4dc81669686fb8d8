"""Shots, and the sequences and episodes that they are in."""

from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Union

from . import client as raw
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import deprecated, find_imported, older_calls
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
from .models import AssetInstance, EntityPreview, Episode, Ref, Shot, ShotSequence, StrPath
from .sheets import download_sheet, upload_sheet
from .sorting import sort_by_name
from .timelines import upload_timeline

if TYPE_CHECKING:
    from requests import Response

    from ._http.multipart import Progress

if not TYPE_CHECKING:
    __getattr__ = find_imported(__name__)


# -- shots ---------------------------------------------------------------------
@cache
def all_shots_for_project(project: Ref, client: KitsuClient = default) -> List[Shot]:
    """List the shots of *project*, sorted by name: `GET data/projects/<project_id>/shots`.

    Canceled ones are in the list: see `canceled`.
    """
    return sort_by_name(raw.fetch_all(route("projects/{project_id}/shots", id_of(project)), client=client))


@cache
def all_shots_for_episode(episode: Ref, client: KitsuClient = default) -> List[Shot]:
    """List the shots of *episode*, sorted by name: `GET data/episodes/<episode_id>/shots`."""
    return sort_by_name(raw.fetch_all(route("episodes/{episode_id}/shots", id_of(episode)), client=client))


@cache
def all_shots_for_sequence(sequence: Ref, client: KitsuClient = default) -> List[Shot]:
    """List the shots of *sequence*, sorted by name: `GET data/sequences/<sequence_id>/shots`.

    Canceled ones are in the list: see `canceled`.
    """
    return sort_by_name(raw.fetch_all(route("sequences/{sequence_id}/shots", id_of(sequence)), client=client))


@cache
def get_shot(shot_id: Ref, client: KitsuClient = default) -> Shot:
    """Return a shot with its tasks and the names of its project, episode and sequence: `GET data/shots/<shot_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("shots", any_id_of(shot_id), client=client)


@cache
def get_shot_by_name(sequence: Ref, shot_name: str, client: KitsuClient = default) -> Optional[Shot]:
    """Return the shot of this name in *sequence*, or None.

    `GET data/shots/all?sequence_id=<sequence_id>&name=<shot_name>`
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
    """
    metadata = {**(data or {}), **drop_none(frame_in=frame_in, frame_out=frame_out)}
    key = {"sequence_id": id_of(sequence), "name": require_name(name)}
    shot = {**key, **drop_none(data=metadata, nb_frames=nb_frames, description=description)}
    path = route("data/projects/{project_id}/shots", id_of(project))
    known = raw.fetch_named("shots/all", key, client=client)
    return warn_if_canceled(known, "gazu.shot.restore_shot") or raw.post(path, shot, client=client)


def update_shot(shot: Mapping[str, Any], client: KitsuClient = default) -> Shot:
    """Change a shot, and return it. What `get_shot` returned can be passed back: `PUT data/entities/<shot_id>`.

    Args:
        shot: its `id` and the fields to change; `parent_id` is its sequence.
    """
    return raw.update("entities", id_of(shot), for_update(shot), client=client)


def update_shot_data(shot: Ref, data: Optional[Mapping[str, Any]] = None, client: KitsuClient = default) -> Shot:
    """Change metadata of a shot, and return it; keys that *data* does not name are left unchanged.

    Values of a boolean column are the texts `true` and `false`: with others the server cannot export the sheet.

    `PUT data/entities/<shot_id>`
    """
    return raw.update("entities", id_of(shot), {"data": require_row(data or {})}, client=client)


def remove_shot(shot: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete a shot; one that has tasks is only marked as canceled: `DELETE data/shots/<shot_id>`.

    Args:
        force: delete it with its tasks.
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
def get_shot_url(shot: Ref, client: KitsuClient = default) -> str:
    """Return the URL of the web page of a shot."""
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
    """List the sequences of *project*, sorted by name: `GET data/projects/<project_id>/sequences`."""
    return sort_by_name(raw.fetch_all(route("projects/{project_id}/sequences", id_of(project)), client=client))


@cache
def all_sequences_for_episode(episode: Ref, client: KitsuClient = default) -> List[ShotSequence]:
    """List the sequences of *episode*, sorted by name: `GET data/episodes/<episode_id>/sequences`."""
    return sort_by_name(raw.fetch_all(route("episodes/{episode_id}/sequences", id_of(episode)), client=client))


@cache
def get_sequence(sequence_id: Ref, client: KitsuClient = default) -> ShotSequence:
    """Return a sequence: `GET data/sequences/<sequence_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
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
    """
    path = route("data/projects/{project_id}/sequences", id_of(project))
    data = drop_none(name=name, episode_id=id_or_none(episode))
    key = {"project_id": id_of(project), "name": require_name(name)} if episode is None else data
    known = raw.fetch_named("sequences", key, client=client)
    return warn_if_canceled(known, "gazu.shot.update_sequence") or raw.post(path, data, client=client)


def update_sequence(sequence: Mapping[str, Any], client: KitsuClient = default) -> ShotSequence:
    """Change a sequence, and return it. What `get_sequence` returned can be passed back.

    `PUT data/entities/<sequence_id>`

    Args:
        sequence: its `id` and the fields to change; `parent_id` is its episode.
    """
    return raw.update("entities", id_of(sequence), for_update(sequence), client=client)


def update_sequence_data(
    sequence: Ref, data: Optional[Mapping[str, Any]] = None, client: KitsuClient = default
) -> ShotSequence:
    """Change metadata of a sequence, and return it; keys that *data* does not name are left unchanged.

    Values of a boolean column are the texts `true` and `false`: with others the server cannot export the sheet.

    `PUT data/entities/<sequence_id>`
    """
    return raw.update("entities", id_of(sequence), {"data": require_row(data or {})}, client=client)


def remove_sequence(sequence: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete a sequence; one that has shots is refused: `DELETE data/sequences/<sequence_id>`.

    Args:
        force: delete it with its shots.
    """
    return _remove(route("data/sequences/{sequence_id}", id_of(sequence)), force, client)


@cache
def get_sequence_url(sequence: Ref, client: KitsuClient = default) -> str:
    """Return the URL of the web page of a sequence; in a TV show, within its episode."""
    row = raw.fetch_one("sequences", id_of(sequence), client=client)
    return _page_url("sequences", row, row.get("parent_id"), client)


@cache
def get_all_sequences_url(project: Ref, client: KitsuClient = default) -> str:
    """Return the URL of the web page with the sequences of a project."""
    return raw.get_api_url_from_host(client=client) + route("/productions/{project_id}/sequences/", id_of(project))


# -- episodes ------------------------------------------------------------------
@cache
def all_episodes_for_project(project: Ref, client: KitsuClient = default) -> List[Episode]:
    """List the episodes of *project*, sorted by name: `GET data/projects/<project_id>/episodes`."""
    return sort_by_name(raw.fetch_all(route("projects/{project_id}/episodes", id_of(project)), client=client))


@cache
def get_episode(episode_id: Ref, client: KitsuClient = default) -> Episode:
    """Return an episode: `GET data/episodes/<episode_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("episodes", any_id_of(episode_id), client=client)


@cache
def get_episode_by_name(project: Ref, episode_name: str, client: KitsuClient = default) -> Optional[Episode]:
    """Return the episode of this name in *project*, or None.

    `GET data/episodes?project_id=<project_id>&name=<episode_name>`
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
    """Create an episode, or return the existing one with this name: `POST data/projects/<project_id>/episodes`."""
    path = route("data/projects/{project_id}/episodes", id_of(project))
    key = {"project_id": id_of(project), "name": require_name(name)}
    known = raw.fetch_named("episodes", key, client=client)
    return warn_if_canceled(known, "gazu.shot.update_episode") or raw.post(path, {"name": name}, client=client)


def update_episode(episode: Mapping[str, Any], client: KitsuClient = default) -> Episode:
    """Change an episode, and return it. What `get_episode` returned can be passed back.

    `PUT data/entities/<episode_id>`

    Args:
        episode: its `id` and the fields to change.
    """
    return raw.update("entities", id_of(episode), for_update(episode), client=client)


def update_episode_data(
    episode: Ref, data: Optional[Mapping[str, Any]] = None, client: KitsuClient = default
) -> Episode:
    """Change metadata of an episode, and return it; keys that *data* does not name are left unchanged.

    Values of a boolean column are the texts `true` and `false`: with others the server cannot export the sheet.

    `PUT data/entities/<episode_id>`
    """
    return raw.update("entities", id_of(episode), {"data": require_row(data or {})}, client=client)


def remove_episode(episode: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete an episode; one that has sequences is refused: `DELETE data/episodes/<episode_id>`.

    Args:
        force: delete it with everything in it.
    """
    return _remove(route("data/episodes/{episode_id}", id_of(episode)), force, client)


@cache
def get_episode_url(episode: Ref, client: KitsuClient = default) -> str:
    """Return the URL of the web page with the shots of an episode."""
    row = raw.fetch_one("episodes", id_of(episode), client=client)
    page = route("/productions/{project_id}/episodes/{episode_id}/shots", row["project_id"], row["id"])
    return raw.get_api_url_from_host(client=client) + page


@cache
def get_all_episodes_url(project: Ref, client: KitsuClient = default) -> str:
    """Return the URL of the web page with the episodes of a project."""
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
            rows that were imported before it.
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

    With OpenTimelineIO installed (`pip install gazu[otio]`) the cut is read first: EDL is imported at every frame rate,
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
    """
    return import_otio(project, edl_file_path, episode, client=client)
