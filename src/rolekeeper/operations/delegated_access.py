"""GetDelegatedAccessToken: a requestor trades the token of a delegation for credentials of who accepted it.

They are credentials of that very user, role session or root user, within the policy that was read when it was
accepted and within whatever held the approver's own session. Their time is the delegation's: it begins when
the token is sent and not when it is traded in, so that denying older sessions ends all of them. Until then
the token is good again and again.
Sources: "GetDelegatedAccessToken" in the STS API Reference; "IAM temporary delegation" and "Building your
integration" in the IAM User Guide.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.arn import assumed_role_arn, root_arn
from rolekeeper.errors import AccessDenied, ExpiredTradeInToken, PackedPolicyTooLarge
from rolekeeper.iam.credentials import Delegation, RoleSession, RootSession, TradeIn, UserSession
from rolekeeper.iam.delegation import DelegationRequest
from rolekeeper.iam.entities import Role, User
from rolekeeper.operations import resources
from rolekeeper.operations.delegation_decisions import traded_in
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation


@operation(resource=resources.everything)
def get_delegated_access_token(call: Call, *, trade_in_token: str) -> dict[str, Any]:
    """Trade a token in."""
    found = traded_in(call.sessions, call.store, call.account, trade_in_token)
    if found is None:
        raise AccessDenied("The trade-in token is not valid.")
    request, trade_in = found
    if call.now.timestamp() >= trade_in.expires:
        raise ExpiredTradeInToken("The trade-in token has expired.")
    session = _session(request, trade_in)
    return {
        "AssumedPrincipal": _principal(call, session),
        "PackedPolicySize": _packed_percentage(call, session),
        "Credentials": call.sessions.issue(session).view(),
    }


def _session(request: DelegationRequest, trade_in: TradeIn) -> RoleSession | UserSession:
    """The approver's session, or one of the user who had none, handed on."""
    account, approver, own = request.owner_account, request.approver, request.approver_session
    if account is None or approver is None or isinstance(own, RootSession):  # no task lets anybody accept
        raise AccessDenied("The trade-in token is not valid.")
    before = own.delegations if own is not None else ()
    key = ids.access_key_id(ids.TEMPORARY_KEY, account)
    delegations = (*before, Delegation(account=request.account, policy=request.policy))
    if isinstance(own, RoleSession):
        return msgspec.structs.replace(
            own,
            access_key_id=key,
            issued=trade_in.issued,
            expires=trade_in.expires,
            delegations=delegations,
        )
    return UserSession(
        access_key_id=key,
        account=account,
        issued=trade_in.issued,
        expires=trade_in.expires,
        user_id=None if approver.id == account else approver.id,
        mfa_at=own.mfa_at if own is not None else None,
        delegations=delegations,
    )


def _principal(call: Call, session: RoleSession | UserSession) -> str:
    """Whose credentials they are; AccessDenied where he is not there any more."""
    if isinstance(session, RoleSession):
        role = call.store.by_unique_id(session.role_id)
        if isinstance(role, Role):
            return assumed_role_arn(call.partition, role.account, role.name, session.name)
    elif session.user_id is None:
        return root_arn(call.partition, session.account)
    else:
        user = call.store.by_unique_id(session.user_id)
        if isinstance(user, User):
            return user.arn(call.partition)
    raise AccessDenied("The principal who accepted the delegation request does not exist any more.")


def _packed_percentage(call: Call, session: RoleSession | UserSession) -> int:
    """How much of the packed limit the policies and tags take, in percent; PackedPolicyTooLarge over 100."""
    carried: list[object] = [each.policy for each in session.delegations]
    if isinstance(session, RoleSession):
        carried += [session.policy, session.policy_arns, session.tags]
    size = len(msgspec.msgpack.encode(carried))
    percentage = -(-100 * size // call.limits.packed_size)
    if percentage > 100:
        raise PackedPolicyTooLarge(f"Packed policy consumes {percentage}% of allotted space.")
    return percentage
