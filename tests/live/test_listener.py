"""The listener of events on a real server: nothing is lost, doubled or out of order. `tox -e endurance` has the long one."""

import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Callable, Iterator, List
from urllib.parse import urlsplit

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.exception import NotAllowedException
from gazu_sandbox import Sandbox

from ..waiting import until

ROOT = Path(__file__).parents[2]
#: The example of the page.
SERVICE = (ROOT / "docs/how-to/event-service.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]


class Cable:
    """A line to a server that can be cut: "reset" is noticed at once, "silent" is not."""

    def __init__(self, address: str) -> None:
        self.server = urlsplit(address)
        self.cut = ""
        self.links: List[socket.socket] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.socket.getsockname()[1]}{self.server.path}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            try:
                near = self.socket.accept()[0]
            except OSError:
                return
            if self.cut:
                near.close()
                continue
            far = socket.create_connection((self.server.hostname, self.server.port))
            self.links += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    def carry(self, one: socket.socket, other: socket.socket) -> None:
        try:
            piece = one.recv(65536)
            while piece and self.cut != "silent":
                other.sendall(piece)
                piece = one.recv(65536)
        except OSError:
            pass
        if self.cut != "silent":
            self.close(one, other)

    def close(self, *links: socket.socket) -> None:
        for link in links:
            try:
                link.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            link.close()

    def break_(self, how: str) -> None:
        self.cut = how
        if how == "reset":
            self.close(*self.links)

    def mend(self) -> None:
        self.cut = ""
        self.close(*self.links)


@pytest.fixture
def cables(box: Any) -> Iterator[List[Cable]]:
    """Those of the API and of the event stream."""
    cables = [Cable(box.host), Cable(box.event_host)]
    yield cables
    for cable in cables:
        cable.socket.close()
        cable.mend()


@pytest.fixture
def kind(admin: KitsuClient, unique: Callable[[str], str]) -> Any:
    return gazu.asset.new_asset_type(unique("Prop"))


@pytest.fixture
def make(project: Any, kind: Any, unique: Callable[[str], str]) -> Callable[[int], List[str]]:
    """Make so many assets one after the other, and return their ids."""
    return lambda count: [gazu.asset.new_asset(project, kind, unique("Lamp"))["id"] for _ in range(count)]


def assets(received: List[Any]) -> List[str]:
    return [data["asset_id"] for data in received]


# -- what comes ----------------------------------------------------------------
def test_events_come_once_in_order_with_the_data_of_the_stream(project: Any, make: Any, admin: KitsuClient) -> None:
    received: List[Any] = []
    listener = gazu.events.Listener(project=project)
    listener.on("asset:new", received.append)
    streamed: List[Any] = []
    stream = gazu.events.init(reconnection=False)
    gazu.events.add_listener(stream, "asset:new", streamed.append)
    with listener:
        until(lambda: listener.connected)
        made = make(30)
        until(lambda: len(received) >= 30)
        until(lambda: len([data for data in streamed if data["project_id"] == project["id"]]) >= 30)
    stream.disconnect()
    assert assets(received) == made
    known = {row["id"]: row for row in gazu.sync.get_last_events(100, project=project, name="asset:new")}
    for data in received:
        assert known[data.pop("event_id")]["data"] == data
        assert data in streamed
    status = listener.status()
    assert (status.handled, status.failed, status.dropped, status.running) == (30, 0, 0, False)


def test_what_the_server_does_not_log_comes_by_the_stream(work: Any, project: Any, make: Any) -> None:
    received: List[Any] = []
    listener = gazu.events.Listener(project=project)
    listener.on("comment:acknowledge", received.append)
    with listener:
        until(lambda: listener.connected)
        wip = gazu.task.get_task_status_by_short_name("wip")
        comment = gazu.task.add_comment(work.task["asset"], wip, "Look")
        gazu.task.acknowledge_comment(work.task["asset"], comment)
        until(lambda: received)
    assert received[0]["comment_id"] == comment["id"] and "event_id" not in received[0]
    logged = {row["name"] for row in gazu.sync.get_last_events(1000, project=project)}
    assert "comment:new" in logged and "comment:acknowledge" not in logged


