"""What the version of a server means for the functions of this library."""

import re
from typing import Any, Iterator, Optional

from .routes_since import OLDEST, SINCE
from .versions import version_number

#: How servers say that they do not have a route; some take the rest of the path for an id.
_NO_ROUTE = re.compile("requested URL was not found|method is not allowed|405 Method Not Allowed|Malformed ID", re.I)


def first_version(function: str) -> str:
    """Return the first Zou that has what *function* needs, as `studio.all_studios`."""
    return SINCE.get(function, ("", OLDEST))[1]


def is_supported(function: str, version: Optional[str]) -> bool:
    """Return whether a server of this version has what *function* needs."""
    return version_number(version) >= version_number(first_version(function))


def functions_of(method: str, path: str) -> Iterator[str]:
    """Yield the functions that use a route which older servers lack."""
    called = f"{method} {path.split('?')[0].strip('/')}"
    for function, (route, _) in SINCE.items():
        if re.fullmatch(re.escape(route).replace("<>", "[^/]+"), called):
            yield function


def may_lack_route(error: Any) -> bool:
    """Return whether an error may be that of a server which is too old for what it was asked."""
    if error.status_code not in (400, 404, 405, 500) or not _NO_ROUTE.search(str(error)):
        return False
    return any(functions_of(error.method, error.path))


def explain(error: Any, version: Optional[str]) -> bool:
    """Say in an error that the server, of this *version*, is too old; return whether it is."""
    for function in functions_of(error.method, error.path):
        if not is_supported(function, version):
            reason = f"this server is Zou {version}; gazu.{function} needs {first_version(function)} or later"
            if version_number(version) < version_number(OLDEST):
                reason += f" (gazu supports Zou {OLDEST} and later)"
            error.args = (f"{error.method} {error.path}: {reason}",)
            return True
    return False
