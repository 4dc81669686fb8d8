"""Bodies of requests: forms and JSON."""

import datetime
import io
import json
from email.parser import BytesParser
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from gazu._http import multipart
from gazu._http.multipart import Multipart
from gazu.encoder import encode

text = st.text(st.characters(blacklist_categories=("Cs",)))
# How other characters are read depends on the reader of the form.
names = st.text(st.characters(min_codepoint=32, max_codepoint=126, blacklist_characters='%\\"'), min_size=1).filter(
    lambda name: name == name.strip()
)


def parse(form):
    mail = f"Content-Type: {form.content_type}\r\n\r\n".encode() + b"".join(form)
    return BytesParser().parsebytes(mail).get_payload()


@given(st.dictionaries(names, st.one_of(text, st.binary(), st.integers())), st.dictionaries(names, st.binary()))
def test_forms_come_back(fields, files):
    form = Multipart(fields, {name: (name, io.BytesIO(content)) for name, content in files.items()})
    body = b"".join(form)
    assert len(body) == len(form)
    assert form.total == sum(map(len, files.values()))
    parts = parse(form) if fields or files else []
    expected = [value if isinstance(value, bytes) else str(value).encode() for value in fields.values()]
    assert [part.get_payload(decode=True) for part in parts] == expected + list(files.values())
    assert [part.get_param("name", header="content-disposition") for part in parts] == [*fields, *files]
    assert [part.get_param("filename", header="content-disposition") for part in parts] == [None] * len(fields) + list(
        files
    )


@given(text, text, st.binary())
def test_no_name_breaks_out_of_its_header(name, filename, content):
    form = Multipart({}, {name: (filename, content)})
    head, _, rest = b"".join(form).partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert len(lines) == 2
    assert lines[1].count(b'"') == 4
    assert rest == content + f"\r\n--{form.boundary}--\r\n".encode()
    sent = lines[1].decode().split('"')
    assert unquote(sent[1]) == unquote(name)
    assert unquote(sent[3]) == unquote(filename)


@given(st.binary(max_size=100), st.integers(0, 100), st.integers(1, 7))
def test_files_in_chunks_of_any_size(content, start, chunk):
    start = min(start, len(content))
    file = io.BytesIO(content)
    file.seek(start)
    calls = []
    form = Multipart({}, {"file": file}, lambda done, total: calls.append((done, total)))
    before, multipart.CHUNK = multipart.CHUNK, chunk
    try:
        body = b"".join(form)
    finally:
        multipart.CHUNK = before
    assert content[start:] + b"\r\n--" in body
    size = len(content) - start
    assert calls == [(min(done + chunk, size), size) for done in range(0, size, chunk)]


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), text),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(text, inner)),
    max_leaves=20,
)


@given(values)
def test_json_comes_back(value):
    assert json.loads(encode(value)) == value
    assert encode(value).encode("ascii")


@given(st.datetimes(), st.dates(), st.times(), st.uuids())
def test_dates_and_ids_become_text(moment, day, time, number):
    sent = json.loads(encode([moment, day, time, number]))
    assert sent == [moment.isoformat(), day.isoformat(), time.isoformat(), str(number)]
    assert datetime.datetime.strptime(sent[1], "%Y-%m-%d").date() == day
