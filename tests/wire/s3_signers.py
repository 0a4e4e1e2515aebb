"""Clients of S3: requests that botocore signs in S3's way, and bodies in signed chunks.

botocore has no signer for chunks; the one here is written after AWS's description, and `test_sigv4_ahead.py`
holds it to AWS's published examples.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rolekeeper.wire.content import read_content
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.sigv4 import SigningKeys, read_signature
from rolekeeper.wire.sigv4_ahead import Seal, seal
from tests.wire.signers import KEY_ID, NOW, SECRET, _clock, _received

STREAMING = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
URL = "https://bucket.s3.us-east-1.amazonaws.com/some/key"


class _Auth(S3SigV4Auth):  # type: ignore[misc]
    """botocore's, which signs a given `x-amz-content-sha256` as it is."""

    content: str | None = None

    def payload(self, request: AWSRequest) -> str:
        found: str = self.content or super().payload(request)
        return found

    def _should_sha256_sign_payload(self, request: AWSRequest) -> bool:
        return True


def signed_to_s3(
    method: str = "PUT",
    url: str = URL,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    content: str | None = None,
    token: str | None = None,
    keys: tuple[str, str] = (KEY_ID, SECRET),
    region: str = "us-east-1",
    service: str = "s3",
    at: datetime = NOW,
) -> HttpRequest:
    """The head of a request with an Authorization header; its body is left out of it."""
    request = AWSRequest(method=method, url=url, headers=dict(headers or {}), data=body)
    auth = _Auth(Credentials(*keys, token), service, region)
    auth.content = content
    with _clock(at):
        auth.add_auth(request)
    found = _received(request)
    found.body = b""
    return found


def presigned_to_s3(
    method: str = "GET",
    url: str = URL,
    headers: Mapping[str, str] | None = None,
    *,
    expires: int = 60,
    token: str | None = None,
    keys: tuple[str, str] = (KEY_ID, SECRET),
    at: datetime = NOW,
) -> HttpRequest:
    """A request whose signature is in its URL."""
    request = AWSRequest(method=method, url=url, headers=dict(headers or {}))
    with _clock(at):
        S3SigV4QueryAuth(Credentials(*keys, token), "s3", "us-east-1", expires=expires).add_auth(request)
    return _received(request)


def sealed(
    request: HttpRequest,
    *,
    secret: str = SECRET,
    now: datetime = NOW,
    service: str = "s3",
    regions: Iterable[str] = ("us-east-1",),
) -> Seal:
    """Verify a request's head, as `Sessions.authenticate_ahead` does."""
    signature = read_signature(request)
    assert signature is not None
    return seal(
        request,
        signature,
        read_content(request, presigned=signature.presigned),
        secret=secret,
        now=now,
        service=service,
        regions=frozenset(regions),
        keys=SigningKeys(),
    )


class ChunkSigner:
    """Puts a body into signed chunks, or (without a seed) into plain ones."""

    def __init__(
        self,
        seed: str | None,
        *,
        secret: str = SECRET,
        stamp: str = "20260101T001000Z",
        region: str = "us-east-1",
    ) -> None:
        self._previous = seed
        self._stamp = stamp
        self._scope = f"{stamp[:8]}/{region}/s3/aws4_request"
        key = b"AWS4" + secret.encode()
        for part in self._scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        self._key = key

    @classmethod
    def of(cls, request: HttpRequest, **more: Any) -> ChunkSigner:
        """The one that goes on from a signed head."""
        signature = read_signature(request)
        assert signature is not None
        return cls(signature.signature, **more)

    def sign(self, kind: str, *lines: str) -> str:
        """The next signature."""
        text = "\n".join((f"AWS4-HMAC-SHA256-{kind}", self._stamp, self._scope, self._previous or "", *lines))
        self._previous = hmac.digest(self._key, text.encode(), "sha256").hex()
        return self._previous

    def chunk(self, data: bytes) -> bytes:
        """One chunk in its frame; the last one has no data, and no end where trailers follow."""
        size = f"{len(data):x}".encode()
        if self._previous is not None:
            empty = hashlib.sha256(b"").hexdigest()
            size += (
                b";chunk-signature=" + self.sign("PAYLOAD", empty, hashlib.sha256(data).hexdigest()).encode()
            )
        return size + b"\r\n" + data + (b"\r\n" if data else b"")

    def body(self, chunks: Iterable[bytes], trailers: Mapping[str, str] | None = None) -> bytes:
        """All of it."""
        found = b"".join([self.chunk(chunk) for chunk in (*chunks, b"")])
        if trailers is None:
            return found + b"\r\n"
        text = "".join([f"{name}:{value}\n" for name, value in trailers.items()]).encode()
        found += text.replace(b"\n", b"\r\n")
        if self._previous is not None:
            signature = self.sign("TRAILER", hashlib.sha256(text).hexdigest())
            found += b"x-amz-trailer-signature:" + signature.encode() + b"\r\n"
        return found + b"\r\n"
