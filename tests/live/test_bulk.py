"""Set-ups from tables: what they make, and what is there when responses are lost and rows are refused (Zou 1.0.97)."""

import csv
import datetime
import itertools
import json
import threading
import uuid
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple

import pandas
import pytest

import gazu
import gazu.bulk
from gazu.client import KitsuClient
from gazu.exception import NotAllowedException, RouteNotFoundException, SetupFailedException

from ..shows import Lossy, fill, show
from .test_exactly_once import PICTURE

WAYS = ("import", "posts")


@pytest.fixture
def proxy(box: Any) -> Iterator[Lossy]:
    with Lossy(box.host) as proxy:
        yield proxy


@pytest.fixture
def client(admin: KitsuClient, proxy: Lossy) -> Iterator[KitsuClient]:
    """The administrator, behind the proxy."""
    with proxy.client_of(admin) as client:
        yield client


@pytest.fixture
def film(admin: KitsuClient, unique: Callable[[str], str]) -> Any:
    return gazu.project.new_project(unique("Film"))


@pytest.fixture
def log_in(film: Any, new_person: Callable[..., Any]) -> Iterator[Callable[..., KitsuClient]]:
    """Log in as a new person with a role, in the team unless told otherwise."""
    clients = []

    def log_in(role: str, in_team: bool = True) -> KitsuClient:
        person = new_person(role=role, password="not a secret")
        if in_team:
            gazu.project.add_person_to_team(film, person)
        clients.append(gazu.create_session(gazu.get_host(), person["email"], "not a secret"))
        return clients[-1]

    yield log_in
    for client in clients:
        client.session.close()


def loop(project: Any, people: Tuple[Any, ...], me: Any) -> None:
    """Make the same show with the functions for single records."""
    character, prop = (gazu.asset.get_asset_type_by_name(name) for name in ("Character", "Prop"))
    hero = gazu.asset.new_asset(project, character, "Hero", "of the story")
    tree = gazu.asset.new_asset(project, prop, "Tree", extra_data={"height": 3, "leafy": "true"})
    gazu.task.new_task(hero, gazu.task.get_task_type_by_name("Modeling"), assigner=me)
    sequence = gazu.shot.new_sequence(project, "SQ00")
    for place in range(2):
        frames: Any = {"nb_frames": 10 + place, "frame_in": 1}
        shot = gazu.shot.new_shot(project, sequence, f"SH{place:02}", **frames, data={"lens": 35})
        animation = gazu.task.get_task_type_by_name("Animation")
        task = gazu.task.new_task(shot, animation, assignees=people, assigner=me)
        gazu.task.update_task({"id": task["id"], "estimation": 960, "due_date": "2030-01-02"})
        cast = [{"asset_id": hero["id"]}, {"asset_id": tree["id"], "nb_occurences": 3}]
        gazu.casting.update_shot_casting(project, shot, cast)


def numbers(plan: Any) -> Tuple[int, int, int, int]:
    return len(plan.new), len(plan.changed), len(plan.same), len(plan.refused)


# -- what is made ----------------------------------------------------------------
def test_the_result_is_that_of_the_loop(
    film: Any, unique: Callable[[str], str], new_person: Callable[..., Any]
) -> None:
    jane, me = new_person(), gazu.client.get_current_user()
    loop(film, (jane,), me)
    for way in WAYS:
        project = gazu.project.new_project(unique("Film"))
        setup = fill(gazu.bulk.Setup(project), people=(jane["email"],))
        assert show(project) == {}
        assert numbers(setup.plan()) == (16, 0, 0, 0), setup.plan()
        report = setup.apply(way=way)
        assert (len(report.made), report.failed, report.unknown) == (16, [], []), report
        assert show(project) == show(film)
        assert [person["id"] for person in gazu.project.get_team(project)] == [jane["id"]]
        columns = {
            (c["entity_type"], c["field_name"], c["data_type"]) for c in gazu.project.all_metadata_descriptors(project)
        }
        assert columns == {("Asset", "height", "number"), ("Asset", "leafy", "boolean"), ("Shot", "lens", "number")}
        assert numbers(fill(gazu.bulk.Setup(project), people=(jane,)).plan()) == (0, 0, 12, 0)


