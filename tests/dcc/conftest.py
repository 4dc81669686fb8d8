"""Somebody with a task, on the real server."""

import uuid
from types import SimpleNamespace
from typing import Any, Iterator

import pytest

import gazu


@pytest.fixture
def artist(gazu_server: Any) -> Iterator[Any]:
    """An artist with a task: `email`, `password`, `task`; and `client`, of the administrator."""
    name, password = uuid.uuid4().hex[:6], "not a secret"
    with gazu.create_session(gazu_server.host, gazu_server.email, gazu_server.password) as client:
        project = gazu.project.new_project(f"Show {name}", client=client)
        person = gazu.person.new_person("Ann", name, f"{name}@example.com", password=password, client=client)
        gazu.project.add_person_to_team(project, person, client=client)
        sequence = gazu.shot.new_sequence(project, "SQ01", client=client)
        shot = gazu.shot.new_shot(project, sequence, "SH010", client=client)
        kind = gazu.task.new_task_type(f"Lighting {name}", for_entity="Shot", client=client)
        task = gazu.task.new_task(shot, kind, assignees=[person["id"]], client=client)
        yield SimpleNamespace(email=person["email"], password=password, task=task, host=gazu_server.host, client=client)
        gazu.person.update_person({"id": person["id"], "active": False}, client=client)
