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
        begin = addon.KITSU_OT_publish.begin

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
        if operator.work.job is not None and operator.work.job.name == "send":
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
        "working": addon.shown.work is not None,
        "reports": operator.reports,
        "window_manager": [name for name, _ in context.window_manager.names()],
    }


def cancel(addon):
    """Esc during the upload of a large file."""
    bpy.ops.kitsu.log_in(password=facts.password)
    big_render(addon)
    operator, context = by_hand(addon, task=facts.task, comment="cancelled", still=True)

    def press_escape():
        if operator.work.job is not None and operator.work.job.progress[0]:
            assert operator.modal(context, SimpleNamespace(type="ESC")) == {"RUNNING_MODAL"}

    state, _ = turn_the_loop(addon, operator, context, press_escape)
    return {
        "state": state,
        "reports": operator.reports,
        "sent": operator.work.job.progress,
        "kept": Path(addon.shown.unpublished.file).exists(),
    }


def big_render(addon, megabytes=300):
    """Have a large file instead of a render."""

    def large(scene, folder, still, waits):
        with open(f"{folder}/render.mov", "wb") as file:
            file.truncate(megabytes * 1024 * 1024)
        yield

    addon.rendering = large


def button(addon):
    """The button that cancels, while another window has the keys; and then a second thought."""
    bpy.ops.kitsu.log_in(password=facts.password)
    big_render(addon)
    operator, context = by_hand(addon, task=facts.task, comment="by the button", still=True)
    drawn = []

    def press():
        if operator.work.job is not None and operator.work.job.progress[0] and not drawn:
            bpy.ops.kitsu.cancel()
            pane = SimpleNamespace(layout=Recorder())
            addon.KITSU_PT_publish.draw(pane, bpy.context)
            drawn.append([options.get("text") or args[-1] for _, args, options in pane.layout.calls][:2])

    state, _ = turn_the_loop(addon, operator, context, press)
    kept = Path(addon.shown.unpublished.file)
    was_kept = kept.exists()
    said = bpy.ops.kitsu.discard()
    return {
        "state": state, "drawn": drawn, "kept": was_kept, "said": list(said), "gone": not kept.parent.exists(),
        "nothing_to_cancel": refused(bpy.ops.kitsu.cancel), "nothing_again": refused(bpy.ops.kitsu.publish_again),
    }  # fmt: skip


def again(addon):
    """The server goes away during the upload, and the second try adds no second revision."""
    small_scene()
    renders = []
    rendering = addon.rendering
    addon.rendering = lambda *args: (renders.append(1), rendering(*args))[1]
    bpy.ops.kitsu.log_in(password=facts.password)
    addon.kitsu.client.host = facts.proxy
    said = [refused(bpy.ops.kitsu.publish, task=facts.task, comment="twice tried", still=True)]
    addon.kitsu.client.host = facts.host
    file = Path(addon.shown.unpublished.file)
    pane = SimpleNamespace(layout=Recorder())
    addon.KITSU_PT_publish.draw(pane, bpy.context)
    labels = [options["text"] for name, _, options in pane.layout.calls if name == "label"]
    failed, kept = addon.shown.message, file.exists()
    said.append(list(bpy.ops.kitsu.publish_again()))
    return {
        "said": said, "kept": kept, "gone": not file.parent.exists(), "renders": len(renders), "file": str(file),
        "drawn": pane.layout.names(), "labels": labels, "failed": failed, "message": addon.shown.message,
    }  # fmt: skip


def unreachable(addon):
    """No time is spent on a render for a server that is away."""
    small_scene()
    bpy.ops.kitsu.log_in(password=facts.password)
    addon.rendering = None  # it would fail if it were called
    addon.kitsu.client.host, addon.kitsu.client.retries = "http://127.0.0.1:9/api", 0
    said = refused(bpy.ops.kitsu.publish, task=facts.task, still=True)
    operator, context = by_hand(addon, task=facts.task, comment="", still=True)
    turn_the_loop(addon, operator, context)
    return {"said": said, "words": operator.work.words, "reports": operator.reports}


def other_file(addon):
    """Another file is opened during the upload, which goes on."""
    bpy.ops.kitsu.log_in(password=facts.password)
    big_render(addon, 20)
    operator, context = by_hand(addon, task=facts.task, comment="goes on", still=True)
    assert operator.invoke(context, None) == {"RUNNING_MODAL"}
    while operator.work.job is None or operator.work.job.name != "send":
        operator.modal(context, SimpleNamespace(type="TIMER"))
        time.sleep(0.002)
    timers = []
    addon.bpy = SimpleNamespace(
        app=SimpleNamespace(timers=SimpleNamespace(register=lambda *a, **o: timers.append((a, o))))
    )
    operator.cancel(context)  # as Blender does before it opens a file
    addon.bpy = bpy
    bpy.ops.wm.read_homefile()
    (((go_on,), options),) = timers
    turns, drawn = 1, []
    addon.redraw = lambda: drawn.append(addon.shown.message)
    while go_on() is not None:  # what Blender's timer does
        turns += 1
        time.sleep(0.01)
    return {
        "registered": options, "message": drawn[-1], "working": addon.shown.work is not None,
        "always_drawn": len(drawn) == turns,
    }  # fmt: skip


def errors(addon):
    """What goes wrong is shown, each time."""
    small_scene()
    none = "00000000-0000-4000-8000-000000000000"
    wrong = refused(bpy.ops.kitsu.log_in, password="a wrong one")
    bpy.ops.kitsu.log_in(password=facts.password)
    said = [refused(bpy.ops.kitsu.publish, task=none, still=True), refused(bpy.ops.kitsu.publish)]
    bpy.context.preferences.system.use_online_access = False
    said.append(refused(bpy.ops.kitsu.refresh))
    return {"wrong": wrong, "said": said, "working": addon.shown.work is not None}


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
