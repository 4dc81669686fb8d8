"""Tell how far a long work is: a bar on a terminal, else a plain line now and then."""

import shutil
import sys
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
    """Show the progress of several stages that take known shares of the whole."""

    def __init__(self, stream: Optional[TextIO] = None) -> None:
        """Write to *stream*, or to the standard error output."""
        self.stream: TextIO = stream or sys.stderr
        self.terminal: bool = self.stream.isatty()
        self.started: float = time.monotonic()
        self.said: float = 0.0
        self.text: str = ""
        self.base: float = 0.0
        self.share: float = 0.0

    def stage(self, text: str, share: float) -> None:
        """Begin a stage that takes *share* (0 to 1) of the whole."""
        self.base += self.share
        self.share = share
        self.text = text
        self.said = 0.0
        self.show(0.0)

    def show(self, fraction: float) -> None:
        """Show that *fraction* of the stage is done."""
        now = time.monotonic()
        whole = self.base + self.share * min(fraction, 1.0)
        if self.terminal:
            width = shutil.get_terminal_size().columns - 1
            self.stream.write("\r" + render(whole, self.text, now - self.started, width) + "\x1b[K")
        elif not self.said or now - self.said >= PLAIN_SECONDS:
            self.stream.write(f"{self.text} ({whole:.0%})\n")
            self.said = now
        self.stream.flush()

    def close(self) -> None:
        """Leave the line of the bar."""
        if self.terminal and self.text:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
