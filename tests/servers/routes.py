"""Which function is for each route of the newest Zou: from the docstrings, and the table below for the rest, to the page.

python -m tests.servers.routes           # write docs/reference/routes.md again
"""

import ast
import re
from collections import Counter
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

from gazu_sandbox.versions import NEWEST

from ..meta.code import DOMAINS, Function, public_functions, public_methods, routes_of

ROOT = Path(__file__).parents[2]
#: The routes as the server names their parameters: `GET /data/persons/<person_id>`.
ROUTES = ROOT / "tests" / "meta" / f"zou-{NEWEST}-routes.txt"
PAGE = ROOT / "docs" / "reference" / "routes.md"
#: A route of a docstring that stands for all that begin so.
PATTERNS = {"POST import/kitsu/<>"}
#: Routes without a function: `raw` or `query` and why they are enough, or "-" and why nobody needs them.
WITHOUT: Tuple[Tuple[str, str, str], ...] = (
    ("query, raw", "administrators only; functions for one project do the same, in the roles that may", """
        GET POST data/budgets              GET PUT DELETE data/budgets/<>
        GET POST data/budget-entries       GET PUT DELETE data/budget-entries/<>
        POST data/metadata-descriptors     GET PUT DELETE data/metadata-descriptors/<>
        GET POST data/entity-links         GET PUT data/entity-links/<>
        POST data/task-type-links          POST data/task-status-links"""),
    ("query, raw", "administrators only; functions of `gazu.user` do the same for one's own", """
        GET POST data/search-filters       GET PUT DELETE data/search-filters/<>
        GET POST data/search-filter-groups GET PUT DELETE data/search-filter-groups/<>
        GET POST data/notifications        GET PUT DELETE data/notifications/<>
        GET POST data/subscriptions        GET PUT DELETE data/subscriptions/<>"""),
    ("query, raw", "administrators only; the server makes these rows itself, and functions read them where they belong", """
        GET POST data/news                 GET PUT DELETE data/news/<>
        GET POST data/events               GET PUT DELETE data/events/<>
        GET POST data/chats                GET PUT DELETE data/chats/<>
        GET POST data/chat-messages        GET PUT DELETE data/chat-messages/<>
        GET POST data/attachment-files     PUT DELETE data/attachment-files/<>
        POST data/plugins                  GET PUT DELETE data/plugins/<>
        POST data/organisations            GET DELETE data/organisations/<>"""),
    ("raw", "a bare row, without what the server does beside it: use the function that makes one", """
        POST data/comments                 POST data/entities
        POST data/preview-files            POST data/asset-instances
        POST data/working-files            POST data/output-files
        POST data/time-spents              PUT data/time-spents/<>"""),
    ("query, raw", "rows that functions return with more, or by what they belong to", """
        GET data/comments                  GET data/working-files
        GET data/milestones                GET data/schedule-items
        GET data/production-schedule-version-task-links
        GET data/time-spents/<>            GET data/persons/<>
        GET data/project-status/<>"""),
    ("raw", "the list makes a row again that is deleted", "DELETE data/salary-scales/<>"),
    ("query", "one row of the list", "GET data/salary-scales/<>"),
    ("-", "always refused", "POST data/salary-scales"),
    ("-", "answers 405 always", "POST pictures/thumbnails/projects/<>.png"),
    ("-", "answers 500 always", """
        GET data/departments/<>/hardware-items/<>
        POST pictures/thumbnails/preview-background-files/<>.png"""),
    ("-", "one row of `person.all_department_softwares`", "GET data/departments/<>/software-licenses/<>"),
    ("-", "redirects of a single sign-on, for browsers: `log_in_with_browser`", """
        GET auth/oidc/callback             GET auth/oidc/login
        GET auth/saml/login                POST auth/saml/sso"""),
    ("-", "`casting.get_asset_casting` and `casting.update_asset_casting` ask the route of the project", """
        GET data/assets/<>/assets          GET PUT data/assets/<>/casting"""),
    ("-", "the same as `client.get_api_version`", "GET /"),
    ("-", "the same as `edit.all_edits_for_project`", "GET data/edits"),
    ("-", "the same as `shot.all_shots_for_project`", "GET data/shots"),
    ("-", "the same as `project.all_projects`", "GET data/projects/all"),
    ("-", "the same as `playlist.all_playlists_for_project`",
     "GET data/projects/<>/playlists/all"),
    ("-", "the same as `entity.guess_from_path`", "POST data/entities/guess-from-path"),
    ("-", "the same as `task.get_comment`, `task.remove_comment`",
     "GET DELETE data/tasks/<>/comments/<>"),
    ("-", "the same as `files.download_preview_original`",
     "GET movies/originals/preview-files/<>/download"),
    ("-", "the same as `user.is_subscribed_to_sequence`",
     "GET data/user/sequences/<>/task-types/<>/subscribed"),
    ("-", "the same as `files.download_organisation_avatar`, `files.upload_organisation_avatar`",
     "GET pictures/thumbnails/organisations/<> POST pictures/thumbnails/organisations/<>.png"),
    ("-", "the same as `files.download_person_avatar`, `files.upload_person_avatar`",
     "GET pictures/thumbnails/persons/<> POST pictures/thumbnails/persons/<>.png"),
    ("-", "the same as `files.download_project_avatar`", "GET pictures/thumbnails/projects/<>"),
    ("-", "the same as `task.assign_task`", "PUT actions/tasks/<>/assign"),
    ("-", "the same as `files.all_output_files_for_entity`",
     "GET data/entities/<>/output-types/<>/output-files"),
    ("-", "the same as `files.all_output_files_for_asset_instance`",
     "GET data/asset-instances/<>/entities/<>/output-types/<>/output-files"),
    ("-", "the same as `review.SharedPlaylist.download_preview_file`",
     "GET shared/playlists/<>/pictures/originals/preview-files/<>.<>"),
    ("-", "menus of one page of the website", "GET data/user/tasks-to-check/filter-values"),
    ("-", "for monitors and installers of servers; `status` has the same facts", """
        GET status.txt                     GET status/influx
        GET status/test-event"""),
    ("-", "pages and files of the documentation of the API", """
        GET apidocs                        GET apidocs/index.html
        GET docs/<>                        GET static/<>
        GET oauth2-redirect.html           GET openapi.json
        GET openapi-raw.json"""),
    ("-", "the move from ShotGrid to Kitsu, which the server's own scripts make once", """
        GET import/shotgun/errors          DELETE import/shotgun/errors/<>
        POST import/shotgun/*              POST import/shotgun/remove/*"""),
)  # fmt: skip


