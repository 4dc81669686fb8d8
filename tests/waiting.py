"""Waiting for what another thread or a server does, no longer than it takes."""

import time
from typing import Any, Callable, Optional


def until(condition: Callable[[], Any], seconds: float = 120, explain: Optional[Callable[[], str]] = None) -> Any:
    """Wait until *condition* holds, and return its value; fail if it does not in time, with what *explain* returns."""
    deadline = time.monotonic() + seconds
    found = condition()
    while not found and time.monotonic() < deadline:
        time.sleep(0.02)
        found = condition()
    assert found, explain() if explain else ""
    return found
