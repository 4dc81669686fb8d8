"""
Measure how cost scales with records, threads and bytes, the memory of a large board, and where a small call spends its time.

    python benchmarks/growth.py              # creates virtual environments, takes minutes

Prints tables that compare this checkout with a release of upstream. `growth.py CASE HOST` runs one case with the gazu of
this interpreter, and prints its figure as JSON.
"""

import argparse
import cProfile
import json
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Dict, List

HERE = Path(__file__).resolve().parent
SHOT = "00000000-83c5-4e26-ad9b-0b28d2778eda"
ROWS = (1, 100, 1_000, 10_000, 33_000)
THREADS = (1, 4, 16, 32)
MIBS = (1, 16, 256, 1024)
#: Requests per thread, to a server that waits 20 ms.
CALLS = 25
#: The libraries involved in a small call, by the names of their files.
LIBRARIES = ("gazu", "requests", "urllib3", "http", "email", "json")


def best(function: Callable[[], Any], repeat: int, number: int = 1) -> float:
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        for _ in range(number):
            function()
        seconds.append((time.perf_counter() - start) / number)
    return min(seconds)


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def transfer(kind: str, mibs: int) -> List[float]:
    """Return the seconds for a file of so many MiB, and the memory above what the process used before."""
    import gazu

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        with path.open("wb") as file:
            file.truncate(mibs << 20)
        gazu.client.upload("u", __file__)
        before = peak()
        if kind == "upload":
            seconds = best(lambda: gazu.client.upload("u", str(path)), 3)
        else:
            seconds = best(lambda: gazu.client.download(f"big/{mibs}", str(path)), 3)
        return [seconds, peak() - before]


def run(case: str, host: str) -> Any:
    """Return the figure of one case, measured with public functions only."""
    import gazu

    kind, _, count = case.partition(" ")
    gazu.set_host(host)
    gazu.client.set_tokens({"access_token": "token"})
    gazu.shot.get_shot(SHOT)  # opens the connection
    if kind == "rows":
        return best(lambda: gazu.client.fetch_all("shots/" + count), 5, max(1, 300 // int(count)))
    if kind == "threads":
        gazu.set_host(host.replace("/api", "/slow/api"))
        with ThreadPoolExecutor(int(count)) as pool:
            list(pool.map(lambda _: gazu.shot.get_shot(SHOT), range(int(count))))
            start = time.perf_counter()
            list(pool.map(lambda _: gazu.shot.get_shot(SHOT), range(int(count) * CALLS)))
            return int(count) * CALLS / (time.perf_counter() - start)
    if kind in ("upload", "download"):
        return transfer(kind, int(count))
    if kind == "board":
        before = peak()
        if count == "each":
            assert sum(1 for _ in gazu.client.fetch_each("board")) == ROWS[-1]
            return peak() - before
        if count:
            gazu.cache.enable()
        rows = gazu.client.fetch_all(f"shots/{ROWS[-1]}")
        if count == "again":
            assert rows == gazu.client.fetch_all(f"shots/{ROWS[-1]}")
        return peak() - before
    start = time.process_time()
    for _ in range(1000):
        gazu.shot.get_shot(SHOT)
    shares = {"CPU, µs": (time.process_time() - start) * 1000, **dict.fromkeys((*LIBRARIES, "built in"), 0.0)}
    profile = cProfile.Profile()
    profile.runcall(lambda: [gazu.shot.get_shot(SHOT) for _ in range(100)])
    for (path, _, _), (_, calls, *_) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        parts = path.replace(".py", "").split("/")
        shares[next((one for one in LIBRARIES if one in parts[-4:]), "built in")] += calls / 100
    return shares


def measured(pythons: List[str], case: str, host: str) -> List[Any]:
    with tempfile.TemporaryDirectory() as folder:  # so that no checkout is imported by accident
        return [json.loads(subprocess.check_output([one, __file__, case, host], cwd=folder)) for one in pythons]


def table(titles: str, rows: List[List[str]]) -> None:
    print(f"| {titles} |\n|{' --- |' * (titles.count('|') + 1)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(flush=True)


def report(pythons: List[str], host: str) -> None:
    figures: Dict[str, List[Any]] = {}
    for case in [f"rows {count}" for count in ROWS] + [f"threads {count}" for count in THREADS]:
        rounds = [measured(pythons, case, host) for _ in range(3)]
        figures[case] = [(max if case.startswith("threads") else min)(one) for one in zip(*rounds)]
    rows = [(count, *figures[f"rows {count}"]) for count in ROWS]
    table(
        "records in a list | ours | upstream | × upstream | ours, per record",
        [
            [f"{n:,}", f"{a * 1e3:.3g} ms", f"{b * 1e3:.3g} ms", f"{a / b:.2f}", f"{a / n * 1e6:.3g} µs"]
            for n, a, b in rows
        ],
    )
    threads = [(count, *figures[f"threads {count}"]) for count in THREADS]
    table(
        "threads, 20 ms away | GETs per second, ours | upstream | maximum at this latency",
        [[str(n), f"{a:.0f}", f"{b:.0f}", f"{n / 0.02:.0f}"] for n, a, b in threads],
    )
    for kind in ("upload", "download"):
        rows = [(mibs, *measured(pythons, f"{kind} {mibs}", host)) for mibs in MIBS]
        table(
            f"{kind} of | ours | upstream | × upstream | MiB per second, ours | memory ours | upstream",
            [
                [f"{n:,} MiB", f"{a[0] * 1e3:.3g} ms", f"{b[0] * 1e3:.3g} ms", f"{a[0] / b[0]:.2f}"]
                + [f"{n / a[0]:,.0f}", f"{a[1]:.0f} MiB", f"{b[1]:.0f} MiB"]
                for n, a, b in rows
            ],
        )
    board = [measured(pythons, case, host) for case in ("board", "board cached")]
    alone = [measured(pythons[:1], case, host)[0] for case in ("board again", "board each")]
    shown = [[f"{one:.0f} MiB" for one in pair] for pair in board] + [[f"{one:.0f} MiB", "–"] for one in alone]
    names = (
        "a board of 35 MB",
        "the same, cache enabled",
        "and fetched again (304), holding both",
        "read by fetch_each",
    )
    table("peak memory | ours | upstream", [[name, *pair] for name, pair in zip(names, shown)])
    ours, theirs = measured(pythons, "profile", host)
    table(
        "function calls of one small call, in | ours | upstream",
        [[name, f"{ours[name]:.0f}", f"{theirs[name]:.0f}"] for name in ours],
    )


def main() -> None:
    from run import UPSTREAM, environment

    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--environments", type=Path, help="folder in which to keep the environments")
    options = parser.parse_args()
    server = subprocess.Popen(
        [sys.executable, str(HERE / "server.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        with tempfile.TemporaryDirectory(prefix="gazu-bench-") as folder:
            home = options.environments or Path(folder)
            pythons = [environment(home / "ours", str(HERE.parent)), environment(home / "upstream", UPSTREAM)]
            report(pythons, f"http://127.0.0.1:{server.stdout.readline().strip()}/api")
    finally:
        server.stdin.close()
        server.wait()


if __name__ == "__main__":
    if len(sys.argv) == 3 and not sys.argv[1].startswith("-"):
        print(json.dumps(run(*sys.argv[1:])))
    else:
        main()
