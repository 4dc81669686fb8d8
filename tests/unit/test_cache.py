"""The memoizing decorator; the cache of responses is in tests/wire/test_revalidation.py."""

import datetime
import os
import signal
import threading
import uuid

import pytest

import gazu
from gazu import cache as cache_module
from gazu.cache import cache
from gazu.client import KitsuClient
from gazu.client import default_client as default


@pytest.fixture(autouse=True)
def enabled(monkeypatch):
    """Turn the cache on, and take back what a test decorates."""
    before = list(cache_module.cached_functions)
    monkeypatch.setitem(cache_module.cache_settings, "enabled", True)
    yield
    cache_module.cached_functions[:] = before


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr("gazu.cache.time", clock)
    return clock


class Calls(list):
    """A function that notes its calls."""

    def decorate(self, **options):
        @_with(options)
        def rows(name, kind=None, client=default):
            """Say the name."""
            self.append((name, kind))
            return {"name": name, "list": [kind]}

        return rows


def _with(options):
    return lambda function: cache(function, **options)


@pytest.fixture
def calls():
    return Calls()


def test_answer_is_remembered(calls):
    rows = calls.decorate()
    assert rows("a") == rows("a") == {"name": "a", "list": [None]}
    assert rows("b")["name"] == "b"
    assert calls == [("a", None), ("b", None)]
    infos = rows.get_cache_infos()
    assert (infos["hits"], infos["misses"], infos["current_size"]) == (1, 2, 2)


def test_answers_are_independent(calls):
    rows = calls.decorate()
    first = rows("a")
    first["list"].append("changed")
    second = rows("a")
    second["name"] = "changed"
    assert rows("a") == {"name": "a", "list": [None]}


def test_lists_that_are_not_only_of_rows_are_independent(calls):
    function = cache(lambda: calls.append(1) or [{"list": [1]}, [1], 1])
    for _ in range(3):
        rows, numbers, _ = function()
        rows["list"].append("changed")
        numbers.append("changed")
    assert function() == [{"list": [1]}, [1], 1]
    assert len(calls) == 1


@pytest.mark.parametrize("order", [1, -1])
def test_rows_are_independent_where_only_some_are_nested(order, calls):
    result = [{"data": {"list": [1]}}, {"data": {"flat": 1}}, {"data": None}, {}][::order]
    function = cache(lambda: result)
    for _ in range(3):
        for row in function():
            data = row.get("data") or {}
            data.get("list", []).append("changed")
            data["flat"] = "changed"
        result = None  # all that comes now is of the cache
    fresh = [row for row in function() if row.get("data")]
    assert sorted(fresh, key=str) == [{"data": {"flat": 1}}, {"data": {"list": [1]}}]


def test_positional_and_keyword_are_the_same(calls):
    rows = calls.decorate()
    for call in (
        lambda: rows("a", None),
        lambda: rows("a"),
        lambda: rows(name="a"),
        lambda: rows("a", kind=None),
        lambda: rows(kind=None, name="a"),
        lambda: rows("a", None, default),
        lambda: rows("a", client=default),
    ):
        call()
    assert len(calls) == 1


@pytest.mark.parametrize("one, other", [("1", 1), (1, True), (0, None), ("None", None), (1, 1.0), (["a"], "['a']")])
def test_arguments_that_look_alike_are_told_apart(one, other, calls):
    rows = calls.decorate()
    rows(one)
    rows(other)
    assert len(calls) == 2


def test_hosts_and_users_are_told_apart(calls):
    rows = calls.decorate()
    clients = [KitsuClient(host, access_token=token) for host in ("http://a", "http://b") for token in ("1", "2")]
    for client in clients * 2:
        rows("x", client=client)
    assert len(calls) == 4
    clients[0].access_token = "3"
    rows("x", client=clients[0])
    clients[0].host = "http://c"
    rows("x", None, clients[0])
    assert len(calls) == 6
    rows("x", client=KitsuClient("http://c", access_token="3"))
    assert len(calls) == 6


def test_default_client_is_looked_at_when_called(calls, monkeypatch):
    rows = calls.decorate()
    rows("x")
    monkeypatch.setattr(default, "host", "http://another")
    rows("x")
    assert len(calls) == 2


