"""Whatever a program writes as CSV is sent so that the server, which guesses, reads what was written."""

import codecs
import csv
import io
import random
import tempfile
from pathlib import Path
from typing import Any, List, Tuple

from hypothesis import given
from hypothesis import strategies as some

from gazu.sheets import read_sheet

WORDS = [
    "She",
    "runs,",
    "falls;",
    "ACT 1:",
    "it's",
    "Léa|Noé",
    '(2")',
    "10%",
    '"so"',
    "5'",
    "x/y",
    "a-b",
    "01.02",
    "#3",
]
#: Without the characters that are line breaks for Python or for the form, but not for CSV: they stay as they are.
CELLS = some.text(some.characters(blacklist_categories=["Cs"], blacklist_characters="\0\r"), max_size=12)
MARKS = {"utf-8": b"", "utf-8-sig": b"", "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


def written(rows: List[List[str]], delimiter: str, end: str, quoting: int, encoding: str) -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return MARKS[encoding] + file.getvalue().encode(encoding)


def sent(content: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sheet.csv"
        path.write_bytes(content)
        return read_sheet(path).content.decode()


def read_by_the_server(text: str) -> List[List[str]]:
    """Read CSV as Zou 1.0.97 does."""
    dialect = csv.Sniffer().sniff(text[:8192])
    dialect.doublequote = True
    return [row for row in csv.reader(io.StringIO(text, newline=""), dialect) if any(cell.strip() for cell in row)]


def plausible_sheet(dice: random.Random) -> Tuple[List[List[str]], Tuple[Any, ...]]:
    """Return rows of words, and how they are written."""

    def text() -> str:
        return dice.choice([" ", ", ", "\n", "; "]).join(dice.choices(WORDS, k=dice.randint(0, 6)))

    header = ["Sequence", "Name", "Description", "Notes"][: dice.randint(2, 4)]
    rows = [[f"SQ{n % 3}", f"SH{n}", text(), text()][: len(header)] for n in range(dice.randint(1, 60))]
    end = dice.choice(["\n", "\r\n"])
    return [header, *rows], (dice.choice(",;\t|"), end, dice.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))


def test_three_hundred_plausible_sheets_are_read_by_the_server_as_they_were_written() -> None:
    dice, guessed_wrong = random.Random(1), 0
    for _ in range(300):
        rows, how = plausible_sheet(dice)
        content = written(rows, *how, encoding=dice.choice(list(MARKS)))
        assert read_by_the_server(sent(content)) == rows, content
        try:
            guessed_wrong += read_by_the_server(content.decode()) != rows
        except (UnicodeDecodeError, csv.Error):
            guessed_wrong += 1
    assert guessed_wrong > 60  # of 300, as they are: otherwise these sheets prove nothing


@given(
    some.lists(some.lists(CELLS, min_size=3, max_size=3), max_size=6),
    some.sampled_from(",;\t|"),
    some.sampled_from(["\n", "\r\n"]),
    some.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    some.sampled_from(sorted(MARKS)),
)
def test_no_cell_is_changed(rows: Any, delimiter: str, end: str, quoting: int, encoding: str) -> None:
    rows = [["Type", "Name", "Text"], *(row for row in rows if any(cell.strip() for cell in row))]
    text = sent(written(rows, delimiter, end, quoting, encoding))
    assert list(csv.reader(io.StringIO(text, newline=""))) == rows
