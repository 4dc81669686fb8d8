"""Conditions on the value of a column: what a filter of a query may hold in the place of a value.

Records without a value (None) match `is_none` and `not_(...)`, and no other operator. Letter case counts. Times are
UTC, as the server writes them: a datetime with a time zone is converted, one without is UTC, and a day (a date, or
`YYYY-MM-DD`) is the whole of this day in UTC.
"""

import datetime
import re
from numbers import Real
from typing import Any, ClassVar, FrozenSet, Iterable, List, Mapping, NamedTuple, Optional, Pattern, Tuple, Union
from uuid import UUID

from ..helpers import composed, id_of, parse_datetime, validate_date_format
from ..models import Date, Ref
from ..names import UUID_PATTERN

#: What `at_least`, `at_most` and `between` compare.
Comparable = Union[float, Date]

_DAY = datetime.timedelta(days=1)
_TICK = datetime.timedelta(microseconds=1)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(\.\d{1,6})?)?", re.ASCII)


class CannotCompare(ValueError):
    """An operator does not apply to such a value."""


class Operator:
    """A condition on the value of a column, as the functions of this module make it."""

    #: The name of the function that makes it.
    word: str = ""
    #: Whether records without a value match.
    matches_none: bool = False

    def __init__(self, *arguments: Any) -> None:
        self.arguments: Tuple[Any, ...] = arguments

    def __repr__(self) -> str:
        return f"{self.word}({', '.join(map(repr, self.arguments))})"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__: "ClassVar[None]" = None  # type: ignore[assignment]  # its arguments may be records

    def matches_any(self, values: List[Any]) -> bool:
        """Return whether one of these values, which one record has behind a dotted name, meets the condition."""
        return any(self.test(value) for value in values)

    def test(self, value: Any) -> bool:
        """Return whether a value meets the condition.

        Raises:
            CannotCompare: the operator does not apply to it.
        """
        raise NotImplementedError


# -- equality ----------------------------------------------------------------------
class Equals(Operator):
    """The value itself, or for a list one of its items. A day equals each time of this day."""

    def __init__(self, value: Any) -> None:
        value = value.item() if hasattr(value, "item") else value  # a number of numpy
        if not isinstance(value, (str, Real, datetime.date, Mapping, UUID)) or value != value:
            raise ValueError(f"filters: expected a value, a record, a list of them or an operator, got {value!r:.200}")
        self.value: Any = id_of(value) if isinstance(value, (Mapping, UUID)) else value
        super().__init__(self.value)
        self.is_id: bool = value is not self.value or (isinstance(value, str) and bool(UUID_PATTERN.fullmatch(value)))
        self.moment: Optional[_Span] = _moment_or_none(self.value)

    def __repr__(self) -> str:
        return repr(self.value)

    def test(self, value: Any) -> bool:
        if isinstance(value, list):
            return any(self.test(one) for one in value)
        if isinstance(value, Mapping):  # a record in the place of its id
            value = value.get("id")
        if isinstance(value, str) and isinstance(self.value, str) and self.same_text(value):
            return True
        if self.moment is None or not isinstance(value, str):
            return bool(value == self.value)
        moment = _moment_of_text(value)
        return moment is not None and self.moment.first <= moment.first <= self.moment.last

    def same_text(self, text: str) -> bool:
        """Return whether a text is the same; the case of ids does not matter."""
        return composed(text) == composed(self.value) or (self.is_id and text.lower() == self.value.lower())


class OneOf(Operator):
    """One of several values or conditions."""

    word: str = "one_of"

    def __init__(self, *options: Any) -> None:
        self.options: List[Operator] = [as_operator(option) for option in options]
        super().__init__(*self.options)
        self.matches_none: bool = any(option.matches_none for option in self.options)
        ids = [option.value.lower() for option in self.options if isinstance(option, Equals) and option.is_id]
        #: The options, if all are ids: there may be thousands.
        self.ids: Optional[FrozenSet[str]] = frozenset(ids) if len(ids) == len(self.options) else None

    def test(self, value: Any) -> bool:
        if isinstance(value, list):
            return any(self.test(one) for one in value) or (self.matches_none and value == [])
        if self.ids is not None and isinstance(value, str):
            return value.lower() in self.ids
        return any(option.test(value) for option in self.options)

    def matches_any(self, values: List[Any]) -> bool:
        if self.ids is not None:
            return super().matches_any(values)
        return any(option.matches_any(values) for option in self.options)


class IsNone(Operator):
    """No value: None, or a list without items."""

    matches_none: bool = True

    def __repr__(self) -> str:
        return "is_none"

    def __call__(self) -> "IsNone":
        """Return itself: `is_none()` is `is_none`."""
        return self

    def test(self, value: Any) -> bool:
        return value is None or value == []


