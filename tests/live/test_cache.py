"""The cache and a real server: what it says is unchanged, it does not send again."""

import logging
from typing import Any, Callable, Iterator, List

import pytest

import gazu
from gazu.client import KitsuClient


@pytest.fixture(autouse=True)
def enabled() -> Iterator[None]:
    gazu.cache.enable()
    yield
    gazu.cache.disable()
    gazu.cache.clear_all()


@pytest.fixture
def statuses(caplog: pytest.LogCaptureFixture) -> Callable[[], List[str]]:
    """Tell which statuses the server answered with since the last call."""
    caplog.set_level(logging.DEBUG, logger="gazu")

    def statuses() -> List[str]:
        found = [record.getMessage().split(": ")[1].split(" ")[0] for record in caplog.records if record.name == "gazu"]
        caplog.clear()
        return found

    return statuses


def refreshed(read: Callable[[], Any], statuses: Callable[[], List[str]]) -> Any:
    """Return what *read* returns when all of it is a 304: a new asset type of any production changes all boards once."""
    for _ in range(5):
        found, seen = read(), statuses()
        if {*seen} == {"304"}:
            return found
    raise AssertionError(f"changed again and again: {seen}")


def test_boards(admin: KitsuClient, project: Any, artist: Any, work: Any, statuses: Callable[[], List[str]]) -> None:
    """A refresh of a board costs a 304, and what anybody changes shows at once."""
    task, shot = work.task["asset"], work.shot[0]
    boards: List[Callable[[KitsuClient], Any]] = [
        lambda client: gazu.client.fetch_all("assets/with-tasks", {"project_id": project["id"]}, client=client),
        lambda client: gazu.client.get(f"data/shots/with-tasks?project_id={project['id']}", client=client),
        lambda client: gazu.client.fetch_all(f"projects/{project['id']}/tasks", client=client),
    ]
    statuses()
    for board in boards:
        first = [board(admin), board(artist.client)]
        assert statuses() == ["200", "200"]
        assert refreshed(lambda board=board: [board(admin), board(artist.client)], statuses) == first
        assert first[0]
    done = gazu.task.get_task_status_by_short_name("wfa")
    statuses()
    comment = gazu.task.add_comment(task, done, "Look", client=artist.client)
    gazu.shot.update_shot({"id": shot["id"], "nb_frames": 81})
    statuses()
    assets, shots, tasks = (board(admin) for board in boards)
    assert statuses() == ["200", "200", "200"]
    assert done["id"] in [row["task_status_id"] for asset in assets for row in asset["tasks"]]
    assert [row["nb_frames"] for row in shots if row["id"] == shot["id"]] == [81]
    assert [row["task_status_id"] for row in tasks if row["id"] == task["id"]] == [comment["task_status_id"]]
    assert refreshed(lambda: [board(admin) for board in boards], statuses) == [assets, shots, tasks]


def test_function_over_a_board(admin: KitsuClient, project: Any, work: Any, statuses: Callable[[], List[str]]) -> None:
    tasks = gazu.task.all_tasks_for_project(project)
    statuses()
    assert gazu.task.all_tasks_for_project(project) == tasks
    assert statuses() == [], "remembered: see the decorator"
    gazu.cache.clear(gazu.task.all_tasks_for_project)
    assert gazu.task.all_tasks_for_project(project) == tasks
    assert statuses() == ["304"]
    gazu.cache.clear_all()
    assert gazu.task.all_tasks_for_project(project) == tasks
    assert statuses() == ["200"]


def test_who_loses_access_sees_nothing(project: Any, artist: Any, work: Any) -> None:
    path = f"data/projects/{project['id']}/tasks"
    assert gazu.client.get(path, client=artist.client)
    gazu.project.remove_person_from_team(project, artist.person)
    with pytest.raises(gazu.exception.NotAllowedException):
        gazu.client.get(path, client=artist.client)
