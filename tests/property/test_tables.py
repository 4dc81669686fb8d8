"""Tables of the command line fit any terminal, whatever is in them."""

import re
from typing import Any, List

from hypothesis import given
from hypothesis import strategies as some
from rich.cells import cell_len

from gazu.cli import show

TEXT = some.text(max_size=60) | some.sampled_from(
    ["漢字" * 20, "\x1b[31mred", "a\nb\tc", "[bold]x[/bold]", "e\u0301" * 9]
)
COLUMNS: Any = [("NAME", "name"), ("DESCRIPTION", "text"), ("ID", "id")]


def table(rows: Any, width: int) -> List[str]:
    lines = [[show._format_cell(row, key) for _, key in COLUMNS] for row in rows]
    page = show._render_table([header for header, _ in COLUMNS], lines, width)
    return re.sub(r"\x1b\[[0-9;]*m", "", page).split("\n")[:-1]


ROWS = some.lists(
    some.fixed_dictionaries({"name": TEXT, "text": TEXT, "id": some.uuids().map(str)}), min_size=1, max_size=5
)


@given(ROWS, some.integers(10, 250))
def test_a_line_for_each_row_and_none_too_wide(rows: Any, width: int) -> None:
    lines = table(rows, width)
    assert len(lines) == 1 + len(rows)
    assert max(map(cell_len, lines)) <= width
    assert all(line.isprintable() for line in lines)


@given(ROWS)
def test_nothing_is_lost_in_a_file(rows: Any) -> None:
    for line, row in zip(table(rows, 0)[1:], rows):
        assert line.endswith(row["id"])
        for key in ("name", "text"):
            assert show._format_cell(row, key) in line
