"""Messages and records under a KMS key: who sends them needs the key, and who takes them out again.

The key is in the settings of the queue, the topic or the stream. What stands behind is asked for them as it
is for their policies; the answer is kept for a moment.
Source: "Configure AWS KMS permissions" in the Amazon SQS Developer Guide; "Securing Amazon SNS data with
server-side encryption" in the Amazon SNS Developer Guide; "Permissions to use user-generated KMS keys" in the
Amazon Kinesis Data Streams Developer Guide.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from rolekeeper.errors import NotImplementedByServer
from rolekeeper.gateway import used_keys
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import at
from rolekeeper.gateway.rules import Besides, BesidesOf, Lookups
from rolekeeper.service.call import Resource

KeyIn = Callable[[Lookups, Asked, str], Awaitable[str | None]]
"""Finds what the key of the resource of an ARN is called."""


def under(key: KeyIn, context: str, *actions: str) -> BesidesOf:
    """What is done with messages under the key of each queue, topic or stream that is named; its ARN is the
    encryption context, as `context`."""

    async def besides(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
        wanted: list[Wanted] = []
        for arn in dict.fromkeys(on.arn for on in resources):
            wanted += await of(lookups, asked, arn, key, context, actions)
        return Besides(wanted=tuple(wanted))

    return besides


async def of(
    lookups: Lookups, asked: Asked, arn: str, key: KeyIn, context: str, actions: Sequence[str]
) -> tuple[Wanted, ...]:
    """The accesses to the key of one of them."""
    if arn.endswith("*") or not arn.startswith("arn:"):
        return ()
    there = at(asked, arn)
    called = await key(lookups, there, arn)
    return await used_keys.used(lookups, asked, there, called, actions, {context: arn})


async def of_stream(lookups: Lookups, there: Asked, arn: str) -> str | None:
    """The key of a stream, or of that which a consumer is one of."""
    name = arn.partition(":stream/")[2].partition("/consumer/")[0]
    try:
        answer = await lookups.ask(there, "kinesis", "DescribeStreamSummary", StreamName=name)
    except NotImplementedByServer:
        return None  # a backend that tells nothing of a stream encrypts none
    found = (answer or {}).get("StreamDescriptionSummary") or {}
    key: str | None = found.get("KeyId")
    return key if found.get("EncryptionType") == "KMS" else None
