"""Playlists: what is watched together in a review."""

from typing import TYPE_CHECKING, Any, Dict, List, Mapping, MutableMapping, Optional

from . import client as raw
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import older_calls
from .helpers import given, id_of, id_or_none
from .models import Playlist, Ref
from .sorting import sort_by_name

if TYPE_CHECKING:
    from requests import Response

    from ._http.multipart import Progress


@cache
def all_playlists(client: KitsuClient = default) -> List[Playlist]:
    """List all playlists, sorted by name: `GET data/playlists`."""
    return sort_by_name(raw.fetch_all("playlists", client=client))


@cache
def all_playlists_for_project(project: Ref, client: KitsuClient = default, page: int = 1) -> List[Playlist]:
    """List the playlists of *project*, sorted by name: those of one page of the server's list.

    `GET data/projects/<project_id>/playlists?page=<page>`

    Args:
        page: 1 is the first.
    """
    path = route("projects/{project_id}/playlists", id_of(project))
    return sort_by_name(raw.fetch_all(path, params={"page": page}, client=client))


@cache
def all_playlists_for_episode(episode: Ref, client: KitsuClient = default) -> List[Playlist]:
    """List the playlists of *episode*, sorted by name.

    `GET data/projects/<project_id>/episodes/<episode_id>/playlists`

    Args:
        episode: its row, of which `project_id` is read; an id is looked up.
    """
    known = isinstance(episode, Mapping) and "project_id" in episode
    row: Any = episode if known else raw.fetch_one("episodes", id_of(episode), client=client)
    path = route("projects/{project_id}/episodes/{episode_id}/playlists", row["project_id"], id_of(episode))
    return sort_by_name(raw.fetch_all(path, client=client))


@cache
def get_playlist(playlist: Ref, client: KitsuClient = default) -> Playlist:
    """Return a playlist with its shots, or its assets, and their previews: `GET data/playlists/<playlist_id>`.

    Raises:
        RouteNotFoundException: there is none.
    """
    return raw.fetch_one("playlists", id_of(playlist), client=client)


@cache
def get_playlist_by_name(project: Ref, name: str, client: KitsuClient = default) -> Optional[Playlist]:
    """Return the playlist of this name in *project*, or None.

    `GET data/playlists?project_id=<project_id>&name=<name>`
    """
    return raw.fetch_named("playlists", {"project_id": id_of(project), "name": name}, client=client)


@cache
def all_shots_for_playlist(playlist: Ref, client: KitsuClient = default) -> List[Dict[str, Any]]:
    """List the entries of a playlist: `entity_id`, `preview_file_id`, ...; sorted by name.

    `GET data/playlists/<playlist_id>`
    """
    return sort_by_name(raw.fetch_one("playlists", id_of(playlist), client=client)["shots"])


@older_calls("1.0")
def new_playlist(
    project: Ref,
    name: str,
    episode: Optional[Ref] = None,
    for_entity: str = "shot",
    for_client: bool = False,
    is_for_all: bool = False,
    client: KitsuClient = default,
) -> Playlist:
    """Create a playlist, or return the one of this name that *project* has already: `POST data/playlists`.

    Args:
        for_entity: `shot`, `asset`, `sequence`, `episode` or `edit`.
        for_client: let clients see it.
        is_for_all: it may hold entities of all episodes.
    """
    key = {"project_id": id_of(project), "name": name}
    data = {**key, "for_entity": for_entity, "for_client": for_client, "is_for_all": is_for_all}
    data.update(given(episode_id=id_or_none(episode)))
    return raw.fetch_named("playlists", key, client=client) or raw.create("playlists", data, client=client)


def update_playlist(playlist: Mapping[str, Any], client: KitsuClient = default) -> Playlist:
    """Change a playlist, and return it: `PUT data/playlists/<playlist_id>`.

    Args:
        playlist: its `id` and the fields to change; `shots` are its entries,
            `[{"entity_id": <id>, "preview_file_id": <id>}, ...]`.
    """
    return raw.update("playlists", id_of(playlist), playlist, client=client)


def delete_playlist(playlist: Ref, client: KitsuClient = default) -> str:
    """Delete a playlist: `DELETE data/playlists/<playlist_id>`."""
    return raw.delete(route("data/playlists/{playlist_id}", id_of(playlist)), client=client)


# -- entries -------------------------------------------------------------------
def get_entity_preview_files(entity: Ref, client: KitsuClient = default) -> Dict[str, List[Dict[str, Any]]]:
    """Return the preview files of a shot, an asset, ..., by the id of the task type.

    `GET data/playlists/entities/<entity_id>/preview-files`
    """
    return raw.get(route("data/playlists/entities/{entity_id}/preview-files", id_of(entity)), client=client)


def add_entity_to_playlist(
    playlist: MutableMapping[str, Any],
    entity: Ref,
    preview_file: Optional[Ref] = None,
    persist: bool = True,
    client: KitsuClient = default,
) -> Any:
    """Add a shot, an asset, ... to a playlist: `POST actions/playlists/<playlist_id>/add-entity`.

    Args:
        preview_file: the preview to show; by default the newest one.
        persist: False to only add it to the row *playlist*, to be sent with `update_playlist`.

    Returns:
        The new entry; the row *playlist*, if it was only added there.
    """
    if preview_file is None:
        previews = [row for rows in get_entity_preview_files(entity, client=client).values() for row in rows]
        preview_file = max(previews, key=lambda row: row["created_at"], default=None)
    entry = given(entity_id=id_of(entity), preview_file_id=id_or_none(preview_file))
    if persist:
        return raw.post(route("actions/playlists/{playlist_id}/add-entity", id_of(playlist)), entry, client=client)
    playlist["shots"] = [*(playlist.get("shots") or []), entry]
    return playlist


