"""How each service is run, and how to see that it is ready."""

import json
import os
import signal
import socket
import urllib.request
from pathlib import Path
from typing import Any, Dict, Mapping, NamedTuple, Optional

from .errors import SandboxError
from .processes import Plan, clean_environment, run

USER, DATABASE, PRISTINE = "zou", "zoudb", "zoudb_pristine"
EMAIL, PASSWORD = "admin@example.com", "mysecretpassword"
PORTS = ("api", "events", "postgres", "redis")
# A test database: nothing is lost that a crash of the machine would lose.
POSTGRES = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "256MB",
}
# Idle connections live as long as behind a reverse proxy; 2 seconds would be the default.
GUNICORN = "--no-control-socket --keep-alive 75 --timeout 300 --graceful-timeout 1 --log-level warning"
State = Dict[str, Any]


class Kit(NamedTuple):
    """What is installed: the server's Python, and the programs."""

    python: str
    postgres: str
    redis: str
    ffmpeg: str
    ffprobe: str

    def postgres_program(self, name: str) -> str:
        """Return the path of psql or initdb: they are beside postgres."""
        return str(Path(self.postgres).with_name(name))


def postgres(kit: Kit, state: State, data: Path, account: Mapping[str, Any]) -> Plan:
    """Plan PostgreSQL."""
    command = [kit.postgres, "-D", str(data), "-p", str(state["ports"]["postgres"])]
    for name, value in POSTGRES.items():
        command += ["-c", f"{name}={value}"]
    return Plan("postgres", command, clean_environment(TZ="UTC"), signal.SIGINT, 1, account=account)


def redis(kit: Kit, state: State) -> Plan:
    """Plan Redis: its settings come on standard input, where no process list shows the password."""
    port = state["ports"]["redis"]
    if kit.redis.endswith(".py"):
        return Plan("redis", [kit.python, "-I", kit.redis, str(port)], clean_environment(), wave=1)
    feed = f"bind 127.0.0.1\nport {port}\nrequirepass {state['redis_password']}\n" + 'save ""\nappendonly no\n'
    return Plan("redis", [kit.redis, "-"], clean_environment(TZ="UTC"), wave=1, feed=feed)


def zou_environment(kit: Kit, state: State, data: Path) -> Dict[str, str]:
    """Build the environment of Zou's processes."""
    ports = state["ports"]
    path = [os.path.dirname(kit.python), os.path.dirname(kit.ffmpeg), os.environ.get("PATH", os.defpath)]
    return clean_environment(
        PATH=os.pathsep.join(path),
        HOME=data / "run",
        TMPDIR=data / "tmp",
        PYTHONPATH=data / "run" / "app",
        PYTHONUNBUFFERED=1,
        DB_HOST="127.0.0.1",
        DB_PORT=ports["postgres"],
        DB_USERNAME=USER,
        DB_PASSWORD=state["db_password"],
        DB_DATABASE=DATABASE,
        DB_POOL_SIZE=10,  # more, in several processes, exceeds max_connections
        DB_MAX_OVERFLOW=20,
        KV_HOST="127.0.0.1",
        KV_PORT=ports["redis"],
        KV_PASSWORD=state["redis_password"],
        SECRET_KEY=state["secret_key"],
        EVENT_STREAM_HOST="127.0.0.1",
        EVENT_STREAM_PORT=ports["events"],
        PREVIEW_FOLDER=data / "files" / "previews",
        TMP_DIR=data / "tmp",
        PLUGIN_FOLDER=data / "plugins",
        EVENT_HANDLERS_FOLDER=data / "plugins" / "event_handlers",
        ENABLE_JOB_QUEUE="true" if state["jobs"] else "false",
        MAIL_ENABLED="false",
        MAIL_CHECK_DELIVERABILITY="false",  # else it asks the DNS about each new person
        IS_SELF_HOSTED="true",
        MOVIE_ENCODING_PRESET="ultrafast",
        DOMAIN_NAME=f"127.0.0.1:{ports['api']}",
        DOMAIN_PROTOCOL="http",
        DEFAULT_TIMEZONE="UTC",
        TZ="UTC",
        SANDBOX_EMAIL=EMAIL,
        SANDBOX_PASSWORD=PASSWORD,
        SANDBOX_BCRYPT_ROUNDS=4,
        SANDBOX_ACCESS_SECONDS=state.get("access_seconds") or "",
        SANDBOX_REFRESH_SECONDS=state.get("refresh_seconds") or "",
        **state.get("environment", {}),
    )


def gunicorn(name: str, kit: Kit, state: State, data: Path, worker: str, workers: int) -> Plan:
    """Plan a server of `zou_app:<name>`."""
    options = f"{GUNICORN} -k {worker} -w {workers} -b 127.0.0.1:{state['ports'][name]}".split()
    return Plan(name, [kit.python, "-m", "gunicorn", *options, f"zou_app:{name}"], zou_environment(kit, state, data))


def api(kit: Kit, state: State, data: Path) -> Plan:
    """Plan the API."""
    return gunicorn("api", kit, state, data, "gevent", state["workers"])


def events(kit: Kit, state: State, data: Path) -> Plan:
    """Plan the event stream: its rooms are in memory, so one worker and no more."""
    return gunicorn("events", kit, state, data, "geventwebsocket.gunicorn.workers.GeventWebSocketWorker", 1)


def jobs(kit: Kit, state: State, data: Path) -> Plan:
    """Plan the job worker."""
    command = [kit.python, "-m", "rq.cli", "worker", "-c", "zou.job_settings"]
    return Plan("jobs", command, zou_environment(kit, state, data))


def psql(state: State, *statements: str) -> str:
    """Run SQL as the database's administrator."""
    command = [state["psql"], "-h", "127.0.0.1", "-p", str(state["ports"]["postgres"]), "-U", USER]
    command += ["-d", "postgres", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
    for statement in statements:
        command += ["-c", statement]
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
            answer = stream.readline().decode("utf-8", "replace").strip()
            if not answer.startswith(("+", ":")):
                raise SandboxError(f"redis refused {command.split()[0]}: {answer or 'no answer'}")
    return True


def zou_status(state: State) -> Dict[str, Optional[bool]]:
    """Ask the API which of its parts it sees."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(state["host"] + "/status", timeout=5) as answer:
        status = json.load(answer)
    parts = ["database", "key-value-store", "event-stream"] + (["job-queue"] if state["jobs"] else [])
    return {part: status.get(part + "-up") for part in parts}