def test_write_makes_forgotten_what_is_of_its_host(calls):
    rows = calls.decorate()
    client, other = KitsuClient("http://a"), KitsuClient("http://b")
    rows("x", client=client), rows("x", client=other)
    cache_module.forget(client)
    rows("x", client=client), rows("x", client=other)
    assert len(calls) == 3


def test_answer_of_before_a_write_is_not_kept(calls):
    """A read that was on its way when another thread wrote may be stale."""
    client = KitsuClient("http://a")

    @cache
    def rows(client=client):
        calls.append(1)
        if len(calls) == 1:
            cache_module.forget(client)
        return [len(calls)]

    assert rows() == [1]
    assert rows() == [2]
    assert rows() == [2]


@pytest.mark.parametrize(
    "odd", [{1, 2}, object(), b"x", lambda: None, ValueError("x"), {"a": {1}}, [object()], {object(): 1}]
)
def test_odd_arguments_are_passed_through(odd, calls):
    rows = calls.decorate()
    assert rows(odd)["name"] is odd
    rows(odd)
    assert len(calls) == 2


@pytest.mark.parametrize(
    "value", [uuid.UUID(int=1), datetime.date(2024, 1, 1), {"id": "1"}, ["a", ("b",)], {"a": [1, None]}, 1.5]
)
def test_plain_arguments_are_remembered(value, calls):
    rows = calls.decorate()
    rows(value)
    rows(value)
    assert len(calls) == 1


def test_argument_that_the_caller_changes(calls):
    rows = calls.decorate()
    filters = {"a": 1}
    rows(filters)
    filters["a"] = 2
    rows(filters)
    assert len(calls) == 2


def test_wrong_arguments_say_what_is_wrong(calls):
    rows = calls.decorate()
    for call in (lambda: rows(), lambda: rows("a", b=1), lambda: rows("a", name="b"), lambda: rows(1, 2, default, 4)):
        with pytest.raises(TypeError, match=r"rows\(\)"):
            call()


def test_exceptions_are_not_remembered(calls):
    @cache
    def rows():
        calls.append(1)
        if len(calls) == 1:
            raise KeyError("once")
        return 5

    with pytest.raises(KeyError):
        rows()
    assert rows() == 5


def test_none_and_empty_answers_are_remembered(calls):
    for value in (None, [], {}, 0, ""):
        function = cache(lambda value=value: calls.append(1) or value)
        assert function() == function() == value
    assert len(calls) == 5


def test_answers_that_cannot_be_remembered(calls):
    lock = threading.Lock()
    function = cache(lambda: calls.append(1) or lock)
    assert function() is function() is lock
    assert len(calls) == 2


def test_any_number_of_arguments(calls):
    @cache
    def total(*numbers, **named):
        calls.append(numbers)
        return sum(numbers) + sum(named.values())

    assert total(1, 2, a=3) == total(1, 2, a=3) == 6
    assert total(1, 2, a=4) == 7
    assert len(calls) == 2


def test_any_number_of_named_arguments(calls):
    @cache
    def total(**named):
        calls.append(named)
        return sum(named.values())

    assert total(a=1, b=2) == total(a=1, b=2) == 3
    assert total(a=1) == 1
    assert len(calls) == 2


def test_keyword_only_arguments(calls):
    @cache
    def rows(a, *, b=2):
        calls.append((a, b))
        return a + b

    assert rows(1) == rows(1, b=2) == 3
    assert rows(1, b=3) == 4
    assert len(calls) == 2


# -- limits ------------------------------------------------------------------
def test_expiry(calls, clock):
    rows = calls.decorate(expire=10)
    rows("a")
    clock.now += 9
    rows("a")
    assert len(calls) == 1
    clock.now += 2
    rows("a")
    assert len(calls) == 2
    assert rows.get_cache_infos()["expired_hits"] == 1


def test_expiry_that_is_changed(calls, clock):
    rows = calls.decorate(expire=10)
    rows.set_cache_expire(0)
    rows("a")
    clock.now += 1e9
    rows("a")
    assert len(calls) == 1
    rows.set_cache_expire(1)
    rows("a")
    assert len(calls) == 2


