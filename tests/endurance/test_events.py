"""Thousands of events while everything around the listener breaks: each is handled once, in order."""

import threading
from collections import Counter
from pathlib import Path
from typing import Any, Callable, Dict, List

import gazu
from gazu.client import KitsuClient
from gazu.exception import GazuException
from gazu_sandbox import Sandbox

from ..waiting import until

EVENTS = 5000
AT_ONCE = 50
#: Seconds that an access token lives: it expires many times.
ACCESS = 10
NAMES = ("asset:new", "task:new")


class Writers:
    """Two threads that make assets one by one, and one that makes tasks in bursts."""

    def __init__(self, box: Sandbox) -> None:
        self.client = client = gazu.create_session(box.host, box.email, box.password, use_refresh_token=True)
        self.project = gazu.project.new_project("Long", client=client)
        self.kind = gazu.asset.new_asset_type("Prop", client=client)
        self.assets = [self.new_asset(f"First {number}") for number in range(AT_ONCE)]
        #: What each thread made, in its order; what got lost with an answer is not in it.
        self.made: List[List[str]] = [[], [], []]
        self.done = threading.Event()
        self.threads = [threading.Thread(target=self.write, args=(number,)) for number in range(3)]

    def new_asset(self, name: str) -> str:
        return str(gazu.asset.new_asset(self.project, self.kind, name, client=self.client)["id"])

    def new_tasks(self, name: str) -> List[str]:
        kind = gazu.task.new_task_type(name, client=self.client)
        path = f"actions/projects/{self.project['id']}/task-types/{kind['id']}/assets/create-tasks"
        rows = gazu.client.post(path, self.assets, client=self.client)
        return [row["id"] for row in rows]

    def write(self, writer: int) -> None:
        number = 0
        while not self.done.is_set():
            number += 1
            try:
                name = f"{writer} {number}"
                self.made[writer] += self.new_tasks(name) if writer == 2 else [self.new_asset(name)]
            except GazuException:  # the API is away: what became of it, the log says
                self.done.wait(0.1)

    def written(self) -> int:
        return sum(map(len, self.made))


class Handled(List[Any]):
    """The events that a handler was called with: (id of the event, id of what it is about)."""

    def handle(self, data: Dict[str, Any]) -> None:
        self.append((data["event_id"], data.get("task_id") or data.get("asset_id")))
        if len(self) % 500 == 0:
            raise RuntimeError("a handler may fail")


def test_each_event_is_handled_once_and_in_order(start: Callable[..., Sandbox], tmp_path: Path) -> None:
    box = start(access_seconds=ACCESS, refresh_seconds=3600)
    client = KitsuClient(box.host)
    gazu.set_event_host(box.event_host, client=client)
    gazu.log_in(box.email, box.password, client=client)
    tokens = {client.access_token}
    writers, handled, slowly, held = Writers(box), Handled(), Handled(), threading.Event()

    def slow(data: Dict[str, Any]) -> None:
        held.wait(600)
        slowly.handle(data)

    def listener() -> Any:
        made = gazu.events.Listener(tmp_path / "checkpoint.json", client=client)
        for name in NAMES:
            made.on(name, handled.handle)
        made.on("asset:new", slow, queue="slow")
        return made

    first = listener()
    first.start()
    until(lambda: first.connected)
    for thread in writers.threads:
        thread.start()

    until(lambda: writers.written() > EVENTS * 0.2, 300)
    box.restart_service("events")
    tokens.add(client.access_token)
    until(lambda: writers.written() > EVENTS * 0.4, 300)
    box.restart_service("api")
    tokens.add(client.access_token)
    until(lambda: writers.written() > EVENTS * 0.6, 300)
    until(lambda: len(handled) > EVENTS * 0.5 and first.connected, 60)
    status = first.status()
    assert status.replayed and not status.dropped
    assert slowly == []  # one queue waits, the other does not
    held.set()
    assert first.stop(60)
    until(lambda: writers.written() > EVENTS * 0.8, 300)
    second = listener()
    second.start()
    until(lambda: writers.written() > EVENTS, 300)
    tokens.add(client.access_token)
    writers.done.set()
    for thread in writers.threads:
        thread.join(60)

    log = [row for row in gazu.sync.get_last_events(10**6, project=writers.project, client=client)][::-1]
    assets = {*writers.assets}  # they were there before
    log = [row for row in log if row["name"] in NAMES and (row["data"] or {}).get("asset_id") not in assets]
    until(
        lambda: len(handled) >= len(log) and len(slowly) >= len([1 for row in log if row["name"] == "asset:new"]), 300
    )
    assert second.stop(60)
    status = second.status()

    assert Counter(id for id, _ in handled) == Counter(row["id"] for row in log)
    assert Counter(id for id, _ in slowly) == Counter(row["id"] for row in log if row["name"] == "asset:new")
    place = {about: number for number, (_, about) in enumerate(handled)}
    for made in writers.made:
        places = [place[about] for about in made]
        assert places == sorted(places)
    order = {row["id"]: number for number, row in enumerate(log)}
    swapped = sum(order[one] > order[two] for (one, _), (two, _) in zip(handled, handled[1:]))
    assert len(log) > EVENTS and len(tokens) > 2
    print(f"\n{len(log)} events, each handled once, {status.replayed} replayed after the last start,")
    print(f"{swapped} pairs of events of different writers in the order of their saving, not of their dates")
