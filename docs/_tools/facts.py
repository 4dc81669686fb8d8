"""What the reference says of a function beside its docstring: the first server that has it, who may, and what is near.

Everything is derived: from the table of `gazu.supports`, the checks of the server, the live tests, and from names.
"""

import ast
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterator, List, Sequence, Set, Tuple

ROOT = Path(__file__).parents[2]
CLI = ROOT / "gazu" / "cli"
ROUTE = re.compile(r"`((?:GET|HEAD|POST|PUT|DELETE) [^`]+)`")
#: A function that more commands call is a step of theirs, not what they do.
FEW = 3
#: The first words of names, and of functions that take back what they do, or come before or after.
OPPOSITES = {
    "add": ("remove", "get"),
    "all": ("get", "new"),
    "archive": ("restore",),
    "assign": ("unassign",),
    "cast": ("uncast",),
    "disable": ("enable",),
    "download": ("upload",),
    "enable": ("disable",),
    "export": ("import",),
    "get": ("all", "new", "update", "set"),
    "import": ("export",),
    "join": ("leave",),
    "leave": ("join",),
    "log_in": ("log_out",),
    "log_out": ("log_in",),
    "new": ("get", "update", "remove", "delete"),
    "remove": ("new", "add"),
    "delete": ("new", "add"),
    "set": ("get",),
    "subscribe": ("unsubscribe",),
    "uncast": ("cast",),
    "unsubscribe": ("subscribe",),
    "update": ("get", "new", "remove", "delete"),
    "upload": ("download",),
}
#: The words that stand between the two nouns of such a pair.
TURNED = {"_to_": "_from_", "_from_": "_to_"}


def facts(name: str, doc: str, names: Set[str]) -> List[str]:
    """Return what to say of a function such as `task.add_comment`; *names* are those of all functions."""
    said = []
    routes = ROUTE.findall(doc)
    since = table_of_versions()["SINCE"].get(name, ("", table_of_versions()["OLDEST"]))[1]
    if routes or name in table_of_versions()["SINCE"]:
        said.append(f"**Server**: Zou {since} or newer")
    who = who_may(name, routes)
    said += [who] if who else []
    near = [f":py:obj:`{other} <gazu.{other}>`" for other in near_by(name, names)]
    near += [f":doc:`gazu-cli {command} </how-to/command-line>`" for command in commands_of(name)]
    said += ["**See also**: " + ", ".join(near)] if near else []
    return ["", ".. rst-class:: facts", "", " · ".join(said), ""] if said else []


# -- versions and roles --------------------------------------------------------
@lru_cache(maxsize=None)
def table_of_versions() -> Dict[str, Any]:
    """Return the names of the module that `gazu.supports` reads."""
    found: Dict[str, Any] = {}
    exec((ROOT / "gazu" / "_http" / "routes_since.py").read_text(encoding="utf-8"), found)
    return found


