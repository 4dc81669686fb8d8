"""Read a sheet: dicts, a csv.DictReader or a DataFrame become rows of a set-up."""

import re
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple

from ..models import Ref
from .server import named
from .table import TableRow, folded

#: Columns with a meaning of their own, by the names that sheets give them; all others are metadata or task types.
COLUMNS = {
    "episode": "episode", "sequence": "sequence", "shot": "shot", "scene": "scene", "asset": "asset", "edit": "edit",
    "concept": "concept", "name": "name", "asset type": "asset_type", "type": "asset_type",
    "description": "description", "nb frames": "nb_frames", "frames": "nb_frames", "frame in": "frame_in",
    "frame out": "frame_out", "task type": "tasks", "task types": "tasks", "task": "tasks", "tasks": "tasks",
    "assignees": "assignees", "assignee": "assignees", "estimation": "estimation", "start date": "start_date",
    "due date": "due_date", "priority": "priority", "difficulty": "difficulty", "status": "status",
    "comment": "comment", "preview": "preview", "previews": "preview", "files": "preview", "casting": "casting",
    "cast": "casting",
}  # fmt: skip
FRAMES: Tuple[str, ...] = ("nb_frames", "frame_in", "frame_out")
#: Metadata that Kitsu knows without a column.
OWN_DATA = {"fps": "fps", "resolution": "resolution", "max retakes": "max_retakes"}
#: Cells that ask for a task without saying more.
MARKS = ("x", "y", "yes", "true", "1")
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")


Names = Tuple[str, ...]


class Line(NamedTuple):
    """A line of a sheet: its cells by what they mean, and those of columns without a meaning of their own."""

    name: str
    cells: Dict[str, Any]
    others: Dict[str, Any]


def add_records(setup: Any, records: Any) -> None:
    """Add what a sheet describes to a set-up; lines that make no sense are refused by the plan."""
    lines = [_line(number, record) for number, record in enumerate(_dicts(records), 1)]
    readers = _readers(lines)
    castings: List[Tuple[Line, TableRow]] = []
    for line in lines:
        try:
            entity = _add_entity(setup, line, readers)
            _add_tasks(setup, line, entity)
            castings += [(line, entity)] if "casting" in line.cells else []
        except (ValueError, OSError) as error:
            setup.refuse("Line", line.name, str(error))
    assets = _assets_by_name(setup) if castings else {}
    for line, entity in castings:  # in the end: assets may stand below the shots that they are in
        try:
            setup.cast(entity, _casting_of(assets, str(line.cells["casting"])))
        except ValueError as error:
            setup.refuse("Line", line.name, str(error))


def _dicts(records: Any) -> Iterable[Mapping[Any, Any]]:
    """Return the rows of a DataFrame as dicts; dicts stay as they are."""
    if not isinstance(records, Mapping) and hasattr(records, "to_dicts"):
        rows: Iterable[Mapping[Any, Any]] = records.to_dicts()
        return rows
    if not isinstance(records, Mapping) and hasattr(records, "to_dict"):
        rows = records.to_dict("records")
        return rows
    if isinstance(records, (str, bytes, Mapping)) or not isinstance(records, Iterable):
        raise ValueError(f"rows: expected dicts, a csv.DictReader or a DataFrame, got {records!r:.200}")
    return records


def _line(number: int, record: Any) -> Line:
    """Return a line with its cells by what they mean; empty ones are left out."""
    if not isinstance(record, Mapping):
        raise ValueError(f"rows: expected dicts, got {record!r:.200} in row {number}")
    line = Line(f"row {number}", {}, {})
    for header, value in record.items():
        value = value.strip() if isinstance(value, str) else value
        if _is_empty(value):
            continue
        plain = " ".join(str(header).replace("_", " ").lower().split())
        if plain in COLUMNS:
            line.cells[COLUMNS[plain]] = value
        else:
            line.others[OWN_DATA.get(plain, "" if header is None else str(header).strip())] = value
    return line


def _is_empty(value: Any) -> bool:
    """Return whether a cell is empty: None, blank, NaN, or what pandas has in its place."""
    return value is None or value == [] or type(value).__name__ in ("NAType", "NaTType") or str(value) in ("", "nan")


