"""What is probably behind a refusal of the server that does not say it; loaded with the first error."""

import json
import re
from typing import Any, Dict, Iterator, List, Tuple

from ..exception import GazuException
from .messages import Request

_NAMES = {"name": 80, "color": 7}
_PROJECT = {"name": 80, "code": 80, "fps": 10, "ratio": 10, "resolution": 12, "production_type": 20, "homepage": 80}
_TOOL = {"name": 40, "short_name": 20, "version": 20, "file_extension": 20}
_ENTITY = {"name": 160, "code": 160}
_FILTER = {"list_type": 80, "name": 200, "query": 500, "color": 8}
#: Characters that the columns of Zou 1.0.97 hold, by the last part of a path that names a kind of record.
LENGTHS: Dict[str, Dict[str, int]] = {
    **dict.fromkeys(("assets", "concepts", "edits", "entities", "episodes", "scenes", "sequences", "shots"), _ENTITY),
    **dict.fromkeys(("concept-folders", "versions"), _ENTITY),
    **dict.fromkeys(("departments", "organisations", "studios", "tasks"), _NAMES),
    **dict.fromkeys(("projects", "project-templates"), _PROJECT),
    **dict.fromkeys(("softwares", "hardware-items", "output-types"), _TOOL),
    **dict.fromkeys(("filters", "filter-groups"), _FILTER),
    "asset-instances": {"name": 80, "description": 200},
    "budgets": {"name": 255, "currency": 3},
    "casting": {"label": 80},
    "entity-links": {"label": 80},
    "entity-types": {"name": 30, "short_name": 20},
    "file-status": {"name": 40, "color": 7},
    "metadata-descriptors": {"name": 120},
    "milestones": {"name": 40},
    "output-files": {"name": 250, "extension": 10, "representation": 20, "path": 400},
    "persons": {"first_name": 80, "last_name": 80, "desktop_login": 80, "phone": 30, "country": 2},
    "playlists": {"name": 80, "for_entity": 10},
    "preview-files": {"name": 250, "original_name": 250, "extension": 6},
    "project-status": {"name": 20, "color": 7},
    "schedule-versions": {"name": 80},
    "task-status": {"name": 40, "short_name": 10, "color": 7},
    "task-types": {"name": 40, "short_name": 20, "color": 7},
    "working-files": {"name": 250, "path": 400},
}
#: What a supervisor can change on Zou 1.0.97, by the kind of record in a path.
SUPERVISED = {
    "entities": ("data",),
    "tasks": ("data", "difficulty", "due_date", "estimation", "priority", "start_date"),
}
_NO_PICTURE = "there is no such preview file, or the server has no {} of it: it makes them of {} only"


def add_hint(error: GazuException, request: Request) -> GazuException:
    """Add to an error of the server what is probably behind it."""
    hint = hint_for(error.status_code or 0, request)
    if hint and error.args:
        said = re.sub(r" If you entered the URL manually.*again\.", "", str(error.args[-1]))
        error.args = (*error.args[:-1], f"{said} ({hint})")
    return error


def hint_for(status: int, request: Request) -> str:
    """Return what is probably behind a refusal of *request*, or ""."""
    path = request.path.lstrip("/").split("?")[0]
    if "extract-frame" in path and status == 500:
        return "does the movie have this frame? frames are counted from 1"
    if status == 404 and "preview-files/" in path:
        kinds = {"pictures": ("picture", "pictures (png, jpg) and movies"), "movies": ("movie", "movies")}
        first = "movies" if "extract-frame" in path else path.split("/")[0]
        return _NO_PICTURE.format(*kinds[first]) if first in kinds and request.method == "GET" else ""
    if status not in (400, 403, 500) or request.method not in ("POST", "PUT"):
        return "the text has a NUL character" if status == 500 and "%00" in request.path else ""
    rows = _rows(request.data)
    if status == 403:
        return _of_supervisors(path, rows[0]) if request.method == "PUT" and rows else ""
    kind = next((part for part in reversed(path.split("/")) if part in LENGTHS), "")
    return next(_misfits(rows, LENGTHS.get(kind, {})), "")


def _rows(data: Any) -> List[Dict[str, Any]]:
    """Return the records in the body of a request."""
    try:
        body = json.loads(data)
    except (TypeError, ValueError):
        return []  # no body, or a form
    return [row for row in (body if isinstance(body, list) else [body]) if isinstance(row, dict)]


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
