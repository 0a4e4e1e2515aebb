"""EC2 Auto Scaling: groups and launch configurations, whose ARNs have an ID that a request never says.

The rule of this file: a group is asked by its whole ARN, which is found by its name; one that is not there
yet has `*` for the ID. Who gives a group a launch template is asked for the launch too, on all that the
template has, as EC2 does when the group launches in the caller's name.
Source: "Actions, resources, and condition keys for Amazon EC2 Auto Scaling" in the Service Authorization
Reference; "Control Amazon EC2 launch template usage in Auto Scaling groups" in the Auto Scaling User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rolekeeper.errors import ValidationError
from rolekeeper.gateway.asked import Asked, Unclear, Wanted
from rolekeeper.gateway.ec2.keys import at
from rolekeeper.gateway.ec2.launching import word
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.gateway.services import ec2
from rolekeeper.gateway.services.tables import NEW, Named, Place, Table, part_of_name, values
from rolekeeper.policy.context import KeyValue

_NAME = r"[^:\x00-\x1f]{1,255}"
_INSTANCE, _POLICY, _ACTION = "instance:", "policy:", "action:"  # no name of a group has a colon


def _group(*paths: str) -> Place:
    return _called("autoScalingGroup", "autoScalingGroupName", *paths)


def _called(kind: str, part: str, *paths: str) -> Place:
    def place(asked: Asked) -> Iterator[str]:
        for name in (value for path in paths for value in values(asked.members, path)):
            if name.startswith("arn:"):
                yield name
            else:
                yield Named(name, f"{NEW}:{part}/{part_of_name(kind, name, _NAME)}")

    return place


def _group_of_instance(asked: Asked) -> Iterator[str]:
    """The group of an instance, whatever group is named beside: a backend may look at the instance alone."""
    for path in ("InstanceId", "InstanceIds"):
        for id in values(asked.members, path):
            yield Named(_INSTANCE + part_of_name("instance", id))


def _group_of_policy(asked: Asked) -> Iterator[str]:
    """The group of a scaling policy, whatever group the request names."""
    for name in values(asked.members, "PolicyName"):
        group = re.search(":autoScalingGroupName/([^:]+):policyName/", name)
        if name.startswith("arn:") and group is None:
            raise Unclear(f"`{name}` is no scaling policy")
        best = part_of_name("autoScalingGroup", group[1], _NAME) if group else NEW
        yield Named(f"{_POLICY}{best if group else name}", f"{NEW}:autoScalingGroupName/{best}")


def _group_of_action(asked: Asked) -> Iterator[str]:
    """The group that has a scheduled action of that name already: a backend may know one of a name only."""
    for path in ("ScheduledActionName", "ScheduledUpdateGroupActions.ScheduledActionName"):
        for name in values(asked.members, path):
            yield Named(_ACTION + part_of_name("autoScalingGroup", name, _NAME))


_OF_INSTANCE: Mapping[str, tuple[Place, ...]] = {
    "autoScalingGroup": (_group("AutoScalingGroupName"), _group_of_instance)
}
_OF_POLICY: Mapping[str, tuple[Place, ...]] = {
    "autoScalingGroup": (_group("AutoScalingGroupName"), _group_of_policy)
}
_OF_ACTION: Mapping[str, tuple[Place, ...]] = {
    "autoScalingGroup": (_group("AutoScalingGroupName"), _group_of_action)
}
_OF_TAGS: Mapping[str, tuple[Place, ...]] = {"autoScalingGroup": (_group("Tags.ResourceId"),)}

TABLE = Table(
    prefix="autoscaling",
    places={
        "autoScalingGroup": (_group("AutoScalingGroupName"),),
        "launchConfiguration": (
            _called("launchConfiguration", "launchConfigurationName", "LaunchConfigurationName"),
        ),
    },
    own={
        "BatchPutScheduledUpdateGroupAction": _OF_ACTION,
        "CreateOrUpdateTags": _OF_TAGS,
        "DeletePolicy": _OF_POLICY,
        "DeleteTags": _OF_TAGS,
        "ExecutePolicy": _OF_POLICY,
        "PutScalingPolicy": _OF_POLICY,
        "PutScheduledUpdateGroupAction": _OF_ACTION,
        "SetInstanceHealth": _OF_INSTANCE,
        "TerminateInstanceInAutoScalingGroup": _OF_INSTANCE,
    },
    names={
        "autoScalingGroup": rf"[a-f0-9-]+:autoScalingGroupName/{_NAME}",
        "launchConfiguration": rf"[a-f0-9-]+:launchConfigurationName/{_NAME}",
    },
    tagging="CreateOrUpdateTags",
    tagged={"CreateAutoScalingGroup": ("autoScalingGroup",)},
)


def with_launches(asked: Asked) -> Iterator[Wanted]:
    """A group that is made or changed, and the launch of the templates that it is given."""
    yield from TABLE.asking(asked)
    subnets = [id.strip() for id in (asked.members.get("VPCZoneIdentifier") or "").split(",")]
    interfaces = [{"SubnetId": id} for id in subnets if id]
    for template in _templates(asked):
        members: dict[str, Any] = {"LaunchTemplate": template}
        yield from ec2.launches(asked, members | ({"NetworkInterfaces": interfaces} if interfaces else {}))


_MIXED = "MixedInstancesPolicy.LaunchTemplate"
_TEMPLATES = (
    "LaunchTemplate",
    f"{_MIXED}.LaunchTemplateSpecification",
    f"{_MIXED}.Overrides.LaunchTemplateSpecification",
)


def _templates(asked: Asked) -> list[Any]:
    return [each for path in _TEMPLATES for each in at(asked.members, path)]


async def find_group(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    """The ARN of a group, by its name, by an instance of it or by a scaling policy."""
    name: str | None = wanted.named
    if wanted.named.startswith(_INSTANCE):
        ids = [wanted.named.removeprefix(_INSTANCE)]
        answer = await lookups.ask(asked, "autoscaling", "DescribeAutoScalingInstances", InstanceIds=ids)
        name = next(values(answer or {}, "AutoScalingInstances.AutoScalingGroupName"), None)
    elif wanted.named.startswith(_POLICY):
        name = await _of_policy(lookups, asked, wanted.named.removeprefix(_POLICY))
    elif wanted.named.startswith(_ACTION):
        only = {"ScheduledActionNames": [wanted.named.removeprefix(_ACTION)]}
        answer = await lookups.ask(asked, "autoscaling", "DescribeScheduledActions", **only)
        path = "ScheduledUpdateGroupActions.AutoScalingGroupName"
        name = _whose(asked, wanted.named, list(values(answer or {}, path)))
    if not name or asked.operation.name == "CreateAutoScalingGroup":
        return None
    only = {"AutoScalingGroupNames": [name]}
    answer = await lookups.ask(asked, "autoscaling", "DescribeAutoScalingGroups", **only)
    return next(values(answer or {}, "AutoScalingGroups.AutoScalingGroupARN"), None)


async def _of_policy(lookups: Lookups, asked: Asked, called: str) -> str | None:
    """The group that a scaling policy is of: the one that the request names, if that has it."""
    if asked.members["PolicyName"].startswith("arn:"):
        return called
    answer = await lookups.ask(asked, "autoscaling", "DescribePolicies", PolicyNames=[called])
    return _whose(asked, called, list(values(answer or {}, "ScalingPolicies.AutoScalingGroupName")))


def _whose(asked: Asked, called: str, found: list[str]) -> str | None:
    """Of the groups that have something of a name, the one that the request names, or the only one."""
    given: str | None = asked.members.get("AutoScalingGroupName")
    groups = set(found)
    several = len(groups) > 1 and asked.operation.name.startswith("Put")  # names are each group's own there
    if given in groups or not groups or several:
        return given
    if len(groups) > 1:
        raise ValidationError(f"`{called}` is the name of {len(groups)} scaling policies: say whose")
    return groups.pop()


async def find_configuration(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    """The ARN of a launch configuration, by its name."""
    if asked.operation.name == "CreateLaunchConfiguration":
        return None
    only = {"LaunchConfigurationNames": [wanted.named]}
    answer = await lookups.ask(asked, "autoscaling", "DescribeLaunchConfigurations", **only)
    return next(values(answer or {}, "LaunchConfigurations.LaunchConfigurationARN"), None)


async def tags_of(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    """The tags of a group; none of one that is not made yet."""
    name = arn.partition("autoScalingGroupName/")[2]
    if asked.operation.name == "CreateAutoScalingGroup" or not name:
        return {}
    only = [{"Name": "auto-scaling-group", "Values": [name]}]
    answer = await lookups.ask(asked, "autoscaling", "DescribeTags", Filters=only)
    return {tag["Key"]: tag.get("Value", "") for tag in (answer or {}).get("Tags") or ()}


_TARGET = "CapacityReservationSpecification.CapacityReservationTarget"
_PLAIN: Mapping[str, str] = {
    "capacityreservationids": f"{_TARGET}.CapacityReservationIds",
    "capacityreservationresourcegrouparns": f"{_TARGET}.CapacityReservationResourceGroupArns",
    "forcedelete": "ForceDelete",
    "imageid": "ImageId",
    "instancetype": "InstanceType",
    "launchconfigurationname": "LaunchConfigurationName",
    "loadbalancernames": "LoadBalancerNames",
    "maxsize": "MaxSize",
    "metadatahttpendpoint": "MetadataOptions.HttpEndpoint",
    "metadatahttpputresponsehoplimit": "MetadataOptions.HttpPutResponseHopLimit",
    "metadatahttptokens": "MetadataOptions.HttpTokens",
    "minsize": "MinSize",
    "operatorprincipal": "Operator.Principal",
    "spotprice": "SpotPrice",
    "targetgrouparns": "TargetGroupARNs",
    "trafficsourceidentifiers": "TrafficSources.Identifier",
}
_LISTS = frozenset(key for key in _PLAIN if key.endswith(("ids", "names", "arns", "identifiers")))


def keys(asked: Asked) -> Mapping[str, KeyValue]:
    """What a request says of a group or a configuration: its sizes, its types, its networks."""
    found: dict[str, KeyValue] = {}
    for key, path in _PLAIN.items():
        given = [word(value) for value in at(asked.members, path)]
        if given:
            found[f"autoscaling:{key}"] = tuple(given) if key in _LISTS else given[0]
    zones = [zone.strip() for zone in (asked.members.get("VPCZoneIdentifier") or "").split(",")]
    if any(zones):
        found["autoscaling:vpczoneidentifiers"] = tuple(zone for zone in zones if zone)
    templates = _templates(asked)
    if templates:
        said = all(template.get("Version") for template in templates)
        found["autoscaling:launchtemplateversionspecified"] = "true" if said else "false"
    types = tuple(values(asked.members, "MixedInstancesPolicy.LaunchTemplate.Overrides.InstanceType"))
    if types:
        found["autoscaling:instancetypes"] = types
    return found


RULES = Rules(
    prefix="autoscaling",
    special=TABLE.special(
        "autoscaling", CreateAutoScalingGroup=with_launches, UpdateAutoScalingGroup=with_launches
    ),
    keys=keys,
    found=ec2.RULES.found,
    completions={
        **ec2.RULES.completions,
        "autoScalingGroup": find_group,
        "launchConfiguration": find_configuration,
    },
    tags={**ec2.RULES.tags, "autoScalingGroup": tags_of},
)
