"""Tables whose rows keep their ids: what the target lacks, or has otherwise, is imported, some rows at a time."""

import json
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from .. import client as raw
from .._http.route import route
from ..client import KitsuClient
from ..exception import GazuException, NotAuthenticatedException, TransportException
from . import people
from .tally import Tally

#: Rows of one page.
ROWS_AT_ONCE = 100
#: Rows of one import, and the seconds that a slow server may take for them.
IMPORTED_AT_ONCE, PATIENCE = 50, 300
#: Ids in one address: web servers take 4 to 8 KB.
IDS_AT_ONCE = 50
#: Lists whose rows the server remembers when it is asked for one, for two minutes.
REMEMBERED = ("entities", "tasks")
#: Made anew by each server.
OWN = ("id", "updated_at", "type")


class Job(NamedTuple):
    """What all the work of one migration needs; it travels to the workers."""

    source: KitsuClient
    target: KitsuClient
    project: str
    #: Ids of the target by those of the source, by what they are of: "people", "task_types", ...
    maps: Mapping[str, Dict[str, str]]
    normalize_movies: bool = False
    #: The target had no row of the production, so that nobody has read any there.
    first: bool = False


class Table(NamedTuple):
    """A table of the server, and what its rows refer to that has another id on another server."""

    kind: str
    path: str
    #: Fields with an id, and the map that it is in; "" for ids that are kept.
    refs: Mapping[str, str] = {}
    #: Fields with a list of ids, likewise.
    lists: Mapping[str, str] = {}
    #: Fields that do not go along.
    left_out: Sequence[str] = ()
    #: Fields that go along with another value.
    instead: Mapping[str, Any] = {}
    relations: bool = False
    #: Its list of one production, where a filter will not do.
    pages: str = ""
    #: Fields with the ids of two others, which the server takes for the row, whatever its own id.
    pair: Tuple[str, ...] = ()


class Unknown(GazuException):
    """A row refers to what the target does not have."""


# -- reading -------------------------------------------------------------------
def page_of(client: KitsuClient, table: Table, filters: Mapping[str, str], page: int, limit: int = ROWS_AT_ONCE) -> Any:
    """Return one page of a table: `data`, `total`, `nb_pages`."""
    params = {**filters, "page": page, "limit": limit, **({"relations": "true"} if table.relations else {})}
    path = route(table.pages, filters["project_id"]) if table.pages else table.path
    return raw.get(raw.url_path_join("data", path), params=params, client=client)


def pages_of(client: KitsuClient, table: Table, filters: Mapping[str, str]) -> Iterator[List[Any]]:
    """Yield the rows of a table, a page at a time."""
    page, last = 1, 1
    while page <= last:
        answer = page_of(client, table, filters, page)
        if answer["data"]:
            yield answer["data"]
        page, last = page + 1, answer["nb_pages"]


def rows_of(client: KitsuClient, table: Table, ids: Iterable[str], field: str = "id") -> Iterator[Any]:
    """Yield the rows with these ids, or those that refer to them with *field*."""
    asked = sorted(set(ids))
    params = {"relations": "true"} if table.relations else {}
    for start in range(0, len(asked), IDS_AT_ONCE):
        query = {field: json.dumps(asked[start : start + IDS_AT_ONCE]), **params}
        yield from raw.fetch_all(table.path, params=query, client=client)


# -- what a row is at the target -------------------------------------------------
def translated(job: Job, table: Table, row: Mapping[str, Any], tally: Tally) -> Dict[str, Any]:
    """Return a row as the target is to have it.

    Raises:
        Unknown: it refers to what the target does not have.
    """
    new = {name: value for name, value in row.items() if name not in table.left_out}
    new.update(table.instead)
    for field, what in table.refs.items():
        if new.get(field):
            new[field] = there(job, what, new[field], tally)
    for field, what in table.lists.items():
        if new.get(field):
            new[field] = [there(job, what, id, tally) for id in new[field]]
    if isinstance(new.get("data"), dict):  # columns of the production may hold people
        people_there = job.maps["people"]
        new["data"] = {k: people_there.get(v, v) if isinstance(v, str) else v for k, v in new["data"].items()}
    return new


def all_translated(job: Job, table: Table, rows: Sequence[Mapping[str, Any]], tally: Tally) -> List[Dict[str, Any]]:
    """Return rows as the target is to have them, without those that refer to what it does not have."""
    ready: List[Dict[str, Any]] = []
    for row in rows:
        try:
            ready.append(translated(job, table, row, tally))
        except GazuException as error:
            note(tally, table.kind, row["id"], error)
    return ready


def there(job: Job, what: str, id: str, tally: Tally) -> str:
    """Return the id that something has at the target.

    Raises:
        Unknown: it is not there.
    """
    if not what:
        return job.maps["asset_types"].get(id, id)  # a schedule has items of them among those of entities
    found = job.maps[what].get(id)
    if found is None and what == "people":
        found = people.bring(job.source, job.target, id, job.maps, tally)
    if found is None:
        raise Unknown(f"the target does not have {id} of the {what.replace('_', ' ')} of the source")
    return found


