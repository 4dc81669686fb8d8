"""Making many objects at once."""

import gc
from typing import Any, Callable

#: Bytes: less is decoded before a collection would start.
LARGE = 64 * 1024
#: Objects: the collector looks through fewer in less than a millisecond.
MANY = 10_000
#: Objects that Python 3.12 freezes when it starts are fewer.
FROZEN = 1_000
#: Objects that become old unseen before there is a look at all of them.
UNSEEN = 1_000_000

_unseen = 0


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
        made = make(*arguments)
        _make_old()
        return made
    finally:
        gc.enable()


def _make_old() -> None:
    """Count the new objects among the old ones, if they are many.

    The collector would look through them all as soon as it may, which takes a fifth of
    the time that decoding them took. As garbage may become old with them, there is a full
    collection after each million. A program that froze its objects keeps them frozen.
    """
    global _unseen
    new = gc.get_count()[0]
    if new < MANY or not hasattr(gc, "freeze") or gc.get_freeze_count() > FROZEN:
        return
    gc.freeze()
    gc.unfreeze()
    _unseen += new
    if _unseen > UNSEEN:
        _unseen = 0
        gc.collect()
