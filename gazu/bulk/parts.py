"""Cut rows into parts that a server works on for a short time, so that no proxy and no time-out cuts them."""

import threading
from typing import Any, Callable, Iterable, Iterator, List

#: Seconds that the server should take for a part.
PART_SECONDS = 2.0
#: Bytes of a part: nginx takes bodies of 1 MB by default.
PART_BYTES = 900_000
FIRST_ROWS = 5


class Parts:
    """Parts whose size follows the time that those before them took: five rows, then at most four times as many."""

    def __init__(self, size_of: Callable[[Any], int]) -> None:
        self.size_of = size_of
        self._rows = FIRST_ROWS
        self._lock = threading.Lock()

    def cut(self, rows: Iterable[Any]) -> Iterator[List[Any]]:
        """Yield *rows* in parts; the size of each is decided when it is taken."""
        part: List[Any] = []
        size = 0
        for row in rows:
            row_size = self.size_of(row)
            if part and (len(part) >= self._rows or size + row_size > PART_BYTES):
                yield part
                part, size = [], 0
            part.append(row)
            size += row_size
        if part:
            yield part

    def took(self, rows: int, seconds: float) -> None:
        """Learn from a part of so many rows."""
        with self._lock:
            fitting = int(rows * PART_SECONDS / max(seconds, 0.001))
            self._rows = max(1, min(fitting, 4 * max(rows, FIRST_ROWS)))
