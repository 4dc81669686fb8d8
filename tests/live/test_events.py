"""The event stream and the log of log-ins of a real server."""

import datetime
import logging
import socket
import threading
import uuid
from typing import Any, Callable, Iterator, List, get_type_hints

import pytest
import socketio

import gazu
from gazu.client import KitsuClient
from gazu.events import names
from gazu.events.consumer import normalize_keys
from gazu.exception import ParameterException

from ..servers import events as zou_events
from ..waiting import until

Unique = Callable[[str], str]
PASSWORD = "a secret of 7 words"


@pytest.fixture
def stream(admin: KitsuClient) -> Iterator[Any]:
    connection = gazu.events.init(reconnection=False)
    yield connection
    connection.disconnect()


@pytest.fixture
def asset_type(admin: KitsuClient, unique: Unique) -> Any:
    return gazu.asset.new_asset_type(unique("Prop"))


@pytest.fixture
def jane(new_person: Any) -> Any:
    return new_person(password=PASSWORD)


class Received(List[Any]):
    """What was received of one project, in order: (name of the event, id)."""

    def __init__(self, stream: Any, project: Any, *names: str) -> None:
        super().__init__()
        for name in names:
            assert gazu.events.add_listener(stream, name, self.receiver(project, name)) is stream

    def receiver(self, project: Any, name: str) -> Callable[[Any], None]:
        key = name.split(":")[0] + "_id"

        def receive(data: Any) -> None:
            if data.get("project_id") == project["id"]:
                self.append((name, data[key]))

        return receive


# -- events --------------------------------------------------------------------
def test_events_come_in_order_over_a_websocket(stream: Any, project: Any, asset_type: Any) -> None:
    received = Received(stream, project, "asset:new", "asset:update", "asset:delete", "episode:new")
    assert stream.transport() == "websocket"
    assets = [gazu.asset.new_asset(project, asset_type, f"Lamp {number}") for number in range(5)]
    episode = gazu.shot.new_episode(project, "E07")
    gazu.asset.update_asset({"id": assets[0]["id"], "description": "Bright"})
    for asset in assets:
        gazu.asset.remove_asset(asset)
    until(lambda: len(received) >= 12)
    ids = [asset["id"] for asset in assets]
    assert received == [
        *[("asset:new", id) for id in ids],
        ("episode:new", episode["id"]),
        ("asset:update", ids[0]),
        *[("asset:delete", id) for id in ids],
    ]


def test_events_of_a_task(stream: Any, project: Any, asset_type: Any, jane: Any, unique: Unique) -> None:
    received = Received(stream, project, "task:new", "task:assign", "comment:new", "task:unassign")
    events_of_tasks: Any = []
    gazu.events.add_listener(stream, "task:assign", events_of_tasks.append)
    task_type = gazu.task.new_task_type(unique("Modeling"))
    gazu.client.post(f"data/projects/{project['id']}/settings/task-types", {"task_type_id": task_type["id"]})
    gazu.project.add_person_to_team(project, jane)
    task = gazu.task.new_task(gazu.asset.new_asset(project, asset_type, "Lamp"), task_type)
    gazu.task.assign_task(task, jane)
    comment = gazu.task.add_comment(task, gazu.task.get_task_status_by_short_name("wip"), "Going on")
    until(lambda: len(received) >= 2 and events_of_tasks)
    # A listener takes the place of the one that this event had.
    assert received == [("task:new", task["id"]), ("comment:new", comment["id"])]
    assert [
        (data["task_id"], data["person_id"]) for data in events_of_tasks if data["project_id"] == project["id"]
    ] == [(task["id"], jane["id"])]


def test_a_client_listens_until_its_connection_is_closed(stream: Any, project: Any, asset_type: Any) -> None:
    received, ended = Received(stream, project, "asset:new"), []
    thread = threading.Thread(target=lambda: ended.append(gazu.events.run_client(stream)))
    thread.start()
    asset = gazu.asset.new_asset(project, asset_type, "Lamp")
    until(lambda: received)
    assert (received, ended) == ([("asset:new", asset["id"])], [])
    stream.disconnect()
    thread.join(30)
    assert ended == [stream]
    assert not stream.connected
    gazu.asset.new_asset(project, asset_type, "Late")
    assert len(received) == 1


@pytest.mark.parametrize("ending", ["", "/", "/api", "/socket.io"])
def test_clients_and_addresses_of_all_kinds(ending: str, box: Any, project: Any, asset_type: Any, jane: Any) -> None:
    gazu.project.add_person_to_team(project, jane)
    with gazu.create_session(box.host, jane["email"], PASSWORD) as client:
        gazu.set_event_host(box.event_host + ending, client=client)
        stream = gazu.events.init(client, ssl_verify=False, reconnection=False, logger=False, request_timeout=20)
        try:
            received = Received(stream, project, "asset:new")
            asset = gazu.asset.new_asset(project, asset_type, "Lamp")
            until(lambda: received)
            assert received == [("asset:new", asset["id"])]
        finally:
            stream.disconnect()


