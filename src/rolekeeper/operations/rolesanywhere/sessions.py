"""CreateSession: a machine with a certificate becomes a role.

The request is signed with the certificate's key. The certificate must come from a trust anchor of the account
and not be revoked; the profile must name the role; and the role's trust policy decides, about the principal
`rolesanywhere.amazonaws.com`, with the trust anchor as `aws:SourceArn` and what is mapped of the certificate
as tags. Nothing is looked up for who has not shown that the certificate's key is theirs.
Sources: "IAM Roles Anywhere CreateSession API" and "The IAM Roles Anywhere trust model" in the IAM Roles
Anywhere User Guide.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from cryptography import x509

from rolekeeper.arn import Arn
from rolekeeper.errors import AccessDenied, ResourceNotFoundException, ValidationError
from rolekeeper.iam import certificate_attributes, certificate_chains, revocation_lists
from rolekeeper.iam.certificate_attributes import Unmappable
from rolekeeper.iam.certificate_chains import Untrusted
from rolekeeper.iam.credentials import MIN_DURATION
from rolekeeper.iam.roles_anywhere import SERVICE, AnywhereProfile, NamedResource, TrustAnchor
from rolekeeper.operations import role_sessions, session_terms
from rolekeeper.operations.rolesanywhere import crls, subjects, telling
from rolekeeper.service.call import Access, Call, Resource, Vouched
from rolekeeper.service.proofs import Evidence, Proof
from rolekeeper.service.registry import Keys, operation
from rolekeeper.service.sessions import is_closed
from rolekeeper.store.contract import AccountState
from rolekeeper.wire import x509_signature

N = TypeVar("N", bound=NamedResource)


# -- who asks -------------------------------------------------------------------------------------


def _vouched(evidence: Evidence) -> Vouched:
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


# -- whether it may -------------------------------------------------------------------------------


def _role(call: Call, **arguments: Any) -> Resource:
    return role_sessions.trusted_role(call, role_arn=_argument(arguments, "role_arn"))


def _keys(call: Call, **arguments: Any) -> Keys:
    """What the role's trust policy can ask for."""
    vouched = _proven(call)
    found: dict[str, str] = {
        "aws:sourcearn": vouched.audience,
        "aws:sourceaccount": vouched.account,
        "sts:rolesessionname": arguments.get("role_session_name") or vouched.session_name,
    }
    if vouched.source_identity is not None:
        found["sts:sourceidentity"] = vouched.source_identity
    return found | {f"aws:principaltag/{key.lower()}": value for key, value in vouched.tags.items()}


def _accesses(call: Call, **arguments: Any) -> Iterable[Access]:
    """The three that a role's trust policy must allow; a source identity is set where there is one."""
    vouched, resource, given = _proven(call), _role(call, **arguments), _keys(call, **arguments)
    actions = ["sts:TagSession"]
    if vouched.source_identity is not None:
        actions.append("sts:SetSourceIdentity")
    for action in actions:
        yield Access(action=action, resource=resource, keys=lambda: given)


def _proven(call: Call) -> Vouched:
    if call.caller.vouched is None:
        raise AccessDenied("The request is not signed with a certificate")
    return call.caller.vouched


def _argument(arguments: dict[str, Any], name: str) -> str:
    return str(arguments.get(name) or arguments[f"{name}_in_body"])


# -- the session ----------------------------------------------------------------------------------


@operation(
    action="sts:AssumeRole",
    resource=_role,
    keys=_keys,
    also=_accesses,
    writes=True,
    proof=Proof(vouched=_vouched),
)
def create_session(
    call: Call,
    *,
    cert: str | None = None,
    profile_arn: str | None = None,
    role_arn: str | None = None,
    trust_anchor_arn: str | None = None,
    profile_arn_in_body: str | None = None,
    role_arn_in_body: str | None = None,
    trust_anchor_arn_in_body: str | None = None,
    duration_seconds: int | None = None,
    instance_properties: dict[str, str] | None = None,
    role_session_name: str | None = None,
    session_name: str | None = None,
) -> dict[str, Any]:
    """Become a role by a certificate."""
    vouched, role = _proven(call), role_sessions.role_of(call)
    profile = call.tx.collection(AnywhereProfile).get(
        (profile_arn or profile_arn_in_body or "").rpartition("/")[2]
    )
    if role_session_name is not None and not profile.accept_role_session_name:
        raise AccessDenied("Not authorized to set roleSessionName.")
    if profile.require_instance_properties and not instance_properties:
        raise ValidationError("The profile needs instance properties")
    inline, managed = session_terms.policies(
        call, call.account, profile.session_policy, [{"arn": arn} for arn in profile.managed_policy_arns]
    )
    given = [{"Key": key, "Value": value} for key, value in vouched.tags.items()]
    terms = role_sessions.Terms(
        duration=max(
            MIN_DURATION,
            min(duration_seconds or profile.duration, profile.duration, role.max_session_duration),
        ),
        policy=inline,
        policy_arns=managed,
        source_identity=vouched.source_identity,
        tags=session_terms.tags(call, given, None)[0],
    )
    leaf = certificate_chains.read(x509_signature.read(call.request).certificate)
    subject = subjects.seen(call, leaf, instance_properties)
    own_name = role_session_name or vouched.session_name
    began = role_sessions.begin(call, role, own_name, terms)
    telling.assumed(call, role.arn(call.partition), own_name, terms, began)
    return {
        "credentialSet": [_shown(began, role.arn(call.partition))],
        "subjectArn": subject.arn(call.partition),
    }


def _shown(began: dict[str, Any], role_arn: str) -> dict[str, Any]:
    """What STS answers, in the form of this service."""
    credentials, user = began["Credentials"], began["AssumedRoleUser"]
    return {
        "assumedRoleUser": {"arn": user["Arn"], "assumedRoleId": user["AssumedRoleId"]},
        "credentials": {
            "accessKeyId": credentials["AccessKeyId"],
            "secretAccessKey": credentials["SecretAccessKey"],
            "sessionToken": credentials["SessionToken"],
            "expiration": credentials["Expiration"],
        },
        "packedPolicySize": began.get("PackedPolicySize", 0),
        "roleArn": role_arn,
        "sourceIdentity": began.get("SourceIdentity"),
    }
