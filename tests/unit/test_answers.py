"""The checker of answers finds what is wrong."""

import sys
from typing import Any, Dict, List, Optional, Tuple, Union

import pytest

if sys.version_info >= (3, 9):  # with older ones, a TypedDict does not tell which keys are required
    from typing import TypedDict

    from ..answers import problems

    class _Required(TypedDict):
        id: str

    class Thing(_Required, total=False):
        size: Optional[int]
        parts: List["Thing"]

    GOOD: Any = [
        ({"id": "a"}, Thing),
        ({"id": "a", "size": None, "parts": [{"id": "b", "size": 3}]}, Thing),
        ([{"id": "a"}], List[Thing]),
        ({"a": [{"id": "a"}]}, Dict[str, List[Thing]]),
        (None, Optional[Thing]),
        (1, float),
        (({"id": "a"}, "b"), Tuple[Thing, str]),
        ({"any": object()}, Dict[str, Any]),
        ("a", Union[int, str]),
        (object(), "Response"),
    ]
    BAD: Any = [
        ({}, Thing, "answer: Thing without 'id'"),
        ({"id": 1}, Thing, "answer['id']: 1 instead of str"),
        ({"id": "a", "weight": 1}, Thing, "answer: Thing does not declare 'weight' (1)"),
        ({"id": "a", "size": True}, Thing, "answer['size']: True instead of int"),
        ({"id": "a", "parts": [{"id": None}]}, Thing, "answer['parts'][0]['id']: None instead of str"),
        ({"id": "a"}, List[Thing], "answer: dict instead of list"),
        ([None], List[Thing], "answer[0]: NoneType instead of Thing"),
        ([{"id": 1}], Optional[List[Thing]], "answer[0]['id']: 1 instead of str"),
        ({1: "a"}, Dict[str, str], "answer key 1: 1 instead of str"),
        ("a", float, "answer: 'a' instead of float"),
        (("a",), Tuple[str, str], "answer: ('a',) instead of a tuple of 2"),
        ("a", None, "answer: 'a' instead of None"),
    ]

    @pytest.mark.parametrize(("value", "declared"), GOOD)
    def test_what_is_right_passes(value: Any, declared: Any) -> None:
        assert problems(value, declared) == []

    @pytest.mark.parametrize(("value", "declared", "words"), BAD)
    def test_what_is_wrong_is_said(value: Any, declared: Any, words: str) -> None:
        assert problems(value, declared) == [words]
