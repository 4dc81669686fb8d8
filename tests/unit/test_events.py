"""The event stream, its token and the log of events, each by itself, without a server."""

import base64
import datetime
import gc
import json
import logging
import math
import threading
import time
from types import SimpleNamespace
from typing import Any, Callable, Dict, List, Optional

import pytest
import socketio

import gazu
from gazu.client import KitsuClient
from gazu.events import connection, log, renewal
from gazu.events.checkpoint import CheckpointStore
from gazu.events.consumer import Consumer
from gazu.events.failure import RETRY
from gazu.events.log import LogReader
from gazu.events.renewal import TokenRenewal, token_times
from gazu.events.stream import EventStream

from ..waiting import until

START = datetime.datetime(2025, 11, 25, 12, 0, 0)


# -- the connection ------------------------------------------------------------
@pytest.fixture
def client() -> KitsuClient:
    client = KitsuClient("https://kitsu/api", access_token="first")
    client.session.verify, client.session.cert = "/etc/ca.pem", ("cert.pem", "key.pem")
    client.session.proxies = {"https": "http://proxy:3128"}
    return client


def test_a_connection_has_the_certificates_and_proxies_of_the_client(client: KitsuClient) -> None:
    stream = connection.new_connection(client)
    session = stream.eio.http
    assert session is not client.session
    assert (session.verify, session.cert) == ("/etc/ca.pem", ("cert.pem", "key.pem"))
    assert session.proxies == {"https": "http://proxy:3128"}
    session.proxies["https"] = "http://other"
    assert client.session.proxies == {"https": "http://proxy:3128"}
    assert stream.eio.ssl_verify is True
    assert type(stream.namespace_handlers["/events"]) is gazu.events.EventsNamespace


@pytest.mark.parametrize("verify, asked, checked", [(True, False, False), (False, None, False), (False, True, True)])
def test_certificates_are_checked_as_asked(verify: bool, asked: Optional[bool], checked: bool) -> None:
    client = KitsuClient("https://kitsu/api", ssl_verify=verify)
    assert connection.new_connection(client, asked).eio.ssl_verify is checked


def test_the_session_is_closed_with_the_connection(client: KitsuClient, monkeypatch: Any) -> None:
    closed: List[Any] = []
    stream = connection.new_connection(client)
    from gazu._http.session import Session

    monkeypatch.setattr(Session, "close", lambda session: closed.append(1))
    other = connection.new_connection(client, http_session=object())
    del other
    gc.collect()
    assert closed == [1]
    assert stream


class Connection:
    """What `socketio.Client` is to the library."""

    def __init__(self, **settings: Any) -> None:
        self.settings, self.handlers, self.connected = settings, {}, False  # type: ignore[var-annotated]

    def register_namespace(self, namespace: Any) -> None:
        self.namespace = namespace

    def on(self, name: str, handler: Any, namespace: str) -> None:
        assert namespace == "/events"
        self.handlers[name] = handler

    def connect(self, url: str, headers: Any, **options: Any) -> None:
        self.url, self.options, self.connected = url, {"headers": headers, **options}, True

    def disconnect(self) -> None:
        self.connected = False

    def wait(self) -> None:
        self.waited = True


def test_init(client: KitsuClient, monkeypatch: Any, caplog: Any) -> None:
    monkeypatch.setattr(socketio, "Client", Connection)
    gazu.set_event_host("https://events", client=client)
    stream: Any = gazu.events.init(client, logger=True, request_timeout=7)
    wanted = {"reconnection": True, "logger": True, "request_timeout": 7, "ssl_verify": True}
    assert {name: stream.settings[name] for name in wanted} == wanted
    assert (stream.url, stream.options["namespaces"]) == ("https://events", ["/events"])
    assert stream.options["headers"]()["Authorization"] == "Bearer first"
    client.access_token = "second"
    assert stream.options["headers"]()["Authorization"] == "Bearer second"
    assert list(stream.handlers) == ["connect_error"]
    assert stream.handlers["connect_error"]("refused") == "refused"
    assert "the event stream cannot be reached: refused" in caplog.text
    assert gazu.events.add_listener(stream, "task:new", print) is stream and stream.handlers["task:new"] is print
    assert gazu.events.run_client(stream) is stream and stream.waited


