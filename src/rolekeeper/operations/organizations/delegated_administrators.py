"""Delegated administrators: member accounts that administer a service for the organization, and may read it.

Source: "Delegated administrator for AWS services" in the Organizations User Guide.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rolekeeper.errors import (
    AccountAlreadyRegisteredException,
    AccountNotRegisteredException,
    ConstraintViolationException,
)
from rolekeeper.iam.organizations import OrganizationAccount
from rolekeeper.operations.organizations import keys, membership, names, standing, views
from rolekeeper.operations.organizations.paging import page
from rolekeeper.operations.organizations.service_access import (
    refuse_unless_service,
    refuse_without_all_features,
)
from rolekeeper.operations.organizations.standing import Standing, every
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation


def _refuse(of: Standing, member: OrganizationAccount, service: str) -> None:
    if member.id == of.management:
        raise ConstraintViolationException(
            "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register the management account as a delegated administrator.",
        )
    if member.status != "ACTIVE":
        raise ConstraintViolationException(
            "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register a suspended account as a delegated administrator.",
        )
    if service not in of.organization.services:
        raise ConstraintViolationException(
            "SERVICE_ACCESS_NOT_ENABLED", "You must enable service access before you register an account."
        )


@operation(resource=names.account, keys=keys.service_principal, writes=True)
def register_delegated_administrator(call: Call, *, account_id: str, service_principal: str) -> None:
    """Make a member account the administrator of a service that has access."""
    of = standing.administered(call)
    refuse_without_all_features(of)
    refuse_unless_service(service_principal)
    member = membership.member(of, account_id)
    _refuse(of, member, service_principal)
    if service_principal in member.delegated:
        raise AccountAlreadyRegisteredException
    delegated = {**member.delegated, service_principal: call.now}
    of.state.collection(OrganizationAccount).put(msgspec.structs.replace(member, delegated=delegated))


@operation(resource=names.account, keys=keys.service_principal, writes=True)
def deregister_delegated_administrator(call: Call, *, account_id: str, service_principal: str) -> None:
    """Take that from an account."""
    of = standing.administered(call)
    member = membership.member(of, account_id)
    if service_principal not in member.delegated:
        raise AccountNotRegisteredException
    left = {name: since for name, since in member.delegated.items() if name != service_principal}
    of.state.collection(OrganizationAccount).put(msgspec.structs.replace(member, delegated=left))


@operation(resource=names.everything, keys=keys.service_principal)
def list_delegated_administrators(
    call: Call,
    *,
    service_principal: str | None = None,
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """List the administrators of a service, or all."""
    of = standing.administered(call)
    refuse_without_all_features(of)
    accounts = every(of.state.collection(OrganizationAccount))
    return page(
        "DelegatedAdministrators",
        (
            one
            for one in accounts
            if (one.delegated if service_principal is None else service_principal in one.delegated)
        ),
        lambda one: views.delegated(call, of, one),
        key=lambda one: one.id,
        next_token=next_token,
        max_results=max_results,
    )


@operation(resource=names.account)
def list_delegated_services_for_account(
    call: Call, *, account_id: str, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """List the services that an account administers."""
    of = standing.administered(call)
    refuse_without_all_features(of)
    member = membership.member(of, account_id)
    if not member.delegated:
        raise AccountNotRegisteredException
    return page(
        "DelegatedServices",
        member.delegated.items(),
        lambda one: {"ServicePrincipal": one[0], "DelegationEnabledDate": one[1]},
        key=lambda one: one[0],
        next_token=next_token,
        max_results=max_results,
    )
