"""The log-in: what it sends, and what its response means."""

import re
from contextlib import contextmanager
from typing import Any, Dict, Iterator, Optional

from ..exception import (
    AuthFailedException,
    GazuException,
    GazuWarning,
    NotAuthenticatedException,
    ParameterException,
    RequestRefusedException,
)
from ..secret import Tokens
from .base_client import BaseClient
from .log import warn_caller
from .protocol import message_of
from .route import PLACEHOLDER, public

#: This machine, and what test suites replace: no network has them (RFC 6761).
_NOT_ON_A_NETWORK = ("localhost", "test", "invalid")
_LOOPBACK = re.compile(r"127(\.\d{1,3}){3}|::1")


def build_credentials(
    email: str, password: str, totp: Any, email_otp: Any, fido: Any, recovery_code: Any
) -> Dict[str, Any]:
    """Return the body of a log-in."""
    return {
        "email": email,
        "password": password,
        "totp": totp,
        "email_otp": email_otp,
        "fido_authentication_response": fido,
        "recovery_code": recovery_code,
    }


def warn_of_plain_http(client: BaseClient) -> None:
    """Warn, once for a client and its host, of a log-in that others on the network can read."""
    if not client.host.lower().startswith("http:") or client.host == client.warned_host:
        return
    from urllib.parse import urlsplit  # loaded when it is needed: it would be a tenth of `import gazu`

    name = urlsplit(client.host).hostname or ""
    if name.rstrip(".") == PLACEHOLDER or name.rpartition(".")[2] in _NOT_ON_A_NETWORK or _LOOPBACK.fullmatch(name):
        return
    client.warned_host = client.host
    text = f"{public(client.host)}: the log-in is not encrypted: use https://, or others can read the password"
    warn_caller(text, GazuWarning)


@contextmanager
def explain_refusal(email: str) -> Iterator[None]:
    """Raise an error that says in words why a log-in was refused."""
    try:
        yield
    except (NotAuthenticatedException, ParameterException, RequestRefusedException) as error:
        raise _refusal(email, error.body, error) from error


def store_tokens(email: str, answer: Any, client: BaseClient) -> Dict[str, Any]:
    """Keep the tokens that a log-in brought in the client, and return the response."""
    if isinstance(answer, dict):
        nested = answer.get("tokens")  # as test suites make it up
        answer = Tokens({**nested, **answer} if isinstance(nested, dict) else answer)
        nested = None
    token = answer.get("access_token") if isinstance(answer, dict) else None
    if not token or isinstance(token, (dict, list)) or not answer.get("login", True):
        raise _refusal(email, answer)
    client.tokens = answer
    return answer


def _refusal(email: str, body: Any, error: Optional[GazuException] = None) -> AuthFailedException:
    said: Dict[str, Any] = body if isinstance(body, dict) else {}
    reason, hint = message_of(said, "the server refused the log-in"), "check both: gazu.get_host returns the server"
    if said.get("missing_OTP"):
        reason = f"a second factor is missing: {', '.join(said.get('two_factor_authentication_enabled', []))}"
        hint = "pass it to gazu.log_in, as totp= or email_otp="
    elif said.get("wrong_OTP"):
        reason, hint = "the second factor is wrong", "a code is valid for some seconds, and once: pass a new one"
    elif said.get("too_many_failed_login_attemps"):
        reason, hint = "too many failed attempts", "try again in a minute"
    refusal = AuthFailedException(f"log-in of {email}: {reason}")
    refusal.body, refusal.method, refusal.path, refusal.hint = said, "POST", "auth/login", hint
    refusal.status_code = error.status_code if error is not None else 200
    return refusal
