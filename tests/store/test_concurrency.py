"""Readers beside a writer see committed state, newer and newer, and no reader leaves a stale value behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from rolekeeper.store import open_store
from rolekeeper.store.contract import Store
from tests.store.samples import ONE, add_role, role, settle

ROUNDS = 150
UNCOMMITTED = "never to be seen"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = settle(open_store(tmp_path))
    add_role(opened, "R")
    yield opened
    opened.close()


def _round(store: Store, number: int) -> None:
    """Put the number everywhere in one write, after one that fails."""
    with pytest.raises(RuntimeError), store.write() as tx:
        tx.account(ONE).roles.put(role("R", description=UNCOMMITTED))
        tx.account(ONE).links.add("attachment", UNCOMMITTED, "P")
        raise RuntimeError
    with store.write() as tx:
        tx.account(ONE).roles.put(role("R", description=str(number)))
        tx.account(ONE).links.add("attachment", f"{number:06d}", "P")


def _look(store: Store) -> tuple[int, int, int, int]:
    """The revision, then the number of the role, of its row, and of the links."""
    with store.read() as tx:
        state = tx.account(ONE)
        revision = state.revision
        described = state.roles.get("R").description
        row = state.roles.page()[0][0].description
        sources = state.links.sources("attachment", "P")
    assert UNCOMMITTED not in (described, row, *sources)
    assert int(row or 0) >= int(described or 0)  # the cache does not show what the tables do not have yet
    return revision, int(described or 0), int(row or 0), len(sources)


def _watch(look: Callable[[], tuple[int, ...]], done: threading.Event) -> list[tuple[int, ...]]:
    seen = [look()]
    while not done.is_set():
        seen.append(look())
    return seen


def _beside(write: Callable[[], None], look: Callable[[], tuple[int, ...]]) -> list[list[tuple[int, ...]]]:
    """What two threads saw while a third one wrote."""
    done, seen = threading.Event(), list[list[tuple[int, ...]]]()
    readers = [threading.Thread(target=lambda: seen.append(_watch(look, done))) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        write()
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert len(seen) == 2  # no reader failed
    return seen


def _wait_for_both(looks: list[int]) -> None:
    """Wait until both readers have looked once more: a machine at work may forget one of them."""
    before = len(looks)
    for _ in range(60_000):
        if len(set(looks[before:])) == 2:
            return
        time.sleep(0.001)
    raise AssertionError("a reader does not look any more")


def _grows(seen: list[tuple[int, ...]]) -> bool:
    return all(
        earlier <= later
        for before, after in pairwise(seen)
        for earlier, later in zip(before, after, strict=True)
    )


def test_readers_see_newer_and_newer_state(store: Store) -> None:
    first = _look(store)
    looks: list[int] = []

    def look() -> tuple[int, int, int, int]:
        found = _look(store)
        looks.append(threading.get_ident())
        return found

    def write() -> None:
        for number in range(1, ROUNDS + 1):
            _round(store, number)
            if number % 50 == 0:
                _wait_for_both(looks)

    for seen in _beside(write, look):
        assert len({look[1] for look in seen}) > 2
        assert _grows(seen)
    last = _look(store)
    assert last[1:] == (ROUNDS, ROUNDS, ROUNDS)
    assert last[0] > first[0]


def test_readers_see_a_group_when_it_is_committed(store: Store) -> None:
    def write() -> None:
        for start in range(1, ROUNDS, 10):
            with store.group():
                for number in range(start, start + 10):
                    _round(store, number)

    for seen in _beside(write, lambda: _look(store)):
        assert _grows(seen)
        assert {look[1] % 10 for look in seen} == {0}
    assert _look(store)[1] == ROUNDS


def test_who_sees_a_revision_sees_what_it_changed(store: Store) -> None:
    revision = _look(store)[0]
    written: dict[int, int] = {revision: 0}

    def write() -> None:
        for number in range(1, ROUNDS + 1):
            with store.write() as tx:
                tx.account(ONE).roles.put(role("R", description=str(number)))
                written[tx.account(ONE).revision] = number

    for seen in _beside(write, lambda: _look(store)):
        assert all(described >= written[revision] for revision, described, _, _ in seen)


def test_writers_wait_for_each_other(store: Store) -> None:
    def add(thread: int) -> None:
        for number in range(20):
            with store.write() as tx:
                count = tx.account(ONE).roles.count()
                tx.account(ONE).roles.add(role(f"{thread}.{number}", description=str(count)))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as tx:
        found, _ = tx.account(ONE).roles.page(limit=1000)
    assert sorted(int(one.description or 0) for one in found if one.name != "R") == list(range(1, 61))
