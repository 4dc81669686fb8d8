"""Events that are handed on to RQ: an event that comes again is the same job. `tox -e endurance` kills workers, too."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
import redis
import rq

import gazu

from ..waiting import until
from .job_queue import Redis, log_in_of, modules

#: Ends the process after an event was handed on, and before that is recorded.
KILLED_ONCE = """
import os
from gazu.events.checkpoint import CheckpointStore
commit = CheckpointStore.commit
def killed(self, *args):
    if os.path.exists("armed") and not os.path.exists("killed"):
        open("killed", "w").close()
        os.kill(os.getpid(), 9)
    commit(self, *args)
CheckpointStore.commit = killed
"""
#: Logs each run of a job.
COUNTED = """
_draw = draw
def draw(data):
    with open(os.environ["RUNS"], "a") as file:
        file.write(data["event_id"] + chr(10))
    _draw(data)
"""


@pytest.fixture
def signals() -> Iterator[None]:
    """Put back the signal handlers that a worker of RQ installs."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before):
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
def test_an_event_that_comes_again_is_the_same_job(
    box: Any, project: Any, unique: Callable[[str], str], tmp_path: Path, monkeypatch: Any
) -> None:
    with Redis(tmp_path) as server, redis.Redis.from_url(server.url) as connection:
        environment = {**os.environ, **log_in_of(box), "REDIS_URL": server.url}
        modules(tmp_path, environment, extra=COUNTED, before=KILLED_ONCE)
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.setenv("PICTURES", environment["PICTURES"])
        monkeypatch.setenv("RUNS", str(tmp_path / "runs"))
        kind = gazu.asset.new_asset_type(unique("Prop"))
        queue = rq.Queue("kitsu", connection=connection)
        checkpoint = tmp_path / "events.json"

        def serve() -> Any:
            return subprocess.Popen([sys.executable, "service_rq.py"], env=environment, cwd=tmp_path)

        def work() -> None:
            rq.SimpleWorker([queue], connection=connection).work(burst=True, logging_level="ERROR")

        first = serve()
        until(lambda: checkpoint.exists() and "main" in checkpoint.read_text())
        (tmp_path / "armed").touch()  # from now on, as other tests have events too
        for name in ("Lamp", "Fox"):
            gazu.asset.new_asset(project, kind, name)
        assert first.wait(60) == -signal.SIGKILL
        work()
        done = queue.finished_job_registry.get_job_ids()
        events = {row["id"] for row in gazu.sync.get_last_events(10, project=project, name="asset:new")}
        second = serve()
        until(lambda: all(rq.job.Job.exists(event, connection=connection) for event in events))
        second.terminate()
        assert second.wait(60) == 0
        work()
    runs = (tmp_path / "runs").read_text().split()
    assert done and set(done) <= set(runs) and len(events) == 2
    assert events <= set(runs) and len(runs) == len(set(runs))
    assert {*os.listdir(tmp_path / "pictures")} == {*runs}
