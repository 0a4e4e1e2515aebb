"""One process writes to a directory, and the error says which one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rolekeeper.errors import StoreError
from rolekeeper.store.lock import DirectoryLock

HOLDER = """
import sys, time
from pathlib import Path
from rolekeeper.store.lock import DirectoryLock
lock = DirectoryLock(Path(sys.argv[1]))
print("taken", flush=True)
time.sleep(60)
"""


def test_a_lock_that_is_taken_names_its_holder(tmp_path: Path) -> None:
    lock = DirectoryLock(tmp_path / "lock")
    with pytest.raises(StoreError, match=f"in use by the process with ID {os.getpid()}$"):
        DirectoryLock(tmp_path / "lock", patience=0)
    lock.release()


def test_a_released_lock_can_be_taken(tmp_path: Path) -> None:
    DirectoryLock(tmp_path / "lock").release()
    DirectoryLock(tmp_path / "lock", patience=0).release()


def test_a_lock_ends_with_the_process_that_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"taken\n"
        with pytest.raises(StoreError, match=f"ID {holder.pid}$"):
            DirectoryLock(path, patience=0)
        holder.kill()
    DirectoryLock(path, patience=0).release()
