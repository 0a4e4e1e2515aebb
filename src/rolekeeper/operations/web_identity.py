"""AssumeRoleWithWebIdentity: whom an OpenID Connect provider of the account vouches for becomes a role.

The token's issuer must be a provider of the role's account, its audience one that the provider knows, and
its signature one of the issuer's keys; then the role's trust policy decides, with the token's claims as
condition keys. A valid token may be used again until it ends, as with AWS.
Source: "AssumeRoleWithWebIdentity" in the STS API Reference; "Pass session tags in AWS STS" and "Available
keys for AWS OIDC federation" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rolekeeper.errors import (
    IdentityProviderCommunicationError,
    IdentityProviderRejectedClaim,
    InvalidIdentityToken,
    ValidationError,
)
from rolekeeper.iam import web_identity
from rolekeeper.iam.account_features import ISSUERS, OutboundFederation
from rolekeeper.iam.providers import OidcProvider
from rolekeeper.iam.web_identity import Unverified
from rolekeeper.operations import federated_sessions, role_sessions
from rolekeeper.service.call import Call, Vouched
from rolekeeper.service.key_sets import Place
from rolekeeper.service.outgoing import Unreachable
from rolekeeper.service.proofs import Evidence, Proof
from rolekeeper.service.registry import operation
from rolekeeper.store.contract import Transaction

_TAGS = "https://aws.amazon.com/tags"
_SOURCE_IDENTITY = "https://aws.amazon.com/source_identity"
_TIMES = frozenset({"iss", "exp", "iat", "nbf", "jti", "nonce", "aud", "azp", "amr", "sub"})


def issuer_of(arguments: Mapping[str, Any], store: Transaction) -> tuple[OidcProvider, Unverified]:
    """The provider that the token names, which the role's account must have; InvalidIdentityToken."""
    account, _ = role_sessions.account_and_name(arguments["role_arn"])
    token = web_identity.read(arguments["web_identity_token"])
    if _is_own(token.issuer, store):
        raise InvalidIdentityToken("A token of GetWebIdentityToken is for services outside of AWS only")
    before, _, url = token.issuer.partition("https://")
    provider = None
    if not before and store.has_account(account):
        provider = store.account(account).collection(OidcProvider).find(url)
    if provider is None:
        shown = token.issuer[:256]
        raise InvalidIdentityToken(f"No OpenIDConnect provider found in your account for {shown}")
    return provider, token


def _is_own(issuer: str, store: Transaction) -> bool:
    """Whether an account here issues such tokens, or AWS does: they are not for federation into AWS.

    Source: "Getting started with outbound identity federation" in the IAM User Guide.
    """
    if issuer.endswith(ISSUERS):
        return True
    identifier = issuer.rpartition("/")[2]
    return isinstance(store.by_unique_id(f"issuer:{identifier}"), OutboundFederation)


def place_of(provider: OidcProvider) -> Place:
    """Where the keys of a provider are asked for."""
    return provider.url, provider.thumbprints


def _vouched(evidence: Evidence) -> Vouched:
    """Who the token is about, once it is verified."""
    if evidence.arguments.get("provider_id") is not None:
        raise ValidationError("ProviderId is for OAuth 2.0 access tokens, which this server does not take")
    provider, token = issuer_of(evidence.arguments, evidence.store)
    try:
        keys = evidence.key_sets.get(place_of(provider), token)
    except Unreachable as error:
        raise IdentityProviderCommunicationError(
            f"Couldn't retrieve verification key from your identity provider: {error}"
        ) from None
    claims = web_identity.verify(token, keys)
    web_identity.check_times(claims, evidence.now.timestamp())
    return _read(provider, claims, evidence.partition)


def _missing_keys(evidence: Evidence) -> Callable[[], object] | None:
    """The issuer's keys, where they are not at hand."""
    provider, token = issuer_of(evidence.arguments, evidence.store)
    place, key_sets = place_of(provider), evidence.key_sets
    return None if key_sets.at_hand(place, token) else lambda: key_sets.fetch(place, token)


