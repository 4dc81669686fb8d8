"""Paths from templates."""

import pytest

from gazu._http.route import route


def test_without_places():
    assert route("data/projects") == "data/projects"
    with pytest.raises(TypeError, match="'data/projects' takes 0 values"):
        route("data/projects", "p1")


def test_values_are_quoted_as_one_piece():
    assert route("a/{x}/b/{y}", "one two", "1/2") == "a/one%20two/b/1%2F2"
    assert route("{x}", "caf\u00e9?#%&=") == "caf%C3%A9%3F%23%25%26%3D"
    assert route("a/{x}.csv", "name") == "a/name.csv"


def test_values_that_are_no_text():
    import uuid

    number = uuid.UUID(int=5)
    assert route("a/{x}/{y}", number, 7) == f"a/{number}/7"


@pytest.mark.parametrize(
    "value", ["", None, ".", "..", "../persons/1", "a/../b", "a/.", "./a", "..\\a", "a\\..", "/.."]
)
def test_values_that_would_leave_their_place(value):
    with pytest.raises(ValueError, match="path"):
        route("data/assets/{asset_id}", value)


@pytest.mark.parametrize("value", [{}, {"id": "1"}, [], ["1"], ("1",)])
def test_values_that_are_more_than_a_piece(value):
    with pytest.raises(ValueError, match="path"):
        route("data/assets/{asset_id}", value)


@pytest.mark.parametrize("value", ["...", "a..b", ".hidden", "a.", "%2e%2e", " ", "0"])
def test_dots_that_are_part_of_a_name(value):
    assert route("data/{x}", value).startswith("data/")


@pytest.mark.parametrize("values", [(), ("a",), ("a", "b", "c")])
def test_number_of_values(values):
    with pytest.raises(TypeError):
        route("data/{x}/{y}", *values)
