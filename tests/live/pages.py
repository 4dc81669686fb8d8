"""Run the examples of a page of the documentation: `python pages.py PAGE`, as `test_docs.py` does.

The Python blocks of a page run in their order, as one program, on the server that GAZU_PAGE describes. A `text` block
right behind one is what it prints, where `...` stands for anything. What an example needs and a reader knows stands in
a comment that begins with `<!-- setup`, or `<!-- check` for what must be true: Python too, that nobody sees.
"""

import ast
import asyncio
import contextlib
import doctest
import io
import json
import os
import re
import sys
import textwrap
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Dict, Iterator, List, NamedTuple

FENCE = re.compile(r"( *)(`{3,}|:{3,})(.*)")
PYTHON = ("python", "{code-block} python")
#: Of blocks that are not Python; what they say is proven elsewhere, or shown as it is.
OTHERS = (
    "sh",
    "text",
    "toml",
    "json",
    "csv",
    "ini",
    "xml",
    "{toctree}",
    "{include}",
    "{index}",
    "{image}",
    "{figure}",
    "{note}",
    "{warning}",
)


class Block(NamedTuple):
    """A piece of a page: what it is, where its code begins, the code, and whether a reader sees it."""

    language: str
    line: int
    code: str
    is_visible: bool = True

    @property
    def end(self) -> int:
        """The line behind its code."""
        return self.line + self.code.count("\n")


def blocks(text: str) -> List[Block]:
    """Return the fenced blocks of a page, and the comments that are code."""
    found: List[Block] = []
    lines = iter(enumerate(text.split("\n"), 1))
    for number, line in lines:
        fence = FENCE.fullmatch(line)
        if fence and fence.group(3):
            language = fence.group(3).strip()
            found.append(Block(language, number + 1, _until(lines, fence.group(1) + fence.group(2))))
        elif line.strip() in ("<!-- setup", "<!-- check"):
            found.append(Block("python", number + 1, _until(lines, "-->"), is_visible=False))
    return found


def _until(lines: Iterator[Any], end: str) -> str:
    code = []
    for _, line in lines:
        if line.rstrip() == end or (end == "-->" and line.strip() == end):
            break
        code.append(line)
    return textwrap.dedent("\n".join(code)) + "\n"


def is_python(block: Block) -> bool:
    return block.language in PYTHON


def first_line(block: Block) -> str:
    return block.code.strip().split("\n")[0]


# -- the program that runs a page ----------------------------------------------
def run(page: str, facts: Dict[str, Any], namespace: Dict[str, Any]) -> int:
    """Run the blocks of a page but those in *facts*, and return how many there were."""
    found = blocks(Path(page).read_text(encoding="utf-8"))
    done = 0
    for block, after in zip(found, [*found[1:], Block("", 0, "")]):
        if not is_python(block) or first_line(block) in facts["not_run"]:
            continue
        source = "\n" * (block.line - 1) + as_here(block.code, facts)
        code = compile(source, page, "exec", getattr(ast, "PyCF_ALLOW_TOP_LEVEL_AWAIT", 0))  # from 3.8 on
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            waits = eval(code, namespace)
            if waits is not None:
                asyncio.run(waits)
        done += 1
        if after.language == "text" and after.line <= block.end + 3:
            compare(after, said.getvalue(), page)
    return done


def as_here(code: str, facts: Dict[str, Any]) -> str:
    """Return an example with the server and the account that there are, in place of those of the reader."""
    code = re.sub(r'"https://[\w-]+\.example\.com/api"', repr(facts["host"]), code)
    code = re.sub(r'"https://[\w-]+\.example\.com"', repr(facts["event_host"]), code)
    code = code.replace('"jane@example.com"', repr(facts["email"]))
    return code.replace('"password"', repr(facts["password"]))


def compare(block: Block, said: str, page: str) -> None:
    checker, how = doctest.OutputChecker(), doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    if not checker.check_output(block.code, said, how):
        example = doctest.Example("", block.code)
        raise SystemExit(f"{page}:{block.line}: {checker.output_difference(example, said, how)}")


# -- what the comments of a page may use ---------------------------------------
def until(true: Callable[[], Any], seconds: float = 120) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise SystemExit("it did not become true")
        time.sleep(0.05)


if __name__ == "__main__":
    box = SimpleNamespace(**json.loads(os.environ.pop("GAZU_PAGE")))
    os.environ["GAZU_SANDBOX_FFMPEG"] = box.ffmpeg
    import gazu
    from gazu_sandbox.example import movie, picture, production, rename_earlier  # noqa: F401

    gazu.set_host(box.host)
    gazu.set_event_host(box.event_host)
    gazu.log_in(box.email, box.password)
    rename_earlier("Big Buck Bunny")  # or a page that makes none would find that of another
    print(run(sys.argv[1], vars(box), globals()), file=sys.stderr)
