"""The documents of the project: links lead somewhere, and the page of the live results is complete."""

import re
from pathlib import Path

import pytest

from ..live.limits import LIMITS
from .test_surface import FUNCTIONS, found

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "gazu"
GENERATED = ROOT / "docs" / "reference" / "api"  # Sphinx writes it, and says itself which links into it are dead
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted(ROOT.glob("docs/**/*.md")),
    *ROOT.glob("benchmarks/*.md"),
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        path = document.parent / target
        assert GENERATED in path.parents or path.exists(), target


def test_names_on_the_pages_exist() -> None:
    missing = []
    for document in DOCUMENTS:
        for name in re.findall(r"`(gazu(?:\.[a-zA-Z]\w+)+)[`(]", document.read_text(encoding="utf-8")):
            try:
                found(name)
            except AttributeError:
                missing.append(f"{document.relative_to(ROOT)}: {name}")
    assert missing == []


def test_each_function_is_on_the_page_of_the_live_results() -> None:
    page = (ROOT / "docs" / "reference" / "live.md").read_text(encoding="utf-8")
    elsewhere = ("gazu.cache.", "gazu.helpers.", "gazu.sorting.", "gazu.encoder.", "gazu.cli.")
    names = [row["name"] for row in FUNCTIONS if not row["name"].startswith(elsewhere)]
    assert [name for name in names if f"| `{name.replace('gazu.', '', 1)}` |" not in page] == []


def test_each_limit_is_one_of_a_function() -> None:
    for name in LIMITS:
        assert callable(found(f"gazu.{name}"))


def test_each_error_is_on_the_page_of_the_errors() -> None:
    page = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    names = re.findall(r"^class (\w+)\(", (PACKAGE / "exception.py").read_text(encoding="utf-8"), re.MULTILINE)
    names += re.findall(
        r"^class (\w+)\(TransportException", (PACKAGE / "_http" / "failures.py").read_text(), re.MULTILINE
    )
    assert len(names) > 30
    assert [name for name in names if f"{name}`" not in page] == []


def test_each_variable_of_the_environment_is_on_its_page() -> None:
    page = (ROOT / "docs" / "reference" / "environment.md").read_text(encoding="utf-8")
    sources = [*PACKAGE.rglob("*.py"), *ROOT.glob("sandbox/*/*.py"), ROOT / "tests" / "live" / "conftest.py"]
    names = {name for path in sources for name in re.findall(r"\bGAZU_\w*[A-Z]\b", path.read_text(encoding="utf-8"))}
    assert {"GAZU_TIMEOUT", "GAZU_RETRIES"} <= names
    ours = {"GAZU_SANDBOX_TAG", "GAZU_CLI_COMPLETE"}  # set and read by the programs themselves
    assert sorted(name for name in names - ours if f"`{name}`" not in page) == []


def test_each_how_to_is_on_their_page() -> None:
    folder = ROOT / "docs" / "how-to"
    linked = re.findall(
        r"^- \[[^]]+\]\(([\w-]+\.md)\): ", (folder / "index.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(linked) == sorted(path.name for path in folder.glob("*.md") if path.name != "index.md")


def test_each_change_has_a_section() -> None:
    tools = (ROOT / "docs" / "_tools" / "links.py").read_text(encoding="utf-8")
    sections = re.findall(r'^    "(\w+)": "', tools[tools.index("SECTIONS = {") :].partition("}")[0], re.MULTILINE)
    names = [path.name for path in (ROOT / "docs" / "changes").glob("*.md")]
    assert (
        len(sections) == 8
        and [name for name in names if name.count(".") != 2 or name.split(".")[1] not in sections] == []
    )
