"""Where things are: the cache of programs, the data of one sandbox, the list of those that run."""

import contextlib
import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import List, Optional

import platformdirs
from filelock import BaseFileLock, FileLock, Timeout

from .errors import SandboxError
from .processes import State, is_running, say

ENTRIES = ("files", "lock", "logs", "plugins", "postgres", "run", "sandbox.json", "tmp")


def file_lock(path: Path) -> BaseFileLock:
    """Return the lock of a file, to be held with `with`."""
    return FileLock(str(path), thread_local=False)


def cache_folder() -> Path:
    """Choose the folder of the installed programs, and make it."""
    if os.environ.get("GAZU_SANDBOX_CACHE"):
        return _made(Path(os.environ["GAZU_SANDBOX_CACHE"]))
    usual = Path(platformdirs.user_cache_dir("gazu-sandbox", appauthor=False))
    if usual.is_absolute():  # else this user has no home folder
        with contextlib.suppress(SandboxError):
            return _made(usual)
    folder = _made(Path(tempfile.gettempdir()) / f"gazu-sandbox-cache-{os.geteuid()}")
    if folder.stat().st_uid != os.geteuid():
        raise SandboxError(f"{folder} belongs to another user: set GAZU_SANDBOX_CACHE to a folder of yours")
    say(f"the home folder has no writable cache folder: using {folder} (or set GAZU_SANDBOX_CACHE)")
    return folder


def _made(folder: Path) -> Path:
    folder = folder.expanduser().absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=str(folder)):
            return folder
    except OSError as error:
        raise SandboxError(f"the cache folder {folder} cannot be written: {error.strerror}") from None


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(str(draft), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    os.replace(str(draft), str(path))


def read_state(folder: Path) -> Optional[State]:
    """Read the state file of a data folder, if it has one."""
    try:
        state = json.loads((folder / "sandbox.json").read_text())
    except (OSError, ValueError):
        return None
    return state if isinstance(state, dict) else None


def is_alive(state: State) -> bool:
    """Return whether the sandbox with this state runs."""
    return is_running(state.get("pid", 0), state.get("start_time"))


def survivors(state: State) -> List[str]:
    """Name the services of this state that still run."""
    found = state.get("services", {}).items()
    return [f"{name} ({pid})" for name, (pid, started) in found if is_running(pid, started)]


class DataFolder:
    """The folder of one sandbox: database, files, logs and state. Used by one process at a time."""

    def __init__(self, wanted: Optional[str], keep: bool, version: str) -> None:
        """Use the folder *wanted*, or make a temporary one."""
        if wanted is None:
            self.path: Path = Path(tempfile.mkdtemp(prefix="gazu-sandbox-"))
            made = [self.path]
        else:
            self.path = Path(wanted).expanduser().absolute()
            made = self._create()
        self._lock = file_lock(self.path / "lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise SandboxError(f"a sandbox runs in {self.path} already") from None
        try:
            self.state = {**self._adopt(version), "named": wanted is not None}
        except SandboxError:
            self._lock.release()
            raise
        self.made: List[Path] = [] if keep else made
        for name in ("files/previews", "logs", "plugins", "run", "tmp"):
            (self.path / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.path / name.split("/")[0]).chmod(
                0o700
            )  # a parent has the usual mode, and so may a folder that was there

    def _create(self) -> List[Path]:
        """Make the folder if needed and return what may be removed at the end."""
        existed = self.path.exists()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            content = os.listdir(str(self.path))
        except OSError as error:
            raise SandboxError(f"the data folder {self.path} cannot be used: {error.strerror}") from None
        if content and read_state(self.path) is None and set(content) - set(ENTRIES):
            raise SandboxError(f"{self.path} has files that are not a sandbox's: choose an empty folder")
        if not existed:
            return [self.path]
        return [] if content else [self.path / name for name in ENTRIES]

    def _adopt(self, version: str) -> State:
        """Return the state that an earlier run left, once that run has really ended."""
        state = read_state(self.path) or {}
        if state and state.get("zou") != version:
            raise SandboxError(f"{self.path} was made by Zou {state.get('zou')}, this is {version}: choose another")
        deadline = time.monotonic() + 6
        while survivors(state) and time.monotonic() < deadline:
            time.sleep(0.1)  # its watchdog is at work
        if survivors(state):
            raise SandboxError(f"{self.path} is still used by {', '.join(survivors(state))}, left by an earlier run")
        if state:
            with contextlib.suppress(FileNotFoundError):
                (self.path / "postgres" / "postmaster.pid").unlink()
        elif (self.path / "postgres").exists():
            # Its password is in the state: a start that did not get far.
            shutil.rmtree(str(self.path / "postgres"))
        return {**state, "zou": version}

    def save(self) -> None:
        """Write the state file."""
        write_private(self.path / "sandbox.json", json.dumps(self.state, indent=1) + "\n")

    def release(self) -> None:
        """Remove what is not kept, and let others use the folder."""
        for made in self.made:
            # The watchdog has done it, unless no service was ever started.
            if made.is_dir():
                shutil.rmtree(str(made), ignore_errors=True)
            elif made.exists():
                made.unlink()
        if (self.path / "sandbox.json").exists():
            self.state.update(pid=0, start_time=None, services={})
            self.save()
        self._lock.release()


def announce(cache: Path, data: str) -> Path:
    """List a sandbox among those that run, for `status` and `down`."""
    folder = cache / "running"
    folder.mkdir(exist_ok=True)
    entry = folder / str(os.getpid())
    write_private(entry, data)
    return entry


def announced(cache: Path) -> List[State]:
    """Read the states of the sandboxes that are listed; some may have ended."""
    entries = sorted((cache / "running").glob("[0-9]*"))
    return [read_state(Path(entry.read_text())) or {} for entry in entries]


def running(cache: Path, data: Optional[str]) -> State:
    """Find the state of the sandbox in *data*, or of the only one that runs."""
    states = announced(cache) if data is None else [read_state(Path(data).expanduser().absolute()) or {}]
    alive = [state for state in states if is_alive(state)]
    if not alive:
        raise SandboxError(f"no sandbox runs in {data}" if data else "no sandbox is running")
    if len(alive) > 1:
        raise SandboxError("several are running, say which: " + ", ".join(f"--data {s['data']}" for s in alive))
    return alive[0]
