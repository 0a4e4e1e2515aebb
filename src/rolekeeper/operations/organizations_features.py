"""Central management of root users, which an organization switches on for its member accounts.

The organization must have all features and IAM trusted access to it. Its management account and IAM's
delegated administrator may look and switch off; only the management account switches on.
Source: "Centrally manage root access for member accounts" in the IAM User Guide; the errors of each operation
in the IAM API Reference.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rolekeeper.errors import (
    AccountNotManagementOrDelegatedAdministrator,
    CallerIsNotManagementAccount,
    OrganizationNotFound,
    OrganizationNotInAllFeaturesMode,
    ServiceAccessNotEnabled,
)
from rolekeeper.iam.organizations import Organization, OrganizationAccount
from rolekeeper.operations import resources
from rolekeeper.operations.organizations import standing
from rolekeeper.operations.organizations.service_access import IAM
from rolekeeper.operations.organizations.standing import Standing
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

CREDENTIALS, SESSIONS = "RootCredentialsManagement", "RootSessions"


def organization_of(call: Call) -> Standing:
    """The organization that the caller's account is in, and administers for IAM."""
    of = standing.found(call)
    if of is None:
        raise OrganizationNotFound(f"No organization is associated with the account {call.account}.")
    member = of.state.collection(OrganizationAccount).find(call.account)
    if call.account != of.management and (member is None or IAM not in member.delegated):
        raise AccountNotManagementOrDelegatedAdministrator(
            f"The account {call.account} is not the management account or delegated administrator."
        )
    if of.organization.feature_set != "ALL":
        raise OrganizationNotInAllFeaturesMode("The organization does not have all features enabled.")
    if IAM not in of.organization.services:
        raise ServiceAccessNotEnabled("Trusted access is not enabled for IAM in Organizations.")
    return of


@operation(resource=resources.everything)
def list_organizations_features(call: Call) -> dict[str, Any]:
    """List what is enabled."""
    return _view(organization_of(call).organization)


@operation(resource=resources.everything, writes=True)
def enable_organizations_root_credentials_management(call: Call) -> dict[str, Any]:
    """Let the management account manage the root users' credentials."""
    return _enable(call, CREDENTIALS)


@operation(resource=resources.everything, writes=True)
def disable_organizations_root_credentials_management(call: Call) -> dict[str, Any]:
    """Leave the root users' credentials to the accounts."""
    return _disable(call, CREDENTIALS)


@operation(resource=resources.everything, writes=True)
def enable_organizations_root_sessions(call: Call) -> dict[str, Any]:
    """Let the management account act as the root user of an account, for a task."""
    return _enable(call, SESSIONS)


@operation(resource=resources.everything, writes=True)
def disable_organizations_root_sessions(call: Call) -> dict[str, Any]:
    """Let it act so no more."""
    return _disable(call, SESSIONS)


def _enable(call: Call, feature: str) -> dict[str, Any]:
    of = organization_of(call)
    if call.account != of.management:
        raise CallerIsNotManagementAccount("Only the management account can enable this.")
    kept = of.organization.root_features
    return _put(of, kept if feature in kept else (*kept, feature))


def _disable(call: Call, feature: str) -> dict[str, Any]:
    of = organization_of(call)
    return _put(of, tuple(kept for kept in of.organization.root_features if kept != feature))


def _put(of: Standing, features: tuple[str, ...]) -> dict[str, Any]:
    changed = msgspec.structs.replace(of.organization, root_features=features)
    of.state.collection(Organization).put(changed)
    return _view(changed)


def _view(organization: Organization) -> dict[str, Any]:
    return {"OrganizationId": organization.id, "EnabledFeatures": list(organization.root_features)}
