"""Where facts come from. Committed ones: from the cache, or else from the tables."""

from __future__ import annotations

from typing import Any, NoReturn, Protocol

from rolekeeper.errors import StoreError
from rolekeeper.store.cache import Cache
from rolekeeper.store.facts import ABSENT, Fact
from rolekeeper.store.rows import Rows


class State(Protocol):
    """What collections, links and secrets are made of."""

    rows: Rows

    def load(self, fact: Fact) -> Any:
        """What is known of a fact."""
        ...

    def revision(self, account: str) -> int | None:
        """The account's revision; None where there is no such account."""
        ...

    @property
    def edition(self) -> int | None:
        """Goes up with each change in any account; None where its reader may be the one who changes it."""
        ...

    def change(self, account: str, kind: str, key: str) -> Rows:
        """The tables, to change what this names. StoreError where nothing may be changed."""
        ...

    def set(self, fact: Fact, value: Any) -> None:
        """What a fact is after a change; ABSENT: ask the tables again."""
        ...


class Committed:
    """Committed state. One object serves all readers for ever."""

    __slots__ = ("_cache", "_facts", "rows")

    def __init__(self, rows: Rows, cache: Cache) -> None:
        self.rows = rows
        self._cache = cache
        self._facts = cache.facts

    def load(self, fact: Fact) -> Any:
        value = self._facts.get(fact, ABSENT)
        if value is not ABSENT:
            return value
        generation = self._cache.generation
        return self._cache.remember(fact, self.rows.load(fact), generation)

    def revision(self, account: str) -> int | None:
        return self._cache.revisions.get(account)

    @property
    def edition(self) -> int:
        return self._cache.edition

    def change(self, account: str, kind: str, key: str) -> NoReturn:
        raise StoreError("a read transaction changes nothing")

    def set(self, fact: Fact, value: Any) -> NoReturn:
        raise StoreError("a read transaction changes nothing")
