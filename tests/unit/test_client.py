"""The client without a network: an adapter on its session answers."""

import copy
import json
import pickle
from io import BytesIO
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import pytest
import requests
from requests.adapters import BaseAdapter

import gazu
from gazu import client as raw
from gazu._http import protocol
from gazu._http.request import timeout_of
from gazu.cache import cache
from gazu.client import KitsuClient
from gazu.exception import (
    GazuException,
    NotAllowedException,
    NotAuthenticatedException,
    ParameterException,
    RouteNotFoundException,
    ServerErrorException,
)
from gazu.sync.rows import ROWS_PER_REQUEST

HOST = "http://kitsu.test/api"


class Adapter(BaseAdapter):
    """Answers with what the function `reply` returns for a request, as JSON; a tuple is (status, data)."""

    def __init__(self):
        super().__init__()
        self.requests = []
        self.reply = lambda request: {"id": "1"}

    def send(self, request, **options):
        self.requests.append(request)
        data = self.reply(request)
        status, data = data if isinstance(data, tuple) else (200, data)
        response = requests.Response()
        response.status_code, response.request, response.url = status, request, request.url
        response.raw = BytesIO(json.dumps(data).encode())
        return response

    def close(self):
        pass

    @property
    def calls(self):
        return [(request.method, request.url.replace(HOST + "/", "")) for request in self.requests]


@pytest.fixture
def client():
    return KitsuClient(HOST, access_token="token", retries=0)


@pytest.fixture
def adapter(client):
    adapter = Adapter()
    client.session.mount("http://", adapter)
    return adapter


# -- verbs -------------------------------------------------------------------
def test_verbs(client, adapter):
    raw.get("a", params={"x": 1}, client=client)
    raw.post("a", {"b": 1}, client=client)
    raw.put("a", {"b": 2}, client=client)
    raw.delete("a", params=[("x", "1"), ("x", "2")], client=client)
    assert adapter.calls == [("GET", "a?x=1"), ("POST", "a"), ("PUT", "a"), ("DELETE", "a?x=1&x=2")]
    assert [request.body for request in adapter.requests[1:3]] == [b'{"b": 1}', b'{"b": 2}']
    assert adapter.requests[1].headers["Content-Type"] == "application/json"
    assert {request.headers["Authorization"] for request in adapter.requests} == {"Bearer token"}


def test_delete_with_a_body(client, adapter):
    """Secrets are in the body, where no log of a server has them; it may be asked for what the server returns."""
    adapter.reply = lambda request: {"success": True}
    assert json.loads(raw.delete("a", client=client, data={"totp": "123456"})) == {"success": True}
    assert raw.delete("a", {"x": 1}, client, None, {}, True) == {"success": True}
    assert adapter.calls == [("DELETE", "a"), ("DELETE", "a?x=1")]
    assert [request.body for request in adapter.requests] == [b'{"totp": "123456"}', b"{}"]
    assert adapter.requests[0].headers["Content-Type"] == "application/json"


def test_records(client, adapter):
    adapter.reply = lambda request: [{"id": "1"}, {"id": "2"}] if request.method == "GET" else {"id": "3"}
    assert len(raw.fetch_all("assets", client=client)) == 2
    assert raw.fetch_first("assets", {"name": "x"}, client=client) == {"id": "1"}
    raw.fetch_one("assets", "a/b", client=client)
    assert raw.create("assets", {"name": "x"}, client=client) == {"id": "3"}
    raw.update("assets", "1", {"name": "y"}, client=client)
    raw.import_data("assets", {}, client=client)
    assert adapter.calls == [
        ("GET", "data/assets"), ("GET", "data/assets?name=x"), ("GET", "data/assets/a%2Fb"),
        ("POST", "data/assets"), ("PUT", "data/assets/1"), ("POST", "import/kitsu/assets"),
    ]  # fmt: skip


