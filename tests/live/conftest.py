"""
One real server for all live tests: the sandbox, or with GAZU_LIVE_HOST one that runs already.

The tests share its database, so each makes the production that it needs.
"""

import os
import uuid
from types import SimpleNamespace
from typing import Any, Callable, Iterator

import pytest

import gazu
from gazu.client import KitsuClient


@pytest.fixture(scope="session")
def box() -> Iterator[Any]:
    """The running server: host, event_host, email, password, ffmpeg."""
    host = os.environ.get("GAZU_LIVE_HOST")
    if host:
        yield SimpleNamespace(
            host=host,
            event_host=os.environ["GAZU_LIVE_EVENT_HOST"],
            email=os.environ.get("GAZU_LIVE_EMAIL", "admin@example.com"),
            password=os.environ.get("GAZU_LIVE_PASSWORD", "mysecretpassword"),
            ffmpeg=os.environ.get("GAZU_LIVE_FFMPEG", "ffmpeg"),
        )
        return
    from gazu.sandbox import Sandbox

    with Sandbox() as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def admin(box: Any) -> Iterator[KitsuClient]:
    """The default client, logged in as the administrator."""
    gazu.set_host(box.host)
    gazu.set_event_host(box.event_host)
    gazu.log_in(box.email, box.password)
    yield gazu.client.default_client


@pytest.fixture
def unique() -> Callable[[str], str]:
    """Make names that no other test has used."""
    return lambda name: f"{name} {uuid.uuid4().hex[:8]}"


@pytest.fixture
def project(admin: KitsuClient, unique: Callable[[str], str]) -> Any:
    """A new TV show, with the administrator in its team."""
    project = gazu.project.new_project(unique("Show"), production_type="tvshow")
    gazu.project.add_person_to_team(project, gazu.client.get_current_user())
    return project
