"""Signature Version 4 with a key pair (SigV4A), the server's side: one signature is good in many regions.

The rule of this file: it differs from SigV4 in three things. The scope has no region, the regions are in a
header or parameter that is signed (`us-*`, `*`); the key is a pair on the curve P-256 that both sides derive
from the access key; and the signature is ECDSA's, so that it is verified and not computed again.
Sources: "AWS Signature Version 4 for API requests" in the IAM User Guide; the derivation is NIST SP 800-108's
KDF in counter mode, as AWS's SDKs have it.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Container
from datetime import datetime
from fnmatch import fnmatchcase
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from rolekeeper.errors import IncompleteSignature, SignatureDoesNotMatch
from rolekeeper.wire.content import Content
from rolekeeper.wire.excerpt import excerpt
from rolekeeper.wire.signature import (
    ALGORITHM as SYMMETRIC,
)
from rolekeeper.wire.signature import (
    TERMINATOR,
    Signature,
    checked_signature,
    expires_in,
    incomplete,
    parts_of,
    signature_parameters,
)
from rolekeeper.wire.sigv4 import OutOfScope, check_scope, check_time
from rolekeeper.wire.sigv4_ahead import Seal, canonical_text

if TYPE_CHECKING:
    from rolekeeper.wire.http import HttpRequest

__all__ = ["ALGORITHM", "AsymmetricSignature", "EcdsaChain", "VerifyingKeys", "read_signature", "seal"]

ALGORITHM = "AWS4-ECDSA-P256-SHA256"

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256: how many points it has."""

_REGION = re.compile(r"[a-z0-9*-]{1,32}")
_HEX = re.compile(r"(?:[0-9a-f]{2}){8,72}")
_MOST_REGIONS = 64
_USUAL_REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1", "ap-southeast-1")
_EMPTY = sha256(b"").hexdigest()


class AsymmetricSignature(Signature, frozen=True, kw_only=True):
    """One of SigV4A. Its `region` is one that it is good for."""

    region_set: tuple[str, ...]

    @property
    def algorithm(self) -> str:
        """As `s3:signatureversion` has it."""
        return ALGORITHM


def read_signature(request: HttpRequest) -> AsymmetricSignature | None:
    """The signature of a request, where it has one of this algorithm; IncompleteSignature,
    SignatureDoesNotMatch and InvalidClientTokenId as in `signature.py`."""
    authorization = request.header("authorization")
    if authorization is not None and authorization.strip().partition(" ")[0] == ALGORITHM:
        if request.query and signature_parameters(request.query) is not None:
            raise SignatureDoesNotMatch(
                "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
            )
        return _read_header(request, authorization.strip())
    found = signature_parameters(request.query) if authorization is None and request.query else None
    if found is None or found.get("X-Amz-Algorithm") != ALGORITHM:
        return None
    credential, regions = _scope(found.get("X-Amz-Credential", ""), found.get("X-Amz-Region-Set", ""))
    return _signature(
        checked_signature(
            request,
            algorithm=SYMMETRIC,
            credential=credential,
            stamp=found.get("X-Amz-Date", ""),
            signed_headers=found.get("X-Amz-SignedHeaders", ""),
            signature=found.get("X-Amz-Signature", ""),
            session_token=found.get("X-Amz-Security-Token") or request.header("x-amz-security-token"),
            presigned=True,
            expires=expires_in(found.get("X-Amz-Expires")),
        ),
        regions,
    )


def _read_header(request: HttpRequest, authorization: str) -> AsymmetricSignature:
    parts = parts_of(authorization.partition(" ")[2], authorization)
    stamp = request.header("x-amz-date") or request.header("date")
    if not (stamp and parts.get("Credential") and parts.get("Signature") and parts.get("SignedHeaders")):
        raise incomplete(parts, stamp, authorization)
    credential, regions = _scope(parts["Credential"], request.header("x-amz-region-set") or "")
    return _signature(
        checked_signature(
            request,
            algorithm=SYMMETRIC,
            credential=credential,
            stamp=stamp,
            signed_headers=parts["SignedHeaders"],
            signature=parts["Signature"],
            session_token=request.header("x-amz-security-token"),
            presigned=False,
            expires=None,
        ),
        regions,
    )


def _signature(signature: Signature, regions: tuple[str, ...]) -> AsymmetricSignature:
    return AsymmetricSignature(**msgspec.structs.asdict(signature), region_set=regions)


def _scope(credential: str, region_set: str) -> tuple[str, tuple[str, ...]]:
    """The credential as if its scope had a region, and the regions that it is good for."""
    regions = tuple(region.strip() for region in region_set.split(","))
    if len(regions) > _MOST_REGIONS or not all(_REGION.fullmatch(region) for region in regions):
        raise IncompleteSignature(
            f"'X-Amz-Region-Set' must name the regions of the signature. Got '{excerpt(region_set)}'."
        )
    elements = credential.split("/")
    if len(elements) != 4:
        raise IncompleteSignature(
            "Credential must have exactly 4 slash-delimited elements, e.g. keyid/date/service/term, "
            f"got '{excerpt('/'.join(('...', *elements[-3:])))}'"
        )
    return "/".join((*elements[:2], _one_of(regions), *elements[2:])), regions


