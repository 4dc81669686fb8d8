"""Each fault with each verb that it can hit: the one right outcome, worked out from the rules."""

import gc
import gzip
import os
import signal
import sys
import threading
from contextlib import suppress
from email.utils import formatdate

import pytest
import requests

import gazu
from gazu import aio
from gazu import client as raw_client
from gazu.exception import GazuException, TransportException

from ..leaks import leaks
from ..waiting import until
from .awaiting import awaiting
from .conftest import answer, hang, head, raw, reset
from .test_retries import CLASSES, TRANSIENT

MIB = 1024 * 1024
BODY = b'{"id": "1", "name": "a name that is long enough to be cut in the middle"}'
ROW = {"id": "1", "name": "a name that is long enough to be cut in the middle"}
JSON = {"Content-Type": "application/json"}
SECRET = "access-token-1"


class Verb:
    """A way to talk to the server.

    Args:
        call: what the caller does; given the client and a folder with `big` in it and the old file `target`.
        repeats: it may be sent again once it may have reached the server.
        decodes: the response is taken for JSON.
        follows: it goes where a redirect sends it.
    """

    def __init__(self, call, repeats=True, decodes=True, follows=True):
        self.call, self.repeats, self.decodes, self.follows = call, repeats, decodes, follows


def _download(client, folder):
    raw_client.download("data/rows", str(folder / "target"), client=client)
    return (folder / "target").read_bytes()


async def _download_soon(client, folder):
    await aio.download("data/rows", str(folder / "target"), client=client)
    return (folder / "target").read_bytes()


def awaited(call):
    """Return *call*, which takes an asynchronous client, as one that takes a client."""
    return lambda client, folder: awaiting.run(call(awaiting.twin(client), folder))


async def _text(work):
    return (await work).encode()


VERBS = {
    "get": Verb(lambda client, folder: raw_client.get("data/rows", client=client)),
    "text": Verb(lambda client, folder: raw_client.get("data/rows", False, client=client).encode(), decodes=False),
    "post": Verb(lambda client, folder: raw_client.post("data/rows", {}, client=client), repeats=False, follows=False),
    "put": Verb(lambda client, folder: raw_client.put("data/rows", {}, client=client), follows=False),
    "delete": Verb(
        lambda client, folder: raw_client.delete("data/rows", client=client).encode(), decodes=False, follows=False
    ),
    "upload": Verb(
        lambda client, folder: raw_client.upload("data/rows", str(folder / "big"), client=client),
        repeats=False, follows=False,
    ),
    "upload of little": Verb(
        lambda client, folder: raw_client.upload("data/rows", files={"file": b"x"}, client=client),
        repeats=False, follows=False,
    ),
    "download": Verb(_download, decodes=False),
    "download to memory": Verb(
        lambda client, folder: raw_client.download("data/rows", None, client=client).content, decodes=False
    ),
    "content": Verb(
        lambda client, folder: raw_client.get_file_data_from_url("data/rows", client=client), decodes=False
    ),
    "async get": Verb(awaited(lambda client, folder: aio.get("data/rows", client=client))),
    "async text": Verb(awaited(lambda client, folder: _text(aio.get("data/rows", False, client=client))), decodes=False),
    "async post": Verb(
        awaited(lambda client, folder: aio.post("data/rows", {}, client=client)), repeats=False, follows=False
    ),
    "async put": Verb(awaited(lambda client, folder: aio.put("data/rows", {}, client=client)), follows=False),
    "async delete": Verb(
        awaited(lambda client, folder: _text(aio.delete("data/rows", client=client))), decodes=False, follows=False
    ),
    "async upload": Verb(
        awaited(lambda client, folder: aio.upload("data/rows", str(folder / "big"), client=client)),
        repeats=False, follows=False,
    ),
    "async upload of little": Verb(
        awaited(lambda client, folder: aio.upload("data/rows", str(folder / "little"), client=client)),
        repeats=False, follows=False,
    ),
    "async download": Verb(awaited(_download_soon), decodes=False),
}  # fmt: skip
REPEATED = [name for name in VERBS if VERBS[name].repeats]
ONCE = [name for name in VERBS if not VERBS[name].repeats]


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "big").write_bytes(bytes(2 * MIB))
    (folder / "little").write_bytes(b"x")
    (folder / "target").write_bytes(b"old")
    return folder


pytestmark = pytest.mark.usefixtures("loop")


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in ("big", "little")}


