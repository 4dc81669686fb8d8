"""Ask for what you need: chosen fields, and the rows behind ids, in a few requests instead of one for each id.

Fields are named with dots through references: `entity.parent.name` is the name of the sequence of the shot of a task.
"""

from itertools import islice
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional

from . import client as raw
from ._relations import PAGE, Resolver, Tree, _rows, check_filters, question_of, references, rows_in
from .client import KitsuClient
from .client import default_client as default


def find(
    model: str,
    filters: Optional[Mapping[str, Any]] = None,
    fields: Iterable[str] = (),
    client: KitsuClient = default,
) -> List[Dict[str, Any]]:
    """List the rows of *model* that have what *filters* say, with the *fields* named: `GET data/<model>`.

        gazu.query.find("tasks", {"project_id": project}, ["entity.name", "task_type.name", "assignees.full_name"])

    Behind each reference is one more request, however many rows have it.

    Args:
        model: the list below `data/`: `tasks`, `entities`, `persons`, `preview-files`, `comments`, ...
        filters: columns and the values that they have; of a list of values, one. `name` is a pattern: `_` stands
            for a character, `%` for any text, and case does not matter.
        fields: names of columns (`priority`, `data.difficulty`) and of references, which are columns without
            their `_id` (`entity`, `assignees`); with dots, of what is behind them, or in them (`checklist.text`).
            Where no column is named, all come.

    Returns:
        Rows with `id`, `type` and what is named, nested: `{"entity": {"id": ..., "name": ...}, ...}`. A reference
        is None where nothing is behind it that the account may see; of several, those are left out.

    Raises:
        ValueError: a filter or a field is no column of the rows that came.
    """
    tree, query = question_of(model, filters, fields)
    rows = _rows(model, query, client=client)
    check_filters(model, filters, rows)
    return Resolver(client).expand(rows, tree, model)


def find_each(
    model: str,
    filters: Optional[Mapping[str, Any]] = None,
    fields: Iterable[str] = (),
    limit: int = PAGE,
    client: KitsuClient = default,
) -> Iterator[Dict[str, Any]]:
    """Yield what `find` lists, and ask for each page when it is needed: `GET data/<model>`.

    Args:
        limit: rows on a page.
    """
    limit = raw._page_size(limit)  # None, the server's own size, would keep all rows at once
    tree, query = question_of(model, filters, fields)
    return _each(model, filters, tree, raw.fetch_each(model, query, limit=limit, client=client), limit, client)


def _each(
    model: str,
    filters: Optional[Mapping[str, Any]],
    tree: Tree,
    rows: Iterator[Dict[str, Any]],
    limit: int,
    client: KitsuClient,
) -> Iterator[Dict[str, Any]]:
    resolver = Resolver(client)
    for page in iter(lambda: list(islice(rows, limit)), []):
        check_filters(model, filters, page)
        yield from resolver.expand(page, tree, model)


def resolve(rows: Iterable[Mapping[str, Any]], *names: str, client: KitsuClient = default) -> List[Dict[str, Any]]:
    """Return copies of *rows* with the rows behind their ids: `GET data/<model>` once for each of *names*.

        tasks = gazu.task.all_tasks_for_project(project)
        gazu.query.resolve(tasks, "task_type", "assignees.full_name", "entity.parent")

    Args:
        names: columns without their `_id`, as the fields of `find`: `task_type` adds the row behind
            `task_type_id`; `assignees` puts rows in the place of ids; `task_type.name` gets no more than the name.

    Raises:
        ValueError: the rows have no such reference, or it is none.
    """
    return Resolver(client).expand(rows_in(rows), references(names), "these rows")
