"""Generate the reference from the source: signatures as written, docstrings, fields of records.

Nothing is imported, so modules with missing optional packages have pages too. Each public module of
`gazu` gets a page; comments like `# -- previews ---` become its headings.
"""

import ast
import copy
import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, Sequence, Tuple, Union

from sphinx.ext.napoleon import Config, GoogleDocstring

DOCS = Path(__file__).parents[1]
PACKAGE = DOCS.parent / "gazu"
PAGES = DOCS / "reference" / "api"
SETTINGS = Config(
    napoleon_use_rtype=False,
    napoleon_use_ivar=True,
    napoleon_preprocess_types=False,
)
SECTION = re.compile(r"(Args|Returns|Raises|Yields):$")
ROUTE = re.compile(r"(GET|HEAD|POST|PUT|DELETE) \S+$")
Definition = Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef]


def setup(app: Any) -> Dict[str, Any]:
    """Write the pages before Sphinx reads its sources."""
    app.connect("builder-inited", lambda app: write_pages())
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_pages() -> None:
    """Write the page of each public module, and remove pages of removed modules."""
    PAGES.mkdir(exist_ok=True)
    pages = {("gazu" if name == "__init__" else name) + ".rst": Module(name).page() for name in public_modules()}
    for path in PAGES.iterdir():
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        path = PAGES / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def public_modules() -> List[str]:
    """Return the public modules of `gazu`: those it imports, its `_MODULES` and its `_EXTRAS`."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    lazy = [ast.literal_eval(node.value) for node in tree.body if _assigned(node) in ("_MODULES", "_EXTRAS")]  # type: ignore
    return ["__init__", "cache", "client", "exception", *(name for names in lazy for name in names)]


def _assigned(node: ast.stmt) -> str:
    """Return the name that a statement assigns, or ""."""
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return getattr(target, "id", "")


class Module:
    """A module of the package, and its page."""

    def __init__(self, name: str) -> None:
        """Parse the source of module *name*."""
        self.name = "gazu" if name == "__init__" else f"gazu.{name}"
        path = PACKAGE / f"{name}.py"
        self.path = path if path.exists() else PACKAGE / name / "__init__.py"
        self.source = self.path.read_text(encoding="utf-8")
        self.tree = ast.parse(self.source)

    def page(self) -> str:
        """Return the page as reStructuredText."""
        text = [
            self.name,
            "=" * len(self.name),
            "",
            f".. py:module:: {self.name}",
            "",
        ]
        about = (ast.get_docstring(self.tree) or "").split("\n\nPYTEST_")[0]  # the rest is for pytest
        text += render_docstring(about, self.name)
        for heading, what in self.contents():
            if heading:
                text += ["", heading, "-" * len(heading), ""]
            text += [
                "",
                *(self.row(what) if self.name == "gazu.models" else self.entry(what)),
            ]
        return "\n".join(text) + "\n"

    def contents(self) -> Iterator[Tuple[str, Any]]:
        """Yield (heading, definition) for public definitions; the heading is "" after the first of its section."""
        headings = [(number, line) for number, line in enumerate(self.source.split("\n"), 1) if line[:5] == "# -- "]
        nodes: List[Any] = [*self.tree.body, *self.list_reexports()]
        for node in nodes:
            name = getattr(node, "name", None) or _assigned(node)
            if not name or name.startswith("_") or not (is_definition(node) or self.comment(node)):
                continue
            heading = ""
            while headings and headings[0][0] < node.lineno and node in self.tree.body:
                heading = headings.pop(0)[1].strip("#- ")
            yield heading[:1].upper() + heading[1:], node

    def list_reexports(self) -> Iterator[Definition]:
        """Yield definitions reexported from submodules: listed in `__all__`, or imported `as` themselves."""
        exports = [node.value for node in self.tree.body if _assigned(node) == "__all__"]
        listed = set(ast.literal_eval(exports[0])) if exports and self.name != "gazu" else set()
        for module, alias in self.imports():
            if alias.name in listed or (
                alias.asname == alias.name and (module.startswith("_") or self.name == "gazu.events")
            ):
                yield from (node for node in self.parse_sibling(module).body if getattr(node, "name", "") == alias.name)  # type: ignore

    def imports(self) -> Iterator[Tuple[str, ast.alias]]:
        """Yield the imports from sibling modules, sorted."""
        nodes = [node for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom) and node.level == 1]
        found = {(node.module or "", alias.name, alias.asname): alias for node in nodes for alias in node.names}
        yield from ((key[0], found[key]) for key in sorted(found, key=str) if not key[0].startswith("__"))

    def parse_sibling(self, module: str) -> ast.Module:
        """Return the syntax tree of a sibling module."""
        path = self.path.parent / (module.replace(".", "/") + ".py")
        return ast.parse(path.read_text(encoding="utf-8") if path.exists() else "")

    def members_of(self, node: ast.ClassDef) -> List[Definition]:
        """Return the members of a class, including those of its bases in this package."""
        own = (one for one in node.body if is_definition(one) and not is_setter(one))  # type: ignore
        members: Dict[str, Definition] = {member.name: member for member in own}  # type: ignore
        places = {alias.name: module for module, alias in self.imports()}
        for base in node.bases:
            name = getattr(base, "id", "")
            tree = self.parse_sibling(places[name]) if name in places else self.tree
            for found in tree.body:
                if isinstance(found, ast.ClassDef) and found.name == name:
                    members = {**{member.name: member for member in self.members_of(found)}, **members}
        return list(members.values())

    def comment(self, node: Any) -> str:
        """Return the `#:` comment before an assignment."""
        lines: List[str] = []
        for line in reversed(self.source.split("\n")[: node.lineno - 1]):
            if not line.startswith("#:") or not isinstance(node, (ast.Assign, ast.AnnAssign)):
                break
            lines.insert(0, line[2:].strip())
        return " ".join(lines)

    def entry(self, node: Any) -> List[str]:
        """Return the entry of a function, a class or a value."""
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            value = ast.unparse(node.value) if node.value else ""
            text = [f".. py:data:: {_assigned(node)}", f"   :value: {value}", ""]
            return text + indent(render_docstring(self.comment(node), self.name))
        members = self.members_of(node) if isinstance(node, ast.ClassDef) else []
        text = [f".. py:{kind_of(node)}:: {node.name}{signature_of(node, members)}"]
        text += ["   :async:"] if isinstance(node, ast.AsyncFunctionDef) else []
        text += ["", *indent(render_docstring(ast.get_docstring(node) or "", self.name, deprecation(node)))]
        for member in filter(is_shown, members):
            text += ["", *indent(self.entry_of_class(member))]
        return text

    def entry_of_class(self, node: Definition) -> List[str]:
        """Return the entry of a method or a property."""
        decorators = {ast.unparse(one) for one in node.decorator_list}
        doc = indent(render_docstring(ast.get_docstring(node) or "", self.name))
        if "property" in decorators:
            kind = ast.unparse(unquote(node.returns)) if node.returns else "Any"  # type: ignore
            return [f".. py:property:: {node.name}", f"   :type: {kind}", "", *doc]
        kinds = ("classmethod", "staticmethod")
        options = [f"   :{kind}:" for kind in kinds if kind in decorators]
        options += ["   :async:"] if isinstance(node, ast.AsyncFunctionDef) else []
        return [f".. py:method:: {node.name}{signature_of(node, method=True)}", *options, "", *doc]

    def row(self, node: Any) -> List[str]:
        """Return the entry of a record type, with its fields as a table."""
        if not isinstance(node, ast.ClassDef):
            text = [
                f".. py:type:: {_assigned(node)}",
                f"   :canonical: {ast.unparse(unquote(node.value))}",
                "",
            ]
            return text + indent(render_docstring(self.comment(node), self.name))
        fields = list(self.fields(node))
        text = [
            f".. py:class:: {node.name}",
            "",
            *indent(render_docstring(ast.get_docstring(node) or "", self.name)),
            "",
        ]
        if fields:
            text += [
                "   .. list-table::",
                "      :align: left",
                "      :widths: auto",
                "",
            ]
        for name, kind, always in fields:
            text += [
                f"      * - ``{name}``",
                f"        - ``{kind}``",
                f"        - {'' if always else 'may be missing'}",
            ]
        return text

    def fields(self, node: ast.ClassDef) -> Iterator[Tuple[str, str, bool]]:
        """Yield (name, type, whether it is required) of the fields of a record type, those of its bases first."""
        classes = {one.name: one for one in self.tree.body if isinstance(one, ast.ClassDef)}
        for base in node.bases:
            if getattr(base, "id", "") in classes:
                yield from self.fields(classes[base.id])  # type: ignore
        always = not any(keyword.arg == "total" for keyword in node.keywords)
        for one in node.body:
            if isinstance(one, ast.AnnAssign):
                yield _assigned(one), ast.unparse(unquote(one.annotation)), always


# -- definitions ---------------------------------------------------------------
def is_definition(node: Any) -> bool:
    """Return whether *node* defines a function or class."""
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))


def kind_of(node: Definition) -> str:
    """Return the name of the directive."""
    if isinstance(node, ast.ClassDef):
        bases = " ".join(ast.unparse(base) for base in node.bases)
        return "exception" if "Exception" in bases or "Error" in bases else "class"
    return "function"


def is_shown(member: Definition) -> bool:
    """Return whether *member* is public."""
    return not member.name.startswith("_")


def is_setter(member: Definition) -> bool:
    """Return whether *member* is the setter of a property."""
    return any(ast.unparse(one).endswith(".setter") for one in member.decorator_list)


def signature_of(node: Definition, members: Sequence[Definition] = (), method: bool = False) -> str:
    """Return parameters and return type as in the source; for a class, those of its `__init__`."""
    function: Any = node
    if isinstance(node, ast.ClassDef):
        function, method = next((one for one in members if one.name == "__init__"), None), True
    if function is None:
        return ""
    arguments = copy.deepcopy(function.args)
    if method and not any(ast.unparse(one) == "staticmethod" for one in function.decorator_list):
        arguments.args = arguments.args[1:]
    text = f"({ast.unparse(unquote(arguments))})"
    has_result = function is node and function.returns is not None
    return f"{text} -> {ast.unparse(unquote(function.returns))}" if has_result else text


class _Unquoted(ast.NodeTransformer):
    """Removes quotes around annotations."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Change the annotation of a parameter, not its default."""
        if node.annotation is not None:
            node.annotation = unquote(node.annotation)
        return node

    def visit_Constant(self, node: ast.Constant) -> Any:
        """Parse a quoted annotation."""
        return ast.parse(node.value, mode="eval").body if isinstance(node.value, str) else node


