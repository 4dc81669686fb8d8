"""JSON of the server, and the garbage collector while much of it is decoded."""

import gc
import json
import tracemalloc
from types import SimpleNamespace
from typing import Any, Iterator, List

import pytest

from gazu._http import decoding
from gazu._http.decoding import GC_PAUSE_BYTES, decode_error, decode_json
from gazu._http.messages import Request, Response
from gazu._http.protocol import error_of, unexpected

from ..leaks import leaks

REQUEST = Request("GET", "data/x", "http://kitsu/api/data/x")
ROWS = [{"id": str(number), "data": {}} for number in range(GC_PAUSE_BYTES // 16)]
LARGE = json.dumps(ROWS).encode()


def decode(content: bytes, status: int = 200) -> Any:
    return decode_json(Response(status, content, SimpleNamespace(headers={})), REQUEST)


@pytest.fixture
def collections() -> Iterator[List[str]]:
    """The collections that the test has seen."""
    seen: List[str] = []

    def note(phase: str, info: Any) -> None:
        seen.append(phase)

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)
    gc.enable()


def test_the_collector_is_paused_for_a_large_body(collections: List[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_loads", json.loads)
    enabled: List[bool] = []

    def loads(content: bytes) -> Any:
        enabled.append(gc.isenabled())
        collections.clear()
        decoded = json.loads(content)
        assert collections == []
        return decoded

    monkeypatch.setattr(decoding, "_loads", loads)
    assert len(LARGE) > GC_PAUSE_BYTES and decode(LARGE) == ROWS
    assert enabled == [False] and gc.isenabled()


def test_the_bytes_are_let_go_before_they_become_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    """The body, and the text that json makes of it, would both be there with the objects."""
    monkeypatch.setattr(decoding, "_loads", json.loads)
    kept: List[bytes] = []
    rows = [str(number) * 1000 for number in range(1000)]
    tracemalloc.start()
    try:
        response = Response(200, json.dumps(rows).encode(), SimpleNamespace(headers={}, keep_content=kept.append))
        size = len(response.content)
        before = tracemalloc.get_traced_memory()[0]
        assert size < before < 1.1 * size
        assert decode_json(response, REQUEST) == rows
        assert 2 * size < tracemalloc.get_traced_memory()[1] < 2.5 * size
    finally:
        tracemalloc.stop()
    assert kept == [b""]


def test_the_collector_runs_for_a_small_body(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_loads", lambda content: gc.isenabled())
    assert decode(b"1" * (GC_PAUSE_BYTES - 1)) is True
    assert decode(b"1" * GC_PAUSE_BYTES) is False


def test_the_collector_is_back_after_an_error() -> None:
    with pytest.raises(ValueError, match="is not JSON"):
        decode(b"[" + b" " * GC_PAUSE_BYTES)
    assert gc.isenabled()


def test_a_collector_that_is_disabled_stays_so() -> None:
    gc.disable()
    try:
        assert decode(b" " * GC_PAUSE_BYTES + b"[1]") == [1]
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_a_program_froze_stays_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = gc.get_freeze_count()
    decode(LARGE)
    assert gc.get_freeze_count() == frozen


def test_no_body() -> None:
    assert decode(b"", 204) is None
    with pytest.raises(ValueError, match="is not JSON"):
        decode(b"")


# -- what is shown of a response that cannot be decoded ------------------------------
@pytest.mark.parametrize(
    "content",
    [
        b'{"access_token": "half-a-secret',
        b' \r\n[{"token": "half-a-secret',
        b'"half-a-secret',
        b'\xef\xbb\xbf{"access_token": "half-a-secret',
    ],
)
def test_half_a_token_is_not_shown(content: bytes) -> None:
    with pytest.raises(ValueError, match="is not JSON") as caught:
        decode(content)
    assert leaks(caught.value, ["half-a-secret"]) == []
    error = error_of(Response(502, content, SimpleNamespace(headers={})), REQUEST)
    assert error is not None and leaks(error, ["half-a-secret"]) == []
    assert repr(error.body) == "'***'"


def test_a_web_page_is_shown() -> None:
    with pytest.raises(ValueError, match="is not JSON.*starts with '<html>Log in to the Wi-Fi"):
        decode(b"<html>Log in to the Wi-Fi</html>")


@pytest.mark.parametrize("status", [200, 500])
def test_tokens_of_any_response_hide(status: int) -> None:
    content = b'{"access_token": "the-secret", "name": "bot"}'
    response = Response(status, content, SimpleNamespace(headers={}))
    row = decode(content) if status == 200 else decode_error(response)
    assert row == {"access_token": "the-secret", "name": "bot"}
    assert "the-secret" not in repr(row) + repr(response) and "bot" in repr(row)


def test_values_of_a_response_of_another_shape_are_not_shown() -> None:
    for answer in ({"token": "the-secret"}, ["the-secret"], "the-secret"):
        assert "the-secret" not in str(unexpected("data/x", answer, "a list of records"))
