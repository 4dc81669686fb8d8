"""Find a Python that can run the server."""

import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import Iterator, Optional, Tuple

from .errors import SandboxError
from .processes import run

# The server's packages have wheels for these.
VERSIONS = ("3.13", "3.12", "3.11", "3.10")


def version_of(path: str) -> Optional[str]:
    """Return the version of an interpreter, as "3.12"; None if it does not run."""
    with contextlib.suppress(SandboxError):
        return run([path, "-I", "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).strip()
    return None


def candidates() -> Iterator[str]:
    """Yield the interpreters to try, best first."""
    # Inside a 3D application this is the application, not a Python.
    if "python" in os.path.basename(sys.executable or "").lower():
        yield sys.executable
    for version in VERSIONS:
        # A version manager's stand-in comes first on PATH and may run nothing: look behind it.
        for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
            path = shutil.which("python" + version, path=folder) if folder else None
            if path:
                yield path
    root = Path(os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv"))
    for version in VERSIONS:
        yield from map(str, sorted(root.glob(f"versions/{version}*/bin/python")))


def find_python() -> Tuple[str, str]:
    """Return the path and the version of the Python to run the server with."""
    asked = os.environ.get("GAZU_SANDBOX_PYTHON")
    for path in [shutil.which(asked) or asked] if asked else candidates():
        version = version_of(path)
        if version in VERSIONS:
            return path, version
    if asked:
        raise SandboxError(f"GAZU_SANDBOX_PYTHON={asked} is not a Python from 3.10 to 3.13")
    raise SandboxError("the server needs a Python from 3.10 to 3.13: install one, or set GAZU_SANDBOX_PYTHON to it")
