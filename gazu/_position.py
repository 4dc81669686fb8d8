"""Where a listener is in the server's log of events: in memory, and in a file that outlives the process."""

import datetime
import json
import logging
import os
import threading
from typing import Any, Collection, Dict, Iterable, Mapping, Optional, Set

from ._http.transfer import Target

#: Seconds: an event may be saved so long after its date and is still found.
WINDOW = 120
#: The file is written anew after so many lines.
LINES = 5000
#: A date before all events.
BEGINNING = "1970-01-01T00:00:00"

logger = logging.getLogger("gazu")


def later(date: str, seconds: float) -> str:
    """Return the date *seconds* after *date*; both as the server writes them, in UTC and without fractions."""
    return (datetime.datetime.fromisoformat(date[:19]) + datetime.timedelta(seconds=seconds)).isoformat()[:19]


def _date(date: str) -> str:
    if later(date, 0) != date[:19]:
        raise ValueError(f"this is no date of the server: {date!r:.200}")
    return date


class Mark:
    """How far a lane is: what happened until then is handled, and of the last while before it, these ids.

    The names of its events tell the next process which handlers it was for.
    """

    def __init__(self, until: str, ids: Mapping[str, str], events: Iterable[str] = ()) -> None:
        self.until, self.ids, self.events = _date(until), {**ids}, sorted(events)
        if not all(isinstance(text, str) for text in (*self.ids, *self.ids.values(), *self.events)):
            raise TypeError("ids, dates and names are texts")

    def add(self, id: str, date: str) -> None:
        """Note that the event of this id and date is handled."""
        self.ids[id] = date
        self.until = max(self.until, date)

    def move(self, date: str) -> None:
        """Note that all is handled until *date*, and forget the ids that are not asked for any more."""
        self.until = max(self.until, date)
        if self.until != BEGINNING:
            oldest = later(self.until, -2 * WINDOW)
            self.ids = {id: date for id, date in self.ids.items() if date >= oldest}


class Position:
    """The marks of all lanes.

    The file has all of them on its first line, and a line more for each event since
    then: one short line as soon as a handler has returned costs a fortieth of writing
    the file anew, so that a process that is killed repeats one event, not a second of them.
    """

    def __init__(self, path: Any, host: str) -> None:
        # Absolute, as the process may go to another folder.
        self.path = None if path is None else os.path.abspath(os.path.expanduser(os.fsdecode(path)))
        self.host = host
        self.marks: Dict[str, Mark] = {}
        self.problem: Optional[str] = None
        self._lock = threading.Lock()
        self._lines = 0

    def load(self) -> None:
        """Read the file, if there is one, and see that it can be written.

        Raises:
            ValueError: it is something else, or the position on another server.
            OSError: it cannot be read or written.
        """
        if self.path is None:
            return
        os.makedirs(os.path.dirname(os.path.realpath(self.path)), exist_ok=True)
        if os.path.exists(self.path):
            with open(self.path, encoding="utf-8", errors="replace") as file:
                first, *lines = file.read().split("\n")
            if first.strip("\0 "):
                self._read(first, lines)
            else:  # no reason not to start: it could not be mended either
                logger.warning("%s: the position is empty, it begins anew", self.path)
        self._write()

    def _read(self, first: str, lines: Iterable[str]) -> None:
        try:
            known = json.loads(first)
            host, marks = known["host"], {name: Mark(**mark) for name, mark in known["lanes"].items()}
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"{self.path}: this is no position of a listener") from error
        if host != self.host:
            raise ValueError(f"{self.path}: this is a position on {host}, not on {self.host}")
        for line in lines:
            try:
                lane, id, date = json.loads(line)
                marks[lane].add(str(id), _date(date))
            except (ValueError, TypeError, KeyError):  # cut, by a full disk say
                logger.warning("%s: a line cannot be read, its event may come again", self.path)
        self.marks = marks

    def assign(self, lanes: Mapping[str, Collection[str]]) -> None:
        """Have handlers that come to a new lane go on where they were; *lanes* has the names of the events of each.

        If they were in several lanes, it is where the one furthest behind is: better twice than never.
        """
        with self._lock:
            old = {lane: set(mark.events) for lane, mark in self.marks.items()}
            came = {lane: set(names) - old.get(lane, set()) for lane, names in lanes.items()}
            for lane in came.keys() - old.keys():
                before = [self.marks[one] for one in old if came[lane] & old[one].difference(lanes.get(one, ()))]
                if before:
                    oldest = min(before, key=lambda mark: mark.until)
                    self.marks[lane] = Mark(oldest.until, oldest.ids)
            moved: Set[str] = set().union(*came.values())
            for lane, mark in list(self.marks.items()):
                mark.events = sorted(lanes.get(lane) or old[lane] - moved)
                if not mark.events:  # all its handlers are somewhere else
                    del self.marks[lane]
        self.save()

    def begin(self, lane: str, until: str, ids: Mapping[str, str], events: Collection[str] = ()) -> None:
        """Set where a lane begins."""
        with self._lock:
            self.marks[lane] = Mark(until, ids, events)
        self.save()

    def handled(self, lane: str, id: str, date: str) -> None:
        """Note that a lane has handled an event, in the file too."""
        with self._lock:
            self.marks[lane].add(id, date)
            self._lines += 1
            anew = self._lines >= LINES
            if self.path is not None and not anew:
                self._try(self._append, json.dumps([lane, id, date]))
        if anew:
            self.save()

    def moved(self, lane: str, date: str) -> None:
        """Note that a lane has nothing more to handle until *date*; the file hears of it with the next `save`."""
        with self._lock:
            self.marks[lane].move(date)

    def save(self) -> None:
        """Write the file anew; a disk that is full stops nothing, it is in `problem`."""
        with self._lock:
            self._try(self._write)

    def _try(self, write: Any, *args: str) -> None:
        try:
            write(*args)
        except OSError as error:
            if self.problem is None:
                logger.error("the position cannot be written: %s", error)
            self.problem = f"the position cannot be written: {error}"
        else:
            self.problem = None

    def _append(self, line: str) -> None:
        # The line break comes first: so a line that was cut spoils no other.
        with open(str(self.path), "ab") as file:
            file.write(b"\n" + line.encode())

    def _write(self) -> None:
        self._lines = 0
        if self.path is None:
            return
        lanes = {name: vars(mark) for name, mark in self.marks.items()}
        with Target(self.path) as target:
            target.write(json.dumps({"host": self.host, "lanes": lanes}).encode())
            assert target.file is not None
            os.fsync(target.file.fileno())  # else a power cut may leave an empty one in the place of the old one
            target.keep()
