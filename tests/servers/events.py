"""The events that each version of Zou sends: from its source to the names in the library and the page about them.

python -m tests.servers.events            # write both again; it needs ruff
python -m tests.servers.events 1.0.98     # add those of another version first
"""

import ast
import os
import re
import sys
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Set, Tuple

from gazu_sandbox.install import prepare
from gazu_sandbox.processes import run
from gazu_sandbox.versions import number

from .table import ROOT, read, write

TABLE = Path(__file__).with_name("events.tsv")
PAGE = ROOT / "docs" / "reference" / "events.md"
MODULE = ROOT / "gazu" / "events" / "names.py"
VERBS = ("new", "update", "delete")
#: The kinds of entities, in the names of events.
KINDS = ("asset", "concept", "concept-folder", "edit", "episode", "scene", "sequence", "shot")
#: How the source names kinds and verbs where it makes the name of an event, and what that is.
WORDS: Dict[str, Tuple[str, ...]] = {
    "event_type": VERBS[:2],
    "event_name": VERBS,
    "'-'.join(words)": KINDS,
    "type_name.lower()": KINDS,
    "name.lower()": tuple(kind.replace("-", "") for kind in KINDS),
    "entity_type_name": tuple(kind.replace("-", "") for kind in KINDS),
    "model_name": ("organisation", "person", "preview-background", "project"),
    "name": ("acknowledge", "unacknowledge"),
    "action": VERBS,
    "model.__tablename__": ("output_type", "software"),
}
#: Calls that pass events of other servers on, whatever their names.
FORWARDED = {"event_name", "full_event_name", "event"}
#: Tables whose routes of the general kind change nothing, or that exist within the server only.
NOT_CHANGED = {"api_event", "plugin"}
#: Events whose data has a `project_id` in the source, that is always None.
WITHOUT_PROJECT = {"output_type:new", "software:new"}
#: The types of fields that are not ids.
TYPES = {
    "added_asset_ids": "List[str]",
    "asset_in": "str",
    "asset_instantiated": "str",
    "asset_out": "str",
    "asset_type": "str",
    "change_status": "bool",
    "comment": "Any",
    "created_at": "str",
    "data": "Dict[str, Any]",
    "entity_type_name": "str",
    "extension": "str",
    "for_client": "bool",
    "id": "str",
    "last_message": "str",
    "message": "Optional[str]",
    "name": "str",
    "nb_assets_ready": "int",
    "nb_entities_out": "int",
    "nb_occurences": "int",
    "preview_file_status": "str",
    "preview_path": "Any",
    "removed_asset_ids": "List[str]",
    "revision": "int",
    "status": "str",
    "updated_at": "str",
}
#: How the table marks what is in the log, and what is in the stream only.
LOGGED, STREAM_ONLY = "(log)", "(stream)"


class Emitted(NamedTuple):
    """A call in the source of Zou: the name that it gives the event, its fields, and if it is logged."""

    name: str
    fields: Set[str]
    is_logged: bool


