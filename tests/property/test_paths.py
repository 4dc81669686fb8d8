"""Paths, queries and ids of any text."""

import re
import uuid
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gazu import client as raw
from gazu._http.route import route
from gazu.helpers import id_of, ids_of, sanitize_filename

text = st.text(st.characters(blacklist_categories=("Cs",)))
IDS = st.uuids().map(str)


def leaves_its_place(value):
    return not value or bool({".", ".."} & set(re.split(r"[/\\]", value)))


@given(text, text)
def test_values_come_back_from_their_piece(one, other):
    assume(not leaves_its_place(one) and not leaves_its_place(other))
    path = route("data/{a}/of/{b}", one, other)
    pieces = path.split("/")
    assert pieces[::2] == ["data", "of"]
    assert [unquote(piece) for piece in pieces[1::2]] == [one, other]
    assert path.encode("ascii")
    assert not set("?#;\\ \r\n") & set(path)


@given(st.lists(st.one_of(st.sampled_from(["", ".", ".."]), st.text(max_size=3)), min_size=1), st.sampled_from("/\\"))
def test_values_that_leave_their_place_are_refused(pieces, separator):
    value = separator.join(pieces)
    assume(leaves_its_place(value))
    with pytest.raises(ValueError):
        route("data/{a}", value)


@given(text)
def test_address_keeps_its_host_and_depth(value):
    assume(not leaves_its_place(value))
    url = raw.url_path_join("http://kitsu.test/api", route("data/{a}/tasks", value))
    parts = urlsplit(url)
    assert (parts.netloc, parts.query, parts.fragment) == ("kitsu.test", "", "")
    assert parts.path.count("/") == 4


@given(st.lists(st.tuples(text.filter(bool), text)))
def test_queries_come_back(pairs):
    path = raw.build_path_with_params("data/x", pairs)
    assert parse_qsl(urlsplit(path).query, keep_blank_values=True) == pairs
    assert path.encode("ascii")


def is_repeated(name):
    """Return whether several values of a filter are sent one by one, not as JSON; several names are refused."""
    return bool(name) and name not in ("id", "name") and not name.endswith("_id")


@given(st.dictionaries(text.filter(is_repeated), st.lists(text, min_size=1)))
def test_lists_in_queries_come_back(params):
    path = raw.build_path_with_params("data/x?first=1", params)
    pairs = [("first", "1")] + [(name, value) for name, values in params.items() for value in values]
    assert parse_qsl(urlsplit(path).query, keep_blank_values=True) == pairs


@given(st.uuids())
def test_all_shapes_of_an_id(number):
    shapes = [number, str(number), {"id": number}, {"id": str(number), "name": "x"}]
    assert ids_of(shapes) == [str(number)] * 4
    assert id_of(str(number).upper()) == str(number).upper()


@given(st.one_of(text, st.none(), st.integers(), st.binary(), st.lists(IDS), st.dictionaries(text, text)))
def test_what_is_no_id_is_refused(value):
    if isinstance(value, str):
        try:
            assume(str(uuid.UUID(value)) != value.lower())
        except ValueError:
            pass
    if isinstance(value, dict):
        assume(not value.get("id"))
    with pytest.raises(ValueError):
        id_of(value)


@given(IDS, text.filter(bool), st.booleans())
def test_id_with_something_around_it_is_refused(number, more, before):
    with pytest.raises(ValueError):
        id_of(more + number if before else number + more)


@given(text)
def test_file_names_stay_in_their_folder(name):
    safe = sanitize_filename(name)
    assert not set(safe) & set("/\\:*?<>|\n\r\t")
    assert safe != ".."
    assert safe == safe.strip()


@given(st.lists(st.text("abc/", min_size=1), min_size=1))
def test_joined_paths_have_single_slashes_between(items):
    joined = raw.url_path_join(*items)
    assert joined.split("/") == [piece for item in items for piece in item.strip("/").split("/")]
