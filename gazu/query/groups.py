"""The order of records, and their groups."""

from itertools import islice, product
from numbers import Real
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from .search import SCAN_SIZE, Match, Path, values_at
from .selection import names_of

Names = Union[None, str, Iterable[str]]


class Ranking:
    """The order that a query asks for: names, descending with a `-` before them.

    Raises:
        ValueError: one is not a name.
    """

    def __init__(self, order: Names) -> None:
        listed = names_of("order", order)
        self.descending: List[bool] = [name.startswith("-") for name in listed]
        self.names: List[str] = names_of("order", [name[1:] if name.startswith("-") else name for name in listed])

    def first(self, matches: Iterable[Match], paths: Sequence[Path], limit: Optional[int]) -> List[Mapping[str, Any]]:
        """Return the records of *matches* in this order, the first of them only; no more than these are held."""
        if not self.names:
            return [match.record for match in islice(matches, limit)]
        kept: List[Tuple[List[Any], Mapping[str, Any]]] = []
        for match in matches:
            kept.append((self.keys(match, paths), match.record))
            if limit is not None and len(kept) >= limit + SCAN_SIZE:
                kept = self.sorted(kept)[:limit]
        return [record for _, record in self.sorted(kept)[:limit]]

    def keys(self, match: Match, paths: Sequence[Path]) -> List[Any]:
        """Return what a record is sorted by; without a value it comes last in each direction."""
        keys = []
        for name, path, descending in zip(self.names, paths, self.descending):
            values = values_at(match.expanded, path)
            value = values[0] if len(values) == 1 else values
            keys.append(((value is None) != descending, *_key(f"order: {name!r}", value, match.record)))
        return keys

    def sorted(self, kept: List[Tuple[List[Any], Any]]) -> List[Tuple[List[Any], Any]]:
        """Return keys and records in order; equal ones stay as they came."""
        for index, descending in reversed(list(enumerate(self.descending))):
            kept = sorted(kept, key=lambda one: one[0][index], reverse=descending)
        return kept


def _key(what: str, value: Any, record: Mapping[str, Any]) -> Tuple[int, Any]:
    """Return what a value is sorted by: numbers come before texts.

    Raises:
        ValueError: it has no order.
    """
    if value is None or isinstance(value, Real):
        return (0, value or 0)
    if isinstance(value, str):
        return (1, value)
    raise ValueError(f"{what} of {record.get('id')} is {value!r:.200}, which has no order")


class Groups:
    """Records by the values of some names, with their number and the sums of columns.

    Raises:
        ValueError: a name is not valid, or stands twice.
    """

    def __init__(self, by: Names, sums: Names) -> None:
        self.by: List[str] = names_of("by", by)
        self.sums: List[str] = names_of("sum", sums)
        self.names: List[str] = [*self.by, *self.sums]
        for name in self.names:
            if [*self.names, "count"].count(name) > 1:
                raise ValueError(f"by, sum: {name!r} would be twice in a row")
        self.totals: Dict[Tuple[Any, ...], List[Any]] = {}
        if not self.by:
            self.totals[()] = [0] * (1 + len(self.sums))

    def add(self, match: Match, paths: Sequence[Path]) -> None:
        """Count a record, in each group of which it has a value."""
        values = [values_at(match.expanded, path) for path in paths]
        sums = [_total(name, some, match.record) for name, some in zip(self.sums, values[len(self.by) :])]
        for group in product(*map(_several, values[: len(self.by)])):
            for name, value in zip(self.by, group):
                _key(f"by: {name!r}", value, match.record)
            totals = self.totals.setdefault(group, [0] * (1 + len(sums)))
            totals[:] = [total + more for total, more in zip(totals, [1, *sums])]

    def rows(self) -> Iterator[Dict[str, Any]]:
        """Yield a row for each group, in the order of their values."""
        for group in sorted(self.totals, key=lambda group: [(value is None, *_key("", value, {})) for value in group]):
            count, *sums = self.totals[group]
            yield {**dict(zip(self.by, group)), "count": count, **dict(zip(self.sums, sums))}


def _several(values: List[Any]) -> List[Any]:
    """Return the values by which a record is grouped: those in a list one by one, each once."""
    flat = [one for value in values for one in ((value or [None]) if isinstance(value, list) else [value])]
    return [one for index, one in enumerate(flat) if one not in flat[:index]]


def _total(name: str, values: List[Any], record: Mapping[str, Any]) -> Any:
    """Return the sum of the values of a record, where None is nothing.

    Raises:
        ValueError: one is not a number.
    """
    for value in values:
        if value is not None and (not isinstance(value, Real) or isinstance(value, bool)):
            raise ValueError(f"sum: {name!r} of {record.get('id')} is {value!r:.200}, which is not a number")
    return sum(value for value in values if value is not None)
