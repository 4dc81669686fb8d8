"""One page of a list, of servers that have pages and of those that have none."""

import pytest

from gazu import client as raw_client
from gazu.exception import ServerErrorException
from gazu.sync.rows import fetch_page
from gazu.sync.tables import TableSpec

from .conftest import answer

ROWS = [{"id": str(number), "type": "Row", "name": "a", "more": 1} for number in range(5)]


def test_page_of_the_server(client, server):
    page = {"data": ROWS[2:4], "total": 5, "nb_pages": 3, "limit": 2, "offset": 2, "page": 2}
    server.script = [answer(page)]
    found = raw_client.fetch_page("rows", {"project_id": "1"}, 2, client, 2, ["name"])
    assert found == {"data": ROWS[2:4], "total": 5, "nb_pages": 3}
    assert server.calls == ["GET /api/data/rows?project_id=1&fields=name&page=2&limit=2"]


def test_list_without_pages(client, server):
    server.script = [answer(ROWS), answer(ROWS), answer(ROWS)]
    assert raw_client.fetch_page("rows", page=2, page_size=2, client=client) == ROWS
    table = TableSpec("rows", "rows", relations=True)
    assert fetch_page(client, table, {"project_id": "1"}, 2, 2) == {"data": ROWS[2:4], "total": 5}
    assert fetch_page(client, table, {"project_id": "1"}, 4, 2) == {"data": [], "total": 5}
    assert server.calls[-1] == "GET /api/data/rows?project_id=1&relations=true&page=4&limit=2"


def test_server_that_takes_the_page_for_a_column(client, server):
    """As Zou 0.18 and older do: the list comes without it, and what was not asked for is left out."""
    server.script = [answer({"message": "Entity has no property 'page'"}, 500), answer(ROWS)]
    found = fetch_page(client, TableSpec("rows", "rows"), {"project_id": "1", "fields": "name"}, 2, 2)
    assert found == {"data": [{"id": row["id"], "type": "Row", "name": "a"} for row in ROWS[2:4]], "total": 5}
    assert server.calls[1] == "GET /api/data/rows?project_id=1"


def test_other_errors_stay(client, server):
    server.default = answer({"message": "no"}, 500)
    with pytest.raises(ServerErrorException):
        raw_client.fetch_page("rows", client=client)
    with pytest.raises(ValueError, match="page_size: a page holds at least one record"):
        raw_client.fetch_page("rows", page_size=0, client=client)
