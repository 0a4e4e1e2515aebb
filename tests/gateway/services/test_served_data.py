"""What is allowed on one table, queue or key is done, and refused on the next one, by an unmodified SDK."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.client import ACCOUNT, Person
from tests.gateway.served import ServedWorld
from tests.people import allow, deny, refused, user

HERE = f"us-east-1:{ACCOUNT}"


def table(root: Person, name: str) -> None:
    root.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": "owner", "KeyType": "HASH"},
            {"AttributeName": "day", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "owner", "AttributeType": "S"},
            {"AttributeName": "day", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def item(owner: str) -> dict[str, Any]:
    return {"owner": {"S": owner}, "day": {"S": "monday"}}


def test_items_of_one_partition_key_are_all_that_a_leading_key_allows(served: ServedWorld) -> None:
    table(served.root, "diaries")
    own = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:username}"]}}
    actions = ("PutItem", "GetItem", "Query", "BatchWriteItem", "BatchGetItem", "UpdateItem", "DeleteItem")
    ann = user(
        served.root,
        "ann",
        allow(
            *(f"dynamodb:{action}" for action in actions),
            on=f"arn:aws:dynamodb:{HERE}:table/diaries",
            Condition=own,
        ),
    ).client("dynamodb")
    ann.put_item(TableName="diaries", Item=item("ann"))
    assert ann.get_item(TableName="diaries", Key=item("ann"))["Item"] == item("ann")
    mine = {
        "KeyConditionExpression": "#o = :o AND #d = :d",
        "ExpressionAttributeNames": {"#o": "owner", "#d": "day"},
    }
    found = ann.query(
        TableName="diaries", ExpressionAttributeValues={":o": {"S": "ann"}, ":d": {"S": "monday"}}, **mine
    )
    assert found["Count"] == 1
    batch = [{"PutRequest": {"Item": item("ann")}}]
    ann.batch_write_item(RequestItems={"diaries": batch})
    ann.transact_write_items(TransactItems=[{"Put": {"TableName": "diaries", "Item": item("ann")}}])
    bobs: list[Callable[[], Any]] = [
        lambda: ann.put_item(TableName="diaries", Item=item("bob")),
        lambda: ann.get_item(TableName="diaries", Key=item("bob")),
        lambda: ann.delete_item(TableName="diaries", Key=item("bob")),
        lambda: ann.query(
            TableName="diaries", ExpressionAttributeValues={":o": {"S": "bob"}, ":d": {"S": "ann"}}, **mine
        ),
        lambda: ann.batch_write_item(
            RequestItems={"diaries": [*batch, {"PutRequest": {"Item": item("bob")}}]}
        ),
        lambda: ann.batch_get_item(RequestItems={"diaries": {"Keys": [item("ann"), item("bob")]}}),
        lambda: ann.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": "diaries", "Item": item("ann")}},
                {"Delete": {"TableName": "diaries", "Key": item("bob")}},
            ]
        ),
        lambda: ann.scan(TableName="diaries"),
    ]
    for call in bobs:
        with refused("AccessDeniedException", 400, "no identity-based policy allows"):
            call()


def test_a_stream_is_read_by_its_own_arn_alone(served: ServedWorld) -> None:
    table(served.root, "streamed")
    stream = served.root.client("dynamodb").update_table(
        TableName="streamed", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    )["TableDescription"]["LatestStreamArn"]
    start = f"arn:aws:dynamodb:{HERE}:table/streamed/stream"
    client = user(served.root, "streamer", allow("dynamodb:*", on=[stream, f"{start}/1999*"])).client(
        "dynamodbstreams"
    )
    assert client.describe_stream(StreamArn=stream)["StreamDescription"]["TableName"] == "streamed"
    narrow = user(served.root, "streamer-2", allow("dynamodb:*", on=f"{start}/1999*")).client(
        "dynamodbstreams"
    )
    with refused("AccessDeniedException", 400):
        narrow.describe_stream(StreamArn=stream)
    with refused("ValidationException", 400, "not found"):
        narrow.describe_stream(StreamArn=f"{start}/1999-01-01T00:00:00.000")


def test_attributes_are_all_that_a_policy_allows(served: ServedWorld) -> None:
    table(served.root, "people")
    only = {
        "ForAllValues:StringEquals": {"dynamodb:Attributes": ["owner", "day", "title"]},
        "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
    }
    client = user(served.root, "reader", allow("dynamodb:GetItem", on="*", Condition=only)).client("dynamodb")
    client.get_item(TableName="people", Key=item("ann"), ProjectionExpression="title")
    for members in ({"ProjectionExpression": "title, salary"}, {"AttributesToGet": ["salary"]}, {}):
        with refused("AccessDeniedException", 400):
            client.get_item(TableName="people", Key=item("ann"), **members)


def test_one_queue_is_received_from_and_no_other(served: ServedWorld) -> None:
    root = served.root.client("sqs")
    urls = {name: root.create_queue(QueueName=name)["QueueUrl"] for name in ("jobs", "secrets")}
    root.send_message(QueueUrl=urls["jobs"], MessageBody="do it")
    root.send_message(QueueUrl=urls["secrets"], MessageBody="hush")
    person = user(
        served.root, "worker", allow("sqs:ReceiveMessage", "sqs:GetQueueUrl", on=f"arn:aws:sqs:{HERE}:jobs")
    )
    client = person.client("sqs")
    assert client.get_queue_url(QueueName="jobs")["QueueUrl"] == urls["jobs"]
    assert [each["Body"] for each in client.receive_message(QueueUrl=urls["jobs"])["Messages"]] == ["do it"]
    for url in (urls["secrets"], "secrets"):
        with refused("AccessDenied", 400, "sqs:ReceiveMessage"):
            client.receive_message(QueueUrl=url)
    with refused("ValidationError", 400):
        client.receive_message(QueueUrl=urls["jobs"] + "/secrets")


def test_a_key_is_used_by_its_alias_and_no_other_key_is(served: ServedWorld) -> None:
    root = served.root.client("kms")
    ids = {}
    for name in ("app", "vault"):
        ids[name] = root.create_key()["KeyMetadata"]["KeyId"]
        root.create_alias(AliasName=f"alias/{name}", TargetKeyId=ids[name])
    secret = root.encrypt(KeyId="alias/vault", Plaintext=b"gold")["CiphertextBlob"]
    person = user(
        served.root,
        "cook",
        allow("kms:Encrypt", "kms:Decrypt", on=f"arn:aws:kms:{HERE}:key/{ids['app']}"),
        deny("kms:Encrypt", Condition={"StringEquals": {"kms:EncryptionContext:stage": "prod"}}),
    )
    client = person.client("kms")
    blob = client.encrypt(KeyId="alias/app", Plaintext=b"salt")["CiphertextBlob"]
    assert client.decrypt(CiphertextBlob=blob)["Plaintext"] == b"salt"
    assert client.decrypt(CiphertextBlob=blob, KeyId="alias/app")["Plaintext"] == b"salt"
    with refused("AccessDeniedException", 400, "explicit deny"):
        client.encrypt(KeyId="alias/app", Plaintext=b"salt", EncryptionContext={"Stage": "prod"})
    with refused("AccessDeniedException", 400, f"key/{ids['vault']}"):
        client.encrypt(KeyId="alias/vault", Plaintext=b"salt")
    for members in ({}, {"KeyId": "alias/app"}):
        with refused("AccessDeniedException", 400, f"key/{ids['vault']}"):
            client.decrypt(CiphertextBlob=secret, **members)


def test_a_secret_is_read_by_any_of_its_names_and_no_other_is(served: ServedWorld) -> None:
    root = served.root.client("secretsmanager")
    arn = root.create_secret(Name="prod/db", SecretString="pa55")["ARN"]
    other = root.create_secret(Name="prod/db-second", SecretString="no")["ARN"]
    person = user(
        served.root,
        "dba",
        allow("secretsmanager:GetSecretValue", on=f"arn:aws:secretsmanager:{HERE}:secret:prod/*"),
        deny(
            "secretsmanager:GetSecretValue", on=f"arn:aws:secretsmanager:{HERE}:secret:prod/db-second-??????"
        ),
    )
    client = person.client("secretsmanager")
    for name in ("prod/db", arn, arn.rpartition("-")[0]):
        assert client.get_secret_value(SecretId=name)["SecretString"] == "pa55"
    for name in ("prod/db-second", other, other.rpartition("-")[0]):
        with refused("AccessDeniedException", 400, "explicit deny"):
            client.get_secret_value(SecretId=name)


def test_parameters_of_one_path_are_read(served: ServedWorld) -> None:
    root = served.root.client("ssm")
    for name in ("/app/url", "/app/mode", "/vault/pin"):
        root.put_parameter(Name=name, Value=name, Type="String")
    start = f"arn:aws:ssm:{HERE}:parameter"
    person = user(
        served.root,
        "app-user",
        allow(
            "ssm:GetParameter",
            "ssm:GetParameters",
            "ssm:GetParametersByPath",
            on=[f"{start}/app", f"{start}/app/*"],
        ),
    )
    client = person.client("ssm")
    assert client.get_parameter(Name="/app/url:1")["Parameter"]["Value"] == "/app/url"
    assert client.get_parameter(Name=f"{start}/app/url")["Parameter"]["Value"] == "/app/url"
    assert len(client.get_parameters_by_path(Path="/app")["Parameters"]) == 2
    for call in (
        lambda: client.get_parameter(Name="/vault/pin"),
        lambda: client.get_parameters(Names=["/app/url", "/vault/pin"]),
        lambda: client.get_parameters_by_path(Path="/", Recursive=True),
        lambda: client.put_parameter(Name="/app/url", Value="x", Type="String", Overwrite=True),
    ):
        with refused("AccessDeniedException", 400):
            call()


def test_the_others_are_done_on_what_a_policy_names_and_on_nothing_else(served: ServedWorld) -> None:
    root = served.root
    topics = {name: root.client("sns").create_topic(Name=name)["TopicArn"] for name in ("news", "gossip")}
    for name in ("clicks", "audit"):
        root.client("kinesis").create_stream(StreamName=name, ShardCount=1)
        root.client("logs").create_log_group(logGroupName=f"/{name}")
        root.client("events").create_event_bus(Name=name)
        root.client("ecr").create_repository(repositoryName=name)
        root.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody="{}")
    client = user(
        root,
        "maker",
        allow("sns:Publish", on=topics["news"]),
        allow("kinesis:PutRecord", "kinesis:Get*", on=f"arn:aws:kinesis:{HERE}:stream/clicks"),
        allow("logs:CreateLogStream", "logs:PutLogEvents", on=f"arn:aws:logs:{HERE}:log-group:/clicks:*"),
        allow("events:PutRule", on=f"arn:aws:events:{HERE}:rule/clicks/*"),
        allow("ecr:ListImages", on=f"arn:aws:ecr:{HERE}:repository/clicks"),
        allow("cloudwatch:GetDashboard", on=f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/clicks"),
        allow("cloudwatch:PutMetricData", Condition={"StringEquals": {"cloudwatch:namespace": "clicks"}}),
    ).client
    calls: dict[str, Callable[[str], Any]] = {
        "kinesis": lambda name: client("kinesis").put_record(StreamName=name, Data=b"x", PartitionKey="k"),
        "logs": lambda name: client("logs").create_log_stream(logGroupName=f"/{name}", logStreamName="s"),
        "events": lambda name: client("events").put_rule(
            Name="r", EventBusName=name, ScheduleExpression="rate(1 day)"
        ),
        "ecr": lambda name: client("ecr").list_images(repositoryName=name),
        "dashboards": lambda name: client("cloudwatch").get_dashboard(DashboardName=name),
        "metrics": lambda name: client("cloudwatch").put_metric_data(
            Namespace=name, MetricData=[{"MetricName": "m", "Value": 1}]
        ),
    }
    for call in calls.values():
        if call is not calls["events"]:
            call("clicks")
        with pytest.raises(ClientError, match="not authorized to perform"):
            call("audit")
    client("sns").publish(TopicArn=topics["news"], Message="hello")
    with refused("AuthorizationError", 403):
        client("sns").publish(TopicArn=topics["gossip"], Message="psst")


def test_an_iterator_of_another_stream_is_that_streams(served: ServedWorld) -> None:
    root = served.root.client("kinesis")
    for name in ("mine", "theirs"):
        root.create_stream(StreamName=name, ShardCount=1)
    shard = root.list_shards(StreamName="theirs")["Shards"][0]["ShardId"]
    iterator = root.get_shard_iterator(StreamName="theirs", ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    mine = f"arn:aws:kinesis:{HERE}:stream/mine"
    client = user(served.root, "surfer", allow("kinesis:*", on=mine)).client("kinesis")
    own = client.get_shard_iterator(StreamARN=mine, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    client.get_records(ShardIterator=own["ShardIterator"], StreamARN=mine)
    for members in ({}, {"StreamARN": mine}):
        with refused("AccessDeniedException", 400, "stream/theirs"):
            client.get_records(ShardIterator=iterator["ShardIterator"], **members)


def test_what_a_function_is_made_of_is_asked_too(served: ServedWorld) -> None:
    root = served.root
    root.client("s3").create_bucket(Bucket="code")
    trust = {
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ]
    }
    made = root.iam.create_role(
        RoleName="runner", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", **trust})
    )
    person = user(root, "coder", allow("lambda:CreateFunction", "iam:PassRole"))
    with refused("AccessDeniedException", 403, "s3:GetObject on resource: arn:aws:s3:::code/f.zip"):
        person.client("lambda").create_function(
            FunctionName="f",
            Role=made["Role"]["Arn"],
            Runtime="python3.12",
            Handler="f.f",
            Code={"S3Bucket": "code", "S3Key": "f.zip"},
        )


def test_a_grant_of_a_key_opens_nothing(served: ServedWorld) -> None:
    root = served.root.client("kms")
    key = root.create_key()["KeyMetadata"]["KeyId"]
    person = user(served.root, "grantee")
    grantee = f"arn:aws:iam::{ACCOUNT}:user/grantee"
    root.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=["Encrypt"])
    with refused("AccessDeniedException", 400, "no identity-based policy allows"):
        person.client("kms").encrypt(KeyId=key, Plaintext=b"x")


def test_what_is_encrypted_is_written_with_leave_for_its_key(served: ServedWorld) -> None:
    root = served.root
    key = root.client("kms").create_key()["KeyMetadata"]["KeyId"]
    root.client("kms").create_alias(AliasName="alias/wax", TargetKeyId=key)
    person = user(
        root,
        "sealer",
        allow("ssm:PutParameter", "secretsmanager:CreateSecret"),
        allow("kms:Encrypt", Condition={"StringLike": {"kms:ViaService": "ssm.*.amazonaws.com"}}),
    )
    sealed = {"Value": "1", "Type": "SecureString"}
    person.client("ssm").put_parameter(Name="/wax/one", KeyId="alias/wax", **sealed)
    person.client("ssm").put_parameter(Name="/wax/two", **sealed)
    with refused(
        "AccessDeniedException", 400, f"kms:GenerateDataKey on resource: arn:aws:kms:{HERE}:key/{key}"
    ):
        person.client("ssm").put_parameter(Name="/wax/three", KeyId="alias/wax", Tier="Advanced", **sealed)
    with refused("AccessDeniedException", 400, "kms:GenerateDataKey"):
        person.client("secretsmanager").create_secret(Name="wax", SecretString="1", KmsKeyId="alias/wax")


def test_a_key_of_an_archive_is_asked_by_the_callers_policies_alone(served: ServedWorld) -> None:
    key = served.root.client("kms").create_key()["KeyMetadata"]["Arn"]
    bus = served.root.client("events").create_event_bus(Name="archived")["EventBusArn"]
    person = user(served.root, "archivist", allow("events:*"))
    person.client("events").create_archive(ArchiveName="a", EventSourceArn=bus, KmsKeyIdentifier=key)
    shut = user(served.root, "archivist-2", allow("events:*"), deny("events:*", on=key))
    with refused("AccessDeniedException", 400, "explicit deny"):
        shut.client("events").create_archive(ArchiveName="b", EventSourceArn=bus, KmsKeyIdentifier=key)
