"""Paths of the server: a literal template, and values that cannot leave their place in it; addresses to show."""

import re
from functools import lru_cache
from typing import Any, Callable, List, Mapping, Optional

from ..secret import SecretText

_PLACE = re.compile(r"\{\w+\}")
#: What needs no quoting: ids, numbers, dates.
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_PIECES = re.compile(r"[/\\]")
#: The host that a client has until one is set.
PLACEHOLDER = "gazu.change.serverhost"
#: An address that needs no quoting.
PLAIN_URL = re.compile(r"https?://[\w.:\[\]-]+/[A-Za-z0-9\-._~:/?@!$&'()*+,;=%]*", re.ASCII)
#: Where a record stands in a path or a body, and its `type`; an entity may be of any kind.
_TYPES = {
    "asset": "Asset", "department": "Department", "edit": "Edit", "episode": "Episode", "person": "Person",
    "playlist": "Playlist", "project": "Project", "scene": "Scene", "sequence": "Sequence", "shot": "Shot",
    "task": "Task", "task_status": "TaskStatus", "task_type": "TaskType",
}  # fmt: skip
_KINDS = frozenset((*_TYPES.values(), "Comment", "Concept", "EntityType", "PreviewFile"))
#: To the last @: a password may have a slash that should have been quoted.
_CREDENTIALS = re.compile(r"^([\w+.-]*://)?.*@", re.DOTALL)

#: The hint for an address that begins with https:// where the server does not speak it.
NO_HTTPS = "does the server speak https? try http://"


class RecordId(str):
    """The id of a record, which knows the `type` of the record."""

    type: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> str:
        """Return the id of *row*."""
        kind = row.get("type")
        if not isinstance(kind, str) or kind not in _KINDS:
            return str(row["id"])
        found = cls(row["id"])
        found.type = kind
        return found

    def __reduce__(self) -> Any:
        return str, (str(self),)


def check_type(name: str, value: Any) -> None:
    """Refuse the id of a record of one kind in the place of another kind; an id alone may be of any.

    Args:
        name: what belongs there, as `shot` or `shot_id`.

    Raises:
        ValueError: the record is of another kind.
    """
    if isinstance(value, RecordId):
        name = name[:-3] if name.endswith("_id") else name
        expected = _TYPES.get(name, value.type)
        if value.type != expected:
            raise ValueError(f"{name}: got a record of type {value.type} (pass a record of type {expected}, or its id)")


class RoutePath(str):
    """A path that knows its template, for hooks."""

    __slots__ = ("change", "source")

    #: Its template, or the path that it was made of.
    source: str
    #: What has made it of that path, and makes its template of the other's when that is needed.
    change: Optional[Callable[[str], str]]

    @classmethod
    def of(cls, text: str, source: str, change: Optional[Callable[[str], str]] = None) -> "RoutePath":
        """Return *text* with its template, or with what it was made of, and how."""
        path = str.__new__(cls, text)
        path.source, path.change = source, change
        return path

    @property
    def template(self) -> str:
        """The path without its values."""
        return self.source if self.change is None else self.change(template_of(self.source))

    def __reduce__(self) -> Any:
        """Become plain text in a pickle."""
        return str, (str(self),)


def template_of(path: str) -> str:
    """Return the template of a path, or "" if it was not made by `route`."""
    if type(path) is RoutePath:
        return path.template
    return template_of(path.shown) if isinstance(path, SecretText) else ""


def mapped(function: Callable[[str], str], path: str) -> str:
    """Return *function* of a path, which keeps its template."""
    return RoutePath.of(function(path), path, function) if type(path) is RoutePath else function(path)


@lru_cache(maxsize=None)
def _literals(template: str) -> List[str]:
    return _PLACE.split(template)


@lru_cache(maxsize=None)
def _kinds(template: str) -> List[str]:
    """Return what stands before each place, as `shot` of `shots/{shot_id}`."""
    return [literal.strip("/").rpartition("/")[2].replace("-", "_")[:-1] for literal in _literals(template)]


def _segment(value: Any, template: str) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    text = str(value)
    whole = value is None or isinstance(value, (Mapping, list, tuple, set))  # a record where its id is meant
    # Servers and proxies resolve dots, some of them after decoding %2F.
    if whole or not text or not {".", ".."}.isdisjoint(_PIECES.split(text)):
        raise ValueError(f"{value!r:.200} cannot be a part of the path {template!r}")
    from urllib.parse import quote  # loaded when it is needed: it would be a tenth of `import gazu`

    return quote(text, safe="")


def public(address: str) -> str:
    """Return an address as errors may show it: without a password, and without its query."""
    if isinstance(address, SecretText):
        return address.shown
    return without_credentials(address).split("?")[0]


def masked_address(address: str) -> str:
    """Return an address that hides its password, and its query, which may be a signature."""
    return SecretText.masked(address, public(address)) if "@" in address or "?" in address else address


def without_credentials(address: str) -> str:
    """Return an address without user and password."""
    return _CREDENTIALS.sub(r"\1", address)


def origin_of(url: str) -> str:
    """Return `https://host:port` of an address."""
    return "/".join(url.split("/", 3)[:3])


def api_hint(host: str) -> str:
    """Return a hint for a host that does not respond as Kitsu does."""
    end = (
        ""
        if host.rstrip("/").endswith("/api")
        else f" Such addresses end with /api: try {public(host).rstrip('/')}/api"
    )
    return f"is {public(host)} the address of a Kitsu API?{end}"


def route(template: str, *values: Any) -> str:
    """Fill the places of *template* with *values*, each quoted as one path segment.

    With a `SecretText` among the values, errors and logs show the template in the place of the path.
    """
    literals = _literals(template)
    if len(values) != len(literals) - 1:
        raise TypeError(f"{template!r} takes {len(literals) - 1} values")
    parts = [literals[0]]
    for value, literal, kind in zip(values, literals[1:], _kinds(template)):
        check_type(kind, value)
        parts.append(_segment(value, template))
        parts.append(literal)
    path = "".join(parts)
    if SecretText in map(type, values):
        return SecretText.masked(path, RoutePath.of(template, template))
    return RoutePath.of(path, template)
