"""SNS: topics, by their ARN. A subscription is asked on its topic.

A topic under a KMS key needs that too of who publishes.

To publish to a device is asked on the ARN of its endpoint, to a telephone on `*`: a number has no ARN.
Source: "Actions, resources, and condition keys for Amazon SNS" in the Service Authorization Reference;
`CreateTopic` and `Publish` in the Amazon SNS API Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import Asking, Kind, all_of, on, refuse, required, strings
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.gateway.sealed import messages
from rolekeeper.gateway.services import kms
from rolekeeper.gateway.used_keys import WRITING
from rolekeeper.policy.context import KeyValue

TOPIC = Kind(type="topic", service="sns", name=r"[A-Za-z0-9_-]{1,256}(?:\.fifo)?")
_SUBSCRIPTION = Kind(type="topic", service="sns", name=rf"{TOPIC.name}:[A-Za-z0-9-]+")
_ENDPOINT = Kind(
    type="endpoint", service="sns", before="endpoint/", name=r"[A-Z_]+/[A-Za-z0-9_.-]+/[A-Za-z0-9-]+"
)

_ON_TOPICS = (
    *("AddPermission", "ConfirmSubscription", "DeleteTopic", "GetTopicAttributes"),
    *("ListSubscriptionsByTopic", "RemovePermission", "SetTopicAttributes", "Subscribe"),
)
_BY_ARN = (
    *("ListTagsForResource", "TagResource", "UntagResource"),
    *("GetDataProtectionPolicy", "PutDataProtectionPolicy"),
)
_ON_SUBSCRIPTIONS = ("GetSubscriptionAttributes", "SetSubscriptionAttributes", "Unsubscribe")


def _on_topic(member: str, action: str = "") -> Asking:
    return on("sns", TOPIC, member, action=action, whole=True)


def _create(asked: Asked) -> Iterator[Wanted]:
    resource = TOPIC.arn(asked, required(asked, "Name"))
    yield Wanted(action="sns:CreateTopic", resource=resource, type=TOPIC.type)
    if asked.members.get("Tags"):
        yield Wanted(action="sns:TagResource", resource=resource, type=TOPIC.type)
    if asked.members.get("DataProtectionPolicy"):
        yield Wanted(action="sns:PutDataProtectionPolicy", resource=resource, type=TOPIC.type)


def _on_subscription(asked: Asked) -> Iterator[Wanted]:
    subscription = _SUBSCRIPTION.whole(asked, required(asked, "SubscriptionArn"))
    resource = subscription.rpartition(":")[0]
    yield Wanted(action=f"sns:{asked.operation.name}", resource=resource, type=TOPIC.type)


def _publish(asked: Asked) -> Iterator[Wanted]:
    targets = [name for name in ("TopicArn", "TargetArn", "PhoneNumber") if asked.members.get(name)]
    if len(targets) != 1:
        refuse("Invalid parameter: exactly one of TopicArn, TargetArn and PhoneNumber is required")
    if targets == ["PhoneNumber"]:
        yield Wanted(action="sns:Publish", resource="*")
        return
    target = required(asked, *targets)
    kind = _ENDPOINT if _ENDPOINT.named(asked, target) is not None else TOPIC
    yield Wanted(action="sns:Publish", resource=kind.whole(asked, target), type=kind.type)


def _keys(asked: Asked) -> Mapping[str, KeyValue]:
    if asked.operation.name != "Subscribe":
        return {}
    return strings(asked.members, **{"sns:protocol": "Protocol", "sns:endpoint": "Endpoint"})


async def _attributes(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, Any]:
    answer = await lookups.ask(asked, "sns", "GetTopicAttributes", TopicArn=arn)
    return (answer or {}).get("Attributes") or {}


async def _policy(lookups: Lookups, asked: Asked, arn: str) -> str | None:
    return (await _attributes(lookups, asked, arn)).get("Policy") or None


async def _tags(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    answer = await lookups.ask(asked, "sns", "ListTagsForResource", ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for tag in (answer or {}).get("Tags") or ()}


async def _key(lookups: Lookups, asked: Asked, arn: str) -> str | None:
    if "/" in arn:  # the endpoint of a device
        return None
    return (await _attributes(lookups, asked, arn)).get("KmsMasterKeyId")


_published = messages.under(_key, "aws:sns:topicArn", *WRITING)

RULES = Rules(
    prefix="sns",
    actions={"PublishBatch": ("Publish",)},
    special={
        **all_of(_ON_TOPICS, _on_topic("TopicArn")),
        **all_of(_BY_ARN, _on_topic("ResourceArn")),
        **all_of(_ON_SUBSCRIPTIONS, _on_subscription),
        "CreateTopic": _create,
        "Publish": _publish,
        "PublishBatch": _on_topic("TopicArn", action="Publish"),
    },
    keys=_keys,
    besides={"Publish": _published, "PublishBatch": _published},
    found=kms.RULES.found,
    tags={TOPIC.type: _tags},
    policies={TOPIC.type: _policy},
)
