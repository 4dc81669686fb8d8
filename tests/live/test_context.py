"""The lists for everybody and for the user, on a real server."""

from typing import Any

import pytest

import gazu
from gazu import context
from gazu.exception import RouteNotFoundException


def ids(rows: Any) -> Any:
    return [row["id"] for row in rows]


def both_ways(function: Any, places: Any, client: Any) -> Any:
    """Return what a function gives for everybody, and for the user of *client*, having called it in all ways."""
    by_id = [place["id"] for place in places]
    everybody = ids(function(*places, client=client))
    assert everybody == ids(function(*by_id, user_context=False, client=client)) == ids(function(*places))
    mine = ids(function(*places, user_context=True, client=client))
    assert mine == ids(function(*by_id, True, client))
    assert ids(function(*places, True)) == []  # of the administrator
    return everybody, mine


def test_each_list_is_for_everybody_or_for_the_user(project: Any, artist: Any, work: Any) -> None:
    for function, found in (
        (context.all_assets_for_project, sorted(work.asset, key=lambda row: row["name"])),
        (context.all_asset_types_for_project, sorted(work.asset_type, key=lambda row: row["name"])),
        (context.all_episodes_for_project, work.episode),
        (context.all_sequences_for_project, work.sequence),
        (context.all_scenes_for_project, work.scene),
    ):
        mine = next(row for rows in vars(work).values() for row in rows if row in found)
        assert both_ways(function, [project], artist.client) == (ids(found), [mine["id"]])
    for function, place, found in (
        (context.all_sequences_for_episode, work.episode, work.sequence),
        (context.all_shots_for_sequence, work.sequence, work.shot),
        (context.all_scenes_for_sequence, work.sequence, work.scene),
    ):
        assert both_ways(function, [place[0]], artist.client) == ([found[0]["id"]], [found[0]["id"]])
        assert both_ways(function, [place[1]], artist.client) == ([found[1]["id"]], [])
    of_type = context.all_assets_for_asset_type_and_project
    for number, mine in ((0, [work.asset[0]["id"]]), (1, [])):
        places = [project, work.asset_type[number]]
        assert both_ways(of_type, places, artist.client) == ([work.asset[number]["id"]], mine)


def test_task_types_are_those_of_all_tasks_or_of_the_user(artist: Any, work: Any) -> None:
    for kind in ("asset", "shot", "scene", "sequence"):
        function, mine = getattr(context, f"all_task_types_for_{kind}"), [work.task_type[kind]["id"]]
        everybody = mine
        if kind == "sequence":  # to everybody the server tells those of what is in it
            everybody = ids([work.task_type["scene"], work.task_type["shot"]])
        assert both_ways(function, [getattr(work, kind)[0]], artist.client) == (everybody, mine)
        assert both_ways(function, [getattr(work, kind)[1]], artist.client) == (everybody, [])


def test_open_projects_are_all_or_those_of_the_team(project: Any, artist: Any, unique: Any) -> None:
    other = gazu.project.new_project(unique("Other"))
    assert {project["id"], other["id"]} <= {*ids(context.all_open_projects())} & {*ids(context.all_open_projects(True))}
    assert ids(context.all_open_projects(user_context=True, client=artist.client)) == [project["id"]]
    assert ids(context.all_open_projects(True, artist.client)) == [project["id"]]
    assert project["id"] in ids(context.all_open_projects(client=artist.client))


def test_the_client_may_come_second_as_in_1_3(project: Any, artist: Any, work: Any) -> None:
    """Of these three, 1.2 and 1.3 have no `user_context`."""
    assert len(context.all_assets_for_project(project, artist.client)) == 2
    assert len(context.all_scenes_for_project(project["id"], artist.client)) == 2
    assert ids(context.all_sequences_for_episode(work.episode[1], artist.client)) == [work.sequence[1]["id"]]


def test_bad_input_is_refused(artist: Any) -> None:
    for function in (
        context.all_assets_for_project,
        context.all_sequences_for_episode,
        context.all_task_types_for_shot,
    ):
        for user_context in (False, True):
            with pytest.raises(ValueError):
                function("not-an-id", user_context)
    with pytest.raises(RouteNotFoundException):
        context.all_shots_for_sequence("00000000-0000-4000-8000-000000000000", True)
