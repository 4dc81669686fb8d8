"""Calls of earlier releases."""

import warnings
from types import SimpleNamespace
from typing import Any, List

import pytest

from gazu.deprecation import older_calls, removed

CLIENT: Any = SimpleNamespace(host="http://kitsu/api", tokens={})
OTHER: Any = SimpleNamespace(host="http://other/api", tokens={})
ID = "0b5e4a30-5f1a-4c5e-9d52-0d6a4b9c7f10"


def is_list(value: Any) -> bool:
    return isinstance(value, list)


@older_calls("1.0", renamed={"colour": "color"}, gaps={1: is_list})
def paint(name: str, color: str = "red", layers: Any = None, client: Any = CLIENT, progress: Any = None) -> List[Any]:
    """Return what came."""
    return [name, color, layers, client, progress]


@older_calls(leading="task")
def reply(comment: str, text: str, person: Any = None, client: Any = CLIENT, task: Any = None) -> List[Any]:
    return [comment, text, person, client, task]


@removed("1.0", "paint")
def draw(name: str) -> str:
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
    with pytest.warns(DeprecationWarning, match="paint is called as until gazu 1.0: its parameters are name, color"):
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
def test_a_leading_argument_may_be_there_or_not(args: Any, kwargs: Any, result: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert reply(*args, **kwargs) == result


def test_a_removed_function_works_with_a_warning_that_names_the_place_of_the_call() -> None:
    with pytest.warns(DeprecationWarning, match="draw left gazu with release 1.0: use paint") as caught:
        assert draw("sky") == "sky"
    assert caught[0].filename == __file__
    assert (draw.removed_since, draw.instead) == ("1.0", "paint")  # type: ignore[attr-defined]
