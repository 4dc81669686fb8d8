"""How far the queues of a listener are in the log of events: in memory, and in a file for the next process."""

import json
import logging
import os
import threading
from typing import Any, Collection, Dict, Iterable, List, Mapping, Optional, Set

from .._http.atomic_file import AtomicFile
from ..sync.event_log import shift_date
from .log import EPOCH, LATE_WINDOW_SECONDS

#: Lines that are appended before the file is rewritten.
APPENDED_LINES = 5000

logger: logging.Logger = logging.getLogger("gazu")


def require_date(date: str) -> str:
    """Return *date* if it is one as the server writes them; else raise an error."""
    if shift_date(date, 0) != date[:19]:
        raise ValueError(f"not a date of the server: {date!r:.200}")
    return date


class Checkpoint:
    """How far a queue is: events until a date are handled, and of the last while before it, these ids.

    With the names of its events, so that the next process knows which handlers it was for.
    """

    def __init__(self, until: str, ids: Mapping[str, str], events: Iterable[str] = ()) -> None:
        self.until: str = require_date(until)
        self.ids: Dict[str, str] = {**ids}
        self.events: List[str] = sorted(events)
        if not all(isinstance(text, str) for text in (*self.ids, *self.ids.values(), *self.events)):
            raise TypeError("ids, dates and names must be texts")

    def commit(self, id: str, date: str) -> None:
        """Record that the event of this id and date is handled."""
        self.ids[id] = date
        self.until = max(self.until, date)

    def advance(self, date: str) -> None:
        """Record that all is handled until *date*, and drop the ids that no poll returns any more."""
        self.until = max(self.until, date)
        if self.until != EPOCH:
            oldest = shift_date(self.until, -2 * LATE_WINDOW_SECONDS)
            self.ids = {id: date for id, date in self.ids.items() if date >= oldest}


class CheckpointStore:
    """The checkpoints of all queues.

    The file has all of them on its first line, and a line more for each event since
    then: to append one short line when a handler has returned costs a fortieth of rewriting
    the file, so that a process that is killed repeats one event, not a second of them.

    Attributes:
        path: of the file, or None.
        checkpoints: by the name of the queue.
        problem: why the file cannot be written, or None.
    """

    def __init__(self, path: Any = None) -> None:
        # Absolute, as the process may change its working directory.
        self.path: Optional[str] = None if path is None else os.path.abspath(os.path.expanduser(os.fsdecode(path)))
        self.host: str = ""
        self.checkpoints: Dict[str, Checkpoint] = {}
        self.problem: Optional[str] = None
        self._lock = threading.Lock()
        self._lines = 0

    def load(self, host: str) -> None:
        """Read the file, if it exists, and check that it can be written.

        Args:
            host: of the server whose log it is about.

        Raises:
            ValueError: it is not a checkpoint file, or one for another server.
            OSError: it cannot be read or written.
        """
        self.host = host
        if self.path is None:
            return
        os.makedirs(os.path.dirname(os.path.realpath(self.path)), exist_ok=True)
        if os.path.exists(self.path):
            with open(self.path, encoding="utf-8", errors="replace") as file:
                first, *lines = file.read().split("\n")
            if first.strip("\0 "):
                self._read(first, lines)
            else:  # after a power cut: nothing in it could be repaired, so to refuse it would help nobody
                logger.warning("%s: the checkpoint file is empty, the listener begins with new events", self.path)
        self._write()

    def _read(self, first: str, lines: Iterable[str]) -> None:
        try:
            saved = json.loads(first)
            queues = saved["queues"] if "queues" in saved else saved["lanes"]  # as development versions of 2.0 wrote it
            host, checkpoints = saved["host"], {queue: Checkpoint(**fields) for queue, fields in queues.items()}
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"{self.path}: not a checkpoint file of a listener") from error
        if host != self.host:
            raise ValueError(f"{self.path}: a checkpoint file for {host}, not for {self.host}")
        for line in lines:
            try:
                queue, id, date = json.loads(line)
                checkpoints[queue].commit(str(id), require_date(date))
            except (ValueError, TypeError, KeyError):  # cut, by a full disk for example
                logger.warning("%s: a line cannot be read, its event may come again", self.path)
        self.checkpoints = checkpoints

    def rebalance(self, queues: Mapping[str, Collection[str]]) -> None:
        """Have handlers that moved to a new queue go on where they were.

        If they were in several queues, that is where the one furthest behind is: to repeat an event is better than to
        lose it.

        Args:
            queues: the names of the events of each queue.
        """
        with self._lock:
            old = {queue: set(checkpoint.events) for queue, checkpoint in self.checkpoints.items()}
            added = {queue: set(names) - old.get(queue, set()) for queue, names in queues.items()}
            for queue in added.keys() - old.keys():
                sources = [one for one in old if added[queue] & old[one].difference(queues.get(one, ()))]
                if sources:
                    behind = min((self.checkpoints[one] for one in sources), key=lambda checkpoint: checkpoint.until)
                    self.checkpoints[queue] = Checkpoint(behind.until, behind.ids)
            moved: Set[str] = set().union(*added.values())
            for queue, checkpoint in list(self.checkpoints.items()):
                checkpoint.events = sorted(queues.get(queue) or old[queue] - moved)
                if not checkpoint.events:  # all its handlers are in other queues
                    del self.checkpoints[queue]
        self.save()

    def begin(self, queue: str, until: str, ids: Mapping[str, str], events: Collection[str] = ()) -> Checkpoint:
        """Set where a queue begins."""
        checkpoint = Checkpoint(until, ids, events)
        with self._lock:
            self.checkpoints[queue] = checkpoint
        self.save()
        return checkpoint

    def commit(self, queue: str, id: str, date: str) -> None:
        """Record that a queue has handled an event, in the file too."""
        with self._lock:
            self.checkpoints[queue].commit(id, date)
            self._lines += 1
            is_full = self._lines >= APPENDED_LINES
            if self.path is not None and not is_full:
                self._try(self._append, json.dumps([queue, id, date]))
        if is_full:
            self.save()

    def advance(self, queue: str, date: str) -> None:
        """Record that a queue has nothing more to handle until *date*; in the file with the next `save`."""
        with self._lock:
            self.checkpoints[queue].advance(date)

    def save(self) -> None:
        """Rewrite the file. A full disk does not stop the listener, it is in `problem`."""
        with self._lock:
            self._try(self._write)

    def _try(self, write: Any, *args: str) -> None:
        try:
            write(*args)
        except OSError as error:
            if self.problem is None:
                logger.error("the checkpoint file cannot be written: %s", error)
            self.problem = f"the checkpoint file cannot be written: {error}"
        else:
            self.problem = None

    def _append(self, line: str) -> None:
        # The line break comes first, so that a line that was cut spoils no other.
        with open(str(self.path), "ab") as file:
            file.write(b"\n" + line.encode())

    def _write(self) -> None:
        self._lines = 0
        if self.path is None:
            return
        queues = {queue: vars(checkpoint) for queue, checkpoint in self.checkpoints.items()}
        with AtomicFile(self.path, keep=False) as target:
            target.write(json.dumps({"host": self.host, "queues": queues}).encode())
            assert target.file is not None
            os.fsync(target.file.fileno())  # else a power cut may leave an empty file in place of the old one
            target.commit()
