"""People, bots, departments, the organisation, time sheets and days off."""

import datetime
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Tuple, Union

from . import client as raw
from ._http.protocol import require_field
from ._http.route import route
from .cache import cache
from .client import KitsuClient
from .client import default_client as default
from .deprecation import find_imported, list_functions, older_calls
from .exception import MethodNotAllowedException
from .helpers import (
    any_id_of,
    count_mode_query,
    day_of,
    day_or_none,
    drop_none,
    for_update,
    id_of,
    id_or_none,
    ids_of,
    ignore_refusal,
    require_name,
    require_row,
    time_of,
    warn,
    with_days,
)
from .models import (
    Date,
    DayOff,
    Department,
    DepartmentHardware,
    DepartmentSoftware,
    DesktopLoginLog,
    HardwareItem,
    Invitation,
    NewBot,
    Organisation,
    Person,
    PersonSummary,
    QuotaShot,
    Ref,
    Several,
    Software,
    StrPath,
    Thumbnail,
    TimeSpent,
    TimeSpentOnTask,
)
from .names import NameHint
from .secret import hide, hides_secrets
from .sheets import upload_sheet
from .sorting import sort_by_name

if TYPE_CHECKING:
    from requests import Response

    from ._http.multipart import Progress

if not TYPE_CHECKING:
    __getattr__, __dir__ = find_imported(__name__), list_functions(__name__)


# -- people --------------------------------------------------------------------
@cache
def all_persons(client: KitsuClient = default) -> List[Person]:
    """List all people and bots, sorted by name: `GET data/persons`.

    Example:
        >>> "Jane Doe" in [person["full_name"] for person in gazu.person.all_persons()]
        True
    """
    return sort_by_name(raw.fetch_all("persons", client=client))


@cache
def get_person(id: Ref, relations: bool = False, client: KitsuClient = default) -> Optional[Person]:
    """Return a person, or None: `GET data/persons?id=<person_id>`.

    Args:
        relations: include the ids of the departments.

    Example:
        >>> gazu.person.get_person(task["assignees"][0])["full_name"]
        'Jane Doe'
    """
    params = {"id": any_id_of(id), **({"relations": True} if relations else {})}
    with NameHint("person", id):
        return raw.fetch_first("persons", params, client=client)


@older_calls("1.1")
@cache
def get_person_by_email(email: str, is_bot: bool = False, client: KitsuClient = default) -> Optional[Person]:
    """Return the person, or the bot, with this email address, or None.

    `GET data/persons?email=<email>&is_bot=<is_bot>`

    Args:
        is_bot: search the bots instead of the people.

    Example:
        >>> gazu.person.get_person_by_email("jane@example.com")["full_name"]
        'Jane Doe'
    """
    return raw.fetch_first("persons", {"email": email, "is_bot": is_bot}, client=client)


@cache
def get_person_by_desktop_login(desktop_login: str, client: KitsuClient = default) -> Optional[Person]:
    """Return the person with this desktop login, or None.

    `GET data/persons?desktop_login=<desktop_login>&is_bot=False`

    Args:
        desktop_login: the name that the person logs in to computers with.
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
    """Return the URL of the web page of a person; no request is sent."""
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
        active: False for somebody who cannot log in.
        contract_type: `open-ended`, `fixed-term`, `short-term`, `freelance`, `apprentice` or `internship`.

    Example:
        >>> gazu.person.new_person("Jane", "Doe", "jane@example.com")["id"] == person["id"]  # there is one
        True
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

    Raises:
        ParameterException: the email address is in use, or there is no such role.

    Example:
        >>> gazu.person.update_person({"id": person["id"], "phone": "+34 600 000 000"})["phone"]
        '+34 600 000 000'
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

    Raises:
        ParameterException: something is still linked to the person.
    """
    return _remove(route("data/persons/{person_id}", id_of(person)), force, client)


def _remove(path: str, force: bool, client: KitsuClient) -> str:
    """Delete a person, a bot or a department."""
    return raw.delete(path, {"force": True} if force else {}, client=client)


