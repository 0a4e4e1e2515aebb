"""A resource's own policy opens it to another account, and nothing else does, by an unmodified SDK."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.client import ACCOUNT, OTHER_ACCOUNT, Person
from tests.gateway.served import ServedWorld
from tests.people import allow, role, trusting, user

HERE = f"us-east-1:{ACCOUNT}"
Step = Callable[[Person], Any]


def opening(action: str, resource: str = "*", principal: str = OTHER_ACCOUNT) -> str:
    """A policy that lets another account do one thing."""
    statement = {
        "Sid": "open",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{principal}:root"},
        "Action": action,
        "Resource": resource,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def queue(root: Person) -> tuple[Step, Step]:
    url = root.client("sqs").create_queue(QueueName="inbox")["QueueUrl"]
    arn = f"arn:aws:sqs:{HERE}:inbox"
    return (
        lambda owner: owner.client("sqs").set_queue_attributes(
            QueueUrl=url, Attributes={"Policy": opening("sqs:SendMessage", arn)}
        ),
        lambda person: person.client("sqs").send_message(QueueUrl=url, MessageBody="x"),
    )


def topic(root: Person) -> tuple[Step, Step]:
    arn = root.client("sns").create_topic(Name="inbox")["TopicArn"]
    return (
        lambda owner: owner.client("sns").set_topic_attributes(
            TopicArn=arn, AttributeName="Policy", AttributeValue=opening("SNS:Publish", arn)
        ),
        lambda person: person.client("sns").publish(TopicArn=arn, Message="x"),
    )


def key(root: Person) -> tuple[Step, Step]:
    arn = root.client("kms").create_key()["KeyMetadata"]["Arn"]
    both = json.loads(opening("kms:*", principal=ACCOUNT))
    both["Statement"] += json.loads(opening("kms:Encrypt"))["Statement"]
    both["Statement"][1]["Sid"] = "other"
    return (
        lambda owner: owner.client("kms").put_key_policy(
            KeyId=arn, PolicyName="default", Policy=json.dumps(both)
        ),
        lambda person: person.client("kms").encrypt(KeyId=arn, Plaintext=b"x"),
    )


def secret(root: Person) -> tuple[Step, Step]:
    arn = root.client("secretsmanager").create_secret(Name="shared", SecretString="x")["ARN"]
    return (
        lambda owner: owner.client("secretsmanager").put_resource_policy(
            SecretId=arn, ResourcePolicy=opening("secretsmanager:GetSecretValue")
        ),
        lambda person: person.client("secretsmanager").get_secret_value(SecretId=arn),
    )


def repository(root: Person) -> tuple[Step, Step]:
    root.client("ecr").create_repository(repositoryName="shared")
    policy = json.loads(opening("ecr:ListImages"))
    del policy["Statement"][0]["Resource"]
    return (
        lambda owner: owner.client("ecr").set_repository_policy(
            repositoryName="shared", policyText=json.dumps(policy)
        ),
        lambda person: person.client("ecr").list_images(registryId=ACCOUNT, repositoryName="shared"),
    )


def bus(root: Person) -> tuple[Step, Step]:
    arn = root.client("events").create_event_bus(Name="shared")["EventBusArn"]
    entry = {"EventBusName": arn, "Source": "x", "DetailType": "t", "Detail": "{}"}
    return (
        lambda owner: owner.client("events").put_permission(
            EventBusName="shared", Action="events:PutEvents", Principal=OTHER_ACCOUNT, StatementId="open"
        ),
        lambda person: person.client("events").put_events(Entries=[entry]),
    )


def table(root: Person) -> tuple[Step, Step]:
    found = root.client("dynamodb").create_table(
        TableName="shared",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    arn = found["TableDescription"]["TableArn"]
    return (
        lambda owner: owner.client("dynamodb").put_resource_policy(
            ResourceArn=arn, Policy=opening("dynamodb:PutItem", arn)
        ),
        lambda person: person.client("dynamodb").put_item(TableName=arn, Item={"id": {"S": "1"}}),
    )


def packed() -> bytes:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("f.py", "def f(event, context): return 1")
    return code.getvalue()


def layer(root: Person) -> tuple[Step, Step]:
    found = root.client("lambda").publish_layer_version(LayerName="shared", Content={"ZipFile": packed()})
    return (
        lambda owner: owner.client("lambda").add_layer_version_permission(
            LayerName="shared",
            VersionNumber=1,
            StatementId="open",
            Action="lambda:GetLayerVersion",
            Principal=OTHER_ACCOUNT,
        ),
        lambda person: person.client("lambda").get_layer_version(
            LayerName=found["LayerArn"], VersionNumber=1
        ),
    )


def function(root: Person) -> tuple[Step, Step]:
    arn = root.client("lambda").create_function(
        FunctionName="shared",
        Role=role(root, "runs-shared", trusting({"Service": "lambda.amazonaws.com"})),
        Runtime="python3.12",
        Handler="f.f",
        Code={"ZipFile": packed()},
    )["FunctionArn"]
    return (
        lambda owner: owner.client("lambda").add_permission(
            FunctionName="shared", StatementId="open", Action="lambda:GetFunction", Principal=OTHER_ACCOUNT
        ),
        lambda person: person.client("lambda").get_function(FunctionName=arn),
    )


def stream(root: Person) -> tuple[Step, Step]:
    root.client("kinesis").create_stream(StreamName="shared", ShardCount=1)
    arn = f"arn:aws:kinesis:{HERE}:stream/shared"
    return (
        lambda owner: owner.client("kinesis").put_resource_policy(
            ResourceARN=arn, Policy=opening("kinesis:PutRecord", arn)
        ),
        lambda person: person.client("kinesis").put_record(StreamARN=arn, Data=b"x", PartitionKey="k"),
    )


@pytest.mark.parametrize(
    "made",
    [queue, topic, key, secret, repository, bus, table, stream, function, layer],
    ids=lambda made: made.__name__,
)
def test_another_account_comes_in_by_the_resources_policy_alone(
    served: ServedWorld, made: Callable[[Person], tuple[Step, Step]]
) -> None:
    stranger = user(served.other, f"stranger-{made.__name__}", allow("*"))
    nobody = user(served.other, f"nobody-{made.__name__}")
    open_it, use_it = made(served.root)
    with pytest.raises(ClientError, match="not authorized"):
        use_it(stranger)
    open_it(served.root)
    use_it(stranger)
    with pytest.raises(ClientError, match="no identity-based policy allows"):
        use_it(nobody)
