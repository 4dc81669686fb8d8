"""Events that are handed on to a job queue, while its workers and the listener are killed: each is done, none twice.

What runs is the code of docs/how-to/event-service.md.
"""

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Callable, Dict, List

import psutil
import pytest

import gazu
from gazu_sandbox import Sandbox

from ..live.job_queue import ENGINES, Redis, free_port, log_in_of, modules
from ..waiting import until

EVENTS = 60
#: Ends the process after a handler has handed an event on, and before that is recorded, for some of them.
KILLED_BEFORE_COMMIT = """
import os, random
from gazu.events.checkpoint import CheckpointStore
commit = CheckpointStore.commit
def killed(self, *args):
    if random.random() < 0.15:
        os.kill(os.getpid(), 9)
    commit(self, *args)
CheckpointStore.commit = killed
"""
#: Logs each run of a job, and lets it take its time before and after its effect.
SLOW_JOBS = """
import time
_draw = draw
def _log(mark, data):
    with open(os.environ["RUNS"], "a") as file:
        file.write(f"{mark} {data['event_id']}\\n")
def draw(data):
    _log("began", data)
    time.sleep(0.3)
    made = not os.path.exists(os.path.join(os.environ["PICTURES"], data["event_id"]))
    _draw(data)
    if made:
        _log("made", data)
    time.sleep(0.3)
"""


class Processes:
    """Processes that are started again whenever they end, and the killing of them, with their children."""

    def __init__(self, environment: Dict[str, str], folder: Path, **commands: List[str]) -> None:
        self.environment, self.folder, self.commands = environment, folder, commands
        self.running: Dict[str, Any] = {}
        self.starts: Counter = Counter()
        self.killed: Counter = Counter()
        self.ending = threading.Event()
        self.lock = threading.Lock()
        self.keeper = threading.Thread(target=self.keep)

    def keep(self) -> None:
        while not self.ending.wait(0.05):
            with self.lock:
                for name, command in self.commands.items():
                    if name not in self.running or self.running[name].poll() is not None:
                        log = open(self.folder / f"{name}.log", "ab")
                        self.running[name] = subprocess.Popen(
                            command, env=self.environment, cwd=self.folder, stdout=log, stderr=log
                        )
                        log.close()
                        self.starts[name] += 1

    def kill(self, name: str) -> None:
        with self.lock:
            if self.running[name].poll() is None:
                tree = psutil.Process(self.running[name].pid)
                for process in [tree, *tree.children(recursive=True)]:  # a machine ends as a whole
                    process.kill()
                self.running[name].wait()
                self.killed[name] += 1

    def __enter__(self) -> "Processes":
        self.keeper.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self.ending.set()
        self.keeper.join()
        for name in self.running:
            self.kill(name)


def commands(engine: str, port: int) -> Dict[str, List[str]]:
    """Return what runs beside the service."""
    python = [sys.executable, "-m"]
    address = f"tcp://127.0.0.1:{port}"
    worker = {
        "rq": [*python, "rq.cli", "worker", "kitsu", "--maintenance-interval", "5", "--job-monitoring-interval", "1"],
        "dask": [*python, "distributed.cli.dask_worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard"],
        "celery": [*python, "celery", "-A", "tasks", "worker", "-c", "1", "-l", "INFO", "--without-mingle"],
    }[engine]
    if engine == "celery":
        names = [["-n", f"{name}@%h"] for name in ("one", "two")]
        return {f"worker {number}": [*worker, *name] for number, name in enumerate(names)}
    return {f"worker {number}": worker for number in range(2)}


@pytest.mark.parametrize("engine", ENGINES)
def test_each_event_is_done_and_none_twice(engine: str, start: Callable[..., Sandbox], tmp_path: Path) -> None:
    if engine == "rq" and sys.platform == "win32":
        raise AssertionError("RQ needs fork")
    box = start()
    with ExitStack() as stack:
        redis = stack.enter_context(Redis(tmp_path))
        port = free_port()
        environment = {
            **os.environ,
            **log_in_of(box),
            "REDIS_URL": redis.url,
            "DASK_SCHEDULER": f"tcp://127.0.0.1:{port}",
            "RUNS": str(tmp_path / "runs"),
        }
        modules(tmp_path, environment, extra=SLOW_JOBS, before=KILLED_BEFORE_COMMIT)
        if engine == "celery":  # a killed worker's messages come back after an hour, if nobody says otherwise
            with open(tmp_path / "tasks.py", "a") as file:
                file.write("\napp.conf.broker_transport_options = {'visibility_timeout': 15}\n")
                file.write("app.conf.worker_prefetch_multiplier = 1\n")
        if engine == "dask":
            scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-dashboard", "--port", str(port)]
            running = stack.enter_context(subprocess.Popen([*scheduler, "--host", "127.0.0.1"], env=environment))
            stack.callback(running.kill)
        service = [sys.executable, f"service_{engine}.py"]
        processes = Processes(environment, tmp_path, service=service, **commands(engine, port))
        stack.enter_context(processes)
        client = gazu.create_session(box.host, box.email, box.password, use_refresh_token=True)
        until(lambda: (tmp_path / "events.json").exists() and "main" in (tmp_path / "events.json").read_text())
        made = write_and_kill(client, processes)
        log = gazu.sync.get_last_events(10**5, name="asset:new", client=client)
        events = {row["id"] for row in log if row["data"]["asset_id"] in made}
        pictures = Path(environment["PICTURES"])
        until(lambda: events <= {*os.listdir(pictures)}, 400)
        time.sleep(20)  # what would be done once too often has its time
    runs = [line.split() for line in (tmp_path / "runs").read_text().splitlines()]
    done = Counter(id for mark, id in runs if mark == "made")
    again = sum(mark == "began" for mark, _ in runs) - len(events)
    killed = sum(count for name, count in processes.killed.items() if name != "service")
    assert len(events) == EVENTS and {*done} <= events and max(done.values()) == 1
    assert {name for name in os.listdir(pictures) if "." not in name} == events
    assert processes.starts["service"] > 4 and killed > 4
    if engine == "rq":  # only jobs of workers that were killed ran again, not events that came again
        assert again <= killed
    print(f"\n{engine}: {EVENTS} events, each done once; the service was started {processes.starts['service']} times,")
    print(f"{killed} workers were killed, {again} jobs ran again")


def write_and_kill(client: Any, processes: Processes) -> List[str]:
    """Make assets, and kill one process after the other meanwhile; return the assets."""
    project = gazu.project.new_project("Many machines", client=client)
    kind = gazu.asset.new_asset_type("Prop", client=client)
    made: List[str] = []
    for number in range(EVENTS):
        made.append(gazu.asset.new_asset(project, kind, f"Lamp {number}", client=client)["id"])
        time.sleep(0.4)
        if number % 5 == 4:
            processes.kill(random.choice(["service", "worker 0", "worker 1", "worker 0", "worker 1"]))
    return made
