"""The add-on's calls to the server. They run in threads, so this module must not use bpy."""

import json
import os
from pathlib import Path
from typing import Any, Callable, List, Optional, Tuple

import gazu

#: A separate client, as another add-on may use the default one with another account.
client = gazu.KitsuClient("https://kitsu.example.com/api")


def restore(session: Path) -> bool:
    """Restore the session stored in a file, if any, without a request to the server."""
    try:
        saved = json.loads(session.read_text(encoding="utf-8"))
        client.host = saved["host"]
    except (OSError, ValueError, KeyError):
        return False
    gazu.set_token(saved["tokens"], client=client)
    return True


def log_in(host: str, session: Path, email: str, password: str, totp: Optional[str] = None) -> None:
    """Log in, and store the session."""
    set_host(host)
    gazu.log_in(email, password, totp, client=client)
    store(session)


def log_in_with_browser(host: str, session: Path) -> None:
    """Log in on Kitsu's page in a browser, and store the session."""
    set_host(host)
    gazu.log_in_with_browser("Publish to Kitsu", client=client)
    store(session)


def set_host(host: str) -> None:
    host = host.rstrip("/")
    gazu.set_host(host if host.endswith("/api") else host + "/api", client=client)


def store(session: Path) -> None:
    """Store the session in a file that only this user can read."""
    tokens = {name: client.tokens[name] for name in ("access_token", "refresh_token")}
    session.parent.mkdir(parents=True, exist_ok=True)
    session.unlink(missing_ok=True)
    with open(os.open(session, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump({"host": client.host, "tokens": tokens}, file)


def log_out(session: Path) -> None:
    """Remove the stored session, and revoke it on the server."""
    session.unlink(missing_ok=True)
    gazu.log_out(client=client)


def tasks() -> List[Tuple[str, str]]:
    """List the user's tasks to do, as (id, name)."""
    names = ("project_name", "sequence_name", "entity_name", "task_type_name")
    rows: List[Any] = gazu.user.all_tasks_to_do(client=client)
    return sorted((row["id"], " / ".join(row[name] for name in names if row.get(name))) for row in rows)


def check_task(task: str) -> None:
    """Ask the server for a task, before time is spent on a render."""
    gazu.task.get_task(task, client=client)


class Publication:
    """A file to publish for review on a task; after a failure, `send` goes on with what exists."""

    def __init__(self, task: str, text: str, file: Path) -> None:
        self.task, self.text, self.file = task, text, str(file)
        self.comment: Any = None
        self.preview: Any = None

    def send(self, progress_callback: Optional[Callable[[int, int], Any]] = None) -> int:
        """Publish the file, and return its revision. If cancelled, remove the comment again."""
        more: Any = {"client": client, "progress_callback": progress_callback}
        try:
            if self.preview:
                gazu.task.upload_preview_file(self.preview, self.file, **more)
            elif self.comment:
                self.preview = gazu.task.add_preview(self.task, self.comment, self.file, **more)
            else:
                status = review_status()
                _, self.preview = gazu.task.publish_preview(
                    self.task, status, self.text, preview_file_path=self.file, **more
                )
        except gazu.exception.GazuException as error:
            self.comment, self.preview = error.comment or self.comment, error.preview_file or self.preview
            if isinstance(error, gazu.exception.CancelledException):
                self.discard()
            raise
        return self.preview["revision"]

    def discard(self) -> None:
        """Remove what exists on the server of it."""
        comment, self.comment, self.preview = self.comment, None, None
        if comment is not None:
            gazu.task.remove_comment(comment, client=client)


def review_status() -> Any:
    """Return the status that asks for a review."""
    statuses: List[Any] = gazu.task.all_task_statuses(client=client)
    return next(status for status in statuses if status["is_feedback_request"])
