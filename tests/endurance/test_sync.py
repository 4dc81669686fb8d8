"""A production is copied by a process that is killed again and again, at counted requests; then both servers show the same."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator

import pytest

import gazu
from gazu_sandbox import Sandbox

from .push import MOMENTS
from .show import Show, Side, differences, sizes

ROOT = Path(__file__).parents[2]
FILES, MOVIES = 200, 20
#: Each attachment, picture and movie is a request of its own: so many at least change something at the target.
WRITES = FILES + FILES // 2 + MOVIES
KILLS = 6
SEED = int(os.environ.get("GAZU_ENDURANCE_SEED", "20"))


@pytest.fixture(scope="module")
def boxes() -> Iterator[Any]:
    with Sandbox(jobs=False) as one, Sandbox(jobs=False) as other:
        yield one, other


def push(boxes: Any, project: Any, temporary: Path, *killing: Any) -> Any:
    """Push in a process of its own, and return how it ended, and its report or None."""
    one, other = boxes
    arguments = [one.host, other.host, one.email, one.password, project["id"], *map(str, killing)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.endurance.push", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout or "null")


def test_a_push_that_is_killed_at_random_points(boxes: Any, tmp_path: Path) -> None:
    clients = [gazu.create_session(box.host, box.email, box.password) for box in boxes]
    ffmpeg = boxes[0].ffmpeg
    show = Show(clients[0], tmp_path, ffmpeg, SEED)
    project = show.make(assets=20, shots=200, tasks=1000, comments=2000, files=FILES, movies=MOVIES)
    chance = random.Random(SEED)
    points = sorted(chance.sample(range(1, WRITES), KILLS))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for before, point in zip([0, *points], points):
        killing = point - before, chance.choice(MOMENTS)
        assert push(boxes, project, temporary, *killing) == (-signal.SIGKILL, None), killing

    status, report = push(boxes, project, temporary)
    assert (status, report["failed"]) == (0, [])
    sides = [Side(client, project["id"], ffmpeg) for client in clients]
    assert sizes(sides[0]) == sizes(sides[1])
    assert differences(*sides, tmp_path) == []

    status, again = push(boxes, project, temporary)
    assert (status, again["failed"]) == (0, [])
    assert {kind: count for kind, count in again["counts"].items() if count["created"] or count["updated"]} == {}
