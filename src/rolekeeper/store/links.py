"""The links of one account. A source has few targets, so those are kept as a list; a target may have a
million sources, so those are asked for again after a change."""

from __future__ import annotations

from rolekeeper.store.facts import ABSENT
from rolekeeper.store.rows import Rows
from rolekeeper.store.state import State


class AccountLinks:
    """`contract.Links` over a state."""

    __slots__ = ("_account", "_state")

    def __init__(self, state: State, account: str) -> None:
        self._state = state
        self._account = account

    def add(self, kind: str, source: str, target: str) -> bool:
        before = self._targets(kind, source)
        if target in before:
            return False
        self._change(kind, source).add_link(self._account, kind, source, target)
        self._settle(kind, source, target, (*before, target))
        return True

    def remove(self, kind: str, source: str, target: str) -> bool:
        before = self._targets(kind, source)
        if target not in before:
            return False
        self._change(kind, source).delete_link(self._account, kind, source, target)
        self._settle(kind, source, target, tuple(other for other in before if other != target))
        return True

    def targets(self, kind: str, source: str) -> list[str]:
        return list(self._targets(kind, source))

    def sources(self, kind: str, target: str) -> list[str]:
        return list(self._state.load(("sources", self._account, kind, target)))

    def has(self, kind: str, source: str, target: str) -> bool:
        return target in self._targets(kind, source)

    def next_target(self, kind: str, after: str) -> str | None:
        return self._state.rows.next_target(self._account, kind, after)

    def _targets(self, kind: str, source: str) -> tuple[str, ...]:
        targets: tuple[str, ...] = self._state.load(("targets", self._account, kind, source))
        return targets

    def _change(self, kind: str, source: str) -> Rows:
        return self._state.change(self._account, f"link:{kind}", source)

    def _settle(self, kind: str, source: str, target: str, targets: tuple[str, ...]) -> None:
        self._state.set(("targets", self._account, kind, source), targets)
        self._state.set(("sources", self._account, kind, target), ABSENT)
