"""Select the server and the account: from options, then the environment, then the stored sessions."""

import os
from typing import Any, Dict, Optional
from urllib.parse import urlsplit

import click

from .. import client as raw
from . import sessions
from .errors import NOT_LOGGED_IN, TOKEN_VARIABLE, Failure, printable

#: The first that is set wins; the others are names that earlier releases and related tools use.
HOST_VARIABLES = ["GAZU_HOST", "KITSU_HOST", "KITSU_URL", "KITSU_SERVER", "CGWIRE_HOST"]
EVENT_HOST_VARIABLES = ["GAZU_EVENT_HOST", "KITSU_EVENT_HOST"]


def normalize_host(host: str) -> str:
    """Return the API URL for *host*, adding `https://` and `/api` where missing."""
    host = host.strip()
    host = host if "://" in host else "https://" + host
    if not urlsplit(host).hostname or "@" in urlsplit(host).netloc:
        raise Failure("the host must be a URL such as https://kitsu.example.com, without a password")
    host = host.rstrip("/")
    return host if host.endswith("/api") else host + "/api"


def get_options() -> Dict[str, Any]:
    """Return the options of the group: `json`, `host`, `server`."""
    context = click.get_current_context(silent=True)
    return (context.find_root().obj or {}) if context else {}


def get_selected_name() -> Optional[str]:
    """Return the name of the selected session, or None."""
    host, name = get_options().get("host"), get_options().get("server")
    if name:
        return str(name)
    if not host:
        return sessions.get_current()
    name = sessions.find_name(normalize_host(host))
    return name if name in sessions.list_names() else None


def load_config() -> Dict[str, Any]:
    """Return the selected session, `{"host": ..., "tokens": {...}}`, or `{}` if there is none."""
    token, host = os.environ.get(TOKEN_VARIABLE), get_options().get("host")
    if token and not host and not get_options().get("server"):  # never send it to whichever server is current
        raise Failure(f"{TOKEN_VARIABLE} needs a server: set GAZU_HOST, or pass --host or --server", NOT_LOGGED_IN)
    name = get_selected_name()
    if token:
        return {
            "host": normalize_host(host) if host else sessions.describe(str(name))["host"],
            "tokens": {"access_token": token},
        }
    return sessions.read(name) if name else {}


def save_config(data: Dict[str, Any]) -> None:
    """Store a session, and make it the current one: `host` and `tokens`, optionally `name`, `email`, `event_host`."""
    name = data.get("name") or sessions.find_name(data["host"])
    sessions.write(name, data)
    sessions.set_current(name)


def clear_config() -> None:
    """Remove the selected session."""
    name = get_selected_name()
    if name:
        sessions.forget(name)


def setup_client() -> None:
    """Set up the default client for the selected session; renewed tokens are stored when the command ends."""
    session = load_config()
    if not session:
        raise Failure(_explain_missing_session(), NOT_LOGGED_IN)
    raw.set_host(session["host"])
    events = [os.environ.get(name) for name in EVENT_HOST_VARIABLES]
    raw.set_event_host(next(filter(None, events), None) or session.get("event_host") or session["host"])
    raw.set_tokens(session["tokens"])
    context, before = click.get_current_context(silent=True), session["tokens"].get("access_token")
    if context and session.get("name"):
        context.find_root().call_on_close(lambda: _store_renewed_tokens(session, before))


def _explain_missing_session() -> str:
    host = get_options().get("host")
    if host:
        return f"not logged in to {host}. Run: gazu-cli login --host {host}"
    if sessions.list_names():
        return f"no server selected. Run: gazu-cli use NAME ({', '.join(sessions.list_names())})"
    return "not logged in. Run: gazu-cli login"


def _store_renewed_tokens(session: Dict[str, Any], before: Optional[str]) -> None:
    """Store renewed tokens, unless the session was removed meanwhile; a failure is only reported."""
    client = raw.default_client
    renewed = client.host == session["host"] and client.access_token not in (None, before)
    if renewed and session["name"] in sessions.list_names():
        try:
            sessions.write(session["name"], {**session, "tokens": client.tokens})
        except (OSError, Failure) as error:
            click.echo(printable(f"cannot store the renewed tokens of {session['name']}: {error}"), err=True)
