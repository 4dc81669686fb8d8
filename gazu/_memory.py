"""Making many objects at once."""

import gc
from typing import Any, Callable

#: Bytes: less is decoded before a collection would start.
LARGE = 64 * 1024


def load(loads: Callable[[bytes], Any], data: bytes) -> Any:
    """Return `loads(data)`, `undisturbed` if that is much."""
    return loads(data) if len(data) < LARGE else undisturbed(loads, data)


def undisturbed(make: Callable[..., Any], *arguments: Any) -> Any:
    """Return `make(*arguments)`; while it runs, the garbage collector rests.

    A large answer becomes a hundred thousand objects, none of them garbage: looking
    for some took a third of the time. It takes milliseconds, and a decoder holds the
    interpreter's lock, so that no other thread notices; one that has turned the
    collector off finds it off.
    """
    if not gc.isenabled():
        return make(*arguments)
    gc.disable()
    try:
        return make(*arguments)
    finally:
        gc.enable()