def unquote(node: Any) -> Any:
    """Return an annotation, or the parameters of a function, without quotes around types."""
    if isinstance(node, ast.arguments):
        for one in (
            *node.posonlyargs,
            *node.args,
            *node.kwonlyargs,
            node.vararg,
            node.kwarg,
        ):
            if one is not None:
                _Unquoted().visit_arg(one)
        return node
    return _Unquoted().visit(node)


def deprecation(node: Definition) -> List[str]:
    """Return the `deprecated` directive of a deprecated function, or an empty list."""
    for one in node.decorator_list:
        if isinstance(one, ast.Call) and getattr(one.func, "id", "") == "deprecated":
            release, instead = re.fullmatch(
                r"removed in gazu ([\d.]+): use (.*)", ast.literal_eval(one.args[0])
            ).groups()  # type: ignore
            return ["", f".. deprecated:: {release}", f"   Kept for older scripts. Use {instead}."]
    return []


# -- docstrings ----------------------------------------------------------------
def render_docstring(doc: str, module: str, directive: Sequence[str] = ()) -> List[str]:
    """Return a docstring as reStructuredText: code, links, sections as fields, and *directive* at the end."""
    lines: List[str] = []
    section = code = False
    for line in doc.split("\n"):
        if line and not line.startswith(" "):
            section, code = bool(SECTION.match(line)), False
        elif line and not section and not code:
            code = True
            lines += [f".. code-block:: {'text' if '──' in doc else 'python'}", ""]
        lines.append(line)
    lines += directive
    text = re.sub(r"`([^`]+)`", lambda match: render_code(" ".join(match.group(1).split()), module), "\n".join(lines))
    return str(GoogleDocstring(text, SETTINGS)).split("\n")


