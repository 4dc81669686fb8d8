"""The example plug-in within the real Krita, in a window, with real clicks and keys, on the real server."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Iterator, List

import pytest
from PIL import Image

import gazu

from ..artists import comments, published
from ..waiting import until
from .screen import require

ROOT = Path(__file__).parents[2]
IMPORTER = Path("/usr/share/krita/pykrita/plugin_importer/plugin_importer.py")
TITLE = "Publish to Kitsu"
SHORTCUT = "ctrl+alt+k"
SIZE = (3600, 2400)


@pytest.fixture
def home(plug_in: Path, artist: Any, gate: Any, tmp_path: Path) -> Path:
    """A home with the plug-in, installed by Krita's own importer, a session, and a picture of 20 MB, nearly white."""
    require({"krita": "krita python3-pyqt5 python3-sip"})
    data = tmp_path / ".local" / "share" / "krita"
    data.mkdir(parents=True)
    subprocess.run(["/usr/bin/python3", str(IMPORTER), str(plug_in), str(data)], check=True, stdout=subprocess.DEVNULL)
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config" / "kritarc").write_text("[python]\nenable_kitsu_publish=true\n")
    (tmp_path / ".config" / "kritashortcutsrc").write_text("[Shortcuts]\nkitsu_publish=Ctrl+Alt+K\n")
    with gazu.create_session(artist.host, artist.email, artist.password) as client:
        tokens = {name: client.tokens[name] for name in ("access_token", "refresh_token")}
        client.tokens = {}  # or the session would end here
    (data / "kitsu_publish.json").write_text(json.dumps({"host": gate.host, "tokens": tokens}))
    noise = os.urandom(SIZE[0] * SIZE[1] * 3).translate(bytes(240 + one % 16 for one in range(256)))
    Image.frombytes("RGB", SIZE, noise).save(tmp_path / "SH010.png")
    return tmp_path