def _readers(lines: List[Line]) -> Dict[str, str]:
    """Return what the texts of each metadata column are: `number`, `boolean` or `string`."""
    values: Dict[str, List[Any]] = {}
    for line in lines:
        for header, value in line.others.items():
            values.setdefault(header, []).append(value)
    kinds = {}
    for header, cells in values.items():
        texts = [cell for cell in cells if isinstance(cell, str)]
        numbers = all(NUMBER.fullmatch(text) for text in texts)
        flags = all(text.lower() in ("true", "false") for text in texts)
        kinds[header] = "number" if numbers else "boolean" if flags else "string"
    return kinds


# -- entities ----------------------------------------------------------------------
def _add_entity(setup: Any, line: Line, readers: Mapping[str, str]) -> TableRow:
    """Add the entity that a line describes, and what is above it."""
    cells = line.cells
    if "" in line.others:
        raise ValueError("it has more cells than the sheet has columns")
    kind = _kind_of(cells)
    values: Dict[str, Any] = {"description": str(cells["description"])} if "description" in cells else {}
    frames = {name: _whole(name, cells[name]) for name in FRAMES if name in cells}
    if frames and kind != "Shot":
        raise ValueError(f"{', '.join(frames)}: only shots have frames")
    data = {header: _read(setup, kind, header, value, readers) for header, value in _metadata(setup, kind, line)}
    values.update(frames, data=data)
    episode = (
        setup.episode(str(cells["episode"]), **(values if kind == "Episode" else {})) if "episode" in cells else None
    )
    if kind in ("Sequence", "Shot", "Scene"):
        if "sequence" not in cells:
            raise ValueError(f"a {kind.lower()} needs a sequence")
        sequence: TableRow = setup.sequence(str(cells["sequence"]), episode, **(values if kind == "Sequence" else {}))
        name = str(cells.get(kind.lower(), cells.get("name")))
        return sequence if kind == "Sequence" else _added(setup, kind.lower(), (sequence, name), values)
    if kind == "Asset":
        asset = (str(cells["asset_type"]), str(cells.get("asset", cells.get("name"))), episode)
        return _added(setup, "asset", asset, values)
    if kind == "Edit":
        return _added(setup, "edit", (str(cells["edit"]), episode), values)
    return _added(setup, "concept", (str(cells["concept"]),), values) if kind == "Concept" else episode  # type: ignore


def _added(setup: Any, method: str, arguments: Tuple[Any, ...], values: Mapping[str, Any]) -> TableRow:
    row: TableRow = getattr(setup, method)(*arguments, **values)
    return row


def _kind_of(cells: Mapping[str, Any]) -> str:
    """Return the kind of entity that a line describes."""
    if "asset_type" in cells:
        if "asset" not in cells and "name" not in cells:
            raise ValueError("an asset needs a name")
        return "Asset"
    if "asset" in cells:
        raise ValueError("an asset needs an asset type")
    for kind in ("shot", "scene", "edit", "concept"):
        if kind in cells:
            return kind.title()
    if "name" in cells:
        return "Shot"
    for kind in ("sequence", "episode"):
        if kind in cells:
            return kind.title()
    raise ValueError("it names no shot, asset, sequence, ...")


def _metadata(setup: Any, kind: str, line: Line) -> List[Tuple[str, Any]]:
    """Return the cells of metadata; the others are of columns that are named after task types."""
    return [(header, value) for header, value in line.others.items() if not _is_task_type(setup, kind, header)]


def _is_task_type(setup: Any, kind: str, header: str) -> bool:
    """Return whether a column asks for tasks of the type that it is named after."""
    ours = (row for row in setup.server.task_types if row["for_entity"] == kind)
    return setup.server.column(kind, header) is None and named(ours, header) is not None


def _read(setup: Any, kind: str, header: str, value: Any, readers: Mapping[str, str]) -> Any:
    """Return a value of metadata as its column has it."""
    column = setup.server.column(kind, header)
    wanted = column["data_type"] if column else readers[header] if header not in OWN_DATA.values() else "string"
    if wanted == "number" and isinstance(value, str):
        return _number(header, value)
    if wanted == "boolean":
        if str(value).lower() not in ("true", "false"):
            raise ValueError(f"{header}: expected true or false, got {value!r:.80}")
        return str(value).lower() == "true"
    item = getattr(value, "item", None)  # a number of numpy
    return item() if item is not None and not isinstance(value, str) else value


