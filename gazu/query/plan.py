"""What of a query the server does, and what is left to the client."""

from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from .._http.request import IDS_PER_REQUEST, several_values
from ..names import UUID_PATTERN, composed, name_hint
from .columns import (
    COMPUTED,
    DAYS,
    IRREGULAR,
    LONG,
    OF_ONE_TYPE,
    REFERENCES,
    TO_MANY,
    TO_ONE,
    WITHIN_PROJECT,
    WITHOUT_FILTERS,
    WITHOUT_PAGES,
    column_of,
    is_reference,
)
from .operators import Equals, Not, OneOf, Operator, as_operator
from .resolver import MAX_IDS_BY_REQUEST
from .selection import parse_name

#: A name is one request, as the server finds one at a time; more of them are looked for in the client.
MAX_NAMES = 8


class Test(NamedTuple):
    """A filter that is left to the client: where the value is, and the condition on it."""

    path: Tuple[str, ...]
    operator: Operator


class Lookup(NamedTuple):
    """A filter on the records behind a reference: they are found first, and then what refers to them."""

    name: str
    column: str
    plan: "Plan"
    negated: bool


class Plan:
    """How the records of the list *model* that match filters are found."""

    def __init__(self, model: str, filters: Mapping[str, Any]) -> None:
        self.model = model
        #: The parameters of each request.
        self.sent: Dict[str, Any] = {}
        #: A parameter with several values, one for each request.
        self.split: Dict[str, List[Any]] = {}
        self.lookups: List[Lookup] = []
        self.tests: Dict[str, Test] = {}
        #: The columns that the server compares, and the names of the filters that it does.
        self.columns: List[str] = []
        self.sent_names: List[str] = []
        #: Whether nothing can match, as a filter is a list without values.
        self.is_empty: bool = False
        self.filters: Dict[str, Operator] = {name: as_operator(value) for name, value in filters.items()}
        for name, operator in self.filters.items():
            self.add(name, parse_path(model, name), operator)
        self.share_project()

    # -- which filter runs where -------------------------------------------------
    def add(self, name: str, path: Tuple[str, ...], operator: Operator) -> None:
        """Add a filter.

        Raises:
            ValueError: it compares a reference with something else than ids.
        """
        if len(path) == 1 or path[-2] in REFERENCES:
            check_ids(name, path[-1], operator)
        self.is_empty = self.is_empty or (isinstance(operator, OneOf) and not operator.options)
        if len(path) == 1:
            self.add_column(name, path[0], operator)
        elif is_reference(self.model, path[0]) and self.is_found_first(path, operator):
            condition = operator.contrary if isinstance(operator, Not) else operator
            plan = Plan(REFERENCES[path[0]], {".".join(path[1:]): condition})
            self.lookups.append(Lookup(name, column_of(self.model, path[0]), plan, isinstance(operator, Not)))
        else:
            self.tests[name] = Test(path, operator)

    def add_column(self, name: str, column: str, operator: Operator) -> None:
        """Add a filter on a column: send it if the server can do it."""
        values = self.values_to_send(column, operator) or []
        is_sent = bool(values) and (self.send_names(values) if column == "name" else self.send(column, values))
        if is_sent:
            self.sent_names.append(name)
        if not is_sent or column == "name" or column in TO_MANY:  # Zou 0.17 ignores filters of these
            self.tests[name] = Test((column,), operator)

    def is_found_first(self, path: Tuple[str, ...], operator: Operator) -> bool:
        """Return whether to look for the records behind a reference first: if that takes no long list."""
        condition = operator.contrary if isinstance(operator, Not) else operator
        if condition.matches_none:  # what refers to nothing matches too
            return False
        owner = self.model
        for name in path[:-1]:
            if not is_reference(owner, name):
                return owner not in LONG
            owner = REFERENCES[name]
        return owner not in LONG or bool(Plan(owner, {}).values_to_send(path[-1], condition))

    def values_to_send(self, column: str, operator: Operator) -> Optional[List[Any]]:
        """Return the values that the server can compare a column with, or None."""
        if self.model in WITHOUT_FILTERS or (self.model in OF_ONE_TYPE and column == "entity_type_id"):
            return None
        if column in COMPUTED and (self.model, column) != ("notifications", "type"):
            return None
        options = operator.options if isinstance(operator, OneOf) else [operator]
        is_day = self.model in DAYS.get(column, ())
        values = list(dict.fromkeys(_sent_value(option, is_day) for option in options))
        if None in values:
            return None
        if self.model in WITHOUT_PAGES and not all(map(_is_id, values)):
            # Zou 0.18 and older compare a single text only, and the list comes whole anyway.
            return values if len(values) == 1 and column == "name" else None
        return values

    def send(self, column: str, values: List[Any]) -> bool:
        """Have the server compare a column with these values; return False if it cannot."""
        if column in self.columns or (column in TO_MANY and len(values) > 1):
            return False
        try:
            self.sent[column] = several_values(column, values) if len(values) > 1 else values[0]
        except ValueError:  # too long for a URL
            if self.split or (len(values) > MAX_IDS_BY_REQUEST and self.sent):
                return False
            chunks = [values[start : start + IDS_PER_REQUEST] for start in range(0, len(values), IDS_PER_REQUEST)]
            try:
                self.split = {column: [several_values(column, chunk) for chunk in chunks]}
            except ValueError:  # no ids
                return False
        self.columns.append(column)
        return True

    def send_names(self, names: List[Any]) -> bool:
        """Have the server look for names, which it takes for patterns whatever their case; False if they are many."""
        if "name" in self.sent or self.split:
            return False
        forms = list(dict.fromkeys(form for name in names for form in (str(name), composed(str(name)))))
        forms = [form.replace("\\", "\\\\") for form in forms]
        if len(forms) == 1:
            self.sent["name"] = forms[0]
        elif len(forms) <= MAX_NAMES:
            self.split = {"name": forms}
        return len(forms) <= MAX_NAMES

    def share_project(self) -> None:
        """Look for references within the project of the records, if it is known."""
        project = self.sent.get("project_id")
        for lookup in self.lookups if project else ():
            if any(lookup.column == column_of(self.model, name) for name in WITHIN_PROJECT):
                lookup.plan.narrow(project)

    def narrow(self, project: Any) -> None:
        """Look for records of a project only."""
        if "project_id" not in self.columns:
            self.columns.append("project_id")
            self.sent = {"project_id": project, **self.sent}
            self.share_project()

    # -- what the requests are ---------------------------------------------------
    def use(self, lookup: Lookup, ids: List[str]) -> None:
        """Filter by the records that a lookup found."""
        found = OneOf(*ids)
        if lookup.negated:
            self.tests[lookup.name] = Test((lookup.column,), Not(found))
        else:
            self.is_empty = self.is_empty or not ids
            self.add_column(lookup.name, lookup.column, found)
        self.share_project()

    def queries(self) -> Iterator[Dict[str, Any]]:
        """Yield the parameters of each request."""
        if self.is_empty:
            return
        for column, values in self.split.items():
            yield from ({**self.sent, column: value} for value in values)
        if not self.split:
            yield self.sent

    def paths(self) -> List[Tuple[str, ...]]:
        """Return where the values of all filters are."""
        return [*((column,) for column in self.columns), *(test.path for test in self.tests.values())]


