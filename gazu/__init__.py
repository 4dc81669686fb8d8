"""Python client of Kitsu, the production tracker of animation and VFX studios.

    import gazu

    gazu.set_host("https://kitsu.example.com/api")
    gazu.log_in("jane@example.com", "password")
    for shot in gazu.shot.all_shots_for_project(gazu.project.get_project_by_name("Big Buck Bunny")):
        print(shot["name"])

Each domain of Kitsu is a module, loaded when it is first used: `gazu.asset`,
`gazu.shot`, `gazu.task`, ... `gazu.client` (also `gazu.raw`) has the plain verbs.
"""

import importlib
import operator
import sys
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Union

from . import cache, client, exception
from . import client as raw
from .__version__ import __version__
from ._http.login import build_credentials, explain_refusal, store_tokens, warn_of_plain_http
from .client import KitsuClient
from .deprecation import deprecated
from .exception import AuthFailedException, NotAuthenticatedException, ParameterException
from .exception import GazuException as GazuException
from .secret import Tokens, hide, hides_secrets

if TYPE_CHECKING:
    from . import aio as aio
    from . import asset as asset
    from . import background as background
    from . import casting as casting
    from . import concept as concept
    from . import context as context
    from . import edit as edit
    from . import encoder as encoder
    from . import entity as entity
    from . import events as events
    from . import files as files
    from . import helpers as helpers
    from . import models as models
    from . import person as person
    from . import playlist as playlist
    from . import project as project
    from . import project_template as project_template
    from . import query as query
    from . import sandbox as sandbox
    from . import scene as scene
    from . import search as search
    from . import shot as shot
    from . import sorting as sorting
    from . import studio as studio
    from . import sync as sync
    from . import task as task
    from . import user as user

_MODULES = (
    "asset", "background", "casting", "concept", "context", "edit", "encoder", "entity", "events", "file_trees",
    "files", "helpers", "models", "person", "playlist", "project", "project_template", "query", "scene", "search",
    "shot", "sorting", "studio", "sync", "task", "user",
)  # fmt: skip
#: The first version of Zou with the page of `log_in_with_browser`.
BROWSER_LOGIN_MIN_ZOU_VERSION = (1, 0, 94)
#: What needs more than the library requires: not part of `import *`.
_EXTRAS = ("aio", "sandbox")

__all__ = [
    "BROWSER_LOGIN_MIN_ZOU_VERSION",
    "AuthFailedException",
    "KitsuClient",
    "NotAuthenticatedException",
    "ParameterException",
    "__version__",
    "cache",
    "client",
    "create_session",
    "exception",
    "get_event_host",
    "get_host",
    "log_in",
    "log_in_with_browser",
    "log_out",
    "raw",
    "refresh_access_token",
    "send_email_otp",
    "set_event_host",
    "set_host",
    "set_token",
    "supports",
    *_MODULES,
]


