"""EventBridge: event buses and their rules, archives, replays, connections.

A rule of the default bus is `rule/NAME`, of another bus `rule/BUS/NAME`. A bus of a partner has slashes in
its name, and backends are known that read the last part of it alone: such a one is asked as both. They read
the ARNs that tags are of in the same way: whatever else has that last part is asked too.
Source: "Actions, resources, and condition keys for Amazon EventBridge" in the Service Authorization
Reference; "Using IAM policy conditions in Amazon EventBridge" in the Amazon EventBridge User Guide.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import (
    Asking,
    Kind,
    all_of,
    at,
    given,
    kind_of_all,
    on,
    on_any,
    refuse,
    required,
)
from rolekeeper.gateway.rules import Besides, KeyOf, Lookups, Rules
from rolekeeper.gateway.services import kms
from rolekeeper.policy.context import KeyValue
from rolekeeper.service.call import Resource

_NAME = "[A-Za-z0-9_.-]{1,64}"
_ID = "(?:/[0-9a-f-]{36})?"
BUS = Kind(type="event-bus", service="events", before="event-bus/", name=r"[A-Za-z0-9_./-]{1,256}")
RULE = Kind(type="rule-on-default-event-bus", service="events", before="rule/", name=_NAME)
BUS_RULE = Kind(
    type="rule-on-custom-event-bus", service="events", before="rule/", name=rf"{BUS.name}/{_NAME}"
)
ARCHIVE = Kind(type="archive", service="events", before="archive/", name="[A-Za-z0-9_.-]{1,48}")
REPLAY = Kind(type="replay", service="events", before="replay/", name=_NAME)
CONNECTION = Kind(type="connection", service="events", before="connection/", name=_NAME + _ID)
DESTINATION = Kind(type="api-destination", service="events", before="api-destination/", name=_NAME + _ID)
ENDPOINT = Kind(type="endpoint", service="events", before="endpoint/", name=_NAME)

_ON_RULES = ("DeleteRule", "DescribeRule", "DisableRule", "EnableRule")
_ON_TARGETS = ("ListTargetsByRule", "PutTargets", "RemoveTargets")
_BY_ARN = ("TagResource", "UntagResource", "ListTagsForResource")
_ON_ARCHIVES = ("DeleteArchive", "DescribeArchive")
_ON_CONNECTIONS = (
    *("CreateConnection", "DeauthorizeConnection", "DeleteConnection"),
    *("DescribeConnection", "UpdateConnection"),
)
_ON_DESTINATIONS = ("DeleteApiDestination", "UpdateApiDestination")
_ON_ENDPOINTS = ("CreateEndpoint", "DeleteEndpoint", "DescribeEndpoint", "UpdateEndpoint")
_ON_SOURCES = (
    *("ActivateEventSource", "CreatePartnerEventSource", "DeactivateEventSource"),
    *("DeletePartnerEventSource", "DescribeEventSource", "DescribePartnerEventSource"),
)


def _buses(asked: Asked, name: str) -> Iterator[str]:
    """The ARNs of the bus that is called by a name or an ARN, and of the one that its last part calls."""
    arn = BUS.called(asked, name)
    yield arn
    start, _, bare = arn.partition(":event-bus/")
    if "/" in bare:
        yield f"{start}:event-bus/{bare.rpartition('/')[2] or 'default'}"


def _on_bus(member: str = "Name") -> Asking:
    def asking(asked: Asked) -> Iterator[Wanted]:
        for resource in _buses(asked, given(asked, member) or "default"):
            yield Wanted(action=f"events:{asked.operation.name}", resource=resource, type=BUS.type)

    return asking


def _rules(asked: Asked, action: str, member: str) -> Iterator[Wanted]:
    name = required(asked, member)
    RULE.arn(asked, name)
    for bus in _buses(asked, given(asked, "EventBusName") or "default"):
        start, _, bare = bus.partition(":event-bus/")
        if bare == "default":
            yield Wanted(action=f"events:{action}", resource=f"{start}:rule/{name}", type=RULE.type)
        else:
            yield Wanted(
                action=f"events:{action}", resource=f"{start}:rule/{bare}/{name}", type=BUS_RULE.type
            )


def _on_rule(member: str = "Name") -> Asking:
    return lambda asked: _rules(asked, asked.operation.name, member)


def _put_rule(asked: Asked) -> Iterator[Wanted]:
    yield from _rules(asked, "PutRule", "Name")
    if asked.members.get("Tags"):
        yield from _rules(asked, "TagResource", "Name")


def _put_events(asked: Asked) -> Iterator[Wanted]:
    """Each bus once, with the sources and the types of all events for it."""
    by_bus: dict[str, list[Mapping[str, Any]]] = {}
    for entry in asked.members.get("Entries") or ():
        for bus in _buses(asked, entry.get("EventBusName") or "default"):
            by_bus.setdefault(bus, []).append(entry)
    if not by_bus:
        refuse("1 validation error detected: Value at 'entries' failed to satisfy constraint")
    for bus, entries in by_bus.items():
        keys: dict[str, KeyValue] = {"events:eventbusinvocation": "false"}
        for key, member in (("events:source", "Source"), ("events:detail-type", "DetailType")):
            values = tuple(dict.fromkeys(entry[member] for entry in entries if entry.get(member)))
            keys |= {key: values} if values else {}
        yield Wanted(action="events:PutEvents", resource=bus, type=BUS.type, keys=keys)


def _on_source(asked: Asked) -> Iterator[Wanted]:
    name = required(asked, "Name")
    BUS.arn(asked, name)  # it has a bus's name
    resource = f"arn:{asked.partition}:events:{asked.region}::event-source/{name}"
    yield Wanted(action=f"events:{asked.operation.name}", resource=resource, type="event-source")


def _archive(asked: Asked) -> Iterator[Wanted]:
    action = f"events:{asked.operation.name}"
    resource = ARCHIVE.arn(asked, required(asked, "ArchiveName"))
    yield Wanted(action=action, resource=resource, type=ARCHIVE.type)
    if asked.operation.name == "CreateArchive":
        for bus in _buses(asked, BUS.whole(asked, required(asked, "EventSourceArn"))):
            yield Wanted(action=action, resource=bus, type=BUS.type)
    key = given(asked, "KmsKeyIdentifier")
    if key:
        yield msgspec.structs.replace(kms.used(asked, action, key), named="")  # as an alias or as a key


def _replay(asked: Asked) -> Iterator[Wanted]:
    action = "events:StartReplay"
    yield Wanted(action=action, resource=REPLAY.arn(asked, required(asked, "ReplayName")), type=REPLAY.type)
    archive = ARCHIVE.whole(asked, required(asked, "EventSourceArn"))
    yield Wanted(action=action, resource=archive, type=ARCHIVE.type)
    target = (asked.members.get("Destination") or {}).get("Arn") or ""
    for bus in _buses(asked, BUS.whole(asked, target)):
        yield Wanted(action=action, resource=bus, type=BUS.type)


def _destination(asked: Asked) -> Iterator[Wanted]:
    """An API destination and its connection, which the request names or what stands behind knows."""
    action, name = f"events:{asked.operation.name}", required(asked, "Name")
    yield Wanted(action=action, resource=DESTINATION.arn(asked, name), type=DESTINATION.type)
    if asked.operation.name == "CreateApiDestination":
        connection = CONNECTION.whole(asked, required(asked, "ConnectionArn"))
        yield Wanted(action=action, resource=connection, type=CONNECTION.type)
    else:
        every = kind_of_all(asked, CONNECTION)
        yield Wanted(action=action, resource=every, type=CONNECTION.type, named=name)


# -- condition keys ---------------------------------------------------------------------------------


def _keys(asked: Asked) -> Mapping[str, KeyValue]:
    if asked.operation.name == "PutTargets":
        targets = tuple(str(each["Arn"]) for each in asked.members.get("Targets") or () if each.get("Arn"))
        return {"events:targetarn": targets} if targets else {}
    if asked.operation.name == "PutRule" and asked.members.get("EventPattern"):
        return _pattern(asked.members["EventPattern"])
    return {}


def _pattern(text: str) -> dict[str, KeyValue]:
    """What a rule's pattern lets through, as far as policies may ask."""
    try:
        pattern = json.loads(text)
    except (ValueError, RecursionError):
        pattern = None
    if not isinstance(pattern, dict):
        refuse("Event pattern is not valid. Reason: not a valid JSON object")
    found: dict[str, KeyValue] = {}
    for key, path in _PATHS.items():
        values = tuple(dict.fromkeys(_values(pattern, path)))
        if len(values) == 1 and path[0] == "detail":
            found[key] = values[0]
        elif values:
            found[key] = values
    return found