def test_all_kinds_in_a_show_of_episodes(project: Any, unique: Callable[[str], str]) -> None:
    expected: Dict[str, Any] = {}
    for way in ("loop", *WAYS):
        tv = gazu.project.new_project(unique("TV"), production_type="tvshow")
        if way == "loop":
            episode = gazu.shot.new_episode(tv, "E02")
            sequence = gazu.shot.new_sequence(tv, "SQ", episode)
            gazu.scene.new_scene(tv, sequence, "SC")
            gazu.edit.new_edit(tv, "Cut", "first", {"a": 1}, episode)
            asset = gazu.asset.new_asset(tv, gazu.asset.get_asset_type_by_name("Prop"), "Tree", episode=episode)
            shot = gazu.shot.new_shot(tv, sequence, "SH")
            gazu.concept.new_concept(tv, "Idea", entity_concept_links=[asset])
            gazu.casting.update_shot_casting(tv, shot, [{"asset_id": asset["id"]}])
        else:
            setup = gazu.bulk.Setup(tv)
            episode = setup.episode("E02")
            sequence = setup.sequence("SQ", episode)
            setup.scene(sequence, "SC")
            setup.edit("Cut", episode, "first", {"a": 1})
            asset = setup.asset("Prop", "Tree", episode)
            setup.cast(setup.shot(sequence, "SH"), {asset: 1})
            setup.concept("Idea", asset)
            report = setup.apply(way=way)
            report.raise_for_failed()
            assert gazu.concept.get_concept_by_name(tv, "Idea")["entity_concept_links"] == [asset.id]
            assert numbers(setup.plan())[1:] == (0, 8, 0)
        expected[way] = show(tv)
    assert expected["import"] == expected["loop"]
    assert expected["posts"] == expected["loop"]


def test_assets_that_are_ready_are_counted(unique: Callable[[str], str]) -> None:
    expected: Dict[str, Any] = {}
    animation = gazu.task.get_task_type_by_name("Animation")
    for way in ("loop", *WAYS):
        film = gazu.project.new_project(unique("Film"))
        gazu.project.add_task_type(film, animation, 1)
        tree = gazu.asset.new_asset(film, gazu.asset.get_asset_type_by_name("Prop"), "Tree")
        gazu.asset.update_asset({"id": tree["id"], "ready_for": animation["id"]})
        if way == "loop":
            shot = gazu.shot.new_shot(film, gazu.shot.new_sequence(film, "SQ"), "SH")
            gazu.task.new_task(shot, animation, assigner=gazu.client.get_current_user())
            gazu.casting.update_shot_casting(film, shot, [{"asset_id": tree["id"]}])
        else:
            setup = gazu.bulk.Setup(film)
            row = setup.shot(setup.sequence("SQ"), "SH")
            setup.task(row, "Animation")
            setup.cast(row, {setup.asset("Prop", "Tree"): 1})
            setup.apply(way=way).raise_for_failed()
        expected[way] = show(film)
        assert [task["nb_assets_ready"] for task in gazu.raw.fetch_all("tasks", {"project_id": film["id"]})] == [1]
    assert expected["import"] == expected["posts"] == expected["loop"]


@pytest.mark.parametrize("way", WAYS)
def test_tasks_of_concepts_have_the_status_of_concepts(film: Any, way: str) -> None:
    setup = gazu.bulk.Setup(film)
    tasks = [
        setup.task(setup.concept(f"Idea {number}"), "Concept", **({"priority": 1} if number else {}))
        for number in range(2)
    ]
    setup.apply(way=way).raise_for_failed()
    statuses = [gazu.task.get_task_status(gazu.raw.fetch_one("tasks", task.id)) for task in tasks]
    assert [(status["is_default"], status["for_concept"]) for status in statuses] == [(True, True)] * 2


def test_parts_are_smaller_than_a_proxy_takes(film: Any, proxy: Lossy, client: KitsuClient) -> None:
    setup = gazu.bulk.Setup(film, client=client)
    sequence = setup.sequence("SQ")
    for number in range(8):
        setup.shot(sequence, f"SH{number}", description="\N{GRINNING FACE}" * 30_000)  # 12 bytes each
    setup.apply(way="import").raise_for_failed()
    sizes = [size for call, size in zip(proxy.calls, proxy.sizes) if call.startswith("POST") and "import" in call]
    assert sum(sizes) > 2_800_000 and max(sizes) < 1_000_000, sizes


def test_a_row_is_a_record(film: Any) -> None:
    setup = gazu.bulk.Setup(film)
    sequence = setup.sequence("SQ10")
    assert (sequence["name"], sequence["type"], sequence.label, setup.sequence("sq10")) == (
        "SQ10",
        "Sequence",
        "SQ10",
        sequence,
    )
    assert gazu.bulk.Setup(film["id"]).sequence("SQ10").id == sequence.id
    setup.apply(way="import").raise_for_failed()
    assert gazu.shot.get_sequence(sequence)["name"] == "SQ10"
    assert gazu.bulk.Setup(film).shot(sequence.id, "SH10").label == "SQ10/SH10"


# -- exactly once ----------------------------------------------------------------
@pytest.mark.parametrize("way", WAYS)
def test_applied_again_nothing_is_written(film: Any, proxy: Lossy, client: KitsuClient, way: str) -> None:
    fill(gazu.bulk.Setup(film, client=client)).apply(way=way).raise_for_failed()
    before, proxy.calls = show(film), []
    report = fill(gazu.bulk.Setup(film, client=client)).apply(way=way)
    assert (proxy.writes(), len(report.same)) == ([], 12)
    assert show(film) == before


