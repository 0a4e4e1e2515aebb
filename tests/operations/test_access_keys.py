"""Whoever may ask of a user is told when its keys were last used, and of nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.client import Person, World
from tests.people import allow, assume, refused, role, user

ASK = "iam:GetAccessKeyLastUsed"
NEVER = {"ServiceName": "N/A", "Region": "N/A"}


def _last_used(person: Person, key_id: str) -> dict[str, Any]:
    answer = person.iam.get_access_key_last_used(AccessKeyId=key_id)
    used: dict[str, Any] = answer["AccessKeyLastUsed"]
    return used


# -- refusals -------------------------------------------------------------------------------------


def test_who_may_not_is_not_told(root: Person) -> None:
    alice = user(root, "alice")
    with refused("AccessDenied", 403, "user/alice because no identity-based policy allows the " + ASK):
        _last_used(alice, alice.key_id)


def test_who_may_ask_of_one_user_is_not_told_of_another(root: Person) -> None:
    own = f"arn:aws:iam::{root.account}:user/alice"
    alice, bob = user(root, "alice", allow(ASK, on=own)), user(root, "bob")
    assert root.iam.get_access_key_last_used(AccessKeyId=bob.key_id)["UserName"] == "bob"
    with refused("AccessDenied", 403, f"{ASK} on resource: arn:aws:iam::{root.account}:user/bob"):
        _last_used(alice, bob.key_id)
    with refused("AccessDenied", 403, f"{ASK} on resource: arn:aws:iam::{root.account}:root"):
        _last_used(alice, root.key_id)
    assert _last_used(alice, alice.key_id)["ServiceName"] == "iam"


@pytest.mark.parametrize("key_id", ["AKIA0000000000000000", "ASIA0000000000000000"])
def test_a_key_that_is_not_there_is_nobodys(root: Person, key_id: str) -> None:
    with refused("AccessDenied", 403, ASK):
        _last_used(root, key_id)
    with refused("AccessDenied", 403, ASK):
        _last_used(user(root, "alice", allow(ASK, on=f"arn:aws:iam::{root.account}:user/a*")), key_id)


def test_another_accounts_key_is_as_if_it_were_not_there(root: Person, other: Person) -> None:
    bob = user(other, "bob", allow(ASK))
    alice = user(root, "alice")
    with refused("AccessDenied", 403, ASK):
        _last_used(bob, alice.key_id)


def test_a_session_key_is_none_of_a_user(root: Person) -> None:
    session = assume(user(root, "alice", allow("sts:*")), role(root, "dev", root.account))
    with refused("AccessDenied", 403, ASK):
        _last_used(root, session.key_id)


# -- answers --------------------------------------------------------------------------------------


def test_a_new_key_was_never_used(root: Person) -> None:
    alice = user(root, "alice")
    answer = root.iam.get_access_key_last_used(AccessKeyId=alice.key_id)
    assert answer["UserName"] == "alice"
    assert answer["AccessKeyLastUsed"] == NEVER


@pytest.mark.requirement("SR-132")
def test_the_last_call_of_a_key_is_told(root: Person, world: World) -> None:
    alice = user(root, "alice", allow("sts:*"))
    before = datetime.now(UTC).replace(microsecond=0)
    alice.in_region("eu-west-1").sts.get_caller_identity()
    used = _last_used(root, alice.key_id)
    assert (used["ServiceName"], used["Region"]) == ("sts", "eu-west-1")
    assert before <= used["LastUsedDate"] <= datetime.now(UTC)
    world.advance(3600)
    with refused("AccessDenied", 403):
        alice.iam.list_users()
    later = _last_used(root, alice.key_id)
    assert (later["ServiceName"], later["Region"]) == ("iam", "us-east-1")
    assert later["LastUsedDate"] - used["LastUsedDate"] >= timedelta(seconds=3600)


def test_a_wrong_signature_is_no_use(root: Person) -> None:
    alice = user(root, "alice")
    thief = Person(alice.world, alice.key_id, "wrong")
    with refused("SignatureDoesNotMatch", 403):
        thief.sts.get_caller_identity()
    assert _last_used(root, alice.key_id) == NEVER


def test_a_session_is_no_use_of_the_key_that_made_it(root: Person, world: World) -> None:
    alice = user(root, "alice", allow("sts:*"))
    session = root.world.person(alice.sts.get_session_token()["Credentials"])
    made = _last_used(root, alice.key_id)
    world.advance(60)
    session.sts.get_caller_identity()
    assert _last_used(root, alice.key_id) == made


def test_a_renamed_user_keeps_the_last_use_of_its_key(root: Person) -> None:
    alice = user(root, "alice")
    alice.sts.get_caller_identity()
    used = _last_used(root, alice.key_id)
    root.iam.update_user(UserName="alice", NewUserName="eve")
    answer = root.iam.get_access_key_last_used(AccessKeyId=alice.key_id)
    assert answer["UserName"] == "eve"
    assert answer["AccessKeyLastUsed"] == used


def test_the_root_users_key_is_told_too(root: Person) -> None:
    root.iam.list_users()
    answer = root.iam.get_access_key_last_used(AccessKeyId=root.key_id)
    assert answer["UserName"] == "<root_account>"
    assert answer["AccessKeyLastUsed"]["ServiceName"] == "iam"


def test_an_inactive_key_is_told_of(root: Person) -> None:
    alice = user(root, "alice")
    alice.sts.get_caller_identity()
    root.iam.update_access_key(UserName="alice", AccessKeyId=alice.key_id, Status="Inactive")
    with refused("InvalidClientTokenId", 403):
        alice.iam.list_users()
    assert _last_used(root, alice.key_id)["ServiceName"] == "sts"
