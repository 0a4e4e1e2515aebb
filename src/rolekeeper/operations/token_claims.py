"""What the claims of a verified token become: condition keys, session tags, a source identity.

A condition key is the issuer's URL, a colon and the claim's name; names of keys have no case, those of claims
do, so a claim that would take the place of another one is left out. The keys go with the session, so they
are bounded.
Source: "Available keys for AWS OIDC federation" and "Pass session tags in AWS STS" in the IAM User Guide;
"Actions, resources, and condition keys for AWS STS" in the Service Authorization Reference.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from rolekeeper.errors import IdentityProviderRejectedClaim
from rolekeeper.iam import tagging
from rolekeeper.iam.web_identity import Claims, texts

MAX_KEYS: Final = 8192
"""Bytes that all condition keys of a session take together."""

MAX_TAGS: Final = 50
"""Tags that one token gives."""

_TAGS = "https://aws.amazon.com/tags"
_SOURCE_IDENTITY = "https://aws.amazon.com/source_identity"
_OWN = frozenset({"iss", "exp", "iat", "nbf", "jti", "nonce", "aud", "oaud", "azp", "amr", "sub"})
_INNER: Final = {"accounts.google.com": (("google", "organization_number"),)}
"""Of some issuers members of claims that are objects: `accounts.google.com:google/organization_number`."""

Keys = dict[str, str | tuple[str, ...]]


def keys(issuer: str, claims: Claims, audience: str) -> Keys:
    """The condition keys of a token: `issuer:sub`, and so on with all claims that are texts."""
    found: Keys = {f"{issuer}:sub": claims["sub"], f"{issuer}:aud": audience}
    audiences = texts(claims.get("aud"))
    if audiences:
        found[f"{issuer}:oaud"] = audiences[0] if len(audiences) == 1 else audiences
    methods = texts(claims.get("amr"))
    if methods:
        found[f"{issuer}:amr"] = methods
    for name in sorted(claims, key=lambda name: (name != name.lower(), name)):
        shown = _shown(claims[name])
        if shown is not None and name.lower() not in _OWN and ":" not in name:
            found.setdefault(f"{issuer}:{name.lower()}", shown)
    for name, member in _INNER.get(issuer, ()):
        inner = claims.get(name)
        shown = _shown(inner.get(member)) if isinstance(inner, dict) else None
        if shown is not None:
            found[f"{issuer}:{name}/{member}"] = shown
    if len(msgspec.msgpack.encode(found)) > MAX_KEYS:
        raise IdentityProviderRejectedClaim(f"The claims of the token take more than {MAX_KEYS} bytes")
    return found


def _shown(value: object) -> str | tuple[str, ...] | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    return texts(value) or None


def tags(claims: Claims) -> tuple[dict[str, str], tuple[str, ...]]:
    """The session tags of a token, in one claim or in a claim for each; IDPRejectedClaim."""
    nested = _object(claims.get(_TAGS, {}), _TAGS)
    given = dict(_object(nested.get("principal_tags", {}), "principal_tags"))
    prefix = f"{_TAGS}/principal_tags/"
    given |= {name.removeprefix(prefix): value for name, value in claims.items() if name.startswith(prefix)}
    found = {}
    for key, value in given.items():
        values = texts(value)
        if len(values) != 1 or (isinstance(value, list) and len(value) != 1):
            raise IdentityProviderRejectedClaim(f"The session tag {key[:128]!r} must have one value")
        if not tagging.is_session_tag(key, values[0]):
            raise IdentityProviderRejectedClaim(f"The session tag {key[:128]!r} has not the form of a tag")
        found[key] = values[0]
    if len(found) > MAX_TAGS:
        raise IdentityProviderRejectedClaim(f"A session has at most {MAX_TAGS} tags")
    return found, _transitive(
        claims.get(f"{_TAGS}/transitive_tag_keys", nested.get("transitive_tag_keys", []))
    )


def _transitive(value: object) -> tuple[str, ...]:
    found = texts(value)
    if not isinstance(value, str | list) or (isinstance(value, list) and len(value) != len(found)):
        raise IdentityProviderRejectedClaim("The transitive tag keys must be a list of texts")
    return found


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise IdentityProviderRejectedClaim(f"The claim {name} must be an object")
    return value


def source_identity(claims: Claims) -> str | None:
    """The source identity that a token sets, if it sets one; IDPRejectedClaim."""
    value = claims.get(_SOURCE_IDENTITY)
    if value is not None and not isinstance(value, str):
        raise IdentityProviderRejectedClaim("The source identity must be a text")
    return value
