"""Playlists: shots and other entities to review together."""

from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, List, Mapping, Optional

from . import client as raw
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import deprecated, find_imported, list_functions, older_calls
from .exception import RouteNotFoundException
from .helpers import (
    date_or_none,
    drop_none,
    id_of,
    id_or_none,
    require_ids,
    require_list,
    require_name,
    require_row,
    warn,
)
from .models import (
    BuildJob,
    Date,
    Playlist,
    PlaylistedEntity,
    PlaylistEntry,
    PlaylistPreview,
    PlaylistSummary,
    Ref,
    Several,
    ShareLink,
    StrPath,
)
from .secret import hides_secrets
from .sorting import sort_by_name
from .verification import require_known

if TYPE_CHECKING:
    from requests import Response

    from ._http.multipart import Progress

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)


# -- playlists -----------------------------------------------------------------
@cache
def all_playlists(client: KitsuClient = default) -> List[Playlist]:
    """List all playlists, sorted by name: `GET data/playlists`."""
    return sort_by_name(raw.fetch_all("playlists", client=client))


@cache
def all_playlists_for_project(project: Ref, client: KitsuClient = default, page: int = 1) -> List[PlaylistSummary]:
    """List the playlists of *project*, sorted by name, from one page of the server's list.

    `GET data/projects/<project_id>/playlists?page=<page>`

    Args:
        page: starts at 1.

    Example:
        >>> [playlist["name"] for playlist in gazu.playlist.all_playlists_for_project(project)]
        ['Dailies']
    """
    path = route("projects/{project_id}/playlists", id_of(project))
    return sort_by_name(raw.fetch_all(path, params={"page": page}, client=client))


@cache
def all_playlists_for_episode(episode: Ref, client: KitsuClient = default) -> List[PlaylistSummary]:
    """List the playlists of *episode*, sorted by name.

    `GET data/projects/<project_id>/episodes/<episode_id>/playlists`

    Args:
        episode: its record, whose `project_id` is used; an id is fetched first.
    """
    known = isinstance(episode, Mapping) and "project_id" in episode
    row: Any = episode if known else raw.fetch_one("episodes", id_of(episode), client=client)
    path = route("projects/{project_id}/episodes/{episode_id}/playlists", row["project_id"], id_of(episode))
    return sort_by_name(raw.fetch_all(path, client=client))


@cache
def get_playlist(playlist: Ref, client: KitsuClient = default) -> Playlist:
    """Return a playlist with its entries, in `shots`: `GET data/playlists/<playlist_id>`.

    Entries of previews and entities that were deleted are still there: a download of their previews is a
    RouteNotFoundException.

    Raises:
        RouteNotFoundException: it does not exist.

    Example:
        >>> playlist = gazu.playlist.get_playlist(playlist)
        >>> playlist["shots"] == [{"entity_id": shot["id"], "preview_file_id": preview["id"]}]
        True
    """
    return raw.fetch_one("playlists", id_of(playlist), client=client)


@cache
def get_playlist_by_name(project: Ref, name: str, client: KitsuClient = default) -> Optional[Playlist]:
    """Return the playlist of this name in *project*, or None.

    `GET data/playlists?project_id=<project_id>&name=<name>`

    Example:
        >>> gazu.playlist.get_playlist_by_name(project, "Dailies")["for_entity"]
        'shot'
    """
    return raw.fetch_named("playlists", {"project_id": id_of(project), "name": name}, client=client)


