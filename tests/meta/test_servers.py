"""The table of what older servers lack, and its page, are those that the routes of the servers make."""

from gazu._http.routes_since import OLDEST, SINCE
from gazu.sync import fields_since
from gazu_sandbox import versions

from ..servers import table


def test_the_table_is_that_of_the_routes() -> None:
    assert table.first_versions() == SINCE
    assert OLDEST == versions.OLDEST


def test_the_fields_are_those_of_the_servers() -> None:
    assert table.new_fields() == fields_since.SINCE


def test_the_page_is_that_of_the_table() -> None:
    assert table.PAGE.read_text(encoding="utf-8") == table.page()


def test_each_pinned_version_has_routes() -> None:
    found = {version for present in table.read_routes().values() for version in present}
    assert found == set(versions.PINNED)


def test_features_differ_on_known_versions_only() -> None:
    assert {version for differs in table.FEATURES.values() for version in differs} <= set(versions.PINNED)
