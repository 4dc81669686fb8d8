"""People, bots, departments, the organisation, time sheets and days off."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from . import client as raw
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import find_imported, older_calls
from .exception import MethodNotAllowedException
from .helpers import (
    any_id_of,
    day_of,
    day_or_none,
    drop_none,
    id_of,
    ids_of,
    ignore_refusal,
    require_name,
    require_row,
    warn,
    with_days,
)
from .models import Date, DayOff, Department, Organisation, Person, Ref, Several, StrPath, TimeSpent, TimeSpentOnTask
from .names import hint_at_name
from .secret import hides_secrets
from .sorting import sort_by_name

if TYPE_CHECKING:
    from ._http.multipart import Progress

if not TYPE_CHECKING:
    __getattr__ = find_imported(__name__)


# -- people --------------------------------------------------------------------
@cache
def all_persons(client: KitsuClient = default) -> List[Person]:
    """List all people and bots, sorted by name: `GET data/persons`."""
    return sort_by_name(raw.fetch_all("persons", client=client))


@cache
def get_person(id: Ref, relations: bool = False, client: KitsuClient = default) -> Optional[Person]:
    """Return a person, or None: `GET data/persons?id=<person_id>`.

    Args:
        relations: include the ids of the departments.
    """
    params = {"id": any_id_of(id), **({"relations": True} if relations else {})}
    with hint_at_name("person", id):
        return raw.fetch_first("persons", params, client=client)


@older_calls("1.1")
@cache
def get_person_by_email(email: str, is_bot: bool = False, client: KitsuClient = default) -> Optional[Person]:
    """Return the person, or the bot, with this email address, or None.

    `GET data/persons?email=<email>&is_bot=<is_bot>`
    """
    return raw.fetch_first("persons", {"email": email, "is_bot": is_bot}, client=client)


@cache
def get_person_by_desktop_login(desktop_login: str, client: KitsuClient = default) -> Optional[Person]:
    """Return the person with this desktop login, or None.

    `GET data/persons?desktop_login=<desktop_login>&is_bot=False`
    """
    return raw.fetch_first("persons", {"desktop_login": desktop_login, "is_bot": False}, client=client)


@older_calls("0.8")
@cache
def get_person_by_full_name(
    full_name: str,
    first_name: Optional[str] = None,
    last_name: Optional[str] = None,
    client: KitsuClient = default,
) -> Optional[Person]:
    """Return the person of this name, or None: `GET data/persons?full_name=<full_name>&is_bot=False`.

    Args:
        first_name: with *last_name*, searched for instead of *full_name*.
    """
    names = {"full_name": full_name}
    if first_name is not None and last_name is not None:
        names = {"first_name": first_name, "last_name": last_name}
    return raw.fetch_first("persons", {**names, "is_bot": False}, client=client)


@cache
def get_person_url(person: Ref, client: KitsuClient = default) -> str:
    """Return the URL of the web page of a person."""
    return raw.get_api_url_from_host(client=client) + route("/people/{person_id}/", id_of(person))


@hides_secrets
@older_calls("1.0")
def new_person(
    first_name: str,
    last_name: str,
    email: str,
    phone: str = "",
    role: str = "user",
    desktop_login: str = "",
    departments: Optional[Several] = None,
    password: Optional[str] = None,
    active: bool = True,
    contract_type: str = "open-ended",
    client: KitsuClient = default,
) -> Person:
    """Create a person, or return the existing one with this email address: `POST data/persons`.

    Args:
        role: `user`, `supervisor`, `manager`, `admin`, `client` or `vendor`.
        desktop_login: the name that the person logs in to computers with.
        password: without one, the person must be invited.
        contract_type: `open-ended`, `fixed-term`, `short-term`, `freelance`, `apprentice` or `internship`.
    """
    data = {"first_name": first_name, "last_name": last_name, "email": email, "phone": phone, "role": role}
    data.update(desktop_login=desktop_login, contract_type=contract_type)
    person = {**data, "departments": ids_of(departments), "password": password, "active": active}
    found = raw.fetch_first("persons", {"email": email, "is_bot": False}, client=client)
    return found or _create_person(person, client)


def _create_person(person: Dict[str, Any], client: KitsuClient) -> Person:
    with suppress(MethodNotAllowedException):
        return raw.create("persons", person, client=client)
    return raw.post("data/persons/new", person, client=client)  # Zou 0.18 and older


def update_person(person: Ref, client: KitsuClient = default) -> Person:
    """Change a person, and return it: `PUT data/persons/<person_id>`.

    Args:
        person: its `id` and the fields to change. `departments` takes ids or dicts. A new `data` replaces the old
            one as a whole.
    """
    data: Dict[str, Any] = {**(person if isinstance(person, Mapping) else {}), "id": id_of(person)}
    data = with_days(data, "expiration_date")
    if "departments" in data:
        data["departments"] = ids_of(data["departments"])
    return raw.update("persons", id_of(data), data, client=client)


def remove_person(person: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete a person: `DELETE data/persons/<person_id>`.

    Args:
        force: delete the comments, time spents, assignments, ... of the person too; the `duration` of tasks keeps
            the sum of these time spents. Days off still make the server refuse.
    """
    return _remove(route("data/persons/{person_id}", id_of(person)), force, client)


