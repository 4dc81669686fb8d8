"""What answers mean."""

import contextlib
import gc
import json
import weakref
from email.utils import formatdate
from types import SimpleNamespace

import pytest

from gazu import cache, exception
from gazu._http import protocol, retries
from gazu._http.base_client import BaseClient
from gazu._http.failures import AnswerUnreadable
from gazu._http.messages import Request, Response
from gazu._http.protocol import CallCallback, Renew, Send, Sleep
from gazu._http.retries import RetryBudget, RetryState
from gazu._http.sender import run

EXPIRED = (401, {"message": "Signature has expired"})
REFUSED = (401, {"message": "no"})
UNREADABLE = (422, {"msg": "Not enough segments"})
BAD_NAME = (422, {"message": "bad name"})
GOOD = (200, None)


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
    assert type(protocol.error_for(422, "GET", "x", EXPIRED[1])) is exception.NotAuthenticatedException


class Server:
    """Takes the steps of a conversation: sends are answered with the next of its *responses*."""

    def __init__(self, *responses, renews=(), calls=()):
        self.responses, self.renews, self.calls = list(responses), list(renews), list(calls)
        self.steps, self.sent = [], []

    def __call__(self, step):
        self.steps.append(type(step))
        if isinstance(step, Send):
            self.sent.append(step)
            response = self.responses.pop(0)
            if isinstance(response, Exception):
                raise response
            return response
        if isinstance(step, Sleep):
            return None
        return (self.renews if isinstance(step, Renew) else self.calls).pop(0)


def response(status, body=None, **headers):
    content = b"" if body is None else json.dumps(body).encode()
    return Response(status, content, SimpleNamespace(headers=headers, history=[]))


def make_client(refreshes=False, asks=False, **options):
    client = BaseClient("http://kitsu/api", access_token="one", refresh_token="two" if refreshes else None, **options)
    client.callback_not_authenticated = print if asks else None
    return client


REQUEST = Request("GET", "data/x", "http://kitsu/api/data/x")


@pytest.mark.parametrize(
    "refreshes, asks, responses, renews, calls, steps",
    [
        (True, True, [GOOD], [], [], [Send]),
        (True, True, [BAD_NAME], [], [], [Send]),
        (True, True, [UNREADABLE, GOOD], [], [True], [Send, CallCallback, Send]),
        (False, False, [EXPIRED], [], [], [Send]),
        (True, False, [REFUSED], [], [], [Send]),
        (True, False, [EXPIRED, GOOD], [True], [], [Send, Renew, Send]),
        (True, False, [EXPIRED], [False], [], [Send, Renew]),
        (True, True, [EXPIRED, GOOD], [False], [True], [Send, Renew, CallCallback, Send]),
        (True, True, [EXPIRED], [False], [False], [Send, Renew, CallCallback]),
        (False, True, [EXPIRED, GOOD], [], [True], [Send, CallCallback, Send]),
        (False, True, [REFUSED, REFUSED], [], [True, False], [Send, CallCallback, Send, CallCallback]),
        (True, True, [EXPIRED, REFUSED, GOOD], [True], [True], [Send, Renew, Send, CallCallback, Send]),
        (True, True, [EXPIRED] * 3, [True] * 3, [], [Send, Renew, Send, Renew, Send, Renew]),
        (False, True, [REFUSED] * 3, [], [True] * 3, [Send, CallCallback] * 3),
    ],
)
def test_login(refreshes, asks, responses, renews, calls, steps):
    server = Server(*(response(*one) for one in responses), renews=renews, calls=calls)
    steps_taken = protocol.exchange(make_client(refreshes, asks), REQUEST)
    if responses[-1] is GOOD:
        assert run(steps_taken, server).status == 200
    else:
        with pytest.raises(exception.GazuException) as caught:
            run(steps_taken, server)
        assert caught.value.status_code == responses[-1][0]
    assert server.steps == steps and not server.responses


def test_client_that_may_not_refresh():
    server = Server(response(*EXPIRED))
    with pytest.raises(exception.NotAuthenticatedException):
        run(protocol.exchange(make_client(True, use_refresh_token=False), REQUEST), server)
    assert server.steps == [Send]


def test_refresh_keeps_both_tokens():
    client = make_client(True)
    server = Server(response(200, {"access_token": "three", "refresh_token": "four", "user": "left out"}))
    run(protocol.refresh(client), server)
    assert client.tokens == {"access_token": "three", "refresh_token": "four"}
    assert server.sent[0].headers["Authorization"] == "Bearer two"
    run(protocol.refresh(client), Server(response(200, {"access_token": "five"})))
    assert client.tokens == {"access_token": "five", "refresh_token": "four"}


