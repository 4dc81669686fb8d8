"""Let tox find the interpreters that pyenv has installed, chosen or not."""

import os
from pathlib import Path

_versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
_folders = [str(path) for path in sorted(_versions.glob("3.*/bin"))]
os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), *_folders])
