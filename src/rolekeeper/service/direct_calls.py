"""A service that calls for itself, under its own principal: `ec2.amazonaws.com` assumes a role, a bucket gets
another service's logs.

Such a call has no identity policies: the resource's own policy lets the service in or does not, and the
resource control policies of the resource's account stand around it. The request says for whom the service
acts, so that a policy can refuse to be used by others through it: `aws:SourceAccount`, `aws:SourceArn`, and
the organization of that account.
Sources: "The confused deputy problem" and "AWS global condition context keys" in the IAM User Guide;
"Resource control policies" in the Organizations User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from rolekeeper.audit import cloudtrail
from rolekeeper.iam.entities import Role
from rolekeeper.iam.service_linked import is_service_linked
from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import KeyValue, RequestContext, ServicePrincipal
from rolekeeper.policy.decision import Decision, PolicyLayers
from rolekeeper.policy.document import PolicyDocument
from rolekeeper.service.authorizer import document
from rolekeeper.service.call import Resource
from rolekeeper.service.organization import Organizations
from rolekeeper.store.contract import Transaction


class DirectCall(msgspec.Struct, frozen=True, kw_only=True):
    """A service, and for what of whose it acts."""

    principal: str
    """`cloudtrail.amazonaws.com`."""
    account: str
    """The account for which it acts."""
    source_arn: str
    """The ARN of what it acts for."""
    region: str
    now: datetime


class DirectCalls:
    """Decides such calls."""

    def __init__(self, organizations: Organizations) -> None:
        self._organizations = organizations

    def decide(
        self,
        tx: Transaction,
        call: DirectCall,
        action: str,
        resource: Resource,
        more: Mapping[str, KeyValue] | None = None,
    ) -> Decision:
        """Whether the service may do that; `more` are the condition keys of the action's own."""
        context = RequestContext(
            principal=ServicePrincipal(name=call.principal),
            action=action,
            resource=resource.arn,
            resource_account=resource.account,
            keys=self._keys(tx, call, resource) | dict(more or {}),
        )
        policy = document(resource.policy) if resource.policy is not None else None
        layers = PolicyLayers(
            resource=policy, resource_kind=resource.policy_kind, rcp=self._guards(tx, resource)
        )
        return authorize(context, layers)

    def _guards(self, tx: Transaction, resource: Resource) -> tuple[tuple[PolicyDocument, ...], ...] | None:
        """The RCPs of the resource's account. They do not reach a service-linked role."""
        if isinstance(resource.entity, Role) and is_service_linked(resource.entity):
            return None
        place = self._organizations.place(tx, resource.account)
        if place is None or place.rcp is None:
            return None
        return tuple(tuple(map(document, level)) for level in place.rcp)

    def _keys(self, tx: Transaction, call: DirectCall, resource: Resource) -> dict[str, KeyValue]:
        keys: dict[str, KeyValue] = {
            "aws:currenttime": cloudtrail.instant(call.now),
            "aws:epochtime": str(int(call.now.timestamp())),
            "aws:requestedregion": call.region,
            "aws:securetransport": "true",
            "aws:useragent": call.principal,
            "aws:sourceaccount": call.account,
            "aws:sourcearn": call.source_arn,
        }
        source = self._organizations.place(tx, call.account)
        if source is not None:
            keys["aws:sourceorgid"], keys["aws:sourceorgpaths"] = source.organization, (source.path,)
        owner = self._organizations.place(tx, resource.account)
        if owner is not None:
            keys["aws:resourceorgid"], keys["aws:resourceorgpaths"] = owner.organization, (owner.path,)
        for name, value in resource.tags.items():
            keys[f"aws:resourcetag/{name.lower()}"] = value
            if isinstance(resource.entity, Role):
                keys[f"iam:resourcetag/{name.lower()}"] = value
        return keys
