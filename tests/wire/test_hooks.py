"""Hooks of a client: what they receive about each request, and that they change nothing."""

import asyncio
import copy
import pickle
import sys
import threading
import time
from pathlib import Path

import pytest

import gazu
from gazu import aio
from gazu.client import KitsuClient
from gazu.exception import CancelledException, RouteNotFoundException, TransportException

from .conftest import answer, reset
from .test_auth import EXPIRED

ID = "0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"
SECRET = "very-secret"


def listen(client):
    """Return the list of all events that the hooks of *client* get."""
    events = []
    client.hooks.before_request.append(events.append)
    client.hooks.after_response.append(events.append)
    return events


def short(events):
    """Return what came of each request: method, route, attempt and status."""
    return [f"{one.method} {one.route} {one.attempt} {one.status}" for one in events if hasattr(one, "status")]


@pytest.fixture(params=["threads", "loop"])
def act(request, server, connect, loop):
    """Return a client, and what calls functions of the library with it."""
    if request.param == "threads":
        client = connect(server.host, refresh_token="refresh-token-1")
        return client, lambda function, *args, **kwargs: function(*args, client=client, **kwargs)
    client = loop.connect(server.host, refresh_token="refresh-token-1")

    def call(function, *args, **kwargs):
        own = getattr(aio, function.__name__, None) if function.__module__ == "gazu.client" else None
        if own is None:
            return loop.run(aio.call(function, *args, client=client, **kwargs))
        return loop.run(own(*args, client=client, **kwargs))

    return client, call


def test_events(act, server):
    client, call = act
    events = listen(client)
    server.default = answer([{"id": ID, "name": "x"}])
    call(gazu.shot.all_shots_for_project, ID)
    before, after = events
    assert before == ("GET", "data/projects/{project_id}/shots", server.address, 1)
    assert after[:5] == (*before, 200) and 0 < after.seconds < 20 and after.error is None
    with pytest.raises(AttributeError):
        after.status = 5


@pytest.mark.parametrize(
    "function, args, route",
    [
        (gazu.client.get, (f"data/shots/{ID}?x=1",), "data/shots/{id}"),
        (gazu.client.get, ("/data/persons/jane@example.com",), "data/persons/{id}"),
        (gazu.client.get, (f"pictures/thumbnails-square/preview-files/{ID}.png",), "pictures/thumbnails-square/preview-files/{id}"),
        (gazu.client.get, ("data/tasks", True, {"project_id": ID}), "data/tasks"),
        (gazu.client.fetch_one, ("shots", ID), "data/shots/{id}"),
        (gazu.client.fetch_all, (f"projects/{ID}/shots", {"a": 1}), "data/projects/{id}/shots"),
        (gazu.client.post, ("auth/login", {"password": SECRET}), "auth/login"),
        (gazu.client.update, ("shots", ID, {"name": "x"}), "data/shots/{id}"),
        (gazu.client.delete, (f"data/tasks/{ID}", {"force": "true"}), "data/tasks/{id}"),
        (gazu.user.get_time_spents_by_date, ("2026-01-02",), "data/user/time-spents/{date}"),
        (gazu.task.remove_comment, (ID,), "data/comments/{comment_id}"),
        (gazu.client.get_current_user, (), "auth/authenticated"),
        (gazu.client.get_api_version, (), ""),
    ],
)  # fmt: skip
def test_routes_have_no_values(function, args, route, act, server):
    client, call = act
    events = listen(client)
    server.default = answer({"id": ID, "version": "1.0.97", "user": {"id": ID}})
    call(function, *args)
    assert [event.route for event in events] == [route, route]
    assert SECRET not in repr(events) and ID not in repr(events) and "access-token" not in repr(events)


def test_host_has_no_password(server, connect):
    client = connect(server.host.replace("://", "://jane:p@ss@"))
    events = listen(client)
    gazu.client.get("data/rows", client=client)
    assert {event.host for event in events} == {server.address}


def test_each_attempt(act, server):
    client, call = act
    events = listen(client)
    server.script[:] = [answer({}, 503, {"Retry-After": "0"}), reset, answer({"id": ID})]
    call(gazu.client.fetch_one, "shots", ID)
    assert short(events) == [f"GET data/shots/{{id}} {number}" for number in ("1 503", "2 None", "3 200")]
    assert isinstance(events[3].error, TransportException) and [one.attempt for one in events[::2]] == [1, 2, 3]


def test_renewal(act, server):
    client, call = act
    events = listen(client)
    server.script[:] = [answer(EXPIRED, 401), answer({"access_token": "access-token-2"}), answer({"id": ID})]
    call(gazu.client.fetch_one, "shots", ID)
    assert short(events) == ["GET data/shots/{id} 1 401", "GET auth/refresh-token 1 200", "GET data/shots/{id} 2 200"]
    assert "token-2" not in repr(events) and "token-1" not in repr(events)


