"""All workloads of an account, whatever runs them, with the roles that they have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rolekeeper.errors import ValidationError
from rolekeeper.iam.workloads import (
    AGENT,
    WORKLOADS,
    PodAssociation,
    ServiceRole,
    Workload,
)
from rolekeeper.operations import paging as markers
from rolekeeper.operations import resources
from rolekeeper.operations.workloads import paging
from rolekeeper.service.call import Call
from rolekeeper.service.grants import grant_for
from rolekeeper.service.registry import operation
from rolekeeper.wire.model import partition_of


@operation(resource=resources.everything)
def list_workloads(
    call: Call, *, max_results: int | None = None, next_token: str | None = None
) -> dict[str, Any]:
    """Tell the workloads of all regions, kind by kind."""
    limit = max_results or paging.DEFAULT_RESULTS
    shown: list[Workload] = []
    for workload in _from(call, markers.key_of(next_token) or ""):
        if len(shown) == limit:
            last = shown[-1]
            token = markers.marker_of(f"{last.kind} {last.key}")
            return {"Workloads": [_view(call, each) for each in shown], "NextToken": token}
        shown.append(workload)
    return {"Workloads": [_view(call, each) for each in shown]}


def _from(call: Call, marker: str) -> Iterator[Workload]:
    """The workloads behind one; ValidationError where the marker names no kind."""
    kind, _, key = marker.partition(" ")
    names = [each.kind for each in WORKLOADS]
    if kind and kind not in names:
        raise ValidationError("Invalid NextToken.")
    first = names.index(kind) if kind else 0
    for number, each in enumerate(WORKLOADS[first:]):
        yield from paging.every(call, each, key if kind and number == 0 else None)


def _view(call: Call, found: Workload) -> dict[str, Any]:
    return {
        "Kind": found.kind,
        "Id": found.key.rpartition("/")[2],
        "Arn": found.arn(partition_of(found.region)),
        "Service": found.principal if isinstance(found, ServiceRole) else found.service,
        "RoleArns": _roles(call, found),
        "CreatedAt": found.created,
    }


def _roles(call: Call, found: Workload) -> list[str]:
    if isinstance(found, PodAssociation):
        return [role for role in (found.role, found.target_role) if role is not None]
    grants = (grant_for(call.store, found, part) for part in ("", AGENT))
    return list(dict.fromkeys(grant.role_arn for grant in grants if grant is not None))
