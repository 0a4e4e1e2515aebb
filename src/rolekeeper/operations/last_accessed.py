"""Service last accessed: a report is asked for, and read by its ID by whoever asked for it.

Anybody else is told that there is no such report. A page goes on where the one before it in the same report
ended: at a service, or at so many entities, of whichever service.
Source: "GenerateServiceLastAccessedDetails" in the IAM API Reference, and "Refine permissions in AWS using
last accessed information" in the IAM User Guide.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from rolekeeper.errors import InvalidInput, NoSuchEntity
from rolekeeper.iam.access_reports import AccessReport
from rolekeeper.operations import access_reports, paging, reported, resources
from rolekeeper.policy import catalog
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation


@operation(resource=reported.resource, writes=True)
def generate_service_last_accessed_details(
    call: Call, *, arn: str, granularity: str = "SERVICE_LEVEL"
) -> dict[str, Any]:
    """Make a report on the services that a user, group, role or policy reaches. It is done at once."""
    subject = reported.subject(call, arn)
    report = access_reports.make(call, subject, of_actions=granularity == "ACTION_LEVEL")
    return {"JobId": report.id}


@operation(resource=resources.everything)
def get_service_last_accessed_details(
    call: Call, *, job_id: str, max_items: int | None = None, marker: str | None = None
) -> dict[str, Any]:
    """Read of a report each service, with who tried it last, when and where."""
    report = _report(call, job_id)
    after = _place(marker, "services", report)
    limit = max_items or paging.DEFAULT_ITEMS
    found = list(islice(access_reports.services(call, report, after), limit + 1))
    last = found[:limit][-1]["ServiceNamespace"] if found else ""
    return {
        **_done(report),
        "JobType": "ACTION_LEVEL" if report.of_actions else "SERVICE_LEVEL",
        "ServicesLastAccessed": found[:limit],
        **_more(len(found) > limit, f"services/{report.id}/{last}"),
    }


@operation(resource=resources.everything)
def get_service_last_accessed_details_with_entities(
    call: Call,
    *,
    job_id: str,
    service_namespace: str,
    max_items: int | None = None,
    marker: str | None = None,
) -> dict[str, Any]:
    """Read of a report who could have tried a service, and when each did last."""
    report = _report(call, job_id)
    if service_namespace not in catalog.services():
        raise InvalidInput(f"Service namepace {service_namespace} is either invalid or unsupported.")
    start = int(_place(marker, "entities", report) or 0)
    end = start + (max_items or paging.DEFAULT_ITEMS)
    found = access_reports.entities(call, report, service_namespace)
    return {
        **_done(report),
        "EntityDetailsList": found[start:end],
        **_more(len(found) > end, f"entities/{report.id}/{end}"),
    }


def _report(call: Call, job_id: str) -> AccessReport:
    report = call.tx.collection(AccessReport).get(job_id)
    if report.owner != access_reports.owner(call.caller):
        raise NoSuchEntity(AccessReport.missing.format(name=job_id))
    return report


def _done(report: AccessReport) -> dict[str, Any]:
    return {
        "JobStatus": "COMPLETED",
        "JobCreationDate": report.created,
        "JobCompletionDate": report.created,
    }


def _place(marker: str | None, kind: str, report: AccessReport) -> str:
    """Where a page begins: what stands behind the marker's kind and report; nothing without a marker."""
    text = paging.key_of(marker)
    if text is None:
        return ""
    found, _, place = text.rpartition("/")
    if found != f"{kind}/{report.id}" or not (kind == "services" or place.isdecimal()):
        raise InvalidInput("The marker passed in the request was invalid.")
    return place


def _more(truncated: bool, place: str) -> dict[str, Any]:
    return {"IsTruncated": True, "Marker": paging.marker_of(place)} if truncated else {"IsTruncated": False}
