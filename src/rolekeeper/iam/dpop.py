"""DPoP: who sends a request shows that it has a key, so that a token is worth nothing without that key.

A proof is a JWT which is signed by the key that it names, for one method and one URL, for now, and once. Only
ES256 is taken: no client chooses how it is checked.
Source: RFC 9449, sections 4.2, 4.3 and 11.1; RFC 7638 (thumbprints).
"""

from __future__ import annotations

import base64
import hashlib
from threading import Lock
from typing import Final, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

WINDOW: Final = 300
"""Seconds by which the time of a proof may be off."""
MAX_PROOF: Final = 4096
_KEPT = 100_000  # proofs that were used, of the last ten minutes


class InvalidProof(Exception):
    """It is no proof for this request."""


class _Key(msgspec.Struct, frozen=True):
    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str


class _Head(msgspec.Struct, frozen=True):
    typ: Literal["dpop+jwt"]
    alg: Literal["ES256"]
    jwk: _Key


class _Claims(msgspec.Struct, frozen=True):
    htm: str
    htu: str
    iat: int
    jti: str


class Proofs:
    """Checks proofs, each of which is good once. It is memory of this process; threads share it."""

    def __init__(self) -> None:
        self._used: dict[bytes, float] = {}
        self._lock = Lock()

    def thumbprint(self, proof: str, *, method: str, url: str, now: float) -> str:
        """Which key has signed a proof for this request; InvalidProof."""
        if len(proof) > MAX_PROOF or proof.count(".") != 2:
            raise InvalidProof
        signed, _, signature = proof.rpartition(".")
        try:
            head, claims = (_decode(part) for part in signed.split("."))
            key = msgspec.json.decode(head, type=_Head).jwk
            said = msgspec.json.decode(claims, type=_Claims)
            _public(key).verify(_der(_decode(signature)), signed.encode(), ECDSA(SHA256()))
        except (ValueError, msgspec.MsgspecError, InvalidSignature, RecursionError):
            raise InvalidProof from None
        if said.htm != method or said.htu.partition("?")[0].lower() != url.lower():
            raise InvalidProof
        if abs(said.iat - now) > WINDOW or not 0 < len(said.jti) <= 256:
            raise InvalidProof
        print_ = _thumbprint(key)
        if not self._first(f"{print_} {said.jti}", now):
            raise InvalidProof
        return print_

    def _first(self, id: str, now: float) -> bool:
        """Use a proof up; False where it was used before."""
        place = hashlib.sha256(id.encode()).digest()
        with self._lock:
            if place in self._used:
                return False
            while self._used:
                oldest = next(iter(self._used))
                if len(self._used) < _KEPT and self._used[oldest] > now - 2 * WINDOW:
                    break
                del self._used[oldest]
            self._used[place] = now
            return True


def _decode(text: str) -> bytes:
    if not text.isascii() or "=" in text:
        raise ValueError
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _public(key: _Key) -> EllipticCurvePublicKey:
    x, y = _decode(key.x), _decode(key.y)
    if len(x) != 32 or len(y) != 32:
        raise ValueError
    numbers = EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1())
    return numbers.public_key()


def _der(signature: bytes) -> bytes:
    if len(signature) != 64:
        raise ValueError
    return encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))


def _thumbprint(key: _Key) -> str:
    text = f'{{"crv":"{key.crv}","kty":"{key.kty}","x":"{key.x}","y":"{key.y}"}}'
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