def test_refusal(act, server):
    client, call = act
    events = listen(client)
    server.default = answer({"message": "no"}, 404)
    with pytest.raises(RouteNotFoundException):
        call(gazu.client.fetch_one, "shots", ID)
    assert short(events) == ["GET data/shots/{id} 1 404"] and events[1].error is None


def test_pages_uploads_and_downloads(act, server, tmp_path):
    client, call = act
    events = listen(client)
    server.script[:] = [answer({"data": [{"id": str(number)}], "nb_pages": 3, "total": 3}) for number in range(3)]
    assert len(call(gazu.client.fetch_all, "rows", paginated=True)) == 3
    assert short(events) == ["GET data/rows 1 200"] * 3
    events.clear()
    (tmp_path / "a").write_bytes(b"x" * 100)
    server.script[:] = [answer({})]
    call(gazu.client.upload, f"pictures/{ID}", str(tmp_path / "a"))
    server.script[:] = [answer(b"y" * 100)]
    call(gazu.client.download, f"movies/{ID}.mp4", str(tmp_path / "b"))
    assert short(events) == ["POST pictures/{id} 1 200", "GET movies/{id} 1 200"]


def test_hook_that_raises(act, server, caplog):
    client, call = act
    client.hooks.before_request.append(lambda event: 1 / 0)
    client.hooks.after_response.append(lambda event: 1 / 0)
    events = listen(client)
    server.default = answer({"id": ID})
    assert call(gazu.client.fetch_one, "shots", ID) == {"id": ID}
    assert len(events) == 2
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == [
        "a hook failed at GET data/shots/{id}"
    ] * 2
    assert "ZeroDivisionError" in caplog.text


def test_call_that_is_cancelled(server, loop):
    client = loop.connect(server.host)
    events = listen(client)
    over = threading.Event()
    server.default = lambda exchange: over.wait(20)

    async def work():
        task = asyncio.ensure_future(aio.get(f"data/shots/{ID}", client=client))
        while not events:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    loop.run(work())
    over.set()
    assert short(events) == ["GET data/shots/{id} 1 None"] and isinstance(events[1].error, CancelledException)


def test_user_who_interrupts(server, connect, monkeypatch):
    client = connect(server.host)
    events = listen(client)

    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("gazu._http.sender.send_prepared", interrupt)
    with pytest.raises(KeyboardInterrupt):
        gazu.client.get("data/rows", client=client)
    assert short(events) == ["GET data/rows 1 None"] and isinstance(events[1].error, CancelledException)


def test_hooks_may_be_removed_and_call_the_server(server, connect):
    client = connect(server.host)
    events = listen(client)

    def once(event):
        client.hooks.after_response.remove(once)
        gazu.client.get("data/more", client=client)

    client.hooks.after_response.append(once)
    gazu.client.get("data/rows", client=client)
    assert short(events) == ["GET data/rows 1 200", "GET data/more 1 200"]


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_copies_have_no_hooks(duplicate):
    client = KitsuClient("http://kitsu.test/api")
    client.hooks.before_request.append(lambda event: None)  # which cannot be pickled
    assert client.hooks is client.hooks
    other = duplicate(client)
    assert other.hooks.before_request == [] and len(client.hooks.before_request) == 1


def test_paths_are_plain_text():
    path = gazu.client.route("projects/{project_id}/shots", ID)
    assert path == f"projects/{ID}/shots" and hash(path) == hash(f"projects/{ID}/shots")
    assert type(pickle.loads(pickle.dumps(path))) is str and type(path + "") is str


if sys.version_info >= (3, 9):  # which the SDK needs

    def test_a_span_for_each_attempt(server, connect):
        """The example of the documentation, with OpenTelemetry's SDK and its exporter to memory."""
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

        exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        page = Path(__file__).parents[2] / "docs" / "how-to" / "observe-requests.md"
        example = page.read_text(encoding="utf-8").split("import time\n")[1].split("client.hooks")[0]
        names = {"time": time, "tracer_of_test": provider.get_tracer("gazu")}
        exec(example.replace('trace.get_tracer("gazu")', "tracer_of_test"), names)
        client = connect(server.host)
        client.hooks.after_response.append(names["record"])
        server.script[:] = [answer({}, 503, {"Retry-After": "0"}), reset, answer({"message": "no"}, 404)]
        with pytest.raises(RouteNotFoundException):
            gazu.client.fetch_one("shots", ID, client=client)
        spans = exporter.get_finished_spans()
        assert [span.name for span in spans] == ["GET data/shots/{id}"] * 3
        assert [span.attributes["http.request.resend_count"] for span in spans] == [0, 1, 2]
        assert [span.attributes.get("http.response.status_code") for span in spans] == [503, None, 404]
        assert {span.status.status_code for span in spans} == {trace.StatusCode.ERROR}
        assert ID not in "".join(span.to_json() for span in spans)
