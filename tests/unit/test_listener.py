"""The listener of events, with a log and a stream that are made up: order, queues, bounds, checkpoints, failures."""

import base64
import datetime
import json
import logging
import os
import signal
import sys
import threading
import time
import uuid
from typing import Any, Callable, Dict, Iterator, List, Optional

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.events import checkpoint, connection, schedule
from gazu.events import consumer as consumers
from gazu.exception import NotAllowedException, NotAuthenticatedException, TransportException

from ..waiting import until

START = datetime.datetime(2025, 11, 25, 12, 0, 0)
PROJECT, OTHER = str(uuid.uuid4()), str(uuid.uuid4())


class Log:
    """The log of the server: the newest first, dates cut to the second, a thousand at once."""

    def __init__(self) -> None:
        self.rows: List[Any] = []
        self.error: Optional[Exception] = None
        self.asked: List[Any] = []
        self.most = 0

    def write(self, name: str, seconds: float, **data: Any) -> str:
        """Save an event of that many seconds after START, and return its id."""
        date = START + datetime.timedelta(seconds=seconds)
        project = data.setdefault("project_id", PROJECT)
        row = {"id": str(uuid.uuid4()), "created_at": date.isoformat()[:19], "name": name, "data": data}
        self.rows.append((date, {**row, "user_id": None, "project_id": project}))
        return str(row["id"])

    def last(self, limit: int = 20000, project: Any = None, after: Any = None, before: Any = None, client: Any = None):
        self.asked.append((after, before))
        if self.error is not None:
            raise self.error
        since, to = (date and datetime.datetime.fromisoformat(date) for date in (after, before))
        rows = [
            row
            for date, row in sorted(self.rows, key=lambda row: row[0], reverse=True)
            if (not since or date > since) and (not to or date < to) and project in (None, row["project_id"])
        ][:limit]
        self.most = max(self.most, len(rows))
        return rows


class Stream:
    """The event stream."""

    def __init__(self) -> None:
        self.connected = False
        self.error: Optional[Exception] = None
        self.handlers: Dict[str, Callable[[Any], Any]] = {}
        self.made: List[Dict[str, Any]] = []

    def on(self, name: str, handler: Any, namespace: str) -> None:
        assert namespace == "/events"
        self.handlers[name] = handler

    def new(self, client: Any, **settings: Any) -> "Stream":
        self.made.append(settings)
        return self

    def connect(self, connection: Any, client: Any) -> None:
        if self.error is not None:
            raise self.error
        self.connected = True

    def disconnect(self) -> None:
        self.connected = False

    def notify(self, name: str, **data: Any) -> None:
        self.handlers[name](data)


@pytest.fixture
def log(monkeypatch: Any) -> Log:
    log = Log()
    monkeypatch.setattr(gazu.sync, "get_last_events", log.last)
    log.write("asset:new", -1)
    return log


@pytest.fixture
def stream(monkeypatch: Any) -> Stream:
    stream = Stream()
    monkeypatch.setattr(connection, "new_connection", stream.new)
    monkeypatch.setattr(connection, "connect", stream.connect)
    return stream


@pytest.fixture
def client() -> KitsuClient:
    return KitsuClient("http://kitsu/api", access_token="a")


@pytest.fixture
def listener(log: Log, stream: Stream, client: KitsuClient) -> Iterator[Callable[..., Any]]:
    """Make listeners, which are stopped at the end."""
    made: List[Any] = []

    def listener(**settings: Any) -> Any:
        made.append(gazu.events.Listener(client=client, **settings))
        return made[-1]

    yield listener
    for one in made:
        assert one.stop(20)


def ids(received: List[Any]) -> List[str]:
    return [data["event_id"] for data in received]


def started(one: Any) -> Any:
    one.start()
    until(lambda: one.connected)
    return one


# -- what comes, and in which order --------------------------------------------
def test_a_notification_brings_what_the_log_has_in_its_order_and_once(listener: Any, log: Log, stream: Stream) -> None:
    received: List[Any] = []
    one = listener()
    assert one.on("task:update", received.append) == received.append
    started(one)
    written = [log.write("task:update", 5 + number / 10, task_id=str(number)) for number in (3, 1, 2)]
    log.write("task:new", 5)  # which nobody wants
    for _ in range(5):
        stream.notify("task:update", task_id="1")
    until(lambda: len(received) >= 3)
    assert ids(received) == [written[1], written[2], written[0]]
    assert received[0] == {"project_id": PROJECT, "task_id": "1", "event_id": written[1]}
    log.write("task:update", 5.9)
    stream.notify("task:update")
    until(lambda: len(received) >= 4)
    status = one.status()
    assert (status.running, status.connected, status.handled, status.problem) == (True, True, 4, None)
    assert (status.last_event, status.lag, status.queues) == ("2025-11-25T12:00:05", 0.0, {"main": 0.0})


def test_what_was_before_the_start_does_not_come(listener: Any, log: Log, stream: Stream) -> None:
    received: List[Any] = []
    one = listener()
    one.on("asset:new", received.append)
    started(one)
    new = log.write("asset:new", -0.5)  # within the second of the last one
    stream.notify("asset:new")
    until(lambda: received)
    assert ids(received) == [new]


def test_an_empty_log_is_a_beginning_too(listener: Any, log: Log, stream: Stream) -> None:
    received: List[Any] = []
    log.rows.clear()
    one = listener()
    one.on("asset:new", received.append)
    started(one)
    new = log.write("asset:new", 0)
    stream.notify("asset:new")
    until(lambda: received)
    assert ids(received) == [new]


def test_a_notification_that_comes_before_the_event_is_saved(
    listener: Any, log: Log, stream: Stream, monkeypatch: Any
) -> None:
    monkeypatch.setattr(schedule, "MAX_RETRIES", 1000)
    received: List[Any] = []
    one = listener()
    one.on("asset:new", received.append)
    started(one)
    polls = len(log.asked)
    stream.notify("asset:new")
    until(lambda: len(log.asked) > polls + 2)
    new = log.write("asset:new", 1)
    until(lambda: received)
    assert ids(received) == [new]


def test_a_notification_of_what_is_never_logged_is_polled_for_a_while(
    listener: Any, log: Log, stream: Stream, monkeypatch: Any
) -> None:
    monkeypatch.setattr(schedule, "RETRY_INTERVAL_SECONDS", 0.01)
    one = listener()
    one.on("asset:new", print)
    started(one)
    consumer, polls = one._consumers["main"], len(log.asked)
    stream.notify("asset:new")
    until(lambda: len(log.asked) > polls + schedule.MAX_RETRIES and not consumer.schedule.pending)
    assert consumer.schedule.deadline - time.monotonic() > 10


