"""Calls of earlier releases, with ids, rows and responses as test suites make them up."""

import json

import pytest
import requests

import gazu
from gazu.client import KitsuClient
from gazu.exception import GazuException, ParameterException, RouteNotFoundException, TransportException
from gazu.names import NameHint

from .test_client import Adapter

ID = "0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"
OTHER = "5b1c7a90-1f0e-4a5e-8d52-9d6a4b9c7f11"


@pytest.fixture
def client():
    return KitsuClient("http://kitsu.test/api", access_token="token", retries=0)


@pytest.fixture
def adapter(client):
    adapter = Adapter()
    client.session.mount("http://", adapter)
    return adapter


def answer(**answers):
    """Return a `reply` that knows these paths, written with __ for slashes, and answers 404 to the rest."""
    known = {path.replace("__", "/").replace("_0", "-"): data for path, data in answers.items()}

    def reply(request):
        path = request.url.split("/api/")[1].split("?")[0]
        return known.get(f"{request.method} {path}", known.get(path, (404, {"message": "no such route"})))

    return reply


def body(adapter, number=-1):
    return json.loads(adapter.requests[number].body)


# -- ids -----------------------------------------------------------------------
@pytest.mark.parametrize("text", ["asset-01", "a b/c", "Baum ü", "42", "a.b"])
def test_any_text_stays_within_its_segment(text, client, adapter):
    adapter.reply = lambda request: {"id": text}
    assert gazu.asset.get_asset(text, client=client) == {"id": text}
    (path,) = [request.url.split("/api/")[1] for request in adapter.requests]
    assert path.startswith("data/assets/") and path.count("/") == 2


@pytest.mark.parametrize("text", ["", " ", "\t\n", ".", "..", "a/../b", "..\\x"])
def test_what_would_leave_it_is_refused(text, client, adapter):
    with pytest.raises(ValueError):
        gazu.asset.get_asset(text, client=client)
    with pytest.raises(ValueError):
        gazu.asset.get_asset({"id": text}, client=client)
    assert adapter.requests == []


@pytest.mark.parametrize(
    "call, cure",
    [
        (gazu.asset.get_asset, "gazu.asset.get_asset_by_name(project, 'Rabbit')"),
        (gazu.asset.get_asset_instance, "gazu.scene.get_asset_instance_by_name(scene, 'Rabbit')"),
        (gazu.concept.get_concept, "gazu.concept.get_concept_by_name(project, 'Rabbit')"),
        (gazu.edit.get_edit, "gazu.edit.get_edit_by_name(project, 'Rabbit')"),
        (gazu.entity.get_entity, "gazu.entity.get_entity_by_name('Rabbit')"),
        (gazu.entity.get_entity_type, "gazu.entity.get_entity_type_by_name('Rabbit')"),
        (gazu.files.get_file_status, "gazu.files.get_file_status_by_name('Rabbit')"),
        (gazu.files.get_output_type, "gazu.files.get_output_type_by_name('Rabbit')"),
        (gazu.files.get_software, "gazu.files.get_software_by_name('Rabbit')"),
        (gazu.person.get_department, "gazu.person.get_department_by_name('Rabbit')"),
        (gazu.person.get_person, "gazu.person.get_person_by_full_name('Rabbit')"),
        (gazu.project.get_project, "gazu.project.get_project_by_name('Rabbit')"),
        (gazu.project_template.get_project_template, "gazu.project_template.get_project_template_by_name('Rabbit')"),
        (gazu.scene.get_scene, "gazu.scene.get_scene_by_name(sequence, 'Rabbit')"),
        (gazu.shot.get_episode, "gazu.shot.get_episode_by_name(project, 'Rabbit')"),
        (gazu.shot.get_sequence, "gazu.shot.get_sequence_by_name(project, 'Rabbit')"),
        (gazu.shot.get_shot, "gazu.shot.get_shot_by_name(sequence, 'Rabbit')"),
        (gazu.studio.get_studio, "gazu.studio.get_studio_by_name('Rabbit')"),
        (gazu.task.get_task_status, "gazu.task.get_task_status_by_name('Rabbit')"),
        (gazu.task.get_task_type, "gazu.task.get_task_type_by_name('Rabbit')"),
    ],
)
@pytest.mark.parametrize("status", [400, 404, 422, 500])
def test_a_name_in_the_place_of_an_id(call, cure, status, client, adapter):
    adapter.reply = lambda request: (status, {"message": "no"})
    with pytest.raises(GazuException) as caught:
        call("Rabbit", client=client)
    assert str(caught.value).endswith(f"(that looks like a name: {cure})")
    function = gazu
    for name in cure.split("(")[0].split(".")[1:]:
        function = getattr(function, name)
    assert callable(function)


