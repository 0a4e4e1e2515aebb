"""Tags of resources and of requests decide, by an unmodified SDK against the embedded backend."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.client import ACCOUNT, Person
from tests.gateway.served import ServedWorld
from tests.people import allow, role, trusting, user

HERE = f"us-east-1:{ACCOUNT}"
RED = [{"Key": "team", "Value": "red"}]
Make = Callable[[Person, str, bool], None]
Use = Callable[[Person, str], Any]


def _table(person: Person, name: str, red: bool) -> None:
    person.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=RED if red else [],
    )


def _key(person: Person, name: str, red: bool) -> None:
    kms = person.client("kms")
    key = kms.create_key(Tags=[{"TagKey": "team", "TagValue": "red"}] if red else [])["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)


def _machine(person: Person, name: str, red: bool) -> None:
    person.client("stepfunctions").create_state_machine(
        name=name,
        definition=json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}),
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/machines",
        tags=[{"key": "team", "value": "red"}] if red else [],
    )


def _alarm(person: Person, name: str, red: bool) -> None:
    person.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        MetricName="m",
        Namespace="n",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        Statistic="Sum",
        Tags=RED if red else [],
    )


def _delivery(person: Person, name: str, red: bool) -> None:
    person.client("firehose").create_delivery_stream(
        DeliveryStreamName=name,
        S3DestinationConfiguration={
            "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/machines",
            "BucketARN": "arn:aws:s3:::anything",
        },
        **({"Tags": RED} if red else {}),
    )


def _stream(person: Person, name: str, red: bool) -> None:
    tags = {"team": "red"} if red else {}
    person.client("kinesis").create_stream(StreamName=name, ShardCount=1, Tags=tags)
    if red:  # the embedded backend passes over those of CreateStream
        person.client("kinesis").add_tags_to_stream(StreamName=name, Tags=tags)


def _queue_url(name: str) -> str:
    return f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/{name}"


SERVICES: dict[str, tuple[str, Make, Use]] = {
    "dynamodb": (
        "dynamodb:DescribeTable",
        _table,
        lambda p, n: p.client("dynamodb").describe_table(TableName=n),
    ),
    "sqs": (
        "sqs:GetQueueAttributes",
        lambda p, n, red: p.client("sqs").create_queue(QueueName=n, tags={"team": "red"} if red else {}),
        lambda p, n: p.client("sqs").get_queue_attributes(QueueUrl=_queue_url(n), AttributeNames=["All"]),
    ),
    "sns": (
        "sns:GetTopicAttributes",
        lambda p, n, red: p.client("sns").create_topic(Name=n, Tags=RED if red else []),
        lambda p, n: p.client("sns").get_topic_attributes(TopicArn=f"arn:aws:sns:{HERE}:{n}"),
    ),
    "kms": ("kms:DescribeKey", _key, lambda p, n: p.client("kms").describe_key(KeyId=f"alias/{n}")),
    "secretsmanager": (
        "secretsmanager:GetSecretValue",
        lambda p, n, red: p.client("secretsmanager").create_secret(
            Name=n, SecretString="x", Tags=RED if red else []
        ),
        lambda p, n: p.client("secretsmanager").get_secret_value(SecretId=n),
    ),
    "ssm": (
        "ssm:GetParameter",
        lambda p, n, red: p.client("ssm").put_parameter(
            Name=f"/app/{n}", Value="x", Type="String", Tags=RED if red else []
        ),
        lambda p, n: p.client("ssm").get_parameter(Name=f"/app/{n}"),
    ),
    "kinesis": (
        "kinesis:DescribeStream",
        _stream,
        lambda p, n: p.client("kinesis").describe_stream(StreamName=n),
    ),
    "firehose": (
        "firehose:DescribeDeliveryStream",
        _delivery,
        lambda p, n: p.client("firehose").describe_delivery_stream(DeliveryStreamName=n),
    ),
    "logs": (
        "logs:DescribeLogStreams",
        lambda p, n, red: p.client("logs").create_log_group(
            logGroupName=n, tags={"team": "red"} if red else {}
        ),
        lambda p, n: p.client("logs").describe_log_streams(logGroupName=n),
    ),
    "events": (
        "events:DescribeRule",
        lambda p, n, red: p.client("events").put_rule(
            Name=n, ScheduleExpression="rate(1 day)", Tags=RED if red else []
        ),
        lambda p, n: p.client("events").describe_rule(Name=n),
    ),
    "stepfunctions": (
        "states:DescribeStateMachine",
        _machine,
        lambda p, n: p.client("stepfunctions").describe_state_machine(
            stateMachineArn=f"arn:aws:states:{HERE}:stateMachine:{n}"
        ),
    ),
    "cloudwatch": (
        "cloudwatch:SetAlarmState",
        _alarm,
        lambda p, n: p.client("cloudwatch").set_alarm_state(AlarmName=n, StateValue="OK", StateReason="x"),
    ),
    "ecr": (
        "ecr:ListImages",
        lambda p, n, red: p.client("ecr").create_repository(repositoryName=n, tags=RED if red else []),
        lambda p, n: p.client("ecr").list_images(repositoryName=n),
    ),
}


@pytest.fixture(scope="module", autouse=True)
def machines(served: ServedWorld) -> None:
    services = {"Service": ["states.amazonaws.com", "firehose.amazonaws.com"]}
    role(served.root, "machines", trusting(services))


@pytest.mark.parametrize("service", SERVICES)
def test_what_has_the_tag_is_open_and_what_has_not_is_shut(served: ServedWorld, service: str) -> None:
    action, make, use = SERVICES[service]
    person = user(
        served.root,
        f"{service}-reader",
        allow(action, Condition={"StringEquals": {"aws:ResourceTag/team": "red"}}),
    )
    make(served.root, f"{service}-red", True)
    make(served.root, f"{service}-grey", False)
    use(person, f"{service}-red")
    with pytest.raises(ClientError, match="not authorized to perform"):
        use(person, f"{service}-grey")


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_made_has_to_have_the_tag(served: ServedWorld, service: str) -> None:
    _, make, _ = SERVICES[service]
    tagged = {
        "StringEquals": {"aws:RequestTag/team": "red"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]},
    }
    prefix = {"stepfunctions": "states"}.get(service, service)
    person = user(
        served.root,
        f"{service}-maker",
        allow(f"{prefix}:*", Condition=tagged),
        allow("iam:PassRole", "kms:CreateAlias"),
    )
    with pytest.raises(ClientError, match="not authorized to perform"):
        make(person, f"{service}-plain", False)
    make(person, f"{service}-fine", True)
