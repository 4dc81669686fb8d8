"""Many objects at once: what the garbage collector does meanwhile, and what it still finds."""

import gc
import json
import weakref
from typing import Any, Iterator, List

import pytest

from gazu import _memory
from gazu._memory import MANY, load, undisturbed


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    gc.unfreeze()  # the collected tests, see tests/conftest.py
    gc.collect()
    yield
    gc.unfreeze()
    gc.enable()
    gc.collect()
    gc.freeze()


@pytest.fixture
def only_when_asked() -> Iterator[None]:
    """Have collections only where the test has one."""
    thresholds = gc.get_threshold()
    gc.set_threshold(0)
    yield
    gc.set_threshold(*thresholds)


class Node:
    """Garbage that only the collector finds, once nobody has it."""

    def __init__(self) -> None:
        self.itself = self


def nodes(number: int) -> List[Any]:
    return [Node() for _ in range(number)]


def test_the_collector_rests() -> None:
    seen: List[str] = []
    gc.callbacks.append(lambda phase, info: seen.append(phase))
    try:
        made = undisturbed(nodes, MANY)
        assert seen == []
        assert gc.isenabled()
        del made
        nodes(MANY)
        assert seen
    finally:
        gc.callbacks.pop()


def test_the_collector_is_back_after_an_error() -> None:
    with pytest.raises(json.JSONDecodeError):
        load(json.loads, b"[" + b" " * _memory.LARGE)
    assert gc.isenabled()


def test_a_collector_that_is_off_stays_off() -> None:
    gc.disable()
    assert load(json.loads, b" " * _memory.LARGE + b"[1]") == [1]
    assert not gc.isenabled()


@pytest.mark.usefixtures("only_when_asked")
def test_many_objects_are_old_at_once() -> None:
    """The next collection of young objects does not look at them."""
    few = weakref.ref(undisturbed(nodes, MANY // 10)[0])
    gc.collect(0)
    assert few() is None
    many = weakref.ref(undisturbed(nodes, 2 * MANY)[0])
    gc.collect(0)
    assert many() is not None
    gc.collect()
    assert many() is None


@pytest.mark.usefixtures("only_when_asked")
def test_garbage_among_them_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_memory, "_unseen", 0)
    garbage = weakref.ref(undisturbed(nodes, 2 * MANY)[0])
    assert garbage() is not None
    assert _memory._unseen > MANY
    monkeypatch.setattr(_memory, "UNSEEN", _memory._unseen + MANY)
    undisturbed(nodes, 2 * MANY)
    assert garbage() is None
    assert _memory._unseen == 0


def test_what_a_program_froze_stays_frozen() -> None:
    gc.freeze()
    frozen = gc.get_freeze_count()
    assert frozen > _memory.FROZEN
    undisturbed(nodes, 2 * MANY)
    assert gc.get_freeze_count() == frozen