def in_order(client, folder, server, verb):
    """Check that after whatever happened, the client and the folder are good."""
    assert contents(folder) in ({"target": b"old"}, {"target": BODY})
    server.script, server.default, client.timeout = [], answer(BODY, headers=JSON), None
    assert VERBS[verb].call(client, folder) == (ROW if VERBS[verb].decodes else BODY)


def harmless(error):
    """Check that an error is one of ours, and shows nothing that it should not."""
    assert isinstance(error, GazuException)
    assert leaks(error, (SECRET,)) == []


# -- faults of the connection --------------------------------------------------
LENGTH = {**JSON, "Content-Length": len(BODY)}
CHUNKED = {**JSON, "Transfer-Encoding": "chunked"}
PACKED = gzip.compress(BODY)
FAULTS = {
    "reset": reset,
    "closed": raw(),
    "half a status line": raw(b"HTTP/1.1 20"),
    "reset after the headers": raw(head(200, LENGTH), reset),
    "closed after the headers": raw(head(200, LENGTH)),
    "reset within the body": raw(head(200, LENGTH), BODY[:20], reset),
    "closed within the body": raw(head(200, LENGTH), BODY[:20]),
    "one byte short": raw(head(200, LENGTH), BODY[:-1]),
    "no last chunk": raw(head(200, CHUNKED), b"14\r\n" + BODY[:20] + b"\r\n"),
    "half a chunk": raw(head(200, CHUNKED), b"14\r\n" + BODY[:9]),
    "silent": hang,
    "silent within the headers": raw(b"HTTP/1.1 200 OK\r\nContent-", hang),
    "silent within the body": raw(head(200, LENGTH), BODY[:20], hang),
    "gzip cut": raw(head(200, {**LENGTH, "Content-Encoding": "gzip", "Content-Length": len(PACKED)}), PACKED[:-9]),
}


@pytest.mark.parametrize("fault", list(FAULTS))
@pytest.mark.parametrize("verb", list(VERBS))
def test_connection_that_fails_once(verb, fault, connect, server, folder):
    client = connect(server.host, timeout=0.5 if "silent" in fault else None)
    server.script = [FAULTS[fault]]
    server.default = answer(BODY, headers=JSON)
    if VERBS[verb].repeats:
        assert VERBS[verb].call(client, folder) == (ROW if VERBS[verb].decodes else BODY)
        assert len(server.requests) == 2 or "silent" in fault  # a machine that is busy may be silent, too
        return
    with pytest.raises(requests.exceptions.RequestException) as caught:
        VERBS[verb].call(client, folder)
    harmless(caught.value)
    assert caught.value.sent
    assert len(server.requests) == 1
    in_order(client, folder, server, verb)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if "silent" not in fault] + ["silent within the body"])
@pytest.mark.parametrize("verb", REPEATED)
def test_connection_that_fails_for_ever(verb, fault, connect, server, folder):
    client = connect(server.host, timeout=(10, 0.2) if "silent" in fault else None, retries=2)
    server.default = FAULTS[fault]
    with pytest.raises(requests.exceptions.RequestException) as caught:
        VERBS[verb].call(client, folder)
    harmless(caught.value)
    assert isinstance(caught.value, TransportException)
    until(lambda: len(server.requests) >= 3, 5)  # the client may have given up before the server has read what it sent
    assert len(server.requests) <= 10
    assert contents(folder) == {"target": b"old"}
    in_order(client, folder, server, verb)


@pytest.mark.parametrize("verb", list(VERBS))
def test_server_that_is_down_then_up(verb, start, connect, folder, naps):
    late = start(listening=False)
    client = connect(late.host)
    with pytest.raises(requests.exceptions.ConnectionError) as caught:
        VERBS[verb].call(client, folder)
    harmless(caught.value)
    assert not caught.value.sent
    assert contents(folder) == {"target": b"old"}
    naps.then = lambda: late.listen() if not late.threads else None
    in_order(client, folder, late, verb)
    assert len(late.requests) == 1


@pytest.mark.parametrize("verb", list(VERBS))
def test_idle_connection_that_was_closed(verb, client, server, folder):
    from .conftest import then_close

    server.script = [then_close(answer({}))]
    VERBS["async get" if verb.startswith("async") else "get"].call(client, folder)
    assert server.idle.wait(10)
    in_order(client, folder, server, verb)
    assert len(server.requests) == 2


