"""CSV files: whatever spreadsheet programs write is sent in the form that the server reads without guessing."""

import codecs
import csv
import io
import os
import re
import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Set, Tuple

from . import client as raw
from ._http.route import route
from .client import KitsuClient
from .exception import GazuException, ParameterException, ServerErrorException
from .helpers import warn
from .models import StrPath
from .names import UUID_PATTERN

if TYPE_CHECKING:
    from requests import Response

    from ._http.multipart import Progress

DELIMITERS = ",;\t|"
#: Characters at the beginning of the file from which Zou 1.0.97 guesses the dialect, with `csv.Sniffer`.
SNIFFED_CHARACTERS = 8192
#: Cells that Zou 1.0.97 takes for a boolean, in any case.
BOOLEANS = {"y", "yes", "t", "true", "on", "1", "n", "no", "f", "false", "off", "0"}
_MARKS = (  # that of UTF-32 begins as the one of UTF-16 does
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: What a file is that begins with the first pattern and contains the second.
_OTHER_KINDS = (
    (rb"PK\x03\x04", rb"xl/", "an Excel workbook"),
    (rb"PK\x03\x04", rb"opendocument\.spreadsheet", "an OpenDocument spreadsheet (.ods)"),
    (rb"PK\x03\x04", rb"Index/|\.iwa", "a Numbers document"),
    (rb"PK\x03\x04", rb"", "a ZIP archive"),
    (rb"\xd0\xcf\x11\xe0", rb"", "an Excel workbook (.xls)"),
    (rb"\x1f\x8b", rb"", "a gzip archive"),
    (rb"%PDF", rb"", "a PDF document"),
    (rb"(?i)\s*<(\?xml|!doctype|html|table)", rb"", "an HTML or XML document"),
)
_CURE = "save or export it as CSV UTF-8"


class Row(NamedTuple):
    """A row, and the lines that it takes up in the file, counted from 1."""

    cells: List[str]
    first_line: int
    last_line: int


class Sheet(NamedTuple):
    """A sheet as it is sent; the rows are without empty ones, and the first is the header."""

    name: str
    file_size: int
    content: bytes
    rows: List[Row]
    #: whether the content is that of the file
    is_unchanged: bool

    def row_at(self, sent_line: int) -> Optional[Row]:
        """Return the row that ends at a line of the content."""
        line = 0
        for row in self.rows:
            line = row.last_line if self.is_unchanged else line + 1 + "".join(row.cells).count("\n")
            if line == sent_line:
                return row
        return None


def read_sheet(file_path: StrPath) -> Sheet:
    """Read a CSV file as spreadsheet programs and `csv.writer` write them.

    The encoding is UTF-8, UTF-16 or UTF-32 by the mark at the beginning, UTF-8 without one, else Windows-1252 with a
    GazuWarning. The delimiter is a comma, a semicolon, a tab or a vertical bar, or what a first line `sep=;` names.

    Raises:
        ValueError: it is not a CSV file, has no rows, or a quote in it is never closed.
    """
    with open(file_path, "rb") as file:
        content = file.read()
    name = os.path.basename(os.fsdecode(file_path))
    text = _decoded(content, name)
    try:
        rows, delimiter = _rows_of(text, name)
    except csv.Error as error:
        raise ValueError(f"Wrong format for csv_file_path: {name} is not valid CSV: {error}") from error
    _warn_of_lost_cells(rows, name)
    unchanged = delimiter == "," and _is_read_as_it_is(content, text, rows)
    return Sheet(name, len(content), content if unchanged else _quoted(rows), rows, unchanged)


def _decoded(content: bytes, name: str) -> str:
    """Return the text of a file, with LF at the end of each line and without a mark."""
    for start, part, kind in _OTHER_KINDS:
        if re.match(start, content) and re.search(part, content):
            raise ValueError(f"Wrong format for csv_file_path: {name} is {kind}, not a CSV file: {_CURE}")
    mark, encoding = next((pair for pair in _MARKS if content.startswith(pair[0])), (b"", "utf-8"))
    try:
        text = content[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        if mark:
            raise ValueError(f"Wrong format for csv_file_path: {name} is not valid {encoding}: {error}") from error
        text = _windows_1252(content, name)
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        what = f"line {line} has a NUL byte, so it is binary, or UTF-16 without its mark"
        raise ValueError(f"Wrong format for csv_file_path: {name} is not a CSV file ({what}): {_CURE}")
    return text


def _windows_1252(content: bytes, name: str) -> str:
    """Decode what Excel writes as plain CSV in Europe and America, and say so with an example."""
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        what = f"neither UTF-8 nor Windows-1252 (cp1252): byte {error.object[error.start]:#04x} at {error.start}"
        raise ValueError(f"Wrong format for csv_file_path: {name} is {what}: {_CURE}") from error
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    number, line = next((n, line) for n, line in enumerate(lines, 1) if any(sign > "\x7f" for sign in line))
    word = next(word for word in re.split(r"[\s,;|\"]", line) if any(sign > "\x7f" for sign in word) or word == line)
    warn(
        f"{name} is not UTF-8: it was read as Windows-1252 (cp1252), where line {number} has {word!r:.80};"
        f" if that is wrong, {_CURE}"
    )
    return text


def _rows_of(text: str, name: str) -> Tuple[List[Row], str]:
    """Return the rows that are not empty, and the delimiter."""
    lines_before = 0
    announced = re.match(r"\"?sep=(.)\"?(\n|$)", text, re.IGNORECASE)
    if announced:
        lines_before, text = 1, text[announced.end() :]
    delimiter = announced.group(1) if announced else _delimiter_of(text)
    header = _header(text, delimiter)
    spaced = len(header) > 1 and all(cell.startswith(" ") for cell in header[1:])
    end = "\x1e"  # a row of our own behind the last one: a quote that is not closed takes it in
    rows = list(_lines(f"{text}\n{end}\n", delimiter, spaced, lines_before))
    if not rows or rows[-1].cells != [end]:
        line = rows[-1].first_line if rows else 1
        raise ValueError(f"Wrong format for csv_file_path: {name}, line {line}: a quote is opened and never closed")
    rows = [row for row in rows[:-1] if any(cell.strip() for cell in row.cells)]
    if not text.strip(" \n" + DELIMITERS):
        raise ValueError(f"Wrong format for csv_file_path: {name} is empty: it needs a header and rows")
    rows[0] = rows[0]._replace(cells=[cell.strip() for cell in rows[0].cells])
    return rows, delimiter


def _delimiter_of(text: str) -> str:
    """Return the delimiter with which the header has the column Name, or else the most columns."""

    def columns(delimiter: str) -> Tuple[bool, int]:
        header = [cell.strip() for cell in _header(text, delimiter)]
        return "Name" in header and len(header) > 1, len(header)

    return max(DELIMITERS, key=columns)


def _header(text: str, delimiter: str) -> List[str]:
    """Return the cells of the first row that is not empty."""
    rows = _lines(text, delimiter)
    return next((row.cells for row in rows if any(cell.strip() for cell in row.cells)), [])


def _lines(text: str, delimiter: str, spaced: bool = False, lines_before: int = 0) -> Iterator[Row]:
    """Yield all rows, with their lines."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=spaced)
    last = lines_before
    for cells in reader:
        first, last = last + 1, lines_before + reader.line_num
        yield Row(cells, first, last)


def _warn_of_lost_cells(rows: List[Row], name: str) -> None:
    """Warn of cells without a column, which the server leaves out in silence."""
    width = len(rows[0].cells)
    long = [row for row in rows if any(cell.strip() for cell in row.cells[width:])]
    if long:
        lines = ", ".join(str(row.first_line) for row in long[:5]) + (", ..." if len(long) > 5 else "")
        lost = next(cell for cell in long[0].cells[width:] if cell.strip())
        text = f"{name} has more cells than columns in line {lines}: they are not imported (the first is {lost!r:.80})"
        warn(text + "; a cell with the delimiter in it needs quotes")


def _is_read_as_it_is(content: bytes, text: str, rows: List[Row]) -> bool:
    """Return whether the server, which guesses the dialect, reads the same rows from the file as it is."""
    if b'"' in content or content != text.encode():
        return False
    try:
        dialect = csv.Sniffer().sniff(text[:SNIFFED_CHARACTERS])
    except csv.Error:
        return len(rows[0].cells) == 1
    dialect.doublequote = True
    read = csv.reader(io.StringIO(text, newline=""), dialect)
    return [cells for cells in read if any(cell.strip() for cell in cells)] == [row.cells for row in rows]


def _quoted(rows: List[Row]) -> bytes:
    """Return rows as CSV that the server reads without guessing: UTF-8, comma, LF, every cell quoted."""
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(row.cells for row in rows)
    return file.getvalue().encode()


def upload_sheet(
    path: str,
    file_path: StrPath,
    project_id: str,
    entity_type: str,
    client: KitsuClient,
    progress_callback: Optional["Progress"],
) -> Any:
    """Send a CSV file to a route that imports it, and return the response.

    Raises:
        ParameterException: a row is wrong: the text has its line and column, and how many rows were imported.
    """
    return _send(path, read_sheet(file_path), project_id, entity_type, client, progress_callback)


def _send(
    path: str, sheet: Sheet, project_id: str, entity_type: str, client: KitsuClient, callback: Optional["Progress"]
) -> Any:
    files = {"file": (sheet.name, io.BytesIO(sheet.content))}
    progress = callback and in_bytes_of_file(callback, sheet.file_size)
    try:
        return raw.upload(path, files=files, client=client, progress_callback=progress)
    except ParameterException as error:
        body = error.body if isinstance(error.body, Mapping) else {}
        row = sheet.row_at(body.get("line_number", 0))
        if row is not None:
            error.args = (error.args[0], _explained(body, row, sheet, project_id, entity_type, client))
            error.line_number, error.imported_rows = row.first_line, body.get("imported_rows") or 0
        elif "Could not determine delimiter" in str(error):
            hint = f"{sheet.name} has a single column {sheet.rows[0].cells[0]!r:.80}: cells end at , ; | or a tab"
            error.hint = hint
        raise


def import_casting(
    path: str, file_path: StrPath, project_id: str, client: KitsuClient, progress_callback: Optional["Progress"]
) -> int:
    """Send a CSV file with a casting, and return the number of its rows.

    Raises:
        ParameterException: a row is wrong; or the server has left some out, without a word, as Zou 1.0.97 does.
    """
    sheet = read_sheet(file_path)
    count = len(_send(path, sheet, project_id, "Asset", client, progress_callback))
    lost = _rows_not_cast(sheet, project_id, client)
    if lost:
        header = sheet.rows[0].cells
        shown = "; ".join(f"line {row.first_line}: {dict(zip(header, row.cells))}" for row in lost[:5])
        text = f"{len(lost)} of {count} rows of {sheet.name} were not imported, {count - len(lost)} were"
        more = "; ..." if len(lost) > 5 else ""
        error = ParameterException(path, f"{text}: does the asset exist, and what it is cast in? {shown}{more}")
        error.method, error.path = "POST", path
        error.line_number, error.imported_rows = lost[0].first_line, count - len(lost)
        raise error
    return count


def _rows_not_cast(sheet: Sheet, project_id: str, client: KitsuClient) -> List[Row]:
    """Return the rows of a sheet whose castings the production does not have: the server says nothing of them."""
    names = _names_in_castings(project_id, client)
    stored: Dict[Tuple[Optional[str], Optional[str]], Set[int]] = {}
    for link in raw.fetch_all(route("projects/{project_id}/entity-links", project_id), client=client):
        key = names.get(link["entity_in_id"]), names.get(link["entity_out_id"])
        stored.setdefault(key, set()).add(link["nb_occurences"])
    last: Dict[Tuple[str, str], Tuple[Row, bool]] = {}  # of the rows for one asset in one place, the last counts
    for row in sheet.rows[1:]:
        cells = {**dict.fromkeys(sheet.rows[0].cells, ""), **dict(zip(sheet.rows[0].cells, row.cells))}
        asset, place = _letters(cells["Asset Type"], cells["Asset"]), _letters(cells["Parent"], cells["Name"])
        in_episode = _letters("" if cells.get("Episode") == "MP" else cells.get("Episode", "")) + place
        found = stored.get((in_episode, asset), set()) | stored.get((place, asset), set())
        last[in_episode, asset] = row, int(cells["Occurences"] or 1) in found
    return [row for row, is_stored in last.values() if not is_stored]


def _names_in_castings(project_id: str, client: KitsuClient) -> Dict[str, str]:
    """Return what is cast, and in what, by id: the names of the columns of a sheet, in letters."""
    kinds = ("episodes", "sequences", "shots", "assets")
    paths = (route("projects/{project_id}/{kind}", project_id, kind) for kind in kinds)
    episodes, sequences, shots, assets = (raw.fetch_all(path, client=client) for path in paths)
    types = {row["id"]: row["name"] for row in raw.fetch_all("entity-types", client=client)}
    above = {row["id"]: _letters(row["name"]) for row in episodes}
    above.update([(row["id"], above.get(row["parent_id"], "") + _letters(row["name"])) for row in sequences])
    names = {row["id"]: _letters("Episode", row["name"]) for row in episodes}
    names.update((row["id"], above.get(row["parent_id"], "") + _letters(row["name"])) for row in shots)
    return {**names, **{row["id"]: _letters(types[row["entity_type_id"]], row["name"]) for row in assets}}


def _letters(*names: str) -> str:
    """Return names as the server compares them in a casting: one text, of letters and digits only."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKD", "".join(names))).casefold()


