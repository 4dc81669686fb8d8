"""Tests of publish.py: recorded on a real server by `pytest --gazu-record`, replayed without one by `pytest`."""

from typing import Tuple

import pytest
from gazu_sandbox.factory import Make
from publish import productions_with_reviews, publish

import gazu
from gazu.client import KitsuClient
from gazu.models import Project

pytestmark = pytest.mark.usefixtures("gazu_recorded")
Names = Tuple[str, str, str]


@pytest.fixture
def names(gazu_project: Project, gazu_make: Make) -> Names:
    """The names of a shot that has a task, as `publish` takes them."""
    sequence = gazu_make.sequence("SQ01")
    gazu_make.task(gazu_make.shot("SH010", sequence))
    return gazu_project["name"], "SQ01", "SH010"


def test_a_publication_is_the_next_revision(gazu_default: KitsuClient, gazu_make: Make, names: Names) -> None:
    revisions = [publish(*names, gazu_make.picture())["revision"] for _ in range(2)]
    assert revisions == [1, 2]


def test_a_movie_is_processed(gazu_default: KitsuClient, gazu_make: Make, names: Names) -> None:
    preview = gazu.files.wait_for_preview_file(publish(*names, gazu_make.movie()), poll_interval=0.2)
    assert (preview["status"], preview["extension"]) == ("ready", "mp4")


def test_a_wrong_name_raises(gazu_default: KitsuClient, gazu_make: Make, gazu_project: Project, names: Names) -> None:
    with pytest.raises(LookupError, match="SQ01 / SH020"):
        publish(gazu_project["name"], "SQ01", "SH020", gazu_make.picture())


def test_who_is_not_assigned_cannot_publish(gazu_default: KitsuClient, gazu_make: Make, names: Names) -> None:
    gazu.set_token(gazu_make.client_as("artist").tokens)
    with pytest.raises(gazu.exception.NotAllowedException):
        publish(*names, gazu_make.picture())


def test_an_artist_publishes(gazu_default: KitsuClient, gazu_make: Make, gazu_project: Project) -> None:
    artist = gazu_make.client_as("artist")
    task = gazu_make.task(gazu_make.shot("SH010", gazu_make.sequence("SQ01")), assignees=[artist.tokens["user"]])
    gazu.set_token(artist.tokens)
    publish(gazu_project["name"], "SQ01", "SH010", gazu_make.picture())
    assert gazu.task.get_task(task["id"])["task_status"]["short_name"] == "wfa"


def test_only_productions_with_reviews_are_listed(
    gazu_clean_server: object, gazu_default: KitsuClient, gazu_make: Make, gazu_project: Project
) -> None:
    assert productions_with_reviews() == []
    gazu_make.preview()
    assert productions_with_reviews() == [gazu_project["name"]]
