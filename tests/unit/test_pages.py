"""The list that also has the keys of the page it came in."""

import copy
import json
import pickle

import pytest

from gazu.pages import PageList

ROWS = [{"id": "1"}, {"id": "2"}]
PAGE = {"data": ROWS[:1], "stats": {"total": 2}, "is_more": False, "limit": 100, "page": 1}


def test_list():
    tasks = PageList(ROWS, PAGE)
    assert isinstance(tasks, list) and tasks == ROWS and len(tasks) == 2
    assert tasks[0] == ROWS[0] and tasks[-1:] == ROWS[1:] and [row["id"] for row in tasks] == ["1", "2"]
    assert ROWS[0] in tasks and {"id": "3"} not in tasks
    assert json.loads(json.dumps(tasks)) == ROWS
    assert sorted(tasks, key=lambda row: row["id"], reverse=True)[0] == ROWS[1]


def test_page():
    tasks = PageList(ROWS, PAGE)
    assert tasks["data"] == ROWS and type(tasks["data"]) is list
    assert (tasks["stats"], tasks["is_more"], tasks["limit"], tasks["page"]) == ({"total": 2}, False, 100, 1)
    assert tasks.get("stats") == {"total": 2} and tasks.get("other") is None and tasks.get("other", 5) == 5
    assert "data" in tasks and "stats" in tasks and "other" not in tasks
    assert set(tasks.keys()) == set(PAGE)
    assert dict(tasks) == {**PAGE, "data": ROWS}
    with pytest.raises(KeyError):
        tasks["other"]


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda tasks: pickle.loads(pickle.dumps(tasks))])
def test_copies(duplicate):
    same = duplicate(PageList(ROWS, PAGE))
    assert same == ROWS and same["stats"] == {"total": 2}


def test_nothing():
    assert PageList() == [] and PageList()["data"] == [] and not PageList()
