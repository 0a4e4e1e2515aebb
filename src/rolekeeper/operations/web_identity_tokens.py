"""GetWebIdentityToken: a token by which others know who the caller is, signed by a key of its account.

What it says is known of the caller already; a key that nobody else has signs it, and anybody checks it by the
keys that the issuer shows. It is made from what is there and changes nothing. It never outlives the session.
Sources: "GetWebIdentityToken" in the STS API Reference; "Understanding token claims" in the IAM User Guide;
"Actions, resources, and condition keys for AWS STS" in the Service Authorization Reference.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from rolekeeper.audit.cloudtrail import instant
from rolekeeper.errors import (
    InvalidInput,
    InvalidParameterValue,
    OutboundFederationDisabled,
    SessionDurationEscalation,
    TokenPayloadSizeExceeded,
    ValidationError,
)
from rolekeeper.iam import issuer_keys, tagging
from rolekeeper.iam.account_features import OutboundFederation
from rolekeeper.iam.issuer_keys import IssuerKey
from rolekeeper.operations import regional_endpoints, resources
from rolekeeper.policy.context import AssumedRole
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.registry import Keys, operation

NAMESPACE = "https://sts.amazonaws.com/"
"""The claim under which everything stands that is AWS's own."""

USUAL = 300
MAX_PAYLOAD = 8192
"""Bytes of claims. AWS's own limit is not published; headers of this size get through everywhere."""


def _regional(call: Call, **arguments: Any) -> Resource:
    regional_endpoints.refuse_global(call)
    return resources.everything(call, **arguments)


def _keys(
    call: Call, *, audience: list[str], signing_algorithm: str, duration_seconds: int = USUAL, **_: Any
) -> Keys:
    return {
        "sts:identitytokenaudience": tuple(audience),
        "sts:signingalgorithm": signing_algorithm,
        "sts:durationseconds": str(duration_seconds),
    }


def _tagging(call: Call, *, tags: list[dict[str, str]] | None = None, **_: Any) -> Iterable[Access]:
    if tags:
        yield Access(action="sts:TagGetWebIdentityToken", resource=resources.everything(call))


@operation(resource=_regional, keys=_keys, also=_tagging)
def get_web_identity_token(
    call: Call,
    *,
    audience: list[str],
    signing_algorithm: str,
    duration_seconds: int = USUAL,
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """Give the caller a token for one or more audiences."""
    if signing_algorithm not in issuer_keys.ALGORITHMS:
        raise ValidationError(f"SigningAlgorithm must be one of {', '.join(issuer_keys.ALGORITHMS)}")
    federation, key = _issuer(call, signing_algorithm)
    issued = int(call.now.timestamp())
    expires = issued + duration_seconds
    session = call.caller.session
    if session is not None and expires > session.expires:
        raise SessionDurationEscalation(
            "The requested token duration exceeds the remaining session duration."
        )
    claims = {
        "iss": federation.issuer_at(call.issuer_url),
        "aud": audience[0] if len(audience) == 1 else audience,
        "sub": _subject(call),
        "iat": issued,
        "exp": expires,
        "jti": str(uuid.uuid4()),
        NAMESPACE: {**_of_identity(call), **_of_session(call), **_of_request(call, tags)},
    }
    if len(msgspec.json.encode(claims)) > MAX_PAYLOAD:
        raise TokenPayloadSizeExceeded("The token payload size exceeds the maximum allowed size.")
    private = call.tx.secrets.get(IssuerKey.kind, key.id)
    if private is None:
        raise LookupError(f"the private half of key {key.id} is not there")
    return {
        "WebIdentityToken": issuer_keys.sign(claims, key, private),
        "Expiration": datetime.fromtimestamp(expires, UTC),
    }


def _issuer(call: Call, algorithm: str) -> tuple[OutboundFederation, IssuerKey]:
    """Who issues the account's tokens, and its key."""
    found = call.tx.collection(OutboundFederation).find(OutboundFederation.name)
    key = issuer_keys.signing(call.tx.collection(IssuerKey).page()[0], algorithm)
    if found is None or not found.enabled or key is None:
        raise OutboundFederationDisabled(
            f"Outbound web identity federation is disabled for account {call.account}"
        )
    return found, key


def _subject(call: Call) -> str:
    """The ARN of the user, or of the role of a session."""
    principal = call.caller.principal
    return principal.role_arn if isinstance(principal, AssumedRole) else principal.arn


def _of_identity(call: Call) -> dict[str, Any]:
    claims: dict[str, Any] = {"aws_account": call.account, "source_region": call.region}
    place = call.organizations.place(call.store, call.account)
    if place is not None:
        claims |= {"org_id": place.organization, "ou_path": place.path}
    claims["principal_id"] = _subject(call)
    if call.caller.tags:
        claims["principal_tags"] = dict(call.caller.tags)
    return claims


def _of_session(call: Call) -> dict[str, Any]:
    session = call.caller.role_session
    if session is None:
        return {}
    claims = {"original_session_exp": instant(datetime.fromtimestamp(session.expires, UTC))}
    provider = session.claims.get("aws:federatedprovider")
    if isinstance(provider, str):
        claims["federated_provider"] = provider
    if session.source_identity is not None:
        claims["source_identity"] = session.source_identity
    return claims


def _of_request(call: Call, tags: list[dict[str, str]] | None) -> dict[str, Any]:
    if not tags:
        return {}
    try:
        return {"request_tags": tagging.merged({}, tags, limit=call.limits.tags)}
    except InvalidInput as error:  # the rule is IAM's, and the code that STS has for it another
        raise InvalidParameterValue(error.message) from None
