"""Blender of Debian 13 with its window, used by its own simulation of events."""

import subprocess
import time
from contextlib import suppress
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any, Dict, List, Optional

from ..waiting import until
from . import debian
from .screen import SIZE, Box, Screen, middle

HERE = Path(__file__).parent
#: As Blender sees them.
HOME, TESTS, SOCKET = "/home/ann", "/home/tests", "test.socket"
#: What a user sets once: the extension, and what Blender asks at its first start.
INSTALL = """
import bpy, sys
preferences = bpy.context.preferences
preferences.system.use_online_access = True
preferences.view.show_splash = False
preferences.view.ui_scale = 1.2
bpy.ops.extensions.package_install_files(filepath=sys.argv[-1], repo="user_default", enable_on_install=True)
bpy.ops.wm.save_userpref()
scene = bpy.context.scene
scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 1, False
scene.render.image_settings.compression = 0  # 8 MB
scene.frame_end = 3
for screen in bpy.data.screens:
    for area in screen.areas:
        if area.type == "VIEW_3D":
            space = area.spaces.active
            space.show_region_ui, space.show_gizmo, space.overlay.show_overlays = True, False, False
            space.shading.type = "WIREFRAME"  # quick to draw without a graphics card
bpy.ops.wm.save_homefile()
"""
PREFERENCES = "bpy.context.preferences.addons['bl_ext.user_default.kitsu_publish'].preferences"
#: The region with the panel, as an expression within Blender.
SIDEBAR = (
    "next(region for area in bpy.context.window_manager.windows[0].screen.areas if area.type == 'VIEW_3D'"
    " for region in area.regions if region.type == 'UI')"
)


class Blender:
    """One user with a Blender, which can be started again and again."""

    def __init__(self, screen: Screen, home: Path) -> None:
        self.screen, self.home = screen, home
        self.mouse = (0, 0)
        self.root = debian.folder()
        self.process: Optional[subprocess.Popen[bytes]] = None
        self.connection: Optional[Connection] = None

    def command(self, *arguments: str) -> List[str]:
        folders = {HOME: self.home, "/tmp": self.home / "tmp", TESTS: HERE}
        return debian.command(self.root, folders, ["blender", *arguments], {**self.screen.environment, "HOME": HOME})

    def install(self, extension: Path) -> None:
        """Have Blender install the extension, a file in the home folder, and a scene that is quick to render."""
        (self.home / "tmp").mkdir()
        command = self.command("-b", "--online-mode", "--python-expr", INSTALL, "--", f"{HOME}/{extension.name}")
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        assert done.returncode == 0 and "Startup file saved" in done.stdout, done.stdout

    def start(self) -> None:
        """Start Blender, and wait until its window is there."""
        address = self.home / SOCKET
        address.unlink(missing_ok=True)
        place = ["--window-geometry", "0", "0", *(str(size) for size in SIZE), "--window-fullscreen"]
        script = ["--enable-event-simulate", "--python", f"{TESTS}/in_blender.py", "--", f"{HOME}/{SOCKET}"]
        with open(self.home / "log", "ab") as log:
            self.process = subprocess.Popen(self.command(*place, *script), stdout=log, stderr=log)
        self.connection = None
        while self.connection is None:
            assert self.process.poll() is None, self.log()
            time.sleep(0.1)
            with suppress(FileNotFoundError, ConnectionRefusedError):
                self.connection = Client(str(address))
        self.show_panel()

    def show_panel(self) -> None:
        """Choose the tab of the extension, once the window is drawn, which it is after the first event."""
        for tries in range(100):
            self.move(600 + tries, 400)
            if self.look(f"{SIDEBAR}.active_panel_category") not in ("", "UNSUPPORTED"):
                break
            time.sleep(0.1)
        self.look(f"setattr({SIDEBAR}, 'active_panel_category', 'Kitsu')")
        self.look(f"{SIDEBAR}.tag_redraw()")

    def panel(self, height: int = 2000) -> Box:
        """Return where the panel is on the screen: all, or so many pixels from its top."""
        left, bottom, width, all_of_it = self.look(f"[(r.x, r.y, r.width, r.height) for r in [{SIDEBAR}]][0]")
        top = SIZE[1] - bottom - all_of_it
        return left, top, left + width, top + min(height, all_of_it)

    def look(self, expression: str) -> Any:
        """Return the value of an expression within Blender: a number, text, a list or None."""
        self.connection.send(expression)
        return self.answer()

    def wait_until(self, expression: str, seconds: float = 60) -> None:
        """Wait until an expression within Blender is true."""
        until(lambda: self.look(expression), seconds, lambda: f"never true in Blender: {expression}")

    def answer(self) -> Any:
        assert self.connection.poll(300), "Blender does not turn its loop"
        well, value = self.connection.recv()
        assert well, value
        return value

    # -- a hand ------------------------------------------------------------------------
    def do(self, *events: Dict[str, Any], window: int = 0) -> None:
        """Have Blender make these events where the mouse is, one after another."""
        x, y = self.mouse
        self.connection.send([(window, {"value": "NOTHING", "x": x, "y": y, **event}) for event in events])
        self.answer()

    def move(self, x: int, y: int, window: int = 0) -> None:
        """Move the mouse; Blender wants to see it twice."""
        self.mouse = (x, SIZE[1] - 1 - y)
        for _ in range(2):
            self.do({"type": "MOUSEMOVE"}, window=window)

    def press(self, kind: str, window: int = 0, **more: Any) -> None:
        """Press a key or a button."""
        self.do(*({"type": kind, "value": value, **more} for value in ("PRESS", "RELEASE")), window=window)

    def click_on(self, phrase: str, box: Optional[Box] = None) -> None:
        """Click where the user reads *phrase*: in the panel, or in *box*."""
        self.move(*middle(self.screen.wait_for(phrase, box=box or self.panel())))
        self.press("LEFTMOUSE")

    def type(self, text: str) -> None:
        """Type letters and spaces."""
        for letter in text:
            kind = "SPACE" if letter == " " else letter.upper()
            self.do({"type": kind, "value": "PRESS", "unicode": letter}, {"type": kind, "value": "RELEASE"})

    # -- the end -----------------------------------------------------------------------
    def quit(self) -> None:
        """Quit with the keys, and wait until Blender has ended well."""
        self.press("Q", ctrl=True)
        assert self.process.wait(60) == 0
        self.connection.close()

    def log(self) -> str:
        """Return what Blender wrote to its terminal."""
        return (self.home / "log").read_text()

    def stop(self) -> None:
        """End Blender at once, as a crash does."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.connection is not None:
            self.connection.close()
