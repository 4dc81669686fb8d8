"""The commands `publish`, `download`, `watch`, `sandbox` and `completion`."""

import collections
import contextlib
import functools
import json
import queue
import re
import signal
import time
import unicodedata
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

import click

from .. import client as raw
from .. import entity as gazu_entity
from .. import events as gazu_events
from .. import files as gazu_files
from .. import parallel as gazu_parallel
from .. import playlist as gazu_playlist
from .. import project as gazu_project
from .. import task as gazu_task
from ..exception import CancelledException, RouteNotFoundException, short_text
from ..helpers import composed, portable_name
from .app import cli, complete_entity, complete_task
from .errors import NO_RESPONSE, NOT_FOUND, Failure, explain, printable
from .find import find_task, get_project_from_option, is_id, list_paths, match_by_name, require_one, split_path
from .lists import project_option
from .show import Row, is_json, print_table, progress_bar, report


@cli.command()
@click.argument("task", shell_complete=complete_task)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, dir_okay=False))
@project_option
@click.option("-s", "--status", help="New status of the task (name or short name). Default: unchanged.")
@click.option("-m", "--message", default="", help="Text of the comment.")
@click.option("--revision", type=click.IntRange(1), help="Default: the next one.")
@click.option("--thumbnail", is_flag=True, help="Use it as the thumbnail of the shot or asset.")
@click.option("--keep-movie", is_flag=True, help="Keep the movie as it is: the server does not re-encode it.")
@click.option("--wait", is_flag=True, help="Wait until the server has processed the files, and fail if it cannot.")
@click.pass_context
def publish(
    ctx: click.Context,
    task: str,
    files: Tuple[str, ...],
    project: Optional[str],
    status: Optional[str],
    message: str,
    revision: Optional[int],
    thumbnail: bool,
    keep_movie: bool,
    wait: bool,
) -> None:
    """Publish a preview for review; several files are one revision.

    TASK is the id of the task, or its path in the project: SQ01/SH010/Animation.
    """
    row = find_task(task, project)
    state: Any = row["task_status_id"]
    if status:
        state = require_one(match_by_name(gazu_task.all_task_statuses(), status, "task status"), status)
    try:
        comment, previews = _publish(row, state, message, files, not keep_movie, revision, thumbnail)
    except (KeyboardInterrupt, CancelledException) as error:
        click.echo(f"\n{short_text(error)}", err=True)
        raise KeyboardInterrupt from None
    if wait:
        previews = [_processed(preview) for preview in previews]
    names, preview = ", ".join(Path(file).name for file in files), previews[0]
    said = f"Published {names} as revision {preview['revision']} (ID: {preview['id']})"
    report(ctx, said, {"comment": comment, "preview_file": preview, "preview_files": previews})


def _publish(
    task: Any,
    status: Any,
    message: str,
    files: Tuple[str, ...],
    normalize: bool,
    revision: Optional[int],
    thumbnail: bool,
) -> Tuple[Any, List[Any]]:
    """Publish the first file, and add the others to its revision; return the comment and the previews."""
    with progress_bar(Path(files[0]).name, of_bytes=True) as progress:
        comment, preview = gazu_task.publish_preview(
            task,
            status,
            message,
            preview_file_path=files[0],
            normalize_movie=normalize,
            revision=revision,
            set_thumbnail=thumbnail,
            progress_callback=progress,
        )
    previews: List[Any] = [preview]
    for file in files[1:]:
        with progress_bar(Path(file).name, of_bytes=True) as progress:
            more: Any = {"normalize_movie": normalize, "progress_callback": progress}
            previews.append(gazu_task.add_extra_preview(task, comment, preview, file, **more))
    return comment, previews


def _processed(preview: Any) -> Any:
    """Return a preview file once the server has processed it; fail if it is not ready then."""
    row = gazu_files.wait_for_preview_file(preview, timeout=3600, poll_interval=1)
    if row["status"] != "ready":
        raise Failure(
            f"revision {row['revision']} is {row['status']}: the server could not read its file ({row['id']})"
        )
    return row


@cli.command()
@click.argument("what", required=False, shell_complete=complete_entity)
@project_option
@click.option("-o", "--output", "folder", default=".", type=click.Path(file_okay=False), help="Target folder.")
@click.option("-t", "--type", "task_type", metavar="TYPE", help="Only this task type.")
@click.option("--playlist", help="Only the previews in this playlist (name or id).")
@click.option("--all", "revisions", is_flag=True, help="All revisions, not only the last one of each task.")
@click.option("--workers", type=click.IntRange(1, 64), default=8, show_default=True, help="Parallel downloads.")
@click.pass_context
def download(
    ctx: click.Context,
    what: Optional[str],
    project: Optional[str],
    folder: str,
    task_type: Optional[str],
    playlist: Optional[str],
    revisions: bool,
    workers: int,
) -> None:
    """Download the previews of a project, or of WHAT in it, in parallel.

    WHAT is the id of a task, a shot or an asset, or part of a path: SQ01/SH010/Animation, SH010, SQ01, Props.
    Existing files are replaced only when the new file is complete.
    """
    its_project = _find_project(what, project)
    tasks = _find_tasks(its_project, what, task_type)
    everything = not (what or task_type)  # a playlist can contain previews of no task of its project
    if playlist:
        listed = _list_playlist_previews(its_project, playlist)
        previews = [row for row in listed if everything or row["task_id"] in tasks]
    else:
        previews = _list_previews([task for task, _ in tasks.values() if _may_have_previews(task)], revisions)
    previews = list({row["id"]: row for row in previews}.values())  # a playlist may have one twice
    paths = _target_paths(previews, {id: name for id, (_, name) in tasks.items()}, Path(folder))
    names = {row["id"]: path.name for row, path in zip(previews, paths)}
    with progress_bar("previews", of_bytes=True) as progress, _saying_that_it_stops():
        outcomes = gazu_files.download_many(previews, folder, lambda row: names[row["id"]], progress, workers)
    _report([(outcome.item, path, outcome.error) for outcome, path in zip(outcomes, paths)])


