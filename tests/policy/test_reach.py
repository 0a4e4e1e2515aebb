"""Which services policies reach: what AWS was seen to answer, case by case."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolekeeper.policy import catalog
from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.document import PolicyDocument, parse_document
from rolekeeper.policy.reach import Reach, grants_service
from tests.people import Statement, allow, deny, policy

OBJECTS = "arn:aws:s3:::reports/*"
OTHERS = "arn:aws:s3:::others/*"
NOBODY: dict[str, Any] = {"StringEquals": {"aws:username": "nobody"}}
UNNAMED: dict[str, Any] = {"Null": {"aws:username": "true"}}


def document(*statements: Statement) -> PolicyDocument:
    return parse_document(policy(*statements))


def reach(*statements: Statement) -> Reach:
    return Reach([document(*statements)], "aws")


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
        (allow("s3:GetObject"), deny("s3:*", on="arn:aws:s3:*:*:*")),
        (allow("s3:ListAllMyBuckets", on="arn:aws:s3:::*"),),
        (elsewhere("Allow", "s3:GetObject", "*"),),
        (elsewhere("Allow", "s3:ListAllMyBuckets", "*"),),
    ],
)
def test_policies_that_reach_nothing(statements: tuple[Statement, ...]) -> None:
    assert list(reach(*statements).services()) == []


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
        (allow("s3:GetObject"), elsewhere("Deny", "s3:*", OBJECTS)),
        (allow("s3:GetObject", on="arn:aws:s3:::r*"), elsewhere("Deny", "*", OBJECTS)),
        (allow("s3:GetObject", on="arn:aws:s3:::*/logs"), elsewhere("Deny", "*", OBJECTS)),
        (allow("s3:GetObject", on=OBJECTS), deny("s3:*", on="arn:aws:s3:::${aws:username}/*")),
        (elsewhere("Allow", "s3:GetObject", OBJECTS),),
        (allow("s3:ListAllMyBuckets"), deny("s3:*", on="arn:aws:s3:::*")),
    ],
)
def test_policies_that_reach_one_service(statements: tuple[Statement, ...]) -> None:
    assert list(reach(*statements).services()) == ["s3"]


def test_a_deny_of_one_policy_counts_for_the_others_together_and_not_alone() -> None:
    one, two = document(allow("s3:GetObject", "sqs:SendMessage")), document(deny("s3:*"))
    assert grants_service(one, "s3")
    assert list(Reach([one, two], "aws").services()) == ["sqs"]


def test_the_services_are_those_of_the_reference_in_order() -> None:
    found = list(reach(allow("*")).services())
    assert found == sorted(catalog.services())
    less = list(reach(other_than("Allow", "iam:*")).services())
    assert set(found) - set(less) == {"iam"}


def test_the_actions_of_a_service() -> None:
    some = document(
        allow("iam:GetUser", "iam:PassRole", "iam:List*User*", "iam:NoSuch"), deny("iam:ListUserTags")
    )
    found = Reach([some], "aws").actions("iam")
    assert {"GetUser", "PassRole", "ListUsers", "ListUserPolicies"} <= set(found)
    assert not {"ListUserTags", "ListRoles", "NoSuch"} & set(found)
    assert Reach([some], "aws").actions("nosuch") == []


@pytest.mark.parametrize(("count", "reached"), [(100, []), (400, ["s3"])])
def test_what_is_too_much_to_compare_is_told_as_reached(count: int, reached: list[str]) -> None:
    objects = [f"arn:aws:s3:::b{number}/*" for number in range(count)]
    several = [document(allow("s3:GetObject", on=objects)), document(deny("s3:GetObject", on=objects))]
    assert list(Reach(several, "aws").services()) == reached


def test_many_resources_of_one_kind_are_compared_once_for_all_actions() -> None:
    roles = [f"arn:aws:iam::111111111111:role/team/role{number}" for number in range(1000)]
    found = reach(allow("iam:*", on=roles)).actions("iam")
    assert "GetRole" in found
    assert "GetUser" not in found


ACTIONS = [
    "*",
    "s3:*",
    "s3:Get*",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:ListAllMyBuckets",
    "iam:Get*",
    "iam:GetRole",
]
RESOURCES = [
    "*",
    "arn:aws:s3:::*",
    OBJECTS,
    "arn:aws:s3:::reports",
    "arn:aws:s3:::r*",
    "arn:aws:iam::*:role/a*",
]
REQUESTS = [
    ("s3", "GetObject", "arn:aws:s3:::reports/a"),
    ("s3", "GetObject", "arn:aws:s3:::other/a"),
    ("s3", "ListBucket", "arn:aws:s3:::reports"),
    ("s3", "ListAllMyBuckets", "*"),
    ("iam", "GetRole", "arn:aws:iam::111111111111:role/app"),
    ("iam", "GetRole", "arn:aws:iam::111111111111:role/team/other"),
]


def statements() -> st.SearchStrategy[Statement]:
    chosen = st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2)
    resources = st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2)
    return st.builds(
        lambda effect, verb, actions, noun, names: {"Effect": effect, verb: actions, noun: names},
        *(
            st.sampled_from(["Allow", "Allow", "Deny"]),
            st.sampled_from(["Action", "Action", "NotAction"]),
            chosen,
        ),
        *(st.sampled_from(["Resource", "Resource", "NotResource"]), resources),
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(statements(), min_size=1, max_size=4))
def test_whatever_is_allowed_is_reached(given_statements: list[Statement]) -> None:
    identity = document(*given_statements)
    layers, found = PolicyLayers(identity=(identity,)), Reach([identity], "aws")
    for service, name, resource in REQUESTS:
        request = {
            "principal": "arn:aws:iam::111111111111:user/bob",
            "action": f"{service}:{name}",
            "resource": resource,
            "resource_account": "111111111111",
        }
        if authorize(RequestContext.from_json(request), layers).allowed:
            assert name in found.actions(service)
            assert found.service(service)
            assert grants_service(identity, service)
