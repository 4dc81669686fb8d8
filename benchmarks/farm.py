"""
Measure what the job of a render node costs a real server, and compute from it what a farm does to that server.

    python benchmarks/farm.py                                # the tables of the README: takes a minute
    python benchmarks/farm.py --jobs 40 --nodes 500 --minutes 10

The server is a sandbox. Each job has a client of its own, as a process on a node has. Requests are counted where http.client
sends them; the seconds are those of the processor that all processes of the sandbox took.
"""

import argparse
import http.client
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any, Callable, Dict, List

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import gazu
from gazu._http.retries import FIRST_WAIT_SECONDS, MAX_ATTEMPTS, RetryBudget
from gazu_sandbox import Sandbox
from tests.endurance.show import picture

requests = 0
putrequest = http.client.HTTPConnection.putrequest


def count_request(*args: Any, **options: Any) -> Any:
    """Count a request, and send it."""
    global requests
    requests += 1
    return putrequest(*args, **options)


def server_seconds() -> float:
    """Return the seconds of the processor that the services of the sandbox have taken."""
    times = [one.cpu_times() for one in psutil.Process().children(recursive=True)]
    return sum(one.user + one.system + one.children_user + one.children_system for one in times)


def work(box: Any, jobs: int, folder: Path) -> Dict[str, Callable[[int], Any]]:
    """Make a production, and return what jobs do, by name; each is called with the number of the job."""
    gazu.set_host(box.host)
    gazu.log_in(box.email, box.password)
    project = gazu.project.new_project(uuid.uuid4().hex)
    sequence = gazu.shot.new_sequence(project, "SQ")
    kind = gazu.task.get_task_type_by_name("Compositing")
    shots = [gazu.shot.new_shot(project, sequence, f"SH{number:04}") for number in range(jobs)]
    tasks = [gazu.task.new_task(shot, kind) for shot in shots]
    bot = gazu.person.new_bot("Farm", f"{uuid.uuid4().hex}@example.com", role="supervisor")
    gazu.project.add_person_to_team(project, bot)
    path = folder / "render.png"
    path.write_bytes(picture(1))

    def log_in(number: int) -> None:
        gazu.log_in(box.email, box.password, client=gazu.client.create_client(box.host))

    def session() -> Any:
        client = gazu.client.create_client(box.host)
        gazu.set_token(bot["access_token"], client=client)
        return client

    def read(number: int) -> None:
        client = session()
        task = gazu.task.get_task(tasks[number]["id"], client=client)
        gazu.shot.get_shot(task["entity_id"], client=client)
        gazu.casting.get_shot_casting(shots[number], client=client)

    def report(number: int) -> None:
        gazu.shot.update_shot_data(shots[number], {"rendered": number}, client=session())

    def publish(number: int) -> None:
        client = session()
        status = gazu.task.get_task_status_by_short_name("wfa", client=client)
        gazu.task.publish_preview(tasks[number], status, "rendered", preview_file_path=str(path), client=client)

    return {
        "log in with a password": log_in,
        "read a task, its shot and its casting": read,
        "write a value to the data of a shot": report,
        "publish a picture": publish,
    }


def measure(function: Callable[[int], Any], jobs: int) -> List[float]:
    """Return requests, seconds of the server's processor, and seconds of waiting for one job."""
    global requests
    function(0)
    requests, cpu, start = 0, server_seconds(), time.perf_counter()
    for number in range(1, jobs):
        function(number)
    return [each / (jobs - 1) for each in (requests, server_seconds() - cpu, time.perf_counter() - start)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--jobs", type=int, default=40)
    parser.add_argument("--nodes", type=int, default=500)
    parser.add_argument("--minutes", type=float, nargs="*", default=[1, 10, 60], help="that a job takes")
    parser.add_argument("--cores", type=int, default=4, help="of the server")
    options = parser.parse_args()
    http.client.HTTPConnection.putrequest = count_request  # type: ignore[method-assign]
    with Sandbox(jobs=False) as box, tempfile.TemporaryDirectory() as folder:
        found = {name: measure(one, options.jobs) for name, one in work(box, options.jobs, Path(folder)).items()}
    print("| a job that has to | requests | CPU of the server | seconds |\n| --- | --- | --- | --- |")
    for name, (count, cpu, seconds) in found.items():
        print(f"| {name} | {count:.1f} | {cpu * 1000:.0f} ms | {seconds:.2f} |")
    rows = [found[name] for name in list(found)[1:]]
    count, cpu = (sum(row[place] for row in rows) for place in (0, 1))
    nodes, cores = options.nodes, options.cores
    print(f"\n| {nodes} nodes, a job of all but the log-in takes | requests per second | cores of the server |")
    print("| --- | --- | --- |")
    for minutes in options.minutes:
        print(f"| {minutes:g} min | {nodes * count / minutes / 60:.1f} | {nodes * cpu / minutes / 60:.2f} |")
    print(f"\nAll at once: {nodes * cpu / cores:.0f} s on {cores} cores; with a log-in of each,", end=" ")
    print(f"{nodes * (cpu + next(iter(found.values()))[1]) / cores:.0f} s.")
    waits = sum(FIRST_WAIT_SECONDS * 2**number for number in range(MAX_ATTEMPTS - 1))
    print(
        f"While the server is down: {nodes * MAX_ATTEMPTS:,} requests in {waits:.1f} s, where {nodes} calls fail;",
        end=" ",
    )
    print(f"if nodes go on calling, {nodes * RetryBudget.CAPACITY:,.0f} retries at most, then one request per call.")


if __name__ == "__main__":
    main()
