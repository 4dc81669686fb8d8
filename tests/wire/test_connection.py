"""Connections that fail, and what the caller gets to see."""

import gzip
import pickle

import pytest
import requests

from gazu import client as raw_client
from gazu.exception import GazuException, HostException, ServerErrorException, TransportException

from .conftest import answer, hang, head, raw, reset, then_close

ROWS = [{"id": "1", "name": "Élan"}]
FULL = b'[{"id": "1", "name": "a name that is long enough to be cut"}]'


def get(client, path="data/rows", **options):
    return raw_client.get(path, client=client, **options)


def test_good_answer(client, server):
    server.script = [answer(ROWS)]
    assert get(client, params={"name": "a&b", "ids": ["1", "2"]}) == ROWS
    assert server.calls == ["GET /api/data/rows?name=a%26b&ids=1&ids=2"]
    assert server.requests[0].token == "access-token-1"


def test_one_connection_serves_many_calls(client, server):
    for _ in range(5):
        get(client)
        raw_client.post("data/rows", {}, client=client)
    assert server.connections == 1


def test_connection_of_an_error_is_used_again(client, server):
    server.default = answer({"message": "no"}, 404)
    for _ in range(5):
        with pytest.raises(GazuException):
            get(client)
    assert server.connections == 1


def test_server_that_is_down(start, connect, naps):
    down = start(listening=False)
    with pytest.raises(requests.exceptions.ConnectionError) as caught:
        get(connect(down.host))
    assert isinstance(caught.value, TransportException)
    assert caught.value.sent is False
    assert caught.value.method == "GET"
    assert len(naps) == 4


@pytest.mark.parametrize("verb", ["get", "post", "put", "delete"])
def test_server_that_was_down_for_a_moment(verb, start, connect, naps):
    late = start(listening=False)
    late.default = answer({"id": "1"})
    naps.then = lambda: late.listen() if len(naps) == 2 else None
    data = ({},) if verb in ("post", "put") else ()
    assert getattr(raw_client, verb)("data/rows", *data, client=connect(late.host))
    assert len(late.requests) == 1  # POST too: it had never reached the server


def test_name_that_nobody_has(connect, naps):
    with pytest.raises(requests.exceptions.ConnectionError) as caught:
        get(connect("http://no-such-host.invalid/api", retries=0))
    assert isinstance(caught.value, TransportException)


@pytest.mark.parametrize("fault", [reset, raw(), raw(b"HTTP"), raw(b"HTTP/1.1 20")])
def test_connection_lost_before_the_answer(fault, client, server):
    server.script = [fault, answer(ROWS)]
    assert get(client) == ROWS
    assert server.calls == ["GET /api/data/rows"] * 2


@pytest.mark.parametrize("headers", [b"Content-", b"", b"Content-Type: application/json\r\n"])
def test_headers_that_are_cut(headers, client, server):
    server.script = [raw(b"HTTP/1.1 200 OK\r\n" + headers)]
    with pytest.raises(TransportException):
        get(client)


@pytest.mark.parametrize(
    "fault",
    [
        raw(head(200, {"Content-Length": 100}), reset),
        raw(head(200, {"Content-Length": len(FULL)}), FULL[:20], reset),
        raw(head(200, {"Content-Length": len(FULL)}), FULL[:20]),
        raw(head(200, {"Content-Length": len(FULL)}), FULL[:-1]),
        raw(head(200, {"Transfer-Encoding": "chunked"}), b"14\r\n" + FULL[:20] + b"\r\n"),
        raw(head(200, {"Transfer-Encoding": "chunked"}), b"14\r\n" + FULL[:10]),
    ],
    ids=["reset after headers", "reset mid-body", "half", "one byte short", "chunk missing", "half a chunk"],
)
def test_body_that_is_cut(fault, client, server):
    server.script = [fault, answer(ROWS)]
    assert get(client) == ROWS
    server.script = [fault]
    with pytest.raises(TransportException) as caught:
        raw_client.post("data/rows", {}, client=client)
    assert isinstance(caught.value, requests.exceptions.RequestException)
    assert caught.value.sent
    assert len(server.requests) == 3  # POST once


def test_cut_every_time(client, server):
    server.default = raw(head(200, {"Content-Length": 100}), b"[")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        get(client)
    assert len(server.requests) == 5


def test_body_that_ends_with_the_connection(client, server):
    server.script = [raw(head(200, {"Content-Type": "application/json"}), FULL)]
    assert get(client)[0]["id"] == "1"


