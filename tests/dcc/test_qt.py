"""The example dialog for Qt, without a screen: it stays alive during an upload to the real server."""

import importlib.util
import os
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Iterator, List

import pytest

import gazu

os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialogButtonBox

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "qt" / "publish_dialog.py"
MB = 1000 * 1000


@pytest.fixture(scope="module")
def application() -> Iterator[Any]:
    yield QApplication.instance() or QApplication([])


@pytest.fixture
def example(application: Any) -> Any:
    spec: Any = importlib.util.spec_from_file_location("publish_dialog", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def upload(example: Any, artist: Any, tmp_path: Path) -> Any:
    """Make the dialog of an upload of so many MB."""

    def upload(size: int) -> Any:
        path = tmp_path / "scene.ma"
        with open(path, "wb") as file:
            file.truncate(size * MB)
        status = gazu.task.get_task_status_by_short_name("wip", client=artist.client)
        comment = gazu.task.add_comment(artist.task, status, "the scene", client=artist.client)
        call = gazu.task.add_attachment_files_to_comment
        return example.CallDialog("Upload", call, artist.task, comment, [str(path)], client=artist.client)

    return upload


@pytest.fixture
def ticks() -> Iterator[List[float]]:
    """The times at which the event loop came round."""
    seen: List[float] = []
    timer = QTimer(interval=5, timeout=lambda: seen.append(time.perf_counter()))
    timer.start()
    yield seen
    timer.stop()


def shown(dialog: Any) -> List[Any]:
    """Note the progress that the dialog shows, and in which thread."""
    seen: List[Any] = []
    bar = dialog.bar.setValue
    dialog.bar.setValue = lambda value: (seen.append((value, threading.current_thread())), bar(value))
    return seen


def test_window_stays_alive(upload: Any, ticks: List[float], artist: Any) -> None:
    dialog = upload(50)
    seen = shown(dialog)
    assert dialog.exec() == dialog.DialogCode.Accepted
    gaps = [after - before for before, after in zip(ticks, ticks[1:])]
    print(f"\n50 MB: {len(ticks)} ticks of 5 ms, {1000 * max(gaps):.0f} ms at most between two")
    assert len(ticks) >= 10
    assert seen and {thread for _, thread in seen} == {threading.main_thread()} and seen[-1][0] == 1000
    (attached,) = dialog.job.result()
    assert gazu.files.get_attachment_file(attached, client=artist.client)["size"] == 50 * MB


def test_cancel(upload: Any, artist: Any) -> None:
    dialog = upload(500)
    check = dialog.check

    def press() -> None:
        check()
        if dialog.job.progress[0] and not dialog.cancelling:
            dialog.buttons.button(QDialogButtonBox.StandardButton.Cancel).click()
            said.append(dialog.words.text())

    said: List[str] = []
    dialog.timer.timeout.disconnect()
    dialog.timer.timeout.connect(press)  # the button is pressed when there is something to see
    assert dialog.exec() == dialog.DialogCode.Rejected
    assert said == ["Cancelling. Press again to close this window at once."]
    assert dialog.job.cancelled() and 0 < dialog.job.progress[0] < 500 * MB
    (comment,) = gazu.task.all_comments_for_task(artist.task, client=artist.client)
    assert comment["attachment_files"] == []


def test_error_is_shown(example: Any, artist: Any, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.mov")
    status = gazu.task.get_task_status_by_short_name("wip", client=artist.client)
    dialog = example.CallDialog(
        "Publish", gazu.task.publish_preview, artist.task, status, preview_file_path=missing, client=artist.client
    )

    seen = shown_error(dialog)
    assert "missing.mov: No such file" in seen.text
    assert gazu.task.all_comments_for_task(artist.task, client=artist.client) == []


def shown_error(dialog: Any) -> SimpleNamespace:
    """Return what the dialog shows of an error, and close it."""
    seen = SimpleNamespace()

    def close_when_read() -> None:
        if dialog.timer.isActive():
            return
        words = dialog.words
        seen.text, seen.bar = words.text(), dialog.bar.isVisible()
        seen.whole = words.height() >= words.heightForWidth(words.width()) and words.width() >= 380
        seen.picture = dialog.grab()
        dialog.buttons.button(QDialogButtonBox.StandardButton.Close).click()

    reader = QTimer(interval=5, timeout=close_when_read)
    reader.start()
    assert dialog.exec() == dialog.DialogCode.Rejected
    reader.stop()
    assert seen.whole and not seen.bar
    return seen


def test_any_function(example: Any, artist: Any) -> None:
    """Also those that report no progress."""
    dialog = example.CallDialog("Tasks", gazu.task.all_task_types, client=artist.client)
    assert dialog.exec() == dialog.DialogCode.Accepted
    assert dialog.job.result() == gazu.task.all_task_types(client=artist.client)
    client = gazu.client.create_client(artist.client.host)
    dialog = example.CallDialog("Log in", gazu.log_in, "jane@example.com", "wrong", client=client)
    assert "Wrong email or password" in shown_error(dialog).text


def test_long_error_is_shown_whole(example: Any) -> None:
    def fail() -> None:
        raise ValueError("The studio does not allow this name; " * 5)

    seen = shown_error(example.CallDialog("Publish", fail))
    assert len(seen.text) > 150 and seen.text.endswith("...")


def test_second_press_closes_at_once(example: Any) -> None:
    """The call of a server that does not respond cannot be cancelled."""
    go_on = threading.Event()
    dialog = example.CallDialog("Publish", lambda: go_on.wait(60))
    pressed: List[bool] = []

    def press() -> None:
        pressed.append(dialog.cancelling)
        dialog.buttons.button(QDialogButtonBox.StandardButton.Cancel).click()

    presser = QTimer(interval=20, timeout=press)
    presser.start()
    assert dialog.exec() == dialog.DialogCode.Rejected
    presser.stop()
    assert pressed == [False, True] and not dialog.job.done()
    go_on.set()
    assert dialog.job.result(20)
