"""A program with a Qt window: `python in_qt.py BINDING '{...}'`, as test_qt.py calls it.

It logs in and publishes a file with the example dialog: again after a failure, until that succeeds or is cancelled.
What there was to see it prints as JSON, for each dialog.
"""

import importlib
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
sys.path += [str(EXAMPLES.parents[1]), str(EXAMPLES / "qt"), str(EXAMPLES / "blender" / "kitsu_publish")]
QtCore, QtWidgets = (importlib.import_module(f"{sys.argv[1]}.{name}") for name in ("QtCore", "QtWidgets"))

import kitsu  # noqa: E402
import publish_dialog  # noqa: E402

import gazu  # noqa: E402


def seen(dialog, accepted):
    """Return how a dialog was when it was closed."""
    return {"accepted": bool(accepted), "ended": dialog.job.done(), "binding": publish_dialog.binding}


def publish(window):
    """Publish in a window over the main one, which stays usable."""
    publication = kitsu.Publication(facts.task, facts.comment, facts.file)
    while True:
        dialog = publish_dialog.CallDialog("Publish", publication.send, parent=window)
        accepted = dialog.exec() if facts.modal else wait_for(dialog)
        print(json.dumps(seen(dialog, accepted)), flush=True)
        if accepted or dialog.job.cancelled() or not dialog.job.done():
            return


def wait_for(dialog):
    """Show a dialog beside the main window, which can still be closed."""
    loop = QtCore.QEventLoop()
    dialog.finished.connect(loop.exit)
    dialog.show()
    return run(loop)


def run(loop):
    return loop.exec_() if sys.argv[1] == "PySide2" else loop.exec()


def work():
    log_in = publish_dialog.CallDialog(
        "Log in", kitsu.log_in, facts.host, Path(os.environ["HOME"], "session.json"), facts.email, facts.password,
        parent=window,
    )  # fmt: skip
    accepted = log_in.exec()
    print(json.dumps(seen(log_in, accepted)), flush=True)
    if accepted:
        publish(window)
    application.quit()


facts = SimpleNamespace(**json.loads(sys.argv[2]))
application = QtWidgets.QApplication([])
application.aboutToQuit.connect(lambda: gazu.background.stop())
window = QtWidgets.QMainWindow()
window.setWindowTitle("Program")
window.resize(600, 300)
window.show()
QtCore.QTimer.singleShot(0, work)
run(application)
