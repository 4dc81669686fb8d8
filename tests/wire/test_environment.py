"""What the environment says about connections: proxies, .netrc, certificates."""

import os
import pathlib
import select
import socket
import ssl

import pytest
import requests

from gazu import client as raw_client
from gazu import helpers
from gazu.exception import TooBigFileException, TransportException

from .conftest import answer, early, raw, reset

CERTIFICATE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "certificate.pem")
OURS = os.path.join(os.path.dirname(CERTIFICATE), "client-certificate.pem")
VARIABLES = ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")


@pytest.fixture
def proxy(start):
    """A server that takes everything, as a proxy does."""
    proxy = start()
    proxy.default = answer({"by": "proxy"})
    return proxy


def get(client, path="data/rows"):
    return raw_client.get(path, client=client)


# -- proxies -----------------------------------------------------------------
@pytest.mark.parametrize("variable", VARIABLES)
def test_proxy(variable, proxy, connect, monkeypatch):
    monkeypatch.setenv(variable, proxy.address)
    client = connect("http://kitsu.invalid/api")
    for _ in range(3):
        assert get(client) == {"by": "proxy"}
    assert raw_client.post("data/rows", {"a": 1}, client=client) == {"by": "proxy"}
    assert proxy.calls[0] == "GET http://kitsu.invalid/api/data/rows"
    assert proxy.requests[0].token == "access-token-1"
    assert proxy.connections == 1


@pytest.mark.parametrize("exception", ["127.0.0.1", "*", "127.0.0.0/8", "other.example,127.0.0.1"])
def test_no_proxy(exception, proxy, client, monkeypatch):
    monkeypatch.setenv("http_proxy", proxy.address)
    monkeypatch.setenv("no_proxy", exception)
    assert get(client) == {}
    assert proxy.requests == []


def test_change_of_the_environment_is_seen(proxy, client, server, monkeypatch):
    assert get(client) == {}
    monkeypatch.setenv("http_proxy", proxy.address)
    assert get(client) == {"by": "proxy"}
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert get(client) == {}
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("http_proxy")
    assert get(client) == {}


def test_hosts_are_told_apart(proxy, client, server, monkeypatch):
    """What holds for one host is not kept for another."""
    monkeypatch.setenv("http_proxy", proxy.address)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert get(client) == {}
    client.host = "http://kitsu.invalid/api"
    assert get(client) == {"by": "proxy"}
    client.host = server.host
    assert get(client) == {}


def test_proxy_set_on_the_session_in_use(proxy, client):
    assert get(client) == {}
    client.session.proxies["http"] = proxy.address
    assert get(client) == {"by": "proxy"}


def test_proxy_set_on_the_session(proxy, client):
    client.session.proxies = {"http": proxy.address}
    assert get(client) == {"by": "proxy"}
    client.session.proxies = {}
    assert get(client) == {}


def test_session_that_does_not_trust_the_environment(proxy, client, monkeypatch):
    monkeypatch.setenv("http_proxy", proxy.address)
    client.session.trust_env = False
    assert get(client) == {}


def test_proxy_with_a_password(proxy, start, connect, monkeypatch):
    monkeypatch.setenv("http_proxy", proxy.address.replace("//", "//jane:my-password@"))
    client = connect("http://kitsu.invalid/api", retries=0)
    assert get(client) == {"by": "proxy"}
    assert proxy.requests[0].headers["proxy-authorization"].startswith("Basic ")
    monkeypatch.setenv("http_proxy", start(listening=False).address.replace("//", "//jane:my-password@"))
    with pytest.raises(requests.exceptions.ProxyError) as caught:
        get(client)
    assert isinstance(caught.value, TransportException)
    assert "my-password" not in str(caught.value)


