"""Kinesis: streams, by name, by ARN or by both, and their consumers.

Where a request says a name and an ARN, both streams are asked. An iterator of a shard says its stream where
what stands behind has put it there; what says nothing is believed only beside a stream's ARN. Who writes to a
stream under a KMS key, or reads from it, needs that too.
Source: "Actions, resources, and condition keys for Amazon Kinesis Data Streams" in the Service Authorization
Reference; `CreateStream` and `RegisterStreamConsumer` in the Amazon Kinesis Data Streams API Reference.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from rolekeeper.gateway.asked import Asked, Unclassified, Wanted
from rolekeeper.gateway.naming import (
    Kind,
    all_of,
    at,
    given,
    kind_of_all,
    on,
    on_all,
    on_any,
    refuse,
    required,
)
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.gateway.sealed import messages
from rolekeeper.gateway.services import kms

STREAM = Kind(type="stream", service="kinesis", before="stream/", name=r"[A-Za-z0-9_.-]{1,128}")
CONSUMER = Kind(
    type="consumer",
    service="kinesis",
    before="stream/",
    name=r"[A-Za-z0-9_.-]{1,128}/consumer/[A-Za-z0-9_.-]{1,128}(?::[0-9]+)?",
)
"""A consumer's ARN ends with the time at which it was made; not every backend has that."""

_ON_STREAMS = (
    *("AddTagsToStream", "DecreaseStreamRetentionPeriod", "DeleteStream", "DescribeStream"),
    *("DescribeStreamSummary", "GetShardIterator", "IncreaseStreamRetentionPeriod", "ListStreamConsumers"),
    *("ListTagsForStream", "MergeShards", "PutRecord", "PutRecords", "RemoveTagsFromStream", "SplitShard"),
    *("UpdateMaxRecordSize", "UpdateStreamRecordDistributionStrategy", "UpdateStreamWarmThroughput"),
)
_BY_ARN = (
    *("DeleteResourcePolicy", "GetResourcePolicy", "PutResourcePolicy"),
    *("ListTagsForResource", "TagResource", "UntagResource"),
)

_on_streams = on_all("kinesis", STREAM, "StreamARN", "StreamName")


def _create(asked: Asked) -> Iterator[Wanted]:
    resource = STREAM.arn(asked, required(asked, "StreamName"))
    yield Wanted(action="kinesis:CreateStream", resource=resource, type=STREAM.type)
    if asked.members.get("Tags"):
        yield Wanted(action="kinesis:AddTagsToStream", resource=resource, type=STREAM.type)


def _shards(asked: Asked) -> Iterator[Wanted]:
    """A further page may be asked for without the stream, which its token says to AWS only."""
    if given(asked, "StreamARN", "StreamName") or not asked.members.get("NextToken"):
        yield from _on_streams(asked)
    else:
        yield Wanted(action="kinesis:ListShards", resource=kind_of_all(asked, STREAM), type=STREAM.type)


def _encrypt(asked: Asked) -> Iterator[Wanted]:
    yield from _on_streams(asked)
    yield kms.used(asked, f"kinesis:{asked.operation.name}", required(asked, "KeyId"))


def _records(asked: Asked) -> Iterator[Wanted]:
    stream = given(asked, "StreamARN")
    name = _stream_of(required(asked, "ShardIterator"))
    if stream:
        yield Wanted(action="kinesis:GetRecords", resource=STREAM.whole(asked, stream), type=STREAM.type)
    elif name is None:
        raise Unclassified("`GetRecords` does not say its stream, and neither does the iterator")
    if name is not None:
        there = at(asked, stream) if stream else asked
        resource = STREAM.arn(there, name)
        # One that is made for an ARN has `None` for a name, which may also be the name of a stream.
        unknown = name if stream and name == "None" else ""
        yield Wanted(action="kinesis:GetRecords", resource=resource, type=STREAM.type, named=unknown)


def _stream_of(iterator: str) -> str | None:
    """The stream's name in an iterator that has it, read as leniently as by whoever has made it."""
    try:
        parts = base64.decodebytes(iterator.encode()).decode().split(":")
    except (binascii.Error, UnicodeError):
        return None
    return parts[0] if len(parts) == 3 else None


