"""End the services of a sandbox and remove its files, however the sandbox ended.

A script that runs on the server's Python. It reads one JSON object a line:

    {"watch": PID, "signal": NUMBER, "stop_order": 0 or 1}    {"gone": PID}    {"remove": PATH}    {"forget": true}

The other end of that pipe is held by the sandbox alone: its end, by stop(), by
an error or by kill -9, is the end of the file here. Then the services of stop order 0 are ended (those that use
the databases), then those of 1, then what carries the sandbox's tag in its
environment: the children of a service that have left its process group.
"""

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
    try:
        return bool(psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD))
    except psutil.NoSuchProcess:
        return False


def send(pid: int, number: int, group: bool = False) -> None:
    """Send a signal to a process that may have ended already."""
    try:
        (os.killpg if group else os.kill)(pid, number)
    except OSError:
        pass


def tagged(env_tag: str) -> List[int]:
    """Return the processes whose environment has *env_tag*."""
    name, _, value = env_tag.partition("=")
    found = psutil.process_iter(["environ"])
    return [process.pid for process in found if (process.info["environ"] or {}).get(name) == value]


def end(services: List[Dict[str, Any]]) -> None:
    """End some services: politely, then not."""
    deadline = time.monotonic() + GRACE_SECONDS
    repeat = time.monotonic()
    left = services
    while left and time.monotonic() < deadline:
        if time.monotonic() >= repeat:
            # Some take the first signal as a wish only (a job worker with a job).
            repeat += 1.0
            for service in left:
                send(service["watch"], service["signal"])
        time.sleep(0.02)
        left = [service for service in left if is_running(service["watch"])]
    for service in services:
        send(service["watch"], signal.SIGKILL, group=True)


def listen(parent: int) -> Iterator[Dict[str, Any]]:
    """Yield the messages of the sandbox, until it ends."""
    buffer = b""
    while os.getppid() == parent:
        # A forked child of the sandbox may hold the pipe open: look at the parent too.
        if not select.select([0], [], [], 1.0)[0]:
            continue
        piece = os.read(0, 65536)
        if not piece:
            return
        lines = (buffer + piece).split(b"\n")
        buffer = lines.pop()
        for line in lines:
            yield json.loads(line)


def main(parent: int, env_tag: str) -> None:
    """Listen until the sandbox ends, then clean up behind it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    services: Dict[int, Dict[str, Any]] = {}
    folders: List[str] = []
    for message in listen(parent):
        if "watch" in message:
            services[message["watch"]] = message
        elif "gone" in message:
            services.pop(message["gone"], None)
        elif "forget" in message:
            folders.clear()
        else:
            folders.append(message["remove"])
    for stop_order in (0, 1):
        end([service for service in services.values() if service["stop_order"] == stop_order])
        for pid in tagged(env_tag) if stop_order == 0 else ():
            if pid not in services:
                send(pid, signal.SIGKILL)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
        if os.path.isfile(folder):
            os.unlink(folder)


main(int(sys.argv[1]), sys.argv[2])
