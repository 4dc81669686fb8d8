"""Report what the server left out of a request in silence, by record: from its response, or from one more request."""

from typing import Any, Callable, Dict, List, Mapping, Sequence, Sized, Tuple, Type, TypeVar

from . import client as raw
from ._http.route import route
from .client import KitsuClient
from .exception import GazuException, ParameterException, RouteNotFoundException
from .helpers import ignore_refusal, warn, warn_of_missing
from .lists import fetch_by_ids

Rows = TypeVar("Rows")
NOT_KNOWN = "task types were not put in order, as they do not exist"
NOT_CHANGED = "tasks were not changed: they do not exist, or this account may not do it"
NOT_IN_SETTINGS = "were not put in order, as they are not in the settings of the production"


def report(
    refusal: Type[GazuException], request: str, ids: Sequence[str], rows: Rows, what: str, field: str = "id"
) -> Rows:
    """Return *rows*; warn of *ids* that they lack, or raise if there are no rows at all, as nothing was done then.

    Args:
        refusal: the class of the error.
        request: the method and the path, for its text.
        field: where a row has the id.

    Raises:
        GazuException: nothing was done.
    """
    if ids and rows == []:
        error = refusal(f"{request}: {len(ids)} of {len(ids)} {what}: {', '.join(ids):.400}")
        error.method, error.path = request.split(" ", 1)
        raise error
    done = [row[field] for row in rows if field in row] if isinstance(rows, list) else rows
    warn_of_missing(ids, done, what)
    return rows


def unknown_ids(kind: str, ids: List[str], client: KitsuClient) -> List[str]:
    """Return those ids that a list below `data/` does not have."""
    known = {row["id"] for row in fetch_by_ids(kind, ids, client)}
    return [one for one in dict.fromkeys(ids) if one not in known]


def require_known(kind: str, ids: List[str], client: KitsuClient) -> None:
    """Refuse ids that the list *kind* does not have, where the server would take them in silence.

    Raises:
        RouteNotFoundException: there are some.
    """
    unknown = unknown_ids(kind, ids, client)
    if unknown:
        raise RouteNotFoundException(f"{kind}: one of the ids is unknown: {', '.join(unknown):.400}")


def naming_unknown(kind: str, ids: List[str], client: KitsuClient, send: Callable[[], Any]) -> Any:
    """Return what *send* returns; where it ends with a 404, look up which of the *ids* are unknown, and name them.

    Args:
        kind: the list that has all records of this kind, below `data/`.
    """
    try:
        return send()
    except RouteNotFoundException as error:
        with ignore_refusal():
            unknown = ", ".join(unknown_ids(kind, ids, client))
            if unknown:
                error.hint = f"one of the ids is unknown, or this account does not see it: {unknown:.400}"
        raise


def check_tasks_created(project_id: str, task_type_id: str, ids: List[str], created: Any, client: KitsuClient) -> Any:
    """Return the tasks that were *created*; warn of entities that have none."""
    tasks = created
    if {row["entity_id"] for row in created} != {*ids}:
        with ignore_refusal():
            params = {"project_id": project_id, "task_type_id": task_type_id}
            tasks = raw.fetch_all("tasks", params=params, client=client)
    found = [row["entity_id"] for row in tasks]
    warn_of_missing(ids, found, "entities got no task: they are of another production")
    return created


def check_tasks_exist(ids: List[str], rows: Rows, client: KitsuClient) -> Rows:
    """Return *rows*; warn of tasks that do not exist."""
    known = None
    with ignore_refusal():
        known = list(fetch_by_ids("tasks", ids, client))
    warn_of_missing(ids, known, "tasks do not exist, or this account does not see them")
    return rows


def split_assigned(task_ids: List[str], person_id: str, client: KitsuClient) -> Tuple[List[Any], List[str]]:
    """Return the tasks that a person is assigned to, and the ids of the others."""
    done = [row for row in fetch_by_ids("tasks", task_ids, client) if person_id in row["assignees"]]
    known = {row["id"] for row in done}
    return done, [one for one in task_ids if one not in known]


def warn_if_fewer(ids: List[str], rows: Sized, what: str) -> Any:
    """Return *rows*; warn if these are fewer than *ids*, and cannot be distinguished."""
    if len(rows) < len(ids):
        warn(f"{len(ids) - len(rows)} of {len(ids)} {what}")
    return rows


def warn_if_none(rows: Rows, text: str) -> Rows:
    """Return *rows*; warn if the list is empty."""
    if not rows:
        warn(text)
    return rows


def check_settings(path: str, data: Mapping[str, Any], found: Any) -> Any:
    """Return the project *found* after settings were sent to *path*; report those that it does not have."""
    ids = [link["task_type_id"] for link in data["task_types"]] + data["task_status_ids"] + data["asset_type_ids"]
    settings = {*found.get("task_types", ids), *found.get("task_statuses", ids), *found.get("asset_types", ids)}
    known = [{"id": one} for one in ids if one in settings]
    report(ParameterException, f"POST {path}", ids, known, "settings do not exist")
    return found


def check_casting(path: str, rows: List[Dict[str, Any]], client: KitsuClient) -> None:
    """Warn of assets that are not in the casting at *path*, which was sent as *rows*."""
    stored = None
    with ignore_refusal():  # the server returns what it got, also what it left out
        stored = [cast["asset_id"] for cast in raw.get(path, client=client)] if rows else []
    warn_of_missing([row["asset_id"] for row in rows], stored, "assets are not cast: do they exist, not canceled?")


def check_castings(project_id: str, castings: Mapping[str, List[Dict[str, Any]]], client: KitsuClient) -> None:
    """Report the assets of *castings* that the server has not stored."""
    asked = [f"{row['asset_id']} in {entity}" for entity, rows in castings.items() for row in rows]
    links: Any = None
    with ignore_refusal():
        links = raw.fetch_all(route("projects/{project_id}/entity-links", project_id), client=client) if asked else []
    if links is not None:
        stored = {f"{link['entity_out_id']} in {link['entity_in_id']}" for link in links}.intersection(asked)
        request = "PUT " + route("data/projects/{project_id}/entities/casting", project_id)
        known = [{"id": one} for one in stored]
        report(ParameterException, request, asked, known, "assets were not cast, as they do not exist")


def fields_of_all_projects(row: Mapping[str, Any], names: List[str], client: KitsuClient) -> Dict[str, Any]:
    """Return those fields of a metadata column that *row* does not have: they are the same in all open productions.

    Raises:
        ValueError: one of them differs, or no production has the column.
    """
    where = f"{row.get('field_name')!r:.200} of {row.get('entity_type')!r:.200}"
    known = [one for project in raw.fetch_all("projects/open", client=client) for one in project.get("descriptors", ())]
    found = [one for one in known if all(one[name] == row.get(name) for name in ("entity_type", "field_name"))]
    names = [name for name in names if name not in row]
    differs = [name for name in names if any(one[name] != found[0][name] for one in found)]
    if differs or not found:
        reason = f"{', '.join(differs)} differs between productions: pass it too" if found else "no production has it"
        raise ValueError(f"metadata_descriptor: the column {where}: {reason}")
    return {name: found[0][name] for name in names}


def check_frames(shots: Any) -> Any:
    """Return *shots* that were counted; warn of those without frames."""
    counted = [row for row in shots if row["nb_frames"]]
    warn_of_missing([row["id"] for row in shots], counted, "shots have 0 frames now: their previews have no duration")
    return shots