def test_a_namespace_of_the_user_takes_the_place_of_ours(admin: KitsuClient, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG, "gazu")
    gone: Any = []

    class Mine(gazu.events.EventsNamespace):  # type: ignore[misc, name-defined]
        def on_disconnect(self) -> None:
            super().on_disconnect()
            gone.append(self.namespace)

    stream = gazu.events.init(reconnection=False)
    until(lambda: "connected to the event stream" in caplog.text)
    stream.register_namespace(Mine("/events"))
    stream.disconnect()
    until(lambda: gone)
    assert gone == ["/events"]
    assert "disconnected from the event stream" in caplog.text
    assert Mine("/events").on_error({"message": "broken"}) == {"message": "broken"}
    assert "broken" in caplog.text
    assert admin.access_token not in caplog.text


def test_a_stream_that_cannot_be_reached_is_an_error_and_in_the_log(box: Any, caplog: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        for host in (f"http://127.0.0.1:{taken.getsockname()[1]}", box.host + "/nowhere"):
            caplog.clear()
            client = KitsuClient(box.host, access_token="my-token")
            gazu.set_event_host(host, client=client)
            with pytest.raises(socketio.exceptions.ConnectionError):
                gazu.events.init(client, reconnection=False)
            assert "cannot be reached" in caplog.text
            assert "my-token" not in caplog.text
    assert gazu.events.connect_error("some data") == "some data"


# -- log-ins -------------------------------------------------------------------
def test_log_ins_are_in_the_log(box: Any, jane: Any) -> None:
    for _ in range(3):
        with gazu.create_session(box.host, jane["email"], PASSWORD):
            pass
    logs = gazu.events.get_last_login_logs(person_ids=jane)
    assert [row["person_id"] for row in logs] == [jane["id"]] * 3
    assert [row["created_at"] for row in logs] == sorted((row["created_at"] for row in logs), reverse=True)
    ids = [row["id"] for row in logs]

    def found(**criteria: Any) -> Any:
        return [row["id"] for row in gazu.events.get_last_login_logs(**{"person_ids": [jane["id"]], **criteria})]

    assert found(limit=2) == ids[:2]
    assert found(cursor_login_log_id=logs[0]) == found(cursor_login_log_id=ids[0]) == ids[1:]
    assert found(person_ids=[jane, uuid.uuid4()], limit=1) == ids[:1]
    year = datetime.timedelta(days=365)
    past, future = datetime.datetime.now() - year, datetime.date.today() + year
    assert found(after=past, before=future) == found(after=past.date(), before=str(future)) == ids
    assert found(after=future) == found(before="2020-01-01T10:00:00") == []
    assert set(ids) <= {row["id"] for row in gazu.events.get_last_login_logs(limit=1000)}


def test_mistakes(admin: KitsuClient) -> None:
    with pytest.raises(ValueError, match="not a valid date"):
        gazu.events.get_last_login_logs(after="01/01/2024")
    for bad in ({"person_ids": ["not-an-id"]}, {"cursor_login_log_id": 42}):
        with pytest.raises(ValueError, match="Wrong format"):
            gazu.events.get_last_login_logs(**bad)
    with pytest.raises(ParameterException):
        gazu.events.get_last_login_logs(cursor_login_log_id=uuid.uuid4())


# -- names -------------------------------------------------------------------------
def test_the_names_are_all_that_the_server_sends() -> None:
    """After a new Zou: `python -m tests.servers.events VERSION`."""
    sent = zou_events.events_of(zou_events.source_of(gazu.raw.get_api_version()))
    assert sent.keys() <= names.EVENT_NAMES and len(sent) > 190
    assert {event for event, (_, is_logged) in sent.items() if not is_logged} == names.STREAM_ONLY_EVENTS


def test_what_is_in_the_log_is_as_the_types_say(work: Any, project: Any) -> None:
    """All that the tests before this one did, too."""
    assert gazu.task.add_comment(work.task["asset"], gazu.task.get_task_status_by_short_name("wip"))
    checked = set()
    for event in gazu.sync.get_last_events(5000):
        kind = getattr(names, zou_events.class_of(event["name"]))
        fields = {**get_type_hints(kind), "sync": bool}
        for key, value in normalize_keys(event["data"]).items():
            wanted = fields[key]
            assert value is None or wanted is Any or isinstance(value, getattr(wanted, "__origin__", None) or wanted)
        checked.add(event["name"])
    assert checked <= names.EVENT_NAMES and {"comment:new", "task:update"} <= checked
