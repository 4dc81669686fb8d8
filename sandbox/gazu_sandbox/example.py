"""The production that the pages of the documentation start from, on the sandbox that runs.

from gazu_sandbox.example import movie, production

made = production()
movie("take1.mp4")
"""

import os
import uuid
from pathlib import Path
from typing import Any, Dict, List, NamedTuple

import gazu
from gazu.models import Asset, EntityType, Project, Shot, ShotSequence, Task

from .demo import draw
from .folders import cache_folder, running


class Example(NamedTuple):
    """A production with two shots and an asset, and a task on each."""

    project: Project
    sequence: ShotSequence
    shots: List[Shot]
    asset_type: EntityType
    asset: Asset
    tasks: List[Task]

    @property
    def shot(self) -> Shot:
        """The first shot."""
        return self.shots[0]

    @property
    def task(self) -> Task:
        """The task of the first shot."""
        return self.tasks[0]


def connect() -> None:
    """Log the default client in to the sandbox that runs, unless it is logged in already."""
    if not gazu.client.default_client.access_token:
        box = _running()
        gazu.set_host(box["host"])
        gazu.set_event_host(box["event_host"])
        gazu.log_in(box["email"], box["password"])


def production(name: str = "Big Buck Bunny", kind: str = "short") -> Example:
    """Make a production, whose team has the user, and return what is in it; an earlier one gets another name."""
    connect()
    rename_earlier(name)
    project = gazu.project.new_project(name, kind)
    gazu.project.update_project({"id": project["id"], "resolution": "320x180"})  # quickly encoded
    gazu.project.add_person_to_team(project, gazu.client.get_current_user())
    sequence = gazu.shot.new_sequence(project, "SQ01")
    shots = [gazu.shot.new_shot(project, sequence, one, nb_frames=48) for one in ("SH010", "SH020")]
    asset_type = gazu.asset.new_asset_type("Characters")
    asset = gazu.asset.new_asset(project, asset_type, "Rabbit")
    animation = gazu.task.new_task_type("Animation", for_entity="Shot")
    modeling = gazu.task.new_task_type("Modeling", for_entity="Asset")
    tasks = [gazu.task.new_task(entity, animation) for entity in shots] + [gazu.task.new_task(asset, modeling)]
    return Example(project, sequence, shots, asset_type, asset, tasks)


def rename_earlier(name: str) -> None:
    """Give another name to what an earlier run has made."""
    for project in gazu.project.all_projects():
        if project["name"] == name:
            gazu.project.update_project({"id": project["id"], "name": f"{name} {uuid.uuid4().hex}"})


def picture(path: str) -> str:
    """Make a picture, and return its path."""
    draw(_ffmpeg(), "-vf", "scale=320:180", "-frames:v", "1", "-y", Path(path))
    return path


def movie(path: str) -> str:
    """Make a movie of half a second, and return its path."""
    draw(_ffmpeg(), "-vf", "scale=320:180", "-t", "0.5", "-pix_fmt", "yuv420p", "-y", Path(path))
    return path


def _ffmpeg() -> str:
    return os.environ.get("GAZU_SANDBOX_FFMPEG") or str(_running()["ffmpeg"])


def _running() -> Dict[str, Any]:
    return running(cache_folder(), None)
