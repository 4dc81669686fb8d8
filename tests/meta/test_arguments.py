"""What is wrong is refused by name before anything is sent; what is right may come in any of its shapes."""

import datetime
import inspect
import json
import re
import uuid
from pathlib import Path
from types import FunctionType
from typing import Any, Dict, Iterator, List, Optional

import pytest

import gazu
from gazu.client import KitsuClient
from gazu.models import Date, Ref, Several

from .code import DOMAINS

ID = "0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"
OTHER = "5b1c7a90-1f0e-4a5e-8d52-9d6a4b9c7f11"
ROW = {"id": ID, "project_id": ID, "object_id": ID, "parent_id": ID, "entity_id": ID, "name": "Tree", "type": "Asset"}
FUNCTIONS = [
    (module, name, function)
    for module in DOMAINS
    for name, function in sorted(vars(getattr(gazu, module)).items())
    if isinstance(function, FunctionType) and function.__module__ == f"gazu.{module}" and name[0] != "_"
]
#: Of these, a dict without an id is taken: it has the name that is needed, or is the body that is sent.
WITHOUT_ID = [
    ("asset.get_asset_type_url", "asset_type"),
    ("project.add_status_automation", "automation"),
    ("project.add_preview_background_file", "background_file"),
]
#: No release has checked these: the server says whether such an id exists.
ANY_TEXT = [
    ("asset.get_asset", "asset_id"),
    ("asset.get_asset_instance", "asset_instance_id"),
    ("concept.get_concept", "concept_id"),
    ("edit.get_edit", "edit_id"),
    ("entity.get_entity", "entity_id"),
    ("entity.get_entity_type", "entity_type_id"),
    ("entity.guess_from_path", "project_id"),
    ("events.get_last_login_logs", "cursor_login_log_id"),
    ("files.get_attachment_file", "attachment_file_id"),
    ("files.get_file_status", "status_id"),
    ("files.get_output_file", "output_file_id"),
    ("files.get_output_type", "output_type_id"),
    ("files.get_preview_file", "preview_file_id"),
    ("files.get_software", "software_id"),
    ("files.get_working_file", "working_file_id"),
    ("files.new_asset_instance_output_file", "file_status_id"),
    ("files.new_entity_output_file", "file_status_id"),
    ("person.get_day_off", "day_off_id"),
    ("person.get_department", "department_id"),
    ("person.get_person", "id"),
    ("person.get_time_spents_range", "person_id"),
    ("project.add_preview_background_file", "background_file"),
    ("project.add_status_automation", "automation"),
    ("project.get_project", "project_id"),
    ("project_template.get_project_template", "project_template_id"),
    ("scene.get_scene", "scene_id"),
    ("shot.get_episode", "episode_id"),
    ("shot.get_sequence", "sequence_id"),
    ("shot.get_shot", "shot_id"),
    ("studio.get_studio", "studio_id"),
    ("task.get_comment", "comment_id"),
    ("task.get_task_status", "task_status_id"),
    ("task.get_task_type", "task_type_id"),
]


class Sent(BaseException):
    """Something was sent to the server."""


@pytest.fixture
def nothing_sent(monkeypatch: Any) -> None:
    from gazu._http import sender

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise Sent(str(args[1:3]))

    monkeypatch.setattr(sender, "send_prepared", refuse)


def parameters(function: Any, *types: Any) -> Iterator[str]:
    """Yield the parameters that take one of *types*."""
    for name, parameter in inspect.signature(function).parameters.items():
        if any(parameter.annotation in (kind, Optional[kind]) for kind in types):
            yield name


#: Arguments without which a function has nothing to send.
ALSO: Dict[str, Any] = {
    "get_quota_shots": {"month": 1},
    "get_time_spents_table": {"unit": "year"},
    "remove_time_spent": {"task": ID, "person": ID, "date": datetime.date(2026, 1, 31)},
}


