"""A Qt dialog that shows the progress of a gazu call and cancels it: `python publish_dialog.py TASK_ID FILE`.

It runs on PySide6, PySide2 and PyQt5, and so in Maya, Nuke, Houdini and Krita. A tool that knows its host imports that
one only.
"""

import importlib
import logging
import sys
from contextlib import suppress

import gazu

#: What the host has loaded comes first: two of them in one program crash it.
for binding in sorted(("PySide6", "PySide2", "PyQt5"), key=lambda name: name not in sys.modules):
    with suppress(ImportError):
        QtCore, QtWidgets = (importlib.import_module(f"{binding}.{name}") for name in ("QtCore", "QtWidgets"))
        break
else:
    raise ImportError("there is neither PySide6, PySide2 nor PyQt5")

POLL_INTERVAL_MS = 50
#: QProgressBar is limited to 2**31; files can be larger.
STEPS = 1000
WIDTH = 420

logger = logging.getLogger(__name__)


class CallDialog(QtWidgets.QDialog):
    """Runs a call in the background while it is open: `CallDialog("Publish", gazu.task.publish_preview, task, ...)`.

    It is accepted when the call succeeds; `job` has the result. An error is shown until the user closes the dialog, and
    logged in full. Calls that report no progress show a busy bar, and run to their end.
    """

    def __init__(self, title, call, *args, parent=None, **more):
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(WIDTH)
        self.words, self.bar = QtWidgets.QLabel("Starting"), QtWidgets.QProgressBar(maximum=0)  # a busy indicator
        self.words.setWordWrap(True)
        self.words.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        self.buttons = QtWidgets.QDialogButtonBox(QtWidgets.QDialogButtonBox.StandardButton.Cancel)
        self.buttons.rejected.connect(self.reject)
        layout = QtWidgets.QVBoxLayout(self)
        for widget in (self.words, self.bar, self.buttons):
            layout.addWidget(widget)
        self.cancelling = False
        self.job = gazu.background.start(call, *args, **more)
        self.timer = QtCore.QTimer(self, interval=POLL_INTERVAL_MS, timeout=self.check)
        self.timer.start()

    def exec(self):
        """Show the dialog until it is closed; PySide2 has a name of its own for that."""
        return super().exec_() if binding == "PySide2" else super().exec()

    def check(self):
        """Show the progress, or how the call ended."""
        ended = self.job.poll()
        done, total = self.job.progress
        if total:
            self.bar.setMaximum(STEPS)
            self.bar.setValue(done * STEPS // total)
        if done and not self.cancelling:
            self.words.setText(f"{done / 1e6:.0f} of {total / 1e6:.0f} MB")
        if not ended:
            return
        self.timer.stop()
        if self.job.error is None:
            self.accept()
        elif self.job.cancelled():
            super().reject()
        else:
            self.show_error(self.job.error)

    def show_error(self, error):
        """Show an error whole: the window grows with it."""
        logger.error("%s failed", self.windowTitle(), exc_info=error)
        self.bar.hide()
        self.words.setText(gazu.exception.short_text(error))
        self.words.setMinimumHeight(self.words.heightForWidth(self.words.width()))
        self.buttons.setStandardButtons(QtWidgets.QDialogButtonBox.StandardButton.Close)
        self.adjustSize()

    def reject(self):
        """Handle Esc, Cancel and the close button: cancel the call, and close when it has ended.

        A second press does not wait for that: a server that does not respond may keep the call for a minute.
        """
        if self.timer.isActive() and not self.cancelling:
            self.cancelling = True
            self.words.setText("Cancelling. Press again to close this window at once.")
            self.job.cancel()
        else:
            self.timer.stop()
            super().reject()


if __name__ == "__main__":
    import os
    import sys

    gazu.set_host(os.environ["KITSU_HOST"])
    gazu.set_token(os.environ["KITSU_BOT_TOKEN"])
    review = gazu.task.get_task_status_by_short_name("wfa")
    application = QtWidgets.QApplication(sys.argv)
    dialog = CallDialog("Publish", gazu.task.publish_preview, sys.argv[1], review, preview_file_path=sys.argv[2])
    sys.exit(0 if dialog.exec() else 1)
