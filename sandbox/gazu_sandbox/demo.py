"""The demonstration: a small production, from the log-in to the review.

It uses nothing but the public functions of `gazu`: read it as a tutorial.
"""

import queue
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
        out: where to tell what happens; by default the standard output.
    """
    show = Teller(out or sys.stdout)

    gazu.set_host(box.host)
    gazu.set_event_host(box.event_host)
    user = gazu.log_in(box.email, box.password)["user"]
    show.done(f"logged in to {box.host} as {user['full_name']}")

    heard: "queue.Queue[str]" = queue.Queue()
    events = gazu.events.init()
    gazu.events.add_listener(events, "task:assign", lambda data: heard.put("task:assign"))
    gazu.events.add_listener(events, "comment:new", lambda data: heard.put("comment:new"))
    try:
        project = make_production(show)
        cast_assets(project, show)
        with tempfile.TemporaryDirectory() as folder:
            publish(project, user, box.ffmpeg, Path(folder), show)
        listen(heard, show)
    finally:
        events.disconnect()

    show.say(f"\nEverything is on {gazu.project.get_project_url(project, 'shots')} (Kitsu itself is not part of Zou),")
    show.say(f"and at {box.host}/data/projects/{project['id']} for those who have logged in.")
    show.say(f"{show.seconds():.1f} s in all.")
    gazu.log_out()
    return dict(project)


class Teller:
    """Tells what was done and how long it took."""

    def __init__(self, out: TextIO) -> None:
        """Start the clocks."""
        self.out: TextIO = out
        self.started: float = time.monotonic()
        self.last: float = self.started

    def seconds(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self.started

    def say(self, text: str) -> None:
        """Print a line."""
        print(text, file=self.out, flush=True)

    def done(self, text: str) -> None:
        """Print what was done since the last time, with the seconds it took."""
        now = time.monotonic()
        self.say(f"{now - self.last:6.2f} s  {text}")
        self.last = now

    def bar(self, so_far: int, total: int) -> None:
        """Show how far a transfer is: a `progress_callback`."""
        if self.out.isatty():
            full = 30 * so_far // max(total, 1)
            end = "\n" if so_far >= total else ""
            self.out.write(f"\r          [{'#' * full}{'.' * (30 - full)}] {so_far:,} of {total:,} bytes{end}")
            self.out.flush()


def make_production(show: Teller) -> Any:
    """Make a TV show with episodes, sequences, shots, assets and tasks."""
    name = time.strftime("Demo %Y-%m-%d %H:%M:%S")
    project = gazu.project.new_project(name, production_type="tvshow")
    gazu.project.add_person_to_team(project, gazu.client.get_current_user())
    show.done(f"created the TV show {name!r}")

    shots = []
    for episode_name in ("E01", "E02"):
        episode = gazu.shot.new_episode(project, episode_name)
        for sequence_name in ("SQ01", "SQ02"):
            sequence = gazu.shot.new_sequence(project, sequence_name, episode=episode)
            for number in (10, 20, 30):
                shots.append(
                    gazu.shot.new_shot(project, sequence, f"SH{number:03}", nb_frames=48, frame_in=1001, frame_out=1048)
                )
    show.done(f"2 episodes, 4 sequences, {len(shots)} shots")

    character = gazu.asset.new_asset_type("Characters")
    prop = gazu.asset.new_asset_type("Props")
    assets = [gazu.asset.new_asset(project, character, name, "Who it is about") for name in ("Otto", "Lena")]
    assets += [gazu.asset.new_asset(project, prop, name) for name in ("Teapot", "Bicycle", "Umbrella")]
    show.done(f"{len(assets)} assets")

    modeling = gazu.task.new_task_type("Modeling", for_entity="Asset")
    animation = gazu.task.new_task_type("Animation", for_entity="Shot")
    tasks: List[Any] = [gazu.task.new_task(asset, modeling) for asset in assets]
    tasks += [gazu.task.new_task(shot, animation) for shot in shots]
    show.done(f"{len(tasks)} tasks")
    return project


def cast_assets(project: Any, show: Teller) -> None:
    """Say which assets appear in which shots."""
    assets = gazu.asset.all_assets_for_project(project)
    shots = gazu.shot.all_shots_for_project(project)
    for shot in shots[:4]:
        casting = [{"asset_id": asset["id"], "nb_occurences": 1} for asset in assets[:3]]
        gazu.casting.update_shot_casting(project, shot, casting)
    check(len(gazu.casting.get_shot_casting(shots[0])) == 3, "a shot has three assets in its casting")
    show.done("cast 3 assets in 4 shots")


def publish(project: Any, user: Any, ffmpeg: str, folder: Path, show: Teller) -> None:
    """Assign a shot, comment on it, publish a picture and a movie, get them back and make a playlist of them."""
    shot = gazu.shot.all_shots_for_project(project)[0]
    task: Any = gazu.task.all_tasks_for_shot(shot)[0]
    wip: Any = gazu.task.get_task_status_by_short_name("wip")
    review: Any = gazu.task.get_task_status_by_short_name("wfa")
    gazu.task.assign_task(task, user)
    show.done(f"assigned {user['full_name']} to a task")

    notes = folder / "notes for the take.txt"
    notes.write_text("The teapot arrives two frames earlier.\n", encoding="utf-8")
    checklist = [{"text": "the teapot", "checked": True}, {"text": "the hand", "checked": False}]
    comment = gazu.task.add_comment(task, wip, "Started.", checklist=checklist, attachments=[str(notes)])
    attachment = comment["attachment_files"][0]
    gazu.files.download_attachment_file(attachment, str(folder / "back.txt"))
    check((folder / "back.txt").read_bytes() == notes.read_bytes(), "the attachment comes back as it was")
    show.done("commented with an attachment, and downloaded it: the same bytes")

    picture, movie = folder / "frame.png", folder / "take.mp4"
    draw(ffmpeg, "-frames:v", "1", picture)
    draw(ffmpeg, "-t", "2", "-pix_fmt", "yuv420p", movie)
    show.done(f"made a picture ({picture.stat().st_size:,} bytes) and a movie ({movie.stat().st_size:,} bytes)")

    previews = []
    for path in (picture, movie):
        _, preview = gazu.task.publish_preview(
            task, review, f"Please look at {path.name}.", preview_file_path=str(path), progress_callback=show.bar
        )
        previews.append(gazu.files.wait_for_preview_file(preview, timeout=120, poll_interval=0.2))
        check(previews[-1]["status"] == "ready", f"the server could process {path.name}")
        show.done(f"published {path.name} as revision {previews[-1]['revision']}; the server has processed it")
    gazu.task.set_main_preview(previews[-1])

    # The server re-encodes pictures and movies: what must be equal is what they are.
    for preview, source in zip(previews, (picture, movie)):
        back = folder / f"back.{preview['extension']}"
        gazu.files.download_preview_file(preview, str(back), progress_callback=show.bar)
        check(back.read_bytes()[:12] == source.read_bytes()[:12], f"{source.name} comes back as the same kind of file")
        size = f"{preview['width']}x{preview['height']}"
        check(size_of(ffmpeg, back) == size, f"{source.name} comes back in the size that the server tells, {size}")
        show.done(f"downloaded {source.name} again: {back.stat().st_size:,} bytes, {size} pixels")

    episode = gazu.shot.get_episode_from_sequence(gazu.shot.get_sequence_from_shot(shot))
    playlist: Any = gazu.playlist.new_playlist(project, "Dailies", episode=episode)
    gazu.playlist.add_entity_to_playlist(playlist, shot, previews[-1])
    check(len(gazu.playlist.all_shots_for_playlist(playlist)) == 1, "the playlist has the shot")
    show.done("made a playlist with the shot")


def draw(ffmpeg: str, *arguments: Any) -> None:
    """Make a picture or a movie of a test pattern."""
    command = [ffmpeg, "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=24", *map(str, arguments)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def size_of(ffmpeg: str, path: Path) -> str:
    """Return the size of a picture or a movie as FFmpeg reads it: `640x360`."""
    run = subprocess.run([ffmpeg, "-i", str(path)], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    words = run.stderr.decode("utf-8", "replace").replace(",", " ").split()
    sizes = [word for word in words if word.replace("x", "", 1).isdigit() and "x" in word and word[0] != "0"]
    return sizes[0] if sizes else "no"


def listen(heard: "queue.Queue[str]", show: Teller) -> None:
    """Wait for the two events that must have come."""
    missing = {"task:assign", "comment:new"}
    while missing:
        try:
            missing.discard(heard.get(timeout=10))
        except queue.Empty:
            raise SandboxError(f"the event stream did not tell of {', '.join(sorted(missing))}") from None
    show.done("heard of the assignation and of the comments on the event stream")


def check(right: bool, what: str) -> None:
    """Stop the demonstration if something is not as it must be."""
    if not right:
        raise SandboxError(f"the demonstration failed: it is not so that {what}")
