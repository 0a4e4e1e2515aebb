"""The condition keys of AWS Organizations, and what tags given at once need besides.

Source: "Actions, resources, and condition keys for AWS Organizations" in the Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rolekeeper.operations.organizations import names, standing
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.registry import Keys

TAG = "organizations:TagResource"


def policy_type(
    call: Call,
    *,
    type: str | None = None,
    filter: str | None = None,
    policy_type: str | None = None,
    policy_id: str | None = None,
    resource_id: str | None = None,
    **_: Any,
) -> Keys:
    """organizations:PolicyType, as the request says it or as the policy has it that it names."""
    named = policy_id or (resource_id if resource_id and resource_id.startswith("p-") else None)
    said = type or filter or policy_type
    if said is None and named is not None:
        said = names.type_of_policy(standing.found(call), named)
    return {"organizations:policytype": said} if said is not None else {}


def service_principal(call: Call, *, service_principal: str | None = None, **_: Any) -> Keys:
    """organizations:ServicePrincipal."""
    return {"organizations:serviceprincipal": service_principal} if service_principal is not None else {}


def transfer(call: Call, *, type: str | None = None, **_: Any) -> Keys:
    """organizations:TransferType."""
    return {"organizations:transfertype": type} if type is not None else {}


def tagging(resource: Callable[..., Resource]) -> Callable[..., Iterable[Access]]:
    """The `also` of an operation that makes something: tags given at once need the permission to tag."""

    def accesses(call: Call, *, tags: Any = None, **arguments: Any) -> Iterator[Access]:
        if tags:
            yield Access(action=TAG, resource=resource(call, **arguments))

    return accesses
