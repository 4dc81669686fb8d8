"""A list that changes while its pages are read."""

from hypothesis import given
from hypothesis import strategies as st

from gazu.client import _each

SIZE = 3
changes = st.lists(st.tuples(st.sampled_from(["update", "insert", "delete"]), st.integers(0, 1000)), max_size=3)


class Server:
    """Rows in pages, the one that changed last first, with changes before each page."""

    def __init__(self, count, script):
        self.rows = list(range(count))
        self.script, self.next, self.asked = list(script), count, []
        self.gone = set()

    def change(self):
        for what, where in self.script.pop(0) if self.script and self.asked else []:
            if what == "insert":
                self.rows.insert(0, self.next)
                self.next += 1
            elif self.rows:
                row = self.rows.pop(where % len(self.rows))
                if what == "update":
                    self.rows.insert(0, row)
                else:
                    self.gone.add(row)

    def fetch(self, page):
        self.change()
        self.asked.append(page)
        if page is None:
            return [{"id": row} for row in self.rows]
        rows = self.rows[(page - 1) * SIZE : page * SIZE]
        return {"data": [{"id": row} for row in rows], "total": len(self.rows), "nb_pages": -(-len(self.rows) // SIZE)}


@given(st.integers(0, 20), st.lists(changes, max_size=8))
def test_whatever_is_there_all_the_time_comes_once(count, script):
    server = Server(count, script)
    came = [row["id"] for row in _each(server.fetch, "rows")]
    assert len(came) == len(set(came))
    assert {*range(count)} - server.gone <= {*came}


@given(st.integers(0, 20), st.lists(st.lists(st.just(("insert", 0)), max_size=SIZE), max_size=8))
def test_new_rows_alone_are_no_reason_to_ask_again(count, script):
    server = Server(count, script)
    came = [row["id"] for row in _each(server.fetch, "rows")]
    assert {*range(count)} <= {*came}
    assert None not in server.asked


def test_pages_are_asked_for_when_they_are_needed():
    server = Server(10, [])
    rows = _each(server.fetch, "rows")
    assert server.asked == []
    assert [next(rows)["id"] for _ in range(4)] == [0, 1, 2, 3]
    assert server.asked == [1, 2]
    assert len(list(rows)) == 6 and server.asked == [1, 2, 3, 4]


def test_a_list_without_pages_will_do():
    assert list(_each(lambda page: [1, 2], "rows")) == [1, 2]
    assert list(_each(lambda page: [], "rows")) == []


def test_pages_in_no_order_are_known_by_what_is_missing():
    """Rows of one moment have no order of their own: the server may show one twice, and another not at all."""
    pages = {1: "abc", 2: "abf", None: "abcdef"}

    def fetch(page):
        rows = [{"id": name} for name in pages[page]]
        return rows if page is None else {"data": rows, "total": 6, "nb_pages": 2}

    assert sorted(row["id"] for row in _each(fetch, "rows")) == list("abcdef")
