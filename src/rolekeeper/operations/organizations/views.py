"""What AWS Organizations answers of each of its entities, by the model's names."""

from __future__ import annotations

from typing import Any

from rolekeeper.iam.organization_requests import AccountRequest, Handshake
from rolekeeper.iam.organizations import OrganizationAccount, OrganizationalUnit, OrganizationPolicy
from rolekeeper.operations.organizations import names
from rolekeeper.operations.organizations.standing import Standing, managed_by
from rolekeeper.service.call import Call
from rolekeeper.service.organization import SCP

ROOT_NAME = "Root"


def organization(call: Call, of: Standing) -> dict[str, Any]:
    """The `Organization` structure."""
    kept = of.organization
    available = [{"Type": SCP, "Status": "ENABLED"}] if kept.feature_set == "ALL" else []
    return {
        "Id": kept.id,
        "Arn": names.arn(call, of, "organization"),
        "FeatureSet": kept.feature_set,
        "MasterAccountArn": names.arn(call, of, "account", of.management),
        "MasterAccountId": of.management,
        "MasterAccountEmail": kept.email,
        "AvailablePolicyTypes": available,
    }


def root(call: Call, of: Standing) -> dict[str, Any]:
    """The `Root` structure."""
    return {
        "Id": of.organization.root_id,
        "Arn": names.arn(call, of, "root", of.organization.root_id),
        "Name": ROOT_NAME,
        "PolicyTypes": [{"Type": kind, "Status": "ENABLED"} for kind in of.organization.policy_types],
    }


def unit(call: Call, of: Standing, kept: OrganizationalUnit) -> dict[str, Any]:
    """The `OrganizationalUnit` structure."""
    return {
        "Id": kept.id,
        "Arn": names.arn(call, of, "ou", kept.id),
        "Name": kept.name,
        "Path": path(of, kept.parent) + f"{kept.id}/",
    }


def path(of: Standing, place: str) -> str:
    """`o-.../r-.../ou-.../`: the way from the organization down to the root or a unit."""
    units: list[str] = []
    while place != of.organization.root_id:
        units.append(place)
        place = of.state.collection(OrganizationalUnit).get(place).parent
    return "/".join([of.organization.id, of.organization.root_id, *reversed(units), ""])


def account(call: Call, of: Standing, kept: OrganizationAccount) -> dict[str, Any]:
    """The `Account` structure."""
    return {**_member(call, of, kept), "Paths": [path(of, kept.parent) + f"{kept.id}/"]}


def delegated(call: Call, of: Standing, kept: OrganizationAccount) -> dict[str, Any]:
    """The `DelegatedAdministrator` structure."""
    return {**_member(call, of, kept), "DelegationEnabledDate": min(kept.delegated.values())}


def _member(call: Call, of: Standing, kept: OrganizationAccount) -> dict[str, Any]:
    return {
        "Id": kept.id,
        "Arn": names.arn(call, of, "account", kept.id),
        "Email": kept.email,
        "Name": kept.name,
        "Status": kept.status,
        "State": kept.status,
        "JoinedMethod": kept.joined_method,
        "JoinedTimestamp": kept.joined,
    }


def policy(call: Call, of: Standing, kept: OrganizationPolicy) -> dict[str, Any]:
    """The `PolicySummary` structure."""
    return {
        "Id": kept.id,
        "Arn": names.policy_arn(call, of, kept.type, kept.id),
        "Name": kept.name,
        "Description": kept.description,
        "Type": kept.type,
        "AwsManaged": kept.id in names.AWS_OWN,
    }


def creation(kept: AccountRequest) -> dict[str, Any]:
    """The `CreateAccountStatus` structure."""
    return {
        "Id": kept.id,
        "AccountName": kept.name,
        "State": kept.state,
        "RequestedTimestamp": kept.requested,
        "CompletedTimestamp": kept.requested,
        "AccountId": kept.account_id,
        "FailureReason": kept.failure,
    }


def handshake(call: Call, kept: Handshake) -> dict[str, Any]:
    """The `Handshake` structure."""
    return {
        "Id": kept.id,
        "Arn": names.handshake_arn(call, kept),
        "Parties": _parties(kept),
        "State": kept.state(call.now),
        "RequestedTimestamp": kept.requested,
        "ExpirationTimestamp": kept.expires,
        "Action": kept.action,
        "Resources": _told(call, kept),
    }


def _parties(kept: Handshake) -> list[dict[str, str]]:
    found = [{"Id": kept.organization, "Type": "ORGANIZATION"}]
    if kept.target != kept.account:
        asked = {"Id": kept.email, "Type": "EMAIL"} if kept.email else {"Id": kept.target, "Type": "ACCOUNT"}
        found.append({key: str(value) for key, value in asked.items()})
    return found


def _told(call: Call, kept: Handshake) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"Value": kept.organization, "Type": "ORGANIZATION"}]
    of = managed_by(call.store, kept.account)
    if kept.action == "INVITE" and of is not None:
        found[0]["Resources"] = _asking(of)
    if kept.email is not None:
        found.append({"Value": kept.email, "Type": "EMAIL"})
    elif kept.target != kept.account:
        found.append({"Value": kept.target, "Type": "ACCOUNT"})
    if kept.parent is not None:
        found.append({"Value": kept.parent, "Type": "PARENT_HANDSHAKE"})
    if kept.notes is not None:
        found.append({"Value": kept.notes, "Type": "NOTES"})
    return found


def _asking(of: Standing) -> list[dict[str, Any]]:
    """What an invited account is told of who invites it."""
    management = of.state.collection(OrganizationAccount).get(of.management)
    return [
        {"Type": "MASTER_EMAIL", "Value": of.organization.email},
        {"Type": "MASTER_NAME", "Value": management.name},
        {"Type": "ORGANIZATION_FEATURE_SET", "Value": of.organization.feature_set},
    ]
