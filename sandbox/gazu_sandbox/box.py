"""A sandbox: one server with all that it needs, in one folder."""

import os
import secrets
import sys
import time
from pathlib import Path
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple

from . import database, services
from .errors import SandboxError
from .folders import DataFolder
from .install import prepare
from .processes import State, Supervisor, find_ports, say, start_time, wait_for
from .progress import Progress
from .versions import NEWEST

FACTS = ("host", "event_host", "email", "password", "data", "ffmpeg", "ffprobe", "zou", "pid", "ports", "services")
#: How long Zou takes to load on a quiet machine; only to show the progress.
USUAL_SECONDS = 7.0


class Sandbox:
    """A running Kitsu API server; use it with `with`.

    Args:
        data: The folder of its database, files and logs; a temporary one by default. A sandbox that
            was kept there goes on from where it was.
        keep: Leave the folder at the end. Without it all that was made is removed.
        ports: Of the API, the event stream, PostgreSQL and Redis; 0 is any free one.
        workers: Processes of the API.
        environment: Settings of Zou, as `{"ENFORCE_2FA": "true"}`.
        jobs: Run the job worker; without it, previews are made during their upload. There is none where fakeredis
            stands in for Redis: it has no password, and others on this machine could give it jobs.
        access_seconds: Lifetime of access tokens; Zou's is 7 days.
        refresh_seconds: Lifetime of refresh tokens; Zou's is 15 days.
        zou: The version of Zou.
        password: The administrator's; "random" makes one. By default that of all sandboxes, so that every user of this
            machine can log in.
        show_progress: Show on the standard error output what is being started.
    """

    def __init__(
        self,
        data: Optional[str] = None,
        keep: bool = False,
        ports: Optional[Sequence[int]] = None,
        workers: int = 2,
        environment: Optional[Mapping[str, object]] = None,
        jobs: bool = True,
        access_seconds: Optional[float] = None,
        refresh_seconds: Optional[float] = None,
        show_progress: bool = False,
        zou: str = NEWEST,
        password: Optional[str] = None,
    ) -> None:
        """Keep the settings: `start` does the work."""
        self._wanted = os.fspath(data) if data is not None else None
        self._keep, self._ports, self._show_progress, self._zou = keep, ports, show_progress, zou
        self._settings: Dict[str, Any] = {
            "workers": workers,
            "environment": {name: str(value) for name, value in (environment or {}).items()},
            "jobs": jobs,
            "access_seconds": access_seconds,
            "refresh_seconds": refresh_seconds,
        }
        self.host = self.event_host = self.data = self.ffmpeg = self.ffprobe = ""
        self.email, self.password = services.EMAIL, services.PASSWORD
        self._new_password = secrets.token_urlsafe(16) if password == "random" else password
        self._folder: Optional[DataFolder] = None
        self._supervisor: Optional[Supervisor] = None

    def __enter__(self) -> "Sandbox":
        """Start."""
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Start everything and wait until it is ready."""
        if self._folder is not None:
            raise SandboxError("this sandbox runs already")
        self._tools, template = prepare(self._zou)
        find_ports(self._ports, services.PORTS)
        self._folder = DataFolder(self._wanted, self._keep, self._zou)
        self.data = str(self._folder.path)
        progress = Progress(sys.stderr if self._show_progress else None)
        try:
            self._try_to_start(template, progress)
        except BaseException as error:
            self.stop()
            if isinstance(error, OSError):
                raise SandboxError(f"the sandbox cannot start: {error}") from error
            raise
        finally:
            progress.close()

    def _try_to_start(self, template: Path, progress: Progress) -> None:
        for attempt in (1, 2, 3):
            try:
                return self._start(template, progress)
            except SandboxError as error:
                # Another program may have taken a port since it was found free.
                if self._ports or attempt == 3 or "in use" not in str(error).lower():
                    raise
                self._stop_services()

    def _start(self, template: Path, progress: Progress) -> None:
        assert self._folder is not None
        tools, path, state = self._tools, self._folder.path, self._folder.state
        supervisor = self._supervisor = Supervisor(tools.python, path, remove=self._folder.made)
        self._describe(state)
        is_new = not (path / "postgres").exists()
        if is_new:
            state["db_password"] = (template / "password").read_text()
        progress.stage("starting Redis", 0.05)
        database.start_redis(supervisor, tools, state)
        # Zou takes long to load and connects to Redis at once, but to PostgreSQL only with the first request.
        for specify in (services.api, services.events) + ((services.jobs,) if state["jobs"] else ()):
            supervisor.start(specify(tools, state, path))
        self._save()
        progress.stage("starting PostgreSQL", 0.15)
        if is_new:
            database.copy_template(template, path / "postgres")
        database.start_postgres(supervisor, tools, state, path / "postgres", database.find_account())
        if self._new_password is not None:
            database.set_password(tools, state, self._new_password)
        self._save()
        progress.stage(f"starting Zou {self._zou}: API, event stream" + (", job worker" if state["jobs"] else ""), 0.8)
        self._wait(progress)

    def _describe(self, state: State) -> None:
        """Complete the state with what is of this run, and the attributes."""
        self.password = self._new_password or state.get("password") or services.PASSWORD
        state.update({**database.new_state(self._tools), **{n: state[n] for n in ("secret_key",) if n in state}})
        state.update(self._settings, jobs=self._settings["jobs"] and bool(state["redis_password"]))
        if self._settings["jobs"] and not state["jobs"]:
            say("no job worker: this Redis has no password; previews are made during their upload")
        state.update(ports=find_ports(self._ports, services.PORTS), services={})
        self.host = f"http://127.0.0.1:{state['ports']['api']}/api"
        self.event_host = f"http://127.0.0.1:{state['ports']['events']}"
        self.ffmpeg, self.ffprobe = self._tools.ffmpeg, self._tools.ffprobe
        for name in ("host", "event_host", "email", "password", "data", "ffmpeg", "ffprobe"):
            state[name] = getattr(self, name)
        state.update(pid=os.getpid(), start_time=start_time(os.getpid()))

    def _save(self) -> None:
        folder, supervisor = self._running()
        folder.state["services"] = supervisor.pids()
        folder.save()

    def _wait(self, progress: Optional[Progress] = None) -> None:
        (folder, supervisor), started = self._running(), time.monotonic()

        def check() -> None:
            supervisor.check()
            if progress:
                progress.show((time.monotonic() - started) / USUAL_SECONDS)

        wait_for("Zou", lambda: all(services.zou_status(folder.state).values()), check, 180)

    def _running(self) -> Tuple[DataFolder, Supervisor]:
        if self._folder is None or self._supervisor is None:
            raise SandboxError("this sandbox is not running")
        return self._folder, self._supervisor

    def facts(self) -> Dict[str, Any]:
        """Return what a client has to know: hosts, account, folders, ports, processes."""
        state = self._running()[0].state
        return {name: state[name] for name in FACTS}

    def check(self) -> None:
        """Raise an error with the end of its log when a service has ended by itself."""
        self._running()[1].check()

    def reset(self) -> None:
        """Reset the database to its first state; the files stay, and tokens stay valid."""
        database.reset(self._running()[0].state)

    def restart_service(self, name: str) -> None:
        """Stop and start one of api, events, jobs, postgres and redis."""
        supervisor = self._running()[1]
        if name not in supervisor.running:
            raise SandboxError(f"there is no service {name}, only {', '.join(sorted(supervisor.running))}")
        supervisor.start(supervisor.stop_one(name))
        self._save()
        time.sleep(0.1)
        self._wait()

    def stop(self) -> None:
        """Stop everything and remove what was made, unless it is to be kept."""
        folder, self._folder = self._folder, None
        self._stop_services()
        if folder is not None:
            folder.release()

    def _stop_services(self) -> None:
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            supervisor.stop(remove=self._folder is None)  # else another one follows in the same folder
