"""Messages and records under KMS keys: the key is needed too, by an unmodified SDK."""

from __future__ import annotations

import json
from typing import Any

from tests.client import ACCOUNT
from tests.gateway.served import ServedWorld
from tests.gateway.services.test_served_object_keys import key
from tests.people import allow, deny, refused, user

HERE = f"us-east-1:{ACCOUNT}"


def via(service: str) -> dict[str, Any]:
    return {"StringEquals": {"kms:ViaService": f"{service}.us-east-1.amazonaws.com"}}


def test_messages_of_a_queue_under_a_key_need_it(served: ServedWorld) -> None:
    root, arn = served.root, key(served.root)
    url = root.client("sqs").create_queue(QueueName="sealed", Attributes={"KmsMasterKeyId": arn})["QueueUrl"]
    both = allow("sqs:SendMessage", "sqs:ReceiveMessage")
    bare = user(root, "bare-queue", both).client("sqs")
    entries = [{"Id": "a", "MessageBody": "x"}]
    with refused("KMS.AccessDeniedException", 400, f"kms:GenerateDataKey on resource: {arn}"):
        bare.send_message(QueueUrl=url, MessageBody="x")
    with refused("KMS.AccessDeniedException", 400, "kms:GenerateDataKey"):
        bare.send_message_batch(QueueUrl=url, Entries=entries)
    with refused("KMS.AccessDeniedException", 400, "kms:Decrypt"):
        bare.receive_message(QueueUrl=url)
    of = {"StringEquals": {"kms:EncryptionContext:aws:sqs:arn": f"arn:aws:sqs:{HERE}:sealed"}}
    half = user(root, "half-queue", both, allow("kms:GenerateDataKey")).client("sqs")
    with refused("KMS.AccessDeniedException", 400, "kms:Decrypt"):
        half.send_message(QueueUrl=url, MessageBody="x")
    able = user(root, "able-queue", both, allow("kms:GenerateDataKey", "kms:Decrypt", Condition=of))
    able.client("sqs").send_message(QueueUrl=url, MessageBody="x")
    reader = user(root, "queue-reader", both, allow("kms:Decrypt", Condition=via("sqs"))).client("sqs")
    assert reader.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "x"
    root.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": "alias/aws/sqs"})
    bare.send_message(QueueUrl=url, MessageBody="x")


def test_a_queue_without_a_key_of_ones_own_needs_none(served: ServedWorld) -> None:
    both, sqs = allow("sqs:SendMessage", "sqs:ReceiveMessage"), served.root.client("sqs")
    client = user(served.root, "plain-queue", both, deny("kms:*")).client("sqs")
    for name, attributes in (("open", {}), ("managed", {"KmsMasterKeyId": "alias/aws/sqs"})):
        url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        client.send_message(QueueUrl=url, MessageBody="x")
        assert client.receive_message(QueueUrl=url)["Messages"]


def test_what_is_moved_from_queue_to_queue_needs_the_keys_of_both(served: ServedWorld) -> None:
    root, keys = served.root, {name: key(served.root) for name in ("dead", "alive")}
    sqs = root.client("sqs")
    for name, arn in keys.items():
        sqs.create_queue(QueueName=name, Attributes={"KmsMasterKeyId": arn})
    arns = {name: f"arn:aws:sqs:{HERE}:{name}" for name in keys}
    for held, lacks in (("dead", "alive"), ("alive", "dead")):
        client = user(root, f"mover-{held}", allow("sqs:*"), allow("kms:*", on=keys[held])).client("sqs")
        with refused("KMS.AccessDeniedException", 400, keys[lacks]):
            client.start_message_move_task(SourceArn=arns["dead"], DestinationArn=arns["alive"])


def test_publishing_to_a_topic_under_a_key_needs_it(served: ServedWorld) -> None:
    root, arn = served.root, key(served.root)
    topic = root.client("sns").create_topic(Name="sealed", Attributes={"KmsMasterKeyId": arn})["TopicArn"]
    bare = user(root, "bare-topic", allow("sns:Publish")).client("sns")
    with refused("KMSAccessDenied", 400, f"kms:GenerateDataKey on resource: {arn}"):
        bare.publish(TopicArn=topic, Message="x")
    with refused("KMSAccessDenied", 400, "kms:GenerateDataKey"):
        bare.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": "a", "Message": "x"}])
    of = {
        "StringEquals": {
            "kms:EncryptionContext:aws:sns:topicArn": topic,
            "kms:ViaService": "sns.us-east-1.amazonaws.com",
        }
    }
    use = allow("kms:GenerateDataKey", "kms:Decrypt", on=arn, Condition=of)
    able = user(root, "able-topic", allow("sns:Publish"), use).client("sns")
    able.publish(TopicArn=topic, Message="x")
    with refused("AuthorizationError", 403, "sns:Publish"):
        user(root, "no-topic", allow("kms:*")).client("sns").publish(TopicArn=topic, Message="x")
    plain = root.client("sns").create_topic(Name="open")["TopicArn"]
    bare.publish(TopicArn=plain, Message="x")


def test_records_of_a_stream_under_a_key_need_it(served: ServedWorld) -> None:
    root, arn = served.root, key(served.root)
    kinesis = root.client("kinesis")
    for name in ("sealed", "open"):
        kinesis.create_stream(StreamName=name, ShardCount=1)
    kinesis.start_stream_encryption(StreamName="sealed", EncryptionType="KMS", KeyId=arn)
    both = allow("kinesis:Put*", "kinesis:GetRecords")
    record: dict[str, Any] = {"Data": b"x", "PartitionKey": "a"}
    bare = user(root, "bare-stream", both).client("kinesis")
    bare.put_record(StreamName="open", **record)
    with refused("KMSAccessDeniedException", 400, f"kms:GenerateDataKey on resource: {arn}"):
        bare.put_record(StreamName="sealed", **record)
    with refused("KMSAccessDeniedException", 400, "kms:GenerateDataKey"):
        bare.put_records(StreamName="sealed", Records=[record])
    of = {
        "StringEquals": {
            "kms:EncryptionContext:aws:kinesis:arn": f"arn:aws:kinesis:{HERE}:stream/sealed",
            "kms:ViaService": "kinesis.us-east-1.amazonaws.com",
        }
    }
    writer = user(root, "stream-writer", both, allow("kms:GenerateDataKey", Condition=of)).client("kinesis")
    writer.put_record(StreamName="sealed", **record)
    shard = kinesis.list_shards(StreamName="sealed")["Shards"][0]["ShardId"]
    start = kinesis.get_shard_iterator(StreamName="sealed", ShardId=shard, ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    with refused("KMSAccessDeniedException", 400, "kms:Decrypt"):
        writer.get_records(ShardIterator=start)
    reader = user(root, "stream-reader", both, allow("kms:Decrypt", Condition=of)).client("kinesis")
    assert [each["Data"] for each in reader.get_records(ShardIterator=start)["Records"]] == [b"x"]


def test_a_refusal_by_the_key_is_in_the_trail_as_what_was_asked_for(served: ServedWorld) -> None:
    url = served.root.client("sqs").create_queue(
        QueueName="trailed", Attributes={"KmsMasterKeyId": key(served.root)}
    )["QueueUrl"]
    with refused("KMS.AccessDeniedException", 400):
        user(served.root, "trailed", allow("sqs:SendMessage")).client("sqs").send_message(
            QueueUrl=url, MessageBody="x"
        )
    event = served.events()[-1]
    assert (event["eventName"], event["eventSource"]) == ("SendMessage", "sqs.amazonaws.com")
    assert "kms:GenerateDataKey" in json.dumps(event)
