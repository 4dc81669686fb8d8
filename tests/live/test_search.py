"""The search of a real server, which here runs without an indexer."""

from typing import Any

import pytest

import gazu
from gazu.exception import ServerErrorException


def test_a_query_too_short_finds_nothing(project: Any) -> None:
    assert gazu.search.search_entities("tr") == {}
    assert gazu.search.search_entities("tr", project, [gazu.asset.all_asset_types()[0]]) == {}


def test_a_search_without_an_indexer_is_an_error(project: Any) -> None:
    with pytest.raises(ServerErrorException, match="does the server have the indexer, Meilisearch"):
        gazu.search.search_entities("tree")
    with pytest.raises(ServerErrorException, match="does the server have the indexer, Meilisearch"):
        gazu.search.search_entities("tree", project["id"], entity_types=[])


def test_a_bad_id_is_refused_before_the_server_is_asked(project: Any) -> None:
    with pytest.raises(ValueError):
        gazu.search.search_entities("tree", "not-an-id")
    with pytest.raises(ValueError):
        gazu.search.search_entities("tree", project, ["not-an-id"])
