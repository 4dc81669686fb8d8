"""Running the services of docs/how-to/event-service.md that hand events on to a job queue."""

import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Dict

from gazu_sandbox.install import prepare

from .pages import blocks

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "event-service.md"
ENGINES = ("rq", "dask", "celery")
#: What the page leaves out, as another example of it has that.
HEAD = """
import os
import gazu
gazu.set_host(os.environ["KITSU_SERVER"])
gazu.set_event_host(os.environ["KITSU_EVENT_SERVER"])
gazu.log_in(os.environ["KITSU_LOGIN"], os.environ["KITSU_PWD"])
"""


def log_in_of(box: Any) -> Dict[str, str]:
    """Return the variables that the services read."""
    names = ("KITSU_SERVER", "KITSU_EVENT_SERVER", "KITSU_LOGIN", "KITSU_PWD")
    return dict(zip(names, (box.host, box.event_host, box.email, box.password)))


def modules(folder: Path, environment: Dict[str, str], extra: str = "", before: str = "") -> None:
    """Write the modules of the page into a folder, and what they need into the environment.

    Args:
        extra: more of `jobs.py`.
        before: what the services run first.
    """
    found = {}
    for block in blocks(PAGE.read_text(encoding="utf-8")):
        first = block.code.split("\n")[0]
        if first.startswith("# ") and ".py: " in first:
            found[first[2:].split(": ")[0]] = block.code
    assert found.keys() == {"jobs.py", "tasks.py", *(f"service_{engine}.py" for engine in ENGINES)}
    for name, code in found.items():
        head = before + HEAD if name.startswith("service") else ""
        (folder / name).write_text(head + code + (extra if name == "jobs.py" else ""), encoding="utf-8")
    (folder / "pictures").mkdir()
    environment.update(PICTURES=str(folder / "pictures"), PYTHONPATH=f"{folder}:{ROOT}", HOME=str(folder))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Redis:
    """A Redis of its own, the one of the sandbox."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> "Redis":
        command = [prepare()[0].redis, "--port", str(self.port), "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.01)
        raise OSError("Redis does not start")

    def __exit__(self, *error: Any) -> None:
        self.process.kill()
        self.process.wait()
