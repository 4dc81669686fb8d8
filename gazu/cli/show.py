"""How a command shows what it found: tables that fit the terminal, JSON for programs, bars while it lasts."""

import contextlib
import io
import json
import shutil
import sys
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple, Union

import click

Row = Mapping[str, Any]
#: The header, and the key of the value or what gets it from the row.
Column = Tuple[str, Union[str, Callable[[Any], Any]]]
ID_WIDTH = 36
#: What each other column needs at the least; where that does not fit, the ids are left out.
NARROW = 8


def is_json() -> bool:
    """Return whether a program wants to read the output."""
    context = click.get_current_context(silent=True)
    return bool(context and (context.find_root().obj or {}).get("json"))


def output(ctx: click.Context, data: Any, columns: Sequence[Column]) -> None:
    """Show a record or a list of them: as JSON, all of it, or these columns for people."""
    if (ctx.obj or {}).get("json"):
        click.echo(json.dumps(data, indent=2))
    elif isinstance(data, Mapping):
        for header, key in columns:
            click.echo(f"{header}: {_text(data, key)}")
    else:
        print_table(data, columns)


def done(ctx: click.Context, message: str, data: Any) -> None:
    """Tell what was done; to a program, what came of it."""
    click.echo(json.dumps(data, indent=2) if (ctx.obj or {}).get("json") else message)


def print_table(rows: Iterable[Row], columns: Sequence[Column]) -> None:
    """Print rows below their headers: as wide as the terminal, or all of it where there is none."""
    lines = [[_text(row, key) for _, key in columns] for row in rows]
    if not lines:
        click.echo("No results.", err=True)
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    click.echo(_table([header for header, _ in columns], lines, width), nl=False)


def _table(headers: List[str], lines: List[List[str]], width: int) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    others = sum(header != "ID" for header in headers)
    if width and width < ID_WIDTH + NARROW * others and others:
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


def _text(row: Row, key: Union[str, Callable[[Any], Any]]) -> str:
    """Return a value as text of one line, without the characters that steer a terminal."""
    value = key(row) if callable(key) else row.get(key)
    words = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else "" if value is None else str(value)
    return "".join(letter if letter.isprintable() else " " for letter in words)


def name_of(list_all: Callable[[], Iterable[Row]], key: str) -> Callable[[Row], Any]:
    """Make a column of the names of the records whose id, or ids, a row has under *key*; listed when first needed."""
    known: Dict[str, str] = {}

    def name(row: Row) -> Any:
        if not known:
            known.update((one["id"], one.get("full_name") or one["name"]) for one in list_all())
        value = row.get(key)
        return [known.get(one, one) for one in value] if isinstance(value, list) else known.get(str(value), "")

    return name


@contextlib.contextmanager
def bar(text: str, of_bytes: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on the terminal while it lasts, and yield what tells it (done so far, all there is to do)."""
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
