"""Print the public API, one name a line: `python -m tests.meta.api > tests/meta/api.txt` at a release."""

import importlib
import inspect
import types
from typing import Any, Iterator, List

import gazu

MODULES = ("cache", "client", "exception", "aio", *gazu._MODULES)


def lines() -> List[str]:
    """Return the names of all public modules, with the parameters of functions and the keys of records."""
    found = {line for name in ("", *MODULES) for line in lines_of(importlib.import_module(f"gazu.{name}".rstrip(".")))}
    return sorted(found)


def lines_of(module: Any) -> Iterator[str]:
    names = getattr(module, "__all__", None) or list(vars(module))
    for name in names:
        value = getattr(module, name)
        full = f"{module.__name__}.{name}"
        its_own = (getattr(value, "__module__", None) or "").startswith(module.__name__)
        if name[0] == "_" or isinstance(value, types.ModuleType):
            continue
        if isinstance(value, type) and its_own:
            yield from lines_of_class(full, value)
        elif inspect.isfunction(value) and its_own:
            yield full + parameters(value)
        elif name.isupper():
            yield full


def lines_of_class(full: str, kind: Any) -> Iterator[str]:
    keys = kind.__annotations__ if hasattr(kind, "__total__") else None
    if keys is not None:  # a record: its keys, also those of the classes that it was written with
        yield f"{full}: {', '.join(sorted(keys))}"
        return
    bases = ", ".join(base.__name__ for base in kind.__bases__ if base is not object)
    yield f"{full}[{bases}]" + (parameters(kind.__init__) if "__init__" in vars(kind) else "")
    for name, value in vars(kind).items():
        if name[0] != "_":
            yield f"{full}.{name}" + (parameters(value) if inspect.isfunction(value) else "")


def parameters(function: Any) -> str:
    given = inspect.signature(function).parameters.values()
    return f"({', '.join(shown(one) for one in given if one.name != 'self')})"


def shown(parameter: inspect.Parameter) -> str:
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    value = parameter.default
    if value is parameter.empty:
        return stars + parameter.name
    only = " (keyword)" if parameter.kind is parameter.KEYWORD_ONLY else ""
    default = "<client>" if isinstance(value, gazu.KitsuClient) else getattr(value, "__name__", repr(value))
    return f"{parameter.name}={default}{only}"


if __name__ == "__main__":
    print("\n".join(lines()))
