"""Tests of publish.py, on a real server: `pytest`, or `pytest -n 2` with pytest-xdist."""

import pytest
from publish import productions_with_reviews, publish

import gazu


@pytest.fixture
def names(gazu_project, gazu_make):
    """The names of a shot that has a task, as `publish` takes them."""
    sequence = gazu_make.sequence("SQ01")
    gazu_make.task(gazu_make.shot("SH010", sequence))
    return gazu_project["name"], "SQ01", "SH010"


def test_a_publication_is_the_next_revision(gazu_default, gazu_make, names):
    revisions = [publish(*names, gazu_make.picture())["revision"] for _ in range(2)]
    assert revisions == [1, 2]


def test_a_movie_is_processed(gazu_default, gazu_make, names):
    preview = gazu.files.wait_for_preview_file(publish(*names, gazu_make.movie()), poll_interval=0.2)
    assert (preview["status"], preview["extension"]) == ("ready", "mp4")


def test_a_wrong_name_raises(gazu_default, gazu_make, gazu_project, names):
    with pytest.raises(LookupError, match="SQ01 / SH020"):
        publish(gazu_project["name"], "SQ01", "SH020", gazu_make.picture())


def test_who_is_not_assigned_cannot_publish(gazu_default, gazu_make, names):
    gazu.set_token(gazu_make.client_as("artist").tokens)
    with pytest.raises(gazu.exception.NotAllowedException):
        publish(*names, gazu_make.picture())


def test_an_artist_publishes(gazu_default, gazu_make, gazu_project):
    artist = gazu_make.client_as("artist")
    task = gazu_make.task(gazu_make.shot("SH010", gazu_make.sequence("SQ01")), assignees=[artist.tokens["user"]])
    gazu.set_token(artist.tokens)
    publish(gazu_project["name"], "SQ01", "SH010", gazu_make.picture())
    assert gazu.task.get_task(task["id"])["task_status"]["short_name"] == "wfa"


def test_only_productions_with_reviews_are_listed(gazu_clean_server, gazu_default, gazu_make, gazu_project):
    assert productions_with_reviews() == []
    gazu_make.preview()
    assert productions_with_reviews() == [gazu_project["name"]]
