"""A production is copied by a process that is killed again and again, until both servers show the same."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Iterator

import pytest

import gazu
from gazu_sandbox import Sandbox

from .show import Show, Side, differences, sizes

ROOT = Path(__file__).parents[2]
KILLS = 6
SEED = int(os.environ.get("GAZU_ENDURANCE_SEED", "20"))


@pytest.fixture(scope="module")
def boxes() -> Iterator[Any]:
    with Sandbox(jobs=False) as one, Sandbox(jobs=False) as other:
        yield one, other


@contextlib.contextmanager
def started(boxes: Any, project: Any, temporary: Path) -> Iterator["subprocess.Popen[str]"]:
    one, other = boxes
    command = [
        sys.executable,
        "-m",
        "tests.endurance.push",
        one.host,
        other.host,
        one.email,
        one.password,
        project["id"],
    ]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment) as process:
        yield process


def killed_at(process: Any, share: float, chance: random.Random) -> bool:
    """Kill the process when it has done this share, a moment more or less; tell if it was still at work."""
    for line in process.stdout:
        if line.startswith("{"):
            process.wait()
            return False
        if float(line) >= share:
            time.sleep(chance.random() / 2)  # somewhere within the next pieces of work
            process.send_signal(signal.SIGKILL)
            process.stdout.read()
            return process.wait() == -signal.SIGKILL
    raise AssertionError(f"the push ended with {process.wait()} before it reported")


def report_of(process: Any) -> Any:
    *_, last = process.stdout
    assert process.wait() == 0
    return json.loads(last)


def test_a_push_that_is_killed_at_random_points(boxes: Any, tmp_path: Path) -> None:
    clients = [gazu.create_session(box.host, box.email, box.password) for box in boxes]
    ffmpeg = boxes[0].ffmpeg
    show = Show(clients[0], tmp_path, ffmpeg, SEED)
    project = show.make(assets=20, shots=200, tasks=1000, comments=2000, files=200, movies=20)
    chance = random.Random(SEED)
    points = sorted(chance.uniform(0.02, 0.95) for _ in range(KILLS))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    killed = 0
    for share in points:
        with started(boxes, project, temporary) as process:
            killed += killed_at(process, share, chance)
    assert killed >= 5, points

    with started(boxes, project, temporary) as process:
        report = report_of(process)
    assert report["failed"] == []
    sides = [Side(client, project["id"], ffmpeg) for client in clients]
    assert sizes(sides[0]) == sizes(sides[1])
    assert differences(*sides, tmp_path) == []

    with started(boxes, project, temporary) as process:
        again = report_of(process)
    assert again["failed"] == []
    assert {kind: count for kind, count in again["counts"].items() if count["created"] or count["updated"]} == {}