@pytest.fixture
def krita(screen: Any, home: Path) -> Iterator[Callable[..., Any]]:
    """Start Krita with the picture."""
    started: List[Any] = []

    def krita(**more: str) -> Any:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "XDG_RUNTIME_DIR": str(home), "LC_ALL": "C.UTF-8"}
        with open(home / "krita.log", "w") as log:
            process = subprocess.Popen(
                ["krita", "--nosplash", str(home / "SH010.png")], env={**environment, **screen.environment, **more},
                stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        started.append(process)
        screen.window("SH010", 120)
        screen.wait_for("Background", 60)  # the layer: the picture is loaded
        return SimpleNamespace(process=process, log=home / "krita.log")

    yield krita
    for process in started:
        process.kill()
        process.wait()


def choose(screen: Any, comment: str) -> None:
    """Press the shortcut, and publish on the only task."""
    screen.xdotool("key", SHORTCUT)
    box = screen.window(TITLE)
    screen.wait_for("Lighting", box=box)
    screen.xdotool("key", "Tab", "type", comment)
    screen.keep("krita-choice", box)
    screen.click_on("Publish", box)


def wait_until_published(screen: Any) -> None:
    """Wait for what the plug-in says, and close it."""
    until(lambda: "Published as revision 1" in screen.text(screen.window(TITLE)), 60)
    screen.xdotool("key", "Return")
    screen.wait_until_closed(TITLE)


def test_log_in_and_publish(krita: Any, screen: Any, artist: Any, gate: Any, home: Path) -> None:
    session = home / ".local" / "share" / "krita" / "kitsu_publish.json"
    session.unlink()
    krita()
    screen.xdotool("key", SHORTCUT)
    box = screen.window("Log in to Kitsu")
    for text in (gate.host, artist.email, "a wrong one"):
        screen.xdotool("type", text)
        screen.xdotool("key", "Tab")
    screen.keep("krita-log-in", box)
    screen.xdotool("key", "Return")
    refused = screen.window("Logging in")
    screen.wait_for("or password.", box=refused)  # to its last words
    refused = screen.window("Logging in")  # which grew around them
    assert screen.shows(f"log-in of {artist.email}: Wrong email or password.", refused)
    screen.keep("krita-error", refused)
    screen.click_last_button(refused)
    screen.wait_until_closed("Logging in")
    screen.xdotool("key", "shift+Tab")
    screen.xdotool("type", artist.password)
    screen.click_on("Log in", box)
    gate.bytes_per_second = 3e6
    choose(screen, "first")
    gate.wait_for(4_000_000)
    gate.bytes_per_second = 0  # while somebody looks
    box = screen.window(TITLE)
    line = (*box[:3], box[1] + 30)  # what stands over the bar
    screen.wait_for("of", box=line)
    assert re.search(r"\d of \d\d ?MB", screen.text(line))
    screen.keep("krita-publish", box)
    gate.bytes_per_second = None
    wait_until_published(screen)
    preview = published(artist, "first")
    assert [preview["status"], preview["extension"], preview["width"], preview["height"]] == ["ready", "png", *SIZE]
    assert session.stat().st_mode & 0o777 == 0o600


def test_log_in_with_the_browser(krita: Any, screen: Any, artist: Any, gate: Any, home: Path) -> None:
    """Another user is logged in there than the one who was in Krita before."""
    (home / ".local" / "share" / "krita" / "kitsu_publish.json").unlink()
    browser = home / "browser.py"
    facts = (sys.executable, artist.host, artist.client.access_token)
    browser.write_text(BROWSER.format(*facts))
    browser.chmod(0o755)
    krita(BROWSER=f"{browser} %s")
    screen.xdotool("key", SHORTCUT)
    box = screen.window("Log in to Kitsu")
    screen.xdotool("type", gate.host)
    screen.click_on("Use the browser", box)
    box = screen.window(TITLE)
    screen.wait_for("Log out", box=box)
    saved = json.loads((home / ".local" / "share" / "krita" / "kitsu_publish.json").read_text())
    with gazu.KitsuClient(artist.host, access_token=saved["tokens"]["access_token"]) as client:
        found = gazu.client.get_current_user(client=client)
    assert found["id"] == gazu.client.get_current_user(client=artist.client)["id"]


#: What a browser does when its user says yes on Kitsu's page.
BROWSER = """#!{0}
import json, sys
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import Request, urlopen

query = dict(parse_qsl(urlsplit(sys.argv[1]).query))
body = json.dumps({{"code_challenge": query["code_challenge"]}}).encode()
head = {{"Authorization": "Bearer {2}", "Content-Type": "application/json"}}
code = json.load(urlopen(Request("{1}/auth/app-login/code", body, head)))["code"]
urlopen("http://127.0.0.1:" + query["port"] + "/?" + urlencode({{"code": code, "state": query["state"]}}))
"""


def test_cancel(krita: Any, screen: Any, artist: Any, gate: Any) -> None:
    krita()
    gate.bytes_per_second = 3e6
    choose(screen, "cancelled")
    gate.wait_for(4_000_000)
    gate.bytes_per_second = 0
    box = screen.window(TITLE)
    screen.click_last_button(box)
    screen.wait_for("Cancelling.", box=box)
    gate.bytes_per_second = None
    screen.wait_until_closed(TITLE)
    assert comments(artist) == []
    choose(screen, "a second thought")  # nothing is asked about the first
    wait_until_published(screen)
    assert [one["text"] for one in comments(artist)] == ["a second thought"]


def test_second_try_goes_on_with_what_exists(krita: Any, screen: Any, artist: Any, gate: Any) -> None:
    krita()
    gate.bytes_per_second = 3e6
    choose(screen, "twice tried")
    gate.wait_for(4_000_000)
    gate.close()
    box = screen.window(TITLE)
    screen.wait_for("try again.", 90, box=box)
    box = screen.window(TITLE)  # which grew around these words
    said = screen.text(box)
    assert "The server did not respond" in said and "comment and revision 1 exist" in said
    screen.keep("krita-lost", box)
    screen.click_last_button(box)
    screen.wait_until_closed(TITLE)
    gate.open()
    gate.bytes_per_second = None
    screen.xdotool("key", SHORTCUT)
    box = screen.window(TITLE)
    screen.wait_for("was not published. Try again?", box=box)
    screen.keep("krita-again", box)
    screen.click_on("Retry", box)
    wait_until_published(screen)
    assert published(artist, "twice tried")["status"] == "ready" and len(comments(artist)) == 1


def test_quit_during_an_upload(krita: Any, screen: Any, artist: Any, gate: Any) -> None:
    """Krita runs no `atexit`: the plug-in cancels the upload, and removes its comment."""
    program = krita()
    gate.bytes_per_second = 3e6
    choose(screen, "quit")
    gate.wait_for(4_000_000)
    gate.bytes_per_second = 1e6
    assert len(comments(artist)) == 1
    left, top, _, _ = screen.window("SH010")
    screen.click(left + 100, top - 10)  # the title bar: this window has the keys again
    screen.xdotool("key", "ctrl+q")
    assert program.process.wait(30) == 0
    assert comments(artist) == [] and "cancelled as the program ended" in program.log.read_text()
