"""Route 53: hosted zones, health checks and what else has an ID, which requests may write with its path.

Source: "Actions, resources, and condition keys for Amazon Route 53" in the Service Authorization Reference;
"Using IAM policy conditions for fine-grained access control" in the Route 53 Developer Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rolekeeper.gateway.asked import Asked, Unclear
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.gateway.services.tables import Place, Table, values
from rolekeeper.policy.context import KeyValue


def _id(kind: str, *paths: str) -> Place:
    """IDs, which Route 53 itself writes as `/hostedzone/Z1`."""

    def place(asked: Asked) -> Iterator[str]:
        for value in (value for path in paths for value in values(asked.members, path)):
            yield value.removeprefix(f"/{kind}/") if value.startswith(f"/{kind}/") else value

    return place


def _tagged(kind: str) -> Place:
    """What tags are of, if it is of this kind."""

    def place(asked: Asked) -> Iterator[str]:
        if asked.members.get("ResourceType") not in ("healthcheck", "hostedzone"):
            raise Unclear(f"`{asked.members.get('ResourceType')}` is no kind of resource of Route 53")
        if asked.members["ResourceType"] == kind:
            for path in ("ResourceId", "ResourceIds"):
                yield from (each.removeprefix(f"/{kind}/") for each in values(asked.members, path))

    return place


_TAGS: Mapping[str, tuple[Place, ...]] = {
    "healthcheck": (_tagged("healthcheck"),),
    "hostedzone": (_tagged("hostedzone"),),
}

TABLE = Table(
    prefix="route53",
    places={
        "change": (_id("change", "Id"),),
        "cidrcollection": ("Id", "CollectionId"),
        "delegationset": (_id("delegationset", "Id", "DelegationSetId"),),
        "healthcheck": ("HealthCheckId",),
        "hostedzone": (_id("hostedzone", "HostedZoneId", "Id"),),
        "queryloggingconfig": ("Id",),
        "trafficpolicy": ("Id",),
        "trafficpolicyinstance": ("Id",),
    },
    own={
        "ChangeTagsForResource": _TAGS,
        "ListTagsForResource": _TAGS,
        "ListTagsForResources": _TAGS,
    },
    names=dict.fromkeys(("change", "delegationset", "hostedzone"), "[A-Za-z0-9]+"),
    optional={"ChangeTagsForResource": ("healthcheck", "hostedzone")},
)


def normalized(name: str) -> str:
    """A record's name as policies compare it: in lower case, without the last dot, odd characters escaped.

    A letter may be written as a code, too, and is a letter all the same.
    """
    plain = name.lower().removesuffix(".")
    return re.sub(r"\\([0-3][0-7]{2})|[^a-z0-9_.-]", _character, plain)


def _character(found: re.Match[str]) -> str:
    if found[1] is None:
        return "".join(f"\\{byte:03o}" for byte in found[0].encode())
    meant = chr(int(found[1], 8)).lower()
    return meant if re.fullmatch("[a-z0-9_-]", meant) else found[0]


def keys(asked: Asked) -> Mapping[str, KeyValue]:
    """The records that a request changes, and the networks that it gives a zone."""
    members, found, prefix = asked.members, dict[str, KeyValue](), "route53:changeresourcerecordsets"
    changes = "ChangeBatch.Changes"
    names = tuple(map(normalized, values(members, f"{changes}.ResourceRecordSet.Name")))
    for key, given in (
        ("actions", tuple(values(members, f"{changes}.Action"))),
        ("normalizedrecordnames", names),
        ("recordtypes", tuple(values(members, f"{changes}.ResourceRecordSet.Type"))),
    ):
        if given:
            found[prefix + key] = tuple(dict.fromkeys(given))
    network = members.get("VPC") or {}
    id, region = (
        network.get("VPCId") or members.get("VPCId"),
        network.get("VPCRegion") or members.get("VPCRegion"),
    )
    if id:
        found["route53:vpcs"] = f"VPCId={id},VPCRegion={region or ''}"
    return found


async def tags_of(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    """The tags of a zone or a health check."""
    kind, _, id = arn.rpartition(":")[2].partition("/")
    only = {"ResourceType": kind, "ResourceId": id}
    answer = await lookups.ask(asked, "route53", "ListTagsForResource", **only)
    found = ((answer or {}).get("ResourceTagSet") or {}).get("Tags") or ()
    return {tag["Key"]: tag.get("Value") or "" for tag in found}


RULES = Rules(
    prefix="route53",
    special=TABLE.special("route53"),
    keys=keys,
    tags={"healthcheck": tags_of, "hostedzone": tags_of},
)
