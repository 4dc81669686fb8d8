"""Playlists: what is watched together in a review."""

from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional

from . import client as raw
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import deprecated, older_calls
from .exception import RouteNotFoundException
from .helpers import date_or_none, drop_none, id_of, id_or_none, require_name, require_row
from .models import BuildJob, Date, Playlist, PlaylistedEntity, PlaylistEntry, PlaylistPreview, Ref, ShareLink, StrPath
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
    """Return a playlist with its entries, in `shots`: `GET data/playlists/<playlist_id>`.

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
def all_shots_for_playlist(playlist: Ref, client: KitsuClient = default) -> List[PlaylistEntry]:
    """List the entries of a playlist, whatever they are.

    `GET data/playlists/<playlist_id>`
    """
    return sort_by_name(raw.fetch_one("playlists", id_of(playlist), client=client)["shots"] or [])


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
        episode: that it is for; playlists of different episodes may share a name.
        for_entity: `shot`, `asset`, `sequence`, `episode` or `edit`.
        for_client: let clients see it.
        is_for_all: it may hold entities of all episodes.
    """
    key = drop_none(project_id=id_of(project), name=require_name(name), episode_id=id_or_none(episode))
    data = {**key, "for_entity": for_entity, "for_client": for_client, "is_for_all": is_for_all}
    return raw.fetch_named("playlists", key, client=client) or raw.create("playlists", data, client=client)


def update_playlist(playlist: Mapping[str, Any], client: KitsuClient = default) -> Playlist:
    """Change a playlist, and return it: `PUT data/playlists/<playlist_id>`.

    Args:
        playlist: its `id` and the fields to change; `shots` are its entries,
            `[{"entity_id": <id>, "preview_file_id": <id>}, ...]`.
    """
    # An empty playlist has no list of entries, which the server does not take back.
    data = {name: value for name, value in require_row(playlist).items() if name != "shots" or value is not None}
    return raw.update("playlists", id_of(playlist), data, client=client)


def delete_playlist(playlist: Ref, client: KitsuClient = default) -> str:
    """Delete a playlist: `DELETE data/playlists/<playlist_id>`."""
    return raw.delete(route("data/playlists/{playlist_id}", id_of(playlist)), client=client)


# -- entries -------------------------------------------------------------------
def get_entity_preview_files(entity: Ref, client: KitsuClient = default) -> Dict[str, List[PlaylistPreview]]:
    """Return the preview files of a shot, an asset, ..., by the id of the task type, the newest first.

    `GET data/playlists/entities/<entity_id>/preview-files`
    """
    return raw.get(route("data/playlists/entities/{entity_id}/preview-files", id_of(entity)), client=client)


@deprecated("removed in gazu 1.2: use `get_entity_preview_files` for each entity")
def get_entity_previews(playlist: Ref, client: KitsuClient = default) -> List[PlaylistedEntity]:
    """List the entries of a playlist with all preview files of each entity: `preview_files`, by task type.

    `GET data/projects/<project_id>/playlists/<playlist_id>`

    Args:
        playlist: its row, of which `project_id` is read; an id is looked up.
    """
    known = isinstance(playlist, Mapping) and "project_id" in playlist
    row: Any = playlist if known else raw.fetch_one("playlists", id_of(playlist), client=client)
    path = route("data/projects/{project_id}/playlists/{playlist_id}", row["project_id"], id_of(playlist))
    return raw.get(path, client=client)["shots"]


def add_entity_to_playlist(
    playlist: Ref,
    entity: Ref,
    preview_file: Optional[Ref] = None,
    persist: bool = True,
    client: KitsuClient = default,
) -> Playlist:
    """Add a shot, an asset, ... to a playlist, and return it: `POST actions/playlists/<playlist_id>/add-entity`.

    Args:
        preview_file: the preview to show; by default the newest one.
        persist: False to only add it to the row *playlist*, to be sent with `update_playlist`.
    """
    path = route("actions/playlists/{playlist_id}/add-entity", id_of(playlist))
    shown = id_or_none(preview_file) or _newest_preview(entity, client)
    entry = drop_none(entity_id=id_of(entity), preview_file_id=shown)
    if persist:
        return raw.post(path, entry, client=client)
    return _changed(playlist, lambda entries: [*entries, entry], persist, client)


