"""SQS: queues, which requests call by their URL.

A URL is of a host, an account and a name; the host may be anything, unless it is one of AWS's in another
region. A name alone is a queue of the request's own account. The operations on several messages are asked as
those on one.
A queue under a KMS key needs that too of who sends and receives.
Source: "Actions, resources, and condition keys for Amazon SQS" in the Service Authorization Reference;
"Amazon SQS API permissions" in the Amazon SQS Developer Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import Asking, Kind, all_of, given, kind_of_all, on, refuse, required
from rolekeeper.gateway.rules import Besides, Lookups, Rules
from rolekeeper.gateway.sealed import messages
from rolekeeper.gateway.services import kms
from rolekeeper.gateway.used_keys import READING, WRITING
from rolekeeper.service.call import Resource
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


async def _attributes(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    """All of them at once: the policy is asked for in any case."""
    answer = await _answer(lookups, asked, arn, "GetQueueAttributes", AttributeNames=["All"])
    return answer.get("Attributes") or {}


async def _policy(lookups: Lookups, asked: Asked, arn: str) -> str | None:
    return (await _attributes(lookups, asked, arn)).get("Policy") or None


async def _key(lookups: Lookups, asked: Asked, arn: str) -> str | None:
    return (await _attributes(lookups, asked, arn)).get("KmsMasterKeyId")


async def _move_sealed(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """The keys of both queues: what is under the one comes under the other."""
    read = await messages.of(lookups, asked, resources[0].arn, _key, _CONTEXT, READING)
    written = await messages.of(lookups, asked, resources[-1].arn, _key, _CONTEXT, WRITING)
    return Besides(wanted=(*read, *written))


_CONTEXT = "aws:sqs:arn"
_sent = messages.under(_key, _CONTEXT, *WRITING)


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
    besides={
        "ReceiveMessage": messages.under(_key, _CONTEXT, *READING),
        "SendMessage": _sent,
        "SendMessageBatch": _sent,
        "StartMessageMoveTask": _move_sealed,
    },
    found=kms.RULES.found,
    tags={QUEUE.type: _tags},
    policies={QUEUE.type: _policy},
)
