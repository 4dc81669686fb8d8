"""Who may import whom, and what: layers look down only, and take public names only."""

import ast
import re
from typing import List, Set

import pytest

from .code import (
    DOMAINS,
    FLOWS,
    IMPORTS,
    ROOT,
    TREES,
    Use,
    called,
    circles,
    files_of,
    graph,
    is_private,
    private_uses,
    reachable,
)

#: From the lowest to the highest: nothing reaches a part of a later line, by whatever it imports.
#: A module that is not named here stands where its imports put it.
LAYERS: List[Set[str]] = [
    {"__version__", "exception", "models"},
    {"_http"},
    {"client"},
    {*DOMAINS} - {*FLOWS},
    {*FLOWS},
    {"cli"},
]


def test_layers_look_down_only() -> None:
    edges = graph(IMPORTS, by_part=True)
    wrong = set()
    for level, lower in enumerate(LAYERS):
        higher = set().union(*LAYERS[level + 1 :])
        wrong |= {f"{part} reaches {name}" for part in lower for name in reachable(part, edges) & higher}
    assert sorted(wrong) == []


def test_no_module_or_package_imports_what_imports_it() -> None:
    assert circles(graph(IMPORTS, by_part=True)) == []


def test_no_file_imports_what_imports_it() -> None:
    """Neither at once, nor within a function, nor for the types."""
    assert circles(graph(IMPORTS, by_part=False)) == []


def test_each_package_is_distributed() -> None:
    text = (ROOT.parent / "pyproject.toml").read_text(encoding="utf-8")
    named = re.findall(r'"(gazu[\w.]*)"', re.findall(r"^packages = (\[.*\])", text, re.MULTILINE)[0])
    packages = {name.rpartition("/")[0] for name in TREES if name.endswith("/__init__")}
    assert sorted(named) == sorted(["gazu", *(f"gazu.{name}" for name in packages)])


# -- other libraries -----------------------------------------------------------
#: Who alone may import a library: a package, or files of the transport.
ONLY_IN = {
    "requests": {"_http/session", "_http/connections", "_http/failures"},
    "urllib3": {"_http/session", "_http/connections", "_http/failures"},
    "aiohttp": {"_http/async_session"},
    "yarl": {"_http/async_session"},
    "socketio": {"events", "_socket", "cli"},
    "click": {"cli"},
    "rich": {"cli"},
}


@pytest.mark.parametrize("library", ONLY_IN)
def test_only_one_place_imports(library: str) -> None:
    imports = [one for one in IMPORTS if one.target.split(".")[0] == library]
    found = {one.file for one in imports if not one.is_ours and not one.for_types_only}
    assert found, "nobody does: this line has to go"
    assert {file for file in found if not {file, file.split("/")[0]} & ONLY_IN[library]} == set()


def test_the_folder_works_under_any_name() -> None:
    found = {one.file for one in IMPORTS if not one.is_ours and one.target.split(".")[0] == "gazu"}
    assert found == set(), f"not relative, in {ROOT}"


# -- private names ---------------------------------------------------------------
USES = [use for file in TREES for use in private_uses(file)]
SOURCES = {file: (ROOT / f"{file}.py").read_text(encoding="utf-8").split("\n") for file in TREES}


def is_explained(use: Use) -> bool:
    """Return whether a comment, in the line or the one above, names the version that needs it."""
    return bool(re.search(r"#.*\d+\.\d+", "\n".join(SOURCES[use.file][max(use.line - 2, 0) : use.line])))


def shown(uses: List[Use]) -> List[str]:
    return sorted({f"{use.file}:{use.line} {use.name}" for use in uses})


def test_no_file_uses_a_private_name_of_another() -> None:
    # Ours may have the name of one of another library, as `_content`: the comment distinguishes them.
    uses = [use for use in USES if use.is_ours and not is_explained(use)]
    assert shown(uses) == []


def test_private_names_of_other_libraries_are_few_and_explained() -> None:
    uses = [use for use in USES if not use.is_ours or is_explained(use)]
    assert len(shown(uses)) <= 8, shown(uses)
    assert shown([use for use in uses if not is_explained(use)]) == []


def test_the_host_program_is_left_alone() -> None:
    """Neither the frames of its functions are read, nor is its garbage collector set up."""
    found = set()
    for file in TREES:
        for node in ast.walk(TREES[file]):
            name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
            if name in ("_getframe", "f_locals", "f_back", "freeze", "set_threshold") or ast.dump(node).endswith(
                "attr='environ'), attr='_data', ctx=Load())"
            ):
                found.add(f"{file}: {name}")
    assert sorted(found) == []


# -- what stands on public functions only ------------------------------------------
@pytest.mark.parametrize("part", ["sync", "context", "cli"])
def test_stands_on_public_functions_only(part: str) -> None:
    files = files_of(part)
    wrong = {
        f"{one.file}:{one.line} {one.target} {one.name}"
        for one in IMPORTS
        if one.is_ours and one.file in files and one.target not in files
        if any(is_private(name) for name in [*one.target.replace("/__init__", "").split("/"), one.name])
    }
    assert sorted(wrong) == []
    assert shown([use for use in USES if use.is_ours and use.file in files_of(part)]) == []


def test_these_tests_see_what_they_look_for() -> None:
    assert len(IMPORTS) > 300
    assert any(called(node) == "route" for node in ast.walk(TREES["shot"]) if isinstance(node, ast.Call))
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [("b", "c")]
    assert reachable("a", {"a": {"b"}, "b": {"c"}}) == {"b", "c"}