def test_an_email_in_the_place_of_an_id(client, adapter):
    adapter.reply = lambda request: (400, {"message": "no"})
    with pytest.raises(ParameterException, match="get_person_by_email"):
        gazu.person.get_person("jane@example.com", client=client)


@pytest.mark.parametrize("value, status", [(ID, 404), ({"id": "Rabbit"}, 404), ("Rabbit", 401), ("Rabbit", 403)])
def test_no_hint(value, status, client, adapter):
    adapter.reply = lambda request: (status, {"message": "no"})
    with pytest.raises(GazuException) as caught, NameHint("asset", value):
        gazu.raw.get("data/assets", client=client)
    assert "looks like" not in str(caught.value)


def test_a_name_that_is_refused_at_once(client):
    with pytest.raises(ValueError, match=r"for project: .* gazu.project.get_project_by_name\('My Film'\)"):
        gazu.asset.all_asset_types_for_project("My Film", client=client)
    with pytest.raises(ValueError, match=r"for task_status: .* gazu.task.get_task_status_by_name\('wip'\)"):
        gazu.task.add_comment(ID, "wip", client=client)


def test_slashes_around_an_id(client, adapter):
    gazu.raw.fetch_one("things", "/x/", client=client)
    gazu.raw.update("things", "/x/", {}, client=client)
    assert [request.url.split("/api/")[1] for request in adapter.requests] == ["data/things/x"] * 2


# -- rows with fewer keys ------------------------------------------------------
@pytest.mark.parametrize("name", ["Tree", "Tree_1", "50%"])
def test_a_row_without_a_name_is_the_row_of_the_name(name, client, adapter):
    adapter.reply = lambda request: [{"id": ID}]
    assert gazu.asset.get_asset_by_name(ID, name, client=client) == {"id": ID}
    assert gazu.shot.new_shot(ID, OTHER, name, client=client) == {"id": ID}
    assert {request.method for request in adapter.requests} == {"GET"}


def test_a_row_with_the_name_comes_before_one_without(client, adapter):
    adapter.reply = lambda request: [{"id": ID}, {"id": OTHER, "name": "tree_1"}]
    assert gazu.asset.get_asset_by_name(ID, "tree_1", client=client)["id"] == OTHER


def test_previews_without_a_date(client, adapter):
    adapter.reply = lambda request: {"type": [{"id": "p1"}, {"id": "p2"}]} if request.method == "GET" else {}
    gazu.playlist.add_entity_to_playlist({"id": ID}, {"id": OTHER}, client=client)
    assert body(adapter)["preview_file_id"] == "p1"


# -- single calls --------------------------------------------------------------
def test_assets_and_scenes_of_all_projects(client, adapter):
    adapter.reply = answer(data__assets__all=[{"name": "b"}, {"name": "A"}], data__scenes__all=[{"name": "s"}])
    assert [row["name"] for row in gazu.asset.all_assets_for_project(None, client=client)] == ["A", "b"]
    assert gazu.scene.all_scenes_for_project(None, client=client) == [{"name": "s"}]


def test_the_status_of_a_task(client, adapter):
    adapter.reply = answer(**{"data__task_0status__wip": {"id": "wip"}})
    assert gazu.task.get_task_status({"id": "task", "task_status_id": "wip"}, client=client) == {"id": "wip"}
    with pytest.warns(DeprecationWarning, match="0.7"):
        assert gazu.task.get_task_status(task={"id": "task", "task_status_id": "wip"}, client=client)
    assert gazu.task.get_task_status({"id": "wip"}, client=client) == {"id": "wip"}


