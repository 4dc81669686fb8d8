"""The commands that list and show records, and `comment`."""

from typing import Any, List, Optional

import click

from .. import asset as gazu_asset
from .. import casting as gazu_casting
from .. import entity as gazu_entity
from .. import person as gazu_person
from .. import project as gazu_project
from .. import search as gazu_search
from .. import shot as gazu_shot
from .. import task as gazu_task
from .. import user as gazu_user
from .app import Listing, cli, complete_entity, complete_project, complete_task
from .find import (
    find_entity,
    find_task,
    get_project_from_option,
    is_id,
    list_paths,
    match_by_name,
    require_one,
    resolve_project,
)
from .show import Column, is_json, make_name_column, output, report

project_option = click.option(
    "-p",
    "--project",
    metavar="PROJECT",
    shell_complete=complete_project,
    help="Project name or id (or GAZU_PROJECT).",
)
web_option = click.option("--web", is_flag=True, help="Open its page in the browser, and print its URL.")
ASSET_TYPE: Column = ("TYPE", make_name_column(gazu_asset.all_asset_types, "entity_type_id"))
NAME: Column = ("NAME", "name")
ID: Column = ("ID", "id")


def open_page(address: str) -> None:
    """Print the URL of a page of Kitsu, and open it in the browser."""
    click.echo(address)
    click.launch(address)


def _ids(rows: List[Any]) -> List[str]:
    return [row["id"] for row in rows]


def _nested_names(key: str) -> Any:
    """Return a function that returns the names of the records nested in *key* of a row."""

    def name(row: Any) -> Any:
        inside = row.get(key) or {}
        return [one["full_name"] for one in inside] if isinstance(inside, list) else inside.get("name")

    return name


@cli.command(cls=Listing)
@click.option("--all", "closed", is_flag=True, help="Include closed projects.")
@click.pass_context
def projects(ctx: click.Context, closed: bool) -> None:
    """List the projects."""
    rows = gazu_project.all_projects() if closed else gazu_project.all_open_projects()
    output(ctx, rows, [NAME, ("TYPE", "production_type"), ("STYLE", "production_style"), ID])


@cli.command()
@click.argument("name_or_id", shell_complete=complete_project)
@web_option
@click.pass_context
def project(ctx: click.Context, name_or_id: str, web: bool) -> None:
    """Show a project."""
    if web:
        open_page(gazu_project.get_project_url(resolve_project(name_or_id)))
        return
    state: Column = ("STATUS", make_name_column(gazu_project.all_project_status, "project_status_id"))
    columns = [NAME, ("TYPE", "production_type"), ("STYLE", "production_style"), state, ID]
    output(ctx, resolve_project(name_or_id), columns)


@cli.command(cls=Listing)
@project_option
@click.option("-t", "--type", "asset_type", metavar="TYPE", help="Only this asset type.")
@click.pass_context
def assets(ctx: click.Context, project: Optional[str], asset_type: Optional[str]) -> None:
    """List the assets of a project."""
    rows = gazu_asset.all_assets_for_project(get_project_from_option(project))
    if asset_type:
        types = _ids(match_by_name(gazu_asset.all_asset_types(), asset_type, "asset type"))
        rows = [row for row in rows if row["entity_type_id"] in types]
    output(ctx, rows, [NAME, ASSET_TYPE, ("DESCRIPTION", "description"), ID])


@cli.command()
@click.argument("name_or_id")
@project_option
@web_option
@click.pass_context
def asset(ctx: click.Context, name_or_id: str, project: Optional[str], web: bool) -> None:
    """Show an asset, given by id, name or TYPE/NAME."""
    row: Any
    if is_id(name_or_id):
        row = gazu_asset.get_asset(name_or_id)
    else:  # release 1.3 printed the record of the list for a name
        asset_id = find_entity(name_or_id, get_project_from_option(project))
        row = {**gazu_entity.get_entity(asset_id), **gazu_asset.get_asset(asset_id)}
    if web:
        open_page(gazu_asset.get_asset_url(row))
        return
    project_name = make_name_column(lambda: [gazu_project.get_project(row["project_id"])], "project_id")
    columns: List[Column] = [NAME, ASSET_TYPE, ("DESCRIPTION", "description"), ("PROJECT", project_name), ID]
    output(ctx, row, columns)