def changes(wanted: Mapping[str, Any], now: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the fields that the target has otherwise; lists of ids have no order."""
    return {name: value for name, value in wanted.items() if name not in OWN and not _is_same(value, now.get(name))}


def _is_same(one: Any, other: Any) -> bool:
    if one in (None, [], {}) and other in (None, [], {}):
        return True
    if isinstance(one, list) and isinstance(other, list) and all(isinstance(item, str) for item in [*one, *other]):
        return sorted(one) == sorted(other)
    return bool(one == other)


# -- importing -----------------------------------------------------------------
def copy(job: Job, table: Table, rows: Sequence[Mapping[str, Any]], tally: Tally) -> None:
    """Import the rows that the target lacks or has otherwise."""
    now = {row["id"]: row for row in rows_of(job.target, table, (row["id"] for row in rows))}
    if table.pair:
        now.update(_paired(job, table, [row for row in rows if row["id"] not in now]))
    fresh, stale = sorted_out(table, all_translated(job, table, rows, tally), now, tally)
    tally.count(table.kind, created=send_rows(job, table, fresh, tally))
    tally.count(table.kind, updated=send_rows(job, table, stale, tally))
    if table.path in REMEMBERED and not job.first:
        _show(job, table, stale)


def _paired(job: Job, table: Table, rows: Sequence[Mapping[str, Any]]) -> Dict[str, Any]:
    """Return by the ids of the source what the target has with other ids: each edit of a casting makes new ones."""
    first = table.pair[0]
    there = list(rows_of(job.target, table, (row[first] for row in rows), first))
    known = {tuple(row[name] for name in table.pair): row for row in there}
    pairs = ((row["id"], known.get(tuple(row[name] for name in table.pair))) for row in rows)
    return {id: row for id, row in pairs if row}


def _show(job: Job, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Have changed rows be seen at once: an import leaves what the server remembers of them, an update does not.

    It writes nothing new. Where it fails, nothing is lost: the row is seen a bit later.
    """
    for row in rows:
        try:
            raw.update(table.path, row["id"], {}, client=job.target)
        except GazuException as error:
            if _is_of_all(error):
                return


def sorted_out(
    table: Table, wanted: Sequence[Dict[str, Any]], now: Mapping[str, Mapping[str, Any]], tally: Tally
) -> Tuple[List[Dict[str, Any]], List[Dict[str, Any]]]:
    """Return the rows that the target lacks, and those that it has otherwise; count the rest.

    Lists that need not be written are left out: the server writes the whole row once more for each.
    """
    fresh: List[Dict[str, Any]] = []
    stale: List[Dict[str, Any]] = []
    for row in wanted:
        known = now.get(row["id"])
        differs = changes(row, known or {})
        if known is None or differs or known["id"] != row["id"]:
            idle = {name for name in table.lists if name not in differs}
            (fresh if known is None else stale).append({k: v for k, v in row.items() if k not in idle})
    tally.count(table.kind, skipped=len(wanted) - len(fresh) - len(stale))
    return fresh, stale


def send_rows(job: Job, table: Table, rows: Sequence[Mapping[str, Any]], tally: Tally) -> int:
    """Import rows, and return how many came in; where one is refused, the others are imported without it."""
    if len(rows) > IMPORTED_AT_ONCE:
        return send_rows(job, table, rows[:IMPORTED_AT_ONCE], tally) + send_rows(
            job, table, rows[IMPORTED_AT_ONCE:], tally
        )
    if not rows:
        return 0
    try:
        return _post(job, table, rows)
    except GazuException as error:
        if len(rows) == 1 or _is_of_all(error):
            return _give_up(table, rows, error, tally)
        middle = len(rows) // 2
        return send_rows(job, table, rows[:middle], tally) + send_rows(job, table, rows[middle:], tally)


def _post(job: Job, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Import rows, which may be there already; twice, if the answer is lost, or a row is refused.

    The server may just have been importing that one for somebody who was cut off.
    """
    # Silent: the server would write an event for each, and wake up everybody who looks at the production.
    path = route("import/kitsu/{model_name}", table.path) + "?silent=true"
    try:
        return len(raw.post(path, list(rows), client=job.target, timeout=PATIENCE))
    except GazuException as error:
        if len(rows) > 1 and not _is_of_all(error):
            raise
        return len(raw.post(path, list(rows), client=job.target, timeout=PATIENCE))


def _is_of_all(error: GazuException) -> bool:
    """Return whether an error has to do with the server, or the network, and not with one of the rows."""
    away = isinstance(error, TransportException) or error.status_code in (429, 502, 503, 504)
    return away or isinstance(error, NotAuthenticatedException)


def _give_up(table: Table, rows: Sequence[Mapping[str, Any]], error: GazuException, tally: Tally) -> int:
    for row in rows:
        note(tally, table.kind, row["id"], error)
    return 0


def note(tally: Tally, kind: str, id: str, error: Exception) -> None:
    """Note why a row was not copied; without a valid token nothing is going to be.

    Raises:
        NotAuthenticatedException: that is the error.
    """
    if isinstance(error, NotAuthenticatedException):
        raise error
    tally.fail(kind, id, error)


def matches(source: Iterable[Any], target: Iterable[Any], field: str) -> Iterator[Tuple[Any, str]]:
    """Yield the rows of the source that the target has too, with its ids; capitals matter only between two."""
    exact = {str(row[field]): row["id"] for row in target if row.get(field)}
    folded = {value.lower(): target_id for value, target_id in exact.items()}
    for row in source:
        value = str(row.get(field) or "")
        target_id = exact.get(value) or folded.get(value.lower())
        if target_id:
            yield row, target_id