def set_avatar(
    person: Ref, file_path: StrPath, client: KitsuClient = default, progress_callback: Optional["Progress"] = None
) -> Thumbnail:
    """Upload the avatar of a person: `POST pictures/thumbnails/persons/<person_id>`.

    Args:
        file_path: a picture.
        progress_callback: called with (bytes sent, total bytes).

    Returns:
        `{"thumbnail_path": ...}`, relative to the URL of the API.

    Raises:
        ParameterException: the file is not a picture.
    """
    path = route("pictures/thumbnails/persons/{person_id}", id_of(person))
    return raw.upload(path, file_path, client=client, progress_callback=progress_callback)


def clear_person_avatar(person: Ref, client: KitsuClient = default) -> str:
    """Delete the avatar of a person: `DELETE actions/persons/<person_id>/clear-avatar`."""
    return raw.delete(route("actions/persons/{person_id}/clear-avatar", id_of(person)), client=client)


def invite_person(person: Ref, client: KitsuClient = default) -> Invitation:
    """Send an invitation by email: `GET actions/persons/<person_id>/invite`.

    Returns:
        `{"success": True, "message": ...}`
    """
    return raw.get(route("actions/persons/{person_id}/invite", id_of(person)), client=client)


@hides_secrets
def change_password_for_person(person: Ref, password: str, client: KitsuClient = default) -> Dict[str, bool]:
    """Change the password of a person; the user must be an administrator.

    `POST actions/persons/<person_id>/change-password`

    Returns:
        `{"success": True}`

    Raises:
        ParameterException: the password is too short, or the person is an administrator too.
    """
    path = route("actions/persons/{person_id}/change-password", id_of(person))
    return raw.post(path, {"password": password, "password_2": password}, client=client)


def send_password_reset(email: str, client: KitsuClient = default) -> Dict[str, str]:
    """Have the server send a link for a new password by email, to anybody: `POST auth/reset-password`.

    The token in it is one for `user.reset_password`. The response is the same whether the address is known or not.

    Returns:
        `{"success": "Reset token sent"}`
    """
    return raw.post("auth/reset-password", {"email": email}, client=client)


