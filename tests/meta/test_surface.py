"""Nothing that scripts may use of earlier releases is missing, and the reference's signatures are ours."""

import asyncio
import inspect
import json
import re
import warnings
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import pytest
import requests

import gazu
import gazu.aio
import gazu.cli
from gazu.client import KitsuClient

CASES = Path(__file__).parents[1] / "contract" / "cases"
SURFACE = json.loads((CASES / "surface.json").read_text(encoding="utf-8"))
HISTORY = json.loads((CASES / "history.json").read_text(encoding="utf-8"))
ID = "0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"
#: A module of the standard library that upstream happens to have imported, and the version within the version.
NOT_FOR_USE = ("gazu.logging", "gazu.__version__.")
FUNCTIONS = SURFACE["functions"]


#: Signatures that are not the reference's, and why.
OTHERWISE = {
    "gazu.task.remove_time_spent": "also by task, person and date",
    "gazu.asset.export_assets_with_csv": "assigned_to_me is in its place, as in upstream's main, and takes a person too",
    "gazu.shot.export_shots_with_csv": "assigned_to_me is in its place, as in upstream's main, and takes a person too",
    "gazu.project.add_task_type": "a priority may be left out, as upstream's pages do",
    "gazu.task.new_task_status": "short name and color may be left out, as upstream's pages do",
    "gazu.task.get_persons_tasks_dates": "a project may be left out, as releases 1.2 and 1.3 have it",
    "gazu.user.get_day_off": "a date may be left out, as in the reference; releases 1.2 and 1.3 need one",
    "gazu.create_session": "expired tokens are renewed, as those of all other clients",
    "gazu.aio.create_session": "expired tokens are renewed, as those of all other clients",
    "gazu.client.create_client": "expired tokens are renewed, as those of all other clients",
    "gazu.files.get_last_entity_output_revision": "new_entity_output_file makes `main`, not `master`",
}


#: Functions that write: releases 1.2 and 1.3 have them cached, so that a second call would change nothing.
WRITES = {"gazu.casting.cast_asset"}


def found(name: str) -> Any:
    """Return what a script gets by this name."""
    thing: Any = gazu
    for part in name.split(".")[1:]:
        thing = getattr(thing, part)
    return thing


def described(function: Any) -> List[Tuple[str, str]]:
    """Return the parameters as the record has them: names, and defaults as text."""
    parameters = inspect.signature(function).parameters.values()
    return [
        (one.name, "" if one.default is one.empty else "<default client>" if _is_client(one) else repr(one.default))
        for one in parameters
    ]


def _is_client(parameter: Any) -> bool:
    return isinstance(parameter.default, KitsuClient)


@pytest.mark.parametrize("row", FUNCTIONS, ids=[row["name"] for row in FUNCTIONS])
def test_function(row: Dict[str, Any]) -> None:
    function = found(row["name"])
    ours = described(function)
    asked = [(one["name"], one.get("default", "")) for one in row.get("seed_params") or row["params"]]
    names = [name for name, _ in asked]
    shown = [one for one in ours if one[0] in names]  # the reference leaves the client out, and what came later
    assert (shown == asked) is (row["name"] not in OTHERWISE)
    assert "client" in dict(ours) or "client" not in [one["name"] for one in row.get("params", [])]
    if row.get("cached_in_1_3_1"):
        for name in SURFACE["cached_function_attributes"]:
            assert callable(getattr(function, name, None)) is (row["name"] not in WRITES)


@pytest.mark.parametrize("row", SURFACE["classes"], ids=[row["name"] for row in SURFACE["classes"]])
def test_class(row: Dict[str, Any]) -> None:
    ours = found(row["name"])
    assert {*row["bases"]} - {"object"} <= {base.__name__ for base in ours.__mro__}
    for name, parameters in row["methods"].items():
        asked = [one["name"] for one in parameters]
        assert [one for one in inspect.signature(getattr(ours, name)).parameters][: len(asked)] == asked or name in (
            "__exit__",
        )
    for name in row["properties"]:
        assert isinstance(getattr(ours, name), property)


