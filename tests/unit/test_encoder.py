"""JSON as it is sent."""

import datetime
import json
import uuid

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


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x"])
def test_what_json_cannot_hold(value):
    with pytest.raises(TypeError):
        encode({"x": value})
