"""ECS tasks: a role for the application, another for the agent that starts it, and neither has the other's.

Registering stands for ecs:RunTask; both roles are handed to ECS, and ECS must get both.
Sources: "Amazon ECS task IAM role" and "Amazon ECS task execution IAM role" in the ECS Developer Guide;
"Actions, resources, and condition keys for Amazon ECS" in the Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rolekeeper.errors import ClientException, InvalidInput, ResourceNotFoundException
from rolekeeper.iam import tagging
from rolekeeper.iam.workloads import AGENT, Task, task_id
from rolekeeper.operations import pass_role, resources
from rolekeeper.operations.workloads import paging, views
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.registry import Keys, operation

_DEFAULT = "default"


def _definition(call: Call, *, family: str, revision: int | None = None, **_: Any) -> Resource:
    start = f"arn:{call.partition}:ecs:{call.region}:{call.account}"
    return Resource(arn=f"{start}:task-definition/{family}:{revision or 1}", account=call.account)


def _cluster(call: Call, *, cluster: str | None = None, **_: Any) -> Keys:
    return {"ecs:cluster": _cluster_arn(call, cluster or _DEFAULT)}


def _cluster_arn(call: Call, cluster: str) -> str:
    return f"arn:{call.partition}:ecs:{call.region}:{call.account}:cluster/{cluster}"


def _handing_over(
    call: Call,
    *,
    task_role_arn: str | None = None,
    execution_role_arn: str | None = None,
    tags: Any = None,
    **asked: Any,
) -> Iterator[Access]:
    resource = _definition(call, **asked)
    for role_arn in (task_role_arn, execution_role_arn):
        if role_arn is not None:
            yield pass_role.authorize_pass_role(call, role_arn, Task.service, resource.arn)
    if tags:
        keys = {"ecs:createaction": "RunTask"}
        cluster = asked.get("cluster") or _DEFAULT
        any_task = f"arn:{call.partition}:ecs:{call.region}:{call.account}:task/{cluster}/*"
        yield Access(
            action="ecs:TagResource",
            resource=Resource(arn=any_task, account=call.account),
            keys=lambda: keys,
        )


@operation(resource=_definition, action="ecs:RunTask", keys=_cluster, also=_handing_over, writes=True)
def register_task(
    call: Call,
    *,
    family: str,
    cluster: str | None = None,
    revision: int | None = None,
    task_role_arn: str | None = None,
    execution_role_arn: str | None = None,
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """Have a task, with a secret for the application and another for the agent."""
    task = Task(
        account=call.account,
        region=call.region,
        created=call.now.replace(microsecond=0),
        id=task_id(),
        cluster=cluster or _DEFAULT,
        family=family,
        revision=revision or 1,
        task_role=task_role_arn,
        execution_role=execution_role_arn,
        tags=tagging.merged({}, tags, limit=call.limits.tags),
    )
    for role_arn in filter(None, (task_role_arn, execution_role_arn)):
        _require_trust(call, role_arn, task)
    call.tx.collection(Task).add(task)
    answer: dict[str, Any] = {
        "Task": views.task(call, task),
        "Secret": call.doors.make(call.tx, task).reveal(),
    }
    if execution_role_arn is not None:
        answer["AgentSecret"] = call.doors.make(call.tx, task, AGENT).reveal()
    return answer


def _require_trust(call: Call, role_arn: str, task: Task) -> None:
    try:
        pass_role.require_trust(call, role_arn, Task.service, task.arn(call.partition))
    except InvalidInput:
        raise ClientException(
            f"ECS was unable to assume the role '{role_arn}' that was provided for this task. Please verify "
            "that the role being passed has the proper trust relationship and permissions and that your IAM "
            "user has permissions to pass this role."
        ) from None


def _find(call: Call, given: str) -> Task | None:
    """A task of the region by its ID or its ARN."""
    found = call.tx.collection(Task).find(given.rpartition("/")[2])
    if found is None or found.region != call.region:
        return None
    return found if given in (found.id, found.arn(call.partition)) else None


def _existing(call: Call, *, task_id: str, **_: Any) -> Resource:
    found = _find(call, task_id)
    if found is None:
        arn = f"arn:{call.partition}:ecs:{call.region}:{call.account}:task/*"
        return Resource(arn=arn, account=call.account)
    return Resource(arn=found.arn(call.partition), account=call.account, tags=found.tags)


def _own_cluster(call: Call, *, task_id: str, **_: Any) -> Keys:
    found = _find(call, task_id)
    return {} if found is None else {"ecs:cluster": _cluster_arn(call, found.cluster)}


@operation(resource=_existing, action="ecs:StopTask", keys=_own_cluster, writes=True)
def deregister_task(call: Call, *, task_id: str) -> dict[str, Any]:
    """Let a task go, with its secrets."""
    task = _find(call, task_id)
    if task is None:
        raise ResourceNotFoundException("The referenced task was not found.")
    call.doors.close(call.tx, task)
    call.tx.collection(Task).delete(task)
    return {}


def _listed(call: Call, *, cluster: str | None = None, **_: Any) -> Keys:
    return {} if cluster is None else _cluster(call, cluster=cluster)


@operation(resource=resources.everything, action="ecs:ListTasks", keys=_listed)
def list_tasks(
    call: Call,
    *,
    cluster: str | None = None,
    max_results: int | None = None,
    next_token: str | None = None,
) -> dict[str, Any]:
    """Tell the tasks of the region, or of a cluster there."""
    return paging.page(
        call,
        Task,
        "Tasks",
        lambda found: views.task(call, found),
        wanted=lambda found: found.region == call.region and cluster in (None, found.cluster),
        next_token=next_token,
        max_results=max_results,
    )
