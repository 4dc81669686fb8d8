"""The log of the library, loaded when something is logged: it would be a sixth of `import gazu`."""

from functools import lru_cache
from itertools import takewhile
from typing import Any, Type


@lru_cache(maxsize=None)
def get_logger() -> Any:
    """Return the logger `gazu`."""
    import logging

    return logging.getLogger("gazu")


def debug(text: str, *values: Any) -> None:
    """Log a line for developers."""
    get_logger().debug(text, *values)


def warn_caller(text: str, category: Type[Warning]) -> None:
    """Warn; the warning shows the line that calls the library."""
    import inspect
    import traceback
    import warnings

    names = (str(frame.f_globals.get("__name__")) for frame, _ in traceback.walk_stack(inspect.currentframe()))
    ours = takewhile(lambda name: name.split(".")[0] == str(__package__).split(".")[0], names)
    warnings.warn(text, category, stacklevel=1 + sum(1 for _ in ours))
