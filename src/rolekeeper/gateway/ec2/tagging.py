"""Tags of EC2's resources: the kind of an ID by its beginning, and what tags a resource has.

The rule of this file: CreateTags and DeleteTags name resources of all kinds by ID, and an ID says its kind
only by its beginning; one that is not known is refused, as no policy could name it.
Source: "Resource IDs" and "Tag your Amazon EC2 resources" in the EC2 User Guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from rolekeeper.gateway import request_tags
from rolekeeper.gateway.asked import Asked, Unclear, Wanted
from rolekeeper.gateway.ec2.keys import at
from rolekeeper.gateway.rules import Lookups
from rolekeeper.gateway.services.tables import NEW, Asking, Named, Table, parts, values
from rolekeeper.policy.context import KeyValue

_KINDS: Mapping[str, str] = {
    "acl": "network-acl",
    "ami": "image",
    "cagw": "carrier-gateway",
    "cb": "capacity-block",
    "cgw": "customer-gateway",
    "cr": "capacity-reservation",
    "crf": "capacity-reservation-fleet",
    "cvpn-endpoint": "client-vpn-endpoint",
    "dopt": "dhcp-options",
    "eice": "instance-connect-endpoint",
    "eigw": "egress-only-internet-gateway",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "export-ami": "export-image-task",
    "fl": "vpc-flow-log",
    "fleet": "fleet",
    "h": "dedicated-host",
    "hr": "host-reservation",
    "i": "instance",
    "iew": "instance-event-window",
    "igw": "internet-gateway",
    "import-ami": "import-image-task",
    "import-snap": "import-snapshot-task",
    "ipam": "ipam",
    "ipam-pool": "ipam-pool",
    "ipam-res-disco": "ipam-resource-discovery",
    "ipam-res-disco-assoc": "ipam-resource-discovery-association",
    "ipam-scope": "ipam-scope",
    "ipv4pool-ec2": "ipv4pool-ec2",
    "ipv6pool-ec2": "ipv6pool-ec2",
    "key": "key-pair",
    "lgw": "local-gateway",
    "lgw-rtb": "local-gateway-route-table",
    "lgw-vif": "local-gateway-virtual-interface",
    "lgw-vif-grp": "local-gateway-virtual-interface-group",
    "lt": "launch-template",
    "nat": "natgateway",
    "nia": "network-insights-analysis",
    "nip": "network-insights-path",
    "nis": "network-insights-access-scope",
    "nisa": "network-insights-access-scope-analysis",
    "pcx": "vpc-peering-connection",
    "pg": "placement-group",
    "pl": "prefix-list",
    "replacevol": "replace-root-volume-task",
    "rtb": "route-table",
    "scr": "subnet-cidr-reservation",
    "sfr": "spot-fleet-request",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "sir": "spot-instances-request",
    "snap": "snapshot",
    "subnet": "subnet",
    "tgw": "transit-gateway",
    "tgw-attach": "transit-gateway-attachment",
    "tgw-connect-peer": "transit-gateway-connect-peer",
    "tgw-mcast-domain": "transit-gateway-multicast-domain",
    "tgw-ptb": "transit-gateway-policy-table",
    "tgw-rtb": "transit-gateway-route-table",
    "tmf": "traffic-mirror-filter",
    "tmfr": "traffic-mirror-filter-rule",
    "tms": "traffic-mirror-session",
    "tmt": "traffic-mirror-target",
    "traf-mir-fil": "traffic-mirror-filter",
    "traf-mir-tar": "traffic-mirror-target",
    "vgw": "vpn-gateway",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
    "vpce-svc": "vpc-endpoint-service",
    "vpce-svc-perm": "vpc-endpoint-service-permission",
    "vpcebpa-exclude": "vpc-block-public-access-exclusion",
    "vpn": "vpn-connection",
}
"""By what an ID has before its last hyphen."""

OPERATIONS = ("CreateTags", "DeleteTags")
"""Those that tag what is there."""

_BY_NAME: Mapping[str, tuple[str, str, str]] = {
    "key-pair": ("DescribeKeyPairs", "KeyNames", "KeyPairs"),
    "placement-group": ("DescribePlacementGroups", "GroupNames", "PlacementGroups"),
}
"""Kinds whose ARNs have names: how they are found, with their tags."""


def kind_of(id: str) -> str:
    """The kind of resource of an ID. Unclear."""
    if id.startswith("fleet-"):  # of a UUID
        return "fleet"
    found = _KINDS.get(id.rpartition("-")[0])
    if found is None:
        raise Unclear(f"`{id}` is no ID of a kind that is known")
    return found


def with_tags(table: Table, asking: Asking) -> Asking:
    """An operation that tags what it makes; tags for anything else are refused.

    A backend might give the tags that are said to be for another kind of thing to what is made.
    """

    def held(asked: Asked) -> Iterator[Wanted]:
        operation = asked.operation.name
        said = table.tagged.get(operation) or table.made.get(operation)
        kinds = said or tuple(part.type for part in parts(table, operation))
        specified = (each.get("ResourceType") for each in at(asked.members, "TagSpecifications"))
        given = dict.fromkeys(kind for kind in specified if kind is not None)
        if not given.keys() <= set(kinds):
            raise Unclear(f"`{operation}` gives no tags to a `{min(given.keys() - set(kinds))}`")
        yield from asking(asked)
        for kind in () if said else given:
            yield _tagged(table, asked, kind, {})
        for each in at(asked.members, "SpotFleetRequestConfig.TagSpecifications"):
            kind = each.get("ResourceType") or "spot-fleet-request"
            tags = ((tag.get("Key", ""), tag.get("Value")) for tag in each.get("Tags") or ())
            yield _tagged(table, asked, kind, request_tags.keys(tags))

    return held


def _tagged(table: Table, asked: Asked, kind: str, tags: Mapping[str, KeyValue]) -> Wanted:
    """The tagging of what is made."""
    if kind not in (part.type for part in parts(table, "CreateTags")):
        raise Unclear(f"`{kind}` is no kind of thing that has tags")
    access = table.wanted(asked, "ec2:CreateTags", kind, NEW)
    keys = {**tags, "ec2:createaction": asked.operation.name}
    return msgspec.structs.replace(access, keys=keys)


def tagging(table: Table) -> Mapping[str, Asking]:
    """For `Rules`: tagging what is there already."""

    def asking(asked: Asked) -> Iterator[Wanted]:
        for id in dict.fromkeys(values(asked.members, "Resources")):
            kind = kind_of(id)
            name = Named(id) if kind in _BY_NAME else id
            yield table.wanted(asked, f"ec2:{asked.operation.name}", kind, name)

    return dict.fromkeys(OPERATIONS, asking)


async def tags_of(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    """The tags of a resource; none of one that is not made yet."""
    kind, _, name = arn.split(":", 5)[5].partition("/")
    if NEW in name:
        return {}
    if kind in _BY_NAME:
        operation, by, under = _BY_NAME[kind]
        answer = await lookups.ask(asked, "ec2", operation, **{by: [name]})
        found = ((answer or {}).get(under) or [{}])[0].get("Tags")
    else:
        only = [{"Name": "resource-id", "Values": [name]}]
        answer = await lookups.ask(asked, "ec2", "DescribeTags", Filters=only)
        found = (answer or {}).get("Tags")
    return {tag["Key"]: tag.get("Value", "") for tag in found or ()}
