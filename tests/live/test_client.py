"""The client and its verbs on a real server."""

import base64
import os
import threading
import uuid
import warnings
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
import requests

import gazu
from gazu.client import KitsuClient
from gazu.exception import (
    NotAllowedException,
    NotAuthenticatedException,
    ParameterException,
    RouteNotFoundException,
    ServerErrorException,
    TransportException,
    ValidationException,
)

from ..answers import problems

Unique = Callable[[str], str]
raw = gazu.raw
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def other(box: Any) -> Iterator[KitsuClient]:
    """Another client, which has the token of the first one."""
    client = raw.create_client(box.host, access_token=gazu.client.default_client.access_token)
    yield client
    client.session.close()


@pytest.fixture
def asset_type(admin: KitsuClient, unique: Unique) -> Any:
    return gazu.asset.new_asset_type(unique("Prop"))


@pytest.fixture
def assets(project: Any, asset_type: Any) -> Any:
    return [gazu.asset.new_asset(project, asset_type, f"Lamp {number}") for number in range(5)]


@pytest.fixture
def comment(project: Any, assets: Any, unique: Unique) -> Any:
    task_type = gazu.task.new_task_type(unique("Modeling"))
    raw.post(f"data/projects/{project['id']}/settings/task-types", {"task_type_id": task_type["id"]})
    task = gazu.task.new_task(assets[0], task_type)
    return gazu.task.add_comment(task, gazu.task.get_task_status_by_short_name("wip"), "Going on")


def ids(rows: Any) -> Any:
    return sorted(row["id"] for row in rows)


def attached(answer: Any, client: Any = gazu.client.default_client) -> Any:
    """Return the attachments that an upload was answered with: name and content."""
    rows = {row["name"]: f"data/attachment-files/{row['id']}/file/{row['name']}" for row in answer}
    return {name: raw.get_file_data_from_url(path, client=client) for name, path in rows.items()}


# -- addresses, settings -------------------------------------------------------
def test_addresses(box: Any, other: KitsuClient) -> None:
    assert gazu.raw is gazu.client
    assert raw.get_host() == raw.get_host(client=other) == box.host
    assert raw.get_event_host() == box.event_host
    assert raw.set_event_host("http://events.test", client=other) == "http://events.test"
    assert raw.get_event_host(client=other) == "http://events.test"
    assert raw.get_full_url("data/shots") == raw.get_full_url("/data/shots") == box.host + "/data/shots"
    assert raw.url_path_join(box.host, "data/", "/shots") == box.host + "/data/shots"
    assert raw.get_api_url_from_host() + "/api" == box.host
    with pytest.warns(DeprecationWarning, match="use `get_api_url_from_host`"):
        assert raw.get_zou_url_from_host() + "/api" == box.host
    path = raw.build_path_with_params("data/assets", {"name": "Été & #1", "id": ["a", "b"]})
    assert path == "data/assets?name=%C3%89t%C3%A9+%26+%231&id=%5B%22a%22%2C%22b%22%5D"
    assert raw.set_host("http://elsewhere.test/api", client=other) == other.host == "http://elsewhere.test/api"
    assert raw.get_host() == box.host


def test_the_server_is_there(box: Any, other: KitsuClient) -> None:
    for host in (box.host, box.host + "/"):
        raw.set_host(host, client=other)
        assert raw.host_is_up(client=other) is raw.host_is_valid(client=other) is True
        assert raw.get_api_version(client=other) == raw.get("status")["version"]
        assert raw.get_current_user(client=other)["email"] == box.email
    raw.set_host(raw.get_api_url_from_host(), client=other)
    assert (raw.host_is_up(client=other), raw.host_is_valid(client=other)) == (True, False)
    raw.set_host("http://127.0.0.1:9/api", client=other)
    other.retries = 0
    assert raw.host_is_up(client=other) is raw.host_is_valid(client=other) is False
    with pytest.raises(requests.exceptions.ConnectionError) as caught:
        raw.get("status", client=other)
    assert isinstance(caught.value, TransportException)


def test_tokens(box: Any, other: KitsuClient) -> None:
    header = raw.make_auth_header()
    assert header["Authorization"] == "Bearer " + gazu.client.default_client.access_token
    assert requests.get(box.host + "/auth/authenticated", headers=header, timeout=60).status_code == 200
    assert raw.set_tokens({}, client=other) == {}
    with pytest.raises(NotAuthenticatedException):
        raw.get_current_user(client=other)
    raw.set_tokens({"access_token": "garbage"}, client=other)
    with pytest.raises(ValidationException, match="segments"):
        raw.get_current_user(client=other)
    raw.set_tokens(dict(gazu.client.default_client.tokens), client=other)
    user = raw.get_current_user(client=other)
    assert (user["email"], problems(user, gazu.models.Person)) == (box.email, [])


