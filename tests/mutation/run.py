"""Run the tests against mutants: `python -m tests.mutation.run [AREA ...] [-j PROCESSES]`.

An area is a file of this folder with TESTS, arguments of pytest for tests that need no server, and MUTANTS. Each
mutant is applied to a copy of the tree, where the tests have to fail. The exit status is 1 if fewer than 90 % do.
"""

import argparse
import importlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from . import Mutant

ROOT = Path(__file__).parents[2]
#: What has to be killed of all mutants.
SHARE = 0.9
#: A mutant that runs this many times longer than the tests do, and a minute, counts as killed.
PATIENCE = 5
#: The tests with the library of the copy: no compiled files, which would be of the source before the change.
PYTEST = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist")


class Result(NamedTuple):
    """What the tests made of a mutant."""

    area: str
    number: int
    mutant: Mutant
    #: the first test that failed, or "" if none did
    killed_by: str


def source_of(mutant: Mutant) -> str:
    return (ROOT / mutant.file).read_text(encoding="utf-8")


def mistakes(area: str, mutants: List[Mutant]) -> Iterator[str]:
    """Yield what is wrong with the mutants themselves."""
    for number, mutant in enumerate(mutants, 1):
        count = source_of(mutant).count(mutant.before)
        if count != 1:
            yield f"{area} {number}: found {count} times in {mutant.file}: {mutant.before!r}"
        else:
            try:
                compile(source_of(mutant).replace(mutant.before, mutant.after), mutant.file, "exec")
            except SyntaxError as error:
                yield f"{area} {number}: {error}"


def run_tests(tree: Path, tests: List[str], timeout: Optional[float]) -> Tuple[int, str]:
    """Return the exit status of the tests and what they said; 1 if they take too long."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    # A group of its own: what a test has forked, and a mutant has locked up, ends with it.
    process = subprocess.Popen(
        [*PYTEST, *tests], cwd=tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True, text=True,
    )  # fmt: skip
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return 1, f"FAILED to end within {timeout:.0f} s"
    return process.returncode, output


def check(tree: Path, area: Any, mutant: Mutant, timeout: float) -> str:
    """Return the first test that fails with the mutant, or "" if none does."""
    path = tree / mutant.file
    source = path.read_text(encoding="utf-8")
    path.write_text(source.replace(mutant.before, mutant.after), encoding="utf-8")
    try:
        status, output = run_tests(tree, area.TESTS, timeout)
    finally:
        path.write_text(source, encoding="utf-8")
    if status not in (0, 1, 2):  # 2: the tests could not be imported
        raise SystemExit(f"pytest ended with {status}:\n{output}")
    failed = [line for line in output.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return (failed or ["the end of pytest"])[0] if status else ""


def show(result: Result) -> None:
    name, mutant = f"{result.area} {result.number}", result.mutant
    change = f"{mutant.file}: {mutant.before.strip()!r} -> {mutant.after.strip()!r}"
    if not result.killed_by:
        print(f"survived  {name}  {change}  {mutant.survives or 'NOT EXPECTED'}", flush=True)
    elif mutant.survives:
        print(f"killed    {name}  {change}  EXPECTED TO SURVIVE: {result.killed_by}", flush=True)
    else:
        print(f"killed    {name}  {result.killed_by[:150]}", flush=True)


def main() -> int:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    every = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in ("__init__", "run"))
    parser.add_argument("area", nargs="*", default=every, help=", ".join(every))
    parser.add_argument("-j", type=int, default=1, metavar="PROCESSES", help="how many at once")
    options = parser.parse_args()
    areas: Dict[str, Any] = {name: importlib.import_module(f"tests.mutation.{name}") for name in options.area}
    wrong = [line for name, area in areas.items() for line in mistakes(name, area.MUTANTS)]
    if wrong:
        print("\n".join(wrong))
        return 1
    with tempfile.TemporaryDirectory() as folder:
        trees: "queue.SimpleQueue[Path]" = queue.SimpleQueue()
        for number in range(options.j):
            trees.put(Path(shutil.copytree(ROOT, f"{folder}/{number}/gazu", ignore=NOT_COPIED)))
        seconds = {name: seconds_of(trees, name, area) for name, area in areas.items()}

        def result_of(name: str, number: int, mutant: Mutant) -> Result:
            tree = trees.get()
            try:
                killed_by = check(tree, areas[name], mutant, 60 + PATIENCE * seconds[name])
            finally:
                trees.put(tree)
            result = Result(name, number, mutant, killed_by)
            show(result)
            return result

        with ThreadPoolExecutor(options.j) as pool:
            jobs = [
                pool.submit(result_of, name, number, mutant)
                for name, area in areas.items()
                for number, mutant in enumerate(area.MUTANTS, 1)
            ]
            results = [job.result() for job in jobs]
    return summary(results)


def seconds_of(trees: Any, name: str, area: Any) -> float:
    """Return how long the tests take, which pass as long as nothing is changed."""
    tree, started = trees.get(), time.monotonic()
    status, output = run_tests(tree, area.TESTS, None)
    trees.put(tree)
    if status:
        raise SystemExit(f"{name}: the tests fail without any mutant:\n{output}")
    return time.monotonic() - started


def summary(results: List[Result]) -> int:
    """Print the numbers, and return the exit status."""
    killed = sum(bool(result.killed_by) for result in results)
    odd = [result for result in results if bool(result.killed_by) == bool(result.mutant.survives)]
    print(f"{killed} of {len(results)} killed; {len(odd)} not as expected")
    return int(killed < SHARE * len(results))


if __name__ == "__main__":
    sys.exit(main())
