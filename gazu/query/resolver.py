"""Put the records behind ids in their place, with few requests."""

import json
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Set

from .. import client as raw
from ..cache import cache, copied
from ..client import KitsuClient
from ..helpers import UUID_PATTERN
from .columns import REFERENCES, TO_ONE
from .selection import (
    IDS_PER_REQUEST,
    Selection,
    check_column,
    has_column,
    params_of,
    plain_columns,
    select_subfields,
)

#: Lists that the server can filter by project.
LISTS_OF_PROJECTS = ("entities", "tasks")
#: For more ids than these, one request for the list of their project replaces many for the ids.
MAX_IDS_BY_REQUEST = 4 * IDS_PER_REQUEST


@cache
def fetch_records(path: str, params: Dict[str, Any], client: KitsuClient) -> List[Dict[str, Any]]:
    """Return the records of a list."""
    records: List[Dict[str, Any]] = raw.fetch_all(path, params, client=client)
    return records


class Resolver:
    """Expands references, and requests each record once."""

    def __init__(self, client: KitsuClient) -> None:
        self.client = client
        #: Records by list and selection, then by id; each place gets a copy of its own.
        self.fetched: Dict[Any, Dict[str, Optional[Dict[str, Any]]]] = {}

    def expand(self, records: Sequence[Mapping[str, Any]], selection: Selection, where: str) -> List[Dict[str, Any]]:
        """Return copies of records of the list *where*, with what is selected."""
        keep = ("id", "type") if plain_columns(selection) else ()
        expanded = [{name: record[name] for name in keep or record if name in record} for record in records]
        projects = {record.get("project_id") for record in records}
        for name, inner in selection.items():
            column = name + "_id" if name in TO_ONE else name
            if name in REFERENCES and not (has_column(name, records) and not has_column(column, records)):
                check_column(column, records, where)
                values = self.follow(name, [record.get(column) for record in records], inner, projects)
            else:
                check_column(name, records, where)
                values = (select_subfields(name, record.get(name), inner, where) for record in records)
            for record, value in zip(expanded, values):
                record[name] = value
        return expanded

    def follow(self, name: str, values: List[Any], inner: Selection, projects: Set[Any]) -> Iterator[Any]:
        """Yield for each value of a reference, an id or a list of ids, the record or the records behind it."""
        path = REFERENCES[name]
        fetched = self.fetched.setdefault((path, json.dumps(inner)), {})
        ids = {as_id(one): None for value in values for one in (value if isinstance(value, list) else [value])}
        missing = [one for one in ids if one and one not in fetched]
        found = self.expand(list(self.fetch(path, missing, inner, projects)), inner, path)
        fetched.update(dict.fromkeys(missing))
        fetched.update((record["id"], record) for record in found)
        for value in values:
            records = [fetched.get(as_id(one) or "") for one in (value if isinstance(value, list) else [value])]
            copies = [copied(record) for record in records if record]
            yield copies if isinstance(value, list) else next(iter(copies), None)

    def fetch(self, path: str, ids: List[str], inner: Selection, projects: Set[Any]) -> Iterator[Dict[str, Any]]:
        """Yield the records with these ids that the server has; for many ids, all records of their project."""
        if len(ids) > MAX_IDS_BY_REQUEST and path in LISTS_OF_PROJECTS and len(projects) == 1 and None not in projects:
            params = params_of({"project_id": next(iter(projects))}, inner)
            records = fetch_records(path, params, client=self.client)
            yield from records
            ids = sorted({*ids} - {record["id"] for record in records})
        for start in range(0, len(ids), IDS_PER_REQUEST):
            params = params_of({"id": ids[start : start + IDS_PER_REQUEST]}, inner)
            yield from fetch_records(path, params, client=self.client)


def as_id(value: Any) -> Optional[str]:
    """Return the id in a column, in lower case as the server writes it, or None: some routes send "" or "None"."""
    text = str(value.get("id") if isinstance(value, Mapping) else value)
    return text.lower() if UUID_PATTERN.fullmatch(text) else None
