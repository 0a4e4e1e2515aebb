from __future__ import annotations

import pytest

from rolekeeper import errors
from tests.gateway.asking import ACCOUNT, OTHER, pairs, policy, tags

URL = f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/orders"
ARN = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"


@pytest.mark.parametrize(
    "url",
    [
        URL,
        f"http://localhost:4566/{ACCOUNT}/orders",
        f"http://127.0.0.1/{ACCOUNT}/orders",
        f"https://eu-west-1.queue.amazonaws.com/{ACCOUNT}/orders",
        "orders",
    ],
)
def test_a_queue_is_called_by_its_url_or_name(url: str) -> None:
    assert pairs("sqs", "ReceiveMessage", QueueUrl=url) == [("sqs:ReceiveMessage", "orders")]


def test_another_queue_is_another_resource() -> None:
    assert pairs("sqs", "ReceiveMessage", QueueUrl=URL + "2") == [("sqs:ReceiveMessage", "orders2")]
    assert pairs("sqs", "SendMessage", QueueUrl=URL + ".fifo") == [("sqs:SendMessage", "orders.fifo")]


def test_a_queue_of_another_account_is_that_accounts() -> None:
    theirs = URL.replace(ACCOUNT, OTHER)
    assert pairs("sqs", "SendMessage", QueueUrl=theirs) == [("sqs:SendMessage", ARN.replace(ACCOUNT, OTHER))]


@pytest.mark.parametrize(
    "url",
    [
        "",
        URL + "/",
        URL + "?x",
        URL + "#x",
        URL + "\n",
        URL + "/other",
        f"https://sqs.eu-west-1.amazonaws.com/{OTHER}/x/{ACCOUNT}/orders",
        f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/orders",
        f"http://us-east-1.queue.localhost:4566/{ACCOUNT}/orders",
        "https://sqs.eu-west-1.amazonaws.com/orders",
        "ftp://host/111111111111/orders",
        "HTTP://host/111111111111/orders",
        f"/{ACCOUNT}/orders",
        ARN,
        "a/b",
        "*",
    ],
)
def test_what_names_no_queue_of_the_region_is_refused(url: str) -> None:
    with pytest.raises(errors.ValidationError):
        pairs("sqs", "ReceiveMessage", QueueUrl=url)


@pytest.mark.parametrize("action", ["SendMessage", "DeleteMessage", "ChangeMessageVisibility"])
def test_a_batch_is_asked_as_one_message(action: str) -> None:
    assert pairs("sqs", f"{action}Batch", QueueUrl=URL) == [(f"sqs:{action}", "orders")]


def test_the_url_of_another_accounts_queue_is_asked_on_that_queue() -> None:
    assert pairs("sqs", "GetQueueUrl", QueueName="orders") == [("sqs:GetQueueUrl", "orders")]
    assert pairs("sqs", "GetQueueUrl", QueueName="orders", QueueOwnerAWSAccountId=OTHER) == [
        ("sqs:GetQueueUrl", ARN.replace(ACCOUNT, OTHER))
    ]
    with pytest.raises(errors.ValidationError):
        pairs("sqs", "GetQueueUrl", QueueName="orders", QueueOwnerAWSAccountId="*")


def test_a_queue_made_with_tags_needs_what_tagging_needs() -> None:
    assert pairs("sqs", "CreateQueue", QueueName="orders") == [("sqs:CreateQueue", "orders")]
    assert pairs("sqs", "CreateQueue", QueueName="orders", tags={"a": "b"}) == [
        ("sqs:CreateQueue", "orders"),
        ("sqs:TagQueue", "orders"),
    ]


def test_moved_messages_are_received_and_sent_by_who_moves_them() -> None:
    dead = ARN + "-dead"
    assert pairs("sqs", "StartMessageMoveTask", SourceArn=dead, DestinationArn=ARN) == [
        ("sqs:StartMessageMoveTask", "orders-dead"),
        ("sqs:ReceiveMessage", "orders-dead"),
        ("sqs:DeleteMessage", "orders-dead"),
        ("sqs:GetQueueAttributes", "orders-dead"),
        ("sqs:SendMessage", "orders"),
    ]
    assert pairs("sqs", "StartMessageMoveTask", SourceArn=dead)[-1] == ("sqs:SendMessage", "*")
    assert pairs("sqs", "CancelMessageMoveTask", TaskHandle="t") == [("sqs:CancelMessageMoveTask", "*")]


def test_tags_and_policy_are_read_by_the_url_that_the_backend_has() -> None:
    answers = {
        "GetQueueUrl": lambda members: {"QueueUrl": f"http://x/{members['QueueName']}"},
        "ListQueueTags": lambda members: {"Tags": {"url": members["QueueUrl"]}},
        "GetQueueAttributes": {"Attributes": {"Policy": "{}"}},
    }
    assert tags("sqs", "queue", ARN, answers) == {"url": "http://x/orders"}
    assert policy("sqs", "queue", ARN, answers) == "{}"
    assert policy("sqs", "queue", ARN, answers | {"GetQueueAttributes": {}}) is None
    assert policy("sqs", "queue", ARN, {}) is None
    assert tags("sqs", "queue", ARN, {}) == {}
