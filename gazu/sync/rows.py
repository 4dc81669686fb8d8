"""Copy rows that keep their ids: import those that the target lacks, or has with other values."""

from contextlib import suppress
from functools import lru_cache
from typing import Any, Dict, FrozenSet, Iterable, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from .. import client as raw
from .. import lists
from ..client import KitsuClient
from ..exception import GazuException, NotAuthenticatedException, TransportException
from ..helpers import version_number
from .fields_since import SINCE as FIELDS_SINCE
from .people import ensure_person
from .tables import MigrationContext, Report, TableSpec

#: Rows on a page of a list, and rows of an import.
ROWS_PER_REQUEST = 100
#: Seconds that a slow server may take to import rows, or to process a file.
SLOW_REQUEST_SECONDS = 300
#: Paths of rows that the server caches for two minutes when a single one is read.
CACHED_PATHS = ("entities", "tasks")
#: Fields that each server sets itself.
SERVER_FIELDS = ("id", "updated_at", "type")

Row = Dict[str, Any]
Rows = Sequence[Mapping[str, Any]]


class UnknownReferenceException(GazuException):
    """A row refers to a record that the target does not have."""


# -- reading ---------------------------------------------------------------------
def fetch_page(
    client: KitsuClient, table: TableSpec, filters: Mapping[str, str], page: int, limit: int = ROWS_PER_REQUEST
) -> Any:
    """Return one page of a table: `data` and `total`."""
    relations = {"relations": "true"} if table.relations else {}
    path = table.list_path.format(**filters) or table.path
    answer = raw.fetch_page(path, {**filters, **relations}, page, page_size=limit, client=client)
    if isinstance(answer, list):  # a route without pages, as many of Zou 0.17 are
        return {"data": answer[(page - 1) * limit : page * limit], "total": len(answer)}
    return answer


def fetch_by_ids(
    client: KitsuClient, table: TableSpec, ids: Iterable[str], field: str = "id", fields: Optional[str] = None
) -> Iterator[Any]:
    """Yield the rows whose *field* is one of *ids*."""
    return lists.fetch_by_ids(table.path, sorted(set(ids)), client, field, table.relations, fields)


def is_stand_in(client: Any) -> bool:
    """Return whether a test suite put an object without a server, such as a MagicMock, in the place of a client."""
    return not isinstance(client.host, str)


def existing_ids(client: KitsuClient, path: str, ids: Iterable[Optional[str]]) -> Set[str]:
    """Return which of these ids the server has."""
    if is_stand_in(client):
        return set(filter(None, ids))
    return {row["id"] for row in fetch_by_ids(client, TableSpec(path, path), filter(None, ids), fields="id")}


def parents_first(rows: Iterable[Any]) -> Iterator[Any]:
    """Yield rows in their order, but none before those that it refers to."""
    waiting = list(rows)
    while waiting:
        ids = {row["id"] for row in waiting}
        ready = [row for row in waiting if ids.isdisjoint((row.get("parent_id"), row.get("source_id")))] or waiting
        yield from ready
        ids.difference_update(row["id"] for row in ready)
        waiting = [row for row in waiting if row["id"] in ids]


@lru_cache(maxsize=None)  # it is asked for each row
def fields_lacking(path: str, version: Optional[str]) -> FrozenSet[str]:
    """Return the fields of a table that a server of this version is too old for."""
    known = version_number(version)
    return frozenset(name for name, since in FIELDS_SINCE.get(path, {}).items() if known < version_number(since))


# -- translating -----------------------------------------------------------------
def translate(context: MigrationContext, table: TableSpec, row: Mapping[str, Any]) -> Row:
    """Return a row of the source with the ids of the target.

    Raises:
        UnknownReferenceException: it refers to a record that the target does not have.
    """
    lacking = fields_lacking(table.path, context.target_version)
    new = {name: value for name, value in row.items() if name not in table.left_out and name not in lacking}
    context.report.leave_out(table.kind, (name for name in lacking if row.get(name) and name not in table.left_out))
    new.update(table.overrides)
    for field, kind in table.refs.items():
        if new.get(field):
            new[field] = id_at_target(context, kind, new[field])
    for field, kind in table.lists.items():
        if new.get(field):
            new[field] = [id for id in (id_at_target(context, kind, one) for one in new[field]) if id]
    if isinstance(new.get("data"), dict):  # metadata columns may hold people
        people = context.id_maps.get("people", {})
        new["data"] = {k: people.get(v, v) if isinstance(v, str) else v for k, v in new["data"].items()}
    return new


def translate_all(context: MigrationContext, table: TableSpec, rows: Rows) -> List[Row]:
    """Return rows with the ids of the target, and record those that refer to what it does not have."""
    translated: List[Row] = []
    for row in rows:
        with context.report.recording_failure(table.kind, row["id"]):
            translated.append(translate(context, table, row))
    return translated


def id_at_target(context: MigrationContext, kind: str, id: str) -> Optional[str]:
    """Return the id that a record of the source has at the target; None if it has none, and such may be skipped.

    Raises:
        UnknownReferenceException: the target does not have it.
    """
    if not kind:
        return context.id_maps["entity_types"].get(id, id)  # a schedule has items for types, too
    id_map = context.id_maps.get(kind)
    if context.skip_unknown:
        return id if id_map is None else id_map.get(id)
    target_id = (id_map or {}).get(id) or (ensure_person(context, id) if kind == "people" else None)
    if target_id is None:
        raise UnknownReferenceException(f"the target does not have {id} of the {kind.replace('_', ' ')} of the source")
    return target_id


