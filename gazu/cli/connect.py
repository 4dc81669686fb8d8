"""Select the server and the account: from options, then the environment, then the stored sessions."""

from typing import Any, Dict, Optional

import click

from .. import client as raw
from .. import sessions
from ..connection import EVENT_HOST_VARIABLES, TOKEN_VARIABLES, find_variable, normalize_host
from .errors import NOT_LOGGED_IN, Failure


def get_options() -> Dict[str, Any]:
    """Return the options of the group: `json`, `host`, `server`."""
    context = click.get_current_context(silent=True)
    return (context.find_root().obj or {}) if context else {}


def get_selected_name() -> Optional[str]:
    """Return the name of the selected session, or None."""
    host, name = get_options().get("host"), get_options().get("server")
    if name:
        return sessions.find_profile(str(name))
    return sessions.find_stored(normalize_host(host)) if host else sessions.get_current()


def find_session_name(server: Optional[str]) -> str:
    """Return the name of the stored session for a server given by its name or its URL; None is the selected one.

    Raises:
        Failure: nothing is configured.
    """
    name = sessions.find_profile(server) if server else get_selected_name()
    if name is None:
        raise Failure(_explain_missing_session(), NOT_LOGGED_IN)
    return str(sessions.describe(name)["name"])


def load_config() -> Dict[str, Any]:
    """Return the selected session, `{"host": ..., "tokens": {...}}`, or `{}` without one."""
    (variable, token), host = find_variable(TOKEN_VARIABLES), get_options().get("host")
    if token and not host and not get_options().get("server"):  # never send it to whichever server is current
        raise Failure(f"{variable} needs a server: set GAZU_HOST, or pass --host or --profile", NOT_LOGGED_IN)
    name = get_selected_name()
    if token:
        return {
            "host": normalize_host(host) if host else sessions.describe(str(name))["host"],
            "tokens": {"access_token": token},
        }
    return sessions.read(name) if name else {}


def save_config(data: Dict[str, Any]) -> None:
    """Store a session, and make it the current one.

    Its `host` and `tokens` are needed; `name`, `email`, `event_host` and `keyring` are optional.
    """
    name = data.get("name") or sessions.find_name(data["host"])
    sessions.write(name, data, data.get("keyring"))
    sessions.set_current(name)


def clear_config() -> None:
    """Remove the selected session."""
    name = get_selected_name()
    if name:
        sessions.forget(name)


def setup_client() -> None:
    """Set up the default client for the selected session, where renewed tokens are stored."""
    session = load_config()
    if not session:
        raise Failure(_explain_missing_session(), NOT_LOGGED_IN)
    raw.set_host(session["host"])
    raw.set_event_host(find_variable(EVENT_HOST_VARIABLES)[1] or session.get("event_host") or session["host"])
    raw.set_tokens(session["tokens"])
    if session.get("name"):
        raw.default_client.stored_session = sessions.StoredSession(session["name"])


def _explain_missing_session() -> str:
    host = get_options().get("host")
    if host:
        return f"not logged in to {host}. Run: gazu-cli login --host {host}"
    if sessions.list_names():
        return f"no server selected. Run: gazu-cli use NAME ({', '.join(sessions.list_names())})"
    return "not logged in. Run: gazu-cli login"
