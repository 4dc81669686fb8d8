"""No regular expression of the source takes more than linear time, whatever text it is given."""

import ast
import re
import time

import pytest

from .code import TREES

#: What texts consist of, over and over: letters, and what begins a match of one pattern or another.
UNITS = [
    *"a0_-.:/\\@#<>{}[]'\"$ \n\t,;é\u0301", "a.", "a@", "a/", "a ", "0.", "0:", "00:", "1x", "_id", "<a", "<!--", "<script", "</a",
    "<title>", "charset=", "http://", "https://a", "host=", "{a", "${project_name", "KeyError: 'a", "sep=", "bytes 1-",
    "for '", "2026-", "<a(", "..", "#a", "a-",
]  # fmt: skip
SHORT = 2 * 1024
FUNCTIONS = ("compile", "sub", "match", "search", "split", "findall", "fullmatch", "finditer")


def text_of(node):
    """Return the pattern in an argument; what is filled into an f-string is one letter."""
    if isinstance(node, ast.JoinedStr):
        return "".join("a" if isinstance(part, ast.FormattedValue) else text_of(part) for part in node.values)
    try:
        value = ast.literal_eval(node)
    except ValueError:  # it is computed
        return None
    return value if isinstance(value, str) else None


def patterns():
    found = set()
    for tree in TREES.values():
        for node in ast.walk(tree):
            called = node.func if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
            if (
                called
                and called.attr in FUNCTIONS
                and getattr(called.value, "id", "") == "re"
                and text_of(node.args[0])
            ):
                flags = re.IGNORECASE if "IGNORECASE" in ast.dump(node) else 0
                found.add((text_of(node.args[0]), flags))
    return sorted(found)


def seconds(pattern, text):
    """Return the CPU time of looking for it everywhere in a text."""
    started = time.process_time()
    pattern.search(text)
    pattern.sub("", text)
    return time.process_time() - started


def grows(pattern, unit):
    """Return by how much the time grows from a text to one of the fourfold length: to 16 times where it is quadratic."""
    short, long = ((unit * size)[:size] + "\0" for size in (SHORT, 4 * SHORT))
    return seconds(pattern, long) / max(seconds(pattern, short), 0.0003)


def test_there_are_patterns():
    assert len(patterns()) > 30
    assert any(grows(re.compile(r"<[^>]*>"), "<") > 10 for _ in range(3))


@pytest.mark.parametrize("pattern, flags", patterns())
def test_linear(pattern, flags):
    compiled = re.compile(pattern, flags)
    for unit in UNITS:
        assert any(grows(compiled, unit) < 10 for _ in range(3)), unit  # one is enough: the machine may be busy
