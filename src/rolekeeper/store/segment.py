"""One file of the journal: what a record looks like in it, and how it is read back.

A record is its length, the CRC-32 of its body, and its body in MessagePack. A tail that was cut off ends the
file; a part that cannot be read is set aside with the file, never removed.
"""

from __future__ import annotations

import logging
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from rolekeeper.audit.event import AuditRecord

_HEAD = struct.Struct(">II")
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(AuditRecord).decode
_log = logging.getLogger(__name__)


def frame(record: AuditRecord) -> bytes:
    """The bytes of a record in a segment."""
    body = _encode(record)
    return _HEAD.pack(len(body), zlib.crc32(body)) + body


class FileSegment:
    """One file of the journal."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._whole = True

    def records(self) -> list[AuditRecord]:
        """The events up to the end, or up to where the file cannot be read."""
        data = self._path.read_bytes()
        found: list[AuditRecord] = []
        end = 0
        for record, end in _read(data):  # noqa: B007  (the last end is used)
            found.append(record)
        self._whole = end == len(data)
        return found

    def discard(self) -> None:
        """Remove the file; one with a part that could not be read is set aside instead."""
        if self._whole:
            self._path.unlink()
        else:
            _log.warning("a part of `%s` cannot be read; it is set aside", self._path)
            self._path.rename(self._path.with_name(self._path.name + ".damaged"))


def _read(data: bytes) -> Iterator[tuple[AuditRecord, int]]:
    """Each record and where it ends."""
    start = 0
    while start + _HEAD.size <= len(data):
        length, checksum = _HEAD.unpack_from(data, start)
        body = data[start + _HEAD.size : start + _HEAD.size + length]
        if len(body) != length or zlib.crc32(body) != checksum:
            return
        start += _HEAD.size + length
        try:
            yield _decode(body), start
        except msgspec.MsgspecError:
            return
