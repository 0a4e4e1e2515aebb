"""The access report of an organization, which its management account asks for.

SCPs must be enabled in the root. Whoever asks must be allowed as well what is read of the organization for
it; trusted access is not needed. The report is done when its ID is told.
Sources: "GenerateOrganizationsAccessReport" and "GetOrganizationsAccessReport" in the IAM API Reference;
"Refine permissions in AWS using last accessed information" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from rolekeeper.arn import iam_arn
from rolekeeper.errors import AccessDenied, InvalidInput
from rolekeeper.iam.access_reports import OrganizationsAccessReport, ServiceAccess
from rolekeeper.operations import organization_reports, paging, resources
from rolekeeper.operations.organizations import names, standing
from rolekeeper.operations.organizations.standing import Standing
from rolekeeper.policy import catalog
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.organization import SCP
from rolekeeper.service.registry import Keys, operation

_NEVER = datetime.min.replace(tzinfo=UTC)
_BY_NAME = "SERVICE_NAMESPACE_ASCENDING"


def _report(call: Call, *, entity_path: str, **_: Any) -> Resource:
    arn = iam_arn(call.partition, call.account, "access-report", "/", entity_path)
    return Resource(arn=arn, account=call.account)


def _policy_key(call: Call, *, organizations_policy_id: str | None = None, **_: Any) -> Keys:
    return {} if organizations_policy_id is None else {"iam:organizationspolicyid": organizations_policy_id}


def _looks(call: Call, *, entity_path: str, organizations_policy_id: str | None = None) -> Iterator[Access]:
    """What is read of the organization: the tree from the entity, its SCPs, the policy."""
    of = standing.found(call)
    if of is None or call.account != of.management:
        return
    entity = names.place(call, entity_path.rstrip("/").rpartition("/")[2])
    policy = names.place(call, organizations_policy_id) if organizations_policy_id is not None else None
    yield _look("ListRoots", names.everything(call))
    yield _look("ListParents", entity)
    yield _look("ListChildren", entity)
    yield _look("ListPoliciesForTarget", entity, SCP)
    yield _look("DescribePolicy", policy or names.everything(call), SCP)
    yield _look("ListTargetsForPolicy", policy or names.everything(call), SCP)


def _look(name: str, resource: Resource, kind: str | None = None) -> Access:
    found = {"organizations:policytype": kind} if kind is not None else {}
    return Access(action=f"organizations:{name}", resource=resource, keys=lambda: found)


@operation(resource=_report, keys=_policy_key, also=_looks, writes=True)
def generate_organizations_access_report(
    call: Call, *, entity_path: str, organizations_policy_id: str | None = None
) -> dict[str, Any]:
    """Make a report on the services that an entity of the organization reaches. It is done at once."""
    of = _managed(call)
    entity = organization_reports.entity_of(of, entity_path)
    if entity.id == of.management:  # whatever the policy: AWS ignores it
        organizations_policy_id = None
    elif organizations_policy_id is not None:
        organization_reports.refuse_unless_scp(of, organizations_policy_id)
    return {"JobId": organization_reports.make(call, of, entity, organizations_policy_id).id}


@operation(resource=resources.everything)
def get_organizations_access_report(
    call: Call,
    *,
    job_id: str,
    max_items: int | None = None,
    marker: str | None = None,
    sort_key: str = _BY_NAME,
) -> dict[str, Any]:
    """Read of a report each service, with the account that tried it last, when and where."""
    _managed(call)
    report = call.tx.collection(OrganizationsAccessReport).get(job_id)
    found = _sorted(report, sort_key)
    place = f"{sort_key}/{job_id}/"
    start = _start(marker, place)
    end = start + (max_items or paging.DEFAULT_ITEMS)
    answer: dict[str, Any] = {
        "JobStatus": "COMPLETED",
        "JobCreationDate": report.created,
        "JobCompletionDate": report.created,
        "NumberOfServicesAccessible": len(found),
        "NumberOfServicesNotAccessed": sum(one.time is None for one in found),
        "AccessDetails": [_view(one) for one in found[start:end]],
        "IsTruncated": len(found) > end,
    }
    if len(found) > end:
        answer["Marker"] = paging.marker_of(f"{place}{end}")
    return answer


def _managed(call: Call) -> Standing:
    """The organization that the caller's account manages and that has SCPs; AccessDenied, InvalidInput."""
    of = standing.found(call)
    if of is None:
        raise AccessDenied(f"No organization is associated with the account {call.account}.")
    if call.account != of.management:
        raise AccessDenied("Only an organization's management account has access reports.")
    if SCP not in of.organization.policy_types:
        raise InvalidInput("Service control policies are not enabled in the organization's root.")
    return of


def _sorted(report: OrganizationsAccessReport, key: str) -> list[ServiceAccess]:
    """By prefix or by time; what was never tried counts as tried before all else."""
    backwards = key.endswith("_DESCENDING")
    found = sorted(report.services, key=lambda one: one.service, reverse=backwards and "NAMESPACE" in key)
    if "NAMESPACE" not in key:
        found.sort(key=lambda one: one.time or _NEVER, reverse=backwards)
    return found


def _start(marker: str | None, place: str) -> int:
    """Where a page begins; InvalidInput for a marker of another report or order."""
    text = paging.key_of(marker)
    if text is None:
        return 0
    number = text.removeprefix(place)
    if number == text or not (number.isascii() and number.isdecimal()):
        raise InvalidInput("The marker passed in the request was invalid.")
    return int(number)


def _view(one: ServiceAccess) -> dict[str, Any]:
    view: dict[str, Any] = {
        "ServiceName": catalog.service_name(one.service),
        "ServiceNamespace": one.service,
        "TotalAuthenticatedEntities": one.accounts,
    }
    if one.time is not None:
        view |= {"EntityPath": one.path, "LastAuthenticatedTime": one.time, "Region": one.region}
    return view
