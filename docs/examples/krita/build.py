"""Build the plug-in: `python docs/examples/krita/build.py [FOLDER]` creates FOLDER/kitsu_publish.zip.

It includes gazu, from this checkout, and its dependencies as they come from PyPI. All are pure Python, so one file
works on every system, in Krita 5 with Python 3.8 or newer.
"""

import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent
sys.path.insert(0, str(EXAMPLES / "blender"))
from build import collect_wheels  # noqa: E402

SHARED = (EXAMPLES / "blender" / "kitsu_publish" / "kitsu.py", EXAMPLES / "qt" / "publish_dialog.py")


def build(folder: Path) -> Path:
    """Create the plug-in in *folder*, and return its path."""
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as wheel_folder:
        module = Path(made, "kitsu_publish")
        shutil.copytree(HERE / "kitsu_publish", module, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(HERE / "kitsu_publish.desktop", made)
        for source in SHARED:
            shutil.copy(source, module)
        for wheel in collect_wheels(Path(wheel_folder), python_version="3.8"):
            zipfile.ZipFile(wheel).extractall(module / "vendor")
        # With entries for folders: without them, Krita finds no plug-in in the file.
        return Path(shutil.make_archive(str(folder / "kitsu_publish"), "zip", made))


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "dist").resolve()
    target.mkdir(parents=True, exist_ok=True)
    print(build(target))
