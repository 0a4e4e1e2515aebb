"""One file of the journal: frames, to be moved into the audit trail as they are.

A tail that was cut off ends the file; a part that cannot be read is set aside with the file, never removed.
"""

from __future__ import annotations

import logging
from pathlib import Path

from rolekeeper.store.batch import Batch, batches_in
from rolekeeper.store.commit import Unit
from rolekeeper.store.frame import read_frames

SUFFIX = ".events"
_log = logging.getLogger(__name__)


class FileSegment:
    """One file of the journal. Its name is the source of its batches: no other file ever has it.

    `checked`: whether each checksum is compared, and the events are read. Of what this process wrote itself
    the lengths are known, and what the events say is in `usage.Waiting`.
    """

    def __init__(self, path: Path, *, checked: bool = True) -> None:
        self._path = path
        self._checked = checked
        self._whole = True

    def batches(self) -> list[Batch]:
        """The events up to the end, or up to where the file cannot be read."""
        data = self._path.read_bytes()
        found = batches_in(data, self._path.name.removesuffix(SUFFIX), checked=self._checked)
        self._whole = sum(len(batch.events) for batch in found) == len(data)
        return found

    def give(self, unit: Unit) -> None:
        """Let a commit have the events."""
        batches = self.batches()
        unit.batches += batches
        if self._checked:
            unit.uses.add(record for batch in batches for record in read_frames(batch.events))

    def discard(self) -> None:
        """Remove the file; one with a part that could not be read is set aside instead."""
        if self._whole:
            self._path.unlink()
        else:
            _log.warning("a part of `%s` cannot be read; it is set aside", self._path)
            self._path.rename(self._path.with_name(self._path.name + ".damaged"))
