"""Find the record for what a user types: a name, a path or an id."""

import os
import uuid
from typing import Any, Dict, Iterable, List, Optional

from .. import client as raw
from .. import entity as gazu_entity
from .. import project as gazu_project
from .. import task as gazu_task
from ..client import KitsuClient
from ..helpers import composed
from .errors import NOT_FOUND, Failure, similar
from .show import Row


def is_id(text: str) -> bool:
    """Return whether *text* is an id."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def match_by_name(rows: Iterable[Any], text: str, what: str) -> List[Any]:
    """Return the rows with this name, short name or id; else those that match case-insensitively."""
    rows, text = list(rows), composed(text)
    for form in (str, str.casefold):
        found = [
            row for row in rows if form(text) in [form(composed(str(row.get(key) or ""))) for key in KEYS] and text
        ]
        if found:
            return found
    raise not_found_error(what, text, [str(row["name"]) for row in rows])


KEYS = ("name", "short_name", "id")


def not_found_error(what: str, text: str, names: List[str]) -> Failure:
    """Return the error for an unknown name, with similar names."""
    return Failure(f"no {what} {text!r}{similar(text, names)}", NOT_FOUND)


def require_one(rows: List[Any], text: str) -> Any:
    """Return the only row; raise Failure if there are several."""
    if len(rows) > 1:
        ids = ", ".join(row["id"] for row in rows[:5])
        raise Failure(f"{text!r} matches {len(rows)}: use an id ({ids}{', ...' if rows[5:] else ''})")
    return rows[0]


def resolve_project(name_or_id: str, client: KitsuClient = raw.default_client) -> Any:
    """Return the project with this name or id."""
    if is_id(name_or_id):
        return gazu_project.get_project(name_or_id, client=client)
    found = gazu_project.get_project_by_name(name_or_id, client=client)
    rows = [] if found else gazu_project.all_open_projects(client=client)
    return found or require_one(match_by_name(rows, name_or_id, "project"), name_or_id)


def get_project_from_option(project_opt: Optional[str]) -> Any:
    """Return the project of `--project`, or else of GAZU_PROJECT."""
    name = project_opt or os.environ.get("GAZU_PROJECT")
    if not name:
        raise Failure("no project selected: use --project, or set GAZU_PROJECT")
    return resolve_project(name)


def list_paths(project: Row) -> Dict[str, str]:
    """Map the id of each entity of a project to its path: `E01/SQ01/SH010`, `Props/Teapot`."""
    fields = "name,parent_id,entity_type_id,canceled"
    rows = {row["id"]: row for row in raw.fetch_all("entities", {"project_id": project["id"], "fields": fields})}
    types = {row["id"]: row["name"] for row in gazu_entity.all_entity_types()}

    def path(row: Row) -> str:
        above = rows.get(row["parent_id"])
        if above:
            return f"{path(above)}/{row['name']}"
        return f"{types[row['entity_type_id']]}/{row['name']}" if row["type"] == "Asset" else str(row["name"])

    return {row["id"]: path(row) for row in rows.values() if not row["canceled"]}


def list_task_paths(project: Row) -> List[str]:
    """Return the paths of the tasks of a project: `SQ01/SH010/Animation`."""
    paths, types = list_paths(project), {row["id"]: row["name"] for row in gazu_task.all_task_types()}
    rows = gazu_task.all_tasks_for_project(project)
    return [f"{paths[row['entity_id']]}/{types[row['task_type_id']]}" for row in rows if row["entity_id"] in paths]


def split_path(path: str) -> List[str]:
    """Return the names in a path, in lower case."""
    return composed(path).strip("/").casefold().split("/")


def find_entity(text: str, project: Row) -> str:
    """Return the id of the entity of *project* with this id, or whose path ends with *text*."""
    if is_id(text):
        return text
    paths, end = list_paths(project), split_path(text)
    found = [id for id, path in paths.items() if split_path(path)[-len(end) :] == end]
    if len(found) > 1:
        several = ", ".join(sorted(paths[id] for id in found)[:5])
        raise Failure(f"{text!r} is ambiguous ({several}): use a longer path, or the id")
    if not found:
        raise not_found_error("entity", text, [*paths.values(), *(path.split("/")[-1] for path in paths.values())])
    return found[0]


def find_task(text: str, project_opt: Optional[str]) -> Any:
    """Return the task with this id, or with this path: the path of the entity and the task type."""
    if is_id(text):
        return gazu_task.get_task(text)
    above, _, last = text.strip("/").rpartition("/")
    if not above:
        raise Failure(f"{text!r} is not a task: use its id, or a path such as SQ01/SH010/Animation")
    entity_id = find_entity(above, get_project_from_option(project_opt))
    types = [row["id"] for row in match_by_name(gazu_task.all_task_types(), last, "task type")]
    found = [row for row in raw.fetch_all("tasks", {"entity_id": entity_id}) if row["task_type_id"] in types]
    if not found:
        raise Failure(f"{above} has no task of type {last}", NOT_FOUND)
    return gazu_task.get_task(require_one(found, text))
