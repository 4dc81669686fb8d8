"""The order of lists."""

from gazu.sorting import sort_by_name


def test_by_name_whatever_its_case():
    rows = [{"name": "b"}, {"name": "C"}, {"name": "a"}]
    assert [row["name"] for row in sort_by_name(rows)] == ["a", "b", "C"]
    assert [row["name"] for row in rows] == ["b", "C", "a"]


def test_rows_without_a_name_come_first():
    assert sort_by_name([{"name": "a"}, {"name": None}, {"x": 1}]) == [{"name": None}, {"x": 1}, {"name": "a"}]


def test_equal_names_keep_their_order():
    rows = [{"name": "a", "n": 1}, {"name": "A", "n": 2}, {"name": "a", "n": 3}]
    assert sort_by_name(rows) == rows


def test_anything_that_can_be_walked_through():
    assert sort_by_name(iter([{"name": "b"}, {"name": "a"}])) == [{"name": "a"}, {"name": "b"}]
    assert sort_by_name([]) == []
