"""What a query selects: filters and dotted names become a selection and the parameters of a request."""

from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple
from uuid import UUID

from .._http.request import IDS_PER_REQUEST as IDS_PER_REQUEST
from .._http.request import MAX_QUERY_CHARS as MAX_QUERY_CHARS
from .._http.request import several_values
from ..helpers import id_of
from .columns import COMPUTED, OF_ONE_TYPE, REFERENCES, TO_MANY, TO_ONE

#: Names of columns and references, each with what is selected of the records behind it.
Selection = Dict[str, Any]


# -- parse -----------------------------------------------------------------------
def parse_query(
    model: str, filters: Optional[Mapping[str, Any]], fields: Iterable[str]
) -> Tuple[Selection, Dict[str, Any]]:
    """Return the selection and the request parameters of a query.

    Raises:
        ValueError: an argument is not valid; nothing is sent.
    """
    if not isinstance(model, str) or not model:
        raise ValueError(f"model: expected the name of a list such as 'tasks', got {model!r:.200}")
    if filters is not None and not isinstance(filters, Mapping):
        raise ValueError(f"filters: expected a dict of columns and their values, got {filters!r:.200}")
    for name in COMPUTED.keys() & (filters or {}):
        if model != "notifications":  # the only list with a column of such a name
            raise ValueError(f"filters: the server cannot filter by {name!r}; use {COMPUTED[name]}")
    if model in OF_ONE_TYPE and "entity_type_id" in (filters or {}):
        raise ValueError(f"filters: the server ignores 'entity_type_id' in {model!r}; use the list 'entities'")
    if isinstance(fields, Mapping) or not isinstance(fields, Iterable):
        raise ValueError(f"fields: expected a list of names, got {fields!r:.200}")
    selection = parse_selection(fields)
    return selection, params_of(filters, selection)


def parse_selection(names: Iterable[str]) -> Selection:
    """Return dotted names as a selection: `entity.name` becomes `{"entity": {"name": {}}}`, `entity` selects all of it.

    Raises:
        ValueError: one is not a dotted name.
    """
    selection: Selection = {}
    paths = [_parse_name(name) for name in ([names] if isinstance(names, str) else names)]
    whole = {*paths}
    for path in paths:
        branch = selection
        for depth, part in enumerate(path):
            # A whole record has all its columns already; records behind its references can be added.
            if path[:depth] in whole and not REFERENCES.keys() >= {*path[: depth + 1]}:
                break
            branch = branch.setdefault(part, {})
    return selection


def _parse_name(name: str) -> Tuple[str, ...]:
    if not isinstance(name, str) or not all(name.split(".")):
        raise ValueError(f"fields: expected the name of a field such as 'entity.name', got {name!r:.200}")
    return tuple(name.split("."))


def parse_references(names: Iterable[str]) -> Selection:
    """Return dotted names as a selection.

    Raises:
        ValueError: one does not begin with a reference.
    """
    selection = parse_selection(names)
    for name in plain_columns(selection):
        known = ", ".join(sorted(REFERENCES))
        raise ValueError(f"{name!r:.200} is not a reference; these are: {known}")
    return selection


def require_records(rows: Iterable[Mapping[str, Any]]) -> List[Mapping[str, Any]]:
    """Return *rows* as a list.

    Raises:
        ValueError: one is not a record.
    """
    if isinstance(rows, (str, Mapping)) or not isinstance(rows, Iterable):
        raise ValueError(f"rows: expected a list of records, got {rows!r:.200}")
    records = list(rows)
    for row in records:
        if not isinstance(row, Mapping):
            raise ValueError(f"rows: expected a list of records, got {row!r:.200} in it")
    return records


def plain_columns(selection: Selection) -> List[str]:
    """Return the names that are not references; without one, all columns are selected."""
    return [name for name in selection if name not in REFERENCES]


# -- send ------------------------------------------------------------------------
def params_of(filters: Optional[Mapping[str, Any]], selection: Selection) -> Dict[str, Any]:
    """Return the parameters of the request for records that match *filters* and have the columns selected."""
    params = {name: _filter_value(name, value) for name, value in (filters or {}).items()}
    names = [*params, *selection]
    if not TO_MANY.keys().isdisjoint(names):
        params["relations"] = "true"
    if plain_columns(selection):
        ids = [name + "_id" for name in selection if name in TO_ONE]
        params["fields"] = ",".join(dict.fromkeys([*names, *ids, "project_id"]))
    return params


def _filter_value(name: str, value: Any) -> Any:
    if isinstance(value, (Mapping, UUID)):
        return id_of(value)
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        raise ValueError(f"filters: the server cannot filter by {name}=None")
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        value = [_filter_value(name, one) for one in value]
    return several_values(name, value)


# -- check and select what came ----------------------------------------------------
def check_filters(model: str, filters: Optional[Mapping[str, Any]], records: Any) -> None:
    """Refuse filters that are not columns: the server ignores them and returns too much.

    Raises:
        ValueError: one is not a column, or *model* is not the name of a list.
    """
    if not isinstance(records, list):
        raise ValueError(f"model: expected the name of a list such as 'tasks', got {model!r:.200}")
    for name in filters or {}:
        check_column(name, records, model)


def check_column(name: str, records: Sequence[Mapping[str, Any]], where: str) -> None:
    """Refuse a column that none of these records has.

    Raises:
        ValueError: there is none.
    """
    if records and not has_column(name, records):
        raise ValueError(f"{where} have no field {name!r}, or this account may not read it")


def has_column(name: str, records: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether one of these records has a column."""
    return any(name in record for record in records)


def select_subfields(name: str, value: Any, inner: Selection, where: str) -> Any:
    """Return the value of a column, or what is selected of it: of a dict like `data`, or of each item of a list.

    Raises:
        ValueError: it is a plain value. Deeper down, where each record may have something else, that gives None.
    """
    for item in value if isinstance(value, list) else [value]:
        if inner and item is not None and not isinstance(item, Mapping):
            reference = f"; {name[:-3]!r} has" if name.endswith("_id") and name[:-3] in TO_ONE else ""
            raise ValueError(f"{where} have no fields in {name!r}, which is {item!r:.200}{reference}")
    return _selected(value, inner)


def _selected(value: Any, inner: Selection) -> Any:
    if not inner:
        return value
    if isinstance(value, list):
        return [_selected(item, inner) for item in value]
    fields = value if isinstance(value, Mapping) else {}
    return {name: _selected(fields.get(name), more) for name, more in inner.items()}
