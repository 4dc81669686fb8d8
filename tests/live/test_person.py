"""People, bots, departments, time sheets and days off on a real server."""

import base64
import datetime
import uuid
from pathlib import Path
from typing import Any, Callable

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.exception import AuthFailedException, NotAuthenticatedException, ParameterException, RouteNotFoundException

Unique = Callable[[str], str]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PASSWORD = "a secret of 7 words"


@pytest.fixture
def address(admin: KitsuClient) -> Callable[[], str]:
    """Make email addresses that nobody has."""
    return lambda: f"someone+{uuid.uuid4().hex[:8]}@example.com"


@pytest.fixture
def department(admin: KitsuClient, unique: Unique) -> Any:
    return gazu.person.new_department(unique("Éclairage"), "#112233")


@pytest.fixture
def jane(new_person: Any, unique: Unique) -> Any:
    return new_person("Jané", unique("O'Doe %"), password=PASSWORD, desktop_login=unique("jane"))


@pytest.fixture
def task(project: Any, jane: Any, unique: Unique) -> Any:
    """A task that Jane is assigned to."""
    gazu.project.add_person_to_team(project, jane)
    task_type = gazu.task.new_task_type(unique("Modeling"))
    gazu.client.post(f"data/projects/{project['id']}/settings/task-types", {"task_type_id": task_type["id"]})
    asset = gazu.asset.new_asset(project, gazu.asset.new_asset_type(unique("Prop")), "Lamp")
    return gazu.task.new_task(asset, task_type, assignees=[jane])


def ids(rows: Any) -> Any:
    return [row["id"] for row in rows]


def logs_in(box: Any, person: Any, password: str) -> bool:
    try:
        with gazu.create_session(box.host, person["email"], password):
            return True
    except AuthFailedException:
        return False


# -- people --------------------------------------------------------------------
def test_a_new_person_is_found_in_every_way(department: Any, address: Callable[[], str], unique: Unique) -> None:
    email, login, name = address(), unique("login"), unique("L'Été")
    made = gazu.person.new_person(
        "Zoé", name, email, "+33 1", "supervisor", login, [department], PASSWORD, True, "freelance"
    )
    found = gazu.person.get_person(made, relations=True)
    assert {key: found[key] for key in ("first_name", "last_name", "email", "phone", "role", "contract_type")} == {
        "first_name": "Zoé", "last_name": name, "email": email,
        "phone": "+33 1", "role": "supervisor", "contract_type": "freelance",
    }  # fmt: skip
    assert (found["departments"], found["active"], found["full_name"]) == ([department["id"]], True, f"Zoé {name}")
    assert "departments" not in gazu.person.get_person(uuid.UUID(made["id"]))
    for person in (
        gazu.person.get_person(made["id"]),
        gazu.person.get_person_by_email(email),
        gazu.person.get_person_by_email(email.upper()),
        gazu.person.get_person_by_desktop_login(login),
        gazu.person.get_person_by_full_name(f"Zoé {name}"),
        gazu.person.get_person_by_full_name("", "Zoé", name),
        gazu.person.new_person("Another", "Name", email),
    ):
        assert (person["id"], person["first_name"]) == (made["id"], "Zoé")
    assert made["id"] in ids(gazu.person.all_persons())
    assert gazu.person.update_person({"id": made["id"], "active": False})["active"] is False
    assert gazu.person.get_person_url(made) == f"{gazu.get_host()[:-4]}/people/{made['id']}/"


def test_who_is_not_there_is_none(admin: KitsuClient, unique: Unique) -> None:
    assert gazu.person.get_person(uuid.uuid4()) is None
    assert gazu.person.get_person_by_email(f"{uuid.uuid4().hex}@example.com") is None
    assert gazu.person.get_person_by_desktop_login(unique("login")) is None
    assert gazu.person.get_person_by_full_name(unique("Nobody")) is None
    assert gazu.person.get_department_by_name(unique("Nothing")) is None


