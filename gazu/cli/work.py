"""The commands that publish, download and watch, and those about the command line itself."""

import collections
import contextlib
import functools
import json
import queue
import re
import signal
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import click

from .. import client as raw
from .. import entity as gazu_entity
from .. import events as gazu_events
from .. import files as gazu_files
from .. import playlist as gazu_playlist
from .. import project as gazu_project
from .. import task as gazu_task
from ..exception import RouteNotFoundException
from .app import cli
from .errors import NO_ANSWER, NOT_FOUND, Failure, explain
from .find import find_task, get_project_from_option, is_id, matching, only, paths_of, pieces
from .lists import project_option
from .show import Row, bar, done, is_json, print_table


@cli.command()
@click.argument("task")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@project_option
@click.option("-s", "--status", help="The status that the task gets: its name or short name; else it keeps its own.")
@click.option("-m", "--message", default="", help="What the comment says.")
@click.option("--revision", type=click.IntRange(1), help="By default, the next one.")
@click.option("--thumbnail", is_flag=True, help="Make it the picture of the shot or asset.")
@click.option("--keep-movie", is_flag=True, help="Have the server not convert the movie.")
@click.pass_context
def publish(
    ctx: click.Context,
    task: str,
    file: str,
    project: Optional[str],
    status: Optional[str],
    message: str,
    revision: Optional[int],
    thumbnail: bool,
    keep_movie: bool,
) -> None:
    """Publish a picture or a movie for review.

    TASK is the id of the task, or its path in the project: SQ01/SH010/Animation.
    """
    row = find_task(task, project)
    state: Any = row["task_status_id"]
    if status:
        state = only(matching(gazu_task.all_task_statuses(), status, "task status"), status)
    with bar(Path(file).name, of_bytes=True) as progress:
        comment, preview = gazu_task.publish_preview(
            row,
            state,
            message,
            preview_file_path=file,
            normalize_movie=not keep_movie,
            revision=revision,
            set_thumbnail=thumbnail,
            progress_callback=progress,
        )
    told = f"Published {Path(file).name} as revision {preview['revision']} (ID: {preview['id']})"
    done(ctx, told, {"comment": comment, "preview_file": preview})


@cli.command()
@click.argument("what", required=False)
@project_option
@click.option("-o", "--output", "folder", default=".", type=click.Path(file_okay=False), help="Where the files go.")
@click.option("-t", "--type", "task_type", metavar="TYPE", help="Only those of this task type.")
@click.option("--playlist", help="The previews of this playlist: its name or id.")
@click.option("--all", "revisions", is_flag=True, help="All revisions, not only the last one of each task.")
@click.option("--workers", type=click.IntRange(1, 64), default=8, show_default=True, help="How many at a time.")
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
    """Download previews, many at once: of a project, or of WHAT in it.

    WHAT is the id of a task, a shot or an asset, or a part of a path: SQ01/SH010/Animation, SH010, SQ01, Props.
    Of what a file was called before there is the old one until the whole new one is there.
    """
    its_project = _project_of(what, project)
    tasks = _tasks(its_project, what, task_type)
    everything = not (what or task_type)  # a playlist may have what is of no task of its project
    if playlist:
        previews = [row for row in _of_playlist(its_project, playlist) if everything or row["task_id"] in tasks]
    else:
        previews = _of_tasks([task for task, _ in tasks.values() if _may_have_previews(task)], revisions)
    items = list(zip(previews, _names(previews, {id: name for id, (_, name) in tasks.items()}, Path(folder))))
    if items:
        Path(folder).mkdir(parents=True, exist_ok=True)
    with bar("previews", of_bytes=True) as progress, _until_interrupted() as check:
        amounts = _Amounts(previews, progress, check)
        outcomes = gazu_files.transfer_many(amounts.download, items, workers)
    _report([(outcome.item[0], outcome.item[1], outcome.error) for outcome in outcomes])


class _Amounts:
    """The bytes of many downloads at once, for one bar; what the server has may be larger or smaller than was sent."""

    def __init__(self, previews: List[Row], progress: Any, check: Callable[[], None]) -> None:
        self.progress, self.check = progress, check
        self.so_far, self.whole = 0, sum(map(_size_of, previews))
        self.lock = threading.Lock()

    def download(self, preview: Row, path: Path) -> None:
        """Download one of them."""
        told = [0, _size_of(preview)]

        def tell(so_far: int, whole: int) -> None:
            self.check()
            whole = max(so_far, whole)
            with self.lock:
                self.so_far += so_far - told[0]
                self.whole += whole - told[1]
                told[:] = so_far, whole
                self.progress(self.so_far, self.whole)

        gazu_files.download_preview_file(preview, path, progress_callback=tell)


