"""Fetch related data in few requests: chosen fields, and the records behind ids, without one request for each id.

Fields follow references with dots: `entity.parent.name` is the name of the sequence of the shot of a task.
"""

from itertools import islice
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional

from .. import client as raw
from ..client import KitsuClient
from ..client import default_client as default
from .resolver import Resolver, fetch_records
from .selection import Selection, check_filters, parse_query, parse_references, require_records

__all__ = ["find", "find_each", "resolve"]

#: Records on a page.
PAGE_SIZE = 100


def find(
    model: str,
    filters: Optional[Mapping[str, Any]] = None,
    fields: Iterable[str] = (),
    client: KitsuClient = default,
) -> List[Dict[str, Any]]:
    """List the records of *model* that match *filters*, with the *fields* named: `GET data/<model>`.

        gazu.query.find("tasks", {"project_id": project}, ["entity.name", "task_type.name", "assignees.full_name"])

    Each reference costs one more request, however many records have it.

    Args:
        model: a list below `data/`: `tasks`, `entities`, `persons`, `preview-files`, `comments`, ...
        filters: columns and their values; a list of values matches any of them. `name` is a pattern: `_` stands
            for a character, `%` for any text, and case does not matter.
        fields: names of columns (`priority`, `data.difficulty`) and of references, which are columns without
            their `_id` (`entity`, `assignees`); dots select fields of the records behind them, or subfields
            of columns (`checklist.text`). Without the name of a column, all columns come.

    Returns:
        Records with `id`, `type` and the fields named, nested: `{"entity": {"id": ..., "name": ...}, ...}`. A
        reference is None where the record was deleted or is not visible to this account; a list leaves it out.

    Raises:
        ValueError: a filter or a field is not a column of these records.
    """
    selection, params = parse_query(model, filters, fields)
    records = fetch_records(model, params, client=client)
    check_filters(model, filters, records)
    return Resolver(client).expand(records, selection, model)


def find_each(
    model: str,
    filters: Optional[Mapping[str, Any]] = None,
    fields: Iterable[str] = (),
    page_size: int = PAGE_SIZE,
    client: KitsuClient = default,
) -> Iterator[Dict[str, Any]]:
    """Yield what `find` lists, and request each page when it is needed: `GET data/<model>`.

    Args:
        page_size: records on a page.
    """
    if page_size is None:  # the server's own size, which would hold all records at once
        raise ValueError("page_size: a page holds at least one record, not None")
    selection, params = parse_query(model, filters, fields)
    records = raw.fetch_each(model, params, page_size=page_size, client=client)
    pages = iter(lambda: list(islice(records, page_size)), [])
    return _expand_pages(pages, model, filters, selection, Resolver(client))


def _expand_pages(
    pages: Iterable[List[Dict[str, Any]]],
    model: str,
    filters: Optional[Mapping[str, Any]],
    selection: Selection,
    resolver: Resolver,
) -> Iterator[Dict[str, Any]]:
    for page in pages:
        check_filters(model, filters, page)
        yield from resolver.expand(page, selection, model)


def resolve(rows: Iterable[Mapping[str, Any]], *names: str, client: KitsuClient = default) -> List[Dict[str, Any]]:
    """Return copies of *rows* with the records behind their ids: `GET data/<model>` once for each of *names*.

        tasks = gazu.task.all_tasks_for_project(project)
        gazu.query.resolve(tasks, "task_type", "assignees.full_name", "entity.parent")

    Args:
        rows: records, as any function returns them.
        names: references, as in the fields of `find`: `task_type` adds the record behind `task_type_id`;
            `assignees` replaces ids by records; `task_type.name` fetches the name only.

    Raises:
        ValueError: the records have no such reference.
    """
    return Resolver(client).expand(require_records(rows), parse_references(names), "these records")
