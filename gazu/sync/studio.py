"""Copy what productions of a studio share, which is matched by name, and the production itself."""

import os
from typing import Any, Dict, List, Optional, Tuple

from .. import client as raw
from .. import files
from ..client import KitsuClient
from ..exception import ParameterException, ProjectDoesntExistException
from ..helpers import temporary_folder
from .people import ensure_person, match_by_name, match_one_to_one, match_people, match_rows
from .rows import diff, fetch_by_ids, translate
from .tables import PROJECTS, SHARED, MigrationContext, TableSpec


def match_shared(context: MigrationContext) -> None:
    """Fill the id maps with types, statuses, departments and people; create what the target lacks, but for people."""
    for table in SHARED:
        context.id_maps[table.kind] = match_or_create(context, table)
    people = (raw.fetch_all("persons", client=client) for client in (context.source, context.target))
    context.id_maps["people"] = match_people(*people)


def match_or_create(context: MigrationContext, table: TableSpec) -> Dict[str, str]:
    """Return the target's ids by the source's, for rows of the same name; create those that the target lacks."""
    params = {"relations": "true"} if table.relations else None
    source: List[Any] = raw.fetch_all(table.path, params=params, client=context.source)
    target: List[Any] = raw.fetch_all(table.path, client=context.target)
    ids: Dict[str, str] = {}
    if table.kind == "task_status":
        ids.update((row["id"], target_id) for row, target_id in match_one_to_one(source, target, "short_name"))
    ids.update(match_by_name(source, target, match_one_to_one))
    context.report.count(table.kind, skipped=len(ids))
    for row in source:
        if row["id"] not in ids:
            with context.report.recording_failure(table.kind, row["id"]):
                ids[row["id"]] = _create(context, table, row, target)
    return ids


def _create(context: MigrationContext, table: TableSpec, row: Any, target: List[Any]) -> str:
    """Create a row, and return its id; that of another if the server takes no two names that differ in case only."""
    new = translate(context._replace(skip_unknown=True), table, row)
    for name in ("id", "created_at", "updated_at", "type"):
        new.pop(name, None)
    if context.dry_run:
        context.report.count(table.kind, created=1)
        return str(row["id"])
    try:
        target_id = str(raw.create(table.path, new, client=context.target)["id"])
    except ParameterException:
        shared = [target_id for _, target_id in match_rows([row], target, "name")]
        if not shared:
            raise
        context.report.count(table.kind, skipped=1)
        return shared[0]
    context.report.count(table.kind, created=1)
    return target_id


# -- the production --------------------------------------------------------------
def find_projects(
    source: KitsuClient, target: KitsuClient, project_id: str, target_id: Optional[str]
) -> Tuple[Any, Any]:
    """Return the production of the source, and that of the target: by *target_id*, or by the same id or name.

    Raises:
        ProjectDoesntExistException: the source does not have it, or the target does not have *target_id*.
    """
    project = next(fetch_by_ids(source, PROJECTS, [project_id]), None)
    existing = next(fetch_by_ids(target, PROJECTS, [target_id or project_id]), None)
    if project is None or (target_id and existing is None):
        raise ProjectDoesntExistException(f"there is no project {project_id if project is None else target_id}")
    if existing is None:
        existing = raw.fetch_named("projects", {"name": project["name"], "relations": "true"}, client=target)
    return project, existing


def copy_project(context: MigrationContext, project: Any, existing: Any, target_id: str) -> None:
    """Copy the settings of a production, its team, and which types and statuses belong to it.

    Raises:
        GazuException: the target refuses the production, and so would refuse all that belongs to it.
    """
    for person in project["team"]:
        if person not in context.id_maps["people"]:
            with context.report.recording_failure("persons", person):
                ensure_person(context, person, active=True)
    wanted = {**translate(context._replace(skip_unknown=True), PROJECTS, project), "id": target_id}
    if existing is not None:  # what only the target has stays
        wanted.update({name: sorted({*wanted[name], *existing[name]}) for name in PROJECTS.lists})
        wanted["name"] = existing["name"]
    changed = existing is None or bool(diff(wanted, existing))
    if changed and not context.dry_run:
        raw.import_data("projects", [wanted], client=context.target)
    is_there = existing is not None or not context.dry_run
    changed = _copy_board_order(context, target_id if is_there else None) or changed
    if project["has_avatar"] and not (existing or {}).get("has_avatar") and not context.dry_run:
        _copy_avatar(context, target_id)
    created = existing is None
    context.report.count("projects", created=created, updated=changed and not created, skipped=not changed)


def _copy_board_order(context: MigrationContext, target_id: Optional[str]) -> bool:
    """Give task types and statuses their places on the boards, and return whether they had other places."""
    project = raw.fetch_one("projects", context.project_id, client=context.source)
    existing = raw.fetch_one("projects", target_id, client=context.target) if target_id else {}
    changed = False
    for field, kind, path, id_field in (
        ("task_types_priority", "task_types", "task-type-links", "task_type_id"),
        ("task_statuses_link", "task_status", "task-status-links", "task_status_id"),
    ):
        for id, link in (project.get(field) or {}).items():
            new, links = context.id_maps[kind].get(id), existing.get(field) or {}
            if new and links.get(new) != link:
                settings = link if isinstance(link, dict) else {"priority": link}
                row = {"project_id": target_id, id_field: new, **settings}
                if not context.dry_run:
                    raw.create(path, row, client=context.target)
                changed = True
    return changed


def _copy_avatar(context: MigrationContext, target_id: str) -> None:
    with temporary_folder() as folder, context.report.recording_failure("projects", target_id):
        path = os.path.join(folder, "avatar.png")
        files.download_project_avatar(context.project_id, path, client=context.source)
        files.upload_project_avatar(target_id, path, client=context.target)
