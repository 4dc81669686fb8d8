"""The commands to log in and out, and to choose between servers."""

import contextlib
import sys
from typing import Any, Dict, List, Optional

import click

from .. import client as raw
from .. import log_in, log_in_with_browser, log_out, send_email_otp, sessions
from ..connection import EMAIL_VARIABLES, PASSWORD_VARIABLES, normalize_host
from ..exception import AuthFailedException, GazuException, NoSessionException, TransportException
from ..helpers import drop_none
from .app import cli, complete_server
from .connect import get_options, get_selected_name, load_config, save_config
from .errors import NOT_LOGGED_IN, Failure, printable
from .show import output, report

#: The server locks an account at the fifth wrong attempt.
MAX_CODE_PROMPTS = 3
CODE_PROMPTS = {"totp": "code from your authenticator app", "email_otp": "code sent to {email}"}


@cli.command(offline=True)
@click.option("--host", metavar="URL", help="URL of the server: https://kitsu.example.com.")
@click.option("--email", envvar=EMAIL_VARIABLES, help="Prompted for if omitted.")
@click.option(
    "--password",
    envvar=PASSWORD_VARIABLES,
    help="Better omitted: you are prompted for it, or it is read from standard input without a terminal.",
)
@click.option("--profile", "--name", "name", help="Name for this session. Default: the name of the host.")
@click.option("--event-host", metavar="URL", help="URL of the event stream, if it is another host.")
@click.option("--totp", metavar="CODE", help="Code from your authenticator app.")
@click.option("--email-otp", metavar="CODE", help="Code sent by email.")
@click.option("--recovery-code", metavar="CODE", help="One of your recovery codes.")
@click.option("--browser", is_flag=True, help="Log in on Kitsu's page in your browser; there is nothing to type here.")
@click.option(
    "--keyring/--no-keyring",
    default=None,
    help="Where to store the tokens. Default: where they are, else in the system keyring, else in a file.",
)
@click.pass_context
def login(
    ctx: click.Context,
    host: Optional[str],
    email: Optional[str],
    password: Optional[str],
    name: Optional[str],
    event_host: Optional[str],
    totp: Optional[str],
    email_otp: Optional[str],
    recovery_code: Optional[str],
    browser: bool,
    keyring: Optional[bool],
) -> None:
    """Log in to a server, and store the session.

    Tokens are stored in the system keyring, or in a file that only you can read. The password is not stored.
    """
    known = _find_session()
    host = host or get_options().get("host") or click.prompt("Host", default=known.get("host"), err=True)
    host = normalize_host(str(host))
    same = known if known.get("host") == host else {}
    raw.set_host(host)
    if browser:
        click.echo("Waiting for you to log in in the browser; Ctrl-C ends it.", err=True)
        tokens = log_in_with_browser("gazu-cli")
        email = tokens["user"]["email"]
    else:
        email = email or click.prompt("Email", default=same.get("email"), err=True)
        codes = drop_none(totp=totp, email_otp=email_otp, recovery_code=recovery_code)
        tokens = _log_in(str(email), password or _ask_password(), codes)
    chosen = get_options().get("server")  # `gazu-cli --profile NAME login` makes that session
    name = name or same.get("name") or (chosen if chosen not in sessions.list_names() else None)
    name = name or sessions.find_name(host)
    event_host = event_host or same.get("event_host")
    facts = {"name": name, "host": host, "email": email, "event_host": event_host, "keyring": keyring}
    save_config({**facts, "tokens": tokens})
    if tokens.get("two_factor_authentication_required"):
        click.echo("warning: this server requires a second factor: set one up in Kitsu before you go on", err=True)
    report(ctx, f"Logged in to {host} as {email}", sessions.describe(name))


def _find_session() -> sessions.Session:
    """Return the session of the selected server without its tokens; `{}` without one, or if it is damaged."""
    with contextlib.suppress(NoSessionException, ValueError):
        return sessions.describe(str(get_selected_name()))
    return {}


def _ask_password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, err=True))
    line = sys.stdin.readline()
    if not line:
        raise Failure("no password: run in a terminal, or pass it on standard input", NOT_LOGGED_IN)
    return line.rstrip("\r\n")