def _remove(path: str, force: bool, client: KitsuClient) -> str:
    """Delete a person, a bot or a department."""
    return raw.delete(path, {"force": True} if force else {}, client=client)


def set_avatar(
    person: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> Dict[str, Any]:
    """Upload the avatar of a person: `POST pictures/thumbnails/persons/<person_id>`.

    Args:
        progress_callback: called with (bytes sent, total bytes).
    """
    path = route("pictures/thumbnails/persons/{person_id}", id_of(person))
    return raw.upload(path, file_path, client=client, progress_callback=progress_callback)


def clear_person_avatar(person: Ref, client: KitsuClient = default) -> str:
    """Delete the avatar of a person: `DELETE actions/persons/<person_id>/clear-avatar`."""
    return raw.delete(route("actions/persons/{person_id}/clear-avatar", id_of(person)), client=client)


def invite_person(person: Ref, client: KitsuClient = default) -> Dict[str, Any]:
    """Send an invitation by email: `GET actions/persons/<person_id>/invite`."""
    return raw.get(route("actions/persons/{person_id}/invite", id_of(person)), client=client)


@hides_secrets
def change_password_for_person(person: Ref, password: str, client: KitsuClient = default) -> Dict[str, Any]:
    """Change the password of a person; the user must be an administrator.

    `POST actions/persons/<person_id>/change-password`
    """
    path = route("actions/persons/{person_id}/change-password", id_of(person))
    return raw.post(path, {"password": password, "password_2": password}, client=client)


def disable_two_factor_authentication(person: Ref, client: KitsuClient = default) -> str:
    """Remove all second factors of a person who has lost them.

    `DELETE actions/persons/<person_id>/disable-two-factor-authentication`
    """
    path = route("actions/persons/{person_id}/disable-two-factor-authentication", id_of(person))
    return raw.delete(path, client=client)


# -- bots ----------------------------------------------------------------------
def new_bot(
    name: str,
    email: str,
    role: str = "user",
    departments: Optional[Several] = None,
    active: bool = True,
    expiration_date: Optional[Date] = None,
    client: KitsuClient = default,
) -> Person:
    """Create a bot, and return it with its `access_token`, which is shown only now: `POST data/persons`.

    Args:
        role: as for `new_person`.
        expiration_date: the last day of its token, `YYYY-MM-DD`; None for a token that never expires.
    """
    data = {"first_name": require_name(name), "last_name": "", "email": email, "role": role, "active": active}
    end = day_or_none(expiration_date)
    more = {"is_bot": True, "departments": ids_of(departments), "expiration_date": end}
    return raw.create("persons", {**data, **more}, client=client)


def update_bot(bot: Ref, client: KitsuClient = default) -> Person:
    """Change a bot, and return it: `PUT data/persons/<bot_id>`.

    Args:
        bot: its `id` and the fields to change. A different `expiration_date`
            issues a new `access_token` and revokes the old one.
    """
    return update_person(bot, client=client)


def remove_bot(bot: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete a bot: `DELETE data/persons/<bot_id>`.

    Args:
        force: delete its comments, ... too.
    """
    return remove_person(bot, force, client=client)


# -- departments, organisation -------------------------------------------------
@cache
def all_departments(client: KitsuClient = default) -> List[Department]:
    """List all departments, sorted by name: `GET data/departments`."""
    return sort_by_name(raw.fetch_all("departments", client=client))


@cache
def get_department(department_id: Ref, client: KitsuClient = default) -> Department:
    """Return a department: `GET data/departments/<department_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("departments", any_id_of(department_id), client=client)


@cache
def get_department_by_name(name: str, client: KitsuClient = default) -> Optional[Department]:
    """Return the department of this name, or None: `GET data/departments?name=<name>`."""
    return raw.fetch_named("departments", {"name": name}, client=client)


def new_department(name: str, color: str = "", archived: bool = False, client: KitsuClient = default) -> Department:
    """Create a department, or return the existing one with this name: `POST data/departments`.

    Args:
        color: `#rrggbb`
    """
    data = {"name": require_name(name), "color": color, "archived": archived}
    found = raw.fetch_named("departments", {"name": name}, client=client)
    return found or raw.create("departments", data, client=client)


def update_department(department: Ref, client: KitsuClient = default) -> Department:
    """Change a department, and return it: `PUT data/departments/<department_id>`.

    Args:
        department: its `id` and the fields to change.
    """
    data = department if isinstance(department, Mapping) else {"id": id_of(department)}
    return raw.update("departments", id_of(department), data, client=client)


def remove_department(department: Ref, force: bool = False, client: KitsuClient = default) -> str:
    """Delete a department: `DELETE data/departments/<department_id>`.

    Args:
        force: for servers that support it; Zou 1.0.97 still refuses a department that has people.
    """
    return _remove(route("data/departments/{department_id}", id_of(department)), force, client)


def add_person_to_department(person: Ref, department: Ref, client: KitsuClient = default) -> Person:
    """Add a person to a department, and return the person: `POST actions/persons/<person_id>/departments/add`."""
    path = route("actions/persons/{person_id}/departments/add", id_of(person))
    return raw.post(path, {"department_id": id_of(department)}, client=client)


def remove_person_from_department(person: Ref, department: Ref, client: KitsuClient = default) -> str:
    """Remove a person from a department: `DELETE actions/persons/<person_id>/departments/<department_id>`."""
    path = route("actions/persons/{person_id}/departments/{department_id}", id_of(person), id_of(department))
    return raw.delete(path, client=client)


@cache
def all_organisations(client: KitsuClient = default) -> List[Organisation]:
    """List all organisations, sorted by name; a server has one: `GET data/organisations`."""
    return sort_by_name(raw.fetch_all("organisations", client=client))


@cache
def get_organisation(client: KitsuClient = default) -> Organisation:
    """Return the organisation of the server: `GET auth/authenticated`."""
    return raw.get("auth/authenticated", client=client)["organisation"]


# -- time sheets ---------------------------------------------------------------
@cache
def get_time_spents_range(
    person_id: Ref, start_date: Date, end_date: Date, client: KitsuClient = default
) -> List[TimeSpent]:
    """List the time that a person spent from one day to another.

    `GET data/persons/<person_id>/time-spents?start_date=<start_date>&end_date=<end_date>`

    Args:
        start_date: `YYYY-MM-DD`, as is *end_date*.
    """
    params = {"start_date": day_of(start_date), "end_date": day_of(end_date)}
    return raw.get(route("data/persons/{person_id}/time-spents", any_id_of(person_id)), params=params, client=client)


def get_all_month_time_spents(id: Ref, date: Date, client: KitsuClient = default) -> List[TimeSpent]:
    """List the time that a person spent in the month of *date*.

    `GET data/persons/<person_id>/time-spents/month/all/<year>/<month>`
    """
    year, month = day_of(date)[:7].split("-")
    path = route("data/persons/{person_id}/time-spents/month/all/{year}/{month}", id_of(id), year, month)
    return raw.get(path, client=client)


@cache
def get_time_spents_by_date(person: Ref, date: Date, client: KitsuClient = default) -> List[TimeSpent]:
    """List the time that a person spent on one day: `GET data/persons/<person_id>/time-spents/<date>`.

    Args:
        date: `YYYY-MM-DD`
    """
    path = route("data/persons/{person_id}/time-spents/{date}", id_of(person), day_of(date))
    return raw.get(path, client=client)


@cache
def get_week_time_spents(person: Ref, year: int, week: int, client: KitsuClient = default) -> List[TimeSpentOnTask]:
    """Sum the time that a person spent in a week, by task.

    `GET data/persons/<person_id>/time-spents/week/<year>/<week>`
    """
    path = route("data/persons/{person_id}/time-spents/week/{year}/{week}", id_of(person), year, week)
    return raw.get(path, client=client)


@cache
def get_year_time_spents(person: Ref, year: int, client: KitsuClient = default) -> List[TimeSpentOnTask]:
    """Sum the time that a person spent in a year, by task: `GET data/persons/<person_id>/time-spents/year/<year>`."""
    return raw.get(route("data/persons/{person_id}/time-spents/year/{year}", id_of(person), year), client=client)


def get_presence_log(year: int, month: int, client: KitsuClient = default) -> str:
    """Return who was present on which day of a month, as CSV text: `GET data/persons/presence-logs/<year>-<month>`."""
    path = route("data/persons/presence-logs/{month}", f"{year}-{int(month):02}")
    return raw.get(path, json_response=False, client=client)


# -- days off ------------------------------------------------------------------
@cache
def get_day_offs(person: Ref, client: KitsuClient = default) -> List[DayOff]:
    """List the days off of a person: `GET data/persons/<person_id>/day-offs`."""
    return raw.get(route("data/persons/{person_id}/day-offs", id_of(person)), client=client)


@cache
def get_week_day_offs(person: Ref, year: int, week: int, client: KitsuClient = default) -> List[DayOff]:
    """List the days off of a person in a week: `GET data/persons/<person_id>/day-offs/week/<year>/<week>`."""
    path = route("data/persons/{person_id}/day-offs/week/{year}/{week}", id_of(person), year, week)
    return raw.get(path, client=client)


@cache
def get_month_day_offs(person: Ref, year: int, month: int, client: KitsuClient = default) -> List[DayOff]:
    """List the days off of a person in a month: `GET data/persons/<person_id>/day-offs/month/<year>/<month>`."""
    template = "data/persons/{person_id}/day-offs/month/{year}/{month}"
    return raw.get(route(template, id_of(person), year, f"{int(month):02}"), client=client)


@cache
def get_year_day_offs(person: Ref, year: int, client: KitsuClient = default) -> List[DayOff]:
    """List the days off of a person in a year: `GET data/persons/<person_id>/day-offs/year/<year>`."""
    return raw.get(route("data/persons/{person_id}/day-offs/year/{year}", id_of(person), year), client=client)


@cache
def get_day_off(day_off_id: Ref, client: KitsuClient = default) -> DayOff:
    """Return a period of days off: `GET data/day-offs/<day_off_id>`.

    Raises:
        RouteNotFoundException: it does not exist.
    """
    return raw.fetch_one("day-offs", any_id_of(day_off_id), client=client)


def new_day_off(
    person: Ref, date: Date, end_date: Date, description: Optional[str] = None, client: KitsuClient = default
) -> DayOff:
    """Create days off of a person, from *date* to *end_date*: `POST data/day-offs`.

    The server deletes the time that the person spent on these days. Where there is some, a GazuWarning says how much,
    before the days off are created: turned into an error, it prevents both.

    `GET data/persons/<person_id>/time-spents?start_date=<date>&end_date=<end_date>`

    Args:
        date: `YYYY-MM-DD`, as is *end_date*.
    """
    data = {"person_id": id_of(person), "date": day_of(date), "end_date": day_of(end_date)}
    _warn_of_time_spents(data, client)
    return raw.create("day-offs", drop_none(description=description, **data), client=client)


def _warn_of_time_spents(days: Mapping[str, Any], client: KitsuClient) -> None:
    """Warn of the time spents that the server deletes with days off; not where this account may not see them."""
    minutes: List[float] = []
    with ignore_refusal():
        row = {**raw.fetch_one("day-offs", id_of(days), client=client), **days} if "id" in days else days
        minutes = _get_minutes(row, client)
    if minutes:
        warn(f"this deletes {len(minutes)} time spents, {sum(minutes):g} minutes in all")


def _get_minutes(days: Mapping[str, Any], client: KitsuClient) -> List[float]:
    spans = get_time_spents_range(days["person_id"], days["date"], days["end_date"], client=client)
    return [spent["duration"] for spent in spans]


def update_day_off(day_off: Mapping[str, Any], client: KitsuClient = default) -> DayOff:
    """Change days off, and return them: `PUT data/day-offs/<day_off_id>`.

    The server deletes the time that the person spent on the days covered, and a GazuWarning says so, as in
    `new_day_off`.

    Args:
        day_off: its `id` and the fields to change.
    """
    data = with_days(require_row(day_off), "date", "end_date")
    _warn_of_time_spents(data, client)
    return raw.update("day-offs", id_of(day_off), data, client=client)


def remove_day_off(day_off: Ref, client: KitsuClient = default) -> str:
    """Delete days off: `DELETE data/day-offs/<day_off_id>`."""
    return raw.delete(route("data/day-offs/{day_off_id}", id_of(day_off)), client=client)
