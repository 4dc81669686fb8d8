"""For notebooks: records and lists of records show as tables, and transfers as progress bars.

`gazu.notebook.show_tables()`, or `%load_ext gazu.notebook`, turns the tables on, and
`progress_callback=gazu.notebook.progress("v3")` shows a bar.
"""

import html
from typing import Any, Callable, List, Optional

#: What a table shows, if the records have it: names rather than ids, and never tokens or settings.
COLUMNS = (
    "project_name", "project", "episode_name", "sequence_name", "entity_type_name", "asset_type_name", "entity_name",
    "entity", "task_type_name", "task_type", "task_status_name", "task_status_short_name", "task_status", "full_name",
    "name", "short_name", "original_name", "revision", "extension", "text", "person", "role", "email", "status",
    "nb_frames", "fps", "resolution", "estimation", "duration", "start_date", "due_date", "created_at",
)  # fmt: skip
MAX_ROWS = 20
MAX_CHARACTERS = 60


def show_tables() -> None:
    """Show records, and lists of records, as short tables in the notebook that runs; they stay plain dicts.

    `%load_ext gazu.notebook` does the same, and `%unload_ext gazu.notebook` ends it. `print` shows a record in full.

    Raises:
        RuntimeError: not in a notebook.
    """
    from IPython import get_ipython  # loaded here: only notebooks have it

    shell = get_ipython()
    if shell is None:
        raise RuntimeError("there is no notebook to show tables in: call show_tables in a cell")
    load_ipython_extension(shell)


def load_ipython_extension(shell: Any) -> None:
    """Show records as tables: what `%load_ext gazu.notebook` calls.

    Args:
        shell: of IPython, which passes itself.
    """
    for kind in (dict, list):
        shell.display_formatter.formatters["text/html"].for_type(kind, table)


def unload_ipython_extension(shell: Any) -> None:
    """Show records as before: what `%unload_ext gazu.notebook` calls.

    Args:
        shell: of IPython, which passes itself.
    """
    for kind in (dict, list):
        shell.display_formatter.formatters["text/html"].pop(kind, None)


def table(value: Any) -> Optional[str]:
    """Return a table, in HTML, of a record or a list of records; None for anything else, which then shows as before.

    Args:
        value: that a cell shows.
    """
    if type(value) not in (dict, list):  # IPython 7.0 takes subclasses too
        show = getattr(value, "_repr_html_", None)
        return show() if show else None
    records: List[Any] = value if isinstance(value, list) else [value]
    if not records or not all(map(_is_record, records)):
        return None
    shown = records[:MAX_ROWS]
    columns = [name for name in COLUMNS if any(_text(record.get(name)) for record in shown)]
    rows = ["".join(f"<th>{name}</th>" for name in columns)]
    rows += ["".join(f"<td>{html.escape(_text(record.get(name)))}</td>" for name in columns) for record in shown]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    kinds = " / ".join(sorted({record["type"] for record in records}))
    return f"<table>{body}</table><p>{html.escape(kinds)}: {len(shown)} of {len(records)}</p>"


def _is_record(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), str) and isinstance(value.get("type"), str)


def _text(value: Any) -> str:
    """Return what a cell shows: of a record its name, and nothing for what is not set."""
    if isinstance(value, dict):
        value = value.get("full_name") or value.get("name") or value.get("first_name")
    text = str(value or "")
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}..."


def progress(description: str = "", unit: str = "B") -> Callable[[int, int], None]:
    """Show a progress bar of tqdm (`pip install tqdm`), in a notebook or a terminal.

    Args:
        description: what stands before the bar.
        unit: what is counted: "B" for bytes, "calls" for those of `gazu.parallel.call_many`.

    Returns:
        A function for `progress_callback=`, which is called with what is done and the total.
    """
    from tqdm.auto import tqdm

    bar: Any = tqdm(desc=description or None, unit=unit, unit_scale=True)

    def show(done: int, total: int) -> None:
        if bar.total != total:
            bar.reset(total)  # the only way to tell the bar of a notebook
        bar.update(done - bar.n)
        if done == total:
            bar.close()

    return show
