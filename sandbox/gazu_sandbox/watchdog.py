"""End the services of a sandbox and remove its files, however the sandbox ended.

A script that runs on the server's Python. It reads one JSON object a line:

    {"watch": PID, "signal": NUMBER, "wave": 0 or 1}    {"gone": PID}    {"remove": PATH}    {"forget": true}

The other end of that pipe is held by the sandbox alone: its end, by stop(), by
an error or by kill -9, is the end of the file here. Then wave 0 (those that use
the databases) is ended, then wave 1, then what carries the sandbox's mark in its
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

GRACE = 5.0


def alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat", "rb") as stream:
            return stream.read().rpartition(b")")[2].split()[0] not in b"ZX"
    except ProcessLookupError:
        return False
    except OSError:
        return not os.path.isdir("/proc/self")


def send(pid: int, number: int, group: bool = False) -> None:
    """Send a signal to who may be gone already."""
    try:
        (os.killpg if group else os.kill)(pid, number)
    except OSError:
        pass


def marked(mark: bytes) -> Iterator[int]:
    """Find the processes whose environment has *mark* (Linux only)."""
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else ():
        if name.isdigit() and int(name) != os.getpid():
            try:
                with open(f"/proc/{name}/environ", "rb") as stream:
                    if mark in stream.read().split(b"\0"):
                        yield int(name)
            except OSError:
                continue


def end(services: List[Dict[str, Any]]) -> None:
    """End some services: politely, then not."""
    deadline = time.monotonic() + GRACE
    repeat = time.monotonic()
    left = services
    while left and time.monotonic() < deadline:
        if time.monotonic() >= repeat:
            # Some take the first signal as a wish only (a job worker with a job).
            repeat += 1.0
            for service in left:
                send(service["watch"], service["signal"])
        time.sleep(0.02)
        left = [service for service in left if alive(service["watch"])]
    for service in services:
        send(service["watch"], signal.SIGKILL, group=True)


def listen(parent: int) -> Iterator[Dict[str, Any]]:
    """Yield what the sandbox says, until it ends."""
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


def main(parent: int, mark: str) -> None:
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
    for wave in (0, 1):
        end([service for service in services.values() if service["wave"] == wave])
        for pid in marked(mark.encode()) if wave == 0 else ():
            if pid not in services:
                send(pid, signal.SIGKILL)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
        if os.path.isfile(folder):
            os.unlink(folder)


main(int(sys.argv[1]), sys.argv[2])
