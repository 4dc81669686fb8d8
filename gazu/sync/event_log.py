"""Reading the server's log of events, whatever of it a version of Zou can do."""

import datetime
from contextlib import suppress
from typing import Any, Dict, List

from .. import client as raw
from ..client import KitsuClient
from ..models import Event

#: Events per request: Zou sends no more from 1.0.97 on.
EVENTS_PER_REQUEST = 1000
#: Events that Zou 0.19 and older send to whoever does not give `page_size`, their name for `limit`.
OLD_PAGE_SIZE = 100


def shift_date(date: str, seconds: float) -> str:
    """Return the date *seconds* after *date*; both as the server writes them, in UTC and without fractions.

    Where the calendar ends, in the years 1 and 9999, it is *date* itself.
    """
    moment = datetime.datetime.fromisoformat(date[:19])
    with suppress(OverflowError):
        moment += datetime.timedelta(seconds=seconds)
    return moment.isoformat()[:19]


def read_last_events(limit: int, filters: Dict[str, Any], client: KitsuClient) -> List[Event]:
    """Return the last *limit* events, the newest first: `GET data/events/last`.

    Zou sends a thousand and goes on behind `cursor_event_id`. Older versions send as many as they are asked for and do
    not know the cursor: where the same events come again, the next ones are asked for by their date. Zou 0.19 and older
    ask for `page_size` instead of `limit`, 0.18 and older do not know `name`.
    """
    name = filters.get("name")
    params, size, by_date = {"limit": limit, **filters}, limit, False
    seen: Dict[str, Event] = {}
    number = 0
    while True:
        number += 1
        raw.check_page_number(number)
        answer = raw.fetch_all("events/last", params=params, client=client)
        page: List[Event] = raw.require_rows(answer, "data/events/last", "id")
        if "page_size" not in params and (len(page) > size or len(page) == OLD_PAGE_SIZE < size):
            params["page_size"] = size
            continue
        is_new = any(event["id"] not in seen for event in page)
        seen.update((event["id"], event) for event in page)
        found = [event for event in seen.values() if name is None or event.get("name", name) == name]
        is_capped = not by_date and len(page) <= EVENTS_PER_REQUEST
        if len(found) >= limit or len(page) < (min(size, EVENTS_PER_REQUEST) if is_capped else size):
            return found[:limit]
        if is_new and not by_date:
            size = limit - len(found)
            params.update(limit=size, cursor_event_id=page[-1]["id"])
        else:
            by_date = True
            params.pop("cursor_event_id", None)
            before = shift_date(page[-1]["created_at"], 1)  # its second may have more
            size = EVENTS_PER_REQUEST if is_new or before != params.get("before") else 2 * size
            params.update(limit=size, page_size=size, before=before)
