"""Which server is meant, and as whom: options first, then the environment, then the sessions that are kept."""

import os
from typing import Any, Dict, Optional
from urllib.parse import urlsplit

import click

from .. import client as raw
from . import sessions
from .errors import NOT_LOGGED_IN, TOKEN_VARIABLE, Failure

#: Of earlier releases and of tools around them; the first that is set counts.
HOST_VARIABLES = ["GAZU_HOST", "KITSU_HOST", "KITSU_URL", "KITSU_SERVER", "CGWIRE_HOST"]
EVENT_HOST_VARIABLES = ["GAZU_EVENT_HOST", "KITSU_EVENT_HOST"]
CONFIG_DIR = str(sessions.folder())
CONFIG_FILE = str(sessions.folder() / "current")


def address(host: str) -> str:
    """Return the address of the API at *host*, which may lack `https://` and `/api`."""
    host = host.strip()
    host = host if "://" in host else "https://" + host
    if not urlsplit(host).hostname or "@" in urlsplit(host).netloc:
        raise Failure("the host must be an address such as https://kitsu.example.com, without a password in it")
    host = host.rstrip("/")
    return host if host.endswith("/api") else host + "/api"


def options() -> Dict[str, Any]:
    """Return what was said before the name of the command: `json`, `host`, `server`."""
    context = click.get_current_context(silent=True)
    return (context.find_root().obj or {}) if context else {}


def chosen() -> Optional[str]:
    """Return the name of the session that is meant, if there is one."""
    host, name = options().get("host"), options().get("server")
    if name:
        return str(name)
    if not host:
        return sessions.current()
    name = sessions.name_for(address(host))
    return name if name in sessions.names() else None


def load_config() -> Dict[str, Any]:
    """Return the session that is meant, `{"host": ..., "tokens": {...}}`, or `{}` if there is none."""
    token, host = os.environ.get(TOKEN_VARIABLE), options().get("host")
    if token and not host and not options().get("server"):  # not to any server that happens to be the current one
        raise Failure(f"{TOKEN_VARIABLE} needs GAZU_HOST, --host or --server: whose token is it?", NOT_LOGGED_IN)
    name = chosen()
    if token:
        return {
            "host": address(host) if host else sessions.describe(str(name))["host"],
            "tokens": {"access_token": token},
        }
    return sessions.read(name) if name else {}


def save_config(data: Dict[str, Any]) -> None:
    """Keep a session, and make it the current one: `host` and `tokens`, if wanted `name`, `email` and `event_host`."""
    name = data.get("name") or sessions.name_for(data["host"])
    sessions.write(name, data)
    sessions.use(name)


def clear_config() -> None:
    """Forget the session that is meant."""
    name = chosen()
    if name:
        sessions.forget(name)


def setup_client() -> None:
    """Have the default client talk to the server that is meant; a token that it renews is kept."""
    session = load_config()
    if not session:
        raise Failure(_why_not(), NOT_LOGGED_IN)
    raw.set_host(session["host"])
    events = [os.environ.get(name) for name in EVENT_HOST_VARIABLES]
    raw.set_event_host(next(filter(None, events), None) or session.get("event_host") or session["host"])
    raw.set_tokens(session["tokens"])
    context, before = click.get_current_context(silent=True), session["tokens"].get("access_token")
    if context and session.get("name"):
        context.find_root().call_on_close(lambda: _keep_renewed(session, before))


def _why_not() -> str:
    if options().get("host"):
        return f"not logged in to {options()['host']}. Run: gazu-cli login --host {options()['host']}"
    if sessions.names():
        return f"no server is chosen. Run: gazu-cli use NAME ({', '.join(sessions.names())})"
    return "not logged in. Run: gazu-cli login"


def _keep_renewed(session: Dict[str, Any], before: Optional[str]) -> None:
    """Keep the tokens that the client got meanwhile, unless the session was ended; the command is done anyway."""
    client = raw.default_client
    renewed = client.host == session["host"] and client.access_token not in (None, before)
    if renewed and session["name"] in sessions.names():
        try:
            sessions.write(session["name"], {**session, "tokens": client.tokens})
        except (OSError, Failure) as error:
            click.echo(f"the renewed log-in of {session['name']} cannot be kept: {error}", err=True)