@cache
def all_shots_for_playlist(playlist: Ref, client: KitsuClient = default) -> List[PlaylistEntry]:
    """List the entries of a playlist, of any kind.

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
    """Create a playlist, or return the existing one of this name in *project*: `POST data/playlists`.

    Args:
        episode: the episode that it belongs to; playlists of different episodes may share a name.
        for_entity: `shot`, `asset`, `sequence`, `episode` or `edit`.
        for_client: whether clients can see it.
        is_for_all: whether it may contain entities of all episodes.

    Example:
        >>> gazu.playlist.new_playlist(project, "Review of 2027-01-15", episode, for_client=True)["for_client"]
        True
    """
    key = drop_none(project_id=id_of(project), name=require_name(name), episode_id=id_or_none(episode))
    data = {**key, "for_entity": for_entity, "for_client": for_client, "is_for_all": is_for_all}
    return raw.fetch_named("playlists", key, client=client) or raw.create("playlists", data, client=client)


def update_playlist(playlist: Mapping[str, Any], client: KitsuClient = default) -> Playlist:
    """Change a playlist, and return it: `PUT data/playlists/<playlist_id>`.

    Args:
        playlist: its `id` and the fields to change; `shots` are its entries,
            `[{"entity_id": <id>, "preview_file_id": <id>}, ...]`.

    Example:
        >>> gazu.playlist.update_playlist({"id": playlist["id"], "for_client": True})["for_client"]
        True
    """
    # The server shows no list of entries for an empty playlist, and does not accept that.
    data = {name: value for name, value in require_row(playlist).items() if name != "shots" or value is not None}
    return raw.update("playlists", id_of(playlist), data, client=client)


def delete_playlist(playlist: Ref, client: KitsuClient = default) -> str:
    """Delete a playlist: `DELETE data/playlists/<playlist_id>`.

    Example:
        >>> gazu.playlist.delete_playlist(gazu.playlist.new_playlist(project, "Mistake", episode))
        ''
    """
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
        playlist: its record, whose `project_id` is used; an id is fetched first.
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
        preview_file: the preview to show; by default the newest by date. Kitsu itself adds the highest revision.
        persist: False to add it to the dict *playlist* only, to be sent with `update_playlist`.

    Example:
        >>> selection = gazu.playlist.new_playlist(project, "Selection", episode)
        >>> selection = gazu.playlist.add_entity_to_playlist(selection, shot, preview)
        >>> [entry["preview_file_id"] == preview["id"] for entry in selection["shots"]]
        [True]
    """
    path = route("actions/playlists/{playlist_id}/add-entity", id_of(playlist))
    shown = id_or_none(preview_file) or _newest_preview(entity, client)
    entry = drop_none(entity_id=id_of(entity), preview_file_id=shown)
    if persist:
        return raw.post(path, entry, client=client)
    return _set_entries(playlist, lambda entries: [*entries, entry], persist, client)


def add_entities_to_playlist(playlist: Ref, entities: Several, client: KitsuClient = default) -> Playlist:
    """Add shots, assets, ... to a playlist in one request, and return it (managers, and who made the playlist).

    What others add meanwhile stays, and what is in it already is not added again.

    `POST actions/playlists/<playlist_id>/add-entities`

    Args:
        entities: for the preview with the highest revision, of the task type of the playlist if it has one; or
            entries, `{"entity_id": <id>, "preview_file_id": <id>}`. One without a preview is added without.

    Raises:
        RouteNotFoundException: an entity does not exist; Zou 1.0.97 would add it. Nothing was sent.

    A GazuWarning names entities whose preview was not taken, as it is that of another one: they have their newest.
    """
    path = route("actions/playlists/{playlist_id}/add-entities", id_of(playlist))
    entries = [_entry_of(one) for one in require_list(entities)]
    if not entries:
        return raw.fetch_one("playlists", id_of(playlist), client=client)
    require_known("entities", [entry["entity_id"] for entry in entries], client)
    return _warn_of_replaced(entries, raw.post(path, {"entities": entries}, client=client))


def _entry_of(one: Any) -> Dict[str, Any]:
    """Return the entry for an entity, or for an entry."""
    if isinstance(one, Mapping) and not one.get("id") and one.get("entity_id"):
        return drop_none(entity_id=id_of(one["entity_id"]), preview_file_id=id_or_none(one.get("preview_file_id")))
    return {"entity_id": id_of(one)}


def _warn_of_replaced(entries: List[Dict[str, Any]], row: Any) -> Any:
    """Return the playlist that the server returned; warn of the entries with another preview than was asked for."""
    kept = {(entry["entity_id"], entry.get("preview_file_id")) for entry in row.get("shots") or []}
    asked = [(entry["entity_id"], entry["preview_file_id"]) for entry in entries if "preview_file_id" in entry]
    wrong = [entity for entity, preview in asked if (entity, preview) not in kept]
    if wrong:
        warn(f"the playlist shows the newest preview of {', '.join(wrong):.400}: the given one is of another entity")
    return row


def _newest_preview(entity: Ref, client: KitsuClient) -> Optional[str]:
    """Return the id of the newest preview file of an entity, or None."""
    previews: Any = get_entity_preview_files(entity, client=client).values()
    rows = (row for rows in previews for row in rows)
    newest = max(rows, key=lambda row: row.get("created_at") or "", default=None)
    return id_or_none(newest)


