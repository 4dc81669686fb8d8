"""What answers mean."""

from email.utils import formatdate
from types import SimpleNamespace

import pytest

from gazu import exception
from gazu._http import protocol
from gazu._http.protocol import ASK, REFRESH, SEND, Answer, Attempts, Budget

EXPIRED = Answer(401, {"message": "Signature has expired"})
REFUSED = Answer(401, {"message": "no"})
GOOD = Answer(200, None)


@pytest.mark.parametrize(
    "data, message",
    [
        ({"message": "a"}, "a"),
        ({"error": "b"}, "b"),
        ({"msg": "c"}, "c"),
        ({"message": "a", "error": True}, "a"),
        ({"message": {"deep": 1}, "error": "b"}, "b"),
        ({"message": ""}, protocol.NO_MESSAGE),
        ({}, protocol.NO_MESSAGE),
        (None, protocol.NO_MESSAGE),
        ("text", protocol.NO_MESSAGE),
        ([1], protocol.NO_MESSAGE),
        (
            {"message": "bad", "data": {"errors": [{"field": "name", "message": "is missing"}]}},
            "bad (name: is missing)",
        ),
        ({"message": "bad", "data": {"errors": []}}, "bad"),
        ({"message": "bad", "data": {"errors": "many"}}, "bad"),
        ({"message": "bad", "data": 5}, "bad"),
    ],
)
def test_message(data, message):
    assert protocol.message_of(data) == message


@pytest.mark.parametrize("status", [200, 201, 204, 206, 304, 399])
def test_no_error(status):
    assert protocol.error_for(status, "GET", "data/x", {"error": True}) is None


def test_every_error_status_has_an_error():
    for status in range(400, 600):
        error = protocol.error_for(status, "PUT", "data/x", {"message": "why"})
        assert isinstance(error, exception.GazuException), status
        assert isinstance(error, exception.ServerErrorException) == (status >= 500), status
        assert (error.status_code, error.method, error.path) == (status, "PUT", "data/x")
        assert str(protocol.error_for(status, "GET", "data/x")).count("data/x") == 1, status


def test_arguments_that_scripts_know():
    assert protocol.error_for(400, "POST", "data/x", {"message": "why"}).args == ("data/x", "why")
    assert protocol.error_for(422, "POST", "data/x").args == ("data/x", protocol.NO_MESSAGE)
    assert protocol.error_for(404, "GET", "data/x").args == ("data/x",)
    assert protocol.error_for(401, "GET", "data/x").args == ("data/x",)


def test_a_token_that_the_server_cannot_read_is_both_errors():
    error = protocol.error_for(422, "GET", "data/x", {"msg": "Signature verification failed"})
    assert isinstance(error, exception.NotAuthenticatedException)
    assert isinstance(error, exception.ValidationException)
    assert error.args == ("data/x", "Signature verification failed")
    assert type(protocol.error_for(422, "GET", "data/x", {"message": "bad"})) is exception.ValidationException


def test_expired():
    assert protocol.is_expired(401, {"message": "Signature has expired"})
    assert protocol.is_expired(422, {"msg": "Signature has expired"})
    assert not protocol.is_expired(403, {"message": "Signature has expired"})
    assert not protocol.is_expired(401, {"message": "Not enough segments"})
    assert not protocol.is_expired(401, "Signature has expired")
    assert type(protocol.error_for(422, "GET", "x", EXPIRED.body)) is exception.NotAuthenticatedException


def drive(steps, *outcomes):
    """Return the steps that *outcomes* lead to."""
    taken = [next(steps)]
    for outcome in outcomes:
        try:
            taken.append(steps.send(outcome))
        except StopIteration:
            break
    return taken


@pytest.mark.parametrize(
    "refreshes, asks, outcomes, steps",
    [
        (True, True, [GOOD], [SEND]),
        (True, True, [Answer(500, None)], [SEND]),
        (True, True, [Answer(422, {"message": "bad name"})], [SEND]),
        (True, True, [Answer(422, {"msg": "Not enough segments"}), True, Answer(200, None)], [SEND, ASK, SEND]),
        (False, False, [EXPIRED], [SEND]),
        (True, False, [REFUSED], [SEND]),
        (True, False, [EXPIRED, True, GOOD], [SEND, REFRESH, SEND]),
        (True, False, [EXPIRED, False], [SEND, REFRESH]),
        (True, True, [EXPIRED, False, True, GOOD], [SEND, REFRESH, ASK, SEND]),
        (True, True, [EXPIRED, False, False], [SEND, REFRESH, ASK]),
        (False, True, [EXPIRED, True, GOOD], [SEND, ASK, SEND]),
        (False, True, [REFUSED, True, REFUSED, False], [SEND, ASK, SEND, ASK]),
        (True, True, [EXPIRED, True, REFUSED, True, GOOD], [SEND, REFRESH, SEND, ASK, SEND]),
    ],
)
def test_recovery(refreshes, asks, outcomes, steps):
    assert drive(protocol.recover(refreshes, asks), *outcomes) == steps


