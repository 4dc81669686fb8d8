"""The notebook of the documentation runs from its first cell to its picture, as Jupyter would run it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import gazu

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "docs" / "notebooks" / "task-progress.ipynb"


def test_the_notebook_is_kept_without_what_it_shows() -> None:
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None


def test_the_notebook_plots_the_progress(box: Any, work: Any, project: Any, tmp_path: Path) -> None:
    done = gazu.task.get_task_status_by_short_name("done")
    gazu.task.add_comment(work.task["shot"], done, "Approved.")
    environment = {
        **os.environ,
        **{"HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path), "MPLCONFIGDIR": str(tmp_path)},
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
