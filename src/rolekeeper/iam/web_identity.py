"""Web identity tokens: a JSON Web Token of an OpenID Connect provider, read and then verified.

Nothing is believed of a token but which issuer it names, until a key of that issuer has verified it. Which
algorithms there are is said here and never by the token alone: a key of one family verifies signatures of its
own family only, so that neither `none` nor a public key taken for a shared secret gets through.
Sources: RFC 7515, 7517, 7519 and 8725; "AssumeRoleWithWebIdentity" in the STS API Reference; "Available keys
for AWS OIDC federation" in the IAM User Guide.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import jwt
import msgspec

from rolekeeper.errors import ExpiredIdentityToken, InvalidIdentityToken

Claims = Mapping[str, Any]

SKEW: Final = 300
"""Seconds by which an issuer's clock may be ahead."""

MAX_KEYS: Final = 100
"""Keys of one issuer that are looked at."""

FAMILIES: Final[Mapping[str, frozenset[str]]] = {
    "RSA": frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    "EC": frozenset({"ES256", "ES384", "ES512"}),
}
"""The algorithms of a kind of key."""

_MIN_RSA = 2048


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
    """The only algorithm that it is for, where the issuer says so."""
    key: Any


def read(text: str) -> Unverified:
    """A token, taken apart; InvalidIdentityToken where it is none."""
    try:
        header = jwt.get_unverified_header(text)
        claims = json.loads(jwt.utils.base64url_decode(text.split(".")[1]))
    except (jwt.PyJWTError, ValueError, IndexError, RecursionError):
        claims = header = None
    if not isinstance(claims, dict) or not isinstance(header, dict):
        raise InvalidIdentityToken(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        )
    if header.get("crit"):
        raise InvalidIdentityToken("The token has a critical header that is not understood")
    return Unverified(
        text=text, algorithm=str(header.get("alg", "")), key_id=header.get("kid"), claims=claims
    )


def key_set(document: bytes) -> tuple[Key, ...]:
    """The keys of a JWK set that can verify; ValueError where it is none. Others are passed over."""
    found = json.loads(document)
    listed = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(listed, list):
        raise ValueError("it has no keys")
    keys = (_key(each) for each in listed[:MAX_KEYS] if isinstance(each, dict))
    return tuple(each for each in keys if each is not None)


def _key(jwk: Mapping[str, Any]) -> Key | None:
    family = jwk.get("kty")
    if family not in FAMILIES or jwk.get("use", "sig") != "sig" or "d" in jwk:
        return None
    if "verify" not in jwk.get("key_ops", ("verify",)):
        return None
    try:
        loaded: Any = jwt.PyJWK(dict(jwk), algorithm=jwk.get("alg") or _default(jwk)).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    if family == "RSA" and loaded.key_size < _MIN_RSA:
        return None
    return Key(id=jwk.get("kid"), family=str(family), algorithm=jwk.get("alg"), key=loaded)


def _default(jwk: Mapping[str, Any]) -> str:
    curves = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
    return "RS256" if jwk["kty"] == "RSA" else curves.get(str(jwk.get("crv")), "ES256")


def fits(token: Unverified, keys: Sequence[Key]) -> list[Key]:
    """Those of the keys that may have signed a token: of its algorithm's family, and of its key ID."""
    return [
        key
        for key in keys
        if token.algorithm in FAMILIES[key.family]
        and key.algorithm in (None, token.algorithm)
        and token.key_id in (None, key.id)
    ]


def verify(token: Unverified, keys: Sequence[Key]) -> Claims:
    """The claims, which one of the keys has signed; InvalidIdentityToken."""
    for key in fits(token, keys):
        try:
            verified: Claims = jwt.decode(
                token.text, key.key, algorithms=[token.algorithm], options=_SIGNATURE_ONLY
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        return verified
    if not any(token.algorithm in family for family in FAMILIES.values()):
        raise InvalidIdentityToken("Token must be signed with an RSA or ECDSA key")
    raise InvalidIdentityToken(
        "Couldn't retrieve verification key from your identity provider, please reference "
        "AssumeRoleWithWebIdentity documentation for requirements"
    )


# Times are those of the server's clock and the audience is the provider's: both are checked below.
_SIGNATURE_ONLY: Final[Any] = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


def check_times(claims: Claims, now: float) -> None:
    """ExpiredIdentityToken past its end; InvalidIdentityToken where it is of the future or has no times."""
    issued, expires = _number(claims, "iat"), _number(claims, "exp")
    if issued is None or expires is None:
        missing = "iat" if issued is None else "exp"
        raise InvalidIdentityToken(f"Missing a required claim: {missing}")
    begins = max(issued, _number(claims, "nbf") or issued)
    if begins > now + SKEW:
        raise InvalidIdentityToken("The token is not valid yet")
    if expires <= now:
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
