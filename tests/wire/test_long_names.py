"""Names that no file system takes: an error that names the path, before anything is half-written."""

import pytest

import gazu
from gazu import aio, files
from gazu import client as raw_client
from gazu.exception import GazuException

from .awaiting import awaiting
from .conftest import answer

ID = "a0000000-0000-4000-8000-000000000001"
LONG = "x" * 300 + ".png"


def downloads(client, path):
    twin = awaiting.twin(client)
    return [
        lambda: raw_client.download("data/file", path, client=client),
        lambda: awaiting.run(aio.download("data/file", path, client=twin)),
        lambda: files.download_preview_file(ID, path, client=client),
        lambda: files.download_working_file(ID, path, client=client),
        lambda: files.download_attachment_file(ID, path, client=client),
        lambda: gazu.helpers.download_file(client.host + "/data/file", path),
    ]


def uploads(client, path):
    twin = awaiting.twin(client)
    return [
        lambda: raw_client.upload("data/file", path, client=client),
        lambda: awaiting.run(aio.upload("data/file", path, client=twin)),
        lambda: files.upload_working_file(ID, path, client=client),
        lambda: gazu.task.upload_preview_file(ID, path, client=client),
        lambda: gazu.task.publish_preview(ID, ID, "text", preview_file_path=path, client=client),
        lambda: gazu.task.add_comment(ID, ID, "text", attachments=[path], client=client),
        lambda: gazu.person.set_avatar(ID, path, client=client),
    ]


@pytest.mark.parametrize("number", range(6))
def test_download(number, server, client, tmp_path):
    server.default = answer({"id": ID, "name": "a.png", "extension": "png"})
    path = str(tmp_path / LONG)
    with pytest.raises((OSError, GazuException), match=LONG) as caught:
        downloads(client, path)[number]()
    assert not isinstance(caught.value, UnicodeError) and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", range(7))
def test_upload(number, server, client, tmp_path):
    path = str(tmp_path / LONG)
    with pytest.raises((OSError, ValueError), match=LONG):
        uploads(client, path)[number]()
    assert server.requests == []


def test_working_file_whose_name_is_of_the_server(server, client, tmp_path, monkeypatch):
    """Without a path of the caller, the name in the current folder is of the server."""
    monkeypatch.chdir(tmp_path)
    server.default = answer({"id": ID, "name": "x" * 300, "path": "/" + "y" * 300, "task_id": ID, "revision": 1})
    with pytest.raises((OSError, GazuException), match="[xy]{100}"):
        files.download_working_file(ID, client=client)
    assert list(tmp_path.iterdir()) == []
