"""Check the built site: `python docs/_tools/check.py docs/_build`.

Internal links and pictures must have a target, including `#fragment`, and the search index must contain the functions.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Dict, List, Optional, Set, Tuple
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The ids and links of a page."""

    def __init__(self, path: Path) -> None:
        """Parse the page at *path*."""
        super().__init__()
        self.ids: Set[str] = set()
        self.links: List[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: List[Tuple[str, Optional[str]]]) -> None:
        """Collect ids and links."""
        found = dict(attrs)
        self.ids.add(found.get("id") or "")
        self.links += [found[name] or "" for name in ("href", "src") if name in found]


def find_problems(folder: Path) -> List[str]:
    """Return the problems of the pages in *folder*."""
    pages: Dict[Path, Page] = {path.resolve(): Page(path) for path in folder.rglob("*.html")}
    found = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            fragment = unquote(parts.fragment)
            if not target.exists() or (fragment and target in pages and fragment not in pages[target].ids):
                found.append(f"{path.relative_to(folder.resolve())}: broken link {link}")
    index = (folder / "searchindex.js").read_text(encoding="utf-8")
    found += [f"the search index lacks {name}" for name in ("publish_preview", "playlist") if name not in index]
    return found if pages else ["there are no pages"]


if __name__ == "__main__":
    sys.exit("\n".join(find_problems(Path(sys.argv[1]))) or 0)
