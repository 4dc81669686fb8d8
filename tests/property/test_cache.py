"""The memory of answers, whatever the arguments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazu import cache as cache_module
from gazu.cache import cache
from gazu.client import KitsuClient

plain = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.uuids(), st.dates(), st.lists(st.text()))
CLIENT = KitsuClient("http://kitsu.test/api", access_token="token")


@pytest.fixture(autouse=True, scope="module")
def enabled():
    settings, functions = dict(cache_module.cache_settings), list(cache_module.cached_functions)
    cache_module.enable()
    yield
    cache_module.cache_settings.update(settings)
    cache_module.cached_functions[:] = functions


def counted():
    """Return a cached function and the list of its calls."""
    calls = []

    @cache
    def rows(a, b=None, c="x", client=CLIENT):
        calls.append((a, b, c))
        return [a, b, c]

    cache_module.cached_functions.remove(rows)
    return rows, calls


@given(plain, plain, plain, st.integers(0, 3), st.integers(0, 3))
def test_positional_and_keyword_are_the_same_call(a, b, c, one, other):
    rows, calls = counted()
    values, names = (a, b, c), ("a", "b", "c")
    for count in (one, other):
        assert rows(*values[:count], **dict(zip(names[count:], values[count:]))) == [a, b, c]
    assert calls == [values]


@given(plain, plain)
def test_defaults_may_be_given_or_not(a, b):
    rows, calls = counted()
    assert rows(a, b) == rows(a, b, "x") == rows(b=b, a=a, c="x", client=CLIENT) == rows(a, b, "x", CLIENT)
    assert len(calls) == 1


@given(st.tuples(plain, plain, plain), st.tuples(plain, plain, plain))
def test_an_answer_is_that_of_its_arguments(one, other):
    rows, _ = counted()
    for values in (one, other, one):
        answer = rows(*values)
        assert answer == list(values)
        assert list(map(type, answer)) == list(map(type, values))


@given(st.lists(st.integers(0, 6)), st.integers(1, 4))
def test_least_recently_used_goes_first(names, size):
    calls, kept = [], []
    function = cache(lambda name: calls.append(name) or [name], maxsize=size)
    cache_module.cached_functions.remove(function)
    for name in names:
        before = len(calls)
        assert function(name) == [name]
        assert (len(calls) == before) == (name in kept)
        kept = [other for other in kept if other != name][-(size - 1) :] if size > 1 else []
        kept.append(name)
    assert function.get_cache_infos()["current_size"] == len(kept)
