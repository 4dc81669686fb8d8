"""What to connect to, and as whom: by arguments, by the environment, or by a stored session."""

import os
from typing import Any, Dict, List, NamedTuple, Optional, Tuple
from urllib.parse import urlsplit

from . import sessions
from ._http.base_client import BaseClient
from ._http.log import warn_caller
from .exception import GazuWarning, NoSessionException
from .secret import Tokens, hide

#: The first that is set wins; the others are names that earlier releases and related tools use.
HOST_VARIABLES = ["GAZU_HOST", "KITSU_HOST", "KITSU_URL", "KITSU_SERVER", "CGWIRE_HOST"]
EVENT_HOST_VARIABLES = ["GAZU_EVENT_HOST", "KITSU_EVENT_HOST"]
TOKEN_VARIABLES = ["GAZU_TOKEN", "KITSU_TOKEN", "KITSU_EVENTS_TOKEN"]
EMAIL_VARIABLES = ["GAZU_EMAIL", "KITSU_EMAIL", "KITSU_LOGIN"]
PASSWORD_VARIABLES = ["GAZU_PASSWORD", "KITSU_PASSWORD", "KITSU_PWD"]
PROFILE_VARIABLES = ["GAZU_PROFILE", "GAZU_SERVER"]
#: What is compared as text only, and never shown.
_SECRET_VARIABLES = {*TOKEN_VARIABLES, *PASSWORD_VARIABLES}


class Access(NamedTuple):
    """What a client needs to connect: tokens, or an account to log in with."""

    host: str
    event_host: Optional[str]
    tokens: Optional[Dict[str, Any]] = None
    account: Optional[Tuple[str, str]] = None
    #: The name of the stored session whose tokens these are.
    profile: Optional[str] = None


def normalize_host(host: str) -> str:
    """Return the API URL for *host*, adding `https://` and `/api` where missing.

    Raises:
        ValueError: it is not a URL, or it has a password.
    """
    host = host.strip()
    host = host if "://" in host else "https://" + host
    if not urlsplit(host).hostname or "@" in urlsplit(host).netloc:
        raise ValueError("the host must be a URL such as https://kitsu.example.com, without a password")
    host = host.rstrip("/")
    return host if host.endswith("/api") else host + "/api"


def find_variable(names: List[str]) -> Tuple[str, str]:
    """Return the name and the value of the first of these variables that is set; two empty texts if none is.

    Those of them that are set to something else are warned of.
    """
    found = {name: os.environ[name].strip() for name in names if os.environ.get(name, "").strip()}
    if not found:
        return "", ""
    first = next(iter(found))
    is_host = names in (HOST_VARIABLES, EVENT_HOST_VARIABLES)
    meant = {name: normalize_host(value) if is_host else value for name, value in found.items()}
    others = [name for name in found if meant[name] != meant[first]]
    if others:
        warn_caller(f"{first} and {', '.join(others)} differ: {first} is used", GazuWarning)
    return first, hide(found[first]) if first in _SECRET_VARIABLES else found[first]


def set_up(client: BaseClient, host: Optional[str] = None, profile: Optional[str] = None) -> Optional[Tuple[str, str]]:
    """Give *client* its hosts and tokens; see `gazu.connect`.

    Returns:
        Email and password to log in with, if there are no tokens.
    """
    access = find_access(host, profile)
    client.forget_tokens()
    client.host, client.event_host, client.tokens = access.host, access.event_host, access.tokens or Tokens()
    if access.profile:
        client.stored_session = sessions.StoredSession(access.profile)
    return access.account


def find_access(host: Optional[str] = None, profile: Optional[str] = None) -> Access:
    """Return what to connect to, and as whom; see `gazu.connect`.

    Raises:
        NoSessionException: neither the environment nor a stored session says it.
        ValueError: what says it contradicts itself.
    """
    named = find_variable(HOST_VARIABLES)[1]
    wanted = normalize_host(host) if host is not None else None
    variable_host = normalize_host(named) if named else None
    # The credentials of the environment are for its own server: nobody else gets them.
    in_charge = profile is None and (wanted is None or variable_host in (None, wanted))
    target = wanted or (variable_host if in_charge else None)
    if in_charge:
        access = _access_of_environment(target)
        if access is not None:
            return access
        profile = find_variable(PROFILE_VARIABLES)[1] or None
    return _access_of_session(profile, target)


def _access_of_environment(host: Optional[str]) -> Optional[Access]:
    """Return the access with the token of the environment, else with its account; None if it has neither."""
    variable, token = find_variable(TOKEN_VARIABLES)
    if not variable:
        variable, email = find_variable(EMAIL_VARIABLES)
        password = find_variable(PASSWORD_VARIABLES)[1]
        if not (email and password):
            return None
    if host is None:  # never send it to whichever server is current
        server = find_variable(PROFILE_VARIABLES)[1]
        if not server:
            raise NoSessionException(f"{variable} needs a server: set GAZU_HOST")
        host = sessions.describe(sessions.find_profile(server))["host"]
    events = _event_host_for(host)
    return Access(host, events, Tokens(access_token=token)) if token else Access(host, events, None, (email, password))


def _access_of_session(profile: Optional[str], host: Optional[str]) -> Access:
    """Return the access with the session *profile*, else with that for *host*, else with the current one."""
    name = sessions.find_profile(profile) if profile else sessions.find_stored(host) if host else sessions.get_current()
    if name is None:
        place = f"to {host}" if host else "to any server"
        known = "" if host else ", ".join(sessions.list_names())
        choose = f"choose one with gazu-cli use ({known}), " if known else ""
        option = f" --host {host}" if host else ""
        raise NoSessionException(
            f"not logged in {place}: {choose}run gazu-cli login{option}, set GAZU_HOST and GAZU_TOKEN,"
            " or call gazu.set_host and gazu.log_in"
        )
    session = sessions.read(name)
    if host and session["host"] != host:
        raise ValueError(f"the session {name} is for {session['host']}, and not for {host}")
    events = _event_host_for(session["host"]) or session.get("event_host")
    return Access(session["host"], events, session["tokens"], None, session["name"])


def _event_host_for(host: str) -> Optional[str]:
    """Return the event host of the environment, unless that names another server."""
    named = find_variable(HOST_VARIABLES)[1]
    return find_variable(EVENT_HOST_VARIABLES)[1] or None if not named or normalize_host(named) == host else None
