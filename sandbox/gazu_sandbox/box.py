"""A sandbox: one server with all that it needs, in one folder."""

import os
import time
from pathlib import Path
from typing import Any, Dict, Mapping, Optional, Sequence

from . import database, services
from .errors import SandboxError
from .folders import DataFolder, State
from .install import ZOU, prepare
from .processes import Crew, born, find_ports, wait_for

FACTS = ("host", "event_host", "email", "password", "data", "ffmpeg", "ffprobe", "zou", "pid", "ports", "services")


class Sandbox:
    """A running Kitsu API server; use it with `with`.

    Args:
        data: The folder of its database, files and logs; a temporary one by default. A sandbox that
            was kept there goes on from where it was.
        keep: Leave the folder at the end. Without it all that was made is removed.
        ports: Of the API, the event stream, PostgreSQL and Redis; 0 is any free one.
        workers: Processes of the API.
        environment: Settings of Zou, as `{"ENFORCE_2FA": "true"}`.
        jobs: Run the job worker; without it, previews are made during their upload.
        access_seconds: Life of access tokens; Zou's is 7 days.
        refresh_seconds: Life of refresh tokens; Zou's is 15 days.
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
    ) -> None:
        """Only remember the settings: `start` does the work."""
        self._wanted = os.fspath(data) if data is not None else None
        self._keep, self._ports = keep, ports
        self._settings: Dict[str, Any] = {
            "workers": workers,
            "environment": {name: str(value) for name, value in (environment or {}).items()},
            "jobs": jobs,
            "access_seconds": access_seconds,
            "refresh_seconds": refresh_seconds,
        }
        self.host: str = ""
        self.event_host: str = ""
        self.data: str = ""
        self.ffmpeg: str = ""
        self.ffprobe: str = ""
        self.email: str = services.EMAIL
        self.password: str = services.PASSWORD
        self._folder: Optional[DataFolder] = None
        self._crew: Optional[Crew] = None
        self._account: Mapping[str, Any] = {}

    def __enter__(self) -> "Sandbox":
        """Start."""
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Start everything and wait until it answers."""
        if self._folder is not None:
            raise SandboxError("this sandbox runs already")
        self._kit, template = prepare()
        find_ports(self._ports, services.PORTS)
        self._folder = DataFolder(self._wanted, self._keep, ZOU)
        self.data = str(self._folder.path)
        try:
            for attempt in (1, 2, 3):
                try:
                    self._start(template)
                    return
                except SandboxError as error:
                    # Another program may have taken a port since it was found free.
                    if self._ports or attempt == 3 or "in use" not in str(error).lower():
                        raise
                    self._stop_crew()
        except BaseException as error:
            self.stop()
            if isinstance(error, OSError):
                raise SandboxError(f"the sandbox cannot start: {error}") from error
            raise

    def _start(self, template: Path) -> None:
        assert self._folder is not None
        kit, path, state = self._kit, self._folder.path, self._folder.state
        crew = self._crew = Crew(kit.python, path)
        for made in self._folder.made:
            crew.tell(remove=str(made))
        self._describe(state)
        self._account = database.find_account(crew)
        if not (path / "postgres").exists():
            state["db_password"] = database.copy_template(template, path / "postgres")
            self._folder.save()
        database.start_postgres(crew, kit, state, path / "postgres", self._account)
        database.start_redis(crew, kit, state)
        for plan in (services.api, services.events) + ((services.jobs,) if state["jobs"] else ()):
            crew.start(plan(kit, state, path))
        self._save()
        self._wait()

    def _describe(self, state: State) -> None:
        """Complete the state with what is of this run, and the attributes."""
        state.update({**database.new_state(self._kit), **{n: state[n] for n in ("secret_key",) if n in state}})
        state.update(self._settings, ports=find_ports(self._ports, services.PORTS), services={})
        self.host = f"http://127.0.0.1:{state['ports']['api']}/api"
        self.event_host = f"http://127.0.0.1:{state['ports']['events']}"
        self.ffmpeg, self.ffprobe = self._kit.ffmpeg, self._kit.ffprobe
        for name in ("host", "event_host", "email", "password", "data", "ffmpeg", "ffprobe"):
            state[name] = getattr(self, name)
        state.update(pid=os.getpid(), born=born(os.getpid()))

    def _save(self) -> None:
        assert self._folder is not None and self._crew is not None
        self._folder.state["services"] = self._crew.pids()
        self._folder.save()

    def _wait(self) -> None:
        wait_for("Zou", lambda: all(services.zou_status(self._running().state).values()), self.check, 180)

    def _running(self) -> DataFolder:
        if self._folder is None or self._crew is None:
            raise SandboxError("this sandbox does not run")
        return self._folder

    def facts(self) -> Dict[str, Any]:
        """Return what a client has to know: hosts, account, folders, ports, processes."""
        state = self._running().state
        return {name: state[name] for name in FACTS}

    def check(self) -> None:
        """Raise an error with the end of its log when a service has ended by itself."""
        self._running()
        assert self._crew is not None
        self._crew.check()

    def reset(self) -> None:
        """Put the database back to its first state; the files stay, and so do the tokens."""
        database.reset(self._running().state)

    def restart_service(self, name: str) -> None:
        """Stop and start one of api, events, jobs, postgres and redis."""
        self._running()
        assert self._crew is not None
        if name not in self._crew.running:
            raise SandboxError(f"there is no service {name}, only {', '.join(sorted(self._crew.running))}")
        self._crew.start(self._crew.stop_one(name))
        self._save()
        time.sleep(0.1)
        self._wait()

    def stop(self) -> None:
        """Stop everything and remove what was made, unless it is to be kept."""
        folder, self._folder = self._folder, None
        self._stop_crew()
        if folder is not None:
            folder.release()

    def _stop_crew(self) -> None:
        crew, self._crew = self._crew, None
        if crew is not None:
            if self._folder is not None:
                crew.forget_folders()  # another crew follows in the same folder
            crew.stop()
