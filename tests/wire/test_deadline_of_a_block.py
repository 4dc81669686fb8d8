"""A block of calls that has to end in a number of seconds, whatever it calls; all is done on real sockets."""

import threading
import time

import pytest

import gazu
from gazu import aio, files, parallel
from gazu import client as raw_client
from gazu._http import async_session, failures

from .awaiting import awaiting
from .conftest import answer, head
from .test_bounds import real_time  # noqa: F401  # a fixture

TASK, STATUS = "a0000000-0000-4000-8000-000000000001", "b0000000-0000-4000-8000-000000000001"
pytestmark = pytest.mark.usefixtures("real_time")


def late(body, seconds=0.15):
    """Respond after a while, that is within all limits of a request."""

    def act(exchange):
        exchange.wait(seconds)
        return answer(body)(exchange)

    return act


def silent(exchange):
    exchange.server.stopping.wait(60)
    return "close"


def test_a_block_ends_though_each_request_is_in_time(server, client):
    server.default = late({"id": "1"})
    with pytest.raises(failures.DeadlinePassed, match="GET data/rows/1: .* by its deadline, after 0.5 s"):
        with gazu.deadline(0.5):
            for _ in range(100):
                raw_client.fetch_one("rows", "1", client=client)
    assert 1 <= len(server.requests) <= 5
    assert raw_client.fetch_one("rows", "1", client=client) == {"id": "1"}  # it holds for the block only


def test_a_block_of_coroutines_ends(server, client):
    server.default = late({"id": "1"})
    twin = awaiting.twin(client)

    async def many():
        with gazu.deadline(0.5):
            for _ in range(100):
                await aio.fetch_one("rows", "1", client=twin)

    with pytest.raises(async_session.DeadlinePassed, match="by its deadline, after 0.5 s"):
        awaiting.run(many())
    assert 1 <= len(server.requests) <= 5
    assert awaiting.run(aio.fetch_one("rows", "1", client=twin)) == {"id": "1"}


def test_tasks_have_blocks_of_their_own(server, client):
    import asyncio

    server.default = late({"id": "1"}, 0.4)
    twin = awaiting.twin(client)

    async def one(seconds):
        with gazu.deadline(seconds):
            return await aio.fetch_one("rows", "1", client=twin)

    async def both():
        return await asyncio.gather(one(0.1), one(30), return_exceptions=True)

    first, second = awaiting.run(both())
    assert isinstance(first, failures.DeadlinePassed) and second == {"id": "1"}


def drip(exchange):
    exchange.send(head(200, {"Content-Length": 10**6}))
    while not exchange.server.stopping.is_set():
        exchange.send(b"x")
        exchange.wait(0.05)


