"""
Write what the sandbox installs, and the hashes of it: `python -m tests.servers.hashes`.

`sandbox/gazu_sandbox/hashes.txt` has the SHA-256 of every file of each release, wheels for all systems and the source
archive, as the package index says. `needed.txt` has, by the version of Zou and of Python, the pins that are not needed there
(`-name==version`), and what is without a pin (`+name==version`). It takes uv, and the index on the internet, not a mirror
with wheels of its own.
"""

import subprocess
import tempfile
from pathlib import Path
from typing import Dict, Iterable, List, Set

from gazu_sandbox.install import FAKE_REDIS, WHEELS
from gazu_sandbox.pip import hashes_in, key_of, releases_in
from gazu_sandbox.versions import PINNED, find_release

SANDBOX = Path(__file__).resolve().parents[2] / "sandbox" / "gazu_sandbox"
HASHES = "# SHA-256 of every file of each release on pypi.org. Made by `python -m tests.servers.hashes`.\n"
NEEDED = "# Zou, Python: pins that are not needed there (-), and what has none (+). Made by `python -m tests.servers.hashes`.\n"
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28", "aarch64-apple-darwin")


def look_up(wanted: str, pins: str, python: str, *options: str) -> Dict[str, Set[str]]:
    """Return the hashes of the files of each release that is needed, by `name==version`."""
    found: Dict[str, Set[str]] = {}
    for platform in PLATFORMS:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "wanted.txt").write_text(wanted)
            (Path(folder) / "pins.txt").write_text(pins)
            command = ["uv", "pip", "compile", "-q", "--no-header", "--no-annotate", "--generate-hashes", *options]
            command += [
                "--python-version",
                python,
                "--python-platform",
                platform,
                "-c",
                "pins.txt",
                "-b",
                "pins.txt",
                "wanted.txt",
            ]
            try:
                found.update(
                    hashes_in(subprocess.check_output(command, cwd=folder, stderr=subprocess.DEVNULL).decode())
                )
            except subprocess.CalledProcessError:
                print(f"{wanted.split()[0]} cannot be installed on Python {python} and {platform}", flush=True)
    return found


def changes_of(pins: str, needed: Iterable[str], python: str) -> List[str]:
    """Return which pins are not needed, and what is needed and has no pin; setuptools comes with old environments."""
    pinned = {key_of(release) for release in releases_in(pins)}
    others = {one for one in set(needed) - pinned if not one.startswith("zou==")}
    if python in ("3.10", "3.11"):
        others = {one for one in others if not one.startswith("setuptools==")}
    return [*(f"-{one}" for one in sorted(pinned - set(needed))), *(f"+{one}" for one in sorted(others))]


def main() -> None:
    """Look all up, and write the files."""
    programs = [*FAKE_REDIS, *(requirement for requirement, _ in WHEELS.values())]
    found = look_up("\n".join(programs), "", "3.12", "--no-deps")
    lines: List[str] = []
    for zou in PINNED:
        pins = (SANDBOX / f"zou-{zou}.txt").read_text()
        for python in find_release(zou).pythons:
            needed = look_up(f"zou=={zou}\n", pins, python)
            if needed:  # else a message says that it cannot be installed
                found.update(needed)
                lines.append(" ".join([zou, python, *changes_of(pins, needed, python)]) + "\n")
    (SANDBOX / "needed.txt").write_text(NEEDED + "".join(lines))
    lines = [f"{release}\n" + "".join(f" {one}\n" for one in sorted(found[release])) for release in sorted(found)]
    (SANDBOX / "hashes.txt").write_text(HASHES + "".join(lines))
    print(len(found), "releases,", sum(map(len, found.values())), "files")


if __name__ == "__main__":
    main()
