"""What a launch asks for: the instance, and everything that it is made of.

The rule of this file: RunInstances is asked on the instance, its image, its network interface, its subnet,
its security groups and its volumes, always, and on all else that the request or its launch template names.
What the launch makes has `*` for a name; what neither says is the default one of the account, which is found
where it is.
Source: "Example policies to control access the Amazon EC2 API", "Launch instances (RunInstances)", in the
EC2 User Guide; ec2:RunInstances in the Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from rolekeeper.gateway import templates as reference
from rolekeeper.gateway.asked import Asked, Unclear, Wanted
from rolekeeper.gateway.ec2 import templates
from rolekeeper.gateway.services.tables import NEW, Arn, Named, Place, Table, values
from rolekeeper.policy.context import KeyValue

DEFAULT = f"{templates.MARK}#default"
"""What the account's default subnet, or security group, is called by here, and by no request."""


def _or(place: str, *in_template: str, each: int = 1) -> Place:
    """What the request says, else what its launch template says, if that has to be asked at all."""
    paths = in_template or (place,)

    def found(asked: Asked) -> list[str]:
        given = list(values(asked.members, place))
        return given or list(templates.inside(asked, *paths, each=each))

    return found


def _subnets(asked: Asked) -> list[str]:
    given = [*values(asked.members, "SubnetId"), *values(asked.members, "NetworkInterfaces.SubnetId")]
    if given or _has_interfaces(asked):
        return given or [NEW]
    theirs = templates.inside(asked, "NetworkInterfaces.SubnetId", each=templates.AT_MOST)
    return list(theirs) or [Named(DEFAULT)]


def _has_interfaces(asked: Asked) -> bool:
    """Whether the instance has interfaces that are there already, with a subnet and groups of their own."""
    return any(values(asked.members, "NetworkInterfaces.NetworkInterfaceId"))


def _groups(asked: Asked) -> list[str]:
    members = asked.members
    given = [*values(members, "SecurityGroupIds"), *values(members, "NetworkInterfaces.Groups")]
    given += [templates.group(name) for name in values(members, "SecurityGroups")]
    if not any(values(members, "SecurityGroupIds")):
        given += templates.groups(asked)  # which a backend may add to those of interfaces and by name
    if given or _has_interfaces(asked):
        return given or [NEW]
    return [Named(DEFAULT)]


def _interfaces(asked: Asked) -> list[str]:
    given = list(values(asked.members, "NetworkInterfaces.NetworkInterfaceId"))
    specified = asked.members.get("NetworkInterfaces") or ()
    new = not specified or any(not each.get("NetworkInterfaceId") for each in specified)
    return [NEW, *given] if new else given


def _volumes(asked: Asked) -> list[str]:
    return [NEW]


def _spot(asked: Asked) -> list[str]:
    options = asked.members.get("InstanceMarketOptions") or {}
    return [NEW] if options.get("MarketType") == "spot" else []


def _if_given(member: str) -> Place:
    def found(asked: Asked) -> list[str]:
        return [NEW] if asked.members.get(member) else []

    return found


def _image(asked: Asked) -> list[str]:
    """An AMI by its ID, or by the parameter of Systems Manager that holds it."""
    given = asked.members.get("ImageId")
    if not given:
        return list(templates.inside(asked, "ImageId"))
    return [Named(given)] if given.startswith("resolve:ssm:") else [given]


def _arns(kind: str, *paths: str) -> Place:
    """ARNs of another service's resources. Unclear where they are not."""

    def found(asked: Asked) -> Iterator[str]:
        for value in (value for path in paths for value in values(asked.members, path)):
            if not any(each.read(value) for each in reference.templates("ec2")[kind]):
                raise Unclear(f"`{value}` is no ARN of a {kind}")
            yield Arn(value)

    return found


_TARGET = "CapacityReservationSpecification.CapacityReservationTarget"