def _size_of(preview: Row) -> int:
    return preview.get("file_size") or 0


@contextlib.contextmanager
def _until_interrupted() -> Iterator[Callable[[], None]]:
    """Yield what ends, after Ctrl-C, the other threads that call it: they would go on to the end of their files."""
    interrupted = threading.Event()

    def check() -> None:
        if interrupted.is_set():
            raise InterruptedError("stopped")

    def interrupt(*_: Any) -> None:
        interrupted.set()
        click.echo("stopping", err=True)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)


def _project_of(what: Optional[str], project: Optional[str]) -> Any:
    """Return the project that is named, or that the task or entity of this id is in."""
    if project or not (what and is_id(what)):
        return get_project_from_option(project)
    try:
        found: Any = gazu_task.get_task(what)
    except RouteNotFoundException:
        found = gazu_entity.get_entity(what)
    return gazu_project.get_project(found["project_id"])


def _tasks(project: Row, what: Optional[str], task_type: Optional[str]) -> Dict[str, Tuple[Row, str]]:
    """Return by their ids the tasks of a project that are meant, each with its path: SQ01/SH010/Animation."""
    rows, paths = gazu_task.all_tasks_for_project(project), paths_of(project)
    types = {row["id"]: row["name"] for row in gazu_task.all_task_types()}
    wanted = [row["id"] for row in matching(gazu_task.all_task_types(), task_type, "task type")] if task_type else types
    meant: Dict[str, Tuple[Row, str]] = {}
    for row in rows:
        path = f"{paths.get(row['entity_id'], row['entity_id'])}/{types[row['task_type_id']]}"
        if row["task_type_id"] in wanted and (not what or what in (row["id"], row["entity_id"]) or _within(what, path)):
            meant[row["id"]] = (row, path)
    if what and not meant:
        raise Failure(f"no task of {project['name']} is {what!r}, or below it", NOT_FOUND)
    return meant


def _within(what: str, path: str) -> bool:
    """Return whether the names in *what* follow each other in *path*."""
    part, whole = pieces(what), pieces(path)
    return any(whole[at : at + len(part)] == part for at in range(len(whole)))


def _of_tasks(tasks: List[Row], revisions: bool) -> List[Any]:
    """List the preview files of the tasks: those of the last revision of each that is ready, or of all."""
    previews = []
    for outcome in gazu_files.transfer_many(gazu_files.get_all_preview_files_for_task, [(task,) for task in tasks]):
        rows = _result(outcome)
        newest = max(rows, key=_order, default={"revision": 0})
        last = max((row["revision"] for row in rows if row["status"] == "ready"), default=newest["revision"])
        if last != newest["revision"] and not revisions:
            click.echo(f"{newest['id']}: revision {newest['revision']} is {newest['status']}: {last} instead", err=True)
        previews += sorted((r for r in rows if revisions or r["revision"] == last), key=_order)
    return previews


def _may_have_previews(task: Row) -> bool:
    # The last preview is known when the server has processed it; the comment it came with, at once.
    return bool(task["last_preview_file_id"] or task["last_comment_date"])


def _order(preview: Row) -> Any:
    return preview["revision"], preview["position"]


def _of_playlist(project: Row, playlist: str) -> List[Any]:
    """List the preview files in a playlist."""
    if not is_id(playlist):
        pages: List[Any] = raw.fetch_all("playlists", {"project_id": project["id"]})
        playlist = only(matching(pages, playlist, "playlist"), playlist)["id"]
    entries = gazu_playlist.all_shots_for_playlist(gazu_playlist.get_playlist(playlist))
    ids = [(entry["preview_file_id"],) for entry in entries if entry.get("preview_file_id")]
    return [_result(outcome) for outcome in gazu_files.transfer_many(gazu_files.get_preview_file, ids)]


def _result(outcome: Any) -> Any:
    if outcome.error:
        raise outcome.error
    return outcome.result


