"""Committed facts in memory: a bounded map that cannot keep a stale value.

A reader notes the generation before it asks the tables, and what it found is kept only if no commit was
published meanwhile. A commit is published after it is durable: the generation goes up first, then the facts
change, then the revisions, then the edition, so that who sees one of these sees its facts.
Looking up takes no lock.
The oldest entries go first when the map is full: simpler than least-recently-used, and a hot entry costs one
query in as many new facts as the map holds.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from rolekeeper.store.facts import ABSENT, Fact

LIMIT = 200_000
_LONGEST_NAME = 300  # of a thing that is not there: callers choose these names, so long ones are not kept
_LONGEST_LIST = 1_000


class Cache:
    """Facts and revisions as of the last published commit."""

    __slots__ = ("_allocated", "_limit", "_lock", "edition", "facts", "generation", "revisions")

    def __init__(self, revisions: Mapping[str, int], *, limit: int = LIMIT) -> None:
        self.facts: dict[Fact, Any] = {}
        self.revisions = dict(revisions)
        self.generation = 0
        self.edition = 0
        """How many commits have changed something in some account."""
        self._allocated = dict(revisions)
        self._limit = limit
        self._lock = threading.Lock()

    def remember(self, fact: Fact, value: Any, generation: int) -> Any:
        """What the tables said of a fact when that was the generation, or what is known of it meanwhile.

        Between a commit and its showing the tables say to one reader the old value, to another the new one.
        The first answer stands until the commit is shown, so that no reader goes back and forth.
        """
        with self._lock:
            known = self.facts.get(fact, ABSENT)
            if known is not ABSENT:
                return known
            if generation == self.generation:
                self._keep(fact, value)
            return value

    def publish(self, facts: Mapping[Fact, object], revisions: Mapping[str, int]) -> None:
        """Show what a durable commit changed; a fact that is ABSENT is forgotten."""
        with self._lock:
            self.generation += 1
            for fact, value in facts.items():
                self._keep(fact, value)
            self.revisions.update(revisions)
            if revisions:
                self.edition += 1

    def forget(self, facts: Iterable[Fact]) -> None:
        """Drop facts of which nobody knows whether they were committed."""
        self.publish(dict.fromkeys(facts, ABSENT), {})

    def next_revision(self, account: str) -> int:
        """A number that no change of the account has had, nor will another one get. The writer's alone."""
        self._allocated[account] = number = self._allocated.get(account, 0) + 1
        return number

    def _keep(self, fact: Fact, value: Any) -> None:
        if value is ABSENT or not _worth_keeping(fact, value):
            self.facts.pop(fact, None)
            return
        if len(self.facts) >= self._limit and fact not in self.facts:
            self._make_room()
        self.facts[fact] = value

    def _make_room(self) -> None:
        # An eighth at a time: finding the first key of a dict that lost many is slow.
        for fact in list(islice(self.facts, max(1, self._limit // 8))):
            del self.facts[fact]


def _worth_keeping(fact: Fact, value: Any) -> bool:
    if not value:
        return sum(map(len, fact)) <= _LONGEST_NAME
    return type(value) is not tuple or len(value) <= _LONGEST_LIST
