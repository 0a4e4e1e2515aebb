"""Events of calls that changed nothing: appended to a file first, moved into the audit trail later.

One write() puts a record into the file, so it survives the process from then on; a thread brings it to the
disk within a second (`append` does, with sync). Files are segments: a new one for each start and each drain,
and one is only removed when its events are in the trail, under its name: so they are moved once, even where
the process dies between the two.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
from pathlib import Path
from typing import Protocol

from rolekeeper.audit.event import AuditRecord
from rolekeeper.errors import StoreError
from rolekeeper.store.batch import BATCH_BYTES
from rolekeeper.store.commit import Unit
from rolekeeper.store.frame import frame
from rolekeeper.store.segment import SUFFIX, FileSegment
from rolekeeper.store.usage import Waiting

SEGMENT_BYTES = BATCH_BYTES
_SYNC_SECONDS = 0.5  # and the time of the fsync itself: together within the second that is promised
_log = logging.getLogger(__name__)


class Segment(Protocol):
    """Some events that were appended, and that nothing is appended to any more."""

    def give(self, unit: Unit) -> None:
        """Let a commit have the events, in the order of appending."""
        ...

    def discard(self) -> None:
        """The events are durable elsewhere."""
        ...


class MemoryJournal:
    """Events in a list, for a store in memory."""

    def __init__(self) -> None:
        self.waiting = Waiting()
        self._records: list[AuditRecord] = []

    def append(self, record: AuditRecord, caller: str | None = None) -> None:
        """Keep an event."""
        self._records.append(record)
        self.waiting.append(record, caller)

    def sealed(self) -> list[Segment]:
        """What was appended up to now."""
        return [_MemorySegment(self._records)] if self._records else []

    def close(self) -> None:
        """Nothing to do."""


class _MemorySegment:
    """The first events of a list, to whose end others may be appended meanwhile."""

    def __init__(self, records: list[AuditRecord]) -> None:
        self._records = records
        self._count = len(records)

    def give(self, unit: Unit) -> None:
        unit.events += self._records[: self._count]

    def discard(self) -> None:
        del self._records[: self._count]


class FileJournal:
    """Events in the segments of a directory. Any thread may append."""

    def __init__(self, directory: Path, *, sync: bool = False) -> None:
        directory.mkdir(mode=0o700, exist_ok=True)
        self.waiting = Waiting()
        self._directory = directory
        self._sync = sync
        self._lock = threading.Lock()
        # Numbers put the files in order, and are used again when all files are gone. Names never are.
        self._number = max((_number(path) for path in directory.glob(f"*{SUFFIX}*")), default=0)
        self._start = secrets.token_hex(8)
        self._descriptor = -1
        self._size = 0
        self._dirty = False
        self._retired: list[int] = []
        self._failure: OSError | None = None
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def append(self, record: AuditRecord, caller: str | None = None) -> None:
        """Keep an event. StoreError where it cannot be kept: the caller must not acknowledge then."""
        data = frame(record)
        with self._lock:
            try:
                self._write(data)
            except OSError as error:
                raise StoreError(f"the journal cannot be written: {error}") from error
            self.waiting.append(record, caller)

    def sealed(self) -> list[Segment]:
        """What was appended up to now, oldest first. What is appended from now on goes into a new file."""
        with self._lock:
            self._retire()
        return [
            FileSegment(path, checked=self._start not in path.name) for path in _segments(self._directory)
        ]

    def close(self) -> None:
        """Bring all to the disk and stop."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        with self._lock:
            self._retire()
        self._bring_to_disk()

    def _write(self, data: bytes) -> None:
        if self._failure is not None:
            raise self._failure
        if self._descriptor < 0 or self._size + len(data) > SEGMENT_BYTES:
            self._open_next()
        written = os.write(self._descriptor, data)
        if written != len(data):
            self._cut_off()
        self._size += written
        if self._sync:
            self._sync_now()
        elif not self._dirty:
            self._dirty = True
            self._wake.set()

    def _cut_off(self) -> None:
        # The disk is full. A part of a record would hide what follows it, so nothing may follow it.
        try:
            os.ftruncate(self._descriptor, self._size)
        finally:
            self._retire()
        raise OSError("no space is left for an event")

    def _sync_now(self) -> None:
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            self._failure = error
            raise

    def _open_next(self) -> None:
        self._retire()
        self.waiting.sum_up()
        self._number += 1
        path = self._directory / f"{self._number:016d}-{self._start}{SUFFIX}"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, 0o600)
        self._size = 0
        if self._sync:
            sync_directory(self._directory)
        elif self._thread is None:
            self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
            self._thread.start()

    def _retire(self) -> None:
        # The thread closes retired files after it has brought them to the disk, so that it never meets
        # the number of a file that was closed, and used again, under its hands.
        if self._descriptor < 0:
            return
        if self._sync:
            os.close(self._descriptor)
        else:
            self._retired.append(self._descriptor)
        self._descriptor = -1

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            self._stop.wait(_SYNC_SECONDS)
            self._wake.clear()
            self._bring_to_disk()

    def _bring_to_disk(self) -> None:
        with self._lock:
            self._dirty = False
            retired, self._retired = self._retired, []
            current = [self._descriptor] if self._descriptor >= 0 else []
        try:
            for descriptor in retired + current:
                os.fsync(descriptor)
            sync_directory(self._directory)
        except OSError as error:
            # What the kernel could not write it may have dropped: from here on nothing can be promised.
            _log.critical("the journal cannot be brought to the disk: %s", error)
            self._failure = error
        for descriptor in retired:
            os.close(descriptor)


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _segments(directory: Path) -> list[Path]:
    return sorted(directory.glob(f"*{SUFFIX}"))


def _number(path: Path) -> int:
    return int(path.name.partition(".")[0].partition("-")[0])
