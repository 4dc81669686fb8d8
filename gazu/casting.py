"""Casting: which assets appear in which shots, episodes and assets, and how many times."""

from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional

from . import client as raw
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import find_imported, older_calls
from .helpers import as_list, drop_none, id_of, ids_of, require_row
from .models import CastAsset, CastIn, Ref, Several

if not TYPE_CHECKING:
    __getattr__ = find_imported(__name__)

Casting = Iterable[Mapping[str, Any]]


# -- casting of one entity -----------------------------------------------------
@cache
def get_shot_casting(shot: Ref, client: KitsuClient = default) -> List[CastAsset]:
    """List the assets cast in *shot*: `GET data/projects/<project_id>/entities/<shot_id>/casting`.

    Args:
        shot: its record, whose `project_id` is used; an id is fetched first.
    """
    return _get_casting(shot, client)


@cache
def get_asset_casting(asset: Ref, client: KitsuClient = default) -> List[CastAsset]:
    """List the assets that *asset* is made of: `GET data/projects/<project_id>/entities/<asset_id>/casting`.

    Args:
        asset: its record, whose `project_id` is used; an id is fetched first.
    """
    return _get_casting(asset, client)


@cache
def get_episode_casting(episode: Ref, client: KitsuClient = default) -> List[CastAsset]:
    """List the assets cast in *episode* itself: `GET data/projects/<project_id>/entities/<episode_id>/casting`.

    Args:
        episode: its record, whose `project_id` is used; an id is fetched first.
    """
    return _get_casting(episode, client)


def _get_casting(entity: Ref, client: KitsuClient) -> Any:
    """Return the casting of an entity of any kind."""
    path = route("projects/{project_id}/entities/{entity_id}/casting", _get_project_id(entity, client), id_of(entity))
    return raw.fetch_all(path, client=client)


def _get_project_id(entity: Ref, client: KitsuClient) -> str:
    """Return the id of the project of an entity: from its record, or from the server for an id."""
    known = isinstance(entity, Mapping) and "project_id" in entity
    row: Any = entity if known else raw.fetch_one("entities", id_of(entity), client=client)
    return str(row["project_id"])


def update_shot_casting(project: Ref, shot: Ref, casting: Casting, client: KitsuClient = default) -> List[CastAsset]:
    """Set which assets are cast in *shot*, replacing its casting.

    `PUT data/projects/<project_id>/entities/<shot_id>/casting`

    Args:
        casting: `[{"asset_id": <id>, "nb_occurences": 2, "label": "animate"}, ...]`; `nb_occurences`
            is 1 if left out. What `get_shot_casting` returned is accepted.
    """
    return _update_casting(project, shot, casting, client)


def update_asset_casting(project: Ref, asset: Ref, casting: Casting, client: KitsuClient = default) -> List[CastAsset]:
    """Set which assets *asset* is made of, replacing its casting.

    `PUT data/projects/<project_id>/entities/<asset_id>/casting`

    Args:
        casting: as for `update_shot_casting`.
    """
    return _update_casting(project, asset, casting, client)


def update_episode_casting(
    project: Ref, episode: Ref, casting: Casting, client: KitsuClient = default
) -> List[CastAsset]:
    """Set which assets are cast in *episode*, replacing its casting; assets taken out leave its shots too.

    `PUT data/projects/<project_id>/entities/<episode_id>/casting`

    Args:
        casting: as for `update_shot_casting`.
    """
    return _update_casting(project, episode, casting, client)


def _update_casting(project: Ref, entity: Ref, casting: Casting, client: KitsuClient) -> Any:
    """Set the casting of an entity of any kind."""
    path = route("data/projects/{project_id}/entities/{entity_id}/casting", id_of(project), id_of(entity))
    casts: List[Any] = [require_row(cast) for cast in as_list(casting)]  # type: ignore[arg-type]
    rows = [{"nb_occurences": 1, **cast, "asset_id": id_of(cast.get("asset_id"), "an asset_id")} for cast in casts]
    return raw.put(path, rows, client=client)


def cast_asset(
    project: Ref,
    entities: Several,
    asset: Ref,
    nb_occurences: Optional[int] = None,
    label: Optional[str] = None,
    client: KitsuClient = default,
) -> Dict[str, List[CastAsset]]:
    """Cast an asset in several entities at once; the rest of their casting is left unchanged.

    `PUT data/projects/<project_id>/entities/casting/assets/<asset_id>` (Zou 1.0.97)

    Args:
        nb_occurences: how many times, 0 to remove the asset; by default unchanged, or once for a new one.
        label: by default unchanged.

    Returns:
        The casting of each entity, by its id.
    """
    path = route("data/projects/{project_id}/entities/casting/assets/{asset_id}", id_of(project), id_of(asset))
    data = drop_none(entity_ids=ids_of(entities), nb_occurences=nb_occurences, label=label)
    return raw.put(path, data, client=client)


