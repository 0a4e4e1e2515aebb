"""CreateSession: a machine with a certificate becomes a role.

Who asks is found out by `proving`. Then the role's trust policy decides, about the principal
`rolesanywhere.amazonaws.com`, with the trust anchor as `aws:SourceArn` and what is mapped of the certificate
as tags.
Sources: "IAM Roles Anywhere CreateSession API" and "The IAM Roles Anywhere trust model" in the IAM Roles
Anywhere User Guide.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rolekeeper.errors import AccessDenied, ValidationError
from rolekeeper.iam.entities import Role
from rolekeeper.iam.roles_anywhere import AnywhereProfile
from rolekeeper.operations import role_sessions, session_terms
from rolekeeper.operations.rolesanywhere import proving, subjects, telling
from rolekeeper.service.call import Access, Call, Resource, Vouched
from rolekeeper.service.proofs import Proof
from rolekeeper.service.registry import Keys, operation

# -- whether it may -------------------------------------------------------------------------------


def _role(call: Call, **arguments: Any) -> Resource:
    return role_sessions.trusted_role(call, role_arn=_argument(arguments, "role_arn"))


def _keys(call: Call, **arguments: Any) -> Keys:
    """What the role's trust policy can ask for."""
    vouched = proving.proven(call)
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
    vouched, resource, given = proving.proven(call), _role(call, **arguments), _keys(call, **arguments)
    actions = ["sts:TagSession"]
    if vouched.source_identity is not None:
        actions.append("sts:SetSourceIdentity")
    for action in actions:
        yield Access(action=action, resource=resource, keys=lambda: given)


def _argument(arguments: dict[str, Any], name: str) -> str:
    return str(arguments.get(name) or arguments[f"{name}_in_body"])


# -- the session ----------------------------------------------------------------------------------


@operation(
    action="sts:AssumeRole",
    resource=_role,
    keys=_keys,
    also=_accesses,
    writes=True,
    proof=Proof(vouched=proving.vouched),
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
    vouched, role = proving.proven(call), role_sessions.role_of(call)
    profile = call.tx.collection(AnywhereProfile).get(
        (profile_arn or profile_arn_in_body or "").rpartition("/")[2]
    )
    if role_session_name is not None and not profile.accept_role_session_name:
        raise AccessDenied("Not authorized to set roleSessionName.")
    if profile.require_instance_properties and not instance_properties:
        raise ValidationError("The profile needs instance properties")
    terms = _terms(call, vouched, role, profile, duration_seconds)
    subject = subjects.seen(call, proving.certificate(call), instance_properties)
    own_name = role_session_name or vouched.session_name
    began = role_sessions.begin(call, role, own_name, terms)
    telling.assumed(call, role.arn(call.partition), own_name, terms, began)
    return {
        "credentialSet": [_shown(began, role.arn(call.partition))],
        "subjectArn": subject.arn(call.partition),
    }


def _terms(
    call: Call, vouched: Vouched, role: Role, profile: AnywhereProfile, asked: int | None
) -> role_sessions.Terms:
    """What the session is to be: bounded by the profile, and as short as any of the three says."""
    inline, managed = session_terms.policies(
        call, call.account, profile.session_policy, [{"arn": arn} for arn in profile.managed_policy_arns]
    )
    given = [{"Key": key, "Value": value} for key, value in vouched.tags.items()]
    return role_sessions.Terms(
        duration=min(asked or profile.duration, profile.duration, role.max_session_duration),
        policy=inline,
        policy_arns=managed,
        source_identity=vouched.source_identity,
        tags=session_terms.tags(call, given, None)[0],
    )


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
