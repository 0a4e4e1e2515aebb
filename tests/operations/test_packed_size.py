"""PackedPolicySize: what policies, ARNs and tags take of the token, and the error past its limit."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.client import Person
from tests.people import allow, managed, policy, refused, role, trusting, user

LIMIT = 4096


def tags(number: int, length: int = 100) -> list[dict[str, str]]:
    return [{"Key": f"key-{each:02}", "Value": "v" * length} for each in range(number)]


def text(length: int, character: str = "x") -> str:
    """A session policy of so many characters."""
    room = length - len(policy(allow("*", Sid="")))
    return policy(allow("*", Sid="x" * room)) if character == "x" else fill(room, character)


def fill(room: int, character: str) -> str:
    """A session policy with characters that need more than a byte, in a resource."""
    return policy(allow("*", on="")).replace(
        '"Resource": ""', f'"Resource": "arn:aws:s3:::{character * room}"'
    )


@pytest.fixture
def bob(root: Person) -> Person:
    return user(root, "bob", allow("sts:*"))


@pytest.fixture
def dev(root: Person, bob: Person) -> str:
    return role(root, "dev", trusting(bob.arn, ["sts:AssumeRole", "sts:TagSession"]))


def asked(bob: Person, dev: str, way: str, **more: Any) -> dict[str, Any]:
    if way == "GetFederationToken":
        found: dict[str, Any] = bob.sts.get_federation_token(Name="jane", **more)
    else:
        found = bob.sts.assume_role(RoleArn=dev, RoleSessionName="jane", **more)
    return found


BOTH = pytest.mark.parametrize("way", ["AssumeRole", "GetFederationToken"])


@BOTH
def test_it_is_what_the_token_takes(root: Person, bob: Person, dev: str, way: str) -> None:
    arns = [{"arn": managed(root, f"p{number}", allow("s3:*"))} for number in range(3)]

    def size(**more: Any) -> int:
        return len(base64.b64decode(asked(bob, dev, way, **more)["Credentials"]["SessionToken"]))

    empty = size()
    for more in (
        {"Policy": text(200)},
        {"Policy": text(1500), "PolicyArns": arns},
        {"Tags": tags(20)},
        {"Policy": text(900), "PolicyArns": arns, "Tags": tags(10)},
    ):
        percentage = asked(bob, dev, way, **more)["PackedPolicySize"]
        assert percentage == pytest.approx(100 * (size(**more) - empty) / LIMIT, abs=1.1)


@BOTH
def test_it_grows_to_100_and_then_is_an_error(bob: Person, dev: str, way: str) -> None:
    seen = [asked(bob, dev, way, Tags=tags(number))["PackedPolicySize"] for number in (1, 9, 18, 37)]
    assert seen == sorted(seen)
    assert seen[-1] in range(95, 101)
    with refused("PackedPolicyTooLarge", 400, "Packed size of session tags consumes 102% of allotted space."):
        asked(bob, dev, way, Tags=tags(38))


@BOTH
def test_each_part_is_within_its_limit_and_all_together_are_not(bob: Person, dev: str, way: str) -> None:
    half, many = text(2048), tags(20)
    asked(bob, dev, way, Policy=half)
    asked(bob, dev, way, Tags=many)
    with refused("PackedPolicyTooLarge", 400, "Packed policy consumes 10"):
        asked(bob, dev, way, Policy=half, Tags=many)


@BOTH
def test_the_largest_tags_that_may_be_asked_for_are_too_many(bob: Person, dev: str, way: str) -> None:
    largest = [{"Key": f"{each:03}".ljust(128, "k"), "Value": "v" * 256} for each in range(50)]
    with refused("PackedPolicyTooLarge", 400, "Packed size of session tags consumes"):
        asked(bob, dev, way, Tags=largest)
    asked(bob, dev, way, Tags=largest[:10])


@BOTH
def test_a_policy_and_arns_have_one_limit_of_characters(
    root: Person, bob: Person, dev: str, way: str
) -> None:
    arn = managed(root, "p", allow("s3:*"))
    fits = text(2048 - len(arn))
    assert asked(bob, dev, way, Policy=fits, PolicyArns=[{"arn": arn}])["PackedPolicySize"] <= 100
    with refused("PackedPolicyTooLarge", 400, "over the limit of 2048 characters"):
        asked(bob, dev, way, Policy=fits + " ", PolicyArns=[{"arn": arn}])


@BOTH
def test_an_answer_tells_how_large_the_token_is(bob: Person, dev: str, way: str) -> None:
    for more in ({}, {"Tags": tags(30)}, {"MinimumSessionTokenSize": 4096}):
        answer = asked(bob, dev, way, **more)
        size = len(answer["Credentials"]["SessionToken"])
        assert answer["SessionTokenSize"] == size
        assert answer["SessionTokenUtilization"] == -(-100 * size // 32768) <= 100
    assert "SessionTokenSize" in bob.sts.get_session_token()


def test_characters_of_two_bytes_take_two(bob: Person, dev: str) -> None:
    plain = asked(bob, dev, "AssumeRole", Policy=text(1000))["PackedPolicySize"]
    wide = asked(bob, dev, "AssumeRole", Policy=fill(900, "\u00ff"))["PackedPolicySize"]
    assert wide > 1.7 * plain


def test_what_a_chain_hands_down_counts(root: Person, bob: Person, dev: str) -> None:
    both = ["sts:AssumeRole", "sts:TagSession"]
    second = role(root, "second", trusting(dev, both))
    keys = [each["Key"] for each in tags(30)]
    first = asked(bob, dev, "AssumeRole", Tags=tags(30), TransitiveTagKeys=keys)
    session = root.world.person(first["Credentials"])
    later = session.sts.assume_role(RoleArn=second, RoleSessionName="later")
    assert later["PackedPolicySize"] == first["PackedPolicySize"]
    more = [{"Key": f"more-{each}", "Value": "v" * 100} for each in range(10)]
    with refused("PackedPolicyTooLarge", 400):
        session.sts.assume_role(RoleArn=second, RoleSessionName="later", Tags=more)


def test_what_goes_on_and_what_does_not_take_the_same(bob: Person, dev: str) -> None:
    keys = [each["Key"] for each in tags(20)]
    plain = asked(bob, dev, "AssumeRole", Tags=tags(20))
    marked = asked(bob, dev, "AssumeRole", Tags=tags(20), TransitiveTagKeys=keys)
    assert plain["PackedPolicySize"] == marked["PackedPolicySize"]
