"""Find the packages that a version of Zou was released with: uv can leave out all that came later."""

import datetime
import os
import shutil
from pathlib import Path

import requests

from .errors import SandboxError
from .pip import pip_environment
from .processes import CommandError, run
from .versions import PINNED

SIMPLE = "https://pypi.org/simple"


def resolve(zou: str, python: str, folder: Path) -> bytes:
    """Return the pins of a version of Zou for an interpreter, as they were on the day after its release."""
    uv = shutil.which("uv")
    if uv is None:
        raise SandboxError(f"Zou {zou} needs uv: install it, or choose one of {', '.join(PINNED)}")
    day = release_day(zou) + datetime.timedelta(days=1)
    command = [uv, "pip", "compile", "-q", "--no-header", "--no-annotate", "--python", python]
    command += ["--exclude-newer", day.isoformat(), "zou.in"]
    (folder / "zou.in").write_text(f"zou=={zou}\n")
    try:
        return run(command, pip_environment(folder / "pip"), folder).encode()
    except CommandError as error:
        raise SandboxError(f"uv finds no packages for Zou {zou}: {error.output.strip().splitlines()[-1]}") from None


def release_day(zou: str) -> datetime.date:
    """Return the day on which a version of Zou was released, as the package index has it."""
    index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL") or SIMPLE
    try:
        response = requests.get(
            f"{index.rstrip('/')}/zou/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}, timeout=30
        )
        response.raise_for_status()
        files = response.json()["files"]
    except (requests.RequestException, ValueError, KeyError):
        raise SandboxError(f"the package index does not say when Zou {zou} was released") from None
    times = [file.get("upload-time") for file in files if file["filename"].startswith(f"zou-{zou}-")]
    if not times:
        raise SandboxError(f"there is no Zou {zou}")
    if not times[0]:
        raise SandboxError(f"the package index does not say when Zou {zou} was released")
    return datetime.datetime.strptime(min(times)[:10], "%Y-%m-%d").date()
