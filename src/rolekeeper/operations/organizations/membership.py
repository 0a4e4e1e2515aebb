"""Coming into an organization and going out of it: what is kept in both accounts, told in one place.

Source: "Managing the accounts in an organization" in the Organizations User Guide.
"""

from __future__ import annotations

from rolekeeper.errors import (
    AccountNotFoundException,
    ConstraintViolationException,
    MasterCannotLeaveOrganizationException,
)
from rolekeeper.iam.entities import Account, Tags
from rolekeeper.iam.organization_requests import WAITING, Handshake
from rolekeeper.iam.organizations import ATTACHED, Membership, OrganizationAccount
from rolekeeper.iam.service_linked import SERVICES
from rolekeeper.operations import service_linked_roles
from rolekeeper.operations.organizations import names
from rolekeeper.operations.organizations.standing import Standing, every
from rolekeeper.service.call import Call
from rolekeeper.service.organization import FULL_ACCESS

SERVICE = "organizations.amazonaws.com"
"""Whose service-linked role every account of an organization with all features has."""


def account_of(call: Call, number: str) -> Account:
    """An account of this server; AccountNotFoundException."""
    if not call.store.has_account(number):
        raise AccountNotFoundException
    return call.store.account(number).collection(Account).get(number)


def join(call: Call, of: Standing, account: Account, *, method: str, tags: Tags) -> None:
    """Make an account a member, below the root."""
    number, kept = account.account, of.organization
    call.store.account(number).collection(Membership).add(
        Membership(account=number, management=of.management)
    )
    of.state.collection(OrganizationAccount).add(
        OrganizationAccount(
            account=of.management,
            id=number,
            name=account.name,
            email=account.email,
            parent=kept.root_id,
            joined=call.now,
            joined_method=method,
            tags=tags,
        )
    )
    attach_full_access(of, number)
    if kept.feature_set == "ALL":
        begin_service(call, of, number)


def begin_service(call: Call, of: Standing, number: str) -> None:
    """Give an account the role of Organizations, which it has as long as it is a member."""
    state = call.store.account(number)
    role = service_linked_roles.ensure(state, SERVICE, call.now)
    service_linked_roles.begin_use(state, role, names.arn(call, of, "organization"))


def part(call: Call, of: Standing, member: OrganizationAccount) -> None:
    """Take a member out. What it has of its own stays: its users and roles, that of the organization too."""
    if member.id == of.management:
        raise MasterCannotLeaveOrganizationException
    if member.delegated:
        raise ConstraintViolationException(
            "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
            "You can't remove an account that is registered as a delegated administrator for a service "
            "integrated with your organization.",
        )
    forget(call, of, member)


def forget(call: Call, of: Standing, member: OrganizationAccount) -> None:
    """Take everything away that says that an account is in the organization."""
    for policy in of.state.links.targets(ATTACHED, member.id):
        of.state.links.remove(ATTACHED, member.id, policy)
    of.state.collection(OrganizationAccount).delete(member)
    state = call.store.account(member.id)
    memberships = state.collection(Membership)
    memberships.delete(memberships.get("membership"))
    role = state.roles.find(SERVICES[SERVICE].role_name)
    if role is not None:
        service_linked_roles.end_use(state, role, names.arn(call, of, "organization"))


def attach_full_access(of: Standing, target: str) -> None:
    """What a new root, unit or account begins with: AWS's own policy of each type that is enabled."""
    for kind in of.organization.policy_types:
        of.state.links.add(ATTACHED, target, FULL_ACCESS[kind][0])


def member(of: Standing, number: str) -> OrganizationAccount:
    """An account of the organization; AccountNotFoundException."""
    kept = of.state.collection(OrganizationAccount).find(number)
    if kept is None:
        raise AccountNotFoundException
    return kept


def refuse_over_limit(call: Call, of: Standing) -> None:
    """ConstraintViolationException where the organization can have no more accounts."""
    invited = sum(
        asked.action == "INVITE" and asked.state(call.now) in WAITING
        for asked in every(of.state.collection(Handshake))
    )
    if of.state.collection(OrganizationAccount).count() + invited >= call.limits.organization_accounts:
        raise ConstraintViolationException(
            "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
            "You have exceeded the allowed number of AWS accounts for your organization.",
        )