def in_bytes_of_file(progress_callback: "Progress", size: int) -> "Progress":
    """Return a callback that reports the progress in bytes of the file of the caller, not of what is sent for it."""
    return lambda done, total: progress_callback(done * size // total, size)


def _explained(
    body: Mapping[str, Any], row: Row, sheet: Sheet, project_id: str, entity_type: str, client: KitsuClient
) -> str:
    """Return the text of an error of the server about a row."""
    message, header = str(body.get("message")).split("\n[SQL")[0].strip(), sheet.rows[0].cells
    if re.search(f"columns is missing: '{UUID_PATTERN.pattern}'", message):  # Zou 1.0.97 says so of a missing task
        message = "the entity has no task of this type"
    place = f"line {row.first_line}" if row.first_line == row.last_line else f"lines {row.first_line}-{row.last_line}"
    column = _column_of(message, header, row.cells)
    if message.endswith(":"):  # Zou 1.0.97 gives no reason for an invalid boolean
        column = _wrong_boolean(header, row.cells, project_id, entity_type, client)
        message += f" {row.cells[header.index(column)]!r} is neither true nor false" if column else f" {row.cells}"
    count = body.get("imported_rows") or 0
    done = "1 row before it was imported" if count == 1 else f"{count or 'no'} rows before it were imported"
    where = [f"{place} of {sheet.name}", *([f"column {column!r}"] if column else []), done]
    if "columns is missing" in message:
        where = [f"the header of {sheet.name} has {', '.join(map(repr, header))}", "upper and lower case count", done]
    return f"{message} ({'; '.join(where)})"


def _column_of(message: str, header: List[str], cells: List[str]) -> Optional[str]:
    """Return the column that a message is about: it begins with its name, or has what is in its cell."""
    for column, cell in zip(header, cells):
        if column and message.startswith(column + " "):
            return column
    found = [
        column
        for column, cell in zip(header, cells)
        for value in {cell, *cell.split(",")}
        if value.strip() and re.search(rf"(for|got|type|data|10:|float:) '?{re.escape(value.strip())}'?( |$)", message)
    ]
    if "out of range" in message or "too long" in message:  # of the column of a database: the largest is meant
        cells = [cell if cell.isdigit() or "too long" in message else "" for cell in cells]
        found = [column for column, cell in zip(header, cells) if cell == max(cells, key=len)]
    named = [column for column in found if message.startswith(column.lower().replace(" ", "_"))]
    return next(iter(named or found), None)


def _wrong_boolean(
    header: List[str], cells: List[str], project_id: str, entity_type: str, client: KitsuClient
) -> Optional[str]:
    """Return the boolean metadata column whose cell is not a boolean."""
    values = dict(zip(header, cells))
    with suppress(GazuException):
        for column in _boolean_columns(project_id, entity_type, client):
            if values.get(column["name"]) and values[column["name"]].lower() not in BOOLEANS:
                return str(column["name"])
    return None


def download_sheet(
    path: str,
    file_path: StrPath,
    params: Mapping[str, Any],
    project_id: str,
    entity_type: str,
    client: KitsuClient,
    progress_callback: Optional["Progress"],
) -> "Response":
    """Write what a route exports to a CSV file, and return the response.

    Raises:
        ServerErrorException: if booleans or nulls in boolean columns are the cause, the text names some of them.
    """
    try:
        return raw.download(path, file_path, params=params, client=client, progress_callback=progress_callback)
    except ServerErrorException as error:
        found: List[str] = []
        if "Internal server error" in str(error):
            with suppress(GazuException):
                found = _values_without_text(project_id, entity_type, client)
        if found:
            text = f"values of a boolean column have to be the texts 'true' and 'false': {'; '.join(found[:5])}"
            error.hint = f"{text}{'; ...' if len(found) > 5 else ''}"
        raise


def _values_without_text(project_id: str, entity_type: str, client: KitsuClient) -> List[str]:
    """Return the values in boolean columns that Zou 1.0.97 cannot export, each with its record and field."""
    fields = [column["field_name"] for column in _boolean_columns(project_id, entity_type, client)]
    kind = entity_type.lower()
    rows = raw.fetch_all(route("projects/{project_id}/{kind}", project_id, kind + "s"), client=client)
    return [
        f"{kind} {row['name']} ({row['id']}) has {field}: {row['data'][field]!r}"
        for row in rows
        for field in fields
        if not isinstance((row["data"] or {}).get(field, ""), str)
    ]


def _boolean_columns(project_id: str, entity_type: str, client: KitsuClient) -> List[Any]:
    """Return the metadata descriptors of a project whose values are booleans; of people, their own column."""
    if entity_type == "Person":
        return [{"name": "Active"}]
    rows = raw.fetch_all(route("projects/{project_id}/metadata-descriptors", project_id), client=client)
    return [row for row in rows if row["entity_type"] == entity_type and row["data_type"] == "boolean"]
