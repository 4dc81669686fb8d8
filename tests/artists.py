"""What an artist has on the server, for the tests of programs that publish."""

from typing import Any

import gazu


def comments(artist: Any) -> Any:
    """Return the comments of the artist's task."""
    return gazu.task.all_comments_for_task(artist.task, client=artist.client)


def published(artist: Any, text: str) -> Any:
    """Return the preview file of a comment, once the server has worked on it."""
    (comment,) = [one for one in comments(artist) if one["text"] == text]
    (preview,) = comment["previews"]
    return gazu.files.wait_for_preview_file(preview, 120, 0.2, client=artist.client)