@pytest.mark.parametrize("body", [{}, [], {"access_token": ""}, {"refresh_token": "x"}])
def test_refresh_without_a_token(body):
    client = make_client(True)
    with pytest.raises(exception.NotAuthenticatedException):
        run(protocol.refresh(client), Server(response(200, body)))
    assert client.tokens == {"access_token": "one", "refresh_token": "two"}


def test_error_of_ours_goes_into_the_conversation():
    server = Server(lost(), response(200))
    assert run(protocol.exchange(make_client(), REQUEST), server).status == 200
    assert server.steps == [Send, Sleep, Send]
    server = Server(*[lost()] * 3)
    with pytest.raises(exception.TransportException):
        run(protocol.exchange(make_client(retries=2), REQUEST), server)
    assert server.steps == [Send, Sleep, Send, Sleep, Send]


@pytest.mark.parametrize("kind", [KeyboardInterrupt, StopIteration, GeneratorExit, ValueError, RuntimeError])
def test_any_other_error_ends_the_conversation(kind):
    closed = []

    def steps():
        try:
            yield 1
        finally:
            closed.append(True)

    def fail(step):
        raise kind("out")

    with pytest.raises(kind, match="out"):
        run(steps(), fail)
    assert closed == [True]


def test_error_leaves_no_cycle():
    class Body:
        pass

    def fail(step):
        if not isinstance(step, Send):
            return
        body = Body()  # which the traceback of the error holds
        seen.append(weakref.ref(body))
        raise lost()

    seen = []
    gc.disable()
    try:
        with contextlib.suppress(exception.TransportException):
            run(protocol.exchange(make_client(retries=1), REQUEST), fail)
        assert [one() for one in seen] == [None, None]
    finally:
        gc.enable()


def test_write_forgets_what_is_cached_of_the_host():
    for method, reads, times in (("GET", False, 0), ("POST", True, 0), ("POST", False, 2), ("DELETE", False, 2)):
        client = make_client()
        client.host = f"http://{method}{reads}/api"
        run(protocol.exchange(client, REQUEST._replace(method=method, reads=reads)), Server(response(200)))
        assert cache._generations.get(client.host, 0) == times, method


def test_redirect_is_an_error():
    with pytest.raises(exception.HostException, match="https://other/api") as caught:
        run(protocol.exchange(make_client(), REQUEST), Server(response(302, Location="https://a:b@other/api?x=1")))
    assert (caught.value.status_code, caught.value.path) == (302, "data/x") and "a:b" not in str(caught.value)


def test_log_has_no_query(caplog):
    with caplog.at_level("DEBUG", "gazu"):
        run(
            protocol.exchange(make_client(), REQUEST._replace(path="auth/email-otp?email=a@b.c")), Server(response(200))
        )
    assert "GET auth/email-otp: 200" in caplog.text and "a@b.c" not in caplog.text


@pytest.mark.parametrize(
    "value, seconds",
    [
        (None, None), ("", None), ("0", 0), ("7", 7), ("1.5", 1.5), ("-3", 0), ("soon", None),
        (formatdate(1060, usegmt=True), 60), (formatdate(900, usegmt=True), 0), ("Tue, 99 Foo 2026", None),
    ],
)  # fmt: skip
def test_retry_after(value, seconds):
    assert retries.retry_after(value, 1000.0) == seconds


def test_pause():
    assert retries.back_off(1, 0) == 0
    assert retries.back_off(1, retries.LONGEST_WAIT_SECONDS) == retries.LONGEST_WAIT_SECONDS
    assert retries.back_off(1, retries.LONGEST_WAIT_SECONDS + 1) is None
    for attempt in range(1, 6):
        assert 0.74 <= retries.back_off(attempt, None) / (0.2 * 2 ** (attempt - 1)) <= 1.26


def test_budget():
    budget = RetryBudget()
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
        attempts = RetryState(method, 2, RetryBudget())
        again = status in (429, 502, 503, 504) and method not in ("POST", "PATCH")
        assert (attempts.after_response(status, with_headers("3"), 0.0) == 3) is again, status
        assert (attempts.after_response(status, with_headers(), 0.0) is not None) is again, status
        assert attempts.after_response(status, with_headers("3"), 0.0) is None, status  # that was all
        assert not attempts.already_deleted(status), status


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
    assert (RetryState(method, 4, RetryBudget()).after_failure(lost(sent), final) is not None) is again