LAST = {**LENGTH, "Connection": "close"}
GOOD = {
    "drip": raw(*[piece for byte in head(200, LAST) + BODY for piece in (bytes([byte]), 0.001)]),
    "gzip": answer(PACKED, headers={**JSON, "Content-Encoding": "gzip"}),
    "chunks": raw(
        head(200, {**CHUNKED, "Connection": "close"}),
        b"14\r\n" + BODY[:20],
        b"\r\n%x\r\n" % len(BODY[20:]),
        BODY[20:],
        b"\r\n0\r\n\r\n",
    ),
    "to the end of the connection": raw(head(200, JSON), BODY),
    "more than its length": raw(head(200, LAST), BODY + b"HTTP/1.1 500 of somebody else\r\n\r\n"),
    "after a 100": raw(b"HTTP/1.1 100 Continue\r\n\r\n", head(200, LAST), BODY),
}


@pytest.mark.parametrize(
    ("verb", "kind"),
    [
        (verb, kind)
        for verb in VERBS
        for kind in GOOD
        if not (verb.startswith("async") and kind == "more than its length")  # which aiohttp takes for an attack
    ],
)
def test_odd_but_whole_answer(verb, kind, client, server, folder):
    server.script = [GOOD[kind]]
    assert VERBS[verb].call(client, folder) == (ROW if VERBS[verb].decodes else BODY)
    assert len(server.requests) == 1
    in_order(client, folder, server, verb)


@pytest.mark.parametrize("body", ["<html>Log in to the Wi-Fi</html>", "", "[1, 2", b"\xff\xfe\x00", b"\x1f\x8b\x08"])
@pytest.mark.parametrize("verb", [name for name in VERBS if VERBS[name].decodes])
def test_answer_that_is_not_json(verb, body, client, server, folder):
    server.default = answer(body)
    with pytest.raises(ValueError, match="not JSON") as caught:
        VERBS[verb].call(client, folder)
    harmless(caught.value)
    assert len(server.requests) == 1
    in_order(client, folder, server, verb)


@pytest.mark.parametrize("verb", list(VERBS))
def test_answer_that_is_not_packed_as_it_says(verb, client, server, folder):
    server.default = answer(b"not packed at all", headers={"Content-Encoding": "gzip"})
    with pytest.raises(requests.exceptions.ContentDecodingError) as caught:
        VERBS[verb].call(client, folder)
    harmless(caught.value)
    assert len(server.requests) == (5 if VERBS[verb].repeats and verb not in ("download", "async download") else 1)
    in_order(client, folder, server, verb)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("verb", list(VERBS))
def test_redirect_to_another_host(verb, status, client, server, start, folder):
    other = start()
    other.default = answer(BODY, headers=JSON)
    server.default = answer(status=status, headers={"Location": f"http://localhost:{other.port}/else"})
    if VERBS[verb].follows:
        assert VERBS[verb].call(client, folder) == (ROW if VERBS[verb].decodes else BODY)
        assert [request.token for request in other.requests] == [None]
        return
    with pytest.raises(gazu.exception.HostException, match="/else") as caught:
        VERBS[verb].call(client, folder)
    harmless(caught.value)
    assert other.requests == []
    in_order(client, folder, server, verb)


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("verb", list(VERBS))
def test_redirect_of_the_same_method_within_the_origin(verb, status, client, server, folder):
    server.script = [answer(status=status, headers={"Location": f"{server.address}/zou/rows/"})]
    server.default = answer(BODY, headers=JSON)
    assert VERBS[verb].call(client, folder) == (ROW if VERBS[verb].decodes else BODY)
    first, second = server.requests
    assert (second.method, second.path, second.token) == (first.method, "/zou/rows/", SECRET)
    assert (second.body, second.length) == (first.body, first.length)


# -- statuses ------------------------------------------------------------------
BODIES = {"json": {"message": "this is why"}, "html": "<h1>Sorry</h1>", "empty": b""}
LATER = {
    "no": lambda now: {},
    "seconds": lambda now: {"Retry-After": "3"},
    "date": lambda now: {"Retry-After": formatdate(now + 3, usegmt=True)},
}