def _one_of(regions: tuple[str, ...]) -> str:
    """A region that the signature is good for: the first that is named, or a usual one."""
    for region in regions:
        if "*" not in region:
            return region
        for usual in _USUAL_REGIONS:
            if fnmatchcase(usual, region):
                return usual
    raise OutOfScope(f"Credential should be scoped to a valid region, not '{excerpt(','.join(regions))}'.")


# -- keys -----------------------------------------------------------------------------------------


def derive(access_key_id: str, secret: str) -> int:
    """The private key of an access key, as a number."""
    key = b"AWS4A" + secret.encode("utf-8", "surrogatepass")
    for counter in range(1, 255):
        fixed = ALGORITHM.encode() + b"\0" + access_key_id.encode() + bytes([counter])
        text = (1).to_bytes(4, "big") + fixed + (256).to_bytes(4, "big")
        candidate = int.from_bytes(hmac.digest(key, text, "sha256"), "big")
        if candidate <= _ORDER - 2:
            return candidate + 1
    raise SignatureDoesNotMatch()  # one in 2 to the 8000 has no key


class VerifyingKeys:
    """The public keys of secrets, so that none is derived twice. See `sigv4.SigningKeys`."""

    __slots__ = ("_capacity", "_keys", "_lock")

    def __init__(self, capacity: int = 1024) -> None:
        self._capacity = max(1, capacity)
        self._keys: dict[tuple[str, str], ec.EllipticCurvePublicKey] = {}
        self._lock = Lock()

    def key(self, access_key_id: str, secret: str) -> ec.EllipticCurvePublicKey:
        """The public key of an access key."""
        found = self._keys.get((access_key_id, secret))
        if found is None:
            found = ec.derive_private_key(derive(access_key_id, secret), ec.SECP256R1()).public_key()
            with self._lock:
                if len(self._keys) >= self._capacity:
                    del self._keys[next(iter(self._keys))]
                self._keys[access_key_id, secret] = found
        return found

    def __repr__(self) -> str:
        return f"VerifyingKeys({len(self._keys)} of {self._capacity})"

    def __reduce__(self) -> str:
        raise TypeError("verifying keys are not serialized")


# -- verifying --------------------------------------------------------------------------------------


def seal(
    request: HttpRequest,
    signature: AsymmetricSignature,
    content: Content,
    *,
    secret: str,
    now: datetime,
    service: str,
    regions: Container[str] | None,
    keys: VerifyingKeys,
) -> Seal:
    """Verify a request's head; see `sigv4_ahead.seal`."""
    check_time(signature, now)
    check_scope(signature, service, regions)
    if content.signed and not content.asymmetric:
        raise SignatureDoesNotMatch()  # the chunks' signatures are of the request's algorithm
    canonical = canonical_text(request, signature, content, service)
    key = keys.key(signature.access_key_id, secret)
    _verify(key, signature.signature, _text(ALGORITHM, signature, sha256(canonical).hexdigest()))
    return Seal(content=content, chain=EcdsaChain(signature, key) if content.signed else None)


def _verify(key: ec.EllipticCurvePublicKey, signature: str, text: bytes) -> None:
    if not _HEX.fullmatch(signature):
        raise SignatureDoesNotMatch()
    try:
        key.verify(bytes.fromhex(signature), text, ec.ECDSA(SHA256()))
    except InvalidSignature:
        raise SignatureDoesNotMatch() from None


def _text(algorithm: str, signature: Signature, *lines: str) -> bytes:
    scope = f"{signature.date}/{signature.service}/{TERMINATOR}"
    return "\n".join((algorithm, signature.stamp, scope, *lines)).encode("utf-8", "surrogatepass")


class EcdsaChain:
    """The signatures of a body's chunks, each over the one before it. They are filled up to one length with
    asterisks, which are no part of them."""

    __slots__ = ("_key", "_previous", "_signature")

    def __init__(self, signature: AsymmetricSignature, key: ec.EllipticCurvePublicKey) -> None:
        self._signature, self._key, self._previous = signature, key, signature.signature

    def chunk(self, signature: str, digest: str) -> None:
        """Check the next chunk's; SignatureDoesNotMatch."""
        self._check(signature, f"{ALGORITHM}-PAYLOAD", _EMPTY, digest)

    def trailer(self, signature: str, digest: str) -> None:
        """Check the one over the headers at the end; SignatureDoesNotMatch."""
        self._check(signature, f"{ALGORITHM}-TRAILER", digest)

    def _check(self, signature: str, algorithm: str, *lines: str) -> None:
        own = signature.rstrip("*")
        _verify(self._key, own, _text(algorithm, self._signature, self._previous, *lines))
        self._previous = own
