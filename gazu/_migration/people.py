"""The people of a production: known again by e-mail, and made where the target does not have them."""

from typing import Any, Dict, Iterable, List, Mapping, Optional

from .. import client as raw
from ..client import KitsuClient
from ..exception import ParameterException
from .tally import Tally

#: What is kept of somebody; no password, no second factor, no rights of an administrator.
KEPT = (
    "first_name", "last_name", "email", "phone", "country", "contract_type", "timezone", "locale", "position",
    "seniority", "role", "data", "is_bot", "is_guest",
)  # fmt: skip


def matched(source: Iterable[Mapping[str, Any]], target: Iterable[Mapping[str, Any]]) -> Dict[str, str]:
    """Return the target's ids by the source's, of those who are known at both."""
    known = {_key(row): row["id"] for row in target}
    return {row["id"]: known[_key(row)] for row in source if _key(row) in known}


def _key(row: Mapping[str, Any]) -> str:
    """Return by what somebody is known again; bots and guests may have no e-mail."""
    kind = "bot" if row.get("is_bot") else "guest" if row.get("is_guest") and not row.get("email") else "person"
    return f"{kind} {row.get('email') or row.get('full_name') or row['id']}".lower()


def bring(
    source: KitsuClient,
    target: KitsuClient,
    id: str,
    maps: Mapping[str, Dict[str, str]],
    tally: Tally,
    active: bool = False,
) -> str:
    """Return the id that somebody has at the target, where they get an account if they have none.

    Args:
        active: whether the account is one to work with, and takes a seat, if there is one; it has no password yet.
    """
    row = raw.fetch_one("persons", id, client=source)
    found = _find(row, target)
    if found is None:
        found = _made(row, target, maps["departments"], tally, active and bool(row["active"]))
    maps["people"][id] = found
    return found


def _find(row: Mapping[str, Any], target: KitsuClient) -> Optional[str]:
    params = {"email": row["email"].lower()} if row.get("email") else None
    rows: List[Any] = raw.fetch_all("persons", params=params, client=target)
    return matched([row], rows).get(row["id"])


def _made(
    row: Mapping[str, Any], target: KitsuClient, departments: Mapping[str, str], tally: Tally, active: bool
) -> str:
    new = {name: row[name] for name in KEPT if row.get(name) is not None}
    new["active"] = active
    new["role"] = "manager" if row.get("role") == "admin" else row.get("role") or "user"
    new["departments"] = [departments[one] for one in row.get("departments") or [] if one in departments]
    try:
        made = raw.create("persons", new, client=target)
    except ParameterException:
        found = _find(row, target)  # another worker was quicker
        if found:
            return found
        if not active:
            raise
        return _made(row, target, departments, tally, active=False)  # the server has no seat left
    tally.count("persons", created=1)
    return str(made["id"])
