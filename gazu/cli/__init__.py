"""The command line: `gazu-cli`, with the extra `cli`.

`main` runs it, and reports if the extra is not installed. All other names, such as the click group `cli`
and its commands, load click on first use.
"""

import importlib
import logging
import sys
from typing import Any, List

MISSING = "gazu-cli needs more packages: pip install 'gazu[cli]'"
#: Modules searched for the other names, in this order.
MODULES = ("app", "account", "lists", "work", "connect", "errors", "find", "show", "sessions")


def __getattr__(name: str) -> Any:
    if not name.startswith("_") and name not in MODULES:
        for module in _load_modules():
            if name in vars(module):
                return vars(module)[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _load_modules() -> List[Any]:
    try:
        importlib.import_module("rich")  # checked here; its submodules load where they are needed
        return [importlib.import_module("." + module, __name__) for module in MODULES]
    except ModuleNotFoundError as error:
        if str(error.name).split(".")[0] not in ("click", "rich"):
            raise
        raise ImportError(MISSING) from error


def main() -> None:
    """Run `gazu-cli` with the arguments of this process, then exit."""
    try:
        cli = __getattr__("cli")
    except ImportError as error:
        if str(error) != MISSING:
            raise
        sys.exit(f"error: {MISSING}")
    except KeyboardInterrupt:  # while loading; the group handles later ones
        sys.exit(130)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # closed
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # characters missing from its encoding
    logging.getLogger("gazu").addHandler(logging.NullHandler())  # the command reports errors itself
    cli.main(prog_name="gazu-cli")
