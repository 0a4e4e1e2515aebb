"""Applications with the services behind: each does exactly what its role says, and nothing else.

Rows SR-087 and SR-088, with what stands behind.
"""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.client import Person
from tests.people import allow, refused, role, user
from tests.requirements.test_gateway_instances import bucket
from tests.served import Served

requirement = pytest.mark.requirement

TASKS = {"Service": "ecs-tasks.amazonaws.com"}


def task(root: Person, **roles: str) -> str:
    """A running task of one container; its ID."""
    containers = [{"name": "app", "image": "app", "memory": 64}]
    root.client("ecs").register_task_definition(family="app", containerDefinitions=containers, **roles)
    root.client("ecs").create_cluster(clusterName="main")
    subnet = root.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    made = root.client("ecs").run_task(
        cluster="main",
        taskDefinition="app",
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet]}},
    )
    found: str = made["tasks"][0]["taskArn"]
    return found.rpartition("/")[2]


def order(customer: str) -> dict[str, Any]:
    return {"customer": {"S": customer}, "id": {"S": "1"}}


def world(root: Person) -> tuple[str, str]:
    """A bucket with two prefixes, a table and two queues; the bucket and the URL of the first queue."""
    name = bucket(root, "shop")
    for key in ("in/a", "in/b", "secret/a"):
        root.client("s3").put_object(Bucket=name, Key=key, Body=key.encode())
    root.client("dynamodb").create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "customer", "KeyType": "HASH"},
            {"AttributeName": "id", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "customer", "AttributeType": "S"},
            {"AttributeName": "id", "AttributeType": "S"},
        ],
    )
    root.client("sqs").create_queue(QueueName="other")
    url: str = root.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
    root.client("sqs").send_message(QueueUrl=url, MessageBody="a job")
    return name, url


@requirement("SR-072")
def test_sr_072_an_application_does_what_its_role_says_and_nothing_else(behind: Served, ours: Person) -> None:
    name, url = world(ours)
    place = f"us-east-1:{ours.account}"
    listing = {"StringLike": {"s3:prefix": "in/*"}}
    own = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["acme"]}}
    arn = role(
        ours,
        "app",
        TASKS,
        allow("s3:ListBucket", on=f"arn:aws:s3:::{name}", Condition=listing),
        allow("s3:GetObject", on=f"arn:aws:s3:::{name}/in/*"),
        allow("dynamodb:PutItem", on=f"arn:aws:dynamodb:{place}:table/orders", Condition=own),
        allow("sqs:ReceiveMessage", on=f"arn:aws:sqs:{place}:jobs"),
    )
    app = behind.in_workload(ours, "task", task(ours, taskRoleArn=arn))
    assert app.client("s3").get_object(Bucket=name, Key="in/a")["Body"].read() == b"in/a"
    assert app.client("s3").list_objects_v2(Bucket=name, Prefix="in/")["KeyCount"] == 2
    app.client("dynamodb").put_item(TableName="orders", Item=order("acme"))
    (message,) = app.client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "a job"
    for denied in (
        lambda: app.client("s3").get_object(Bucket=name, Key="secret/a"),
        lambda: app.client("s3").list_objects_v2(Bucket=name),
        lambda: app.client("s3").list_objects_v2(Bucket=name, Prefix="secret/"),
        lambda: app.client("s3").put_object(Bucket=name, Key="in/a", Body=b""),
        lambda: app.client("s3").copy_object(Bucket=name, Key="in/c", CopySource=f"{name}/in/a"),
    ):
        with refused("AccessDenied", 403):
            denied()
    batch = {"orders": [{"PutRequest": {"Item": order("acme")}}]}
    for denied in (
        lambda: app.client("dynamodb").put_item(TableName="orders", Item=order("other")),
        lambda: app.client("dynamodb").get_item(TableName="orders", Key=order("acme")),
        lambda: app.client("dynamodb").batch_write_item(RequestItems=batch),
        lambda: app.client("dynamodb").scan(TableName="orders"),
    ):
        with refused("AccessDeniedException", 400, "is not authorized to perform: dynamodb:"):
            denied()
    for denied in (
        lambda: app.client("sqs").send_message(QueueUrl=url, MessageBody="x"),
        lambda: app.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"]),
        lambda: app.client("sqs").receive_message(QueueUrl=url.replace("jobs", "other")),
    ):
        with pytest.raises(ClientError, match="is not authorized to perform: sqs:"):
            denied()
    assert ours.client("dynamodb").scan(TableName="orders")["Count"] == 1


@requirement("SR-088", "SR-087")
def test_sr_088_the_application_of_a_task_has_not_the_execution_role(behind: Served, ours: Person) -> None:
    made = ours.client("secretsmanager").create_secret(Name="db", SecretString="hunter2")["ARN"]
    execution = role(ours, "execution", TASKS, allow("secretsmanager:GetSecretValue", on=made))
    arn = role(ours, "app", TASKS)
    id = task(ours, taskRoleArn=arn, executionRoleArn=execution)
    agent = behind.in_workload(ours, "task", id, "agent")
    assert agent.client("secretsmanager").get_secret_value(SecretId=made)["SecretString"] == "hunter2"
    app = behind.in_workload(ours, "task", id)
    assert "/app/" in app.arn
    with refused("AccessDeniedException", 400, "secretsmanager:GetSecretValue"):
        app.client("secretsmanager").get_secret_value(SecretId=made)
    with refused("AccessDenied", 403):
        app.sts.assume_role(RoleArn=execution, RoleSessionName="app")
    with refused("AccessDeniedException", 400, "iam:PassRole"):
        user(ours, "bob", allow("rolekeeper:*")).workloads.create_workload_secret(Kind="task", Id=id)
