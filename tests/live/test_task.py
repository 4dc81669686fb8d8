"""Tasks, their types and statuses, comments, previews and time spent on a real server."""

import base64
import datetime
import http.server
import threading
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Iterator, List

import pytest

import gazu
from gazu._http.route import route
from gazu.client import KitsuClient
from gazu.exception import (
    DownloadFileException,
    GazuWarning,
    NotAllowedException,
    ParameterException,
    RouteNotFoundException,
    ServerErrorException,
    TaskMustBeADictException,
)

#: Removed functions are to work as well.
pytestmark = pytest.mark.filterwarnings("ignore:.*removed in gazu:DeprecationWarning")
Unique = Callable[[str], str]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
TREE = {
    "working": {
        "mountpoint": "/simple",
        "root": "productions",
        "folder_path": {
            "shot": "<Project>/shots/<Sequence>/<Shot>/<TaskType>",
            "asset": "<Project>/assets/<AssetType>/<Asset>/<TaskType>",
            "sequence": "<Project>/sequences/<Sequence>/<TaskType>",
            "style": "lowercase",
        },
        "file_name": {
            "shot": "<Project>_<Sequence>_<Shot>_<TaskType>",
            "asset": "<Project>_<AssetType>_<Asset>_<TaskType>",
            "sequence": "<Project>_<Sequence>_<TaskType>",
            "style": "lowercase",
        },
    }
}


@pytest.fixture
def user(admin: KitsuClient) -> Any:
    return gazu.client.get_current_user()


@pytest.fixture
def task_type(project: Any, unique: Unique) -> Any:
    made = gazu.task.new_task_type(unique("Modeling"), color="#8d6e63")
    enable(project, made)
    return made


@pytest.fixture
def asset_type(admin: KitsuClient, unique: Unique) -> Any:
    return gazu.asset.new_asset_type(unique("Creature"))


@pytest.fixture
def tree(project: Any, asset_type: Any) -> Any:
    return gazu.asset.new_asset(project, asset_type, "Tree")


@pytest.fixture
def bush(project: Any, asset_type: Any) -> Any:
    return gazu.asset.new_asset(project, asset_type, "Bush")


@pytest.fixture
def task(tree: Any, task_type: Any) -> Any:
    return gazu.task.new_task(tree, task_type)


@pytest.fixture
def other(bush: Any, task_type: Any) -> Any:
    return gazu.task.new_task(bush, task_type)


@pytest.fixture
def todo(admin: KitsuClient) -> Any:
    return gazu.task.get_task_status_by_short_name("todo")


@pytest.fixture
def wip(admin: KitsuClient) -> Any:
    return gazu.task.get_task_status_by_short_name("wip")


@pytest.fixture
def done(admin: KitsuClient) -> Any:
    return gazu.task.get_task_status_by_short_name("done")


@pytest.fixture
def comment(task: Any, wip: Any) -> Any:
    return gazu.task.add_comment(task, wip, "Going on")


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = tmp_path / "été #1.png"
    path.write_bytes(PIXEL)
    return str(path)


@pytest.fixture
def files(tmp_path: Path) -> Any:
    """Make files of these contents."""

    def make(*contents: str) -> Any:
        paths = [tmp_path / f"note {content}.txt" for content in contents]
        for path, content in zip(paths, contents):
            path.write_text(content, encoding="utf-8")
        return [str(path) for path in paths]

    return make