@pytest.mark.parametrize("way", WAYS)
def test_every_second_response_is_lost(
    film: Any, proxy: Lossy, client: KitsuClient, way: str, unique: Callable[[str], str]
) -> None:
    undisturbed = gazu.project.new_project(unique("Film"))
    fill(gazu.bulk.Setup(undisturbed), shots=1).apply(way=way).raise_for_failed()
    proxy.losing = True
    report = fill(gazu.bulk.Setup(film, client=client), shots=1).apply(way=way)
    assert (len(report.made), report.failed, report.unknown) == (11, [], []), report
    assert show(film) == show(undisturbed)


@pytest.mark.parametrize("way", WAYS)
def test_a_client_that_has_spent_its_retry_budget(
    film: Any,
    proxy: Lossy,
    client: KitsuClient,
    way: str,
    new_person: Callable[..., Any],
    monkeypatch: Any,
) -> None:
    for module in (gazu.bulk.repeating, gazu.bulk.sending):
        monkeypatch.setattr(module, "PROBE_DELAYS_SECONDS", (0.0, 0.0, 0.0))
    monkeypatch.setattr(client.retry_budget, "spend", lambda: False)
    jane = new_person()
    gazu.shot.new_shot(film, gazu.shot.new_sequence(film, "SQ00"), "SH00", nb_frames=99)  # which changes
    proxy.losing = True
    setup = fill(gazu.bulk.Setup(film, client=client), shots=1, people=(jane["email"],))
    report = setup.apply(way=way, notify=True)
    assert (len(report.made), len(report.changed), report.failed, report.unknown) == (10, 1, [], []), report
    proxy.losing = False
    assert numbers(fill(gazu.bulk.Setup(film), shots=1, people=(jane,)).plan()) == (0, 0, 8, 0)
    assert [person["id"] for person in gazu.project.get_team(film)] == [jane["id"]]


@pytest.mark.parametrize("way", WAYS)
def test_what_was_interrupted_is_continued(film: Any, way: str, unique: Callable[[str], str]) -> None:
    undisturbed = gazu.project.new_project(unique("Film"))
    fill(gazu.bulk.Setup(undisturbed)).apply(way=way).raise_for_failed()

    def interrupt(done: int, total: int) -> None:
        if next(calls) == 2:
            raise KeyboardInterrupt

    for _ in range(3):
        calls = itertools.count()
        with pytest.raises(KeyboardInterrupt):
            fill(gazu.bulk.Setup(film)).apply(interrupt, way=way)
    fill(gazu.bulk.Setup(film)).apply(way=way).raise_for_failed()
    assert show(film) == show(undisturbed)


@pytest.mark.parametrize("way", WAYS)
def test_two_at_the_same_time_make_one(film: Any, way: str, unique: Callable[[str], str]) -> None:
    undisturbed = gazu.project.new_project(unique("Film"))
    fill(gazu.bulk.Setup(undisturbed)).apply(way=way).raise_for_failed()
    setups = [fill(gazu.bulk.Setup(film)) for _ in range(2)]
    threads = [threading.Thread(target=setup.apply, kwargs={"way": way}) for setup in setups]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fill(gazu.bulk.Setup(film)).apply(way=way).raise_for_failed()
    assert show(film) == show(undisturbed)


@pytest.mark.parametrize("way, requests", [
    ("import", ["import/kitsu/entities"]), ("posts", ["/sequences", "/assets/new"]),
])  # fmt: skip
def test_what_others_make_meanwhile_is_used(
    film: Any, proxy: Lossy, client: KitsuClient, way: str, requests: List[str]
) -> None:
    """A film has no parents for sequences and assets: nothing in the database keeps their names single (Zou 1.0.97)."""
    types = {row["name"]: row["id"] for row in gazu.raw.fetch_all("entity-types")}
    names = {"SQ00": types["Sequence"], "Hero": types["Character"], "Tree": types["Prop"]}
    both = {"created_at": "2020-01-01T00:00:00", "project_id": film["id"], "data": {}, "description": "theirs"}
    theirs = {name: {"id": str(uuid.uuid4()), "name": name, "entity_type_id": names[name], **both} for name in names}

    def make_theirs(call: List[str]) -> None:
        if call[0] == "POST" and call[1].split("?")[0].endswith(tuple(requests)) and theirs:
            rows = [theirs.pop(name) for name in list(theirs)]
            gazu.raw.import_data("entities", [{**row, "type": "Entity"} for row in rows])

    proxy.before = make_theirs if way == "import" else None
    proxy.after = make_theirs if way == "posts" else None
    ids = {name: row["id"] for name, row in theirs.items()}
    report = fill(gazu.bulk.Setup(film, client=client)).apply(way=way)
    assert (len(report.made), report.failed, report.unknown) == (15, [], []), report
    entities = gazu.raw.fetch_all("entities", {"project_id": film["id"]})
    assert {row["name"]: row["id"] for row in entities if row["name"] in names} == ids
    assert len(entities) == 5
    assert [row["description"] for row in entities if row["name"] == "Hero"] == ["of the story"]
    assert {row["parent_id"] for row in entities if row["name"].startswith("SH")} == {ids["SQ00"]}
    assert numbers(fill(gazu.bulk.Setup(film)).plan()) == (0, 0, 12, 0)