# -- staying connected ---------------------------------------------------------
class Kept:
    """An event stream with the connections that it makes, and what it reports."""

    def __init__(self, client: KitsuClient, monkeypatch: Any) -> None:
        self.made: List[Connection] = []
        self.times: List[float] = []
        self.failures = 0
        self.events: List[Any] = []
        self.changes: List[bool] = []
        self.stopping = threading.Event()
        self.stream = EventStream(client, {}, self.stopping, self.receive, self.changes.append)
        self.stream.names = ["task:new"]
        monkeypatch.setattr(socketio, "Client", self.make)
        monkeypatch.setattr(connection, "connect", self.connect)

    def make(self, **settings: Any) -> Connection:
        self.made.append(Connection(**settings))
        return self.made[-1]

    def connect(self, stream: Any, client: KitsuClient) -> None:
        self.times.append(time.monotonic())
        if self.failures:
            self.failures -= 1
            raise OSError("refused")
        stream.connected = True

    def receive(self, name: str, data: Any) -> None:
        self.events.append((name, data))


@pytest.fixture
def kept(client: KitsuClient, monkeypatch: Any) -> Any:
    kept = Kept(client, monkeypatch)
    yield kept
    kept.stopping.set()
    if kept.stream.thread is not None:
        kept.stream.thread.join(20)
        assert not kept.stream.thread.is_alive()


def test_a_stream_reports_what_it_receives(kept: Kept) -> None:
    kept.stream.start()
    until(lambda: kept.stream.is_connected())
    handler = kept.made[0].handlers["task:new"]
    handler({"task_id": "1"})
    handler("text")
    handler()
    assert kept.events == [("task:new", {"task_id": "1"}), ("task:new", {}), ("task:new", {})]
    assert kept.changes == [True, True]  # a token, a connection


def test_a_stream_disconnects_when_it_stops(kept: Kept) -> None:
    kept.stream.start()
    until(lambda: kept.stream.is_connected())
    kept.stopping.set()
    kept.stream.thread.join(20)  # type: ignore[union-attr]
    assert not kept.made[0].connected and not kept.stream.is_connected()


def test_a_stream_that_is_lost_is_connected_again(kept: Kept) -> None:
    kept.stream.start()
    until(lambda: kept.stream.is_connected())
    kept.changes.clear()
    kept.made[0].connected = False
    until(lambda: kept.stream.is_connected())
    assert kept.changes == [False, True]


def test_attempts_to_connect_are_pauses_apart(kept: Kept) -> None:
    kept.failures = 2
    kept.stream.start()
    until(lambda: kept.stream.problem == "the event stream cannot be reached: refused")
    until(lambda: kept.stream.is_connected())
    assert kept.stream.problem is None
    assert len(kept.times) == 3
    first, second = (after - before for before, after in zip(kept.times, kept.times[1:]))
    assert first >= 1 and second >= 2  # no sooner, however slow the machine is


# -- the token -----------------------------------------------------------------
def token(left: float, lifetime: float = 1000.0) -> str:
    claims = {"exp": time.time() + left, "iat": time.time() + left - lifetime}
    return "e30." + base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=") + ".sign"


@pytest.mark.parametrize("text", ("", "a.b.c", "e30.e30.x", "e30.W10.x", "e30.bnVsbA.x", None))
def test_what_does_not_say_when_it_expires_lives_for_ever(text: Optional[str]) -> None:
    assert token_times(text) == (0.0, math.inf)


def test_times_of_a_token() -> None:
    lifetime, left = token_times(token(300.0))
    assert lifetime == pytest.approx(1000.0) and left == pytest.approx(300.0, abs=60.0)


@pytest.fixture
def clock(monkeypatch: Any) -> Any:
    """The clock of `renewal`, which stands at 5,000 s until it is set."""
    clock = SimpleNamespace(now=5000.0)
    monkeypatch.setattr(renewal, "time", SimpleNamespace(monotonic=lambda: clock.now, time=time.time))
    return clock


@pytest.fixture
def renewed(monkeypatch: Any) -> List[Optional[str]]:
    used: List[Optional[str]] = []
    monkeypatch.setattr(renewal.sender, "renew", lambda client, token: used.append(token))
    return used


