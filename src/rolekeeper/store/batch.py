"""Many events as one row of the audit trail: their frames, one behind the other, as a segment has them.

A row costs about the same for one event as for thousands, and its frames are stored as they are. A batch is
bounded, so that making, storing and reading one is short: only an event that is larger has one for itself.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise

import msgspec

from rolekeeper.audit.event import AuditRecord
from rolekeeper.store.frame import frame, frame_ends, read_frame

BATCH_EVENTS = 8192
BATCH_BYTES = 4 * 1024 * 1024

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """`source` is what it was copied from, and is kept once; None: it stands nowhere else.

    The times are those of the first and the last event, in microseconds since 1970.
    """

    source: str | None
    count: int
    first_time: int
    last_time: int
    events: bytes


def microseconds(time: datetime) -> int:
    """A time as the tables have it."""
    return (time - _EPOCH) // _MICROSECOND


def moment(number: int) -> datetime:
    """The time that the tables have so."""
    return _EPOCH + number * _MICROSECOND


def batches_of(records: Iterable[AuditRecord]) -> list[Batch]:
    """Records that stand nowhere else, in their order."""
    frames = [frame(record) for record in records]
    return list(_split(b"".join(frames), list(accumulate(map(len, frames))), None))


def batches_in(data: bytes, source: str, *, checked: bool = True) -> list[Batch]:
    """The frames that a segment begins with, see `frame_ends`. What is behind them is in no batch."""
    return list(_split(data, frame_ends(data, checked=checked), source))


def _split(data: bytes, ends: list[int], source: str | None) -> Iterator[Batch]:
    first = start = number = 0
    while first < len(ends):
        fitting = bisect_right(ends, start + BATCH_BYTES)
        last = min(max(fitting, first + 1), first + BATCH_EVENTS)
        edges = [start, *ends[first:last]]
        yield Batch(
            source=source and f"{source}/{number}",
            count=last - first,
            first_time=_first_time(data, pairwise(edges)),
            last_time=_first_time(data, ((begin, end) for end, begin in pairwise(reversed(edges)))),
            events=data[start : edges[-1]],
        )
        first, start, number = last, edges[-1], number + 1


def _first_time(data: bytes, places: Iterable[Sequence[int]]) -> int:
    """The time of the first event that can be read; 0 where none can."""
    records = (read_frame(data, start, end) for start, end in places)
    return next((microseconds(record.time) for record in records if record is not None), 0)
