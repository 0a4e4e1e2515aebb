"""Firehose: delivery streams, by their names.

Source: "Actions, resources, and condition keys for Amazon Kinesis Firehose" in the Service Authorization
Reference; `CreateDeliveryStream` in the Amazon Data Firehose API Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import Kind, all_of, on, required
from rolekeeper.gateway.rules import Lookups, Rules

STREAM = Kind(
    type="deliverystream", service="firehose", before="deliverystream/", name=r"[A-Za-z0-9_.-]{1,64}"
)

_OPERATIONS = (
    *("DeleteDeliveryStream", "DescribeDeliveryStream", "ListTagsForDeliveryStream", "PutRecord"),
    *("PutRecordBatch", "StartDeliveryStreamEncryption", "StopDeliveryStreamEncryption"),
    *("TagDeliveryStream", "UntagDeliveryStream", "UpdateDestination"),
)


def _create(asked: Asked) -> Iterator[Wanted]:
    resource = STREAM.arn(asked, required(asked, "DeliveryStreamName"))
    yield Wanted(action="firehose:CreateDeliveryStream", resource=resource, type=STREAM.type)
    if asked.members.get("Tags"):
        yield Wanted(action="firehose:TagDeliveryStream", resource=resource, type=STREAM.type)


async def _tags(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    name = arn.rpartition("/")[2]
    answer = await lookups.ask(asked, "firehose", "ListTagsForDeliveryStream", DeliveryStreamName=name)
    return {tag["Key"]: tag.get("Value", "") for tag in (answer or {}).get("Tags") or ()}


RULES = Rules(
    prefix="firehose",
    special={
        **all_of(_OPERATIONS, on("firehose", STREAM, "DeliveryStreamName")),
        "CreateDeliveryStream": _create,
    },
    tags={STREAM.type: _tags},
)
