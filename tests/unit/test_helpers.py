"""The small tools."""

import datetime
import mimetypes
import uuid
from types import MappingProxyType

import pytest

import gazu
from gazu import helpers
from gazu._http.filenames import guess_extension

ID = "a24a6ea4-ce75-4665-a070-57453082c25b"


@pytest.mark.parametrize("model", [ID, {"id": ID}, uuid.UUID(ID), {"id": uuid.UUID(ID)}, MappingProxyType({"id": ID})])
def test_id_of(model):
    assert helpers.id_of(model) == ID


def test_upper_case_ids_stay():
    assert helpers.id_of(ID.upper()) == ID.upper()


@pytest.mark.parametrize(
    "model",
    [None, "", "x", ID + "\n", " " + ID, ID[:-1], ID + "0", {}, {"id": None}, {"id": ""}, 5, [ID], b"x", object()],
)
def test_id_of_what_is_no_record(model):
    with pytest.raises(ValueError, match="Wrong format"):
        helpers.id_of(model)


def test_error_says_what_was_expected_and_is_short():
    with pytest.raises(ValueError, match="expected a shot") as caught:
        helpers.id_of({"name": "x" * 10000}, "a shot")
    assert len(str(caught.value)) < 400


def test_ids_of():
    assert helpers.ids_of(None) == []
    assert helpers.ids_of([]) == []
    assert helpers.ids_of(ID) == helpers.ids_of({"id": ID}) == helpers.ids_of(uuid.UUID(ID)) == [ID]
    assert helpers.ids_of([ID, {"id": ID}]) == [ID, ID]
    assert helpers.ids_of({"id": ID} for _ in range(2)) == [ID, ID]
    for wrong in (5, "x", [None], [ID, "x"]):
        with pytest.raises(ValueError):
            helpers.ids_of(wrong)


def test_given():
    assert helpers.drop_none(a=1, b=None, c=False, d=0, e="", f=[]) == {"a": 1, "c": False, "d": 0, "e": "", "f": []}


def test_normalize():
    record = {"id": ID, "name": "x"}
    assert helpers.normalize_model_parameter(record) is record
    assert helpers.normalize_model_parameter(ID) == {"id": ID}
    assert helpers.normalize_model_parameter(None) is None
    with pytest.raises(ValueError):
        helpers.normalize_model_parameter("no id")
    assert helpers.normalize_list_of_models_for_links([record, ID]) == [ID, ID]
    assert helpers.normalize_list_of_models_for_links() == []


@pytest.mark.parametrize(
    "date, text",
    [
        ("2024-02-29", "2024-02-29"),
        ("2024-02-29T10:11:12", "2024-02-29T10:11:12"),
        (datetime.date(2024, 2, 29), "2024-02-29"),
        (datetime.datetime(2024, 2, 29, 10, 11, 12, 999), "2024-02-29T10:11:12"),
    ],
)
def test_dates(date, text):
    assert helpers.validate_date_format(date) == text


@pytest.mark.parametrize("date", ["2023-02-29", "29/02/2024", "", "2024-02-29 10:11:12", "2024-13-01", "today"])
def test_invalid_dates_in_text(date):
    with pytest.raises(ValueError):
        helpers.validate_date_format(date)


def test_file_names():
    assert helpers.sanitize_filename(" a/b:c*d?.mov ") == "abcd.mov"
    assert "/" not in helpers.sanitize_filename("../../etc/passwd")
    assert ".." not in helpers.sanitize_filename("../../etc/passwd")


NAMES = [
    ("aux.png", "_aux.png"),
    ("CON", "_CON"),
    ("Com1.tar.gz", "_Com1.tar.gz"),
    ("com\u00b9", "_com\u00b9"),
    ("nul .txt", "_nul .txt"),
    ("CONOUT$", "_CONOUT$"),
    ("console.png", "console.png"),
    ("com10.png", "com10.png"),
    ("notes. .", "notes"),
    ("notes\u00a0.", "notes"),
    (' "quoted" ', "quoted"),
    ('" a', "a"),
    ("हिन्दी e\u0301.png", "हिन्दी e\u0301.png"),
]


@pytest.mark.parametrize("name, safe", NAMES)
def test_file_names_that_windows_takes(name, safe):
    assert helpers.sanitize_filename(name) == safe == helpers.sanitize_filename(safe)


@pytest.mark.parametrize("name", ['a<b>c:d"e/f\\g|h?i*j', "\x00\x1f\x7f", "...", "lpt9.", ""])
def test_names_of_files_that_all_systems_take(name):
    portable = helpers.portable_name(name)
    assert not set(portable) & set('<>:"/\\|?*\x00\x1f\x7f') and portable == helpers.portable_name(portable)
    assert portable.lower().split(".")[0] not in ("lpt9", "..")
    assert not portable.endswith((".", " "))