def _set_entries(playlist: Any, change: Callable[[List[Any]], List[Any]], persist: bool, client: KitsuClient) -> Any:
    """Change the entries in the dict of a playlist, send it if *persist*, and return it."""
    row: Any = playlist if isinstance(playlist, Mapping) else {}
    known = row if "shots" in row else raw.fetch_one("playlists", id_of(playlist), client=client)
    row.update(known, shots=change(known.get("shots") or []))  # a record from a list has no entries before
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
    """Change the preview that a playlist shows of an entity; the dict *playlist* is changed and returned.

    `PUT data/playlists/<playlist_id>`

    Args:
        playlist: the record with its entries; for an id, or without entries, it is fetched.
        persist: False to change the dict only.
    """
    changed, shown = id_of(entity), {"preview_file_id": id_of(preview_file)}

    def change(rows: List[Any]) -> List[Any]:
        return [{**row, **shown} if row.get("entity_id") == changed else row for row in rows]

    return _set_entries(playlist, change, persist, client)


def remove_entity_from_playlist(
    playlist: Ref, entity: Ref, persist: bool = True, client: KitsuClient = default
) -> Playlist:
    """Remove an entity from a playlist; the dict *playlist* is changed and returned.

    `PUT data/playlists/<playlist_id>`

    Args:
        playlist: the record with its entries; for an id, or without entries, it is fetched.
        persist: False to change the dict only.
    """
    gone = id_of(entity)
    return _set_entries(playlist, lambda rows: [row for row in rows if row.get("entity_id") != gone], persist, client)


# -- sharing and files ---------------------------------------------------------
def notify_clients_playlist_ready(playlist: Ref, client: KitsuClient = default) -> Dict[str, str]:
    """Notify the clients of the project that a playlist is ready.

    `POST data/playlists/<playlist_id>/notify-clients`

    Returns:
        `{"status": "success"}`
    """
    return raw.post(route("data/playlists/{playlist_id}/notify-clients", id_of(playlist)), {}, client=client)


@cache
def all_share_links_for_playlist(playlist: Ref, client: KitsuClient = default) -> List[ShareLink]:
    """List the share links of a playlist, for people without an account.

    `GET data/playlists/<playlist_id>/share`
    """
    return raw.get(route("data/playlists/{playlist_id}/share", id_of(playlist)), client=client)


@hides_secrets
def new_share_link(
    playlist: Ref,
    expiration_date: Optional[Date] = None,
    can_comment: bool = True,
    password: Optional[str] = None,
    client: KitsuClient = default,
) -> ShareLink:
    """Create a share link of a playlist, for people without an account, and return it with its `token`.

    `POST data/playlists/<playlist_id>/share`

    Args:
        expiration_date: the last day, `YYYY-MM-DD`, or the time, `YYYY-MM-DDTHH:MM:SS` in UTC.
        can_comment: whether they may comment.
        password: what they have to enter, by default nothing. Nobody can work with such a link on Zou 1.0.97: with
            the password it opens the playlist and its comments, and neither previews nor guests nor new comments.
    """
    end = date_or_none(expiration_date)
    data = drop_none(can_comment=can_comment, expiration_date=end, password=password)
    return raw.post(route("data/playlists/{playlist_id}/share", id_of(playlist)), data, client=client)


@hides_secrets
def remove_share_link(playlist: Ref, token: str, client: KitsuClient = default) -> str:
    """Revoke a share link: `DELETE data/playlists/<playlist_id>/share/<token>`.

    Args:
        token: the `token` of the link.

    Raises:
        RouteNotFoundException: there is no such link.
    """
    return raw.delete(route("data/playlists/{playlist_id}/share/{token}", id_of(playlist), token), client=client)


@hides_secrets
def invite_to_share_link(
    playlist: Ref,
    token: str,
    emails: Iterable[str] = (),
    persons: Several = (),
    message: Optional[str] = None,
    client: KitsuClient = default,
) -> List[str]:
    """Send a share link by email, and return the addresses (managers).

    `POST data/playlists/<playlist_id>/share/<token>/invite`

    Args:
        token: the `token` of the link.
        emails: addresses of anybody.
        persons: people with an account; the server leaves out one without an address.
        message: a text for the email.

    Raises:
        RouteNotFoundException: there is no such link, or a person does not exist; nothing was sent.
    """
    ids, addresses = require_ids(persons), list(require_list(emails))
    path = route("data/playlists/{playlist_id}/share/{token}/invite", id_of(playlist), token)
    if not ids and not addresses:
        return []
    require_known("persons", ids, client)
    return raw.post(path, {"emails": addresses, "person_ids": ids, "message": message}, client=client)["sent"]


def generate_temp_playlist(
    project: Ref, data: Mapping[str, Any], client: KitsuClient = default
) -> List[PlaylistedEntity]:
    """Return the entries of a playlist of the given tasks or entities, without creating one.

    `POST data/projects/<project_id>/playlists/temp`

    Args:
        data: `{"task_ids": [...], "entity_ids": [...]}`, or one of them.
    """
    return raw.post(route("data/projects/{project_id}/playlists/temp", id_of(project)), data, client=client)


