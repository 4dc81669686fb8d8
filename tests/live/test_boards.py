"""Entities with their tasks in one request, former versions, and files by their ids, on Zou 1.0.97."""

from typing import Any

import pytest

import gazu
from gazu.exception import NotAllowedException, RouteNotFoundException


def test_entities_come_with_their_tasks(project: Any, work: Any, artist: Any) -> None:
    shot, vendor = gazu.shot, artist.client
    for kind, listed in (
        ("asset", gazu.asset.all_assets_with_tasks),
        ("shot", shot.all_shots_with_tasks),
        ("scene", gazu.scene.all_scenes_with_tasks),
    ):
        rows = listed(project, client=vendor)
        assert sorted(row["id"] for row in rows) == sorted(row["id"] for row in getattr(work, kind))
        assert [task["id"] for row in rows for task in row["tasks"] if task["assignees"]] == [work.task[kind]["id"]]
    rows = shot.all_sequences_with_tasks(project)
    assert {row["id"]: len(row["tasks"]) for row in rows} == {row["id"]: 1 for row in work.sequence}
    assert {row["id"] for row in shot.all_episodes_with_tasks(project["id"])} == {row["id"] for row in work.episode}
    concept = gazu.concept.new_concept(project, "Mood")
    (task,) = gazu.task.create_tasks(project, work.task_type["asset"], [concept], "Concept", client=vendor)
    (row,) = gazu.concept.all_concepts_with_tasks(project)
    assert (row["id"], row["tasks"][0]["id"]) == (concept["id"], task["id"])


@pytest.mark.parametrize("kind", ["asset", "shot"])
def test_a_board_is_streamed(project: Any, work: Any, kind: str) -> None:
    module = getattr(gazu, kind)
    listed: Any = getattr(module, f"all_{kind}s_with_tasks")
    stream = listed(project, stream=True)
    assert next(stream)["tasks"]
    assert len(list(stream)) == 1
    key = lambda row: row["id"]  # noqa: E731
    assert sorted(listed(project["id"], stream=True), key=key) == sorted(listed(project), key=key)
    empty = gazu.project.new_project(project["name"] + " too")
    assert list(listed(empty, stream=True)) == listed(empty) == []


def test_boards_are_for_the_team(project: Any, gazu_make: Any) -> None:
    outsider, vendor = gazu_make.client_as(), gazu_make.client_as("vendor")
    gazu_make.task()
    for listed in (
        gazu.asset.all_assets_with_tasks,
        gazu.shot.all_shots_with_tasks,
        gazu.shot.all_sequences_with_tasks,
        gazu.shot.all_episodes_with_tasks,
        gazu.scene.all_scenes_with_tasks,
        gazu.concept.all_concepts_with_tasks,
        gazu.edit.all_edits_with_tasks,
    ):
        with pytest.raises(NotAllowedException):
            listed(project, client=outsider)
    with pytest.raises(NotAllowedException):
        next(gazu.shot.all_shots_with_tasks(project, stream=True, client=outsider))
    for stream in (False, True):  # for an administrator, the server has an empty board then
        with pytest.raises(RouteNotFoundException, match="does this project exist"):
            list(gazu.shot.all_shots_with_tasks("00000000-0000-4000-8000-000000000000", stream=stream))
    for listed in (gazu.scene.all_scenes_with_tasks, gazu.concept.all_concepts_with_tasks):
        with pytest.raises(NotAllowedException):
            listed(gazu_make.project, client=vendor)
    assert gazu.shot.all_shots_with_tasks(gazu_make.project, client=vendor) == []


def test_edits_of_an_episode(project: Any, work: Any, artist: Any, gazu_make: Any) -> None:
    episode, client = work.episode[0], artist.client
    edit = gazu.edit.new_edit(project, "Cut", episode=episode)
    kind = gazu.task.new_task_type(edit["id"][:8], for_entity="Edit")
    task = gazu.task.new_task(edit, kind)
    assert [row["id"] for row in gazu.edit.all_edits_for_episode(episode, client=client)] == [edit["id"]]
    assert gazu.edit.all_edits_for_episode(work.episode[1]["id"], relations=True) == []
    assert [row["id"] for row in gazu.task.all_edit_tasks_for_episode(episode, client=client)] == [task["id"]]
    assert gazu.task.all_edit_tasks_for_episode(episode, relations=True)[0]["assignees"] == []
    assert [row["id"] for row in gazu.task.all_task_types_for_edit(edit, client=client)] == [kind["id"]]
    (row,) = gazu.edit.all_edits_with_tasks(project, client=client)
    assert [one["id"] for one in row["tasks"]] == [task["id"]]
    outsider = gazu_make.client_as()
    for call, what in (
        (gazu.edit.all_edits_for_episode, episode),
        (gazu.task.all_edit_tasks_for_episode, episode),
        (gazu.task.all_task_types_for_edit, edit),
        (gazu.edit.all_versions_for_edit, edit),
    ):
        with pytest.raises(NotAllowedException):
            call(what, client=outsider)


def test_former_versions(project: Any, work: Any, artist: Any, gazu_make: Any) -> None:
    """A change has the name before it and the data after it (Zou 1.0.97)."""
    shot = work.shot[0]
    gazu.shot.update_shot({"id": shot["id"], "data": {"frame_in": 5, "frame_out": 9}})
    (version,) = gazu.shot.all_versions_for_shot(shot, client=artist.client)
    assert (version["name"], version["entity_id"]) == (shot["name"], shot["id"])
    assert version["data"] == {"frame_in": 5, "frame_out": 9}
    edit = gazu.edit.new_edit(project, "Cut")
    assert gazu.edit.all_versions_for_edit(edit) == []
    with pytest.raises(NotAllowedException):
        gazu.shot.all_versions_for_shot(shot, client=gazu_make.client_as())


def test_a_file_is_found_by_its_id(project: Any, work: Any, artist: Any, gazu_make: Any) -> None:
    task = work.task["shot"]
    with pytest.warns(DeprecationWarning):
        gazu.files.set_project_file_tree(project, "simple")
    made = gazu.files.new_working_file(task, "main")
    kind = gazu.files.new_output_type(made["id"][:8], made["id"][:8])
    output = gazu.files.new_entity_output_file(work.shot[0], kind, work.task_type["shot"], "done")
    assert gazu.files.get_file(made, client=artist.client)["id"] == made["id"]
    assert gazu.files.get_file(output["id"], client=artist.client)["id"] == output["id"]
    with pytest.raises(NotAllowedException):
        gazu.files.get_file(made, client=gazu_make.client_as())
    with pytest.raises(RouteNotFoundException):
        gazu.files.get_file("00000000-0000-4000-8000-000000000000")
