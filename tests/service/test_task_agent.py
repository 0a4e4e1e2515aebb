"""The agent of a task works with the execution role, asks the policies first, and gives only values away."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from rolekeeper.errors import AccessDenied
from rolekeeper.iam.secret import Secret
from rolekeeper.service.task_agent import NotInitialized, NotTheAgent, TaskAgent
from tests.client import ACCOUNT, LocalWorld
from tests.people import allow, deny, policy, role
from tests.workers import ECS, become

SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:shop/db-AbCdEf"
PARAMETER = f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/shop/url"
LOGS = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/shop/web:*"


class Shelf:
    """What is behind: values by ARN, and the lines that were written. It tells what it was asked for."""

    def __init__(self) -> None:
        self.values = {SECRET: '{"user":"ana","port":5432}', PARAMETER: "https://shop.example"}
        self.asked: list[str] = []
        self.lines: list[tuple[str, str]] = []

    def value(self, arn: str) -> Secret | None:
        self.asked.append(arn)
        return Secret(self.values[arn]) if arn in self.values else None

    def log(self, arn: str, lines: list[str]) -> None:
        self.lines += [(arn, line) for line in lines]


class Started(msgspec.Struct, frozen=True):
    """A task, its secrets and what is behind its agent."""

    world: LocalWorld
    id: str
    app: str
    agent: str
    shelf: Shelf

    def working(self) -> TaskAgent:
        return self.world.server.task_agent(self.agent, self.shelf)


def start(local: LocalWorld, *execution: dict[str, Any]) -> Started:
    everything = allow("secretsmanager:*", "ssm:*", "logs:*")
    made = local.root.workloads.register_task(
        Family="web",
        TaskRoleArn=role(local.root, "web", ECS, everything),
        ExecutionRoleArn=role(local.root, "pulls", ECS, *execution),
    )
    return Started(local, made["Task"]["TaskId"], made["Secret"], made["AgentSecret"], Shelf())


def events(local: LocalWorld, name: str) -> list[dict[str, Any]]:
    local.server.store.drain_journal()
    return [event for event in local.events() if event["eventName"] == name]


def test_the_applications_secret_makes_no_agent(local: LocalWorld) -> None:
    task = start(local, allow("*"))
    for secret in (task.app, "", task.id, "0" * 43):
        with pytest.raises(NotTheAgent):
            local.server.task_agent(secret, task.shelf)


@pytest.mark.parametrize("place", [SECRET, f"{SECRET}:user::", PARAMETER, "shop/url", "/shop/url"])
def test_the_task_roles_permissions_are_not_the_agents(local: LocalWorld, place: str) -> None:
    task = start(local, allow("logs:*"))
    with pytest.raises(NotInitialized, match=r"ResourceInitializationError.*:assumed-role/pulls/"):
        task.working().environment({"DB": place})
    assert task.shelf.asked == []


@pytest.mark.parametrize(
    "statement",
    [
        allow("secretsmanager:GetSecretValue", on=f"{SECRET[:-6]}XbCdEf"),
        allow("ssm:*"),
        allow("secretsmanager:DescribeSecret"),
        allow("secretsmanager:*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
    ],
)
def test_a_secret_needs_the_permission_for_just_it(local: LocalWorld, statement: dict[str, Any]) -> None:
    task = start(local, statement)
    with pytest.raises(NotInitialized, match="secretsmanager:GetSecretValue"):
        task.working().environment({"DB": SECRET})
    (event,) = events(local, "GetSecretValue")
    assert event["errorCode"] == "AccessDenied"


@pytest.mark.parametrize(
    "place",
    [
        "",
        "arn:aws:s3:::bucket/key",
        "arn:aws:secretsmanager",
        "arn:aws:ssm::parameter/x",
        "arn::::::",
        f"arn:aws:ssm:us-east-1:{ACCOUNT}:document/x",
        f"{SECRET}:none::",
        f"{SECRET}-other",
        "shop/none",
    ],
)
def test_what_is_not_there_starts_no_task(local: LocalWorld, place: str) -> None:
    task = start(local, allow("*"))
    with pytest.raises(NotInitialized, match="ResourceInitializationError"):
        task.working().environment({"DB": place})


def test_values_come_into_the_environment_and_the_trail_has_the_calls(local: LocalWorld) -> None:
    task = start(local, allow("secretsmanager:GetSecretValue", on=SECRET), allow("ssm:GetParameters"))
    places = {"ALL": SECRET, "USER": f"{SECRET}:user::", "PORT": f"{SECRET}:port::", "URL": "/shop/url"}
    assert task.working().environment(places) == {
        "ALL": '{"user":"ana","port":5432}',
        "USER": "ana",
        "PORT": "5432",
        "URL": "https://shop.example",
    }
    event, *_ = events(local, "GetSecretValue")
    assert event["userIdentity"]["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/pulls/{task.id}"
    assert event["eventSource"] == "secretsmanager.amazonaws.com"
    assert event["requestParameters"] == {"secretId": SECRET}
    assert events(local, "GetParameters")[0]["requestParameters"]["names"] == ["/shop/url"]
    assert "5432" not in json.dumps(local.events())


def test_a_log_is_written_with_the_execution_role(local: LocalWorld) -> None:
    task = start(local, allow("logs:CreateLogStream", "logs:PutLogEvents", on=LOGS))
    task.working().log("/shop/web", "ecs", "app", ["one", "two"])
    stream = f"{LOGS[:-1]}log-stream:ecs/app/{task.id}"
    assert task.shelf.lines == [(stream, "one"), (stream, "two")]
    (event,) = events(local, "CreateLogStream")
    assert event["readOnly"] is False
    with pytest.raises(AccessDenied, match="logs:CreateLogStream"):
        task.working().log("/shop/other", "ecs", "app", ["three"])
    local.root.iam.put_role_policy(
        RoleName="pulls", PolicyName="no", PolicyDocument=policy(deny("logs:PutLogEvents"))
    )
    with pytest.raises(AccessDenied, match="logs:PutLogEvents"):
        task.working().log("/shop/web", "ecs", "app", ["four"])
    assert len(task.shelf.lines) == 2


def test_a_task_that_is_gone_has_no_agent(local: LocalWorld) -> None:
    task = start(local, allow("*"))
    working = task.working()
    session = become(local, task.app)
    local.root.workloads.deregister_task(TaskId=task.id)
    with pytest.raises(NotTheAgent):
        working.environment({"DB": SECRET})
    assert session.arn.endswith(task.id)


def test_an_execution_role_that_is_gone_works_no_more(local: LocalWorld) -> None:
    task = start(local, allow("*"))
    working = task.working()
    working.environment({"DB": SECRET})
    local.root.iam.delete_role_policy(RoleName="pulls", PolicyName="own")
    local.root.iam.delete_role(RoleName="pulls")
    with pytest.raises(NotInitialized, match="there is no role"):
        working.environment({"DB": SECRET})
    assert task.shelf.asked == [SECRET]