# -- verbs ---------------------------------------------------------------------
def test_a_record_is_made_read_changed_and_removed(project: Any, unique: Unique, other: KitsuClient) -> None:
    name = unique("Été / #1?")
    made = raw.post("data/departments", {"name": name, "color": "#112233"})
    for path in (
        f"data/departments/{made['id']}",
        f"/data/departments/{made['id']}",
        f"data/departments?id={made['id']}",
    ):
        answer = raw.get(path)
        assert (answer[0] if isinstance(answer, list) else answer)["name"] == name
    assert name in raw.get(f"data/departments/{made['id']}", json_response=False)
    assert raw.get("data/departments", params={"name": name}, client=other)[0]["id"] == made["id"]
    assert raw.get("data/departments", params=[("name", name)])[0]["id"] == made["id"]
    assert raw.put(f"data/departments/{made['id']}", {"color": "#445566"})["color"] == "#445566"
    assert raw.update("departments", made["id"], {"archived": True}, client=other)["archived"] is True
    found = raw.fetch_one("departments", made["id"])
    assert (found["color"], found["archived"]) == ("#445566", True)
    assert raw.delete(f"data/departments/{made['id']}") == ""
    with pytest.raises(RouteNotFoundException):
        raw.fetch_one("departments", made["id"], client=other)
    again = raw.create("departments", {"name": name, "color": "#112233"}, client=other)
    assert raw.fetch_named("departments", {"name": name})["id"] == again["id"] != made["id"]
    assert raw.fetch_named("departments", {"name": name.replace(" ", "_")}) is None
    assert raw.fetch_first("departments", {"name": name})["id"] == again["id"]
    assert raw.fetch_first(f"departments?id={again['id']}", client=other)["id"] == again["id"]
    assert raw.delete(f"data/departments/{again['id']}", params={"force": True}, client=other) == ""
    assert raw.fetch_first("departments", {"name": name}) is None


def test_lists_come_whole_or_in_pages(project: Any, assets: Any, other: KitsuClient) -> None:
    params = {"project_id": project["id"]}
    expected = [*ids(assets), *ids(raw.fetch_all("entities", {**params, "name": "E01"}))]
    for answer in (
        raw.fetch_all("entities", params),
        raw.fetch_all("/entities", list(params.items()), client=other),
        raw.fetch_all(f"entities?project_id={project['id']}"),
        raw.fetch_all("entities", params, paginated=True),
        raw.fetch_all("entities", params, paginated=True, limit=2, client=other),
        raw.fetch_all("entities", params, paginated=True, limit=1, fields="name"),
    ):
        assert ids(answer) == sorted(expected)
    assert params == {"project_id": project["id"]}
    rows = raw.fetch_all("entities", params, fields=["name", "status"])
    assert {key for row in rows for key in row} == {"id", "type", "name", "status"}
    page = raw.fetch_all(f"entities?project_id={project['id']}&page=2&limit=4")
    assert (page["total"], page["nb_pages"], len(page["data"])) == (len(expected), 2, len(expected) - 4)


def test_lists_come_page_by_page(project: Any, assets: Any, other: KitsuClient) -> None:
    params = {"project_id": project["id"]}
    expected = ids(raw.fetch_all("entities", params))
    for rows in (
        raw.fetch_each("entities", params),
        raw.fetch_each("entities", params, page_size=2, client=other),
        raw.fetch_each("entities", list(params.items()), page_size=1, fields=["name"]),
        raw.fetch_each(f"projects/{project['id']}/asset-types/{assets[0]['entity_type_id']}/assets"),  # without pages
    ):
        found = list(rows)
        assert ids(found) == expected or ids(found) == ids(assets)
    assert {key for row in raw.fetch_each("entities", params, fields="name") for key in row} == {"id", "type", "name"}
    assert params == {"project_id": project["id"]}
    assert list(raw.fetch_each("entities", {"project_id": str(uuid.uuid4())})) == []
    rows = raw.fetch_each("entities", params, page_size=2)
    gone = next(rows)["id"]
    raw.delete(f"data/entities/{gone}", client=other)  # and those behind it move up, one of them to where we have been
    assert ids(rows) == [one for one in expected if one != gone]


