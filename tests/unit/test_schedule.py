"""When a consumer of events polls the log, decided without a clock, a log or a thread."""

import math

import pytest

from gazu.events.schedule import (
    BACKOFF_MAX_SECONDS,
    BACKOFF_REFUSED_SECONDS,
    DEBOUNCE_SECONDS,
    MAX_RETRIES,
    POLL_INTERVAL_OFFLINE_SECONDS,
    POLL_INTERVAL_SECONDS,
    RETRY_INTERVAL_SECONDS,
    Poll,
    PollSchedule,
    State,
)


def caught_up(now: float = 100.0) -> PollSchedule:
    """Return a schedule after a poll that found nothing new."""
    schedule = PollSchedule(now)
    schedule.succeeded(schedule.begin(now, True), 0, True)
    assert schedule.state is State.CAUGHT_UP
    return schedule


def test_the_first_poll_is_due_at_once_and_full() -> None:
    schedule = PollSchedule(100.0)
    assert schedule.wait(100.0) == 0.0
    assert schedule.begin(100.0, True) == Poll(100.0, is_full=True, is_replay=False)
    assert PollSchedule(100.0, missed=True).begin(100.0, True) == Poll(100.0, is_full=True, is_replay=True)


def test_without_notifications_it_polls_at_intervals() -> None:
    schedule = caught_up(100.0)
    assert schedule.wait(101.0) == POLL_INTERVAL_SECONDS - 1
    assert schedule.wait(500.0) == 0.0
    schedule.succeeded(schedule.begin(130.0, False), 0, False)
    assert schedule.wait(130.0) == POLL_INTERVAL_OFFLINE_SECONDS


def test_the_late_window_is_read_at_intervals_and_after_missed_notifications() -> None:
    schedule = caught_up(100.0)
    for now in (101.0, 129.9):
        poll = schedule.begin(now, True)
        assert poll == Poll(now, is_full=False, is_replay=False)
        schedule.succeeded(poll, 0, True)
    poll = schedule.begin(130.0, True)
    assert poll == Poll(130.0, is_full=True, is_replay=False)
    schedule.succeeded(poll, 0, True)
    assert not schedule.begin(159.0, True).is_full
    schedule.notifications_missed(159.0, True)
    assert schedule.begin(159.1, True) == Poll(159.1, is_full=True, is_replay=True)


def test_a_burst_of_notifications_is_one_poll() -> None:
    schedule = caught_up(100.0)
    schedule.notify()
    assert schedule.wait(101.0) == pytest.approx(DEBOUNCE_SECONDS)
    schedule.notify()
    assert schedule.wait(101.04) == pytest.approx(DEBOUNCE_SECONDS - 0.04)  # the first one counts
    assert schedule.pending == 2
    schedule.succeeded(schedule.begin(102.0, True), 2, True)
    assert (schedule.pending, schedule.state) == (0, State.CAUGHT_UP)
    assert schedule.wait(102.0) == POLL_INTERVAL_SECONDS


def test_more_events_than_notifications_are_no_debt() -> None:
    schedule = caught_up()
    schedule.notify()
    schedule.succeeded(schedule.begin(101.0, True), 3, True)
    schedule.notify()
    assert schedule.pending == 1


def test_what_a_full_poll_finds_may_not_be_what_was_notified() -> None:
    schedule = caught_up(100.0)
    schedule.notify()
    schedule.succeeded(schedule.begin(131.0, True), 1, True)
    assert (schedule.pending, schedule.state) == (1, State.AWAITING_LOG)


def test_an_event_that_is_not_saved_yet_is_polled_for_a_while() -> None:
    schedule = caught_up(100.0)
    schedule.notify()
    for attempt in range(MAX_RETRIES):
        now = 101.0 + attempt
        schedule.succeeded(schedule.begin(now, True), 0, True)
        assert (schedule.state, schedule.attempts) == (State.AWAITING_LOG, attempt + 1)
        assert schedule.wait(now) == RETRY_INTERVAL_SECONDS
        assert schedule.wait(now) == RETRY_INTERVAL_SECONDS  # what is pending does not shorten it
    schedule.succeeded(schedule.begin(110.0, True), 0, True)
    assert (schedule.state, schedule.attempts, schedule.pending) == (State.CAUGHT_UP, 0, 0)
    assert schedule.wait(110.0) == POLL_INTERVAL_SECONDS


