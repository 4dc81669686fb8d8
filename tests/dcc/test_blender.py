"""The example add-on within the real Blender: built, installed by Blender itself, and publishing to the real server."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, List

import pytest

from ..artists import comments, published
from ..proxy import Proxy

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
bpy_folder = Path(__import__("importlib.util").util.find_spec("bpy").origin).parent


@pytest.fixture(scope="session")
def extension(tmp_path_factory: Any) -> Path:
    """The add-on, built by the one command."""
    folder = tmp_path_factory.mktemp("extension")
    command = [sys.executable, str(ROOT / "docs" / "examples" / "blender" / "build.py"), str(folder)]
    made = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=300).stdout.strip()
    assert list(folder.iterdir()) == [Path(made)]
    return Path(made)


@pytest.fixture(scope="session")
def packages(tmp_path_factory: Any) -> Path:
    """A folder with Blender, and what its own add-ons need of other packages: no gazu, no requests."""
    folder = tmp_path_factory.mktemp("packages")
    for name in ("bpy", "numpy", "numpy.libs"):
        (folder / name).symlink_to(bpy_folder.parent / name)
    return folder


@pytest.fixture
def blender(extension: Path, packages: Path, artist: Any, tmp_path: Path) -> Callable[..., Any]:
    """Run a scenario in a Blender of its own, with the settings of nobody."""

    def blender(scenario: str, **more: str) -> Any:
        facts = {
            **more,
            "scenario": scenario, "packages": str(packages), "extension": str(extension), "host": artist.host,
            "email": artist.email, "password": artist.password, "task": artist.task["id"], "folder": str(tmp_path),
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(HERE / "in_blender.py"), json.dumps(facts)],
            env={**os.environ, "BLENDER_USER_RESOURCES": str(tmp_path / "user"), "HOME": str(tmp_path)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert artist.password not in done.stdout + done.stderr
        return json.loads(done.stdout.split("\nSEEN ")[1].split("\n")[0])

    return blender


def test_extension_is_valid(extension: Path) -> None:
    """By Blender's own checker."""
    (checker,) = bpy_folder.glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py")
    done = subprocess.run(
        [sys.executable, str(checker), "validate", "--valid-tags=", str(extension)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert done.returncode == 0 and "ERROR" not in done.stdout, done.stdout


def test_publish(blender: Any, artist: Any, tmp_path: Path) -> None:
    seen = blender("publish")
    assert seen["said"] == [["FINISHED"]] * 5
    assert [task for task, _ in seen["tasks"]] == [artist.task["id"]] and "SQ01 / SH010" in seen["tasks"][0][1]
    assert all(str(tmp_path / "user") in path for path in seen["from"])  # from the wheels, not from this environment
    assert seen["session"] == ["0o600", ["access_token", "refresh_token"], False, True]
    assert not seen["token_in_blend"] and seen["settings_are_back"]
    still, movie = published(artist, "a still"), published(artist, "a movie")
    assert [still["status"], still["extension"], still["width"], still["height"]] == ["ready", "png", 64, 36]
    assert [movie["status"], movie["extension"], movie["revision"]] == ["ready", "mp4", 2]
    assert 0 < movie["duration"] < 1


def test_blender_stays_usable(blender: Any, artist: Any) -> None:
    seen = blender("responsive")
    print(
        f"\n{seen['turns']} turns of the loop during the upload, {seen['longest_ms']} ms at most from one to the next"
    )
    assert seen["state"] == ["FINISHED"] and seen["reports"] == [["INFO", "Published as revision 1"]]
    assert seen["turns"] >= 5 and seen["progress_calls"] >= 1 and seen["all_in_main_thread"]
    assert seen["progress"] == 1.0 and not seen["working"]
    assert seen["window_manager"] == ["event_timer_add", "modal_handler_add", "event_timer_remove"]
    assert published(artist, "by hand")["width"] == 1920


def test_cancel(blender: Any, artist: Any) -> None:
    seen = blender("cancel")
    assert seen["state"] == ["CANCELLED"] and seen["reports"] == [["INFO", "Cancelled: nothing was published"]]
    assert 0 < seen["sent"][0] < seen["sent"][1] and seen["kept"]
    assert comments(artist) == []


def test_cancel_by_the_button(blender: Any, artist: Any) -> None:
    """The window of a render takes the keys, Esc too."""
    seen = blender("button")
    assert seen["state"] == ["CANCELLED"] and seen["drawn"] == [["Cancelling", "kitsu.cancel"]]
    assert seen["kept"] and seen["said"] == ["FINISHED"] and seen["gone"]
    assert "nothing that was not published" in seen["nothing_again"] and "poll() failed" in seen["nothing_to_cancel"]
    assert comments(artist) == []


class WithoutFiles(Proxy):
    """A connection that ends whenever a file is sent."""

    def answer(self, call: List[str], head: List[bytes], body: bytes) -> bytes:
        if "/pictures/" in call[1]:
            raise ConnectionError("lost on the way")
        return super().answer(call, head, body)


def test_second_try_goes_on_with_what_exists(blender: Any, artist: Any) -> None:
    with WithoutFiles(artist.host) as proxy:
        seen = blender("again", proxy=proxy.host)
    failed, again = seen["said"]
    assert "The server did not respond" in failed and "The comment and revision 1 exist" in failed
    assert f"The render is kept: {seen['file']}" in failed and seen["kept"]
    assert ["operator", "kitsu.publish_again"] in seen["drawn"] and ["operator", "kitsu.discard"] in seen["drawn"]
    whole = f"{seen['failed']}Not published: {seen['file']}"
    assert "".join(seen["labels"]).replace(" ", "") == whole.replace(" ", "")
    assert max(len(label) for label in seen["labels"]) <= 40  # Blender cuts longer ones
    assert again == ["FINISHED"] and seen["message"] == "Published as revision 1" and seen["gone"]
    assert seen["renders"] == 1 and len(comments(artist)) == 1
    assert published(artist, "twice tried")["status"] == "ready"


def test_server_is_asked_before_the_render(blender: Any, artist: Any) -> None:
    seen = blender("unreachable")
    assert "The server did not respond" in seen["said"]
    ((kind, report),) = seen["reports"]
    lines = report.split("\n")  # Blender cuts those that are wider than its window
    assert kind == "ERROR" and " ".join(lines) == seen["words"] and max(len(line) for line in lines) <= 90
    assert len(lines) > 1


def test_upload_goes_on_when_another_file_is_opened(blender: Any, artist: Any) -> None:
    seen = blender("other_file")
    assert seen == {
        "registered": {"persistent": True},
        "message": "Published as revision 1",
        "working": False,
        "always_drawn": True,
    }
    (comment,) = comments(artist)
    assert comment["text"] == "goes on" and comment["previews"][0]["revision"] == 1


def test_errors(blender: Any, artist: Any) -> None:
    seen = blender("errors")
    assert "Log in to Kitsu: log-in of " in seen["wrong"] and "a wrong one" not in seen["wrong"]
    missing, none, offline = seen["said"]
    assert "Publish to Kitsu: " in missing and "404" not in missing.split("Publish")[0]
    assert "choose a task first" in none
    assert "online access is disabled" in offline
    assert not seen["working"] and comments(artist) == []


def test_panel(blender: Any, artist: Any) -> None:
    seen = blender("panel")
    before, after, preferences = seen["drawn"]
    assert before == [["operator", "kitsu.log_in"]]
    publish = ["operator", "kitsu.publish"]
    assert after == [
        ["operator", "kitsu.refresh"], ["prop", "task"], ["prop", "comment"], publish, publish,
        ["operator", "kitsu.log_out"],
    ]  # fmt: skip
    assert preferences == [["prop", "host"], ["prop", "email"], ["operator", "kitsu.log_in"]]
    assert [item[0] for item in seen["items"]] == [artist.task["id"]]
    assert not seen["still_there"]