def _number(name: str, value: Any) -> Any:
    """Return a number: an int where it is whole."""
    try:
        number = float(str(value).replace(",", "."))
        return int(number) if number == int(number) else number
    except (ValueError, OverflowError):
        raise ValueError(f"{name.replace('_', ' ')}: expected a number, got {value!r:.80}") from None


def _whole(name: str, value: Any) -> int:
    number = _number(name, value)
    if not isinstance(number, int):
        raise ValueError(f"{name.replace('_', ' ')}: expected a whole number, got {value!r:.80}")
    return number


# -- what entities have --------------------------------------------------------------
def _add_tasks(setup: Any, line: Line, entity: TableRow) -> None:
    """Add the tasks and the preview of a line."""
    cells = line.cells
    types = _split(cells.get("tasks"))
    values: Dict[str, Any] = {name: cells[name] for name in ("start_date", "due_date") if name in cells}
    values.update({name: _number(name, cells[name]) for name in ("estimation",) if name in cells})
    values.update({name: _whole(name, cells[name]) for name in ("priority", "difficulty") if name in cells})
    if "assignees" in cells:
        values["assignees"] = _split(cells["assignees"])
    publishes = "preview" in cells or "comment" in cells
    if not types and (values or publishes or "status" in cells):
        raise ValueError(f"{', '.join([*values, *(['status'] if 'status' in cells else [])])}: for which task type?")
    if publishes and ("status" not in cells or len(types) > 1):
        raise ValueError("a comment or a preview needs a status and one task type")
    for task_type in types:
        status: Optional[Ref] = None if publishes else cells.get("status")
        setup.task(entity, task_type, task_status=status, **values)
    if publishes:
        text, files = str(cells.get("comment", "")), _split(cells.get("preview"))
        setup.preview(entity, types[0], str(cells["status"]), text, files)
    for header, value in line.others.items():
        if _is_task_type(setup, entity.kind, header):
            _add_marked_task(setup, entity, header, str(value))


def _add_marked_task(setup: Any, entity: TableRow, task_type: str, cell: str) -> None:
    """Add a task that a cell of the column of its type asks for, with people or a status."""
    if cell.lower() in MARKS:
        setup.task(entity, task_type)
    elif named(setup.server.task_statuses, cell, ("name", "short_name")):
        setup.task(entity, task_type, task_status=cell)
    else:
        setup.task(entity, task_type, assignees=_split(cell))


def _split(value: Any) -> List[str]:
    """Return the texts of a cell with several, separated by commas or semicolons."""
    texts = value if isinstance(value, (list, tuple)) else re.split("[,;]", "" if value is None else str(value))
    return [str(text).strip() for text in texts if str(text).strip()]


def _casting_of(assets: Mapping[Names, Mapping[str, Ref]], cell: str) -> Dict[Any, int]:
    """Return the casting that a cell describes: `Hero, Props/Tree:3`."""
    casting: Dict[Any, int] = {}
    for text in _split(cell):
        name, _, number = text.rpartition(":") if re.search(r":\s*\d+$", text) else (text, "", "1")
        found = assets.get(_folded(name.strip().split("/", 1)), {})
        if len(found) != 1:
            why = "there are several assets" if found else "there is no asset"
            raise ValueError(f"casting: {why} {name.strip()!r}{': name its type, too' if found else ''}")
        casting[next(iter(found.values()))] = int(number)
    return casting


def _assets_by_name(setup: Any) -> Dict[Names, Dict[str, Ref]]:
    """Return the assets of the table and of the server, by their names and by type and name."""
    assets: Dict[Names, Dict[str, Ref]] = {}
    rows = [(row.identity, row.id, row) for row in setup.rows if row.kind == "Asset"]
    records = [record for record in setup.server.entities.values() if not record["canceled"]]
    for identity, asset_id, ref in (*rows, *((setup.server.identity_of(one), one["id"], one["id"]) for one in records)):
        if identity[0] == "Asset":
            for names in (_folded(identity[1:]), _folded(identity[2:])):
                assets.setdefault(names, {}).setdefault(asset_id, ref)
    return assets


def _folded(names: Iterable[str]) -> Names:
    return tuple(map(folded, names))
