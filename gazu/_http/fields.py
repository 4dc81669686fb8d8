"""The fields of records, for what is wrong with those that a caller sends; loaded when something is."""

import re
import sys
from typing import Any, Dict, Iterator, List, Mapping, Union

from .. import models
from ..names import UUID_PATTERN, nearest

if sys.version_info >= (3, 8):
    from typing import get_type_hints
else:
    from typing_extensions import get_type_hints

_ENTITIES = ("Asset", "Shot", "ShotSequence", "Episode", "Scene", "Edit", "Concept", "ConceptFolder", "Entity")
#: The types of the records behind a path such as `data/tasks/<id>`.
_TYPES: Dict[str, Any] = {
    "asset-instances": ("AssetInstance",),
    "asset-types": ("AssetType",),
    "assets": ("Asset",),
    "budgets": ("Budget",),
    "comments": ("Comment",),
    "concepts": ("Concept",),
    "custom-actions": ("CustomAction",),
    "day-offs": ("DayOff",),
    "departments": ("Department",),
    "edits": ("Edit",),
    "entities": _ENTITIES,
    "entity-types": ("EntityType",),
    "episodes": ("Episode",),
    "file-status": ("FileStatus",),
    "hardware-items": ("HardwareItem",),
    "metadata-descriptors": ("MetadataDescriptor",),
    "milestones": ("Milestone",),
    "organisations": ("Organisation",),
    "output-files": ("OutputFile",),
    "output-types": ("OutputType",),
    "persons": ("Person",),
    "playlists": ("Playlist",),
    "preview-background-files": ("PreviewBackgroundFile",),
    "preview-files": ("PreviewFile",),
    "project-status": ("ProjectStatus",),
    "project-templates": ("ProjectTemplate",),
    "production-schedule-version-task-links": ("ScheduleVersionTask",),
    "production-schedule-versions": ("ScheduleVersion",),
    "projects": ("Project",),
    "salary-scales": ("SalaryScale",),
    "scenes": ("Scene",),
    "schedule-items": ("ScheduleItem",),
    "sequences": ("ShotSequence",),
    "shots": ("Shot",),
    "softwares": ("Software",),
    "status-automations": ("StatusAutomation",),
    "studios": ("Studio",),
    "task-status": ("TaskStatus",),
    "task-types": ("TaskType",),
    "tasks": ("Task",),
    "time-spents": ("TimeSpent",),
    "working-files": ("WorkingFile",),
}
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
#: Fields that the server computes, so that they change between two requests.
_COMPUTED = ("first_episode_id",)


def kind_of(path: str) -> str:
    """Return the kind of record that a path is about, as `tasks`: the last part that names one; "" if no part does."""
    parts = path.split("?")[0].strip("/").split("/")
    return next((part for part in reversed(parts) if part in _TYPES), "")


def kinds() -> List[str]:
    """Return the lists of records that have types here."""
    return list(_TYPES)


def fields_of(kind: str) -> Dict[str, Any]:
    """Return the names of the fields of a kind of record, with their types."""
    found: Dict[str, Any] = {}
    for name in _TYPES.get(kind, ()):
        found.update(get_type_hints(getattr(models, name)))
    return found


def ignored_fields(path: str, row: Mapping[str, Any], answer: Mapping[str, Any], is_new: bool = False) -> str:
    """Return what to say of the fields that an update, or a new record, has and the server ignored, or "".

    A field that the server knows is in its response, or declared: computed ones come back with a record. Of some, such
    as `project_id`, it keeps the value; of lists it leaves out what exists nowhere. It refuses unknown fields of a new
    record.
    """
    parts = path.split("?")[0].strip("/").split("/")
    kind = "".join(parts[-1:] if is_new else parts[-2:-1])
    if parts[0] != "data" or kind not in _TYPES or "updated_at" not in answer:
        return ""
    known = {**fields_of(kind), **answer}
    unknown = [] if is_new or len(parts) > 3 else [name for name in row if name not in known]
    kept = [_kept(name, row[name], answer[name]) for name in row if name in answer]
    if kind == "projects" and "team" in row and not is_new and "team" not in answer and "updated_at" not in row:
        kept.append("'team': gazu.project.add_person_to_team changes it")
    shown = ", ".join(filter(None, [*(f"{name!r:.80}{nearest(name, known)}" for name in unknown), *kept]))
    return f"{'POST' if is_new else 'PUT'} {path}: the server ignored {shown}" if shown else ""


def _kept(name: str, sent: Any, stored: Any) -> str:
    """Return what to say if the server stored something else than what was *sent*, or "".

    That is a value that is fixed, a text that is not of the type of the field, or ids of records that do not exist.
    """
    if isinstance(sent, list) and isinstance(stored, list):
        ids, known = ([one.get("id") if isinstance(one, dict) else one for one in rows] for rows in (sent, stored))
        unknown = [one for one in ids if isinstance(one, str) and UUID_PATTERN.fullmatch(one) and one not in known]
        return f"{', '.join(unknown):.200} in {name!r:.80}" if unknown else ""
    if not isinstance(sent, str) or not sent or sent == stored or name in _COMPUTED:
        return ""
    if isinstance(stored, (int, float)):
        is_kept = not _NUMBER.fullmatch(sent) or float(sent) != stored
    else:
        is_kept = stored is None or name.endswith("_id") or name == "created_by"
    return f"{name!r:.80}, which stays {stored!r:.80}" if is_kept else ""


def misfits(kind: str, row: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the values of a record of this kind, judged by their types."""
    fields = fields_of(kind)
    for name, value in row.items():
        if name in fields and not _fits(value, fields[name]):
            yield f"{name}: expected {_shown(fields[name])}, got {value!r:.80}"
        elif isinstance(value, str) and name.endswith("_id") and not UUID_PATTERN.fullmatch(value):
            yield f"{name}: expected an id, got {value!r:.80}"
        elif isinstance(value, str) and name in fields and name.endswith("_date") and not _DATE.match(value):
            yield f"{name}: expected YYYY-MM-DD, got {value!r:.80}"


def _fits(value: Any, declared: Any) -> bool:
    origin = getattr(declared, "__origin__", None)
    if origin is Union:
        return any(_fits(value, one) for one in declared.__args__)
    if declared is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if declared is int:
        return isinstance(value, int) and not isinstance(value, bool)
    kind = dict if hasattr(declared, "__total__") else origin or declared
    return isinstance(value, kind) if isinstance(kind, type) else True


def _shown(declared: Any) -> str:
    """Return the name of a type, in the words of its users."""
    origin = getattr(declared, "__origin__", None)
    if origin is Union:
        return " or ".join(_shown(one) for one in declared.__args__)
    if declared is type(None):
        return "None"
    names = {str: "text", int: "a whole number", float: "a number", bool: "True or False"}
    return names.get(declared, "a list" if origin is list else "a dict")
