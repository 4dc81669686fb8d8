"""
Compare this checkout with a release of upstream from PyPI, side by side in one run.

    python benchmarks/run.py                 # makes two virtual environments, takes minutes
    python benchmarks/run.py --rounds 3 --case "small GET" --case import

Each case runs alternately in the two environments; a row gives the medians and
their ratio. Nothing here passes or fails: figures are for reading.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
UPSTREAM = "gazu==1.3.1"
CASES = [
    "import", "small GET", "list of 20,000", "sorted list of 20,000", "cache hit of 5,000", "cache hit of 1",
    "upload 1 GiB", "download 1 GiB",
]  # fmt: skip
LIMITS = {
    "import": 0.25, "small GET": 0.6, "list of 20,000": 0.8, "cache hit of 5,000": 0.2, "cache hit of 1": 0.6,
    "upload 1 GiB": 0.25, "download 1 GiB": 0.6,
}  # fmt: skip


def environment(folder: Path, *packages: str) -> str:
    """Make a virtual environment with *packages*, and return its Python."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.check_call([sys.executable, "-m", "venv", str(folder)])
        subprocess.check_call([str(python), "-m", "pip", "install", "-q", *packages])
    return str(python)


def measure(python: str, case: str, host: str, folder: str) -> dict:
    # In FOLDER, so that no checkout in the working directory is imported by chance.
    command = [python, str(HERE / "case.py"), case, host, folder]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=folder).stdout)


def shown(seconds: float) -> str:
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 1:
            break
    return f"{seconds * factor:.3g} {unit}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--case", action="append", choices=CASES)
    parser.add_argument("--environments", type=Path, help="folder to keep the two environments in")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="gazu-bench-")
    server = subprocess.Popen(
        [sys.executable, str(HERE / "server.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        home = options.environments or Path(folder)
        pythons = [environment(home / "ours", str(HERE.parent)), environment(home / "upstream", UPSTREAM)]
        with open(os.path.join(folder, "big.bin"), "wb") as big:
            big.truncate(1 << 30)
        host = f"http://127.0.0.1:{server.stdout.readline().strip()}/api"
        print("| case | ours | upstream 1.3.1 | ratio | asked for | memory ours | upstream |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        for case in options.case or CASES:
            rounds = [[measure(python, case, host, folder) for python in pythons] for _ in range(options.rounds)]
            ours, theirs = (statistics.median(r[n]["seconds"] for r in rounds) for n in (0, 1))
            ratio = statistics.median(r[0]["seconds"] / r[1]["seconds"] for r in rounds)
            memory = [
                "–" if rounds[0][n]["memory"] is None else f"{max(r[n]['memory'] for r in rounds):.0f} MiB"
                for n in (0, 1)
            ]
            limit = LIMITS.get(case, "–")
            print(
                f"| {case} | {shown(ours)} | {shown(theirs)} | {ratio:.2f} | {limit} | {memory[0]} | {memory[1]} |",
                flush=True,
            )
    finally:
        server.stdin.close()
        server.wait()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
