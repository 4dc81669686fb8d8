"""Find the packages that a version of Zou was released with: uv can leave out all that came later."""

import datetime
import os
import re
import shutil
from pathlib import Path
from typing import Dict

import requests

from .errors import SandboxError
from .pip import pip_environment
from .processes import CommandError, run
from .versions import PINNED

SIMPLE = "https://pypi.org/simple"


def resolve(zou: str, python: str, folder: Path) -> str:
    """Return the pins of a version of Zou, as they were on the day after its release, with hashes of their files."""
    uv = shutil.which("uv")
    if uv is None:
        raise SandboxError(f"Zou {zou} needs uv: install it, or choose one of {', '.join(PINNED)}")
    day = release_day(zou) + datetime.timedelta(days=1)
    command = [uv, "pip", "compile", "-q", "--no-header", "--no-annotate", "--generate-hashes", "--python", python]
    command += ["--exclude-newer", day.isoformat(), "zou.in"]
    (folder / "zou.in").write_text(f"zou=={zou}\n")
    try:
        return run(command, pip_environment(folder / "pip"), folder)
    except CommandError as error:
        raise SandboxError(f"uv finds no packages for Zou {zou}: {error.output.strip().splitlines()[-1]}") from None


def release_day(zou: str) -> datetime.date:
    """Return the day on which a version of Zou was released."""
    days = releases("zou")
    if zou not in days:
        raise SandboxError(f"there is no Zou {zou}")
    try:
        return datetime.datetime.strptime(days[zou][:10], "%Y-%m-%d").date()
    except ValueError:
        raise SandboxError(f"the package index does not say when Zou {zou} was released") from None


def releases(project: str) -> Dict[str, str]:
    """Return the released versions of a project on the package index, and when the first file of each was uploaded."""
    index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL") or SIMPLE
    headers = {"Accept": "application/vnd.pypi.simple.v1+json"}
    try:
        response = requests.get(f"{index.rstrip('/')}/{project}/", headers=headers, timeout=30)
        response.raise_for_status()
        files = response.json()["files"]
    except (requests.RequestException, ValueError, KeyError) as error:
        raise SandboxError(
            f"the package index does not list the versions of {project} ({type(error).__name__})"
        ) from None
    found: Dict[str, str] = {}
    for file in files:
        version = re.match(rf"{project}-(\d+(?:\.\d+)*)(?:-|\.tar)", file["filename"])
        if version and not file.get("yanked"):
            uploaded = file.get("upload-time") or ""
            found[version.group(1)] = min(found.get(version.group(1), uploaded), uploaded)
    return found
