"""GetDelegatedAccessToken: who gets credentials for a token, whose they are, and what holds them."""

from __future__ import annotations

import json
from typing import Any

from rolekeeper.iam.delegation import DelegationRequest
from rolekeeper.operations.delegation_decisions import sent_token
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld, Person
from tests.operations.delegating import Deal
from tests.people import allow, assume, deny, policy, refused, role, trusting, user

ACCEPT = allow("iam:*DelegationRequest*", "iam:SendDelegationToken")
LIST = allow("iam:ListUsers", "iam:GetRole")


def delegated(deal: Deal, approver: Person | None = None, **more: Any) -> str:
    """The token of a request that somebody has accepted."""
    request = deal.claimed(plain=True, **more)
    (approver or deal.approver).iam.accept_delegation_request(DelegationRequestId=request)
    deal.owner.iam.send_delegation_token(DelegationRequestId=request)
    assert isinstance(deal.world, LocalWorld)
    with deal.world.server.store.read() as tx:
        found = tx.by_unique_id(request)
        assert isinstance(found, DelegationRequest)
        token = sent_token(tx, found)
    assert token is not None
    return token.reveal()


def trade(deal: Deal, token: str, by: Person | None = None) -> Person:
    answer = (by or deal.requestor).sts.get_delegated_access_token(TradeInToken=token)
    return deal.world.person(answer["Credentials"])


# -- who gets none ----------------------------------------------------------------------------------


def test_it_needs_its_permission(local: LocalWorld) -> None:
    deal = Deal(local, LIST)
    token = delegated(deal)
    bob = user(local.other, "bob", allow("sts:AssumeRole"))
    with refused("AccessDenied", 403, "sts:GetDelegatedAccessToken on resource: *"):
        trade(deal, token, bob)
    trade(deal, token, user(local.other, "kim", allow("sts:GetDelegatedAccessToken")))


def test_another_account_gets_none(local: LocalWorld) -> None:
    deal = Deal(local, LIST)
    with refused("AccessDenied", 403, "The trade-in token is not valid."):
        trade(deal, delegated(deal), local.root)


def test_what_is_no_such_token(local: LocalWorld) -> None:
    deal = Deal(local, LIST)
    token = delegated(deal)
    session = assume(
        user(local.other, "bob", allow("sts:*")), role(local.other, "app", OTHER_ACCOUNT, allow("sts:*"))
    )
    for wrong in ("x", token[:-8] + "AAAAAAA=", token[4:], f"{token} ", session._keys[2]):
        with refused("AccessDenied", 403, "The trade-in token is not valid."):
            trade(deal, str(wrong))


def test_a_token_ends_with_the_time_of_the_delegation(local: LocalWorld) -> None:
    deal = Deal(local, LIST)
    token = delegated(deal, user(local.root, "ann", ACCEPT, allow("iam:*")), SessionDuration=3600)
    local.advance(1800)
    person = trade(deal, token)
    person.iam.list_users()
    local.advance(1801)
    with refused("ExpiredTradeInTokenException", 400):
        trade(deal, token)
    with refused("ExpiredToken", 403):
        person.iam.list_users()


def test_nobody_gets_the_credentials_of_who_is_gone(local: LocalWorld) -> None:
    deal = Deal(local, LIST)
    local.root.iam.create_user(UserName="kim")
    kim = user(local.root, "kay", ACCEPT, allow("iam:*"))
    token = delegated(deal, kim)
    person = trade(deal, token)
    local.root.iam.delete_access_key(UserName="kay", AccessKeyId=kim.key_id)
    person.iam.list_users()
    local.root.iam.delete_user_policy(UserName="kay", PolicyName="own")
    local.root.iam.delete_user(UserName="kay")
    user(local.root, "kay", allow("*"))
    with refused("AccessDenied", 403, "does not exist any more"):
        trade(deal, token)
    with refused("InvalidClientTokenId", 403):
        person.iam.list_users()


