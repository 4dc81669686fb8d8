"""Publish to Kitsu: log in, choose a task, render and upload, while Blender stays responsive.

Calls to the server run in a thread (`gazu.background`) and are polled by a timer, so that all functions here run in
Blender's main thread. As with Blender's own operators, a call with 'INVOKE_DEFAULT' returns at once; a plain one waits:

    bpy.ops.kitsu.publish(task="<id of the task>", comment="v3")    # in a script, or on a farm
"""

import contextlib
import logging
import shutil
import tempfile
import textwrap
import time
from pathlib import Path
from types import SimpleNamespace

import bpy

import gazu

from . import kitsu

#: The state shown in the panel. It is not saved in Blender files.
shown = SimpleNamespace(tasks=[], work=None, progress=0.0, message="", unpublished=None)

logger = logging.getLogger(__name__)


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
class Work:
    """What an operator does in steps. It goes on when Blender ends the operator to open another file."""

    def __init__(self, label, steps):
        self.label, self.job, self.outcome, self.kind, self.words = label, None, "FINISHED", "INFO", ""
        self.cancelling = False
        self.todo = steps(self)
        shown.work, shown.progress, shown.message = self, 0.0, ""

    def wait_for(self, call, *args, **more):
        """Run a function of `kitsu` in a thread, and yield until it ends; return its result."""
        self.job = gazu.background.start(call, *args, **more)
        while not self.job.poll():
            yield
        return self.job.result()

    def advance(self):
        """Continue until the next wait. Return whether all is done, well or not."""
        try:
            next(self.todo)
            return False
        except StopIteration:
            pass
        except gazu.exception.CancelledException:
            self.end("CANCELLED", "INFO", "Cancelled: nothing was published")
        except Exception as error:
            logger.error("%s failed", self.label, exc_info=error)  # in full; a window has room for a sentence
            kept = f" The render is kept: {shown.unpublished.file}" if shown.unpublished is not None else ""
            self.end("CANCELLED", "ERROR", f"{self.label}: {gazu.exception.short_text(error)}{kept}")
        shown.work, shown.message = None, self.words
        return True

    def end(self, outcome, kind, words):
        self.outcome, self.kind, self.words = outcome, kind, words

    def go_on(self):
        """Called by a timer that another file leaves alone."""
        ended = self.advance()
        redraw()
        return None if ended else 0.1

    def cancel(self):
        self.cancelling = True
        if self.job is not None:
            self.job.cancel()


