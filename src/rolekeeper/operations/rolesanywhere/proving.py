"""Who asks for a session with a certificate: the proof that comes before any policy.

The request is signed with the certificate's key; the certificate must come from a trust anchor of the account
and not be revoked; and the profile must name the role. Nothing is looked up for who has not shown that the
certificate's key is theirs.
Sources: "The IAM Roles Anywhere authentication process" and "The IAM Roles Anywhere trust model" in the IAM
Roles Anywhere User Guide.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

from cryptography import x509

from rolekeeper.arn import Arn
from rolekeeper.errors import AccessDenied, ResourceNotFoundException, ValidationError
from rolekeeper.iam import certificate_attributes, certificate_chains, revocation_lists
from rolekeeper.iam.certificate_attributes import Unmappable
from rolekeeper.iam.certificate_chains import Untrusted
from rolekeeper.iam.roles_anywhere import SERVICE, AnywhereProfile, NamedResource, TrustAnchor
from rolekeeper.operations.rolesanywhere import crls
from rolekeeper.service.call import Call, Vouched
from rolekeeper.service.proofs import Evidence
from rolekeeper.service.sessions import is_closed
from rolekeeper.store.contract import AccountState
from rolekeeper.wire import x509_signature

N = TypeVar("N", bound=NamedResource)


def vouched(evidence: Evidence) -> Vouched:
    """Whose certificate it is, once its key has signed the request and its authority is trusted."""
    signature = x509_signature.read(evidence.request)
    try:
        leaf = certificate_chains.read(signature.certificate)
        between = [certificate_chains.read(each) for each in signature.chain]
    except Untrusted as error:
        raise AccessDenied(f"Untrusted signing certificate. {error}") from None
    x509_signature.verify(
        evidence.request,
        signature,
        key=leaf.public_key(),
        serial=leaf.serial_number,
        # As of any signature, its date is held against the machine's time, not one that was moved.
        now=datetime.now(UTC),
        service="rolesanywhere",
    )
    anchor_arn = _named(evidence, "trust_anchor_arn")
    state = _account(evidence, anchor_arn)
    anchor = _found(evidence, state, TrustAnchor, anchor_arn, signature.region)
    _require_trusted(state, anchor, leaf, between, evidence.now)
    profile = _found(evidence, state, AnywhereProfile, _named(evidence, "profile_arn"), signature.region)
    role_arn = _named(evidence, "role_arn")
    if role_arn not in profile.role_arns or Arn.parse(role_arn).account != anchor.account:
        raise AccessDenied(f"The profile does not have the role {role_arn[:1011]}")
    return _said(leaf, anchor_arn, anchor, profile)


def _named(evidence: Evidence, name: str) -> str:
    """An ARN of the request; AWS takes it in the query string and in the body."""
    found = evidence.arguments.get(name) or evidence.arguments.get(f"{name}_in_body")
    if not found:
        raise ValidationError(f"{name} is missing")
    return str(found)


def _account(evidence: Evidence, anchor_arn: str) -> AccountState:
    """The account of the trust anchor, in which all else is, too."""
    try:
        account = Arn.parse(anchor_arn).account
    except ValueError:
        raise ValidationError("The trust anchor's ARN is invalid") from None
    if not evidence.store.has_account(account) or is_closed(evidence.store.account(account)):
        raise ResourceNotFoundException("The trust anchor could not be found")
    return evidence.store.account(account)


def _found(evidence: Evidence, state: AccountState, kind: type[N], arn: str, region: str) -> N:
    """The enabled entity of an ARN in the region for which the request is signed."""
    entity = state.collection(kind).find(arn.rpartition("/")[2])
    if entity is None or entity.region != region or entity.arn(evidence.partition) != arn:
        raise ResourceNotFoundException(f"The {kind.noun} could not be found")
    if not entity.enabled:
        raise AccessDenied(f"The {kind.noun} is disabled")
    return entity


def _require_trusted(
    state: AccountState,
    anchor: TrustAnchor,
    leaf: x509.Certificate,
    between: list[x509.Certificate],
    now: datetime,
) -> None:
    anchors = certificate_chains.anchors_of(anchor.bundle)
    try:
        chain = certificate_chains.path(leaf, between, anchors, now)
    except Untrusted as error:
        raise AccessDenied(f"Untrusted signing certificate. {error}") from None
    lists = [each.data for each in crls.lists_of(state, anchor) if each.enabled]
    if revocation_lists.is_revoked(chain, lists, anchors):
        raise AccessDenied("Untrusted signing certificate. The certificate has been revoked")


def _said(leaf: x509.Certificate, anchor_arn: str, anchor: TrustAnchor, profile: AnywhereProfile) -> Vouched:
    try:
        tags = certificate_attributes.tags(leaf, profile.mappings)
        source_identity = certificate_attributes.source_identity(leaf)
    except Unmappable as error:
        raise AccessDenied(str(error)) from None
    return Vouched(
        account=anchor.account,
        provider=SERVICE,
        service=SERVICE,
        issuer=leaf.issuer.rfc4514_string(),
        subject=leaf.subject.rfc4514_string(),
        audience=anchor_arn,
        keys={},
        tags=tags,
        source_identity=source_identity,
        session_name=certificate_attributes.session_name(leaf),
    )


def proven(call: Call) -> Vouched:
    """What was found out; a call that got so far has it."""
    if call.caller.vouched is None:
        raise AccessDenied("The request is not signed with a certificate")
    return call.caller.vouched


def certificate(call: Call) -> x509.Certificate:
    """The certificate with which a call was signed."""
    return certificate_chains.read(x509_signature.read(call.request).certificate)
