"""What no server of today brings about: rows as older servers have them."""

from typing import Any

import pytest

import gazu
from gazu import sync
from gazu.sync.copier import local_name
from gazu.sync.rows import parents_first


def test_task_types_of_the_same_name_go_by_what_they_are_for(monkeypatch: Any) -> None:
    source = [{"id": f"s-{kind}", "name": "Effects", "for_entity": kind} for kind in ("Shot", "Asset", "Edit")]
    target = [{"id": f"t-{kind}", "name": "EFFECTS", "for_entity": kind} for kind in ("Asset", "Shot", "Scene")]
    lists = {"source": source, "target": target}
    monkeypatch.setattr(gazu.task, "all_task_types", lambda client: lists[client])
    found = sync.get_sync_task_type_id_map("source", "target")  # type: ignore[arg-type]
    assert (found["s-Shot"], found["s-Asset"]) == ("t-Shot", "t-Asset")
    assert "s-Edit" not in found


def test_task_types_without_a_kind_go_by_name(monkeypatch: Any) -> None:
    lists = {"source": [{"id": "s1", "name": "Effects"}], "target": [{"id": "t1", "name": "effects"}]}
    monkeypatch.setattr(gazu.task, "all_task_types", lambda client: lists[client])
    assert sync.get_sync_task_type_id_map("source", "target") == {"s1": "t1"}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parents", "order"),
    [
        ({}, "abcd"),
        ({"a": "d", "d": "c"}, "bcda"),
        ({"a": "elsewhere"}, "abcd"),
        ({"b": "c", "c": "b"}, "adbc"),
        ({"a": "a"}, "bcda"),
    ],
)
@pytest.mark.parametrize("field", ["parent_id", "source_id"])
def test_parents_come_first(parents: Any, order: str, field: str) -> None:
    rows = [{"id": name, field: parents.get(name)} for name in "abcd"]
    assert "".join(row["id"] for row in parents_first(rows)) == order


def test_names_that_no_file_system_refuses() -> None:
    def local(name: str) -> str:
        return local_name({"name": name, "extension": "txt"})

    assert local("été (1), @50%.txt") == "été (1), @50%.txt"
    assert local("../a\\b:c*?.txt") == ".._a_b_c__.txt"
    assert (local(".."), local(".")) == ("_", "_")
    assert len(local("é" * 250 + ".txt").encode()) <= 200
    assert local("é" * 250 + ".txt").endswith("é.txt")