def pieces(node: ast.expr) -> List[str]:
    """Return the pieces of a text: literals as they are, and the source of what is inserted after a NUL."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        return [
            "\0" + ast.unparse(part.value) if isinstance(part, ast.FormattedValue) else str(part.value)  # type: ignore[attr-defined]
            for part in node.values
        ]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
        inserted = iter(node.right.elts if isinstance(node.right, ast.Tuple) else [node.right])
        return [
            "\0" + ast.unparse(next(inserted)) if part == "%s" else part
            for part in re.split("(%s)", str(node.left.value))
            if part
        ]
    return ["\0" + ast.unparse(node)]


def calls(tree: ast.AST) -> Iterator[Tuple[ast.Call, ast.FunctionDef]]:
    """Yield the calls of `events.emit`, and the function that each stands in."""
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "events.emit":
                yield node, function


def keys_of(node: Optional[ast.expr], function: ast.FunctionDef) -> List[ast.expr]:
    """Return the keys of the data of an event, which may have been put into a variable before."""
    if isinstance(node, ast.Dict):
        found = [key for key in node.keys if key is not None]
        merged = [value for key, value in zip(node.keys, node.values) if key is None]
        return found + [key for value in merged for key in keys_of(value, function)]
    if not isinstance(node, ast.Name):
        return []
    found = []
    for one in ast.walk(function):
        for target in one.targets if isinstance(one, ast.Assign) else ():
            if ast.unparse(target) == node.id and isinstance(one, ast.Assign):
                found += keys_of(one.value, function) if isinstance(one.value, ast.Dict) else []
            if isinstance(target, ast.Subscript) and ast.unparse(target.value) == node.id:
                found.append(target.slice)
    return found


def tables(root: Path) -> Dict[str, Tuple[str, bool]]:
    """Return the name of the table of each model, and if it has a project."""
    found = {}
    for file in (root / "app" / "models").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                source = ast.unparse(node)
                named = re.search("__tablename__ = ['\"](\\w+)", source)
                table = named.group(1) if named else re.sub("(?<!^)(?=[A-Z])", "_", node.name).lower()
                found[node.name] = table, bool(re.search(r"\bproject_id = ", source))
    return found


def general(root: Path, verb: str) -> List[Tuple[str, bool]]:
    """Return the tables whose routes send the events of the general kind for this verb, and if they have a project."""
    method = {"new": "emit_create_event", "update": "emit_update_event", "delete": "emit_delete_event"}[verb]
    known, found = tables(root), []
    for file in (root / "app" / "blueprints" / "crud").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ClassDef):
                continue
            base = "BaseModelsResource" if verb == "new" else "BaseModelResource"
            model = re.search(rf"{base}.__init__\(self, (\w+)\)", ast.unparse(node))
            if model and f"def {method}" not in ast.unparse(node) and known[model.group(1)][0] not in NOT_CHANGED:
                found.append(known[model.group(1)])
    return found


def variants(root: Path, name: List[str]) -> Iterator[Dict[str, str]]:
    """Yield what may stand in the place of each inserted piece of a name."""
    inserted = [piece[1:] for piece in name if piece.startswith("\0")]
    if "self.model.__tablename__.replace('_', '-')" in inserted:
        for table, has_project in general(root, name[-1].lstrip(":")):
            project = {} if has_project else {"without project": ""}
            yield {inserted[0]: table.replace("_", "-"), "self.model.__tablename__": table, **project}
        return
    if inserted == ["self.event_name", "event_type"]:
        for verb in VERBS[:2]:
            for event, field in imported(root):
                yield {"self.event_name": event, "event_type": verb, "self.id_field": field}
        return
    found: List[Dict[str, str]] = [{}]
    for one in inserted:
        found = [{**made, one: word} for made in found for word in WORDS[one]]
    for made in found:
        for one, word in list(made.items()):
            made.setdefault(one.replace(".lower()", ""), word)
            made.setdefault(one.replace("'-'", "'_'"), word.replace("-", "_"))
        yield made


def imported(root: Path) -> List[Tuple[str, str]]:
    """Return the names and ids that the routes for imports have as attributes of their classes."""
    source = (root / "app" / "blueprints" / "source" / "kitsu.py").read_text(encoding="utf-8")
    return re.findall('event_name = "([\\w-]+)"\\s+id_field = "(\\w+)"', source)


def fill(parts: List[str], variant: Dict[str, str]) -> str:
    return "".join(variant[part[1:]] if part.startswith("\0") else part for part in parts)


def emitted(root: Path) -> Iterator[Emitted]:
    """Yield the events that the Zou whose source is in a folder sends."""
    for file in sorted(root.rglob("*.py")):
        for call, function in calls(ast.parse(file.read_text(encoding="utf-8"))):
            named = {keyword.arg: keyword.value for keyword in call.keywords}
            name = pieces(call.args[0])
            if len(name) == 1 and name[0][1:] in FORWARDED and name[0].startswith("\0"):
                continue
            keys = keys_of(call.args[1] if len(call.args) > 1 else named.get("data"), function)
            is_logged = ast.unparse(named.get("persist", ast.Constant(True))) != "False"
            for variant in variants(root, name):
                event = fill(name, variant).lower()
                fields = {fill(pieces(key), variant).lower() for key in keys}
                has_project = event not in WITHOUT_PROJECT and "without project" not in variant
                if has_project and ast.unparse(named.get("project_id", ast.Constant(None))) != "None":
                    fields.add("project_id")
                yield Emitted(event, fields, is_logged)


def events_of(root: Path) -> Dict[str, Tuple[Set[str], bool]]:
    """Return the fields of each event that a Zou sends, and if it is logged by all that send it."""
    found: Dict[str, Tuple[Set[str], bool]] = {}
    for event in emitted(root):
        fields, is_logged = found.get(event.name, (set(), True))
        found[event.name] = fields | event.fields, is_logged and event.is_logged
    return found


def source_of(zou: str) -> Path:
    """Return the folder with the source of a version, which is installed if it is not there."""
    tools, _ = prepare(zou)
    code = "import importlib.util as util; print(util.find_spec('zou').submodule_search_locations[0])"
    return Path(run([tools.python, "-c", code], os.environ).strip())


def add_version(zou: str) -> None:
    """Add the events of a version to the file with them."""
    content = read(TABLE) if TABLE.exists() else {}
    for event, (fields, is_logged) in events_of(source_of(zou)).items():
        for key in [*fields, LOGGED if is_logged else STREAM_ONLY]:
            content[event, key] = sorted({*content.get((event, key), ()), zou}, key=number)
    write(TABLE, "event\tfield", content)


def type_of(field: str) -> str:
    return "str" if field.endswith("_id") else TYPES[field]


def fields_by_event() -> Dict[str, List[str]]:
    """Return the fields of each event of any version, as a listener spells them."""
    found: Dict[str, List[str]] = {}
    for event, field in sorted(read(TABLE)):
        names = found.setdefault(event, [])
        names += [field.replace("-", "_")] if field not in (LOGGED, STREAM_ONLY) else []
    return found


def stream_only() -> List[str]:
    return sorted(event for (event, field), versions in read(TABLE).items() if field == STREAM_ONLY)


def class_of(event: str) -> str:
    """Return the name of the type with the fields of an event and its neighbours."""
    return "".join(word.title() for word in re.split("[-_]", event.partition(":")[0])) + "Event"


def module() -> str:
    """Return the module with the names and the types."""
    events = fields_by_event()
    types: Dict[str, Set[str]] = {}
    for event, fields in events.items():
        types.setdefault(class_of(event), set()).update(fields)
    classes = "".join(
        f"\n\nclass {name}(_Event, total=False):\n"
        f'    """Data of the events of `{next(event for event in events if class_of(event) == name).partition(":")[0]}`."""\n\n'
        + "".join(f"    {field}: {type_of(field)}\n" for field in sorted(fields - {"project_id"}))
        for name, fields in sorted(types.items())
    )
    names = ", ".join(f'"{event}"' for event in events)
    return f'''"""Written by `python -m tests.servers.events`: the events that Zou sends, and the fields of their data.

