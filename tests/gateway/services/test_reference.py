"""Every operation that the embedded backend implements asks for actions and resources of AWS's reference."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.gateway.classify import classify, coverage
from rolekeeper.gateway.templates import templates
from rolekeeper.policy import catalog
from rolekeeper.wire import model
from tests.gateway.asking import ACCOUNT, asked, implemented, rules


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:eu-west-1:{ACCOUNT}:{resource}"


FOLDERS = {"lambda": "awslambda"}
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
TABLE = arn("dynamodb", "table/orders")
BUS = arn("events", "event-bus/orders")
MACHINE = arn("states", "stateMachine:orders")
EXECUTION = arn("states", "execution:orders:run")

VALUES: dict[str, dict[str, Any]] = {
    "dynamodb": {
        "BackupArn": f"{TABLE}/backup/01489602797149-73d8d5bc",
        "ExportArn": f"{TABLE}/export/01489602797149-73d8d5bc",
        "ImportArn": f"{TABLE}/import/01489602797149-73d8d5bc",
        "RequestItems": {"orders": {"Keys": []}},
        "ResourceArn": TABLE,
        "SourceTableName": "orders",
        "Statement": "SELECT * FROM orders",
        "S3Bucket": "vault",
        "S3BucketSource": {"S3Bucket": "vault"},
        "Statements": [{"Statement": "SELECT * FROM orders"}],
        "TableArn": TABLE,
        "TableCreationParameters": {"TableName": "orders"},
        "TransactItems": [{"Get": {"TableName": "orders"}}],
        "TransactStatements": [{"Statement": "SELECT * FROM orders"}],
    },
    "dynamodbstreams": {
        "ShardIterator": f"{TABLE}/stream/2026-01-01T00:00:00.000|1|x",
        "StreamArn": f"{TABLE}/stream/2026-01-01T00:00:00.000",
    },
    "sqs": {"QueueUrl": f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/orders"},
    "sns": {
        "TopicArn": arn("sns", "news"),
        "ResourceArn": arn("sns", "news"),
        "SubscriptionArn": arn("sns", "news:8a21d249"),
    },
    "kms": {
        "AliasName": "alias/app",
        "CiphertextBlob": KEY.encode() + b"\0",
        "KeyId": KEY,
        "TargetKeyId": KEY,
    },
    "secretsmanager": {"SecretIdList": ["db"]},
    "ssm": {
        "BaselineId": "pb-0a",
        "DocumentName": "setup",
        "Name": "setup",
        "Names": ["setup"],
        "Path": "/app",
        "ResourceId": "setup",
        "ResourceType": "Parameter",
        "WindowId": "mw-0a",
    },
    "kinesis": {
        "ConsumerARN": arn("kinesis", "stream/clicks/consumer/app:1"),
        "KeyId": KEY,
        "ResourceARN": arn("kinesis", "stream/clicks"),
        "StreamARN": arn("kinesis", "stream/clicks"),
    },
    "firehose": {},
    "logs": {
        "deliveryDestinationArn": arn("logs", "delivery-destination:out"),
        "destinationArn": arn("logs", "destination:out"),
        "logGroupIdentifiers": [arn("logs", "log-group:app")],
        "logGroupName": "app",
        "logGroupNames": ["app"],
        "resourceArn": arn("logs", "log-group:app"),
    },
    "events": {
        "ConnectionArn": arn("events", "connection/web"),
        "Destination": {"Arn": BUS},
        "Entries": [{"Source": "shop"}],
        "EventPattern": '{"source": ["shop"]}',
        "EventSourceArn": BUS,
        "ResourceARN": BUS,
    },
    "stepfunctions": {
        "activityArn": arn("states", "activity:pack"),
        "executionArn": EXECUTION,
        "mapRunArn": arn("states", "mapRun:orders/Map:0f5c"),
        "resourceArn": MACHINE,
        "routingConfiguration": [{"stateMachineVersionArn": f"{MACHINE}:1"}],
        "stateMachineAliasArn": f"{MACHINE}:live",
        "stateMachineArn": MACHINE,
    },
    "cloudwatch": {
        "AlarmNames": ["cpu"],
        "DashboardNames": ["ops"],
        "ResourceARN": arn("cloudwatch", "alarm:cpu"),
        "RuleDefinition": "{}",
        "RuleNames": ["top"],
    },
    "lambda": {"Resource": arn("lambda", "function:f"), "UUID": "14e0db71-5d35-4eb5-b481-8945cf9d10c2"},
    "ecr": {"repositoryName": "app", "repositoryNames": ["app"], "resourceArn": arn("ecr", "repository/app")},
}
PLAIN = {"string": "xx", "boolean": True, "blob": b"x", "list": [], "map": {}, "structure": {}}
"""A value of each type, where any does; numbers are 1."""
OWN = {("events", "StartReplay"): {"EventSourceArn": arn("events", "archive/all")}}
"""What an operation calls otherwise than the others of its service."""
BESIDES = {("sns", "endpoint"), ("logs", "delivery-source"), ("dynamodb", "table"), ("events", "kmsKey")}
"""Kinds that are asked besides those of the reference: what AWS documents elsewhere."""


def members(service: str, operation: str) -> dict[str, Any]:
    shape = model.service(service).operations[operation].input
    known = VALUES[service] | OWN.get((service, operation), {})
    found: dict[str, Any] = {}
    for member in shape.members if shape else ():
        if member.name in known:
            found[member.name] = known[member.name]
        elif shape and member.name in shape.required:
            found[member.name] = PLAIN.get(member.shape.type, 1)
    if (service, operation) == ("dynamodb", "BatchWriteItem"):
        found["RequestItems"] = {"orders": [{"PutRequest": {"Item": {}}}]}
    if operation == "TransactWriteItems":
        found["TransactItems"] = [{"Put": {"TableName": "orders"}}]
    if operation == "Publish":
        found = {"TopicArn": found["TopicArn"], "Message": "x"}
    if "logGroupName" in found:
        found.pop("logGroupIdentifier", None)
    return found


ALL = [
    (service, operation)
    for service in VALUES
    for operation in implemented(service, FOLDERS.get(service, service))
]


@pytest.mark.parametrize("service", VALUES)
def test_every_implemented_operation_is_classified(service: str) -> None:
    known = coverage(service)
    operations = implemented(service, FOLDERS.get(service, service))
    assert operations
    assert [name for name in operations if known[name] == "not"] == []


@pytest.mark.parametrize(("service", "operation"), ALL)
def test_what_is_asked_is_of_the_reference(service: str, operation: str) -> None:
    prefix = rules(service).prefix
    accesses = classify(asked(service, operation, **members(service, operation)))
    assert accesses
    for access in accesses:
        if not access.action.startswith(f"{prefix}:"):
            continue
        action = catalog.action(access.action)
        assert action is not None, access.action
        types = {each.type for each in action.resources}
        if access.resource == "*":
            assert not any(each.required for each in action.resources), access
            continue
        fitting = {
            kind
            for kind, found in templates(prefix).items()
            for template in found
            if template.read(access.resource) is not None
        }
        assert fitting & types or (service, access.type) in BESIDES, (access, types)
        assert access.type in types or (service, access.type) in BESIDES, (access, types)


@pytest.mark.parametrize(("service", "operation"), ALL)
def test_all_that_the_reference_requires_is_asked(service: str, operation: str) -> None:
    """A kind that an operation's action requires is asked, unless one of several is meant."""
    prefix = rules(service).prefix
    action = catalog.action(f"{prefix}:{operation}")
    if action is None or (service, operation) in ALTERNATIVES:
        return
    accesses = classify(asked(service, operation, **members(service, operation)))
    kinds = {access.type for access in accesses if access.action == action.name}
    assert {each.type for each in action.resources if each.required} <= kinds


ALTERNATIVES = {
    *(("dynamodb", name) for name in ("DeleteResourcePolicy", "GetResourcePolicy", "PutResourcePolicy")),
    *(("dynamodb", name) for name in ("ListTagsOfResource", "TagResource", "UntagResource")),
    *(("kinesis", name) for name in ("DeleteResourcePolicy", "GetResourcePolicy", "PutResourcePolicy")),
    ("stepfunctions", "DescribeExecution"),
    ("logs", "DeleteDeliverySource"),
}
"""Operations whose kinds are all said to be required, and which are on one of them."""