# -- comparing -------------------------------------------------------------------
def diff(wanted: Mapping[str, Any], existing: Mapping[str, Any]) -> Row:
    """Return the fields that *existing* has with another value; lists of ids have no order."""
    return {
        name: value
        for name, value in wanted.items()
        if name not in SERVER_FIELDS and not _is_same(value, existing.get(name))
    }


def _is_same(one: Any, other: Any) -> bool:
    if one in (None, [], {}) and other in (None, [], {}):
        return True
    if isinstance(one, list) and isinstance(other, list) and all(isinstance(item, str) for item in [*one, *other]):
        return sorted(one) == sorted(other)
    return bool(one == other)


def partition_new_changed(
    context: MigrationContext, table: TableSpec, wanted: Sequence[Row], existing: Mapping[str, Mapping[str, Any]]
) -> Tuple[List[Row], List[Row]]:
    """Return the rows that the target lacks, and those that it has with other values; count the rest as skipped.

    Lists that are equal are left out of the rows: the server writes the whole row once more for each.
    """
    new: List[Row] = []
    changed: List[Row] = []
    for row in wanted:
        counterpart = existing.get(row["id"])
        different = diff(row, counterpart or {})
        if counterpart is None or different or counterpart["id"] != row["id"]:
            equal = {name for name in table.lists if name not in different}
            rows = new if counterpart is None else changed
            rows.append({name: value for name, value in row.items() if name not in equal})
    context.report.count(table.kind, skipped=len(wanted) - len(new) - len(changed))
    return new, changed


# -- importing -------------------------------------------------------------------
def copy_rows(context: MigrationContext, table: TableSpec, rows: Rows) -> None:
    """Import the rows that the target lacks, or has with other values."""
    existing = {row["id"]: row for row in fetch_by_ids(context.target, table, (row["id"] for row in rows))}
    if table.later is not None:
        existing = {row["id"]: _after_first_pass(context, table, row, existing.get(row["id"], {})) for row in rows}
    if table.natural_key:
        existing.update(_match_by_key(context, table, [row for row in rows if row["id"] not in existing]))
    new, changed = partition_new_changed(context, table, translate_all(context, table, rows), existing)
    context.report.count(table.kind, created=import_rows(context, table, new))
    context.report.count(table.kind, updated=import_rows(context, table, changed))
    if table.path in CACHED_PATHS and not context.target_is_empty and not context.dry_run:
        _touch_to_bust_cache(context, table, changed)


def _after_first_pass(
    context: MigrationContext, table: TableSpec, row: Mapping[str, Any], existing: Mapping[str, Any]
) -> Row:
    """Return a row as the target would have it after the first pass, of which a dry run leaves nothing there."""
    copied: Row = {}
    with suppress(UnknownReferenceException):  # a failure of this pass too
        copied = translate(context._replace(report=Report()), table, row)
    return {**copied, **{name: existing.get(name) for name in table.later or ()}}


def _match_by_key(context: MigrationContext, table: TableSpec, rows: Rows) -> Dict[str, Any]:
    """Return rows of the target by the source's ids: editing a casting gives its links new ids."""
    first = table.natural_key[0]
    candidates = fetch_by_ids(context.target, table, (row[first] for row in rows), first)
    by_key = {tuple(row[name] for name in table.natural_key): row for row in candidates}
    pairs = ((row["id"], by_key.get(tuple(row[name] for name in table.natural_key))) for row in rows)
    return {id: row for id, row in pairs if row}


def _touch_to_bust_cache(context: MigrationContext, table: TableSpec, rows: Rows) -> None:
    """Update rows with nothing: unlike an import, an update removes a row from the server's cache.

    Where that fails, nothing is lost: readers see the new row up to two minutes later.
    """
    for row in rows:
        try:
            raw.update(table.path, row["id"], {}, client=context.target)
        except GazuException as error:
            if _concerns_all_rows(error):
                return


def import_rows(context: MigrationContext, table: TableSpec, rows: Rows) -> int:
    """Import rows, and return how many; where the server refuses one, the others are imported without it."""
    if not rows:
        return 0
    if len(rows) <= ROWS_PER_REQUEST:
        try:
            return _import(context, table, rows)
        except GazuException as error:
            if len(rows) == 1 or _concerns_all_rows(error):
                for row in rows:
                    context.report.record_failure(table.kind, row["id"], error)
                return 0
    middle = (len(rows) + 1) // 2
    return import_rows(context, table, rows[:middle]) + import_rows(context, table, rows[middle:])


def _import(context: MigrationContext, table: TableSpec, rows: Rows) -> int:
    """Import rows that may exist already; try twice if the response is lost, or a single row is refused.

    The server may still have been importing that row for an earlier run that was killed.
    """
    if context.dry_run:
        return len(rows)
    # Silent: otherwise the server sends an event for each row to everybody who has the production open.
    options: Any = {"silent": True, "timeout": SLOW_REQUEST_SECONDS, "client": context.target}
    try:
        return len(raw.import_data(table.path, list(rows), **options))
    except GazuException as error:
        if len(rows) > 1 and not _concerns_all_rows(error):
            raise
        return len(raw.import_data(table.path, list(rows), **options))


def _concerns_all_rows(error: GazuException) -> bool:
    """Return whether an error comes from the network or the server as a whole, and not from one of the rows."""
    unavailable = isinstance(error, TransportException) or error.status_code in (429, 502, 503, 504)
    return unavailable or isinstance(error, NotAuthenticatedException)
