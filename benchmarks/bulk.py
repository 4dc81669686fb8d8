"""
Compare setting up a show with gazu.bulk, and with a loop of a release of upstream from PyPI, on one real server.

    python benchmarks/bulk.py                                  # the table of the README: takes half an hour
    python benchmarks/bulk.py --sizes 2 20 4 60 40 --rounds 1  # small
    python benchmarks/bulk.py --sizes 10 500 20 2500 1500 --rounds 1 --milliseconds 0
    python benchmarks/bulk.py --rounds 0 --rows 20000          # memory, on a server that stores nothing

In each round, each way makes a new project on a sandbox: upstream's loop and gazu.bulk as an administrator, then gazu.bulk
as a manager. Ratios are medians of those within a round. `--milliseconds` are added to each request.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Dict, List

from run import HERE, UPSTREAM, environment

sys.path.insert(0, str(HERE.parent))

import gazu
from gazu_sandbox import Sandbox

WAYS = ("loop", "import", "posts")
NAMES = {"loop": "loop, upstream 1.3.1", "import": "gazu.bulk, administrator", "posts": "gazu.bulk, manager"}
PASSWORD = "not a secret"
KINDS = ("Sequence", "Shot", "Character")


def run_case(python: str, host: str, email: str, password: str, project_id: str, *words: Any) -> Dict[str, float]:
    """Run `bulk_case.py`, and return what it prints."""
    command = [python, str(HERE / "bulk_case.py"), host, email, password, project_id, *map(str, words)]
    # In another folder, so that no checkout in the working directory is imported by accident.
    result = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=tempfile.gettempdir())
    found: Dict[str, float] = json.loads(result.stdout)
    return found


def measure(box: Any, pythons: Dict[str, str], way: str, delay: float, sizes: List[int]) -> Dict[str, float]:
    """Make a project in one way, check what it has, and return the figures."""
    with gazu.create_session(box.host, box.email, box.password) as admin:
        project = gazu.project.new_project(f"{way} {uuid.uuid4().hex[:8]}", client=admin)
        email, password = box.email, box.password
        if way == "posts":
            email, password = f"{uuid.uuid4().hex}@example.com", PASSWORD
            person = gazu.person.new_person("Jo", "Bench", email, role="manager", password=PASSWORD, client=admin)
            gazu.project.add_person_to_team(project, person, client=admin)
        found = run_case(pythons[way], box.host, email, password, project["id"], way, delay, *sizes)
        shots = gazu.shot.all_shots_for_project(project, client=admin)
        tasks = gazu.task.all_tasks_for_project(project, client=admin)
        links = sum(shot["nb_entities_out"] for shot in shots)
        assert [len(shots), len(tasks), links] == [sizes[1], sizes[3], sizes[4]], (way, len(shots), len(tasks), links)
    return found


def compare(box: Any, pythons: Dict[str, str], delay: float, sizes: List[int], rounds: int) -> None:
    """Measure all ways in turn, and print their rows."""
    found = [{way: measure(box, pythons, way, delay, sizes) for way in WAYS} for _ in range(rounds)]
    for way in WAYS:
        seconds = " ".join(f"{one[way]['seconds']:.1f}" for one in found)
        ratios = {
            name: statistics.median(one[way][name] / max(one["loop"][name], 1e-9) for one in found)
            for name in ("seconds", "requests", "cpu")
        }
        cells = [NAMES[way], f"{delay:g} ms", f"{found[0][way]['requests']:.0f}", f"{ratios['requests']:.3f}", seconds]
        cells += [f"{ratios['seconds']:.2f}", f"{found[0][way]['cpu']:.2f}", f"{ratios['cpu']:.3f}"]
        print(f"| {' | '.join(cells)} | {max(one[way]['memory'] for one in found):.0f} MiB |", flush=True)


class Nothing(BaseHTTPRequestHandler):
    """A server that has no rows, and takes all: for the memory of the client alone."""

    protocol_version = "HTTP/1.1"
    user = {"id": str(uuid.uuid4()), "email": "a@example.com", "full_name": "A", "role": "admin", "name": "A"}
    types = [{"id": str(uuid.uuid4()), "name": name} for name in (*KINDS, "Scene", "Edit", "Episode", "Concept")]
    names = ("Layout", "Animation", "Lighting", "Compositing", "FX")
    task_types = [{"id": str(uuid.uuid4()), "name": name, "for_entity": "Shot"} for name in names]

    def do_GET(self) -> None:
        path = self.path.split("?")[0].rsplit("/", 1)[-1]
        rows = {"entity-types": self.types, "task-types": self.task_types, "persons": [self.user], "team": [self.user]}
        rows["task-status"] = [{"id": str(uuid.uuid4()), "is_default": True, "name": "Todo"}]
        single: Dict[str, Any] = {"authenticated": {"user": self.user}, "api": {"version": "1.0.97"}}
        is_project = "data/projects/" in self.path and self.path.count("/") == 4
        self.say(single.get(path) or ({"id": path} if is_project else rows.get(path, [])))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        login = {"login": True, "access_token": "a", "refresh_token": "b", "user": self.user}
        self.say(login if isinstance(body, dict) else [{"id": row["id"]} for row in body])

    do_PUT = do_POST

    def say(self, value: Any) -> None:
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Write nothing."""


def grow(python: str, rows: int) -> None:
    """Print the memory and the CPU of so many rows."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Nothing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"http://127.0.0.1:{server.server_address[1]}/api"
    sizes = [10, rows // 10, 20, rows // 2, rows // 10 * 3]
    found = run_case(python, host, "a@example.com", "a", str(uuid.uuid4()), "import", 0, *sizes)
    server.shutdown()
    each = found["cpu"] * 1e6 / rows
    print(f"| {rows:,} | {found['memory']:.1f} MiB | {found['cpu']:.2f} s | {each:.0f} µs |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--sizes", type=int, nargs=5, default=[10, 100, 20, 500, 300])
    parser.add_argument("--milliseconds", type=float, nargs="*", default=[0, 25])
    parser.add_argument("--rounds", type=int, default=3, help="0 to measure memory only")
    parser.add_argument("--rows", type=int, nargs="*", default=[200, 2000, 20000], help="rows for the memory")
    parser.add_argument("--environments", type=Path, help="folder in which to keep the environments")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="gazu-bench-"))
    try:
        home = options.environments or folder
        ours = environment(home / "ours", str(HERE.parent))
        pythons = {"import": ours, "posts": ours}
        if options.rounds:
            pythons["loop"] = environment(home / "upstream", UPSTREAM)
            print("| way | added | requests | × loop | seconds | × loop | CPU s | × loop | memory |")
            print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
            with Sandbox() as box:
                for delay in options.milliseconds:
                    compare(box, pythons, delay, options.sizes, options.rounds)
        if options.rows:
            print("\n| rows | memory | CPU | CPU of a row |\n| --- | --- | --- | --- |")
        for rows in options.rows:
            grow(ours, rows)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
