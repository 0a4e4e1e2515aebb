"""Which roles a request hands to a service: each is one access more, iam:PassRole on the role.

The rule of this file: an operation's parameters that take a role are found in its model, once, by the table
of `passed_to`; a request then is asked for those alone. A role of another account is refused outright, and
so is what looks like a role's ARN and is none. The role that a service has by default is not handed over by
anybody; one that is named is, also a service-linked one.
Sources: "Grant a user permissions to pass a role to an AWS service" and "IAM and AWS STS condition context
keys" in the IAM User Guide; "Grant permissions to attach an IAM role to an instance" in the EC2 User Guide.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Protocol

from rolekeeper.arn import Arn, iam_arn
from rolekeeper.errors import AccessDenied, ValidationError
from rolekeeper.gateway import passed_inside
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.passed_to import ABOUT
from rolekeeper.gateway.referred import NOTHING, Referred
from rolekeeper.gateway.role_parameters import Parameter, parameters, principal, values
from rolekeeper.policy.context import KeyValue
from rolekeeper.store.contract import AccountState
from rolekeeper.wire.model import OperationModel, Service

ACTION = "iam:PassRole"

_LOOKS = re.compile(r":iam:|:role[/:]", re.IGNORECASE)


class Roles(Protocol):
    """The roles of the caller's account, as far as a request may name them otherwise than by their ARNs."""

    def in_profile(self, given: str) -> str | None:
        """The ARN of the role in an instance profile, which is named or given by its ARN."""
        ...

    def named(self, name: str) -> str | None:
        """The ARN of the role of that name."""
        ...


class HeldRoles:
    """Those of an account in the store."""

    def __init__(self, state: AccountState, partition: str) -> None:
        self._state = state
        self._partition = partition

    def in_profile(self, given: str) -> str | None:
        profile = self._state.instance_profiles.find(given.rpartition("/")[2])
        if profile is None or given not in (profile.name, profile.arn(self._partition)):
            return None
        keys = self._state.links.targets("profile-role", profile.key)
        return self.named(keys[0]) if keys else None

    def named(self, name: str) -> str | None:
        role = self._state.roles.find(name.rpartition("/")[2])
        return None if role is None else role.arn(self._partition)


_LAUNCHED = Parameter(path=(), principal="ec2.amazonaws.com", profile=True)
_RUN = Parameter(path=(), principal="ecs-tasks.amazonaws.com", by_name=True)


def passed(asked: Asked, roles: Roles, referred: Referred = NOTHING) -> tuple[Wanted, ...]:
    """What handing over the roles of a request asks for, with those of what it refers to; none where it has
    no role.

    AccessDenied for a role of another account, ValidationError for what is no role's ARN, Unclassified where
    roles may stand in a document that cannot be read.
    """
    told = given(asked, referred)
    return _wanted(asked, roles, told, associated(asked, referred)) if told else ()


def may_pass(asked: Asked, referred: Referred = NOTHING) -> bool:
    """Whether a request may have roles at all: most operations take none, whatever a request says."""
    return referred is not NOTHING or _takes_roles(asked.service, asked.operation)


@cache
def _takes_roles(service: Service, operation: OperationModel) -> bool:
    return bool(parameters(service, operation)) or passed_inside.may_have(service)


def given(asked: Asked, referred: Referred = NOTHING) -> list[tuple[str, Parameter]]:
    """What a request says where it hands over roles, and where it says it."""
    if not may_pass(asked, referred):
        return []
    own = principal(asked.service)
    found = [
        (told, parameter)
        for parameter in parameters(asked.service, asked.operation)
        for told in values(asked.members, parameter)
    ]
    found += [(arn, Parameter(path=(), principal=own)) for arn in passed_inside.roles(asked)]
    found += passed_inside.settings(asked)
    found += [(told, _LAUNCHED) for told in referred.profiles]
    tasks = (referred.task_role, referred.execution_role)
    return found + [(told, _RUN) for told in tasks if told is not None]


def _wanted(
    asked: Asked, roles: Roles, told: list[tuple[str, Parameter]], about: str | None
) -> tuple[Wanted, ...]:
    found: dict[tuple[str, str], Wanted] = {}
    for text, parameter in told:
        arn = role_of(asked, roles, text, parameter)
        if arn is None:
            continue
        keys: dict[str, KeyValue] = {"iam:passedtoservice": parameter.principal}
        if about is not None:
            keys["iam:associatedresourcearn"] = about
        wanted = Wanted(action=ACTION, resource=arn, type="role", keys=keys)
        found[arn, parameter.principal] = wanted
    return tuple(found.values())


def role_of(asked: Asked, roles: Roles, text: str, parameter: Parameter) -> str | None:
    """The ARN of the role that is meant by what stands at a place; None where none is."""
    if not text:
        return None
    if parameter.profile:
        _refuse_foreign(asked, text, "instance-profile")
        return roles.in_profile(text)
    if text.startswith("arn:") or _LOOKS.search(text):
        return text if _refuse_foreign(asked, text, "role") else None
    if not parameter.by_name:
        return None
    return roles.named(text) or iam_arn(asked.partition, asked.account, "role", "/", text.lstrip("/"))


def _refuse_foreign(asked: Asked, text: str, kind: str) -> bool:
    """Whether it is an ARN of that kind; AccessDenied for one of another account, ValidationError for what
    only looks like one."""
    try:
        arn = Arn.parse(text)
    except ValueError:
        arn = None
    if arn is None or arn.service != "iam":
        if _LOOKS.search(text):
            raise ValidationError(f"{text} is invalid")
        return False
    if arn.resource_type != kind:
        if _LOOKS.search(arn.resource) or ":" in arn.resource or arn.resource_type.lower() == kind:
            raise ValidationError(f"{text} is invalid")
        return False
    if arn.account != asked.account:
        raise AccessDenied("Cross-account pass role is not allowed.")
    if (arn.partition, arn.region) != (asked.partition, "") or not arn.resource.startswith(f"{kind}/"):
        raise ValidationError(f"{text} is invalid")
    return True


def associated(asked: Asked, referred: Referred = NOTHING) -> str | None:
    """The ARN of what a service will use the roles of a request for; None where that is not known."""
    name = asked.service.name
    if referred.family:
        resource = f"task-definition/{referred.family}:{referred.revision}"
        return f"arn:{asked.partition}:ecs:{asked.region}:{asked.account}:{resource}"
    template = ABOUT.get(f"{name}.{asked.operation.name}") or ABOUT.get(name)
    if template is None:
        return None
    service, _, resource = template.partition(" ")
    start, brace, rest = resource.partition("{")
    if brace:
        names, _, end = rest.partition("}")
        found = next((asked.members[each] for each in names.split("|") if asked.members.get(each)), "*")
        if not isinstance(found, str):
            return None
        if found.startswith("arn:"):
            return found
        resource = start + found + end
    return f"arn:{asked.partition}:{service}:{asked.region}:{asked.account}:{resource}"