def test_an_event_that_is_saved_late_comes_late(listener: Any, log: Log, stream: Stream) -> None:
    received: List[Any] = []
    one = listener()
    one.on("asset:new", received.append)
    started(one)
    first = log.write("asset:new", 100)
    stream.notify("asset:new")
    until(lambda: received)
    late, later = log.write("asset:new", 98), log.write("asset:new", 101)
    stream.notify("asset:new")
    until(lambda: len(received) == 3)
    assert ids(received) == [first, late, later]
    very_late = log.write("asset:new", 20)
    one._consumers["main"].schedule.next_full_scan = 0.0  # as time does
    stream.notify("asset:new")
    until(lambda: len(received) == 4)
    assert ids(received)[-1] == very_late


@pytest.mark.parametrize("count", (999, 1000, 3500))
@pytest.mark.parametrize("rate", (0.01, 7, 400, 5000))
def test_a_gap_comes_in_order_however_long_it_was(
    count: int, rate: float, listener: Any, log: Log, stream: Stream
) -> None:
    received: List[Any] = []
    one = listener()
    one.on("asset:new", received.append)
    started(one)
    written = [log.write("asset:new", 1 + number / rate) for number in range(count)]
    stream.notify("asset:new")
    until(lambda: len(received) >= count)
    assert ids(received) == written
    assert rate == 5000 or log.most <= 1000  # never more in memory than a page
    assert len(log.asked) < 200


def test_a_stream_that_is_away_is_made_up_for(listener: Any, log: Log, stream: Stream, monkeypatch: Any) -> None:
    monkeypatch.setattr(schedule, "POLL_INTERVAL_OFFLINE_SECONDS", 0.05)
    received: List[Any] = []
    one = listener()
    one.on("asset:new", received.append)
    started(one)
    stream.error, stream.connected = OSError("no stream"), False
    until(lambda: one.status().problem == "the event stream cannot be reached: no stream")
    log.write("asset:new", 1)
    until(lambda: received)
    stream.error = None
    until(lambda: one.connected)
    log.write("asset:new", 2)  # not notified: in between
    one._consumers["main"].notifications_missed(True)
    until(lambda: len(received) == 2)
    status = one.status()
    assert (status.replayed, status.problem) == (2, None)
    assert stream.made[0] == {"reconnection": False, "handle_sigint": False, "ssl_verify": None}


def test_settings_of_the_stream_are_those_of_init(listener: Any, stream: Stream) -> None:
    one = listener(ssl_verify=False, socketio_options={"logger": True})
    one.on("asset:new", print)
    started(one)
    assert stream.made[-1] == {"reconnection": False, "handle_sigint": False, "ssl_verify": False, "logger": True}


def test_a_setting_that_the_stream_does_not_have_is_an_error_at_the_start(
    log: Log, client: KitsuClient, tmp_path: Any
) -> None:
    one = gazu.events.Listener(tmp_path / "checkpoint", client=client, socketio_options={"foo": 1})
    one.on("asset:new", print)
    with pytest.raises(TypeError, match="foo"):
        one.start()
    assert not one.status().running and log.asked == os.listdir(tmp_path) == []


def test_a_stream_that_cannot_be_made_on_the_way_is_made_later(listener: Any, stream: Stream, monkeypatch: Any) -> None:
    one = listener()
    one.on("asset:new", print)
    started(one)

    def fail(client: Any, **settings: Any) -> Any:
        raise OSError("no certificates")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "new_connection", fail)
        stream.connected = False
        until(lambda: one.status().problem == "the event stream cannot be reached: no certificates")
    until(lambda: one.connected and one.status().problem is None)


# -- handlers ------------------------------------------------------------------
def test_a_slow_handler_delays_its_own_queue_only(listener: Any, log: Log, stream: Stream) -> None:
    free, received, slow = threading.Event(), [], []  # type: ignore[var-annotated]

    def wait(data: Any) -> None:
        free.wait(20)
        slow.append(data)

    one = listener()
    one.on("asset:new", wait, queue="slow")
    one.on("asset:new", received.append)
    started(one)
    for number in range(100):
        log.write("asset:new", number)
        stream.notify("asset:new")
    until(lambda: len(received) == 100 and one.status().queues["main"] == 0.0 < one.status().queues["slow"])
    status = one.status()
    assert (slow, status.queues["main"], status.connected) == ([], 0.0, True)
    assert status.lag == status.queues["slow"] > 0
    free.set()
    until(lambda: len(slow) == 100)
    assert ids(slow) == ids(received)


def test_handlers_that_fail_stop_nothing(listener: Any, log: Log, stream: Stream, caplog: Any) -> None:
    received: List[Any] = []

    def fail(data: Any) -> None:
        received.append(data)
        data.clear()
        sys.exit("enough") if len(received) == 1 else 1 / 0

    one = listener()
    one.on("asset:new", fail)
    started(one)
    for number in range(3):
        log.write("asset:new", number)
    stream.notify("asset:new")
    until(lambda: one.status().handled == 3)
    assert one.status().failed == 3
    assert "the handler of asset:new failed" in caplog.text and "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("ending", (SystemExit("enough"), KeyboardInterrupt(), GeneratorExit()))
def test_a_handler_that_exits_fails_like_any_other(
    ending: BaseException, listener: Any, log: Log, stream: Stream, caplog: Any
) -> None:
    received: List[Any] = []

    def end(data: Any) -> None:
        received.append(data)
        raise ending

    one = listener()
    one.on("asset:new", end)
    started(one)
    written = [log.write("asset:new", number) for number in range(2)]
    stream.notify("asset:new")
    until(lambda: len(received) >= 2)
    assert ids(received) == written  # each once: the event of a handler that exits is handled
    until(lambda: one.status().handled == 2)
    assert (one.status().failed, one.status().problem) == (2, None)
    assert "cannot be read" not in caplog.text


@pytest.fixture
def quick(monkeypatch: Any) -> None:
    """Pauses before another attempt that tests need not wait for."""
    monkeypatch.setattr(consumers, "HANDLER_BACKOFF_SECONDS", 0.0)


