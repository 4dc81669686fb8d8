"""The file of the events that a listener gave up: a line of JSON for each."""

import datetime
import json
import logging
import os
import re
import traceback
from typing import Any, Callable, List, Optional

from .._http.atomic_file import AtomicFile
from ..secret import NAMES
from .failure import Failure
from .file_lock import locked

#: What a text may have of secrets: credentials and queries of addresses, tokens, values with a name.
_SECRETS = (
    (re.compile(r"(\w://)[^\s/@]*@"), r"\1"),
    (re.compile(r"\?[\w.~%-]+=[^\s'\")]*"), "?***"),
    (re.compile(r"(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*"), "***"),
    (re.compile(r"(?i)(\bbearer\s+)[^\s'\",]+"), r"\1***"),
    (re.compile(rf"(?i)\b({'|'.join(sorted(NAMES))})(['\"]?\s*[=:]\s*)('[^']*'|\"[^\"]*\"|[^\s,;'\"}}]+)"), r"\1\2***"),
)

logger: logging.Logger = logging.getLogger("gazu")


class GivenUp(Exception):
    """The error of an event that was given up, by another process: its type and text."""


def without_secrets(text: str) -> str:
    """Return a text without the tokens, passwords and signatures that it shows."""
    for pattern, shown in _SECRETS:
        text = pattern.sub(shown, text)
    return text


class DeadLetterFile:
    """A file of events that were given up; several listeners may share it.

    Lines are appended, and forced to the disk. A lock keeps them from getting lost while
    `replay` takes others out.
    """

    def __init__(self, path: Any) -> None:
        # Absolute, as the process may change its working directory.
        self.path: str = os.path.abspath(os.path.expanduser(os.fsdecode(path)))

    def check(self) -> None:
        """Raise an error if it cannot be written."""
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        with self._locked():
            os.close(self._open())

    def put(self, failure: Failure) -> None:
        """Append an event that is given up."""
        with self._locked():
            file = self._open()
            with os.fdopen(file, "r+b") as written:
                size = written.seek(0, os.SEEK_END)
                written.seek(max(0, size - 1))
                was_cut = written.read() not in (b"", b"\n")  # by a full disk or a power cut: it must spoil no other
                written.write(b"\n" * was_cut + _line(failure))
                written.flush()
                os.fsync(written.fileno())

    def replay(self, call: Callable[[Failure], Optional[Failure]]) -> List[Failure]:
        """Have *call* handle each event that is in the file now; what it handles leaves the file at once.

        Args:
            call: returns None if the event is handled, else the failure that remains.

        Returns:
            What stays in the file.

        Raises:
            RuntimeError: somebody else replays the file.
        """
        try:
            with locked(self.path + ".replay.lock", wait=False):
                return self._replay(call)
        except BlockingIOError as error:
            raise RuntimeError(f"{self.path}: is being replayed by another process or thread") from error

    def _replay(self, call: Callable[[Failure], Optional[Failure]]) -> List[Failure]:
        remaining: List[Failure] = []
        for line in self._lines():
            failure = _parse(line)
            if failure is None:
                logger.warning("%s: a line cannot be read, it stays: %.200r", self.path, line)
                continue
            left = call(failure)
            if left is not failure:
                self._exchange(line, _line(left) if left else b"")
            remaining += [left] if left else []
        return remaining

    def _lines(self) -> List[bytes]:
        if not os.path.exists(self.path):
            return []
        with open(self.path, "rb") as file:
            return [line + b"\n" for line in file.read().split(b"\n") if line.strip()]

    def _exchange(self, old: bytes, new: bytes) -> None:
        """Replace a line, if it is still there; the file has the one or the other whenever the process is killed."""
        with self._locked():
            lines = self._lines()
            if old not in lines:
                return
            lines[lines.index(old)] = new
            with AtomicFile(self.path, keep=False) as target:
                target.write(b"".join(lines))
                assert target.file is not None
                os.fsync(target.file.fileno())
                target.commit()

    def _open(self) -> int:
        return os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)

    def _locked(self) -> Any:
        return locked(self.path + ".lock")


def _line(failure: Failure) -> bytes:
    error = failure.error
    text = str(error) if isinstance(error, GivenUp) else "".join(traceback.format_exception_only(type(error), error))
    letter = {
        "event": failure.event,
        "data": failure.data,
        "queue": failure.queue,
        "error": without_secrets(text.strip()),
        "attempts": failure.attempt,
        "given_up_at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    }
    return json.dumps(letter, default=str).encode() + b"\n"


def _parse(line: bytes) -> Optional[Failure]:
    """Return the event of a line, or None if it is not one."""
    try:
        letter = json.loads(line)
        event, queue, data = letter["event"], letter["queue"], letter["data"]
        failure = Failure(GivenUp(letter.get("error")), event, data, int(letter.get("attempts") or 1), queue)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return failure if isinstance(data, dict) and isinstance(event, str) and isinstance(queue, str) else None
