"""The file of events that were given up: nothing gets lost, whoever appends, replays or is killed."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, List, Optional

import pytest

from gazu.events import file_lock
from gazu.events.dead_letters import DeadLetterFile, without_secrets
from gazu.events.failure import Failure

ROOT = Path(__file__).parents[2]


def failure(number: int, error: Optional[BaseException] = None) -> Failure:
    return Failure(error or ValueError("no"), "asset:new", {"n": number}, 1, "main")


def numbers(path: Path) -> List[int]:
    return [json.loads(line)["data"]["n"] for line in path.read_text().splitlines()]


@pytest.mark.parametrize(
    "text, shown",
    [
        ("GET data/tasks: 404 no such task", "GET data/tasks: 404 no such task"),
        ("https://jane:pass@kitsu/api failed", "https://kitsu/api failed"),
        ("https://s3/file?X-Signature=abc failed", "https://s3/file?*** failed"),
        ("{'Authorization': 'Bearer abc'}", "{'Authorization': 'Bearer ***'}"),
        ("token eyJhbGciOi.eyJzdWIi.sig-n_ is old", "token *** is old"),
        ("log in with password=secret, again", "log in with password=***, again"),
        ('{"refresh_token": "a b", "name": "Jane"}', '{"refresh_token": ***, "name": "Jane"}'),
    ],
)
def test_texts_of_errors_show_no_secret(text: str, shown: str, tmp_path: Path) -> None:
    assert without_secrets(text) == shown
    file = DeadLetterFile(tmp_path / "letters")
    file.put(failure(1, OSError(text)))
    assert json.loads((tmp_path / "letters").read_text())["error"] == f"OSError: {shown}"


def test_a_line_is_on_the_disk_when_the_event_counts_as_done(tmp_path: Path, monkeypatch: Any) -> None:
    synced: List[Any] = []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (synced.append((tmp_path / "letters").read_bytes()), sync(file)))
    DeadLetterFile(tmp_path / "letters").put(failure(1))
    assert synced == [(tmp_path / "letters").read_bytes()] and synced[0].endswith(b"}\n")


def test_a_line_that_was_cut_spoils_no_other_and_stays(tmp_path: Path, caplog: Any) -> None:
    path = tmp_path / "letters"
    file = DeadLetterFile(path)
    bad = [b'{"event": "asset:n', b"[]", b"7", b'{"event": 7, "queue": "main", "data": {}}', b'{"queue": "main"}']
    path.write_bytes(b"\n".join([*bad[1:], b"", bad[0]]))
    file.put(failure(1))
    file.put(failure(2))
    called: List[Failure] = []
    assert file.replay(called.append) == []  # type: ignore[arg-type]
    assert [(one.data, one.queue, one.attempt, str(one.error)) for one in called] == [
        ({"n": 1}, "main", 1, "ValueError: no"), ({"n": 2}, "main", 1, "ValueError: no"),
    ]  # fmt: skip
    assert sorted(path.read_bytes().splitlines()) == sorted(bad)
    assert caplog.text.count("a line cannot be read, it stays") == len(bad)


def test_what_is_unknown_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "letters"
    file = DeadLetterFile(path)
    file.put(failure(1))
    before = path.read_bytes()
    (left,) = file.replay(lambda failure: failure)
    assert left.data == {"n": 1} and path.read_bytes() == before
    (left,) = file.replay(lambda failure: failure._replace(attempt=2))  # with the old error
    assert json.loads(path.read_text()).items() >= {"attempts": 2, "error": "ValueError: no"}.items()


def test_what_comes_while_it_is_replayed_is_kept_for_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "letters"
    file = DeadLetterFile(path)
    for number in range(20):
        file.put(failure(number))
    done, called = threading.Event(), []  # type: ignore[var-annotated]

    def append(first: int) -> None:
        number = first
        while not done.is_set():
            file.put(failure(number))
            number += 2
        added.extend(range(first, number, 2))

    added: List[int] = []
    threads = [threading.Thread(target=append, args=(first,)) for first in (1000, 1001)]
    for thread in threads:
        thread.start()

    def call(one: Failure) -> Optional[Failure]:
        called.append(one.data["n"])
        return one._replace(attempt=2) if one.data["n"] % 2 else None

    left = file.replay(call)
    done.set()
    for thread in threads:
        thread.join(20)
    old = called[:20]
    assert old == list(range(20)) and len(called) == len(set(called))
    assert [one.data["n"] for one in left if one.data["n"] < 20] == list(range(1, 20, 2))
    handled = {number for number in called if number % 2 == 0}
    assert sorted(numbers(path)) == sorted({*range(20), *added} - handled)
    assert os.listdir(tmp_path) == ["letters"]


def test_two_replays_at_once_are_one_too_many(tmp_path: Path) -> None:
    file = DeadLetterFile(tmp_path / "letters")
    file.put(failure(1))
    said: List[str] = []

    def call(one: Failure) -> None:
        with pytest.raises(RuntimeError, match="letters: is being replayed by another process or thread"):
            DeadLetterFile(tmp_path / "letters").replay(lambda failure: None)
        said.append("once")

    assert file.replay(call) == [] and said == ["once"]  # type: ignore[arg-type, func-returns-value]
    assert file.replay(call) == []  # type: ignore[arg-type, func-returns-value]


KILLED = """
import os, sys
from gazu.events.dead_letters import DeadLetterFile
def call(failure):
    print(failure.data["n"], flush=True)
    if failure.data["n"] == 3:
        os.kill(os.getpid(), 9)
