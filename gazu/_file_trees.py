"""The file trees that servers used to keep under a name, for `files.set_project_file_tree`."""

import re
from typing import Any, Dict, Mapping

_FOLDERS = {
    "shot": "shots/<Sequence>/<Shot>",
    "asset": "assets/<AssetType>/<Asset>",
    "sequence": "sequences/<Sequence>",
    "scene": "scenes/<Sequence>/<Scene>",
    "episode": "episodes/<Episode>",
}
_OF_INSTANCE = "<TaskType>/<OutputType>/<AssetType>/<Asset>/instance_<Instance.number>/<Representation>"
_INSTANCE_FOLDERS = {
    "instance_asset": "<Project>/assets/<TemporalEntityType>/<TemporalEntity>/" + _OF_INSTANCE,
    "instance": "<Project>/<TemporalEntityType>/<Sequence>/<TemporalEntity>/" + _OF_INSTANCE,
}
_INSTANCE_END = "<TaskType>_<OutputType>_<Name>_<Instance.name>_v<Version>"
_INSTANCE_NAMES = {
    "instance_asset": "<Project>_<TemporalEntityType>_<TemporalEntity>_" + _INSTANCE_END,
    "instance": "<Project>_<Sequence>_<TemporalEntity>_" + _INSTANCE_END,
}
_LOWER = {"style": "lowercase"}
_NONE: Mapping[str, str] = {}


def _mode(
    root: str,
    folder: str,
    name: str,
    middles: Mapping[str, str] = _NONE,
    folders: Mapping[str, str] = _NONE,
    names: Mapping[str, str] = _NONE,
) -> Dict[str, Any]:
    """Return a mode of a tree.

    Args:
        folder: below the folder of an entity, where its files are.
        name: what their names end with.
        middles: what the names of these kinds have before that; else it is the tokens of their folders.
        folders: the whole folder templates of these kinds.
        names: the whole name templates of these kinds.
    """
    tokens = {kind: "_".join(re.findall("<.*?>", place)) for kind, place in _FOLDERS.items()}
    paths = {kind: f"<Project>/{place}/{folder}" for kind, place in _FOLDERS.items()}
    files = {kind: f"<Project>_{middle}_{name}" for kind, middle in {**tokens, **middles}.items()}
    templates = {"folder_path": {**paths, **folders, **_LOWER}, "file_name": {**files, **names, **_LOWER}}
    return {"mountpoint": "/simple", "root": root, **templates}


_SCENE = {"scene": "<Scene>"}
_PREVIEWS = "productions/previews"
NAMED: Dict[str, Dict[str, Any]] = {
    "default": {
        "working": _mode("productions", "<TaskType>", "<TaskType>", {"shot": "<Shot>"}),
        "output": _mode("productions/export", "<OutputType>", "<OutputType>_<OutputFile>"),
        "preview": _mode(
            _PREVIEWS, "<TaskType>", "<TaskType>", _SCENE, {"scene": "<Project>/scene/<Scene>/<TaskType>"}
        ),
    },
    "simple": {
        "working": _mode("productions", "<TaskType>/<Software>", "<TaskType>_<Name>_v<Version>", _SCENE),
        "output": _mode(
            "productions/export",
            "<TaskType>/<OutputType>",
            "<TaskType>_<OutputType>_<Name>_v<Version>",
            _SCENE,
            _INSTANCE_FOLDERS,
            _INSTANCE_NAMES,
        ),
        "preview": _mode(_PREVIEWS, "<TaskType>", "<TaskType>", _SCENE),
    },
}
