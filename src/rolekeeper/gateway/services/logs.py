"""CloudWatch Logs: groups and streams, destinations, deliveries.

A group is asked as AWS asks it, `log-group:NAME:log-stream:`, which is why policies say `log-group:NAME:*`;
only its tags are asked on `log-group:NAME`. What is about no group in particular is asked on the group
without a name. A query's results are of groups that only AWS knows by the query's ID. Who exports a group
writes to a bucket, which has to be allowed as well.
Source: "Actions, resources, and condition keys for Amazon CloudWatch Logs" in the Service Authorization
Reference; "Overview of managing access permissions" in the CloudWatch Logs User Guide; `LogGroup`,
`CreateLogGroup` and `CreateExportTask` in its API Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import Asking, Kind, all_of, given, kind_of_all, on, on_any, refuse, required
from rolekeeper.gateway.rules import Besides, Lookups, Rules
from rolekeeper.gateway.s3.names import bucket_arn, checked_bucket
from rolekeeper.policy.context import KeyValue
from rolekeeper.service.call import Resource

GROUP = Kind(type="log-group", service="logs", before="log-group:", name=r"[A-Za-z0-9_/.#-]{1,512}")
STREAM = Kind(
    type="log-stream",
    service="logs",
    before="log-group:",
    name=r"[A-Za-z0-9_/.#-]{1,512}:log-stream:[^:*\x00-\x1f]{1,512}",
)
DESTINATION = Kind(type="destination", service="logs", before="destination:", name=r"[^:*\x00-\x1f]{1,512}")
DELIVERY = Kind(type="delivery", service="logs", before="delivery:", name="[A-Za-z0-9]{1,64}")
TARGET = Kind(
    type="delivery-destination", service="logs", before="delivery-destination:", name=r"[A-Za-z0-9_-]{1,60}"
)
SOURCE = Kind(type="delivery-source", service="logs", before="delivery-source:", name=r"[A-Za-z0-9_-]{1,60}")
DETECTOR = Kind(type="anomaly-detector", service="logs", before="anomaly-detector:", name="[A-Za-z0-9-]+")
LOOKUP = Kind(type="lookup-table", service="logs", before="lookup-table:", name="[A-Za-z0-9_-]+")
SCHEDULED = Kind(type="scheduled-query", service="logs", before="scheduled-query:", name="[A-Za-z0-9_-]+")
_TAGGED = (GROUP, DESTINATION, DELIVERY, TARGET, SOURCE, DETECTOR, LOOKUP, SCHEDULED)

_ON_GROUPS = (
    *("AssociateKmsKey", "DeleteLogGroup", "DeleteMetricFilter", "DeleteRetentionPolicy"),
    *("DeleteSubscriptionFilter", "DescribeLogStreams", "DescribeSubscriptionFilters", "DisassociateKmsKey"),
    *("FilterLogEvents", "ListTagsLogGroup", "PutMetricFilter", "PutRetentionPolicy", "TagLogGroup"),
    *("UntagLogGroup", "DeleteDataProtectionPolicy", "DeleteTransformer", "GetDataProtectionPolicy"),
    *("GetLogGroupFields", "GetTransformer", "PutDataProtectionPolicy", "PutLogGroupDeletionProtection"),
    "PutTransformer",
)
_ON_STREAMS = ("CreateLogStream", "DeleteLogStream", "GetLogEvents", "PutLogEvents")
_BY_ARN = ("ListTagsForResource", "TagResource", "UntagResource")


def _group(asked: Asked, value: str, action: str = "") -> Wanted:
    resource = GROUP.called(asked, value) + ":log-stream:"
    return Wanted(action=f"logs:{action or asked.operation.name}", resource=resource, type=GROUP.type)


def _every_group(asked: Asked) -> Wanted:
    resource = kind_of_all(asked, GROUP).removesuffix("*") + ":log-stream:"
    return Wanted(action=f"logs:{asked.operation.name}", resource=resource, type=GROUP.type)


def _one_group(asked: Asked) -> str:
    """What a request calls its group: by a name, or by an identifier, which may be an ARN."""
    name, identifier = given(asked, "logGroupName"), given(asked, "logGroupIdentifier")
    if name and identifier:
        refuse("You must specify either logGroupName or logGroupIdentifier, but not both.")
    return name or identifier or required(asked, "logGroupName")


def _on_group(asked: Asked) -> Iterator[Wanted]:
    yield _group(asked, _one_group(asked))


def _on_group_or_all(asked: Asked) -> Iterator[Wanted]:
    yield _group(asked, _one_group(asked)) if given(asked, "logGroupName") else _every_group(asked)


def _on_groups(asked: Asked) -> Iterator[Wanted]:
    names = [name] if (name := given(asked, "logGroupName")) else []
    for member in ("logGroupNames", "logGroupIdentifiers"):
        names += asked.members.get(member) or ()
    for name in dict.fromkeys(names):
        yield _group(asked, name)
    if not names:
        yield _every_group(asked)


def _on_stream(asked: Asked) -> Iterator[Wanted]:
    group = GROUP.called(asked, _one_group(asked))
    resource = STREAM.whole(asked, f"{group}:log-stream:{required(asked, 'logStreamName')}")
    yield Wanted(action=f"logs:{asked.operation.name}", resource=resource, type=STREAM.type)


def _create_group(asked: Asked) -> Iterator[Wanted]:
    name = required(asked, "logGroupName")
    yield _group(asked, name)
    if asked.members.get("tags"):
        yield Wanted(action="logs:TagResource", resource=GROUP.arn(asked, name), type=GROUP.type)


def _subscribe(asked: Asked) -> Iterator[Wanted]:
    yield _group(asked, required(asked, "logGroupName"))
    target = required(asked, "destinationArn")
    if DESTINATION.named(asked, target) is not None:
        yield Wanted(action="logs:PutSubscriptionFilter", resource=target, type=DESTINATION.type)


def _deliver(asked: Asked) -> Iterator[Wanted]:
    action = "logs:CreateDelivery"
    yield Wanted(action=action, resource=kind_of_all(asked, DELIVERY), type=DELIVERY.type)
    source = SOURCE.arn(asked, required(asked, "deliverySourceName"))
    yield Wanted(action=action, resource=source, type=SOURCE.type)
    target = TARGET.whole(asked, required(asked, "deliveryDestinationArn"))
    yield Wanted(action=action, resource=target, type=TARGET.type)


def _export(asked: Asked) -> Iterator[Wanted]:
    """A group, and the objects in the bucket that it is exported to: "You must use credentials that have
    permission to write to the S3 bucket"."""
    yield _group(asked, _one_group(asked))
    bucket = bucket_arn(asked, checked_bucket(asked, asked.members.get("destination")))
    objects = f"{bucket}/{given(asked, 'destinationPrefix') or _EXPORTED}/*"
    via: Mapping[str, KeyValue] = {"aws:viaawsservice": "true"}
    yield Wanted(action="s3:PutObject", resource=objects, type="object", keys=via)