def good(function: Any, folder: Path) -> Dict[str, Any]:
    """Return arguments that a function can take."""
    (folder / "file.png").write_text("x")
    (folder / "file.hdr").write_text("#?RADIANCE")
    values: Dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        text = str(parameter.annotation)
        if parameter.annotation is KitsuClient:
            values[name] = KitsuClient("http://kitsu/api", retries=0)
        elif name == "preview_file_path":
            values[name] = str(folder / "file.png")
        elif name == "file_path" and "background" in function.__name__:  # its content is checked
            values[name] = str(folder / "file.hdr")
        elif name == "task_status":  # the default one would be looked up
            values[name] = ID
        elif name == "file_tree_name":
            values[name] = "simple"
        elif parameter.default is not parameter.empty:
            continue
        elif parameter.annotation == Ref or parameter.annotation == Several:
            values[name] = ID
        elif parameter.annotation == Date or "date" in name:
            values[name] = datetime.date(2026, 1, 31)
        elif "path" in name:
            values[name] = str(folder / "file.png")
        elif "Iterable" in text or "List" in text:
            values[name] = []
        elif "Mapping" in text or "Dict" in text:
            values[name] = dict(ROW, shots=[])
        else:
            values[name] = {int: 1, float: 1.5, bool: True}.get(parameter.annotation, "#000000")
    return {**values, **ALSO.get(function.__name__, {})}


WITH_RECORDS = [
    pytest.param(f"{module}.{name}", function, parameter, id=f"{module}.{name}-{parameter}")
    for module, name, function in FUNCTIONS
    for parameter in parameters(function, Ref, Several)
]


@pytest.mark.filterwarnings("ignore:.*gazu:DeprecationWarning")
@pytest.mark.parametrize(("name", "function", "parameter"), WITH_RECORDS)
def test_no_record(name: str, function: Any, parameter: str, nothing_sent: None, tmp_path: Path) -> None:
    arguments = good(function, tmp_path)
    for wrong in (42, "no id", {"name": "Tree"}, "", " ", {"id": " "}):
        if wrong == {"name": "Tree"} and (name, parameter) in WITHOUT_ID:
            continue
        if wrong == "no id" and (name, parameter) in ANY_TEXT:
            continue
        try:
            function(**{**arguments, parameter: wrong})
        except ValueError as error:
            assert repr(wrong) in str(error)
            if wrong != "":  # which is the same object wherever it is passed
                assert f"for {parameter}" in str(error)
        else:
            pytest.fail(f"{wrong!r} was taken for {parameter}")


NEW = [
    pytest.param(function, parameter, id=f"{module}.{name}")
    for module, name, function in FUNCTIONS
    if name.startswith("new_")
    for parameter in inspect.signature(function).parameters
    if parameter == "name" and inspect.signature(function).parameters["name"].default is inspect.Parameter.empty
]


@pytest.mark.parametrize(("function", "parameter"), NEW)
@pytest.mark.parametrize("wrong", ["", "  ", None, True, 5.0, b"Tree"], ids=repr)
def test_nothing_is_made_without_a_name(
    function: Any, parameter: str, wrong: Any, nothing_sent: None, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="expected a name"):
        function(**{**good(function, tmp_path), parameter: wrong})


ROWS = [
    pytest.param(function, next(iter(inspect.signature(function).parameters)), id=f"{module}.{name}")
    for module, name, function in FUNCTIONS
    if name.startswith("update_")
    and str(next(iter(inspect.signature(function).parameters.values())).annotation).startswith("typing.Mapping")
]


