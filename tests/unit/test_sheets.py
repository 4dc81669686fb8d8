"""Sheets as spreadsheet programs write them: what is read, what is sent, what is refused."""

import csv
import warnings

import pytest

from gazu.exception import GazuWarning
from gazu.sheets import read_sheet

ROWS = [["Sequence", "Name", "Description"], ["SQ1", "SH1", "Été, 5 \u20ac"]]
QUOTED = '"Sequence","Name","Description"\n"SQ1","SH1","Été, 5 \u20ac"\n'.encode()
SEMICOLONS = "Sequence;Name;Description\r\nSQ1;SH1;Été, 5 \u20ac\r\n"


@pytest.fixture
def sheet(tmp_path):
    def sheet(content):
        path = tmp_path / "sheet.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_sheet(path)

    return sheet


def cells(sheet):
    return [row.cells for row in sheet.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings_by_their_mark(sheet, encoding):
    assert sheet(SEMICOLONS.encode(encoding)).content == QUOTED
    assert sheet(b"\xfe\xff" + SEMICOLONS.encode("utf-16-be")).content == QUOTED


def test_windows_1252_is_announced_where_the_caller_is(sheet):
    with pytest.warns(GazuWarning, match=r"sheet.csv is not UTF-8.*Windows-1252 \(cp1252\).*line 2 has 'Été'"):
        assert sheet(SEMICOLONS.encode("cp1252")).content == QUOTED


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_delimiters_and_ends_of_lines(sheet, delimiter, end):
    quoted = [f'"{cell}"' if delimiter in cell else cell for cell in ROWS[1]]
    text = end.join([delimiter.join(ROWS[0]), delimiter.join(quoted), delimiter * 2, "", ""])
    assert sheet(text).content == QUOTED


def test_line_of_excel_that_names_the_delimiter(sheet):
    assert sheet("sep=;\r\n" + SEMICOLONS).content == QUOTED
    assert sheet('"sep=:"\nName:Type,Kind\nA:B\n').content == b'"Name","Type,Kind"\n"A","B"\n'
    assert cells(sheet("Separate,Name\na,b\n")) == [["Separate", "Name"], ["a", "b"]]


def test_cells_with_delimiters_quotes_and_breaks(sheet):
    text = 'Type,Name,Text\r\nProps,A,"one, two\r\n""three"""\r\nProps,B,5" gun\r\n'
    assert cells(sheet(text)) == [
        ["Type", "Name", "Text"],
        ["Props", "A", 'one, two\n"three"'],
        ["Props", "B", '5" gun'],
    ]
    assert sheet(text).content == b'"Type","Name","Text"\n"Props","A","one, two\n""three"""\n"Props","B","5"" gun"\n'


def test_blanks_around_names_of_columns(sheet):
    assert cells(sheet(" Type , Name \r\nProps, A \r\n")) == [["Type", "Name"], ["Props", "A "]]
    spaced = sheet('Type, Name, Text\r\nProps, A, "one, two"\r\n')  # a blank after each comma belongs to the comma
    assert cells(spaced) == [["Type", "Name", "Text"], ["Props", "A", "one, two"]]


def test_a_header_whose_names_contain_other_delimiters(sheet):
    assert cells(sheet("Name;Size, in, cm, mm, m\r\nA;1\r\n"))[0] == ["Name", "Size, in, cm, mm, m"]


@pytest.mark.parametrize(
    "text", ["Type,Name\nProps,A\n", "Name,Épisode\nTree,E1", "Type,Name\n\nProps,A\n,\n", "Name\nTree\n"]
)
def test_plain_files_are_sent_as_they_are(sheet, text):
    found = sheet(text)
    assert found.is_unchanged
    assert found.content == text.encode()


def test_a_plain_file_is_not_sent_as_it_is_where_the_server_would_guess_wrong(sheet):
    text = "Type,Name,Text\n" + "".join(f"a:b,it's:{n},'c:d'\n" for n in range(3)) + "x,y\n"
    found = sheet(text)
    assert not found.is_unchanged
    assert cells(found)[1] == ["a:b", "it's:0", "'c:d'"]
    assert cells(found)[-1] == ["x", "y"]  # nothing is added to a short row: the server says what it lacks


def test_lines_are_those_of_an_editor(sheet):
    found = sheet('sep=,\r\n\r\nType,Name,Text\r\nProps,A,"1\r\n2\r\n3"\r\n,,\r\nProps,B,\r\n')
    assert [row[1:] for row in found.rows] == [(3, 3), (4, 6), (8, 8)]
    assert found.content.decode().split("\n")[4] == '"Props","B",""'
    assert [found.row_at(line) for line in (1, 4, 5, 2, 6)] == [*found.rows, None, None]
    plain = sheet("Type,Name\n\nProps,A\n")
    assert [plain.row_at(line) for line in (1, 2, 3)] == [plain.rows[0], None, plain.rows[1]]


def test_cells_without_a_column_are_announced(sheet):
    with pytest.warns(GazuWarning, match=r"more cells than columns in line 3: .* \(the first is ' he falls'\)"):
        sheet("Type,Name,Text\nProps,A,\nProps,B,She runs, he falls\n")
    with pytest.warns(GazuWarning, match=r"in line 2, 3, 4, 5, 6, \.\.\.: "):
        sheet("Type,Name\n" + "a,b,c\n" * 6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sheet("Type,Name\na,b,,\n")


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"PK\x03\x04....[Content_Types].xml....xl/workbook.xml", "is an Excel workbook, not a CSV file"),
        (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "is an OpenDocument spreadsheet"),
        (b"PK\x03\x04....Index/Document.iwa", "is a Numbers document"),
        (b"PK\x03\x04....readme.txt", "is a ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9), r"is an Excel workbook \(.xls\)"),
        (b"%PDF-1.7\n", "is a PDF document"),
        (b"\x1f\x8b\x08", "is a gzip archive"),
        (b"\r\n<html><table>", "is an HTML or XML document"),
        (b"Type,Name\nA,\0\n", "line 2 has a NUL byte"),
        ("Type,Name\n".encode("utf-16-le"), "line 1 has a NUL byte"),
        (b"\xff\xfeT\0y", "not valid utf-16-le"),
        (b"Type,Name\nA,\x81\xff\n", r"neither UTF-8 nor Windows-1252 \(cp1252\): byte 0x81 at 12"),
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n;;\r\n", "is empty"),
        (b'Type,Name\nA,B\nA,"C\nA,D\nA,E\n', "line 3: a quote is opened and never closed"),
        (b'Type,"Name\nA,B\n', "line 1: a quote is opened and never closed"),
        (b"Type,Name\nA," + b"x" * (csv.field_size_limit() + 1), "is not valid CSV: field larger than field limit"),
    ],
)
def test_what_is_no_sheet_is_refused(sheet, content, reason):
    with pytest.raises(ValueError, match="csv_file_path: sheet.csv.*" + reason):
        sheet(content)
