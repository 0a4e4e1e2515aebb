"""One call of each service that takes a role: refused to who may not hand it over, and else a workload.

Rows SR-056 to SR-059, SR-077 and SR-091, with what stands behind.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.client import Person
from tests.people import allow, role, user
from tests.served import Served

requirement = pytest.mark.requirement

CLOUD = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
STATES = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})


def stack(person: Person, arn: str) -> None:
    person.client("cloudformation").create_stack(StackName="s", TemplateBody=CLOUD, RoleARN=arn)


def job(person: Person, arn: str) -> None:
    command = {"Name": "glueetl", "ScriptLocation": "s3://b/s"}
    person.client("glue").create_job(Name="j", Role=arn, Command=command)


def job_by_name(person: Person, arn: str) -> None:
    command = {"Name": "glueetl", "ScriptLocation": "s3://b/s"}
    person.client("glue").create_job(Name="n", Role=arn.rpartition("/")[2], Command=command)


def crawler(person: Person, arn: str) -> None:
    targets = {"S3Targets": [{"Path": "s3://b/p"}]}
    person.client("glue").create_crawler(Name="c", Role=arn, Targets=targets)


def machine(person: Person, arn: str) -> None:
    person.client("stepfunctions").create_state_machine(name="m", definition=STATES, roleArn=arn)


def database(person: Person, arn: str) -> None:
    person.client("rds").create_db_instance(
        DBInstanceIdentifier="d",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="postgres",
        MasterUserPassword="Secret1234",
        MonitoringInterval=60,
        MonitoringRoleArn=arn,
    )


def rule(person: Person, arn: str) -> None:
    events = person.client("events")
    events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
    target = {
        "Id": "1",
        "Arn": f"arn:aws:states:us-east-1:{arn.split(':')[4]}:stateMachine:m",
        "RoleArn": arn,
    }
    events.put_targets(Rule="nightly", Targets=[target])


def schedule(person: Person, arn: str) -> None:
    person.client("scheduler").create_schedule(
        Name="nightly",
        GroupName="default",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": f"arn:aws:sqs:us-east-1:{arn.split(':')[4]}:q", "RoleArn": arn},
    )


def stream(person: Person, arn: str) -> None:
    to = {"RoleARN": arn, "BucketARN": "arn:aws:s3:::b"}
    person.client("firehose").create_delivery_stream(
        DeliveryStreamName="d", ExtendedS3DestinationConfiguration=to
    )


def cluster(person: Person, arn: str) -> None:
    person.client("redshift").create_cluster(
        ClusterIdentifier="c",
        NodeType="ra3.xlplus",
        MasterUsername="admin",
        MasterUserPassword="Secret1234",
        IamRoles=[arn],
    )


def account(person: Person, arn: str) -> None:
    change = {"op": "replace", "path": "/cloudwatchRoleArn", "value": arn}
    person.client("apigateway").update_account(patchOperations=[change])


def topic(person: Person, arn: str) -> None:
    sns = person.client("sns")
    made = sns.create_topic(Name="t")["TopicArn"]
    name = "LambdaSuccessFeedbackRoleArn"
    sns.set_topic_attributes(TopicArn=made, AttributeName=name, AttributeValue=arn)


def subscription(person: Person, arn: str) -> None:
    logs = person.client("logs")
    with suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName="g")
    with suppress(ClientError):
        person.client("kinesis").create_stream(StreamName="s", ShardCount=1)
    logs.put_subscription_filter(
        logGroupName="g",
        filterName="f",
        filterPattern="",
        destinationArn=f"arn:aws:kinesis:us-east-1:{arn.split(':')[4]}:stream/s",
        roleArn=arn,
    )


def project(person: Person, arn: str) -> None:
    person.client("codebuild").create_project(
        name="project",
        source={"type": "S3", "location": "b/s"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "i",
            "computeType": "BUILD_GENERAL1_SMALL",
        },
        serviceRole=arn,
    )


WORKLOADS = [
    (stack, "cloudformation.amazonaws.com", "SR-057"),
    (job, "glue.amazonaws.com", "SR-058"),
    (job_by_name, "glue.amazonaws.com", "SR-058"),
    (crawler, "glue.amazonaws.com", "SR-058"),
    (machine, "states.amazonaws.com", "SR-077"),
    (database, "monitoring.rds.amazonaws.com", "SR-056"),
    (rule, "events.amazonaws.com", "SR-091"),
    (schedule, "scheduler.amazonaws.com", "SR-091"),
    (stream, "firehose.amazonaws.com", "SR-077"),
    (cluster, "redshift.amazonaws.com", "SR-059"),
    (project, "codebuild.amazonaws.com", "SR-077"),
]
OTHERS = [
    (account, "apigateway.amazonaws.com", "SR-077"),
    (topic, "sns.amazonaws.com", "SR-077"),
    (subscription, "logs.amazonaws.com", "SR-077"),
]


@requirement("SR-077")
@pytest.mark.parametrize(
    ("make", "principal", "runs"),
    [
        pytest.param(make, principal, found is WORKLOADS, id=make.__name__,
                     marks=pytest.mark.requirement(row))
        for found in (WORKLOADS, OTHERS)
        for make, principal, row in found
    ],
)  # fmt: skip
def test_sr_077_a_service_takes_a_role_from_who_may_hand_it_over(
    behind: Served, ours: Person, make: Callable[[Person, str], None], principal: str, runs: bool
) -> None:
    arn = role(ours, "worker", {"Service": principal}, Path="/team/")
    everything: dict[str, Any] = {"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"}

    def passing(service: str) -> dict[str, Any]:
        return allow("iam:PassRole", on=arn, Condition={"StringEquals": {"iam:PassedToService": service}})

    for person in (
        user(ours, "bob", everything),
        user(ours, "eve", everything, passing("ec2.amazonaws.com")),
    ):
        with pytest.raises(ClientError, match=rf"iam:PassRole on resource: {arn}"):
            make(person, arn)
    assert ours.workloads.list_workloads()["Workloads"] == []
    if make is not job_by_name:
        with pytest.raises(ClientError, match="Cross-account pass role is not allowed"):
            make(user(behind.account(), "carol", allow("*")), arn)
    make(user(ours, "operator", everything, passing(principal)), arn)
    found = ours.workloads.list_workloads()["Workloads"]
    assert [(each["Service"], each["RoleArns"]) for each in found] == ([(principal, [arn])] if runs else [])
    if runs:
        session = behind.in_workload(ours, "service-role", found[0]["Id"])
        assert ":assumed-role/worker/" in session.arn
