"""Who may import whom: layers look down only."""

import ast
from typing import Dict, Iterator, List, Set, Tuple

from .code import DOMAINS, FLOWS, ROOT, TREES

LAYERS: List[Tuple[str, Set[str]]] = [
    ("ground", {"__version__", "exception", "deprecation", "models", "_memory", "_file_trees"}),
    ("tools", {"background", "helpers", "sorting", "encoder", "cache"}),
    ("engine room", {"_http"}),
    ("client", {"client"}),
    ("publishing", {"_publishing"}),
    ("domains", {*DOMAINS} - {*FLOWS}),
    ("migration", {"_migration"}),
    ("flows", {*FLOWS}),
    ("front", {"__init__"}),
    ("asynchronous", {"aio"}),
    ("sandbox", {"sandbox"}),
    ("command line", {"cli"}),
]
LEVEL = {name: number for number, (_, names) in enumerate(LAYERS) for name in names}


def imports(name: str) -> Iterator[Tuple[str, str, bool]]:
    """Yield what a module imports, as (module, name or "", is it at run time)."""
    package = name.split("/")[:-1]
    lazy: Set[ast.AST] = set()
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            lazy.update(inner for statement in node.body for inner in ast.walk(statement))
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "", node not in lazy) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module), "", node not in lazy
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level]
            parts = base + (node.module.split(".") if node.module else [])
            for alias in node.names:
                yield "/".join(["", *parts]), alias.name, node not in lazy


def ours(name: str) -> Iterator[Tuple[str, bool]]:
    """Yield the modules of the library that a module imports."""
    for path, item, at_run_time in imports(name):
        if path.startswith("/") or path == "":
            inside = path.strip("/")
            whole = f"{inside}/{item}".strip("/")
            package = f"{whole}/__init__"
            yield (whole if whole in TREES else package if package in TREES else inside or "__init__"), at_run_time


def test_layers_look_down_only() -> None:
    wrong = []
    for name in TREES:
        room = name.split("/")[0]
        for target, at_run_time in ours(name):
            other = target.split("/")[0]
            if at_run_time and room != other and LEVEL[other] > LEVEL[room]:
                wrong.append(f"{name} imports {target}")
    # The tools load the HTTP stack within a function, for what needs it only.
    assert wrong == ["helpers imports _http/transfer"]


def test_each_module_has_a_layer() -> None:
    assert {name.split("/")[0] for name in TREES} == {*LEVEL}


def test_no_cycle() -> None:
    edges: Dict[str, Set[str]] = {}
    for name, tree in TREES.items():
        top = {id(node) for node in tree.body}
        inner = {
            id(node)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Import, ast.ImportFrom)) and id(node) not in top
        }
        at_top = ast.Module(body=[n for n in tree.body if id(n) not in inner], type_ignores=[])
        edges[name] = {target for target, run in ours(name) if run and target in TREES and _at_top(at_top, target)}
    done: Set[str] = set()

    def visit(name: str, path: Tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path, name])
        if name not in done:
            for target in edges[name]:
                visit(target, (*path, name))
            done.add(name)

    for name in edges:
        if name != "__init__":
            visit(name, ())


def _at_top(tree: ast.Module, target: str) -> bool:
    """Return whether a module is imported with the module itself, not within a function."""
    last = target.split("/")[-1]
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.level:
            names = [(node.module or "").split(".")[-1], *(alias.name for alias in node.names)]
            if last in names:
                return True
    return False


def test_only_three_modules_import_requests() -> None:
    found = {
        name
        for name in TREES
        for path, _, at_run_time in imports(name)
        if at_run_time and path.split(".")[0] in ("requests", "urllib3")
    }
    assert found == {"_http/session", "_http/connections", "_http/failures"}


def test_only_one_module_imports_aiohttp() -> None:
    found = {
        name for name in TREES for path, _, run in imports(name) if run and path.split(".")[0] in ("aiohttp", "yarl")
    }
    assert found == {"_http/async_session"}


def test_the_folder_works_under_any_name() -> None:
    absolute = {name for name in TREES for path, _, _ in imports(name) if path.split(".")[0] == "gazu"}
    assert not absolute, f"not relative, in {ROOT}"
