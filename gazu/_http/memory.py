"""The defaults and new entities that a client knows of, so that a loop over single records sends fewer requests.

Where they are out of date, the server refuses the request, and the call is repeated without them.
"""

import time
from collections import OrderedDict
from typing import Any, Callable, Dict, Iterable, Mapping, Set, Tuple

from ..exception import ParameterException
from .base_client import BaseClient

#: Seconds for which a default of the server is remembered.
DEFAULTS_SECONDS = 5.0
#: Entities that are remembered.
MAX_ENTITIES = 10_000
#: Writes to these paths leave the defaults of a server unchanged; after any other write they are requested again.
_LEAVE_DEFAULTS = ("data/projects/", "data/tasks", "data/entities/", "actions/", "pictures/")

#: The number of writes to each host that may have changed its defaults.
_changes: Dict[str, int] = {}


class Memory:
    """The defaults of the server, and the entities that a client made with the types of their tasks."""

    def __init__(self) -> None:
        self.hits = 0
        self.told: Dict[Any, Tuple[float, int, Any]] = {}
        self.entities: "OrderedDict[str, Set[str]]" = OrderedDict()

    def once(self, function: Callable[..., Any], client: BaseClient) -> Any:
        """Return a default of the server: what *function* returned up to five seconds ago, or returns now."""
        if self.is_fresh(function, client):
            self.hits += 1
            return self.told[client.host, function][2]
        changes, now = _changes.get(client.host, 0), time.monotonic()
        result = function(client=client)
        if result:
            self.told[client.host, function] = (now, changes, result)
        return result

    def is_fresh(self, key: Any, client: BaseClient) -> bool:
        """Return whether a default was requested up to five seconds ago, and not changed by this process since."""
        told_at, changes, _ = self.told.get((client.host, key), (0.0, -1, None))
        return changes == _changes.get(client.host, 0) and time.monotonic() - told_at < DEFAULTS_SECONDS

    def has_no_task(self, entity_id: str, task_type_id: str, client: BaseClient) -> bool:
        """Return whether the client made this entity, and is about to make the first task of this type in it.

        The first call of a loop does not rely on it.
        """
        in_loop, types = self.is_fresh("tasks", client), self.entities.get(entity_id, {task_type_id})
        is_first = task_type_id not in types
        types.add(task_type_id)
        if not in_loop:
            self.told[client.host, "tasks"] = (time.monotonic(), _changes.get(client.host, 0), None)
        self.hits += in_loop and is_first
        return in_loop and is_first


def note_write(client: BaseClient, method: str, path: str) -> None:
    """Note that *path* was written to: the defaults of the server may have changed, or an entity that was new."""
    if method != "POST":
        memory_of(client).entities.pop(path.rpartition("/")[2], None)
    if not path.startswith(_LEAVE_DEFAULTS):
        _changes[client.host] = _changes.get(client.host, 0) + 1


def has_made(client: BaseClient, ids: Iterable[str]) -> bool:
    """Return whether the client made all these entities, and has not changed them: they are there."""
    return memory_of(client).entities.keys() >= set(ids)


def as_new(record: Any, client: BaseClient) -> Any:
    """Remember an entity that the client has made, and return it."""
    if isinstance(record, Mapping) and "id" in record:
        entities = memory_of(client).entities
        entities[record["id"]] = set()
        while len(entities) > MAX_ENTITIES:
            entities.popitem(last=False)
    return record


def by_memory(function: Callable[..., Any], client: BaseClient, *args: Any) -> Any:
    """Call `function(memory, client, *args)`; if the server refuses what comes of the memory, call it without."""
    memory = memory_of(client)
    hits = memory.hits
    try:
        return function(memory, client, *args)
    except ParameterException:
        if memory.hits == hits:
            raise
        memory.told.clear()
    return function(Memory(), client, *args)


def memory_of(client: BaseClient) -> Memory:
    """Return the memory of a client; an empty one for a double of a client that cannot have one."""
    known = getattr(client, "__dict__", {})
    memory: Memory = known.get("memory") or known.setdefault("memory", Memory())
    return memory
