"""What follows in Rolekeeper from what was done behind: workloads come and go with what runs there.

An instance that was launched through EC2 has its metadata endpoint, a task and a function their roles, and
so on; a service-linked role that something uses is not deleted. Which is which is told by the answer.
Sources: the services' own pages, which the modules in `registering` name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import msgspec

from rolekeeper.arn import Arn
from rolekeeper.gateway import first_use
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.referred import NOTHING, Referred
from rolekeeper.gateway.registering import clusters, functions, instances, service_roles, tasks
from rolekeeper.gateway.registering.contract import Registry
from rolekeeper.service.call import Caller
from rolekeeper.service.dispatch import Service

_After = Callable[[Registry, Asked, Mapping[str, Any]], None]

_OF: Mapping[str, tuple[tuple[str, ...], _After]] = {
    "ec2": (
        (
            "RunInstances",
            "RequestSpotInstances",
            "CreateFleet",
            "TerminateInstances",
            "AssociateIamInstanceProfile",
            "ReplaceIamInstanceProfileAssociation",
            "DisassociateIamInstanceProfile",
            "ModifyInstanceMetadataOptions",
            "CreateTags",
            "DeleteTags",
        ),
        instances.after,
    ),
    "ecs": (("RunTask", "StartTask", "StopTask"), tasks.after),
    "eks": (("CreateCluster", "DeleteCluster"), clusters.after),
    "lambda": (("CreateFunction", "UpdateFunctionConfiguration", "DeleteFunction"), functions.after),
}

_NAMED = ("FunctionName", "LoadBalancerArn", "StackName", "cluster", "name", "stateMachineArn", "task")
"""Members that may name by an ARN what comes or goes."""


def has(asked: Asked) -> bool:
    """Whether anything may follow from a request: where not, its answer need not be read."""
    return _may_have(asked.service.name, asked.operation.name)


@cache
def _may_have(service: str, operation: str) -> bool:
    own = _OF.get(service)
    if own is not None and operation in own[0]:
        return True
    return service_roles.concerns(service, operation) or first_use.concerns(service, operation)


def after(
    service: Service,
    caller: Caller,
    asked: Asked,
    answer: Mapping[str, Any],
    referred: Referred = NOTHING,
) -> None:
    """Make the changes that follow from a request which was done, and from its answer.

    It opens a write of the store, so that it belongs into the lane, outside of any other transaction. To do
    it twice changes nothing the second time. `referred` is what was found before, for `passing.passed`.
    """
    if not has(asked):
        return
    asked = _at_home(asked, caller)
    with service.store.write() as tx:
        if not tx.has_account(asked.account):
            return
        state = tx.account(asked.account)
        registry = Registry(state=state, doors=service.doors, now=service.clock.now(), referred=referred)
        own = _OF.get(asked.service.name)
        if own is not None and asked.operation.name in own[0]:
            own[1](registry, asked, answer)
        service_roles.after(registry, asked, answer)
        first_use.keep_in_use(state, asked, answer)


def _at_home(asked: Asked, caller: Caller) -> Asked:
    """The request as one of the account and region in which it was done: what somebody starts is his
    account's, and what is named by an ARN may be another's, who has let him at it."""
    for name in _NAMED:
        given = asked.members.get(name)
        if isinstance(given, str) and given.startswith("arn:"):
            arn = Arn.parse(given)
            return msgspec.structs.replace(
                asked, account=arn.account or caller.account, region=arn.region or asked.region
            )
    return msgspec.structs.replace(asked, account=caller.account)
