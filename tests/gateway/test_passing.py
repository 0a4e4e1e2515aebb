"""Handing roles to services, as requests do it."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.errors import AccessDenied, ValidationError
from rolekeeper.gateway import passing
from rolekeeper.gateway.asked import Asked, Unclassified, Wanted
from rolekeeper.wire import model

OWN, OTHER = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{OWN}:role/team/worker"


class Roles:
    """An account with one profile, `web`, and one role by the name `worker`."""

    def in_profile(self, given: str) -> str | None:
        known = given in ("web", f"arn:aws:iam::{OWN}:instance-profile/web")
        return ROLE if known else None

    def named(self, name: str) -> str | None:
        return ROLE if name.rpartition("/")[2] == "worker" else None


def asked(service: str, operation: str, **members: Any) -> Asked:
    found = model.service(service)
    return Asked(
        service=found,
        operation=found.operations[operation],
        members=members,
        account=OWN,
        region="eu-west-1",
        partition="aws",
    )


def passed(service: str, operation: str, **members: Any) -> tuple[Wanted, ...]:
    return passing.passed(asked(service, operation, **members), Roles())


def principals(service: str, operation: str, **members: Any) -> set[tuple[str, Any]]:
    found = passed(service, operation, **members)
    assert {each.action for each in found} <= {"iam:PassRole"}
    return {(each.resource, each.keys["iam:passedtoservice"]) for each in found}


def another(name: str) -> str:
    return f"arn:aws:iam::{OWN}:role/{name}"


@pytest.mark.parametrize(
    ("service", "operation", "members", "principal"),
    [
        ("lambda", "CreateFunction", {"FunctionName": "f", "Role": ROLE}, "lambda.amazonaws.com"),
        ("lambda", "UpdateFunctionConfiguration", {"Role": ROLE}, "lambda.amazonaws.com"),
        ("ec2", "RunInstances", {"IamInstanceProfile": {"Name": "web"}}, "ec2.amazonaws.com"),
        (
            "ec2",
            "ReplaceIamInstanceProfileAssociation",
            {"IamInstanceProfile": {"Arn": f"arn:aws:iam::{OWN}:instance-profile/web"}},
            "ec2.amazonaws.com",
        ),
        ("ec2", "CreateFlowLogs", {"DeliverLogsPermissionArn": ROLE}, "vpc-flow-logs.amazonaws.com"),
        ("ecs", "RegisterTaskDefinition", {"taskRoleArn": "worker"}, "ecs-tasks.amazonaws.com"),
        ("ecs", "CreateService", {"role": "worker"}, "ecs.amazonaws.com"),
        ("cloudformation", "CreateStack", {"RoleARN": ROLE}, "cloudformation.amazonaws.com"),
        ("cloudformation", "DeleteStack", {"RoleARN": ROLE}, "cloudformation.amazonaws.com"),
        ("glue", "CreateJob", {"Role": "worker"}, "glue.amazonaws.com"),
        ("glue", "UpdateJob", {"JobUpdate": {"Role": ROLE}}, "glue.amazonaws.com"),
        ("rds", "CreateDBInstance", {"MonitoringRoleArn": ROLE}, "monitoring.rds.amazonaws.com"),
        ("rds", "AddRoleToDBCluster", {"RoleArn": ROLE}, "rds.amazonaws.com"),
        ("events", "PutTargets", {"Targets": [{"Id": "1"}, {"RoleArn": ROLE}]}, "events.amazonaws.com"),
        ("stepfunctions", "CreateStateMachine", {"roleArn": ROLE}, "states.amazonaws.com"),
        ("s3", "PutBucketReplication", {"ReplicationConfiguration": {"Role": ROLE}}, "s3.amazonaws.com"),
        ("s3control", "CreateJob", {"RoleArn": ROLE}, "batchoperations.s3.amazonaws.com"),
        ("logs", "PutSubscriptionFilter", {"roleArn": ROLE}, "logs.amazonaws.com"),
        ("apigateway", "PutIntegration", {"credentials": ROLE}, "apigateway.amazonaws.com"),
        (
            "apigateway",
            "UpdateAccount",
            {"patchOperations": [{"op": "replace", "path": "/cloudwatchRoleArn", "value": ROLE}]},
            "apigateway.amazonaws.com",
        ),
        (
            "apigateway",
            "ImportRestApi",
            {"body": b'{"x-amazon-apigateway-integration": {"credentials": "%s"}}' % ROLE.encode()},
            "apigateway.amazonaws.com",
        ),
        (
            "sns",
            "SetTopicAttributes",
            {"AttributeName": "LambdaSuccessFeedbackRoleArn", "AttributeValue": ROLE},
            "sns.amazonaws.com",
        ),
        ("sns", "Subscribe", {"Attributes": {"SubscriptionRoleArn": ROLE}}, "sns.amazonaws.com"),
        (
            "glue",
            "CreateJob",
            {"CodeGenConfigurationNodes": {"node-1": {"RedshiftTarget": {"TmpDirIAMRole": ROLE}}}},
            "redshift.amazonaws.com",
        ),
        (
            "glue",
            "CreateConnection",
            {"ConnectionInput": {"ConnectionProperties": {"ROLE_ARN": ROLE, "HOST": "h"}}},
            "glue.amazonaws.com",
        ),
        (
            "ssm",
            "StartAutomationExecution",
            {"Parameters": {"AutomationAssumeRole": [ROLE]}},
            "ssm.amazonaws.com",
        ),
        ("autoscaling", "CreateLaunchConfiguration", {"IamInstanceProfile": "web"}, "ec2.amazonaws.com"),
        ("redshift", "CreateCluster", {"IamRoles": [ROLE]}, "redshift.amazonaws.com"),
        ("scheduler", "CreateSchedule", {"Target": {"RoleArn": ROLE}}, "scheduler.amazonaws.com"),
        ("firehose", "CreateDeliveryStream", {"S3DestinationConfiguration": {"RoleARN": ROLE}},
         "firehose.amazonaws.com"),
        ("sagemaker", "CreateModel", {"ExecutionRoleArn": ROLE}, "sagemaker.amazonaws.com"),
        ("codebuild", "CreateProject", {"serviceRole": ROLE}, "codebuild.amazonaws.com"),
    ],
)  # fmt: skip
def test_a_parameter_hands_its_role_to_a_service(
    service: str, operation: str, members: dict[str, Any], principal: str
) -> None:
    assert principals(service, operation, **members) == {(ROLE, principal)}


def test_all_roles_of_a_request_are_handed_over() -> None:
    found = principals(
        "ecs",
        "RegisterTaskDefinition",
        family="web",
        taskRoleArn=another("task"),
        executionRoleArn=another("execution"),
    )
    assert found == {
        (another("task"), "ecs-tasks.amazonaws.com"),
        (another("execution"), "ecs-tasks.amazonaws.com"),
    }


def test_a_role_that_is_handed_over_twice_is_asked_once() -> None:
    s3 = {"RoleARN": ROLE, "S3BackupConfiguration": {"RoleARN": ROLE}}
    assert len(passed("firehose", "CreateDeliveryStream", ExtendedS3DestinationConfiguration=s3)) == 1


def test_what_takes_no_role_asks_for_nothing() -> None:
    assert passed("s3", "PutObject", Bucket="b", Key=ROLE) == ()
    assert passed("sqs", "SendMessage", MessageBody=ROLE) == ()
    assert passed("ec2", "RunInstances") == ()
    assert passed("autoscaling", "CreateAutoScalingGroup", AutoScalingGroupName="g") == ()


@pytest.mark.parametrize(
    ("service", "operation", "members"),
    [
        ("rds", "RemoveRoleFromDBCluster", {"RoleArn": ROLE}),
        ("redshift", "ModifyClusterIamRoles", {"RemoveIamRoles": [ROLE]}),
        ("cloudformation", "CreateStackSet", {"ExecutionRoleName": "worker"}),
        ("ec2", "CreateLaunchTemplate", {"LaunchTemplateData": {"IamInstanceProfile": {"Name": "web"}}}),
        ("lambda", "CreateFunction", {"Environment": {"Variables": {"ROLE_ARN": ROLE}}}),
        ("lambda", "UpdateFunctionConfiguration", {"Environment": {"Variables": {"Role": ROLE}}}),
        ("glue", "UpdateJob", {"JobUpdate": {"DefaultArguments": {"Role": ROLE}}}),
        ("kms", "CreateGrant", {"GranteePrincipal": ROLE}),
        ("ssm", "SendCommand", {"Parameters": {"role": [ROLE]}}),
        ("apigateway", "PutIntegration", {"credentials": "arn:aws:iam::*:user/*"}),
        ("dynamodb", "PutItem", {"Item": {"Role": {"S": ROLE}}}),
    ],
)
def test_a_role_that_is_only_named_is_not_handed_over(
    service: str, operation: str, members: dict[str, Any]
) -> None:
    assert passed(service, operation, **members) == ()


def test_a_service_linked_role_by_name_is_handed_over() -> None:
    linked = (
        f"arn:aws:iam::{OWN}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    )
    found = principals("autoscaling", "CreateAutoScalingGroup", ServiceLinkedRoleARN=linked)
    assert found == {(linked, "autoscaling.amazonaws.com")}


@pytest.mark.parametrize(
    ("service", "operation", "members"),
    [
        ("lambda", "CreateFunction", {"Role": f"arn:aws:iam::{OTHER}:role/worker"}),
        (
            "ec2",
            "RunInstances",
            {"IamInstanceProfile": {"Arn": f"arn:aws:iam::{OTHER}:instance-profile/web"}},
        ),
        ("glue", "CreateJob", {"Role": f"arn:aws:iam::{OTHER}:role/worker"}),
    ],
)
def test_a_role_of_another_account_cannot_be_handed_over(
    service: str, operation: str, members: dict[str, Any]
) -> None:
    with pytest.raises(AccessDenied, match="Cross-account pass role is not allowed"):
        passed(service, operation, **members)


@pytest.mark.parametrize(
    "given",
    [
        f"arn:aws:iam:us-east-1:{OWN}:role/worker",
        f"arn:aws-cn:iam::{OWN}:role/worker",
        f"ARN:aws:iam::{OWN}:role/worker",
        f" arn:aws:iam::{OWN}:role/worker",
        f"arn:aws:iam::{OWN}:Role/worker",
        f"arn:aws:iam::{OWN}:role:worker",
        f"arn:aws:IAM::{OWN}:role/worker",
    ],
)
def test_what_only_looks_like_a_role_is_refused(given: str) -> None:
    with pytest.raises(ValidationError):
        passed("lambda", "CreateFunction", Role=given)


def test_a_document_in_which_roles_cannot_be_seen_is_not_classified() -> None:
    hidden = f"x: {{credentials: '{ROLE}'}}"
    for body in (
        hidden.encode(),
        hidden.encode("utf-16"),
        hidden.encode("utf-16-le"),
        b'"\\x63redentials": 1 2',
    ):
        with pytest.raises(Unclassified):
            passed("apigateway", "ImportRestApi", body=body)
    assert passed("apigateway", "ImportRestApi", body=b"openapi: 3.0.0") == ()


@pytest.mark.parametrize(
    ("service", "operation", "members", "about"),
    [
        ("ec2", "RunInstances", {"IamInstanceProfile": {"Name": "web"}}, "ec2:REGION:instance/*"),
        (
            "ec2",
            "AssociateIamInstanceProfile",
            {"IamInstanceProfile": {"Name": "web"}, "InstanceId": "i-1"},
            "ec2:REGION:instance/i-1",
        ),
        ("lambda", "CreateFunction", {"FunctionName": "f", "Role": ROLE}, "lambda:REGION:function:f"),
        ("glue", "UpdateJob", {"JobName": "j", "JobUpdate": {"Role": ROLE}}, "glue:REGION:job/j"),
        ("glue", "CreateCrawler", {"Name": "c", "Role": ROLE}, "glue:REGION:crawler/c"),
        (
            "rds",
            "CreateDBInstance",
            {"DBInstanceIdentifier": "d", "MonitoringRoleArn": ROLE},
            "rds:REGION:db:d",
        ),
    ],
)
def test_what_the_role_is_for_is_told(
    service: str, operation: str, members: dict[str, Any], about: str
) -> None:
    (found,) = passed(service, operation, **members)
    about = about.replace("REGION", f"eu-west-1:{OWN}")
    assert found.keys["iam:associatedresourcearn"] == f"arn:aws:{about}"


@pytest.mark.parametrize(
    ("service", "operation", "members", "principal"),
    [
        ("batch", "CreateComputeEnvironment", {"computeResources": {"instanceRole": "web"}}, "ec2"),
        (
            "batch",
            "UpdateComputeEnvironment",
            {"computeResources": {"instanceRole": f"arn:aws:iam::{OWN}:instance-profile/web"}},
            "ec2",
        ),
        ("imagebuilder", "CreateInfrastructureConfiguration", {"instanceProfileName": "web"}, "ec2"),
        (
            "config",
            "PutRemediationConfigurations",
            {
                "RemediationConfigurations": [
                    {"Parameters": {"AutomationAssumeRole": {"StaticValue": {"Values": [ROLE]}}}}
                ]
            },
            "ssm",
        ),
        (
            "logs",
            "PutAccountPolicy",
            {"policyType": "SUBSCRIPTION_FILTER_POLICY", "policyDocument": f'{{"RoleArn": "{ROLE}"}}'},
            "logs",
        ),
        (
            "elasticbeanstalk",
            "CreateEnvironment",
            {"OptionSettings": [{"OptionName": "IamInstanceProfile", "Value": "web"}]},
            "ec2",
        ),
        (
            "elasticbeanstalk",
            "UpdateEnvironment",
            {"OptionSettings": [{"OptionName": "ServiceRole", "Value": "worker"}]},
            "elasticbeanstalk",
        ),
        (
            "datapipeline",
            "PutPipelineDefinition",
            {"pipelineObjects": [{"id": "a", "fields": [{"key": "role", "stringValue": "worker"}]}]},
            "datapipeline",
        ),
        (
            "datapipeline",
            "PutPipelineDefinition",
            {"pipelineObjects": [{"id": "a", "fields": [{"key": "resourceRole", "stringValue": "web"}]}]},
            "ec2",
        ),
    ],
)
def test_profiles_and_settings_hand_over_roles_too(
    service: str, operation: str, members: dict[str, Any], principal: str
) -> None:
    assert principals(service, operation, **members) == {(ROLE, f"{principal}.amazonaws.com")}


def test_other_policies_and_settings_hand_over_none() -> None:
    assert not passed("logs", "PutAccountPolicy", policyType="DATA_PROTECTION_POLICY", policyDocument="{}")
    settings = [{"OptionName": "InstanceType", "Value": "t3.micro"}]
    assert not passed("elasticbeanstalk", "CreateEnvironment", OptionSettings=settings)
