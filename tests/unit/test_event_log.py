"""All events of the server's log, from servers of every age."""

import datetime
import itertools
from types import SimpleNamespace
from typing import Any, Dict, List, Optional

import pytest

from gazu import sync
from gazu.client import KitsuClient
from gazu.events.log import LogReader
from gazu.exception import ServerErrorException
from gazu.sync import event_log

START = datetime.datetime(2026, 11, 25, 12)


class Log:
    """A log of events, as Zou answers for it: each version knows other parameters."""

    def __init__(self, count: int, per_second: int, version: str) -> None:
        self.events = [
            {
                "id": f"{number:05d}",
                "name": "task:new" if number % 3 == 0 else "asset:new",
                "created_at": (START + datetime.timedelta(seconds=number // per_second)).isoformat(),
                "moment": number / per_second,
            }
            for number in reversed(range(count))
        ]
        self.version = version
        self.requests: List[Dict[str, Any]] = []

    def answer(self, path: str, params: Dict[str, Any], client: Any) -> List[Dict[str, Any]]:
        assert path == "events/last"
        self.requests.append(dict(params))
        assert len(self.requests) < 200, "it never ends"
        found = self.events
        before: Optional[str] = params.get("before")
        if before:
            found = [
                one
                for one in found
                if one["moment"] < (datetime.datetime.fromisoformat(before) - START).total_seconds()
            ]
        if "name" in params and self.version != "0.17":
            found = [one for one in found if one["name"] == params["name"]]
        if self.version == "1.0.97":
            if params.get("cursor_event_id"):
                found = [one for one in found if one["id"] < params["cursor_event_id"]]
            return found[: min(params["limit"], 1000)]
        return found[: params.get("limit" if self.version == "0.20" else "page_size", 100)]


VERSIONS = ("0.17", "0.19", "0.20", "1.0.97")


@pytest.fixture
def log(request: Any, monkeypatch: Any) -> Any:
    def make(count: int, per_second: int, version: str) -> Log:
        made = Log(count, per_second, version)
        monkeypatch.setattr(event_log.raw, "fetch_all", made.answer)
        return made

    return make


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("per_second", [1, 50, 3000])
def test_the_last_events_of_any_server(log: Any, version: str, per_second: int) -> None:
    counts, limits, names = [0, 5, 99, 100, 101, 999, 1000, 1001, 4741], [5, 100, 1000, 20000], [None, "task:new", "no"]
    for count, limit, name in itertools.product(counts, limits, names):
        made = log(count, per_second, version)
        events = sync.get_last_events(limit, name=name, client=KitsuClient("http://127.0.0.1:1/api"))
        wanted = [one["id"] for one in made.events if name in (None, one["name"])][:limit]
        assert [event["id"] for event in events] == wanted, (count, limit, name)


def test_the_newest_server_gets_no_more_requests_than_it_has_pages(log: Any) -> None:
    made = log(2500, 5, "1.0.97")
    assert len(sync.get_last_events(client=SimpleNamespace(host=""))) == 2500
    assert made.requests == [
        {"limit": 20000, "only_files": False},
        {"limit": 19000, "only_files": False, "cursor_event_id": "01500"},
        {"limit": 18000, "only_files": False, "cursor_event_id": "00500"},
    ]


def test_a_server_that_repeats_a_page_ends_the_list(monkeypatch: Any) -> None:
    page = [{"id": str(number), "name": "x", "created_at": "2026-11-25T12:00:00"} for number in range(1000)]
    monkeypatch.setattr(event_log.raw, "fetch_all", lambda *arguments, **more: page)
    assert len(sync.get_last_events()) == 1000


def test_the_ends_of_the_calendar(monkeypatch: Any) -> None:
    assert event_log.shift_date("9999-12-31T23:59:59", 1) == "9999-12-31T23:59:59"
    assert event_log.shift_date("0001-01-01T00:00:00", -1) == "0001-01-01T00:00:00"
    for date in ("9999-12-31T23:59:59", "0001-01-01T00:00:00"):
        page = [{"id": "1", "name": "x", "created_at": date}]
        monkeypatch.setattr(event_log.raw, "fetch_all", lambda *arguments, answer=page, **more: answer)
        with pytest.raises(ServerErrorException, match="the event 1 has no valid date"):
            LogReader(KitsuClient("http://127.0.0.1:1/api"), None).page()