def _newest_preview(entity: Ref, client: KitsuClient) -> Optional[str]:
    """Return the id of the newest preview file of an entity, or None."""
    previews: Any = get_entity_preview_files(entity, client=client).values()
    newest = max((row for rows in previews for row in rows), key=lambda row: row["created_at"], default=None)
    return id_or_none(newest)


def _changed(playlist: Any, change: Callable[[List[Any]], List[Any]], persist: bool, client: KitsuClient) -> Any:
    """Change the entries in the row of a playlist, send it if that is wanted, and return it."""
    known = isinstance(playlist, Mapping) and "shots" in playlist  # a row of a list has them not
    row = playlist if known else raw.fetch_one("playlists", id_of(playlist), client=client)
    row["shots"] = change(row["shots"] or [])
    if persist:
        update_playlist(row, client=client)
    return row


def update_entity_preview(
    playlist: Ref,
    entity: Ref,
    preview_file: Ref,
    persist: bool = True,
    client: KitsuClient = default,
) -> Playlist:
    """Change the preview that a playlist shows of an entity; the row *playlist* is changed, and returned.

    `PUT data/playlists/<playlist_id>`

    Args:
        playlist: its row with its entries; an id, or a row without them, is looked up.
        persist: False to only change the row.
    """
    changed, shown = id_of(entity), {"preview_file_id": id_of(preview_file)}

    def change(rows: List[Any]) -> List[Any]:
        return [{**row, **shown} if row.get("entity_id") == changed else row for row in rows]

    return _changed(playlist, change, persist, client)


def remove_entity_from_playlist(
    playlist: Ref, entity: Ref, persist: bool = True, client: KitsuClient = default
) -> Playlist:
    """Take an entity out of a playlist; the row *playlist* is changed, and returned.

    `PUT data/playlists/<playlist_id>`

    Args:
        playlist: its row with its entries; an id, or a row without them, is looked up.
        persist: False to only change the row.
    """
    gone = id_of(entity)
    return _changed(playlist, lambda rows: [row for row in rows if row.get("entity_id") != gone], persist, client)


# -- sharing, files ------------------------------------------------------------
def notify_clients_playlist_ready(playlist: Ref, client: KitsuClient = default) -> Dict[str, Any]:
    """Have the server tell the clients of the project that a playlist is ready.

    `POST data/playlists/<playlist_id>/notify-clients`
    """
    return raw.post(route("data/playlists/{playlist_id}/notify-clients", id_of(playlist)), {}, client=client)


@cache
def all_share_links_for_playlist(playlist: Ref, client: KitsuClient = default) -> List[ShareLink]:
    """List the links by which people without an account can watch a playlist.

    `GET data/playlists/<playlist_id>/share`
    """
    return raw.get(route("data/playlists/{playlist_id}/share", id_of(playlist)), client=client)


def new_share_link(
    playlist: Ref,
    expiration_date: Optional[Date] = None,
    can_comment: bool = True,
    password: Optional[str] = None,
    client: KitsuClient = default,
) -> ShareLink:
    """Make a link by which people without an account can watch a playlist, and return it with its `token`.

    `POST data/playlists/<playlist_id>/share`

    Args:
        expiration_date: its last day, `YYYY-MM-DD`, or its end, `YYYY-MM-DDTHH:MM:SS` in UTC.
    """
    end = date_or_none(expiration_date)
    data = drop_none(can_comment=can_comment, expiration_date=end, password=password)
    return raw.post(route("data/playlists/{playlist_id}/share", id_of(playlist)), data, client=client)


