"""The order in which lists are given back."""

from typing import Any, Iterable, List, Mapping, TypeVar

Row = TypeVar("Row", bound=Mapping[str, Any])


def sort_by_name(dicts: Iterable[Row]) -> List[Row]:
    """Return *dicts* sorted by name, whatever its case; rows without one come first."""
    return sorted(dicts, key=lambda row: (row.get("name") or "").lower())
