"""When a consumer reads the log of events, and how far back: decided here, without waiting and without requests."""

import enum
import math
import threading
from typing import NamedTuple

#: From a notification to reading: the server notifies before it saves, and notifications come in bursts.
DEBOUNCE_SECONDS = 0.05
#: Between two polls for an event that was notified and is not in the log yet.
RETRY_INTERVAL_SECONDS = 0.25
#: Polls for such an event, before it counts as one that is never logged.
MAX_RETRIES = 6
#: Between two polls without a notification, and between two that read the whole late window.
POLL_INTERVAL_SECONDS = 30.0
#: The same while the event stream is not connected.
POLL_INTERVAL_OFFLINE_SECONDS = 3.0
#: The longest wait after a failure.
BACKOFF_MAX_SECONDS = 15.0
#: All that belongs to one attempt to connect, however slowly or busily the server responds.
HANDSHAKE_SECONDS = 30.0
#: The wait after a refusal, which only a log-in or an administrator can end.
BACKOFF_REFUSED_SECONDS = 60.0


class State(enum.Enum):
    """How a consumer stands to the log."""

    CAUGHT_UP = "all that was notified has been found"
    AWAITING_LOG = "something was notified that the server has not saved yet"
    BACKING_OFF = "the log cannot be read"


class Poll(NamedTuple):
    """One reading of the log: when it began, if it covers the late window, and if it may find what was missed."""

    started: float
    is_full: bool
    is_replay: bool


class PollSchedule:
    """Decides when to poll. All times are of `time.monotonic()`; may be called from several threads.

    Attributes:
        deadline: when the next poll is due; never while one is under way.
        pending: notifications whose events have not been found.
        attempts: polls in vain while `AWAITING_LOG`, failures while `BACKING_OFF`.
        missed: if notifications may have been missed since the last poll.
    """

    def __init__(self, now: float = 0.0, missed: bool = False) -> None:
        self.state: State = State.CAUGHT_UP
        self.deadline: float = now
        self.last_success: float = now
        self.next_full_scan: float = now
        self.pending: int = 0
        self.attempts: int = 0
        self.missed: bool = missed
        self._lock = threading.Lock()

    def notify(self) -> None:
        """Take note of an event of the stream."""
        with self._lock:
            self.pending += 1

    def notifications_missed(self, now: float, can_poll: bool) -> None:
        """Take note that notifications may have been missed; poll at once if the server can be reached again."""
        with self._lock:
            self.missed = True
            if can_poll:
                self.deadline = min(self.deadline, now + DEBOUNCE_SECONDS)
            elif self.state is not State.BACKING_OFF:
                self.deadline = min(self.deadline, now + POLL_INTERVAL_OFFLINE_SECONDS)

    def wait(self, now: float) -> float:
        """Return the seconds until the next poll."""
        with self._lock:
            if self.pending and self.state is State.CAUGHT_UP:
                self.deadline = min(self.deadline, now + DEBOUNCE_SECONDS)
            return max(0.0, self.deadline - now)

    def begin(self, now: float, connected: bool) -> Poll:
        """Begin a poll, to be ended by `succeeded` or `failed`."""
        with self._lock:
            poll = Poll(now, self.missed or now >= self.next_full_scan, self.missed)
            self.missed = not connected
            self.deadline = math.inf
            return poll

    def succeeded(self, poll: Poll, found: int, connected: bool) -> None:
        """End a poll that found so many events."""
        with self._lock:
            if poll.is_full:
                self.next_full_scan = poll.started + POLL_INTERVAL_SECONDS
            else:  # what a full one finds may be older than the notifications
                self.pending = max(0, self.pending - found)
            attempts = self.attempts if self.state is State.AWAITING_LOG else 0
            if self.pending and attempts < MAX_RETRIES:
                self.state, self.attempts, interval = State.AWAITING_LOG, attempts + 1, RETRY_INTERVAL_SECONDS
            else:
                self.state, self.attempts, self.pending = State.CAUGHT_UP, 0, 0
                interval = POLL_INTERVAL_SECONDS if connected else POLL_INTERVAL_OFFLINE_SECONDS
            self.last_success = poll.started
            self.deadline = min(self.deadline, poll.started + interval)

    def failed(self, poll: Poll, now: float, is_refusal: bool) -> None:
        """End a poll that failed."""
        with self._lock:
            self.missed = self.missed or poll.is_replay
            self.attempts = self.attempts + 1 if self.state is State.BACKING_OFF else 1
            self.state = State.BACKING_OFF
            backoff = min(BACKOFF_MAX_SECONDS, 2.0 ** min(self.attempts, 9) / 2)
            self.deadline = min(self.deadline, now + (BACKOFF_REFUSED_SECONDS if is_refusal else backoff))

    def lag(self, now: float) -> float:
        """Return the seconds since the log was read, while it cannot be read; else 0."""
        return now - self.last_success if self.state is State.BACKING_OFF else 0.0