def test_the_wait_counts_from_the_beginning_of_the_poll() -> None:
    """Handlers may take long: a retry is due by then."""
    schedule = caught_up(100.0)
    schedule.notify()
    poll = schedule.begin(101.0, True)
    assert schedule.deadline == math.inf
    schedule.succeeded(poll, 0, True)
    assert schedule.wait(105.0) == 0.0


def test_a_notification_during_a_poll_is_not_forgotten() -> None:
    schedule = caught_up(100.0)
    poll = schedule.begin(101.0, True)
    schedule.notify()
    schedule.succeeded(poll, 0, True)
    assert schedule.state is State.AWAITING_LOG


@pytest.mark.parametrize("during", (True, False))
def test_a_connection_that_is_back_is_polled_at_once(during: bool) -> None:
    schedule = caught_up(100.0)
    poll = schedule.begin(101.0, False)
    if during:
        schedule.notifications_missed(102.0, True)
    schedule.succeeded(poll, 0, True)
    if not during:
        schedule.notifications_missed(102.0, True)
    assert schedule.wait(102.0) == pytest.approx(DEBOUNCE_SECONDS)
    assert schedule.begin(102.05, True).is_replay
    assert not schedule.missed


def test_a_connection_that_is_lost_is_polled_for_soon() -> None:
    schedule = caught_up(100.0)
    schedule.notifications_missed(101.0, False)
    assert schedule.wait(101.0) == POLL_INTERVAL_OFFLINE_SECONDS
    poll = schedule.begin(104.0, False)
    assert poll.is_replay
    schedule.succeeded(poll, 0, False)
    assert schedule.wait(104.0) == POLL_INTERVAL_OFFLINE_SECONDS
    assert schedule.begin(107.0, True).is_replay  # it was not connected when the last one began
    assert not schedule.begin(108.0, True).is_replay


def test_failures_back_off() -> None:
    schedule, now, waits = caught_up(100.0), 101.0, []
    for _ in range(12):
        schedule.failed(schedule.begin(now, True), now, is_refusal=False)
        waits.append(schedule.wait(now))
        now += waits[-1]
    assert waits == [1.0, 2.0, 4.0, 8.0, *[BACKOFF_MAX_SECONDS] * 8]
    assert schedule.state is State.BACKING_OFF
    schedule.succeeded(schedule.begin(now, True), 0, True)
    assert (schedule.state, schedule.attempts, schedule.wait(now)) == (State.CAUGHT_UP, 0, POLL_INTERVAL_SECONDS)
    schedule.failed(schedule.begin(now, True), now, is_refusal=False)
    assert schedule.wait(now) == 1.0


def test_the_back_off_counts_from_the_failure() -> None:
    schedule = caught_up(100.0)
    schedule.failed(schedule.begin(101.0, True), 140.0, is_refusal=False)
    assert schedule.wait(140.0) == 1.0


def test_a_refusal_is_not_repeated_soon() -> None:
    schedule = caught_up(100.0)
    schedule.failed(schedule.begin(101.0, True), 101.0, is_refusal=True)
    assert schedule.wait(101.0) == BACKOFF_REFUSED_SECONDS
    schedule.notify()
    schedule.notifications_missed(102.0, False)
    assert schedule.wait(102.0) == BACKOFF_REFUSED_SECONDS - 1
    schedule.notifications_missed(102.0, True)  # somebody has logged in
    assert schedule.wait(102.0) == pytest.approx(DEBOUNCE_SECONDS)


def test_a_poll_that_failed_is_repeated_as_it_was() -> None:
    schedule = PollSchedule(100.0, missed=True)
    schedule.failed(schedule.begin(100.0, True), 100.0, is_refusal=False)
    assert schedule.begin(101.0, True) == Poll(101.0, is_full=True, is_replay=True)
    other = caught_up(100.0)
    other.failed(other.begin(131.0, True), 131.0, is_refusal=False)
    assert other.begin(132.0, True) == Poll(132.0, is_full=True, is_replay=False)
    third = caught_up(100.0)
    third.notify()
    third.failed(third.begin(101.0, True), 101.0, is_refusal=False)
    third.succeeded(third.begin(102.0, True), 0, True)
    assert (third.state, third.attempts) == (State.AWAITING_LOG, 1)  # failures are not polls in vain


def test_the_lag_is_the_time_without_the_log() -> None:
    schedule = caught_up(100.0)
    assert schedule.lag(120.0) == 0.0
    schedule.failed(schedule.begin(110.0, True), 115.0, is_refusal=False)
    assert schedule.lag(120.0) == 20.0  # since the last poll that succeeded
    schedule.begin(120.0, True)
    assert schedule.lag(125.0) == 25.0
