"""Casting: which assets appear in which shots, episodes and assets, and how many times."""

import functools
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional, Union

from . import client as raw
from ._http.memory import has_made
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import find_imported, list_functions, older_calls
from .helpers import as_list, drop_none, id_of, id_or_none, ids_of, require_row
from .models import CastAsset, CastIn, CastingEntry, EntityLink, EntityLinkPage, Ref, Several, StrPath
from .sheets import import_casting
from .verification import check_casting, check_castings, naming_unknown

if TYPE_CHECKING:
    from typing import overload

    from requests import Response

    from ._http.multipart import Progress

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)

Casting = Iterable[Mapping[str, Any]]


# -- casting of one entity -----------------------------------------------------
@cache
def get_shot_casting(shot: Ref, client: KitsuClient = default) -> List[CastAsset]:
    """List the assets cast in *shot*: `GET data/projects/<project_id>/entities/<shot_id>/casting`.

    Args:
        shot: its record, whose `project_id` is used; an id is fetched first.

    Example:
        >>> [(cast["asset_name"], cast["nb_occurences"]) for cast in gazu.casting.get_shot_casting(shot)]
        [('Koro', 1)]
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


def update_shot_casting(project: Ref, shot: Ref, casting: Casting, client: KitsuClient = default) -> List[CastingEntry]:
    """Set which assets are cast in *shot*, replacing its casting.

    `PUT data/projects/<project_id>/entities/<shot_id>/casting`

    Args:
        casting: `[{"asset_id": <id>, "nb_occurences": 2, "label": "animate"}, ...]`; `nb_occurences`
            is 1 if left out. What `get_shot_casting` returned is accepted.

    Example:
        >>> casting = [{"asset_id": asset["id"], "nb_occurences": 3}]
        >>> [cast["nb_occurences"] for cast in gazu.casting.update_shot_casting(project, shot, casting)]
        [3]
    """
    return _update_casting(project, shot, casting, client)


def update_asset_casting(
    project: Ref, asset: Ref, casting: Casting, client: KitsuClient = default
) -> List[CastingEntry]:
    """Set which assets *asset* is made of, replacing its casting.

    `PUT data/projects/<project_id>/entities/<asset_id>/casting`

    Args:
        casting: as for `update_shot_casting`.
    """
    return _update_casting(project, asset, casting, client)


def update_episode_casting(
    project: Ref, episode: Ref, casting: Casting, client: KitsuClient = default
) -> List[CastingEntry]:
    """Set which assets are cast in *episode*, replacing its casting; assets taken out leave its shots too.

    `PUT data/projects/<project_id>/entities/<episode_id>/casting`

    Args:
        casting: as for `update_shot_casting`.
    """
    return _update_casting(project, episode, casting, client)


def _update_casting(project: Ref, entity: Ref, casting: Casting, client: KitsuClient) -> Any:
    """Set the casting of an entity of any kind."""
    path = route("data/projects/{project_id}/entities/{entity_id}/casting", id_of(project), id_of(entity))
    rows = _cast_rows(casting)
    answer = raw.put(path, rows, client=client)
    if not has_made(client, (row["asset_id"] for row in rows)):
        check_casting(path, rows, client)
    return answer


def _cast_rows(casting: Casting) -> List[Dict[str, Any]]:
    """Return the casting of an entity as the server reads it."""
    casts: List[Any] = [_check_count(require_row(cast)) for cast in as_list(casting)]  # type: ignore[arg-type]
    rows = [{"nb_occurences": 1, **cast, "asset_id": id_of(cast.get("asset_id"), "an asset_id")} for cast in casts]
    return [{**row, "nb_occurences": 1} if row["nb_occurences"] is None else row for row in rows]


def _check_count(cast: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *cast*; refuse a fraction as `nb_occurences`, of which the server would store the whole part.

    Raises:
        ValueError: it is one.
    """
    count = cast.get("nb_occurences")
    if isinstance(count, float) and not count.is_integer():
        raise ValueError(f"nb_occurences: expected a whole number, got {count!r}")
    return cast


