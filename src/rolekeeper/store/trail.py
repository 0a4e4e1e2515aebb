"""The audit trail in the tables: events with their numbers, read from the batches that have them.

An event's number is its row's, times a number that no batch has events for, plus its place in the batch.
Numbers grow in the order in which batches were committed. Events of one batch are in the order in which they
were appended; events of the journal and those of changes stand in batches of their own, so the trail follows
the clock only roughly: the journal's come up to a second, after a crash a whole start, later.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import islice, pairwise

from rolekeeper.audit.event import AuditRecord
from rolekeeper.store.frame import frame_ends, read_frame
from rolekeeper.store.rows import Rows

Numbered = tuple[int, AuditRecord]

_PLACES = 2**20
_END = 2**63 - 1
_LOOK = 500  # rows whose sizes are asked for at once
_log = logging.getLogger(__name__)


class BatchTrail:
    """The events in the tables."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def events(self, after: int | None, limit: int, account: str | None) -> list[Numbered]:
        """The oldest events behind a number."""
        every = self._behind(min(after or 0, _END), limit)
        if account is not None:
            every = (one for one in every if one[1].account == account)
        return list(islice(every, max(limit, 0)))

    def latest(self, limit: int) -> list[Numbered]:
        """The newest events, the oldest of them first."""
        found: list[Numbered] = []
        before = _END
        while len(found) < limit and (chosen := self._last_rows(before, limit - len(found))):
            before = chosen[-1]
            found[:0] = self._between(before, chosen[0])
        return found[-limit:] if limit > 0 else []

    def _behind(self, after: int, limit: int) -> Iterator[Numbered]:
        while chosen := self._next_rows(after, limit):
            yield from self._between(chosen[0], chosen[-1], after)
            after = chosen[-1] * _PLACES + _PLACES - 1

    def _next_rows(self, after: int, wanted: int) -> list[int]:
        """The rows that have so many events behind this number, or the first of those rows."""
        first, place = divmod(after, _PLACES)
        chosen: list[int] = []
        for row, count in self._rows.batch_sizes(first, _LOOK):
            left = count - place - 1 if row == first else count
            if left > 0:
                chosen.append(row)
                wanted -= left
            if wanted <= 0:
                break
        return chosen

    def _last_rows(self, before: int, wanted: int) -> list[int]:
        """The rows before this one that have the last so many events, or the last of those rows."""
        chosen: list[int] = []
        for row, count in self._rows.batch_sizes_before(before, _LOOK):
            chosen.append(row)
            wanted -= count
            if wanted <= 0:
                break
        return chosen

    def _between(self, first: int, last: int, after: int = 0) -> Iterator[Numbered]:
        for row, events in self._rows.batches(first, last):
            start = row * _PLACES
            skipped = max(0, after + 1 - start)
            edges = [0, *frame_ends(events)][skipped:]
            for number, (begin, end) in enumerate(pairwise(edges), start + skipped):
                record = read_frame(events, begin, end)
                if record is None:
                    _log.warning("event %d of the audit trail cannot be read", number)
                else:
                    yield number, record
