"""Entities of any kind: assets, shots, sequences, episodes, scenes, edits and concepts; and their types."""

import os
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Mapping, Optional

from . import client as raw
from . import task as tasks
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import deprecated, find_imported, list_functions
from .helpers import (
    any_id_of,
    drop_none,
    for_update,
    id_of,
    id_or_none,
    ids_of,
    ignore_refusal,
    require_name,
    warn,
    warn_of_missing,
)
from .models import Chat, ChatMessage, Entity, EntityType, News, Ref, Several, StrPath, TimeSpent
from .pages import PageList
from .publication import check_paths
from .sorting import sort_by_name

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)

#: The path of the entities of each kind.
_KINDS = {
    "Asset": "assets",
    "Shot": "shots",
    "Sequence": "sequences",
    "Episode": "episodes",
    "Scene": "scenes",
    "Edit": "edits",
    "Concept": "concepts",
    "ConceptFolder": "concept-folders",
}


# -- entities ------------------------------------------------------------------
@cache
def all_entities(client: KitsuClient = default) -> List[Entity]:
    """List the entities of all projects: `GET data/entities`."""
    return raw.fetch_all("entities", client=client)


def all_entities_with_tasks_linked_to_entity(entity: Ref, client: KitsuClient = default) -> List[Entity]:
    """List the concepts of *entity*, with their tasks: `GET data/entities/<entity_id>/entities-linked/with-tasks`."""
    return raw.fetch_all(route("entities/{entity_id}/entities-linked/with-tasks", id_of(entity)), client=client)


@cache
def all_time_spents_for_entity(entity: Ref, client: KitsuClient = default) -> List[TimeSpent]:
    """List the time spent on the tasks of *entity*, the last day first: `GET data/entities/<entity_id>/time-spents`.

    Members of the production. `duration` is in minutes.
    """
    return raw.fetch_all(route("entities/{entity_id}/time-spents", id_of(entity)), client=client)


@cache
def get_entity(entity_id: Ref, client: KitsuClient = default) -> Entity:
    """Return an asset, a shot, ...; its `type` is its kind: `GET data/entities/<entity_id>`.

    Raises:
        RouteNotFoundException: it does not exist.

    Example:
        >>> entity = gazu.entity.get_entity(task["entity_id"])
        >>> entity["type"], entity["name"]
        ('Shot', 'SH010')
    """
    return raw.fetch_one("entities", any_id_of(entity_id), client=client)


@cache
def get_entity_by_name(
    entity_name: str, project: Optional[Ref] = None, client: KitsuClient = default
) -> Optional[Entity]:
    """Return an entity of this name, in *project* if one is given, or None: `GET data/entities?name=<entity_name>`."""
    params = drop_none(name=entity_name, project_id=id_or_none(project))
    return raw.fetch_named("entities", params, client=client)


@cache
def guess_from_path(project_id: Ref, path: str, sep: str = "/", client: KitsuClient = default) -> List[Dict[str, str]]:
    """Return which entities a file path may belong to, according to the file tree of the project.

    `POST data/entities/guess_from_path`

    Args:
        sep: the separator between folders in *path*.

    Returns:
        For each matching template of the tree, its name as `Template`, and the ids of what was
        recognised, as `Project`, `Asset`, `AssetType`, `Sequence`, `Shot`, `TaskType`, ...

    Raises:
        ServerErrorException: the project has no file tree.
    """
    file_path = os.fsdecode(path).replace(sep or "/", "/")  # as in templates
    data = {"project_id": any_id_of(project_id), "file_path": file_path, "sep": "/"}
    return raw.post("data/entities/guess_from_path", data, client=client, reads=True)