@pytest.mark.usefixtures("quick")
def test_a_handler_is_called_again_while_on_error_says_so(
    listener: Any, log: Log, stream: Stream, monkeypatch: Any
) -> None:
    asked: List[Any] = []
    received: List[Any] = []
    answers = [gazu.events.RETRY, gazu.events.RETRY, gazu.events.SKIP, None, RuntimeError("on_error may fail too")]

    def decide(failure: Any) -> Any:
        asked.append((failure.data.pop("event_id"), failure.attempt))
        assert (str(failure.error), failure.event, failure.queue) == ("no", "asset:new", "main")
        answer = answers[len(asked) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def fail(data: Any) -> None:
        received.append(data["event_id"])
        raise ValueError("no")

    one = listener(on_error=decide)
    one.on("asset:new", fail)
    started(one)
    first, second, third = (log.write("asset:new", number) for number in (1, 2, 3))
    stream.notify("asset:new")
    until(lambda: one.status().handled == 3)
    assert received == [first, first, first, second, third]
    assert asked == [(first, 1), (first, 2), (first, 3), (second, 1), (third, 1)]
    assert one.status().problem is None


@pytest.mark.usefixtures("quick")
def test_three_times_and_then_set_aside(listener: Any, log: Log, stream: Stream) -> None:
    letters: List[Any] = []

    def fail(data: Any) -> None:
        raise ValueError("no")

    one = listener(
        on_error=lambda failure: gazu.events.RETRY if failure.attempt < 3 else gazu.events.SKIP,
        dead_letters=letters.append,
    )
    one.on("asset:new", fail, queue="a")
    started(one)
    first = log.write("asset:new", 1)
    stream.notify("asset:new")
    until(lambda: one.status().handled)
    ((error, event, data, attempt, queue),) = letters
    assert (str(error), event, attempt, queue) == ("no", "asset:new", 3, "a")
    assert data == {"project_id": PROJECT, "event_id": first} and one.status().failed == 3


@pytest.mark.parametrize("action", ["STOP", True, False, "retry"])
def test_on_error_may_stop_the_listener(
    action: Any, listener: Any, log: Log, stream: Stream, tmp_path: Any, caplog: Any
) -> None:
    """What it returns by mistake stops it too, with an error: to go on would lose the event."""
    letters: List[Any] = []
    received: List[Any] = []

    def handle(data: Any) -> None:
        received.append(data["event_id"])
        if len(received) == 2:
            raise ValueError("no")

    answer = gazu.events.STOP if action == "STOP" else action
    one = listener(checkpoint=tmp_path / "checkpoint", on_error=lambda failure: answer, dead_letters=letters.append)
    one.on("asset:new", handle)
    written: List[str] = []

    def write() -> None:
        until(lambda: one.connected)
        written.extend(log.write("asset:new", number) for number in range(3))
        stream.notify("asset:new")

    threading.Thread(target=write).start()
    timer = threading.Timer(60, one.stop)  # else one that goes on would do so forever
    timer.start()
    if answer is gazu.events.STOP:
        one.run()
        assert one.status().problem is None
    else:
        with pytest.raises(TypeError, match="on_error: expected gazu.events.RETRY, SKIP, STOP or None to return, got"):
            one.run()
        assert "on_error: expected" in one.status().problem
    timer.cancel()
    assert (received, letters, one.status().handled) == (written[:2], [], 1)
    assert "on_error stops the listener at asset:new" in caplog.text
    started(one)
    until(lambda: len(received) == 4)
    assert received == [written[0], written[1], written[1], written[2]] and one.status().problem is None


@pytest.mark.usefixtures("quick")
def test_an_event_is_not_done_before_it_is_among_the_dead_letters(
    listener: Any, log: Log, stream: Stream, tmp_path: Any
) -> None:
    asked: List[Any] = []

    def put(failure: Any) -> None:
        asked.append(failure.data["event_id"])
        if len(asked) < 4:
            raise OSError("No space left on device")

    def fail(data: Any) -> None:
        received.append(data["event_id"])
        raise ValueError("no")

    received: List[Any] = []
    one = listener(dead_letters=put)
    one.on("asset:new", fail)
    started(one)
    first = log.write("asset:new", 1)
    stream.notify("asset:new")
    until(lambda: one.status().handled)
    assert (asked, received) == ([first] * 4, [first])
    until(lambda: one.status().problem is None)

    def full(failure: Any) -> None:
        asked.append(failure.data["event_id"])
        raise OSError("No space left on device")

    two = listener(checkpoint=tmp_path / "checkpoint", dead_letters=full)
    two.on("asset:new", fail)
    started(two)
    second = log.write("asset:new", 2)
    stream.notify("asset:new")
    until(lambda: asked[-1] == second)
    until(lambda: two.status().problem == "dead_letters: asset:new cannot be put there: No space left on device")
    assert two.stop(20) and two.status().handled == 0
    started(two)
    until(lambda: received[-2:] == [second, second])


def test_what_was_given_up_comes_back(listener: Any, log: Log, stream: Stream, tmp_path: Any) -> None:
    path = tmp_path / "new" / "letters.jsonl"
    received: List[Any] = []
    broken = {"a", "b"}

    def handle(queue: str) -> Any:
        def handler(data: Any) -> None:
            if queue in broken:
                raise ValueError(f"no {queue}: Bearer abc.def")
            received.append((queue, data.get("event_id"), data["project_id"]))

        return handler

    one = listener(dead_letters=str(path))
    for queue in "ab":
        one.on("asset:new", handle(queue), queue=queue)
    one.on("chat:left", handle("a"), queue="a")
    started(one)
    first = log.write("asset:new", 1)
    stream.notify("asset:new")
    stream.notify("chat:left", project_id=PROJECT)
    until(lambda: one.status().handled == 3)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    data = {"project_id": PROJECT, "event_id": first}
    assert sorted((row["event"], row["queue"], row["attempts"]) for row in rows) == [
        ("asset:new", "a", 1), ("asset:new", "b", 1), ("chat:left", "a", 1),
    ]  # fmt: skip
    assert [row["data"] for row in rows if row["event"] == "asset:new"] == [data, data]
    assert {row["error"] for row in rows} == {"ValueError: no a: Bearer ***", "ValueError: no b: Bearer ***"}
    assert all(datetime.datetime.fromisoformat(row["given_up_at"]).utcoffset() == datetime.timedelta(0) for row in rows)
    assert path.stat().st_mode & 0o777 == 0o600

    broken.remove("a")
    (left,) = one.replay()
    assert (left.event, left.queue, left.attempt, str(left.error)) == ("asset:new", "b", 2, "no b: Bearer abc.def")
    assert sorted(received, key=str) == [("a", first, PROJECT), ("a", None, PROJECT)]
    (row,) = [json.loads(line) for line in path.read_text().splitlines()]
    assert (row["queue"], row["attempts"], row["data"]) == ("b", 2, data)
    assert path.stat().st_mode & 0o777 == 0o600

    broken.clear()
    assert one.replay(path) == [] and len(received) == 3
    assert path.read_text() == "" and os.listdir(path.parent) == ["letters.jsonl"]
    assert one.replay() == [] and len(received) == 3


def test_failures_of_a_function_come_back_too(listener: Any) -> None:
    received: List[Any] = []

    def handle(data: Any) -> None:
        received.append(data)
        if data["n"]:
            raise SystemExit("no")

    one = listener(dead_letters=print)
    one.on("asset:new", handle)
    error = ValueError("before")
    letters = [gazu.events.Failure(error, "asset:new", {"n": number}, 3, "main") for number in range(2)]
    (left,) = one.replay(iter(letters))
    assert received == [{"n": 0}, {"n": 1}]
    assert isinstance(left.error, SystemExit) and (left.attempt, left.data) == (4, {"n": 1})
    for name, queue in (("asset:new", "other"), ("task:new", "main")):
        unknown = letters[0]._replace(event=name, queue=queue)
        with pytest.warns(gazu.exception.GazuWarning, match=f"{name} has no handler in the queue '{queue}': it stays"):
            assert one.replay([unknown]) == [unknown]
    for bad in (None, print, 7, [1]):
        with pytest.raises(ValueError, match="dead_letters: expected the path of a file, or the failures"):
            one.replay(bad)


def test_a_replay_calls_no_handler_while_its_queue_is_at_it(listener: Any, log: Log, stream: Stream) -> None:
    begun, free, inside, most = threading.Event(), threading.Event(), [], []  # type: ignore[var-annotated]

    def handle(data: Any) -> None:
        inside.append(data)
        most.append(len(inside))
        begun.set()
        free.wait(20)
        inside.remove(data)

    one = listener()
    one.on("asset:new", handle)
    started(one)
    log.write("asset:new", 1)
    stream.notify("asset:new")
    assert begun.wait(20)
    failure = gazu.events.Failure(ValueError(), "asset:new", {}, 1, "main")
    again = threading.Thread(target=one.replay, args=([failure],))
    again.start()
    again.join(0.2)  # it has its time to do what is wrong
    free.set()
    again.join(20)
    assert most == [1, 1]


def test_imports_spell_ids_like_all_others(listener: Any, log: Log, stream: Stream) -> None:
    received: List[Any] = []
    one = listener()
    one.on("asset:new", received.append)
    one.on("shot:new", received.append, stream_only=True)
    started(one)
    first = log.write("asset:new", 1, Asset_id="7", Data={"Asset_id": "kept"})
    stream.notify("asset:new", Asset_id="7")
    until(lambda: received)
    stream.notify("shot:new", **{"Shot_id": "8", "ConceptFolder_id": "9", "preview-background_id": "10", "a-B": 1})
    until(lambda: len(received) == 2)
    logged = {"asset_id": "7", "Data": {"Asset_id": "kept"}, "project_id": PROJECT, "event_id": first}
    assert received == [logged, {"shot_id": "8", "concept_folder_id": "9", "preview_background_id": "10", "a-B": 1}]


def test_a_name_that_no_server_sends_is_a_warning(listener: Any, recwarn: Any) -> None:
    one = listener()
    for name, said in (
        ("taks:update", "no known version of Zou sends 'taks:update': did you mean 'task:update'?"),
        ("TASK:UPDATE", "no known version of Zou sends 'TASK:UPDATE': did you mean 'task:update'?"),
        ("preview_file:add", "did you mean 'preview-file:add-file'?"),
        ("ticket:opened-by-plugin-of-ours", "docs/reference/events.md lists them"),
    ):
        with pytest.warns(gazu.exception.GazuWarning) as caught:
            assert one.on(name, print) is print
        ((warning,), where) = caught, caught[0].filename
        assert said in str(warning.message) and where == __file__
    with pytest.warns(gazu.exception.GazuWarning, match="did you mean 'shot:new'") as caught:

        @one.on("shots:new")
        def handle(data: Any) -> None:
            """Do nothing."""

    assert caught[0].filename == __file__
    assert len(one._consumers["main"].handlers) == 5
    one.on("task:update-casting-stats", print)
    one.on("asset:new-link", print)  # of old servers
    assert not recwarn.list


def test_nothing_ends_a_consumer_silently(
    listener: Any, log: Log, stream: Stream, client: KitsuClient, monkeypatch: Any
) -> None:
    received: List[Any] = []

    def fail(data: Any) -> None:
        received.append(data)
        raise ValueError("no")

    one = listener(on_error=lambda failure: sys.exit("enough"))
    one.on("asset:new", fail)
    started(one)
    log.write("asset:new", 1)
    log.write("asset:new", 2)
    stream.notify("asset:new")
    until(lambda: one.status().handled == 2)
    log.error = SystemExit("a callback of the client")  # type: ignore[assignment]
    stream.notify("asset:new")
    until(lambda: one.status().problem == "the log of events cannot be read: a callback of the client")
    log.error = None
    log.write("asset:new", 3)
    client.access_token = "b"
    until(lambda: one.status().handled == 3)

    def break_(*args: Any) -> None:
        raise SystemExit("a bug of ours")

    monkeypatch.setattr(one._consumers["main"], "_poll", break_)
    one._consumers["main"].schedule.deadline = 0.0
    stream.notify("asset:new")
    until(lambda: one.status().problem == "the consumer of the queue main has ended: SystemExit('a bug of ours')")
    monkeypatch.setattr(one._stream.renewal, "check", break_)
    until(lambda: one._stream.problem == "the thread of the event stream has ended: SystemExit('a bug of ours')")
    until(lambda: not one.status().running)


def test_an_event_that_is_to_be_tried_again_when_the_listener_stops_comes_again(
    listener: Any, log: Log, stream: Stream
) -> None:
    received: List[Any] = []

    def handle(data: Any) -> None:
        received.append(data["event_id"])
        if len(received) == 1:
            raise ValueError("not yet")

    one = listener(on_error=lambda failure: gazu.events.RETRY)
    one.on("asset:new", handle)
    started(one)
    log.write("asset:new", 1)
    stream.notify("asset:new")
    until(lambda: received)
    assert one.stop(20)
    assert one.status().handled == 0
    started(one)
    until(lambda: len(received) == 2)
    assert received[0] == received[1]


def test_what_is_not_logged_comes_by_the_stream(
    listener: Any, log: Log, stream: Stream, monkeypatch: Any, caplog: Any
) -> None:
    monkeypatch.setattr(consumers, "STREAM_QUEUE_EVENTS", 3)
    received: List[Any] = []
    free = threading.Event()

    def wait(data: Any) -> None:
        free.wait(20)
        received.append(data)

    one = listener(project=PROJECT)
    one.on("chat:new-message", wait)
    one.on("asset:new", received.append, stream_only=True, queue="other")
    started(one)
    stream.notify("asset:new", asset_id="1", project_id=PROJECT)
    stream.notify("asset:new", asset_id="2", project_id=OTHER)
    until(lambda: received)
    assert received == [{"asset_id": "1", "project_id": PROJECT}]
    stream.notify("chat:new-message", project_id=PROJECT)
    until(lambda: not one._consumers["main"]._stream_events)
    for number in range(5):
        stream.notify("chat:new-message", number=number, project_id=PROJECT)
    assert one.status().dropped == 2
    assert "chat:new-message is dropped" in caplog.text
    free.set()
    until(lambda: len(received) == 5)
    assert [data.get("number") for data in received[1:]] == [None, 0, 1, 2]


def test_events_of_other_projects_are_left_out(listener: Any, log: Log, stream: Stream) -> None:
    received: List[Any] = []
    one = listener(project={"id": PROJECT})
    one.on("asset:new", received.append)
    started(one)
    log.write("asset:new", 1, project_id=OTHER)
    mine = log.write("asset:new", 2)
    stream.notify("asset:new", project_id=PROJECT)
    until(lambda: received)
    assert ids(received) == [mine]


# -- the checkpoint ------------------------------------------------------------
def test_the_next_process_goes_on_from_the_file(listener: Any, log: Log, stream: Stream, tmp_path: Any) -> None:
    path = tmp_path / "new" / "checkpoint.json"
    received: List[Any] = []
    one = listener(checkpoint=path)
    one.on("asset:new", received.append)
    started(one)
    written = [log.write("asset:new", number) for number in range(3)]
    stream.notify("asset:new")
    until(lambda: len(received) == 3)
    assert one.stop(20)
    written += [log.write("asset:new", number) for number in (2.5, 90, 1)]
    other: List[Any] = []
    two = listener(checkpoint=str(path))
    two.on("asset:new", received.append)
    two.on("asset:new", other.append, queue="new")  # which begins where the others are
    started(two)
    until(lambda: len(received) == 6 and other)
    assert ids(received) == [*written[:3], written[5], written[3], written[4]]
    assert ids(other) == [written[4]]
    until(lambda: two.status().replayed == 4)
    assert two.stop(20)
    assert os.listdir(tmp_path / "new") == ["checkpoint.json"]


def test_a_process_that_is_killed_repeats_no_event_that_was_recorded(
    listener: Any, log: Log, stream: Stream, tmp_path: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(checkpoint, "APPENDED_LINES", 7)
    path, copy = tmp_path / "checkpoint", tmp_path / "copy"
    received: List[Any] = []

    def handle(data: Any) -> None:
        received.append(data)
        if len(received) == 10:
            copy.write_bytes(path.read_bytes() + b'\n["main", "half of a li')  # what a kill leaves at this moment

    one = listener(checkpoint=path)
    one.on("asset:new", handle)
    started(one)
    written = [log.write("asset:new", number) for number in range(20)]
    stream.notify("asset:new")
    until(lambda: len(received) == 20)
    assert path.read_bytes().count(b"\n") < 7
    again: List[Any] = []
    two = listener(checkpoint=copy)
    two.on("asset:new", again.append)
    started(two)
    until(lambda: len(again) >= 11)
    assert ids(again) == written[9:]


def test_a_handler_that_moves_to_another_queue_goes_on_where_it_was(
    listener: Any, log: Log, stream: Stream, tmp_path: Any
) -> None:
    path = tmp_path / "checkpoint"
    slow: List[Any] = []
    fast: List[Any] = []
    one = listener(checkpoint=path)

    def handle(data: Any) -> None:
        slow.append(data)
        until(lambda: fast)
        one.stop()

    one.on("asset:new", handle, queue="slow")
    one.on("task:new", fast.append, queue="fast")
    one.on("shot:new", print, queue="fast")
    started(one)
    written = [log.write("asset:new", 1 + number / 10) for number in range(4)]
    log.write("task:new", 300)
    stream.notify("asset:new")
    stream.notify("task:new")
    until(lambda: not one.status().running)
    assert (ids(slow), len(fast)) == (written[:1], 1)
    two = listener(checkpoint=path)
    two.on("asset:new", slow.append, queue="renamed")
    two.on("task:new", fast.append, queue="split")
    two.on("shot:new", print, queue="fast")
    two.on("edit:new", slow.append, queue="new")  # which begins where the service stopped
    for second in (1, 300):
        log.write("edit:new", second)
    started(two)
    last = log.write("edit:new", 301)
    until(lambda: len(slow) == 5)
    assert two.stop(20)
    assert ids(slow[1:4]) == written[1:] and ids(slow[4:]) == [last] and len(fast) == 1
    queues = json.loads(path.read_text())["queues"]
    events = {"renamed": ["asset:new"], "split": ["task:new"], "fast": ["shot:new"], "new": ["edit:new"]}
    assert {name: queue["events"] for name, queue in queues.items()} == events


def test_checkpoints_are_kept_until_their_handlers_are_in_other_queues(tmp_path: Any) -> None:
    def assign(**queues: List[str]) -> Dict[str, List[str]]:
        store = checkpoint.CheckpointStore(tmp_path / "checkpoint")
        store.load("host")
        store.rebalance(queues)
        for queue, events in queues.items():
            if queue not in store.checkpoints:
                store.begin(queue, "2026-11-25T12:00:00", {}, events)
        return {queue: one.events for queue, one in store.checkpoints.items()}

    assert assign(a=["x", "y"], b=["y", "z"]) == {"a": ["x", "y"], "b": ["y", "z"]}
    assert assign(b=["y"]) == {"a": ["x", "y"], "b": ["y"]}  # nothing has moved: y was in both
    assert assign(b=["x", "y"]) == {"a": ["y"], "b": ["x", "y"]}
    assert assign(b=["x", "y"], c=["y"]) == {"b": ["x", "y"], "c": ["y"]}


def test_a_handler_from_several_queues_goes_on_where_the_one_furthest_behind_was() -> None:
    store = checkpoint.CheckpointStore()
    for queue, second, event in (("a", 2, "x"), ("b", 1, "y"), ("c", 0, "z")):
        store.begin(queue, f"2026-11-25T12:00:0{second}", {queue: "2026-11-25T12:00:00"}, [event])
    store.rebalance({"new": ["x", "y"]})
    assert store.checkpoints["new"].until == "2026-11-25T12:00:01" and list(store.checkpoints["new"].ids) == ["b"]
    assert list(store.checkpoints) == ["c", "new"]


def test_the_folder_of_the_process_may_change(
    listener: Any, log: Log, stream: Stream, tmp_path: Any, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    one = listener(checkpoint=b"checkpoint")
    one.on("asset:new", print)
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    started(one)
    log.write("asset:new", 1)
    stream.notify("asset:new")
    until(lambda: one.status().handled)
    assert one.stop(20)
    assert os.listdir(tmp_path / "other") == [] and (tmp_path / "checkpoint").exists()


def test_an_empty_file_is_a_beginning_too(
    listener: Any, log: Log, stream: Stream, tmp_path: Any, monkeypatch: Any, caplog: Any
) -> None:
    for left in (b"", b"\0" * 100, b"\n"):  # by a power cut
        (tmp_path / "checkpoint").write_bytes(left)
        one = listener(checkpoint=tmp_path / "checkpoint")
        one.on("asset:new", print)
        caplog.clear()
        started(one)
        assert one.stop(20)
        assert "the checkpoint file is empty, the listener begins with new events" in caplog.text
        assert "main" in (tmp_path / "checkpoint").read_text()
    done: List[str] = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda *args: (done.append("fsync"), sync(*args)))
    monkeypatch.setattr(os, "replace", lambda *args: (done.append("replace"), replace(*args)))
    one._checkpoints.save()
    assert done == ["fsync", "replace"]


def test_a_line_that_cannot_be_read_is_skipped(client: KitsuClient, tmp_path: Any, caplog: Any) -> None:
    path = tmp_path / "checkpoint"
    date = "2026-11-25T12:00:00"
    lines = [json.dumps({"host": client.host, "queues": {"main": {"until": date, "ids": {}, "events": ["x:y"]}}})]
    lines += [json.dumps(line) for line in (["main", "1", "zzz"], ["main", "2", None], ["other", "3", date], [])]
    path.write_text("\n".join([*lines, json.dumps(["main", "4", date])]))
    store = checkpoint.CheckpointStore(path)
    store.load(client.host)
    assert vars(store.checkpoints["main"]) == {"until": date, "ids": {"4": date}, "events": ["x:y"]}
    assert caplog.text.count("a line cannot be read") == 4


def test_a_stop_saves_how_far_the_log_was_read(listener: Any, log: Log, stream: Stream, tmp_path: Any) -> None:
    """Events without a handler too, so that the next process need not read them."""
    path = tmp_path / "checkpoint"
    one = listener(checkpoint=path)
    one.on("asset:new", print)
    started(one)
    until(lambda: one._consumers["main"].schedule.wait(time.monotonic()) > 10)
    log.write("task:new", 300)
    stream.notify("asset:new")
    until(lambda: one._checkpoints.checkpoints["main"].until == "2025-11-25T12:05:00")
    assert "12:05:00" not in path.read_text()
    assert one.stop(20)
    assert json.loads(path.read_text())["queues"]["main"]["until"] == "2025-11-25T12:05:00"


def test_a_file_of_a_development_version_is_read(client: KitsuClient, tmp_path: Any) -> None:
    path = tmp_path / "checkpoint"
    date = "2026-11-25T12:00:00"
    path.write_text(
        json.dumps({"host": client.host, "lanes": {"main": {"until": date, "ids": {"1": date}, "events": ["x:y"]}}})
        + "\n"
        + json.dumps(["main", "2", "2026-11-25T12:00:01"])
    )
    store = checkpoint.CheckpointStore(path)
    store.load(client.host)
    assert store.checkpoints["main"].until == "2026-11-25T12:00:01"
    assert list(store.checkpoints["main"].ids) == ["1", "2"]
    assert json.loads(path.read_text()).keys() == {"host", "queues"}


def test_a_file_that_is_something_else_is_left_alone(listener: Any, client: KitsuClient, tmp_path: Any) -> None:
    path = tmp_path / "checkpoint"
    for text, said in (
        ("not ours", "not a checkpoint file of a listener"),
        ("[1]", "not a checkpoint file of a listener"),
        *(
            ('{"host": "http://kitsu/api", "queues": {"main": %s}}' % mark, "not a checkpoint file of a listener")
            for mark in (
                "[]",
                '{"until": "garbage", "ids": {}}',
                '{"until": null, "ids": {}}',
                '{"until": "20261125T120000", "ids": {}}',
                '{"until": "2026-11-25T12:00:00"}',
                '{"until": "2026-11-25T12:00:00", "ids": []}',
                '{"until": "2026-11-25T12:00:00", "ids": null}',
                '{"until": "2026-11-25T12:00:00", "ids": {"a": null}}',
                '{"until": "2026-11-25T12:00:00", "ids": {}, "events": 7}',
            )
        ),
        (
            '{"host": "http://other/api", "queues": {}}',
            "a checkpoint file for http://other/api, not for http://kitsu/api",
        ),
    ):
        path.write_text(text)
        one = listener(checkpoint=path)
        one.on("asset:new", print)
        with pytest.raises(ValueError, match=said):
            one.start()
        with pytest.raises(ValueError, match=said):
            one.run()
        assert not one.status().running
        assert path.read_text() == text


def test_a_place_that_cannot_be_written_is_an_error_at_the_start(listener: Any, tmp_path: Any) -> None:
    (tmp_path / "file").write_text("")
    one = listener(checkpoint=tmp_path / "file" / "checkpoint")
    one.on("asset:new", print)
    with pytest.raises(OSError):
        one.start()


def test_a_full_disk_stops_nothing(listener: Any, log: Log, stream: Stream, tmp_path: Any, monkeypatch: Any) -> None:
    received: List[Any] = []
    one = listener(checkpoint=tmp_path / "checkpoint")
    one.on("asset:new", received.append)
    started(one)

    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint.CheckpointStore, "_append", full)
        patch.setattr(checkpoint.CheckpointStore, "_write", full)
        log.write("asset:new", 1)
        stream.notify("asset:new")
        until(lambda: one.status().handled == 1 and one.status().problem)
        assert "No space left" in one.status().problem
    log.write("asset:new", 2)
    stream.notify("asset:new")
    until(lambda: one.status().handled == 2 and not one.status().problem)
    assert len(received) == 2


def test_what_a_full_disk_did_not_take_is_known_to_the_process(
    listener: Any, log: Log, stream: Stream, tmp_path: Any, monkeypatch: Any
) -> None:
    received: List[Any] = []
    one = listener(checkpoint=tmp_path / "checkpoint")
    one.on("asset:new", received.append)
    started(one)

    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint.CheckpointStore, "_append", full)
        patch.setattr(checkpoint.CheckpointStore, "_write", full)
        first = log.write("asset:new", 1)
        stream.notify("asset:new")
        until(lambda: one.status().handled == 1)
        assert one.stop(20)
    second = log.write("asset:new", 2)
    started(one)
    until(lambda: second in ids(received))
    assert ids(received) == [first, second]


