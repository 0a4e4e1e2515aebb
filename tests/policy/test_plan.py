"""What a plan leaves out, and that it leaves out nothing that would have counted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolekeeper.policy import plan
from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import IamUser, RequestContext
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.plan import NarrowerPlans, forget, plan_for, prepare
from rolekeeper.policy.reference import explain

ACCOUNT = "111122223333"
ANA = IamUser(arn=f"arn:aws:iam::{ACCOUNT}:user/ana")
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def identity(*statements: dict[str, Any], **guards: Any) -> PolicyLayers:
    return PolicyLayers.from_json({"identity": [document(*statements)], **guards})


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def buckets(count: int, effect: str = "Allow") -> list[dict[str, Any]]:
    return [
        {"Effect": effect, "Action": "s3:*", "Resource": f"arn:aws:s3:::b{number}/*"}
        for number in range(count)
    ]


def asked(action: str, resource: str) -> RequestContext:
    return RequestContext(principal=ANA, action=action, resource=resource, resource_account=ACCOUNT)


def test_a_request_is_held_against_the_statements_about_its_resource_only() -> None:
    layers = identity(*buckets(100), *buckets(100, "Deny"), FULL)
    found = plan_for(layers, "s3:GetObject", "arn:aws:s3:::b7/x")
    assert (len(found.denies), len(found.identity)) == (1, 2)
    assert len(plan_for(layers, "s3:GetObject", "arn:aws:s3:::c").identity) == 1


def test_a_longer_beginning_keeps_the_statements_of_the_shorter_ones() -> None:
    patterns = [
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::b/a*",
        "arn:aws:s3:::b/ana/x",
        "*x",
        "arn:aws:s3:::c",
        "arn:d",
    ]
    listed = [{"Effect": "Allow", "Action": "s3:*", "Resource": each} for each in patterns]
    layers = identity(*listed)
    assert len(plan_for(layers, "s3:GetObject", "arn:aws:s3:::b/ana/x").identity) == 4
    assert len(plan_for(layers, "s3:GetObject", "arn:aws:s3:::b/b").identity) == 2


def test_the_narrower_plans_are_as_many_as_the_beginnings() -> None:
    layers = identity(*buckets(10))
    for number in range(1000):
        plan_for(layers, "s3:GetObject", f"arn:aws:s3:::b{number}/{number}")
    narrower = prepare(layers).plans["s3:GetObject"]
    assert isinstance(narrower, NarrowerPlans)
    assert len(narrower._narrowed) == 11


def test_few_statements_are_asked_as_they_are() -> None:
    layers = identity(*buckets(2))
    assert len(plan_for(layers, "s3:GetObject", "arn:aws:s3:::c").identity) == 2


def test_a_guard_that_allows_everything_is_not_asked() -> None:
    asks = {**FULL, "Condition": {"Null": {"a:b": "true"}}}
    open_, limited = document(FULL, *buckets(1)), document(asks)
    found = plan_for(identity(FULL, boundary=[open_], scp=[[open_], [limited]]), "s3:GetObject", "*")
    assert found.boundary is None
    assert [len(level) for level in found.scp] == [1]


def test_a_guard_without_policies_still_refuses() -> None:
    for guards in ({"scp": []}, {"scp": [[]]}, {"boundary": []}, {"session": []}, {"vpc_endpoint": []}):
        assert not authorize(asked("s3:GetObject", "arn:aws:s3:::b"), identity(FULL, **guards)).allowed


def test_layers_can_be_dropped() -> None:
    layers = identity(FULL)
    before = prepare(layers)
    assert prepare(layers) is before
    forget()
    assert prepare(layers) is not before


@pytest.mark.fact(49)
@pytest.mark.parametrize("resource", ["*", "arn:aws:s3:::b"])
def test_an_action_without_resources_is_asked_on_a_star(resource: str) -> None:
    request = asked("s3:ListAllMyBuckets", resource)
    named = {"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::*"]}
    spared = {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::b"}
    assert not authorize(request, identity(named)).allowed
    assert authorize(request, identity(FULL, {**named, "Effect": "Deny"})).allowed
    assert not authorize(request, identity(FULL, spared)).allowed


@pytest.mark.fact(49)
def test_its_statements_keep_all_that_they_ask_besides() -> None:
    condition = {"Condition": {"Null": {"a:b": "false"}}}
    assert not authorize(asked("s3:ListAllMyBuckets", "*"), identity({**FULL, **condition})).allowed
    assert not prepare(identity(*buckets(1))).asks_for_keys("s3:ListAllMyBuckets")


RESOURCES = [
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/x",
    "arn:aws:s3:::b/x/y",
    "arn:aws:sns:a:1:t",
    "arn:aws:s3",
    "*",
]
PATTERNS = [
    *RESOURCES,
    *(
        "arn:aws:s3:::b*",
        "arn:aws:s3:::b/?",
        "arn:aws:s3:::${aws:username}/*",
        "arn:*:s3:::b/x",
        "arn:aws:s*",
    ),
]
patterns = st.sampled_from(PATTERNS) | st.lists(st.sampled_from(PATTERNS), max_size=3)
statements = st.builds(
    lambda effect, element, resource: {"Effect": effect, "Action": "s3:*", element: resource},
    st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
    st.sampled_from(["Resource", "Resource", "Resource", "NotResource"]),
    patterns,
)
documents = st.lists(statements, max_size=6).map(lambda found: document(*found))
guard = st.none() | st.lists(documents, max_size=2)
everyone = {"Principal": {"AWS": [ACCOUNT]}}


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(RESOURCES), documents, guard, guard, documents)
def test_narrower_plans_decide_as_the_reference(
    resource: str, own: Any, boundary: Any, session: Any, at_resource: Any
) -> None:
    for each in at_resource["Statement"]:
        each |= everyone
    level = None if session is None else [session]
    given = {"boundary": boundary, "session": session, "scp": level, "resource": at_resource}
    layers = PolicyLayers.from_json({"identity": [own], **given})
    context = replace(asked("s3:GetObject", resource), keys={"aws:username": "b"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "FEW", 0)
        assert authorize(context, layers) == explain(context, layers).decision
        assert isinstance(prepare(layers).plans["s3:GetObject"], NarrowerPlans)
