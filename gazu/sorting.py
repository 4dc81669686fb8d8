"""The order of returned lists."""

from typing import Any, Iterable, List, Mapping, TypeVar

Row = TypeVar("Row", bound=Mapping[str, Any])


def sort_by_name(dicts: Iterable[Row]) -> List[Row]:
    """Return *dicts* sorted by name, ignoring case; those without a name come first."""
    return sorted(dicts, key=lambda row: (row.get("name") or "").lower())