def test_ids_are_forgotten_in_time(tmp_path: Any) -> None:
    store = checkpoint.CheckpointStore(tmp_path / "checkpoint")
    store.load("host")
    store.begin("main", "2026-11-25T12:00:00", {})
    for number in range(100):
        store.commit("main", str(number), checkpoint.shift_date("2026-11-25T12:00:00", number * 60))
    store.advance("main", "2026-11-25T13:39:00")
    assert sorted(store.checkpoints["main"].ids) == ["95", "96", "97", "98", "99"]


# -- refusals and failures -----------------------------------------------------
def test_an_account_that_may_not_read_the_log_is_refused(listener: Any, log: Log, stream: Stream) -> None:
    log.error = NotAllowedException("data/events/last: You don't have the permission")
    one = listener()
    one.on("asset:new", print)
    with pytest.raises(NotAllowedException, match="only managers .* and administrators may; Listener.stream_only=True"):
        one.start()
    assert not one.status().running
    received: List[Any] = []
    two = listener(stream_only=True)
    two.on("asset:new", received.append)
    started(two)
    stream.notify("asset:new", asset_id="7")
    until(lambda: received)
    assert received == [{"asset_id": "7"}]
    assert two.status().problem is None


def test_a_server_that_is_away_at_the_start_is_waited_for(
    listener: Any, log: Log, stream: Stream, monkeypatch: Any
) -> None:
    stream.error, log.error = OSError("no stream"), TransportException("no server")
    received: List[Any] = []
    one = listener()
    one.on("asset:new", received.append)
    one.start()
    until(lambda: "no server" in (one.status().problem or ""))
    until(lambda: one.status().lag > 0)
    stream.error = log.error = None
    until(lambda: one.connected and "main" in one._checkpoints.checkpoints)
    new = log.write("asset:new", 1)
    stream.notify("asset:new")
    until(lambda: received)
    assert ids(received) == [new]
    assert one.status().problem is None