def test_one_page_of_a_list(project: Any, assets: Any) -> None:
    params = {"project_id": project["id"]}
    expected = ids(raw.fetch_all("entities", params))
    size = len(expected) - 1
    pages = [raw.fetch_page("entities", params, number, page_size=size, fields="name") for number in (1, 2)]
    assert [(page["total"], page["nb_pages"], len(page["data"])) for page in pages] == [
        (len(expected), 2, size),
        (len(expected), 2, 1),
    ]
    assert ids([*pages[0]["data"], *pages[1]["data"]]) == expected
    assert set(pages[1]["data"][0]) == {"id", "type", "name"}
    path = f"projects/{project['id']}/asset-types/{assets[0]['entity_type_id']}/assets"  # without pages
    assert raw.fetch_page(path, page=2, page_size=1) == raw.fetch_all(path)


def test_records_are_imported_with_their_ids(assets: Any) -> None:
    row = {**raw.fetch_one("entities", assets[0]["id"]), "id": str(uuid.uuid4()), "name": "Imported"}
    raw.import_data("entities", [row])
    assert raw.fetch_one("entities", row["id"])["name"] == "Imported"
    raw.import_data("entities", [{**row, "name": "Again"}])
    assert raw.fetch_one("entities", row["id"])["name"] == "Again"
    with pytest.raises(ServerErrorException):
        raw.import_data("entities", [{"id": "not-an-id"}])


def test_records_that_an_import_leaves_out(assets: Any, artist: Any) -> None:
    """Zou 1.0.97 answers 200 and an empty list to whoever is not an administrator."""
    row = {**raw.fetch_one("entities", assets[0]["id"]), "name": "Imported"}
    for role in ("user", "supervisor", "manager"):
        gazu.person.update_person({"id": artist.person["id"], "role": role})
        for call in (
            lambda: raw.import_data("entities", [row], client=artist.client),
            lambda: gazu.sync.import_entities([row], client=artist.client),
            lambda: gazu.sync.import_tasks([row], client=artist.client),
            lambda: gazu.sync.import_entity_links([row], client=artist.client),
        ):
            with pytest.raises(NotAllowedException, match="imported 0 of 1 records") as caught:
                call()
            assert caught.value.imported == []
    assert raw.fetch_one("entities", row["id"])["name"] == assets[0]["name"]


