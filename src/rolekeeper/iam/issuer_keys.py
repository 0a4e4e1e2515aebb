"""The keys with which an account signs tokens for the world outside, and what others need to check them.

An account has a key of each algorithm. Another takes its place when outbound federation is enabled again; the
old one is still shown for a while, so that every token that it has signed can be checked to its end. The
private half is kept among the account's secrets under the key's ID: the thumbprint of the public half.
Sources: RFC 7517 (JSON Web Key), RFC 7638 (thumbprints), OpenID Connect Discovery 1.0; "GetWebIdentityToken"
in the STS API Reference; "Outbound identity federation" in the IAM User Guide.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from rolekeeper.iam.entities import Entity
from rolekeeper.iam.secret import Secret

ALGORITHMS: Final = ("RS256", "ES384")

SHOWN: Final = timedelta(hours=2)
"""How long a key is shown after another took its place: a token lasts an hour at most."""

SETTLED: Final = timedelta(hours=1)
"""How old a key is at least when another takes its place, so that few are ever shown at once."""

DISCOVERY: Final = "/.well-known/openid-configuration"
KEY_SET: Final = "/.well-known/jwks.json"

_BITS = 2048
_THUMBPRINT = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}


class IssuerKey(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """The public half of a key. It signs until another of its algorithm was made."""

    kind = "issuer-key"
    noun = "issuer key"
    folds = False

    id: str
    algorithm: str
    jwk: dict[str, str]
    """What RFC 7518 wants of a public key: `n` and `e`, or `crv`, `x` and `y`."""
    created: datetime

    @property
    def key(self) -> str:
        return self.id

    def view(self) -> dict[str, str]:
        """The key as a JWK set shows it."""
        return self.jwk | {"kid": self.id, "use": "sig", "alg": self.algorithm}


def generate(account: str, algorithm: str, now: datetime) -> tuple[IssuerKey, Secret]:
    """A new key and its private half in PEM."""
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if algorithm == "RS256":
        private = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    else:
        private = ec.generate_private_key(ec.SECP384R1())
    shown: Any = jwt.get_algorithm_by_name(algorithm)
    found = shown.to_jwk(private.public_key(), as_dict=True)
    public = {name: str(found[name]) for name in _THUMBPRINT[found["kty"]]}
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    made = IssuerKey(account=account, id=thumbprint(public), algorithm=algorithm, jwk=public, created=now)
    return made, Secret(pem)


def thumbprint(jwk: Mapping[str, str]) -> str:
    """The SHA-256 thumbprint of a public key. Source: RFC 7638, section 3."""
    members = {name: jwk[name] for name in _THUMBPRINT[jwk["kty"]]}
    digest = sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def signing(keys: Iterable[IssuerKey], algorithm: str) -> IssuerKey | None:
    """The key that signs with an algorithm: the newest one."""
    return max((key for key in keys if key.algorithm == algorithm), key=lambda key: key.created, default=None)


def outdated(keys: Iterable[IssuerKey], now: datetime) -> list[IssuerKey]:
    """The keys that are not shown any more: another took their place, and what they signed has ended."""
    found = sorted(keys, key=lambda key: key.created)
    gone = []
    for algorithm in ALGORITHMS:
        line = [key for key in found if key.algorithm == algorithm]
        gone += [old for old, new in pairwise(line) if new.created <= now - SHOWN]
    return gone


def sign(claims: Mapping[str, Any], key: IssuerKey, private: Secret) -> str:
    """The token with these claims."""
    return jwt.encode(dict(claims), _loaded(private), algorithm=key.algorithm, headers={"kid": key.id})


@lru_cache(maxsize=256)
def _loaded(private: Secret) -> Any:
    # It was sealed here, and nobody can have changed it: its numbers need not be checked again.
    return load_pem_private_key(private.reveal().encode(), None, unsafe_skip_rsa_key_validation=True)


def discovery(issuer: str) -> dict[str, Any]:
    """What an issuer says of itself, as AWS's do."""
    return {
        "issuer": issuer,
        "jwks_uri": issuer + KEY_SET,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "jti", "https://sts.amazonaws.com/"],
    }
