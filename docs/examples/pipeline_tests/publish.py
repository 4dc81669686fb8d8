"""A small part of a studio's pipeline: publish a movie of a shot, and list productions that wait for review."""

from typing import Any, List

import gazu


def publish(production: str, sequence: str, shot: str, movie: str, task_type: str = "Animation") -> Any:
    """Publish *movie* as the next revision of the shot and request a review; return the preview file."""
    task = find_task(production, sequence, shot, task_type)
    status = gazu.task.get_task_status_by_short_name("wfa")
    _, preview = gazu.task.publish_preview(task, status, f"{shot} is ready", preview_file_path=movie)
    return preview


def find_task(production: str, sequence: str, shot: str, task_type: str) -> Any:
    """Return the task; raise LookupError if there is none."""
    project = gazu.project.get_project_by_name(production)
    found = project and gazu.shot.get_sequence_by_name(project, sequence)
    found = found and gazu.shot.get_shot_by_name(found, shot)
    kind = gazu.task.get_task_type_by_name(task_type, for_entity="Shot")
    task = found and kind and gazu.task.get_task_by_entity(found, kind)
    if not task:
        raise LookupError(f"there is no {task_type} of {production} / {sequence} / {shot}")
    return task


def productions_with_reviews() -> List[str]:
    """Return the names of the open productions with tasks that wait for review."""
    waiting = gazu.task.get_task_status_by_short_name("wfa")["id"]
    open_ones = gazu.project.all_open_projects()
    return [
        project["name"]
        for project in open_ones
        if any(task["task_status_id"] == waiting for task in gazu.task.all_tasks_for_project(project))
    ]
