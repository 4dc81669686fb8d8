"""What a query selects: filters and dotted names become a selection and the parameters of a request."""

from functools import lru_cache
from typing import Any, Dict, FrozenSet, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

from .. import models
from .._http.request import IDS_PER_REQUEST as IDS_PER_REQUEST
from .._http.request import MAX_QUERY_CHARS as MAX_QUERY_CHARS
from .._http.request import several_values
from ..names import UUID_PATTERN, nearest
from .columns import REFERENCES, TO_MANY, TO_ONE

#: Names of columns and references, each with what is selected of the records behind it.
Selection = Dict[str, Any]


# -- parse -----------------------------------------------------------------------
def check_query(model: str, filters: Optional[Mapping[str, Any]]) -> None:
    """Refuse arguments that are not valid, before anything is sent.

    Raises:
        ValueError: one is not valid.
    """
    if not isinstance(model, str) or not model or UUID_PATTERN.fullmatch(model.rpartition("/")[2]):
        raise not_a_list(model)
    if filters is not None and not isinstance(filters, Mapping):
        raise ValueError(f"filters: expected a dict of columns and their values, got {filters!r:.200}")


def check_limit(limit: Optional[int]) -> None:
    """Refuse what is not a valid number of records.

    Raises:
        ValueError: it is not a whole number above 0.
    """
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        raise ValueError(f"limit: expected how many records at most, 1 or more, or None for all, got {limit!r:.200}")


def not_a_list(model: Any) -> ValueError:
    """Return the error for a model that is not a list of records."""
    return ValueError(f"model: expected the name of a list such as 'tasks', got {model!r:.200}")


def names_of(what: str, names: Union[None, str, Iterable[str]]) -> List[str]:
    """Return one dotted name or several as a list.

    Raises:
        ValueError: one is not a dotted name.
    """
    if names is not None and (isinstance(names, Mapping) or not isinstance(names, Iterable)):
        raise ValueError(f"{what}: expected a list of names, got {names!r:.200}")
    listed = [names] if isinstance(names, str) else list(names or ())
    for name in listed:
        parse_name(name, what)
    return listed


def parse_selection(names: Iterable[str]) -> Selection:
    """Return dotted names as a selection: `entity.name` becomes `{"entity": {"name": {}}}`, `entity` selects all of it.

    Raises:
        ValueError: one is not a dotted name.
    """
    selection: Selection = {}
    paths = [parse_name(name, "fields") for name in ([names] if isinstance(names, str) else names)]
    whole = {*paths}
    for path in paths:
        branch = selection
        for depth, part in enumerate(path):
            # A whole record has all its columns already; records behind its references can be added.
            if path[:depth] in whole and not REFERENCES.keys() >= {*path[: depth + 1]}:
                break
            branch = branch.setdefault(part, {})
    return selection


def parse_name(name: str, what: str) -> Tuple[str, ...]:
    """Return the parts of a dotted name.

    Raises:
        ValueError: it is not a dotted name; the error says that it stands in *what*.
    """
    if not isinstance(name, str) or not all(name.split(".")):
        raise ValueError(f"{what}: expected the name of a field such as 'entity.name', got {name!r:.200}")
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
def params_of(sent: Mapping[str, Any], selection: Selection, needed: Iterable[str] = ()) -> Dict[str, Any]:
    """Return the parameters of the request for what is selected of the records that match *sent*.

    Args:
        needed: more columns that have to come.
    """
    params = {name: several_values(name, value) for name, value in sent.items()}
    names = [*params, *selection, *needed]
    if not TO_MANY.keys().isdisjoint(names):
        params["relations"] = "true"
    if plain_columns(selection):
        ids = [name + "_id" for name in selection if name in TO_ONE]
        params["fields"] = ",".join(dict.fromkeys([*names, *ids, "project_id"]))
    return params


# -- check and select what came ----------------------------------------------------
def check_column(name: str, records: Sequence[Mapping[str, Any]], where: str) -> None:
    """Refuse a column that none of these records has.

    Raises:
        ValueError: they do not have it.
    """
    if records and not has_column(name, records):
        raise unknown_column(name, where, {known for record in records for known in record})


def unknown_column(name: str, where: str, known: Iterable[str]) -> ValueError:
    """Return the error for a column that is not one of those *known*, with the nearest of them."""
    names = {*known, *typed_columns(where)}
    names |= {one[:-3] for one in names if one.endswith("_id") and one[:-3] in TO_ONE}
    return ValueError(f"{where} have no field {name!r}, or this account may not read it{nearest(name, sorted(names))}")


@lru_cache(maxsize=None)
def typed_columns(path: str) -> FrozenSet[str]:
    """Return the columns of a list as `gazu.models` has them, or none for a list without a type."""
    irregular = {"entities": "Entity", "sequences": "ShotSequence"}  # and others that have no type
    singular = path if path.endswith("status") else path[:-1]
    name = irregular.get(path) or "".join(word.title() for word in singular.split("-"))
    return frozenset(getattr(getattr(models, name, None), "__annotations__", ()))


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