def test_records_that_an_import_leaves_out(client, adapter):
    """The server leaves out rows without an error; `imported` has those of earlier requests too."""
    rows = [{"id": str(number)} for number in range(ROWS_PER_REQUEST + 2)]
    adapter.reply = lambda request: json.loads(request.body)[:ROWS_PER_REQUEST][-1 if len(adapter.calls) > 1 else 0 :]
    with pytest.raises(NotAllowedException, match="imported 1 of 2 records") as caught:
        gazu.sync.import_tasks(rows, client=client)
    assert caught.value.imported == [*rows[:ROWS_PER_REQUEST], rows[-1]]
    assert raw.import_data("tasks", rows[:1], client=client) == rows[:1]


@pytest.mark.parametrize("id", ["", None, "..", "../persons/1"])
def test_ids_that_lead_elsewhere(id, client, adapter):
    for call in (
        lambda: raw.fetch_one("assets", id, client=client),
        lambda: raw.update("assets", id, {}, client=client),
    ):
        with pytest.raises(ValueError):
            call()
    assert adapter.requests == []


def test_first_of_nothing(client, adapter):
    adapter.reply = lambda request: []
    assert raw.fetch_first("assets", client=client) is None


def test_arguments_are_not_changed(client, adapter):
    params, data = {"name": "x"}, {"a": [1]}
    raw.fetch_all("assets", params, client=client, paginated=True, limit=5, fields=["a", "b"])
    raw.post("a", data, client=client)
    assert (params, data) == ({"name": "x"}, {"a": [1]})


@pytest.mark.parametrize("limit", [0, -1, 1.5, "ten"])
def test_pages_of_no_record(limit, client, adapter):
    with pytest.raises(ValueError, match=f"page_size: a page holds at least one record, not '?{limit}"):
        raw.fetch_each("assets", client=client, page_size=limit)
    with pytest.raises(ValueError, match=f"limit: a page holds at least one record, not '?{limit}"):
        raw.fetch_all("assets", client=client, paginated=True, limit=limit)
    assert adapter.calls == []


def test_size_of_a_page_as_text(client, adapter):
    adapter.reply = lambda request: {"data": [], "nb_pages": 1}
    assert raw.fetch_all("assets", client=client, paginated=True, limit="10") == []
    assert "limit=10" in adapter.requests[0].url
    adapter.reply = lambda request: []
    assert raw.fetch_all("assets", client=client, limit="all of them") == []  # ignored, as there are no pages


def test_fields(client, adapter):
    raw.fetch_all("assets", client=client, fields=["id", "name"])
    raw.fetch_all("assets", client=client, fields="id")
    assert adapter.calls == [("GET", "data/assets?fields=id%2Cname"), ("GET", "data/assets?fields=id")]


def test_data_that_is_no_json_sends_nothing(client, adapter):
    with pytest.raises(TypeError):
        raw.post("a", {"x": object()}, client=client)
    assert adapter.requests == []


# -- pages -------------------------------------------------------------------
def pages(*counts, total=None):
    """Answer page n with counts[n - 1] rows."""

    def reply(request):
        page = int(request.url.split("page=")[1].split("&")[0])
        rows = counts[page - 1] if page <= len(counts) else 0
        return {"data": [{"id": f"{page}.{row}"} for row in range(rows)], "nb_pages": total or len(counts)}

    return reply


@pytest.mark.parametrize("counts", [(0,), (3,), (3, 3), (3, 1, 2), (1,) * 30])
def test_pages_are_put_together_in_order(counts, client, adapter):
    adapter.reply = pages(*counts)
    rows = raw.fetch_all("assets", paginated=True, client=client)
    assert rows == [{"id": f"{page}.{row}"} for page, count in enumerate(counts, 1) for row in range(count)]
    assert len(adapter.requests) == len(counts)


def test_count_of_pages_that_grows(client, adapter):
    adapter.reply = lambda request: {
        "data": [{"id": request.url.split("page=")[1]}],
        "nb_pages": min(12, 2 + int(request.url.split("page=")[1])),
    }
    assert len(raw.fetch_all("assets", paginated=True, client=client)) == 12


def test_pages_without_end(client, adapter):
    adapter.reply = pages(2, 2, 2, total=10**9)
    assert len(raw.fetch_all("assets", paginated=True, client=client)) == 6
    assert len(adapter.requests) < 30


