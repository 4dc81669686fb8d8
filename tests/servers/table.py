"""What each version of Zou can do: from its own routes to the table in the library and the page in the documentation.

python -m tests.servers.table            # write both again; it needs ruff
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
from gazu_sandbox.versions import OLDEST, number

from ..live.conftest import public_functions

ROOT = Path(__file__).parents[2]
ROUTES = Path(__file__).with_name("routes.tsv")
TABLE = ROOT / "gazu" / "_http" / "routes_since.py"
HEADER = "method\troute\tversions of Zou that have it\n"
#: Prints the routes of the Zou that it is run with.
URL_MAP = """
from zou.app import app
for rule in app.url_map.iter_rules():
    for method in rule.methods - {"OPTIONS", "HEAD"}:
        print("ROUTE", method, rule)
"""
#: Routes that are no part of the API.
NO_API = re.compile(r"(docs|static|apispec|flasgger|openapi)")
#: Routes that a function tries first, or only on some servers.
OPTIONAL = {"PUT /actions/tasks/<>/to-review", "GET /data/tasks/<>/time-spents"}


def normalize(path: str) -> str:
    """Return a path with nameless parameters."""
    return "/" + re.sub("<[^>]*>", "<>", path.split("?")[0]).strip("/")


def read_routes() -> Dict[str, List[str]]:
    """Return the versions that have a route, as `GET /data/persons`."""
    rows = (line.split("\t") for line in ROUTES.read_text(encoding="utf-8").splitlines()[1:])
    return {f"{method} {path}": versions.split(" ") for method, path, versions in rows}


def add_version(zou: str) -> None:
    """Add the routes of a version to the file of routes: those of a server that is started for it."""
    routes = read_routes()
    with Sandbox(zou=zou) as box:
        tools, _ = prepare(zou)
        state = read_state(Path(box.data))
        assert state is not None
        environment = services.zou_environment(tools, state, Path(box.data))
        said = run([tools.python, "-c", URL_MAP], environment, Path(box.data))
    for method, path in re.findall("^ROUTE (\\S+) (\\S+)$", said, re.MULTILINE):
        if not NO_API.match(path.lstrip("/")):
            versions = routes.setdefault(f"{method} {normalize(path)}", [])
            versions[:] = sorted({*versions, zou}, key=number)
    lines = ["\t".join([*route.split(" "), " ".join(versions)]) for route, versions in routes.items()]
    lines.sort(key=lambda line: line.split("\t")[1::-1])
    ROUTES.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")


def routes_of(function: Any) -> Iterator[str]:
    """Yield the routes that the docstring of a function names, as `GET /data/persons`."""
    for method, path in re.findall("`(GET|HEAD|POST|PUT|DELETE) ([^`]+)`", inspect.getdoc(function) or ""):
        yield f"{method} {normalize(path)}"


def first_versions() -> Dict[str, Tuple[str, str]]:
    """Return the functions that the oldest server lacks a route for: the route, and the first version that has it."""
    routes, found = read_routes(), {}
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


if __name__ == "__main__":
    for version in sys.argv[1:]:
        add_version(version)
    TABLE.write_text(source(), encoding="utf-8")
    run(["ruff", "format", "-q", str(TABLE)], os.environ)