def _names(previews: List[Row], paths: Dict[str, str], folder: Path) -> List[Path]:
    """Return where the files go: `SQ01_SH010_Animation_v003.mp4`; a name that comes twice gets the id."""
    pages = collections.Counter((row["task_id"], row["revision"]) for row in previews)
    names = []
    for row in previews:
        stem = _safe(paths.get(row["task_id"]) or row["task_id"]) + f"_v{row['revision']:03}"
        if pages[row["task_id"], row["revision"]] > 1:
            stem += f"_{row['position']:02}"
        names.append((stem, row))
    times = collections.Counter(stem.casefold() for stem, _ in names)
    more = {stem: "_{id}" if times[stem.casefold()] > 1 else "" for stem, _ in names}
    return [folder / (stem + more[stem].format(**row) + "." + _safe(row["extension"] or "bin")) for stem, row in names]


def _safe(text: str) -> str:
    """Return text as a part of the name of a file, which leads to no other folder."""
    return re.sub(r"[^\w.-]+", "_", text).lstrip(".")


def _report(results: List[Tuple[Row, Path, Optional[Exception]]]) -> None:
    """Tell what was downloaded; what was not ends the command with the status of the first error."""
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
        click.echo(f"not downloaded: {row['file']}: {row['error']}", err=True)
    if failed:
        code = next(explain(error)[1] for _, _, error in results if error)
        raise Failure(f"{len(failed)} of {len(rows)} files could not be downloaded", code)


@cli.command()
@click.option("-e", "--event", "events", multiple=True, help="Only events of this name, task:update; repeatable.")
@click.option("-p", "--project", metavar="PROJECT", help="Name or id: only its events.")
@click.option("-n", "--count", type=click.IntRange(1), help="End after so many.")
def watch(events: Tuple[str, ...], project: Optional[str], count: Optional[int]) -> None:
    """Show what happens on the server, as it happens, until Ctrl-C. With --json, a line for each event."""
    project_id = get_project_from_option(project)["id"] if project else None
    heard: "queue.Queue[Tuple[str, Any]]" = queue.Queue()
    connection = _listen(events or ("*",), heard)
    click.echo(f"Watching {raw.get_event_host()}; Ctrl-C ends it.", err=True)
    try:
        seen = 0
        while count is None or seen < count:
            name, data = _next(heard)
            if project_id in (None, data.get("project_id")):
                click.echo(_line(name, data))
                seen += 1
    finally:
        connection.disconnect()


ANOTHER = " (GAZU_EVENT_HOST, or --event-host of login, names another one)"


def _next(heard: "queue.Queue[Any]") -> Any:
    """Wait for the next event, in steps: on Windows, Ctrl-C does not end a wait."""
    while True:
        try:
            return heard.get(timeout=0.5)
        except queue.Empty:
            continue


def _listen(names: Tuple[str, ...], heard: "queue.Queue[Tuple[str, Any]]") -> Any:
    """Connect to the event stream, and put the events of these names into a queue."""
    from socketio.exceptions import ConnectionError

    try:
        connection = gazu_events.init()
    except ConnectionError as error:
        reason = str(error).rsplit(": ", 1)[-1].rstrip("'\")")  # the rest is about the inside of libraries
        raise Failure(
            f"the event stream {raw.get_event_host()} cannot be reached: {reason}{ANOTHER}", NO_ANSWER
        ) from None

    def hear(name: str, data: Any = None) -> None:
        heard.put((name, data or {}))

    for name in names:
        handler: Any = hear if name == "*" else functools.partial(hear, name)
        gazu_events.add_listener(connection, name, handler)
    return connection


def _line(name: str, data: Any) -> str:
    if is_json():
        return json.dumps({"event": name, "data": data})
    shown = "  ".join(f"{key}={value}" for key, value in data.items() if value not in (None, ""))
    return f"{time.strftime('%H:%M:%S')}  {name:24}  {shown}"


@cli.command(
    offline=True,
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def sandbox(ctx: click.Context, arguments: Tuple[str, ...]) -> None:
    """Run a real Kitsu server on this machine: up, demo, status, reset, down, install."""
    from ..sandbox.__main__ import main

    more = ["--json"] if is_json() and "--json" not in arguments and arguments[:1] in (("up",), ("status",)) else []
    ctx.exit(main([*(arguments or ("--help",)), *more]))


@cli.command(offline=True)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes the shell complete `gazu-cli`.

    bash: add `eval "$(gazu-cli completion bash)"` to ~/.bashrc; zsh: the same with zsh in ~/.zshrc;
    fish: `gazu-cli completion fish > ~/.config/fish/completions/gazu-cli.fish`.
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None  # the choices are those that click knows
    click.echo(kind(cli, {}, "gazu-cli", "_GAZU_CLI_COMPLETE").source())