def test_an_account_that_is_refused_on_the_way_is_asked_sparingly_until_it_logs_in(
    listener: Any, log: Log, stream: Stream, client: KitsuClient
) -> None:
    received: List[Any] = []
    one = listener()
    one.on("asset:new", received.append)
    started(one)
    log.error = NotAuthenticatedException("the session has expired, log in again")
    stream.notify("asset:new")
    until(lambda: "log in again" in (one.status().problem or ""))
    client.access_token = None  # logged out
    until(lambda: one._stream.renewal.token is None)
    polls = len(log.asked)
    consumer = one._consumers["main"]
    assert consumer.schedule.deadline - time.monotonic() > 30
    stream.notify("asset:new")
    until(lambda: not consumer._wake_up.is_set())
    assert len(log.asked) == polls
    new = log.write("asset:new", 1)
    log.error = None
    client.access_token = "b"
    until(lambda: received)
    assert ids(received) == [new]


def token(left: float, life: float = 1000) -> str:
    claims = {"exp": time.time() + left, "iat": time.time() + left - life}
    return "e30." + base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=") + ".sign"


@pytest.mark.parametrize("left, renewed", [(100, True), (-5, True), (500, False), (None, False)])
def test_tokens_are_renewed_before_they_expire(
    left: Any, renewed: bool, listener: Any, client: KitsuClient, monkeypatch: Any
) -> None:
    asked: List[Any] = []

    def refresh(self: Any) -> Any:
        asked.append(self.access_token)
        self.tokens["access_token"] = token(-5)  # as a clock that is wrong makes it look
        return self.tokens

    monkeypatch.setattr(KitsuClient, "refresh_access_token", refresh)
    old = client.access_token = "no JWT" if left is None else token(left)
    client.refresh_token = "r"
    one = listener()
    one.on("asset:new", print)
    started(one)
    if renewed:
        until(lambda: asked)
        until(lambda: one._stream.renewal.token == client.access_token)
    assert asked == ([old] if renewed else [])
    assert renewed is (60 < one._stream.renewal.renew_at - time.monotonic() < 101)


