"""Which assets appear in what, on a real server."""

import uuid
from types import SimpleNamespace
from typing import Any, Callable

import pytest

import gazu
from gazu.exception import NotAllowedException, ParameterException, RouteNotFoundException

Unique = Callable[[str], str]


@pytest.fixture
def world(project: Any, unique: Unique) -> Any:
    """An episode with two shots, and two assets of one type and one of another."""
    episode = gazu.shot.new_episode(project, "E02")
    sequence = gazu.shot.new_sequence(project, "SQ01", episode)
    shot, other = (gazu.shot.new_shot(project, sequence, name) for name in ("SH01", "SH02"))
    prop, creature = (gazu.asset.new_asset_type(unique(name)) for name in ("Prop", "Creature"))
    lamp, desk = (gazu.asset.new_asset(project, prop, name) for name in ("Lamp", "Desk"))
    cat = gazu.asset.new_asset(project, creature, "Cat")
    return SimpleNamespace(**{name: value for name, value in locals().items() if name not in ("project", "unique")})


def cast(asset: Any, nb_occurences: int = 1, label: str = "animate") -> Any:
    return {"asset_id": asset["id"], "nb_occurences": nb_occurences, "label": label}


def found(casting: Any) -> Any:
    return sorted((row["asset_name"], row["nb_occurences"], row["label"]) for row in casting)


def found_in(castings: Any) -> Any:
    return {key: sorted(row["asset_name"] for row in rows) for key, rows in castings.items()}


@pytest.mark.parametrize("kind", ["shot", "asset", "episode"])
def test_a_casting_is_what_it_was_set_to(project: Any, world: Any, kind: str) -> None:
    entity = world.desk if kind == "asset" else getattr(world, kind)
    update, get = getattr(gazu.casting, f"update_{kind}_casting"), getattr(gazu.casting, f"get_{kind}_casting")
    assert get(entity) == []
    update(project, entity, [cast(world.lamp, 2), cast(world.cat, 1, "fixed")])
    assert found(get(entity)) == [("Cat", 1, "fixed"), ("Lamp", 2, "animate")]
    update(project["id"], entity["id"], (row for row in get(entity) if row["asset_name"] == "Lamp"))
    assert found(get(entity["id"])) == found(get({"id": entity["id"]})) == [("Lamp", 2, "animate")]
    given = {"asset_id": uuid.UUID(world.cat["id"])}
    update(project, entity, [given])  # once, if no number is given
    assert [(row["asset_id"], row["nb_occurences"]) for row in get(entity)] == [(world.cat["id"], 1)]
    assert list(given) == ["asset_id"]
    update(project, entity, [])
    assert get(entity) == []


def test_a_casting_of_what_is_no_asset_is_refused(project: Any, world: Any) -> None:
    gazu.casting.update_shot_casting(project, world.shot, [cast(world.lamp)])
    for bad in ({}, {"asset_id": None}, {"asset_id": "lamp", "nb_occurences": 1}):
        with pytest.raises(ValueError, match="asset_id"):
            gazu.casting.update_shot_casting(project, world.shot, [bad])
    for bad in (None, "SH01", {"name": "SH01"}):
        with pytest.raises(ValueError, match="Wrong format"):
            gazu.casting.get_shot_casting(bad)
    with pytest.raises(RouteNotFoundException):
        gazu.casting.get_shot_casting(uuid.uuid4())
    assert found(gazu.casting.get_shot_casting(world.shot)) == [("Lamp", 1, "animate")]


def test_an_asset_is_cast_and_uncast_and_the_rest_stays(project: Any, world: Any) -> None:
    c = gazu.casting
    c.update_shot_casting(project, world.shot, [cast(world.lamp)])
    answer = c.cast_asset(project, [world.shot, world.other["id"]], world.cat, nb_occurences=3, label="fixed")
    assert found(answer[world.shot["id"]]) == [("Cat", 3, "fixed"), ("Lamp", 1, "animate")]
    assert found(answer[world.other["id"]]) == [("Cat", 3, "fixed")]
    c.cast_asset(project["id"], world.shot["id"], world.cat["id"])
    c.cast_asset(project, world.desk, world.lamp)
    assert found(c.get_shot_casting(world.shot)) == [("Cat", 3, "fixed"), ("Lamp", 1, "animate")]
    assert found(c.get_asset_casting(world.desk)) == [("Lamp", 1, "")]
    assert found(c.uncast_asset(project, world.shot, world.lamp)[world.shot["id"]]) == [("Cat", 3, "fixed")]
    c.uncast_asset(project["id"], (entity for entity in (world.shot, world.other)), world.cat["id"])
    assert c.get_shot_casting(world.shot) == c.get_shot_casting(world.other) == []
    assert c.cast_asset(project, [], world.cat) == {}


def test_an_asset_is_cast_again_with_the_cache_enabled(project: Any, world: Any, box: Any) -> None:
    gazu.cache.enable()
    try:
        gazu.casting.cast_asset(project, world.shot, world.lamp)
        with gazu.client.create_client(box.host) as other:
            gazu.log_in(box.email, box.password, client=other)
            gazu.casting.uncast_asset(project, world.shot, world.lamp, client=other)
        gazu.casting.cast_asset(project, world.shot, world.lamp)
        assert found(gazu.casting.get_shot_casting(world.shot)) == [("Lamp", 1, "")]
    finally:
        gazu.cache.disable()
        gazu.cache.clear_all()