def test_a_token_is_renewed_when_a_fifth_of_its_life_is_left(clock: Any, renewed: List[Any]) -> None:
    old = token(900.0)
    client = KitsuClient("http://kitsu/api", access_token=old, refresh_token="r")
    keeper = TokenRenewal(client)
    assert keeper.check() is True
    assert keeper.renew_at == pytest.approx(5700.0, abs=60.0)
    clock.now = keeper.renew_at - 1
    assert keeper.check() is False and renewed == []
    clock.now = keeper.renew_at
    assert keeper.check() is False and renewed == [old]
    clock.now += 59
    keeper.check()
    assert len(renewed) == 1  # a server that refuses is asked once a minute
    clock.now += 1
    keeper.check()
    assert len(renewed) == 2


def test_a_clock_that_is_wrong_does_not_renew_without_end(clock: Any, renewed: List[Any]) -> None:
    client = KitsuClient("http://kitsu/api", access_token=token(-500.0), refresh_token="r")
    keeper = TokenRenewal(client)
    assert keeper.check() is True and len(renewed) == 1
    client.access_token = token(-600.0)
    assert keeper.check() is True and len(renewed) == 1
    assert keeper.renew_at == pytest.approx(5100.0)


def test_who_may_not_renew(clock: Any, renewed: List[Any]) -> None:
    client = KitsuClient("http://kitsu/api", access_token=token(-1.0), refresh_token="r", use_refresh_token=False)
    assert TokenRenewal(client).check() is True
    assert TokenRenewal(KitsuClient("http://kitsu/api", access_token=token(-1.0))).check() is True
    assert renewed == []


def test_a_log_out_is_no_new_token(clock: Any, renewed: List[Any]) -> None:
    client = KitsuClient("http://kitsu/api", access_token=token(500.0), refresh_token="r")
    keeper = TokenRenewal(client)
    keeper.check()
    client.access_token = None
    assert keeper.check() is False and keeper.token is None
    assert keeper.renew_at == math.inf and renewed == []


# -- the log -------------------------------------------------------------------
@pytest.fixture
def events(monkeypatch: Any) -> Callable[..., List[Dict[str, Any]]]:
    """Have the log hold an event for each of these seconds after START; return the questions that it is asked."""

    def have(*seconds: float) -> List[Dict[str, Any]]:
        asked: List[Dict[str, Any]] = []
        dates = sorted((START + datetime.timedelta(seconds=one) for one in seconds), reverse=True)
        rows = [{"id": str(n), "created_at": date.isoformat()[:19], "date": date} for n, date in enumerate(dates)]

        def last(limit: int, project: Any, after: Any, before: Any, client: Any) -> List[Any]:
            asked.append({"limit": limit, "project": project, "after": after, "before": before, "client": client})
            since, to = (date and datetime.datetime.fromisoformat(date) for date in (after, before))
            return [r for r in rows if (not since or r["date"] > since) and (not to or r["date"] < to)][:limit]

        monkeypatch.setattr(gazu.sync, "get_last_events", last)
        return asked

    return have


def test_a_page_is_of_the_project_and_the_client(client: KitsuClient, events: Any) -> None:
    asked = events(1)
    LogReader(client, "p").page("2025-11-25T12:00:00")
    assert asked == [{"limit": 1000, "project": "p", "after": "2025-11-25T12:00:00", "before": None, "client": client}]


def test_the_head_has_the_ids_around_the_last_event(client: KitsuClient, events: Any) -> None:
    events(-121, -119, 10.1, 10.9)
    until, ids = LogReader(client, None).head()
    assert until == "2025-11-25T12:00:10"
    assert ids == {"0": until, "1": until}
    events(-108, 10, 11.5)
    until, ids = LogReader(client, None).head("2025-11-25T12:00:10")
    assert ids == {"1": "2025-11-25T12:00:10", "2": "2025-11-25T11:58:12"}


def test_the_head_knows_all_ids_however_many(client: KitsuClient, events: Any) -> None:
    events(*[number / 10 for number in range(1200)])
    assert len(LogReader(client, None).head()[1]) == 1200


def test_the_head_of_an_empty_log(client: KitsuClient, events: Any) -> None:
    events()
    assert LogReader(client, None).head() == (log.EPOCH, {})


@pytest.mark.parametrize("count", (0, 999, 1000, 1001, 2500))
def test_pages_have_each_event_in_order(count: int, client: KitsuClient, events: Any) -> None:
    events(*[number / 3 for number in range(count)])
    pages = list(LogReader(client, None).pages("2025-11-25T11:59:59"))
    found = list(dict.fromkeys(event["id"] for page in pages for event in page))
    assert found == [str(number) for number in reversed(range(count))]
    assert max(map(len, pages), default=0) <= 1000


