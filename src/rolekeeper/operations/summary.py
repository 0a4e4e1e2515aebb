"""GetAccountSummary: how many there are of each, and how many there may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from rolekeeper.iam.devices import MfaDevice
from rolekeeper.iam.entities import AccessKey, Entity, ManagedPolicy
from rolekeeper.iam.kinds import KINDS
from rolekeeper.operations import resources, token_preferences
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

E = TypeVar("E", bound=Entity)

_VERSIONS_IN_USE = 10_000
"""AWS's number of versions of all policies; five of each of 1500 policies do not reach it."""

_BY_NAME = {kind.kind: kind for kind in KINDS}


@operation(resource=resources.everything)
def get_account_summary(call: Call) -> dict[str, Any]:
    """Count what is in the account; its quotas beside it."""
    return {"SummaryMap": _present(call) | _of_the_root_user(call) | _quotas(call)}


def _present(call: Call) -> dict[str, int]:
    return {
        "Users": _count(call, "user"),
        "Groups": _count(call, "group"),
        "Roles": _count(call, "role"),
        "Policies": _count(call, "policy"),
        "PolicyVersionsInUse": sum(len(policy.versions) for policy in _every(call, ManagedPolicy)),
        "InstanceProfiles": _count(call, "instance-profile"),
        "ServerCertificates": _count(call, "server-certificate"),
        "Providers": _count(call, "oidc-provider") + _count(call, "saml-provider"),
        "MFADevices": _count(call, "mfa-device"),
        "MFADevicesInUse": sum(device.enabled is not None for device in _every(call, MfaDevice)),
        "GlobalEndpointTokenVersion": token_preferences.token_version(call),
    }


def _of_the_root_user(call: Call) -> dict[str, int]:
    """What the root user has: 1 or 0. It has no password here, for it signs in nowhere."""
    links = call.tx.links
    keys = (call.tx.collection(AccessKey).find(key) for key in links.targets("key", ""))
    return {
        "AccountAccessKeysPresent": int(any(key is not None for key in keys)),
        "AccountMFAEnabled": int(bool(links.targets("mfa-device", ""))),
        "AccountPasswordPresent": 0,
        "AccountSigningCertificatesPresent": int(bool(links.targets("signing-certificate", ""))),
    }


def _quotas(call: Call) -> dict[str, int]:
    limits = call.limits
    return {
        "UsersQuota": limits.users,
        "GroupsQuota": limits.groups,
        "RolesQuota": limits.roles,
        "PoliciesQuota": limits.policies,
        "InstanceProfilesQuota": limits.instance_profiles,
        "ServerCertificatesQuota": limits.server_certificates,
        "GroupsPerUserQuota": limits.groups_per_user,
        "AccessKeysPerUserQuota": limits.access_keys_per_user,
        "SigningCertificatesPerUserQuota": limits.signing_certificates_per_user,
        "AttachedPoliciesPerUserQuota": limits.policies_per_user,
        "AttachedPoliciesPerGroupQuota": limits.policies_per_group,
        "AttachedPoliciesPerRoleQuota": limits.policies_per_role,
        "VersionsPerPolicyQuota": limits.versions_per_policy,
        "PolicyVersionsInUseQuota": _VERSIONS_IN_USE,
        "PolicySizeQuota": limits.policy_size,
        "UserPolicySizeQuota": limits.user_inline_size,
        "GroupPolicySizeQuota": limits.group_inline_size,
        "RolePolicySizeQuota": limits.role_inline_size,
        "AssumeRolePolicySizeQuota": limits.trust_policy_size,
    }


def _count(call: Call, kind: str) -> int:
    """How many there are of a kind; none of one that this server does not have."""
    return call.tx.collection(_BY_NAME[kind]).count() if kind in _BY_NAME else 0


def _every(call: Call, kind: type[E]) -> Iterator[E]:
    """All of a kind, a page at a time."""
    found, more = call.tx.collection(kind).page(limit=1000)
    yield from found
    while more:
        found, more = call.tx.collection(kind).page(after=found[-1].key, limit=1000)
        yield from found
