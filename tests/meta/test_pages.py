"""What runs the examples of the documentation notices when they are wrong."""

from pathlib import Path
from typing import Any, Dict

import pytest

from ..live.pages import as_here, blocks, is_python, run

FACTS: Dict[str, Any] = {
    "host": "http://h/api",
    "event_host": "http://e",
    "email": "a@b",
    "password": "p",
    "not_run": [],
}
PAGE = """
# A page

<!-- setup
number = 2
-->

```python
print(number * 21)
```

```text
42
```

- in a list:

  ```python
  seen.append(number)
  ```

Text in between.

```text
what somebody else says
```

<!-- check
assert seen == [number]
-->
"""


def ran(text: str, tmp_path: Path, **facts: Any) -> int:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    return run(str(page), {**FACTS, **facts}, {"seen": []})


def test_a_page_that_is_right(tmp_path: Path) -> None:
    assert [block.language for block in blocks(PAGE)] == ["python", "python", "text", "python", "text", "python"]
    assert ran(PAGE, tmp_path) == 4


@pytest.mark.parametrize(
    "right, wrong, error",
    [
        ("42\n", "43\n", SystemExit),
        ("append(number)", "append(3)", AssertionError),
        ("number * 21", "nobody", NameError),
        ("number = 2", "number =", SyntaxError),
    ],
)
def test_a_page_that_is_wrong(right: str, wrong: str, error: Any, tmp_path: Path) -> None:
    assert PAGE.count(right) == 1
    with pytest.raises(error):
        ran(PAGE.replace(right, wrong), tmp_path)


def test_an_error_has_the_line_of_the_page(tmp_path: Path) -> None:
    with pytest.raises(NameError) as caught:
        ran(PAGE.replace("number * 21", "nobody"), tmp_path)
    assert caught.traceback[-1].lineno + 1 == PAGE.split("\n").index("print(number * 21)") + 1


def test_a_block_that_is_listed_does_not_run(tmp_path: Path) -> None:
    assert ran("```python\n# in Maya\nimport maya\n```\n", tmp_path, not_run=["# in Maya"]) == 0


def test_what_readers_have_becomes_what_is_here() -> None:
    code = 'log_in("https://archive.example.com/api", "https://kitsu.example.com", "jane@example.com", "password")'
    assert as_here(code, FACTS) == "log_in('http://h/api', 'http://e', 'a@b', 'p')"


def test_blocks_of_other_languages_are_seen() -> None:
    assert [is_python(block) for block in blocks("```py\n1\n```\n\n```{code-block} python\n2\n```\n")] == [False, True]
