"""Errors travel between processes, and may be copied."""

import copy
import pickle

import pytest
import requests
import urllib3

from gazu import exception
from gazu._http import failures, protocol
from gazu._http.messages import Request
from gazu._http.route import NO_HTTPS
from gazu.exception import GazuException

CLASSES = sorted(
    {
        found
        for module in (exception, failures)
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, GazuException)
    },
    key=lambda found: found.__name__,
)
WAYS = [copy.copy, copy.deepcopy]
WAYS += [lambda error, n=n: pickle.loads(pickle.dumps(error, n)) for n in range(pickle.HIGHEST_PROTOCOL + 1)]


def check(error):
    for way in WAYS:
        other = way(error)
        assert type(other) is type(error)
        assert (other.args, str(other), vars(other)) == (error.args, str(error), vars(error))


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_each_class(kind):
    error = kind("what went wrong")
    check(error)
    error.status_code, error.method, error.path, error.body = 418, "GET", "data/x", {"message": "no", "list": [1]}
    error.comment, error.preview_file, error.comments, error.sent = {"id": "1"}, {"id": "2"}, [{"id": "3"}], False
    check(error)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 418, 422, 429, 500, 503])
def test_each_answer(status):
    check(protocol.error_for(status, "POST", "data/x", {"message": "no", "data": {"errors": []}}))
    check(protocol.error_for(status, "POST", "data/x", "<h1>no</h1>"))
    check(protocol.error_for(422, "POST", "data/x", {"msg": "Not enough segments"}))


def test_failures_in_the_middle_of_a_body():
    """Requests gives these the class of a connection that was refused."""
    silent = requests.exceptions.ConnectionError(urllib3.exceptions.ReadTimeoutError(None, "/", "Read timed out."))
    assert type(failures.translate(silent, "GET", "http://kitsu")) is failures.ReadTimedOut
    broken = requests.exceptions.SSLError(urllib3.exceptions.SSLError("bad record mac"))
    assert type(failures.translate(broken, "GET", "http://kitsu")) is failures.ConnectionFailed
    refused = requests.exceptions.SSLError(urllib3.exceptions.MaxRetryError(None, "/", ValueError("self-signed")))
    assert type(failures.translate(refused, "GET", "http://kitsu")) is failures.CertificateRefused


@pytest.mark.parametrize(
    "args, text",
    [
        (("data/x", "no"), "GET data/x: no (call b)"),
        (("data/x: no",), "GET data/x: no (call b)"),
        (("GET data/x: no",), "GET data/x: no (call b)"),
        (("no",), "GET data/x: no (call b)"),
        (("data/x",), "GET data/x: 400 (call b)"),
        ((), "GET data/x: 400 (call b)"),
    ],
)
def test_one_form_of_text(args, text):
    error = exception.ParameterException(*args)
    assert str(error) == ": ".join(args)
    error.method, error.path, error.status_code = "GET", "data/x", 400
    error.add_hint("")
    assert error.hint is None and str(error) == text[: -len(" (call b)")]
    error.add_hint("call b")
    assert str(error) == text and error.args == args
    error.add_hint("or c")
    assert str(error).endswith(" (call b; or c)")
    check(error)


@pytest.mark.parametrize(
    "kind, words, hint",
    [
        (failures.ConnectionFailed, "[Errno 111] Connection refused", "is the server running, and is the port right?"),
        (failures.ConnectionFailed, "[Errno -2] Name or service not known", "is the name of the host right?"),
        (failures.CertificateRefused, "[SSL: WRONG_VERSION_NUMBER] wrong version number", NO_HTTPS),
        (failures.ConnectTimedOut, "timed out", "is the host right, and can this network reach it?"),
        (failures.BodyCut, "cut", None),
    ],
)
def test_hints_of_the_network(kind, words, hint):
    error = failures.describe(kind, OSError(words), "GET", "http://kitsu/api/data/x", False)
    assert error.hint == hint and error.args == (f"GET http://kitsu/api/data/x: {words}",)
    check(error)