RUN_INSTANCES: Mapping[str, tuple[Place, ...]] = {
    "capacity-reservation": (_or(f"{_TARGET}.CapacityReservationId"),),
    "elastic-gpu": (_if_given("ElasticGpuSpecification"),),
    "elastic-inference": (_if_given("ElasticInferenceAccelerators"),),
    "group": (
        _arns("group", f"{_TARGET}.CapacityReservationResourceGroupArn", "Placement.HostResourceGroupArn"),
    ),
    "image": (_image,),
    "instance": (lambda asked: [NEW],),
    "key-pair": (_or("KeyName"),),
    "launch-template": (
        "LaunchTemplate.LaunchTemplateId",
        lambda asked: map(templates.by_name, values(asked.members, "LaunchTemplate.LaunchTemplateName")),
    ),
    "license-configuration": (
        _arns("license-configuration", "LicenseSpecifications.LicenseConfigurationArn"),
    ),
    "network-interface": (_interfaces,),
    "placement-group": (_or("Placement.GroupName"),),
    "secondary-interface": (_if_given("SecondaryInterfaces"),),
    "secondary-subnet": ("SecondaryInterfaces.SecondarySubnetId",),
    "security-group": (_groups,),
    "snapshot": (_or("BlockDeviceMappings.Ebs.SnapshotId", each=templates.AT_MOST),),
    "spot-instances-request": (_spot,),
    "subnet": (_subnets,),
    "volume": (_volumes,),
}
"""Where RunInstances has what it is asked on, by type."""


def launch(table: Table) -> Callable[[Asked], Iterator[Wanted]]:
    """For `Rules`: RunInstances, asked on each volume and interface with what is said of just that."""

    def asking(asked: Asked) -> Iterator[Wanted]:
        for access in table.asking(asked):
            several = _PARTS.get(access.type) if access.resource.endswith(NEW) else None
            for keys in several(asked) if several else ({},):
                all_keys = {**access.keys, **_from_template(asked, access), **keys}
                yield msgspec.structs.replace(access, keys=all_keys)

    return asking


_OVERRIDDEN_BY = {
    "instance": "InstanceType",
    "network-interface": "NetworkInterfaces",
    "volume": "BlockDeviceMappings",
}


def _from_template(asked: Asked, access: Wanted) -> dict[str, KeyValue]:
    """Whether what a launch with a launch template is asked on is the template's, or the request's own."""
    if not asked.members.get("LaunchTemplate") or not access.action.endswith(":RunInstances"):
        return {}
    made = access.type in _OVERRIDDEN_BY and access.resource.endswith(NEW)
    own = bool(asked.members.get(_OVERRIDDEN_BY[access.type])) if made else not access.named
    theirs = access.type == "launch-template" or not own
    return {"ec2:islaunchtemplateresource": "true" if theirs else "false"}


def _each_volume(asked: Asked) -> list[dict[str, KeyValue]]:
    blocks = [each["Ebs"] for each in asked.members.get("BlockDeviceMappings") or () if each.get("Ebs")]
    return [volume_keys(asked, block) for block in blocks] or [{}]


def volume_keys(asked: Asked, said: Mapping[str, Any]) -> dict[str, KeyValue]:
    """What is said of a volume that is made: its type, its size, its snapshot."""
    names = {
        "encrypted": "Encrypted",
        "volumeiops": "Iops",
        "volumesize": "VolumeSize" if "VolumeSize" in said else "Size",
        "volumethroughput": "Throughput",
        "volumetype": "VolumeType",
        "volumeinitializationrate": "VolumeInitializationRate",
        "availabilityzone": "AvailabilityZone",
        "availabilityzoneid": "AvailabilityZoneId",
        "kmskeyid": "KmsKeyId",
    }
    found: dict[str, KeyValue] = {
        f"ec2:{key}": word(said[member]) for key, member in names.items() if said.get(member) is not None
    }
    if said.get("SnapshotId"):
        found["ec2:parentsnapshot"] = reference.arn(asked, "ec2", "snapshot", SnapshotId=said["SnapshotId"])
    return found


def _each_interface(asked: Asked) -> list[dict[str, KeyValue]]:
    specified = [
        each for each in asked.members.get("NetworkInterfaces") or () if not each.get("NetworkInterfaceId")
    ]
    found = []
    for each in specified or [asked.members]:
        keys: dict[str, KeyValue] = {}
        if each.get("AssociatePublicIpAddress") is not None:
            keys["ec2:associatepublicipaddress"] = word(each["AssociatePublicIpAddress"])
        if each.get("SubnetId"):
            keys["ec2:subnet"] = reference.arn(asked, "ec2", "subnet", SubnetId=each["SubnetId"])
        found.append(keys)
    return found


_PARTS: Mapping[str, Callable[[Asked], list[dict[str, KeyValue]]]] = {
    "network-interface": _each_interface,
    "volume": _each_volume,
}


def word(value: Any) -> str:
    """A member's value as policies compare it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
