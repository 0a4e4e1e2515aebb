"""DynamoDB Streams: the changes of tables, whose actions are DynamoDB's.

An iterator of a shard begins with the ARN of its stream, which is how GetRecords names one. A stream that its
table does not have is refused: backends are known that read the table in its ARN and nothing else.
Source: "Actions, resources, and condition keys for Amazon DynamoDB" in the Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Iterator

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import all_of, at, refuse, required
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.gateway.services.dynamodb import RULES as TABLES
from rolekeeper.gateway.services.dynamodb import STREAM


def _on_stream(asked: Asked) -> Iterator[Wanted]:
    stream = STREAM.whole(asked, required(asked, "StreamArn"))
    action = f"dynamodb:{asked.operation.name}"
    yield Wanted(action=action, resource=stream, type=STREAM.type, named=stream)


def _records(asked: Asked) -> Iterator[Wanted]:
    stream = STREAM.whole(asked, required(asked, "ShardIterator").partition("|")[0])
    yield Wanted(action="dynamodb:GetRecords", resource=stream, type=STREAM.type)


async def _complete(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    table = wanted.named.partition(":table/")[2].partition("/")[0]
    there = at(asked, wanted.named)
    answer = await lookups.ask(there, "dynamodbstreams", "ListStreams", TableName=table)
    streams = (answer or {}).get("Streams")
    if streams and wanted.named not in [stream.get("StreamArn") for stream in streams]:
        refuse(f"Requested resource not found: Stream: {wanted.named} not found")
    return wanted.named


RULES = Rules(
    prefix="dynamodb",
    special={
        **all_of(("DescribeStream", "GetShardIterator"), _on_stream),
        "GetRecords": _records,
    },
    completions={STREAM.type: _complete},
    policies={STREAM.type: TABLES.policies[STREAM.type]},
)
