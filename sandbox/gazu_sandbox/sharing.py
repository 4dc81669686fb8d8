"""One sandbox for all the processes of a test run, which use it together or one of them alone.

All of it is done with locks of files: the system releases them when a process ends, however it ends.
"""

import contextlib
import uuid
from pathlib import Path
from typing import Iterator

from .box import Sandbox
from .database import reset
from .folders import announced, cache_folder, file_lock, is_alive, read_state, running
from .processes import State
from .versions import NEWEST


@contextlib.contextmanager
def sandbox_of_run(folder: Path, zou: str = NEWEST) -> Iterator[State]:
    """Use the sandbox of that Zou that a process of the run in *folder* has started, or start it.

    The process that has started it waits for the others to end, and stops it.
    """
    lock, record = folder / f"gazu-sandbox-{zou}.lock", folder / f"gazu-sandbox-{zou}.data"
    with contextlib.ExitStack() as stack:
        with file_lock(lock):
            state = read_state(Path(record.read_text())) if record.exists() else None
            if state is None or not is_alive(state):
                state = stack.enter_context(_own_sandbox(lock, zou))
                record.write_text(state["data"])
            stack.enter_context(_holder(lock))
        yield state


@contextlib.contextmanager
def _own_sandbox(lock: Path, zou: str) -> Iterator[State]:
    box = Sandbox(zou=zou)
    box.start()
    try:
        yield box.facts()
    finally:
        with exclusive_lock(lock):
            box.stop()


@contextlib.contextmanager
def use(data: Path, alone: bool) -> Iterator[None]:
    """Use the sandbox in *data* together with others, or *alone* and in its first state."""
    with (exclusive_lock if alone else shared_lock)(data / "run" / "use.lock"):
        if alone:
            reset(running(cache_folder(), str(data)))
        yield


@contextlib.contextmanager
def shared_lock(path: Path) -> Iterator[None]:
    """Hold a lock together with others. filelock has exclusive ones only: each holder has a file of its own."""
    with contextlib.ExitStack() as stack:
        with file_lock(path):
            stack.enter_context(_holder(path))
        yield


@contextlib.contextmanager
def _holder(path: Path) -> Iterator[None]:
    own = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        with file_lock(own):
            yield
    finally:
        with contextlib.suppress(OSError):
            own.unlink()


@contextlib.contextmanager
def exclusive_lock(path: Path) -> Iterator[None]:
    """Hold a lock alone: let nobody else in, and wait for those who hold it shared."""
    with file_lock(path):
        for holder in path.parent.glob(path.name + ".*"):
            with file_lock(holder):
                pass
        yield


def data_of(host: str) -> str:
    """Return the folder of the sandbox at *host*, or "" if none of this user runs there on this machine."""
    return next((s["data"] for s in announced(cache_folder()) if s.get("host") == host and is_alive(s)), "")