def test_imports_say_ids_as_all_others(project: Any, make: Any, kind: Any) -> None:
    """Zou 1.0.97 says `Asset_id` where an asset is imported."""
    logged: List[Any] = []
    streamed: List[Any] = []
    listener = gazu.events.Listener(project=project)
    listener.on("asset:new", logged.append)
    listener.on("asset:new", streamed.append, queue="stream", stream_only=True)
    with listener:
        until(lambda: listener.connected)
        row = {"id": str(uuid.uuid4()), "name": "Imported", "type": "Asset", "entity_type_id": kind["id"]}
        row["project_id"] = project["id"]
        gazu.raw.post("import/kitsu/entities", [row])
        until(lambda: logged and streamed)
    assert assets(logged) == assets(streamed) == [row["id"]]
    (event,) = gazu.sync.get_last_events(10, project=project, name="asset:new")
    assert event["data"]["Asset_id"] == row["id"], "Zou has mended it"


def test_what_was_given_up_comes_back(project: Any, make: Any, tmp_path: Path) -> None:
    received: List[Any] = []
    letters = tmp_path / "letters.jsonl"

    def handle(data: Any) -> None:
        received.append(data)
        gazu.asset.get_asset(data["asset_id"])["no such key"]

    listener = gazu.events.Listener(
        project=project,
        on_error=lambda failure: gazu.events.RETRY if failure.attempt < 2 else gazu.events.SKIP,
        dead_letters=letters,
    )
    listener.on("asset:new", handle)
    with listener:
        until(lambda: listener.connected)
        made = make(2)
        until(lambda: listener.status().handled == 2)
    assert assets(received) == [made[0], made[0], made[1], made[1]]
    mended = gazu.events.Listener()
    again: List[Any] = []
    mended.on("asset:new", again.append)
    assert mended.replay(letters) == [] and again == [received[0], received[2]]
    assert letters.read_text() == ""


# -- who may -------------------------------------------------------------------
def test_who_may_not_read_the_log_is_refused_and_may_use_the_stream(
    artist: Any, box: Any, project: Any, make: Any
) -> None:
    gazu.set_event_host(box.event_host, client=artist.client)
    received: List[Any] = []
    refused = gazu.events.Listener(client=artist.client)
    refused.on("asset:new", received.append)
    with pytest.raises(NotAllowedException, match="may not read the log of events"):
        refused.start()
    assert not refused.status().running
    listener = gazu.events.Listener(project=project, stream_only=True, client=artist.client)
    listener.on("asset:new", received.append)
    with listener:
        until(lambda: listener.connected)
        made = make(1)
        until(lambda: received)
    assert assets(received) == made


def test_a_manager_receives_events_of_their_own_productions(
    artist: Any, box: Any, project: Any, kind: Any, make: Any, unique: Any
) -> None:
    gazu.person.update_person({"id": artist.person["id"], "role": "manager"})
    gazu.set_event_host(box.event_host, client=artist.client)
    received: List[Any] = []
    listener = gazu.events.Listener(client=artist.client)
    listener.on("asset:new", received.append)
    with listener:
        until(lambda: listener.connected)
        other = gazu.project.new_project(unique("Other"))
        gazu.asset.new_asset(other, kind, "Not for them")
        made = make(2)
        until(lambda: len(received) >= 2)
    assert assets(received) == made


