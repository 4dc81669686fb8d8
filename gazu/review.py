"""Reviews without an account: the playlist that a share link opens, for guests."""

import re
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional

from . import client as raw
from ._http.route import route
from .annotations import warn_of_unchanged
from .helpers import drop_none, id_of, id_or_none, require_list, require_row, warn
from .models import GuestPlaylist, PreviewFile, Ref, SharedComment, StrPath
from .secret import hide, hides_secrets

if TYPE_CHECKING:
    from requests import Response

    from ._http.multipart import Progress

__all__ = ["SharedPlaylist"]


def __dir__() -> List[str]:
    return sorted(__all__)


#: Paths of the forms of a preview.
_FILES = {
    "original": "shared/playlists/{token}/preview-files/{preview_file_id}/download",
    "movie": "shared/playlists/{token}/movies/originals/preview-files/{preview_file_id}.mp4",
    "tile": "shared/playlists/{token}/movies/tiles/preview-files/{preview_file_id}.png",
    "picture": "shared/playlists/{token}/pictures/originals/preview-files/{preview_file_id}.png",
    "thumbnail": "shared/playlists/{token}/pictures/thumbnails/preview-files/{preview_file_id}.png",
}


class SharedPlaylist:
    """A playlist as a guest sees it, with nothing but the share link that `playlist.new_share_link` made.

        shared = gazu.review.SharedPlaylist("https://kitsu.example.com/playlists/shared/<token>")
        shared.join("Ann", "Lee")
        for entry in shared.get_playlist()["shots"]:
            shared.download_preview_file(entry["preview_file_id"], entry["name"] + ".mp4")

    No request carries a token of an account. Guests may comment, and draw, once they have joined, if the link allows
    it. What a link does not show, or no longer, is a RouteNotFoundException, or a NotAllowedException.

    With a password, a link is of no use on Zou 1.0.97: it opens `get_playlist` and `all_comments`, and all else is a
    RouteNotFoundException. Such servers read it in the URL only, and so may log it.

    Args:
        url_or_token: the URL that guests get, or the `token` of the link.
        host: the URL of the API; by default the one beside the page, or for a token that of `gazu.set_host`.
        password: that of the link.
        ssl_verify, cert: as in `client.KitsuClient`.

    Attributes:
        client: a client of its own, which nobody is logged in with.
        guest_id: who comments: set by `join`. Kept for the next time, it makes you the same guest again.
    """

    @hides_secrets
    def __init__(
        self,
        url_or_token: str,
        host: Optional[str] = None,
        password: Optional[str] = None,
        ssl_verify: raw.Verify = True,
        cert: raw.Certificate = None,
    ) -> None:
        site, is_page, rest = url_or_token.strip().partition("/playlists/shared/")
        token = re.split("[/?#]", rest)[0] if is_page else site
        if not re.fullmatch(r"[\w-]+", token, re.ASCII):
            raise ValueError("url_or_token: expected a URL with /playlists/shared/<token>, or the token of a link")
        self._token, self._password = hide(str(token)), hide(password)
        self.client = raw.create_client(host or (f"{site}/api" if is_page else raw.get_host()), ssl_verify, cert)
        self.guest_id: Optional[str] = None

    # -- what is shown -------------------------------------------------------------
    def get_playlist(self) -> GuestPlaylist:
        """Return the playlist; its `shots` have the previews that are shown: `GET shared/playlists/<token>`."""
        path, query = route("shared/playlists/{token}", self._token), drop_none(password=self._password)
        return raw.get(path, params=query, client=self.client)

    def get_context(self) -> Dict[str, Any]:
        """Return what a page of the playlist needs: `GET shared/playlists/<token>/context`.

        Returns:
            `{"project": {"name": ..., "fps": ...}, "task_types": [...], "task_statuses": [...]}`, with the statuses
            that guests may set where the production says so; without any, those of `is_client_allowed`.
        """
        path, query = route("shared/playlists/{token}/context", self._token), drop_none(password=self._password)
        return raw.get(path, params=query, client=self.client)

    def all_comments(self) -> List[SharedComment]:
        """List the comments of guests, and those for clients: `GET shared/playlists/<token>/comments`."""
        path, query = route("shared/playlists/{token}/comments", self._token), drop_none(password=self._password)
        return raw.get(path, params=query, client=self.client)

    def get_preview_file(self, preview_file: Ref) -> PreviewFile:
        """Return the record of a preview: `GET shared/playlists/<token>/preview-files/<preview_file_id>`."""
        path = route("shared/playlists/{token}/preview-files/{preview_file_id}", self._token, id_of(preview_file))
        return raw.get(path, client=self.client)

    # -- comments ------------------------------------------------------------------
    def join(self, first_name: str = "Guest", last_name: str = "", guest: Optional[Ref] = None) -> Dict[str, Any]:
        """Become a guest, who may comment, and return the guest: `POST shared/playlists/<token>/guest`.

        The same names are the same guest. If *guest* is not one of this link, a new one is made, with a GazuWarning.

        Args:
            guest: the guest of an earlier time, or the `guest_id`.

        Returns:
            The record of a person: `id`, `full_name`, ...
        """
        asked = id_or_none(guest)
        data = {"first_name": first_name, "last_name": last_name, **drop_none(guest_id=asked)}
        row: Dict[str, Any] = raw.post(route("shared/playlists/{token}/guest", self._token), data, client=self.client)
        self.guest_id = id_of(row)
        if asked not in (None, self.guest_id):
            warn(f"{asked} is not a guest of this link: the server made a new one, {row.get('full_name')!r:.200}")
        return row

    def _as_guest(self, **data: Any) -> Dict[str, Any]:
        if self.guest_id is None:
            raise ValueError("guest_id: nobody has joined: call join() first")
        return {"guest_id": self.guest_id, **data}

    def add_comment(
        self, task: Ref, task_status: Ref, comment: str = "", checklist: Iterable[Mapping[str, Any]] = ()
    ) -> SharedComment:
        """Comment on a task of the playlist, and return the comment: `POST shared/playlists/<token>/comments`.

        Args:
            task: the `preview_file_task_id` of an entry.
            task_status: one that clients may set.
            checklist: `[{"text": ..., "checked": False}, ...]`

        Raises:
            ValueError: nobody has joined; nothing was sent.
            NotAllowedException: the link allows no comments, or the task is not in the playlist.
            ParameterException: clients may not set this status.
        """
        what = {"task_id": id_of(task), "task_status_id": id_of(task_status), "text": comment}
        data = self._as_guest(**what, checklist=list(checklist))
        path = route("shared/playlists/{token}/comments", self._token)
        return raw.post(path, data, client=self.client)

    def update_comment(self, comment: Mapping[str, Any]) -> SharedComment:
        """Change a comment of the guest, and return it: `PUT shared/playlists/<token>/comments/<comment_id>`.

        Args:
            comment: its `id`, and what to change of `text`, `checklist` and `task_status_id`; nothing else can be.
        """
        changed = {name: require_row(comment).get(name) for name in ("text", "checklist", "task_status_id")}
        path = route("shared/playlists/{token}/comments/{comment_id}", self._token, id_of(comment))
        return raw.put(path, self._as_guest(**drop_none(**changed)), client=self.client)

    def remove_comment(self, comment: Ref) -> str:
        """Delete a comment of the guest: `DELETE shared/playlists/<token>/comments/<comment_id>`."""
        path = route("shared/playlists/{token}/comments/{comment_id}", self._token, id_of(comment))
        return raw.delete(path, client=self.client, data=self._as_guest())

    def add_attachments(self, comment: Ref, attachments: Iterable[StrPath]) -> SharedComment:
        """Attach files to a comment of the guest, and return the comment.

        `POST shared/playlists/<token>/comments/<comment_id>/attachments`

        Args:
            attachments: the paths of the files.

        Raises:
            ValueError: there is no file to attach; nothing was sent.
        """
        files: List[Any] = require_list(attachments)  # type: ignore[arg-type]
        path = route("shared/playlists/{token}/comments/{comment_id}/attachments", self._token, id_of(comment))
        if not files:
            raise ValueError("attachments: expected the paths of files, got none")
        return raw.upload(path, files[0], self._as_guest(), files[1:], client=self.client)

    def remove_attachment(self, comment: Ref, attachment: Ref) -> str:
        """Delete a file of a comment of the guest.

        `DELETE shared/playlists/<token>/comments/<comment_id>/attachments/<attachment_file_id>`
        """
        template = "shared/playlists/{token}/comments/{comment_id}/attachments/{attachment_file_id}"
        path = route(template, self._token, id_of(comment), id_of(attachment))
        return raw.delete(path, client=self.client, data=self._as_guest())

    def update_annotations(
        self,
        preview_file: Ref,
        additions: Iterable[Mapping[str, Any]] = (),
        updates: Iterable[Mapping[str, Any]] = (),
        deletions: Iterable[Mapping[str, Any]] = (),
    ) -> PreviewFile:
        """Change the annotations of a preview as a guest: `PUT shared/playlists/<token>/annotations`.

        Arguments and result are those of `files.update_preview_annotations`, as is the GazuWarning.
        """
        lists = {"additions": list(additions), "updates": list(updates), "deletions": list(deletions)}
        data = self._as_guest(preview_file_id=id_of(preview_file), **lists)
        row: PreviewFile = raw.put(route("shared/playlists/{token}/annotations", self._token), data, client=self.client)
        warn_of_unchanged(lists, row)
        return row

    # -- files -----------------------------------------------------------------------
    def download_preview_file(
        self,
        preview_file: Ref,
        file_path: StrPath,
        kind: str = "original",
        progress_callback: Optional["Progress"] = None,
    ) -> "Response":
        """Download a preview of the playlist, in one of five forms.

        `GET shared/playlists/<token>/preview-files/<preview_file_id>/download`,
        `GET shared/playlists/<token>/movies/originals/preview-files/<preview_file_id>.mp4`,
        `GET shared/playlists/<token>/movies/tiles/preview-files/<preview_file_id>.png`,
        `GET shared/playlists/<token>/pictures/originals/preview-files/<preview_file_id>.png`,
        `GET shared/playlists/<token>/pictures/thumbnails/preview-files/<preview_file_id>.png`

        Args:
            file_path: the file to write; an existing one is replaced once the new one is complete.
            kind: `original`, whatever it is; `movie`; `tile`, the frames of a movie side by side; `picture`, in full
                size; or `thumbnail`.
            progress_callback: called with (bytes received, total bytes, or 0 if unknown).

        Raises:
            ValueError: there is no such form; nothing was sent.
            NotAllowedException: the playlist does not show this preview.
        """
        if kind not in _FILES:
            raise ValueError(f"kind: expected one of {', '.join(_FILES)}, got {kind!r:.200}")
        path = route(_FILES[kind], self._token, id_of(preview_file))
        return raw.download(path, file_path, client=self.client, progress_callback=progress_callback)

    def download_attachment(self, attachment: Ref, file_path: StrPath) -> "Response":
        """Download a file of a comment that guests see.

        `GET shared/playlists/<token>/attachment-files/<attachment_file_id>/file/<file_name>`

        Args:
            file_path: the file to write; an existing one is replaced once the new one is complete.
        """
        template = "shared/playlists/{token}/attachment-files/{attachment_file_id}/file/{file_name}"
        return raw.download(route(template, self._token, id_of(attachment), "file"), file_path, client=self.client)

    def download_avatar(self, person: Ref, file_path: StrPath) -> "Response":
        """Download the avatar of the author of a comment, as PNG.

        `GET shared/playlists/<token>/pictures/thumbnails/persons/<person_id>.png`

        Args:
            file_path: the file to write; an existing one is replaced once the new one is complete.
        """
        path = route("shared/playlists/{token}/pictures/thumbnails/persons/{person_id}.png", self._token, id_of(person))
        return raw.download(path, file_path, client=self.client)
