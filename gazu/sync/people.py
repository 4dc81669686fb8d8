"""Find the same people, types and statuses on two servers, and create people that the target lacks."""

from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Set, Tuple

from .. import client as raw
from ..exception import ParameterException
from .tables import MigrationContext

#: Fields of a person that are copied; no password, no second factor, no rights of an administrator.
PERSON_FIELDS = (
    "first_name", "last_name", "email", "phone", "country", "contract_type", "timezone", "locale", "position",
    "seniority", "role", "data", "is_bot", "is_guest",
)  # fmt: skip

Rows = Iterable[Mapping[str, Any]]


# -- matching --------------------------------------------------------------------
def match_rows(source: Rows, target: Rows, field: str) -> Iterator[Tuple[Any, str]]:
    """Yield the rows of the source that the target has too, with the target's ids.

    The comparison of *field* ignores case, unless two rows of the target differ in case only.
    """
    exact = {str(row[field]): row["id"] for row in target if row.get(field)}
    folded = {value.lower(): target_id for value, target_id in exact.items()}
    for row in source:
        value = str(row.get(field) or "")
        target_id = exact.get(value) or folded.get(value.lower())
        if target_id:
            yield row, target_id


def match_one_to_one(source: List[Any], target: List[Any], field: str) -> Iterator[Tuple[Any, str]]:
    """Yield like `match_rows`, but where the case differs, each row of the target once only."""
    names = {row.get(field) for row in source}, {row.get(field) for row in target}
    yield from match_rows([row for row in source if row.get(field) in names[1]], target, field)
    others = [row for row in target if row.get(field) not in names[0]]
    taken: Set[str] = set()
    for row, target_id in match_rows([row for row in source if row.get(field) not in names[1]], others, field):
        if target_id not in taken:
            taken.add(target_id)
            yield row, target_id


def match_by_name(
    source: List[Any], target: List[Any], match: Callable[..., Iterator[Tuple[Any, str]]] = match_rows
) -> Dict[str, str]:
    """Return the target's ids by the source's; task types have to be for the same kind of entity too."""
    id_map: Dict[str, str] = {}
    for kind in {row.get("for_entity") for row in source}:
        rows = [row for row in source if row.get("for_entity") == kind]
        same_kind = [row for row in target if kind is None or row.get("for_entity", kind) == kind]
        id_map.update((row["id"], target_id) for row, target_id in match(rows, same_kind, "name"))
    return id_map


def match_people(source: Rows, target: Rows) -> Dict[str, str]:
    """Return the target's ids of people by the source's."""
    known = {_identity(row): row["id"] for row in target}
    return {row["id"]: known[_identity(row)] for row in source if _identity(row) in known}


def _identity(row: Mapping[str, Any]) -> str:
    """Return what identifies a person on all servers; bots and guests may have no email."""
    kind = "bot" if row.get("is_bot") else "guest" if row.get("is_guest") and not row.get("email") else "person"
    return f"{kind} {row.get('email') or row.get('full_name') or row['id']}".lower()


# -- creating --------------------------------------------------------------------
def ensure_person(context: MigrationContext, id: str, active: bool = False) -> str:
    """Return the id of a person at the target; a person without an account there gets one, without a password.

    Args:
        active: whether the new account is active, as far as it is active at the source and the target has a seat left.
    """
    row = raw.fetch_one("persons", id, client=context.source)
    target_id = _find(context, row) or _create(context, row, active and bool(row["active"]))
    context.id_maps["people"][id] = target_id
    return target_id


def _find(context: MigrationContext, row: Mapping[str, Any]) -> Optional[str]:
    params = {"email": row["email"].lower()} if row.get("email") else None
    return match_people([row], raw.fetch_all("persons", params=params, client=context.target)).get(row["id"])


def _create(context: MigrationContext, row: Mapping[str, Any], active: bool) -> str:
    if context.dry_run:
        context.report.missing_people.add(row["id"])
        return str(row["id"])
    departments = context.id_maps["departments"]
    new = {name: row[name] for name in PERSON_FIELDS if row.get(name) is not None}
    new["active"] = active
    new["role"] = "manager" if row.get("role") == "admin" else row.get("role") or "user"
    new["departments"] = [departments[one] for one in row.get("departments") or [] if one in departments]
    try:
        created = raw.create("persons", new, client=context.target)
    except ParameterException:
        found = _find(context, row)  # another worker has created the account meanwhile
        if found:
            return found
        if not active:
            raise
        return _create(context, row, active=False)  # the server has no seat left
    context.report.count("persons", created=1)
    return str(created["id"])
