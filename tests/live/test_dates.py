"""Days and times with a time zone, and times of comments, as Zou 1.0.97 stores them."""

import datetime
from typing import Any

import pytest

import gazu
from gazu.client import KitsuClient

TOKYO = datetime.timezone(datetime.timedelta(hours=9))
LOS_ANGELES = datetime.timezone(datetime.timedelta(hours=-8))
#: In UTC, the first is the day before, the second the day after.
TIMES = [
    pytest.param(datetime.datetime(2026, 3, 2, 8, 30, tzinfo=TOKYO), id="Tokyo"),
    pytest.param(datetime.datetime(2026, 3, 2, 20, 30, tzinfo=LOS_ANGELES), id="Los Angeles"),
]
DAY = "2026-03-02"


@pytest.fixture
def task(work: Any) -> Any:
    return work.task["asset"]


@pytest.mark.parametrize("time", TIMES)
def test_time_spent_is_of_the_day_on_the_own_calendar(time: Any, task: Any, artist: Any) -> None:
    person = artist.person
    assert gazu.task.set_time_spent(task, person, time, 60)["date"] == DAY
    assert gazu.task.add_time_spent(task, person, time, 5)["duration"] == 65
    assert gazu.task.get_time_spent(task, time)["total"] == 65
    assert gazu.task.get_task_time_spent_for_date(task, time)["total"] == 65
    assert [row["date"] for row in gazu.person.get_time_spents_by_date(person, time)] == [DAY]
    assert [row["date"] for row in gazu.person.get_time_spents_range(person, time, time)] == [DAY]
    mine = artist.client
    assert [row["date"] for row in gazu.user.get_time_spents_by_date(time, client=mine)] == [DAY]
    assert [row["date"] for row in gazu.user.get_timespents_range(time, time, client=mine)] == [DAY]
    assert gazu.user.get_task_time_spent(task, time, client=mine)["duration"] == 65


def test_month_is_that_of_the_own_calendar(task: Any, artist: Any) -> None:
    first = datetime.datetime(2026, 3, 1, 0, 30, tzinfo=TOKYO)  # the last of February in UTC
    gazu.task.set_time_spent(task, artist.person, first, 60)
    assert [row["date"] for row in gazu.person.get_all_month_time_spents(artist.person, first)] == ["2026-03-01"]


@pytest.mark.parametrize("time", TIMES)
def test_days_off_are_those_of_the_own_calendar(time: Any, artist: Any) -> None:
    off = gazu.person.new_day_off(artist.person, time, time)
    assert (off["date"], off["end_date"]) == (DAY, DAY)
    assert gazu.user.get_day_off(time, client=artist.client)["id"] == off["id"]
    later = time + datetime.timedelta(days=1)
    off = gazu.person.update_day_off({"id": off["id"], "date": later, "end_date": later})
    assert (off["date"], off["end_date"]) == ("2026-03-03", "2026-03-03")


@pytest.mark.parametrize("time", TIMES)
def test_days_of_projects_and_bots(time: Any, project: Any, unique: Any) -> None:
    changed = gazu.project.update_project({"id": project["id"], "start_date": time, "end_date": time})
    assert (changed["start_date"], changed["end_date"]) == (DAY, DAY)
    later = time.replace(year=2046)  # a day in the past ends the bot
    bot = gazu.person.new_bot("Bot", f"{unique('bot').replace(' ', '-')}@example.com", expiration_date=later)
    assert bot["expiration_date"] == "2046-03-02"
    bot = gazu.person.update_bot({"id": bot["id"], "expiration_date": later + datetime.timedelta(days=1)})
    assert bot["expiration_date"] == "2046-03-03"
    gazu.person.remove_bot(bot, force=True)


def test_time_with_a_zone_is_the_same_instant_in_utc(task: Any) -> None:
    late = datetime.datetime(2026, 11, 20, 23, 30, tzinfo=LOS_ANGELES)
    changed = gazu.task.update_task({"id": task["id"], "due_date": late, "start_date": late})
    assert (changed["due_date"], changed["start_date"]) == ("2026-11-21T07:30:00", "2026-11-21T07:30:00")
    changed = gazu.task.update_task_data(task, {"approved_at": late})
    assert changed["data"]["approved_at"] == "2026-11-21T07:30:00"


def test_server_cuts_the_zone_off(task: Any, admin: KitsuClient) -> None:
    """Why datetimes are sent in UTC: Zou 1.0.97 stores the time that it is given and drops its zone."""
    data = {"due_date": "2026-11-20T23:30:00-08:00"}
    assert gazu.client.update("tasks", task["id"], data)["due_date"] == "2026-11-20T23:30:00"


@pytest.mark.parametrize(
    "created_at, stored",
    [
        ("2019-05-04", "2019-05-04T00:00:00"),
        (datetime.date(2019, 5, 4), "2019-05-04T00:00:00"),
        ("2019-05-04T10:11:12", "2019-05-04T10:11:12"),
        (datetime.datetime(2019, 5, 4, 8, 30, tzinfo=TOKYO), "2019-05-03T23:30:00"),
        ("2019-05-04T08:30:00.5+09:00", "2019-05-03T23:30:00"),
    ],
)
def test_date_of_a_comment(created_at: Any, stored: str, task: Any) -> None:
    wip = gazu.task.get_task_status_by_short_name("wip")
    assert gazu.task.add_comment(task, wip, "old", created_at=created_at)["created_at"] == stored
    with_file = gazu.task.add_comment(task, wip, "old file", created_at=created_at, attachments=[__file__])
    assert with_file["created_at"] == stored


def test_server_dates_a_comment_that_is_given_a_day_now(task: Any) -> None:
    """Why a day is sent with a time: Zou 1.0.97 ignores all other forms."""
    wip = gazu.task.get_task_status_by_short_name("wip")
    path = f"actions/tasks/{task['id']}/comment"
    for unread in ("2019-05-04", "2019-05-04T10:11:12Z", "2019-05-04T10:11:12+02:00"):
        comment = gazu.client.post(path, {"task_status_id": wip["id"], "comment": unread, "created_at": unread})
        assert not comment["created_at"].startswith("2019")