@pytest.mark.parametrize("way", WAYS)
def test_a_name_is_one_sequence_however_it_is_written(film: Any, way: str) -> None:
    gazu.shot.new_sequence(film, "Été")
    for name in ("SQ10", "sq10", "Sq10"):
        setup = gazu.bulk.Setup(film)
        setup.shot(setup.sequence(name), "SH")
        setup.shot(setup.sequence(name.swapcase()), "sh")
        setup.sequence("E\u0301te\u0301")
        setup.apply(way=way).raise_for_failed()
    assert sorted(row["name"] for row in gazu.shot.all_sequences_for_project(film)) == ["SQ10", "Été"]
    assert [row["name"] for row in gazu.shot.all_shots_for_project(film)] == ["SH"]


# -- rows that exist, and rows that fail -----------------------------------------
def test_who_joins_between_two_plans_is_known(film: Any, new_person: Callable[..., Any]) -> None:
    setup = fill(gazu.bulk.Setup(film), people=(new_person(),))
    setup.plan()
    setup.task(setup.asset("Prop", "Tree"), "Modeling", assignees=[new_person()])
    assert setup.plan().refused == []


def test_what_was_made_by_hand_is_used(film: Any, new_person: Callable[..., Any]) -> None:
    jane, joe = new_person(), new_person()
    sequence = gazu.shot.new_sequence(film, "sq00")
    shot = gazu.shot.new_shot(
        film, sequence, "SH00", nb_frames=99, description="by hand", data={"lens": 35, "mood": "sad"}
    )
    task = gazu.task.new_task(shot, gazu.task.get_task_type_by_name("Animation"), assignees=[joe])
    tree = gazu.asset.new_asset(film, gazu.asset.get_asset_type_by_name("Prop"), "Bush")
    gazu.casting.update_shot_casting(film, shot, [{"asset_id": tree["id"], "nb_occurences": 7}])
    setup = fill(gazu.bulk.Setup(film), people=(jane,))
    plan = setup.plan()
    assert str(plan.changed[0]) == "shot SQ00/SH00: nb_frames 99 -> 10, data {'frame_in': None} -> {'frame_in': 1}"
    assert [item.row.label for item in plan.changed[1:]] == ["SQ00/SH00/Animation"]
    assert plan.changed[1].changes["assignees"] == ([joe["id"]], [joe["id"], jane["id"]])
    setup.apply().raise_for_failed()
    found = gazu.shot.get_shot(shot)
    assert (found["nb_frames"], found["description"], found["name"]) == (10, "by hand", "SH00")
    assert found["data"] == {"lens": 35, "mood": "sad", "frame_in": 1}
    assert sorted(gazu.raw.fetch_one("tasks", task["id"])["assignees"]) == sorted([joe["id"], jane["id"]])
    cast = {row["asset_name"]: row["nb_occurences"] for row in gazu.casting.get_shot_casting(shot)}
    assert (cast, found["nb_entities_out"]) == ({"Bush": 7, "Hero": 1, "Tree": 3}, 3)
    assert len(gazu.shot.all_sequences_for_project(film)) == 1


@pytest.mark.parametrize("way", WAYS)
def test_rows_fail_alone(film: Any, way: str) -> None:
    setup = fill(gazu.bulk.Setup(film))
    sequence = setup.sequence("SQ00")
    bad = setup.shot(sequence, "SH05", nb_frames=2**40)
    task, (cast,) = setup.task(bad, "Animation"), setup.cast(bad, {setup.asset("Prop", "Rock"): 1})
    report = setup.apply(way=way)
    errors = {row: str(error) for row, error in report.failed}
    assert set(errors) == {bad, task, cast}
    assert "1099511627776" in errors[bad] or "out of range" in errors[bad], errors[bad]
    assert errors[task].startswith("not sent: SQ00/SH05 is not there: ")
    assert errors[cast].startswith("not sent: SQ00/SH05 is not there: ")
    assert (len(report.made), report.unknown) == (16, [])
    with pytest.raises(SetupFailedException, match="16 made, 0 changed, 0 same, 3 failed, 0 unknown") as caught:
        report.raise_for_failed()
    assert caught.value.report is report
    assert [row["nb_entities_out"] for row in gazu.shot.all_shots_for_project(film)] == [2, 2]


