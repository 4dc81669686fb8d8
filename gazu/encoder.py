"""JSON as the server expects it."""

import json
from typing import Any, Iterable, Tuple


class CustomJSONEncoder(json.JSONEncoder):
    """Encode what JSON has no type for.

    Dates become their ISO format, datetimes with a time zone the same instant in UTC, as the server would cut the zone
    off. UUIDs become their text, scalars and arrays of numpy numbers and lists, NaT and NA of pandas null.
    """

    def default(self, obj: Any) -> Any:
        import datetime
        import uuid

        if type(obj).__name__ in ("NaTType", "NAType"):
            return None
        if isinstance(obj, datetime.datetime) and obj.tzinfo is not None:
            return obj.astimezone(datetime.timezone.utc).replace(tzinfo=None).isoformat()
        if isinstance(obj, (datetime.date, datetime.time)):
            return obj.isoformat()
        if isinstance(obj, uuid.UUID):
            return str(obj)
        kind = getattr(getattr(obj, "dtype", None), "kind", "")
        if kind and hasattr(obj, "tolist"):  # a scalar or an array of numpy, a column of pandas
            values = (obj.astype("datetime64[us]") if kind == "M" else obj).tolist()
            if kind == "M" and any(isinstance(one, int) for one in (values if isinstance(values, list) else [values])):
                raise OverflowError("numpy has numbers for what is not a date of Python")
            return values
        return super().default(obj)


_encode_ascii = CustomJSONEncoder(allow_nan=False).encode
_encode_unicode = CustomJSONEncoder(allow_nan=False, ensure_ascii=False).encode


def encode(data: Any, name: str = "") -> str:
    """Return *data* as JSON.

    Args:
        name: what *data* is called, for the error message.

    Raises:
        TypeError: a value, or a key, has a type that JSON does not have: a set, bytes, a path, ...
        ValueError: a number is NaN or infinite, a text is not valid Unicode, or a time has no date in UTC.
    """
    try:
        return _encode(data)
    except (TypeError, ValueError, OverflowError) as error:
        if "Circular" in str(error):
            raise
        place, reason = _explain(data, error)
        raise (TypeError if isinstance(error, TypeError) else ValueError)(
            f"{(name + place).lstrip('.') or 'the data'}: {reason}"
        ) from None


def _encode(data: Any) -> str:
    text = _encode_ascii(data)
    if "\\ud" in text:  # half a character, as in a file name that is not valid UTF-8, or a whole one such as an emoji
        _encode_unicode(data).encode()
    return text


def _explain(value: Any, error: Exception) -> Tuple[str, str]:
    """Return where in *value* is what JSON cannot hold, and what is wrong with it."""
    children: Iterable[Tuple[Any, Any]] = ()
    if isinstance(value, dict):
        wrong = [key for key in value if not isinstance(key, (str, int, float, bool, type(None)))]
        if wrong:
            return "", f"the key {wrong[0]!r:.80} is a {type(wrong[0]).__name__}: JSON needs text"
        children = ((f".{key}", child) for key, child in value.items())
    elif isinstance(value, (list, tuple)):
        children = ((f"[{number}]", child) for number, child in enumerate(value))
    elif hasattr(value, "dtype") and hasattr(value, "tolist") and isinstance(value.tolist(), list):
        return _explain(value.tolist(), error)
    for place, child in children:
        try:
            _encode(child)
        except (TypeError, ValueError, OverflowError) as inner:
            below, reason = _explain(child, inner)
            return place + below, reason
    return "", _reason(value, error)


def _reason(value: Any, error: Exception) -> str:
    """Return why JSON cannot hold a single value."""
    if isinstance(error, UnicodeEncodeError):
        return f"{value!a:.80} is not valid Unicode text"
    if isinstance(error, OverflowError):  # before the year 1, or after the year 9999
        return f"{value!s:.80} has no date in UTC"
    if isinstance(error, ValueError):
        return f"{value!r:.80} is not a number that JSON has: pass None for no value"
    return f"{value!r:.80} is a {type(value).__name__}, which JSON cannot hold: pass text, a number, a list or a dict"