def _log_in(email: str, password: str, codes: Dict[str, str]) -> Dict[str, Any]:
    """Log in, and prompt for the second factor if the account needs one that was not passed."""
    facts: Dict[str, Any] = {}
    asked = 0
    while True:
        try:
            return log_in(email, password, **codes)  # type: ignore[arg-type]
        except AuthFailedException as error:
            body: Dict[str, Any] = error.body or {}
            facts.update(body)
            wants_code = body.keys() & {"missing_OTP", "wrong_OTP"} and "missing_OTP" in facts
            if asked == MAX_CODE_PROMPTS or not wants_code:
                raise
            codes = _ask_code(email, facts)
            asked += 1


def _ask_code(email: str, facts: Dict[str, Any]) -> Dict[str, str]:
    """Prompt for a code of the account's preferred second factor, or for a recovery code."""
    enabled: List[str] = facts.get("two_factor_authentication_enabled") or ["totp"]
    preferred = facts.get("preferred_two_factor_authentication")
    kinds = [kind for kind in (preferred, *CODE_PROMPTS) if kind in CODE_PROMPTS and kind in enabled]
    if facts.get("wrong_OTP"):
        click.echo("Wrong code.", err=True)
    elif kinds[:1] == ["email_otp"]:
        send_email_otp(email)
    words = CODE_PROMPTS[kinds[0]].format(email=email) + ", or a" if kinds else "security keys are not supported; a"
    code = str(click.prompt(f"Second factor ({words} recovery code)", err=True)).strip().replace(" ", "")
    return {kinds[0] if kinds and code.isdigit() else "recovery_code": code}


@cli.command(offline=True)
@click.option(
    "--profile", "--name", "name", shell_complete=complete_server, help="Session to end. Default: the current one."
)
@click.option("--all", "everywhere", is_flag=True, help="Log out of all servers.")
@click.pass_context
def logout(ctx: click.Context, name: Optional[str], everywhere: bool) -> None:
    """Log out, and remove the stored tokens."""
    if name and name not in sessions.list_names():
        raise Failure(f"no server named {name!r}")
    names = sessions.list_names() if everywhere else [one for one in [name or get_selected_name()] if one]
    for one in names:
        _revoke(one)
        sessions.forget(one)
    report(ctx, f"Logged out of {', '.join(names)}." if names else "You were not logged in.", names)


def _revoke(name: str) -> None:
    """Revoke the tokens on the server; if that fails, warn only, as they are removed here anyway."""
    try:
        session = sessions.read(name)
        raw.set_host(session["host"])
        raw.set_tokens(session["tokens"])
        log_out()
    except GazuException as error:
        why = "the server cannot be reached" if isinstance(error, TransportException) else error
        click.echo(f"warning: the tokens were not revoked on the server: {printable(why)}", err=True)


@cli.command(offline=True)
@click.pass_context
def servers(ctx: click.Context) -> None:
    """List the servers you are logged in to."""
    rows = []
    for name in sessions.list_names():
        try:
            rows.append(sessions.describe(name))
        except NoSessionException as error:
            click.echo(f"warning: {printable(error)}", err=True)
    mark = ("", lambda row: "*" if row["current"] else "")
    output(ctx, rows, [mark, ("NAME", "name"), ("HOST", "host"), ("EMAIL", "email"), ("TOKENS", "tokens_in")])


@cli.command(offline=True)
@click.argument("name", shell_complete=complete_server)
@click.pass_context
def use(ctx: click.Context, name: str) -> None:
    """Make NAME the current server."""
    session = sessions.describe(name)
    sessions.set_current(name)
    report(ctx, f"Commands now go to {session['host']}", {**session, "current": True})
    if get_options().get("host") or get_options().get("server"):
        click.echo("warning: the environment selects another server, which has precedence", err=True)


@cli.command()
@click.pass_context
def status(ctx: click.Context) -> None:
    """Show the current server and user."""
    facts = {
        "host": raw.get_host(),
        "api_version": raw.get_api_version(),
        "user": raw.get_current_user(),
        "server": load_config().get("name"),
        "event_host": raw.get_event_host(),
    }
    user = ("USER", lambda row: f"{row['user']['full_name']} ({row['user']['email']})")
    output(ctx, facts, [("HOST", "host"), ("API", "api_version"), user, ("SERVER", "server")])
