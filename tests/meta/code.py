"""The source of the library, as the tests of this folder read it."""

import ast
import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Set, Tuple, Union

import gazu

ROOT = Path(gazu.__file__).parent
#: Modules without functions that ask the server, or with tests of their own.
TOOLS = {"background", "encoder", "helpers", "models", "notebook", "parallel", "sandbox", "sorting", "cli"}
#: Modules with functions for users, one for each domain of Kitsu.
DOMAINS = sorted({*gazu._MODULES} - TOOLS)
#: Those whose functions work over several domains.
FLOWS = sorted({"context", "query", "bulk", "events", "sync"} & {*DOMAINS})

AnyFunction = Union[ast.FunctionDef, ast.AsyncFunctionDef]


def trees() -> Dict[str, ast.Module]:
    """Return the parsed modules by their path below the package: `task`, `_http/route`, `cli/__init__`."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).with_suffix("").as_posix()
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


TREES = trees()


def files_of(part: str) -> List[str]:
    """Return the files of a module or a package of the library."""
    return [name for name in TREES if name.split("/")[0] == part]


class Function(NamedTuple):
    """A function, or a method of the class *of*."""

    file: str
    node: AnyFunction
    of: str = ""

    @property
    def name(self) -> str:
        return ".".join(filter(None, (self.file.split("/")[0], self.of, self.node.name)))

    @property
    def is_public(self) -> bool:
        return not self.node.name.startswith("_")

    @property
    def doc(self) -> str:
        return ast.get_docstring(self.node) or ""

    @property
    def body(self) -> List[ast.stmt]:
        """Its statements, without the docstring."""
        return self.node.body[1:] if self.doc else self.node.body

    @property
    def lines(self) -> int:
        """How long its body is."""
        return self.body[-1].end_lineno - self.body[0].lineno + 1 if self.body else 0  # type: ignore[operator]


def functions(*parts: str) -> List[Function]:
    """Return the functions at the top of modules; of a package, those at the top of its files."""
    return [
        Function(name, node)
        for part in parts
        for name in files_of(part)
        for node in TREES[name].body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


def public_functions(*parts: str) -> List[Function]:
    """Return the functions that users call as `gazu.<part>.<name>`."""
    return [one for one in functions(*parts) if one.is_public and _is_of_users(one)]


def public_methods(*parts: str) -> List[Function]:
    """Return the methods that users call: those of the classes that a module has."""
    return [
        Function(name, node, kind.name)
        for part in parts
        for name in files_of(part)
        for kind in TREES[name].body
        if isinstance(kind, ast.ClassDef) and kind.name[0] != "_" and hasattr(_module(f"{part}."), kind.name)
        for node in kind.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name[0] != "_"
    ]


def _is_of_users(function: Function) -> bool:
    """Return whether it is in the module, or in `__init__` of the package, or `__all__` of the package lists it."""
    is_inside = "/" in function.file and not function.file.endswith("/__init__")
    return not is_inside or function.node.name in getattr(_module(function.name), "__all__", ())


def _module(name: str) -> Any:
    part = name.split(".")[0]
    return gazu if part == "__init__" else getattr(gazu, part)


def literals(function: Function) -> Iterator[str]:
    """Yield the templates of paths in a function: the text that is first in a call of `route`."""
    for node in ast.walk(function.node):
        if isinstance(node, ast.Call) and called(node) == "route" and isinstance(node.args[0], ast.Constant):
            yield node.args[0].value


def called(node: ast.Call) -> str:
    """Return the last name of what is called: `route`, or `fetch_all` of `raw.fetch_all`."""
    target: Any = node.func
    return getattr(target, "attr", getattr(target, "id", ""))


def routes_of(doc: str) -> List[str]:
    """Return the routes that a docstring names, as `GET data/shots/<>`: of `a[/b]`, both `a` and `a/b`."""
    found = []
    for text in re.findall(r"`((?:GET|POST|PUT|DELETE|HEAD) [^`]+)`", doc):
        path = re.sub(r"<\w+>", "<>", text).split("?")[0]
        found += [re.sub(r"\[[^]]*\]", "", path), path.replace("[", "").replace("]", "")]
    return found


# -- imports ---------------------------------------------------------------------
class Import(NamedTuple):
    """One name that a file imports: from another file of the library, or from elsewhere."""

    file: str
    #: the file of the library, or the name of the module elsewhere
    target: str
    #: what is taken from it, or "" for all of it
    name: str
    is_ours: bool
    #: what the file calls it
    as_name: str
    line: int
    for_types_only: bool


def imports(file: str) -> Iterator[Import]:
    """Yield what a file imports, wherever that is written: also within functions, and for types only."""
    package = file.split("/")[:-1]
    typing = {id(inner) for node in ast.walk(TREES[file]) if _is_for_types(node) for inner in ast.walk(node)}
    for node in ast.walk(TREES[file]):
        for alias in node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else ():
            target, name, is_ours = alias.name, "", False
            if isinstance(node, ast.ImportFrom):
                target, name, is_ours = str(node.module), alias.name, node.level > 0
            if is_ours:
                parts = package[: len(package) + 1 - node.level] + (node.module.split(".") if node.module else [])
                module = _file(*parts, alias.name)
                target, name = (module, "") if module else (_file(*parts), alias.name)
            yield Import(file, target, name, is_ours, alias.asname or alias.name, node.lineno, id(node) in typing)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def _file(*parts: str) -> str:
    """Return the file of a module or a package, or "" if there is none."""
    path = "/".join(parts)
    return next((name for name in (path, f"{path}/__init__".lstrip("/")) if name in TREES), "")


IMPORTS = [found for file in TREES for found in imports(file)]


def graph(imports: List[Import], by_part: bool) -> Dict[str, Set[str]]:
    """Return which file imports which others; or which module or package which others."""
    found: Dict[str, Set[str]] = {}
    for one in imports:
        ends = [one.file, one.target]
        here, there = [end.split("/")[0] for end in ends] if by_part else ends
        found.setdefault(here, set()).update({there} - {here} if one.is_ours else ())
    return found


def reachable(start: str, edges: Dict[str, Set[str]]) -> Set[str]:
    """Return all that *start* imports, by others too."""
    found, left = set(), [start]
    while left:
        new = edges.get(left.pop(), set()) - found
        found |= new
        left.extend(new)
    return found


def circles(edges: Dict[str, Set[str]]) -> List[Tuple[str, ...]]:
    """Return the sets of names that import one another in a circle."""
    below = {name: reachable(name, edges) for name in edges}
    return sorted(
        {tuple(sorted(other for other in below[name] if name in below.get(other, ()))) for name in edges} - {()}
    )


# -- private names -----------------------------------------------------------------
#: Documented for all named tuples.
OF_NAMED_TUPLES = {"_replace", "_asdict", "_fields", "_make"}


def is_private(name: Any) -> bool:
    return isinstance(name, str) and name.startswith("_") and not name.startswith("__")


def attributes_of(tree: ast.AST) -> Set[str]:
    """Return the names of what the classes of a file, and their objects, have."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for statement in node.body:
                if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    found.add(statement.name)
                else:
                    found |= {one.id for one in ast.walk(statement) if isinstance(one, ast.Name)}
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_self(node.value):
            found.add(node.attr)
    return found


