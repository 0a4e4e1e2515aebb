"""Finds the ARN of what a request calls by a name, an address or an association.

The rule of this file: exactly one resource is found, or none; a name that several resources have (groups of
two networks) is refused, because what stands behind might take another than the one that was decided on.
Source: the Describe operations of EC2's model.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rolekeeper.errors import ValidationError
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.ec2 import templates
from rolekeeper.gateway.ec2.launching import DEFAULT
from rolekeeper.gateway.ec2.places import MOST_VOLUMES
from rolekeeper.gateway.rules import Completion, Lookups
from rolekeeper.gateway.services.tables import Table, values

Finder = Callable[[Lookups, Asked, str], Awaitable[str | None]]
"""Finds the ID of a kind of resource."""


def by_filter(operation: str, under: str, path: str, **filters: str) -> Finder:
    """The resource that a Describe operation answers with, where a filter is what the request says.

    The filter is chosen by the beginning of what is said; `_` is for all else. `path` leads to the ID.
    """

    async def find(lookups: Lookups, asked: Asked, called: str) -> str | None:
        name = next((name for start, name in filters.items() if _starts(called, start)), filters.get("_"))
        if name is None:
            return None
        only = [{"Name": name, "Values": [called]}]
        answer = await lookups.ask(asked, "ec2", operation, Filters=only)
        return one(values(answer or {}, f"{under}.{path}"), called)

    return find


def by_names(operation: str, member: str, path: str) -> Finder:
    """The resource that a Describe operation answers with, asked by a list of names or IDs."""

    async def find(lookups: Lookups, asked: Asked, called: str) -> str | None:
        answer = await lookups.ask(asked, "ec2", operation, **{member: [called]})
        return one(values(answer or {}, path), called)

    return find


def one(found: Any, called: str) -> str | None:
    """The only one of several; none where there is none. ValidationError where there are more."""
    each = list(dict.fromkeys(found))
    if len(each) > 1:
        raise ValidationError(f"`{called}` is the name of {len(each)} resources: say which by its ID")
    return each[0] if each else None


_Lists = tuple[str, str, str, str]
"""An operation, where its answer has what it lists, its filter by association, the name of an association."""

_ACLS: _Lists = (
    "DescribeNetworkAcls",
    "NetworkAcls",
    "association.association-id",
    "NetworkAclAssociationId",
)
_TABLES: _Lists = (
    "DescribeRouteTables",
    "RouteTables",
    "association.route-table-association-id",
    "RouteTableAssociationId",
)


async def _subnet_of_association(lookups: Lookups, asked: Asked, called: str) -> str | None:
    """The subnet of an association with a route table or a network ACL, or of an IPv6 block."""
    if called.startswith("subnet-cidr-assoc-"):
        answer = await lookups.ask(asked, "ec2", "DescribeSubnets")  # no filter of it is in every backend
        for subnet in (answer or {}).get("Subnets", ()):
            if called in values(subnet, "Ipv6CidrBlockAssociationSet.AssociationId"):
                return str(subnet["SubnetId"])
        return None
    operation, under, filter, own = _ACLS if called.startswith("aclassoc-") else _TABLES
    only = [{"Name": filter, "Values": [called]}]
    answer = await lookups.ask(asked, "ec2", operation, Filters=only)
    associations = [each for item in (answer or {}).get(under, ()) for each in item.get("Associations", ())]
    return next((each.get("SubnetId") for each in associations if each.get(own) == called), None)


async def default_subnet(lookups: Lookups, asked: Asked) -> str | None:
    """The subnet that a launch is in which says none: the default one, if the zone leaves only one."""
    only = [{"Name": "default-for-az", "Values": ["true"]}]
    zone = (asked.members.get("Placement") or {}).get("AvailabilityZone")
    if zone:
        only.append({"Name": "availability-zone", "Values": [zone]})
    answer = await lookups.ask(asked, "ec2", "DescribeSubnets", Filters=only)
    found = list(values(answer or {}, "Subnets.SubnetId"))
    return found[0] if len(found) == 1 else None


async def default_group(lookups: Lookups, asked: Asked) -> str | None:
    """The security group of a launch which says none: the default one of the network of its subnet."""
    members = asked.members
    named = (*values(members, "SubnetId"), *values(members, "NetworkInterfaces.SubnetId"))
    named += tuple(values(members, "VPCZoneIdentifier"))  # of a scaling group: several, with commas
    subnet = named[0].partition(",")[0].strip() if named else await default_subnet(lookups, asked)
    if not subnet:
        return None
    answer = await lookups.ask(asked, "ec2", "DescribeSubnets", SubnetIds=[subnet])
    network = next(values(answer or {}, "Subnets.VpcId"), None)
    if network is None:
        return None
    only = [{"Name": "vpc-id", "Values": [network]}, {"Name": "group-name", "Values": ["default"]}]
    answer = await lookups.ask(asked, "ec2", "DescribeSecurityGroups", Filters=only)
    return one(values(answer or {}, "SecurityGroups.GroupId"), "default")


async def _subnet(lookups: Lookups, asked: Asked, called: str) -> str | None:
    if called == DEFAULT:
        return await default_subnet(lookups, asked)
    return await _subnet_of_association(lookups, asked, called)


async def _group(lookups: Lookups, asked: Asked, called: str) -> str | None:
    if called == DEFAULT:
        return await default_group(lookups, asked)
    return await _GROUPS(lookups, asked, called)


def _has_groups(asked: Asked) -> bool:
    """Whether a launch says its groups itself, by name or at its interfaces."""
    named = any(values(asked.members, "SecurityGroups"))
    return named or any(values(asked.members, "NetworkInterfaces.Groups"))


async def _image(lookups: Lookups, asked: Asked, called: str) -> str | None:
    """The image that a parameter of Systems Manager holds: `resolve:ssm:NAME`."""
    name = called.removeprefix("resolve:ssm:")
    answer = await lookups.ask(asked, "ssm", "GetParameter", Name=name)
    return next(values(answer or {}, "Parameter.Value"), None)


_GROUPS = by_filter("DescribeSecurityGroups", "SecurityGroups", "GroupId", _="group-name")


async def _instance(lookups: Lookups, asked: Asked, called: str) -> str | None:
    """The instance that an interface is attached to, or that has an association with a profile."""
    if called.startswith("eni-attach-"):
        return await _ATTACHED_TO(lookups, asked, called)
    return await _PROFILES(lookups, asked, called)


async def _network(lookups: Lookups, asked: Asked, called: str) -> str | None:
    """The network that accepts a peering, or that has an association with a block of addresses."""
    if called.startswith("pcx-"):
        return await _PEERS(lookups, asked, called)
    blocks = by_filter("DescribeVpcs", "Vpcs", "VpcId", _="cidr-block-association.association-id")
    found = await blocks(lookups, asked, called)
    if found is not None:
        return found
    blocks = by_filter("DescribeVpcs", "Vpcs", "VpcId", _="ipv6-cidr-block-association.association-id")
    return await blocks(lookups, asked, called)


async def _volume(table: Table, lookups: Lookups, asked: Asked, called: str) -> str | None:
    """One of the volumes of an instance; the instance itself, which is asked anyway, after the last one."""
    instance, _, index = called.partition("#")
    only = [{"Name": "attachment.instance-id", "Values": [instance]}]
    answer = await lookups.ask(asked, "ec2", "DescribeVolumes", Filters=only)
    found = list(values(answer or {}, "Volumes.VolumeId"))
    if len(found) > MOST_VOLUMES:
        raise ValidationError(f"`{instance}` has {len(found)} volumes: take snapshots of each")
    if int(index) < len(found):
        return table.arn(asked, "volume", found[int(index)])
    return table.arn(asked, "instance", instance) if found else None


_ATTACHMENT = "attachment.attachment-id"
_INTERFACES = ("DescribeNetworkInterfaces", "NetworkInterfaces")
_ATTACHED_TO = by_filter(*_INTERFACES, "Attachment.InstanceId", _=_ATTACHMENT)
_PROFILES = by_names(
    "DescribeIamInstanceProfileAssociations",
    "AssociationIds",
    "IamInstanceProfileAssociations.InstanceId",
)
_PEERS = by_names(
    "DescribeVpcPeeringConnections",
    "VpcPeeringConnectionIds",
    "VpcPeeringConnections.AccepterVpcInfo.VpcId",
)

FINDERS: Mapping[str, Finder] = {
    "elastic-ip": by_filter(
        "DescribeAddresses", "Addresses", "AllocationId", eipassoc="association-id", _="public-ip"
    ),
    "image": _image,
    "instance": _instance,
    "key-pair": by_names("DescribeKeyPairs", "KeyPairIds", "KeyPairs.KeyName"),
    "launch-template": templates.id_of,
    "network-interface": by_filter(*_INTERFACES, "NetworkInterfaceId", _=_ATTACHMENT),
    "placement-group": by_names("DescribePlacementGroups", "GroupIds", "PlacementGroups.GroupName"),
    "route-table": by_filter(
        "DescribeRouteTables", "RouteTables", "RouteTableId", _="association.route-table-association-id"
    ),
    "security-group": _group,
    "subnet": _subnet,
    "vpc": _network,
}
"""By type: how its ID is found by what a request calls it."""

TYPES = (*FINDERS, "capacity-reservation", "snapshot", "volume")
"""What a request may call otherwise than by its ID, itself or by its launch template."""


def completion(table: Table, type: str) -> Completion:
    """For `Rules`: the ARN of a resource of a kind by what the request calls it."""

    async def complete(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
        called = wanted.named
        if called.startswith(templates.MARK + "#") and called != DEFAULT:
            return await _of_template(table, lookups, asked, wanted)
        if type == "volume":
            return await _volume(table, lookups, asked, called)
        found = await _find(type, lookups, asked, called)
        return table.arn(asked, type, found) if found else None

    return complete


async def _find(type: str, lookups: Lookups, asked: Asked, called: str) -> str | None:
    finder = FINDERS.get(type)
    return await finder(lookups, asked, called) if finder is not None else None


async def _of_template(table: Table, lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    """What the launch template of a request has; the template itself, which is asked anyway, for nothing."""
    found = await templates.found(lookups, asked, wanted)
    first = wanted.named.split("#")[3] == "0"
    if not found and first and wanted.type == "subnet":
        found = await default_subnet(lookups, asked) or ""
    elif not found and first and wanted.type == "security-group" and not _has_groups(asked):
        found = await default_group(lookups, asked) or ""
    elif not found:
        template = await templates.id_of(lookups, asked, wanted.named.split("#")[1])
        return table.arn(asked, "launch-template", template) if template else None
    if found and wanted.type == "security-group" and not re.fullmatch(templates.GROUP_ID, found):
        found = await _GROUPS(lookups, asked, found) or ""
    return table.arn(asked, wanted.type, found) if found else None


def _starts(called: str, start: str) -> bool:
    return start != "_" and called.startswith(start.replace("_", "-") + "-")