def remove_entity(entity: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete an asset, a shot, ...; one that has tasks is only marked as canceled.

    A sequence or an episode is refused while it has tasks or contains anything. A scene with
    shots or asset instances is marked as canceled, even with *force*.

    `DELETE data/<kind>/<entity_id>`, for a scene with *force* also `GET data/scenes/<entity_id>/tasks`;
    if the server does not say of which kind it is, `DELETE data/entities/<entity_id>`

    Args:
        entity: its record, whose `type` is used; an id is fetched first.
        force: delete it with its tasks and its contents.

    Raises:
        ParameterException: something is still linked to the sequence or the episode.
    """
    entity_id, kind = id_of(entity), _get_kind(entity, client)
    if force and kind == "scenes":  # a scene with tasks would only be canceled
        tasks.remove_tasks_batch(raw.fetch_all(route("scenes/{id}/tasks", entity_id), client=client), client=client)
    path = route("data/{kind}/{entity_id}", kind, entity_id)
    return raw.delete(path, {"force": True} if force else {}, client=client)


def _get_kind(entity: Ref, client: KitsuClient) -> str:
    """Return the path of the entities of the kind of *entity*: from its record, or from the server for an id."""
    row: Any = entity if isinstance(entity, Mapping) else {}
    if row.get("type") not in _KINDS:
        with ignore_refusal():
            row = raw.fetch_one("entities", id_of(entity), client=client)
    return _KINDS.get(row.get("type"), "entities")


def remove_entities(project: Ref, entities: Several, force: bool = False, client: KitsuClient = default) -> List[str]:
    """Delete several assets, shots, edits and concepts of *project*; those that have tasks are marked as canceled.

    Those that are already canceled are deleted, and so are concepts.

    `POST actions/projects/<project_id>/delete-entities`

    Args:
        force: delete them with their tasks.

    Returns:
        The ids of the entities deleted or marked; others, such as sequences, are left unchanged, and a GazuWarning
        names them.
    """
    path = route("actions/projects/{project_id}/delete-entities", id_of(project))
    path = raw.build_path_with_params(path, {"force": "true"} if force else {})
    ids = ids_of(entities)
    rows = raw.post(path, ids, client=client)
    warn_of_missing(ids, rows, "entities are still there: they do not exist in this project, or have another kind")
    return rows


@deprecated("removed in gazu 0.9: use the function of its kind, such as `shot.update_shot`")
def update_entity(entity: Mapping[str, Any], client: KitsuClient = default) -> Entity:
    """Change an entity of any kind, and return it: `PUT data/entities/<entity_id>`.

    Args:
        entity: its `id` and the fields to change.
    """
    return raw.update("entities", id_of(entity), for_update(entity), client=client)


# -- types ---------------------------------------------------------------------
@cache
def all_entity_types(client: KitsuClient = default) -> List[EntityType]:
    """List the types of entities, including asset types, sorted by name: `GET data/entity-types`."""
    return sort_by_name(raw.fetch_all("entity-types", client=client))


@cache
def get_entity_type(entity_type_id: Ref, client: KitsuClient = default) -> EntityType:
    """Return a type of entities: `GET data/entity-types/<entity_type_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("entity-types", any_id_of(entity_type_id), client=client)


@cache
def get_entity_type_by_name(entity_type_name: str, client: KitsuClient = default) -> Optional[EntityType]:
    """Return the type of entities of this name, or None: `GET data/entity-types?name=<entity_type_name>`."""
    return raw.fetch_named("entity-types", {"name": entity_type_name}, client=client)


def new_entity_type(name: str, client: KitsuClient = default) -> EntityType:
    """Create a type of entities: `POST data/entity-types`.

    Raises:
        ParameterException: the name is already used.
    """
    return raw.create("entity-types", {"name": require_name(name)}, client=client)


def update_entity_type(entity_type: Mapping[str, Any], client: KitsuClient = default) -> EntityType:
    """Change fields of *entity_type*, a dict with its `id`, and return it. Admins only.

    `PUT data/entity-types/<entity_type_id>`
    """
    return raw.update("entity-types", id_of(entity_type), for_update(entity_type), client=client)


def remove_entity_type(entity_type: Ref, client: KitsuClient = default) -> str:
    """Delete a type of entities; one that is in use is refused: `DELETE data/entity-types/<entity_type_id>`.

    Raises:
        ParameterException: it is in use.
    """
    return raw.delete(route("data/entity-types/{entity_type_id}", id_of(entity_type)), client=client)


# -- news and chats ------------------------------------------------------------
@cache
def all_news_for_entity(entity: Ref, client: KitsuClient = default) -> List[News]:
    """List what happened to the tasks of a shot, an asset, ..., the newest first: `GET data/entities/<entity_id>/news`.

    The list also has the keys of the server's page. The server returns the last 2000: a GazuWarning says if there are
    more.
    """
    answer = raw.fetch_all(route("entities/{entity_id}/news", id_of(entity)), client=client)
    if len(answer["data"]) < answer["total"]:
        warn(f"the server returns {len(answer['data'])} of {answer['total']} news: use project.all_news_for_project")
    return PageList(answer["data"], answer)


def get_chat(entity: Ref, client: KitsuClient = default) -> Chat:
    """Return the chat about a shot, an asset, ...; the server creates one that is not there yet.

    `GET data/entities/<entity_id>/chat`

    Its `participants` are those who have joined. Its `messages` are empty on Zou 1.0.97: see `all_chat_messages`.
    """
    return raw.get(route("data/entities/{entity_id}/chat", id_of(entity)), client=client)


def all_chat_messages(entity: Ref, client: KitsuClient = default) -> List[ChatMessage]:
    """List the messages about a shot, an asset, ..., from the oldest: `GET data/entities/<entity_id>/chat/messages`."""
    return raw.get(route("data/entities/{entity_id}/chat/messages", id_of(entity)), client=client)


def get_chat_message(entity: Ref, message: Ref, client: KitsuClient = default) -> ChatMessage:
    """Return a message about a shot, an asset, ...

    `GET data/entities/<entity_id>/chat/messages/<message_id>`

    Raises:
        ServerErrorException: it does not exist (Zou 1.0.97).
        NotAllowedException: it is of another chat.
    """
    path = route("data/entities/{entity_id}/chat/messages/{message_id}", id_of(entity), id_of(message))
    return raw.get(path, client=client)


def new_chat_message(
    entity: Ref, message: str, attachments: Iterable[StrPath] = (), client: KitsuClient = default
) -> ChatMessage:
    """Write a message about a shot, an asset, ..., and return it: `POST data/entities/<entity_id>/chat/messages`.

    Args:
        message: its text.
        attachments: paths of files to send with it.

    Raises:
        ParameterException: the user has not joined: `user.join_chat` does it.
        FileNotFoundError: a file is not there; nothing was sent.
    """
    path = route("data/entities/{entity_id}/chat/messages", id_of(entity))
    files = check_paths(attachments, "attachments")
    if not files:
        return raw.post(path, {"message": message}, client=client)
    return raw.upload(path, files[0], {"message": message}, files[1:], client=client)


def remove_chat_message(entity: Ref, message: Ref, client: KitsuClient = default) -> str:
    """Delete a message with its files (its author and administrators).

    `DELETE data/entities/<entity_id>/chat/messages/<message_id>`
    """
    path = route("data/entities/{entity_id}/chat/messages/{message_id}", id_of(entity), id_of(message))
    return raw.delete(path, client=client)
