"""Functions in the roles that may not call them, on Zou 1.0.97, where no other test shows it."""

from types import SimpleNamespace
from typing import Any, Callable

import pytest

import gazu
from gazu.exception import NotAllowedException

Unique = Callable[[str], str]
#: Roles, from the least that one may do to the most.
ROLES = ("client", "vendor", "artist", "supervisor", "manager")


@pytest.fixture
def studio(gazu_make: Any) -> Any:
    """A production with some of everything, and a client of each role in its team."""
    shot = gazu_make.shot()
    return SimpleNamespace(
        project=gazu_make.project,
        shot=shot,
        task=gazu_make.task(shot),
        as_role={role: gazu_make.client_as(role) for role in ROLES},
    )


def allowed(studio: Any, call: Callable[[Any], Any]) -> str:
    """Return the roles in which *call* is not refused."""
    roles = []
    for role in ROLES:
        try:
            call(studio.as_role[role])
        except NotAllowedException:
            continue
        roles.append(role)
    return " ".join(roles)


def test_concept_folders(studio: Any) -> None:
    project, concept = studio.project, gazu.concept.new_concept(studio.project, "Oak")
    trees = gazu.concept.new_concept_folder(project, "Trees")
    read, write = "artist supervisor manager", "supervisor manager"
    assert allowed(studio, lambda one: gazu.concept.all_concept_folders_for_project(project, client=one)) == read
    assert allowed(studio, lambda one: gazu.concept.get_concept_folder_by_name(project, "Trees", client=one)) == read
    assert allowed(studio, lambda one: gazu.concept.move_concepts(project, [concept], trees, client=one)) == write
    names = iter(ROLES)
    assert allowed(studio, lambda one: gazu.concept.new_concept_folder(project, next(names), client=one)) == write
    renamed = {"id": trees["id"], "name": "Woods"}
    assert allowed(studio, lambda one: gazu.concept.update_concept_folder(renamed, client=one)) == write
    for name in ("supervisor", "manager"):
        made = gazu.concept.get_concept_folder_by_name(project, name)
        assert made and made["name"] == name
        refused, may = studio.as_role["artist"], studio.as_role[name]
        with pytest.raises(NotAllowedException):
            gazu.concept.remove_concept_folder(made, client=refused)
        gazu.concept.remove_concept_folder(made, client=may)
    assert [row["name"] for row in gazu.concept.all_concept_folders_for_project(project)] == ["Woods"]


def test_lists_of_the_whole_server(studio: Any) -> None:
    """Rows of a table are for admins, with few exceptions; of tasks, each sees those of the own productions."""
    assert allowed(studio, lambda one: list(gazu.client.fetch_each("shots", client=one))) == ""
    assert allowed(studio, lambda one: gazu.client.fetch_page("shots", client=one)) == ""
    assert allowed(studio, lambda one: gazu.query.count("shots", client=one)) == ""
    assert allowed(studio, lambda one: gazu.query.find_one("shots", client=one)) == ""
    assert allowed(studio, lambda one: list(gazu.query.find_each("shots", client=one))) == ""
    assert allowed(studio, lambda one: gazu.query.summarize("shots", client=one)) == ""
    seen = {role: gazu.task.all_tasks(client=one) for role, one in studio.as_role.items()}
    assert {role: [row["id"] for row in rows] for role, rows in seen.items()} == {
        role: [] if role == "vendor" else [studio.task["id"]] for role in ROLES
    }


def test_tables_of_the_studio(studio: Any, unique: Unique) -> None:
    assert allowed(studio, lambda one: gazu.studio.new_studio(unique("Studio"), "#aaaaaa", client=one)) == ""
    everybody = " ".join(ROLES)
    assert allowed(studio, lambda one: gazu.files.all_file_statuses(client=one)) == everybody
    assert allowed(studio, lambda one: gazu.files.all_preview_background_files(client=one)) == everybody


def test_what_a_client_does_not_see_of_a_task(gazu_make: Any) -> None:
    """The server keeps who works on it and until when from clients: as values, so that no key is missing."""
    artist = gazu_make.person("artist")
    task = gazu_make.task(gazu_make.shot(), assignees=[artist])
    gazu.task.update_task(
        {"id": task["id"], "estimation": 480, "priority": 2, "difficulty": 4, "due_date": "2026-11-30"}
    )
    (row,) = gazu.task.all_tasks(client=gazu_make.client_as("client"))
    hidden = ("estimation", "priority", "difficulty", "due_date", "duration")
    assert row["id"] == task["id"] and [row[name] for name in hidden] == [0, 0, None, None, 0]  # type: ignore[literal-required]