def normalize(route: str) -> str:
    """Return a route with nameless parameters and without slashes at its ends: `GET data/persons/<>`."""
    verb, path = route.split(" ", 1)
    return f"{verb} {re.sub('<[^>]*>', '<>', path).strip('/')}"


def read() -> List[str]:
    """Return all routes of the server, by path: `GET /data/persons/<person_id>`."""
    routes = ROUTES.read_text(encoding="utf-8").split("\n")
    return sorted(filter(None, routes), key=lambda route: route.split(" ")[::-1])


def is_one(route: str, pattern: str) -> bool:
    """Return whether a normalized route is one of *pattern*: where either has `<>`, the other may have anything."""
    (verb, path), (other_verb, other) = route.split(" "), pattern.split(" ")
    pairs = list(zip(path.split("/"), other.split("/")))
    same = all(a == b or b == "*" or ("<>" in a and (b.startswith("<>") or "<" not in b)) for a, b in pairs)
    return verb == other_verb and path.count("/") == other.count("/") and same


def functions_of(routes: List[str]) -> Dict[str, List[str]]:
    """Return the functions whose docstrings name each of the normalized *routes*: first those that name the fewest."""
    found: Dict[str, List[Tuple[bool, int, str]]] = {}
    parts = (*DOMAINS, "client", "__init__")
    for function in [*public_functions(*parts), *public_methods(*parts)]:
        named = dict.fromkeys(routes_of(function.doc))
        for one in named:
            exact = [one] if one in routes else [route for route in routes if is_one(route, one)]
            for route in [r for r in routes if r.startswith(one[:-2])] if one in PATTERNS else exact:
                found.setdefault(route, []).append((is_deprecated(function), len(named), function.name))
    return {route: [name.replace("__init__.", "") for _, _, name in sorted(names)] for route, names in found.items()}


def is_deprecated(function: Function) -> bool:
    """Return whether a function exists for earlier scripts only."""
    return any("deprecated" in ast.dump(one) for one in function.node.decorator_list)


def reasons_of(route: str) -> Iterator[Tuple[str, str]]:
    """Yield what the table says of a normalized route without a function: `raw` or another way, and the reason."""
    for way, reason, text in WITHOUT:
        if any(is_one(route, pattern) for pattern in patterns(text)):
            yield way, reason


def patterns(text: str) -> Iterator[str]:
    """Yield the routes of an entry of the table: of `GET PUT data/news/<>`, both."""
    for verbs, path in re.findall(r"((?:[A-Z]+ )+)(\S+)", re.sub(r"(?<=[A-Z]) +", " ", text)):
        yield from (f"{verb} {path.strip('/')}" for verb in verbs.split())


def explained() -> Dict[str, Tuple[str, str]]:
    """Return how each route is reached, `function`, `raw`, `-` or "", and what the page says of it."""
    routes = {route: normalize(route) for route in read()}
    functions = functions_of(list(routes.values()))
    return {route: _explained(one, functions.get(one, [])) for route, one in routes.items()}


def _explained(route: str, names: List[str]) -> Tuple[str, str]:
    if names:
        more = f" and {len(names) - 3} more" if names[3:] else ""
        return "function", ", ".join(f"`{name}`" for name in names[:3]) + more
    ways, reason = next(reasons_of(route), ("", ""))
    if ways in ("-", ""):
        return ways, ways and f"not needed: {reason}"
    found = [f"`{one}`" for one in ways.split(", ") if one != "query" or route.startswith("GET ")]
    return "raw", f"{' or '.join(found)}: {reason}"


def page() -> str:
    """Return the page of the documentation: each route, and what is for it."""
    rows = explained()
    counts = Counter(way for way, _ in rows.values())
    parts: Dict[str, List[str]] = {}
    for route, (_, text) in rows.items():
        parts.setdefault(route.split("/")[1].split(".")[0] or "/", []).append(f"| `{route}` | {text} |")
    tables = "\n\n".join(
        f"## {part}\n\n| route | function |\n| --- | --- |\n" + "\n".join(lines) for part, lines in parts.items()
    )
    return f"""# Routes of the server

All {len(rows)} routes of Zou {NEWEST}, and the functions that ask them: {counts["function"]} have one. For {counts["raw"]} others,
[`gazu.query`](../how-to/ask-for-records.md) and `gazu.raw` are enough, and {counts["-"]} nobody needs; the table says why.
This page is generated by `python -m tests.servers.routes` from the docstrings; a test fails if a route has no row.

{tables}
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    missing = [route for route, (way, _) in explained().items() if not way]
    print(*missing, f"{len(missing)} routes without a word", sep="\n")
