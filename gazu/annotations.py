"""The frames of annotations, and whether the server changed the annotations of a preview as asked for."""

import json
from typing import Any, Dict, List, Mapping, Union

from .encoder import encode
from .helpers import warn


def frame_number_at(time: Union[str, float], fps: Union[str, float]) -> int:
    """Return the frame at a time in seconds, from 1, as the server finds it; text is a number, fps with , or ."""
    return max(1, round(float(time) * float(str(fps).replace(",", "."))) + 1)


def warn_of_unchanged(changes: Mapping[str, List[Any]], row: Any) -> None:
    """Warn of the drawn objects that are not as asked for in the preview file that the server returned."""
    if not isinstance(row, Mapping) or not isinstance(row.get("annotations"), list):
        return
    wanted: Dict[Any, Any] = {}
    for name in ("additions", "updates"):
        for note in json.loads(encode(changes.get(name, []))):
            objects = [one for one in _objects_of(note) if name == "updates" or one.get("id")]
            wanted.update({(note.get("time"), one.get("id")): one for one in objects})
    for note in changes.get("deletions", []):
        ids = note.get("objects") if isinstance(note, Mapping) else None
        ids = [one.get("id") if isinstance(one, Mapping) else one for one in ids or []]
        wanted.update({(note["time"], one): None for one in ids})
    there = {(note.get("time"), one.get("id")): one for note in row["annotations"] for one in _objects_of(note)}
    kept = {id for _, id in there}
    wrong = [key for key, one in wanted.items() if (key[1] in kept if one is None else there.get(key) != one)]
    if wrong:
        names = ", ".join(f"{id!s:.40} at {time!r:.20}" for time, id in wrong)
        warn(f"annotations that the server did not change: {names:.800}; compare times and ids with the preview file")


def _objects_of(note: Any) -> List[Any]:
    """Return the objects of a drawing."""
    drawing = note.get("drawing") if isinstance(note, Mapping) else None
    objects = drawing.get("objects") if isinstance(drawing, Mapping) else None
    return [one for one in objects or [] if isinstance(one, Mapping)]
