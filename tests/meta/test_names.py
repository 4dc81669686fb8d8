"""What the modules offer to editors, and what they say of a name that they do not have."""

import pickle
import subprocess
import sys
from types import FunctionType
from unittest import mock

import pytest

import gazu

from .code import DOMAINS

MODULES = [
    getattr(gazu, name) for name in DOMAINS if name not in ("bulk", "events", "query", "file_trees", "review", "sync")
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_completion_offers_functions_only(module):
    offered = [name for name in dir(module) if not name.startswith("__")]
    assert offered and all(type(getattr(module, name)) is FunctionType for name in offered)
    assert {getattr(module, name).__module__ for name in offered} == {module.__name__}
    own = {name for name, value in vars(module).items() if type(value) is FunctionType and name[0] != "_"}
    assert set(offered) == {name for name in own if getattr(module, name).__module__ == module.__name__}
    taken = {}
    exec(f"from {module.__name__} import *", taken)
    assert sorted(name for name in taken if name != "__builtins__") == sorted(offered)
    assert {"__name__", "__doc__", "__file__"} <= {*dir(module)}


def test_completion_of_a_module_with_a_class():
    assert [name for name in dir(gazu.review) if not name.startswith("__")] == ["SharedPlaylist"]


def test_completion_of_the_package():
    offered = {name for name in dir(gazu) if not name.startswith("__")}
    assert offered == {*gazu.__all__, "aio", "sandbox"} - {"__version__"}


@pytest.mark.parametrize(
    "module, name, text",
    [
        ("gazu", "shots", "'shot'"),
        ("gazu", "set_hosts", "'set_host'"),
        ("gazu.task", "all_shot_for_project", "'gazu.shot.all_shots_for_project'"),
        ("gazu.task", "all_task_for_shot", "'all_tasks_for_shot'"),
        ("gazu.client", "fetch_al", "'fetch_all'"),
    ],
)
def test_a_name_that_there_is_not(module, name, text):
    """In a process of its own, where no other module is loaded."""
    code = f"import gazu\ntry: {module}.{name}\nexcept AttributeError as error: print(error)"
    said = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True).stdout.decode().strip()
    assert said == f"module {module!r} has no attribute {name!r}: did you mean {text}?"


def test_what_asks_for_names_goes_on():
    assert not hasattr(gazu.task, "xyzzy") and not hasattr(gazu, "xyzzy") and not hasattr(gazu.task, "__wrapped__")
    with pytest.raises(AttributeError, match="^module 'gazu.task' has no attribute '_xyzzy'$"):
        getattr(gazu.task, "_xyzzy")  # noqa: B009
    with pytest.raises(AttributeError, match="does not have the attribute"):
        mock.patch("gazu.task.all_task_for_shot").start()
    with mock.patch("gazu.task.all_tasks_for_shot", return_value=[]):
        assert gazu.task.all_tasks_for_shot("x") == []
    assert pickle.loads(pickle.dumps(gazu.task.all_tasks_for_shot)) is gazu.task.all_tasks_for_shot
    with pytest.raises(ImportError):
        exec("from gazu.task import all_task_for_shot")
