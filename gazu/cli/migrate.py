"""The command `push`."""

import json
from typing import Any, Optional

import click

from .. import connect, sessions
from .. import sync as gazu_sync
from ..client import KitsuClient, create_client
from .app import cli, complete_server
from .connect import find_session_name
from .errors import Failure, printable
from .find import resolve_project
from .show import is_json, print_table, progress_bar

COLUMNS = [("KIND", "kind"), ("CREATED", "created"), ("UPDATED", "updated"), ("SKIPPED", "skipped")]


@cli.command(offline=True)
@click.argument("project")
@click.option("--from", "source", metavar="SERVER", shell_complete=complete_server, help="Default: the current server.")
@click.option(
    "--to", "target", metavar="SERVER", required=True, shell_complete=complete_server, help="The server to copy to."
)
@click.option("--target-project", metavar="PROJECT", help="Copy into this project of the target (name or id).")
@click.option("-n", "--dry-run", is_flag=True, help="Write nothing; show what would be copied.")
@click.option("--workers", type=click.IntRange(1, 64), default=8, show_default=True, help="Parallel pieces of work.")
@click.pass_context
def push(
    ctx: click.Context,
    project: str,
    source: Optional[str],
    target: str,
    target_project: Optional[str],
    dry_run: bool,
    workers: int,
) -> None:
    """Copy a project to another server, or what is missing there.

    SERVER is the URL or the name of a server that you are logged in to, as an administrator. The same command resumes
    after an interruption, and copies what is new; nothing is duplicated.
    """
    names = find_session_name(source), find_session_name(target)
    if names[0] == names[1]:
        raise Failure(f"--from and --to are the same server: {names[0]}")
    here, there = map(_connect, names)
    with progress_bar("rows") as progress:
        report = gazu_sync.push_project(
            resolve_project(project, here),
            source=here,
            target=there,
            target_project=resolve_project(target_project, there) if target_project else None,
            dry_run=dry_run,
            workers=workers,
            progress_callback=progress,
        )
    _print(report, dry_run)


def _connect(name: str) -> KitsuClient:
    """Return a client with the stored session *name*."""
    client = create_client(sessions.describe(name)["host"], use_refresh_token=True)
    return connect(profile=name, client=client)


def _print(report: Any, dry_run: bool) -> None:
    """Print the report; raise Failure if something failed."""
    if is_json():
        click.echo(json.dumps(report, indent=2))
    else:
        print_table([{"kind": kind, **count} for kind, count in report["counts"].items()], COLUMNS)
    for kind, fields in report["left_out"].items():
        click.echo(printable(f"left out, as the target is too old for it: {kind}: {', '.join(fields)}"), err=True)
    for row in report["failed"]:
        click.echo(printable(f"not copied: {row['kind']} {row['id']}: {row['reason']}"), err=True)
    if dry_run and not is_json():
        click.echo("Dry run: nothing was written.", err=True)
    if report["failed"]:
        raise Failure(f"{len(report['failed'])} rows {'cannot be' if dry_run else 'were not'} copied")
