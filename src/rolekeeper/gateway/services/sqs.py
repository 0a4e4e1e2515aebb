"""SQS: queues, which requests call by their URL.

A URL is of a host, an account and a name; the host may be anything, unless it is one of AWS's in another
region. A name alone is a queue of the request's own account. The operations on several messages are asked as
those on one.
Source: "Actions, resources, and condition keys for Amazon SQS" in the Service Authorization Reference;
"Amazon SQS API permissions" in the Amazon SQS Developer Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import Asking, Kind, all_of, given, kind_of_all, on, refuse, required
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.wire import model

QUEUE = Kind(type="queue", service="sqs", name=r"[A-Za-z0-9_-]{1,80}(?:\.fifo)?")

_URL = re.compile(r"https?://([^/?#\s]+)/([0-9]{12})/([^/?#\s]+)")
_OPERATIONS = (
    *("AddPermission", "ChangeMessageVisibility", "DeleteMessage", "DeleteQueue", "GetQueueAttributes"),
    *("ListDeadLetterSourceQueues", "ListQueueTags", "PurgeQueue", "ReceiveMessage", "RemovePermission"),
    *("SendMessage", "SetQueueAttributes", "TagQueue", "UntagQueue"),
)
_BATCHES = {f"{name}Batch": name for name in ("ChangeMessageVisibility", "DeleteMessage", "SendMessage")}


def queue(asked: Asked, url: str) -> str:
    """The ARN of the queue of a URL, or of a name."""
    found = _URL.fullmatch(url)
    if found is None:
        return QUEUE.arn(asked, url)
    host, account, name = found.groups()
    labels = host.partition(":")[0].split(".")
    if any(label != asked.region and model.is_region(label) for label in labels):
        refuse(f"The address {url} is not valid for this endpoint.")
    return QUEUE.arn(asked, name, account)


def _on_queue(action: str = "") -> Asking:
    def asking(asked: Asked) -> Iterator[Wanted]:
        resource = queue(asked, required(asked, "QueueUrl"))
        yield Wanted(action=f"sqs:{action or asked.operation.name}", resource=resource, type=QUEUE.type)

    return asking


def _create(asked: Asked) -> Iterator[Wanted]:
    resource = QUEUE.arn(asked, required(asked, "QueueName"))
    yield Wanted(action="sqs:CreateQueue", resource=resource, type=QUEUE.type)
    if asked.members.get("tags"):
        yield Wanted(action="sqs:TagQueue", resource=resource, type=QUEUE.type)


def _url_of(asked: Asked) -> Iterator[Wanted]:
    owner = str(asked.members.get("QueueOwnerAWSAccountId") or asked.account)
    if not re.fullmatch("[0-9]{12}", owner):
        refuse(f"Value {owner} for parameter QueueOwnerAWSAccountId is invalid.")
    resource = QUEUE.arn(asked, required(asked, "QueueName"), owner)
    yield Wanted(action="sqs:GetQueueUrl", resource=resource, type=QUEUE.type)


def _move(asked: Asked) -> Iterator[Wanted]:
    """Messages are taken from one queue and sent to another, or back to where each has come from."""
    source = QUEUE.whole(asked, required(asked, "SourceArn"))
    for action in ("StartMessageMoveTask", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
        yield Wanted(action=f"sqs:{action}", resource=source, type=QUEUE.type)
    target = given(asked, "DestinationArn")
    resource = QUEUE.whole(asked, target) if target else kind_of_all(asked, QUEUE)
    yield Wanted(action="sqs:SendMessage", resource=resource, type=QUEUE.type)


def _stop_moving(asked: Asked) -> Iterator[Wanted]:
    """A task says its queue to AWS only."""
    yield Wanted(action="sqs:CancelMessageMoveTask", resource=kind_of_all(asked, QUEUE), type=QUEUE.type)


async def _answer(
    lookups: Lookups, asked: Asked, arn: str, operation: str, **members: Any
) -> Mapping[str, Any]:
    """The answer about a queue, whose URL what stands behind makes as it likes."""
    found = await lookups.ask(asked, "sqs", "GetQueueUrl", QueueName=arn.rpartition(":")[2])
    if not found:
        return {}
    return await lookups.ask(asked, "sqs", operation, QueueUrl=found["QueueUrl"], **members) or {}


async def _tags(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    answer = await _answer(lookups, asked, arn, "ListQueueTags")
    return answer.get("Tags") or {}


async def _policy(lookups: Lookups, asked: Asked, arn: str) -> str | None:
    answer = await _answer(lookups, asked, arn, "GetQueueAttributes", AttributeNames=["Policy"])
    policy: str | None = (answer.get("Attributes") or {}).get("Policy")
    return policy or None


RULES = Rules(
    prefix="sqs",
    actions={operation: (action,) for operation, action in _BATCHES.items()},
    special={
        **all_of(_OPERATIONS, _on_queue()),
        **{operation: _on_queue(action) for operation, action in _BATCHES.items()},
        "CancelMessageMoveTask": _stop_moving,
        "CreateQueue": _create,
        "GetQueueUrl": _url_of,
        "ListMessageMoveTasks": on("sqs", QUEUE, "SourceArn", whole=True),
        "StartMessageMoveTask": _move,
    },
    tags={QUEUE.type: _tags},
    policies={QUEUE.type: _policy},
)
