"""Set-ups from tables that are killed between any two requests, or lose every second response, at three sizes."""

import json
import random
import signal
import subprocess
import sys
import uuid
from typing import Any, Dict, Iterator, Optional, Tuple

import pytest

import gazu
import gazu.bulk
from gazu_sandbox import Sandbox

from ..shows import Lossy, fill, show
from .push import MOMENTS

WAYS = ("import", "posts")
#: Sequences, and shots of each: 12, 51 and 366 rows.
SIZES = ((1, 2), (3, 4), (6, 15))
#: Writes of the larger sizes at which a process is killed.
KILLED = 6


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(workers=2, jobs=False) as box:
        gazu.set_host(box.host)
        gazu.log_in(box.email, box.password)
        yield box


def new_project() -> Any:
    """Make a project in which somebody has begun by hand."""
    project = gazu.project.new_project(f"Film {uuid.uuid4().hex[:8]}")
    sequence = gazu.shot.new_sequence(project, "SQ00")
    by_hand: Any = {"description": "by hand", "data": {"mood": "sad"}}
    shot = gazu.shot.new_shot(project, sequence, "SH00", nb_frames=1, **by_hand)
    gazu.shot.new_shot(project, sequence, "SH99", **by_hand)
    bush = gazu.asset.new_asset(project, gazu.asset.get_asset_type_by_name("Prop"), "Bush")
    gazu.casting.update_shot_casting(project, shot, [{"asset_id": bush["id"], "nb_occurences": 7}])
    return project


def run(
    box: Sandbox, project: Any, way: str, size: Tuple[int, int], *killing: Any
) -> Tuple[int, Optional[Dict[str, int]]]:
    """Apply the table in a process of its own; return its status and its report."""
    words = [box.host, box.email, box.password, project["id"], way, *size, *killing]
    command = [sys.executable, "-m", "tests.endurance.set_up", *map(str, words)]
    done = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", timeout=600)
    return done.returncode, json.loads(done.stdout) if done.stdout else None


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("way", WAYS)
def test_killed_and_started_again(box: Sandbox, way: str, size: Tuple[int, int]) -> None:
    undisturbed = new_project()
    status, report = run(box, undisturbed, way, size)
    assert status == 0 and report is not None
    assert (report["failed"], report["unknown"]) == (0, 0)
    chance = random.Random(f"{way} {size}")
    writes = range(1, report["writes"] + 1)
    points = writes if size == SIZES[0] else sorted(chance.sample(writes, min(KILLED, len(writes))))
    for write in points:
        project, killing = new_project(), (write, chance.choice(MOMENTS))
        killed, _ = run(box, project, way, size, *killing)
        assert killed == -signal.SIGKILL, killing
        status, report = run(box, project, way, size)
        assert status == 0 and report is not None, killing
        assert (report["failed"], report["unknown"]) == (0, 0), killing
        assert show(project) == show(undisturbed), killing
        again = run(box, project, way, size)[1] or {}
        assert again == {
            "made": 0, "changed": 0, "same": again["same"],
            "failed": 0, "unknown": 0, "writes": 0,
        }  # fmt: skip


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("way", WAYS)
def test_every_second_response_is_lost(box: Sandbox, way: str, size: Tuple[int, int]) -> None:
    undisturbed, project = new_project(), new_project()
    assert run(box, undisturbed, way, size)[0] == 0
    me = gazu.client.get_current_user()
    with Lossy(box.host) as proxy, proxy.client_of(gazu.client.default_client) as client:
        proxy.losing = True
        report = fill(gazu.bulk.Setup(project, client=client), *size, people=(me,)).apply(way=way)
        assert (report.failed, report.unknown) == ([], [])
    assert show(project) == show(undisturbed)
    again = run(box, project, way, size)[1] or {}
    assert (again["made"], again["changed"], again["writes"]) == (0, 0, 0)