_PATHS = {
    "events:source": ("source",),
    "events:detail-type": ("detail-type",),
    "events:detail.service": ("detail", "service"),
    "events:detail.eventtypecode": ("detail", "eventTypeCode"),
    "events:detail.useridentity.principalid": ("detail", "userIdentity", "principalId"),
}


def _values(pattern: Any, path: Iterable[str]) -> Iterator[str]:
    """The values at a path; a filter that is no plain value is its JSON, which no plain value equals."""
    for name in path:
        pattern = pattern.get(name) if isinstance(pattern, dict) else None
    for value in pattern if isinstance(pattern, list) else ():
        yield value if isinstance(value, str) else json.dumps(value)


# -- what stands behind -----------------------------------------------------------------------------


def _of_rule(name: str) -> KeyOf:
    async def found(lookups: Lookups, asked: Asked, wanted: Wanted) -> KeyValue | None:
        if wanted.type not in (RULE.type, BUS_RULE.type):
            return None
        bus, _, rule = wanted.resource.partition(":rule/")[2].rpartition("/")
        members = {"Name": rule, "EventBusName": bus or "default"}
        answer = await lookups.ask(at(asked, wanted.resource), "events", "DescribeRule", **members)
        value: str | None = (answer or {}).get(name)
        return value

    return found


