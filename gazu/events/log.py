"""Reading the server's log of events: the oldest first, a page at a time."""

import re
from typing import Dict, Iterator, List, Optional, Tuple

from .. import sync
from ..client import KitsuClient
from ..exception import ServerErrorException
from ..models import Event
from ..sync.event_log import shift_date

#: Of this millennium or the last: a queue that had an event of the year 9999 would wait for later ones.
_DATE = re.compile(r"[12]\d{3}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d")
#: A date before all events.
EPOCH = "1970-01-01T00:00:00"
#: An event may be saved so long after its date and is still found.
LATE_WINDOW_SECONDS = 120
#: Events that are kept in memory at once.
PAGE_EVENTS = 1000
#: More events than two seconds can have: all of them.
UNLIMITED_EVENTS = 1000000
#: The slices of time in which a long past is read: the first one.
FIRST_SLICE_SECONDS = 64


class LogReader:
    """Reads the log of events of a server, or of one project: `GET data/events/last`."""

    def __init__(self, client: KitsuClient, project: Optional[str]) -> None:
        self._client, self._project = client, project

    def page(self, after: Optional[str] = None, before: Optional[str] = None, limit: int = PAGE_EVENTS) -> List[Event]:
        """Return the last *limit* events between two dates, the newest first."""
        events = sync.get_last_events(limit, self._project, after, before, client=self._client)
        for event in events:
            if not _DATE.match(str(event.get("created_at"))):
                raise ServerErrorException(f"data/events/last: the event {event['id']} has no valid date")
        return events

    def head(self, until: Optional[str] = None) -> Tuple[str, Dict[str, str]]:
        """Return where somebody begins who wants what happens from now on, or after the date *until*.

        Returns:
            The date, and of the events about that time, which are not wanted, id and date.
        """
        if until is None:
            until = next((event["created_at"] for event in self.page(limit=1)), EPOCH)
        if until == EPOCH:
            return until, {}
        known = self.page(shift_date(until, -LATE_WINDOW_SECONDS), shift_date(until, 1), UNLIMITED_EVENTS)
        return until, {event["id"]: event["created_at"] for event in known}

    def pages(self, after: str) -> Iterator[List[Event]]:
        """Yield all events after a date, the oldest first, in pages of `PAGE_EVENTS` at most.

        The server returns the newest ones only, and compares dates to the second: a
        long past is read in slices of time that overlap by a second. A page is longer
        if that much happened in a second.
        """
        page = self.page(after)
        if len(page) < PAGE_EVENTS:
            yield page[::-1]
            return
        newest, span = page[0]["created_at"], FIRST_SLICE_SECONDS
        while after <= newest:
            limit = UNLIMITED_EVENTS if span == 1 else PAGE_EVENTS
            page = self.page(shift_date(after, -1), shift_date(after, span), limit)
            if len(page) >= PAGE_EVENTS and span > 1:
                span = max(1, span // 8)
                continue
            yield page[::-1]
            after, span = shift_date(after, span), span * 2
