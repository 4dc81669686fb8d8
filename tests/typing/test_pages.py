"""The examples of the documentation, as a reader types them, pass mypy --strict and pyright: without what is hidden."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Dict

import pytest

from tests.live.extended.test_docs import NOT_RUN, PAGES, ROOT
from tests.live.pages import blocks, first_line, is_python

#: Setup and checks that a reader does not see.
HIDDEN = re.compile(r"^ *<!-- (?:setup|check)$.*?-->$", re.MULTILINE | re.DOTALL)
#: Modules of other programs, and of other libraries without types, are none of ours.
CHECKERS = {
    "mypy": [
        "mypy",
        "--strict",
        "--allow-untyped-decorators",
        "--ignore-missing-imports",
        "--no-error-summary",
        "--no-incremental",
    ],
    "pyright": ["pyright", "--pythonpath", sys.executable],
}
OTHERS = ("pandas", "polars", "distributed", "numpy")
SETTINGS = '{"typeCheckingMode": "basic", "reportMissingImports": false, "reportMissingModuleSource": false}'


def programs(page: str) -> Dict[str, str]:
    """Return the blocks of a page as one program; one that needs another program, as Maya, is a program of its own."""
    text = HIDDEN.sub(lambda found: "\n" * found.group().count("\n"), (ROOT / page).read_text(encoding="utf-8"))
    name = re.sub(r"\W", "_", page[: -len(".md")])
    made = {name: ""}
    for block in filter(is_python, blocks(text)):
        alone = first_line(block) in NOT_RUN.get(page, {})
        program = f"{name}_{block.line}" if alone else name
        before = made[name]
        made[program] = before + "\n" * (block.line - 1 - before.count("\n")) + block.code
    return {program: code for program, code in made.items() if code}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of all pages, elsewhere than in the checkout: what is installed is what users have."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "pyrightconfig.json").write_text(SETTINGS)
    for name in OTHERS:  # whether it is installed or not, and whatever its types are
        (folder / f"{name}.pyi").write_text("from typing import Any\n\ndef __getattr__(name: str) -> Any: ...\n")
    for page in PAGES:
        if page == "README.md" or page.startswith(("docs/how-to/", "docs/tutorial/")):
            for name, code in programs(page).items():
                (folder / f"{name}.py").write_text(code, encoding="utf-8")
    return folder


@pytest.mark.parametrize("checker", CHECKERS)
def test_examples_have_no_errors(checker: str, folder: Path) -> None:
    names = sorted(path.name for path in folder.glob("*.py"))
    assert len(names) > 15
    command = [sys.executable, "-m", *CHECKERS[checker], *names]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, text=True)
    assert result.returncode == 0, result.stdout.replace(str(folder), "")
