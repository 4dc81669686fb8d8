"""Fixtures for pytest: a real server, and in it for each test a production of its own.

pytest loads this module in every run: it holds no more than the fixtures themselves, and imports what they need when
a test asks for one.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, ContextManager, Generator, Iterator, NamedTuple

import pytest

from gazu import cache, create_session
from gazu.client import KitsuClient, default_client
from gazu.exception import GazuException

from .errors import SandboxError

if TYPE_CHECKING:
    from gazu.models import Project

    from .factory import Make
    from .recorded import Recording

MISSING = "gazu_sandbox_missing"


class Server(NamedTuple):
    """The running server; *data* is its folder, or "" if it is not a sandbox of this machine."""

    host: str
    event_host: str
    email: str = "admin@example.com"
    password: str = "mysecretpassword"
    ffmpeg: str = "ffmpeg"
    data: str = ""

    def __repr__(self) -> str:
        """Show no password: pytest shows the values of a test that failed."""
        return f"<Server {self.host}>"


#: The parameter of `gazu_server` for tests that are recorded, and the server of those that are replayed.
RECORDED = "recorded"
REPLAYED = Server("http://gazu-recorded.invalid/api", "http://events.gazu-recorded.invalid")
RECORDING = pytest.StashKey["Recording"]()
#: The servers that this process uses, by the version of Zou.
SERVERS = pytest.StashKey["dict[str, Server]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the option and the setting."""
    parser.addini(MISSING, "what tests do that need a Kitsu server where there is none: fail or skip", default="fail")
    text = "record again what tests with the fixture gazu_recorded exchange with the server"
    parser.getgroup("gazu").addoption("--gazu-record", action="store_true", help=text)


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give tests that are recorded a server of their own: none, when they are replayed."""
    if "gazu_recorded" in metafunc.fixturenames:
        metafunc.parametrize("gazu_server", [RECORDED], indirect=True)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Keep the recording of a test that passed."""
    outcome = yield
    if RECORDING in item.stash:
        item.stash[RECORDING].end(outcome.get_result())


@pytest.fixture(scope="session")
def gazu_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A real Kitsu server for the whole run: `host`, `event_host`, `email`, `password`, `ffmpeg`.

    It is the one at GAZU_SANDBOX_HOST, or it is started, once for all processes of pytest-xdist. With
    `@pytest.mark.parametrize("gazu_server", ["0.20.85"], indirect=True)` it is one of that version of Zou.
    """
    config = request.config
    with _reported(config):
        host, zou = os.environ.get("GAZU_SANDBOX_HOST"), getattr(request, "param", "")
        if zou == RECORDED:
            if not config.getoption("gazu_record"):
                return REPLAYED
            zou = ""
        if host and not zou:
            return _server_of_environment(host)
        folder = tmp_path_factory.getbasetemp()
        return _started(config, folder.parent if hasattr(config, "workerinput") else folder, zou)


def _check_host(host: str) -> None:
    """Refuse a server that may be the studio's: the code under test gets an administrator's client."""
    import ipaddress
    import socket
    from urllib.parse import urlsplit

    if os.environ.get("GAZU_SANDBOX_ANYWHERE") == "1":
        return
    name = urlsplit(host).hostname or ""
    try:
        found = {str(entry[4][0]).partition("%")[0] for entry in socket.getaddrinfo(name, None)}
    except (OSError, UnicodeError):
        return  # nobody has this name: the log-in says so
    if not all(ipaddress.ip_address(address).is_private for address in found):
        raise SandboxError(
            f"{name} is neither this machine nor in a private network, and tests change what they find there:"
            " set GAZU_SANDBOX_ANYWHERE=1 if that is meant"
        )


def _server_of_environment(host: str) -> Server:
    _check_host(host)
    settings = {name: os.environ.get("GAZU_SANDBOX_" + name.upper()) for name in Server._fields[1:5]}
    server = Server(host, event_host=host)._replace(**{name: value for name, value in settings.items() if value})
    if os.name == "posix":
        from .sharing import data_of

        server = server._replace(data=data_of(host))
    # Once: with a wrong password in each test the server would lock the account.
    with _use(server, alone=False), create_session(server.host, server.email, server.password):
        return server


def _use(server: Server, alone: bool) -> ContextManager[None]:
    """Use *server*; where it is a sandbox, others may want to have it alone."""
    if not server.data:
        return contextlib.nullcontext()
    from .sharing import use

    return use(Path(server.data), alone)


def _started(config: pytest.Config, folder: Path, zou: str) -> Server:
    if os.name != "posix":
        raise SandboxError("the sandbox runs on Linux and macOS only: set GAZU_SANDBOX_HOST to a server that runs")
    from .sharing import sandbox_of_run
    from .versions import NEWEST

    zou = zou or NEWEST
    servers = config.stash.setdefault(SERVERS, {})
    # Once for a process: the one that stops the server waits for each use, and may not find a second one begun.
    if zou not in servers:
        ending = Ending()
        config.pluginmanager.register(ending)
        capture: Any = config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled() if capture else contextlib.nullcontext():  # show the first download
            state = ending.enter_context(sandbox_of_run(folder, zou))
        servers[zou] = Server(*(state[name] for name in Server._fields))
    return servers[zou]


class Ending(contextlib.ExitStack):
    """Stops the server with the run: not with the last test, whose time limit it is not to take up."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Wait for the other processes that use the server, and stop it."""
        self.close()