def _read(provider: OidcProvider, claims: web_identity.Claims, partition: str) -> Vouched:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise InvalidIdentityToken("Missing a required claim: sub")
    known = [each for each in web_identity.audiences(claims) if each in provider.client_ids]
    if not known:
        raise InvalidIdentityToken("Incorrect token audience")
    tags, transitive = _tags(claims)
    arn = provider.arn(partition)
    return Vouched(
        account=provider.account,
        provider=arn,
        issuer=provider.url,
        subject=subject,
        audience=known[0],
        keys=_keys(provider.url.lower(), arn, subject, known[0], claims),
        tags=tags,
        transitive=transitive,
        source_identity=_source_identity(claims),
    )


def _keys(
    issuer: str, arn: str, subject: str, audience: str, claims: web_identity.Claims
) -> dict[str, str | tuple[str, ...]]:
    """The condition keys of a token: `issuer:sub`, and so on with all claims that are texts."""
    keys: dict[str, str | tuple[str, ...]] = {
        "aws:federatedprovider": arn,
        f"{issuer}:sub": subject,
        f"{issuer}:aud": audience,
    }
    if isinstance(claims.get("azp"), str):
        keys[f"{issuer}:oaud"] = web_identity.texts(claims.get("aud"))
    methods = web_identity.texts(claims.get("amr"))
    if methods:
        keys[f"{issuer}:amr"] = methods
    for name, value in claims.items():
        if name not in _TIMES and ":" not in name:
            shown = _shown(value)
            if shown is not None:
                keys[f"{issuer}:{name.lower()}"] = shown
    return keys


def _shown(value: object) -> str | tuple[str, ...] | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    return web_identity.texts(value) or None


def _tags(claims: web_identity.Claims) -> tuple[dict[str, str], tuple[str, ...]]:
    """The session tags of a token, in one claim or in a claim for each; IDPRejectedClaim."""
    nested = claims.get(_TAGS, {})
    given = dict(nested.get("principal_tags", {})) if isinstance(nested, dict) else {}
    transitive = nested.get("transitive_tag_keys") if isinstance(nested, dict) else None
    prefix = f"{_TAGS}/principal_tags/"
    given |= {name.removeprefix(prefix): value for name, value in claims.items() if name.startswith(prefix)}
    transitive = claims.get(f"{_TAGS}/transitive_tag_keys", transitive)
    tags = {}
    for key, value in given.items():
        values = web_identity.texts(value)
        if len(values) != 1:
            raise IdentityProviderRejectedClaim(f"The session tag {key[:128]} must have one value")
        tags[key] = values[0]
    return tags, web_identity.texts(transitive)


def _source_identity(claims: web_identity.Claims) -> str | None:
    value = claims.get(_SOURCE_IDENTITY)
    return value if isinstance(value, str) else None


@operation(
    resource=role_sessions.trusted_role,
    keys=federated_sessions.keys,
    also=federated_sessions.accesses,
    proof=Proof(vouched=_vouched, missing=_missing_keys),
)
def assume_role_with_web_identity(
    call: Call,
    *,
    role_arn: str,
    role_session_name: str,
    web_identity_token: str,
    provider_id: str | None = None,
    policy_arns: list[dict[str, str]] | None = None,
    policy: str | None = None,
    duration_seconds: int | None = None,
    minimum_session_token_size: int = 0,
) -> dict[str, Any]:
    """Become a role by the word of an OpenID Connect provider."""
    vouched = federated_sessions.proven(call)
    answer = federated_sessions.begin(
        call,
        role_session_name,
        policy=policy,
        policy_arns=policy_arns,
        duration_seconds=duration_seconds,
        minimum_token_size=minimum_session_token_size,
    )
    return answer | {
        "SubjectFromWebIdentityToken": vouched.subject,
        "Provider": vouched.provider,
        "Audience": vouched.audience,
    }