@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_goes_away(film: Any, proxy: Lossy, admin: KitsuClient, way: str, monkeypatch: Any) -> None:
    for module in (gazu.bulk.repeating, gazu.bulk.sending):
        monkeypatch.setattr(module, "PROBE_DELAYS_SECONDS", (0.0, 0.0, 0.0))
    client = KitsuClient(proxy.host, access_token=admin.access_token, retries=0)
    setup = fill(gazu.bulk.Setup(film, client=client))
    setup.plan()
    proxy.last = 2 * len(proxy.calls) + 2  # the columns: nothing else
    report = setup.apply(way=way)
    assert (len(report.made) + len(report.failed) + len(report.unknown), report.changed) == (15, [])
    texts = [str(error) for _, error in report.failed]
    assert texts and all(text.startswith("not sent: ") or way == "posts" for text in texts), report
    client.session.close()
    proxy.last = 10**9
    fill(gazu.bulk.Setup(film)).apply(way=way).raise_for_failed()
    assert len(show(film)) == 12


def test_dates_of_metadata_are_the_same_again(film: Any) -> None:
    for _ in range(2):
        setup = gazu.bulk.Setup(film)
        data = {"turnover": datetime.date(2030, 1, 2), "final": True}
        setup.shot(setup.sequence("SQ"), "SH", data=data)
        report = setup.apply()
    assert (len(report.same), report.changed, report.made) == (2, [], [])


def test_a_link_that_fails_is_not_counted(film: Any) -> None:
    setup = fill(gazu.bulk.Setup(film))
    shot = setup.shot(setup.sequence("SQ00"), "SH05")
    (cast,) = setup.cast(shot, {setup.asset("Prop", "Rock"): 2**40})
    report = setup.apply(way="import")
    assert [row for row, _ in report.failed] == [cast]
    assert gazu.shot.get_shot(shot)["nb_entities_out"] == 0


def test_a_plan_refuses_by_name(film: Any) -> None:
    canceled = gazu.asset.new_asset(film, gazu.asset.get_asset_type_by_name("Prop"), "Rock")
    gazu.task.new_task(canceled, gazu.task.get_task_type_by_name("Modeling"))
    gazu.asset.remove_asset(canceled)
    setup = gazu.bulk.Setup(film)
    shot, rock = setup.shot(setup.sequence("SQ"), "SH", nb_frames=5), setup.asset("Prop", "Rock")
    setup.shot(setup.sequence("SQ"), "SH", nb_frames=6)
    setup.task(setup.asset("Charakter", "Hero"), "Modeling")
    hero = setup.asset("Character", "Heroine")
    setup.task(hero, "Animation")
    setup.task(hero, "Modelling")
    setup.task(hero, "Rigging", assignees=["nobody@example.com"])
    setup.task(hero, "Concept", assignees=["00000000-0000-4000-8000-000000000000"])
    setup.cast(hero, {rock: 1, setup.shot(setup.sequence("SQ"), "SH02"): 1})
    plan = setup.plan()
    assert [str(item) for item in plan.refused] == [
        "shot SQ/SH: the table says nb_frames 5 and 6",
        "asset Prop/Rock: it exists, but is canceled: restore it first",
        "asset Charakter/Hero: there is no asset type 'Charakter': is it 'Character'?",
        "task Charakter/Hero/Modeling: Charakter/Hero is refused: there is no asset type 'Charakter': is it 'Character'?",
        "task Character/Heroine/Animation: the task type 'Animation' is for a shot, not for a asset",
        "task Character/Heroine/Modelling: there is no task type for a asset 'Modelling': is it 'Modeling'?",
        "task Character/Heroine/Rigging: there is no person 'nobody@example.com'",
        "task Character/Heroine/Concept: there is no person 00000000-0000-4000-8000-000000000000",
        "casting Character/Heroine < Prop/Rock: Prop/Rock is refused: it exists, but is canceled: restore it first",
        "casting Character/Heroine < SQ/SH02: SQ/SH02 is not of type Asset",
    ]
    assert "assets                   1        0       0        2" in str(plan)
    report = setup.apply()
    assert {str(error) for _, error in report.failed} >= {"SQ/SH: the table says nb_frames 5 and 6"}
    assert [row.label for row in report.made] == ["SQ", "SQ/SH02", "Character/Heroine"]
    assert shot.problem


