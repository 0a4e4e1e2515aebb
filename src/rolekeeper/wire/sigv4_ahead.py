"""Signature Version 4 for a request whose body is still to come: S3's way, and that of other streams.

The rule of this file: what is signed is what the request says of its body, and that is believed only as far
as somebody holds the body to it while it passes. `seal` verifies the head, and gives what that is.
S3 answers in words of its own, which `s3_words.py` has; here are those of all services.
Sources: "Authenticating Requests (AWS Signature Version 4)" in the Amazon S3 API Reference, and its pages on
payloads in multiple chunks and on trailing headers.
"""

from __future__ import annotations

import hmac
from collections.abc import Container
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from rolekeeper.errors import SignatureDoesNotMatch
from rolekeeper.wire.canonical import canonical_request, canonical_s3_request
from rolekeeper.wire.content import Content
from rolekeeper.wire.signature import ALGORITHM, TERMINATOR, Signature
from rolekeeper.wire.sigv4 import SigningKey, SigningKeys, check_scope, check_time

if TYPE_CHECKING:
    from rolekeeper.wire.chunks import Chain
    from rolekeeper.wire.http import HttpRequest

__all__ = ["S3_NAMES", "HmacChain", "Seal", "canonical_text", "seal"]

S3_NAMES = frozenset({"s3", "s3-object-lambda", "s3-outposts", "s3express"})
"""The signing names of the services that sign in S3's way."""

_EMPTY = sha256(b"").hexdigest()


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """What a verified signature says of the body."""

    content: Content
    chain: Chain | None = None
    """Checks the chunks, where they are signed; for one body."""


def seal(
    request: HttpRequest,
    signature: Signature,
    content: Content,
    *,
    secret: str,
    now: datetime,
    service: str,
    regions: Container[str] | None,
    keys: SigningKeys,
) -> Seal:
    """Verify a request's head; SignatureDoesNotMatch, RequestExpired. See `sigv4.verify`."""
    check_time(signature, now)
    check_scope(signature, service, regions)
    canonical = canonical_text(request, signature, content, service)
    key = keys.key(signature, secret)
    expected = key.sign(_text(ALGORITHM, signature, sha256(canonical).hexdigest()))
    if not (signature.signature.isascii() and hmac.compare_digest(expected, signature.signature)):
        raise SignatureDoesNotMatch()
    if content.asymmetric:
        raise SignatureDoesNotMatch()  # the chunks' signatures are of the request's algorithm
    return Seal(content=content, chain=HmacChain(signature, key) if content.signed else None)


def canonical_text(request: HttpRequest, signature: Signature, content: Content, service: str) -> bytes:
    """The canonical request, in S3's way or in that of all others."""
    if service in S3_NAMES:
        return canonical_s3_request(request, signature.signed_headers, content.text)
    return canonical_request(request, signature.signed_headers, content.text)


def _text(algorithm: str, signature: Signature, *lines: str) -> bytes:
    """A string to sign: the algorithm, the time, the scope, and what is to be said."""
    scope = f"{signature.date}/{signature.region}/{signature.service}/{TERMINATOR}"
    return "\n".join((algorithm, signature.stamp, scope, *lines)).encode("utf-8", "surrogatepass")


class HmacChain:
    """The signatures of a body's chunks, each over the one before it."""

    __slots__ = ("_key", "_previous", "_signature")

    def __init__(self, signature: Signature, key: SigningKey) -> None:
        self._signature, self._key, self._previous = signature, key, signature.signature

    def __repr__(self) -> str:
        return "HmacChain(***)"

    def chunk(self, signature: str, digest: str) -> None:
        """Check the next chunk's; SignatureDoesNotMatch."""
        self._check(signature, f"{ALGORITHM}-PAYLOAD", _EMPTY, digest)

    def trailer(self, signature: str, digest: str) -> None:
        """Check the one over the headers at the end; SignatureDoesNotMatch."""
        self._check(signature, f"{ALGORITHM}-TRAILER", digest)

    def _check(self, signature: str, algorithm: str, *lines: str) -> None:
        expected = self._key.sign(_text(algorithm, self._signature, self._previous, *lines))
        if not (signature.isascii() and hmac.compare_digest(expected, signature)):
            raise SignatureDoesNotMatch()
        self._previous = expected
