"""The group `cli`, and the options and error handling shared by all commands."""

from typing import Any, Callable, Dict, Iterable, List, Optional

import click
from click.core import ParameterSource

from .. import sessions
from ..__version__ import __version__
from ..connection import HOST_VARIABLES, PROFILE_VARIABLES
from .connect import setup_client
from .errors import handle_errors

#: Texts that mean something when they are empty.
MAY_BE_EMPTY = ("message", "comment", "password")


def _set_json(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(dict)["json"] = True


class Command(click.Command):
    """A command with `--json` that connects to the server before it runs, unless it is *offline*."""

    def __init__(self, *args: Any, offline: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offline = offline
        self.params.append(
            click.Option(
                ["--json"], is_flag=True, expose_value=False, callback=_set_json, help="Print JSON for programs."
            )
        )

    def invoke(self, ctx: click.Context) -> Any:
        """Set up the client, then run the command; an empty text, as of an unset variable, is refused."""
        for parameter in self.params:
            empty = ctx.params.get(str(parameter.name)) == "" and parameter.name not in MAY_BE_EMPTY
            if empty and ctx.get_parameter_source(str(parameter.name)) == ParameterSource.COMMANDLINE:
                raise click.BadParameter("it is empty", ctx, parameter)
        if not self.offline:
            setup_client()
        return super().invoke(ctx)


class Listing(Command):
    """A command that lists records, with `--limit`, `--fields` and `--csv`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for declaration, options in LISTING_OPTIONS.items():
            self.params.append(click.Option([declaration], expose_value=False, callback=_remember, **options))


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    context.ensure_object(dict)[parameter.name] = value


LISTING_OPTIONS: Dict[str, Dict[str, Any]] = {
    "--limit": {"type": click.IntRange(1), "help": "At most so many records."},
    "--fields": {"metavar": "NAME,...", "help": "JSON with these fields only."},
    "--csv": {"is_flag": True, "help": "Print CSV: the columns of the table."},
}


class Group(click.Group):
    """A group that reports each error in one line, with an exit status for its kind."""

    command_class = Command

    @handle_errors
    def invoke(self, ctx: click.Context) -> Any:
        """Run the selected command."""
        return super().invoke(ctx)


def complete_server(context: click.Context, parameter: click.Parameter, incomplete: str) -> List[str]:
    """Complete the name of a server for the shell."""
    return [name for name in sessions.list_names() if name.startswith(incomplete)]


def _complete(context: click.Context, list_names: Callable[[], Iterable[str]], incomplete: str) -> List[str]:
    """Complete from names that the server has; without a log-in or a network, from nothing."""
    group = context.find_root()
    group.obj = dict(group.params)  # the group itself is not run
    try:
        with context.scope(cleanup=False):
            setup_client()
            return [name for name in list_names() if name.casefold().startswith(incomplete.casefold())]
    except Exception:
        return []


def complete_project(context: click.Context, parameter: click.Parameter, incomplete: str) -> List[str]:
    """Complete the name of an open project for the shell."""
    from .. import project as projects

    return _complete(context, lambda: [row["name"] for row in projects.all_open_projects()], incomplete)


def complete_entity(context: click.Context, parameter: click.Parameter, incomplete: str) -> List[str]:
    """Complete the path of an entity for the shell."""
    from .find import get_project_from_option, list_paths

    project = context.params.get("project")
    return _complete(context, lambda: list_paths(get_project_from_option(project)).values(), incomplete)


def complete_task(context: click.Context, parameter: click.Parameter, incomplete: str) -> List[str]:
    """Complete the path of a task for the shell."""
    from .find import get_project_from_option, list_task_paths

    project = context.params.get("project")
    return _complete(context, lambda: list_task_paths(get_project_from_option(project)), incomplete)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option("--host", metavar="URL", envvar=HOST_VARIABLES, help="URL of the server (or GAZU_HOST).")
@click.option(
    "--profile",
    "--server",
    "server",
    metavar="NAME",
    envvar=PROFILE_VARIABLES,
    shell_complete=complete_server,
    help="Name of a session of `login` (or GAZU_PROFILE).",
)
@click.version_option(__version__, prog_name="gazu-cli")
@click.pass_context
def cli(ctx: click.Context, as_json: bool, host: Optional[str], server: Optional[str]) -> None:
    """Work with Kitsu from the command line.

    Start with `gazu-cli login`. Exit status: 0 success, 1 error, 2 usage error, 3 not logged in,
    4 not found, 5 no response from the server, 130 Ctrl-C.
    """
    if host and server:
        ranks = [ctx.get_parameter_source(name) == ParameterSource.COMMANDLINE for name in ("host", "server")]
        if ranks[0] == ranks[1]:
            raise click.UsageError("use either --host or --profile (GAZU_HOST or GAZU_PROFILE), not both")
        host, server = (host, None) if ranks[0] else (None, server)
    ctx.ensure_object(dict).update(json=as_json, host=host, server=server)
