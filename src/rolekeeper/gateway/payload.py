"""The body of a request, as it passes: decoded, held to what was signed, and never all in memory.

The rule of this file: who stands behind never gets a whole body that is not the one that was signed. What
came last is kept back until the hash, the signatures of the chunks, their length and their checksums are
right; if they are not, the iterator raises, and whoever forwards must break off. So a body that is empty or
fits into one piece is read and checked before anything is sent at all: `ready` tells the two apart.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from hashlib import sha256
from typing import Final

import msgspec

from rolekeeper.errors import (
    IncompleteBody,
    InvalidArgument,
    InvalidRequest,
    MissingContentLength,
    RequestEntityTooLarge,
    SignatureDoesNotMatch,
    XAmzContentSHA256Mismatch,
)
from rolekeeper.gateway.checksums import HEADERS, Checksums
from rolekeeper.gateway.head import Head
from rolekeeper.gateway.holding import Take
from rolekeeper.gateway.inflow import HELD, PASSED, Disconnected, Patience, Receive, arrivals
from rolekeeper.wire.chunks import Chunks, is_chunked, without_chunks
from rolekeeper.wire.content import FRAMED, SHA256, Content, read_content
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.sigv4_ahead import Seal

__all__ = ["Disconnected", "Payload", "Receive"]

PIECE = 64 << 10
"""Bytes up to which a body is read whole before it is given on."""

_LENGTH = re.compile("[0-9]{1,18}")
_NAMES = re.compile(r"[a-z0-9-]{1,128}(?: *, *[a-z0-9-]{1,128}){0,15}")
_DECODED = "x-amz-decoded-content-length"
_TRAILER = "x-amz-trailer"
_OF_THE_TRANSFER = frozenset({_DECODED, _TRAILER, SHA256, "transfer-encoding", "expect", "content-length"})


class Payload:
    """One body. It can be read once, by `whole`, `ready` or `stream`."""

    def __init__(self, head: Head, content: Content, seal: Seal | None, receive: Receive) -> None:
        index = head.index
        self._receive = receive
        self._content = content
        self._chunks: Chunks | None = None
        self._checksums = Checksums(index, announced=())
        self.length = head.length
        """Of the content, in bytes; None where it is not known before the end."""
        if content.chunked:
            announced = _announced(index) if content.trailer else None
            self._chunks = Chunks(chain=seal.chain if seal else None, trailers=announced)
            self._checksums = Checksums(index, announced=announced or ())
            self.length = _decoded_length(index)
        self.request = head.request if not content.chunked else _decoded(head.request, self.length)
        """The head as it is without the frames of its body: what the request says, rather than how."""

    @classmethod
    def of(cls, head: Head, seal: Seal | None, receive: Receive) -> Payload:
        """The body that belongs to a head. `seal` is what `Sessions.authenticate_ahead` gave; None where
        nobody has signed, or where the body is read before it is known who has.

        InvalidRequest, InvalidArgument, InvalidDigest, MissingContentLength, SignatureDoesNotMatch.
        """
        content = seal.content if seal else read_content(head.request, required=False)
        if not content.chunked and is_chunked(head.index.get("content-encoding", "")):
            if seal is not None or content.digest is not None:
                raise InvalidRequest(f"The value of {SHA256} does not go with a body in aws-chunked.")
            content = FRAMED  # who does not sign has no need of that header
        if content.signed and (seal is None or seal.chain is None):
            raise SignatureDoesNotMatch()
        return cls(head, content, seal, receive)

    @property
    def trailers(self) -> Mapping[str, str]:
        """The headers that came after the body, when all of it was read."""
        return self._chunks.trailers if self._chunks is not None else {}

    async def whole(self, limit: int, *, rate: float = HELD, take: Take | None = None) -> bytes:
        """All of it; RequestEntityTooLarge where it is longer. `take` is told of each piece before it is
        kept; for the other errors see `stream`."""
        if self.length is not None and self.length > limit:
            raise _too_large(limit)
        if self._chunks is None and self.length is not None:
            return await self._plain(self.length, rate, take)
        parts: list[bytes] = []
        length = 0
        async for part in self._passing(rate):
            length += len(part)
            if length > limit:
                raise _too_large(limit)
            if take is not None:
                take(len(part))
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def _plain(self, length: int, rate: float, take: Take | None) -> bytes:
        """All of a body without frames. There is nothing to wait for where it is empty."""
        patience = Patience(rate)
        body, more = await patience.arrival(self._receive) if length else (b"", False)
        if more:
            parts = [body]
            while more:
                if take is not None:
                    take(len(body))
                body, more = await patience.arrival(self._receive)
                parts.append(body)
            body = b"".join(parts)
        self._checksums.update(body)
        self._check(len(body), sha256(body).hexdigest() if self._content.digest is not None else None)
        return body

    def given(self, body: bytes) -> bytes:
        """The content of a body that is there. For its errors see `stream`."""
        if self._chunks is not None:
            body = b"".join(self._chunks.feed(body))
        self._checksums.update(body)
        self._check(len(body), sha256(body).hexdigest() if self._content.digest is not None else None)
        return body

    async def ready(self) -> bytes | AsyncIterator[bytes]:
        """All of it, where it is short; else what gives it piece by piece."""
        if self.length is not None and self.length <= PIECE:
            return await self.whole(PIECE, rate=PASSED)
        return self.stream()

    def stream(self) -> AsyncIterator[bytes]:
        """The pieces, none of them empty. Before the last one comes, everything has been found to be right:
        IncompleteBody, XAmzContentSHA256Mismatch, SignatureDoesNotMatch, BadDigest, InvalidChunkSizeError,
        MalformedTrailerError, RequestTimeout; Disconnected where the client has gone."""
        return self._passing(PASSED)

    async def _passing(self, rate: float) -> AsyncIterator[bytes]:
        digest = sha256() if self._content.digest is not None else None
        kept, length = b"", 0
        async for raw in arrivals(self._receive, rate):
            for piece in self._pieces(raw):
                length += len(piece)
                if self.length is not None and length > self.length:
                    raise IncompleteBody
                if digest is not None:
                    digest.update(piece)
                self._checksums.update(piece)
                if kept:
                    yield kept
                kept = piece
        self._check(length, digest.hexdigest() if digest is not None else None)
        if kept:
            yield kept

    def _pieces(self, raw: bytes) -> Iterator[bytes]:
        if self._chunks is not None:
            yield from self._chunks.feed(raw)
        elif raw:
            yield raw

    def _check(self, length: int, digest: str | None) -> None:
        if self._chunks is not None:
            self._chunks.close()
        if self.length is not None and length != self.length:
            raise IncompleteBody
        if digest != self._content.digest:
            raise XAmzContentSHA256Mismatch
        self._checksums.check(self.trailers)


def says_nothing(request: HttpRequest, seal: Seal | None) -> bool:
    """Whether a request says nothing of its body that the body would have to be held to still: there is none,
    or all of it was signed with the head."""
    if not _OF_A_BODY.isdisjoint(request.index):
        return False
    if seal is None:
        return SHA256 not in request.index
    return not request.body and not seal.content.chunked and seal.content.digest in _OF_NOTHING


_OF_NOTHING: Final = frozenset({None, sha256(b"").hexdigest()})
_OF_A_BODY: Final = frozenset({*HEADERS, "content-encoding", _DECODED, _TRAILER})


def _too_large(limit: int) -> RequestEntityTooLarge:
    return RequestEntityTooLarge(f"The request has a body of more than {limit} bytes")


def _announced(index: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the headers that follow the body."""
    text = index.get(_TRAILER)
    if text is None:
        return ()
    names = text.strip().lower()
    if not _NAMES.fullmatch(names):
        raise InvalidArgument(f"The value of {_TRAILER} is no list of headers.")
    return tuple(name.strip() for name in names.split(","))


def _decoded_length(index: Mapping[str, str]) -> int:
    text = index.get(_DECODED)
    if text is None:
        raise MissingContentLength
    if not _LENGTH.fullmatch(text):
        raise InvalidArgument(f"The value of {_DECODED} is no number.")
    return int(text)


def _decoded(request: HttpRequest, length: int | None) -> HttpRequest:
    """The same request as if its body had come without frames."""
    headers: list[tuple[str, str]] = []
    for name, value in request.headers:
        if name in _OF_THE_TRANSFER:
            continue
        if name == "content-encoding":
            value = without_chunks(value)
            if not value:
                continue
        headers.append((name, value))
    headers.append(("content-length", str(length)))
    return msgspec.structs.replace(request, headers=headers, _index=None, _form=None)
