"""Records as tables: what a notebook shows, by the formatter of IPython where that runs."""

import subprocess
import sys
from typing import Any, Callable, Dict, List, Tuple
from unittest import mock

import pytest

import gazu
from gazu import notebook


class Formatter(Dict[Any, Any]):
    """What is used of IPython's, which has a newer Python than 3.7 only: `test_notebook.py` of the live tests has it."""

    def for_type(self, kind: Any, function: Callable[[Any], Any]) -> None:
        self[kind] = function


@pytest.fixture
def shell() -> Any:
    return mock.Mock(display_formatter=mock.Mock(formatters={"text/html": Formatter()}))


def record(**more: Any) -> Dict[str, Any]:
    return {"id": "a", "type": "Shot", "name": "SH010", **more}


def cells(records: Any) -> Tuple[List[str], str]:
    """Return the head of a table, and the rest of the HTML."""
    html = notebook.table(records)
    assert html is not None
    head, _, rest = html.partition("</tr>")
    return head.replace("<table><tr><th>", "").replace("</th>", "").split("<th>"), rest


def test_a_record_and_a_list_of_records() -> None:
    head, rest = cells(record(nb_frames=48))
    assert head == ["name", "nb_frames"]
    assert rest == "<tr><td>SH010</td><td>48</td></tr></table><p>Shot: 1 of 1</p>"
    head, rest = cells([record(), record(name="SH020", nb_frames=12, type="Edit")])
    assert head == ["name", "nb_frames"]
    assert rest.startswith("<tr><td>SH010</td><td></td></tr><tr><td>SH020</td><td>12</td></tr>")
    assert rest.endswith("<p>Edit / Shot: 2 of 2</p>")


def test_rows_and_texts_are_cut() -> None:
    _, rest = cells([record(text="x" * 100)] * 30)
    assert rest.count("<tr>") == notebook.MAX_ROWS and rest.endswith("Shot: 20 of 30</p>")
    assert f"<td>{'x' * notebook.MAX_CHARACTERS}...</td>" in rest


def test_names_rather_than_ids_and_no_secrets() -> None:
    head, rest = cells(
        record(project_id="p", project={"name": "Bunny", "id": "p"}, person={"full_name": "Ann Lee"}, access_token="t")
    )
    assert head == ["project", "name", "person"]
    assert rest.startswith("<tr><td>Bunny</td><td>SH010</td><td>Ann Lee</td></tr>")


def test_html_is_escaped() -> None:
    html = notebook.table(record(name="<b>&", type="<i>"))
    assert html is not None and "&lt;b&gt;&amp;" in html and "&lt;i&gt;" in html
    assert "<b>" not in html and "<i>" not in html


@pytest.mark.parametrize(
    "value", [{}, [], [1], {"id": "a"}, {"id": 1, "type": "Shot"}, [record(), {"name": "x"}], {"host": "h"}, [[record()]]]
)  # fmt: skip
def test_anything_else_shows_as_before(value: Any) -> None:
    assert notebook.table(value) is None


def test_a_class_of_its_own_shows_itself() -> None:
    class Rows(list):  # type: ignore[type-arg]
        def _repr_html_(self) -> str:
            return "<hr>"

    class Plain(dict):  # type: ignore[type-arg]
        pass

    assert notebook.table(Rows([record()])) == "<hr>" and notebook.table(Plain(record())) is None


def test_extension_is_loaded_and_unloaded(shell: Any) -> None:
    notebook.load_ipython_extension(shell)
    assert shell.display_formatter.formatters["text/html"] == {dict: notebook.table, list: notebook.table}
    notebook.unload_ipython_extension(shell)
    notebook.unload_ipython_extension(shell)
    assert shell.display_formatter.formatters["text/html"] == {}


@pytest.mark.parametrize("there_is_one", [True, False])
def test_show_tables_needs_a_notebook(shell: Any, there_is_one: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    ipython = mock.Mock(get_ipython=lambda: shell if there_is_one else None)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    if there_is_one:
        gazu.notebook.show_tables()
        assert list in shell.display_formatter.formatters["text/html"]
    else:
        with pytest.raises(RuntimeError, match="call show_tables in a cell"):
            gazu.notebook.show_tables()


def test_progress_follows_what_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    bar = mock.Mock(n=0, total=None)
    bar.reset.side_effect = lambda total: setattr(bar, "total", total)
    bar.update.side_effect = lambda more: setattr(bar, "n", bar.n + more)
    tqdm = mock.Mock(return_value=bar)
    monkeypatch.setitem(sys.modules, "tqdm", mock.Mock())
    monkeypatch.setitem(sys.modules, "tqdm.auto", mock.Mock(tqdm=tqdm))
    show = gazu.notebook.progress("v3.mp4")
    tqdm.assert_called_once_with(desc="v3.mp4", unit="B", unit_scale=True)
    seen = []
    for done in (30, 60, 10, 100):  # a second attempt starts again at 0
        show(done, 100)
        seen.append((bar.n, bar.total, bar.close.called))
    bar.reset.assert_called_once_with(100)
    assert seen == [(30, 100, False), (60, 100, False), (10, 100, False), (100, 100, True)]


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    code = "import sys, gazu; before = 'gazu.notebook' in sys.modules; gazu.notebook.table; print(before, 'IPython' in sys.modules, 'tqdm' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code]).split() == [b"False"] * 3
