"""What productions of a studio share, and the production itself: matched by name, made where the target lacks it."""

import os
import tempfile
from typing import Any, Dict, Iterator, List, Mapping, Optional, Set, Tuple

from .. import client as raw
from .. import files
from ..client import KitsuClient
from ..exception import GazuException, ParameterException, ProjectDoesntExistException
from . import people, rows
from .rows import Job, Table
from .tally import Tally

PROJECT = Table(
    "projects",
    "projects",
    {"project_status_id": "project_status"},
    {"team": "people", "asset_types": "asset_types", "task_types": "task_types", "task_statuses": "task_statuses"},
    (
        "status_automations", "preview_background_files", "default_preview_background_file_id", "has_avatar",
        "from_schedule_version_id", "shotgun_id",
    ),
    relations=True,
)  # fmt: skip


def maps_of(source: KitsuClient, target: KitsuClient, tally: Tally) -> Dict[str, Dict[str, str]]:
    """Match what productions share by name, and make what is missing."""
    maps: Dict[str, Dict[str, str]] = {}
    servers = (source, target, maps, tally)
    maps["project_status"] = _matched("project-status", *servers)
    maps["departments"] = _matched("departments", *servers)
    maps["task_types"] = _matched("task-types", *servers, refs={"department_id": "departments"})
    maps["task_statuses"] = _matched("task-status", *servers, left_out=("is_default",), other="short_name")
    maps["asset_types"] = _matched("entity-types", *servers, lists={"task_types": "task_types"})
    here, there = (raw.fetch_all("persons", client=client) for client in (source, target))
    maps["people"] = people.matched(here, there)
    return maps


def _matched(
    path: str,
    source: KitsuClient,
    target: KitsuClient,
    maps: Mapping[str, Mapping[str, str]],
    tally: Tally,
    refs: Mapping[str, str] = {},
    lists: Mapping[str, str] = {},
    left_out: Tuple[str, ...] = (),
    other: str = "",
) -> Dict[str, str]:
    """Return the target's ids by the source's, for rows with the same name, or else the same *other* field."""
    kind, params = path.replace("-", "_"), {"relations": "true"} if lists else None
    here: List[Any] = raw.fetch_all(path, params=params, client=source)
    there: List[Any] = raw.fetch_all(path, client=target)
    found = {row["id"]: id for field in filter(None, (other, "name")) for row, id in _pairs(here, there, field)}
    found.update({row["id"]: id for row, id in _of_the_same_kind(here, there)})
    tally.count(kind, skipped=len(found))
    for row in here:
        if row["id"] in found:
            continue
        new = {k: v for k, v in row.items() if k not in (*left_out, "id", "created_at", "updated_at", "type")}
        new.update({k: maps[what].get(row.get(k) or "") for k, what in refs.items()})
        new.update({k: [maps[what][id] for id in row.get(k) or [] if id in maps[what]] for k, what in lists.items()})
        try:
            found[row["id"]] = raw.create(path, new, client=target)["id"]
            tally.count(kind, created=1)
        except GazuException as error:
            # Some lists take no two names that differ in capitals only: they share the target's, then.
            shared = [id for _, id in rows.matches([row], there, "name")]
            if shared and isinstance(error, ParameterException):
                found[row["id"]] = shared[0]
                tally.count(kind, skipped=1)
            else:
                rows.note(tally, kind, row["id"], error)
    return found


def _pairs(here: List[Any], there: List[Any], field: str) -> Iterator[Tuple[Any, str]]:
    """Yield the rows that both have, with the target's ids; where capitals differ, each of the target's once."""
    names = [{row.get(field) for row in side} for side in (here, there)]
    yield from rows.matches([row for row in here if row.get(field) in names[1]], there, field)
    others = [row for row in there if row.get(field) not in names[0]]
    taken: Set[str] = set()
    for row, id in rows.matches([row for row in here if row.get(field) not in names[1]], others, field):
        if id not in taken:
            taken.add(id)
            yield row, id


def _of_the_same_kind(here: List[Any], there: List[Any]) -> List[Tuple[Any, str]]:
    """Return the pairs of task types that have the same name, and are for the same kind of entity."""
    kinds = {row["for_entity"] for row in here if row.get("for_entity")}
    of_kind = [[[row for row in side if row.get("for_entity") == kind] for side in (here, there)] for kind in kinds]
    return [pair for sides in of_kind for pair in _pairs(sides[0], sides[1], "name")]


# -- the production ------------------------------------------------------------
def find_project(source: KitsuClient, target: KitsuClient, project: str, wanted: Optional[str]) -> Tuple[Any, Any]:
    """Return the production of the source, and that of the target: *wanted*, or the one with its id, or its name.

    Raises:
        ProjectDoesntExistException: the source does not have it, or the target not the *wanted* one.
    """
    here = next(rows.rows_of(source, PROJECT, [project]), None)
    there = next(rows.rows_of(target, PROJECT, [wanted or project]), None)
    if here is None or (wanted and there is None):
        raise ProjectDoesntExistException(f"there is no project {project if here is None else wanted}")
    if there is None:
        there = raw.fetch_named("projects", {"name": here["name"], "relations": "true"}, client=target)
    return here, there


def copy_project(job: Job, here: Any, there: Any, target_id: str, tally: Tally) -> None:
    """Copy the production: its settings, and which types, statuses and people belong to it.

    Raises:
        GazuException: the target refuses it, and so would all that belongs to it.
    """
    for person in here["team"]:
        if person not in job.maps["people"]:
            _join(job, person, tally)
    known = {name: [id for id in here[name] if id in job.maps[what]] for name, what in PROJECT.lists.items()}
    wanted = {**rows.translated(job, PROJECT, {**here, **known}, tally), "id": target_id}
    if there is not None:  # it keeps what only it has
        wanted.update({name: sorted({*wanted[name], *there[name]}) for name in PROJECT.lists})
        wanted["name"] = there["name"]
    changed = there is None or bool(rows.changes(wanted, there))
    if changed:
        raw.import_data("projects", [wanted], client=job.target)
    changed = _copy_links(job, target_id) or changed
    if here["has_avatar"] and not (there or {}).get("has_avatar"):
        _copy_avatar(job, target_id, tally)
    tally.count("projects", created=there is None, updated=there is not None and changed, skipped=not changed)


def _join(job: Job, person: str, tally: Tally) -> None:
    try:
        people.bring(job.source, job.target, person, job.maps, tally, active=True)
    except GazuException as error:
        rows.note(tally, "persons", person, error)


def _copy_links(job: Job, target_id: str) -> bool:
    """Give types and statuses their places on the boards of the production; tell if they had others."""
    here, there = (
        raw.fetch_one("projects", id, client=client)
        for id, client in ((job.project, job.source), (target_id, job.target))
    )
    done = False
    for field, what, path, id_field in (
        ("task_types_priority", "task_types", "task-type-links", "task_type_id"),
        ("task_statuses_link", "task_statuses", "task-status-links", "task_status_id"),
    ):
        for id, link in (here.get(field) or {}).items():
            new, known = job.maps[what].get(id), there.get(field) or {}
            if new and known.get(new) != link:
                settings = link if isinstance(link, dict) else {"priority": link}
                raw.create(path, {"project_id": target_id, id_field: new, **settings}, client=job.target)
                done = True
    return done


def _copy_avatar(job: Job, target_id: str, tally: Tally) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "avatar.png")
        try:
            files.download_project_avatar(job.project, path, client=job.source)
            files.upload_project_avatar(target_id, path, client=job.target)
        except GazuException as error:
            rows.note(tally, "projects", target_id, error)