def test_pages_that_are_always_more(client, adapter, monkeypatch):
    monkeypatch.setattr(protocol, "MAX_NEW_PAGES", 3)
    adapter.reply = lambda request: {
        "data": [{"id": request.url.split("page=")[1]}],
        "nb_pages": 4 + int(request.url.split("page=")[1]),
    }
    for read in (
        lambda: raw.fetch_all("assets", paginated=True, client=client),
        lambda: list(raw.fetch_each("assets", client=client)),
    ):
        with pytest.raises(ServerErrorException, match="there are more than 13 pages"):
            read()


def test_list_that_knows_no_pages(client, adapter):
    adapter.reply = lambda request: [{"id": "1"}]
    assert raw.fetch_all("assets", paginated=True, client=client) == [{"id": "1"}]


# -- addresses ---------------------------------------------------------------
def test_addresses(client):
    assert raw.url_path_join("http://a/api/", "/data/", "x") == "http://a/api/data/x"
    assert raw.get_full_url("/data/x", client) == HOST + "/data/x"
    assert raw.get_api_url_from_host(client) == "http://kitsu.test"
    client.host = "http://kitsu.test/api/"
    assert raw.get_api_url_from_host(client) == "http://kitsu.test"
    client.host = "http://apiary.test"
    assert raw.get_api_url_from_host(client) == "http://apiary.test"


@pytest.mark.parametrize(
    "params, path",
    [
        (None, "a"), ({}, "a"), ([], "a"), ({"x": 1}, "a?x=1"), ({"x": [1, 2]}, "a?x=1&x=2"), ({"x": []}, "a"),
        ([("x", 1), ("x", 2)], "a?x=1&x=2"), ({"x": "a&b=c d"}, "a?x=a%26b%3Dc+d"), ({"\u00e9": "\u00e9"}, "a?%C3%A9=%C3%A9"),
    ],
)  # fmt: skip
def test_paths_with_parameters(params, path):
    assert raw.build_path_with_params("a", params) == path


def test_path_that_has_a_query_already():
    assert raw.build_path_with_params("a?y=1", {"x": 2}) == "a?y=1&x=2"


def test_hosts(client):
    assert raw.get_event_host(client) == HOST
    assert raw.set_host("http://b/api", client) == "http://b/api" == raw.get_host(client)
    assert raw.set_event_host("http://e", client) == "http://e" == raw.get_event_host(client)


# -- tokens ------------------------------------------------------------------
def test_tokens(client):
    tokens = {"access_token": "a", "refresh_token": "r", "user": {}}
    assert raw.set_tokens(tokens, client) is tokens is client.tokens
    assert (client.access_token, client.refresh_token) == ("a", "r")
    client.access_token, client.refresh_token = "b", "s"
    assert tokens == {"access_token": "b", "refresh_token": "s", "user": {}}
    assert raw.make_auth_header(client)["Authorization"] == "Bearer b"
    raw.set_tokens({}, client)
    assert client.access_token is client.refresh_token is None
    assert list(raw.make_auth_header(client)) == ["User-Agent"]
    assert raw.make_auth_header(client)["User-Agent"] == "CGWire Gazu " + gazu.__version__


@pytest.mark.parametrize("token", ["a\nb", "a\r\nX-Evil: 1", "\u00e9", "a\x00", 29876, {"a": 29876}])
def test_tokens_that_no_header_can_carry(token, client, adapter):
    client.access_token = token
    with pytest.raises(NotAuthenticatedException) as caught:
        raw.get("a", client=client)
    assert str(token) not in str(caught.value)
    assert adapter.requests == []


def test_ways_to_give_tokens():
    assert KitsuClient(HOST).tokens == {"access_token": None, "refresh_token": None}
    assert KitsuClient(HOST, access_token="a", refresh_token="r").refresh_token == "r"
    tokens = {"access_token": "x"}
    assert KitsuClient(HOST, tokens=tokens).tokens is tokens
    assert KitsuClient(HOST).tokens is not KitsuClient(HOST).tokens


# -- the client --------------------------------------------------------------
def test_create_client():
    client = raw.create_client(HOST, ssl_verify=False, cert="c.pem", access_token="a")
    assert (client.session.verify, client.session.cert) == (False, "c.pem")
    assert client.use_refresh_token is True
    assert raw.create_client(HOST, use_refresh_token=False).use_refresh_token is False
    assert client.access_token == "a"
    assert KitsuClient(HOST).use_refresh_token
    assert raw.default_client.use_refresh_token