def __getattr__(name: str) -> Any:
    if name in (*_MODULES, *_EXTRAS):
        return importlib.import_module("." + name, __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> List[str]:
    return sorted({*globals(), *_MODULES})


def get_host(client: KitsuClient = raw.default_client) -> str:
    """Return the address of the API."""
    return raw.get_host(client=client)


def set_host(url: str, client: KitsuClient = raw.default_client) -> None:
    """Set the address of the API.

    Args:
        url: `https://kitsu.example.com/api`
    """
    raw.set_host(url, client=client)


def get_event_host(client: KitsuClient = raw.default_client) -> str:
    """Return the address of the event stream: that of the API until another is set."""
    return raw.get_event_host(client=client)


def set_event_host(url: str, client: KitsuClient = raw.default_client) -> None:
    """Set the address of the event stream.

    Args:
        url: `https://kitsu.example.com`
    """
    raw.set_event_host(url, client=client)


@hides_secrets
def log_in(
    email: str,
    password: str,
    totp: Optional[str] = None,
    email_otp: Optional[str] = None,
    fido_authentication_response: Optional[Dict[str, Any]] = None,
    recovery_code: Optional[str] = None,
    client: KitsuClient = raw.default_client,
) -> Dict[str, Any]:
    """Log in, and keep the tokens in the client: `POST auth/login`.

    Args:
        totp: the code of an authenticator application.
        email_otp: the code that `send_email_otp` had sent.
        fido_authentication_response: the answer of a security key.
        recovery_code: one of the codes given out for a lost second factor.

    Returns:
        `{"login": True, "user": ..., "access_token": ..., "refresh_token": ...}`

    Raises:
        AuthFailedException: the server says no; its `body` tells why, for instance
            `missing_OTP` with the second factors of the account. The tokens that
            the client had stay.
    """
    warn_of_plain_http(client)
    credentials = build_credentials(email, password, totp, email_otp, fido_authentication_response, recovery_code)
    with explain_refusal(email):
        answer = raw.post("auth/login", credentials, client=client)
    return store_tokens(email, answer, client)


def log_in_with_browser(
    app_name: str = "gazu", timeout: float = 300, client: KitsuClient = raw.default_client
) -> Dict[str, Any]:
    """Log in on Kitsu's page in a browser on this machine, and keep the tokens in the client.

    Whatever the page asks for is enough: a password, a second factor, or the single sign-on of the studio. Where no
    browser opens, the address of the page is logged and printed. The tokens are a session of their own.

    `POST auth/app-login/token`

    Args:
        app_name: how the page calls what asks; Kitsu shows 50 characters.
        timeout: seconds to wait for the user.

    Returns:
        What `log_in` returns.

    Raises:
        AuthFailedException: the user refused, nobody came within *timeout*, the server refused the code, or it is older
            than Zou 1.0.94.
    """
    from . import browser_login  # loaded here: few programs log in like this

    return browser_login.log_in(app_name, timeout, client, BROWSER_LOGIN_MIN_ZOU_VERSION)


def send_email_otp(email: str, client: KitsuClient = raw.default_client) -> Dict[str, Any]:
    """Have the server send a one-time code for `log_in` to *email*: `GET auth/email-otp`."""
    answer: Dict[str, Any] = raw.get("auth/email-otp", params={"email": hide(email)}, client=client)
    return answer


def log_out(client: KitsuClient = raw.default_client) -> Dict[str, Any]:
    """Log out: `GET auth/logout`. The client forgets its tokens whatever the server says.

    Returns:
        The tokens left: `{}`.
    """
    try:
        if client.access_token:
            raw.get("auth/logout", client=client)
    except (NotAuthenticatedException, ParameterException):
        pass  # the session was over already
    finally:
        client.forget_tokens()
        raw.set_tokens({}, client=client)
    return client.tokens


def refresh_access_token(client: KitsuClient = raw.default_client) -> Dict[str, Any]:
    """Get a new access token with the refresh token: `GET auth/refresh-token`.

    Raises:
        NotAuthenticatedException: there is no refresh token, or it has expired too.
    """
    return client.refresh_access_token()


@deprecated("removed in gazu 0.10: use `refresh_access_token`")
def refresh_token(client: KitsuClient = raw.default_client) -> Dict[str, Any]:
    """Do what `refresh_access_token` does: `GET auth/refresh-token`."""
    return refresh_access_token(client=client)


def set_token(token: Union[str, Dict[str, Any]], client: KitsuClient = raw.default_client) -> Dict[str, Any]:
    """Work as a bot, or go on with an earlier session.

    Args:
        token: the token of the bot, or the tokens as a dict.
    """
    return raw.set_tokens(Tokens(access_token=token) if isinstance(token, str) else token, client=client)


@hides_secrets
def create_session(
    host: str,
    email: str,
    password: str,
    totp: Optional[str] = None,
    email_otp: Optional[str] = None,
    fido_authentication_response: Optional[Dict[str, Any]] = None,
    recovery_code: Optional[str] = None,
    ssl_verify: raw.Verify = True,
    cert: raw.Certificate = None,
    use_refresh_token: bool = False,
    callback_not_authenticated: Optional[Callable[[KitsuClient, str], Any]] = None,
) -> KitsuClient:
    """Create a client of its own and log in with it; as a context manager it logs out at the end.

    The arguments are those of `KitsuClient` and `log_in`.

        with gazu.create_session(host, email, password) as session:
            gazu.project.all_projects(client=session)
    """
    session = raw.create_client(host, ssl_verify, cert, use_refresh_token, callback_not_authenticated)
    log_in(email, password, totp, email_otp, fido_authentication_response, recovery_code, client=session)
    return session


def supports(function: str, client: KitsuClient = raw.default_client) -> bool:
    """Return whether the server is new enough for a function: `GET` of the host, once for each client.

    A server that does not say its version is taken for the newest.

        if gazu.supports("studio.all_studios"):
            studios = gazu.studio.all_studios()

    Args:
        function: module and name, `studio.all_studios` or `gazu.studio.all_studios`.

    Raises:
        AttributeError: there is no such function.
    """
    from ._http import sender, server_version

    name = function[5:] if function.startswith("gazu.") else function
    operator.attrgetter(name)(sys.modules[__name__])
    return server_version.is_supported(name, sender.server_version(client))
