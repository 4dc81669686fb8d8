"""The examples of the documentation do what the pages say, on a real server."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gazu_sandbox.example import picture, rename_earlier

from ..pages import OTHERS, as_here, blocks, first_line, is_python

ROOT = Path(__file__).parents[3]
ELSEWHERE = ("docs/_build", "docs/news", "docs/changes", "docs/reference/examples")  # the last: test_docstrings.py
#: Blocks that cannot run here, by their first lines, and why.
NOT_RUN = {
    "CONTRIBUTING.md": {
        "@cache": "a function of the library, as it stands in asset.py",
        'TESTS = ["tests/unit/test_cache.py"]': "a file of mutants",
    },
    "docs/how-to/inside-a-dcc.md": {
        "import bpy": "the main loop of Blender: tests/dcc has one",
        "from publish_dialog import CallDialog": "a window of Qt: tests/dcc has one",
        "from maya import cmds": "within Maya only",
        "import hou": "within Houdini only",
        "from PySide6.QtCore import QTimer": "within Nuke only",
        "# kitsu_publish.py": "a process of Inkscape: tests/dcc_window has one",
        "# publish.py": "within GIMP 3 only",
    },
    "docs/how-to/event-service.md": {
        "# service_rq.py: after set_host and log_in": "a service of its own: tests/live/test_job_queue.py runs it",
        "# service_dask.py: after set_host and log_in": "a service of its own: tests/endurance has one",
        "# service_celery.py: after set_host and log_in": "a service of its own: tests/endurance has one",
        "# tasks.py: on each machine": "a module for workers of Celery: tests/endurance has some",
        "# jobs.py: on each machine": "a module for workers: tests/live/test_job_queue.py has some",
    },
    "docs/how-to/notebook.md": {
        "gazu.notebook.show_tables()": "a notebook: test_notebook.py runs it",
    },
    "docs/how-to/farm.md": {
        "import distributed": "a cluster of Dask: tests/endurance has one",
        "# publish.py: run by the last task of the job": "a script with arguments: test_farm.py runs it",
    },
}
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in [*ROOT.glob("*.md"), *ROOT.glob("benchmarks/*.md"), *ROOT.glob("docs/**/*.md")]
    if not page.relative_to(ROOT).as_posix().startswith(ELSEWHERE)
)


def found(page: str) -> Any:
    return blocks((ROOT / page).read_text(encoding="utf-8"))


WITH_EXAMPLES = [page for page in PAGES if any(map(is_python, found(page)))]


@pytest.mark.parametrize("page", WITH_EXAMPLES)
def test_examples_of_a_page(page: str, box: Any, tmp_path: Path) -> None:
    facts = {name: getattr(box, name) for name in ("host", "event_host", "email", "password", "ffmpeg")}
    facts["not_run"] = list(NOT_RUN.get(page, {}))
    environment = {
        **os.environ,
        "GAZU_PAGE": json.dumps(facts),
        "HOME": str(tmp_path),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'sandbox'}",
    }
    if "GAZU_SANDBOX_CACHE" not in environment:  # or a page that starts a server would install it again
        from gazu_sandbox.folders import cache_folder

        environment["GAZU_SANDBOX_CACHE"] = str(cache_folder())
    command = [sys.executable, "-W", "error", "-W", "ignore:::requests", str(ROOT / "tests/live/pages.py")]
    done = subprocess.run(
        [*command, str(ROOT / page)], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        timeout=300, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
    wanted = [block for block in found(page) if is_python(block) and first_line(block) not in NOT_RUN.get(page, {})]
    assert int(done.stderr.split()[-1]) == len(wanted)


def test_tutorial_in_an_interpreter(box: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pasted block by block, as the page says: there, a compound statement ends with an empty line only."""
    page = "docs/tutorial/a-day-in-a-production.md"
    monkeypatch.setenv("GAZU_SANDBOX_FFMPEG", box.ffmpeg)
    rename_earlier("Big Buck Bunny")
    picture(str(tmp_path / "SH010_v001.png"))
    facts = {name: getattr(box, name) for name in ("host", "event_host", "email", "password")}
    pasted = [as_here(block.code, facts) for block in found(page) if block.language == "python" and block.is_visible]
    assert len(pasted) > 10
    done = subprocess.run(
        [sys.executable, "-i", "-q"], input="\n".join(pasted), cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, text=True, check=False,
    )  # fmt: skip
    assert "Error" not in done.stderr and "Traceback" not in done.stderr, done.stderr[-3000:]


@pytest.mark.parametrize("page", PAGES)
def test_blocks_are_of_a_known_kind(page: str) -> None:
    """A block of another kind would not run, and nobody would know."""
    assert [block for block in found(page) if not is_python(block) and not block.language.startswith(OTHERS)] == []
    text = (ROOT / page).read_text(encoding="utf-8")
    assert ("\n" + text).count("\n```") % 2 == 0, "a block without an end"


def test_what_cannot_run_is_there() -> None:
    for page, lines in NOT_RUN.items():
        assert {first_line(block) for block in found(page)} >= lines.keys()