def test_nothing_is_made_in_another_project(film: Any, unique: Callable[[str], str]) -> None:
    """The import of Zou 1.0.97 takes a shot in a sequence of another project, and a task on a shot of one."""
    other = gazu.project.new_project(unique("other"))
    sequence = gazu.shot.new_sequence(other, "SQ")
    shot = gazu.shot.new_shot(other, sequence, "SH")
    shared = gazu.asset.new_asset(other, gazu.asset.get_asset_type_by_name("Prop"), "Shared")
    setup = gazu.bulk.Setup(film)
    setup.shot(sequence, 10)
    setup.task(shot, "Animation")
    setup.cast(shot, {setup.asset("Prop", "Rock"): 1})
    setup.cast(setup.shot(setup.sequence(10), 20), {shared["id"]: 1})
    report = setup.apply()
    assert [str(error) for _, error in report.failed] == [
        "SQ/10: SQ is of another project",
        "SH/Animation: SH is of another project",
        "SH < Prop/Rock: SH is of another project",
    ]
    assert {row.label for row in report.made} >= {"10", "10/20", "Prop/Rock", "10/20 < Prop/Shared"}
    assert [row["name"] for row in gazu.shot.all_shots_for_sequence(sequence)] == ["SH"]


# -- roles -----------------------------------------------------------------------
def test_a_manager_posts(film: Any, log_in: Callable[..., KitsuClient], new_person: Callable[..., Any]) -> None:
    manager, jane = log_in("manager"), new_person()
    setup = fill(gazu.bulk.Setup(film, client=manager), people=(jane,))
    with pytest.raises(NotAllowedException, match="way='import' is for administrators, and this account is 'manager'"):
        setup.apply(way="import")
    assert show(film) == {}
    report = setup.apply()
    assert (len(report.made), report.failed) == (16, []), report
    shot = gazu.shot.get_shot_by_name(setup.rows[3], "SH00")
    me = gazu.client.get_current_user(client=manager)["id"]
    assert (shot["created_by"], shot["nb_entities_out"]) == (me, 2)


def test_plain_tasks_are_created_together(film: Any, proxy: Lossy, client: KitsuClient) -> None:
    setup = gazu.bulk.Setup(film, client=client)
    sequence, hero = setup.sequence("SQ"), setup.asset("Character", "Hero")
    setup.task(hero, "Modeling")
    for number in range(4):
        setup.task(setup.shot(sequence, f"SH{number}"), "Animation")
    report = setup.apply(way="posts")
    assert (len(report.made), report.failed) == (11, []), report
    paths = [call.split("?")[0].split("/")[-2:] for call in proxy.writes() if "create-tasks" in call]
    assert paths == [["assets", "create-tasks"], ["shots", "create-tasks"]]
    rows = gazu.task.all_tasks_for_project(film)
    assert {row["id"] for row in rows} == {row.id for row in setup.rows if row.kind == "Task"}
    assert not [call for call in proxy.writes() if call.endswith("data/tasks")]


def test_a_supervisor_makes_tasks(film: Any, log_in: Callable[..., KitsuClient]) -> None:
    sequence = gazu.shot.new_sequence(film, "SQ")
    shot = gazu.shot.new_shot(film, sequence, "SH")
    supervisor = log_in("supervisor")
    me = gazu.client.get_current_user(client=supervisor)
    setup = gazu.bulk.Setup(film, client=supervisor)
    setup.task(setup.shot(setup.sequence("SQ"), "SH"), "Animation", assignees=[me], estimation=60)
    setup.shot(setup.sequence("SQ"), "SH02")
    report = setup.apply()
    assert [row.label for row in report.made] == ["SQ/SH/Animation"]
    assert [str(error) for _, error in report.failed] == [
        f"SQ/SH02: {me['full_name']} is a supervisor, who may not create this: a manager may"
    ]
    assert [task["estimation"] for task in gazu.task.all_tasks_for_shot(shot)] == [60]


@pytest.mark.parametrize("role, in_team, reason", [
    ("user", True, "is 'user' in this project, and no manager"), ("manager", False, "is not in the team"),
    ("vendor", True, "is 'vendor' in this project, and no manager"), ("supervisor", False, "is not in the team"),
    ("client", True, "is 'client' in this project, and no manager"),
])  # fmt: skip
def test_others_are_refused(
    film: Any, log_in: Callable[..., KitsuClient], role: str, in_team: bool, reason: str
) -> None:
    client = log_in(role, in_team)
    setup = gazu.bulk.Setup(film, client=client)
    setup.sequence("SQ")
    name = gazu.client.get_current_user(client=client)["full_name"]
    assert [item.reason for item in setup.plan().refused] == [f"{name} {reason}"]
    assert [row.label for row, _ in setup.apply().failed] == ["SQ"]
    assert show(film) == {}


# -- notifications ---------------------------------------------------------------
@pytest.mark.parametrize("way", WAYS)
def test_notify(film: Any, new_person: Callable[..., Any], way: str) -> None:
    jane = new_person(password="not a secret")
    fill(gazu.bulk.Setup(film), shots=1, people=(jane,)).apply(notify=True, way=way).raise_for_failed()
    with gazu.create_session(gazu.get_host(), jane["email"], "not a secret") as client:
        kinds = [row["notification_type"] for row in gazu.user.all_notifications(client=client)]
    assert kinds == ["assignation"]
    names = {event["name"] for event in gazu.sync.get_last_events(project=film)}
    assert {"shot:new", "task:new", "task:assign", "shot:casting-update"} <= names
    assert numbers(fill(gazu.bulk.Setup(film), shots=1, people=(jane,)).plan())[:2] == (0, 0)


