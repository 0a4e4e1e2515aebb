"""Whatever else a service runs with a role: a stack, a job, a cluster.

Registering stands for what makes such a thing with its service, where that is known here; else it is allowed
as `rolekeeper:RegisterServiceRole`. The service must get the role: most services see to that at once.
Source: "Actions, resources, and condition keys" of each service in the Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from rolekeeper.arn import Arn
from rolekeeper.errors import InvalidParameterValue, ResourceNotFoundException
from rolekeeper.iam import tagging
from rolekeeper.iam.workloads import WORKLOADS, ServiceRole, service_role_id
from rolekeeper.operations import pass_role, resources
from rolekeeper.operations.workloads import paging, views
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.registry import Keys, operation


class Actions(NamedTuple):
    """What makes a resource with its service, and what deletes it."""

    making: str
    deleting: str


_OWN = Actions("rolekeeper:RegisterServiceRole", "rolekeeper:DeregisterServiceRole")

_OF_RESOURCES = {
    ("cloudformation", "stack"): Actions("cloudformation:CreateStack", "cloudformation:DeleteStack"),
    ("glue", "job"): Actions("glue:CreateJob", "glue:DeleteJob"),
    ("redshift", "cluster"): Actions("redshift:CreateCluster", "redshift:DeleteCluster"),
    ("rds", "db"): Actions("rds:CreateDBInstance", "rds:DeleteDBInstance"),
    ("rds", "cluster"): Actions("rds:CreateDBCluster", "rds:DeleteDBCluster"),
    ("states", "stateMachine"): Actions("states:CreateStateMachine", "states:DeleteStateMachine"),
    ("codebuild", "project"): Actions("codebuild:CreateProject", "codebuild:DeleteProject"),
    ("scheduler", "schedule"): Actions("scheduler:CreateSchedule", "scheduler:DeleteSchedule"),
    ("events", "rule"): Actions("events:PutTargets", "events:RemoveTargets"),
    ("firehose", "deliverystream"): Actions("firehose:CreateDeliveryStream", "firehose:DeleteDeliveryStream"),
    ("sagemaker", "notebook-instance"): Actions(
        "sagemaker:CreateNotebookInstance", "sagemaker:DeleteNotebookInstance"
    ),
    ("eks", "cluster"): Actions("eks:CreateCluster", "eks:DeleteCluster"),
}
"""By the service and the kind of resource in an ARN."""

_ELSEWHERE = frozenset(kind.service for kind in WORKLOADS if kind.service)
"""Services whose workloads have operations of their own."""


def _actions(resource_arn: str, principal: str) -> Actions:
    """Who may make what one service runs must not come by the role of another: what does not fit together
    has our own actions."""
    try:
        arn = Arn.parse(resource_arn)
    except ValueError:
        return _OWN
    if arn.service not in principal.split("."):
        return _OWN
    return _OF_RESOURCES.get((arn.service, arn.resource_type), _OWN)


def _making(call: Call, *, resource_arn: str, service_principal: str, **_: Any) -> str:
    return _actions(resource_arn, service_principal).making


def _deleting(call: Call, *, service_role_id: str, **_: Any) -> str:
    found = _find(call, service_role_id)
    return _OWN.deleting if found is None else _actions(found.resource, found.principal).deleting


def _to_be(call: Call, *, resource_arn: str, **_: Any) -> Resource:
    return Resource(arn=resource_arn, account=call.account)


def _keys(call: Call, *, role_arn: str, **_: Any) -> Keys:
    return {"cloudformation:rolearn": role_arn}


def _handing_over(
    call: Call, *, service_principal: str, resource_arn: str, role_arn: str, **_: Any
) -> Iterator[Access]:
    yield pass_role.authorize_pass_role(call, role_arn, service_principal, resource_arn)


@operation(resource=_to_be, action=_making, keys=_keys, also=_handing_over, writes=True)
def register_service_role(
    call: Call,
    *,
    service_principal: str,
    resource_arn: str,
    role_arn: str,
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """Have what a service runs with a role, with the secret of its endpoint."""
    if service_principal in _ELSEWHERE:
        raise InvalidParameterValue(f"What {service_principal} runs is registered by an operation of its own")
    _check(call, resource_arn)
    pass_role.require_trust(call, role_arn, service_principal, resource_arn)
    made = ServiceRole(
        account=call.account,
        region=call.region,
        created=call.now.replace(microsecond=0),
        id=service_role_id(),
        principal=service_principal,
        resource=resource_arn,
        role=role_arn,
        tags=tagging.merged({}, tags, limit=call.limits.tags),
    )
    call.tx.collection(ServiceRole).add(made)
    secret = call.doors.make(call.tx, made)
    return {"ServiceRole": views.service_role(made), "Secret": secret.reveal()}


def _check(call: Call, resource_arn: str) -> None:
    """InvalidParameterValue where what a service runs is not the account's own: a service role gives access
    in its own account."""
    try:
        arn = Arn.parse(resource_arn)
    except ValueError:
        raise InvalidParameterValue(f"{resource_arn} is no ARN") from None
    if arn.account not in ("", call.account):
        raise InvalidParameterValue(f"{resource_arn} is not of account {call.account}")


def _find(call: Call, id: str) -> ServiceRole | None:
    found = call.tx.collection(ServiceRole).find(id)
    return found if found is not None and found.region == call.region else None


def _existing(call: Call, *, service_role_id: str, **_: Any) -> Resource:
    found = _find(call, service_role_id)
    if found is None:
        return resources.everything(call)
    return Resource(arn=found.resource, account=call.account, tags=found.tags)


@operation(resource=_existing, action=_deleting, writes=True)
def deregister_service_role(call: Call, *, service_role_id: str) -> dict[str, Any]:
    """Let it go, with its secrets."""
    found = _find(call, service_role_id)
    if found is None:
        raise ResourceNotFoundException(f"There is no service role {service_role_id}")
    call.doors.close(call.tx, found)
    call.tx.collection(ServiceRole).delete(found)
    return {}


@operation(resource=resources.everything)
def list_service_roles(
    call: Call, *, max_results: int | None = None, next_token: str | None = None
) -> dict[str, Any]:
    """Tell what services run with roles in the region."""
    return paging.page(
        call,
        ServiceRole,
        "ServiceRoles",
        views.service_role,
        wanted=lambda found: found.region == call.region,
        next_token=next_token,
        max_results=max_results,
    )
