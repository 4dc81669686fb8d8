"""Build the add-on: `python docs/examples/blender/build.py [FOLDER]` creates FOLDER/kitsu_publish-1.0.0.zip.

It includes wheels as they come from PyPI. All are pure Python, so one file works on every system and in
every Blender from 4.2 on. gazu itself is built from this checkout.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ADDON = HERE / "kitsu_publish"
ROOT = HERE.parents[2]
PURE = (
    "--only-binary",
    ":all:",
    "--platform",
    "any",
    "--implementation",
    "py",
    "--abi",
    "none",
)


def build(folder: Path) -> Path:
    """Create the extension in *folder*, and return its path."""
    manifest = (ADDON / "blender_manifest.toml").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as wheel_folder:
        wheels = collect_wheels(Path(wheel_folder))
        names = "".join(f'    "./wheels/{wheel.name}",\n' for wheel in wheels)
        manifest = manifest.replace("wheels = []", f"wheels = [\n{names}]")
        version = re.search(r'^version = "(.+)"', manifest, re.MULTILINE)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{ADDON.name}-{version.group(1)}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("blender_manifest.toml", manifest)
            for source in sorted(ADDON.glob("*.py")):
                archive.write(source, source.name)
            for wheel in wheels:
                archive.write(wheel, f"wheels/{wheel.name}")
    return path


def collect_wheels(folder: Path, python_version: str = "3.11") -> "list[Path]":
    """Put the wheels of gazu and its dependencies into *folder*: those for this Python and newer ones."""
    with tempfile.TemporaryDirectory() as source:  # a copy: builds leave files behind, and reuse those of earlier ones
        for name in ("gazu", "pyproject.toml", "README.md", "LICENSE"):
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, Path(source, name))
        pip(folder, "wheel", "--no-deps", "--wheel-dir", ".", source)
    gazu = next(folder.glob("gazu-*.whl"))
    pip(folder, "download", "--dest", ".", *PURE, "--python-version", python_version, str(gazu))
    return sorted(folder.glob("*.whl"))


def pip(folder: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "-q", *arguments], cwd=folder, check=True)


if __name__ == "__main__":
    print(build(Path(sys.argv[1] if len(sys.argv) > 1 else "dist").resolve()))
