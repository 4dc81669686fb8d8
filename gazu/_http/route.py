"""Paths of the server: a literal template, and values that cannot leave their place in it; addresses to show."""

import re
from functools import lru_cache
from typing import Any, List, Mapping

from ..secret import SecretText

_PLACE = re.compile(r"\{\w+\}")
#: What needs no quoting: ids, numbers, dates.
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_PIECES = re.compile(r"[/\\]")
#: The host that a client has until one is set.
PLACEHOLDER = "gazu.change.serverhost"
#: An address that needs no quoting.
PLAIN_URL = re.compile(r"https?://[\w.:\[\]-]+/[A-Za-z0-9\-._~:/?@!$&'()*+,;=%]*", re.ASCII)
#: To the last @: a password may have a slash that should have been quoted.
_CREDENTIALS = re.compile(r"^([\w+.-]*://)?.*@", re.DOTALL)


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


def route(template: str, *values: Any) -> str:
    """Fill the places of *template* with *values*, each quoted as one path segment.

    With a `SecretText` among the values, errors and logs show the template in the place of the path.
    """
    literals = _literals(template)
    if len(values) != len(literals) - 1:
        raise TypeError(f"{template!r} takes {len(literals) - 1} values")
    parts = [literals[0]]
    for value, literal in zip(values, literals[1:]):
        parts.append(_segment(value, template))
        parts.append(literal)
    path = "".join(parts)
    return SecretText.masked(path, template) if any(isinstance(value, SecretText) for value in values) else path
