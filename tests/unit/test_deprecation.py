"""Calls of earlier releases."""

import inspect
import os
import pickle
import pydoc
import re
import subprocess
import sys
import warnings
from types import FunctionType, SimpleNamespace
from typing import Any, Callable, List

import pytest

import gazu
from gazu.deprecation import deprecated, older_calls

CLIENT: Any = SimpleNamespace(host="http://kitsu/api", tokens={})
OTHER: Any = SimpleNamespace(host="http://other/api", tokens={})
ID = "0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"


def is_list(value: Any) -> bool:
    return isinstance(value, list)


@older_calls("1.0", renamed={"colour": "color"}, inserted_at={1: is_list})
def paint(name: str, color: str = "red", layers: Any = None, client: Any = CLIENT, progress: Any = None) -> List[Any]:
    """Return the arguments."""
    return [name, color, layers, client, progress]


@older_calls(optional_first="task")
def reply(comment: str, text: str, person: Any = None, client: Any = CLIENT, task: Any = None) -> List[Any]:
    return [comment, text, person, client, task]


@deprecated("removed in gazu 1.0: use `paint`")
def draw(name: str) -> str:
    """Draw a layer."""
    return name


def test_calls_of_today_pass_without_a_warning() -> None:
    assert paint("sky") == ["sky", "red", None, CLIENT, None]
    assert paint("sky", "blue", ["a"], OTHER, print) == ["sky", "blue", ["a"], OTHER, print]
    assert paint("sky", color="blue", client=OTHER) == ["sky", "blue", None, OTHER, None]


@pytest.mark.parametrize(
    ("args", "kwargs", "result"),
    [
        (("sky", OTHER), {}, ["sky", "red", None, OTHER, None]),
        (("sky", "blue", OTHER, print), {}, ["sky", "blue", None, OTHER, print]),
        (("sky", ["a"]), {}, ["sky", "red", ["a"], CLIENT, None]),
        (("sky", ["a"], OTHER), {}, ["sky", "red", ["a"], OTHER, None]),
        (("sky",), {"colour": "blue"}, ["sky", "blue", None, CLIENT, None]),
    ],
)
def test_older_calls_do_the_same_with_a_warning(args: Any, kwargs: Any, result: Any) -> None:
    with pytest.warns(
        DeprecationWarning, match="paint is called as in gazu 1.0 or earlier: its parameters are now name, color"
    ):
        assert paint(*args, **kwargs) == result


def test_what_is_no_call_of_any_release_is_refused() -> None:
    with pytest.raises(TypeError):
        paint("sky", tint="blue")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("args", "kwargs", "result"),
    [
        (("c", "hello"), {}, ["c", "hello", None, CLIENT, None]),
        (("c", "hello", ID), {}, ["c", "hello", ID, CLIENT, None]),
        ((ID, ID, "hello"), {}, [ID, "hello", None, CLIENT, ID]),
        ((ID, {"id": ID}, "hello", ID), {}, [{"id": ID}, "hello", ID, CLIENT, ID]),
        ((ID, ID, "hello", None, OTHER), {}, [ID, "hello", None, OTHER, ID]),
        ((ID,), {"comment": "c", "text": "hello"}, ["c", "hello", None, CLIENT, ID]),
        (("c", "hello"), {"task": ID}, ["c", "hello", None, CLIENT, ID]),
    ],
)
def test_an_optional_first_argument_may_be_left_out(args: Any, kwargs: Any, result: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert reply(*args, **kwargs) == result


# -- functions that are only kept for older scripts ------------------------------
def lines_of_warnings(function: Callable[[str], str]) -> List[int]:
    """Call the function four times from two lines, and return the lines of the warnings, counted from the first call."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        first = inspect.currentframe().f_lineno + 2  # type: ignore[union-attr]
        for name in ("sky", "sea", "sun"):
            assert function(name) == name
        assert function("moon") == "moon"
    assert {(one.category, one.filename) for one in caught} == {(DeprecationWarning, __file__)}
    assert {"removed in gazu 1.0: use `paint`" in str(one.message) for one in caught} == {True}
    return [one.lineno - first for one in caught]


def test_a_deprecated_function_works_and_warns_once_for_each_line_that_calls_it() -> None:
    assert lines_of_warnings(draw) == [0, 1]


def test_without_the_package_it_works_and_warns_as_well(monkeypatch: Any) -> None:
    @deprecated("removed in gazu 1.0: use `paint`")
    def sketch(name: str) -> str:
        return name

    monkeypatch.setitem(sys.modules, "deprecated", None)
    assert lines_of_warnings(sketch) == [0, 1]


def test_a_deprecated_function_stays_a_function() -> None:
    assert type(draw) is FunctionType
    assert str(inspect.signature(draw)) == "(name: str) -> str"
    assert draw.__deprecated__ == "removed in gazu 1.0: use `paint`"
    assert pickle.loads(pickle.dumps(draw)) is draw
    assert pydoc.render_doc(draw, renderer=pydoc.plaintext).endswith("draw(name: str) -> str\n    Draw a layer.\n")


def test_the_package_is_loaded_by_the_first_call_only() -> None:
    script = """
import sys, warnings
import gazu
for name in gazu._MODULES:
    if name not in ("sandbox", "cli"):
        getattr(gazu, name)
assert not {"deprecated", "wrapt"} & set(sys.modules)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("default")
    gazu.client.get_zou_url_from_host()
assert {"deprecated", "wrapt"} <= set(sys.modules)
assert "get_zou_url_from_host" in str(caught[-1].message), caught
"""
    root = os.path.dirname(os.path.dirname(os.path.abspath(gazu.__file__)))
    subprocess.run([sys.executable, "-c", script], check=True, env=dict(os.environ, PYTHONPATH=root), timeout=60)


def test_each_message_names_the_release_and_a_function_that_exists() -> None:
    modules = [gazu, gazu.client, *(getattr(gazu, name) for name in gazu._MODULES if name not in ("sandbox", "cli"))]
    found = {
        function: module
        for module in modules
        for function in vars(module).values()
        if type(function) is FunctionType
        and function.__module__ == module.__name__
        and hasattr(function, "__deprecated__")
    }
    assert len(found) == 17
    for function, module in found.items():
        message = function.__deprecated__  # type: ignore[attr-defined]
        assert re.match(r"removed in gazu \d\.\d+: use ", message), message
        for name in re.findall(r"`([\w.]+)", message):
            place: Any = module if "." not in name else gazu
            for part in name.split("."):
                place = getattr(place, part)
            assert not hasattr(place, "__deprecated__"), message
