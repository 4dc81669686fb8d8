"""The lanes of a listener: each reads the log of events for itself."""

import datetime
import logging
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Callable, Deque, Dict, Optional

from ._position import WINDOW, Mark, later
from .exception import NotAllowedException, NotAuthenticatedException
from .models import Event

if TYPE_CHECKING:
    from ._listening import Listener

Handler = Callable[[Dict[str, Any]], Any]
#: Seconds from the bell to reading: the server rings before it saves, and bells come in swarms.
SETTLE = 0.05
#: Seconds until the next look for an event that has rung and is not in the log, and how many looks.
AGAIN, LOOKS = 0.25, 6
#: Seconds between two looks without a bell, and while there is no stream.
POLL, ALONE = 30.0, 3.0
#: Seconds before the last event that are read again after a bell; after a gap, and every POLL seconds, it is WINDOW.
NEAR = 5
#: Seconds: the longest wait after a failure, and after a refusal, which a log-in or an administrator has to end.
LONGEST, SPARING = 15.0, 60.0
#: Events of the stream only that may wait for the handlers of a lane.
WAITING = 1000

logger = logging.getLogger("gazu")


class Lane:
    """A thread that reads the log for itself and calls its handlers, one event after the other.

    So the log is the queue: a slow handler holds up its own lane only, and nothing
    piles up here but the page that is at hand.
    """

    def __init__(self, name: str, listener: "Listener") -> None:
        self.name = name
        self.handlers: Dict[str, Handler] = {}
        self.live: Dict[str, Handler] = {}
        self.handled = self.replayed = self.failed = self.dropped = 0
        self.last: Optional[str] = None
        self.problem: Optional[str] = None
        self.thread: Optional[threading.Thread] = None
        self._listener = listener
        self._at_hand: Optional[str] = None  # the date of the event that is being handled
        self._heard: Deque[Any] = deque()
        self._bell, self._lock = threading.Event(), threading.Lock()
        self._owed = self._found = self._looks = self._failures = 0
        self._gap, self._hurry = False, True
        self._read_at = self._wide_at = self._due = 0.0

    # -- called from other threads --
    def start(self, replays: bool) -> None:
        """Begin, with what is missing since the position if it *replays*."""
        self._gap, self._hurry = replays, True
        self._read_at = time.monotonic()
        self.thread = threading.Thread(target=self._run, name=f"gazu-events-{self.name}", daemon=True)
        self.thread.start()

    def hear(self, name: str, data: Dict[str, Any]) -> None:
        """Take an event of the stream; never waits, as the heartbeat of the stream would wait too."""
        with self._lock:
            if name in self.handlers:
                self._owed += 1
            elif len(self._heard) < WAITING:
                self._heard.append((name, data))
            else:
                self.dropped += 1
                logger.log(
                    logging.DEBUG if self.dropped > 1 else logging.WARNING,
                    "lane %s: %s is dropped, its handlers are too slow for what is not logged",
                    self.name,
                    name,
                )
        self._bell.set()

    def missed(self, hurry: bool) -> None:
        """Take note that bells may have been missed; in a *hurry*, read on now."""
        self._gap = True
        self._hurry = self._hurry or hurry
        self._bell.set()

    def lag(self) -> float:
        """Return how many seconds the lane may be behind."""
        date = self._at_hand
        if date is not None:
            happened = datetime.datetime.fromisoformat(date[:19]).replace(tzinfo=datetime.timezone.utc)
            return max(0.0, time.time() - happened.timestamp())
        return time.monotonic() - self._read_at if self._failures else 0.0

    # -- the thread --
    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            logger.exception("the lane %s has ended", self.name)
            self.problem = f"the lane {self.name} has ended: {error!r}"

    def _work(self) -> None:
        self._due = time.monotonic()
        while not self._stopping:
            now = time.monotonic()
            if self.handlers and now >= self._due:
                self._look()
            elif self._hurry or (self._owed and not self._failures and not self._looks):
                self._hurry = False
                self._due = min(self._due, now + SETTLE)
            self._bell.wait(max(0.0, self._due - time.monotonic()) if self.handlers else POLL)
            self._bell.clear()
            self._call_heard()

    @property
    def _stopping(self) -> bool:
        return self._listener._stopping.is_set()

    def _look(self) -> None:
        """Read the log on, and decide when to do it next."""
        replays, begun, found = self._gap, time.monotonic(), self._found
        self._gap = not self._listener.connected
        wide = replays or begun >= self._wide_at
        try:
            self._read(wide, replays)
        except BaseException as error:  # whatever it is, the next look may do better
            self._gap = self._gap or replays
            self._failures += 1
            refused = isinstance(error, (NotAllowedException, NotAuthenticatedException))
            pause = SPARING if refused else min(LONGEST, 2.0 ** min(self._failures, 9) / 2)
            self._due = time.monotonic() + pause
            text = f"the log of events cannot be read: {error}"
            logger.log(logging.DEBUG if text == self.problem else logging.WARNING, "%s", text)
            self.problem = text
            return
        self._failures, self._read_at, self.problem = 0, begun, None
        with self._lock:
            if not wide:  # else what was found may not be what has rung
                self._owed = max(0, self._owed - (self._found - found))
            self._looks = self._looks + 1 if self._owed and self._looks < LOOKS else 0
            self._owed = self._owed if self._looks else 0
        self._due = begun + (AGAIN if self._owed else POLL if self._listener.connected else ALONE)

    def _read(self, wide: bool, replays: bool) -> None:
        listener = self._listener
        mark = listener._position.marks.get(self.name)
        if mark is None:
            listener._begin([self])
            return
        if wide:
            self._wide_at = time.monotonic() + POLL
        for page in listener._pages(later(mark.until, -WINDOW if wide else -NEAR)):
            for event in page:
                if not self._take(event, mark, replays):
                    return
            if page:
                listener._position.moved(self.name, page[-1]["created_at"])
        if wide:
            listener._position.save()

    def _take(self, event: Event, mark: Mark, replays: bool) -> bool:
        """Handle an event of the log, if it is one for this lane; False if the listener stops before it is done."""
        handler = self.handlers.get(event["name"])
        if handler is not None and event["id"] not in mark.ids:
            self._at_hand = event["created_at"]
            data = {**(event["data"] or {}), "event_id": event["id"]}
            done = self._call(handler, event["name"], data)
            self._at_hand = None
            if not done:
                return False
            self._listener._position.handled(self.name, event["id"], event["created_at"])
            self.last = event["created_at"]
            self._found += 1
            self.replayed += replays
            self._call_heard()
        return not self._stopping

    def _call_heard(self) -> None:
        while self._heard and not self._stopping:
            name, data = self._heard.popleft()
            self._call(self.live[name], name, data)

    def _call(self, handler: Handler, name: str, data: Dict[str, Any]) -> bool:
        """Call a handler, again if it failed and `on_error` says so; False if the listener stops before that."""
        attempt = 0
        while not attempt or not self._listener._stopping.wait(min(60.0, 0.25 * 2.0 ** min(attempt, 8))):
            attempt += 1
            try:
                handler(dict(data))
            except BaseException as error:  # sys.exit() in a handler is no reason to end
                self.failed += 1
                logger.exception("the handler of %s failed", name)
                if self._again(error, name, data):
                    continue
            self.handled += 1
            return True
        return False

    def _again(self, error: BaseException, name: str, data: Dict[str, Any]) -> bool:
        ask = self._listener._on_error
        try:
            return ask is not None and bool(ask(error, name, dict(data)))
        except BaseException:
            logger.exception("on_error failed for %s", name)
            return False