@pytest.mark.parametrize("none", [None, {}, {"id": None}], ids=repr)
def test_no_episode(none, client, adapter):
    adapter.reply = lambda request: [] if request.method == "GET" else {"id": "1"}
    gazu.edit.new_edit(ID, "Cut", episode=none, client=client)
    assert "episode_id" not in body(adapter) and "parent_id" not in adapter.requests[0].url
    gazu.asset.new_asset(ID, OTHER, "Tree", episode=none, client=client)
    assert "episode_id" not in body(adapter)


def test_the_page_of_a_sequence(client, adapter):
    row = {"id": "sq", "project_id": "p", "parent_id": None}
    adapter.reply = lambda request: row
    assert gazu.shot.get_sequence_url(ID, client=client) == "http://kitsu.test/productions/p/sequences/sq/"
    row["parent_id"] = "ep"
    assert gazu.shot.get_sequence_url(ID, client=client) == "http://kitsu.test/productions/p/episodes/ep/sequences/sq/"


@pytest.mark.parametrize("status", [404, 403, 500])
def test_removing_an_entity_of_an_unknown_kind(status, client, adapter):
    adapter.reply = lambda request: (status, {}) if request.method == "GET" else {}
    gazu.entity.remove_entity({"id": "tree"}, force=True, client=client)
    assert adapter.requests[-1].method == "DELETE"
    assert adapter.requests[-1].url.split("/api/")[1] == "data/entities/tree?force=True"


def test_an_entity_stays_while_the_server_is_away(client, adapter):
    def reply(request):
        raise requests.exceptions.ConnectionError

    adapter.reply = reply
    with pytest.raises(TransportException):
        gazu.entity.remove_entity({"id": "tree"}, client=client)
    assert [request.method for request in adapter.requests] == ["GET"]


def test_a_record_as_the_name_of_a_task_type(client, adapter):
    adapter.reply = lambda request: [] if request.method == "GET" else {"id": "1"}
    gazu.task.new_task_type({"id": "x", "name": "Layout"}, client=client)
    assert body(adapter)["name"] == "Layout"
    with pytest.raises(ValueError, match="expected a name"):
        gazu.task.new_task_type({"id": "x"}, client=client)


@pytest.mark.parametrize("color", ["#0F0", "#00ff00"])
def test_short_colors(color, client, adapter):
    gazu.task.new_task_status("Done", "done", color, client=client)
    assert body(adapter)["color"] == color
    with pytest.raises(ValueError, match="not a valid color"):
        gazu.task.new_task_status("Done", "done", "#0F00", client=client)


def test_removed_tasks_are_whatever_the_server_says(client, adapter):
    adapter.reply = lambda request: {"deleted": 2}
    assert gazu.task.remove_tasks_batch(ID, [OTHER], client=client) == {"deleted": 2}


def test_assigned_tasks_are_whatever_the_server_says(client, adapter):
    adapter.reply = lambda request: {"assigned": 2}
    assert gazu.task.assign_tasks_to_person([ID, OTHER], ID, client=client) == {"assigned": 2}


@pytest.mark.parametrize(
    "add, field",
    [
        (gazu.project.add_status_automation, "status_automation_id"),
        (gazu.project.add_preview_background_file, "preview_background_file_id"),
    ],
)
def test_settings_take_a_body(add, field, client, adapter):
    for given, sent in (
        ({"name": "grid"}, {"name": "grid"}),
        ({field: "x"}, {field: "x"}),
        ({"id": "x", "name": "grid"}, {field: "x"}),
        ("x", {field: "x"}),
    ):
        add(ID, given, client=client)
        assert body(adapter) == sent


