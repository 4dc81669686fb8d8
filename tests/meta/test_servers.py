"""The table of what older servers lack, and its page, are those that the routes of the servers make."""

import re

from gazu._http.routes_since import OLDEST, SINCE
from gazu.sync import fields_since
from gazu_sandbox import versions

from ..servers import roles, table


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


def test_the_roles_are_those_of_routes_and_no_test_found_others() -> None:
    """Who may ask a route: as the source of the server says, and as the live tests found."""
    rows = [line.split("\t") for line in roles.TABLE.read_text(encoding="utf-8").splitlines()[1:]]
    who = {f"{method} {table.normalize(path)}": said for method, path, said in rows}
    newest = {route for route, versions_ in table.read_routes().items() if versions.NEWEST in versions_}
    assert len(who) > 400 and who.keys() <= newest
    page = (table.ROOT / "docs" / "reference" / "live.md").read_text(encoding="utf-8")
    others = set()
    for name, routes, called_as in re.findall(r"^\| `([\w.]+)` \| (.*?) \| .*? \| (.*?) \| ", page, re.MULTILINE):
        found = re.findall(r"`(\w+) ([^`]+)`", routes)
        said = who.get(f"{found[0][0]} {table.normalize(found[0][1])}", "") if len(found) == 1 else ""
        did = {role for role in called_as.split(", ") if role and not role.startswith("not ")}
        if said and "the team" not in said.replace("in the team", "") and not all(role in said for role in did):
            others.add(name)
    assert others == {"sync.get_last_events"}  # a user who is a manager in one production may ask for its events
