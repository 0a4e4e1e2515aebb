"""What members are called in forms: by the query protocol, by EC2, and by SQS, whose model has forgotten it.

Source: the "AWS query protocol" and "AWS EC2 query protocol" pages of the Smithy specification; the examples
of the Amazon SQS API Reference of the query protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from rolekeeper.wire.model import Member, Shape

__all__ = ["EC2", "QUERY", "SQS", "Names"]


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """The names of one protocol's forms."""

    member: Callable[[Member], str]
    list_prefix: Callable[[Shape], str]
    """What is between a list's name and an index: `member.`."""
    map_prefix: Callable[[Shape], str]
    entry: Callable[[Shape], tuple[str, str]]
    """What the key and the value of a map's entry are called."""
    empty_lists: bool = True
    """A list without elements is sent, as a name without a value."""


def _ec2_member(member: Member) -> str:
    given = member.given_name
    return member.query_name or given[:1].upper() + given[1:] or member.name


_SQS_MEMBERS: Final[Mapping[str, str]] = {
    "AWSAccountIds": "AWSAccountId",
    "Actions": "ActionName",
    "AttributeNames": "AttributeName",
    "Attributes": "Attribute",
    "MessageAttributeNames": "MessageAttributeName",
    "MessageAttributes": "MessageAttribute",
    "MessageSystemAttributeNames": "MessageSystemAttributeName",
    "MessageSystemAttributes": "MessageSystemAttribute",
    "TagKeys": "TagKey",
    "Tags": "Tag",
    "tags": "Tag",
}
_SQS_ENTRIES: Final[Mapping[str, tuple[str, str]]] = {"TagMap": ("Key", "Value")}


def _sqs_member(member: Member) -> str:
    if member.name == "Entries":  # `SendMessageBatchRequestEntry.1.Id`
        return member.shape.element.name
    return _SQS_MEMBERS.get(member.name, member.name)


QUERY: Final = Names(
    member=lambda member: member.wire_name,
    list_prefix=lambda shape: "" if shape.flattened else f"{shape.element_name}.",
    map_prefix=lambda shape: "" if shape.flattened else "entry.",
    entry=lambda shape: shape.entry_names,
)
EC2: Final = Names(
    member=_ec2_member,
    list_prefix=lambda shape: "",
    map_prefix=lambda shape: "" if shape.flattened else "entry.",
    entry=lambda shape: shape.entry_names,
    empty_lists=False,
)
SQS: Final = Names(
    member=_sqs_member,
    list_prefix=lambda shape: "" if shape.flattened else f"{shape.element_name}.",
    map_prefix=lambda shape: "",
    entry=lambda shape: _SQS_ENTRIES.get(shape.name, ("Name", "Value")),
)
