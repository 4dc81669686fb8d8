"""A screen, a gate before the real server, and somebody with a task."""

import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator

import pytest

from ..dcc.conftest import artist
from .gate import Gate
from .screen import Screen, opened

__all__ = ["artist", "gate", "plug_in", "screen"]

DOCS = Path(__file__).parents[2] / "docs"
PICTURES = DOCS / "_static" / "dcc"


def pytest_addoption(parser: Any) -> None:
    parser.addoption(
        "--pictures", action="store_true", help="write the pictures of the documentation: docs/_static/dcc"
    )


@pytest.fixture(scope="session")
def screen(pytestconfig: Any) -> Iterator[Screen]:
    """A screen for all tests, one after another."""
    with opened(PICTURES if pytestconfig.getoption("--pictures") else None) as screen:
        yield screen


@pytest.fixture
def gate(artist: Any) -> Iterator[Gate]:
    """A gate before the server: `gate.host` in place of `artist.host`."""
    with Gate(artist.host) as gate:
        yield gate


@pytest.fixture(scope="session")
def plug_in(tmp_path_factory: Any) -> Path:
    """The plug-in of Krita, built by the one command."""
    command = [sys.executable, str(DOCS / "examples" / "krita" / "build.py"), str(tmp_path_factory.mktemp("plug_in"))]
    return Path(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())
