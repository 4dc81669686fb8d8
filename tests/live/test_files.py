"""Working files, output files, previews, attachments and pictures on a real server."""

import multiprocessing
import struct
import subprocess
import uuid
import zlib
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Iterator, List, Tuple

import pytest

import gazu
from gazu import files
from gazu.client import KitsuClient
from gazu.exception import (
    ParameterException,
    PreviewFileProcessingException,
    RouteNotFoundException,
    ServerErrorException,
)

Unique = Callable[[str], str]
Colour = Tuple[int, ...]
RED, BLUE, GREEN = (200, 30, 30), (30, 30, 200), (30, 160, 30)
ODD = "Été / 日本 100%_#1?"
TREE = {
    mode: {
        "mountpoint": "/mnt",
        "root": mode + " files",
        "folder_path": {
            "shot": "<Project>/<Sequence>/<Shot>/<TaskType>",
            "asset": "<Project>/<Asset>/<TaskType>/<Software>" if mode == "work" else "<Project>/<Asset>/<OutputType>",
            "instance": "<Project>/<TemporalEntity>/<Asset>/<Instance.name>/<Representation>",
            "style": "lowercase",
        },
        "file_name": {
            "shot": "<Shot>_<Name>_v<Version>",
            "asset": "<Asset>_<Name>_v<Version>",
            "instance": "<Asset>_<Name>_v<Version>",
            "style": "lowercase",
        },
    }
    for mode in ("working", "work", "output", "review")
}


# -- what the tests are about --------------------------------------------------
@pytest.fixture
def user(admin: KitsuClient) -> Any:
    return gazu.client.get_current_user()


@pytest.fixture
def asset_type(admin: KitsuClient, unique: Unique) -> Any:
    return gazu.asset.new_asset_type(unique("Creature"))


@pytest.fixture
def treed(project: Any) -> Any:
    """The project, with a file tree."""
    return files.update_project_file_tree(project, TREE)


@pytest.fixture
def tree(treed: Any, asset_type: Any) -> Any:
    return gazu.asset.new_asset(treed, asset_type, "Tree")


@pytest.fixture
def task_type(admin: KitsuClient, unique: Unique) -> Any:
    return gazu.task.new_task_type(unique("Modeling"))


@pytest.fixture
def task(tree: Any, task_type: Any) -> Any:
    return gazu.task.new_task(tree, task_type)


@pytest.fixture
def comment(task: Any) -> Any:
    return gazu.task.add_comment(task, task["task_status_id"], "Look")


@pytest.fixture
def maya(admin: KitsuClient, unique: Unique) -> Any:
    return files.new_software(unique("Maya"), "maya", ".ma")


@pytest.fixture
def cache(admin: KitsuClient, unique: Unique) -> Any:
    return files.new_output_type(unique("Cache"), "cache")


@pytest.fixture
def render(admin: KitsuClient, unique: Unique) -> Any:
    return files.new_output_type(unique("Render"), "render")


@pytest.fixture
def approved(admin: KitsuClient, unique: Unique) -> Any:
    return files.new_file_status(unique("Approved"), "#22aa22")


@pytest.fixture
def placed(tree: Any, treed: Any) -> Any:
    """An instance of the tree, in a scene that has the shot's sequence."""
    sequence = gazu.shot.new_sequence(treed, "SQ1", gazu.shot.new_episode(treed, "E1"))
    shot = gazu.shot.new_shot(treed, sequence, "SH1")
    scene = gazu.client.post(
        f"data/projects/{treed['id']}/scenes", {"name": "SC1", "sequence_id": sequence["id"], "data": {}}
    )
    instance = gazu.client.post(f"data/scenes/{scene['id']}/asset-instances", {"asset_id": tree["id"]})
    return SimpleNamespace(instance=instance, shot=shot)