@pytest.mark.parametrize(
    "kind, extension",
    [
        ("image/jpeg; charset=x", ".jpg"),
        ("IMAGE/PNG", ".png"),
        ("video/quicktime", ".mov"),
        ("text/css", ".css"),
        ("x/y", ""),
    ],
)
def test_extensions_are_those_of_a_table_of_ours(kind, extension, monkeypatch):
    """Not those of the registry of Windows."""
    known = mimetypes.guess_extension
    monkeypatch.setattr(mimetypes, "guess_extension", lambda kind: known(kind) if kind != "image/jpeg" else ".jfif")
    assert guess_extension(kind) == extension


def test_times_of_other_zones_become_utc():
    zone = datetime.timezone(datetime.timedelta(hours=2))
    assert helpers.validate_date_format(datetime.datetime(2026, 1, 1, 1, 0, tzinfo=zone)) == "2025-12-31T23:00:00"


@pytest.mark.parametrize("wrong", ["2026-13-5", 20260105, None, b"2026-01-05", "2026-01-05 10:00:00", "٢٠٢٦-٠١-٠٥"])
def test_an_invalid_date_is_refused(wrong):
    with pytest.raises(ValueError, match="not a valid date"):
        helpers.validate_date_format(wrong)


def test_dates_without_leading_zeros():
    assert helpers.validate_date_format("2026-1-5") == helpers.day_of("2026-1-5T1:2:3") == "2026-01-05"
    assert helpers.time_of("2026-1-5T1:2:3") == "2026-01-05T01:02:03"


@pytest.mark.parametrize("url", ["http://u:s3cret@127.0.0.1:9/a?token=s3cret", "http://u:s3cret@256.0.0.1/a"])
def test_no_password_is_in_the_error_of_a_download(url, tmp_path):
    with pytest.raises(gazu.exception.DownloadFileException) as caught:
        helpers.download_file(url, str(tmp_path))
    assert "s3cret" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_an_update_sends_neither_id_nor_type_and_no_empty_ids():
    record = {"id": ID, "type": "Shot", "name": "x", "parent_id": "", "source_id": "None", "ready_for": "", "data": ""}
    assert helpers.for_update(record) == {
        "name": "x", "parent_id": None, "source_id": None, "ready_for": None, "data": "",
    }  # fmt: skip


TOKYO = datetime.timezone(datetime.timedelta(hours=9))
LOS_ANGELES = datetime.timezone(datetime.timedelta(hours=-8))


@pytest.mark.parametrize(
    "date",
    [
        "2026-03-02",
        "2026-03-02T23:59:59",
        datetime.date(2026, 3, 2),
        datetime.datetime(2026, 3, 2, 23, 59),
        datetime.datetime(2026, 3, 2, 0, 30, tzinfo=TOKYO),
        datetime.datetime(2026, 3, 2, 23, 30, tzinfo=LOS_ANGELES),
    ],
)
def test_day_is_that_of_its_own_calendar(date):
    assert helpers.day_of(date) == helpers.day_or_none(date) == "2026-03-02"


def test_days_of_a_record():
    row = {"date": datetime.datetime(2026, 3, 2, 0, 30, tzinfo=TOKYO), "start_date": "as it is", "other": 1}
    changed = helpers.with_days(row, "date", "start_date", "end_date")
    assert changed == {"date": "2026-03-02", "start_date": "as it is", "other": 1}
    assert row["date"].tzinfo is TOKYO
    assert helpers.day_or_none(None) is None


def test_time_of_a_day_is_its_beginning():
    assert helpers.time_of("2026-03-02") == helpers.time_of(datetime.date(2026, 3, 2)) == "2026-03-02T00:00:00"
    assert helpers.time_of("2026-03-02T10:11:12") == "2026-03-02T10:11:12"
    assert helpers.time_of(datetime.datetime(2026, 3, 2, 8, 30, tzinfo=TOKYO)) == "2026-03-01T23:30:00"


MOMENTS = ["2026-03-02 23:30:00", "2026-03-02T23:30", "2026-03-02T23:30:00.123456", "2026-03-02T23:30:00Z"]


@pytest.mark.parametrize("text", [*MOMENTS, "2026-03-02T23:30:00.1+09:00", "2026-03-02 23:30:00-08:00"])
def test_text_of_a_datetime_is_taken_as_that_datetime(text):
    """What `str` and `isoformat` of Python and `toISOString` of JavaScript make of one."""
    assert helpers.day_of(text) == helpers.day_or_none(text) == "2026-03-02"


