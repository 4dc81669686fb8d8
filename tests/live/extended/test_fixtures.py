"""The fixtures for pytest, on a real server: those of this run, and suites of users in processes of their own."""

import datetime
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import pytest

import gazu
import gazu_sandbox
from gazu.client import KitsuClient
from gazu.exception import NotAllowedException, RouteNotFoundException
from gazu_sandbox import SandboxError
from gazu_sandbox.factory import Make
from gazu_sandbox.fixtures import Server

from .test_sandbox import Up, data, gone, up  # noqa: F401 (two are fixtures)

ROOT, SANDBOX = Path(gazu.__file__).parents[1], Path(gazu_sandbox.__file__).parents[1]
EXAMPLES = Path(__file__).parents[3] / "docs" / "examples" / "pipeline_tests"


@pytest.fixture
def suite(tmp_path: Path) -> Callable[..., str]:
    """Run a suite in a folder, where every warning is an error, and return what pytest said."""

    def run(source: str, *words: str, status: int = 0, **environment: str) -> str:
        (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
        (tmp_path / "test_suite.py").write_text(source, encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "GAZU_SANDBOX_H"))}
        kept.update(PYTHONPATH=os.pathsep.join(map(str, [ROOT, SANDBOX])), **environment)
        command = [sys.executable, "-m", "pytest", "-p", "gazu_sandbox.fixtures", *words]
        done = subprocess.run(
            command, cwd=str(tmp_path), env=kept, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300
        )
        said = done.stdout.decode("utf-8", "replace")
        assert done.returncode == status, said
        return said

    return run


# --- In this process


def test_everything_is_made_in_the_production_of_the_test(
    gazu_make: Make, gazu_project: Any, gazu_client: KitsuClient
) -> None:
    shot, asset, sequence = gazu_make.shot(nb_frames=48), gazu_make.asset(), gazu_make.sequence("SQ77")
    own = gazu_make.shot("SH001", sequence)
    shots = gazu.shot.all_shots_for_project(gazu_project, client=gazu_client)
    assert {row["id"] for row in shots} == {shot["id"], own["id"]}
    assert next(row["nb_frames"] for row in shots if row["id"] == shot["id"]) == 48
    assert own["parent_id"] == sequence["id"]
    assert [row["id"] for row in gazu.asset.all_assets_for_project(gazu_project, client=gazu_client)] == [asset["id"]]

    tasks = [gazu_make.task(shot), gazu_make.task(asset), gazu_make.task(shot, "Lighting"), gazu_make.task()]
    names = [gazu.task.get_task(task["id"], client=gazu_client)["task_type"]["name"] for task in tasks]
    assert names == ["Animation", "Modeling", "Lighting", "Animation"]
    with pytest.raises(SandboxError, match="no task type 'Knitting' for a row of type Shot"):
        gazu_make.task(shot, "Knitting")


def test_the_production_has_the_types_and_statuses_of_the_server(gazu_project: Any, gazu_client: KitsuClient) -> None:
    types = gazu.project.get_project_task_types(gazu_project, client=gazu_client)
    known = gazu.task.all_task_types(client=gazu_client)
    # A test in another process may have made one since the types of the production were listed.
    listed = datetime.datetime.fromisoformat(gazu_project["created_at"]) - datetime.timedelta(seconds=10)
    before = {row["id"] for row in known if row["created_at"] <= listed.isoformat()}
    assert before and before <= {row["id"] for row in types} <= {row["id"] for row in known}
    statuses = gazu.project.get_project_task_statuses(gazu_project, client=gazu_client)
    assert {"todo", "wip", "wfa", "done", "retake"} <= {row["short_name"] for row in statuses}
    assert gazu.client.get_current_user(client=gazu_client)["id"] in gazu_project["team"]


def test_a_tv_show_has_episodes(gazu_make: Make, gazu_client: KitsuClient) -> None:
    from gazu_sandbox.factory import production

    with production(gazu_client, production_type="tvshow") as show:
        gazu_make.project = show
        episode = gazu_make.episode()
        assert gazu_make.sequence(episode=episode)["parent_id"] == episode["id"]
    with pytest.raises(RouteNotFoundException):
        gazu.project.get_project(show["id"], client=gazu_client)


def test_previews_are_processed(gazu_make: Make) -> None:
    task = gazu_make.task()
    picture, movie = gazu_make.preview(task), gazu_make.preview(task, gazu_make.movie(), status="wip")
    assert [(row["status"], row["extension"], row["revision"]) for row in (picture, movie)] == [
        ("ready", "png", 1),
        ("ready", "mp4", 2),
    ]
    assert (picture["width"], picture["height"]) == (64, 36)
    with pytest.raises(SandboxError, match="no task status 'seen'"):
        gazu_make.preview(task, status="seen")


