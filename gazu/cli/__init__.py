"""The command line: `gazu-cli`, with the extra `cli`.

`main` runs it, and reports if the extra is not installed. All other names, such as the click group `cli`
and its commands, load click on first use.
"""

import codecs
import importlib
import logging
import os
import sys
import types
from typing import Any, Dict, List, Tuple, Union

MISSING = "gazu-cli needs more packages: pip install 'gazu[cli]>=2.0.0.dev0' (in a checkout: '.[cli]')"
#: Modules searched for the other names, in this order.
MODULES = (
    "app",
    "account",
    "lists",
    "manage",
    "setup",
    "work",
    "migrate",
    "connect",
    "errors",
    "find",
    "show",
    ".sessions",
)


def __getattr__(name: str) -> Any:
    if not name.startswith("_") and name not in MODULES:
        for module in _load_modules():
            if hasattr(module, name):
                return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


#: What test suites replaced in this package, and what the modules had in its place.
_replaced: Dict[str, List[Tuple[Any, bool, Any]]] = {}


class _Package(types.ModuleType):
    """This package: what a test suite sets here, such as `load_config`, takes the place of the modules' own."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_") or name in MODULES or name in vars(self):
            super().__setattr__(name, value)
            return
        known = _replaced.get(name)
        if known is None:
            known = [(one, name in vars(one), getattr(one, name)) for one in _load_modules() if hasattr(one, name)]
        if known and value == known[0][2]:  # pytest's monkeypatch sets what was there
            delattr(self, name)
            return
        _replaced[name] = known
        for module, _, _ in known:
            setattr(module, name, value)
        if not known:
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if name not in _replaced:
            if name in vars(self):
                super().__delattr__(name)
            return
        for module, was_set, value in _replaced.pop(name):
            if was_set:
                setattr(module, name, value)
            else:
                delattr(module, name)


sys.modules[__name__].__class__ = _Package


def _load_modules() -> List[Any]:
    try:
        importlib.import_module("rich")  # checked here; its submodules load where they are needed
        return [importlib.import_module("." + module, __name__) for module in MODULES]
    except ModuleNotFoundError as error:
        if str(error.name).split(".")[0] not in ("click", "rich"):
            raise
        raise ImportError(MISSING) from error


def _set_up_output() -> None:
    """Have letters that the encoding of the output lacks replaced, with a warning, or on Windows none in a pipe.

    A console of Windows takes all letters; a pipe or file has the encoding of the system's language, such as cp1252.
    """
    codecs.register_error("gazu-replace", _replace_letters)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # closed
            piped = os.name == "nt" and not stream.isatty() and "PYTHONIOENCODING" not in os.environ
            stream.reconfigure(encoding="utf-8" if piped else None, errors="gazu-replace")  # type: ignore[union-attr]


def _replace_letters(error: UnicodeError) -> Tuple[Union[str, bytes], int]:
    assert isinstance(error, UnicodeEncodeError)
    if sys.stderr is not None and not _warned:
        _warned.append(True)
        encoding = getattr(sys.stdout, "encoding", error.encoding)
        cure = "PYTHONIOENCODING=utf-8" if "PYTHONIOENCODING" in os.environ else "PYTHONUTF8=1"
        print(f"warning: letters that are not in {encoding} are shown as ?: set {cure}", file=sys.stderr)
    return "?" * (error.end - error.start), error.end


_warned: List[bool] = []


def main() -> None:
    """Run `gazu-cli` with the arguments of this process, then exit."""
    if sys.stdin is None:  # closed, as some schedulers start a command
        sys.stdin = open(os.devnull)
    try:
        cli = __getattr__("cli")
    except ImportError as error:
        if str(error) != MISSING:
            raise
        sys.exit(f"error: {MISSING}")
    except KeyboardInterrupt:  # while loading; the group handles later ones
        sys.exit(130)
    _set_up_output()
    logging.getLogger("gazu").addHandler(logging.NullHandler())  # the command reports errors itself
    cli.main(prog_name="gazu-cli")