def update_castings(
    project: Ref, castings: Mapping[str, Casting], client: KitsuClient = default, verify: bool = True
) -> Dict[str, List[Dict[str, Any]]]:
    """Set which assets are cast in several entities at once, replacing their casting. Managers of the production.

    The server leaves out assets that do not exist, and does not tell: a GazuWarning names them.

    `PUT data/projects/<project_id>/entities/casting` (Zou 1.0.55), `GET data/projects/<project_id>/entity-links`

    Args:
        castings: by the id of the entity, what `update_shot_casting` takes.
        verify: False to spare the request for what is stored.

    Returns:
        What was sent.

    Raises:
        RouteNotFoundException: one of the entities does not exist in *project*; nothing was changed.
        ParameterException: none of the assets exists.
    """
    path = route("data/projects/{project_id}/entities/casting", id_of(project))
    rows = {id_of(entity): _cast_rows(casting) for entity, casting in dict(castings).items()}
    send = functools.partial(raw.put, path, rows, client=client)
    answer: Dict[str, List[Dict[str, Any]]] = naming_unknown("entities", [*rows], client, send) if rows else {}
    check_castings(id_of(project), rows if verify else {}, client)
    return answer


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

    Example:
        >>> other = gazu.shot.get_shot_by_name(sequence, "SH020")
        >>> casting = gazu.casting.cast_asset(project, [other], asset)
        >>> [cast["asset_name"] for cast in casting[other["id"]]]
        ['Koro']
    """
    path = route("data/projects/{project_id}/entities/casting/assets/{asset_id}", id_of(project), id_of(asset))
    data = drop_none(entity_ids=ids_of(entities), nb_occurences=nb_occurences, label=label)
    return raw.put(path, _check_count(data), client=client) if data["entity_ids"] else {}


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
    """List the shots, and the assets, that *asset* is cast in: `GET data/assets/<asset_id>/cast-in`.

    Example:
        >>> [(cast["sequence_name"], cast["shot_name"]) for cast in gazu.casting.get_asset_cast_in(asset)]
        [('SQ01', 'SH010')]
    """
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


# -- CSV -----------------------------------------------------------------------
def import_casting_with_csv(
    project: Ref,
    csv_file_path: StrPath,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> int:
    """Cast the assets listed in a CSV file, and return the number of rows.

    `POST import/csv/projects/<project_id>/casting`. Managers of the production. What is cast already gets
    the number and the label of the file; the rest stays.

    The server leaves out rows with an unknown asset or place without a word, so the castings are read back:
    `GET data/projects/<project_id>/entity-links`

    Arguments and errors are those of `gazu.shot.import_shots_with_csv`. The columns are `Asset Type`,
    `Asset`, `Parent` (the sequence; of an asset its type; of an episode `Episode`), `Name`, `Occurences`, `Label` and,
    in a TV show, `Episode`.

    Returns:
        The number of rows.

    Raises:
        ParameterException: rows are wrong, or were left out: the text names them, and the others were imported.
    """
    path = route("import/csv/projects/{project_id}/casting", id_of(project))
    return import_casting(path, csv_file_path, id_of(project), client, progress_callback)


def export_casting_with_csv(
    project: Ref,
    csv_file_path: StrPath,
    kind: str = "shots",
    episode: Optional[Ref] = None,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Write a casting to a CSV file: `GET export/csv/projects/<project_id>/casting.csv`.

    Members of the production, clients too, but no vendors. Arguments and errors are those of
    `gazu.shot.export_shots_with_csv`.

    Args:
        kind: the casting of `shots`, `assets` or `episodes`.
        episode: only what belongs to this episode.

    Raises:
        ValueError: there is no such kind.
    """
    kinds = {"shots": {"is_shot_casting": "true"}, "assets": {}, "episodes": {"episode_id": "all"}}
    if kind not in kinds:
        raise ValueError(f"kind: expected {', '.join(kinds)}, got {kind!r:.200}")
    path = route("export/csv/projects/{project_id}/casting.csv", id_of(project))
    params = {**drop_none(episode_id=id_or_none(episode)), **kinds[kind]}
    return raw.download(path, csv_file_path, params=params, client=client, progress_callback=progress_callback)


# -- links ---------------------------------------------------------------------
if TYPE_CHECKING:

    @overload
    def all_entity_links_for_project(
        project: Ref, page: None = None, limit: Optional[int] = None, client: KitsuClient = default
    ) -> List[EntityLink]: ...

    @overload
    def all_entity_links_for_project(
        project: Ref, page: int, limit: Optional[int] = None, client: KitsuClient = default
    ) -> EntityLinkPage: ...


@older_calls("0.8")
@cache
def all_entity_links_for_project(
    project: Ref, page: Optional[int] = None, limit: Optional[int] = None, client: KitsuClient = default
) -> Union[List[EntityLink], EntityLinkPage]:
    """List the casting links of *project*; with a *page*, a dict of that page and its page numbers.

    `GET data/projects/<project_id>/entity-links`

    Args:
        page: starts at 1.
        limit: links on a page; without a *page* it is ignored.

    Returns:
        A list of dicts with `entity_in_id` (the shot), `entity_out_id` (the asset), `nb_occurences` and `label`; or
        with a *page*, `{"data": [...], "nb_pages": ..., "total": ..., ...}`.
    """
    params = {} if page is None else drop_none(page=page, limit=limit)
    return raw.fetch_all(route("projects/{project_id}/entity-links", id_of(project)), params=params, client=client)


def delete_entity_link(
    entity_link: Ref, client: KitsuClient = default, project: Optional[Ref] = None
) -> Dict[str, Any]:
    """Delete a casting link: `DELETE data/entity-links/<entity_link_id>`.

    Admins only, or with *project* also the managers of the production:
    `DELETE data/projects/<project_id>/entity-links/<entity_link_id>`

    Args:
        project: the production of the shot, or what else the asset is cast in.

    Returns:
        The argument, as a dict.
    """
    path = route("data/entity-links/{entity_link_id}", id_of(entity_link))
    if project is not None:
        path = route("data/projects/{project_id}/entity-links/{id}", id_of(project), id_of(entity_link))
    raw.delete(path, client=client)
    return dict(entity_link) if isinstance(entity_link, Mapping) else {"id": id_of(entity_link)}
