"""What happens within Blender: `python -I -S in_blender.py '{...}'`, as test_blender.py calls it.

This Python sees the standard library, bpy, and what Blender itself installs from the add-on: nothing else.
It does one of the scenarios below, and prints what there was to see as JSON.
"""

import json
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

facts = SimpleNamespace(**json.loads(sys.argv[1]))
sys.path.append(facts.packages)

import bpy  # noqa: E402

MAIN = threading.current_thread()


def install():
    """Install the add-on as a user does, and return its module."""
    bpy.context.preferences.system.use_online_access = True
    bpy.ops.extensions.package_install_files(filepath=facts.extension, repo="user_default", enable_on_install=True)
    preferences = bpy.context.preferences.addons["bl_ext.user_default.kitsu_publish"].preferences
    preferences.host, preferences.email = facts.host[: -len("/api")], facts.email
    return sys.modules["bl_ext.user_default.kitsu_publish"]


def small_scene(width=64, height=36):
    """Have three frames that are quick to render without a graphics card."""
    import addon_utils

    addon_utils.enable("cycles")
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.samples, scene.cycles.device = "CYCLES", 1, "CPU"
    scene.cycles.use_denoising = False
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = width, height, 100
    scene.render.image_settings.compression = 0
    scene.frame_start, scene.frame_end = 1, 3
    return scene


def settings(scene):
    render = scene.render
    return [render.filepath, render.image_settings.file_format, render.ffmpeg.format, render.ffmpeg.codec]


def refused(operator, **options):
    """Return what Blender tells a script, or shows to a user, of an operator that failed."""
    try:
        return str(operator(**options))
    except RuntimeError as error:
        return str(error)


class Recorder:
    """A window manager, or a layout, that notes what it is asked for."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        def call(*args, **options):
            self.calls.append((name, args, options))
            return SimpleNamespace()

        return call

    def names(self):
        return [(name, args[-1] if args else None) for name, args, _ in self.calls]


def by_hand(addon, **options):
    """Return a publication whose timer is ours: without a window, Blender has none."""

    class ByHand(addon.Working):
        bl_label = "Publish to Kitsu"
        steps = addon.KITSU_OT_publish.steps

        def report(self, kind, words):
            self.reports.append([*kind, words])

    operator = ByHand()
    operator.__dict__.update(options, reports=[])
    context = SimpleNamespace(
        scene=bpy.context.scene, window=None, screen=SimpleNamespace(areas=[]), window_manager=Recorder()
    )
    return operator, context


def turn_the_loop(addon, operator, context, on_turn=lambda: None):
    """Do what Blender's main loop does with a modal operator; return the times of its turns during the upload."""
    event, turns = SimpleNamespace(type="TIMER"), []
    assert operator.invoke(context, None) == {"RUNNING_MODAL"}
    while True:
        state = operator.modal(context, event)
        if state != {"RUNNING_MODAL"}:
            return list(state), turns
        if operator.job is not None:
            turns.append(time.perf_counter())
        on_turn()
        time.sleep(0.002)


# -- the scenarios -------------------------------------------------------------------
def publish(addon):
    """A still and a movie, with operators that wait."""
    scene = small_scene()
    before = settings(scene)
    said = [bpy.ops.kitsu.log_in(password=facts.password), bpy.ops.kitsu.refresh()]
    said.append(bpy.ops.kitsu.publish(task=facts.task, comment="a still", still=True))
    said.append(bpy.ops.kitsu.publish(task=facts.task, comment="a movie"))
    session = addon.session_file()
    import requests

    import gazu

    kept = json.loads(session.read_text())
    mode = oct(session.stat().st_mode & 0o777)
    addon.kitsu.client.tokens = {}
    restored = addon.kitsu.restore(session) and bool(addon.kitsu.client.access_token)
    tasks = [list(one) for one in addon.shown.tasks]
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(facts.folder, "scene.blend")), compress=False)
    said.append(bpy.ops.kitsu.log_out())
    return {
        "said": [list(one) for one in said],
        "tasks": tasks,
        "settings_are_back": settings(scene) == before,
        "from": [gazu.__file__, requests.__file__],
        "session": [mode, sorted(kept["tokens"]), session.exists(), restored],
        "token_in_blend": kept["tokens"]["refresh_token"].encode() in Path(facts.folder, "scene.blend").read_bytes(),
    }


def responsive(addon):
    """A picture of some MB, with the timer."""
    small_scene(1920, 1080)
    bpy.ops.kitsu.log_in(password=facts.password)
    threads, show = [], addon.show
    addon.show = lambda done, total: (threads.append(threading.current_thread()), show(done, total))
    operator, context = by_hand(addon, task=facts.task, comment="by hand", still=True)
    state, turns = turn_the_loop(addon, operator, context)
    return {
        "state": state,
        "turns": len(turns),
        "longest_ms": round(1000 * max(after - before for before, after in zip(turns, turns[1:])), 1),
        "progress_calls": len(threads),
        "all_in_main_thread": {*threads} == {MAIN},
        "progress": addon.shown.progress,
        "working": addon.shown.working,
        "reports": operator.reports,
        "window_manager": [name for name, _ in context.window_manager.names()],
    }


def cancel(addon):
    """Esc during the upload of a large file."""
    bpy.ops.kitsu.log_in(password=facts.password)

    def large(scene, folder, still, waits):
        with open(f"{folder}/render.mov", "wb") as file:
            file.truncate(300 * 1024 * 1024)
        yield

    addon.rendering = large
    operator, context = by_hand(addon, task=facts.task, comment="cancelled", still=True)

    def press_escape():
        if operator.job is not None and operator.job.progress[0]:
            assert operator.modal(context, SimpleNamespace(type="ESC")) == {"RUNNING_MODAL"}

    state, _ = turn_the_loop(addon, operator, context, press_escape)
    return {"state": state, "reports": operator.reports, "sent": operator.job.progress}


def errors(addon):
    """What goes wrong is shown, each time."""
    small_scene()
    none = "00000000-0000-4000-8000-000000000000"
    wrong = refused(bpy.ops.kitsu.log_in, password="a wrong one")
    bpy.ops.kitsu.log_in(password=facts.password)
    said = [refused(bpy.ops.kitsu.publish, task=none, still=True), refused(bpy.ops.kitsu.publish)]
    bpy.context.preferences.system.use_online_access = False
    said.append(refused(bpy.ops.kitsu.refresh))
    return {"wrong": wrong, "said": said, "working": addon.shown.working}


def panel(addon):
    """What the panel draws, before and after the log-in, and the preferences."""
    drawn = []
    for _ in range(2):
        pane = SimpleNamespace(layout=Recorder())
        addon.KITSU_PT_publish.draw(pane, bpy.context)
        drawn.append(pane.layout.names())
        bpy.ops.kitsu.log_in(password=facts.password)
    pane = SimpleNamespace(layout=Recorder())
    addon.Preferences.draw(pane, bpy.context)
    items = [list(one) for one in addon.enum_items()]
    choice = bpy.context.window_manager.kitsu_publish
    choice.task = facts.task
    bpy.ops.preferences.addon_disable(module="bl_ext.user_default.kitsu_publish")
    return {
        "drawn": [*drawn, pane.layout.names()],
        "items": items,
        "still_there": hasattr(bpy.types.WindowManager, "kitsu_publish"),
    }


seen = globals()[facts.scenario](install())
print("\nSEEN " + json.dumps(seen))