@cli.command(cls=Listing)
@project_option
@click.option("-s", "--sequence", help="Only this sequence.")
@click.option("-e", "--episode", help="Only this episode.")
@click.pass_context
def shots(ctx: click.Context, project: Optional[str], sequence: Optional[str], episode: Optional[str]) -> None:
    """List the shots of a project."""
    its_project = get_project_from_option(project)
    if sequence:
        above = match_by_name(_list_sequences(its_project, episode), sequence, "sequence")
        rows = [row for one in above for row in gazu_shot.all_shots_for_sequence(one)]
    else:
        rows = gazu_shot.all_shots_for_project(its_project)
    if episode:
        kept = _ids(_list_sequences(its_project, episode))
        rows = [row for row in rows if row["parent_id"] in kept]
    above_of = make_name_column(lambda: gazu_shot.all_sequences_for_project(its_project), "parent_id")
    rows.sort(key=lambda row: (above_of(row), row["name"]))
    output(ctx, rows, [("SEQUENCE", above_of), NAME, ("FRAMES", "nb_frames"), ("DESCRIPTION", "description"), ID])


def _list_sequences(project: Any, episode: Optional[str]) -> List[Any]:
    """List the sequences of a project, or of the episodes with that name."""
    rows = gazu_shot.all_sequences_for_project(project)
    if not episode:
        return list(rows)
    episodes = _ids(match_by_name(gazu_shot.all_episodes_for_project(project), episode, "episode"))
    return [row for row in rows if row["parent_id"] in episodes]


@cli.command(cls=Listing)
@project_option
@click.option("-e", "--episode", help="Only this episode.")
@click.pass_context
def sequences(ctx: click.Context, project: Optional[str], episode: Optional[str]) -> None:
    """List the sequences of a project."""
    its_project = get_project_from_option(project)
    name: Column = ("EPISODE", make_name_column(lambda: gazu_shot.all_episodes_for_project(its_project), "parent_id"))
    output(ctx, _list_sequences(its_project, episode), [NAME, name, ID])


@cli.command(cls=Listing)
@project_option
@click.pass_context
def episodes(ctx: click.Context, project: Optional[str]) -> None:
    """List the episodes of a project."""
    output(ctx, gazu_shot.all_episodes_for_project(get_project_from_option(project)), [NAME, ID])


@cli.command(cls=Listing)
@project_option
@click.option("-t", "--type", "task_type", metavar="TYPE", help="Only this task type.")
@click.option("-s", "--status", help="Only this status (name or short name).")
@click.pass_context
def tasks(ctx: click.Context, project: Optional[str], task_type: Optional[str], status: Optional[str]) -> None:
    """List the tasks of a project."""
    its_project = get_project_from_option(project)
    rows = gazu_task.all_tasks_for_project(its_project)
    if task_type:
        types = _ids(match_by_name(gazu_task.all_task_types(), task_type, "task type"))
        rows = [row for row in rows if row["task_type_id"] in types]
    if status:
        statuses = _ids(match_by_name(gazu_task.all_task_statuses(), status, "task status"))
        rows = [row for row in rows if row["task_status_id"] in statuses]

    def list_entities() -> List[Any]:
        return [{"id": id, "name": path} for id, path in list_paths(its_project).items()]

    columns: List[Column] = [
        ("ENTITY", make_name_column(list_entities, "entity_id")),
        ("TYPE", make_name_column(gazu_task.all_task_types, "task_type_id")),
        ("STATUS", make_name_column(gazu_task.all_task_statuses, "task_status_id")),
        ("ASSIGNEES", make_name_column(gazu_person.all_persons, "assignees")),
        ID,
    ]
    output(ctx, rows, columns)


@cli.command()
@click.argument("task_id", metavar="TASK", shell_complete=complete_task)
@project_option
@web_option
@click.pass_context
def task(ctx: click.Context, task_id: str, project: Optional[str], web: bool) -> None:
    """Show a task, given by id or by a path such as SQ01/SH010/Animation."""
    if web:
        open_page(gazu_task.get_task_url(find_task(task_id, project)))
        return
    keys = ("entity", "task_type", "task_status", "persons", "project")
    headers = ("ENTITY", "TYPE", "STATUS", "ASSIGNEES", "PROJECT")
    columns: List[Column] = [(header, _nested_names(key)) for header, key in zip(headers, keys)]
    output(ctx, find_task(task_id, project), [*columns, ("DESCRIPTION", "description"), ID])


