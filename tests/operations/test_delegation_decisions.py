"""What may become of a delegation request: every operation in every state, by whom, and until when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rolekeeper.iam.credentials import TradeIn
from rolekeeper.iam.delegation import MOVES, DelegationRequest
from rolekeeper.iam.secret import Secret
from rolekeeper.operations.delegation_decisions import sent_token, traded_in
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld, Person, World
from tests.operations.delegating import DAY, STATES, Deal
from tests.people import allow, assume, deny, refused, role, user

ASSOCIATE, UPDATE, ACCEPT, REJECT, SEND = (
    *("associate_delegation_request", "update_delegation_request", "accept_delegation_request"),
    *("reject_delegation_request", "send_delegation_token"),
)

# What each operation makes of a request in each state; nothing where it is refused.
TABLE: dict[str, dict[str, str]] = {
    ASSOCIATE: {"UNASSIGNED": "ASSIGNED"},
    UPDATE: {"ASSIGNED": "PENDING_APPROVAL", "PENDING_APPROVAL": "PENDING_APPROVAL"},
    ACCEPT: {"ASSIGNED": "ACCEPTED", "PENDING_APPROVAL": "ACCEPTED"},
    REJECT: {"ASSIGNED": "REJECTED", "PENDING_APPROVAL": "REJECTED", "ACCEPTED": "REJECTED"},
    SEND: {"ACCEPTED": "FINALIZED"},
}
DONE = {
    ASSOCIATE: "associated",
    UPDATE: "updated",
    ACCEPT: "accepted",
    REJECT: "rejected",
    SEND: "finalized",
}


@pytest.fixture
def deal(world: World) -> Deal:
    return Deal(world)


def do(operation: str, person: Person, request: str, **more: Any) -> None:
    getattr(person.iam, operation)(DelegationRequestId=request, **more)


@pytest.mark.parametrize("operation", TABLE)
@pytest.mark.parametrize("state", STATES)
def test_every_operation_in_every_state(deal: Deal, state: str, operation: str) -> None:
    request = deal.in_state(state)
    assert deal.seen(request)["State"] == state
    after = TABLE[operation].get(state)
    if after is None:
        text = f"The delegation request {request} is in the state {state} and cannot be {DONE[operation]}."
        with refused("InvalidInput", 400, text):
            do(operation, deal.approver, request)
        after = state
    else:
        do(operation, deal.approver, request)
    assert deal.seen(request)["State"] == after


@pytest.mark.parametrize("operation", TABLE)
@pytest.mark.parametrize("state", STATES)
def test_nothing_becomes_of_an_expired_request(deal: Deal, state: str, operation: str) -> None:
    request = deal.in_state(state)
    days = 1 if state == "UNASSIGNED" else 7
    shown = deal.seen(request)
    assert shown["ExpirationTime"] == shown["UpdatedTime"] + timedelta(days=days)
    deal.world.advance(days * DAY - 60)
    assert deal.seen(request)["State"] == state
    deal.world.advance(60)
    assert deal.seen(request)["State"] == "EXPIRED"
    with refused("InvalidInput", 400, "is in the state EXPIRED"):
        do(operation, deal.approver, request)


def test_the_table_is_the_one_of_the_code() -> None:
    told = {name: dict.fromkeys(move.before, move.after) for name, move in MOVES.items()}
    assert list(told.values()) == list(TABLE.values())


# -- by whom -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", [UPDATE, ACCEPT, REJECT, SEND])
def test_a_stranger_may_nothing(deal: Deal, root: Person, operation: str) -> None:
    request = deal.accepted() if operation == SEND else deal.claimed()
    stranger = user(root, "stranger")
    arn = f"arn:aws:iam::{ACCOUNT}:delegation-request/{request}"
    with refused("AccessDenied", 403, f" on resource: {arn} because no identity-based policy allows"):
        do(operation, stranger, request)


@pytest.mark.parametrize("operation", [UPDATE, ACCEPT, REJECT, SEND])
def test_the_requestor_may_nothing(deal: Deal, operation: str) -> None:
    request = deal.accepted() if operation == SEND else deal.claimed()
    with refused("NoSuchEntity", 404, f"The delegation request with id {request} cannot be found."):
        do(operation, deal.requestor, request)


def test_the_owner_does_not_accept_by_being_the_owner(deal: Deal) -> None:
    request = deal.claimed()
    with refused("AccessDenied", 403, "iam:AcceptDelegationRequest"):
        do(ACCEPT, deal.owner, request)
    do(UPDATE, deal.owner, request, Notes="Please look at it")
    with refused("AccessDenied", 403, "iam:AcceptDelegationRequest"):
        do(ACCEPT, deal.owner, request)
    do(ACCEPT, deal.approver, request)
    shown = deal.seen(request, by=deal.owner)
    assert (shown["OwnerId"], shown["ApproverId"]) == (deal.owner.arn, deal.approver.arn)
    assert shown["Notes"] == "Please look at it"
    do(SEND, deal.owner, request)


def test_an_owner_with_the_permission_accepts(deal: Deal) -> None:
    request = deal.create()
    do(ASSOCIATE, deal.approver, request)
    do(ACCEPT, deal.approver, request)
    shown = deal.seen(request)
    assert shown["OwnerId"] == shown["ApproverId"] == deal.approver.arn


@pytest.mark.parametrize("operation", [UPDATE, REJECT, SEND])
def test_a_deny_binds_the_owner_too(deal: Deal, root: Person, operation: str) -> None:
    request = deal.accepted() if operation == SEND else deal.claimed()
    statement = deny("iam:*DelegationRequest", "iam:SendDelegationToken")
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    root.iam.put_user_policy(UserName="olga", PolicyName="own", PolicyDocument=str(policy).replace("'", '"'))
    with refused("AccessDenied", 403, "explicit deny"):
        do(operation, deal.owner, request)


def test_deciding_can_be_allowed_by_the_owner(deal: Deal, root: Person) -> None:
    condition = {"ArnEquals": {"iam:DelegationRequestOwner": deal.owner.arn}}
    lead = user(root, "lead", allow("iam:AcceptDelegationRequest", Condition=condition))
    other = deal.create()
    do(ASSOCIATE, deal.approver, other)
    with refused("AccessDenied", 403):
        do(ACCEPT, lead, other)
    do(ACCEPT, lead, deal.claimed())


def test_the_root_user_accepts_four_hours_at_most(deal: Deal, root: Person) -> None:
    long = deal.claimed(SessionDuration=14401)
    with refused("AccessDenied", 403, "for more than 14400 seconds"):
        do(ACCEPT, root, long)
    assert deal.seen(long)["State"] == "ASSIGNED"
    do(ACCEPT, deal.approver, long)
    do(ACCEPT, root, deal.claimed(SessionDuration=14400))


# -- notes -------------------------------------------------------------------------------------------


def test_notes_stay_until_there_are_others(deal: Deal) -> None:
    request = deal.claimed()
    do(UPDATE, deal.owner, request, Notes="first")
    do(UPDATE, deal.owner, request)
    assert deal.seen(request)["Notes"] == "first"
    do(UPDATE, deal.owner, request, Notes="second")
    do(REJECT, deal.approver, request, Notes="Not this year")
    shown = deal.seen(request)
    assert (shown["Notes"], shown["RejectionReason"]) == ("second", "Not this year")


def test_to_be_forwarded_again_gives_no_more_time(deal: Deal) -> None:
    request = deal.claimed()
    do(UPDATE, deal.owner, request)
    before = deal.seen(request)
    deal.world.advance(3600)
    do(UPDATE, deal.owner, request, Notes="Still here")
    after = deal.seen(request)
    assert after["ExpirationTime"] == before["ExpirationTime"]
    assert after["UpdatedTime"] > before["UpdatedTime"]


@pytest.mark.parametrize("operation", [UPDATE, REJECT])
def test_notes_have_an_end(deal: Deal, operation: str) -> None:
    with refused("ValidationError", 400):
        do(operation, deal.owner, deal.claimed(), Notes="n" * 501)


# -- the token ---------------------------------------------------------------------------------------


def test_only_the_owner_sends_where_the_requestor_wants_it(deal: Deal) -> None:
    request = deal.accepted(OnlySendByOwner=True)
    for person in (deal.approver, deal.sender, deal.world.root):
        with refused("AccessDenied", 403, "Only the owner of this delegation request can send its token."):
            do(SEND, person, request)
    do(SEND, deal.owner, request)
    do(SEND, deal.sender, deal.accepted())


def kept(local: LocalWorld, request: str) -> tuple[DelegationRequest, str | None]:
    """A request as it is kept, and its token."""
    with local.server.store.read() as tx:
        found = tx.by_unique_id(request)
        assert isinstance(found, DelegationRequest)
        token = sent_token(tx, found)
    return found, None if token is None else token.reveal()


def test_the_token_is_made_for_the_requestor_when_it_is_sent(local: LocalWorld) -> None:
    deal = Deal(local)
    request = deal.accepted()
    assert kept(local, request)[1] is None
    do(SEND, deal.owner, request)
    found, token = kept(local, request)
    assert token is not None
    trade_in = local.server._service.sessions.read_trade_in(token)
    issued = int(found.since.timestamp())
    assert trade_in == TradeIn(request=request, requestor=OTHER_ACCOUNT, issued=issued, expires=issued + 3600)


def test_the_token_is_not_seen(local: LocalWorld, caplog: pytest.LogCaptureFixture) -> None:
    deal = Deal(local)
    request = deal.accepted()
    answer = deal.owner.iam.send_delegation_token(DelegationRequestId=request)
    assert answer.keys() == {"ResponseMetadata"}
    found, token = kept(local, request)
    assert token is not None
    seen = f"{local.events()} {found!r} {deal.seen(request)} {caplog.text}"
    assert token not in seen
    assert token[20:60] not in seen


def test_the_token_is_taken_from_its_requestor_alone(local: LocalWorld) -> None:
    deal = Deal(local)
    request, later = deal.accepted(), deal.accepted()
    do(SEND, deal.owner, request)
    do(SEND, deal.owner, later)
    found, token = kept(local, request)
    assert token is not None
    traded = asked(local, deal.requestor, token)
    assert traded is not None
    assert traded[0] == found
    assert asked(local, local.root, token) is None
    assert asked(local, deal.requestor, token[:-8] + "AAAAAAA=") is None
    another = kept(local, later)[1]
    assert another is not None
    with local.server.store.write() as tx:
        tx.account(OTHER_ACCOUNT).secrets.put("trade-in-token", request, Secret(another))
    assert asked(local, deal.requestor, token) is None


def asked(local: LocalWorld, person: Person, token: str) -> tuple[DelegationRequest, TradeIn] | None:
    """What a token is good for that a person presents."""
    service = local.server._service
    with service.store.read() as tx:
        return traded_in(service.sessions, tx, person.account, token)


def test_the_token_is_no_session(local: LocalWorld) -> None:
    deal = Deal(local)
    request = deal.accepted()
    do(SEND, deal.owner, request)
    token = kept(local, request)[1]
    with refused("InvalidClientTokenId", 403):
        local.person(
            {"AccessKeyId": "ASIA2222222222222222", "SecretAccessKey": "x", "SessionToken": token}
        ).sts.get_caller_identity()


def test_the_approver_is_kept_with_the_limits_of_the_session(local: LocalWorld) -> None:
    deal = Deal(local)
    arn = role(local.root, "approvers", local.root.account, allow("iam:*"))
    lena = user(local.root, "lena", allow("sts:AssumeRole"))
    session = assume(lena, arn, "lena", PolicyArns=[{"arn": "arn:aws:iam::aws:policy/IAMFullAccess"}])
    request = deal.claimed()
    do(ACCEPT, session, request)
    found, _ = kept(local, request)
    assert found.approver is not None
    assert found.approver.id == local.root.iam.get_role(RoleName="approvers")["Role"]["RoleId"] + ":lena"
    assert found.approver_session is not None
    assert found.approver_session.policy_arns == ("arn:aws:iam::aws:policy/IAMFullAccess",)  # type: ignore[union-attr]
    assert deal.seen(request)["ApproverId"] == session.arn