@pytest.mark.parametrize("answer", [EXPIRED, REFUSED])
def test_recovery_ends(answer):
    taken = drive(protocol.recover(True, True), *[answer, True] * 100)
    assert taken.count(SEND) == protocol.MAX_AUTH_RETRIES
    assert len(taken) <= 2 * protocol.MAX_AUTH_RETRIES


@pytest.mark.parametrize(
    "value, seconds",
    [
        (None, None), ("", None), ("0", 0), ("7", 7), ("1.5", 1.5), ("-3", 0), ("soon", None),
        (formatdate(1060, usegmt=True), 60), (formatdate(900, usegmt=True), 0), ("Tue, 99 Foo 2026", None),
    ],
)  # fmt: skip
def test_retry_after(value, seconds):
    assert protocol.retry_after(value, 1000.0) == seconds


def test_pause():
    assert protocol.pause(1, 0) == 0
    assert protocol.pause(1, protocol.LONGEST_WAIT) == protocol.LONGEST_WAIT
    assert protocol.pause(1, protocol.LONGEST_WAIT + 1) is None
    for attempt in range(1, 6):
        assert 0.74 <= protocol.pause(attempt, None) / (0.2 * 2 ** (attempt - 1)) <= 1.26


def test_budget():
    budget = protocol.Budget()
    budget.earn()
    assert [budget.spend() for _ in range(41)] == [True] * 40 + [False]
    for _ in range(11):
        budget.earn()
    assert [budget.spend() for _ in range(2)] == [True, False]


def with_headers(later=None):
    return SimpleNamespace(headers={"Retry-After": later} if later else {})


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "POST", "PATCH"])
def test_attempts_after_an_answer(method):
    for status in range(200, 600):
        attempts = Attempts(method, 2, Budget())
        again = status in (429, 502, 503, 504) and method not in ("POST", "PATCH")
        assert (attempts.answered(status, with_headers("3"), 0.0) == 3) is again, status
        assert (attempts.answered(status, with_headers(), 0.0) is not None) is again, status
        assert attempts.answered(status, with_headers("3"), 0.0) is None, status  # that was all
        assert not attempts.did_it(status), status


def lost(sent=True):
    error = exception.TransportException("gone")
    error.sent = sent
    return error


@pytest.mark.parametrize(
    "method, sent, final, again",
    [
        ("GET", True, False, True),
        ("GET", True, True, False),
        ("POST", True, False, False),
        ("POST", False, False, True),
        ("POST", False, True, False),
    ],
)
def test_attempts_after_no_answer(method, sent, final, again):
    assert (Attempts(method, 4, Budget()).failed(lost(sent), final) is not None) is again


def test_attempts_end():
    for retries, most in ((0, 0), (1, 1), (4, 4), (99, 4)):
        attempts = Attempts("GET", retries, Budget())
        waits = [attempts.failed(lost(), False) for _ in range(9)]
        assert [wait is not None for wait in waits] == [True] * most + [False] * (9 - most)
    assert Attempts("GET", 4, Budget()).answered(503, with_headers("3600"), 0.0) is None


def test_attempts_spend_the_budget():
    budget = Budget()
    budget.left = 1.0
    assert Attempts("GET", 4, budget).failed(lost(), False) is not None
    assert Attempts("GET", 4, budget).failed(lost(), False) is None
    budget.left = 0.0
    Attempts("GET", 4, budget).answered(200, None, 0.0)
    assert budget.left > 0


@pytest.mark.parametrize("method, sent, status, did_it", [
    ("DELETE", True, 404, True), ("DELETE", False, 404, False), ("DELETE", True, 403, False), ("GET", True, 404, False),
])  # fmt: skip
def test_delete_whose_answer_was_lost(method, sent, status, did_it):
    attempts = Attempts(method, 4, Budget())
    attempts.failed(lost(sent), False)
    assert attempts.did_it(status) is did_it


def rows_of(pages, at_once=3):
    """Return the rows that *pages* lead to, and the numbers asked for."""
    steps, asked, outcome = protocol.pages(at_once), [], None
    while True:
        try:
            numbers = steps.send(outcome)
        except StopIteration as end:
            return end.value, asked
        asked.append(numbers)
        outcome = [pages(number) for number in numbers]


def test_pages():
    def pages(count):
        return lambda number: {"data": [number], "nb_pages": count}

    assert rows_of(lambda number: [1, 2]) == ([1, 2], [[1]])
    assert rows_of(lambda number: {}) == ([], [[1]])
    assert rows_of(pages(1)) == ([1], [[1]])
    assert rows_of(pages(7)) == (list(range(1, 8)), [[1], [2], [3, 4, 5], [6, 7]])
    assert rows_of(pages(3), 1) == ([1, 2, 3], [[1], [2], [3]])


def test_pages_that_become_more_and_pages_that_end_early():
    growing = rows_of(lambda number: {"data": [number], "nb_pages": 2 if number < 2 else 5})
    assert growing == ([1, 2, 3, 4, 5], [[1], [2], [3, 4, 5]])
    ending = rows_of(lambda number: {"data": [number] if number < 4 else [], "nb_pages": 99})
    assert ending == ([1, 2, 3], [[1], [2], [3, 4, 5]])
