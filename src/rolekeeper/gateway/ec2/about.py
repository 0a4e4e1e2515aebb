"""EC2's condition keys that only a resource itself can tell: its network, its type, its zone.

The rule of this file: what a policy asks about a resource that is there is looked up where it is; what the
request says of one that is to be made goes before.
Source: "Condition keys for Amazon EC2" in the Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rolekeeper.errors import NotImplementedByServer
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.ec2 import templates
from rolekeeper.gateway.ec2.finding import default_subnet
from rolekeeper.gateway.ec2.keys import at
from rolekeeper.gateway.ec2.launching import word
from rolekeeper.gateway.rules import KeyOf, Lookups
from rolekeeper.gateway.services.tables import NEW, values
from rolekeeper.gateway.templates import arn
from rolekeeper.policy.context import KeyValue

_DESCRIBED: Mapping[str, tuple[str, str, str]] = {
    "elastic-ip": ("DescribeAddresses", "AllocationIds", "Addresses"),
    "image": ("DescribeImages", "ImageIds", "Images"),
    "instance": ("DescribeInstances", "InstanceIds", "Reservations.Instances"),
    "internet-gateway": ("DescribeInternetGateways", "InternetGatewayIds", "InternetGateways"),
    "network-acl": ("DescribeNetworkAcls", "NetworkAclIds", "NetworkAcls"),
    "network-interface": ("DescribeNetworkInterfaces", "NetworkInterfaceIds", "NetworkInterfaces"),
    "route-table": ("DescribeRouteTables", "RouteTableIds", "RouteTables"),
    "security-group": ("DescribeSecurityGroups", "GroupIds", "SecurityGroups"),
    "snapshot": ("DescribeSnapshots", "SnapshotIds", "Snapshots"),
    "subnet": ("DescribeSubnets", "SubnetIds", "Subnets"),
    "volume": ("DescribeVolumes", "VolumeIds", "Volumes"),
    "vpc": ("DescribeVpcs", "VpcIds", "Vpcs"),
    "vpc-peering-connection": (
        "DescribeVpcPeeringConnections",
        "VpcPeeringConnectionIds",
        "VpcPeeringConnections",
    ),
}
"""By type: the operation that describes it, by which list of IDs, and where its answer has it."""

_PLACES: Mapping[str, Mapping[str, str]] = {
    "availabilityzone": {
        "instance": "Placement.AvailabilityZone",
        "network-interface": "AvailabilityZone",
        "subnet": "AvailabilityZone",
        "volume": "AvailabilityZone",
    },
    "availabilityzoneid": {"subnet": "AvailabilityZoneId"},
    "domain": {"elastic-ip": "Domain"},
    "ebsoptimized": {"instance": "EbsOptimized"},
    "encrypted": {"snapshot": "Encrypted", "volume": "Encrypted"},
    "imagetype": {"image": "ImageType"},
    "instanceprofile": {"instance": "IamInstanceProfile.Arn"},
    "instancetype": {"instance": "InstanceType"},
    "metadatahttpendpoint": {"instance": "MetadataOptions.HttpEndpoint"},
    "metadatahttpputresponsehoplimit": {"instance": "MetadataOptions.HttpPutResponseHopLimit"},
    "metadatahttptokens": {"instance": "MetadataOptions.HttpTokens"},
    "owner": {"image": "OwnerId", "snapshot": "OwnerId"},
    "public": {"image": "Public"},
    "publicipaddress": {"elastic-ip": "PublicIp"},
    "rootdevicetype": {"image": "RootDeviceType", "instance": "RootDeviceType"},
    "snapshottime": {"snapshot": "StartTime"},
    "tenancy": {"instance": "Placement.Tenancy", "vpc": "InstanceTenancy"},
    "volumeiops": {"volume": "Iops"},
    "volumesize": {"snapshot": "VolumeSize", "volume": "Size"},
    "volumethroughput": {"volume": "Throughput"},
    "volumetype": {"volume": "VolumeType"},
}
"""By key and type: where the description of a resource has it."""

_IN_VPC = ("network-acl", "network-interface", "route-table", "security-group", "subnet")

_ARNS: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "acceptervpc": ("vpc", "VpcId", {"vpc-peering-connection": "AccepterVpcInfo.VpcId"}),
    "parentsnapshot": ("snapshot", "SnapshotId", {"volume": "SnapshotId"}),
    "parentvolume": ("volume", "VolumeId", {"snapshot": "VolumeId"}),
    "requestervpc": ("vpc", "VpcId", {"vpc-peering-connection": "RequesterVpcInfo.VpcId"}),
    "subnet": ("subnet", "SubnetId", {"network-interface": "SubnetId"}),
    "vpc": (
        "vpc",
        "VpcId",
        dict.fromkeys(_IN_VPC, "VpcId"),
    ),
}
"""By key: of what kind it is the ARN, and by type, where the description has its ID."""

_IDS: Mapping[str, str] = {
    "allocationid": "elastic-ip",
    "dhcpoptionsid": "dhcp-options",
    "imageid": "image",
    "instanceid": "instance",
    "internetgatewayid": "internet-gateway",
    "keypairname": "key-pair",
    "networkaclid": "network-acl",
    "networkinterfaceid": "network-interface",
    "placementgroupname": "placement-group",
    "routetableid": "route-table",
    "securitygroupid": "security-group",
    "snapshotid": "snapshot",
    "subnetid": "subnet",
    "transitgatewayattachmentid": "transit-gateway-attachment",
    "transitgatewayid": "transit-gateway",
    "transitgatewayroutetableid": "transit-gateway-route-table",
    "volumeid": "volume",
    "vpcid": "vpc",
    "vpcpeeringconnectionid": "vpc-peering-connection",
}
"""By key: the type whose ID it is."""

_IN_TEMPLATE: Mapping[str, str] = {
    "ebsoptimized": "EbsOptimized",
    "instanceprofile": "IamInstanceProfile.Arn",
    "instancetype": "InstanceType",
    "metadatahttpendpoint": "MetadataOptions.HttpEndpoint",
    "metadatahttpputresponsehoplimit": "MetadataOptions.HttpPutResponseHopLimit",
    "metadatahttptokens": "MetadataOptions.HttpTokens",
}
"""By key: where a launch template says it of an instance that is to be made."""


async def _description(lookups: Lookups, asked: Asked, wanted: Wanted) -> Mapping[str, Any]:
    """What is known of a resource; nothing of one that is not there."""
    name = wanted.resource.rpartition("/")[2]
    if wanted.type not in _DESCRIBED or name == NEW:
        return {}
    operation, member, under = _DESCRIBED[wanted.type]
    answer = await lookups.ask(asked, "ec2", operation, **{member: [name]})
    return next((each for each in at(answer or {}, under) if isinstance(each, Mapping)), {})


def _plain(key: str, places: Mapping[str, str]) -> KeyOf:
    async def of(lookups: Lookups, asked: Asked, wanted: Wanted) -> KeyValue | None:
        if wanted.type not in places:
            return None
        found = await _description(lookups, asked, wanted)
        value = next(at(found, places[wanted.type]), None)
        if value is None and key in _IN_TEMPLATE and wanted.action == "ec2:RunInstances":
            value = next(at(await template(lookups, asked), _IN_TEMPLATE[key]), None)
        return None if value is None else word(value)

    return of


async def template(lookups: Lookups, asked: Asked) -> Mapping[str, Any]:
    """What the launch template of a launch says."""
    named = next(templates.inside(asked, "InstanceType"), None)
    if named is None:
        return {}
    _, called, version, *_ = named.split("#")
    return await templates.data_of(lookups, asked, called, version) or {}


def _arn_of(kind: str, placeholder: str, places: Mapping[str, str]) -> KeyOf:
    async def of(lookups: Lookups, asked: Asked, wanted: Wanted) -> KeyValue | None:
        if wanted.type not in places:
            return None
        found = await _description(lookups, asked, wanted)
        id = next(values(found, places[wanted.type]), None)
        if id is None:
            id = await _of_new(lookups, asked, wanted, kind)
        return arn(asked, "ec2", kind, **{placeholder: id}) if id else None

    return of


async def _of_new(lookups: Lookups, asked: Asked, wanted: Wanted, kind: str) -> str | None:
    """The subnet, or its network, of what is to be made; the network that a request names."""
    if not wanted.resource.endswith(NEW) or kind not in ("subnet", "vpc"):
        return None
    named = next(values(asked.members, "VpcId"), None)
    if kind == "vpc" and named:
        return named
    subnets = (*values(asked.members, "SubnetId"), *values(asked.members, "NetworkInterfaces.SubnetId"))
    subnet = next(iter(subnets), None) or await default_subnet(lookups, asked)
    if kind == "subnet" or subnet is None:
        return subnet
    answer = await lookups.ask(asked, "ec2", "DescribeSubnets", SubnetIds=[subnet])
    return next(values(answer or {}, "Subnets.VpcId"), None)


def _id_of(type: str) -> KeyOf:
    async def of(lookups: Lookups, asked: Asked, wanted: Wanted) -> KeyValue | None:
        name = wanted.resource.rpartition("/")[2]
        return name if wanted.type == type and name != NEW else None

    return of


async def _launch_template(lookups: Lookups, asked: Asked, wanted: Wanted) -> KeyValue | None:
    """The launch template of a launch that calls it by its name."""
    name = next(values(asked.members, "LaunchTemplate.LaunchTemplateName"), None)
    if name is None or asked.operation.name != "RunInstances":
        return None
    id = await templates.id_of(lookups, asked, name)
    return arn(asked, "ec2", "launch-template", LaunchTemplateId=id) if id else None


_MAKES_VOLUMES = ("ec2:CreateVolume", "ec2:RunInstances")


async def _encrypted(lookups: Lookups, asked: Asked, wanted: Wanted) -> KeyValue | None:
    """Whether a volume is encrypted; of one that is made and of which nothing is said, whether it will be."""
    if wanted.type != "volume" or not wanted.resource.endswith(NEW) or wanted.action not in _MAKES_VOLUMES:
        return await _plain("encrypted", _PLACES["encrypted"])(lookups, asked, wanted)
    try:
        default = await lookups.ask(asked, "ec2", "GetEbsEncryptionByDefault")
    except NotImplementedByServer:
        default = None
    if (default or {}).get("EbsEncryptionByDefault") or "ec2:kmskeyid" in wanted.keys:
        return "true"
    snapshot, image = wanted.keys.get("ec2:parentsnapshot"), asked.members.get("ImageId")
    found: list[Any] = []
    if isinstance(snapshot, str):
        answer = await lookups.ask(
            asked, "ec2", "DescribeSnapshots", SnapshotIds=[snapshot.rpartition("/")[2]]
        )
        found = list(at(answer or {}, "Snapshots.Encrypted"))
    elif isinstance(image, str) and image.startswith("ami-") and "ec2:volumetype" not in wanted.keys:
        answer = await lookups.ask(asked, "ec2", "DescribeImages", ImageIds=[image])
        found = [each.get("Encrypted", False) for each in at(answer or {}, "Images.BlockDeviceMappings.Ebs")]
    return word(bool(found) and all(found))


def _found() -> dict[str, KeyOf]:
    found: dict[str, KeyOf] = {f"ec2:{key}": _plain(key, places) for key, places in _PLACES.items()}
    found |= {f"ec2:{key}": _arn_of(*how) for key, how in _ARNS.items()}
    found["ec2:launchtemplate"] = _launch_template
    found["ec2:encrypted"] = _encrypted
    return found | {f"ec2:{key}": _id_of(type) for key, type in _IDS.items()}


FOUND: Mapping[str, KeyOf] = _found()
"""By condition key: how its value is found for an access."""
