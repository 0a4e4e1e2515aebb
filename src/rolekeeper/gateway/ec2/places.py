"""Where EC2's requests name their resources.

The rule of this file: a kind of resource is named by the member that has the name of its ARN's placeholder
(`VolumeId`, `VolumeIds`); what is different is said here, and what an operation makes. A resource that a
request calls by something else than its ID is `Named`, and its ID is found where the resource is.
Source: "Actions, resources, and condition keys for Amazon EC2" in the Service Authorization Reference; the
members of EC2's model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rolekeeper.gateway.asked import Asked, Unclear
from rolekeeper.gateway.ec2.templates import by_name, group, named
from rolekeeper.gateway.services.tables import Named, Place, Source, values
from rolekeeper.policy import catalog

MOST_VOLUMES = 28
"""The volumes that an instance may have to be taken snapshots of as a whole."""


def called(*paths: str) -> Place:
    """Members that call a resource by a name or an association of it."""

    def place(asked: Asked) -> Iterator[str]:
        return (named(value) for path in paths for value in values(asked.members, path))

    return place


def template(path: str) -> Place:
    """A launch template by its name."""
    return lambda asked: map(by_name, values(asked.members, path))


def starting(pattern: str, *paths: str) -> Place:
    """Members that take IDs of several kinds, for the kind whose IDs start so."""

    def place(asked: Asked) -> Iterator[str]:
        found = (value for path in paths for value in values(asked.members, path))
        return (value for value in found if re.match(pattern, value))

    return place


def _usual() -> dict[str, tuple[Place, ...]]:
    """For each kind, the members of its placeholder's name."""
    found: dict[str, tuple[Place, ...]] = {}
    for kind in catalog.resource_types("ec2"):
        name = re.findall(r"\$\{(\w+)\}", kind.arn)[-1]
        found[kind.name] = (name, f"{name}s")
    return found


_BLOCKS = "BlockDeviceMappings.Ebs.SnapshotId"

PLACES: Mapping[str, tuple[Place, ...]] = _usual() | {
    "dedicated-host": ("HostIds",),
    "elastic-ip": ("AllocationId", called("PublicIp")),
    "ipam-pool": ("IpamPoolId", "Ipv4IpamPoolId", "Ipv6IpamPoolId"),
    "coip-pool": ("CoipPoolId", "PoolId"),
    "image-usage-report": ("ReportId",),
    "ipv4pool-ec2": ("PublicIpv4Pool", "PoolId"),
    "ipv6pool-ec2": ("Ipv6Pool",),
    "key-pair": ("KeyName", called("KeyPairId")),
    "launch-template": ("LaunchTemplateId", template("LaunchTemplateName")),
    "network-acl": ("NetworkAclId",),
    "security-group": (
        "GroupId",
        "SecurityGroupIds",
        lambda asked: map(group, values(asked.members, "GroupName")),
    ),
    "snapshot": ("SnapshotId", _BLOCKS),
    "subnet": ("SubnetId", "SubnetIds", "SubnetConfigurations.SubnetId"),
    "vpc-block-public-access-exclusion": ("ExclusionId",),
    "vpc-endpoint-service": ("ServiceId", "ServiceIds"),
    "vpc-flow-log": ("FlowLogId", "FlowLogIds"),
}

_FLEET = "LaunchTemplateConfigs"
_SPOT = f"SpotFleetRequestConfig.{_FLEET}"
_SPECS = "SpotFleetRequestConfig.LaunchSpecifications"
_SPOTS = "LaunchSpecification"


def _copied(member: str, type: str) -> Place:
    """What is copied, in the region that it is copied from."""

    def place(asked: Asked) -> Iterator[str]:
        region = str(asked.members.get("SourceRegion", ""))
        for value in values(asked.members, member):
            if not re.fullmatch("[a-z0-9-]+", region) or not re.fullmatch("[A-Za-z0-9-]+", value):
                raise Unclear(f"{value!r} in {region!r} is no {type}")
            yield Source(f"arn:{asked.partition}:ec2:{region}::{type}/{value}")

    return place


