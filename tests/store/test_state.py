"""Committed state comes from the cache, and what the tables said a moment ago does not get into it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rolekeeper.store import memory_store, open_store
from rolekeeper.store.facts import Fact
from rolekeeper.store.rows import Rows
from tests.store.samples import ONE, add_role, role, settle


def test_an_answer_that_a_commit_overtook_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = settle(open_store(tmp_path))
    load = Rows.load

    def overtaken(self: Rows, fact: Fact) -> Any:
        monkeypatch.undo()
        value = load(self, fact)
        with store.write() as tx:
            tx.account(ONE).links.add("attachment", "role/r", "P")
        return value

    monkeypatch.setattr(Rows, "load", overtaken)
    with store.read() as tx:
        assert tx.account(ONE).links.sources("attachment", "P") == []
        assert tx.account(ONE).links.sources("attachment", "P") == ["role/r"]
    store.close()


def test_what_was_read_or_written_is_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    store = settle(memory_store())
    add_role(store, "R")
    with store.read() as tx:
        for _ in range(2):
            state = tx.account(ONE)
            found = [
                *(state.roles.find("R"), state.roles.find("nobody"), state.roles.count(), state.revision),
                *(tx.by_unique_id("AROAR"), tx.by_unique_id("AROAnobody"), state.links.targets("a", "b")),
                *(state.links.sources("a", "b"), state.secrets.get("a", "b")),
            ]
            monkeypatch.setattr(Rows, "run", None)  # from here on a query fails
    assert found[:2] == [role("R"), None]
    monkeypatch.undo()
    store.close()