def test_chunked_body(client, server):
    server.script = [raw(head(200, {"Transfer-Encoding": "chunked"}), b"2\r\n[1\r\n", b"3\r\n,2]\r\n0\r\n\r\n")]
    assert get(client) == [1, 2]


def test_silence_before_the_headers(client, server):
    server.script = [hang, answer(ROWS)]
    assert get(client, timeout=0.2) == ROWS


def test_silence_of_every_attempt(client, server):
    server.default = hang
    client.retries = 1
    with pytest.raises(requests.exceptions.ReadTimeout) as caught:
        get(client, timeout=(5, 0.05))
    assert isinstance(caught.value, TransportException)
    assert len(server.requests) == 2


def test_silence_within_the_body(client, server):
    server.script = [raw(head(200, {"Content-Length": 10}), b"[1, ", hang), answer(ROWS)]
    assert get(client, timeout=0.2) == ROWS


def test_time_out_of_the_client_holds_for_each_verb(connect, server):
    server.default = hang
    client = connect(server.host, timeout=0.05, retries=0)
    for verb in (get, lambda client: raw_client.post("data/rows", {}, client=client)):
        with pytest.raises(requests.exceptions.Timeout):
            verb(client)


def test_time_out_of_the_environment(connect, server, monkeypatch):
    server.default = hang
    monkeypatch.setenv("GAZU_TIMEOUT", "5, 0.05")
    with pytest.raises(requests.exceptions.ReadTimeout):
        get(connect(server.host, retries=0))


def test_slow_answer_is_no_silence(client, server):
    body = b"[1, 2, 3]"
    drip = [piece for byte in body for piece in (bytes([byte]), 0.15)]
    server.script = [raw(head(200, {"Content-Length": len(body)}), *drip)]
    assert get(client, timeout=1.0) == [1, 2, 3]
    assert len(server.requests) == 1


@pytest.mark.parametrize("verb", ["get", "post", "put", "delete"])
def test_idle_connection_closed_by_the_server_costs_nothing(verb, client, server, naps):
    server.script = [then_close(answer(ROWS))]
    get(client)
    assert server.idle.wait(10)
    getattr(raw_client, verb)("data/rows", *(({},) if verb in ("post", "put") else ()), client=client)
    assert len(server.requests) == 2
    assert server.connections == 2
    assert naps == []


def test_gzip(client, server):
    packed = gzip.compress(b'[{"id": "1"}]')
    server.script = [answer(packed, headers={"Content-Encoding": "gzip"}, kind="application/json")]
    assert get(client) == [{"id": "1"}]
    assert "gzip" in server.requests[0].headers["accept-encoding"]


def test_gzip_that_is_none(client, server):
    server.default = answer(b"not packed", headers={"Content-Encoding": "gzip"})
    with pytest.raises(requests.exceptions.ContentDecodingError) as caught:
        get(client)
    assert isinstance(caught.value, TransportException)


@pytest.mark.parametrize("body", ["<html>Welcome</html>", "", "[1, 2", b"\xff\xfe\x00", "undefined"])
def test_answer_that_is_not_json(body, client, server):
    server.script = [answer(body)]
    with pytest.raises(ValueError) as caught:
        get(client)
    assert isinstance(caught.value, TransportException)
    assert "not JSON" in str(caught.value)
    assert caught.value.status_code == 200
    assert len(server.requests) == 1
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.status_code) == (str(caught.value), 200)


def test_answers_that_are_nearly_json(client, server):
    server.script = [answer(b"\xef\xbb\xbf[1]"), answer(b"[NaN]"), answer(b"", 204)]
    assert get(client) == [1]
    assert get(client)[0] != 0
    assert get(client) is None


def test_text_answer(client, server):
    kinds = ["text/html; charset=utf-8", "text/csv", "application/json", "text/plain; charset=latin-1"]
    server.script = [
        answer("Sch\u00f6n".encode("latin-1" if "latin" in kind else "utf-8"), kind=kind) for kind in kinds
    ]
    assert [get(client, json_response=False) for _ in kinds] == ["Sch\u00f6n"] * 4


@pytest.mark.parametrize(
    "answered",
    [b"HTTP/9 hello\r\n\r\n", b"garbage that never was HTTP\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n", b"\x00" * 100],
)
def test_server_that_speaks_no_http(answered, client, server):
    server.default = raw(answered)
    with pytest.raises(TransportException) as caught:
        get(client)
    assert isinstance(caught.value, requests.exceptions.RequestException)


