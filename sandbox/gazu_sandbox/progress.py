"""Show how far a long task is: a bar on a terminal, else a plain line now and then."""

import shutil
import time
from typing import Optional, TextIO

PLAIN_SECONDS = 15.0


def render(fraction: float, text: str, seconds: float, width: int) -> str:
    """Draw one line of at most *width* characters."""
    fraction = min(max(fraction, 0.0), 1.0)
    tail = f" {fraction:4.0%} {int(seconds) // 60}:{int(seconds) % 60:02d} "
    size = max(min(30, width - len(tail) - 22), 0)
    full = int(size * fraction)
    bar = f"[{'#' * full}{'.' * (size - full)}]" if size else ""
    return (bar + tail + text)[:width].rstrip()


class Progress:
    """Show on *stream* the progress of several stages that take known shares of the whole; on None, nothing."""

    def __init__(self, stream: Optional[TextIO]) -> None:
        """Start the clock."""
        self.stream: Optional[TextIO] = stream
        self.terminal: bool = stream is not None and stream.isatty()
        self.started: float = time.monotonic()
        self.printed: float = 0.0
        self.text: str = ""
        self.base: float = 0.0
        self.share: float = 0.0

    def stage(self, text: str, share: float) -> None:
        """Begin a stage that takes *share* (0 to 1) of the whole."""
        self.base += self.share
        self.share, self.text, self.printed = share, text, 0.0
        self.show(0.0)

    def show(self, fraction: float) -> None:
        """Show that *fraction* of the stage is done."""
        now, whole = time.monotonic(), self.base + self.share * min(fraction, 1.0)
        if self.terminal:
            width = shutil.get_terminal_size().columns - 1
            self._write("\r" + render(whole, self.text, now - self.started, width) + "\x1b[K")
        elif not self.printed or now - self.printed >= PLAIN_SECONDS:
            self._write(f"{self.text} ({whole:.0%})\n")
            self.printed = now

    def close(self) -> None:
        """Clear the line of the bar."""
        if self.terminal and self.text:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        if self.stream is not None:
            self.stream.write(text)
            self.stream.flush()