def _split(path: str) -> Place:
    """A member that has several IDs, with commas between them."""

    def place(asked: Asked) -> Iterator[str]:
        return (name.strip() for value in values(asked.members, path) for name in value.split(","))

    return place


def _group_names(path: str) -> tuple[Place, ...]:
    return (
        f"{path}.SecurityGroupIds",
        lambda asked: map(group, values(asked.members, f"{path}.SecurityGroups")),
        f"{path}.NetworkInterfaces.Groups",
    )


def _volumes_of_instance(asked: Asked) -> Iterator[str]:
    """The volumes of an instance, of which only EC2 knows how many there are."""
    for id in values(asked.members, "InstanceSpecification.InstanceId"):
        for index in range(MOST_VOLUMES):
            yield Named(f"{id}#{index}")


_GATEWAYS: Mapping[str, tuple[Place, ...]] = {
    "internet-gateway": (starting("igw-", "GatewayId"),),
    "vpn-gateway": (starting("vgw-", "GatewayId"),),
}
_ASSOCIATION = (called("AssociationId"),)

OWN: Mapping[str, Mapping[str, tuple[Place, ...]]] = {
    "AcceptVpcPeeringConnection": {"vpc": (called("VpcPeeringConnectionId"),)},
    "AssociateRouteTable": _GATEWAYS,
    "AuthorizeSecurityGroupEgress": {"security-group-rule": ()},
    "AuthorizeSecurityGroupIngress": {"security-group-rule": ()},
    "CopyImage": {"image": (_copied("SourceImageId", "image"),)},
    "CopyVolumes": {"volume": ("SourceVolumeId",)},
    "CreateCapacityReservationBySplitting": {"capacity-reservation": ("SourceCapacityReservationId",)},
    "CreateTransitGatewayConnect": {"transit-gateway-attachment": ("TransportTransitGatewayAttachmentId",)},
    "CreateTransitGatewayPolicyTableEntry": {"transit-gateway-route-table": ("TargetRouteTableId",)},
    "DisableFastSnapshotRestores": {"snapshot": ("SourceSnapshotIds",)},
    "DisableVgwRoutePropagation": {"vpn-gateway": ("GatewayId",)},
    "EnableFastSnapshotRestores": {"snapshot": ("SourceSnapshotIds",)},
    "EnableVgwRoutePropagation": {"vpn-gateway": ("GatewayId",)},
    "ModifyInstanceCreditSpecification": {"instance": ("InstanceCreditSpecifications.InstanceId",)},
    "CopySnapshot": {"snapshot": (_copied("SourceSnapshotId", "snapshot"),)},
    "CreateFleet": {
        "image": (f"{_FLEET}.Overrides.ImageId",),
        "launch-template": (
            f"{_FLEET}.LaunchTemplateSpecification.LaunchTemplateId",
            template(f"{_FLEET}.LaunchTemplateSpecification.LaunchTemplateName"),
        ),
        "placement-group": (f"{_FLEET}.Overrides.Placement.GroupName",),
        "subnet": (_split(f"{_FLEET}.Overrides.SubnetId"),),
    },
    "CreateFlowLogs": {
        "natgateway": (starting("nat-", "ResourceIds"),),
        "network-interface": (starting("eni-", "ResourceIds"),),
        "subnet": (starting("subnet-", "ResourceIds"),),
        "transit-gateway": (starting("tgw-(?!attach-)", "ResourceIds"),),
        "transit-gateway-attachment": (starting("tgw-attach-", "ResourceIds"),),
        "vpc": (starting("vpc-", "ResourceIds"),),
    },
    "CreateImage": {"snapshot": (_BLOCKS,)},
    "CreateNatGateway": {
        "elastic-ip": ("AllocationId", "SecondaryAllocationIds", "AvailabilityZoneAddresses.AllocationIds"),
    },
    "CreateNetworkInterface": {"security-group": ("Groups",)},
    "CreatePlacementGroup": {"placement-group": ("GroupName",)},
    "CreateSnapshots": {
        "instance": ("InstanceSpecification.InstanceId",),
        "volume": (_volumes_of_instance,),
    },
    "CreateTrafficMirrorTarget": {"vpc-endpoint": ("GatewayLoadBalancerEndpointId",)},
    "CreateVpcPeeringConnection": {"vpc": ("VpcId",)},
    "DeletePlacementGroup": {"placement-group": ("GroupName",)},
    "DetachNetworkInterface": {
        "instance": (called("AttachmentId"),),
        "network-interface": (called("AttachmentId"),),
    },
    "DisassociateAddress": {"elastic-ip": (called("PublicIp", "AssociationId"),)},
    "DisassociateIamInstanceProfile": {"instance": _ASSOCIATION},
    "DisassociateRouteTable": {"route-table": _ASSOCIATION, "subnet": _ASSOCIATION},
    "DisassociateSubnetCidrBlock": {"subnet": _ASSOCIATION},
    "DisassociateVpcCidrBlock": {"vpc": _ASSOCIATION},
    "ModifyInstanceAttribute": {
        "security-group": ("Groups",),
        "volume": ("BlockDeviceMappings.Ebs.VolumeId",),
    },
    "ModifyNetworkInterfaceAttribute": {"security-group": ("Groups",), "subnet": ("AssociatedSubnetIds",)},
    "ModifySecurityGroupRules": {
        "prefix-list": ("SecurityGroupRules.SecurityGroupRule.PrefixListId",),
        "security-group-rule": ("SecurityGroupRules.SecurityGroupRuleId",),
    },
    "ModifySpotFleetRequest": {
        "launch-template": (
            f"{_FLEET}.LaunchTemplateSpecification.LaunchTemplateId",
            template(f"{_FLEET}.LaunchTemplateSpecification.LaunchTemplateName"),
        ),
        "subnet": (_split(f"{_FLEET}.Overrides.SubnetId"),),
    },
    "ModifyTransitGateway": {
        "transit-gateway-route-table": (
            "Options.AssociationDefaultRouteTableId",
            "Options.PropagationDefaultRouteTableId",
        ),
    },
    "ModifyTransitGatewayVpcAttachment": {"subnet": ("AddSubnetIds", "RemoveSubnetIds")},
    "ModifyVpcEndpoint": {
        "route-table": ("AddRouteTableIds", "RemoveRouteTableIds"),
        "security-group": ("AddSecurityGroupIds", "RemoveSecurityGroupIds"),
        "subnet": ("AddSubnetIds", "RemoveSubnetIds", "SubnetConfigurations.SubnetId"),
    },
    "RegisterImage": {"snapshot": (_BLOCKS,)},
    "ReplaceIamInstanceProfileAssociation": {"instance": _ASSOCIATION},
    "ReplaceNetworkAclAssociation": {"subnet": _ASSOCIATION},
    "ReplaceRouteTableAssociation": {"subnet": _ASSOCIATION},
    "RequestSpotFleet": {
        "image": (f"{_SPECS}.ImageId",),
        "key-pair": (f"{_SPECS}.KeyName",),
        "launch-template": (
            f"{_SPOT}.LaunchTemplateSpecification.LaunchTemplateId",
            template(f"{_SPOT}.LaunchTemplateSpecification.LaunchTemplateName"),
        ),
        "placement-group": (f"{_SPECS}.Placement.GroupName",),
        "security-group": (f"{_SPECS}.SecurityGroups.GroupId", f"{_SPECS}.NetworkInterfaces.Groups"),
        "snapshot": (f"{_SPECS}.{_BLOCKS}",),
        "subnet": (
            _split(f"{_SPECS}.SubnetId"),
            f"{_SPECS}.NetworkInterfaces.SubnetId",
            _split(f"{_SPOT}.Overrides.SubnetId"),
        ),
    },
    "RequestSpotInstances": {
        "image": (f"{_SPOTS}.ImageId",),
        "key-pair": (f"{_SPOTS}.KeyName",),
        "network-interface": (f"{_SPOTS}.NetworkInterfaces.NetworkInterfaceId",),
        "placement-group": (f"{_SPOTS}.Placement.GroupName",),
        "security-group": _group_names(_SPOTS),
        "snapshot": (f"{_SPOTS}.{_BLOCKS}",),
        "subnet": (f"{_SPOTS}.SubnetId", f"{_SPOTS}.NetworkInterfaces.SubnetId"),
    },
}
"""By operation and kind, where that is not as usual."""


