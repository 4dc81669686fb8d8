"""The files that users install: what is in them, and that they work where nothing else is installed."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import List, Set

import pytest

ROOT = Path(__file__).parents[2]
DIST = Path(os.environ["GAZU_DIST"])
(WHEEL,) = DIST.glob("*.whl")
(SDIST,) = DIST.glob("*.tar.gz")
#: Run in the bare environment: every module, what is wanted of the extras, and a request that cannot succeed.
PROGRAM = """
import gazu, pathlib, sys
import gazu.background, gazu.query
for name in gazu._MODULES:
    getattr(gazu, name)
for module, extra in (("gazu.cli", "cli"), ("gazu.aio", "async")):
    try:
        getattr(__import__(module, fromlist=["x"]), "cli", None)
    except ImportError as error:
        assert f"gazu[{extra}]" in str(error), error
    else:
        raise SystemExit(f"{module} needs nothing?")
gazu.set_host("http://127.0.0.1:9/api")
gazu.client.default_client.retries = 0
try:
    gazu.asset.all_asset_types()
except gazu.exception.TransportException:
    print(gazu.__version__, pathlib.Path(gazu.__file__).parent.name)
"""


def of_the_package() -> Set[str]:
    listed = subprocess.check_output(["git", "ls-files", "gazu"], cwd=ROOT, text=True).split()
    return {name for name in listed if not name.endswith(".pyc")}


def test_the_wheel_has_the_package_and_nothing_else() -> None:
    names = {name for name in zipfile.ZipFile(WHEEL).namelist() if ".dist-info/" not in name}
    assert names == of_the_package()
    assert WHEEL.name.endswith("-py3-none-any.whl")


def test_the_source_archive_has_the_package() -> None:
    with tarfile.open(SDIST) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert of_the_package() | {"README.md", "LICENSE", "pyproject.toml"} <= names


def run(command: List[str], folder: Path) -> str:
    # No variables of the environment that this runs in: its packages are not those of the bare one.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(command, cwd=folder, env=kept, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    return done.stdout.strip()


def interpreter(version: str) -> str:
    """Return a Python of this version; that of the tests where there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or "~/.pyenv").expanduser()
    places = [shutil.which(f"python{version}"), *pyenv.glob(f"versions/{version}.*/bin/python")]
    for place in filter(None, places):
        asked = [str(place), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        if (
            subprocess.run(asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()
            == version
        ):
            return str(place)
    return sys.executable


@pytest.mark.parametrize("version", ["3.7", "3.13"])
@pytest.mark.parametrize("file", [WHEEL, SDIST], ids=["wheel", "sdist"])
def test_install_where_nothing_is_installed(version: str, file: Path, tmp_path: Path) -> None:
    run([interpreter(version), "-m", "venv", "bare"], tmp_path)
    there = str(tmp_path / "bare" / "bin" / "python")
    run([there, "-m", "pip", "install", "-q", "--disable-pip-version-check", str(file)], tmp_path)
    said = run([there, "-W", "error", "-c", PROGRAM], tmp_path)
    assert said == f"{file.name.split('-')[1].replace('.tar.gz', '')} gazu"
