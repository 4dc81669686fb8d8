"""The extension of the page within the real Inkscape, which needs a display for it, and shows nothing."""

import subprocess
import zipfile
from pathlib import Path
from typing import Any

import gazu

from ..live.pages import blocks
from .screen import require

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "inside-a-dcc.md"
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="36"><rect width="64" height="36" fill="red"/></svg>'
)


def test_extension_publishes_the_drawing(plug_in: Path, screen: Any, artist: Any, tmp_path: Path) -> None:
    require({"inkscape": "inkscape"})
    folder = tmp_path / "inkscape" / "extensions"
    folder.mkdir(parents=True)
    found = blocks(PAGE.read_text(encoding="utf-8"))
    (described,) = [block.code for block in found if block.language == "xml"]
    (script,) = [block.code for block in found if block.code.startswith("# kitsu_publish.py")]
    (folder / "kitsu_publish.inx").write_text(described.replace("></param>", f">{artist.task['id']}</param>"))
    (folder / "kitsu_publish.py").write_text(script)
    with zipfile.ZipFile(plug_in) as archive:  # the plug-in of Krita has the same folder
        archive.extractall(tmp_path)
    (tmp_path / "kitsu_publish" / "vendor").rename(folder / "vendor")
    drawing = tmp_path / "draw.svg"
    drawing.write_text(DRAWING)
    session = {"GAZU_HOST": artist.host, "GAZU_EMAIL": artist.email, "GAZU_PASSWORD": artist.password}
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "INKSCAPE_PROFILE_DIR": str(tmp_path / "inkscape")}
    done = subprocess.run(
        ["inkscape", "--batch-process", "--actions=org.example.kitsu-publish.noprefs", str(drawing)],
        env={**environment, **session, **screen.environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    (comment,) = gazu.task.all_comments_for_task(artist.task, client=artist.client)
    (preview,) = comment["previews"]
    preview = gazu.files.wait_for_preview_file(preview, 60, 0.2, client=artist.client)
    assert [preview["status"], preview["width"], preview["height"]] == ["ready", 64, 36], done.stdout