def test_least_recently_used_goes_first(calls):
    rows = calls.decorate(maxsize=2)
    for name in ("a", "b", "a", "c", "a"):
        rows(name)
    assert [name for name, _ in calls] == ["a", "b", "c"]
    rows("b")
    assert len(calls) == 4
    assert rows.get_cache_infos()["current_size"] == 2


def test_size_that_is_changed(calls):
    rows = calls.decorate()
    rows.set_cache_max_size(1)
    for name in ("a", "b", "a"):
        rows(name)
    assert len(calls) == 3
    rows.set_cache_max_size(0)
    for number in range(400):
        rows(number)
    assert rows.get_cache_infos()["current_size"] == 401


def test_responses_that_fit_exactly(monkeypatch):
    monkeypatch.setattr(cache_module, "ETAG_CACHE_BYTES", 10)
    responses = type(cache_module.etag_cache)()
    responses.keep("a", "1", b"x" * 4)
    responses.keep("b", "2", b"x" * 6)
    assert (responses.find("a"), responses.find("b")) == (("1", b"xxxx"), ("2", b"xxxxxx"))
    responses.keep("c", "3", b"x")
    assert (responses.find("a"), responses.size) == (None, 7)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_fork_while_another_thread_holds_the_lock(calls):
    rows = calls.decorate()
    rows("a")
    (store,) = (store for store in cache_module._stores if rows.clear_cache.__self__ is store)
    with store.lock:
        child = os.fork()
        if child == 0:
            signal.alarm(20)  # which ends it where it would wait forever
            os._exit(0 if rows("a") and len(calls) == 1 else 1)
    assert os.waitpid(child, 0)[1] == 0


# -- switches ----------------------------------------------------------------
def test_switches(calls):
    rows = calls.decorate()
    rows.disable_cache()
    rows("a"), rows("a")
    assert len(calls) == 2
    rows.enable_cache()
    rows("a"), rows("a")
    assert len(calls) == 3
    gazu.cache.disable()
    rows("a")
    assert len(calls) == 4
    gazu.cache.enable()
    rows("a")
    assert len(calls) == 4
    gazu.cache.clear_all()
    rows("a")
    assert len(calls) == 5
    gazu.cache.clear(rows)
    rows.clear_cache()
    rows("a")
    assert len(calls) == 6


def test_cache_is_off_until_it_is_turned_on(calls):
    cache_module.cache_settings["enabled"] = False
    rows = calls.decorate()
    rows("a"), rows("a")
    assert len(calls) == 2


def test_decorated_function_keeps_its_face(calls):
    import inspect

    rows = calls.decorate()
    assert rows.__name__ == "rows"
    assert rows.__doc__ == "Say the name."
    assert list(inspect.signature(rows).parameters) == ["name", "kind", "client"]


def test_write_in_a_read_that_fails_keeps_nothing(calls):
    rows = calls.decorate()
    with pytest.raises(TypeError):
        rows()
    assert rows.get_cache_infos()["current_size"] == 0


# -- the tools of earlier releases -------------------------------------------
def test_store_of_a_script():
    store, state = {}, {"enabled": True, "expire": 100, "maxsize": 1}
    assert cache_module.is_cache_enabled(state)
    value = cache_module.insert_value(lambda name: [name], store, ["a"], {})
    key = cache_module.get_cache_key(["a"], {})
    assert value == ["a"]
    value.append("changed")
    assert cache_module.get_value(store, key) == ["a"]
    assert not cache_module.is_cache_expired(store, state, key)
    store[key]["date_accessed"] -= datetime.timedelta(seconds=101)
    assert cache_module.is_cache_expired(store, state, key)
    state["expire"] = 0
    assert not cache_module.is_cache_expired(store, state, key)
    assert cache_module.remove_oldest_entry(store, 1) is None
    cache_module.insert_value(lambda name: [name], store, ["b"], {})
    assert cache_module.remove_oldest_entry(store, 0) is None
    assert cache_module.remove_oldest_entry(store, 1) == key
    assert len(store) == 1


def test_key_of_a_client_tells_no_token():
    key = cache_module.get_cache_key(["a"], {"client": KitsuClient("http://a", access_token="secret")})
    assert "secret" not in key
    assert key != cache_module.get_cache_key(["a"], {"client": KitsuClient("http://b", access_token="secret")})
    assert cache_module.get_cache_key([], {"date": datetime.date(2024, 1, 1)})
