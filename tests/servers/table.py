"""What each version of Zou can do: from its own routes to the table in the library and the page in the documentation.

python -m tests.servers.table            # write both again, and the page of routes; it needs ruff
python -m tests.servers.table 1.0.98     # add the routes of another version first, from a server of its own
"""

import inspect
import os
import re
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

from gazu_sandbox import Sandbox, services
from gazu_sandbox.folders import read_state
from gazu_sandbox.install import prepare
from gazu_sandbox.processes import run
from gazu_sandbox.versions import NEWEST, OLDEST, PINNED, number

from ..live.conftest import public_functions
from . import routes as route_map

ROOT = Path(__file__).parents[2]
ROUTES = Path(__file__).with_name("routes.tsv")
PAGE = ROOT / "docs" / "reference" / "servers.md"
TABLE = ROOT / "gazu" / "_http" / "routes_since.py"
FIELDS = Path(__file__).with_name("fields.tsv")
FIELDS_TABLE = ROOT / "gazu" / "sync" / "fields_since.py"
HEADER = "\tversions of Zou that have it\n"
#: The models of Zou whose rows are copied, by the paths of their lists.
MODELS = {
    "attachment-files": "AttachmentFile",
    "comments": "Comment",
    "departments": "Department",
    "entities": "Entity",
    "entity-links": "EntityLink",
    "entity-types": "EntityType",
    "metadata-descriptors": "MetadataDescriptor",
    "milestones": "Milestone",
    "news": "News",
    "playlists": "Playlist",
    "preview-files": "PreviewFile",
    "project-status": "ProjectStatus",
    "projects": "Project",
    "schedule-items": "ScheduleItem",
    "subscriptions": "Subscription",
    "task-status": "TaskStatus",
    "task-types": "TaskType",
    "tasks": "Task",
    "time-spents": "TimeSpent",
}
#: Prints the routes and the fields of the Zou that it is run with.
DESCRIBE = """
from zou.app import app, db
import sqlalchemy
sqlalchemy.orm.configure_mappers()
for mapper in db.Model.registry.mappers:
    for attribute in mapper.attrs:
        print("FIELD", mapper.class_.__name__, attribute.key)
for rule in app.url_map.iter_rules():
    for method in rule.methods - {"OPTIONS", "HEAD"}:
        print("ROUTE", method, rule)
"""
#: Routes that are not part of the API.
NO_API = re.compile(r"(docs|static|apispec|flasgger|openapi)")
#: What no route shows: the route is there, and does less.
BY_HAND = {
    "client.import_data": ("POST import/kitsu/<>", "1.0.55"),
    "person.new_bot": ("POST data/persons", "0.19.69"),
}
#: Routes that a function tries first, or only on some servers.
OPTIONAL = {"PUT /actions/tasks/<>/to-review", "GET /data/tasks/<>/time-spents"}


def normalize(path: str) -> str:
    """Return a path with nameless parameters."""
    return "/" + re.sub("<[^>]*>", "<>", path.split("?")[0]).strip("/")


def read(file: Path) -> Dict[Tuple[str, str], List[str]]:
    """Return the versions that have a route, as `("GET", "/data/persons")`, or a field, as `("tasks", "nb_drawings")`."""
    rows = (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()[1:])
    return {(one, other): versions.split(" ") for one, other, versions in rows}


def write(file: Path, head: str, content: Dict[Tuple[str, str], List[str]]) -> None:
    lines = sorted(f"{one}\t{other}\t{' '.join(versions)}\n" for (one, other), versions in content.items())
    file.write_text(head + HEADER + "".join(lines), encoding="utf-8")


def read_routes() -> Dict[str, List[str]]:
    """Return the versions that have a route, as `GET /data/persons`."""
    return {" ".join(route): versions for route, versions in read(ROUTES).items()}


def add_version(zou: str) -> None:
    """Add the routes and fields of a version to the files with them: those of a server that is started for it."""
    with Sandbox(zou=zou) as box:
        tools, _ = prepare(zou)
        state = read_state(Path(box.data))
        assert state is not None
        environment = services.zou_environment(tools, state, Path(box.data))
        said = run([tools.python, "-c", DESCRIBE], environment, Path(box.data))
    routes = {
        (method, normalize(path))
        for method, path in re.findall("^ROUTE (\\S+) (\\S+)$", said, re.MULTILINE)
        if not NO_API.match(path.lstrip("/"))
    }
    named = {model: path for path, model in MODELS.items()}
    fields = {
        (named[model], field)
        for model, field in re.findall("^FIELD (\\S+) (\\S+)$", said, re.MULTILINE)
        if model in named
    }
    for file, head, present in ((ROUTES, "method\troute", routes), (FIELDS, "table\tfield", fields)):
        content = read(file)
        for key in present:
            content[key] = sorted({*content.get(key, ()), zou}, key=number)
        write(file, head, content)


def new_fields() -> Dict[str, Dict[str, str]]:
    """Return the fields that the oldest server lacks, by table, and the first version that has each."""
    found: Dict[str, Dict[str, str]] = {}
    for (table, field), versions in read(FIELDS).items():
        if versions[0] != OLDEST:
            found.setdefault(table, {})[field] = versions[0]
    return found


def source_of_fields() -> str:
    """Return the module with the table of fields."""
    rows = "\n".join(f'    "{table}": {fields},' for table, fields in sorted(new_fields().items()))
    return (
        '"""Written by `python -m tests.servers.table`: fields of rows, and the first Zou that has them."""\n\n'
        f"from typing import Dict\n\nSINCE: Dict[str, Dict[str, str]] = {{\n{rows}\n}}\n"
    )