def test_proxy_that_is_down_may_be_up_again(start, connect, monkeypatch, naps):
    proxy = start(listening=False)
    proxy.default = answer({"by": "proxy"})
    monkeypatch.setenv("http_proxy", proxy.address)
    naps.then = proxy.listen
    assert raw_client.post("data/rows", {}, client=connect("http://kitsu.invalid/api")) == {"by": "proxy"}
    assert len(proxy.requests) == 1


def test_upload_and_download_by_a_proxy(proxy, connect, monkeypatch, tmp_path):
    monkeypatch.setenv("http_proxy", proxy.address)
    client = connect("http://kitsu.invalid/api")
    path = tmp_path / "file"
    path.write_bytes(bytes(2 * 1024 * 1024))
    assert raw_client.upload("x", str(path), client=client) == {"by": "proxy"}
    raw_client.download("x", str(path), client=client)
    assert path.read_bytes() == b'{"by": "proxy"}'
    helpers.download_file("http://kitsu.invalid/file.txt", str(tmp_path))
    assert (tmp_path / "file.txt").read_bytes() == b'{"by": "proxy"}'


def test_tunnel_that_is_refused(start, connect, monkeypatch):
    proxy = start()
    proxy.default = raw(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    monkeypatch.setenv("https_proxy", proxy.address)
    with pytest.raises(requests.exceptions.ConnectionError) as caught:
        get(connect("https://kitsu.invalid/api", retries=0))
    assert isinstance(caught.value, TransportException)
    assert proxy.calls == ["CONNECT kitsu.invalid:443"]
    assert proxy.requests[0].token is None


# -- .netrc ------------------------------------------------------------------
def test_netrc_does_not_replace_the_token(client, server, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login jane password my-password\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    get(client)
    raw_client.post("data/rows", {}, client=client)
    raw_client.upload("x", files={"file": b"x"}, client=client)
    raw_client.download("x", str(tmp_path / "x"), client=client)
    client.session.params = {"by": "the long way"}
    get(client)
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer access-token-1"] * 5


def test_netrc_does_not_log_in_on_a_redirect(client, server, start, monkeypatch, tmp_path):
    other = start()
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login jane password my-password\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.script = [answer(status=302, headers={"Location": f"http://localhost:{other.port}/x"})]
    get(client)
    assert "authorization" not in other.requests[0].headers


# -- certificates ------------------------------------------------------------
@pytest.fixture
def secure(start):
    """A server with a certificate of its own."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTIFICATE)
    return start(tls=tls)


def test_unknown_certificate(secure, connect, naps):
    with pytest.raises(requests.exceptions.SSLError) as caught:
        get(connect(secure.host))
    assert isinstance(caught.value, TransportException)
    assert "certificate" in str(caught.value).lower()
    assert secure.connections == 1  # another attempt cannot mend it
    assert secure.requests == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_bundle_of_the_environment(variable, secure, connect, monkeypatch):
    monkeypatch.setenv(variable, CERTIFICATE)
    client = connect(secure.host)
    assert get(client) == get(client) == {}
    assert secure.connections == 1


@pytest.mark.parametrize("kind", [str, pathlib.Path])
def test_bundle_of_the_client(kind, secure, connect):
    assert get(connect(secure.host, ssl_verify=kind(CERTIFICATE))) == {}
    with pytest.raises(requests.exceptions.SSLError):
        get(connect(secure.host, ssl_verify=kind(OURS), retries=0))
    with pytest.raises(requests.exceptions.SSLError):
        get(connect(secure.host, ssl_verify=None))


def test_client_of_the_client_wins_over_the_environment(secure, connect, monkeypatch, tmp_path):
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(wrong))
    assert get(connect(secure.host, ssl_verify=CERTIFICATE)) == {}


@pytest.mark.parametrize("cert", [OURS, (OURS, OURS), [OURS, pathlib.Path(OURS)], pathlib.Path(OURS), None])
def test_certificate_of_the_client(cert, start, connect):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTIFICATE)
    tls.load_verify_locations(OURS)
    tls.verify_mode = ssl.CERT_REQUIRED
    server = start(tls=tls)
    client = connect(server.host, ssl_verify=CERTIFICATE, cert=cert, retries=1)
    if cert:
        assert get(client) == raw_client.post("data/rows", {}, client=client) == {}
        return
    with pytest.raises(requests.exceptions.RequestException) as caught:
        get(client)
    assert isinstance(caught.value, TransportException)
    assert server.requests == []


def test_certificate_of_the_client_that_is_missing(secure, connect):
    with pytest.raises(OSError, match="/no/such/certificate.pem") as caught:
        get(connect(secure.host, ssl_verify=CERTIFICATE, cert="/no/such/certificate.pem"))
    assert not isinstance(caught.value, TransportException), "the server has nothing to do with it"
    assert secure.requests == []


@pytest.mark.parametrize("verb", ["get", "post", "put", "delete"])
def test_tunnel_to_a_secure_host(verb, secure, start, connect, monkeypatch):
    """The proxy sees the name of the host, and neither tokens nor paths."""
    proxy = start()
    proxy.default = tunnel
    monkeypatch.setenv("HTTPS_PROXY", proxy.address)
    client = connect(secure.host, ssl_verify=CERTIFICATE)
    for _ in range(2):
        getattr(raw_client, verb)("data/rows", *(({},) if verb in ("post", "put") else ()), client=client)
    assert proxy.calls == [f"CONNECT 127.0.0.1:{secure.port}"]
    assert proxy.requests[0].token is None
    assert [request.token for request in secure.requests] == ["access-token-1"] * 2


def tunnel(exchange):
    """Join both ends, until one of them is closed."""
    host, port = exchange.request.target.split(":")
    with socket.create_connection((host, int(port))) as other:
        exchange.send(b"HTTP/1.1 200 Go ahead\r\n\r\n")
        ends = {exchange.sock: other, other: exchange.sock}
        while not exchange.server.stopping.is_set():
            for end in select.select(list(ends), [], [], 0.1)[0]:
                data = end.recv(65536)
                if not data:
                    return "close"
                ends[end].sendall(data)
    return "close"


@pytest.mark.parametrize("large", [False, True])
def test_refusal_of_a_large_file_over_tls(large, secure, connect, tmp_path):
    """A proxy that limits bodies answers at once and hangs up; TLS shows it no later than the end of the body."""

    @early
    def refuse(exchange):
        if not large:
            exchange.read_body()
        answer("<h1>413</h1>", 413, {"Connection": "close"})(exchange)
        return "close"

    secure.script = [refuse]
    path = tmp_path / "huge.mov"
    with open(str(path), "wb") as file:
        file.truncate((32 if large else 2) * 1024 * 1024)
    client = connect(secure.host, ssl_verify=CERTIFICATE)
    with pytest.raises((TooBigFileException, TransportException) if large else TooBigFileException):
        raw_client.upload("pictures", str(path), client=client)
    assert len(secure.requests) == 1
    assert raw_client.upload("pictures", str(path), client=client) == {}


def test_secure_connection_that_is_lost_while_it_is_made(start, connect):
    class Flaky(ssl.SSLContext):
        def wrap_socket(self, sock, **options):
            if server.connections == 1:
                sock.recv(1000)
                raise OSError("a load balancer is restarted")
            return super().wrap_socket(sock, **options)

    tls = Flaky(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTIFICATE)
    server = start(tls=tls)
    assert get(connect(server.host, ssl_verify=CERTIFICATE)) == {}
    assert server.connections == 2


@pytest.mark.parametrize("fault", ["reset", "cut"])
@pytest.mark.parametrize("verb", ["get", "post", "put", "delete"])
def test_secure_connection_that_is_lost(verb, fault, secure, connect):
    secure.script = [reset if fault == "reset" else raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[")]
    client = connect(secure.host, ssl_verify=CERTIFICATE)

    def call():
        return getattr(raw_client, verb)("data/rows", *(({},) if verb in ("post", "put") else ()), client=client)

    if verb == "post":
        with pytest.raises(requests.exceptions.RequestException) as caught:
            call()
        assert isinstance(caught.value, TransportException)
        assert caught.value.sent
    else:
        call()
    assert len(secure.requests) == (1 if verb == "post" else 2)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_verification_turned_off(secure, connect, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", CERTIFICATE)
    assert get(connect(secure.host, ssl_verify=False)) == {}
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    client = connect(secure.host)
    client.session.verify = False
    assert get(client) == {}


def test_bundle_that_is_missing(secure, connect):
    with pytest.raises(OSError):
        get(connect(secure.host, ssl_verify="/no/such/bundle.pem", retries=0))


def test_files_over_tls(secure, connect, tmp_path):
    client = connect(secure.host, ssl_verify=CERTIFICATE)
    path = tmp_path / "file"
    path.write_bytes(os.urandom(3 * 1024 * 1024))
    calls = []
    raw_client.upload("x", str(path), client=client, progress_callback=lambda done, total: calls.append(done))
    assert calls[-1] == path.stat().st_size
    secure.default = answer(path.read_bytes())
    raw_client.download("x", str(tmp_path / "copy"), client=client)
    assert (tmp_path / "copy").read_bytes() == path.read_bytes()


# -- users who change the session --------------------------------------------
def test_mocked_request_is_called(client, monkeypatch):
    calls = []

    def request(method, url, **options):
        calls.append((method, url, options["headers"]["Authorization"]))
        response = requests.Response()
        response.status_code, response._content = 200, b"[1]"
        return response

    monkeypatch.setattr(client.session, "request", request)
    assert get(client) == [1]
    assert calls == [("GET", client.host + "/data/rows", "Bearer access-token-1")]


def test_patched_class_is_called(client, monkeypatch):
    calls = []
    original = requests.Session.request
    monkeypatch.setattr(requests.Session, "request", lambda self, *a, **k: calls.append(a) or original(self, *a, **k))
    assert get(client) == {}
    assert len(calls) == 1


def test_session_of_the_user(client, server):
    with requests.Session() as session:
        session.headers["X-Studio"] = "ours"
        client.session = session
        assert get(client) == {}
    assert server.requests[0].headers["x-studio"] == "ours"
    assert server.requests[0].token == "access-token-1"


def test_headers_cookies_parameters_and_hooks_of_the_session(client, server):
    seen = []
    client.session.headers["X-Studio"] = "ours"
    get(client)
    client.session.cookies.set("room", "7")
    get(client)
    client.session.params = {"by": "us"}
    get(client)
    client.session.hooks["response"].append(lambda response, *a, **k: seen.append(response.status_code))
    raw_client.post("data/rows", {"a": 1}, client=client)
    assert [request.headers["x-studio"] for request in server.requests] == ["ours"] * 4
    assert server.requests[1].headers["cookie"] == "room=7"
    assert server.requests[2].query == "by=us"
    assert server.requests[3].json() == {"a": 1}
    assert seen == [200]


def test_cookies_of_the_server_are_kept(client, server):
    server.script = [answer({}, headers={"Set-Cookie": "room=7; Path=/"})]
    get(client)
    get(client)
    assert server.requests[1].headers["cookie"] == "room=7"


def test_both_ways_send_the_same(client, server):
    """The short way of a plain session and the way through requests differ in nothing."""

    def calls():
        del server.requests[:]
        get(client, "data/r\u00f6ws?a=b c")
        raw_client.post("data/rows", {"a": [1]}, client=client)
        raw_client.put("data/rows", None, client=client)
        raw_client.delete("data/rows", params={"force": True}, client=client)
        return [(r.method, r.target, r.body, {k: v for k, v in r.headers.items()}) for r in server.requests]

    short = calls()
    client.session.hooks["response"].append(lambda response, *a, **k: None)
    assert calls() == short