def test_an_import_is_silent(film: Any, new_person: Callable[..., Any]) -> None:
    fill(gazu.bulk.Setup(film), people=(new_person(),)).apply().raise_for_failed()
    names = {event["name"] for event in gazu.sync.get_last_events(project=film)}
    assert not {"shot:new", "task:new", "task:assign", "shot:casting-update"} & names


@pytest.mark.parametrize("way", WAYS)
def test_who_is_assigned_a_task_that_exists_is_notified_in_any_case(
    film: Any, new_person: Callable[..., Any], way: str
) -> None:
    fill(gazu.bulk.Setup(film), shots=1).apply(way=way).raise_for_failed()
    joe, jane = (new_person(password="not a secret") for _ in range(2))
    setup = fill(gazu.bulk.Setup(film), shots=1, people=(joe,))
    setup.task(setup.asset("Prop", "Tree"), "Modeling", assignees=[jane])
    setup.apply(way=way).raise_for_failed()
    kinds = []
    for person in (joe, jane):  # of a task that exists, and of a new one
        with gazu.create_session(gazu.get_host(), person["email"], "not a secret") as client:
            kinds.append([row["notification_type"] for row in gazu.user.all_notifications(client=client)])
    assert kinds == [["assignation"], []]


@pytest.mark.parametrize("way", WAYS)
def test_events_say_which_record(film: Any, way: str) -> None:
    setup = gazu.bulk.Setup(film)
    shot = setup.shot(setup.sequence("SQ"), "SH")
    task = setup.task(shot, "Animation", estimation=60)
    setup.apply(notify=True, way=way).raise_for_failed()
    data = {event["name"]: event["data"] for event in gazu.sync.get_last_events(project=film)}
    imported = way == "import"
    assert data["shot:new"].get("Shot_id" if imported else "shot_id") == shot.id
    assert data["task:new"].get("task_id") == (None if imported else task.id)


# -- previews --------------------------------------------------------------------
def test_previews_are_published_once(film: Any, tmp_path: Path) -> None:
    paths = [tmp_path / "first.png", tmp_path / "second.png"]
    for path in paths:
        path.write_bytes(PICTURE)

    def add(setup: Any, files: Any) -> Any:
        shot = setup.shot(setup.sequence("SQ"), "SH")
        return setup.preview(shot, "Animation", "wfa", "first pass", files)

    setup = gazu.bulk.Setup(film)
    preview = add(setup, paths[0])
    setup.apply().raise_for_failed()
    (comment,) = gazu.task.all_comments_for_task(preview.above[0].id)
    assert (comment["text"], comment["id"], len(comment["previews"])) == ("first pass", preview.id, 1)
    again = gazu.bulk.Setup(film)
    add(again, paths[0])
    assert numbers(again.plan()) == (0, 0, 4, 0)
    more = gazu.bulk.Setup(film)
    add(more, paths)
    assert [item.changes for item in more.plan().changed] == [{"files": (1, 2)}]
    gazu.task.create_preview(preview.above[0].id, comment)  # as an upload that was interrupted
    assert [row.kind for row in more.apply().changed] == ["Preview"]
    (comment,) = gazu.task.all_comments_for_task(preview.above[0].id)
    assert sorted(row["original_name"] for row in comment["previews"]) == ["first", "second"]


# -- sheets ----------------------------------------------------------------------
ROWS: List[Dict[str, Any]] = [
    {"Sequence": "SQ10", "Name": "SH10", "Nb Frames": "120", "Lens": "35", "Animation": "x", "Casting": "Hero, Prop/Tree:3"},
    {"Sequence": "SQ10", "Name": "SH20", "Nb Frames": "12O", "Lens": "50", "Animation": "", "Casting": ""},
    {"Sequence": "SQ10", "Name": "SH30", "Nb Frames": "96", "Lens": "", "Animation": "todo", "Casting": "Fox"},
    {"Type": "Character", "Name": "Hero", "Task type": "Modeling, Rigging", "Estimation": "480", "Lens": ""},
    {"Type": "Prop", "Name": "Tree"},
    {"Lens": "85"},
]  # fmt: skip


