"""End the services of a sandbox and remove its files, however the sandbox ended.

A script that runs on the server's Python. Each line that it reads is a JSON object, which replaces the one before:

    {"services": [[PID, SIGNAL, STOP_ORDER], ...], "remove": [PATH, ...]}

The other end of that pipe is held by the sandbox alone: its end, by stop(), by an error or by kill -9, is the end of
the file here. Then the services of stop order 0 are ended (those that use the databases), then those of 1, then what
carries the sandbox's tag in its environment: the children of a service that have left its process group.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import sys
import time
from typing import Any, Dict, Iterator, List

import psutil  # Zou requires it

GRACE_SECONDS = 5.0


def is_running(pid: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    return False


def end(services: List[List[int]]) -> None:
    """End some services: politely, then not."""
    deadline = time.monotonic() + GRACE_SECONDS
    repeat, left = time.monotonic(), services
    while left and time.monotonic() < deadline:
        if time.monotonic() >= repeat:
            # Some take the first signal as a wish only (a job worker with a job).
            repeat += 1.0
            for pid, number, _ in left:
                with contextlib.suppress(OSError):
                    os.kill(pid, number)
        time.sleep(0.02)
        left = [service for service in left if is_running(service[0])]
    for pid, _, _ in services:
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


def end_tagged(env_tag: str, spared: List[int]) -> None:
    """Kill the processes whose environment has *env_tag*, but for some."""
    name, _, value = env_tag.partition("=")
    for process in psutil.process_iter(["environ"]):
        if (process.info["environ"] or {}).get(name) == value and process.pid not in spared:
            with contextlib.suppress(psutil.Error):
                process.kill()


def listen(parent: int) -> Iterator[bytes]:
    """Yield the lines of the sandbox, until it ends."""
    buffer = b""
    while os.getppid() == parent:
        # A forked child of the sandbox may hold the pipe open: look at the parent too.
        if not select.select([0], [], [], 1.0)[0]:
            continue
        piece = os.read(0, 65536)
        if not piece:
            return
        *lines, buffer = (buffer + piece).split(b"\n")
        yield from lines


def main(parent: int, env_tag: str) -> None:
    """Listen until the sandbox ends, then clean up behind it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    state: Dict[str, Any] = {"services": [], "remove": []}
    for line in listen(parent):
        state = json.loads(line)
    services = state["services"]
    end([service for service in services if service[2] == 0])
    end_tagged(env_tag, spared=[pid for pid, _, _ in services])
    end([service for service in services if service[2] == 1])
    for folder in state["remove"]:
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.unlink(folder)


main(int(sys.argv[1]), sys.argv[2])