@pytest.fixture
def web(admin: KitsuClient) -> Iterator[str]:
    """Serve a picture, and nothing else."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/pic.png" else 404)
            self.send_header("Content-Length", str(len(PIXEL)))
            self.end_headers()
            self.wfile.write(PIXEL)

        def log_message(self, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def ids(rows: Any) -> Any:
    return [row["id"] for row in rows]


def attached(comment: Any) -> Any:
    """Return the contents of the files attached to a comment, sorted."""
    [row] = [row for row in gazu.task.all_comments_for_task(comment["object_id"]) if row["id"] == comment["id"]]
    template = "data/attachment-files/{id}/file/{name}"
    paths = [route(template, file["id"], file["name"]) for file in row["attachment_files"]]
    return sorted(map(gazu.client.get_file_data_from_url, paths))


def enable(project: Any, *task_types: Any) -> None:
    for task_type in task_types:
        gazu.client.post(f"data/projects/{project['id']}/settings/task-types", {"task_type_id": task_type["id"]})


# -- a task --------------------------------------------------------------------
def test_a_new_task_has_the_default_status(project: Any, tree: Any, task_type: Any, user: Any) -> None:
    made = gazu.task.new_task(tree, task_type, assigner=user, assignees=[user])
    found = gazu.task.get_task(made)
    assert found["task_status"]["short_name"] == "todo"
    assert (found["name"], found["project_id"], found["entity_id"]) == ("main", project["id"], tree["id"])
    assert (found["assigner_id"], found["assignees"]) == (user["id"], [user["id"]])
    assert found["entity"]["name"] == "Tree"


def test_a_new_task_takes_ids_of_all_kinds(tree: Any, task_type: Any, wip: Any, user: Any) -> None:
    made = gazu.task.new_task(tree["id"], uuid.UUID(task_type["id"]), "second", wip["id"], assignees=user["id"])
    found = gazu.task.get_task(uuid.UUID(made["id"]))
    assert (found["name"], found["task_status_id"], found["assignees"]) == ("second", wip["id"], [user["id"]])


def test_a_task_that_exists_is_not_made_again(tree: Any, task_type: Any, task: Any) -> None:
    assert gazu.task.new_task(tree, task_type)["id"] == task["id"]
    assert gazu.task.new_task(tree, task_type, "other")["id"] != task["id"]


def test_a_task_is_found_by_its_entity(tree: Any, bush: Any, task_type: Any, task: Any) -> None:
    assert gazu.task.get_task_by_entity(tree, task_type)["id"] == task["id"]
    assert gazu.task.get_task_by_entity(tree["id"], task_type["id"], "main")["id"] == task["id"]
    assert gazu.task.get_task_by_entity(tree, task_type, "mai_") is None
    assert gazu.task.get_task_by_entity(bush, task_type) is None
    with pytest.raises(RouteNotFoundException):
        gazu.task.get_task(uuid.uuid4())


def test_a_task_is_found_by_its_older_name(tree: Any, task_type: Any, task: Any) -> None:
    with pytest.warns(DeprecationWarning, match="use `get_task_by_entity`"):
        assert gazu.task.get_task_by_name(tree, task_type["id"])["id"] == task["id"]
    with pytest.warns(DeprecationWarning, match="use `get_task_by_entity`"):
        assert gazu.task.get_task_by_name(tree["id"], task_type, "other") is None


def test_several_tasks_are_created_at_once(project: Any, tree: Any, task_type: Any, unique: Unique) -> None:
    rigging = gazu.task.new_task_type(unique("Rigging"))
    enable(project, rigging)
    made = gazu.task.create_entity_tasks(tree, [task_type, rigging["id"]])
    assert {row["task_type_id"] for row in made} == {task_type["id"], rigging["id"]}
    assert sorted(ids(gazu.task.all_tasks_for_asset(tree))) == sorted(ids(made))


def test_tasks_are_created_for_many_entities(project: Any, tree: Any, world: Any, unique: Unique) -> None:
    for kind, entity in (("Asset", tree), ("Shot", world.shot), ("Edit", world.edit), ("Concept", world.concept)):
        task_type = gazu.task.new_task_type(unique("Type"), for_entity=kind)
        (made,) = gazu.task.create_tasks(project, task_type, [entity], kind)
        assert (made["entity_id"], made["task_type_id"], made["name"]) == (entity["id"], task_type["id"], "main")
        assert gazu.task.create_tasks(project, task_type["id"], entity["id"], kind) == []
    assert gazu.task.create_tasks(project, task_type, []) == []


def test_tasks_are_created_for_each_kind_of_entity(project: Any, tree: Any, world: Any, unique: Unique) -> None:
    for kind, entity in (("asset", tree), ("shot", world.shot), ("edit", world.edit), ("concept", world.concept)):
        task_types = [gazu.task.new_task_type(unique("Type"), for_entity=kind.title()) for _ in range(2)]
        enable(project, *task_types)
        create = getattr(gazu.task, f"create_{kind}_tasks")
        made = [*create(entity, task_types[0]), *create(entity["id"], [task_types[1]["id"]])]
        assert [row["task_type_id"] for row in made] == ids(task_types)
        listed = getattr(gazu.task, f"all_tasks_for_{kind}")(entity)
        assert sorted(ids(listed)) == sorted(ids(made))
        with pytest.raises(ParameterException):  # the project does not have this type
            create(entity, gazu.task.new_task_type(unique("Other"), for_entity=kind.title()))


def test_a_task_that_was_got_can_be_saved(task: Any, user: Any) -> None:
    gazu.task.assign_task(task, user)
    row = gazu.task.get_task(task)
    row.update(estimation=480, due_date="2030-01-02", priority=2, description="Été")
    gazu.task.update_task(row)
    found = gazu.task.get_task(task)
    assert (found["estimation"], found["due_date"][:10], found["priority"]) == (480, "2030-01-02", 2)
    assert (found["description"], found["assignees"]) == ("Été", [user["id"]])
    for listed in (
        gazu.task.all_tasks_for_project(task["project_id"])[0],
        gazu.task.all_tasks_for_asset(task["entity_id"], relations=True)[0],
        gazu.task.all_tasks_for_person(user)[0],
    ):
        gazu.task.update_task(listed)
    assert gazu.task.get_task(task)["assignees"] == [user["id"]]


def test_assignees_may_be_rows(task: Any, user: Any) -> None:
    given = {"id": task["id"], "assignees": [user]}
    gazu.task.update_task(given)
    assert gazu.task.get_task(task)["assignees"] == [user["id"]]
    assert given == {"id": task["id"], "assignees": [user]}
    gazu.task.update_task({"id": task["id"], "assignees": []})
    assert gazu.task.get_task(task)["assignees"] == []


def test_metadata_that_is_not_named_stays(task: Any) -> None:
    gazu.task.update_task_data(task, {"a": 1, "b": {"c": [2]}})
    gazu.task.update_task_data(task["id"], {"a": 3})
    gazu.task.update_task_data(task)
    assert gazu.task.get_task(task)["data"] == {"a": 3, "b": {"c": [2]}}


def test_a_removed_task_is_gone(task: Any, comment: Any) -> None:
    assert gazu.task.remove_task(task) == ""
    with pytest.raises(RouteNotFoundException):
        gazu.task.get_task(task)


def test_tasks_of_several_projects_are_removed_at_once(
    project: Any, task: Any, other: Any, asset_type: Any, task_type: Any, unique: Unique
) -> None:
    film = gazu.project.new_project(unique("Film"), production_type="short")
    far = gazu.task.new_task(gazu.asset.new_asset(film, asset_type, "Rock"), task_type)
    assert sorted(gazu.task.remove_tasks_batch([task, other["id"], far["id"]])) == sorted(ids([task, other, far]))
    for row in (task, other, far):
        with pytest.raises(RouteNotFoundException):
            gazu.task.get_task(row)
    assert gazu.task.remove_tasks_batch([]) == []


def test_tasks_are_removed_with_their_project_named(project: Any, task: Any, other: Any) -> None:
    assert gazu.task.remove_tasks_batch(project, [task]) == [task["id"]]
    assert gazu.task.remove_tasks_batch(project=project["id"], tasks=[other["id"]]) == [other["id"]]
    assert gazu.task.all_tasks_for_project(project) == []


def test_a_task_of_another_project_stays(project: Any, task: Any, unique: Unique) -> None:
    """Zou 1.0.97 returns its id as if it were gone."""
    film = gazu.project.new_project(unique("Film"), production_type="short")
    with pytest.warns(GazuWarning, match=f"the task {task['id']} is of another project: the server keeps it"):
        assert gazu.task.remove_tasks_batch(film, [task]) == [task["id"]]
    assert gazu.task.get_task(task)["id"] == task["id"]


def test_all_tasks_of_a_type_are_removed(project: Any, task: Any, other: Any, task_type: Any) -> None:
    assert sorted(ids(gazu.task.all_tasks_for_task_type(project, task_type))) == sorted(ids([task, other]))
    assert gazu.task.remove_tasks_for_type(project, task_type) == ""
    assert gazu.task.all_tasks_for_task_type(project, task_type) == []


def test_a_task_is_found_by_the_path_of_a_working_file(
    project: Any, tree: Any, bush: Any, task: Any, other: Any, world: Any, unique: Unique
) -> None:
    with pytest.raises(ParameterException):  # the project has no file tree
        gazu.task.get_task_by_path(project, "/a/tree", "asset")
    gazu.client.put(f"data/projects/{project['id']}", {"file_tree": TREE})
    rigging = gazu.task.new_task(tree, gazu.task.new_task_type(unique("Rigging")))
    shot_task = gazu.task.new_task(world.shot, gazu.task.new_task_type(unique("Layout"), for_entity="Shot"))
    for wanted, kind in ((task, "asset"), (other, "asset"), (rigging, "asset"), (shot_task, "shot")):
        place = gazu.client.post(f"data/tasks/{wanted['id']}/working-file-path", {})
        path = place["path"] + "/" + place["name"] + ".blend"
        assert gazu.task.get_task_by_path(project, path, kind)["id"] == wanted["id"]
        assert gazu.task.get_task_by_path(project, path.replace("/", "\\").upper(), kind)["id"] == wanted["id"]
    assert gazu.task.get_task_by_path(project, place["path"])["id"] == shot_task["id"]
    assert gazu.task.get_task_by_path(project["id"], path)["id"] == shot_task["id"]
    assert gazu.task.get_task_by_path(project, "/somewhere/tree/else.blend", "asset") is None


def test_the_address_of_a_task_says_what_it_is_for(
    box: Any, project: Any, task: Any, world: Any, unique: Unique
) -> None:
    site = box.host[: -len("/api")] + f"/productions/{project['id']}"
    for row in (gazu.task.get_task(task), gazu.task.all_tasks_for_asset(task["entity_id"])[0]):
        assert gazu.task.get_task_url(row) == f"{site}/assets/tasks/{task['id']}/"
    of_shot = gazu.task.new_task(world.shot, gazu.task.new_task_type(unique("Layout"), for_entity="Shot"))
    assert gazu.task.get_task_url(gazu.task.get_task(of_shot)) == f"{site}/shots/tasks/{of_shot['id']}/"
    with pytest.raises(TaskMustBeADictException):
        gazu.task.get_task_url(task["id"])


# -- lists ---------------------------------------------------------------------
@pytest.fixture
def world(project: Any) -> Any:
    """One of each other kind of entity."""
    path = f"data/projects/{project['id']}"
    episode = gazu.client.post(f"{path}/episodes", {"name": "E01"})
    sequence = gazu.client.post(f"{path}/sequences", {"name": "SQ01", "episode_id": episode["id"]})
    shot = gazu.client.post(f"{path}/shots", {"name": "SH01", "sequence_id": sequence["id"]})
    scene = gazu.client.post(f"{path}/scenes", {"name": "SC01", "sequence_id": sequence["id"]})
    edit = gazu.client.post(f"{path}/edits", {"name": "ED01", "episode_id": episode["id"]})
    concept = gazu.client.post(f"{path}/concepts", {"name": "C01", "data": {}, "entity_concept_links": []})
    return SimpleNamespace(episode=episode, sequence=sequence, shot=shot, scene=scene, edit=edit, concept=concept)


def test_tasks_and_types_are_listed_by_entity(tree: Any, world: Any, user: Any, unique: Unique) -> None:
    t = gazu.task
    for kind, entity in [("asset", tree), *vars(world).items()]:
        task_type = t.new_task_type(unique("Type"), for_entity=kind.title())
        made = t.new_task(entity, task_type, assignees=[user])
        listed = getattr(t, f"all_tasks_for_{kind}")
        assert ids(listed(entity)) == ids(listed(entity["id"])) == [made["id"]]
        [row] = listed(entity, relations=True)
        if kind not in ("episode", "scene"):  # of which the server does not tell
            assert row["assignees"] == [user["id"]]
        assert ids(t.all_tasks_for_entity_and_task_type(entity, task_type)) == [made["id"]]
        if kind in ("asset", "shot", "scene", "concept"):
            assert ids(getattr(t, f"all_task_types_for_{kind}")(entity)) == [task_type["id"]]
    of_shots = ids(t.all_task_types_for_shot(world.shot))
    within = {*of_shots, *ids(t.all_task_types_for_scene(world.scene))}
    assert {*ids(t.all_task_types_for_sequence(world.sequence))} == within
    assert {*ids(t.all_task_types_for_episode(world.episode))} == within
    of_shot = {*ids(t.all_tasks_for_shot(world.shot)), *ids(t.all_tasks_for_scene(world.scene))}
    for listed, place in (
        (t.all_shot_tasks_for_sequence, world.sequence),
        (t.all_shot_tasks_for_episode, world.episode),
    ):
        assert {*ids(listed(place["id"]))} == of_shot
        assert [row["assignees"] for row in listed(place, relations=True)] == [[user["id"]]] * 2


def test_tasks_of_the_assets_of_an_episode_are_listed(
    project: Any, asset_type: Any, task_type: Any, task: Any, world: Any, user: Any
) -> None:
    lamp = gazu.asset.new_asset(project, asset_type, "Lamp", episode=world.episode)
    made = gazu.task.new_task(lamp, task_type, assignees=user)
    assert ids(gazu.task.all_assets_tasks_for_episode(world.episode)) == [made["id"]]
    [row] = gazu.task.all_assets_tasks_for_episode(world.episode["id"], relations=True)
    assert row["assignees"] == [user["id"]]


def test_tasks_of_a_project_are_listed_by_type_status_and_episode(
    project: Any, task: Any, task_type: Any, world: Any, unique: Unique, wip: Any, todo: Any
) -> None:
    layout = gazu.task.new_task_type(unique("Layout"), for_entity="Shot")
    of_shot = gazu.task.new_task(world.shot, layout, task_status=wip)
    assert sorted(ids(gazu.task.all_tasks_for_project(project))) == sorted(ids([task, of_shot]))
    assert ids(gazu.task.all_tasks_for_project(project, task_type=layout)) == [of_shot["id"]]
    assert ids(gazu.task.all_tasks_for_project(project, episode=world.episode["id"])) == [of_shot["id"]]
    assert ids(gazu.task.all_tasks_for_task_type(project, task_type)) == [task["id"]]
    assert ids(gazu.task.all_tasks_for_task_type(project, layout, world.episode)) == [of_shot["id"]]
    assert ids(gazu.task.all_tasks_for_task_status(project, layout, wip)) == [of_shot["id"]]
    assert gazu.task.all_tasks_for_task_status(project, layout, todo) == []


def test_tasks_of_a_person_are_listed(task: Any, other: Any, task_type: Any, user: Any, done: Any) -> None:
    gazu.task.assign_tasks_to_person([task, other["id"]], user)
    assert set(ids([task, other])) <= set(ids(gazu.task.all_tasks_for_person(user)))
    assert set(ids([task, other])) <= set(ids(gazu.task.all_tasks_for_person_and_type(user, task_type)))
    gazu.task.add_comment(task, done)
    todo, finished = gazu.task.all_open_tasks_for_person(user["id"]), gazu.task.all_done_tasks_for_person(user)
    assert other["id"] in ids(todo)
    assert task["id"] not in ids(todo)
    assert task["id"] in ids(finished)
    assert other["id"] not in ids(finished)


def test_all_open_tasks_are_listed_on_all_pages(project: Any, asset_type: Any, task_type: Any, tmp_path: Path) -> None:
    table = tmp_path / "assets.csv"
    table.write_text("Type,Name\n" + "".join(f"{asset_type['name']},A{number}\n" for number in range(101)))
    assets = gazu.asset.import_assets_with_csv(project, str(table))
    found = gazu.task.all_open_tasks(project=project)  # the import makes a task for each
    assert sorted(row["entity_id"] for row in found) == sorted(ids(assets))
    # Of the whole server, other tests make and remove tasks between two pages.
    assert set(ids(gazu.task.all_open_tasks())) & set(ids(found))
    stats = gazu.task.get_open_tasks_stats()
    assert stats[project["id"]]["amount"] == 101


def test_the_dates_of_the_tasks_of_persons(project: Any, task: Any, user: Any, box: Any) -> None:
    gazu.task.assign_task(task, user)
    gazu.task.update_task({"id": task["id"], "start_date": "2030-01-02", "due_date": "2030-01-04"})
    [row] = gazu.task.get_persons_tasks_dates(project)
    assert (row["person_id"], row["min_date"][:10], row["max_date"][:10]) == (user["id"], "2030-01-02", "2030-01-04")
    assert user["id"] in [row["person_id"] for row in gazu.task.get_persons_tasks_dates()]
    with gazu.client.create_client(box.host) as client:
        gazu.log_in(box.email, box.password, client=client)
        assert user["id"] in [row["person_id"] for row in gazu.task.get_persons_tasks_dates(client)]


def test_notifications_and_subscriptions_of_a_project(project: Any, task: Any, wip: Any, unique: Unique) -> None:
    assert gazu.task.all_notifications_for_project(project) == []
    gazu.client.post(f"actions/user/tasks/{task['id']}/subscribe", {})
    [row] = gazu.task.all_subscriptions_for_project(project)
    assert row["task_id"] == task["id"]
    person = {"first_name": "Ann", "last_name": unique("Doe"), "email": f"{uuid.uuid4().hex}@example.com"}
    person = gazu.client.create("persons", {**person, "role": "user"})
    gazu.task.add_comment(task, wip, "Look", person=person)
    assert {row["task_id"] for row in gazu.task.all_notifications_for_project(project)} == {task["id"]}


# -- assignments ---------------------------------------------------------------
def test_persons_are_assigned_and_taken_off(task: Any, other: Any, user: Any) -> None:
    assert ids(gazu.task.assign_task(task, user)) == [task["id"]]
    gazu.task.assign_task(other["id"], user["id"])
    assert gazu.task.get_task(other)["assignees"] == [user["id"]]
    gazu.task.clear_assignations([task, other["id"]], person=user)
    assert gazu.task.get_task(task)["assignees"] == gazu.task.get_task(other)["assignees"] == []
    gazu.task.assign_task(task, user)
    gazu.task.clear_assignations(task)
    assert gazu.task.get_task(task)["assignees"] == []
    assert gazu.task.clear_assignations([]) == []


# -- types and statuses --------------------------------------------------------
def test_task_types_are_found(project: Any, task_type: Any, unique: Unique) -> None:
    found = gazu.task.all_task_types()
    assert task_type["id"] in ids(found)
    assert found == gazu.sorting.sort_by_name(found)
    assert task_type["id"] in ids(gazu.task.all_task_types_for_project(project))
    assert gazu.task.get_task_type(task_type["id"])["color"] == "#8d6e63"
    name = task_type["name"]
    assert gazu.task.get_task_type_by_name(name)["id"] == task_type["id"]
    assert gazu.task.get_task_type_by_name(name.upper(), for_entity="Asset")["id"] == task_type["id"]
    assert gazu.task.get_task_type_by_name(name, for_entity="Shot") is None
    assert gazu.task.get_task_type_by_name(name.replace(" ", "_")) is None
    with pytest.raises(RouteNotFoundException):
        gazu.task.get_task_type(uuid.uuid4())


def test_a_task_type_of_a_department_is_found_by_its_short_name(task_type: Any, unique: Unique) -> None:
    department = gazu.client.create("departments", {"name": unique("Models"), "color": "#112233"})
    short = uuid.uuid4().hex[:8]
    row = {**gazu.task.get_task_type(task_type), "short_name": short, "department_id": department["id"]}
    assert gazu.task.update_task_type(row)["short_name"] == short
    assert gazu.task.get_task_type_by_short_name(short)["id"] == task_type["id"]
    assert gazu.task.get_task_type_by_short_name(short, "Asset", department)["id"] == task_type["id"]
    assert gazu.task.get_task_type_by_short_name(short, "Shot") is None
    assert gazu.task.get_task_type_by_name(task_type["name"], department=department["id"])["id"] == task_type["id"]
    assert gazu.task.get_task_type_by_name(task_type["name"], department=uuid.uuid4()) is None


def test_a_task_type_that_exists_is_not_made_again(task_type: Any) -> None:
    assert gazu.task.new_task_type(task_type["name"])["id"] == task_type["id"]
    with pytest.raises(ParameterException):  # the server lets no two types share a name, whatever they are for
        gazu.task.new_task_type(task_type["name"], "#112233", "Shot")


def test_a_task_type_is_removed_when_it_is_not_in_use(project: Any, tree: Any, unique: Unique) -> None:
    task_type = gazu.task.new_task_type(unique("Sketch"))
    gazu.task.new_task(tree, task_type)
    for force in (False, True):
        with pytest.raises(ParameterException):  # the server takes the force, and refuses all the same
            gazu.task.remove_task_type(task_type, force=force)
    gazu.task.remove_tasks_for_type(project, task_type)
    assert gazu.task.remove_task_type(task_type["id"], force=True) == ""
    with pytest.raises(RouteNotFoundException):
        gazu.task.get_task_type(task_type)


def test_a_task_status_by_its_name_and_the_name_of_a_color() -> None:
    name = uuid.uuid4().hex[:6].upper()
    made = gazu.task.new_task_status(f"{name} again", color="blue")
    row = gazu.task.get_task_status(made["id"])
    assert (row["short_name"], row["color"]) == (f"{name} again".lower().replace(" ", "")[:10], "#0000ff")
    gazu.task.remove_task_status(made)


def test_task_statuses_are_found_changed_and_removed(project: Any, unique: Unique) -> None:
    name, short = unique("In review"), uuid.uuid4().hex[:8]
    made = gazu.task.new_task_status(name, short, "#12ab34")
    assert gazu.task.get_task_status(made["id"])["color"] == "#12ab34"
    assert made["id"] in ids(gazu.task.all_task_statuses())
    assert gazu.task.get_task_status_by_name(name)["id"] == made["id"]
    assert gazu.task.get_task_status_by_name(name.lower())["id"] == made["id"]
    assert gazu.task.get_task_status_by_name(name.replace(" ", "_")) is None
    assert gazu.task.get_task_status_by_short_name(short)["id"] == made["id"]
    assert gazu.task.get_task_status_by_short_name("_" + short) is None
    gazu.client.post(f"data/projects/{project['id']}/settings/task-status", {"task_status_id": made["id"]})
    assert ids(gazu.task.all_task_statuses_for_project(project)) == [made["id"]]
    gazu.task.update_task_status({**gazu.task.get_task_status(made), "is_done": True})
    assert gazu.task.get_task_status(made)["is_done"] is True
    with pytest.raises(ParameterException):  # it is in use
        gazu.task.remove_task_status(made)
    gazu.client.delete(f"data/projects/{project['id']}/settings/task-status/{made['id']}")
    assert gazu.task.remove_task_status(made) == ""
    with pytest.raises(RouteNotFoundException):
        gazu.task.get_task_status(made)


def test_the_default_status_is_that_of_tasks_not_of_concepts(admin: KitsuClient) -> None:
    status = gazu.task.get_default_task_status()
    assert (status["is_default"], status["for_concept"]) == (True, False)


@pytest.mark.parametrize("color", [None, "", "reddish", "#00ZZ00", "#12345"])
def test_a_color_is_a_hexadecimal_number(admin: KitsuClient, color: Any) -> None:
    with pytest.raises(ValueError, match="color"):
        gazu.task.new_task_status("No color", "nocolor", color)


# -- comments ------------------------------------------------------------------
def test_a_comment_sets_the_status(task: Any, wip: Any, user: Any) -> None:
    made = gazu.task.add_comment(
        task,
        wip,
        "Été **go**",
        person=user,
        checklist=[{"text": "hand", "checked": True}],
        created_at=datetime.datetime(2024, 1, 31, 10, 0, 0),
        links=["https://example.com/a?b=c"],
        for_client=True,
    )
    found = gazu.task.get_comment(made["id"])
    assert (found["text"], found["person_id"], found["object_id"]) == ("Été **go**", user["id"], task["id"])
    assert (found["checklist"], found["for_client"]) == ([{"text": "hand", "checked": True}], True)
    assert (found["created_at"], found["links"]) == ("2024-01-31T10:00:00", ["https://example.com/a?b=c"])
    assert gazu.task.get_task(task)["task_status_id"] == wip["id"]


def test_comments_come_newest_first(project: Any, task: Any, wip: Any, done: Any) -> None:
    assert gazu.task.get_last_comment_for_task(task) is None
    gazu.task.add_comment(task, wip, "first", created_at="2024-01-01T00:00:00")
    last = gazu.task.add_comment(task["id"], done["id"], "second")
    assert [row["text"] for row in gazu.task.all_comments_for_task(task)] == ["second", "first"]
    assert gazu.task.get_last_comment_for_task(task)["id"] == last["id"]
    assert {row["text"] for row in gazu.task.all_comments_for_project(project)} == {"first", "second"}


def test_files_are_attached_to_comments(task: Any, wip: Any, files: Any) -> None:
    calls = []
    made = gazu.task.add_comment(
        task,
        wip,
        "with files",
        checklist=[{"text": "é", "checked": False}],
        links=["https://example.com"],
        for_client=True,
        attachments=files("one", "two", "#3 ?"),
        progress_callback=lambda *args: calls.append(args),
    )
    assert attached(made) == [b"#3 ?", b"one", b"two"]
    found = gazu.task.get_comment(made)
    assert (found["checklist"], found["links"]) == ([{"text": "é", "checked": False}], ["https://example.com"])
    assert (found["for_client"], calls[-1]) == (True, (10, 10))
    gazu.task.add_attachment_files_to_comment(task, made, files("four"))
    gazu.task.add_attachment_files_to_comment(task["id"], made["id"], Path(files("five")[0]))
    assert len(attached(made)) == 5
    one = gazu.task.add_comment(task, wip, attachments=Path(files("six")[0]))
    assert attached(one) == [b"six"]
    with pytest.raises(FileNotFoundError):
        gazu.task.add_comment(task, wip, attachments=["nowhere.txt"])
    assert len(gazu.task.all_comments_for_task(task)) == 2


def test_an_attachment_is_deleted_however_the_call_is_written(task: Any, wip: Any, files: Any, box: Any) -> None:
    made = gazu.task.add_comment(task, wip, attachments=files("1", "2", "3", "4", "5"))
    rows = gazu.task.get_last_comment_for_task(task)["attachment_files"]
    client = gazu.client.default_client
    assert gazu.task.delete_comment_attachment(made, rows[0]) == ""
    gazu.task.delete_comment_attachment(made["id"], rows[1]["id"], client)
    gazu.task.delete_comment_attachment(task, made, rows[2])
    gazu.task.delete_comment_attachment(task["id"], made["id"], rows[3]["id"], client)
    gazu.task.delete_comment_attachment(task=task, comment=made, attachment_file=rows[4])
    assert attached(made) == []


def test_a_comment_that_was_got_can_be_saved(task: Any, comment: Any, done: Any, picture: str, files: Any) -> None:
    gazu.task.add_preview(task, comment, picture)
    gazu.task.add_attachment_files_to_comment(task, comment, files("one"))
    gazu.task.reply_to_comment(comment, "yes")
    gazu.task.acknowledge_comment(task, comment)
    for row in (gazu.task.get_comment(comment), gazu.task.get_last_comment_for_task(task)):
        row["text"] += "!"
        assert gazu.task.update_comment(row)["text"] == row["text"]
    found = gazu.task.get_comment(comment)
    assert found["text"] == "Going on!"
    assert (len(found["previews"]), len(found["replies"]), len(found["acknowledgements"])) == (1, 1, 1)
    assert attached(comment) == [b"one"]


def test_a_removed_comment_is_gone(task: Any, comment: Any) -> None:
    assert gazu.task.remove_comment(comment) == ""
    with pytest.raises(RouteNotFoundException):
        gazu.task.get_comment(comment)
    assert gazu.task.all_comments_for_task(task) == []


def test_a_comment_moves_between_tasks_of_one_entity(
    task: Any, other: Any, tree: Any, comment: Any, unique: Unique
) -> None:
    rigging = gazu.task.new_task(tree, gazu.task.new_task_type(unique("Rigging")))
    gazu.task.move_comment_to_task(task, comment, rigging)
    assert ids(gazu.task.all_comments_for_task(rigging)) == [comment["id"]]
    with pytest.raises(ParameterException):  # a task of another entity
        gazu.task.move_comment_to_task(rigging, comment["id"], other["id"])


def test_a_comment_is_acknowledged_and_not(task: Any, comment: Any, user: Any) -> None:
    assert gazu.task.acknowledge_comment(task, comment)["acknowledgements"] == [user["id"]]
    assert gazu.task.acknowledge_comment(task["id"], comment["id"])["acknowledgements"] == []


@pytest.mark.filterwarnings("ignore:.*the server ignores person:DeprecationWarning")
def test_replies_are_made_and_deleted_however_the_call_is_written(task: Any, comment: Any, user: Any) -> None:
    t, client = gazu.task, gazu.client.default_client
    made = [
        t.reply_to_comment(comment, "1"),
        t.reply_to_comment(comment["id"], "2", user),
        t.reply_to_comment(comment["id"], "3", user, client),
        t.reply_to_comment(task, comment, "4"),
        t.reply_to_comment(task["id"], comment["id"], "5", user["id"], client),
        t.reply_to_comment(task, comment=comment, text="6"),
        t.reply_to_comment(task=task, comment=comment, text="7", person=user),
        t.reply_to_comment(comment=comment, text="8", client=client),
    ]
    assert [row["text"] for row in t.get_comment(comment)["replies"]] == list("12345678")
    t.delete_comment_reply(comment, made[0])
    t.delete_comment_reply(comment["id"], made[1]["id"], client)
    t.delete_comment_reply(task, comment, made[2])
    t.delete_comment_reply(task["id"], comment["id"], made[3]["id"], client)
    t.delete_comment_reply(task, comment, reply=made[4])
    t.delete_comment_reply(task=task["id"], comment=comment, reply=made[5])
    t.delete_comment_reply(comment=comment, reply=made[6])
    assert [row["text"] for row in t.get_comment(comment)["replies"]] == ["8"]


# -- many comments -------------------------------------------------------------
def test_comments_of_a_batch_have_their_own_files(task: Any, other: Any, wip: Any, files: Any, picture: str) -> None:
    names = files(*map(str, range(12)))
    batch = [
        {"task_id": row["id"], "task_status_id": wip["id"], "text": f"c{number}", "attachment_files": [Path(name)]}
        for number, (name, row) in enumerate(zip(names, [task, other] * 6))
    ]
    batch[11]["preview_files"] = [picture]
    calls = []
    made = gazu.task.batch_comments(batch, progress_callback=lambda *args: calls.append(args))
    assert [row["text"] for row in made] == [f"c{number}" for number in range(12)]
    assert [attached(row) for row in made] == [[str(number).encode()] for number in range(12)]
    assert [len(gazu.task.get_comment(row)["previews"]) for row in made] == [0] * 11 + [1]
    total = sum(Path(name).stat().st_size for name in [*names, picture])
    assert calls[-1] == (total, total)
    assert batch[0]["attachment_files"] == [Path(names[0])]


def test_a_batch_with_a_missing_file_is_not_sent(task: Any, wip: Any, files: Any) -> None:
    batch = [{"task_status_id": wip["id"], "text": "x", "attachment_files": files("one")} for _ in range(12)]
    batch[11]["attachment_files"] = ["nowhere.txt"]
    with pytest.raises(FileNotFoundError):
        gazu.task.batch_comments(batch, task)
    assert gazu.task.all_comments_for_task(task) == []


def test_a_batch_for_one_task_needs_no_files(task: Any, wip: Any) -> None:
    gazu.task.batch_comments([{"task_status_id": wip["id"], "text": "x"}] * 12, task=task)
    assert len(gazu.task.all_comments_for_task(task)) == 12
    assert gazu.task.batch_comments() == []


@pytest.mark.parametrize("key", ["text", "comment"])
def test_one_comment_goes_to_several_tasks(task: Any, other: Any, wip: Any, files: Any, key: str) -> None:
    made = gazu.task.add_tasks_batch_comments([task, other["id"]], {key: "hi", "task_status_id": wip["id"]})
    assert [(row["text"], row["object_id"]) for row in made] == [("hi", task["id"]), ("hi", other["id"])]
    data = {key: "file", "task_status_id": wip["id"], "attachments": files("one")}
    made = gazu.task.add_tasks_batch_comments([task, other], data)
    assert [attached(row) for row in made] == [[b"one"], [b"one"]]
    gazu.task.add_tasks_batch_comments([task], {"task_status_id": wip["id"]})
    assert gazu.task.get_last_comment_for_task(task)["text"] == ""


def test_comments_of_a_project_are_made_at_once(project: Any, task: Any, other: Any, wip: Any, files: Any) -> None:
    status = {"task_status_id": wip["id"]}
    made = gazu.task.create_multiple_comments(
        project, [{"object_id": task["id"], "comment": "a", **status}, {"task_id": other["id"], "text": "b", **status}]
    )
    assert [(row["text"], row["object_id"]) for row in made] == [("a", task["id"]), ("b", other["id"])]
    batch = [
        {"object_id": task["id"], "comment": "c", "attachment_files": files("one"), **status},
        {"task_id": other["id"], "text": "d", **status},
    ]
    made = gazu.task.create_multiple_comments(project["id"], batch)
    assert [(row["text"], attached(row)) for row in made] == [("c", [b"one"]), ("d", [])]
    assert gazu.task.create_multiple_comments(project) == []


# -- previews ------------------------------------------------------------------
def test_a_preview_is_published(
    project: Any, tree: Any, task: Any, wip: Any, user: Any, picture: str, files: Any
) -> None:
    comment, preview = gazu.task.publish_preview(
        task,
        wip,
        "v1",
        person=user,
        checklist=[{"text": "x", "checked": False}],
        attachments=files("one"),
        links=["https://example.com"],
        preview_file_path=picture,
        revision=4,
        set_thumbnail=True,
    )
    assert (preview["revision"], preview["extension"], preview["original_name"]) == (4, "png", "été #1")
    assert gazu.task.get_comment(comment)["previews"] == [preview["id"]]
    assert attached(comment) == [b"one"]
    assert gazu.asset.get_asset(tree)["preview_file_id"] == preview["id"]
    assert gazu.task.get_task(task)["task_status_id"] == wip["id"]
    assert ids(gazu.task.all_previews_for_task(task)) == [preview["id"]]
    assert ids(gazu.task.all_preview_files_for_project(project)) == [preview["id"]]


def test_a_preview_comes_from_an_address(task: Any, wip: Any, web: str) -> None:
    comment, preview = gazu.task.publish_preview(task["id"], wip["id"], preview_file_url=f"{web}/pic.png")
    assert (preview["original_name"], preview["revision"]) == ("pic", 1)
    with pytest.raises(DownloadFileException):
        gazu.task.add_preview(task, comment, preview_file_url=f"{web}/nothing.png")
    assert ids(gazu.task.all_previews_for_task(task)) == [preview["id"]]


def test_nothing_is_published_without_a_file(task: Any, wip: Any) -> None:
    with pytest.raises(ValueError, match="preview_file"):
        gazu.task.publish_preview(task, wip)
    with pytest.raises(FileNotFoundError):
        gazu.task.publish_preview(task, wip, preview_file_path="nowhere.mov")
    assert gazu.task.all_comments_for_task(task) == []


def test_revisions_count_up_and_have_several_files(task: Any, comment: Any, picture: str) -> None:
    calls = []
    empty = gazu.task.create_preview(task, comment)
    gazu.task.upload_preview_file(empty, picture, no_job=True, progress_callback=lambda *args: calls.append(args))
    assert calls[-1] == (len(PIXEL), len(PIXEL))
    ready = gazu.client.fetch_one("preview-files", empty["id"])
    assert (ready["revision"], ready["status"], ready["original_name"]) == (1, "ready", "été #1")
    path = f"pictures/originals/preview-files/{empty['id']}.png"
    assert gazu.client.download(path, None).content.startswith(PIXEL[:8])
    assert gazu.task.add_preview(task, comment, picture)["revision"] == 1  # of one comment, they are one revision
    comment = gazu.task.add_comment(task, comment["task_status_id"])
    second = gazu.task.add_preview(task, comment, Path(picture), normalize_movie=False, no_job=True)
    assert second["revision"] == 2
    beside = gazu.task.add_extra_preview(task, comment, second, picture, no_job=True)
    assert (beside["revision"], beside["position"]) == (2, 2)
    third = gazu.task.create_extra_preview(task["id"], comment["id"], second["id"])
    assert (third["revision"], third["position"]) == (2, 3)
    assert len(gazu.task.get_comment(comment)["previews"]) == 3
    assert gazu.task.create_preview(task["id"], gazu.task.start_task(task)["id"], revision=9)["revision"] == 9


def test_a_preview_of_an_unknown_kind_is_refused(task: Any, comment: Any, picture: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xyz"
    path.write_bytes(b"?")
    with pytest.raises(ValueError, match="a.xyz: the server takes no such file as a preview"):
        gazu.task.add_preview(task, comment, str(path))
    assert gazu.task.get_comment(comment)["previews"] == []
    preview = gazu.task.add_preview(task, comment, picture)  # and the next one is not taken for it
    assert (preview["revision"], gazu.task.get_comment(comment)["previews"]) == (1, [preview["id"]])


def test_a_preview_is_shown_in_another_comment_too(task: Any, comment: Any, wip: Any, picture: str) -> None:
    first = gazu.task.add_preview(task, comment, picture)
    last = gazu.task.add_comment(task, wip)
    own = gazu.task.add_preview(task, last, picture)
    for _ in range(2):
        assert set(gazu.task.add_preview_to_comment(last, first["id"])["previews"]) == {own["id"], first["id"]}
    assert gazu.task.get_comment(comment)["previews"] == [first["id"]]


def test_previews_are_removed_from_comments(task: Any, comment: Any, picture: str) -> None:
    made = [gazu.task.add_preview(task, comment, picture) for _ in range(4)]
    assert gazu.task.remove_preview_from_comment(comment, made[0]) == ""
    gazu.task.remove_preview_from_comment(comment["id"], made[1]["id"], gazu.client.default_client)
    gazu.task.remove_preview_from_comment(task, comment, made[2])
    # `get_comment` shows them for a while: the server remembers.
    assert ids(gazu.task.get_last_comment_for_task(task)["previews"]) == [made[3]["id"]]
    with pytest.raises(RouteNotFoundException):
        gazu.client.fetch_one("preview-files", made[0]["id"])


def test_the_main_preview_of_an_entity_is_set(tree: Any, task: Any, comment: Any, picture: str) -> None:
    first, second = (gazu.task.add_preview(task, comment, picture, no_job=True) for _ in range(2))
    assert gazu.task.set_main_preview(first)["preview_file_id"] == first["id"]
    assert gazu.task.set_main_preview(second["id"])["preview_file_id"] == second["id"]
    with pytest.raises(ParameterException):  # frames are of movies
        gazu.task.set_main_preview(second, frame_number=0)
    assert gazu.asset.get_asset(tree)["preview_file_id"] == second["id"]


# -- the way of a task ---------------------------------------------------------
def test_a_task_is_started(task: Any, other: Any, user: Any, wip: Any, done: Any) -> None:
    assert gazu.task.start_task(task)["task_status_id"] == wip["id"]
    assert gazu.task.get_task(task)["task_status_id"] == wip["id"]
    assert gazu.task.get_task(task)["real_start_date"]
    gazu.task.start_task(other["id"], done, user)
    assert gazu.task.get_task(other)["task_status_id"] == done["id"]


def test_a_task_goes_to_review(task: Any, user: Any) -> None:
    before = gazu.task.get_task(task)["task_status_id"]
    gazu.task.task_to_review(task, user, "look", change_status=False)
    assert gazu.task.get_task(task)["task_status_id"] == before
    gazu.task.task_to_review(task["id"], user["id"], "please")
    assert gazu.task.get_task(task)["task_status"]["is_feedback_request"] is True
    assert [row["text"] for row in gazu.task.all_comments_for_task(task)] == ["please", "look"]


# -- time spent ----------------------------------------------------------------
def test_time_spent_is_set_added_and_removed(task: Any, user: Any) -> None:
    with pytest.raises(NotAllowedException):  # not assigned
        gazu.task.set_time_spent(task, user, "2024-01-15", 120)
    gazu.task.assign_task(task, user)
    made = gazu.task.set_time_spent(task, user, "2024-01-15", 120)
    assert (made["duration"], made["date"]) == (120, "2024-01-15")
    gazu.task.add_time_spent(task["id"], user["id"], datetime.date(2024, 1, 15), 30)
    later = gazu.task.set_time_spent(task, user, datetime.datetime(2024, 1, 16, 9, 0), 60)
    day = gazu.task.get_task_time_spent_for_date(task, "2024-01-15")
    assert (day["total"], [row["duration"] for row in day[user["id"]]]) == (150, [150])
    assert gazu.task.get_time_spent(task, datetime.date(2024, 1, 15))["total"] == 150
    assert gazu.task.get_time_spent(task)["total"] == 210
    gazu.task.set_time_spent(task, user, "2024-01-15", 10)
    assert gazu.task.remove_time_spent(later) == ""
    assert gazu.task.get_time_spent(task["id"])["total"] == 10


def test_a_date_that_is_none_is_not_sent(task: Any, user: Any) -> None:
    with pytest.raises(ValueError, match="2024-13-15"):
        gazu.task.get_time_spent(task, "2024-13-15")
    with pytest.raises(ValueError, match="tomorrow"):
        gazu.task.add_time_spent(task, user, "tomorrow", 10)


def test_open_tasks_are_filtered(project: Any, task: Any, user: Any, wip: Any, new_person: Any) -> None:
    """Zou 1.0.97: `person_id` is one id, several with commas, or `unassigned`."""
    other = new_person()

    def found(**filters: Any) -> List[str]:
        return ids(gazu.task.all_open_tasks(project=project, **filters))

    assert found(person="unassigned") == found() == [task["id"]]
    assert found(person=user) == []
    gazu.task.assign_task(task, user)
    gazu.task.update_task({"id": task["id"], "start_date": "2030-01-02", "due_date": "2030-01-04", "priority": 2})
    assert found(person=user) == found(person=[other, user["id"]]) == [task["id"]]
    assert found(person="unassigned") == found(person=[other]) == []
    assert found(task_type=task["task_type_id"]) == found(task_status=task["task_status_id"]) == [task["id"]]
    assert found(task_status=wip) == found(studio=uuid.uuid4()) == []
    # Zou 1.0.97 compares the priority of the task type.
    priority = gazu.task.get_task_type(task["task_type_id"])["priority"]
    with pytest.warns(GazuWarning, match="priority of the task type"):
        assert found(priority=priority) == [task["id"]]
    with pytest.warns(GazuWarning, match="priority of the task type"):
        assert found(priority=priority + 1) == []
    assert found(start_date="2030-01-01", due_date="2030-01-05") == [task["id"]]
    assert ids(gazu.task.all_open_tasks(project["id"])) == [task["id"]]
    assert gazu.task.all_open_tasks(gazu.client.default_client)[:0] == []


def test_open_tasks_answer_the_keys_of_a_page(project: Any, asset_type: Any, task_type: Any, tmp_path: Path) -> None:
    table = tmp_path / "assets.csv"
    table.write_text("Type,Name\n" + "".join(f"{asset_type['name']},A{number}\n" for number in range(5)))
    assets = gazu.asset.import_assets_with_csv(project, str(table))
    path = f"actions/projects/{project['id']}/task-types/{task_type['id']}/assets/create-tasks"
    gazu.client.post(path, ids(assets))
    made = set(ids(gazu.task.all_tasks_for_project(project)))
    tasks: Any = gazu.task.all_open_tasks(project, limit=2)
    assert set(ids(tasks)) == made and len(tasks) == 5
    assert tasks["data"] == list(tasks) and tasks["is_more"] is False and tasks["limit"] == 2
    assert tasks["stats"]["total"] == 5
    pages: List[Any] = [gazu.task.all_open_tasks(project, page=number, limit=2) for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [2, 2, 1] and {row["id"] for page in pages for row in page} == made
    # Zou 1.0.97 compares the number of tasks from this page on with that of all tasks up to here.
    assert [(page["page"], page["is_more"]) for page in pages] == [(1, True), (2, False), (3, False)]
    assert [page["stats"]["total"] for page in pages] == [5, 3, 1]


def test_batch_names_what_its_comments_lack(task: Any) -> None:
    """Zou 1.0.97 fails with a 500 that names nothing, and says of an unknown task that the route does not exist."""
    wip = gazu.task.get_task_status_by_short_name("wip")
    row = {"object_id": task["id"], "task_status_id": wip["id"], "comment": "as create_multiple_comments takes it"}
    assert gazu.task.batch_comments([row])[0]["text"] == row["comment"]
    with pytest.raises(ServerErrorException, match=r"missing: comments\[1\].text, comments\[2\].task_id\)"):
        gazu.task.batch_comments([row, {**row, "comment": None}, {**row, "object_id": None}])
    with pytest.raises(RouteNotFoundException, match="one of the ids of the comments is unknown"):
        gazu.task.batch_comments([{**row, "object_id": "00000000-0000-4000-8000-000000000000"}])
