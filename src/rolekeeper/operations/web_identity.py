"""AssumeRoleWithWebIdentity: whom an OpenID Connect provider of the account vouches for becomes a role.

The token's issuer must be a provider of the role's account, its audience one that the provider knows, and
its signature one of the issuer's keys; then the role's trust policy decides, with the token's claims as
condition keys (`token_claims`). A valid token may be used again until it ends, as with AWS.
Source: "AssumeRoleWithWebIdentity" in the STS API Reference; "OIDC federation" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Unpack

import msgspec

from rolekeeper.errors import IdentityProviderCommunicationError, InvalidIdentityToken, ValidationError
from rolekeeper.iam import clusters, web_identity
from rolekeeper.iam.account_features import ISSUERS, OutboundFederation
from rolekeeper.iam.providers import OidcProvider
from rolekeeper.iam.web_identity import Key, Unverified
from rolekeeper.operations import federated_sessions, role_sessions, token_claims
from rolekeeper.operations.federated_sessions import Asked
from rolekeeper.service.call import Call, Vouched
from rolekeeper.service.key_sets import Place
from rolekeeper.service.outgoing import Unreachable
from rolekeeper.service.pods import cluster_of
from rolekeeper.service.proofs import Evidence, Proof
from rolekeeper.service.registry import operation
from rolekeeper.store.contract import Transaction

BUILT_IN = frozenset({"accounts.google.com"})
"""Issuers that every account knows without a provider of its own; a trust policy names their host."""


class Issuer(msgspec.Struct, frozen=True, kw_only=True):
    """Whose word a token is: a provider of the role's account, or one that is built in."""

    account: str
    url: str
    provider: OidcProvider | None

    def principal(self, partition: str) -> str:
        """What a trust policy names."""
        return self.url if self.provider is None else self.provider.arn(partition)

    @property
    def place(self) -> Place:
        """Where its keys are asked for."""
        return self.url, () if self.provider is None else self.provider.thumbprints

    def accepts(self, audience: str) -> bool:
        """Whether tokens for that audience are for here: of those built in, the trust policy says which."""
        return self.provider is None or audience in self.provider.client_ids


def issuer_of(arguments: Mapping[str, Any], store: Transaction) -> tuple[Issuer, Unverified]:
    """The issuer that the token names, whom the role's account must know; InvalidIdentityToken."""
    account, _ = role_sessions.account_and_name(arguments["role_arn"])
    token = web_identity.read(arguments["web_identity_token"])
    if _is_own(token.issuer, store):
        raise InvalidIdentityToken("A token of GetWebIdentityToken is for services outside of AWS only")
    url = token.issuer.removeprefix("https://")
    if store.has_account(account):
        provider = store.account(account).collection(OidcProvider).find(url)
        if url in BUILT_IN or (provider is not None and url != token.issuer):
            return Issuer(account=account, url=url, provider=provider), token
    raise InvalidIdentityToken(f"No OpenIDConnect provider found in your account for {token.issuer[:256]}")


def _is_own(issuer: str, store: Transaction) -> bool:
    """Whether an account here issues such tokens, or AWS does: they are not for federation into AWS.

    Source: "Getting started with outbound identity federation" in the IAM User Guide.
    """
    if issuer.endswith(ISSUERS):
        return True
    identifier = issuer.rpartition("/")[2]
    return isinstance(store.by_unique_id(f"issuer:{identifier}"), OutboundFederation)


def _vouched(evidence: Evidence) -> Vouched:
    """Who the token is about, once it is verified."""
    if evidence.arguments.get("provider_id") is not None:
        raise ValidationError("ProviderId is for OAuth 2.0 access tokens, which this server does not take")
    issuer, token = issuer_of(evidence.arguments, evidence.store)
    own = _own_keys(evidence, token)
    try:
        keys = evidence.key_sets.get(issuer.place, token) if own is None else own
    except Unreachable as error:
        raise IdentityProviderCommunicationError(
            f"Couldn't retrieve verification key from your identity provider: {error}"
        ) from None
    claims = web_identity.verify(token, keys)
    web_identity.check_times(claims, evidence.now.timestamp())
    by_thumbprint = own is None and evidence.key_sets.by_thumbprint(issuer.place)
    verified_by = "Thumbprint" if by_thumbprint else "IAMTrustStore"
    return msgspec.structs.replace(_read(issuer, claims, evidence.partition), verified_by=verified_by)


def _missing_keys(evidence: Evidence) -> Callable[[], object] | None:
    """The issuer's keys, where they are not at hand."""
    issuer, token = issuer_of(evidence.arguments, evidence.store)
    if _own_keys(evidence, token) is not None:
        return None
    return evidence.key_sets.missing(issuer.place, token)


def _own_keys(evidence: Evidence, token: Unverified) -> tuple[Key, ...] | None:
    """The keys of a cluster that is here, for which nobody is asked; None where the issuer is elsewhere."""
    cluster = cluster_of(evidence.store, token.issuer, evidence.issuer_url)
    return None if cluster is None else clusters.keys(cluster)


def _read(issuer: Issuer, claims: web_identity.Claims, partition: str) -> Vouched:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise InvalidIdentityToken("Missing a required claim: sub")
    known = [each for each in web_identity.audiences(claims) if issuer.accepts(each)]
    if not known:
        raise InvalidIdentityToken("Incorrect token audience")
    principal = issuer.principal(partition)
    keys = {"aws:federatedprovider": principal} | token_claims.keys(issuer.url.lower(), claims, known[0])
    tags, transitive = token_claims.tags(claims)
    return Vouched(
        account=issuer.account,
        provider=principal,
        issuer=issuer.url,
        subject=subject,
        audience=known[0],
        keys=keys,
        tags=tags,
        transitive=transitive,
        source_identity=token_claims.source_identity(claims),
    )


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
    **asked: Unpack[Asked],
) -> dict[str, Any]:
    """Become a role by the word of an OpenID Connect provider."""
    vouched = federated_sessions.proven(call)
    return federated_sessions.begin(call, role_session_name, **asked) | {
        "SubjectFromWebIdentityToken": vouched.subject,
        "Provider": vouched.provider,
        "Audience": vouched.audience,
    }
