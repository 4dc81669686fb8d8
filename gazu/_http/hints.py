"""What is probably behind a refusal of the server that does not say it; loaded with the first error."""

import json
import re
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from ..exception import GazuException, InvalidTokenException, NotAuthenticatedException
from ..names import UUID_PATTERN, nearest
from ..secret import NAMES
from . import fields
from .base_client import BaseClient
from .messages import Request
from .route import api_hint

_NAMES = {"name": 80, "color": 7}
_PROJECT = {"name": 80, "code": 80, "fps": 10, "ratio": 10, "resolution": 12, "production_type": 20, "homepage": 80}
_TOOL = {"name": 40, "short_name": 20, "version": 20, "file_extension": 20}
_ENTITY = {"name": 160, "code": 160}
_FILTER = {"list_type": 80, "name": 200, "query": 500, "color": 8}
#: Characters that the columns of Zou 1.0.97 hold, by the last part of a path that names a kind of record.
LENGTHS: Dict[str, Dict[str, int]] = {
    **dict.fromkeys(("assets", "concepts", "edits", "entities", "episodes", "scenes", "sequences", "shots"), _ENTITY),
    **dict.fromkeys(("concept-folders", "versions"), _ENTITY),
    **dict.fromkeys(("departments", "studios", "tasks"), _NAMES),
    **dict.fromkeys(("projects", "project-templates"), _PROJECT),
    **dict.fromkeys(("softwares", "hardware-items", "output-types"), _TOOL),
    **dict.fromkeys(("filters", "filter-groups"), _FILTER),
    "asset-instances": {"name": 80, "description": 200},
    "budgets": {"name": 255, "currency": 3},
    "casting": {"label": 80},
    "custom-actions": {"name": 80, "url": 400, "entity_type": 40},
    "entity-links": {"label": 80},
    "entity-types": {"name": 30, "short_name": 20},
    "file-status": {"name": 40, "color": 7},
    "metadata-descriptors": {"name": 120},
    "milestones": {"name": 40},
    "organisations": {"name": 80, "chat_token_slack": 80, "chat_webhook_mattermost": 80, "chat_token_discord": 80},
    "output-files": {"name": 250, "extension": 10, "representation": 20, "path": 400},
    "persons": {"first_name": 80, "last_name": 80, "desktop_login": 80, "phone": 30, "country": 2},
    "playlists": {"name": 80, "for_entity": 10},
    "preview-background-files": {"name": 40},
    "preview-files": {"name": 250, "original_name": 250, "extension": 6},
    "project-status": {"name": 20, "color": 7},
    "production-schedule-versions": {"name": 80},
    "task-status": {"name": 40, "short_name": 10, "color": 7},
    "task-types": {"name": 40, "short_name": 20, "color": 7},
    "working-files": {"name": 250, "path": 400},
}
#: What a supervisor can change on Zou 1.0.97, by the kind of record in a path.
SUPERVISED = {
    "entities": ("data",),
    "tasks": ("data", "difficulty", "due_date", "estimation", "priority", "start_date"),
}
ROLES = ("user", "supervisor", "manager", "admin", "client", "vendor")
_NOT_SHARED = (
    "has the link expired, or was it revoked? of a link with a password, Zou 1.0.97 opens the playlist and its comments"
    " only: make one without a password"
)
_NO_PICTURE = "there is no such preview file, or the server has no {} of it: it makes them of {} only"


def add_hint(error: GazuException, request: Request, client: BaseClient) -> GazuException:
    """Add to an error of the server what is probably behind it."""
    error.add_hint(hint_for(error, request, client))
    return error


def hint_for(error: GazuException, request: Request, client: BaseClient) -> str:
    """Return what is probably behind a refusal of *request*, or ""."""
    status, path = error.status_code or 0, request.path.lstrip("/").split("?")[0]
    if "HTTPS port" in str(error):
        return "the server speaks https: set the host to its address with https://"
    if status in (404, 405) and not isinstance(error.body, Mapping):
        return api_hint(client.host)
    if path.startswith("auth/") and status == 404:
        return api_hint(client.host)
    if path.startswith("auth/login"):  # `login.explain_refusal` says why
        return ""
    if isinstance(error, NotAuthenticatedException):
        return _of_tokens(error, client)
    rules = {400: _of_values, 403: _of_rights, 404: _of_missing, 405: _of_route, 413: _of_size, 500: _of_failure}
    return rules[status](path, error, request, client) if status in rules else ""


def _of_tokens(error: GazuException, client: BaseClient) -> str:
    if not client.access_token:
        return "nobody is logged in with this client: call gazu.log_in (or gazu.connect)"
    if isinstance(error, InvalidTokenException):
        return "the token is not one of this server: call gazu.log_in, or gazu.set_token with another"
    return "the session has ended: log in again with gazu.log_in"


def _of_rights(path: str, error: GazuException, request: Request, client: BaseClient) -> str:
    if "Two-factor authentication setup is required" in str(error):
        return "enable one with gazu.user.start_totp and gazu.user.enable_totp"
    user = client.tokens.get("user")
    user = user if isinstance(user, Mapping) and user.get("email") else {}
    rows = _rows(request.data)
    supervised = _of_supervisors(path, rows[0]) if request.method == "PUT" and rows else ""
    if supervised and user.get("role", "supervisor") == "supervisor":
        return supervised
    who = f"logged in as {user['email']}, role {user.get('role')}: " if user else ""
    if user.get("role") == "admin":
        return f"{who}are these records of the same production, and open to changes?"
    return f"{who}is the account in the team of the production, and may its role do this?"


