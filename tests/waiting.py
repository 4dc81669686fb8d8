"""Waiting for what another thread or a server does, no longer than it takes."""

import time
from typing import Any, Callable


def until(condition: Callable[[], Any], seconds: float = 120) -> None:
    """Wait until *condition* holds; fail if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition()
