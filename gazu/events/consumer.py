"""The consumers of a listener: each reads the log of events for itself and calls the handlers of one queue."""

import datetime
import logging
import re
import threading
import time
from collections import deque
from typing import Any, Callable, Deque, Dict, Mapping, Optional, Tuple

from ..exception import NotAllowedException, NotAuthenticatedException
from ..models import Event
from ..sync.event_log import shift_date
from .checkpoint import Checkpoint, CheckpointStore
from .failure import RETRY, SKIP, STOP, ErrorAction, ErrorHandler, Failure
from .log import LATE_WINDOW_SECONDS, LogReader
from .schedule import POLL_INTERVAL_SECONDS, Poll, PollSchedule

#: It is called with a dict, one of the types of `gazu.events.names`.
Handler = Callable[[Any], Any]
#: Where a new word begins in a key such as `ConceptFolder_id`.
_NEXT_WORD = re.compile("(?<=[a-z])(?=[A-Z])")
#: Before the last event, what is read again with each poll; full polls read `LATE_WINDOW_SECONDS` again.
OVERLAP_SECONDS = 5
#: Events of the stream that may wait for the handlers of a queue.
STREAM_QUEUE_EVENTS = 1000
#: Before a handler is called again, doubled with each attempt.
HANDLER_BACKOFF_SECONDS, HANDLER_BACKOFF_MAX_SECONDS = 0.25, 60.0

logger: logging.Logger = logging.getLogger("gazu")