def test_a_person_that_was_got_can_be_saved(jane: Any, department: Any) -> None:
    listed = next(row for row in gazu.person.all_persons() if row["id"] == jane["id"])
    for phone, row in enumerate((gazu.person.get_person(jane), gazu.person.get_person(jane, True), listed, jane)):
        assert gazu.person.update_person({**row, "phone": str(phone)})["phone"] == str(phone)
        assert gazu.person.get_person(jane)["phone"] == str(phone)
    given = {"id": jane["id"], "departments": [department], "last_name": "Été"}
    gazu.person.update_person(given)
    assert given["departments"] == [department]
    found = gazu.person.get_person(jane, relations=True)
    assert (found["departments"], found["last_name"], found["phone"]) == ([department["id"]], "Été", "3")
    gazu.person.update_person({"id": jane["id"], "departments": [], "data": {"desk": 7}})
    found = gazu.person.get_person(jane, relations=True)
    assert (found["departments"], found["data"]) == ([], {"desk": 7})
    assert gazu.person.update_person(jane["id"])["last_name"] == "Été"


def test_a_removed_person_is_gone(box: Any, jane: Any, task: Any) -> None:
    assert logs_in(box, jane, PASSWORD)
    with pytest.raises(ParameterException, match="linked"):
        gazu.person.remove_person(jane)
    assert gazu.person.remove_person(jane["id"], force=True) == ""
    assert gazu.person.get_person(jane) is None
    assert not logs_in(box, jane, PASSWORD)


def test_a_password_is_changed(box: Any, jane: Any) -> None:
    assert gazu.person.change_password_for_person(jane, "Pässwörd 8")["success"] is True
    assert not logs_in(box, jane, PASSWORD)
    assert logs_in(box, jane, "Pässwörd 8")
    gazu.person.change_password_for_person(jane["id"], PASSWORD)
    assert logs_in(box, jane, PASSWORD)
    with pytest.raises(ParameterException, match="short"):
        gazu.person.change_password_for_person(jane, "x")


def test_an_invitation_is_sent(jane: Any) -> None:
    assert gazu.person.invite_person(jane)["success"] is True
    assert gazu.person.invite_person(jane["id"])["success"] is True
    with pytest.raises(RouteNotFoundException):
        gazu.person.invite_person(uuid.uuid4())


def test_an_avatar_comes_and_goes(jane: Any, tmp_path: Path) -> None:
    picture = tmp_path / "été #1.png"
    picture.write_bytes(PIXEL)
    told: Any = []
    answer = gazu.person.set_avatar(jane, str(picture), progress_callback=lambda *step: told.append(step))
    assert answer["thumbnail_path"] == f"pictures/thumbnails/persons/{jane['id']}.png"
    assert told[-1] == (len(PIXEL), len(PIXEL))
    assert gazu.person.get_person(jane)["has_avatar"] is True
    assert gazu.client.get_file_data_from_url(answer["thumbnail_path"]).startswith(b"\x89PNG")
    assert gazu.person.clear_person_avatar(jane["id"]) == ""
    assert gazu.person.get_person(jane)["has_avatar"] is False
    with pytest.raises(RouteNotFoundException):
        gazu.client.get_file_data_from_url(answer["thumbnail_path"])
    with pytest.raises(FileNotFoundError):
        gazu.person.set_avatar(jane, str(tmp_path / "missing.png"))


# -- bots ----------------------------------------------------------------------
def test_a_bot_works_with_its_token(box: Any, department: Any, address: Callable[[], str], unique: Unique) -> None:
    email, end = address(), datetime.date.today() + datetime.timedelta(days=30)
    bot = gazu.person.new_bot(unique("R2"), email, "manager", department, expiration_date=end)
    with gazu.client.create_client(box.host) as client:
        gazu.set_token(bot["access_token"], client=client)
        assert gazu.client.get_current_user(client=client)["id"] == bot["id"]
        client.tokens = {}
    assert gazu.person.get_person_by_email(email, is_bot=True)["expiration_date"] == end.isoformat()
    assert gazu.person.get_person_by_email(email) is None
    assert gazu.person.get_person(bot, relations=True)["departments"] == [department["id"]]


def test_a_bot_that_was_got_can_be_saved(box: Any, address: Callable[[], str]) -> None:
    bot = gazu.person.new_bot("R2", address(), expiration_date="2035-01-01")
    for name, row in (("C3", gazu.person.get_person(bot)), ("BB", gazu.person.get_person(bot, True)), ("K2", bot)):
        gazu.person.update_bot({**row, "first_name": name})
        assert gazu.person.get_person(bot)["full_name"] == name
    old, bot = bot, gazu.person.update_bot({"id": bot["id"], "expiration_date": "2036-01-01"})
    with gazu.client.create_client(box.host) as client:
        gazu.set_token(bot["access_token"], client=client)
        assert gazu.client.get_current_user(client=client)["expiration_date"] == "2036-01-01"
        gazu.set_token(old["access_token"], client=client)
        with pytest.raises(NotAuthenticatedException, match="revoked"):
            gazu.client.get_current_user(client=client)
        client.tokens = {}