def test_session_is_made_when_it_is_needed(client):
    assert client._session is None
    assert isinstance(client.session, requests.Session)
    assert client.session is client.session


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda client: pickle.loads(pickle.dumps(client))])
def test_copies(duplicate, client):
    client.timeout, client.callback_not_authenticated = 5, len
    for _ in range(2):
        other = duplicate(client)
        assert (other.host, other.tokens, other.timeout) == (HOST, client.tokens, 5)
        assert other.callback_not_authenticated is len
        with other.refresh_lock:
            pass
        assert client.session  # the second time round there is one


def test_text_of_a_client_has_no_secret():
    client = KitsuClient("http://jane:p@ss@kitsu.test/api", access_token="token")
    assert repr(client) == "<KitsuClient of http://kitsu.test/api>"


@pytest.mark.parametrize(
    "timeout, environment, transfer, limits",
    [
        (None, None, False, (10, 60)), (None, None, True, (10, 95)), (5, None, True, (5, 5)), ((1, 2), "9", False, (1, 2)),
        (None, "7", True, (7, 7)), (None, "3,30", False, (3, 30)), (None, "3 30", False, (3, 30)), (None, "", False, (10, 60)),
    ],
)  # fmt: skip
def test_time_outs(timeout, environment, transfer, limits, client, monkeypatch):
    monkeypatch.delenv("GAZU_TIMEOUT", raising=False)
    if environment is not None:
        monkeypatch.setenv("GAZU_TIMEOUT", environment)
    client.timeout = timeout
    assert timeout_of(client, transfer) == limits


def test_context_manager(client, adapter):
    with client as same:
        assert same is client
    assert adapter.calls == [("GET", "auth/logout")]
    assert client.tokens == {"access_token": None, "refresh_token": None}
    with client:
        pass
    assert len(adapter.requests) == 1  # nobody to log out


def test_context_manager_keeps_the_error_of_its_body(client, adapter):
    adapter.reply = lambda request: (500, {})
    with pytest.raises(KeyError):
        with client:
            raise KeyError("mine")


# -- the server --------------------------------------------------------------
def test_version_and_user(client, adapter):
    adapter.reply = lambda request: {"version": "1.2", "user": {"id": "7"}}
    assert raw.get_api_version(client) == "1.2"
    assert raw.get_current_user(client) == {"id": "7"}
    assert [request.url for request in adapter.requests] == [HOST + "/", HOST + "/auth/authenticated"]


def response(status, data=None, text=None):
    made = requests.Response()
    made.status_code = status
    made._content = json.dumps(data).encode() if text is None else text
    return made


def test_check_status(client, adapter):
    assert raw.check_status(response(200), "data/x") == (200, False)
    with pytest.raises(ParameterException) as caught:
        raw.check_status(response(400, {"message": "bad"}), "data/x")
    assert caught.value.args == ("data/x", "bad")
    with pytest.raises(RouteNotFoundException):
        raw.check_status(response(404, text=b"<html>"), "data/x")
    expired = response(401, {"message": "Signature has expired"})
    with pytest.raises(NotAuthenticatedException):
        raw.check_status(expired, "data/x", client=client)
    client.refresh_token = "r"
    adapter.reply = lambda request: {"access_token": "new"}
    assert raw.check_status(expired, "data/x", client=client) == (401, True)
    assert client.access_token == "new"


def test_messages():
    assert raw.get_message_from_data({"message": "m"}) == "m"
    assert raw.get_message_from_data({}, "none") == "none"
    assert raw.get_message_from_response(response(400, {"error": "e"})) == "e"
    assert raw.get_message_from_response(response(400, text=b"<html>"), "none") == "none"


