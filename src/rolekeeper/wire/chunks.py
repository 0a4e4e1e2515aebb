"""The frames of `aws-chunked`, read as they come: `SIZE;chunk-signature=...`, so many bytes, and again.

The rule of this file: strictly one form. A body in any other is refused, and no byte is given out twice or
counted wrongly, however the packets fall. What is read here is written anew for who comes after, so nobody
else reads these frames.
Sources: "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks" and
"... Including Trailing Headers" in the Amazon S3 API Reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Protocol

from rolekeeper.errors import IncompleteBody, InvalidChunkSizeError, MalformedTrailerError

__all__ = ["Chain", "Chunks", "is_chunked", "without_chunks"]

LEAST = 8192
"""Bytes that a chunk must have unless it is the last one."""

_LONGEST_LINE = 1024
_MOST_TRAILERS = 16
_SIGNED_LINE = re.compile(rb"([0-9A-Fa-f]{1,16});chunk-signature=([0-9a-f]{64}|[0-9a-f]{128,144}\**)")
_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})")
_TRAILER = re.compile(rb"([A-Za-z0-9-]{1,128}):[ \t]*([!-~](?:[ -~]*[!-~])?)[ \t]*\n?")
_SIGNATURE = b"x-amz-trailer-signature"


class Chain(Protocol):
    """Signatures of which each has the one before it in its text. SignatureDoesNotMatch."""

    def chunk(self, signature: str, digest: str) -> None:
        """Check the next chunk's, whose bytes have this SHA-256."""
        ...

    def trailer(self, signature: str, digest: str) -> None:
        """Check the one over the headers at the end."""
        ...


class Chunks:
    """Reads one body. `chain` checks its chunks, where they are signed; `trailers` are the names of the
    headers that follow it, None where none may."""

    def __init__(self, *, chain: Chain | None = None, trailers: tuple[str, ...] | None = None) -> None:
        self._chain = chain
        self._announced = trailers
        self._line = bytearray()
        self._state = self._size
        self._left = 0
        self._short = False
        self._signature = ""
        self._hash = sha256()
        self._raw_trailers: list[bytes] = []
        self._found: dict[str, str] = {}
        self.complete = False
        """Whether the end was read, and all signatures are right."""

    @property
    def trailers(self) -> Mapping[str, str]:
        """The headers at the end, by lower-case name."""
        return self._found

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes have of the content. IncompleteBody, InvalidChunkSizeError,
        MalformedTrailerError, SignatureDoesNotMatch."""
        view, at = memoryview(data), 0
        while at < len(view):
            if self._left:
                piece = bytes(view[at : at + self._left])
                at += len(piece)
                self._left -= len(piece)
                if self._chain is not None:
                    self._hash.update(piece)
                yield piece
            else:
                at = self._read_line(data, at)

    def close(self) -> None:
        """Nothing follows. IncompleteBody, if the end was not there yet."""
        if not self.complete:
            raise IncompleteBody("The request body terminated unexpectedly")

    def _read_line(self, data: bytes, at: int) -> int:
        """Take up a line, or what there is of it; where the rest begins."""
        if self.complete and self._state != self._last:
            raise IncompleteBody("The request body has bytes after its end")
        end = data.find(b"\n", at)
        # A trailer's line may have a line feed of its own before its end: the end is CRLF.
        while end >= 0 and not (data[end - 1 : end] == b"\r" if end > at else self._line[-1:] == b"\r"):
            end = data.find(b"\n", end + 1)
        self._line += data[at : end + 1 if end >= 0 else len(data)]
        if len(self._line) > _LONGEST_LINE:
            raise IncompleteBody("The request body has a chunk header that is too long")
        if end < 0:
            return len(data)
        line = bytes(self._line[:-2])
        self._line.clear()
        self._state(line)
        return end + 1

    # -- what a line can be ---------------------------------------------------------------------------

    def _size(self, line: bytes) -> None:
        found = (_LINE if self._chain is None else _SIGNED_LINE).fullmatch(line)
        if found is None:
            raise IncompleteBody("The request body has a chunk header that is not well-formed")
        size = int(found[1], 16)
        if size and self._short:
            raise InvalidChunkSizeError
        self._short = size < LEAST
        self._left = size
        self._signature = found[2].decode() if self._chain is not None else ""
        if size:
            self._state = self._after_data
            return
        self._check_chunk()
        self._state = self._after_all if self._announced is None else self._trailer

    def _after_data(self, line: bytes) -> None:
        if line:
            raise IncompleteBody("The request body has a chunk that is longer than its header says")
        self._check_chunk()
        self._state = self._size

    def _check_chunk(self) -> None:
        if self._chain is not None:
            self._chain.chunk(self._signature, self._hash.hexdigest())
            self._hash = sha256()

    def _after_all(self, line: bytes) -> None:
        if line:
            raise IncompleteBody("The request body has bytes after its end")
        self.complete, self._state = True, self._nothing

    def _trailer(self, line: bytes) -> None:
        if not line:
            self._end_trailers()
            return
        found = _TRAILER.fullmatch(line)
        if found is None or len(self._found) >= _MOST_TRAILERS:
            raise MalformedTrailerError
        name, value = found[1].lower(), found[2]
        if name == _SIGNATURE:
            self._check_trailers(value)
            return
        if name.decode() in self._found or name.decode() not in (self._announced or ()):
            raise MalformedTrailerError
        self._found[name.decode()] = value.decode()
        self._raw_trailers.append(name + b":" + value + b"\n")

    def _check_trailers(self, signature: bytes) -> None:
        if self._chain is None or not self._found:
            raise MalformedTrailerError
        self._chain.trailer(signature.decode(), sha256(b"".join(self._raw_trailers)).hexdigest())
        # Some clients end the body here, without an empty line.
        self._finish()
        self._state = self._last

    def _end_trailers(self) -> None:
        if self._chain is not None:
            raise MalformedTrailerError  # they are not signed
        self._finish()
        self._state = self._nothing

    def _finish(self) -> None:
        if set(self._found) != set(self._announced or ()):
            raise MalformedTrailerError
        self.complete = True

    def _last(self, line: bytes) -> None:
        if line:
            raise MalformedTrailerError
        self._state = self._nothing

    def _nothing(self, line: bytes) -> None:
        raise IncompleteBody("The request body has bytes after its end")


def is_chunked(encoding: str) -> bool:
    """Whether a Content-Encoding has `aws-chunked`."""
    return any(part.strip().lower() == "aws-chunked" for part in encoding.split(","))


def without_chunks(encoding: str) -> str:
    """A Content-Encoding without `aws-chunked`, which is of the transfer and not of the object."""
    return ",".join([part.strip() for part in encoding.split(",") if part.strip().lower() != "aws-chunked"])