def test_a_removed_bot_is_gone(address: Callable[[], str]) -> None:
    bots = [gazu.person.new_bot("R2", address()) for _ in range(2)]
    assert gazu.person.remove_bot(bots[0]) == gazu.person.remove_bot(bots[1]["id"], force=True) == ""
    assert [gazu.person.get_person(bot) for bot in bots] == [None, None]


# -- departments, organisation -------------------------------------------------
def test_departments_are_made_found_changed_and_removed(department: Any, unique: Unique) -> None:
    found = gazu.person.get_department(department)
    assert (found["color"], found["archived"]) == ("#112233", False)
    assert gazu.person.get_department_by_name(department["name"])["id"] == department["id"]
    assert gazu.person.get_department_by_name(department["name"].replace(" ", "_")) is None
    assert gazu.person.new_department(department["name"])["id"] == department["id"]
    gazu.person.update_department({**found, "color": "#445566", "archived": True})
    found = gazu.person.get_department(department["id"])
    assert (found["name"], found["color"], found["archived"]) == (department["name"], "#445566", True)
    assert gazu.person.update_department(department["id"])["color"] == "#445566"
    assert department["id"] in ids(gazu.person.all_departments())
    other = gazu.person.new_department(unique("Paint"), archived=True)
    assert gazu.person.get_department(other)["archived"] is True
    assert gazu.person.remove_department(department) == gazu.person.remove_department(other["id"], force=True) == ""
    with pytest.raises(RouteNotFoundException):
        gazu.person.get_department(department)
    assert gazu.person.get_department_by_name(other["name"]) is None


def test_people_come_into_departments_and_leave(jane: Any, department: Any) -> None:
    assert gazu.person.add_person_to_department(jane, department)["id"] == jane["id"]
    assert gazu.person.get_person(jane, relations=True)["departments"] == [department["id"]]
    with pytest.raises(ParameterException):  # somebody is in it
        gazu.person.remove_department(department)
    assert gazu.person.remove_person_from_department(jane["id"], department["id"]) == ""
    assert gazu.person.get_person(jane, relations=True)["departments"] == []
    gazu.person.add_person_to_department(jane["id"], department["id"])
    assert gazu.person.get_person(jane, relations=True)["departments"] == [department["id"]]


def test_the_organisation(admin: KitsuClient) -> None:
    [organisation] = gazu.person.all_organisations()
    assert gazu.person.get_organisation()["id"] == organisation["id"]


# -- time sheets ---------------------------------------------------------------
def test_time_sheets(jane: Any, task: Any) -> None:
    made = {
        day: gazu.task.set_time_spent(task, jane, day, 60 * number)["id"]
        for number, day in enumerate(("2023-12-31", "2024-01-01", "2024-01-15", "2025-01-15"), 1)
    }
    first, second, third, last = made.values()
    day = datetime.date(2024, 1, 15)
    sheets = gazu.person
    for date in (day, "2024-01-15", datetime.datetime(2024, 1, 15, 9, 30)):
        [row] = sheets.get_time_spents_by_date(jane, date)
        assert (row["id"], row["duration"], row["task_id"]) == (third, 180, task["id"])
        assert sorted(ids(sheets.get_all_month_time_spents(jane["id"], date))) == sorted([second, third])
        assert sorted(ids(sheets.get_time_spents_range(jane["id"], "2024-01-01", date))) == sorted([second, third])
    assert sheets.get_time_spents_by_date(jane["id"], "2024-01-16") == []
    assert ids(sheets.get_time_spents_range(jane, datetime.date(2023, 1, 1), "2023-12-31")) == [first]
    year = sheets.get_year_time_spents(jane, 2024)
    assert [(row["task_id"], row["duration"]) for row in year] == [(task["id"], 300)]
    [week] = sheets.get_week_time_spents(jane["id"], 2024, 1)
    assert (week["task_id"], week["duration"]) == (task["id"], 120)
    assert sheets.get_week_time_spents(jane, 2024, 2) == []
    assert ids(sheets.get_time_spents_by_date(jane, "2025-01-15")) == [last]


