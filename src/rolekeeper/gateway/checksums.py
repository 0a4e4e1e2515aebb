"""The checksums that a client gives for a body, in the head or after it, against the body as it passes.

CRC32, SHA-1, SHA-256 and MD5 are checked here. CRC32C and CRC-64/NVME, for which there is nothing fast in the
standard library, are left to who stands behind, which gets those of the head.
Source: "Checking object integrity for data uploads in Amazon S3" in the Amazon S3 User Guide.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Mapping
from typing import Protocol

from rolekeeper.errors import BadDigest, InvalidDigest, InvalidRequest

__all__ = ["Checksums"]

PREFIX = "x-amz-checksum-"


class _Running(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class _Crc32:
    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


_MAKERS: Mapping[str, Callable[[], _Running]] = {
    f"{PREFIX}crc32": _Crc32,
    f"{PREFIX}sha1": lambda: hashlib.sha1(usedforsecurity=False),
    f"{PREFIX}sha256": hashlib.sha256,
}
_SIZES = {
    f"{PREFIX}{name}": size
    for name, size in (("crc32", 4), ("crc32c", 4), ("crc64nvme", 8), ("sha1", 20), ("sha256", 32))
}


HEADERS = frozenset({*_SIZES, "content-md5"})
"""The headers that say one."""


class Checksums:
    """Those of one body: the ones in the head, and those that are announced to follow it."""

    def __init__(self, index: Mapping[str, str], *, announced: tuple[str, ...]) -> None:
        self._expected: dict[str, bytes] = {}
        self._running: dict[str, _Running] = {}
        for header in _SIZES.keys() & (index.keys() | announced):
            if header in index:
                self._expected[header] = _decoded(header, index[header], _SIZES[header])
            if header in _MAKERS:
                self._running[header] = _MAKERS[header]()
        if "content-md5" in index:
            self._expected["content-md5"] = _decoded("content-md5", index["content-md5"], 16)
            self._running["content-md5"] = hashlib.md5(usedforsecurity=False)

    def update(self, piece: bytes) -> None:
        """The next piece of the body."""
        for running in self._running.values():
            running.update(piece)

    def check(self, trailers: Mapping[str, str]) -> None:
        """Whether all that was given is right, of the head or after the body; BadDigest, InvalidRequest."""
        for header, running in self._running.items():
            expected = self._expected.get(header)
            if expected is None:
                expected = _decoded(header, trailers.get(header, ""), _SIZES[header])
            if running.digest() != expected:
                raise _mismatch(header)


def _decoded(header: str, text: str, size: int) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != size:
        if header == "content-md5":
            raise InvalidDigest
        raise InvalidRequest(f"Value for {header} header is invalid.")
    return value


def _mismatch(header: str) -> BadDigest:
    if header == "content-md5":
        return BadDigest("The Content-MD5 you specified did not match what we received.")
    name = header.removeprefix(PREFIX).upper()
    return BadDigest(f"The {name} you specified did not match the calculated checksum.")
