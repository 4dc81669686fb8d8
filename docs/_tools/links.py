"""Links between pages: from names in code to the reference, and to files of the project outside of docs/."""

import os
import re
from pathlib import Path
from typing import Any, Dict, List, Optional

from docutils import nodes
from docutils.parsers.rst import roles
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform

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
    """Write one page from the fragments in docs/changes."""
    fragments = [path.read_text(encoding="utf-8").strip() for path in sorted((DOCS / "changes").glob("*.md"))]
    points = ["- " + fragment.replace("\n", "\n  ") for fragment in fragments]
    page = DOCS / "news" / "index.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text("# What is new in 2.0\n\n" + "\n".join(points) + "\n", encoding="utf-8")


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
                first, *others = re.split(r"(?<=[/._:(\[-])(?=\w)", kept) if is_long else [kept]
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
