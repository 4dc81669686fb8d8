"""The database: made once, copied for each sandbox, reset in a moment."""

import contextlib
import os
import pwd
import secrets
import shutil
from pathlib import Path
from typing import Callable, List, NamedTuple, Tuple

from .errors import SandboxError
from .folders import write_private
from .processes import State, Supervisor, clean_environment, find_ports, run, wait_for
from .services import (
    DATABASE,
    EMAIL,
    PORTS,
    PRISTINE,
    USER,
    Toolchain,
    postgres,
    psql,
    redis,
    redis_commands,
    zou_environment,
)

FROM_PRISTINE = f"create database {DATABASE} template {PRISTINE} strategy file_copy"


class Account(NamedTuple):
    """Who runs PostgreSQL: the words before its command that change the user, and the owner of its files."""

    words: List[str]
    owner: Tuple[int, int]


def find_account() -> Account:
    """Choose the account of PostgreSQL, which refuses to be root: this user's, unless it is root."""
    mine = os.geteuid(), os.getegid()
    if mine[0] != 0:
        return Account([], mine)
    known = {entry.pw_name: (entry.pw_uid, entry.pw_gid) for entry in pwd.getpwall()}
    user, group = known.get("postgres") or known.get("nobody") or known.get("daemon") or (65534, 65534)
    capabilities = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    become = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
    # A name space leaves the files to root. Where a container forbids it, root becomes another user, who may still
    # read what only root can; where that is forbidden too, the files have to be open to that user.
    for account in (
        Account(["unshare", "--user", f"--map-user={user}", f"--map-group={group}"], mine),
        Account([*become, *capabilities], (user, group)),
        Account(become, (user, group)),
    ):
        with contextlib.suppress(SandboxError):
            run([*account.words, "/bin/true"])
            return account
    raise SandboxError("PostgreSQL does not run as root: start the sandbox as another user")


def give(folder: Path, owner: Tuple[int, int]) -> None:
    """Make an account the owner of a folder."""
    for place, _, files in os.walk(str(folder)):
        for name in [place, *(os.path.join(place, file) for file in files)]:
            if os.lstat(name).st_uid != owner[0]:
                os.chown(name, *owner)


def initdb(tools: Toolchain, data: Path, password: str, account: Account) -> None:
    """Make an empty cluster."""
    data.mkdir(mode=0o700)
    secret = data.with_name("password")
    write_private(secret, password)
    command = [*account.words, tools.postgres_program("initdb"), "-D", str(data), "-U", USER, f"--pwfile={secret}"]
    command += ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"]
    give(data, account.owner)
    os.chown(str(secret), *account.owner)
    run(command, folder=data)


def start_postgres(supervisor: Supervisor, tools: Toolchain, state: State, data: Path, account: Account) -> None:
    """Start PostgreSQL and wait until it is ready."""
    give(data, account.owner)
    supervisor.start(postgres(tools, state, data, account.words))
    wait_for("PostgreSQL", lambda: bool(psql(state, "select 1")), supervisor.check, 60)


def start_redis(supervisor: Supervisor, tools: Toolchain, state: State) -> None:
    """Start Redis and wait until it is ready."""
    supervisor.start(redis(tools, state))
    wait_for("Redis", lambda: redis_commands(state, "PING"), supervisor.check, 30)


def has_password(tools: Toolchain) -> bool:
    """Return whether Redis asks for a password: neither fakeredis nor an old Zou knows any."""
    return tools.release.redis_password and not tools.redis.endswith(".py")


def new_state(tools: Toolchain) -> State:
    """Choose the secrets of a sandbox."""
    return {
        "psql": tools.postgres_program("psql"),
        "redis_password": secrets.token_hex(16) if has_password(tools) else "",
        "secret_key": secrets.token_hex(32),
        "jobs": True,
        "ports": find_ports(None, PORTS),
    }


def make_template(tools: Toolchain, folder: Path, show: Callable[[float], None]) -> None:
    """Make in *folder* the database of a new studio: `postgres` and its password, in `password`."""
    supervisor = Supervisor(tools.python, folder)
    try:
        state = {**new_state(tools), "db_password": secrets.token_hex(16)}
        account, data = find_account(), folder / "postgres"
        initdb(tools, data, state["db_password"], account)
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
    give(folder, (os.geteuid(), os.getegid()))
    for name in ("files", "logs", "plugins", "run", "tmp"):
        shutil.rmtree(str(folder / name))


def copy_template(template: Path, data: Path) -> None:
    """Copy the prepared database to *data*, whole or not at all."""
    draft = data.with_name("postgres.draft")
    shutil.rmtree(str(draft), ignore_errors=True)
    shutil.copytree(str(template / "postgres"), str(draft))
    draft.chmod(0o700)
    draft.rename(data)


def set_password(tools: Toolchain, state: State, password: str) -> None:
    """Give the administrator another password, also in the database that a reset goes back to."""
    script = "import bcrypt, os; print(bcrypt.hashpw(os.environ['PASSWORD'].encode(), bcrypt.gensalt(4)).hex())"
    hashed = run([tools.python, "-c", script], clean_environment(PASSWORD=password)).strip()
    for name in (DATABASE, PRISTINE):
        psql(state, f"update person set password = '\\x{hashed}' where email = '{EMAIL}'", database=name)


def reset(state: State) -> None:
    """Reset the database of a running sandbox to its first state."""
    psql(state, f"drop database if exists {DATABASE} with (force)", FROM_PRISTINE)
    # 0: revoked tokens, 1: cached rows. 3 is the job queue, where the worker is registered.
    redis_commands(state, "SELECT 0", "FLUSHDB", "SELECT 1", "FLUSHDB")
