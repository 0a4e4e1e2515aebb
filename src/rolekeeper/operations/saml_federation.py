"""AssumeRoleWithSAML: whom a SAML provider of the account vouches for becomes a role.

The response is verified against the provider's metadata, must be for AWS and be five minutes old at most, and
must name the role together with the provider; then the role's trust policy decides, with what the assertion
says as condition keys. A response may be used again until it is too old, as with AWS.
Source: "AssumeRoleWithSAML" in the STS API Reference; "SAML 2.0 federation" and "Available keys for
SAML-based AWS STS federation" in the IAM User Guide.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any, Unpack

import msgspec

from rolekeeper.arn import Arn
from rolekeeper.errors import AccessDenied, InvalidIdentityToken, ValidationError
from rolekeeper.iam import saml_assertion, saml_attributes, saml_response, saml_verification
from rolekeeper.iam.providers import SamlProvider
from rolekeeper.iam.saml_assertion import Assertion
from rolekeeper.iam.saml_verification import Question, Verifications
from rolekeeper.operations import federated_sessions, role_sessions
from rolekeeper.operations.federated_sessions import Asked
from rolekeeper.service.call import Call, Vouched
from rolekeeper.service.proofs import Evidence, Proof
from rolekeeper.service.registry import operation

_MAX_KEYS = 8192
"""Bytes that all condition keys of a session take together: its token holds them."""

_verifications = Verifications()


def _vouched(evidence: Evidence) -> Vouched:
    """Who the response is about, once it is verified."""
    arguments = evidence.arguments
    provider = _provider(evidence)
    if provider.valid_until <= evidence.now:
        raise InvalidIdentityToken("The metadata of the specified provider are not valid any more")
    assertion = _verifications.get(_question(provider, evidence))
    issuer = saml_verification.metadata(provider.metadata).issuer
    saml_assertion.check(
        assertion, issuer=issuer, provider_id=provider.id, partition=evidence.partition, now=evidence.now
    )
    asked = tuple(sorted((arguments["role_arn"], arguments["principal_arn"])))
    if asked not in saml_attributes.pairs(assertion.attributes):
        raise AccessDenied("Not authorized to perform sts:AssumeRoleWithSAML")
    return _told(provider, assertion, evidence.partition)


def _to_verify(evidence: Evidence) -> Callable[[], object] | None:
    """The work of verifying the response, where it has not been done."""
    question = _question(_provider(evidence), evidence)
    return None if _verifications.at_hand(question) else partial(_verifications.settle, question)


def _question(provider: SamlProvider, evidence: Evidence) -> Question:
    secrets = evidence.store.account(provider.account).secrets
    keys = ((key.id, secrets.get(SamlProvider.kind, key.id)) for key in provider.private_keys)
    return Question(
        response=evidence.arguments["saml_assertion"],
        metadata=provider.metadata,
        keys=tuple((id, secret) for id, secret in keys if secret is not None),
        must_be_encrypted=provider.encryption == "Required",
    )


def _provider(evidence: Evidence) -> SamlProvider:
    """The provider that the request names, which must be of the role's account."""
    principal_arn: str = evidence.arguments["principal_arn"]
    account, _ = role_sessions.account_and_name(evidence.arguments["role_arn"])
    try:
        arn = Arn.parse(principal_arn)
    except ValueError:
        raise ValidationError("Principal ARN is invalid") from None
    if arn.service != "iam" or arn.resource_type != "saml-provider":
        raise ValidationError("Principal ARN is invalid")
    found = None
    if arn.account == account and evidence.store.has_account(account):
        found = evidence.store.account(account).collection(SamlProvider).find(arn.name)
    if found is None or found.arn(evidence.partition) != principal_arn:
        raise InvalidIdentityToken("Specified provider doesn't exist")
    return found


def name_qualifier(issuer: str, account: str, provider_name: str) -> str:
    """What tells users of the same name apart: a hash of who vouches for them, and to whom."""
    text = f"{issuer}{account}/{provider_name}"
    return base64.b64encode(hashlib.sha1(text.encode(), usedforsecurity=False).digest()).decode()


def _told(provider: SamlProvider, assertion: Assertion, partition: str) -> Vouched:
    attributes = assertion.attributes
    tags, transitive = saml_attributes.tags(attributes)
    arn, ends = provider.arn(partition), assertion.session_ends
    keys = saml_attributes.condition_keys(attributes) | {
        "aws:federatedprovider": arn,
        "saml:aud": assertion.recipient,
        "saml:iss": assertion.issuer,
        "saml:sub": assertion.subject,
        "saml:sub_type": assertion.subject_type,
        "saml:namequalifier": name_qualifier(assertion.issuer, provider.account, provider.name),
        "saml:doc": f"{provider.account}/{provider.name}",
    }
    if len(msgspec.msgpack.encode(keys)) > _MAX_KEYS:
        raise saml_response.invalid("what it says of somebody is too long for a session")
    return Vouched(
        account=provider.account,
        provider=arn,
        issuer=assertion.issuer,
        subject=assertion.subject,
        audience=assertion.recipient,
        assertion_id=assertion.id,
        keys=keys,
        tags=tags,
        transitive=transitive,
        session_name=saml_attributes.session_name(attributes),
        source_identity=saml_attributes.source_identity(attributes),
        ends=None if ends is None else int(ends.timestamp()),
        duration=saml_attributes.duration(attributes),
    )


@operation(
    resource=role_sessions.trusted_role,
    keys=federated_sessions.keys,
    also=federated_sessions.accesses,
    proof=Proof(vouched=_vouched, missing=_to_verify),
)
def assume_role_with_saml(
    call: Call,
    *,
    role_arn: str,
    principal_arn: str,
    saml_assertion: str,
    **asked: Unpack[Asked],
) -> dict[str, Any]:
    """Become a role by the word of a SAML provider."""
    vouched = federated_sessions.proven(call)
    return federated_sessions.begin(call, vouched.session_name, **asked) | {
        "Subject": vouched.subject,
        "SubjectType": vouched.keys["saml:sub_type"],
        "Issuer": vouched.issuer,
        "Audience": vouched.audience,
        "NameQualifier": vouched.keys["saml:namequalifier"],
    }
