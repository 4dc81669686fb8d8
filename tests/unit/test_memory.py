"""What a client remembers in a loop, and what makes it ask again."""

from typing import Any, Dict, List

import pytest

from gazu._http import memory as module
from gazu._http.memory import Memory, as_new, by_memory, has_made, memory_of, note_write
from gazu.client import KitsuClient
from gazu.exception import ParameterException


@pytest.fixture
def clock(monkeypatch: Any) -> List[float]:
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def client() -> KitsuClient:
    return KitsuClient("http://memory.example.com/api")


class Server:
    """Tells its default, and counts how often."""

    def __init__(self) -> None:
        self.times = 0
        self.default: Any = {"id": "todo"}

    def tell(self, client: Any) -> Any:
        self.times += 1
        return self.default


def test_a_default_is_asked_for_every_five_seconds(client: KitsuClient, clock: List[float]) -> None:
    memory, server = Memory(), Server()
    tell = server.tell
    for seconds, times in ((0.0, 1), (4.9, 1), (0.1, 2), (5.0, 3)):
        clock[0] += seconds
        assert memory.once(tell, client) == {"id": "todo"}
        assert server.times == times


@pytest.mark.parametrize("path, times", [
    ("data/task-status", 2), ("data/task-status/1", 2), ("import/kitsu/entities", 2), ("auth/reset", 2),
    ("data/tasks", 1), ("data/projects/1/shots", 1), ("actions/tasks/1/comment", 1), ("data/entities/1", 1),
])  # fmt: skip
def test_a_write_that_may_change_defaults_has_them_asked_for(client: KitsuClient, path: str, times: int) -> None:
    memory, server = Memory(), Server()
    tell = server.tell
    memory.once(tell, client)
    note_write(KitsuClient(client.host), "POST", path)  # of any client of the process
    note_write(KitsuClient("http://other.example.com/api"), "PUT", "data/task-status")
    memory.once(tell, client)
    assert server.times == times


def test_a_write_during_the_request_has_it_asked_for_again(client: KitsuClient) -> None:
    memory, asked = Memory(), []

    def tell(client: Any) -> Any:
        asked.append(1)
        note_write(client, "PUT", "data/task-status/1")
        return {"id": "todo"}

    for _ in range(2):
        memory.once(tell, client)
    assert len(asked) == 2


def test_no_default_is_not_remembered(client: KitsuClient) -> None:
    memory, server = Memory(), Server()
    server.default, tell = None, server.tell
    assert [memory.once(tell, client) for _ in range(2)] == [None, None]
    assert server.times == 2


def test_a_new_entity_has_no_task_once_for_each_type(client: KitsuClient, clock: List[float]) -> None:
    memory = memory_of(client)

    def asked(entity: str, kind: str) -> bool:
        return memory.has_no_task(entity, kind, client)

    assert not asked("shot", "layout")
    assert as_new({"id": "shot"}, client) == {"id": "shot"}
    assert [asked("shot", kind) for kind in ("layout", "layout", "fx", "layout")] == [True, False, True, False]
    assert not asked("old shot", "layout")
    clock[0] += 5  # the first call of another loop looks
    assert [asked("shot", kind) for kind in ("animation", "animation", "lighting")] == [False, False, True]
    note_write(client, "POST", "data/task-types")
    assert [asked("shot", kind) for kind in ("mood", "edit")] == [False, True]
    assert as_new(None, client) is None


def test_few_entities_are_remembered(client: KitsuClient, monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "MAX_ENTITIES", 2)
    for name in ("a", "b", "c"):
        as_new({"id": name}, client)
    assert list(memory_of(client).entities) == ["b", "c"]


def test_other_tokens_and_copies_remember_nothing(client: KitsuClient) -> None:
    import copy
    import pickle

    as_new({"id": "shot"}, client)
    assert list(memory_of(client).entities) == ["shot"]
    for twin in (copy.copy(client), pickle.loads(pickle.dumps(client))):
        assert not memory_of(twin).entities
    client.tokens = {"access_token": "other"}
    assert not memory_of(client).entities
    assert not memory_of(object()).entities  # type: ignore[arg-type]


def test_what_is_refused_is_done_again_without_the_memory(client: KitsuClient) -> None:
    server, seen = Server(), []
    tell = server.tell

    def make(memory: Memory, client: Any, refused: Any) -> Dict[str, Any]:
        found = memory.once(tell, client)
        seen.append(found["id"])
        if found["id"] == refused:
            raise ParameterException("data/tasks", "Task already exists.")
        return {"status": found["id"]}

    assert by_memory(make, client, None) == {"status": "todo"}
    server.default = {"id": "ready"}
    assert by_memory(make, client, "todo") == {"status": "ready"}
    assert by_memory(make, client, None) == {"status": "ready"}
    assert seen == ["todo", "todo", "ready", "ready"]
    with pytest.raises(ParameterException):  # asked for a moment ago: what is wrong is not the memory
        client.tokens = {}
        by_memory(make, client, "ready")
    assert seen[4:] == ["ready"]


def test_what_was_changed_or_deleted_is_not_new(client: KitsuClient) -> None:
    for name in ("a", "b", "c"):
        as_new({"id": name}, client)
    assert has_made(client, ["a", "b", "c"]) and has_made(client, []) and not has_made(client, ["a", "d"])
    note_write(client, "POST", "data/entities/a")
    note_write(client, "PUT", "data/entities/b")
    note_write(client, "DELETE", "data/assets/c")
    assert [has_made(client, [name]) for name in ("a", "b", "c")] == [True, False, False]
