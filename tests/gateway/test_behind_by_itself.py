"""What stands behind does some things by itself, which nobody decides: the gateway never sees them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.client import ACCOUNT
from tests.gateway.served import ServedWorld
from tests.people import allow, refused, user

TOPIC, QUEUE = (f"arn:aws:{service}:us-east-1:{ACCOUNT}:news" for service in ("sns", "sqs"))


@pytest.fixture(scope="module")
def world() -> Iterator[ServedWorld]:
    found = ServedWorld()
    yield found
    found.close()


def test_what_a_stack_makes_is_made_without_a_question(world: ServedWorld) -> None:
    builder = user(world.root, "builder", allow("cloudformation:CreateStack"))
    template = json.dumps(
        {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "made"}}}}
    )
    with refused("AccessDenied", 400, "sqs:CreateQueue"):
        builder.client("sqs").create_queue(QueueName="made")
    builder.client("cloudformation").create_stack(StackName="s", TemplateBody=template)
    assert world.root.client("sqs").list_queues(QueueNamePrefix="made")["QueueUrls"]


def test_a_message_of_a_topic_reaches_a_queue_whose_policy_does_not_let_it_in(world: ServedWorld) -> None:
    sns, sqs = world.root.client("sns"), world.root.client("sqs")
    sns.create_topic(Name="news")
    url = sqs.create_queue(QueueName="news")["QueueUrl"]
    sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=QUEUE)
    sns.publish(TopicArn=TOPIC, Message="hello")
    assert "hello" in sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"]
