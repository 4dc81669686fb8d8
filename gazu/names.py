"""Errors for a name that stands where an id belongs: they name the function that finds a record by its name."""

import re
from contextlib import contextmanager
from typing import Any, Iterator

from .exception import GazuException

UUID_PATTERN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
#: By the kind of a record, as in names of parameters: the call that finds one by its name.
_BY_NAME = {
    "asset": "asset.get_asset_by_name(project, {})",
    "asset-instance": "scene.get_asset_instance_by_name(scene, {})",
    "asset-type": "asset.get_asset_type_by_name({})",
    "concept": "concept.get_concept_by_name(project, {})",
    "department": "person.get_department_by_name({})",
    "edit": "edit.get_edit_by_name(project, {})",
    "entity": "entity.get_entity_by_name({})",
    "entity-type": "entity.get_entity_type_by_name({})",
    "episode": "shot.get_episode_by_name(project, {})",
    "file-status": "files.get_file_status_by_name({})",
    "output-file": "files.get_output_file_by_path({})",
    "output-type": "files.get_output_type_by_name({})",
    "person": "person.get_person_by_full_name({})",
    "playlist": "playlist.get_playlist_by_name(project, {})",
    "project": "project.get_project_by_name({})",
    "project-template": "project_template.get_project_template_by_name({})",
    "scene": "scene.get_scene_by_name(sequence, {})",
    "sequence": "shot.get_sequence_by_name(project, {})",
    "shot": "shot.get_shot_by_name(sequence, {})",
    "software": "files.get_software_by_name({})",
    "studio": "studio.get_studio_by_name({})",
    "task": "task.get_task_by_name(entity, task_type, {})",
    "task-status": "task.get_task_status_by_name({})",
    "task-type": "task.get_task_type_by_name({})",
}
#: Statuses of Zou for an id that is no UUID, by route.
_REFUSED = (400, 404, 422, 500)


def composed(text: str) -> str:
    """Return *text* with accents and letters in one (NFC): names of files on macOS may have them apart."""
    if text.isascii():
        return text
    import unicodedata

    return unicodedata.normalize("NFC", text)


def name_hint(kind: str, value: Any) -> str:
    """Return " (that looks like a name: ...)", or "" if *value* is no text, or is an id.

    Args:
        kind: the kind of record: the name of a parameter, or of a list of the server.
    """
    if not isinstance(value, str) or not value.strip() or UUID_PATTERN.fullmatch(value):
        return ""
    kind = re.sub(r"_ids?$", "", kind).replace("_", "-")
    call = next((_BY_NAME[one] for one in (kind, kind[:-1], f"{kind[:-3]}y") if one in _BY_NAME), None)
    if call == _BY_NAME["person"] and "@" in value:
        call = "person.get_person_by_email({})"
    return f" (that looks like a name: gazu.{call.format(repr(value))})" if call else ""


@contextmanager
def hint_at_name(kind: str, value: Any) -> Iterator[None]:
    """Say in the server's refusal of *value* as an id that it looks like a name."""
    try:
        yield
    except GazuException as error:
        if error.status_code in _REFUSED and error.args:
            error.args = (*error.args[:-1], f"{error.args[-1]}{name_hint(kind, value)}")
        raise
