"""Tasks of ECS: a role for the application, another for its agent, and neither has the other's: rows SR-086
to SR-088 and SR-090, by an SDK that has nothing but the endpoint's variables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import CredentialRetrievalError, MetadataRetrievalError

from rolekeeper.errors import AccessDenied
from rolekeeper.iam.secret import Secret
from rolekeeper.service.task_agent import NotInitialized, NotTheAgent
from tests.asking import ask
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld
from tests.containers import Program, by_id, by_token, endpoint
from tests.people import allow, policy, refused, role, trusting
from tests.workers import ECS

requirement = pytest.mark.requirement
NOTHING = (MetadataRetrievalError, CredentialRetrievalError)
BUCKET, TABLE = "arn:aws:s3:::shop/*", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:shop/db-AbCdEf"
COMMON = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
LOGS = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/shop/web:log-stream:x"


class Task:
    """A running task: who it is, and what opens its endpoint."""

    def __init__(self, world: LocalWorld, url: str, **more: Any) -> None:
        made = world.root.workloads.register_task(Family="web", **more)
        self.world, self.url = world, url
        self.id: str = made["Task"]["TaskId"]
        self.app: str = made["Secret"]
        self.agent: str = made.get("AgentSecret", "")

    def program(self) -> Program:
        return Program(self.world, by_token(self.url, self.app))


class Shelf:
    """Secrets and logs behind the agent."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def value(self, arn: str) -> Secret | None:
        return Secret("hunter2")

    def log(self, arn: str, lines: list[str]) -> None:
        self.written += lines


@pytest.fixture
def url(local: LocalWorld) -> Iterator[str]:
    with endpoint(local) as found:
        yield found


@pytest.fixture
def task(local: LocalWorld, url: str) -> Task:
    """A task of a shop: the application reads the bucket and the table, the agent prepares it."""
    own = allow("s3:GetObject", on=BUCKET), allow("dynamodb:PutItem", on=TABLE)
    web = role(local.root, "web", ECS, *own)
    pulls = role(local.root, "pulls", ECS, allow("secretsmanager:GetSecretValue", on=SECRET))
    local.root.iam.attach_role_policy(RoleName="pulls", PolicyArn=COMMON)
    return Task(local, url, TaskRoleArn=web, ExecutionRoleArn=pulls)


def person(program: Program, world: LocalWorld) -> Any:
    """Whoever has the credentials of a program."""
    keys = program.credentials.get_frozen_credentials()
    return world.person(
        {"AccessKeyId": keys.access_key, "SecretAccessKey": keys.secret_key, "SessionToken": keys.token}
    )


@requirement("SR-086")
@pytest.mark.parametrize("way", [by_token, by_id])
def test_sr_086_the_application_has_the_task_role(local: LocalWorld, task: Task, way: Any) -> None:
    program = Program(local, way(task.url, task.app))
    assert program.credentials.method == "container-role"
    assert program.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/web/{task.id}"
    application = person(program, local)
    ask(application, "s3:GetObject", "arn:aws:s3:::shop/a")
    ask(application, "dynamodb:PutItem", TABLE)
    for action, arn in (("s3:PutObject", "arn:aws:s3:::shop/a"), ("dynamodb:DeleteTable", TABLE)):
        with pytest.raises(AccessDenied):
            ask(application, action, arn)