def test_silence_within_the_time_to_connect():
    """TLS has begun, and nothing came back: a plain HTTP server waits for a line."""

    def hint(url, limit, timeout):
        cause = requests.exceptions.ReadTimeout(f"Read timed out. (read timeout={limit})")
        return protocol.network_error(cause, Request("GET", "data/x", url, timeout=timeout), failures.translate).hint

    assert hint("https://kitsu/api/data/x", 10.0, (10.0, 60.0)).endswith(NO_HTTPS)
    for url, limit, timeout in (
        ("http", 10.0, (10.0, 60.0)),
        ("https", 60.0, (10.0, 60.0)),
        ("https", 5.0, (5.0, 5.0)),
    ):
        assert NO_HTTPS not in hint(f"{url}://kitsu/api/data/x", limit, timeout)


# -- for windows -----------------------------------------------------------------
def of_response(kind, *args, hint=None, **more):
    error = kind("data/tasks/1", *args) if args else kind("data/tasks/1")
    error.method, error.path, error.hint = "POST", "data/tasks/1", hint
    for name, value in more.items():
        setattr(error, name, value)
    return error


LOST = exception.TransportException("POST https://kitsu.example.com/api/data/tasks/1: Connection reset by peer")
LOST.method = "POST"
UNSET = exception.TransportException("GET https://gazu.change.serverhost/api: the host was never set")
UNSET.method, UNSET.final, UNSET.hint = "GET", True, "call gazu.set_host"


@pytest.mark.parametrize(
    "error, text",
    [
        (LOST, "The server did not respond, or the connection was lost. Check the network, and try again."),
        (UNSET, "the host was never set."),
        (exception.CancelledException("upload was cancelled"), "Cancelled."),
        (exception.NoSessionException("there is nothing to connect with"), "You are not logged in. Log in first."),
        (of_response(exception.InvalidTokenException, "bad"), "Your session has ended. Log in again."),
        (of_response(exception.NotAllowedException), "Your account may not do this. Ask a manager of the production."),
        (
            of_response(exception.RouteNotFoundException),
            "The server does not have this any more, or does not know it. Refresh, and try again.",
        ),
        (
            of_response(exception.TooBigFileException),
            "The file is larger than the server accepts. Ask the administrator of the server.",
        ),
        (
            of_response(exception.ServerErrorException, "Internal server error"),
            "The server failed. Try again in a minute; if it fails again, tell its administrator.",
        ),
        (of_response(exception.ParameterException, "Invalid role.", hint="user, admin"), "Invalid role (user, admin)."),
        (of_response(exception.ParameterException, "Too old.", hint="gazu.supports returns whether"), "Too old."),
        (of_response(exception.ParameterException, "x" * 200, hint="user"), "x" * 160 + "..."),
        (of_response(exception.ParameterException, "x" * 150, hint="y" * 20), "x" * 150 + "."),
        (
            exception.AuthFailedException("log-in of jane@example.com: Wrong email or password."),
            "log-in of jane@example.com: Wrong email or password.",
        ),
        (exception.SyncFailedException("2 rows"), "Some records could not be copied. The log says which."),
        (exception.SetupFailedException("2 rows"), "Some rows could not be set up. The log says which."),
        (
            of_response(exception.ServerErrorException, comment={"id": "1"}),
            "The server failed. The comment exists, but the preview is missing. "
            "Try again in a minute; if it fails again, tell its administrator.",
        ),
        (
            of_response(exception.CancelledException, comment={"id": "1"}, preview_file={"id": "2", "revision": 3}),
            "Cancelled. The comment and revision 3 exist, but its file is missing.",
        ),
        (FileNotFoundError(2, "No such file or directory", "/shows/sq01/sh010.mov"), "sh010.mov: No such file or directory."),
        (FileNotFoundError(2, "No such file or directory", b"/shows/sh010.mov"), "sh010.mov: No such file or directory."),
        (ValueError("there is no file to publish"), "there is no file to publish."),
        (ValueError(), "ValueError."),
        (KeyError("id"), "'id'."),
    ],
)  # fmt: skip
def test_short_text(error, text):
    assert exception.short_text(error) == text
