"""More secrets of a workload: to make one is to hand over the role, and each can be let go."""

from __future__ import annotations

import json

import pytest

from rolekeeper.operations.workloads.secrets import MOST
from tests.client import LocalWorld
from tests.people import allow, refused, role, user
from tests.workers import EC2, ECS, LAMBDA, become, instance, profile


@pytest.fixture
def web(local: LocalWorld) -> str:
    role(local.root, "web", EC2)
    profile(local.root, "web", "web")
    return instance(local.root, "web")[0]


def test_it_needs_the_permission_and_to_pass_the_role(local: LocalWorld, web: str) -> None:
    asked = {"Kind": "instance", "Id": web}
    with refused("AccessDeniedException", 400, "rolekeeper:CreateWorkloadSecret on resource: arn:aws:ec2"):
        user(local.root, "bob", allow("iam:PassRole")).workloads.create_workload_secret(**asked)
    may = allow("rolekeeper:CreateWorkloadSecret")
    with refused("AccessDeniedException", 400, "iam:PassRole"):
        user(local.root, "eve", may).workloads.create_workload_secret(**asked)
    ann = user(local.root, "ann", may, allow("iam:PassRole"))
    secret = ann.workloads.create_workload_secret(**asked)["Secret"]
    assert become(local, secret).arn.endswith(f"/web/{web}")
    assert secret not in json.dumps(local.events())


def test_the_tags_of_the_workload_count(local: LocalWorld) -> None:
    role(local.root, "web", EC2)
    profile(local.root, "web", "web")
    green, blue = (
        instance(local.root, "web", Tags=[{"Key": "team", "Value": team}])[0] for team in ("green", "blue")
    )
    tied = {"Condition": {"StringEquals": {"aws:ResourceTag/team": "green"}}}
    ann = user(
        local.root, "ann", allow("rolekeeper:CreateWorkloadSecret", **tied), allow("iam:PassRole")
    ).workloads
    assert ann.create_workload_secret(Kind="instance", Id=green)["Secret"]
    with refused("AccessDeniedException", 400, "rolekeeper:CreateWorkloadSecret"):
        ann.create_workload_secret(Kind="instance", Id=blue)


def test_a_secret_that_is_let_go_opens_nothing_and_the_others_stay(local: LocalWorld, web: str) -> None:
    first, second = (
        local.root.workloads.create_workload_secret(Kind="instance", Id=web)["Secret"] for _ in range(2)
    )
    local.other.workloads.delete_workload_secret(Secret=first)
    assert local.server.attest(first) is not None
    with refused("AccessDeniedException", 400):
        user(local.root, "bob").workloads.delete_workload_secret(Secret=first)
    for _ in range(2):
        local.root.workloads.delete_workload_secret(Secret=first)
    assert local.server.attest(first) is None
    assert local.server.attest(second) is not None
    assert first not in json.dumps(local.events())


def test_only_a_task_has_an_agent(local: LocalWorld, web: str) -> None:
    with refused("ResourceNotFoundException", 400, "with an agent"):
        local.root.workloads.create_workload_secret(Kind="instance", Id=web, Part="agent")
    execution = role(local.root, "execution", ECS)
    task = local.root.workloads.register_task(Family="web", ExecutionRoleArn=execution)["Task"]
    agent = local.root.workloads.create_workload_secret(Kind="task", Id=task["TaskId"], Part="agent")
    assert "/execution/" in become(local, agent["Secret"]).arn


def test_functions_are_called_by_their_names(local: LocalWorld) -> None:
    worker = role(local.root, "worker", LAMBDA)
    local.root.workloads.register_function(FunctionName="mine", Role=worker)
    secret = local.root.workloads.create_workload_secret(Kind="function", Id="mine")["Secret"]
    assert become(local, secret).arn.endswith("/worker/mine")


def test_what_is_not_there_has_none_and_there_are_not_more_than_enough(local: LocalWorld, web: str) -> None:
    with refused("ResourceNotFoundException", 400, "There is no instance i-1"):
        local.root.workloads.create_workload_secret(Kind="instance", Id="i-1")
    for _ in range(MOST - 1):
        local.root.workloads.create_workload_secret(Kind="instance", Id=web)
    with refused("LimitExceeded", 400, "SecretsPerWorkload"):
        local.root.workloads.create_workload_secret(Kind="instance", Id=web)
