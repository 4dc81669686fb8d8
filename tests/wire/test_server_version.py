"""What gazu says of servers that are older than a function needs."""

import pytest

import gazu
from gazu import helpers
from gazu._http import routes_since, server_version
from gazu.exception import ParameterException, RouteNotFoundException, ServerErrorException

from .conftest import answer, head, raw, reset

ID = "0f41e7af-bc6a-5cdc-9cd6-84d6a7d3ae7f"
MISSING = {"message": "404 Not Found: The requested URL was not found on the server. If you entered the URL manually"}


def script(server, api, others=answer(MISSING, 404)):
    """Answer the question for the version with *api*, and anything else with *others*."""
    server.default = lambda exchange: (api if is_api(exchange.request) else others)(exchange)


def is_api(request):
    return request.path.rstrip("/") == "/api"


def asked(server):
    return [call for call in server.calls if call.rstrip("/").endswith("/api")]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, MISSING, RouteNotFoundException),
        (
            405,
            {"message": "The method is not allowed for the requested URL."},
            gazu.exception.MethodNotAllowedException,
        ),
        (500, {"message": "405 Method Not Allowed"}, ServerErrorException),
        (400, {"message": "Malformed ID."}, ParameterException),
    ],
)
def test_a_route_that_the_server_lacks_is_told_once(client, server, status, body, kind):
    script(server, answer({"api": "Zou", "version": "0.18.8"}), answer(body, status))
    for _ in range(2):
        with pytest.raises(kind) as info:
            gazu.studio.all_studios(client=client)
        assert str(info.value) == (
            "GET data/studios: this server is Zou 0.18.8; gazu.studio.all_studios needs 0.19.69 or later"
        )
    assert len(asked(server)) == 1
    assert not gazu.supports("studio.all_studios", client=client)
    assert gazu.supports("gazu.task.all_tasks_for_project", client=client)
    assert len(asked(server)) == 1


def test_a_server_that_is_too_old_for_gazu_is_told_so(client, server):
    script(server, answer({"api": "Zou", "version": "0.15.18"}))
    with pytest.raises(RouteNotFoundException, match=r"needs 0.19.69 or later \(gazu supports Zou 0.17.23 and later\)"):
        gazu.studio.all_studios(client=client)


@pytest.mark.parametrize(
    "api",
    [
        answer({"version": "1.0.97"}),
        answer({"version": "main"}),
        answer({"version": None}),
        answer({"api": "Zou"}),
        answer(["0.18.8"]),
        answer({"version": {"major": 0}}),
        answer("<h1>Kitsu</h1>"),
        answer("<h1>busy</h1>", 503),
        raw(head(302, {"Location": "https://elsewhere.example.com", "Content-Length": 0})),
        reset,
    ],
)
def test_any_other_answer_is_that_of_the_newest(client, server, api):
    script(server, api)
    with pytest.raises(RouteNotFoundException, match=f"^GET data/studios/{ID}: 404 Not Found: The requested URL"):
        gazu.studio.get_studio(ID, client=client)
    assert gazu.supports("studio.all_studios", client=client)
    assert len(asked(server)) == 1


def test_a_missing_record_of_a_route_that_all_servers_have_asks_nothing(client, server):
    script(server, answer({"version": "0.18.8"}))
    with pytest.raises(RouteNotFoundException, match="The requested URL was not found"):
        gazu.shot.get_shot(ID, client=client)
    assert len(server.calls) == 1


def test_another_host_is_asked_again(client, server, start):
    other = start()
    script(server, answer({"version": "0.18.8"}))
    script(other, answer({"version": "1.0.97"}))
    assert not gazu.supports("studio.all_studios", client=client)
    gazu.client.set_host(other.host, client=client)
    assert gazu.supports("studio.all_studios", client=client)


def test_a_function_that_does_not_exist(client):
    with pytest.raises(AttributeError):
        gazu.supports("studio.every_studio", client=client)


def test_versions_are_compared_as_numbers():
    number = helpers.version_number
    assert number("0.9.10") < number("0.19.69") < number("0.20.5") < number("1.0.0") < number("1.0.97-dev") < number("")


def test_each_function_of_the_table_exists():
    for name, (route, since) in routes_since.SINCE.items():
        assert name in list(server_version.functions_of(*route.replace("<>", "x").split(" ")))
        assert gazu.supports.__module__ and server_version.first_version(name) == since
