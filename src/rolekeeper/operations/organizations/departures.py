"""Accounts that go: closed, removed, or leaving by themselves.

A closed account stays in the organization as SUSPENDED. From then on nobody of it can sign and nobody becomes
one of its roles; here it is not opened again.
Source: "CloseAccount", "RemoveAccountFromOrganization" and "LeaveOrganization" in the Organizations API
Reference; "Closing a member account in an organization" in the User Guide.
"""

from __future__ import annotations

import msgspec

from rolekeeper.errors import AccountAlreadyClosedException, ConstraintViolationException
from rolekeeper.iam.entities import Account
from rolekeeper.iam.organizations import OrganizationAccount
from rolekeeper.operations.organizations import membership, names, standing
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation


@operation(resource=names.account, writes=True)
def close_account(call: Call, *, account_id: str) -> None:
    """Close a member account."""
    of = standing.administered(call)
    member = membership.member(of, account_id)
    if member.id == of.management:
        raise ConstraintViolationException(
            "CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You can't close the management account."
        )
    if of.organization.feature_set != "ALL":
        raise ConstraintViolationException(
            "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
            "The organization must support all features to perform this operation.",
        )
    if member.status != "ACTIVE":
        raise AccountAlreadyClosedException
    accounts = call.store.account(account_id).collection(Account)
    accounts.put(msgspec.structs.replace(accounts.get(account_id), closed=call.now))
    of.state.collection(OrganizationAccount).put(msgspec.structs.replace(member, status="SUSPENDED"))


@operation(resource=names.account, writes=True)
def remove_account_from_organization(call: Call, *, account_id: str) -> None:
    """Take a member out, which then stands alone."""
    of = standing.administered(call)
    membership.part(call, of, membership.member(of, account_id))


@operation(resource=names.everything, writes=True)
def leave_organization(call: Call) -> None:
    """Take the caller's own account out."""
    of = standing.joined(call)
    membership.part(call, of, membership.member(of, call.account))
