"""What a resource's own policy denies is refused to who is allowed it otherwise, by an unmodified SDK."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.client import ACCOUNT, Person
from tests.gateway.served import ServedWorld
from tests.people import allow, user

HERE = f"us-east-1:{ACCOUNT}"
Put = Callable[[str], Any]
Use = Callable[[Person], Any]


def bucket(root: Person) -> tuple[str, str, Put, Use]:
    s3 = root.client("s3")
    s3.create_bucket(Bucket="denies")
    s3.put_object(Bucket="denies", Key="k", Body=b"x")
    return (
        "s3:GetObject",
        "arn:aws:s3:::denies/*",
        lambda text: s3.put_bucket_policy(Bucket="denies", Policy=text),
        lambda person: person.client("s3").get_object(Bucket="denies", Key="k"),
    )


def queue(root: Person) -> tuple[str, str, Put, Use]:
    sqs = root.client("sqs")
    url = sqs.create_queue(QueueName="denies")["QueueUrl"]
    return (
        "sqs:SendMessage",
        f"arn:aws:sqs:{HERE}:denies",
        lambda text: sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": text}),
        lambda person: person.client("sqs").send_message(QueueUrl=url, MessageBody="x"),
    )


def topic(root: Person) -> tuple[str, str, Put, Use]:
    sns = root.client("sns")
    arn = sns.create_topic(Name="denies")["TopicArn"]
    return (
        "SNS:Publish",
        arn,
        lambda text: sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=text),
        lambda person: person.client("sns").publish(TopicArn=arn, Message="x"),
    )


def key(root: Person) -> tuple[str, str, Put, Use]:
    kms = root.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    return (
        "kms:Encrypt",
        "*",
        lambda text: kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=text),
        lambda person: person.client("kms").encrypt(KeyId=arn, Plaintext=b"x"),
    )


def secret(root: Person) -> tuple[str, str, Put, Use]:
    manager = root.client("secretsmanager")
    arn = manager.create_secret(Name="denies", SecretString="x")["ARN"]
    return (
        "secretsmanager:GetSecretValue",
        "*",
        lambda text: manager.put_resource_policy(SecretId=arn, ResourcePolicy=text),
        lambda person: person.client("secretsmanager").get_secret_value(SecretId=arn),
    )


def repository(root: Person) -> tuple[str, str, Put, Use]:
    ecr = root.client("ecr")
    ecr.create_repository(repositoryName="denies")
    return (
        "ecr:ListImages",
        "",
        lambda text: ecr.set_repository_policy(repositoryName="denies", policyText=text),
        lambda person: person.client("ecr").list_images(repositoryName="denies"),
    )


def table(root: Person) -> tuple[str, str, Put, Use]:
    dynamodb = root.client("dynamodb")
    arn = dynamodb.create_table(
        TableName="denies",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]["TableArn"]
    return (
        "dynamodb:PutItem",
        arn,
        lambda text: dynamodb.put_resource_policy(ResourceArn=arn, Policy=text),
        lambda person: person.client("dynamodb").put_item(TableName="denies", Item={"id": {"S": "1"}}),
    )


@pytest.mark.parametrize(
    "made", [bucket, queue, topic, key, secret, repository, table], ids=lambda made: made.__name__
)
def test_a_deny_of_the_resources_policy_counts_before_what_the_caller_may(
    served: ServedWorld, made: Callable[[Person], tuple[str, str, Put, Use]]
) -> None:
    name = f"denied-{made.__name__}"
    person = user(served.root, name, allow("*"))
    action, resource, put, use = made(served.root)
    all_of_it = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    open_to_all = statement("Allow", all_of_it, f"{action.partition(':')[0]}:*", resource)
    put(document(open_to_all))
    use(person)
    denied = statement("Deny", {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{name}"}, action, resource)
    put(document(open_to_all, denied))
    with pytest.raises(ClientError, match="with an explicit deny in a resource-based policy"):
        use(person)
    use(served.root)
    put(document(open_to_all))
    use(person)


def statement(effect: str, principal: dict[str, str], action: str, resource: str) -> dict[str, Any]:
    found: dict[str, Any] = {"Sid": effect, "Effect": effect, "Principal": principal, "Action": action}
    return found | ({"Resource": resource} if resource else {})


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
