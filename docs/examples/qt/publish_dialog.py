"""A Qt dialog that shows the progress of a gazu call and cancels it: `python publish_dialog.py TASK_ID FILE`.

Works the same with PyQt6, and in Maya, Nuke and Houdini: change the import, and for PySide2 or PyQt5 `exec` to `exec_`.
"""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QLabel, QProgressBar, QVBoxLayout

import gazu

POLL_INTERVAL_MS = 50
#: QProgressBar is limited to 2**31; files can be larger.
STEPS = 1000


class CallDialog(QDialog):
    """Runs a call in the background while it is open: `CallDialog("Publish", gazu.task.publish_preview, task, ...)`.

    It is accepted when the call succeeds; `job` has the result. An error is shown until the user closes the dialog.
    """

    def __init__(self, title, call, *args, parent=None, **more):
        super().__init__(parent)
        self.setWindowTitle(title)
        self.words, self.bar = QLabel("Starting"), QProgressBar(maximum=0)  # a busy indicator
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (self.words, self.bar, self.buttons):
            layout.addWidget(widget)
        self.job = gazu.background.start(call, *args, progress_callback=self.show_progress, **more)
        self.timer = QTimer(self, interval=POLL_INTERVAL_MS, timeout=self.check)
        self.timer.start()

    def show_progress(self, done, total):
        """Called by `poll` below, in the main thread."""
        self.words.setText(f"{done / 1e6:.0f} of {total / 1e6:.0f} MB")
        self.bar.setMaximum(STEPS if total else 0)
        self.bar.setValue(done * STEPS // (total or 1))

    def check(self):
        if not self.job.poll():
            return
        self.timer.stop()
        if self.job.error is None:
            self.accept()
        elif self.job.cancelled():
            super().reject()
        else:
            self.words.setText(f"Failed: {self.job.error}")
            self.buttons.setStandardButtons(QDialogButtonBox.StandardButton.Close)

    def reject(self):
        """Handle Esc, Cancel and the close button: cancel the call; the dialog closes when it ends."""
        if self.timer.isActive():
            self.words.setText("Cancelling")
            self.job.cancel()
        else:
            super().reject()


if __name__ == "__main__":
    import os
    import sys

    gazu.set_host(os.environ["KITSU_HOST"])
    gazu.set_token(os.environ["KITSU_BOT_TOKEN"])
    review = gazu.task.get_task_status_by_short_name("wfa")
    application = QApplication(sys.argv)
    dialog = CallDialog("Publish", gazu.task.publish_preview, sys.argv[1], review, preview_file_path=sys.argv[2])
    sys.exit(0 if dialog.exec() else 1)
