"""How each service is run, and how to see that it is ready."""

import json
import os
import signal
import socket
import urllib.request
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional

from .errors import SandboxError
from .processes import ServiceSpec, State, clean_environment, run
from .versions import Release

USER, DATABASE, PRISTINE = "zou", "zoudb", "zoudb_pristine"
EMAIL, PASSWORD = "admin@example.com", "mysecretpassword"
PORTS = ("api", "events", "postgres", "redis")
# A test database: nothing is lost that a crash of the machine would lose.
POSTGRES = """
listen_addresses=127.0.0.1 unix_socket_directories= max_connections=200 shared_buffers=64MB
fsync=off synchronous_commit=off full_page_writes=off max_wal_size=256MB
"""
# Idle connections stay open as long as behind a reverse proxy; the default is 2 seconds.
GUNICORN = "--keep-alive 75 --timeout 300 --graceful-timeout 1 --log-level warning"
# A larger pool, in several processes, exceeds max_connections; MAIL_CHECK_DELIVERABILITY asks the DNS about each new
# person; a quarter of a second per log-in (12 rounds) is right for a studio and long for a test.
ZOU_SETTINGS = """
DB_HOST=127.0.0.1 DB_POOL_SIZE=10 DB_MAX_OVERFLOW=20 KV_HOST=127.0.0.1 EVENT_STREAM_HOST=127.0.0.1
MAIL_ENABLED=false MAIL_CHECK_DELIVERABILITY=false IS_SELF_HOSTED=true MOVIE_ENCODING_PRESET=ultrafast
DOMAIN_PROTOCOL=http DEFAULT_TIMEZONE=UTC TZ=UTC PYTHONUNBUFFERED=1 SANDBOX_BCRYPT_ROUNDS=4
"""


class Toolchain(NamedTuple):
    """What is installed: the server's Python, and the programs."""

    release: Release
    python: str
    postgres: str
    redis: str
    ffmpeg: str
    ffprobe: str

    def postgres_program(self, name: str) -> str:
        """Return the path of psql or initdb: they are beside postgres."""
        return str(Path(self.postgres).with_name(name))


def postgres(tools: Toolchain, state: State, data: Path, become: List[str]) -> ServiceSpec:
    """Return how to run PostgreSQL."""
    command = [*become, tools.postgres, "-D", str(data), "-p", str(state["ports"]["postgres"])]
    command += [word for setting in POSTGRES.split() for word in ("-c", setting)]
    return ServiceSpec("postgres", command, clean_environment(TZ="UTC"), signal.SIGINT, stop_order=1)


def redis(tools: Toolchain, state: State) -> ServiceSpec:
    """Return how to run Redis: its settings come on standard input, where no process list shows the password."""
    port = state["ports"]["redis"]
    if tools.redis.endswith(".py"):
        return ServiceSpec("redis", [tools.python, "-I", tools.redis, str(port)], clean_environment(), stop_order=1)
    settings = f'bind 127.0.0.1\nport {port}\nsave ""\nappendonly no\n'
    if state["redis_password"]:
        settings += f"requirepass {state['redis_password']}\n"
    return ServiceSpec("redis", [tools.redis, "-"], clean_environment(TZ="UTC"), stop_order=1, stdin=settings)


