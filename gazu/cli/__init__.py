"""The command line: `gazu-cli`, with the extra `cli`.

`main` starts it, and says so where the extra is not installed. The other names, the click group `cli`
and its commands among them, load click when they are first used.
"""

import importlib
import logging
import sys
from typing import Any, List

MISSING = "gazu-cli needs more packages: pip install 'gazu[cli]'"
#: Where the other names are; the first module that has one counts.
ROOMS = ("app", "account", "lists", "work", "connect", "errors", "find", "show", "sessions")


def __getattr__(name: str) -> Any:
    if not name.startswith("_") and name not in ROOMS:
        for room in _rooms():
            if name in vars(room):
                return vars(room)[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _rooms() -> List[Any]:
    try:
        importlib.import_module("rich")  # the rest of it, where it is needed
        return [importlib.import_module("." + room, __name__) for room in ROOMS]
    except ModuleNotFoundError as error:
        if str(error.name).split(".")[0] not in ("click", "rich"):
            raise
        raise ImportError(MISSING) from error


def main() -> None:
    """Run `gazu-cli` with the arguments of this process, and end the process."""
    try:
        cli = __getattr__("cli")
    except ImportError as error:
        if str(error) != MISSING:
            raise
        sys.exit(f"error: {MISSING}")
    except KeyboardInterrupt:  # while it loads; later ones are told by the group
        sys.exit(130)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # closed
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a letter that it lacks ends nothing
    logging.getLogger("gazu").addHandler(logging.NullHandler())  # errors are told, once
    cli.main(prog_name="gazu-cli")
