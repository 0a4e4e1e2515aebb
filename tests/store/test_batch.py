"""Batches have all frames in their order, are bounded, and say what they are of."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from rolekeeper.store import batch
from rolekeeper.store.batch import Batch, batches_in, batches_of, microseconds
from rolekeeper.store.frame import frame
from tests.store.samples import NOW, batched_ids, event
from tests.store.test_frame import whole

RECORDS = [
    msgspec.structs.replace(event(f"e{number}"), time=NOW + timedelta(seconds=number)) for number in range(7)
]
DATA = b"".join(map(frame, RECORDS))
IDS = [record.event_id for record in RECORDS]


def _shape(batches: list[Batch]) -> list[int]:
    assert b"".join(one.events for one in batches) == DATA
    assert batched_ids(batches) == IDS
    return [one.count for one in batches]


def test_of_nothing_there_is_no_batch() -> None:
    assert batches_of([]) == batches_in(b"", "s") == batches_in(b"garbage", "s") == []


def test_a_batch_has_a_bounded_number_of_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "BATCH_EVENTS", 3)
    assert _shape(batches_of(RECORDS)) == _shape(batches_in(DATA, "s")) == [3, 3, 1]


@pytest.mark.parametrize(("frames", "shape"), [(2, [2, 2, 2, 1]), (2.9, [2, 2, 2, 1]), (0.5, [1] * 7)])
def test_a_batch_has_a_bounded_size(monkeypatch: pytest.MonkeyPatch, frames: float, shape: list[int]) -> None:
    monkeypatch.setattr(batch, "BATCH_BYTES", int(frames * len(frame(RECORDS[0]))))
    assert _shape(batches_of(RECORDS)) == _shape(batches_in(DATA, "s")) == shape


def test_batches_of_a_segment_have_names_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "BATCH_EVENTS", 3)
    assert [one.source for one in batches_in(DATA, "s")] == ["s/0", "s/1", "s/2"]
    assert [one.source for one in batches_of(RECORDS)] == [None] * 3


def test_a_batch_says_when_it_begins_and_ends() -> None:
    for (one,) in (batches_of(RECORDS), batches_in(DATA, "s")):
        assert (one.first_time, one.last_time) == (microseconds(NOW), microseconds(NOW) + 6_000_000)


def test_what_cannot_be_read_has_no_time_and_is_kept() -> None:
    odd = whole(b"odd")
    (one,) = batches_in(odd + DATA + odd, "s")
    assert (one.count, one.first_time, one.events) == (9, microseconds(NOW), odd + DATA + odd)
    (one,) = batches_in(odd, "s")
    assert (one.count, one.first_time, one.last_time) == (1, 0, 0)