def _made_by_name() -> dict[str, tuple[str, ...]]:
    """What an operation makes that is called after it: CreateIpamPool makes an `ipam-pool`."""
    found: dict[str, tuple[str, ...]] = {}
    for kind in catalog.resource_types("ec2"):
        operation = "Create" + "".join(part.capitalize() for part in kind.name.split("-"))
        action = catalog.action(f"ec2:{operation}")
        named = kind.name in ("key-pair", "placement-group")  # by the request
        if action is not None and not named and kind.name in (each.type for each in action.resources):
            found[operation] = (kind.name,)
    return found


MADE: Mapping[str, tuple[str, ...]] = _made_by_name() | {
    "AllocateAddress": ("elastic-ip",),
    "AllocateHosts": ("dedicated-host",),
    "CopyImage": ("image", "snapshot"),
    "AssociateIpamResourceDiscovery": ("ipam-resource-discovery-association",),
    "CopySnapshot": ("snapshot",),
    "CopyVolumes": ("volume",),
    "CreateCapacityReservationBySplitting": ("capacity-reservation",),
    "CreateDelegateMacVolumeOwnershipTask": ("mac-modification-task",),
    "CreateInstanceExportTask": ("export-instance-task",),
    "CreateLocalGatewayRouteTableVpcAssociation": ("local-gateway-route-table-vpc-association",),
    "CreatePublicIpv4Pool": ("ipv4pool-ec2",),
    "CreateRestoreImageTask": ("image",),
    "CreateTransitGatewayConnect": ("transit-gateway-attachment",),
    "ExportImage": ("export-image-task",),
    "ImportImage": ("image", "import-image-task"),
    "ImportInstance": ("instance", "volume"),
    "ImportSnapshot": ("import-snapshot-task", "snapshot"),
    "CreateFleet": ("fleet", "instance"),
    "CreateFlowLogs": ("vpc-flow-log",),
    "CreateImage": ("image", "snapshot"),
    "CreateManagedPrefixList": ("prefix-list",),
    "CreateNatGateway": ("natgateway",),
    "CreateSnapshots": ("snapshot",),
    "CreateTransitGatewayPeeringAttachment": ("transit-gateway-attachment",),
    "CreateTransitGatewayVpcAttachment": ("transit-gateway-attachment",),
    "CreateVpcEndpointServiceConfiguration": ("vpc-endpoint-service",),
    "ImportVolume": ("volume",),
    "RegisterImage": ("image",),
    "RequestSpotFleet": ("spot-fleet-request",),
    "RequestSpotInstances": ("spot-instances-request",),
}
"""By operation: what it makes."""

TAGGED: Mapping[str, tuple[str, ...]] = {
    "AuthorizeSecurityGroupEgress": ("security-group-rule",),
    "AuthorizeSecurityGroupIngress": ("security-group-rule",),
    "CreateFleet": ("fleet", "instance", "network-interface", "volume"),
    "CreateKeyPair": ("key-pair",),
    "CreatePlacementGroup": ("placement-group",),
    "CreateSubnetCidrReservation": ("subnet-cidr-reservation",),
    "ImportKeyPair": ("key-pair",),
    "RegisterImage": ("image", "snapshot"),
    "RunInstances": ("instance", "network-interface", "spot-instances-request", "volume"),
}
"""By operation: what its tags may be for, where that is not what it makes."""