def zou_environment(tools: Toolchain, state: State, data: Path) -> Dict[str, str]:
    """Build the environment of Zou's processes."""
    ports = state["ports"]
    path = [os.path.dirname(tools.python), os.path.dirname(tools.ffmpeg), os.environ.get("PATH", os.defpath)]
    settings: Dict[str, Any] = dict(setting.split("=") for setting in ZOU_SETTINGS.split())
    settings.update(
        tools.release.settings,
        PATH=os.pathsep.join(path),
        HOME=data / "run",
        TMPDIR=data / "tmp",
        TMP_DIR=data / "tmp",
        PYTHONPATH=data / "run" / "app",
        PREVIEW_FOLDER=data / "files" / "previews",
        PLUGIN_FOLDER=data / "plugins",
        EVENT_HANDLERS_FOLDER=data / "plugins" / "event_handlers",
        DB_PORT=ports["postgres"],
        DB_USERNAME=USER,
        DB_PASSWORD=state["db_password"],
        DB_DATABASE=DATABASE,
        KV_PORT=ports["redis"],
        KV_PASSWORD=state["redis_password"],
        SECRET_KEY=state["secret_key"],
        EVENT_STREAM_PORT=ports["events"],
        ENABLE_JOB_QUEUE="true" if state["jobs"] else "false",
        DOMAIN_NAME=f"127.0.0.1:{ports['api']}",
        SANDBOX_EMAIL=EMAIL,
        SANDBOX_PASSWORD=PASSWORD,
        SANDBOX_ACCESS_SECONDS=state.get("access_seconds") or "",
        SANDBOX_REFRESH_SECONDS=state.get("refresh_seconds") or "",
        **state.get("environment", {}),
    )
    return clean_environment(**settings)


def gunicorn(name: str, tools: Toolchain, state: State, data: Path, options: str) -> ServiceSpec:
    """Return how to run a server of `zou_app:<name>`."""
    options = f"{GUNICORN} {tools.release.gunicorn} {options} -b 127.0.0.1:{state['ports'][name]}"
    command = [tools.python, "-m", "gunicorn", *options.split(), f"zou_app:{name}"]
    return ServiceSpec(name, command, zou_environment(tools, state, data))


def api(tools: Toolchain, state: State, data: Path) -> ServiceSpec:
    """Return how to run the API: Zou takes seconds to load, so it is loaded once and the workers are forked."""
    return gunicorn("api", tools, state, data, f"--preload -k gevent -w {state['workers']}")


def events(tools: Toolchain, state: State, data: Path) -> ServiceSpec:
    """Return how to run the event stream: its rooms are in memory, so with one worker and no more."""
    worker = "geventwebsocket.gunicorn.workers.GeventWebSocketWorker"
    return gunicorn("events", tools, state, data, f"-k {worker} -w 1")


def jobs(tools: Toolchain, state: State, data: Path) -> ServiceSpec:
    """Return how to run the job worker."""
    command = [tools.python, "-m", "rq.cli", "worker", "-c", "zou_jobs"]
    return ServiceSpec("jobs", command, zou_environment(tools, state, data))


def psql(state: State, *statements: str, database: str = "postgres") -> str:
    """Run SQL as the database's administrator."""
    command = [state["psql"], "-h", "127.0.0.1", "-p", str(state["ports"]["postgres"]), "-U", USER]
    command += ["-d", database, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
    command += [word for statement in statements for word in ("-c", statement)]
    return run(command, clean_environment(PGPASSWORD=state["db_password"]))


def redis_commands(state: State, *commands: str) -> bool:
    """Send commands to Redis; a refusal is an error."""
    with socket.create_connection(("127.0.0.1", state["ports"]["redis"]), 5) as link:
        stream = link.makefile("rwb")
        login = ["AUTH " + state["redis_password"]] if state["redis_password"] else []
        for command in [*login, *commands]:
            words = [word.encode() for word in command.split()]
            pieces = [b"*%d\r\n" % len(words)] + [b"$%d\r\n%s\r\n" % (len(word), word) for word in words]
            stream.write(b"".join(pieces))
            stream.flush()
            reply = stream.readline().decode("utf-8", "replace").strip()
            if not reply.startswith(("+", ":")):
                raise SandboxError(f"redis refused {command.split()[0]}: {reply or 'no reply'}")
    return True


def zou_status(state: State) -> Dict[str, Optional[bool]]:
    """Ask the API which of its parts it sees."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(state["host"] + "/status", timeout=30) as response:
        status = json.load(response)
    parts = ["database", "key-value-store", "event-stream"] + (["job-queue"] if state["jobs"] else [])
    return {part: status.get(part + "-up") for part in parts}
