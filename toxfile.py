"""Let tox find the interpreters that pyenv has installed, chosen or not."""

import os
import sys
from pathlib import Path

if sys.version_info < (3, 10):
    raise SystemExit("tox: the server of the tests needs Python 3.10 or newer: make the venv with one")

_versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
_folders = [str(path) for path in sorted(_versions.glob("3.*/bin"))]
os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), *_folders])
