"""Trusted access: the services of AWS that may look at the organization and work in its accounts.

Any service's principal is taken. IAM's is what central management of root users depends on, so that this
ends when the access ends.
Source: "Using AWS Organizations with other AWS services" in the Organizations User Guide.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from rolekeeper.errors import ConstraintViolationException, InvalidInputException
from rolekeeper.iam.organizations import Organization
from rolekeeper.operations.organizations import keys, names, standing
from rolekeeper.operations.organizations.paging import page
from rolekeeper.operations.organizations.standing import Standing
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

IAM = "iam.amazonaws.com"
_PRINCIPAL = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com")


def refuse_unless_service(name: str) -> None:
    """InvalidInputException where that is no service's principal."""
    if _PRINCIPAL.fullmatch(name) is None:
        raise InvalidInputException(
            "UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified a service principal that isn't recognized."
        )


def refuse_without_all_features(of: Standing) -> None:
    """ConstraintViolationException where the organization has consolidated billing only."""
    if of.organization.feature_set != "ALL":
        raise ConstraintViolationException(
            "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
            "The organization must support all features to perform this operation.",
        )


def _put(of: Standing, **changed: Any) -> None:
    of.state.collection(Organization).put(msgspec.structs.replace(of.organization, **changed))


@operation(resource=names.everything, keys=keys.service_principal, writes=True)
def enable_aws_service_access(call: Call, *, service_principal: str) -> None:
    """Let a service in. Doing it again changes nothing."""
    of = standing.administered(call)
    refuse_without_all_features(of)
    refuse_unless_service(service_principal)
    _put(of, services={service_principal: call.now} | of.organization.services)


@operation(resource=names.everything, keys=keys.service_principal, writes=True)
def disable_aws_service_access(call: Call, *, service_principal: str) -> None:
    """Let a service in no longer."""
    of = standing.administered(call)
    refuse_without_all_features(of)
    refuse_unless_service(service_principal)
    left = {name: since for name, since in of.organization.services.items() if name != service_principal}
    features = () if service_principal == IAM else of.organization.root_features
    _put(of, services=left, root_features=features)


@operation(resource=names.everything)
def list_aws_service_access_for_organization(
    call: Call, *, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """List the services that have access."""
    of = standing.administered(call)
    refuse_without_all_features(of)
    return page(
        "EnabledServicePrincipals",
        of.organization.services.items(),
        lambda one: {"ServicePrincipal": one[0], "DateEnabled": one[1]},
        key=lambda one: one[0],
        next_token=next_token,
        max_results=max_results,
    )
