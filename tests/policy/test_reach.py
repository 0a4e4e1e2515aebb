"""Which services policies reach: what AWS was seen to answer, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.policy import catalog
from rolekeeper.policy.document import PolicyDocument, parse_document
from rolekeeper.policy.reach import Reach, grants_service
from tests.people import Statement, allow, deny, policy

OBJECTS = "arn:aws:s3:::reports/*"
OTHERS = "arn:aws:s3:::others/*"
NOBODY: dict[str, Any] = {"StringEquals": {"aws:username": "nobody"}}
UNNAMED: dict[str, Any] = {"Null": {"aws:username": "true"}}


def document(*statements: Statement) -> PolicyDocument:
    return parse_document(policy(*statements))


def other_than(effect: str, actions: str, **more: Any) -> Statement:
    return {"Effect": effect, "NotAction": actions, "Resource": "*", **more}


def elsewhere(effect: str, action: str, resources: str) -> Statement:
    return {"Effect": effect, "Action": action, "NotResource": resources}


@pytest.mark.parametrize(
    "statements",
    [
        (),
        (deny("s3:*"),),
        (allow("sqs:SendMessage"),),
        (allow("nosuch:Read"),),
        (other_than("Allow", "s3:*"),),
        (other_than("Allow", "*"),),
        (allow("s3:GetObject"), deny("s3:*")),
        (allow("s3:GetObject"), deny("*")),
        (allow("s3:GetObject"), deny("S3:*")),
        (allow("s3:GetObject"), other_than("Deny", "iam:*")),
        (allow("s3:GetObject", Condition=NOBODY), deny("s3:*")),
        (allow("s3:GetObject", on="arn:aws:iam::111111111111:user/nobody"),),
        (elsewhere("Allow", "s3:GetObject", "*"),),
    ],
)
def test_a_policy_that_does_not_grant_the_service(statements: tuple[Statement, ...]) -> None:
    assert not grants_service(document(*statements), "s3")


@pytest.mark.parametrize(
    "statements",
    [
        (allow("*"),),
        (allow("s3:GetObject"),),
        (allow("S3:GETOBJECT"),),
        (allow("s3:Get*"),),
        (allow("s3:NoSuchAction"),),
        (other_than("Allow", "iam:*"),),
        (other_than("Allow", "s3:Get*"),),
        (allow("s3:GetObject", Condition=NOBODY),),
        (allow("s3:GetObject", on="arn:aws:s3:::reports"),),
        (allow("s3:GetObject", on="arn:aws:s3:::${aws:username}/*"),),
        (elsewhere("Allow", "s3:GetObject", OBJECTS),),
        (allow("s3:GetObject"), deny("s3:*", Condition=NOBODY)),
        (allow("s3:GetObject"), deny("s3:*", Condition=UNNAMED)),
        (allow("s3:GetObject", on=OBJECTS), deny("s3:GetObject")),
        (allow("s3:GetObject", on=OBJECTS), deny("s3:*", on=OBJECTS)),
        (allow("s3:GetObject", on=OBJECTS), deny("s3:*", on="arn:aws:s3:::*")),
        (allow("s3:GetObject"), elsewhere("Deny", "s3:GetObject", OBJECTS)),
    ],
)
def test_a_policy_that_grants_the_service(statements: tuple[Statement, ...]) -> None:
    assert grants_service(document(*statements), "s3")


@pytest.mark.parametrize(
    "statements",
    [
        (),
        (deny("s3:*"),),
        (allow("s3:NoSuchAction"),),
        (allow("nosuch:Read"),),
        (other_than("Allow", "*"),),
        (allow("s3:GetObject"), deny("s3:*")),
        (allow("s3:GetObject"), other_than("Deny", "iam:*")),
        (allow("s3:GetObject", on="arn:aws:s3:::reports"),),
        (allow("s3:GetObject", on="arn:aws:iam::111111111111:user/nobody"),),
        (allow("s3:GetObject", on=OBJECTS), deny("s3:GetObject", on=OBJECTS)),
        (allow("s3:GetObject", on=OBJECTS), deny("s3:*", on=OBJECTS)),
        (allow("s3:GetObject", on=OBJECTS), deny("s3:Get*", on="arn:aws:s3:::*")),
        (allow("s3:GetObject", on=OBJECTS), elsewhere("Deny", "s3:*", OTHERS)),
        (allow("s3:ListAllMyBuckets", on="arn:aws:s3:::*"),),
        (elsewhere("Allow", "s3:GetObject", "*"),),
        (elsewhere("Allow", "s3:ListAllMyBuckets", "*"),),
    ],
)
def test_policies_that_reach_nothing(statements: tuple[Statement, ...]) -> None:
    assert list(Reach([document(*statements)]).services()) == []


@pytest.mark.parametrize(
    "statements",
    [
        (allow("s3:GetObject"),),
        (allow("S3:GETOBJECT"),),
        (allow("s3:*"), deny("s3:*", on=OBJECTS)),
        (allow("s3:GetObject", Condition=NOBODY),),
        (allow("s3:GetObject"), deny("s3:*", Condition=NOBODY)),
        (allow("s3:GetObject", on=OBJECTS), deny("s3:*", on=OTHERS)),
        (allow("s3:GetObject", on=OBJECTS), elsewhere("Deny", "s3:*", OBJECTS)),
        (allow("s3:GetObject", on=OBJECTS), deny("s3:*", on="arn:aws:s3:::${aws:username}/*")),
        (elsewhere("Allow", "s3:GetObject", OBJECTS),),
        (allow("s3:ListAllMyBuckets"), deny("s3:*", on="arn:aws:s3:::*")),
    ],
)
def test_policies_that_reach_one_service(statements: tuple[Statement, ...]) -> None:
    assert list(Reach([document(*statements)]).services()) == ["s3"]


def test_a_deny_of_one_policy_counts_for_the_others_together_and_not_alone() -> None:
    one, two = document(allow("s3:GetObject", "sqs:SendMessage")), document(deny("s3:*"))
    assert grants_service(one, "s3")
    assert list(Reach([one, two]).services()) == ["sqs"]


def test_the_services_are_those_of_the_reference_in_order() -> None:
    found = list(Reach([document(allow("*"))]).services())
    assert found == sorted(catalog.services())
    less = list(Reach([document(other_than("Allow", "iam:*"))]).services())
    assert set(found) - set(less) == {"iam"}


def test_the_actions_of_a_service() -> None:
    some = document(
        allow("iam:GetUser", "iam:PassRole", "iam:List*User*", "iam:NoSuch"), deny("iam:ListUserTags")
    )
    found = Reach([some]).actions("iam")
    assert {"GetUser", "PassRole", "ListUsers", "ListUserPolicies"} <= set(found)
    assert not {"ListUserTags", "ListRoles", "NoSuch"} & set(found)
    assert Reach([some]).actions("nosuch") == []


@pytest.mark.parametrize(("count", "reached"), [(100, []), (400, ["s3"])])
def test_what_is_too_much_to_compare_is_told_as_reached(count: int, reached: list[str]) -> None:
    objects = [f"arn:aws:s3:::b{number}/*" for number in range(count)]
    several = [document(allow("s3:GetObject", on=objects)), document(deny("s3:GetObject", on=objects))]
    assert list(Reach(several).services()) == reached


def test_many_resources_of_one_kind_are_compared_once_for_all_actions() -> None:
    roles = [f"arn:aws:iam::111111111111:role/team/role{number}" for number in range(1000)]
    reach = Reach([document(allow("iam:*", on=roles))])
    assert "GetRole" in reach.actions("iam")
    assert "GetUser" not in reach.actions("iam")
