"""Debian 13 in a folder, for programs that are newer than the machine's own: made once, then used by `chroot`."""

import os
import subprocess
from pathlib import Path
from typing import Dict, List

from .screen import require

SUITE = "trixie"
PACKAGES = ("blender", "ca-certificates", "libgl1-mesa-dri")
CACHE = Path(os.environ.get("GAZU_DCC_CACHE") or Path.home() / ".cache" / "gazu-dcc")


def folder() -> Path:
    """Return the folder with Debian 13, after making it: some minutes, once."""
    require({"mmdebstrap": "mmdebstrap", "unshare": "util-linux"})
    assert os.geteuid() == 0, "only root can run Blender of Debian 13 in a folder: run tox as root"
    made = CACHE / SUITE
    if not made.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        half = CACHE / f"{SUITE}.half"
        subprocess.run(["rm", "-rf", "--one-file-system", str(half)], check=True)
        options = ["--variant=minbase", '--aptopt=Apt::Install-Recommends "false"', f"--include={','.join(PACKAGES)}"]
        subprocess.run(["mmdebstrap", "--quiet", *options, SUITE, str(half)], check=True)
        half.rename(made)
    return made


def command(root: Path, folders: Dict[str, Path], arguments: List[str], environment: Dict[str, str]) -> List[str]:
    """Return the command that runs a program of *root*, which sees the screen, and *folders* under these paths.

    The mounts are in a namespace of the program, and go with it.
    """
    seen = {**folders, "/dev": Path("/dev"), "/tmp/.X11-unix": Path("/tmp/.X11-unix")}
    mounts = [f"mount -t proc proc {root}/proc"]
    mounts += [f"mkdir -p {root}{path} && mount --rbind {folder} {root}{path}" for path, folder in seen.items()]
    variables = [f"{name}={value}" for name, value in environment.items()]
    start = ["chroot", str(root), "env", "-i", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", *variables, *arguments]
    return ["unshare", "--mount", "sh", "-ec", " && ".join([*mounts, 'exec "$@"']), "sh", *start]
