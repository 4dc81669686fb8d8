"""Hints for names that are wrong: in the place of an id, they tell what finds the record; else the nearest name."""

import re
from typing import Any, Iterable, Mapping, Optional

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
#: Statuses of Zou for an id that is not a UUID, by route.
_REFUSED = (400, 404, 422, 500)


def composed(text: str) -> str:
    """Return *text* with accents and letters in one (NFC): names of files on macOS may have them apart."""
    if text.isascii():
        return text
    import unicodedata

    return unicodedata.normalize("NFC", text)


def name_hint(kind: str, value: Any) -> str:
    """Return what to do with a name, or with None, in the place of a record; "" if *value* is anything else.

    Args:
        kind: the kind of record: the name of a parameter, or of a list of the server.
    """
    if value is not None and (not isinstance(value, str) or not value.strip() or UUID_PATTERN.fullmatch(value)):
        return ""
    kind = re.sub(r"_ids?$", "", kind).replace("_", "-")
    call = next((_BY_NAME[one] for one in (kind, kind[:-1], f"{kind[:-3]}y") if one in _BY_NAME), None)
    if value is None:
        found = f" gazu.{call.split('(')[0]} returns None then" if call else ""
        return f"was nothing found by that name?{found}"
    if call == _BY_NAME["person"] and "@" in value:
        call = "person.get_person_by_email({})"
    return f"that looks like a name: gazu.{call.format(repr(value))}" if call else ""


def nearest(name: Any, names: Iterable[Any], shown: Optional[Mapping[str, str]] = None) -> str:
    """Return ": did you mean '...'?" with the nearest of some names, or ""; *shown* has what to say for each."""
    import difflib  # loaded when it is needed

    close = difflib.get_close_matches(str(name), [str(one) for one in names], 1)
    return f": did you mean {(shown or {}).get(close[0], close[0])!r}?" if close else ""


class NameHint:
    """Say in the server's refusal of *value* as an id that it looks like a name; a context."""

    __slots__ = ("kind", "value")

    def __init__(self, kind: str, value: Any) -> None:
        self.kind, self.value = kind, value

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if isinstance(error, GazuException) and error.status_code in _REFUSED:
            error.hint = name_hint(self.kind, self.value) or error.hint
