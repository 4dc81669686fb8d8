"""The log of the library, loaded when something is logged: it would be a sixth of `import gazu`."""

from functools import lru_cache
from typing import Any


@lru_cache(maxsize=None)
def get_logger() -> Any:
    """Return the logger `gazu`."""
    import logging

    return logging.getLogger("gazu")


def debug(text: str, *values: Any) -> None:
    """Log a line for developers."""
    get_logger().debug(text, *values)