@contextlib.contextmanager
def _saying_that_it_stops() -> Iterator[None]:
    """Say at once that Ctrl-C has come: a download ends when it receives something, or at its time-out."""

    def interrupt(*_: Any) -> None:
        click.echo("stopping", err=True)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _find_project(what: Optional[str], project: Optional[str]) -> Any:
    """Return the project of the option, or of the task or entity with this id."""
    if project or not (what and is_id(what)):
        return get_project_from_option(project)
    try:
        found: Any = gazu_task.get_task(what)
    except RouteNotFoundException:
        found = gazu_entity.get_entity(what)
    return gazu_project.get_project(found["project_id"])


def _find_tasks(project: Row, what: Optional[str], task_type: Optional[str]) -> Dict[str, Tuple[Row, str]]:
    """Map the ids of the selected tasks of a project to (task, path): SQ01/SH010/Animation."""
    rows, paths = gazu_task.all_tasks_for_project(project), list_paths(project)
    task_types = gazu_task.all_task_types()
    names = {row["id"]: row["name"] for row in task_types}
    wanted = [row["id"] for row in match_by_name(task_types, task_type, "task type")] if task_type else names
    selected: Dict[str, Tuple[Row, str]] = {}
    for row in rows:
        path = f"{paths.get(row['entity_id'], row['entity_id'])}/{names[row['task_type_id']]}"
        is_selected = not what or what in (row["id"], row["entity_id"]) or _is_part_of(what, path)
        if is_selected and row["task_type_id"] in wanted:
            selected[row["id"]] = (row, path)
    if what and not selected:
        raise Failure(f"no task of {project['name']} matches {what!r}", NOT_FOUND)
    return selected


def _is_part_of(what: str, path: str) -> bool:
    """Return whether *what* is a run of whole names within *path*."""
    part, whole = split_path(what), split_path(path)
    return any(whole[at : at + len(part)] == part for at in range(len(whole)))


def _list_previews(tasks: List[Row], revisions: bool) -> List[Any]:
    """List the preview files of the tasks: of the last ready revision of each, or of all revisions."""
    previews = []
    for outcome in gazu_parallel.call_many(gazu_files.get_all_preview_files_for_task, tasks):
        rows = outcome.value()
        newest = max(rows, key=_revision_and_position, default={"revision": 0})
        last = max((row["revision"] for row in rows if row["status"] == "ready"), default=newest["revision"])
        if last != newest["revision"] and not revisions:
            note = f"{newest['id']}: revision {newest['revision']} is {newest['status']}: using {last} instead"
            click.echo(printable(note), err=True)
        previews += sorted((r for r in rows if revisions or r["revision"] == last), key=_revision_and_position)
    return previews


def _may_have_previews(task: Row) -> bool:
    # The server sets the last preview after processing it, the date of its comment at once.
    return bool(task["last_preview_file_id"] or task["last_comment_date"])


def _revision_and_position(preview: Row) -> Any:
    return preview["revision"], preview["position"]


def _list_playlist_previews(project: Row, playlist: str) -> List[Any]:
    """List the preview files in a playlist."""
    if not is_id(playlist):
        pages: List[Any] = raw.fetch_all("playlists", {"project_id": project["id"]})
        playlist = require_one(match_by_name(pages, playlist, "playlist"), playlist)["id"]
    entries = gazu_playlist.all_shots_for_playlist(gazu_playlist.get_playlist(playlist))
    ids = [entry["preview_file_id"] for entry in entries if entry.get("preview_file_id")]
    return [outcome.value() for outcome in gazu_parallel.call_many(gazu_files.get_preview_file, ids)]


def _target_paths(previews: List[Row], paths: Dict[str, str], folder: Path) -> List[Path]:
    """Return the target paths: `SQ01_SH010_Animation_v003.mp4`; the id is added to names that are not unique."""
    pages = collections.Counter((row["task_id"], row["revision"]) for row in previews)
    names = []
    for row in previews:
        stem = _safe_name(paths.get(row["task_id"]) or row["task_id"]) + f"_v{row['revision']:03}"
        if pages[row["task_id"], row["revision"]] > 1:
            stem += f"_{row['position']:02}"
        names.append((stem, row))
    times = collections.Counter(composed(stem).casefold() for stem, _ in names)
    more = {stem: "_{id}" if times[composed(stem).casefold()] > 1 else "" for stem, _ in names}
    return [
        folder / portable_name(f"{stem}{_safe_name(more[stem].format(**row))}.{_safe_name(row['extension'] or 'bin')}")
        for stem, row in names
    ]