@cli.command()
@click.option("-t", "--task", "task_id", metavar="TASK", required=True, help="Id, or path: SQ01/SH010/Animation.")
@project_option
@click.option("-s", "--status", required=True, help="New status of the task (name or short name).")
@click.option("-m", "--message", default="", help="Text of the comment.")
@click.pass_context
def comment(ctx: click.Context, task_id: str, project: Optional[str], status: str, message: str) -> None:
    """Comment on a task, and set its status."""
    its_status = require_one(match_by_name(gazu_task.all_task_statuses(), status, "task status"), status)
    row = gazu_task.add_comment(find_task(task_id, project), its_status, message)
    report(ctx, f"Comment posted (ID: {row['id']})", row)


@cli.command(cls=Listing)
@click.pass_context
def persons(ctx: click.Context) -> None:
    """List the people."""
    names: List[Column] = [("FIRST NAME", "first_name"), ("LAST NAME", "last_name")]
    output(ctx, gazu_person.all_persons(), [*names, ("EMAIL", "email"), ("ROLE", "role"), ID])


@cli.command("my-tasks", cls=Listing)
@click.option("--done", "finished", is_flag=True, help="List finished tasks instead.")
@click.pass_context
def my_tasks(ctx: click.Context, finished: bool) -> None:
    """List the tasks assigned to you."""
    rows = gazu_user.all_done_tasks() if finished else gazu_user.all_tasks_to_do()
    above = ("episode_name", "sequence_name", "entity_name")
    entity: Column = ("ENTITY", lambda row: "/".join(row[key] for key in above if row.get(key)))
    kind: Column = ("TYPE", "task_type_name")
    output(ctx, rows, [("PROJECT", "project_name"), entity, kind, ("STATUS", "task_status_name"), ID])


@cli.command()
@click.argument("query")
@click.option("-p", "--project", metavar="PROJECT", help="Search only this project (name or id).")
@click.pass_context
def search(ctx: click.Context, query: str, project: Optional[str]) -> None:
    """Search for assets, shots and people, with at least three characters."""
    if len(query.strip()) < 3 and not is_json():
        click.echo("The server needs at least three characters.", err=True)
    found: Any = gazu_search.search_entities(query, resolve_project(project) if project else None)
    if not is_json():
        found = [{**row, "kind": kind} for kind, rows in found.items() for row in rows]
    name: Column = ("NAME", lambda row: row.get("full_name") or row.get("name"))
    output(ctx, found, [("KIND", "kind"), name, ("PROJECT", "project_name"), ID])


@cli.command("shot-casting", cls=Listing)
@click.argument("shot_id", metavar="SHOT", shell_complete=complete_entity)
@project_option
@click.pass_context
def shot_casting(ctx: click.Context, shot_id: str, project: Optional[str]) -> None:
    """List the assets cast in a shot, given by id or by a path such as SQ01/SH010."""
    if not is_id(shot_id):
        shot_id = find_entity(shot_id, get_project_from_option(project))
    rows = gazu_casting.get_shot_casting(shot_id)
    columns: List[Column] = [("TYPE", "asset_type_name"), ("COUNT", "nb_occurences"), ("ID", "asset_id")]
    output(ctx, rows, [("ASSET", "asset_name"), *columns])


optional_project = click.option(
    "-p", "--project", metavar="PROJECT", help="Only those used by this project (name or id)."
)


@cli.command("asset-types", cls=Listing)
@optional_project
@click.pass_context
def asset_types(ctx: click.Context, project: Optional[str]) -> None:
    """List the asset types."""
    of_project = gazu_asset.all_asset_types_for_project
    output(ctx, of_project(resolve_project(project)) if project else gazu_asset.all_asset_types(), [NAME, ID])


@cli.command("task-types", cls=Listing)
@optional_project
@click.pass_context
def task_types(ctx: click.Context, project: Optional[str]) -> None:
    """List the task types."""
    of_project = gazu_task.all_task_types_for_project
    rows = of_project(resolve_project(project)) if project else gazu_task.all_task_types()
    output(ctx, rows, [NAME, ("FOR", "for_entity"), ID])


@cli.command("task-statuses", cls=Listing)
@optional_project
@click.pass_context
def task_statuses(ctx: click.Context, project: Optional[str]) -> None:
    """List the task statuses."""
    of_project = gazu_task.all_task_statuses_for_project
    rows = of_project(resolve_project(project)) if project else gazu_task.all_task_statuses()
    output(ctx, rows, [NAME, ("SHORT", "short_name"), ID])
