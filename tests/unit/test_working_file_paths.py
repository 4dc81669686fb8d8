"""The path that a working file has on the server: everybody in the production can change it."""

from pathlib import Path

import pytest

from gazu import client as raw
from gazu import files
from gazu.exception import DownloadFileException, ParameterException

ID = "4a42b66f-a1e3-5070-90cd-9cc26c147a5b"
ROW = {"id": ID, "task_id": ID, "name": "main", "revision": 3, "software_id": None}


@pytest.fixture
def place(monkeypatch, tmp_path):
    """Return where a working file with a path is written to."""
    monkeypatch.chdir(tmp_path)
    written = []
    monkeypatch.setattr(raw, "download", lambda path, place, **options: written.append(place))

    def place(path, tree=None):
        def build(*args, **options):
            if tree is None:
                raise ParameterException("path", "no file tree")
            return tree

        monkeypatch.setattr(raw, "fetch_one", lambda *args, **options: {**ROW, "path": path})
        monkeypatch.setattr(files, "build_working_file_path", build)
        del written[:]
        files.download_working_file(ID)
        return written[0]

    return place


def test_the_path_of_the_file_tree(place):
    assert place("/prod/my main", "/prod/my_main") == "/prod/my main"
    assert place("C:\\prod\\main", "C:/prod/main") == "C:\\prod\\main"


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "~/.bashrc", "../main", "/prod/../main", "a/b", "..\\main", "C:\\x", ".bashrc", "", None, ".."],
)
def test_another_path(path, place):
    for tree in (None, "/prod/main"):
        with pytest.raises(DownloadFileException, match="give file_path"):
            place(path, tree)


def test_dots_are_refused_wherever_they_come_from(place):
    with pytest.raises(DownloadFileException):
        place("/prod/../main", "/prod/../main")


def test_a_new_name_in_the_current_folder(place):
    assert place("scene_v001.blend") == "scene_v001.blend"
    Path("scene_v001.blend").write_bytes(b"old")
    with pytest.raises(DownloadFileException):
        place("scene_v001.blend")
