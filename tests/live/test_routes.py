"""The page of the routes is that of the server that runs."""

import re
from typing import Any

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.exception import MethodNotAllowedException, ParameterException, ServerErrorException

from ..servers import routes


def test_the_page_has_each_route_of_the_server(admin: KitsuClient) -> None:
    """Zou 1.0.97 describes all of its routes but those of the description itself, and one that it does not have."""
    described: Any = gazu.client.get("openapi.json", client=admin)["paths"]
    found = {
        routes.normalize(f"{verb.upper()} {re.sub('{[^}]*}', '<>', path)}")
        for path, verbs in described.items()
        for verb in verbs
        if verb in ("get", "post", "put", "delete")
    }
    known = {route: routes.normalize(route) for route in routes.read()}
    assert found - set(known.values()) <= {"POST auth/register"}
    rest = [way for route, (way, _) in routes.explained().items() if known[route] not in found]
    assert rest == ["-"] * 7


def test_routes_that_nobody_needs_as_they_never_succeed(gazu_make: Any) -> None:
    """Zou 1.0.97 has these, which no request can please; when it mends one, it may need a function."""
    department, thumbnails = gazu.person.new_department("Lost property"), "pictures/thumbnails"
    with pytest.raises(ServerErrorException):
        gazu.client.get(f"data/departments/{department['id']}/hardware-items/{department['id']}")
    background = gazu.files.new_preview_background_file("Lost light")
    with pytest.raises(ServerErrorException):
        gazu.client.post(f"{thumbnails}/preview-background-files/{background['id']}.png", {})
    with pytest.raises(MethodNotAllowedException):
        gazu.client.post(f"{thumbnails}/projects/{gazu_make.project['id']}.png", {})
    with pytest.raises(ParameterException, match="cannot be created"):
        gazu.client.create("salary-scales", {"department_id": department["id"]})


def test_lists_without_a_function_can_be_asked(admin: KitsuClient) -> None:
    """What the page leaves to `query` and `raw`, they reach: one row of each list that no function names."""
    lists = [routes.normalize(route) for route, (way, _) in routes.explained().items() if way == "raw"]
    asked = [route.split("/", 1)[1] for route in lists if route.startswith("GET ") and "<" not in route]
    assert "subscriptions" in asked
    for name in asked:
        found = gazu.client.fetch_all(name, {"page": 1, "limit": 1})
        assert len(gazu.query.find(name, limit=1)) == len(found["data"]) <= 1
