"""The organization: made, read, deleted, given all features.

Source: "CreateOrganization", "DescribeOrganization", "DeleteOrganization" and "EnableAllFeatures" in the
Organizations API Reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from rolekeeper import ids
from rolekeeper.errors import (
    AlreadyInOrganizationException,
    HandshakeConstraintViolationException,
    OrganizationNotEmptyException,
)
from rolekeeper.iam.entities import Entity
from rolekeeper.iam.organization_requests import ASKED, WAITING, AccountRequest, Handshake
from rolekeeper.iam.organizations import (
    ATTACHED,
    Organization,
    OrganizationAccount,
    OrganizationalUnit,
    OrganizationPolicy,
    OrganizationResourcePolicy,
)
from rolekeeper.operations import service_linked_roles
from rolekeeper.operations.organizations import membership, names, standing, views
from rolekeeper.operations.organizations.consent import approve_if_all_agree
from rolekeeper.operations.organizations.standing import Standing, every
from rolekeeper.service.call import Access, Call
from rolekeeper.service.registry import operation

_CONSENT = timedelta(days=90)

_BELONGINGS: tuple[type[Entity], ...] = (
    OrganizationalUnit,
    OrganizationPolicy,
    OrganizationResourcePolicy,
    AccountRequest,
    Handshake,
)


def _service_role(call: Call, *, feature_set: str = "ALL") -> Iterable[Access]:
    if feature_set == "ALL":
        yield service_linked_roles.making(call, membership.SERVICE)


@operation(resource=names.everything, also=_service_role, writes=True)
def create_organization(call: Call, *, feature_set: str = "ALL") -> dict[str, Any]:
    """Make an organization, whose management account is the caller's."""
    if standing.found(call) is not None:
        raise AlreadyInOrganizationException
    own = membership.account_of(call, call.account)
    made = Organization(
        account=call.account,
        id=ids.organizations_id("o-", 10),
        root_id=ids.organizations_id("r-", 4),
        created=call.now,
        email=own.email,
        feature_set=feature_set,
    )
    call.tx.collection(Organization).add(made)
    of = Standing(made, call.tx)
    membership.join(call, of, own, method="INVITED", tags={})
    return {"Organization": views.organization(call, of)}


@operation(resource=names.everything)
def describe_organization(call: Call) -> dict[str, Any]:
    """Read the organization that the caller's account is in."""
    return {"Organization": views.organization(call, standing.joined(call))}


@operation(resource=names.everything, writes=True)
def delete_organization(call: Call) -> None:
    """Delete an organization without members, with its units and policies."""
    of = standing.administered(call)
    accounts = of.state.collection(OrganizationAccount)
    if accounts.count() > 1:
        raise OrganizationNotEmptyException
    for asked in every(of.state.collection(Handshake)):
        call.store.account(asked.target).links.remove(ASKED, "", f"{of.management}/{asked.id}")
    for unit in every(of.state.collection(OrganizationalUnit)):
        _detach_all(of, unit.id)
    _detach_all(of, of.organization.root_id)
    for kind in _BELONGINGS:
        for entity in list(every(of.state.collection(kind))):
            of.state.collection(kind).delete(entity)
    membership.forget(call, of, accounts.get(of.management))
    of.state.collection(Organization).delete(of.organization)


@operation(resource=names.everything, writes=True)
def enable_all_features(call: Call) -> dict[str, Any]:
    """Ask every invited account to agree to all features; the management account then has the last word."""
    of = standing.administered(call)
    if of.organization.feature_set == "ALL":
        raise HandshakeConstraintViolationException(
            "ORGANIZATION_ALREADY_HAS_ALL_FEATURES", "The organization already has all features enabled."
        )
    kept = of.state.collection(Handshake)
    if any(one.action == "ENABLE_ALL_FEATURES" and one.state(call.now) in WAITING for one in every(kept)):
        raise HandshakeConstraintViolationException(
            "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
            "The organization has already started the process to enable all features.",
        )
    whole = _asking(call, of, of.management, parent=None)
    kept.add(whole)
    for member in every(of.state.collection(OrganizationAccount)):
        if member.joined_method == "INVITED" and member.id != of.management and member.status == "ACTIVE":
            asked = _asking(call, of, member.id, parent=whole.id)
            kept.add(asked)
            call.store.account(member.id).links.add(ASKED, "", f"{of.management}/{asked.id}")
    approve_if_all_agree(call, of, whole)
    return {"Handshake": views.handshake(call, whole)}


def _asking(call: Call, of: Standing, target: str, *, parent: str | None) -> Handshake:
    return Handshake(
        account=of.management,
        id=ids.organizations_id("h-", 32),
        organization=of.organization.id,
        action="ENABLE_ALL_FEATURES",
        target=target,
        parent=parent,
        requested=call.now,
        expires=call.now + _CONSENT,
        answered="OPEN" if parent is not None else "REQUESTED",
    )


def _detach_all(of: Standing, target: str) -> None:
    for policy in of.state.links.targets(ATTACHED, target):
        of.state.links.remove(ATTACHED, target, policy)