@pytest.mark.parametrize("role, known", [("artist", "user"), ("supervisor", "supervisor"), ("client", "client")])
def test_a_client_of_each_role(gazu_make: Make, gazu_project: Any, role: str, known: str) -> None:
    client = gazu_make.client_as(role, first_name="Ann")
    user = gazu.client.get_current_user(client=client)
    assert (user["role"], user["first_name"]) == (known, "Ann")
    assert [row["id"] for row in gazu.user.all_open_projects(client=client)] == [gazu_project["id"]]
    with pytest.raises(NotAllowedException):
        gazu.person.remove_person(user, client=client)


def test_the_client_is_of_this_test_only(gazu_client: KitsuClient, gazu_server: Server) -> None:
    assert gazu_client is not gazu.client.default_client
    assert gazu_client.access_token != gazu.client.default_client.access_token
    assert gazu_client.event_host == gazu_server.event_host
    assert gazu.client.get_current_user(client=gazu_client)["role"] == "admin"


def test_the_default_client_is_logged_in(gazu_default: KitsuClient, gazu_server: Server) -> None:
    assert gazu_default is gazu.client.default_client
    assert gazu.get_host() == gazu_server.host
    assert gazu.get_event_host() == gazu_server.event_host
    assert gazu.client.get_current_user()["role"] == "admin"


# --- Suites of users

ISOLATION = """
import gazu, pytest
from gazu.client import default_client

gazu.set_host("http://of-the-user/api")
gazu.client.set_tokens({"access_token": "of the user"})
default_client.timeout = 7
tokens, mine = default_client.tokens, object()
default_client.session.verify = mine  # whatever users do to it

def state():
    return gazu.get_host(), default_client.tokens, default_client.timeout, default_client.session.verify

BEFORE = state()

def test_fails(gazu_default, gazu_project, gazu_make):
    gazu.cache.enable()
    print("production", gazu_project["id"])
    print("person", gazu_make.person()["id"])
    print("token", default_client.access_token)
    person = gazu_make.client_as("artist")
    print("token", person.access_token)
    gazu_make.task(assignees=[person.tokens["user"]])
    gazu.set_host("http://elsewhere/api")
    gazu.client.set_tokens({"access_token": "wrong"})
    raise RuntimeError

def test_logs_out(gazu_default, gazu_client, gazu_project):
    print("production", gazu_project["id"])
    assert gazu.cache.cache_settings["enabled"] is False
    gazu.log_out()
    gazu.log_out(client=gazu_client)

def test_removes_all_by_itself(gazu_default, gazu_project, gazu_make):
    gazu.person.remove_person(gazu_make.person(), force=True)
    gazu.project.close_project(gazu_project)
    gazu.project.remove_project(gazu_project, force=True)

def test_who_has_a_day_off_stays_but_cannot_log_in(gazu_make, gazu_client):
    person = gazu_make.person()
    print("absent", person["id"])
    gazu.person.new_day_off(person, "2026-01-02", "2026-01-03", client=gazu_client)

class TestOwnProduction:
    @pytest.fixture
    def gazu_project(self, gazu_project, gazu_client):
        return gazu.project.update_project({"id": gazu_project["id"], "fps": "24"}, client=gazu_client)

    def test_is_used_by_the_others(self, gazu_make, gazu_client):
        shot = gazu_make.shot()
        assert gazu.project.get_project(shot["project_id"], client=gazu_client)["fps"] == "24"

@pytest.fixture(autouse=True)
def put_back():
    assert state() == BEFORE and default_client.tokens is tokens
    yield
    assert state() == BEFORE and default_client.tokens is tokens
    assert gazu.cache.cache_settings["enabled"] is False
"""


def test_nothing_is_left_whatever_a_test_does(suite: Callable[..., str], gazu_server: Server) -> None:
    place = {"GAZU_SANDBOX_HOST": gazu_server.host, "GAZU_SANDBOX_EVENT_HOST": gazu_server.event_host}
    said = suite(ISOLATION, "-rA", status=1, **place)
    assert "RuntimeError" in said
    assert "1 failed, 4 passed" in said
    productions, people = re.findall(r"production (\S+)", said), re.findall(r"person (\S+)\n", said)
    assert len(productions) == 2
    for model, ids in (("projects", productions), ("persons", people)):
        for id in ids:
            with pytest.raises(RouteNotFoundException):
                gazu.client.fetch_one(model, id)
    for token in re.findall(r"token (\S+)", said):
        with gazu.client.create_client(gazu_server.host) as client:
            gazu.set_token(token, client=client)
            with pytest.raises((gazu.NotAuthenticatedException, NotAllowedException)):
                gazu.client.get_current_user(client=client)
    (absent,) = re.findall(r"absent (\S+)", said)
    assert gazu.person.get_person(absent)["active"] is False


