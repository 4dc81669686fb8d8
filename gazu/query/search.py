"""Find the records that a plan describes, page by page."""

from itertools import islice
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from .. import client as raw
from .._http.log import debug
from ..client import KitsuClient
from .columns import CUT_OFF, REFERENCES, WITHOUT_PAGES, column_of, is_reference
from .operators import CannotCompare
from .plan import Plan, parse_path
from .resolver import Resolver, fetch_records
from .selection import (
    Selection,
    check_column,
    has_column,
    not_a_list,
    params_of,
    parse_selection,
    select_subfields,
    typed_columns,
    unknown_column,
)

#: Records on a page that the client looks through, but for a caller who says how many.
SCAN_SIZE = 1000
Path = Tuple[str, ...]


class Match(NamedTuple):
    """A record that matches, and a copy that has the records behind the references of dotted names in it."""

    record: Mapping[str, Any]
    expanded: Mapping[str, Any]


class Search:
    """The records that match a plan.

    Args:
        selection: the columns to get; without a name, all.
        names: dotted names whose values are needed in the copies.
    """

    def __init__(
        self, plan: Plan, client: KitsuClient, selection: Optional[Selection] = None, names: Iterable[str] = ()
    ) -> None:
        self.plan: Plan = plan
        self.model: str = plan.model
        self.client: KitsuClient = client
        self.selection: Selection = {"id": {}} if selection is None else selection
        self.paths: List[Tuple[str, ...]] = [parse_path(plan.model, name) for name in names]
        self.resolver: Resolver = Resolver(client)
        self.is_ready: bool = False

    # -- search ------------------------------------------------------------------
    def pages(self, size: Optional[int] = None) -> Iterator[List[Match]]:
        """Yield what matches of each page, and of a list that the client does not look through, all at once."""
        self.find_references()
        followed, is_known = self.followed(), False
        for page in self.fetch(size):
            self.check(page)
            is_known = True
            copies = self.resolver.expand(page, followed, self.model) if followed else page
            yield [Match(record, copy) for record, copy in zip(page, copies) if self.accepts(copy)]
        if not is_known:
            self.check_names()

    def matches(self, size: Optional[int] = None) -> Iterator[Match]:
        """Yield what matches, one by one."""
        for page in self.pages(size):
            yield from page

    def count(self) -> int:
        """Return how many records match: the total of the server where it knows all filters."""
        self.find_references()
        if self.plan.tests:
            return sum(map(len, self.pages()))
        total = 0
        for params in self.queries():
            page = raw.fetch_page(self.model, params, page_size=1, client=self.client)
            rows = page if isinstance(page, list) else page["data"]
            self.check(rows)
            total += len(rows) if isinstance(page, list) else page["total"]
        if not total:
            self.check_names()
        return total

    def find_references(self) -> None:
        """Find the records behind references first: those of projects, to look for the others within them."""
        if self.is_ready:
            return
        self.is_ready, plan = True, self.plan
        if plan.tests or plan.lookups:
            debug("query %s: sent %s, in the client %s", self.model, *self.places())
        lookups = sorted(plan.lookups, key=lambda lookup: lookup.column != "project_id")
        for lookup in lookups if not plan.is_empty else ():
            plan.use(lookup, [match.record["id"] for match in Search(lookup.plan, self.client).matches()])

    def size_for(self, limit: int, is_sorted: bool) -> int:
        """Return the records on a page for a query of *limit* records: these, or what the client looks through."""
        self.find_references()
        return SCAN_SIZE if is_sorted or self.plan.tests else min(limit, SCAN_SIZE)

    def expanded(self, matches: Iterable[Match]) -> List[Dict[str, Any]]:
        """Return copies of records with what is selected."""
        return self.resolver.expand([match.record for match in matches], self.selection, self.model)

    def fetch(self, size: Optional[int]) -> Iterator[List[Dict[str, Any]]]:
        """Yield pages with the records that the server finds, each record once."""
        queries = list(self.queries())
        seen: Set[str] = set()
        for params in queries:
            for page in self.pages_of(params, size):
                if not isinstance(page, list):
                    raise not_a_list(self.model)
                fresh = [row for row in page if row["id"] not in seen] if len(queries) > 1 else page
                seen.update(row["id"] for row in fresh if len(queries) > 1)
                if fresh:
                    yield fresh

    def pages_of(self, params: Dict[str, Any], size: Optional[int]) -> Iterable[List[Dict[str, Any]]]:
        """Return the pages of a request; what the client does not look through comes whole, as a single page."""
        if size is None and self.comes_whole():
            return [fetch_records(self.model, params, client=self.client)]
        number = size or SCAN_SIZE
        rows = raw.fetch_each(self.model, params, page_size=number, client=self.client)
        return iter(lambda: list(islice(rows, number)), [])

    def comes_whole(self) -> bool:
        """Return whether the server does all filters, and none of them is suspect of being no column."""
        is_sent = {*self.plan.sent_names}.issuperset(self.plan.tests)
        return is_sent and self.model not in CUT_OFF and typed_columns(self.model).issuperset(self.plan.columns)

    def queries(self) -> Iterator[Dict[str, Any]]:
        """Yield the parameters of each request."""
        needed = [self.first_column(path) for path in [*self.plan.paths(), *self.paths]]
        return (params_of(sent, self.selection, needed) for sent in self.plan.queries())

    def accepts(self, record: Mapping[str, Any]) -> bool:
        """Return whether a record meets what is left to the client.

        Raises:
            ValueError: an operator does not apply to its value.
        """
        for name, test in self.plan.tests.items():
            values = values_at(record, test.path)
            try:
                if not test.operator.matches_any(values):
                    return False
            except CannotCompare:
                value = values[0] if len(values) == 1 else values
                place = f"filters: {name!r} of {record.get('id')} in {self.model} is {value!r:.200}"
                raise ValueError(f"{place}, which {test.operator!r:.200} cannot compare") from None
        return True

    # -- names -------------------------------------------------------------------
    def first_column(self, path: Path) -> str:
        """Return the column that a dotted name begins with."""
        return column_of(self.model, path[0]) if len(path) > 1 else path[0]

    def followed(self) -> Selection:
        """Return the references of dotted names."""
        paths = [*(test.path for test in self.plan.tests.values()), *self.paths]
        return parse_selection(".".join(path) for path in paths if path[1:] and is_reference(self.model, path[0]))

    def check(self, page: Sequence[Mapping[str, Any]]) -> None:
        """Refuse names that are not columns: the server ignores them, and finds too much.

        Raises:
            ValueError: none of these records has such a column.
        """
        for path in [*self.plan.paths(), *self.paths]:
            check_column(self.first_column(path), page, self.model)
            if path[1:] and not is_reference(self.model, path[0]):
                for row in page:
                    select_subfields(path[0], row.get(path[0]), {path[1]: {}}, self.model)
        for name in self.selection:
            if not has_column(name, page):
                check_column(column_of(self.model, name), page, self.model)

    def check_names(self) -> None:
        """Refuse names that are not columns, without records: they are compared with the types of the library.

        Raises:
            ValueError: one is not a column.
        """
        for path in [*self.plan.paths(), *self.paths, *paths_of(self.selection)]:
            owner = self.model
            for name in path:
                known = typed_columns(owner)
                if known and not known & {name, column_of(owner, name)}:
                    self.check_row(owner, name, known)
                if not known or not is_reference(owner, name):
                    break
                owner = REFERENCES[name]

    def check_row(self, path: str, name: str, known: Iterable[str]) -> None:
        """Refuse a name that is not even a column of any record of a list: newer servers have more columns."""
        page = [] if path in WITHOUT_PAGES else raw.fetch_page(path, page_size=1, client=self.client)
        rows = page if isinstance(page, list) else page["data"]
        known = {*known, *(column for row in rows for column in row)}
        if not known & {name, column_of(path, name)}:
            raise unknown_column(name, path, known)

    # -- explain -----------------------------------------------------------------
    def places(self) -> Tuple[List[str], List[str]]:
        """Return the names of the filters that the server does, and of those that are done here; some are both."""
        names, lookups = self.plan.filters, self.plan.lookups
        sent = {*self.plan.sent_names, *(lookup.name for lookup in lookups if not lookup.negated)}
        tests = {*self.plan.tests, *(lookup.name for lookup in lookups if lookup.negated)}
        return [name for name in names if name in sent], [name for name in names if name in tests]

    def explain(self) -> Dict[str, Any]:
        """Return which filter runs where, and the requests."""
        sent, in_client = ({name: repr(self.plan.filters[name]) for name in names} for names in self.places())
        references = [*requests_for(self.followed(), ""), *requests_for(self.selection, "")]
        requests = [] if self.plan.is_empty else list(dict.fromkeys([*self.requests(), *references]))
        return {"path": f"data/{self.model}", "sent": sent, "in_client": in_client, "requests": requests}

    def requests(self) -> Iterator[str]:
        """Yield the requests that find the records."""
        for lookup in self.plan.lookups:
            yield from Search(lookup.plan, self.client).requests()
        found = {lookup.column: f"<ids in {lookup.plan.model}>" for lookup in self.plan.lookups if not lookup.negated}
        pages = {} if self.comes_whole() else {"page": "<1, 2, ...>", "limit": SCAN_SIZE}
        for params in self.queries():
            query = "&".join(f"{name}={value}" for name, value in {**params, **found, **pages}.items())
            yield f"GET data/{self.model}" + (f"?{query}" if query else "")


def requests_for(selection: Selection, name: str) -> Iterator[str]:
    """Yield the requests for the records behind references."""
    for inner, more in selection.items():
        if inner in REFERENCES:
            place = f"{name}.{inner}" if name else inner
            yield f"GET data/{REFERENCES[inner]}?id=<ids in {place}>"
            yield from requests_for(more, place)


def paths_of(selection: Selection) -> Iterator[Path]:
    """Yield a selection as dotted names."""
    for name, inner in selection.items():
        yield from ((name, *path) for path in paths_of(inner)) if inner else [(name,)]


def values_at(record: Any, path: Path) -> List[Any]:
    """Return the values behind a dotted name: of each item of the lists on the way, and None where it is missing."""
    if not path:
        return [record]
    if isinstance(record, list):
        return [value for item in record for value in values_at(item, path)] or [None]
    return values_at(record.get(path[0]), path[1:]) if isinstance(record, Mapping) else [None]
