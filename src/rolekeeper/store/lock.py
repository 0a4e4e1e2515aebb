"""One process writes to a data directory: a lock that the operating system drops when the process dies.

SQLite lets several processes write to one file, but they starve each other, and our caches follow only
our own writes.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from rolekeeper.errors import StoreError

_PATIENCE = 10
_PAUSE = 0.05  # seconds; a reader that empties the journal of a stopped server holds the lock for a moment


class DirectoryLock:
    """The lock on a directory, held until `release()`. The file says who holds it."""

    def __init__(self, path: Path, *, patience: int = _PATIENCE) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._take(path, patience)
        except BaseException:
            os.close(self._descriptor)
            raise
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, b"%d\n" % os.getpid(), 0)

    def release(self) -> None:
        """Let others in."""
        os.close(self._descriptor)

    def _take(self, path: Path, patience: int) -> None:
        for attempt in range(patience + 1):
            try:
                return fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if attempt < patience:
                    time.sleep(_PAUSE)
        holder = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
        raise StoreError(f"`{path.parent}` is in use by the process with ID {holder}")
