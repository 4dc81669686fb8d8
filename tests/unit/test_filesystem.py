"""What file systems do differently."""

import ntpath
import os
import shutil

import pytest

from gazu._http import filesystem
from gazu._http.filesystem import long_path, real_path, temporary_folder


@pytest.fixture
def windows(monkeypatch):
    """Have the paths of Windows."""
    monkeypatch.setattr(os, "name", "nt")
    monkeypatch.setattr(filesystem.os, "path", ntpath)


LONG = "a" * 250


@pytest.mark.parametrize(
    "path, expected",
    [
        ("C:\\shots\\a.png", "C:\\shots\\a.png"),
        ("C:\\shots/" + "a" * 250, "C:\\shots/" + "a" * 250),
        ("C:\\shots/" + "a" * 251, "\\\\?\\C:\\shots\\" + "a" * 251),
        ("\\\\nas\\shots\\" + LONG, "\\\\?\\UNC\\nas\\shots\\" + LONG),
        ("\\\\?\\C:\\shots\\" + LONG, "\\\\?\\C:\\shots\\" + LONG),
    ],
)
def test_long_paths(path, expected, windows):
    assert long_path(path) == expected


def test_long_paths_of_other_systems_stay():
    assert long_path("/shots/" + "a" * 300) == "/shots/" + "a" * 300


def test_only_links_are_followed_on_windows(windows, monkeypatch):
    """So that a path on a drive that is a share does not get longer."""
    monkeypatch.setattr(ntpath, "realpath", lambda path: "\\\\nas\\" + path[3:])
    monkeypatch.setattr(ntpath, "islink", lambda path: path.endswith("link"))
    assert real_path("Z:\\a.png") == "Z:\\a.png"
    assert real_path("Z:\\link") == "\\\\nas\\link"


@pytest.mark.parametrize("name", ["unlink", "rmdir"])
def test_folder_that_cannot_be_removed_is_no_error(name, monkeypatch, tmp_path):
    def refuse(path, *rest, **more):
        raise PermissionError(13, "in use", path)

    with temporary_folder(str(tmp_path)) as folder:
        with open(os.path.join(folder, "a"), "w"):
            pass
        monkeypatch.setattr(os, name, refuse)
    monkeypatch.undo()
    assert os.path.isdir(folder)
    shutil.rmtree(folder)


def test_folder_is_removed_also_after_an_error(tmp_path):
    with pytest.raises(KeyError), temporary_folder(tmp_path) as folder:
        os.mkdir(os.path.join(folder, "a"))
        raise KeyError
    assert os.listdir(str(tmp_path)) == []
