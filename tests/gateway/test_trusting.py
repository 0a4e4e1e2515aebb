"""What services see to at once when they are handed roles."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.errors import (
    AccessDenied,
    AwsError,
    ClientException,
    InvalidArgumentException,
    InvalidInputException,
    InvalidParameterValue,
    InvalidParameterValueException,
    ValidationError,
)
from rolekeeper.gateway import passing, trusting
from rolekeeper.gateway.referred import NOTHING, Referred
from tests.client import ACCOUNT, LocalWorld
from tests.gateway.behind import asked
from tests.people import role
from tests.people import trusting as trusted_by

GONE = f"arn:aws:iam::{ACCOUNT}:role/gone"


def require(
    local: LocalWorld, service: str, operation: str, referred: Referred = NOTHING, **members: Any
) -> None:
    request = asked(service, operation, **members)
    with local.server.store.read() as tx:
        roles = passing.HeldRoles(tx.account(ACCOUNT), "aws")
        wanted = passing.passed(request, roles, referred)
    trusting.require(local.server._service, request, wanted, referred)


@pytest.mark.parametrize(
    ("service", "operation", "member", "principal", "error"),
    [
        ("lambda", "CreateFunction", "Role", "lambda.amazonaws.com", InvalidParameterValueException),
        ("cloudformation", "CreateStack", "RoleARN", "cloudformation.amazonaws.com", ValidationError),
        (
            "rds",
            "CreateDBInstance",
            "MonitoringRoleArn",
            "monitoring.rds.amazonaws.com",
            InvalidParameterValue,
        ),
        ("stepfunctions", "CreateStateMachine", "roleArn", "states.amazonaws.com", AccessDenied),
        ("glue", "CreateCrawler", "Role", "glue.amazonaws.com", InvalidInputException),
        ("codebuild", "CreateProject", "serviceRole", "codebuild.amazonaws.com", InvalidInputException),
    ],
)
def test_a_role_that_the_service_cannot_assume_is_refused_in_its_words(
    local: LocalWorld, service: str, operation: str, member: str, principal: str, error: type[AwsError]
) -> None:
    own = role(local.root, "own", {"Service": principal})
    other = role(local.root, "other", {"Service": "ec2.amazonaws.com"})
    for refused in (other, GONE):
        with pytest.raises(error):
            require(local, service, operation, **{member: refused})
    require(local, service, operation, **{member: own})


def test_so_is_one_inside_of_a_parameter(local: LocalWorld) -> None:
    other = role(local.root, "other", {"Service": "ec2.amazonaws.com"})
    with pytest.raises(InvalidArgumentException, match="Firehose is unable to assume role"):
        require(local, "firehose", "CreateDeliveryStream", S3DestinationConfiguration={"RoleARN": other})
    with pytest.raises(ValidationError, match=r"cannot be assumed by principal 'events.amazonaws.com'"):
        require(local, "events", "PutTargets", Rule="r", Targets=[{"Id": "1", "RoleArn": other}])
    with pytest.raises(ValidationError, match="must allow AWS EventBridge Scheduler to assume"):
        require(local, "scheduler", "CreateSchedule", Target={"RoleArn": other})
    require(local, "glue", "CreateJob", Name="j", Role=other)  # a job needs it when it runs


def test_it_must_trust_the_service_for_this_account_and_resource(local: LocalWorld) -> None:
    def trust(arn: str) -> dict[str, Any]:
        tied = {"ArnLike": {"aws:SourceArn": arn}}
        return trusted_by({"Service": "lambda.amazonaws.com"}, Condition=tied)

    arn = role(local.root, "own", trust(f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:mine"))
    require(local, "lambda", "CreateFunction", FunctionName="mine", Role=arn)
    with pytest.raises(InvalidParameterValueException):
        require(local, "lambda", "CreateFunction", FunctionName="other", Role=arn)


def test_a_database_is_named_to_the_role_that_watches_it(local: LocalWorld) -> None:
    tied = {"ArnLike": {"aws:SourceArn": f"arn:aws:rds:us-east-1:{ACCOUNT}:db:mine"}}
    trust = trusted_by({"Service": "monitoring.rds.amazonaws.com"}, Condition=tied)
    arn = role(local.root, "own", trust)
    require(local, "rds", "CreateDBInstance", DBInstanceIdentifier="mine", MonitoringRoleArn=arn)
    with pytest.raises(InvalidParameterValue):
        require(local, "rds", "CreateDBInstance", DBInstanceIdentifier="other", MonitoringRoleArn=arn)


def test_a_task_is_not_run_with_roles_that_ecs_does_not_get(local: LocalWorld) -> None:
    arn = role(local.root, "own", {"Service": "ec2.amazonaws.com"})
    with pytest.raises(ClientException, match="ECS was unable to assume the role"):
        require(local, "ecs", "RunTask", Referred(task_role=arn))
    require(local, "ecs", "RegisterTaskDefinition", family="web", taskRoleArn=arn)  # it is only written down


def test_an_instance_profile_must_be_there_with_a_role(local: LocalWorld) -> None:
    def launch(**profile: str) -> None:
        require(local, "ec2", "RunInstances", IamInstanceProfile=profile)

    with pytest.raises(InvalidParameterValue, match="Invalid IAM Instance Profile name"):
        launch(Name="web")
    local.root.iam.create_instance_profile(InstanceProfileName="web", Path="/team/")
    with pytest.raises(InvalidParameterValue, match="has no associated IAM Roles"):
        launch(Name="web")
    role(local.root, "web", {"Service": "ec2.amazonaws.com"})
    local.root.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    launch(Name="web")
    launch(Arn=f"arn:aws:iam::{ACCOUNT}:instance-profile/team/web")
    with pytest.raises(InvalidParameterValue, match="Invalid IAM Instance Profile ARN"):
        launch(Arn=f"arn:aws:iam::{ACCOUNT}:instance-profile/web")


def test_a_request_without_roles_is_not_looked_at(local: LocalWorld) -> None:
    require(local, "s3", "PutObject", Bucket="b", Key="k")