def parse_path(model: str, name: str) -> Tuple[str, ...]:
    """Return a dotted name as names of references and in the end a column: `entity` is `("entity_id",)`.

    Raises:
        ValueError: it is not a dotted name.
    """
    *references, last = parse_name(name, "filters")
    owner = model
    for part in references:
        if not is_reference(owner, part):
            return (*references, last)
        owner = REFERENCES[part]
    if last == "id" and references:  # the id of what is referred to is here already
        return parse_path(model, ".".join(references))
    return (*references, column_of(owner, last))


def check_ids(name: str, column: str, operator: Operator) -> None:
    """Refuse what is not an id where an id is compared, such as the name of a project.

    Raises:
        ValueError: a value is neither a record nor its id.
    """
    if isinstance(operator, (Not, OneOf)):
        for option in operator.arguments:
            check_ids(name, column, option)
    refers = column == "id" or (column.endswith("_id") and column[:-3] in TO_ONE) or column in {**TO_MANY, **IRREGULAR}
    if refers and isinstance(operator, Equals) and not operator.is_id:
        hint = name_hint(name, operator.value) or f"{name}.name compares names"
        reason = f"filters: {name!r} takes a record or its id, got {operator.value!r:.200}"
        raise ValueError(reason if column == "id" else f"{reason} ({hint})")


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(UUID_PATTERN.fullmatch(value))


def _sent_value(option: Operator, is_day: bool) -> Any:
    """Return a value as it is sent, or None if the server does not compare as the client does."""
    if not isinstance(option, Equals):
        return None
    value = option.value
    if isinstance(value, bool):
        return str(value).lower()
    if option.moment is not None:  # the server has times to the microsecond
        day = option.moment.first.date().isoformat()
        return day if is_day and option.moment.first != option.moment.last else None
    if isinstance(value, str) and (not value or value.startswith("[")):  # which the server takes for a list
        return None
    return value.lower() if option.is_id else value
