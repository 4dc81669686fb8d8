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
#: Both distributions: the folder that has the package, the package, the wheel and the source archive.
DISTRIBUTIONS = {
    package: (ROOT / folder, DIST.glob(f"{package}-*.whl").__next__(), DIST.glob(f"{package}-*.tar.gz").__next__())
    for package, folder in (("gazu", "."), ("gazu_sandbox", "sandbox"))
}
_, WHEEL, SDIST = DISTRIBUTIONS["gazu"]
#: Run in the bare environment: every module, what is wanted of the extras, and a request that cannot succeed.
PROGRAM = """
import gazu, pathlib, sys
import gazu.background, gazu.bulk, gazu.query
for name in gazu._MODULES:
    getattr(gazu, name)
for module, extra in (("gazu.cli", "cli"), ("gazu.aio", "async"), ("gazu.sandbox", "sandbox")):
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


def of_the_package(package: str) -> Set[str]:
    folder = DISTRIBUTIONS[package][0]
    listed = subprocess.check_output(["git", "ls-files", package], cwd=folder, text=True).split()
    return {name for name in listed if not name.endswith(".pyc")}


@pytest.mark.parametrize("package", DISTRIBUTIONS)
def test_the_wheel_has_the_package_and_nothing_else(package: str) -> None:
    wheel = DISTRIBUTIONS[package][1]
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == of_the_package(package)
    assert wheel.name.endswith("-py3-none-any.whl")


@pytest.mark.parametrize("package", DISTRIBUTIONS)
def test_the_source_archive_has_the_package(package: str) -> None:
    with tarfile.open(DISTRIBUTIONS[package][2]) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert of_the_package(package) | {"README.md", "LICENSE", "pyproject.toml"} <= names


def test_both_have_the_same_licence() -> None:
    assert (ROOT / "sandbox" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


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
    assert said == f"{version_of(file)} gazu"


def version_of(file: Path) -> str:
    return file.name.split("-")[1].replace(".tar.gz", "")


#: Run by pytest where gazu is installed and used by nobody.
NO_PLUGIN = """
import sys

def test_it():
    assert [name for name in sys.modules if name.split(".")[0].startswith("gazu")] == []
"""


@pytest.mark.parametrize("version", ["3.7", "3.13"])
@pytest.mark.parametrize("kind", [1, 2], ids=["wheel", "sdist"])
def test_install_the_sandbox(version: str, kind: int, tmp_path: Path) -> None:
    run([interpreter(version), "-m", "venv", "bare"], tmp_path)
    scripts = tmp_path / "bare" / "bin"
    pip = [str(scripts / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    run([*pip, str(WHEEL), "pytest"], tmp_path)
    (tmp_path / "test_it.py").write_text(NO_PLUGIN)
    assert "1 passed" in run([str(scripts / "pytest"), "test_it.py"], tmp_path)
    with pytest.raises(
        AssertionError, match=r"error: gazu.sandbox needs gazu-sandbox: pip install 'gazu\[sandbox\]>=2"
    ):
        run([str(scripts / "python"), "-m", "gazu.sandbox", "up"], tmp_path)

    run([*pip, str(DISTRIBUTIONS["gazu_sandbox"][kind])], tmp_path)
    helps = [run([*command, "--help"], tmp_path) for command in (
        [str(scripts / "gazu-sandbox")], [str(scripts / "python"), "-m", "gazu.sandbox"],
    )]  # fmt: skip
    assert helps[0] == helps[1]
    assert "usage: gazu-sandbox" in helps[0]
    assert "gazu_make" in run([str(scripts / "pytest"), "--fixtures", "-q"], tmp_path)
