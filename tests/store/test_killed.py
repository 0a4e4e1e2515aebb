"""A process that is killed in the middle of its writes loses nothing that it has acknowledged."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from rolekeeper.store import open_store
from tests.store.samples import ONE, add_role, event_ids, names, settle

WRITER = """
import sys
from pathlib import Path
from rolekeeper.store import open_store
from tests.store.samples import ONE, event, role

store, run, number = open_store(Path(sys.argv[1])), sys.argv[2], 0
while True:
    group = [f"{run}.{number + offset}" for offset in range(4)]
    number += 4
    with store.group():
        for name in group:
            with store.write() as tx:
                tx.account(ONE).roles.add(role(name))
                tx.account(ONE).links.add("attachment", name, "P")
                tx.append_event(event("w" + name))
    sys.stdout.write("".join(f"w{name}\\n" for name in group))
    sys.stdout.flush()
    for name in group:
        store.journal.append(event("j" + name))
        sys.stdout.write(f"j{name}\\n")
        sys.stdout.flush()
    if number % 64 == 0:
        store.drain_journal()
"""
RUNS = 4
FIRST = 12
"""Acknowledgements of one process: of more than one write."""
ROOT = Path(__file__).parents[2]


def _acknowledged(directory: Path, run: int, seconds: float) -> list[str]:
    """What a process acknowledged before it was killed, that long after its first acknowledgements."""
    command = [sys.executable, "-c", WRITER, str(directory), str(run)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        first = [writer.stdout.readline() for _ in range(FIRST)]
        time.sleep(seconds)
        writer.kill()
        lines = [*first, *writer.stdout]
    return [line.strip() for line in lines if line.endswith("\n")]


def test_what_was_acknowledged_survives_sigkill(tmp_path: Path) -> None:
    settle(open_store(tmp_path)).close()
    chance = random.Random(7)
    acknowledged: list[str] = []
    for run in range(RUNS):
        acknowledged += _acknowledged(tmp_path, run, chance.uniform(0.01, 0.3))

    store = open_store(tmp_path)
    kept, found = event_ids(store), names(store)
    assert len(acknowledged) >= RUNS * FIRST
    assert not set(acknowledged) - set(kept)
    assert not {name[1:] for name in acknowledged if name[0] == "w"} - set(found)
    # All of a write or none of it, and each event once:
    with store.read() as tx:
        assert sorted(tx.account(ONE).links.sources("attachment", "P")) == sorted(found)
        assert tx.account(ONE).roles.count() == len(found)
    assert sorted("w" + name for name in found) == sorted(name for name in kept if name[0] == "w")
    assert len(set(kept)) == len(kept)
    # And it goes on:
    add_role(store, "after")
    assert "after" in names(store)
    store.close()