def redraw():
    """Have Blender draw the panel again, in whichever windows there are."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            area.tag_redraw()


class Working:
    """An operator that starts a `Work`, made by its `begin`."""

    work = None

    @classmethod
    def poll(cls, context):
        cls.poll_message_set("Another operation is running, or online access is disabled in the preferences")
        return bpy.app.online_access and shown.work is None

    def execute(self, context):
        """Run to the end, for scripts."""
        self.work = self.begin(context, waits=True)
        while not self.work.advance():
            time.sleep(0.02)
        return self.finish(self.work.words)

    def invoke(self, context, event):
        self.work = self.begin(context, waits=False)
        self.timer = context.window_manager.event_timer_add(0.1, window=context.window)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context, event):
        if event.type == "ESC":
            self.work.cancel()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        ended = self.work.advance()
        redraw()
        if not ended:
            return {"RUNNING_MODAL"}
        context.window_manager.event_timer_remove(self.timer)
        return self.finish(textwrap.fill(self.work.words, 90))  # Blender cuts what is wider than its window

    def finish(self, words):
        if words:
            self.report({self.work.kind}, words)
        return {self.work.outcome}

    def cancel(self, context):
        """Called by Blender when it opens another file or exits: an upload goes on, a render ends."""
        if self.work.job is not None:
            bpy.app.timers.register(self.work.go_on, persistent=True)
        else:
            self.work.todo.close()
            shown.work = None


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

    def begin(self, context, waits):
        preferences = context.preferences.addons[__package__].preferences
        password, self.password = self.password, ""
        return Work(self.bl_label, lambda work: logging_in(work, preferences.host, preferences.email, password))


def logging_in(work, host, email, password):
    yield from work.wait_for(kitsu.log_in, host, session_file(), email, password)
    shown.tasks = yield from work.wait_for(kitsu.tasks)


class KITSU_OT_log_out(Working, bpy.types.Operator):
    """End the session"""

    bl_idname = "kitsu.log_out"
    bl_label = "Log out of Kitsu"

    def begin(self, context, waits):
        shown.tasks = []
        return Work(self.bl_label, lambda work: work.wait_for(kitsu.log_out, session_file()))


class KITSU_OT_refresh(Working, bpy.types.Operator):
    """Fetch the tasks to do"""

    bl_idname = "kitsu.refresh"
    bl_label = "Refresh the tasks"

    def begin(self, context, waits):
        return Work(self.bl_label, refreshing)


def refreshing(work):
    shown.tasks = yield from work.wait_for(kitsu.tasks)


class KITSU_OT_publish(Working, bpy.types.Operator):
    """Render, and publish for review; Esc cancels"""

    bl_idname = "kitsu.publish"
    bl_label = "Publish to Kitsu"
    task: bpy.props.StringProperty(name="Task", description="Its id")
    comment: bpy.props.StringProperty(name="Comment")
    still: bpy.props.BoolProperty(name="Still", description="The current frame only, as a picture")

    def begin(self, context, waits):
        scene, task, comment, still = context.scene, self.task, self.comment, self.still
        return Work(self.bl_label, lambda work: publishing(work, scene, task, comment, still, waits))


def publishing(work, scene, task, comment, still, waits):
    if task in ("", "NONE"):
        raise ValueError("choose a task first")
    yield from work.wait_for(kitsu.check_task, task)  # what would fail after the render fails before it
    work.job = None
    yield from discarding(work)
    folder = tempfile.mkdtemp(prefix="kitsu_publish_")
    try:
        yield from rendering(scene, folder, still, waits)
        if work.cancelling:
            raise gazu.exception.CancelledException("cancelled during the render")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shown.unpublished = kitsu.Publication(task, comment, next(Path(folder).iterdir()))
    yield from sending(work)


def sending(work):
    """Upload what is rendered; it is kept until that has succeeded."""
    if shown.unpublished is None:
        raise ValueError("there is nothing that was not published")
    revision = yield from work.wait_for(shown.unpublished.send, progress_callback=show)
    work.words = f"Published as revision {revision}"
    remove_render()
    bpy.context.window_manager.kitsu_publish.comment = ""


def discarding(work):
    """Remove what was rendered and not published."""
    if shown.unpublished is not None:
        yield from work.wait_for(shown.unpublished.discard)
        remove_render()
        work.job = None


def remove_render():
    shutil.rmtree(Path(shown.unpublished.file).parent, ignore_errors=True)
    shown.unpublished = None


class KITSU_OT_publish_again(Working, bpy.types.Operator):
    """Upload what was rendered before, without another render and without another revision"""

    bl_idname = "kitsu.publish_again"
    bl_label = "Try again"

    def begin(self, context, waits):
        return Work(self.bl_label, sending)


class KITSU_OT_discard(Working, bpy.types.Operator):
    """Remove what was rendered and not published, also from the server"""

    bl_idname = "kitsu.discard"
    bl_label = "Discard"

    def begin(self, context, waits):
        return Work(self.bl_label, discarding)


class KITSU_OT_cancel(bpy.types.Operator):
    """Cancel the upload"""

    bl_idname = "kitsu.cancel"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context):
        return shown.work is not None

    def execute(self, context):
        shown.work.cancel()
        return {"FINISHED"}


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


def write(layout, context, text):
    """Show a text in as many lines as it takes: Blender cuts a label that is too long."""
    region = context.region
    letters = int(region.width / (8 * context.preferences.system.ui_scale)) if region else 40
    for line in textwrap.wrap(text, max(letters, 20)):
        layout.label(text=line)


class KITSU_PT_publish(bpy.types.Panel):
    bl_label = "Kitsu"
    bl_category = "Kitsu"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"

    def draw(self, context):
        layout, choice = self.layout, context.window_manager.kitsu_publish
        if shown.work is not None:
            text = "Cancelling" if shown.work.cancelling else shown.work.label
            layout.progress(factor=shown.progress, text=text)
            layout.operator("kitsu.cancel")  # the window of a render takes the keys, Esc too
        if shown.message:
            write(layout, context, shown.message)
        if not kitsu.client.access_token:
            layout.operator("kitsu.log_in")
            return
        if shown.unpublished is not None and shown.work is None:
            write(layout, context, f"Not published: {shown.unpublished.file}")
            layout.operator("kitsu.publish_again")
            layout.operator("kitsu.discard")
        layout.operator("kitsu.refresh")
        layout.prop(choice, "task", text="")  # the name needs the room
        layout.prop(choice, "comment")
        for still, text in ((False, "Publish the range"), (True, "Publish this frame")):
            button = layout.operator("kitsu.publish", text=text)
            button.task, button.comment, button.still = choice.task, choice.comment, still
        layout.operator("kitsu.log_out")


CLASSES = (
    Preferences, Choice, KITSU_OT_log_in, KITSU_OT_log_out, KITSU_OT_refresh, KITSU_OT_publish, KITSU_OT_publish_again,
    KITSU_OT_discard, KITSU_OT_cancel, KITSU_PT_publish,
)  # fmt: skip


def register():
    for one in CLASSES:
        bpy.utils.register_class(one)
    bpy.types.WindowManager.kitsu_publish = bpy.props.PointerProperty(type=Choice)
    if kitsu.restore(session_file()) and bpy.app.online_access and not bpy.app.background:
        bpy.app.timers.register(Work("Refresh the tasks", refreshing).go_on, persistent=True)  # after a restart


def unregister():
    """Called by Blender at its end, too."""
    if shown.unpublished is not None:
        logger.warning("not published; the render is kept: %s", shown.unpublished.file)
    del bpy.types.WindowManager.kitsu_publish
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