def _register(asked: Asked) -> Iterator[Wanted]:
    stream = STREAM.whole(asked, required(asked, "StreamARN"))
    yield Wanted(action="kinesis:RegisterStreamConsumer", resource=stream, type=STREAM.type)
    if asked.members.get("Tags"):
        resource = _consumer_of(asked, stream, required(asked, "ConsumerName"))
        yield Wanted(action="kinesis:TagResource", resource=resource, type=CONSUMER.type)


def _on_consumer(asked: Asked) -> Iterator[Wanted]:
    """A consumer by its ARN, or by its stream and its name; where it is said in both ways, both are asked."""
    action, arn, name = (
        f"kinesis:{asked.operation.name}",
        given(asked, "ConsumerARN"),
        given(asked, "ConsumerName"),
    )
    if arn:
        yield Wanted(action=action, resource=CONSUMER.whole(asked, arn), type=CONSUMER.type)
    if name or not arn:
        resource = _consumer_of(asked, required(asked, "StreamARN"), required(asked, "ConsumerName"))
        yield Wanted(action=action, resource=resource, type=CONSUMER.type, named=name or "")


def _consumer_of(asked: Asked, stream: str, name: str) -> str:
    """The ARN of a consumer, but for the time of its making, which only what stands behind knows."""
    resource = f"{STREAM.whole(asked, stream)}/consumer/{name}"
    if CONSUMER.named(asked, resource + ":0") is None:
        refuse(f"Invalid consumer name: {name}")
    return resource + ":*"


# -- what stands behind -----------------------------------------------------------------------------


async def _complete_consumer(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    stream = wanted.resource.partition("/consumer/")[0]
    members: dict[str, Any] = {"StreamARN": stream, "ConsumerName": wanted.named}
    answer = await lookups.ask(at(asked, stream), "kinesis", "DescribeStreamConsumer", **members)
    found: str | None = ((answer or {}).get("ConsumerDescription") or {}).get("ConsumerARN")
    return found


async def _complete_stream(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    there = at(asked, wanted.resource)
    answer = await lookups.ask(there, "kinesis", "DescribeStreamSummary", StreamName=wanted.named)
    return wanted.resource if answer else given(asked, "StreamARN")


async def _tags(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    name = arn.partition(":stream/")[2]
    answer = await lookups.ask(asked, "kinesis", "ListTagsForStream", StreamName=name)
    return {tag["Key"]: tag["Value"] for tag in (answer or {}).get("Tags") or ()}


async def _policy(lookups: Lookups, asked: Asked, arn: str) -> str | None:
    if arn.endswith("*"):
        return None
    answer = await lookups.ask(asked, "kinesis", "GetResourcePolicy", ResourceARN=arn)
    policy: str | None = (answer or {}).get("Policy")
    return policy if policy not in ("", "{}") else None  # which is what a stream without one has


_CONTEXT = "aws:kinesis:arn"
_put = messages.under(messages.of_stream, _CONTEXT, "GenerateDataKey")
_got = messages.under(messages.of_stream, _CONTEXT, "Decrypt")

RULES = Rules(
    prefix="kinesis",
    special={
        **all_of(_ON_STREAMS, _on_streams),
        **all_of(_BY_ARN, on_any("kinesis", "ResourceARN", STREAM, CONSUMER)),
        **all_of(("StartStreamEncryption", "StopStreamEncryption"), _encrypt),
        **all_of(("DescribeStreamConsumer", "DeregisterStreamConsumer"), _on_consumer),
        "CreateStream": _create,
        "GetRecords": _records,
        "ListShards": _shards,
        "RegisterStreamConsumer": _register,
        "SubscribeToShard": on("kinesis", CONSUMER, "ConsumerARN", whole=True),
    },
    besides={"GetRecords": _got, "PutRecord": _put, "PutRecords": _put, "SubscribeToShard": _got},
    found=kms.RULES.found,
    completions={CONSUMER.type: _complete_consumer, STREAM.type: _complete_stream, kms.OTHERS: kms.complete},
    tags={STREAM.type: _tags},
    policies={STREAM.type: _policy, CONSUMER.type: _policy},
)