@pytest.mark.filterwarnings("ignore:.*gazu:DeprecationWarning")
@pytest.mark.parametrize(("function", "parameter"), ROWS)
@pytest.mark.parametrize("wrong", [ID, 5, None, [ID]], ids=repr)
def test_an_update_takes_a_row(function: Any, parameter: str, wrong: Any, nothing_sent: None, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Wrong format"):
        function(**{**good(function, tmp_path), parameter: wrong})


# -- what is right -------------------------------------------------------------
class Requests(List[Any]):
    """What was sent, as (method, address, body); answers with nothing, or with the row of an id."""

    def exchange(
        self, session: Any, method: str, url: str, headers: Any, data: Any, params: Any, *rest: Any, **more: Any
    ) -> Any:
        import requests

        body = b"".join(data) if data is not None and not isinstance(data, bytes) else data
        self.append((method, url, re.sub(rb"[0-9a-f]{32}", b"", body or b"")))
        response = requests.Response()
        response.status_code = 200
        by_id = re.fullmatch(r"[0-9a-f-]{36}|full", url.split("?")[0].split("/")[-1])
        response._content = json.dumps(ROW if by_id else []).encode()
        return response

    def of(self, function: Any, arguments: Dict[str, Any]) -> Any:
        """Call *function*, and return what was sent and the class of the error, if there was one."""
        self.clear()
        error = None
        try:
            function(**arguments)
        except Exception as caught:  # the answers are made up
            error = type(caught)
        return list(self), error


@pytest.fixture
def sent(monkeypatch: Any) -> Requests:
    from gazu._http import sender

    requests = Requests()
    monkeypatch.setattr(sender, "send_prepared", requests.exchange)
    return requests


def with_parameters(*types: Any) -> Any:
    return [
        pytest.param(function, parameter, id=f"{module}.{name}-{parameter}")
        for module, name, function in FUNCTIONS
        for parameter in parameters(function, *types)
    ]


@pytest.mark.filterwarnings("ignore:.*gazu:DeprecationWarning")
@pytest.mark.parametrize(("function", "parameter"), with_parameters(Ref))
def test_a_record_is_a_row_an_id_or_a_uuid(function: Any, parameter: str, sent: Requests, tmp_path: Path) -> None:
    arguments = good(function, tmp_path)
    by_id = sent.of(function, {**arguments, parameter: ID})
    assert sent.of(function, {**arguments, parameter: uuid.UUID(ID)}) == by_id
    requests, error = sent.of(function, {**arguments, parameter: {"id": ID}})
    assert (len(requests), error) == (len(by_id[0]), by_id[1]) or len(requests) < len(by_id[0])


@pytest.mark.filterwarnings("ignore:.*gazu:DeprecationWarning")
@pytest.mark.parametrize(("function", "parameter"), with_parameters(Several))
def test_records_come_in_any_iterable(function: Any, parameter: str, sent: Requests, tmp_path: Path) -> None:
    arguments = good(function, tmp_path)
    as_list = sent.of(function, {**arguments, parameter: [ID, OTHER]})
    assert any(OTHER in f"{url} {body}" for _, url, body in as_list[0])
    for several in (
        (ID, OTHER),
        iter([{"id": ID}, OTHER]),
        {ID: 0, OTHER: 1}.keys(),
        [uuid.UUID(ID), uuid.UUID(OTHER)],
    ):
        assert sent.of(function, {**arguments, parameter: several}) == as_list
    assert sent.of(function, {**arguments, parameter: ID}) == sent.of(function, {**arguments, parameter: [ID]})


@pytest.mark.filterwarnings("ignore:.*gazu:DeprecationWarning")
@pytest.mark.parametrize(("function", "parameter"), with_parameters(Date))
def test_a_date_is_text_or_a_date(function: Any, parameter: str, sent: Requests, tmp_path: Path) -> None:
    arguments = good(function, tmp_path)
    day = sent.of(function, {**arguments, parameter: "2026-02-28"})
    assert any("2026" in f"{url} {body}" for _, url, body in day[0])
    assert sent.of(function, {**arguments, parameter: datetime.date(2026, 2, 28)}) == day
    time = sent.of(function, {**arguments, parameter: "2026-02-28T12:30:00"})
    assert sent.of(function, {**arguments, parameter: datetime.datetime(2026, 2, 28, 12, 30)}) == time


@pytest.mark.filterwarnings("ignore:.*gazu:DeprecationWarning")
@pytest.mark.parametrize(("function", "parameter"), with_parameters(Date))
@pytest.mark.parametrize("wrong", ["28.02.2026", "2026-02-30", "tomorrow"])
def test_no_date(function: Any, parameter: str, wrong: str, nothing_sent: None, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=wrong):
        function(**{**good(function, tmp_path), parameter: wrong})


FREE, QUOTED = "tree 01/b", "tree%2001%2Fb"
#: The made-up answers are the end of these before they come to the record, or they have nothing to send.
NOT_SENT = {
    "casting.update_castings-project": "there are no castings to set",
    "playlist.add_entities_to_playlist-playlist": "the entities do not exist",
    "playlist.add_entity_to_playlist-playlist": "the entity has no preview to add",
    "playlist.invite_to_share_link-playlist": "nobody is invited",
    "playlist.remove_entity_from_playlist-entity": "what is sent is the rest of the playlist",
    "playlist.update_entity_preview-entity": "the playlist is empty",
    "playlist.update_entity_preview-preview_file": "the playlist is empty",
    "project.close_project-project": "there is no status Closed",
    "schedule.get_schedule-episode": "there is no task type with it",
    "task.add_attachment_files_to_comment-task": "there is no file to attach",
    "task.add_attachment_files_to_comment-comment": "there is no file to attach",
    "task.start_task-task": "there is no status wip",
    "task.start_task-person": "there is no status wip",
}
#: Of whole productions: there is nothing to push.
PUSHES = "sync.push_"


def has_it(sent: Any) -> bool:
    return any(QUOTED in url or "tree+01%2Fb" in url or FREE in f"{body}" for _, url, body in sent)


@pytest.mark.filterwarnings("ignore:.*gazu:DeprecationWarning")
@pytest.mark.parametrize(("name", "function", "parameter"), WITH_RECORDS)
def test_the_id_of_a_record_is_any_text(
    name: str, function: Any, parameter: str, sent: Requests, tmp_path: Path
) -> None:
    arguments = good(function, tmp_path)
    several = parameter in parameters(function, Several)
    row = {"id": FREE}
    sent.clear()
    returned = None
    try:
        returned = function(**{**arguments, parameter: [row] if several else row})
    except Exception as error:  # the answers are made up
        assert FREE not in str(error) or sent
    refused = f"{name}-{parameter}" in NOT_SENT or name.startswith(PUSHES)
    assert refused or has_it(sent) or QUOTED in str(returned)


@pytest.mark.parametrize(("name", "parameter"), ANY_TEXT)
def test_any_text_is_an_id(name: str, parameter: str, sent: Requests, tmp_path: Path) -> None:
    module, _, attribute = name.partition(".")
    function = getattr(getattr(gazu, module), attribute)
    sent.of(function, {**good(function, tmp_path), parameter: FREE})
    assert has_it(sent)


# -- older calls land where they belong ----------------------------------------
CLIENT = KitsuClient("http://kitsu/api", retries=0)
T, S, P = ID, OTHER, "7c1c7a90-1f0e-4a5e-8d52-9d6a4b9c7f12"
ERAS = [
    ("task.add_comment", (T, S, "c", P, [], "2020-01-01T00:00:00"), {"created_at": "2020-01-01T00:00:00"}),
    ("task.add_comment", (T, S, "c", P, None, datetime.date(2020, 1, 1)), {"created_at": "2020-01-01T00:00:00"}),
    (
        "task.add_comment",
        (T, S, "c", P, [{"text": "x", "checked": False}]),
        {"checklist": [{"text": "x", "checked": False}]},
    ),
    ("task.add_comment", (T, S, "c", P, [], [], None, CLIENT), {"comment": "c", "person_id": P}),
    ("shot.new_shot", (T, S, "SH", 10, 1, 10, {"a": 1}), {"data": {"a": 1, "frame_in": 1, "frame_out": 10}}),
    ("shot.new_shot", (T, S, "SH", 10, 1, 10, "fog"), {"description": "fog"}),
    ("project.add_metadata_descriptor", (T, "W", "Shot", ["a", "b"]), {"choices": ["a", "b"], "data_type": "string"}),
    (
        "project.add_metadata_descriptor",
        (T, "W", "Shot", ["a"], True, [S], CLIENT),
        {"for_client": True, "departments": [S]},
    ),
    ("project.add_metadata_descriptor", (T, "W", "Shot", "list", ["a"]), {"choices": ["a"], "data_type": "list"}),
    ("project.add_person_to_team", (T, P, CLIENT), {"person_id": P}),
    ("project.new_project", ("N", "short", [], [], [], [], CLIENT), {"name": "N", "production_style": "2d3d"}),
    ("person.new_person", ("A", "B", "a@b.c", "", "user", "", None, CLIENT), {"first_name": "A", "password": None}),
    ("asset.new_asset", (T, S, "Tree", "d", {}, None, CLIENT), {"name": "Tree", "is_shared": False}),
    ("playlist.new_playlist", (T, "P", None, "shot", True, CLIENT), {"for_client": True, "is_for_all": False}),
    ("task.reply_to_comment", (T, S, "hello"), {"text": "hello"}),
    ("task.reply_to_comment", ({"id": T, "object_id": S}, "hello", P), {"text": "hello", "person_id": P}),
    ("task.create_preview", (T, S, CLIENT), {}),
    ("task.new_task_type", ("M", CLIENT), {"name": "M", "color": "#000000"}),
    ("task.set_main_preview", (T, CLIENT), {}),
]


@pytest.mark.filterwarnings("ignore:.*gazu:DeprecationWarning")
@pytest.mark.parametrize(("name", "args", "body"), ERAS)
def test_what_an_older_call_says_arrives(name: str, args: Any, body: Dict[str, Any], sent: Requests) -> None:
    module, function = name.split(".")
    requests, error = sent.of(lambda: getattr(getattr(gazu, module), function)(*args), {})
    assert error is None
    told = json.loads(requests[-1][2])
    assert {key: told[key] for key in body} == body
