"""A frame is believed for its length and its checksum, and what is in it may still be no record."""

from __future__ import annotations

import struct
import zlib

import pytest

from rolekeeper.store.frame import frame, frame_ends, read_frame
from tests.store.samples import event

ONE = frame(event("e"))


def whole(body: bytes) -> bytes:
    """A frame of anything."""
    return struct.pack(">II", len(body), zlib.crc32(body)) + body


@pytest.mark.parametrize("tail", [b"", b"x", b"\0" * 7, b"\0" * 8, b"\0" * 4096, ONE[:-1], b"\xff" * 100])
@pytest.mark.parametrize("checked", [True, False])
def test_frames_end_where_something_else_begins(tail: bytes, checked: bool) -> None:
    assert frame_ends(ONE + ONE + tail, checked=checked) == [len(ONE), 2 * len(ONE)]


def test_a_checksum_is_compared_unless_it_need_not_be() -> None:
    changed = ONE[:-1] + b"x"
    assert frame_ends(changed) == []
    assert frame_ends(changed, checked=False) == [len(ONE)]


def test_a_record_comes_back_as_it_was() -> None:
    assert read_frame(b"before" + ONE, 6, 6 + len(ONE)) == event("e")


@pytest.mark.parametrize(
    "body", [b"\xc1", b"\x80", b"\x01", b"\xc0", b"\xdf\xff\xff\xff\xff", b"\x91" * 100_000]
)
def test_a_body_that_is_no_record_is_none(body: bytes) -> None:
    data = whole(body)
    assert frame_ends(data) == [len(data)]
    assert read_frame(data, 0, len(data)) is None
