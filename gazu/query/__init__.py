"""Ask for records: filters, chosen fields and the records behind ids, in few requests.

Names follow references with dots: `entity.parent.name` is the name of the sequence of the shot of a task.
"""

from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Mapping, Optional, Union

from .._http.request import page_query
from ..client import KitsuClient
from ..client import default_client as default
from .groups import Groups, Ranking
from .operators import Operator as Operator
from .operators import (
    after,
    at_least,
    at_most,
    before,
    between,
    contains,
    is_none,
    matches,
    not_,
    one_of,
    starts_with,
)
from .plan import Plan
from .resolver import Resolver
from .search import SCAN_SIZE, Search
from .selection import check_limit, check_query, names_of, parse_references, parse_selection, require_records

if TYPE_CHECKING:
    from typing import overload

    from typing_extensions import Literal

__all__ = [
    "Operator",
    "after",
    "at_least",
    "at_most",
    "before",
    "between",
    "contains",
    "count",
    "expand",
    "explain",
    "find",
    "find_each",
    "find_one",
    "is_none",
    "matches",
    "not_",
    "one_of",
    "starts_with",
    "summarize",
]

#: Records on a page.
PAGE_SIZE = 100
#: What filters are: columns or dotted names, and for each a value, a list of values or an operator.
Filters = Optional[Mapping[str, Any]]
#: One dotted name or several.
Names = Union[None, str, Iterable[str]]


if TYPE_CHECKING:

    @overload
    def find(
        model: str,
        filters: Filters = None,
        fields: Names = None,
        order: Names = None,
        limit: Optional[int] = None,
        client: KitsuClient = default,
        explain: "Literal[False]" = False,
    ) -> List[Dict[str, Any]]: ...

    @overload
    def find(
        model: str,
        filters: Filters = None,
        fields: Names = None,
        order: Names = None,
        limit: Optional[int] = None,
        client: KitsuClient = default,
        *,
        explain: "Literal[True]",
    ) -> Dict[str, Any]: ...


def find(
    model: str,
    filters: Filters = None,
    fields: Names = None,
    order: Names = None,
    limit: Optional[int] = None,
    client: KitsuClient = default,
    explain: bool = False,
) -> Any:
    """Return the records of *model* that match all *filters*, with the *fields* named: `GET data/<model>`.

        gazu.query.find(
            "tasks",
            {"project": project, "entity.parent.name": "SQ010", "due_date": gazu.query.before("2026-12-01")},
            ["entity.name", "task_type.name", "assignees.full_name"],
            order=["-priority", "entity.name"],
        )

    What the server can do is sent to it; the rest is done here, page by page. Each reference costs one more request,
    however many records have it.

    Args:
        model: a list below `data/`: `tasks`, `entities`, `persons`, `preview-files`, `comments`, ...
        filters: names, and for each a value, a list of which one has to match, or an operator of this module. Records
            stand for their ids, and references for their columns: `project` is `project_id`. A value matches a
            list that it is in, and a day all times of this day. None is `is_none`. Letter case counts.
        fields: names of columns (`priority`, `data.difficulty`) and of references, which are columns without
            their `_id` (`entity`, `assignees`); dots select fields of the records behind them, or subfields
            of columns (`checklist.text`). Without the name of a column, all columns come.
        order: a name or several; `-name` is descending. Records without a value come last. Without it, the order
            is the server's, which may differ between queries.
        limit: the most records to return.
        explain: True to get what `explain` returns; no request is sent.

    Returns:
        Records with `id`, `type` and the fields named, nested: `{"entity": {"id": ..., "name": ...}, ...}`. A
        reference is None where the record was deleted or is not visible to this account; a list leaves it out.

    Raises:
        ValueError: a name is not a column of these records; the error has the nearest. Or an argument is not valid,
            or an operator does not apply to the value of a record.

    Example:
        >>> tasks = gazu.query.find("tasks", {"project": project, "entity.name": "SH010"}, ["task_type.name"])
        >>> [task["task_type"]["name"] for task in tasks]
        ['Animation']
    """
    ranking = Ranking(order)
    search = _search(model, filters, fields, ranking.names, client)
    if explain:
        return search.explain()
    check_limit(limit)
    size = None if limit is None else search.size_for(limit, bool(ranking.names))
    records = ranking.first(search.matches(size), search.paths, limit)
    return search.resolver.expand(records, search.selection, model)


