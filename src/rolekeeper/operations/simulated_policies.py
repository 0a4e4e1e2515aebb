"""The policies that an entity has, each with its name and whose it is, less those that a simulation excludes.

Source: "SimulatePrincipalPolicy" and "PolicyIdentifier" in the IAM API Reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rolekeeper.arn import Arn
from rolekeeper.errors import InvalidInput, NoSuchEntity
from rolekeeper.iam import aws_policies
from rolekeeper.iam.entities import Group, ManagedPolicy, Role, User
from rolekeeper.operations.attachments import attached
from rolekeeper.operations.simulation import Source
from rolekeeper.service.authorizer import document, managed_policy
from rolekeeper.service.call import Call

Bearer = User | Group | Role

_KINDS: dict[str, type[User] | type[Group] | type[Role]] = {"user": User, "group": Group, "role": Role}


def entity(call: Call, arn: str) -> Bearer:
    """The user, group or role of an ARN in the caller's account; NoSuchEntity, InvalidInput."""
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        raise InvalidInput(
            f"Invalid Entity Arn: {arn} does not clearly define entity type and name."
        ) from None
    kind = _KINDS.get(parsed.resource_type) if parsed.service == "iam" else None
    if kind is None or parsed.resource == parsed.resource_type:
        raise InvalidInput(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    found: Any = call.tx.collection(kind).find(parsed.name) if parsed.account == call.account else None
    if found is None or found.arn(call.partition) != arn:
        raise NoSuchEntity(f"The {kind.noun} with name {parsed.name} cannot be found.")
    bearer: Bearer = found
    return bearer


class Exclusions:
    """What `PolicyExclusionList` takes out of a simulation."""

    def __init__(self, given: list[dict[str, Any]] | None) -> None:
        self.types = {one["PolicyType"] for one in given or () if "PolicyType" in one}
        self._arns = [_pattern(one["PolicyArn"]) for one in given or () if "PolicyArn" in one]
        inline = [one["InlinePolicyIdentifier"] for one in given or () if "InlinePolicyIdentifier" in one]
        self._inline = [
            (one["PolicyName"], one["AttachmentType"], _pattern(one["AttachmentName"])) for one in inline
        ]
        if any(len(one) != 1 for one in given or ()):
            raise InvalidInput("A policy identifier names a type, an ARN or an inline policy: exactly one.")

    def managed(self, policy: ManagedPolicy, partition: str) -> bool:
        """Whether a managed policy is out."""
        return _type_of(policy) in self.types or any(
            pattern.fullmatch(policy.arn(partition)) for pattern in self._arns
        )

    def inline(self, bearer: Bearer, name: str) -> bool:
        """Whether an inline policy of an entity is out."""
        return "inline" in self.types or any(
            name == policy and bearer.kind == kind and pattern.fullmatch(bearer.name)
            for policy, kind, pattern in self._inline
        )


def _pattern(text: str) -> re.Pattern[str]:
    if text.count("*") > 1 or "*" in text.rpartition("/")[0] or "?" in text.rpartition("/")[0]:
        raise InvalidInput(f"Invalid policy identifier: {text}")
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def identity(call: Call, bearer: Bearer, exclusions: Exclusions) -> Iterator[Source]:
    """The identity policies of an entity, those of a user's groups included."""
    for name, text in bearer.inline.items():
        if not exclusions.inline(bearer, name):
            yield Source(identifier=name, type=bearer.kind, document=document(text))
    for policy in attached(call, bearer):
        if not exclusions.managed(policy, call.partition):
            yield Source(identifier=policy.name, type=_type_of(policy), document=document(policy.document))
    if isinstance(bearer, User):
        for key in call.tx.links.targets("member", bearer.key):
            group = call.tx.groups.find(key)
            if group is not None:
                yield from identity(call, group, exclusions)


def boundary(call: Call, bearer: Bearer, exclusions: Exclusions) -> tuple[Source, ...] | None:
    """The permissions boundary of an entity; None where it has none."""
    if isinstance(bearer, Group) or bearer.boundary is None or "permission-boundary" in exclusions.types:
        return None
    policy = managed_policy(bearer.boundary, call.store)
    if policy is None:
        return ()
    return (Source(identifier=policy.name, type=_type_of(policy), document=document(policy.document)),)


def _type_of(policy: ManagedPolicy) -> str:
    return "aws-managed" if policy.account == aws_policies.OWNER else "user-managed"
