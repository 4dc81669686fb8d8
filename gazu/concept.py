"""Concepts: pictures of what assets or other entities may look like."""

from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from . import client as raw
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import find_imported
from .helpers import any_id_of, drop_none, for_update, id_of, ids_of, require_name, warn_if_canceled
from .models import Concept, EntityPreview, Ref, Several
from .sorting import sort_by_name

if not TYPE_CHECKING:
    __getattr__ = find_imported(__name__)


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


def new_concept(
    project: Ref,
    name: str,
    description: Optional[str] = None,
    data: Optional[Mapping[str, Any]] = None,
    entity_concept_links: Optional[Several] = None,
    client: KitsuClient = default,
) -> Concept:
    """Create a concept, or return the existing one of this name in *project*.

    A GazuWarning says so if the existing one is canceled.

    `POST data/projects/<project_id>/concepts`

    Args:
        data: metadata.
        entity_concept_links: the entities that it is a concept for.
    """
    links = [{"id": entity_id} for entity_id in ids_of(entity_concept_links)]
    concept = drop_none(name=name, data=data or {}, entity_concept_links=links, description=description)
    key = {"project_id": id_of(project), "name": require_name(name)}
    path = route("data/projects/{project_id}/concepts", id_of(project))
    known = raw.fetch_named("concepts", key, client=client)
    return warn_if_canceled(known, "gazu.concept.update_concept") or raw.post(path, concept, client=client)


def update_concept(concept: Mapping[str, Any], client: KitsuClient = default) -> Concept:
    """Change a concept, and return it. What `get_concept` returned can be passed back.

    `PUT data/entities/<concept_id>`

    Args:
        concept: its `id` and the fields to change. `entity_concept_links` takes ids or dicts.
            Keys that `data`
        does not name are left unchanged.
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
