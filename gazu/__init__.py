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
from ._http.deadline import deadline as deadline
from ._http.login import build_credentials, explain_refusal, store_tokens, warn_of_plain_http
from .client import KitsuClient
from .deprecation import deprecated
from .exception import AuthFailedException, NotAuthenticatedException, ParameterException
from .exception import GazuException as GazuException
from .names import nearest
from .secret import Tokens, hide, hides_secrets

if TYPE_CHECKING:
    from . import aio as aio
    from . import asset as asset
    from . import background as background
    from . import bulk as bulk
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
    from . import notebook as notebook
    from . import parallel as parallel
    from . import person as person
    from . import playlist as playlist
    from . import project as project
    from . import project_template as project_template
    from . import query as query
    from . import review as review
    from . import sandbox as sandbox
    from . import scene as scene
    from . import schedule as schedule
    from . import search as search
    from . import shot as shot
    from . import sorting as sorting
    from . import studio as studio
    from . import sync as sync
    from . import task as task
    from . import user as user

_MODULES = (
    "asset", "background", "bulk", "casting", "concept", "context", "edit", "encoder", "entity", "events", "file_trees",
    "files", "helpers", "models", "notebook", "parallel", "person", "playlist", "project", "project_template", "query",
    "review", "scene", "schedule", "search", "shot", "sorting", "studio", "sync", "task", "user",
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
    "connect",
    "create_session",
    "deadline",
    "exception",
    "get_event_host",
    "get_fido_challenge",
    "get_host",
    "log_in",
    "log_in_with_browser",
    "log_in_with_code",
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
    hint = "" if name.startswith("_") else nearest(name, [*__all__, *_EXTRAS])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}{hint}")


def __dir__() -> List[str]:
    return sorted({*__all__, *_EXTRAS, *(name for name in globals() if name.startswith("__"))})


# -- addresses -----------------------------------------------------------------
def get_host(client: KitsuClient = raw.default_client) -> str:
    """Return the URL of the API.

    Example:
        >>> gazu.get_host()
        'https://kitsu.example.com/api'
    """
    return raw.get_host(client=client)


def set_host(url: str, client: KitsuClient = raw.default_client) -> None:
    """Set the URL of the API.

    Args:
        url: `https://kitsu.example.com/api`

    Example:
        >>> gazu.set_host("https://kitsu.example.com/api")
    """
    raw.set_host(url, client=client)


def get_event_host(client: KitsuClient = raw.default_client) -> str:
    """Return the URL of the event stream: that of the API until another is set."""
    return raw.get_event_host(client=client)


def set_event_host(url: str, client: KitsuClient = raw.default_client) -> None:
    """Set the URL of the event stream.

    Args:
        url: `https://kitsu.example.com`

    Example:
        >>> gazu.set_event_host("https://kitsu.example.com")
        >>> gazu.get_event_host()
        'https://kitsu.example.com'
    """
    raw.set_event_host(url, client=client)


# -- log-in --------------------------------------------------------------------
def connect(
    host: Optional[str] = None, profile: Optional[str] = None, client: KitsuClient = raw.default_client
) -> KitsuClient:
    """Connect without a password in the script: with the environment, or with a session of `gazu-cli login`.

        gazu.connect()
        gazu.shot.all_shots_for_project(project)

    What comes first counts:

    1. *host* and *profile*.
    2. In the environment, `GAZU_HOST` with `GAZU_TOKEN`, or with `GAZU_EMAIL` and `GAZU_PASSWORD`
       (`POST auth/login`). These go to no other server than that of `GAZU_HOST`, or *host* if it is not set.
    3. The stored session for *host* or `GAZU_HOST`, or the one that `GAZU_PROFILE` names.
    4. The stored session that `gazu-cli login` made last, or `gazu-cli use` has chosen.

    The reference of environment variables lists the other names that these have. Renewed tokens of a stored session
    are stored again. Used as a context manager, the client then does not log out; `log_out` removes the session.

    Args:
        host: the URL of the server: `kitsu.example.com`; `https://` and `/api` are added where they are missing.
        profile: the name or the host of a stored session, as `gazu-cli servers` lists them; the environment does not
            count then.
        client: what to set up; by default the client that all functions use.

    Returns:
        The client.

    Raises:
        NoSessionException: there is nothing to connect with; no request was sent.
        AuthFailedException: the server refused the account of the environment.
        ValueError: *profile* and *host* are different servers, or one of them is not valid.
    """
    from . import connection  # loaded here: not every program connects like this

    account = connection.set_up(client, host, profile)
    if account:
        log_in(*account, client=client)
    return client


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
        fido_authentication_response: the response of a security key.
        recovery_code: one of the codes given out for a lost second factor.

    Returns:
        `{"login": True, "user": ..., "access_token": ..., "refresh_token": ...}`

    Raises:
        AuthFailedException: the server says no; its `body` says why, for instance
            `missing_OTP` with the second factors of the account. The tokens that
            the client had stay.

    Example:
        >>> gazu.log_in("jane@example.com", "password")["user"]["full_name"]
        'Jane Doe'
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
    browser opens, the URL of the page is logged and printed. The tokens are a session of their own.

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


