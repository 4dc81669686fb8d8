"""Programs: run one to its end, or keep a crew of services that never outlives its maker."""

import contextlib
import json
import os
import pkgutil
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from .errors import SandboxError

# The services work in "app": gunicorn imports from there, and our watchdog would hide the package of that name.
SCRIPTS = {"launch.py": "", "watchdog.py": "", "zou_app.py": "app"}
# Of the user's environment, nothing else reaches the server: PYTHONPATH could
# lead it to another gazu, DB_HOST to a real studio's database.
KEPT = ("LANG", "LC_ALL", "PATH", "SYSTEMROOT")


def clean_environment(**more: object) -> Dict[str, str]:
    """Build the environment of a service."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    kept.setdefault("PATH", os.defpath)
    kept.update({name: str(value) for name, value in more.items()})
    return kept


class CommandError(SandboxError):
    """A program ended badly; `output` is all that it said."""

    def __init__(self, command: Sequence[str], code: int, output: str) -> None:
        """Keep the output, and show the end of it."""
        super().__init__(f"{os.path.basename(command[0])} ended with status {code}: {output.strip()[-1500:]}")
        self.output = output


def run(command: Sequence[str], environment: Optional[Mapping[str, str]] = None, folder: Optional[Path] = None) -> str:
    """Run a program to its end and return what it said."""
    try:
        done = subprocess.run(
            list(command),
            check=False,
            env=dict(clean_environment() if environment is None else environment),
            cwd=str(folder) if folder else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        raise SandboxError(f"cannot run {command[0]}: {error.strerror}") from None
    output = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        raise CommandError(command, done.returncode, output)
    return output


def born(pid: int) -> Optional[str]:
    """Tell when a process started, in any notation, so that a reused number is not taken for it."""
    if not os.path.isdir("/proc/self"):
        with contextlib.suppress(SandboxError):
            return run(["/bin/ps", "-o", "lstart=", "-p", str(pid)]).strip() or None
        return None
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:
            fields = stream.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else fields[19].decode()


def find_ports(wanted: Optional[Sequence[int]], names: Sequence[str]) -> Dict[str, int]:
    """Choose a port for each name: the wanted one, or a free one where that is 0."""
    numbers = list(wanted or [0] * len(names))
    if len(numbers) != len(names):
        raise SandboxError(f"{len(names)} ports are needed: {', '.join(names)}")
    with contextlib.ExitStack() as stack:
        ports = {}
        for name, number in zip(names, numbers):
            probe = stack.enter_context(socket.socket())
            # As servers do: a port whose connections only linger is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", number))
            except (OSError, OverflowError) as error:
                raise SandboxError(f"port {number} (for {name}) cannot be used: {error}") from None
            ports[name] = probe.getsockname()[1]
    return ports


def tail(log: Path, lines: int = 12) -> str:
    """Read the last lines of a log."""
    try:
        return "\n".join(log.read_bytes().decode("utf-8", "replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


def wait_for(what: str, ready: Callable[[], bool], check: Callable[[], None], seconds: float) -> None:
    """Wait until something is ready, as long as *check* raises nothing."""
    deadline = time.monotonic() + seconds
    while True:
        check()
        problem = "it says that it is not"
        try:
            if ready():
                return
        except (OSError, ValueError, SandboxError) as error:
            problem = str(error)
        if time.monotonic() > deadline:
            raise SandboxError(f"{what} is not ready after {seconds:.0f} seconds: {problem}")
        time.sleep(0.1)


class Plan(NamedTuple):
    """How to run a service."""

    name: str
    command: List[str]
    environment: Dict[str, str]
    stop: int = signal.SIGTERM
    wave: int = 0  # 1 is stopped after 0
    feed: str = ""  # for its standard input
    account: Mapping[str, Any] = {}  # who to be: see launch.py


class Crew:
    """Services that end together, at the latest when this process ends."""

    def __init__(self, python: str, folder: Path) -> None:
        """Run the services in *folder*; *python* is the server's, for the scripts around them."""
        self.python: str = python
        self.folder: Path = folder
        self.logs: Path = folder / "logs"
        self.mark: str = "GAZU_SANDBOX_MARK=" + secrets.token_hex(8)
        self.running: Dict[str, Tuple[Plan, subprocess.Popen[bytes]]] = {}
        self.place: Path = folder / "run"
        self.place.mkdir(exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        for name, place in SCRIPTS.items():
            (self.place / place).mkdir(exist_ok=True)
            (self.place / place / name).write_bytes(pkgutil.get_data(__package__, name) or b"")
        command = [python, "-I", str(self.place / "watchdog.py"), str(os.getpid()), self.mark]
        with open(str(self.logs / "watchdog.log"), "ab") as log:
            self.watchdog: subprocess.Popen[bytes] = subprocess.Popen(
                command, env=clean_environment(), stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )

    def tell(self, **message: object) -> None:
        """Tell the watchdog something."""
        pipe = self.watchdog.stdin
        assert pipe is not None
        try:
            pipe.write(json.dumps(message).encode() + b"\n")
            pipe.flush()
        except OSError:
            raise SandboxError(f"the watchdog ended: {tail(self.logs / 'watchdog.log')}") from None

    def launcher(self, order: Mapping[str, Any]) -> List[str]:
        """Build the command that runs launch.py with *order*."""
        return [self.python, "-I", str(self.place / "launch.py"), json.dumps(order)]

    def start(self, plan: Plan) -> None:
        """Start a service."""
        name, _, value = self.mark.partition("=")
        order: Dict[str, Any] = {"command": plan.command, "folder": str(self.place / "app"), "parent": os.getpid()}
        order.update(plan.account)
        if threading.current_thread() is threading.main_thread():
            # The kernel takes the end of the starting *thread* for the parent's death.
            order["death_signal"] = int(plan.stop)
        with open(str(self.logs / (plan.name + ".log")), "ab") as log:
            process = subprocess.Popen(
                self.launcher(order),
                env={**plan.environment, name: value},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running[plan.name] = plan, process
        self.tell(watch=process.pid, signal=int(plan.stop), wave=plan.wave)
        with contextlib.suppress(BrokenPipeError):
            assert process.stdin is not None
            process.stdin.write(plan.feed.encode())
            process.stdin.close()

    def check(self) -> None:
        """Raise an error when a service has ended by itself."""
        for name, (_, process) in self.running.items():
            code = process.poll()
            if code is not None:
                how = f"signal {-code}" if code < 0 else f"status {code}"
                raise SandboxError(f"{name} ended ({how}); the end of its log:\n{tail(self.logs / (name + '.log'))}")

    def stop_one(self, name: str) -> Plan:
        """Stop a service and return how it was run."""
        plan, process = self.running.pop(name)
        for number in (plan.stop, plan.stop, signal.SIGKILL):
            if process.poll() is None:
                process.send_signal(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(4)
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        self.tell(gone=process.pid)
        return plan

    def forget_folders(self) -> None:
        """Leave to the next crew the folders that were to be removed."""
        self.tell(forget=True)

    def stop(self) -> None:
        """Let the watchdog end everything, and wait for it."""
        pipe = self.watchdog.stdin
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
        while self.watchdog.poll() is None:
            for _, process in self.running.values():
                process.poll()  # else it would stay as a zombie
            time.sleep(0.02)
        for _, process in self.running.values():
            # Only where the watchdog itself was killed.
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.running.clear()

    def pids(self) -> Dict[str, List[Any]]:
        """List the services with their number and birth."""
        return {name: [process.pid, born(process.pid)] for name, (_, process) in self.running.items()}


@contextlib.contextmanager
def locked(path: Path, wait: bool = True, shared: bool = False) -> Iterator[None]:
    """Hold the lock of a file, alone or *shared*; without *wait*, raise BlockingIOError when it cannot be had."""
    import fcntl

    with open(str(path), "a") as stream:
        fcntl.flock(stream, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        try:
            yield
        finally:
            fcntl.flock(stream, fcntl.LOCK_UN)  # a forked child that lives on has the file open, too


def say(text: str) -> None:
    """Write a line for the user, beside what a program may read."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)
