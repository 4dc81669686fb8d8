"""Find a Python that can run the server."""

import glob
import os
import shutil
import subprocess
import sys
from typing import Iterator, Optional, Tuple

from .errors import SandboxError
from .processes import clean_environment

# The server's packages have wheels for these.
VERSIONS = ("3.13", "3.12", "3.11", "3.10")


def version_of(path: str) -> Optional[str]:
    """Return the version of an interpreter, as "3.12"; None if it does not run."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        command = [path, "-I", "-S", "-c", code]
        done = subprocess.run(
            command, check=False, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError:
        return None
    return done.stdout.decode("ascii", "replace").strip() if done.returncode == 0 else None


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
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    for version in VERSIONS:
        for path in sorted(glob.glob(os.path.join(root, "versions", version + "*", "bin", "python"))):
            yield path


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