class Not(Operator):
    """The contrary: all records that the other condition does not match."""

    word: str = "not_"

    def __init__(self, value: Any) -> None:
        self.contrary: Operator = as_operator(value)
        super().__init__(self.contrary)
        self.matches_none: bool = not self.contrary.matches_none

    def matches_any(self, values: List[Any]) -> bool:
        return not self.contrary.matches_any(values)

    def test(self, value: Any) -> bool:
        return not self.contrary.test(value)


# -- order -------------------------------------------------------------------------
class _Span(NamedTuple):
    """What a number, a text or a time compares as; a day has a first and a last moment."""

    kind: str
    first: Any
    last: Any


class _Comparison(Operator):
    """A condition on the order of values."""

    def __init__(self, *bounds: Any) -> None:
        super().__init__(*bounds)
        self.spans: List[_Span] = [_span_of(self.word, bound) for bound in bounds]

    def test(self, value: Any) -> bool:
        return value is not None and self.compare(_value_like(self.spans[0], value))

    def compare(self, value: Any) -> bool:
        """Return whether this value, of the kind of the bounds, is within them."""
        raise NotImplementedError


class _OfDates(_Comparison):
    """A condition on times."""

    def __init__(self, date: Any) -> None:
        if not isinstance(date, (str, datetime.date)):
            raise ValueError(f"{self.word}: expected a date, a datetime or YYYY-MM-DD, got {date!r:.200}{_ORDER_HINT}")
        super().__init__(date)
        if self.spans[0].kind != "date":
            validate_date_format(date)  # which says what is wrong


_ORDER_HINT = " (numbers and names: at_least, at_most, between)"


class After(_OfDates):
    """Later than a time, or than the end of a day."""

    word: str = "after"

    def compare(self, value: Any) -> bool:
        return bool(value > self.spans[0].last)


class Before(_OfDates):
    """Earlier than a time, or than the beginning of a day."""

    word: str = "before"

    def compare(self, value: Any) -> bool:
        return bool(value < self.spans[0].first)


class AtLeast(_Comparison):
    """This or more; of a day, from its beginning."""

    word: str = "at_least"

    def compare(self, value: Any) -> bool:
        return bool(value >= self.spans[0].first)


class AtMost(_Comparison):
    """This or less; of a day, until its end."""

    word: str = "at_most"

    def compare(self, value: Any) -> bool:
        return bool(value <= self.spans[0].last)


class Between(_Comparison):
    """From the first to the second, both included; of days, from the beginning of the first to the end of the last."""

    word: str = "between"

    def __init__(self, low: Any, high: Any) -> None:
        super().__init__(low, high)
        first, last = self.spans
        if first.kind != last.kind:
            raise ValueError(f"between: {low!r:.100} and {high!r:.100} cannot be compared")
        if first.first > last.last:
            raise ValueError(f"between: {low!r:.100} is above {high!r:.100}")

    def compare(self, value: Any) -> bool:
        return bool(self.spans[0].first <= value <= self.spans[1].last)


def _span_of(word: str, bound: Any) -> _Span:
    """Return what a bound compares as.

    Raises:
        ValueError: it has no order.
    """
    moment = _moment_or_none(bound)
    if moment is not None:
        return moment
    if isinstance(bound, str):
        return _Span("text", composed(bound), composed(bound))
    if isinstance(bound, Real) and not isinstance(bound, bool) and bound == bound:  # NaN is unequal to itself
        return _Span("number", bound, bound)
    raise ValueError(f"{word}: expected a number, a date or a text, got {bound!r:.200}")


def _value_like(span: _Span, value: Any) -> Any:
    """Return the value of a record as it compares with *span*.

    Raises:
        CannotCompare: it is of another kind.
    """
    if span.kind == "number" and isinstance(value, Real) and not isinstance(value, bool):
        return value
    if span.kind == "text" and isinstance(value, str):
        return composed(value)
    moment = _moment_of_text(value) if span.kind == "date" and isinstance(value, str) else None
    if moment is None:
        raise CannotCompare(f"no {span.kind}")
    return moment.first


def _moment_or_none(value: Any) -> Optional[_Span]:
    """Return the first and the last moment of a day or a time, or None for anything else."""
    value = parse_datetime(value)
    if isinstance(value, datetime.datetime) and value == value:  # NaT of pandas is unequal to itself
        zone = datetime.timezone.utc
        moment = value.astimezone(zone).replace(tzinfo=None) if value.tzinfo is not None else value
        return _Span("date", moment, moment)
    if isinstance(value, datetime.date) and value == value:
        return _day(datetime.datetime(value.year, value.month, value.day))
    if not isinstance(value, str):
        return None
    try:
        return _moment_of_text(validate_date_format(value))
    except ValueError:
        return _moment_of_text(value)


