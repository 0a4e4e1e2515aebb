"""The audit trail of a store in memory: records in a list, and the oldest are forgotten.

An event's number is how many came before it, and itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from rolekeeper.audit.event import AuditRecord

SLACK = 8192
"""Events more than the bound that are kept for a while: forgetting them one by one would be slow."""


class RecentTrail:
    """At least `most` of the newest events, and `SLACK` more at most."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._records: list[AuditRecord] = []
        self._gone = 0

    def add(self, records: Sequence[AuditRecord]) -> None:
        """Keep events."""
        self._records += records
        excess = len(self._records) - self._most
        if excess > SLACK:
            del self._records[:excess]
            self._gone += excess

    def events(self, after: int | None, limit: int, account: str | None) -> list[tuple[int, AuditRecord]]:
        """The oldest events behind a number."""
        start = max((after or 0) - self._gone, 0)
        found = (
            (number, record)
            for number, record in enumerate(self._records[start:], self._gone + start + 1)
            if account is None or record.account == account
        )
        return list(islice(found, max(limit, 0)))

    def latest(self, limit: int) -> list[tuple[int, AuditRecord]]:
        """The newest events, the oldest of them first."""
        start = max(len(self._records) - max(limit, 0), 0)
        return list(enumerate(self._records[start:], self._gone + start + 1))
