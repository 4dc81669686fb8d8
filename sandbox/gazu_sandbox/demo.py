"""The demonstration: a small production, from the log-in to the review.

It uses nothing but the public functions of `gazu`: read it as a tutorial.
"""

import queue
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List, Optional, TextIO

import gazu

from .errors import SandboxError


def run(box: Any, out: Optional[TextIO] = None) -> Dict[str, Any]:
    """Make a production on the server of *box*, and return its project.

    Args:
        box: a running sandbox, or anything with `host`, `event_host`, `email`, `password` and `ffmpeg`.
        out: where to report each step; by default the standard output.
    """
    show = Steps(out or sys.stdout)
    gazu.set_host(box.host)
    gazu.set_event_host(box.event_host)
    user = gazu.log_in(box.email, box.password)["user"]
    show.done(f"logged in as {user['full_name']}", "gazu.set_host(url); gazu.log_in(email, password)")

    received: "queue.Queue[str]" = queue.Queue()
    events = gazu.events.init()
    for name in ("task:assign", "comment:new"):
        gazu.events.add_listener(events, name, lambda data, name=name: received.put(name))  # type: ignore[misc]
    try:
        project = make_production(show)
        cast_assets(project, show)
        with tempfile.TemporaryDirectory() as folder:
            review(project, user, box.ffmpeg, Path(folder), show)
        wait_for_events(received, show)
    finally:
        events.disconnect()
    gazu.log_out()
    return dict(project)


class Steps:
    """Reports each step: how long it took, what was done, and by which function."""

    def __init__(self, out: TextIO) -> None:
        """Start the clock."""
        self.out: TextIO = out
        self.last: float = time.monotonic()

    def done(self, text: str, call: str) -> None:
        """Print what was done since the last step, the seconds it took, and the call that did it."""
        now = time.monotonic()
        print(f"{now - self.last:6.2f} s  {text}\n{'':10}{call}", file=self.out, flush=True)
        self.last = now

    def bar(self, so_far: int, total: int) -> None:
        """Show how far a transfer is: a `progress_callback`."""
        if self.out.isatty():
            full = 30 * so_far // max(total, 1)
            line = f"{'':10}[{'#' * full}{'.' * (30 - full)}] {so_far:,} of {total:,} bytes"
            self.out.write("\r\x1b[K" + (line if so_far < total else ""))
            self.out.flush()


def make_production(show: Steps) -> Any:
    """Make a TV show with episodes, sequences, shots, assets and tasks."""
    name = time.strftime("Demo %Y-%m-%d %H:%M:%S")
    project = gazu.project.new_project(name, production_type="tvshow")
    gazu.project.add_person_to_team(project, gazu.client.get_current_user())
    show.done(f"created the TV show {name!r}", 'gazu.project.new_project(name, production_type="tvshow")')

    shots = []
    for episode_name in ("E01", "E02"):
        episode = gazu.shot.new_episode(project, episode_name)
        for sequence_name in ("SQ01", "SQ02"):
            sequence = gazu.shot.new_sequence(project, sequence_name, episode=episode)
            for shot_name in ("SH010", "SH020", "SH030"):
                shots.append(gazu.shot.new_shot(project, sequence, shot_name, frame_in=1001, frame_out=1048))
    show.done(f"created 2 episodes, 4 sequences, {len(shots)} shots", "gazu.shot.new_shot(project, sequence, name)")

    types = [gazu.asset.new_asset_type(name) for name in ("Characters", "Props")]
    names = (("Otto", 0), ("Lena", 0), ("Teapot", 1), ("Bicycle", 1), ("Umbrella", 1))
    assets = [gazu.asset.new_asset(project, types[kind], name) for name, kind in names]
    show.done(f"created {len(assets)} assets", "gazu.asset.new_asset(project, asset_type, name)")

    modeling = gazu.task.new_task_type("Modeling", for_entity="Asset")
    animation = gazu.task.new_task_type("Animation", for_entity="Shot")
    tasks: List[Any] = [gazu.task.new_task(asset, modeling) for asset in assets]
    tasks += [gazu.task.new_task(shot, animation) for shot in shots]
    show.done(f"created {len(tasks)} tasks", "gazu.task.new_task(shot, task_type)")
    return project


def cast_assets(project: Any, show: Steps) -> None:
    """Cast assets in shots."""
    assets = gazu.asset.all_assets_for_project(project)
    shots = gazu.shot.all_shots_for_project(project)
    for shot in shots[:4]:
        casting = [{"asset_id": asset["id"], "nb_occurences": 1} for asset in assets[:3]]
        gazu.casting.update_shot_casting(project, shot, casting)
    check(len(gazu.casting.get_shot_casting(shots[0])) == 3, "a shot has three assets in its casting")
    show.done("cast 3 assets in 4 shots", "gazu.casting.update_shot_casting(project, shot, casting)")