# -- redirects ---------------------------------------------------------------
def test_redirect_within_the_host_keeps_the_token(client, server):
    server.script = [answer(status=302, headers={"Location": "/api/data/others"}), answer(ROWS)]
    assert get(client) == ROWS
    assert [request.token for request in server.requests] == ["access-token-1"] * 2
    assert server.requests[1].path == "/api/data/others"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_redirect_to_another_host_drops_the_token(name, client, server, start):
    other = start()
    other.default = answer(ROWS)
    server.script = [answer(status=302, headers={"Location": f"http://{name}:{other.port}/elsewhere"})]
    assert get(client) == ROWS
    assert other.requests[0].path == "/elsewhere"
    assert other.requests[0].token is None


def test_redirect_in_a_circle(client, server):
    server.default = answer(status=302, headers={"Location": "/api/data/rows"})
    with pytest.raises(requests.exceptions.TooManyRedirects) as caught:
        get(client)
    assert isinstance(caught.value, TransportException)
    assert len(server.requests) <= 32


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("verb", ["post", "put", "delete"])
def test_redirect_of_a_write_is_an_error_that_says_where(verb, status, client, server):
    server.default = answer(status=status, headers={"Location": "https://name:secret@kitsu.example.com/api/data/rows"})
    with pytest.raises(HostException) as caught:
        getattr(raw_client, verb)("data/rows", *(({},) if verb in ("post", "put") else ()), client=client)
    assert "https://kitsu.example.com/api/data/rows" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.status_code == status
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("verb", ["post", "put", "delete"])
def test_same_method_again_within_the_origin(verb, status, client, server):
    other = f"{server.address.upper().replace('HTTP', 'http')}/zou/data/rows/?part=1"
    server.script = [answer(status=status, headers={"Location": place}) for place in ("/zou/data/rows", other)]
    server.default = answer({"id": "1"})
    assert getattr(raw_client, verb)("data/rows", *(({"a": 1},) if verb != "delete" else ()), client=client)
    assert [request.target for request in server.requests] == [
        "/api/data/rows", "/zou/data/rows", "/zou/data/rows/?part=1",
    ]  # fmt: skip
    assert {request.method for request in server.requests} == {verb.upper()}
    assert {request.token for request in server.requests} == {"access-token-1"}
    assert {request.body for request in server.requests} == {b'{"a": 1}' if verb != "delete" else b""}


def test_same_upload_again_within_the_origin(client, server, tmp_path):
    (tmp_path / "big").write_bytes(b"x" * 3_000_000)
    server.script = [answer(status=308, headers={"Location": "/api/import/"})]
    server.default = answer({"id": "1"})
    assert raw_client.upload("import", str(tmp_path / "big"), client=client) == {"id": "1"}
    assert [request.path for request in server.requests] == ["/api/import", "/api/import/"]
    assert server.requests[0].body == server.requests[1].body and len(server.requests[1].body) > 3_000_000


@pytest.mark.parametrize("scheme, host", [("https", "127.0.0.1"), ("http", "localhost"), ("http", "127.0.0.1.")])
def test_same_method_never_goes_to_another_origin(scheme, host, client, server, start):
    other = start()
    for port in (server.port, other.port) if host != "127.0.0.1" else (server.port,):
        del server.requests[:]
        server.default = answer(status=307, headers={"Location": f"{scheme}://{host}:{port}/api/data/rows"})
        with pytest.raises(HostException, match="redirects to"):
            raw_client.post("data/rows", {}, client=client)
        assert len(server.requests) == 1
    assert other.requests == []


def test_same_method_in_a_circle(client, server):
    server.default = answer(status=307, headers={"Location": "/api/data/rows"})
    with pytest.raises(HostException, match="redirects to"):
        raw_client.post("data/rows", {}, client=client)
    assert len(server.requests) == 6


@pytest.mark.parametrize("location", ["http://[", "\u00e9"])
@pytest.mark.parametrize("send", [raw_client.get, lambda path, client: raw_client.post(path, {}, client=client)])
def test_redirect_to_an_invalid_address(send, location, client, server):
    server.default = answer(status=302, headers={"Location": location})
    with pytest.raises(GazuException, match="the server redirects to an invalid address"):
        send("data/rows", client=client)
    assert len(server.requests) == 1


