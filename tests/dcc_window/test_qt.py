"""The example dialog for Qt in real windows, with real clicks, on PySide6 and PySide2 and the real server."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Iterator, List, Optional

import pytest

from ..artists import comments
from .debian import CACHE

PROGRAM = Path(__file__).with_name("in_qt.py")
MB = 1000 * 1000


def python_with_pyside2() -> str:
    """Return a Python 3.9 with PySide2, the last that it has, in an environment that is made once."""
    folder = CACHE / "pyside2"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        found = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions").glob("3.9.*/bin/python"))
        assert found, "PySide2 needs a Python 3.9 of pyenv: pyenv install 3.9"
        subprocess.run([str(found[-1]), "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "PySide2==5.15.2.1", "requests"], check=True)
        (folder / "complete").touch()
    return str(python)


@pytest.fixture(scope="session", params=["PySide6", "PySide2"])
def binding(request: Any) -> List[str]:
    """A Python, and the binding of Qt that it has."""
    return [sys.executable if request.param == "PySide6" else python_with_pyside2(), request.param]


@pytest.fixture
def program(binding: List[str], screen: Any, artist: Any, gate: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Start the program; a file of 30 MB is published."""
    started: List[Any] = []

    def program(comment: str = "", password: Optional[str] = None, modal: bool = True) -> Any:
        file = tmp_path / "scene.ma"
        with open(file, "wb") as made:
            made.truncate(30 * MB)
        facts = {
            "host": gate.host, "email": artist.email, "password": password or artist.password, "modal": modal,
            "task": artist.task["id"], "file": str(file), "comment": comment,
        }  # fmt: skip
        process = subprocess.Popen(
            [binding[0], "-W", "ignore", str(PROGRAM), binding[1], json.dumps(facts)],
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **screen.environment},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield program
    for process in started:
        process.kill()
        process.communicate()


def ended(process: Any, binding: List[str]) -> Any:
    """Return how each dialog was closed, and what is in the log."""
    out, log = process.communicate(timeout=60)
    seen = [json.loads(line) for line in out.splitlines()]
    assert process.returncode == 0, log
    assert {one["binding"] for one in seen} == {binding[1]}
    return [(one["accepted"], one["ended"]) for one in seen], log


def pixels_of_bar(screen: Any, box: Any) -> int:
    """Count what is blue: nothing else is, in the style that Qt has without a desktop."""
    colours = screen.picture(box).getcolors(1 << 24)
    return sum(count for count, (red, _, blue) in colours if blue > red + 80)


def keep(screen: Any, binding: List[str], name: str, box: Any) -> None:
    """Have a picture for the documentation, of one binding: those of the others look the same."""
    if binding[1] == "PySide6":
        screen.keep(name, box)


def uploading(screen: Any, gate: Any, count: int = 4 * MB) -> Any:
    """Return where the window is when so many bytes are sent, and nothing goes on."""
    gate.bytes_per_second = 10 * MB
    gate.wait_for(count)
    gate.bytes_per_second = 0
    return screen.window("^Publish")


def test_error_is_shown_whole(program: Any, binding: Any, screen: Any) -> None:
    process = program(password="a wrong one")
    box = screen.window("^Log in")
    screen.wait_for("or password.", box=box)
    box = screen.window("^Log in")
    assert screen.shows("Wrong email or password.", box) and pixels_of_bar(screen, box) == 0
    keep(screen, binding, "qt-error", box)
    screen.click_last_button(box)
    seen, _ = ended(process, binding)
    assert seen == [(False, True)]


def test_publish(program: Any, binding: Any, screen: Any, artist: Any, gate: Any) -> None:
    process = program("published")
    box = uploading(screen, gate)
    line = (*box[:3], box[1] + 30)  # what stands over the bar
    screen.wait_for("of", box=line)
    assert re.search(r"\d of 30 ?MB", screen.text(line))
    part = pixels_of_bar(screen, box)
    keep(screen, binding, "qt-publish", box)
    uploading(screen, gate, 20 * MB)
    assert 500 < part < pixels_of_bar(screen, box)
    gate.bytes_per_second = None
    seen, _ = ended(process, binding)
    assert seen == [(True, True)] * 2
    (comment,) = comments(artist)
    assert comment["text"] == "published" and comment["previews"][0]["revision"] == 1


def test_cancel(program: Any, binding: Any, screen: Any, artist: Any, gate: Any) -> None:
    process = program("cancelled")
    box = uploading(screen, gate)
    screen.click_last_button(box)
    screen.wait_for("Cancelling.", box=box)
    keep(screen, binding, "qt-cancel", box)
    gate.bytes_per_second = None
    seen, _ = ended(process, binding)
    assert seen == [(True, True), (False, True)] and comments(artist) == []


def test_second_press_closes_the_window_of_a_silent_server(
    program: Any, binding: Any, screen: Any, artist: Any, gate: Any
) -> None:
    process = program("silent")
    box = uploading(screen, gate)
    screen.xdotool("key", "Escape")
    screen.wait_for("Cancelling.", box=box)
    screen.click_last_button(box)
    screen.wait_until_closed("^Publish")
    seen, log = ended(process, binding)
    assert seen == [(True, True), (False, False)] and "the program ended before its call did" in log


def test_second_try_goes_on_with_what_exists(program: Any, binding: Any, screen: Any, artist: Any, gate: Any) -> None:
    process = program("twice tried")
    uploading(screen, gate)
    gate.close()
    screen.wait_for("try again.", 60, box=(0, 0, 1280, 800))
    box = screen.window("^Publish")
    said = screen.text(box)
    assert "The server did not respond" in said and "comment and revision 1 exist" in said
    assert pixels_of_bar(screen, box) == 0
    keep(screen, binding, "qt-lost", box)
    gate.open()
    gate.bytes_per_second = None
    screen.click_last_button(box)
    seen, _ = ended(process, binding)
    assert seen == [(True, True), (False, True), (True, True)]
    (comment,) = comments(artist)
    assert [preview["revision"] for preview in comment["previews"]] == [1]


def test_quit_during_an_upload(program: Any, binding: Any, screen: Any, artist: Any, gate: Any) -> None:
    process = program("quit", modal=False)
    uploading(screen, gate)
    assert len(comments(artist)) == 1
    left, top, _, _ = screen.window("^Program")
    screen.click(left + 10, top + 10)
    screen.xdotool("key", "alt+F4")
    gate.bytes_per_second = None
    _, log = ended(process, binding)
    assert comments(artist) == [] and "cancelled as the program ended" in log