def new_password_reset_link(person: Ref, client: KitsuClient = default) -> str:
    """Return a link with which a person sets a new password, for studios without email (administrators).

    It stays the same until it is used, or for two hours. Its `repr` hides it; its `token` is one for
    `user.reset_password`.

    `POST actions/persons/<person_id>/reset-password-link`

    Raises:
        NotAllowedException: *person* is a bot, or the user is not an administrator.
    """
    path = route("actions/persons/{person_id}/reset-password-link", id_of(person))
    answer = raw.post(path, {}, client=client)
    return hide(require_field(answer, "reset_password_link", path, str))


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
) -> NewBot:
    """Create a bot, and return it with its `access_token`, which is shown only now: `POST data/persons`.

    Args:
        role: as for `new_person`.
        active: False for one that cannot be used.
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


# -- departments and the organisation ------------------------------------------
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
        archived: whether Kitsu hides it.
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

    Raises:
        ParameterException: people are in it.
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
def all_persons_for_department(department: Ref, client: KitsuClient = default) -> List[Union[Person, PersonSummary]]:
    """List the people of a department, sorted by first name: `GET data/departments/<department_id>/persons`.

    Admins get whole rows, others short ones.
    """
    return raw.fetch_all(route("departments/{department_id}/persons", id_of(department)), client=client)


@cache
def all_department_hardware(client: KitsuClient = default) -> Dict[str, List[HardwareItem]]:
    """Return the hardware of all departments, by the id of the department: `GET data/departments/hardware-items`.

    Admins only. Departments without any are left out.
    """
    return raw.fetch_all("departments/hardware-items", client=client)


def add_hardware_to_department(
    hardware_item: Ref, department: Ref, client: KitsuClient = default
) -> DepartmentHardware:
    """Say that a department works with a kind of hardware: `POST data/departments/<department_id>/hardware-items`.

    Admins only.

    Raises:
        RouteNotFoundException: one of the ids is unknown.
    """
    path = route("data/departments/{department_id}/hardware-items", id_of(department))
    return raw.post(path, {"hardware_item_id": id_of(hardware_item)}, client=client)


def remove_hardware_from_department(hardware_item: Ref, department: Ref, client: KitsuClient = default) -> str:
    """Say that a department does not work with a kind of hardware. Admins only.

    `DELETE data/departments/<department_id>/hardware-items/<hardware_item_id>`
    """
    place = (id_of(department), id_of(hardware_item))
    return raw.delete(
        route("data/departments/{department_id}/hardware-items/{hardware_item_id}", *place), client=client
    )


@cache
def all_department_softwares(client: KitsuClient = default) -> Dict[str, List[Software]]:
    """Return the software of all departments, by the id of the department: `GET data/departments/software-licenses`.

    Admins only. Departments without any are left out.
    """
    return raw.fetch_all("departments/software-licenses", client=client)


def add_software_to_department(software: Ref, department: Ref, client: KitsuClient = default) -> DepartmentSoftware:
    """Say that a department works with a software: `POST data/departments/<department_id>/software-licenses`.

    Admins only. `project.add_task_type_software` says which software opens the tasks of a project.

    Raises:
        RouteNotFoundException: one of the ids is unknown.
    """
    path = route("data/departments/{department_id}/software-licenses", id_of(department))
    return raw.post(path, {"software_id": id_of(software)}, client=client)


def remove_software_from_department(software: Ref, department: Ref, client: KitsuClient = default) -> str:
    """Say that a department does not work with a software. Admins only.

    `DELETE data/departments/<department_id>/software-licenses/<software_id>`
    """
    place = (id_of(department), id_of(software))
    return raw.delete(route("data/departments/{department_id}/software-licenses/{software_id}", *place), client=client)


@cache
def all_organisations(client: KitsuClient = default) -> List[Organisation]:
    """List all organisations, sorted by name; a server has one: `GET data/organisations`."""
    return sort_by_name(raw.fetch_all("organisations", client=client))


@cache
def get_organisation(client: KitsuClient = default) -> Organisation:
    """Return the organisation of the server: `GET auth/authenticated`."""
    return raw.get("auth/authenticated", client=client)["organisation"]


def update_organisation(organisation: Mapping[str, Any], client: KitsuClient = default) -> Organisation:
    """Change fields of *organisation*, a dict with its `id`, and return it. Admins only.

    `PUT data/organisations/<organisation_id>`
    """
    return raw.update("organisations", id_of(organisation), for_update(organisation), client=client)


# -- log-ins to computers ------------------------------------------------------
def all_desktop_login_logs(person: Ref, client: KitsuClient = default) -> List[DesktopLoginLog]:
    """List the desktop log-ins of a person, the last one first: `GET data/persons/<person_id>/desktop-login-logs`.

    Managers, and the person.
    """
    return raw.fetch_all(route("persons/{person_id}/desktop-login-logs", id_of(person)), client=client)


def log_desktop_session_log_in(
    person: Ref, date: Optional[Date] = None, client: KitsuClient = default
) -> DesktopLoginLog:
    """Record a desktop log-in of a person: `POST data/persons/<person_id>/desktop-login-logs`.

    Admins, and the person: see also `user.log_desktop_session_log_in`.

    Args:
        date: `YYYY-MM-DDTHH:MM:SS` in UTC; None for now.
    """
    path = route("data/persons/{person_id}/desktop-login-logs", id_of(person))
    return raw.post(path, drop_none(date=None if date is None else time_of(date)), client=client)


# -- time sheets ---------------------------------------------------------------
@cache
def get_time_spents_range(
    person_id: Ref, start_date: Date, end_date: Date, client: KitsuClient = default
) -> List[TimeSpent]:
    """List the time that a person spent from one day to another.

    `GET data/persons/<person_id>/time-spents?start_date=<start_date>&end_date=<end_date>`

    Args:
        start_date: `YYYY-MM-DD`, as is *end_date*.

    Raises:
        ValueError: a date is not a day.
    """
    params = {"start_date": day_of(start_date), "end_date": day_of(end_date)}
    return raw.get(route("data/persons/{person_id}/time-spents", any_id_of(person_id)), params=params, client=client)


def get_all_month_time_spents(id: Ref, date: Date, client: KitsuClient = default) -> List[TimeSpent]:
    """List the time that a person spent in the month of *date*.

    `GET data/persons/<person_id>/time-spents/month/all/<year>/<month>`

    Args:
        date: any day of the month, `YYYY-MM-DD`.
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
    """Sum the time that a person spent in a week, in minutes, by task.

    `GET data/persons/<person_id>/time-spents/week/<year>/<week>`

    Args:
        year: the year of the ISO week.
        week: the number of the ISO week, 1 to 53.
    """
    template = "data/persons/{person_id}/time-spents/week/{year}/{week}"
    return raw.get(route(template, id_of(person), *_week_of(year, week)), client=client)


