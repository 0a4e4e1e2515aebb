"""Who sees a delegation request, and what its owner may without a policy of his own.

A request without an owner's account is open to whoever knows its ID; one with such an account to that account
alone, its requestor's not excepted. Who claims a request is its owner and may read it, forward it, reject it
and send its token, but not accept it: that needs iam:AcceptDelegationRequest. A Deny is a Deny for him too.
Source: "Managing permissions for delegation requests" in "IAM temporary delegation" in the IAM User Guide;
GetDelegationRequest and AssociateDelegationRequest in the IAM API Reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from rolekeeper.arn import Arn, iam_arn
from rolekeeper.errors import NoSuchEntity
from rolekeeper.iam.delegation import UNASSIGNED, Actor, DelegationRequest
from rolekeeper.iam.entities import User
from rolekeeper.service import identities
from rolekeeper.service.call import Call, Caller, Resource

OWNED = "delegation-owned"
"""The links in the owner's account, from its number to the IDs of the requests that its identities own."""

_OF_ANYBODY = (
    "iam:AssociateDelegationRequest",
    "iam:GetDelegationRequest",
    "iam:GetHumanReadableSummary",
)
_OF_THE_OWNER = (
    "iam:GetDelegationRequest",
    "iam:GetHumanReadableSummary",
    "iam:UpdateDelegationRequest",
    "iam:RejectDelegationRequest",
    "iam:SendDelegationToken",
)


def actor(caller: Caller) -> Actor:
    """The caller, as a request remembers him."""
    arn = Arn.parse(caller.principal.arn)
    return Actor(id=_principal_id(caller), service=arn.service, resource=arn.resource)


def _principal_id(caller: Caller) -> str:
    found: str = identities.identity(caller)["principalId"]
    return found


def is_owner(call: Call, request: DelegationRequest) -> bool:
    """Whether the caller is the request's owner himself."""
    return request.owner is not None and request.owner.id == _principal_id(call.caller)


def arn_of(call: Call, request: DelegationRequest, who: Actor | None) -> str | None:
    """The ARN of owner or approver: a user's as it is now, and where he is gone as it was."""
    if who is None:
        return None
    found = call.store.by_unique_id(who.id)
    if isinstance(found, User):
        return found.arn(call.partition)
    return f"arn:{call.partition}:{who.service}::{request.owner_account}:{who.resource}"


def find(call: Call, request_id: str) -> DelegationRequest | None:
    """The request of that ID, where the caller's account may see it."""
    found = call.store.by_unique_id(request_id)
    if not isinstance(found, DelegationRequest) or found.owner_account not in (None, call.account):
        return None
    return found


def get(call: Call, request_id: str) -> DelegationRequest:
    """The request of that ID; NoSuchEntity, also where it is another account's."""
    found = find(call, request_id)
    if found is None:
        missing = DelegationRequest.missing
        raise NoSuchEntity(missing.format(noun=DelegationRequest.noun, name=request_id))
    return found


def put(call: Call, request: DelegationRequest) -> None:
    """Keep a changed request, where its requestor has it."""
    call.store.account(request.account).collection(DelegationRequest).put(request)


def resource(call: Call, *, delegation_request_id: str, **_: Any) -> Resource:
    """The request of that ID, as one of the caller's account, with what everybody or its owner may."""
    arn = iam_arn(call.partition, call.account, DelegationRequest.kind, "/", delegation_request_id)
    plain = Resource(arn=arn, account=call.account)
    found = find(call, delegation_request_id)
    if found is None:
        return plain
    if found.state == UNASSIGNED:
        return granted(call, plain, _OF_ANYBODY)
    return granted(call, plain, _OF_THE_OWNER) if is_owner(call, found) else plain


def granted(call: Call, plain: Resource, actions: tuple[str, ...]) -> Resource:
    """The resource with a policy that lets the caller do this; the root user needs none."""
    if call.caller.is_root or call.operation.action not in actions:
        return plain
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": call.caller.principal.arn},
        "Action": call.operation.action,
        "Resource": "*",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return msgspec.structs.replace(plain, policy=msgspec.json.encode(document).decode())


def owner_key(call: Call, *, delegation_request_id: str, **_: Any) -> Mapping[str, str]:
    """The condition key of a request that has an owner."""
    found = find(call, delegation_request_id)
    owner = None if found is None else arn_of(call, found, found.owner)
    return {} if owner is None else {"iam:delegationrequestowner": owner}
