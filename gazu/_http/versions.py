"""Comparing versions of the server."""

import re
from typing import Any, Tuple


def version_number(version: Any) -> Tuple[int, ...]:
    """Return a version in a form that can be compared; text that is not a version counts as newer than all others."""
    text = re.match(r"\d{1,9}(\.\d{1,9})*", version) if isinstance(version, str) else None
    return tuple(map(int, text.group().split("."))) if text else (1 << 30,)
