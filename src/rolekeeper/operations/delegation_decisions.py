"""What becomes of a delegation request that somebody has claimed: forwarded, accepted, rejected, finalized.

Its owner forwards and rejects it and sends its token without a permission; to accept it needs one. Which
state leads where is `iam.delegation.MOVES`. The token is kept among the secrets of the requestor's account,
under the request's ID: there is no SNS here that would bring it.
Source: the operations in the IAM API Reference; "IAM temporary delegation" in the IAM User Guide.
"""

from __future__ import annotations

from rolekeeper.errors import AccessDenied
from rolekeeper.iam.credentials import InvalidToken, TradeIn
from rolekeeper.iam.delegation import FINALIZED, ROOT_DURATION, DelegationRequest
from rolekeeper.iam.secret import Secret
from rolekeeper.operations import delegation_parties
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation
from rolekeeper.service.sessions import Sessions
from rolekeeper.store.contract import Transaction

_TOKEN = "trade-in-token"  # noqa: S105 - the kind of secret, not one


@operation(resource=delegation_parties.resource, keys=delegation_parties.owner_key, writes=True)
def update_delegation_request(call: Call, *, delegation_request_id: str, notes: str | None = None) -> None:
    """Forward a request to whoever may accept it, with notes; those from before stay where there are none."""
    request = delegation_parties.get(call, delegation_request_id)
    changes = {} if notes is None else {"notes": notes}
    delegation_parties.put(call, request.moved(call.operation.name, call.now, **changes))


@operation(resource=delegation_parties.resource, keys=delegation_parties.owner_key, writes=True)
def accept_delegation_request(call: Call, *, delegation_request_id: str) -> None:
    """Accept a request: what it asks for is given in the name of the caller, within what the caller may.

    A root user accepts no session that is longer than four hours.
    """
    request = delegation_parties.get(call, delegation_request_id)
    accepted = request.moved(
        call.operation.name,
        call.now,
        approver=delegation_parties.actor(call.caller),
        approver_session=call.caller.session,
    )
    if call.caller.is_root and request.duration > ROOT_DURATION:
        raise AccessDenied(
            f"The root user cannot accept a delegation request for more than {ROOT_DURATION} seconds."
        )
    delegation_parties.put(call, accepted)


@operation(resource=delegation_parties.resource, keys=delegation_parties.owner_key, writes=True)
def reject_delegation_request(call: Call, *, delegation_request_id: str, notes: str | None = None) -> None:
    """Reject a request, also an accepted one whose token has not been sent; it is never accepted again."""
    request = delegation_parties.get(call, delegation_request_id)
    delegation_parties.put(call, request.moved(call.operation.name, call.now, rejection_reason=notes))


@operation(resource=delegation_parties.resource, keys=delegation_parties.owner_key, writes=True)
def send_delegation_token(call: Call, *, delegation_request_id: str) -> None:
    """Give the requestor the token that he trades in for a session; its time begins now."""
    request = delegation_parties.get(call, delegation_request_id)
    finalized = request.moved(call.operation.name, call.now)
    if request.only_owner_sends and not delegation_parties.is_owner(call, request):
        raise AccessDenied("Only the owner of this delegation request can send its token.")
    now = int(call.now.timestamp())
    trade_in = TradeIn(
        request=request.id, requestor=request.account, issued=now, expires=now + request.duration
    )
    token = call.sessions.trade_in(trade_in)
    call.store.account(request.account).secrets.put(_TOKEN, request.id, token)
    delegation_parties.put(call, finalized)


def sent_token(tx: Transaction, request: DelegationRequest) -> Secret | None:
    """The token of a finalized request, for its requestor; None where none was sent."""
    return tx.account(request.account).secrets.get(_TOKEN, request.id)


def traded_in(
    sessions: Sessions, tx: Transaction, account: str, token: str
) -> tuple[DelegationRequest, TradeIn] | None:
    """What a token that somebody of an account presents is good for, until `TradeIn.expires`.

    None where it is not ours, not the one that was sent, or another account asked for it.
    """
    try:
        trade_in = sessions.read_trade_in(token)
    except InvalidToken:
        return None
    request = tx.by_unique_id(trade_in.request)
    if not isinstance(request, DelegationRequest) or request.state != FINALIZED:
        return None
    if trade_in.requestor != account or sent_token(tx, request) != Secret(token):
        return None
    return request, trade_in
