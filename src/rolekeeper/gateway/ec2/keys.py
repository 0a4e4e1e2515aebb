"""EC2's condition keys that the request itself tells.

The rule of this file: a key has what the request says, as policies compare it; what the reference has not for
the action on a kind of resource is left out where the accesses are made. What only the resource can tell (its
network, the type of an instance that runs) is in `about`.
Source: "Condition keys for Amazon EC2" in the Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.ec2.launching import volume_keys, word
from rolekeeper.gateway.services.tables import values
from rolekeeper.gateway.templates import arn
from rolekeeper.policy.context import KeyValue

_PLAIN: Mapping[str, tuple[str, ...]] = {
    "availabilityzone": ("Placement.AvailabilityZone", "AvailabilityZone"),
    "availabilityzoneid": ("Placement.AvailabilityZoneId", "AvailabilityZoneId"),
    "cpuoptionsamdsevsnp": ("CpuOptions.AmdSevSnp",),
    "domain": ("Domain",),
    "ebsoptimized": ("EbsOptimized",),
    "elasticgputype": ("ElasticGpuSpecification.Type",),
    "hostrecovery": ("HostRecovery",),
    "instanceautorecovery": ("MaintenanceOptions.AutoRecovery",),
    "instancebandwidthweighting": ("NetworkPerformanceOptions.BandwidthWeighting",),
    "instancemetadatatags": ("MetadataOptions.InstanceMetadataTags",),
    "instancetype": ("InstanceType",),
    "keypairname": ("KeyName",),
    "keypairtype": ("KeyType",),
    "location": ("Location",),
    "managedresourceoperator": ("Operator.Principal",),
    "metadatahttpendpoint": ("MetadataOptions.HttpEndpoint",),
    "metadatahttpputresponsehoplimit": ("MetadataOptions.HttpPutResponseHopLimit",),
    "metadatahttptokens": ("MetadataOptions.HttpTokens",),
    "outpostarn": ("OutpostArn",),
    "placementgroupname": ("Placement.GroupName",),
    "quantity": ("Quantity",),
    "tenancy": ("Placement.Tenancy", "InstanceTenancy"),
    "vpceprivatednspreference": ("DnsOptions.PrivateDnsPreference",),
    "vpceservicename": ("ServiceName",),
    "vpceserviceprivatednsname": ("PrivateDnsName",),
    "vpceserviceregion": ("ServiceRegion",),
}
"""By key: the members that say it, the first one given."""

_SAID = tuple((key, tuple((path.partition(".")[0], path) for path in paths)) for key, paths in _PLAIN.items())
_CHANGING = ("Modify", "Replace", "Reset")
"""The beginnings of operations whose members say what is to become of a resource, not what it is."""
_NO_ATTRIBUTES = frozenset({"Attribute", "DryRun", "Value", "OperationType"})


def keys(asked: Asked) -> Mapping[str, KeyValue]:
    """What a request tells by itself."""
    found: dict[str, KeyValue] = {"ec2:region": asked.region}
    operation = asked.operation.name
    if not operation.startswith(_CHANGING):
        found |= _plain(asked)
    if operation == "RunInstances":
        found |= _launch(asked)
    elif operation == "CreateVolume":
        found |= volume_keys(asked, asked.members)
    elif operation == "CreateVpcPeeringConnection":
        found |= _peering(asked)
    elif operation.startswith(("Modify", "Reset")):
        found |= _attributes(asked)
    if operation in ("AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation"):
        found |= _profile(asked, "newinstanceprofile")
    return found


def _plain(asked: Asked) -> dict[str, KeyValue]:
    """What a request says of what it makes."""
    found: dict[str, KeyValue] = {}
    members = asked.members
    for key, paths in _SAID:
        if not any(first in members for first, _ in paths):
            continue
        given = (value for _, path in paths for value in at(members, path))
        value = next((value for value in given if isinstance(value, str | bool | int)), None)
        if value is not None:
            found[f"ec2:{key}"] = word(value)
    return found


def _launch(asked: Asked) -> dict[str, KeyValue]:
    members = asked.members
    market = (members.get("InstanceMarketOptions") or {}).get("MarketType")
    found: dict[str, KeyValue] = {"ec2:instancemarkettype": market or "on-demand"}
    if not (members.get("Placement") or {}).get("Tenancy"):
        found["ec2:tenancy"] = "default"
    template = (members.get("LaunchTemplate") or {}).get("LaunchTemplateId")
    if template:
        found["ec2:launchtemplate"] = arn(asked, "ec2", "launch-template", LaunchTemplateId=template)
    group = next(values(members, "Placement.GroupName"), None)
    if group:
        found["ec2:placementgroup"] = arn(asked, "ec2", "placement-group", PlacementGroupName=group)
    return found | _profile(asked, "instanceprofile")


def _profile(asked: Asked, key: str) -> dict[str, KeyValue]:
    """The instance profile by its ARN; one that is called by name is in the root path, or found by IAM."""
    profile = asked.members.get("IamInstanceProfile") or {}
    name = profile.get("Name")
    whole = profile.get("Arn") or (
        f"arn:{asked.partition}:iam::{asked.account}:instance-profile/{name}" if name else None
    )
    return {f"ec2:{key}": whole} if whole else {}


def _peering(asked: Asked) -> dict[str, KeyValue]:
    """The two networks of a peering, by their ARNs."""
    members, found = asked.members, dict[str, KeyValue]()
    if members.get("VpcId"):
        found["ec2:requestervpc"] = arn(asked, "ec2", "vpc", VpcId=members["VpcId"])
    if members.get("PeerVpcId"):
        owner, region = members.get("PeerOwnerId") or asked.account, members.get("PeerRegion") or asked.region
        peer = arn(asked, "ec2", "vpc", VpcId=members["PeerVpcId"], Account=owner, Region=region)
        found["ec2:acceptervpc"] = peer
    return found


def _attributes(asked: Asked) -> dict[str, KeyValue]:
    """The attributes that an operation changes, and the values that it gives them."""
    members, found = asked.members, dict[str, KeyValue]()
    names = []
    for name, value in members.items():
        if name in _NO_ATTRIBUTES or name.endswith(("Id", "Ids")):
            continue
        inner = value.get("Value") if isinstance(value, Mapping) and set(value) == {"Value"} else value
        names.append(name)
        if isinstance(inner, str | bool | int):
            found[f"ec2:attribute/{name.lower()}"] = word(inner)
    if members.get("Attribute"):
        names.append(members["Attribute"])
        if isinstance(members.get("Value"), str):
            found[f"ec2:attribute/{members['Attribute'].lower()}"] = members["Value"]
    if names:
        found["ec2:attribute"] = tuple(names) if len(names) > 1 else names[0]
    return found | _shared_with(asked)


def _shared_with(asked: Asked) -> dict[str, KeyValue]:
    """With whom ModifySnapshotAttribute shares a snapshot, and with whom no more."""
    change, found = asked.members.get("CreateVolumePermission") or {}, dict[str, KeyValue]()
    old = {"add": "Add", "remove": "Remove"}.get(asked.members.get("OperationType", ""))
    for way in ("Add", "Remove"):
        users = [*at(change, f"{way}.UserId"), *(asked.members.get("UserIds") or () if old == way else ())]
        groups = [*at(change, f"{way}.Group"), *(asked.members.get("GroupNames") or () if old == way else ())]
        if users:
            found[f"ec2:{way.lower()}/userid"] = tuple(users)
        if groups:
            found[f"ec2:{way.lower()}/group"] = tuple(groups)
    return found


def at(members: Any, path: str) -> Iterator[Any]:
    """What stands at a place, of whatever type; through lists as well, and each of a list."""
    if isinstance(members, list | tuple):
        for each in members:
            yield from at(each, path)
    elif not path:
        yield members
    elif isinstance(members, Mapping):
        name, _, rest = path.partition(".")
        if members.get(name) is not None:
            yield from at(members[name], rest)