@requirement("SR-086")
def test_sr_086_the_token_may_be_in_a_file(local: LocalWorld, task: Task, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(task.app)
    variables = by_token(task.url, task.app)
    del variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    with pytest.raises(NOTHING):
        Program(local, variables)
    program = Program(local, variables | {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(file)})
    assert program.arn.endswith(f"/web/{task.id}")


@requirement("SR-087")
def test_sr_087_the_agent_prepares_the_task_with_the_execution_role(local: LocalWorld, task: Task) -> None:
    agent = person(Program(local, by_token(task.url, task.agent, agent=True)), local)
    assert agent.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/pulls/{task.id}"
    ask(agent, "ecr:GetAuthorizationToken", "*")
    ask(agent, "ecr:BatchGetImage", f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/web")
    ask(agent, "logs:PutLogEvents", LOGS)
    with pytest.raises(AccessDenied):
        ask(agent, "s3:GetObject", "arn:aws:s3:::shop/a")
    working = local.server.task_agent(task.agent, shelf := Shelf())
    assert working.environment({"PASSWORD": SECRET}) == {"PASSWORD": "hunter2"}
    working.log("/shop/web", "ecs", "app", ["started"])
    assert shelf.written == ["started"]


@requirement("SR-087")
def test_sr_087_without_the_permission_the_task_does_not_start(local: LocalWorld, task: Task) -> None:
    local.root.iam.delete_role_policy(RoleName="pulls", PolicyName="own")
    local.root.iam.detach_role_policy(RoleName="pulls", PolicyArn=COMMON)
    working = local.server.task_agent(task.agent, shelf := Shelf())
    with pytest.raises(NotInitialized, match="ResourceInitializationError"):
        working.environment({"PASSWORD": SECRET})
    with pytest.raises(AccessDenied, match="logs:CreateLogStream"):
        working.log("/shop/web", "ecs", "app", ["started"])
    assert shelf.written == []


@requirement("SR-088")
def test_sr_088_the_application_cannot_get_the_execution_role(local: LocalWorld, task: Task) -> None:
    for variables in (
        by_token(task.url, task.app, agent=True),
        by_token(task.url, task.id, agent=True),
        by_token(task.url, "0" * 43, agent=True),
        by_id(task.url, f"{task.app}/../../agent/credentials"),
        by_id(task.url, task.id),
    ):
        with pytest.raises(NOTHING):
            Program(local, variables)
    for secret in (task.app, task.id):
        with pytest.raises(NotTheAgent):
            local.server.task_agent(secret, Shelf())
    application = person(task.program(), local)
    for action, arn in (
        ("secretsmanager:GetSecretValue", SECRET),
        ("logs:PutLogEvents", LOGS),
        ("ecr:GetAuthorizationToken", "*"),
    ):
        with pytest.raises(AccessDenied):
            ask(application, action, arn)
    with refused("AccessDenied", 403, "sts:AssumeRole"):
        application.sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/pulls", RoleSessionName="mine")


@requirement("SR-088")
def test_sr_088_nor_has_the_agent_the_application_s(local: LocalWorld, task: Task) -> None:
    for variables in (by_token(task.url, task.agent), by_id(task.url, task.agent)):
        with pytest.raises(NOTHING):
            Program(local, variables)


@requirement("SR-088")
def test_sr_088_a_task_with_only_an_execution_role_has_nothing(local: LocalWorld, url: str) -> None:
    only = Task(local, url, ExecutionRoleArn=role(local.root, "pulls", ECS))
    with pytest.raises(NOTHING):
        only.program()


@requirement("SR-088")
def test_sr_088_another_task_has_its_own(local: LocalWorld, task: Task, url: str) -> None:
    other = Task(local, url, TaskRoleArn=role(local.root, "batch", ECS))
    assert other.program().arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/batch/{other.id}"
    assert task.program().arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/web/{task.id}"
    local.root.workloads.deregister_task(TaskId=other.id)
    with pytest.raises(NOTHING):
        other.program()


@requirement("SR-090")
@pytest.mark.parametrize(
    ("key", "value", "fine"),
    [
        ("aws:SourceAccount", ACCOUNT, True),
        ("aws:SourceAccount", OTHER_ACCOUNT, False),
        ("aws:SourceArn", f"arn:aws:ecs:us-east-1:{ACCOUNT}:*", True),
        ("aws:SourceArn", f"arn:aws:ecs:us-west-2:{ACCOUNT}:*", False),
        ("aws:SourceArn", f"arn:aws:ecs:us-east-1:{OTHER_ACCOUNT}:*", False),
    ],
)
def test_sr_090_ecs_gets_the_role_for_whom_its_trust_policy_says(
    local: LocalWorld, url: str, key: str, value: str, fine: bool
) -> None:
    made = Task(local, url, TaskRoleArn=role(local.root, "web", ECS))
    operator = "StringEquals" if key == "aws:SourceAccount" else "ArnLike"
    trust = policy(trusting(ECS, Condition={operator: {key: value}}))
    local.root.iam.update_assume_role_policy(RoleName="web", PolicyDocument=trust)
    if fine:
        assert made.program().arn.endswith(made.id)
    else:
        with pytest.raises(NOTHING):
            made.program()


@requirement("SR-086")
def test_sr_086_a_new_session_comes_before_the_old_one_ends(local: LocalWorld, task: Task) -> None:
    first = task.program()
    local.advance(5.75 * 3600)
    second = task.program()
    assert first.credentials.access_key != second.credentials.access_key
    assert first.arn == second.arn
    local.advance(15 * 60)
    with refused("ExpiredToken", 403):
        first.client("sts").get_caller_identity()
    assert second.arn.endswith(f"/web/{task.id}")


@requirement("SR-086")
def test_sr_086_the_audit_trail_has_the_delivery_as_the_services(local: LocalWorld, task: Task) -> None:
    task.program()
    local.server.store.drain_journal()
    (event,) = [event for event in local.events() if event["eventName"] == "AssumeRole"]
    assert event["userIdentity"] == {"type": "AWSService", "invokedBy": "ecs-tasks.amazonaws.com"}
    assert event["requestParameters"]["roleSessionName"] == task.id


@requirement("SR-086")
def test_sr_086_a_role_that_is_gone_gives_nothing(local: LocalWorld, task: Task) -> None:
    program = task.program()
    local.root.iam.delete_role_policy(RoleName="web", PolicyName="own")
    local.root.iam.delete_role(RoleName="web")
    with pytest.raises(NOTHING):
        task.program()
    with refused("InvalidClientTokenId", 403):
        program.client("sts").get_caller_identity()