# -- the cache ---------------------------------------------------------------
@pytest.mark.parametrize("write", ["post", "put", "delete", "upload"])
def test_read_after_a_write_sees_it(write, client, adapter, monkeypatch):
    monkeypatch.setitem(gazu.cache.cache_settings, "enabled", True)
    state = [1]

    def reply(request):
        if request.method == "GET":
            return list(state)
        state.append(2)
        return {"id": "1"}

    adapter.reply = reply

    @cache
    def rows(client=client):
        return raw.get("data/rows", client=client)

    try:
        assert rows() == rows() == [1]
        arguments = {"post": ({},), "put": ({},), "upload": ()}.get(write, ())
        options = {"files": {"file": b"x"}} if write == "upload" else {}
        getattr(raw, write)("data/rows", *arguments, client=client, **options)
        assert rows() == [1, 2]
        assert len(adapter.requests) == 3
        adapter.reply = lambda request: (500, {})
        with pytest.raises(GazuException):
            raw.post("data/rows", {}, client=client)
        with pytest.raises(GazuException):
            rows()  # a write that failed may have been done
    finally:
        gazu.cache.cached_functions.remove(rows)


# -- several values of a filter -------------------------------------------------
IDS = ["a24a6ea4-ce75-4665-a070-57453082c25b", "1ccf6b5b-0f28-4a1b-8d27-f8c1f1ea3f2d"]
AS_JSON = '["%s","%s"]' % tuple(IDS)
LIST_READERS = [
    lambda params, client: raw.fetch_all("shots", params, client=client),
    lambda params, client: raw.fetch_all("shots", params, client=client, paginated=True),
    lambda params, client: list(raw.fetch_each("shots", params, client=client)),
    lambda params, client: raw.fetch_first("shots", params, client=client),
    lambda params, client: raw.fetch_one("shots", "1", params, client=client),
    lambda params, client: raw.get("data/shots", params=params, client=client),
    lambda params, client: raw.get("data/shots?relations=true", params=params, client=client),
]
read_list = pytest.mark.parametrize("read", LIST_READERS)


def sent_filters(request):
    return {name: values for name, values in parse_qs(urlsplit(request.url).query).items() if name not in ("page",)}


@read_list
@pytest.mark.parametrize("values", [IDS, tuple(IDS), [{"id": one} for one in IDS], [UUID(one) for one in IDS]])
@pytest.mark.parametrize("pairs", [False, True])
def test_several_ids_are_sent_as_the_json_that_the_server_reads(read, values, pairs, client, adapter):
    adapter.reply = lambda request: []
    params = {"project_id": values, "id": {IDS[0]}}
    read(list(params.items()) if pairs else params, client)
    sent = sent_filters(adapter.requests[0])
    assert (sent["project_id"], sent["id"]) == ([AS_JSON], ['["%s"]' % IDS[0]])


@read_list
@pytest.mark.parametrize("names", [["SH010", "SH020"], ("SH010",), {"SH010"}, []])
def test_several_names_are_refused_before_anything_is_sent(read, names, client, adapter):
    with pytest.raises(ValueError, match="filters: the server cannot filter by name="):
        read({"name": names}, client)
    assert adapter.requests == []


@read_list
def test_no_ids_match_nothing_and_too_many_are_refused(read, client, adapter):
    adapter.reply = lambda request: []
    read({"id": []}, client)
    assert sent_filters(adapter.requests[0])["id"] == ["[]"]
    with pytest.raises(ValueError, match="76 values for id make the URL too long"):
        read({"id": [IDS[0]] * 76}, client)
    assert len(adapter.requests) == 1


def test_other_filters_of_lists_take_several_values_too(client, adapter):
    adapter.reply = lambda request: []
    for read in LIST_READERS[:4]:
        read({"status": ["ready", "standby"], "priority": (1, 2), "name": "SH010", "relations": True}, client)
        sent = sent_filters(adapter.requests[-1])
        assert (sent["status"], sent["priority"]) == (['["ready","standby"]'], ["[1,2]"])
        assert (sent["name"], sent["relations"]) == (["SH010"], ["True"])


def test_parameters_that_are_no_columns_may_come_several_times(client, adapter):
    raw.get("data/things", params={"person_ids": IDS, "a": (1, 2), "b": []}, client=client)
    assert adapter.calls == [("GET", f"data/things?person_ids={IDS[0]}&person_ids={IDS[1]}&a=1&a=2")]
    assert raw.build_path_with_params("x", {"a": [1, 2]}) == "x?a=1&a=2"


