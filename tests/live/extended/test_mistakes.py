"""What the library says to mistakes, on Zou 1.0.97. `python -m tests.live.mistakes` prints all of it."""

from typing import Any

import gazu

from ..mistakes import MISTAKES, grade, text_of, world


def test_what_is_said_to_mistakes(admin: Any) -> None:
    """All of them in one test, as they share the people and the production that they are made with, which takes most of the time."""
    with world() as made:
        said = [(mistake, text_of(mistake, made)) for mistake in MISTAKES]
    grades = {f"{mistake.kind}, {mistake.title}: {text}": grade(text, mistake) for mistake, text in said}
    assert [text for text, one in grades.items() if not (one.what and one.where)] == []
    without_cure = [text for text, one in grades.items() if not one.cure]
    assert len(MISTAKES) >= 150 and len(without_cure) <= 12, without_cure
    assert gazu.client.get_current_user()["role"] == "admin"
