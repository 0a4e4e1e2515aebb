"""The entities of one kind in one account, and AWS's words for one that is missing or there already.

Source of the texts: the answers of the IAM API.
"""

from __future__ import annotations

import sqlite3
from typing import Generic, TypeVar

from rolekeeper.errors import EntityAlreadyExists, NoSuchEntity
from rolekeeper.iam.entities import Entity
from rolekeeper.store.state import State

E = TypeVar("E", bound=Entity)


class EntityCollection(Generic[E]):
    """`contract.Collection` over a state."""

    __slots__ = ("_account", "_fold", "_kind", "_load", "_state", "_type")

    def __init__(self, state: State, account: str, entity_type: type[E]) -> None:
        self._state = state
        self._load = state.load
        self._account = account
        self._type = entity_type
        self._kind = entity_type.kind
        self._fold = entity_type.folds

    def get(self, name: str) -> E:
        found: E | None = self._load(
            ("entity", self._account, self._kind, name.lower() if self._fold else name)
        )
        if found is None:
            raise self._missing(name)
        return found

    def find(self, name: str) -> E | None:
        found: E | None = self._load(
            ("entity", self._account, self._kind, name.lower() if self._fold else name)
        )
        return found

    def add(self, entity: E) -> None:
        key = self._own(entity)
        if self.find(key) is not None:
            raise self._taken(entity)
        count = self.count()
        try:
            self._state.change(self._account, self._kind, key).add_entity(entity)
        except sqlite3.IntegrityError:
            raise self._taken(entity) from None  # another account's key has this ID
        self._settle(key, entity)
        self._place(entity, found=True)
        self._state.set(("count", self._account, self._kind), count + 1)

    def put(self, entity: E) -> None:
        key = self._own(entity)
        before = self.get(key)
        try:
            self._state.change(self._account, self._kind, key).put_entity(entity)
        except sqlite3.IntegrityError:
            raise self._taken(entity) from None
        if before.unique_id != entity.unique_id:
            self._place(before, found=False)
            self._place(entity, found=True)
        self._settle(key, entity)

    def delete(self, entity: E) -> None:
        key = self._own(entity)
        before = self.get(key)
        count = self.count()
        self._state.change(self._account, self._kind, key).delete_entity(self._account, self._kind, key)
        self._place(before, found=False)
        self._settle(key, None)
        self._state.set(("count", self._account, self._kind), count - 1)

    def page(
        self, *, path_prefix: str = "/", after: str | None = None, limit: int = 100
    ) -> tuple[list[E], bool]:
        start = "" if after is None else after.lower() if self._fold else after
        found = self._state.rows.page(self._account, self._kind, path_prefix, start, limit + 1)
        return found[:limit], len(found) > limit

    def count(self) -> int:
        count: int = self._load(("count", self._account, self._kind))
        return count

    def _own(self, entity: E) -> str:
        if type(entity) is not self._type or entity.account != self._account:
            raise ValueError(f"a {entity.kind} of account {entity.account} does not belong here")
        return entity.key

    def _settle(self, key: str, entity: E | None) -> None:
        self._state.set(("entity", self._account, self._kind, key), entity)

    def _place(self, entity: E, *, found: bool) -> None:
        if entity.unique_id is not None:
            place = (self._account, self._kind, entity.key) if found else None
            self._state.set(("place", entity.unique_id), place)

    def _missing(self, name: str) -> NoSuchEntity:
        return NoSuchEntity(_words(self._type.missing, self._type, name))

    def _taken(self, entity: E) -> EntityAlreadyExists:
        return EntityAlreadyExists(_words(self._type.taken, self._type, getattr(entity, "name", entity.key)))


def _words(text: str, kind: type[Entity], name: str) -> str:
    noun = kind.noun
    return text.format(noun=noun, Noun=noun[:1].upper() + noun[1:], name=name)
