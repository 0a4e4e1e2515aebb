"""ListPoliciesGrantingServiceAccess: which policies of an identity let it reach a service.

Each policy is asked by itself. Boundaries, session policies, trust policies and those of organizations and
resources are not asked, because they give nobody a service.
Source: "ListPoliciesGrantingServiceAccess" in the IAM API Reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from rolekeeper.errors import InvalidInput, ValidationError
from rolekeeper.iam.entities import User
from rolekeeper.operations import attachments, paging, reported
from rolekeeper.operations.reported import Identity
from rolekeeper.policy import catalog
from rolekeeper.policy.document import PolicyDocument
from rolekeeper.policy.reach import grants_service
from rolekeeper.service.authorizer import document
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

_POLICIES = 1000
"""Policies on a page, which ends with the service at which there are so many."""


class _Held(NamedTuple):
    """A policy that an identity has: what is shown of it, and what it says."""

    view: dict[str, str]
    document: PolicyDocument


@operation(resource=reported.resource)
def list_policies_granting_service_access(
    call: Call, *, arn: str, service_namespaces: list[str], marker: str | None = None
) -> dict[str, Any]:
    """List, for each service, the policies of a user, group or role that let it reach the service."""
    identity = reported.identity(call, arn)
    services = list(dict.fromkeys(service_namespaces))
    unknown = [service for service in services if service not in catalog.services()]
    if unknown:
        raise InvalidInput(f"Invalid service namespace: [{', '.join(unknown)}]")
    held = list(_held(call, identity))
    entries: list[dict[str, Any]] = []
    listed = 0
    for service in services[_behind(services, marker) :]:
        if listed >= _POLICIES:
            last = paging.marker_of(entries[-1]["ServiceNamespace"])
            return {"PoliciesGrantingServiceAccess": entries, "IsTruncated": True, "Marker": last}
        granting = [one.view for one in held if grants_service(one.document, service)]
        entries.append({"ServiceNamespace": service, "Policies": granting})
        listed += len(granting)
    return {"PoliciesGrantingServiceAccess": entries, "IsTruncated": False}


def _behind(services: list[str], marker: str | None) -> int:
    last = paging.key_of(marker)
    if last is None:
        return 0
    if last not in services:
        raise ValidationError("Invalid Marker.")
    return services.index(last) + 1


def _held(call: Call, identity: Identity) -> Iterator[_Held]:
    """The inline and the attached policies of an identity, and for a user those of its groups, each once."""
    shown = set()
    for bearer in (identity, *_groups(call, identity)):
        for name, text in sorted(bearer.inline.items()):
            view = {
                "PolicyName": name,
                "PolicyType": "INLINE",
                "EntityType": bearer.kind.upper(),
                "EntityName": bearer.name,
            }
            yield _Held(view, document(text))
        for policy in attachments.attached(call, bearer):
            arn = policy.arn(call.partition)
            if arn not in shown:
                shown.add(arn)
                view = {"PolicyName": policy.name, "PolicyType": "MANAGED", "PolicyArn": arn}
                yield _Held(view, document(policy.document))


def _groups(call: Call, identity: Identity) -> Iterator[Identity]:
    if isinstance(identity, User):
        for key in call.tx.links.targets("member", identity.key):
            group = call.tx.groups.find(key)
            if group is not None:
                yield group
