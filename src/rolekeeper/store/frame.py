"""What one event is in a segment of the journal and in a batch of the audit trail.

A frame is the length of its body, the CRC-32 of its body, and the body: the record in MessagePack. Whether
bytes are frames is seen without decoding them. A body that is whole and yet no record (another version may
have written it) is passed over where events are read, and stays where it is.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from itertools import pairwise

import msgspec

from rolekeeper.audit.event import AuditRecord

_HEAD = struct.Struct(">II")
_pack, _crc32 = _HEAD.pack, zlib.crc32
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(AuditRecord).decode


def frame(record: AuditRecord) -> bytes:
    """The frame of a record."""
    body = _encode(record)
    return _pack(len(body), _crc32(body)) + body


def frame_ends(data: bytes, *, checked: bool = True) -> list[int]:
    """Where each frame ends, up to the end or to what is no frame. Unless `checked`, by the lengths alone.

    No body is empty: zeros, which a power cut may leave at the end of a file, would be frames otherwise.
    """
    view, size, found, start = memoryview(data), len(data), list[int](), 0
    while start + _HEAD.size <= size:
        length, checksum = _HEAD.unpack_from(data, start)
        body = start + _HEAD.size
        start = body + length
        if not length or start > size or (checked and zlib.crc32(view[body:start]) != checksum):
            break
        found.append(start)
    return found


def read_frames(data: bytes) -> Iterator[AuditRecord]:
    """The records of frames that are known to be whole, without those that cannot be read."""
    for start, end in pairwise([0, *frame_ends(data, checked=False)]):
        record = read_frame(data, start, end)
        if record is not None:
            yield record


def read_frame(data: bytes, start: int, end: int) -> AuditRecord | None:
    """The record of the frame that stands there; None where its body is no record."""
    try:
        return _decode(memoryview(data)[start + _HEAD.size : end])
    except msgspec.MsgspecError:
        return None