@cache
def get_year_time_spents(person: Ref, year: int, client: KitsuClient = default) -> List[TimeSpentOnTask]:
    """Sum the time that a person spent in a year, by task: `GET data/persons/<person_id>/time-spents/year/<year>`.

    Args:
        year: for example 2026.
    """
    path = route("data/persons/{person_id}/time-spents/year/{year}", id_of(person), _day_of(year).year)
    return raw.get(path, client=client)


def _day_of(year: Any, month: Any = 1, day: Any = 1) -> datetime.date:
    """Return a day; the server fails for an invalid one."""
    for name, value in (("year", year), ("month", month), ("day", day)):
        if not str(value).isdecimal():
            raise ValueError(f"{name}: expected a whole number, got {value!r:.200}")
    return datetime.date(int(year), int(month), int(day))


def _week_of(year: Any, week: Any) -> Tuple[int, int]:
    """Return year and number of an ISO week; the server fails for an invalid one."""
    weeks = _day_of(year, 12, 28).isocalendar()[1]
    if not (str(week).isdecimal() and 1 <= int(week) <= weeks):
        raise ValueError(f"week: expected 1 to {weeks} in {year}, got {week!r:.200}")
    return int(year), int(week)


@cache
def get_month_time_spents(person: Ref, year: int, month: int, client: KitsuClient = default) -> List[TimeSpentOnTask]:
    """Sum the time that a person spent in a month, in minutes, by task.

    `GET data/persons/<person_id>/time-spents/month/<year>/<month>`. The person; managers and supervisors for their
    productions.

    Args:
        year: for example 2026.
        month: 1 to 12.
    """
    first = _day_of(year, month)
    path = route("data/persons/{person_id}/time-spents/month/{year}/{month}", id_of(person), first.year, first.month)
    return raw.get(path, client=client)


@cache
def get_day_time_spents(
    person: Ref, year: int, month: int, day: int, client: KitsuClient = default
) -> List[TimeSpentOnTask]:
    """Sum the time that a person spent on one day, in minutes, by task.

    `GET data/persons/<person_id>/time-spents/day/<year>/<month>/<day>`. The person; managers and supervisors for their
    productions. The entries themselves: `get_time_spents_by_date`.

    Args:
        year: for example 2026.
        month: 1 to 12.
        day: 1 to 31.
    """
    date, template = _day_of(year, month, day), "data/persons/{person_id}/time-spents/day/{year}/{month}/{day}"
    return raw.get(route(template, id_of(person), date.year, date.month, date.day), client=client)


@cache
def get_time_spents_table(
    unit: str,
    year: Optional[int] = None,
    month: Optional[int] = None,
    project: Optional[Ref] = None,
    department: Optional[Ref] = None,
    studio: Optional[Ref] = None,
    client: KitsuClient = default,
) -> Dict[str, Dict[str, float]]:
    """Sum the time spent, in minutes, by year, month, week or day, and by person.

    Admins for all; managers and supervisors for their productions (and departments); all others for themselves.

    `GET data/persons/time-spents/year-table`, `GET data/persons/time-spents/month-table/<year>`,
    `GET data/persons/time-spents/week-table/<year>` or `GET data/persons/time-spents/day-table/<year>/<month>`

    Args:
        unit: `year`, `month`, `week` or `day`. Days around New Year count in the ISO week that they are in.
        year: for months, weeks and days.
        month: for days: 1 to 12.
        project: only tasks of this project.
        department: only task types of this department.
        studio: only people of this studio.

    Returns:
        `{"11": {<person_id>: 480.0}}`, where 11 is the month.

    Raises:
        ValueError: there is no such unit, or *year* or *month* is missing.
    """
    ids = {"project_id": id_or_none(project), "department_id": id_or_none(department), "studio_id": id_or_none(studio)}
    return raw.get(_table_path(unit, year, month), params=drop_none(**ids), client=client)