Which event has which field is in docs/reference/events.md. No field is always there: imports leave most of them out.
"""

import sys
from typing import Any, Dict, FrozenSet, List, Optional

if sys.version_info >= (3, 8):
    from typing import Literal, TypedDict, get_args
else:
    from typing_extensions import Literal, TypedDict, get_args

#: The names of all events that a known version of Zou sends.
EventName = Literal[{names}]
EVENT_NAMES: FrozenSet[str] = frozenset(get_args(EventName))
#: Events that are not logged, or not always, so that only the stream has them.
STREAM_ONLY_EVENTS: FrozenSet[str] = frozenset(({", ".join(f'"{event}"' for event in stream_only())}))


class _Event(TypedDict, total=False):
    event_id: str
    project_id: str
{classes}'''


def since(versions: List[str]) -> str:
    """Return which of the versions have something, in words; "" for all."""
    known = sorted({version for all_of in read(TABLE).values() for version in all_of}, key=number)
    if versions == known:
        return ""
    return f"{versions[0]} and later" if versions[-1] == known[-1] else f"until {versions[-1]}"


def page() -> str:
    """Return the page of the documentation."""
    table, rows = read(TABLE), []
    known = sorted({version for all_of in table.values() for version in all_of}, key=number)
    for event in fields_by_event():
        key = (event, STREAM_ONLY) if (event, STREAM_ONLY) in table else (event, LOGGED)
        notes = [since(table[key]), "stream only" if key[1] == STREAM_ONLY else ""]
        shown = []
        for field in sorted(field for one, field in table if one == event and field not in (LOGGED, STREAM_ONLY)):
            when = since(table[event, field]) if table[event, field] != table[key] else ""
            text = f"`{field.replace('-', '_')}`" + ("" if field.endswith("_id") else f": {type_of(field)}")
            shown.append(text + (f" ({when})" if when else ""))
        rows.append(f"| `{event}` | {', '.join(shown)} | {', '.join(filter(None, notes))} |")
    return f"""# Events

These are the events that Zou {known[0]} to {known[-1]} sends, with the fields of their data. The page is generated by
`python -m tests.servers.events` from the source of the server. Fields are ids, as texts, where no type is given.

```python
from gazu.events.names import TaskEvent


def check_task(data: TaskEvent) -> None:
    print(data["task_id"])


listener = gazu.events.Listener()
listener.on("task:update", check_task)
```

`gazu.events.names` has a type for the data of each kind of events: `TaskEvent`, `PreviewFileEvent`, and so on.
`gazu.events.EventName` is the type of the names, so that editors complete them. Any other name is accepted too, for events of
plugins; `Listener.on` warns of it, and names the nearest that there is.

- Handlers of a `gazu.events.Listener` also receive `event_id`, except for events of the stream.
- Expect each field to be missing: imports of tasks and links, for example, send no id.
- Imports and Kitsu's push to another server write `Asset_id` for `asset_id`; a listener renames it.
- Some names occur in two spellings, such as `asset-instance:new` and `asset_instance:new`, for two ways to do the same.
- "Stream only" are events that are not in the log, or not always: a listener takes them from the event stream.
- A version in the last column is the first or the last one of those compared ({", ".join(known)}) that sends the event.

| event | fields | |
| --- | --- | --- |
{chr(10).join(rows)}
"""


if __name__ == "__main__":
    for version in sys.argv[1:]:
        add_version(version)
    MODULE.write_text(module(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    run(["ruff", "format", "-q", str(MODULE)], os.environ)