# -- what breaks ---------------------------------------------------------------
@pytest.mark.parametrize("how", ("reset", "silent"))
def test_a_network_that_is_cut(how: str, cables: List[Cable], project: Any, make: Any, admin: KitsuClient) -> None:
    client = KitsuClient(cables[0].address, access_token=admin.access_token, timeout=1)
    gazu.set_event_host(cables[1].address, client=client)
    received: List[Any] = []
    listener = gazu.events.Listener(project=project, client=client)
    listener.on("asset:new", received.append)
    with listener:
        until(lambda: listener.connected)
        made = make(3)
        until(lambda: len(received) == 3)
        for cable in cables:
            cable.break_(how)
        made += make(3)
        if how == "reset":  # the silent one is known only when somebody has waited in vain
            until(lambda: "cannot be" in (listener.status().problem or ""))
        assert len(received) == 3
        for cable in cables:
            cable.mend()
        until(lambda: len(received) >= 6)
        until(lambda: listener.status().problem is None and listener.connected)
        made += make(3)
        until(lambda: len(received) >= 9)
    assert assets(received) == made
    assert how == "silent" or listener.status().replayed >= 3
    client.session.close()


def test_a_service_goes_on_where_it_was_killed(box: Any, project: Any, make: Any, tmp_path: Path) -> None:
    """The service is the example of the page on services."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "KITSU_SERVER": box.host,
        "KITSU_EVENT_SERVER": box.event_host,
        "KITSU_LOGIN": box.email,
        "KITSU_PWD": box.password,
    }
    checkpoint = tmp_path / ".cache" / "my-service" / "events.json"

    def serve() -> Any:
        command = [sys.executable, "-c", SERVICE]
        service = ending.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment))
        ending.callback(service.kill)  # else it would receive the assets of other tests
        return service

    def read(service: Any, last: str) -> List[str]:
        lines: List[str] = []
        while last not in lines:
            lines.append(service.stdout.readline().strip())
            assert service.poll() is None, lines
        return lines

    def named(made: List[str]) -> List[str]:
        return ["new: " + gazu.entity.get_entity(asset)["name"] for asset in made]

    with ExitStack() as ending:
        first = serve()
        until(lambda: checkpoint.exists() and "until" in checkpoint.read_text())
        names = named(make(5))
        received = read(first, names[-1])
        first.kill()
        names += named(make(3))
        second = serve()
        received += read(second, names[-1])
        second.send_signal(signal.SIGTERM)
        received += second.communicate(timeout=120)[0].split("\n")
        assert second.returncode == 0
    received = [line for line in received if line in names]  # it listens to all productions
    # If the kill came between the print and its record, this one event comes again.
    assert received in (names, [*names[:5], *names[4:]])


def test_a_restart_of_the_event_stream_while_tokens_expire(second_server: Sandbox, unique: Any, tmp_path: Path) -> None:
    """On the second server, as others are not to be without their stream."""
    client = KitsuClient(second_server.host)
    gazu.set_event_host(second_server.event_host, client=client)
    gazu.log_in(second_server.email, second_server.password, client=client)
    token = client.access_token
    kind = gazu.asset.new_asset_type(unique("Prop"), client=client)
    project = gazu.project.new_project(unique("Short"), client=client)
    made: List[str] = []
    received: List[Any] = []

    def make(count: int) -> None:
        for _ in range(count):
            made.append(gazu.asset.new_asset(project, kind, f"Lamp {len(made)}", client=client)["id"])

    def listen() -> Any:
        listener = gazu.events.Listener(tmp_path / "checkpoint", client=client)
        listener.on("asset:new", received.append)
        listener.start()
        return listener

    first = listen()
    until(lambda: first.connected)
    writer = threading.Thread(target=make, args=(45,))
    writer.start()
    until(lambda: len(made) > 15, 60)
    second_server.restart_service("events")
    writer.join(120)
    until(lambda: first.connected, 60)
    assert first.stop(30)
    make(5)
    until(lambda: make(1) or client.access_token != token, 60)
    later = listen()
    make(15)
    until(lambda: len(received) >= len(made), 60)
    assert later.stop(30)
    assert assets(received) == made
    assert later.status().replayed >= 5
    client.session.close()
