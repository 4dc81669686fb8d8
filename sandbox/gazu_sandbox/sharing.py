"""One sandbox for all the processes of a test run, and whose turn it is to have it alone.

All of it is done with locks of files: the system lets them go when a process ends, however it ends.
"""

import contextlib
from pathlib import Path
from typing import Iterator

from .box import Sandbox
from .database import reset
from .folders import State, announced, cache_folder, is_alive, read_state, running
from .processes import locked


@contextlib.contextmanager
def sandbox_of_run(folder: Path) -> Iterator[State]:
    """Use the sandbox that a process of the run in *folder* has started, or start it.

    Who has started it stays until the others have ended, and stops it.
    """
    start, users, note = (folder / ("gazu-sandbox." + end) for end in ("lock", "users", "data"))
    with contextlib.ExitStack() as stack:
        with locked(start):
            state = read_state(Path(note.read_text())) if note.exists() else None
            if state is None or not is_alive(state):
                state = stack.enter_context(_own_sandbox(start, users))
                note.write_text(state["data"])
            stack.enter_context(locked(users, shared=True))
        yield state


@contextlib.contextmanager
def _own_sandbox(start: Path, users: Path) -> Iterator[State]:
    box = Sandbox()
    box.start()
    try:
        yield box.facts()
    finally:
        with locked(start), locked(users):
            box.stop()


@contextlib.contextmanager
def turn(data: Path, alone: bool) -> Iterator[None]:
    """Use the sandbox in *data* together with others, or *alone* and in its first state."""
    gate, room = data / "run" / "gate.lock", data / "run" / "turn.lock"
    with contextlib.ExitStack() as stack:
        with locked(gate):  # who waits to be alone lets nobody pass
            stack.enter_context(locked(room, shared=not alone))
        if alone:
            reset(running(cache_folder(), str(data)))
        yield


def data_of(host: str) -> str:
    """Return the folder of the sandbox at *host*, or "" if none of this user runs there on this machine."""
    return next((s["data"] for s in announced(cache_folder()) if s.get("host") == host and is_alive(s)), "")
