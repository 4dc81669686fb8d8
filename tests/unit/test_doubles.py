"""What test suites put in the place of clients, responses and modules."""

import asyncio
import importlib
import json
import os
import stat
import subprocess
import sys
import types
import uuid
from unittest import mock

import pytest
import requests
import socketio

import gazu
import gazu.aio
import gazu.cli
import gazu.events
import gazu.sync
from gazu.client import KitsuClient
from gazu.exception import (
    AuthFailedException,
    GazuException,
    NotAllowedException,
    NotAuthenticatedException,
    RouteNotFoundException,
    ServerErrorException,
)


def raises(error):
    def call():
        raise error

    return call


# -- responses -------------------------------------------------------------------
DOUBLES = {
    "status only": {},
    "text": {"text": "Error"},
    "json of text": {"json": lambda: json.dumps('{"message": "why"}')},
    "json of a list": {"json": lambda: []},
    "json that raises": {"json": raises(ValueError("no"))},
    "json that raises another error": {"json": raises(KeyError("no"))},
    "json of a message": {"json": lambda: {"message": "why"}},
}
CLASSES = {401: NotAuthenticatedException, 403: NotAllowedException, 404: RouteNotFoundException, 502: ServerErrorException}  # fmt: skip


@pytest.mark.parametrize("status", [200, *CLASSES])
@pytest.mark.parametrize("kind", list(DOUBLES))
def test_check_status_of_a_double(kind, status):
    response = types.SimpleNamespace(status_code=status, **DOUBLES[kind])
    if status == 200:
        assert gazu.client.check_status(response, "/") == (200, False)
        return
    with pytest.raises(CLASSES[status]) as caught:
        gazu.client.check_status(response, "/")
    assert ("why" in str(caught.value)) is (kind == "json of a message" or (kind == "json of text" and status >= 500))


@pytest.mark.parametrize("status", [200, *CLASSES])
@pytest.mark.parametrize("kind", list(DOUBLES))
def test_asynchronous_check_status_of_a_double(kind, status):
    response = types.SimpleNamespace(status=status)
    if "json" in DOUBLES[kind]:

        async def as_json():
            return DOUBLES[kind]["json"]()

        response.json = as_json
    check = gazu.aio.check_status(response, "/")
    if status == 200:
        assert asyncio.run(check) == (200, False)
        return
    with pytest.raises(CLASSES[status]) as caught:
        asyncio.run(check)
    assert ("why" in str(caught.value)) is (kind == "json of a message" or (kind == "json of text" and status >= 500))


def test_tokens_of_a_log_in_in_a_dict_of_their_own(monkeypatch):
    client = KitsuClient("https://kitsu/api")
    answer = {"login": True, "tokens": {"access_token": "a", "refresh_token": "r"}}
    monkeypatch.setattr(gazu.client, "post", lambda *args, **options: answer)
    assert gazu.log_in("frank", "secret", client=client)["tokens"] == answer["tokens"]
    assert client.tokens["tokens"]["access_token"] == client.access_token == "a"
    for bad in ({"login": True, "tokens": {}}, {"login": False, "tokens": {"access_token": "a"}}, {"tokens": "a"}):
        answer = bad
        with pytest.raises(AuthFailedException):
            gazu.log_in("frank", "secret", client=client)


# -- clients ---------------------------------------------------------------------
def test_sync_with_clients_that_are_no_clients(monkeypatch):
    task, kind, person, entity = (str(uuid.uuid4()) for _ in range(4))
    row = {"id": task, "task_type_id": kind, "task_status_id": "old", "assignees": [person], "entity_id": entity}
    monkeypatch.setattr(gazu.task, "all_tasks_for_project", lambda *args, **options: [row])
    monkeypatch.setattr(gazu.sync, "get_sync_task_type_id_map", lambda *args: {kind: "new-kind"})
    monkeypatch.setattr(gazu.sync, "get_sync_task_status_id_map", lambda *args: {})
    monkeypatch.setattr(gazu.sync, "get_sync_person_id_map", lambda *args: {person: "new-person"})
    sent = mock.Mock(return_value=[{"id": task}])
    monkeypatch.setattr(gazu.sync, "import_tasks", sent)
    source, target, status = mock.MagicMock(), mock.MagicMock(), str(uuid.uuid4())
    project, other = str(uuid.uuid4()), str(uuid.uuid4())
    assert gazu.sync.push_tasks(project, other, {"id": status}, source, target) == [{"id": task}]
    ((rows,), options) = sent.call_args
    assert options == {"client": target}
    assert (rows[0]["task_status_id"], rows[0]["task_type_id"], rows[0]["assignees"]) == (status, "new-kind", ["new-person"])  # fmt: skip
    pushed = mock.Mock(return_value=[])
    monkeypatch.setattr(gazu.sync, "push_task_comments", pushed)
    assert gazu.sync.push_tasks_comments(project, source, target) == [row]
    pushed.assert_called_once_with({}, {person: "new-person"}, row, source, target)


