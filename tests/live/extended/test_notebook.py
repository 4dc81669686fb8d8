"""The notebook of the documentation runs from its first cell to its picture, as Jupyter would run it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict

import nbformat
import pytest
from nbclient import NotebookClient

import gazu

from ..pages import blocks, is_python

ROOT = Path(__file__).parents[3]
NOTEBOOK = ROOT / "docs" / "notebooks" / "task-progress.ipynb"
PAGE = ROOT / "docs" / "how-to" / "notebook.md"


def settings(folder: Path) -> Dict[str, str]:
    """The environment of a notebook in a folder, with the files of nobody."""
    path = f"{ROOT}{os.pathsep}{ROOT / 'sandbox'}"
    return {"HOME": str(folder), "PYTHONPATH": path, "IPYTHONDIR": str(folder), "MPLCONFIGDIR": str(folder)}


def test_the_notebook_is_kept_without_what_it_shows() -> None:
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None


def test_the_notebook_plots_the_progress(box: Any, work: Any, project: Any, tmp_path: Path) -> None:
    done = gazu.task.get_task_status_by_short_name("done")
    gazu.task.add_comment(work.task["shot"], done, "Approved.")
    environment = {
        **os.environ,
        **settings(tmp_path),
        **{"KITSU_HOST": box.host, "KITSU_LOGIN": box.email, "KITSU_PWD": box.password},
        "KITSU_PROJECT": project["name"],
    }
    result = tmp_path / "result.ipynb"
    command = [sys.executable, "-c", "from nbclient.cli import main; main()", str(NOTEBOOK), f"--output={result}"]
    run = subprocess.run(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
    shown = [
        output.get("data", {}) for cell in json.loads(result.read_text())["cells"] for output in cell.get("outputs", [])
    ]
    assert any("image/png" in data for data in shown)
    assert any(f"{work.task_type['shot']['name']} " in text(data) and "50% done" in text(data) for data in shown)


def text(data: Any) -> str:
    return "".join(data.get("text/plain", ""))


def test_tables_and_progress_bars_of_the_page(box: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a kernel of Jupyter, what the page says that a reader sees."""
    page = PAGE.read_text(encoding="utf-8").partition("## A burndown")[0]
    log_in = f"import gazu\ngazu.set_host({box.host!r}); gazu.log_in({box.email!r}, {box.password!r})"
    sources = [log_in, *(block.code for block in blocks(page) if is_python(block))]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    for name, value in {**settings(tmp_path), "GAZU_SANDBOX_FFMPEG": box.ffmpeg}.items():
        monkeypatch.setenv(name, value)
    client = NotebookClient(book, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    shown = [output.data for cell in book.cells for output in cell.outputs if "data" in output]
    rows = [row for data in shown for row in re.findall("<tr>(.*?)</tr>", data.get("text/html", ""))]
    found = [re.findall("<t[hd]>(.*?)</t[hd]>", row) for row in rows]
    promised = [
        line.strip("| ").split(" | ") for line in page.split("\n") if line.startswith("| ") and "---" not in line
    ]
    assert len(promised) == 5 and len(found) == 5
    for row, wanted in zip(found, promised):
        assert row[:-1] == wanted[:-1] and wanted[-1] in ("created_at", "...")
    assert any(data["text/plain"].startswith("[{'") for data in shown)  # a terminal, and `print`, show what they did
    bars = [state for state in client.widget_state.values() if "bar_style" in state]
    assert [(bar["value"], bar["bar_style"]) for bar in bars] == [(bars[0]["max"], "success")] and bars[0]["max"] > 1000
