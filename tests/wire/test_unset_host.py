"""A host that was never set is never asked; and what is encrypted is not followed to what is not."""

import socket
import ssl
from pathlib import Path

import pytest
import requests

import gazu
from gazu import aio
from gazu import client as raw_client
from gazu.client import KitsuClient
from gazu.exception import DownloadFileException, HostException

from .conftest import answer

UNSET = "http://gazu.change.serverhost/api"
HERE = Path(__file__).parent


@pytest.fixture
def names(monkeypatch, server):
    """Have a name server that answers all names with the test server, as a captive portal does; return what was asked."""
    asked = []
    real = socket.getaddrinfo

    def getaddrinfo(host, port, *args, **kwargs):
        asked.append(host)
        return real("127.0.0.1", server.port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


CALLS = {
    "log in": lambda client, loop, folder: gazu.log_in("jane", "password", client=client),
    "get": lambda client, loop, folder: raw_client.get("data/rows", client=client),
    "post": lambda client, loop, folder: raw_client.post("data/rows", {}, client=client),
    "upload": lambda client, loop, folder: raw_client.upload("x", files={"file": b"x"}, client=client),
    "download": lambda client, loop, folder: raw_client.download("x", str(folder / "x"), client=client),
    "content": lambda client, loop, folder: raw_client.get_file_data_from_url("x", client=client),
    "full content": lambda client, loop, folder: raw_client.get_file_data_from_url(UNSET, True, client=client),
    "file": lambda client, loop, folder: gazu.helpers.download_file(f"{UNSET}/x.png", str(folder)),
    "events": lambda client, loop, folder: gazu.events.init(client=client, reconnection=False),
    "async log in": lambda client, loop, folder: loop.run(aio.log_in("jane", "p", client=loop.twin(client))),
    "async get": lambda client, loop, folder: loop.run(aio.get("data/rows", client=loop.twin(client))),
    "async download": lambda client, loop, folder: loop.run(
        aio.download("x", str(folder / "x"), client=loop.twin(client))
    ),
}


@pytest.mark.parametrize("host", [UNSET, "http://GAZU.change.serverhost.:80/api", "https://gazu.change.serverhost/api"])
@pytest.mark.parametrize("proxy", [False, True])
@pytest.mark.parametrize("call", list(CALLS))
def test_host_that_was_never_set_is_never_asked(call, proxy, host, names, server, connect, loop, tmp_path, monkeypatch):
    if proxy:
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://proxy.example:{server.port}")
    client = connect(host)
    with pytest.raises((HostException, DownloadFileException), match=r"the host was never set: call gazu\.set_host$"):
        CALLS[call](client, loop, tmp_path)
    assert server.requests == []
    assert server.connections == 0 or (proxy and host.startswith("https"))
    assert UNSET[7:-4] not in names


def test_error_is_one_of_a_connection_too(connect, loop):
    """Scripts catch those for a server that cannot be reached; nothing is retried."""
    client = connect(UNSET)
    for call in (CALLS["get"], CALLS["async get"]):
        with pytest.raises(requests.exceptions.ConnectionError) as caught:
            call(client, loop, None)
        assert isinstance(caught.value, HostException)
        assert (caught.value.sent, caught.value.path, caught.value.method) == (False, "data/rows", "GET")
    assert not gazu.client.host_is_up(client)


def test_event_host_follows_the_host():
    client = KitsuClient(UNSET)
    assert raw_client.get_event_host(client) == UNSET
    raw_client.set_host("https://kitsu.example.com/api", client)
    assert raw_client.get_event_host(client) == "https://kitsu.example.com/api"
    raw_client.set_event_host("https://events.example.com", client)
    raw_client.set_host("https://other.example.com/api", client)
    assert raw_client.get_event_host(client) == "https://events.example.com"


# -- from https to http --------------------------------------------------------------
@pytest.fixture
def secure(start, monkeypatch):
    """A server with TLS, which is trusted."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(HERE / "certificate.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(HERE / "certificate.pem"))
    server = start(tls=context)
    server.address = server.address.replace("127.0.0.1", "localhost")
    server.host = f"{server.address}/api"
    return server


FOLLOWING = {name: CALLS[name] for name in ("get", "download", "content", "async get", "async download")}


@pytest.mark.parametrize("call", list(FOLLOWING))
@pytest.mark.parametrize("hops", [1, 2])
def test_redirect_from_https_to_http_is_refused(call, hops, secure, server, connect, loop, tmp_path):
    client = connect(secure.host)
    steps = [answer(status=302, headers={"Location": f"{secure.address}/api/next"})] * (hops - 1)
    secure.script = [*steps, answer(status=302, headers={"Location": f"{server.address}/api/data/rows?a=b"})]
    with pytest.raises(
        HostException, match=r"redirects from https:// to http://127.0.0.1:\d+, which is not enc"
    ) as caught:
        FOLLOWING[call](client, loop, tmp_path)
    assert caught.value.method == "GET" and caught.value.path in ("data/rows", "x", f"{secure.host}/x")
    assert server.requests == [] and len(secure.requests) == hops
    secure.script = [answer(status=302, headers={"Location": "/api/else"})]
    assert raw_client.get("data/rows", client=client) == {}


def test_file_from_elsewhere_is_not_followed_from_https_to_http(secure, server, tmp_path):
    secure.script = [answer(status=302, headers={"Location": f"{server.address}/x"})]
    with pytest.raises(DownloadFileException, match="which is not encrypted"):
        gazu.helpers.download_file(f"{secure.address}/x", str(tmp_path))
    assert server.requests == []


# -- test suites, which replace the network, and never set the host -------------------
def test_doubles_get_the_requests_for_a_host_that_was_never_set(connect, names):
    requests_mock, responses = pytest.importorskip("requests_mock"), pytest.importorskip("responses")
    client = connect(UNSET)
    with requests_mock.Mocker() as mock:
        mock.post(f"{UNSET}/auth/login", json={"login": True, "access_token": "a"})
        mock.get(f"{UNSET}/data/rows", json=[{"id": "1"}])
        assert gazu.log_in("jane", "password", client=client)["access_token"] == "a"
        assert raw_client.get("data/rows", client=client) == [{"id": "1"}]
    with responses.RequestsMock() as mock:
        mock.add("GET", f"{UNSET}/data/rows", json=[{"id": "2"}])
        assert raw_client.get("data/rows", client=client) == [{"id": "2"}]
    adapter = requests_mock.Adapter()
    adapter.register_uri("GET", f"{UNSET}/data/rows", json=[{"id": "3"}])
    client.session.mount("http://", adapter)
    assert raw_client.get("data/rows", client=client) == [{"id": "3"}]
    assert names == []


def test_double_of_aiohttp_gets_the_requests_for_a_host_that_was_never_set(connect, loop, monkeypatch):
    import aiohttp

    class Double:
        status, headers, history = 200, {}, ()

        def __init__(self):
            self.content = self
            self.left = [b'{"id": "4"}']

        def at_eof(self):
            return not self.left

        def read_nowait(self):
            return self.left.pop()

        def close(self):
            pass

    async def request(self, *args, **kwargs):
        return Double()

    monkeypatch.setattr(aiohttp.ClientSession, "_request", request)
    assert loop.run(aio.get("data/rows", client=loop.twin(connect(UNSET)))) == {"id": "4"}
