"""
One real server for all live tests: the sandbox, or with GAZU_SANDBOX_HOST one that runs already.

The tests share its database, so each makes the production that it needs.
"""

import functools
import inspect
import os
import re
import sys
import uuid
from pathlib import Path
from types import FunctionType, SimpleNamespace
from typing import Any, Callable, Dict, Iterator, List, Set, Tuple

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.exception import NotAllowedException
from gazu_sandbox import Sandbox
from gazu_sandbox.fixtures import Server
from gazu_sandbox.versions import NEWEST

from ..answers import problems
from .limits import LIMITS

HERE = Path(__file__).parent
#: What the tests are not about: the tools that need no server, and what has tests of its own.
ELSEWHERE = {"background", "cache", "encoder", "exception", "helpers", "models", "notebook", "sorting"}
#: The functions that tests called, and the test that the page of results names for each.
called: Dict[str, str] = {}
#: The roles in which tests called each function, and those in which the server refused that.
roles: Dict[str, Set[str]] = {}
refusals: Dict[str, Set[str]] = {}
#: What is wrong with the answers of this test.
untrue: List[str] = []


def public_functions() -> Iterator[Tuple[Any, str, Any]]:
    """Yield module, name and function for all of the library that talks to a server."""
    modules = [
        gazu,
        gazu.aio,
        *(getattr(gazu, name) for name in gazu.__dir__() if name == "client" or name in gazu._MODULES),
    ]
    for module in modules:
        if module.__name__.split(".")[-1] in ELSEWHERE:
            continue
        for name, function in sorted(vars(module).items()):
            if type(function) is FunctionType and name[0] != "_" and function.__module__ == module.__name__:
                yield module, name, function


@pytest.fixture(scope="session", autouse=True)
def checked() -> Iterator[None]:
    """Have each answer compared with the type that its function declares."""
    changed = list(public_functions())
    for module, name, function in changed:
        setattr(module, name, checking(function))
    yield
    for module, name, function in changed:
        setattr(module, name, function)


def checking(function: Any) -> Any:
    name = f"{function.__module__}.{function.__name__}"
    declared = function.__annotations__.get("return", Any)

    def record(client: Any, called_as: Dict[str, Set[str]]) -> None:
        user = client.tokens.get("user")
        if isinstance(user, dict) and user.get("role"):
            called_as.setdefault(name, set()).add(user["role"])

    async def finished(work: Any, client: Any) -> Any:
        try:
            answer = await work
        except NotAllowedException:
            record(client, refusals)
            raise
        record(client, roles)
        untrue.extend(problems(answer, declared, name))
        return answer

    @functools.wraps(function)
    def checked_function(*args: Any, **kwargs: Any) -> Any:
        client = next((one for one in (*args, *kwargs.values()) if hasattr(one, "tokens")), gazu.client.default_client)
        try:
            answer = function(*args, **kwargs)
        except NotAllowedException:
            record(client, refusals)
            raise
        is_declared = type(answer) is declared  # what can be awaited, and more
        if inspect.isawaitable(answer) and not is_declared:
            answer = finished(answer, client)
        else:
            record(client, roles)
            untrue.extend(problems(answer, declared, name))
        caller = Path(sys._getframe(1).f_code.co_filename)
        if caller.parent == HERE and caller.name != "examples.py":
            record_call(name, os.environ["PYTEST_CURRENT_TEST"].split(" ")[0])
        return answer

    return checked_function


@pytest.fixture(autouse=True)
def true_types() -> Iterator[None]:
    """Fail a test in which an answer was not what the type of its function says."""
    untrue.clear()
    yield
    assert not untrue, "\n".join(dict.fromkeys(untrue))


def never_called() -> Set[str]:
    return {f"{module.__name__}.{name}" for module, name, _ in public_functions()} - called.keys()


def record_call(name: str, test: str) -> None:
    """Keep one test for each function: of its own file if there is one, then the first by name."""
    own = f"/test_{name.split('.')[-2]}.py"
    called[name] = min(test, called.get(name, test), key=lambda one: (own not in one, one))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process of pytest-xdist has called."""
    output = getattr(node, "workeroutput", {})
    node.config.stash[WHOLE] = output.get("whole", False)
    for name, test in output.get("called", {}).items():
        record_call(name, test)
    for known, found in ((roles, output.get("roles", {})), (refusals, output.get("refusals", {}))):
        for name, names in found.items():
            known.setdefault(name, set()).update(names)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run of all live tests in which a public function was never called."""
    config = session.config
    if getattr(config.option, "dist", "no") == "no":  # where the tests are: here, or in the processes of pytest-xdist
        files = {item.path for item in session.items}
        config.stash[WHOLE] = files >= set(HERE.glob("test_*.py")) and not config.option.keyword
    if hasattr(config, "workerinput"):
        config.workeroutput.update(whole=config.stash[WHOLE], called=called)
        for key, found in (("roles", roles), ("refusals", refusals)):
            config.workeroutput[key] = {name: sorted(names) for name, names in found.items()}
        return
    whole, path = config.stash[WHOLE], os.environ.get("GAZU_LIVE_PAGE")
    if whole and never_called() and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if whole and path and session.exitstatus == 0:
        Path(path).write_text(page(), encoding="utf-8")