def routes_of(function: Any) -> Iterator[str]:
    """Yield the routes that the docstring of a function names, as `GET /data/persons`."""
    for method, path in re.findall("`(GET|HEAD|POST|PUT|DELETE) ([^`]+)`", inspect.getdoc(function) or ""):
        yield f"{method} {normalize(path)}"


def first_versions() -> Dict[str, Tuple[str, str]]:
    """Return the functions that the oldest server lacks a route for: the route, and the first version that has it."""
    routes, found = read_routes(), dict(BY_HAND)
    for module, name, function in public_functions():
        needs = [
            (routes[route][0], route) for route in routes_of(function) if route in routes and route not in OPTIONAL
        ]
        since, route = max(needs, key=lambda need: number(need[0]), default=(OLDEST, ""))
        if since != OLDEST:
            found[f"{module.__name__}.{name}".replace("gazu.", "", 1)] = (route.replace(" /", " "), since)
    return found


def source() -> str:
    """Return the module with the table of the library."""
    rows = "\n".join(
        f'    "{name}": ("{route}", "{since}"),' for name, (route, since) in sorted(first_versions().items())
    )
    return (
        '"""Written by `python -m tests.servers.table`: functions, their routes, and the first Zou that has them."""\n\n'
        "from typing import Dict, Tuple\n\n"
        f'#: The oldest Zou that is supported; it has the routes of all other functions.\nOLDEST = "{OLDEST}"\n'
        f"SINCE: Dict[str, Tuple[str, str]] = {{\n{rows}\n}}\n"
    )


#: What the tests in this folder prove on each version, and where it differs.
FEATURES = {
    "log in, refresh, log out": {},
    "lists, filters, names": {},
    "lists with `fields` or in pages": {"0.17.23": "the whole list is read", "0.18.8": "the whole list is read"},
    "`gazu.query`": {},
    "`gazu.query` with several ids in `shots`, `assets`, `sequences`, ...": {
        "0.17.23": "fails: ask `entities`",
        "0.18.8": "fails: ask `entities`",
    },
    "comments, attachments, replies": {},
    "`add_comment(links=)`": {"0.17.23": "ignored, with a warning", "0.18.8": "ignored, with a warning"},
    "`add_comment(for_client=)`": dict.fromkeys(PINNED[:6], "ignored, with a warning"),
    "previews, up and down": {"0.17.23": "no job worker in the sandbox", "0.18.8": "no job worker in the sandbox"},
    "publishing exactly once, one or more responses lost": {},
    "casting, time spent, playlists": {},
    "new people": {},
    "new bots": {"0.17.23": "refused", "0.18.8": "refused"},
    "event stream": {},
    "`Listener`, 240 missed events": {},
    "`get_last_events(project=)`": dict.fromkeys(PINNED[:7], "rows without `project_id`"),
    "`push_project` to the newest": {},
    "`push_project` from the newest": {
        **dict.fromkeys(PINNED[:6], "no comments, previews, playlists; the report says so"),
        "1.0.55": "without new fields; the report says so",
    },
    "cache with ETags": dict.fromkeys(PINNED[:7], "no ETags: each response is whole"),
}


def page() -> str:
    """Return the page of the documentation: what works on which version."""
    functions = first_versions()
    known = sum(1 for _ in public_functions())
    heads = "| " + " | ".join(PINNED) + " |\n| --- |" + " --- |" * len(PINNED)
    features = (
        "| " + " | ".join([name, *(differs.get(version, "works") for version in PINNED)]) + " |"
        for name, differs in FEATURES.items()
    )
    rows = (
        "| "
        + " | ".join([f"`{name}`", f"`{route}`", *("works" if number(v) >= number(since) else "-" for v in PINNED)])
        + " |"
        for name, (route, since) in sorted(functions.items())
    )
    return f"""# Which server can do what

gazu supports Zou {OLDEST} to {NEWEST}. What it promises beyond the routes of the server, such as
[publishing exactly once](../explanation/reliability.md) and a [listener](../explanation/events.md) that misses nothing,
holds on all of them. A version stays supported for at least three years after its release. This page is generated by
`python -m tests.servers.table` from the routes of each server; `tox -e servers` runs the tests on them, with the servers
that [`gazu-sandbox up --zou`](../how-to/sandbox.md#older-servers) starts.

`gazu.supports("studio.all_studios")` says whether the server is new enough for a function. A call that it is too old for
ends with an error that names both versions:

```text
GET data/studios: this server is Zou 0.18.8; gazu.studio.all_studios needs 0.19.69 or later
```

## Features

| feature {heads}
{chr(10).join(features)}

On Zou 1.0.55 and older, `task.get_comment` may show a comment as it was up to two minutes before: the server caches it.
`task.all_comments_for_task` shows it as it is. On Zou 0.17 to 1.0, `task.set_time_spent` and
`person.log_desktop_session_log_in` fail with a server error for a person who has both a log-in log and a time spent.

## Functions

{known - len(functions)} of the {known} functions have their routes on all these versions. Those of the others came later; the version is the first
one tested that has the route.

| function | route {heads.replace("| --- |", "| --- | --- |", 1)}
{chr(10).join(rows)}
"""


if __name__ == "__main__":
    for version in sys.argv[1:]:
        add_version(version)
    TABLE.write_text(source(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    route_map.PAGE.write_text(route_map.page(), encoding="utf-8")
    FIELDS_TABLE.write_text(source_of_fields(), encoding="utf-8")
    run(["ruff", "format", "-q", str(TABLE), str(FIELDS_TABLE)], os.environ)
