"""Concepts: pictures of what assets or other entities may look like."""

from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from . import client as raw
from ._http.memory import as_new
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import find_imported, list_functions, older_calls
from .helpers import (
    any_id_of,
    composed,
    drop_none,
    for_update,
    id_of,
    id_or_none,
    ids_of,
    require_name,
    require_row,
    warn,
    warn_if_canceled,
)
from .lists import fetch_board
from .models import Concept, ConceptFolder, ConceptWithTasks, EntityPreview, Ref, Several
from .sorting import sort_by_name

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)


# -- concepts ------------------------------------------------------------------
@cache
def all_concepts(client: KitsuClient = default) -> List[Concept]:
    """List the concepts of all projects, sorted by name: `GET data/concepts`."""
    return sort_by_name(raw.fetch_all("concepts", client=client))


@cache
def all_concepts_for_project(project: Ref, client: KitsuClient = default) -> List[Concept]:
    """List the concepts of *project*, sorted by name: `GET data/projects/<project_id>/concepts`.

    Canceled ones are in the list: see `canceled`.
    """
    return sort_by_name(raw.fetch_all(route("projects/{project_id}/concepts", id_of(project)), client=client))


@cache
def all_concepts_with_tasks(project: Ref, client: KitsuClient = default) -> List[ConceptWithTasks]:
    """List the concepts of *project* with their tasks, sorted by name, in one request.

    Everybody in the team but clients and vendors.

    `GET data/concepts/with-tasks?project_id=<project_id>`
    """
    return fetch_board("concepts/with-tasks", project, client)


@cache
def all_previews_for_concept(concept: Ref, client: KitsuClient = default) -> Dict[str, List[EntityPreview]]:
    """Return the previews of *concept*, the last revision first, by the id of the task type.

    `GET data/concepts/<concept_id>/preview-files`
    """
    return raw.fetch_all(route("concepts/{concept_id}/preview-files", id_of(concept)), client=client)


@cache
def get_concept(concept_id: Ref, client: KitsuClient = default) -> Concept:
    """Return a concept with its tasks and the name of its project: `GET data/concepts/<concept_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("concepts", any_id_of(concept_id), client=client)


@cache
def get_concept_by_name(project: Ref, concept_name: str, client: KitsuClient = default) -> Optional[Concept]:
    """Return the concept of this name in *project*, or None.

    `GET data/concepts?project_id=<project_id>&name=<concept_name>`
    """
    return raw.fetch_named("concepts", {"project_id": id_of(project), "name": concept_name}, client=client)


@older_calls()
def new_concept(
    project: Ref,
    name: str,
    description: Optional[str] = None,
    data: Optional[Mapping[str, Any]] = None,
    entity_concept_links: Optional[Several] = None,
    concept_folder: Optional[Ref] = None,
    client: KitsuClient = default,
) -> Concept:
    """Create a concept, or return the existing one of this name in *project*.

    A GazuWarning says so if the existing one is canceled.

    `POST data/projects/<project_id>/concepts`

    Args:
        data: metadata.
        entity_concept_links: the entities that it is a concept for.
        concept_folder: where a new concept goes; without it, to the root of the project.
    """
    links = [{"id": entity_id} for entity_id in ids_of(entity_concept_links)]
    row: Any = {"name": require_name(name), "data": data or {}, "entity_concept_links": links}
    row.update(drop_none(description=description, parent_id=id_or_none(concept_folder)))
    known = raw.fetch_named("concepts", {"project_id": id_of(project), "name": name}, client=client)
    path = route("data/projects/{project_id}/concepts", id_of(project))
    return warn_if_canceled(known, "gazu.concept.update_concept") or as_new(raw.post(path, row, client=client), client)


def update_concept(concept: Mapping[str, Any], client: KitsuClient = default) -> Concept:
    """Change a concept, and return it. What `get_concept` returned can be passed back.

    `PUT data/entities/<concept_id>`

    Args:
        concept: its `id` and the fields to change. `entity_concept_links` takes ids or dicts.
            Keys that `data` does not name are left unchanged.
    """
    data = for_update(concept)
    if "entity_concept_links" in data:
        data["entity_concept_links"] = ids_of(data["entity_concept_links"])
    return raw.update("entities", id_of(concept), data, client=client)


def remove_concept(concept: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete a concept; one that has tasks is only marked as canceled: `DELETE data/concepts/<concept_id>`.

    Args:
        force: delete it with its tasks.
    """
    path = route("data/concepts/{concept_id}", id_of(concept))
    return raw.delete(path, {"force": True} if force else {}, client=client)


# -- folders -------------------------------------------------------------------
@cache
def all_concept_folders_for_project(project: Ref, client: KitsuClient = default) -> List[ConceptFolder]:
    """List the concept folders of *project*, sorted by name: `GET data/projects/<project_id>/concept-folders`."""
    return sort_by_name(raw.fetch_all(route("projects/{project_id}/concept-folders", id_of(project)), client=client))


@cache
def get_concept_folder_by_name(project: Ref, name: str, client: KitsuClient = default) -> Optional[ConceptFolder]:
    """Return the concept folder of exactly this name in *project*, or None.

    `GET data/projects/<project_id>/concept-folders`
    """
    folders = all_concept_folders_for_project(project, client=client)
    return next((folder for folder in folders if composed(folder["name"]) == composed(require_name(name))), None)


def new_concept_folder(project: Ref, name: str, client: KitsuClient = default) -> ConceptFolder:
    """Create a concept folder, or return the existing one of this name in *project*.

    `POST data/projects/<project_id>/concept-folders`
    """
    path = route("data/projects/{project_id}/concept-folders", id_of(project))
    return raw.post(path, {"name": require_name(name)}, client=client)


def update_concept_folder(concept_folder: Mapping[str, Any], client: KitsuClient = default) -> ConceptFolder:
    """Rename a concept folder, and return it: `PUT data/concept-folders/<concept_folder_id>`.

    Args:
        concept_folder: its `id` and its `name`; nothing else of it can change.

    Raises:
        ParameterException: another folder of the project has the name.
    """
    path = route("data/concept-folders/{concept_folder_id}", id_of(concept_folder))
    return raw.put(path, {"name": require_name(require_row(concept_folder).get("name", ""))}, client=client)


def remove_concept_folder(concept_folder: Ref, client: KitsuClient = default) -> str:
    """Delete a concept folder; its concepts go to the root of the project.

    `DELETE data/concept-folders/<concept_folder_id>`
    """
    return raw.delete(route("data/concept-folders/{concept_folder_id}", id_of(concept_folder)), client=client)


def move_concepts(
    project: Ref, concepts: Several, concept_folder: Optional[Ref] = None, client: KitsuClient = default
) -> List[str]:
    """Move concepts to a folder, and return the ids of those that moved: `POST actions/projects/<id>/move-concepts`.

    The server skips what is not a concept of *project*: a GazuWarning names those.

    Args:
        concept_folder: the folder; None for the root of the project.
    """
    ids = ids_of(concepts)
    data = {"concept_ids": ids, "concept_folder_id": id_or_none(concept_folder)}
    moved: List[str] = raw.post(route("actions/projects/{id}/move-concepts", id_of(project)), data, client=client)
    if set(ids) - set(moved):
        warn(f"concepts: not moved, as not concepts of the project: {', '.join(sorted(set(ids) - set(moved)))}")
    return moved