@lru_cache(maxsize=None)
def checks_of_server() -> Dict[str, str]:
    """Return who may ask a route, as `GET /data/projects/<>/team`, by the source of the server."""
    lines = (ROOT / "tests" / "servers" / "roles.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return {f"{method} {nameless(path)}": who for method, path, who in rows}


def nameless(path: str) -> str:
    """Return a path with nameless parameters."""
    return "/" + re.sub("<[^>]*>", "<>", path.split("?")[0]).strip("/")


@lru_cache(maxsize=None)
def roles_of_tests() -> Dict[str, str]:
    """Return the roles in which the live tests called a function, after `not` those that were refused."""
    page = (ROOT / "docs" / "reference" / "live.md").read_text(encoding="utf-8")
    rows = (line.split(" | ") for line in page.split("\n") if line.startswith("| `"))
    return {row[0].strip("| `"): row[3].strip() for row in rows}


def who_may(name: str, routes: Sequence[str]) -> str:
    """Return who may call a function: as the server checks it, else as it was tested in more than one role."""
    methods = [route.partition(" ") for route in routes]
    found = {checks_of_server().get(f"{method} {nameless(path)}", "") for method, _, path in methods}
    if len(found) == 1 and "" not in found:
        return f"**For**: {found.pop()}"
    roles = roles_of_tests().get(name, "")
    may = [role for role in roles.split(", ") if role and not role.startswith("not ")]
    return f"**Tested as**: {', '.join(may)}" if routes and len(may) > 1 else ""


# -- what is near --------------------------------------------------------------
def near_by(name: str, names: Set[str]) -> List[str]:
    """Return the functions beside one: the opposite ones, and the same one for asyncio."""
    module, _, own = name.rpartition(".")
    start = f"{module}." if module else ""
    found = [start + other for other in candidates(own) if start + other in names and other != own]
    twin = {"client": "aio", "aio": "client", "": "aio"}.get(module, "-")
    found += [f"{twin}.{own}"] if f"{twin}.{own}" in names else []
    return list(dict.fromkeys(found))[:5]


def candidates(own: str) -> Iterator[str]:
    """Yield the names that would be near *own*."""
    if own in OPPOSITES:
        yield from OPPOSITES[own]
        return
    verb, _, noun = own.partition("_")
    one = singular(noun.partition("_for_")[0]) if verb == "all" else noun.partition("_by_")[0]
    for other in OPPOSITES.get(verb, ()):
        if other == "all":
            yield from (f"all_{many}{where}" for many in plurals(one) for where in ("", "_for_project", "_for_task"))
        elif verb == "all":
            yield from (f"{other}_{one}", f"{other}_{one}_by_name")
        else:
            yield from (f"{other}_{one}", f"{other}_{turned(one)}")
    if verb == "get" and noun == one:
        yield f"get_{one}_by_name"


def turned(noun: str) -> str:
    """Return `person_from_team` for `person_to_team`, and so on."""
    for word, other in TURNED.items():
        if word in noun:
            return noun.replace(word, other)
    return noun


def plurals(noun: str) -> Tuple[str, ...]:
    """Return what the plural may be."""
    return (f"{noun}s", f"{noun}es", f"{noun[:-1]}ies")


def singular(nouns: str) -> str:
    """Return `status` for `statuses`, `entity` for `entities`, `shot` for `shots`."""
    for end, instead in (("ies", "y"), ("uses", "us"), ("s", "")):
        if nouns.endswith(end):
            return nouns[: -len(end)] + instead
    return nouns


@lru_cache(maxsize=None)
def callers() -> Dict[str, Set[str]]:
    """Return the commands of the command line that call a function, themselves or by a helper of their file."""
    found: Dict[str, Set[str]] = {}
    for path in sorted(CLI.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        aliases = {
            alias.asname: alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
            if str(alias.asname).startswith("gazu_")
        }
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        for node in functions.values():
            decorators = [one for one in map(ast.unparse, node.decorator_list) if one.startswith("cli.command(")]
            for decorator in decorators:
                named = re.match(r"cli\.command\('([\w-]+)'", decorator)
                command = named.group(1) if named else node.name.replace("_", "-")
                for name in calls(node, functions, aliases, {node.name}):
                    found.setdefault(name, set()).add(command)
    return found


def calls(node: Any, functions: Dict[str, Any], aliases: Dict[str, str], seen: Set[str]) -> Iterator[str]:
    """Yield the functions of gazu that a function of a file calls, as `task.add_comment`."""
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id in aliases:
            yield f"{aliases[one.value.id]}.{one.attr}"
        elif isinstance(one, ast.Name) and one.id in functions and one.id not in seen:
            seen.add(one.id)
            yield from calls(functions[one.id], functions, aliases, seen)


def commands_of(name: str) -> List[str]:
    """Return the commands that do what a function does; one that gets a record on the way does something else."""
    own = name.rpartition(".")[2]
    found = {one for one in callers().get(name, set()) if own[:4] != "get_" or one.replace("-", "_") in own}
    return sorted(found) if len(found) <= FEW else []
