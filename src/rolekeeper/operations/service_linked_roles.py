"""Service-linked roles: made for one service, changed by nobody, deleted only when the service has let go.

What uses such a role is a link from the role to the resource's ARN: whoever runs a service says so with
`begin_use` and `end_use`, and makes the role itself with `ensure` when the service is first used.
Source: "Create a service-linked role" and "Delete a service-linked role" in the IAM User Guide.
"""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Any

from rolekeeper import ids
from rolekeeper.arn import Arn, iam_arn
from rolekeeper.errors import InvalidInput, NoSuchEntity
from rolekeeper.iam import aws_policies
from rolekeeper.iam.deletion_tasks import DeletionTask
from rolekeeper.iam.entities import Role
from rolekeeper.iam.service_linked import PATH, SERVICES, LinkedService, is_service_linked
from rolekeeper.operations import attachments, resources, views
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.registry import Keys, operation
from rolekeeper.store.contract import AccountState

_USE = "service-linked-use"
_NAME_LENGTH = 64
_TASK = re.compile(r"task(/aws-service-role/[\w.-]+/)([\w+=,.@-]+)/[0-9a-f-]{36}")


def ensure(state: AccountState, service: str, now: datetime) -> Role:
    """The service's role of an account, made if it is not there: what a service does when it is first used.

    KeyError where the service has none; InvalidInput where a customer's own role has the name, which no
    service must take for its own. Source: "Using service-linked roles" in the IAM User Guide.
    """
    linked = SERVICES[service]
    name = linked.name(None)
    found = state.roles.find(name)
    if found is not None and not is_service_linked(found):
        raise _taken(name)
    return found if found is not None else _make(state, linked, name, None, now)


def making(call: Call, service: str) -> Access:
    """What whoever makes a service make its role must be allowed."""
    return Access(
        action="iam:CreateServiceLinkedRole",
        resource=_to_be(call, aws_service_name=service),
        keys=lambda: _service_key(call, aws_service_name=service),
    )


def begin_use(state: AccountState, role: Role, resource_arn: str) -> None:
    """Say that a resource needs the role: it is not deleted meanwhile."""
    state.links.add(_USE, role.key, resource_arn)


def end_use(state: AccountState, role: Role, resource_arn: str) -> None:
    """Say that a resource needs the role no more."""
    state.links.remove(_USE, role.key, resource_arn)


def _to_be(call: Call, *, aws_service_name: str, custom_suffix: str | None = None, **_: Any) -> Resource:
    linked = SERVICES.get(aws_service_name)
    name = linked.name(custom_suffix) if linked is not None else "AWSServiceRole"
    arn = iam_arn(call.partition, call.account, "role", f"{PATH}{aws_service_name}/", name)
    return Resource(arn=arn, account=call.account)


def _service_key(call: Call, *, aws_service_name: str, **_: Any) -> Keys:
    return {"iam:awsservicename": aws_service_name}


def _of_task(call: Call, *, deletion_task_id: str) -> Resource:
    """The role that a task deletes or has deleted."""
    found = _TASK.fullmatch(deletion_task_id)
    path, name = found.groups() if found is not None else (PATH, "")
    return Resource(arn=iam_arn(call.partition, call.account, "role", path, name), account=call.account)


@operation(resource=_to_be, keys=_service_key, writes=True)
def create_service_linked_role(
    call: Call, *, aws_service_name: str, description: str | None = None, custom_suffix: str | None = None
) -> dict[str, Any]:
    """Make the role of a service. The quota of roles does not stop it."""
    linked = SERVICES.get(aws_service_name)
    if linked is None:
        raise InvalidInput(f"{aws_service_name} has no service-linked role")
    if custom_suffix is not None and not linked.suffixed:
        raise InvalidInput(f"Custom suffix is not allowed for {aws_service_name}")
    name = linked.name(custom_suffix)
    if len(name) > _NAME_LENGTH:
        raise InvalidInput(f"Service role name {name} is longer than {_NAME_LENGTH} characters")
    if call.tx.roles.find(name) is not None:
        raise _taken(name)
    return {"Role": views.role(call, _make(call.tx, linked, name, description, call.now))}


@operation(resource=resources.role, writes=True)
def delete_service_linked_role(call: Call, *, role_name: str) -> dict[str, Any]:
    """Ask the service to let a role go. The answer is a task, which is done at once."""
    role = call.tx.roles.get(role_name)
    if not is_service_linked(role):
        raise NoSuchEntity(f"The service-linked role with name {role_name} cannot be found.")
    used_by = tuple(call.tx.links.targets(_USE, role.key))
    task = DeletionTask(
        account=call.account, id=f"task{role.path}{role.name}/{uuid.uuid4()}", used_by=used_by
    )
    call.tx.collection(DeletionTask).add(task)
    if not used_by:
        for reference in call.tx.links.targets("attachment", attachments.source(role)):
            call.tx.links.remove("attachment", attachments.source(role), reference)
        call.tx.roles.delete(role)
    return {"DeletionTaskId": task.id}


@operation(resource=_of_task)
def get_service_linked_role_deletion_status(call: Call, *, deletion_task_id: str) -> dict[str, Any]:
    """Tell what became of a task and, where the role is still there, what uses it."""
    if _TASK.fullmatch(deletion_task_id) is None:
        raise InvalidInput(f"{deletion_task_id} is not the id of a deletion task")
    task = call.tx.collection(DeletionTask).get(deletion_task_id)
    if not task.used_by:
        return {"Status": "SUCCEEDED"}
    usage: dict[str, list[str]] = {}
    for arn in task.used_by:
        usage.setdefault(Arn.parse(arn).region, []).append(arn)
    return {
        "Status": "FAILED",
        "Reason": {
            "Reason": "The service-linked role is in use by its service.",
            "RoleUsageList": [{"Region": region, "Resources": arns} for region, arns in usage.items()],
        },
    }


def _taken(name: str) -> InvalidInput:
    return InvalidInput(
        f"Service role name {name} has been taken in this account, please try a different suffix."
    )


def _make(
    state: AccountState, linked: LinkedService, name: str, description: str | None, now: datetime
) -> Role:
    role = Role(
        account=state.id,
        name=name,
        name_path=linked.path,
        id=ids.unique_id(ids.ROLE, state.id),
        created=now.replace(microsecond=0),
        trust=linked.trust,
        description=description,
    )
    state.roles.add(role)
    policy = aws_policies.every()[linked.policy.lower()]
    state.links.add("attachment", attachments.source(role), views.policy_reference(policy))
    return role
