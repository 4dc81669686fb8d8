"""The database: made once, copied for each sandbox, put back in a moment."""

import os
import pwd
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any, Callable, Dict, Mapping

from .errors import SandboxError
from .folders import write_private
from .processes import Crew, find_ports, run, wait_for
from .services import (
    DATABASE,
    PORTS,
    PRISTINE,
    USER,
    Kit,
    State,
    postgres,
    psql,
    redis,
    redis_commands,
    zou_environment,
)

CREATE = f"create database {DATABASE} template {PRISTINE} strategy file_copy"


def find_account(crew: Crew) -> Dict[str, Any]:
    """Choose who runs PostgreSQL, which refuses to be root: nobody else, unless this is root."""
    if os.geteuid() != 0:
        return {}
    if not os.path.isdir("/proc/self/ns"):
        raise SandboxError("PostgreSQL does not run as root: start the sandbox as an ordinary user")
    for name in ("postgres", "nobody", "daemon"):
        try:
            entry = pwd.getpwnam(name)
            break
        except KeyError:
            continue
    else:
        raise SandboxError("PostgreSQL does not run as root, and there is no user postgres, nobody or daemon")
    # A name space leaves the files to root; where a container forbids it, root can become another user.
    for account in ({"namespace": entry.pw_uid}, {"user": [entry.pw_uid, entry.pw_gid]}):
        order = {"command": ["/bin/true"], "folder": "/", **account}
        if subprocess.call(crew.launcher(order), stderr=subprocess.DEVNULL) == 0:
            return account
    raise SandboxError("PostgreSQL does not run as root, and root may not become another user here")


def give(folder: Path, account: Mapping[str, Any]) -> None:
    """Make a database belong to who runs it."""
    user, group = account.get("user", (os.geteuid(), os.getegid()))
    for place, _, files in os.walk(str(folder)):
        for name in [place, *(os.path.join(place, file) for file in files)]:
            if os.lstat(name).st_uid != user:
                os.chown(name, user, group)


def initdb(kit: Kit, crew: Crew, data: Path, password: str, account: Mapping[str, Any]) -> None:
    """Make an empty cluster."""
    data.mkdir(mode=0o700)
    secret = data.with_name("password")
    write_private(secret, password)
    command = [kit.postgres_program("initdb"), "-D", str(data), "-U", USER, f"--pwfile={secret}"]
    command += ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"]
    give(data, account)
    os.chown(str(secret), *account.get("user", (-1, -1)))
    run(crew.launcher({"command": command, "folder": str(data), **account}))


def start_postgres(crew: Crew, kit: Kit, state: State, data: Path, account: Mapping[str, Any]) -> None:
    """Start PostgreSQL and wait until it answers."""
    give(data, account)
    crew.start(postgres(kit, state, data, account))
    wait_for("PostgreSQL", lambda: bool(psql(state, "select 1")), crew.check, 60)


def start_redis(crew: Crew, kit: Kit, state: State) -> None:
    """Start Redis and wait until it answers."""
    crew.start(redis(kit, state))
    wait_for("Redis", lambda: redis_commands(state, "PING"), crew.check, 30)


def new_state(kit: Kit) -> State:
    """Invent the secrets of a sandbox."""
    return {
        "psql": kit.postgres_program("psql"),
        "redis_password": "" if kit.redis.endswith(".py") else secrets.token_hex(16),
        "secret_key": secrets.token_hex(32),
        "jobs": True,
        "ports": find_ports(None, PORTS),
    }


def make_template(kit: Kit, folder: Path, show: Callable[[float], None]) -> None:
    """Make in *folder* the database of a new studio: `postgres` and its password, in `password`."""
    crew = Crew(kit.python, folder)
    try:
        state = {**new_state(kit), "db_password": secrets.token_hex(16)}
        account = find_account(crew)
        data = folder / "postgres"
        initdb(kit, crew, data, state["db_password"], account)
        show(0.1)
        start_postgres(crew, kit, state, data, account)
        start_redis(crew, kit, state)
        psql(state, f"create database {DATABASE}")
        show(0.2)
        for name in ("files/previews", "plugins", "tmp"):
            (folder / name).mkdir(parents=True)
        run([kit.python, str(crew.place / "app" / "zou_app.py")], zou_environment(kit, state, folder), crew.place)
        show(0.9)
        psql(state, f"create database {PRISTINE} template {DATABASE} strategy file_copy")
        crew.stop_one("postgres")
    finally:
        crew.stop()
    give(folder, {})
    for name in ("files", "logs", "plugins", "run", "tmp"):
        shutil.rmtree(str(folder / name))


def copy_template(template: Path, data: Path) -> str:
    """Copy the prepared database to *data* and return its password."""
    draft = data.with_name("postgres.draft")
    shutil.rmtree(str(draft), ignore_errors=True)
    shutil.copytree(str(template / "postgres"), str(draft))
    draft.chmod(0o700)
    draft.rename(data)
    return (template / "password").read_text()


def reset(state: State) -> None:
    """Put the database of a running sandbox back to its first state."""
    psql(state, f"drop database if exists {DATABASE} with (force)", CREATE)
    # 0: revoked tokens, 1: cached rows. 3 is the job queue, where the worker is registered.
    redis_commands(state, "SELECT 0", "FLUSHDB", "SELECT 1", "FLUSHDB")