def test_many_threads_share_a_client(project: Any, assets: Any) -> None:
    found: Any = []

    def work(asset: Any) -> None:
        for _ in range(5):
            found.append(raw.fetch_one("entities", asset["id"])["name"] == asset["name"])

    threads = [threading.Thread(target=work, args=[asset]) for asset in assets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [True] * 25


# -- files ---------------------------------------------------------------------
def test_files_go_up_and_come_back_as_they_were(comment: Any, tmp_path: Path, other: KitsuClient) -> None:
    path = f"actions/tasks/{comment['object_id']}/comments/{comment['id']}/add-attachment"
    large, small = tmp_path / "large.bin", tmp_path / "small.txt"
    large.write_bytes(os.urandom(3 * 1024 * 1024))
    small.write_text("Été", encoding="utf-8")
    told: Any = []
    answer = raw.upload(path, str(large), extra_files=[small], progress_callback=lambda *step: told.append(step))
    assert attached(answer) == {"large.bin": large.read_bytes(), "small.txt": small.read_bytes()}
    size = large.stat().st_size + small.stat().st_size
    assert told[-1] == (size, size)
    assert [step[0] for step in told] == sorted(step[0] for step in told)
    assert len(told) > 2
    answer = raw.upload(path, small, {"reply_id": ""}, client=other)
    assert attached(answer, other) == {"small.txt": small.read_bytes()}
    assert attached(raw.upload(path, files={"file": ("memory.txt", b"from memory")})) == {"memory.txt": b"from memory"}
    with pytest.raises(FileNotFoundError):
        raw.upload(path, str(tmp_path / "missing.txt"))
    with pytest.raises(RouteNotFoundException):
        raw.upload(path.replace(comment["id"], str(uuid.uuid4())), small)


def test_downloads_are_whole_or_not_there(comment: Any, tmp_path: Path, other: KitsuClient) -> None:
    content = os.urandom(3 * 1024 * 1024)
    path = f"actions/tasks/{comment['object_id']}/comments/{comment['id']}/add-attachment"
    [row] = raw.upload(path, files={"file": ("large.bin", content)})
    path = f"data/attachment-files/{row['id']}/file/large.bin"
    target, told = tmp_path / "target", []
    answer = raw.download(path, str(target), progress_callback=lambda *step: told.append(step))
    assert (answer.status_code, target.read_bytes() == content, told[-1]) == (200, True, (len(content),) * 2)
    assert raw.download(path, None, client=other).content == content
    assert raw.get_file_data_from_url("/" + path) == content
    assert raw.get_file_data_from_url(raw.get_full_url(path), full=True, client=other) == content
    gone = path.replace(row["id"], str(uuid.uuid4()))
    with pytest.raises(RouteNotFoundException):
        raw.download(gone, str(target))
    with pytest.raises(RouteNotFoundException):
        raw.get_file_data_from_url(gone)
    assert target.read_bytes() == content
    assert os.listdir(str(tmp_path)) == ["target"]


def test_a_preview_file_is_waited_for(comment: Any, tmp_path: Path) -> None:
    picture, target = tmp_path / "picture.png", tmp_path / "target.png"
    picture.write_bytes(PIXEL)
    preview = gazu.task.add_preview(comment["object_id"], comment, str(picture))
    path = f"pictures/originals/preview-files/{preview['id']}.png"
    assert raw.download(path, target, params={"at": "once"}).status_code == 200
    assert target.read_bytes().startswith(b"\x89PNG")


# -- errors --------------------------------------------------------------------
def test_a_response_of_the_user_is_checked(box: Any, other: KitsuClient) -> None:
    answers = {
        path: other.session.get(raw.get_full_url(path), headers=raw.make_auth_header(client=other), timeout=60)
        for path in ("data/persons", "data/nothing", "data/persons/not-an-id")
    }
    assert raw.check_status(answers["data/persons"], "data/persons") == (200, False)
    with pytest.raises(RouteNotFoundException):
        raw.check_status(answers["data/nothing"], "data/nothing", client=other)
    with pytest.raises(ParameterException) as caught:
        raw.check_status(answers["data/persons/not-an-id"], "data/persons/not-an-id")
    message = raw.get_message_from_response(answers["data/persons/not-an-id"])
    assert caught.value.args == ("data/persons/not-an-id", message)
    assert raw.get_message_from_data(answers["data/persons/not-an-id"].json()) == message
    assert raw.get_message_from_response(answers["data/persons"], "nothing said") == "nothing said"
    assert raw.get_message_from_data({}, "nothing said") == "nothing said"


def test_errors_say_what_was_asked_and_what_was_answered(admin: KitsuClient) -> None:
    with pytest.raises(ParameterException) as caught:
        raw.post("data/persons", {"email": "no address"})
    error = caught.value
    assert type(error) is ParameterException
    assert (error.status_code, error.method, error.path) == (400, "POST", "data/persons")
    assert error.args == ("data/persons", error.body["message"])


@pytest.mark.parametrize("bad", ["", "..", "../persons", None, {}])
def test_ids_that_lead_elsewhere_are_refused_before_the_server_is_asked(bad: Any) -> None:
    with pytest.raises(ValueError):
        raw.fetch_one("assets", bad)
    with pytest.raises(ValueError):
        raw.update("assets", bad, {})


def test_older_calls(assets: Any, other: KitsuClient) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert raw.fetch_one("entities", assets[0]["id"], other)["name"] == "Lamp 0"
    assert [warning.category for warning in told] == [DeprecationWarning]


def test_names_of_pages_of_upstream(project: Any, unique: Callable[[str], str], box: Any) -> None:
    asset_type = gazu.asset.new_asset_type(unique("Prop"))
    with pytest.deprecated_call():
        asset = gazu.asset.new_asset(project, asset_type, "Lamp", data={"mood": "dark"})
    assert asset["data"] == {"mood": "dark"}
    assert asset["id"] in {row["id"] for row in gazu.asset.all_assets()}
    assert gazu.project.get_project_by_name(name=project["name"])["id"] == project["id"]
    task_type = gazu.task.new_task_type(unique("Modeling"))
    gazu.project.add_task_type(project, task_type)
    task = gazu.task.new_task(asset, task_type)
    assert task["id"] in {row["id"] for row in gazu.task.all_tasks()}
    for path in ("data/projects", "/data/projects", "projects"):
        assert gazu.client.fetch_first(path, {"name": project["name"]})["id"] == project["id"]
        assert [row["id"] for row in gazu.client.fetch_all(path, {"name": project["name"]})] == [project["id"]]
    assert gazu.client.is_host_up()
    client = KitsuClient(box.host)
    assert gazu.client.log_in is gazu.log_in
    gazu.client.log_in(box.email, box.password, client=client)
    gazu.client.log_out(client=client)
    assert not client.access_token
