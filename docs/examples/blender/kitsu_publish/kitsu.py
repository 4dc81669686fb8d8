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


def log_in(host: str, email: str, password: str, session: Path) -> None:
    """Log in, and store the session in a file that only this user can read."""
    host = host.rstrip("/")
    gazu.set_host(host if host.endswith("/api") else host + "/api", client=client)
    gazu.log_in(email, password, client=client)
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


def publish(task: str, text: str, file: str, progress_callback: Optional[Callable[[int, int], Any]] = None) -> int:
    """Publish *file* for review on a task, and return its revision. If cancelled, remove the comment again."""
    statuses: List[Any] = gazu.task.all_task_statuses(client=client)
    review = next(status for status in statuses if status["is_feedback_request"])
    try:
        _, preview = gazu.task.publish_preview(
            task, review, text, preview_file_path=file, client=client, progress_callback=progress_callback
        )
    except gazu.exception.CancelledException as error:
        if error.comment is not None:
            gazu.task.remove_comment(error.comment, client=client)
        raise
    return preview["revision"]
