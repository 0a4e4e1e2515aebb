"""When users, roles, access keys and accounts were last used: the table's rows, and events that wait.

The trail itself is never searched. Each commit that brings events into it brings the sum of them into the
table; what waits in the journal is summed up when somebody asks, once for each event, or else when it is
drained. Between the two nothing is missed: what waits is looked at first, and stays until the table has it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from types import MappingProxyType

from rolekeeper import ids
from rolekeeper.audit.event import AuditRecord
from rolekeeper.audit.usage import Access, Use, Uses
from rolekeeper.iam.entities import Entity
from rolekeeper.store.contract import LastUse
from rolekeeper.store.state import State

Rows = tuple[tuple[str, LastUse], ...]
"""Actions (empty for an access key) with their last use."""

_CALLERS = (ids.ROLE, ids.USER)
"""How the IDs of those begin whom `Waiting` is told of; keys and accounts are read from the events."""

_NOTHING: Mapping[Access, Use] = MappingProxyType({})


class Waiting:
    """The journal's events, as far as they are not in the trail, and what they say. Any thread may ask."""

    def __init__(self) -> None:
        self._records: list[AuditRecord] = []
        self._callers: set[str | None] = set()
        self._uses, self._sealed = Uses(), Uses()
        self._lock = threading.Lock()

    def append(self, record: AuditRecord, caller: str | None = None) -> None:
        """Have one more event. It is not looked at."""
        self._records.append(record)
        self._callers.add(caller)

    def of(self, subject: str) -> Mapping[Access, Use]:
        """The uses of one subject. Where nothing of it waits, no lock is taken."""
        # An event is let go when it is summed up, and sealed before it leaves the others: in this order it
        # is met in one of the three, or the table has it.
        if not (self._may_wait(subject) or subject in self._uses or subject in self._sealed):
            return _NOTHING
        with self._lock:
            self._sum_up()
            early, late = self._sealed.get(subject), self._uses.get(subject)
            if early is None and late is None:
                return _NOTHING
            return (early or {}) | (late or {})  # by time, the journal's order

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

    def _may_wait(self, subject: str) -> bool:
        """Whether some event, as far as it is known without a look at it, may count for a subject."""
        callers = self._callers
        return subject in callers or None in callers or not subject.startswith(_CALLERS)

    def _sum_up(self) -> None:
        # Others may append meanwhile: whose caller is forgotten here, his event is counted.
        self._callers = set()
        count = len(self._records)
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
        subject = entity.unique_id or entity.key
        waiting = self._waiting.of(subject)
        rows: Rows = self._state.load(("uses", subject))
        last = rows[0][1] if rows else None
        for (service, _), (time, region) in waiting.items():
            if last is None or last.time <= time:
                last = LastUse(time, service, region)
        return last

    def services(self, entity: Entity) -> dict[str, LastUse]:
        uses = sorted(last for _, last in self._all(entity))
        return {last.service: last for last in uses}  # the latest one stays

    def actions(self, entity: Entity, service: str) -> dict[str, LastUse]:
        return {action: last for action, last in self._all(entity) if action and last.service == service}

    def _all(self, entity: Entity) -> Rows:
        """Every access with its last use, what waits included."""
        subject = entity.unique_id or entity.key
        waiting = self._waiting.of(subject)
        rows: Rows = self._state.load(("uses", subject))
        known = {(last.service, action): last for action, last in rows}
        for access, (time, region) in waiting.items():
            if access not in known or known[access].time <= time:
                known[access] = LastUse(time, access[0], region)
        return tuple((action, last) for (_, action), last in known.items())