def test_a_server_without_the_status_closed(client, adapter):
    adapter.reply = lambda request: [{"id": "1", "name": "Open"}, {"id": "2"}]
    with pytest.raises(ValueError, match="no project status Closed"):
        gazu.project.close_project(ID, client=client)
    assert [request.method for request in adapter.requests] == ["GET"]


def test_a_metadata_column_that_cannot_be_read(client, adapter):
    adapter.reply = lambda request: (404, {}) if request.method == "GET" else {"id": "1"}
    gazu.project.update_metadata_descriptor(ID, {"id": OTHER, "name": "Level"}, client=client)
    assert body(adapter)["name"] == "Level"


def test_a_limit_needs_a_page(client, adapter):
    adapter.reply = lambda request: []
    gazu.casting.all_entity_links_for_project(ID, limit=5, client=client)
    gazu.casting.all_entity_links_for_project(ID, page=2, limit=5, client=client)
    assert [request.url.split("?")[1:] for request in adapter.requests] == [[], ["page=2&limit=5"]]


@pytest.mark.parametrize("none", [None, ""])
def test_no_date(none, client, adapter):
    gazu.playlist.new_share_link(ID, expiration_date=none, client=client)
    assert "expiration_date" not in body(adapter)
    gazu.project.create_budget(ID, "Budget", start_date=none, client=client)
    assert "start_date" not in body(adapter)


def test_an_entry_is_added_to_a_playlist_from_a_list(client, adapter):
    adapter.reply = lambda request: {"id": ID, "shots": [{"entity_id": "a"}]}
    row = {"id": ID, "name": "Dailies"}
    returned = gazu.playlist.add_entity_to_playlist(row, OTHER, {"id": "p"}, persist=False, client=client)
    assert returned is row
    assert row["shots"] == [{"entity_id": "a"}, {"entity_id": OTHER, "preview_file_id": "p"}]
    assert {request.method for request in adapter.requests} == {"GET"}


def test_comments_with_files_on_a_server_without_batches(client, adapter, tmp_path):
    (tmp_path / "notes.txt").write_text("notes")
    adapter.reply = answer(**{f"actions/projects/{ID}/tasks/comment-many": [{"id": "1"}]})
    comment = {"task_id": ID, "task_status_id": OTHER, "comment": "hi", "attachment_files": [tmp_path / "notes.txt"]}
    assert gazu.task.create_multiple_comments(ID, [comment], client=client) == [{"id": "1"}]
    assert [request.url.split("/")[-1] for request in adapter.requests] == ["batch-comment", "comment-many"]
    assert b'name="attachment_file-0-0"; filename="notes.txt"' in adapter.requests[-1].body


def test_what_a_mock_does_not_know_was_not_sent(client, adapter, tmp_path):
    """A test suite of requests_mock that knows the one route of earlier releases, and no look-up."""
    from requests_mock import NoMockAddress

    def reply(request):
        if request.url.endswith(("comment-many", ID)) and request.method == "POST":
            return [{"id": "1"}]
        raise NoMockAddress(request)

    adapter.reply = reply
    (tmp_path / "notes.txt").write_text("notes")
    comment = {"task_id": ID, "task_status_id": OTHER, "comment": "hi", "attachment_files": [tmp_path / "notes.txt"]}
    assert gazu.task.create_multiple_comments(ID, [comment], client=client) == [{"id": "1"}]
    assert gazu.shot.import_otio(ID, tmp_path / "notes.txt", client=client) == [{"id": "1"}]


@pytest.mark.parametrize("status", [400, 403, 500])
def test_comments_that_are_refused_are_not_sent_elsewhere(status, client, adapter, tmp_path):
    (tmp_path / "notes.txt").write_text("notes")
    adapter.reply = lambda request: (status, {"message": "no"})
    comment = {"task_id": ID, "task_status_id": OTHER, "comment": "hi", "attachment_files": [tmp_path / "notes.txt"]}
    with pytest.raises(GazuException):
        gazu.task.create_multiple_comments(ID, [comment], client=client)
    assert len(adapter.requests) == 1


