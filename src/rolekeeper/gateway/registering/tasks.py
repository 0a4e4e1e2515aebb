"""ECS tasks: the application has the task role, and the agent the execution role, as the definition says.

Source: "RunTask", "StartTask" and "StopTask" in the ECS API Reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rolekeeper.arn import iam_arn
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.registering.contract import Registry, tags_of
from rolekeeper.iam.workloads import Task


def after(registry: Registry, asked: Asked, answer: Mapping[str, Any]) -> None:
    """Bring the tasks of an account to what an answer says."""
    tasks = registry.state.collection(Task)
    if asked.operation.name in ("RunTask", "StartTask"):
        for each in answer.get("tasks") or ():
            if not each.get("taskArn"):
                continue
            made = _task(registry, asked, each)
            if tasks.find(made.key) is None:
                tasks.add(made)
    elif asked.operation.name == "StopTask":
        told = (answer.get("task") or {}).get("taskArn") or str(asked.members.get("task", ""))
        found = tasks.find(told.rpartition("/")[2])
        if found is not None and found.region == asked.region:
            registry.doors.close(registry.state, found)
            tasks.delete(found)


def _task(registry: Registry, asked: Asked, told: Mapping[str, Any]) -> Task:
    referred = registry.referred
    family, _, revision = str(told.get("taskDefinitionArn", "")).rpartition("/")[2].partition(":")
    return Task(
        account=asked.account,
        region=asked.region,
        created=registry.moment,
        id=told["taskArn"].rpartition("/")[2],
        cluster=str(told.get("clusterArn") or asked.members.get("cluster") or "default").rpartition("/")[2],
        family=referred.family or family,
        revision=int(revision) if revision.isdigit() else referred.revision,
        task_role=_role(registry, asked, referred.task_role),
        execution_role=_role(registry, asked, referred.execution_role),
        tags=tags_of(asked.members.get("tags")),
    )


def _role(registry: Registry, asked: Asked, given: str | None) -> str | None:
    """The ARN of a role, which a definition may call by its name."""
    if given is None or given.startswith("arn:"):
        return given
    found = registry.state.roles.find(given.rpartition("/")[2])
    return (
        found.arn(asked.partition) if found else iam_arn(asked.partition, asked.account, "role", "/", given)
    )
