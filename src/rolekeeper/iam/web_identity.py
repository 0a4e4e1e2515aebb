"""Web identity tokens: a JSON Web Token of an OpenID Connect provider, read and then verified.

Nothing is believed of a token but which issuer it names, until a key of that issuer has verified it. Which
algorithms there are is said here and never by the token alone: a key of one family verifies signatures of its
own family only, so that neither `none` nor a public key taken for a shared secret gets through.
Sources: RFC 7515, 7517, 7519 and 8725; "AssumeRoleWithWebIdentity" in the STS API Reference; "Available keys
for AWS OIDC federation" in the IAM User Guide.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import jwt
import msgspec
from cryptography.exceptions import UnsupportedAlgorithm

from rolekeeper.errors import ExpiredIdentityToken, InvalidIdentityToken

Claims = Mapping[str, Any]

SKEW: Final = 300
"""Seconds by which an issuer's clock may be ahead or behind: AWS takes a token so long after its end, too."""

MAX_KEYS: Final = 100
"""Keys of one issuer that are looked at."""

FAMILIES: Final[Mapping[str, frozenset[str]]] = {
    "RSA": frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    "EC": frozenset({"ES256", "ES384", "ES512"}),
}
"""The algorithms of a kind of key."""

CURVES: Final[Mapping[str, str]] = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
"""The algorithm of a curve."""

_MIN_RSA, _MAX_RSA = 2048, 8192  # bits: what can be forged, and what takes long
_TRIED = 10  # keys that one token is held against


class Unverified(msgspec.Struct, frozen=True, kw_only=True):
    """A token that is well formed. Its claims are nobody's yet."""

    text: str
    algorithm: str
    key_id: str | None
    claims: dict[str, Any]

    def __repr__(self) -> str:
        return "Unverified(***)"

    @property
    def issuer(self) -> str:
        """Who is said to have issued it: a URL."""
        issuer = self.claims.get("iss")
        return issuer if isinstance(issuer, str) else ""


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A public key of an issuer."""

    id: str | None
    family: str
    algorithm: str | None
    """The only algorithm that it is for, where its curve or the issuer says so."""
    key: Any


_FORM = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]*")
_UNREADABLE = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"


def read(text: str) -> Unverified:
    """A token, taken apart; InvalidIdentityToken where it is none."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise InvalidIdentityToken(_UNREADABLE)
    try:
        header, claims = _members(found[1]), _members(found[2])
    except (ValueError, RecursionError):
        raise InvalidIdentityToken(_UNREADABLE) from None
    if "crit" in header:
        raise InvalidIdentityToken("The token has a critical header that is not understood")
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or not isinstance(key_id, str | None):
        raise InvalidIdentityToken(_UNREADABLE)
    return Unverified(text=text, algorithm=algorithm, key_id=key_id, claims=claims)


def _members(part: str) -> dict[str, Any]:
    """The JSON object in a part of a token; ValueError where it is none that all readers read alike."""
    raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    found = json.loads(raw.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    if not isinstance(found, dict):
        raise ValueError("it is no object")
    json.dumps(found, ensure_ascii=False).encode()  # half a character, which `\\ud800` is, can be no text
    return found


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("a member stands twice")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def key_set(document: bytes) -> tuple[Key, ...]:
    """The keys of a JWK set that can verify; ValueError where it is none. Others are passed over."""
    found = json.loads(document)
    listed = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise ValueError("it has no keys")
    keys = (_key(each) for each in listed[:MAX_KEYS] if isinstance(each, dict))
    return tuple(each for each in keys if each is not None)


def _key(jwk: Mapping[str, Any]) -> Key | None:
    family, algorithm, key_id = jwk.get("kty"), jwk.get("alg"), jwk.get("kid")
    if not (isinstance(key_id, str | None) and isinstance(algorithm, str | None) and _verifies(jwk)):
        return None
    if family == "EC":
        curve = CURVES.get(str(jwk.get("crv")))
        if curve is None or algorithm not in (None, curve):
            return None
        algorithm = curve
    elif family != "RSA" or algorithm not in (None, *FAMILIES["RSA"]):
        return None
    try:
        loaded: Any = jwt.PyJWK(dict(jwk), algorithm=algorithm or "RS256").key
    except (
        jwt.PyJWTError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        OverflowError,
        UnsupportedAlgorithm,
    ):
        return None
    if family == "RSA" and not _MIN_RSA <= loaded.key_size <= _MAX_RSA:
        return None
    return Key(id=key_id, family=family, algorithm=algorithm, key=loaded)


def _verifies(jwk: Mapping[str, Any]) -> bool:
    """Whether a key is for signatures, and public."""
    uses = jwk.get("key_ops", ["verify"])
    return jwk.get("use", "sig") == "sig" and "d" not in jwk and isinstance(uses, list) and "verify" in uses


def fits(token: Unverified, keys: Sequence[Key]) -> list[Key]:
    """Those of the keys that may have signed a token: of its algorithm's family, and of its key ID."""
    found = [
        key
        for key in keys
        if token.algorithm in FAMILIES[key.family]
        and key.algorithm in (None, token.algorithm)
        and token.key_id in (None, key.id)
    ]
    return found[:_TRIED]


_SIGNATURES: Final = jwt.PyJWS()  # what a token says is held against its clock and its audience below


def verify(token: Unverified, keys: Sequence[Key]) -> Claims:
    """The claims, which one of the keys has signed; InvalidIdentityToken."""
    for key in fits(token, keys):
        try:
            _SIGNATURES.decode(token.text, key.key, algorithms=[token.algorithm])
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        return token.claims
    if not any(token.algorithm in family for family in FAMILIES.values()):
        raise InvalidIdentityToken("Token must be signed with an RSA or ECDSA key")
    raise InvalidIdentityToken(
        "Couldn't retrieve verification key from your identity provider, please reference "
        "AssumeRoleWithWebIdentity documentation for requirements"
    )


def check_times(claims: Claims, now: float) -> None:
    """ExpiredIdentityToken past its end; InvalidIdentityToken where it is of the future or has no times."""
    issued, expires = _number(claims, "iat"), _number(claims, "exp")
    if issued is None or expires is None:
        missing = "iat" if issued is None else "exp"
        raise InvalidIdentityToken(f"Missing a required claim: {missing}")
    begins = max(issued, _number(claims, "nbf") or issued)
    if begins > now + SKEW:
        raise InvalidIdentityToken("The token is not valid yet")
    if expires + SKEW <= now:
        raise ExpiredIdentityToken(
            f"Token expired: current date/time {int(now)} must be before the expiration date/time "
            f"{int(expires)}"
        )


def _number(claims: Claims, name: str) -> float | None:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        return None
    return float(value)


def audiences(claims: Claims) -> tuple[str, ...]:
    """Whom a token is for: its authorized party where it names one, else its audiences."""
    party = claims.get("azp")
    if isinstance(party, str) and party:
        return (party,)
    return texts(claims.get("aud"))


def texts(value: Any) -> tuple[str, ...]:
    """A claim as texts: one text, or those of a list; what is anything else is none."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list):
        return tuple(each for each in value if isinstance(each, str))
    return ()
