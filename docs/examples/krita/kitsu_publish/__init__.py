"""Publish the open picture to Kitsu: Tools > Scripts > Publish to Kitsu.

Calls to the server run in a thread (`gazu.background`) and are polled by a timer: everything here runs in Krita's main
thread. `kitsu.py` is that of the Blender add-on, and `publish_dialog.py` the Qt dialog; `build.py` puts them here.
"""

import sys
import tempfile
from pathlib import Path

from krita import Extension, InfoObject, Krita
from PyQt5.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QMessageBox

sys.path.append(str(Path(__file__).parent / "vendor"))  # behind what Krita has

import gazu

from . import kitsu
from .publish_dialog import CallDialog

TITLE = "Publish to Kitsu"
ROLE = QDialogButtonBox.ButtonRole


class LogInDialog(QDialog):
    """Asks for an account, or sends the user to Kitsu's page in a browser; accepted when the log-in succeeds."""

    def __init__(self, session, parent):
        super().__init__(parent)
        self.setWindowTitle("Log in to Kitsu")
        self.session = session
        self.host, self.email, self.password, self.code = QLineEdit(), QLineEdit(), QLineEdit(), QLineEdit()
        self.host.setPlaceholderText("https://kitsu.example.com")
        self.code.setPlaceholderText("with two-factor authentication only")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        form = QFormLayout(self)
        names = ("Server", "Email", "Password", "Code")
        for name, field in zip(names, (self.host, self.email, self.password, self.code)):
            form.addRow(name, field)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        log_in = buttons.addButton("Log in", ROLE.ActionRole)
        log_in.clicked.connect(self.with_password)
        buttons.addButton("Use the browser", ROLE.ActionRole).clicked.connect(self.with_browser)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)
        log_in.setDefault(True)  # now that it is in a window: Return would press Cancel
        self.setMinimumWidth(480)

    def with_password(self):
        password, code = self.password.text(), self.code.text().strip()
        self.password.clear()
        self.run(kitsu.log_in, self.email.text(), password, totp=code or None)

    def with_browser(self):
        self.run(kitsu.log_in_with_browser)

    def run(self, call, *args, **more):
        dialog = CallDialog("Logging in", call, self.host.text(), self.session, *args, parent=self, **more)
        if dialog.exec():
            self.accept()


class ChoiceDialog(QDialog):
    """Asks for the task and the comment."""

    def __init__(self, tasks, parent):
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        self.task, self.comment = QComboBox(), QLineEdit()
        for task, name in tasks:
            self.task.addItem(name, task)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton("Publish", ROLE.AcceptRole).setEnabled(bool(tasks))
        buttons.addButton("Log out", ROLE.ActionRole).clicked.connect(lambda: self.done(LOG_OUT))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.addRow("Task", self.task)
        form.addRow("Comment", self.comment)
        form.addRow(buttons)
        self.setMinimumWidth(480)


LOG_OUT = 2


class KitsuPublish(Extension):
    """The action in the menu; `unpublished` is a picture whose upload failed."""

    def __init__(self, parent):
        super().__init__(parent)
        self.dialog = self.unpublished = None
        self.folder = tempfile.TemporaryDirectory(prefix="kitsu_publish_")
        self.session = Path(Krita.instance().getAppDataLocation(), "kitsu_publish.json")

    def setup(self):
        kitsu.restore(self.session)
        notifier = Krita.instance().notifier()
        notifier.setActive(True)
        notifier.applicationClosing.connect(self.close)

    def close(self):
        """Cancel a running upload: Krita runs no `atexit`."""
        gazu.background.stop()
        self.folder.cleanup()

    def createActions(self, window):
        action = window.createAction("kitsu_publish", TITLE, "tools/scripts")
        action.triggered.connect(self.publish)

    def publish(self):
        window = Krita.instance().activeWindow()
        document, parent = Krita.instance().activeDocument(), window.qwindow()
        if self.dialog is not None and not self.dialog.job.done():
            self.dialog.show()  # closed by a second press, while the server did not respond
        elif self.unpublished is not None and self.has_failed() and self.wants_another_try(parent):
            self.send(parent)
        elif document is None:
            QMessageBox.information(parent, TITLE, "Open a picture first.")
        elif kitsu.client.access_token or LogInDialog(self.session, parent).exec():
            self.choose(document, parent)

    def choose(self, document, parent):
        asking = CallDialog("Tasks", kitsu.tasks, parent=parent)
        if not asking.exec():
            if isinstance(asking.job.error, gazu.NotAuthenticatedException):
                kitsu.client.tokens = {}  # the next try asks for the account
            return
        choice = ChoiceDialog(asking.job.result(), parent)
        pressed = choice.exec()
        if pressed == LOG_OUT:
            CallDialog("Log out", kitsu.log_out, self.session, parent=parent).exec()
        elif pressed:
            file = Path(self.folder.name, f"{Path(document.fileName()).stem or 'picture'}.png")
            export(document, str(file))
            self.unpublished = kitsu.Publication(choice.task.currentData(), choice.comment.text(), file)
            self.send(parent)

    def send(self, parent):
        """Upload in a window that leaves Krita usable."""
        self.dialog = CallDialog(TITLE, self.unpublished.send, parent=parent)
        self.dialog.accepted.connect(self.report)
        self.dialog.show()

    def report(self):
        words = f"Published as revision {self.dialog.job.result()}"
        QMessageBox.information(self.dialog.parent(), TITLE, words)

    def has_failed(self):
        """Return whether the last upload failed, and was not cancelled."""
        return self.dialog.job.error is not None and not self.dialog.job.cancelled()

    def wants_another_try(self, parent):
        """Ask; the exported picture is kept for that, and what exists on the server."""
        words = f"{Path(self.unpublished.file).name} was not published. Try again?"
        buttons = QMessageBox.StandardButton.Retry | QMessageBox.StandardButton.Discard
        if QMessageBox.question(parent, TITLE, words, buttons) == QMessageBox.StandardButton.Retry:
            return True
        CallDialog("Discard", self.unpublished.discard, parent=parent).exec()
        self.unpublished = None
        return False


def export(document, path):
    """Write the picture as a PNG, without a question."""
    document.setBatchmode(True)
    try:
        if not document.exportImage(path, InfoObject()):
            raise RuntimeError(f"Krita could not write {path}")
    finally:
        document.setBatchmode(False)


Krita.instance().addExtension(KitsuPublish(Krita.instance()))
