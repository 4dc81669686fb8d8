"""The types as users of mypy and pyright meet them, on the installed package."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, List, Set

import pytest

SNIPPETS = Path(__file__).parent / "snippets"
CHECKERS = {
    "mypy": [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--no-error-summary",
        "--no-incremental",
        "--enable-error-code",
        "deprecated",
    ],
    "pyright": [sys.executable, "-m", "pyright", "--pythonpath", sys.executable],
}


def check(checker: str, name: str, folder: Path) -> Any:
    # Elsewhere than in the checkout: what is installed is what users have.
    shutil.copy(str(SNIPPETS / name), str(folder))
    return run([*CHECKERS[checker], name], folder)


def run(command: List[str], folder: Path) -> Any:
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, text=True)


@pytest.mark.parametrize("checker", CHECKERS)
def test_what_users_write_passes(checker: str, tmp_path: Path) -> None:
    result = check(checker, "good.py", tmp_path)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(("name", "message"), [("bad.py", "error"), ("deprecated.py", "error.* is deprecated")])
@pytest.mark.parametrize("checker", CHECKERS)
def test_what_is_wrong_or_deprecated_is_found(checker: str, name: str, message: str, tmp_path: Path) -> None:
    source = (SNIPPETS / name).read_text(encoding="utf-8").split("\n")
    expected = {number for number, line in enumerate(source, 1) if line.endswith(("# wrong", "# deprecated"))}
    output = check(checker, name, tmp_path).stdout
    found: Set[int] = {int(number) for number in re.findall(rf"{name}:(\d+).*{message}", output)}
    assert expected and found == expected, output


def test_the_public_types_are_complete(tmp_path: Path) -> None:
    command = [*CHECKERS["pyright"][:3], "--verifytypes", "gazu", "--ignoreexternal", "--outputjson"]
    report = json.loads(run(command, tmp_path).stdout)
    unknown = [row["name"] for row in report["typeCompleteness"]["symbols"] if not row["isTypeKnown"]]
    assert report["typeCompleteness"]["completenessScore"] >= 0.99, unknown
