"""The partition keys of the items that a request touches: `dynamodb:LeadingKeys` and the like.

The rule of this file: which attribute is the partition key, only the table knows, so it is asked of what
stands behind; that is done where a policy names such a key, and never else. Where a request must say the
partition key and does not, it is refused, so that no condition is passed over for want of a value.
Source: "Using IAM policy conditions for fine-grained access control" in the Amazon DynamoDB Developer Guide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.items.touched import OPERATIONS, touched
from rolekeeper.gateway.naming import at, refuse
from rolekeeper.gateway.rules import KeyOf, Lookups
from rolekeeper.policy.context import KeyValue

_WITHOUT = ("Scan", "PartiQLSelect")  # they may touch all items


def partition_key(number: int) -> KeyOf:
    """The values of a table's first partition key, of its second ..."""

    async def found(lookups: Lookups, asked: Asked, wanted: Wanted) -> KeyValue | None:
        if asked.operation.name not in OPERATIONS or wanted.action == "dynamodb:Scan":
            return None
        names = await partition_keys(lookups, asked, wanted.resource)
        if number >= len(names):
            return None
        values: list[str] = []
        for one in touched(asked):
            if one.wanted(asked)[:2] == (wanted.action, wanted.resource):
                given = list(one.values(names[number]))
                if not given and one.action not in _WITHOUT:
                    refuse(f"Missing the key {names[number]} in the item")
                values += given
        return tuple(dict.fromkeys(values)) or None

    return found


async def full_scan(lookups: Lookups, asked: Asked, wanted: Wanted) -> KeyValue | None:
    """Whether a PartiQL query says no partition key, and so reads the whole table."""
    if wanted.action != "dynamodb:PartiQLSelect":
        return None
    names = await partition_keys(lookups, asked, wanted.resource)
    queries = [one for one in touched(asked) if one.wanted(asked)[:2] == (wanted.action, wanted.resource)]
    whole = any(not list(one.values(name)) for one in queries for name in names[:1])
    return "true" if whole or not names else "false"


async def partition_keys(lookups: Lookups, asked: Asked, resource: str) -> Sequence[str]:
    """The partition keys' names of a table or an index, by its ARN; none where there is no such table."""
    table, _, index = resource.partition(":table/")[2].partition("/index/")
    answer = await lookups.ask(at(asked, resource), "dynamodb", "DescribeTable", TableName=table)
    described: Mapping[str, Any] = (answer or {}).get("Table") or {}
    if index:
        indexes = [
            *(described.get("GlobalSecondaryIndexes") or ()),
            *(described.get("LocalSecondaryIndexes") or ()),
        ]
        described = next((one for one in indexes if one.get("IndexName") == index), {})
    schema = described.get("KeySchema") or ()
    return [part["AttributeName"] for part in schema if part.get("KeyType") == "HASH"]