def test_the_last_second_of_a_long_past_is_read(client: KitsuClient, events: Any) -> None:
    """64 s after the beginning, where a slice ends."""
    events(*[number / 16 for number in range(1, 1025)], 65)
    pages = list(LogReader(client, None).pages("2025-11-25T12:00:00"))
    assert "0" in [event["id"] for page in pages for event in page]


def test_slices_grow_where_little_happened(client: KitsuClient, events: Any) -> None:
    asked = events(*[number / 1000 for number in range(1500)], 10**7)
    pages = list(LogReader(client, None).pages("2025-11-25T11:59:59"))
    assert len({event["id"] for page in pages for event in page}) == 1501
    assert len(asked) < 40


def test_slices_do_not_shrink_more_than_they_must(client: KitsuClient, events: Any) -> None:
    """1,600 events in the first slice: one of 8 s has 200, those after it twice as many each."""
    asked = events(*[number / 25 for number in range(5000)])
    assert len(list(LogReader(client, None).pages("2025-11-25T11:59:59"))) < 20
    ends = [datetime.datetime.fromisoformat(one["before"]) for one in asked[1:4]]
    starts = [datetime.datetime.fromisoformat(one["after"]) for one in asked[1:4]]
    assert [(end - start).seconds for start, end in zip(starts, ends)] == [65, 9, 17]


# -- the checkpoint ------------------------------------------------------------
def test_a_checkpoint_moves_forward_only() -> None:
    store = CheckpointStore()
    checkpoint = store.begin("main", "2025-11-25T12:00:00", {})
    store.advance("main", "2025-11-25T11:59:00")
    store.commit("main", "late", "2025-11-25T11:59:30")
    assert checkpoint.until == "2025-11-25T12:00:00" and list(checkpoint.ids) == ["late"]
    store.advance("main", "2025-11-25T12:00:01")
    assert checkpoint.until == "2025-11-25T12:00:01"


def test_the_file_may_be_in_the_home_of_the_user(monkeypatch: Any, tmp_path: Any) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    assert CheckpointStore("~/events.json").path == str(tmp_path / "events.json")


# -- the consumer --------------------------------------------------------------
class Pages:
    """A log with one page of events: names, or (name, data)."""

    def __init__(self, *events: Any) -> None:
        self.error: Optional[BaseException] = None
        self.events = [
            {"id": str(number), "created_at": f"2025-11-25T12:00:{number:02}", "name": name, "data": data}
            for number, (name, data) in enumerate(one if isinstance(one, tuple) else (one, {}) for one in events)
        ]

    def head(self) -> Any:
        return "2025-11-25T11:59:59", {}

    def pages(self, after: str) -> Any:
        if self.error is not None:
            raise self.error
        yield [event for event in self.events if event["created_at"] > after]