def page() -> str:
    """Return the page of the results: each function with its routes, its test, and limitations of the server."""
    lines = [
        "# What works on a real server",
        "",
        f"Every public function of the library, called by the live tests on Zou {NEWEST}: they check the effect,",
        "and each result against the declared type. `tox -e live` runs them; `tox -e live -- tests/live` has those of",
        "`tests/live/extended` too, and rewrites this page if `GAZU_LIVE_PAGE` is set to its path. Roles are those of the",
        "accounts that called it, after `not` those that the server refused; `user` is an artist.",
        "",
        "| function | route | live test | roles | result | limitation of the server |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for module, name, function in public_functions():
        full = f"{module.__name__}.{name}"
        routes = re.findall(r"`((?:GET|HEAD|POST|PUT|DELETE) [^`]+)`", function.__doc__ or "")
        test = called.get(full, "")
        shown = "<br>".join(f"`{route}`" for route in routes)
        short = full.replace("gazu.", "", 1)
        result = "works" if short not in LIMITS else "works, but"
        who = ", ".join(sorted(roles.get(full, ())) + [f"not {one}" for one in sorted(refusals.get(full, ()))])
        lines.append(f"| `{short}` | {shown} | {test.split('/')[-1]} | {who} | {result} | {LIMITS.get(short, '')} |")
    return "\n".join(lines) + "\n"


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if config.stash.get(WHOLE, False) and never_called():
        terminalreporter.section("public functions that no live test calls", red=True)
        terminalreporter.write_line("\n".join(sorted(never_called())))


WHOLE: "pytest.StashKey[bool]" = pytest.StashKey()


@pytest.fixture(scope="session")
def box(gazu_server: Server) -> Server:
    """The running server: host, event_host, email, password, ffmpeg."""
    return gazu_server


@pytest.fixture(scope="session")
def second_server() -> Iterator[Sandbox]:
    """Another server, for what is copied to it and for what is done to it; its access tokens expire after 4 s."""
    with Sandbox(workers=1, jobs=False, access_seconds=4, refresh_seconds=3600) as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def admin(box: Any) -> Iterator[KitsuClient]:
    """The default client, logged in as the administrator."""
    gazu.set_host(box.host)
    gazu.set_event_host(box.event_host)
    gazu.log_in(box.email, box.password)
    yield gazu.client.default_client


@pytest.fixture
def unique() -> Callable[[str], str]:
    """Make names that no other test has used."""
    return lambda name: f"{name} {uuid.uuid4().hex[:8]}"


@pytest.fixture
def new_person(admin: KitsuClient) -> Iterator[Callable[..., Any]]:
    """Make people, who are deactivated at the end: a server has a limit for those who are not."""
    made: List[Any] = []

    def new_person(first_name: str = "Jane", last_name: str = "Doe", **more: Any) -> Any:
        email = more.pop("email", f"someone+{uuid.uuid4().hex}@example.com")
        made.append(gazu.person.new_person(first_name, last_name, email, **more))
        return made[-1]

    yield new_person
    for person in made:
        if gazu.person.get_person(person):
            gazu.person.update_person({"id": person["id"], "active": False})


@pytest.fixture
def project(admin: KitsuClient, unique: Callable[[str], str]) -> Any:
    """A new TV show, with the administrator in its team."""
    project = gazu.project.new_project(unique("Show"), production_type="tvshow")
    gazu.project.add_person_to_team(project, gazu.client.get_current_user())
    return project


@pytest.fixture
def artist(project: Any) -> Iterator[Any]:
    """Somebody in the team of the project who is not an administrator: `person`, and the `client` of their own."""
    name, password = uuid.uuid4().hex, "not a secret"
    person = gazu.person.new_person("Ann", name, f"{name}@example.com", password=password)
    gazu.project.add_person_to_team(project, person)
    with gazu.create_session(gazu.get_host(), person["email"], password) as client:
        yield SimpleNamespace(person=person, client=client)
    gazu.person.update_person({"id": person["id"], "active": False})  # the server allows a hundred active people


@pytest.fixture
def work(project: Any, artist: Any, unique: Callable[[str], str]) -> Any:
    """Two of each kind of entity in the project; on the first one the artist has a task, whose type has its name."""
    made = SimpleNamespace(task={}, task_type={})
    made.asset_type = [gazu.asset.new_asset_type(unique(name)) for name in ("Prop", "Creature")]
    made.asset = [gazu.asset.new_asset(project, kind, name) for kind, name in zip(made.asset_type, ("Tree", "Dog"))]
    made.episode = [gazu.shot.new_episode(project, name) for name in ("E01", "E02")]  # a show begins with E01
    made.sequence = [gazu.shot.new_sequence(project, "S" + row["name"], row) for row in made.episode]
    made.shot = [gazu.shot.new_shot(project, row, "SH" + row["name"]) for row in made.sequence]
    made.scene = [gazu.scene.new_scene(project, row, "SC" + row["name"]) for row in made.sequence]
    for kind in ("asset", "sequence", "shot", "scene"):
        made.task_type[kind] = gazu.task.new_task_type(unique(kind), for_entity=kind.title())
        first, second = getattr(made, kind)
        made.task[kind] = gazu.task.new_task(first, made.task_type[kind], assignees=[artist.person["id"]])
        gazu.task.new_task(second, made.task_type[kind])
    return made
