"""The news of a production: comments, statuses and previews, as `project`, `user` and `entity` list them."""

from typing import Any, Dict, Optional

from . import client as raw
from .client import KitsuClient
from .helpers import date_or_none, drop_none, id_or_none
from .models import Date, Ref
from .pages import PageList


def news_query(
    only_preview: bool,
    task_type: Optional[Ref],
    task_status: Optional[Ref],
    person: Optional[Ref],
    after: Optional[Date],
    before: Optional[Date],
) -> Dict[str, Any]:
    """Return the query of a list of news."""
    what = {"task_type_id": task_type, "task_status_id": task_status, "person_id": person}
    ids = {name: id_or_none(one) for name, one in what.items()}
    dates = {"after": date_or_none(after), "before": date_or_none(before)}
    return drop_none(only_preview="true" if only_preview else None, **ids, **dates)


def fetch_news(
    path: str, query: Dict[str, Any], page: Optional[int], limit: Optional[int], client: KitsuClient
) -> PageList:
    """Return a page of news, or for None all pages, with the keys of the server's page.

    Raises:
        ValueError: *page* or *limit* is less than 1, at which Zou 1.0.97 fails.
    """
    for name, number in (("page", page), ("limit", limit)):
        if number is not None and int(number) < 1:
            raise ValueError(f"{name}: expected 1 or more, got {number!r:.200}")
    if page is not None:
        answer = raw.fetch_all(path, params={**query, **drop_none(page=page, limit=limit)}, client=client)
        return PageList(answer["data"], answer)
    first = raw.fetch_all(path, params={**query, "page": 1, "limit": limit or 1000}, client=client)
    whole = first["nb_pages"] < 2
    rows = first["data"] if whole else raw.fetch_all(path, query, client, paginated=True, limit=limit or 1000)
    return PageList(rows, first)
