"""Making many objects at once."""

import gc
from typing import Any, Callable

#: Bytes: less is decoded before a collection would start.
LARGE = 64 * 1024


def load(loads: Callable[[bytes], Any], data: bytes) -> Any:
    """Return `loads(data)`; while it runs, the garbage collector rests.

    A large answer becomes a hundred thousand objects, none of them garbage: looking
    for some took a third of the time. Decoders hold the interpreter's lock, so that no
    other thread notices; one that has turned the collector off finds it off.
    """
    if len(data) < LARGE or not gc.isenabled():
        return loads(data)
    gc.disable()
    try:
        return loads(data)
    finally:
        gc.enable()