def render_code(text: str, module: str) -> str:
    """Return text in backticks as code: a route with its role, the name of a function as a link."""
    if ROUTE.match(text):
        return f":route:`{text}`"
    target = resolve_name(text, module)
    return f":py:obj:`{text} <{target}>`" if target else f"``{text}``"


def resolve_name(text: str, module: str) -> str:
    """Return the full name of the object *text* refers to in *module* or the package, or ""."""
    name = text[:-2] if text.endswith("()") else text
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", name):
        return ""
    for full in (
        f"{module}.{name}",
        f"gazu.{name}",
        name,
        f"gazu.client.{name}",
        f"gazu.exception.{name}",
    ):
        if full in list_names():
            return full
    return ""


_names: Dict[str, bool] = {}


def list_names() -> Dict[str, bool]:
    """Return the full names of all entries."""
    if not _names:
        for name in public_modules():
            module = Module(name)
            for _, node in module.contents():
                full = f"{module.name}.{getattr(node, 'name', '') or _assigned(node)}"
                members = module.members_of(node) if isinstance(node, ast.ClassDef) and name != "models" else []
                _names.update({full: True, **{f"{full}.{member.name}": True for member in members}})
    return _names


def indent(lines: List[str]) -> List[str]:
    """Indent *lines* as the content of a directive."""
    return [f"   {line}" if line else "" for line in lines]
