"""Output of the commands: tables that fit the terminal, JSON for programs, and progress bars."""

import contextlib
import csv
import io
import json
import shutil
import sys
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

import click

from .errors import printable, similar

Row = Mapping[str, Any]
#: A header, and the key of the value or a function that returns it.
Column = Tuple[str, Union[str, Callable[[Any], Any]]]
#: Columns that may be cut, and what is shown of them at least where ids are shown too.
LONG, SHORT_CELLS = ("DESCRIPTION", "TEXT", "ASSIGNEES"), 12


def is_json() -> bool:
    """Return whether `--json` was passed."""
    context = click.get_current_context(silent=True)
    return bool(context and (context.find_root().obj or {}).get("json"))


def output(ctx: click.Context, data: Any, columns: Sequence[Column]) -> None:
    """Print a record or a list of records: complete as JSON, otherwise these columns; see `Listing` for its options."""
    wanted = ctx.obj or {}
    if isinstance(data, list) and wanted.get("limit"):
        data = data[: wanted["limit"]]
    if wanted.get("csv"):
        _print_csv(data, columns)
    elif wanted.get("fields"):
        click.echo(json.dumps(_only(data, wanted["fields"].split(",")), indent=2))
    elif wanted.get("json"):
        click.echo(json.dumps(data, indent=2))
    elif isinstance(data, Mapping):
        for header, key in columns:
            click.echo(f"{header}: {_format_cell(data, key)}")
    else:
        print_table(data, columns)


def _print_csv(data: Any, columns: Sequence[Column]) -> None:
    """Print the columns of a table as CSV."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow([header.lower() for header, _ in columns])
    writer.writerows([_format_cell(row, key) for _, key in columns] for row in data)
    click.echo(page.getvalue(), nl=False)


def _only(data: Any, names: List[str]) -> Any:
    """Return the fields of these names; raise click.UsageError for one that no record has."""
    known = {name for row in data for name in row}
    unknown = [name for name in names if known and name not in known]
    if unknown:
        raise click.UsageError(f"--fields: no record has {unknown[0]!r}{similar(unknown[0], known)}")
    return [{name: row.get(name) for name in names} for row in data]


def report(ctx: click.Context, message: str, data: Any) -> None:
    """Print *message*, or *data* as JSON."""
    click.echo(json.dumps(data, indent=2) if (ctx.obj or {}).get("json") else printable(message))


def print_table(rows: Iterable[Row], columns: Sequence[Column]) -> None:
    """Print a table as wide as the terminal, or untruncated if the output is not a terminal."""
    lines = [[_format_cell(row, key) for _, key in columns] for row in rows]
    if not lines:
        click.echo("No results.", err=True)
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    click.echo(_render_table([header for header, _ in columns], lines, width), nl=False)


def _render_table(headers: List[str], lines: List[List[str]], width: int) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    widths: Optional[Sequence[Optional[int]]] = _fit(headers, lines, width)
    if widths is None and len(headers) > 1:  # names whole rather than ids
        kept = [number for number, header in enumerate(headers) if header != "ID"]
        headers, lines = [headers[k] for k in kept], [[line[k] for k in kept] for line in lines]
        widths = _fit(headers, lines, width)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for header, cells in zip(headers, widths or [None] * len(headers)):
        table.add_column(header, no_wrap=header == "ID", overflow="ellipsis", width=cells)
    for line in lines:
        table.add_row(*[Text(cell, no_wrap=True, overflow="ellipsis") for cell in line])
    page = io.StringIO()
    Console(file=page, force_terminal=bool(width), width=width or 1_000_000, legacy_windows=False).print(table)
    return "".join(line.rstrip() + "\n" for line in page.getvalue().splitlines())


def _fit(headers: List[str], lines: List[List[str]], width: int) -> Optional[List[int]]:
    """Return the widths of columns that fit a terminal, where only long texts are cut; None if these do not."""
    from rich.cells import cell_len

    whole = [max(map(cell_len, column)) for column in zip(headers, *lines)]
    if not width:
        return whole
    widths = [min(cells, SHORT_CELLS) if header in LONG else cells for header, cells in zip(headers, whole)]
    spare = width - sum(widths) - 2 * len(widths)
    for number, cells in enumerate(whole):
        more = max(0, min(cells - widths[number], spare))
        widths[number], spare = widths[number] + more, spare - more
    return widths if spare >= 0 else None


def _format_cell(row: Row, key: Union[str, Callable[[Any], Any]]) -> str:
    """Return the value of a cell as one line of text."""
    value = key(row) if callable(key) else row.get(key)
    words = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else "" if value is None else str(value)
    return printable(words)


def make_name_column(list_all: Callable[[], Iterable[Row]], key: str) -> Callable[[Row], Any]:
    """Return a function that maps the id, or ids, in *key* of a row to names; *list_all* is called on first use."""
    names: Dict[str, str] = {}

    def name(row: Row) -> Any:
        if not names:
            names.update((one["id"], one.get("full_name") or one["name"]) for one in list_all())
        value = row.get(key)
        return [names.get(one, one) for one in value] if isinstance(value, list) else names.get(str(value), "")

    return name


@contextlib.contextmanager
def progress_bar(text: str, of_bytes: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on the terminal, and yield the function that updates it: (done, total)."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda so_far, whole: None
        return
    amounts = (DownloadColumn(), TransferSpeedColumn()) if of_bytes else (MofNCompleteColumn(),)
    words = TextColumn("{task.description}", markup=False)
    with Progress(words, BarColumn(), *amounts, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task(text, total=None)
        yield lambda so_far, whole: progress.update(task, completed=so_far, total=whole)
