"""Preview files, attachments and pictures: what is uploaded to the server, and how to get it back."""

import time
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional

from . import client as raw
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .exception import PreviewFileProcessingException
from .helpers import given, id_of
from .models import AttachmentFile, PreviewFile, Ref

if TYPE_CHECKING:
    from requests import Response

    from ._http.multipart import Progress


# -- preview files -------------------------------------------------------------
@cache
def get_all_preview_files_for_task(task: Ref, client: KitsuClient = default) -> List[PreviewFile]:
    """List the preview files of *task*: `GET data/preview-files?task_id=<task_id>`."""
    return raw.fetch_all("preview-files", params={"task_id": id_of(task)}, client=client)


@cache
def get_preview_file(preview_file_id: Ref, client: KitsuClient = default) -> PreviewFile:
    """Return a preview file; its `status` tells how far its processing is: `GET data/preview-files/<preview_file_id>`.

    Raises:
        RouteNotFoundException: there is none.
    """
    return raw.fetch_one("preview-files", id_of(preview_file_id), client=client)


@cache
def get_running_preview_files(client: KitsuClient = default) -> List[PreviewFile]:
    """List the preview files that the server is processing: `GET data/playlists/preview-files/running`."""
    return raw.get("data/playlists/preview-files/running", client=client)


def wait_for_preview_file(
    preview_file: Ref, timeout: float = 60, poll_interval: float = 5, client: KitsuClient = default
) -> PreviewFile:
    """Wait until the server has processed a preview file, and return it: `ready`, `broken` or `missing`.

    `GET data/preview-files/<preview_file_id>`

    Args:
        timeout: seconds to wait at most.
        poll_interval: seconds between two questions.

    Raises:
        PreviewFileProcessingException: it is still being processed after *timeout*.
    """
    deadline = time.monotonic() + timeout
    while True:
        row: PreviewFile = raw.fetch_one("preview-files", id_of(preview_file), client=client)
        if row.get("status") != "processing":
            return row
        left = deadline - time.monotonic()
        if left <= 0:
            raise PreviewFileProcessingException(id_of(preview_file))
        time.sleep(min(poll_interval, left))


def get_preview_file_url(preview_file: Ref, client: KitsuClient = default) -> str:
    """Return the path, below the API, of the original of a preview: a movie or a picture.

    `GET data/preview-files/<preview_file_id>`
    """
    row = raw.fetch_one("preview-files", id_of(preview_file), client=client)
    kind = "movies" if row["extension"] == "mp4" else "pictures"
    return route("{kind}/originals/preview-files/{file}", kind, f"{row['id']}.{row['extension']}")


def get_preview_movie_url(preview_file: Ref, lowdef: bool = False, client: KitsuClient = default) -> str:
    """Return the path, below the API, of the movie of a preview: `GET data/preview-files/<preview_file_id>`.

    Args:
        lowdef: the small version.
    """
    row = raw.fetch_one("preview-files", id_of(preview_file), client=client)
    if lowdef:
        return route("movies/low/preview-files/{file}", f"{row['id']}.mp4")
    return route("movies/originals/preview-files/{file}", f"{row['id']}.{row['extension']}")


def get_preview_lowdef_movie_url(preview_file: Ref, client: KitsuClient = default) -> str:
    """Return the path, below the API, of the small version of the movie of a preview.

    `GET data/preview-files/<preview_file_id>`
    """
    return get_preview_movie_url(preview_file, lowdef=True, client=client)


