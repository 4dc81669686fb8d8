"""Links between pages: from names in code to the reference, and to files of the project outside of docs/."""

import os
import re
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from docutils import nodes
from docutils.parsers.rst import roles
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
#: The pages of the site that show files and folders from outside of docs/.
PAGE_OF_FILE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "benchmarks/README.md": "explanation/speed.md",
    "docs/changes": "news/index.md",
    "docs/explanation/decisions": "explanation/decisions/index.md",
}
#: The sections of the page of what is new, in their order.
SECTIONS = {
    "scripts": "Scripts that exist",
    "functions": "Functions",
    "publishing": "Publishing, reviews and sheets",
    "network": "Requests and failures",
    "servers": "Events, and other servers",
    "security": "Log-in and security",
    "platforms": "Windows, and programs of artists",
    "tools": "Command line, sandbox and documentation",
}
#: What stands first in its section.
FIRST = (
    "rewrite",
    "older-calls",
    "older-servers",
    "query",
    "bulk",
    "publishing",
    "farm",
    "transport",
    "exactly-once",
    "listener",
)
#: The types of parameters that the page of all modules explains.
PARAMETERS = {
    "Certificate",
    "Fields",
    "Filters",
    "IdMap",
    "Names",
    "Params",
    "Paths",
    "Progress",
    "Rows",
    "StrPath",
    "Timeout",
}
LINK = re.compile(r"(?<=\]\()([^)#:\s]+)(?=[)#])")
NAME = re.compile(r"(gazu\.)?[a-z_]+(\.[A-Za-z_]+)+(?=(\(.*\))?$)", re.DOTALL)


def setup(app: Any) -> Dict[str, Any]:
    """Register the handlers, transforms and roles."""
    app.connect("builder-inited", lambda app: write_news())
    app.connect("source-read", _source_read)
    app.connect("include-read", _include_read)
    app.connect("missing-reference", resolve_missing)
    app.add_post_transform(LinkNames)
    app.add_post_transform(InsertBreaks)
    roles.register_generic_role("route", RouteNode)
    app.add_node(RouteNode, html=(visit_route, depart_route))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


# -- pages ---------------------------------------------------------------------
def write_news() -> None:
    """Write one page from the fragments in docs/changes, `NAME.SECTION.md`."""
    lines = [
        "# What is new in 2.0",
        "",
        "Compared with gazu 1.3.1, the release before. [Upgrading](../how-to/upgrade-from-1.md) takes one line;",
        "[differences](../explanation/differences.md) lists what scripts may notice.",
        "",
    ]
    for section, title in SECTIONS.items():
        lines += [f"## {title}", ""]
        for path in sorted((DOCS / "changes").glob(f"*.{section}.md"), key=_rank):
            lines.append("- " + path.read_text(encoding="utf-8").strip().replace("\n", "\n  "))
        lines.append("")
    page = DOCS / "news" / "index.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text("\n".join(lines), encoding="utf-8")


def _rank(path: Path) -> Tuple[int, str]:
    name = path.name.split(".")[0]
    return (FIRST.index(name) if name in FIRST else len(FIRST), name)


def _source_read(app: Any, docname: str, content: List[str]) -> None:
    page = DOCS / docname
    content[0] = relink(content[0], page.parent, page.parent)


def _include_read(app: Any, path: Path, parent: str, content: List[str]) -> None:
    content[0] = relink(content[0], (DOCS / path).resolve().parent, (DOCS / app.env.docname).parent)


def relink(text: str, place: Path, shown_in: Path) -> str:
    """Return Markdown from *place* with links rewritten for a page in the folder *shown_in*."""

    def target(match: "re.Match[str]") -> str:
        path = Path(os.path.normpath(place / match.group(1)))
        name = path.relative_to(ROOT).as_posix() if ROOT in path.parents else ""
        if name in PAGE_OF_FILE:
            path = DOCS / PAGE_OF_FILE[name]
        elif place == shown_in or not path.exists():
            return match.group(1)
        return os.path.relpath(path, shown_in).replace(os.sep, "/")

    return LINK.sub(target, text)


# -- names ---------------------------------------------------------------------
def resolve_missing(app: Any, env: Any, node: Any, contnode: Any) -> Optional[nodes.Node]:
    """Resolve a type in a signature by its last name; types of Python itself get no link."""
    if node.get("refdomain") != "py":
        return None
    name = node["reftarget"].rpartition(".")[2]
    for module in ("models", "client", "exception", "events"):
        found = _reference(app.builder, node["refdoc"], f"gazu.{module}.{name}", contnode)
        if found is not None:
            return found
    if name in PARAMETERS:
        return make_refnode(app.builder, node["refdoc"], "reference/index", "types-of-parameters", contnode)
    return contnode if node["reftype"] in ("class", "exc") else None


def _reference(builder: Any, docname: str, full: str, content: nodes.Node) -> Optional[nodes.Node]:
    domain = builder.env.get_domain("py")
    if full not in domain.objects:
        return None
    node = addnodes.pending_xref("", refdomain="py", reftype="obj", reftarget=full)
    return domain.resolve_xref(builder.env, docname, builder, "obj", full, node, content)  # type: ignore[no-any-return]


class LinkNames(SphinxPostTransform):
    """Links code such as `gazu.task.add_comment(...)` in the text of a page to the reference."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Replace literals that name a function."""
        for node in list(self.document.findall(nodes.literal)):
            match = NAME.match(node.astext())
            if match is None or isinstance(node.parent, (nodes.reference, nodes.title)):
                continue
            full = match.group(0) if match.group(1) else f"gazu.{match.group(0)}"
            found = _reference(self.app.builder, self.env.docname, full, node.deepcopy())
            if found is not None:
                node.replace_self(found)


class InsertBreaks(SphinxPostTransform):
    """Allows line breaks after the parts of long names in table cells, but not between numbers and units."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Insert a `<wbr>` after each part of a long word, and no-break spaces before units."""
        for cell in list(self.document.findall(nodes.entry)):
            for text in list(cell.findall(nodes.Text)):
                kept = re.sub(r"(?<=\d) (?=(ms|µs|s|MiB)\b)|(?<=[≤×]) ", "\N{NO-BREAK SPACE}", text)
                is_long = any(len(word) > 16 for word in text.split())
                first, *others = re.split(r"(?<=[/._:(\[-])(?=\w)|(?<=[a-z])(?=[A-Z])", kept) if is_long else [kept]
                pieces: List[nodes.Node] = [nodes.Text(first)]
                for part in others:
                    pieces += [nodes.raw("", "<wbr>", format="html"), nodes.Text(part)]
                text.parent.replace(text, pieces)


# -- routes --------------------------------------------------------------------
class RouteNode(nodes.literal):
    """A route: `GET data/projects`."""


def visit_route(self: Any, node: RouteNode) -> None:
    """Write the HTTP method in an element of its own, for styling."""
    verb, _, path = node.astext().partition(" ")
    self.body.append(f'<code class="route"><span class="verb {verb.lower()}">{verb}</span> {self.encode(path)}</code>')
    raise nodes.SkipNode


def depart_route(self: Any, node: RouteNode) -> None:
    """Do nothing: `visit_route` writes everything."""
