"""What tests and tools put in the place of requests, or around it: seen by us before and after our first request.

Each case runs in a process of its own, as it matters what was imported first.
"""

import importlib
import os
import subprocess
import sys

import pytest

import gazu

#: What every script begins with; its arguments are the URL of the server, and a folder.
BEGIN = """
import os, sys
from unittest import mock
import gazu
host = sys.argv[1]
client = gazu.client.KitsuClient(host, access_token="token", retries=0)
def ask():
    return gazu.client.get("data/persons", client=client)
def upload():
    with open(os.path.join(sys.argv[2], "file.txt"), "w") as file:
        file.write("content")
    return gazu.client.upload("pictures", file.name, client=client)
def download():
    path = os.path.join(sys.argv[2], "picture.png")
    gazu.client.download("pictures/a.png", path, client=client)
    with open(path, "rb") as file:
        return file.read()
def made(content=b'["double"]', status=200):
    import requests
    response = requests.Response()
    response.status_code, response._content = status, content
    response.headers["Content-Type"] = "application/json"
    return response
"""
#: Between the parts of a script: the first request, for one half of the cases.
FIRST = "assert ask() == ['real']\n"

PATCHES = {
    "request": """
with mock.patch("requests.Session.request", return_value=made()) as double:
    assert ask() == ["double"] and double.call_args[0][:2] == ("GET", host + "/data/persons"), double.call_args
    assert upload() == ["double"]
""",
    "request of autospec": """
with mock.patch("requests.Session.request", autospec=True, return_value=made()) as double:
    assert ask() == ["double"] and double.call_args[0][1:3] == ("GET", host + "/data/persons"), double.call_args
""",
    "request of a wrapper": """
import functools, requests
real, urls = requests.Session.request, []
@functools.wraps(real)
def request(self, method, url, **kwargs):
    urls.append(url)
    return real(self, method, url, **kwargs)
with mock.patch("requests.Session.request", request):
    assert ask() == ["real"] and urls == [host + "/data/persons"]
""",
    "request of one session": """
with mock.patch.object(client.session, "request", return_value=made()) as double:
    assert ask() == ["double"]
""",
    "send": """
with mock.patch("requests.Session.send", return_value=made()) as double:
    assert ask() == ["double"] and double.call_args[0][0].url == host + "/data/persons", double.call_args
    assert double.call_args[0][0].headers["Authorization"] == "Bearer token"
    assert upload() == ["double"]
""",
    "send of one session": """
with mock.patch.object(client.session, "send", return_value=made()) as double:
    assert ask() == ["double"]
""",
    "get_adapter": """
with mock.patch("requests.Session.get_adapter") as double:
    double.return_value.send.return_value = made()
    assert ask() == ["double"] and double.return_value.send.called
""",
    "send of the adapter": """
with mock.patch("requests.adapters.HTTPAdapter.send", return_value=made()) as double:
    assert ask() == ["double"] and double.call_args[0][0].url == host + "/data/persons", double.call_args
""",
    "refusal": """
with mock.patch("requests.Session.request", return_value=made(b'{"message": "gone"}', 404)):
    try:
        ask()
    except gazu.exception.RouteNotFoundException as error:
        assert "gone" in str(error)
    else:
        raise AssertionError
""",
    "guard of sockets": """
import socket
class Blocked(RuntimeError):
    pass
class Guard(socket.socket):
    def __new__(cls, *args, **kwargs):
        raise Blocked
client.session.close()  # what is open needs no new socket
with mock.patch("socket.socket", Guard):
    try:
        ask()
    except Blocked:
        pass
    else:
        raise AssertionError
""",
    "adapter that was mounted": """
import requests
class Adapter(requests.adapters.BaseAdapter):
    def send(self, request, **kwargs):
        response = made()
        response.request, response.url = request, request.url
        return response
    def close(self):
        pass
client.session.mount(host, Adapter())
assert ask() == ["double"]
""",
    "session": """
client.session = mock.MagicMock()
client.session.request.return_value = made()
assert ask() == ["double"]
""",
    "hook": """
client.session.hooks["response"].append(lambda response, **kwargs: seen.append(response.status_code))
seen = []
assert ask() == ["real"] and seen == [200]
""",
}
LIBRARIES = {
    "requests_mock": """
import requests_mock
with requests_mock.Mocker() as double:
    double.get(host + "/data/persons", json=["double"])
    double.post(host + "/pictures", json=["double"])
    double.get(host + "/pictures/a.png", content=b"picture")
    assert ask() == ["double"] and upload() == ["double"] and download() == b"picture"
    assert double.call_count == 3 and double.request_history[0].headers["Authorization"] == "Bearer token"
    assert b"content" in double.request_history[1].body
    double.get(host + "/data/persons", status_code=403, json={"message": "no"})
    try:
        ask()
    except gazu.exception.NotAllowedException as error:
        assert "no" in str(error)
    else:
        raise AssertionError
    double.get(host + "/data/persons", exc=ConnectionError)
@requests_mock.Mocker()
def decorated(double):
    double.get(host + "/data/persons", json=["double"])
    return ask()
assert decorated() == ["double"]
adapter = requests_mock.Adapter()
adapter.register_uri("GET", host + "/data/persons", json=["double"])
client.session.mount(host, adapter)
assert ask() == ["double"]
""",
    "requests_mock fixture": '''
import pytest
with open(os.path.join(sys.argv[2], "test_it.py"), "w") as file:
    file.write("""
import gazu
def test_it(requests_mock):
    requests_mock.get("http://kitsu/api/data/persons", json=["double"])
    client = gazu.client.KitsuClient("http://kitsu/api")
    assert gazu.client.get("data/persons", client=client) == ["double"]
""")
assert pytest.main(["-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", sys.argv[2], file.name]) == 0
''',
    "responses": """
import responses
with responses.RequestsMock() as double:
    double.add("GET", host + "/data/persons", json=["double"])
    double.add("POST", host + "/pictures", json=["double"])
    double.add("GET", host + "/pictures/a.png", body=b"picture")
    assert ask() == ["double"] and upload() == ["double"] and download() == b"picture"
    assert double.calls[0].response.json() == ["double"]
    assert double.calls[0].request.headers["Authorization"] == "Bearer token"
@responses.activate
def decorated():
    responses.add("GET", host + "/data/persons", json=["double"])
    return ask()
assert decorated() == ["double"]
""",
    "vcr": """
import vcr
cassette = os.path.join(sys.argv[2], "cassette.yaml")
for mode in ("once", "none"):
    with vcr.use_cassette(cassette, record_mode=mode, allow_playback_repeats=True) as tape:
        assert ask() == ["real"] and download() == b"picture"
    assert len(tape.requests) == 2
    assert tape.play_count == (2 if mode == "none" else 0)
client.session.close()
""",
    "opentelemetry.instrumentation.requests": """
from opentelemetry.instrumentation.requests import RequestsInstrumentor
seen = []
RequestsInstrumentor().instrument(
    request_hook=lambda span, request: seen.append(request.url),
    response_hook=lambda span, request, response: seen.append(response.status_code),
)
assert ask() == ["real"] and seen == [host + "/data/persons", 200], seen
RequestsInstrumentor().uninstrument()
""",
}
#: Those that this Python has: not each of them supports each.
HERE = [name for name in LIBRARIES if importlib.util.find_spec(name.split()[0].split(".")[0])]
#: From this Python on, all have to be there.
NEWEST = (3, 13)