def test_a_refresh_that_fails_shows_no_token(listener: Any, client: KitsuClient, monkeypatch: Any, caplog: Any) -> None:
    def refuse(self: Any) -> Any:
        raise NotAuthenticatedException("auth/refresh-token: it has expired")

    monkeypatch.setattr(KitsuClient, "refresh_access_token", refuse)
    client.access_token, client.refresh_token = token(1), "very-secret"
    one = listener()
    one.on("asset:new", print)
    started(one)
    until(lambda: "the access token cannot be renewed" in caplog.text)
    assert "very-secret" not in caplog.text and client.access_token not in caplog.text
    assert one.connected


# -- life ----------------------------------------------------------------------
def test_a_listener_stops_from_its_own_handler_and_starts_again(listener: Any, log: Log, stream: Stream) -> None:
    received: List[Any] = []
    one = listener()

    @one.on("asset:new")
    def handle(data: Any) -> None:
        received.append(data)
        one.stop()

    with one:
        log.write("asset:new", 1)
        log.write("asset:new", 2)
        until(lambda: not one.status().running)
    assert len(received) == 1
    one.start()
    until(lambda: not one.status().running)
    assert len(received) == 2
    assert one.stop() and not stream.connected


def test_handlers_that_stop_do_not_wait_for_each_other(listener: Any, log: Log, stream: Stream) -> None:
    both, said = threading.Barrier(2), []  # type: ignore[var-annotated]
    one = listener()

    def handle(data: Any) -> None:
        both.wait(20)
        said.append(one.stop(600))

    one.on("asset:new", handle, queue="a")
    one.on("asset:new", handle, queue="b")
    started(one)
    log.write("asset:new", 1)
    stream.notify("asset:new")
    until(lambda: not one.status().running)
    assert said == [False, False]


