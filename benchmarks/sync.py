"""
Compare copying a production between two servers with a release of upstream from PyPI.

    python benchmarks/sync.py                          # alternately ours and upstream, then the memory of ours
    python benchmarks/sync.py --size 0.2 --grow        # a fifth of the production, without memory

The servers are sandboxes: one source, and a new target for each push, with the people, the types and an empty
production of that name. A production of size 1 has 20 assets, 200 shots, 1,000 tasks, 2,000 comments, 200
attachments, 100 pictures and 20 movies. Memory is measured with growing productions without files.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, List

from run import HERE, UPSTREAM, environment

sys.path.insert(0, str(HERE.parent))

import gazu
from gazu.sync.people import ensure_person
from gazu.sync.studio import match_shared
from gazu.sync.tables import MigrationContext, Report
from gazu_sandbox import Sandbox
from tests.endurance.show import Show


def make(box: Any, folder: Path, size: float, seed: int, files: bool) -> Any:
    """Create a production at the source that upstream can copy too, and return it."""
    counts = {"assets": 20, "shots": 200, "tasks": 1000, "comments": 2000, "files": 200, "movies": 20}
    wanted = {name: int(size * count) for name, count in counts.items()}
    if not files:
        wanted.update(files=2, movies=0)
    with gazu.create_session(box.host, box.email, box.password) as client:
        return Show(client, folder, box.ffmpeg, seed, plain=True).make(**wanted)


def prepare(source: Any, target: Any, project: Any) -> None:
    """Create at the target what upstream's sync expects: types, people, an empty production."""
    clients = [gazu.create_session(box.host, box.email, box.password) for box in (source, target)]
    context = MigrationContext(*clients, project["id"], {}, Report())
    match_shared(context)
    for person in gazu.person.all_persons(client=clients[0]):
        if person["id"] not in context.id_maps["people"]:
            ensure_person(context, person["id"])
    new = gazu.project.new_project(project["name"], production_type="tvshow", client=clients[1])
    for episode in gazu.shot.all_episodes_for_project(new, client=clients[1]):
        gazu.shot.remove_episode(episode, force=True, client=clients[1])


def push(python: str, source: Any, project: Any, how: str) -> Dict[str, Any]:
    """Push a production to a new server, and return seconds, memory and failures."""
    with Sandbox() as target:
        prepare(source, target, project)
        where = [source.host, target.host, source.email, source.password, project["name"], how]
        command = [python, str(HERE / "sync_case.py"), *where]
        # In another folder, so that no checkout in the working directory is imported by accident.
        print(f"pushing with {python} to {target.host}", file=sys.stderr)
        result = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=target.data)
        return json.loads(result.stdout)


def compare(ours: str, theirs: str, source: Any, project: Any, rounds: int) -> None:
    """Push alternately with both, and print a row."""
    found = [[push(ours, source, project, "whole"), push(theirs, source, project, "parts")] for _ in range(rounds)]
    middle = [statistics.median(one[which]["seconds"] for one in found) for which in (0, 1)]
    ratio = statistics.median(one[1]["seconds"] / one[0]["seconds"] for one in found)
    print("| ours | upstream 1.3.1 | times faster | memory ours | upstream |\n| --- | --- | --- | --- | --- |")
    memory = [max(one[which]["memory"] for one in found) for which in (0, 1)]
    print(f"| {middle[0]:.1f} s | {middle[1]:.1f} s | {ratio:.1f} | {memory[0]:.0f} MiB | {memory[1]:.0f} MiB |")
    for name, which in (("ours", 0), ("upstream", 1)):
        failed: List[Any] = found[0][which]["failed"]
        print(f"\nFailed with {name}: {json.dumps(failed, indent=1) if failed else 'nothing'}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--size", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=2, help="0 to measure memory only")
    parser.add_argument("--grow", type=float, nargs="*", default=[1, 4, 16], help="sizes at which to measure memory")
    parser.add_argument("--environments", type=Path, help="folder in which to keep the environments")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="gazu-bench-"))
    try:
        home = options.environments or folder
        ours = environment(home / "ours", str(HERE.parent))
        theirs = environment(home / "upstream", UPSTREAM)
        with Sandbox() as source:
            if options.rounds:
                project = make(source, folder, options.size, 1, files=True)
                compare(ours, theirs, source, project, options.rounds)
            if options.grow:
                print("\n| size | seconds | memory |\n| --- | --- | --- |")
            for number, size in enumerate(options.grow, 2):
                taken = push(ours, source, make(source, folder, size, number, files=False), "whole")
                print(f"| {size:g} × | {taken['seconds']:.0f} s | {taken['memory']:.1f} MiB |", flush=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
