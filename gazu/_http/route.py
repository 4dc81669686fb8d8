"""Paths of the server: a literal template, and values that cannot leave their place in it; addresses to show."""

import re
from functools import lru_cache
from typing import Any, List, Mapping

_PLACE = re.compile(r"\{\w+\}")
#: What needs no quoting: ids, numbers, dates.
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_PIECES = re.compile(r"[/\\]")
#: An address that needs no quoting.
PLAIN_URL = re.compile(r"https?://[\w.:\[\]-]+/[A-Za-z0-9\-._~:/?@!$&'()*+,;=%]*", re.ASCII)
_CREDENTIALS = re.compile(r"^([\w+.-]*://)?[^/?#]*@")


@lru_cache(maxsize=None)
def _literals(template: str) -> List[str]:
    return _PLACE.split(template)


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
    return _CREDENTIALS.sub(r"\1", address).split("?")[0]


def origin_of(url: str) -> str:
    """Return `https://host:port` of an address."""
    return "/".join(url.split("/", 3)[:3])


def route(template: str, *values: Any) -> str:
    """Fill the places of *template* with *values*, each quoted as one path segment."""
    literals = _literals(template)
    if len(values) != len(literals) - 1:
        raise TypeError(f"{template!r} takes {len(literals) - 1} values")
    parts = [literals[0]]
    for value, literal in zip(values, literals[1:]):
        parts.append(_segment(value, template))
        parts.append(literal)
    return "".join(parts)
