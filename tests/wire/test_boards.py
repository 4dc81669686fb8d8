"""Boards that come row by row."""

import json
import tempfile
import tracemalloc

import pytest

import gazu
from gazu.exception import NotAllowedException, TransportException

from .conftest import answer, head, raw

PROJECT = "11111111-1111-4111-8111-111111111111"
ROWS = [{"id": str(number), "name": f"SH{number:03}", "tasks": []} for number in range(200)]
LINES = [json.dumps(row).encode() + b"\n" for row in [{"compact": False}, *ROWS]]
ETAG = {"ETag": '"v1"', "Transfer-Encoding": "chunked"}


def chunks(lines, end=b"0\r\n\r\n"):
    """Send lines as the server does, and *end* the response."""
    return raw(head(200, ETAG), *(b"%x\r\n%s\r\n" % (len(line), line) for line in lines), end)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where temporary files go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(("module", "kind"), [(gazu.shot, "shots"), (gazu.asset, "assets")])
def test_rows_come_one_by_one(module, kind, client, server, folder):
    server.default = chunks(LINES)
    rows = getattr(module, f"all_{kind}_with_tasks")({"id": PROJECT}, stream=True, client=client)
    assert server.calls == []  # it is requested with the first row
    assert next(rows) == ROWS[0]
    assert list(folder.iterdir())
    assert list(rows) == ROWS[1:]
    assert server.calls == [f"GET /api/data/{kind}/with-tasks?project_id={PROJECT}&stream=true"]
    assert list(folder.iterdir()) == []


def test_what_is_not_read_to_the_end_leaves_no_file(client, server, folder):
    server.default = chunks(LINES)
    rows = gazu.shot.all_shots_with_tasks(PROJECT, stream=True, client=client)
    next(rows)
    rows.close()
    assert list(folder.iterdir()) == []


def test_a_server_that_does_not_stream_sends_a_list(client, server):
    server.default = answer(ROWS)
    assert list(gazu.shot.all_shots_with_tasks(PROJECT, stream=True, client=client)) == ROWS


def test_a_stream_that_is_cut_is_requested_again(client, server, naps):
    server.script = [chunks(LINES[:50], b""), chunks(LINES)]
    assert list(gazu.shot.all_shots_with_tasks(PROJECT, stream=True, client=client)) == ROWS
    assert len(server.calls) == 2


def test_no_row_of_a_stream_that_stays_cut(client, server, folder, naps):
    server.default = chunks(LINES[:50], b"")
    rows = gazu.shot.all_shots_with_tasks(PROJECT, stream=True, client=client)
    with pytest.raises(TransportException):
        next(rows)
    assert list(folder.iterdir()) == []


def test_a_refusal_is_an_error(client, server):
    server.default = answer({"message": "no"}, 403)
    with pytest.raises(NotAllowedException, match="GET data/shots/with-tasks"):
        next(gazu.shot.all_shots_with_tasks(PROJECT, stream=True, client=client))


def large(row):
    """Return the chunks of a board of 20,000 rows, without holding them all."""
    thousand = b"%x\r\n%s\r\n" % (len(row) * 1000, row * 1000)
    first = b"%x\r\n%s\r\n" % (len(LINES[0]), LINES[0])
    return [first, *[thousand] * 20, b"0\r\n\r\n"]


def test_memory_of_a_large_board(client, server):
    row = json.dumps({"id": "1", "name": "SH001", "description": "x" * 1000, "tasks": []}).encode() + b"\n"
    server.default = raw(head(200, ETAG), *large(row))
    assert sum(1 for _ in gazu.shot.all_shots_with_tasks(PROJECT, stream=True, client=client)) == 20_000
    tracemalloc.start()
    try:
        count = sum(1 for _ in gazu.shot.all_shots_with_tasks(PROJECT, stream=True, client=client))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert peak < 8 * 1024 * 1024  # of 20 MiB
