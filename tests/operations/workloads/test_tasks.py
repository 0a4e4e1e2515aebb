"""Tasks: both roles are handed over, ECS must get both, and each has a door of its own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import ACCOUNT, LocalWorld, Person
from tests.people import allow, refused, role, user
from tests.workers import EC2, ECS, become, delivered

RUN = allow("ecs:RunTask")


@pytest.fixture
def roles(local: LocalWorld) -> dict[str, str]:
    return {
        "TaskRoleArn": role(local.root, "task", ECS, allow("iam:ListRoles")),
        "ExecutionRoleArn": role(local.root, "execution", ECS, allow("iam:ListUsers")),
    }


def test_it_needs_the_permission_on_the_definition(local: LocalWorld) -> None:
    elsewhere = allow("ecs:RunTask", on=f"arn:aws:ecs:*:{ACCOUNT}:task-definition/api:*")
    with refused("AccessDeniedException", 400, f"{ACCOUNT}:task-definition/web:1"):
        user(local.root, "bob", elsewhere).workloads.register_task(Family="web")
    user(local.root, "eve", RUN).workloads.register_task(Family="web")


@pytest.mark.parametrize("only", ["task", "execution"])
def test_each_role_must_be_passed(local: LocalWorld, roles: dict[str, str], only: str) -> None:
    bob = user(local.root, "bob", RUN, allow("iam:PassRole", on=f"arn:aws:iam::*:role/{only}"))
    with refused("AccessDeniedException", 400, "iam:PassRole"):
        bob.workloads.register_task(Family="web", **roles)


@pytest.mark.parametrize(("service", "fine"), [("ecs-tasks", True), ("ecs", False)])
def test_they_are_passed_to_the_service_of_tasks(
    local: LocalWorld, roles: dict[str, str], service: str, fine: bool
) -> None:
    tied = {"Condition": {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}}}
    bob = user(local.root, "bob", RUN, allow("iam:PassRole", **tied))
    if fine:
        bob.workloads.register_task(Family="web", **roles)
    else:
        with refused("AccessDeniedException", 400, "iam:PassRole"):
            bob.workloads.register_task(Family="web", **roles)


@pytest.mark.parametrize("which", ["TaskRoleArn", "ExecutionRoleArn"])
def test_ecs_must_be_able_to_assume_each(local: LocalWorld, roles: dict[str, str], which: str) -> None:
    wrong = role(local.root, "wrong", EC2)
    with refused("ClientException", 400, f"ECS was unable to assume the role '{wrong}'"):
        local.root.workloads.register_task(Family="web", **(roles | {which: wrong}))
    assert local.root.workloads.list_tasks()["Tasks"] == []


def test_the_application_has_one_role_and_the_agent_the_other(
    local: LocalWorld, roles: dict[str, str]
) -> None:
    made = local.root.workloads.register_task(Family="web", Cluster="blue", **roles)
    application, agent = (become(local, made[name]) for name in ("Secret", "AgentSecret"))
    id = made["Task"]["TaskId"]
    assert application.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/task/{id}"
    assert agent.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/execution/{id}"
    application.iam.list_roles()
    with refused("AccessDenied", 403):
        application.iam.list_users()
    assert made["Secret"] != made["AgentSecret"]


def test_a_task_may_have_one_role_or_none(local: LocalWorld, roles: dict[str, str]) -> None:
    none = local.root.workloads.register_task(Family="web")
    assert "AgentSecret" not in none
    assert delivered(local, none["Secret"]) is None
    only = local.root.workloads.register_task(Family="web", ExecutionRoleArn=roles["ExecutionRoleArn"])
    assert delivered(local, only["Secret"]) is None
    assert "/execution/" in become(local, only["AgentSecret"]).arn


def test_a_task_that_has_stopped_is_gone(local: LocalWorld, roles: dict[str, str]) -> None:
    made = local.root.workloads.register_task(Family="web", Cluster="blue", **roles)
    arn = made["Task"]["TaskArn"]
    for missing in ("0" * 32, arn.replace("blue", "red")):
        with refused("ResourceNotFoundException", 400):
            local.root.workloads.deregister_task(TaskId=missing)
    red: dict[str, Any] = {"Condition": {"ArnLike": {"ecs:cluster": "arn:aws:ecs:*:*:cluster/red"}}}
    with refused("AccessDeniedException", 400, "ecs:StopTask"):
        user(local.root, "bob", allow("ecs:StopTask", **red)).workloads.deregister_task(TaskId=arn)
    local.root.workloads.deregister_task(TaskId=arn)
    assert local.server.attest(made["Secret"]) is None
    assert local.server.attest(made["AgentSecret"]) is None


def test_lists_are_of_a_cluster_or_of_all(root: Person) -> None:
    for cluster in ("blue", "red"):
        root.workloads.register_task(Family="web", Cluster=cluster)
    assert len(root.workloads.list_tasks()["Tasks"]) == 2
    (blue,) = root.workloads.list_tasks(Cluster="blue")["Tasks"]
    assert blue["Cluster"] == "blue"
    with refused("AccessDeniedException", 400, "ecs:ListTasks"):
        user(root, "bob").workloads.list_tasks()


def test_tags_are_a_permission_of_their_own(root: Person) -> None:
    with refused("AccessDeniedException", 400, "ecs:TagResource"):
        user(root, "bob", RUN).workloads.register_task(Family="web", Tags=[{"Key": "a", "Value": "b"}])
