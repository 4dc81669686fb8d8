"""Logging in and out, and the servers that one is logged in to."""

import contextlib
import sys
from typing import Any, Dict, List, Optional

import click

from .. import client as raw
from .. import log_in, log_out, send_email_otp
from ..exception import AuthFailedException, GazuException, TransportException
from ..helpers import drop_none
from . import sessions
from .app import cli, complete_server
from .connect import address, chosen, load_config, options, save_config
from .errors import NOT_LOGGED_IN, Failure
from .show import done, output

#: How often a code is asked for; the server locks an account at the fifth wrong attempt.
ATTEMPTS = 3
BY_CODE = {"totp": "code of your authenticator application", "email_otp": "code that was sent to {email}"}


@cli.command(offline=True)
@click.option("--host", metavar="URL", help="Address of the server: https://kitsu.example.com.")
@click.option("--email", envvar=["GAZU_EMAIL", "KITSU_EMAIL", "KITSU_LOGIN"], help="Asked for where it is not said.")
@click.option(
    "--password",
    envvar=["GAZU_PASSWORD", "KITSU_PWD"],
    help="Better left out: it is asked for, or read as a line where the input is no terminal.",
)
@click.option("--name", help="What to call this server; by default, after its address.")
@click.option("--event-host", metavar="URL", help="Address of the event stream, if it is another one.")
@click.option("--totp", metavar="CODE", help="Code of your authenticator application.")
@click.option("--email-otp", metavar="CODE", help="Code that the server has sent by e-mail.")
@click.option("--recovery-code", metavar="CODE", help="One of the codes for a lost second factor.")
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
) -> None:
    """Log in to a server, and stay logged in.

    The tokens are kept in the keyring of the system, or in a file that only you can read; the password is not kept.
    """
    known = _known()
    host = address(host or options().get("host") or click.prompt("Host", default=known.get("host"), err=True))
    same = known if known.get("host") == host else {}
    email = email or click.prompt("Email", default=same.get("email"), err=True)
    raw.set_host(host)
    codes = drop_none(totp=totp, email_otp=email_otp, recovery_code=recovery_code)
    answer = _log_in(str(email), password or _ask_password(), codes)
    name = name or same.get("name") or sessions.name_for(host)
    event_host = event_host or same.get("event_host")
    save_config({"name": name, "host": host, "email": email, "event_host": event_host, "tokens": answer})
    if answer.get("two_factor_authentication_required"):
        click.echo("warning: this server does nothing for you until you set up a second factor in Kitsu", err=True)
    done(ctx, f"Logged in to {host} as {email}", sessions.describe(name))


def _known() -> sessions.Session:
    """Return what is known of the server that is meant; that of a session which is damaged is nothing."""
    with contextlib.suppress(Failure):
        return sessions.describe(str(chosen()))
    return {}


def _ask_password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, err=True))
    line = sys.stdin.readline()
    if not line:
        raise Failure("no password: use a terminal, or write it to the standard input", NOT_LOGGED_IN)
    return line.rstrip("\r\n")


def _log_in(email: str, password: str, codes: Dict[str, str]) -> Dict[str, Any]:
    """Log in, and ask for the second factor where the account has one that was not said."""
    said: Dict[str, Any] = {}
    asked = 0
    while True:
        try:
            return log_in(email, password, **codes)  # type: ignore[arg-type]
        except AuthFailedException as error:
            body: Dict[str, Any] = error.body or {}
            said.update(body)
            wants_code = body.keys() & {"missing_OTP", "wrong_OTP"} and "missing_OTP" in said
            if asked == ATTEMPTS or not wants_code:
                raise
            codes = _ask_code(email, said)
            asked += 1


def _ask_code(email: str, said: Dict[str, Any]) -> Dict[str, str]:
    """Ask for a code of the second factor that the account prefers, or for a recovery code."""
    enabled: List[str] = said.get("two_factor_authentication_enabled") or ["totp"]
    preferred = said.get("preferred_two_factor_authentication")
    kinds = [kind for kind in (preferred, *BY_CODE) if kind in BY_CODE and kind in enabled]
    if said.get("wrong_OTP"):
        click.echo("That code is wrong.", err=True)
    elif kinds[:1] == ["email_otp"]:
        send_email_otp(email)
    words = BY_CODE[kinds[0]].format(email=email) + ", or a" if kinds else "no security key can be used here; a"
    code = str(click.prompt(f"Second factor ({words} recovery code)", err=True)).strip().replace(" ", "")
    return {kinds[0] if kinds and code.isdigit() else "recovery_code": code}


@cli.command(offline=True)
@click.option("--name", shell_complete=complete_server, help="Which server; by default, the current one.")
@click.option("--all", "everywhere", is_flag=True, help="All servers.")
@click.pass_context
def logout(ctx: click.Context, name: Optional[str], everywhere: bool) -> None:
    """Log out, and forget the tokens."""
    if name and name not in sessions.names():
        raise Failure(f"no server is named {name!r}")
    names = sessions.names() if everywhere else [one for one in [name or chosen()] if one]
    for one in names:
        _end(one)
        sessions.forget(one)
    done(ctx, f"Logged out of {', '.join(names)}." if names else "Nobody was logged in.", names)


def _end(name: str) -> None:
    """Have the server end a session; that it cannot be reached is no reason to keep the tokens here."""
    try:
        session = sessions.read(name)
        raw.set_host(session["host"])
        raw.set_tokens(session["tokens"])
        log_out()
    except (GazuException, Failure) as error:
        why = "it cannot be reached" if isinstance(error, TransportException) else error
        click.echo(f"warning: the server was not told of it: {why}", err=True)


@cli.command(offline=True)
@click.pass_context
def servers(ctx: click.Context) -> None:
    """List the servers that you are logged in to."""
    rows = []
    for name in sessions.names():
        try:
            rows.append(sessions.describe(name))
        except Failure as failure:
            click.echo(f"warning: {failure.message}", err=True)
    mark = ("", lambda row: "*" if row["current"] else "")
    output(ctx, rows, [mark, ("NAME", "name"), ("HOST", "host"), ("EMAIL", "email"), ("TOKENS", "tokens_in")])


@cli.command(offline=True)
@click.argument("name", shell_complete=complete_server)
@click.pass_context
def use(ctx: click.Context, name: str) -> None:
    """Have commands mean the server NAME from now on."""
    session = sessions.describe(name)
    sessions.use(name)
    done(ctx, f"Commands now go to {session['host']}", {**session, "current": True})
    if options().get("host") or options().get("server"):
        click.echo("warning: as long as the environment names a server, they go there", err=True)


@cli.command()
@click.pass_context
def status(ctx: click.Context) -> None:
    """Tell which server commands go to, and as whom."""
    facts = {
        "host": raw.get_host(),
        "api_version": raw.get_api_version(),
        "user": raw.get_current_user(),
        "server": load_config().get("name"),
        "event_host": raw.get_event_host(),
    }
    user = ("USER", lambda row: f"{row['user']['full_name']} ({row['user']['email']})")
    output(ctx, facts, [("HOST", "host"), ("API", "api_version"), user, ("SERVER", "server")])
