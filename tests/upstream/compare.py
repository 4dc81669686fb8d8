"""Compare a release of upstream with this library: `python -m tests.upstream.compare 1.3.1`.

It installs the release from the package index into an environment of its own, imports it there, and compares names, parameters
and defaults. It reads no source. The exit status is 1 if there is a difference that is not in AGREED.
"""

import importlib
import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

from .names import described

#: Differences that are meant, and why.
AGREED = {
    "gazu.cli.": "commands and their helpers have options of their own",
    "gazu.asset.export_assets_with_csv: assigned_to": "assigned_to_me is in its place, and takes a person too",
    "gazu.shot.export_shots_with_csv: assigned_to": "assigned_to_me is in its place, and takes a person too",
    **dict.fromkeys(
        [f"gazu.{one}: use_refresh_token" for one in ("create_session", "aio.create_session", "client.create_client")],
        "these sessions renew their token, as that of the default client always did",
    ),
    **dict.fromkeys(
        [
            "gazu.playlist.get_build_job:",
            "gazu.playlist.remove_build_job:",
            "gazu.task.delete_comment_attachment:",
            "gazu.task.delete_comment_reply:",
            "gazu.task.remove_preview_from_comment:",
            "gazu.task.remove_tasks_batch:",
            "gazu.task.reply_to_comment:",
        ],
        "the first parameter may be left out, as in other releases: both orders are taken",
    ),
}


def names_of_release(version: str) -> Dict[str, Dict[str, Any]]:
    """Return modules, names and parameters of a release, by import in an environment of its own."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder) / ("Scripts" if sys.platform == "win32" else "bin") / "python")
        command = [python, "-m", "pip", "install", "-q", f"gazu[async,cli]=={version}"]
        subprocess.run(command, check=True, stdout=sys.stderr)
        script = Path(__file__).with_name("names.py")
        ran = subprocess.run([python, "-I", str(script)], check=True, stdout=subprocess.PIPE, cwd=folder)
        found: Dict[str, Dict[str, Any]] = json.loads(ran.stdout.decode())
        return found


def differences(theirs: Dict[str, Dict[str, Any]]) -> Iterator[str]:
    """Yield a line for each name that we lack, and each function that we bind differently."""
    for module, names in sorted(theirs.items()):
        try:
            ours: Any = importlib.import_module(module)
        except ImportError:
            yield f"{module}: missing"
            continue
        for name, parameters in sorted(names.items()):
            if not hasattr(ours, name):
                yield f"{module}.{name}: missing"
            elif parameters is not None:
                yield from binding(f"{module}.{name}", parameters, described(getattr(ours, name)))


def binding(name: str, theirs: List[Tuple[str, str]], ours: Any) -> Iterator[str]:
    """Yield what a call of theirs would find different: parameters that are missing or moved, and other defaults."""
    if ours is None:
        yield f"{name}: not a function"
        return
    variable = any(parameter in ("args", "kwargs") for parameter, _ in ours)
    known = {parameter: (place, default) for place, (parameter, default) in enumerate(ours)}
    for place, (parameter, default) in enumerate(theirs):
        if parameter not in known:
            if not variable:
                yield f"{name}: no parameter {parameter}"
        elif known[parameter][0] != place and parameter != "client":  # which is taken wherever it stands
            yield f"{name}: {parameter} is number {known[parameter][0] + 1}, not {place + 1}"
        elif known[parameter][1] != default and default:
            yield f"{name}: {parameter} has the default {known[parameter][1] or 'none'}, not {default or 'none'}"


def main(version: str) -> int:
    found = list(differences(names_of_release(version)))
    left = [line for line in found if not any(line.startswith(name) for name in AGREED)]
    for line in left:
        print(line)
    print(f"{len(left)} differences from gazu {version}, and {len(found) - len(left)} that are agreed")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
