"""Studios on a real server."""

import uuid
from typing import Any, Callable

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.exception import ParameterException, RouteNotFoundException

Unique = Callable[[str], str]


@pytest.fixture
def studio(admin: KitsuClient, unique: Unique) -> Any:
    return gazu.client.create("studios", {"name": unique("Studio été / 1_b"), "color": "#112233"})


def test_studios_are_found(studio: Any) -> None:
    found = gazu.studio.all_studios()
    assert studio in found
    assert found == gazu.sorting.sort_by_name(found)
    for one in (studio, studio["id"], uuid.UUID(studio["id"])):
        assert gazu.studio.get_studio(one) == studio
    for name in (studio["name"], studio["name"].lower()):
        assert gazu.studio.get_studio_by_name(name) == studio
    for name in ("_" + studio["name"][1:], studio["name"] + "x", "%"):
        assert gazu.studio.get_studio_by_name(name) is None
    with pytest.raises(RouteNotFoundException):
        gazu.studio.get_studio(uuid.uuid4())
    with pytest.raises(ParameterException, match=r"Malformed ID. \(that looks like a name: .*get_studio_by_name"):
        gazu.studio.get_studio("Paris")


def test_a_studio_that_was_got_can_be_saved(studio: Any, unique: Unique) -> None:
    row = {**gazu.studio.get_studio(studio), "name": unique("Angoulême")}
    assert gazu.studio.update_studio(row)["name"] == row["name"]
    gazu.studio.update_studio({"id": studio["id"], "archived": True})
    found = gazu.studio.get_studio(studio)
    assert found == {**row, "archived": True, "updated_at": found["updated_at"]}


def test_a_removed_studio_is_gone_unless_somebody_is_in_it(studio: Any, unique: Unique) -> None:
    row = {"first_name": "Ann", "last_name": unique("Doe"), "email": f"{uuid.uuid4().hex}@example.com"}
    person = gazu.client.create("persons", {**row, "role": "user", "studio_id": studio["id"]})
    for force in (False, True):  # the server takes the force, and refuses all the same
        with pytest.raises(ParameterException):
            gazu.studio.remove_studio(studio, force=force)
    gazu.client.update("persons", person["id"], {"studio_id": None})
    assert gazu.studio.remove_studio(studio) == ""
    other = gazu.client.create("studios", {"name": unique("Paris"), "color": "#112233"})
    gazu.studio.remove_studio(other["id"], force=True)
    for gone in (studio, other):
        with pytest.raises(RouteNotFoundException):
            gazu.studio.get_studio(gone)


def test_new_studio(admin: KitsuClient, unique: Unique) -> None:
    name = unique("Paris")
    made = gazu.studio.new_studio(name, "#0000CC")
    assert (made["name"], made["color"]) == (name, "#0000CC")
    assert gazu.studio.get_studio(made)["name"] == name
    assert gazu.studio.new_studio(unique("Lyon"))["color"] == "#999999"
    with pytest.raises(ValueError, match="name"):
        gazu.studio.new_studio("")
    with pytest.raises(ParameterException):
        gazu.studio.new_studio(name, "#0000CC")
