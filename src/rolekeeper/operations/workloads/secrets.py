"""More secrets of a workload, for who starts it again, and letting one go.

Whoever has a secret gets the role's sessions, so that to make one is to hand over the role once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rolekeeper.errors import LimitExceeded, ResourceNotFoundException
from rolekeeper.iam.workloads import AGENT, Function, Instance, ServiceRole, Task
from rolekeeper.operations import pass_role, resources
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.grants import grant_for
from rolekeeper.service.registry import operation

MOST = 20
"""Secrets of one workload."""

_Kind = Instance | Task | Function | ServiceRole
_KINDS: dict[str, type[_Kind]] = {kind.kind: kind for kind in (Instance, Task, Function, ServiceRole)}


def _find(call: Call, kind: str, id: str) -> _Kind | None:
    key = f"{call.region}/{id}" if kind == Function.kind else id
    found = call.tx.collection(_KINDS[kind]).find(key)
    return found if found is not None and found.region == call.region else None


def _existing(call: Call, *, kind: str, id: str, **_: Any) -> Resource:
    found = _find(call, kind, id)
    if found is None:
        return resources.everything(call)
    return Resource(arn=found.arn(call.partition), account=call.account, tags=found.tags)


def _handing_over(call: Call, *, kind: str, id: str, part: str = "application", **_: Any) -> Iterator[Access]:
    found = _find(call, kind, id)
    grant = grant_for(call.store, found, _part(part)) if found is not None else None
    if grant is not None:
        yield pass_role.authorize_pass_role(call, grant.role_arn, grant.service, grant.source_arn)


def _part(part: str) -> str:
    return AGENT if part == AGENT else ""


@operation(resource=_existing, also=_handing_over, writes=True)
def create_workload_secret(call: Call, *, kind: str, id: str, part: str = "application") -> dict[str, Any]:
    """Make one more secret of a workload; the only answer that shows it."""
    found = _find(call, kind, id)
    if found is None or (part == AGENT and not isinstance(found, Task)):
        raise ResourceNotFoundException(f"There is no {kind} {id}" + (" with an agent" if found else ""))
    if call.doors.count(call.tx, found) >= MOST:
        raise LimitExceeded(f"Cannot exceed quota for SecretsPerWorkload: {MOST}")
    return {"Secret": call.doors.make(call.tx, found, _part(part)).reveal()}


@operation(resource=resources.everything, writes=True)
def delete_workload_secret(call: Call, *, secret: str) -> dict[str, Any]:
    """Let a secret open nothing any more; of the caller's own account only. One that opens nothing is no
    error, and whose it was is not told."""
    opened = call.doors.open(call.store, secret)
    if opened is not None and opened.workload.account == call.account:
        call.doors.forget(call.tx, opened.workload, secret)
    return {}