def test_a_wrong_password_is_one_line_and_locks_no_account(suite: Callable[..., str], gazu_make: Make) -> None:
    person, host = gazu_make.person("admin", password="the right one"), gazu_make.server.host
    place = {"GAZU_SANDBOX_HOST": host, "GAZU_SANDBOX_EMAIL": person["email"], "GAZU_SANDBOX_PASSWORD": "a wrong one"}
    tests = "".join(f"def test_{n}(gazu_project): pass\n" for n in range(6))  # five attempts would lock it
    said = suite(tests, status=1, **place)
    assert said.count(f"\nno Kitsu server: POST auth/login: log-in of {person['email']}: ") == 6
    assert "Traceback" not in said
    assert "a wrong one" not in said
    with gazu.create_session(host, person["email"], "the right one") as client:
        assert gazu.client.get_current_user(client=client)["id"] == person["id"]


def test_a_server_elsewhere_is_never_put_back(suite: Callable[..., str], gazu_server: Server) -> None:
    host = gazu_server.host.replace("127.0.0.1", "localhost")  # as no sandbox calls itself
    said = suite("def test_it(gazu_clean_server): pass\n", status=1, GAZU_SANDBOX_HOST=host)
    assert f"\n{host} is not a sandbox of this machine: it cannot be reset" in said


def test_a_clean_server_that_is_asked_for_too_late(request: pytest.FixtureRequest, gazu_client: KitsuClient) -> None:
    with pytest.raises(pytest.fail.Exception, match="came too late: put it among the arguments of the test"):
        request.getfixturevalue("gazu_clean_server")


def test_a_sandbox_that_runs_already_is_put_back(suite: Callable[..., str], up: Up) -> None:  # noqa: F811
    source = """
import gazu

def test_clean(gazu_default, gazu_clean_server):
    assert gazu.project.all_projects() == []
    gazu.project.new_project("One")

def test_clean_again(gazu_default, gazu_clean_server, gazu_project):
    gazu.cache.enable()
    assert [row["id"] for row in gazu.project.all_projects()] == [gazu_project["id"]]
"""
    place = {"GAZU_SANDBOX_HOST": up.facts["host"], "GAZU_SANDBOX_PASSWORD": up.facts["password"]}
    client = gazu.create_session(up.facts["host"], up.facts["email"], up.facts["password"])
    with client:
        gazu.project.new_project("Kept", client=client)
        said = suite(source, status=1, **place)
        assert said.count(f"the sandbox in {up.facts['data']} was given this folder: set GAZU_SANDBOX_RESET=1") == 2
        assert [row["name"] for row in gazu.project.all_projects(client=client)] == ["Kept"]
    assert "2 passed" in suite(source, GAZU_SANDBOX_RESET="1", **place)


RECORDED = """
import gazu

def test_a_preview_comes_back(gazu_recorded, gazu_make, tmp_path):
    preview = gazu_make.preview(path=gazu_make.movie())
    assert preview["extension"] == "mp4"
    path = tmp_path / "movie.mp4"
    gazu.files.download_preview_file(preview, str(path), client=gazu_recorded)
    assert path.stat().st_size > 1000
    artist = gazu_make.client_as("artist", last_name=gazu_make.unique())
    assert gazu.client.get_current_user(client=artist)["email"].endswith("@example.com")

def test_new(gazu_recorded, gazu_project):
    pass
"""


def test_what_was_recorded_is_replayed_where_no_server_is(
    suite: Callable[..., str], tmp_path: Path, gazu_server: Server
) -> None:
    place = {name: getattr(gazu_server, name) for name in ("host", "event_host", "password")}
    words = ["-p", "no:randomly", "-p", "no:cacheprovider"]
    assert "1 passed" in suite(RECORDED, "--gazu-record", *words, "-k", "preview", **settings(place))
    nowhere = {"GAZU_SANDBOX_CACHE": str(tmp_path / "cache"), "GAZU_SANDBOX_PYTHON": "/no/python"}
    assert "1 passed" in suite(RECORDED, *words, "-k", "preview", **nowhere)
    assert "there is no recording" in suite(RECORDED, *words, "-k", "new", status=1, **nowhere)


def settings(place: Any) -> Any:
    return {"GAZU_SANDBOX_" + name.upper(): value for name, value in place.items()}


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks for processes in /proc")
def test_the_example_of_the_documents_on_two_processes(suite: Callable[..., str], tmp_path: Path) -> None:
    for path in EXAMPLES.glob("*.py"):
        shutil.copy(str(path), str(tmp_path))
    source = "\n".join(f"def test_{n}(gazu_server): print('server', gazu_server.data)" for n in range(8))
    said = suite(source, "-n", "2", "-rA", "--gazu-record")
    assert "14 passed" in said
    assert "6 passed" in suite(RECORDED, "-k", "publish", GAZU_SANDBOX_PYTHON="/no/python")
    servers = set(re.findall(r"server (\S+)", said))
    assert len(servers) == 1, "one for both processes"
    assert gone(servers.pop())
