"""
Compare this checkout with a release of upstream from PyPI in one run.

    python benchmarks/run.py                 # creates virtual environments, takes minutes
    python benchmarks/run.py --rounds 3 --case "small GET" --case import
    python benchmarks/run.py --against git+file:///path/to/this/checkout@COMMIT   # an earlier build

Each case runs alternately with both and as floor.py, the lower bound for Python; a row has the medians and
their ratios. Targets are printed, not enforced. With `--cpu`, the seconds are those of the processor that the client took,
in itself and in the system: what waits for others does not count, on a machine that others use.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Optional

HERE = Path(__file__).resolve().parent
UPSTREAM = "gazu==1.3.1"
CERTIFICATE = HERE.parent / "tests" / "wire" / "certificate.pem"
#: The targets of each case: times upstream, times the floor.
CASES = {
    "import": (0.15, None),
    "first list of a process": (0.5, None),
    "small GET": (0.5, 3.5),
    "list of 20,000": (0.75, 1.2),
    "list of 20,000, orjson": (0.5, 1.2),
    "sorted list of 20,000": (None, None),
    "50 pages, 20 ms away": (0.3, None),
    "1,000 GETs on 8 threads, 20 ms away": (None, 1.05),
    "414 thumbnails, 20 ms away": (0.2, None),
    "cache hit of 5,000": (0.15, None),
    "cache hit of 1": (0.5, None),
    "upload 1 GiB": (0.18, 1.5),
    "upload 1 GiB, progress": (0.18, 1.5),
    "upload 1 GiB, floor that reads": (0.18, 1.3),
    "upload 1 GiB, TLS": (None, 1.3),
    "download 1 GiB": (0.5, 1.05),
    "download 1 GiB, TLS": (None, 1.05),
}


def environment(folder: Path, *packages: str) -> str:
    """Create a virtual environment with *packages*, or reinstall this checkout in an existing one; return its Python."""
    python = folder / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "-q"]
    if not python.exists():
        subprocess.check_call([sys.executable, "-m", "venv", str(folder)])
        subprocess.check_call([*install, *packages])
    elif str(HERE.parent) in packages:
        subprocess.check_call([*install, "--force-reinstall", "--no-deps", str(HERE.parent)])
    return str(python)


def measure(command: List[str], case: str, host: str, folder: str) -> Dict[str, Any]:
    # In FOLDER, so that no checkout in the working directory is imported by accident.
    result = subprocess.run([*command, case, host, folder], check=True, stdout=subprocess.PIPE, cwd=folder)
    return json.loads(result.stdout)


def shown(seconds: Optional[float]) -> str:
    if seconds is None:
        return "–"
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 1:
            break
    return f"{seconds * factor:.3g} {unit}"


def ratio(rounds: List[Any], against: int, limit: Optional[float]) -> str:
    """Return the median of the ratios of each round, and the target."""
    if rounds[0][against]["seconds"] is None:
        return "–"
    value = statistics.median(one[0]["seconds"] / one[against]["seconds"] for one in rounds)
    return f"{value:.2f}" + (f" (≤ {limit})" if limit else "")


def memory(rounds: List[Any], which: int) -> str:
    values = [one[which]["memory"] for one in rounds]
    return "–" if values[0] is None else f"{max(values):.0f} MiB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--case", action="append", choices=CASES)
    parser.add_argument("--against", default=UPSTREAM, metavar="PACKAGE", help="what pip installs to compare with")
    parser.add_argument("--cpu", action="store_true", help="measure processor time")
    parser.add_argument("--environments", type=Path, help="folder in which to keep the environments")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="gazu-bench-")
    server = subprocess.Popen(
        [sys.executable, str(HERE / "server.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        home = options.environments or Path(folder)
        ours = environment(home / "ours", str(HERE.parent))
        with_orjson = environment(home / "orjson", str(HERE.parent), "orjson")
        theirs = environment(home / re.sub(r"\W+", "-", options.against), options.against)
        # Only now: pip would trust the certificate of the tests alone.
        os.environ.update({"REQUESTS_CA_BUNDLE": str(CERTIFICATE)}, **({"BENCHMARK_CPU": "1"} if options.cpu else {}))
        with open(os.path.join(folder, "big.bin"), "wb") as big:
            big.truncate(1 << 30)
        plain, secure = (f"127.0.0.1:{server.stdout.readline().strip()}" for _ in range(2))
        print(f"| case | ours | {options.against} | floor | × theirs | × floor | memory ours | theirs |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        for case in options.case or CASES:
            address = f"https://{secure}" if case.endswith("TLS") else f"http://{plain}"
            host = address + ("/slow/api" if "away" in case else "/api")
            python = with_orjson if case.endswith("orjson") else ours
            commands = [
                [python, str(HERE / "case.py")],
                [theirs, str(HERE / "case.py")],
                [python, str(HERE / "floor.py")],
            ]
            rounds = [[measure(command, case, host, folder) for command in commands] for _ in range(options.rounds)]
            middle = [
                None
                if rounds[0][which]["seconds"] is None
                else statistics.median(one[which]["seconds"] for one in rounds)
                for which in range(3)
            ]
            targets = CASES[case] if options.against == UPSTREAM else (None, None)
            ratios = [ratio(rounds, which, limit) for which, limit in zip((1, 2), targets)]
            cells = [case, *map(shown, middle), *ratios, memory(rounds, 0), memory(rounds, 1)]
            print(f"| {' | '.join(cells)} |", flush=True)
    finally:
        server.stdin.close()
        server.wait()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