@contextlib.contextmanager
def _reported(config: pytest.Config) -> Iterator[None]:
    """Turn the lack of a server into one line: an error of the test, or the reason why it was skipped."""
    policy = config.getini(MISSING)
    if policy not in ("fail", "skip"):
        raise pytest.UsageError(f"{MISSING}: expected fail or skip, got {policy!r}")
    try:
        yield
    except (SandboxError, GazuException) as error:
        reason = f"no Kitsu server: {error}"
        if policy == "skip":
            raise pytest.skip.Exception(reason) from None
        raise pytest.fail.Exception(reason, pytrace=False) from None


@contextlib.contextmanager
def _admin(server: Server) -> Iterator[KitsuClient]:
    """Log in as the administrator, in a client of its own."""
    with create_session(server.host, server.email, server.password, use_refresh_token=True) as client:
        client.event_host = server.event_host
        yield client


class _Use(NamedTuple):
    alone: bool
    recording: Recording | None
    unique: Callable[[], str]


@pytest.fixture
def _gazu_use(request: pytest.FixtureRequest, gazu_server: Server) -> Iterator[_Use]:
    """Use the server together with other processes, or alone and in its first state; record it, or replay."""
    alone = "gazu_clean_server" in request.fixturenames
    if alone and gazu_server is not REPLAYED:
        _check_reset(gazu_server)
    with _use(gazu_server, alone), _recorded(request, gazu_server) as recording:
        cache.clear_all()  # it may remember what was before another process had the server put back
        yield _Use(alone, recording, recording.unique if recording else _unique)


def _unique() -> str:
    from .factory import unique

    return unique()


def _check_reset(server: Server) -> None:
    """Refuse to empty a server that may hold what somebody wants to keep."""
    if not server.data:
        pytest.fail(f"{server.host} is not a sandbox of this machine: it cannot be reset", pytrace=False)
    if _is_in_a_named_folder(server.data) and os.environ.get("GAZU_SANDBOX_RESET") != "1":
        reason = f"the sandbox in {server.data} was given this folder: set GAZU_SANDBOX_RESET=1 if tests may empty it"
        pytest.fail(reason, pytrace=False)


@contextlib.contextmanager
def _recorded(request: pytest.FixtureRequest, server: Server) -> Iterator[Recording | None]:
    """Record or replay a test that asks for it."""
    if "gazu_recorded" not in request.fixturenames:
        yield None
        return
    try:
        from . import recorded

        hosts = {server.event_host: recorded.EVENT_HOST, server.host: recorded.HOST}
        path = recorded.path_of(request.path, request.node.nodeid.partition("::")[2])
        recording = recorded.Recording(path, hosts, request.config.getoption("gazu_record"))
    except SandboxError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    request.node.stash[RECORDING] = recording
    with recording.run():
        yield recording
    if recording.passed and recording.problems:  # the code under test has caught it
        pytest.fail(str(recording.problems[0]), pytrace=False)


def _is_in_a_named_folder(data: str) -> bool:
    """Return whether somebody chose the folder of a sandbox, and so may mean to keep what is in it."""
    from .folders import read_state

    return bool((read_state(Path(data)) or {}).get("named"))


@pytest.fixture
def gazu_clean_server(_gazu_use: _Use, gazu_server: Server) -> Server:
    """The server, reset to its first state; no other process uses it until the test has ended.

    Only a sandbox can be reset.
    """
    if not _gazu_use.alone:
        pytest.fail("gazu_clean_server came too late: put it among the arguments of the test", pytrace=False)
    return gazu_server


@pytest.fixture
def gazu_client(_gazu_use: _Use, gazu_server: Server) -> Iterator[KitsuClient]:
    """A client of its own, logged in as the administrator; the default client knows nothing of it."""
    with _admin(gazu_server) as client:
        yield client


@pytest.fixture
def gazu_default(_gazu_use: _Use, gazu_server: Server) -> Iterator[KitsuClient]:
    """The default client, logged in as the administrator, for code that calls `gazu.…` without `client=`.

    What it was before, and whether the cache is on, is put back after the test.
    """
    with _admin(gazu_server) as lent:
        before, enabled = dict(vars(default_client)), cache.cache_settings["enabled"]
        try:
            vars(default_client).update(vars(lent))
            yield default_client
        finally:
            vars(default_client).clear()
            vars(default_client).update(before)
            cache.clear_all()
            (cache.enable if enabled else cache.disable)()


@pytest.fixture
def gazu_recorded(_gazu_use: _Use, gazu_server: Server) -> Iterator[KitsuClient]:
    """A client as `gazu_client`, of a test that is replayed without a server: `pytest --gazu-record` records it.

    What the other fixtures of the test exchange with the server is recorded, too.
    """
    if _gazu_use.recording is None:
        pytest.fail("gazu_recorded came too late: put it among the arguments of the test function", pytrace=False)
    with _admin(gazu_server) as client:
        yield client


@pytest.fixture
def _gazu_admin(_gazu_use: _Use, gazu_server: Server) -> Iterator[KitsuClient]:
    """The client that makes and removes what a test needs: whatever the test does with its own."""
    with _admin(gazu_server) as client:
        yield client


@pytest.fixture
def gazu_project(_gazu_admin: KitsuClient, _gazu_use: _Use) -> Iterator[Project]:
    """A production of its own, with all types and statuses of the server; it is removed after the test."""
    from .factory import production

    with production(_gazu_admin, f"Test {_gazu_use.unique()}") as project:
        yield project


@pytest.fixture
def gazu_make(
    gazu_project: Project, _gazu_admin: KitsuClient, _gazu_use: _Use, gazu_server: Server, tmp_path: Path
) -> Iterator[Make]:
    """Makes what a test needs in `gazu_project`: assets, shots, tasks, previews, files, people and their clients."""
    from .factory import Make

    with contextlib.ExitStack() as ending:
        yield Make(gazu_server, gazu_project, _gazu_admin, tmp_path, ending, _gazu_use.unique)