def starting(one: Any, log: Log, monkeypatch: Any) -> Any:
    """Have a thread start a listener; it stands before the log until the returned event is set."""
    free, asked, last = threading.Event(), threading.Event(), log.last

    def wait(*args: Any, **settings: Any) -> Any:
        asked.set()
        free.wait(20)
        return last(*args, **settings)

    monkeypatch.setattr(gazu.sync, "get_last_events", wait)
    threading.Thread(target=one.start).start()
    assert asked.wait(20)
    return free


def test_two_threads_start_it_once(listener: Any, log: Log, stream: Stream, monkeypatch: Any) -> None:
    one = listener()
    one.on("asset:new", print)
    free, said = starting(one, log, monkeypatch), []  # type: ignore[var-annotated]

    def start() -> None:
        try:
            one.start()
        except RuntimeError as error:
            said.append(str(error))

    other = threading.Thread(target=start)
    other.start()
    other.join(0.2)  # it has its time to do what is wrong
    free.set()
    other.join(20)
    assert len(said) == 1 and "the listener is running" in said[0]
    until(lambda: one.connected)


def test_a_start_that_fails_leaves_no_thread(listener: Any, log: Log, stream: Stream, monkeypatch: Any) -> None:
    one = listener()
    one.on("asset:new", print)

    def fail() -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(one._stream, "start", fail)
        with pytest.raises(RuntimeError, match="new thread"):
            one.start()
    until(lambda: not one.status().running)
    started(one)