class Stopping(threading.Event):
    """Whether the consumer stops; it does not really wait for a handler to be called again."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: List[Optional[float]] = []

    def wait(self, timeout: Optional[float] = None) -> bool:
        self.waits.append(timeout)
        return self.is_set()


@pytest.fixture
def consume() -> Any:
    """Return a function that starts a consumer of a log."""
    made: List[Consumer] = []
    stopped: List[Any] = []

    def consume(pages: Any, handlers: Any, stream_handlers: Any = (), on_error: Any = None, replay: Any = False) -> Any:
        consumer = Consumer("main", pages, CheckpointStore(), Stopping(), lambda: True, on_error, None, stopped.append)
        consumer.handlers.update(handlers)
        consumer.stream_handlers.update(stream_handlers)
        made.append(consumer)
        consumer.start(replay)
        return consumer

    yield consume
    for consumer in made:
        consumer._stopping.set()
        consumer.wake_up()
        assert consumer.thread is not None
        consumer.thread.join(20)
        assert not consumer.thread.is_alive()
    assert stopped == []


def test_each_call_gets_data_of_its_own(consume: Any) -> None:
    received: List[Any] = []

    def take(data: Any) -> None:
        received.append(dict(data))
        data.clear()
        if len(received) < 4:
            raise ValueError("not yet")

    def again(failure: Any) -> Any:
        received.append(dict(failure.data))
        failure.data.clear()
        return RETRY

    consumer = consume(Pages(("task:new", {"task_id": "1"})), {"task:new": take}, on_error=again)
    until(lambda: consumer.handled)
    assert received == [{"task_id": "1", "event_id": "0"}] * 5


def test_an_event_without_data(consume: Any) -> None:
    received: List[Any] = []
    consumer = consume(Pages(("task:new", None)), {"task:new": received.append})
    until(lambda: consumer.handled)
    assert received == [{"event_id": "0"}] and consumer.problem is None


@pytest.mark.parametrize("replay", (True, False))
def test_only_what_was_not_announced_is_replayed(replay: bool, consume: Any) -> None:
    consumer = consume(Pages("task:new", "task:new"), {"task:new": print}, replay=replay)
    until(lambda: consumer.handled == 2)
    until(lambda: consumer.replayed == 2 * replay and consumer.schedule.wait(time.monotonic()) > 1)
    assert consumer.replayed == 2 * replay


def test_pauses_before_a_handler_is_called_again_grow_to_a_minute(consume: Any) -> None:
    calls: List[Any] = []

    def fail(data: Any) -> None:
        calls.append(data)
        if len(calls) < 12:
            raise ValueError("not yet")

    consumer = consume(Pages("task:new"), {"task:new": fail}, on_error=lambda failure: RETRY)
    until(lambda: consumer.handled)
    assert consumer._stopping.waits == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert (consumer.failed, consumer.handled) == (11, 1)


def test_events_of_the_stream_do_not_wait_for_the_end_of_a_page(consume: Any) -> None:
    order: List[str] = []

    def handle(data: Any) -> None:
        order.append(data["event_id"])
        consumer.notify("chat:new-message", {"id": "of the stream"})

    begun = threading.Event()
    pages = Pages("asset:new", "task:new", "task:new")
    handlers = {"asset:new": lambda data: begun.wait(20), "task:new": handle}
    consumer = consume(pages, handlers, {"chat:new-message": lambda data: order.append(data["id"])})
    begun.set()
    until(lambda: consumer.handled == 5)
    assert order == ["1", "of the stream", "2", "of the stream"]


def test_no_event_of_the_stream_is_handled_after_a_stop(consume: Any) -> None:
    received: List[Any] = []

    def handle(data: Any) -> None:
        received.append(data)
        consumer.notify("chat:new-message", {})
        consumer._stopping.set()

    begun = threading.Event()
    handlers = {"asset:new": lambda data: begun.wait(20)}
    consumer = consume(Pages("asset:new"), handlers, {"chat:new-message": handle})
    consumer.notify("chat:new-message", {})
    consumer.notify("chat:new-message", {})
    begun.set()
    consumer.thread.join(20)
    assert not consumer.thread.is_alive() and len(received) == 1


def test_a_problem_is_a_warning_once(consume: Any, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG, "gazu")
    pages = Pages()
    pages.error = ValueError("broken")
    consumer = consume(pages, {"task:new": print})
    for count in (2, 3):
        consumer.notifications_missed(True)
        until(lambda: caplog.text.count("the log of events cannot be read: broken") >= count)  # noqa: B023
    levels = [record.levelno for record in caplog.records if "cannot be read" in record.message]
    assert levels[:3] == [logging.WARNING, logging.DEBUG, logging.DEBUG]
    pages.error = None
    consumer.notifications_missed(True)
    until(lambda: consumer.problem is None)


def test_a_full_queue_is_a_warning_once(consume: Any, caplog: Any, monkeypatch: Any) -> None:
    caplog.set_level(logging.DEBUG, "gazu")
    monkeypatch.setattr("gazu.events.consumer.STREAM_QUEUE_EVENTS", 1)
    begun, done = threading.Event(), threading.Event()

    def handle(data: Any) -> None:
        begun.set()
        done.wait(20)

    consumer = consume(Pages(), {}, {"chat:new-message": handle})
    consumer.notify("chat:new-message", {})
    assert begun.wait(20)
    for _ in range(4):
        consumer.notify("chat:new-message", {})
    done.set()
    assert consumer.dropped == 3
    levels = [record.levelno for record in caplog.records if "is dropped" in record.message]
    assert levels == [logging.WARNING, logging.DEBUG, logging.DEBUG]


def test_a_notification_without_a_handler_wakes_nobody(consume: Any) -> None:
    consumer = consume(Pages(), {"task:new": print})
    until(lambda: consumer.schedule.wait(time.monotonic()) > 1)
    consumer.notify("task:update", {})
    assert not consumer._wake_up.is_set() and consumer.schedule.pending == consumer.dropped == 0
