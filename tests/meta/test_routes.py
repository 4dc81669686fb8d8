"""The page of the routes has each route of the server, and says what is for it."""

import operator
import re

import gazu

from ..servers import routes, table
from ..servers.table import NEWEST


def test_each_route_has_a_function_or_a_reason() -> None:
    """Where a new Zou brings a route: name it in the docstring of a function, or say in `WITHOUT` why it has none."""
    assert [route for route, (way, _) in routes.explained().items() if not way] == []


def test_the_page_is_that_of_the_docstrings() -> None:
    """`python -m tests.servers.routes` writes it again."""
    assert routes.PAGE.read_text(encoding="utf-8") == routes.page()


def test_the_routes_are_those_of_the_server() -> None:
    """Those that `tests.servers.table` read from the newest server."""
    known = {routes.normalize(route) for route in routes.read()}
    newest = {routes.normalize(route) for route, versions in table.read_routes().items() if NEWEST in versions}
    assert newest - known == set()
    assert {route for route in known - newest if not table.NO_API.match(route.split(" ")[1])} <= DOCUMENTATION


DOCUMENTATION = {"GET apidocs", "GET apidocs/index.html", "GET oauth2-redirect.html"}


def test_each_reason_is_for_a_route_without_a_function() -> None:
    rows = {routes.normalize(route): way for route, (way, _) in routes.explained().items()}
    patterns = [pattern for _, _, text in routes.WITHOUT for pattern in routes.patterns(text)]
    without = [route for route, way in rows.items() if way != "function"]
    assert [pattern for pattern in patterns if not any(routes.is_one(route, pattern) for route in without)] == []
    assert [route for route in rows if sum(routes.is_one(route, pattern) for pattern in patterns) > 1] == []


def test_functions_that_reasons_name_exist() -> None:
    for name in re.findall(r"`(\w+\.[\w.]+)`", " ".join(reason for _, reason, _ in routes.WITHOUT)):
        assert operator.attrgetter(name.replace("gazu.", "", 1))(gazu), name


def test_a_docstring_stands_for_the_routes_that_it_names() -> None:
    known = [
        "GET data/persons/presence-logs/<>",
        "POST import/otio/projects/<>",
        "POST import/otio/projects/<>/episodes/<>",
    ]
    known += ["POST import/kitsu/news", "DELETE data/news/<>"]
    found = routes.functions_of(known)
    assert found["GET data/persons/presence-logs/<>"] == ["person.get_presence_log"]
    assert "shot.import_otio" in found[known[1]] and "shot.import_otio" in found[known[2]]
    assert "client.import_data" in found["POST import/kitsu/news"]
    assert "DELETE data/news/<>" not in found  # `DELETE data/<kind>/<entity_id>` is not for all
