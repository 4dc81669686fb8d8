"""JSON as it is sent."""

import datetime
import json
import uuid
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from gazu.encoder import CustomJSONEncoder, encode


def test_dates_and_ids():
    number = uuid.UUID(int=1)
    data = {"a": datetime.datetime(2024, 1, 2, 3, 4, 5), "b": datetime.date(2024, 1, 2), "c": [number]}
    assert json.loads(encode(data)) == {"a": "2024-01-02T03:04:05", "b": "2024-01-02", "c": [str(number)]}
    assert json.dumps(data, cls=CustomJSONEncoder) == encode(data)
    assert encode(datetime.time(1, 2)) == '"01:02:00"'


def test_text_is_ascii():
    assert encode("caf\u00e9") == '"caf\\u00e9"'


def test_time_with_a_zone_is_sent_in_utc():
    zone = datetime.timezone(datetime.timedelta(hours=2))
    time = datetime.datetime(2026, 11, 20, 1, 30, 0, 5, tzinfo=zone)
    assert json.loads(encode({"due_date": time})) == {"due_date": "2026-11-19T23:30:00.000005"}


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x", Path("x"), Decimal("1.5"), 1j])
def test_what_json_cannot_hold(value):
    with pytest.raises(TypeError, match=f"^data.x.1..y: .*{type(value).__name__}"):
        encode({"id": "a", "data": {"x": [1, {"y": value}]}})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize(
    "wrap, place",
    [
        (lambda value: {"data": {"metrics": [1, 2, value]}}, "data.metrics[2]"),
        (lambda value: [{"a": 1}, {"a": (value,)}], "[1].a[0]"),
        (lambda value: value, "the data"),
    ],
)
def test_numbers_that_json_does_not_have(wrap, place, value):
    with pytest.raises(ValueError) as caught:
        encode(wrap(value))
    assert str(caught.value).startswith(f"{place}: {value!r} is not a number")


def test_keys_that_json_does_not_have():
    with pytest.raises(TypeError, match="^data: the key \\(1, 2\\) is a tuple"):
        encode({"data": {(1, 2): 3}})


def test_text_that_is_no_unicode():
    assert json.loads(encode({"name": "\U0001f600"})) == {"name": "\U0001f600"}
    with pytest.raises(ValueError, match="^data.path: .*caf.udce9.* is not valid Unicode"):
        encode({"data": {"path": "caf\udce9"}})
    with pytest.raises(ValueError, match="^links.0.: "):
        encode(["\ud800"], "links")


def test_circle_ends():
    circle = {}
    circle["data"] = [circle]
    with pytest.raises(ValueError, match="Circular"):
        encode(circle)


class Scalar:
    """A number as numpy has it: with a type, and a way to Python."""

    def __init__(self, value, kind="i"):
        self.value, self.dtype = value, SimpleNamespace(kind=kind)

    def tolist(self):
        return self.value

    def astype(self, name):
        assert (self.dtype.kind, name) == ("M", "datetime64[us]")
        return Scalar(datetime.datetime(2026, 1, 2))


def test_scalars_and_arrays_of_numpy():
    data = {"frames": Scalar(48), "metrics": Scalar([1.5, 2.5], "f"), "at": Scalar(1767312000000000000, "M")}
    assert json.loads(encode(data)) == {"frames": 48, "metrics": [1.5, 2.5], "at": "2026-01-02T00:00:00"}
    with pytest.raises(ValueError, match="^metrics.1.: nan"):
        encode({"metrics": Scalar([1.5, float("nan")], "f")})


def test_missing_values_of_pandas_are_null():
    missing = [type(name, (), {})() for name in ("NaTType", "NAType")]
    assert encode(missing) == "[null, null]"


@pytest.mark.parametrize(
    "time",
    [
        datetime.datetime(9999, 12, 31, 23, tzinfo=datetime.timezone(datetime.timedelta(hours=-5))),
        datetime.datetime(1, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=5))),
    ],
)
def test_times_outside_of_the_calendar(time):
    """In UTC, they are in a year that Python does not have."""
    with pytest.raises(ValueError, match=r"^data.x\[1\].due: .* has no date in UTC"):
        encode({"data": {"x": [1, {"due": time}]}})
    naive = time.replace(tzinfo=None)
    assert json.loads(encode({"due": naive})) == {"due": naive.isoformat()}