def _moment_of_text(text: str) -> Optional[_Span]:
    found = _TIME.fullmatch(text)
    if not found:
        return None
    day, time, fraction = found.groups()
    try:
        moment = datetime.datetime.fromisoformat(f"{day}T{time}" if time else day)
    except ValueError:  # no day of the calendar
        return None
    moment = moment.replace(microsecond=int(fraction[1:].ljust(6, "0"))) if fraction else moment
    return _Span("date", moment, moment) if time else _day(moment)


def _day(start: datetime.datetime) -> _Span:
    return _Span("date", start, start + (_DAY - _TICK))


# -- text and lists ----------------------------------------------------------------
class Contains(Operator):
    """A part of a text, or an item of a list."""

    word: str = "contains"

    def __init__(self, item: Any) -> None:
        if item is None or item == "" or (not isinstance(item, (str, Mapping, UUID, Real))):
            raise ValueError(f"contains: expected a text, or a record or another item of a list, got {item!r:.200}")
        self.item: Equals = Equals(item)
        super().__init__(self.item.value)

    def test(self, value: Any) -> bool:
        if value is None:
            return False
        if isinstance(value, list):
            return self.item.test(value)
        if isinstance(value, str) and isinstance(self.item.value, str):
            return composed(self.item.value) in composed(value)
        raise CannotCompare("no text, and no list")


class _OfText(Operator):
    """A condition on text."""

    def test(self, value: Any) -> bool:
        if value is None:
            return False
        if not isinstance(value, str):
            raise CannotCompare("no text")
        return self.test_text(composed(value))

    def test_text(self, text: str) -> bool:
        """Return whether a text meets the condition."""
        raise NotImplementedError


class StartsWith(_OfText):
    """The beginning of a text."""

    word: str = "starts_with"

    def __init__(self, text: str) -> None:
        if not isinstance(text, str) or not text:
            raise ValueError(f"starts_with: expected a text, got {text!r:.200}")
        super().__init__(text)
        self.text: str = composed(text)

    def test_text(self, text: str) -> bool:
        return text.startswith(self.text)


class Matches(_OfText):
    """A regular expression, found anywhere in a text."""

    word: str = "matches"

    def __init__(self, pattern: Any) -> None:
        if not isinstance(pattern, (str, re.Pattern)) or isinstance(getattr(pattern, "pattern", ""), bytes):
            raise ValueError(f"matches: expected a regular expression, got {pattern!r:.200}")
        try:
            self.pattern: Pattern[str] = re.compile(pattern)
        except re.error as error:
            raise ValueError(f"matches: {pattern!r:.200} is not a valid regular expression: {error}") from None
        super().__init__(pattern)

    def test_text(self, text: str) -> bool:
        return bool(self.pattern.search(text))


# -- the functions -----------------------------------------------------------------
def after(date: Date) -> Operator:
    """Match times later than *date*; for a day, later than the end of it."""
    return After(date)


def before(date: Date) -> Operator:
    """Match times earlier than *date*; for a day, earlier than the beginning of it."""
    return Before(date)


def between(low: Comparable, high: Comparable) -> Operator:
    """Match what is from *low* to *high*, both included: numbers, texts, times, or days with all their times."""
    return Between(low, high)


def at_least(low: Comparable) -> Operator:
    """Match *low* and more: numbers, texts, times, or a day from its beginning."""
    return AtLeast(low)


def at_most(high: Comparable) -> Operator:
    """Match *high* and less: numbers, texts, times, or a day until its end."""
    return AtMost(high)


def contains(item: Union[Ref, float]) -> Operator:
    """Match texts with *item* in them, and lists with *item* among them: a record, an id, a text or a number."""
    return Contains(item)


def starts_with(text: str) -> Operator:
    """Match texts that begin with *text*."""
    return StartsWith(text)


def matches(pattern: Union[str, Pattern[str]]) -> Operator:
    """Match texts in which the regular expression *pattern* is found; `^` and `$` are their beginning and end."""
    return Matches(pattern)


def one_of(*values: Any) -> Operator:
    """Match any of *values*: several arguments, or one list; operators too. Without a value, nothing matches."""
    if len(values) == 1 and is_several(values[0]):
        values = tuple(values[0])
    return OneOf(*values)


def not_(value: Any) -> Operator:
    """Match all records that *value*, an operator, a value or a list of values, does not match: those with None too."""
    return Not(value)


#: Matches records without a value: None, or an empty list. `is_none()` is the same.
is_none: IsNone = IsNone()


def is_several(value: Any) -> bool:
    """Return whether a filter is a list of values."""
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping, Operator))


def as_operator(value: Any) -> Operator:
    """Return a filter as an operator: None, a value and a list of values have one each.

    Raises:
        ValueError: it is nothing that a column can have.
    """
    if isinstance(value, Operator):
        return value
    if value is None:
        return is_none
    if is_several(value):
        return OneOf(*value)
    return Equals(value)