def test_the_presence_log_is_a_table_of_names(jane: Any) -> None:
    for year, month, days in ((2024, 2, 29), ("2023", "11", 30)):
        rows = [line.split(";") for line in gazu.person.get_presence_log(year, month).splitlines()]
        assert rows[0] == [str(year), *map(str, range(1, days + 1))]
        assert jane["full_name"] in [row[0] for row in rows[1:]]


# -- days off ------------------------------------------------------------------
def test_days_off_are_given_changed_and_taken_back(jane: Any) -> None:
    ski = gazu.person.new_day_off(jane, "2024-12-30", "2025-01-03", "Ski")
    sea = gazu.person.new_day_off(jane["id"], datetime.date(2025, 7, 7), datetime.datetime(2025, 7, 8, 12))
    assert gazu.person.get_day_off(ski)["description"] == "Ski"
    found = gazu.person.get_day_off(sea["id"])
    assert (found["date"], found["end_date"], found["person_id"]) == ("2025-07-07", "2025-07-08", jane["id"])
    assert sorted(ids(gazu.person.get_day_offs(jane))) == sorted(ids([ski, sea]))
    assert ids(gazu.person.get_week_day_offs(jane, 2025, 28)) == ids(gazu.person.get_month_day_offs(jane, 2025, 7))
    assert ids(gazu.person.get_week_day_offs(jane["id"], 2025, 28)) == [sea["id"]]
    assert gazu.person.get_week_day_offs(jane, 2025, 29) == gazu.person.get_month_day_offs(jane["id"], 2025, 8) == []
    assert ids(gazu.person.get_year_day_offs(jane, 2024)) == [ski["id"]]
    assert sorted(ids(gazu.person.get_year_day_offs(jane["id"], 2025))) == sorted(ids([ski, sea]))
    for description, row in (("Sun", gazu.person.get_day_off(ski)), ("Rain", gazu.person.get_day_offs(jane)[0])):
        gazu.person.update_day_off({**row, "description": description})
        assert gazu.person.get_day_off(row)["description"] == description
    gazu.person.update_day_off({"id": sea["id"], "end_date": "2025-07-20"})
    assert ids(gazu.person.get_week_day_offs(jane, 2025, 29)) == [sea["id"]]
    assert gazu.person.remove_day_off(ski) == gazu.person.remove_day_off(sea["id"]) == ""
    assert gazu.person.get_day_offs(jane["id"]) == []
    with pytest.raises(RouteNotFoundException):
        gazu.person.get_day_off(ski)


# -- mistakes ------------------------------------------------------------------
@pytest.mark.parametrize("bad", ["", "not-an-id", {}, 7])
def test_what_is_no_record_is_refused_before_the_server_is_asked(bad: Any) -> None:
    for call in (
        lambda: gazu.person.update_person(bad),
        lambda: gazu.person.remove_person(bad),
        lambda: gazu.person.remove_department(bad),
        lambda: gazu.person.new_person("A", "B", "c@example.com", departments=[bad]),
        lambda: gazu.person.add_person_to_department(uuid.uuid4(), bad),
        lambda: gazu.person.get_day_offs(bad),
    ):
        with pytest.raises(ValueError, match="Wrong format"):
            call()


def test_what_is_no_date_is_refused_before_the_server_is_asked(jane: Any) -> None:
    for call in (
        lambda: gazu.person.get_time_spents_by_date(jane, "15/01/2024"),
        lambda: gazu.person.get_time_spents_range(jane, "2024-01-01", "2024-02-30"),
        lambda: gazu.person.get_all_month_time_spents(jane["id"], "January"),
        lambda: gazu.person.new_day_off(jane, "tomorrow", "2024-01-01"),
        lambda: gazu.person.new_bot("R2", "r2@example.com", expiration_date="never"),
    ):
        with pytest.raises(ValueError, match="not a valid date"):
            call()


def test_what_the_server_refuses(jane: Any) -> None:
    with pytest.raises(ParameterException):
        gazu.person.new_person("Jane", "Doe", "not an address")
    with pytest.raises(ParameterException):
        gazu.person.new_day_off(jane, "2024-01-02", "2024-01-01")
    with pytest.raises(ParameterException, match="not enabled"):
        gazu.person.disable_two_factor_authentication(jane)
