"""Differences from AWS that no other test shows: docs/divergences.md names each of them."""

from __future__ import annotations

from tests.client import Person
from tests.people import allow, assume, policy, role, user


def test_the_packed_size_is_that_of_our_own_form(root: Person) -> None:
    alice = user(root, "alice", allow("sts:*"))
    arn = role(root, "dev", root.account)

    def packed(text: str) -> int:
        return alice.sts.assume_role(RoleArn=arn, RoleSessionName="first", Policy=text)["PackedPolicySize"]

    short, long = policy(allow("*")), policy(allow(*["iam:GetRole"] * 50))
    assert packed(short) == -(-100 * (len(short) + 5) // 4096)
    assert packed(long) == -(-100 * (len(long) + 6) // 4096)


def test_nobody_is_told_when_a_role_was_last_used(root: Person) -> None:
    alice = user(root, "alice", allow("sts:*"))
    assume(alice, role(root, "dev", root.account)).sts.get_caller_identity()
    assert "RoleLastUsed" not in root.iam.get_role(RoleName="dev")["Role"]
