"""The source of the library, as the tests of this folder read it."""

import ast
import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Union

import gazu

ROOT = Path(gazu.__file__).parent
#: Modules with functions for users: all but the tools below them and what has tests of its own.
DOMAINS = sorted(
    name for name in gazu._MODULES if name not in ("background", "encoder", "helpers", "models", "sorting", "cli")
)
FLOWS = ("context", "events", "sync")


class Function(NamedTuple):
    """A function at the top of a module."""

    module: str
    node: Union[ast.FunctionDef, ast.AsyncFunctionDef]

    @property
    def name(self) -> str:
        return f"{self.module}.{self.node.name}"

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


def trees() -> Dict[str, ast.Module]:
    """Return the parsed modules by their path below the package, `task` or `_http/route`."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).with_suffix("").as_posix()
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


TREES = trees()


def functions(*modules: str) -> List[Function]:
    return [
        Function(module, node)
        for module in modules
        for node in TREES[module if module in TREES else f"{module}/__init__"].body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


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
