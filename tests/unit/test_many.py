"""One function many times: order, outcomes, bounds; without a network."""

import functools
import pickle
import threading
import time
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from gazu import cache
from gazu.client import KitsuClient
from gazu.models import Outcome
from gazu.parallel import call_many
from gazu.workers import ClientHandle

ITEMS = [(number,) for number in range(40)]


class Work:
    """A function that takes a moment, notes who called it, and fails for the *bad* ones."""

    def __init__(self, bad=()):
        self.bad = bad
        self.lock = threading.Lock()
        self.now = self.most = 0
        self.begun, self.ended, self.threads = [], [], set()

    def __call__(self, number):
        with self.lock:
            self.begun.append(number)
            self.threads.add(threading.current_thread())
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.002 * (number % 3))
        with self.lock:
            self.now -= 1
            self.ended.append(number)
        if number in self.bad:
            raise KeyError(number)
        return -number


def test_outcomes_are_in_the_order_of_the_items():
    assert call_many(Work(), ITEMS) == [Outcome((n,), -n, None) for n in range(40)]
    assert call_many(Work(), iter([[1], (2,)])) == [([1], -1, None), ((2,), -2, None)]
    assert call_many(Work(), []) == []


def test_failure_stops_no_other():
    work = Work(bad=(0, 7, 39))
    outcomes = call_many(work, ITEMS)
    assert len(work.ended) == 40
    assert {outcome.item[0]: outcome.error.args for outcome in outcomes if outcome.error} == {
        n: (n,) for n in (0, 7, 39)
    }
    assert all((outcome.result is None) == (outcome.error is not None) for outcome in outcomes)


@pytest.mark.parametrize("workers", [1, 3])
def test_no_more_at_once_than_asked_for(workers):
    work = Work()
    call_many(work, ITEMS, workers=workers)
    assert work.most <= workers
    work = Work()
    with ThreadPoolExecutor(16) as executor:
        call_many(work, ITEMS, workers=workers, executor=executor)
        assert work.most <= workers
        assert executor.submit(int).result() == 0, "the executor of the caller stays open"
    assert threading.current_thread() not in work.threads


def test_one_progress_for_all():
    calls = []
    work = Work(bad=(3,))
    call_many(work, ITEMS, progress_callback=lambda *numbers: calls.append((*numbers, threading.current_thread())))
    assert calls == [(number, 40, threading.current_thread()) for number in range(1, 41)]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_progress_that_raises_ends_it(error):
    work = Work()

    def stop(done, total):
        if done == 5:
            raise error("enough")

    with pytest.raises(error):
        call_many(work, ITEMS, workers=2, progress_callback=stop)
    begun = list(work.begun)
    assert len(begun) < 10
    assert sorted(work.ended) == sorted(begun), "what had begun was finished"
    time.sleep(0.05)
    assert work.begun == begun, "and no more began"


def test_interrupt_within_a_worker_is_no_outcome():
    def interrupted(number):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call_many(interrupted, ITEMS)


def test_executor_that_ends_on_the_way():
    class Broken(Executor):
        left = 3

        def submit(self, function, *args, **kwargs):
            self.left -= 1
            if self.left < 0:
                raise RuntimeError("broken")
            future = Future()
            future.set_result(function(*args))
            return future

    with pytest.raises(RuntimeError, match="broken"):
        call_many(Work(), ITEMS, executor=Broken())


class Direct(Executor):
    """Runs calls at once; *then* does something to the future of the fifth."""

    def __init__(self, then):
        self.count, self.then = 0, then

    def submit(self, function, *args, **kwargs):
        self.count += 1
        future = Future()
        if self.count >= 5:
            self.then(future)
        else:
            future.set_result(function(*args, **kwargs))
        return future


def test_workers_that_are_gone_are_outcomes():
    def gone(future):
        raise BrokenExecutor("a process died")

    outcomes = call_many(Work(), ITEMS, workers=3, executor=Direct(gone))
    assert [outcome.item for outcome in outcomes] == ITEMS
    assert [outcome.result for outcome in outcomes[:4]] == [0, -1, -2, -3]
    assert {type(outcome.error) for outcome in outcomes[4:]} == {BrokenExecutor}


def test_calls_that_others_cancel_are_outcomes():
    def cancelled(future):
        future.cancel()
        future.set_running_or_notify_cancel()

    outcomes = call_many(Work(), ITEMS[:8], executor=Direct(cancelled))
    assert [type(outcome.error) for outcome in outcomes] == [type(None)] * 4 + [CancelledError] * 4


def test_client_on_its_way_to_a_process():
    client = KitsuClient("http://kitsu/api", access_token="secret-1", refresh_token="secret-2")
    shared = ClientHandle(client)
    there, again = (pickle.loads(pickle.dumps(shared)) for _ in range(2))
    assert there.client is again.client is not client
    assert there.client.tokens == client.tokens
    other = pickle.loads(pickle.dumps(ClientHandle(KitsuClient("http://kitsu/api", access_token="secret-3"))))
    assert other.client is not there.client
    assert "secret" not in repr(shared) + str(there)


def test_what_other_processes_write_is_not_remembered_here():
    client = KitsuClient("http://written.test/api")
    before = cache._generations.get(client.host, 0)
    with ThreadPoolExecutor(2) as executor:
        call_many(Work(), ITEMS[:3], executor=executor, client=client)
    assert cache._generations[client.host] > before


