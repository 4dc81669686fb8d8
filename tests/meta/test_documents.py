"""The documents of the project: links lead somewhere, and the page of the live results is complete."""

import re
from pathlib import Path

import pytest

from ..live.limits import LIMITS
from .test_surface import FUNCTIONS, found

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(ROOT.glob("docs/**/*.md")),
    *ROOT.glob("benchmarks/*.md"),
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


def test_each_function_is_on_the_page_of_the_live_results() -> None:
    page = (ROOT / "docs" / "reference" / "live.md").read_text(encoding="utf-8")
    elsewhere = ("gazu.cache.", "gazu.helpers.", "gazu.sorting.", "gazu.encoder.", "gazu.cli.")
    names = [row["name"] for row in FUNCTIONS if not row["name"].startswith(elsewhere)]
    assert [name for name in names if f"| `{name.replace('gazu.', '', 1)}` |" not in page] == []


def test_each_limit_is_one_of_a_function() -> None:
    for name in LIMITS:
        assert callable(found(f"gazu.{name}"))
