"""Output of the commands: tables that fit the terminal, JSON for programs, and progress bars."""

import contextlib
import io
import json
import shutil
import sys
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple, Union

import click

from .errors import printable

Row = Mapping[str, Any]
#: A header, and the key of the value or a function that returns it.
Column = Tuple[str, Union[str, Callable[[Any], Any]]]
ID_CHARS = 36
#: Minimum width of the other columns; if they do not fit, the ids are omitted.
MIN_COLUMN_CHARS = 8


def is_json() -> bool:
    """Return whether `--json` was passed."""
    context = click.get_current_context(silent=True)
    return bool(context and (context.find_root().obj or {}).get("json"))


def output(ctx: click.Context, data: Any, columns: Sequence[Column]) -> None:
    """Print a record or a list of records: complete as JSON, otherwise these columns."""
    if (ctx.obj or {}).get("json"):
        click.echo(json.dumps(data, indent=2))
    elif isinstance(data, Mapping):
        for header, key in columns:
            click.echo(f"{header}: {_format_cell(data, key)}")
    else:
        print_table(data, columns)


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

    others = sum(header != "ID" for header in headers)
    if width and width < ID_CHARS + MIN_COLUMN_CHARS * others and others:
        kept = [number for number, header in enumerate(headers) if header != "ID"]
        headers, lines = [headers[k] for k in kept], [[line[k] for k in kept] for line in lines]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for header in headers:
        table.add_column(header, no_wrap=header == "ID", overflow="ellipsis")
    for line in lines:
        table.add_row(*[Text(cell, no_wrap=True, overflow="ellipsis") for cell in line])
    page = io.StringIO()
    Console(file=page, force_terminal=bool(width), width=width or 1_000_000, legacy_windows=False).print(table)
    return "".join(line.rstrip() + "\n" for line in page.getvalue().splitlines())


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
