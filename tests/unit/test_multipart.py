"""The body of an upload."""

import io
import os
from email.parser import BytesParser

import pytest

import gazu
from gazu._http.multipart import SMALL, Multipart
from gazu.client import KitsuClient

PERSON = "0f41e7af-bc6a-5cdc-9cd6-84d6a7d3ae7f"


def parse(form):
    mail = f"Content-Type: {form.content_type}\r\n\r\n".encode() + b"".join(form)
    return BytesParser().parsebytes(mail).get_payload()


def test_fields_and_files():
    form = Multipart({"a": 1, "none": None, "list": ["x", None, b"y"]}, {"file": ("n.png", b"data", "image/png")})
    parts = parse(form)
    assert [part.get_param("name", header="content-disposition") for part in parts] == ["a", "list", "list", "file"]
    assert [part.get_payload(decode=True) for part in parts] == [b"1", b"x", b"y", b"data"]
    assert parts[3].get_filename() == "n.png"
    assert parts[3].get_content_type() == "image/png"
    assert parts[0].get_filename() is None


def test_length_is_that_of_the_body():
    form = Multipart({"name": "caf\u00e9"}, {"file": io.BytesIO(b"x" * 3000)})
    assert len(form) == len(b"".join(form))
    assert b"".join(form) == b"".join(form)  # again and again
    assert form.total == 3000


def test_empty_form():
    form = Multipart({}, {})
    assert b"".join(form) == f"--{form.boundary}--\r\n".encode()
    assert form.total == 0


@pytest.mark.parametrize("size, kind", [(SMALL // 2, bytes), (SMALL + 1, Multipart)])
def test_small_bodies_are_bytes(size, kind):
    form = Multipart({}, {"file": io.BytesIO(bytes(size))})
    assert type(form.body()) is kind
    assert len(form.body()) == len(form)


@pytest.mark.parametrize("name", ['a"b', "a\r\nX-Evil: 1", "a\nb", "caf\u00e9", "a\\b", "\u65e5"])
def test_names_stay_in_their_header(name):
    form = Multipart({name: "1"}, {"file": (name, b"data")})
    parts = parse(form)
    assert len(parts) == 2
    assert [set(part.keys()) for part in parts] == [{"Content-Disposition"}] * 2


def test_file_of_a_tuple_without_a_name():
    parts = parse(Multipart({}, {"field": (None, "text")}))
    assert parts[0].get_filename() is None
    assert parts[0].get_payload() == "text"


def test_start_of_the_file_is_where_it_stands():
    file = io.BytesIO(b"0123456789")
    file.seek(4)
    form = Multipart({}, {"file": ("n", file)})
    assert form.total == 6
    assert parse(form)[0].get_payload() == "456789"
    assert parse(form)[0].get_payload() == "456789"


def test_failure_is_kept():
    def progress(done, total):
        raise RuntimeError("enough")

    form = Multipart({}, {"file": io.BytesIO(bytes(10))}, progress)
    with pytest.raises(RuntimeError):
        list(form)
    assert isinstance(form.error, RuntimeError)


def test_reader_that_stops_early_is_no_failure():
    form = Multipart({}, {"file": io.BytesIO(bytes(10))})
    reader = iter(form)
    next(reader)
    reader.close()
    assert form.error is None


def test_boundary_is_new_each_time():
    assert Multipart({}, {}).boundary != Multipart({}, {}).boundary


def test_names_with_quotes_and_line_ends():
    body = Multipart({'a"b': "x"}, {"f": ("c\rd\ne.png", b"y")}).body()
    assert b'name="a%22b"' in body and b'filename="c%0Dd%0Ae.png"' in body


def test_names_of_a_system_whose_encoding_python_takes_for_ascii():
    name = "caf\u00e9.png".encode().decode("ascii", "surrogateescape")
    assert 'filename="caf\u00e9.png"'.encode() in Multipart({}, {"f": (name, b"x")}).body()


@pytest.mark.parametrize("call", ["publish", "attach", "avatar"])
def test_names_that_are_not_utf_8_are_refused_before_anything_is_sent(call, tmp_path):
    path = os.fsencode(str(tmp_path)) + b"/caf\xe9.png"
    with open(path, "wb") as stream:
        stream.write(b"x")
    client = KitsuClient("http://127.0.0.1:9/api")  # nobody answers there
    name = os.fsdecode(path)
    with pytest.raises(ValueError, match=r"caf\\udce9.png.*: the name of the file is not valid UTF-8"):
        if call == "publish":
            gazu.task.publish_preview(PERSON, PERSON, preview_file_path=name, client=client)
        elif call == "attach":
            gazu.task.add_comment(PERSON, PERSON, "note", attachments=[name], client=client)
        else:
            gazu.person.set_avatar(PERSON, name, client=client)