# -- lists that change while their pages are read -----------------------------
def pages_of(*pages):
    """Return what answers a list in pages, given as (ids, total), and whole as the last page leaves it."""

    def reply(request):
        query = dict(pair.split("=") for pair in request.url.partition("?")[2].split("&") if pair)
        if "page" not in query:
            return [{"id": one} for one in pages[-1][2]]
        ids, total = pages[int(query["page"]) - 1][:2]
        return {"data": [{"id": one} for one in ids], "total": total, "nb_pages": len(pages)}

    return reply


@pytest.mark.parametrize(
    "pages, whole",
    [
        ([("AB", 4), ("CD", 4, "ABCD")], False),
        ([("AB", 3), ("BC", 4, "XABC")], False),  # one that is new in front moves the others on
        # A goes, E and F come: as many rows as before, but C has moved to where we have been.
        ([("AB", 4), ("DE", 5), ("F", 5, "BCDEF")], True),
        # A goes between the count of the last page and its rows: the counts do not show it, their number does.
        ([("AB", 4), ("D", 4, "BCD")], True),
    ],
)
def test_list_that_changes_meanwhile(pages, whole, client, adapter):
    adapter.reply = pages_of(*pages)
    seen = [row["id"] for row in raw.fetch_each("assets", page_size=2, client=client)]
    assert len(seen) == len(set(seen)) and set(seen) >= set(pages[-1][2]) - {"X"}
    assert (adapter.calls[-1] == ("GET", "data/assets")) is whole


@pytest.mark.parametrize("name, others", [("a_b", "a-b"), ("a%", "abc"), ("a\\b", "a\\B x"), ("a\\b", "ab")])
def test_names_are_no_patterns(name, others, client, adapter):
    adapter.reply = lambda request: [{"id": "1", "name": others}]
    assert raw.fetch_named("assets", {"name": name}, client=client) is None
    adapter.reply = lambda request: [{"id": "1", "name": others}, {"id": "2", "name": name.upper()}]
    assert raw.fetch_named("assets", {"name": name}, client=client)["id"] == "2"
    adapter.reply = lambda request: [{"id": "2", "name": name.upper()}, {"id": "3", "name": name}]
    assert raw.fetch_named("assets", {"name": name}, client=client)["id"] == "3"


COMPOSED, APART = "\u00c9lan_1", "E\u0301lan_1"


@pytest.mark.parametrize("asked", [COMPOSED, APART])
def test_names_of_folders_of_macos(asked, client, adapter):
    """Their accents stand apart from the letters."""

    def reply(request):
        assert not request.body
        wanted = unquote(request.url.split("name=")[1]).lower()
        return [row for row in rows if row["name"].lower() == wanted]

    adapter.reply = reply
    rows = [{"id": "1", "name": COMPOSED.lower()}, {"id": "2", "name": COMPOSED}]
    assert raw.fetch_named("projects", {"name": asked}, client=client)["id"] == "2"
    assert raw.fetch_named("projects", {"name": "x" + asked}, client=client) is None
    rows = [{"id": "3", "name": APART}]
    assert raw.fetch_named("projects", {"name": APART}, client=client)["id"] == "3"
    before = len(adapter.calls)
    assert raw.fetch_named("projects", {"name": "Elan"}, client=client) is None and len(adapter.calls) == before + 1


def test_requests_in_doubt_stay_with_the_client(client):
    client.outbox.recent_ids.append("1")
    for other in (copy.copy(client), copy.deepcopy(client), pickle.loads(pickle.dumps(client))):
        assert not other.outbox.recent_ids and other.outbox is not client.outbox


def test_event_host_follows_the_host_until_it_is_set(client):
    assert raw.get_event_host(client=client) == HOST
    raw.set_host("http://other/api", client=client)
    assert raw.get_event_host(client=client) == "http://other/api"
    raw.set_event_host("http://events", client=client)
    raw.set_host("http://third/api", client=client)
    assert raw.get_event_host(client=client) == "http://events"
    assert pickle.loads(pickle.dumps(client)).event_host == "http://events"
    raw.set_event_host("", client=client)
    assert raw.get_event_host(client=client) == "http://third/api"