@pytest.mark.parametrize("later", list(LATER))
@pytest.mark.parametrize("body", list(BODIES))
@pytest.mark.parametrize("verb", list(VERBS))
def test_every_status_from_400_to_504(verb, body, later, client, server, folder, naps):
    for status in range(400, 505):
        client.retry_budget.left = 40
        del server.requests[:], naps[:]
        server.default = answer(BODIES[body], status, LATER[later](naps.now))
        again = status in TRANSIENT and VERBS[verb].repeats
        if again and later == "date":  # the clock goes on while we wait, so that the date is soon past
            server.default = answer(BODIES[body], status, {"Retry-After": formatdate(naps.now - 3, usegmt=True)})
        with pytest.raises(GazuException) as caught:
            VERBS[verb].call(client, folder)
        error = caught.value
        fallback = gazu.exception.ServerErrorException if status >= 500 else gazu.exception.RequestRefusedException
        assert type(error) is CLASSES.get(status, fallback)
        assert error.status_code == status
        assert ("this is why" in str(error)) is (body == "json")
        assert (f"{status}: Sorry" in str(error)) is (body == "html" and (status == 413 or status >= 500))
        harmless(error)
        assert len(server.requests) == (5 if again else 1)
        if again and later != "no":
            assert naps == [3.0 if later == "seconds" else 0.0] * 4
        else:
            assert len(naps) == (4 if again else 0)
        assert contents(folder) == {"target": b"old"}
    assert server.connections == 1
    in_order(client, folder, server, verb)


# -- Ctrl-C --------------------------------------------------------------------
def interrupting(*before):
    """Send *before*, then press Ctrl-C: the test waits for more in the main thread."""

    def act(exchange):
        for piece in before:
            exchange.send(piece)
        exchange.wait(0.1)
        os.kill(os.getpid(), signal.SIGINT)
        return hang(exchange)

    return act


@pytest.mark.skipif(os.name == "nt", reason="needs signals to a process of one's own")
@pytest.mark.parametrize("before", [(), (b"HTTP/1.1 200 OK\r\n",), (head(200, LENGTH),), (head(200, LENGTH), BODY[:9])])
@pytest.mark.parametrize("verb", list(VERBS))
def test_interrupt_while_waiting(verb, before, client, server, folder):
    assert threading.current_thread() is threading.main_thread()
    server.script = [interrupting(*before)]
    with pytest.raises(KeyboardInterrupt):
        VERBS[verb].call(client, folder)
    assert len(server.requests) == 1
    in_order(client, folder, server, verb)


#: Where the library is.
PACKAGE = os.path.dirname(gazu.__file__) + os.sep


class Interrupt:
    """Raise KeyboardInterrupt at the line of ours that is executed as the n-th."""

    def __init__(self, at):
        self.left = at

    def __enter__(self):
        sys.settrace(self.trace)
        return self

    def __exit__(self, *error):
        sys.settrace(None)

    def trace(self, frame, event, arg):
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        if frame.f_code.co_name in (
            "__exit__",
            "__del__",
        ):  # a second Ctrl-C, while the first is being cleaned up after
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self.trace


def interrupt(line, call):
    """Interrupt *call* at a line, and return how many lines of it were left.

    In a thread of its own: where tracing raises, Python may go on with an error as the one that it handles.
    """
    left = []

    def work():
        with Interrupt(line) as interruption, suppress(KeyboardInterrupt):
            call()
        left.append(interruption.left)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return left[0]


@pytest.fixture
def collected():
    """Collect after all other fixtures what a test leaves: it is warned of there, and not in another test."""
    yield
    gc.collect()


@pytest.mark.skipif(sys.gettrace() is not None, reason="something else traces the code")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of a file whose `finally` was hit
@pytest.mark.parametrize("verb", ["get", "post", "upload", "download"])
def test_interrupt_anywhere(collected, verb, client, server, folder):
    server.default = answer(BODY, headers=JSON)
    VERBS[verb].call(client, folder)  # the imports are not what is interrupted
    for line in range(1, 2000):
        (folder / "target").write_bytes(b"old")
        client.host = f"{server.host}/{line}"
        left = interrupt(line, lambda: VERBS[verb].call(client, folder))
        client.host = server.host
        assert contents(folder) in ({"target": b"old"}, {"target": BODY})
        if left > 0:
            break
        if line % 10 == 0:
            assert client.refresh_lock.acquire(timeout=5)
            client.refresh_lock.release()
            in_order(client, folder, server, verb)
    assert 20 < line < 1999
    paths = [request.path for request in server.requests if request.path != "/api/data/rows"]
    assert len(paths) == len(set(paths)) > 1
    in_order(client, folder, server, verb)
