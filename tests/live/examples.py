"""What the examples of the docstrings start from: `docs/reference/index.md` says the same to readers."""

import struct
import zlib
from pathlib import Path
from typing import Any, Dict

import gazu

#: Names that are unique on a real server, and what the examples call them.
PROJECT, EMAIL = "Caminandes", "jane@example.com"
SITE, PASSWORD = "https://kitsu.example.com", "password"


def picture(path: Path, width: int = 32, height: int = 18) -> None:
    """Write a gray PNG."""
    rows = (b"\0" + b"\x80" * width) * height
    chunks = [
        (b"IHDR", struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def jane(email: str) -> Any:
    """Return Jane, an administrator."""
    return gazu.person.new_person("Jane", "Doe", email, role="admin", password=PASSWORD)


def production(name: str, person: Any) -> Dict[str, Any]:
    """Make the production of the examples, and return its records by the names that the examples use."""
    asset_type = gazu.asset.new_asset_type("Characters")
    task_type = gazu.task.new_task_type("Animation", for_entity="Shot")
    modeling = gazu.task.new_task_type("Modeling", for_entity="Asset")
    todo, wip = map(gazu.task.get_task_status_by_short_name, ("todo", "wip"))
    types = {"asset_types": [asset_type], "task_types": [task_type, modeling]}
    project = gazu.project.new_project(name, "tvshow", team=[person], **types)
    gazu.files.update_project_file_tree(project, gazu.file_trees.BY_NAME["simple"])
    (episode,) = gazu.shot.all_episodes_for_project(project)
    sequence = gazu.shot.new_sequence(project, "SQ01", episode)
    shot = gazu.shot.new_shot(project, sequence, "SH010", nb_frames=120, frame_in=1001, frame_out=1120)
    gazu.shot.new_shot(project, sequence, "SH020", nb_frames=48)
    asset = gazu.asset.new_asset(project, asset_type, "Koro")
    gazu.casting.update_shot_casting(project, shot, [{"asset_id": asset["id"]}])
    task = gazu.task.new_task(shot, task_type, assignees=[person])
    gazu.task.new_task(asset, modeling)
    picture(Path("v1.png"))
    comment = gazu.task.add_comment(task, wip, "First version")
    preview = gazu.task.add_preview(task, comment, "v1.png")
    playlist = gazu.playlist.new_playlist(project, "Dailies", episode)
    gazu.playlist.add_entity_to_playlist(playlist, shot, preview)
    return {name: value for name, value in locals().items() if name not in ("name", "modeling", "types")}
