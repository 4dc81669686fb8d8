"""
The recorded cases: what the client of earlier releases sent, and what it made of the answers.

Where we do something else on purpose, docs/explanation/differences.md says why, and the case must
differ: a row that is out of date fails as well.
"""

import fnmatch
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest

import gazu

from ..answers import is_shaped
from .compare import differences
from .hosts import Hosts
from .player import Player, environment

FOLDER = Path(__file__).parent / "cases"
DOCUMENT = Path(__file__).parents[2] / "docs" / "explanation" / "differences.md"
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*gazu:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::gazu.exception.GazuWarning"),  # the responses are not those to what was sent
]


def cases() -> List[Dict[str, Any]]:
    records = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    return [case for record in records for case in record.get("cases", [])]


def documented() -> List[str]:
    """Return the ids, or patterns of ids, of the cases in which we differ."""
    return re.findall(r"^\| `([^`]+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)


CASES = cases()
DIFFERENT = documented()


@pytest.fixture(scope="module")
def hosts() -> Iterator[Hosts]:
    running = Hosts()
    yield running
    running.close()


@pytest.fixture
def fresh(monkeypatch: Any, tmp_path: Path) -> Iterator[Path]:
    """A client, a cache and a working folder as a new process has them."""
    client = gazu.client.default_client
    before = dict(client.__dict__)
    (tmp_path / "start").mkdir()
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    client.__dict__.clear()
    client.__dict__.update(gazu.client.KitsuClient("http://gazu.change.serverhost/api").__dict__)
    settings = [(store, dict(store.state)) for store in gazu.cache._stores]
    for store in gazu.cache._stores:
        store.clear()
        store.clear_counts()
    yield tmp_path
    gazu.cache.disable()
    gazu.cache.clear_all()
    for store, state in settings:
        store.state.update(state)
    client.__dict__.clear()
    client.__dict__.update(before)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_recorded(case: Dict[str, Any], hosts: Hosts, fresh: Path) -> None:
    player = Player(case, hosts, fresh)
    hosts.begin(case, str(player.work))
    here = os.getcwd()
    (fresh / "work").mkdir()
    os.chdir(str(fresh / "work"))
    try:
        outcome = player.play(case["steps"])
    finally:
        os.chdir(here)
        player.close()
    found = differences(case, hosts.log, outcome)
    if any(fnmatch.fnmatchcase(case["id"], pattern) for pattern in DIFFERENT):
        assert found, "this case is as it was recorded: take it out of the list of differences"
    else:
        assert not found, "\n".join(found)


def test_each_difference_is_one_of_a_case() -> None:
    ids = [case["id"] for case in CASES]
    assert not [pattern for pattern in DIFFERENT if not fnmatch.filter(ids, pattern)]


#: Functions for which the recorder made up a list where the server has a dict, or the reverse: the live tests
#: check their types on the real one.
MADE_UP = {
    "asset.all_asset_instances_for_asset", "asset.all_asset_instances_for_shot",
    "asset.all_scene_asset_instances_for_asset", "asset.all_shot_asset_instances_for_asset", "casting.cast_asset",
    "casting.get_asset_type_casting", "casting.uncast_asset", "concept.all_previews_for_concept",
    "edit.all_previews_for_edit", "files.update_preview_position", "playlist.generate_temp_playlist",
    "project.get_project", "project.get_project_person_quotas", "project.get_project_quotas",
    "project.reorder_metadata_descriptors", "scene.all_asset_instances_for_scene",
    "scene.all_camera_instances_for_scene", "shot.all_asset_instances_for_shot", "shot.all_previews_for_shot",
    "shot.get_asset_instances_for_shot", "task.all_open_tasks", "task.remove_tasks_batch", "user.all_filter_groups",
    "user.all_filters", "user.mark_all_notifications_as_read", "person.change_password_for_person",
    "task.clear_assignations", "task.get_open_tasks_stats",
}  # fmt: skip


@pytest.mark.skipif(sys.version_info < (3, 9), reason="older Pythons do not tell what a type is made of")
def test_recorded_answers_are_what_the_functions_declare() -> None:
    wrong = set()
    for case in CASES:
        for step, expected in zip(case["steps"], case["expect"]["results"]):
            name, value = step.get("call", "").replace("gazu.", "", 1), expected.get("return", ...)
            special = isinstance(value, dict) and any(key.startswith("$") for key in value)
            if value is ... or special or not step.get("call", "").startswith("gazu."):
                continue
            function = gazu
            for part in name.split("."):
                function = getattr(function, part)
            declared = getattr(function, "__annotations__", {}).get("return", Any)
            if not is_shaped(value, declared):
                wrong.add(name)
    assert wrong == MADE_UP
