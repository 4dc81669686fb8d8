"""Let a test look into Blender and use its window: `blender --enable-event-simulate --python in_blender.py -- SOCKET`.

Blender ignores the real mouse and keys then, and takes those that its own `Window.event_simulate` makes.
"""

import sys
from multiprocessing.connection import Listener

import bpy

connection = Listener(sys.argv[sys.argv.index("--") + 1]).accept()


def addon(name=""):
    """Return a module of the example."""
    return sys.modules["bl_ext.user_default.kitsu_publish" + name]


def plain(value):
    """Return a value that the test's Python can read: what is Blender's own becomes text."""
    return value if isinstance(value, (int, float, str, list, tuple, type(None))) else repr(value)


def turn():
    """Make the events that the test sends, or give it the value of an expression."""
    try:
        if connection.poll():
            asked = connection.recv()
            if isinstance(asked, list):
                for window, event in asked:
                    bpy.context.window_manager.windows[window].event_simulate(**event)
                connection.send((True, None))
            else:
                connection.send((True, plain(eval(asked))))
    except (EOFError, OSError):  # the test has ended
        return None
    except Exception as error:
        connection.send((False, repr(error)))
    return 0.02


bpy.app.timers.register(turn, persistent=True)
