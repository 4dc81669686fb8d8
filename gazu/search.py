"""The server's full-text search over persons, assets and shots."""

from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Optional

from . import client as raw
from .client import KitsuClient
from .client import default_client as default
from .deprecation import find_imported, list_functions
from .helpers import drop_none, id_of, ids_of
from .models import Ref

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)

Found = Dict[str, List[Dict[str, Any]]]


def search_entities(
    query: str,
    project: Optional[Ref] = None,
    entity_types: Optional[Iterable[Ref]] = None,
    client: KitsuClient = default,
) -> Found:
    """Return the persons, assets and shots that match *query* best: at most three of each. `POST data/search`.

    The records are under `persons`, `assets` and `shots`; a query shorter than three
    characters returns `{}`.

    Args:
        project: only its assets and shots; without it, those of all open projects.
        entity_types: only assets and shots of these types; if others have to be filtered out,
            all that are among the hundred best matches.

    Raises:
        ServerErrorException: the server has no indexer.
    """
    type_ids = None if entity_types is None else ids_of(entity_types)
    body = drop_none(query=query, project_id=None if project is None else id_of(project), entity_types=type_ids)
    found: Found = raw.post("data/search", body, client=client)
    if _of_types(found, type_ids) != found:
        found = raw.post("data/search", {**body, "limit": 100}, client=client)
    return _of_types(found, type_ids)


def _of_types(found: Found, type_ids: Optional[List[str]]) -> Found:
    """Leave out records of other types, which the server does not do; persons have no type."""
    if not type_ids:
        return found
    wanted = {None, *[type_id.lower() for type_id in type_ids]}
    return {group: [row for row in rows if row.get("entity_type_id") in wanted] for group, rows in found.items()}
