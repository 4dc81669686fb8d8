"""Print the names and signatures of the gazu that this Python imports, as JSON; run by `compare`."""

import importlib
import inspect
import json
import pkgutil
import types
from typing import Any, Dict


def described(value: Any) -> Any:
    """Return the parameters of a function as pairs of name and default; None for anything else."""
    if isinstance(value, type) or not callable(value):
        return None
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return None
    return [(one.name, "" if one.default is one.empty else default_of(one.default)) for one in parameters]


def default_of(value: Any) -> str:
    return "<client>" if hasattr(value, "tokens") and hasattr(value, "host") else repr(value)


def names_of(module: Any) -> Dict[str, Any]:
    package = module.__name__.split(".")[0]
    found = {}
    for name in dir(module):
        value = getattr(module, name)
        its_module = getattr(value, "__module__", None) or package
        if name[0] != "_" and not isinstance(value, types.ModuleType) and its_module.split(".")[0] == package:
            found[name] = described(value)
    return found


def main() -> None:
    package: Any = importlib.import_module("gazu")
    found: Dict[str, Any] = {"gazu": names_of(package)}
    for info in pkgutil.iter_modules(package.__path__):
        if info.name[0] != "_" and info.name != "__main__":
            found[f"gazu.{info.name}"] = names_of(importlib.import_module(f"gazu.{info.name}"))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