class Consumer:
    """A thread that reads the log and calls the handlers of a queue, one event after the other.

    The log is the queue: a slow handler delays its own queue only, and memory holds
    one page of events.

    Attributes:
        handlers: by the name of the event.
        stream_handlers: of events that are taken from the stream.
        schedule: when the log is read.
        last_event: the date of the last event of the log that was handled.
        problem: what is wrong, in words, or None.
    """

    def __init__(
        self,
        queue: str,
        log: LogReader,
        checkpoints: CheckpointStore,
        stopping: threading.Event,
        is_connected: Callable[[], bool],
        on_error: Optional[ErrorHandler],
        give_up: Optional[Callable[[Failure], Any]],
        stop: Callable[[Optional[Exception]], None],
    ) -> None:
        self.queue = queue
        self.handlers: Dict[str, Handler] = {}
        self.stream_handlers: Dict[str, Handler] = {}
        self.handled: int = 0
        self.replayed: int = 0
        self.failed: int = 0
        self.dropped: int = 0
        self.last_event: Optional[str] = None
        self.problem: Optional[str] = None
        self.thread: Optional[threading.Thread] = None
        self.schedule: PollSchedule = PollSchedule()
        self._log, self._checkpoints, self._stopping = log, checkpoints, stopping
        self._is_connected, self._on_error, self._give_up, self._stop = is_connected, on_error, give_up, stop
        self._calling = threading.RLock()
        self._current_date: Optional[str] = None  # of the event that is being handled
        self._stream_events: Deque[Tuple[str, Dict[str, Any]]] = deque()
        self._wake_up, self._lock = threading.Event(), threading.Lock()

    # -- called from other threads --
    def start(self, is_replay: bool) -> None:
        """Begin; if *is_replay*, with what may have happened since the checkpoint."""
        self.schedule = PollSchedule(time.monotonic(), missed=is_replay)
        self.thread = threading.Thread(target=self._run, name=f"gazu-events-{self.queue}", daemon=True)
        self.thread.start()

    def notify(self, name: str, data: Dict[str, Any]) -> None:
        """Take an event of the stream; never waits, as the heartbeat of the stream would wait too.

        If it is in the log too, this only wakes the consumer up: what it handles is what the log says.
        """
        if name in self.handlers:
            self.schedule.notify()
        elif name in self.stream_handlers:
            self._put(name, data)
        else:
            return
        self._wake_up.set()

    def _put(self, name: str, data: Dict[str, Any]) -> None:
        with self._lock:
            if len(self._stream_events) < STREAM_QUEUE_EVENTS:
                self._stream_events.append((name, data))
                return
            self.dropped += 1
        level = logging.DEBUG if self.dropped > 1 else logging.WARNING
        logger.log(level, "queue %s: %s is dropped, its handlers are too slow for what is not logged", self.queue, name)

    def notifications_missed(self, can_poll: bool) -> None:
        """Take note that notifications may have been missed; poll at once if the server can be reached again."""
        self.schedule.notifications_missed(time.monotonic(), can_poll)
        self.wake_up()

    def wake_up(self) -> None:
        """End the wait for the next poll, to see if it is due, or if the listener stops."""
        self._wake_up.set()

    def lag(self) -> float:
        """Return how many seconds the queue may be behind."""
        date = self._current_date
        if date is not None:
            happened = datetime.datetime.fromisoformat(date[:19]).replace(tzinfo=datetime.timezone.utc)
            return max(0.0, time.time() - happened.timestamp())
        return self.schedule.lag(time.monotonic())

    # -- the thread --
    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                if self.handlers and not self._seconds_left():
                    self._poll()
                self._wake_up.wait(self._seconds_left() if self.handlers else POLL_INTERVAL_SECONDS)
                self._wake_up.clear()
                self._handle_stream_events()
        except BaseException as error:
            logger.exception("the consumer of the queue %s has ended", self.queue)
            self.problem = f"the consumer of the queue {self.queue} has ended: {error!r}"

    def _seconds_left(self) -> float:
        return self.schedule.wait(time.monotonic())

    def _poll(self) -> None:
        poll = self.schedule.begin(time.monotonic(), self._is_connected())
        try:
            found = self._read(poll)
        except BaseException as error:  # whatever it is, the next poll may succeed
            is_refusal = isinstance(error, (NotAllowedException, NotAuthenticatedException))
            self.schedule.failed(poll, time.monotonic(), is_refusal)
            text = f"the log of events cannot be read: {error}"
            logger.log(logging.DEBUG if text == self.problem else logging.WARNING, "%s", text)
            self.problem = text
        else:
            self.schedule.succeeded(poll, found, self._is_connected())
            self.problem = None

    def _read(self, poll: Poll) -> int:
        """Handle the events since the checkpoint; return how many there were."""
        store, found = self._checkpoints, 0
        checkpoint = store.checkpoints.get(self.queue) or store.begin(self.queue, *self._log.head(), self.handlers)
        overlap = LATE_WINDOW_SECONDS if poll.is_full else OVERLAP_SECONDS
        for page in self._log.pages(shift_date(checkpoint.until, -overlap)):
            for event in page:
                if self._is_new(event, checkpoint):
                    if not self._handle(event, poll):
                        return found
                    found += 1
                if self._stopping.is_set():
                    return found
            if page:
                store.advance(self.queue, page[-1]["created_at"])
        if poll.is_full:
            store.save()
        return found

    def _is_new(self, event: Event, checkpoint: Checkpoint) -> bool:
        return event["name"] in self.handlers and event["id"] not in checkpoint.ids

    def _handle(self, event: Event, poll: Poll) -> bool:
        """Handle an event of the log and record it; False if the listener stops before it is done."""
        self._current_date = event["created_at"]
        data = {**normalize_keys(event["data"] or {}), "event_id": event["id"]}
        done = self._call(self.handlers[event["name"]], event["name"], data)
        self._current_date = None
        if done:
            self._checkpoints.commit(self.queue, event["id"], event["created_at"])
            self.last_event = event["created_at"]
            self.replayed += poll.is_replay
            self._handle_stream_events()
        return done

    def _handle_stream_events(self) -> None:
        while self._stream_events and not self._stopping.is_set():
            name, data = self._stream_events.popleft()
            self._call(self.stream_handlers[name], name, data)

    def _call(self, handler: Handler, name: str, data: Dict[str, Any]) -> bool:
        """Call a handler until it returns or `on_error` says that it is enough; False if the event is to come again."""
        attempt = 0
        while not attempt or not self._stopping.wait(_pause(attempt)):
            attempt += 1
            try:
                with self._calling:
                    handler(dict(data))
            except BaseException as error:  # sys.exit() in a handler does not end the consumer
                self.failed += 1
                logger.exception("the handler of %s failed", name)
                failure = Failure(error, name, dict(data), attempt, self.queue)
                action = self._decide(failure)
                if action is RETRY:
                    continue
                if action is STOP or not self._is_given_up(failure):
                    return False
            self.handled += 1
            return True
        return False

    def _decide(self, failure: Failure) -> ErrorAction:
        try:
            action = SKIP if self._on_error is None else self._on_error(failure)
        except BaseException:
            logger.exception("on_error failed for %s", failure.event)
            return SKIP
        if isinstance(action, ErrorAction) and action is not STOP:
            return action
        if action is None:
            return SKIP
        error = None
        if action is not STOP:  # nobody knows what was meant: the event must not get lost
            error = TypeError(
                f"on_error: expected gazu.events.RETRY, SKIP, STOP or None to return, got {action!r:.200}"
            )
        logger.error("on_error stops the listener at %s %s: %s", failure.event, failure.data, error or failure.error)
        self._stop(error)
        return STOP

    def _is_given_up(self, failure: Failure) -> bool:
        """Put an event among the dead letters, however often that fails; False if the listener stops before that."""
        attempt = 0
        while self._give_up is not None:
            try:
                self._give_up(failure)
                break
            except BaseException as error:
                attempt += 1
                self.problem = f"dead_letters: {failure.event} cannot be put there: {error}"
                logger.exception("%s", self.problem)
            if self._stopping.wait(_pause(attempt)):
                return False
        return True

    def handles(self, name: str) -> bool:
        """Return whether the queue has a handler for events of this name."""
        return name in self.handlers or name in self.stream_handlers

    def call_again(self, failure: Failure) -> Optional[Failure]:
        """Call the handler of an event that was given up, in this thread and between other calls of the queue.

        Returns:
            None, or the new failure.
        """
        handler = self.handlers.get(failure.event) or self.stream_handlers[failure.event]
        try:
            with self._calling:
                handler(dict(failure.data))
        except (Exception, SystemExit) as error:
            logger.exception("the handler of %s failed again", failure.event)
            return failure._replace(error=error, attempt=failure.attempt + 1)
        return None


def normalize_keys(data: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the data of an event with its ids as `asset_id`: imports say `Asset_id` (Zou 1.0.97)."""
    return {_normalize_key(key) if key.endswith("_id") else key: value for key, value in data.items()}


def _normalize_key(key: str) -> str:
    return _NEXT_WORD.sub("_", key).replace("-", "_").lower()


def _pause(attempt: int) -> float:
    """Return the seconds before the next attempt."""
    return min(HANDLER_BACKOFF_MAX_SECONDS, HANDLER_BACKOFF_SECONDS * 2.0 ** min(attempt, 8))
