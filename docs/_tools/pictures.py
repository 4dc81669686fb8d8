"""Create the pictures of the documentation from real runs: `python docs/_tools/pictures.py`.

Requires rich, nbclient, ipykernel, pandas and matplotlib, and a server set by GAZU_SANDBOX_HOST and related variables
(see CONTRIBUTING.md), or else the sandbox. Writes docs/_static/demo.svg, the demonstration in a terminal, and
docs/_static/task-progress.png, the chart of the notebook.
"""

import base64
import io
import os
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbclient
import nbformat
from rich.console import Console
from rich.text import Text

import gazu
from gazu_sandbox import Sandbox, demo

DOCS = Path(__file__).parents[1]
FACTS = {"host": "HOST", "event_host": "EVENT_HOST", "ffmpeg": "FFMPEG"}


def server() -> Any:
    """Return a context manager for a server."""
    if "GAZU_SANDBOX_HOST" not in os.environ:
        return Sandbox()
    facts = {name: os.environ[f"GAZU_SANDBOX_{end}"] for name, end in FACTS.items()}
    return nullcontext(SimpleNamespace(email="admin@example.com", password="mysecretpassword", **facts))


def draw_demo(box: Any) -> Any:
    """Run the demonstration, draw its output, and return its project."""
    said = io.StringIO()
    project = demo.run(box, said)
    console = Console(record=True, width=112, file=io.StringIO(), force_terminal=True)
    console.print("[bold green]$[/] gazu-sandbox demo")
    for line in (said.getvalue() + demo.next_steps("gazu-sandbox")).rstrip().split("\n"):
        took = line[6:8] == " s"
        console.print(Text.assemble((line[:8], "cyan"), line[8:]) if took else line, highlight=False)
    console.save_svg(str(DOCS / "_static" / "demo.svg"), title="gazu on a real Kitsu server")
    return project


def draw_progress(box: Any, project: Any) -> None:
    """Change statuses of tasks in *project*, and draw the chart of the notebook."""
    gazu.log_in(box.email, box.password)
    statuses = [gazu.task.get_task_status_by_short_name(name) for name in ("done", "wfa", "retake", "wip")]
    for number, task in enumerate(gazu.task.all_tasks_for_project(project)):
        if number % 5 < 4:
            gazu.task.add_comment(task, statuses[number % 5], "Seen.")
    gazu.log_out()
    account = {
        "KITSU_HOST": box.host,
        "KITSU_LOGIN": box.email,
        "KITSU_PWD": box.password,
    }
    os.environ.update(account, KITSU_PROJECT=project["name"], PYTHONPATH=str(DOCS.parent))
    notebook = nbformat.read(DOCS / "notebooks" / "task-progress.ipynb", as_version=4)
    nbclient.NotebookClient(notebook).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    picture = next(output.data["image/png"] for output in outputs if "image/png" in output.data)
    (DOCS / "_static" / "task-progress.png").write_bytes(base64.b64decode(picture))


if __name__ == "__main__":
    with server() as box:
        draw_progress(box, draw_demo(box))