def uncast_asset(
    project: Ref, entities: Several, asset: Ref, client: KitsuClient = default
) -> Dict[str, List[CastAsset]]:
    """Remove an asset from the casting of several entities at once; for an episode, also from its shots.

    `PUT data/projects/<project_id>/entities/casting/assets/<asset_id>` (Zou 1.0.97)
    """
    return cast_asset(project, entities, asset, nb_occurences=0, client=client)


# -- casting of many -----------------------------------------------------------
@cache
def get_asset_cast_in(asset: Ref, client: KitsuClient = default) -> List[CastIn]:
    """List the shots, and the assets, that *asset* is cast in: `GET data/assets/<asset_id>/cast-in`."""
    return raw.fetch_all(route("assets/{asset_id}/cast-in", id_of(asset)), client=client)


def get_asset_type_casting(project: Ref, asset_type: Ref, client: KitsuClient = default) -> Dict[str, List[CastAsset]]:
    """Return the casting of all assets of a type, by the id of the asset.

    `GET data/projects/<project_id>/asset-types/<asset_type_id>/casting`
    """
    path = route("projects/{project_id}/asset-types/{asset_type_id}/casting", id_of(project), id_of(asset_type))
    return raw.fetch_all(path, client=client)


@cache
def get_sequence_casting(sequence: Ref, client: KitsuClient = default) -> Dict[str, List[CastAsset]]:
    """Return the casting of all shots of *sequence*, by the id of the shot.

    `GET data/projects/<project_id>/sequences/<sequence_id>/casting`

    Args:
        sequence: its record, whose `project_id` is used; an id is fetched first.
    """
    return get_sequence_shots_casting(_get_project_id(sequence, client), sequence, client=client)


@cache
def get_sequence_shots_casting(
    project: Ref, sequence: Ref, client: KitsuClient = default
) -> Dict[str, List[CastAsset]]:
    """Return the casting of all shots of *sequence*, by the id of the shot.

    `GET data/projects/<project_id>/sequences/<sequence_id>/casting`
    """
    path = route("projects/{project_id}/sequences/{sequence_id}/casting", id_of(project), id_of(sequence))
    return raw.fetch_all(path, client=client)


@cache
def get_episode_shots_casting(project: Ref, episode: Ref, client: KitsuClient = default) -> Dict[str, List[CastAsset]]:
    """Return the casting of all shots of *episode*, by the id of the shot.

    `GET data/projects/<project_id>/episodes/<episode_id>/sequences/all/casting`
    """
    path = route("projects/{project_id}/episodes/{episode_id}/sequences/all/casting", id_of(project), id_of(episode))
    return raw.fetch_all(path, client=client)


@cache
def get_project_shots_casting(project: Ref, client: KitsuClient = default) -> Dict[str, List[CastAsset]]:
    """Return the casting of all shots of *project*, by the id of the shot.

    `GET data/projects/<project_id>/sequences/all/casting`
    """
    return raw.fetch_all(route("projects/{project_id}/sequences/all/casting", id_of(project)), client=client)


@cache
def get_episodes_casting(project: Ref, client: KitsuClient = default) -> Dict[str, List[CastAsset]]:
    """Return the casting of the episodes of *project*, and of everything in them, by the id of the episode, shot, ...

    `GET data/projects/<project_id>/episodes/casting`
    """
    return raw.fetch_all(route("projects/{project_id}/episodes/casting", id_of(project)), client=client)


# -- links ---------------------------------------------------------------------
@older_calls("0.8")
@cache
def all_entity_links_for_project(
    project: Ref, page: Optional[int] = None, limit: Optional[int] = None, client: KitsuClient = default
) -> Any:
    """List the casting links of *project*; with a *page*, a dict of that page and its page numbers.

    `GET data/projects/<project_id>/entity-links`

    Args:
        limit: links on a page; without a *page* it is ignored.
    """
    params = {} if page is None else drop_none(page=page, limit=limit)
    return raw.fetch_all(route("projects/{project_id}/entity-links", id_of(project)), params=params, client=client)


def delete_entity_link(entity_link: Ref, client: KitsuClient = default) -> Dict[str, Any]:
    """Delete a casting link: `DELETE data/entity-links/<entity_link_id>`.

    Returns:
        The argument, as a dict.
    """
    raw.delete(route("data/entity-links/{entity_link_id}", id_of(entity_link)), client=client)
    return dict(entity_link) if isinstance(entity_link, Mapping) else {"id": id_of(entity_link)}