def is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


ATTRIBUTES = {file: attributes_of(tree) for file, tree in TREES.items()}
ALL_ATTRIBUTES = set().union(*ATTRIBUTES.values())


class Use(NamedTuple):
    """A private name that a file uses and does not have itself."""

    file: str
    line: int
    name: str
    is_ours: bool


def private_uses(file: str) -> Iterator[Use]:
    """Yield the private names that a file takes from other files, and from other libraries."""
    modules = {one.as_name for one in IMPORTS if one.file == file and one.is_ours and not one.name}
    for node in ast.walk(TREES[file]):
        if isinstance(node, ast.Attribute) and not is_self(node.value):
            owner, name = node.value, node.attr
        elif isinstance(node, ast.Call) and called(node) in ("getattr", "hasattr", "setattr", "delattr"):
            owner, name = node.args[0], getattr(node.args[1], "value", "")
        else:
            continue
        if is_private(name) and name not in OF_NAMED_TUPLES | ATTRIBUTES[file]:
            of_module = isinstance(owner, ast.Name) and owner.id in modules
            yield Use(file, node.lineno, name, of_module or name in ALL_ATTRIBUTES)
    for one in IMPORTS:
        if one.file == file and is_private(one.name):
            yield Use(file, one.line, one.name, one.is_ours)