def _table_path(unit: str, year: Any, month: Any) -> str:
    parts = {"year": (), "month": (year,), "week": (year,), "day": (year, month)}
    if unit not in parts:
        raise ValueError(f"unit: expected one of {', '.join(parts)}, got {unit!r:.200}")
    day = _day_of(*parts[unit]) if parts[unit] else datetime.date.min
    numbers = [str(day.year), str(day.month)][: len(parts[unit])]
    return "/".join([route("data/persons/time-spents/{table}", f"{unit}-table"), *numbers])


@cache
def all_time_spents(
    start_date: Optional[Date] = None, end_date: Optional[Date] = None, client: KitsuClient = default
) -> List[TimeSpent]:
    """List the time that all people spent, in minutes, in pages: `GET data/time-spents`. Admins only.

    Args:
        start_date: the first day, `YYYY-MM-DD`.
        end_date: the last one.
    """
    start, end = day_or_none(start_date), day_or_none(end_date)
    params = {"start_date": start or "0001-01-01", "end_date": end or "9999-12-31"} if start or end else {}
    return raw.fetch_all("time-spents", params, client=client, paginated=True, limit=1000)


@cache
def get_quota_shots(
    person: Ref,
    year: int,
    month: Optional[int] = None,
    week: Optional[int] = None,
    day: Optional[int] = None,
    count_mode: Optional[str] = None,
    project: Optional[Ref] = None,
    task_type: Optional[Ref] = None,
    client: KitsuClient = default,
) -> List[QuotaShot]:
    """List the shots that count in the quotas of a person in a month, a week or a day, each with its `weight`.

    The person; with a *project* also its managers and supervisors.

    `GET data/persons/<person_id>/quota-shots/month/<year>/<month>`,
    `GET data/persons/<person_id>/quota-shots/week/<year>/<week>` or
    `GET data/persons/<person_id>/quota-shots/day/<year>/<month>/<day>`

    Args:
        year: of the month, or of the ISO *week*.
        month: 1 to 12.
        week: 1 to 53, without a *month*.
        day: of the *month*.
        count_mode: as in `gazu.project.get_project_quotas`.

    Raises:
        ServerErrorException: on Zou 1.0.97, for accounts whose time zone is `UTC`, as it is at first.
        ValueError: *period* or *mode* does not exist.
    """
    ids = {"project_id": id_or_none(project), "task_type_id": id_or_none(task_type)}
    params = {**drop_none(**ids), **count_mode_query(count_mode)}
    return raw.get(_quota_path(id_of(person), year, month, week, day), params=params, client=client)


def _quota_path(person_id: str, year: Any, month: Any, week: Any, day: Any) -> str:
    if (month is None) == (week is None) or (week is not None and day is not None):
        raise ValueError("expected a month, a month and a day, or a week")
    first = _day_of(year, 1 if month is None else month, 1 if day is None else day)
    unit = "week" if month is None else "month" if day is None else "day"
    numbers = _week_of(year, week) if month is None else (first.year, first.month, first.day)[: 2 if day is None else 3]
    return "/".join([route("data/persons/{person_id}/quota-shots/{unit}", person_id, unit), *map(str, numbers)])


def get_presence_log(year: int, month: int, client: KitsuClient = default) -> str:
    """Return who was present on which day of a month, as CSV text: `GET data/persons/presence-logs/<year>-<month>`.

    Args:
        year: for example 2026.
        month: 1 to 12.
    """
    path = route("data/persons/presence-logs/{month}", _day_of(year, month).isoformat()[:7])
    return raw.get(path, json_response=False, client=client)


