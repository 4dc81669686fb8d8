"""Generate the reference from the source: signatures as written, docstrings, fields of records.

Nothing is imported, so modules with missing optional packages have pages too. Each public module of
`gazu` gets a page; comments like `# -- previews ---` become its headings. The examples of a function are those of
its docstring and of `docs/reference/examples/MODULE.md`.
"""

import ast
import copy
import posixpath
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterator, List, Sequence, Set, Tuple, Union

from facts import facts
from sphinx.ext.napoleon import Config, GoogleDocstring
from sphinx.pycode import ModuleAnalyzer

DOCS = Path(__file__).parents[1]
PACKAGE = DOCS.parent / "gazu"
PAGES = DOCS / "reference" / "api"
EXAMPLES = DOCS / "reference" / "examples"
SETTINGS = Config(
    napoleon_use_rtype=False,
    napoleon_use_ivar=True,
    napoleon_preprocess_types=False,
)
#: The modules, as the page of all shows them.
GROUPS = {
    "To begin": "gazu client models exception",
    "Productions": "project project_template studio",
    "Assets, shots and what is in them": "asset shot casting scene edit concept entity",
    "Tasks, reviews and files": "task playlist review files file_trees",
    "People": "person user",
    "Time": "schedule",
    "Questions, and many records at a time": "query search context bulk parallel cache",
    "Programs that run long": "events sync aio background",
    "Tools": "notebook helpers sorting encoder sandbox",
}
SECTION = re.compile(r"(Args|Attributes|Returns|Raises|Yields|Example):$")
ITEM = re.compile(r"(-|\d+\.) ")
ROUTE = re.compile(r"(GET|HEAD|POST|PUT|DELETE) \S+$")
Definition = Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef]


def setup(app: Any) -> Dict[str, Any]:
    """Write the pages before Sphinx reads its sources."""
    app.connect("builder-inited", lambda app: write_pages())
    app.connect("source-read", show_modules)
    app.connect("viewcode-find-source", find_source)
    app.connect("viewcode-follow-imported", find_module)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_pages() -> None:
    """Write the page of each public module, and remove pages of removed modules."""
    PAGES.mkdir(exist_ok=True)
    pages = {f"{name}.rst": module_named(name).page() for name in public_modules()}
    for path in PAGES.iterdir():
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        path = PAGES / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def show_modules(app: Any, docname: str, content: List[str]) -> None:
    """Write what each module is about into the page of all."""
    if docname != "reference/index":
        return
    text = []
    for heading, names in GROUPS.items():
        text += ["", f"## {heading}", ""]
        for name in names.split():
            about = (ast.get_docstring(module_named(name).tree) or "").split("\n\n")[0]
            text.append(f"- [{full_name(name)}](api/{name}.rst): {' '.join(about.split()).rstrip(':')}")
    content[0] = content[0].replace("<!-- modules -->", "\n".join(text))
    missing = set(public_modules()) - set(" ".join(GROUPS.values()).split())
    if missing:
        raise ValueError(f"GROUPS of reference.py lack {sorted(missing)}")


def full_name(name: str) -> str:
    """Return `gazu.task` for `task`."""
    return name if name == "gazu" else f"gazu.{name}"


def short_name(name: str) -> str:
    """Return `task` for `gazu.task`, and `task.get_task` for `gazu.task.get_task`."""
    return name.replace("gazu.", "", 1)


def find_source(app: Any, name: str) -> Any:
    """Return the source of a module, and where in it definitions are, for `sphinx.ext.viewcode`."""
    path = PACKAGE.parent / name.replace(".", "/")
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if not path.exists():
        return None
    analyzer = ModuleAnalyzer.for_file(path, name)
    return analyzer.code, analyzer.find_tags()


def find_module(app: Any, module: str, name: str) -> str:
    """Return the module that defines *name* of *module*, which may only import it."""
    own = module_named(short_name(module))
    package = module if own.path.name == "__init__.py" else "gazu"
    for place, alias in own.imports():
        if (alias.asname or alias.name) == name.split(".")[0]:
            return f"{package}.{place}"
    return module