# -- responses that are not what was asked for -----------------------------------
@pytest.mark.parametrize("body", [None, "text", 5])
def test_page_that_is_none(body, client, server):
    server.default = answer(body if body != "text" else b'"text"', kind="application/json")
    with pytest.raises(ServerErrorException, match="GET data/rows: the response is not a page of records") as caught:
        raw_client.fetch_all("rows", paginated=True, client=client)
    assert isinstance(caught.value, GazuException)
    with pytest.raises(ServerErrorException, match="not a page of records"):
        list(raw_client.fetch_each("rows", client=client))


def test_file_that_is_not_modified(client, server, tmp_path):
    server.default = answer(status=304)
    (tmp_path / "file").write_bytes(b"old")
    for call in (
        lambda: raw_client.download("pictures/1.png", str(tmp_path / "file"), client=client),
        lambda: raw_client.download("pictures/1.png", None, client=client),
        lambda: raw_client.get("data/rows", json_response=False, client=client),
        lambda: raw_client.get_file_data_from_url("pictures/1.png", client=client),
    ):
        with pytest.raises(ServerErrorException, match="304"):
            call()
    assert (tmp_path / "file").read_bytes() == b"old"


@pytest.mark.parametrize(
    "status, body, words",
    [
        (413, {"message": "20 MB at most"}, r"accepts \(413: 20 MB at most\)"),
        (
            413,
            "<html><head><title>413</title></head><body><center><h1>413 Too Large</h1>nginx",
            "413: 413 Too Large nginx",
        ),
        (500, {"message": "no disk"}, "data/rows: 500: no disk"),
        (500, "<style>b {}</style><!-- a --><h1>Bad &amp; ugly</h1>\n<p>nginx", "500: Bad &amp; ugly nginx"),
        (502, "<title>Down</title>", "502: Down"),
        (503, "upstream connect error", "503: upstream connect error"),
    ],
)
def test_words_of_the_server_are_in_the_error(status, body, words, connect, server):
    server.default = answer(body, status)
    with pytest.raises(GazuException, match=words) as caught:
        get(connect(server.host, retries=0))
    assert caught.value.status_code == status


# -- addresses ---------------------------------------------------------------
@pytest.mark.parametrize(
    "host, kind",
    [
        ("kitsu.example.com/api", requests.exceptions.MissingSchema),
        ("ftp://kitsu.example.com/api", requests.exceptions.InvalidSchema),
        ("http:///api", requests.exceptions.InvalidURL),
        ("http://*.example.com/api", requests.exceptions.InvalidURL),
    ],
)
def test_host_that_is_no_address(host, kind, connect, naps):
    with pytest.raises(kind) as caught:
        get(connect(host))
    assert isinstance(caught.value, TransportException)
    assert naps == []


@pytest.mark.parametrize("slashes", ["", "/", "//"])
def test_slashes_around_the_path(slashes, server, connect):
    client = connect(server.host + slashes)
    get(client, "/data/rows")
    assert server.calls == ["GET /api/data/rows"]


def test_path_with_characters_beyond_ascii(client, server):
    get(client, "data/rows?name=\u00e9 x")
    assert server.requests[0].query.lower() == "name=%c3%a9%20x"


def test_host_is_up(client, server, start, connect):
    assert raw_client.host_is_up(client=client)
    assert server.calls == ["HEAD /api"]
    assert not raw_client.host_is_up(client=connect(start(listening=False).host))
    assert not raw_client.host_is_up(client=connect("kitsu"))


@pytest.mark.parametrize("status, valid", [(400, True), (401, True), (404, False), (500, False)])
def test_host_is_valid(status, valid, client, server):
    server.script = [answer({"version": "1"})]
    server.default = answer({"message": "wrong"}, status)
    assert raw_client.host_is_valid(client=client) is valid


def test_pages(client, server):
    def page(exchange):
        number = int(exchange.request.query.split("page=")[1].split("&")[0])
        return answer({"data": [{"id": str(number)}], "nb_pages": 20})(exchange)

    server.default = page
    rows = raw_client.fetch_all("rows", paginated=True, limit=1, client=client)
    assert [row["id"] for row in rows] == [str(number) for number in range(1, 21)]
    assert all("limit=1" in request.query for request in server.requests)


def test_pages_are_whole_or_an_error(client, server):
    def page(exchange):
        if "page=17" in exchange.request.query:
            return answer({"message": "broken"}, 500)(exchange)
        return answer({"data": [{"id": "x"}], "nb_pages": 20})(exchange)

    server.default = page
    with pytest.raises(GazuException):
        raw_client.fetch_all("rows", paginated=True, client=client)
