"""Many transfers in one call, on real sockets."""

import logging
import multiprocessing
import os
import signal
import threading
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor

import pytest

import gazu
from gazu import client as raw_client
from gazu.exception import RouteNotFoundException, ServerErrorException

from .conftest import answer, head, raw, reset

IDS = [f"0b5e4a30-5f1a-4c5e-9d52-{number:012d}" for number in range(30)]
PICTURE = b"picture of "


def picture(exchange):
    answer(PICTURE + exchange.request.path.encode(), kind="image/png")(exchange)


def place(identifier):
    return f"/api/pictures/thumbnails/preview-files/{identifier}.png"


@pytest.fixture
def items(tmp_path):
    folder = tmp_path / "thumbnails"
    folder.mkdir()
    return [(identifier, str(folder / (identifier + ".png"))) for identifier in IDS]


def files(items):
    folder = os.path.dirname(items[0][1])
    found = {}
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as file:
            found[name] = file.read()
    return found


def whole(items):
    return {name + ".png": PICTURE + place(name).encode() for name, _ in items}


def fetch(client, items, **options):
    return gazu.parallel.call_many(gazu.files.download_preview_file_thumbnail, items, client=client, **options)


def test_thumbnails(client, server, items):
    server.default = picture
    outcomes = fetch(client, items)
    assert [outcome.item for outcome in outcomes] == items
    assert all(outcome.error is None and outcome.result.status_code == 200 for outcome in outcomes)
    assert files(items) == whole(items)
    assert 1 < server.connections <= 8


def test_connections_are_enough(client, server, items, caplog):
    """A pool that is too small throws connections away after use, and says so."""
    server.default = picture
    together = threading.Barrier(30)

    def all_at_once(exchange):
        together.wait(20)
        picture(exchange)

    server.script = [all_at_once] * 30
    with caplog.at_level(logging.WARNING):
        fetch(client, items, workers=30)
        fetch(client, items, workers=30)
    # Not of others: the connection of an event stream that another test left may end at any time.
    of_pool = [record for record in caplog.records if record.name.startswith("urllib3")]
    assert server.connections == 30 and not of_pool


def test_items_that_fail(client, server, items):
    bad = {place(IDS[3]): answer({"message": "gone"}, 404), place(IDS[9]): answer("<h1>no</h1>", 500)}
    cut = raw(head(200, {"Content-Length": 1000}), PICTURE)

    def some(exchange):
        path = exchange.request.path
        return cut(exchange) if path == place(IDS[5]) else bad.get(path, picture)(exchange)

    server.default = some
    outcomes = fetch(client, items)
    errors = {outcome.item[0]: type(outcome.error) for outcome in outcomes if outcome.error}
    assert errors.pop(IDS[5]).__name__ == "BodyCut"
    assert errors == {IDS[3]: RouteNotFoundException, IDS[9]: ServerErrorException}
    assert files(items) == whole(items[number] for number in range(30) if number not in (3, 5, 9))


def test_wrong_arguments_are_outcomes_too(client, server, items):
    server.default = picture
    outcomes = fetch(client, [("no id", items[0][1]), items[1], (IDS[2],), (IDS[3], "/no/such/folder/x")])
    assert [type(outcome.error) for outcome in outcomes] == [ValueError, type(None), TypeError, FileNotFoundError]
    assert len(server.requests) == 1


def test_busy_server_is_waited_for(client, server, items, naps):
    server.default = picture
    server.script = [
        answer({}, 503, headers={"Retry-After": "7"}),
        reset,
        answer({}, 429, headers={"Retry-After": "2"}),
    ]
    outcomes = fetch(client, items)
    assert not any(outcome.error for outcome in outcomes)
    assert files(items) == whole(items)
    assert {7.0, 2.0} <= set(naps) and len(server.requests) == 33