AFTERWARDS = "assert ask() == ['real']\n"


def run(server, tmp_path, first, script):
    from .conftest import answer

    def respond(exchange):
        answer(b"picture" if exchange.request.path.endswith(".png") else ["real"], kind="application/json")(exchange)

    server.default = respond
    root = os.path.dirname(os.path.dirname(gazu.__file__))
    environment = dict(os.environ, PYTHONPATH=root, PYTHONWARNINGS="ignore")
    subprocess.run(
        [sys.executable, "-c", BEGIN + (FIRST if first else "") + script, server.host, str(tmp_path)],
        check=True, env=environment, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("first", [False, True], ids=["before the first request", "after it"])
@pytest.mark.parametrize("name", PATCHES)
def test_patch(name, first, server, tmp_path):
    last = "" if name in ("adapter that was mounted", "session") else AFTERWARDS
    run(server, tmp_path, first, PATCHES[name] + last)


@pytest.mark.parametrize("first", [False, True], ids=["before the first request", "after it"])
@pytest.mark.parametrize("name", HERE)
def test_library(name, first, server, tmp_path):
    run(server, tmp_path, first, LIBRARIES[name] + ("" if name == "requests_mock" else AFTERWARDS))


def test_newest_python_has_all():
    assert sys.version_info < NEWEST or list(LIBRARIES) == HERE