DeadLetterFile(sys.argv[1]).replay(call)
"""


@pytest.mark.skipif(os.name == "nt", reason="no kill -9")
def test_what_was_not_recorded_comes_again_after_a_kill(tmp_path: Path) -> None:
    file = DeadLetterFile(tmp_path / "letters")
    for number in range(6):
        file.put(failure(number))
    command = [sys.executable, "-c", KILLED, str(tmp_path / "letters")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    killed = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    assert killed.returncode == -9 and killed.stdout.split() == ["0", "1", "2", "3"]
    assert numbers(tmp_path / "letters") == [3, 4, 5]
    called: List[int] = []
    assert file.replay(lambda one: called.append(one.data["n"])) == []  # type: ignore[func-returns-value]
    assert called == [3, 4, 5]  # the lock went with the process


def test_a_home_and_a_folder_that_changes(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    file = DeadLetterFile(b"~/new/letters")
    file.check()
    assert (tmp_path / "new" / "letters").read_bytes() == b"" and os.listdir(tmp_path / "new") == ["letters"]
    assert DeadLetterFile(tmp_path / "none").replay(lambda failure: None) == []


def test_a_lock_is_for_one_at_a_time(tmp_path: Path) -> None:
    path, inside, most = str(tmp_path / "lock"), [], []  # type: ignore[var-annotated]

    def work() -> None:
        for _ in range(30):
            with file_lock.locked(path):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert most == [1] * 120 and os.listdir(tmp_path) == []
    with pytest.raises(OSError):
        with file_lock.locked(str(tmp_path / "no folder" / "lock")):
            pass


def test_the_lock_of_a_file_that_is_gone_is_none(tmp_path: Path, monkeypatch: Any) -> None:
    """Who waited has opened the file that the other one removed; a third one may have made a new one."""
    path, lock, locks = tmp_path / "lock", file_lock._lock, []  # type: ignore[var-annotated]

    def late(file: int) -> None:
        lock(file)
        locks.append(file)
        if len(locks) < 3:
            path.unlink()
        if len(locks) == 1:
            path.write_text("of the third one")

    monkeypatch.setattr(file_lock, "_lock", late)
    with file_lock.locked(str(path)):
        assert len(locks) == 3 and path.exists()
    assert os.listdir(tmp_path) == []


def test_a_lock_without_fcntl_is_that_of_windows(tmp_path: Path, monkeypatch: Any) -> None:
    """There a file that is locked is refused with EACCES."""
    held: List[Any] = []

    class Msvcrt:
        LK_NBLCK = 2

        def locking(self, file: int, mode: int, size: int) -> None:
            assert (mode, size) == (2, 1)
            if held and held.pop():
                raise PermissionError(13, "Permission denied")

    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", Msvcrt())
    held.append(True)
    with pytest.raises(BlockingIOError, match="in use by another process or thread"):
        with file_lock.locked(str(tmp_path / "lock"), wait=False):
            pass
    held.append(True)
    with file_lock.locked(str(tmp_path / "lock")):
        assert held == []
    assert os.listdir(tmp_path) == []

    def refuse(path: str) -> None:
        raise PermissionError(13, "The process cannot access the file because it is being used by another process")

    monkeypatch.setattr(os, "unlink", refuse)
    for _ in range(2):
        with file_lock.locked(str(tmp_path / "lock")):
            pass
        assert os.listdir(tmp_path) == ["lock"]
