"""Find a Python that can run the server."""

import contextlib
import os
import shutil
import sys
from pathlib import Path
from typing import Iterator, Optional, Sequence, Tuple

from .errors import SandboxError
from .processes import run


def version_of(path: str) -> Optional[str]:
    """Return the version of an interpreter, as "3.12"; None if it does not run."""
    with contextlib.suppress(SandboxError):
        return run([path, "-I", "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).strip()
    return None


def candidates(versions: Sequence[str]) -> Iterator[str]:
    """Yield the interpreters to try for one of the versions of Python, best first."""
    # Inside a 3D application this is the application, not a Python.
    if "python" in os.path.basename(sys.executable or "").lower():
        yield sys.executable
    for version in versions:
        # A version manager's stand-in comes first on PATH and may run nothing: look behind it.
        for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
            path = shutil.which("python" + version, path=folder) if folder else None
            if path:
                yield path
    root = Path(os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv"))
    for version in versions:
        yield from map(str, sorted(root.glob(f"versions/{version}*/bin/python")))


def find_python(zou: str, versions: Sequence[str]) -> Tuple[str, str]:
    """Return the path and the version of the Python to run that Zou with, one of *versions*."""
    asked = os.environ.get("GAZU_SANDBOX_PYTHON")
    for path in [shutil.which(asked) or asked] if asked else candidates(versions):
        version = version_of(path)
        if version is not None and version in versions:
            return path, version
    wanted = f"from {versions[-1]} to {versions[0]}" if len(versions) > 1 else versions[0]
    if asked:
        raise SandboxError(f"GAZU_SANDBOX_PYTHON={asked} is not a Python {wanted}")
    raise SandboxError(f"Zou {zou} needs a Python {wanted}: install one, or set GAZU_SANDBOX_PYTHON to it")