async def _exported(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """The prefix goes on where the request says none: backends have another one by themselves."""
    given_prefix = given(asked, "destinationPrefix")
    return Besides() if given_prefix else Besides(members={"destinationPrefix": _EXPORTED})


_EXPORTED = "exportedlogs"
"""What AWS has for a prefix where a request says none."""


def _any_group() -> Asking:
    return lambda asked: (_every_group(asked),)


def _keys(asked: Asked) -> Mapping[str, KeyValue]:
    members = asked.members
    if asked.operation.name == "PutDeliverySource" and members.get("resourceArn"):
        return {"logs:loggeneratingresourcearns": (str(members["resourceArn"]),)}
    if asked.operation.name == "PutDeliveryDestination":
        target = (members.get("deliveryDestinationConfiguration") or {}).get("destinationResourceArn")
        return {"logs:deliverydestinationresourcearn": str(target)} if target else {}
    return {}


async def _tags(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    resource = arn.partition(":log-stream:")[0]
    if resource.endswith(":"):
        return {}
    answer = await lookups.ask(asked, "logs", "ListTagsForResource", resourceArn=resource)
    return (answer or {}).get("tags") or {}


async def _policy(lookups: Lookups, asked: Asked, arn: str) -> str | None:
    name = arn.partition(":destination:")[2]
    answer = await lookups.ask(asked, "logs", "DescribeDestinations", DestinationNamePrefix=name)
    known = (answer or {}).get("destinations") or ()
    return next(
        (each.get("accessPolicy") or None for each in known if each.get("destinationName") == name), None
    )


RULES = Rules(
    prefix="logs",
    special={
        **all_of(_ON_GROUPS, _on_group),
        **all_of(_ON_STREAMS, _on_stream),
        **all_of(_BY_ARN, on_any("logs", "resourceArn", *_TAGGED)),
        **all_of(("StartQuery", "StartLiveTail"), _on_groups),
        **all_of(("GetQueryResults", "StopQuery"), _any_group()),
        **all_of(("GetDelivery", "DeleteDelivery"), on("logs", DELIVERY, "id")),
        **all_of(
            ("GetDeliverySource", "PutDeliverySource", "DeleteDeliverySource"), on("logs", SOURCE, "name")
        ),
        **all_of(
            ("GetDeliveryDestination", "PutDeliveryDestination", "DeleteDeliveryDestination"),
            on("logs", TARGET, "name"),
        ),
        **all_of(
            (
                "GetDeliveryDestinationPolicy",
                "PutDeliveryDestinationPolicy",
                "DeleteDeliveryDestinationPolicy",
            ),
            on("logs", TARGET, "deliveryDestinationName"),
        ),
        **all_of(
            ("PutDestination", "PutDestinationPolicy", "DeleteDestination"),
            on("logs", DESTINATION, "destinationName"),
        ),
        "CreateDelivery": _deliver,
        "CreateExportTask": _export,
        "CreateLogGroup": _create_group,
        "DescribeMetricFilters": _on_group_or_all,
        "PutSubscriptionFilter": _subscribe,
    },
    keys=_keys,
    besides={"CreateExportTask": _exported},
    tags={kind.type: _tags for kind in (*_TAGGED, STREAM)},
    policies={DESTINATION.type: _policy},
)
