"""A fact is one thing that the store knows and a cache can hold, named by a tuple that starts with its kind.

("entity", account, kind, key)       the entity, or None
("place", unique ID)                 account, kind and key of what has it, or None
("count", account, kind)             how many entities
("targets", account, kind, source)   where links lead, in the order of making
("sources", account, kind, target)   whose links lead there, sorted
("secret", account, kind, key)       the sealed secret, or None
("uses", unique ID)                  the last use of each access by what has it, the newest first
"""

from __future__ import annotations

from typing import Final

Fact = tuple[str, ...]


class _Mark:
    """A value that is no value; it is known by identity."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


ABSENT: Final = _Mark("ABSENT")
"""Nothing is held of this fact: ask the tables."""
