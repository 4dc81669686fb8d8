"""The database: made once, copied for each sandbox, reset in a moment."""

import os
import pwd
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any, Callable, Dict, Mapping

from .errors import SandboxError
from .folders import write_private
from .processes import State, Supervisor, find_ports, run, wait_for
from .services import DATABASE, PORTS, PRISTINE, USER, Toolchain, postgres, psql, redis, redis_commands, zou_environment

FROM_PRISTINE = f"create database {DATABASE} template {PRISTINE} strategy file_copy"


def find_account(supervisor: Supervisor) -> Dict[str, Any]:
    """Choose the account of PostgreSQL, which refuses to be root: this user's, unless it is root."""
    if os.geteuid() != 0:
        return {}
    if not os.path.isdir("/proc/self/ns"):
        raise SandboxError("PostgreSQL does not run as root: start the sandbox as an ordinary user")
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known.get("nobody") or known.get("daemon")
    if entry is None:
        raise SandboxError("PostgreSQL does not run as root, and there is no user postgres, nobody or daemon")
    # A name space leaves the files to root; where a container forbids it, root can become another user.
    for account in ({"namespace": entry.pw_uid}, {"user": [entry.pw_uid, entry.pw_gid]}):
        order = {"command": ["/bin/true"], "folder": "/", **account}
        if subprocess.call(supervisor.launcher(order), stderr=subprocess.DEVNULL) == 0:
            return account
    raise SandboxError("PostgreSQL does not run as root, and root may not become another user here")


def give(folder: Path, account: Mapping[str, Any]) -> None:
    """Make the account that runs a database the owner of its files."""
    user, group = account.get("user", (os.geteuid(), os.getegid()))
    for place, _, files in os.walk(str(folder)):
        for name in [place, *(os.path.join(place, file) for file in files)]:
            if os.lstat(name).st_uid != user:
                os.chown(name, user, group)


def initdb(tools: Toolchain, supervisor: Supervisor, data: Path, password: str, account: Mapping[str, Any]) -> None:
    """Make an empty cluster."""
    data.mkdir(mode=0o700)
    secret = data.with_name("password")
    write_private(secret, password)
    command = [tools.postgres_program("initdb"), "-D", str(data), "-U", USER, f"--pwfile={secret}"]
    command += ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"]
    give(data, account)
    os.chown(str(secret), *account.get("user", (-1, -1)))
    run(supervisor.launcher({"command": command, "folder": str(data), **account}))


def start_postgres(
    supervisor: Supervisor, tools: Toolchain, state: State, data: Path, account: Mapping[str, Any]
) -> None:
    """Start PostgreSQL and wait until it is ready."""
    give(data, account)
    supervisor.start(postgres(tools, state, data, account))
    wait_for("PostgreSQL", lambda: bool(psql(state, "select 1")), supervisor.check, 60)


def start_redis(supervisor: Supervisor, tools: Toolchain, state: State) -> None:
    """Start Redis and wait until it is ready."""
    supervisor.start(redis(tools, state))
    wait_for("Redis", lambda: redis_commands(state, "PING"), supervisor.check, 30)


def new_state(tools: Toolchain) -> State:
    """Choose the secrets of a sandbox."""
    return {
        "psql": tools.postgres_program("psql"),
        "redis_password": "" if tools.redis.endswith(".py") else secrets.token_hex(16),
        "secret_key": secrets.token_hex(32),
        "jobs": True,
        "ports": find_ports(None, PORTS),
    }


def make_template(tools: Toolchain, folder: Path, show: Callable[[float], None]) -> None:
    """Make in *folder* the database of a new studio: `postgres` and its password, in `password`."""
    supervisor = Supervisor(tools.python, folder)
    try:
        state = {**new_state(tools), "db_password": secrets.token_hex(16)}
        account = find_account(supervisor)
        data = folder / "postgres"
        initdb(tools, supervisor, data, state["db_password"], account)
        show(0.1)
        start_postgres(supervisor, tools, state, data, account)
        start_redis(supervisor, tools, state)
        psql(state, f"create database {DATABASE}")
        show(0.2)
        for name in ("files/previews", "plugins", "tmp"):
            (folder / name).mkdir(parents=True)
        script = supervisor.scripts / "app" / "zou_app.py"
        run([tools.python, str(script)], zou_environment(tools, state, folder), supervisor.scripts)
        show(0.9)
        psql(state, f"create database {PRISTINE} template {DATABASE} strategy file_copy")
        supervisor.stop_one("postgres")
    finally:
        supervisor.stop()
    give(folder, {})
    for name in ("files", "logs", "plugins", "run", "tmp"):
        shutil.rmtree(str(folder / name))


def copy_template(template: Path, data: Path) -> None:
    """Copy the prepared database to *data*, whole or not at all."""
    draft = data.with_name("postgres.draft")
    shutil.rmtree(str(draft), ignore_errors=True)
    shutil.copytree(str(template / "postgres"), str(draft))
    draft.chmod(0o700)
    draft.rename(data)


def reset(state: State) -> None:
    """Reset the database of a running sandbox to its first state."""
    psql(state, f"drop database if exists {DATABASE} with (force)", FROM_PRISTINE)
    # 0: revoked tokens, 1: cached rows. 3 is the job queue, where the worker is registered.
    redis_commands(state, "SELECT 0", "FLUSHDB", "SELECT 1", "FLUSHDB")