def _safe_name(text: str) -> str:
    """Return *text* as part of a file name, without separators and leading dots."""
    # Marks belong to letters: accents that stand apart, and vowels of Hindi, which `\w` leaves out.
    kept = (one if one in "_.-" or one.isalnum() or unicodedata.category(one)[0] == "M" else "/" for one in text)
    return re.sub("/+", "_", "".join(kept)).lstrip(".")


def _report(results: List[Tuple[Row, Path, Optional[Exception]]]) -> None:
    """Print what was downloaded; raise Failure with the exit status of the first error if anything failed."""
    rows = [
        {"preview_file_id": preview["id"], "file": str(path), "error": explain(error)[0] if error else None}
        for preview, path, error in results
    ]
    failed = [row for row in rows if row["error"]]
    if is_json():
        click.echo(json.dumps(rows, indent=2))
    else:
        print_table([row for row in rows if not row["error"]], [("FILE", "file")])
    for row in failed:
        click.echo(printable(f"not downloaded: {row['file']}: {row['error']}"), err=True)
    if failed:
        code = next(explain(error)[1] for _, _, error in results if error)
        raise Failure(f"{len(failed)} of {len(rows)} files failed to download", code)


@cli.command()
@click.option("-e", "--event", "events", multiple=True, help="Only this event, such as task:update; repeatable.")
@click.option("-p", "--project", metavar="PROJECT", help="Only events of this project (name or id).")
@click.option("-n", "--count", type=click.IntRange(1), help="Stop after this many events.")
def watch(events: Tuple[str, ...], project: Optional[str], count: Optional[int]) -> None:
    """Print events as they arrive, until Ctrl-C. With --json, one line per event."""
    project_id = get_project_from_option(project)["id"] if project else None
    received: "queue.Queue[Tuple[str, Any]]" = queue.Queue()
    connection = _listen(events or ("*",), received)
    click.echo(f"Watching {printable(raw.get_event_host())}; press Ctrl-C to stop.", err=True)
    try:
        seen = 0
        while count is None or seen < count:
            name, data = _wait_for_event(received)
            if project_id in (None, data.get("project_id")):
                click.echo(_format_event(name, data))
                seen += 1
    finally:
        connection.disconnect()


EVENT_HOST_HINT = " (set another one with GAZU_EVENT_HOST, or --event-host of login)"


def _wait_for_event(received: "queue.Queue[Any]") -> Any:
    """Wait for the next event, in steps: on Windows, Ctrl-C does not interrupt a wait."""
    while True:
        try:
            return received.get(timeout=0.5)
        except queue.Empty:
            continue


def _listen(names: Tuple[str, ...], received: "queue.Queue[Tuple[str, Any]]") -> Any:
    """Connect to the event stream, and put events with these names into a queue."""
    from socketio.exceptions import ConnectionError

    try:
        connection = gazu_events.init()
    except ConnectionError as error:
        reason = str(error).rsplit(": ", 1)[-1].rstrip("'\")")  # the rest names classes of urllib3
        raise Failure(
            f"cannot reach the event stream {raw.get_event_host()}: {reason}{EVENT_HOST_HINT}", NO_RESPONSE
        ) from None

    def receive(name: str, data: Any = None) -> None:
        received.put((name, data or {}))

    for name in names:
        handler: Any = receive if name == "*" else functools.partial(receive, name)
        gazu_events.add_listener(connection, name, handler)
    return connection


def _format_event(name: str, data: Any) -> str:
    if is_json():
        return json.dumps({"event": name, "data": data})
    shown = "  ".join(f"{key}={value}" for key, value in data.items() if value not in (None, ""))
    return printable(f"{time.strftime('%H:%M:%S')}  {name:24}  {shown}")


@cli.command(
    offline=True,
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def sandbox(ctx: click.Context, arguments: Tuple[str, ...]) -> None:
    """Run a real Kitsu server on this machine: up, demo, status, reset, down, install."""
    try:
        from ..sandbox import main
    except ImportError as error:
        raise Failure(str(error)) from None

    more = ["--json"] if is_json() and "--json" not in arguments and arguments[:1] in (("up",), ("status",)) else []
    ctx.exit(main([*(arguments or ("--help",)), *more]))


@cli.command(offline=True)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for a shell.

    bash: add `eval "$(gazu-cli completion bash)"` to ~/.bashrc; zsh: the same with zsh in ~/.zshrc;
    fish: `gazu-cli completion fish > ~/.config/fish/completions/gazu-cli.fish`.
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # click supports all choices of the argument
    click.echo(kind(cli, {}, "gazu-cli", "_GAZU_CLI_COMPLETE").source())