def download_preview_file(
    preview_file: Ref, file_path: str, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the original of a preview: a movie or a picture.

    `GET movies/originals/preview-files/<preview_file_id>.mp4`,
    `GET pictures/originals/preview-files/<preview_file_id>.<extension>`

    Args:
        file_path: where to write; a file there is replaced once the new one is whole.
        progress_callback: called with (bytes so far, bytes in all, or 0 if the server does not say).
    """
    path = get_preview_file_url(preview_file, client=client)
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def download_preview_movie(
    preview_file: Ref, file_path: str, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the movie of a preview: `GET movies/originals/preview-files/<preview_file_id>.mp4`.

    Args:
        file_path: where to write; a file there is replaced once the new one is whole.
        progress_callback: called with (bytes so far, bytes in all, or 0 if the server does not say).
    """
    path = get_preview_movie_url(preview_file, client=client)
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def download_preview_lowdef_movie(
    preview_file: Ref, file_path: str, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the small version of the movie of a preview: `GET movies/low/preview-files/<preview_file_id>.mp4`.

    Args:
        file_path: where to write; a file there is replaced once the new one is whole.
        progress_callback: called with (bytes so far, bytes in all, or 0 if the server does not say).
    """
    path = get_preview_lowdef_movie_url(preview_file, client=client)
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def download_preview_file_cover(
    preview_file: Ref, file_path: str, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the picture that stands for a preview, in full size, as PNG.

    `GET pictures/originals/preview-files/<preview_file_id>.png`

    Args:
        file_path: where to write; a file there is replaced once the new one is whole.
        progress_callback: called with (bytes so far, bytes in all, or 0 if the server does not say).
    """
    path = route("pictures/originals/preview-files/{file}", f"{id_of(preview_file)}.png")
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def download_preview_file_thumbnail(
    preview_file: Ref, file_path: str, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the small picture that stands for a preview, as PNG.

    `GET pictures/thumbnails/preview-files/<preview_file_id>.png`

    Args:
        file_path: where to write; a file there is replaced once the new one is whole.
        progress_callback: called with (bytes so far, bytes in all, or 0 if the server does not say).
    """
    path = route("pictures/thumbnails/preview-files/{file}", f"{id_of(preview_file)}.png")
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def extract_frame_from_preview(
    preview_file: Ref,
    frame_number: int,
    file_path: Optional[str] = None,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Get one frame of the movie of a preview as a PNG picture.

    `GET actions/preview-files/<preview_file_id>/extract-frame?frame_number=<frame_number>`

    Args:
        frame_number: 0 is the first.
        file_path: where to write; without it the picture is in the `content` of what is returned.
        progress_callback: called with (bytes so far, bytes in all, or 0 if the server does not say).
    """
    path = route("actions/preview-files/{preview_file_id}/extract-frame", id_of(preview_file))
    params = {"frame_number": frame_number}
    return raw.download(path, file_path, params=params, client=client, progress_callback=progress_callback)


def extract_tile_from_preview(
    preview_file: Ref,
    file_path: Optional[str] = None,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Get frames of the movie of a preview side by side in one PNG picture.

    `GET actions/preview-files/<preview_file_id>/extract-tile`

    Args:
        file_path: where to write; without it the picture is in the `content` of what is returned.
        progress_callback: called with (bytes so far, bytes in all, or 0 if the server does not say).
    """
    path = route("actions/preview-files/{preview_file_id}/extract-tile", id_of(preview_file))
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def update_preview(preview_file: Ref, data: Mapping[str, Any], client: KitsuClient = default) -> PreviewFile:
    """Change fields of a preview file, and return it: `PUT data/preview-files/<preview_file_id>`."""
    return raw.update("preview-files", id_of(preview_file), data, client=client)


def update_preview_annotations(
    preview_file: Ref,
    additions: Optional[Iterable[Mapping[str, Any]]] = None,
    updates: Optional[Iterable[Mapping[str, Any]]] = None,
    deletions: Optional[Iterable[Mapping[str, Any]]] = None,
    client: KitsuClient = default,
) -> PreviewFile:
    """Change what is drawn on a preview, and return the preview file.

    `PUT actions/preview-files/<preview_file_id>/update-annotations`

    Args:
        additions: `[{"time": 1.5, "drawing": {"objects": [...]}}, ...]`, with times in seconds.
        updates: the same for drawings that are there.
        deletions: `[{"time": 1.5, "objects": [<id of the object>, ...]}, ...]`
    """
    path = route("actions/preview-files/{preview_file_id}/update-annotations", id_of(preview_file))
    return raw.put(path, given(additions=additions, updates=updates, deletions=deletions), client=client)


def update_preview_position(preview_file: Ref, position: int, client: KitsuClient = default) -> List[PreviewFile]:
    """Move a preview among those of the same revision, and return them in their order.

    `PUT actions/preview-files/<preview_file_id>/update-position`

    Args:
        position: 1 is the first.
    """
    path = route("actions/preview-files/{preview_file_id}/update-position", id_of(preview_file))
    return raw.put(path, {"position": position}, client=client)


def remove_preview_file(preview_file: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete a preview file: `DELETE data/preview-files/<preview_file_id>`.

    Args:
        force: delete it even if playlists or comments show it.
    """
    path = route("data/preview-files/{preview_file_id}", id_of(preview_file))
    return raw.delete(path, {"force": True} if force else {}, client=client)


# -- attachments ---------------------------------------------------------------
def get_attachment_file(attachment_file_id: Ref, client: KitsuClient = default) -> AttachmentFile:
    """Return what is known of a file that is attached to a comment: `GET data/attachment-files/<attachment_file_id>`.

    Raises:
        RouteNotFoundException: there is none.
    """
    return raw.fetch_one("attachment-files", id_of(attachment_file_id), client=client)


@cache
def get_all_attachment_files_for_task(task: Ref, client: KitsuClient = default) -> List[AttachmentFile]:
    """List the files attached to the comments of *task*: `GET data/tasks/<task_id>/attachment-files`."""
    return raw.fetch_all(route("tasks/{task_id}/attachment-files", id_of(task)), client=client)


def get_all_attachment_files_for_project(project: Ref, client: KitsuClient = default) -> List[AttachmentFile]:
    """List the files attached to the comments of *project*: `GET data/projects/<project_id>/attachment-files`."""
    return raw.fetch_all(route("projects/{project_id}/attachment-files", id_of(project)), client=client)


def download_attachment_file(
    attachment_file: Ref, file_path: str, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download a file that is attached to a comment: `GET data/attachment-files/<attachment_file_id>/file/<name>`.

    Args:
        file_path: where to write; a file there is replaced once the new one is whole.
        progress_callback: called with (bytes so far, bytes in all, or 0 if the server does not say).
    """
    row = raw.fetch_one("attachment-files", id_of(attachment_file), client=client)
    name = row["name"].replace("/", "_")  # the server goes by the id, and has no route for a name with a slash
    path = route("data/attachment-files/{attachment_file_id}/file/{name}", row["id"], name)
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def get_attachment_thumbnail_url(attachment_file: Ref, client: KitsuClient = default) -> str:
    """Return the path, below the API, of the small picture of an attached file."""
    return route("pictures/thumbnails/attachment-files/{file}", f"{id_of(attachment_file)}.png")


def download_attachment_thumbnail(
    attachment_file: Ref, file_path: str, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the small picture of an attached file, as PNG.

    `GET pictures/thumbnails/attachment-files/<attachment_file_id>.png`

    Args:
        file_path: where to write; a file there is replaced once the new one is whole.
        progress_callback: called with (bytes so far, bytes in all, or 0 if the server does not say).
    """
    path = get_attachment_thumbnail_url(attachment_file, client=client)
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


# -- avatars -------------------------------------------------------------------
def upload_organisation_avatar(
    organisation: Ref, file_path: str, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> Dict[str, Any]:
    """Upload the picture of the organisation: `POST pictures/thumbnails/organisations/<organisation_id>`.

    Args:
        progress_callback: called with (bytes sent so far, bytes of the file).
    """
    path = route("pictures/thumbnails/organisations/{organisation_id}", id_of(organisation))
    return raw.upload(path, file_path, client=client, progress_callback=progress_callback)


def download_organisation_avatar(
    organisation: Ref, file_path: str, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the picture of the organisation, as PNG: `GET pictures/thumbnails/organisations/<organisation_id>.png`.

    Args:
        file_path: where to write; a file there is replaced once the new one is whole.
        progress_callback: called with (bytes so far, bytes in all, or 0 if the server does not say).
    """
    path = route("pictures/thumbnails/organisations/{file}", f"{id_of(organisation)}.png")
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def upload_person_avatar(
    person: Ref, file_path: str, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> Dict[str, Any]:
    """Upload the picture of a person: `POST pictures/thumbnails/persons/<person_id>`.

    Args:
        progress_callback: called with (bytes sent so far, bytes of the file).
    """
    path = route("pictures/thumbnails/persons/{person_id}", id_of(person))
    return raw.upload(path, file_path, client=client, progress_callback=progress_callback)


def download_person_avatar(
    person: Ref, file_path: str, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the picture of a person, as PNG: `GET pictures/thumbnails/persons/<person_id>.png`.

    Args:
        file_path: where to write; a file there is replaced once the new one is whole.
        progress_callback: called with (bytes so far, bytes in all, or 0 if the server does not say).
    """
    path = route("pictures/thumbnails/persons/{file}", f"{id_of(person)}.png")
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)


def upload_project_avatar(
    project: Ref, file_path: str, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> Dict[str, Any]:
    """Upload the picture of a project: `POST pictures/thumbnails/projects/<project_id>`.

    Args:
        progress_callback: called with (bytes sent so far, bytes of the file).
    """
    path = route("pictures/thumbnails/projects/{project_id}", id_of(project))
    return raw.upload(path, file_path, client=client, progress_callback=progress_callback)


def download_project_avatar(
    project: Ref, file_path: str, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> "Response":
    """Download the picture of a project, as PNG: `GET pictures/thumbnails/projects/<project_id>.png`.

    Args:
        file_path: where to write; a file there is replaced once the new one is whole.
        progress_callback: called with (bytes so far, bytes in all, or 0 if the server does not say).
    """
    path = route("pictures/thumbnails/projects/{file}", f"{id_of(project)}.png")
    return raw.download(path, file_path, client=client, progress_callback=progress_callback)