def test_progress_that_raises(client, server, items):
    server.default = picture

    def stop(done, total):
        assert total == 30
        if done == 4:
            raise RuntimeError("closed by the user")

    with pytest.raises(RuntimeError, match="closed"):
        fetch(client, items, workers=3, progress_callback=stop)
    kept = files(items)
    assert 4 <= len(kept) <= 9 and len(server.requests) == len(kept)
    assert kept.items() <= whole(items).items(), "whole files only, and no temporary ones"


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
def test_interrupt(client, server, items):
    """Ctrl-C comes while a file is half-way: it is finished, and no other begins."""
    half = threading.Event()

    def interrupting(exchange):
        if exchange.request.path == place(IDS[5]):
            content = PICTURE + exchange.request.path.encode()
            exchange.send(head(200, {"Content-Length": len(content)}) + content[:5])
            os.kill(os.getpid(), signal.SIGINT)
            half.wait(0.2)
            exchange.send(content[5:])
        else:
            picture(exchange)

    server.default = interrupting
    with pytest.raises(KeyboardInterrupt):
        fetch(client, items, workers=2)
    kept = files(items)
    assert IDS[5] + ".png" in kept and kept.items() <= whole(items).items()
    assert len(server.requests) == len(kept) < 20
    server.default = picture
    assert not any(outcome.error for outcome in fetch(client, items)), "and the client can go on"


def test_uploads(client, server, tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(5)]
    for path in paths[:4]:
        path.write_bytes(path.name.encode() * 1000)
    server.default = lambda exchange: answer({"id": exchange.request.path.split("/")[-1]})(exchange)
    progress = []
    outcomes = gazu.parallel.call_many(
        gazu.task.upload_preview_file,
        zip(IDS, paths),
        progress_callback=lambda *numbers: progress.append(numbers),
        client=client,
    )
    assert [outcome.result and outcome.result["id"] for outcome in outcomes] == [*IDS[:4], None]
    assert isinstance(outcomes[4].error, FileNotFoundError)
    assert progress == [(number, 5) for number in range(1, 6)]
    sent = {request.path.split("/")[-1]: request.body for request in server.requests}
    assert all(path.name.encode() * 1000 in sent[identifier] for identifier, path in zip(IDS[:4], paths))


def test_processes(client, server, items):
    server.default = lambda exchange: (
        answer({}, 404)(exchange) if exchange.request.path == place(IDS[1]) else picture(exchange)
    )
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        outcomes = fetch(client, items[:8], executor=executor)
        more = gazu.parallel.call_many(
            raw_client.download, [("a", items[8][1])], executor=executor, client=client, workers=1
        )
    assert [type(outcome.error) for outcome in outcomes] == [
        RouteNotFoundException if n == 1 else type(None) for n in range(8)
    ]
    assert outcomes[1].error.status_code == 404
    assert outcomes[0].result.status_code == more[0].result.status_code == 200
    assert len(files(items)) == 8
    assert {request.token for request in server.requests} == {"access-token-1"}


def test_processes_share_a_client_among_their_items(client, server, items):
    """Each process opens a connection, and renews the token, for itself and not for each item."""
    old = client.access_token

    def expiring(exchange):
        if exchange.request.path.endswith("refresh-token"):
            answer({"access_token": "new"})(exchange)
        elif exchange.request.token == old:
            answer({"message": "Signature has expired"}, 401)(exchange)
        else:
            picture(exchange)

    server.default = expiring
    client.tokens["refresh_token"] = "refresh-token-1"
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        outcomes = fetch(client, items, executor=executor)
    assert not any(outcome.error for outcome in outcomes)
    assert files(items) == whole(items)
    refreshes = [request for request in server.requests if request.path.endswith("refresh-token")]
    assert 1 <= len(refreshes) <= 2 and 1 <= server.connections <= 2
    assert client.access_token == old, "what a process has renewed stays there"


def die(identifier, path, client):
    if identifier == IDS[10]:
        os.kill(os.getpid(), signal.SIGKILL)
    return gazu.files.download_preview_file_thumbnail(identifier, path, client=client)


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
def test_process_that_dies(client, server, items):
    server.default = picture
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        outcomes = gazu.parallel.call_many(die, items, workers=2, executor=executor, client=client)
    assert [outcome.item for outcome in outcomes] == items
    assert all(isinstance(outcome.error, (type(None), BrokenExecutor)) for outcome in outcomes)
    done = [outcome.item for outcome in outcomes if not outcome.error]
    assert len(set(items[:10]) & set(done)) >= 9, "one may have been on its way in the other process"
    assert isinstance(outcomes[10].error, BrokenExecutor) and isinstance(outcomes[29].error, BrokenExecutor)
    assert whole(done).items() <= files(items).items() <= whole(items).items()