@hides_secrets
def log_in_with_code(code: str, code_verifier: str, client: KitsuClient = raw.default_client) -> Dict[str, Any]:
    """Log in with a code of `user.new_app_login_code`, and keep the tokens in the client: `POST auth/app-login/token`.

    So a program that is logged in hands its log-in over to one that it starts; the tokens are a session of their own.
    The server takes a code once, within a minute. A wrong verifier uses it up, too.

    Args:
        code: what `user.new_app_login_code` returned.
        code_verifier: the secret text whose challenge the code was made for.

    Returns:
        What `log_in` returns.

    Raises:
        AuthFailedException: the server refused the code, or is older than Zou 1.0.94.
    """
    from . import browser_login

    return browser_login.log_in_with_code(code, code_verifier, client, BROWSER_LOGIN_MIN_ZOU_VERSION)


def send_email_otp(email: str, client: KitsuClient = raw.default_client) -> Dict[str, Any]:
    """Have the server send a one-time code for `log_in` to *email*: `GET auth/email-otp`.

    Returns:
        `{"success": True}`
    """
    answer: Dict[str, Any] = raw.get("auth/email-otp", params={"email": hide(email)}, client=client)
    return answer


def get_fido_challenge(email: str, client: KitsuClient = raw.default_client) -> Dict[str, Any]:
    """Return the challenge that a security key signs for `log_in`: `GET auth/fido`.

    A key signs for the domain of the server only, as browsers ask it to: `log_in_with_browser` is what works
    everywhere. The server knows the challenge by a cookie: the log-in needs the same client.

    Returns:
        The `PublicKeyCredentialRequestOptions` of WebAuthn, with bytes as base64url.

    Raises:
        ParameterException: there is no such account, or it has no security key.
    """
    answer: Dict[str, Any] = raw.get("auth/fido", params={"email": hide(email)}, client=client)
    return answer


def log_out(client: KitsuClient = raw.default_client) -> Dict[str, Any]:
    """Log out: `GET auth/logout`. The client forgets its tokens whatever the server says; a stored session is removed.

    Returns:
        The tokens left: `{}`.

    Example:
        >>> gazu.log_out()
        {}
    """
    try:
        if client.access_token:
            raw.get("auth/logout", client=client)
    except (NotAuthenticatedException, ParameterException):
        pass  # the session had ended already
    finally:
        client.end_session()
        raw.set_tokens({}, client=client)
    return client.tokens


def refresh_access_token(client: KitsuClient = raw.default_client) -> Dict[str, Any]:
    """Get a new access token with the refresh token: `GET auth/refresh-token`.

    Returns:
        `{"access_token": ...}`

    Raises:
        NotAuthenticatedException: there is no refresh token, or it has expired too.
    """
    return client.refresh_access_token()


@deprecated("removed in gazu 0.10: use `refresh_access_token`")
def refresh_token(client: KitsuClient = raw.default_client) -> Dict[str, Any]:
    """Do what `refresh_access_token` does: `GET auth/refresh-token`.

    Returns:
        `{"access_token": ...}`
    """
    return refresh_access_token(client=client)


def set_token(token: Union[str, Dict[str, Any]], client: KitsuClient = raw.default_client) -> Dict[str, Any]:
    """Work as a bot, or go on with an earlier session.

    Args:
        token: the token of the bot, or the tokens as a dict.

    Returns:
        The tokens of the client.
    """
    return raw.set_tokens(Tokens(access_token=token) if isinstance(token, str) else token, client=client)


# -- sessions ------------------------------------------------------------------
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
    use_refresh_token: bool = True,
    callback_not_authenticated: Optional[Callable[[KitsuClient, str], Any]] = None,
) -> KitsuClient:
    """Create a client of its own and log in with it; as a context manager it logs out at the end.

    The arguments are those of `KitsuClient` and `log_in`.

    Example:
        >>> with gazu.create_session("https://kitsu.example.com/api", "jane@example.com", "password") as session:
        ...     gazu.client.get_current_user(client=session)["full_name"]
        'Jane Doe'
    """
    session = raw.create_client(host, ssl_verify, cert, use_refresh_token, callback_not_authenticated)
    log_in(email, password, totp, email_otp, fido_authentication_response, recovery_code, client=session)
    return session


# -- versions of the server ----------------------------------------------------
def supports(function: str, client: KitsuClient = raw.default_client) -> bool:
    """Return whether the server is new enough for a function: `GET` of the host, once for each client.

    A server that does not say its version is taken for the newest.

        if gazu.supports("studio.all_studios"):
            studios = gazu.studio.all_studios()

    Args:
        function: module and name, `studio.all_studios` or `gazu.studio.all_studios`.

    Raises:
        AttributeError: there is no such function.

    Example:
        >>> gazu.supports("studio.all_studios")
        True
    """
    from ._http import sender, server_version

    name = function[5:] if function.startswith("gazu.") else function
    operator.attrgetter(name)(sys.modules[__name__])
    return server_version.is_supported(name, sender.server_version(client))
