"""What debuggers and crash reporters would show of an error: every local variable of every frame."""

import os
from typing import Any, Iterable, Iterator, List, Optional, Tuple

#: The frames of tests hold what they test with.
TESTS = os.path.dirname(os.path.abspath(__file__)) + os.sep


def errors_of(error: Optional[BaseException]) -> List[BaseException]:
    """Return an error with all its causes and contexts, those that Python would not print, too."""
    found: List[BaseException] = []
    left = [error]
    while left:
        current = left.pop()
        if current is not None and not any(current is one for one in found):
            found.append(current)
            left += [current.__cause__, current.__context__]
    return found


def shown(error: BaseException) -> Iterator[Tuple[str, str]]:
    """Yield where a text would be shown, and the text."""
    for one in errors_of(error):
        yield f"{type(one).__name__}", f"{one} {one!r} {vars(one)!r}"
        traceback = one.__traceback__
        while traceback is not None:
            yield from of_frame(traceback.tb_frame)
            traceback = traceback.tb_next


def of_frame(frame: Any) -> Iterator[Tuple[str, str]]:
    """Yield the place and the text of each local variable, unless the frame is one of a test."""
    code = frame.f_code
    if not code.co_filename.startswith(TESTS):
        for name, value in list(frame.f_locals.items()):
            yield f"{code.co_filename}:{frame.f_lineno} {code.co_name}: {name}", text_of(value)


def text_of(value: Any) -> str:
    """Return what a value shows of itself; tuples, lists and dicts are looked into by their own classes."""
    try:
        text = repr(value)
    except Exception as error:
        text = f"{type(error).__name__}"
    if isinstance(value, dict):
        text += "".join(text_of(one) for pair in list(value.items()) for one in pair)
    elif isinstance(value, (list, tuple)):
        text += "".join(map(text_of, value))
    return text


def leaks(error: BaseException, secrets: Iterable[str]) -> List[str]:
    """Return the places at which *error* tells one of *secrets*."""
    return [f"{place} tells {secret}" for place, text in shown(error) for secret in secrets if secret in text]
