"""The example extension in the window of Blender 4.3: what the user reads there, and what the server has then."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator, List

import pytest

import gazu

from ..artists import comments
from ..waiting import until
from .blender import PREFERENCES, Blender
from .gate import Gate
from .screen import Screen, middle

BUILD = Path(__file__).parents[2] / "docs" / "examples" / "blender" / "build.py"
#: Bytes of a render.
PICTURE = 1920 * 1080 * 4
#: Where the dialog for a password opens, and where the mouse waits: errors open there.
DIALOG = (440, 70, 1060, 400)
ASIDE = (300, 600)
#: The menu of new files.
MENU = (0, 400, 760, 800)
POPUP = (0, 520, 760, 710)


@pytest.fixture(scope="session")
def installed(screen: Screen, tmp_path_factory: Any) -> Path:
    """The home folder of a user who has installed the extension."""
    home = tmp_path_factory.mktemp("home")
    subprocess.run([sys.executable, str(BUILD), str(home)], check=True, stdout=subprocess.PIPE, timeout=300)
    (extension,) = home.glob("*.zip")
    Blender(screen, home).install(extension)
    return home


@pytest.fixture
def blender(installed: Path, screen: Screen, gate: Gate, artist: Any, tmp_path: Path) -> Iterator[Blender]:
    """Blender with its window, and the panel of the extension; its server is behind `gate`."""
    home = tmp_path / "home"
    shutil.copytree(installed, home, symlinks=True)
    blender = Blender(screen, home)
    try:
        blender.start()
        blender.look(f"setattr({PREFERENCES}, 'host', {gate.host[: -len('/api')]!r})")
        blender.look(f"setattr({PREFERENCES}, 'email', {artist.email!r})")
        yield blender
        assert artist.password not in blender.log()
    finally:
        blender.stop()


@pytest.fixture
def logged_in(blender: Blender, gate: Gate, artist: Any) -> Blender:
    """The same, logged in, and with its tasks; how a user does that is in `test_log_in`."""
    who = f"email={artist.email!r}, password={artist.password!r}"
    blender.look(f"addon('.kitsu').log_in({gate.host!r}, session=addon().session_file(), {who})")
    blender.look("setattr(addon().shown, 'tasks', addon('.kitsu').tasks())")
    blender.look("addon().redraw()")
    return blender


def log_in(blender: Blender, password: str) -> None:
    blender.click_on("Log in to Kitsu")
    x, y = middle(blender.screen.wait_for("Password:", box=DIALOG))
    blender.move(x + 120, y)
    blender.press("LEFTMOUSE")
    blender.type(password)
    blender.screen.keep("blender-log-in", DIALOG)
    blender.press("RET")  # ends the field, and the next one the dialog
    blender.press("RET")
    blender.move(*ASIDE)


def publish(blender: Blender, gate: Gate) -> None:
    """Publish this frame, and close the window of the render as a user does; the upload is held at a fifth."""
    gate.until = gate.sent + PICTURE // 5
    blender.click_on("Publish this frame")
    blender.move(*ASIDE)
    gate.wait_for(gate.until)
    blender.press("ESC", window=1)
    blender.wait_until("len(bpy.context.window_manager.windows) == 1")


def send_more(blender: Blender, gate: Gate) -> None:
    """Hold the upload at three fifths."""
    gate.until = gate.sent + PICTURE * 2 // 5
    gate.wait_for(gate.until)
    blender.wait_until("addon().shown.progress > 0.6")


def the_preview(artist: Any) -> Any:
    """Return the only preview file of the only comment, once the server has worked on it."""
    (comment,) = comments(artist)
    (preview,) = comment["previews"]
    return gazu.files.wait_for_preview_file(preview, 120, 0.2, client=artist.client)


def files(blender: Blender) -> List[Path]:
    """Return the renders that the extension keeps."""
    return list((blender.home / "tmp").glob("kitsu_publish_*/*"))


def bar(blender: Blender) -> int:
    """Return how long the bar in the panel is, in pixels."""
    picture = blender.screen.picture(blender.panel())
    rows = (sum(is_bar(picture.getpixel((x, y))) for x in range(picture.width)) for y in range(0, picture.height, 3))
    return max(rows)


def is_bar(pixel: Any) -> bool:
    red, _, blue = pixel
    return blue > 140 and blue - red > 60


def check_the_upload_is_shown(blender: Blender, gate: Gate, picture: str) -> None:
    """Check that the panel names the upload, and that its bar grows."""
    shorter, said = bar(blender), blender.screen.text(blender.panel())
    blender.screen.keep(picture, blender.panel(300))
    send_more(blender, gate)
    until(lambda: 0 < shorter < bar(blender), 30)
    said += blender.screen.text(blender.panel())
    assert "Publish to Kitsu" in said  # read twice, as the end of the bar may cross a letter


def test_log_in(blender: Blender, artist: Any) -> None:
    log_in(blender, "wrong")
    wanted = f"Log in to Kitsu: log-in of {artist.email}: Wrong email or password"
    blender.screen.wait_for("or password.", box=POPUP)
    blender.screen.keep("blender-wrong-password", POPUP)
    assert blender.screen.shows(wanted, POPUP)
    blender.move(300, 740)  # the popup goes
    assert blender.screen.shows(wanted, blender.panel())

    log_in(blender, artist.password)
    blender.screen.wait_for("Publish this frame", box=blender.panel())
    blender.screen.keep("blender-tasks", blender.panel(300))
    assert "SQ01 / SH010" in blender.look("addon().enum_items()[0][1]")


def test_publish(logged_in: Blender, gate: Gate, artist: Any) -> None:
    logged_in.screen.wait_for("Comment:", box=logged_in.panel())
    x, y = middle(logged_in.screen.find("Comment:", logged_in.panel()))
    logged_in.move(x + 150, y)
    logged_in.press("LEFTMOUSE")
    logged_in.type("first light")
    logged_in.press("RET")
    publish(logged_in, gate)
    check_the_upload_is_shown(logged_in, gate, "blender-publishing")
    gate.let_go()
    logged_in.screen.wait_for("Published as revision 1", box=logged_in.panel())
    logged_in.screen.keep("blender-published", logged_in.panel(300))
    assert bar(logged_in) == 0 and not logged_in.screen.find("first light", logged_in.panel())
    preview = the_preview(artist)
    assert [preview["status"], preview["extension"], preview["width"], preview["height"]] == [
        "ready",
        "png",
        1920,
        1080,
    ]
    assert [comment["text"] for comment in comments(artist)] == ["first light"]


def test_cancel(logged_in: Blender, gate: Gate, artist: Any) -> None:
    publish(logged_in, gate)
    logged_in.click_on("Cancel")
    logged_in.move(*ASIDE)
    logged_in.screen.wait_for("Cancelling", box=logged_in.panel())
    logged_in.screen.keep("blender-cancelling", logged_in.panel(300))
    gate.let_go()
    logged_in.screen.wait_for("Cancelled: nothing was published", box=logged_in.panel())
    assert bar(logged_in) == 0 and comments(artist) == [] and len(files(logged_in)) == 1
    assert logged_in.screen.find("Try again", logged_in.panel())  # the render is kept
    logged_in.click_on("Discard")
    logged_in.wait_until("addon().shown.work is None and addon().shown.unpublished is None")
    assert files(logged_in) == []


def test_second_try_goes_on_with_what_exists(logged_in: Blender, gate: Gate, artist: Any) -> None:
    publish(logged_in, gate)
    gate.close()
    wanted = ("Publish to Kitsu: The server did not respond", "The comment and revision 1 exist", "The render is kept:")
    logged_in.screen.wait_for("The render is kept:", box=POPUP)
    logged_in.screen.keep("blender-error", POPUP)
    assert all(logged_in.screen.shows(text, POPUP) for text in wanted)
    logged_in.move(300, 780)  # the popup goes
    logged_in.screen.wait_for("Try again", box=logged_in.panel())
    logged_in.screen.keep("blender-second-try", logged_in.panel(620))
    assert all(logged_in.screen.shows(text, logged_in.panel()) for text in wanted)
    assert bar(logged_in) == 0 and len(files(logged_in)) == 1
    (comment,) = comments(artist)
    assert [preview["revision"] for preview in comment["previews"]] == [1]

    gate.let_go()
    gate.open()
    logged_in.click_on("Try again")
    logged_in.move(*ASIDE)
    logged_in.screen.wait_for("Published as revision 1", box=logged_in.panel())
    assert the_preview(artist)["status"] == "ready" and files(logged_in) == []


def test_quit(logged_in: Blender, gate: Gate, artist: Any) -> None:
    """With the keys: nothing is left of the upload on the server, and the render is named."""
    publish(logged_in, gate)
    gate.until, gate.bytes_per_second = None, 600_000
    logged_in.quit()
    assert comments(artist) == []
    assert "cancelled as the program ended: <Job send: cancelled" in logged_in.log()
    (kept,) = files(logged_in)
    assert f"the render is kept: /tmp/{kept.parent.name}/{kept.name}" in logged_in.log()


def test_another_file_is_opened(logged_in: Blender, gate: Gate, artist: Any) -> None:
    """The upload goes on, and the panel of the other file says so."""
    publish(logged_in, gate)
    logged_in.press("N", ctrl=True)
    logged_in.screen.wait_for("General", box=MENU)
    logged_in.click_on("General", MENU)
    logged_in.move(*ASIDE)
    logged_in.show_panel()
    logged_in.screen.wait_for("Cancel", box=logged_in.panel())
    check_the_upload_is_shown(logged_in, gate, "blender-another-file")
    gate.let_go()
    logged_in.screen.wait_for("Published as revision 1", box=logged_in.panel())
    assert the_preview(artist)["status"] == "ready" and files(logged_in) == []


def test_restart(logged_in: Blender, artist: Any) -> None:
    """The list of tasks is there, without a click."""
    logged_in.quit()
    logged_in.start()
    logged_in.screen.wait_for("Publish this frame", box=logged_in.panel())
    logged_in.wait_until("addon().shown.tasks")
    assert not logged_in.screen.find("No task", logged_in.panel())
    assert logged_in.look("addon().enum_items()[0][0]") == artist.task["id"]