def test_attempts_end():
    for allowed, most in ((0, 0), (1, 1), (4, 4), (99, 4)):
        attempts = RetryState("GET", allowed, RetryBudget())
        waits = [attempts.after_failure(lost(), False) for _ in range(9)]
        assert [wait is not None for wait in waits] == [True] * most + [False] * (9 - most)
    assert RetryState("GET", 4, RetryBudget()).after_response(503, with_headers("3600"), 0.0) is None


def test_attempts_spend_the_budget():
    budget = RetryBudget()
    budget.left = 1.0
    assert RetryState("GET", 4, budget).after_failure(lost(), False) is not None
    assert RetryState("GET", 4, budget).after_failure(lost(), False) is None
    budget.left = 0.0
    RetryState("GET", 4, budget).after_response(200, None, 0.0)
    assert budget.left > 0


@pytest.mark.parametrize("method, sent, status, did_it", [
    ("DELETE", True, 404, True), ("DELETE", False, 404, False), ("DELETE", True, 403, False), ("GET", True, 404, False),
])  # fmt: skip
def test_delete_whose_answer_was_lost(method, sent, status, did_it):
    attempts = RetryState(method, 4, RetryBudget())
    attempts.after_failure(lost(sent), False)
    assert attempts.already_deleted(status) is did_it


def rows_of(pages, at_once=3):
    """Return the rows that *pages* lead to, and the numbers asked for."""
    steps, asked, outcome = protocol.pages(at_once), [], None
    while True:
        try:
            numbers = steps.send(outcome)
        except StopIteration as end:
            return [row["id"] for row in end.value], asked
        asked.append(numbers)
        outcome = [protocol.require_page(pages(number), "data/x") for number in numbers]


def row(number):
    return {"id": number}


def test_pages():
    def pages(count):
        return lambda number: {"data": [row(number)], "nb_pages": count}

    assert rows_of(lambda number: [row(1), row(2)]) == ([1, 2], [[1]])
    assert rows_of(lambda number: {}) == ([], [[1]])
    assert rows_of(pages(1)) == ([1], [[1]])
    assert rows_of(pages(7)) == (list(range(1, 8)), [[1], [2], [3, 4, 5], [6, 7]])
    assert rows_of(pages(3), 1) == ([1, 2, 3], [[1], [2], [3]])


def test_pages_that_become_more_and_pages_that_end_early():
    growing = rows_of(lambda number: {"data": [row(number)], "nb_pages": 2 if number < 2 else 5})
    assert growing == ([1, 2, 3, 4, 5], [[1], [2], [3, 4, 5]])
    ending = rows_of(lambda number: {"data": [row(number)] if number < 4 else [], "nb_pages": 99})
    assert ending == ([1, 2, 3], [[1], [2], [3, 4, 5]])


def test_pages_that_become_fewer():
    shrinking = rows_of(lambda number: {"data": [row(number)], "nb_pages": 5 if number == 1 else 2})
    assert shrinking == ([1, 2, 3, 4, 5], [[1], [2], [3, 4, 5]])


@pytest.mark.parametrize(
    "answer",
    [None, 5, "text", {"data": 5}, {"data": {}, "nb_pages": "2"}, {"nb_pages": 1.5}],
)
def test_what_is_no_page(answer):
    with pytest.raises(exception.ServerErrorException, match="data/x: the response is not a (page|list) of records"):
        protocol.require_page(answer, "data/x")


def test_pages_that_become_a_list():
    with pytest.raises(exception.ServerErrorException, match="not a page of records"):
        rows_of(lambda number: {"data": [row(1)], "nb_pages": 2} if number == 1 else [row(2)])


def test_what_lacks_a_field():
    assert protocol.require_field({"version": "1"}, "version", "") == "1"
    for answer in (None, [], "text", {}, {"version": None}):
        with pytest.raises(exception.ServerErrorException, match="the response is not a record with 'version'"):
            protocol.require_field(answer, "version", "")
    for rows in (None, {}, [1], [{}], [{"id": None}]):
        with pytest.raises(exception.ServerErrorException, match="data/x: the response is not a list of records"):
            protocol.require_rows(rows, "data/x", "id")
    with pytest.raises(exception.ServerErrorException) as caught:
        protocol.require_field({"token": "secret"}, "access_token", "auth/login")
    assert "secret" not in str(caught.value)


def test_refusal_with_both_words_is_about_the_data():
    error = protocol.error_for(422, "POST", "data/x", {"msg": "a", "message": "b"})
    assert type(error) is exception.ValidationException and error.args == ("data/x", "b")


