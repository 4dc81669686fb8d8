"""The commands that manage a production: `set-status`, `assign`, `create`, `schedule`, ...; and `api`."""

import json
from typing import Any, Dict, List, Optional, Tuple

import click

from .. import asset as gazu_asset
from .. import client as raw
from .. import files as gazu_files
from .. import person as gazu_person
from .. import schedule as gazu_schedule
from .. import shot as gazu_shot
from .. import task as gazu_task
from .app import Listing, cli, complete_task
from .find import find_task, get_project_from_option, match_by_name, require_one
from .lists import ID, NAME, project_option
from .show import Column, make_name_column, output, progress_bar, report

METHODS = ("GET", "POST", "PUT", "DELETE")


@cli.command()
@click.argument("method", type=click.Choice(METHODS, case_sensitive=False))
@click.argument("path")
@click.option("-f", "--field", "fields", multiple=True, metavar="NAME=VALUE", help="A field, as text; repeatable.")
@click.option(
    "-F", "--typed", multiple=True, metavar="NAME=JSON", help="A field whose value is JSON: 3, true, null, []."
)
@click.option(
    "--input", "body", type=click.File("r", encoding="utf-8"), help="A file with the body as JSON; - for stdin."
)
def api(method: str, path: str, fields: Tuple[str, ...], typed: Tuple[str, ...], body: Any) -> None:
    """Send a request to a route of the API, and print the response as JSON.

    PATH is that of the documentation, such as data/projects. The fields of a GET and a DELETE go into the URL.
    """
    data = {
        **dict(map(_split_field, fields)),
        **{name: _from_json(name, text) for name, text in map(_split_field, typed)},
    }
    if method in ("GET", "DELETE"):
        if body:
            raise click.UsageError(f"--input: a {method} has no body")
        answer = raw.get(path, params=data) if method == "GET" else raw.delete(path, data or None)
    else:
        content = {**_from_json("--input", body.read()), **data} if body else data
        answer = (raw.post if method == "POST" else raw.put)(path, content)
    click.echo(answer if isinstance(answer, str) else json.dumps(answer, indent=2))


def _split_field(field: str) -> Tuple[str, str]:
    name, equals, value = field.partition("=")
    if not (name and equals):
        raise click.UsageError(f"{field!r}: expected NAME=VALUE")
    return name, value


def _from_json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"{name}: {error}") from None


# -- of a task -------------------------------------------------------------------
task_argument = click.argument("task", shell_complete=complete_task)


@cli.command(cls=Listing)
@task_argument
@project_option
@click.pass_context
def comments(ctx: click.Context, task: str, project: Optional[str]) -> None:
    """List the comments of a task, the last one first."""
    rows = gazu_task.all_comments_for_task(find_task(task, project))
    author: Column = ("BY", lambda row: (row.get("person") or {}).get("first_name"))
    state: Column = ("STATUS", lambda row: (row.get("task_status") or {}).get("name"))
    output(ctx, rows, [("DATE", "created_at"), author, state, ("TEXT", "text"), ID])


@cli.command(cls=Listing)
@task_argument
@project_option
@click.pass_context
def previews(ctx: click.Context, task: str, project: Optional[str]) -> None:
    """List the previews of a task, the last revision first."""
    rows = gazu_files.get_all_preview_files_for_task(find_task(task, project))
    rows = sorted(rows, key=lambda row: (-row["revision"], row["position"]))
    file: Column = ("FILE", lambda row: f"{row['original_name']}.{row['extension']}")
    columns: List[Column] = [("REVISION", "revision"), file, ("STATUS", "status"), ("SIZE", "file_size")]
    output(ctx, rows, [*columns, ID])


@cli.command("set-status")  # `status` is that of the session, since release 1.3
@task_argument
@click.argument("status")
@project_option
@click.option("-m", "--message", default="", help="Text of a comment.")
@click.pass_context
def set_status(ctx: click.Context, task: str, status: str, project: Optional[str], message: str) -> None:
    """Set the status of a task (name or short name)."""
    wanted = require_one(match_by_name(gazu_task.all_task_statuses(), status, "task status"), status)
    row = gazu_task.add_comment(find_task(task, project), wanted, message)
    report(ctx, f"{task} is {wanted['name']}", row)


@cli.command()
@task_argument
@click.argument("persons", nargs=-1, required=True, metavar="PERSON...")
@project_option
@click.option("--remove", is_flag=True, help="Take the task away from these people instead.")
@click.pass_context
def assign(ctx: click.Context, task: str, persons: Tuple[str, ...], project: Optional[str], remove: bool) -> None:
    """Assign people to a task. PERSON is a full name, an email or an id."""
    people: Any = gazu_person.all_persons()
    known = [{**row, "name": row["full_name"], "short_name": row.get("email")} for row in people]
    chosen = [require_one(match_by_name(known, text, "person"), text) for text in persons]
    row = find_task(task, project)
    for person in chosen:
        (gazu_task.clear_assignations if remove else gazu_task.assign_task)(row, person["id"])
    names = ", ".join(person["name"] for person in chosen)
    said = f"{names}: no longer assigned to {task}" if remove else f"{names}: assigned to {task}"
    report(ctx, said, gazu_task.get_task(row["id"]))