def build_playlist_movie(playlist: Ref, client: KitsuClient = default) -> BuildJob:
    """Build one movie of a playlist on the server, and return the job: its `status` is `running` at first.

    `GET data/playlists/<playlist_id>/build/mp4`
    """
    return raw.get(route("data/playlists/{playlist_id}/build/mp4", id_of(playlist)), client=client)


@cache
def all_build_jobs_for_project(project: Ref, client: KitsuClient = default) -> List[BuildJob]:
    """List the build jobs of the playlists of *project*: `GET data/projects/<project_id>/build-jobs`."""
    return raw.fetch_all(route("projects/{project_id}/build-jobs", id_of(project)), client=client)


def _get_playlist_id(build_job: Ref, client: KitsuClient) -> str:
    """Return the id of the playlist of a job: from its record, or from the server for an id."""
    if isinstance(build_job, Mapping) and build_job.get("playlist_id"):
        return id_of(build_job["playlist_id"])
    row = raw.fetch_first("playlists", {"build_jobs": id_of(build_job)}, client=client)
    if row is None:
        raise RouteNotFoundException(f"build job {id_of(build_job)} does not exist")
    return id_of(row)


@older_calls(optional_first="playlist")
@cache
def get_build_job(build_job: Ref, client: KitsuClient = default, playlist: Optional[Ref] = None) -> BuildJob:
    """Return a build job of a playlist; `get_build_job(playlist, build_job)` is accepted too.

    `GET data/playlists/<playlist_id>/jobs/<build_job_id>`

    Args:
        playlist: the playlist of the job; by default the one in the job's record, which is fetched for an id.

    Raises:
        RouteNotFoundException: the job does not exist.
    """
    playlist_id = id_or_none(playlist) or _get_playlist_id(build_job, client)
    return raw.get(route("data/playlists/{playlist_id}/jobs/{job_id}", playlist_id, id_of(build_job)), client=client)


@older_calls(optional_first="playlist")
def remove_build_job(build_job: Ref, client: KitsuClient = default, playlist: Optional[Ref] = None) -> str:
    """Delete a build job and its movie; `remove_build_job(playlist, build_job)` is accepted too.

    `DELETE data/playlists/<playlist_id>/jobs/<build_job_id>`

    Args:
        playlist: the playlist of the job; by default the one in the job's record, which is fetched for an id.
    """
    playlist_id = id_or_none(playlist) or _get_playlist_id(build_job, client)
    return raw.delete(route("data/playlists/{playlist_id}/jobs/{job_id}", playlist_id, id_of(build_job)), client=client)


def download_playlist_build(
    playlist: Ref,
    build_job: Ref,
    file_path: StrPath,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Download the movie of a build job.

    `GET data/playlists/<playlist_id>/jobs/<build_job_id>/build/mp4`

    Args:
        file_path: the file to write; an existing one is replaced once the new one is complete.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        RouteNotFoundException: there is no such job, or its movie is not ready.
    """
    path = route("data/playlists/{playlist_id}/jobs/{build_job_id}/build/mp4", id_of(playlist), id_of(build_job))
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def export_playlist_with_csv(
    playlist: Ref,
    csv_file_path: StrPath,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Write a playlist to a CSV file, separated by `;`: status, author and text of the last comment of each entry.

    For supervisors. `GET export/csv/playlists/<playlist_id>`

    Args:
        csv_file_path: the file to write; an existing one is replaced once the new one is complete.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        ValueError: an entry has no preview, or there is no entry: Zou 1.0.97 fails for those.
    """
    row = raw.fetch_one("playlists", id_of(playlist), client=client)
    bare = [entry["entity_id"] for entry in row.get("shots") or [] if not entry.get("preview_file_id")]
    if bare or not row.get("shots"):
        raise ValueError(f"playlist: the server exports previews only: none of {', '.join(bare) or 'any entity'}")
    path = route("export/csv/playlists/{playlist_id}", id_of(playlist))
    return raw.download(path, csv_file_path, client=client, progress_callback=progress_callback)


def download_playlist_zip(
    playlist: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the previews of a playlist in a ZIP file: `GET data/playlists/<playlist_id>/download/zip`.

    Args:
        file_path: the file to write; an existing one is replaced once the new one is complete.
        progress_callback: called with (bytes received, total bytes, or 0 if unknown).

    Raises:
        RouteNotFoundException: there is no such playlist.
    """
    path = route("data/playlists/{playlist_id}/download/zip", id_of(playlist))
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)
