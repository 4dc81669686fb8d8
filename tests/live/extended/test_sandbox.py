"""The sandbox itself: a second one, beside that of the other live tests."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest

import gazu
import gazu_sandbox
from gazu.client import KitsuClient

ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join(str(Path(m.__file__).parents[1]) for m in (gazu, gazu_sandbox)),
}
COMMAND = [sys.executable, "-m", "gazu_sandbox"]

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks for processes in /proc")


class Up:
    """A running `up --json`."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "up", "--json", "--workers", "1", *words],
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        self.facts: Dict[str, Any] = json.loads(self.process.stdout.readline() or b"{}")

    def end(self) -> str:
        """Wait for the end and return what it said."""
        return self.process.communicate(timeout=120)[1].decode()


def command(*words: str) -> "subprocess.CompletedProcess[bytes]":
    """Run a command of the sandbox to its end."""
    return subprocess.run(
        [*COMMAND, *words], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120
    )


def processes_of(data: str) -> List[int]:
    """Find the processes that have to do with a data folder."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path(f"/proc/{name}/cmdline").read_bytes() + Path(f"/proc/{name}/environ").read_bytes()
            words += os.readlink(f"/proc/{name}/cwd").encode()
        except OSError:
            continue
        if data.encode() in words and int(name) != os.getpid():
            found.append(int(name))
    return found


def gone(data: str, seconds: float = 120) -> bool:
    """Wait until nothing of a sandbox runs."""
    deadline = time.monotonic() + seconds
    while processes_of(data) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not processes_of(data)


@pytest.fixture
def data(tmp_path: Path) -> str:
    """A folder for the data, which is not there yet."""
    return str(tmp_path / "data")


@pytest.fixture
def up(data: str) -> Iterator[Up]:
    """A sandbox in that folder, which stays."""
    running = Up("--data", data, "--keep", "--password", "random")
    yield running
    if running.process.poll() is None:
        running.process.terminate()
        running.end()


def client_of(facts: Dict[str, Any]) -> KitsuClient:
    """Log in to a sandbox with a client of its own."""
    client = gazu.client.create_client(facts["host"])
    gazu.log_in(facts["email"], facts["password"], client=client)
    return client


def projects(client: KitsuClient) -> List[str]:
    return [row["name"] for row in gazu.client.get("data/projects", client=client)]


def test_status_reset_a_polite_end_what_was_kept_and_a_crash(up: Up, data: str) -> None:
    facts = json.loads(command("status", "--json", "--data", data).stdout)
    assert facts["ok"] is True
    assert set(facts["services"]) == {"api", "events", "jobs", "postgres", "redis"}
    assert facts["parts"] == dict.fromkeys(("database", "key-value-store", "event-stream", "job-queue"), True)

    with pytest.raises(gazu.AuthFailedException):
        client_of({**up.facts, "password": "mysecretpassword"})
    client = client_of(up.facts)
    gazu.client.post("data/projects", {"name": "To be forgotten"}, client=client)
    assert projects(client) == ["To be forgotten"]
    assert command("reset", "--data", data).returncode == 0
    assert projects(client_of(up.facts)) == []

    again = Up("--data", data)
    assert "runs in" in again.end()
    assert again.process.returncode == 1

    gazu.client.post("data/projects", {"name": "To be kept"}, client=client)
    os.kill(up.process.pid, signal.SIGTERM)
    assert "Traceback" not in up.end()
    assert up.process.returncode == 0
    assert gone(data)
    assert command("status", "--data", data).stderr.startswith(b"error: no sandbox runs in")

    again = Up("--data", data, "--keep", "--no-jobs")
    assert projects(client_of(again.facts)) == ["To be kept"]
    os.kill(again.facts["services"]["redis"][0], signal.SIGKILL)
    said = again.end()
    assert "error: redis ended (signal 9); the end of its log:" in said
    assert "Traceback" not in said.partition("the end of its log")[0]
    assert again.process.returncode == 1
    assert gone(data)


def test_kill_9_leaves_nothing_behind_and_the_folder_is_taken_over(up: Up, data: str) -> None:
    gazu.client.post("data/projects", {"name": "To be kept"}, client=client_of(up.facts))
    assert len(processes_of(data)) >= 7
    up.process.kill()
    up.end()
    after = Up("--data", data, "--no-jobs")
    assert after.facts["data"] == data
    assert projects(client_of(after.facts)) == ["To be kept"]
    assert command("down", "--data", data).returncode == 0
    after.end()
    assert gone(data)
    assert os.path.isdir(data), "it was there before"


def test_a_taken_port_is_an_error_of_one_line() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen(1)
        port = str(busy.getsockname()[1])
        done = command("up", "--ports", port, "0", "0", "0")
    assert done.returncode == 1
    assert done.stderr.decode().splitlines()[-1].startswith(f"error: port {port} (for api) cannot be used")