def remove_share_link(playlist: Ref, token: str, client: KitsuClient = default) -> str:
    """Make a link to a playlist invalid: `DELETE data/playlists/<playlist_id>/share/<token>`."""
    return raw.delete(route("data/playlists/{playlist_id}/share/{token}", id_of(playlist), token), client=client)


def generate_temp_playlist(
    project: Ref, data: Mapping[str, Any], client: KitsuClient = default
) -> List[PlaylistedEntity]:
    """Return what a playlist of the given tasks, or entities, would hold, without creating one.

    `POST data/projects/<project_id>/playlists/temp`

    Args:
        data: `{"task_ids": [...], "entity_ids": [...]}`, or one of them.
    """
    return raw.post(route("data/projects/{project_id}/playlists/temp", id_of(project)), data, client=client)


def build_playlist_movie(playlist: Ref, client: KitsuClient = default) -> BuildJob:
    """Have the server make one movie of a playlist, and return the job: its `status` is `running` at first.

    `GET data/playlists/<playlist_id>/build/mp4`
    """
    return raw.get(route("data/playlists/{playlist_id}/build/mp4", id_of(playlist)), client=client)


@cache
def all_build_jobs_for_project(project: Ref, client: KitsuClient = default) -> List[BuildJob]:
    """List the jobs that made movies of the playlists of *project*: `GET data/projects/<project_id>/build-jobs`."""
    return raw.fetch_all(route("projects/{project_id}/build-jobs", id_of(project)), client=client)


def _playlist_of(build_job: Ref, client: KitsuClient) -> str:
    """Return the id of the playlist of a job: its row has it, an id is looked up."""
    if isinstance(build_job, Mapping) and build_job.get("playlist_id"):
        return id_of(build_job["playlist_id"])
    row = raw.fetch_first("playlists", {"build_jobs": id_of(build_job)}, client=client)
    if row is None:
        raise RouteNotFoundException(f"there is no build job {id_of(build_job)}")
    return id_of(row)


@older_calls(optional_first="playlist")
@cache
def get_build_job(build_job: Ref, client: KitsuClient = default, playlist: Optional[Ref] = None) -> BuildJob:
    """Return a job that makes a movie of a playlist; `get_build_job(playlist, build_job)` does too.

    `GET data/playlists/<playlist_id>/jobs/<build_job_id>`

    Args:
        playlist: that of the job; without it, that in the job's row, or looked up.

    Raises:
        RouteNotFoundException: there is no such job.
    """
    playlist_id = id_or_none(playlist) or _playlist_of(build_job, client)
    return raw.get(route("data/playlists/{playlist_id}/jobs/{job_id}", playlist_id, id_of(build_job)), client=client)


@older_calls(optional_first="playlist")
def remove_build_job(build_job: Ref, client: KitsuClient = default, playlist: Optional[Ref] = None) -> str:
    """Delete a job and the movie that it made; `remove_build_job(playlist, build_job)` does too.

    `DELETE data/playlists/<playlist_id>/jobs/<build_job_id>`

    Args:
        playlist: that of the job; without it, that in the job's row, or looked up.
    """
    playlist_id = id_or_none(playlist) or _playlist_of(build_job, client)
    return raw.delete(route("data/playlists/{playlist_id}/jobs/{job_id}", playlist_id, id_of(build_job)), client=client)


def download_playlist_build(
    playlist: Ref,
    build_job: Ref,
    file_path: StrPath,
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
    playlist: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the previews of a playlist in a ZIP file: `GET data/playlists/<playlist_id>/download/zip`.

    Args:
        file_path: where to write; a file there is replaced once the new one is whole.
        progress_callback: called with (bytes so far, bytes in all, or 0 if the server does not say).
    """
    path = route("data/playlists/{playlist_id}/download/zip", id_of(playlist))
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)