def test_client_comes_in_where_the_function_takes_one():
    def of(path, client=None, more=1):
        return path, client, more

    client, other = KitsuClient("http://a"), KitsuClient("http://b")
    outcomes = call_many(of, [("x",), ("y", other), ("z", other, 2)], client=client)
    assert [outcome.result for outcome in outcomes] == [("x", client, 1), ("y", other, 1), ("z", other, 2)]


# -- items -------------------------------------------------------------------------
def listed(model, page=1, *, sort="name", client=None):
    return model, page, sort, client


def test_each_kind_of_item():
    client, other = KitsuClient("http://a"), KitsuClient("http://b")
    row, path = {"id": "1", "page": 2}, Path("x.png")
    items = [
        "shots", path, row, 5, None,
        ("shots", 2), ["shots", 2], ("shots", 2), (row,),
        {"model": "shots", "sort": "id"}, {"model": row, "client": other},
        functools.partial(listed, "shots", page=3), functools.partial(listed, row, client=other),
    ]  # fmt: skip
    outcomes = call_many(listed, items, client=client)
    assert [outcome.value() for outcome in outcomes] == [
        ("shots", 1, "name", client), (path, 1, "name", client), (row, 1, "name", client), (5, 1, "name", client),
        (None, 1, "name", client), ("shots", 2, "name", client), ("shots", 2, "name", client),
        ("shots", 2, "name", client), (row, 1, "name", client), ("shots", 1, "id", client), (row, 1, "name", other),
        ("shots", 3, "name", client), (row, 1, "name", other),
    ]  # fmt: skip
    assert all(outcome.item is item for outcome, item in zip(outcomes, items))
    again = call_many(listed, [outcome.item for outcome in outcomes], client=client)
    assert again == outcomes


def test_partials_need_no_function():
    calls = [functools.partial(pow, 2, number) for number in range(3)]
    assert [outcome.value() for outcome in call_many(None, calls)] == [1, 2, 4]
    bound = functools.partial(listed, sort="id", client="mine")
    assert [outcome.value() for outcome in call_many(bound, ["a", {"page": 2, "model": "b"}])] == [
        ("a", 1, "id", "mine"),
        ("b", 2, "id", "mine"),
    ]


def test_functions_that_tell_no_parameters():
    assert [outcome.value() for outcome in call_many(max, [(1, 2), ([3, 4],)])] == [2, 4]
    assert [outcome.value() for outcome in call_many(dict, [{"a": 1}, [[("b", 2)]]])] == [{"a": 1}, {"b": 2}]


def of_id(model, id):
    raise AssertionError("is not called")


def of_anything(**more):
    raise AssertionError("is not called")


@pytest.mark.parametrize(
    "function, item, what",
    [
        (of_id, {"model": "shots", "id": "1"}, "item 1 may be a record, or have an argument `id` of of_id"),
        (of_anything, {"id": "1"}, "item 1 may be a record"),
        (dict, {"id": "1"}, "item 1 may be a record"),
        (listed, {"name": "SH010"}, "item 1: listed has no parameter 'name': put a record into a tuple"),
        (listed, Outcome("a", None, KeyError()), "item 1 is an outcome: .* outcome.item"),
        (None, ("shots",), "item 1: without a function, each item is a functools.partial"),
    ],
)
def test_item_that_is_not_clear(function, item, what):
    with pytest.raises(TypeError, match=what):
        call_many(function, [functools.partial(of_id, 1, 2), item])


@pytest.mark.parametrize("wrong", ["text", b"text", {"id": "1"}, 5, None])
def test_items_that_are_no_list(wrong):
    with pytest.raises(TypeError, match="items: expected a list"):
        call_many(listed, wrong)


def test_function_that_is_none():
    with pytest.raises(TypeError, match="function: expected a function, got 'shots'"):
        call_many("shots", [])


def test_outcome():
    error = KeyError("a")
    good, bad = Outcome("x", 5, None), Outcome("x", None, error)
    assert good.value() == 5 and (good.item, good.result, good.error) == ("x", 5, None)
    for _ in range(2):
        with pytest.raises(KeyError) as caught:
            bad.value()
        assert caught.value is error


def test_each_outcome_as_it_ends():
    """In the thread that calls, before the progress that counts it."""
    seen, work = [], Work(bad=(3,))
    outcomes = call_many(
        work,
        ITEMS,
        on_done=lambda outcome: seen.append((outcome, threading.current_thread())),
        progress_callback=lambda done, total: seen.append(done),
    )
    assert seen[1::2] == [*range(1, 41)]
    assert {thread for _, thread in seen[::2]} == {threading.current_thread()}
    assert sorted(outcome.item for outcome, _ in seen[::2]) == [outcome.item for outcome in outcomes] == ITEMS


def test_done_that_raises_ends_it():
    work = Work()

    def stop(outcome):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        call_many(work, ITEMS, workers=2, on_done=stop)
    assert sorted(work.ended) == sorted(work.begun) and len(work.begun) < 10


def test_number_of_workers():
    for workers in (0, -1):
        with pytest.raises(ValueError, match="workers"):
            call_many(Work(), ITEMS, workers=workers)


def test_no_more_than_64_workers_whatever_is_asked_for():
    together, threads = threading.Barrier(64, timeout=20), set()

    def work(number):
        together.wait()  # so that none of the 64 does the work of another
        threads.add(threading.current_thread())
        return number

    assert [outcome.result for outcome in call_many(work, [(n,) for n in range(128)], workers=1000)] == [*range(128)]
    assert len(threads) == 64