# -- CSV -----------------------------------------------------------------------
def import_persons_with_csv(
    csv_file_path: StrPath,
    update: bool = False,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> List[Person]:
    """Create the people listed in a CSV file, and return all of them: `POST import/csv/persons`. Admins only.

    Arguments and errors are those of `gazu.shot.import_shots_with_csv`. The columns are `First Name`,
    `Last Name`, `Email`, and as you like `Phone`, `Role`, `Departments` (names with commas between), `Studio`,
    `Country`, `Contract Type`, `Position`, `Seniority`, `Daily Salary` and `Active`.

    Args:
        update: change people with the same email address too, who are else left as they are.
    """
    path = "import/csv/persons?update=true" if update else "import/csv/persons"
    return upload_sheet(path, csv_file_path, "", "Person", client, progress_callback)


def export_persons_with_csv(
    csv_file_path: StrPath,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Write all people to a CSV file: `GET export/csv/persons.csv`. Managers.

    The file has their salaries: keep it from others.
    Arguments and errors are those of `gazu.shot.export_shots_with_csv`.
    """
    return raw.download("export/csv/persons.csv", csv_file_path, client=client, progress_callback=progress_callback)


def export_time_spents_with_csv(
    csv_file_path: StrPath,
    client: KitsuClient = default,
    progress_callback: Optional["Progress"] = None,
) -> "Response":
    """Write the time spent in open projects, in minutes, to a CSV file: `GET export/csv/time-spents.csv`. Managers.

    Arguments and errors are those of `gazu.shot.export_shots_with_csv`.
    """
    return raw.download("export/csv/time-spents.csv", csv_file_path, client=client, progress_callback=progress_callback)


# -- days off ------------------------------------------------------------------
@cache
def get_day_offs(person: Ref, client: KitsuClient = default) -> List[DayOff]:
    """List the days off of a person: `GET data/persons/<person_id>/day-offs`."""
    return raw.get(route("data/persons/{person_id}/day-offs", id_of(person)), client=client)


@cache
def get_week_day_offs(person: Ref, year: int, week: int, client: KitsuClient = default) -> List[DayOff]:
    """List the days off of a person in a week: `GET data/persons/<person_id>/day-offs/week/<year>/<week>`.

    Args:
        year: the year of the ISO week.
        week: the number of the ISO week, 1 to 53.
    """
    path = route("data/persons/{person_id}/day-offs/week/{year}/{week}", id_of(person), *_week_of(year, week))
    return raw.get(path, client=client)


@cache
def get_month_day_offs(person: Ref, year: int, month: int, client: KitsuClient = default) -> List[DayOff]:
    """List the days off of a person in a month: `GET data/persons/<person_id>/day-offs/month/<year>/<month>`.

    Args:
        year: for example 2026.
        month: 1 to 12.
    """
    first, template = _day_of(year, month), "data/persons/{person_id}/day-offs/month/{year}/{month}"
    return raw.get(route(template, id_of(person), first.year, f"{first.month:02}"), client=client)


@cache
def get_year_day_offs(person: Ref, year: int, client: KitsuClient = default) -> List[DayOff]:
    """List the days off of a person in a year: `GET data/persons/<person_id>/day-offs/year/<year>`.

    Args:
        year: for example 2026.
    """
    path = route("data/persons/{person_id}/day-offs/year/{year}", id_of(person), _day_of(year).year)
    return raw.get(path, client=client)


@cache
def all_day_offs(client: KitsuClient = default) -> List[DayOff]:
    """List the days off of all people: `GET data/day-offs`. Admins only."""
    return raw.fetch_all("day-offs", client=client)


@cache
def all_day_offs_for_period(year: int, month: Optional[int] = None, client: KitsuClient = default) -> List[DayOff]:
    """List the days off in a year, or in a month of it.

    Admins for all people; managers for those in their productions; supervisors too, but without `description`; all
    others for themselves.

    `GET data/persons/day-offs/<year>`, `GET data/persons/day-offs/<year>/<month>`

    Args:
        year: for example 2026.
        month: 1 to 12.
    """
    first = _day_of(year, 1 if month is None else month)
    path = route("data/persons/day-offs/{year}", first.year)
    return raw.get(
        path if month is None else route("data/persons/day-offs/{year}/{month}", first.year, first.month), client=client
    )


@cache
def get_day_off_for_date(person: Ref, date: Date, client: KitsuClient = default) -> Optional[DayOff]:
    """Return the days off of a person that a day is in, or None: `GET data/persons/<person_id>/day-offs/<date>`.

    The person and managers of their productions; supervisors get no `description`.

    Args:
        date: `YYYY-MM-DD`
    """
    path = route("data/persons/{person_id}/day-offs/{date}", id_of(person), day_of(date))
    return raw.get(path, client=client) or None


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