def update_entity_preview(
    playlist: MutableMapping[str, Any],
    entity: Ref,
    preview_file: Ref,
    persist: bool = True,
    client: KitsuClient = default,
) -> Playlist:
    """Change the preview that a playlist shows of an entity; the row *playlist* is changed, and returned.

    `PUT data/playlists/<playlist_id>`

    Args:
        persist: False to only change the row.
    """
    for entry in playlist["shots"]:
        if entry["entity_id"] == id_of(entity):
            entry["preview_file_id"] = id_of(preview_file)
    return _changed(playlist, persist, client)


def _changed(playlist: Any, persist: bool, client: KitsuClient) -> Any:
    """Send a changed playlist if that is wanted, and return it."""
    if persist:
        update_playlist(playlist, client=client)
    return playlist


def remove_entity_from_playlist(
    playlist: MutableMapping[str, Any], entity: Ref, persist: bool = True, client: KitsuClient = default
) -> Playlist:
    """Take an entity out of a playlist; the row *playlist* is changed, and returned.

    `PUT data/playlists/<playlist_id>`

    Args:
        persist: False to only change the row.
    """
    playlist["shots"] = [entry for entry in playlist["shots"] if entry["entity_id"] != id_of(entity)]
    return _changed(playlist, persist, client)


# -- sharing, files ------------------------------------------------------------
def notify_clients_playlist_ready(playlist: Ref, client: KitsuClient = default) -> Dict[str, Any]:
    """Have the server tell the clients of the project that a playlist is ready.

    `POST data/playlists/<playlist_id>/notify-clients`
    """
    return raw.post(route("data/playlists/{playlist_id}/notify-clients", id_of(playlist)), {}, client=client)


@cache
def all_share_links_for_playlist(playlist: Ref, client: KitsuClient = default) -> List[Dict[str, Any]]:
    """List the links by which people without an account can watch a playlist.

    `GET data/playlists/<playlist_id>/share`
    """
    return raw.get(route("data/playlists/{playlist_id}/share", id_of(playlist)), client=client)


def new_share_link(
    playlist: Ref,
    expiration_date: Optional[str] = None,
    can_comment: bool = True,
    password: Optional[str] = None,
    client: KitsuClient = default,
) -> Dict[str, Any]:
    """Make a link by which people without an account can watch a playlist, and return it with its `token`.

    `POST data/playlists/<playlist_id>/share`

    Args:
        expiration_date: its last day, `YYYY-MM-DD`.
    """
    data = given(can_comment=can_comment, expiration_date=expiration_date, password=password)
    return raw.post(route("data/playlists/{playlist_id}/share", id_of(playlist)), data, client=client)


def remove_share_link(playlist: Ref, token: str, client: KitsuClient = default) -> str:
    """Make a link to a playlist invalid: `DELETE data/playlists/<playlist_id>/share/<token>`."""
    return raw.delete(route("data/playlists/{playlist_id}/share/{token}", id_of(playlist), token), client=client)


def generate_temp_playlist(project: Ref, data: Mapping[str, Any], client: KitsuClient = default) -> Any:
    """Return what a playlist of the given tasks would hold, without creating one.

    `POST data/projects/<project_id>/playlists/temp`

    Args:
        data: `{"task_ids": [...]}`
    """
    return raw.post(route("data/projects/{project_id}/playlists/temp", id_of(project)), data, client=client)


def build_playlist_movie(playlist: Ref, client: KitsuClient = default) -> Dict[str, Any]:
    """Have the server make one movie of a playlist, and return the job.

    `GET data/playlists/<playlist_id>/build/mp4`
    """
    return raw.get(route("data/playlists/{playlist_id}/build/mp4", id_of(playlist)), client=client)


@cache
def all_build_jobs_for_project(project: Ref, client: KitsuClient = default) -> List[Dict[str, Any]]:
    """List the jobs that made movies of the playlists of *project*: `GET data/projects/<project_id>/build-jobs`."""
    return raw.fetch_all(route("projects/{project_id}/build-jobs", id_of(project)), client=client)


def download_playlist_build(
    playlist: Ref,
    build_job: Ref,
    file_path: str,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Download the movie that a job made of a playlist.

    `GET data/playlists/<playlist_id>/jobs/<build_job_id>/build/mp4`

    Args:
        file_path: where to write; a file there is replaced once the new one is whole.
        progress_callback: called with (bytes so far, bytes in all, or 0 if the server does not say).
    """
    path = route("data/playlists/{playlist_id}/jobs/{build_job_id}/build/mp4", id_of(playlist), id_of(build_job))
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def download_playlist_zip(
    playlist: Ref, file_path: str, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the previews of a playlist in a ZIP file: `GET data/playlists/<playlist_id>/download/zip`.

    Args:
        file_path: where to write; a file there is replaced once the new one is whole.
        progress_callback: called with (bytes so far, bytes in all, or 0 if the server does not say).
    """
    path = route("data/playlists/{playlist_id}/download/zip", id_of(playlist))
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)
