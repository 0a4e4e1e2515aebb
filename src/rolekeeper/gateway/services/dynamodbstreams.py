"""DynamoDB Streams: the changes of tables, whose actions are DynamoDB's.

An iterator of a shard begins with the ARN of its stream, which is how GetRecords names one.
Source: "Actions, resources, and condition keys for Amazon DynamoDB" in the Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Iterator

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import all_of, on, required
from rolekeeper.gateway.rules import Rules
from rolekeeper.gateway.services.dynamodb import RULES as TABLES
from rolekeeper.gateway.services.dynamodb import STREAM


def _records(asked: Asked) -> Iterator[Wanted]:
    stream = STREAM.whole(asked, required(asked, "ShardIterator").partition("|")[0])
    yield Wanted(action="dynamodb:GetRecords", resource=stream, type=STREAM.type)


RULES = Rules(
    prefix="dynamodb",
    special={
        **all_of(("DescribeStream", "GetShardIterator"), on("dynamodb", STREAM, "StreamArn", whole=True)),
        "GetRecords": _records,
    },
    policies={STREAM.type: TABLES.policies[STREAM.type]},
)
