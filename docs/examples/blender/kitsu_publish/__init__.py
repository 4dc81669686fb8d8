"""Publish to Kitsu: log in, choose a task, render and upload, while Blender stays responsive.

Calls to the server run in a thread (`gazu.background`) and are polled by a timer, so that all functions here run in
Blender's main thread. As with Blender's own operators, a call with 'INVOKE_DEFAULT' returns at once; a plain one waits:

    bpy.ops.kitsu.publish(task="<id of the task>", comment="v3")    # in a script, or on a farm
"""

import contextlib
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import bpy

import gazu

from . import kitsu

#: The state shown in the panel. It is not saved in Blender files.
shown = SimpleNamespace(tasks=[], working="", progress=0.0)


def session_file() -> Path:
    """Return the file of the session, in the folder that Blender provides for the add-on, not in a .blend."""
    return Path(bpy.utils.extension_path_user(__package__, create=True)) / "session.json"


class Preferences(bpy.types.AddonPreferences):
    bl_idname = __package__
    host: bpy.props.StringProperty(name="Server", description="https://kitsu.example.com")
    email: bpy.props.StringProperty(name="Email")

    def draw(self, context):
        self.layout.prop(self, "host")
        self.layout.prop(self, "email")
        self.layout.operator("kitsu.log_in")


# -- the pattern: start, poll, cancel ------------------------------------------------
class Working:
    """An operator that runs in steps: `steps` yields while it waits."""

    job = None

    @classmethod
    def poll(cls, context):
        cls.poll_message_set("Another operation is running, or online access is disabled in the preferences")
        return bpy.app.online_access and not shown.working

    def wait_for(self, call, *args, **more):
        """Run a function of `kitsu` in a thread, and yield until it ends; return its result."""
        self.job = gazu.background.start(call, *args, **more)
        while not self.job.poll():
            yield
        return self.job.result()

    def begin(self, context, waits):
        shown.working, shown.progress = self.bl_label, 0.0
        self.todo, self.outcome = self.steps(context, waits), "FINISHED"

    def advance(self):
        """Continue until the next wait; report errors. Return whether the operator has finished."""
        try:
            next(self.todo)
            return False
        except StopIteration:
            pass
        except gazu.exception.CancelledException:
            self.fail("INFO", "Cancelled: nothing was published")
        except Exception as error:
            self.fail("ERROR", f"{self.bl_label}: {error}")
        shown.working = ""
        return True

    def fail(self, kind, words):
        self.outcome = "CANCELLED"
        self.report({kind}, words)

    def execute(self, context):
        """Run to the end, for scripts."""
        self.begin(context, waits=True)
        while not self.advance():
            time.sleep(0.02)
        return {self.outcome}

    def invoke(self, context, event):
        self.begin(context, waits=False)
        self.timer = context.window_manager.event_timer_add(0.1, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context, event):
        if event.type == "ESC" and self.job is not None:
            self.job.cancel()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        ended = self.advance()
        for area in context.screen.areas:
            area.tag_redraw()
        if not ended:
            return {"RUNNING_MODAL"}
        context.window_manager.event_timer_remove(self.timer)
        return {self.outcome}

    def cancel(self, context):
        """Called by Blender when it opens another file or exits."""
        shown.working = ""
        if self.job is not None:
            self.job.cancel()


# -- the operators ---------------------------------------------------------------------
class KITSU_OT_log_in(Working, bpy.types.Operator):
    """Log in to the server set in the preferences"""

    bl_idname = "kitsu.log_in"
    bl_label = "Log in to Kitsu"
    bl_options = {"INTERNAL"}  # hides the password from Blender's logs
    password: bpy.props.StringProperty(subtype="PASSWORD", options={"SKIP_SAVE", "HIDDEN"})

    def invoke(self, context, event):
        return context.window_manager.invoke_props_dialog(self)

    def draw(self, context):
        self.layout.prop(self, "password", text="Password")

    def execute(self, context):
        """Called by Blender after the dialog; with a window, it must not wait."""
        return super().execute(context) if bpy.app.background else super().invoke(context, None)

    def steps(self, context, waits):
        preferences = context.preferences.addons[__package__].preferences
        password, self.password = self.password, ""
        yield from self.wait_for(kitsu.log_in, preferences.host, preferences.email, password, session_file())
        shown.tasks = yield from self.wait_for(kitsu.tasks)


class KITSU_OT_log_out(Working, bpy.types.Operator):
    """End the session"""

    bl_idname = "kitsu.log_out"
    bl_label = "Log out of Kitsu"

    def steps(self, context, waits):
        shown.tasks = []
        yield from self.wait_for(kitsu.log_out, session_file())