def test_push_task_comment_with_clients_that_are_no_clients(monkeypatch):
    ids = [str(uuid.uuid4()) for _ in range(4)]
    sent = mock.Mock(return_value={"id": ids[0]})
    monkeypatch.setattr(gazu.task, "add_comment", sent)
    comment = {"id": ids[1], "task_status_id": "s", "person_id": "p", "text": "Hello", "created_at": "2023-01-01"}
    comment.update(checklist=[], attachment_files=[], previews=[])
    clients = mock.MagicMock(), mock.MagicMock()
    assert gazu.sync.push_task_comment({"s": ids[2]}, {"p": ids[3]}, {"id": ids[0]}, comment, *clients)
    sent.assert_called_once()
    assert sent.call_args[1]["comment"] == "Hello"


# -- modules ---------------------------------------------------------------------
DOMAINS = "asset casting concept edit entity files person playlist project project_template scene search shot studio sync task user"  # fmt: skip


@pytest.mark.parametrize("module", [*DOMAINS.split(), "events", "aio"])
def test_names_that_upstream_imports_are_there(module):
    found = importlib.import_module("gazu." + module)
    assert found.normalize_model_parameter is gazu.helpers.normalize_model_parameter
    assert found.requests is requests
    with pytest.raises(AttributeError, match=f"gazu.{module}.* has no attribute 'no_such_name'"):
        found.no_such_name  # noqa: B018
    assert not {"normalize_model_parameter", "requests"} & set(dir(found))


def test_names_that_upstreams_client_imports_are_there():
    assert gazu.client.CustomJSONEncoder is gazu.encoder.CustomJSONEncoder
    assert gazu.client.json is json and gazu.client.requests is requests
    names = "MethodNotAllowed NotAllowed PreviewFileProcessing RouteNotFound ServerError TooBigFile UploadFailed Validation"  # fmt: skip
    for name in names.split():
        kind = getattr(gazu.client, name + "Exception")
        assert kind is getattr(gazu.exception, name + "Exception") and issubclass(kind, GazuException)
    assert gazu.events.AuthFailedException is AuthFailedException
    assert gazu.events.get_event_host is gazu.client.get_event_host
    assert gazu.events.make_auth_header is gazu.client.make_auth_header


def test_import_stays_light():
    code = "import sys, gazu.client, gazu.task, gazu.events; print({'requests', 'socketio'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert ran.stdout.decode().strip() == "set()"


# -- the event stream ------------------------------------------------------------
def test_double_of_the_connection():
    client = KitsuClient("http://kitsu/api", tokens={"access_token": "acc", "refresh_token": "ref"}, ssl_verify=False)
    with mock.patch("gazu.events.socketio.Client") as double, mock.patch.object(client, "refresh_access_token") as new:
        assert gazu.events.socketio is socketio
        assert gazu.events.init(client=client) is double.return_value
        assert double.call_args[1]["ssl_verify"] is False
        host, headers = double.return_value.connect.call_args[0]
        assert host == client.host
        assert headers()["Authorization"] == "Bearer acc"
        new.assert_not_called()
        assert headers()["Authorization"] == "Bearer acc"
        new.assert_called_once()


# -- the command line ------------------------------------------------------------
def test_paths_of_the_configuration(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert os.path.dirname(gazu.cli.CONFIG_FILE) == gazu.cli.CONFIG_DIR
    before = gazu.cli.CONFIG_DIR, gazu.cli.CONFIG_FILE
    folder, file = tmp_path / ".gazu", tmp_path / ".gazu" / "config.json"
    with mock.patch.object(gazu.cli, "CONFIG_DIR", str(folder)), mock.patch.object(gazu.cli, "CONFIG_FILE", str(file)):
        gazu.cli.save_config({"host": "http://h/api", "tokens": {"access_token": "a"}})
        assert gazu.cli.load_config()["tokens"] == {"access_token": "a"}
        if os.name == "posix":
            assert stat.S_IMODE(os.stat(str(file)).st_mode) == 0o600
            assert stat.S_IMODE(os.stat(str(folder)).st_mode) == 0o700
    assert before == (gazu.cli.CONFIG_DIR, gazu.cli.CONFIG_FILE)
    assert gazu.cli.load_config() == {}
    assert not os.path.exists(before[0])


@pytest.mark.parametrize("how", ["mock", "monkeypatch"])
def test_functions_of_the_command_line(how, monkeypatch):
    from gazu.cli import account, connect

    real, double = connect.load_config, mock.Mock(return_value={})
    if how == "mock":
        with mock.patch("gazu.cli.load_config", double):
            assert gazu.cli.load_config is connect.load_config is account.load_config is double
    else:
        with monkeypatch.context() as patch:
            patch.setattr(gazu.cli, "load_config", double)
            assert gazu.cli.load_config is connect.load_config is account.load_config is double
    assert gazu.cli.load_config is connect.load_config is account.load_config is real
    with pytest.raises(AttributeError):
        gazu.cli.no_such_name  # noqa: B018
