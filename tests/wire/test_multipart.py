"""Forms, taken apart in whatever packets they come, and what is none."""

from __future__ import annotations

import pytest

from rolekeeper.errors import AwsError, InvalidArgument, MalformedPOSTRequest, MaxPostPreDataLengthExceeded
from rolekeeper.wire.multipart import MOST_BEFORE, Form, boundary_of
from tests.wire.forms import BOUNDARY, form, part

END = f"--{BOUNDARY}--\r\n".encode()
FILE = bytes(range(256)) * 50 + b"\r\n--" + BOUNDARY[:-1].encode() + b"\r\n\r\n--"


def read(body: bytes, size: int = 1 << 20) -> tuple[Form, bytes]:
    found = Form(BOUNDARY.encode())
    file = b"".join([piece for at in range(0, len(body), size) for piece in found.feed(body[at : at + size])])
    found.close()
    return found, file


def refused(body: bytes, kind: type[AwsError] = MalformedPOSTRequest) -> str:
    messages = set()
    for size in (1, 1 << 20):
        with pytest.raises(kind) as error:
            read(body, size)
        messages.add(error.value.message)
    assert len(messages) == 1
    return messages.pop()


@pytest.mark.parametrize("size", [1, 2, 7, 30, 1 << 20])
def test_a_form_is_read_in_any_packets(size: int) -> None:
    fields = {"Key": "user/${filename}", "empty": "", "x-amz-meta-a": "é\r\nb", "lines": "\r\n\r\n"}
    found, file = read(form(fields, FILE, filename="p h.txt"), size)
    assert found.fields == {
        "key": "user/${filename}",
        "empty": "",
        "x-amz-meta-a": "é\r\nb",
        "lines": "\r\n\r\n",
    }
    assert (file, found.filename, found.at_file, found.complete) == (FILE, "p h.txt", True, True)


def test_a_file_may_be_empty_and_a_form_without_one() -> None:
    assert read(form({"key": "a"}, b""))[1] == b""
    assert not read(form({"key": "a"}, None))[0].at_file


def test_what_follows_the_file_is_not_looked_at() -> None:
    found, file = read(
        part("file", b"abc", "a") + part("key", b"b") + part("file", b"d", "e") + END + b"more"
    )
    assert (found.fields, file, found.filename) == ({}, b"abc", "a")


def test_the_ways_to_write_a_part() -> None:
    body = form({"key": "value"}, b"x")
    for other in (
        body.replace(b'name="key"', b"name=key"),
        body.replace(b'; name="key"', b' ;  NAME="key"'),
        body.replace(b'name="key"', b'name="key"; filename="key"'),
        body.replace(b"Content-Disposition", b"content-disposition"),
        body.replace(f"--{BOUNDARY}\r\n".encode(), f"--{BOUNDARY} \t\r\n".encode()),
    ):
        found, file = read(other)
        assert (found.fields, file) == ({"key": "value"}, b"x")


@pytest.mark.parametrize(
    "before",
    [
        b"preamble\r\n",
        b"\r\n",
        b"--\r\n",
        b"--" + BOUNDARY.encode() + b"x\r\n",
        b"--" + BOUNDARY.encode() + b"\n",
        b"--" + BOUNDARY[:-1].encode() + b"\r\n",
    ],
)
def test_a_form_begins_with_its_boundary(before: bytes) -> None:
    refused(before + form({"key": "a"}))


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"Content-Type: text/plain",
        b"Content-Disposition: form-data",
        b"Content-Disposition: attachment; name=key",
        b'Content-Disposition: form-data; name=""',
        b'Content-Disposition: form-data; name="key"; name="acl"',
        b'Content-Disposition: form-data; name="key',
        b'Content-Disposition: form-data; name="key" x',
        b'Content-Disposition: form-data, name="key"',
        b'Content-Disposition: form-data; name="\xff"',
        b'Content-Disposition: form-data; name="key"\r\nContent-Disposition: form-data; name="acl"',
    ],
)
def test_what_is_no_part(head: bytes) -> None:
    refused(f"--{BOUNDARY}\r\n".encode() + head + b"\r\n\r\nvalue\r\n" + END)


def test_a_field_stands_once_whatever_its_case() -> None:
    message = refused(part("key", b"a") + part("KEY", b"a") + END, InvalidArgument)
    assert message == "POST requires exactly one value for the field 'key'."


def test_a_field_is_text() -> None:
    refused(part("key", b"\xff") + END)


def test_a_form_has_an_end() -> None:
    body = form({"key": "a"}, FILE)
    for length in (0, 1, 20, 100, len(body) - 300, len(body) - len(END), len(body) - 4):
        refused(body[:length])
    read(body[:-2])  # the line's own end is not needed


def test_a_boundary_with_something_behind_it_is_none() -> None:
    refused(form({"key": "a"}, b"x\r\n--" + BOUNDARY.encode() + b"y"))


def test_what_is_not_the_file_is_short() -> None:
    refused(form({"key": "x" * MOST_BEFORE}), MaxPostPreDataLengthExceeded)
    refused(form({f"a{at}": "x" * 1000 for at in range(25)}), MaxPostPreDataLengthExceeded)
    refused(part("file", b"x", "a") + part("b", b"x" * MOST_BEFORE) + END, MaxPostPreDataLengthExceeded)
    refused(form({"key": "a"}) + b"x" * MOST_BEFORE, MaxPostPreDataLengthExceeded)
    read(form({"key": "a"}, b"x" * MOST_BEFORE * 2))


@pytest.mark.parametrize(
    ("text", "boundary"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('Multipart/Form-Data;BOUNDARY="a b"', b"a b"),
        ("multipart/form-data; charset=utf-8; boundary=----WebKitFormBoundaryX", b"----WebKitFormBoundaryX"),
        ("application/x-www-form-urlencoded", None),
        ("", None),
    ],
)
def test_where_the_boundary_is(text: str, boundary: bytes | None) -> None:
    assert boundary_of(text) == boundary


@pytest.mark.parametrize(
    "more",
    [
        "",
        "; boundary=",
        '; boundary=""',
        "; boundary=a; boundary=b",
        "; boundary=é",
        "; boundary=" + "a" * 71,
    ],
)
def test_where_no_boundary_is(more: str) -> None:
    with pytest.raises(MalformedPOSTRequest):
        boundary_of(f"multipart/form-data{more}")