def test_attributes() -> None:
    missing = []
    for row in SURFACE["attributes"]:
        try:
            row["name"].startswith(NOT_FOR_USE) or found(row["name"])
        except AttributeError:
            missing.append(row["name"])
    assert missing == []


def test_attributes_of_a_client() -> None:
    client = KitsuClient("http://kitsu/api")
    for name in SURFACE["client_instance_attributes"]:
        assert hasattr(client, name)


# -- every call of every era ---------------------------------------------------
REFUSED = re.compile(r"\(\) (got an unexpected keyword|got multiple values|missing \d|takes \d|takes from)")


def shapes(parameters: List[Dict[str, Any]], client: KitsuClient) -> Iterator[Tuple[List[Any], Dict[str, Any]]]:
    """Yield the ways to call a function with these parameters: by place, from the fewest to all, and by name."""
    plain = [one for one in parameters if one["kind"] == "positional_or_keyword"]
    values = [client if one["name"] == "client" else ID for one in plain]
    required = sum("default" not in one for one in plain)
    for count in range(required, len(plain) + 1):
        yield values[:count], {}
    yield [], {one["name"]: value for one, value in zip(plain, values)}
    yield values[:required], {one["name"]: value for one, value in list(zip(plain, values))[required:]}


#: The commands of the command line: to call one is to run it and to end the process. `tests/unit/test_cli.py` does.
COMMANDS = {row["name"] for row in SURFACE["attributes"] if row["type"] in ("Command", "Group")} | {"gazu.cli.main"}
LIVING = sorted(
    name
    for name in {*HISTORY["functions"]} - COMMANDS
    if not name.startswith(("gazu.cache.", "gazu.events.init", "gazu.events.run_client"))
)


@pytest.fixture
def offline(monkeypatch: Any) -> Iterator[KitsuClient]:
    """A client whose requests all fail at once; the default one, too."""
    from gazu._http import sender

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise requests.exceptions.InvalidURL("offline")

    monkeypatch.setattr(sender, "send_prepared", refuse)
    monkeypatch.setattr(gazu.client.default_client, "__dict__", dict(gazu.client.default_client.__dict__))
    yield KitsuClient("http://kitsu/api", retries=0)


async def finished(work: Any, args: Any, kwargs: Any) -> None:
    """Await *work*, and end the connections of the clients that it has."""
    try:
        await work
    finally:
        for value in (*args, *kwargs.values()):
            if isinstance(value, gazu.aio.AsyncKitsuClient):
                await value.session.close()


@pytest.mark.parametrize("name", LIVING)
@pytest.mark.filterwarnings("ignore:.*gazu:DeprecationWarning")
def test_no_call_of_any_release_is_refused(name: str, offline: KitsuClient, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))  # the sessions of whoever runs this are not touched
    monkeypatch.setenv("HOME", str(tmp_path))
    function = found(name)
    if name.startswith("gazu.aio."):
        offline = gazu.aio.AsyncKitsuClient("kitsu", retries=0)  # no address: nothing can be sent there
    for release, parameters in HISTORY["functions"][name]["params"].items():
        for args, kwargs in shapes(parameters, offline):
            try:
                answer = function(*args, **kwargs)
                if inspect.isawaitable(answer):
                    asyncio.run(finished(answer, args, kwargs))
            except Exception as error:
                refused = isinstance(error, TypeError) and REFUSED.search(str(error))
                assert not refused, f"as in {release}: {args} {kwargs}: {error}"


def test_a_removed_function_warns_once_for_each_place(offline: KitsuClient) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(2):
            with pytest.raises(gazu.GazuException):
                gazu.task.get_task_by_name(ID, ID, client=offline)
        with pytest.raises(gazu.GazuException):
            gazu.task.get_task_by_name(ID, ID, client=offline)
    assert len(caught) == 2