def test_a_policy_that_no_token_holds(local: LocalWorld) -> None:
    deal = Deal(
        local, allow("iam:ListUsers", on=[f"arn:aws:iam::{ACCOUNT}:user/{n:0>50}" for n in range(70)])
    )
    with refused("PackedPolicyTooLarge", 400):
        trade(deal, delegated(deal))


# -- whose they are, and what holds them ------------------------------------------------------------


def test_the_credentials_of_a_user(local: LocalWorld) -> None:
    deal = Deal(local, LIST)
    anna = user(local.root, "ann", ACCEPT, allow("iam:ListUsers", "iam:ListRoles"), Path="/team/")
    answer = deal.requestor.sts.get_delegated_access_token(TradeInToken=delegated(deal, anna))
    assert answer["AssumedPrincipal"] == f"arn:aws:iam::{ACCOUNT}:user/team/ann"
    assert 0 < answer["PackedPolicySize"] <= 100
    person = local.person(answer["Credentials"])
    assert person.arn == answer["AssumedPrincipal"]
    person.iam.list_users()
    with refused("AccessDenied", 403, "no session policy allows the iam:ListRoles action"):
        person.iam.list_roles()  # it was not asked for
    with refused("AccessDenied", 403, "no identity-based policy allows the iam:GetRole action"):
        person.iam.get_role(RoleName="x")  # the approver may not
    local.root.iam.put_user_policy(
        UserName="ann", PolicyName="less", PolicyDocument=policy(deny("iam:ListUsers"))
    )
    with refused("AccessDenied", 403, "explicit deny in an identity-based policy"):
        person.iam.list_users()