@pytest.mark.parametrize("text", MOMENTS)
def test_text_of_a_time_is_sent_as_the_server_reads_it(text):
    assert helpers.time_of(text) == helpers.date_or_none(text) == "2026-03-02T23:30:00"
    assert helpers.time_of("2026-03-02T08:30:00.5+09:00") == "2026-03-01T23:30:00"


@pytest.mark.parametrize("read", [helpers.day_of, helpers.time_of, helpers.date_or_none])
@pytest.mark.parametrize(
    "wrong", ["2026-13-02 10:00:00", "2026-03-02T25:00:00Z", "2026-03-02 10", "2026-03-02T10:00:00+99:00"]
)
def test_text_of_no_time_is_refused(read, wrong):
    with pytest.raises(ValueError, match="not a valid date"):
        read(wrong)


def test_a_number_is_a_name():
    assert helpers.require_name(10) == "10"
    for wrong in (True, 10.0, None, ""):
        with pytest.raises(ValueError, match="expected a name"):
            helpers.require_name(wrong)


class NaTType(datetime.datetime):
    """A datetime that is unequal to itself, as NaT of pandas is."""

    __hash__ = datetime.datetime.__hash__

    def __eq__(self, other):
        return False

    def __ne__(self, other):
        return True


@pytest.mark.parametrize("read", [helpers.validate_date_format, helpers.day_of, helpers.time_of])
def test_no_time_of_pandas_is_no_date(read):
    with pytest.raises(ValueError, match="not a valid date"):
        read(NaTType(2026, 3, 2))


def test_record_with_values_that_cannot_be_compared():
    class Column:
        def __eq__(self, other):
            raise TypeError("boolean value of NA is ambiguous")

    column = Column()
    assert helpers.for_update({"parent_id": "None", "data": column, "nb_frames_id": ""})["data"] is column


def test_a_warning_shows_the_line_that_called_the_library():
    with pytest.warns(gazu.exception.GazuWarning, match="keeps the blanks") as caught:
        assert helpers.require_name(" SH010 ") == " SH010 "
    assert caught[0].filename == __file__


@pytest.mark.parametrize("rows", [None, {"assigned": 2}, [{"id": ID}], [ID], [{"id": ID}, {"id": "other"}]])
def test_no_warning_where_all_came_or_nobody_knows(rows):
    helpers.warn_of_missing([ID, ID], rows, "were lost")


def test_warning_of_records_that_the_server_left_out():
    with pytest.warns(gazu.exception.GazuWarning, match=f"1 of 2 were lost: {ID}"):
        helpers.warn_of_missing([ID, "other"], [{"id": "other"}, "no record"], "were lost")


@pytest.mark.parametrize("row", [None, {}, {"canceled": False}, {"canceled": None}])
def test_no_warning_of_what_is_not_canceled(row):
    assert helpers.warn_if_canceled(row, "gazu.shot.restore_shot") is row


@pytest.mark.parametrize(
    ("color", "sent"), [("blue", "#0000ff"), ("Red", "#ff0000"), ("#F00", "#F00"), ("#a1B2c3", "#a1B2c3")]
)
def test_colors_have_names(color, sent):
    assert helpers.hex_color(color) == sent


@pytest.mark.parametrize("color", ["bluish", "", "#12345", "#00ZZ00", "0000ff", None, 255, "#fff\n"])
def test_what_is_no_color_is_refused(color):
    with pytest.raises(ValueError, match="is not a valid color: expected #rrggbb"):
        helpers.hex_color(color)


def at(year, hours):
    zone = datetime.timezone(datetime.timedelta(hours=hours))
    return datetime.datetime(year, 12 if year > 1 else 1, 31 if year > 1 else 1, 23 if hours < 0 else 0, tzinfo=zone)


@pytest.mark.parametrize("time", [at(9999, -5), at(1, 5)])
def test_times_that_have_no_date_in_utc(time):
    """A clear error, which names the parameter, and no OverflowError; a day is that of its own calendar."""
    assert helpers.day_of(time) == time.date().isoformat()
    client = gazu.client.create_client("http://127.0.0.1:1/api")
    for call in (
        lambda: gazu.sync.get_last_events(after=time, client=client),
        lambda: gazu.sync.get_last_events(before=time, client=client),
        lambda: gazu.task.add_comment(ID, ID, created_at=time, client=client),
    ):
        with pytest.raises(ValueError, match="Wrong format for (after|before|created_at|date): .* has no date in UTC"):
            call()


def test_early_years_have_four_digits():
    """`strftime` gives them fewer on Linux."""
    assert helpers.validate_date_format(datetime.datetime(1, 2, 3, 4, 5, 6)) == "0001-02-03T04:05:06"
