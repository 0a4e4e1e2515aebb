"""The access report of an organization, which its management account asks for.

Whoever is not that account is refused; the report itself is not here yet, and that is what is answered.
Source: "GenerateOrganizationsAccessReport" in the IAM API Reference.
"""

from __future__ import annotations

from typing import Any, NoReturn

from rolekeeper.arn import iam_arn
from rolekeeper.errors import (
    AccessDenied,
    AccountNotManagementOrDelegatedAdministrator,
    NotImplementedByServer,
    OrganizationNotFound,
)
from rolekeeper.operations import resources
from rolekeeper.operations.organizations_features import organization_of
from rolekeeper.service.call import Call, Resource
from rolekeeper.service.registry import Keys, operation


def _report(call: Call, *, entity_path: str, **_: Any) -> Resource:
    arn = iam_arn(call.partition, call.account, "access-report", "/", entity_path)
    return Resource(arn=arn, account=call.account)


def _policy_key(call: Call, *, organizations_policy_id: str | None = None, **_: Any) -> Keys:
    return {} if organizations_policy_id is None else {"iam:organizationspolicyid": organizations_policy_id}


@operation(resource=_report, keys=_policy_key, writes=True)
def generate_organizations_access_report(
    call: Call, *, entity_path: str, organizations_policy_id: str | None = None
) -> NoReturn:
    """Make a report on the services that an entity of the organization reaches."""
    _require_management(call)


@operation(resource=resources.everything)
def get_organizations_access_report(
    call: Call,
    *,
    job_id: str,
    max_items: int | None = None,
    marker: str | None = None,
    sort_key: str | None = None,
) -> NoReturn:
    """Read a report."""
    _require_management(call)


def _require_management(call: Call) -> NoReturn:
    """AccessDenied but for the management account, whose reports are not here yet."""
    try:
        organization_of(call)
    except (OrganizationNotFound, AccountNotManagementOrDelegatedAdministrator) as error:
        raise AccessDenied(f"Only an organization's management account has access reports. {error}") from None
    raise NotImplementedByServer("Access reports of organizations are not here yet.")