def test_a_task_is_started_with_free_ids(client, adapter):
    adapter.reply = lambda request: [] if request.method == "GET" else {"id": "1"}
    gazu.task.start_task({"id": "t 1"}, {"id": "s 1"}, {"id": "p 1"}, client=client)
    assert adapter.requests[-1].url.endswith("actions/tasks/t%201/comment")
    assert body(adapter)["task_status_id"] == "s 1" and body(adapter)["person_id"] == "p 1"


def test_keys_of_the_cache():
    key = gazu.cache.get_cache_key
    assert key((), {}) == key() == ""
    assert key(("a", 1), {"b": {"id": "2"}}) == '[["a", 1], {"b": {"id": "2"}}]'
    assert key(("a",), {"b": 1}) == key("a", b=1) == key(args=("a",), kwargs={"b": 1})
    store = {}
    assert gazu.cache.insert_value(lambda x, y=0: [x, y], store, ("a",), {"y": 1}) == ["a", 1]
    assert gazu.cache.insert_value(lambda x, y=0: [x, y], store, "a", y=1) == ["a", 1]
    assert gazu.cache.insert_value(function=lambda x: x, cache_store=store, args=("a",), kwargs={}) == "a"
    assert list(store) == [key("a", y=1), key("a")]


def test_an_update_of_a_name(client, adapter):
    adapter.reply = lambda request: (404, {"message": "gone"})
    with pytest.raises(RouteNotFoundException, match=r"gone \(that looks like a name"):
        gazu.raw.update("assets", "Rabbit", {}, client=client)


def test_records_whose_names_are_numbers(client, adapter):
    """Shots of spreadsheets are often called 10, 20, ..."""
    adapter.reply = lambda request: [] if request.method == "GET" else {"id": "1"}
    gazu.shot.new_shot({"id": "project"}, {"id": "sequence"}, 10, client=client)
    assert body(adapter)["name"] == "10"
    adapter.reply = lambda request: [{"id": "1", "name": "20"}]
    assert gazu.asset.get_asset_by_name({"id": "project"}, 20, client=client)["id"] == "1"


def test_no_short_name_is_none_of_the_task_types(client, adapter):
    adapter.reply = lambda request: [] if "short_name=None" in request.url else [{"id": "any"}]
    assert gazu.task.get_task_type_by_short_name(None, client=client) is None


def test_task_type_of_any_kind_is_found_by_its_name(client, adapter):
    adapter.reply = lambda request: [] if "for_entity" in request.url else [{"id": "1", "name": "Roto"}]
    assert gazu.task.new_task_type("Roto", for_entity=None, client=client)["id"] == "1"


def test_paths_as_bytes_and_no_separator(client, adapter):
    adapter.reply = lambda request: []
    gazu.entity.guess_from_path("project", b"a/b", None, client=client)
    assert body(adapter)["file_path"] == "a/b"


@pytest.mark.parametrize(
    "call",
    [
        lambda client: gazu.files.update_output_file({"id": "x"}, None, client=client),
        lambda client: gazu.project.update_budget_entry({"id": "x"}, {"id": "y"}, {"id": "z"}, None, client=client),
        lambda client: gazu.task.batch_comments([None], client=client),
    ],
)
def test_what_is_no_record_is_refused_before_anything_is_sent(call, client, adapter):
    with pytest.raises(ValueError, match="expected a dict with the fields"):
        call(client)
    assert not adapter.requests


def test_number_of_events_as_text(client, adapter):
    """As command lines and settings give it."""
    adapter.reply = lambda request: [{"id": "1"}, {"id": "2"}]
    assert len(gazu.sync.get_last_events(limit="1", client=client)) == 1
    assert "limit=1&" in adapter.requests[0].url + "&"


def test_import_of_a_single_record(client, adapter):
    adapter.reply = lambda request: [{"id": "1"}]
    assert gazu.sync.import_entities({"id": "1", "name": "Tree"}, client=client) == [{"id": "1"}]
    assert body(adapter) == [{"id": "1", "name": "Tree"}]


