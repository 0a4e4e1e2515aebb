"""DPoP proofs as the SDK makes them, and ones that are not good."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

URL = "http://127.0.0.1:4566/v1/token"


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Prover:
    """A key, and proofs that it signs."""

    def __init__(self) -> None:
        self._key = generate_private_key(SECP256R1())
        numbers = self._key.public_key().public_numbers()
        self.jwk = {
            "kty": "EC",
            "x": encoded(numbers.x.to_bytes(32)),
            "y": encoded(numbers.y.to_bytes(32)),
            "crv": "P-256",
        }

    def proof(self, head: dict[str, Any] | None = None, **claims: Any) -> str:
        """A proof for the token endpoint, with other members where they are given."""
        said = {"htm": "POST", "htu": URL, "iat": int(time.time()), "jti": str(uuid.uuid4())} | claims
        top = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk} | (head or {})
        signed = ".".join(encoded(json.dumps(part).encode()) for part in (top, said))
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ECDSA(SHA256())))
        return f"{signed}.{encoded(r.to_bytes(32) + s.to_bytes(32))}"