def find_one(
    model: str,
    filters: Filters = None,
    fields: Names = None,
    order: Names = None,
    client: KitsuClient = default,
) -> Optional[Dict[str, Any]]:
    """Return the first record that `find` would list, or None: `GET data/<model>`.

    The arguments are those of `find`.

    Returns:
        A record as `find` returns it, or None.
    """
    return next(iter(find(model, filters, fields, order, 1, client=client)), None)


def find_each(
    model: str,
    filters: Filters = None,
    fields: Names = None,
    page_size: int = PAGE_SIZE,
    client: KitsuClient = default,
) -> Iterator[Dict[str, Any]]:
    """Yield what `find` lists, and request each page when it is needed: `GET data/<model>`.

    The arguments and errors are those of `find`.

    Args:
        page_size: records on a page.
    """
    if page_size is None:  # the server's own size, which would hold all records at once
        raise ValueError("page_size: a page holds at least one record, not None")
    page_query(page_size, "page_size")
    search = _search(model, filters, fields, (), client)
    return (row for page in search.pages(page_size) for row in search.expanded(page))


def count(model: str, filters: Filters = None, client: KitsuClient = default) -> int:
    """Return how many records of *model* match all *filters*: `GET data/<model>`.

    Where the server knows all filters, it counts; otherwise the client reads the columns of the filters, page by page.

    Args:
        filters: as in `find`.

    Example:
        >>> gazu.query.count("tasks", {"project": project})
        2
    """
    return _search(model, filters, ["id"], (), client).count()


def summarize(
    model: str,
    filters: Filters = None,
    by: Names = None,
    sum: Names = None,
    client: KitsuClient = default,
) -> List[Dict[str, Any]]:
    """Count the records of *model* that match, in groups, and add up columns: `GET data/<model>`, page by page.

        gazu.query.summarize("tasks", {"project": project}, by="task_status.name", sum="estimation")

    Args:
        filters: as in `find`.
        by: one name or several, whose values make the groups. A record with a list of values, such as `assignees`,
            is in the group of each. Without it, all records are one group.
        sum: one name or several, of numbers to add up; records without a value add nothing.

    Returns:
        A row for each group, in the order of their values: `{"task_status.name": "WIP", "count": 3, "estimation": 60}`.

    Raises:
        ValueError: as in `find`, or a value to add up is not a number.
    """
    groups = Groups(by, sum)
    search = _search(model, filters, ["id"], groups.names, client)
    for match in search.matches(SCAN_SIZE):
        groups.add(match, search.paths)
    return list(groups.rows())


def explain(
    model: str,
    filters: Filters = None,
    fields: Names = None,
    order: Names = None,
    client: KitsuClient = default,
) -> Dict[str, Any]:
    """Return what `find` would do, and send nothing: which filter the server does, and which requests there are.

    The arguments are those of `find`.

    The debug log of the library, `gazu`, says the same of each query that leaves something to the client.

    Returns:
        `{"path": "data/tasks", "sent": {"project": ...}, "in_client": {"priority": "at_least(2)"}, "requests": [...]}`:
        by the names of the filters, what the server does and what is done here. A name is in both, as the server
        ignores its case. What a request needs of those before it is in `<>`.
    """
    return _search(model, filters, fields, Ranking(order).names, client).explain()


def expand(rows: Iterable[Mapping[str, Any]], *names: str, client: KitsuClient = default) -> List[Dict[str, Any]]:
    """Return copies of *rows* with the records behind their ids: `GET data/<model>` once for each of *names*.

        tasks = gazu.task.all_tasks_for_project(project)
        gazu.query.expand(tasks, "task_type", "assignees.full_name", "entity.parent")

    Args:
        rows: records, as any function returns them.
        names: references, as in the fields of `find`: `task_type` adds the record behind `task_type_id`;
            `assignees` replaces ids by records; `task_type.name` fetches the name only.

    Returns:
        Dicts: the rows, with the records added.

    Raises:
        ValueError: the records have no such reference.
    """
    return Resolver(client).expand(require_records(rows), parse_references(names), "these records")


def _search(model: str, filters: Filters, fields: Names, names: Iterable[str], client: KitsuClient) -> Search:
    """Return the search for records; *names* are needed beside the fields."""
    check_query(model, filters)
    selection = parse_selection(names_of("fields", fields))
    return Search(Plan(model, filters or {}), client, selection, names)