def test_a_sheet(film: Any, tmp_path: Path) -> None:
    path = tmp_path / "show.csv"
    headers = list(dict.fromkeys(name for row in ROWS for name in row))
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, headers)
        writer.writeheader()
        writer.writerows(ROWS)
    with open(path, newline="") as file:
        plans = [gazu.bulk.Setup.from_records(film, csv.DictReader(file)).plan()]
    plans += [
        gazu.bulk.Setup.from_records(film, rows).plan()
        for rows in (ROWS, pandas.DataFrame(ROWS), pandas.read_csv(path))
    ]
    for plan in plans:
        assert [(item.row.label, item.reason) for item in plan.refused] == [
            ("row 2", "nb frames: expected a number, got '12O'"),
            ("row 6", "it names no shot, asset, sequence, ..."),
            ("row 3", "casting: there is no asset 'Fox'"),
        ]
        assert sorted(item.row.label for item in plan.new) == [
            "Character/Hero", "Character/Hero/Modeling", "Character/Hero/Rigging", "Prop/Tree", "SQ10", "SQ10/SH10",
            "SQ10/SH10 < Character/Hero", "SQ10/SH10 < Prop/Tree", "SQ10/SH10/Animation", "SQ10/SH30",
            "SQ10/SH30/Animation", "Shot Lens",
        ]  # fmt: skip
    setup = gazu.bulk.Setup.from_records(film, ROWS)
    assert len(setup.apply().failed) == 3
    (row,) = [row for row in gazu.shot.all_shots_for_project(film) if row["name"] == "SH10"]
    assert (row["nb_frames"], row["data"], row["nb_entities_out"]) == (120, {"lens": 35}, 2)
    assert numbers(gazu.bulk.Setup.from_records(film, ROWS).plan()) == (0, 0, 11, 3)


def test_castings_at_once(work: Any, project: Any) -> None:
    shot, asset = work.shot[0], work.asset[0]
    sent = gazu.casting.update_castings(project, {shot["id"]: [{"asset_id": asset["id"]}]})
    assert sent == {shot["id"]: [{"asset_id": asset["id"], "nb_occurences": 1}]}
    assert [row["asset_id"] for row in gazu.casting.get_shot_casting(shot)] == [asset["id"]]


def test_bad_arguments(film: Any, admin: KitsuClient) -> None:
    setup = gazu.bulk.Setup(film)
    with pytest.raises(ValueError, match="way: expected auto, import, posts, got 'csv'"):
        setup.apply(way="csv")
    with pytest.raises(ValueError, match="rows: expected dicts, a csv.DictReader or a DataFrame, got 'show.csv'"):
        gazu.bulk.Setup.from_records(film, "show.csv")
    with pytest.raises(ValueError, match="expected a name, got ''"):
        setup.sequence("")
    with pytest.raises(FileNotFoundError):
        setup.preview(setup.shot(setup.sequence("SQ"), "SH"), "Animation", "wfa", files="/nowhere.png")
    rows = len(setup.rows)
    for frames in (-1, 1.5, "12", True):
        with pytest.raises(ValueError, match="nb_frames: expected a whole number"):
            setup.shot(setup.sequence("SQ"), "SH02", nb_frames=frames)
    with pytest.raises(ValueError, match="nb_occurences: expected a whole number"):
        setup.cast(setup.shot(setup.sequence("SQ"), "SH"), {setup.asset("Prop", "Rock"): 2.5})
    with pytest.raises(ValueError, match="priority: expected a whole number"):
        setup.task(setup.asset("Prop", "Rock"), "Modeling", priority="high")
    assert len(setup.rows) == rows + 1, "a row that is refused is none"
    with pytest.raises(RouteNotFoundException):
        gazu.bulk.Setup("00000000-0000-4000-8000-000000000000").apply()


# -- the command -----------------------------------------------------------------
def test_the_command(film: Any, admin: KitsuClient, tmp_path: Path) -> None:
    from .extended.test_cli import Shell

    path = tmp_path / "show.csv"
    path.write_text("Sequence;Name;Nb Frames;Animation\nSQ10;SH10;120;x\nSQ10;SH20;many;\n")
    run = Shell(tmp_path)
    settings = {"GAZU_TOKEN": str(admin.access_token), "GAZU_HOST": admin.host, "GAZU_PROJECT": film["id"]}
    planned = run("setup", str(path), "--plan", **settings)
    assert planned.stdout.splitlines()[1:] == [
        "lines                    0        0       0        1",
        "sequences                1        0       0        0",
        "shots                    1        0       0        0",
        "tasks                    1        0       0        0",
        "refused:",
        "  line row 2: nb frames: expected a number, got 'many'",
    ]
    assert show(film) == {}
    applied = run("setup", str(path), **settings)
    assert (applied.stdout, applied.returncode) == ("3 made, 0 changed, 0 same, 1 failed, 0 unknown\n", 1), applied
    assert "line row 2: row 2: nb frames: expected a number, got 'many'" in applied.stderr
    again = json.loads(run("setup", str(path), "--plan", "--json", **settings).stdout)
    assert [(row["kind"], row["row"], row["state"]) for row in again][:2] == [
        ("Sequence", "SQ10", "same"), ("Shot", "SQ10/SH10", "same"),
    ]  # fmt: skip
