"""Each function follows the pattern: route, send, shape; and says what it does and where."""

import ast
import re
from pathlib import Path
from typing import List

import pytest

from .code import DOMAINS, FLOWS, TREES, Function, called, functions, literals, public_functions, routes_of

PATTERN = functions(*(name for name in DOMAINS if name not in FLOWS))
PUBLIC = public_functions(*DOMAINS, "aio", "client", "__init__")
#: Longer than six lines, for the reason given.
LONG = {
    "files.wait_for_preview_file": "asks again until there is no time left",
    "task._open_tasks_filters": "many arguments",
    "task._open_tasks": "the server's pages of this list are of a kind of their own",
    "task.get_task_by_path": "no route does it: candidates by name, then the place of each",
    "task.task_to_review": "two kinds of servers",
    "task.get_task_url": "the row is read with care, as nothing is asked of the server",
    "task.add_comment": "many arguments, and a form or JSON",
    "task.publish_preview": "three steps",
    "task.add_tasks_batch_comments": "a form or JSON",
    "task.upload_preview_file": "a path, or an open file",
    "task.update_task": "leaves out the rows that get_task adds",
    "task._send_comments": "files go in groups of ten",
    "task.remove_tasks_batch": "the tasks may be of several projects",
}
ROUTES = (Path(__file__).parent / "zou-1.0.97-routes.txt").read_text(encoding="utf-8").split("\n")
#: Routes of other servers than the one tested, which a function tries first.
OF_OTHER_SERVERS = {"PUT actions/tasks/<>/to-review"}


def ids(found: List[Function]) -> List[str]:
    return [function.name for function in found]


def test_bodies_are_short() -> None:
    assert sorted(f.name for f in PATTERN if f.lines > 6 and f.name not in LONG) == []
    assert [name for name in LONG if name not in {f.name for f in PATTERN if f.lines > 6}] == []


def test_bodies_are_short_on_average() -> None:
    bodies = [function.lines for function in PUBLIC]
    assert sum(bodies) / len(bodies) <= 2.5


def test_no_body_is_long() -> None:
    every = [
        Function(file, node)
        for file, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    assert sorted((f.lines, f.name) for f in every if f.lines > 30) == []


def test_no_function_catches_or_takes_just_anything() -> None:
    for function in PATTERN:
        for node in ast.walk(function.node):
            assert not isinstance(node, ast.Try), function.name
            assert not (isinstance(node, ast.arguments) and node.kwarg), function.name


def test_paths_are_literals() -> None:
    for function in PATTERN:
        for node in ast.walk(function.node):
            if isinstance(node, ast.Call) and called(node) in (
                "get",
                "post",
                "put",
                "delete",
                "fetch_all",
                "fetch_one",
            ):
                assert not (node.args and isinstance(node.args[0], ast.JoinedStr)), function.name


@pytest.mark.parametrize("function", PUBLIC, ids=ids(PUBLIC))
def test_docstring(function: Function) -> None:
    first = function.doc.split("\n")[0]
    assert first, "it has none"
    assert not re.match(r"(\w+s|The|A|An|This) ", first) or first.split()[0] in ("Address", "Pass"), "not an imperative"
    documented = {route.split(" ", 1)[1] for route in routes_of(function.doc)}
    for template in literals(function):
        path = re.sub(r"\{\w+\}", "<>", template)
        assert path[0] in "/<" or _named(path, documented), f"does not say that it asks {path}"


def _named(path: str, documented: "set[str]") -> bool:
    """Return whether a docstring names *path*, with or without the `data/` that some verbs put before it."""
    return any(_same(path, one) or _same("data/" + path, one) for one in documented)


def _same(path: str, other: str) -> bool:
    """Compare paths in which `<>` stands for anything."""
    pairs = list(zip(path.split("/"), other.split("/")))
    same = all(a == b or "<>" in a or "<>" in b for a, b in pairs)
    return same and path.count("/") == other.count("/")


def test_documented_routes_exist() -> None:
    known = [re.sub(r"<[^>]*>", "<>", line).replace(" /", " ", 1).split(" ", 1) for line in ROUTES if line]
    missing = {
        f"{function.name}: {route}"
        for function in PUBLIC
        for route in routes_of(function.doc)
        if route not in OF_OTHER_SERVERS
        and not any(route.split(" ")[0] == verb and _same(route.split(" ")[1], path) for verb, path in known)
    }
    assert missing == set()