def test_a_stop_while_it_starts_counts(listener: Any, log: Log, stream: Stream, monkeypatch: Any) -> None:
    one = listener()
    one.on("asset:new", print)
    free = starting(one, log, monkeypatch)
    assert one.stop()
    free.set()
    until(lambda: one._stream.thread is not None and not one.status().running)
    assert not stream.connected


def test_a_run_stops_only_what_it_started(listener: Any, log: Log, stream: Stream) -> None:
    received: List[Any] = []
    one = listener()
    one.on("asset:new", received.append)
    started(one)
    with pytest.raises(RuntimeError, match="the listener is running"):
        one.run()
    log.write("asset:new", 1)
    stream.notify("asset:new")
    until(lambda: received)
    assert one.connected


def test_a_stop_does_not_wait_for_ever(listener: Any, log: Log, stream: Stream) -> None:
    free, begun = threading.Event(), threading.Event()
    one = listener()
    one.on("asset:new", lambda data: (begun.set(), free.wait(20)))
    started(one)
    log.write("asset:new", 1)
    stream.notify("asset:new")
    assert begun.wait(20)
    assert one.stop(0) is False
    with pytest.raises(RuntimeError, match="a handler is not done yet"):
        one.start()
    free.set()
    assert one.stop(20)
    assert one.status().handled == 1


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM))
def test_run_ends_with_a_signal_and_puts_the_handlers_back(
    number: int, listener: Any, log: Log, stream: Stream
) -> None:
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    received: List[Any] = []
    one = listener()

    def handle(data: Any) -> None:
        received.append({one: signal.getsignal(one) for one in before})
        os.kill(os.getpid(), number)

    one.on("asset:new", handle)
    threading.Thread(
        target=lambda: (until(lambda: one.connected), log.write("asset:new", 1), stream.notify("asset:new"))
    ).start()
    one.run()
    assert not one.status().running
    assert received[0].keys() == before.keys() and not set(map(id, received[0].values())) & set(
        map(id, before.values())
    )
    assert {one: signal.getsignal(one) for one in before} == before


def test_run_ends_with_the_break_key_of_windows(
    listener: Any, log: Log, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR1, raising=False)
    before = signal.getsignal(signal.SIGUSR1)
    one = listener()
    one.on("asset:new", print)
    threading.Thread(target=lambda: (until(lambda: one.connected), os.kill(os.getpid(), signal.SIGUSR1))).start()
    one.run()
    assert not one.status().running and signal.getsignal(signal.SIGUSR1) is before


def test_in_a_thread_no_signal_is_touched(listener: Any, log: Log, stream: Stream) -> None:
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    one = listener()
    one.on("asset:new", print)
    thread = threading.Thread(target=one.run)
    thread.start()
    until(lambda: one.connected)
    assert {one: signal.getsignal(one) for one in before} == before
    one.stop()
    thread.join(20)
    assert not thread.is_alive()
    assert {one: signal.getsignal(one) for one in before} == before


def test_mistakes(listener: Any, tmp_path: Any, log: Log, caplog: Any) -> None:
    one = listener()
    with pytest.raises(ValueError, match="no handler"):
        one.start()
    for bad in ("task", "", None, "task:"):
        with pytest.raises(ValueError, match="event_name: expected"):
            one.on(bad, print)
    with pytest.raises(ValueError, match="handler: expected a function"):
        one.on("task:new", "print")
    with pytest.raises(ValueError, match="event_name: expected"):

        @one.on
        def bare(data: Any) -> None:
            """Without a name."""

    for queue in (1, None, "", b"main"):
        with pytest.raises(ValueError, match="queue: expected a name"):
            one.on("task:new", print, queue=queue)

    async def later(*args: Any) -> None:
        """Do nothing."""

    with pytest.raises(
        TypeError, match=r"handler: the listener does not await .*later.* asyncio.run\(handler\(\*args\)\)"
    ):
        one.on("task:new", later)
    with pytest.raises(TypeError, match="on_error: the listener does not await"):
        listener(on_error=later)
    with pytest.raises(ValueError, match="on_error: expected a function"):
        listener(on_error="print")
    assert one._consumers == {}
    one.on("task:new", print)
    with pytest.raises(ValueError, match="has a handler in the queue 'main' already"):
        one.on("task:new", repr)
    one.on("task:new", repr, queue="other")
    with pytest.raises(ValueError, match="stream_only"):
        listener(stream_only=True, checkpoint=tmp_path / "checkpoint")
    for name in ("reconnection", "handle_sigint", "ssl_verify"):
        with pytest.raises(ValueError, match=f"socketio_options: not .*{name}"):
            listener(socketio_options={name: True})
    with pytest.raises(ValueError, match="socketio_options: expected a dict, got True"):
        listener(socketio_options=True)
    with pytest.raises(TypeError, match="reconnection"):
        listener(reconnection=True)
    for bad_letters in (7, ["a"]):
        with pytest.raises(ValueError, match="dead_letters: expected the path of a file or a function"):
            listener(dead_letters=bad_letters)
    with pytest.raises(TypeError, match="dead_letters: the listener does not await"):
        listener(dead_letters=later)
    with pytest.raises(ValueError, match="dead_letters: .*checkpoint is the checkpoint file: use another one"):
        listener(checkpoint=tmp_path / "checkpoint", dead_letters=str(tmp_path / "checkpoint"))
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        nowhere = listener(dead_letters=tmp_path / "file" / "letters")
        nowhere.on("task:new", print)
        nowhere.start()
    with pytest.raises(ValueError, match="Wrong format"):
        listener(project="not an id")
    assert log.asked == []
    started(one)
    with pytest.raises(RuntimeError, match="the listener is running"):
        one.on("asset:new", print)
    with pytest.raises(RuntimeError, match="the listener is running"):
        one.start()
    assert not [record for record in caplog.records if record.levelno > logging.WARNING]


def test_the_names_are_those_of_before() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        gazu.events.Nothing  # noqa: B018
    from gazu.events.listener import Listener

    assert gazu.events.Listener is Listener