# -- of a project ----------------------------------------------------------------
@cli.command(cls=Listing)
@project_option
@click.pass_context
def playlists(ctx: click.Context, project: Optional[str]) -> None:
    """List the playlists of a project."""
    rows: Any = raw.fetch_all("playlists", {"project_id": get_project_from_option(project)["id"]})
    rows = sorted(rows, key=lambda row: str(row["updated_at"]), reverse=True)
    output(ctx, rows, [NAME, ("FOR", "for_entity"), ("CHANGED", "updated_at"), ID])


@cli.command()
@click.argument("kind", type=click.Choice(["asset", "shot", "sequence", "episode"]))
@click.argument("path")
@project_option
@click.option("--frames", type=click.IntRange(1), help="Number of frames of a shot.")
@click.pass_context
def create(ctx: click.Context, kind: str, path: str, project: Optional[str], frames: Optional[int]) -> None:
    """Create an asset (Props/Teapot), a shot (SQ01/SH010), a sequence or an episode; an existing one is shown.

    In a TV show, paths begin with the episode: E01/SQ01/SH010. What a path goes through is created, except asset types.
    """
    names, its_project = path.split("/"), get_project_from_option(project)
    example = {"asset": "Props/Teapot", "episode": "E01", "sequence": "SQ01", "shot": "SQ01/SH010"}[kind]
    if kind in ("sequence", "shot") and its_project.get("production_type") == "tvshow":
        example = f"E01/{example}"
    if len(names) != len(example.split("/")) or not all(names):
        raise click.UsageError(f"{path!r}: expected a path such as {example}")
    if kind == "asset":
        asset_type = require_one(match_by_name(gazu_asset.all_asset_types(), names[0], "asset type"), names[0])
        row: Any = gazu_asset.new_asset(its_project, asset_type, names[1])
    else:
        row = _create_below(its_project, kind, names, frames)
    report(ctx, f"{path} (ID: {row['id']})", row)


def _create_below(project: Any, kind: str, names: List[str], frames: Optional[int]) -> Any:
    row: Any = None
    if kind == "episode" or project.get("production_type") == "tvshow":
        row = gazu_shot.new_episode(project, names.pop(0))
    if names:
        row = gazu_shot.new_sequence(project, names.pop(0), row)
    return gazu_shot.new_shot(project, row, names[0], nb_frames=frames) if names else row


@cli.command("import-csv")
@click.argument("kind", type=click.Choice(["assets", "shots"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@project_option
@click.pass_context
def import_csv(ctx: click.Context, kind: str, file: str, project: Optional[str]) -> None:
    """Create the assets or shots that a CSV file lists; existing ones are left unchanged."""
    function: Any = gazu_asset.import_assets_with_csv if kind == "assets" else gazu_shot.import_shots_with_csv
    with progress_bar(file, of_bytes=True) as progress:
        rows = function(get_project_from_option(project), file, progress_callback=progress)
    report(ctx, f"{len(rows)} {kind} are in the project now, those of {file} among them", rows)


@cli.command(cls=Listing)
@project_option
@click.pass_context
def schedule(ctx: click.Context, project: Optional[str]) -> None:
    """List when each type of task is planned."""
    rows = gazu_schedule.all_schedule_items(get_project_from_option(project))
    rows = [row for row in rows if not row.get("object_id")]
    rows.sort(key=lambda row: str(row["start_date"]))
    kind: Column = ("TYPE", make_name_column(gazu_task.all_task_types, "task_type_id"))
    output(ctx, rows, [kind, ("START", "start_date"), ("END", "end_date"), ("MAN-DAYS", "man_days"), ID])


@cli.command(cls=Listing)
@project_option
@click.pass_context
def stats(ctx: click.Context, project: Optional[str]) -> None:
    """Count the tasks of a project by type and status."""
    counts: Dict[Tuple[str, str], int] = {}
    for row in gazu_task.all_tasks_for_project(get_project_from_option(project)):
        key = row["task_type_id"], row["task_status_id"]
        counts[key] = counts.get(key, 0) + 1
    types = {row["id"]: row["name"] for row in gazu_task.all_task_types()}
    statuses = {row["id"]: row["name"] for row in gazu_task.all_task_statuses()}
    rows = [{"type": types[kind], "status": statuses[state], "count": count} for (kind, state), count in counts.items()]
    rows.sort(key=lambda row: (row["type"], -int(str(row["count"])), row["status"]))
    output(ctx, rows, [("TYPE", "type"), ("STATUS", "status"), ("TASKS", "count")])
