"""Set up a show with the gazu of this interpreter: `bulk_case.py HOST EMAIL PASSWORD PROJECT HOW MILLISECONDS SIZES`.

HOW is `loop` (functions for single records, of any release), `import` or `posts` (gazu.bulk). Each request takes so many
milliseconds more. SIZES are five numbers: sequences, shots, assets, tasks, links. Print one JSON line: seconds, requests,
seconds of CPU, and MiB above what the process used before.
"""

import http.client
import json
import sys
import threading
import time
from typing import Any

import gazu

HOST, EMAIL, PASSWORD, PROJECT, HOW = sys.argv[1:6]
DELAY_SECONDS = float(sys.argv[6]) / 1000
SEQUENCES, SHOTS, ASSETS, TASKS, LINKS = map(int, sys.argv[7:12])
TYPES = ("Layout", "Animation", "Lighting", "Compositing", "FX")

requests = 0
lock = threading.Lock()
getresponse = http.client.HTTPConnection.getresponse


def respond(*args: Any, **options: Any) -> Any:
    """Count a response, and let it take longer."""
    global requests
    with lock:
        requests += 1
    time.sleep(DELAY_SECONDS)
    return getresponse(*args, **options)


def memory(which: str) -> float:
    """Return the current (VmRSS) or peak (VmHWM) memory of the process in MiB; getrusage includes the parent's."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(which)) / 1024


def loop(project: Any, person: Any) -> None:
    """Make everything with the functions for single records."""
    types = [gazu.task.get_task_type_by_name(name) for name in TYPES]
    kind = gazu.asset.get_asset_type_by_name("Character")
    assets = [gazu.asset.new_asset(project, kind, f"AS{number:04}") for number in range(ASSETS)]
    sequences = [gazu.shot.new_sequence(project, f"SQ{number:04}") for number in range(SEQUENCES)]
    for number in range(SHOTS):
        shot = gazu.shot.new_shot(project, sequences[number % SEQUENCES], f"SH{number:05}", nb_frames=100)
        for task_type in types[: TASKS // SHOTS]:
            gazu.task.new_task(shot, task_type, assignees=[person])
        cast = [assets[(number + place) % ASSETS] for place in range(LINKS // SHOTS)]
        rows = [{"asset_id": asset["id"], "nb_occurences": 1} for asset in cast]
        gazu.casting.update_shot_casting(project, shot, rows)


def table(project: Any, person: Any) -> Any:
    """Return the same as a set-up."""
    setup = gazu.bulk.Setup(project)
    assets = [setup.asset("Character", f"AS{number:04}") for number in range(ASSETS)]
    sequences = [setup.sequence(f"SQ{number:04}") for number in range(SEQUENCES)]
    for number in range(SHOTS):
        shot = setup.shot(sequences[number % SEQUENCES], f"SH{number:05}", nb_frames=100)
        for name in TYPES[: TASKS // SHOTS]:
            setup.task(shot, name, assignees=[person])
        setup.cast(shot, {assets[(number + place) % ASSETS]: 1 for place in range(LINKS // SHOTS)})
    return setup


def main() -> None:
    gazu.set_host(HOST)
    gazu.log_in(EMAIL, PASSWORD)
    project, person = gazu.project.get_project(PROJECT), gazu.client.get_current_user()
    if HOW != "loop":
        gazu.bulk  # noqa: B018  (loaded before the memory is read)
    http.client.HTTPConnection.getresponse = respond  # type: ignore[method-assign]
    before, start, cpu = memory("VmRSS"), time.perf_counter(), time.process_time()
    if HOW == "loop":
        loop(project, person)
    else:
        table(project, person).apply(way=HOW).raise_for_failed()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    grown = max(0.0, memory("VmHWM") - before)
    print(json.dumps({"seconds": seconds, "requests": requests, "cpu": cpu, "memory": grown}))


if __name__ == "__main__":
    main()
