"""A segment is read up to its end, or to where it cannot be read; nothing that cannot be read is removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from rolekeeper.store.frame import frame
from rolekeeper.store.segment import FileSegment
from tests.store.samples import batched_ids, event

THREE = [event(f"e{number}") for number in range(3)]
DATA = b"".join(map(frame, THREE))


def _read(tmp_path: Path, data: bytes) -> tuple[list[str], list[str]]:
    """The IDs that are found, and the files that are left."""
    path = tmp_path / "1.events"
    path.write_bytes(data)
    segment = FileSegment(path)
    found = batched_ids(segment.batches())
    segment.discard()
    return found, [child.name for child in tmp_path.iterdir()]


def test_a_whole_segment_is_read_and_removed(tmp_path: Path) -> None:
    assert _read(tmp_path, DATA) == (["e0", "e1", "e2"], [])


def test_a_segment_is_stored_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "1.events").write_bytes(DATA)
    (batch,) = FileSegment(tmp_path / "1.events").batches()
    assert (batch.events, batch.count, batch.source) == (DATA, 3, "1/0")


def test_an_empty_segment_is_removed(tmp_path: Path) -> None:
    assert _read(tmp_path, b"") == ([], [])


@pytest.mark.parametrize("cut", [1, 7, 8, 9, 40, len(frame(THREE[2])) - 1])
def test_a_torn_tail_ends_the_segment_and_is_set_aside(tmp_path: Path, cut: int) -> None:
    assert _read(tmp_path, DATA[:-cut]) == (["e0", "e1"], ["1.events.damaged"])


@pytest.mark.parametrize("tail", [b"\0" * 4096, b"\xff" * 100, b"\0\0\0\1\0\0\0\0x"])
def test_garbage_behind_the_records_is_set_aside(tmp_path: Path, tail: bytes) -> None:
    assert _read(tmp_path, DATA + tail) == (["e0", "e1", "e2"], ["1.events.damaged"])


def test_a_record_whose_bytes_changed_is_not_believed(tmp_path: Path) -> None:
    data = bytearray(DATA)
    data[len(frame(THREE[0])) + 20] ^= 1
    assert _read(tmp_path, bytes(data)) == (["e0"], ["1.events.damaged"])