def test_an_asset_that_leaves_an_episode_leaves_its_shots(project: Any, world: Any) -> None:
    c = gazu.casting
    c.cast_asset(project, world.shot, world.lamp)
    assert found(c.get_episode_casting(world.episode)) == [("Lamp", 1, "")]
    c.update_episode_casting(project, world.episode, [cast(world.cat)])
    assert c.get_shot_casting(world.shot) == []
    c.cast_asset(project, world.shot, world.cat)
    c.uncast_asset(project, world.episode, world.cat)
    assert c.get_shot_casting(world.shot) == []


def test_it_is_told_what_an_asset_is_cast_in(project: Any, world: Any) -> None:
    gazu.casting.cast_asset(project, [world.shot, world.desk], world.lamp, 2)
    rows = gazu.casting.get_asset_cast_in(world.lamp)
    assert rows == gazu.casting.get_asset_cast_in(world.lamp["id"])
    assert [(row.get("shot_id"), row.get("asset_id"), row["nb_occurences"]) for row in rows] == [
        (world.shot["id"], None, 2),
        (None, world.desk["id"], 2),
    ]
    assert (rows[0]["sequence_name"], rows[0]["episode_name"]) == ("SQ01", "E02")
    assert gazu.casting.get_asset_cast_in(world.cat) == []


def test_castings_of_many_come_by_the_id_of_what_is_cast(project: Any, world: Any) -> None:
    c = gazu.casting
    elsewhere = gazu.shot.new_sequence(project, "SQ02", gazu.shot.new_episode(project, "E03"))
    far = gazu.shot.new_shot(project, elsewhere, "SH03")
    c.cast_asset(project, [world.shot, world.other, far], world.lamp)
    c.cast_asset(project, [world.other, world.desk], world.cat)
    of_episode = {world.shot["id"]: ["Lamp"], world.other["id"]: ["Cat", "Lamp"]}
    for sequence in (world.sequence, world.sequence["id"], {"id": world.sequence["id"]}):
        assert found_in(c.get_sequence_casting(sequence)) == of_episode
        assert found_in(c.get_sequence_shots_casting(project, sequence)) == of_episode
    assert found_in(c.get_sequence_shots_casting(project["id"], elsewhere["id"])) == {far["id"]: ["Lamp"]}
    assert found_in(c.get_episode_shots_casting(project, world.episode)) == of_episode
    assert found_in(c.get_episode_shots_casting(project["id"], elsewhere["parent_id"])) == {far["id"]: ["Lamp"]}
    assert found_in(c.get_project_shots_casting(project)) == {**of_episode, far["id"]: ["Lamp"]}
    assert c.get_project_shots_casting(project["id"]) == c.get_project_shots_casting(project)
    episodes = found_in(c.get_episodes_casting(project))
    assert episodes[world.episode["id"]] == ["Cat", "Lamp"]
    assert episodes[elsewhere["parent_id"]] == ["Lamp"]
    assert c.get_episodes_casting(project["id"]) == c.get_episodes_casting(project)
    assert found_in(c.get_asset_type_casting(project, world.prop)) == {world.desk["id"]: ["Cat"]}
    assert c.get_asset_type_casting(project["id"], world.creature["id"]) == {}


def test_links_are_listed_whole_or_by_pages(project: Any, world: Any) -> None:
    c, client = gazu.casting, gazu.client.default_client
    assert c.all_entity_links_for_project(project) == []
    c.cast_asset(project, [world.lamp, world.cat], world.desk)
    links = c.all_entity_links_for_project(project["id"])
    pairs = {(row["entity_in_id"], row["entity_out_id"]) for row in links}
    assert pairs == {(world.lamp["id"], world.desk["id"]), (world.cat["id"], world.desk["id"])}
    pages = [c.all_entity_links_for_project(project, page, limit=1) for page in (1, 2)]
    assert [(page["total"], page["nb_pages"], len(page["data"])) for page in pages] == [(2, 2, 1)] * 2
    assert {row["id"] for page in pages for row in page["data"]} == {row["id"] for row in links}
    with pytest.warns(DeprecationWarning):  # as until 0.8
        assert c.all_entity_links_for_project(project, client) == links


def test_a_deleted_link_is_gone(project: Any, world: Any) -> None:
    gazu.casting.cast_asset(project, [world.lamp, world.cat], world.desk)
    first, second = gazu.casting.all_entity_links_for_project(project)
    assert gazu.casting.delete_entity_link(first) == first
    assert gazu.casting.all_entity_links_for_project(project) == [second]
    assert gazu.casting.delete_entity_link(second["id"]) == {"id": second["id"]}
    assert gazu.casting.get_asset_casting(world.lamp) == gazu.casting.get_asset_casting(world.cat) == []
    with pytest.raises(RouteNotFoundException):
        gazu.casting.delete_entity_link(first)


def test_what_is_cast_in_another_project_is_refused(world: Any, unique: Unique) -> None:
    film = gazu.project.new_project(unique("Film"))
    with pytest.raises((NotAllowedException, ParameterException)):
        gazu.casting.update_shot_casting(film, world.shot, [cast(world.lamp)])
    assert gazu.casting.get_shot_casting(world.shot) == []