# -- pictures and movies -------------------------------------------------------
def png(left: Colour, right: Colour, width: int = 320, height: int = 180) -> bytes:
    """Draw a picture of two colours."""
    rows = (b"\0" + bytes(left) * (width // 2) + bytes(right) * (width // 2)) * height

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "été #1 100%.png"
    path.write_bytes(png(RED, BLUE))
    return path


@pytest.fixture
def movie(box: Any, tmp_path: Path) -> Path:
    """A second of red, and a second of blue."""
    path = tmp_path / "red then blue.mp4"
    inputs = [f"color=0x{bytes(colour).hex()}:size=320x180:rate=25:duration=1" for colour in (RED, BLUE)]
    arguments = [word for text in inputs for word in ("-f", "lavfi", "-i", text)]
    graph = ["-filter_complex", "concat=n=2", "-pix_fmt", "yuv420p"]
    subprocess.run([box.ffmpeg, "-v", "error", *arguments, *graph, str(path)], check=True)
    return path


@pytest.fixture
def frames(box: Any) -> Callable[..., List[List[Colour]]]:
    """Read the frames of a picture or a movie, each as a row of *width* colours across its middle."""

    def read(path: Any, width: int = 2, crop: str = "iw:ih/4") -> List[List[Colour]]:
        scale = ["-vf", f"crop={crop},scale={width}:1:flags=area", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
        command = [box.ffmpeg, "-v", "error", "-i", str(path), "-fps_mode", "passthrough", *scale]
        data = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
        pixels = [tuple(data[at : at + 3]) for at in range(0, len(data), 3)]
        return [pixels[at : at + width] for at in range(0, len(pixels), width)]

    return read


def alike(frame: Any, *colours: Colour) -> bool:
    pairs = [pair for seen, meant in zip(frame, colours) for pair in zip(seen, meant)]
    return len(frame) == len(colours) and all(abs(seen - meant) < 25 for seen, meant in pairs)


@pytest.fixture
def got(tmp_path: Path) -> Callable[..., Path]:
    """Download a file, and check how its progress was reported."""

    def get(download: Any, *arguments: Any) -> Path:
        path, calls = tmp_path / f"got {uuid.uuid4().hex}", []
        assert download(*arguments, path, progress_callback=lambda *call: calls.append(call)).status_code == 200
        size = path.stat().st_size
        assert calls[-1] == (size, size)
        return path

    return get


def ids(rows: Any) -> Any:
    return [row["id"] for row in rows]


# -- software, output types, file statuses -------------------------------------
def test_a_software_is_made_once_found_and_changed(unique: Unique) -> None:
    name = unique(ODD)
    made = files.new_software(name, "hou", ".hip", (extension for extension in (".hda", ".otl")))
    assert files.new_software(name, "other", ".x")["id"] == made["id"]
    for found in (
        files.get_software(made),
        files.get_software(uuid.UUID(made["id"])),
        files.get_software_by_name(name),
        *[row for row in files.all_softwares() if row["id"] == made["id"]],
    ):
        assert (found["name"], found["short_name"], found["file_extension"]) == (name, "hou", ".hip")
        assert found["secondary_extensions"] == [".hda", ".otl"]
    found["version"], found["secondary_extensions"] = "21.0", [".bgeo"]
    assert files.update_software(found)["version"] == "21.0"
    assert files.get_software(made["id"])["secondary_extensions"] == [".bgeo"]
    assert files.get_software_by_name(unique("No")) is None
    with pytest.warns(DeprecationWarning, match="as in gazu 1.0 or earlier"):
        older = files.new_software(unique("Nuke"), "nuke", ".nk", gazu.client.default_client)
    assert not older["secondary_extensions"]


def test_an_output_type_is_made_once_and_found(unique: Unique) -> None:
    name = unique(ODD)
    made = files.new_output_type(name, "geo")
    assert files.new_output_type(name, "other") == made
    assert files.get_output_type(made) == files.get_output_type(made["id"]) == made
    assert files.get_output_type_by_name(name) == made
    assert made in files.all_output_types()
    assert files.get_output_type_by_name(name.replace("_", "-")) is None


def test_a_file_status_is_made_once_and_found(unique: Unique) -> None:
    name = unique(ODD)
    made = files.new_file_status(name, "#123456")
    assert files.new_file_status(name, "#ffffff") == made
    assert files.get_file_status(made) == files.get_file_status(made["id"]) == made
    assert (files.get_file_status_by_name(name), made["color"]) == (made, "#123456")
    assert files.get_file_status_by_name(name + "%") is None


# -- file trees ----------------------------------------------------------------
def test_a_file_tree_says_where_files_are(project: Any, asset_type: Any, task_type: Any, maya: Any, cache: Any) -> None:
    task = gazu.task.new_task(gazu.asset.new_asset(project, asset_type, "Old Tree"), task_type)
    with pytest.raises(ParameterException, match="tree"):
        files.build_working_file_path(task)
    files.update_project_file_tree(project["id"], TREE)
    assert gazu.project.get_project(project)["file_tree"] == TREE
    root = project["name"].lower().replace(" ", "_")
    step = task_type["name"].lower().replace(" ", "_")
    assert files.build_working_file_path(task, mode="working").startswith("/mnt/working_files/" + root)
    assert files.build_working_file_name(task) == files.build_working_file_path(task).rpartition("/")[2] != ""
    path = files.build_working_file_path(task["id"], "Été 1", "work", maya, 3, "\\")
    software = maya["name"].lower().replace(" ", "_")
    assert path == f"/mnt\\work_files\\{root}\\old_tree\\{step}\\{software}\\old_tree_ete_1_v003"
    kind = cache["name"].lower().replace(" ", "_")
    path = files.build_entity_output_file_path(task["entity_id"], cache["id"], task_type, "a", "review", revision=2)
    name = files.build_entity_output_file_name(task["entity_id"], cache, task_type, "a", "review", 2)
    assert name == path.rpartition("/")[2] != ""
    assert path == f"/mnt/review_files/{root}/old_tree/{kind}/old_tree_a_v002"
    path = files.build_entity_output_file_path({"id": task["entity_id"]}, cache, task_type["id"], sep="\\")
    assert path == f"/mnt\\output_files\\{root}\\old_tree\\{kind}\\old_tree_main_v001"


@pytest.mark.parametrize("name", ["default", "simple"])
def test_file_trees_have_names(
    name: str, project: Any, placed: Any, tree: Any, task_type: Any, cache: Any, unique: Unique
) -> None:
    with pytest.warns(DeprecationWarning, match="update_project_file_tree"):
        tree_of_project = files.set_project_file_tree(project, name)["file_tree"]
    assert gazu.project.get_project(project)["file_tree"] == tree_of_project
    root = "/simple/productions/" + project["name"].lower().replace(" ", "_")
    shot_task = gazu.task.new_task(placed.shot, gazu.task.new_task_type(unique("Layout"), for_entity="Shot"))
    assert files.build_working_file_path(shot_task).startswith(f"{root}/shots/sq1/sh1/layout")
    sequence = placed.shot["parent_id"]
    for entity, place in ((tree, "/tree/"), (placed.shot, "/sh1/"), (sequence, "sequences/sq1/")):
        path = files.build_entity_output_file_path(entity, cache, task_type)
        assert path.startswith("/simple/productions/export/")
        assert place in path
    if name == "simple":
        path = files.build_asset_instance_output_file_path(placed.instance, placed.shot, cache, task_type)
        assert "/sq1/sh1/" in path
        assert "/tree/instance_0001/" in path
    with pytest.warns(DeprecationWarning), pytest.raises(ValueError, match="'odd'"):
        files.set_project_file_tree(project["id"], "odd")


# -- working files -------------------------------------------------------------
def test_working_files_count_their_revisions(task: Any, tree: Any, maya: Any, user: Any) -> None:
    first = files.new_working_file(task, software=maya, comment="begun", person=user)
    second = files.new_working_file(task["id"], "main", "work", maya["id"], person=user["id"])
    odd = files.new_working_file(task, ODD, revision=7)
    assert [row["revision"] for row in (first, second, odd)] == [1, 2, 7]
    assert (first["comment"], first["person_id"], first["software_id"]) == ("begun", user["id"], maya["id"])
    assert files.get_working_file(odd)["name"] == ODD
    assert second["path"].replace(" ", "_") == files.build_working_file_path(task, "main", "work", maya, 2)
    assert ids(files.get_working_files_for_task(task)) == ids([odd, second, first])
    assert ids(files.get_all_working_files_for_entity(tree)) == ids([odd, second, first])
    assert ids(files.get_all_working_files_for_entity(tree["id"], task["id"], ODD)) == [odd["id"]]
    assert files.get_all_working_files_for_entity(tree, name="odd") == []
    assert {name: row["id"] for name, row in files.get_last_working_files(task).items()} == {
        "main": second["id"],
        ODD: odd["id"],
    }
    assert files.get_last_working_file_revision(task["id"])["id"] == second["id"]
    assert files.get_last_working_file_revision(task, ODD)["revision"] == 7
    assert files.get_last_working_file_revision(task, "odd") is None
    with pytest.raises(ParameterException, match="exists"):
        files.new_working_file(task, revision=2)


def test_the_separator_of_a_working_file_arrives(task: Any) -> None:
    assert "\\" not in files.new_working_file(task)["path"]
    made = files.new_working_file(task, sep="\\")
    assert files.get_working_file(made["id"])["path"].endswith("\\tree_main_v002")


def test_a_working_file_is_commented_and_touched(task: Any) -> None:
    made = files.new_working_file(task)
    assert files.update_comment(made, "Été 100%")["comment"] == "Été 100%"
    assert files.update_comment(made["id"], "again")["id"] == made["id"]
    assert files.get_working_file(made)["comment"] == "again"
    before = files.get_working_file(made)["updated_at"]
    while files.update_modification_date(made["id"])["updated_at"] == before:
        pass  # it is given in seconds
    assert files.get_working_file(made)["updated_at"] > before
    with pytest.raises(ParameterException, match="comment"):
        files.update_comment(made, "")


def test_the_content_of_a_working_file_comes_back(
    task: Any, got: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, calls = files.new_working_file(task), []
    scene = tmp_path / "scène #1 100%.ma"
    scene.write_bytes(bytes(range(256)) * 5000)
    answer = files.upload_working_file(made, scene, progress_callback=lambda *call: calls.append(call))
    assert (answer["id"], calls[-1]) == (made["id"], (1280000, 1280000))
    assert got(files.download_working_file, made["id"]).read_bytes() == scene.read_bytes()
    monkeypatch.chdir(tmp_path)
    gazu.client.put(f"data/working-files/{made['id']}", {"path": "own place.ma"})
    files.upload_working_file(made["id"], str(scene))
    files.download_working_file(made)
    assert Path("own place.ma").read_bytes() == scene.read_bytes()
    with pytest.raises(FileNotFoundError):
        files.upload_working_file(made, "nowhere.ma")
    empty = files.new_working_file(task)
    with pytest.raises(RouteNotFoundException):
        files.download_working_file(empty, "empty.ma")
    assert not Path("empty.ma").exists()


# -- output files --------------------------------------------------------------
def test_output_files_are_made_counted_and_listed(
    project: Any, tree: Any, task: Any, task_type: Any, cache: Any, render: Any, approved: Any, user: Any
) -> None:
    scene = files.new_working_file(task)
    assert files.get_last_entity_output_revision(tree, cache, task_type, "main") == 0
    first = files.new_entity_output_file(tree, cache, task_type, "first", scene, user, nb_elements=25)
    assert (first["comment"], first["revision"], first["nb_elements"]) == ("first", 1, 25)
    assert (first["source_file_id"], first["person_id"]) == (scene["id"], user["id"])
    files.update_comment(scene, "used")  # so that the server does not answer from its memory
    assert files.get_working_file(scene)["outputs"] == [first["id"]]
    second = files.new_entity_output_file(tree["id"], cache["id"], task_type["id"], "", file_status_id=approved["id"])
    odd = files.new_entity_output_file(
        tree, render, task_type, ODD, name=ODD, representation="exr", revision=5, sep="\\", file_status_id=approved
    )
    assert odd["path"].replace(" ", "_") == files.build_entity_output_file_path(
        tree, render, task_type, ODD, revision=5, sep="\\"
    )
    found = files.get_output_file(odd)
    assert (found["name"], found["comment"], found["representation"]) == (ODD, ODD, "exr")
    assert files.get_output_file_by_path(odd["path"])["id"] == odd["id"]
    assert files.get_output_file_by_path(Path(first["path"]))["id"] == first["id"]
    assert files.get_output_file_by_path(first["path"].replace("_", "-")) is None
    assert files.get_last_entity_output_revision(tree, cache, task_type, name="main") == 2
    assert files.get_next_entity_output_revision(tree["id"], cache["id"], task_type["id"]) == 3
    assert files.get_next_entity_ouput_revision(tree["id"], cache["id"], task_type["id"]) == 3
    assert files.get_last_entity_ouput_revision(tree, cache, task_type) == 2
    assert files.get_next_entity_output_revision(tree, render, task_type, ODD) == 6
    everything = {first["id"], second["id"], odd["id"]}
    for listed, entity in (
        (files.all_output_files_for_entity, tree),
        (files.all_output_files_for_project, project),
        (files.get_last_output_files_for_entity, tree),
    ):
        last = listed is files.get_last_output_files_for_entity
        assert set(ids(listed(entity))) == everything - ({first["id"]} if last else set())
        assert set(ids(listed(entity["id"], cache))) == {second["id"]} | (set() if last else {first["id"]})
        for filters in ({"output_type": render}, {"name": ODD}, {"representation": "exr"}):
            assert ids(listed(entity, **filters)) == [odd["id"]]
        assert set(ids(listed(entity, task_type=task_type["id"], file_status=approved))) == {second["id"], odd["id"]}
        assert listed(entity, render["id"], task_type, "main", "exr", approved["id"]) == []
    assert {row["name"] for row in files.all_output_types_for_entity(tree)} == {cache["name"], render["name"]}
    with pytest.raises(ParameterException, match="exists"):
        files.new_entity_output_file(tree, cache, task_type, "", revision=2)
    files.new_entity_output_file(tree, cache, task_type, "", name="master", revision=4)
    assert files.get_last_entity_output_revision(tree["id"], cache["id"], task_type["id"], "master") == 4


def test_an_output_file_that_was_got_can_be_saved(tree: Any, task: Any, task_type: Any, cache: Any) -> None:
    scene = files.new_working_file(task)
    made = files.new_entity_output_file(tree, cache, task_type, "first", scene)
    for row in (made, files.get_output_file(made), files.all_output_files_for_entity(tree)[0]):
        row["comment"] += "!"
        assert files.update_output_file(row["id"], row)["comment"] == row["comment"]
        assert files.get_output_file(made)["comment"] == row["comment"]
        made["comment"] = row["comment"]
    files.update_output_file(made, {"canceled": True, "data": {"a": 1}, "path": "/a/b"})
    found = files.get_output_file(made)
    assert (found["canceled"], found["data"], found["path"]) == (True, {"a": 1}, "/a/b")
    assert found["source_file_id"] == scene["id"]


def test_output_files_of_an_instance_are_made_counted_and_listed(
    placed: Any, tree: Any, task: Any, task_type: Any, cache: Any, render: Any, approved: Any, user: Any
) -> None:
    place = (placed.instance, placed.shot)
    place_by_id = (placed.instance["id"], placed.shot["id"])
    assert files.get_last_asset_instance_output_revision(*place, cache, task_type) == 0
    first = files.new_asset_instance_output_file(*place, cache, task_type, "first")
    second = files.new_asset_instance_output_file(
        *place_by_id,
        cache["id"],
        task_type["id"],
        "second",
        working_file=files.new_working_file(task),
        person=user,
    )
    odd = files.new_asset_instance_output_file(
        *place, render, task_type, "x", ODD, representation="exr", revision=5, sep="\\", file_status_id=approved
    )
    assert [row["revision"] for row in (first, second, odd)] == [1, 2, 5]
    assert (second["name"], second["entity_id"], second["temporal_entity_id"]) == (
        "master",
        tree["id"],
        placed.shot["id"],
    )
    assert odd["path"].replace(" ", "_") == files.build_asset_instance_output_file_path(
        *place, render, task_type, ODD, "exr", revision=5, sep="\\"
    )
    assert "\\sh1\\tree\\" in odd["path"]
    path = files.build_asset_instance_output_file_path(*place_by_id, cache, task_type, mode="review", revision=3)
    assert path.startswith("/mnt/review_files/")
    assert path.endswith("/tree_main_v003")
    assert files.get_last_asset_instance_output_revision(*place_by_id, cache["id"], task_type["id"]) == 2
    assert files.get_next_asset_instance_output_revision(*place_by_id, cache["id"], task_type["id"]) == 3
    assert files.get_next_asset_instance_ouput_revision(*place, cache, task_type) == 3
    assert files.get_last_asset_instance_ouput_revision(*place, cache, task_type) == 2
    assert files.get_next_asset_instance_output_revision(*place, render, task_type, ODD) == 6
    listed = files.all_output_files_for_asset_instance
    assert set(ids(listed(placed.instance))) == {first["id"], second["id"], odd["id"]}
    assert ids(listed(*place_by_id, output_type=cache["id"])) == ids([second, first])
    assert listed(placed.instance, tree) == []
    last = files.get_last_output_files_for_asset_instance
    assert set(ids(last(*place))) == {second["id"], odd["id"]}
    for lists in (listed, last):
        assert ids(lists(*place_by_id, task_type, render, ODD, "exr", approved)) == [odd["id"]]
        assert lists(*place, name="main") == []
    types = files.all_output_types_for_asset_instance(*place)
    assert types == files.all_output_types_for_asset_instance(*place_by_id)
    assert {row["id"] for row in types} == {cache["id"], render["id"]}
    assert files.all_output_files_for_entity(tree) == []  # these are of the tree itself


# -- previews ------------------------------------------------------------------
def test_a_picture_comes_back_in_all_sizes(task: Any, comment: Any, picture: Path, frames: Any, got: Any) -> None:
    made = gazu.task.add_preview(task, comment, picture)
    ready = files.wait_for_preview_file(made["id"], timeout=300, poll_interval=0.2)
    assert (ready["status"], ready["extension"], ready["original_name"]) == ("ready", "png", picture.stem)
    assert files.get_preview_file(made) == ready
    assert ids(files.get_all_preview_files_for_task(task["id"])) == [made["id"]]
    assert frames(got(files.download_preview_file, ready), 320) == frames(picture, 320)
    assert frames(got(files.download_preview_file_cover, ready["id"]), 320) == frames(picture, 320)
    assert alike(frames(got(files.download_preview_file_thumbnail, ready))[0], RED, BLUE)
    path = files.get_preview_file_url(ready)
    assert path == f"pictures/originals/preview-files/{made['id']}.png"
    assert gazu.client.get_file_data_from_url(path).startswith(b"\x89PNG")
    for download in (files.download_preview_movie, files.download_preview_lowdef_movie):
        with pytest.raises(RouteNotFoundException):
            download(ready, "none.mp4")
    assert not Path("none.mp4").exists()


def test_a_movie_comes_back_whole_small_and_in_frames(
    task: Any, comment: Any, movie: Path, frames: Any, got: Any
) -> None:
    made = gazu.task.add_preview(task, comment, movie)
    ready = files.wait_for_preview_file(made, timeout=300, poll_interval=0.2)
    assert (ready["status"], ready["extension"]) == ("ready", "mp4")
    for download in (
        files.download_preview_file,
        files.download_preview_movie,
        files.download_preview_lowdef_movie,
    ):
        seen = frames(got(download, ready["id"]), 1)
        assert len(seen) == 50
        assert alike(seen[0], RED)
        assert alike(seen[-1], BLUE)
    original = f"movies/originals/preview-files/{made['id']}.mp4"
    low = f"movies/low/preview-files/{made['id']}.mp4"
    assert files.get_preview_file_url(made["id"]) == files.get_preview_movie_url(ready) == original
    assert files.get_preview_movie_url(made["id"], lowdef=True) == files.get_preview_lowdef_movie_url(ready) == low
    assert alike(frames(got(files.download_preview_file_thumbnail, ready))[0], RED, RED)
    assert alike(frames(got(files.download_preview_file_cover, ready))[0], RED, RED)
    for number, colour in ((1, RED), (25, RED), (26, BLUE), (50, BLUE)):
        picture = got(files.extract_frame_from_preview, ready, number)
        assert alike(frames(picture, 1)[0], colour)
        assert picture.read_bytes() == files.extract_frame_from_preview(made["id"], number).content
    with pytest.raises(ServerErrorException, match="does the movie have this frame"):
        files.extract_frame_from_preview(ready, 99)
    tile = got(files.extract_tile_from_preview, ready)
    assert tile.read_bytes() == files.extract_tile_from_preview(made["id"]).content
    assert alike(frames(tile, 1, "20:20:0:0")[0], RED)


@pytest.mark.parametrize("processes", [False, True], ids=["threads", "processes"])
def test_many_files_go_and_come_in_one_call(
    processes: bool, admin: KitsuClient, task: Any, frames: Any, tmp_path: Path
) -> None:
    colours = [(shade, 255 - shade, 60) for shade in range(0, 250, 30)]
    paths = [tmp_path / f"{shade}.png" for shade, *_ in colours]
    for path, colour in zip(paths, colours):
        path.write_bytes(png(colour, colour))
    comments = [gazu.task.add_comment(task, task["task_status_id"], path.name) for path in paths]
    previews = [gazu.task.create_preview(task, comment) for comment in comments]
    progress: List[Tuple[int, int]] = []
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) if processes else nullcontext() as executor:
        sent = gazu.parallel.call_many(
            gazu.task.upload_preview_file, zip(previews, paths), executor=executor, client=admin
        )
        assert [(outcome.result["id"], outcome.error) for outcome in sent] == [(row["id"], None) for row in previews]
        for preview in previews:
            files.wait_for_preview_file(preview, timeout=300, poll_interval=0.2)
        folder = tmp_path / "thumbnails"
        folder.mkdir()
        wanted = [(row["id"], folder / f"{number}.png") for number, row in enumerate(previews)]
        wanted.insert(3, (str(uuid.uuid4()), folder / "none.png"))
        got = gazu.parallel.call_many(
            files.download_preview_file_thumbnail,
            wanted,
            4,
            executor,
            progress_callback=lambda *call: progress.append(call),
        )
    assert [outcome.item for outcome in got] == wanted
    failed = got.pop(3)
    assert isinstance(failed.error, RouteNotFoundException) and failed.result is None
    with pytest.raises(RouteNotFoundException):
        failed.value()
    assert got[0].value().status_code == 200
    assert not any(outcome.error for outcome in got)
    assert sorted(path.name for path in folder.iterdir()) == sorted(outcome.item[1].name for outcome in got)
    assert all(alike(frames(folder / f"{number}.png", 1)[0], colour) for number, colour in enumerate(colours))
    assert progress == [(number, 10) for number in range(1, 11)]


def test_many_previews_are_published_and_come_back(admin: KitsuClient, unique: Any, tmp_path: Path) -> None:
    """Of several previews of one task, the first one of the items is the first one of the task."""
    project = gazu.project.new_project(unique("Show"))
    asset = gazu.asset.new_asset(project, gazu.asset.new_asset_type(unique("Props")), "Axe")
    kind = gazu.task.new_task_type(unique("Paint"), for_entity="Asset")
    other_kind = gazu.task.new_task_type(unique("Rig"), for_entity="Asset")
    task, other = gazu.task.new_task(asset, kind), gazu.task.new_task(asset, other_kind)
    wip = gazu.task.get_task_status_by_short_name("wip")
    comment = gazu.task.add_comment(other, wip, "two at once")
    empty = gazu.task.create_preview(other, comment)
    paths = [tmp_path / f"page {number}.pdf" for number in range(5)]
    for number, path in enumerate(paths):
        path.write_bytes(b"%PDF-1.4\n" + bytes(1000 * number + 300))
    items: List[Any] = [
        (task, paths[0]),
        {"task": task, "task_status": wip, "comment": "v2", "preview_file_path": paths[1]},
        (comment, paths[2]),
        (empty, str(paths[3])),
        (task, tmp_path / "none.pdf"),
        {"task": task, "task_status": wip, "preview_file_path": paths[4]},
    ]
    progress: List[Tuple[int, int]] = []
    sent = files.upload_many(items, progress_callback=lambda *call: progress.append(call), client=admin)
    assert [outcome.item for outcome in sent] == items
    assert isinstance(sent.pop(4).error, FileNotFoundError)
    previews = [outcome.value() for outcome in sent]
    assert [row["original_name"] for row in previews] == [f"page {number}" for number in range(5)]
    assert [row["revision"] for row in previews if row["task_id"] == task["id"]] == [1, 2, 3]
    assert previews[3]["id"] == empty["id"]
    of_task = gazu.task.all_comments_for_task(task)
    assert [(row["text"] or "", row["task_status_id"]) for row in reversed(of_task)] == [
        ("", task["task_status_id"]),
        ("v2", wip["id"]),
        ("", wip["id"]),
    ]
    size = sum(path.stat().st_size for path in paths)
    assert progress == sorted(progress) and progress[-1] == (size, size)

    notes = gazu.task.add_comment(task, wip, "read", attachments=[str(paths[1]), str(paths[2])])
    [shown] = [row for row in gazu.task.all_comments_for_task(task) if row["id"] == notes["id"]]
    missing = str(uuid.uuid4())
    rows: List[Any] = [*previews[:2], previews[2]["id"], missing, *shown["attachment_files"]]
    rows.append(files.get_all_preview_files_for_task(other)[0])
    progress.clear()

    def name(row: Any) -> str:
        return f"{row.get('original_name', '')}/{row['id']}.{row['extension']}"

    folder = tmp_path / "new" / "folder"
    unlike = [row for number, row in enumerate(rows) if number != 6 or row["id"] != previews[2]["id"]]
    got = files.download_many(unlike, folder, name, lambda *call: progress.append(call))
    failed = got.pop(3)
    assert isinstance(failed.error, RouteNotFoundException) and failed.item == missing
    assert sorted(folder.iterdir()) == sorted(outcome.value() for outcome in got)
    assert got[0].result.name == f"page 0_{previews[0]['id']}.pdf"
    assert [outcome.result.read_bytes() for outcome in got[:3]] == [path.read_bytes() for path in paths[:3]]
    attached = {outcome.item["name"]: outcome.result.read_bytes() for outcome in got[3:5]}
    assert attached == {path.name: path.read_bytes() for path in paths[1:3]}
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert progress == sorted(progress) and progress[-1] == (size, size)
    by_id = files.download_many(previews[:2], tmp_path / "by id")
    assert [outcome.result.name for outcome in by_id] == [f"{row['id']}.pdf" for row in previews[:2]]
    with pytest.raises(ValueError, match="is the file of two rows"):
        files.download_many(previews, tmp_path / "clash", "take.{extension}")
    assert not (tmp_path / "clash").exists()


def test_a_document_is_kept_as_it_is(task: Any, comment: Any, got: Any, tmp_path: Path) -> None:
    document = tmp_path / "notes.pdf"
    document.write_bytes(b"%PDF-1.4\n" + bytes(range(256)))
    made = gazu.task.add_preview(task, comment, document)
    assert files.wait_for_preview_file(made, timeout=300, poll_interval=0.2)["status"] == "ready"
    assert files.get_preview_file_url(made) == f"pictures/originals/preview-files/{made['id']}.pdf"
    assert got(files.download_preview_file, made).read_bytes() == document.read_bytes()


def test_a_preview_without_a_file_is_waited_for_in_vain(task: Any, comment: Any) -> None:
    made = gazu.task.create_preview(task, comment)
    [running] = [row for row in files.get_running_preview_files() if row["id"] == made["id"]]
    assert (running["status"], running["project_id"]) == ("processing", task["project_id"])
    with pytest.raises(PreviewFileProcessingException, match=made["id"]):
        files.wait_for_preview_file(made, timeout=0.1, poll_interval=0.05)


def test_a_preview_that_was_got_can_be_saved(task: Any, comment: Any, picture: Path) -> None:
    made = gazu.task.add_preview(task, comment, picture, no_job=True)
    for row in (files.get_preview_file(made), files.get_all_preview_files_for_task(task)[0]):
        row["description"] = (row["description"] or "Été") + "!"
        assert files.update_preview(row["id"], row)["description"] == row["description"]
        assert files.get_preview_file(made)["description"] == row["description"]
    files.update_preview(made, {"validation_status": "validated"})
    assert files.get_preview_file(made)["validation_status"] == "validated"
    assert gazu.task.get_comment(comment)["previews"] == [made["id"]]


def test_drawings_are_added_changed_and_deleted(task: Any, comment: Any, picture: Path) -> None:
    made = gazu.task.add_preview(task, comment, picture, no_job=True)

    def drawing(*objects: Any) -> Any:
        return [{"time": 0, "drawing": {"objects": list(objects)}}]

    def shown() -> Any:
        notes = files.get_preview_file(made)["annotations"]
        return {one["id"]: one["text"] for note in notes for one in note["drawing"]["objects"]}

    one, two = ({"id": str(uuid.uuid4()), "type": "textbox", "text": text} for text in ("é", "b"))
    files.update_preview_annotations(made, additions=iter(drawing(one, two)))
    assert shown() == {one["id"]: "é", two["id"]: "b"}
    files.update_preview_annotations(made["id"], updates=drawing({**one, "text": "c"}))
    assert shown() == {one["id"]: "c", two["id"]: "b"}
    files.update_preview_annotations(made, deletions=[{"time": 0, "objects": [one["id"]]}])
    assert shown() == {two["id"]: "b"}


def test_previews_of_a_revision_change_places(task: Any, comment: Any, picture: Path) -> None:
    first = gazu.task.add_preview(task, comment, picture, no_job=True)
    second, third = (gazu.task.add_extra_preview(task, comment, first, picture, no_job=True) for _ in range(2))
    moved = files.update_preview_position(third, 1)
    assert [(row["id"], row["position"]) for row in moved] == [(third["id"], 1), (first["id"], 2), (second["id"], 3)]
    assert ids(files.update_preview_position(third["id"], 3)) == ids([first, second, third])
    assert files.get_preview_file(third)["position"] == 3


@pytest.mark.parametrize("force", [False, True])
def test_a_removed_preview_is_gone(force: bool, task: Any, comment: Any, picture: Path) -> None:
    made = gazu.task.add_preview(task, comment, picture, no_job=True)
    assert files.remove_preview_file(made["id"] if force else made, force=force) == ""
    with pytest.raises(RouteNotFoundException):
        files.get_preview_file(made)
    with pytest.raises(RouteNotFoundException):
        files.download_preview_file(made, "none.png")
    assert files.get_all_preview_files_for_task(task) == []


# -- attachments ---------------------------------------------------------------
@pytest.fixture
def attached(project: Any, task: Any, tmp_path: Path) -> Iterator[Any]:
    """Files with odd names, attached to a comment: their contents by name."""
    contents = {name: name.encode() * 2000 for name in ("take #2?.txt", "100%_é 日本.bin", "a+b;c=d&e.txt")}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    gazu.task.add_comment(task, task["task_status_id"], attachments=[tmp_path / name for name in contents])
    yield contents


def test_attached_files_come_back_whatever_their_names(project: Any, task: Any, attached: Any, got: Any) -> None:
    rows = files.get_all_attachment_files_for_task(task["id"])
    assert {row["name"] for row in rows} == set(attached)
    assert sorted(ids(files.get_all_attachment_files_for_project(project))) == sorted(ids(rows))
    for row in rows:
        assert files.get_attachment_file(row["id"]) == files.get_attachment_file(row)
        assert files.get_attachment_file(row)["size"] == len(attached[row["name"]])
        assert got(files.download_attachment_file, row["id"]).read_bytes() == attached[row["name"]]
        assert got(files.download_attachment_file, row).read_bytes() == attached[row["name"]]


def test_a_picture_in_a_chat_has_a_thumbnail(
    task: Any, attached: Any, picture: Path, frames: Any, got: Any, unique: Unique
) -> None:
    chat = f"data/entities/{task['entity_id']}/chat"
    gazu.client.get(chat)
    gazu.client.post(f"actions/user/chats/{task['entity_id']}/join", {})
    with picture.open("rb") as file:
        typed = {"file": (picture.name, file, "image/png")}
        [sent] = gazu.client.upload(chat + "/messages", files=typed, data={"message": "look"})["attachment_files"]
    assert files.get_attachment_file(sent)["name"] == picture.name
    assert got(files.download_attachment_file, sent["id"]).read_bytes() == picture.read_bytes()
    path = files.get_attachment_thumbnail_url(sent)
    assert path == f"pictures/thumbnails/attachment-files/{sent['id']}.png"
    assert alike(frames(got(files.download_attachment_thumbnail, sent["id"]))[0], RED, BLUE)
    assert gazu.client.get_file_data_from_url(path).startswith(b"\x89PNG")
    [text, *_] = files.get_all_attachment_files_for_task(task)
    with pytest.raises(RouteNotFoundException):  # the server makes none of what is attached to comments
        files.download_attachment_thumbnail(text, "none.png")
    assert not Path("none.png").exists()


# -- avatars -------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["person", "project", "organisation"])
def test_an_avatar_comes_back_as_the_same_picture(
    kind: str, project: Any, frames: Any, got: Any, tmp_path: Path, unique: Unique
) -> None:
    model: Any = project
    if kind == "person":
        model = gazu.person.new_person("Ann", "Lee", f"{uuid.uuid4().hex}@example.com")
    elif kind == "organisation":
        model = gazu.person.get_organisation()
    upload, download = (getattr(files, f"{verb}_{kind}_avatar") for verb in ("upload", "download"))
    for model_or_id, colour in ((model, RED), (model["id"], GREEN)):
        path, calls = tmp_path / "été #1.png", []
        path.write_bytes(png(colour, BLUE))
        answer = upload(model_or_id, path, progress_callback=lambda *call: calls.append(call))  # noqa: B023
        assert calls[-1] == (path.stat().st_size,) * 2
        assert model["id"] in answer["thumbnail_path"]
        assert alike(frames(got(download, model_or_id))[0], colour, BLUE)


def test_what_has_no_avatar_has_none_to_download(project: Any, tmp_path: Path) -> None:
    with pytest.raises(RouteNotFoundException):
        files.download_project_avatar(project, tmp_path / "none.png")
    assert list(tmp_path.iterdir()) == []


# -- what is wrong -------------------------------------------------------------
def test_what_is_no_record_is_refused(tree: Any, task: Any, cache: Any, task_type: Any, picture: Path) -> None:
    nothing = str(uuid.uuid4())
    for get in (
        files.get_software,
        files.get_output_type,
        files.get_file_status,
        files.get_working_file,
        files.get_output_file,
        files.get_preview_file,
        files.get_attachment_file,
    ):
        with pytest.raises(RouteNotFoundException):
            get(nothing)
        for wrong in ("../persons", "", None, {}):
            with pytest.raises(ValueError, match="expected|cannot be a part of the path"):
                get(wrong)
    for call in (
        lambda: files.new_working_file(task, person="jane"),
        lambda: files.new_entity_output_file(tree, "cache", task_type, ""),
        lambda: files.all_output_files_for_entity(tree, file_status="approved"),
        lambda: files.upload_project_avatar("project", picture),
        lambda: files.build_working_file_path(task, software="maya"),
    ):
        with pytest.raises(ValueError, match="expected a record"):
            call()
    assert files.get_working_files_for_task(task) == []
    with pytest.raises(FileNotFoundError):
        files.upload_person_avatar(nothing, "nowhere.png")