def review(project: Any, user: Any, ffmpeg: str, folder: Path, show: Steps) -> None:
    """Assign a task, comment on it, publish a picture and a movie, download them and make a playlist."""
    shot = gazu.shot.all_shots_for_project(project)[0]
    task: Any = gazu.task.all_tasks_for_shot(shot)[0]
    gazu.task.assign_task(task, user)
    show.done(f"assigned {user['full_name']} to a task", "gazu.task.assign_task(task, person)")
    comment(task, folder, show)

    picture, movie = folder / "frame.png", folder / "take.mp4"
    draw(ffmpeg, "-frames:v", "1", picture)
    draw(ffmpeg, "-t", "2", "-pix_fmt", "yuv420p", movie)
    previews = [publish(task, path, show) for path in (picture, movie)]
    gazu.task.set_main_preview(previews[-1])
    for preview, source in zip(previews, (picture, movie)):
        download(preview, source, ffmpeg, show)

    episode = gazu.shot.get_episode_from_sequence(gazu.shot.get_sequence_from_shot(shot))
    playlist: Any = gazu.playlist.new_playlist(project, "Dailies", episode=episode)
    gazu.playlist.add_entity_to_playlist(playlist, shot, previews[-1])
    check(len(gazu.playlist.all_shots_for_playlist(playlist)) == 1, "the playlist has the shot")
    show.done("made a playlist of the shot", "gazu.playlist.add_entity_to_playlist(playlist, shot, preview)")


def comment(task: Any, folder: Path, show: Steps) -> None:
    """Comment with a checklist and an attachment, and download the attachment."""
    notes, back = folder / "notes for the take.txt", folder / "back.txt"
    notes.write_text("The teapot arrives two frames earlier.\n", encoding="utf-8")
    checklist = [{"text": "the teapot", "checked": True}, {"text": "the hand", "checked": False}]
    wip: Any = gazu.task.get_task_status_by_short_name("wip")
    made = gazu.task.add_comment(task, wip, "Started.", checklist=checklist, attachments=[str(notes)])
    show.done("commented with checklist and attachment", "gazu.task.add_comment(task, status, text, attachments=…)")
    gazu.files.download_attachment_file(made["attachment_files"][0], str(back))
    check(back.read_bytes() == notes.read_bytes(), "the attachment comes back as it was")
    show.done("downloaded the attachment: the same bytes", "gazu.files.download_attachment_file(attachment, path)")


def publish(task: Any, path: Path, show: Steps) -> Any:
    """Publish a file as the next revision and wait until the server has processed it."""
    status: Any = gazu.task.get_task_status_by_short_name("wfa")
    text = f"Please review {path.name}."
    _, made = gazu.task.publish_preview(task, status, text, preview_file_path=str(path), progress_callback=show.bar)
    preview = gazu.files.wait_for_preview_file(made, timeout=120, poll_interval=0.2)
    check(preview["status"] == "ready", f"the server could process {path.name}")
    call = "gazu.task.publish_preview(task, status, text, preview_file_path=path)"
    show.done(f"published {path.name} ({path.stat().st_size:,} bytes) as revision {preview['revision']}", call)
    return preview


def download(preview: Any, source: Path, ffmpeg: str, show: Steps) -> None:
    """Download a preview. The server re-encodes pictures and movies: kind and size must be equal, bytes need not."""
    back = source.with_name(f"back.{preview['extension']}")
    gazu.files.download_preview_file(preview, str(back), progress_callback=show.bar)
    check(back.read_bytes()[:12] == source.read_bytes()[:12], f"{source.name} comes back as the same kind of file")
    size = f"{preview['width']}x{preview['height']}"
    check(size_of(ffmpeg, back) == size, f"{source.name} comes back in the size that the server reports, {size}")
    text = f"downloaded {source.name} again: {back.stat().st_size:,} bytes, {size} pixels"
    show.done(text, "gazu.files.download_preview_file(preview, path)")


def draw(ffmpeg: str, *arguments: Any) -> None:
    """Make a picture or a movie of a test pattern."""
    command = [ffmpeg, "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=24", *map(str, arguments)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def size_of(ffmpeg: str, path: Path) -> str:
    """Return the size of a picture or a movie as FFmpeg reads it: `640x360`."""
    run = subprocess.run([ffmpeg, "-i", str(path)], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    found = re.search(r"\b[1-9]\d+x\d+\b", run.stderr.decode("utf-8", "replace"))
    return found.group() if found else "no size"


def wait_for_events(received: "queue.Queue[str]", show: Steps) -> None:
    """Wait for the two events that must have come."""
    missing = {"task:assign", "comment:new"}
    while missing:
        try:
            missing.discard(received.get(timeout=10))
        except queue.Empty:
            raise SandboxError(f"the event stream did not send {', '.join(sorted(missing))}") from None
    show.done("received the events of assignment and comments", "gazu.events.add_listener(client, name, callback)")


def check(right: bool, what: str) -> None:
    """Stop the demonstration if something is not as it must be."""
    if not right:
        raise SandboxError(f"the demonstration failed: it is not so that {what}")


def next_steps(command: str) -> str:
    """Return what to do after the demonstration, as commands to paste."""
    return f"""
The server is stopped and its data removed. To try gazu yourself, start one that stays until Ctrl-C:

    {command} up

It prints how to log in from Python. Then follow docs/tutorial/a-day-in-a-production.md."""