class KITSU_OT_refresh(Working, bpy.types.Operator):
    """Fetch the tasks to do"""

    bl_idname = "kitsu.refresh"
    bl_label = "Refresh the tasks"

    def steps(self, context, waits):
        shown.tasks = yield from self.wait_for(kitsu.tasks)


class KITSU_OT_publish(Working, bpy.types.Operator):
    """Render, and publish for review; Esc cancels"""

    bl_idname = "kitsu.publish"
    bl_label = "Publish to Kitsu"
    task: bpy.props.StringProperty(name="Task", description="Its id")
    comment: bpy.props.StringProperty(name="Comment")
    still: bpy.props.BoolProperty(name="Still", description="The current frame only, as a picture")

    def steps(self, context, waits):
        if self.task in ("", "NONE"):
            raise ValueError("choose a task first")
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            yield from rendering(context.scene, folder, self.still, waits)
            file = str(next(Path(folder).iterdir()))
            revision = yield from self.wait_for(kitsu.publish, self.task, self.comment, file, progress_callback=show)
        self.report({"INFO"}, f"Published as revision {revision}")


def show(done, total):
    """Store the progress of the upload for the panel."""
    shown.progress = done / total


def rendering(scene, folder, still, waits):
    """Render into *folder*, and yield while Blender renders."""
    ended = []
    handlers = bpy.app.handlers
    on_end = [
        (handlers.render_complete, lambda *_: ended.append(True)),
        (handlers.render_cancel, lambda *_: ended.append(False)),
    ]
    for handler, function in on_end:
        handler.append(function)
    try:
        with output(scene, f"{folder}/render", still):
            how = "EXEC_DEFAULT" if waits or bpy.app.background else "INVOKE_DEFAULT"
            bpy.ops.render.render(how, animation=not still, write_still=still)
            while not ended:
                yield
    finally:
        for handler, function in on_end:
            handler.remove(function)
    if not ended[0]:
        raise gazu.exception.CancelledException("the render was cancelled")


@contextlib.contextmanager
def output(scene, path, still):
    """Set the output of a render to a PNG, or a movie that browsers play; restore the settings afterwards."""
    images, movie = scene.render.image_settings, scene.render.ffmpeg
    wanted = [(scene.render, "filepath", path), (scene.render, "use_file_extension", True)]
    if hasattr(images, "media_type"):  # since Blender 5
        wanted.append((images, "media_type", "IMAGE" if still else "VIDEO"))
    wanted.append((images, "file_format", "PNG" if still else "FFMPEG"))
    if not still:
        wanted += [(movie, "format", "MPEG4"), (movie, "codec", "H264")]
    before = [(place, name, getattr(place, name)) for place, name, _ in wanted]
    try:
        put(wanted)
        yield
    finally:
        put(before)


def put(settings):
    """Set properties in this order: the media type determines the available formats."""
    for place, name, value in settings:
        setattr(place, name, value)


# -- the panel ---------------------------------------------------------------------------
class Choice(bpy.types.PropertyGroup):
    task: bpy.props.EnumProperty(name="Task", items=lambda self, context: enum_items(), options={"SKIP_SAVE"})
    comment: bpy.props.StringProperty(name="Comment", options={"SKIP_SAVE"})


def enum_items():
    """Return the tasks as items of an enum; Blender requires that the strings stay referenced."""
    shown.items = [(task, name, "") for task, name in shown.tasks] or [("NONE", "No task", "")]
    return shown.items


class KITSU_PT_publish(bpy.types.Panel):
    bl_label = "Kitsu"
    bl_category = "Kitsu"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"

    def draw(self, context):
        layout, choice = self.layout, context.window_manager.kitsu_publish
        if shown.working:
            layout.progress(factor=shown.progress, text=f"{shown.working} (Esc cancels)")
        if not kitsu.client.access_token:
            layout.operator("kitsu.log_in")
            return
        layout.operator("kitsu.refresh")
        layout.prop(choice, "task")
        layout.prop(choice, "comment")
        for still, text in ((False, "Publish the range"), (True, "Publish this frame")):
            button = layout.operator("kitsu.publish", text=text)
            button.task, button.comment, button.still = choice.task, choice.comment, still
        layout.operator("kitsu.log_out")


CLASSES = (
    Preferences, Choice, KITSU_OT_log_in, KITSU_OT_log_out, KITSU_OT_refresh, KITSU_OT_publish, KITSU_PT_publish,
)  # fmt: skip


def register():
    for one in CLASSES:
        bpy.utils.register_class(one)
    bpy.types.WindowManager.kitsu_publish = bpy.props.PointerProperty(type=Choice)
    kitsu.restore(session_file())


def unregister():
    del bpy.types.WindowManager.kitsu_publish
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