def public_modules() -> List[str]:
    """Return the public modules of `gazu`: those it imports, its `_MODULES` and its `_EXTRAS`."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    lazy = [ast.literal_eval(node.value) for node in tree.body if _assigned(node) in ("_MODULES", "_EXTRAS")]  # type: ignore
    return ["gazu", "cache", "client", "exception", *(name for names in lazy for name in names)]


def _assigned(node: ast.stmt) -> str:
    """Return the name that a statement assigns, or ""."""
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return getattr(target, "id", "")


@lru_cache(maxsize=None)
def module_named(name: str) -> "Module":
    """Return a module, which is parsed once."""
    return Module(name)


class Module:
    """A module of the package, and its page."""

    def __init__(self, name: str) -> None:
        """Parse the source of module *name*, `gazu` or one of its modules."""
        self.name = full_name(name)
        path = PACKAGE / ("__init__.py" if name == "gazu" else f"{name}.py")
        self.path = path if path.exists() else PACKAGE / name / "__init__.py"
        self.source = self.path.read_text(encoding="utf-8")
        self.tree = ast.parse(self.source)
        self.introduction, self.examples = examples_of(self.name)

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
        text += [*render_docstring(about, self.name), "", *link_pages(render_docstring(self.introduction, self.name))]
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
        status = re.search(rf"\b{node.name} +(\d\d\d)\b", self.source) if self.name == "gazu.exception" else None
        text = [f".. index:: ! {status.group(1)}", ""] if status else []
        text += [f".. py:{kind_of(node)}:: {node.name}{signature_of(node, members)}"]
        text += ["   :async:"] if isinstance(node, ast.AsyncFunctionDef) else []
        doc = with_example(ast.get_docstring(node) or "", self.examples.get(node.name, ""))
        text += ["", *indent(render_docstring(doc, self.name, deprecation(node)))]
        text += [] if isinstance(node, ast.ClassDef) else indent(self.facts(node.name, doc))
        for member in filter(is_shown, members):
            text += ["", *indent(self.entry_of_class(member))]
        return text

    def facts(self, name: str, doc: str) -> List[str]:
        """Return what to say of a function beside its docstring."""
        return facts(short_name(f"{self.name}.{name}"), doc, short_names())

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
def examples_of(module: str) -> Tuple[str, Dict[str, str]]:
    """Return the introduction of *module* and the examples of its functions, from `docs/reference/examples`."""
    path = EXAMPLES / f"{short_name(module)}.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    parts = re.split(r"^## (\w+)\n", re.sub(r"^```.*\n", "", text, flags=re.M), flags=re.M)
    examples = {name: part.strip() for name, part in zip(parts[1::2], parts[2::2])}
    return parts[0].partition("\n")[2].strip(), examples


def link_pages(lines: List[str]) -> List[str]:
    """Return text with links between pages as reStructuredText: they are relative to `docs/reference/examples`."""

    def link(match: "re.Match[str]") -> str:
        target = posixpath.normpath(posixpath.join("/reference/examples", match.group(2)))
        return f":doc:`{' '.join(match.group(1).split())} <{target}>`"

    return re.sub(r"\[([^]]+)\]\(([\w./-]+)\.md\)", link, "\n".join(lines)).split("\n")


def with_example(doc: str, example: str) -> str:
    """Return a docstring with one more example: `Example` is its last section."""
    lines = [f"    {line}".rstrip() for line in example.split("\n")]
    heading = [""] if "\nExample:\n" in doc else ["", "Example:"]
    return "\n".join([doc, *heading, *lines]) if example else doc


def render_docstring(doc: str, module: str, directive: Sequence[str] = ()) -> List[str]:
    """Return a docstring as reStructuredText: code, links, sections as fields, and *directive* at the end."""
    lines: List[str] = []
    section = code = item = False
    before = ""
    for line in doc.split("\n"):
        if line and not line.startswith(" "):
            section, code, item = bool(SECTION.match(line)), False, bool(ITEM.match(line))
        elif line and not section and not code and not (item and before):  # an item goes on in the next line
            code = True
            lines += [f".. code-block:: {'none' if '──' in doc else 'python'}", ""]
        lines.append(line)
        before = line
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
            module = module_named(name)
            for _, node in module.contents():
                full = f"{module.name}.{getattr(node, 'name', '') or _assigned(node)}"
                members = module.members_of(node) if isinstance(node, ast.ClassDef) and name != "models" else []
                _names.update({full: True, **{f"{full}.{member.name}": True for member in members}})
    return _names


@lru_cache(maxsize=None)
def short_names() -> Set[str]:
    """Return the names of all entries without the package, as `task.get_task`."""
    return set(map(short_name, list_names()))


def indent(lines: List[str]) -> List[str]:
    """Indent *lines* as the content of a directive."""
    return [f"   {line}" if line else "" for line in lines]
