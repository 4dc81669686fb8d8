"""The group `cli`, and the options and error handling shared by all commands."""

from typing import Any, List, Optional

import click
from click.core import ParameterSource

from ..__version__ import __version__
from . import sessions
from .connect import HOST_VARIABLES, setup_client
from .errors import handle_errors


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
        """Set up the client, then run the command."""
        if not self.offline:
            setup_client()
        return super().invoke(ctx)


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


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option("--host", metavar="URL", envvar=HOST_VARIABLES, help="URL of the server (or GAZU_HOST).")
@click.option(
    "--server",
    metavar="NAME",
    envvar="GAZU_SERVER",
    shell_complete=complete_server,
    help="Name of a server you are logged in to (or GAZU_SERVER).",
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
            raise click.UsageError("use either --host or --server (GAZU_HOST or GAZU_SERVER), not both")
        host, server = (host, None) if ranks[0] else (None, server)
    ctx.ensure_object(dict).update(json=as_json, host=host, server=server)