# -- downloads ---------------------------------------------------------------
class Target:
    """What a download is written to, in memory."""

    def __init__(self):
        self.content, self.log = b"", []

    @property
    def size(self):
        return len(self.content)

    def begin(self, headers):
        return 6

    def check_size(self, request):
        if self.size < 6:
            raise lost()

    def resume_request(self, request):
        return request._replace(headers={"Range": f"bytes={self.size}-"})

    def accepts_resume(self, response):
        return response.status == 206

    def handle_416(self, error):
        if error.status_code != 416:
            raise error
        self.content = b""

    def commit_in_steps(self):
        yield 0.5
        self.log.append("committed")


class FileServer(Server):
    """Responses whose body is a list of pieces, or errors."""

    def __call__(self, step):
        if isinstance(step, protocol.Read):
            piece = step.response.chunks.pop(0) if step.response.chunks else b""
            if isinstance(piece, Exception):
                raise piece
            return piece
        if isinstance(step, protocol.Write):
            step.target.content += step.chunk
            return None
        return super().__call__(step)


def file_response(status, *pieces, **headers):
    closed = []
    response = SimpleNamespace(headers=headers, history=[], close=lambda: closed.append(True), closed=closed)
    return Response(status, None, response, list(pieces))


def fetch(*responses, progress=None, timeout=60.0, path="movies/1"):
    server, target = FileServer(*responses), Target()
    request = Request("GET", path, "http://kitsu/api/" + path, stream=True)
    try:
        run(protocol.download(make_client(), request, target, progress, timeout), server)
    except exception.GazuException as error:
        return server, target, error
    return server, target, None


def test_download():
    seen = []
    server, target, error = fetch(file_response(200, b"abc", b"def"), progress=lambda *args: seen.append(args))
    assert error is None and target.content == b"abcdef" and target.log == ["committed"] and seen == [(3, 6), (6, 6)]
    assert Sleep in server.steps, "other programs are waited for in the event loop, not in the way of it"


def test_download_that_is_cut_goes_on():
    first = file_response(200, b"abc", lost())
    server, target, error = fetch(first, file_response(206, b"def"))
    assert error is None and target.content == b"abcdef" and first.response.closed
    assert server.sent[1].headers["Range"] == "bytes=3-" and Sleep in server.steps


def test_download_of_another_part_is_begun_again():
    server, target, error = fetch(file_response(200, lost()), file_response(200), file_response(200, b"abcdef"))
    assert error is None and target.content == b"abcdef"
    assert ["Range" in sent.headers for sent in server.sent] == [False, True, False]


def test_download_with_nothing_behind():
    refusal = response(416, {"message": "no"})
    _server, target, error = fetch(file_response(200, b"abc", lost()), refusal, file_response(200, b"abcdef"))
    assert error is None and target.content == b"abcdef"


def test_download_that_never_ends_well():
    server, target, error = fetch(*[file_response(200, b"abc", lost()), *[file_response(206, lost())] * 9])
    assert isinstance(error, exception.TransportException) and target.log == []
    assert len(server.sent) == retries.MAX_ATTEMPTS


def test_body_that_cannot_be_unpacked_is_not_asked_for_again():
    server, _target, error = fetch(file_response(200, b"abc", AnswerUnreadable("gzip")))
    assert isinstance(error, AnswerUnreadable) and len(server.sent) == 1


def test_file_that_is_processed(monkeypatch):
    clock = SimpleNamespace(now=0.0, time=lambda: 0.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(protocol, "time", clock)

    class Waiting(FileServer):
        def __call__(self, step):
            if isinstance(step, Sleep):
                waits.append(step.seconds)
                clock.now += step.seconds
            return super().__call__(step)

    waits = []
    responses = [
        file_response(202),
        file_response(202, **{"Retry-After": "0"}),
        file_response(202, **{"Retry-After": "7"}),
    ]
    request = Request("GET", "movies/1", "http://kitsu/api/movies/1")
    done = run(protocol.when_processed(make_client(), request, 20.0), Waiting(*responses, file_response(200)))
    assert done.status == 200 and waits == [5, 0.5, 7] and all(one.response.closed for one in responses)
    waits.clear()
    clock.now = 0.0
    with pytest.raises(exception.PreviewFileProcessingException, match="after 12 s"):
        run(protocol.when_processed(make_client(), request, 12.0), Waiting(*[file_response(202)] * 9))
    assert waits == [5, 5, 2]


@pytest.mark.parametrize("path, refused", [("pictures/1", True), ("/movies/1", True), ("export/csv", False)])
def test_web_page_in_the_place_of_a_file(path, refused):
    page = file_response(200, b"<html>", **{"Content-Type": "text/html; charset=utf-8"})
    _server, target, error = fetch(page, *[file_response(206, b"more")] * 4, path=path)
    assert isinstance(error, exception.ServerErrorException) is refused
    assert target.log == ([] if refused else ["committed"]) and bool(page.response.closed) is refused
