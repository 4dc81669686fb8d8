"""Plain English: no page, docstring, comment or message has the habits that `words.txt` lists."""

import io
import re
import tokenize
from pathlib import Path
from typing import Iterator, List, Pattern, Tuple

import pytest

ROOT = Path(__file__).parents[2]
LINES = Path(__file__).with_name("words.txt").read_text(encoding="utf-8").splitlines()
#: Each pattern, and what to write instead.
WORDS = [tuple(line.split("\t")) for line in LINES if not line.startswith("# ")]
#: Written by Sphinx, or listed as a whole elsewhere.
GENERATED = {"_build", "api", "news"}
FILES = [
    *(path for pattern in ("*.md", "*.toml", "*.ini") for path in ROOT.glob(pattern)),
    *(
        path
        for folder in ("benchmarks", "docs", "gazu", "sandbox", "tests")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".md", ".py") and not GENERATED & {*path.parts}
    ),
]


def prose(path: Path) -> Iterator[Tuple[int, str]]:
    """Yield what people read in a file, with the line where it begins: of Python, its comments and texts."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield 1, text
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if tokenize.tok_name[token.type] in ("COMMENT", "STRING", "FSTRING_MIDDLE"):
            yield token.start[0], token.string


TEXTS = [(path, line, text) for path in FILES for line, text in prose(path)]


def matches(pattern: Pattern[str]) -> List[str]:
    return [
        f"{path.relative_to(ROOT)}:{line + text.count(chr(10), 0, match.start())}: {match.group()!r}"
        for path, line, text in TEXTS
        for match in pattern.finditer(text)
    ]


@pytest.mark.parametrize("pattern, instead", WORDS, ids=[word[0] for word in WORDS])
def test_habits(pattern: str, instead: str) -> None:
    found = matches(re.compile(pattern))
    assert not found, "\n".join([f"write {instead!r}:", *found])


def test_texts_are_read() -> None:
    """In each kind of file, or the rules would hold whatever is written."""
    assert {path.suffix for path, _, _ in TEXTS} == {".md", ".toml", ".ini", ".py"} and len(FILES) > 400
    assert matches(re.compile(r"(?<=^...)Plain\sEnglish")) == ["tests/meta/test_words.py:1: 'Plain English'"]