async def _connection(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    answer = await lookups.ask(asked, "events", "DescribeApiDestination", Name=wanted.named)
    found: str | None = (answer or {}).get("ConnectionArn")
    return found


async def _namesakes(lookups: Lookups, asked: Asked, arn: str) -> list[tuple[str, str]]:
    """The ARNs and kinds of other rules and buses that end with the same name."""
    there, name, found = at(asked, arn), arn.rpartition("/")[2], list[tuple[str, str]]()
    answer = await lookups.ask(there, "events", "ListEventBuses")
    for bus in (answer or {}).get("EventBuses") or ():
        members = {"Name": name, "EventBusName": bus["Name"]}
        rule = await lookups.ask(there, "events", "DescribeRule", **members)
        kind = RULE if bus["Name"] == "default" else BUS_RULE
        found += [(rule["Arn"], kind.type)] if rule else []
        found += [(bus["Arn"], BUS.type)] if bus["Name"] == name else []
    return [each for each in found if each[0] != arn]


async def _also(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    action = f"events:{asked.operation.name}"
    others = await _namesakes(lookups, asked, required(asked, "ResourceARN"))
    return Besides(wanted=tuple(Wanted(action=action, resource=arn, type=kind) for arn, kind in others))


async def _tags(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    others = await _namesakes(lookups, asked, arn)
    if others and asked.operation.name not in _BY_ARN:
        refuse(
            f"`{arn.rpartition('/')[2]}` is the name of {len(others) + 1} resources: their tags are not told"
        )
    answer = await lookups.ask(asked, "events", "ListTagsForResource", ResourceARN=arn)
    return {tag["Key"]: tag["Value"] for tag in (answer or {}).get("Tags") or ()}


async def _policy(lookups: Lookups, asked: Asked, arn: str) -> str | None:
    name = arn.partition(":event-bus/")[2]
    answer = await lookups.ask(asked, "events", "DescribeEventBus", Name=name)
    policy: str | None = (answer or {}).get("Policy")
    return policy or None


RULES = Rules(
    prefix="events",
    special={
        **all_of(_ON_RULES, _on_rule()),
        **all_of(_ON_TARGETS, _on_rule("Rule")),
        **all_of(("CreateEventBus", "DeleteEventBus", "DescribeEventBus", "UpdateEventBus"), _on_bus()),
        **all_of(_ON_ARCHIVES, on("events", ARCHIVE, "ArchiveName")),
        **all_of(("CreateArchive", "UpdateArchive"), _archive),
        **all_of(("CancelReplay", "DescribeReplay"), on("events", REPLAY, "ReplayName")),
        **all_of(_ON_CONNECTIONS, on("events", CONNECTION, "Name")),
        **all_of(_ON_DESTINATIONS, on("events", DESTINATION, "Name")),
        **all_of(("CreateApiDestination", "DescribeApiDestination"), _destination),
        **all_of(_ON_ENDPOINTS, on("events", ENDPOINT, "Name")),
        **all_of(_ON_SOURCES, _on_source),
        **all_of(
            _BY_ARN,
            on_any("events", "ResourceARN", BUS, RULE, BUS_RULE),
        ),
        "PutEvents": _put_events,
        "PutRule": _put_rule,
        "StartReplay": _replay,
    },
    keys=_keys,
    besides=dict.fromkeys(_BY_ARN, _also),
    found={"events:managedby": _of_rule("ManagedBy"), "events:creatoraccount": _of_rule("CreatedBy")},
    completions={CONNECTION.type: _connection},
    tags={kind.type: _tags for kind in (BUS, RULE, BUS_RULE)},
    policies={BUS.type: _policy},
)
