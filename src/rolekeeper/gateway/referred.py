"""Roles that a request hands over without naming them: they are in what it refers to, which is behind.

A launch template may have an instance profile, and a task definition has roles. Whoever makes a template is
not asked for the role, so that whoever launches with it is; a task definition's roles are handed over when it
is registered and again when it is run.
Sources: "IAM permissions required for Amazon EC2 launch templates" in the EC2 User Guide; "Control Amazon EC2
launch template usage in Auto Scaling groups" in the EC2 Auto Scaling User Guide; "Amazon ECS EventBridge IAM
Role" in the ECS Developer Guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.rules import Lookups

_LAUNCHES = {
    "ec2": ("RunInstances", "CreateFleet", "ModifyFleet", "RequestSpotFleet"),
    "autoscaling": (
        "CreateAutoScalingGroup",
        "CreateLaunchConfiguration",
        "StartInstanceRefresh",
        "UpdateAutoScalingGroup",
    ),
}
_RUNS = ("RunTask", "StartTask")


class Referred(msgspec.Struct, frozen=True, kw_only=True):
    """What a request refers to has this of roles."""

    profiles: tuple[str, ...] = ()
    """Instance profiles, by name or ARN."""
    task_role: str | None = None
    execution_role: str | None = None
    family: str = ""
    revision: int = 1
    launch: Mapping[str, Any] = {}
    """What a launch template says of the instance."""


NOTHING = Referred()


async def referred(lookups: Lookups, asked: Asked) -> Referred:
    """What a request refers to, where that may have roles; nothing is asked for any other request."""
    name = asked.operation.name
    if asked.service.name == "ecs" and name in _RUNS:
        return await _definition(lookups, asked)
    if name not in _LAUNCHES.get(asked.service.name, ()):
        return NOTHING
    said = [
        each
        for template in _templates(asked.members)
        for each in await _of_template(lookups, asked, template)
    ]
    found = [profile for each in said for profile in _named(each.get("IamInstanceProfile"))]
    if asked.members.get("IamInstanceProfile"):  # it takes the place of the template's
        found = []
    instance = asked.members.get("InstanceId") if asked.service.name == "autoscaling" else None
    if isinstance(instance, str) and not asked.members.get("IamInstanceProfile"):
        found += await _of_instance(lookups, asked, instance)
    return Referred(profiles=tuple(dict.fromkeys(found)), launch=said[0] if said else {})


async def _definition(lookups: Lookups, asked: Asked) -> Referred:
    given = asked.members.get("taskDefinition")
    answer = await lookups.ask(asked, "ecs", "DescribeTaskDefinition", taskDefinition=given)
    if answer is None:
        return NOTHING
    found, overrides = answer.get("taskDefinition") or {}, asked.members.get("overrides") or {}
    return Referred(
        task_role=overrides.get("taskRoleArn") or found.get("taskRoleArn") or None,
        execution_role=overrides.get("executionRoleArn") or found.get("executionRoleArn") or None,
        family=found.get("family", ""),
        revision=found.get("revision", 1),
    )


def _templates(found: Any) -> Iterator[Mapping[str, Any]]:
    """The launch templates that are named anywhere in a request."""
    if isinstance(found, Mapping):
        if found.get("LaunchTemplateId") or found.get("LaunchTemplateName"):
            yield found
        for each in found.values():
            yield from _templates(each)
    elif isinstance(found, list | tuple):
        for each in found:
            yield from _templates(each)


async def _of_template(
    lookups: Lookups, asked: Asked, template: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """What a template says; one that is named twice over counts as both."""
    found: list[Mapping[str, Any]] = []
    for name in ("LaunchTemplateId", "LaunchTemplateName"):
        if template.get(name):
            versions = [template.get("Version") or "$Default"]
            answer = await lookups.ask(
                asked, "ec2", "DescribeLaunchTemplateVersions", **{name: template[name]}, Versions=versions
            )
            told = (answer or {}).get("LaunchTemplateVersions") or ()
            found += [each.get("LaunchTemplateData") or {} for each in told]
    return found


async def _of_instance(lookups: Lookups, asked: Asked, instance_id: str) -> list[str]:
    """The profile of an instance after which a group's are made."""
    answer = await lookups.ask(asked, "ec2", "DescribeInstances", InstanceIds=[instance_id])
    return [
        profile
        for reservation in (answer or {}).get("Reservations") or ()
        for instance in reservation.get("Instances") or ()
        for profile in _named(instance.get("IamInstanceProfile"))
    ]


def _named(profile: Mapping[str, str] | None) -> list[str]:
    given = (profile or {}).get("Arn") or (profile or {}).get("Name")
    return [given] if given else []