@pytest.mark.parametrize("page", [{"page": 0}, {"limit": -1}, {"page": 1, "limit": "0"}])
def test_no_page_of_news_without_news(page, client, adapter):
    with pytest.raises(ValueError, match="(page|limit): expected 1 or more, got "):
        gazu.user.all_news(client=client, **page)
    assert not adapter.requests


@pytest.mark.parametrize("count", [2.5, float("nan"), float("inf")])
def test_half_an_asset_is_not_cast(count, client, adapter):
    """The server would store the whole part (Zou 1.0.97)."""
    one = {"id": "x"}
    cast = {"asset_id": one, "nb_occurences": count}
    for call in (
        lambda: gazu.casting.update_shot_casting(one, one, [cast], client=client),
        lambda: gazu.casting.update_castings(one, {ID: [cast]}, client=client),
        lambda: gazu.casting.cast_asset(one, [one], one, count, client=client),
    ):
        with pytest.raises(ValueError, match=f"nb_occurences: expected a whole number, got {count}"):
            call()
    assert not adapter.requests


PERIODS = [
    ("get_year_time_spents", ("20x6",), "year: expected a whole number, got '20x6'"),
    ("get_month_time_spents", (2026, None), "month: expected a whole number, got None"),
    ("get_month_time_spents", (2026, 13), "month must be in 1..12"),
    ("get_day_time_spents", (2026, 2, 29), "day"),
    ("get_week_time_spents", (2026, None), "week: expected 1 to 53 in 2026, got None"),
    ("get_week_time_spents", (2025, 53), "week: expected 1 to 52 in 2025, got 53"),
    ("get_week_time_spents", (2026, 0), "week: expected 1 to 53 in 2026, got 0"),
    ("get_quota_shots", (2025, None, 53), "week: expected 1 to 52 in 2025, got 53"),
    ("get_quota_shots", (2025, 2, None, 30), "day"),
    ("get_week_day_offs", (2025, 53), "week: expected 1 to 52 in 2025, got 53"),
    ("get_month_day_offs", (2026, "May"), "month: expected a whole number, got 'May'"),
    ("get_year_day_offs", (None,), "year: expected a whole number, got None"),
]


@pytest.mark.parametrize("name, numbers, said", PERIODS)
def test_a_period_that_is_in_no_calendar(name, numbers, said, client, adapter):
    with pytest.raises(ValueError, match=said):
        getattr(gazu.person, name)(ID, *numbers, client=client)
    assert not adapter.requests


@pytest.mark.parametrize("numbers", [(2026, None), (2026, 13), ("x", 1)])
def test_a_presence_log_of_no_month(numbers, client, adapter):
    with pytest.raises(ValueError, match="month|year"):
        gazu.person.get_presence_log(*numbers, client=client)
    assert not adapter.requests


def test_periods_as_text_and_numbers(client, adapter):
    adapter.reply = lambda request: []
    gazu.person.get_week_time_spents(ID, "2026", "53", client=client)
    gazu.person.get_quota_shots(ID, 2026, week=7, client=client)
    gazu.person.get_quota_shots(ID, 2026, 7, client=client)
    gazu.person.get_quota_shots(ID, 2026, "7", day=1, client=client)
    gazu.person.get_presence_log("2026", 7, client=client)
    paths = [request.url.split("/api/data/persons/")[1].replace(ID + "/", "") for request in adapter.requests]
    assert paths == [
        "time-spents/week/2026/53", "quota-shots/week/2026/7", "quota-shots/month/2026/7", "quota-shots/day/2026/7/1",
        "presence-logs/2026-07",
    ]  # fmt: skip


@pytest.mark.parametrize("revision", [float("inf"), float("nan"), 1.5, -1, "two", 2**31])
def test_a_revision_that_is_no_number_of_one(revision, client, adapter, tmp_path):
    picture = tmp_path / "v1.png"
    picture.write_bytes(b"png")
    with pytest.raises(ValueError, match="revision: expected a whole number from 0 on, got "):
        gazu.task.publish_preview(ID, OTHER, preview_file_path=str(picture), revision=revision, client=client)
    assert not adapter.requests