def _of_missing(path: str, error: GazuException, request: Request, client: BaseClient) -> str:
    if request.method == "GET" and "preview-files/" in path:
        kinds = {"pictures": ("picture", "pictures (png, jpg) and movies"), "movies": ("movie", "movies")}
        first = "movies" if "extract-frame" in path else path.split("/")[0]
        if first in kinds:
            return _NO_PICTURE.format(*kinds[first])
    if path.startswith("shared/playlists/"):
        return _NOT_SHARED
    parts = path.split("/")
    named = [_singular(kind) for kind, one in zip(parts, parts[1:]) if UUID_PATTERN.fullmatch(one)]
    sent = ", ".join(dict.fromkeys(_ids(request.data)))
    exist = f"does this {' and this '.join(named)} exist? " if named else ""
    if sent:
        records = f"this {' and this '.join(named)}, and " if named else ""
        return f"{exist}one of the ids is unknown, deleted, or that of another kind of record: {records}{sent:.400}"
    if named:
        return f"{exist}it may be deleted, or the id of another kind of record"
    if parts[0] == "data" and len(parts) > 1 and parts[1] not in fields.kinds():
        return f"the server has no list {parts[1]!r}{nearest(parts[1], fields.kinds())}"
    return "does all that the path names exist?" if "{" in path else api_hint(client.host)


def _singular(kind: str) -> str:
    if kind.endswith("ies"):
        return kind[:-3] + "y"
    return kind[:-1] if kind.endswith("s") and not kind.endswith(("status", "news")) else kind


def _of_route(path: str, error: GazuException, request: Request, client: BaseClient) -> str:
    return "the server may be too old for this call: gazu.supports tells"


def _of_size(path: str, error: GazuException, request: Request, client: BaseClient) -> str:
    return "raise the limit there, client_max_body_size of nginx, or send less"


def _of_values(path: str, error: GazuException, request: Request, client: BaseClient) -> str:
    rows, kind, said = _rows(request.data), fields.kind_of(path), str(error)
    name = re.search(r"'(\w+)' is an invalid keyword argument", said)
    if name:
        return f"there is no such field{nearest(name.group(1), fields.fields_of(kind))}"
    ids = ", ".join(name for row in rows[:1] for name in row if name.endswith("_id"))
    if "conflicts with records referencing" in said and ids:
        return f"one of the ids is unknown: {ids}"
    if said.endswith("Invalid role"):
        return f"expected one of {', '.join(ROLES)}"
    found = _too_long(path, request)
    if found or "invalid format" not in said:
        return found
    wrong = [text for row in rows for text in fields.misfits(kind, row)]
    names = ", ".join(name for row in rows[:1] for name in row if name not in NAMES)
    return "; ".join(wrong[:5]) or (f"one of {names}" if names else "")


def _of_failure(path: str, error: GazuException, request: Request, client: BaseClient) -> str:
    if "extract-frame" in path:
        return "does the movie have this frame? frames are counted from 1"
    if "/quota-shots/" in path:
        return "Zou 1.0.97 fails for accounts whose time zone is UTC, as it is at first: give it another"
    if "/day-offs/" in path:
        return "is this a year of the calendar, and a month from 1 to 12?"
    if "/schedule-items/" in path:
        return "do the task type and the episode exist?"
    if path == "data/search":
        return "does the server have the indexer, Meilisearch, which the search needs?"
    if "%00" in request.path:
        return "the text has a NUL character"
    return _too_long(path, request) or "the server failed: its log has the reason"


def _too_long(path: str, request: Request) -> str:
    if request.method not in ("POST", "PUT"):
        return ""
    kind = next((part for part in reversed(path.split("/")) if part in LENGTHS), "")
    return next(_misfits(_rows(request.data), LENGTHS.get(kind, {})), "")


def _rows(data: Any) -> List[Dict[str, Any]]:
    """Return the records in the body of a request."""
    try:
        body = json.loads(data)
    except (TypeError, ValueError):
        return []  # no body, or a form
    return [row for row in (body if isinstance(body, list) else [body]) if isinstance(row, dict)]


def _ids(data: Any) -> Iterator[str]:
    """Yield the ids in the body of a request: in lists, as values of `..._id` and `..._ids`, and as keys."""
    try:
        body = json.loads(data)
    except (TypeError, ValueError):
        return
    for place, value in _texts("", body):
        parts = [part for part in place.split(".") if not part.isdigit()]
        yield from (part for part in parts if UUID_PATTERN.fullmatch(part))
        if UUID_PATTERN.fullmatch(value) and (not parts or re.search("_ids?$", parts[-1])):
            yield value


def _of_supervisors(path: str, row: Dict[str, Any]) -> str:
    parts = path.split("/")
    allowed = SUPERVISED.get(parts[-2] if len(parts) > 2 else "", ())
    others = ", ".join(name for name in row if name not in allowed)
    if not allowed or not others:
        return ""
    return f"a supervisor can change only {', '.join(allowed)}: send only these and the id, without {others}"


def _misfits(rows: List[Dict[str, Any]], lengths: Dict[str, int]) -> Iterator[str]:
    """Yield what the columns of the server cannot hold."""
    for place, value in (pair for row in rows for pair in row.items()):
        limit = lengths.get(place)
        if isinstance(value, str) and limit and len(value) > limit:
            yield f"{place} has {len(value)} characters, and Zou 1.0 stores {limit}"
        if isinstance(value, int) and not -(2**31) <= value < 2**31:
            yield f"{place} is {value}, and Zou 1.0 stores numbers below 2,147,483,648"
    for place, value in (pair for row in rows for pair in _texts("", row)):
        if "\0" in value:
            yield f"{place} has a NUL character, which the server cannot store"


def _texts(place: str, value: Any) -> Iterator[Tuple[str, str]]:
    """Yield the texts in a value, with their places."""
    if isinstance(value, str):
        yield place, value
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from _texts(f"{place}.{key}".lstrip("."), child)
