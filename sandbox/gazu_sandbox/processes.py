"""Programs: run one to its end, or supervise services that never outlive their supervisor."""

import contextlib
import json
import os
import pkgutil
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import psutil

from .errors import SandboxError

State = Dict[str, Any]  # of a sandbox: what its `sandbox.json` holds
# The services work in "app": gunicorn imports from there, and our watchdog would hide the package of that name.
SCRIPTS = {"watchdog.py": "", "zou_app.py": "app", "zou_jobs.py": "app"}
# Of the user's environment, nothing else reaches the server: PYTHONPATH could
# lead it to another gazu, DB_HOST to a real studio's database.
KEPT = ("LANG", "LC_ALL", "PATH", "SYSTEMROOT")
#: Start times move with the clock of the system, as it is corrected.
CLOCK_STEP_SECONDS = 5.0


def clean_environment(**more: object) -> Dict[str, str]:
    """Build the environment of a service."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    kept.setdefault("PATH", os.defpath)
    kept.update({name: str(value) for name, value in more.items()})
    return kept


class CommandError(SandboxError):
    """A program failed; `output` is all that it printed."""

    def __init__(self, command: Sequence[str], code: int, output: str) -> None:
        """Keep the output, and show the end of it."""
        super().__init__(f"{os.path.basename(command[0])} ended with status {code}: {output.strip()[-1500:]}")
        self.output = output


def run(command: Sequence[str], environment: Optional[Mapping[str, str]] = None, folder: Optional[Path] = None) -> str:
    """Run a program to its end and return its output."""
    env = dict(clean_environment() if environment is None else environment)
    try:
        done = subprocess.run(
            command, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    except OSError as error:
        raise SandboxError(f"cannot run {command[0]}: {error.strerror}") from None
    output = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        raise CommandError(command, done.returncode, output)
    return output


def start_time(pid: int) -> Optional[float]:
    """Return when a process started, in seconds since 1970; None if it has ended."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            return float(process.create_time())
    return None


def is_running(pid: int, started: Optional[float]) -> bool:
    """Return whether the process that started then still runs: its number may be that of another one by now."""
    now = start_time(pid) if started else None
    return now is not None and abs(now - float(started or 0)) < CLOCK_STEP_SECONDS


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
        problem = "it reports that it is not"
        try:
            if ready():
                return
        except (OSError, ValueError, SandboxError) as error:
            problem = str(error)
        if time.monotonic() > deadline:
            raise SandboxError(f"{what} is not ready after {seconds:.0f} seconds: {problem}")
        time.sleep(0.1)


class ServiceSpec(NamedTuple):
    """How to run a service."""

    name: str
    command: List[str]
    environment: Dict[str, str]
    stop_signal: int = signal.SIGTERM
    stop_order: int = 0  # 1 is stopped after 0
    stdin: str = ""


class Supervisor:
    """Services that end together, at the latest when this process ends."""

    def __init__(self, python: str, folder: Path, remove: Sequence[Path] = ()) -> None:
        """Run the services in *folder*, and remove some paths in the end; *python* is the server's."""
        self.logs: Path = folder / "logs"
        self.env_tag: str = "GAZU_SANDBOX_TAG=" + secrets.token_hex(8)
        self.remove: List[str] = [str(path) for path in remove]
        self.running: Dict[str, Tuple[ServiceSpec, subprocess.Popen[bytes]]] = {}
        self.scripts: Path = folder / "run"
        self.logs.mkdir(exist_ok=True)
        for name, place in SCRIPTS.items():
            (self.scripts / place).mkdir(parents=True, exist_ok=True)
            (self.scripts / place / name).write_bytes(pkgutil.get_data(__package__, name) or b"")
        command = [python, "-I", str(self.scripts / "watchdog.py"), str(os.getpid()), self.env_tag]
        self.watchdog: subprocess.Popen[bytes] = self._popen(command, clean_environment(), "watchdog")
        self._inform_watchdog()

    def _popen(self, command: List[str], environment: Mapping[str, str], log: str) -> "subprocess.Popen[bytes]":
        place, pipe = self.scripts / "app", subprocess.PIPE
        with open(str(self.logs / (log + ".log")), "ab") as out:
            return subprocess.Popen(
                command, env=environment, cwd=place, stdin=pipe, stdout=out, stderr=out, start_new_session=True
            )

    def _inform_watchdog(self) -> None:
        running = self.running.values()
        services = [(process.pid, int(spec.stop_signal), spec.stop_order) for spec, process in running]
        assert self.watchdog.stdin is not None
        try:
            self.watchdog.stdin.write(json.dumps({"services": services, "remove": self.remove}).encode() + b"\n")
            self.watchdog.stdin.flush()
        except OSError:
            raise SandboxError(f"the watchdog ended: {tail(self.logs / 'watchdog.log')}") from None

    def start(self, spec: ServiceSpec) -> None:
        """Start a service."""
        name, _, value = self.env_tag.partition("=")
        process = self._popen(spec.command, {**spec.environment, name: value}, spec.name)
        self.running[spec.name] = spec, process
        self._inform_watchdog()
        with contextlib.suppress(BrokenPipeError):
            assert process.stdin is not None
            process.stdin.write(spec.stdin.encode())
            process.stdin.close()

    def check(self) -> None:
        """Raise an error when a service has ended by itself."""
        for name, (_, process) in self.running.items():
            code = process.poll()
            if code is not None:
                how = f"signal {-code}" if code < 0 else f"status {code}"
                raise SandboxError(f"{name} ended ({how}); the end of its log:\n{tail(self.logs / (name + '.log'))}")

    def stop_one(self, name: str) -> ServiceSpec:
        """Stop a service and return its specification."""
        spec, process = self.running.pop(name)
        for number in (spec.stop_signal, spec.stop_signal, signal.SIGKILL):
            if process.poll() is None:
                process.send_signal(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(4)
        self._kill(process)
        self._inform_watchdog()
        return spec

    def _kill(self, process: "subprocess.Popen[bytes]") -> None:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self, remove: bool = True) -> None:
        """Let the watchdog end everything, and wait for it."""
        with contextlib.suppress(OSError, SandboxError):
            if not remove:
                self.remove.clear()
                self._inform_watchdog()
            assert self.watchdog.stdin is not None
            self.watchdog.stdin.close()
        while self.watchdog.poll() is None:
            for _, process in self.running.values():
                process.poll()  # else it would stay as a zombie
            time.sleep(0.02)
        for _, process in self.running.values():
            self._kill(process)  # has an effect only where the watchdog itself was killed
        self.running.clear()

    def pids(self) -> Dict[str, List[Any]]:
        """Return process number and start time of each service."""
        return {name: [process.pid, start_time(process.pid)] for name, (_, process) in self.running.items()}


def say(text: str) -> None:
    """Print a line for the user on the standard error output."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)
