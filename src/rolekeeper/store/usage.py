"""When users, roles and access keys were last used: the table's rows, and the events that still wait.

The trail itself is never searched. Each commit that brings events into it brings the sum of them into the
table; what waits in the journal is summed up when somebody asks, once for each event, or else when it is
drained. Between the two nothing is missed: what waits is looked at first, and stays until the table has it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from rolekeeper.audit.event import AuditRecord
from rolekeeper.audit.usage import Access, Use, Uses
from rolekeeper.iam.entities import Entity
from rolekeeper.store.contract import LastUse
from rolekeeper.store.facts import UsageRow
from rolekeeper.store.state import State


class Waiting:
    """The journal's events, as far as they are not in the trail, and what they say. Any thread may ask."""

    def __init__(self) -> None:
        self._records: list[AuditRecord] = []
        self._uses, self._sealed = Uses(), Uses()
        self._lock = threading.Lock()
        self.append = self._records.append
        """Have one more event. It is not looked at."""

    def of(self, subject: str) -> Mapping[Access, Use]:
        """The uses of one subject."""
        with self._lock:
            self._sum_up()
            early, late = self._sealed.get(subject), self._uses.get(subject)
            if early is None or late is None:
                return dict(early or late or {})
            return early | late  # by time, the journal's order

    def sum_up(self) -> None:
        """Let the events themselves go, and keep what they say."""
        with self._lock:
            self._sum_up()

    def seal(self) -> Uses:
        """All uses up to now, for a commit."""
        with self._lock:
            self._sum_up()
            self._sealed.merge(self._uses)
            self._uses = Uses()
            return self._sealed

    def settle(self) -> None:
        """What was sealed is in the table."""
        with self._lock:
            self._sealed = Uses()

    def _sum_up(self) -> None:
        count = len(self._records)  # others may append meanwhile
        if count:
            self._uses.add(self._records[:count])
            del self._records[:count]


class StoredUsage:
    """`contract.Usage` over a state and the events that wait."""

    __slots__ = ("_state", "_waiting")

    def __init__(self, state: State, waiting: Waiting) -> None:
        self._state = state
        self._waiting = waiting

    def last(self, entity: Entity) -> LastUse | None:
        waiting = self._waiting.of(_subject(entity))
        rows: tuple[UsageRow, ...] = self._state.load(("uses", _subject(entity)))
        newest = [LastUse(rows[0].time, rows[0].service, rows[0].region)] if rows else []
        newest += (LastUse(time, access[0], region) for access, (time, region) in waiting.items())
        return max(newest, default=None)

    def services(self, entity: Entity) -> dict[str, LastUse]:
        uses = sorted(LastUse(row.time, row.service, row.region) for row in self._all(entity))
        return {use.service: use for use in uses}  # the last one stays

    def actions(self, entity: Entity, service: str) -> dict[str, LastUse]:
        return {
            row.action: LastUse(row.time, row.service, row.region)
            for row in self._all(entity)
            if row.service == service and row.action
        }

    def _all(self, entity: Entity) -> list[UsageRow]:
        """Every access with its last use, what waits included."""
        waiting = self._waiting.of(_subject(entity))
        rows: tuple[UsageRow, ...] = self._state.load(("uses", _subject(entity)))
        known = {(row.service, row.action): row for row in rows}
        for access, (time, region) in waiting.items():
            if access not in known or known[access].time <= time:
                known[access] = UsageRow(*access, time, region)
        return list(known.values())


def _subject(entity: Entity) -> str:
    return entity.unique_id or entity.key