def test_the_credentials_of_a_role_session_keep_what_held_it(local: LocalWorld) -> None:
    deal = Deal(local, LIST)
    arn = role(
        local.root,
        "ops",
        trusting(ACCOUNT, ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]),
        allow("iam:*"),
        allow("sts:*"),
    )
    ops = assume(
        user(local.root, "bob", allow("sts:*")),
        arn,
        "shift",
        Policy=policy(ACCEPT, allow("iam:ListUsers", "iam:ListRoles", "iam:GetUser")),
        SourceIdentity="bob",
        Tags=[{"Key": "team", "Value": "a"}],
    )
    answer = deal.requestor.sts.get_delegated_access_token(TradeInToken=delegated(deal, ops))
    assert answer["AssumedPrincipal"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/shift"
    person = local.person(answer["Credentials"])
    assert person.arn == answer["AssumedPrincipal"]
    person.iam.list_users()
    for call in (
        lambda: person.iam.list_roles(),  # of the session's policy alone
        lambda: person.iam.get_role(RoleName="ops"),  # of the delegation's alone
        lambda: person.iam.list_groups(),  # of the role alone
    ):
        with refused("AccessDenied", 403, "no session policy allows"):
            call()
    identity = local.events()[-1]["userIdentity"]
    assert (identity["type"], identity["invokedByDelegate"]) == ("AssumedRole", {"accountId": OTHER_ACCOUNT})
    assert identity["sessionContext"]["sourceIdentity"] == "bob"


def test_the_credentials_of_a_root_user_are_held_too(local: LocalWorld) -> None:
    deal = Deal(local, LIST)
    answer = deal.requestor.sts.get_delegated_access_token(TradeInToken=delegated(deal, local.root))
    assert answer["AssumedPrincipal"] == f"arn:aws:iam::{ACCOUNT}:root"
    person = local.person(answer["Credentials"])
    person.iam.list_users()
    with refused("AccessDenied", 403, "no session policy allows the iam:ListRoles action"):
        person.iam.list_roles()


def test_what_was_handed_on_is_handed_on_within_it(local: LocalWorld) -> None:
    deal = Deal(local, ACCEPT, allow("iam:ListUsers", "iam:GetUser"))
    person = trade(deal, delegated(deal, user(local.root, "ann", ACCEPT, allow("iam:*"))))
    wider = Deal.__new__(Deal)
    wider.__dict__.update(deal.__dict__)
    made = local.other.iam.create_policy(PolicyName="wider", PolicyDocument=policy(allow("iam:List*")))
    wider.template = made["Policy"]["Arn"]
    again = trade(wider, delegated(wider, person))
    again.iam.list_users()
    for call in (again.iam.list_roles, again.iam.get_user):
        with refused("AccessDenied", 403, "no session policy allows"):
            call()


def test_a_token_is_good_again_and_again_for_the_same_time(local: LocalWorld) -> None:
    deal = Deal(local, LIST)
    token = delegated(deal, user(local.root, "ann", ACCEPT, allow("iam:*")))
    ask = deal.requestor.sts.get_delegated_access_token
    first = ask(TradeInToken=token)["Credentials"]
    local.advance(600)
    second = ask(TradeInToken=token)["Credentials"]
    assert first["Expiration"] == second["Expiration"]
    assert first["AccessKeyId"] != second["AccessKeyId"]
    for given in (first, second):
        local.person(given).iam.list_users()


def test_denying_older_sessions_ends_a_delegation(local: LocalWorld) -> None:
    deal = Deal(local, LIST)
    token = delegated(deal, user(local.root, "ann", ACCEPT, allow("iam:*")))
    local.advance(600)
    now = local.server.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    older = deny("*", Condition={"DateLessThan": {"aws:TokenIssueTime": now}})
    local.root.iam.put_user_policy(UserName="ann", PolicyName="revoke", PolicyDocument=policy(older))
    local.advance(600)
    with refused("AccessDenied", 403, "explicit deny"):
        trade(deal, token).iam.list_users()


def test_it_makes_no_sessions_of_other_kinds(local: LocalWorld) -> None:
    deal = Deal(local, allow("sts:*"))
    person = trade(deal, delegated(deal, user(local.root, "ann", ACCEPT, allow("sts:*"))))
    with refused("AccessDenied", 403, "Cannot call GetSessionToken with session credentials"):
        person.sts.get_session_token()


def test_its_event_is_without_the_token(local: LocalWorld) -> None:
    deal = Deal(local, LIST)
    token = delegated(deal)
    answer = deal.requestor.sts.get_delegated_access_token(TradeInToken=token)
    event, known = local.events()[-2:]
    assert (event["eventName"], event["recipientAccountId"]) == ("GetDelegatedAccessToken", OTHER_ACCOUNT)
    assert known["responseElements"] == event["responseElements"]
    assert event["responseElements"]["credentials"]["accessKeyId"] == answer["Credentials"]["AccessKeyId"]
    assert event["responseElements"]["assumedPrincipal"] == answer["AssumedPrincipal"]
    seen = json.dumps(local.events())
    assert token[20:60] not in seen
    assert answer["Credentials"]["SecretAccessKey"] not in seen


def test_a_delegation_costs_no_change(local: LocalWorld) -> None:
    deal = Deal(local, LIST)
    token = delegated(deal)
    with local.server.store.read() as tx:
        before = [tx.account(each).revision for each in (ACCOUNT, OTHER_ACCOUNT)]
    trade(deal, token)
    with local.server.store.read() as tx:
        assert [tx.account(each).revision for each in (ACCOUNT, OTHER_ACCOUNT)] == before


def test_whose_credentials_they_are_has_it_in_the_trail_too(local: LocalWorld) -> None:
    deal = Deal(local, LIST)
    trade(deal, delegated(deal))
    mine, known = (one for one in local.events() if one["eventName"] == "GetDelegatedAccessToken")
    assert (mine["recipientAccountId"], known["recipientAccountId"]) == (OTHER_ACCOUNT, ACCOUNT)
    assert mine["sharedEventID"] == known["sharedEventID"] != ""
    assert known["userIdentity"]["type"] == "AWSAccount"
    assert known["userIdentity"]["accountId"] == OTHER_ACCOUNT


def test_a_refused_trade_is_in_the_callers_trail_only(local: LocalWorld) -> None:
    deal = Deal(local, LIST)
    delegated(deal)
    with refused("AccessDenied", 403):
        trade(deal, "x")
    (event,) = (one for one in local.events() if one["eventName"] == "GetDelegatedAccessToken")
    assert event["recipientAccountId"] == OTHER_ACCOUNT
    assert "sharedEventID" not in event
