"""Errors travel between processes, and may be copied."""

import copy
import pickle

import pytest
import requests
import urllib3

from gazu import exception
from gazu._http import failures, protocol
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