@pytest.mark.parametrize(
    "call",
    [
        lambda client, path: raw_client.download("data/file", str(path / "target"), client=client),
        lambda client, path: awaiting.run(
            aio.download("data/file", str(path / "target"), client=awaiting.twin(client))
        ),
        lambda client, path: raw_client.upload("data/file", str(path / "source"), client=client),
        lambda client, path: awaiting.run(
            aio.call(raw_client.upload, "data/file", str(path / "source"), client=awaiting.twin(client))
        ),
    ],
    ids=["download", "aio.download", "upload", "aio.call of upload"],
)
def test_transfers(call, server, client, tmp_path):
    server.default = drip
    (tmp_path / "source").write_bytes(b"x")
    with gazu.deadline(0.4), pytest.raises(failures.DeadlinePassed):
        call(client, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["source"] and len(server.requests) == 1


def page(exchange):
    number = int(exchange.request.query.replace("page=", ""))
    return late({"data": [{"id": str(number)}], "nb_pages": 1000, "total": 1000})(exchange)


def test_threads_of_ours_are_in_the_block(server, client, tmp_path):
    server.default = page
    with gazu.deadline(0.5), pytest.raises(failures.DeadlinePassed):
        raw_client.fetch_all("rows", paginated=True, client=client)
    server.default = drip
    with gazu.deadline(0.4):
        targets = [("00000000-0000-4000-8000-00000000000" + name, str(tmp_path / name)) for name in "12"]
        outcomes = parallel.call_many(files.download_preview_file, targets, workers=2, client=client)
    assert [type(outcome.error) for outcome in outcomes] == [failures.DeadlinePassed] * 2
    assert list(tmp_path.iterdir()) == []


def test_other_threads_are_not(server, client):
    server.default = late({"id": "1"})
    found = []
    with gazu.deadline(0.01):
        thread = threading.Thread(target=lambda: found.append(raw_client.fetch_one("rows", "1", client=client)))
        thread.start()
        thread.join()
        outcomes = parallel.call_many(raw_client.fetch_one, [("rows", "1")], 1, client=client)
    assert found == [{"id": "1"}] and isinstance(outcomes[0].error, failures.DeadlinePassed)


def test_the_earliest_holds(server, client):
    server.default = silent
    with gazu.deadline(0.2), gazu.deadline(60), pytest.raises(failures.DeadlinePassed, match="after 0.2 s"):
        raw_client.get("data/rows", client=client)
    with gazu.deadline(60), gazu.deadline(0.2), pytest.raises(failures.DeadlinePassed, match="after 0.2 s"):
        raw_client.get("data/rows", client=client)
    client.deadline = 0.3
    with gazu.deadline(60), pytest.raises(failures.DeadlinePassed, match="after 0.3 s"):
        raw_client.get("data/rows", client=client)
    client.deadline = 60
    with gazu.deadline(0.2), pytest.raises(failures.DeadlinePassed, match="after 0.2 s"):
        raw_client.get("data/rows", client=client)


@pytest.mark.parametrize("seconds", [0, -1, "5", None, float("inf"), float("nan")])
def test_what_is_no_number_of_seconds(seconds):
    with pytest.raises(ValueError, match="seconds: expected seconds, got"):
        with gazu.deadline(seconds):
            pass


def test_what_is_not_sent_is_not_in_doubt(server, client):
    """The time had run out before the request: the server cannot have done it."""
    with gazu.deadline(0.01):
        time.sleep(0.05)
        with pytest.raises(failures.DeadlinePassed) as caught:
            gazu.task.add_comment(TASK, STATUS, "text", client=client)
    assert caught.value.sent is False and server.requests == []
    server.default = silent
    with gazu.deadline(0.3), pytest.raises(failures.DeadlinePassed) as caught:
        raw_client.post("actions/x", {}, client=client)
    assert caught.value.sent is True


def test_a_publication_says_what_exists(server, client, tmp_path):
    """The comment is there; the deadline passes in the next request."""
    comment = {"id": "c0000000-0000-4000-8000-000000000001", "text": "v3", "previews": [], "task_status_id": STATUS}

    def act(exchange):
        if exchange.request.path.endswith("/comment"):
            return answer(comment, 201)(exchange)
        return silent(exchange) if "/comments/" in exchange.request.path else answer([])(exchange)

    server.default = act
    (tmp_path / "v3.png").write_bytes(b"x")
    with gazu.deadline(1), pytest.raises(failures.DeadlinePassed) as caught:
        gazu.task.publish_preview(TASK, STATUS, "v3", preview_file_path=str(tmp_path / "v3.png"), client=client)
    assert caught.value.comment["id"] == comment["id"] and "exists" in str(caught.value)


def test_waiting_for_a_preview_file(server, client):
    """The waits between requests end with the block, too."""
    server.default = answer({"id": "1", "status": "processing"})
    with gazu.deadline(0.3), pytest.raises(failures.DeadlinePassed):
        files.wait_for_preview_file(TASK, timeout=10**6, poll_interval=10**6, client=client)
    assert len(server.requests) == 1
