"""What a launch template has, for a launch that takes from it what its request does not say.

The rule of this file: what a template names is asked as if the request named it. The request can only be
read for what it leaves to the template, so each such thing is `Named` by the template and by where it is
there; where the template has none, the answer is the template itself, which is asked anyway.
Source: "Control access to launch templates" and "Use IAM permissions to launch from a template" in the EC2
User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rolekeeper.errors import ValidationError
from rolekeeper.gateway.asked import Asked, Unclear, Wanted
from rolekeeper.gateway.rules import Lookups
from rolekeeper.gateway.services.tables import Named, values

MARK = "launch-template"
AT_MOST = 16
"""Security groups of an interface; the quota can be raised to it."""

_ID = re.compile("lt-[0-9a-f]+")
_NAME = re.compile(r"[A-Za-z0-9()./_-]+")
GROUP_ID = "sg-[0-9a-f]+"
"""A pattern of the IDs of security groups."""


def named(value: str) -> Named:
    """What a request calls a resource by; never what is only said here. Unclear."""
    if value.startswith(MARK + "#"):
        raise Unclear(f"`{value}` is not taken for a name")
    return Named(value)


def by_name(value: str) -> Named:
    """A launch template by its name, which is never like an ID, and reads as nothing more. Unclear."""
    if _ID.fullmatch(value) or not _NAME.fullmatch(value):
        raise Unclear(f"`{value}` is no name of a launch template")
    return Named(value)


def inside(asked: Asked, *paths: str, each: int = 1) -> Iterator[str]:
    """What stands at some places of the launch template of a request, if it has one."""
    template = asked.members.get("LaunchTemplate") or {}
    called = template.get("LaunchTemplateId") or template.get("LaunchTemplateName")
    if not called:
        return
    if template.get("LaunchTemplateId") and template.get("LaunchTemplateName"):
        raise Unclear("a launch template is named by its ID or by its name, not by both")
    if template.get("LaunchTemplateName"):
        by_name(called)
    version = template.get("Version") or "$Default"
    for index in range(min(each, AT_MOST)):
        yield Named("#".join((MARK, called, version, str(index), *paths)))


def groups(asked: Asked) -> Iterator[str]:
    """The security groups of the launch template."""
    paths = ("SecurityGroupIds", "SecurityGroups", "NetworkInterfaces.Groups")
    return inside(asked, *paths, each=AT_MOST)


def group(value: str) -> str:
    """A security group by its name, which is never like an ID: a backend takes either for either."""
    return value if re.fullmatch(GROUP_ID, value) else named(value)


async def found(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    """The ID in the launch template that an access is named by; "" where the template has none there."""
    _, called, version, index, *paths = wanted.named.split("#")
    data = await data_of(lookups, asked, called, version)
    if data is None:
        return ""
    names = [name for path in paths for name in dict.fromkeys(values(data, path))]
    if len(names) > AT_MOST:
        raise ValidationError(f"launch template {called} has more than {AT_MOST} of {paths[0]}")
    return names[int(index)] if int(index) < len(names) else ""


async def data_of(lookups: Lookups, asked: Asked, called: str, version: str) -> Mapping[str, Any] | None:
    """What a version of a launch template launches."""
    by = "LaunchTemplateId" if _ID.fullmatch(called) else "LaunchTemplateName"
    known = {by: called, "Versions": [version]}
    answer = await lookups.ask(asked, "ec2", "DescribeLaunchTemplateVersions", **known)
    found = (answer or {}).get("LaunchTemplateVersions") or ()
    return found[0].get("LaunchTemplateData") if found else None


async def id_of(lookups: Lookups, asked: Asked, called: str) -> str | None:
    """The ID of a launch template."""
    if _ID.fullmatch(called):
        return called
    answer = await lookups.ask(asked, "ec2", "DescribeLaunchTemplates", LaunchTemplateNames=[called])
    found = (answer or {}).get("LaunchTemplates") or ()
    return found[0].get("LaunchTemplateId") if found else None
